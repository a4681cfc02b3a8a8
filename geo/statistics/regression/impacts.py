"""Direct, indirect and total effects of the explanations, with simulated standard errors."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from geo.errors import StatisticsError
from geo.statistics.regression.design import LAG_PREFIX
from geo.statistics.regression.determinant import Eigenvalues, sampling_gap
from geo.statistics.regression.krylov import total_means
from geo.statistics.regression.matrix import SpatialMatrix
from geo.statistics.regression.result import RegressionResult
from geo.statistics.regression.series import sampled_series
from geo.statistics.significance import check_rng
from geo.statistics.threads import one_thread

__all__ = ["ImpactResult", "impacts"]

Floats = NDArray[np.float64]

EFFECTS = ("direct", "indirect", "total")
_TAILS = (0.025, 0.975)
_FEWEST_DRAWS = 100
_CENTRAL = 3.2905  # standard errors that hold 99.9 % of a normal law


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImpactResult:
    """Effects of the explanations.

    Parameters
    ----------
    table : pandas.DataFrame
        Index (``variable``, ``effect``), effects ``direct``, ``indirect`` (spillover),
        ``total``; ``estimate``, ``standard_error``, ``z``, two-sided ``p`` (missing where draws
        are rejected), ``lower`` and ``upper`` (95 %).
    draws : int
        Draws that the errors rest on, those of the central 99.9 % of rho; 0 where effects are
        linear in the coefficients and their errors follow without draws.
    rejected : int
        Draws outside the range of rho. Where there are any, indirect and total effects are
        far from normal: read the interval, there is no p.
    method : str
        How the mean direct multiplier tr((I - rho W)^-1) / n was computed: ``"linear"`` (there
        is none), ``"eigenvalues"`` (exact), ``"factors"`` (exact at the estimate, traces
        sampled for the draws) or ``"series"`` (sampled).
    trace_error : float
        Its standard error at the estimate from sampling; 0 where it is exact.
    """

    table: pd.DataFrame
    draws: int
    rejected: int
    method: str
    trace_error: float


def impacts(
    result: RegressionResult, *, draws: int = 10_000, rng: np.random.Generator
) -> ImpactResult:
    """Tell what a change of an explanation does at home and elsewhere.

    Parameters
    ----------
    result : RegressionResult
        A fitted model.
    draws : int, default 10_000
        Number of draws of (rho, b) from their asymptotic normal law, at least 100.
    rng : numpy.random.Generator
        Source of the draws, and above 1,000 units of the sampled traces.

    Returns
    -------
    ImpactResult
        Mean effects over all units: ``direct`` on the unit itself, feedback through the
        neighbours included; ``total`` on all units; ``indirect`` the difference.

    Raises
    ------
    geo.errors.StatisticsError
        Too few draws, or fewer than that within the range of rho.

    Notes
    -----
    With S = (I - rho W)^-1 (I b + W c) the direct effect is tr(S) / n and the total effect
    1'S1 / n [1]_. Up to 1,000 units all traces are exact by eigenvalues; up to 100,000 those
    of the estimate are exact by sparse factors, and those of the draws come from a series
    with four exact and further sampled terms, as above 100,000 all do. Row sums are exact for
    any weights. 1 / (1 - rho) has no variance under a normal law of rho, so that single draws
    near the bound would decide the standard errors: those are of the draws with rho in the
    central 99.9 % of its law. p is the normal tail of
    estimate over simulated standard error; the interval is that of the draws, which need
    not be symmetric. Without a lagged outcome effects are linear in the coefficients and
    their errors exact.

    References
    ----------
    .. [1] LeSage and Pace (2009), Introduction to Spatial Econometrics, CRC Press, ch. 2
       and 5.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics import fit_sar
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> x = pd.DataFrame({"x": [0.0, 2, 3, 1, 5, 4]}, index=list("abcdef"))
    >>> found = impacts(fit_sar(y, x, path), rng=np.random.default_rng(1))
    >>> found.table["estimate"].round(4).tolist()  # total = 0.847 / (1 - 0.2579)
    [0.8818, 0.2597, 1.1415]
    """
    if draws < _FEWEST_DRAWS:
        raise StatisticsError(
            f"at least {_FEWEST_DRAWS} draws are needed, got {draws}",
            code="statistics.draws",
            draws=draws,
            fewest=_FEWEST_DRAWS,
        )
    if result.spatial != "rho":
        return _linear(result)
    check_rng(rng)
    return _simulated(result, draws, rng)


def _linear(result: RegressionResult) -> ImpactResult:
    """Effects that are sums of coefficients: their errors need no draws."""
    own, all_ = _lag_means(result.space)
    names = list(result.covariance.index)
    beta = result.coefficients["coefficient"].to_numpy()
    covariance = np.nan_to_num(result.covariance.to_numpy())
    rows, index = [], []
    for variable in result.explanations:
        weight = np.zeros((3, len(names)))
        weight[[0, 2], names.index(variable)] = 1.0
        if result.lagged:
            weight[:, names.index(LAG_PREFIX + variable)] = own, all_ - own, all_
        estimate = weight @ beta
        error = np.sqrt(np.einsum("ij,jk,ik->i", weight, covariance, weight))
        rows.append(np.column_stack([estimate, error]))
        index += [(variable, effect) for effect in EFFECTS]
    estimate, error = np.concatenate(rows).T
    least = result.method == "least squares"
    law = stats.t(result.n - len(names)) if least else stats.norm()
    reach = law.ppf(_TAILS[1]) * error
    table = _table(index, estimate, error, (estimate - reach, estimate + reach))
    table["p"] = 2.0 * law.sf(np.abs(table["z"]))
    return ImpactResult(table=table, draws=0, rejected=0, method="linear", trace_error=0.0)


@one_thread()
def _simulated(result: RegressionResult, draws: int, rng: np.random.Generator) -> ImpactResult:
    names = list(result.covariance.index)
    centre = result.coefficients["coefficient"].to_numpy()
    drawn = centre + rng.standard_normal((draws, len(names))) @ _root(result.covariance).T
    low, high = result.space.domain
    inside = (drawn[:, 0] > low) & (drawn[:, 0] < high)
    # Near the bound 1 / (1 - rho) has no variance: one draw in a thousand would decide.
    reach = _CENTRAL * float(result.coefficients["standard_error"].iloc[0])
    central = inside & (np.abs(drawn[:, 0] - centre[0]) <= reach)
    kept = np.concatenate([centre[None, :], drawn[central]])
    if len(kept) <= _FEWEST_DRAWS:
        raise StatisticsError(
            f"only {len(kept) - 1} of {draws} draws of rho lie between {low:.4g} and {high:.4g}; "
            "rho is too uncertain to simulate effects",
            code="statistics.draws_outside",
            inside=len(kept) - 1,
            draws=draws,
        )
    space = result.space
    own, next_door, method, trace_error = _multipliers(space, kept[:, 0], rng)
    whole, beyond = total_means(space, kept[:, 0])
    columns, index = [], []
    for variable in result.explanations:
        b = kept[:, names.index(variable)]
        c = kept[:, names.index(LAG_PREFIX + variable)] if result.lagged else np.zeros(len(b))
        direct, total = b * own + c * next_door, b * whole + c * beyond
        columns += [direct, total - direct, total]
        index += [(variable, effect) for effect in EFFECTS]
    effects = np.column_stack(columns)
    simulated = effects[1:]
    table = _table(
        index,
        effects[0],
        simulated.std(axis=0, ddof=1),
        tuple(np.quantile(simulated, _TAILS, axis=0)),
    )
    rejected = draws - int(inside.sum())
    if rejected:
        # Draws right beside the bound inflate the error; the interval does not mind them.
        table["p"] = np.nan
    return ImpactResult(
        table=table,
        draws=len(simulated),
        rejected=rejected,
        method=method,
        trace_error=trace_error,
    )


def _multipliers(
    space: SpatialMatrix, rho: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats, str, float]:
    """Return the mean traces for many rho, the estimate first, how they came, their error."""
    if space.spectral:
        return *Eigenvalues(space).mean_inverse(rho), "eigenvalues", 0.0
    series = sampled_series(space, rng, rho=float(np.abs(rho).max()))
    own, next_door = series.mean_inverse(rho)
    if not space.factorable:
        return own, next_door, "series", series.inverse_noise(float(rho[0]))
    # The estimate itself is exact; the draws keep the shape of the series through it.
    shift = sampling_gap(series, float(rho[0]))
    if rho[0] != 0.0:
        next_door = next_door + shift / rho[0]
    return own + shift, next_door, "factors", 0.0


def _table(
    index: list[tuple[str, str]], estimate: Floats, error: Floats, interval: tuple[Floats, ...]
) -> pd.DataFrame:
    # An effect that is zero by construction has no error and nothing to test.
    z = np.divide(estimate, error, out=np.full(len(error), np.nan), where=error > 0.0)
    return pd.DataFrame(
        {
            "estimate": estimate,
            "standard_error": error,
            "z": z,
            "p": 2.0 * stats.norm.sf(np.abs(z)),
            "lower": interval[0],
            "upper": interval[1],
        },
        index=pd.MultiIndex.from_tuples(index, names=["variable", "effect"]),
    )


def _root(covariance: pd.DataFrame) -> Floats:
    """Return L with LL' the covariance; of its scaled form, so that units do not matter."""
    matrix = covariance.to_numpy()
    scale = np.sqrt(np.diagonal(matrix))
    lower = np.linalg.cholesky(matrix / np.outer(scale, scale))
    return np.asarray(scale[:, None] * lower, dtype=np.float64)


def _lag_means(space: SpatialMatrix) -> tuple[float, float]:
    return space.traces[0] / space.n, float(space.matrix.data.sum()) / space.n
