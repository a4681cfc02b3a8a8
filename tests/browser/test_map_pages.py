"""The map pages of a real run, used by pointer, by keyboard, on paper and on a small screen."""

import csv
import io
import re
from dataclasses import replace

import pytest

from suanli.diagnostics.strengths import strengths, top_and_bottom
from suanli.publish.explorer import write_explorer
from suanli.publish.pages import write_pages
from suanli.text import Text

SIZES = {"office": (1280, 860), "wide": (1920, 1080), "phone": (390, 844)}
INSET = ".inset"
UNIT = ".leaflet-overlay-pane path"


def opened(open_page, atlas, name, *, fragment="", **options):
    return open_page(atlas.path / "maps" / f"{name}.html", fragment=fragment, **options)


def chosen_name(page):
    return page.locator("#chosen strong").inner_text()


FOUND = {
    "province": {
        "陕西": "陕西省",
        "shaanxi": "陕西省",
        "shanxi": "山西省",
        "sx": "山西省",
        "ＧＤ": "广东省",
        "chongqing": "重庆市",
        "cq": "重庆市",
        "440000": "广东省",
        "guang dong": "广东省",
    },
    "city": {
        "xi'an": "西安市",
        "xa": "西安市",
        "hlbe": "呼伦贝尔市",
        "urumqi": "乌鲁木齐市",
        "Ürümqi": "乌鲁木齐市",
        "wlmq": "乌鲁木齐市",
        "440100": "广州市",
    },
}


@pytest.mark.browser
@pytest.mark.parametrize("page", FOUND)
def test_units_are_found_however_they_are_typed(open_page, atlas, page):
    visit = opened(open_page, atlas, page)
    for asked, name in FOUND[page].items():
        visit.page.fill("#query", asked)
        hits = visit.page.locator("#hits [role=option] span").all_inner_texts()
        assert name in hits[:3], (asked, hits)
        visit.page.locator("#hits [role=option]", has_text=name).first.dispatch_event("mousedown")
        assert chosen_name(visit.page) == name
        visit.page.click("#reset")
        assert visit.page.locator("#chosen").is_hidden()
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_shanxi_finds_both_provinces_that_read_so(open_page, atlas):
    page = opened(open_page, atlas, "province").page
    page.fill("#query", "shanxi")
    assert {"山西省", "陕西省"} <= {*page.locator("#hits [role=option] span").all_inner_texts()}


@pytest.mark.browser
def test_tooltip_says_score_rank_interval_and_change(open_page, atlas):
    study = atlas.result.edition.study
    visit = opened(open_page, atlas, "province")
    place = list(atlas.result.edition.boundaries.province_web.index).index("530000")
    visit.page.locator(UNIT).nth(place).hover()
    said = visit.page.locator(".leaflet-tooltip .card").last.inner_text()
    score, rank = study.province.index["530000"], int(study.province.ranks["index"]["530000"])
    row = study.province_ranks.of().loc["530000"]
    panel = study.panel
    points = panel[2023].index["530000"] - panel[2022].index["530000"]
    old, new = (int(panel[year].ranks["index"]["530000"]) for year in (2022, 2023))
    word = f"仍为第 {new} 名" if old == new else f"第 {old} 名变为第 {new} 名"
    for part in (
        "云南省",
        f"{score:.1f}",
        f"{rank} / 31",
        f"{row['low']:.0f}–{row['high']:.0f}",
        f"{points:+.1f}".replace("-", "−") + f" 分，{word}",
    ):
        assert part in said, (part, said)
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_units_without_a_score_say_why(open_page, atlas):
    scores = atlas.result.edition.study.city
    (code,) = scores.index.index[scores.index.isna()]
    page = opened(open_page, atlas, "city", fragment=f"#{code}").page
    assert "数据不足，未评分" in page.inner_text("#chosen")
    assert "无" in page.locator("#chosen .bars .figures").first.inner_text()
    page = opened(open_page, atlas, "city", fragment="#710000").page
    assert "不参评" in page.inner_text("#chosen .is")


@pytest.mark.browser
def test_profile_has_bars_strengths_neighbours_and_links(open_page, atlas):
    edition = atlas.result.edition
    scores = edition.study.province
    visit = opened(open_page, atlas, "province", fragment="#520000")
    page, names = visit.page, {i.id: i.name.zh for i in scores.spec.indicator}
    assert chosen_name(page) == "贵州省"
    bars = page.locator("#chosen .bars li")
    assert bars.count() == len(edition.nodes("province"))
    for at, node in enumerate(edition.nodes("province")):
        assert (
            bars.nth(at).locator(".figures").inner_text() == f"{scores.nodes[node]['520000']:.1f}"
        )
        width = bars.nth(at).locator("i").evaluate("x => parseFloat(x.style.width)")
        assert width == pytest.approx(scores.nodes[node]["520000"], abs=0.01)
        tick = bars.nth(at).locator("b").evaluate("x => parseFloat(x.style.left)")
        assert tick == pytest.approx(scores.nodes[node].median(), abs=0.01)
    told = page.locator("#chosen .said li span").all_inner_texts()
    picked = top_and_bottom(strengths(scores), "520000", k=3)
    assert told == [names[key] for key in picked["indicator"]]
    assert page.locator("#chosen .spark circle").count() == len(edition.study.panel)
    near = page.locator("#chosen .near button")
    assert sorted(near.locator("span:first-child").all_inner_texts()) == sorted(
        ["四川省", "重庆市", "云南省", "湖南省", "广西壮族自治区"]
    )
    near.filter(has_text="云南省").click()
    assert chosen_name(page) == "云南省"
    assert page.url.endswith("#530000")
    assert page.locator("#chosen .links a").get_attribute("href") == "city.html#in-530000"
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_links_lead_to_the_unit_on_the_other_page(open_page, atlas):
    visit = opened(open_page, atlas, "province", fragment="#440000")
    visit.page.locator("#chosen .links a").click()
    visit.page.wait_for_url("**/city.html#in-440000")
    page = visit.page
    page.wait_for_selector(UNIT, state="attached")
    seen = page.evaluate(
        """() => { const box = document.getElementById("map_atlas").getBoundingClientRect();
        return [...document.querySelectorAll(".leaflet-overlay-pane path")].filter((x) => {
          const at = x.getBoundingClientRect();
          return at.left >= box.left && at.right <= box.right && at.top >= box.top
            && at.bottom <= box.bottom; }).length; }"""
    )
    assert 21 <= seen < 200
    page.fill("#query", "guangzhou")
    page.keyboard.press("Enter")
    assert chosen_name(page) == "广州市"
    page.locator("#chosen .links a", has_text="广东省").click()
    page.wait_for_url("**/province.html#440000")
    assert chosen_name(page) == "广东省"
    assert visit.complaints == []


@pytest.mark.browser
def test_years_share_their_classes(open_page, atlas):
    panel = atlas.result.edition.study.panel
    visit = opened(open_page, atlas, "province")
    page = visit.page
    assert page.locator("#year-shown").inner_text() == "2023 年评价"
    legends, fills = [], []
    page.locator("#year").focus()
    page.keyboard.press("Home")
    for year in sorted(panel):
        assert page.locator("#year-shown").inner_text() == str(year)
        assert page.locator("#year").get_attribute("aria-valuetext") == str(year)
        lines = page.locator("#legend .entry")
        legends.append(tuple(lines.locator(".figures").all_inner_texts()))
        fills.append(tuple(visit.fills()))
        counts = [int(re.sub(r"\D", "", x)) for x in lines.locator(".count").all_inner_texts()[:5]]
        assert sum(counts) == int(panel[year].index.notna().sum())
        best = atlas.result.edition.boundaries.province["name"][panel[year].index.idxmax()]
        assert page.locator("#leaders button span").first.inner_text() == best
        page.keyboard.press("ArrowRight")
    assert len(set(legends)) == 1
    assert len(set(fills)) > 1
    page.locator("#themes input").nth(2).check()
    assert page.locator("#year-shown").inner_text() == "2023"
    page.click("#base")
    assert page.locator("#year-shown").inner_text() == "2023 年评价"
    page.click("#play")
    assert page.locator("#year-shown").inner_text() == "2016"
    page.click("#play")
    assert page.locator("#play").get_attribute("aria-pressed") == "false"
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_a_layer_is_a_table_too(open_page, atlas, faults):
    scores = atlas.result.edition.study.province
    visit = opened(open_page, atlas, "province")
    page = visit.page
    page.locator("#rows-open").focus()
    page.keyboard.press("Enter")
    heads = page.locator("#rows-head th")
    titles = [title.strip(" ▲▼") for title in heads.all_inner_texts()]
    assert titles[:6] == ["单元", "代码", "类别", "得分", "名次", "名次区间"]
    column = page.locator("#rows-body tr td:nth-child(2)")
    codes = list(scores.index.sort_values(ascending=False).index)
    assert column.all_inner_texts()[:31] == codes
    assert heads.nth(3).get_attribute("aria-sort") == "descending"
    # Those without a score come last, whichever way.
    heads.nth(4).locator("button").focus()
    for order, expected in (("ascending", codes), ("descending", codes[::-1])):
        page.keyboard.press("Enter")
        assert heads.nth(4).get_attribute("aria-sort") == order
        assert column.all_inner_texts()[:31] == expected
        assert page.evaluate("document.activeElement.textContent").startswith("名次")
    assert faults(page) == []
    with page.expect_download() as waiting:
        page.click("#rows-save")
    assert waiting.value.suggested_filename == "province-index.csv"
    raw = waiting.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    assert rows[0][:5] == titles[:5]
    assert [row[1] for row in rows[1:32]] == codes[::-1]
    assert float(rows[31][3]) == pytest.approx(scores.index[codes[0]], abs=1e-6)
    assert len(rows) == 35
    page.locator("#rows-body tr", has_text="贵州省").locator("button").click()
    assert not page.locator("#rows").evaluate("x => x.open")
    assert chosen_name(page) == "贵州省"
    page.locator("#year").focus()
    page.keyboard.press("Home")
    page.click("#rows-open")
    assert page.inner_text("#rows-title").endswith("2016")
    page.keyboard.press("Escape")
    assert page.locator("#chosen").is_visible()
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_cities_have_no_slider(open_page, atlas):
    assert opened(open_page, atlas, "city").page.locator("#over-years").is_hidden()


@pytest.mark.browser
def test_two_units_stand_side_by_side(open_page, atlas):
    scores = atlas.result.edition.study.province
    visit = opened(open_page, atlas, "province", fragment="#520000")
    page = visit.page
    page.click("#chosen .tools button")
    assert page.locator("#compare").evaluate("x => x.open")
    page.select_option("#pair-1", label="陕西省")
    rows = page.locator("#pair-rows tr")
    assert rows.count() == 5
    left, right = (round(scores.index[code], 1) for code in ("520000", "610000"))
    shown = rows.first.locator(".figures").all_inner_texts()
    assert shown == [f"{left:.1f}", f"{right:.1f}"]
    assert f"{left - right:+.1f}".replace("-", "−") in rows.first.inner_text()
    assert "较 2022 年" in page.inner_text("#pair-card-1")
    page.keyboard.press("Escape")
    assert not page.locator("#compare").evaluate("x => x.open")
    # The first Escape closed the comparison alone.
    assert page.locator("#chosen").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#chosen").is_hidden()
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_cities_to_compare_are_listed_by_province(open_page, atlas):
    page = opened(open_page, atlas, "city", fragment="#440100").page
    page.click("#chosen .tools button")
    assert page.locator("#pair-0 option").count() == 372
    group = page.locator("#pair-0 optgroup[label='广东省'] option").all_inner_texts()
    assert len(group) == 21
    assert "广州市" in group


SECOND = "#second .leaflet-overlay-pane path"


@pytest.mark.browser
def test_two_maps_move_together(open_page, atlas):
    visit = opened(open_page, atlas, "city")
    page = visit.page
    page.click("#two")
    first, second = page.locator("#pane-first " + UNIT), page.locator(SECOND)
    assert first.count() == second.count() == 372
    assert page.locator("#legend-second").is_visible()
    assert page.locator(INSET).count() == 2
    shown = page.locator("#second-layer option:checked").inner_text()
    assert shown == page.locator("#themes label").nth(1).inner_text()

    def places():
        return [x.nth(100).evaluate("x => x.getAttribute('d')") for x in (first, second)]

    assert len({*places()}) == 1
    page.mouse.move(300, 500)
    page.mouse.wheel(0, -600)
    page.wait_for_timeout(400)
    moved = places()
    assert moved[0] == moved[1]
    page.mouse.move(700, 400)
    page.mouse.down()
    page.mouse.move(640, 360, steps=4)
    page.mouse.up()
    page.wait_for_timeout(400)
    assert len({*places()}) == 1
    fills = second.nth(100).get_attribute("fill")
    page.select_option("#second-layer", index=0)
    assert first.nth(100).get_attribute("fill") == second.nth(100).get_attribute("fill")
    assert fills
    page.click("#two")
    assert page.locator("#second").is_hidden()
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_keyboard_alone_is_enough(open_page, atlas):
    visit = opened(open_page, atlas, "province")
    page = visit.page
    # One unit is a stop of the Tab key, not 34.
    assert page.locator(UNIT + "[tabindex='0']").count() == 1
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.localName") == "path":
            break
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("广东省")
    ring = page.locator(".leaflet-marks-pane path[stroke='#0b57d0']")
    assert ring.get_attribute("d") != "M0 0"
    page.keyboard.press("ArrowUp")
    said = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert not said.startswith("广东省")
    assert re.search(r", \d+\.\d, \d+ / 31$", said)
    page.keyboard.press("Enter")
    assert said.startswith(chosen_name(page))
    assert page.evaluate("document.activeElement.id") == "chosen-title"
    assert chosen_name(page) in page.inner_text("#status")
    page.keyboard.press("Escape")
    assert page.locator("#chosen").is_hidden()
    assert page.evaluate("document.activeElement.localName") == "path"
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_focus_is_seen(open_page, atlas):
    page = opened(open_page, atlas, "province").page
    for selector in ("#query", "#two", "#leaders button", "nav a"):
        node = page.locator(selector).first
        page.locator("#query").focus()
        node.focus()
        page.keyboard.press("Shift")  # so that focus counts as the keyboard's
        width = node.evaluate("x => getComputedStyle(x, ':focus-visible').outlineWidth")
        assert width != "0px", selector


# Units the inset hides, but for the islands south of Taiwan, which it shows.
OVER = """() => {
  const south = Math.max(...[...document.querySelectorAll("#pane-first [aria-label^='台湾省']")]
    .map((x) => x.getBoundingClientRect().bottom));
  const frame = document.querySelector(".inset").getBoundingClientRect();
  const hidden = [];
  document.querySelectorAll("#pane-first .leaflet-overlay-pane path").forEach((path, index) => {
    const to = path.getScreenCTM(), long = path.getTotalLength();
    for (let at = 0; at < long; at += 3) {
      const point = path.getPointAtLength(at).matrixTransform(to);
      if (point.x > frame.left && point.x < frame.right && point.y > frame.top
        && point.y < frame.bottom
        && !(path.getAttribute("aria-label").match(/^(海南省|三沙市)/) && point.y > south)) {
        hidden.push(index); return; }
    }
  });
  return hidden;
}"""


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["province", "city"])
def test_inset_is_always_there_and_covers_nothing(open_page, atlas, name, size):
    wide, high = SIZES[size]
    visit = opened(open_page, atlas, name, viewport={"width": wide, "height": high})
    page = visit.page
    box = page.locator(INSET).bounding_box()
    stage = page.locator("#pane-first").bounding_box()
    assert box["x"] >= stage["x"]
    assert box["x"] + box["width"] <= stage["x"] + stage["width"] + 0.5
    assert box["y"] + box["height"] <= stage["y"] + stage["height"] + 0.5
    assert page.evaluate(OVER) == []
    # Islands inside it: Sansha belongs to Hainan, drawn in its colour, and every dash.
    assert page.locator(f"{INSET} path[fill]:not(.overlay)").count() >= 5
    assert page.locator(f"{INSET} path.overlay").first.get_attribute("d").count("M") >= 9
    assert "南海诸岛" in page.locator(INSET).inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    # A layer switch reaches the inset.
    before = page.eval_on_selector_all(f"{INSET} path", "a => a.map(x => x.getAttribute('fill'))")
    page.locator("#themes input").nth(3).check(force=True)
    after = page.eval_on_selector_all(f"{INSET} path", "a => a.map(x => x.getAttribute('fill'))")
    assert before != after
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_borders_of_provinces_lie_over_cities(open_page, atlas):
    visit = opened(open_page, atlas, "city")
    line = visit.page.locator(".leaflet-lines-pane path.groups")
    assert line.count() == 1
    assert line.get_attribute("d").count("M") > 60
    assert float(line.get_attribute("stroke-width")) > 0.5
    assert visit.page.locator("path.marker").count() == 14


@pytest.mark.browser
@pytest.mark.parametrize("name", ["province", "city", "clusters", "hubs"])
def test_paper_holds_map_legend_and_notes(open_page, atlas, name):
    visit = opened(open_page, atlas, name)
    page = visit.page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1047, "height": 718})
    stage, legend = (page.locator(x).bounding_box() for x in ("#stage", "#legends"))
    assert stage["width"] > 500
    assert stage["y"] + stage["height"] <= 718
    assert legend["x"] >= stage["x"] + stage["width"] - 1
    assert legend["x"] + legend["width"] <= 1047
    assert "审图号" in page.inner_text("#notes")
    for gone in ("#finder", "#layers", "#tools", "#over-years", "nav"):
        assert not page.locator(gone).is_visible(), gone
    assert page.locator(INSET).is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_a_chosen_unit_stays_in_sight_on_a_phone(open_page, atlas):
    visit = opened(
        open_page, atlas, "province", fragment="#440000", viewport={"width": 390, "height": 844}
    )
    card = visit.page.locator("#chosen").bounding_box()
    assert card["y"] + card["height"] <= 844
    assert card["y"] > 300
    visit.page.locator("#chosen .close").click()
    assert visit.page.locator("#chosen").is_hidden()


@pytest.mark.browser
def test_pages_name_explorers_that_lie_beside_them(open_page, atlas, tmp_path):
    (tmp_path / "explorer-city.html").write_text(
        "<!doctype html><title>权重 &lt;探索&gt;</title>", encoding="utf-8"
    )
    write_pages(replace(atlas.result.edition, text=Text("zh")), tmp_path)
    for name in ("province", "hubs"):
        links = open_page(tmp_path / f"{name}.html").page.locator("nav a")
        assert links.last.inner_text() == "权重 <探索>"
        assert links.last.get_attribute("href") == "explorer-city.html"


@pytest.mark.browser
@pytest.mark.parametrize("fragment", ["#nowhere", "#in-nowhere", "#%E0%A4%A", "#<img>", "#in-"])
def test_an_unknown_address_changes_nothing(open_page, atlas, fragment):
    visit = opened(open_page, atlas, "city", fragment=fragment)
    assert visit.page.locator("#chosen").is_hidden()
    assert len(visit.fills()) == 372
    assert visit.complaints == []


def test_equal_editions_make_equal_pages(atlas, tmp_path):
    # Pages link to the explorer where there is one.
    write_explorer(atlas.result.edition, tmp_path)
    for path in write_pages(atlas.result.edition, tmp_path):
        assert path.read_bytes() == (atlas.path / "maps" / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    ("name", "most"), [("province", 760_000), ("city", 860_000), ("clusters", 700_000)]
)
def test_pages_stay_small(atlas, name, most):
    assert (atlas.path / "maps" / f"{name}.html").stat().st_size < most
