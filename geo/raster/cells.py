"""The cells of a raster: where they lie and how large they truly are."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyproj
from affine import Affine

__all__ = ["Block", "Cells", "authalic"]

FloatArray = npt.NDArray[np.float64]
Bounds = tuple[float, float, float, float]

# Between points this far apart the scale of a projection is interpolated, to about 1e-6.
_SCALE_STEP_M: Final = 5_000.0
_SAME: Final = 1e-3
_EQUAL_AREA: Final = ("equal area", "equal-area", "sinusoidal", "mollweide", "equal earth")


class Block(NamedTuple):
    """A rectangle of cells.

    Attributes
    ----------
    row, column : int
        The first, from 0 in the north and west.
    rows, columns : int
        How many.
    """

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Rectangular cells in rows from north to south.

    Attributes
    ----------
    transform : affine.Affine
        From column and row to coordinates; north up, no rotation.
    rows, columns : int
        How many.
    crs : pyproj.CRS
        Reference system of the coordinates.
    """

    transform: Affine
    rows: int
    columns: int
    crs: pyproj.CRS

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north edge in the units of the reference system."""
        step = self.transform
        return step.c, step.f + step.e * self.rows, step.c + step.a * self.columns, step.f

    def part(self, block: Block) -> "Cells":
        """Return some of the cells.

        Parameters
        ----------
        block : Block
            Which.

        Returns
        -------
        Cells
            A part with the same steps.

        Examples
        --------
        >>> cells = Cells(transform=Affine(1, 0, 100, 0, -1, 40), rows=9, columns=9,
        ...               crs=pyproj.CRS("EPSG:4326"))
        >>> cells.part(Block(1, 2, 3, 4)).bounds
        (102.0, 36.0, 106.0, 39.0)
        """
        moved = self.transform @ Affine.translation(block.column, block.row)
        return Cells(transform=moved, rows=block.rows, columns=block.columns, crs=self.crs)

    def block(self, bounds: Bounds) -> Block | None:
        """Return the cells that a rectangle touches.

        Parameters
        ----------
        bounds : tuple[float, float, float, float]
            West, south, east, north, in the reference system.

        Returns
        -------
        Block or None
            The smallest block around them; None where there are none.

        Examples
        --------
        >>> cells = Cells(transform=Affine(1, 0, 100, 0, -1, 40), rows=9, columns=9,
        ...               crs=pyproj.CRS("EPSG:4326"))
        >>> cells.block((101.5, 0, 103, 38.5))
        Block(row=1, column=1, rows=8, columns=2)
        """
        west, south, east, north = bounds
        step = self.transform
        left, right = (west - step.c) / step.a, (east - step.c) / step.a
        top, bottom = (north - step.f) / step.e, (south - step.f) / step.e
        first = max(int(np.floor(top)), 0), max(int(np.floor(left)), 0)
        last = min(int(np.ceil(bottom)), self.rows), min(int(np.ceil(right)), self.columns)
        if last[0] <= first[0] or last[1] <= first[1]:
            return None
        return Block(*first, last[0] - first[0], last[1] - first[1])

    def same_lattice(self, other: "Cells") -> bool:
        """Tell whether the cells of both coincide wherever both have some.

        Parameters
        ----------
        other : Cells
            Others.

        Returns
        -------
        bool
            True when reference system and steps agree and edges meet within a thousandth of
            a cell.

        Examples
        --------
        >>> crs = pyproj.CRS("EPSG:4326")
        >>> one = Cells(transform=Affine(1, 0, 100, 0, -1, 40), rows=9, columns=9, crs=crs)
        >>> one.same_lattice(one.part(Block(1, 2, 3, 4)))
        True
        """
        a, b = self.transform, other.transform
        span = max(self.rows, self.columns, other.rows, other.columns)
        # Steps must agree so well that the far edge is not off either.
        steps = np.allclose((a.a, a.e), (b.a, b.e), rtol=_SAME / span, atol=0)
        shift = np.array(self.shift(other))
        near = np.allclose(shift, shift.round(), rtol=0, atol=_SAME)
        return bool(self.crs == other.crs and steps and near)

    def shift(self, other: "Cells") -> tuple[float, float]:
        """Return how many rows and columns the first cell of another lies from ours.

        Parameters
        ----------
        other : Cells
            Others.

        Returns
        -------
        tuple[float, float]
            Rows southward and columns eastward; whole on the same lattice.

        Examples
        --------
        >>> crs = pyproj.CRS("EPSG:4326")
        >>> one = Cells(transform=Affine(1, 0, 100, 0, -1, 40), rows=9, columns=9, crs=crs)
        >>> one.shift(one.part(Block(1, 2, 3, 4)))
        (1.0, 2.0)
        """
        a, b = self.transform, other.transform
        return (b.f - a.f) / a.e, (b.c - a.c) / a.a

    def areas(self, block: Block) -> FloatArray:
        """Return the true area of cells on the ellipsoid.

        Parameters
        ----------
        block : Block
            Which cells.

        Returns
        -------
        numpy.ndarray
            km2, of shape (rows, columns), or (rows, 1) or (1, 1) where columns or all cells
            are alike. Geographic: the area between two parallels (Snyder 1987, eq. 3-12);
            projected: the planar area over the areal scale at the cell's centre, which is
            interpolated between points 5 km apart.

        References
        ----------
        Snyder, J. P. (1987). Map Projections: A Working Manual. USGS Professional Paper 1395.

        Examples
        --------
        >>> cells = Cells(transform=Affine(1, 0, 100, 0, -30, 60), rows=2, columns=1,
        ...               crs=pyproj.CRS("EPSG:4326"))
        >>> north, south = cells.areas(Block(0, 0, 2, 1))[:, 0]
        >>> round(float(north / south), 2)  # (sin 60 - sin 30) / sin 30 on a sphere = 0.73
        0.74
        """
        if self.crs.is_geographic:
            return self._between_parallels(block)
        units = [axis.unit_conversion_factor for axis in self.crs.axis_info[:2]] or [1.0, 1.0]
        planar = self.transform.a * units[0] * -self.transform.e * units[1] / 1e6
        operation = self.crs.coordinate_operation
        method = "" if operation is None else operation.method_name.lower()
        if any(name in method for name in _EQUAL_AREA):
            return np.full((1, 1), planar)
        return planar * self._shrinkage(block, metres=self.transform.a * units[0])

    def _between_parallels(self, block: Block) -> FloatArray:
        step = self.transform
        rows = np.arange(block.row, block.row + block.rows + 1)
        bands = -np.diff(authalic(np.asarray(step.f + step.e * rows), self.crs))
        wide = step.a * self.crs.axis_info[0].unit_conversion_factor
        return np.asarray((bands * wide * _ellipsoid(self.crs)[0] ** 2 / 2.0 / 1e6)[:, None])

    def _shrinkage(self, block: Block, *, metres: float) -> FloatArray:
        """Return 1 over the areal scale, from points whose places do not depend on the block."""
        every = max(int(_SCALE_STEP_M / metres), 1)
        rows, row, row_part = _nodes(block.row, block.rows, every)
        columns, column, column_part = _nodes(block.column, block.columns, every)
        step = self.transform
        x = step.c + step.a * (columns + 0.5)
        y = step.f + step.e * (rows + 0.5)
        geographic = self.crs.geodetic_crs or pyproj.CRS("EPSG:4326")
        back = pyproj.Transformer.from_crs(self.crs, geographic, always_xy=True)
        lon, lat = back.transform(*np.meshgrid(x, y))
        factors = pyproj.Proj(self.crs).get_factors(lon, lat, errcheck=False)
        scale = np.asarray(factors.areal_scale, dtype=np.float64)
        sound = np.isfinite(scale) & (scale > 0)
        points = np.where(sound, 1.0 / np.where(sound, scale, 1.0), 0.0)
        if every == 1:
            return points[:-1, :-1]
        across = points[:, column] * (1 - column_part) + points[:, column + 1] * column_part
        down = row_part[:, None]
        return np.asarray(across[row] * (1 - down) + across[row + 1] * down)


def _nodes(
    first: int, count: int, every: int
) -> tuple[FloatArray, npt.NDArray[np.int64], FloatArray]:
    """Return every so many-th row around some, and where each of them lies between two."""
    wanted = np.arange(first, first + count, dtype=np.int64)
    start = first // every
    last = (first + count - 1) // every + 1
    nodes = np.arange(start, last + 1, dtype=np.float64) * every
    return nodes, wanted // every - start, np.asarray((wanted % every) / every)


def _ellipsoid(crs: pyproj.CRS) -> tuple[float, float]:
    """Return the major axis in metres and the eccentricity."""
    geod = crs.get_geod() or pyproj.Geod(ellps="WGS84")
    return float(geod.a), float(np.sqrt(geod.es))


def authalic(latitude: FloatArray, crs: pyproj.CRS) -> FloatArray:
    """Return a measure of latitude that areas on the ellipsoid are proportional to.

    Parameters
    ----------
    latitude : numpy.ndarray
        In the unit of the reference system; cut off at the poles.
    crs : pyproj.CRS
        A geographic reference system.

    Returns
    -------
    numpy.ndarray
        q of Snyder (1987), eq. 3-12; twice the sine on a sphere.

    Examples
    --------
    >>> authalic(np.array([0.0, 30.0]), pyproj.CRS("+proj=longlat +R=6371000")).round(6)
    array([0., 1.])
    """
    unit = crs.axis_info[0].unit_conversion_factor
    sine = np.sin(np.clip(latitude * unit, -np.pi / 2, np.pi / 2))
    e = _ellipsoid(crs)[1]
    if e == 0.0:
        return np.asarray(2.0 * sine)
    log = np.log((1.0 - e * sine) / (1.0 + e * sine)) / (2.0 * e)
    return np.asarray((1.0 - e**2) * (sine / (1.0 - (e * sine) ** 2) - log))
