"""The report says what the results allow, in both languages, and nothing else."""

import ast
import copy
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import suanli.report
from suanli.profile import ROOT, load_profile, parse_profile, replace_spec
from suanli.publish.measures import unit_text
from suanli.report.abstract import abstract
from suanli.report.chapters import report_of
from suanli.report.city import city
from suanli.report.clusters import clusters
from suanli.report.dimension import dimension
from suanli.report.document import (
    Bullets,
    Document,
    Note,
    Paragraph,
    Picture,
    Reference,
    Section,
    Table,
    labels,
    pieces,
)
from suanli.report.gap import gap
from suanli.report.hubs import hubs
from suanli.report.leading import leaders, leaders_said, leaders_table
from suanli.report.numerals import number, percent, signed, span, tidied
from suanli.report.overall import overall
from suanli.report.robustness import robustness
from suanli.run.sample import sample_edition
from suanli.study import Study
from suanli.text import LANGUAGES, Text

LANGS = ("zh", "en")
NOWHERE = Path("nowhere")
MESSAGES = Path(suanli.report.__file__).parents[1] / "messages"

# A system of its own: other dimensions than the shipped one, one year, one part without a part.
OWN = """
id = "own"
level = "province"
year = 2023
title = { zh = "自有方案", en = "A profile of one's own" }
note = { zh = "自有方案的说明。", en = "What to know about it." }
[method]
weight = "equal"
aggregate = "geometric"
lower = 1.0
[[dimension]]
id = "power_supply"
name = { zh = "电力", en = "Power" }
[[dimension]]
id = "links"
name = { zh = "网络", en = "Links" }
[[indicator]]
id = "power_generation"
parent = "power_supply"
name = { zh = "发电量", en = "Electricity generated" }
unit = "亿千瓦时"
direction = "up"
transform = "log"
status = "proxy"
source = "S03"
reason = "For the test."
[[indicator]]
id = "fibre_length"
parent = "links"
name = { zh = "光缆线路长度", en = "Length of optical cable" }
unit = "公里"
direction = "up"
status = "reported"
source = "S03"
reason = "For the test."
[[indicator]]
id = "broadband_ports"
parent = "links"
name = { zh = "互联网宽带接入端口", en = "Broadband access ports" }
unit = "万个"
direction = "up"
status = "reported"
source = "S03"
reason = "For the test."
"""


@pytest.fixture(scope="module")
def editions():
    """One study told in both languages."""
    english = sample_edition("en")
    return {"en": english, "zh": replace(english, text=Text("zh"))}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Every figure a run could draw, empty: only their names count here."""
    folder = tmp_path_factory.mktemp("maps")
    levels = ("province", "city")
    stems = [f"{x}-{y}" for x in levels for y in ("index", "top10", "ranks", "moran", "lisa")]
    for node in ("compute", "storage", "network", "environment"):
        stems += [f"province-{node}", f"province-{node}-top10"]
    stems += ["province-dimensions", "province-leaders", "province-bivariate", "province-years"]
    stems += ["city-evidence", "city-hot-spots", "city-hub-rings", "city-hub-bands", "gap"]
    stems += ["city-hub-events-telecom-revenue", "city-hub-events-gdp-per-head"]
    for stem in stems:
        (folder / f"{stem}.png").touch()
    return folder


@pytest.fixture(scope="module")
def reports(editions, pictures):
    return {lang: report_of(edition, pictures=pictures) for lang, edition in editions.items()}


def with_study(edition, **parts):
    """The edition with some of its results replaced, the others as they are."""
    edition.study.province_ranks  # noqa: B018 - computed before it is copied
    study = copy.copy(edition.study)
    study.__dict__.update(parts)
    return replace(edition, study=study)


def sections(parts) -> Iterator[Section]:
    for part in parts:
        yield part
        yield from sections(part.sections)


def blocks(part) -> list:
    if isinstance(part, Document):
        found = [*part.abstract]
        return found + [block for one in sections(part.sections) for block in one.blocks]
    return [block for one in sections([part]) for block in one.blocks]


def texts(block) -> list[str]:
    if isinstance(block, Paragraph | Note):
        return [block.text]
    if isinstance(block, Bullets):
        return list(block.items)
    if isinstance(block, Picture):
        return [block.caption, block.alt]
    heads = [column.title for column in block.columns]
    return [block.caption, block.note, *heads, *(cell for row in block.rows for cell in row)]


def plain(text: str) -> str:
    return "".join("#" if isinstance(part, Reference) else part for part in pieces(text))


def words(part) -> str:
    return "\n".join(plain(text) for block in blocks(part) for text in texts(block))


# The document as a whole


@pytest.mark.parametrize("lang", LANGS)
def test_every_reference_resolves(reports, lang):
    report = reports[lang]
    known = labels(report, picture="{number}", table="{number}")
    pointed = [
        piece.key
        for block in blocks(report)
        for text in texts(block)
        for piece in pieces(text)
        if isinstance(piece, Reference)
    ]
    assert pointed
    assert set(pointed) <= set(known)
    keys = [one.key for one in sections(report.sections)]
    assert len(keys) == len(set(keys))
    assert all(key.isascii() for key in [*keys, *known])


@pytest.mark.parametrize("lang", LANGS)
def test_every_table_and_picture_of_results_is_pointed_to(reports, lang):
    report = reports[lang]
    pointed = {
        piece.key
        for block in blocks(report)
        for text in texts(block)
        for piece in pieces(text)
        if isinstance(piece, Reference)
    }
    known = set(labels(report, picture="{number}", table="{number}"))
    assert known - pointed <= {"table-groups", "table-record", "table-moran"}


@pytest.mark.parametrize("lang", LANGS)
def test_tables_are_whole_and_pictures_described(reports, lang):
    for block in blocks(reports[lang]):
        if isinstance(block, Table):
            assert block.rows
            assert {len(row) for row in block.rows} == {len(block.columns)}
        if isinstance(block, Picture):
            assert block.alt
            assert block.caption
            assert block.path.is_file()
    assert not any(isinstance(block, Picture | Table) for block in reports[lang].abstract)


WRONG = re.compile(
    r"[{}]|\bnan\b|\bNone\b(?! of)|\binf\b|[-−+]0(?:\.0+)?(?![\d.])|。。|，，|、、|；；|\.\.|,,"
    r"|[，、；][。，、；]|。[，、；]|（）|\(\)|  | [,.;]|[\u4e00-\u9fff][,;](?![\d])|: \.|：。"
)


@pytest.mark.parametrize("lang", LANGS)
def test_no_sentence_is_broken(reports, lang):
    report = reports[lang]
    said = [report.title, report.subtitle, *(word for fact in report.facts for word in fact)]
    said += [one.title for one in sections(report.sections)]
    said += [
        plain(text)
        for block in blocks(report)
        # Titles and licences of sources are the sources' own words.
        if getattr(block, "key", "") != "table-sources"
        for text in texts(block)
    ]
    assert [text for text in said if WRONG.search(text)] == []
    ends = {"zh": "。：", "en": ".:"}[lang]
    for block in blocks(report):
        if isinstance(block, Paragraph | Note | Bullets):
            for text in texts(block):
                assert plain(text).rstrip()[-1] in ends, text


def test_the_check_of_sentences_can_fail():
    broken = ("a {name}", "nan", "p = nan", "−0.00 points", "，。", "到。，", "no () there", "a  b")
    assert all(WRONG.search(text) for text in broken)
    assert not WRONG.search("None of 8, −0.5 to +0.12, Hunan, 10.0")


def figures(text: str, names: list[str]) -> Counter:
    for name in names:
        text = text.replace(name, " ")
    return Counter(re.findall(r"[−+]?\d+(?:,\d{3})*(?:\.\d+)?", text))


def test_both_languages_give_the_same_numbers(editions, reports):
    names = {}
    for lang, edition in editions.items():
        specs = [edition.study.province.spec, edition.study.city.spec]
        specs += [load_profile(f"{spec.id}-physical") for spec in specs]
        items = [item for spec in specs for item in spec.indicator]
        found = {edition.text.of(item.name.model_dump()) for item in items}
        found |= {name[:1].lower() + name[1:] for name in found}
        found |= {unit_text(item.unit, edition.text) for item in items if len(item.unit) > 1}
        names[lang] = sorted(
            (name for name in found if re.search(r"\d|[A-Za-z]{2}", name)), key=len
        )[::-1]
    pairs = list(zip(blocks(reports["zh"]), blocks(reports["en"]), strict=True))
    assert len(pairs) > 60
    compared = 0
    for chinese, english in pairs:
        assert type(chinese) is type(english)
        assert getattr(chinese, "key", "") == getattr(english, "key", "")
        for one, other in zip(texts(chinese), texts(english), strict=True):
            mine, theirs = figures(plain(one), names["zh"]), figures(plain(other), names["en"])
            assert mine == theirs, (one, other)
            compared += mine.total()
    assert compared > 3000
    for one, other in zip(reports["zh"].facts, reports["en"].facts, strict=True):
        assert figures(one[1], []) == figures(other[1], [])


@pytest.mark.parametrize("lang", LANGS)
def test_the_index_is_nobody_elses(editions, reports, lang):
    beware = plain(reports[lang].abstract[-1].text)
    assert isinstance(reports[lang].abstract[-1], Note)
    told = {
        "zh": ("不是中国信息通信研究院", "台湾、香港、澳门", "不评分"),
        "en": ("not the comprehensive computing power index of CAICT", "Taiwan"),
    }
    assert all(said in beware for said in told[lang])
    assert 3 <= len(reports[lang].abstract[0].items) <= 8
    facts = dict(reports[lang].facts)
    label = Text(lang)("report.fact.approval")
    assert not re.search(r"\d", facts[label])
    numbered = replace(editions[lang], approval_number="GS(2099)9999号")
    assert dict(report_of_facts(numbered))[label] == "GS(2099)9999号"


def report_of_facts(edition):
    from suanli.report.chapters import _facts

    return tuple(_facts(edition))


def test_dimensions_are_chapters_with_map_chart_and_table(reports):
    chapters = {one.key: one for one in reports["zh"].sections}
    for node in ("compute", "storage", "network", "environment"):
        keys = [
            block.key for block in blocks(chapters[f"dimension-{node}"]) if hasattr(block, "key")
        ]
        assert keys == [
            f"figure-province-{node}",
            f"table-province-{node}-top",
            f"figure-province-{node}-top10",
        ]
    assert list(chapters)[-1] == "appendix"


def test_every_score_stands_in_the_appendix(editions, reports):
    tables = {b.key: b for b in blocks(reports["zh"]) if isinstance(b, Table)}
    edition = editions["zh"]
    for level, count in (("province", 31), ("city", 337)):
        rows = tables[f"table-scores-{level}"].rows
        assert len(rows) == count
        scores, names = edition.scores(level), edition.unit_names(level)
        given = {row[1]: row[2] for row in rows}
        for code in scores.index.index[:20]:
            assert given[names[code]] == number(scores.index[code])


def test_every_indicator_has_its_status_and_its_source(editions, reports):
    tables = {b.key: b for b in blocks(reports["en"]) if isinstance(b, Table)}
    known = {row[0] for row in tables["table-sources"].rows}
    for level in ("province", "city"):
        rows = tables[f"table-status-{level}"].rows
        spec = editions["en"].scores(level).spec
        assert [row[0] for row in rows] == [item.name.en for item in spec.indicator]
        assert {row[2] for row in rows} <= {"published", "computed", "proxy", "assumption"}
        assert {one for row in rows for one in row[4].split(", ")} <= known


# Pictures that are missing


def test_a_missing_picture_goes_with_its_references(editions, pictures, tmp_path):
    edition = editions["zh"]
    bare = overall(edition, NOWHERE)
    assert not any(isinstance(block, Picture) for block in blocks(bare))
    pointed = [
        p for b in blocks(bare) for t in texts(b) for p in pieces(t) if isinstance(p, Reference)
    ]
    assert {one.key for one in pointed} == {
        block.key for block in blocks(bare) if isinstance(block, Table)
    }
    assert "（见）" not in words(bare)
    (tmp_path / "province-index.png").touch()
    some = [block.key for block in blocks(overall(edition, tmp_path)) if isinstance(block, Picture)]
    assert some == ["figure-province-index"]


# What is not significant


def quiet(pattern):
    """A pattern without any cluster."""
    return replace(
        pattern,
        moran=replace(pattern.moran, p_permutation=0.41),
        local=pattern.local.assign(cluster="ns", p_fdr=0.9),
        hotspots=pattern.hotspots.assign(cluster="ns"),
        fdr_reachable=True,
    )


@pytest.mark.parametrize(
    ("lang", "claims", "says"),
    [
        ("zh", ("显著集聚（", "显著相间分布"), ("空间集聚不显著", "没有显著的局部集聚")),
        (
            "en",
            ("Like scores lie together", "Unlike"),
            ("no significant spatial clustering", "None of"),
        ),
    ],
)
def test_no_clustering_is_claimed_where_none_is_found(editions, pictures, lang, claims, says):
    study = editions[lang].study
    edition = with_study(
        editions[lang],
        province_pattern=quiet(study.province_pattern),
        city_pattern=quiet(study.city_pattern),
        sensitivity=study.sensitivity.assign(p=0.6),
    )
    chapter = clusters(edition, pictures)
    brief = "\n".join(plain(text) for block in abstract(edition) for text in texts(block))
    for said in (words(chapter), brief):
        assert all(said.count(one) >= 2 for one in says)
        assert not any(one in said for one in claims)
    keys = [block.key for block in blocks(chapter) if isinstance(block, Table)]
    assert keys == ["table-moran", "table-moran-weights"]
    found = {"zh": "显著集聚 0 种，显著相间 0 种，不显著 8 种", "en": "8 nothing significant"}[lang]
    assert words(chapter).count(found) == 2


def test_too_few_permutations_are_no_finding(editions):
    study = editions["zh"].study
    pattern = replace(quiet(study.city_pattern), fdr_reachable=False)
    edition = with_study(
        editions["zh"], province_pattern=quiet(study.province_pattern), city_pattern=pattern
    )
    assert "置换 99 次不足以下此结论" in words(clusters(edition, NOWHERE))


@pytest.mark.parametrize("lang", LANGS)
def test_an_insignificant_gap_and_trend_are_called_so(editions, lang):
    found = editions[lang].study.gap
    flat = replace(
        found,
        years=found.years.assign(difference_lower=-5.0, difference_upper=25.0, between_p=0.4),
        trend=found.trend.assign(direction="insignificant", lower=-1.0, upper=1.0, slope=-0.001),
    )
    edition = with_study(editions[lang], gap=flat)
    said = words(tidied(gap(edition, NOWHERE)))
    brief = "\n".join(text for block in abstract(edition) for text in texts(block))
    wanted = {
        "zh": ("东部显著领先的口径 0 种，西部显著领先的 0 种，不显著的 4 种",
               "显著扩大的 0 种，显著缩小的 0 种，变化不显著的 4 种"),
        "en": ("The east leads significantly under 0 of them, the west under 0; under 4 the gap",
               "widened significantly under 0 of 4 definitions, narrowed significantly under 0"),
    }[lang]  # fmt: skip
    for one in wanted:
        assert one in said
        assert one in brief
    none = {"zh": "都不显著高于随机分组", "en": "By none of 4 definitions"}[lang]
    assert none in said
    assert none in brief
    assert "-0.00" not in said
    index = next(
        b for b in blocks(gap(edition, NOWHERE)) if getattr(b, "key", "") == "table-gap-index"
    )
    assert {row[-1] for row in index.rows} == {Text(lang)("front.verdict_insignificant")}


def rings(result, *, p, difference=2.0):
    return replace(result, rings=result.rings.assign(p=p, difference=difference, expected=1.0))


@pytest.mark.parametrize(
    ("strict", "loose", "difference", "kind"),
    [
        (0.3, 0.4, 2.0, "none"),
        (0.3, 0.01, 2.0, "size"),
        (0.01, 0.01, 2.0, "higher"),
        (0.01, 0.3, -2.0, "lower"),
        (float("nan"), float("nan"), 2.0, "none"),
    ],
)
def test_an_effect_of_hubs_needs_the_strict_test(editions, strict, loose, difference, kind):
    study = editions["zh"].study
    edition = with_study(
        editions["zh"],
        hubs=rings(study.hubs, p=loose, difference=difference),
        hubs_by_size=rings(study.hubs_by_size, p=strict, difference=difference),
    )
    chapter = hubs(edition, NOWHERE)
    verdict = next(b for b in blocks(chapter) if isinstance(b, Paragraph) and "重抽" in b.text)
    claims = {"higher": "邻市得分显著高于随机水平", "lower": "邻市得分显著低于随机水平"}
    for name, claim in claims.items():
        assert (claim in verdict.text) == (name == kind)
    if kind in ("none", "size"):
        assert "本报告不作枢纽带动" in verdict.text
        assert "80% 的把握" in verdict.text
    else:
        assert "这是相关，不是因果" in verdict.text
    assert not re.search(r"\bnan\b", words(chapter))
    brief = "\n".join(text for block in abstract(edition) for text in texts(block))
    assert (claims.get(kind, "本报告不作枢纽带动")) in brief


def test_hub_cities_were_chosen(editions):
    study = editions["en"].study
    said = "may reflect what they had when they were chosen"
    higher = with_study(editions["en"], hubs_by_size=rings(study.hubs_by_size, p=0.01))
    assert said in words(hubs(higher, NOWHERE))
    alike = with_study(
        editions["en"],
        hubs=rings(study.hubs, p=0.5),
        hubs_by_size=rings(study.hubs_by_size, p=0.5),
    )
    assert said not in words(hubs(alike, NOWHERE))


def moved(edition, code, places):
    """The edition where a province stood elsewhere the year before."""
    panel = dict(edition.study.panel)
    before = sorted(panel)[-2]
    ranks = panel[before].ranks.copy()
    ranks.loc[code, ROOT] = panel[max(panel)].ranks.loc[code, ROOT] + places
    panel[before] = replace(panel[before], ranks=ranks)
    return with_study(edition, panel=panel)


def test_a_change_of_rank_is_judged_by_its_interval(editions):
    edition = editions["en"]
    ranks = edition.study.province_ranks.of(ROOT)
    width = ranks["high"] - ranks["low"]
    panel = edition.study.panel
    same = with_study(edition, panel={**panel, max(panel) - 1: panel[max(panel)]})
    calm = words(overall(same, NOWHERE))
    assert "moved up is 0, of those that moved down 0, of those unchanged 31" in calm
    assert "should be read as progress" not in calm
    last = panel[max(panel)].ranks[ROOT].reindex(ranks.index)
    fits = last.between(ranks["low"], ranks["high"]) & width.lt(8) & ranks["rank"].gt(10)
    sure = fits.index[fits][0]
    within = words(overall(moved(same, sure, 0.0), NOWHERE))
    assert "lies outside" not in within
    told = words(overall(moved(same, sure, float(width[sure] + 1)), NOWHERE))
    name = edition.unit_names("province", short=True)[sure]
    assert f"The earlier rank of {name} (1 province) lies outside the rank interval" in told
    neighbour = ranks.index[(ranks["rank"] > 3) & (ranks["high"] > ranks["rank"] + 1)][0]
    small = words(overall(moved(same, neighbour, 1.0), NOWHERE))
    assert "Not a single change leaves its rank interval" in small


def test_a_rank_far_from_its_median_is_named(editions):
    edition = editions["en"]
    ranks = edition.study.province_ranks
    third = ranks.of(ROOT).index[2]
    mine = ranks.table["node"].eq(ROOT) & ranks.table["code"].eq(third)
    far = replace(ranks, table=ranks.table.assign(median=ranks.table["median"].mask(mine, 11.0)))
    name = edition.unit_names("province", short=True)[third]
    told = f"{name} (rank 3, median 11)"
    assert told in words(robustness(with_study(edition, province_ranks=far), NOWHERE))
    near = replace(ranks, table=ranks.table.assign(median=ranks.table["rank"]))
    provinces = robustness(with_study(edition, province_ranks=near), NOWHERE).sections[0]
    assert "from the median of the evaluations" not in words(provinces)


@pytest.mark.parametrize("lang", LANGS)
def test_a_profile_without_doubt_boasts_no_certainty(editions, lang):
    edition = editions[lang]
    scores = edition.study.province
    fixed = {"weights": {"distribution": "fixed"}, "choice": [], "omit": 0.0}
    sure = replace(scores, spec=replace_spec(scores.spec, uncertainty=fixed))
    told = abstract(with_study(edition, province=sure))[0].items[0]
    assert Text(lang)("report.background.drawn_nothing") in told
    assert "%" not in told


# Ties


def tied(edition, *, level="province", node=ROOT, places=(10, 11)):
    """The edition where units at two places have the same score."""
    scores = edition.scores(level)
    order = scores.nodes[node].dropna().sort_values(ascending=False, kind="stable")
    first, last = places
    nodes, ranks = scores.nodes.copy(), scores.ranks.copy()
    nodes.loc[order.index[first - 1 : last], node] = order.iloc[first - 1]
    ranks[node] = nodes[node].rank(ascending=False, method="min")
    changed = replace(scores, nodes=nodes, ranks=ranks)
    return with_study(edition, **{level: changed}), list(order.index[first - 1 : last])


@pytest.mark.parametrize("lang", LANGS)
def test_a_tie_at_the_tenth_place_is_told(editions, lang):
    edition, codes = tied(editions[lang])
    names = edition.unit_names("province", short=True)
    made, said = leaders_table(edition, "province", ROOT)
    assert len(made.rows) == 11
    assert [row[0] for row in made.rows[-2:]] == ["10", "10"]
    if lang == "zh":
        assert "并列第 10 名" in said
        assert "共 11 个" in said
    else:
        assert "share rank 10" in said
        assert "11 in all" in said
    assert all(names[code] in said for code in codes)
    assert said in words(overall(edition, NOWHERE))


def test_a_long_tie_is_counted_instead_of_listed(editions):
    edition, codes = tied(editions["zh"], places=(9, 31))
    made, said = leaders_table(edition, "province", ROOT)
    assert len(made.rows) == 8
    assert f"另有 {len(codes)} 个单元并列第 9 名" in said


def test_a_tie_among_the_first_is_no_order(editions):
    edition, _ = tied(editions["zh"], places=(1, 2))
    said = leaders_said(edition, "province", ROOT)
    assert "前三名" not in said
    assert len(leaders(edition, "province", ROOT, k=3)) == 3
    assert "并列第 1 名" in leaders_table(edition, "province", ROOT)[1]
    hub = leaders_said(editions["zh"], "city", "layout", intervals=False)
    assert hub == "枢纽布局居前的有并列第 1 的 14 个单元。"


# Profiles of one's own, and dimensions without scores


@pytest.fixture(scope="module")
def own(editions):
    spec = parse_profile(OWN.encode(), file="own.toml")
    study = editions["en"].study
    mine = Study(
        boundaries=study.boundaries,
        catalogue=study.catalogue,
        specs=(spec, study.specs[1]),
        settings=study.settings,
    )
    # What rests on cities alone is the same.
    for part in ("city", "city_tested", "city_ranks", "city_pattern", "city_described", "hubs",
                 "hubs_by_size", "hub_study"):  # fmt: skip
        mine.__dict__[part] = getattr(study, part)
    return {lang: replace(edition, study=mine) for lang, edition in editions.items()}


@pytest.mark.parametrize("lang", LANGS)
def test_chapters_follow_the_profile(own, pictures, lang):
    report = report_of(own[lang], pictures=pictures)
    keys = [one.key for one in report.sections]
    assert keys[2:4] == ["dimension-power-supply", "dimension-links"]
    assert not any(key.startswith("dimension-") for key in keys[4:])
    labels(report, picture="{number}", table="{number}")
    said = words(report)
    assert not WRONG.search("\n".join(t for b in report.abstract for t in texts(b)))
    # A study of one year knows no trend and no change.
    for word in {"zh": ("显著扩大", "显著缩小", "名次前移", "省际差异缩小"),
                 "en": ("widened significantly", "moved up", "spread between")}[lang]:  # fmt: skip
        assert word not in said
    once = {"zh": "只有 1 年的数据，不判断趋势。", "en": "There is only 1 year of data"}[lang]
    assert said.count(once) == 2
    one_year = {"zh": "只评价 2023 年一年的数据", "en": "the single year 2023"}[lang]
    assert one_year in said
    split = {"zh": "不能精确分解到指标", "en": "cannot be split exactly"}[lang]
    assert split in said
    shipped = {"zh": "设计时已知这些榜单", "en": "designed with these lists known"}[lang]
    assert shipped not in said


def test_a_profile_of_its_own_gives_equal_numbers(own, pictures):
    chinese, english = (overall(own[lang], pictures) for lang in LANGS)
    for one, other in zip(blocks(chinese), blocks(english), strict=True):
        for mine, theirs in zip(texts(one), texts(other), strict=True):
            assert figures(plain(mine), []) == figures(plain(theirs), [])


def without_scores(edition, node, codes=None):
    scores = edition.study.province
    nodes, ranks = scores.nodes.copy(), scores.ranks.copy()
    nodes.loc[codes if codes is not None else nodes.index, node] = np.nan
    ranks[node] = nodes[node].rank(ascending=False, method="min")
    return with_study(edition, province=replace(scores, nodes=nodes, ranks=ranks))


@pytest.mark.parametrize("lang", LANGS)
def test_a_dimension_nobody_has_says_so(editions, pictures, lang):
    edition = without_scores(editions[lang], "storage")
    chapter = dimension(edition, pictures, node="storage")
    assert all(isinstance(block, Paragraph) for block in chapter.blocks)
    assert {"zh": "没有单元得到评分", "en": "no unit has a score"}[lang] in words(chapter)
    for made in (overall(edition, pictures), *abstract(edition)):
        said = words(made) if isinstance(made, Section) else "\n".join(texts(made))
        assert not WRONG.search(said)


def test_provinces_without_a_score_are_named(editions):
    codes = ["540000", "650000"]
    edition = without_scores(editions["zh"], "network", codes)
    assert "西藏、新疆数据不足，没有该维度得分。" in words(
        dimension(edition, NOWHERE, node="network")
    )
    made, _ = leaders_table(edition, "province", "network")
    assert not {"西藏自治区", "新疆维吾尔自治区"} & {row[1] for row in made.rows}


def test_cities_without_a_score_are_named(editions):
    assert "三沙数据不足，没有评分。" in words(city(editions["zh"], NOWHERE))


# Figures


def test_figures_are_rounded_alike_and_zero_has_no_sign(editions):
    assert [number(-0.004), signed(0.001), signed(-0.004), signed(-1.25, 1)] == [
        "0.00", "0.00", "0.00", "−1.2",
    ]  # fmt: skip
    assert [percent(0.9999), percent(0.0001), percent(0.5)] == [">99%", "<1%", "50%"]
    assert span(editions["en"], 2.5, 4.0) == "2.5–4"
    assert tidied(("-0.00", "10-0.5", "−0.0%", "+0.00 to")) == ("0.00", "10-0.5", "0.0%", "0.00 to")


# The catalogue of sentences


def keys_said() -> list[re.Pattern]:
    found = []
    for path in Path(suanli.report.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(re.compile(re.escape(node.value)))
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9_]+"
                    for part in node.values
                ]
                if "".join(parts) != "[a-z0-9_]+":
                    found.append(re.compile("".join(parts)))
    return found


def flat(node, prefix="") -> Iterator[str]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_is_left_unsaid(lang):
    path = MESSAGES / lang / "report.toml"
    keys = list(flat(tomllib.loads(path.read_text(encoding="utf-8"))))
    patterns = keys_said()
    bare = {key.removesuffix("_one") for key in keys}
    # The singular stands beside its plural.
    assert {
        key for key in keys if key.endswith("_one") and key.removesuffix("_one") not in keys
    } == set()
    # The English package holds documents of others too: briefs, for example.
    mine = {key for key in bare if not any(pattern.fullmatch(key) for pattern in patterns)}
    assert mine == set()


def test_the_same_edition_gives_the_same_report(editions, reports):
    again = report_of(editions["en"], pictures=NOWHERE)
    bare = [b for b in blocks(reports["en"]) if isinstance(b, Table)]
    assert [b for b in blocks(again) if isinstance(b, Table)] == bare


def test_figures_agree_with_the_tables_of_the_run(editions, reports):
    edition = editions["en"]
    table = next(b for b in blocks(reports["en"]) if getattr(b, "key", "") == "table-gap-index")
    years = edition.study.gap.years
    rows = years[years["node"].eq(ROOT) & years["year"].eq(max(edition.study.panel))]
    assert [row[1] for row in table.rows] == [f"{value:.2f}" for value in rows["difference"]]
    ranks = next(
        b for b in blocks(reports["en"]) if getattr(b, "key", "") == "table-province-index-top"
    )
    best = edition.study.province.index.sort_values(ascending=False).head(10)
    assert [row[2] for row in ranks.rows] == [number(value) for value in best]
    moran = next(b for b in blocks(reports["en"]) if getattr(b, "key", "") == "table-moran")
    assert moran.rows[0][3] == tidied(f"{edition.study.province_pattern.moran.statistic:.3f}")
    assert pd.notna(edition.study.province_pattern.moran.p_permutation)
