"""Does a least-squares fit leave space behind: Moran's I of residuals and Lagrange multipliers."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.statistics.regression.design import Design, Fit
from geo.statistics.regression.matrix import SpatialMatrix
from geo.statistics.regression.result import ResidualMoran, chi_squared_table
from geo.statistics.significance import normal_p

__all__ = ["lagrange_tests", "residual_moran"]

Floats = NDArray[np.float64]

_NONE = float("nan")


def residual_moran(fit: Fit, space: SpatialMatrix) -> ResidualMoran:
    """Test least-squares residuals for autocorrelation.

    Parameters
    ----------
    fit : Fit
        Least squares.
    space : SpatialMatrix
        Weights.

    Returns
    -------
    ResidualMoran
        Statistic, exact moments, two-sided p by the normal law.

    Notes
    -----
    With M = I - X(X'X)^-1 X', E(I) = (n/S0) tr(MW) / (n-k) and E(I^2) = (n/S0)^2
    (tr(MWMW') + tr(MWMW) + tr(MW)^2) / ((n-k)(n-k+2)) [1]_. The moments of Moran's I of raw
    values do not hold for residuals.

    References
    ----------
    .. [1] Cliff and Ord (1981), Spatial Processes: Models and Applications, Pion, ch. 8.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics.regression.design import least_squares
    >>> from geo.statistics.regression.matrix import spatial_matrix
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> y, x = np.array([1.0, 2, 4, 3, 1]), np.column_stack([np.ones(5), np.arange(5.0)])
    >>> found = residual_moran(least_squares(y, x), spatial_matrix(path))
    >>> round(found.statistic, 4), round(found.expected, 4)
    (0.0373, -0.5)
    """
    matrix, back, basis = space.matrix, space.transposed, fit.basis
    n, k = basis.shape
    lag, turned = matrix @ basis, back @ basis
    inner = basis.T @ lag
    first, second = space.traces[:2]
    mean = first - float(np.trace(inner))
    crossed = second - 2.0 * float((turned * lag).sum()) + float((inner * inner.T).sum())
    squared = space.norm - float((lag**2).sum() + (turned**2).sum()) + float((inner**2).sum())
    scale = n / float(matrix.data.sum())
    expected = scale * mean / (n - k)
    moment = scale**2 * (squared + crossed + mean**2) / ((n - k) * (n - k + 2.0))
    variance = moment - expected**2
    e = fit.residuals
    statistic = scale * float(e @ (matrix @ e)) / float(e @ e)
    z = (statistic - expected) / variance**0.5 if variance > 0.0 else _NONE
    p = normal_p(z, alternative="two-sided") if np.isfinite(z) else _NONE
    return ResidualMoran(statistic=statistic, expected=expected, variance=variance, z=z, p=p)


def descriptive_moran(residuals: Floats, space: SpatialMatrix) -> ResidualMoran:
    """Return Moran's I of residuals whose moments are not known."""
    scale = len(residuals) / float(space.matrix.data.sum())
    about = residuals - residuals.mean()
    statistic = scale * float(about @ (space.matrix @ about)) / float(about @ about)
    return ResidualMoran(statistic=statistic, expected=_NONE, variance=_NONE, z=_NONE, p=_NONE)


def lagrange_tests(design: Design, fit: Fit) -> pd.DataFrame:
    """Test a least-squares fit against the spatial lag and the spatial error model.

    Parameters
    ----------
    design : Design
        Outcome, explanations, weights.
    fit : Fit
        Least squares of the design.

    Returns
    -------
    pandas.DataFrame
        Index ``lm_lag``, ``lm_error``, ``robust_lm_lag``, ``robust_lm_error``, ``sarma``;
        ``statistic``, ``df``, ``p``. The robust ones are NaN where lag and error cannot be
        told apart.

    Notes
    -----
    Null: no spatial term. ``robust_lm_lag`` allows for a small spatial error and the other
    way round [1]_.

    References
    ----------
    .. [1] Anselin, Bera, Florax and Yoon (1996), Simple diagnostic tests for spatial
       dependence, Regional Science and Urban Economics 26(1), 77-104.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics.regression.design import least_squares, prepare_design
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> y = pd.Series([1.0, 2, 4, 3, 1], index=list("abcde"))
    >>> x = pd.DataFrame({"x": [0.0, 1, 2, 3, 4]}, index=list("abcde"))
    >>> design = prepare_design(y, x, path)
    >>> lagrange_tests(design, least_squares(design.y, design.x)).index.tolist()
    ['lm_lag', 'lm_error', 'robust_lm_lag', 'robust_lm_error', 'sarma']
    """
    space, e = design.space, fit.residuals
    variance = float(e @ e) / len(e)
    trace = space.traces[1] + space.norm
    lagged = space.matrix @ (design.y - e)
    left = lagged - fit.basis @ (fit.basis.T @ lagged)
    # What the lag of the fit adds beyond the explanations; rounding counts as nothing.
    added = float(left @ left) / variance
    if float(left @ left) <= 1e-20 * float(lagged @ lagged):
        added = 0.0
    error = float(e @ (space.matrix @ e)) / variance
    lag = float(e @ (space.matrix @ design.y)) / variance
    whole = added + trace
    robust_lag = robust_error = _NONE
    if added > 0.0:
        robust_lag = (lag - error) ** 2 / added
        robust_error = (error - trace / whole * lag) ** 2 * whole / (trace * added)
    return chi_squared_table(
        {
            "lm_lag": (lag**2 / whole, 1),
            "lm_error": (error**2 / trace, 1),
            "robust_lm_lag": (robust_lag, 1),
            "robust_lm_error": (robust_error, 1),
            "sarma": (robust_lag + error**2 / trace, 2),
        }
    )
