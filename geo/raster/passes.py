"""Passes over rasters: tile by tile, every tile read once for all zones."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import rasterio
import shapely

from geo.errors import RasterError
from geo.raster.averaging import average_over, fineness
from geo.raster.band import OpenBand, RasterBand, open_band
from geo.raster.cells import Block, Cells
from geo.raster.shares import Shares, share_cells, tiles
from geo.raster.tally import Part, Tally
from geo.raster.zones import Zones, area_beyond

__all__ = ["Counting", "Tallied", "pass_over"]

FloatArray = npt.NDArray[np.float64]

# Measured: bytes of working memory per cell of a tile, and per raster that is read with it.
_BYTES_PER_CELL: Final = 88
_BYTES_PER_RASTER: Final = 24
_RESERVE: Final = 16 * 2**20
_SHARE_OF_CACHE: Final = 8
# Numbers that stand for "no value" by custom and are hardly ever one.
_USUAL_NODATA: Final = (-9999.0, -99999.0, -999999.0, -32768.0, -2147483648.0)
_HUGE: Final = 1e37
_LON, _LAT = 360.0, 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """How cells are to be counted.

    Attributes
    ----------
    weights : RasterBand, optional
        Densities that weigh them.
    resample_weights : bool
        Whether weights on other cells are averaged onto those of the raster.
    values : bool
        Whether single values are kept, for quantiles and the majority.
    memory : int
        Bytes a pass may take.
    """

    weights: RasterBand | None
    resample_weights: bool
    values: bool
    memory: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tallied:
    """What a pass found for one raster.

    Attributes
    ----------
    tally : Tally
        Its statistics by zone.
    inside : numpy.ndarray
        Area of each zone within the raster, with or without values, km2.
    beyond : numpy.ndarray
        Area of each zone beyond its edge, km2.
    spec : RasterBand
        The raster.
    cells : Cells
        Its cells.
    """

    tally: Tally
    inside: FloatArray
    beyond: FloatArray
    spec: RasterBand
    cells: Cells

    def covered(self) -> FloatArray:
        """Return the share of each zone that has values.

        Returns
        -------
        numpy.ndarray
            From 0 to 1.
        """
        whole = self.inside + self.beyond
        safe = np.where(whole > 0, whole, 1.0)
        return np.where(whole > 0, np.minimum(self.tally.area / safe, 1.0), 0.0)

    def refusal(self, zones: Zones, layer: str) -> RasterError:
        """Say why a layer has no value at all.

        Parameters
        ----------
        zones : Zones
            The zones.
        layer : str
            Name of the layer.

        Returns
        -------
        RasterError
            ``raster.no_value`` where both meet; else ``raster.no_overlap``, or
            ``raster.not_metres`` where the raster's coordinates look like degrees.
        """
        path = str(self.spec.path)
        if self.inside[zones.places[layer]].any():
            return RasterError(
                f"{path} has no value under any of the {len(zones.index[layer])} polygons: all "
                "cells there are nodata; check the nodata value and the band",
                code="raster.no_value",
                path=path,
                band=self.spec.band,
                count=len(zones.index[layer]),
            )
        bounds = self.cells.bounds
        named = [f"{value:.6g}" for value in bounds]
        small = max(map(abs, bounds[::2])) <= _LON and max(map(abs, bounds[1::2])) <= _LAT
        if self.cells.crs.is_projected and small:
            return RasterError(
                f"{path} says its coordinates are lengths ({self.cells.crs.name}), but they run "
                f"from {named[0]} to {named[2]} and {named[1]} to {named[3]}, as degrees do; "
                "assign the geographic system it is in, for example with gdal_edit -a_srs",
                code="raster.not_metres",
                path=path,
                crs=self.cells.crs.name,
                bounds=named,
            )
        theirs = [f"{value:.6g}" for value in zones.degrees(layer)] if zones.n else []
        return RasterError(
            f"{path} (from {named[0]} to {named[2]} and {named[1]} to {named[3]} in "
            f"{self.cells.crs.name}) lies under none of the {len(zones.index[layer])} polygons "
            f"(degrees {', '.join(theirs)}); check that both cover the same region",
            code="raster.no_overlap",
            path=path,
            crs=self.cells.crs.name,
            bounds=named,
            theirs=theirs,
            count=len(zones.index[layer]),
        )


def pass_over(
    bands: Mapping[str, RasterBand], zones: Zones, counting: Counting
) -> dict[str, Tallied]:
    """Count the cells of rasters over zones.

    Parameters
    ----------
    bands : Mapping[str, RasterBand]
        Rasters by name; those on the same cells are read together.
    zones : Zones
        The zones.
    counting : Counting
        How.

    Returns
    -------
    dict[str, Tallied]
        What was found, by name.

    Raises
    ------
    RasterError
        A raster cannot be used; see :func:`geo.raster.zonal_statistics`.

    Examples
    --------
    >>> counting = Counting(weights=None, resample_weights=False, values=False, memory=2**20)
    >>> pass_over({}, Zones.of({}), counting)
    {}
    """
    found: dict[str, Tallied] = {}
    cache = counting.memory // _SHARE_OF_CACHE
    with contextlib.ExitStack() as stack:
        stack.enter_context(rasterio.Env(GDAL_CACHEMAX=cache, GDAL_NUM_THREADS=1))
        opened = {name: stack.enter_context(open_band(spec)) for name, spec in bands.items()}
        weights = None
        if counting.weights is not None:
            weights = stack.enter_context(open_band(counting.weights))
        while left := [name for name in opened if name not in found]:
            cells = opened[left[0]].cells
            alike = [name for name in left if opened[name].cells == cells]
            group = _Group([opened[name] for name in alike], zones, counting, weights)
            group.run()
            found |= dict(zip(alike, group.results(), strict=True))
    return found


class _Group:
    """Rasters on the same cells."""

    def __init__(
        self,
        bands: Sequence[OpenBand],
        zones: Zones,
        counting: Counting,
        weights: OpenBand | None,
    ) -> None:
        self.bands = bands
        self.counting = counting
        self.cells = bands[0].cells
        self.weights = weights
        self.aligned = weights is not None and self.cells.same_lattice(weights.cells)
        if weights is not None and not self.aligned and not counting.resample_weights:
            raise RasterError(
                f"{weights.spec.path} has other cells than {bands[0].spec.path}, which it "
                "weighs; bring both onto one grid, or have it averaged onto those cells "
                "(resample_weights=True, --resample-weights)",
                code="raster.grids_differ",
                path=str(weights.spec.path),
                of=str(bands[0].spec.path),
            )
        self.shapes = zones.on(self.cells.crs)
        limit = counting.memory // 2
        # Values that are kept take their half; the tiles the other.
        room = counting.memory - (limit if counting.values else 0)
        room -= counting.memory // _SHARE_OF_CACHE + _RESERVE
        # Weights to be averaged may have many cells in one of ours.
        more = 0 if weights is None else fineness(weights, self.cells) ** 2
        per_cell = _BYTES_PER_CELL + _BYTES_PER_RASTER * (len(bands) + more)
        self.most = max(room // per_cell, 1)
        self.inside = np.zeros(zones.n)
        self.tallies = [Tally(zones.n, values=counting.values, limit=limit) for _ in bands]

    def run(self) -> None:
        if not len(self.shapes):
            return
        block = self.cells.block(tuple(shapely.total_bounds(self.shapes).tolist()))
        if block is None:
            return
        tree = shapely.STRtree(self.shapes)
        for tile in tiles(block, self.bands[0].stored, self.most):
            part = self.cells.part(tile)
            near = np.sort(tree.query(shapely.box(*part.bounds)))
            if len(near):
                self._tile(tile, part, near)

    def _tile(self, tile: Block, part: Cells, near: "npt.NDArray[np.int64]") -> None:
        areas = self.cells.areas(tile)
        weight = None
        grids: list[FloatArray] | None = None
        for shares in share_cells(part, self.shapes[near], most=self.most):
            if grids is None:
                weight = self._weight(tile, part)
                grids = [band.read(tile).ravel() for band in self.bands]
            zones = near[shares.zones]
            area = shares.shares * _at(areas, shares.cells, tile.columns)
            self.inside[zones] += np.add.reduceat(area, shares.starts)
            given = None if weight is None else weight[shares.cells]
            for band, tally, grid in zip(self.bands, self.tallies, grids, strict=True):
                counted = _part(zones, shares, area, grid[shares.cells], given)
                _refuse_nodata(band, counted)
                tally.add(counted)

    def _weight(self, tile: Block, part: Cells) -> FloatArray | None:
        if self.weights is None:
            return None
        if self.aligned:
            row, column = (round(value) for value in self.weights.cells.shift(part))
            found = self.weights.read(Block(row, column, tile.rows, tile.columns))
        else:
            found = average_over(self.weights, part)
        if np.nanmin(found, initial=0.0) < 0:
            raise RasterError(
                f"{self.weights.spec.path} has negative weights, the smallest "
                f"{np.nanmin(found):g}; is its nodata value declared?",
                code="raster.negative_weight",
                path=str(self.weights.spec.path),
                smallest=f"{np.nanmin(found):g}",
            )
        return np.asarray(found.ravel())

    def results(self) -> list[Tallied]:
        beyond = area_beyond(self.cells, self.shapes)
        return [
            Tallied(
                tally=tally, inside=self.inside, beyond=beyond, spec=band.spec, cells=self.cells
            )
            for band, tally in zip(self.bands, self.tallies, strict=True)
        ]


def _at(areas: FloatArray, cells: "npt.NDArray[np.int64]", columns: int) -> FloatArray:
    if areas.shape == (1, 1):
        return np.full(len(cells), areas[0, 0])
    return areas[:, 0][cells // columns] if areas.shape[1] == 1 else areas.ravel()[cells]


def _part(
    zones: "npt.NDArray[np.int64]",
    shares: Shares,
    area: FloatArray,
    values: FloatArray,
    given: FloatArray | None,
) -> Part:
    usable = np.isfinite(values)
    if given is not None:
        usable &= np.isfinite(given)
    whole = bool(usable.all())
    own = area if whole else np.where(usable, area, 0.0)
    return Part(
        zones=zones,
        starts=shares.starts,
        values=values,
        shares=shares.shares if whole else np.where(usable, shares.shares, 0.0),
        areas=own,
        weights=own if given is None else own * np.where(usable, given, 0.0),
    )


def _refuse_nodata(band: OpenBand, part: Part) -> None:
    if band.declared:
        return
    counted = part.values[part.weights > 0]
    if not len(counted):
        return
    low, high = counted.min(), counted.max()
    suspect = low if low in _USUAL_NODATA or low < -_HUGE else high
    if suspect in _USUAL_NODATA or abs(suspect) > _HUGE:
        raise RasterError(
            f"{band.spec.path} declares no nodata value, but {suspect:g} stands in it as if it "
            "meant none; name it (nodata=, --nodata), or nan if it is a value",
            code="raster.undeclared_nodata",
            path=str(band.spec.path),
            value=f"{suspect:.9g}",
        )
