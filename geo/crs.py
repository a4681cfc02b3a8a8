"""Coordinate reference systems of China and the checks that catch a wrong one."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

from geo.errors import LayerError

__all__ = [
    "ALBERS",
    "CHINA_EXTENT",
    "GEOGRAPHIC",
    "Extent",
    "check_extent",
    "geodesic_circle",
    "geodesic_distance",
    "geodesic_distances",
]

GEOGRAPHIC = "EPSG:4326"
# No EPSG code has these parallels: ESRI:102025 is 15/65, lon 95, and distorts angles by 8 degrees.
ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"

_WGS84 = Geod(ellps="WGS84")
_WEST, _EAST, _SOUTH, _NORTH = -180.0, 180.0, -90.0, 90.0
_SHOWN = 10
_CORNERS = 180

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """A rectangle in degrees that a layer is expected to lie in.

    Attributes
    ----------
    west, south, east, north : float
        Bounds in degrees of longitude and latitude.
    """

    west: float
    south: float
    east: float
    north: float


CHINA_EXTENT = Extent(west=73.0, south=3.0, east=136.0, north=54.0)


def check_extent(layer: gpd.GeoDataFrame, *, extent: Extent = CHINA_EXTENT) -> None:
    """Refuse a geographic layer whose coordinates cannot be degrees inside ``extent``.

    A layer with longitude and latitude swapped is valid geometry; only its extent shows it.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        A layer in geographic coordinates, indexed by code.
    extent : Extent, default CHINA_EXTENT
        Where every unit must lie, in degrees.

    Raises
    ------
    LayerError
        ``crs.projected``: the numbers are too large for degrees. ``crs.swapped``: they fit
        with the axes exchanged. ``crs.outside``: units lie outside, named by code.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame(
    ...     {"geometry": [box(39, 115, 41, 117)]}, index=["110000"], crs=GEOGRAPHIC
    ... )
    >>> check_extent(layer)
    Traceback (most recent call last):
    geo.errors.LayerError: longitude and latitude are swapped: x runs from 39 to 41, ...
    """
    bounds = layer.geometry.bounds.to_numpy(dtype=np.float64)
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    seen = {"west": float(west), "south": float(south), "east": float(east), "north": float(north)}
    inside = _inside(bounds, extent)
    if inside.all():
        return
    if _inside(bounds[:, [1, 0, 3, 2]], extent).all():
        raise LayerError(
            f"longitude and latitude are swapped: x runs from {west:.6g} to {east:.6g}, y from "
            f"{south:.6g} to {north:.6g}. Exchange the two axes.",
            code="crs.swapped",
            **seen,
        )
    if west < _WEST or east > _EAST or south < _SOUTH or north > _NORTH:
        raise LayerError(
            f"coordinates run to x {west:.0f}..{east:.0f}, y {south:.0f}..{north:.0f}: these are "
            "not degrees; the layer is projected but its CRS says geographic. "
            "Set the CRS it was made in.",
            code="crs.projected",
            **seen,
        )
    codes = [str(label) for label in layer.index[~inside]]
    raise LayerError(
        f"{len(codes)} units lie outside {extent.west:.6g}..{extent.east:.6g} E, "
        f"{extent.south:.6g}..{extent.north:.6g} N: {', '.join(codes[:_SHOWN])}. "
        "Check the CRS, or remove them.",
        code="crs.outside",
        units=", ".join(codes[:_SHOWN]),
        count=len(codes),
        **seen,
    )


def geodesic_distance(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> FloatArray:
    """Return the distance on the WGS84 ellipsoid between every two points of two sets.

    Parameters
    ----------
    lon1, lat1 : array_like of float, shape (n,)
        First set, degrees.
    lon2, lat2 : array_like of float, shape (m,)
        Second set, degrees.

    Returns
    -------
    numpy.ndarray of float, shape (n, m)
        Kilometres; row i belongs to the i-th point of the first set.

    Notes
    -----
    Karney, C. F. F. (2013). Algorithms for geodesics. Journal of Geodesy 87, 43-55, as
    implemented in PROJ. Planar Albers distances between Chinese cities are off by up to
    3.5 percent.

    Examples
    --------
    Beijing to Guiyang and to Shanghai:

    >>> geodesic_distance([116.4], [39.9], [106.63, 121.47], [26.65, 31.23]).round()
    array([[1726., 1066.]])
    """
    x1, y1 = np.broadcast_arrays(_flat(lon1)[:, None], _flat(lat1)[:, None])
    x2, y2 = np.broadcast_arrays(_flat(lon2)[None, :], _flat(lat2)[None, :])
    shape = (x1.shape[0], x2.shape[1])
    lon_a, lat_a, lon_b, lat_b = (np.broadcast_to(side, shape).ravel() for side in (x1, y1, x2, y2))
    metres = np.asarray(_WGS84.inv(lon_a, lat_a, lon_b, lat_b)[2], dtype=np.float64)
    return metres.reshape(shape) / 1000.0


def geodesic_distances(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> FloatArray:
    """Return the distance on the WGS84 ellipsoid within each of several pairs of points.

    Parameters
    ----------
    lon1, lat1, lon2, lat2 : array_like of float, shape (n,)
        Both points of each pair, degrees.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        Kilometres, see :func:`geodesic_distance`.

    Examples
    --------
    >>> geodesic_distances([116.4, 116.4], [39.9, 39.9], [106.63, 116.4], [26.65, 39.9]).round()
    array([1726.,    0.])
    """
    ends = (_flat(lon1), _flat(lat1), _flat(lon2), _flat(lat2))
    return np.asarray(_WGS84.inv(*ends)[2], dtype=np.float64) / 1000.0


def geodesic_circle(lon: float, lat: float, km: float) -> shapely.Polygon:
    """Return everything within a distance of a point, on the WGS84 ellipsoid.

    Parameters
    ----------
    lon, lat : float
        The centre, degrees.
    km : float
        The radius, kilometres.

    Returns
    -------
    shapely.Polygon
        In degrees, of 180 corners on the circle, counter-clockwise; a chord leaves the circle
        by less than 0.02 per cent of its radius.

    Notes
    -----
    Every corner is solved on the ellipsoid (Karney 2013, see :func:`geodesic_distance`).

    Examples
    --------
    >>> west, south, east, north = geodesic_circle(105.0, 35.0, 100.0).bounds
    >>> round(east - west, 3), round(north - south, 3)
    (2.191, 1.803)
    """
    azimuths = np.linspace(360.0, 0.0, _CORNERS, endpoint=False)
    start = np.full(_CORNERS, lon), np.full(_CORNERS, lat)
    x, y, _ = _WGS84.fwd(*start, azimuths, np.full(_CORNERS, km * 1000.0))
    return shapely.Polygon(np.column_stack([x, y]))


def _flat(values: npt.ArrayLike) -> FloatArray:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def _inside(bounds: FloatArray, extent: Extent) -> npt.NDArray[np.bool_]:
    low = (bounds[:, 0] >= extent.west) & (bounds[:, 1] >= extent.south)
    return np.asarray(low & (bounds[:, 2] <= extent.east) & (bounds[:, 3] <= extent.north))
