"""Where a layer lies: its reference system, the order of its axes, its datum."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import CRSError

from geo.crs import ALBERS, CHINA_EXTENT, GEOGRAPHIC
from geo.datum import DATUMS, to_wgs84
from geo.layer import (
    Anchors,
    CrsFinding,
    Fit,
    RawLayer,
    ShiftReport,
    detect_crs,
    displacements,
    shift_report,
    usual_systems,
)
from suanli.errors import Problem
from suanli.intake.findings import Ledger, Place

__all__ = ["DatumName", "Placing", "datum_report", "refuse_strangers", "to_degrees"]

DatumName = Literal["wgs84", "gcj02", "bd09"]

_WRONG_SHARE: Final = 0.25
"""Of the size of a unit: farther from its place, the declared system cannot be right."""
_SHIFTED_M: Final = 100.0
_HALF_WAY_ROUND: Final = 20_000
"""Kilometres; no place on Earth is farther from another."""
_LONGEST: Final = 80
_SHOWN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placing:
    """What is known and wanted about where a layer lies.

    Attributes
    ----------
    crs : str or None
        The system the user names.
    swap_axes : bool
        Whether the user wants the axes exchanged.
    datum : {"wgs84", "gcj02", "bd09"} or None
        The datum the user says it is in.
    reference : geopandas.GeoDataFrame or None
        Units whose places are known, EPSG:4326, indexed by code.
    anchors : pandas.Series
        The unit of the reference that each feature is, or is part of.
    parents : Mapping[str, str]
        The same for each code.
    """

    crs: str | None
    swap_axes: bool
    datum: DatumName | None
    reference: gpd.GeoDataFrame | None
    anchors: pd.Series
    parents: Mapping[str, str] = field(default_factory=dict)


def to_degrees(
    raw: RawLayer, frame: gpd.GeoDataFrame, placing: Placing, *, place: Place, ledger: Ledger
) -> tuple[gpd.GeoDataFrame | None, dict[str, Any]]:
    """Bring a layer to longitude and latitude, as far as its reference system can be trusted.

    Parameters
    ----------
    raw : RawLayer
        What the file says.
    frame : geopandas.GeoDataFrame
        Its polygons.
    placing : Placing
        What the user says, and units whose places are known.
    place : Place
        The file.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    geopandas.GeoDataFrame or None
        The polygons in EPSG:4326; None where the file is refused.
    dict[str, Any]
        ``crs`` used and ``crs_source``, ``offset_km`` of the units from their known places.

    Examples
    --------
    >>> layer = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4326")
    >>> raw = RawLayer(frame=layer, crs_source="declared", encoding="UTF-8",
    ...     encoding_source="format")
    >>> none = Placing(crs=None, swap_axes=False, datum=None, reference=None,
    ...     anchors=pd.Series([""]))
    >>> to_degrees(raw, layer, none, place=Place(file="a.gpkg"), ledger=Ledger())[1]
    {'crs': 'EPSG:4326', 'crs_source': 'declared'}
    """
    if placing.swap_axes:
        frame = frame.set_geometry(_exchanged(frame.geometry))
        ledger.add("layer.axes_swapped", place)
    known = _anchors(frame, placing)
    crs, source = _stated(raw, frame, placing, place, ledger)
    if ledger.refused:
        return None, {}
    facts: dict[str, Any] = {}
    if crs is None:
        found = _detected(known, place, ledger)
        if found is None:
            return None, {}
        crs, source = found.crs, "detected"
        facts["offset_km"] = found.offset_km
        if found.swapped:
            return None, _refuse_swapped(found, place, ledger)
    elif known is not None and not _confirmed(known, crs, facts, place, ledger):
        return None, {}
    if known is None and not _in_bounds(frame, crs, place, ledger):
        return None, {}
    moved = frame.set_crs(crs, allow_override=True).to_crs(GEOGRAPHIC)
    return _undone(moved, placing, place, ledger), {
        "crs": _label(crs),
        "crs_source": source,
        **facts,
    }


def datum_report(
    frame: gpd.GeoDataFrame, placing: Placing, *, place: Place, ledger: Ledger
) -> ShiftReport | None:
    """Test whether the layer carries the offset of a shifted datum.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Units in EPSG:4326, indexed by the codes of the reference.
    placing : Placing
        The reference, and the datum the user names.
    place : Place
        The file.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    ShiftReport or None
        The evidence; None without a reference.

    Examples
    --------
    >>> none = Placing(crs=None, swap_axes=False, datum=None, reference=None,
    ...     anchors=pd.Series([""]))
    >>> layer = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4326")
    >>> datum_report(layer, none, place=Place(file="a.gpkg"), ledger=Ledger()) is None
    True
    """
    if placing.reference is None:
        return None
    report = shift_report(displacements(frame, placing.reference))
    values: dict[str, object] = {
        "count": report.units,
        "shift": f"{report.shift_m:.0f}",
        "east": f"{report.east_m:+.0f}",
        "north": f"{report.north_m:+.0f}",
    }
    if not report.enough:
        ledger.add("layer.datum_untested", place, **values)
    elif report.suspected is not None:
        name = report.suspected
        values |= {
            "datum": Problem(code=f"layers.datum.{name}"),
            "option": name,
            "predicted": f"{report.predicted_m[name]:.0f}",
            "left": f"{report.left_m[name]:.0f}",
            "gain": f"{report.gain[name]:.2f}",
        }
        insisted = placing.datum == "wgs84"
        ledger.add("layer.datum_declared" if insisted else "layer.datum_suspected", place, **values)
    elif (report.east_m**2 + report.north_m**2) ** 0.5 >= _SHIFTED_M:
        ledger.add("layer.shifted", place, **values)
    return report


def _stated(
    raw: RawLayer, frame: gpd.GeoDataFrame, placing: Placing, place: Place, ledger: Ledger
) -> tuple[str | None, str]:
    """Return the system the user or the file names."""
    declared = None if raw.frame.crs is None else _short(raw.frame.crs)
    if placing.crs is not None:
        try:
            named = pyproj.CRS.from_user_input(placing.crs)
        except CRSError:
            ledger.add("layer.crs_unknown", place, placing.crs)
            return None, "named"
        if raw.crs_source == "declared" and not named.equals(raw.frame.crs):
            ledger.add("layer.crs_overridden", place, _label(declared or ""), placing.crs)
        return placing.crs, "named"
    if raw.crs_source == "implied" and not _could_be_degrees(frame):
        return None, "missing"
    return declared, raw.crs_source


def _anchors(frame: gpd.GeoDataFrame, placing: Placing) -> Anchors | None:
    if placing.reference is None:
        return None
    anchors = Anchors(frame=frame, codes=placing.anchors, reference=placing.reference)
    return anchors if len(anchors.units) else None


def _detected(known: Anchors | None, place: Place, ledger: Ledger) -> Fit | None:
    """Find the system of a layer that names none, or refuse it."""
    if known is None:
        ledger.add("layer.crs_missing", place)
        return None
    found = _search(known)
    if found.best is None or not found.best.near:
        ledger.add("layer.crs_missing", place)
        return None
    evidence = _evidence(found)
    if not found.proved:
        ledger.add("layer.crs_ambiguous", place, **evidence)
        return None
    if not found.best.swapped:
        ledger.add("layer.crs_detected", place, "", found.best.crs, **evidence)
    return found.best


def _confirmed(
    known: Anchors, crs: str, facts: dict[str, Any], place: Place, ledger: Ledger
) -> bool:
    """Hold the declared system against the places of units."""
    as_is = known.fit(crs)
    facts["offset_km"] = as_is.offset_km
    if as_is.share <= _WRONG_SHARE:
        return True
    other = known.fit(crs, swapped=True)
    if other.near:
        _refuse_swapped(other, place, ledger)
        return False
    found = _search(known)
    best = found.best
    values = {"offset": _kilometres(as_is.offset_km), "count": len(known.units)}
    if best is not None and found.proved and not best.swapped:
        ledger.add("layer.crs_wrong", place, _label(crs), best.crs, **values, **_evidence(found))
    else:
        ledger.add("layer.misplaced", place, _label(crs), **values)
    return False


def _search(known: Anchors) -> CrsFinding:
    west, _, east, _ = known.reference.geometry.loc[known.units].total_bounds
    return detect_crs(known, usual_systems(float(west), float(east)))


def _evidence(found: CrsFinding) -> Mapping[str, object]:
    best, rival = found.best, found.rival
    return {
        "units": found.units,
        "tried": found.tried,
        "near": _kilometres(best.offset_km) if best else "–",
        "rival": rival.crs if rival else "–",
        "far": _kilometres(rival.offset_km) if rival else "–",
        "alike": ", ".join(found.alike) or "–",
    }


def _refuse_swapped(found: Fit, place: Place, ledger: Ledger) -> dict[str, Any]:
    ledger.add("layer.swapped", place, near=_kilometres(found.offset_km), crs=found.crs)
    return {}


def _in_bounds(frame: gpd.GeoDataFrame, crs: str, place: Place, ledger: Ledger) -> bool:
    """Without known places only what cannot be on this Earth is refused."""
    if not pyproj.CRS.from_user_input(crs).is_geographic or _could_be_degrees(frame):
        return True
    west, south, east, north = frame.total_bounds
    if max(abs(west), abs(east)) <= 90 and max(abs(south), abs(north)) <= 180:  # noqa: PLR2004
        ledger.add("layer.swapped", place, near="–", crs=crs)
    else:
        ledger.add("layer.misplaced", place, crs, offset="–", count=0)
    return False


def _could_be_degrees(frame: gpd.GeoDataFrame) -> bool:
    west, south, east, north = frame.total_bounds
    return bool(west >= -180 and east <= 180 and south >= -90 and north <= 90)  # noqa: PLR2004


def _undone(
    frame: gpd.GeoDataFrame, placing: Placing, place: Place, ledger: Ledger
) -> gpd.GeoDataFrame:
    """Take off the offset of the datum the user names."""
    datum = next((one for one in DATUMS if one == placing.datum), None)
    if datum is None:
        return frame
    shapes = shapely.transform(frame.geometry.to_numpy(), lambda given: to_wgs84(given, datum))
    ledger.add("layer.datum_mended", place, datum=Problem(code=f"layers.datum.{placing.datum}"))
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def refuse_strangers(
    frame: gpd.GeoDataFrame,
    placing: Placing,
    called: Callable[[str], str],
    *,
    place: Place,
    ledger: Ledger,
) -> None:
    """Refuse units outside China, and units that lie where another one does.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Units in EPSG:4326, indexed by code.
    placing : Placing
        The reference, and the unit of it that each feature is part of.
    called : Callable[[str], str]
        Names units by code.
    place : Place
        The file.
    ledger : Ledger
        Takes what is found.

    Examples
    --------
    >>> shapes = [shapely.box(100, 30, 101, 31), shapely.box(110, 30, 111, 31)]
    >>> known = gpd.GeoDataFrame(geometry=shapes, index=["a", "b"], crs="EPSG:4326")
    >>> placing = Placing(crs=None, swap_axes=False, datum=None, reference=known,
    ...     anchors=pd.Series(["a", "b"]), parents={"a": "a", "b": "b"})
    >>> ledger = Ledger()
    >>> turned = known.set_geometry(shapes[::-1])
    >>> refuse_strangers(turned, placing, str, place=Place(file="a.gpkg"), ledger=ledger)
    >>> [finding.rule for finding in ledger.findings]
    ['layer.elsewhere', 'layer.elsewhere']
    """
    box, bounds = CHINA_EXTENT, frame.geometry.bounds
    inside = (bounds["minx"] >= box.west) & (bounds["maxx"] <= box.east)
    inside &= (bounds["miny"] >= box.south) & (bounds["maxy"] <= box.north)
    far = [str(code) for code in frame.index[~inside]]
    if far:
        units = ", ".join(map(called, far[:_SHOWN])) + (", …" if len(far) > _SHOWN else "")
        ledger.add("layer.outside", place, count=len(far), units=units)
        return
    for code, other, distance in _elsewhere(frame, placing):
        at = called(other) if other else Problem(code="layers.nowhere")
        ledger.add("layer.elsewhere", place, called(code), other=at, offset=_kilometres(distance))


def _elsewhere(frame: gpd.GeoDataFrame, placing: Placing) -> list[tuple[str, str, float]]:
    """Return units whose middle is far from their place: whose place it is, and how far, in km."""
    known = placing.reference
    homes = frame.index.map(placing.parents)
    if known is None or not set(homes) <= set(known.index):
        return []
    planar = known.geometry.to_crs(ALBERS)
    points = frame.geometry.to_crs(ALBERS).representative_point()
    home = planar.loc[homes]
    distance = shapely.distance(points.to_numpy(), home.to_numpy())
    reach = np.sqrt(home.area.to_numpy()) * _WRONG_SHARE
    found = []
    for i in np.flatnonzero(distance > reach):
        holds = planar.index[planar.contains(points.iloc[i])]
        other = str(holds[0]) if len(holds) else ""
        found.append((str(frame.index[i]), other, float(distance[i]) / 1000))
    return found


def _exchanged(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    turned = shapely.transform(shapes.to_numpy(), lambda xy: xy[:, ::-1])
    return gpd.GeoSeries(turned, index=shapes.index, crs=shapes.crs)


def _kilometres(value: float) -> str:
    if value > _HALF_WAY_ROUND:
        # What a system cannot place lies infinitely far away.
        return f"> {_HALF_WAY_ROUND}"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"  # noqa: PLR2004


def _label(crs: str) -> str:
    return crs if len(crs) <= _LONGEST else str(pyproj.CRS.from_user_input(crs).name)


def _short(crs: pyproj.CRS) -> str:
    code = crs.to_authority(min_confidence=70)
    return ":".join(code) if code else str(crs.to_wkt())
