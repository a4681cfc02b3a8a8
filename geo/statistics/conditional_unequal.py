"""Counts of reference lags under unequal weights: products in parts that stay in cache."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.statistics.conditional_problem import Group, Problem, recount
from geo.workers import current_workers

__all__ = ["count_unequal", "product", "row_step"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Draws = NDArray[np.int32]
# Number of neighbours, first unit, end.
_Part = tuple[int, int, int]

# Reference lags of unequal weights held at once: 2 MB stay in cache until they are counted.
_LAGS = 1 << 18

# Multiplications of one matrix product. OpenBLAS splits larger ones among threads, which wait
# for each other at every product: many times slower where the cores are busy.
_PRODUCT = 1 << 18
_NARROWEST = 256

# Turns in which each share of the workers takes its parts: few of large maps, each of many.
_TURNS = 4


def count_unequal(problem: Problem, draws: Draws) -> tuple[Counts, Counts]:
    """Count reference lags at least and at most as large as the observed ones.

    Parameters
    ----------
    problem : Problem
        Units and what their lags have to reach.
    draws : numpy.ndarray of int32, shape (width, draws)
        Tuples of distinct units, one more than any unit has neighbours.

    Returns
    -------
    at_least, at_most : numpy.ndarray of int64, shape (n,)
        In the order of the problem.

    Notes
    -----
    Parts are computed by :func:`geo.workers.current_workers`; what they count does not hang on
    where.

    Examples
    --------
    >>> from scipy import sparse
    >>> weights = sparse.csr_array(np.array([[0, 1.0, 2], [1, 0, 0], [1, 0, 0]]))
    >>> problem = Problem.of(np.array([1.0, 2.0, 4.0]), weights)
    >>> draws = np.array([[0, 1], [1, 2], [2, 0]], dtype=np.int32)
    >>> [found.tolist() for found in count_unequal(problem, draws)]
    [[2, 2, 1], [0, 1, 2]]
    """
    at_least = np.zeros(len(problem.values), dtype=np.int64)
    at_most = np.zeros(len(problem.values), dtype=np.int64)
    # Parts are the same wherever they are computed, and have units of their own.
    workers = current_workers()
    parts = list(_parts(problem.groups, draws.shape[1]))
    each = max(1, len(parts) // (_TURNS * workers.shares))
    turns = [parts[first : first + each] for first in range(0, len(parts), each)]
    for found in workers.results(_count_parts, _Drawn.of(problem, draws), turns):
        for (_, first, last), (greater, less) in found:
            at_least[first:last] = greater
            at_most[first:last] = less
    return at_least, at_most


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawn:
    """One block of draws, ready to be counted for any units."""

    problem: Problem
    draws: Draws
    values: Floats
    members: NDArray[np.intp]  # places in the draws, unit after unit
    bounds: NDArray[np.intp]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, problem: Problem, draws: Draws) -> "_Drawn":
        flat = draws[:-1].ravel()
        members = np.argsort(flat, kind="stable")
        return cls(
            problem=problem,
            draws=draws,
            values=problem.values[draws],
            members=members,
            bounds=np.searchsorted(flat[members], np.arange(len(problem.values) + 1)),
            starts=np.append(0, np.cumsum(problem.cardinality)),
        )

    def count(self, part: _Part) -> tuple[Counts, Counts]:
        k, first, last = part
        problem = self.problem
        rows = problem.weights[self.starts[first] : self.starts[last]].reshape(last - first, k)
        lags = product(rows, self.values[:k])
        low, high = problem.low[first:last, None], problem.high[first:last, None]
        at_least = np.count_nonzero(lags >= low, axis=1)
        at_most = np.count_nonzero(lags <= high, axis=1)
        places = self.members[self.bounds[first] : self.bounds[last]]
        position, tuples = np.divmod(places, self.draws.shape[1])
        inside = position < k
        position, tuples = position[inside], tuples[inside]
        own = self.draws[position, tuples] - first
        self_included = lags[own, tuples]
        change = self.values[k, tuples] - self.values[position, tuples]
        exchanged = self_included + rows[own, position] * change
        bounds = (problem.low[first:last], problem.high[first:last])
        recount(bounds, (at_least, at_most), own, (self_included, exchanged))
        return at_least, at_most


def _count_parts(
    drawn: _Drawn, parts: Sequence[_Part]
) -> list[tuple[_Part, tuple[Counts, Counts]]]:
    return [(part, drawn.count(part)) for part in parts]


def _parts(groups: tuple[Group, ...], size: int) -> Iterator[_Part]:
    """Yield units with one number of neighbours whose lags stay in cache."""
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
