"""``suanli export``: chosen layers, columns and formats; nothing else is written or lost."""

import hashlib
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import ExportError
from geo.export.rfc7946 import check_geojson
from suanli.cli import main
from suanli.errors import InputError
from suanli.publish.gis_layers import LAYERS, export_layer, layer_fields
from suanli.publish.package import FORMATS, Selection, refuse_selection, write_selection
from suanli.run import RunConfig
from suanli.run.exporting import selection
from suanli.run.sample import sample_edition
from suanli.run.whole import publish_selection
from suanli.text import LANGUAGES

COUNTS = {"province": 34, "city": 372, "hubs": 14, "rings": 84, "lines": 4}


@pytest.fixture
def call(capsys):
    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


@pytest.fixture(scope="module")
def every(tmp_path_factory) -> Path:
    """Every layer in every format."""
    pytest.importorskip("pyarrow")
    folder = tmp_path_factory.mktemp("every")
    write_selection(sample_edition("zh"), folder, Selection(formats=tuple(FORMATS)))
    return folder


def read(folder: Path, name: str, kind: str) -> gpd.GeoDataFrame:
    if kind == "parquet":
        return gpd.read_parquet(folder / f"{name}.parquet")
    if kind == "gpkg":
        return pyogrio.read_dataframe(folder / "atlas.gpkg", layer=name)
    return pyogrio.read_dataframe(folder / f"{name}{FORMATS[kind]}")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_comes_back_from_every_format(every, name: str, kind: str) -> None:
    frame = read(every, name, kind)
    expected = export_layer(sample_edition("zh"), name).frame
    assert len(frame) == COUNTS[name]
    assert frame.crs.to_epsg() == 4326
    if kind == "kml":
        # KML has no field of its own for a code: it stands in the extended data.
        text = (every / f"{name}.kml").read_text(encoding="utf-8")
        assert all(f">{code}</SimpleData>" in text for code in expected.index.astype(str))
        return
    label = "id" if kind == "geojson" else "code"
    frame = frame.set_index(label).sort_index()
    assert list(frame.index) == sorted(expected.index.astype(str))
    shapes = expected.set_axis(expected.index.astype(str)).geometry.reindex(frame.index)
    # GeoJSON keeps five decimals.
    assert (shapely.hausdorff_distance(frame.geometry, shapes) < 1e-4).all()
    if name == "city" and kind != "shp":
        pd.testing.assert_series_equal(
            frame["index"].astype(float),
            expected["index"].reindex(frame.index),
            check_index_type=False,
            check_names=False,
        )


def test_every_layer_of_the_package_opens_styled(every) -> None:
    with closing(sqlite3.connect(every / "atlas.gpkg")) as base:
        first = base.execute("select f_table_name from layer_styles where useAsDefault").fetchall()
    assert sorted(name for (name,) in first) == sorted(LAYERS)


def test_the_same_choice_gives_the_same_bytes(every, tmp_path) -> None:
    write_selection(sample_edition("zh"), tmp_path, Selection(formats=tuple(FORMATS)))
    names = sorted(path.name for path in every.iterdir())
    assert len(names) == 5 * 5 + 2
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        assert (every / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_geojson_of_every_layer_keeps_rfc_7946_and_says_what_it_is(every) -> None:
    for name in LAYERS:
        assert check_geojson(every / f"{name}.geojson") == []
        root = json.loads((every / f"{name}.geojson").read_text(encoding="utf-8"))
        ids = [each["id"] for each in root["features"]]
        # Programs that drop the member id keep the property.
        assert [each["properties"]["code"] for each in root["features"]] == ids
        assert "code" in {row["key"] for row in root["metadata"]["fields"]}
        assert ids == sorted(ids)
        assert all(isinstance(code, str) for code in ids)
        keys = {"layer", "title", "run", "software", "boundaries", "approval_number", "approval"}
        assert keys | {"reference_system", "fields"} <= set(root["metadata"])
        if name in {"province", "city"}:
            assert {"profile", "year", "method_sha256"} <= set(root["metadata"])


def test_geoparquet_says_its_version_and_where_its_rows_lie(every) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    for name in LAYERS:
        schema = parquet.read_schema(every / f"{name}.parquet")
        geo = json.loads(schema.metadata[b"geo"])
        assert geo["version"] == "1.1.0"
        column = geo["columns"][geo["primary_column"]]
        assert column["encoding"] == "WKB"
        assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
        assert column["crs"]["id"] == {"authority": "EPSG", "code": 4326}
        table = parquet.read_table(every / f"{name}.parquet").to_pandas()
        assert list(table["code"]) == sorted(table["code"])


def test_a_shapefile_brings_its_dictionary(every) -> None:
    with zipfile.ZipFile(every / "city.shp.zip") as archive:
        assert archive.read("city.cpg") == b"UTF-8"
        table = pd.read_csv(io.BytesIO(archive.read("字段说明.csv")), encoding="utf-8-sig")
    frame = read(every, "city", "shp")
    assert table["key"].to_list() == list(frame.columns.drop("geometry"))
    assert max(map(len, table["key"])) <= 10
    assert table["title_zh"].notna().all()
    assert frame["name"].isin(sample_edition("zh").unit_names("city")).all()


def test_kml_holds_chinese_names(every) -> None:
    text = (every / "hubs.kml").read_bytes()
    assert text.startswith(b'<?xml version="1.0" encoding="utf-8" ?>')
    assert "<name>张家口市</name>" in text.decode("utf-8")


@pytest.mark.parametrize("name", LAYERS)
def test_columns_are_known_before_anything_is_tested(name: str) -> None:
    edition = sample_edition("zh")
    layer = export_layer(edition, name)
    assert layer_fields(edition, name) == (layer.code, *layer.fields)


def test_columns_are_chosen_and_names_stay(tmp_path) -> None:
    chosen = Selection(
        formats=("geojson", "gpkg"), levels=("city", "rings"), columns=("index", "evaluated")
    )
    write_selection(sample_edition("zh"), tmp_path, chosen)
    root = json.loads((tmp_path / "city.geojson").read_text(encoding="utf-8"))
    assert list(root["features"][0]["properties"]) == ["code", "name", "evaluated", "index"]
    kept = ["code", "name", "evaluated", "index"]
    assert [row["key"] for row in root["metadata"]["fields"]] == kept
    rings = json.loads((tmp_path / "rings.geojson").read_text(encoding="utf-8"))
    assert list(rings["features"][0]["properties"]) == ["code", "name"]
    # Only styles that can be drawn by what is left go along.
    with closing(sqlite3.connect(tmp_path / "atlas.gpkg")) as base:
        styles = base.execute("select description from layer_styles").fetchall()
    assert styles == [("city_index",), ("rings",)]
    table = pd.read_csv(tmp_path / "fields.csv", encoding="utf-8-sig")
    told = list(zip(table["layer"], table["key"], strict=True))
    assert told == [*(("city", key) for key in kept), ("rings", "code"), ("rings", "name")]
    # One row per layer and field: the code of a circle is no code of a division.
    codes = table.loc[table["key"] == "code", "description"]
    assert codes.nunique() == 2


def test_unknown_columns_are_refused_with_the_nearest() -> None:
    edition = sample_edition("zh")
    with pytest.raises(InputError) as refused:
        refuse_selection(edition, Selection(levels=("city",), columns=("idnex", "index", "~")))
    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["export.unknown_column_close", "export.unknown_column"]
    assert "index" in refused.value.problems[0].params["close"]
    refuse_selection(edition, Selection(columns=("latency_ms", "code")))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_column_of_another_layer_is_said_to_be_there(call, tmp_path, lang) -> None:
    """Provinces have a dimension that cities lack; nothing like `imputed` is meant."""
    edition = sample_edition("zh")
    refuse_selection(edition, Selection(levels=("province", "city"), columns=("compute",)))
    command = ("export", "--format", "shp", "--level", "city", "--columns", "index,compute")
    code, out, err = call(*command, "--out", tmp_path, "--lang", lang)
    assert (code, out) == (1, "")
    assert "province" in err
    assert "mean imputed" not in err
    assert "为 imputed" not in err
    # What could be asked for instead is listed.
    assert all(field.key in err for field in layer_fields(edition, "city"))
    assert not (tmp_path / "export").exists()


@pytest.mark.parametrize("given", ["", " ", ",", "，"])
def test_no_columns_are_not_all_columns(call, tmp_path, given: str) -> None:
    command = ("export", "--level", "city", "--columns", given, "--out", tmp_path, "--lang", "en")
    code, out, err = call(*command)
    assert (code, out) == (1, "")
    assert "names no column" in err
    assert list(tmp_path.iterdir()) == []


def test_parquet_without_its_package_is_refused_before_the_work(call, tmp_path, monkeypatch):
    monkeypatch.setattr("geo.export.vector.importlib.util.find_spec", lambda _: None)
    with pytest.raises(ExportError) as refused:
        refuse_selection(sample_edition("zh"), Selection(formats=("parquet",)))
    assert refused.value.code == "export.no_parquet"
    code, out, err = call("export", "--format", "parquet", "--level", "hubs", "--out", tmp_path)
    assert (code, out) == (1, "")
    assert "pip install suanli-atlas[parquet]" in err
    assert not (tmp_path / "export").exists()


def test_a_choice_is_put_beside_the_package_and_recorded(call, tmp_path) -> None:
    (tmp_path / "gis").mkdir()
    (tmp_path / "gis" / "mine.txt").write_text("keep")
    arguments = ("--level", "hubs", "--level", "lines", "--out", tmp_path, "--lang", "en")
    code, out, err = call("export", "--format", "kml", "--format", "fgb", *arguments)
    assert (code, err) == (0, "")
    files = ["fields.csv", "hubs.fgb", "hubs.kml", "lines.fgb", "lines.kml"]
    assert out.splitlines()[:5] == [f"export/{name}" for name in files]
    assert "choose UTF-8 on import" in out
    assert "tell units by code" in out
    (tmp_path / "export" / "mine.txt").write_text("keep")
    code, out, _ = call("export", "--format", "shp", *arguments, "--json")
    found = json.loads(out)
    files = ["fields.csv", "hubs.shp.zip", "lines.shp.zip"]
    assert found["written"] == [f"export/{name}" for name in files]
    assert len(found["notes"]) == 1
    # What the earlier choice wrote is gone, what others put there is not.
    assert sorted(path.name for path in (tmp_path / "export").iterdir()) == [
        "fields.csv", "hubs.shp.zip", "lines.shp.zip", "mine.txt",
    ]  # fmt: skip
    assert (tmp_path / "gis" / "mine.txt").read_text() == "keep"
    record = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    for item in record["outputs"]:
        data = (tmp_path / item["path"]).read_bytes()
        assert item["sha256"] == hashlib.sha256(data).hexdigest()
    assert [item["path"] for item in record["outputs"]] == found["written"]


def test_a_choice_that_fails_leaves_the_earlier_one(tmp_path, monkeypatch) -> None:
    config = RunConfig(out=tmp_path)
    chosen = Selection(formats=("kml", "fgb"), levels=("hubs",))
    publish_selection(config, chosen)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def broken(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("suanli.publish.package.write_field_dictionary", broken)
    with pytest.raises(OSError, match="No space"):
        publish_selection(config, Selection(formats=("shp",), levels=("hubs",)))
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_columns_can_be_listed(call) -> None:
    code, out, _ = call("export", "--list-columns", "--level", "rings", "--lang", "en")
    assert code == 0
    assert "distance_km" in out
    assert "index_rank" not in out
    code, out, _ = call("export", "--list-columns", "--json")
    rows = json.loads(out)["columns"]
    assert {"index", "lisa_p_fdr", "latency_ms", "start_area"} <= {row["key"] for row in rows}
    layers = {(row["key"], row["title_en"]): row["layers"] for row in rows}
    assert layers["name", "Name"] == "province, city"
    assert layers["name", "City at the centre"] == "rings"
    assert layers["code", "Code of the circle"] == "rings"
    # The index of cities is not that of provinces.
    assert {layer for (key, _), layer in layers.items() if key == "index"} == {"province", "city"}
    assert all(row["title_zh"] and row["title_en"] and row["description"] for row in rows)


def test_options_are_bound_as_they_are_written() -> None:
    chosen = selection(["fgb", "fgb"], ["city"], ["index，demand、 lisa_p", "index"])
    assert chosen == Selection(
        formats=("fgb",), levels=("city",), columns=("index", "demand", "lisa_p")
    )
    assert selection([], None, []) is None


@pytest.mark.parametrize("option", [("--format", "dxf"), ("--level", "county")])
def test_what_is_no_format_or_layer_is_wrong_usage(call, option) -> None:
    code, out, err = call("export", *option, "--lang", "en")
    assert (code, out) == (2, "")
    assert option[0] in err
