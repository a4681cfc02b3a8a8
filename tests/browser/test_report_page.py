"""Report and brief in the browser: offline, quiet, readable on a telephone and on paper."""

import pytest

from suanli.publish.edition import Edition
from suanli.report.brief import brief_of
from suanli.report.page import write_page
from suanli.text import Text


@pytest.fixture(scope="module")
def brief(atlas, tmp_path_factory):
    edition: Edition = atlas.result.edition
    path = tmp_path_factory.mktemp("brief") / "brief.html"
    write_page(brief_of(edition, "province", "140000"), Text("zh"), path)
    return path


@pytest.fixture(scope="module", params=["report", "brief"])
def path(request, atlas, brief):
    return brief if request.param == "brief" else atlas.path / "report" / "report.html"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_asks_for_nothing_and_fits(open_page, path, width):
    visit = open_page(path, viewport={"width": width, "height": 844})
    page = visit.page
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    assert page.evaluate("document.querySelectorAll('script').length") == 0
    # Pictures inside the page count as requests of its own.
    asked = [url for url in visit.requests if not url.startswith("data:")]
    assert asked == [visit.own]
    assert visit.complaints == []


@pytest.mark.browser
def test_the_style_is_let_in_by_the_policy(open_page, path):
    page = open_page(path).page
    assert page.evaluate("getComputedStyle(document.querySelector('td.n')).textAlign") == "right"
    assert page.evaluate("document.fonts.size") == 1


@pytest.mark.browser
def test_every_reference_leads_somewhere(open_page, atlas):
    page = open_page(atlas.path / "report" / "report.html").page
    lost = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href'))"
        ".filter(href => !document.getElementById(href.slice(1)))"
    )
    assert lost == []
    assert page.locator("main a[href^='#t']").count() > 5


@pytest.mark.browser
def test_nothing_serious_hinders_those_who_listen(open_page, path, faults):
    assert faults(open_page(path).page) == []


@pytest.mark.browser
def test_a_brief_is_one_printed_page(open_page, brief):
    page = open_page(brief).page
    data = page.pdf(prefer_css_page_size=True)
    assert data.count(b"/Type /Page\n") == 1


@pytest.mark.browser
def test_heads_of_tables_are_repeated_on_paper(open_page, atlas):
    page = open_page(atlas.path / "report" / "report.html").page
    page.emulate_media(media="print")
    shown = page.evaluate("getComputedStyle(document.querySelector('thead')).display")
    assert shown == "table-header-group"
    page.set_viewport_size({"width": 680, "height": 900})
    wider = "e => e.scrollWidth > e.clientWidth + 1"
    wide = f"[...document.querySelectorAll('.scroll')].filter({wider}).length"
    assert page.evaluate(wide) == 0
