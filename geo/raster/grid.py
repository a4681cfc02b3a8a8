"""A band of a raster as an array with its place on the Earth."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning, RasterioIOError
from rasterio.warp import Resampling, reproject
from rasterio.windows import Window

from geo.errors import RasterError

__all__ = ["Grid", "cell_areas", "read_grid", "resample"]

_MAX_CELLS = 50_000_000

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Cell values of one band, north up.

    Attributes
    ----------
    values : numpy.ndarray
        Shape (rows, columns), floats, NaN where there is no value.
    transform : affine.Affine
        From column and row to coordinates.
    crs : pyproj.CRS
        Reference system of the coordinates.
    """

    values: FloatArray
    transform: Affine
    crs: pyproj.CRS

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north edge in the units of the reference system."""
        rows, columns = self.values.shape
        step = self.transform
        return step.c, step.f + step.e * rows, step.c + step.a * columns, step.f

    def same_cells(self, other: "Grid") -> bool:
        """Tell whether both grids have the same cells.

        Parameters
        ----------
        other : Grid
            Another grid.

        Returns
        -------
        bool
            True when shape, reference system and, within a thousandth of a cell, edges agree.

        Examples
        --------
        >>> grid = Grid(values=np.zeros((2, 2)), transform=Affine(1, 0, 0, 0, -1, 2),
        ...             crs=pyproj.CRS("EPSG:4326"))
        >>> grid.same_cells(grid)
        True
        """
        near = np.allclose(self.bounds, other.bounds, rtol=0, atol=abs(self.transform.a) / 1000)
        same = self.values.shape == other.values.shape and self.crs == other.crs
        return bool(same and near)


def read_grid(
    path: Path,
    *,
    crs_bounds: tuple[tuple[float, float, float, float], pyproj.CRS] | None = None,
    band: int = 1,
) -> Grid:
    """Read a band, whole or the part around some bounds.

    Parameters
    ----------
    path : pathlib.Path
        A raster GDAL can read.
    crs_bounds : tuple, optional
        West, south, east, north and their reference system. The window is widened to whole
        cells and one more all round; cells beyond the raster have no value.
    band : int, default 1
        The band, counted from 1.

    Returns
    -------
    Grid
        The cells, north up, nodata as NaN, scale and offset applied.

    Raises
    ------
    RasterError
        Unreadable, no such band, no reference system, no position, rotated, or more than
        50 million cells.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> with rasterio.open(path, "w", driver="GTiff", width=2, height=1, count=1,
    ...         dtype="float32", nodata=-9, crs="EPSG:4326",
    ...         transform=Affine(1, 0, 100, 0, -1, 31)) as target:
    ...     target.write(np.array([[5.0, -9.0]], dtype="float32"), 1)
    >>> read_grid(path).values
    array([[ 5., nan]])
    """
    with warnings.catch_warnings():
        # A raster without position is refused below in words of our own.
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            with rasterio.open(path) as source:
                return _read(path, source, crs_bounds, band)
        except RasterioIOError as error:
            raise RasterError(
                f"{path} cannot be read as a raster: {error}",
                code="raster.unreadable",
                path=str(path),
            ) from error


def _read(
    path: Path,
    source: rasterio.DatasetReader,
    crs_bounds: tuple[tuple[float, float, float, float], pyproj.CRS] | None,
    band: int,
) -> Grid:
    _check_placed(path, source, band)
    crs = pyproj.CRS.from_user_input(source.crs.to_wkt())
    row, column, rows, columns = (
        (0, 0, source.height, source.width)
        if crs_bounds is None
        else _window(source, crs, *crs_bounds)
    )
    if rows * columns > _MAX_CELLS:
        raise RasterError(
            f"{path} has {rows * columns} cells under the layer, at most {_MAX_CELLS} fit; "
            "resample it to coarser cells first",
            code="raster.too_large",
            path=str(path),
            limit=_MAX_CELLS,
        )
    values = np.full((rows, columns), np.nan)
    top, left = max(row, 0), max(column, 0)
    bottom, right = min(row + rows, source.height), min(column + columns, source.width)
    if top < bottom and left < right:
        part = Window(left, top, right - left, bottom - top)
        masked = source.read(band, window=part, masked=True).astype(np.float64)
        scaled = np.ma.filled(masked, np.nan) * source.scales[band - 1] + source.offsets[band - 1]
        values[top - row : bottom - row, left - column : right - column] = scaled
    step = source.transform
    west, north = step.c + step.a * column, step.f + step.e * row
    if step.e > 0:
        values = values[::-1]
        north += step.e * rows
    transform = Affine(step.a, 0.0, west, 0.0, -abs(step.e), north)
    return Grid(values=values, transform=transform, crs=crs)


def _check_placed(path: Path, source: rasterio.DatasetReader, band: int) -> None:
    if band not in source.indexes:
        raise RasterError(
            f"{path} has no band {band}, only {list(source.indexes)}",
            code="raster.no_band",
            path=str(path),
            band=band,
        )
    if source.transform == Affine.identity():
        raise RasterError(
            f"{path} has no position on the Earth (no geotransform); georeference it first",
            code="raster.no_transform",
            path=str(path),
        )
    if source.crs is None:
        raise RasterError(
            f"{path} has no coordinate reference system; assign the right one, for example "
            "with gdal_edit -a_srs",
            code="raster.no_crs",
            path=str(path),
        )
    if source.transform.b != 0 or source.transform.d != 0 or source.transform.a < 0:
        raise RasterError(
            f"{path} is rotated or mirrored; warp it to a north-up grid first",
            code="raster.rotated",
            path=str(path),
        )


def _window(
    source: rasterio.DatasetReader,
    crs: pyproj.CRS,
    bounds: tuple[float, float, float, float],
    bounds_crs: pyproj.CRS,
) -> tuple[int, int, int, int]:
    box = bounds
    if bounds_crs != crs:
        to_raster = pyproj.Transformer.from_crs(bounds_crs, crs, always_xy=True)
        box = to_raster.transform_bounds(*bounds, densify_pts=51)
    west, south, east, north = box
    step = source.transform
    columns = sorted(((west - step.c) / step.a, (east - step.c) / step.a))
    rows = sorted(((north - step.f) / step.e, (south - step.f) / step.e))
    left, top = int(np.floor(columns[0])) - 1, int(np.floor(rows[0])) - 1
    right, bottom = int(np.ceil(columns[1])) + 1, int(np.ceil(rows[1])) + 1
    return top, left, bottom - top, right - left


def resample(grid: Grid, like: Grid) -> Grid:
    """Bring a grid onto the cells of another by area-weighted averages.

    Parameters
    ----------
    grid : Grid
        Densities or intensities, for which an average makes sense.
    like : Grid
        The cells wanted.

    Returns
    -------
    Grid
        Values of ``grid`` on the cells of ``like``; NaN where ``grid`` has none.

    Examples
    --------
    >>> crs = pyproj.CRS("EPSG:4326")
    >>> fine = Grid(values=np.array([[1.0, 3.0]]), transform=Affine(1, 0, 0, 0, -1, 1), crs=crs)
    >>> coarse = Grid(values=np.zeros((1, 1)), transform=Affine(2, 0, 0, 0, -1, 1), crs=crs)
    >>> resample(fine, coarse).values
    array([[2.]])
    """
    target = np.full(like.values.shape, np.nan)
    reproject(
        grid.values,
        target,
        src_transform=grid.transform,
        src_crs=grid.crs.to_wkt(),
        src_nodata=np.nan,
        dst_transform=like.transform,
        dst_crs=like.crs.to_wkt(),
        dst_nodata=np.nan,
        resampling=Resampling.average,
    )
    return Grid(values=target, transform=like.transform, crs=like.crs)


def cell_areas(grid: Grid) -> FloatArray:
    """Return the true area of every cell, up to a common factor.

    Parameters
    ----------
    grid : Grid
        The cells.

    Returns
    -------
    numpy.ndarray
        Shape (rows, columns). Geographic: the area between two parallels on the ellipsoid
        (Snyder 1987, eq. 3-12); projected: 1 over the areal scale at the cell's centre
        (web Mercator: as on the sphere, within about 0.1 %).

    References
    ----------
    Snyder, J. P. (1987). Map Projections: A Working Manual. USGS Professional Paper 1395.

    Examples
    --------
    >>> grid = Grid(values=np.zeros((2, 1)), transform=Affine(1, 0, 100, 0, -30, 60),
    ...             crs=pyproj.CRS("EPSG:4326"))
    >>> north, south = cell_areas(grid)[:, 0]
    >>> round(float(north / south), 2)  # (sin 60 - sin 30) / sin 30 on a sphere = 0.73
    0.74
    """
    rows, columns = grid.values.shape
    if grid.crs.is_geographic:
        edges = grid.transform.f + grid.transform.e * np.arange(rows + 1)
        eccentricity = _eccentricity(grid.crs)
        bands = -np.diff(_authalic(np.radians(np.clip(edges, -90, 90)), eccentricity))
        return np.repeat(bands[:, None], columns, axis=1)
    x = grid.transform.c + grid.transform.a * (np.arange(columns) + 0.5)
    y = grid.transform.f + grid.transform.e * (np.arange(rows) + 0.5)
    projection = pyproj.Proj(grid.crs)
    lon, lat = pyproj.Transformer.from_crs(
        grid.crs, grid.crs.geodetic_crs or "EPSG:4326", always_xy=True
    ).transform(*np.meshgrid(x, y))
    scale = np.asarray(projection.get_factors(lon, lat, errcheck=False).areal_scale)
    return np.where(np.isfinite(scale) & (scale > 0), 1.0 / scale, 0.0)


def _eccentricity(crs: pyproj.CRS) -> float:
    ellipsoid = crs.ellipsoid
    if ellipsoid is None or not ellipsoid.inverse_flattening:
        return 0.0
    flattening = 1.0 / ellipsoid.inverse_flattening
    return float(np.sqrt(flattening * (2.0 - flattening)))


def _authalic(latitude: FloatArray, e: float) -> FloatArray:
    sine = np.sin(latitude)
    if e == 0.0:
        return 2.0 * sine
    log = np.log((1.0 - e * sine) / (1.0 + e * sine)) / (2.0 * e)
    return np.asarray((1.0 - e**2) * (sine / (1.0 - (e * sine) ** 2) - log))
