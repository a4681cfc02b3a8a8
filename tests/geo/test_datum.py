"""Shifted datums: there and back, a published point, and layers told apart by their outlines."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from geo.crs import GEOGRAPHIC, geodesic_distance
from geo.datum import DATUMS, to_wgs84, wgs84_to_gcj02
from geo.layer import displacements, shift_report


@pytest.fixture
def reference():
    corners = [(110 + 0.5 * i, 30 + 0.5 * j) for i in range(4) for j in range(4)]
    shapes = [box(west, south, west + 0.5, south + 0.5) for west, south in corners]
    return gpd.GeoDataFrame(geometry=shapes, index=[f"u{i}" for i in range(16)], crs=GEOGRAPHIC)


@pytest.mark.parametrize("datum", sorted(DATUMS))
@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.floats(74, 135), st.floats(4, 53))
def test_there_and_back_is_exact_to_a_centimetre(datum, lon, lat):
    point = np.array([[lon, lat]])
    shifted = DATUMS[datum](point)
    back = to_wgs84(shifted, datum)
    assert geodesic_distance([lon], [lat], back[:, 0], back[:, 1])[0, 0] < 1e-5
    offset = geodesic_distance([lon], [lat], shifted[:, 0], shifted[:, 1])[0, 0]
    assert 0.01 < offset < (1.2 if datum == "gcj02" else 2.5)


def test_gcj02_of_a_published_point():
    # Test vector of the eviltransform project: 31.1774276, 121.5272106 -> 31.17530398364597,
    # 121.531541859215 (Shanghai).
    got = wgs84_to_gcj02([[121.5272106, 31.1774276]])
    np.testing.assert_allclose(got, [[121.531541859215, 31.17530398364597]], atol=1e-9)


@pytest.mark.parametrize("datum", sorted(DATUMS))
def test_shifted_is_told_from_straight(reference, datum):
    shapes = shapely.transform(reference.geometry.to_numpy(), DATUMS[datum])
    shifted = reference.set_geometry(shapes, crs=GEOGRAPHIC)
    straight = shift_report(displacements(reference, reference))
    found = shift_report(displacements(shifted, reference))
    assert straight.suspected is None
    assert straight.shift_m < 0.01
    assert found.suspected == datum
    assert found.units == 16
    assert found.gain[datum] == pytest.approx(1, abs=0.05)
    assert found.left_m[datum] < 0.1 * found.shift_m


def test_units_meet_by_code_not_by_position(reference):
    assert displacements(reference.iloc[::-1], reference)["east_m"].abs().max() < 0.01


def test_without_common_codes_there_is_no_verdict(reference):
    found = shift_report(displacements(reference.rename(index=str.upper), reference))
    assert (found.units, found.suspected, found.enough) == (0, None, False)
