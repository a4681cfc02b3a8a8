"""Surfaces on a grid of degrees: distance to the nearest place, written as a GeoTIFF."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
from affine import Affine

from geo.crs import GEOGRAPHIC, geodesic_distances
from geo.errors import RasterError
from geo.raster.cells import Bounds, Cells
from geo.raster.shares import share_cells
from geo.storage import atomic_path

__all__ = ["degree_cells", "nearest_distance", "touched_cells", "write_cog"]

FloatArray = npt.NDArray[np.float64]

_MOST_CELLS: Final = 25_000_000
_AT_ONCE: Final = 200_000
# The ellipsoid differs from the sphere by at most 0.56 % of a distance, to either side.
_SPHERE_ERROR: Final = 0.006


def degree_cells(bounds: Bounds, cell: float) -> Cells:
    """Return square cells of degrees that cover an extent.

    Parameters
    ----------
    bounds : tuple[float, float, float, float]
        West, south, east, north, degrees.
    cell : float
        Side of a cell, degrees; edges are multiples of it.

    Returns
    -------
    Cells
        In WGS 84.

    Raises
    ------
    RasterError
        ``raster.surface_extent``: more than 25 million cells, or none.

    Examples
    --------
    >>> cells = degree_cells((73.4, 18.1, 74.2, 18.9), 0.5)
    >>> cells.bounds, cells.rows, cells.columns
    ((73.0, 18.0, 74.5, 19.0), 2, 3)
    """
    west, south, east, north = bounds
    sound = cell > 0 and all(map(math.isfinite, (*bounds, cell))) and west < east and south < north
    left, low = (math.floor(v / cell + 1e-9) for v in (west, south)) if sound else (0, 0)
    right, high = (math.ceil(v / cell - 1e-9) for v in (east, north)) if sound else (0, 0)
    count = (right - left) * (high - low)
    if not 0 < count <= _MOST_CELLS:
        raise RasterError(
            f"the surface would have {count} cells of {cell:g} degrees, from 1 to {_MOST_CELLS} "
            "are allowed; choose larger cells or a smaller extent",
            code="raster.surface_extent",
            cells=count,
            limit=_MOST_CELLS,
        )
    transform = Affine(cell, 0.0, left * cell, 0.0, -cell, high * cell)
    return Cells(
        transform=transform, rows=high - low, columns=right - left, crs=pyproj.CRS(GEOGRAPHIC)
    )


def nearest_distance(places: gpd.GeoSeries, cells: Cells) -> FloatArray:
    """Return how far the centre of each cell lies from the nearest place.

    Parameters
    ----------
    places : geopandas.GeoSeries
        Points with a CRS.
    cells : Cells
        Cells of degrees.

    Returns
    -------
    numpy.ndarray
        Shape (rows, columns), kilometres along the geodesic of the WGS 84 ellipsoid.

    Raises
    ------
    RasterError
        ``raster.surface_places``: no place.

    Notes
    -----
    Distances on the sphere choose the places that may be nearest, by a margin wider than
    their error; only these are solved on the ellipsoid (Karney 2013, see
    :func:`geo.crs.geodesic_distance`), so that the result is exact.

    Examples
    --------
    >>> import shapely
    >>> cells = degree_cells((100, 30, 102, 31), 1)
    >>> hub = gpd.GeoSeries([shapely.Point(100.5, 30.5)], crs="EPSG:4326")
    >>> nearest_distance(hub, cells).round(1)
    array([[ 0., 96.]])
    """
    if not len(places):
        raise RasterError("there is no place to measure from", code="raster.surface_places")
    points = places.to_crs(GEOGRAPHIC)
    lon, lat = points.x.to_numpy(dtype=np.float64), points.y.to_numpy(dtype=np.float64)
    step = cells.transform
    x = step.c + step.a * (np.arange(cells.columns) + 0.5)
    found = np.empty((cells.rows, cells.columns))
    rows = max(_AT_ONCE // (cells.columns * len(lon)), 1)
    for top in range(0, cells.rows, rows):
        here = np.arange(top, min(top + rows, cells.rows))
        grid = np.meshgrid(x, step.f + step.e * (here + 0.5))
        found[here] = _nearest(grid[0].ravel(), grid[1].ravel(), lon, lat).reshape(len(here), -1)
    return found


def _nearest(x: FloatArray, y: FloatArray, lon: FloatArray, lat: FloatArray) -> FloatArray:
    near = _on_sphere(x, y, lon, lat)
    # Both the nearest and a rival may be off, in opposite directions.
    limit = near.min(axis=1) * (1 + 2 * _SPHERE_ERROR) / (1 - 2 * _SPHERE_ERROR) + 1e-9
    cell, place = np.nonzero(near <= limit[:, None])
    exact = geodesic_distances(x[cell], y[cell], lon[place], lat[place])
    return np.asarray(np.minimum.reduceat(exact, np.searchsorted(cell, np.arange(len(x)))))


def _on_sphere(x: FloatArray, y: FloatArray, lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Return the angle between every two points, radians (haversine)."""
    phi, psi = np.radians(y)[:, None], np.radians(lat)[None, :]
    across = np.sin(np.radians(x[:, None] - lon[None, :]) / 2) ** 2
    half = np.sin((phi - psi) / 2) ** 2 + np.cos(phi) * np.cos(psi) * across
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def touched_cells(cells: Cells, zones: gpd.GeoSeries) -> npt.NDArray[np.bool_]:
    """Tell which cells lie in a zone, if only by a corner.

    Parameters
    ----------
    cells : Cells
        The cells.
    zones : geopandas.GeoSeries
        Polygons with a CRS.

    Returns
    -------
    numpy.ndarray of bool
        Shape (rows, columns).

    Examples
    --------
    >>> import shapely
    >>> zone = gpd.GeoSeries([shapely.box(100.1, 30.1, 101.2, 30.2)], crs="EPSG:4326")
    >>> touched_cells(degree_cells((100, 30, 103, 31), 1), zone)
    array([[ True,  True, False]])
    """
    found = np.zeros(cells.rows * cells.columns, dtype=np.bool_)
    shapes = np.asarray(zones.to_crs(cells.crs).to_numpy(), dtype=object)
    for shares in share_cells(cells, shapes, most=_MOST_CELLS // 10):
        found[shares.cells[shares.shares > 0]] = True
    return found.reshape(cells.rows, cells.columns)


def write_cog(
    path: Path,
    values: FloatArray,
    cells: Cells,
    *,
    unit: str = "",
    description: str = "",
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write a Cloud-Optimised GeoTIFF of one band of 32-bit floats.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    values : numpy.ndarray
        Shape (rows, columns); NaN where there is no value.
    cells : Cells
        Where they lie.
    unit, description : str
        Of the band.
    tags : Mapping[str, str], optional
        What else to say in the file.

    Raises
    ------
    OSError
        The file cannot be written; an earlier one is untouched.

    Notes
    -----
    Tiles of 256 cells, deflated, with averaged overviews. The file carries no clock: equal
    values give equal bytes with one version of GDAL.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> write_cog(path, np.ones((1, 2)), degree_cells((100, 30, 102, 31), 1), unit="ms")
    >>> with rasterio.open(path) as source:
    ...     source.units, source.read(1).tolist()
    (('ms',), [[1.0, 1.0]])
    """
    with (
        atomic_path(path) as temporary,
        rasterio.Env(GDAL_NUM_THREADS=1),
        rasterio.open(
            temporary,
            "w",
            driver="COG",
            width=cells.columns,
            height=cells.rows,
            count=1,
            dtype="float32",
            nodata=math.nan,
            crs=cells.crs.to_wkt(),
            transform=cells.transform,
            compress="DEFLATE",
            predictor="FLOATING_POINT",
            blocksize=256,
            overview_resampling="AVERAGE",
        ) as target,
    ):
        target.write(values.astype(np.float32), 1)
        target.units, target.descriptions = (unit,), (description,)
        target.update_tags(**(tags or {}))
