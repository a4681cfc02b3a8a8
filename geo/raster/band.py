"""One band of a raster file: opened with care, read block by block."""

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
from affine import Affine
from pyproj.exceptions import CRSError
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from geo.errors import RasterError
from geo.raster.cells import Block, Bounds, Cells

__all__ = ["OpenBand", "RasterBand", "open_band"]

FloatArray = npt.NDArray[np.float64]

# Formats of one file on a disk. Others (VRT, WMS, STACTA) name further files or servers to read
# from, and a raster somebody sent may not make us do that.
_DRIVERS: Final = (
    "AAIGrid", "BT", "EHdr", "ENVI", "ERS", "GPKG", "GRIB", "GSAG", "GSBG", "GTiff", "HDF5",
    "HDF5Image", "HFA", "JP2OpenJPEG", "JPEG", "PCIDSK", "PNG", "RST", "SAGA", "SRTMHGT",
    "USGSDEM", "netCDF",
)  # fmt: skip
_DEGREES: Final = 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterBand:
    """Which band of which file.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    band : int
        Counted from 1.
    nodata : float, optional
        The stored number that means no value, where the file does not declare it; NaN says
        that there is none.
    """

    path: Path
    band: int = 1
    nodata: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenBand:
    """A band that can be read.

    Attributes
    ----------
    spec : RasterBand
        What was opened.
    cells : Cells
        Its cells, north up whatever the order in the file.
    flipped : bool
        Whether the file holds them from south to north.
    stored : tuple[int, int]
        Rows and columns the file stores together.
    declared : bool
        Whether it is known which cells have no value.
    unit : str
        Unit of the values, as the file says; empty where it does not.
    dataset : rasterio.DatasetReader
        The open file.
    """

    spec: RasterBand
    cells: Cells
    flipped: bool
    stored: tuple[int, int]
    declared: bool
    unit: str
    dataset: Any

    def read(self, block: Block) -> FloatArray:
        """Read some cells.

        Parameters
        ----------
        block : Block
            Which; cells beyond the raster have no value.

        Returns
        -------
        numpy.ndarray
            Shape (rows, columns); NaN where there is no value, scale and offset applied.

        Raises
        ------
        RasterError
            ``raster.damaged``: the file cannot be read there.
        """
        values = np.full((block.rows, block.columns), np.nan)
        top, left = max(block.row, 0), max(block.column, 0)
        bottom = min(block.row + block.rows, self.cells.rows)
        right = min(block.column + block.columns, self.cells.columns)
        if bottom <= top or right <= left:
            return values
        first = self.cells.rows - bottom if self.flipped else top
        window = Window(left, first, right - left, bottom - top)
        try:
            found = self.dataset.read(self.spec.band, window=window, masked=True)
        except RasterioError as error:
            raise self._damaged(top, bottom, error) from error
        target = values[
            top - block.row : bottom - block.row, left - block.column : right - block.column
        ]
        self._fill(target, found[::-1] if self.flipped else found)
        return values

    def _fill(self, target: FloatArray, found: Any) -> None:
        scale = self.dataset.scales[self.spec.band - 1]
        offset = self.dataset.offsets[self.spec.band - 1]
        target[...] = found.data
        absent = np.ma.getmaskarray(found) | ~np.isfinite(target)
        if self.spec.nodata is not None:
            # As stored: a float32 file cannot hold 0.1, and -9999 is not scaled.
            absent |= found.data == np.asarray(self.spec.nodata).astype(found.dtype)
        target *= scale
        target += offset
        target[absent] = np.nan

    def _damaged(self, top: int, bottom: int, error: Exception) -> RasterError:
        path = str(self.spec.path)
        return RasterError(
            f"{path} cannot be read in rows {top + 1} to {bottom}: the file is damaged or cut "
            f"off. Copy or download it again ({error})",
            code="raster.damaged",
            path=path,
            first=top + 1,
            last=bottom,
        )


@contextlib.contextmanager
def open_band(spec: RasterBand) -> Iterator[OpenBand]:
    """Open a band after checks of everything a zonal statistic rests on.

    Parameters
    ----------
    spec : RasterBand
        Which band of which file.

    Yields
    ------
    OpenBand
        The band; closed afterwards.

    Raises
    ------
    RasterError
        ``raster.missing``, ``raster.unreadable``, ``raster.several``: no file, no raster, or
        several rasters in one. ``raster.no_band``, ``raster.complex``: no such band, or one
        of complex numbers. ``raster.no_transform``, ``raster.no_crs``, ``raster.local_crs``,
        ``raster.rotated``, ``raster.not_degrees``: it does not say where on the Earth its
        cells lie, or in a way that cannot be right.

    Examples
    --------
    >>> import tempfile, rasterio
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> with rasterio.open(path, "w", driver="GTiff", width=2, height=1, count=1,
    ...         dtype="float32", nodata=-9, crs="EPSG:4326",
    ...         transform=Affine(1, 0, 100, 0, -1, 31)) as target:
    ...     target.write(np.array([[5.0, -9.0]], dtype="float32"), 1)
    >>> with open_band(RasterBand(path=path)) as band:
    ...     band.read(Block(0, 0, 1, 2))
    array([[ 5., nan]])
    """
    # Neither servers nor members of archives: GDAL would take /vsicurl/ for a path.
    if not spec.path.is_file():
        raise RasterError(
            f"there is no file {spec.path}", code="raster.missing", path=str(spec.path)
        )
    with contextlib.ExitStack() as stack:
        # A raster without position is refused below in words of our own.
        stack.enter_context(rasterio.Env())
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            source = stack.enter_context(DatasetReader(spec.path, driver=list(_DRIVERS)))
        except RasterioError as error:
            raise RasterError(
                f"{spec.path} cannot be read as a raster: {error}",
                code="raster.unreadable",
                path=str(spec.path),
            ) from error
        yield _opened(spec, source)


def _opened(spec: RasterBand, source: Any) -> OpenBand:
    _check_band(spec, source)
    crs = _crs(spec, source)
    step = source.transform
    _check_transform(spec, step)
    flipped = step.e > 0
    north = step.f + step.e * source.height if flipped else step.f
    cells = Cells(
        transform=Affine(step.a, 0.0, step.c, 0.0, -abs(step.e), north),
        rows=source.height,
        columns=source.width,
        crs=crs,
    )
    _check_degrees(spec, cells)
    flags = source.mask_flag_enums[spec.band - 1]
    return OpenBand(
        spec=spec,
        cells=cells,
        flipped=flipped,
        stored=source.block_shapes[spec.band - 1],
        declared=spec.nodata is not None or [flag.name for flag in flags] != ["all_valid"],
        unit=source.units[spec.band - 1] or "",
        dataset=source,
    )


def _check_band(spec: RasterBand, source: Any) -> None:
    path = str(spec.path)
    if source.count == 0:
        names = [name.rsplit(":", 1)[-1] for name in source.subdatasets]
        raise RasterError(
            f"{path} holds several rasters ({', '.join(names)}); extract one as GeoTIFF first, "
            "for example with gdal_translate",
            code="raster.several",
            path=path,
            names=names,
        )
    if spec.band not in source.indexes:
        raise RasterError(
            f"{path} has no band {spec.band}; it has the bands 1 to {source.count}",
            code="raster.no_band",
            path=path,
            band=spec.band,
            count=source.count,
        )
    if source.dtypes[spec.band - 1].startswith("complex"):
        raise RasterError(
            f"band {spec.band} of {path} holds complex numbers; convert it to real ones first",
            code="raster.complex",
            path=path,
            band=spec.band,
        )
    if source.transform == Affine.identity():
        raise RasterError(
            f"{path} has no position on the Earth (no geotransform); georeference it first",
            code="raster.no_transform",
            path=path,
        )


def _crs(spec: RasterBand, source: Any) -> pyproj.CRS:
    path = str(spec.path)
    if source.crs is None:
        raise RasterError(
            f"{path} has no coordinate reference system; assign the right one, for example "
            "with gdal_edit -a_srs",
            code="raster.no_crs",
            path=path,
        )
    try:
        crs = pyproj.CRS.from_user_input(source.crs.to_wkt())
    except (CRSError, RasterioError):
        crs = None
    if crs is not None and crs.is_compound:
        # Heights are of no concern to areas.
        crs = crs.sub_crs_list[0]
    if crs is None or not (crs.is_geographic or crs.is_projected):
        raise RasterError(
            f"the coordinate reference system of {path} is local or unknown, so its place on "
            "the Earth is not known; assign the right one, for example with gdal_edit -a_srs",
            code="raster.local_crs",
            path=path,
        )
    return crs


def _check_transform(spec: RasterBand, step: Affine) -> None:
    if step.b != 0 or step.d != 0 or step.a <= 0 or step.e == 0:
        raise RasterError(
            f"{spec.path} is rotated, sheared or mirrored (geotransform {step.a:g}, {step.b:g}, "
            f"{step.d:g}, {step.e:g}); warp it to a north-up grid first, for example with "
            "gdalwarp",
            code="raster.rotated",
            path=str(spec.path),
            steps=[f"{value:g}" for value in (step.a, step.b, step.d, step.e)],
        )


def _check_degrees(spec: RasterBand, cells: Cells) -> None:
    bounds: Bounds = cells.bounds
    if not cells.crs.is_geographic:
        return
    slack = max(cells.transform.a, -cells.transform.e)
    limit = _DEGREES + slack, _DEGREES / 4 + slack
    if max(map(abs, bounds[::2])) > limit[0] or max(map(abs, bounds[1::2])) > limit[1]:
        west, south, east, north = bounds
        raise RasterError(
            f"{spec.path} says its coordinates are degrees ({cells.crs.name}), but they run from "
            f"{west:.0f} to {east:.0f} and {south:.0f} to {north:.0f}; assign the projected "
            "system it is in, for example with gdal_edit -a_srs",
            code="raster.not_degrees",
            path=str(spec.path),
            crs=cells.crs.name,
            bounds=[f"{value:.0f}" for value in bounds],
        )
