"""What a run writes for GIS programs, spreadsheets and print."""

import base64
import csv
import io
import json
import math
import re
import sqlite3
import xml.etree.ElementTree as ET
from dataclasses import replace
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from matplotlib.image import imread

from geo.cartography.font import missing_glyphs
from geo.export.rfc7946 import check_geojson
from suanli.profile import replace_spec
from suanli.publish import figures, finding, front, front_parts, score_charts, wording
from suanli.publish.edition import Edition
from suanli.publish.front import write_front
from suanli.publish.package import write_package
from suanli.publish.tables import all_tables, top_table, write_tables
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs, study_of
from suanli.run.summary import summary_lines
from suanli.run.whole import edition_of
from suanli.text import Text

COUNTS = {"province": 34, "city": 372}
LEVELS = tuple(COUNTS)
UNSCORED = ("710000", "810000", "820000")
AREAS = ("analysis", "common", "fields", "figures", "front", "maps")
FIGURES = 30
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module", params=LEVELS)
def level(request):
    return request.param


@pytest.fixture(scope="module")
def exported(atlas, level):
    return json.loads((atlas.path / "gis" / f"{level}.geojson").read_text(encoding="utf-8"))


def read(atlas, name):
    path = atlas.path / "tables" / f"{name}.csv"
    return pd.read_csv(path, dtype={"code": "str"}, encoding="utf-8-sig")


# GIS files


def test_geojson_keeps_rfc_7946(atlas, level, exported):
    path = atlas.path / "gis" / f"{level}.geojson"
    assert check_geojson(path) == []
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(NaN|Infinity)\b", text)
    assert "crs" not in exported
    shapes = [shapely.geometry.shape(each["geometry"]) for each in exported["features"]]
    box = shapely.total_bounds(shapes)
    np.testing.assert_allclose(exported["bbox"], box, atol=1e-9)
    assert 73 < box[0] < box[2] < 136
    assert 3 < box[1] < box[3] < 54
    for shape in shapes:
        for polygon in shapely.get_parts(shape):
            assert shapely.is_ccw(polygon.exterior)
            assert not any(shapely.is_ccw(hole) for hole in polygon.interiors)
    assert shapely.is_valid(shapes).all()


def test_geojson_holds_every_unit_once(atlas, level, exported):
    layer = atlas.result.edition.boundaries.layer(level)
    assert [each["id"] for each in exported["features"]] == sorted(layer.index)
    assert len(layer) == COUNTS[level]
    for each in exported["features"]:
        assert each["properties"]["name"] == layer["name"][each["id"]]


def test_drawn_units_outside_the_evaluation_have_no_score(atlas, level, exported):
    layer = atlas.result.edition.boundaries.layer(level)
    found = {each["id"]: each["properties"] for each in exported["features"]}
    nodes = atlas.result.edition.nodes(level)
    assert set(UNSCORED) <= set(layer.index[~layer["evaluated"]])
    for code in layer.index[~layer["evaluated"]]:
        assert found[code]["evaluated"] is False
        assert {found[code][f"{node}{end}"] for node in nodes for end in ("", "_rank")} == {None}
        assert found[code]["lisa_cluster"] is None
        assert found[code]["gi_cluster"] is None


def test_geojson_scores_are_those_of_the_study(atlas, level, exported):
    scores = atlas.result.edition.scores(level)
    found = pd.DataFrame({each["id"]: each["properties"] for each in exported["features"]}).T
    for node in scores.nodes:
        expected = scores.nodes[node].dropna()
        np.testing.assert_allclose(
            found.loc[expected.index, node].astype(float), expected, atol=1e-6
        )
        ranks = found.loc[expected.index, f"{node}_rank"].astype(int)
        assert ranks.to_list() == scores.ranks[node].reindex(expected.index).astype(int).to_list()


def test_geopackage_holds_the_same(atlas, level, exported):
    path = atlas.path / "gis" / "atlas.gpkg"
    layers = set(pyogrio.list_layers(path)[:, 0])
    tables = {"field_dictionary", "metadata", "layer_styles"}
    assert layers == {"province", "city", "hubs", "rings", "lines", *tables}
    notes = pyogrio.read_dataframe(path, layer="metadata").set_index("key")["value"]
    assert notes[f"{level}.profile"] == atlas.result.edition.scores(level).spec.id
    frame = gpd.read_file(path, layer=level)
    assert frame.crs.to_epsg() == 4326
    assert len(frame) == COUNTS[level]
    assert set(frame.geom_type) == {"MultiPolygon"}
    best = {each["id"]: each["properties"]["index"] for each in exported["features"]}
    values = frame.set_index("code")["index"]
    for code, value in best.items():
        assert (value is None) == math.isnan(values[code])
        assert value is None or values[code] == pytest.approx(value)
    assert len(gpd.read_file(path, layer="lines")) == len(atlas.result.edition.boundaries.lines)
    with sqlite3.connect(path) as base:
        assert base.execute("pragma integrity_check").fetchone() == ("ok",)
    base.close()


def test_fields_are_explained(atlas, level, exported):
    with (atlas.path / "gis" / "fields.csv").open(encoding="utf-8-sig", newline="") as stream:
        fields = {row["key"]: row for row in csv.DictReader(stream) if row["layer"] == level}
    used = set(exported["features"][0]["properties"])
    assert used <= set(fields)
    inside = {row["key"] for row in exported["metadata"]["fields"]}
    assert inside == used
    for key in used:
        assert fields[key]["title_zh"]
        assert fields[key]["title_en"]
        assert fields[key]["description"]


def test_a_key_is_explained_for_each_layer_by_itself(atlas):
    with (atlas.path / "gis" / "fields.csv").open(encoding="utf-8-sig", newline="") as stream:
        listed = list(csv.DictReader(stream))
    written = {(row["layer"], row["key"]): row for row in listed}
    assert len(written) == len(listed)
    assert {row["layer"] for row in listed} == {"province", "city", "hubs", "rings", "lines"}
    for name in LEVELS:
        path = atlas.path / "gis" / f"{name}.geojson"
        for row in json.loads(path.read_text(encoding="utf-8"))["metadata"]["fields"]:
            assert written[name, row["key"]] == {"layer": name, **row}
    titles = {name: written[name, "index"]["title_en"] for name in LEVELS}
    assert len(set(titles.values())) == len(LEVELS)
    package = pyogrio.read_dataframe(
        atlas.path / "gis" / "atlas.gpkg", layer="field_dictionary", read_geometry=False
    )
    assert list(zip(package["layer"], package["key"], strict=True)) == list(written)


# Tables


def test_score_table_equals_the_scores(atlas, level):
    scores = atlas.result.edition.scores(level)
    table = read(atlas, f"{level}_scores").set_index("code")
    assert set(table.index) == set(scores.index.index)
    for node in scores.nodes:
        np.testing.assert_allclose(table[node], scores.nodes[node].reindex(table.index), rtol=1e-12)
    index = table["index"].dropna()
    # min ranks, counted here by hand: one more than the number of better units
    by_hand = [(index > value).sum() + 1 for value in index]
    assert table.loc[index.index, "index_rank"].astype(int).to_list() == by_hand
    assert table["index_rank"].dropna().is_monotonic_increasing
    assert table["name"].notna().all()


def test_unscored_units_stand_last(atlas):
    table = read(atlas, "city_scores")
    assert table["index"].isna().to_list() == [False] * 336 + [True]
    assert table["name"].iloc[-1] == "三沙市"


def test_top_tables_follow_the_ranks(atlas):
    edition = atlas.result.edition
    names = edition.unit_names("province")
    for node in edition.nodes("province"):
        top = top_table(edition.study.province, names, node, ranks=edition.ranks("province"))
        assert len(top) == 10
        interval = edition.ranks("province").of(node).loc[top["code"]]
        assert top["low"].to_list() == interval["low"].to_list()
        assert top["high"].to_list() == interval["high"].to_list()
        assert top["rank"].to_list() == list(range(1, 11))
        assert top["score"].is_monotonic_decreasing
        assert (names.reindex(top["code"]).to_numpy() == top["name"].to_numpy()).all()


def test_no_top10_goes_without_its_interval(atlas):
    """Front page, map page, summary, tables and GIS files agree on the interval of a rank."""
    edition = atlas.result.edition
    first = edition.ranks("province").of("index").sort_values("rank").iloc[3]
    code, said = str(first.name), f"({first['low']:.0f}–{first['high']:.0f})"
    name = edition.unit_names("province", short=True)[code]
    front = (atlas.path / "maps" / "index.html").read_text(encoding="utf-8")
    (line,) = [x for x in front.splitlines() if f"<bdi>{name}</bdi>" in x and said in x][:1]
    assert f'<b>{first["score"]:.1f}</b><span class="interval">{said}</span>' in line
    assert any(f"4 {name} {first['score']:.1f} {said}" in li for li in summary_lines(atlas.result))
    row = read(atlas, "province_scores").set_index("code").loc[code]
    ends = [first["low"], first["high"]]
    assert [row["index_rank_low"], row["index_rank_high"]] == ends
    features = json.loads((atlas.path / "gis" / "province.geojson").read_text(encoding="utf-8"))
    feature = next(item for item in features["features"] if item["id"] == code)
    assert [feature["properties"][f"index_rank_{end}"] for end in ("low", "high")] == ends
    page = (atlas.path / "maps" / "province.html").read_text(encoding="utf-8")
    assert said[1:-1] in page


def test_every_csv_opens_as_text(atlas):
    found = sorted((atlas.path / "tables").glob("*.csv"))
    assert {path.stem for path in found} == {
        *all_tables(atlas.result.edition), "contents", "dictionary",
    }  # fmt: skip
    for path in found:
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, strict=True))
        assert len({len(row) for row in rows}) == 1, path.name
        assert len(set(rows[0])) == len(rows[0]), path.name
        for row in rows:
            for cell in row:
                risky = cell.startswith(("=", "+", "-", "@", "\t", "\r"))
                assert not risky or re.fullmatch(r"-\d+(\.\d+)?(e-?\d+)?", cell), (path.name, cell)


def test_hostile_names_are_no_formulas(atlas, tmp_path):
    edition = atlas.result.edition
    layer = edition.boundaries.province
    hostile = layer.assign(name=layer["name"].mask(layer.index == "110000", "=1+1"))
    write_tables(
        replace(edition, boundaries=replace(edition.boundaries, province=hostile)), tmp_path
    )
    text = (tmp_path / "province_scores.csv").read_text(encoding="utf-8-sig")
    assert "110000,'=1+1," in text


# Figures


def test_vector_figures_need_no_font(atlas):
    found = sorted((atlas.path / "maps").glob("*.svg"))
    assert len(found) == FIGURES
    for path in found:
        root = ET.parse(path).getroot()  # noqa: S314 - our own file
        assert root.tag == f"{SVG}svg"
        tags = {each.tag for each in root.iter()}
        assert f"{SVG}text" not in tags
        assert f"{SVG}script" not in tags
        assert f"{SVG}path" in tags


def test_raster_figures_are_for_print(atlas):
    found = sorted((atlas.path / "maps").glob("*.png"))
    assert len(found) == FIGURES
    for path in found:
        data = path.read_bytes()
        place = data.index(b"pHYs")
        across, down = (int.from_bytes(data[place + i : place + i + 4]) for i in (4, 8))
        assert across == down == round(300 / 0.0254)
        picture = imread(path)
        assert picture.shape[1] >= 2000
        assert picture[..., :3].std() > 0.02


def test_every_figure_can_be_drawn_in_english(atlas):
    edition = replace(atlas.result.edition, text=Text("en"))
    names = [name for name, _ in figures._figures(edition)]
    assert {f"{name}.png" for name in names} == {
        path.name for path in (atlas.path / "maps").glob("*.png")
    }


def test_every_sign_has_a_glyph(atlas):
    """The shipped font can write all that pages and figures say."""
    words = []
    for folder in (files("suanli") / "messages").iterdir():
        areas = (folder / f"{name}.toml" for name in AREAS)
        words += [area.read_text(encoding="utf-8") for area in areas]
    units = atlas.result.edition.boundaries.units
    words += [*units["name"], *units["short_name"], *units["name_en"]]
    words += [*atlas.result.edition.catalogue.published.astype(str).to_numpy().ravel()]
    for scores in (atlas.result.edition.study.province, atlas.result.edition.study.city):
        spec = scores.spec
        words += [spec.title.zh, spec.note.zh, *(name.zh for name in spec.names().values())]
    text = "".join(sign for sign in "".join(words) if sign.isprintable() and sign != " ")
    assert missing_glyphs(text) == ()


def test_package_is_written_whole_or_not_at_all(atlas, tmp_path, monkeypatch):
    edition = atlas.result.edition
    assert isinstance(edition, Edition)

    def broken(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("suanli.publish.package.write_geopackage", broken)
    with pytest.raises(OSError, match="No space"):
        write_package(edition, tmp_path)
    assert not (tmp_path / "atlas.gpkg").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city.geojson", "province.geojson"]


# A user's own profile


OWN = b"""
id = "own"
level = "%s"
year = 2022
title = { zh = "own", en = "own" }
note = { zh = "own", en = "own" }

[method]
weight = "equal"

[[dimension]]
id = "size"
name = { zh = "\xe8\xa7\x84\xe6\xa8\xa1", en = "Bulk" }

[[dimension]]
id = "reach"
name = { zh = "\xe7\xbd\x91\xe7\xbb\x9c", en = "Wires" }

[[indicator]]
id = "gdp"
parent = "size"
name = { zh = "GDP", en = "GDP" }
unit = "x"
direction = "up"
status = "reported"
source = "S1"
reason = "x"

[[indicator]]
id = "population"
parent = "reach"
name = { zh = "P", en = "P" }
unit = "x"
direction = "up"
status = "reported"
source = "S1"
reason = "x"
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """An edition by a small profile of our own, and its front page; nothing is excluded."""
    folder = tmp_path_factory.mktemp("own")
    paths = {}
    for name in LEVELS:
        paths[name] = folder / f"{name}.toml"
        paths[name].write_bytes(OWN % name.encode())
    config = RunConfig(
        permutations=99,
        redraws=99,
        lang="en",
        province={"profile": str(paths["province"])},
        city={"profile": str(paths["city"])},
    )
    inputs = load_inputs(config)
    edition = edition_of(inputs, study_of(inputs, config), config)
    return edition, write_front(edition, folder, ()).read_text(encoding="utf-8")


def test_front_page_of_another_profile_says_nothing_of_ours(own):
    edition, page = own
    # Pictures and fonts are letters too.
    page = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    assert "its dimensions (Bulk, Wires)" in page
    assert "province, 2022" in page
    assert "All siblings weigh the same" in page
    assert "0 are marked as proxies" in page
    for words in (
        "AHP",
        "atencies",
        "designed with these lists",
        "Tested scores hold",
        "base stations",
    ):
        assert words not in page
    assert "Points a year" not in page  # one year has no trend
    assert edition.tested_note("province") == edition.tested_note("city") == ""


def test_gap_of_one_year_is_drawn_as_bars_with_intervals(own, monkeypatch):
    edition, _ = own
    drawn = []
    bars = score_charts.draw_bars

    def spy(values, **options):
        drawn.append((values, options["interval"], options["text"]))
        return bars(values, **options)

    monkeypatch.setattr(score_charts, "draw_bars", spy)
    monkeypatch.setattr(score_charts, "draw_lines", None)
    score_charts.gap_chart(edition)
    ((values, interval, words),) = drawn
    assert len(values) == 4
    assert (interval["low"] <= values).all()
    assert (values <= interval["high"]).all()
    assert "2022" in words.subtitle
    assert "goalposts" not in words.subtitle
    assert words.notes == ("The hub list is that of 2022 whatever the year.",)


def test_a_small_profile_of_one_year_has_all_figures_it_can_have(own):
    edition, _ = own
    names = [name for name, _ in figures._figures(edition)]
    assert {"province-size", "province-reach", "province-bivariate", "province-dimensions"} < set(
        names
    )
    assert "province-years" not in names
    assert len(set(names)) == len(names)


def test_shipped_profiles_are_described_as_they_are(atlas):
    edition = replace(atlas.result.edition, text=Text("en"))
    notes = wording.gap_notes(edition)
    assert len(notes) == 2
    assert notes[0].startswith("5G base stations")
    assert "2019" in notes[0]
    assert "2017" in notes[0]
    assert "designed with these lists known" in wording.agreement_note(edition)
    assert any("AHP" in line for line in wording.caveats(edition))
    assert any("latencies" in line for line in wording.caveats(edition))
    note = edition.tested_note("city")
    excluded = [i for i in edition.study.city.spec.indicator if i.inference == "excluded"]
    assert excluded
    assert all(item.name.en in note for item in excluded)


def test_years_and_weights_that_differ_are_told_by_level(atlas):
    edition = replace(atlas.result.edition, text=Text("en"))
    study = edition.study
    spec = replace_spec(study.city.spec, year=2020, method={"weight": "equal"})
    changed = replace(edition, study=replace(study, specs=(study.specs[0], spec)))
    assert front._years(changed) == "provinces 2023, cities 2020"
    assert [row[2] for row in front_parts.evaluated(changed).rows] == ["2023", "2020"]
    lines = wording.caveats(changed)
    assert any(line.startswith("province:") and "AHP" in line for line in lines)
    assert any(line.startswith("prefecture city:") and "weigh the same" in line for line in lines)
    assert "designed" not in wording.agreement_note(changed)


def test_hub_page_tells_of_redrawn_sets(atlas):
    page = (atlas.path / "maps" / "hubs.html").read_text(encoding="utf-8")
    assert "重抽 199 组枢纽" in page
    assert "Benjamini" not in page


def test_front_tables_repeat_the_study(atlas):
    edition = atlas.result.edition
    gap, hubs = finding.gap_grid(edition), finding.hub_grid(edition)
    years = edition.study.gap.years
    last = years[years["node"].eq("index") & years["year"].eq(2023)]
    assert [row[1] for row in gap.rows] == [f"{x:.2f}" for x in last["difference"]]
    assert {len(row) for row in gap.rows} == {len(gap.head)} == {6}
    for row, result in zip(
        hubs.rows, (edition.study.hubs, edition.study.hubs_by_size), strict=True
    ):
        assert float(row[3]) == pytest.approx(result.rings.set_index("ring").loc[1, "p"], rel=0.05)
        assert float(row[6]) == pytest.approx(result.slope_p, rel=0.05)
    assert {len(row) for row in hubs.rows} == {len(hubs.head)}


def test_counts_are_whole_and_hubs_speak_the_language(atlas, exported, level, tmp_path):
    counts = [each["properties"]["imputed"] for each in exported["features"]]
    assert {type(count) for count in counts} == {int, type(None)}
    if level == "city":
        write_package(replace(atlas.result.edition, text=Text("en")), tmp_path)
        told = json.loads((tmp_path / "city.geojson").read_text(encoding="utf-8"))
        hubs = {each["properties"]["hub"] for each in told["features"]} - {None}
        assert hubs
        assert all(hub.isascii() for hub in hubs)


def test_images_of_the_front_page_keep_their_room(atlas):
    page = (atlas.path / "maps" / "index.html").read_text(encoding="utf-8")
    images = re.findall(r"<img [^>]*>", page)
    assert len(images) == 4 + FIGURES
    for image in images:
        found = re.search(r'src="data:[^,]+,([^"]+)".* width="(\d+)" height="(\d+)"', image)
        height, width = imread(io.BytesIO(base64.b64decode(found[1]))).shape[:2]
        assert (int(found[2]), int(found[3])) == (width, height)
