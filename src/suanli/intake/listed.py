"""Titles that list several units of measurement: each column takes the one that suits it."""

import re
from dataclasses import replace
from typing import Final

from suanli.intake.brackets import plain_title
from suanli.intake.findings import Ledger, Place
from suanli.intake.headings import Headings
from suanli.intake.layout import Layout
from suanli.intake.measures import conversion, measure

__all__ = ["shared_out", "units_listed"]

_UNITS: Final = re.compile(r"(?:计量)?单位\s*:\s*([^()]*(?:\([^()]*\)[^()]*)*)")
_FEW: Final = 2


def units_listed(text: str) -> list[str]:
    """Return the units of measurement a title lists, if there are several.

    Parameters
    ----------
    text : str
        A title.

    Returns
    -------
    list[str]
        At least two, or nothing.

    Examples
    --------
    >>> units_listed("（单位：亿元、万人）"), units_listed("单位：亿元")
    (['亿元', '万人'], [])
    """
    found = _UNITS.search(plain_title(text))
    parts = re.split(r"[,、;\s]+|和|及|/(?=\d)", found[1].rstrip(")")) if found else []
    units = list(dict.fromkeys(part for part in parts if part and measure(part) is not None))
    return units if len(units) >= _FEW else []


def shared_out(layout: Layout, headings: Headings, ledger: Ledger) -> Layout:
    """Give every column without a unit the one of those in the title that suits its indicator.

    Parameters
    ----------
    layout : Layout
        The sheet understood.
    headings : Headings
        Knows the units of the indicators.
    ledger : Ledger
        Takes what is not clear.

    Returns
    -------
    Layout
        The same, with these units.

    Examples
    --------
    >>> import pandas as pd
    >>> from suanli.intake.layout import tidied
    >>> from suanli.intake.sheets import Sheet
    >>> known = Headings(indicators=pd.DataFrame({"indicator": ["gdp", "population"],
    ...     "name_zh": ["生产总值", "人口"], "name_en": "", "unit": ["亿元", "万人"]}))
    >>> rows = [["单位：万元、人", "", ""], ["地区", "生产总值", "人口"], ["北京市", "1", "2"]]
    >>> sheet = Sheet(file="a.csv", rows=rows, lines=[1, 2, 3])
    >>> layout = tidied(sheet, known, lambda text: text == "北京市", Ledger())
    >>> [heading.unit for heading in shared_out(layout, known, Ledger()).headings]
    ['', '万元', '人']
    """
    sheet = layout.sheet
    above = sheet.rows[: layout.body[0]]
    units = [unit for row in above for cell in row for unit in units_listed(cell)]
    if not units:
        return layout
    whole = Place(file=sheet.file, sheet=sheet.name, row=layout.header_line)

    def suiting(indicator: str) -> str:
        wanted = headings.names.unit(indicator)
        found = [unit for unit in units if wanted and conversion(unit, wanted) is not None]
        if len(found) > 1:
            ledger.add("unit_unknown", whole, "、".join(found), indicator=indicator, unit=wanted)
        return found[0] if len(found) == 1 else ""

    columns = tuple(
        replace(one, unit=suiting(one.indicator)) if one.indicator and not one.unit else one
        for one in layout.headings
    )
    titled = layout.titled
    if titled.indicator:
        titled = replace(titled, unit=suiting(titled.indicator))
    elif titled.unit in units:
        titled = replace(titled, unit="")
    return replace(layout, headings=columns, titled=titled)
