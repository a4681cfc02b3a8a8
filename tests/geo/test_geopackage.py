"""GeoPackages re-read by GDAL and SQLite."""

import contextlib
import sqlite3
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import ExportError
from geo.export import Field, write_geopackage

FIELDS = [Field(key="score", title_zh="得分", title_en="Score", unit="分")]


def layer() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": ["乙市", "=cmd"],
            "score": [np.nan, 61.25],
            "rank": pd.array([None, 1], dtype="Int64"),
        },
        geometry=[
            shapely.MultiPolygon([shapely.box(110, 20, 111, 21), shapely.box(112, 20, 113, 21)]),
            shapely.box(100, 30, 104, 33),
        ],
        index=["420500", "110000"],
        crs="EPSG:4326",
    )


def write(path):
    write_geopackage(
        path,
        {"城市": layer(), "province": layer().to_crs("EPSG:3857")},
        fields={"城市": FIELDS, "province": FIELDS},
        metadata={"title": "示例"},
    )


def test_layers_and_tables_come_back(tmp_path):
    path = tmp_path / "a.gpkg"
    write(path)
    assert {n for n, _ in pyogrio.list_layers(path)} == {
        "城市",
        "province",
        "field_dictionary",
        "metadata",
    }
    back = pyogrio.read_dataframe(path, layer="城市")
    assert back["code"].to_list() == ["110000", "420500"]
    assert back["name"].to_list() == ["=cmd", "乙市"]
    assert back["score"].isna().to_list() == [False, True]
    assert back.crs == "EPSG:4326"
    assert set(back.geom_type) == {"MultiPolygon"}
    assert shapely.equals(back.geometry[0], shapely.MultiPolygon([layer().geometry["110000"]]))
    assert pyogrio.read_dataframe(path, layer="province").crs == "EPSG:3857"
    dictionary = pyogrio.read_dataframe(path, layer="field_dictionary", read_geometry=False)
    assert dictionary["layer"].to_list() == ["城市", "province"]
    assert dictionary["title_zh"].to_list() == ["得分", "得分"]


def test_it_is_version_1_2_and_whole(tmp_path):
    path = tmp_path / "a.gpkg"
    write(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA user_version").fetchone() == (10200,)
        kinds = dict(connection.execute("SELECT table_name, data_type FROM gpkg_contents"))
        assert kinds == {
            "城市": "features",
            "province": "features",
            "field_dictionary": "attributes",
            "metadata": "attributes",
        }


def test_same_layers_same_bytes_whatever_the_clock(tmp_path):
    first, second = tmp_path / "a.gpkg", tmp_path / "b.gpkg"
    write(first)
    time.sleep(1.1)  # the clock in gpkg_contents counts whole seconds
    write(second)
    assert first.read_bytes() == second.read_bytes()
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.gpkg"
    write(path)
    before = path.read_bytes()
    spoilt = layer()
    spoilt["bad"] = [{"a": 1}, object()]
    with pytest.raises(ExportError) as caught:
        write_geopackage(path, {"x": spoilt})
    assert caught.value.code == "export.bad_value"
    with pytest.raises(pyogrio.errors.DataLayerError):
        write_geopackage(path, {"good": layer(), "": layer()})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]


def test_refusals(tmp_path):
    good = layer()
    cases = {
        "export.empty": {},
        "export.no_crs": {"a": good.set_crs(None, allow_override=True)},
        "export.repeated_label": {"a": pd.concat([good, good])},
        "export.repeated_layer": {"a": good, "A": good},
    }
    for code, layers in cases.items():
        with pytest.raises(ExportError) as caught:
            write_geopackage(tmp_path / "x.gpkg", layers)
        assert caught.value.code == code
    with pytest.raises(ExportError) as caught:
        write_geopackage(tmp_path / "x.gpkg", {"Metadata": good}, metadata={"a": "b"})
    assert caught.value.code == "export.repeated_layer"
    assert list(tmp_path.iterdir()) == []


def test_a_text_with_a_null_character_is_not_cut(tmp_path):
    box = shapely.box(110, 30, 111, 31)
    layer = gpd.GeoDataFrame(
        {"name": ["a\0b", "c"], "note": [None, "d"]},
        geometry=[box, box],
        index=["1", "2"],
        crs=4326,
    )
    write_geopackage(tmp_path / "a.gpkg", {"units": layer}, metadata={"title": "x\0y"})
    back = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="units")
    assert back["name"].to_list() == ["a\ufffdb", "c"]
    assert back["note"].isna().to_list() == [True, False]
    told = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="metadata")
    assert told["value"].to_list() == ["x\ufffdy"]
