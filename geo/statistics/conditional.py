"""The reference distribution of local statistics, shared by all units.

Under conditional permutation unit i keeps its value and its k neighbours are drawn without
replacement from the others. That law depends on i only through k and through the exclusion
of i. So R tuples of k_max + 1 distinct units are drawn once; the first k of a tuple are a
reference neighbourhood for every unit with k neighbours. Where unit i itself is among
them, the (k + 1)-th member takes its place, which leaves a uniform draw from the others.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.statistics.conditional_problem import Problem, recount
from geo.statistics.conditional_unequal import count_unequal
from geo.statistics.significance import check_rng

__all__ = ["blocks", "conditional_counts", "draw_tuples"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Draws = NDArray[np.int32]

# Numbers held at once in one block of the reference table (32 MB of float64).
_BLOCK = 1 << 22


def conditional_counts(
    values: Floats,
    weights: sparse.csr_array,
    *,
    permutations: int,
    rng: np.random.Generator,
) -> tuple[Counts, Counts]:
    """Count conditional reference lags at least and at most as large as the observed ones.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        One value per unit; centring them beforehand helps precision and changes nothing else.
    weights : scipy.sparse.csr_array, shape (n, n)
        Weights without self-links. Rows of equal positive weights (binary, row-standardised
        binary) take the fast path.
    permutations : int
        Number R of reference draws.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    at_least, at_most : numpy.ndarray of int64, shape (n,)
        For every unit the number of the R reference lags that are >= and <= its observed
        lag, ties within rounding counted in both. Zero for units without neighbours.

    Notes
    -----
    Fast path: per cardinality the sums of the first k members are sorted once, the count of
    a unit is a binary search, and the few tuples that contain the unit itself are counted
    again with the spare. About O(R k_max log R + n log R); memory does not grow with n R.
    Any other weights: products of the weights with the drawn values in blocks that stay in
    cache, on every core, O(R sum k). Neither path holds n R numbers.

    Examples
    --------
    >>> line = sparse.csr_array(np.eye(5, k=1) + np.eye(5, k=-1))
    >>> rng = np.random.default_rng(1)
    >>> values = np.array([0.0, 1.0, 2.0, 3.0, 9.0])
    >>> at_least, at_most = conditional_counts(values, line, permutations=999, rng=rng)
    >>> int(at_least[3]), int(at_most[3])  # no two of 0, 1, 2, 9 exceed 2 + 9
    (175, 999)
    """
    problem = Problem.of(values, weights)
    count = _count_equal if problem.equal else count_unequal
    width = int(problem.cardinality[-1]) + 1
    at_least = np.zeros(len(values), dtype=np.int64)
    at_most = np.zeros(len(values), dtype=np.int64)
    for size in blocks(permutations, max(1, _BLOCK // width)):
        greater, less = count(problem, draw_tuples(len(values), width, size, rng=rng))
        at_least[problem.order] += greater
        at_most[problem.order] += less
    return at_least, at_most


def draw_tuples(n: int, width: int, size: int, *, rng: np.random.Generator) -> Draws:
    """Draw tuples of distinct integers, every ordered tuple equally likely.

    Parameters
    ----------
    n : int
        Integers are drawn from 0 .. n - 1.
    width : int
        Length of a tuple, at most ``n``.
    size : int
        Number of tuples.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    numpy.ndarray of int32, shape (width, size)
        One tuple per column.

    Examples
    --------
    >>> draws = draw_tuples(5, 5, 3, rng=np.random.default_rng(1))
    >>> np.sort(draws, axis=0).T.tolist()
    [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]
    """
    check_rng(rng)
    # Shuffling whole rows costs n per tuple, comparing members width squared.
    if 2 * width > n or width * width > 20 * n:
        return _draw_by_shuffle(n, width, size, rng)
    table = np.empty((width, size), dtype=np.int32)
    for position in range(width):
        pending = np.arange(size)
        while pending.size:
            fresh = rng.integers(0, n, pending.size, dtype=np.int32)
            table[position, pending] = fresh
            taken = table[:position] if pending.size == size else table[:position, pending]
            pending = pending[(taken == fresh).any(axis=0)]
    return table


def _draw_by_shuffle(n: int, width: int, size: int, rng: np.random.Generator) -> Draws:
    table = np.empty((width, size), dtype=np.int32)
    start = 0
    for rows in blocks(size, max(1, _BLOCK // n)):
        shuffled = rng.permuted(np.tile(np.arange(n, dtype=np.int32), (rows, 1)), axis=1)
        table[:, start : start + rows] = shuffled[:, :width].T
        start += rows
    return table


def _count_equal(problem: Problem, draws: Draws) -> tuple[Counts, Counts]:
    drawn = problem.values[draws]
    sums = _running_sums(drawn)
    size = draws.shape[1]
    at_least = np.zeros(len(problem.values), dtype=np.int64)
    at_most = np.zeros(len(problem.values), dtype=np.int64)
    for group in problem.groups:
        ordered = np.append(np.sort(sums[group.k - 1]), np.inf)
        smaller = np.searchsorted(ordered, group.low, side="left")
        at_least[group.units] = size - smaller
        # Lags within rounding of the observed one are rare; only those are searched again.
        tied = np.flatnonzero(ordered[smaller] <= group.high)
        smaller[tied] = np.searchsorted(ordered, group.high[tied], side="right")
        at_most[group.units] = smaller
    for position in range(draws.shape[0] - 1):
        unit = draws[position]
        k = problem.cardinality[unit]
        tuples = np.flatnonzero(k > position)
        unit, k = unit[tuples], k[tuples]
        self_included = sums[k - 1, tuples]
        exchanged = self_included - drawn[position, tuples] + drawn[k, tuples]
        recount((problem.low, problem.high), (at_least, at_most), unit, (self_included, exchanged))
    return at_least, at_most


def _running_sums(drawn: Floats) -> Floats:
    """Add up rows from the first on; row by row, which numpy's cumsum does not do."""
    sums = np.empty_like(drawn)
    sums[0] = drawn[0]
    for row in range(1, len(drawn)):
        np.add(sums[row - 1], drawn[row], out=sums[row])
    return sums


def blocks(total: int, largest: int) -> Iterator[int]:
    """Split a total into blocks whose sizes depend on the problem alone.

    Parameters
    ----------
    total : int
        What is split.
    largest : int
        Size of every block but the last.

    Yields
    ------
    int
        Size of the next block.

    Examples
    --------
    >>> list(blocks(10, 4))
    [4, 4, 2]
    """
    for start in range(0, total, largest):
        yield min(largest, total - start)
