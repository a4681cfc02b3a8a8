"""Words, cards and figures behind the pages."""

import re
from dataclasses import fields, replace

import pandas as pd
import pytest
from PIL import Image

from geo.cartography.offline import check_offline
from geo.cartography.web_spec import PageText
from suanli.diagnostics.strengths import strengths, top_and_bottom
from suanli.publish.figure_titles import figure_title
from suanli.publish.front import write_front
from suanli.publish.front_files import downloads
from suanli.publish.front_parts import evaluated, points, rankings, sources
from suanli.publish.page_layers import cluster_layer, ring_layer, score_layer
from suanli.publish.panel_themes import year_themes
from suanli.publish.romanised import initials, search_words
from suanli.publish.thumbnails import thumbnail
from suanli.publish.unit_cards import neighbours_of, page_links, strong_and_weak, unit_cards
from suanli.text import LANGUAGES, Text


@pytest.fixture(scope="module")
def edition(atlas):
    return atlas.result.edition


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_of_a_page_is_spoken(lang):
    text = Text(lang)
    for item in fields(PageText):
        said = text(f"pages.word_{item.name}", year=2023, value="x", name="x", count="x")
        assert said
        # Where the default has a place for something, so has the sentence.
        for place in re.findall(r"\{(\w+)\}", item.default):
            kept = {"value": "v", "name": "n", "count": "c", place: f"{{{place}}}"}
            assert f"{{{place}}}" in text(f"pages.word_{item.name}", year=2023, **kept)


def test_every_unit_has_initials(edition):
    for level in ("province", "city"):
        units = edition.boundaries.layer(level)
        for code, row in units.iterrows():
            found = initials(row["pinyin"], len(row["short_name"]))
            assert found, (code, row["short_name"], row["pinyin"])
            assert all(len(cut) == len(row["short_name"]) for cut in found)
            assert all(cut[0] == row["pinyin"][0] for cut in found)


def test_initials_are_those_of_a_dictionary(edition):
    pypinyin = pytest.importorskip("pypinyin", reason="pypinyin is not installed")
    style = pypinyin.Style.NORMAL
    checked = 0
    for level in ("province", "city"):
        for _, row in edition.boundaries.layer(level).iterrows():
            syllables = pypinyin.lazy_pinyin(row["short_name"], style=style)
            if "".join(syllables) != row["pinyin"]:
                continue  # 陕西, and what a dictionary of words reads otherwise
            expected = "".join(syllable[0] for syllable in syllables)
            assert expected in initials(row["pinyin"], len(row["short_name"])), row["short_name"]
            checked += 1
    assert checked > 380


def test_names_that_read_two_ways():
    units = pd.DataFrame(
        {
            "name": ["重庆市", "西安市", "乌鲁木齐市"],
            "short_name": ["重庆", "西安", "乌鲁木齐"],
            "name_en": ["Chongqing", "Xi'an", "Ürümqi"],
            "pinyin": ["chongqing", "xian", "wulumuqi"],
        },
        index=["500000", "610100", "650100"],
    )
    found = search_words(units)
    assert found["500000"].split()[-1] == "cq"
    assert found["610100"].split()[2:] == ["xi'an", "xian", "xa"]
    assert {"urumqi", "wulumuqi", "wlmq"} <= {*found["650100"].split()}
    assert initials("xian", 1) == ("x",)
    assert initials("qwx", 2) == ()


@pytest.mark.parametrize("level", ["province", "city"])
def test_strengths_are_those_of_one_unit(edition, level):
    table = strengths(edition.scores(level))
    picked = strong_and_weak(table, 3)
    columns = ["indicator", "rank", "effect", "kind"]
    for code in sorted(set(table["code"]))[:: 1 if level == "province" else 23]:
        own = picked[picked["code"] == code].sort_values("kind", kind="stable")
        alone = top_and_bottom(table, code, k=3)
        pd.testing.assert_frame_equal(
            own[columns].reset_index(drop=True), alone[columns], check_like=True
        )


def test_cards_of_every_unit(edition):
    for level, page, count in (("province", "province", 34), ("city", "city", 372)):
        cards = unit_cards(edition, level, page)
        assert len(cards) == count
        scored = edition.scores(level).index.dropna().index
        assert all(len(cards[code].lists) == 2 for code in scored)
        assert cards["810000"].lists == ()
    assert all(card.lists == () for card in unit_cards(edition, "city", "hubs").values())


def test_links_between_levels(edition):
    def of(level, page, code):
        return [(x.page, x.anchor) for x in page_links(edition, level, page, code)]

    assert of("province", "province", "440000") == [("city.html", "in-440000")]
    assert of("province", "province", "110000") == [("city.html", "110000")]
    assert of("city", "city", "440100") == [("province.html", "440000")]
    assert of("city", "hubs", "440100") == [("city.html", "440100"), ("province.html", "440000")]
    assert of("city", "city", "110000") == [("province.html", "110000")]


def test_neighbours_are_mutual(edition):
    for level in ("province", "city"):
        found = neighbours_of(edition, level)
        assert all(code in found[other] for code, others in found.items() for other in others)
        assert all(code not in others for code, others in found.items())
    # 韶关、佛山、惠州、清远、东莞、中山
    around = {"440200", "440600", "441300", "441800", "441900", "442000"}
    assert set(found["440100"]) == around


def test_years_are_drawn_by_common_limits(edition):
    layer = score_layer(edition, "province", "index")
    assert [frame.label for frame in layer.frames] == [str(y) for y in sorted(edition.study.panel)]
    labels = {tuple(e.label for e in frame.theme.entries) for frame in layer.frames}
    assert len(labels) == 1
    for frame, scores in zip(layer.frames, edition.study.panel.values(), strict=True):
        assert frame.values is not None
        assert frame.values.equals(scores.nodes["index"])
    first, second = layer.frames[0], layer.frames[1]
    assert not [column for column in first.rows if "2015" in column]
    assert [column for column in second.rows if "2016" in column]
    single = replace(edition.study, specs=edition.study.specs)
    vars(single)["panel"] = {2023: edition.study.province}
    vars(single)["province"], vars(single)["province_ranks"] = (
        edition.study.province,
        edition.study.province_ranks,
    )
    assert score_layer(replace(edition, study=single), "province", "index").frames == ()


def test_slider_and_print_share_classes_and_labels(edition):
    for node in edition.nodes("province"):
        frames = score_layer(edition, "province", node).frames
        printed = year_themes(edition, node, sorted(edition.study.panel))
        for frame in frames:
            theme = printed[int(frame.label)]
            assert frame.theme.entries == theme.entries
            assert frame.theme.scheme == theme.scheme
            assert frame.theme.membership.equals(theme.membership)


def test_p_values_have_three_digits_that_count(edition):
    tested = edition.study.city_pattern.local.set_index("code")
    rows = cluster_layer(edition, "lisa").rows
    for head, column in (("maps.row_p", "p"), ("maps.row_p_fdr", "p_fdr")):
        said = rows[edition.text(head)].dropna()
        assert len(said) > 300
        for code, written in said.items():
            assert float(written) == pytest.approx(tested[column][code], rel=5e-3)
            assert len(written.replace(".", "").lstrip("0")) <= 3


def test_what_the_tables_of_pages_keep_is_numbers(edition):
    scores = edition.study.city
    layer = score_layer(edition, "city", "index")
    heads = [edition.text(key) for key in ("maps.row_rank", "pages.sheet_low", "pages.sheet_high")]
    for head in heads:
        assert pd.api.types.is_numeric_dtype(layer.sheet[head])
    low, rank, high = (layer.sheet[heads[at]] for at in (1, 0, 2))
    assert (low <= high).loc[rank.notna()].all()
    assert low[rank.isna()].isna().all()
    lacking = scores.dimensions.isna().any(axis=1) & scores.index.notna()
    assert set(layer.flagged) == set(scores.index.index[lacking])
    said = layer.sheet[edition.text("pages.row_lacking")]
    assert set(said.index[said != ""]) == set(layer.flagged)
    assert score_layer(edition, "city", "demand").flagged == ()


def test_rings_of_the_page_count_what_is_tested(edition):
    tested = edition.study.hubs.rings.set_index("ring")["n"]
    entries = ring_layer(edition).theme.entries
    for ring, n in tested.items():
        assert str(n) in entries[ring].label
    drawn = edition.study.hubs.membership.value_counts()
    assert [entry.count for entry in entries[:5]] == [drawn[ring] for ring in range(5)]


def test_pages_say_of_when_data_and_borders_are(atlas):
    for name in ("province", "city", "clusters", "hubs"):
        html = (atlas.path / "maps" / f"{name}.html").read_text(encoding="utf-8")
        assert "<p>数据年份：2023 年；边界资料版本：2025-09。</p>" in html


def test_units_without_a_score_have_no_rank_interval(edition):
    layer = score_layer(edition, "city", "index")
    missing = edition.study.city.index.isna()
    assert missing.any()
    assert layer.rows.loc[missing, "名次区间"].isna().all()
    assert layer.rows.loc[~missing, "名次区间"].notna().all()


def test_titles_of_figures(edition, atlas, tmp_path):
    titles = [figure_title(edition, path) for path in sorted((atlas.path / "maps").glob("*.png"))]
    assert len(set(titles)) == len(titles)
    assert all(re.search(r"[\u4e00-\u9fff]", title) for title in titles), titles
    drawing = tmp_path / "new-chart.svg"
    drawing.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><title> A &lt;new&gt; chart </title></svg>'
    )
    assert figure_title(edition, tmp_path / "new-chart.png") == "A <new> chart"
    drawing.write_text("<svg><title>broken")
    assert figure_title(edition, tmp_path / "new-chart.png") == "new chart"


def test_thumbnails_are_small_and_equal(atlas):
    path = atlas.path / "maps" / "province-index.png"
    one, two = thumbnail(path), thumbnail(path)
    assert one == two
    with Image.open(path) as picture:
        assert one.height == round(picture.height * 420 / picture.width)
    assert len(one.address) < 60_000


def test_front_page_says_what_was_evaluated(edition):
    rows = evaluated(edition).rows
    assert [row[0] for row in rows] == ["省级", "地级"]
    for row, level in zip(rows, ("province", "city"), strict=True):
        scores = edition.scores(level)
        assert row[3].startswith(str(int(scores.index.notna().sum())))
        counted = sum(int(number) for number in re.findall(r" (\d+)", row[4].partition("：")[2]))
        assert counted == len(scores.spec.indicator)
    used = sources(edition).rows
    cells = sum(int(row[1]) for row in used)
    tables = {"province": edition.catalogue.province, "city": edition.catalogue.city}
    assert cells == sum(
        int(table.cells["indicator"].isin(edition.scores(level).spec.inputs()).sum())
        for level, table in tables.items()
    )
    assert [ranking.leaders[0].share for ranking in rankings(edition)]
    said = dict(points(edition))
    assert len(said) == 4
    gap = edition.study.gap.years
    last = gap[gap["node"].eq("index") & gap["year"].eq(2023)]
    assert f"{last['difference'].max():.1f}" in said["东部与西部"]


def test_front_page_lists_tables_and_explorers(edition, tmp_path):
    maps, tables = tmp_path / "maps", tmp_path / "tables"
    maps.mkdir()
    tables.mkdir()
    (tables / "hub_decay.csv").write_text("a\n1\n")
    (tables / "own.csv").write_text("a\n1\n")
    (maps / "explorer-province.html").write_text("<title>探索</title>", encoding="utf-8")
    html = write_front(edition, maps, ()).read_text(encoding="utf-8")
    assert "../tables/hub_decay.csv" in html
    assert "own.csv" not in html
    assert 'href="explorer-province.html"' in html
    ((size, digest),) = {
        (file.size, file.digest) for file in downloads(maps, [("../tables/hub_decay.csv", "")])
    }
    assert size == "1 kB"
    assert digest in html
    assert write_front(edition, maps, ()).read_text(encoding="utf-8") == html


def test_pages_link_only_to_pages_beside_them(atlas):
    for name in ("province", "city", "clusters", "hubs"):
        html = (atlas.path / "maps" / f"{name}.html").read_text(encoding="utf-8")
        check_offline(html)
        # Beside the library, whose own link is never shown.
        links = re.findall(r'<a href="([^"]*)"', html.partition("<body>")[2])
        assert links
        for link in links:
            assert (atlas.path / "maps" / link).is_file(), link
