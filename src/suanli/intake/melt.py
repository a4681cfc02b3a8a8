"""From a sheet understood to one row per value: unit, year, indicator, text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from suanli.errors import Problem
from suanli.intake.dates import dated_within, moment_in
from suanli.intake.findings import Ledger, Place
from suanli.intake.headings import (
    Heading,
    Headings,
    heading_key,
    named_year,
    note_heading,
    year_of,
)
from suanli.intake.layout import Layout
from suanli.intake.measures import conversion, is_ratio, is_scale, measure, split_heading
from suanli.intake.row_years import NO_YEAR, years_of_rows
from suanli.intake.table import ANY_YEAR

__all__ = ["Given", "melted"]

_LEVELS: Final = {
    "province": ("province", "省级", "省", "省份", "1"),
    "city": ("city", "prefecture", "地级", "地市级", "地市", "市级", "城市", "地级市", "市", "2"),
}
_LEVEL: Final = {alias: level for level, aliases in _LEVELS.items() for alias in aliases}
UNKNOWN: Final = "?"
_TEXTS: Final = ("code", "name", "province", "county", "level", "quality", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the user says about a file besides the file.

    Attributes
    ----------
    indicator : str
        Identifier of the indicator of a table that names none.
    unit : str
        Its unit of measurement.
    year : int or None
        The year of a table that names none.
    """

    indicator: str = ""
    unit: str = ""
    year: int | None = None


def melted(
    layout: Layout, headings: Headings, given: Given, ledger: Ledger
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take a sheet apart.

    Parameters
    ----------
    layout : Layout
        Where things stand.
    headings : Headings
        Reads indicators named in rows.
    given : Given
        What the file does not say.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    rows : pandas.DataFrame
        One row per row of data: ``line``, ``code``, ``name``, ``province``, ``county``, ``level``
        as written, indexed by position in the sheet.
    cells : pandas.DataFrame
        One row per value: ``row`` (position), ``line``, ``column``, ``indicator``, ``year``,
        ``unit``, ``value``, ``mark``, ``quality``, ``source``; texts but for the numbers.

    Examples
    --------
    >>> from suanli.intake.layout import tidied
    >>> from suanli.intake.sheets import Sheet
    >>> known = Headings(indicators=pd.DataFrame({"indicator": ["gdp"], "name_zh": ["生产总值"],
    ...     "name_en": ["GRP"], "unit": ["亿元"]}))
    >>> sheet = Sheet(file="a.csv", lines=[1, 2],
    ...     rows=[["地区", "2023年生产总值"], ["北京市", "1"]])
    >>> layout = tidied(sheet, known, lambda text: text == "北京市", Ledger())
    >>> _, cells = melted(layout, known, Given(), Ledger())
    >>> cells[["indicator", "year", "value"]].to_numpy().tolist()
    [['gdp', 2023, '1']]
    """
    sheet = layout.sheet
    where: dict[str, int] = {}
    for position, heading in enumerate(layout.headings):
        if not heading.role or heading.role == "aside":
            continue
        if heading.role in where:
            ledger.add("column_repeated", _at(layout), heading.text)
        where.setdefault(heading.role, position)
    body = list(layout.body)
    texts = pd.DataFrame(
        {
            role: [sheet.rows[i][where[role]].strip() for i in body] if role in where else ""
            for role in (*_TEXTS, "indicator", "unit")
        },
        index=pd.Index(body, name="row"),
        dtype="str",
    )
    texts.insert(0, "line", [sheet.lines[i] for i in body])
    texts["level"] = [_LEVEL.get(heading_key(text), text) for text in texts["level"]]
    texts["year"] = years_of_rows(layout, where.get("year"), ledger)
    _named_in_rows(layout, texts, where, (headings, given), ledger)
    columns = _columns(layout, where, given, ledger)
    if "indicator" not in where and any(not heading.indicator for _, heading in columns):
        _by_title(layout, headings, ledger)
    _refuse_years(layout, texts, columns, ledger)
    known = headings.indicators
    wanted = dict(zip(known["indicator"], known["unit"], strict=True))
    parts = [_part(layout, texts, chosen, given, wanted) for chosen in columns]
    for (_, heading), part in zip(columns, parts, strict=True):
        _contradicted(layout, part, heading, ledger)
        _refuse_unclear_unit(layout, part, wanted, ledger)
    _refuse_long_rows(layout, ledger)
    if any(heading.year is None for _, heading in columns):
        _dated(layout, texts["year"], given, ledger)
    names = [*_CELLS, *(name for name in ("quality", "source"))]
    cells = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)
    left = cells[cells["indicator"] != UNKNOWN]
    if len(cells) and left.empty and not ledger.refused:
        ledger.add("no_indicators", _at(layout))
    # What a title says of a table with several indicators need not hold for each of them.
    several = len(set(left["indicator"])) > 1
    cells = left.assign(weak=left["weak"].astype(bool) & several)
    return texts[["line", "code", "name", "province", "county", "level"]], cells


_CELLS: Final = ("row", "line", "column", "indicator", "year", "unit", "weak", "value", "mark")


def _dated(layout: Layout, years: "pd.Series[float]", given: Given, ledger: Ledger) -> None:
    """Note where values get their year from whose row and column name none."""
    bare = years.index[years.isna()]
    if bare.empty:
        return
    titled, sheet = layout.titled.year, layout.sheet
    named = named_year(sheet.name)
    if titled is not None and year_of(sheet.name) not in {None, titled}:
        ledger.add("years_differ", _at(layout), titled, named)
    elif layout.titled.moment:
        ledger.add("within_year", _at(layout), layout.titled.moment, titled)
    elif titled is not None:
        ledger.add("year_from_title", _at(layout), "", titled)
    elif given.year is not None:
        moment = moment_in(sheet.name)
        if named == given.year and moment:
            ledger.add("within_year", _at(layout), moment, named)
        elif named == given.year:
            ledger.add("year_from_title", _at(layout), sheet.name, named)
    elif len(bare) == len(years):
        ledger.add("every_year", Place(file=sheet.file, sheet=sheet.name))
    else:
        place = Place(file=sheet.file, sheet=sheet.name, row=sheet.lines[bare[0]])
        ledger.add("block_undated", place, until=sheet.lines[bare[-1]])


def _by_title(layout: Layout, headings: Headings, ledger: Ledger) -> None:
    """Note that the title says which indicator the values are of."""
    if layout.titled.indicator:
        name = headings.names.own(layout.titled.indicator)
        ledger.add("indicator_of_title", _at(layout), layout.titled.words, name)


def _refuse_years(
    layout: Layout, texts: pd.DataFrame, columns: Sequence[tuple[int, Heading]], ledger: Ledger
) -> None:
    """Refuse a year in a heading that is not the one in the column of years."""
    if not any(heading.role == "year" for heading in layout.headings):
        return
    for _, heading in columns:
        read = texts["year"][texts["year"] != NO_YEAR]
        other = read[read != heading.year] if heading.year else read[:0]
        if len(other):
            shown = int(other.iloc[0])
            ledger.add("years_contradict", _at(layout), heading.text, heading.year, other=shown)


def _contradicted(layout: Layout, part: pd.DataFrame, heading: Heading, ledger: Ledger) -> None:
    """Note a unit of a heading or a row which the titles give in another size."""
    own = [heading.unit] if heading.unit else list(part["unit"].unique())
    for unit in own:
        other = layout.titled.contradicts(unit) if unit else ""
        if other:
            place = replace(_at(layout), column=str(part["column"].iloc[0]))
            ledger.add("units_disagree", place, unit, other=other)


def _refuse_unclear_unit(
    layout: Layout, part: pd.DataFrame, wanted: Mapping[str, str], ledger: Ledger
) -> None:
    """Refuse values without a unit for which the titles name several."""
    for indicator in part.loc[part["unit"] == "", "indicator"].unique():
        fitting = layout.titled.fitting(wanted.get(indicator, ""))
        if len(fitting) > 1:
            place = replace(_at(layout), column=str(part["column"].iloc[0]))
            units = "、".join(fitting)
            ledger.add("units_of_title", place, units, indicator=indicator, unit=wanted[indicator])


def _refuse_long_rows(layout: Layout, ledger: Ledger) -> None:
    """Refuse cells below no heading: an unquoted separator has moved the values of the row."""
    sheet = layout.sheet
    bare = [j for j, h in enumerate(layout.headings) if not h.text and not h.role]
    if sheet.name or not bare:
        return
    for i in layout.body:
        if any(sheet.rows[i][j].strip() for j in bare):
            place = Place(file=sheet.file, row=sheet.lines[i])
            ledger.add("row_too_long", place, expected=sheet.width - len(bare))


def _at(layout: Layout) -> Place:
    return Place(file=layout.sheet.file, sheet=layout.sheet.name, row=layout.header_line)


def _named_in_rows(
    layout: Layout,
    texts: pd.DataFrame,
    where: dict[str, int],
    read: tuple[Headings, Given],
    ledger: Ledger,
) -> None:
    """Read indicators that stand in a column, with units of measurement behind them."""
    if "indicator" not in where:
        return
    headings, given = read
    known = set(headings.indicators["indicator"])
    mine = texts[texts["level"].isin(["", headings.level])] if headings.level else texts
    for name in mine["indicator"].unique():
        heading = headings.read([name])
        rows = mine.index[mine["indicator"] == name]
        if heading.year is not None:
            told = texts.loc[rows, "year"]
            other = told[told.notna() & ~told.isin([heading.year, NO_YEAR])]
            if len(other):
                place = layout.place(int(str(other.index[0])), where["indicator"])
                after = {"other": int(other.iloc[0])}
                ledger.add("years_contradict", place, name, heading.year, **after)
            texts.loc[rows, "year"] = heading.year
        if heading.indicator or name in known:
            texts.loc[rows, "indicator"] = heading.indicator or name
            note_heading(heading, layout.place(rows[0], where["indicator"]), ledger)
        elif name.strip() and headings.adopts and not heading.misspelt:
            texts.loc[rows, "indicator"] = split_heading(name)[0]
        elif name.strip() or not (layout.titled.indicator or given.indicator):
            rule = "indicator_misspelt" if heading.misspelt else "indicator_unknown"
            place = layout.place(rows[0], where["indicator"])
            ledger.add(rule, place, name, count=len(rows), **_similar(heading))
            texts.loc[rows, "indicator"] = UNKNOWN
        if heading.unit:
            _refuse_units(layout, texts.loc[rows], heading, where["indicator"], ledger)
            blank = rows[texts.loc[rows, "unit"] == ""]
            texts.loc[blank, "unit"] = heading.unit


def _refuse_units(
    layout: Layout, rows: pd.DataFrame, heading: Heading, column: int, ledger: Ledger
) -> None:
    """Refuse a unit behind the name of an indicator that is not the one in the column of units."""
    for unit in rows.loc[rows["unit"] != "", "unit"].unique():
        if conversion(heading.unit, unit) not in {None, 1.0}:
            place = layout.place(int(str(rows.index[0])), column)
            ledger.add("units_contradict", place, heading.text, heading.unit, other=unit)


def _columns(
    layout: Layout, where: dict[str, int], given: Given, ledger: Ledger
) -> list[tuple[int, Heading]]:
    """Choose the columns that hold values."""
    if "value" in where:
        _leave_out(layout, [j for j, h in enumerate(layout.headings) if not h.role], ledger)
        if "indicator" not in where and not (layout.titled.indicator or given.indicator):
            ledger.add("column_missing", _at(layout), "indicator")
        return [(where["value"], layout.headings[where["value"]])]
    named = "indicator" in where or bool(layout.titled.indicator or given.indicator)
    chosen, unknown = [], []
    for j, heading in _of_values(layout, ledger):
        # A heading that says more than a year (增速, 一季度, 预测) is not the title's indicator.
        dated = heading.year is not None and not heading.more
        if heading.indicator or (dated and named):
            chosen.append((j, heading))
        else:
            unknown.append(j)
    bare = [layout.headings[j] for j in unknown if not layout.headings[j].more]
    if not chosen and any(heading.year is not None for heading in bare):
        ledger.add("no_indicator", _at(layout))
        return []
    open_to = _of_title(layout, unknown, given) if not chosen and named else None
    if open_to is not None:
        _leave_out(layout, [j for j in unknown if j != open_to], ledger)
        alone = layout.headings[open_to]
        unit = heading_key(alone.text)
        own = alone.unit or (unit if measure(unit) is not None else "")
        return [(open_to, replace(alone, unit=own))]
    _leave_out(layout, unknown, ledger)
    if not chosen and not ledger.refused:
        ledger.add("no_indicators", _at(layout))
    return chosen


def _of_title(layout: Layout, unknown: Sequence[int], given: Given) -> int | None:
    """Return the only column whose heading adds nothing to the indicator of the title."""
    if given.indicator and len(unknown) == 1:
        return unknown[0]
    fitting = [j for j in unknown if layout.titled.speaks_of(layout.headings[j].text)]
    return fitting[0] if len(fitting) == 1 else None


def _of_values(layout: Layout, ledger: Ledger) -> Iterator[tuple[int, Heading]]:
    """Go through the columns that may hold values; those of forecasts are left out."""
    for j, heading in enumerate(layout.headings):
        if heading.role or not heading.text:
            continue
        if heading.clash:
            ledger.add("heading_years", _at(layout), heading.text)
        if dated_within(heading.text):
            ledger.add("part_of_year", _at(layout), heading.text)
        if heading.forecast:
            ledger.add("heading_forecast", _at(layout), heading.text, words=heading.forecast)
        else:
            yield j, heading


def _leave_out(layout: Layout, positions: Sequence[int], ledger: Ledger) -> None:
    for j in positions:
        heading = layout.headings[j]
        if not heading.text:
            continue
        if heading.odd_unit is not None:
            indicator, odd, unit = heading.odd_unit
            scale = is_scale(odd) and is_ratio(unit)
            kind = "unit_unknown" if measure(odd) is None else "unit_differs"
            why = "scale_of_ratio" if scale else kind
            ledger.add(why, _at(layout), odd, indicator=indicator, unit=unit)
            continue
        rule = "indicator_misspelt" if heading.misspelt else "column_unknown"
        ledger.add(rule, _at(layout), heading.text, count=len(layout.body), **_similar(heading))


def _similar(heading: Heading) -> dict[str, object]:
    """Return the values of a sentence that says what a heading resembles."""
    params = {"nearest": heading.nearest}
    hint = Problem(code="findings.hint.near", params=params) if heading.nearest else ""
    return {**params, "hint": hint}


def _part(
    layout: Layout,
    texts: pd.DataFrame,
    chosen: tuple[int, Heading],
    given: Given,
    wanted: Mapping[str, str],
) -> pd.DataFrame:
    """Return the values of one column."""
    sheet, titled = layout.sheet, layout.titled
    j, heading = chosen
    indicator = heading.indicator or titled.indicator or given.indicator
    part = texts[["line", "quality", "source"]].copy()
    part["column"] = layout.column(j)
    own = texts["indicator"].where(texts["indicator"] != "", indicator)
    part["indicator"] = own if not heading.indicator else heading.indicator
    stated = texts["unit"].where(texts["unit"] != "", heading.unit)
    named = part["indicator"].map(lambda name: titled.unit_for(wanted.get(name, "")))
    part["unit"] = stated.where(stated != "", named)
    part["weak"] = (stated == "") & (named != "")
    part["unit"] = part["unit"].where(part["unit"] != "", given.unit)
    # A year in the heading is nearer than one in a row above.
    years = texts["year"] if heading.year is None else pd.Series(float("nan"), index=texts.index)
    above = heading.year or titled.year or given.year or ANY_YEAR
    part["year"] = years.fillna(above).astype("int64")
    part["value"] = [sheet.rows[i][j] for i in layout.body]
    part["mark"] = [sheet.marks.get((i, j), "") for i in layout.body]
    return part.reset_index()
