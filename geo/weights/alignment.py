"""The alignment law: values and weights meet by label, never by position."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo.errors import WeightsError
from geo.weights.construction import (
    check_graph,
    check_labels,
    check_series,
    name_labels,
    named,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["align", "sparse_matrix"]

# "empty": nothing but missing values, which are told as such.
_NUMBERS = ("floating", "integer", "mixed-integer-float", "decimal", "boolean", "empty")


def align(values: pd.Series, graph: "Graph") -> pd.Series:
    """Put values into the order of a graph, by label.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit of ``graph``, in any order.
    graph : libpysal.graph.Graph
        Spatial weights.

    Returns
    -------
    pandas.Series
        The values as float, indexed by ``graph.unique_ids`` in that order.

    Raises
    ------
    geo.errors.WeightsError
        A label is missing, extra or repeated, or a value is not a finite number; the error
        names the labels. Or the values are no Series, or the weights no Graph.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> graph = Graph.from_arrays(["a", "b", "b", "c"], ["b", "a", "c", "b"], [1, 1, 1, 1])
    >>> align(pd.Series({"c": 3.0, "a": 1.0, "b": 2.0}), graph).tolist()
    [1.0, 2.0, 3.0]
    >>> align(pd.Series({"c": 3.0, "a": 1.0, "d": 2.0}), graph)
    Traceback (most recent call last):
        ...
    geo.errors.WeightsError: values and weights name different units; without a value: b;
    without weights: d; drop these units from both sides or add what is missing
    """
    check_series(values)
    check_graph(graph)
    labels = graph.unique_ids
    if values.index.equals(labels):
        aligned = pd.Series(_as_float(values), index=labels, name=values.name)
    else:
        _check_same_units(values.index, labels)
        aligned = pd.Series(_as_float(values), index=values.index, name=values.name)
        aligned = aligned.reindex(labels)
    bad = list(labels[~np.isfinite(aligned.to_numpy())])
    if bad:
        raise WeightsError(
            f"values are missing or not finite for {name_labels(bad)}; drop these units "
            "with restrict(graph, labels) or supply the values",
            code="weights.values_missing",
            **named(bad),
        )
    return aligned


def _check_same_units(index: pd.Index, labels: pd.Index) -> None:
    check_labels(index)
    missing = list(labels.difference(index, sort=False))
    extra = list(index.difference(labels, sort=False))
    if missing and {str(label) for label in missing} == {str(label) for label in extra}:
        raise WeightsError(
            f"labels are alike but of two types: {type(extra[0]).__name__} of the values, "
            f"{type(missing[0]).__name__} of the weights; turn one into the other, by "
            "index.astype(str) or integer=True when reading weights",
            code="weights.label_types",
            values=type(extra[0]).__name__,
            weights=type(missing[0]).__name__,
        )
    if missing or extra:
        parts = [
            f"{what}: {name_labels(listed)}"
            for what, listed in (("without a value", missing), ("without weights", extra))
            if listed
        ]
        raise WeightsError(
            f"values and weights name different units; {'; '.join(parts)}; "
            "drop these units from both sides or add what is missing",
            code="weights.labels_mismatch",
            missing=missing,
            extra=extra,
            missing_units=name_labels(missing) or "-",
            extra_units=name_labels(extra) or "-",
        )


def sparse_matrix(graph: "Graph") -> tuple[pd.Index, sparse.csr_array]:
    """Return the labels and the sparse matrix of a graph, without stored zeros.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Spatial weights.

    Returns
    -------
    labels : pandas.Index
        ``graph.unique_ids``.
    matrix : scipy.sparse.csr_array, shape (n, n)
        Weights; row i holds what unit i receives from its neighbours.

    Raises
    ------
    geo.errors.WeightsError
        The weights are no Graph.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> graph = Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1, 1, 0])
    >>> labels, matrix = sparse_matrix(graph)
    >>> list(labels), matrix.toarray().tolist()
    (['a', 'b', 'c'], [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    """
    check_graph(graph)
    labels = graph.unique_ids
    adjacency = graph.adjacency
    focal, neighbor = (_positions(adjacency.index, level, labels) for level in (0, 1))
    weight = adjacency.to_numpy(dtype=np.float64)
    linked = weight != 0.0
    # Picking copies, so that nobody who changes the matrix changes the graph.
    if linked.all():
        weight = weight.copy()
    else:
        focal, neighbor, weight = focal[linked], neighbor[linked], weight[linked]
    shape = (len(labels), len(labels))
    if (focal[1:] >= focal[:-1]).all():
        starts = np.zeros(len(labels) + 1, dtype=np.int32)
        np.cumsum(np.bincount(focal, minlength=len(labels)), out=starts[1:])
        matrix = sparse.csr_array((weight, neighbor.astype(np.int32), starts), shape=shape)
    else:
        matrix = sparse.csr_array((weight, (focal, neighbor)), shape=shape)
    matrix.sum_duplicates()
    return labels, matrix


def reorder(matrix: sparse.csr_array, order: NDArray[np.intp]) -> sparse.csr_array:
    """Pick rows and columns by position, entries of a row in column order.

    Without the sorting the last bit of a sum depends on the order of the input. Where every
    position keeps its place the matrix itself is returned.
    """
    if len(order) == matrix.shape[0] and np.array_equal(order, np.arange(len(order))):
        matrix.sort_indices()
        return matrix
    picked = sparse.csr_array(matrix[order][:, order])
    picked.sort_indices()
    return picked


def _positions(index: pd.MultiIndex, level: int, labels: pd.Index) -> NDArray[np.intp]:
    level_labels, codes = index.levels[level], index.codes[level]
    if level_labels.equals(labels):
        return np.asarray(codes, dtype=np.intp)
    positions: NDArray[np.intp] = labels.get_indexer(level_labels)[codes]
    return positions


def _as_float(values: pd.Series) -> NDArray[np.float64]:
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind not in _NUMBERS and len(values):
        raise WeightsError(
            f"the values of {values.name!r} are not numbers (dtype {values.dtype}); "
            "convert them before the test",
            code="weights.values_not_numeric",
            name=values.name,
            dtype=str(values.dtype),
        )
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
