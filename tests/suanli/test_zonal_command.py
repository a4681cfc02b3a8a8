"""``suanli zonal`` and ``suanli latency``: tables that other commands read, and refusals."""

import csv
import io
import json
import math
import re
import shlex
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

import geo.raster
from geo.cartography.isolines import distance_lines
from suanli.analysis.latency import LATENCY, Latency
from suanli.analysis.spillover import MS_PER_KM
from suanli.boundaries import load_boundaries
from suanli.cli import main
from suanli.data import load_catalogue
from suanli.run.zonal import ZonalRequest, zonal_table
from suanli.text import LANGUAGES, Text

ROOT = Path(geo.raster.__file__).parent


def write(path, values=None, **extra):
    array = np.add.outer(np.arange(52.0), np.arange(64.0)) if values is None else values
    count, rows, columns = (1, *array.shape) if array.ndim == 2 else array.shape
    options = {"crs": "EPSG:4326", "transform": Affine(1, 0, 73, 0, -1, 54), **extra}
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=count, dtype=array.dtype,
        **options,
    ) as target:  # fmt: skip
        target.write(array.reshape(count, rows, columns))
    return path


@pytest.fixture
def plane(tmp_path):
    return write(tmp_path / "heat.tif")


def run(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_the_table_holds_what_the_engine_computes(plane, tmp_path, capsys):
    out = tmp_path / "out" / "heat.csv"
    code = run("zonal", plane, "--stat", "mean", "--stat", "p90", "--unit", "℃", "--out", out)
    assert code == 0, capsys.readouterr().err
    found = rows(out)
    cities = load_boundaries().city
    cities = cities[cities["evaluated"]]
    expected = geo.raster.zonal_statistics(plane, cities, statistics=["mean", "p90"])
    assert len(found) == 2 * 337
    for row in found:
        value = expected.loc[row["code"], row["statistic"]]
        assert float(row["value"]) == pytest.approx(value, rel=1e-9)
        assert float(row["covered"]) == pytest.approx(
            expected.loc[row["code"], "covered"], abs=1e-6
        )
        assert row["name"] == cities.loc[row["code"], "name"]
    assert {(r["indicator"], r["unit"], r["source"], r["year"]) for r in found} == {
        ("heat_mean", "℃", "heat.tif", "0"),
        ("heat_p90", "℃", "heat.tif", "0"),
    }
    assert out.read_bytes().startswith(b"\xef\xbb\xbfcode,")


PROFILE = """
id = "warm"
level = "city"
year = 2023
title = { zh = "气温", en = "Warmth" }
note = { zh = "试用", en = "A trial" }
[method]
weight = "equal"
[[dimension]]
id = "climate"
name = { zh = "气候", en = "Climate" }
[[indicator]]
id = "heat"
parent = "climate"
name = { zh = "气温", en = "Heat" }
unit = "℃"
direction = "down"
status = "derived"
source = "own"
reason = "Cooling."
[[indicator]]
id = "gdp"
parent = "climate"
name = { zh = "地区生产总值", en = "GDP" }
unit = "亿元"
direction = "up"
status = "reported"
source = "C01"
reason = "Demand."
"""


def test_other_commands_read_the_table(plane, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "warm.toml").write_text(PROFILE, encoding="utf-8")
    assert run("zonal", plane, "--indicator", "heat", "--unit", "℃", "--out", "heat.csv") == 0
    assert run("check", "heat.csv", "--profile", "warm.toml", "--json", "--lang", "en") == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["files"][0]["values"] == 337
    assert said["files"][0]["errors"] == 0
    assert {f["rule"] for f in said["files"][0]["findings"]} <= {"byte_order_mark", "outlier"}
    score = ("score", "--profile", "warm.toml", "--data", "heat.csv", "--json", "--lang", "en")
    assert run(*score) == 0, capsys.readouterr().err


def test_weights_bands_and_names(tmp_path, capsys):
    two = write(tmp_path / "two.tif", np.stack([np.zeros((52, 64)), np.ones((52, 64))]))
    people = write(tmp_path / "people.tif", np.ones((52, 64)))
    request = ("zonal", two, "--band", 2, "--layer", "province", "--weights", people, "--json")
    assert run(*request) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["rows"]) == 31
    first = found["rows"][0]
    assert (first["value"], first["indicator"]) == ("1", "two_mean_by_people")
    assert first["source"] == "two.tif#2 × people.tif"


def test_units_are_those_of_the_statistic(tmp_path):
    path = write(tmp_path / "people.tif", np.full((52, 64), 100.0))
    with rasterio.open(path, "r+") as target:
        target.units = ("人/km²",)
    names = ("mean", "integral", "area", "count")
    table = zonal_table(ZonalRequest(rasters=(path,), layer="province", statistics=names)).frame
    assert dict(zip(table["statistic"], table["unit"], strict=True)) == {
        "mean": "人/km²", "integral": "人", "area": "km²", "count": "",
    }  # fmt: skip
    wide = table.pivot_table(index="code", columns="statistic", values="value", aggfunc="first")
    assert float(wide.loc["110000", "integral"]) == pytest.approx(
        100 * float(wide.loc["110000", "area"])
    )
    # The official area differs by how much the outline is simplified.
    assert float(wide.loc["110000", "area"]) == pytest.approx(16_410, rel=0.01)


def test_a_layer_of_ones_own(plane, tmp_path):
    shapes = [shapely.box(104, 30, 106, 32), shapely.box(130, 0, 140, 9)]
    columns = {"code": ["a", "b"], "name": ["甲", "乙"]}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(tmp_path / "own.gpkg")
    request = ("zonal", plane, "--layer", tmp_path / "own.gpkg", "--level", "own")
    assert run(*request, "--out", tmp_path / "own.csv") == 0
    found = {row["code"]: row for row in rows(tmp_path / "own.csv")}
    # Columns 31 and 32, rows 22 and 23: 53, 54, 54, 55, the southern ones a little larger.
    assert float(found["a"]["value"]) == pytest.approx(54, abs=0.01)
    # To 137 degrees east of 130 to 140, from 2 degrees north of 0 to 9.
    south, north = math.sin(math.radians(2)), math.sin(math.radians(9))
    share = 0.7 * (north - south) / north
    assert float(found["b"]["covered"]) == pytest.approx(share, abs=1e-3)


def test_what_is_not_covered_is_said(tmp_path, capsys):
    values = np.full((52, 64), np.nan)
    values[:, 30:] = 1
    path = write(tmp_path / "east.tif", values, nodata=np.nan)
    assert run("zonal", path, "--layer", "province", "--lang", "en", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    by_code = {row["code"]: row for row in found["rows"]}
    assert (by_code["650000"]["value"], by_code["650000"]["covered"]) == ("", "0.000000")
    assert any("no value under" in note and "650000" in note for note in found["notes"])
    assert any("in part" in note and "530000" in note for note in found["notes"])


def test_the_screen_shows_the_head(plane, capsys):
    assert run("zonal", plane, "--lang", "en") == 0
    said = capsys.readouterr().out
    assert "heat_mean" in said
    assert "297 more" in said


def bad(folder):
    text = folder / "text.tif"
    text.write_text("no raster", encoding="utf-8")
    return [
        ([folder / "none.tif"], "none.tif"),
        ([text], "text.tif"),
        ([write(folder / "nocrs.tif", crs=None)], "nocrs.tif"),
        ([write(folder / "a.tif"), "--band", 2], "a.tif"),
        ([write(folder / "a.tif"), "--stat", "mode"], "mode"),
        ([write(folder / "far.tif", transform=Affine(1, 0, -73, 0, -1, 54))], "far.tif"),
        ([write(folder / "a.tif"), "--layer", "none.shp"], "none.shp"),
        ([write(folder / "a.tif"), "--weights", folder / "none.tif"], "none.tif"),
        ([write(folder / "a.tif"), write(folder / "A.tif")], "a_mean"),
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_cannot_be_used_writes_nothing(tmp_path, capsys, lang):
    out = tmp_path / "out.csv"
    for arguments, named in bad(tmp_path):
        assert run("zonal", *arguments, "--out", out, "--lang", lang) == 1, arguments
        said = capsys.readouterr().err
        assert named in said
        assert "Traceback" not in said
        assert bool(re.search("[\u4e00-\u9fff]", said)) == (lang == "zh")
        assert not out.exists()


def test_every_error_of_rasters_has_a_sentence():
    source = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("*.py"))
    codes = set(re.findall(r'code="(raster\.[a-z_]+)"', source))
    assert len(codes) > 25
    for lang in LANGUAGES:
        assert [code for code in codes if not Text(lang).has(code)] == []


def test_latency_is_one_model():
    assert LATENCY.of(LATENCY.reach(5.0)) == pytest.approx(5.0)
    assert LATENCY.ms_per_km == MS_PER_KM == 0.0075
    slow = Latency(route_factor=2.0, fixed_ms=1.0)
    assert (slow.of(100.0), slow.reach(2.0)) == (2.0, 100.0)


@pytest.fixture(scope="module")
def surface(tmp_path_factory):
    out = tmp_path_factory.mktemp("latency")
    assert run("latency", "--out", out, "--cell", 0.25) == 0
    return out


def test_the_surface_holds_the_isolines_of_the_figure(surface):
    """Cells within the line of 5 ms, as the map draws it, are those of at most 5 ms."""
    boundaries = load_boundaries()
    cities = boundaries.city.loc[load_catalogue().hub_cities.index]
    hubs = gpd.GeoSeries(gpd.points_from_xy(cities["lon"], cities["lat"]), crs=4326)
    land = gpd.GeoSeries([shapely.box(60, 5, 150, 60)], crs=4326)
    line = distance_lines(hubs, {"5": LATENCY.reach(5.0)}, within=land).to_crs(4326).iloc[0]
    inside = shapely.union_all(list(shapely.polygonize([line]).geoms))
    with rasterio.open(surface / "latency.tif") as source:
        values, step = source.read(1), source.transform
    row, column = np.nonzero(np.isfinite(values) & (np.abs(values - 5) > 0.01))
    x, y = step.c + step.a * (column + 0.5), step.f + step.e * (row + 0.5)
    assert (shapely.contains_xy(inside, x, y) == (values[row, column] < 5)).all()
    assert len(row) > 10_000


def test_means_of_units_cover_them(surface):
    for level, count in (("province", 31), ("city", 337)):
        found = rows(surface / f"latency_{level}.csv")
        assert len(found) == count
        assert {row["covered"] for row in found} == {"1.000000"}
        assert {row["indicator"] for row in found} == {"latency_surface"}
        assert all(0 < float(row["value"]) < 30 for row in found)
    shipped = load_catalogue().city.wide(2023, ["latency_to_hub"])["latency_to_hub"]
    means = {row["code"]: float(row["value"]) for row in found}
    # The middle of a city and its mean differ by less than its size does.
    far = [code for code in means if abs(means[code] - shipped[code]) > 2.5]
    assert far == []


def test_the_surface_is_always_the_same(surface, tmp_path):
    assert run("latency", "--out", tmp_path, "--cell", 0.25) == 0
    for path in surface.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_places_of_ones_own(tmp_path, capsys):
    (tmp_path / "hubs.csv").write_text("name,lon,lat\n甲,104.0,35.0\n", encoding="utf-8-sig")
    request = ("latency", "--hubs", tmp_path / "hubs.csv", "--cell", 1, "--fixed-ms", 0.5)
    assert run(*request, "--route-factor", 2, "--out", tmp_path / "out") == 0
    with rasterio.open(tmp_path / "out" / "latency.tif") as source:
        values, tags = source.read(1), source.tags()
    assert (tags["ROUTE_FACTOR"], tags["FIXED_MS"], tags["PLACES"]) == ("2", "0.5", "1")
    # The centre of the nearest cell lies half a degree off to the east and north.
    assert np.nanmin(values) == pytest.approx(0.5 + 72 * 2 / 200, abs=0.01)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_places_that_cannot_be_used(tmp_path, capsys, lang):
    cases = {
        "lon,lat\n104,95\nx,30\n": ("95", "x"),
        "x,y\n1,2\n": ("x, y",),
        "lon,lat\n": ("lon, lat",),
    }
    path = tmp_path / "hubs.csv"
    for content, named in cases.items():
        path.write_text(content, encoding="utf-8")
        assert run("latency", "--hubs", path, "--out", tmp_path / "out", "--lang", lang) == 1
        said = capsys.readouterr().err
        assert [word for word in named if word not in said] == []
    path.write_bytes("lon,lat,名\n1,2,甲\n".encode("gb18030"))
    assert run("latency", "--hubs", path, "--out", tmp_path / "out", "--lang", lang) == 1
    assert run("latency", "--hubs", tmp_path / "no.csv", "--out", tmp_path / "out") == 1
    assert run("latency", "--weights", tmp_path / "no.tif", "--out", tmp_path / "out") == 1
    assert not (tmp_path / "out").exists()


DOCUMENT = Path(__file__).parents[2] / "docs" / "rasters.md"


def test_the_examples_of_the_document_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = DOCUMENT.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    write(tmp_path / "temperature.tif", nodata=-99.0)
    write(tmp_path / "people.tif", np.ones((104, 128)), transform=Affine(0.5, 0, 73, 0, -0.5, 54))
    (tmp_path / "hubs.csv").write_text("lon,lat\n104,35\n", encoding="utf-8")
    declared = next(block for language, block in blocks if language == "toml")
    profile = PROFILE.replace("[[dimension]]", f"{declared}[[dimension]]", 1)
    profile = profile.replace('direction = "down"', 'direction = "down"\nvalue = "VALUE"', 1)
    (tmp_path / "warm.toml").write_text(profile.replace("VALUE", "heat"), encoding="utf-8")
    commands = [
        shlex.split(command)
        for language, block in blocks
        if language == "sh"
        for command in block.splitlines()
    ]
    assert len(commands) == 7
    for command in commands:
        assert command[0] == "suanli"
        assert run(*command[1:]) == 0, (command, capsys.readouterr().err)
    (tmp_path / "warm.toml").write_text(profile.replace("VALUE", "summer_heat"), encoding="utf-8")
    for language, block in blocks:
        if language == "python":
            exec(compile(block, str(DOCUMENT), "exec"), {})  # noqa: S102 - our own document
    assert "520100" in capsys.readouterr().out
