"""What every spatial statistic does first: meet by label, refuse, fix one order of units."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo.errors import StatisticsError
from geo.weights import align, sparse_matrix
from geo.weights.alignment import reorder

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["Prepared", "canonical", "deviations", "dot", "prepare"]

FEWEST_UNITS = 4


_SMALLEST, _LARGEST = 1e-50, 1e50


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """Values and weights of the linked units, in an order fixed by the labels alone.

    The fixed order makes a random test independent of how the caller's rows are sorted.
    Units without any link take no part: their values enter no mean and no reference.
    """

    index: pd.Index  # the caller's labels, in the caller's order
    labels: pd.Index  # units that take part, sorted
    isolates: tuple[Any, ...]  # units without neighbours of their own, sorted
    values: NDArray[np.float64]
    weights: sparse.csr_array

    def spread(self, result: NDArray[Any]) -> pd.Series:
        """Return a copy of a result of the participating units on the caller's index."""
        # The type is given, or pandas would look at every word.
        series = pd.Series(result, index=self.labels, dtype=result.dtype, copy=True)
        if self.labels.equals(self.index):
            return series.set_axis(self.index)
        return series.reindex(self.index)


def prepare(values: pd.Series, graph: "Graph") -> Prepared:
    """Align values with weights and check that a statistic is defined.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit.
    graph : libpysal.graph.Graph
        Spatial weights without self-links.

    Returns
    -------
    Prepared
        Values and weight matrix of the linked units in canonical order.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match, values are missing, or a unit is linked with itself.
    geo.errors.StatisticsError
        Fewer than four linked units, or all values equal.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> graph = Graph.from_arrays(list("abcde"), list("badce"), [1, 1, 1, 1, 0])
    >>> prepared = prepare(pd.Series({"e": 9.0, "d": 4.0, "c": 3.0, "b": 2.0, "a": 1.0}), graph)
    >>> prepared.values.tolist(), prepared.isolates
    ([1.0, 2.0, 3.0, 4.0], ('e',))
    """
    aligned = align(values, graph)
    labels, matrix = canonical(graph)
    out_links = np.diff(matrix.indptr)
    in_links = np.bincount(matrix.indices, minlength=len(labels))
    linked = np.flatnonzero(out_links + in_links)
    if not labels.equals(aligned.index):
        aligned = aligned.reindex(labels)
    number = aligned.to_numpy()[linked]
    if len(linked) < FEWEST_UNITS:
        raise StatisticsError(
            f"at least {FEWEST_UNITS} linked units are needed, got {len(linked)}",
            code="statistics.too_few_units",
            n=len(linked),
            fewest=FEWEST_UNITS,
        )
    if np.ptp(number / 2.0) <= 2.0 * _rounding(number):
        raise StatisticsError(
            f"all linked units have the same value {number[0]:g}; a spatial statistic "
            "needs values that differ",
            code="statistics.constant",
            value=float(number[0]),
        )
    size = float(np.abs(number).max())
    if not _SMALLEST < size < _LARGEST:
        # The statistics know no unit of measurement; squares would leave the range of numbers.
        number = np.ldexp(number, -int(np.frexp(size)[1]))
    return Prepared(
        index=values.index,
        labels=labels.take(linked),
        isolates=tuple(labels[out_links == 0]),
        values=number,
        weights=reorder(matrix, linked),
    )


def canonical(graph: "Graph") -> tuple[pd.Index, sparse.csr_array]:
    """Return labels and weights in the order of the labels, self-links refused.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Spatial weights.

    Returns
    -------
    labels : pandas.Index
        Labels, sorted.
    matrix : scipy.sparse.csr_array, shape (n, n)
        Weights in that order.

    Raises
    ------
    geo.errors.StatisticsError
        A unit is linked with itself.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> labels, matrix = canonical(Graph.from_arrays(["b", "a"], ["a", "b"], [1, 2]))
    >>> list(labels), matrix.toarray().tolist()
    (['a', 'b'], [[0.0, 2.0], [1.0, 0.0]])
    """
    labels, matrix = sparse_matrix(graph)
    order = sorted_positions(labels)
    matrix = reorder(matrix, order)
    if matrix.diagonal().any():
        raise StatisticsError(
            "units are linked with themselves; remove self-weights with "
            "graph.assign_self_weight(0)",
            code="statistics.self_weight",
        )
    return labels.take(order), matrix


def deviations(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return deviations from the mean, exactly zero where they are rounding only.

    Parameters
    ----------
    values : numpy.ndarray
        Finite numbers.

    Returns
    -------
    numpy.ndarray
        Deviations.

    Examples
    --------
    >>> float(deviations(np.array([0.1, 0.2, 0.3]))[1])
    0.0
    """
    centred = values - values.mean()
    return np.where(np.abs(centred) <= _rounding(values), 0.0, centred)


def dot(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the sum of products of two vectors, the same bits on any number of threads.

    Parameters
    ----------
    one, other : numpy.ndarray, shape (n,)
        The vectors.

    Returns
    -------
    float
        Sum of the products; a BLAS would split it among its threads and so round it otherwise.

    Examples
    --------
    >>> dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float((one * other).sum())


def _rounding(values: NDArray[np.float64]) -> float:
    """Bound the rounding error of a deviation from the mean."""
    return float(8.0 * np.finfo(np.float64).eps * np.abs(values).max())


def sorted_positions(labels: pd.Index) -> NDArray[np.intp]:
    """Return the positions that sort labels, also where types are mixed."""
    if labels.is_monotonic_increasing:
        return np.arange(len(labels), dtype=np.intp)
    try:
        return np.asarray(labels.argsort(), dtype=np.intp)
    except TypeError:
        keys = [(type(label).__name__, str(label)) for label in labels]
        return np.asarray(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)
