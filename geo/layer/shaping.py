"""Change the geometry of a coverage without opening gaps between its units."""

from collections.abc import Collection, Mapping, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import ALBERS, GEOGRAPHIC
from geo.errors import LayerError

__all__ = [
    "clean_coverage",
    "dissolve_units",
    "merge_units",
    "neighbour_pairs",
    "simplify_coverage",
]

_M2_PER_KM2 = 1e6

Shapes = npt.NDArray[np.object_]


def clean_coverage(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Remove overlaps and match edges, and say how much ground changed hands.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Polygons indexed by code, with a CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        The same units with coverage-valid geometry; overlaps go to the unit with the
        longest common border. Gaps stay.
    pandas.Series
        Kilometres squared that differ from the input, by code; zero where nothing moved.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame(
    ...     {"geometry": [box(110, 30, 111, 31), box(110.9, 30, 112, 31)]},
    ...     index=["a", "b"], crs=GEOGRAPHIC,
    ... )
    >>> cleaned, moved = clean_coverage(layer)
    >>> bool(shapely.coverage_is_valid(cleaned.geometry.values))
    True
    >>> moved.round().to_dict()
    {'a': 0.0, 'b': 1064.0}
    """
    repaired = _polygonal(frame.geometry.to_numpy())
    cleaned = frame.set_geometry(
        gpd.GeoSeries(_cleaned(repaired), index=frame.index, crs=frame.crs)
    )
    difference = shapely.symmetric_difference(repaired, cleaned.geometry.to_numpy())
    planar = gpd.GeoSeries(difference, index=frame.index, crs=frame.crs).to_crs(ALBERS)
    return cleaned, (planar.area / _M2_PER_KM2).rename("moved_km2")


def merge_units(frame: gpd.GeoDataFrame, into: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Give the ground of some units to others and drop them.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        A valid coverage indexed by code.
    into : Mapping[str, str]
        Code of a unit to drop -> code of the unit that takes its ground.

    Returns
    -------
    geopandas.GeoDataFrame
        The remaining units, their attributes unchanged.

    Raises
    ------
    LayerError
        ``layer.merge``: a code is not in the layer, or a receiving unit is itself dropped.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame(
    ...     {"geometry": [box(0, 0, 1, 1), box(1, 0, 2, 1)]}, index=["a", "b"], crs=GEOGRAPHIC
    ... )
    >>> merge_units(layer, {"b": "a"}).total_bounds.tolist()
    [0.0, 0.0, 2.0, 1.0]
    """
    wrong = sorted({*into, *into.values()} - set(frame.index)) + sorted(
        set(into) & set(into.values())
    )
    if wrong:
        raise LayerError(
            f"cannot merge: {', '.join(wrong)} missing from the layer, or both dropped and "
            "receiving. Give codes of the layer, and the final receiver of each.",
            code="layer.merge",
            units=", ".join(wrong),
        )
    groups = pd.Series({label: into.get(label, label) for label in frame.index})
    shapes = dissolve_units(frame, by=groups).geometry
    kept = frame.loc[[label for label in frame.index if label not in into]]
    return kept.set_geometry(shapes.reindex(kept.index))


def dissolve_units(frame: gpd.GeoDataFrame, by: pd.Series) -> gpd.GeoDataFrame:
    """Union the units of a coverage by group.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        A valid coverage indexed by code.
    by : pandas.Series
        Group of each unit, indexed by code; aligned by label.

    Returns
    -------
    geopandas.GeoDataFrame
        One geometry per group, indexed by group and sorted; no other columns.

    Raises
    ------
    LayerError
        ``layer.ungrouped``: units without a group, named.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame(
    ...     {"geometry": [box(0, 0, 1, 1), box(1, 0, 2, 1)]}, index=["a", "b"], crs=GEOGRAPHIC
    ... )
    >>> dissolve_units(layer, by=pd.Series({"b": "x", "a": "x"})).bounds.loc["x"].tolist()
    [0.0, 0.0, 2.0, 1.0]
    """
    groups = by.reindex(frame.index)
    missing = [str(label) for label in groups.index[groups.isna()]]
    if missing:
        raise LayerError(
            f"{len(missing)} units have no group: {', '.join(missing[:10])}. "
            "Give every unit of the layer a group.",
            code="layer.ungrouped",
            units=", ".join(missing[:10]),
            count=len(missing),
        )
    shapes = {
        str(label): shapely.coverage_union_all(part.to_numpy())
        for label, part in frame.geometry.groupby(groups.to_numpy())
    }
    labels = sorted(shapes)
    geometry = gpd.GeoSeries([shapes[label] for label in labels], index=labels, crs=frame.crs)
    return gpd.GeoDataFrame(geometry=geometry).rename_axis(frame.index.name)


def neighbour_pairs(frame: gpd.GeoDataFrame) -> frozenset[tuple[str, str]]:
    """Return the pairs of units that touch, in a point, along a line or by overlap.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Polygons indexed by code.

    Returns
    -------
    frozenset of (str, str)
        Unordered pairs, the smaller code first.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame(
    ...     {"geometry": [box(0, 0, 1, 1), box(1, 0, 2, 1), box(3, 0, 4, 1)]}, index=list("abc")
    ... )
    >>> sorted(neighbour_pairs(layer))
    [('a', 'b')]
    """
    shapes = frame.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    labels = [str(label) for label in frame.index]
    pairs = (sorted((labels[a], labels[b])) for a, b in zip(first, second, strict=True) if a < b)
    return frozenset((low, high) for low, high in pairs)


def simplify_coverage(
    frame: gpd.GeoDataFrame,
    tolerance_m: float,
    *,
    drop_islets_km2: float = 0.0,
    keep: Collection[str] = (),
    decimals: int = 4,
) -> gpd.GeoDataFrame:
    """Simplify shared edges once, so that neighbours still meet, and round coordinates.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        A valid coverage indexed by code, with a CRS.
    tolerance_m : float
        Tolerance in metres; roughly the size of the details that go.
    drop_islets_km2 : float, default 0
        Parts smaller than this that touch no other unit are dropped; the largest part of a
        unit always stays.
    keep : Collection[str]
        Codes of units whose islets all stay.
    decimals : int, default 4
        Decimal places of the degrees; 4 is some 10 m.

    Returns
    -------
    geopandas.GeoDataFrame
        The same units in geographic coordinates, a valid coverage.

    Raises
    ------
    LayerError
        ``layer.simplified_invalid``: no valid coverage remains at this tolerance.

    Notes
    -----
    Visvalingam-Whyatt on the edges of the coverage (GEOS ``coverageSimplify``), in equal-area
    metres.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame(
    ...     {"geometry": [box(110, 30, 111, 31), box(111, 30, 112, 31)]},
    ...     index=["a", "b"], crs=GEOGRAPHIC,
    ... )
    >>> simplify_coverage(layer, 1000).geometry.iloc[0].wkt
    'POLYGON ((110 30, 110 31, 111 31, 111 30, 110 30))'
    """
    planar = frame.geometry.to_crs(ALBERS)
    shapes = _drop_islets(planar, drop_islets_km2, keep)
    simple = gpd.GeoSeries(
        shapely.coverage_simplify(shapes, tolerance_m), index=frame.index, crs=ALBERS
    ).to_crs(GEOGRAPHIC)
    rounded = shapely.transform(simple.to_numpy(), lambda xy: np.round(xy, decimals))
    # Rounding can cross two edges; cleaning mends that, and must not bring back decimals.
    if not _is_valid_coverage(rounded):
        cleaned = _cleaned(_polygonal(rounded))
        rounded = shapely.transform(cleaned, lambda xy: np.round(xy, decimals))
    if not _is_valid_coverage(rounded):
        raise LayerError(
            f"simplifying to {tolerance_m:g} m with {decimals} decimals leaves no valid coverage. "
            "Choose a smaller tolerance or more decimals.",
            code="layer.simplified_invalid",
            tolerance_m=tolerance_m,
            decimals=decimals,
        )
    geometry = gpd.GeoSeries(shapely.normalize(rounded), index=frame.index, crs=GEOGRAPHIC)
    return gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=geometry)


def _polygonal(shapes: Shapes) -> Shapes:
    # Lines and points that repair leaves over are no ground; a coverage holds polygons only.
    repaired: Shapes = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    return repaired


def _cleaned(shapes: Shapes) -> Shapes:
    # The stubs end at shapely 2.1; coverage_clean came with 2.2.
    cleaned: Shapes = shapely.coverage_clean(shapes)  # type: ignore[attr-defined]
    return cleaned


def _is_valid_coverage(shapes: Shapes) -> bool:
    whole = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    return bool(whole.all() and shapely.coverage_is_valid(shapes))


def _drop_islets(planar: gpd.GeoSeries, limit_km2: float, keep: Collection[str]) -> Shapes:
    shapes: Shapes = planar.to_numpy()
    if limit_km2 <= 0:
        return shapes
    parts, owner = shapely.get_parts(shapes, return_index=True)
    area = shapely.area(parts)
    largest = pd.Series(area).groupby(owner).transform("max").to_numpy()
    stays = (area >= limit_km2 * _M2_PER_KM2) | (area == largest)
    stays |= np.isin(planar.index.to_numpy()[owner], list(keep))
    # A small part that touches another unit is an exclave, and dropping it would tear a hole.
    small, other = shapely.STRtree(shapes).query(parts, predicate="intersects")
    stays[small[owner[small] != other]] = True
    return np.array([_one(parts[stays & (owner == i)]) for i in range(len(shapes))], dtype=object)


def _one(parts: Sequence[shapely.Polygon]) -> shapely.Geometry:
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
