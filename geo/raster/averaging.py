"""Weights on other cells than those they weigh: averaged over each cell."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyproj
from scipy import sparse

from geo.raster.band import OpenBand
from geo.raster.cells import Block, Cells, authalic

__all__ = ["average_over", "fineness"]

FloatArray = npt.NDArray[np.float64]

_MOST_POINTS: Final = 8
_AT_ONCE: Final = 500_000


def fineness(band: OpenBand, cells: Cells) -> int:
    """Return how many cells of a band lie along one of others, at least 1.

    Parameters
    ----------
    band : OpenBand
        A band.
    cells : Cells
        The others, in any reference system.

    Returns
    -------
    int
        Rounded up.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from affine import Affine
    >>> crs = pyproj.CRS("EPSG:4326")
    >>> cells = Cells(transform=Affine(1, 0, 100, 0, -1, 40), rows=9, columns=9, crs=crs)
    >>> fine = Cells(transform=Affine(0.3, 0, 100, 0, -0.3, 40), rows=30, columns=30, crs=crs)
    >>> fineness(SimpleNamespace(cells=fine), cells)
    4
    """
    wide, high = cells.transform.a, -cells.transform.e
    if band.cells.crs != cells.crs:
        west, south, east, north = cells.bounds
        x, y = (west + east) / 2, (south + north) / 2
        move = pyproj.Transformer.from_crs(cells.crs, band.cells.crs, always_xy=True)
        box = move.transform_bounds(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        wide, high = box[2] - box[0], box[3] - box[1]
    ratio = max(wide / band.cells.transform.a, high / -band.cells.transform.e)
    return max(int(np.ceil(ratio - 1e-9)), 1) if np.isfinite(ratio) else 1


def average_over(band: OpenBand, cells: Cells) -> FloatArray:
    """Average a band over other cells, leaving out what has no value.

    Parameters
    ----------
    band : OpenBand
        Densities or intensities, for which an average makes sense.
    cells : Cells
        The cells wanted.

    Returns
    -------
    numpy.ndarray
        Shape (rows, columns); NaN where the band has no value anywhere in the cell.

    Notes
    -----
    In one reference system the average is exact: by the area that each two cells share, in
    degrees that on the ellipsoid. Between two systems it is that of the band's values at a
    lattice of points in each cell, two per cell of the band in each direction, eight at most.
    Either way a cell's average depends on that cell alone. Averages by GDAL's warper do not
    serve: they differ by where a block begins.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from affine import Affine
    >>> crs = pyproj.CRS("EPSG:3857")
    >>> fine = Cells(transform=Affine(2, 0, 0, 0, -2, 2), rows=1, columns=3, crs=crs)
    >>> band = SimpleNamespace(cells=fine, read=lambda _: np.array([[1.0, 2.0, 5.0]]))
    >>> coarse = Cells(transform=Affine(3, 0, 0, 0, -2, 2), rows=1, columns=2, crs=crs)
    >>> average_over(band, coarse).round(3)  # (2 * 1 + 1 * 2) / 3, (1 * 2 + 2 * 5) / 3
    array([[1.333, 4.   ]])
    """
    if band.cells.crs == cells.crs:
        return _exact(band, cells)
    return _by_points(band, cells)


def _exact(band: OpenBand, cells: Cells) -> FloatArray:
    block = band.cells.block(cells.bounds)
    if block is None:
        return np.full((cells.rows, cells.columns), np.nan)
    source = band.cells.part(block)
    values = band.read(block)
    known = np.isfinite(values)
    down = _shared(_edges(cells, rows=True), _edges(source, rows=True))
    across = _shared(_edges(cells, rows=False), _edges(source, rows=False)).T
    total = down @ np.where(known, values, 0.0) @ across
    share = down @ known.astype(np.float64) @ across
    return np.asarray(np.where(share > 0, total / np.where(share > 0, share, 1.0), np.nan))


def _edges(cells: Cells, *, rows: bool) -> FloatArray:
    """Return the edges, growing, in a measure that areas are proportional to."""
    step = cells.transform
    if not rows:
        return np.asarray(step.c + step.a * np.arange(cells.columns + 1))
    edges = np.asarray(step.f + step.e * np.arange(cells.rows + 1), dtype=np.float64)
    return np.negative(authalic(edges, cells.crs) if cells.crs.is_geographic else edges)


def _shared(target: FloatArray, source: FloatArray) -> sparse.csr_array:
    """Return the length each interval of one row shares with each of another."""
    inner = source[(source > target[0]) & (source < target[-1])]
    cuts = np.unique(np.concatenate([target, inner]))
    middle = (cuts[:-1] + cuts[1:]) / 2
    row = np.searchsorted(target, middle) - 1
    column = np.searchsorted(source, middle) - 1
    met = (column >= 0) & (column < len(source) - 1)
    shape = (len(target) - 1, len(source) - 1)
    return sparse.csr_array((np.diff(cuts)[met], (row[met], column[met])), shape=shape)


def _by_points(band: OpenBand, cells: Cells) -> FloatArray:
    points = min(2 * fineness(band, cells), _MOST_POINTS)
    at = (np.arange(points) + 0.5) / points
    step = cells.transform
    x = step.c + step.a * (np.arange(cells.columns)[:, None] + at).ravel()
    move = pyproj.Transformer.from_crs(cells.crs, band.cells.crs, always_xy=True)
    found = np.full((cells.rows, cells.columns), np.nan)
    rows = max(_AT_ONCE // (len(x) * points), 1)
    for top in range(0, cells.rows, rows):
        here = np.arange(top, min(top + rows, cells.rows))
        y = step.f + step.e * (here[:, None] + at).ravel()
        values = _values(band, *move.transform(*np.meshgrid(x, y)))
        values = values.reshape(len(here), points, cells.columns, points)
        known = np.isfinite(values)
        count = known.sum(axis=(1, 3))
        total = np.where(known, values, 0.0).sum(axis=(1, 3))
        found[here] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found


def _values(band: OpenBand, x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the value of the cell each point lies in."""
    step = band.cells.transform
    column, row = (x - step.c) / step.a, (y - step.f) / step.e
    inside = (column >= 0) & (column < band.cells.columns)
    inside &= (row >= 0) & (row < band.cells.rows)
    values = np.full(x.shape, np.nan)
    if inside.any():
        rows, columns = row[inside].astype(np.int64), column[inside].astype(np.int64)
        first = int(rows.min()), int(columns.min())
        size = int(rows.max()) - first[0] + 1, int(columns.max()) - first[1] + 1
        values[inside] = band.read(Block(*first, *size))[rows - first[0], columns - first[1]]
    return values
