"""What a user says about a file, held against what the file says itself."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import pandas as pd

from suanli.errors import Problem
from suanli.intake.findings import Ledger, Place
from suanli.intake.headings import Heading, Headings, named_year
from suanli.intake.layout import Layout
from suanli.intake.measures import conversion, measure
from suanli.intake.melt import Given
from suanli.intake.table import ANY_YEAR

__all__ = ["hold", "understood"]

_MOST: Final = 5


def understood(given: Given, headings: Headings, place: Place, ledger: Ledger) -> Given:
    """Read what a user says: the indicator by any of its names, a unit of measurement.

    Parameters
    ----------
    given : Given
        What the user says.
    headings : Headings
        Knows the indicators.
    place : Place
        The file.
    ledger : Ledger
        Takes what is wrong with it.

    Returns
    -------
    Given
        The same by identifier, without what is not known.

    Examples
    --------
    >>> known = Headings(indicators=pd.DataFrame({"indicator": ["gdp"], "unit": ["亿元"],
    ...     "name_zh": ["地区生产总值"], "name_en": ["GRP"]}))
    >>> ledger = Ledger()
    >>> asked = Given(indicator="地区生产总值", unit="大洋")
    >>> understood(asked, known, Place(file="a.csv"), ledger).indicator
    'gdp'
    >>> ledger.findings[0].rule
    'option_unit'
    """
    indicator = given.indicator.strip()
    if indicator:
        found = headings.names.find(indicator).indicator
        near, slip = headings.names.like(indicator)
        if not found and (not headings.adopts or slip):
            hint = Problem(code="findings.hint.near", params={"nearest": near}) if near else ""
            ledger.add("option_indicator", place, indicator, hint=hint)
        indicator = found or (indicator if headings.adopts and not slip else "")
    unit = given.unit.strip()
    if unit and measure(unit) is None and unit not in set(headings.indicators["unit"]):
        ledger.add("option_unit", place, unit)
        unit = ""
    return replace(given, indicator=indicator, unit=unit)


def hold(given: Given, layout: Layout, cells: pd.DataFrame, ledger: Ledger) -> None:
    """Say what of a user's word was not needed, and refuse what the file contradicts.

    Parameters
    ----------
    given : Given
        What the user says.
    layout : Layout
        The sheet understood.
    cells : pandas.DataFrame
        Its values, from :func:`suanli.intake.melt.melted`.
    ledger : Ledger
        Takes what is found.

    Examples
    --------
    >>> from suanli.intake.layout import Titled
    >>> from suanli.intake.sheets import Sheet
    >>> sheet = Sheet(file="a.csv", rows=[["GDP"], ["1"]], lines=[1, 2])
    >>> heading = Heading(text="GDP", indicator="gdp", unit="亿元")
    >>> layout = Layout(sheet=sheet, headings=(heading,), header_line=1, body=(1,), years=(None,),
    ...     titled=Titled())
    >>> cells = pd.DataFrame({"column": ["GDP"], "indicator": "gdp", "unit": "亿元", "year": 0})
    >>> ledger = Ledger()
    >>> hold(Given(unit="万元"), layout, cells, ledger)
    >>> ledger.findings[0].rule
    'option_conflicts'
    """
    if cells.empty:
        return
    place = Place(file=layout.sheet.file, sheet=layout.sheet.name)
    columns = set(cells["column"])
    read = [h for j, h in enumerate(layout.headings) if layout.column(j) in columns]
    roles = {heading.role for heading in layout.headings}
    if given.indicator:
        open_to = "indicator" not in roles and not layout.titled.indicator
        used = open_to and any(not heading.indicator for heading in read)
        stated = sorted(set(cells["indicator"]))
        if not used:
            agrees = given.indicator in stated
            _say("indicator", given.indicator, stated, place, ledger, agrees=agrees)
    if given.unit:
        own = _units(layout, read, cells, roles)
        if own:
            agrees = all(conversion(given.unit, unit) == 1.0 for unit in own)
            _say("unit", given.unit, own, place, ledger, agrees=agrees)
    if given.year is not None:
        years = _years(given.year, layout, read, cells, roles)
        if years:
            agrees = given.year in years
            _say("year", str(given.year), list(map(str, years)), place, ledger, agrees=agrees)


def _units(
    layout: Layout, read: Collection[Heading], cells: pd.DataFrame, roles: Collection[str]
) -> list[str]:
    """Return the units the file states, nothing where a column is left that states none."""
    if layout.titled.units:
        return list(layout.titled.units)
    if "unit" in roles:
        return sorted(set(cells["unit"]) - {""})
    return sorted({h.unit for h in read}) if all(heading.unit for heading in read) else []


def _years(
    given: int,
    layout: Layout,
    read: Collection[Heading],
    cells: pd.DataFrame,
    roles: Collection[str],
) -> list[int]:
    """Return the years the file states, nothing where it leaves that open."""
    told = layout.titled.year is not None or any(layout.years) or "year" in roles
    if told or all(heading.year is not None for heading in read):
        return sorted(year for year in set(cells["year"]) if year > ANY_YEAR)
    named = named_year(layout.sheet.name)
    return [named] if named not in {None, given} and named is not None else []


def _say(
    option: str,
    value: str,
    stated: Collection[str],
    place: Place,
    ledger: Ledger,
    *,
    agrees: bool,
) -> None:
    shown = ", ".join(list(stated)[:_MOST]) + (" …" if len(stated) > _MOST else "")
    what = Problem(code=f"findings.what.{option}")
    rule = "option_unused" if agrees else "option_conflicts"
    ledger.add(rule, place, value, option=option, what=what, stated=shown)
