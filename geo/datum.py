"""Datums of Chinese web maps, which lie some 500 m off WGS84, there and back."""

from collections.abc import Callable
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["DATUMS", "Datum", "to_wgs84", "wgs84_to_bd09", "wgs84_to_gcj02"]

Datum = Literal["gcj02", "bd09"]
FloatArray = npt.NDArray[np.float64]

# Krassovsky 1940, the ellipsoid the GCJ-02 offset is computed on.
_GCJ_AXIS: Final = 6378245.0
_GCJ_ECCENTRICITY2: Final = 0.00669342162296594323
_BD09_TURN: Final = np.pi * 3000.0 / 180.0
_BACK_ROUNDS: Final = 6


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


def wgs84_to_bd09(coordinates: npt.ArrayLike) -> FloatArray:
    """Shift WGS84 coordinates by the offset of BD-09, the datum of one Chinese web map.

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
    GCJ-02 with a second offset on top. It has no official publication either; this is the
    widely used reconstruction (coordTransform, eviltransform).

    Examples
    --------
    >>> wgs84_to_bd09([[116.3913, 39.9075]]).round(4)
    array([[116.4039,  39.9152]])
    """
    points = wgs84_to_gcj02(coordinates)
    x, y = points[:, 0], points[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD09_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD09_TURN)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


DATUMS: Final[dict[Datum, Callable[[npt.ArrayLike], FloatArray]]] = {
    "gcj02": wgs84_to_gcj02,
    "bd09": wgs84_to_bd09,
}
"""The shifted datums, each with its forward transform."""


def to_wgs84(coordinates: npt.ArrayLike, datum: Datum) -> FloatArray:
    """Take the offset of a shifted datum off, by fixed-point iteration.

    Parameters
    ----------
    coordinates : array_like of float, shape (n, 2)
        Shifted longitude and latitude in degrees, inside China.
    datum : {"gcj02", "bd09"}
        Their datum.

    Returns
    -------
    numpy.ndarray of float, shape (n, 2)
        WGS84 longitude and latitude in degrees.

    Examples
    --------
    >>> to_wgs84(wgs84_to_gcj02([[116.3913, 39.9075]]), "gcj02").round(7)
    array([[116.3913,  39.9075]])
    """
    shifted = np.asarray(coordinates, dtype=np.float64)
    guess = shifted
    for _ in range(_BACK_ROUNDS):
        guess = guess - (DATUMS[datum](guess) - shifted)
    return guess
