"""Contiguity weights: shared borders, bridges over water, islands by explicit policy."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from geo.errors import WeightsError
from geo.weights.alignment import sparse_matrix
from geo.weights.construction import (
    Origin,
    check_labels,
    graph_from_links,
    mark,
    name_labels,
    named,
    origin_of,
)
from geo.weights.distance import nearest_links
from geo.weights.touching import touching_pairs

if TYPE_CHECKING:
    from geopandas import GeoDataFrame, GeoSeries
    from libpysal.graph import Graph

__all__ = [
    "Islands",
    "add_bridges",
    "build_contiguity",
    "higher_order",
    "restrict",
    "row_standardise",
    "settle_islands",
]

Islands = Literal["error", "drop", "knn1", "keep"]


def build_contiguity(
    layer: "GeoDataFrame",
    *,
    rule: Literal["queen", "rook"] = "queen",
    bridges: Iterable[tuple[Any, Any]] = (),
    islands: Islands = "error",
    tolerance: float = 0.0,
) -> "Graph":
    """Link units that touch.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Polygons indexed by unit label; a valid coverage.
    rule : {"queen", "rook"}, default "queen"
        ``"queen"`` links units that share at least one point, ``"rook"`` those that share a
        piece of border.
    bridges : iterable of (label, label), optional
        Pairs linked although they do not touch.
    islands : {"error", "drop", "knn1", "keep"}, default "error"
        What happens to units that still have no neighbour: refuse; leave them out of the
        graph; link each with its nearest unit (both ways); or keep them as isolates, which
        every statistic then names and leaves untested.
    tolerance : float, default 0.0
        Greatest gap between neighbours, in units of the CRS, for layers whose borders do not
        quite meet; ``rule="queen"`` only. Zero links units that touch.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights over the labels of ``layer``. Borders need not share vertices, and
        units that overlap are neighbours.

    Raises
    ------
    geo.errors.WeightsError
        Labels repeat, a geometry is missing, the tolerance is negative or joined with rook, a
        bridge is impossible, or an island is met under ``islands="error"``.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> squares = [box(x, 0, x + 1, 1) for x in (0, 1, 5)]
    >>> layer = gpd.GeoDataFrame(index=["a", "b", "c"], geometry=squares, crs=3857)
    >>> graph = build_contiguity(layer, bridges=[("b", "c")])
    >>> sorted(graph["b"].index)
    ['a', 'c']
    """
    _check_choice("rule", rule, ("queen", "rook"))
    _check_tolerance(tolerance, rule)
    check_labels(layer.index)
    geometry = layer.geometry
    empty = list(layer.index[geometry.isna() | geometry.is_empty])
    if empty:
        raise WeightsError(
            f"units have no geometry: {name_labels(empty)}; drop them before building weights",
            code="weights.geometry_missing",
            **named(empty),
        )
    first, second = touching_pairs(geometry.to_numpy(), rule=rule, tolerance=tolerance)
    focal, neighbor = np.concatenate([first, second]), np.concatenate([second, first])
    name = f"{rule}-within-{tolerance:g}" if tolerance else rule
    graph = mark(graph_from_links(layer.index, focal, neighbor), Origin(rule=name))
    return settle_islands(add_bridges(graph, bridges), layer, islands)


def add_bridges(graph: "Graph", pairs: Iterable[tuple[Any, Any]]) -> "Graph":
    """Link pairs of units both ways.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Binary weights; bridges come before standardisation.
    pairs : iterable of (label, label)
        Units to link. A pair already linked stays as it is.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights with the bridges, which :func:`geo.weights.describe` lists.

    Raises
    ------
    geo.errors.WeightsError
        A label is unknown, a unit is bridged to itself, or the weights are not binary.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> graph = Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1, 1, 0])
    >>> add_bridges(graph, [("c", "a")]).cardinalities.to_dict()
    {'a': 2, 'b': 1, 'c': 1}
    """
    bridges = tuple((first, second) for first, second in pairs)
    origin = origin_of(graph)
    if not bridges:
        return graph
    labels, matrix = sparse_matrix(graph)
    if (matrix.data != 1).any():
        raise WeightsError(
            "bridges need binary weights; add them before row_standardise",
            code="weights.not_binary",
        )
    unknown = sorted({str(label) for pair in bridges for label in pair if label not in labels})
    if unknown:
        raise WeightsError(
            f"bridges name units that are not in the weights: {name_labels(unknown)}; "
            "correct the label or leave the bridge out",
            code="weights.bridge_unknown",
            **named(unknown),
        )
    loops = [first for first, second in bridges if first == second]
    if loops:
        raise WeightsError(
            f"a bridge links a unit with itself: {name_labels(loops)}",
            code="weights.bridge_loop",
            **named(loops),
        )
    start = labels.get_indexer(pd.Index([pair[0] for pair in bridges]))
    end = labels.get_indexer(pd.Index([pair[1] for pair in bridges]))
    links = matrix.tocoo()
    both = np.concatenate(
        [
            np.column_stack([links.row, links.col]),
            np.column_stack([start, end]),
            np.column_stack([end, start]),
        ]
    )
    both = np.unique(both, axis=0)
    merged = tuple(dict.fromkeys(origin.bridges + bridges))
    return mark(graph_from_links(labels, both[:, 0], both[:, 1]), replace(origin, bridges=merged))


def higher_order(graph: "Graph", order: int, *, cumulative: bool = False) -> "Graph":
    """Link units that are a given number of steps apart.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        First-order weights; values are ignored, links count.
    order : int
        Length of the shortest path between linked units, at least 1.
    cumulative : bool, default False
        Whether nearer units are linked too.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights.

    Raises
    ------
    geo.errors.WeightsError
        ``order`` is smaller than 1.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(["a", "b", "b", "c"], ["b", "a", "c", "b"], [1, 1, 1, 1])
    >>> higher_order(path, 2)["a"].index.tolist()
    ['c']
    """
    if order < 1:
        raise WeightsError(
            f"order must be at least 1, got {order}", code="weights.order", order=order
        )
    labels, matrix = sparse_matrix(graph)
    step = _pattern(matrix)
    ring = reached = step
    for _ in range(order - 1):
        ring = _pattern(ring @ step)
        ring = _pattern(ring - ring.multiply(reached))
        reached = _pattern(reached + ring)
    links = (reached if cumulative else ring).tocoo()
    return mark(
        graph_from_links(labels, links.row, links.col), replace(origin_of(graph), order=order)
    )


def restrict(graph: "Graph", labels: Iterable[Any]) -> "Graph":
    """Keep only some units, as if the others had never been there.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Spatial weights that are not row-standardised.
    labels : iterable
        Labels to keep, for example the index of the values without gaps.

    Returns
    -------
    libpysal.graph.Graph
        Weights over the kept units in the order of ``graph``.

    Raises
    ------
    geo.errors.WeightsError
        A label is unknown or repeated, or the weights are row-standardised (their rows would
        no longer sum to one).

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(["a", "b", "b", "c"], ["b", "a", "c", "b"], [1, 1, 1, 1])
    >>> restrict(path, ["c", "b"]).cardinalities.to_dict()
    {'b': 1, 'c': 1}
    """
    kept = pd.Index(list(labels))
    check_labels(kept)
    known, matrix = sparse_matrix(graph)
    unknown = list(kept.difference(known, sort=False))
    if unknown:
        raise WeightsError(
            f"units are not in the weights: {name_labels(unknown)}",
            code="weights.labels_unknown",
            **named(unknown),
        )
    if graph.transformation == "R":
        raise WeightsError(
            "restrict the weights before row_standardise", code="weights.standardised"
        )
    keep = np.flatnonzero(known.isin(kept))
    links = matrix[keep][:, keep].tocoo()
    origin = origin_of(graph)
    bridges = tuple(pair for pair in origin.bridges if pair[0] in kept and pair[1] in kept)
    return mark(
        graph_from_links(known[keep], links.row, links.col, links.data),
        replace(origin, bridges=bridges),
    )


def row_standardise(graph: "Graph") -> "Graph":
    """Scale the weights of every unit to sum to one.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Spatial weights.

    Returns
    -------
    libpysal.graph.Graph
        Weights with row sums of one; isolates keep none.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(["a", "b", "b", "c"], ["b", "a", "c", "b"], [1, 1, 1, 1])
    >>> row_standardise(path)["b"].tolist()
    [0.5, 0.5]
    """
    return mark(graph.transform("R"), origin_of(graph))


def settle_islands(graph: "Graph", layer: "GeoDataFrame | GeoSeries", islands: Islands) -> "Graph":
    """Do what was said about units without neighbours.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Spatial weights, not row-standardised.
    layer : geopandas.GeoDataFrame or geopandas.GeoSeries
        The same units, for the nearest one.
    islands : {"error", "drop", "knn1", "keep"}
        As in :func:`build_contiguity`; ``"knn1"`` needs binary weights.

    Returns
    -------
    libpysal.graph.Graph
        Weights, with fewer units under ``"drop"``.

    Raises
    ------
    geo.errors.WeightsError
        There are such units under ``"error"``, the option is unknown, or a link of the nearest
        unit has no weight because the others are not binary.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> import geopandas as gpd
    >>> graph = Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1, 1, 0])
    >>> points = gpd.GeoSeries.from_xy([0, 1, 3], [0, 0, 0], index=list("abc"), crs=4326)
    >>> settle_islands(graph, points, "knn1").cardinalities.to_dict()
    {'a': 1, 'b': 2, 'c': 1}
    """
    _check_choice("islands", islands, ("error", "drop", "knn1", "keep"))
    lonely = list(graph.isolates)
    if not lonely or islands == "keep":
        return graph
    if islands == "error":
        raise WeightsError(
            f"units have no neighbour: {name_labels(lonely)}; bridge them, or choose "
            'islands="drop", "knn1" or "keep"',
            code="weights.islands",
            **named(lonely),
        )
    if islands == "drop":
        kept = graph.unique_ids.difference(lonely, sort=False)
        if len(kept) == 0:
            raise WeightsError(
                "no unit has a neighbour; give at least one link", code="weights.no_links"
            )
        return restrict(graph, kept)
    return add_bridges(graph, nearest_links(layer.geometry, lonely))


def _pattern(matrix: sparse.csr_array) -> sparse.csr_array:
    """Ones where ``matrix`` has off-diagonal entries."""
    entries = sparse.coo_array(matrix)
    kept = (entries.data != 0) & (entries.row != entries.col)
    row, col = entries.row[kept], entries.col[kept]
    return sparse.csr_array((np.ones(len(row)), (row, col)), shape=matrix.shape)


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise WeightsError(
            f"{name} must be one of {', '.join(allowed)}, got {value!r}",
            code="weights.choice",
            option=name,
            value=value,
            allowed=", ".join(allowed),
        )


def _check_tolerance(tolerance: float, rule: str) -> None:
    if not 0.0 <= tolerance < np.inf or (tolerance and rule == "rook"):
        raise WeightsError(
            f"the tolerance must be 0 or, with queen contiguity, a positive length; got "
            f"{tolerance} with {rule}; a border across a gap has no length, so clean the "
            "coverage before rook contiguity",
            code="weights.tolerance",
            tolerance=tolerance,
            rule=rule,
        )
