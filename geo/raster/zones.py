"""Zones of several layers, brought to the reference system of a raster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from geo.errors import RasterError
from geo.raster.cells import Cells

__all__ = ["Zones", "area_beyond", "check_layer"]

FloatArray = npt.NDArray[np.float64]

# Edges longer than this bend noticeably from one reference system to another: 10 km of a
# parallel leave the straight line by some metres.
_EDGE_M: Final = 10_000.0
_EDGE_DEGREES: Final = 0.1
_SHOWN: Final = 5


def check_layer(layer: gpd.GeoDataFrame) -> None:
    """Refuse a layer whose zones have no place or no names of their own.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Polygons.

    Raises
    ------
    RasterError
        ``raster.layer_no_crs``, ``raster.repeated_label``, ``raster.layer_not_polygons``.

    Examples
    --------
    >>> check_layer(gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]))
    Traceback (most recent call last):
    geo.errors.RasterError: the layer has no coordinate reference system; set the right one first
    """
    if layer.crs is None:
        raise RasterError(
            "the layer has no coordinate reference system; set the right one first",
            code="raster.layer_no_crs",
        )
    repeated = sorted(map(str, layer.index[layer.index.duplicated()].unique()))
    if repeated:
        raise RasterError(
            f"the layer repeats the labels {repeated[:_SHOWN]}",
            code="raster.repeated_label",
            labels=repeated,
        )
    plain = layer.geometry[_filled(layer)]
    other = plain.index[~plain.geom_type.isin(["Polygon", "MultiPolygon"])]
    if len(other):
        labels = list(map(str, other))
        raise RasterError(
            f"{len(other)} features of the layer are no polygons: {labels[:_SHOWN]}; a statistic "
            "needs areas",
            code="raster.layer_not_polygons",
            count=len(other),
            labels=labels,
        )


def _filled(layer: gpd.GeoDataFrame) -> Any:
    return ~(layer.geometry.is_empty | layer.geometry.isna())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Zones:
    """Polygons of several layers in a row.

    Attributes
    ----------
    layers : tuple[geopandas.GeoSeries, ...]
        The polygons that are not empty, layer by layer.
    index : Mapping[str, pandas.Index]
        All labels of each layer.
    filled : Mapping[str, pandas.Index]
        Labels of each layer that have a polygon.
    places : Mapping[str, slice]
        Where those of each layer stand in the row.
    n : int
        How many polygons.
    """

    layers: tuple[gpd.GeoSeries, ...]
    index: Mapping[str, pd.Index]
    filled: Mapping[str, pd.Index]
    places: Mapping[str, "npt.NDArray[np.int64]"]
    n: int

    @classmethod
    def of(cls, layers: Mapping[str, gpd.GeoDataFrame]) -> "Zones":
        """Line up the polygons of layers.

        Parameters
        ----------
        layers : Mapping[str, geopandas.GeoDataFrame]
            Layers by name.

        Returns
        -------
        Zones
            Their polygons.

        Examples
        --------
        >>> Zones.of({}).n
        0
        """
        shapes = {name: layer.geometry[_filled(layer)] for name, layer in layers.items()}
        ends = np.cumsum([0, *map(len, shapes.values())])
        return cls(
            layers=tuple(shapes.values()),
            index={name: layer.index for name, layer in layers.items()},
            filled={name: shape.index for name, shape in shapes.items()},
            places={
                name: np.arange(start, end)
                for name, start, end in zip(shapes, ends[:-1], ends[1:], strict=True)
            },
            n=int(ends[-1]),
        )

    def on(self, crs: pyproj.CRS) -> "npt.NDArray[np.object_]":
        """Bring all polygons to a reference system.

        Parameters
        ----------
        crs : pyproj.CRS
            The system of a raster.

        Returns
        -------
        numpy.ndarray of shapely geometries
            In a row; edges cut up so that they bend as the systems do.

        Raises
        ------
        RasterError
            ``raster.layer_unprojectable``: some lie where the system is not defined.
        """
        parts = [_brought(shapes, crs) for shapes in self.layers]
        found = np.concatenate(parts) if parts else np.empty(0, dtype=object)
        lost = np.flatnonzero(~np.isfinite(shapely.bounds(found)).all(axis=1))
        if len(lost):
            names = [label for labels in self.filled.values() for label in map(str, labels)]
            labels = [names[place] for place in lost]
            raise RasterError(
                f"{len(lost)} polygons cannot be brought to the reference system of the raster "
                f"({crs.name}): {labels[:_SHOWN]}; warp the raster to one that holds for them",
                code="raster.layer_unprojectable",
                crs=crs.name,
                count=len(lost),
                labels=labels,
            )
        return found

    def degrees(self, layer: str) -> list[float]:
        """Return the bounds of a layer.

        Parameters
        ----------
        layer : str
            Its name.

        Returns
        -------
        list[float]
            West, south, east, north in degrees.
        """
        place = list(self.index).index(layer)
        shapes = self.layers[place]
        return [float(value) for value in shapes.to_crs("EPSG:4326").total_bounds]


def _brought(shapes: gpd.GeoSeries, crs: pyproj.CRS) -> "npt.NDArray[np.object_]":
    own = pyproj.CRS(shapes.crs)
    if own != crs and len(shapes):
        unit = own.axis_info[0].unit_conversion_factor
        longest = _EDGE_DEGREES if own.is_geographic else _EDGE_M / unit
        shapes = shapes.segmentize(longest).to_crs(crs)
    return np.asarray(shapes.to_numpy(), dtype=object)


def area_beyond(cells: Cells, zones: "npt.NDArray[np.object_]") -> FloatArray:
    """Return how much of each zone lies beyond the edge of a raster.

    Parameters
    ----------
    cells : Cells
        The cells of the raster.
    zones : numpy.ndarray of shapely geometries
        In the same reference system.

    Returns
    -------
    numpy.ndarray
        km2 on the ellipsoid, 0 for zones inside; measured in Lambert's cylindrical equal-area
        projection.

    Examples
    --------
    >>> from affine import Affine
    >>> cells = Cells(transform=Affine(1, 0, 100, 0, -1, 1), rows=1, columns=1,
    ...               crs=pyproj.CRS("EPSG:4326"))
    >>> area_beyond(cells, np.array([shapely.box(100, 0, 102, 1)])).round()
    array([12308.])
    """
    beyond = np.zeros(len(zones))
    west, south, east, north = cells.bounds
    bounds = shapely.bounds(zones)
    slack = 1e-9 * max(abs(west), abs(east), abs(south), abs(north))
    out = (bounds[:, 0] < west - slack) | (bounds[:, 2] > east + slack)
    out |= (bounds[:, 1] < south - slack) | (bounds[:, 3] > north + slack)
    if not out.any():
        return beyond
    # Only shapes are subtracted that are surely valid; a crossing polygon has no inside.
    shapes = shapely.make_valid(zones[out])
    outside = gpd.GeoSeries(shapely.difference(shapes, shapely.box(*cells.bounds)), crs=cells.crs)
    geod = cells.crs.get_geod() or pyproj.Geod(ellps="WGS84")
    equal = f"+proj=cea +a={geod.a!r} +b={geod.b!r} +units=m +type=crs"
    beyond[out] = _plain_area(outside, cells, equal)
    return beyond


def _plain_area(shapes: gpd.GeoSeries, cells: Cells, equal: str) -> FloatArray:
    unit = cells.crs.axis_info[0].unit_conversion_factor
    longest = _EDGE_DEGREES if cells.crs.is_geographic else _EDGE_M / unit
    geographic = cells.crs if cells.crs.is_geographic else cells.crs.geodetic_crs
    cut = shapely.segmentize(shapes.to_numpy(), longest)
    # No change of datum on the way: only the projection of the same ellipsoid.
    own = pyproj.Transformer.from_crs(cells.crs, geographic, always_xy=True)
    projection = pyproj.Proj(equal)

    def planar(points: FloatArray) -> FloatArray:
        lon, lat = own.transform(points[:, 0], points[:, 1])
        return np.column_stack(projection(lon, np.clip(lat, -90.0, 90.0)))

    flat = shapely.transform(cut, planar)
    return np.asarray(shapely.area(flat) / 1e6)
