"""Weights made of two others: links of either, of both, of one without the other."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from scipy import sparse

from geo.errors import WeightsError
from geo.weights.alignment import reorder, sparse_matrix
from geo.weights.construction import Origin, graph_from_links, mark, name_labels, named, origin_of

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["difference", "intersection", "union"]

Matrix = sparse.csr_array


def union(first: "Graph", second: "Graph") -> "Graph":
    """Link the units that either of two weights links.

    Parameters
    ----------
    first, second : libpysal.graph.Graph
        Weights of the same units in any order; values are ignored, links count.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights in the order of ``first``.

    Raises
    ------
    geo.errors.WeightsError
        The two are about different units.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> one = Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1, 1, 0])
    >>> other = Graph.from_arrays(["c", "b", "a"], ["b", "c", "a"], [1, 1, 0])
    >>> union(one, other).cardinalities.to_dict()
    {'a': 1, 'b': 2, 'c': 1}
    """
    return _combined(first, second, "or", lambda one, other: one + other)


def intersection(first: "Graph", second: "Graph") -> "Graph":
    """Link the units that both of two weights link.

    Parameters
    ----------
    first, second : libpysal.graph.Graph
        Weights of the same units in any order; values are ignored, links count.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights in the order of ``first``.

    Raises
    ------
    geo.errors.WeightsError
        The two are about different units.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> one = Graph.from_arrays(["a", "b", "b", "c"], ["b", "a", "c", "b"], [1] * 4)
    >>> other = Graph.from_arrays(["c", "b", "a"], ["b", "c", "a"], [1, 1, 0])
    >>> intersection(one, other).cardinalities.to_dict()
    {'a': 0, 'b': 1, 'c': 1}
    """
    return _combined(first, second, "and", lambda one, other: one.multiply(other))


def difference(first: "Graph", second: "Graph") -> "Graph":
    """Link the units that the first of two weights links and the second does not.

    Parameters
    ----------
    first, second : libpysal.graph.Graph
        Weights of the same units in any order; values are ignored, links count.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights in the order of ``first``.

    Raises
    ------
    geo.errors.WeightsError
        The two are about different units.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> one = Graph.from_arrays(["a", "b", "b", "c"], ["b", "a", "c", "b"], [1] * 4)
    >>> other = Graph.from_arrays(["c", "b", "a"], ["b", "c", "a"], [1, 1, 0])
    >>> difference(one, other).cardinalities.to_dict()
    {'a': 1, 'b': 1, 'c': 0}
    """
    return _combined(first, second, "without", lambda one, other: one - one.multiply(other))


def _combined(
    first: "Graph", second: "Graph", word: str, combine: Callable[[Matrix, Matrix], Matrix]
) -> "Graph":
    labels, one = sparse_matrix(first)
    others, other = sparse_matrix(second)
    lacking = list(labels.symmetric_difference(others, sort=False))
    if lacking:
        raise WeightsError(
            f"two weights are about different units; only in one of them: {name_labels(lacking)}",
            code="weights.units_differ",
            **named(lacking),
        )
    other = reorder(other, others.get_indexer(labels))
    one.data[:] = 1.0
    other.data[:] = 1.0
    found = sparse.csr_array(combine(one, other))
    found.eliminate_zeros()
    links = found.tocoo()
    origins = origin_of(first), origin_of(second)
    linked = set(zip(labels[links.row], labels[links.col], strict=True))
    bridges = dict.fromkeys(origins[0].bridges + origins[1].bridges)
    kept = tuple(pair for pair in bridges if pair in linked)
    rule = f"{origins[0].rule} {word} {origins[1].rule}"
    order = max(origin.order for origin in origins)
    graph = graph_from_links(labels, links.row, links.col)
    return mark(graph, Origin(rule=rule, order=order, bridges=kept))
