"""Pages opened from disk in headless Chromium without a network, as a planner opens them."""

import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cartography.china import CHINA_MUST_SHOW
from geo.cartography.classify import classify
from geo.cartography.drawing import interior_borders
from geo.cartography.offline import CSP_MARK, check_offline, script_json, seal_page
from geo.cartography.palette import LISA
from geo.cartography.spec import LineOverlay, MapText, MarkerGroup
from geo.cartography.theme import categorical, graduated
from geo.cartography.web import WebMapSpec, WebTheme, render_web_map, write_web_map
from geo.errors import CartographyError

BOUNDARIES = Path(__file__).resolve().parents[2] / "data" / "boundaries"
TEXT = MapText(
    lang="zh-CN",
    no_data="无数据",
    not_evaluated="未参评",
    count="（{count}）",
    layers="图层",
    legend="图例",
    search="搜索",
    nothing_found="没有匹配",
    reset="全国",
    leaders="前列",
    notes="说明",
)
PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "${alert(3)} `alert(4)`",
    "\"><svg onload=alert(5)> '&amp;",
    "{{7*7}} <!-- \u2028\u2029",
]
UNITS = ".leaflet-overlay-pane path"


def grid() -> gpd.GeoDataFrame:
    boxes = [shapely.box(x, y, x + 4, y + 4) for y in (28, 32) for x in (100, 104, 108)]
    codes = ["u0", "u1", "u2", "u3", "u4", "</script>"]
    return gpd.GeoDataFrame(geometry=boxes, index=codes, crs="EPSG:4326")


def small_spec(layer: gpd.GeoDataFrame, **options) -> WebMapSpec:
    values = pd.Series([1.0, 5.0, 9.0, 12.0, np.nan, 20.0], index=layer.index)
    evil = PAYLOADS[0]
    rows = pd.DataFrame({"得分": values.map("{:.1f}".format), evil: PAYLOADS[1]})
    rows = rows.where(values.notna())
    score = graduated(
        layer, values, classify(values, k=3), text=TEXT, legend_title=evil, scheme=evil
    )
    looks = {key: (key, LISA[key]) for key in ("HH", "LL", "ns")}
    kinds = pd.Series(["HH", "HH", "LL", "ns", "ns", "ns"], index=layer.index)
    cluster = categorical(layer, kinds, looks, text=TEXT)
    ranked = tuple(values.dropna().sort_values(ascending=False).index[:3])
    points = gpd.GeoSeries([shapely.Point(106, 33)], index=[evil], crs=layer.crs)
    chosen = {
        "title": evil,
        "subtitle": PAYLOADS[3],
        "text": TEXT,
        "names": pd.Series([*PAYLOADS, "重庆市"], index=layer.index),
        "themes": (
            WebTheme(key="score", title=evil, theme=score, rows=rows, leaders=ranked),
            WebTheme(key="lisa", title="聚类", theme=cluster, rows=rows),
        ),
        "notes": tuple(PAYLOADS),
        "lines": (LineOverlay(geometry=interior_borders(layer.geometry)),),
        "markers": (MarkerGroup(label=evil, points=points),),
        "keywords": {"</script>": "chongqing"},
        **options,
    }
    return WebMapSpec(**chosen)


@pytest.fixture(scope="module")
def small_page(tmp_path_factory) -> Path:
    layer = grid()
    path = tmp_path_factory.mktemp("page") / "地图 #1.html"
    write_web_map(path, layer, small_spec(layer))
    return path


def national(level: str) -> tuple[gpd.GeoDataFrame, WebMapSpec]:
    layer = gpd.read_file(BOUNDARIES / f"{level}_web.geojson").set_index("code")
    rng = np.random.default_rng(7)
    values = pd.Series(rng.gamma(2, 12, len(layer)), index=layer.index)
    values = values.drop(["710000", "810000", "820000"])
    themes = []
    for number in range(5):
        shown = values * (number + 1)
        theme = graduated(layer, shown, classify(shown), text=TEXT, not_evaluated=["710000"])
        rows = pd.DataFrame({"得分": shown.map("{:.1f}".format), "名次": "1 / 337"})
        themes.append(WebTheme(key=str(number), title=f"层 {number}", theme=theme, rows=rows))
    frame = gpd.read_file(BOUNDARIES / "province_web.geojson")
    overlay = LineOverlay(geometry=interior_borders(frame.geometry))
    return layer, WebMapSpec(
        title="全国",
        text=TEXT,
        themes=tuple(themes),
        names=layer["name"],
        lines=(overlay,),
        must_show=CHINA_MUST_SHOW,
    )


# In the browser


@pytest.mark.browser
@pytest.mark.parametrize("level", ["province", "city"])
def test_every_unit_is_drawn_and_nothing_is_asked_for(open_page, tmp_path, level):
    layer, spec = national(level)
    path = tmp_path / "map.html"
    write_web_map(path, layer, spec)
    assert path.stat().st_size <= 1_200_000
    visit = open_page(path)
    drawn = visit.page.eval_on_selector_all(UNITS, "a => a.map(x => x.getAttribute('d'))")
    assert len(drawn) == len(layer)
    assert all(re.match(r"M-?\d+", d) and d != "M0 0" for d in drawn)
    # The whole country, down to the southernmost shoal, lies inside the map at the start.
    stage = visit.page.locator("#stage").bounding_box()
    boxes = visit.page.eval_on_selector_all(
        UNITS,
        "a => a.map(x => { const b = x.getBoundingClientRect();"
        " return [b.left, b.top, b.right, b.bottom]; })",
    )
    west, south, east, north = (
        min(b[0] for b in boxes),
        max(b[3] for b in boxes),
        max(b[2] for b in boxes),
        min(b[1] for b in boxes),
    )
    assert west >= stage["x"]
    assert east <= stage["x"] + stage["width"]
    assert north >= stage["y"]
    assert south <= stage["y"] + stage["height"]
    assert visit.quiet(), (visit.requests, visit.complaints)


@pytest.mark.browser
def test_switching_layers_recolours_and_relabels(open_page, small_page):
    visit = open_page(small_page)
    before = visit.fills()
    assert len(before) == 6
    assert sum(fill.startswith("url(#") for fill in before) == 1  # the unit without data
    radios = visit.page.locator("#themes input")
    assert radios.count() == 2
    radios.first.focus()
    visit.page.keyboard.press("ArrowDown")
    assert visit.fills() == [LISA[k].colour for k in ("HH", "HH", "LL", "ns", "ns", "ns")]
    lines = visit.page.locator("#legend .entry").all_inner_texts()
    assert [line.split("\n") for line in lines[:3]] == [
        ["HH", "HH", "（2）"],  # the letters in the swatch, the label, the count
        ["LL", "LL", "（1）"],
        ["ns", "（3）"],
    ]
    assert visit.page.locator("#leading").is_hidden()
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_tooltip_tells_and_payloads_stay_text(open_page, small_page):
    visit = open_page(small_page)
    page = visit.page
    assert page.locator("h1").inner_text() == PAYLOADS[0]
    assert page.title() == PAYLOADS[0]
    units = page.locator(UNITS)
    for place, payload in enumerate(PAYLOADS):
        units.nth(place).hover()
        shown = page.locator(".leaflet-tooltip .card").last  # the one before may be fading
        assert shown.locator("strong").text_content() == payload
    assert shown.locator("em").inner_text() == "无数据"
    units.nth(0).hover()
    assert shown.locator("dd").first.inner_text() == "1.0"
    assert shown.locator("dt").nth(1).inner_text() == PAYLOADS[0]
    assert shown.locator("dd").nth(1).inner_text() == PAYLOADS[1]
    page.locator("path.marker").hover()
    assert shown.locator("strong").inner_text() == PAYLOADS[0]
    assert page.locator("img").count() == 0
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
@pytest.mark.parametrize("query", ["重庆", "chong", "</scr"])
def test_search_finds_by_name_romanisation_and_code(open_page, small_page, query):
    visit = open_page(small_page)
    page = visit.page
    page.fill("#query", query)
    hits = page.locator("#hits [role=option]")
    assert "重庆市" in hits.all_inner_texts()[-1]
    while "重庆市" not in page.locator("#hits [aria-selected=true]").inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#chosen strong").inner_text() == "重庆市"
    assert page.locator("#hits").is_hidden()
    page.fill("#query", "不存在的地方")
    assert page.locator("#hits").inner_text() == "没有匹配"
    page.click("#reset")
    assert page.locator("#chosen").is_hidden()
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_ranking_leads_to_the_unit(open_page, small_page):
    visit = open_page(small_page)
    buttons = visit.page.locator("#leaders button")
    assert buttons.count() == 3
    assert "20.0" in buttons.first.inner_text()
    buttons.first.click()
    assert visit.page.locator("#chosen strong").inner_text() == "重庆市"
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_policy_blocks_what_slips_in(open_page, small_page, tmp_path):
    """The proof that the policy is in force: a script put in afterwards does not run."""
    html = small_page.read_text(encoding="utf-8")
    tampered = tmp_path / "tampered.html"
    injected = "<script>document.title='run'</script><img src=http://127.0.0.1:9/x.png></body>"
    tampered.write_text(html.replace("</body>", injected), encoding="utf-8")
    visit = open_page(tampered)
    assert visit.page.title() == PAYLOADS[0]
    assert any("Content Security Policy" in text for text in visit.complaints)


@pytest.mark.browser
def test_small_screen_has_no_sideways_scroll(open_page, small_page):
    visit = open_page(small_page, viewport={"width": 380, "height": 700})
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 380
    assert visit.page.locator("#stage").bounding_box()["height"] >= 320


@pytest.mark.browser
def test_paper_cuts_nothing_off(open_page, tmp_path):
    layer, spec = national("province")
    path = tmp_path / "map.html"
    write_web_map(path, layer, spec)
    visit = open_page(path)
    visit.page.emulate_media(media="print")
    visit.page.set_viewport_size({"width": 1047, "height": 718})  # A4 across, 10 mm margins
    stage = visit.page.locator("#stage").bounding_box()
    assert stage["x"] + stage["width"] + 250 <= 1047
    assert stage["y"] + stage["height"] <= 718
    edge = visit.page.eval_on_selector_all(
        UNITS, "a => Math.max(...a.map(x => x.getBoundingClientRect().right))"
    )
    assert stage["width"] * 0.5 < edge <= stage["x"] + stage["width"]
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_embedded_font_is_usable(open_page, small_page):
    """With no Chinese font installed, the one inside the page draws the unit names."""
    visit = open_page(small_page)
    loaded = visit.page.evaluate(
        "document.fonts.load('16px \"Atlas Sans SC\"', '重庆市').then(f => f.map(x => x.status))"
    )
    assert loaded == ["loaded"]
    assert visit.quiet(), visit.complaints


# Without a browser


def test_pages_are_equal_bytes():
    layer = grid()
    assert render_web_map(layer, small_spec(layer)) == render_web_map(layer, small_spec(layer))


def test_library_is_the_published_one():
    folder = files("geo.cartography") / "assets" / "leaflet"
    digests = {
        "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
        "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
        "LICENSE": "53e8dc25862014e4324741ca18fbe3611e11d42ef69f59f86ea8c5389647d4cb",
    }
    for name, digest in digests.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_geometry_is_embedded_once():
    layer = grid()
    html = render_web_map(layer, small_spec(layer))
    assert html.count('"arcs":') == 1
    # Ten borders for six boxes of four sides: the seven shared ones are not written again.
    payload = json.loads(re.search(r'id="payload">(.*?)</script>', html)[1])
    assert len(payload["arcs"]) < 24 - 7 + 1
    assert len(payload["units"]) == len(layer)


def test_a_unit_smaller_than_the_grid_still_has_a_shape():
    layer = grid()
    speck = shapely.box(101, 29, 101.0002, 29.0002)
    layer.loc["u0", "geometry"] = shapely.MultiPolygon([speck])
    html = render_web_map(layer, small_spec(layer))
    payload = json.loads(re.search(r'id="payload">(.*?)</script>', html)[1])
    ((ring,),) = payload["units"][0]
    assert payload["arcs"][ring[0]]


def test_bad_requests_are_refused():
    layer = grid()
    with pytest.raises(CartographyError) as caught:
        render_web_map(layer, small_spec(layer, themes=()))
    assert caught.value.code == "cartography.no_theme"
    with pytest.raises(CartographyError) as caught:
        render_web_map(layer, small_spec(layer, required=("710000",)))
    assert caught.value.code == "cartography.required_missing"
    wider = pd.concat([layer, layer.iloc[:1].rename({"u0": "new"})])
    with pytest.raises(CartographyError) as caught:
        render_web_map(gpd.GeoDataFrame(wider, crs=layer.crs), small_spec(layer))
    assert caught.value.code == "cartography.membership"


def test_failed_page_leaves_the_old_one(tmp_path):
    path = tmp_path / "map.html"
    path.write_text("old", encoding="utf-8")
    layer = grid()
    with pytest.raises(CartographyError):
        write_web_map(path, layer, small_spec(layer, required=("710000",)))
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "fragment",
    [
        '<script src="https://a.example/x.js"></script>',
        '<img src="http://a.example/x.png">',
        '<img src="x.png">',
        '<link rel="stylesheet" href="x.css">',
        '<a href="https://a.example/">x</a>',
        "<style>@import 'x.css';</style>",
        "<style>p{background:url(https://a.example/x.png)}</style>",
        '<p style="background:url(x.png)">x</p>',
        '<iframe srcdoc="x"></iframe>',
        '<base href="https://a.example/">',
        '<form action="https://a.example/"></form>',
        '<meta http-equiv="refresh" content="0;url=https://a.example/">',
        '<p onclick="x()">x</p>',
        "<script>fetch('x')</script>",
        "<script>import('./x.js')</script>",
        "<script>new XMLHttpRequest()</script>",
        "<script>const a = 'https://a.example/'</script>",
        "<script>eval('1')</script>",
        '<svg><use xlink:href="https://a.example/x.svg#a"></use></svg>',
    ],
)
def test_gate_refuses_what_reaches_outside(fragment):
    clean = f"<html><head>{CSP_MARK}</head><body><p>https://a.example/ as text</p></body></html>"
    check_offline(seal_page(clean))
    with pytest.raises(CartographyError) as caught:
        check_offline(seal_page(clean.replace("</body>", f"{fragment}</body>")))
    assert caught.value.code == "cartography.not_offline"


def test_gate_refuses_an_unsealed_or_altered_page():
    sealed = seal_page(f"<head>{CSP_MARK}</head><script>let a = 1</script>")
    with pytest.raises(CartographyError):
        check_offline(sealed.replace("let a", "let b"))
    with pytest.raises(CartographyError):
        check_offline("<p>no policy</p>")
    with pytest.raises(CartographyError) as caught:
        seal_page("<p>no mark</p>")
    assert caught.value.code == "cartography.unsealed"


def test_script_json_is_inert():
    text = script_json(PAYLOADS)
    assert not set("<>&\u2028\u2029") & set(text)
    with pytest.raises(ValueError, match="JSON compliant"):
        script_json([float("nan")])
