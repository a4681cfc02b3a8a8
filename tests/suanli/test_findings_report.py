"""The report of what was found in files: tables and page, without a browser."""

import json
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from geo.cartography.offline import check_offline
from suanli.intake.files import Intake
from suanli.intake.findings import Ledger, Place
from suanli.intake.rules import RULES
from suanli.intake.table import COLUMNS, IndicatorTable
from suanli.publish import findings_page
from suanli.publish.findings import findings_summary, findings_table, write_findings
from suanli.publish.findings_page import render_findings
from suanli.publish.marks import marked, plain
from suanli.text import LANGUAGES, Text


def intake(ledger, *, rows=3, source=""):
    cell = {"code": "110000", "year": 2023, "indicator": "gdp", "value": 1.0, "unit": "亿元"}
    cells = [cell | {"quality": "user", "source": source}] if source else []
    table = IndicatorTable(cells=pd.DataFrame(cells, columns=list(COLUMNS)))
    return Intake(table=table, level="province", ledger=ledger, rows=rows)


def some(**options) -> Ledger:
    ledger = Ledger(**options)
    ledger.add("thousands", Place(file="a.xlsx", sheet="表", row=9, column="GDP"), "1,234", "1234")
    ledger.add("unit_assumed", Place(file="a.xlsx"), "", "亿元", indicator="gdp")
    ledger.add("not_a_number", Place(file="a.xlsx", sheet="表", row=4, column="GDP"), "-5x")
    ledger.add("missing_mark", Place(file="a.xlsx", sheet="表", row=4, column="GDP"), "-5")
    return ledger


class Texts(HTMLParser):
    """What stands in the elements of a page, and the payload of its script."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.words, self.tags, self.payload, self._within = [], [], "", ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._within = "payload" if ("id", "payload") in attrs else tag

    def handle_endtag(self, tag):
        self._within = ""

    def handle_data(self, data):
        if self._within == "payload":
            self.payload += data
        elif self._within not in ("script", "style") and data.strip():
            self.words.append(data.strip())


def test_table_lists_every_finding_in_its_place(tmp_path):
    paths = write_findings([intake(some())], tmp_path, text=Text("zh"))
    assert paths == [
        tmp_path / x for x in ("findings.csv", "findings_summary.csv", "findings.html")
    ]
    back = pd.read_csv(paths[0], dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert list(back) == [
        "file", "sheet", "row", "column", "rule", "action", "before", "after", "message",
    ]  # fmt: skip
    assert back["row"].to_list() == ["", "4", "4", "9"]
    assert back["rule"].to_list() == ["unit_assumed", "not_a_number", "missing_mark", "thousands"]
    assert back["action"].to_list() == ["warn", "error", "fix", "fix"]
    # A negative number stays one; what only begins like one is kept from running.
    assert back["before"].to_list() == ["", "'-5x", "-5", "1,234"]
    assert back.loc[3, "message"] == (
        "a.xlsx［表］第 9 行“GDP”列：“1,234”的千位分隔已去掉，读作 1234。"
    )
    assert paths[0].read_bytes().startswith(b"\xef\xbb\xbf")
    counted = pd.read_csv(paths[1], encoding="utf-8-sig")
    assert counted["count"].to_list() == [1, 1, 1, 1]
    assert counted.set_index("rule")["title"]["thousands"] == "千位分隔"


def test_equal_findings_give_equal_bytes(tmp_path):
    for name in ("one", "two"):
        write_findings([intake(some())], tmp_path / name, text=Text("en"))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


# Layers are reported on the screen only.
OF_TABLES = [rule for rule, entry in RULES.items() if entry.about != "layer"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_has_a_title_and_a_sentence_without_its_place(lang):
    ledger = Ledger()
    words = dict.fromkeys(
        re.findall(r"\w+", " ".join(open_sentence(lang, rule) for rule in OF_TABLES)), "X"
    )
    for rule in OF_TABLES:
        ledger.add(rule, Place(file="f.csv", row=2), "v", "w", **words)
    page = Texts(render_findings([intake(ledger)], text=Text(lang)))
    rows = json.loads(page.payload)["rows"]
    assert len(rows) == len(OF_TABLES)
    for row in rows:
        assert "f.csv" not in str(row[8])
        assert "{" not in str(row[8])
    titles = [Text(lang)(f"checked.rule.{rule}") for rule in OF_TABLES]
    assert len(set(titles)) == len(titles)


def open_sentence(lang, rule):
    """The names of the placeholders of a sentence that are the rule's own."""
    from suanli.text import _area

    names = re.findall(r"\{(\w+)\}", _area(lang, "findings")[rule])
    return " ".join({*names} - {"where", "value", "after", "file", "sheet", "row", "column"})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headline_and_verdict(lang):
    good = Ledger()
    good.add("thousands", Place(file="b.csv", row=1), "1,000", "1000")
    text = Text(lang)
    page = Texts(render_findings([intake(some()), intake(good, rows=7)], text=text))
    said = " ".join(page.words)
    assert text("checked.summary", rows=3, fixed=2, warned=1, refused=1) in said
    assert text("checked.summary", rows=7, fixed=1, warned=0, refused=0) in said
    assert text("checked.lead_refused", files=2, refused=1) in said
    assert page.words.count(text("checked.refused")) >= 1
    assert page.words.count(text("checked.accepted")) == 1
    only = Texts(render_findings([intake(good)], text=text))
    assert text("checked.lead_accepted_one") in only.words
    assert text("checked.lead_none") in Texts(render_findings([], text=text)).words


def test_warnings_refuse_when_strict():
    ledger = Ledger(strict=True)
    ledger.add("zeros", Place(file="a.csv"), indicator="gdp", count=3, total=4)
    assert findings_table([intake(ledger)], text=Text("en"))["action"].to_list() == ["error"]
    assert findings_summary([intake(ledger)], text=Text("en"))["action"].to_list() == ["error"]
    page = Texts(render_findings([intake(ledger)], text=Text("en")))
    assert Text("en")("checked.lead_refused_one", files=1, refused=1) in page.words


def test_a_file_without_findings_has_a_name():
    page = Texts(render_findings([intake(Ledger(), source="clean.csv")], text=Text("en")))
    assert "clean.csv" in page.words
    assert "rows" not in page.tags
    unnamed = Texts(render_findings([intake(Ledger())], text=Text("en")))
    assert "File 1" in unnamed.words
    told = Texts(render_findings([intake(Ledger())], text=Text("en"), names=["told.csv"]))
    assert "told.csv" in told.words


def test_what_is_counted_but_not_listed_is_said(monkeypatch):
    ledger = Ledger()
    for row in range(1, 1206):
        ledger.add("thousands", Place(file="a.csv", row=row, column="x"), "1,000", "1000")
    text = Text("en")
    page = Texts(render_findings([intake(ledger)], text=text))
    assert text("checked.unlisted", count=205) in page.words
    assert len(json.loads(page.payload)["rows"]) == 1000
    assert page.tags.count("tr") == 1 + 1 + 1 + 100  # two headings, one rule, first findings
    assert text("checked.whole_static", shown=100, count=1000, csv="findings.csv") in page.words
    assert findings_summary([intake(ledger)], text=text)["count"].to_list() == [1205]
    monkeypatch.setattr(findings_page, "_MOST", 600)
    cut = Texts(render_findings([intake(ledger)], text=text))
    assert text("checked.cut", shown=600, count=1000, csv="findings.csv") in cut.words
    assert len(json.loads(cut.payload)["rows"]) == 600


def test_errors_come_first():
    rows = json.loads(Texts(render_findings([intake(some())], text=Text("en"))).payload)["rows"]
    assert [row[0] for row in rows] == [0, 1, 2, 2]


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--",
    "]]>",
    '"><svg onload=alert(1)>',
    "{{7*7}}${7*7}",
    "\u202egnp\u2066",
    "\x00\x1b[2J",
    "\udcff",
    "x" * 5000,
]


def test_hostile_texts_stay_text(tmp_path):
    ledger = Ledger()
    for payload in HOSTILE:
        place = Place(file=payload, sheet=payload, row=1, column=payload)
        ledger.add("not_a_number", place, payload, payload)
    paths = write_findings([intake(ledger)], tmp_path, text=Text("zh"))
    html = paths[2].read_text(encoding="utf-8")
    check_offline(html)
    page = Texts(html)
    assert not {"img", "svg"} & set(page.tags)
    assert page.tags.count("script") == 2
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", html)
    assert len(json.loads(page.payload)["rows"]) == len(HOSTILE)
    back = pd.read_csv(paths[0], dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert set(back["column"]) >= {*HOSTILE[:8], HOSTILE[9]}


def test_marks_show_what_cannot_be_seen():
    assert marked(" 1\u3000234\u00a0", "1234") == [
        ("s", " "), ("", "1"), ("s", "\u3000"), ("", "234"), ("s", "\u00a0"),
    ]  # fmt: skip
    assert marked("１，２", "12") == [("f", "１，２")]
    assert marked("生产总值（亿元）") == "生产总值（亿元）"
    assert marked("a\tb\u200bc") == [("", "a"), ("c", "TAB"), ("", "b"), ("c", "U+200B"), ("", "c")]
    assert marked("两 个，空 格", value=False) == "两 个，空 格"
    assert plain("a\x1b]0;x\x07\u2028") == "aU+001B]0;xU+0007U+2028"
