"""Spatial lag, error and Durbin models."""

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.regression.design import Design, least_squares, prepare_design, refuse_perfect
from geo.statistics.regression.determinant import Determinant, log_determinant
from geo.statistics.regression.diagnostics import descriptive_moran
from geo.statistics.regression.gmm import error_moments, lag_two_stage
from geo.statistics.regression.information import error_information, lag_information
from geo.statistics.regression.likelihood import (
    Maximum,
    error_profile,
    lag_profile,
    maximise,
)
from geo.statistics.regression.matrix import Islands, SpatialMatrix
from geo.statistics.regression.ols import least_squares_likelihood
from geo.statistics.regression.result import (
    Model,
    RegressionResult,
    chi_squared_table,
    coefficient_table,
    squared_correlation,
)
from geo.statistics.threads import one_thread

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["fit_sar", "fit_sdem", "fit_sdm", "fit_sem"]

Floats = NDArray[np.float64]
Estimator = Literal["ml", "gmm"]


def fit_sar(
    y: pd.Series,
    x: pd.DataFrame,
    weights: "Graph | SpatialMatrix",
    *,
    method: Estimator = "ml",
    determinant: Determinant = "auto",
    islands: Islands = "error",
    rng: np.random.Generator | None = None,
) -> RegressionResult:
    """Fit the spatial lag model y = rho W y + X b + e.

    Parameters
    ----------
    y : pandas.Series
        Outcome, one finite number per unit, in any order.
    x : pandas.DataFrame
        Explanations, one row per unit, in any order; an intercept is added.
    weights : libpysal.graph.Graph or SpatialMatrix
        Spatial weights; row-standardise them for the usual form.
    method : {"ml", "gmm"}, default "ml"
        Maximum likelihood, or spatial two-stage least squares.
    determinant : {"auto", "eigenvalues", "factors", "series"}, default "auto"
        How log |I - rho W| is computed: exact by eigenvalues (up to 1,000 units) or sparse
        factors; above 3,000 units sampled if ``rng`` is given.
    islands : {"error", "keep"}, default "error"
        Units without neighbours: refused, or their lags are zero.
    rng : numpy.random.Generator, optional
        Source of the sampled determinant.

    Returns
    -------
    RegressionResult
        ``rho`` first among the coefficients. They are no effects: see :func:`impacts`. By ML
        ``tests`` holds ``lr`` (rho = 0) and, up to 3,000 units, ``lm_error`` (no
        autocorrelation left in the errors).

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match, values are missing, or there are units without neighbours.
    geo.errors.StatisticsError
        Columns are constant or collinear, too few units, a perfect fit, an estimate at the
        bound, or an unknown option.

    References
    ----------
    .. [1] Ord (1975), Estimation methods for models of spatial interaction, Journal of the
       American Statistical Association 70, 120-126.
    .. [2] Anselin (1988), Spatial Econometrics: Methods and Models, Kluwer.
    .. [3] Kelejian and Prucha (1998), A generalized spatial two-stage least squares procedure,
       Journal of Real Estate Finance and Economics 17(1), 99-121.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> x = pd.DataFrame({"x": [0.0, 2, 3, 1, 5, 4]}, index=list("abcdef"))
    >>> fit_sar(y, x, path).coefficients["coefficient"].round(4).to_dict()
    {'rho': 0.2579, 'intercept': 0.4366, 'x': 0.847}
    """
    _check(method)
    design = prepare_design(y, x, weights, islands=islands)
    if method == "gmm":
        return lag_two_stage(design, "sar")
    return _lag(design, "sar", determinant, rng)


def fit_sdm(
    y: pd.Series,
    x: pd.DataFrame,
    weights: "Graph | SpatialMatrix",
    *,
    method: Estimator = "ml",
    determinant: Determinant = "auto",
    islands: Islands = "error",
    rng: np.random.Generator | None = None,
) -> RegressionResult:
    """Fit the spatial Durbin model y = rho W y + X b + W X c + e.

    Parameters
    ----------
    y : pandas.Series
        Outcome, one finite number per unit, in any order.
    x : pandas.DataFrame
        Explanations, one row per unit; an intercept and the lags ``W_...`` are added.
    weights : libpysal.graph.Graph or SpatialMatrix
        Spatial weights; row-standardise them for the usual form.
    method : {"ml", "gmm"}, default "ml"
        Maximum likelihood, or two-stage least squares with W^2 X and W^3 X.
    determinant : {"auto", "eigenvalues", "factors", "series"}, default "auto"
        As :func:`fit_sar`.
    islands : {"error", "keep"}, default "error"
        Units without neighbours: refused, or their lags are zero.
    rng : numpy.random.Generator, optional
        Source of the sampled determinant.

    Returns
    -------
    RegressionResult
        As :func:`fit_sar`; ``lr`` is against least squares with the same columns.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match, values are missing, or there are units without neighbours.
    geo.errors.StatisticsError
        As :func:`fit_sar`.

    References
    ----------
    .. [1] LeSage and Pace (2009), Introduction to Spatial Econometrics, CRC Press.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> x = pd.DataFrame({"x": [0.0, 2, 3, 1, 5, 4]}, index=list("abcdef"))
    >>> fit_sdm(y, x, path).coefficients.index.tolist()
    ['rho', 'intercept', 'x', 'W_x']
    """
    _check(method)
    design = prepare_design(y, x, weights, lagged=True, islands=islands)
    if method == "gmm":
        return lag_two_stage(design, "sdm")
    return _lag(design, "sdm", determinant, rng)


def fit_sem(
    y: pd.Series,
    x: pd.DataFrame,
    weights: "Graph | SpatialMatrix",
    *,
    method: Estimator = "ml",
    determinant: Determinant = "auto",
    islands: Islands = "error",
    rng: np.random.Generator | None = None,
) -> RegressionResult:
    """Fit the spatial error model y = X b + u, u = lambda W u + e.

    Parameters
    ----------
    y : pandas.Series
        Outcome, one finite number per unit, in any order.
    x : pandas.DataFrame
        Explanations, one row per unit, in any order; an intercept is added.
    weights : libpysal.graph.Graph or SpatialMatrix
        Spatial weights; row-standardise them for the usual form.
    method : {"ml", "gmm"}, default "ml"
        Maximum likelihood, or generalised moments, which give no error of lambda.
    determinant : {"auto", "eigenvalues", "factors", "series"}, default "auto"
        As :func:`fit_sar`.
    islands : {"error", "keep"}, default "error"
        Units without neighbours: refused, or their lags are zero.
    rng : numpy.random.Generator, optional
        Source of the sampled determinant.

    Returns
    -------
    RegressionResult
        ``lambda`` first among the coefficients; ``lr`` tests lambda = 0.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match, values are missing, or there are units without neighbours.
    geo.errors.StatisticsError
        As :func:`fit_sar`.

    References
    ----------
    .. [1] Anselin (1988), Spatial Econometrics: Methods and Models, Kluwer.
    .. [2] Kelejian and Prucha (1999), A generalized moments estimator for the autoregressive
       parameter in a spatial model, International Economic Review 40(2), 509-533.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> x = pd.DataFrame({"x": [0.0, 2, 3, 1, 5, 4]}, index=list("abcdef"))
    >>> fit_sem(y, x, path).coefficients.index.tolist()
    ['lambda', 'intercept', 'x']
    """
    _check(method)
    design = prepare_design(y, x, weights, islands=islands)
    if method == "gmm":
        return error_moments(design, "sem")
    return _error(design, "sem", determinant, rng)


def fit_sdem(
    y: pd.Series,
    x: pd.DataFrame,
    weights: "Graph | SpatialMatrix",
    *,
    method: Estimator = "ml",
    determinant: Determinant = "auto",
    islands: Islands = "error",
    rng: np.random.Generator | None = None,
) -> RegressionResult:
    """Fit the Durbin error model y = X b + W X c + u, u = lambda W u + e.

    Parameters
    ----------
    y : pandas.Series
        Outcome, one finite number per unit, in any order.
    x : pandas.DataFrame
        Explanations, one row per unit; an intercept and the lags ``W_...`` are added.
    weights : libpysal.graph.Graph or SpatialMatrix
        Spatial weights; row-standardise them for the usual form.
    method : {"ml", "gmm"}, default "ml"
        As :func:`fit_sem`.
    determinant : {"auto", "eigenvalues", "factors", "series"}, default "auto"
        As :func:`fit_sar`.
    islands : {"error", "keep"}, default "error"
        Units without neighbours: refused, or their lags are zero.
    rng : numpy.random.Generator, optional
        Source of the sampled determinant.

    Returns
    -------
    RegressionResult
        As :func:`fit_sem`; ``lr`` is against least squares with the same columns.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match, values are missing, or there are units without neighbours.
    geo.errors.StatisticsError
        As :func:`fit_sar`.

    References
    ----------
    .. [1] LeSage and Pace (2009), Introduction to Spatial Econometrics, CRC Press.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> x = pd.DataFrame({"x": [0.0, 2, 3, 1, 5, 4]}, index=list("abcdef"))
    >>> fit_sdem(y, x, path).coefficients.index.tolist()
    ['lambda', 'intercept', 'x', 'W_x']
    """
    _check(method)
    design = prepare_design(y, x, weights, lagged=True, islands=islands)
    if method == "gmm":
        return error_moments(design, "sdem")
    return _error(design, "sdem", determinant, rng)


def _check(method: str) -> None:
    if method not in get_args(Estimator):
        raise StatisticsError(
            f"method must be one of {', '.join(get_args(Estimator))}, got {method!r}",
            code="statistics.method",
            value=method,
            allowed=", ".join(get_args(Estimator)),
        )


@one_thread()
def _lag(
    design: Design, model: Model, determinant: Determinant, rng: np.random.Generator | None
) -> RegressionResult:
    space = design.space
    refuse_perfect(design, least_squares(design.y, design.x).residuals)
    found = maximise(design, lag_profile(design), log_determinant(space, determinant, rng), rng=rng)
    rho = found.parameter
    fit = least_squares(design.y - rho * (space.matrix @ design.y), design.x)
    sigma2 = float(fit.residuals @ fit.residuals) / space.n
    known = lag_information(design, found.determinant, rho, beta=fit.coefficients, sigma2=sigma2)
    tests = {}
    if np.isfinite(known.crossed):
        error = float(fit.residuals @ (space.matrix @ fit.residuals)) / sigma2
        spread = space.traces[1] + space.norm - known.crossed**2 * float(known.covariance[0, 0])
        tests["lm_error"] = (error**2 / spread, 1)
    trend = space.solve(rho, design.x @ fit.coefficients)
    return _result(
        design,
        found,
        ("rho", np.concatenate([[rho], fit.coefficients]), known.covariance),
        model=model,
        residuals=fit.residuals,
        trend=trend,
        tests=tests,
    )


@one_thread()
def _error(
    design: Design, model: Model, determinant: Determinant, rng: np.random.Generator | None
) -> RegressionResult:
    space = design.space
    refuse_perfect(design, least_squares(design.y, design.x).residuals)
    found = maximise(
        design, error_profile(design), log_determinant(space, determinant, rng), rng=rng
    )
    parameter = found.parameter
    fit = least_squares(
        design.y - parameter * (space.matrix @ design.y),
        design.x - parameter * (space.matrix @ design.x),
    )
    sigma2 = float(fit.residuals @ fit.residuals) / space.n
    known = error_information(
        design, found.determinant, parameter, beta=fit.coefficients, sigma2=sigma2
    )
    return _result(
        design,
        found,
        ("lambda", np.concatenate([[parameter], fit.coefficients]), known.covariance),
        model=model,
        residuals=fit.residuals,
        trend=design.x @ fit.coefficients,
        tests={},
    )


def _result(
    design: Design,
    found: Maximum,
    estimates: tuple[str, Floats, Floats],
    *,
    model: Model,
    residuals: Floats,
    trend: Floats,
    tests: dict[str, tuple[float, int]],
) -> RegressionResult:
    first, values, covariance = estimates
    names = (first, *design.names)
    plain = least_squares_likelihood(least_squares(design.y, design.x).residuals)
    ratio = max(0.0, 2.0 * (found.log_likelihood - plain))
    return RegressionResult(
        model=model,
        method="ml",
        coefficients=coefficient_table(names, values, covariance),
        covariance=pd.DataFrame(covariance, index=names, columns=names),
        sigma2=float(residuals @ residuals) / len(residuals),
        outcome=design.spread(design.y, "outcome"),
        residuals=design.spread(residuals, "residual"),
        trend=design.spread(trend, "trend"),
        r_squared=squared_correlation(design.y, trend),
        log_likelihood=found.log_likelihood,
        aic=-2.0 * found.log_likelihood + 2.0 * (len(names) + 1),
        tests=chi_squared_table({"lr": (ratio, 1), **tests}),
        residual_moran=descriptive_moran(residuals, design.space),
        explanations=design.explanations,
        n=len(residuals),
        isolates=design.space.isolates,
        determinant=found.determinant.name,
        # A shift of the score moves the root by the inverse of its slope.
        determinant_error=found.determinant.noise(found.parameter) * float(covariance[0, 0]),
        space=design.space,
    )
