"""Zonal means against fractions worked out by hand on small rasters."""

import itertools
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import RasterError
from geo.raster import Block, Cells, zonal_mean

SPHERE = "+proj=longlat +R=6371000 +no_defs"
PLANE = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"


def write(
    path: Path, values, transform, crs: str | None = "EPSG:4326", nodata=-99.0, **extra
) -> Path:
    array = np.asarray(values, dtype="float64")
    array = np.where(np.isnan(array), nodata, array)
    rows, columns = array.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype="float64",
        crs=crs,
        transform=transform,
        nodata=nodata,
        **extra,
    ) as target:
        target.write(array, 1)
    return path


def boxes(crs="EPSG:4326", **bounds) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        geometry=[shapely.box(*b) for b in bounds.values()], index=list(bounds), crs=crs
    )


@pytest.fixture
def metres(tmp_path):
    """2 x 3 cells of 10 km in an equal-area plane: no areas to correct."""
    values = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    return write(tmp_path / "m.tif", values, Affine(10_000, 0, 0, 0, -10_000, 4_020_000), PLANE)


def test_each_cell_counts_with_its_share(metres):
    # x from 5 to 25 km, y the upper 15 of 20 km: columns 1/2, 1, 1/2; rows 1, 1/2.
    layer = boxes(PLANE, a=(5_000, 4_005_000, 25_000, 4_020_000))
    shares = np.outer([1, 0.5], [0.5, 1, 0.5])
    expected = (shares * [[1, 2, 3], [4, 5, 6]]).sum() / shares.sum()
    found = zonal_mean(metres, layer)
    assert found.loc["a", "mean"] == pytest.approx(expected, rel=1e-6)
    assert found.loc["a", "covered"] == pytest.approx(1.0, rel=1e-6)


def test_triangle_shares_are_exact(tmp_path):
    # The diagonal cuts both cells of the square's diagonal in halves.
    path = write(
        tmp_path / "t.tif", [[1, 2], [3, 4]], Affine(1000, 0, 0, 0, -1000, 4_002_000), PLANE
    )
    layer = gpd.GeoDataFrame(
        geometry=[shapely.Polygon([(0, 4_000_000), (2000, 4_000_000), (0, 4_002_000)])],
        index=["t"],
        crs=PLANE,
    )
    expected = (0.5 * 1 + 0 * 2 + 1 * 3 + 0.5 * 4) / 2
    assert zonal_mean(path, layer).loc["t", "mean"] == pytest.approx(expected, rel=1e-6)


def test_cells_without_value_are_left_out_and_reported(tmp_path):
    path = write(
        tmp_path / "n.tif", [[1, np.nan, 3]], Affine(1000, 0, 0, 0, -1000, 4_001_000), PLANE
    )
    layer = boxes(
        PLANE,
        all=(0, 4_000_000, 3000, 4_001_000),
        hole=(1100, 4_000_000, 1900, 4_001_000),
        beyond=(2000, 4_000_000, 4000, 4_001_000),
        elsewhere=(9000, 4_000_000, 9900, 4_001_000),
    )
    found = zonal_mean(path, layer)
    assert found["mean"].to_dict() == pytest.approx(
        {"all": 2.0, "hole": np.nan, "beyond": 3.0, "elsewhere": np.nan}, nan_ok=True
    )
    assert found["covered"].to_dict() == pytest.approx(
        {"all": 2 / 3, "hole": 0.0, "beyond": 0.5, "elsewhere": 0.0}, rel=1e-5
    )
    strict = zonal_mean(path, layer, minimum_covered=0.6)
    assert strict["mean"].notna().to_dict() == {
        "all": True,
        "hole": False,
        "beyond": False,
        "elsewhere": False,
    }


def test_degrees_are_weighted_by_true_area(tmp_path):
    # On a sphere the band from 0 to 30 has area sin 30, from 30 to 60 sin 60 - sin 30.
    path = write(tmp_path / "s.tif", [[10.0], [20.0]], Affine(10, 0, 100, 0, -30, 60), SPHERE)
    south, north = math.sin(math.radians(30)), math.sin(math.radians(60)) - 0.5
    expected = (10 * north + 20 * south) / (north + south)
    found = zonal_mean(path, boxes(SPHERE, a=(100, 0, 110, 60)))
    assert found.loc["a", "mean"] == pytest.approx(expected, rel=1e-6)
    assert abs(found.loc["a", "mean"] - 15.0) > 0.5  # what counting degrees would give


# PROJ reports the scale of web Mercator as if on the sphere: good to about one in a thousand.
@pytest.mark.parametrize(
    ("crs", "tolerance"), [("EPSG:4326", 2e-4), ("EPSG:3857", 2e-3), (PLANE, 2e-4)]
)
def test_cell_areas_follow_the_ellipsoid(crs, tolerance):
    transform = (
        Affine(1, 0, 100, 0, -1, 52)
        if crs == "EPSG:4326"
        else Affine(50_000, 0, 0, 0, -50_000, 6_000_000)
    )
    cells = Cells(transform=transform, rows=30, columns=1, crs=pyproj.CRS(crs))
    back = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    geod = pyproj.Geod(ellps="WGS84")
    true = []
    for row in range(30):
        west, north = transform.c, transform.f + row * transform.e
        box = shapely.segmentize(
            shapely.box(west, north + transform.e, west + transform.a, north),
            abs(transform.a) / 200,
        )
        lonlat = shapely.transform(box, lambda xy: np.column_stack(back.transform(*xy.T)))
        true.append(abs(geod.geometry_area_perimeter(lonlat)[0]))
    found = np.broadcast_to(cells.areas(Block(0, 0, 30, 1)), (30, 1))[:, 0]
    assert found == pytest.approx(np.array(true) / 1e6, rel=tolerance)


def test_layer_in_another_system_gives_the_same_mean(tmp_path):
    rows = np.arange(20, dtype=float)[:, None] + np.arange(30)
    path = write(tmp_path / "g.tif", rows, Affine(0.5, 0, 100, 0, -0.5, 40))
    layer = boxes(a=(102.2, 32.1, 110.7, 38.3))
    layer["geometry"] = layer.geometry.segmentize(0.01)
    direct = zonal_mean(path, layer).loc["a", "mean"]
    assert zonal_mean(path, layer.to_crs(PLANE)).loc["a", "mean"] == pytest.approx(direct, rel=1e-6)


def test_south_up_raster_reads_the_same(tmp_path):
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    north_up = write(tmp_path / "n.tif", values, Affine(1, 0, 100, 0, -1, 32))
    south_up = write(tmp_path / "s.tif", values[::-1], Affine(1, 0, 100, 0, 1, 30))
    layer = boxes(a=(100.3, 30.2, 101.4, 31.9))
    pd.testing.assert_frame_equal(zonal_mean(north_up, layer), zonal_mean(south_up, layer))


def test_weights_by_hand(tmp_path):
    step = Affine(1000, 0, 0, 0, -1000, 4_001_000)
    value = write(tmp_path / "v.tif", [[10, 20, 30, 40]], step, PLANE)
    people = write(tmp_path / "w.tif", [[1, 3, 0, np.nan]], step, PLANE)
    layer = boxes(
        PLANE,
        some=(500, 4_000_000, 2000, 4_001_000),
        nobody=(2100, 4_000_000, 2900, 4_001_000),
        unknown=(2500, 4_000_000, 3500, 4_001_000),
    )
    found = zonal_mean(value, layer, weights=people)
    assert found.loc["some", "mean"] == pytest.approx((0.5 * 1 * 10 + 1 * 3 * 20) / 3.5, rel=1e-5)
    assert np.isnan(found.loc["nobody", "mean"])
    assert found["covered"].to_dict() == pytest.approx(
        {"some": 1.0, "nobody": 1.0, "unknown": 0.5}, rel=1e-5
    )


def test_weights_on_other_cells_only_by_wish(tmp_path):
    value = write(tmp_path / "v.tif", [[10, 20]], Affine(2000, 0, 0, 0, -2000, 4_002_000), PLANE)
    people = write(
        tmp_path / "w.tif",
        [[1, 3, 5, 7], [1, 3, 5, 7]],
        Affine(1000, 0, 0, 0, -1000, 4_002_000),
        PLANE,
    )
    layer = boxes(PLANE, a=(0, 4_000_000, 4000, 4_002_000))
    with pytest.raises(RasterError) as caught:
        zonal_mean(value, layer, weights=people)
    assert caught.value.code == "raster.grids_differ"
    found = zonal_mean(value, layer, weights=people, resample_weights=True)
    assert found.loc["a", "mean"] == pytest.approx((2 * 10 + 6 * 20) / 8, rel=1e-6)


def test_negative_weights_are_refused(tmp_path, metres):
    bad = write(
        tmp_path / "w.tif",
        np.full((2, 3), -1.0),
        Affine(10_000, 0, 0, 0, -10_000, 4_020_000),
        PLANE,
    )
    with pytest.raises(RasterError) as caught:
        zonal_mean(metres, boxes(PLANE, a=(0, 4_000_000, 9000, 4_010_000)), weights=bad)
    assert caught.value.code == "raster.negative_weight"


def test_result_follows_labels_not_order(metres):
    layer = boxes(
        PLANE,
        a=(0, 4_000_000, 10_000, 4_010_000),
        b=(10_000, 4_010_000, 30_000, 4_020_000),
        c=(0, 4_000_000, 30_000, 4_020_000),
    )
    direct = zonal_mean(metres, layer)
    shuffled = zonal_mean(metres, layer.loc[["c", "a", "b"]])
    pd.testing.assert_frame_equal(shuffled.loc[direct.index], direct)
    assert direct["mean"].to_dict() == pytest.approx({"a": 4.0, "b": 2.5, "c": 3.5}, rel=1e-6)


def test_empty_polygon_has_no_mean(metres):
    layer = boxes(PLANE, a=(0, 4_000_000, 10_000, 4_010_000))
    layer.loc["empty"] = [shapely.Polygon()]
    found = zonal_mean(metres, layer)
    assert found.index.to_list() == ["a", "empty"]
    assert np.isnan(found.loc["empty", "mean"])
    assert found.loc["empty", "covered"] == 0


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(
    ("code", "transform", "crs"),
    [
        ("raster.no_crs", Affine(1, 0, 100, 0, -1, 32), None),
        ("raster.no_transform", Affine.identity(), "EPSG:4326"),
        ("raster.rotated", Affine(1, 0.2, 100, 0.2, -1, 32), "EPSG:4326"),
    ],
)
def test_unplaced_rasters_are_refused(tmp_path, code, transform, crs):
    path = write(tmp_path / "a.tif", [[1.0, 2.0], [3.0, 4.0]], transform, crs)
    with pytest.raises(RasterError) as caught:
        zonal_mean(path, boxes(a=(100, 30, 101, 31)))
    assert caught.value.code == code
    assert "a.tif" in str(caught.value)


def test_other_refusals_name_their_cause(tmp_path, metres):
    inside = boxes(PLANE, a=(0, 4_000_000, 10_000, 4_010_000))
    text = tmp_path / "text.tif"
    text.write_text("not a raster")
    cases = {
        "raster.unreadable": (text, inside),
        "raster.no_overlap": (metres, boxes(PLANE, a=(900_000, 0, 910_000, 10_000))),
        "raster.layer_no_crs": (metres, inside.set_crs(None, allow_override=True)),
        "raster.repeated_label": (metres, pd.concat([inside, inside])),
    }
    for code, (path, layer) in cases.items():
        with pytest.raises(RasterError) as caught:
            zonal_mean(path, layer)
        assert caught.value.code == code


@settings(derandomize=True, deadline=None, max_examples=15)
@given(cut=st.floats(100.6, 107.4), level=st.floats(31.1, 38.9))
def test_parts_make_up_the_whole(tmp_path_factory, cut, level):
    folder = tmp_path_factory.mktemp("parts")
    values = np.random.default_rng(7).normal(size=(10, 8))
    path = write(folder / "a.tif", values, Affine(1, 0, 100, 0, -1, 40), SPHERE)
    west, south, east, north = 100.5, 31.0, 107.5, 39.0
    layer = boxes(
        SPHERE,
        whole=(west, south, east, north),
        sw=(west, south, cut, level),
        se=(cut, south, east, level),
        nw=(west, level, cut, north),
        ne=(cut, level, east, north),
    )
    means = zonal_mean(path, layer)["mean"]

    # Weights as the method sees them: shares are planar inside a cell, areas by band.
    def weight(w, s, e, n):
        edges = np.unique([s, *range(math.ceil(s), math.floor(n) + 1), n])
        bands = [
            (b - a)
            * (math.sin(math.radians(math.floor(a) + 1)) - math.sin(math.radians(math.floor(a))))
            for a, b in itertools.pairwise(edges)
        ]
        return (e - w) * sum(bands)

    weights = pd.Series({k: weight(*g.bounds) for k, g in layer.geometry.items()})
    parts = ["sw", "se", "nw", "ne"]
    total = (means[parts] * weights[parts]).sum() / weights[parts].sum()
    assert total == pytest.approx(means["whole"], abs=1e-5)
