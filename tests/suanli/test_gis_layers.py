"""Layers for GIS programs: circles around hubs, what columns mean, what a file says of itself."""

import json
import zipfile
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pyogrio
import pytest

from geo.crs import geodesic_distance
from suanli.analysis.spillover import BANDS_KM, BANDS_MS, MS_PER_KM
from suanli.profile import replace_spec
from suanli.publish.gis_layers import LAYERS, export_layer
from suanli.publish.identity import layer_metadata, method_hash, run_id
from suanli.publish.styles import write_styles
from suanli.run.sample import sample_edition


@pytest.fixture(scope="module")
def rings() -> gpd.GeoDataFrame:
    return export_layer(sample_edition("zh"), "rings").frame


def test_every_hub_city_has_each_circle_once(rings) -> None:
    hubs = export_layer(sample_edition("zh"), "hubs").frame
    assert set(rings["city"]) == set(hubs.index)
    assert rings.index.is_unique
    for city, each in rings.groupby("city"):
        assert (each["name"] == hubs["name"][city]).all()
        assert (each["hub"] == hubs["hub"][city]).all()
        km = each[each["measure"] == "km"].sort_values("ring")
        ms = each[each["measure"] == "ms"].sort_values("ring")
        assert km["ring"].to_list() == ms["ring"].to_list() == [1, 2, 3]
        assert km["distance_km"].to_list() == list(BANDS_KM)
        assert ms["latency_ms"].to_list() == list(BANDS_MS)
        np.testing.assert_allclose(each["distance_km"] * MS_PER_KM, each["latency_ms"], atol=4e-4)


def test_circles_hold_the_points_within_their_radius_and_no_others(rings) -> None:
    """By the distance on the ellipsoid, over every city: 84 circles, 372 points each."""
    cities = sample_edition("zh").boundaries.city
    points = gpd.GeoSeries.from_xy(cities["lon"], cities["lat"], index=cities.index, crs=4326)
    for _, ring in rings.iterrows():
        centre = points[ring["city"]]
        away = geodesic_distance([centre.x], [centre.y], points.x, points.y)[0]
        within = points.within(ring["geometry"]).to_numpy()
        radius = ring["latency_ms"] / MS_PER_KM if ring["measure"] == "ms" else ring["distance_km"]
        # A chord, straight in degrees, leaves the circle by less than this share.
        clear = np.abs(away - radius) > 1e-3 * radius
        assert clear.sum() > 365
        assert (within == (away <= radius))[clear].all()


def test_circles_are_valid_and_far_from_the_antimeridian(rings) -> None:
    assert rings.is_valid.all()
    west, _, east, north = rings.total_bounds
    assert west > -180
    assert east < 180
    assert north < 85


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_column_of_every_layer_is_described(lang: str) -> None:
    edition = sample_edition(lang)
    for name in LAYERS:
        layer = export_layer(edition, name)
        keys = [field.key for field in layer.fields]
        assert keys == [column for column in layer.frame.columns if column != "geometry"]
        assert layer.frame.index.name == "code"
        for field in (layer.code, *layer.fields):
            assert all((field.title_zh, field.title_en, field.description)), (name, field.key)
        units = {field.key: field.unit for field in layer.fields}
        assert units.get("latency_ms", "ms") == "ms"
        assert units.get("distance_km", "km") == "km"


def test_a_key_says_in_each_layer_what_it_means_there() -> None:
    edition = sample_edition("en")
    layers = {name: export_layer(edition, name) for name in LAYERS}
    titles = {n: {f.key: f.title_en for f in layer.fields} for n, layer in layers.items()}
    assert titles["city"]["kind"] == "Kind"
    assert titles["lines"]["kind"] == "Kind of line"
    assert titles["rings"]["name"] == "City at the centre"
    # Every kind that occurs is named in the description of its layer.
    for name in ("province", "city", "lines"):
        told = next(field.description for field in layers[name].fields if field.key == "kind")
        assert all(kind in told for kind in layers[name].frame["kind"].unique()), name


def test_the_project_names_columns_by_their_layer(tmp_path) -> None:
    edition = sample_edition("en")
    layers = [export_layer(edition, name) for name in LAYERS]
    write_styles(edition, tmp_path, {}, layers)
    with zipfile.ZipFile(tmp_path / "atlas.qgz") as archive:
        text = archive.read("atlas.qgs").decode()
    assert 'name="Name / City' not in text
    assert 'name="City at the centre"' in text
    assert "layername=rings|subset=&quot;measure&quot; IN ('ms')" in text


def test_files_say_which_run_and_which_method_they_are_of() -> None:
    edition = sample_edition("zh")
    run = run_id(edition)
    said = layer_metadata(edition, "city", run=run)
    spec = edition.scores("city").spec
    assert said["method_sha256"] == method_hash(spec)
    assert (said["year"], said["run"]) == (spec.year, run)
    assert "天地图" in said["boundaries"]
    assert said["approval_number"] is None
    assert "审图号：无" in said["approval"]
    numbered = layer_metadata(replace(edition, approval_number="GS(2024)0001"), "city", run=run)
    assert numbered["approval_number"] == "GS(2024)0001"
    assert "GS(2024)0001" in numbered["approval"]
    json.dumps(said, allow_nan=False)


def test_another_method_seed_or_datum_is_another_run() -> None:
    edition = sample_edition("zh")
    run = run_id(edition)
    province, city = edition.study.specs
    changed = replace_spec(city, method={"coverage": 0.5})
    assert method_hash(changed) != method_hash(city)
    settings = replace(edition.study.settings, seed=1)
    cells = edition.catalogue.city.cells.copy()
    cells.loc[cells.index[0], "value"] += 1.0
    table = replace(edition.catalogue.city, cells=cells)
    moved = edition.boundaries.city.assign(geometry=edition.boundaries.city.translate(0.1))
    others = [
        replace(edition, study=replace(edition.study, specs=(province, changed))),
        replace(edition, study=replace(edition.study, settings=settings)),
        replace(edition, catalogue=replace(edition.catalogue, city=table)),
        replace(edition, boundaries=replace(edition.boundaries, city=moved)),
    ]
    assert len({run, *map(run_id, others)}) == 5


def test_a_run_records_the_same_identity_everywhere(atlas) -> None:
    record = json.loads((atlas.path / "manifest.json").read_text(encoding="utf-8"))
    assert record["run"] == run_id(atlas.result.edition)
    for level in ("province", "city"):
        text = (atlas.path / "gis" / f"{level}.geojson").read_text(encoding="utf-8")
        assert json.loads(text)["metadata"]["run"] == record["run"]
    path = atlas.path / "gis" / "atlas.gpkg"
    notes = pyogrio.read_dataframe(path, layer="metadata").set_index("key")["value"]
    assert {notes[f"{name}.run"] for name in LAYERS} == {record["run"]}
    assert notes["city.approval_number"] == ""


def test_points_of_hubs_are_single_points(atlas) -> None:
    hubs = gpd.read_file(atlas.path / "gis" / "atlas.gpkg", layer="hubs")
    assert set(hubs.geom_type) == {"Point"}
