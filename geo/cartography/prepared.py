"""A layer made ready for drawing once, for as many maps as need it."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.path import Path as MplPath
from shapely.geometry.base import BaseGeometry

from geo.cartography.drawing import check_drawable, compound_path, project

__all__ = ["PreparedLayer", "prepare"]


class PreparedLayer:
    """Units in the projection of the maps, their outlines, and where labels go.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Units indexed by code, polygons with a CRS.

    Attributes
    ----------
    shapes : geopandas.GeoSeries
        Projected units by code.
    """

    def __init__(self, layer: gpd.GeoDataFrame) -> None:
        self.shapes: gpd.GeoSeries = project(layer.geometry)
        whole = compound_path(self.shapes)
        self._points, self._codes = np.asarray(whole.vertices), np.asarray(whole.codes)
        parts, owner = shapely.get_parts(self.shapes.to_numpy(), return_index=True)
        rings, part_of = shapely.get_rings(parts, return_index=True)
        lengths = shapely.get_num_coordinates(rings)
        self._owner = np.repeat(owner[part_of], lengths)
        self._hearts: dict[str, tuple[BaseGeometry, tuple[float, float]]] = {}

    def path(self, chosen: Sequence[bool] | np.ndarray) -> MplPath:
        """Return the outlines of some units as one path.

        Parameters
        ----------
        chosen : Sequence[bool]
            One truth value per unit, in the order of the layer.

        Returns
        -------
        matplotlib.path.Path
            Rings and holes.
        """
        kept = np.asarray(chosen, dtype=bool)[self._owner]
        return MplPath(self._points[kept], self._codes[kept])

    def heart(self, code: str) -> tuple[BaseGeometry, tuple[float, float]]:
        """Return where a unit has most room for a label.

        Parameters
        ----------
        code : str
            A unit of the layer.

        Returns
        -------
        BaseGeometry
            Its largest part.
        tuple[float, float]
            The centre of the largest circle inside.
        """
        if code not in self._hearts:
            parts = shapely.get_parts(self.shapes[code])
            largest = parts[int(np.argmax(shapely.area(parts)))]
            circle = shapely.maximum_inscribed_circle(largest, tolerance=largest.length / 500)
            x, y = shapely.get_coordinates(circle)[0]
            self._hearts[code] = largest, (float(x), float(y))
        return self._hearts[code]


def prepare(layer: "gpd.GeoDataFrame | PreparedLayer") -> PreparedLayer:
    """Make a layer ready for drawing.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame or PreparedLayer
        Units indexed by code; what is prepared already is returned as it is.

    Returns
    -------
    PreparedLayer
        The units.

    Raises
    ------
    CartographyError
        ``cartography.no_crs`` or ``cartography.empty_unit``.

    Examples
    --------
    >>> squares = [shapely.box(100, 30, 105, 35), shapely.box(105, 30, 110, 35)]
    >>> layer = gpd.GeoDataFrame(geometry=squares, index=["a", "b"], crs="EPSG:4326")
    >>> len(prepare(layer).path([True, False]).vertices)
    5
    """
    if isinstance(layer, PreparedLayer):
        return layer
    check_drawable(layer, ())
    return PreparedLayer(layer)
