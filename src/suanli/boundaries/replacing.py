"""Put a layer of one's own in the place of a shipped one."""

from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from geo.crs import GEOGRAPHIC
from geo.errors import LayerError
from geo.layer import neighbour_pairs, simplify_coverage
from suanli.boundaries.loading import Boundaries, Level
from suanli.errors import InputError, Problem
from suanli.locations import data_folder

__all__ = ["with_layer"]

_ISLAND_DEGREES: Final = 0.03
_WEB_M: Final = 4000.0
_WEB_ISLETS_KM2: Final = 10.0
_MAIN_M: Final = 2000.0
_MOST_VERTICES: Final = 150_000
"""More than this makes maps slow and files large without showing more."""
_SHOWN: Final = 10


def with_layer(
    boundaries: Boundaries, level: Level, frame: gpd.GeoDataFrame, *, name: str
) -> tuple[Boundaries, tuple[Problem, ...]]:
    """Return the boundaries with the geometry of one level replaced.

    Every unit that is evaluated must be in the new layer: contiguity rests on it alone. Units
    that are only drawn, and islands a map of the country must show, are added from the shipped
    layer where they are missing, cut back to what the new one leaves free.

    Parameters
    ----------
    boundaries : Boundaries
        The shipped layers.
    level : {"province", "city"}
        The level.
    frame : geopandas.GeoDataFrame
        A valid coverage in EPSG:4326, indexed by code.
    name : str
        What maps call the source of the layer, such as the name of its file.

    Returns
    -------
    Boundaries
        With new layers for print and pages; attributes of units as shipped.
    tuple[Problem, ...]
        What was added or simplified.

    Raises
    ------
    InputError
        ``boundaries.own_missing``: evaluated units are not in the layer; ``boundaries.own_extra``:
        it has units the level does not have.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> shipped = load_boundaries()
    >>> mainland = shipped.province.drop(["710000", "810000", "820000"])
    >>> own, notes = with_layer(shipped, "province", mainland, name="a.shp")
    >>> len(own.province), [note.code for note in notes]
    (34, ['boundaries.own_filled'])
    """
    shipped = boundaries.layer(level)
    _check_units(shipped, frame, level)
    notes: list[Problem] = []
    shapes = frame.geometry.reindex(shipped.index)
    shapes = _filled(shapes, shipped, notes)
    shapes = _with_islands(shapes, shipped, level, notes)
    main = _light(shipped.set_geometry(shapes), notes)
    layers: dict[str, Any] = {level: main, f"{level}_web": _web(main, level)}
    return replace(boundaries, **layers, own=(*boundaries.own, name)), tuple(notes)


def _check_units(shipped: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, level: Level) -> None:
    wanted = shipped.index[shipped["evaluated"]]
    missing = [f"{code} {shipped['name'][code]}" for code in wanted.difference(frame.index)]
    extra = [str(code) for code in frame.index.difference(shipped.index)]
    problems = [
        Problem(
            code=f"boundaries.{rule}",
            params={
                "level": Problem(code=f"common.{level}"),
                "count": len(units),
                "units": _shown(units),
            },
        )
        for rule, units in (("own_missing", missing), ("own_extra", extra))
        if units
    ]
    if problems:
        raise InputError(problems)


def _filled(
    shapes: gpd.GeoSeries, shipped: gpd.GeoDataFrame, notes: list[Problem]
) -> gpd.GeoSeries:
    """Draw the units that the layer lacks as they are shipped, where there is room."""
    lacking = shapes.index[shapes.isna()]
    if lacking.empty:
        return shapes
    taken = shapely.union_all(shapes.dropna().to_numpy())
    free = [_cut(shape, taken) for shape in shipped.geometry.loc[lacking]]
    filled = shapes.copy()
    filled.loc[lacking] = gpd.GeoSeries(free, index=lacking, crs=shapes.crs)
    units = [f"{code} {shipped['name'][code]}" for code in lacking]
    params = {"count": len(units), "units": _shown(units)}
    notes.append(Problem(code="boundaries.own_filled", params=params))
    return filled


def _cut(shape: shapely.Geometry, taken: shapely.Geometry) -> shapely.Geometry:
    left = shapely.difference(shape, taken)
    parts = [part for part in shapely.get_parts(left) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts) if parts else shape


def _with_islands(
    shapes: gpd.GeoSeries, shipped: gpd.GeoDataFrame, level: Level, notes: list[Problem]
) -> gpd.GeoSeries:
    """Add the islands that a map of the whole country must show."""
    table = pd.read_csv(data_folder() / "reference" / "islands.csv", dtype={level: "str"})
    added, whole = [], shapes.copy()
    for row in table.to_dict("records"):
        point, code = shapely.Point(row["lon"], row["lat"]), row[level]
        if shapely.distance(whole[code], point) <= _ISLAND_DEGREES:
            continue
        parts = shapely.get_parts(shipped.geometry[code])
        near = parts[shapely.distance(parts, point) <= _ISLAND_DEGREES]
        whole[code] = shapely.union_all([whole[code], *near])
        added.append(str(row["name"]))
    if added:
        params = {"count": len(added), "units": ", ".join(added)}
        notes.append(Problem(code="boundaries.own_islands", params=params))
    return whole


def _light(frame: gpd.GeoDataFrame, notes: list[Problem]) -> gpd.GeoDataFrame:
    """Simplify a heavy layer, unless that would change who is whose neighbour."""
    count = int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum())
    if count <= _MOST_VERTICES:
        return frame
    try:
        light = simplify_coverage(frame, _MAIN_M, keep=list(frame.index))
    except LayerError:
        return frame
    if neighbour_pairs(light) != neighbour_pairs(frame):
        return frame
    params = {"vertices": count, "metres": f"{_MAIN_M:.0f}"}
    notes.append(Problem(code="boundaries.own_simplified", params=params))
    return frame.set_geometry(light.geometry)


def _web(frame: gpd.GeoDataFrame, level: Level) -> gpd.GeoDataFrame:
    # Units with islands that must be shown keep every islet, and their places.
    table = pd.read_csv(data_folder() / "reference" / "islands.csv", dtype={level: "str"})
    kept = sorted(set(table[level]))
    try:
        coarse = simplify_coverage(
            frame, _WEB_M, drop_islets_km2=_WEB_ISLETS_KM2, keep=kept
        ).geometry
    except LayerError:
        return frame
    touched = {code for pair in neighbour_pairs(frame) for code in pair}
    alone = [code for code in kept if code not in touched]
    coarse.loc[alone] = frame.geometry.loc[alone]
    return frame.set_geometry(gpd.GeoSeries(coarse, crs=GEOGRAPHIC))


def _shown(units: list[str]) -> str:
    return ", ".join(units[:_SHOWN]) + (", …" if len(units) > _SHOWN else "")
