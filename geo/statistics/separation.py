"""How far apart units lie, in classes: steps over weights, or bands of distance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from geo.crs import geodesic_distance
from geo.errors import StatisticsError
from geo.statistics.preparation import sorted_positions
from geo.weights import sparse_matrix
from geo.weights.alignment import reorder
from geo.weights.construction import check_labels, name_labels, named

if TYPE_CHECKING:
    from geopandas import GeoDataFrame, GeoSeries
    from libpysal.graph import Graph

__all__ = ["Separation", "by_distance", "by_order"]

Classes = NDArray[np.uint8]

_BLOCK = 1 << 22
_LARGEST_ORDER = 250
_WGS84 = 4326


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Separation:
    """The class of separation of every unit from every other.

    Parameters
    ----------
    labels : pandas.Index
        Units, sorted.
    classes : numpy.ndarray of uint8, shape (n, n)
        Class of the unit of the column as seen from the unit of the row: 0 for itself, 1 for
        the nearest class, ``last + 1`` for all beyond the last.
    bounds : tuple of float
        Upper bound of each class 1 .. ``last``, in ``unit``, included.
    unit : str
        What the bounds are measured in, such as ``"steps"`` or ``"km"``.
    """

    labels: pd.Index
    classes: Classes
    bounds: tuple[float, ...]
    unit: str

    @property
    def last(self) -> int:
        """Number of the last class.

        Returns
        -------
        int
            As many as there are bounds.
        """
        return len(self.bounds)


def by_order(weights: "Graph", *, max_order: int = 3) -> Separation:
    """Separate units by steps from neighbour to neighbour.

    Parameters
    ----------
    weights : libpysal.graph.Graph
        Spatial weights; a link counts in both directions, whatever its weight.
    max_order : int, default 3
        Last order told apart, from 1 to 250.

    Returns
    -------
    Separation
        Classes 1 .. ``max_order`` are that many steps.

    Raises
    ------
    geo.errors.StatisticsError
        ``max_order`` is out of range.

    Notes
    -----
    The steps between all pairs are held, n x n bytes.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccd"), list("bacbdc"), [1] * 6)
    >>> by_order(path, max_order=2).classes[0].tolist()
    [0, 1, 2, 3]
    """
    check_order(max_order)
    labels, matrix = sparse_matrix(weights)
    order = sorted_positions(labels)
    steps = count_steps(reorder(matrix, order), np.arange(len(labels)), max_order)
    bounds = tuple(float(step) for step in range(1, max_order + 1))
    return Separation(labels=labels.take(order), classes=steps, bounds=bounds, unit="steps")


def by_distance(
    layer: "GeoDataFrame | GeoSeries",
    bounds: Sequence[float],
    *,
    unit: str = "km",
    per_km: float = 1.0,
) -> Separation:
    """Separate units by bands of geodesic distance, or of anything proportional to it.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame or geopandas.GeoSeries
        Points, or polygons represented by an inner point, EPSG:4326, indexed by label.
    bounds : Sequence[float]
        Upper bounds of the bands in ``unit``, included, increasing, at most 250.
    unit : str, default "km"
        What the bounds are measured in.
    per_km : float, default 1.0
        How much of ``unit`` one km is: 0.0075 for ms of latency at 7.5 microseconds a km.

    Returns
    -------
    Separation
        Class 1 is up to the first bound; a unit itself is class 0.

    Raises
    ------
    geo.errors.StatisticsError
        Bounds do not increase from above zero, or ``per_km`` is not positive.
    geo.errors.WeightsError
        Labels repeat or are missing.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoSeries.from_xy([116.4, 117.2, 121.5], [39.9, 39.1, 31.2],
    ...                                index=["Beijing", "Tianjin", "Shanghai"], crs=4326)
    >>> by_distance(points, [150, 1000]).classes[0].tolist()  # Beijing, Shanghai, Tianjin
    [0, 3, 1]
    """
    check_labels(layer.index)
    edges = np.asarray(bounds, dtype=np.float64)
    steps = np.diff(np.concatenate([[0.0], edges]))
    if not 1 <= len(edges) <= _LARGEST_ORDER or not (steps > 0).all() or not per_km > 0:
        raise StatisticsError(
            f"bounds must increase from above zero, up to {_LARGEST_ORDER} of them, and a km "
            f"must be worth something; got {list(bounds)} and {per_km:g}",
            code="statistics.bounds",
            bounds=", ".join(f"{bound:g}" for bound in bounds),
            largest=_LARGEST_ORDER,
            per_km=per_km,
        )
    points = _inner_points(layer.geometry)
    kilometres = geodesic_distance(points.x, points.y, points.x, points.y)
    classes = np.searchsorted(edges, kilometres * per_km, side="left").astype(np.uint8) + 1
    np.fill_diagonal(classes, 0)
    return Separation(labels=points.index, classes=classes, bounds=tuple(edges.tolist()), unit=unit)


def check_order(max_order: int) -> int:
    """Return the last order if there can be such a one.

    Parameters
    ----------
    max_order : int
        To be from 1 to 250.

    Returns
    -------
    int
        The same.

    Raises
    ------
    geo.errors.StatisticsError
        It is out of range.

    Examples
    --------
    >>> check_order(3)
    3
    """
    if not 1 <= max_order <= _LARGEST_ORDER:
        raise StatisticsError(
            f"max_order must be from 1 to {_LARGEST_ORDER}, got {max_order}",
            code="statistics.max_order",
            max_order=max_order,
            largest=_LARGEST_ORDER,
        )
    return max_order


def count_steps(matrix: sparse.csr_array, start: NDArray[np.intp], limit: int) -> Classes:
    """Count the steps from each start to every unit; ``limit + 1`` stands for more.

    Parameters
    ----------
    matrix : scipy.sparse.csr_array
        Weights; a link counts in both directions.
    start : numpy.ndarray of int
        Positions to count from.
    limit : int
        Largest number told apart, at most 254.

    Returns
    -------
    numpy.ndarray of uint8, shape (len(start), n)
        Steps.

    Examples
    --------
    >>> path = sparse.csr_array(np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]]))
    >>> count_steps(path, np.array([2]), 1).tolist()
    [[2, 1, 0]]
    """
    n = matrix.shape[0]
    links = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=(n, n))
    steps = np.empty((len(start), n), dtype=np.uint8)
    rows = max(1, _BLOCK // n)
    for first in range(0, len(start), rows):
        part = csgraph.dijkstra(
            links,
            directed=False,
            indices=start[first : first + rows],
            unweighted=True,
            limit=limit,
        )
        steps[first : first + rows] = np.minimum(part, limit + 1)
    return steps


def _inner_points(geometry: "GeoSeries") -> "GeoSeries":
    if geometry.crs is None or geometry.crs.to_epsg() != _WGS84:
        raise StatisticsError(
            f"bands of distance need a layer in EPSG:{_WGS84}, got {geometry.crs}; use to_crs",
            code="statistics.crs",
            crs=str(geometry.crs),
            expected=_WGS84,
        )
    absent = list(geometry.index[geometry.isna() | geometry.is_empty])
    if absent:
        raise StatisticsError(
            f"units have no geometry: {name_labels(absent)}; drop them or supply it",
            code="statistics.no_geometry",
            **named(absent),
        )
    points = geometry.representative_point()
    return points.iloc[sorted_positions(points.index)]
