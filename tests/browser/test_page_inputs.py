"""Map pages of odd layers: usable and right, or refused with a clear word."""

import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cartography.classify import classify
from geo.cartography.spec import MapText
from geo.cartography.theme import class_labels, graduated
from geo.cartography.web import render_web_map, write_web_map
from geo.cartography.web_spec import CardList, WebCard, WebFrame, WebLink, WebMapSpec, WebTheme
from geo.errors import CartographyError

TEXT = MapText(
    lang="en",
    no_data="no data",
    not_evaluated="drawn only",
    layers="Layers",
    legend="Legend",
    search="Search",
    nothing_found="nothing found",
    reset="Whole map",
    leaders="Top",
    notes="Notes",
)
UNITS = ".leaflet-overlay-pane path"
EVIL = '</script><script>document.title="run"</script><img src=x onerror=alert(1)>'


def squares(count):
    side = int(np.ceil(np.sqrt(count)))
    step = 20 / side
    boxes = [
        shapely.box(100 + step * x, 25 + step * y, 100 + step * (x + 1), 25 + step * (y + 1))
        for y in range(side)
        for x in range(side)
    ][:count]
    codes = [f"{number:06d}" for number in range(count)]
    return gpd.GeoDataFrame(geometry=boxes, index=codes, crs="EPSG:4326")


def layer_of(layer, values, *, key="score", k=5):
    theme = graduated(layer, values, classify(values, k=k), text=TEXT, legend_title="Score")
    rows = pd.DataFrame({"Score": values.map("{:.1f}".format, na_action="ignore")})
    best = tuple(values.dropna().sort_values(ascending=False, kind="stable").index[:10])
    return WebTheme(key=key, title=key, theme=theme, rows=rows, values=values, leaders=best)


def page_of(layer, values, **options):
    themes = options.pop("themes", None) or (layer_of(layer, values),)
    names = options.pop("names", pd.Series([f"Unit {x}" for x in layer.index], index=layer.index))
    return WebMapSpec(title="Odd", text=TEXT, themes=themes, names=names, **options)


def visited(open_page, tmp_path, layer, spec, **options):
    path = tmp_path / "odd.html"
    write_web_map(path, layer, spec)
    return open_page(path, **options)


def payload(html):
    return json.loads(re.search(r'id="payload">(.*?)</script>', html)[1])


@pytest.mark.browser
def test_values_all_missing(open_page, tmp_path):
    layer = squares(4)
    values = pd.Series(np.nan, index=layer.index)
    visit = visited(open_page, tmp_path, layer, page_of(layer, values), fragment="#000001")
    page = visit.page
    assert page.locator("#legend .entry").all_inner_texts() == ["no data\n(4)"]
    assert all(fill.startswith("url(#hatch") for fill in visit.fills())
    assert page.locator("#leading").is_hidden()
    assert page.locator("#chosen .bars .figures").all_inner_texts() == ["no value"]
    page.click("#chosen .tools button")
    assert page.locator("#pair-rows .figures").all_inner_texts() == ["no value", "no value"]
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_one_value_is_one_class(open_page, tmp_path):
    layer = squares(4)
    values = pd.Series(7.0, index=layer.index)
    visit = visited(open_page, tmp_path, layer, page_of(layer, values))
    assert visit.page.locator("#legend .entry").all_inner_texts() == ["7.0\n(4)"]
    assert len(set(visit.fills())) == 1
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_one_unit(open_page, tmp_path):
    layer = squares(1)
    values = pd.Series(7.0, index=layer.index)
    visit = visited(open_page, tmp_path, layer, page_of(layer, values), fragment="#000000")
    page = visit.page
    page.keyboard.press("Escape")
    page.locator(UNITS).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert page.locator("#chosen strong").inner_text() == "Unit 000000"
    page.click("#chosen .tools button")
    assert page.locator("#pair-1 option").count() == 1
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_a_unit_without_name_values_or_rows(open_page, tmp_path):
    layer = squares(6)
    values = pd.Series([1.0, 2.0, 3.0, 4.0, 5.0], index=layer.index[:5])
    names = pd.Series(["A", None, " ", "D", "E"], index=layer.index[:5])
    visit = visited(open_page, tmp_path, layer, page_of(layer, values, names=names))
    page = visit.page
    said = page.eval_on_selector_all(UNITS, "a => a.map(x => x.getAttribute('aria-label'))")
    assert [text.split(",")[0] for text in said] == ["A", "000001", "000002", "D", "E", "000005"]
    page.fill("#query", "000005")
    page.keyboard.press("Enter")
    assert "no data" in page.inner_text("#chosen")
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_very_long_and_hostile_names(open_page, tmp_path):
    layer = squares(4)
    long = "长" * 400
    names = pd.Series([long, EVIL, "W" * 300, "ok"], index=layer.index)
    values = pd.Series([1.0, 2.0, 3.0, 4.0], index=layer.index)
    cards = {
        code: WebCard(
            lists=(CardList(title=EVIL, items=((EVIL, EVIL), (long, long))),),
            links=(
                WebLink(page="javascript:alert(1)", label=EVIL),
                WebLink(page="https://evil.example/x.html", label=EVIL),
                WebLink(page="../x.html", label=EVIL),
                WebLink(page="city.html", anchor='"><x', label="good"),
            ),
        )
        for code in layer.index
    }
    groups = pd.Series([EVIL, EVIL, long, long], index=layer.index)
    spec = page_of(layer, values, names=names, cards=cards, groups=groups)
    for view in ({"width": 1280, "height": 860}, {"width": 390, "height": 844}):
        visit = visited(open_page, tmp_path, layer, spec, viewport=view, fragment="#000001")
        page = visit.page
        assert page.locator("#chosen strong").inner_text() == EVIL
        links = page.locator("#chosen .links a")
        assert links.all_inner_texts() == ["good"]
        assert links.get_attribute("href") == "city.html#%22%3E%3Cx"
        assert page.evaluate("document.documentElement.scrollWidth") <= view["width"]
        page.click("#chosen .tools button")
        box = page.locator("#compare").bounding_box()
        assert box["width"] <= view["width"]
        page.click("#compare-close")
        page.keyboard.press("Escape")
        page.click("#rows-open")
        assert page.locator("#rows-body tr").count() == 4
        assert page.evaluate("document.documentElement.scrollWidth") <= view["width"]
        assert page.locator("img").count() == 0
        assert page.title() == "Odd"
        assert visit.complaints == []


@pytest.mark.browser
def test_three_thousand_units(open_page, tmp_path, faults):
    layer = squares(3000)
    values = pd.Series(np.random.default_rng(5).gamma(2, 12, 3000), index=layer.index)
    groups = pd.Series([f"G{at // 100}" for at in range(3000)], index=layer.index)
    spec = page_of(layer, values, groups=groups)
    visit = visited(open_page, tmp_path, layer, spec)
    page = visit.page
    shapes = page.eval_on_selector_all(UNITS, "a => a.map(x => x.getAttribute('d'))")
    assert len(shapes) == 3000
    assert all(shape.startswith("M") and "L" in shape for shape in shapes)
    page.fill("#query", "Unit 0029")
    assert page.locator("#hits [role=option]").count() == 30
    page.keyboard.press("Enter")
    # Equal hits stand by their score.
    best = values["002900":"002999"].idxmax()
    assert page.locator("#chosen strong").inner_text() == f"Unit {best}"
    page.click("#chosen .tools button")
    assert page.locator("#pair-0 option").count() == 3000
    page.keyboard.press("Escape")
    page.click("#rows-open")
    shown = page.locator("#rows-body tr td:nth-child(2)").all_inner_texts()
    # By what the page holds: values to six decimals.
    keys = {code: round(x, 6) for code, x in values.items()}
    assert shown == sorted(keys, key=keys.get, reverse=True)
    page.click("#rows-close")
    assert faults(page) == []
    assert visit.quiet(), visit.complaints
    assert (tmp_path / "odd.html").stat().st_size < 1_200_000


@pytest.mark.browser
def test_years_with_gaps(open_page, tmp_path):
    """A layer with fewer years than another falls back to itself, and gaps are hatched."""
    layer = squares(4)
    values = pd.Series([1.0, 2.0, 3.0, 4.0], index=layer.index)
    classes = classify(values, k=2)
    labels = class_labels(classes)
    frames = []
    for year, shown in (("2020", values.mask(values > 2)), ("2021", values * np.nan)):
        theme = graduated(layer, shown, classes, text=TEXT)
        frames.append(
            WebFrame(label=year, theme=theme, rows=pd.DataFrame({"Score": []}), values=shown)
        )
    first = layer_of(layer, values, key="a", k=2)
    many = WebTheme(
        key="b", title="b", theme=first.theme, rows=first.rows, values=values, frames=tuple(frames)
    )
    visit = visited(open_page, tmp_path, layer, page_of(layer, values, themes=(many, first)))
    page = visit.page
    page.locator("#year").focus()
    page.keyboard.press("Home")
    assert page.locator("#year-shown").inner_text() == "2020"
    assert sum(fill.startswith("url(#hatch") for fill in visit.fills()) == 2
    assert page.locator("#legend .entry .figures").first.inner_text() in labels
    page.keyboard.press("End")
    assert sum(fill.startswith("url(#hatch") for fill in visit.fills()) == 4
    page.locator("#themes input").nth(1).check()
    assert page.locator("#over-years").is_hidden()
    assert not any(fill.startswith("url(#hatch") for fill in visit.fills())
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_units_that_do_not_share_vertices(open_page, tmp_path):
    boxes = [
        shapely.box(100, 30, 104, 34),
        shapely.box(103, 31, 107, 35),
        shapely.Polygon(
            [(110, 30), (114, 30), (114, 34), (110, 34)],
            [[(111, 31), (111, 33), (113, 33), (113, 31)]],
        ),
        shapely.box(111, 31, 113, 33),
        shapely.MultiPolygon([shapely.box(116, 30, 117, 31), shapely.box(118, 30, 118.0001, 31)]),
    ]
    layer = gpd.GeoDataFrame(geometry=boxes, index=list("abcde"), crs="EPSG:4326")
    values = pd.Series(range(5), index=layer.index, dtype=float)
    visit = visited(open_page, tmp_path, layer, page_of(layer, values))
    shapes = visit.page.eval_on_selector_all(UNITS, "a => a.map(x => x.getAttribute('d'))")
    assert [shape.count("M") for shape in shapes] == [1, 1, 2, 1, 1]
    assert visit.quiet(), visit.complaints


def test_numbers_that_are_none_are_written_as_none():
    layer = squares(3)
    values = pd.Series([1.0, np.inf, np.nan], index=layer.index)
    known = values.replace(np.inf, np.nan)
    one = layer_of(layer, known)
    odd = WebTheme(key="x", title="x", theme=one.theme, rows=one.rows, values=values)
    found = payload(render_web_map(layer, page_of(layer, known, themes=(odd,))))
    assert found["themes"][0]["states"][0]["values"] == [1.0, None, None]


@pytest.mark.parametrize("fault", ["infinite", "stranger", "twice", "no units"])
def test_what_cannot_be_drawn_is_refused(fault):
    layer = squares(4)
    values = pd.Series([1.0, 2.0, 3.0, 4.0], index=layer.index)
    if fault == "infinite":
        values.iloc[0] = np.inf
    elif fault == "stranger":
        values["999999"] = 5.0
    elif fault == "twice":
        values = pd.concat([values, values.iloc[:1]])
    else:
        layer = layer.iloc[:0]
        values = values.iloc[:0]
    with pytest.raises(CartographyError) as caught:
        render_web_map(layer, page_of(layer, values))
    assert caught.value.code in {
        "cartography.infinite",
        "cartography.unknown_unit",
        "cartography.no_units",
    }


def test_a_year_whose_units_belong_to_no_class_is_refused():
    layer = squares(4)
    values = pd.Series([1.0, 2.0, 3.0, 4.0], index=layer.index)
    one = layer_of(layer, values)
    short = WebFrame(label="2020", theme=layer_of(layer.iloc[:2], values[:2]).theme, rows=one.rows)
    bad = WebTheme(key="x", title="x", theme=one.theme, rows=one.rows, frames=(short,))
    with pytest.raises(CartographyError) as caught:
        render_web_map(layer, page_of(layer, values, themes=(bad,)))
    assert caught.value.code == "cartography.membership"


def test_a_view_that_cuts_off_what_must_show_is_refused():
    layer = squares(4)
    values = pd.Series([1.0, 2.0, 3.0, 4.0], index=layer.index)
    spec = page_of(layer, values, must_show=((101.0, 26.0),), frame=(0.0, 0.0, 1e5, 1e5))
    with pytest.raises(CartographyError) as caught:
        render_web_map(layer, spec)
    assert caught.value.code == "cartography.outside_frame"
