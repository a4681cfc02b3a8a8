"""Writes a planned chain: head, formulas with our values beside them, looks that tell."""

from collections.abc import Mapping
from itertools import groupby

import pandas as pd
from xlsxwriter.utility import xl_cell_to_rowcol
from xlsxwriter.worksheet import Worksheet

from suanli.publish.spreadsheets import cell_width
from suanli.text import Text
from suanli.workbook.grid import (
    BAND,
    FIRST,
    GROUP,
    HEAD,
    NAMES,
    SECOND,
    TITLE,
    TOP,
    UNIT,
    WEIGHT,
    Column,
    Figure,
)
from suanli.workbook.layout import Chain
from suanli.workbook.limits import ANYTHING, Limit
from suanli.workbook.looks import BARS, FORMATS, number_format
from suanli.workbook.making import Making

__all__ = ["limit_said", "write_chain"]

_SIDES = {GROUP: "group", TITLE: "title", UNIT: "unit", FIRST: "first", SECOND: "second"}
_KINDS = {
    "coverage": FORMATS["share"],
    "normalised": FORMATS["score"],
    "aggregated": FORMATS["score"],
    "score": FORMATS["score"],
    "rank": FORMATS["rank"],
}
# Columns of one printed page, beside code and name.
_PAGE = 12
_REPEATED = 4


def write_chain(
    making: Making,
    key: str,
    chain: Chain,
    *,
    names: pd.Series,
    qualities: Mapping[str, pd.Series],
) -> None:
    """Write the sheet of formulas of one level.

    Parameters
    ----------
    making : Making
        The workbook.
    key : str
        The sheet.
    chain : Chain
        Its columns.
    names : pandas.Series
        Names of units, index code.
    qualities : Mapping[str, pandas.Series]
        Mark of each raw value, index code, by key of the column.

    Examples
    --------
    >>> write_chain.__name__  # see suanli.workbook.book.write_workbook
    'write_chain'
    """
    sheet = making.sheets[key]
    _frame(making, key, chain, names)
    for column in chain.columns:
        place = _place(column)
        _head(making, sheet, column, place)
        _cells(making, sheet, chain, column, marks=qualities.get(column.key))
        if column.block == "raw":
            _guard(making, sheet, chain, column, place)
        sheet.set_column(place, place, _width(column))
    for block, columns in groupby(chain.columns, key=lambda column: column.block):
        _band(making, key, block, list(columns))
    index = _place(chain.of("score", "index"))
    making.bars(sheet, (TOP - 1, index, chain.last - 1, index), BARS["score"])
    pages = -(-len(chain.columns) // _PAGE)
    sheet.fit_to_pages(pages, 0)
    sheet.freeze_panes(HEAD, NAMES)
    sheet.repeat_rows(0, HEAD - 1)
    sheet.repeat_columns(0, NAMES - 1)
    sheet.autofilter(HEAD - 1, 0, chain.last - 1, NAMES + len(chain.columns) - 1)
    whole = f"A{TOP}:{chain.columns[-1].span.letter}{chain.last}"
    # A filled cell differs from its neighbours on purpose.
    sheet.ignore_errors(
        dict.fromkeys(("number_stored_as_text", "formula_differs", "formula_range"), whole)
    )


def _place(column: Column) -> int:
    return int(xl_cell_to_rowcol(f"{column.span.letter}1")[1])


def _frame(making: Making, key: str, chain: Chain, names: pd.Series) -> None:
    """Write what stands left of the columns."""
    sheet, text = making.sheets[key], making.text
    back = f"internal:'{making.names['readme']}'!A1"
    sheet.write_url(BAND - 1, 0, back, making.formats("link"), text("workbook.back"))
    for row in range(GROUP, HEAD):
        sheet.write_blank(row - 1, 0, None, making.formats("side"))
        side = text(f"workbook.side.{_SIDES.get(row, 'weight')}")
        making.string(sheet, row - 1, 1, side, "side")
    for place, name in enumerate(("code", "name")):
        title = text(f"workbook.column.{name}")
        making.string(sheet, HEAD - 1, place, title, "head")
        making.note(key, title, text(f"workbook.meaning.{name}"))
    for row, code in enumerate(chain.codes, start=TOP - 1):
        making.string(sheet, row, 0, code, "label")
        making.string(sheet, row, 1, names.get(code, code), "label")
    longest = max((cell_width(str(names.get(code, code))) for code in chain.codes), default=0)
    sheet.set_column(0, 0, 10)
    sheet.set_column(1, 1, min(max(longest + 2, 14), 30))
    for row, height in {TITLE: 46, GROUP: 30, UNIT: 30, HEAD: 30}.items():
        sheet.set_row(row - 1, height)


def _band(making: Making, key: str, block: str, columns: list[Column]) -> None:
    """Name a stage over its columns, and in the dictionary."""
    sheet, text = making.sheets[key], making.text
    title = text(f"workbook.block.{block}")
    first = _place(columns[0])
    for place in range(len(columns)):
        # Said again every few columns, for whoever has scrolled or turned the page.
        said = title if place % _REPEATED == 0 else ""
        making.string(sheet, BAND - 1, first + place, said, f"band:{block}")
    making.note(key, title, text(f"workbook.block_meaning.{block}"))


def _head(making: Making, sheet: Worksheet, column: Column, place: int) -> None:
    text = making.text
    unit = column.unit
    if column.block == "step":
        unit = text(f"workbook.step.{column.unit}")
    elif column.block == "normalised":
        unit = text(f"methods.normalise.{column.unit}.title")
    making.string(sheet, GROUP - 1, place, column.group, "unit")
    making.string(sheet, TITLE - 1, place, column.title, "head")
    making.string(sheet, UNIT - 1, place, unit, "unit")
    # The year of raw data stands above.
    making.string(sheet, HEAD - 1, place, column.key.partition("@")[0], "unit")
    for row, figure in ((FIRST, column.first), (SECOND, column.second), (WEIGHT, column.weight)):
        _figure(making, sheet, row, place, figure)


def _figure(making: Making, sheet: Worksheet, row: int, place: int, figure: Figure) -> None:
    if figure.value is None:
        sheet.write_blank(row - 1, place, None, making.formats("figure"))
        return
    if row == WEIGHT:
        written = FORMATS["weight"]
    else:
        # The cell says itself what its number is.
        word = making.text(f"workbook.figure.{figure.word}").replace('"', "")
        shown = number_format([figure.value])
        written = f'"{word} "{shown};"{word} "-{shown}'
    look = making.formats("figure", written)
    if figure.formula and not figure.formula.startswith("("):
        sheet.write_formula(row - 1, place, f"={figure.formula}", look, figure.value)
    else:
        sheet.write_number(row - 1, place, figure.value, look)


def _cells(
    making: Making, sheet: Worksheet, chain: Chain, column: Column, *, marks: pd.Series | None
) -> None:
    place = _place(column)
    written = _KINDS.get(column.block) or number_format(column.values)
    for at, value in enumerate(column.values):
        row = TOP - 1 + at
        own = column.looks[at] if column.looks else ""
        look = own or ("live" if column.formula else "fixed")
        if column.block == "raw":
            mark = None if marks is None else marks.get(chain.codes[at])
            look = "missing" if value is None else mark if mark in ("B", "C", "M") else "A"
        if column.formula is not None:
            cached = "" if value is None else value
            formula = f"={column.formula(row + 1)}"
            sheet.write_formula(row, place, formula, making.formats(look, written), cached)
        elif value is None:
            sheet.write_blank(row, place, None, making.formats(look))
        else:
            sheet.write_number(row, place, value, making.formats(look, written))


def _guard(making: Making, sheet: Worksheet, chain: Chain, column: Column, place: int) -> None:
    """Keep what the evaluation would refuse out of raw data, and mark what is pasted."""
    text, limit = making.text, chain.limits.get(column.key, ANYTHING)
    cells = (TOP - 1, place, chain.last - 1, place)
    fits = f"AND({','.join(limit.conditions(column.span, TOP))})"
    said = limit_said(text, limit)
    sheet.data_validation(
        *cells,
        {
            "validate": "custom",
            "value": f"={fits}",
            "error_title": text("workbook.raw_refused_title"),
            "error_message": text("workbook.raw_refused", limit=said),
        },
    )
    wrong = f'=AND({column.span.at(TOP)}<>"",NOT({fits}))'
    format_ = making.formats("wrong")
    sheet.conditional_format(*cells, {"type": "formula", "criteria": wrong, "format": format_})


def limit_said(text: Text, limit: Limit) -> str:
    """Say what values of raw data may be.

    Parameters
    ----------
    text : Text
        The language.
    limit : Limit
        The limit.

    Returns
    -------
    str
        A clause.

    Examples
    --------
    >>> limit_said(Text("en"), Limit(low=0.0, high=100.0, strict=True))
    'a number above 0 and at most 100'
    """
    low = "" if limit.low is None else "above" if limit.strict else "low"
    key = "_".join(part for part in (low, "" if limit.high is None else "high") if part) or "any"
    ends = {"low": f"{limit.low or 0.0:,.15g}", "high": f"{limit.high or 0.0:,.15g}"}
    return text(f"workbook.limit.{key}", **ends)


def _width(column: Column) -> float:
    longest = max((abs(value) for value in column.values if value is not None), default=0.0)
    words = max(cell_width(column.title) // 2, cell_width(column.unit), len(column.key) // 2)
    return max(10.5, min(words + 3, 16), len(f"{longest:,.1f}") + 2)
