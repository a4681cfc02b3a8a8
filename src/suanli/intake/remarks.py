"""Values that a title, a note, a remark or the year beside them calls other than plain ones."""

from collections.abc import Collection, Iterator
from typing import Final

import pandas as pd

from suanli.errors import Problem
from suanli.intake.findings import Ledger, Place
from suanli.intake.forecasts import (
    forecast_year,
    forecast_years,
    is_change,
    is_forecast,
    says_forecast,
)
from suanli.intake.layout import Layout
from suanli.intake.notes import is_note
from suanli.intake.qualifiers import KEPT, qualified, remarked

__all__ = ["without_forecasts", "without_qualified"]


def without_forecasts(layout: Layout, cells: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Leave out values called forecasts or growth; say where that is less clear.

    Parameters
    ----------
    layout : Layout
        The sheet understood.
    cells : pandas.DataFrame
        Its values, from :func:`suanli.intake.melt.melted`.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    pandas.DataFrame
        The others.

    Examples
    --------
    >>> from suanli.intake.captions import Titled
    >>> from suanli.intake.headings import Heading
    >>> from suanli.intake.sheets import Sheet
    >>> sheet = Sheet(file="a.csv", lines=[1, 2],
    ...     rows=[["省份", "GDP", "备注"], ["河北", "1", "预测"]])
    >>> columns = (Heading(text="省份", role="name"), Heading(text="GDP", indicator="gdp"),
    ...     Heading(text="备注", role="aside"))
    >>> layout = Layout(sheet=sheet, headings=columns, header_line=1, body=(1,), years=(None,),
    ...     titled=Titled())
    >>> ledger = Ledger()
    >>> len(without_forecasts(layout, pd.DataFrame({"row": [1], "year": 2023}), ledger))
    0
    >>> ledger.findings[0].rule
    'forecast_left_out'
    """
    if cells.empty:
        return cells
    out = pd.Series(data=False, index=cells.index)
    for place, text in _notes(layout):
        years = forecast_years(text)
        told = cells["year"].isin(years)
        if told.any():
            ledger.add("forecast_left_out", place, text.strip(), count=int(told.sum()))
            out |= told
        elif says_forecast(text):
            ledger.add("forecast_mentioned", place, text.strip())
    for i, j in _remarks(layout):
        text = layout.sheet.rows[i][j]
        told = cells["row"] == i
        if not told.any():
            continue
        if is_change(text):
            ledger.add("change_left_out", layout.place(i, j), text.strip(), count=int(told.sum()))
            out |= told
        elif is_forecast(text) or layout.headings[j].role == "year":
            ledger.add("forecast_left_out", layout.place(i, j), text, count=int(told.sum()))
            out |= told
        else:
            ledger.add("forecast_mentioned", layout.place(i, j), text.strip())
    return cells[~out]


def _notes(layout: Layout) -> Iterator[tuple[Place, str]]:
    """Return what stands above the header, but for titles, and below the data."""
    sheet = layout.sheet
    data = set(layout.body)
    for i, (line, row) in enumerate(zip(sheet.lines, sheet.rows, strict=True)):
        below = line > layout.header_line and i not in data
        if not below and i >= layout.top:
            continue
        for cell in dict.fromkeys(cell for cell in row if cell.strip()):
            # Of titles the layout has told, with those of growth and plans.
            if below or is_note(cell) or forecast_years(cell):
                yield Place(file=sheet.file, sheet=sheet.name, row=line), cell


def _remarks(layout: Layout) -> Iterator[tuple[int, int]]:
    """Return the cells beside values that speak of forecasts, or call them growth."""
    for j, heading in enumerate(layout.headings):
        if (
            heading.indicator
            or heading.year
            or heading.role not in {"", "aside", "quality", "year"}
        ):
            continue
        texts = {layout.sheet.rows[i][j] for i in layout.body} - {""}
        if heading.role == "year":
            said = {text for text in texts if forecast_year(text)}
        else:
            said = {text for text in texts if says_forecast(text) or is_forecast(text)}
            said |= set() if heading.role else {text for text in texts if is_change(text)}
        for i in layout.body if said else ():
            if layout.sheet.rows[i][j] in said:
                yield i, j


def without_qualified(
    layout: Layout, cells: pd.DataFrame, names: Collection[str], ledger: Ledger
) -> pd.DataFrame:
    """Leave out values whose remark says they are other than the plain ones; warn of titles.

    Parameters
    ----------
    layout : Layout
        The sheet understood.
    cells : pandas.DataFrame
        Its values, from :func:`suanli.intake.melt.melted`.
    names : Collection[str]
        Names of the indicators: 人均 in one that is per head is no sign.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    pandas.DataFrame
        The others.

    Examples
    --------
    >>> from suanli.intake.captions import Titled
    >>> from suanli.intake.headings import Heading
    >>> from suanli.intake.sheets import Sheet
    >>> sheet = Sheet(file="a.csv", lines=[1, 2],
    ...     rows=[["省份", "GDP", "备注"], ["河北", "1", "目标值"]])
    >>> columns = (Heading(text="省份", role="name"), Heading(text="GDP", indicator="gdp"),
    ...     Heading(text="备注", role="aside"))
    >>> layout = Layout(sheet=sheet, headings=columns, header_line=1, body=(1,), years=(None,),
    ...     titled=Titled())
    >>> ledger = Ledger()
    >>> cells = pd.DataFrame({"row": [1], "year": 2023})
    >>> len(without_qualified(layout, cells, ["GDP"], ledger)), ledger.findings[0].rule
    (0, 'row_left_out')
    """
    if cells.empty:
        return cells
    names = [*names, *(h.text for h in layout.headings if h.indicator)]
    said = {(f.place.sheet, f.place.row) for f in ledger.findings if f.rule in _SAID}
    for place, text in _around(layout):
        if (place.sheet, place.row) not in said:
            note = place.row > layout.header_line or is_note(text)
            for kind, word in qualified(text, names, set(cells["year"]), note=note).items():
                ledger.add("qualified", place, word, kind=_kind(kind))
    out = pd.Series(data=False, index=cells.index)
    for i, j in _beside(layout):
        text, told = layout.sheet.rows[i][j].strip(), cells["row"] == i
        kind, whole = remarked(text, names, set(cells.loc[told, "year"]))
        if not kind or not told.any():
            continue
        if whole and kind not in KEPT:
            count = int(told.sum())
            ledger.add("row_left_out", layout.place(i, j), text, count=count, kind=_kind(kind))
            out |= told
        else:
            ledger.add("qualified", layout.place(i, j), text, kind=_kind(kind))
    return cells[~out]


# What has been said of a title or a note already.
_SAID: Final = frozenset(
    {"title_of_change", "forecast_left_out", "forecast_mentioned", "within_year", "part_of_year"}
)


def _kind(kind: str) -> Problem:
    return Problem(code=f"findings.kind.{kind}", params={})


def _around(layout: Layout) -> Iterator[tuple[Place, str]]:
    """Return the name of the sheet, titles and notes."""
    sheet = layout.sheet
    data = set(layout.body)
    if sheet.name:
        yield Place(file=sheet.file, sheet=sheet.name), sheet.name
    for i, (line, row) in enumerate(zip(sheet.lines, sheet.rows, strict=True)):
        if i < layout.top or (line > layout.header_line and i not in data):
            for cell in dict.fromkeys(cell.strip() for cell in row if cell.strip()):
                yield Place(file=sheet.file, sheet=sheet.name, row=line), cell


def _beside(layout: Layout) -> Iterator[tuple[int, int]]:
    """Return the cells of remarks that forecasts have not been told by."""
    for j, heading in enumerate(layout.headings):
        if heading.indicator or heading.year or heading.role not in {"", "aside", "quality"}:
            continue
        for i in layout.body:
            text = layout.sheet.rows[i][j]
            if text.strip() and not (says_forecast(text) or is_forecast(text)):
                yield i, j
