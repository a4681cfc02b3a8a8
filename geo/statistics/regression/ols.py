"""Ordinary least squares, and least squares with lagged explanations (SLX)."""

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.statistics.regression.design import (
    Design,
    Fit,
    least_squares,
    prepare_design,
    refuse_perfect,
)
from geo.statistics.regression.diagnostics import lagrange_tests, residual_moran
from geo.statistics.regression.matrix import Islands, SpatialMatrix
from geo.statistics.regression.result import (
    Model,
    RegressionResult,
    coefficient_table,
    squared_correlation,
)
from geo.statistics.threads import one_thread

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["fit_ols", "fit_slx"]

Floats = NDArray[np.float64]


def fit_ols(
    y: pd.Series, x: pd.DataFrame, weights: "Graph | SpatialMatrix", *, islands: Islands = "error"
) -> RegressionResult:
    """Fit by ordinary least squares and test what is left for space.

    Parameters
    ----------
    y : pandas.Series
        Outcome, one finite number per unit, in any order.
    x : pandas.DataFrame
        Explanations, one row per unit, in any order; an intercept is added.
    weights : libpysal.graph.Graph or SpatialMatrix
        Spatial weights of the tests.
    islands : {"error", "keep"}, default "error"
        Units without neighbours: refused, or their lags are zero.

    Returns
    -------
    RegressionResult
        With classical and HC1 standard errors; ``tests`` holds the Lagrange multiplier
        tests of Anselin et al. (1996).

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match, values are missing, or there are units without neighbours.
    geo.errors.StatisticsError
        Columns are constant or collinear, too few units, or a perfect fit.

    Notes
    -----
    HC1 is White's covariance times n / (n - k) [1]_.

    References
    ----------
    .. [1] MacKinnon and White (1985), Some heteroskedasticity-consistent covariance matrix
       estimators with improved finite sample properties, Journal of Econometrics 29(3),
       305-325.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6], index=list("abcde"))
    >>> x = pd.DataFrame({"x": [0.0, 1, 2, 3, 4]}, index=list("abcde"))
    >>> fit_ols(y, x, path).coefficients["coefficient"].round(6).to_dict()
    {'intercept': 1.0, 'x': 1.1}
    """
    return _result(prepare_design(y, x, weights, islands=islands), "ols")


def fit_slx(
    y: pd.Series, x: pd.DataFrame, weights: "Graph | SpatialMatrix", *, islands: Islands = "error"
) -> RegressionResult:
    """Fit by least squares with the neighbours' explanations beside the own ones.

    Parameters
    ----------
    y : pandas.Series
        Outcome, one finite number per unit, in any order.
    x : pandas.DataFrame
        Explanations, one row per unit; an intercept and the spatial lags ``W_...`` are added.
    weights : libpysal.graph.Graph or SpatialMatrix
        Spatial weights.
    islands : {"error", "keep"}, default "error"
        Units without neighbours: refused, or their lags are zero.

    Returns
    -------
    RegressionResult
        As :func:`fit_ols`.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match, values are missing, or there are units without neighbours.
    geo.errors.StatisticsError
        Columns or their lags are constant or collinear, too few units, or a perfect fit.

    References
    ----------
    .. [1] Halleck Vega and Elhorst (2015), The SLX model, Journal of Regional Science 55(3),
       339-363.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6], index=list("abcde"))
    >>> x = pd.DataFrame({"x": [0.0, 3, 2, 5, 1]}, index=list("abcde"))
    >>> fit_slx(y, x, path).coefficients.index.tolist()
    ['intercept', 'x', 'W_x']
    """
    return _result(prepare_design(y, x, weights, lagged=True, islands=islands), "slx")


def robust_covariance(x: Floats, residuals: Floats, inverse: Floats) -> Floats:
    """Return White's covariance times n / (n - k) (HC1)."""
    n, k = x.shape
    scores = x * residuals[:, None]
    return np.asarray(n / (n - k) * inverse @ (scores.T @ scores) @ inverse)


def least_squares_likelihood(residuals: Floats) -> float:
    """Return the normal log-likelihood at its maximum."""
    n = len(residuals)
    return -0.5 * n * (math.log(2.0 * math.pi * float(residuals @ residuals) / n) + 1.0)


@one_thread()
def _result(design: Design, model: Model) -> RegressionResult:
    fit: Fit = least_squares(design.y, design.x)
    refuse_perfect(design, fit.residuals)
    n, k = design.x.shape
    sigma2 = float(fit.residuals @ fit.residuals) / (n - k)
    covariance = sigma2 * fit.inverse
    trend = design.y - fit.residuals
    likelihood = least_squares_likelihood(fit.residuals)
    return RegressionResult(
        model=model,
        method="least squares",
        coefficients=coefficient_table(
            design.names,
            fit.coefficients,
            covariance,
            degrees=n - k,
            robust=robust_covariance(design.x, fit.residuals, fit.inverse),
        ),
        covariance=pd.DataFrame(covariance, index=design.names, columns=design.names),
        sigma2=sigma2,
        outcome=design.spread(design.y, "outcome"),
        residuals=design.spread(fit.residuals, "residual"),
        trend=design.spread(trend, "trend"),
        r_squared=squared_correlation(design.y, trend),
        log_likelihood=likelihood,
        aic=-2.0 * likelihood + 2.0 * (k + 1),
        tests=lagrange_tests(design, fit),
        residual_moran=residual_moran(fit, design.space),
        explanations=design.explanations,
        n=n,
        isolates=design.space.isolates,
        determinant="",
        determinant_error=0.0,
        space=design.space,
    )
