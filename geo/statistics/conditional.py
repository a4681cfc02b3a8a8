"""The reference distribution of local statistics, shared by all units.

Under conditional permutation unit i keeps its value and its k neighbours are drawn without
replacement from the others. That law depends on i only through k and through the exclusion
of i. So R tuples of k_max + 1 distinct units are drawn once; the first k of a tuple are a
reference neighbourhood for every unit with k neighbours. Where unit i itself is among
them, the (k + 1)-th member takes its place, which leaves a uniform draw from the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.weights.alignment import reorder

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
    Any other weights: a product of the weights with the drawn values, in blocks.

    Examples
    --------
    >>> line = sparse.csr_array(np.eye(5, k=1) + np.eye(5, k=-1))
    >>> rng = np.random.default_rng(1)
    >>> values = np.array([0.0, 1.0, 2.0, 3.0, 9.0])
    >>> at_least, at_most = conditional_counts(values, line, permutations=999, rng=rng)
    >>> int(at_least[3]), int(at_most[3])  # no two of 0, 1, 2, 9 exceed 2 + 9
    (175, 999)
    """
    cardinality = np.diff(weights.indptr)
    order = np.argsort(cardinality, kind="stable")
    problem = _Problem.of(values[order], reorder(weights, order))
    count = _count_equal if problem.equal else _count_general
    width = int(cardinality.max()) + 1
    at_least = np.zeros(len(values), dtype=np.int64)
    at_most = np.zeros(len(values), dtype=np.int64)
    for size in blocks(permutations, max(1, _BLOCK // width)):
        draws = draw_tuples(len(values), width, size, rng=rng)
        greater, less = count(problem, draws)
        at_least[order] += greater
        at_most[order] += less
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    """Units in order of their number of neighbours, and what each has to reach."""

    values: Floats
    weights: sparse.csr_array
    cardinality: NDArray[np.int64]
    equal: bool
    low: Floats  # reference lags from here on are "at least" the observed one
    high: Floats  # reference lags up to here are "at most" the observed one

    @classmethod
    def of(cls, values: Floats, weights: sparse.csr_array) -> "_Problem":
        cardinality = np.diff(weights.indptr).astype(np.int64)
        rows = np.repeat(np.arange(len(values)), cardinality)
        largest = np.zeros(len(values))
        np.maximum.at(largest, rows, np.abs(weights.data))
        spread = np.abs(weights.data - largest[rows])
        equal = bool((spread <= 1e-12 * largest[rows]).all())
        if equal:
            # Sums instead of weighted lags: the same order, without the division.
            weights = sparse.csr_array(
                (np.ones(len(rows)), weights.indices, weights.indptr), shape=weights.shape
            )
            largest[:] = 1.0
        observed = weights @ values
        # Bounds the rounding of two sums of k terms and one exchange.
        scale = float(np.abs(values).max()) * largest
        slack = 4.0 * np.finfo(np.float64).eps * (cardinality + 1.0) ** 2 * scale
        return cls(
            values=values,
            weights=weights,
            cardinality=cardinality,
            equal=equal,
            low=observed - slack,
            high=observed + slack,
        )

    def groups(self) -> Iterator[tuple[int, int, int]]:
        """Yield ``(k, start, stop)`` of the units with k > 0 neighbours."""
        sizes, starts = np.unique(self.cardinality, return_index=True)
        stops = np.append(starts[1:], len(self.cardinality))
        for k, start, stop in zip(sizes, starts, stops, strict=True):
            if k > 0:
                yield int(k), int(start), int(stop)


def _count_equal(problem: _Problem, draws: Draws) -> tuple[Counts, Counts]:
    drawn = problem.values[draws]
    sums = np.cumsum(drawn, axis=0)
    size = draws.shape[1]
    at_least = np.zeros(len(problem.values), dtype=np.int64)
    at_most = np.zeros(len(problem.values), dtype=np.int64)
    for k, start, stop in problem.groups():
        ordered = np.sort(sums[k - 1])
        # Sorted needles keep the binary searches in cache.
        units = start + np.argsort(problem.low[start:stop], kind="stable")
        at_least[units] = size - np.searchsorted(ordered, problem.low[units], side="left")
        at_most[units] = np.searchsorted(ordered, problem.high[units], side="right")
    for position in range(draws.shape[0] - 1):
        unit = draws[position]
        tuples = np.flatnonzero(problem.cardinality[unit] > position)
        unit = unit[tuples]
        k = problem.cardinality[unit]
        self_included = sums[k - 1, tuples]
        exchanged = self_included - drawn[position, tuples] + drawn[k, tuples]
        _recount(problem, (at_least, at_most), unit, (self_included, exchanged))
    return at_least, at_most


def _count_general(problem: _Problem, draws: Draws) -> tuple[Counts, Counts]:
    drawn = problem.values[draws]
    size = draws.shape[1]
    at_least = np.zeros(len(problem.values), dtype=np.int64)
    at_most = np.zeros(len(problem.values), dtype=np.int64)
    members = draws[:-1].ravel()
    by_unit = np.argsort(members, kind="stable")
    bounds = np.searchsorted(members[by_unit], np.arange(len(problem.values) + 1))
    indptr, data = problem.weights.indptr, problem.weights.data
    for k, start, stop in problem.groups():
        step = max(1, _BLOCK // size)
        for first in range(start, stop, step):
            last = min(first + step, stop)
            rows = data[indptr[first] : indptr[last]].reshape(last - first, k)
            lags = rows @ drawn[:k]
            at_least[first:last] = (lags >= problem.low[first:last, None]).sum(axis=1)
            at_most[first:last] = (lags <= problem.high[first:last, None]).sum(axis=1)
            position, tuples = np.divmod(by_unit[bounds[first] : bounds[last]], size)
            inside = position < k
            position, tuples = position[inside], tuples[inside]
            unit = draws[position, tuples]
            self_included = lags[unit - first, tuples]
            change = drawn[k, tuples] - drawn[position, tuples]
            exchanged = self_included + rows[unit - first, position] * change
            _recount(problem, (at_least, at_most), unit, (self_included, exchanged))
    return at_least, at_most


def _recount(
    problem: _Problem,
    counts: tuple[Counts, Counts],
    unit: Draws,
    lags: tuple[Floats, Floats],
) -> None:
    """Take back the lags that held the unit itself and count the exchanged ones."""
    wrong, right = lags
    low, high = problem.low[unit], problem.high[unit]
    np.add.at(counts[0], unit, (right >= low).astype(np.int64) - (wrong >= low))
    np.add.at(counts[1], unit, (right <= high).astype(np.int64) - (wrong <= high))


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
