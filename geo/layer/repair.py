"""Make a coverage out of polygons as they were drawn, and measure what that moved."""

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import ALBERS

__all__ = ["RepairReport", "equal_area_crs", "merge_parts", "near_misses", "repair_coverage"]

_M2_PER_KM2: Final = 1e6
_GAP_DEGREES: Final = 0.001
"""Gaps narrower than this, some 100 m, are no ground but slips of the pen."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepairReport:
    """What repair changed.

    Attributes
    ----------
    invalid : dict of str to str
        Units that were no valid polygons, with the reason.
    area_km2 : pandas.Series
        Area before, by code.
    moved_km2 : pandas.Series
        Area that was given, taken or in doubt, by code.
    """

    invalid: dict[str, str]
    area_km2: pd.Series
    moved_km2: pd.Series

    @property
    def share(self) -> pd.Series:
        """Moved area as a share of the area, by code."""
        return (self.moved_km2 / self.area_km2.where(self.area_km2 > 0)).fillna(np.inf)


def equal_area_crs(frame: gpd.GeoDataFrame) -> str:
    """Return an equal-area projection that suits a layer.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        A layer in EPSG:4326.

    Returns
    -------
    str
        Albers with standard parallels a sixth of the latitudes from either end; near the
        equator or a pole, and for small extents, Lambert's azimuthal about the middle.

    Notes
    -----
    Snyder, J. P. (1987). Map projections: a working manual. USGS Professional Paper 1395, p. 99.

    Examples
    --------
    >>> from shapely import box
    >>> land = gpd.GeoDataFrame(geometry=[box(-5, 42, 8, 51)], crs="EPSG:4326")
    >>> equal_area_crs(land)
    '+proj=aea +lat_1=43.5 +lat_2=49.5 +lat_0=46.5 +lon_0=1.5 +datum=WGS84 +units=m'
    """
    west, south, east, north = (float(x) for x in frame.total_bounds)
    lon, lat = round((west + east) / 2, 2), round((south + north) / 2, 2)
    reach = (north - south) / 6
    low, high = round(south + reach, 2), round(north - reach, 2)
    one_side = south > _TROPIC or north < -_TROPIC
    if one_side and max(abs(south), abs(north)) < _POLAR and high - low >= 1:
        return (
            f"+proj=aea +lat_1={low:g} +lat_2={high:g} +lat_0={lat:g} +lon_0={lon:g} "
            "+datum=WGS84 +units=m"
        )
    return f"+proj=laea +lat_0={lat:g} +lon_0={lon:g} +datum=WGS84 +units=m"


_TROPIC: Final = 5.0
_POLAR: Final = 80.0


def merge_parts(frame: gpd.GeoDataFrame, codes: pd.Series) -> gpd.GeoDataFrame:
    """Make one unit of all rows with the same code.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Polygons.
    codes : pandas.Series
        The code of each row, on the index of ``frame``.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by code, sorted, with the other columns of the first row of each.

    Examples
    --------
    >>> from shapely import box
    >>> shapes = [box(0, 0, 1, 1), box(1, 0, 2, 1)]
    >>> rows = gpd.GeoDataFrame({"n": [1, 2]}, geometry=shapes, crs="EPSG:4326")
    >>> merge_parts(rows, pd.Series(["a", "a"])).geometry.bounds.values.tolist()
    [[0.0, 0.0, 2.0, 1.0]]
    """
    once = ~codes.duplicated().to_numpy()
    first = frame[once].drop(columns=frame.geometry.name)
    first.index = pd.Index(codes[once].to_numpy(), name="code")
    several = codes[codes.duplicated(keep=False)]
    merged = {
        code: shapely.union_all(_polygonal(frame.geometry.loc[rows.index].to_numpy()))
        for code, rows in several.groupby(several)
    }
    shapes = zip(first.index, frame.geometry[once], strict=True)
    parts = [merged.get(code, shape) for code, shape in shapes]
    geometry = gpd.GeoSeries(parts, index=first.index, crs=frame.crs)
    return gpd.GeoDataFrame(first, geometry=geometry).sort_index()


def repair_coverage(
    frame: gpd.GeoDataFrame, *, planar: str = ALBERS, gap_width: float = _GAP_DEGREES
) -> tuple[gpd.GeoDataFrame, RepairReport]:
    """Mend invalid polygons, settle overlaps, close slivers, and match edges.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Polygons in EPSG:4326, indexed by code.
    planar : str
        An equal-area system to measure in.
    gap_width : float, default 0.001
        Gaps narrower than this, in degrees, go to the unit with the longest common border.

    Returns
    -------
    geopandas.GeoDataFrame
        The same units, a valid coverage.
    RepairReport
        Area moved by unit.

    Notes
    -----
    The area of an invalid polygon is in doubt where the two readings of its outline, by
    linework and by structure, differ; that counts as moved.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame(
    ...     geometry=[box(110, 30, 111, 31), box(110.9, 30, 112, 31)], index=["a", "b"], crs=4326)
    >>> mended, report = repair_coverage(layer)
    >>> report.share.round(3).to_dict()
    {'a': 0.0, 'b': 0.091}
    """
    shapes = frame.geometry.to_numpy()
    labels = [str(label) for label in frame.index]
    broken = np.flatnonzero(~shapely.is_valid(shapes))
    repaired = shapes.copy()
    repaired[broken] = _polygonal(shapes[broken])
    cleaned = repaired
    if not shapely.coverage_is_valid(repaired) or _has_slivers(repaired, gap_width):
        # The stubs end at shapely 2.1; coverage_clean came with 2.2.
        cleaned = shapely.coverage_clean(repaired, gap_width=gap_width)  # type: ignore[attr-defined]
    moved = np.zeros(len(frame))
    if cleaned is not repaired:
        moved += _difference_km2(repaired, cleaned, frame.crs, planar)
    if len(broken):
        linework = shapely.make_valid(shapes[broken])
        moved[broken] += _difference_km2(linework, repaired[broken], frame.crs, planar)
    area = _km2(repaired, frame.crs, planar)
    geometry = gpd.GeoSeries(cleaned, index=frame.index, crs=frame.crs)
    report = RepairReport(
        invalid={labels[i]: str(shapely.is_valid_reason(shapes[i])) for i in broken},
        area_km2=pd.Series(area, index=frame.index, name="area_km2"),
        moved_km2=pd.Series(moved, index=frame.index, name="moved_km2"),
    )
    return frame.set_geometry(geometry), report


def near_misses(
    frame: gpd.GeoDataFrame, *, gap_width: float = _GAP_DEGREES
) -> list[tuple[str, str]]:
    """Return the pairs of units that nearly touch: a gap of the drawing keeps them apart.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Polygons indexed by code.
    gap_width : float, default 0.001
        Distance in the units of the coordinates.

    Returns
    -------
    list[tuple[str, str]]
        Sorted pairs, the smaller code first.

    Examples
    --------
    >>> from shapely import box
    >>> units = [box(0, 0, 1, 1), box(1.0005, 0, 2, 1), box(2, 0, 3, 1)]
    >>> near_misses(gpd.GeoDataFrame(geometry=units, index=list("abc"), crs="EPSG:4326"))
    [('a', 'b')]
    """
    shapes = frame.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    pairs = set(zip(*tree.query(shapes, predicate="dwithin", distance=gap_width), strict=True))
    pairs -= set(zip(*tree.query(shapes, predicate="intersects"), strict=True))
    labels = [str(label) for label in frame.index]
    return sorted((labels[a], labels[b]) for a, b in pairs if labels[a] < labels[b])


def _has_slivers(shapes: Any, gap_width: float) -> bool:
    """Tell whether a valid coverage encloses a gap narrower than a width.

    Asked before cleaning, which takes much memory and would close nothing else.
    """
    if not len(shapes):
        return False
    whole = shapely.get_parts(shapely.coverage_union_all(shapes))
    holes = shapely.get_rings(whole)
    # The first ring of every polygon is its outside.
    count = shapely.get_num_interior_rings(whole) + 1
    inside = np.ones(len(holes), dtype=bool)
    inside[np.cumsum(count) - count] = False
    gaps = shapely.polygons(holes[inside])
    return bool(shapely.is_empty(shapely.buffer(gaps, -gap_width / 2)).any())


def _difference_km2(before: Any, after: Any, crs: Any, planar: str) -> npt.NDArray[np.float64]:
    # Most units are as they were; comparing shapes is cheap, differencing them is not.
    changed = ~shapely.equals_exact(before, after, tolerance=0.0, normalize=True)
    found = np.zeros(len(before))
    if changed.any():
        both = shapely.symmetric_difference(before[changed], after[changed])
        found[changed] = _km2(both, crs, planar)
    return found


def _km2(shapes: Any, crs: Any, planar: str) -> npt.NDArray[np.float64]:
    area = gpd.GeoSeries(shapes, crs=crs).to_crs(planar).area
    return np.asarray(area.to_numpy() / _M2_PER_KM2, dtype=np.float64)


def _polygonal(shapes: Any) -> Any:
    # Lines and points that repair leaves over are no ground; a coverage holds polygons only.
    return shapely.make_valid(shapes, method="structure", keep_collapsed=False)
