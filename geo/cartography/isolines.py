"""Lines of equal distance to the nearest of several places, measured on the ellipsoid."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.cartography.drawing import project
from geo.crs import GEOGRAPHIC, geodesic_circle
from geo.errors import CartographyError

__all__ = ["distance_lines"]


def distance_lines(
    places: gpd.GeoSeries, radii: Mapping[str, float], *, within: gpd.GeoSeries
) -> gpd.GeoSeries:
    """Return where the nearest place is exactly so far away.

    Parameters
    ----------
    places : geopandas.GeoSeries
        Points with a CRS.
    radii : Mapping[str, float]
        Name of each line to its distance in kilometres.
    within : geopandas.GeoSeries
        Polygons with a CRS that the lines are cut to.

    Returns
    -------
    geopandas.GeoSeries
        One line geometry per name, in the projection of the maps; lines that lie outside
        altogether are left out.

    Raises
    ------
    CartographyError
        ``cartography.radius``: a distance that is not positive and finite.

    Notes
    -----
    The points of equal distance to the nearest of several places are the outline of the union
    of circles around them. The circles are geodesic: every corner is solved on the ellipsoid
    (:func:`geo.crs.geodesic_circle`), so that the projection, which keeps areas and no
    distances, does not matter.

    Examples
    --------
    >>> hub = gpd.GeoSeries([shapely.Point(105, 35)], crs="EPSG:4326")
    >>> land = gpd.GeoSeries([shapely.box(90, 20, 120, 50)], crs="EPSG:4326")
    >>> distance_lines(hub, {"100": 100.0, "9000": 9000.0}, within=land).index.to_list()
    ['100']
    """
    wrong = [name for name, km in radii.items() if not (np.isfinite(km) and km > 0)]
    if wrong:
        raise CartographyError(
            f"distances must be positive and finite: {', '.join(wrong)}",
            code="cartography.radius",
            got=wrong,
        )
    degrees = places.to_crs(GEOGRAPHIC)
    land = shapely.union_all(project(within).to_numpy())
    found: dict[str, BaseGeometry] = {}
    for name, km in radii.items():
        circles = [geodesic_circle(point.x, point.y, km) for point in degrees]
        reached = shapely.union_all(project(gpd.GeoSeries(circles, crs=GEOGRAPHIC)).to_numpy())
        line = shapely.intersection(shapely.boundary(reached), land)
        if not line.is_empty:
            found[name] = line
    return gpd.GeoSeries(found, crs=project(within).crs, dtype="geometry")
