"""Sums of (I - rho W)^-1 over all units, for many rho at once, whatever the weights."""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from geo.errors import StatisticsError
from geo.statistics.regression.matrix import SpatialMatrix

__all__ = ["total_means"]

Floats = NDArray[np.float64]

_CHECK = 8
_CONVERGED = 1e-12
_MOST_STEPS = 400
# Numbers held of all steps: 512 MB.
_HELD = 1 << 26
_BREAKDOWN = 1e-14


def total_means(space: SpatialMatrix, rho: Floats) -> tuple[Floats, Floats]:
    """Return the means of (I - rho W)^-1 1 and of W (I - rho W)^-1 1.

    Parameters
    ----------
    space : SpatialMatrix
        Weights W.
    rho : numpy.ndarray, shape (draws,)
        Values between the bounds of ``space.domain``.

    Returns
    -------
    whole, beyond : numpy.ndarray, shape (draws,)
        The means over all units.

    Raises
    ------
    geo.errors.StatisticsError
        A rho lies so near a bound that the sums have no stable value.

    Notes
    -----
    Where rows sum to one they are 1 / (1 - rho). Else Arnoldi's process from the vector of ones
    gives W = V H V' on a small space, the same for all rho [1]_; H is grown until the most
    extreme rho no longer change. A power series would take 1 / (1 - rho radius) terms, and its
    powers leave the range of numbers.

    References
    ----------
    .. [1] Saad (2003), Iterative Methods for Sparse Linear Systems, 2nd ed., SIAM, ch. 6.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics.regression.matrix import spatial_matrix
    >>> path = Graph.from_arrays(list("abbc"), list("bacb"), [1] * 4)
    >>> whole, beyond = total_means(spatial_matrix(path), np.array([0.0, 0.5]))
    >>> np.round(whole, 9).tolist(), np.round(beyond, 9).tolist()  # rows sum to 1, 2, 1
    ([1.0, 3.333333333], [1.333333333, 4.666666667])
    """
    if space.row_standardised:
        whole = 1.0 / (1.0 - rho)
        return whole, whole.copy()
    reduced = _reduced(space, np.array([rho.min(), rho.max()]))
    form, basis = linalg.schur(reduced, output="complex")
    start, after = basis[0], reduced[0] @ basis
    solved = np.empty((len(form), len(rho)), dtype=np.complex128)
    for i in range(len(form) - 1, -1, -1):
        rest = form[i, i + 1 :] @ solved[i + 1 :]
        solved[i] = (start[i].conjugate() + rho * rest) / (1.0 - rho * form[i, i])
    return np.real(start @ solved), np.real(after @ solved)


def _reduced(space: SpatialMatrix, extremes: Floats) -> Floats:
    """Return H of Arnoldi's process, large enough for these rho."""
    most = min(space.n, _MOST_STEPS, max(_CHECK, _HELD // space.n))
    held = np.empty((most, space.n))
    small = np.zeros((most + 1, most))
    held[0] = 1.0 / np.sqrt(space.n)
    found = np.full(2, np.nan)
    calm = 0
    for step in range(most):
        vector = np.asarray(space.matrix @ held[step])
        # Twice is enough, and once is not (Kahan).
        for _ in range(2):
            along = held[: step + 1] @ vector
            vector = vector - along @ held[: step + 1]
            small[: step + 1, step] += along
        length = float(np.linalg.norm(vector))
        small[step + 1, step] = length
        done = length <= _BREAKDOWN * space.radius or step + 1 == space.n
        if done or (step + 1) % _CHECK == 0:
            before, found = found, _at(small[: step + 1, : step + 1], extremes)
            calm = calm + 1 if (np.abs(found - before) <= _CONVERGED * np.abs(found)).all() else 0
        if done or calm > 1:
            return small[: step + 1, : step + 1]
        if step + 1 < most:
            held[step + 1] = vector / length
    raise StatisticsError(
        f"rho comes so near its bound ({extremes[0]:.6g} to {extremes[1]:.6g}) that the sums of "
        "its effects have no stable value; standardise the rows of the weights",
        code="statistics.near_bound",
        low=float(extremes[0]),
        high=float(extremes[1]),
    )


def _at(small: Floats, rho: Floats) -> Floats:
    """Return the first element of (I - rho H)^-1 for each rho."""
    unit = np.eye(len(small))
    return np.array([np.linalg.solve(unit - one * small, unit[0])[0] for one in rho])
