"""Covariance of maximum-likelihood estimates from the information matrix."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.statistics.regression.design import Design
from geo.statistics.regression.determinant import LogDeterminant, curvature

__all__ = ["Information", "error_information", "lag_information"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Information:
    """Covariance of the spatial parameter and the coefficients.

    ``crossed`` is tr(WG) + tr(W'G) with G = W (I - rho W)^-1, NaN where it is not known.
    """

    covariance: Floats
    crossed: float = float("nan")


def lag_information(
    design: Design, determinant: LogDeterminant, rho: float, *, beta: Floats, sigma2: float
) -> Information:
    """Return the covariance of (rho, beta) of the spatial lag model.

    Parameters
    ----------
    design : Design
        Outcome, explanations, weights.
    determinant : LogDeterminant
        log |I - rho W|.
    rho : float
        Estimate.
    beta : numpy.ndarray, shape (k,)
        Estimates.
    sigma2 : float
        Estimate.

    Returns
    -------
    Information
        Covariance, shape (k + 1, k + 1).

    Notes
    -----
    Up to 3,000 units the expected information [1]_; else the observed
    one, the negative Hessian of the log-likelihood in closed form but for the second
    derivative of the log-determinant, which is taken by differences. Both have the same
    limit.

    References
    ----------
    .. [1] Anselin (1988), Spatial Econometrics: Methods and Models, Kluwer, ch. 6.

    Examples
    --------
    See :func:`geo.statistics.fit_sar`.
    """
    space, sigma = design.space, float(np.sqrt(sigma2))
    length = np.linalg.norm(design.x, axis=0)
    x = design.x / length
    crossed = float("nan")
    if space.affordable:
        pull = space.matrix @ space.solve(rho, design.x @ beta)
        multiplier = space.multiplier(rho)
        trace, square = _traces(multiplier)
        there = space.matrix.tocoo()
        crossed = float(there.data @ multiplier[there.row, there.col])
        crossed += float(there.data @ multiplier[there.col, there.row])
    else:
        pull = space.matrix @ design.y
        e = design.y - rho * pull - design.x @ beta
        trace, square = float(e @ pull) / sigma2, curvature(determinant, rho)
    k = x.shape[1]
    # Parameters rho, beta / sigma, log sigma2: all of them near unit scale.
    whole = np.zeros((k + 2, k + 2))
    whole[0, 0] = square + float(pull @ pull) / sigma2
    whole[0, 1:-1] = whole[1:-1, 0] = x.T @ pull / sigma
    whole[0, -1] = whole[-1, 0] = trace
    whole[1:-1, 1:-1] = x.T @ x
    whole[-1, -1] = 0.5 * space.n
    return Information(
        covariance=_unscaled(np.linalg.inv(whole)[:-1, :-1], sigma / length), crossed=crossed
    )


def error_information(
    design: Design, determinant: LogDeterminant, parameter: float, *, beta: Floats, sigma2: float
) -> Information:
    """Return the covariance of (lambda, beta) of the spatial error model.

    Parameters
    ----------
    design : Design
        Outcome, explanations, weights.
    determinant : LogDeterminant
        log |I - lambda W|.
    parameter : float
        Estimate of lambda.
    beta : numpy.ndarray, shape (k,)
        Estimates.
    sigma2 : float
        Estimate.

    Returns
    -------
    Information
        Covariance, shape (k + 1, k + 1).

    Notes
    -----
    As :func:`lag_information`. The expected information has no term between lambda and beta.

    References
    ----------
    .. [1] Anselin (1988), Spatial Econometrics: Methods and Models, Kluwer, ch. 6.

    Examples
    --------
    See :func:`geo.statistics.fit_sem`.
    """
    space, sigma = design.space, float(np.sqrt(sigma2))
    length = np.linalg.norm(design.x, axis=0)
    x = design.x / length
    lagged = space.matrix @ x
    filtered = x - parameter * lagged
    k = x.shape[1]
    whole = np.zeros((k + 2, k + 2))
    whole[1:-1, 1:-1] = filtered.T @ filtered
    whole[-1, -1] = 0.5 * space.n
    if space.affordable:
        trace, square = _traces(space.multiplier(parameter))
    else:
        u = design.y - design.x @ beta
        pull = space.matrix @ u
        e = u - parameter * pull
        trace = float(e @ pull) / sigma2
        square = curvature(determinant, parameter) + float(pull @ pull) / sigma2
        whole[0, 1:-1] = whole[1:-1, 0] = (filtered.T @ pull + lagged.T @ e) / sigma
    whole[0, 0] = square
    whole[0, -1] = whole[-1, 0] = trace
    return Information(covariance=_unscaled(np.linalg.inv(whole)[:-1, :-1], sigma / length))


def _traces(multiplier: Floats) -> tuple[float, float]:
    """Return tr G and tr G^2 + tr G'G."""
    square = np.einsum("ij,ji->", multiplier, multiplier) + (multiplier**2).sum()
    return float(np.trace(multiplier)), float(square)


def _unscaled(covariance: Floats, scale: Floats) -> Floats:
    factor = np.concatenate([[1.0], scale])
    return np.asarray(covariance * np.outer(factor, factor), dtype=np.float64)
