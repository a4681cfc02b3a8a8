"""axe-core on every page of a run: nothing serious, whatever is open on it."""

import hashlib

import pytest

PAGES = ("index", "province", "city", "clusters", "hubs", "explorer")
AXE = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"


def test_the_checker_is_the_published_one(request):
    path = request.path.parent / "axe" / "axe.min.js"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == AXE


@pytest.mark.browser
def test_the_checker_finds_faults(open_page, faults, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text(
        "<!doctype html><html><title>x</title><img src='data:,'><button></button>"
        "<p style='color:#ccc;background:#fff'>pale</p></html>",
        encoding="utf-8",
    )
    found = " ".join(faults(open_page(path).page))
    for rule in ("image-alt", "button-name", "html-has-lang", "color-contrast"):
        assert rule in found


@pytest.mark.browser
def test_every_page_of_a_run_is_accessible(open_page, faults, atlas):
    paths = sorted(atlas.path.rglob("*.html"))
    assert {*PAGES} <= {path.stem for path in paths}
    found = {path.name: faults(open_page(path).page) for path in paths}
    assert {name: listed for name, listed in found.items() if listed} == {}


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_english_and_small_pages_are_accessible(open_page, faults, english, name):
    visit = open_page(english / f"{name}.html", viewport={"width": 390, "height": 844})
    assert faults(visit.page) == []


@pytest.mark.browser
def test_what_opens_is_accessible_too(open_page, faults, atlas):
    page = open_page(atlas.path / "maps" / "province.html", fragment="#520000").page
    page.fill("#query", "g")
    assert faults(page) == []
    page.fill("#query", "")
    page.click("#two")
    page.locator("#year").focus()
    page.keyboard.press("Home")
    assert faults(page) == []
    page.click("#chosen .tools button")
    assert faults(page) == []
    page = open_page(atlas.path / "maps" / "index.html").page
    page.eval_on_selector_all("details", "a => a.forEach(x => { x.open = true })")
    assert faults(page) == []
