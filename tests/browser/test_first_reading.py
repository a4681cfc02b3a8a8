"""What someone who has never seen the atlas needs: marks in words, names, files, paper."""

import csv
import io
import re

import pytest

from suanli.publish.explorer_picture import explorer_picture
from suanli.text import Text

UNIT = "#pane-first .leaflet-overlay-pane path"
PHONE = {"width": 390, "height": 844}
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


def opened(open_page, atlas, name, *, fragment="", **options):
    return open_page(atlas.path / "maps" / f"{name}.html", fragment=fragment, **options)


def settled(page):
    page.wait_for_selector("body:not(.testing)")


def lacking(atlas):
    """Cities whose index rests on part of the dimensions."""
    scores = atlas.result.edition.study.city
    missing = scores.dimensions.isna()[scores.index.notna()]
    return scores, missing[missing.any(axis="columns")]


def kept(page, button):
    with page.expect_download() as waiting:
        page.click(button)
    raw = waiting.value.path().read_bytes().decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(raw, newline=""), strict=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.browser
def test_cities_without_a_dimension_are_dotted_and_said(open_page, atlas):
    edition = atlas.result.edition
    _, missing = lacking(atlas)
    assert len(missing)
    code = missing.index[0]
    name = edition.node_name("city", missing.columns[missing.loc[code]][0])
    visit = opened(open_page, atlas, "city", fragment=f"#{code}")
    page, codes = visit.page, list(edition.boundaries.city_web.index)
    dotted = {codes[at] for at, fill in enumerate(visit.fills()) if "url(" in fill}
    scored = edition.study.city.index.dropna().index
    assert dotted & set(scored) == set(missing.index)
    assert f"（{len(missing)}）" in page.inner_text("#legend .flagged")
    assert name in page.inner_text("#chosen dl")
    assert str(len(missing)) in page.inner_text("#notes")
    page.click("#rows-open")
    rows = {row["代码"]: row for row in kept(page, "#rows-save")}
    said = {code for code, row in rows.items() if row["缺数据的维度"]}
    assert said == set(missing.index)
    page.keyboard.press("Escape")
    page.locator("#themes input").nth(2).check()
    assert page.locator("#legend .flagged").count() == 0
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_the_explorer_marks_them_too(open_page, atlas):
    _, missing = lacking(atlas)
    code, count = missing.index[0], len(missing)
    visit = opened(open_page, atlas, "explorer", fragment=f"#l=city&u={code}")
    page = visit.page
    settled(page)
    assert str(count) in page.inner_text("#legend-lacking")
    assert page.locator("#map .dots path").count() == count
    assert page.locator("#map .dots").get_attribute("display") == "inline"
    assert "未评分" in page.inner_text("#chosen dl")
    assert "*" in page.inner_text("#ranking [aria-selected=true] .name")
    rows = kept(page, "#csv")
    assert {row["代码"] for row in rows if row["缺数据的维度"]} == set(missing.index)
    page.select_option("#node", index=1)
    assert page.locator("#map .dots").get_attribute("display") == "none"
    assert page.is_hidden("#legend-lacking")
    page.click("#levels button:first-child")
    assert page.is_hidden("#legend-lacking")
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
@pytest.mark.parametrize("asked", ["贵州", "guizhou", "gz", "520000"])
def test_a_province_finds_its_cities(open_page, atlas, asked):
    edition = atlas.result.edition
    visit = opened(open_page, atlas, "city")
    page = visit.page
    page.fill("#query", asked)
    hits = page.locator("#hits [role=option] span").all_inner_texts()
    cities = edition.boundaries.city
    inside = cities.index[cities["parent"] == "520000"]
    best = edition.study.city.index[inside].sort_values(ascending=False, kind="stable").index
    names = [cities["name"][code] for code in best]
    assert "贵州省" in hits
    assert [hit for hit in hits if hit in names] == names
    page.locator("#hits [role=option]", has_text="贵州省").first.dispatch_event("mousedown")
    assert page.inner_text("#chosen strong") == "贵州省"
    assert page.locator("#chosen .near button span:first-child").all_inner_texts() == names
    assert page.evaluate("location.hash") == "#in-520000"
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_of_equal_hits_the_best_comes_first(open_page, atlas):
    page = opened(open_page, atlas, "city").page
    page.fill("#query", "sh")
    hits = page.locator("#hits [role=option] span").all_inner_texts()
    assert hits[0] == "上海市"
    assert "绥化市" in hits


@pytest.mark.browser
def test_the_address_of_a_province_outlines_and_names_it(open_page, atlas):
    visit = opened(open_page, atlas, "city", fragment="#in-520000")
    page = visit.page
    assert page.inner_text("#chosen strong") == "贵州省"
    assert page.locator("path.around").get_attribute("d").count("M") >= 1
    assert page.locator("path.around").evaluate("x => x.getTotalLength()") > 1000
    link = page.locator("#chosen .links a")
    assert link.get_attribute("href") == "province.html#520000"
    page.locator("#chosen .near button", has_text="贵阳市").click()
    assert page.inner_text("#chosen strong") == "贵阳市"
    assert page.locator("path.around").evaluate("x => x.getTotalLength()") == 0
    page.click("#chosen .close")
    assert page.is_hidden("#chosen")
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_points_have_names_and_are_no_stops(open_page, atlas):
    page = opened(open_page, atlas, "city").page
    points = page.locator("path.marker")
    assert points.count() == 14
    for point in points.all():
        assert point.get_attribute("tabindex") == "-1"
        assert re.search(r"\S+, 枢纽起步区城市$", point.get_attribute("aria-label"))
    stops = set()
    page.locator("#query").focus()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        stops.add(page.evaluate("document.activeElement.getAttribute('class') || ''"))
    assert not any("marker" in stop for stop in stops)


@pytest.mark.browser
def test_files_hold_numbers(open_page, atlas):
    study = atlas.result.edition.study
    page = opened(open_page, atlas, "province").page
    page.click("#rows-open")
    rows = {row["代码"]: row for row in kept(page, "#rows-save")}
    year = study.province.spec.year
    points = study.panel[year].index - study.panel[year - 1].index
    for code, rank in study.province.ranks["index"].items():
        row, interval = rows[code], study.province_ranks.of().loc[code]
        assert float(row["得分"]) == pytest.approx(study.province.index[code], abs=1e-6)
        assert int(row["名次"]) == rank
        assert (int(row["名次区间下限"]), int(row["名次区间上限"])) == (
            interval["low"],
            interval["high"],
        )
        change = next(float(row[head]) for head in row if head.startswith(f"较 {year - 1} 年"))
        assert change == pytest.approx(points[code], abs=1e-6)
        assert 0 < float(row["数据完整度"]) <= 1
    assert rows["710000"]["名次"] == ""


@pytest.mark.browser
def test_rings_say_how_many_are_tested(open_page, atlas):
    hubs = atlas.result.edition.study.hubs
    page = opened(open_page, atlas, "hubs").page
    labels = page.locator("#legend .entry .figures").all_inner_texts()
    assert labels[0].startswith("第 0 圈")
    for row in hubs.rings.to_dict("records"):
        assert labels[row["ring"]].endswith(f"检验 {row['n']} 个")
    # The hub cities stand in the legend once.
    assert sum("起步区" in line for line in page.inner_text("#legend").splitlines()) == 1
    assert "、".join(str(n) for n in hubs.rings["n"][1:4]) in page.inner_text("#notes")


@pytest.mark.browser
@pytest.mark.parametrize("name", ["province", "city", "clusters", "hubs"])
def test_a_map_and_its_notes_are_one_sheet(open_page, atlas, english, name):
    for path in (atlas.path / "maps", english):
        page = open_page(path / f"{name}.html").page
        assert len(PAGE.findall(page.pdf(prefer_css_page_size=True))) == 1


@pytest.mark.browser
def test_a_profile_is_a_second_sheet(open_page, atlas):
    page = opened(open_page, atlas, "province", fragment="#520000").page
    assert len(PAGE.findall(page.pdf(prefer_css_page_size=True))) == 2


@pytest.mark.browser
@pytest.mark.parametrize(("level", "sheets"), [("province", 2), ("city", 4)])
def test_the_explorer_prints_every_rank(open_page, atlas, level, sheets):
    study = atlas.result.edition.study
    scores = study.province if level == "province" else study.city
    page = opened(open_page, atlas, "explorer", fragment=f"#l={level}").page
    settled(page)
    assert page.is_hidden("#printed")
    assert len(PAGE.findall(page.pdf(prefer_css_page_size=True))) == sheets
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    lines = page.locator("#printed tbody tr").all_inner_texts()
    assert len(lines) == len(scores.index)
    assert str(len(scores.index)) in page.inner_text("#printed h2")
    cells = [line.split("\t") for line in lines]
    ranks = [int(cell[0]) for cell in cells if cell[0].isdigit()]
    assert ranks == sorted(int(rank) for rank in scores.ranks["index"].dropna())
    told = study.province_ranks if level == "province" else study.city_ranks
    best = scores.index.idxmax()
    interval = told.of().loc[best]
    assert cells[0][4] == f"{interval['low']:.0f}–{interval['high']:.0f}"
    assert re.fullmatch(r"\d+–\d+", cells[0][5])
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#printed tr").count() == 0


@pytest.mark.browser
def test_ends_are_printed_and_told_from_the_interval(open_page, atlas):
    page = opened(open_page, atlas, "explorer", fragment="#l=province&u=520000").page
    settled(page)
    assert Text("zh")("explorer.two_ranges") in page.inner_text("#chosen")
    page.emulate_media(media="print")
    for end in page.locator("#chosen .ends button").all():
        assert end.is_visible()
        assert re.search(r"最[好差] \d+", end.inner_text())


@pytest.mark.browser
def test_a_class_of_one_place_says_one(open_page, atlas):
    page = opened(open_page, atlas, "explorer", fragment="#l=province&v=change").page
    said = page.inner_text("#legend-entries")
    assert "上升 1 名" in said
    assert "下降 1 名" in said
    assert "1–1" not in said


INSIDE = """(selector) => [...document.querySelectorAll(selector)].map((text) => {
  const at = text.getBoundingClientRect();
  const box = text.closest("figure, .inset").getBoundingClientRect();
  return at.width > 0 && at.left >= box.left && at.right <= box.right
    && at.top >= box.top && at.bottom <= box.bottom; })"""


@pytest.mark.browser
@pytest.mark.parametrize("view", [{"width": 1280, "height": 860}, PHONE])
def test_islands_are_named_in_every_inset(open_page, atlas, view):
    page = opened(open_page, atlas, "explorer", viewport=view).page
    assert page.inner_text("#islands figcaption") == "南海诸岛"
    assert page.evaluate(INSIDE, "#inset text") == [True] * 6
    box = page.locator("#islands").bounding_box()
    assert box["x"] + box["width"] <= view["width"]
    page = opened(open_page, atlas, "city", viewport=view).page
    page.click("#two")
    assert page.evaluate(INSIDE, ".inset text") == [True] * 12
    assert [text.count("南海诸岛") for text in page.locator(".inset").all_inner_texts()] == [1, 1]
    page.locator(".inset").first.click(force=True)
    assert page.locator("#map_atlas .place").all_inner_texts()[0] == "东沙群岛"


@pytest.mark.browser
def test_the_explorer_has_a_picture_on_the_front_page(open_page, atlas, english):
    for path in (atlas.path / "maps", english):
        page = open_page(path / "index.html").page
        drawing = page.locator('a[href="explorer.html"] svg')
        assert drawing.bounding_box()["width"] > 200
        assert "40%" in drawing.text_content()
    edition = atlas.result.edition
    assert explorer_picture(edition) == explorer_picture(edition)
