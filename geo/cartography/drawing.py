"""From polygons to the paths, borders and rectangles that figures and pages draw."""

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.path import Path as MplPath

from geo.crs import ALBERS, GEOGRAPHIC
from geo.errors import CartographyError

__all__ = [
    "check_drawable",
    "check_places",
    "compound_path",
    "interior_borders",
    "outer_borders",
    "project",
]

# A point taken from a gazetteer and a simplified shore may lie this far apart, in metres.
_NEAR = 15_000.0


def project(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Project geometry to the equal-area Albers projection of the maps.

    Parameters
    ----------
    geometry : geopandas.GeoSeries
        Any geometry with a CRS.

    Returns
    -------
    geopandas.GeoSeries
        The same index, in metres.

    Raises
    ------
    CartographyError
        ``cartography.no_crs``: the geometry has no CRS.

    Examples
    --------
    >>> point = project(gpd.GeoSeries([shapely.Point(105, 0)], crs="EPSG:4326"))
    >>> bool(abs(point.x.iloc[0]) < 1e-6)
    True
    """
    if geometry.crs is None:
        raise CartographyError(
            "geometry without a CRS cannot be drawn; set it first", code="cartography.no_crs"
        )
    return geometry.to_crs(ALBERS)


def check_drawable(layer: gpd.GeoDataFrame, required: Iterable[str]) -> None:
    """Refuse a layer that would leave a unit out of the map.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Units indexed by code.
    required : Iterable[str]
        Codes that must be present.

    Raises
    ------
    CartographyError
        ``cartography.required_missing`` or ``cartography.empty_unit``.

    Examples
    --------
    >>> layer = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], index=["a"])
    >>> check_drawable(layer, ["a"])
    """
    absent = [code for code in required if code not in layer.index]
    if absent:
        raise CartographyError(
            f"the map must show the units {', '.join(absent)}, which the layer lacks",
            code="cartography.required_missing",
            units=absent,
        )
    hollow = layer.geometry.isna() | layer.geometry.is_empty
    if hollow.any():
        codes = [str(code) for code in layer.index[hollow]]
        raise CartographyError(
            f"units without geometry would be white holes: {', '.join(codes[:5])}",
            code="cartography.empty_unit",
            units=codes,
        )


def check_places(
    shapes: gpd.GeoSeries,
    places: Sequence[tuple[float, float]],
    *,
    frames: Sequence[tuple[float, float, float, float]] | None = None,
) -> None:
    """Refuse a map on which a place is not drawn, or lies outside every frame.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Projected units, see :func:`project`.
    places : Sequence[tuple[float, float]]
        Longitude and latitude of places that must lie on the units or within 15 km of one.
    frames : Sequence[tuple[float, float, float, float]] or None
        West, south, east, north of the views in metres; None where everything is in view.

    Raises
    ------
    CartographyError
        ``cartography.not_drawn`` or ``cartography.outside_frame``.

    Examples
    --------
    >>> box = project(gpd.GeoSeries([shapely.box(100, 30, 110, 40)], crs="EPSG:4326"))
    >>> check_places(box, [(105, 35)])
    """
    points = project(gpd.GeoSeries([shapely.Point(*p) for p in places], crs=GEOGRAPHIC))
    found = shapes.sindex.query(points.to_numpy(), predicate="dwithin", distance=_NEAR)[0]
    absent = [place for at, place in enumerate(places) if at not in set(found)]
    if absent:
        raise CartographyError(
            f"the layer has nothing at places the map must show: {absent}",
            code="cartography.not_drawn",
            points=absent,
        )
    if frames is None:
        return
    views = [shapely.box(*frame) for frame in frames]
    lost = [
        place
        for place, point in zip(places, points, strict=True)
        if not any(view.contains(point) for view in views)
    ]
    if lost:
        raise CartographyError(
            f"the frame cuts off places the map must show: {lost}",
            code="cartography.outside_frame",
            points=lost,
        )


def compound_path(geometries: Iterable[shapely.Geometry]) -> MplPath:
    """Join polygons, holes and all, into one path.

    Parameters
    ----------
    geometries : Iterable[shapely.Geometry]
        Polygons and multipolygons.

    Returns
    -------
    matplotlib.path.Path
        A path whose fill follows the orientation of the rings.

    Examples
    --------
    >>> len(compound_path([shapely.box(0, 0, 1, 1)]).vertices)
    5
    """
    parts = shapely.get_parts(np.asarray(list(geometries), dtype=object))
    rings = shapely.get_rings(shapely.orient_polygons(parts))
    points, owner = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), MplPath.LINETO, dtype=np.uint8)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    codes[first] = MplPath.MOVETO
    codes[np.append(first[1:], len(points)) - 1] = MplPath.CLOSEPOLY
    return MplPath(points, codes)


def interior_borders(layer: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the lines that two polygons of a coverage share, each once.

    Parameters
    ----------
    layer : geopandas.GeoSeries
        A valid polygon coverage: neighbours have the same vertices.

    Returns
    -------
    geopandas.GeoSeries
        One merged line geometry.

    Notes
    -----
    Drawing these instead of the polygon outlines keeps islets from turning into specks of ink.

    Examples
    --------
    >>> halves = gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> interior_borders(halves).length.tolist()
    [1.0]
    """
    return _borders(layer, shared=True)


def outer_borders(layer: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the lines that belong to one polygon of a coverage only.

    Parameters
    ----------
    layer : geopandas.GeoSeries
        A valid polygon coverage: neighbours have the same vertices.

    Returns
    -------
    geopandas.GeoSeries
        One merged line geometry.

    Examples
    --------
    >>> halves = gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> outer_borders(halves).length.tolist()
    [6.0]
    """
    return _borders(layer, shared=False)


def _borders(layer: gpd.GeoSeries, *, shared: bool) -> gpd.GeoSeries:
    rings = shapely.get_rings(shapely.get_parts(layer.to_numpy()))
    points, owner = shapely.get_coordinates(rings, return_index=True)
    inside = owner[:-1] == owner[1:]
    edges = np.hstack([points[:-1], points[1:]])[inside]
    backwards = (edges[:, 0] > edges[:, 2]) | (
        (edges[:, 0] == edges[:, 2]) & (edges[:, 1] > edges[:, 3])
    )
    edges[backwards] = edges[backwards][:, [2, 3, 0, 1]]
    unique, times = np.unique(edges, axis=0, return_counts=True)
    chosen = unique[times > 1] if shared else unique[times == 1]
    segments = [shapely.LineString(pair) for pair in chosen.reshape(-1, 2, 2)]
    merged = shapely.line_merge(shapely.MultiLineString(segments))
    return gpd.GeoSeries([merged], crs=layer.crs)
