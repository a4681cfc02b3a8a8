"""What came of a search for a rank: the changes, rounded and verified."""

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from suanli.robustness.lever import Lever
from suanli.robustness.polytope import Floats
from suanli.robustness.trial import Trial, Values

__all__ = ["TargetResult", "outcome"]

_DIGITS: Final = (4, 6, 9)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TargetResult:
    """What lifts a unit to a rank, verified by evaluating its changed data.

    Attributes
    ----------
    unit : str
        Code.
    wanted, before, after : int
        The rank asked for, the one held, and the one held after the changes.
    plausible_rank : int
        The best rank found with every change plausible.
    levers : pandas.DataFrame
        One row per figure moved, largest effect first: ``indicator`` (its identifier in the
        table), ``year``, ``start``, ``end`` (rounded to the better side: the rank holds for
        what is written), ``change``, ``times`` (end over start), ``step`` (observed ranges of
        its scale), ``cost``, ``effect`` (points of the index lost if it alone is put back),
        ``exhausted`` (as far as allowed), ``plausible``, ``excessive`` (too many times the
        value now) and ``passed`` (indicators that would be better than those of any unit).
        Empty when the rank is held already.
    single : pandas.DataFrame
        One row per figure that can move: what it alone would have to be (``end``, missing
        when it does not suffice), the plausible first, and ``best_rank``, the best one found
        by it alone; its other columns as above.
    follow : pandas.DataFrame
        Indicators that are computed from a figure moved and are not that figure itself:
        ``indicator``, ``start``, ``end``, ``moved_by``.
    overtaken : tuple[str, ...]
        Codes of units that were ahead and are not any more, by their old rank.
    divisors_moved, divisors_held : tuple[str, ...]
        Data that only stand below fraction bars (a population, an area): those that moved
        because the user named them, and those that did not.
    score_before, score_after : float
        The index.
    """

    unit: str
    wanted: int
    before: int
    after: int
    plausible_rank: int
    levers: pd.DataFrame
    single: pd.DataFrame
    follow: pd.DataFrame
    overtaken: tuple[str, ...]
    divisors_moved: tuple[str, ...]
    divisors_held: tuple[str, ...]
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


def outcome(
    trial: Trial, steps: Floats, *, wanted: int, plausible: int, divisors: tuple[str, ...]
) -> TargetResult:
    """Say what steps amount to.

    Parameters
    ----------
    trial : Trial
        The evaluations.
    steps : numpy.ndarray
        One per lever.
    wanted : int
        The rank asked for.
    plausible : int
        The best rank found with plausible changes.
    divisors : tuple[str, ...]
        Data below fraction bars that did not move.

    Returns
    -------
    TargetResult
        With values rounded to the better side, and the rank they give.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import derivation, evaluate
    >>> from suanli.profile import load_profile
    >>> from suanli.robustness.figures import UnitFigures
    >>> from suanli.robustness.levers import find_levers
    >>> from suanli.robustness.limits import Limits
    >>> table, spec = load_catalogue().province, load_profile("caict2024-province")
    >>> shanxi = UnitFigures(table, spec, "140000")
    >>> levers, _ = find_levers(shanxi, evaluate(table, spec), Limits(move=("fibre_length",)))
    >>> trial = Trial(derivation(table, spec), shanxi, levers)
    >>> result = outcome(trial, trial.caps, wanted=13, plausible=13, divisors=())
    >>> result.after, result.levers["exhausted"].to_list()
    (13, [True])
    """
    none: Values = (None,) * len(steps)
    values = _printable(trial, steps, wanted)
    before, after = trial.index(none), trial.index(values)
    unit = trial.unit
    ahead = before.index[before > before[unit]]
    passed = [code for code in ahead if after[code] <= after[unit]]
    order = before[passed].sort_values(ascending=False, kind="stable").index
    held = trial.rank_with(none) <= wanted
    moved = [lever for lever, v in zip(trial.levers, values, strict=True) if v is not None]
    singles = pd.DataFrame([] if held else _singles(trial, wanted), columns=_SINGLE)
    singles = singles.assign(short=singles["end"].isna())
    singles = singles.sort_values(
        ["short", "plausible", "cost"], ascending=[True, False, True], kind="stable"
    )
    return TargetResult(
        unit=unit,
        wanted=wanted,
        before=trial.rank_with(none),
        after=trial.rank_with(values),
        plausible_rank=plausible,
        levers=_moved(trial, values),
        single=singles[_SINGLE].reset_index(drop=True),
        follow=_follow(trial, values),
        overtaken=tuple(str(code) for code in order),
        divisors_moved=tuple(dict.fromkeys(lever.id for lever in moved if lever.divisor)),
        divisors_held=divisors,
        score_before=float(before[unit]),
        score_after=float(after[unit]),
    )


_CHANGE: Final = ["indicator", "year", "start", "end", "change", "times"]
_DOUBT: Final = ["plausible", "excessive", "passed"]
_MOVED: Final = [*_CHANGE, "step", "cost", "effect", "exhausted", *_DOUBT]
_SINGLE: Final = [*_CHANGE, "cost", "best_rank", *_DOUBT]


def _moved(trial: Trial, values: Values) -> pd.DataFrame:
    rows = []
    after = trial.index(values)[trial.unit]
    for place, (lever, value) in enumerate(zip(trial.levers, values, strict=True)):
        if value is None:
            continue
        back = trial.index((*values[:place], None, *values[place + 1 :]))
        step = lever.step(value)
        rows.append(
            _change(lever, value)
            | {"step": step, "cost": lever.cost * step}
            | {"effect": float(after - back[trial.unit]), "exhausted": value == lever.farthest}
        )
    table = pd.DataFrame(rows, columns=_MOVED)
    return table.sort_values("effect", ascending=False, kind="stable").reset_index(drop=True)


def _singles(trial: Trial, wanted: int) -> list[dict[str, Any]]:
    rows = []
    for place, lever in enumerate(trial.levers):
        best = trial.rank(trial.alone(place, lever.cap))
        end = cost = float("nan")
        if best <= wanted:
            steps = trial.alone(place, trial.least_alone(place, lever.cap, wanted))
            value = _printable(trial, steps, wanted)[place]
            end = end if value is None else value
            cost = lever.cost * lever.step(end)
        rows.append(_change(lever, end) | {"cost": cost, "best_rank": best})
    return rows


def _follow(trial: Trial, values: Values) -> pd.DataFrame:
    """Return what is computed from the figures that move, before and after."""
    before, after = trial.start.frame, trial.frame(values)
    at = (trial.spec.year, trial.unit)
    by: dict[str, list[str]] = {}
    for lever, value in zip(trial.levers, values, strict=True):
        for name in lever.indicators if value is not None else ():
            by.setdefault(name, []).append(lever.id)
    plain = {item.id: item.expression.text.strip() for item in trial.spec.indicator}
    rows = [
        {"indicator": name, "start": before.loc[at, name], "end": after.loc[at, name]}
        | {"moved_by": " ".join(dict.fromkeys(data))}
        for name, data in by.items()
        if plain[name] not in data
    ]
    return pd.DataFrame(rows, columns=["indicator", "start", "end", "moved_by"])


def _change(lever: Lever, end: float) -> dict[str, Any]:
    return {
        "indicator": lever.id,
        "year": lever.year,
        "start": lever.start,
        "end": end,
        "change": end - lever.start,
        "times": lever.multiple(end),
        "plausible": lever.plausible(end),
        "excessive": lever.excessive(end),
        "passed": " ".join(lever.passed(end)),
    }


def _printable(trial: Trial, steps: Floats, rank: int) -> Values:
    """Round to as few digits as hold the rank, or the best one these steps give."""
    rank = max(rank, trial.rank(steps))
    for digits in _DIGITS:
        values = tuple(
            lever.printable(float(step), digits) if step > 0 else None
            for lever, step in zip(trial.levers, steps, strict=True)
        )
        if trial.rank_with(values) <= rank:
            return values
    return trial.values(steps)
