"""Zonal statistics against hand counts, a fine lattice of points, a peer, and themselves."""

import math
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine
from exactextract import exact_extract
from hypothesis import given, settings
from hypothesis import strategies as st

import geo.raster.passes
from geo.errors import RasterError
from geo.raster import Block, Cells, RasterBand, zonal_statistics, zonal_tables
from geo.raster.shares import tiles
from geo.raster.tally import quantile_of

PLANE = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"
ALL = ["mean", "sum", "integral", "min", "max", "stdev", "count", "area", "majority", "median"]
STEP = Affine(1000, 0, 0, 0, -1000, 4_004_000)


def write(path: Path, values, transform=STEP, crs: str = PLANE, **extra) -> Path:
    array = np.atleast_3d(np.asarray(values))
    bands = np.moveaxis(array, -1, 0) if np.ndim(values) == 2 else np.asarray(values)
    if bands.dtype.kind == "f" and "nodata" not in extra:
        extra["nodata"] = -99.0
        bands = np.where(np.isnan(bands), -99.0, bands)
    count, rows, columns = bands.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=count, dtype=bands.dtype,
        crs=crs, transform=transform, **extra,
    ) as target:  # fmt: skip
        target.write(bands)
    return path


def boxes(crs=PLANE, **bounds) -> gpd.GeoDataFrame:
    shapes = [shapely.box(*b) for b in bounds.values()]
    return gpd.GeoDataFrame(geometry=shapes, index=list(bounds), crs=crs)


@pytest.fixture
def small_tiles(monkeypatch):
    """About four cells fit."""
    monkeypatch.setattr(geo.raster.passes, "_RESERVE", 0)
    monkeypatch.setattr(geo.raster.passes, "_BYTES_PER_CELL", 14 * 2**20)


@pytest.fixture
def four(tmp_path):
    values = np.array([[1, 2, 3, 4], [5, 5, 7, 8], [9, 5, 11, 12], [13, 14, 15, 16]], dtype="f8")
    return write(tmp_path / "four.tif", values)


# Columns 1/2, 1, 1/4 and rows 1, 1/2 of km2 cells: x from 0.5 to 2.25 km, y from 2.5 to 4 km.
A = (500, 4_002_500, 2250, 4_004_000)
SHARES = np.outer([1, 0.5], [0.5, 1, 0.25])
VALUES = np.array([[1, 2, 3], [5, 5, 7]], dtype=float)


def by_hand():
    total = SHARES.sum()
    mean = (SHARES * VALUES).sum() / total
    return {
        "mean": mean,
        "sum": (SHARES * VALUES).sum(),
        "integral": (SHARES * VALUES).sum(),
        "min": 1.0,
        "max": 7.0,
        "stdev": math.sqrt((SHARES * (VALUES - mean) ** 2).sum() / total),
        "count": total,
        "area": total,
        "majority": 2.0,  # shares: 1 of 2, 0.25 + 0.5 of 5
        "median": 2.0,  # 1: 0.5, 2: 1.5 of 2.625
        "p90": 5.0,
        "p97": 7.0,
        "covered": 1.0,
    }


def test_every_statistic_by_hand(four):
    found = zonal_statistics(four, boxes(a=A), statistics=[*ALL, "p90", "p97"])
    assert found.loc["a"].to_dict() == pytest.approx(by_hand(), rel=1e-6)
    assert found.columns.to_list() == [*ALL, "p90", "p97", "covered"]


def test_tiles_change_nothing(four, small_tiles):
    found = zonal_statistics(four, boxes(a=A), statistics=[*ALL, "p90", "p97"])
    assert found.loc["a"].to_dict() == pytest.approx(by_hand(), rel=1e-6)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    rows=st.integers(1, 30),
    columns=st.integers(1, 30),
    row=st.integers(0, 9),
    column=st.integers(0, 9),
    high=st.integers(1, 9),
    wide=st.integers(1, 9),
    most=st.integers(1, 200),
)
def test_tiles_make_up_the_block(rows, columns, row, column, high, wide, most):
    seen = np.zeros((40, 40), dtype=int)
    for tile in tiles(Block(row, column, rows, columns), (high, wide), most):
        assert 0 < tile.rows * tile.columns <= most
        seen[tile.row : tile.row + tile.rows, tile.column : tile.column + tile.columns] += 1
    assert (seen[row : row + rows, column : column + columns] == 1).all()
    assert seen.sum() == rows * columns


def field(rng, rows=40, columns=50, holes=0.1):
    smooth = np.sin(np.arange(rows) / 7)[:, None] * 5 + np.arange(columns) / 10 + 20
    values = np.round(smooth + rng.normal(size=(rows, columns)), 1)
    return np.where(rng.random((rows, columns)) < holes, np.nan, values)


def star(rng, x, y, radius):
    angles = np.sort(rng.random(9) * 2 * np.pi)
    length = radius * (0.3 + 0.7 * rng.random(9))
    points = np.column_stack([x + length * np.cos(angles), y + length * np.sin(angles)])
    return shapely.make_valid(shapely.Polygon(points)).buffer(0)


def test_against_a_fine_lattice_of_points(tmp_path):
    """Brute force: 60 x 60 points per cell, each in the zone or not, no shares anywhere."""
    rng = np.random.default_rng(5)
    values = field(rng, 12, 12)
    step = Affine(1000, 0, 0, 0, -1000, 4_012_000)
    path = write(tmp_path / "v.tif", values, step)
    people = rng.gamma(1.0, size=(12, 12))
    weights = write(tmp_path / "w.tif", people, step)
    zones = [star(rng, 6000, 4_006_000, 5500), star(rng, 4000, 4_005_000, 3500)]
    layer = gpd.GeoDataFrame(geometry=zones, index=["a", "b"], crs=PLANE)
    fine = 60
    at = (np.arange(12 * fine) + 0.5) * 1000 / fine
    x, y = np.meshgrid(at, 4_012_000 - at)
    value = np.kron(values, np.ones((fine, fine)))
    weight = np.kron(people, np.ones((fine, fine)))
    plain = zonal_statistics(path, layer, statistics=["mean", "sum", "stdev", "area", "median"])
    weighed = zonal_statistics(path, layer, statistics=["mean", "stdev"], weights=weights)
    for label, zone in layer.geometry.items():
        inside = shapely.contains_xy(zone, x, y)
        own, w = value[inside], weight[inside]
        known = np.isfinite(own)
        own, w = own[known], w[known]
        row = plain.loc[label]
        assert row["covered"] == pytest.approx(known.mean(), abs=2e-3)
        assert row["mean"] == pytest.approx(own.mean(), rel=5e-4)
        assert row["stdev"] == pytest.approx(own.std(), rel=3e-3)
        assert row["sum"] == pytest.approx(own.sum() / fine**2, rel=2e-3)
        assert row["area"] == pytest.approx(len(own) / fine**2, rel=2e-3)
        assert row["median"] == pytest.approx(np.median(own), abs=0.1)
        mean = (own * w).sum() / w.sum()
        assert weighed.loc[label, "mean"] == pytest.approx(mean, rel=1e-3)
        spread = math.sqrt((w * (own - mean) ** 2).sum() / w.sum())
        assert weighed.loc[label, "stdev"] == pytest.approx(spread, rel=3e-3)


def test_against_exactextract_itself(tmp_path):
    rng = np.random.default_rng(8)
    path = write(tmp_path / "v.tif", field(rng), Affine(1000, 0, 0, 0, -1000, 4_040_000))
    zones = [star(rng, x, 4_000_000 + y, 9000) for x in (10_000, 30_000) for y in (10_000, 28_000)]
    layer = gpd.GeoDataFrame(geometry=zones, index=list("abcd"), crs=PLANE)
    ours = zonal_statistics(path, layer, statistics=["mean", "sum", "min", "max", "stdev", "count"])
    theirs = exact_extract(
        str(path), layer, ["mean", "sum", "min", "max", "stdev", "count"], output="pandas"
    ).set_index(layer.index)
    # An equal-area plane: their plain shares and our areas agree.
    pd.testing.assert_frame_equal(
        ours.drop(columns="covered"), theirs[ours.columns[:-1]], rtol=1e-6, check_dtype=False
    )


@settings(derandomize=True, deadline=None, max_examples=12)
@given(seed=st.integers(0, 10_000), x=st.floats(2000, 38_000), y=st.floats(2000, 28_000))
def test_a_partition_adds_up_to_its_union(tmp_path_factory, seed, x, y):
    folder = tmp_path_factory.mktemp("parts")
    path = write(
        folder / "v.tif",
        field(np.random.default_rng(seed)),
        Affine(1000, 0, 0, 0, -1000, 4_040_000),
    )
    west, south, east, north = 700.0, 4_001_300.0, 44_900.0, 4_038_800.0
    layer = boxes(
        whole=(west, south, east, north),
        sw=(west, south, x, 4_000_000 + y),
        se=(x, south, east, 4_000_000 + y),
        nw=(west, 4_000_000 + y, x, north),
        ne=(x, 4_000_000 + y, east, north),
    )
    found = zonal_statistics(
        path, layer, statistics=["sum", "integral", "count", "area", "mean", "stdev", "min", "max"]
    )
    parts, whole = found.loc[["sw", "se", "nw", "ne"]], found.loc["whole"]
    for name in ("sum", "integral", "count", "area"):
        assert parts[name].sum() == pytest.approx(whole[name], rel=1e-6)
    assert parts["min"].min() == whole["min"]
    assert parts["max"].max() == whole["max"]
    mean = (parts["mean"] * parts["area"]).sum() / parts["area"].sum()
    squares = (parts["area"] * (parts["stdev"] ** 2 + (parts["mean"] - mean) ** 2)).sum()
    assert mean == pytest.approx(whole["mean"], rel=1e-6)
    assert math.sqrt(squares / parts["area"].sum()) == pytest.approx(whole["stdev"], rel=1e-5)


@settings(derandomize=True, deadline=None, max_examples=8)
@given(seed=st.integers(0, 10_000), constant=st.floats(1e-3, 1e6))
def test_constant_weights_weigh_nothing(tmp_path_factory, seed, constant):
    folder = tmp_path_factory.mktemp("even")
    rng = np.random.default_rng(seed)
    step = Affine(0.5, 0, 100, 0, -0.5, 45)
    path = write(folder / "v.tif", field(rng), step, "EPSG:4326")
    even = write(folder / "w.tif", np.full((40, 50), constant), step, "EPSG:4326")
    zone = star(rng, 112, 35, 8)
    layer = gpd.GeoDataFrame(geometry=[zone], index=["a"], crs="EPSG:4326")
    names = ["mean", "stdev", "min", "max", "count", "area", "median", "p10", "majority"]
    plain = zonal_statistics(path, layer, statistics=names)
    weighed = zonal_statistics(path, layer, statistics=names, weights=even)
    pd.testing.assert_frame_equal(plain, weighed, rtol=1e-9)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", PLANE])
def test_small_tiles_give_the_same_in_any_system(tmp_path, crs, monkeypatch):
    rng = np.random.default_rng(3)
    step = (
        Affine(0.25, 0, 100, 0, -0.25, 45)
        if crs == "EPSG:4326"
        else Affine(25_000, 0, 11.2e6 if crs == "EPSG:3857" else -4e5, 0, -25_000, 5.3e6)
    )
    path = write(tmp_path / "v.tif", field(rng), step, crs)
    other = write(tmp_path / "w.tif", rng.random((9, 9)), Affine(3, 0, 97, 0, -3, 50), "EPSG:4326")
    zone = star(rng, 105, 40, 4)
    layer = gpd.GeoDataFrame(geometry=[zone], index=["a"], crs="EPSG:4326")
    names = ["mean", "stdev", "min", "max", "count", "area", "median", "majority"]
    options = {"weights": other, "resample_weights": True}
    whole = zonal_statistics(path, layer, statistics=names, **options)
    monkeypatch.setattr(geo.raster.passes, "_BYTES_PER_CELL", 2**19)
    pieces = zonal_statistics(path, layer, statistics=names, **options)
    pd.testing.assert_frame_equal(whole, pieces, rtol=1e-7)
    assert 0 < whole.loc["a", "covered"] < 1


def test_areas_are_those_of_the_ellipsoid(tmp_path):
    path = write(
        tmp_path / "v.tif", np.ones((40, 50)), Affine(0.5, 0, 100, 0, -0.5, 45), "EPSG:4326"
    )
    layer = boxes("EPSG:4326", a=(104.25, 31.5, 109.25, 37.0), b=(120, 26, 130, 30))
    found = zonal_statistics(path, layer, statistics=["area", "integral"])
    geod = pyproj.Geod(ellps="WGS84")
    cut = layer.geometry.segmentize(0.05)
    true = [abs(geod.geometry_area_perimeter(shape)[0]) / 1e6 for shape in cut]
    assert found["area"]["a"] == pytest.approx(true[0], rel=1e-5)
    assert found["integral"]["a"] == pytest.approx(true[0], rel=1e-5)
    # Half of b lies east of the raster.
    assert found["covered"]["b"] == pytest.approx(0.5, rel=1e-5)
    assert found["area"]["b"] == pytest.approx(true[1] / 2, rel=1e-4)


def test_several_rasters_and_layers_in_one_pass(tmp_path, four):
    bands = write(tmp_path / "two.tif", np.stack([np.full((4, 4), 2.0), np.eye(4)]))
    finer = write(tmp_path / "fine.tif", np.ones((8, 8)), Affine(500, 0, 0, 0, -500, 4_004_000))
    one, other = boxes(a=A, far=(9e6, 4e6, 9.1e6, 4.1e6)), boxes(b=A).to_crs("EPSG:4326")
    rasters = {
        "four": four,
        "two": RasterBand(path=bands),
        "eye": RasterBand(path=bands, band=2),
        "fine": finer,
    }
    found = zonal_tables(rasters, {"one": one, "other": other})
    assert list(found) == [(r, n) for r in rasters for n in ("one", "other")]
    for (name, layer), table in found.items():
        alone = zonal_statistics(rasters[name], {"one": one, "other": other}[layer])
        pd.testing.assert_frame_equal(table, alone)
    assert found["eye", "one"].loc["a", "mean"] == pytest.approx((0.5 + 0.5) / 2.625, rel=1e-6)
    assert found["two", "other"].loc["b", "mean"] == 2.0
    assert np.isnan(found["four", "one"].loc["far", "mean"])


def test_scale_offset_and_mask(tmp_path):
    path = write(tmp_path / "s.tif", np.array([[10, 20], [30, 0]], dtype="i2"), nodata=0)
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets, target.units = (0.1,), (5.0,), ("degC",)
    found = zonal_statistics(path, boxes(a=(0, 4_002_000, 2000, 4_004_000)), statistics=["sum"])
    assert found.loc["a"].to_dict() == pytest.approx({"sum": 6 + 7 + 8, "covered": 0.75})


def test_nodata_by_word(tmp_path):
    path = write(tmp_path / "n.tif", np.array([[10.0, -9999.0]]), nodata=None)
    layer = boxes(a=(0, 4_003_000, 2000, 4_004_000))
    with pytest.raises(RasterError, match="-9999") as caught:
        zonal_statistics(path, layer)
    assert caught.value.code == "raster.undeclared_nodata"
    named = zonal_statistics(RasterBand(path=path, nodata=-9999), layer)
    assert named.loc["a"].to_list() == pytest.approx([10.0, 0.5])
    meant = zonal_statistics(RasterBand(path=path, nodata=math.nan), layer)
    assert meant.loc["a", "mean"] == pytest.approx((10 - 9999) / 2)


def test_quantiles_refuse_what_they_cannot_hold(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    path = write(tmp_path / "v.tif", rng.random((40, 50)), Affine(1000, 0, 0, 0, -1000, 4_040_000))
    layer = boxes(a=(0, 4_000_000, 50_000, 4_040_000))
    monkeypatch.setattr(geo.raster.passes, "_RESERVE", 0)
    monkeypatch.setattr("geo.raster.tally._BYTES_OF_VALUE", 2**20)
    with pytest.raises(RasterError) as caught:
        zonal_statistics(path, layer, statistics=["median"], memory_mb=64)
    assert caught.value.code == "raster.too_many_values"
    assert zonal_statistics(path, layer, statistics=["mean"], memory_mb=64)["covered"]["a"] == 1


def test_statistics_that_make_no_sense(four):
    layer = boxes(a=A)
    for options, code in [
        ({"statistics": ["avg"]}, "raster.unknown_statistic"),
        ({"statistics": []}, "raster.unknown_statistic"),
        ({"statistics": ["p0"]}, "raster.unknown_statistic"),
        ({"statistics": ["sum"], "weights": four}, "raster.statistic_weighted"),
        ({"memory_mb": 1}, "raster.memory"),
    ]:
        with pytest.raises(RasterError) as caught:
            zonal_statistics(four, layer, **options)
        assert caught.value.code == code
    assert [quantile_of(name) for name in ("p100", "p", "p5.5", "p-1", "p１")] == [
        None, None, 0.055, None, None,
    ]  # fmt: skip


def test_labels_of_any_kind_and_order(four):
    layer = boxes(a=A, b=(0, 4_000_000, 4000, 4_001_000), c=(1000, 4_001_000, 3000, 4_003_000))
    layer.index = pd.Index([30, 10, 20], name="unit")
    direct = zonal_statistics(four, layer, statistics=ALL)
    shuffled = zonal_statistics(four, layer.loc[[20, 30, 10]], statistics=ALL)
    pd.testing.assert_frame_equal(shuffled.loc[direct.index], direct)
    assert direct.index.equals(layer.index)


def test_cells_of_other_lattices_are_told_apart():
    crs = pyproj.CRS(PLANE)
    one = Cells(transform=STEP, rows=4, columns=4, crs=crs)
    for other, same in [
        (STEP @ Affine.translation(7, -3), True),
        (STEP @ Affine.translation(0.4, 0), False),
        (STEP @ Affine.scale(1.001), False),
    ]:
        assert one.same_lattice(Cells(transform=other, rows=9, columns=9, crs=crs)) is same


MEMORY = """
import sys
from pathlib import Path
import geopandas as gpd, shapely
from geo.raster import zonal_statistics
status = Path("/proc/self/status")
def peak():
    return next(int(l.split()[1]) for l in status.read_text().splitlines() if "VmHWM" in l) / 1024
raster, megabytes = Path(sys.argv[1]), int(sys.argv[2])
layer = gpd.GeoDataFrame(geometry=[shapely.box(100, 30, 110, 40), shapely.box(101, 31, 105, 39)],
                         index=["a", "b"], crs="EPSG:4326")
small = gpd.GeoDataFrame(geometry=[shapely.box(100, 30, 100.1, 30.1)], index=["a"], crs="EPSG:4326")
zonal_statistics(raster, small)
Path("/proc/self/clear_refs").write_text("5")
before = peak()
found = zonal_statistics(raster, layer, statistics=["mean", "max"], memory_mb=megabytes)
print(peak() - before, *found.loc["a"])
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="counts peak memory by /proc"
)
def test_memory_is_bounded_whatever_the_size(tmp_path):
    rows, columns, limit = 5000, 5000, 64
    path = tmp_path / "large.tif"
    step = Affine(10 / columns, 0, 100, 0, -10 / rows, 40)
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="uint8",
        crs="EPSG:4326", transform=step, compress="deflate", tiled=True, zlevel=1,
    ) as target:  # fmt: skip
        line = (np.arange(columns) % 5).astype("uint8")
        for top in range(0, rows, 250):
            block = np.broadcast_to(line, (250, columns))
            target.write(block, 1, window=((top, top + 250), (0, columns)))
    # As doubles the raster alone is three times what is allowed.
    assert rows * columns * 8 / 2**20 > 2.9 * limit
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path), str(limit)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    grown, mean, largest, covered = map(float, done.stdout.split())
    assert grown < limit
    assert (mean, largest, covered) == pytest.approx((2.0, 4.0, 1.0), rel=1e-6)


RASTERS = Path(__file__).parents[2].parent / "shared" / "rasters"


@pytest.mark.skipif(not RASTERS.is_dir(), reason="the rasters do not ship")
def test_real_rasters_match_what_ships():
    root = Path(__file__).parents[2] / "data"
    layer = gpd.read_file(root / "boundaries" / "province.geojson").set_index("code")
    table = pd.read_csv(root / "indicators" / "geography.csv", dtype={"code": str})
    known = table[(table["level"] == "province") & (table["indicator"] == "mean_elevation")]
    known = known.set_index("code")["value"]
    found = zonal_statistics(RASTERS / "china_elevation_5m.tif", layer.loc[known.index])
    assert found["mean"].round(1).to_dict() == pytest.approx(known.to_dict(), abs=0.11)
