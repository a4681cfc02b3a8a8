"""Briefs of units: what they say, that they fit on one page, and the command that writes them."""

import json
import re
from dataclasses import replace

import docx
import pytest

from suanli.cli import main
from suanli.diagnostics.strengths import strengths, top_and_bottom
from suanli.errors import InputError
from suanli.intake import IndicatorTable
from suanli.profile import ROOT
from suanli.report.brief import brief_of
from suanli.report.document import Bullets, Paragraph, Table
from suanli.report.files import EVERY_FORMAT, write_brief
from suanli.report.pdf import write_pdf
from suanli.report.upwards import upward_sentences
from suanli.robustness.limits import PLAUSIBLE_TIMES
from suanli.run import reporting
from suanli.run.config import RunConfig
from suanli.study import scored_table
from suanli.text import LANGUAGES, Text

# First, last, in the middle, one that lacks a figure, one with the longest names.
SEVERAL = ("440000", "540000", "140000", "650000")


@pytest.fixture(scope="module")
def editions(atlas):
    return {lang: replace(atlas.result.edition, text=Text(lang)) for lang in LANGUAGES}


def said(brief):
    """Every text of a brief by section; cells of tables joined."""
    found = {}
    for section in brief.sections:
        texts = []
        for block in section.blocks:
            if isinstance(block, Paragraph):
                texts.append(block.text)
            elif isinstance(block, Bullets):
                texts += block.items
            elif isinstance(block, Table):
                texts += [" | ".join(row) for row in block.rows]
        found[section.key] = texts
    return found


def pages(path):
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", path.read_bytes()))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", SEVERAL)
def test_ranks_are_those_of_the_study(editions, lang, code):
    edition = editions[lang]
    scores, intervals = edition.scores("province"), edition.ranks("province")
    table = next(s for s in brief_of(edition, "province", code).sections).blocks[0]
    nodes = edition.nodes("province")
    assert len(table.rows) == len(nodes)
    first = min(edition.study.panel)
    for node, row in zip(nodes, table.rows, strict=True):
        found = intervals.of(node).loc[code]
        assert row[1] == f"{scores.nodes[node][code]:.1f}"
        assert row[3] == str(int(scores.ranks[node][code]))
        assert row[4] == f"{int(found['low'])}–{int(found['high'])}"
        assert row[5] == str(int(edition.study.panel[first].ranks[node][code]))


def test_strengths_are_those_with_the_greatest_effects(editions):
    edition = editions["zh"]
    told = said(brief_of(edition, "province", "140000"))["strengths"]
    picked = top_and_bottom(strengths(edition.scores("province")), "140000", k=3)
    names = {i.id: i.name.zh for i in edition.scores("province").spec.indicator}
    assert [row.split(" | ")[1] for row in told] == [names[key] for key in picked["indicator"]]


def test_what_is_not_significant_is_called_that(editions):
    edition = editions["en"]
    local = edition.study.province_pattern.local.set_index("code")
    for code in SEVERAL:
        told = said(brief_of(edition, "province", code))["around"][1]
        assert ("not significant" in told) == (local["cluster"][code] == "ns"), code


def test_clusters_of_cities_are_named(editions):
    edition = editions["en"]
    local = edition.study.city_pattern.local.set_index("code")
    significant = local.index[local["cluster"].isin(["HH", "LL"])][:1]
    assert len(significant) == 1
    kind = {"HH": "high-high", "LL": "low-low"}[local["cluster"][significant[0]]]
    told = said(brief_of(edition, "city", significant[0]))["around"][1]
    assert told.startswith(f"Local cluster: {kind}, significant")


def test_the_way_up_keeps_its_word(editions):
    """Put into the data, the figures a brief asks for give the rank it promises."""
    from suanli.evaluation import evaluate

    edition = editions["en"]
    spec, code = edition.scores("province").spec, "140000"
    before = int(edition.scores("province").ranks[ROOT][code])
    (told,) = [s for s in upward_sentences(edition, "province", code, deep=True)
               if s.startswith("By data")]  # fmt: skip
    assert told.endswith(f"that gives rank {before - 1}.")
    known = edition.catalogue.indicators
    known = known[known["level"] == "province"].set_index("name_en")["indicator"]
    table = scored_table(edition.catalogue.province, edition.boundaries.province)
    cells = table.cells.copy()
    steps = re.findall(r"([A-Z][\w .&-]+) \([^)]*\) [\d,.]+→([\d,.]*\d)", told)
    assert steps
    for name, end in steps:
        mine = (cells["code"] == code) & (cells["indicator"] == known[name.strip()])
        mine &= cells["year"] == spec.year
        assert mine.sum() == 1
        cells.loc[mine, "value"] = float(end.replace(",", ""))
    after = evaluate(IndicatorTable(cells=cells), spec).ranks[ROOT][code]
    assert after == before - 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_ways_beyond_the_range_are_not_told_as_ways(editions, lang):
    """Xizang would have to raise a figure forty-fold: no way, and no such number."""
    told = upward_sentences(editions[lang], "province", "540000", deep=False)
    data = next(line for line in told if line.startswith(("改数据", "By data")))
    assert {"zh": "没有办法", "en": "there is no way"}[lang] in data
    assert "→" not in " ".join(told)
    # What the range is stands below, by the number the search uses.
    assert {"zh": "不超过现值的 3 倍", "en": "at most 3 times the value now"}[lang] in told[-1]
    for code in SEVERAL:
        for line in upward_sentences(editions[lang], "province", code, deep=False):
            changes = [int(found) for found in re.findall(r"\+(\d+)%", line)]
            assert max(changes, default=0) <= 100 * (PLAUSIBLE_TIMES - 1), (code, line)
            assert "现实" not in line
            assert "realis" not in line


def test_ranks_by_the_scale_of_all_years_are_told_for_dimensions_too(editions):
    """The table and the change over the years rest on two scales: 山西 is 14 and 16 in 算力."""
    edition = editions["zh"]
    panel = edition.study.panel
    last = max(panel)
    differing = 0
    for code in SEVERAL:
        sections = {s.key: s for s in brief_of(edition, "province", code).sections}
        note = sections["scores"].blocks[0].note
        years = sections["years"].blocks[0].text
        for node in edition.nodes("province"):
            rank = int(panel[last].ranks[node][code])
            name = edition.node_name("province", node)
            assert re.search(rf"{name} {rank}[、。]", note)
            if node != ROOT:
                assert re.search(rf"{name} \S+ 分，名次 \d+→{rank}\b", years)
            differing += rank != int(edition.scores("province").ranks[node][code])
    assert differing > 0


def test_the_first_has_nothing_above_and_no_neighbour_below_is_invented(editions):
    edition = editions["zh"]
    index = edition.scores("province").index
    best = str(index.idxmax())
    told = said(brief_of(edition, "province", best))["upwards"]
    assert told[-1] == "已是第 1 名，无可再升。"
    assert told[0].startswith("领先后一名")


def test_a_unit_without_a_score_is_not_ranked(editions):
    edition = editions["zh"]
    index = edition.scores("city").index
    withheld = str(index.index[index.isna()][0])
    brief = brief_of(edition, "city", withheld)
    assert "不予给分" in brief.subtitle
    assert "upwards" not in said(brief)
    assert said(brief)["data"][0].startswith("10 项指标中缺")


def test_missing_values_are_named(editions):
    edition = editions["en"]
    told = said(brief_of(edition, "province", "540000"))["data"][0]
    assert told.startswith("1 of 26 indicators are missing: IT service revenue;")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_briefs_fit_on_one_page_of_pdf(editions, lang, tmp_path):
    pytest.importorskip("typst")
    for code in SEVERAL:
        path = tmp_path / f"{code}.pdf"
        write_pdf(brief_of(editions[lang], "province", code), Text(lang), path)
        assert pages(path) == 1, code


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_brief_fits_on_one_page_of_word(editions, to_pdf, request, lang, tmp_path):
    edition = editions[lang]
    every = list(edition.scores("province").index.index)
    codes = every if request.config.getoption("--runslow") else SEVERAL[:2]
    paths = []
    for code in codes:
        html, word = write_brief(edition, "province", code, tmp_path)
        assert html.stat().st_size < 500_000
        paths.append(word)
    made = to_pdf(paths, tmp_path)
    assert {path.name: pages(path) for path in made} == {path.name: 1 for path in made}


@pytest.fixture
def ask(atlas, monkeypatch, tmp_path):
    """Write briefs of the study that is there already instead of one's own."""
    edition = atlas.result.edition

    class Given:
        boundaries = edition.boundaries

    monkeypatch.setattr(reporting, "load_inputs", lambda _: Given)
    monkeypatch.setattr(reporting, "study_of", lambda *_, **__: None)
    monkeypatch.setattr(reporting, "edition_of", lambda *_: edition)

    def write(unit, **options):
        return reporting.report_files(RunConfig(out=tmp_path), unit=unit, **options)

    return write


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("山西省", "140000_山西省"),
        ("贵州", "520000_贵州省"),
        ("guizhou", "520000_贵州省"),
        ("Shaanxi", "610000_陕西省"),
        ("440100", "440100_广州市"),
        ("张家口", "130700_张家口市"),
        # A municipality is both: the province is meant.
        ("北京", "110000_北京市"),
    ],
)
def test_units_are_found_by_every_name(ask, tmp_path, unit, name):
    (path,) = ask(unit, formats=["docx"])
    assert path == tmp_path / "report" / "units" / f"{name}.docx"
    assert docx.Document(str(path)).paragraphs[0].style.name == "Title"


def test_the_level_can_be_said(ask):
    (path,) = ask("北京", level="city", formats=["html"])
    assert "城市算力" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        # A province and a city of one name; two cities of one pinyin; no unit; never scored.
        ("吉林", "diagnostics.ambiguous"),
        ("suzhou", "diagnostics.ambiguous"),
        ("火星", "diagnostics.unit_unknown"),
        ("台湾", "diagnostics.never_scored"),
    ],
)
def test_other_names_are_refused(ask, tmp_path, unit, code):
    with pytest.raises(InputError) as caught:
        ask(unit)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert not list(tmp_path.iterdir())


def test_a_wrong_format_is_refused_before_anything_is_read(tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        main(["report", "--format", "odt", "--out", str(tmp_path), "--lang", "en"])
    assert left.value.code == 1
    told = capsys.readouterr().err
    assert "cannot be written as odt, only as: html, docx, pdf" in told
    assert not list(tmp_path.iterdir())


def test_the_command_names_what_it_wrote(ask, atlas, tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        main(["report", "--unit", "贵州", "--out", str(tmp_path), "--json"])
    assert left.value.code == 0
    written = json.loads(capsys.readouterr().out)["written"]
    assert [path.rsplit(".", 1)[1] for path in written] == ["html", "docx"]


def test_every_format_is_written(ask):
    pytest.importorskip("typst")
    written = ask("贵州", formats=EVERY_FORMAT)
    assert [path.suffix for path in written] == [".html", ".docx", ".pdf"]
    assert pages(written[2]) == 1


def test_a_hostile_name_names_no_other_file(atlas, tmp_path):
    edition = atlas.result.edition
    layer = edition.boundaries.province
    name = "../../../../tmp/pwned\x00<b>"
    layers = replace(edition.boundaries, province=layer.assign(name=name, short_name=name))
    written = write_brief(replace(edition, boundaries=layers), "province", "520000", tmp_path)
    assert [path.name for path in written] == ["520000_tmp-pwned-b.html", "520000_tmp-pwned-b.docx"]
    assert "<b>" not in re.sub(r"<b>(注意：|图|表)", "", written[0].read_text(encoding="utf-8"))


def test_a_run_writes_the_report(atlas):
    folder = atlas.path / "report"
    assert {path.name for path in folder.iterdir()} == {"report.html", "report.docx"}
    assert (folder / "report.html").stat().st_size < 3_500_000
    front = (atlas.path / "maps" / "index.html").read_text(encoding="utf-8")
    assert 'href="../report/report.docx"' in front
    file = docx.Document(str(folder / "report.docx"))
    headings = [p.text for p in file.paragraphs if p.style.name == "Heading 1"]
    assert len(headings) >= 8
    assert len(file.inline_shapes) >= 10
    assert all(shape._inline.docPr.get("descr") for shape in file.inline_shapes)
