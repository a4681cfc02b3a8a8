"""The table every later stage reads: one value per unit, year and indicator."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem

__all__ = ["ANY_YEAR", "COLUMNS", "IndicatorTable"]

COLUMNS = ("code", "year", "indicator", "value", "unit", "quality", "source")
"""Columns of a tidy indicator table, in order."""

ANY_YEAR = 0
"""The year of values that hold for every year: a climate normal, a distance."""

_KEY = ["code", "year", "indicator"]

_SHORT: Final = 5
_LIKE, _LIKE_SHORT = 0.8, 0.6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Layout:
    """Where each cell goes in a frame of units by indicators; found once per table."""

    codes: pd.Index
    names: pd.Index
    row: np.ndarray
    column: np.ndarray
    places: Mapping[int, np.ndarray]


def _layout(cells: pd.DataFrame) -> _Layout:
    row, codes = pd.factorize(cells["code"], sort=True)
    column, names = pd.factorize(cells["indicator"], sort=True)
    years = cells["year"].to_numpy()
    order = np.argsort(years, kind="stable")
    found, starts = np.unique(years[order], return_index=True)
    places = zip(found.tolist(), np.split(order, starts[1:]), strict=True) if len(found) else ()
    return _Layout(
        codes=pd.Index(codes, name="code"),
        names=pd.Index(names, name="indicator"),
        row=row,
        column=column,
        places=dict(places),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndicatorTable:
    """Indicator values of spatial units, one row per unit, year and indicator.

    Parameters
    ----------
    cells : pandas.DataFrame
        Columns ``code`` (str), ``year`` (int; 0 = holds for every year), ``indicator``
        (str), ``value`` (float), ``unit``, ``quality`` and ``source`` (str). Any order of
        rows and columns; kept sorted by code, year, indicator.

    Raises
    ------
    ValueError
        A column is missing, or a unit has two values for one indicator and year.

    Examples
    --------
    >>> table = IndicatorTable(cells=pd.DataFrame({
    ...     "code": ["110000", "110000", "120000"], "year": [2023, 0, 2023],
    ...     "indicator": ["gdp", "temperature", "gdp"], "value": [43760.7, 11.2, 16737.3],
    ...     "unit": ["亿元", "℃", "亿元"], "quality": "A", "source": "S1"}))
    >>> table.wide(2023, ["gdp", "temperature"])
    indicator      gdp  temperature
    code
    110000     43760.7         11.2
    120000     16737.3          NaN
    """

    cells: pd.DataFrame
    _kept: dict[str, Any] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        missing = [name for name in COLUMNS if name not in self.cells.columns]
        if missing:
            raise ValueError(f"indicator table lacks the columns {missing}")
        cells = self.cells.loc[:, list(COLUMNS)].astype(
            {
                "code": "str",
                "year": "int64",
                "indicator": "str",
                "value": "float64",
                "unit": "str",
                "quality": "str",
                "source": "str",
            }
        )
        repeated = cells.loc[cells.duplicated(_KEY), _KEY]
        if len(repeated):
            first = repeated.iloc[0].to_list()
            raise ValueError(f"{len(repeated)} repeated (code, year, indicator), first {first}")
        object.__setattr__(self, "cells", cells.sort_values(_KEY, ignore_index=True))

    @property
    def indicators(self) -> tuple[str, ...]:
        """Identifiers of the indicators present, sorted."""
        return tuple(self._laid_out().names)

    @property
    def years(self) -> tuple[int, ...]:
        """Years present, ascending, without the mark for "every year"."""
        return tuple(year for year in self._laid_out().places if year != ANY_YEAR)

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the units present, sorted."""
        return tuple(self._laid_out().codes)

    def units(self) -> pd.Series:
        """Return the unit of measurement of every indicator.

        Returns
        -------
        pandas.Series
            Unit, indexed by indicator, sorted.

        Raises
        ------
        ValueError
            An indicator comes in two units; they are never mixed.

        Examples
        --------
        >>> IndicatorTable(cells=pd.DataFrame({
        ...     "code": ["110000"], "year": [2023], "indicator": ["gdp"], "value": [1.0],
        ...     "unit": ["亿元"], "quality": ["A"], "source": ["S1"]})).units().to_dict()
        {'gdp': '亿元'}
        """
        pairs = self.cells[["indicator", "unit"]].drop_duplicates()
        twice = pairs.loc[pairs["indicator"].duplicated(), "indicator"].to_list()
        if twice:
            raise ValueError(f"indicators in more than one unit: {sorted(set(twice))}")
        return pairs.set_index("indicator")["unit"].sort_index()

    def wide(self, year: int, indicators: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the values of one year, units by indicators.

        Parameters
        ----------
        year : int
            The year. Where a unit has no value of that year, its value for every year
            (year 0) stands in.
        indicators : Sequence[str], optional
            Indicators wanted, in the order wanted; all by default.

        Returns
        -------
        pandas.DataFrame
            Floats, shape (units, indicators), index ``code`` (all units of the table,
            sorted), columns ``indicator``; NaN where there is no value.

        Raises
        ------
        InputError
            The table has no such indicator in any year.

        Examples
        --------
        >>> table = IndicatorTable(cells=pd.DataFrame({
        ...     "code": ["110000"], "year": [2023], "indicator": ["gdp"], "value": [1.0],
        ...     "unit": ["亿元"], "quality": ["A"], "source": ["S1"]}))
        >>> float(table.wide(2023).loc["110000", "gdp"])
        1.0
        """
        return self._spread("value", year, indicators).astype("float64")

    def quality(self, year: int, indicators: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the quality marks of one year, units by indicators.

        Parameters
        ----------
        year : int
            The year, with the same fallback as :meth:`wide`.
        indicators : Sequence[str], optional
            Indicators wanted; all by default.

        Returns
        -------
        pandas.DataFrame
            Marks (A official, B compiled, C secondary, M from memory), same shape and
            labels as :meth:`wide`; NaN where there is no value.

        Raises
        ------
        InputError
            The table has no such indicator in any year.

        Examples
        --------
        >>> table = IndicatorTable(cells=pd.DataFrame({
        ...     "code": ["110000"], "year": [2023], "indicator": ["gdp"], "value": [1.0],
        ...     "unit": ["亿元"], "quality": ["A"], "source": ["S1"]}))
        >>> table.quality(2023).loc["110000", "gdp"]
        'A'
        """
        return self._spread("quality", year, indicators).astype("str")

    def concat(self, other: "IndicatorTable") -> "IndicatorTable":
        """Return a table with the rows of both.

        Parameters
        ----------
        other : IndicatorTable
            More values; it may not repeat a unit, year and indicator of this table.

        Returns
        -------
        IndicatorTable
            The rows of both, sorted.

        Raises
        ------
        ValueError
            Both have a value for the same unit, year and indicator.

        Examples
        --------
        >>> row = {"code": ["110000"], "year": [2023], "value": [1.0], "unit": ["x"],
        ...        "quality": ["A"], "source": ["S1"]}
        >>> a = IndicatorTable(cells=pd.DataFrame(row | {"indicator": ["a"]}))
        >>> b = IndicatorTable(cells=pd.DataFrame(row | {"indicator": ["b"]}))
        >>> a.concat(b).indicators
        ('a', 'b')
        """
        return IndicatorTable(cells=pd.concat([self.cells, other.cells], ignore_index=True))

    def __or__(self, other: "IndicatorTable") -> "IndicatorTable":
        """Lay another table over this one: where both have a value, that of the other stands.

        Parameters
        ----------
        other : IndicatorTable
            More values, or better ones.

        Returns
        -------
        IndicatorTable
            The values of both, sorted.

        Examples
        --------
        >>> row = {"code": ["110000"], "year": [2023], "indicator": ["a"], "unit": ["x"],
        ...        "quality": ["A"], "source": ["S1"]}
        >>> shipped = IndicatorTable(cells=pd.DataFrame(row | {"value": [1.0]}))
        >>> own = IndicatorTable(cells=pd.DataFrame(row | {"value": [2.0]}))
        >>> (shipped | own).cells["value"].to_list()
        [2.0]
        """
        both = pd.concat([self.cells, other.cells], ignore_index=True)
        return IndicatorTable(cells=both.drop_duplicates(_KEY, keep="last"))

    def _spread(self, column: str, year: int, indicators: Sequence[str] | None) -> pd.DataFrame:
        wanted = list(self.indicators if indicators is None else indicators)
        self._require(wanted)
        layout = self._laid_out()
        source = self._kept.setdefault(column, self.cells[column].to_numpy())
        shape = (len(layout.codes), len(layout.names))
        spread = np.full(shape, np.nan, dtype=source.dtype)
        # The year's own values last: they replace those for every year.
        for places in (layout.places.get(y) for y in (ANY_YEAR, year)):
            if places is not None:
                given = places[pd.notna(source[places])]
                spread[layout.row[given], layout.column[given]] = source[given]
        taken = layout.names.get_indexer(pd.Index(wanted))
        columns = pd.Index(wanted, name="indicator")
        return pd.DataFrame(spread[:, taken], index=layout.codes, columns=columns)

    def _laid_out(self) -> _Layout:
        if "layout" not in self._kept:
            self._kept["layout"] = _layout(self.cells)
        layout: _Layout = self._kept["layout"]
        return layout

    def _require(self, wanted: Sequence[str]) -> None:
        known = self.indicators
        absent = [name for name in wanted if name not in known]
        if absent:
            raise InputError(
                [
                    Problem(
                        code="intake.indicator_absent",
                        params={
                            "indicator": name,
                            **suggestion(name, known),
                        },
                    )
                    for name in absent
                ]
            )


def nearest(name: str, known: Sequence[str]) -> str:
    """Return up to three known names most like ``name``, joined by commas.

    Parameters
    ----------
    name : str
        What was written.
    known : Sequence[str]
        What it could have been.

    Returns
    -------
    str
        The candidates, best first; ``"-"`` when nothing is alike.

    Examples
    --------
    >>> nearest("fibre_lenght", ["gdp", "fibre_length"])
    'fibre_length'
    """
    return ", ".join(difflib.get_close_matches(name, known, n=3)) or "-"


def misspelt(name: str, known: Sequence[str]) -> bool:
    """Tell whether a name is so like a known one that it is taken for a misspelling of it.

    Parameters
    ----------
    name : str
        What was written.
    known : Sequence[str]
        What it could have been.

    Returns
    -------
    bool
        Whether it is. Of a few letters one is much; a few Chinese characters say more.

    Examples
    --------
    >>> [misspelt(name, ["gdp", "常住人口"]) for name in ("gpd", "racks", "人口密度")]
    [True, False, False]
    """
    short = name.isascii() and len(name) <= _SHORT
    cutoff = _LIKE_SHORT if short else _LIKE
    return bool(difflib.get_close_matches(name, known, n=1, cutoff=cutoff))


def suggestion(name: str, known: Sequence[str], *, kind: str = "indicators") -> dict[str, Any]:
    """Return the values of a sentence that suggests, or has nothing to suggest.

    Parameters
    ----------
    name : str
        What was written.
    known : Sequence[str]
        What it could have been.
    kind : {"indicators", "units", "names"}
        What is suggested.

    Returns
    -------
    dict[str, Any]
        ``nearest``, see :func:`nearest`, and ``hint``, a clause or nothing.

    Examples
    --------
    >>> suggestion("zzz", ["gdp"])
    {'nearest': '-', 'hint': ''}
    """
    return hinted(nearest(name, known), kind)


def hinted(found: str, kind: str) -> dict[str, Any]:
    """Return the values of a sentence with what was found for it.

    Parameters
    ----------
    found : str
        From :func:`nearest`.
    kind : {"indicators", "units", "names"}
        What is suggested.

    Returns
    -------
    dict[str, Any]
        As :func:`suggestion`.

    Examples
    --------
    >>> hinted("gdp", "indicators")["hint"].code
    'intake.hint.indicators'
    """
    none = found == "-"
    hint = "" if none else Problem(code=f"intake.hint.{kind}", params={"nearest": found})
    return {"nearest": found, "hint": hint}
