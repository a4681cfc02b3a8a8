import json
import sqlite3

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from geo.crs import ALBERS, CHINA_EXTENT, GEOGRAPHIC
from geo.errors import LayerError
from geo.layer import (
    clean_coverage,
    dissolve_units,
    merge_units,
    neighbour_pairs,
    read_layer,
    simplify_coverage,
    validate_layer,
    write_layer,
)


def frame(shapes, crs=GEOGRAPHIC):
    table = gpd.GeoDataFrame(geometry=list(shapes.values()), index=list(shapes), crs=crs)
    return table.rename_axis("code")


def wavy(points=200):
    """Two units that share a winding border at 111 E."""
    y = np.linspace(30, 32, points)
    x = 111 + 0.05 * np.sin(np.linspace(0, 40, points))
    border = list(zip(x, y, strict=True))
    west = shapely.Polygon([(110, 30), *border, (110, 32)])
    east = shapely.Polygon([(112, 32), *border[::-1], (112, 30)])
    return frame({"east": east, "west": west})


def rule(call, *args, **kwargs):
    with pytest.raises(LayerError) as caught:
        call(*args, **kwargs)
    return caught.value


def saved(tmp_path, table, name="units.gpkg"):
    path = tmp_path / name
    table.to_file(path)
    return path


UNITS = {"code": ["b", "a"], "geometry": [box(111, 30, 112, 31), box(110, 30, 111, 31)]}


# Reading


@pytest.mark.parametrize("name", ["units.gpkg", "units.geojson", "units.shp"])
def test_read_indexes_by_code_and_sorts(tmp_path, name):
    path = saved(tmp_path, gpd.GeoDataFrame(UNITS, crs=GEOGRAPHIC), name)
    got = read_layer(path)
    assert list(got.index) == ["a", "b"]
    assert got.index.name == "code"
    assert got.loc["a", "geometry"].equals(box(110, 30, 111, 31))


def test_read_reprojects_and_flattens(tmp_path):
    high = shapely.force_3d(UNITS["geometry"], z=5.0)
    table = gpd.GeoDataFrame({"code": ["b", "a"]}, geometry=high, crs=GEOGRAPHIC).to_crs(ALBERS)
    got = read_layer(saved(tmp_path, table))
    assert got.crs == GEOGRAPHIC
    assert not shapely.has_z(got.geometry.to_numpy()).any()
    np.testing.assert_allclose(got.loc["a", "geometry"].bounds, (110, 30, 111, 31), atol=1e-7)


@pytest.mark.parametrize("codes", [[110000, 120000], [110000.0, 120000.0], ["110000 ", "120000"]])
def test_read_gives_codes_as_text(tmp_path, codes):
    table = gpd.GeoDataFrame({**UNITS, "code": codes}, crs=GEOGRAPHIC)
    assert list(read_layer(saved(tmp_path, table)).index) == ["110000", "120000"]


def test_read_takes_another_code_column(tmp_path):
    table = gpd.GeoDataFrame(UNITS, crs=GEOGRAPHIC).rename(columns={"code": "adcode"})
    assert list(read_layer(saved(tmp_path, table), code="adcode").index) == ["a", "b"]
    error = rule(read_layer, tmp_path / "units.gpkg")
    assert error.code == "layer.no_code_column"
    assert error.params["columns"] == "adcode"


def test_read_never_guesses_a_crs(tmp_path):
    path = saved(tmp_path, gpd.GeoDataFrame(UNITS, crs=GEOGRAPHIC), "units.shp")
    (tmp_path / "units.prj").write_text("", encoding="utf-8")
    assert rule(read_layer, path).code == "layer.no_crs"


@pytest.mark.parametrize("suffix", [".dbf", ".shx", ".prj"])
def test_read_names_missing_shapefile_companions(tmp_path, suffix):
    path = saved(tmp_path, gpd.GeoDataFrame(UNITS, crs=GEOGRAPHIC), "units.shp")
    path.with_suffix(suffix).unlink()
    error = rule(read_layer, path)
    assert error.code == "layer.companions"
    assert error.params["missing"] == suffix


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
def test_read_finds_the_encoding_of_a_shapefile_without_cpg(tmp_path, encoding):
    path = tmp_path / "units.shp"
    table = gpd.GeoDataFrame({**UNITS, "name": ["北京市", "儋州市"]}, crs=GEOGRAPHIC)
    table.to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    assert read_layer(path)["name"].to_dict() == {"a": "儋州市", "b": "北京市"}


def test_read_reports_all_problems_at_once(tmp_path):
    table = gpd.GeoDataFrame(
        {
            "code": ["a", "a", None, "d", "e"],
            "geometry": [
                box(0, 0, 1, 1),
                box(1, 0, 2, 1),
                box(2, 0, 3, 1),
                None,
                shapely.LineString([(0, 0), (1, 1)]),
            ],
        },
        crs=GEOGRAPHIC,
    )
    path = tmp_path / "bad.geojson"
    path.write_text(table.to_json(), encoding="utf-8")
    error = rule(read_layer, path)
    assert error.code == "layer.several_problems"
    found = {problem.code: problem.params["units"] for problem in error.params["problems"]}
    assert found == {
        "layer.empty_geometry": "d",
        "layer.not_polygon": "e",
        "layer.no_code": "row 3",
        "layer.duplicate_code": "a",
    }


def test_read_refuses_empty_polygons(tmp_path):
    table = gpd.GeoDataFrame({**UNITS, "geometry": [shapely.Polygon(), box(0, 0, 1, 1)]}, crs=4326)
    error = rule(read_layer, saved(tmp_path, table))
    assert error.code == "layer.empty_geometry"
    assert error.params["units"] == "b"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", ["units.geojson", "units.gpkg", "units.shp"])
def test_read_refuses_truncated_files(tmp_path, name, share):
    shapes = [shapely.Point(110 + i % 20, 30 + i // 20).buffer(0.4, 32) for i in range(200)]
    table = gpd.GeoDataFrame({"code": [f"{i:03}" for i in range(200)]}, geometry=shapes, crs=4326)
    path = saved(tmp_path, table, name)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert rule(read_layer, path).code in {
        "layer.unreadable",
        "layer.empty_geometry",
        "layer.no_features",
    }


def test_read_refuses_what_is_no_layer(tmp_path):
    assert rule(read_layer, tmp_path / "none.gpkg").code == "layer.missing_file"
    archive = tmp_path / "units.zip"
    archive.write_bytes(b"PK")
    assert rule(read_layer, archive).code == "layer.format"
    text = tmp_path / "text.geojson"
    text.write_text("not json", encoding="utf-8")
    assert rule(read_layer, text).code == "layer.unreadable"
    empty = tmp_path / "empty.geojson"
    empty.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    assert rule(read_layer, empty).code == "layer.no_features"


def test_read_asks_which_of_several_layers(tmp_path):
    path = tmp_path / "two.gpkg"
    table = gpd.GeoDataFrame(UNITS, crs=GEOGRAPHIC)
    table.to_file(path, layer="one")
    table.to_file(path, layer="two")
    error = rule(read_layer, path)
    assert error.code == "layer.which_layer"
    assert error.params["layers"] == "one, two"
    assert len(read_layer(path, layer="two")) == 2


def test_read_refuses_a_table_without_geometry(tmp_path):
    path = tmp_path / "table.gpkg"
    gpd.GeoDataFrame(UNITS, crs=GEOGRAPHIC).to_file(path, layer="units")
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE plain (code TEXT)")
        database.execute("INSERT INTO plain VALUES ('a')")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('plain', 'attributes')"
        )
    database.close()
    assert rule(read_layer, path, layer="plain").code == "layer.no_features"


def test_read_checks_the_extent_when_asked(tmp_path):
    swapped = shapely.transform(UNITS["geometry"], lambda xy: xy[:, ::-1])
    table = gpd.GeoDataFrame({"code": ["b", "a"]}, geometry=swapped, crs=GEOGRAPHIC)
    path = saved(tmp_path, table)
    assert len(read_layer(path)) == 2
    assert rule(read_layer, path, extent=CHINA_EXTENT).code == "crs.swapped"


# Writing


def test_written_geojson_follows_rfc_7946(tmp_path):
    path = tmp_path / "out.geojson"
    hole = shapely.Polygon(
        box(110, 30, 112, 32, ccw=False).exterior.coords,
        [box(110.5, 30.5, 111, 31, ccw=True).exterior.coords],
    )
    table = frame({"110000": hole})
    table["name"] = "北京市"
    write_layer(table, path)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    (feature,) = document["features"]
    assert feature["id"] == "110000"
    assert feature["properties"] == {"code": "110000", "name": "北京市"}
    shell, inner = (shapely.LinearRing(ring) for ring in feature["geometry"]["coordinates"])
    assert shell.is_ccw
    assert not inner.is_ccw
    assert (
        shapely.get_coordinates(shell).round(4).tolist() == shapely.get_coordinates(shell).tolist()
    )


def test_writing_is_deterministic_and_survives_reading(tmp_path):
    table = simplify_coverage(wavy(), 500)
    write_layer(table, tmp_path / "1.geojson")
    write_layer(table, tmp_path / "2.geojson")
    assert (tmp_path / "1.geojson").read_bytes() == (tmp_path / "2.geojson").read_bytes()
    again = read_layer(tmp_path / "1.geojson")
    assert shapely.equals(again.geometry.to_numpy(), table.geometry.to_numpy()).all()


def test_writing_refuses_other_reference_systems(tmp_path):
    error = rule(write_layer, wavy().to_crs(ALBERS), tmp_path / "x.geojson")
    assert error.code == "layer.not_geographic"
    bare = frame({"a": box(0, 0, 1, 1)}, crs=None)
    assert rule(write_layer, bare, tmp_path / "x.geojson").params["crs"] == "no CRS"
    assert not (tmp_path / "x.geojson").exists()


# Checking


def test_a_clean_layer_passes():
    report = validate_layer(wavy())
    assert report.passed
    assert report.coverage_valid
    assert report.units == 2


def test_invalid_polygons_are_named_with_a_reason():
    bow = shapely.Polygon([(110, 30), (111, 31), (111, 30), (110, 31)])
    report = validate_layer(frame({"a": bow, "b": box(113, 30, 114, 31)}))
    assert [code for code, _ in report.invalid] == ["a"]
    assert "Self-intersection" in report.invalid[0][1]
    assert not report.passed


def test_overlaps_are_measured_in_square_kilometres():
    report = validate_layer(frame({"a": box(110, 30, 111, 31), "b": box(110.9, 30, 112, 31)}))
    ((first, second, km2),) = report.overlaps
    assert (first, second) == ("a", "b")
    # 0.1 by 1 degree at 30.5 N: 9.59 km by 110.85 km.
    assert km2 == pytest.approx(9.59 * 110.85, rel=2e-3)
    assert report.unmatched == ("a", "b")


def test_unmatched_edges_are_found_without_overlap():
    # The edge of b has a vertex that a lacks: it tiles, but simplifying would tear it.
    b = shapely.Polygon([(111, 30), (112, 30), (112, 31), (111, 31), (111, 30.5)])
    report = validate_layer(frame({"a": box(110, 30, 111, 31), "b": b}))
    assert report.overlaps == ()
    assert report.unmatched
    assert not report.coverage_valid


def test_position_is_part_of_the_report():
    report = validate_layer(frame({"a": box(39, 115, 41, 117)}))
    assert report.coverage_valid
    assert not report.passed
    assert report.extent_problem.code == "crs.swapped"


# Shaping


def test_cleaning_moves_the_overlap_once_and_says_how_much():
    dirty = frame({"a": box(110, 30, 111, 31), "b": box(110.9, 30, 112, 31)})
    cleaned, moved = clean_coverage(dirty)
    assert validate_layer(cleaned).coverage_valid
    overlap = validate_layer(dirty).overlaps[0][2]
    assert moved.sum() == pytest.approx(overlap, rel=1e-6)
    assert list(moved.index) == ["a", "b"]


def test_cleaning_a_clean_layer_moves_nothing():
    cleaned, moved = clean_coverage(wavy())
    assert moved.tolist() == pytest.approx([0, 0], abs=1e-9)
    assert shapely.equals(cleaned.geometry.to_numpy(), wavy().geometry.to_numpy()).all()


def test_cleaning_repairs_spikes_into_polygons():
    spike = shapely.Polygon([(110, 30), (111, 30), (111, 31), (111, 32), (111, 31), (110, 31)])
    cleaned, _ = clean_coverage(frame({"a": spike, "b": box(111, 30, 112, 31)}))
    assert validate_layer(cleaned).coverage_valid
    assert cleaned.loc["a", "geometry"].equals(box(110, 30, 111, 31))


def test_merging_keeps_attributes_of_the_receiver():
    table = frame({c: box(110 + i, 30, 111 + i, 31) for i, c in enumerate("abc")})
    table["name"] = ["A", "B", "C"]
    merged = merge_units(table, {"b": "c"})
    assert merged["name"].to_dict() == {"a": "A", "c": "C"}
    assert merged.loc["c", "geometry"].equals(box(111, 30, 113, 31))
    assert merged.crs == GEOGRAPHIC


@pytest.mark.parametrize("into", [{"x": "a"}, {"a": "x"}, {"a": "b", "b": "c"}, {"a": "a"}])
def test_merging_refuses_unknown_units_and_chains(into):
    table = frame({c: box(110 + i, 30, 111 + i, 31) for i, c in enumerate("abc")})
    assert rule(merge_units, table, into).code == "layer.merge"


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.permutations(list("abcd")))
def test_dissolving_follows_labels(order):
    table = frame({c: box(110 + i, 30, 111 + i, 31) for i, c in enumerate("abcd")})
    groups = pd.Series({"a": "x", "b": "x", "c": "y", "d": "y"}).loc[list(order)]
    merged = dissolve_units(table, by=groups)
    assert list(merged.index) == ["x", "y"]
    assert merged.loc["x", "geometry"].equals(box(110, 30, 112, 31))


def test_dissolving_names_units_without_group():
    table = frame({c: box(110 + i, 30, 111 + i, 31) for i, c in enumerate("ab")})
    error = rule(dissolve_units, table, pd.Series({"a": "x"}))
    assert error.code == "layer.ungrouped"
    assert error.params["units"] == "b"


def test_neighbours_meet_in_edges_corners_and_overlaps():
    table = frame(
        {
            "c": box(110, 30, 111, 31),
            "a": box(111, 30, 112, 31),
            "d": box(112, 31, 113, 32),
            "b": box(112.9, 31, 114, 32),
            "e": box(120, 30, 121, 31),
        }
    )
    assert neighbour_pairs(table) == {("a", "c"), ("a", "d"), ("b", "d")}


@pytest.mark.parametrize("tolerance", [500, 2000, 4000])
def test_simplifying_keeps_a_valid_coverage_with_fewer_vertices(tolerance):
    table = wavy()
    simple = simplify_coverage(table, tolerance)
    assert validate_layer(simple).coverage_valid
    count = shapely.get_num_coordinates(simple.geometry.to_numpy()).sum()
    assert count < shapely.get_num_coordinates(table.geometry.to_numpy()).sum() / 2
    assert neighbour_pairs(simple) == {("east", "west")}
    total = simple.to_crs(ALBERS).area
    assert total.sum() == pytest.approx(table.to_crs(ALBERS).area.sum(), rel=2e-3)


@pytest.mark.parametrize("decimals", [2, 4])
def test_simplifying_rounds(decimals):
    points = shapely.get_coordinates(simplify_coverage(wavy(), 500, decimals=decimals).geometry)
    np.testing.assert_array_equal(points, points.round(decimals))


def archipelago():
    """A mainland with a large island, an islet at sea and an enclave inside a neighbour."""
    enclave = box(112.4, 30.4, 112.42, 30.42)
    neighbour = box(111, 30, 113, 31).difference(enclave)
    islet, island = box(114, 30, 114.01, 30.01), box(115, 30, 115.5, 30.5)
    home = shapely.MultiPolygon([box(110, 30, 111, 31), enclave, islet, island])
    return frame({"home": home, "neighbour": neighbour, "reef": box(116, 30, 116.01, 30.01)})


def parts(table, code):
    return len(shapely.get_parts(table.loc[code, "geometry"]))


def test_islets_go_but_not_enclaves_nor_the_last_part():
    # The islet has 1.1 km2, the enclave 4.3, the reef 1.1.
    simple = simplify_coverage(archipelago(), 100, drop_islets_km2=5)
    assert parts(simple, "home") == 3
    assert parts(simple, "reef") == 1
    assert simple.loc["neighbour", "geometry"].interiors
    assert validate_layer(simple).coverage_valid


def test_kept_units_lose_no_islet():
    simple = simplify_coverage(archipelago(), 100, drop_islets_km2=5, keep=["home"])
    assert parts(simple, "home") == 4


def test_simplifying_refuses_what_leaves_no_coverage():
    tiny = frame({"a": box(110, 30, 110.004, 30.004), "b": box(111, 30, 112, 31)})
    assert rule(simplify_coverage, tiny, 100, decimals=1).code == "layer.simplified_invalid"
