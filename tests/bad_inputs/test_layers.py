"""Users' layers: cases 56, 57 and 62-69, each as it comes and what must be said of it."""

import functools
import gzip
import json
import random
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from shapely import box

from geo.crs import ALBERS, GEOGRAPHIC
from geo.datum import wgs84_to_bd09, wgs84_to_gcj02
from geo.layer import LIMITS, Limits, unpacked
from suanli.boundaries import load_boundaries
from suanli.intake.layer_units import shipped_gazetteer
from suanli.intake.layers import LayerHow, read_layer
from suanli.intake.rules import RULES
from suanli.locations import data_folder
from suanli.text import LANGUAGES


@pytest.fixture(scope="module")
def shipped():
    return known()["boundaries"]


@pytest.fixture(scope="module")
def provinces(shipped):
    return shipped.province[["name", "geometry"]].reset_index()


@pytest.fixture(scope="module")
def cities(shipped):
    return shipped.city[["name", "geometry"]].reset_index()


@functools.cache
def known():
    folder = data_folder()
    return {"boundaries": load_boundaries(), "gazetteer": shipped_gazetteer(folder)}


def read(path, **options):
    return read_layer(path, **known(), **options)


def saved(table, path, **options):
    with warnings.catch_warnings():
        # A shapefile's column names are cut, and a GeoPackage of our own CRS has no authority.
        warnings.simplefilter("ignore")
        table.to_file(path, **options)
    return path


def shifted(table, transform):
    shapes = shapely.transform(table.geometry.to_numpy(), transform)
    return table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))


def said(own):
    """Rules found, with how often."""
    table = own.ledger.summary()
    return dict(zip(table["rule"], table["count"], strict=True))


def only(own, rule):
    found = [finding for finding in own.ledger.findings if finding.rule == rule]
    assert found, said(own)
    return found[0]


def refused_for(own, rule):
    assert said(own) == {rule: 1}
    assert own.ledger.refused
    assert own.frame.empty
    return only(own, rule)


def zipped(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


# A right layer, in whatever format and system, raises no suspicion.


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("a.gpkg", GEOGRAPHIC), ("a.gpkg", ALBERS), ("a.gpkg", "EPSG:4490"),
        ("a.geojson", GEOGRAPHIC), ("a.geojson", "EPSG:4490"), ("a.geojson", "EPSG:3857"),
        ("a.shp", ALBERS), ("a.shp", "EPSG:4490"), ("a.shp", "EPSG:3857"),
    ],
)  # fmt: skip
def test_right_layers_raise_no_suspicion(tmp_path, shipped, provinces, name, crs):
    own = read(saved(provinces.to_crs(crs), tmp_path / name))
    assert said(own) == {}
    assert own.level == "province"
    assert list(own.frame.index) == list(shipped.province.index)
    assert list(own.frame.columns) == list(shipped.province.columns)
    assert own.frame.crs == GEOGRAPHIC
    assert own.facts["shift"].suspected is None
    assert own.facts["shift"].shift_m < 1
    assert own.facts["isolates"] == ["460000", "710000"]


@pytest.mark.parametrize("crs", [GEOGRAPHIC, ALBERS])
def test_a_right_city_layer_raises_no_suspicion(tmp_path, shipped, cities, crs):
    own = read(saved(cities.to_crs(crs), tmp_path / "a.gpkg"))
    assert said(own) == {}
    assert (own.level, len(own.frame)) == ("city", 372)
    pd.testing.assert_frame_equal(
        pd.DataFrame(own.frame.drop(columns="geometry")),
        pd.DataFrame(shipped.city.drop(columns="geometry")),
    )
    assert own.facts["moved_km2"] < 0.01


def test_geoparquet_or_a_sentence(tmp_path, provinces):
    path = tmp_path / "a.parquet"
    try:
        provinces.to_parquet(path)
    except ImportError:
        path.write_bytes(b"PAR1" + bytes(60))
        found = refused_for(read(path), "layer.parquet_missing")
        assert "pyarrow" in found.problem().describe("zh")
        return
    assert said(read(path)) == {}


def test_the_order_of_rows_changes_nothing(tmp_path, provinces):
    straight = read(saved(provinces, tmp_path / "a.gpkg"))
    turned = read(saved(provinces.iloc[::-1], tmp_path / "b.gpkg"))
    assert straight.frame.equals(turned.frame)


# Case 56 and 57: units of the one and not of the other


def test_absent_units_are_listed(tmp_path, provinces):
    table = provinces[~provinces["code"].isin(["710000", "810000", "820000"])]
    own = read(saved(table, tmp_path / "a.gpkg"))
    assert said(own) == {"layer.units_missing": 1}
    assert own.facts["missing"] == ["710000", "810000", "820000"]
    assert len(own.frame) == 31
    assert "台湾省" in only(own, "layer.units_missing").problem().describe("zh")


def test_superfluous_features_are_left_out_and_told(tmp_path, provinces):
    extra = provinces.iloc[:1].assign(code="999999", name="境界线")
    extra = extra.set_geometry(extra.translate(0.0, 20.0))
    own = read(saved(pd.concat([provinces, extra]), tmp_path / "a.gpkg"))
    assert said(own) == {"layer.unit_unknown": 1}
    assert own.facts["extra"] == ["999999 境界线"]
    assert only(own, "layer.unit_unknown").place.row == 35
    assert len(own.frame) == 34


def test_units_whose_shapes_are_exchanged_are_named(tmp_path, cities):
    shapes = cities.geometry.copy()
    turned = list(cities.index[cities["code"].isin(["130100", "130200"])])
    shapes[turned] = shapes[turned[::-1]].to_numpy()
    own = read(saved(cities.set_geometry(shapes), tmp_path / "a.gpkg"))
    assert own.ledger.refused
    found = [finding for finding in own.ledger.findings if finding.rule == "layer.elsewhere"]
    assert [(item.before, dict(item.params)["other"]) for item in found] == [
        ("130100 石家庄市", "130200 唐山市"),
        ("130200 唐山市", "130100 石家庄市"),
    ]


def test_a_unit_drawn_where_none_is_is_named(tmp_path, provinces):
    shapes = provinces.geometry.copy()
    shapes[provinces["code"] == "460000"] = box(125, 25, 126, 26)
    own = read(saved(provinces.set_geometry(shapes), tmp_path / "a.gpkg"))
    assert refused_for(own, "layer.elsewhere")


def test_a_layer_of_something_else_is_refused(tmp_path, provinces):
    table = provinces.assign(code=[f"x{i}" for i in range(34)], name="road")
    found = refused_for(read(saved(table, tmp_path / "a.gpkg")), "layer.no_known_units")
    assert "--level own" in found.problem().describe()


def test_many_superfluous_features_refuse_the_layer(tmp_path, provinces):
    table = provinces.assign(code=[*provinces["code"][:25], *"abcdefghi"])
    path = saved(table.drop(columns="name"), tmp_path / "a.gpkg")
    found = refused_for(read(path), "layer.many_unknown")
    assert dict(found.params)["count"] == 9


def test_a_code_that_is_not_of_its_name_refuses_the_layer(tmp_path, provinces):
    table = provinces.copy()
    table.loc[0, "name"] = "广东省"
    own = read(saved(table, tmp_path / "a.gpkg"))
    assert own.ledger.refused
    assert only(own, "code_name_differ").place.row == 1


# Case 62: axes exchanged


@pytest.mark.parametrize("crs", [GEOGRAPHIC, ALBERS])
def test_exchanged_axes_are_refused_and_mended_on_request(tmp_path, provinces, crs):
    turned = shifted(provinces.to_crs(crs), lambda xy: xy[:, ::-1])
    path = saved(turned, tmp_path / "a.gpkg")
    found = refused_for(read(path), "layer.swapped")
    assert "--swap-axes" in found.problem().describe()
    own = read(path, how=LayerHow(swap_axes=True))
    assert said(own) == {"layer.axes_swapped": 1}
    assert len(own.frame) == 34
    assert own.facts["shift"].shift_m < 1


def test_exchanging_axes_that_are_right_is_refused(tmp_path, provinces):
    own = read(saved(provinces, tmp_path / "a.gpkg"), how=LayerHow(swap_axes=True))
    assert said(own) == {"layer.axes_swapped": 1, "layer.swapped": 1}
    assert own.ledger.refused


# Case 63: no reference system


def without_crs(table, path):
    saved(table, path)
    path.with_suffix(".prj").unlink()
    return path


@pytest.mark.parametrize(
    ("crs", "found"),
    [(GEOGRAPHIC, GEOGRAPHIC), (ALBERS, ALBERS), ("EPSG:3857", "EPSG:3857")],
)
def test_a_missing_system_is_proved_by_the_places_of_units(tmp_path, provinces, crs, found):
    own = read(without_crs(provinces.to_crs(crs), tmp_path / "a.shp"))
    assert said(own) == {"layer.crs_detected": 1}
    finding = only(own, "layer.crs_detected")
    assert finding.action == "warn"
    assert finding.after == (found if len(found) <= 80 else found[:79] + "…")
    assert dict(finding.params)["units"] == 34
    assert own.facts["crs_source"] == "detected"
    assert own.facts["shift"].shift_m < 1


def test_a_zone_is_told_from_its_neighbours_and_from_utm(tmp_path, cities):
    hebei = cities[cities["code"].str.startswith("13")].to_crs("EPSG:4548")
    own = read(without_crs(hebei, tmp_path / "a.shp"), level="city")
    finding = only(own, "layer.crs_detected")
    assert finding.after == "EPSG:4548"
    assert dict(finding.params)["rival"] == "EPSG:32650"


def test_places_too_few_or_unknown_prove_nothing(tmp_path, cities):
    two = cities[cities["code"].isin(["130100", "130200"])].to_crs("EPSG:4548")
    own = read(without_crs(two, tmp_path / "a.shp"), level="city")
    assert refused_for(own, "layer.crs_ambiguous")
    abroad = gpd.GeoDataFrame({"code": ["x"]}, geometry=[box(3e5, 5e6, 4e5, 6e6)])
    own = read(saved(abroad, tmp_path / "b.shp"), level="own")
    assert "--crs EPSG:xxxx" in refused_for(own, "layer.crs_missing").problem().describe()


def test_a_local_system_is_not_guessed(tmp_path, provinces):
    local = shifted(provinces.to_crs(ALBERS), lambda xy: xy * 0.37 + 12345.0)
    own = read(without_crs(local, tmp_path / "a.shp"))
    refused_for(own, "layer.crs_missing")


def test_a_named_system_is_taken(tmp_path, provinces):
    path = without_crs(provinces.to_crs("EPSG:3857"), tmp_path / "a.shp")
    assert said(read(path, how=LayerHow(crs="EPSG:3857"))) == {}
    own = read(path, how=LayerHow(crs="EPSG:99999999"))
    assert only(own, "layer.crs_unknown").before == "EPSG:99999999"


def test_a_wrong_system_is_told_with_the_right_one(tmp_path, provinces):
    wrong = provinces.to_crs("EPSG:3857").set_crs(ALBERS, allow_override=True)
    path = saved(wrong, tmp_path / "a.gpkg")
    found = refused_for(read(path), "layer.crs_wrong")
    assert found.after == "EPSG:3857"
    own = read(path, how=LayerHow(crs="EPSG:3857"))
    assert said(own) == {"layer.crs_overridden": 1}
    assert own.facts["shift"].shift_m < 1


def test_what_a_system_cannot_place_is_not_infinitely_far(tmp_path, provinces):
    wrong = provinces.to_crs("EPSG:3857").set_crs("EPSG:4490", allow_override=True)
    own = read(saved(wrong, tmp_path / "a.gpkg"))
    said_so = " ".join(f.problem().describe() for f in own.ledger.of("error"))
    assert own.ledger.refused
    assert " inf " not in said_so
    assert "> 20000 km" in said_so


def test_metres_in_geojson_that_names_no_system_are_placed(tmp_path, provinces):
    path = tmp_path / "a.geojson"
    text = provinces.to_crs("EPSG:3857").to_json(drop_id=True)
    document = json.loads(text)
    document.pop("crs")
    path.write_text(json.dumps(document), encoding="utf-8")
    own = read(path)
    assert only(own, "layer.crs_detected").after == "EPSG:3857"


# Case 64: shifted datums


@pytest.mark.parametrize(
    ("datum", "transform"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)]
)
@pytest.mark.parametrize("level", ["province", "city"])
def test_shifted_datums_are_refused_with_evidence(tmp_path, shipped, datum, transform, level):
    table = shipped.layer(level)[["name", "geometry"]].reset_index()
    path = saved(shifted(table, transform), tmp_path / "a.gpkg")
    own = read(path)
    found = refused_for(own, "layer.datum_suspected")
    report = own.facts["shift"]
    assert report.suspected == datum
    assert report.units == len(table)
    assert report.shift_m == pytest.approx(report.predicted_m[datum], rel=0.05)
    assert report.left_m[datum] < 0.1 * report.shift_m
    assert report.gain[datum] == pytest.approx(1, abs=0.05)
    assert f"--datum {datum}" in found.problem().describe("zh")


def test_a_shifted_datum_is_taken_off_or_insisted_on(tmp_path, shipped, provinces):
    path = saved(shifted(provinces, wgs84_to_gcj02), tmp_path / "a.gpkg")
    mended = read(path, how=LayerHow(datum="gcj02"))
    assert said(mended) == {"layer.datum_mended": 1}
    assert mended.facts["shift"].shift_m < 1
    kept = read(path, how=LayerHow(datum="wgs84"))
    assert said(kept) == {"layer.datum_declared": 1}
    assert len(kept.frame) == 34


def test_a_shift_of_another_pattern_is_only_warned_of(tmp_path, provinces):
    table = provinces.set_geometry(provinces.translate(0.002, 0.0))
    own = read(saved(table, tmp_path / "a.gpkg"))
    found = only(own, "layer.shifted")
    assert found.action == "warn"
    assert own.facts["shift"].east_m == pytest.approx(180, abs=20)
    assert own.facts["shift"].suspected is None


def test_few_units_are_not_tested(tmp_path, cities):
    four = cities[cities["code"].isin(["130100", "130200", "130300", "130400"])]
    own = read(saved(shifted(four, wgs84_to_gcj02), tmp_path / "a.gpkg"), level="city")
    assert only(own, "layer.datum_untested").action == "warn"


# Case 65: broken text


def document(**changes):
    ring = [[110.0, 30.0], [111.0, 30.0], [111.0, 31.0], [110.0, 31.0], [110.0, 30.0]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"code": "a"}, "geometry": shape} | changes
    return {"type": "FeatureCollection", "features": [feature]}


OPEN = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}
SHORT = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]}
WORDS = {"type": "Polygon", "coordinates": [[[0, "x"], [1, 0], [1, 1], [0, 0]]]}
WHOLE = json.dumps(document())
TEXTS = {
    "open_ring": json.dumps(document(geometry=OPEN)),
    "bad_ring": json.dumps(document(geometry=SHORT)),
    "json_cut_off": WHOLE[: len(WHOLE) // 2],
    "json_not_finite": WHOLE.replace("111.0", "1e400", 1),
    "json_nesting": json.dumps(document(properties={"code": "a"})).replace(
        '"a"', "[" * 500 + "]" * 500
    ),
    "json_syntax": WHOLE.replace('"type": "Feature",', '"type": "Feature" "x"', 1),
    "json_repeated_key": WHOLE.replace('{"code": "a"}', '{"code": "a", "code": "b"}'),
    "json_type": json.dumps({"type": "Topology", "objects": {}}),
    "not_what_it_says": "<OGRVRTDataSource></OGRVRTDataSource>",
}


@pytest.mark.parametrize("rule", TEXTS)
def test_broken_text_gets_a_sentence(tmp_path, rule):
    path = tmp_path / "a.geojson"
    path.write_text(TEXTS[rule], encoding="utf-8")
    found = refused_for(read(path, level="own"), f"layer.{rule}")
    for lang in LANGUAGES:
        assert "a.geojson" in found.problem().describe(lang)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1" + "0" * 400, "-1e999"])
def test_numbers_json_does_not_know_are_refused(tmp_path, value):
    path = tmp_path / "a.geojson"
    path.write_text(WHOLE.replace("111.0", value, 1), encoding="utf-8")
    refused_for(read(path, level="own"), "layer.json_not_finite")


def test_words_among_coordinates_are_refused(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(document(geometry=WORDS)), encoding="utf-8")
    assert read(path, level="own").ledger.refused


def test_the_features_at_fault_are_named(tmp_path, provinces):
    path = saved(provinces, tmp_path / "a.geojson")
    whole = json.loads(path.read_text(encoding="utf-8"))
    shape = whole["features"][4]["geometry"]["coordinates"][0]
    (shape[0] if isinstance(shape[0][0], list) else shape).pop()
    path.write_text(json.dumps(whole), encoding="utf-8")
    found = only(read(path), "layer.open_ring")
    assert "5 (" in found.problem().describe()


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp"])
def test_truncated_files_are_refused(tmp_path, provinces, name, share):
    path = saved(provinces, tmp_path / name)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    own = read(path)
    expected = "layer.json_cut_off" if name.endswith("json") else "layer.unreadable"
    assert own.ledger.refused
    assert set(said(own)) == {expected}


# Case 66: nothing drawn


def test_units_without_a_shape_are_listed(tmp_path, provinces):
    table = provinces.copy()
    table.loc[[3, 7], "geometry"] = [None, shapely.Polygon()]
    own = read(saved(table, tmp_path / "a.gpkg"))
    assert said(own) == {"layer.no_geometry": 1, "layer.units_missing": 1}
    params = dict(only(own, "layer.no_geometry").params)
    codes = provinces.loc[[3, 7], "code"]
    assert params["count"] == 2
    assert all(code in params["units"] for code in codes)
    assert own.facts["missing"] == list(codes)


def test_points_are_left_out(tmp_path, provinces):
    table = provinces.copy()
    table.loc[3, "geometry"] = shapely.Point(112, 37)
    own = read(saved(table, tmp_path / "a.gpkg"))
    assert only(own, "layer.not_polygon").action == "warn"
    assert len(own.frame) == 33


def test_a_layer_without_any_shape_is_refused(tmp_path, provinces):
    table = provinces.set_geometry([None] * 34, crs=GEOGRAPHIC)
    own = read(saved(table, tmp_path / "a.gpkg"))
    assert own.ledger.refused
    assert "layer.no_polygons" in said(own)


# Case 67: invalid polygons, overlaps, gaps


GRID = [box(110 + i % 4, 30 + i // 4, 111 + i % 4, 31 + i // 4) for i in range(12)]


def grid(tmp_path, **changes):
    shapes = dict(enumerate(GRID)) | {int(k[1:]): v for k, v in changes.items()}
    table = gpd.GeoDataFrame(
        {"code": [f"u{i}" for i in range(12)]}, geometry=list(shapes.values()), crs=GEOGRAPHIC
    )
    return saved(table, tmp_path / "a.gpkg")


@pytest.mark.parametrize("share", [0.005, 0.03])
def test_overlaps_are_settled_or_refused_by_the_ground_they_move(tmp_path, share):
    own = read(grid(tmp_path, u0=box(110, 30, 111 + share, 31)), level="own")
    rule = "layer.cleaned" if share < 0.01 else "layer.moved_too_far"
    assert said(own) == {rule: 1}
    found = dict(only(own, rule).params)
    # The loser gives what the winner keeps: the overlap, within a tenth.
    assert float(found["share"].rstrip("%")) / 100 == pytest.approx(share, rel=0.1)
    assert own.ledger.refused == (share > 0.01)
    if not own.ledger.refused:
        assert shapely.coverage_is_valid(own.frame.geometry.to_numpy())
        square = 111.2 * 96.0
        assert own.facts["moved_km2"] == pytest.approx(share * square, rel=0.05)


def test_a_sliver_between_units_is_closed(tmp_path):
    own = read(grid(tmp_path, u5=box(111, 31, 111.9995, 32)), level="own")
    assert said(own) == {"layer.cleaned": 1}
    assert shapely.coverage_is_valid(own.frame.geometry.to_numpy(), gap_width=0.001)


def test_a_sliver_that_opens_to_the_outside_is_told(tmp_path):
    own = read(grid(tmp_path, u0=box(110, 30, 110.9995, 30.9995)), level="own")
    assert said(own) == {"layer.nearly_touching": 1}
    assert own.facts["near_misses"] == [("u0", "u1"), ("u0", "u4"), ("u0", "u5")]


def test_a_lake_between_units_stays(tmp_path):
    own = read(grid(tmp_path, u5=box(111, 31, 111.9, 31.9)), level="own")
    assert said(own) == {}


def test_an_invalid_polygon_is_repaired_and_told(tmp_path):
    spike = shapely.Polygon(
        [(110, 30), (111, 30), (111, 31), (110.5, 31), (110.5, 31.0), (110.5, 30.9),
         (110.5, 31), (110, 31)]
    )  # fmt: skip
    assert not spike.is_valid
    own = read(grid(tmp_path, u0=spike), level="own")
    assert only(own, "layer.repaired").action == "fix"
    assert own.frame.geometry.is_valid.all()
    assert own.frame.loc["u0"].geometry.area == pytest.approx(1, rel=1e-9)


def test_a_bow_tie_loses_too_much(tmp_path):
    bow = shapely.Polygon([(110, 30), (111, 31), (111, 30), (110, 31)])
    own = read(grid(tmp_path, u0=bow), level="own")
    # Its two triangles are half the square: no neighbour moves, the unit is what was drawn.
    assert only(own, "layer.repaired")
    assert own.frame.loc["u0"].geometry.area == pytest.approx(0.5)


def test_parts_of_a_unit_are_joined(tmp_path, shipped, provinces):
    parts = provinces.explode(ignore_index=True)
    own = read(saved(parts, tmp_path / "a.gpkg"))
    several = provinces.geometry.count_geometries() > 1
    assert said(own) == {"layer.parts_merged": int(several.sum())}
    truth = shipped.province.geometry.to_numpy()
    gap = shapely.symmetric_difference(own.frame.geometry.to_numpy(), truth)
    assert shapely.area(gap).max() < 1e-9


def test_one_code_for_units_of_several_names_is_refused(tmp_path):
    table = gpd.GeoDataFrame(
        {"code": ["a", "a", "b"], "name": ["x", "y", "z"]}, geometry=GRID[:3], crs=GEOGRAPHIC
    )
    path = saved(table, tmp_path / "a.gpkg")
    own = read(path, level="own", how=LayerHow(code_column="code"))
    assert refused_for(own, "layer.different_names").before == "a"


def test_units_without_neighbours_are_listed(tmp_path, shipped, provinces):
    table = provinces.copy()
    place = table.index[table["code"] == "110000"][0]
    table.loc[place, "geometry"] = table.loc[place, "geometry"].buffer(-0.1)
    own = read(saved(table, tmp_path / "a.gpkg"))
    assert own.facts["isolates"] == ["110000", "460000", "710000"]
    assert "110000 北京市" in only(own, "layer.isolates").problem().describe()


# Case 68: shapefiles


@pytest.mark.parametrize("suffix", [".dbf", ".shx"])
def test_missing_parts_of_a_shapefile_are_named(tmp_path, provinces, suffix):
    path = saved(provinces, tmp_path / "a.shp")
    path.with_suffix(suffix).unlink()
    found = refused_for(read(path), "layer.companions")
    assert suffix in found.problem().describe()


@pytest.mark.parametrize(
    ("encoding", "rules"), [("UTF-8", {}), ("GB18030", {"layer.encoding_found": 1})]
)
def test_names_are_read_without_a_cpg(tmp_path, provinces, encoding, rules):
    table = provinces[["name", "geometry"]]
    path = saved(table, tmp_path / "a.shp", encoding=encoding)
    path.with_suffix(".cpg").unlink()
    own = read(path)
    assert said(own) == rules
    assert own.facts["name_column"] == "name"
    assert len(own.frame) == 34


def test_a_cpg_that_lies_is_told(tmp_path, provinces):
    path = saved(provinces, tmp_path / "a.shp", encoding="GB18030")
    path.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")
    own = read(path)
    assert said(own) == {"layer.encoding_contradicted": 1}
    assert len(own.frame) == 34


def test_an_encoding_that_does_not_fit_is_refused(tmp_path, provinces):
    path = saved(provinces, tmp_path / "a.shp", encoding="GB18030")
    own = read(path, how=LayerHow(encoding="UTF-8"))
    refused_for(own, "layer.dbf_encoding")


def test_long_fields_do_not_hide_utf8(tmp_path, provinces):
    # A field of 254 bytes puts 0xFE into the header, which is no UTF-8.
    table = provinces.assign(note="备注" * 42)
    path = saved(table, tmp_path / "a.shp", encoding="UTF-8")
    path.with_suffix(".cpg").unlink()
    assert said(read(path)) == {}


# Case 69: archives


@pytest.fixture
def packed(tmp_path, provinces):
    """Return the bytes of a GeoPackage."""
    return saved(provinces, tmp_path / "inner.gpkg").read_bytes()


def test_a_zip_with_one_layer_is_read(tmp_path, packed):
    assert len(read(zipped(tmp_path / "a.zip", **{"省/a.gpkg": packed})).frame) == 34


def test_a_zipped_shapefile_and_its_folder_are_read(tmp_path, provinces):
    folder = tmp_path / "shp"
    folder.mkdir()
    saved(provinces, folder / "省界.shp")
    assert said(read(folder)) == {}
    members = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert said(read(zipped(tmp_path / "a.zip", **members))) == {}


def test_a_gzipped_layer_is_read(tmp_path, provinces):
    text = saved(provinces, tmp_path / "b.geojson").read_bytes()
    (tmp_path / "a.geojson.gz").write_bytes(gzip.compress(text))
    assert said(read(tmp_path / "a.geojson.gz")) == {}


def test_several_layers_are_listed_and_one_can_be_named(tmp_path, packed):
    path = zipped(tmp_path / "a.zip", **{"one.gpkg": packed, "two.gpkg": packed})
    found = refused_for(read(path), "layer.several_layers")
    assert "inner, inner" in found.problem().describe()


def test_layers_of_a_geopackage_are_listed_and_one_can_be_named(tmp_path, provinces, cities):
    path = saved(provinces, tmp_path / "a.gpkg", layer="省")
    saved(cities, path, layer="市")
    found = refused_for(read(path), "layer.several_layers")
    assert "市" in found.problem().describe()
    own = read(path, how=LayerHow(layer="省"))
    assert (own.level, len(own.frame)) == ("province", 34)


@pytest.mark.parametrize("name", ["../evil.gpkg", "/etc/evil.gpkg", "a/../../x.gpkg", "C:/x.gpkg"])
def test_paths_out_of_the_archive_are_refused_before_anything_is_written(tmp_path, packed, name):
    path = zipped(tmp_path / "a.zip", **{name: packed})
    before = sorted(tmp_path.parent.rglob("evil*"))
    found = refused_for(read(path), "layer.archive_path")
    assert name in found.problem().describe()
    assert sorted(tmp_path.parent.rglob("evil*")) == before


def test_links_in_an_archive_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("a.geojson")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    refused_for(read(path), "layer.archive_path")


def test_bombs_are_not_unpacked(tmp_path):
    path = zipped(tmp_path / "a.zip", **{"a.geojson": b" " * (20 * 1024**2)})
    found = refused_for(read(path), "layer.archive_bomb")
    assert dict(found.params)["detail"].params["ratio"] > 900


def test_a_bomb_that_lies_about_its_size_is_stopped(tmp_path):
    path = zipped(tmp_path / "a.zip", **{"a.geojson": b" " * (1024**2)})
    small = Limits(unpacked=1000)
    data = path.read_bytes().replace((1024**2).to_bytes(4, "little"), (9).to_bytes(4, "little"))
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"too large|damaged"), unpacked(path, limits=small):
        raise AssertionError("unpacked")


def test_archives_within_archives_and_crowds_are_refused(tmp_path, packed):
    inner = zipped(tmp_path / "inner.zip", **{"a.gpkg": packed}).read_bytes()
    path = zipped(tmp_path / "a.zip", **{"inner.zip": inner})
    refused_for(read(path), "layer.archive_nested")
    crowd = {f"{i}.txt": b"" for i in range(LIMITS.members + 1)}
    refused_for(read(zipped(tmp_path / "b.zip", **crowd)), "layer.too_large")


def test_what_is_no_archive_is_told(tmp_path):
    for name in ("a.zip", "a.geojson.gz"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 nothing")
        refused_for(read(tmp_path / name), "layer.archive_damaged")
    refused_for(read(tmp_path / "none.gpkg"), "layer.missing_file")
    (tmp_path / "a.docx").write_bytes(b"x")
    refused_for(read(tmp_path / "a.docx"), "layer.format")


def test_names_packed_in_gbk_are_read(tmp_path, packed):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("x.gpkg")
        archive.writestr(info, packed)
    raw = path.read_bytes().replace(b"x.gpkg", "省".encode("gbk")[:1] + b".gpkg")
    path.write_bytes(raw)
    assert len(read(path).frame) == 34


# Rules and their words


def test_strict_refuses_what_is_otherwise_warned_of(tmp_path, provinces):
    path = saved(provinces.iloc[:-1], tmp_path / "a.gpkg")
    assert not read(path).ledger.refused
    assert read(path, how=LayerHow(strict=True)).ledger.refused


def test_every_case_has_a_rule():
    cases = {case for rule in RULES.values() if rule.about == "layer" for case in rule.cases}
    assert cases == {56, 57, 62, 63, 64, 65, 66, 67, 68, 69}


# Another country, and counties


def test_units_of_another_country(tmp_path):
    shapes = [box(2 + i, 48, 3 + i, 49) for i in range(4)]
    table = gpd.GeoDataFrame(
        {"NUTS_ID": [f"FR{i}" for i in range(4)], "NUTS_NAME": list("wxyz"), "people": range(4)},
        geometry=shapes, crs=GEOGRAPHIC,
    ).to_crs("EPSG:2154")  # fmt: skip
    own = read(saved(table, tmp_path / "a.gpkg"), level="own")
    assert said(own) == {}
    assert own.frame["name"].to_dict() == {"FR0": "w", "FR1": "x", "FR2": "y", "FR3": "z"}
    assert own.frame["people"].tolist() == [0, 1, 2, 3]
    area = own.frame.to_crs(own.planar_crs).area.to_numpy() / 1e6
    true = [abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 1e6 for shape in shapes]
    # The edges are straight in one system and geodesics in the other.
    np.testing.assert_allclose(area, true, rtol=1e-3)


def test_swapped_axes_abroad_are_told_where_latitude_leaves_the_earth(tmp_path):
    table = gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(30, 110, 31, 111)], crs=GEOGRAPHIC)
    refused_for(read(saved(table, tmp_path / "a.gpkg"), level="own"), "layer.swapped")


def test_counties_are_known_by_code(tmp_path, shipped):
    # Each prefecture of Hebei cut in two and given the codes of two of its counties.
    known = pd.read_csv(shipped.folder.parent / "reference" / "counties.csv", dtype="str")
    rows = []
    for city, shape in shipped.city.geometry[shipped.city["parent"] == "130000"].items():
        west, south, east, north = shape.bounds
        middle = (west + east) / 2
        codes = known.loc[known["parent"] == city, "code"].tolist()
        for code, half in zip(codes, [(west, middle), (middle, east)], strict=False):
            part = shape.intersection(box(half[0], south, half[1], north))
            rows.append({"adcode": int(code), "geometry": part})
    table = gpd.GeoDataFrame(rows, crs=GEOGRAPHIC)
    own = read(saved(table, tmp_path / "a.gpkg"))
    assert own.level == "county"
    assert len(own.frame) == 22
    assert own.frame.loc["130102", ["name", "parent"]].tolist() == ["长安区", "130100"]
    assert own.facts["shift"].units == 11
    moved = read(saved(shifted(table, wgs84_to_gcj02), Path(tmp_path) / "b.gpkg"))
    assert set(said(moved)) >= {"layer.datum_suspected"}


# Whatever is done to the bytes of a file, it is read or refused


def mutated(data, chance):
    """Return the bytes cut off, with bits flipped, bytes put in, or a stretch doubled."""
    changed = bytearray(data)
    place = chance.randrange(len(changed))
    kind = chance.choice(["cut", "flip", "insert", "double"])
    if kind == "cut":
        del changed[place:]
    elif kind == "flip":
        for _ in range(chance.choice([1, 3, 20])):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    elif kind == "insert":
        changed[place:place] = chance.randbytes(chance.choice([1, 4, 64]))
    else:
        changed[place:place] = changed[place : place + 200]
    return bytes(changed)


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.zip", "a.shp", "a.dbf", "a.cpg"])
def test_mutated_files_are_read_or_refused(tmp_path, name):
    chance = random.Random(name)  # noqa: S311 - no secret
    table = gpd.GeoDataFrame(
        {"code": list("abcdefghijkl"), "name": "廊坊市"}, geometry=GRID, crs=GEOGRAPHIC
    )
    whole = tmp_path / "whole"
    whole.mkdir()
    for format_ in ("a.gpkg", "a.geojson", "a.shp"):
        saved(table, whole / format_, encoding="GBK" if format_ == "a.shp" else None)
    parts = {p.name: p.read_bytes() for p in whole.iterdir() if p.suffix[1:4] in PARTS}
    zipped(whole / "a.zip", **parts)
    data = (whole / name).read_bytes()
    path = whole / ("a.shp" if name[2:] in PARTS else name)
    for _ in range(25):
        (whole / name).write_bytes(mutated(data, chance))
        own = read(path, level="own")
        for finding in own.ledger.findings:
            assert finding.problem().describe("zh") != finding.problem().describe("en")


PARTS = ("shp", "shx", "dbf", "prj", "cpg")


@pytest.mark.parametrize("encoding", ["rot13", "zlib", "no-such", "utf\x00"])
def test_what_is_no_encoding_of_text_is_refused(tmp_path, provinces, encoding):
    path = saved(provinces, tmp_path / "a.shp")
    refused_for(read(path, how=LayerHow(encoding=encoding)), "layer.dbf_encoding")
