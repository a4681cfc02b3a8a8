import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import box

from geo.crs import (
    ALBERS,
    CHINA_EXTENT,
    GEOGRAPHIC,
    Extent,
    check_extent,
    geodesic_distance,
)
from geo.errors import LayerError


def layer(*shapes, crs=GEOGRAPHIC):
    codes = [f"u{i}" for i in range(len(shapes))]
    return gpd.GeoDataFrame({"geometry": list(shapes)}, index=codes, crs=crs)


def grid(west, south, *, size=0.5, count=4):
    return [
        box(west + i * size, south + j * size, west + (i + 1) * size, south + (j + 1) * size)
        for i in range(count)
        for j in range(count)
    ]


def test_albers_is_equal_area_with_the_parallels_of_chinese_maps():
    operation = CRS.from_proj4(ALBERS).coordinate_operation
    assert "Albers" in operation.method_name
    values = {parameter.name: parameter.value for parameter in operation.params}
    assert values["Latitude of 1st standard parallel"] == 25
    assert values["Latitude of 2nd standard parallel"] == 47
    assert values["Longitude of false origin"] == 105


@pytest.mark.parametrize("latitude", [5, 20, 35, 50])
def test_albers_keeps_geodesic_area(latitude):
    # A geographic box is bounded by parallels, so its edges need points before projecting.
    cell = shapely.segmentize(box(110, latitude, 111, latitude + 1), 0.01)
    planar = layer(cell).to_crs(ALBERS).area.iloc[0]
    area, _ = CRS.from_epsg(4326).get_geod().geometry_area_perimeter(cell)
    assert planar == pytest.approx(abs(area), rel=1e-6)


def test_extent_accepts_china():
    check_extent(layer(box(73.5, 3.4, 135.1, 53.6)))


def test_extent_names_swapped_axes():
    with pytest.raises(LayerError, match="swapped") as caught:
        check_extent(layer(box(39, 115, 41, 117), box(22, 100, 24, 101)))
    assert caught.value.code == "crs.swapped"


def test_extent_names_projected_coordinates():
    planar = layer(box(115, 39, 117, 41)).to_crs(ALBERS).set_crs(GEOGRAPHIC, allow_override=True)
    with pytest.raises(LayerError) as caught:
        check_extent(planar)
    assert caught.value.code == "crs.projected"


def test_extent_names_the_units_outside():
    with pytest.raises(LayerError) as caught:
        check_extent(layer(box(115, 39, 117, 41), box(10, 45, 11, 46)))
    assert caught.value.code == "crs.outside"
    assert caught.value.params["units"] == "u1"
    assert caught.value.params["count"] == 1


def test_extent_can_be_another_country():
    check_extent(layer(box(5, 45, 11, 48)), extent=Extent(west=5, south=45, east=11, north=48))
    assert CHINA_EXTENT.west == 73


def test_distance_of_one_degree_along_the_equator_and_the_meridian():
    # WGS84: semi-major axis 6378.137 km, and the first degree of the meridian 110.574 km.
    got = geodesic_distance([0.0], [0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    expected = [[6378.137 * np.pi / 180, 110.574, 0.0]]
    np.testing.assert_allclose(got, expected, atol=1e-3)


def test_distance_between_poles_of_the_vincenty_example():
    # Flinders Peak to Buninyon, Geodetic Datum of Australia manual: 54.972271 km (GRS80).
    got = geodesic_distance([144.424867889], [-37.951033417], [143.926495528], [-37.652821139])
    assert got[0, 0] == pytest.approx(54.972271, abs=1e-5)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(73, 136), st.floats(3, 54)),
        min_size=1,
        max_size=5,
    )
)
def test_distance_matrix_is_symmetric_with_zero_diagonal(points):
    lon, lat = np.array(points).T
    matrix = geodesic_distance(lon, lat, lon, lat)
    assert matrix.shape == (len(points), len(points))
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-6)
    np.testing.assert_allclose(np.diag(matrix), 0, atol=1e-9)


def test_distance_rejects_sets_of_unequal_length():
    with pytest.raises(ValueError, match="broadcast"):
        geodesic_distance([1.0, 2.0], [1.0, 2.0, 3.0], [1.0], [1.0])
