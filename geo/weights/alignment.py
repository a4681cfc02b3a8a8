"""The alignment law: values and weights meet by label, never by position."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo.errors import WeightsError
from geo.weights.construction import check_labels, name_labels, named

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["align", "sparse_matrix"]


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
        A label is missing, extra or repeated, or a value is not a finite number. The
        error names the labels.

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
    check_labels(values.index)
    labels = graph.unique_ids
    missing = list(labels.difference(values.index, sort=False))
    extra = list(values.index.difference(labels, sort=False))
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
    aligned = pd.Series(_as_float(values), index=values.index, name=values.name).reindex(labels)
    bad = list(labels[~np.isfinite(aligned.to_numpy())])
    if bad:
        raise WeightsError(
            f"values are missing or not finite for {name_labels(bad)}; drop these units "
            "with restrict(graph, labels) or supply the values",
            code="weights.values_missing",
            **named(bad),
        )
    return aligned


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

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> graph = Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1, 1, 0])
    >>> labels, matrix = sparse_matrix(graph)
    >>> list(labels), matrix.toarray().tolist()
    (['a', 'b', 'c'], [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    """
    labels = graph.unique_ids
    adjacency = graph.adjacency
    focal, neighbor = (_positions(adjacency.index, level, labels) for level in (0, 1))
    matrix = sparse.csr_array(
        (adjacency.to_numpy(dtype=np.float64), (focal, neighbor)), shape=(len(labels), len(labels))
    )
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return labels, matrix


def reorder(matrix: sparse.csr_array, order: NDArray[np.intp]) -> sparse.csr_array:
    """Pick rows and columns by position, entries of a row in column order.

    Without the sorting the last bit of a sum depends on the order of the input.
    """
    picked = sparse.csr_array(matrix[order][:, order])
    picked.sort_indices()
    return picked


def _positions(index: pd.MultiIndex, level: int, labels: pd.Index) -> NDArray[np.intp]:
    positions: NDArray[np.intp] = labels.get_indexer(index.levels[level])[index.codes[level]]
    return positions


def _as_float(values: pd.Series) -> NDArray[np.float64]:
    try:
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise WeightsError(
            f"the values of {values.name!r} are not numbers (dtype {values.dtype}); "
            "convert them before the test",
            code="weights.values_not_numeric",
            name=values.name,
            dtype=str(values.dtype),
        ) from error
