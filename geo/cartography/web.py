"""Offline web maps: one HTML file that carries its map library, geometry, font and data.

The map is a folium one, in the equal-area projection of the print maps: the geometry is written
once, as arcs in hundreds of metres, and our own script draws it and colours it by layer. Nothing
is fetched, the content security policy says so, and :func:`check_offline` refuses the page
otherwise.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import folium
import geopandas as gpd
import jinja2
import pandas as pd
import shapely
from branca.element import Figure

from geo.cartography.drawing import check_drawable, check_places, project
from geo.cartography.font import PAGE_STACK, page_font_face
from geo.cartography.offline import CSP_MARK, check_offline, script_json, seal_page
from geo.cartography.spec import MapText, Theme
from geo.cartography.web_payload import METRES, page_bounds, page_data, page_shapes
from geo.cartography.web_spec import WebMapSpec, WebTheme
from geo.errors import CartographyError
from geo.storage import write_text

__all__ = ["WebMapSpec", "WebTheme", "render_web_map", "write_web_map"]

#: Parts of the page's script, in order: each may use what stands before it.
_SCRIPTS: Final = (
    "dom", "data", "card", "legend", "view", "inset", "search", "years", "compare", "csv", "table",
    "page",
)  # fmt: skip


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
        ``cartography.no_units``, ``cartography.no_theme``, ``cartography.membership``,
        ``cartography.required_missing``, ``cartography.empty_unit``, ``cartography.no_crs``,
        ``cartography.not_drawn``, ``cartography.outside_frame`` or, when the finished page
        could reach outside, ``cartography.not_offline``.

    Examples
    --------
    >>> html = render_web_map(*_example())
    >>> "Content-Security-Policy" in html
    True
    """
    check_drawable(layer, spec.required)
    _check_themes(layer, spec)
    shapes = page_shapes(layer)
    data = page_data(layer, spec, shapes)
    _check_view(layer, spec, shapes, data)
    page = _folium_page(page_bounds(shapes, spec.frame))
    html = _template().render(
        spec=spec,
        words=spec.words,
        csp_mark=CSP_MARK,
        font_stack=PAGE_STACK,
        font_face=page_font_face(),
        head=page.header.render(),
        body=page.html.render(),
        script=page.script.render(),
        payload=script_json(data),
        **_assets(),
    )
    sealed = seal_page(html)
    check_offline(sealed)
    return sealed


def _check_themes(layer: gpd.GeoDataFrame, spec: WebMapSpec) -> None:
    if layer.empty:
        raise CartographyError("the layer has no units to draw", code="cartography.no_units")
    keys = [item.key for item in spec.themes]
    if not keys or len(set(keys)) < len(keys):
        raise CartographyError(
            f"a page needs layers with different keys, got {keys}",
            code="cartography.no_theme",
            got=keys,
        )
    for item in spec.themes:
        for state in item.states():
            places = state.theme.membership.reindex(layer.index)
            if places.isna().any() or not places.between(0, len(state.theme.entries) - 1).all():
                raise CartographyError(
                    f"layer {item.key}: every unit must belong to an entry of the legend",
                    code="cartography.membership",
                    theme=item.key,
                    units=[str(code) for code in places.index[places.isna()]],
                )


def _check_view(
    layer: gpd.GeoDataFrame, spec: WebMapSpec, shapes: gpd.GeoSeries, data: dict[str, object]
) -> None:
    inset = data["inset"]
    views = [page_bounds(shapes, spec.frame)]
    if isinstance(inset, dict):
        views.append(inset["bounds"])
    frames = [tuple(limit * METRES for limit in view) for view in views]
    check_places(
        project(layer.geometry),
        spec.must_show,
        # A map that shows everything cuts nothing off.
        frames=None if spec.frame is None else [(w, s, e, n) for w, s, e, n in frames],
    )


def _folium_page(bounds: tuple[float, float, float, float]) -> Figure:
    west, south, east, north = bounds
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
        zoom_control=False,
    )
    # folium names its objects by chance; a fixed name keeps the bytes of the page equal.
    chart._id = "atlas"  # noqa: SLF001
    page.add_child(chart, name="map")
    page.render()
    return page


@cache
def _assets() -> dict[str, str]:
    folder = files("geo.cartography") / "assets"
    leaflet = (folder / "leaflet" / "leaflet.js").read_text(encoding="utf-8")
    css = (folder / "leaflet" / "leaflet.css").read_text(encoding="utf-8")
    for image in ("layers.png", "layers-2x.png", "marker-icon.png"):
        css = css.replace(f"url(images/{image})", "none")
    scripts = [(folder / "page" / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS]
    return {
        # The library is kept as published; what would point outside the page is taken off here.
        "leaflet_js": leaflet.partition("//# sourceMappingURL")[0],
        "leaflet_css": css,
        "page_css": (folder / "page" / "page.css").read_text(encoding="utf-8"),
        "page_js": '(function () {\n"use strict";\n' + "".join(scripts) + "})();\n",
    }


@cache
def _template() -> jinja2.Template:
    source = files("geo.cartography") / "assets" / "page" / "page.html.j2"
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
