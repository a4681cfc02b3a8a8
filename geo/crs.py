"""Coordinate reference systems of China and the checks that catch a wrong one."""

from dataclasses import dataclass
from typing import Any

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
    "DatumFinding",
    "Extent",
    "check_extent",
    "gcj02_suspicion",
    "gcj02_to_wgs84",
    "geodesic_distance",
    "wgs84_to_gcj02",
]

GEOGRAPHIC = "EPSG:4326"
# No EPSG code has these parallels: ESRI:102025 is 15/65, lon 95, and distorts angles by 8 degrees.
ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"

_WGS84 = Geod(ellps="WGS84")
_WEST, _EAST, _SOUTH, _NORTH = -180.0, 180.0, -90.0, 90.0
# Krassovsky 1940, the ellipsoid the GCJ-02 offset is computed on.
_GCJ_AXIS = 6378245.0
_GCJ_ECCENTRICITY2 = 0.00669342162296594323
_GCJ_ROUNDS = 4
_SHOWN = 10

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumFinding:
    """How a layer meets a WGS84 reference as it is and with the GCJ-02 offset taken off.

    Attributes
    ----------
    iou_as_is : float
        Median intersection over union of units with the same code, 0 to 1.
    iou_shifted : float
        The same after :func:`gcj02_to_wgs84`.
    units : int
        Number of units compared.
    """

    iou_as_is: float
    iou_shifted: float
    units: int

    @property
    def suspected(self) -> bool:
        """Whether the layer fits better once the GCJ-02 offset is taken off."""
        return self.iou_shifted > self.iou_as_is


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


def wgs84_to_gcj02(coordinates: npt.ArrayLike) -> FloatArray:
    """Shift WGS84 coordinates by the offset of GCJ-02, the datum of Chinese web maps.

    Parameters
    ----------
    coordinates : array_like of float, shape (n, 2)
        Longitude and latitude in degrees, inside China.

    Returns
    -------
    numpy.ndarray of float, shape (n, 2)
        Shifted longitude and latitude in degrees.

    Notes
    -----
    The offset has no official publication; this is the widely used reconstruction
    (eviltransform, coordTransform), a sum of sines on the Krassovsky ellipsoid.

    Examples
    --------
    >>> wgs84_to_gcj02([[116.3913, 39.9075]]).round(4)
    array([[116.3975,  39.9089]])
    """
    points = np.asarray(coordinates, dtype=np.float64)
    x, y = points[:, 0] - 105.0, points[:, 1] - 35.0
    root, pi = np.sqrt(np.abs(x)), np.pi
    ripple = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    latitude = np.radians(points[:, 1])
    magic = 1.0 - _GCJ_ECCENTRICITY2 * np.sin(latitude) ** 2
    meridian = _GCJ_AXIS * (1.0 - _GCJ_ECCENTRICITY2) / magic**1.5
    parallel = _GCJ_AXIS / np.sqrt(magic) * np.cos(latitude)
    offset = np.column_stack([np.degrees(east / parallel), np.degrees(north / meridian)])
    return np.asarray(points + offset, dtype=np.float64)


def gcj02_to_wgs84(coordinates: npt.ArrayLike) -> FloatArray:
    """Take the GCJ-02 offset off, by fixed-point iteration.

    Parameters
    ----------
    coordinates : array_like of float, shape (n, 2)
        GCJ-02 longitude and latitude in degrees, inside China.

    Returns
    -------
    numpy.ndarray of float, shape (n, 2)
        WGS84 longitude and latitude in degrees.

    Examples
    --------
    >>> gcj02_to_wgs84(wgs84_to_gcj02([[116.3913, 39.9075]])).round(7)
    array([[116.3913,  39.9075]])
    """
    shifted = np.asarray(coordinates, dtype=np.float64)
    guess = shifted
    for _ in range(_GCJ_ROUNDS):
        guess = guess - (wgs84_to_gcj02(guess) - shifted)
    return guess


def gcj02_suspicion(layer: gpd.GeoDataFrame, reference: gpd.GeoDataFrame) -> DatumFinding:
    """Test whether a layer said to be WGS84 carries the GCJ-02 offset.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        The layer in question, geographic coordinates, indexed by code.
    reference : geopandas.GeoDataFrame
        A layer known to be WGS84, indexed by code.

    Returns
    -------
    DatumFinding
        The fit of units with the same code, as is and shifted.

    Raises
    ------
    LayerError
        ``crs.nothing_to_compare``: the two share no code.

    Notes
    -----
    The offset is some 500 m, so the test needs a reference whose outlines follow the ground
    to a few kilometres or better; coarser ones lower both figures alike.

    Examples
    --------
    >>> from shapely import box
    >>> true = gpd.GeoDataFrame({"geometry": [box(116, 39, 117, 40)]}, index=["1"], crs=GEOGRAPHIC)
    >>> shifted = true.set_geometry(shapely.transform(true.geometry.values, wgs84_to_gcj02))
    >>> gcj02_suspicion(shifted, true).suspected, gcj02_suspicion(true, true).suspected
    (True, False)
    """
    common = reference.index.intersection(layer.index)
    if common.empty:
        raise LayerError(
            "the layer and the reference share no unit code, so the datum cannot be tested. "
            "Map the code column first.",
            code="crs.nothing_to_compare",
        )
    truth = shapely.make_valid(reference.geometry.loc[common].to_numpy())
    given = layer.geometry.loc[common].to_numpy()
    return DatumFinding(
        iou_as_is=_median_iou(given, truth),
        iou_shifted=_median_iou(shapely.transform(given, gcj02_to_wgs84), truth),
        units=len(common),
    )


def _flat(values: npt.ArrayLike) -> FloatArray:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def _inside(bounds: FloatArray, extent: Extent) -> npt.NDArray[np.bool_]:
    low = (bounds[:, 0] >= extent.west) & (bounds[:, 1] >= extent.south)
    return np.asarray(low & (bounds[:, 2] <= extent.east) & (bounds[:, 3] <= extent.north))


def _median_iou(given: Any, truth: Any) -> float:
    valid = shapely.make_valid(given)
    shared = shapely.area(shapely.intersection(valid, truth))
    return float(np.median(shared / shapely.area(shapely.union(valid, truth))))
