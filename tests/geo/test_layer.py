"""Reading and writing layers."""

import json
import sqlite3

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from geo.crs import ALBERS, CHINA_EXTENT, GEOGRAPHIC
from geo.errors import LayerError
from geo.layer import (
    read_layer,
    simplify_coverage,
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
