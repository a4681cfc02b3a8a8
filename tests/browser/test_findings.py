"""The page of findings as a planner uses it: from disk, offline, by mouse and by keyboard."""

import pandas as pd
import pytest

from suanli.intake.files import Intake
from suanli.intake.findings import Ledger, Place
from suanli.intake.table import COLUMNS, IndicatorTable
from suanli.publish.findings import write_findings
from suanli.text import Text

EVIL = '"><img src=x onerror=alert(1)></script>'


def intake(ledger):
    empty = IndicatorTable(cells=pd.DataFrame(columns=list(COLUMNS)))
    return Intake(table=empty, level="province", ledger=ledger, rows=40)


def ledgers():
    one = Ledger()
    for row in range(2, 202):
        place = Place(file="one.xlsx", sheet="甲", row=row, column="地区生产总值（亿元）")
        one.add("thousands", place, f"1,{row:03}", f"1{row:03}")
    one.add("not_a_number", Place(file="one.xlsx", sheet="甲", row=7, column=EVIL), EVIL)
    one.add("width", Place(file="one.xlsx", row=8, column="x"), "１2\u30003\u200b", "123")
    two = Ledger()
    two.add("zeros", Place(file="two.csv", column="x"), indicator="gdp", count=3, total=4)
    return [intake(one), intake(two)]


@pytest.fixture(scope="module", params=["zh", "en"])
def text(request):
    return Text(request.param)


@pytest.fixture(scope="module")
def path(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("check")
    return write_findings(ledgers(), folder, text=text)[2]


def lines(page):
    return page.locator("#rows tbody tr")


@pytest.mark.browser
def test_filters_narrow_the_list(open_page, path, text):
    visit = open_page(path)
    page = visit.page
    assert page.inner_text("#count") == text("checked.shown", **{"from": 1, "to": 100}, count=203)
    assert lines(page).count() == 100
    assert text("checked.rule.not_a_number") in lines(page).first.inner_text()
    kinds = page.locator("#filters .kind input")
    kinds.nth(2).uncheck()
    assert lines(page).count() == 2
    kinds.nth(2).check()
    page.select_option("#file", "1")
    assert lines(page).count() == 1
    page.click("#clear")
    page.select_option("#column", label="x")
    assert lines(page).count() == 2
    page.click("#clear")
    page.select_option("#rule", label=text("checked.rule.width"))
    assert lines(page).count() == 1
    page.click("#clear")
    page.fill("#query", "1,15  one.xlsx")
    page.wait_for_timeout(250)
    assert lines(page).count() == 10
    page.fill("#query", "no such words")
    page.wait_for_timeout(250)
    assert page.inner_text("#count") == text("checked.none")
    page.click("#clear")
    assert lines(page).count() == 100
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_pages_turn_and_rules_lead_to_their_findings_by_keyboard(open_page, path, text):
    visit = open_page(path)
    page = visit.page
    for _ in range(2):
        page.locator("#next").focus()
        page.keyboard.press("Enter")
    assert lines(page).count() == 3
    assert page.locator("#next").is_disabled()
    page.locator("#previous").focus()
    page.keyboard.press("Space")
    assert page.inner_text("#page") == text("checked.page", page=2, pages=3)
    button = page.locator("[data-rule=zeros]")
    button.focus()
    page.keyboard.press("Enter")
    assert lines(page).count() == 1
    assert page.evaluate("document.activeElement.id") == "rule"
    page.select_option("#order", "place")
    page.click("#clear")
    assert "1,002" in lines(page).nth(1).inner_text()
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_values_show_what_cannot_be_seen_and_stay_text(open_page, path, text):
    visit = open_page(path)
    page = visit.page
    row = lines(page).filter(has_text=text("checked.rule.width")).first
    if not row.count():
        page.select_option("#rule", label=text("checked.rule.width"))
        row = lines(page).first
    assert row.locator(".f").inner_text() == "１"
    assert row.locator(".s").evaluate("x => x.textContent") == "\u3000"
    assert row.locator(".s").get_attribute("title") == "U+3000"
    assert row.locator(".value .c").inner_text() == "U+200B"
    page.click("#clear")
    assert lines(page).first.locator(".value").first.inner_text() == EVIL
    assert page.locator("img").count() == 0
    assert EVIL in page.locator("#column").inner_text()
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_no_sideways_scroll(open_page, path, width):
    visit = open_page(path, viewport={"width": width, "height": 700})
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_readable_without_scripts(open_page, path, text):
    page = open_page(path, java_script_enabled=False).page
    assert lines(page).count() == 100
    assert page.locator("#filters").is_hidden()
    said = page.inner_text("body")
    assert text("checked.whole_static", shown=100, count=203, csv="findings.csv") in said
    assert text("checked.summary", rows=40, fixed=201, warned=0, refused=1) in said
    assert EVIL in said


@pytest.mark.browser
def test_paper_takes_all_that_was_found(open_page, path):
    page = open_page(path).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert lines(page).count() == 203
    assert page.locator("#filters").is_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert lines(page).count() == 100


@pytest.mark.browser
def test_ten_thousand_findings(open_page, tmp_path):
    ledger = Ledger()
    for column in range(10):
        for row in range(1, 1001):
            place = Place(file="big.xlsx", sheet="数据", row=row, column=f"列{column}")
            ledger.add("thousands", place, f"{row},000", f"{row}000")
    path = write_findings([intake(ledger)], tmp_path, text=Text("zh"))[2]
    assert path.stat().st_size < 3_000_000
    visit = open_page(path)
    page = visit.page
    assert lines(page).count() == 100
    # No more rows are drawn than are looked at, whatever is asked for.
    page.select_option("#size", "500")
    assert lines(page).count() == 500
    page.fill("#query", "列7 77,000")
    page.wait_for_timeout(250)
    assert lines(page).count() == 10
    assert visit.quiet(), visit.complaints
