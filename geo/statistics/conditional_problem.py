"""What conditional permutation has to count: units by their number of neighbours, and bounds."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.weights.alignment import reorder

__all__ = ["Group", "Problem", "recount"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# Short integers sort faster; weights that differ by rounding only are equal.
_SHORT = 1 << 16
_ALIKE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Units with one number of neighbours, in the order of what their lags have to reach.

    Attributes
    ----------
    k : int
        Number of neighbours.
    start, stop : int
        Where they stand among all units.
    units : numpy.ndarray of int, shape (stop - start,)
        They, by what their lags have to reach.
    low, high : numpy.ndarray, shape (stop - start,)
        Bounds of their lags, in the order of ``units``.
    """

    k: int
    start: int
    stop: int
    units: NDArray[np.intp]
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """Units in order of their number of neighbours, and what each has to reach.

    Attributes
    ----------
    order : numpy.ndarray of int, shape (n,)
        Positions of the units in the order of the values given.
    values : numpy.ndarray, shape (n,)
        Values, ordered.
    weights : numpy.ndarray, shape (links,)
        Of all units one after the other; ones where those of a unit are equal.
    equal : bool
        Whether the weights of every unit are equal and positive.
    cardinality : numpy.ndarray of int64, shape (n,)
        Number of neighbours.
    low, high : numpy.ndarray, shape (n,)
        Reference lags from the first on are "at least" the observed one, those up to the second
        "at most".
    groups : tuple[Group, ...]
        Units with neighbours, by their number.
    """

    order: NDArray[np.intp]
    values: Floats
    weights: Floats
    equal: bool
    cardinality: NDArray[np.int64]
    low: Floats
    high: Floats
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, values: Floats, weights: sparse.csr_array) -> "Problem":
        """Order the units, and say what their lags have to reach.

        Parameters
        ----------
        values : numpy.ndarray, shape (n,)
            One value per unit.
        weights : scipy.sparse.csr_array, shape (n, n)
            Weights without self-links.

        Returns
        -------
        Problem
            Ready to be counted.

        Examples
        --------
        >>> line = sparse.csr_array(np.eye(3, k=1) + np.eye(3, k=-1))
        >>> Problem.of(np.array([1.0, 2.0, 4.0]), line).cardinality.tolist()
        [1, 1, 2]
        """
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


def _groups(cardinality: NDArray[np.int64], low: Floats, high: Floats) -> Iterator[Group]:
    sizes, starts = np.unique(cardinality, return_index=True)
    stops = np.append(starts[1:], len(cardinality))
    for k, start, stop in zip(sizes.tolist(), starts.tolist(), stops.tolist(), strict=True):
        if k > 0:
            # Sorted needles keep the binary searches in cache.
            units = start + np.argsort(low[start:stop])
            yield Group(k=k, start=start, stop=stop, units=units, low=low[units], high=high[units])


def recount(
    bounds: tuple[Floats, Floats],
    counts: tuple[Counts, Counts],
    unit: NDArray[np.int32],
    lags: tuple[Floats, Floats],
) -> None:
    """Take back the lags that held the unit itself and count the exchanged ones.

    Parameters
    ----------
    bounds : tuple[numpy.ndarray, numpy.ndarray]
        What lags have to reach, and must not exceed, shape (n,).
    counts : tuple[numpy.ndarray, numpy.ndarray]
        Lags at least and at most as large, shape (n,); changed in place.
    unit : numpy.ndarray of int32, shape (m,)
        The unit of each exchange.
    lags : tuple[numpy.ndarray, numpy.ndarray]
        The lag that held the unit itself, and that with the spare in its place, shape (m,).

    Examples
    --------
    >>> counts = np.array([5]), np.array([5])
    >>> recount((np.zeros(1), np.zeros(1)), counts, np.zeros(1, dtype=np.int32),
    ...         (np.array([-1.0]), np.array([1.0])))
    >>> counts[0].tolist(), counts[1].tolist()
    ([6], [4])
    """
    wrong, right = lags
    low, high = bounds[0][unit], bounds[1][unit]
    for count, now, before in (
        (counts[0], right >= low, wrong >= low),
        (counts[1], right <= high, wrong <= high),
    ):
        changed = np.flatnonzero(now != before)
        np.add.at(count, unit[changed], 2 * now[changed].astype(np.int64) - 1)
