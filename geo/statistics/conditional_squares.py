"""The reference distribution of squared differences to neighbours, for the local Geary.

The draws are those of :mod:`geo.statistics.conditional`: tuples of distinct units shared by
all. A sum of w_j (z_i - z_j)^2 is z_i^2 sum w_j - 2 z_i sum w_j z_j + sum w_j z_j^2, so with
equal weights two prefix sums of a tuple serve every unit of that cardinality.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.statistics.conditional import blocks, draw_tuples
from geo.weights.alignment import reorder

__all__ = ["squared_counts", "squared_differences"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# Numbers held at once in one block of reference sums (8 MB of float64: stays near the cache).
_BLOCK = 1 << 20


def squared_differences(values: Floats, weights: sparse.csr_array) -> Floats:
    """Return sum_j w_ij |z_i - z_j|^2 of every unit.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, m)
        m numbers per unit.
    weights : scipy.sparse.csr_array, shape (n, n)
        Weights without self-links.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Sums, zero for units without neighbours.

    Examples
    --------
    >>> pair = sparse.csr_array(np.array([[0.0, 2.0], [1.0, 0.0]]))
    >>> squared_differences(np.array([[1.0], [4.0]]), pair).tolist()
    [18.0, 9.0]
    """
    rows = np.repeat(np.arange(len(values)), np.diff(weights.indptr))
    apart = ((values[rows] - values[weights.indices]) ** 2).sum(axis=1)
    sums = np.bincount(rows, weights=weights.data * apart, minlength=len(values))
    return np.asarray(sums, dtype=np.float64)


def squared_counts(
    values: Floats,
    weights: sparse.csr_array,
    *,
    permutations: int,
    rng: np.random.Generator,
) -> tuple[Counts, Counts]:
    """Count conditional reference sums at least and at most as large as the observed ones.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, m)
        m numbers per unit, centred; the numbers of a unit move together.
    weights : scipy.sparse.csr_array, shape (n, n)
        Weights without self-links.
    permutations : int
        Number R of reference draws.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    at_least, at_most : numpy.ndarray of int64, shape (n,)
        For every unit the number of the R reference sums that are >= and <= its observed
        sum, ties within rounding counted in both. Zero for units without neighbours.

    Notes
    -----
    A tuple that holds the unit itself takes its spare member instead. About O(n R) with
    equal weights, O(n R k) with any others.

    Examples
    --------
    >>> line = sparse.csr_array(np.eye(5, k=1) + np.eye(5, k=-1))
    >>> values = np.array([[0.0], [1.0], [2.0], [3.0], [9.0]])
    >>> rng = np.random.default_rng(1)
    >>> at_least, at_most = squared_counts(values, line, permutations=999, rng=rng)
    >>> int(at_least[2]), int(at_most[2])  # 1 of 6 pairs
    (999, 171)
    """
    cardinality = np.diff(weights.indptr)
    order = np.argsort(cardinality, kind="stable")
    matrix, z = reorder(weights, order), values[order]
    observed = squared_differences(z, matrix)
    # Bounds the rounding of the expanded square.
    size = cardinality[order].astype(np.float64)
    largest = np.abs(matrix.data).max() * 4.0 * (z**2).sum(axis=1).max()
    slack = 8.0 * np.finfo(np.float64).eps * (size + 1.0) ** 2 * largest
    low, high = observed - slack, observed + slack
    at_least = np.zeros(len(z), dtype=np.int64)
    at_most = np.zeros(len(z), dtype=np.int64)
    width = int(cardinality.max()) + 1
    for drawn in blocks(permutations, max(1, _BLOCK // (width * z.shape[1]))):
        draws = draw_tuples(len(z), width, drawn, rng=rng)
        for units, sums in _reference(z, matrix, draws):
            at_least[order[units]] += (sums >= low[units, None]).sum(axis=1)
            at_most[order[units]] += (sums <= high[units, None]).sum(axis=1)
    return at_least, at_most


def _reference(
    z: Floats, matrix: sparse.csr_array, draws: NDArray[np.int32]
) -> Iterator[tuple[NDArray[np.intp], Floats]]:
    """Yield units, ordered by cardinality, and their reference sums, shape (units, draws)."""
    drawn = z[draws]  # (width, draws, m)
    prefix = np.cumsum(drawn, axis=0), np.cumsum((drawn**2).sum(axis=2), axis=0)
    width, size = draws.shape
    cardinality = np.diff(matrix.indptr)
    members = draws[:-1].ravel()
    by_unit = np.argsort(members, kind="stable")
    bounds = np.searchsorted(members[by_unit], np.arange(len(z) + 1))
    step = max(1, _BLOCK // size)
    for k in range(1, width):
        group = np.flatnonzero(cardinality == k)
        for begin in range(0, len(group), step):
            units = group[begin : begin + step]
            start, stop = units[0], units[-1] + 1
            rows = matrix.data[matrix.indptr[start] : matrix.indptr[stop]].reshape(-1, k)
            near, square = _weighted(
                rows, z[units], drawn[:k], (prefix[0][k - 1], prefix[1][k - 1])
            )
            own = (z[units] ** 2).sum(axis=1) * rows.sum(axis=1)
            sums = own[:, None] - 2.0 * near + square
            position, tuples = np.divmod(by_unit[bounds[start] : bounds[stop]], size)
            inside = position < k
            position, tuples = position[inside], tuples[inside]
            unit = draws[position, tuples]
            spare = ((z[unit] - drawn[k, tuples]) ** 2).sum(axis=1)
            # The unit differs from itself by nothing; its spare adds what it differs.
            sums[unit - start, tuples] += rows[unit - start, position] * spare
            yield units, sums


def _weighted(
    rows: Floats, own: Floats, drawn: Floats, prefix: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Return sum_j w_j z_i z_j and sum_j w_j z_j^2 for every unit i and draw."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    if (np.abs(rows - rows[:, :1]) <= 1e-12 * largest).all():
        weight = rows[:, :1]
        return (own * weight) @ prefix[0].T, weight * prefix[1]
    near = np.zeros((len(rows), drawn.shape[1]))
    for variable in range(own.shape[1]):
        near += own[:, variable, None] * (rows @ drawn[:, :, variable])
    return near, rows @ (drawn**2).sum(axis=2)
