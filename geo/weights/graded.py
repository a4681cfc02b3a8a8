"""Weights that fade with distance: inverse distance within a band, and adaptive kernels."""

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from geo.errors import WeightsError
from geo.weights.construction import Origin, check_labels, graph_from_links, mark
from geo.weights.distance import Places, distance_band, knn

if TYPE_CHECKING:
    from geopandas import GeoDataFrame, GeoSeries
    from libpysal.graph import Graph

__all__ = ["inverse_distance", "kernel"]

Floats = NDArray[np.float64]
Shape = Literal["triangular", "epanechnikov", "quartic"]

_WIDER = 1.1


def inverse_distance(
    layer: "GeoDataFrame | GeoSeries", kilometres: float, *, power: float = 1.0
) -> "Graph":
    """Link units within a band by weights that fall with distance.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame or geopandas.GeoSeries
        Points, or polygons represented by an inner point, indexed by unit label. The CRS is
        geographic (geodesic distance) or projected in metres.
    kilometres : float
        Greatest distance in km, included.
    power : float, default 1.0
        Exponent, positive.

    Returns
    -------
    libpysal.graph.Graph
        Symmetric weights d**-power, d in km. Units with nobody in reach are isolates.

    Raises
    ------
    geo.errors.WeightsError
        Labels repeat, the CRS is missing, threshold or power are not positive, or two units
        lie at one point, which would give them an infinite weight.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoSeries.from_xy([116.4, 117.2, 121.5], [39.9, 39.1, 31.2],
    ...                                index=["Beijing", "Tianjin", "Shanghai"], crs=4326)
    >>> inverse_distance(points, 150)["Beijing"].round(4).to_dict()
    {'Tianjin': 0.0089}
    """
    if not 0.0 < power < np.inf:
        raise WeightsError(
            f"the exponent must be a positive number, got {power}",
            code="weights.power",
            power=power,
        )
    band = distance_band(layer, kilometres)
    focal, neighbor, apart = _lengths(layer, band)
    if len(apart) and apart.min() == 0.0:
        place = int(np.argmin(apart))
        pair = [layer.index[focal[place]], layer.index[neighbor[place]]]
        raise WeightsError(
            f"{pair[0]} and {pair[1]} lie at one point; their inverse distance is infinite",
            code="weights.one_point",
            first=pair[0],
            second=pair[1],
        )
    rule = f"inverse-{kilometres:g}km" + (f"-power-{power:g}" if power != 1.0 else "")
    graph = graph_from_links(layer.index, focal, neighbor, (apart / 1000.0) ** -power)
    return mark(graph, Origin(rule=rule))


def kernel(layer: "GeoDataFrame | GeoSeries", k: int, *, shape: Shape = "triangular") -> "Graph":
    """Link every unit with its nearest ones by a kernel as wide as the reach of the next.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame or geopandas.GeoSeries
        Points, or polygons represented by an inner point, indexed by unit label.
    k : int
        Number of neighbours, at least 1 and less than the number of units.
    shape : {"triangular", "epanechnikov", "quartic"}, default "triangular"
        1 - u, 1 - u**2 or (1 - u**2)**2 with u the distance over the bandwidth.

    Returns
    -------
    libpysal.graph.Graph
        Weights between 0 and 1, not symmetric in general; no unit is linked with itself.

    Raises
    ------
    geo.errors.WeightsError
        Labels repeat, the CRS is missing, ``k`` is out of range, or the shape is unknown.

    Notes
    -----
    The bandwidth of a unit is a tenth more than the distance to its k-th neighbour, so that
    this one still has some weight; where all k lie at one point they weigh alike.

    References
    ----------
    .. [1] Anselin and Rey (2014), Modern Spatial Econometrics in Practice, GeoDa Press,
       ch. 4.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoSeries.from_xy([116.4, 117.2, 121.5], [39.9, 39.1, 31.2],
    ...                                index=["Beijing", "Tianjin", "Shanghai"], crs=4326)
    >>> kernel(points, 1)["Shanghai"].round(4).to_dict()
    {'Tianjin': 0.0909}
    """
    if shape not in get_args(Shape):
        raise WeightsError(
            f"the kernel must be one of {', '.join(get_args(Shape))}, got {shape!r}",
            code="weights.kernel",
            value=shape,
            allowed=", ".join(get_args(Shape)),
        )
    focal, neighbor, apart = _lengths(layer, knn(layer, k))
    width = np.zeros(len(layer))
    np.maximum.at(width, focal, _WIDER * apart)
    share = np.divide(apart, width[focal], out=np.zeros(len(apart)), where=width[focal] > 0.0)
    weight = {
        "triangular": 1.0 - share,
        "epanechnikov": 1.0 - share**2,
        "quartic": (1.0 - share**2) ** 2,
    }[shape]
    graph = graph_from_links(layer.index, focal, neighbor, weight)
    return mark(graph, Origin(rule=f"kernel-{shape}-{k}"))


def _lengths(
    layer: "GeoDataFrame | GeoSeries", graph: "Graph"
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Return the links of a graph as positions in the layer, and their lengths in metres."""
    check_labels(layer.index)
    links = graph.adjacency[graph.adjacency > 0.0].index
    focal = layer.index.get_indexer(links.get_level_values(0))
    neighbor = layer.index.get_indexer(links.get_level_values(1))
    return focal, neighbor, Places(layer.geometry).between(focal, neighbor)
