"""Full evaluations with the data of one unit changed."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import numpy as np
import pandas as pd

from suanli.evaluation import Derivation, evaluate_from
from suanli.profile import IndexSpec
from suanli.robustness.figures import UnitFigures
from suanli.robustness.lever import Lever
from suanli.robustness.polytope import Floats

__all__ = ["Trial", "Values"]

Values = tuple[float | None, ...]
"""The new value of each lever's figure, None where it stays."""

_STEPS: Final = 60
_FINE: Final = 1e-6


class Trial:
    """What follows when a unit's figures change: indicators, scores, ranks.

    Parameters
    ----------
    start : Derivation
        What the evaluation starts from.
    figures : UnitFigures
        The unit's data.
    levers : Sequence[Lever]
        What may move.
    groups : pandas.Series, optional
        Group of each unit, for imputation by group.
    """

    def __init__(
        self,
        start: Derivation,
        figures: UnitFigures,
        levers: Sequence[Lever],
        *,
        groups: pd.Series | None = None,
    ) -> None:
        self.figures, self.levers, self.groups = figures, tuple(levers), groups
        self.spec: IndexSpec = figures.spec
        self.unit = figures.unit
        self.start = start
        self.caps = np.array([lever.cap for lever in levers])
        self.plausible = np.array([lever.plausible_cap for lever in levers])
        self.costs = np.array([lever.cost for lever in levers])
        years = start.frame.index.get_level_values("year")
        self._years = list(dict.fromkeys(years.tolist()))
        self.index = cache(self._index)

    def frame(self, values: Values) -> pd.DataFrame:
        """Derive the indicators of the unit anew.

        Parameters
        ----------
        values : Values
            The unit's new figures.

        Returns
        -------
        pandas.DataFrame
            As :attr:`suanli.evaluation.Derivation.frame`.
        """
        frame = self.start.frame.copy()
        pairs = [(o, v) for o, v in zip(self.levers, values, strict=True) if v is not None]
        changes = {lever.key: value for lever, value in pairs}
        follow = dict.fromkeys(name for lever, _ in pairs for name in lever.indicators)
        for year in self._years:
            for name in follow:
                frame.loc[(year, self.unit), name] = self.figures.computed(name, year, changes)
        return frame

    def _index(self, values: Values) -> pd.Series:
        moved = Derivation(frame=self.frame(values), observed=self.start.observed)
        index = evaluate_from(moved, self.spec, groups=self.groups).index.dropna()
        if self.unit not in index.index:
            # Values that leave a formula's domain leave nothing to score.
            index[self.unit] = -np.inf
        return index

    def values(self, steps: Floats) -> Values:
        """Return the figures after steps.

        Parameters
        ----------
        steps : numpy.ndarray
            One per lever.

        Returns
        -------
        Values
            None where the step is 0.
        """
        pairs = zip(self.levers, steps, strict=True)
        return tuple(lever.value(float(step)) if step > 0 else None for lever, step in pairs)

    def at(self, steps: Floats) -> pd.Series:
        """Return the index after steps.

        Parameters
        ----------
        steps : numpy.ndarray
            One per lever.

        Returns
        -------
        pandas.Series
            By code, of all units with a score.
        """
        return self.index(self.values(steps))

    def rank_with(self, values: Values) -> int:
        """Return the unit's rank with new figures.

        Parameters
        ----------
        values : Values
            The figures.

        Returns
        -------
        int
            Equal scores share the better rank.
        """
        index = self.index(values)
        return 1 + int((index > index[self.unit]).sum())

    def rank(self, steps: Floats) -> int:
        """Return the unit's rank after steps.

        Parameters
        ----------
        steps : numpy.ndarray
            One per lever.

        Returns
        -------
        int
            Equal scores share the better rank.
        """
        return self.rank_with(self.values(steps))

    def alone(self, place: int, step: float) -> Floats:
        """Return steps of one lever only.

        Parameters
        ----------
        place : int
            Which lever.
        step : float
            Its step.

        Returns
        -------
        numpy.ndarray
            Zero elsewhere.
        """
        steps = np.zeros(len(self.levers))
        steps[place] = step
        return steps

    def lead(self, steps: Floats, rank: int) -> float:
        """Return the lead over the best rival that may not be ahead at a rank.

        Parameters
        ----------
        steps : numpy.ndarray
            One per lever.
        rank : int
            The rank.

        Returns
        -------
        float
            In points; infinite for the last rank, which is held whatever happens.
        """
        index = self.at(steps)
        others = np.sort(index.drop(self.unit).to_numpy(dtype=float))[::-1]
        return float(index[self.unit] - others[rank - 1]) if rank <= len(others) else np.inf

    def least(self, path: Callable[[float], Floats], most: float, rank: int) -> float:
        """Return the least point of a path that holds a rank.

        Parameters
        ----------
        path : Callable[[float], numpy.ndarray]
            Steps at each point.
        most : float
            A point that holds the rank.
        rank : int
            The rank.

        Returns
        -------
        float
            Found to a millionth of ``most``.

        Notes
        -----
        Leads are nearly straight lines: two guesses by the secant, one beyond and one short,
        close the bracket at once; every third halves it, whatever the lead does.
        """
        fine = _FINE * most
        low, high = 0.0, most
        below, above = self.lead(path(low), rank), self.lead(path(high), rank)
        if below >= 0:
            return low
        for turn in range(_STEPS):
            if high - low <= fine:
                break
            share = -below / (above - below) if turn % 3 < 2 else 0.5  # noqa: PLR2004
            guess = low + share * (high - low) + fine * (0.4, -0.4, 0.0)[turn % 3]
            guess = min(max(guess, low + fine / 4), high - fine / 4)
            lead = self.lead(path(guess), rank)
            if lead >= 0:
                high, above = guess, lead
            else:
                low, below = guess, lead
        return high

    def least_alone(self, place: int, cap: float, rank: int) -> float:
        """Return the least step of one lever that holds a rank alone.

        Parameters
        ----------
        place : int
            Which lever.
        cap : float
            A step that holds the rank.
        rank : int
            The rank.

        Returns
        -------
        float
            As :meth:`least`.
        """
        return self.least(lambda step: self.alone(place, step), cap, rank)
