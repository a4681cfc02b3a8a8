"""What a unit can move: its indicators, how far, and at what cost."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation import Scores
from suanli.profile import IndexSpec, Indicator

__all__ = ["Lever", "Limits", "find_levers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the user allows.

    Attributes
    ----------
    move : tuple[str, ...]
        Indicators to move; all movable ones when empty.
    fix : tuple[str, ...]
        Indicators to leave alone.
    cost : Mapping[str, float]
        Cost of moving over the whole observed range, 1 where not given.
    most : Mapping[str, float]
        The farthest value, in the indicator's unit; the best one observed where not given.
    """

    move: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    cost: Mapping[str, float] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One indicator a unit can improve.

    Attributes
    ----------
    id : str
        The indicator.
    start : float
        The value now, in its unit.
    farthest : float
        The best value allowed.
    cap : float
        The way there, in observed ranges of the scale it is normalised on (logarithms where
        the profile takes them).
    cost : float
        Cost of one such range.
    logged : bool
        Whether that scale is logarithmic.
    """

    id: str
    start: float
    farthest: float
    cap: float
    cost: float
    logged: bool

    def value(self, step: float) -> float:
        """Return the value after a step.

        Parameters
        ----------
        step : float
            Between 0 and ``cap``.

        Returns
        -------
        float
            In the indicator's unit.

        Examples
        --------
        >>> Lever(id="a", start=1.0, farthest=9.0, cap=0.5, cost=1.0, logged=False).value(0.25)
        5.0
        """
        share = step / self.cap
        if share >= 1:
            return self.farthest
        if self.logged:
            ends = np.log([self.start, self.farthest])
            return float(np.exp(ends[0] + share * (ends[1] - ends[0])))
        return self.start + share * (self.farthest - self.start)


def find_levers(scores: Scores, unit: str, limits: Limits) -> tuple[Lever, ...]:
    """Return what a unit can move, within what the user allows.

    Parameters
    ----------
    scores : Scores
        The evaluation.
    unit : str
        Code of the unit.
    limits : Limits
        What the user allows.

    Returns
    -------
    tuple[Lever, ...]
        In the order of the profile; without indicators the unit has no value of, and those
        it is best in already.

    Raises
    ------
    InputError
        An indicator is unknown or not movable, a cost is not positive, a farthest value is
        no improvement; or nothing is left to move.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> [lever.id for lever in find_levers(scores, "140000", Limits(move=("rd_intensity",)))]
    ['rd_intensity']
    """
    spec = scores.spec
    _refuse(spec, limits)
    values = scores.stages["imputed"]
    levers: list[Lever] = []
    problems: list[Problem] = []
    for item in spec.indicator:
        wanted = item.id in limits.move if limits.move else item.movable
        start = float(values[item.id].to_numpy(dtype=float)[values.index.get_loc(unit)])
        if not wanted or item.id in limits.fix or np.isnan(start):
            continue
        best = _best(item, values[item.id].dropna(), start)
        farthest = float(limits.most.get(item.id, best))
        gain = _toward(item, start, farthest)
        if item.id in limits.most and (gain <= 0 or (item.transform == "log" and farthest <= 0)):
            params = {"id": item.id, "value": f"{farthest:g}", "start": f"{start:g}"}
            problems.append(Problem(code="levers.most_no_gain", params=params))
        elif gain > 0:
            levers.append(_lever(item, values[item.id].dropna(), start, farthest, limits))
    if not levers and not problems:
        problems.append(Problem(code="levers.nothing_movable", params={"unit": unit}))
    if problems:
        raise InputError(problems)
    return tuple(levers)


def _lever(
    item: Indicator, column: pd.Series, start: float, farthest: float, limits: Limits
) -> Lever:
    logged = item.transform == "log"
    ends = np.array([start, farthest, column.min(), column.max()], dtype=float)
    if logged:
        ends = np.log(ends)
    spread = ends[3] - ends[2]
    return Lever(
        id=item.id,
        start=start,
        farthest=farthest,
        cap=float(abs(ends[1] - ends[0]) / (spread or 1.0)),
        cost=float(limits.cost.get(item.id, 1.0)),
        logged=logged,
    )


def _best(item: Indicator, column: pd.Series, start: float) -> float:
    if item.target is not None:
        return float(np.clip(start, *item.target))
    return float(column.max() if item.direction == "up" else column.min())


def _toward(item: Indicator, start: float, end: float) -> float:
    """Return how much of an improvement the way from start to end is."""
    if item.target is not None:
        low, high = item.target
        return max(low - start, start - high, 0.0) - max(low - end, end - high, 0.0)
    return end - start if item.direction == "up" else start - end


def _refuse(spec: IndexSpec, limits: Limits) -> None:
    items = {item.id: item for item in spec.indicator}
    named: Iterable[str] = (*limits.move, *limits.fix, *limits.cost, *limits.most)
    problems: list[Problem] = []
    for name in dict.fromkeys(named):
        if name not in items:
            close = difflib.get_close_matches(name, list(items), n=1)
            params: dict[str, Any] = {"name": name, "known": ", ".join(items)}
            params["close"] = "".join(close) or next(iter(items))
            problems.append(Problem(code="levers.indicator_unknown", params=params))
        elif not items[name].movable and name not in limits.fix:
            params = {"id": name}
            problems.append(Problem(code="levers.not_movable", params=params))
    problems.extend(
        Problem(code="levers.cost_not_positive", params={"id": name, "value": f"{cost:g}"})
        for name, cost in limits.cost.items()
        if not (np.isfinite(cost) and cost > 0)
    )
    problems.extend(
        Problem(code="levers.most_not_finite", params={"id": name, "value": f"{value:g}"})
        for name, value in limits.most.items()
        if not np.isfinite(value)
    )
    if problems:
        raise InputError(problems)
