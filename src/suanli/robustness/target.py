"""What it would take: the least changes of a unit's data that lift it to a rank."""

from collections.abc import Callable
from typing import Final, Literal

import numpy as np
import pandas as pd

from suanli.errors import Problem
from suanli.evaluation import Scores, derivation, evaluate_from, settled
from suanli.intake import IndicatorTable
from suanli.profile import ROOT, IndexSpec
from suanli.robustness.figures import UnitFigures
from suanli.robustness.gather import Gather
from suanli.robustness.levers import find_levers
from suanli.robustness.limits import Limits, understood
from suanli.robustness.outcome import TargetResult, outcome
from suanli.robustness.polytope import Floats
from suanli.robustness.trial import Trial

__all__ = ["How", "TargetResult", "reach_rank"]

How = Literal["sparse", "spread"]
_SLACK: Final = 1e-3


def reach_rank(
    table: IndicatorTable,
    spec: IndexSpec,
    unit: str,
    *,
    rank: int,
    limits: Limits | None = None,
    how: How = "sparse",
    groups: pd.Series | None = None,
) -> TargetResult:
    """Find the least changes of a unit's data that lift it to a rank, others' held still.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile.
    unit : str
        Code of the unit.
    rank : int
        The rank wanted; equal scores share the better one.
    limits : Limits, optional
        Which figures may move, how far, at what cost.
    how : {"sparse", "spread"}
        Least sum of costs, which moves few figures far, or least sum of cost times
        squared steps, which moves many a little.
    groups : pandas.Series, optional
        Group of each unit, for imputation by group.

    Returns
    -------
    TargetResult
        The changes. What moves are the data of the table, so that every indicator computed
        from one of them follows; the rank is that of a full evaluation of the changed data,
        goalposts and treatment included.

    Raises
    ------
    InputError
        The unit is not scored, the rank is out of range, the limits cannot be used: all that
        is wrong at once.

    Notes
    -----
    A step t of 1 is the observed range of the scale an indicator is normalised on. With
    gains a (lead over the unit that holds the rank, per step, each measured by moving that
    figure alone as far as allowed) the frozen problem is ``sum a t >= G, 0 <= t <= cap``:
    for ``sum c t`` solved by taking the largest a / c first (continuous knapsack), for
    ``sum c t^2`` by ``t = min(cap, l a / c)`` with one l for all. G is then the least that
    the full evaluation accepts, found by secants and bisection to a millionth, and each
    lever is taken back as far as the rank allows. Caps are first those of plausible values;
    only where these do not suffice, those of the limits. Last, values are rounded to the
    better side, and the rank is that of the rounded values.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> result = reach_rank(load_catalogue().province, spec, "440000", rank=1)
    >>> result.held, len(result.levers)
    (True, 0)
    """
    spec = settled(table, spec)
    start = derivation(table, spec)
    scores = evaluate_from(start, spec, groups=groups)
    ranks = _ranks(scores)
    gather = Gather()
    if not 1 <= rank <= len(ranks):
        params = {"rank": rank, "count": len(ranks)}
        gather.problems.append(Problem(code="levers.rank_range", params=params))
    if unit not in ranks.index:
        problem = Problem(code="levers.unit_not_scored", params={"units": unit})
        gather.problems.extend([problem, *understood(spec, limits or Limits())[1]])
        gather.settle()
    figures = UnitFigures(table, spec, unit)
    with gather.kept():
        levers, meant = find_levers(figures, scores, limits or Limits())
    gather.settle()
    trial = Trial(start, figures, levers, groups=groups)
    held = int(ranks[unit]) <= rank
    best = int(ranks[unit]) if held else trial.rank(_best(trial, trial.plausible))
    steps = np.zeros(len(levers))
    if not held:
        steps = _solved(trial, trial.plausible if best <= rank else trial.caps, rank, how)
    return outcome(trial, steps, wanted=rank, plausible=best, divisors=meant.divisors)


def _best(trial: Trial, caps: Floats) -> Floats:
    """Return the steps of the best rank found: all as far as they go, or all that help."""
    now = trial.at(np.zeros(len(caps)))[trial.unit]
    alone = [trial.at(trial.alone(place, float(cap)))[trial.unit] for place, cap in enumerate(caps)]
    helping = np.where(np.array(alone) > now, caps, 0.0)
    return helping if trial.rank(helping) <= trial.rank(caps) else caps


def _solved(trial: Trial, caps: Floats, rank: int, how: How) -> Floats:
    farthest = _best(trial, caps)
    if trial.rank(farthest) > rank:
        return farthest
    gains = _gains(trial, caps, rank)
    path = _greedy(trial, caps, gains) if how == "sparse" else _even(trial, caps, gains)
    most = float((gains * caps).sum())
    if trial.rank(path(most)) > rank:
        # Something that alone gains nothing is needed together with others.
        return _polished(trial, farthest.copy(), rank)
    steps = _polished(trial, path(trial.least(path, most, rank)), rank)
    if how == "sparse":
        for place, cap in enumerate(caps):
            cheaper = trial.costs @ steps
            if gains[place] * cap > 0 and trial.rank(trial.alone(place, float(cap))) <= rank:
                step = trial.least_alone(place, float(cap), rank)
                if trial.costs[place] * step < cheaper:
                    steps = trial.alone(place, step)
    return steps


def _gains(trial: Trial, caps: Floats, rank: int) -> Floats:
    """Return each lever's gain per step, in lead over the unit to be passed."""
    now = trial.at(np.zeros(len(trial.levers)))
    others = now.drop(trial.unit).sort_values(ascending=False, kind="stable")
    rival = others.index[rank - 1]
    leads = []
    for place, cap in enumerate(caps):
        index = trial.at(trial.alone(place, float(cap)))
        leads.append(index[trial.unit] - index.get(rival, now[rival]))
    lead = now[trial.unit] - now[rival]
    risen = np.maximum(np.array(leads) - lead, 0.0)
    return np.asarray(
        np.divide(risen, caps, out=np.zeros_like(risen), where=caps > 0), dtype=np.float64
    )


def _greedy(trial: Trial, caps: Floats, gains: Floats) -> Callable[[float], Floats]:
    order = np.argsort(-gains / trial.costs, kind="stable")
    worth = (gains * caps)[order]
    before = np.cumsum(worth) - worth

    def path(gain: float) -> Floats:
        share = np.zeros(len(order))
        taken = np.clip(gain - before, 0.0, worth)
        share[order] = np.divide(taken, worth, out=np.zeros_like(worth), where=worth > 0)
        return np.asarray(share * caps, dtype=np.float64)

    return path


def _even(trial: Trial, caps: Floats, gains: Floats) -> Callable[[float], Floats]:
    useful = gains > 0
    rate = gains / trial.costs
    ends = np.unique(np.r_[0.0, caps[useful] / rate[useful]])

    def at(multiplier: float) -> Floats:
        return np.asarray(np.minimum(caps, multiplier * rate), dtype=np.float64)

    reached = np.array([float((gains * at(end)).sum()) for end in ends])
    return lambda gain: at(float(np.interp(gain, reached, ends)))


def _polished(trial: Trial, steps: Floats, rank: int) -> Floats:
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


def _ranks(scores: Scores) -> pd.Series:
    ranks = scores.nodes[ROOT].rank(method="min", ascending=False)
    return ranks.dropna().astype(int)
