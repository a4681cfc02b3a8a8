"""Event study with staggered treatment: effects by group and year, gathered by event time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from geo.errors import StatisticsError
from geo.statistics.group_time import (
    Cell,
    Controls,
    GroupTime,
    Influence,
    group_time,
    influence,
    usable,
)
from geo.statistics.significance import check_test, permutation_p, reference_test
from geo.statistics.threads import one_thread
from geo.statistics.treatment import treatment_of

__all__ = ["EventStudy", "PreTrend", "event_study"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Redraw = Callable[[int, np.random.Generator], pd.DataFrame]

_LEVEL = 0.975


@dataclass(frozen=True, slots=True, kw_only=True)
class PreTrend:
    """Whether treated units moved apart from their controls before the treatment.

    Parameters
    ----------
    events : tuple of float
        The event times tested jointly, all before the base.
    statistic : float
        Wald statistic of all these effects being zero.
    degrees : int
        Its degrees of freedom.
    p : float
        By Hotelling's F, with the treated units as the sample; NaN with too few of them.
    p_redraw : float
        By redrawn treatments, the same statistic with their covariance; NaN without them.
    """

    events: tuple[float, ...]
    statistic: float
    degrees: int
    p: float
    p_redraw: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventStudy:
    """Average effects on the treated.

    Parameters
    ----------
    effects : pandas.DataFrame
        Index ``event`` (years since the first treated one; -1 is the year before):
        ``estimate``, ``standard_error`` clustered by unit, ``lower``, ``upper`` (95 %),
        ``p``, ``expected`` and ``p_redraw`` by redrawn treatments, ``detectable`` (the
        effect that test finds with 80 % chance), ``treated`` and ``controls`` (units).
    overall : pandas.Series
        The same fields for the mean over all treated units and years since treatment.
    cells : pandas.DataFrame
        One row per cohort and year: ``cohort``, ``year``, ``base`` (year compared with),
        ``event``, ``estimate``, ``standard_error``, ``treated``, ``controls``.
    pre_trend : PreTrend or None
        Joint test of the years before the base; None where there are none.
    cohorts : pandas.Series
        Treated units by first treated year.
    left_out : tuple
        Labels of units treated from the start, whose untreated outcome was never seen.
    controls : {"not_yet", "never"}
        Whom the treated were compared with.
    n : int
        Units that take part.
    permutations : int
        Redrawn treatments; 0 without.
    """

    effects: pd.DataFrame
    overall: pd.Series
    cells: pd.DataFrame
    pre_trend: PreTrend | None
    cohorts: pd.Series
    left_out: tuple[Any, ...]
    controls: Controls
    n: int
    permutations: int


def event_study(
    outcome: pd.DataFrame,
    first_treated: pd.Series,
    *,
    strata: pd.Series | None = None,
    controls: Controls = "not_yet",
    redraw: Redraw | None = None,
    permutations: int = 9_999,
    rng: np.random.Generator,
) -> EventStudy:
    """Estimate what a treatment that starts at different times does to the treated.

    Parameters
    ----------
    outcome : pandas.DataFrame
        Index year, one column per unit; missing values are allowed. Take logarithms
        beforehand where effects are proportional.
    first_treated : pandas.Series
        First treated year by unit; NaN for never. A year not after the first of the panel,
        or minus infinity, means treated from the start: such a unit takes no part.
    strata : pandas.Series, optional
        Stratum by unit: treated units are compared with controls of their stratum only, so
        that trends need be parallel within strata only.
    controls : {"not_yet", "never"}, default "not_yet"
        Compare with all units not treated by then, or with those never treated.
    redraw : callable, optional
        Called as ``redraw(draws, rng)``; gives a frame of first treated years, one row per
        draw, one column per unit, as chance could have dealt them out.
    permutations : int, default 9_999
        Draws asked of ``redraw``, at least 99.
    rng : numpy.random.Generator
        Passed on to ``redraw``.

    Returns
    -------
    EventStudy
        Effects by event time and overall, with intervals and p-values.

    Raises
    ------
    geo.errors.StatisticsError
        Labels differ or repeat, nobody is treated after the first year, a cohort has fewer
        than two units with data, a stratum has treated units but no control, or too few
        permutations.

    Notes
    -----
    ATT(g, t) of Callaway and Sant'Anna [1]_ without covariates: the mean change from the
    last panel year before g to t of those first treated in g, minus that of units not yet
    (never) treated; with ``strata``, minus the mean change of controls in their own stratum.
    Every pair of years uses the units observed in both. Event times weigh cohorts by their
    units; ``overall`` weighs treated unit-years alike. No unit treated earlier is ever a
    control, which is what goes wrong in two-way fixed effects [2]_.

    Standard errors are those of the influence function, one contribution per unit, scaled by
    m / (m - 1) within each group of m; intervals and ``p`` take Student's t with one degree
    less than there are treated units. With few treated units ``p_redraw`` is the one to
    trust: it needs no large sample, only that ``redraw`` deals as chance would have.

    References
    ----------
    .. [1] Callaway and Sant'Anna (2021), Difference-in-differences with multiple time
       periods, Journal of Econometrics 225(2), 200-230.
    .. [2] Goodman-Bacon (2021), Difference-in-differences with variation in treatment
       timing, Journal of Econometrics 225(2), 254-277.

    Examples
    --------
    >>> outcome = pd.DataFrame({"a": [1.0, 5.0], "b": [3.0, 6.0], "c": [2.0, 3.0],
    ...                         "d": [4.0, 6.0]}, index=[2021, 2022])
    >>> first = pd.Series({"a": 2022, "b": 2022, "c": None, "d": None})
    >>> result = event_study(outcome, first, rng=np.random.default_rng(1))
    >>> float(result.overall["estimate"])  # (4 + 3) / 2 - (1 + 2) / 2
    2.0
    """
    _check_options(controls, redraw, permutations)
    with one_thread():
        treatment = treatment_of(outcome, first_treated, strata)
        observed = treatment.first[None, :]
        kept = usable(treatment, group_time(treatment, observed, controls))
        found = group_time(treatment, observed, controls, cells=kept)
        parts = influence(treatment, found, controls)
        reference = None
        if redraw is not None:
            drawn = treatment.assignments(redraw(permutations, rng))
            reference = group_time(treatment, drawn, controls, cells=kept)
        events = sorted({cell.event for cell in kept})
        table = pd.DataFrame(
            {event: _gathered(found, parts, reference, _of_event(kept, event)) for event in events}
        ).T.rename_axis("event")
        after = np.array([cell.event >= 0.0 for cell in kept])
        overall = pd.Series(_gathered(found, parts, reference, after), name="overall")
        before = [event for event in events if event < 0.0]
        return EventStudy(
            effects=table,
            overall=overall,
            cells=_cell_table(found, parts),
            pre_trend=_pre_trend(found, parts, reference, before) if before else None,
            cohorts=treatment.cohorts(),
            left_out=treatment.left_out,
            controls=controls,
            n=int((parts.treated | parts.controls).any(axis=1).sum()),
            permutations=0 if redraw is None else permutations,
        )


def _check_options(controls: str, redraw: Redraw | None, permutations: int) -> None:
    if controls not in get_args(Controls):
        allowed = ", ".join(get_args(Controls))
        raise StatisticsError(
            f"controls must be one of {allowed}, got {controls!r}",
            code="statistics.event_controls",
            value=controls,
            allowed=allowed,
        )
    if redraw is not None:
        check_test("two-sided", permutations)


def _of_event(cells: tuple[Cell, ...], event: float) -> Flags:
    return np.array([cell.event == event for cell in cells])


def _weighted(found: GroupTime, chosen: Flags) -> Floats:
    """Average cells by their treated units, assignment by assignment."""
    count = found.treated[:, chosen]
    gain = np.where(count > 0.0, count * found.estimate[:, chosen], 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(gain / count.sum(axis=1), dtype=np.float64)


def _contributions(found: GroupTime, parts: Influence, chosen: Flags) -> Floats:
    count = found.treated[0, chosen]
    return np.asarray(parts.values[:, chosen] @ (count / count.sum()), dtype=np.float64)


def _gathered(
    found: GroupTime, parts: Influence, reference: GroupTime | None, chosen: Flags
) -> dict[str, float]:
    estimate = _weighted(found, chosen)
    treated = int(parts.treated[:, chosen].any(axis=1).sum())
    error = float(np.sqrt((_contributions(found, parts, chosen) ** 2).sum()))
    reach = float(stats.t.ppf(_LEVEL, treated - 1)) * error
    centre = float(estimate[0])
    expected = detectable = p_redraw = np.nan
    if reference is not None:
        drawn = reference_test(estimate, _weighted(reference, chosen)[:, None])
        expected, detectable, p_redraw = drawn[["expected", "detectable", "p"]].iloc[0].tolist()
    # All changes alike: no error to measure the effect by.
    p = 2.0 * float(stats.t.sf(abs(centre) / error, treated - 1)) if error > 0.0 else np.nan
    return {
        "estimate": centre,
        "standard_error": error,
        "lower": centre - reach,
        "upper": centre + reach,
        "p": p,
        "expected": expected,
        "detectable": detectable,
        "p_redraw": p_redraw,
        "treated": treated,
        "controls": int(parts.controls[:, chosen].any(axis=1).sum()),
    }


def _cell_table(found: GroupTime, parts: Influence) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cohort": [cell.cohort for cell in found.cells],
            "year": [cell.year for cell in found.cells],
            "base": [cell.base for cell in found.cells],
            "event": [cell.event for cell in found.cells],
            "estimate": found.estimate[0],
            "standard_error": np.sqrt((parts.values**2).sum(axis=0)),
            "treated": found.treated[0].astype(np.int64),
            "controls": found.controls[0].astype(np.int64),
        }
    )


def _pre_trend(
    found: GroupTime, parts: Influence, reference: GroupTime | None, events: list[float]
) -> PreTrend:
    chosen = [_of_event(found.cells, event) for event in events]
    estimate = np.array([_weighted(found, one)[0] for one in chosen])
    errors = np.column_stack([_contributions(found, parts, one) for one in chosen])
    statistic, degrees = _wald(estimate, errors.T @ errors)
    any_before = np.logical_or.reduce(chosen)
    treated = int(parts.treated[:, any_before].any(axis=1).sum())
    p = np.nan
    if treated > degrees > 0:
        scaled = statistic * (treated - degrees) / (degrees * (treated - 1.0))
        p = float(stats.f.sf(scaled, degrees, treated - degrees))
    p_redraw = np.nan
    if reference is not None:
        drawn = np.column_stack([_weighted(reference, one) for one in chosen])
        p_redraw = _joint_p(estimate, drawn)
    return PreTrend(
        events=tuple(events), statistic=statistic, degrees=degrees, p=p, p_redraw=p_redraw
    )


def _wald(estimate: Floats, covariance: Floats) -> tuple[float, int]:
    degrees = int(np.linalg.matrix_rank(covariance, hermitian=True))
    inverse = np.linalg.pinv(covariance, hermitian=True)
    return float(estimate @ inverse @ estimate), degrees


def _joint_p(estimate: Floats, drawn: Floats) -> float:
    """Compare the distance from the mean of the redraws with theirs, in their covariance."""
    known = np.isfinite(drawn).all(axis=1)
    if known.sum() <= len(estimate):
        return float("nan")
    mean = drawn[known].mean(axis=0)
    covariance = np.atleast_2d(np.cov(drawn[known], rowvar=False))
    inverse = np.linalg.pinv(covariance, hermitian=True)
    away = estimate - mean
    target = float(away @ inverse @ away)
    apart = drawn[known] - mean
    reference = np.einsum("ij,jk,ik->i", apart, inverse, apart)
    at_least = int((reference >= target * (1.0 - 1e-12)).sum()) + int((~known).sum())
    return float(permutation_p(at_least, 0, len(drawn), alternative="greater"))
