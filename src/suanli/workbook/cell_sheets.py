"""Sheets on single values: where each comes from, and which were filled or treated."""

from collections.abc import Hashable, Mapping

import pandas as pd

from suanli.boundaries import Level
from suanli.evaluation import Scores
from suanli.intake.table import ANY_YEAR, IndicatorTable
from suanli.workbook.layout import Chain
from suanli.workbook.looks import LEGEND
from suanli.workbook.making import TABLE_HEAD, Field, Making

__all__ = ["qualities_of", "write_cells", "write_changes"]


def _cells(table: IndicatorTable, chain: Chain) -> dict[str, pd.DataFrame]:
    """Return quality, source and year of each raw value used, index code, by column."""
    found = {}
    cells = table.cells[table.cells["value"].notna()]
    for column in chain.in_block("raw"):
        name, _, year = column.key.rpartition("@")
        rows = cells[cells["indicator"].eq(name) & cells["year"].isin([ANY_YEAR, int(year)])]
        # The year's own value stands before the one for every year.
        found[column.key] = rows.sort_values("year").groupby("code").last()
    return found


def qualities_of(table: IndicatorTable, chain: Chain) -> dict[str, pd.Series]:
    """Return the mark of every raw value a chain uses.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    chain : Chain
        The chain.

    Returns
    -------
    dict[str, pandas.Series]
        Index code, by key of the column.

    Examples
    --------
    >>> qualities_of.__name__  # see suanli.workbook.book.write_workbook
    'qualities_of'
    """
    return {key: rows["quality"] for key, rows in _cells(table, chain).items()}


def write_cells(making: Making, level: Level, table: IndicatorTable, chain: Chain) -> None:
    """Write quality, source and year of each raw value, laid out as the raw data are.

    Parameters
    ----------
    making : Making
        The workbook.
    level : {"province", "city"}
        The level.
    table : IndicatorTable
        The data.
    chain : Chain
        The formulas, whose raw columns these are.

    Examples
    --------
    >>> write_cells.__name__  # see suanli.workbook.book.write_workbook
    'write_cells'
    """
    key, text = f"{level}_cells", making.text
    sheet = making.sheets[key]
    names = making.unit_names(level)
    cells = _cells(table, chain)
    columns = chain.in_block("raw")
    making.top(key, len(columns) + 2, width=40 + 14 * len(columns))
    for place, (name, width) in enumerate({"code": 10, "name": 24}.items()):
        title = text(f"workbook.column.{name}")
        making.string(sheet, TABLE_HEAD - 1, place, title, "head")
        making.note(key, title, text(f"workbook.meaning.{name}"))
        sheet.set_column(place, place, width)
    for row, code in enumerate(chain.codes, start=TABLE_HEAD):
        making.string(sheet, row, 0, code, "label")
        making.string(sheet, row, 1, names.get(code, code), "label")
    for place, column in enumerate(columns, start=2):
        making.string(sheet, TABLE_HEAD - 1, place, column.title, "head")
        meaning = text("workbook.meaning.cell", name=column.title, key=column.key.replace("@", " "))
        making.note(key, column.title, meaning)
        sheet.set_column(place, place, 15)
        rows = cells[column.key]
        told = dict(zip(rows.index, rows.to_dict("records"), strict=True))
        for row, code in enumerate(chain.codes, start=TABLE_HEAD):
            _cell(making, key, (row, place), told.get(code))
    sheet.set_row(TABLE_HEAD - 1, 50)
    last = TABLE_HEAD + len(chain.codes) - 1
    sheet.autofilter(TABLE_HEAD - 1, 0, last, len(columns) + 1)
    sheet.freeze_panes(TABLE_HEAD, 2)
    sheet.repeat_rows(TABLE_HEAD - 1)
    sheet.repeat_columns(0, 1)
    sheet.ignore_errors({"number_stored_as_text": f"A{TABLE_HEAD + 1}:A{last + 1}"})


def _cell(
    making: Making, key: str, place: tuple[int, int], cell: Mapping[Hashable, object] | None
) -> None:
    sheet = making.sheets[key]
    if cell is None:
        sheet.write_blank(*place, None, making.formats("missing"))
        return
    standing = cell["year"] == ANY_YEAR
    year = making.text("workbook.standing") if standing else cell["year"]
    mark = str(cell["quality"])
    look = mark if mark in LEGEND[:4] else "A"
    making.string(sheet, *place, f"{mark} · {cell['source']} · {year}", look)


def write_changes(making: Making) -> None:
    """List every value that was filled in or treated, of both levels.

    Parameters
    ----------
    making : Making
        The workbook.

    Examples
    --------
    >>> write_changes.__name__  # see suanli.workbook.book.write_workbook
    'write_changes'
    """
    levels: tuple[Level, Level] = ("province", "city")
    rows = [row for level in levels for row in _changes(making, level)]
    names = ("level", "code", "name", "indicator", "change", "before", "after")
    frame = pd.DataFrame(rows, columns=list(names))
    fields = [Field(key=name) for name in names[:5]]
    fields += [Field(key=name, kind="amount") for name in names[5:]]
    making.table("changes", frame, fields)


def _changes(making: Making, level: Level) -> list[tuple[object, ...]]:
    scores: Scores = making.edition.scores(level)
    text, names = making.text, making.unit_names(level)
    labels = {item.id: text.of(item.name.model_dump()) for item in scores.spec.indicator}
    filled = scores.stages["imputed"]
    said = text(f"common.{level}")
    rows: list[tuple[object, ...]] = []
    for indicator in scores.imputed:
        marks = scores.imputed[indicator]
        for code, way in marks[marks != ""].items():
            how = text("workbook.filled_by", method=text(f"methods.impute.{way}.title"))
            value = filled[indicator][str(code)]
            rows.append((said, code, names.get(code), labels[str(indicator)], how, None, value))
    for point in scores.winsorised.to_dict("records"):
        way = text(f"workbook.treatment.{point['treatment']}")
        code, label = point["code"], labels[point["indicator"]]
        rows.append((said, code, names.get(code), label, way, point["before"], point["after"]))
    return rows
