"""The spatial parameter that makes the normal likelihood largest."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from geo.errors import StatisticsError
from geo.statistics.regression.design import Design, least_squares
from geo.statistics.regression.determinant import LogDeterminant
from geo.statistics.regression.series import Series, longer

__all__ = ["Maximum", "error_profile", "lag_profile", "maximise"]

Floats = NDArray[np.float64]
Profile = Callable[[float], float]

_NEAR_BOUND = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maximum:
    """The largest likelihood."""

    parameter: float
    log_likelihood: float
    determinant: LogDeterminant


def lag_profile(design: Design) -> Profile:
    """Return the sum of squares of y - rho W y on the columns, as a function of rho.

    Parameters
    ----------
    design : Design
        Outcome, explanations, weights.

    Returns
    -------
    callable
        From rho to the sum of squares.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> import pandas as pd
    >>> from geo.statistics.regression.design import prepare_design
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> y = pd.Series([1.0, 2, 4, 3, 6], index=list("abcde"))
    >>> x = pd.DataFrame({"x": [0.0, 1, 2, 3, 4]}, index=list("abcde"))
    >>> round(lag_profile(prepare_design(y, x, path))(0.0), 6)  # least squares
    2.7
    """
    x = design.x / np.linalg.norm(design.x, axis=0)
    both = np.column_stack([x, design.space.matrix @ design.y, design.y])
    triangle: Floats = np.linalg.qr(both)[1]
    # What the columns leave of the lag and of the outcome is in the last corner.
    lag, crossed, own = triangle[-2, -2], triangle[-2, -1], triangle[-1, -1]
    return lambda rho: float((crossed - rho * lag) ** 2 + own**2)


def error_profile(design: Design) -> Profile:
    """Return the sum of squares of filtered y on filtered columns, as a function of lambda.

    Parameters
    ----------
    design : Design
        Outcome, explanations, weights.

    Returns
    -------
    callable
        From lambda to the sum of squares.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> import pandas as pd
    >>> from geo.statistics.regression.design import prepare_design
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> y = pd.Series([1.0, 2, 4, 3, 6], index=list("abcde"))
    >>> x = pd.DataFrame({"x": [0.0, 1, 2, 3, 4]}, index=list("abcde"))
    >>> round(error_profile(prepare_design(y, x, path))(0.0), 6)  # least squares
    2.7
    """
    x = design.x / np.linalg.norm(design.x, axis=0)
    k = x.shape[1]
    matrix = design.space.matrix
    # One decomposition; after it every lambda is a problem of 2k + 2 rows.
    both = np.column_stack([x, matrix @ x, design.y, matrix @ design.y])
    triangle: Floats = np.linalg.qr(both)[1]

    def squares(parameter: float) -> float:
        filtered = triangle[:, :k] - parameter * triangle[:, k : 2 * k]
        outcome = triangle[:, 2 * k] - parameter * triangle[:, 2 * k + 1]
        left = least_squares(outcome, filtered).residuals
        return float(left @ left)

    return squares


def maximise(
    design: Design,
    profile: Profile,
    determinant: LogDeterminant,
    *,
    rng: np.random.Generator | None = None,
) -> Maximum:
    """Find the spatial parameter of the largest likelihood.

    Parameters
    ----------
    design : Design
        Outcome, explanations, weights.
    profile : callable
        Sum of squares as a function of the parameter.
    determinant : LogDeterminant
        log |I - rho W|.
    rng : numpy.random.Generator, optional
        For a longer series where the parameter lies near its bound.

    Returns
    -------
    Maximum
        Parameter and log-likelihood.

    Raises
    ------
    geo.errors.StatisticsError
        The likelihood is largest at the bound of the parameter.

    Notes
    -----
    log L = log |I - rho W| - n/2 (log(2 pi RSS(rho) / n) + 1), other parameters concentrated
    out. Where values are cheap a grid comes first, so that no local maximum is taken.

    References
    ----------
    .. [1] Ord (1975), Estimation methods for models of spatial interaction, Journal of the
       American Statistical Association 70, 120-126.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> import pandas as pd
    >>> from geo.statistics.regression.design import prepare_design
    >>> from geo.statistics.regression.determinant import Eigenvalues
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6], index=list("abcde"))
    >>> x = pd.DataFrame({"x": [0.0, 1, 2, 3, 4]}, index=list("abcde"))
    >>> design = prepare_design(y, x, path)
    >>> found = maximise(design, lag_profile(design), Eigenvalues(design.space))
    >>> -1 < found.parameter < 1
    True
    """
    n = len(design.y)

    def likelihood(parameter: float) -> float:
        squares = profile(parameter) / n
        return determinant.value(parameter) - 0.5 * n * (math.log(2.0 * math.pi * squares) + 1.0)

    low, high = determinant.domain
    parameter = _search(likelihood, low, high, grid=determinant.grid)
    while isinstance(determinant, Series) and not determinant.reaches(parameter):
        further = None if rng is None else longer(determinant, parameter, rng)
        if further is None:
            break
        determinant = further
        parameter = _search(likelihood, low, high, grid=determinant.grid)
    if min(parameter - low, high - parameter) <= _NEAR_BOUND * (high - low):
        raise StatisticsError(
            f"the likelihood is largest at the bound of the spatial parameter, {parameter:.6g}; "
            "the model does not fit: look for a trend, a missing explanation, or other weights",
            code="statistics.at_bound",
            parameter=parameter,
            lower=low,
            upper=high,
        )
    return Maximum(
        parameter=parameter, log_likelihood=likelihood(parameter), determinant=determinant
    )


def _search(likelihood: Profile, low: float, high: float, *, grid: int) -> float:
    if grid:
        points = np.linspace(low, high, grid + 1)
        best = int(np.argmax([likelihood(float(point)) for point in points]))
        low, high = points[max(best - 1, 0)], points[min(best + 1, grid)]
    found = optimize.minimize_scalar(
        lambda parameter: -likelihood(parameter),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-10 * (high - low) if grid else 1e-8},
    )
    return float(found.x)
