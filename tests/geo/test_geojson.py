"""GeoJSON as written, and the checker against files of other writers and broken ones."""

import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import ExportError
from geo.export import (
    Field,
    check_geojson,
    guard_formula,
    write_csv,
    write_field_dictionary,
    write_geojson,
)

FIELDS = [
    Field(key="name", title_zh="名称", title_en="Name"),
    Field(key="score", title_zh="得分", title_en="Score", unit="分", description="0 to 100"),
    Field(key="rank", title_zh="位次", title_en="Rank"),
    Field(key="hub", title_zh="枢纽", title_en="Hub"),
]


def layer() -> gpd.GeoDataFrame:
    ring = [(100, 30), (100, 33), (104, 33), (104, 30)]  # clockwise on purpose
    hole = [(101, 31), (102, 31), (102, 32), (101, 32)]  # counter-clockwise on purpose
    two = shapely.MultiPolygon([shapely.box(110, 20, 111, 21), shapely.box(112, 20, 113, 21)])
    return gpd.GeoDataFrame(
        {
            "name": ["乙市", '甲"<市>'],
            "score": [np.nan, 61.25],
            "rank": pd.array([None, 1], dtype="Int64"),
            "hub": [True, False],
            "unused": [object(), object()],
        },
        geometry=[two, shapely.Polygon(ring, [hole])],
        index=["420500", "110000"],
        crs="EPSG:4326",
    )


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "a.geojson"
    write_geojson(layer(), path, fields=FIELDS, metadata={"title": "示例", "year": 2023})
    return path


def test_members_are_what_rfc_7946_asks(written):
    assert check_geojson(written) == []
    root = json.loads(written.read_text(encoding="utf-8"))
    assert list(root) == ["type", "metadata", "bbox", "features"]
    assert root["bbox"] == [100.0, 20.0, 113.0, 33.0]
    assert root["metadata"]["title"] == "示例"
    assert root["metadata"]["fields"][1] == {
        "key": "score",
        "title_zh": "得分",
        "title_en": "Score",
        "unit": "分",
        "description": "0 to 100",
    }
    assert [f["id"] for f in root["features"]] == ["110000", "420500"]
    first, second = (f["properties"] for f in root["features"])
    assert first == {"name": '甲"<市>', "score": 61.25, "rank": 1, "hub": False}
    assert second == {"name": "乙市", "score": None, "rank": None, "hub": True}
    polygon = shapely.geometry.shape(root["features"][0]["geometry"])
    assert polygon.exterior.is_ccw
    assert not polygon.interiors[0].is_ccw
    assert polygon.equals(layer().geometry["110000"])


def test_other_programs_read_it(written):
    back = pyogrio.read_dataframe(written)
    assert back["id"].to_list() == ["110000", "420500"]
    assert back.crs == "EPSG:4326"
    assert back["name"].to_list() == ['甲"<市>', "乙市"]
    assert back.geometry.is_valid.all()
    assert np.isnan(back["score"][1])


def test_the_label_can_stand_among_the_properties(tmp_path, written):
    path = tmp_path / "b.geojson"
    code = Field(key="code", title_zh="代码", title_en="Code")
    write_geojson(layer(), path, fields=FIELDS, metadata={}, code=code)
    root = json.loads(path.read_text(encoding="utf-8"))
    for each in root["features"]:
        assert next(iter(each["properties"].items())) == ("code", each["id"])
    assert next(row["key"] for row in root["metadata"]["fields"]) == "code"
    frame = pyogrio.read_dataframe(path)
    assert frame["code"].to_list() == frame["id"].to_list()
    plain = json.loads(written.read_text(encoding="utf-8"))
    assert "code" not in plain["features"][0]["properties"]
    with pytest.raises(ExportError) as caught:
        write_geojson(layer(), path, fields=FIELDS, metadata={}, code=FIELDS[0])
    assert caught.value.code == "export.repeated_key"


def test_order_of_rows_and_process_do_not_change_the_bytes(tmp_path, written):
    again = tmp_path / "b.geojson"
    write_geojson(
        layer().iloc[::-1], again, fields=FIELDS, metadata={"title": "示例", "year": 2023}
    )
    assert again.read_bytes() == written.read_bytes()


def test_other_systems_are_brought_to_degrees_and_rounded(tmp_path):
    path = tmp_path / "a.geojson"
    moved = layer().to_crs("EPSG:3857")
    write_geojson(moved, path, fields=FIELDS[:1], metadata={}, decimals=3)
    coordinates = json.loads(path.read_text(encoding="utf-8"))["features"][0]["geometry"]
    assert coordinates["coordinates"][0][0] == [104.0, 30.0] or check_geojson(path) == []
    assert shapely.geometry.shape(coordinates).equals(layer().geometry["110000"])


def test_a_failed_write_leaves_the_old_file(written):
    before = written.read_bytes()
    spoilt = layer()
    spoilt.loc["110000", "score"] = np.inf
    with pytest.raises(ExportError) as caught:
        write_geojson(spoilt, written, fields=FIELDS, metadata={})
    assert caught.value.code == "export.not_finite"
    assert written.read_bytes() == before
    assert [p.name for p in written.parent.iterdir()] == [written.name]


def test_refusals(tmp_path):
    good = layer()
    sliver = gpd.GeoDataFrame(
        {"name": ["x"]},
        index=["1"],
        crs="EPSG:4326",
        geometry=[shapely.Polygon([(100, 30), (100.0004, 30), (100.0004, 30.0004)])],
    )
    wide = gpd.GeoDataFrame(
        {"name": ["x"]},
        index=["1"],
        crs="EPSG:4326",
        geometry=[shapely.LineString([(170, 10), (-170, 10)])],
    )
    empty = good.copy()
    empty.loc["110000", "geometry"] = shapely.Polygon()
    name = [FIELDS[0]]
    cases = [
        ("export.no_crs", good.set_crs(None, allow_override=True), name, {}),
        ("export.empty", good.iloc[:0], name, {}),
        ("export.missing_column", good, [Field(key="absent", title_zh="", title_en="")], {}),
        ("export.repeated_label", pd.concat([good, good]), name, {}),
        ("export.no_geometry", empty, name, {}),
        ("export.bad_key", good, [Field(key="得分", title_zh="", title_en="")], {}),
        ("export.repeated_key", good, [*name, Field(key="NAME", title_zh="", title_en="")], {}),
        ("export.bad_value", good, [Field(key="unused", title_zh="", title_en="")], {}),
        ("export.bad_metadata", good, name, {"x": float("nan")}),
        ("export.rounding", sliver, name, {"decimals": 3}),
        ("export.not_rfc7946", wide, name, {}),
    ]
    for code, frame, fields, extra in cases:
        decimals = extra.pop("decimals", 5)
        with pytest.raises(ExportError) as caught:
            write_geojson(
                frame, tmp_path / "x.geojson", fields=fields, metadata=extra, decimals=decimals
            )
        assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_checker_agrees_with_the_writer_of_gdal(tmp_path):
    plain, strict = tmp_path / "plain.geojson", tmp_path / "strict.geojson"
    frame = layer()[["name", "geometry"]]
    pyogrio.write_dataframe(frame, plain, driver="GeoJSON", RFC7946="NO")
    pyogrio.write_dataframe(frame, strict, driver="GeoJSON", RFC7946="YES", WRITE_BBOX="YES")
    assert check_geojson(strict) == []
    faults = " ".join(check_geojson(plain))
    assert "an exterior ring is clockwise" in faults
    assert "a hole is counter-clockwise" in faults


def collection(**members) -> dict:
    square = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]
    feature = {
        "type": "Feature",
        "id": "a",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    return {"type": "FeatureCollection", "features": [feature | members]}


def polygon(*rings) -> dict:
    return collection(geometry={"type": "Polygon", "coordinates": list(rings)})


BROKEN = {
    "not JSON": "{",
    "not JSON: ": "[" * 200_000,
    "the literal NaN is not JSON": json.dumps(collection(properties={"x": float("nan")})),
    "the literal Infinity is not JSON": json.dumps(collection(bbox=[float("inf"), 0, 1, 1])),
    "duplicate members ['type']": '{"type": "FeatureCollection", "type": "x", "features": []}',
    "byte order mark": "\ufeff" + json.dumps(collection()),
    "no FeatureCollection": "[]",
    "'features' is no array": '{"type": "FeatureCollection"}',
    "member 'crs'": json.dumps(collection() | {"crs": {}}),
    "may not have the member 'geometry'": json.dumps(collection() | {"geometry": None}),
    "not of type Feature": '{"type": "FeatureCollection", "features": [1]}',
    "'properties' must be": json.dumps(collection(properties=[])),
    "'id' must be": json.dumps(collection(id=True)),
    "stand more than once": json.dumps(
        {"type": "FeatureCollection", "features": collection()["features"] * 2}
    ),
    "unknown geometry type": json.dumps(collection(geometry={"type": "Curve"})),
    "no positions": json.dumps(collection(geometry={"type": "Point", "coordinates": ["1", 2]})),
    "no positions of a Polygon": json.dumps(polygon([[0], [1, 1]])),
    "not a finite number": json.dumps(polygon([[0, 0], [1, 0], [1, "@"], [0, 0]])).replace(
        '"@"', "1e400"
    ),
    "outside 180 and 90": json.dumps(polygon([[0, 0], [1, 0], [1, 91], [0, 0]])),
    "crosses the antimeridian": json.dumps(
        collection(geometry={"type": "LineString", "coordinates": [[170, 0], [-170, 0]]})
    ),
    "not closed": json.dumps(polygon([[0, 0], [1, 0], [1, 1], [0, 1]])),
    "fewer than four": json.dumps(polygon([[0, 0], [1, 0], [0, 0]])),
    "exterior ring is clockwise": json.dumps(polygon([[0, 0], [1, 1], [1, 0], [0, 0]])),
    "a hole is counter-clockwise": json.dumps(
        polygon([[0, 0], [9, 0], [9, 9], [0, 0]], [[3, 1], [4, 1], [4, 2], [3, 1]])
    ),
    "'bbox' is": json.dumps(collection() | {"bbox": [0, 0, 1, 2]}),
    "'bbox' must be": json.dumps(collection(bbox=[0, 0, 1])),
    "feature 0: 'bbox' is": json.dumps(collection(bbox=[0, 0, 1, 2])),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_checker_finds(tmp_path, fault):
    path = tmp_path / "a.geojson"
    path.write_text(BROKEN[fault], encoding="utf-8")
    found = check_geojson(path)
    assert any(fault in each for each in found), found


def test_checker_passes_a_clean_file(tmp_path):
    path = tmp_path / "a.geojson"
    clean = collection(bbox=[0, 0, 1, 1])
    clean["features"].append({"type": "Feature", "properties": None, "geometry": None})
    clean["features"].append(
        collection(
            id=7,
            geometry={
                "type": "GeometryCollection",
                "geometries": [{"type": "Point", "coordinates": [2, 2, 5]}],
            },
        )["features"][0]
    )
    path.write_text(json.dumps(clean | {"bbox": [0, 0, 2, 2], "metadata": {}}), encoding="utf-8")
    assert check_geojson(path) == []


GUARDED = {
    **{x: f"'{x}" for x in ("=1+1", "+x", "-1+1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠x", "-")},
    # Behind what spreadsheets skip, and where a cell may be split again.
    **{x: f"'{x}" for x in (" =1", "\x00=1", "\ufeff=1", "\u3000+x", "\u202e=1")},
    "\t=1": "'\t'=1",
    "\r=1": "'\r'=1",
    "\n=1": "'\n'=1",
    "-5\n=1": "'-5\n'=1",
    "a;=1;b\t @x": "a;'=1;b\t' @x",
    ";;-x": ";;'-x",
}


@pytest.mark.parametrize("payload", GUARDED)
def test_csv_never_begins_a_text_cell_with_a_formula(tmp_path, payload):
    path = tmp_path / "a.csv"
    frame = pd.DataFrame(
        {"name": [payload, "北京市"], payload: [-1.5, np.nan]}, index=["a", payload]
    )
    write_csv(frame, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    assert back["name"].to_list() == [GUARDED[payload], "北京市"]
    assert back.columns[2] == GUARDED[payload]
    assert back.iloc[:, 2].to_list() == ["-1.5", ""]
    assert back["index"].to_list() == ["a", GUARDED[payload]]


@pytest.mark.parametrize("text", ["安全", "-5", "+1,234.5", "-.5e-3", "-12%", "a-b", "a = b; c"])
def test_numbers_and_plain_text_stay_as_they_are(text):
    assert guard_formula(text) == text
    assert guard_formula(guard_formula(f"={text}")) == f"'={text}"


@pytest.mark.parametrize("piece", ["\t", "\t ", "1", " ", "; ", "-"])
def test_guarding_a_very_long_cell_ends(piece):
    assert len(guard_formula(piece * 300_000 + "x")) >= 300_000


def test_csv_takes_names_that_are_no_text(tmp_path):
    path = tmp_path / "a.csv"
    write_csv(pd.DataFrame({"file": ["\udcff.csv"]}, dtype=object), path, index=False, bom=False)
    assert path.read_bytes() == b"file\r\n\\udcff.csv\r\n"


def test_csv_for_programs(tmp_path):
    path = tmp_path / "a.csv"
    write_csv(pd.DataFrame({"x": ["-1"]}), path, index=False, bom=False, guard=False)
    assert path.read_bytes() == b"x\r\n-1\r\n"


def test_field_dictionary(tmp_path):
    path = tmp_path / "fields.csv"
    write_field_dictionary(FIELDS, path)
    back = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert back["key"].to_list() == [f.key for f in FIELDS]
    assert back.loc[1].to_list() == ["score", "得分", "Score", "分", "0 to 100"]


def test_another_process_writes_the_same_bytes(tmp_path, written):
    script = (
        "import geopandas as gpd, shapely, pathlib, sys\n"
        "from geo.export import Field, write_geojson\n"
        "layer = gpd.GeoDataFrame({'b': [1.5, None]}, geometry=[shapely.box(1, 2, 3, 4)] * 2,"
        " index=['z', 'a'], crs='EPSG:4326')\n"
        "write_geojson(layer, pathlib.Path(sys.argv[1]), metadata={'k': {'x', 'y'} and 1},"
        " fields=[Field(key='b', title_zh='', title_en='')])\n"
    )
    paths = [tmp_path / "1.geojson", tmp_path / "2.geojson"]
    for seed, path in zip(("1", "2"), paths, strict=True):
        subprocess.run(
            [sys.executable, "-c", script, str(path)],
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("name", ["city", "city_web", "province", "province_web", "lines"])
def test_the_shipped_layers_follow_rfc_7946(name):
    path = Path(__file__).parents[2] / "data" / "boundaries" / f"{name}.geojson"
    assert check_geojson(path) == []


def test_a_national_layer_goes_out_and_comes_back(tmp_path):
    source = gpd.read_file(Path(__file__).parents[2] / "data" / "boundaries" / "province.geojson")
    frame = source.assign(label=range(len(source)), order="x").set_index("label")
    path = tmp_path / "out.geojson"
    write_geojson(frame, path, fields=[Field(key="order", title_zh="", title_en="")], metadata={})
    back = gpd.read_file(path).set_index("id").geometry
    back.index = back.index.astype(int)
    assert back.sort_index().geom_equals(frame.geometry, align=False).all()
