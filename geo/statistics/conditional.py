"""The reference distribution of local statistics, shared by all units.

Under conditional permutation unit i keeps its value and its k neighbours are drawn without
replacement from the others. That law depends on i only through k and through the exclusion
of i. So R tuples of k_max + 1 distinct units are drawn once; the first k of a tuple are a
reference neighbourhood for every unit with k neighbours. Where unit i itself is among
them, the (k + 1)-th member takes its place, which leaves a uniform draw from the others.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.statistics.significance import check_rng
from geo.weights.alignment import reorder

__all__ = ["blocks", "conditional_counts", "draw_tuples"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Draws = NDArray[np.int32]

# Numbers held at once in one block of the reference table (32 MB of float64).
_BLOCK = 1 << 22

# Reference lags of unequal weights held at once: 2 MB stay in cache until they are counted.
_LAGS = 1 << 18

# Multiplications of one matrix product. OpenBLAS splits larger ones among threads, which wait
# for each other at every product: many times slower where the cores are busy.
_PRODUCT = 1 << 18
_NARROWEST = 256

# Short integers sort faster; weights that differ by rounding only are equal.
_SHORT = 1 << 16
_ALIKE = 1e-12


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
    problem = _Problem.of(values, weights)
    count = _count_equal if problem.equal else _count_general
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Group:
    """Units with one number of neighbours, in the order of what their lags have to reach."""

    k: int
    start: int
    stop: int
    units: NDArray[np.intp]
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    """Units in order of their number of neighbours, and what each has to reach."""

    order: NDArray[np.intp]
    values: Floats
    weights: Floats  # of all units one after the other, ones where those of a unit are equal
    equal: bool
    cardinality: NDArray[np.int64]
    low: Floats  # reference lags from here on are "at least" the observed one
    high: Floats  # reference lags up to here are "at most" the observed one
    groups: tuple[_Group, ...]

    @classmethod
    def of(cls, values: Floats, weights: sparse.csr_array) -> "_Problem":
        cardinality = np.diff(weights.indptr).astype(np.int64)
        short = cardinality.astype(np.uint16) if cardinality.max() < _SHORT else cardinality
        order = np.argsort(short, kind="stable")
        equal = _equal_rows(weights, cardinality)
        if equal:
            # Sums instead of weighted lags: the same order, without the division.
            ones = np.ones(len(weights.data))
            rows = sparse.csr_array((ones, weights.indices, weights.indptr), shape=weights.shape)
            observed = np.asarray(rows @ values)[order]
            largest = np.ones(len(values))
        else:
            rows = reorder(weights, order)
            observed = np.asarray(rows @ values[order])
            largest = _largest(weights)
        cardinality = cardinality[order]
        # Bounds the rounding of two sums of k terms and one exchange.
        scale = float(np.abs(values).max()) * largest[order]
        slack = 4.0 * np.finfo(np.float64).eps * (cardinality + 1.0) ** 2 * scale
        low, high = observed - slack, observed + slack
        return cls(
            order=order,
            values=values[order],
            weights=rows.data,
            equal=equal,
            cardinality=cardinality,
            low=low,
            high=high,
            groups=tuple(_groups(cardinality, low, high)),
        )


def _equal_rows(weights: sparse.csr_array, cardinality: NDArray[np.int64]) -> bool:
    """Tell whether the weights of every row are positive and equal."""
    data: Floats = np.asarray(weights.data)
    filled = cardinality > 0
    first = np.repeat(data[np.asarray(weights.indptr)[:-1][filled]], cardinality[filled])
    return bool((first > 0.0).all() and (np.abs(data - first) <= _ALIKE * first).all())


def _largest(weights: sparse.csr_array) -> Floats:
    """Return the largest weight of every row, by size; zero for rows without one."""
    starts: NDArray[np.int32] = np.asarray(weights.indptr)
    filled = np.flatnonzero(np.diff(starts))
    largest = np.zeros(len(starts) - 1)
    largest[filled] = np.maximum.reduceat(np.abs(np.asarray(weights.data)), starts[filled])
    return largest


def _groups(cardinality: NDArray[np.int64], low: Floats, high: Floats) -> Iterator[_Group]:
    sizes, starts = np.unique(cardinality, return_index=True)
    stops = np.append(starts[1:], len(cardinality))
    for k, start, stop in zip(sizes.tolist(), starts.tolist(), stops.tolist(), strict=True):
        if k > 0:
            # Sorted needles keep the binary searches in cache.
            units = start + np.argsort(low[start:stop])
            yield _Group(k=k, start=start, stop=stop, units=units, low=low[units], high=high[units])


def _count_equal(problem: _Problem, draws: Draws) -> tuple[Counts, Counts]:
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
        _recount(problem, (at_least, at_most), unit, (self_included, exchanged))
    return at_least, at_most


def _running_sums(drawn: Floats) -> Floats:
    """Add up rows from the first on; row by row, which numpy's cumsum does not do."""
    sums = np.empty_like(drawn)
    sums[0] = drawn[0]
    for row in range(1, len(drawn)):
        np.add(sums[row - 1], drawn[row], out=sums[row])
    return sums


def _count_general(problem: _Problem, draws: Draws) -> tuple[Counts, Counts]:
    drawn = problem.values[draws]
    size = draws.shape[1]
    at_least = np.zeros(len(problem.values), dtype=np.int64)
    at_most = np.zeros(len(problem.values), dtype=np.int64)
    members = draws[:-1].ravel()
    by_unit = np.argsort(members, kind="stable")
    bounds = np.searchsorted(members[by_unit], np.arange(len(problem.values) + 1))
    starts = np.append(0, np.cumsum(problem.cardinality))

    def count(part: tuple[int, int, int]) -> None:
        k, first, last = part
        rows = problem.weights[starts[first] : starts[last]].reshape(last - first, k)
        lags = product(rows, drawn[:k])
        low, high = problem.low[first:last, None], problem.high[first:last, None]
        at_least[first:last] = np.count_nonzero(lags >= low, axis=1)
        at_most[first:last] = np.count_nonzero(lags <= high, axis=1)
        position, tuples = np.divmod(by_unit[bounds[first] : bounds[last]], size)
        inside = position < k
        position, tuples = position[inside], tuples[inside]
        unit = draws[position, tuples]
        self_included = lags[unit - first, tuples]
        change = drawn[k, tuples] - drawn[position, tuples]
        exchanged = self_included + rows[unit - first, position] * change
        _recount(problem, (at_least, at_most), unit, (self_included, exchanged))

    # Parts are the same on any number of cores and write to units of their own.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for _ in pool.map(count, _parts(problem.groups, size)):
            pass
    return at_least, at_most


def _parts(groups: tuple[_Group, ...], size: int) -> Iterator[tuple[int, int, int]]:
    """Yield ``(k, first, last)``: units with k neighbours whose lags stay in cache."""
    for group in groups:
        step = row_step(size, group.k)
        for first in range(group.start, group.stop, step):
            yield group.k, first, min(first + step, group.stop)


def product(rows: Floats, drawn: Floats) -> Floats:
    """Multiply matrices in parts so small that BLAS keeps each to one thread.

    Parameters
    ----------
    rows : numpy.ndarray, shape (units, k)
        As a rule weights.
    drawn : numpy.ndarray, shape (k, draws)
        As a rule drawn values.

    Returns
    -------
    numpy.ndarray, shape (units, draws)
        ``rows @ drawn``, the same bits on any number of threads.

    Examples
    --------
    >>> product(np.array([[0.5, 0.5]]), np.array([[1.0, 4.0], [3.0, 8.0]])).tolist()
    [[2.0, 6.0]]
    """
    result = np.empty((len(rows), drawn.shape[1]))
    width = max(1, _PRODUCT // rows.size)
    for start in range(0, drawn.shape[1], width):
        part = slice(start, start + width)
        np.matmul(rows, drawn[:, part], out=result[:, part])
    return result


def row_step(size: int, inner: int) -> int:
    """Return how many units to take at once, so that their lags stay in cache.

    Parameters
    ----------
    size : int
        Draws.
    inner : int
        Terms of a product of one unit with one draw.

    Returns
    -------
    int
        Number of units, at least one.

    Examples
    --------
    >>> row_step(99_999, 6)
    2
    """
    return max(1, min(_LAGS // size, _PRODUCT // (_NARROWEST * inner)))


def _recount(
    problem: _Problem,
    counts: tuple[Counts, Counts],
    unit: Draws,
    lags: tuple[Floats, Floats],
) -> None:
    """Take back the lags that held the unit itself and count the exchanged ones."""
    wrong, right = lags
    low, high = problem.low[unit], problem.high[unit]
    for count, now, before in (
        (counts[0], right >= low, wrong >= low),
        (counts[1], right <= high, wrong <= high),
    ):
        changed = np.flatnonzero(now != before)
        np.add.at(count, unit[changed], 2 * now[changed].astype(np.int64) - 1)


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
