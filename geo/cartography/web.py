"""Offline web maps: one HTML file that carries its map library, geometry, font and data.

The map is a folium one, in the equal-area projection of the print maps: the geometry is written
once, in hundreds of metres, and our own script colours it by theme. Nothing is fetched, the
content security policy says so, and :func:`check_offline` refuses the page otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import jinja2
import numpy as np
import pandas as pd
import shapely
from branca.element import Figure

from geo.cartography.drawing import check_drawable, check_places, project
from geo.cartography.font import PAGE_STACK, page_font_face
from geo.cartography.offline import CSP_MARK, check_offline, script_json, seal_page
from geo.cartography.spec import LineOverlay, MapText, MarkerGroup, Theme
from geo.errors import CartographyError
from geo.storage import write_text

__all__ = ["WebMapSpec", "WebTheme", "render_web_map", "write_web_map"]

# Page coordinates are whole hundreds of metres: finer than the boundaries, and short to write.
_METRES = 100.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WebTheme:
    """One layer of a page.

    Attributes
    ----------
    key : str
        Stable identifier, unique on the page.
    title : str
        Name in the list of layers.
    theme : Theme
        Colours and legend.
    rows : pandas.DataFrame
        What the tooltip says: strings by unit code; column names are the labels. Missing and
        empty cells are left out.
    leaders : tuple[str, ...]
        Codes of the units of the ranking list, first to last; the list shows the first column.
    remark : str
        Column whose cells the list shows in brackets behind the first; none when empty.
    """

    key: str
    title: str
    theme: Theme
    rows: pd.DataFrame
    leaders: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WebMapSpec:
    """One page.

    Attributes
    ----------
    title : str
        Headline.
    text : MapText
        The words of the page.
    themes : tuple[WebTheme, ...]
        Layers; the first one is shown.
    names : pandas.Series
        Unit code to name, for every unit of the layer.
    subtitle : str
        Second line.
    notes : tuple[str, ...]
        Method, sources, approval number or the note that there is none.
    lines : tuple[LineOverlay, ...]
        Lines over the units.
    markers : tuple[MarkerGroup, ...]
        Points over the units.
    keywords : Mapping[str, str]
        Unit code to further search words, such as the romanised name.
    required : tuple[str, ...]
        Codes of units that must be on the map.
    must_show : tuple[tuple[float, float], ...]
        Points (longitude, latitude) that must lie on a unit.
    """

    title: str
    text: MapText
    themes: tuple[WebTheme, ...]
    names: pd.Series
    subtitle: str = ""
    notes: tuple[str, ...] = ()
    lines: tuple[LineOverlay, ...] = ()
    markers: tuple[MarkerGroup, ...] = ()
    keywords: Mapping[str, str] | None = None
    required: tuple[str, ...] = ()
    must_show: tuple[tuple[float, float], ...] = ()


class _OfflineMap(folium.Map):  # type: ignore[misc]  # folium is untyped
    """A folium map that links nothing: its library is already in the page."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own attribute
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own attribute


def write_web_map(path: Path, layer: gpd.GeoDataFrame, spec: WebMapSpec) -> None:
    """Render a page and write it atomically.

    Parameters
    ----------
    path : pathlib.Path
        The HTML file.
    layer : geopandas.GeoDataFrame
        Units indexed by code, polygons with a CRS.
    spec : WebMapSpec
        What to show.

    Raises
    ------
    CartographyError
        As :func:`render_web_map`; nothing is written.
    OSError
        The file cannot be written; what stood there is untouched.

    Examples
    --------
    >>> import tempfile
    >>> layer, spec = _example()
    >>> target = Path(tempfile.mkdtemp()) / "map.html"
    >>> write_web_map(target, layer, spec)
    >>> target.read_text(encoding="utf-8")[:15]
    '<!DOCTYPE html>'
    """
    write_text(path, render_web_map(layer, spec))


def render_web_map(layer: gpd.GeoDataFrame, spec: WebMapSpec) -> str:
    """Render a self-contained page.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Units indexed by code, polygons with a CRS.
    spec : WebMapSpec
        What to show.

    Returns
    -------
    str
        The HTML text: equal input gives equal text.

    Raises
    ------
    CartographyError
        ``cartography.no_theme``, ``cartography.membership``, ``cartography.required_missing``,
        ``cartography.empty_unit``, ``cartography.no_crs``, ``cartography.not_drawn`` or,
        when the finished page could reach outside, ``cartography.not_offline``.

    Examples
    --------
    >>> html = render_web_map(*_example())
    >>> "Content-Security-Policy" in html
    True
    """
    check_drawable(layer, spec.required)
    _check_themes(layer, spec)
    shapes = project(layer.geometry)
    check_places(shapes, spec.must_show)
    drawn = _units(shapes)
    west, south, east, north = drawn.total_bounds
    page = Figure()
    page.header._children.clear()  # noqa: SLF001 - its only child is a second charset
    chart = _OfflineMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        crs="Simple",
        zoom_start=-6,
        minZoom=-12,  # the argument min_zoom is for tiles
        zoom_snap=0.25,
        zoom_delta=0.5,
        attribution_control=False,
    )
    units = folium.GeoJson(_feature_collection(drawn), control=False, smooth_factor=0.6)
    # folium names its objects by chance; fixed names keep the bytes of the page equal.
    chart._id, units._id = "atlas", "units"  # noqa: SLF001
    units.add_to(chart)
    page.add_child(chart, name="map")
    page.render()
    html = _template().render(
        spec=spec,
        csp_mark=CSP_MARK,
        font_stack=PAGE_STACK,
        font_face=page_font_face(),
        head=page.header.render(),
        body=page.html.render(),
        script=page.script.render(),
        payload=script_json(_payload(layer, spec, (west, south, east, north))),
        **_assets(),
    )
    sealed = seal_page(html)
    check_offline(sealed)
    return sealed


def _check_themes(layer: gpd.GeoDataFrame, spec: WebMapSpec) -> None:
    keys = [item.key for item in spec.themes]
    if not keys or len(set(keys)) < len(keys):
        raise CartographyError(
            f"a page needs layers with different keys, got {keys}",
            code="cartography.no_theme",
            got=keys,
        )
    for item in spec.themes:
        places = item.theme.membership.reindex(layer.index)
        if places.isna().any() or not places.between(0, len(item.theme.entries) - 1).all():
            raise CartographyError(
                f"layer {item.key}: every unit must belong to an entry of the legend",
                code="cartography.membership",
                theme=item.key,
                units=[str(code) for code in places.index[places.isna()]],
            )


def _units(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Round to page units, whole numbers, and drop rings that collapse into a line."""
    grid = shapely.transform(shapes.to_numpy(), lambda xy: np.round(xy / _METRES))
    parts, owner = shapely.get_parts(grid, return_index=True)
    kept = shapely.area(parts) > 0
    # A unit of specks alone keeps its specks: no unit may vanish from the map.
    kept |= ~np.isin(owner, owner[kept])
    polygons = [shapely.multipolygons(parts[(owner == at) & kept]) for at in range(len(grid))]
    return gpd.GeoSeries(polygons, index=shapes.index)


def _rings(polygon: shapely.Polygon) -> list[list[list[int]]]:
    holes = [hole for hole in polygon.interiors if shapely.Polygon(hole).area > 0]
    rings = [polygon.exterior, *holes]
    return [_slim(shapely.get_coordinates(ring)) for ring in rings]


def _slim(points: np.ndarray) -> list[list[int]]:
    moved = np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))
    whole: list[list[int]] = points[moved].astype(int).tolist()
    return whole


def _feature_collection(shapes: gpd.GeoSeries) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(code),
                "properties": {},
                "geometry": {
                    "type": "MultiPolygon",
                    "coordinates": [_rings(polygon) for polygon in shapely.get_parts(shape)],
                },
            }
            for code, shape in shapes.items()
        ],
    }


def _payload(
    layer: gpd.GeoDataFrame, spec: WebMapSpec, extent: tuple[float, float, float, float]
) -> dict[str, Any]:
    west, south, east, north = extent
    names = spec.names.reindex(layer.index)
    return {
        "codes": [str(code) for code in layer.index],
        "names": ["" if pd.isna(name) else str(name) for name in names],
        "keywords": [str((spec.keywords or {}).get(code, "")) for code in layer.index],
        "nothingFound": spec.text.nothing_found,
        "metres": _METRES,
        "bounds": [[float(south), float(west)], [float(north), float(east)]],
        "themes": [_theme(layer, item, spec.text) for item in spec.themes],
        "lines": [_line(overlay) for overlay in spec.lines],
        "markers": [_marker(group, spec.text) for group in spec.markers],
    }


def _theme(layer: gpd.GeoDataFrame, item: WebTheme, text: MapText) -> dict[str, Any]:
    position = {code: place for place, code in enumerate(layer.index)}
    cells = item.rows.reindex(layer.index).astype(object)
    rows = cells.where(cells.notna(), "").astype(str).to_numpy().tolist()
    return {
        "key": item.key,
        "title": item.title,
        "legendTitle": item.theme.legend_title,
        "scheme": item.theme.scheme,
        "entries": [
            {
                "label": entry.label,
                "colour": entry.colour,
                "mark": entry.mark,
                "hatch": bool(entry.hatch),
                "countText": text.count.format(count=entry.count),
            }
            for entry in item.theme.entries
        ],
        "membership": item.theme.membership.reindex(layer.index).astype(int).tolist(),
        "columns": [str(column) for column in item.rows.columns],
        "remark": item.rows.columns.get_loc(item.remark) if item.remark else -1,
        "rows": [row if any(row) else None for row in rows],
        "leaders": [position[code] for code in item.leaders if code in position],
    }


def _line(overlay: LineOverlay) -> dict[str, Any]:
    parts = shapely.get_parts(project(overlay.geometry).to_numpy())
    paths = [_slim(np.round(shapely.get_coordinates(part) / _METRES)) for part in parts]
    return {
        "colour": overlay.colour,
        "width": overlay.width,
        "paths": [path for path in paths if len(path) > 1],
    }


def _marker(group: MarkerGroup, text: MapText) -> dict[str, Any]:
    points = project(group.points)
    return {
        "label": group.label,
        "colour": group.colour,
        "countText": text.count.format(count=len(points)),
        "points": [
            [round(point.x / _METRES), round(point.y / _METRES), str(name)]
            for name, point in points.items()
        ],
    }


@cache
def _assets() -> dict[str, str]:
    folder = files("geo.cartography") / "assets"
    read = {
        "leaflet_js": folder / "leaflet" / "leaflet.js",
        "leaflet_css": folder / "leaflet" / "leaflet.css",
        "page_css": folder / "page.css",
        "page_js": folder / "page.js",
    }
    texts = {name: source.read_text(encoding="utf-8") for name, source in read.items()}
    # The library is kept as published; what would point outside the page is taken off here.
    texts["leaflet_js"] = texts["leaflet_js"].partition("//# sourceMappingURL")[0]
    css = texts["leaflet_css"]
    for image in ("layers.png", "layers-2x.png", "marker-icon.png"):
        css = css.replace(f"url(images/{image})", "none")
    texts["leaflet_css"] = css
    return texts


@cache
def _template() -> jinja2.Template:
    source = files("geo.cartography") / "assets" / "page.html.j2"
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(source.read_text(encoding="utf-8"))


def _example() -> tuple[gpd.GeoDataFrame, WebMapSpec]:
    from geo.cartography.spec import LegendEntry  # noqa: PLC0415 - for the examples only

    box = shapely.box(100, 30, 110, 40)
    layer = gpd.GeoDataFrame(geometry=[box], index=["a"], crs="EPSG:4326")
    entries = (LegendEntry(label="1 – 2", colour="#2c7fb8", count=1),)
    theme = Theme(entries=entries, membership=pd.Series({"a": 0}))
    rows = pd.DataFrame({"score": ["1.5"]}, index=["a"])
    text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    first = WebTheme(key="score", title="Score", theme=theme, rows=rows)
    return layer, WebMapSpec(
        title="A map", text=text, themes=(first,), names=pd.Series({"a": "Unit A"})
    )
