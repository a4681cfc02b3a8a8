"""What a graph is made of: the line every spatial result prints."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csgraph

from geo.weights.alignment import sparse_matrix
from geo.weights.construction import origin_of

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["WeightsReport", "describe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsReport:
    """Summary of spatial weights.

    Parameters
    ----------
    rule : str
        ``"queen"``, ``"rook"``, ``"knn-4"``, ``"band-100km"``, or ``"unknown"`` for a graph
        that was not built here.
    order : int
        Order of contiguity.
    row_standardised : bool
        Whether the weights of every linked unit sum to one.
    n : int
        Number of units.
    links : int
        Number of directed links (a shared border counts twice).
    isolates : tuple
        Labels of units without a link of their own.
    components : int
        Number of connected parts, links taken as two-way.
    cardinality_min : int
        Smallest number of neighbours.
    cardinality_mean : float
        Mean number of neighbours.
    cardinality_max : int
        Largest number of neighbours.
    bridges : tuple of tuple
        Pairs of labels linked by hand.
    """

    rule: str
    order: int
    row_standardised: bool
    n: int
    links: int
    isolates: tuple[Any, ...]
    components: int
    cardinality_min: int
    cardinality_mean: float
    cardinality_max: int
    bridges: tuple[tuple[Any, Any], ...]


def describe(graph: "Graph") -> WeightsReport:
    """Summarise spatial weights.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Spatial weights, built here or elsewhere.

    Returns
    -------
    WeightsReport
        Rule, size, isolates, components, numbers of neighbours, bridges.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> graph = Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1, 1, 0])
    >>> report = describe(graph)
    >>> report.n, report.links, report.isolates, report.components
    (3, 2, ('c',), 2)
    """
    labels, matrix = sparse_matrix(graph)
    cardinality = np.diff(matrix.indptr)
    sums = matrix.sum(axis=1)[cardinality > 0]
    origin = origin_of(graph)
    return WeightsReport(
        rule=origin.rule,
        order=origin.order,
        row_standardised=bool(sums.size) and bool(np.allclose(sums, 1.0, rtol=1e-9, atol=0.0)),
        n=len(labels),
        links=int(matrix.nnz),
        isolates=tuple(labels[cardinality == 0]),
        components=int(csgraph.connected_components(matrix, directed=False)[0]),
        cardinality_min=int(cardinality.min()),
        cardinality_mean=float(cardinality.mean()),
        cardinality_max=int(cardinality.max()),
        bridges=origin.bridges,
    )
