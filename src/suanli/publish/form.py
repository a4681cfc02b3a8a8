"""What a form asks: the data of the Excel file a planner fills in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

__all__ = ["Column", "Form", "Page"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """An indicator to be filled in.

    Attributes
    ----------
    indicator : str
        Its identifier in tables.
    title : str
        What stands above the column; the reader of tables knows it.
    units : Mapping[str, float]
        Units of measurement to choose from, each with the number of it that makes one of the
        first, which is the one preset.
    low, high : float, optional
        What is possible by meaning, in the first unit.
    hint : str
        What is meant.
    about : Sequence[str]
        What the list of indicators says of it: direction, status.
    known : bool
        Whether public data have it at all.
    shipped : pandas.Series, optional
        Values that are there already, by code of the unit, shown beside and not asked for.
    source : str
        Where these come from.
    """

    indicator: str
    title: str
    units: Mapping[str, float]
    low: float | None
    high: float | None
    hint: str
    about: Sequence[str]
    known: bool
    shipped: pd.Series | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """A sheet: a dimension and its indicators.

    Attributes
    ----------
    name : str
        Name of the sheet.
    columns : Sequence[Column]
        Its indicators.
    """

    name: str
    columns: Sequence[Column]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """What a planner fills in.

    Attributes
    ----------
    title : str
        Title of the profile.
    profile : str
        Its identifier.
    level : {"province", "city"}
        Level of the units.
    year : int
        The year preset.
    units : pandas.DataFrame
        Text columns as they stand on the left of every sheet, headed as the reader of tables
        knows them; the first is the code.
    pages : Sequence[Page]
        The sheets.
    """

    title: str
    profile: str
    level: str
    year: int
    units: pd.DataFrame
    pages: Sequence[Page]
