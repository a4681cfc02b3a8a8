"""The reference distribution of squared differences to neighbours, for the local Geary.

The draws are those of :mod:`geo.statistics.conditional`: tuples of distinct units shared by
all. A sum of w_j (z_i - z_j)^2 is z_i^2 sum w_j - 2 z_i sum w_j z_j + sum w_j z_j^2: what hangs
on the draw is a product of a few numbers of the unit with a few of the draw. With equal weights
two prefix sums of a tuple serve every unit of that cardinality.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.statistics.conditional import blocks, draw_tuples
from geo.statistics.conditional_unequal import product, row_step
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
    equal weights, O(n R k) with any others, on every core; n R numbers are never held.

    Examples
    --------
    >>> line = sparse.csr_array(np.eye(5, k=1) + np.eye(5, k=-1))
    >>> values = np.array([[0.0], [1.0], [2.0], [3.0], [9.0]])
    >>> rng = np.random.default_rng(1)
    >>> at_least, at_most = squared_counts(values, line, permutations=999, rng=rng)
    >>> int(at_least[2]), int(at_most[2])  # 1 of 6 pairs
    (999, 171)
    """
    problem = _Problem.of(values, weights)
    width = int(problem.cardinality[-1]) + 1
    at_least = np.zeros(len(values), dtype=np.int64)
    at_most = np.zeros(len(values), dtype=np.int64)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for size in blocks(permutations, max(1, _BLOCK // (width * values.shape[1]))):
            block = _Block.of(problem, draw_tuples(len(values), width, size, rng=rng))
            parts = list(_parts(problem, size))
            # Parts are the same on any number of cores and have units of their own.
            for (first, last), found in zip(parts, pool.map(block.count, parts), strict=True):
                at_least[problem.order[first:last]] += found[0]
                at_most[problem.order[first:last]] += found[1]
    return at_least, at_most


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    """Units in order of their number of neighbours, and what each has to reach.

    The part of a sum that no draw can change, z_i^2 sum w_j, is taken off, and where the
    weights of every unit are equal they are divided out.
    """

    order: NDArray[np.intp]
    values: Floats
    weights: sparse.csr_array
    equal: bool
    cardinality: NDArray[np.int64]
    low: Floats  # sums from here on are "at least" the observed one
    high: Floats  # sums up to here are "at most" the observed one

    @classmethod
    def of(cls, values: Floats, weights: sparse.csr_array) -> "_Problem":
        cardinality = np.diff(weights.indptr)
        order = np.argsort(cardinality, kind="stable")
        matrix, z, size = reorder(weights, order), values[order], cardinality[order]
        observed = squared_differences(z, matrix)
        squares = (z**2).sum(axis=1)
        # Bounds the rounding of the expanded square.
        largest = np.abs(matrix.data).max() * 4.0 * squares.max()
        slack = 8.0 * np.finfo(np.float64).eps * (size + 1.0) ** 2 * largest
        fixed = squares * matrix.sum(axis=1)
        low, high = observed - slack - fixed, observed + slack - fixed
        first = np.ones(len(z))
        first[size > 0] = matrix.data[matrix.indptr[:-1][size > 0]]
        spread = np.abs(matrix.data - np.repeat(first, size))
        equal = bool((spread <= 1e-12 * np.repeat(first, size)).all())
        if equal:
            low, high = low / first, high / first
        return cls(
            order=order,
            values=z,
            weights=matrix,
            equal=equal,
            cardinality=size.astype(np.int64),
            low=low,
            high=high,
        )


def _parts(problem: _Problem, size: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of units with one number of neighbours whose sums stay in cache."""
    sizes, starts = np.unique(problem.cardinality, return_index=True)
    stops = np.append(starts[1:], len(problem.cardinality))
    quantities = problem.values.shape[1] + 1
    for k, start, stop in zip(sizes.tolist(), starts.tolist(), stops.tolist(), strict=True):
        if k == 0:
            continue
        step = row_step(size, quantities if problem.equal else quantities * k)
        for first in range(start, stop, step):
            yield first, min(first + step, stop)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Block:
    """One block of draws, ready to be counted for any units."""

    problem: _Problem
    draws: NDArray[np.int32]
    tables: dict[int, Floats]  # by cardinality: what the draws contribute, one column each
    members: NDArray[np.intp]  # places in the draws, unit after unit
    bounds: NDArray[np.intp]

    @classmethod
    def of(cls, problem: _Problem, draws: NDArray[np.int32]) -> "_Block":
        drawn = np.moveaxis(problem.values[draws], 2, 0)
        # Values of the members, quantity after quantity, then their squares.
        layers = np.concatenate([drawn, (drawn**2).sum(axis=0)[None]])
        if problem.equal:
            layers = np.cumsum(layers, axis=1)
        tables = {
            k: layers[:, k - 1] if problem.equal else layers[:, :k].reshape(-1, draws.shape[1])
            for k in np.unique(problem.cardinality).tolist()
            if k > 0
        }
        flat = draws[:-1].ravel()
        members = np.argsort(flat, kind="stable")
        bounds = np.searchsorted(flat[members], np.arange(len(problem.values) + 1))
        return cls(problem=problem, draws=draws, tables=tables, members=members, bounds=bounds)

    def count(self, part: tuple[int, int]) -> tuple[Counts, Counts]:
        first, last = part
        problem = self.problem
        k = int(problem.cardinality[first])
        starts = problem.weights.indptr
        rows = np.ones((last - first, 1))
        if not problem.equal:
            rows = problem.weights.data[starts[first] : starts[last]].reshape(-1, k)
        own = -2.0 * problem.values[first:last]
        each = [own[:, [quantity]] * rows for quantity in range(own.shape[1])]
        sums = product(np.hstack([*each, rows]), self.tables[k])
        self._exchange(sums, rows, part)
        return (
            _counted(sums >= problem.low[first:last, None]),
            _counted(sums <= problem.high[first:last, None]),
        )

    def _exchange(self, sums: Floats, rows: Floats, part: tuple[int, int]) -> None:
        """Let the spare member stand in where a unit is among its own neighbours."""
        first, last = part
        values = self.problem.values
        k, size = int(self.problem.cardinality[first]), self.draws.shape[1]
        places = self.members[self.bounds[first] : self.bounds[last]]
        position, tuples = np.divmod(places, size)
        inside = position < k
        position, tuples = position[inside], tuples[inside]
        unit = self.draws[position, tuples]
        spare = ((values[unit] - values[self.draws[k, tuples]]) ** 2).sum(axis=1)
        weight = 1.0 if self.problem.equal else rows[unit - first, position]
        # The unit differs from itself by nothing; its spare adds what it differs.
        sums[unit - first, tuples] += weight * spare


def _counted(reached: NDArray[np.bool_]) -> Counts:
    # Row by row: counting along an axis would add up numbers instead of bits.
    return np.array([np.count_nonzero(row) for row in reached], dtype=np.int64)
