"""The pages of a real run, opened as a planner opens them: from disk, without a network."""

from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
import shapely

from suanli.publish.front import write_front
from suanli.publish.pages import write_pages

MAPS = {"province": 34, "city": 372, "clusters": 372, "hubs": 372}
PAGES = ("index", *MAPS)
EVIL = "<img src=x onerror=alert(1)>"
POLICY = 'meta[http-equiv="Content-Security-Policy"]'


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_quiet_and_sealed(open_page, atlas, name):
    visit = open_page(atlas.path / "maps" / f"{name}.html")
    page = visit.page
    page.wait_for_load_state("load")
    folder = (atlas.path / "maps").as_uri()
    assert visit.requests[0] == visit.own
    assert all(url.startswith(f"{folder}/") for url in visit.requests), visit.requests
    assert visit.complaints == []
    policy = page.locator(POLICY).get_attribute("content")
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.title()
    # No flag and no name of a library beside the map.
    assert page.locator(".leaflet-control-attribution, .leaflet-attribution-flag").count() == 0
    assert "Leaflet" not in page.inner_text("body")


@pytest.mark.browser
@pytest.mark.parametrize("name", MAPS)
def test_every_unit_is_drawn_and_the_islands_with_it(open_page, atlas, name):
    visit = open_page(atlas.path / "maps" / f"{name}.html")
    page = visit.page
    shapes = page.eval_on_selector_all(visit.units, "a => a.map(x => x.getAttribute('d'))")
    assert len(shapes) == MAPS[name]
    assert all(shape.startswith("M") and "L" in shape for shape in shapes)
    lines = atlas.result.edition.boundaries.lines
    drawn = lines[lines["kind"].isin(("dash_line", "undetermined"))].geometry
    assert (lines["kind"] == "dash_line").sum() >= 1
    # The opening view leaves the far south to the inset; here all of the country is in view.
    page.evaluate(
        # What a script returns is sent over: not the map.
        "void map_atlas.fitBounds("
        "JSON.parse(document.getElementById('payload').textContent).bounds, { animate: false })"
    )
    paths = page.eval_on_selector_all(
        ".leaflet-lines-pane path", "a => a.map(x => x.getAttribute('d'))"
    )
    assert paths[-1].count("M") == len(shapely.get_parts(drawn.to_numpy()))
    notes = page.inner_text("#notes")
    assert "审图号" in notes
    assert visit.quiet(), (visit.requests, visit.complaints)


@pytest.mark.browser
def test_front_page_tells_of_the_approval_number(open_page, atlas, tmp_path):
    body = open_page(atlas.path / "maps" / "index.html").page.inner_text("body")
    assert "审图号" in body
    edition = replace(atlas.result.edition, approval_number="GS(2026)0001号")
    page = write_front(edition, tmp_path, ())
    assert "GS(2026)0001号" in open_page(page).page.inner_text("body")


@pytest.mark.browser
@pytest.mark.parametrize(("name", "layers"), [("province", 5), ("clusters", 3)])
def test_layers_switch(open_page, atlas, name, layers):
    visit = open_page(atlas.path / "maps" / f"{name}.html")
    radios = visit.page.locator("#themes input")
    labels = visit.page.locator("#themes label")
    choices = radios.count() or labels.count()
    assert choices >= layers
    seen, legends = [], []
    for place in range(choices):
        radios.nth(place).check(force=True)
        seen.append(tuple(visit.fills()))
        legends.append(visit.page.inner_text("#legend"))
    assert len(set(seen)) == choices
    assert len(set(legends)) == choices
    radios.first.check(force=True)
    assert tuple(visit.fills()) == seen[0]
    assert visit.quiet(), visit.complaints


class Links(HTMLParser):
    """Addresses of links and images."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [v for k, v in attrs if k in {"href", "src"}]


def test_links_of_the_front_page_lead_to_files(atlas):
    links = Links()
    links.feed((atlas.path / "maps" / "index.html").read_text(encoding="utf-8"))
    assert len(links.found) > 40
    for address in links.found:
        if address.startswith(("#", "data:image/png;base64,")):
            continue
        target = (atlas.path / "maps" / unquote(address)).resolve()
        assert target.is_relative_to(atlas.path.resolve()), address
        assert target.is_file(), address


@pytest.mark.browser
def test_images_of_the_front_page_load(open_page, atlas):
    page = open_page(atlas.path / "maps" / "index.html").page
    # Not wait_for_function: the page's own policy forbids its polling.
    page.evaluate("Promise.all([...document.images].map(x => x.decode())).then(() => true)")
    widths = page.eval_on_selector_all("img", "a => a.map(x => x.naturalWidth)")
    assert len(widths) > 10
    assert min(widths) > 400
    assert (atlas.path / "maps" / "index.html").stat().st_size < 2_000_000
    # The title beside a picture says what it is: it is not read out twice.
    assert page.locator(".card > a:has(img) h3").count() == len(widths)
    assert page.locator(".card > a[href='explorer.html']").count() == 1
    titles = page.locator("#figures + .cards h3").all_inner_texts()
    assert len(set(titles)) == len(titles) == len(list((atlas.path / "maps").glob("*.png")))
    assert not [title for title in titles if title.endswith(".png")]


@pytest.mark.browser
def test_front_page_shows_the_first_ten_of_every_ranking(open_page, atlas):
    page = open_page(atlas.path / "maps" / "index.html").page
    study = atlas.result.edition.study
    rows = page.locator(".tops article").first.locator("li")
    assert rows.count() == 10
    assert page.locator(".tops article").count() == 2 + len(study.province.dimensions.columns)
    best = study.province.index.idxmax()
    name = atlas.result.edition.unit_names("province", short=True)[best]
    first = " ".join(rows.first.inner_text().split())
    interval = study.province_ranks.of().loc[best]
    said = f"({interval['low']:.0f}–{interval['high']:.0f})"
    assert first == f"{name} {study.province.index[best]:.1f} {said}"


@pytest.mark.browser
def test_a_hostile_name_stays_text(open_page, atlas, tmp_path):
    edition = atlas.result.edition
    layers = edition.boundaries
    best = edition.study.province.index.idxmax()
    hostile = {
        field: getattr(layers, field).assign(
            **{
                column: getattr(layers, field)[column].mask(layers.province.index == best, EVIL)
                for column in ("name", "short_name", "name_en", "pinyin")
            }
        )
        for field in ("province", "province_web")
    }
    patched = replace(edition, boundaries=replace(layers, **hostile))
    pages = write_pages(patched, tmp_path)
    front = open_page(write_front(patched, tmp_path, ()))
    assert EVIL in front.page.inner_text(".tops")
    assert front.page.locator("li img, td img").count() == 0
    assert [text for text in front.complaints if "dialog" in text] == []
    visit = open_page(next(path for path in pages if path.name == "province.html"))
    visit.page.locator("#leaders button").first.click()
    assert visit.page.locator("#chosen strong").inner_text() == EVIL
    visit.page.fill("#query", "img src")
    assert EVIL in visit.page.locator("#hits [role=option]").first.inner_text()
    assert visit.page.locator("img").count() == 0
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_english_pages_speak_english(open_page, english, name):
    visit = open_page(english / f"{name}.html")
    page = visit.page
    assert page.evaluate("document.documentElement.lang") == "en"
    # Titles of published lists are quoted as printed; all else is English.
    shown = page.evaluate(
        "() => { document.querySelector('#agreement')?.closest('section').remove();"
        " return document.body.innerText + document.title; }"
    )
    assert [sign for sign in shown if "\u3000" <= sign <= "\u9fff" or sign >= "\uff00"] == []
    assert "approval number" in shown
