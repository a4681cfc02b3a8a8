"""Hostile texts in every field a user can set, in every format the product writes.

One edition is published with forty-odd payloads in all names, titles, notes, units, sources and
reasons. The pages are then opened in a browser that would notice a payload at work, and every
file is read again: XML and JSON must parse, and what was written must be the literal text.
"""

import copy
import csv
import io
import json
import re
import sqlite3
import tomllib
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import cycle, islice
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from geo.cartography import figure_file
from geo.export.rfc7946 import check_geojson
from suanli.cli import main
from suanli.errors import InputError
from suanli.evaluation import Scores
from suanli.intake.files import How, read_file
from suanli.intake.names import Gazetteer
from suanli.locations import data_folder
from suanli.manifest import Manifest, file_record
from suanli.profile import load_profile
from suanli.profile.load import parse_profile
from suanli.publish.explorer import write_explorer
from suanli.publish.figures import write_figures
from suanli.publish.findings import write_findings
from suanli.publish.front import write_front
from suanli.publish.package import write_package
from suanli.publish.pages import write_pages
from suanli.publish.tables import write_tables
from suanli.report.files import write_brief, write_report
from suanli.run import whole
from suanli.run.config import RunConfig, load_config
from suanli.run.inputs import load_inputs
from suanli.text import LANGUAGES, Text

# Evaluated anywhere, it leaves its mark on the page.
DO = "window.__pwned=1"
PAYLOADS = (
    f"<script>{DO}</script>",
    f"</script><script>{DO}</script>",
    f"</title><script>{DO}</script>",
    f"</style><script>{DO}</script>",
    f"<img src=x onerror={DO}>",
    f'"><img src=x onerror="{DO}">',
    f"' onmouseover='{DO}",
    f'" onfocus="{DO}" autofocus="',
    f"<svg onload={DO}>",
    f"<svg><script>{DO}</script></svg>",
    f"<svg><animate onbegin={DO} attributeName=x dur=1s></svg>",
    '<svg><use href="http://evil.example/x.svg#x"/></svg>',
    "<style>*{background:url(http://evil.example/x)}</style>",
    f"red;background:url(javascript:{DO})",
    f"expression({DO})",
    f"javascript:{DO}",
    f"data:text/html,<script>{DO}</script>",
    f'<a href="javascript:{DO}">x</a>',
    '<iframe srcdoc="<script>parent.__pwned=1</script>"></iframe>',
    f'<math href="javascript:{DO}">x</math>',
    "<base href=http://evil.example/><meta http-equiv=refresh content=0;url=http://evil.example>",
    f"<details open ontoggle={DO}>",
    f"'-{DO}-'",
    f'\\";{DO};//',
    f"`${{{DO}}}`",
    "{{7*7}}{% raw %}{{self.__init__}}<%= 7*7 %>#{7*7}",
    "{0.__class__}{where}{name!r} %(x)s %s %n",
    "<!--",
    f"--!><script>{DO}</script><!--",
    f"<![CDATA[<script>{DO}</script>]]>",
    "]]>",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "&lt;script&gt;&#60;b&#62;&amp;&e;",
    '=HYPERLINK("http://evil.example/","x")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1\n+2",
    "x;=cmd|' /C calc'!A0",
    "＝1+1",
    f"\u2028{DO}\u2029",
    "\u202egpj.\u2066exe\u2069\u200b",
    "\x00\x07a\x08b\x1b[2J\x1b]0;pwned\x07\x1b]8;;http://evil.example\x1b\\x\x9b31m\x7f",
    "../../../../tmp/pwned..\\..\\C:\\x\x00.png",
    r"$\frac{1}{0}$ $x^{2$ \input{/etc/passwd}",
    "'); DROP TABLE province; --",
    "[bold red]x[/] [link=http://evil.example]x[/link]",
    "<b>" + "长A" * 1500,
)

BRIEFS = {"province": "520000", "city": "520400"}
SHIPPED = {"province": "caict2024-province", "city": "city-compute"}
STEERING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Profiles and configurations refuse the rest.
WRITABLE = tuple(payload for payload in PAYLOADS if not STEERING.search(payload))
ALL = " ".join(WRITABLE)


def shares(count):
    """All payloads dealt to so many fields, each at the beginning of one if there are enough."""
    return [" ".join(WRITABLE[at % len(WRITABLE) :: count]) for at in range(count)]


def hostile_profile(level):
    """A shipped profile with payloads in every text that is free."""
    source = files("suanli") / "profiles" / f"{SHIPPED[level]}.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    for key in ("title", "note"):
        data[key] = {"zh": f"{ALL} 中", "en": f"{ALL} en"}
    for kind in ("dimension", "indicator", "variable", "judgement"):
        items = data.get(kind, [])
        for item, said in zip(items, shares(len(items)), strict=True):
            for key in {"unit", "source", "reason"} & set(item):
                item[key] = said
            if "name" in item:
                item["name"] = {"zh": f"{said} 中{item['id']}", "en": f"{said} {item['id']}"}
    return data


def toml(node, path=""):
    """Write what tomllib reads: values, tables, lists of tables."""
    lines, below = [], []
    for key, value in node.items():
        place = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            below.append(f"[{place}]\n{toml(value, place)}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            below += [f"[[{place}]]\n{toml(item, place)}" for item in value]
        else:
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, *below]) + "\n"


def named(layer):
    """A layer whose units bear payloads for names, one after the other."""
    said = list(islice(cycle(PAYLOADS), len(layer)))
    texts = ("name", "short_name", "name_en", "pinyin", "parent", "kind")
    return layer.assign(**{key: said for key in texts if key in layer})


def reworded(value, specs):
    """A part of a study as it would be had its profile been the hostile one: words only."""
    if isinstance(value, Scores):
        told = specs[value.spec.level]
        words = {key: getattr(told, key) for key in ("title", "note", "judgement")}
        for part in ("dimension", "indicator"):
            kept = {item.id for item in getattr(value.spec, part)}
            words[part] = tuple(item for item in getattr(told, part) if item.id in kept)
        return replace(value, spec=value.spec.model_copy(update=words))
    if isinstance(value, dict):
        return {key: reworded(item, specs) for key, item in value.items()}
    return value


@dataclass(frozen=True)
class Spoilt:
    """A hostile edition and what it was written to."""

    edition: object
    out: Path
    pages: tuple[Path, ...]
    profiles: dict[str, Path]


@pytest.fixture(scope="module")
def spoilt(atlas, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spoilt")
    profiles = {level: folder / f"{level} <img src=x onerror={DO}>.toml" for level in SHIPPED}
    for level, path in profiles.items():
        path.write_text(toml(hostile_profile(level)), encoding="utf-8")
    specs = {level: load_profile(str(path)) for level, path in profiles.items()}
    edition = atlas.result.edition
    study = copy.copy(edition.study)
    vars(study).update({key: reworded(value, specs) for key, value in vars(edition.study).items()})
    vars(study)["specs"] = tuple(specs.values())
    layers = edition.boundaries
    names = ("province", "city", "province_web", "city_web")
    layers = replace(layers, **{name: named(getattr(layers, name)) for name in names})
    hostile = replace(edition, study=study, boundaries=layers, approval_number=ALL)
    out = folder / "out"
    write_tables(hostile, out / "tables")
    write_package(hostile, out / "gis")
    with pytest.MonkeyPatch.context() as patch:
        # What is drawn is the same, only smaller.
        patch.setitem(figure_file.write_figure.__kwdefaults__, "dpi", 50)
        figures = write_figures(hostile, out / "maps")
    explorer = write_explorer(hostile, out / "maps")
    pages = write_pages(hostile, out / "maps")
    front = write_front(hostile, out / "maps", [path for path in figures if path.suffix == ".png"])
    write_report(hostile, out / "report", pictures=out / "maps")
    for level, code in BRIEFS.items():
        write_brief(hostile, level, code, out / "briefs" / level)
    findings = write_findings(hostile_intakes(folder), out / "findings", text=Text("zh"))
    inputs = replace(
        load_inputs(RunConfig()),
        boundaries=layers,
        specs=tuple(specs.values()),
        files=(*profiles.values(), *sorted(folder.glob("*.csv"))),
    )
    config = RunConfig(approval_number=WRITABLE[0])
    written = {path.relative_to(out).as_posix(): out for path in out.rglob("*") if path.is_file()}
    record = whole._record(inputs, config, hostile, written, started="", clock=0)
    record.write(out / "manifest.json")
    return Spoilt(hostile, out, (front, explorer, *pages, findings[2]), profiles)


def table(name):
    return pd.read_csv(data_folder() / name, dtype=str, keep_default_na=False)


@cache
def gazetteer():
    return Gazetteer(
        units=table("boundaries/units.csv"),
        renames=table("reference/renames.csv"),
        counties=table("reference/counties.csv"),
        traditional=dict(table("reference/traditional.csv").to_numpy().tolist()),
    )


def taken_in(path, **options):
    known = table("indicators/indicators.csv")
    return read_file(path, gazetteer=gazetteer(), indicators=known, level="province", **options)


def hostile_intakes(folder):
    """Files with payloads in their names, headings, units, sheets and cells."""
    usable = [payload.replace("\0", "") for payload in PAYLOADS]
    taken = []
    for at, payload in enumerate(usable):
        name = re.sub(r"[/\n\r]", "∕", payload)[:60]
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(["地区", "年份", "地区生产总值（亿元）", payload, "来源"])
            rows.writerow(["北京市", "2023", payload, payload, payload])
            rows.writerow([payload, payload, "1", "2", payload])
            rows.writerow(["天津市", "2023", f"1 {at}", "2", payload])
        taken.append(taken_in(path))
    book = openpyxl.Workbook()
    for payload in usable:
        legal = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "", payload)
        sheet = book.create_sheet(f"{len(book.sheetnames)}{legal}"[:31].strip("'"))
        sheet.append(["地区", "年份", "地区生产总值（亿元）"])
        sheet.append(["北京市", 2023, legal[:30]])
        sheet["C2"].data_type = "s"
    book.save(folder / "sheets.xlsx")
    one = How(sheet=book.sheetnames[1])
    return [*taken, taken_in(folder / "sheets.xlsx"), taken_in(folder / "sheets.xlsx", how=one)]


# In the browser

LIVE = """() => {
  const found = [];
  for (const x of document.querySelectorAll("*")) {
    for (const a of x.attributes) {
      if (/^on/i.test(a.name)) found.push(x.localName + " " + a.name);
      if (/^(href|src|action|formaction|xlink:href|srcdoc|style)$/i.test(a.name)
        && !/^data:image\\/png;base64,[A-Za-z0-9+\\/=]*$/.test(a.value)
        && /(javascript|vbscript)\\s*:|data:text|evil|expression\\(/i.test(a.value))
        found.push(x.localName + " " + a.name + "=" + a.value.slice(0, 80));
    }
  }
  return found;
}"""
TEXTS = "document.documentElement.textContent"
TAGS = "[...new Set([...document.querySelectorAll('*')].map(x => x.localName))].sort()"
# Every state a page is brought to is searched, in one go: what it says, of what, and what acts.
LOOK = """async (page) => {
  const all = (what) => [...document.querySelectorAll(what)], search = %s;
  const said = new Set(), acting = new Set(), tags = new Set();
  const note = () => {
    for (const x of all("body *")) {
      tags.add(x.localName);
      if (x.localName === "script" || x.localName === "style") continue;
      for (const child of x.childNodes) if (child.nodeType === 3) said.add(child.data);
      for (const key of ["title", "aria-label", "placeholder", "aria-valuetext"])
        if (x.hasAttribute(key)) said.add(x.getAttribute(key));
    }
    for (const each of search()) acting.add(each);
  };
  const point = (x, kind) => x.dispatchEvent(new PointerEvent(kind, { bubbles: true,
    cancelable: true, view: window, clientX: 300, clientY: 300 }));
  const press = (x, key) => x.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const rest = () => new Promise((done) => setTimeout(done, 60));
  const find = (asked) => {
    const query = document.getElementById("query");
    query.value = asked;
    query.dispatchEvent(new Event("input", { bubbles: true }));
    note();
    press(query, "ArrowDown");
    press(query, "Enter");
    note();
  };
  const visit = (units, hover) => units.forEach((unit, at) => {
    point(unit, hover);
    point(unit, "click");
    for (const x of all("#chosen, #tip, .leaflet-tooltip")) said.add(x.textContent);
    if (at % 8 === 0) note();
  });
  note();
  if (page === "explorer") {
    for (const level of all("#levels button")) {
      level.click();
      await rest();
      for (const view of all("#views button")) {
        view.click();
        for (const entry of all("#legend-entries button")) entry.click();
        await rest();
        note();
      }
      visit(all("#map .units path").filter((_, at) => at % 5 === 0), "pointermove");
      visit(all("#ranking .body [role=row]"), "pointerenter");
      for (const name of all("#sliders .name")) { name.click(); note(); }
      const slider = document.querySelector("#sliders input:enabled");
      slider.value = 70;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await rest();
      for (const asked of ["<", "javascript", "=", "$"]) find(asked);
    }
    document.getElementById("share").click();
  } else if (page !== "index") {
    all("#themes input").forEach((layer, at) => {
      layer.click();
      // Each moves the map, which takes its time: all of one layer, the first of the others.
      all("#leaders button").slice(0, at ? 1 : 10).forEach((leader) => leader.click());
      note();
    });
    visit(all(".leaflet-overlay-pane path").filter((_, at) => at % 9 === 0), "mouseover");
    for (const asked of ["<", "javascript", "=", "$"]) find(asked);
    if (document.querySelector("#chosen .tools button")) {
      document.querySelector("#chosen .tools button").click();
      note();
      document.getElementById("compare-close").click();
    }
    if (document.getElementById("rows-open")) {
      document.getElementById("rows-open").click();
      note();
      document.querySelector("#rows-head button").click();
      note();
      document.getElementById("rows-close").click();
    }
  }
  await rest();
  note();
  return { said: [...said].join("\\n"), acting: [...acting], tags: [...tags] };
}""".replace("%s", LIVE)


def clean_report(folder):
    path = folder / "clean.csv"
    path.write_text("地区,年份,地区生产总值（亿元）\n北京市,2023,abc\n", encoding="utf-8")
    return write_findings([taken_in(path)], folder, text=Text("zh"))[2]


def turned(page):
    """Make the report of findings show all it has, and return what it says."""
    for button in page.locator("[data-rule]").all()[:5]:
        button.click()
    page.fill("#query", "script")
    page.wait_for_timeout(200)
    page.click("#clear")
    page.select_option("#size", "500")
    said = [page.inner_text("#rows")]
    while page.locator("#next").is_enabled():
        page.locator("#next").click()
        said.append(page.inner_text("#rows"))
    return {"said": "\n".join(said), "acting": page.evaluate(LIVE), "tags": page.evaluate(TAGS)}


def looked_at(page, name):
    return turned(page) if name == "findings" else page.evaluate(LOOK, name)


@pytest.fixture(scope="module")
def harmless(atlas, browser, tmp_path_factory):
    """Names of the elements that each page has when nothing in it is hostile, looked at alike."""
    folder, known = tmp_path_factory.mktemp("clean"), {}

    def of(name):
        if name not in known:
            path = atlas.path / "maps" / f"{name}.html"
            path = clean_report(folder) if name == "findings" else path
            page = browser.new_page(offline=True, bypass_csp=True)
            page.goto(path.as_uri())
            # One finding has nothing to be turned over.
            tags = page.evaluate(TAGS) if name == "findings" else looked_at(page, name)["tags"]
            known[name] = {*tags}
            page.close()
        return known[name]

    return of


@pytest.mark.browser
@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "policy-off"])
@pytest.mark.parametrize(
    "name", ["index", "explorer", "province", "city", "clusters", "hubs", "findings"]
)
def test_no_payload_is_alive_on_a_page(open_page, harmless, spoilt, name, sealed):
    """Also without the content security policy, which would hide a text let through as HTML."""
    path = next(path for path in spoilt.pages if path.stem == name)
    visit = open_page(path, bypass_csp=not sealed)
    page = visit.page
    found = looked_at(page, name)
    if name == "explorer":
        downloads_are_harmless(page)
    assert page.evaluate("window.__pwned === undefined")
    assert visit.complaints == []
    assert all(url.startswith(path.parent.as_uri()) for url in visit.requests), visit.requests
    assert found["acting"] == []
    assert {*found["tags"]} - harmless(name) - {"li", "noscript"} == set()
    said = found["said"]
    shown = [payload for payload in WRITABLE if payload.split("\n")[0][:40] in said]
    assert len(shown) >= len(WRITABLE) - 5, set(WRITABLE) - {*shown}


def downloads_are_harmless(page):
    """Files made in the page: cells that do not run, a drawing in which nothing acts."""
    with page.expect_download() as waiting:
        page.click("#csv")
    cells = csv_cells(waiting.value.path())
    assert [cell for cell in cells if runs(cell)] == []
    assert {bare(payload) for payload in PAYLOADS} <= {bare(cell) for cell in cells}
    with page.expect_download() as waiting:
        page.click("#svg")
    drawing = waiting.value.path().read_text(encoding="utf-8")
    for item in ET.fromstring(drawing).iter():  # noqa: S314 - whether it is sound is the question
        assert item.tag.rpartition("}")[2] in {
            "svg", "style", "rect", "text", "g", "path", "use", "defs", "pattern", "line", "circle",
        }  # fmt: skip
        assert not [key for key in item.attrib if key.startswith("on")]
        assert all(v.startswith("#") for k, v in item.attrib.items() if k.endswith("href"))
    with page.expect_download() as waiting:
        page.click("#png")
    assert waiting.value.path().read_bytes().startswith(b"\x89PNG")


@pytest.mark.browser
def test_no_payload_is_alive_in_a_drawing_opened_alone(open_page, spoilt):
    for name in ("province-index", "province-compute", "city-top10", "gap"):
        visit = open_page(spoilt.out / "maps" / f"{name}.svg", bypass_csp=True)
        assert visit.page.evaluate("window.__pwned === undefined")
        assert visit.page.evaluate(LIVE) == []
        assert visit.quiet(), (visit.requests, visit.complaints)


@pytest.mark.browser
def test_no_payload_is_alive_in_a_report(open_page, spoilt, atlas):
    """Report and briefs, without their content security policy; they have no script at all."""
    visit = open_page(atlas.path / "report" / "report.html")
    known = {*visit.page.evaluate(TAGS)}
    assert "script" not in known
    paths = [*spoilt.out.glob("report/*.html"), *spoilt.out.glob("briefs/*/*.html")]
    assert len(paths) == 1 + len(BRIEFS)
    for path in paths:
        visit = open_page(path, bypass_csp=True)
        assert visit.page.evaluate("window.__pwned === undefined")
        assert visit.page.evaluate(LIVE) == []
        assert {*visit.page.evaluate(TAGS)} <= known, path
        assert visit.quiet(), (visit.requests, visit.complaints)
        said = visit.page.evaluate(TEXTS)
        # A brief names one unit and its neighbours, and some of the indicators.
        least = len(WRITABLE) - 5 if path.stem == "report" else 3
        assert sum(payload.split("\n")[0][:40] in said for payload in WRITABLE) >= least, path


FIELDS = re.compile(
    r' (PAGE|NUMPAGES|TOC \\o "1-2" \\h \\z \\u|REF _Ref\d+ \\h|SEQ (图|表|Figure|Table)'
    r" \\\* ARABIC) "
)
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ACTIVE = {"object", "altChunk", "fldSimple", "attachedTemplate", "dde", "control", "subDoc"}


def test_no_payload_is_alive_in_a_word_file(spoilt):
    """Nothing is fetched, embedded or run, and no field has a text of the user's in it."""
    paths = [*spoilt.out.glob("report/*.docx"), *spoilt.out.glob("briefs/*/*.docx")]
    assert len(paths) == 1 + len(BRIEFS)
    for path in paths:
        with zipfile.ZipFile(path) as made:
            parts = {name: made.read(name) for name in made.namelist()}
        kinds = {name.rpartition(".")[2] for name in parts}
        assert kinds <= {"xml", "rels", "png"}, path
        said = []
        for name, data in parts.items():
            if name.endswith(".png"):
                continue
            assert b"<!DOCTYPE" not in data, name
            assert b"<!ENTITY" not in data, name
            tree = ET.fromstring(data)  # noqa: S314 - whether it is sound is the question
            for item in tree.iter():
                local = item.tag.rpartition("}")[2]
                assert local not in ACTIVE, (name, local)
                assert item.get("TargetMode") != "External", (name, item.attrib)
                if local == "instrText":
                    assert FIELDS.fullmatch(item.text), item.text
                if local == "hyperlink":
                    assert set(item.attrib) <= {f"{WORD}anchor", f"{WORD}history"}
                if item.tag == f"{WORD}t":
                    said.append(item.text or "")
        whole = "".join(said)
        least = len(WRITABLE) - 6 if path.stem == "report" else 3
        assert sum(payload.split("\n")[0][:40] in whole for payload in WRITABLE) >= least, path


@pytest.mark.browser
def test_the_canary_sings(open_page, tmp_path):
    """The proof that the tests above would notice: raw payloads do act."""
    acted, visit = 0, None
    for at, payload in enumerate(PAYLOADS[:11]):
        path = tmp_path / f"{at}.html"
        path.write_text(
            f"<title>x</title><input value='{payload}'><input value=\"{payload}\">{payload}",
            encoding="utf-8",
        )
        if visit is None:
            visit = open_page(path)
        else:
            visit.page.goto(path.as_uri())
        visit.page.wait_for_timeout(50)
        acted += visit.page.evaluate("window.__pwned === 1")
        found = visit.page.evaluate(LIVE)
        assert found or "<script" in payload or "'" in payload, payload
    assert acted >= 7


# Read again


def csv_cells(path):
    text = path.read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1, path
    return [cell for row in rows for cell in row]


def bare(text):
    """A text without the apostrophes that keep formulas from running."""
    return text.replace("'", "")


def runs(cell):
    """Whether a spreadsheet might take the cell, or a part split off it, for a formula."""
    for part in re.split(r"[;\t\r\n]", cell):
        start = part.lstrip()
        while start and unicodedata.category(start[0]) in {"Cc", "Cf", "Zs", "Zl", "Zp"}:
            start = start[1:]
        if start[:1] in tuple("=+-@＝＋－＠"):
            try:
                float(start.rstrip("%").replace(",", ""))
            except ValueError:
                return True
    return False


def test_the_oracle_of_formulas():
    assert [runs(x) for x in ("=1", "\ufeff =1", "a;=1", "-1-1", "-5", "'=1", "a=1", "−3")] == [
        True, True, True, True, False, False, False, False,
    ]  # fmt: skip


def test_no_cell_of_a_table_runs(spoilt):
    paths = sorted(spoilt.out.rglob("*.csv"))
    assert len(paths) > 40
    seen = set()
    for path in paths:
        for cell in csv_cells(path):
            assert not runs(cell), (path.name, cell[:80])
            seen.add(bare(cell))
    assert {bare(payload) for payload in PAYLOADS} <= seen


def test_maps_for_gis_programs_hold_the_literal_text(spoilt):
    for level in SHIPPED:
        layer = getattr(spoilt.edition.boundaries, level)
        path = spoilt.out / "gis" / f"{level}.geojson"
        assert check_geojson(path) == []
        data = json.loads(path.read_text(encoding="utf-8"))
        names = {item["id"]: item["properties"]["name"] for item in data["features"]}
        assert names == layer["name"].to_dict()
        assert data["metadata"]["title"] == f"{ALL} 中"
        with closing(sqlite3.connect(spoilt.out / "gis" / "atlas.gpkg")) as base:
            rows = base.execute(f"SELECT code, name, pinyin FROM {level}").fetchall()  # noqa: S608
            # The driver knows no NUL; the rest is as it was.
            expected = layer["name"].str.replace("\0", "\ufffd").to_dict()
            assert {code: name for code, name, _ in rows} == expected
            assert {code: said for code, _, said in rows} == expected
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            told = dict(base.execute("SELECT key, value FROM metadata"))
            assert told[f"{level}.title"] == f"{ALL} 中"
            assert told[f"{level}.approval_number"] == ALL


def test_drawings_are_sound_xml_without_anything_that_acts(spoilt):
    paths = sorted((spoilt.out / "maps").glob("*.svg"))
    assert len(paths) > 10
    for path in paths:
        for item in ET.parse(path).iter():  # noqa: S314 - whether it is sound is the question
            name = item.tag.rpartition("}")[2]
            assert name in {
                "svg", "g", "path", "defs", "clipPath", "rect", "use", "style", "metadata", "RDF",
                "Work", "type", "format", "creator", "Agent", "title", "pattern", "image",
            }, (path.name, name)  # fmt: skip
            for key, value in item.attrib.items():
                assert not key.startswith("on")
                if key.endswith("href"):
                    assert value.startswith(("#", "data:image/png;base64,"))
        assert "<!DOCTYPE x" not in re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"))


def test_styles_and_the_project_hold_words_only_as_words(spoilt):
    folder = spoilt.out / "gis"
    with zipfile.ZipFile(folder / "atlas.qgz") as archive:
        texts = [archive.read("atlas.qgs").decode("utf-8")]
    texts += [path.read_text(encoding="utf-8") for path in sorted(folder.glob("styles/*"))]
    with closing(sqlite3.connect(folder / "atlas.gpkg")) as base:
        for qml, sld in base.execute("SELECT styleQML, styleSLD FROM layer_styles"):
            texts += [qml, sld]
    assert len(texts) > 50
    tags = set()
    for text in texts:
        root = ET.fromstring(text.partition("\n")[2])  # noqa: S314 - whether it is sound is the question
        tags |= {item.tag.rpartition("}")[2] for item in root.iter()}
        said = {value for item in root.iter() for value in (item.text, *item.attrib.values())}
        # Expressions run: words of users must not be in them.
        asked = {item.get("filter", "") for item in root.iter("rule")}
        assert not [
            each for each in asked if any(sign in each for sign in "(@$[{") and " IN (" not in each
        ]
        assert "http://evil.example" not in " ".join(asked)
        assert said
    assert not tags & {"script", "img", "svg", "a", "iframe", "object", "embed", "style", "b"}


def test_pictures_carry_no_text(spoilt):
    for path in (spoilt.out / "maps").glob("*.png"):
        data = path.read_bytes()
        assert not [kind for kind in (b"tEXt", b"iTXt", b"zTXt") if kind in data], path.name


def test_records_are_json_with_the_literal_text(spoilt):
    record = json.loads((spoilt.out / "manifest.json").read_text(encoding="utf-8"))
    assert [profile["title"]["en"] for profile in record["profiles"]] == [f"{ALL} en"] * 2
    assert record["settings"]["approval_number"] == WRITABLE[0]
    assert {path.name for path in spoilt.profiles.values()} <= {x["path"] for x in record["inputs"]}


def test_no_name_leads_out_of_the_folder(spoilt):
    inside = {path.resolve() for path in spoilt.out.rglob("*")}
    assert all(path.is_relative_to(spoilt.out.resolve()) for path in inside)
    clean = re.compile(r"[a-z0-9_.-]+", re.ASCII)
    assert all(clean.fullmatch(path.name) for path in inside), [path.name for path in inside]
    with pytest.raises(InputError):
        load_profile("../../" * 8 + "etc/passwd")


# What is refused, and the terminal


@pytest.mark.parametrize("payload", [x for x in PAYLOADS if STEERING.search(x)])
@pytest.mark.parametrize("place", ["title", "indicator"])
def test_profiles_refuse_what_steers(payload, place):
    data = hostile_profile("city")
    texts = data["title"] if place == "title" else data["indicator"][0]["name"]
    texts["zh"] = payload
    source = toml(data).replace("\x7f", "\\u007f").encode()
    with pytest.raises(InputError) as caught:
        parse_profile(source, file="mine.toml")
    assert [problem.code for problem in caught.value.problems] == ["profile.value"]
    for lang in LANGUAGES:
        said = caught.value.describe(lang)
        assert "U+" in said
        assert not STEERING.search(said)


def test_configurations_refuse_what_steers(tmp_path):
    path = tmp_path / "suanli.toml"
    path.write_text(toml({"approval_number": "a\x1b[2J", "city": {"profile": "a\x00b"}}))
    with pytest.raises(InputError) as caught:
        load_config(path)
    assert len(caught.value.problems) == 2
    assert not STEERING.search(caught.value.describe("zh"))


def commands(spoilt, tmp_path):
    """Command lines with payloads wherever a word is free."""
    table = tmp_path / "a.csv"
    lines = [
        "代码,名称,年份,地区生产总值（亿元）",
        *(f'110000,"{x.replace(chr(34), chr(34) * 2)}",2023,1' for x in PAYLOADS),
    ]
    table.write_text("\n".join(lines).replace("\0", ""), encoding="utf-8")
    city = str(spoilt.profiles["city"])
    yield ["score", "--profile", city]
    yield ["score", "--profile", city, "--json"]
    yield ["score", "--profile", "city-compute", "--data", str(table)]
    yield ["diagnose", "--profile", city]
    for payload in (*PAYLOADS[::6], *(x for x in PAYLOADS if STEERING.search(x))):
        yield [payload]
        yield ["score", "--profile", payload]
        yield ["score", f"--{payload}"]
        yield ["check", "--config", f"{payload}.toml"]


def left(*arguments):
    """Run a command line and return its exit code."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return caught.value.code


def test_the_terminal_is_not_steered(spoilt, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    codes = Counter()
    for arguments in commands(spoilt, tmp_path):
        codes[left(*arguments, "--lang", "en")] += 1
        out, err = capsys.readouterr()
        assert not STEERING.search(out + err), (arguments, (out + err)[:300])
        (out + err).encode()
        assert "Traceback" not in err
        if "--json" in arguments:
            assert json.loads(out)
    assert set(codes) <= {0, 1, 2}, codes


def test_names_of_files_that_are_no_text(tmp_path, capsys):
    """Archives packed on other systems leave names that are no UTF-8."""
    path = tmp_path / "\udccb\udce3.csv"
    try:
        path.write_text("代码,年份,没有这一列\n110000,2023,1\n", encoding="utf-8")
    except OSError:
        pytest.skip("this file system refuses such names")
    assert left("score", "--profile", "city-compute", "--data", str(path)) == 1
    said = capsys.readouterr().err
    said.encode()
    assert "\\udccb" in said
    record = Manifest(
        seed=1, settings={"data": str(path)}, profiles=[], outputs=[], join={}, warnings=[],
        inputs=[file_record(path, base=tmp_path)], times={},
    )  # fmt: skip
    record.write(tmp_path / "manifest.json")
    assert json.loads((tmp_path / "manifest.json").read_bytes())["inputs"][0]["path"] == path.name
    write_findings([taken_in(path)], tmp_path / "report", text=Text("zh"))
    assert "U+DCCB" in (tmp_path / "report" / "findings.html").read_text(encoding="utf-8")
