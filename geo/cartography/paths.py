"""Polygons and lines as short SVG paths: whole numbers, relative moves, no unit lost."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["line_paths", "page_paths"]

Points = NDArray[np.int64]


def page_paths(shapes: gpd.GeoSeries, *, unit: float) -> list[str]:
    """Write each unit of a layer as the data of one SVG path.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Projected polygons, see :func:`geo.cartography.drawing.project`.
    unit : float
        Metres of one step of the page; coordinates are rounded to it. South is down.

    Returns
    -------
    list[str]
        Path data in the order of the units, none of it empty: a unit of specks alone keeps
        them, as squares of one step.

    Examples
    --------
    >>> page_paths(gpd.GeoSeries([shapely.box(0, 0, 20, 10)]), unit=10)
    ['M2 0v-1h-2v1z']
    """
    return [_unit(shape, unit) for shape in shapes]


def line_paths(lines: gpd.GeoSeries, *, unit: float) -> str:
    """Write lines as the data of one SVG path.

    Parameters
    ----------
    lines : geopandas.GeoSeries
        Projected lines.
    unit : float
        Metres of one step of the page.

    Returns
    -------
    str
        Path data; lines that shrink to a point are left out.

    Examples
    --------
    >>> line_paths(gpd.GeoSeries([shapely.LineString([(0, 0), (10, 30), (20, 30)])]), unit=10)
    'M0 0l1-3h1'
    """
    parts = shapely.get_parts(lines.to_numpy())
    points = [_steps(shapely.get_coordinates(part), unit) for part in parts]
    return "".join(_moves(one) for one in points if len(one) > 1)


def _unit(shape: shapely.Geometry, unit: float) -> str:
    rings = [
        _steps(shapely.get_coordinates(ring), unit)
        for ring in shapely.get_rings(shapely.get_parts(shape))
    ]
    drawn = "".join(f"{_moves(ring[:-1])}z" for ring in rings if _has_area(ring))
    if drawn:
        return drawn
    return "".join(f"M{ring[0, 0]} {ring[0, 1]}h1v1h-1z" for ring in rings)


def _steps(points: NDArray[np.float64], unit: float) -> Points:
    whole = np.round(points / unit).astype(np.int64) * np.array([1, -1])
    moved = np.append(True, (np.diff(whole, axis=0) != 0).any(axis=1))
    steps: Points = whole[moved]
    return steps


def _has_area(ring: Points) -> bool:
    x, y = ring[:, 0], ring[:, 1]
    return bool((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() != 0)


def _moves(points: Points) -> str:
    """Write the first point as it is and the others as steps from the one before."""
    said, last = f"M{points[0, 0]} {points[0, 1]}", ""
    for dx, dy in np.diff(points, axis=0).tolist():
        if dx and dy:
            step = f"{dx}{dy}" if dy < 0 else f"{dx} {dy}"
            said += step if last == "l" and dx < 0 else f" {step}" if last == "l" else f"l{step}"
            last = "l"
        else:
            # A letter of its own is as short as a zero.
            said += f"h{dx}" if dx else f"v{dy}"
            last = ""
    return said
