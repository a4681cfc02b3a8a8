"""Names, figures and units of briefs."""

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

import pandas as pd

from suanli.boundaries import Level
from suanli.publish.edition import Edition

__all__ = ["BriefWords", "cell", "figure", "points", "signed"]

_MISSING: Final = "–"
_THOUSAND: Final = 1000
_BARE: Final = frozenset({"1", "0/1", ""})


def cell(column: pd.Series, code: str) -> float:
    """Return the number of a unit.

    Parameters
    ----------
    column : pandas.Series
        Numbers by code.
    code : str
        The unit.

    Returns
    -------
    float
        NaN where it is missing.

    Examples
    --------
    >>> cell(pd.Series({"a": 1}), "a")
    1.0
    """
    return float(column.to_numpy(dtype=float)[column.index.get_loc(code)])


def points(value: float) -> str:
    """Write a score.

    Parameters
    ----------
    value : float
        Points.

    Returns
    -------
    str
        One decimal; an en dash where it is missing.

    Examples
    --------
    >>> points(52.35), points(float("nan"))
    ('52.4', '–')
    """
    return _MISSING if math.isnan(value) else f"{value + 0.0:.1f}".replace("-", "−")


def signed(value: float) -> str:
    """Write a difference of points with its sign.

    Parameters
    ----------
    value : float
        Points.

    Returns
    -------
    str
        One decimal, two below one point.

    Examples
    --------
    >>> signed(1.25), signed(-0.124)
    ('+1.2', '−0.12')
    """
    digits = 1 if abs(value) >= 1 else 2
    return f"{value:+.{digits}f}".replace("-", "−")


def figure(value: float, *, digits: int = 4) -> str:
    """Write a value.

    Parameters
    ----------
    value : float
        Any number.
    digits : int
        Digits that count.

    Returns
    -------
    str
        With commas at thousands; an en dash where it is missing.

    Examples
    --------
    >>> figure(617431.8), figure(3.2694), figure(3.2694, digits=9)
    ('617,432', '3.269', '3.2694')
    """
    if math.isnan(value):
        return _MISSING
    if abs(value) >= _THOUSAND and digits <= 4:  # noqa: PLR2004 - short
        return f"{value:,.0f}".replace("-", "−")
    return f"{value + 0.0:,.{digits}g}".replace("-", "−")


class BriefWords:
    """Names in the language of an edition.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    """

    def __init__(self, edition: Edition, level: Level) -> None:
        self.edition, self.level, self.text = edition, level, edition.text

    def indicator(self, key: str) -> str:
        """Return what an indicator or a figure of the data is called.

        Parameters
        ----------
        key : str
            Identifier.

        Returns
        -------
        str
            Its name; the identifier where it has none.
        """
        return self._names.get(key) or self._data.get(key) or key

    def datum(self, key: str) -> str:
        """Return what a figure of the data is called.

        Parameters
        ----------
        key : str
            Identifier in the table.

        Returns
        -------
        str
            Its name; the identifier where it has none.
        """
        return self._data.get(key) or self._names.get(key) or key

    def indicators(self, keys: Sequence[str], *, most: int) -> str:
        """List indicators.

        Parameters
        ----------
        keys : Sequence[str]
            Identifiers.
        most : int
            How many are named.

        Returns
        -------
        str
            Names; an ellipsis where there are more.
        """
        names = [self.indicator(key) for key in keys[:most]]
        return self.listed([*names, "…"] if len(keys) > most else names)

    def listed(self, names: Iterable[str]) -> str:
        """Put names in a row.

        Parameters
        ----------
        names : Iterable[str]
            The names.

        Returns
        -------
        str
            With the marks of the language.
        """
        return self.text("brief.list_mark").join(names)

    def unit(self, unit: str) -> str:
        """Name a unit of measurement.

        Parameters
        ----------
        unit : str
            As the profile or the table has it.

        Returns
        -------
        str
            In parentheses; empty for bare numbers.
        """
        if unit in _BARE:
            return ""
        key = f"measures.{unit}"
        return self.text("brief.unit", unit=self.text(key) if self.text.has(key) else unit)

    def measured(self, value: float, unit: str) -> str:
        """Write a value with its unit.

        Parameters
        ----------
        value : float
            The value.
        unit : str
            Its unit.

        Returns
        -------
        str
            Such as ``617,432 (10,000 GB)``.
        """
        return f"{figure(value)}{self.unit(unit)}"

    @cached_property
    def _names(self) -> dict[str, str]:
        items = self.edition.scores(self.level).spec.indicator
        return {item.id: self.text.of(item.name.model_dump()) for item in items}

    @cached_property
    def _data(self) -> dict[str, str]:
        known = self.edition.catalogue.indicators
        known = known[known["level"] == self.level]
        column = known["name_en" if self.text.lang == "en" else "name_zh"]
        return dict(zip(known["indicator"], column.astype(str), strict=True))
