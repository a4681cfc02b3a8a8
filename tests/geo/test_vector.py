"""FlatGeobuf, GeoParquet, KML and Shapefile: read back, the same bytes, refusals."""

import io
import struct
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import ExportError
from geo.export import Field, write_layer
from geo.export.vector import FORMATS, short_keys

FIELDS = [
    Field(key=key, title_zh=key, title_en=key)
    for key in ("name", "score", "environment_rank", "environment_rank_low", "evaluated")
]


def layer() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": ["石家庄市", "=cmd|' /C calc'!A0"],
            "score": [np.nan, 61.25],
            "environment_rank": pd.array([None, 1], dtype="Int64"),
            "environment_rank_low": pd.array([None, 2], dtype="Int64"),
            "evaluated": [False, True],
            "left_out": ["x", "y"],
        },
        geometry=[shapely.box(110, 20, 111, 21), shapely.box(100, 30, 104, 33)],
        index=["420500", "110000"],
        crs="EPSG:4326",
    )


def read(path) -> gpd.GeoDataFrame:
    table = gpd.read_parquet(path) if path.suffix == ".parquet" else pyogrio.read_dataframe(path)
    return table.set_index("code").sort_index()


@pytest.mark.parametrize("ending", [name for name in FORMATS if name != ".kml"])
def test_layers_come_back_with_their_values(tmp_path, ending: str) -> None:
    if ending == ".parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"city{ending}"
    write_layer(layer().to_crs("EPSG:3857"), path, fields=FIELDS)
    back = read(path)
    keys = short_keys(["code", *(field.key for field in FIELDS)]) if ending == ".shp.zip" else {}
    assert list(back.columns) == [*(keys.get(f.key, f.key) for f in FIELDS), "geometry"]
    assert back.crs == "EPSG:4326"
    assert back["name"].to_dict() == layer()["name"].to_dict()
    assert back["score"].isna().to_dict() == {"110000": False, "420500": True}
    assert back["score"]["110000"] == 61.25
    assert back[keys.get("environment_rank_low", "environment_rank_low")]["110000"] == 2
    assert back["evaluated"].astype(bool).to_dict() == {"110000": True, "420500": False}
    for code, shape in layer().geometry.items():
        assert back.geometry[code].symmetric_difference(shape).area < 1e-9


def test_kml_names_its_units(tmp_path) -> None:
    path = tmp_path / "city.kml"
    write_layer(layer(), path, fields=FIELDS)
    text = path.read_text(encoding="utf-8")
    assert "<name>石家庄市</name>" in text
    assert text.count("<Placemark") == 2


@pytest.mark.parametrize("ending", list(FORMATS))
def test_the_same_layer_gives_the_same_bytes_whatever_the_order_and_day(
    tmp_path, ending: str
) -> None:
    if ending == ".parquet":
        pytest.importorskip("pyarrow")
    for name, frame in (("a", layer()), ("b", layer().iloc[::-1])):
        (tmp_path / name).mkdir()
        write_layer(frame, tmp_path / name / f"c{ending}", fields=FIELDS)
    first = (tmp_path / "a" / f"c{ending}").read_bytes()
    assert first == (tmp_path / "b" / f"c{ending}").read_bytes()
    if ending == ".shp.zip":
        with zipfile.ZipFile(io.BytesIO(first)) as archive:
            assert struct.unpack("<3B", archive.read("c.dbf")[1:4]) == (100, 1, 1)
            assert {item.date_time for item in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
            assert archive.read("c.cpg") == b"UTF-8"
            dictionary = archive.read("字段说明.csv").decode("utf-8-sig")
    else:
        return
    assert "environm_1" in dictionary
    assert "environment_rank_low" in dictionary


def test_short_keys_differ_in_more_than_case() -> None:
    keys = [f"Environment_{i}" for i in range(12)] + ["environment_x", "a"]
    found = short_keys(keys)
    assert max(map(len, found.values())) <= 10
    assert len({short.casefold() for short in found.values()}) == len(keys)
    assert found["a"] == "a"


@pytest.mark.parametrize(
    ("name", "spoil", "code"),
    [
        ("a.dxf", lambda frame: frame, "export.format"),
        ("a.zip", lambda frame: frame, "export.format"),
        ("a.fgb", lambda frame: frame.drop(columns="score"), "export.missing_column"),
        ("a.fgb", lambda frame: frame.set_axis(["1", "1"]), "export.repeated_label"),
        ("a.fgb", lambda frame: frame.set_crs(None, allow_override=True), "export.no_crs"),
        ("a.shp.zip", lambda frame: frame.assign(name="长" * 100), "export.too_long"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_old_file_stays(tmp_path, name, spoil, code) -> None:
    path = tmp_path / name
    path.write_bytes(b"old")
    with pytest.raises(ExportError) as refused:
        write_layer(spoil(layer()), path, fields=FIELDS)
    assert refused.value.code == code
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == [name]
