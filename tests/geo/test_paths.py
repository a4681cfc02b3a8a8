"""Short SVG paths: what they say is what was drawn, to half a step."""

import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cartography.paths import line_paths, page_paths

TOKEN = re.compile(r"[MlhvzM]|-?\d+")


def followed(path):
    """Walk along path data as a browser does; return the rings or lines in steps."""
    rings, at, kind, numbers = [], np.zeros(2, dtype=int), "", []
    for token in TOKEN.findall(path):
        if token.isalpha():
            kind, numbers = token, []
            continue
        numbers.append(int(token))
        if kind in "Ml" and len(numbers) < 2:
            continue
        if kind == "M":
            at = np.array(numbers)
            rings.append([at])
            kind = "l"
        else:
            step = {"l": numbers, "h": [*numbers, 0], "v": [0, *numbers]}[kind]
            at = at + np.array(step)
            rings[-1].append(at)
        numbers = []
    return [np.array(ring) for ring in rings]


whole = st.integers(-3000, 3000)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(whole, whole), min_size=1, max_size=30, unique=True))
def test_rings_are_read_back(points):
    shape = shapely.MultiPoint(points).convex_hull.buffer(60.0, quad_segs=3)
    (path,) = page_paths(gpd.GeoSeries([shape]), unit=10.0)
    (ring,) = followed(path)
    drawn = shapely.LinearRing([(10.0 * x, -10.0 * y) for x, y in ring])
    # Half a step in both directions.
    assert drawn.hausdorff_distance(shape.exterior) <= 7.1


def test_holes_and_parts_are_kept():
    square = shapely.box(0, 0, 100, 100).difference(shapely.box(20, 20, 60, 60))
    both = shapely.MultiPolygon([square, shapely.box(200, 0, 300, 100)])
    (path,) = page_paths(gpd.GeoSeries([both]), unit=10.0)
    rings = followed(path)
    assert path.count("z") == len(rings) == 3
    areas = [abs(shapely.Polygon(ring).area) for ring in rings]
    assert sorted(areas) == [16.0, 100.0, 100.0]


def test_no_unit_vanishes():
    speck = shapely.box(0, 0, 1, 1)
    island = shapely.MultiPolygon([shapely.box(0, 0, 50, 50), shapely.box(90, 90, 91, 91)])
    specks, one = page_paths(gpd.GeoSeries([speck, island]), unit=100.0)
    assert specks == "M0 0h1v1h-1z"
    assert one == "M0 0h1v1h-1zM1 -1h1v1h-1z"
    assert page_paths(gpd.GeoSeries([island]), unit=10.0)[0].count("M") == 1


@pytest.mark.parametrize(
    ("points", "path"),
    [
        ([(0, 0), (10, -30), (-10, -30), (-10, 0)], "M0 0l1 3h-2v-3"),
        ([(0, 0), (10, 10), (20, 30), (10, 40)], "M0 0l1-1 1-2-1-1"),
        ([(0, 0), (1, 1)], ""),
    ],
)
def test_lines(points, path):
    assert line_paths(gpd.GeoSeries([shapely.LineString(points)]), unit=10.0) == path
