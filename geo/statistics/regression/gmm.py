"""Estimates without a likelihood: spatial two-stage least squares, moments of the error."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.regression.design import Design, least_squares, refuse_perfect, with_column
from geo.statistics.regression.diagnostics import descriptive_moran
from geo.statistics.regression.ols import robust_covariance
from geo.statistics.regression.result import (
    Model,
    RegressionResult,
    chi_squared_table,
    coefficient_table,
    squared_correlation,
)
from geo.statistics.threads import one_thread

__all__ = ["error_moments", "lag_two_stage"]

Floats = NDArray[np.float64]

_NONE = float("nan")
_INSTRUMENT_RANK = 1e-8
_REAL = 1e-12


@one_thread()
def lag_two_stage(design: Design, model: Model) -> RegressionResult:
    """Fit the spatial lag model by two-stage least squares.

    Parameters
    ----------
    design : Design
        Outcome, explanations, weights.
    model : {"sar", "sdm"}
        Name of the model.

    Returns
    -------
    RegressionResult
        Without a likelihood.

    Raises
    ------
    geo.errors.StatisticsError
        The instruments do not move the lag, or rho lies outside its range.

    Notes
    -----
    W y is instrumented by the next two spatial lags of the explanations: WX and W^2 X, in the
    Durbin model W^2 X and W^3 X [1]_. sigma2 has the divisor n - k.

    References
    ----------
    .. [1] Kelejian and Prucha (1998), A generalized spatial two-stage least squares procedure,
       Journal of Real Estate Finance and Economics 17(1), 99-121.

    Examples
    --------
    See :func:`geo.statistics.fit_sar`.
    """
    space = design.space
    instruments = _instruments(design)
    lag = space.matrix @ design.y
    basis = least_squares(lag, instruments).basis
    seen = with_column(design, basis @ (basis.T @ lag), "rho")
    left = least_squares(seen.x[:, 0], design.x).residuals
    if float(left @ left) <= _INSTRUMENT_RANK**2 * float(lag @ lag):
        raise StatisticsError(
            "the neighbours' explanations do not move the neighbours' outcome; two-stage least "
            'squares has no instrument, use method="ml"',
            code="statistics.instruments",
        )
    fit = least_squares(design.y, seen.x)
    rho, beta = float(fit.coefficients[0]), fit.coefficients[1:]
    low, high = space.domain
    if not low < rho < high:
        raise StatisticsError(
            f'two-stage least squares gives rho = {rho:.6g}, outside its range; use method="ml"',
            code="statistics.at_bound",
            parameter=rho,
            lower=low,
            upper=high,
        )
    e = design.y - rho * lag - design.x @ beta
    refuse_perfect(design, e)
    n, k = seen.x.shape
    sigma2 = float(e @ e) / (n - k)
    trend = space.solve(rho, design.x @ beta)
    names = seen.names
    return RegressionResult(
        model=model,
        method="gmm",
        coefficients=coefficient_table(
            names,
            fit.coefficients,
            sigma2 * fit.inverse,
            robust=robust_covariance(seen.x, e, fit.inverse),
        ),
        covariance=pd.DataFrame(sigma2 * fit.inverse, index=names, columns=names),
        sigma2=sigma2,
        outcome=design.spread(design.y, "outcome"),
        residuals=design.spread(e, "residual"),
        trend=design.spread(trend, "trend"),
        r_squared=squared_correlation(design.y, trend),
        log_likelihood=_NONE,
        aic=_NONE,
        tests=chi_squared_table({}),
        residual_moran=descriptive_moran(e, space),
        explanations=design.explanations,
        n=n,
        isolates=space.isolates,
        determinant="",
        determinant_error=0.0,
        space=space,
    )


@one_thread()
def error_moments(design: Design, model: Model) -> RegressionResult:
    """Fit the spatial error model by generalised moments.

    Parameters
    ----------
    design : Design
        Outcome, explanations, weights.
    model : {"sem", "sdem"}
        Name of the model.

    Returns
    -------
    RegressionResult
        Without a likelihood; ``lambda`` has no standard error.

    Notes
    -----
    Three moments of least-squares residuals give lambda and sigma2 [1]_, then generalised
    least squares the coefficients. The procedure treats lambda as a nuisance: it has no
    standard error.

    References
    ----------
    .. [1] Kelejian and Prucha (1999), A generalized moments estimator for the autoregressive
       parameter in a spatial model, International Economic Review 40(2), 509-533.

    Examples
    --------
    See :func:`geo.statistics.fit_sem`.
    """
    space = design.space
    first = least_squares(design.y, design.x).residuals
    refuse_perfect(design, first)
    parameter = _moments(design, first)
    matrix = space.matrix
    fit = least_squares(
        design.y - parameter * (matrix @ design.y), design.x - parameter * (matrix @ design.x)
    )
    n = space.n
    sigma2 = float(fit.residuals @ fit.residuals) / n
    names = ("lambda", *design.names)
    covariance = np.full((len(names), len(names)), _NONE)
    covariance[1:, 1:] = sigma2 * fit.inverse
    trend = design.x @ fit.coefficients
    return RegressionResult(
        model=model,
        method="gmm",
        coefficients=coefficient_table(
            names, np.concatenate([[parameter], fit.coefficients]), covariance
        ),
        covariance=pd.DataFrame(covariance, index=names, columns=names),
        sigma2=sigma2,
        outcome=design.spread(design.y, "outcome"),
        residuals=design.spread(fit.residuals, "residual"),
        trend=design.spread(trend, "trend"),
        r_squared=squared_correlation(design.y, trend),
        log_likelihood=_NONE,
        aic=_NONE,
        tests=chi_squared_table({}),
        residual_moran=descriptive_moran(fit.residuals, space),
        explanations=design.explanations,
        n=n,
        isolates=space.isolates,
        determinant="",
        determinant_error=0.0,
        space=space,
    )


def _instruments(design: Design) -> Floats:
    columns = [design.x]
    last = design.x[:, -len(design.explanations) :]
    for _ in range(2):
        last = design.space.matrix @ last
        columns.append(last)
    table = np.column_stack(columns)
    table = table / np.linalg.norm(table, axis=0)
    # Lags may repeat what is there (a constant share, a second lag): only their span counts.
    left, size, _ = np.linalg.svd(table, full_matrices=False)
    return np.asarray(left[:, size > _INSTRUMENT_RANK * size[0]], dtype=np.float64)


def _moments(design: Design, u: Floats) -> float:
    """Return the lambda whose three moments are nearest, sigma2 concentrated out."""
    space, n = design.space, len(u)
    lag = space.matrix @ u
    second = space.matrix @ lag
    target = np.array([u @ u, lag @ lag, u @ lag]) / n
    linear = np.array([2.0 * (u @ lag), 2.0 * (second @ lag), u @ second + lag @ lag]) / n
    square = -np.array([lag @ lag, second @ second, lag @ second]) / n
    error = np.array([1.0, space.norm / n, 0.0])
    error /= np.linalg.norm(error)
    # Leave out the direction of sigma2; what is left is a polynomial of degree four.
    target, linear, square = (one - error * (error @ one) for one in (target, linear, square))
    distance = np.array(
        [
            square @ square,
            2.0 * (linear @ square),
            linear @ linear - 2.0 * (target @ square),
            -2.0 * (target @ linear),
            target @ target,
        ]
    )
    low, high = space.domain
    turning = np.roots(np.polyder(distance))
    inside = [float(one.real) for one in turning if abs(one.imag) < _REAL and low < one.real < high]
    if not inside:
        raise StatisticsError(
            'the moments of the residuals give no lambda within its range; use method="ml"',
            code="statistics.at_bound",
            parameter=float("nan"),
            lower=low,
            upper=high,
        )
    return min(inside, key=lambda one: float(np.polyval(distance, one)))
