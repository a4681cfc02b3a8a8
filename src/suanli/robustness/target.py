"""What it would take: the least improvements that lift a unit to a rank."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.evaluation import Derivation, Scores, evaluate_from
from suanli.profile import ROOT, IndexSpec
from suanli.robustness.levers import Lever, Limits, find_levers
from suanli.robustness.polytope import Floats

__all__ = ["How", "TargetResult", "reach_rank"]

How = Literal["sparse", "spread"]
_STEPS: Final = 60
_FINE: Final = 1e-6
_SLACK: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TargetResult:
    """What lifts a unit to a rank, verified by evaluating again.

    Attributes
    ----------
    unit : str
        Code.
    wanted, before, after : int
        The rank asked for, the one held, and the one held after the changes.
    levers : pandas.DataFrame
        One row per indicator moved, largest effect first: ``indicator``, ``start``, ``end``,
        ``change`` (in its unit), ``change_share``, ``step`` (observed ranges of its scale),
        ``cost``, ``effect`` (points of the index lost if it alone is put back) and
        ``exhausted`` (moved as far as allowed). Empty when the rank is held already.
    single : pandas.DataFrame
        One row per indicator that can move: what it alone would have to be (``end``, missing
        when it does not suffice), ``change``, ``change_share``, ``cost``, and ``rank``, the
        one it reaches alone as far as allowed.
    overtaken : tuple[str, ...]
        Codes of units that were ahead and are not any more, by their old rank.
    score_before, score_after : float
        The index.
    """

    unit: str
    wanted: int
    before: int
    after: int
    levers: pd.DataFrame
    single: pd.DataFrame
    overtaken: tuple[str, ...]
    score_before: float
    score_after: float

    @property
    def reached(self) -> bool:
        """Whether the rank is reached.

        Returns
        -------
        bool
            False when even all levers together do not suffice.
        """
        return self.after <= self.wanted

    @property
    def held(self) -> bool:
        """Whether the rank was held from the beginning.

        Returns
        -------
        bool
            Nothing had to move.
        """
        return self.before <= self.wanted


def reach_rank(
    start: Derivation,
    spec: IndexSpec,
    unit: str,
    *,
    rank: int,
    limits: Limits | None = None,
    how: How = "sparse",
    groups: pd.Series | None = None,
) -> TargetResult:
    """Find the least improvements that lift a unit to a rank, others' data held still.

    Parameters
    ----------
    start : Derivation
        From :func:`suanli.evaluation.derivation`.
    spec : IndexSpec
        The profile.
    unit : str
        Code of the unit.
    rank : int
        The rank wanted; equal scores share the better one.
    limits : Limits, optional
        Which indicators may move, how far, at what cost.
    how : {"sparse", "spread"}
        Least sum of costs, which moves few indicators far, or least sum of cost times
        squared steps, which moves many a little.
    groups : pandas.Series, optional
        Group of each unit, for imputation by group.

    Returns
    -------
    TargetResult
        The changes, verified by a full evaluation: goalposts and treatment move with them.

    Raises
    ------
    InputError
        The unit is not scored, the rank is out of range, or the limits cannot be used.

    Notes
    -----
    A step t of 1 is the observed range of the scale an indicator is normalised on. With
    gains a (lead over the unit that holds the rank, per step, each measured by moving that
    indicator alone as far as allowed) the frozen problem is ``sum a t >= G, 0 <= t <= cap``:
    for ``sum c t`` solved by taking the largest a / c first (continuous knapsack), for
    ``sum c t^2`` by ``t = min(cap, l a / c)`` with one l for all. G is then the least that
    the full evaluation accepts, found by secants and bisection to a millionth, and each
    lever is taken back as far as the rank allows.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import derivation
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> start = derivation(load_catalogue().province, spec)
    >>> result = reach_rank(start, spec, "440000", rank=1)
    >>> result.held, len(result.levers)
    (True, 0)
    """
    scores = evaluate_from(start, spec, groups=groups)
    ranks = _ranks(scores)
    if unit not in ranks.index:
        raise InputError([Problem(code="levers.unit_not_scored", params={"units": unit})])
    if not 1 <= rank <= len(ranks):
        params = {"rank": rank, "count": len(ranks)}
        raise InputError([Problem(code="levers.rank_range", params=params)])
    levers = find_levers(scores, unit, limits or Limits())
    trial = _Trial(start, spec, unit, levers, groups)
    steps = np.zeros(len(levers))
    if ranks[unit] > rank:
        steps = _solved(trial, rank, how)
    return _result(trial, steps, rank)


class _Trial:
    """Full evaluations with the unit's indicators moved."""

    def __init__(
        self,
        start: Derivation,
        spec: IndexSpec,
        unit: str,
        levers: tuple[Lever, ...],
        groups: pd.Series | None,
    ) -> None:
        self.start, self.spec, self.unit, self.levers = start, spec, unit, levers
        self.groups = groups
        self.caps = np.array([lever.cap for lever in levers])
        self.costs = np.array([lever.cost for lever in levers])
        self.index = cache(self._index)

    def _index(self, steps: tuple[float, ...]) -> pd.Series:
        frame = self.start.frame.copy()
        for lever, step in zip(self.levers, steps, strict=True):
            if step > 0:
                frame.loc[(self.spec.year, self.unit), lever.id] = lever.value(step)
        moved = Derivation(frame=frame, observed=self.start.observed)
        return evaluate_from(moved, self.spec, groups=self.groups).index.dropna()

    def at(self, steps: Floats) -> pd.Series:
        return self.index(tuple(float(step) for step in steps))

    def rank(self, steps: Floats) -> int:
        index = self.at(steps)
        return 1 + int((index > index[self.unit]).sum())

    def alone(self, place: int, step: float) -> Floats:
        steps = np.zeros(len(self.levers))
        steps[place] = step
        return steps

    def lead(self, steps: Floats, rank: int) -> float:
        """Return the lead over the best rival that may not be ahead at this rank."""
        index = self.at(steps)
        others = np.sort(index.drop(self.unit).to_numpy(dtype=float))[::-1]
        # The last rank is held whatever happens.
        return float(index[self.unit] - others[rank - 1]) if rank <= len(others) else np.inf

    def least(self, path: Callable[[float], Floats], most: float, rank: int) -> float:
        """Return the least point of a path that holds the rank; ``most`` does.

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


def _solved(trial: _Trial, rank: int, how: How) -> Floats:
    if trial.rank(trial.caps) > rank:
        return trial.caps
    gains = _gains(trial, rank)
    path = _greedy(trial, gains) if how == "sparse" else _even(trial, gains)
    most = float((gains * trial.caps).sum())
    if trial.rank(path(most)) > rank:
        # Something that alone gains nothing is needed together with others.
        return _polished(trial, trial.caps.copy(), rank)
    steps = _polished(trial, path(trial.least(path, most, rank)), rank)
    if how == "sparse":
        for place, cap in enumerate(trial.caps):
            cheaper = trial.costs @ steps
            if gains[place] * cap > 0 and trial.rank(trial.alone(place, cap)) <= rank:
                step = _least_alone(trial, place, rank)
                if trial.costs[place] * step < cheaper:
                    steps = trial.alone(place, step)
    return steps


def _gains(trial: _Trial, rank: int) -> Floats:
    """Return each lever's gain per step, in lead over the unit to be passed."""
    now = trial.at(np.zeros(len(trial.levers)))
    others = now.drop(trial.unit).sort_values(ascending=False, kind="stable")
    rival = others.index[rank - 1]
    leads = []
    for place, cap in enumerate(trial.caps):
        index = trial.at(trial.alone(place, cap))
        leads.append(index[trial.unit] - index.get(rival, now[rival]))
    lead = now[trial.unit] - now[rival]
    return np.asarray(np.maximum(np.array(leads) - lead, 0.0) / trial.caps, dtype=np.float64)


def _greedy(trial: _Trial, gains: Floats) -> Callable[[float], Floats]:
    order = np.argsort(-gains / trial.costs, kind="stable")
    worth = (gains * trial.caps)[order]
    before = np.cumsum(worth) - worth

    def path(gain: float) -> Floats:
        share = np.zeros(len(order))
        taken = np.clip(gain - before, 0.0, worth)
        share[order] = np.divide(taken, worth, out=np.zeros_like(worth), where=worth > 0)
        return np.asarray(share * trial.caps, dtype=np.float64)

    return path


def _even(trial: _Trial, gains: Floats) -> Callable[[float], Floats]:
    useful = gains > 0
    rate = gains / trial.costs
    ends = np.unique(np.r_[0.0, trial.caps[useful] / rate[useful]])

    def at(multiplier: float) -> Floats:
        return np.asarray(np.minimum(trial.caps, multiplier * rate), dtype=np.float64)

    reached = np.array([float((gains * at(end)).sum()) for end in ends])
    return lambda gain: at(float(np.interp(gain, reached, ends)))


def _polished(trial: _Trial, steps: Floats, rank: int) -> Floats:
    """Take every lever back, the dearest first, as far as the rank allows."""
    steps = steps.copy()
    for place in np.argsort(-trial.costs * steps, kind="stable"):
        if steps[place] <= 0:
            continue

        def path(step: float, place: int = int(place)) -> Floats:
            tried = steps.copy()
            tried[place] = step
            return tried

        if trial.rank(path(0.0)) <= rank:
            steps[place] = 0.0
        elif trial.rank(path(steps[place] * (1 - _SLACK))) <= rank:
            steps[place] = trial.least(path, float(steps[place]), rank)
    return steps


def _least_alone(trial: _Trial, place: int, rank: int) -> float:
    cap = float(trial.caps[place])
    return trial.least(lambda step: trial.alone(place, step), cap, rank)


def _result(trial: _Trial, steps: Floats, wanted: int) -> TargetResult:
    none = np.zeros(len(steps))
    before, after = trial.at(none), trial.at(steps)
    unit = trial.unit
    ahead = before.index[before > before[unit]]
    passed = [code for code in ahead if after[code] <= after[unit]]
    order = before[passed].sort_values(ascending=False, kind="stable").index
    held = trial.rank(none) <= wanted
    return TargetResult(
        unit=unit,
        wanted=wanted,
        before=trial.rank(none),
        after=trial.rank(steps),
        levers=_moved(trial, steps),
        single=pd.DataFrame([] if held else _singles(trial, wanted), columns=_SINGLE),
        overtaken=tuple(str(code) for code in order),
        score_before=float(before[unit]),
        score_after=float(after[unit]),
    )


_SINGLE: Final = ["indicator", "start", "end", "change", "change_share", "cost", "rank"]
_MOVED: Final = [*_SINGLE[:5], "step", "cost", "effect", "exhausted"]


def _moved(trial: _Trial, steps: Floats) -> pd.DataFrame:
    rows = []
    after = trial.at(steps)[trial.unit]
    for place in np.flatnonzero(steps > 0):
        lever, step = trial.levers[place], float(steps[place])
        back = steps.copy()
        back[place] = 0.0
        rows.append(
            _change(lever, lever.value(step))
            | {"step": step, "cost": lever.cost * step}
            | {"effect": float(after - trial.at(back)[trial.unit]), "exhausted": step >= lever.cap}
        )
    table = pd.DataFrame(rows, columns=_MOVED)
    return table.sort_values("effect", ascending=False, kind="stable").reset_index(drop=True)


def _singles(trial: _Trial, wanted: int) -> list[dict[str, object]]:
    rows = []
    for place, lever in enumerate(trial.levers):
        farthest = trial.rank(trial.alone(place, lever.cap))
        step = _least_alone(trial, place, wanted) if farthest <= wanted else float("nan")
        end = lever.value(step) if farthest <= wanted else float("nan")
        rows.append(_change(lever, end) | {"cost": lever.cost * step, "rank": farthest})
    return rows


def _change(lever: Lever, end: float) -> dict[str, object]:
    change = end - lever.start
    return {
        "indicator": lever.id,
        "start": lever.start,
        "end": end,
        "change": change,
        "change_share": change / abs(lever.start) if lever.start else float("nan"),
    }


def _ranks(scores: Scores) -> pd.Series:
    ranks = scores.nodes[ROOT].rank(method="min", ascending=False)
    return ranks.dropna().astype(int)
