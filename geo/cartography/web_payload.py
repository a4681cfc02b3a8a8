"""The data of a page: geometry in arcs, layers, profiles; numbers and strings, no markup."""

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.cartography.drawing import project
from geo.cartography.spec import Inset, LineOverlay, MapText, MarkerGroup
from geo.cartography.topology import build_topology, encode_line, rounded
from geo.cartography.web_spec import WebCard, WebFrame, WebMapSpec, WebTheme
from geo.crs import GEOGRAPHIC

__all__ = ["METRES", "page_bounds", "page_data", "page_shapes"]

#: Page coordinates are whole hundreds of metres: finer than the boundaries, and short to write.
METRES = 100.0
_EDGE = 32


def page_shapes(layer: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Project the units of a layer to page coordinates.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Units indexed by code, polygons with a CRS.

    Returns
    -------
    geopandas.GeoSeries
        Multipolygons with whole coordinates.

    Examples
    --------
    >>> box = gpd.GeoDataFrame(geometry=[shapely.box(104, 30, 106, 31)], crs="EPSG:4326")
    >>> len(page_shapes(box))
    1
    """
    return rounded(project(layer.geometry), METRES)


def page_bounds(
    shapes: gpd.GeoSeries, frame: tuple[float, float, float, float] | None
) -> tuple[float, float, float, float]:
    """Return the view a page opens with, in page coordinates.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        See :func:`page_shapes`.
    frame : tuple[float, float, float, float] or None
        West, south, east, north in metres; the whole layer when None.

    Returns
    -------
    tuple[float, float, float, float]
        West, south, east, north.

    Examples
    --------
    >>> page_bounds(gpd.GeoSeries([shapely.box(0, 0, 4, 3)]), None)
    (0.0, 0.0, 4.0, 3.0)
    """
    if frame is not None:
        west, south, east, north = (limit / METRES for limit in frame)
    else:
        west, south, east, north = map(float, shapes.total_bounds)
    return west, south, east, north


def page_data(layer: gpd.GeoDataFrame, spec: WebMapSpec, shapes: gpd.GeoSeries) -> dict[str, Any]:
    """Return everything the script of a page reads.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Units indexed by code.
    spec : WebMapSpec
        What to show.
    shapes : geopandas.GeoSeries
        See :func:`page_shapes`.

    Returns
    -------
    dict[str, Any]
        Lists, dicts, strings, finite numbers.

    Examples
    --------
    >>> from geo.cartography.web import _example
    >>> layer, spec = _example()
    >>> sorted(page_data(layer, spec, page_shapes(layer)))[:4]
    ['arcs', 'bounds', 'cards', 'codes']
    """
    topology = build_topology(shapes)
    place = {code: at for at, code in enumerate(layer.index)}
    sayings = _Sayings()
    return {
        "metres": METRES,
        "bounds": _corners(shapes.total_bounds),
        "frame": _corners(page_bounds(shapes, spec.frame)),
        "codes": [str(code) for code in layer.index],
        "names": _names(layer, spec),
        "keywords": [str((spec.keywords or {}).get(code, "")) for code in layer.index],
        "groups": _groups(layer, spec),
        "arcs": topology.arcs,
        "units": topology.units,
        "themes": [_theme(layer, item, spec.text) for item in spec.themes],
        "lines": [_line(overlay) for overlay in spec.lines],
        "markers": [_marker(group, spec.text) for group in spec.markers],
        "inset": _inset(spec.inset),
        "neighbours": [
            [place[other] for other in spec.neighbours.get(code, ()) if other in place]
            for code in layer.index
        ],
        "cards": [_card(spec.cards.get(code), sayings) for code in layer.index],
        "sayings": sayings.said,
        "words": {**asdict(spec.words), "nothingFound": spec.text.nothing_found},
    }


class _Sayings:
    """Strings that many units share, each written once."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))

    @property
    def said(self) -> list[str]:
        return list(self._places)


def _names(layer: gpd.GeoDataFrame, spec: WebMapSpec) -> list[str]:
    # A unit without a name is called by its code: it must be told from others all the same.
    names = spec.names.reindex(layer.index)
    return [
        str(code) if pd.isna(name) or not str(name).strip() else str(name)
        for code, name in names.items()
    ]


def _groups(layer: gpd.GeoDataFrame, spec: WebMapSpec) -> dict[str, Any] | None:
    if spec.groups is None:
        return None
    names = spec.groups.reindex(layer.index).fillna("").astype(str)
    codes = (spec.groups if spec.group_codes is None else spec.group_codes).reindex(layer.index)
    known = {name: at for at, name in enumerate(dict.fromkeys(names))}
    firsts = codes.fillna("").astype(str).groupby(names.to_numpy(), sort=False).first()
    link, codes_of = spec.group_link, [str(firsts[name]) for name in known]
    return {
        "names": list(known),
        "codes": codes_of,
        "words": [spec.group_keywords.get(code, "") for code in codes_of],
        "of": [known[name] for name in names],
        "link": None if link is None else [link.page, link.label],
    }


def _theme(layer: gpd.GeoDataFrame, item: WebTheme, text: MapText) -> dict[str, Any]:
    return {
        "key": item.key,
        "title": item.title,
        "measure": item.measure or item.title,
        "span": [float(limit) for limit in item.span],
        "remark": list(item.rows.columns).index(item.remark) if item.remark else -1,
        "states": [_state(layer, frame, text) for frame in item.states()],
    }


def _state(layer: gpd.GeoDataFrame, frame: WebFrame, text: MapText) -> dict[str, Any]:
    position = {code: place for place, code in enumerate(layer.index)}
    cells = frame.rows.reindex(layer.index).astype(object)
    rows = cells.where(cells.notna(), "").astype(str).to_numpy().tolist()
    values = None if frame.values is None else frame.values.reindex(layer.index).astype(float)
    known = values is not None and values.notna().any()
    return {
        "label": frame.label,
        "legendTitle": frame.theme.legend_title,
        "scheme": frame.theme.scheme,
        "entries": [
            {
                "label": entry.label,
                "colour": entry.colour,
                "mark": entry.mark,
                "hatch": bool(entry.hatch),
                "countText": text.count.format(count=entry.count),
            }
            for entry in frame.theme.entries
        ],
        "membership": frame.theme.membership.reindex(layer.index).astype(int).tolist(),
        "columns": [str(column) for column in frame.rows.columns],
        # Empty cells at the end of a row need not be written.
        "rows": [_trimmed(row) for row in rows],
        "values": None if values is None else [_number(value) for value in values],
        "median": _number(float(values.median())) if values is not None and known else None,
        "leaders": [position[code] for code in frame.leaders if code in position],
        "sheet": None if frame.sheet is None else _sheet(frame.sheet.reindex(layer.index)),
        "flagged": [position[code] for code in frame.flagged if code in position],
        "flaggedText": text.count.format(count=len(frame.flagged)),
    }


def _sheet(cells: pd.DataFrame) -> dict[str, Any]:
    return {
        "columns": [str(column) for column in cells.columns],
        "rows": [_trimmed([_cell(one) for one in row]) for row in cells.itertuples(index=False)],
    }


def _cell(value: Any) -> float | int | str | None:
    if isinstance(value, str):
        return value
    known = None if pd.isna(value) else _number(float(value))
    return int(known) if known is not None and known == int(known) else known


def _trimmed(row: list[Any]) -> list[Any]:
    while row and row[-1] in ("", None):
        row = row[:-1]
    return row


def _number(value: float) -> float | None:
    # The page rounds for itself: two roundings in a row would print another digit.
    return round(value, 6) if math.isfinite(value) else None


def _card(card: WebCard | None, sayings: _Sayings) -> list[Any] | None:
    if card is None:
        return None
    say = sayings.place
    lists = [
        [say(part.title), [[say(what), remark] for what, remark in part.items]]
        for part in card.lists
    ]
    return [lists, [[say(link.page), link.anchor, say(link.label)] for link in card.links]]


def _path(coordinates: Iterable[Any]) -> str:
    points = np.round(np.asarray(coordinates) / METRES).astype(np.int64)
    moved = np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))
    return encode_line(points[moved].tolist())


def _line(overlay: LineOverlay) -> dict[str, Any]:
    parts = shapely.get_parts(project(overlay.geometry).to_numpy())
    return {
        "colour": overlay.colour,
        "width": overlay.width,
        "paths": [_path(shapely.get_coordinates(part)) for part in parts],
    }


def _marker(group: MarkerGroup, text: MapText) -> dict[str, Any]:
    points = project(group.points)
    return {
        "label": group.label,
        "colour": group.colour,
        "countText": text.count.format(count=len(points)),
        "points": [
            [round(point.x / METRES), round(point.y / METRES), str(name)]
            for name, point in points.items()
        ],
    }


def _corners(bounds: Iterable[float]) -> list[list[float]]:
    west, south, east, north = map(float, bounds)
    return [[south, west], [north, east]]


def _inset(inset: Inset | None) -> dict[str, Any] | None:
    if inset is None:
        return None
    west, south, east, north = inset.bounds
    # Parallels are bent in the projection: the frame is that of the bent edges.
    edge = shapely.segmentize(shapely.box(west, south, east, north), (east - west) / _EDGE)
    frame = project(gpd.GeoSeries([edge], crs=GEOGRAPHIC)).total_bounds / METRES
    return {
        "title": inset.title,
        "bounds": [round(limit) for limit in frame.tolist()],
        "places": [_place(*place) for place in inset.places],
    }


def _place(name: str, longitude: float, latitude: float) -> list[Any]:
    point = project(gpd.GeoSeries([shapely.Point(longitude, latitude)], crs=GEOGRAPHIC)).iloc[0]
    return [round(point.x / METRES), round(point.y / METRES), name]
