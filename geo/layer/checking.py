"""What is wrong with a coverage: a report that changes nothing."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import ALBERS, CHINA_EXTENT, Extent, check_extent
from geo.errors import LayerError

__all__ = ["LayerReport", "validate_layer"]

_M2_PER_KM2 = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerReport:
    """State of a layer.

    Attributes
    ----------
    units : int
        Number of units.
    invalid : tuple of (str, str)
        Code of every geometrically invalid unit and the reason.
    overlaps : tuple of (str, str, float)
        Pairs of units whose interiors meet, with the shared area in km2.
    unmatched : tuple of str
        Units whose edges do not match those of a neighbour, point by point.
    extent_problem : LayerError or None
        What is wrong with the position of the layer.
    """

    units: int
    invalid: tuple[tuple[str, str], ...]
    overlaps: tuple[tuple[str, str, float], ...]
    unmatched: tuple[str, ...]
    extent_problem: LayerError | None

    @property
    def coverage_valid(self) -> bool:
        """Whether the units tile without overlap and share their edges exactly."""
        return not (self.invalid or self.overlaps or self.unmatched)

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return self.coverage_valid and self.extent_problem is None


def validate_layer(frame: gpd.GeoDataFrame, *, extent: Extent = CHINA_EXTENT) -> LayerReport:
    """Check every unit and the coverage they form.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Polygons in geographic coordinates, indexed by code.
    extent : Extent, default CHINA_EXTENT
        Where every unit must lie, in degrees.

    Returns
    -------
    LayerReport
        Everything found.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame(
    ...     {"geometry": [box(110, 30, 111, 31), box(110.9, 30, 112, 31)]},
    ...     index=["a", "b"], crs="EPSG:4326",
    ... )
    >>> report = validate_layer(layer)
    >>> report.coverage_valid, report.overlaps[0][:2], round(report.overlaps[0][2])
    (False, ('a', 'b'), 1064)
    """
    shapes = frame.geometry.to_numpy()
    labels = [str(label) for label in frame.index]
    broken = np.flatnonzero(~shapely.is_valid(shapes))
    invalid = tuple((labels[i], str(shapely.is_valid_reason(shapes[i]))) for i in broken)
    edges = shapely.coverage_invalid_edges(shapes)
    unmatched = tuple(labels[i] for i in np.flatnonzero(~shapely.is_empty(edges)))
    try:
        check_extent(frame, extent=extent)
    except LayerError as error:
        problem: LayerError | None = error
    else:
        problem = None
    return LayerReport(
        units=len(frame),
        invalid=invalid,
        overlaps=_overlaps(frame) if unmatched and problem is None else (),
        unmatched=unmatched,
        extent_problem=problem,
    )


def _overlaps(frame: gpd.GeoDataFrame) -> tuple[tuple[str, str, float], ...]:
    # Overlaps matter as area on the ground, so they are measured in equal-area metres.
    shapes = shapely.make_valid(frame.geometry.to_numpy())
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    shared = shapely.intersection(shapes[first], shapes[second])
    planar = gpd.GeoSeries(shared, crs=frame.crs).to_crs(ALBERS)
    area = planar.area.to_numpy() / _M2_PER_KM2
    labels = [str(label) for label in frame.index]
    found = [
        (labels[a], labels[b], float(km2))
        for a, b, km2 in zip(first, second, area, strict=True)
        if km2 > 0
    ]
    return tuple(sorted(found))
