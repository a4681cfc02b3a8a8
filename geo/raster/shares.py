"""The exact share of every cell inside each zone."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from exactextract import exact_extract
from exactextract.feature import FeatureSource, JSONFeature
from exactextract.raster import NumPyRasterSource
from shapely.geometry.base import BaseGeometry

from geo.raster.cells import Block, Cells

__all__ = ["Shares", "share_cells", "tiles"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]

_STATS: Final = ("cell_id", "coverage")
_MANY: Final = 200
_AREAL: Final = (3, 6)  # polygons of one part or more, as GEOS numbers them


class Shares(NamedTuple):
    """Cells of zones, zone after zone.

    Attributes
    ----------
    zones : numpy.ndarray
        Positions of the zones that have cells.
    starts : numpy.ndarray
        Where the cells of each begin.
    cells : numpy.ndarray
        Positions of cells, row by row from the north-west.
    shares : numpy.ndarray
        Share (0..1) of each cell inside the zone.
    """

    zones: IntArray
    starts: IntArray
    cells: IntArray
    shares: FloatArray

    @property
    def counts(self) -> IntArray:
        """How many cells each zone has."""
        return np.diff(np.append(self.starts, len(self.cells)))


def tiles(block: Block, stored: tuple[int, int], most: int) -> Iterator[Block]:
    """Cut a block of cells into tiles that need not be read twice.

    Parameters
    ----------
    block : Block
        What to cut.
    stored : tuple[int, int]
        Rows and columns the file stores together; tiles end where these do, if they can.
    most : int
        Cells of a tile at most.

    Yields
    ------
    Block
        The tiles, without overlap, from the north-west.

    Examples
    --------
    >>> [tuple(tile) for tile in tiles(Block(0, 0, 5, 4), (2, 4), 8)]
    [(0, 0, 2, 4), (2, 0, 2, 4), (4, 0, 1, 4)]
    """
    high = min(stored[0], max(most, 1))
    columns = min(block.columns, max(most // high, 1))
    if columns < block.columns and columns >= stored[1]:
        columns -= columns % stored[1]
    rows = max(most // columns, 1)
    if rows >= high:
        rows -= rows % high
    for top, height in _cuts(block.row, block.rows, rows):
        for left, width in _cuts(block.column, block.columns, columns):
            yield Block(top, left, height, width)


def _cuts(first: int, count: int, step: int) -> Iterator[tuple[int, int]]:
    """Cut a range at multiples of a step."""
    start, end = first, first + count
    while start < end:
        stop = min(start - start % step + step, end)
        yield start, stop - start
        start = stop


def share_cells(cells: Cells, zones: Geometries, *, most: int) -> Iterator[Shares]:
    """Find the exact share of every cell inside each zone.

    Parameters
    ----------
    cells : Cells
        The cells.
    zones : numpy.ndarray of shapely geometries
        Polygons in the reference system of the cells.
    most : int
        Cells to hold at a time, about; zones that together may have more come one after the
        other.

    Yields
    ------
    Shares
        Zones that have cells among these, each once.

    Notes
    -----
    The share is that of the plane of the reference system, computed by cutting the polygon at
    the edges of the cells (Baston, D., exactextract, https://github.com/isciences/exactextract).

    Examples
    --------
    >>> import pyproj
    >>> from affine import Affine
    >>> cells = Cells(transform=Affine(1, 0, 0, 0, -1, 1), rows=1, columns=3,
    ...               crs=pyproj.CRS("EPSG:4326"))
    >>> found = next(share_cells(cells, np.array([shapely.box(0.5, 0, 2.25, 1)]), most=9))
    >>> found.cells.tolist(), found.shares.tolist()
    ([0, 1, 2], [0.5, 1.0, 0.25])
    """
    bounds = shapely.bounds(zones)
    west, south, east, north = cells.bounds
    inside = (bounds[:, 0] < east) & (bounds[:, 2] > west)
    inside &= (bounds[:, 1] < north) & (bounds[:, 3] > south)
    near = np.flatnonzero(inside)
    step = cells.transform
    wide = np.minimum(bounds[near, 2], east) - np.maximum(bounds[near, 0], west)
    high = np.minimum(bounds[near, 3], north) - np.maximum(bounds[near, 1], south)
    sizes = np.minimum((wide / step.a + 2) * (high / -step.e + 2), cells.rows * cells.columns)
    for batch in _batches(sizes, most):
        found = _shares(cells, zones, near[batch])
        if found is not None:
            yield found


def _batches(sizes: FloatArray, most: int) -> Iterator[slice]:
    """Group neighbours so that no group but one of a single member is larger."""
    start, total = 0, 0.0
    for place, size in enumerate(sizes):
        if place > start and total + size > most:
            yield slice(start, place)
            start, total = place, 0.0
        total += size
    if len(sizes):
        yield slice(start, len(sizes))


def _shares(cells: Cells, zones: Geometries, chosen: IntArray) -> Shares | None:
    # The values play no part: all cells are one byte in memory.
    blank = np.broadcast_to(np.zeros((), dtype=np.uint8), (cells.rows, cells.columns))
    wkt = cells.crs.to_wkt()
    shapes = _near(zones[chosen], cells)
    filled = ~shapely.is_empty(shapes)
    shapes, chosen = shapes[filled], chosen[filled]
    if not len(shapes):
        return None
    found = exact_extract(
        NumPyRasterSource(blank, *cells.bounds, srs_wkt=wkt),
        _ZoneSource(shapes, chosen, wkt),
        list(_STATS),
        include_cols=["zone"],
        output="pandas",
        max_cells_in_memory=2**31,
    )
    counts = found["cell_id"].map(len).to_numpy(dtype=np.int64)
    some = counts > 0
    if not some.any():
        return None
    return Shares(
        zones=found["zone"].to_numpy(dtype=np.int64)[some],
        starts=np.concatenate([[0], np.cumsum(counts[some])[:-1]]).astype(np.int64),
        cells=np.concatenate(found["cell_id"].to_list()).astype(np.int64, copy=False),
        shares=np.concatenate(found["coverage"].to_list()).astype(np.float64, copy=False),
    )


class _Zone(JSONFeature):  # type: ignore[misc]  # exactextract has no types
    """A polygon as bytes: texts of coordinates would take longer than what is computed."""

    def __init__(self, shape: BaseGeometry, number: int) -> None:
        super().__init__({"type": "Feature", "properties": {"zone": number}})
        self._shape = shape

    def geometry(self) -> bytes:
        return bytes(shapely.to_wkb(self._shape))


class _ZoneSource(FeatureSource):  # type: ignore[misc]
    def __init__(self, shapes: Geometries, numbers: IntArray, wkt: str) -> None:
        super().__init__()
        self._zones = [_Zone(*zone) for zone in zip(shapes, numbers.tolist(), strict=True)]
        self._wkt = wkt

    def count(self) -> int:
        return len(self._zones)

    def __iter__(self) -> Iterator[_Zone]:
        return iter(self._zones)

    def srs_wkt(self) -> str:
        return self._wkt


def _near(zones: Geometries, cells: Cells) -> Geometries:
    """Leave out what of large zones lies far off, so that it is not cut once per tile."""
    shapes = zones.copy()
    large = shapely.get_num_coordinates(zones) > _MANY
    if large.any():
        step = cells.transform
        west, south, east, north = cells.bounds
        box = west - step.a, south + step.e, east + step.a, north - step.e
        cut = shapely.clip_by_rect(zones[large], *box)
        areal = np.isin(shapely.get_type_id(cut), _AREAL) | shapely.is_empty(cut)
        shapes[large] = np.where(areal, cut, zones[large])
    return shapes
