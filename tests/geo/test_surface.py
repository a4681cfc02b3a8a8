"""Surfaces: exact distances, whole files, equal bytes."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from geo.cartography.isolines import distance_lines
from geo.crs import geodesic_distance
from geo.errors import RasterError
from geo.raster import (
    degree_cells,
    nearest_distance,
    touched_cells,
    write_cog,
    zonal_statistics,
)

CHINA = (73.0, 18.0, 135.0, 54.0)


def points(seed=4, n=14):
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(85, 125, n), rng.uniform(22, 45, n)
    return gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326")


def centres(cells):
    step = cells.transform
    x = step.c + step.a * (np.arange(cells.columns) + 0.5)
    y = step.f + step.e * (np.arange(cells.rows) + 0.5)
    return np.meshgrid(x, y)


@pytest.mark.parametrize("seed", range(3))
def test_every_cell_has_the_distance_of_the_nearest(seed):
    places = points(seed)
    # Two places almost equally far from the cells between them.
    places = gpd.GeoSeries([*places, shapely.Point(100, 30), shapely.Point(100, 36.0001)], crs=4326)
    cells = degree_cells(CHINA, 2.0)
    x, y = centres(cells)
    every = geodesic_distance(x.ravel(), y.ravel(), places.x, places.y).min(axis=1)
    found = nearest_distance(places, cells)
    assert found.ravel() == pytest.approx(every, rel=1e-12, abs=1e-12)


def test_places_in_any_system_and_one_alone():
    place = gpd.GeoSeries([shapely.Point(104.0, 35.0)], crs="EPSG:4326")
    cells = degree_cells((103, 34, 105, 36), 0.5)
    plane = nearest_distance(place.to_crs("EPSG:3857"), cells)
    assert plane == pytest.approx(nearest_distance(place, cells), rel=1e-9)
    with pytest.raises(RasterError) as caught:
        nearest_distance(place.iloc[:0], cells)
    assert caught.value.code == "raster.surface_places"


@pytest.mark.parametrize(
    ("bounds", "cell"),
    [(CHINA, 0.0001), (CHINA, 0.0), (CHINA, -1.0), (CHINA, float("nan")), ((9, 1, 8, 2), 1.0)],
)
def test_extents_without_sense_or_end_are_refused(bounds, cell):
    with pytest.raises(RasterError) as caught:
        degree_cells(bounds, cell)
    assert caught.value.code == "raster.surface_extent"


def test_surface_and_isolines_agree():
    """Isolines are outlines of circles, the surface distances of cells: both say the same."""
    places, cells = points(), degree_cells(CHINA, 0.25)
    km = 133.0
    land = gpd.GeoSeries([shapely.box(*CHINA)], crs="EPSG:4326")
    line = distance_lines(places, {"a": km}, within=land).to_crs("EPSG:4326").iloc[0]
    inside = shapely.union_all(list(shapely.polygonize(list(line.geoms)).geoms))
    x, y = centres(cells)
    far = nearest_distance(places, cells)
    clear = np.abs(far - km) > 0.001 * km
    assert (shapely.contains_xy(inside, x, y) == (far < km))[clear].all()
    on_line = shapely.get_coordinates(shapely.segmentize(line, 0.2))
    measured = geodesic_distance(on_line[:, 0], on_line[:, 1], places.x, places.y).min(axis=1)
    assert measured == pytest.approx(np.full(len(on_line), km), rel=1e-3)


def test_touched_cells_are_those_that_have_a_share():
    rng = np.random.default_rng(1)
    cells = degree_cells((100, 30, 106, 34), 0.25)
    zone = shapely.Polygon([(100.6, 30.2), (105.1, 31.3), (102.0, 33.7)])
    zones = gpd.GeoSeries([zone, shapely.Point(*rng.uniform(31, 33, 2)).buffer(0.1)], crs=4326)
    x, y = centres(cells)
    boxes = shapely.box(x - 0.125, y - 0.125, x + 0.125, y + 0.125)
    expected = shapely.area(shapely.intersection(boxes, zone)) > 1e-9
    assert (touched_cells(cells, zones) == expected).all()


def surface(path: Path):
    cells = degree_cells((90, 20, 120, 45), 0.05)
    values = nearest_distance(points(n=2), cells)
    values[:100, :100] = np.nan
    write_cog(path, values, cells, unit="km", description="distance", tags={"PLACES": "2"})
    return cells, values


def test_the_file_is_cloud_optimised_whole_and_always_the_same(tmp_path):
    cells, values = surface(tmp_path / "a.tif")
    surface(tmp_path / "b.tif")
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    with rasterio.open(tmp_path / "a.tif") as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.overviews(1)
        assert source.block_shapes == [(256, 256)]
        assert (source.units, source.descriptions) == (("km",), ("distance",))
        assert source.tags()["PLACES"] == "2"
        assert source.crs.to_epsg() == 4326
        assert source.bounds == pytest.approx(cells.bounds)
        np.testing.assert_array_equal(source.read(1), values.astype("float32"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "b.tif"]


def test_a_validator_of_others_accepts_the_file(tmp_path):
    cogeo = pytest.importorskip("rio_cogeo")
    surface(tmp_path / "a.tif")
    valid, errors, warnings = cogeo.cog_validate(tmp_path / "a.tif", strict=True)
    assert (valid, errors, warnings) == (True, [], [])


def test_means_of_the_surface_are_means_of_distance(tmp_path):
    """Around one place the mean distance within a circle of radius r is 2/3 r."""
    place = gpd.GeoSeries([shapely.Point(105.0, 35.0)], crs="EPSG:4326")
    cells = degree_cells((101, 31, 109, 39), 0.05)
    write_cog(tmp_path / "a.tif", nearest_distance(place, cells), cells)
    circle = place.to_crs("+proj=aeqd +lon_0=105 +lat_0=35").buffer(300_000, quad_segs=90)
    layer = gpd.GeoDataFrame(geometry=circle.to_crs("EPSG:4326"))
    found = zonal_statistics(tmp_path / "a.tif", layer, statistics=["mean", "max"]).iloc[0]
    assert found["mean"] == pytest.approx(200, rel=1e-3)
    # A cell on the rim has the distance of its centre, at most 4 km farther out.
    assert 300 < found["max"] < 304
