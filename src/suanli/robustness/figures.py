"""The data of one unit, changed or not, and the indicators computed from them."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize

from suanli.expression import ExpressionError
from suanli.intake.table import ANY_YEAR, IndicatorTable
from suanli.profile import IndexSpec, Indicator, Variable

__all__ = ["Changes", "UnitFigures", "sides_of"]

Changes = Mapping[tuple[str, int], float]
"""New values by identifier in the table and year."""

_CLOSE: Final = 1e-9
_STEP: Final = 1.1
_STEPS: Final = 200


def sides_of(spec: IndexSpec) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Tell which data stand above and which below the fraction bar of each indicator.

    Parameters
    ----------
    spec : IndexSpec
        The profile.

    Returns
    -------
    dict[str, tuple[frozenset[str], frozenset[str]]]
        By indicator: identifiers of the table above the bar and below it, through variables.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> above, below = sides_of(load_profile("caict2024-province"))["electricity_balance"]
    >>> sorted(above), sorted(below)
    (['power_generation'], ['electricity_consumption'])
    """
    variables = {item.id: item for item in spec.variable}

    def expanded(item: Indicator | Variable) -> tuple[frozenset[str], frozenset[str]]:
        found: tuple[set[str], set[str]] = (set(), set())
        for place, names in enumerate(item.expression.sides):
            for name in names:
                if name not in variables:
                    found[place].add(name)
                    continue
                inner = expanded(variables[name])
                found[0].update(inner[place])
                found[1].update(inner[1 - place])
        return frozenset(found[0]), frozenset(found[1])

    return {item.id: expanded(item) for item in spec.indicator}


class UnitFigures:
    """The data of one unit.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile.
    unit : str
        Code of the unit.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> shanxi = UnitFigures(load_catalogue().province, spec, "140000")
    >>> shanxi.value("power_generation", 2023)
    4572.79
    """

    def __init__(self, table: IndicatorTable, spec: IndexSpec, unit: str) -> None:
        cells = table.cells
        own = cells[cells["code"].eq(unit) & cells["value"].notna()]
        own = own[own["indicator"].isin(spec.inputs())]
        keys = zip(own["indicator"], own["year"].tolist(), strict=True)
        pairs = zip(keys, own["value"].tolist(), strict=True)
        self._values: dict[tuple[str, int], float] = dict(pairs)
        self.spec, self.unit = spec, unit
        lowest = cells.groupby("indicator")["value"].min()
        self._floors: dict[str, float] = {str(name): 0.0 for name in lowest.index[lowest >= 0]}
        self.sides = sides_of(spec)
        self.inputs = {item.id: frozenset(spec.inputs(item)) for item in spec.indicator}
        self._items = {item.id: item for item in spec.indicator}
        self._variables = {item.id: item for item in spec.variable}

    def value(self, name: str, year: int) -> float:
        """Return what the table says.

        Parameters
        ----------
        name : str
            Identifier in the table.
        year : int
            The year; a value for every year stands in.

        Returns
        -------
        float
            NaN where there is none.
        """
        return self._values.get((name, year), self._values.get((name, ANY_YEAR), float("nan")))

    def floor(self, name: str) -> float:
        """Return the smallest value data can have by the look of them.

        Parameters
        ----------
        name : str
            Identifier in the table.

        Returns
        -------
        float
            0 for what is nowhere negative, minus infinity for the rest.
        """
        return self._floors.get(name, float("-inf"))

    def computed(self, indicator: str, year: int, changes: Changes) -> float:
        """Compute an indicator anew.

        Parameters
        ----------
        indicator : str
            The indicator.
        year : int
            The year evaluated; an indicator of a fixed year is of that.
        changes : Mapping[tuple[str, int], float]
            What replaces the table's values.

        Returns
        -------
        float
            NaN where something it needs is missing or it cannot be computed.
        """
        item = self._items[indicator]

        def lookup(name: str, at: int) -> npt.NDArray[np.float64]:
            if name in self._variables:
                return self._variables[name].expression.compute(lookup, at)
            changed = changes.get((name, at))
            return np.array([self.value(name, at) if changed is None else changed])

        try:
            return float(item.expression.compute(lookup, item.year or year)[0])
        except ExpressionError:
            return float("nan")

    def solved(self, indicator: str, key: tuple[str, int], wanted: float) -> float:
        """Find what a value would have to be for an indicator to be as wanted.

        Parameters
        ----------
        indicator : str
            The indicator.
        key : tuple[str, int]
            Identifier in the table and year of the value looked for.
        wanted : float
            What the indicator shall be.

        Returns
        -------
        float
            The closest such value found; NaN where there is none.

        Examples
        --------
        >>> from suanli.data import load_catalogue
        >>> from suanli.profile import load_profile
        >>> spec = load_profile("caict2024-province")
        >>> shanxi = UnitFigures(load_catalogue().province, spec, "140000")
        >>> key = ("power_generation", 2023)
        >>> round(shanxi.solved("electricity_balance", key, 2.0)
        ...       / shanxi.value("electricity_consumption", 2023), 6)
        2.0
        """

        def gap(x: float) -> float:
            return self.computed(indicator, self.spec.year, {key: x}) - wanted

        now = self.value(*key)
        start = now if np.isfinite(now) and now != 0 else 1.0
        first, second = gap(start), gap(2 * start)
        if np.isfinite(first) and first != second:
            straight = start - first * start / (second - first)
            if abs(gap(straight)) <= _CLOSE * max(abs(wanted), abs(first)):
                return straight
        return _bracketed(gap, start)


def _bracketed(gap: Callable[[float], float], start: float) -> float:
    """Look up and down from the start in steps of a tenth until the gap changes its sign."""
    ends = {factor: (start, gap(start)) for factor in (_STEP, 1 / _STEP)}
    for _ in range(_STEPS):
        for factor, (x, here) in ends.items():
            there = gap(x * factor)
            if np.isfinite(here) and np.isfinite(there) and here * there <= 0:
                low, high = sorted((x, x * factor))
                return float(optimize.brentq(gap, low, high, xtol=1e-12 * abs(start), rtol=_CLOSE))
            ends[factor] = (x * factor, there)
    return float("nan")
