"""Convergence over years: of the spread (sigma) and of growth against level (beta)."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from geo.errors import StatisticsError
from geo.statistics.contrasts import check_replicates
from geo.statistics.grouping import checked, matched
from geo.statistics.panel import Panel, as_panel, refuse_below
from geo.statistics.preparation import dot
from geo.statistics.significance import check_rng
from geo.statistics.threads import one_thread
from geo.weights.construction import name_labels, named

__all__ = ["BetaResult", "SigmaResult", "beta_convergence", "sigma_convergence"]

Floats = NDArray[np.float64]
Measure = Literal["cv", "sd_log"]

_BLOCK = 1 << 20
_TAILS = (0.025, 0.975)
_INITIAL = "log_initial"
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SigmaResult:
    """The spread of a panel year by year, and its trend.

    Parameters
    ----------
    measure : {"cv", "sd_log"}
        Coefficient of variation, or standard deviation of the logarithms.
    yearly : pandas.DataFrame
        Index ``year``; ``dispersion`` with ``lower`` and ``upper`` (95 % bootstrap).
    slope : float
        Least-squares change of the dispersion per year; negative: sigma-convergence.
    interval : tuple of float
        Its 95 % percentile interval from whole units redrawn with all their years.
    n : int
        Number of units.
    replicates : int
        Number of bootstrap replicates.
    """

    measure: Measure
    yearly: pd.DataFrame
    slope: float
    interval: tuple[float, float]
    n: int
    replicates: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BetaResult:
    """The regression of growth on the logarithm of the initial level.

    Parameters
    ----------
    slope : float
        Coefficient b of the initial level; negative: those behind grow faster.
    standard_error, p : float
        HC3 standard error, and two-sided p by Student's t with n - k degrees of freedom.
    interval : tuple of float
        95 % interval of the slope.
    speed : float
        -ln(1 + b T) / T per year, the rate at which distances to the steady state shrink;
        negative when levels diverge, NaN when b <= -1 / T.
    half_life : float
        ln 2 / speed in years, NaN unless the speed is positive.
    r_squared : float
        Share of the variance of growth explained.
    coefficients : pandas.DataFrame
        Index ``intercept``, ``log_initial``, then the controls: ``coefficient``,
        ``standard_error``, ``t``, ``p``, ``lower``, ``upper``.
    without : pandas.DataFrame
        Index of the units: ``slope`` and ``half_life`` when that unit is left out.
    span : float
        Years T from the first year to the last.
    n : int
        Number of units.
    """

    slope: float
    standard_error: float
    p: float
    interval: tuple[float, float]
    speed: float
    half_life: float
    r_squared: float
    coefficients: pd.DataFrame
    without: pd.DataFrame
    span: float
    n: int


def sigma_convergence(
    values: pd.DataFrame,
    *,
    measure: Measure = "cv",
    replicates: int = 9_999,
    rng: np.random.Generator,
) -> SigmaResult:
    """Measure whether units grow more alike over the years.

    Parameters
    ----------
    values : pandas.DataFrame
        Index year (at least three), one column per unit, no gaps; none negative, for
        ``"sd_log"`` all positive.
    measure : {"cv", "sd_log"}, default "cv"
        Coefficient of variation, or standard deviation of the natural logarithms; both with
        divisor n.
    replicates : int, default 9_999
        Number of bootstrap replicates, at least 99.
    rng : numpy.random.Generator
        Source of the replicates.

    Returns
    -------
    SigmaResult
        Dispersion by year, its slope, and intervals.

    Raises
    ------
    geo.errors.StatisticsError
        The panel has gaps, too few years or values out of range, or an unknown option.

    Notes
    -----
    The bootstrap draws whole units with all their years: years of one unit are no
    independent evidence. A unit drawn twice makes a replicate a little more alike, by
    about (n - 1) / n of the variance, in all years by the same factor.

    References
    ----------
    .. [1] Barro and Sala-i-Martin (1992), Convergence, Journal of Political Economy 100(2),
       223-251.

    Examples
    --------
    >>> values = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 4, 5]}, index=[2021, 2022, 2023])
    >>> result = sigma_convergence(values, replicates=99, rng=np.random.default_rng(1))
    >>> result.yearly["dispersion"].round(6).tolist(), round(result.slope, 6)
    ([0.5, 0.333333, 0.25], -0.125)
    """
    if measure not in get_args(Measure):
        raise StatisticsError(
            f"measure must be one of {', '.join(get_args(Measure))}, got {measure!r}",
            code="statistics.measure",
            value=measure,
            allowed=", ".join(get_args(Measure)),
        )
    check_replicates(replicates)
    panel = as_panel(values, fewest_years=3)
    refuse_below(panel, zero=measure == "cv")
    if not (panel.values > 0.0).any(axis=0).all():
        raise StatisticsError("all values are zero; nothing is shared", code="statistics.all_zero")
    numbers = np.log(panel.values) if measure == "sd_log" else panel.values
    observed = _dispersion(numbers, np.ones((1, len(numbers))), measure)
    drawn = _redrawn(numbers, measure, replicates, rng)
    lower, upper = np.quantile(drawn, _TAILS, axis=0)
    low, high = np.quantile(_slopes(drawn, panel.years), _TAILS)
    yearly = pd.DataFrame(
        {"dispersion": observed[0], "lower": lower, "upper": upper}, index=_year_index(panel)
    )
    return SigmaResult(
        measure=measure,
        yearly=yearly,
        slope=float(_slopes(observed, panel.years)[0]),
        interval=(float(low), float(high)),
        n=len(panel.labels),
        replicates=replicates,
    )


def beta_convergence(values: pd.DataFrame, *, controls: pd.DataFrame | None = None) -> BetaResult:
    """Measure whether units that start lower grow faster.

    Parameters
    ----------
    values : pandas.DataFrame
        Index year, one column per unit, all positive; growth is from the first year to the
        last.
    controls : pandas.DataFrame, optional
        Further explanations of growth, one row per unit, one column each: conditional
        beta-convergence. Without them it is absolute.

    Returns
    -------
    BetaResult
        Slope with its HC3 test, speed, half-life, and all coefficients.

    Raises
    ------
    geo.errors.StatisticsError
        The panel has gaps or values that are not positive, labels do not match, there are
        too few units, or the explanations cannot be told apart.

    Notes
    -----
    ln(y_iT / y_i0) / T = a + b ln y_i0 + c'x_i + e_i by ordinary least squares; speed
    -ln(1 + b T) / T [1]_. Standard errors are HC3 [2]_, fit for small samples of unequal
    variance. Errors of the initial level alone make b negative (Galton's fallacy): read
    beta beside sigma. A unit far from the others may make the slope alone: ``without`` tells.

    References
    ----------
    .. [1] Barro and Sala-i-Martin (1992), Convergence, Journal of Political Economy 100(2),
       223-251.
    .. [2] MacKinnon and White (1985), Some heteroskedasticity-consistent covariance matrix
       estimators with improved finite sample properties, Journal of Econometrics 29(3),
       305-325.

    Examples
    --------
    >>> levels = pd.Series({"a": 1.0, "b": 2.0, "c": 4.0, "d": 8.0})
    >>> values = pd.DataFrame([levels, levels**0.5], index=[2013, 2023])  # distances halve
    >>> result = beta_convergence(values)
    >>> round(result.slope, 9), round(result.half_life, 9)
    (-0.05, 10.0)
    """
    panel = as_panel(values)
    refuse_below(panel, zero=False)
    span = float(panel.years[-1] - panel.years[0])
    logs = np.log(panel.values[:, [0, -1]])
    growth = (logs[:, 1] - logs[:, 0]) / span
    design = pd.DataFrame({"intercept": 1.0, _INITIAL: logs[:, 0]}, index=panel.labels)
    for name in () if controls is None else controls.columns:
        known = checked(controls[name]) if controls is not None else design[_INITIAL]
        design[str(name)] = matched(design[_INITIAL], known, what="controls")
    table, fitted, pull = _least_squares(growth, design)
    row = dict(zip(table.columns, table.to_numpy()[1].tolist(), strict=True))
    slope = row["coefficient"]
    speed = _speed(slope, span)
    left_out = slope - pull[1]
    about = growth - growth.mean()
    total, left = dot(about, about), float(((growth - fitted) ** 2).sum())
    return BetaResult(
        slope=slope,
        standard_error=row["standard_error"],
        p=row["p"],
        interval=(row["lower"], row["upper"]),
        speed=speed,
        half_life=_half_life(speed),
        r_squared=1.0 - left / total if total > 0.0 else float("nan"),
        coefficients=table,
        without=pd.DataFrame(
            {
                "slope": left_out,
                "half_life": [_half_life(_speed(each, span)) for each in left_out.tolist()],
            },
            index=panel.labels,
        ),
        span=span,
        n=len(growth),
    )


def _speed(slope: float, span: float) -> float:
    shrunk = 1.0 + slope * span
    return float(-np.log(shrunk) / span) if shrunk > 0.0 else float("nan")


def _half_life(speed: float) -> float:
    return float(np.log(2.0) / speed) if speed > 0.0 else float("nan")


def _redrawn(
    numbers: Floats, measure: Measure, replicates: int, rng: np.random.Generator
) -> Floats:
    check_rng(rng)
    n = len(numbers)
    parts = []
    rows = max(1, _BLOCK // n)
    for start in range(0, replicates, rows):
        drawn = rng.integers(0, n, (min(rows, replicates - start), n))
        counts = np.zeros(drawn.shape)
        np.add.at(counts, (np.arange(len(drawn))[:, None], drawn), 1.0)
        parts.append(_dispersion(numbers, counts, measure))
    return np.concatenate(parts)


def _dispersion(numbers: Floats, counts: Floats, measure: Measure) -> Floats:
    """Spread per year (columns) of every row of ``counts``, the times a unit was drawn."""
    share = counts / counts.sum(axis=1, keepdims=True)
    level = numbers.mean(axis=0)
    centred = numbers - level
    shift = share @ centred
    spread = np.sqrt(np.maximum(share @ centred**2 - shift**2, 0.0))
    if measure == "sd_log":
        return np.asarray(spread, dtype=np.float64)
    mean = level + shift
    # Units that are all zero are all alike.
    relative: Floats = np.divide(
        spread, mean, out=np.zeros(spread.shape), where=mean > 1e-12 * level
    )
    return relative


def _slopes(yearly: Floats, years: Floats) -> Floats:
    centred = years - years.mean()
    return np.asarray(yearly @ centred / (centred @ centred), dtype=np.float64)


def _year_index(panel: Panel) -> pd.Index:
    whole = (panel.years == np.round(panel.years)).all()
    return pd.Index(panel.years.astype(np.int64) if whole else panel.years, name="year")


@one_thread()
def _least_squares(outcome: Floats, design: pd.DataFrame) -> tuple[pd.DataFrame, Floats, Floats]:
    """Fit by least squares with HC3 errors; also return fitted values and each unit's pull.

    The pull, one row per coefficient, is what a coefficient loses when the unit is left out.
    """
    x = design.to_numpy(dtype=np.float64)
    n, k = x.shape
    if n <= k:
        raise StatisticsError(
            f"{k} coefficients need more than {k} units, got {n}",
            code="statistics.too_few_observations",
            n=n,
            coefficients=k,
        )
    # Columns of length one, so that the units of measurement do not decide the rank.
    length = np.linalg.norm(x, axis=0)
    scaled = x / np.where(length > 0.0, length, 1.0)
    left, size, right = np.linalg.svd(scaled, full_matrices=False)
    if size[-1] <= 1e-10 * size[0]:
        raise StatisticsError(
            f"the explanations {name_labels(design.columns[1:])} cannot be told apart: one is a "
            "combination of the others, or constant",
            code="statistics.collinear",
            **named(design.columns[1:]),
        )
    leverage = (left**2).sum(axis=1)
    alone = list(design.index[leverage >= 1.0 - 1e-10])
    if alone:
        raise StatisticsError(
            f"a coefficient hangs on a single unit: {name_labels(alone)}; its error cannot be "
            "estimated",
            code="statistics.leverage",
            **named(alone),
        )
    inverse = (right.T / size) @ left.T
    coefficient = inverse @ outcome
    fitted = scaled @ coefficient
    weighted = inverse * ((outcome - fitted) / (1.0 - leverage))
    # Where all grow alike, or all lie on the line, what is left is rounding.
    noise = _ROUNDING * float(np.abs(outcome).max()) * np.sqrt(n)
    error = _settled(np.sqrt((weighted**2).sum(axis=1)), noise) / length
    coefficient = _settled(coefficient, noise) / length
    exact = np.where(coefficient == 0.0, np.nan, np.inf)
    t = np.divide(coefficient, error, out=exact, where=error > 0.0)
    reach = stats.t.ppf(_TAILS[1], n - k) * error
    table = pd.DataFrame(
        {
            "coefficient": coefficient,
            "standard_error": error,
            "t": t,
            "p": 2.0 * stats.t.sf(np.abs(t), n - k),
            "lower": coefficient - reach,
            "upper": coefficient + reach,
        },
        index=design.columns,
    )
    pull = _settled(weighted, noise) / length[:, None]
    return table, np.asarray(fitted, dtype=np.float64), pull


def _settled(numbers: Floats, noise: float) -> Floats:
    return np.where(np.abs(numbers) <= noise, 0.0, numbers)
