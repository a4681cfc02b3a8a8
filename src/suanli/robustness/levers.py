"""What a unit can move: its data, how far, and at what cost."""

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation import Scores
from suanli.profile import Indicator
from suanli.robustness.figures import UnitFigures
from suanli.robustness.lever import Lever, tidied
from suanli.robustness.limits import Limits, Meant, understood

__all__ = ["find_levers"]


def find_levers(
    figures: UnitFigures, scores: Scores, limits: Limits
) -> tuple[tuple[Lever, ...], Meant]:
    """Return what a unit can move, within what the user allows.

    Parameters
    ----------
    figures : UnitFigures
        The unit's data.
    scores : Scores
        The evaluation.
    limits : Limits
        What the user allows.

    Returns
    -------
    tuple[tuple[Lever, ...], Meant]
        In the order of the profile, without data the unit has no value of and those by which
        it is best in everything already; and what the limits mean.

    Raises
    ------
    InputError
        Everything wrong with the limits; or nothing is left to move.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> spec, table = load_profile("caict2024-province"), load_catalogue().province
    >>> shanxi = UnitFigures(table, spec, "140000")
    >>> levers, _ = find_levers(shanxi, evaluate(table, spec), Limits(move=("fibre_density",)))
    >>> levers[0].id, levers[0].indicators
    ('fibre_length', ('fibre_length', 'fibre_density'))
    """
    meant, problems = understood(scores.spec, limits)
    finder = _Finder(figures, scores, meant, limits)
    levers = [lever for data in meant.move for lever in finder.levers(data)]
    problems.extend(finder.problems)
    if not levers and not problems:
        problems.append(Problem(code="levers.nothing_movable", params={"unit": figures.unit}))
    if problems:
        raise InputError(problems)
    return tuple(levers), meant


class _Finder:
    def __init__(self, figures: UnitFigures, scores: Scores, meant: Meant, limits: Limits) -> None:
        self.figures, self.meant, self.limits = figures, meant, limits
        self.year = scores.spec.year
        self.items = {item.id: item for item in scores.spec.indicator}
        self.values = scores.stages["imputed"]
        self.problems: list[Problem] = []

    def levers(self, data: str) -> list[Lever]:
        """Return one lever for every year the indicators take this figure of."""
        follow = [key for key in self.items if data in self.figures.inputs[key]]
        years = dict.fromkeys(self.items[key].year or self.year for key in follow)
        found = []
        for year in years:
            same = [key for key in follow if (self.items[key].year or self.year) == year]
            # What is scored as it stands says best how far it can go.
            same.sort(key=lambda key: self.items[key].expression.text.strip() != data)
            lever = next(filter(None, (self._lever((data, year), key, same) for key in same)), None)
            if lever is not None:
                found.append(lever)
        if not found and data in self.meant.most:
            _, farthest = self.meant.most[data]
            params = {"id": data, "value": f"{farthest:g}"}
            params["start"] = f"{self.figures.value(data, self.year):g}"
            self.problems.append(Problem(code="levers.most_no_gain", params=params))
        return found

    def _lever(self, key: tuple[str, int], lead: str, follow: list[str]) -> Lever | None:
        item, now = self.items[lead], self.now(lead)
        if np.isnan(now):
            return None
        start = self.figures.value(*key)
        if np.isnan(start):
            # A value filled in from another year has a figure behind it.
            start = self.figures.solved(lead, key, now)
        goal, farthest = self._farthest(key, lead, start)
        logged = item.transform == "log"
        if not self._gain(item, now, goal) > 0 or not np.isfinite([start, farthest]).all():
            return None
        if start == farthest or (logged and min(now, goal) <= 0):
            return None
        ends = np.array([now, goal, *self.values[lead].agg(["min", "max"])], dtype=float)
        ends = np.log(ends) if logged else ends
        return Lever(
            id=key[0],
            year=key[1],
            indicators=(lead, *(name for name in follow if name != lead)),
            start=start,
            farthest=farthest,
            cap=float(abs(ends[1] - ends[0]) / ((ends[3] - ends[2]) or 1.0)),
            cost=float(self.meant.cost.get(key[0], 1.0)),
            logged=logged and min(start, farthest) > 0,
            divisor=not any(key[0] in self.above(name) for name in follow),
            beyond=self._beyond(key, start, farthest, follow),
            times=self.limits.times,
            given=key[0] in self.meant.most,
        )

    def above(self, name: str) -> frozenset[str]:
        return self.figures.sides[name][0]

    def now(self, name: str) -> float:
        column = self.values[name]
        return float(column.to_numpy(dtype=float)[column.index.get_loc(self.figures.unit)])

    def _farthest(self, key: tuple[str, int], lead: str, start: float) -> tuple[float, float]:
        """Return the farthest value of the leading indicator, and of the figure."""
        item = self.items[lead]
        if key[0] in self.meant.most:
            of, farthest = self.meant.most[key[0]]
            if of:
                farthest = self.figures.solved(of, key, farthest)
            return self.figures.computed(lead, self.year, {key: farthest}), farthest
        goal = self._best(item)
        if item.expression.text.strip() == key[0]:
            return goal, goal
        farthest = tidied(self.figures.solved(lead, key, goal), start)
        low, high = self.limits.ranges.get(key[0], (self.figures.floor(key[0]), np.inf))
        farthest = float(np.clip(farthest, low, high))
        return self.figures.computed(lead, self.year, {key: farthest}), farthest

    def _beyond(
        self, key: tuple[str, int], start: float, farthest: float, follow: list[str]
    ) -> tuple[tuple[str, float], ...]:
        """Return from which value on each indicator is better than that of any unit."""
        found = []
        for name in follow:
            item, best = self.items[name], self._best(self.items[name])
            there = self.figures.computed(name, self.year, {key: farthest})
            if item.target is not None or not self._gain(item, self.now(name), there) > 0:
                continue
            plain = item.expression.text.strip() == key[0]
            end = best if plain else self.figures.solved(name, key, best)
            if np.isfinite(end):
                found.append((name, end))
            elif self._gain(item, best, there) > 0:
                found.append((name, start))
        return tuple(found)

    def _best(self, item: Indicator) -> float:
        if item.target is not None:
            return float(np.clip(self.now(item.id), *item.target))
        column: pd.Series = self.values[item.id].dropna()
        return float(column.max() if item.direction == "up" else column.min())

    def _gain(self, item: Indicator, start: float, end: float) -> float:
        """Return how much of an improvement the way from start to end is."""
        if item.target is not None:
            low, high = item.target
            return max(low - start, start - high, 0.0) - max(low - end, end - high, 0.0)
        return end - start if item.direction == "up" else start - end
