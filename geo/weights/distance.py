"""Weights by distance: nearest neighbours and bands, geodesic where the CRS is geographic."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from scipy.spatial import KDTree

from geo.errors import WeightsError
from geo.weights.construction import Origin, check_labels, graph_from_links, mark

if TYPE_CHECKING:
    from geopandas import GeoDataFrame, GeoSeries
    from libpysal.graph import Graph

__all__ = ["distance_band", "knn"]

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

# A chord through the ellipsoid is never longer than the geodesic over it; the factor covers
# the rounding of both.
_SLACK = 1.0 + 1e-9


class Places:
    """Points with an exact distance in metres (geodesic) or CRS units, and a search tree."""

    def __init__(self, points: "GeoSeries") -> None:
        if points.crs is None:
            raise WeightsError(
                "the points have no CRS; set it, distances need units", code="weights.no_crs"
            )
        spots = points.representative_point()
        self.x = spots.x.to_numpy()
        self.y = spots.y.to_numpy()
        self.geod: Geod | None = points.crs.get_geod() if points.crs.is_geographic else None
        self.tree = KDTree(self._search_space())

    def _search_space(self) -> Floats:
        if self.geod is None:
            return np.column_stack([self.x, self.y])
        to_cartesian = Transformer.from_pipeline(
            f"+proj=cart +a={self.geod.a!r} +b={self.geod.b!r}"
        )
        return np.column_stack(
            to_cartesian.transform(np.radians(self.x), np.radians(self.y), np.zeros(len(self.x)))
        )

    def between(self, start: Positions, end: Positions) -> Floats:
        if self.geod is None:
            apart = np.hypot(self.x[start] - self.x[end], self.y[start] - self.y[end])
            return np.asarray(apart, dtype=np.float64)
        measured = self.geod.inv(self.x[start], self.y[start], self.x[end], self.y[end])[2]
        return np.asarray(measured, dtype=np.float64)

    def within(self, start: Positions, radius: Floats | float) -> tuple[Positions, Positions]:
        """Find the pairs whose chord is at most ``radius``: all within it, and few more."""
        found = self.tree.query_ball_point(
            self.tree.data[start], np.asarray(radius) * _SLACK, return_sorted=True
        )
        sizes = np.fromiter((len(near) for near in found), dtype=np.intp, count=len(found))
        focal = np.repeat(start, sizes)
        neighbor = np.fromiter(
            (one for near in found for one in near), dtype=np.intp, count=int(sizes.sum())
        )
        apart = focal != neighbor
        return focal[apart], neighbor[apart]

    def nearest(self, start: Positions, count: int) -> tuple[Positions, Positions]:
        """Find the ``count`` nearest places of each start, exactly; of equals the first wins."""
        _, guess = self.tree.query(self.tree.data[start], k=count + 1)
        guess = guess.reshape(len(start), count + 1)
        lengths = self.between(np.repeat(start, count + 1), guess.ravel()).reshape(guess.shape)
        # Chord order may differ from geodesic order; the farthest of the guess bounds the search.
        focal, neighbor = self.within(start, lengths.max(axis=1))
        order = np.lexsort((neighbor, self.between(focal, neighbor), focal))
        focal, neighbor = focal[order], neighbor[order]
        first = np.searchsorted(focal, focal, side="left")
        chosen = np.arange(len(focal)) - first < count
        return focal[chosen], neighbor[chosen]


def knn(layer: "GeoDataFrame | GeoSeries", k: int) -> "Graph":
    """Link every unit with its nearest ones.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame or geopandas.GeoSeries
        Points, or polygons represented by an inner point, indexed by unit label. Distances
        are geodesic on the ellipsoid of a geographic CRS, else Euclidean.
    k : int
        Number of neighbours, at least 1 and less than the number of units. Of two equally
        distant units the one that comes first in ``layer`` is taken.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights, not symmetric in general.

    Raises
    ------
    geo.errors.WeightsError
        Labels repeat, the CRS is missing, or ``k`` is out of range.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoSeries.from_xy([116.4, 117.2, 121.5], [39.9, 39.1, 31.2],
    ...                                index=["Beijing", "Tianjin", "Shanghai"], crs=4326)
    >>> knn(points, 1)["Shanghai"].index.tolist()
    ['Tianjin']
    """
    points = layer.geometry
    check_labels(points.index)
    if not 1 <= k < len(points):
        raise WeightsError(
            f"k must be from 1 to {len(points) - 1}, got {k}",
            code="weights.k",
            k=k,
            largest=len(points) - 1,
        )
    focal, neighbor = Places(points).nearest(np.arange(len(points)), k)
    return mark(graph_from_links(points.index, focal, neighbor), Origin(rule=f"knn-{k}"))


def distance_band(layer: "GeoDataFrame | GeoSeries", kilometres: float) -> "Graph":
    """Link units no farther apart than a threshold.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame or geopandas.GeoSeries
        Points, or polygons represented by an inner point, indexed by unit label. The CRS is
        geographic (geodesic distance) or projected in metres.
    kilometres : float
        Greatest distance in km, included.

    Returns
    -------
    libpysal.graph.Graph
        Binary symmetric weights. Units with nobody in reach are isolates.

    Raises
    ------
    geo.errors.WeightsError
        Labels repeat, the CRS is missing, or the threshold is not positive.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoSeries.from_xy([116.4, 117.2, 121.5], [39.9, 39.1, 31.2],
    ...                                index=["Beijing", "Tianjin", "Shanghai"], crs=4326)
    >>> distance_band(points, 150).cardinalities.to_dict()
    {'Beijing': 1, 'Tianjin': 1, 'Shanghai': 0}
    """
    points = layer.geometry
    check_labels(points.index)
    if not 0 < kilometres < np.inf:
        raise WeightsError(
            f"the distance must be a positive number of km, got {kilometres}",
            code="weights.distance",
            kilometres=kilometres,
        )
    places = Places(points)
    metres = 1000.0 * kilometres
    focal, neighbor = places.within(np.arange(len(points)), metres)
    near = places.between(focal, neighbor) <= metres
    graph = graph_from_links(points.index, focal[near], neighbor[near])
    return mark(graph, Origin(rule=f"band-{kilometres:g}km"))


def nearest_links(geometry: "GeoSeries", labels: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Pair each of ``labels`` with its nearest unit, by distance of inner points."""
    start = geometry.index.get_indexer(pd.Index(list(labels)))
    if len(geometry) == 1:
        return []
    focal, neighbor = Places(geometry).nearest(np.sort(start), 1)
    return list(zip(geometry.index[focal], geometry.index[neighbor], strict=True))
