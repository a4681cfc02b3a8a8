"""Contact found by shared vertices must be the contact that geometry finds."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, affinity, box

from geo.errors import WeightsError
from geo.weights import build_contiguity, describe
from geo.weights.touching import touching_pairs


def _by_geometry(shapes, rule="queen", tolerance=0.0):
    """Ask the predicate of every pair."""
    first, second = np.triu_indices(len(shapes), k=1)
    one, other = shapes[first], shapes[second]
    if rule == "rook":
        met = shapely.relate_pattern(one, other, "****1****")
        met |= shapely.relate_pattern(one, other, "T********")
    else:
        met = shapely.intersects(one, other)
        if tolerance:
            met = shapely.dwithin(one, other, tolerance)
    return set(zip(first[met].tolist(), second[met].tolist(), strict=True))


def _found(shapes, **options):
    first, second = touching_pairs(shapes, **options)
    pairs = list(zip(first.tolist(), second.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    return set(pairs)


def _array(*shapes):
    return np.array(shapes, dtype=object)


LATTICE = _array(*(box(x, y, x + 1, y + 1) for x in range(6) for y in range(5)))
CASES = {
    "lattice": LATTICE,
    "lattice far from the origin": np.array(
        [affinity.translate(one, 1e7 + 0.1, -4e6 - 0.3) for one in LATTICE], dtype=object
    ),
    "across zero": _array(box(-1.0, -1.0, -0.0, 0.0), box(0.0, 0.0, 1.0, 1.0)),
    "a corner in the middle of an edge": _array(
        Polygon([(0, 0), (2, 1), (0, 2)]), box(2, 0, 3, 2), box(2, 2, 3, 3)
    ),
    "borders digitised unequally": _array(
        Polygon([(0, 0), (1, 0), (1, 0.3), (1, 1), (0, 1)]), box(1, 0, 2, 1)
    ),
    "a sliver of overlap": _array(box(0, 0, 1, 1), box(0.9999, 0, 2, 1)),
    "a sliver of gap": _array(box(0, 0, 1, 1), box(1.0001, 0, 2, 1)),
    "one within another": _array(box(0, 0, 9, 9), box(3, 3, 4, 4)),
    "in a hole": _array(
        Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (4, 3), (4, 4), (3, 4)]]),
        box(3, 3, 4, 4),
        box(3.4, 3.4, 3.6, 3.6),
    ),
    "parts": _array(MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)]), box(6, 6, 7, 7)),
    "the same shape twice": _array(box(0, 0, 1, 1), box(0, 0, 1, 1), box(3, 3, 4, 4)),
    "crossed without vertices": _array(box(-3, -1, 3, 1), box(-1, -3, 1, 3)),
    "points and lines": _array(
        shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]), box(0.5, 0, 1, 1)
    ),
    "alone": _array(box(0, 0, 1, 1)),
}


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize("name", list(CASES))
def test_pairs_are_those_of_the_geometry(name, rule):
    assert _found(CASES[name], rule=rule) == _by_geometry(CASES[name], rule)


def test_a_gap_is_crossed_only_within_the_tolerance():
    shapes = CASES["a sliver of gap"]
    assert _found(shapes) == set()
    assert _found(shapes, tolerance=0.00005) == set()
    assert _found(shapes, tolerance=0.0002) == {(0, 1)}


@given(
    boxes=st.lists(
        st.tuples(*(st.integers(0, 6) for _ in range(2)), *(st.integers(1, 3) for _ in range(2))),
        min_size=1,
        max_size=9,
    ),
    scale=st.sampled_from([1.0, 0.1, 1e5]),
    tolerance=st.sampled_from([0.0, 0.5, 2.5]),
)
@settings(derandomize=True, deadline=None, max_examples=60)
def test_any_boxes(boxes, scale, tolerance):
    """Boxes on a grid: edges in common, in part, corners, overlaps, one in another."""
    shapes = np.array(
        [box(*(scale * one for one in (x, y, x + w, y + h))) for x, y, w, h in boxes], dtype=object
    )
    assert _found(shapes) == _by_geometry(shapes)
    assert _found(shapes, rule="rook") == _by_geometry(shapes, "rook")
    wide = tolerance * scale
    assert _found(shapes, tolerance=wide) == _by_geometry(shapes, tolerance=wide)


def test_irregular_cells_and_cells_that_do_not_fit():
    points = shapely.multipoints(np.random.default_rng(3).random((150, 2)))
    cells = np.array(shapely.get_parts(shapely.voronoi_polygons(points)), dtype=object)
    rng = np.random.default_rng(4)
    apart = [affinity.scale(one, *(1.0 + rng.normal(0.0, 1e-3, 2))) for one in cells]
    for shapes in (cells, np.array(apart, dtype=object)):
        for rule in ("queen", "rook"):
            assert _found(shapes, rule=rule) == _by_geometry(shapes, rule)


@pytest.mark.parametrize("name", ["province", "city", "province_web", "city_web"])
def test_shipped_layers_have_the_neighbours_of_the_geometry(name):
    from pathlib import Path

    layer = gpd.read_file(
        Path(__file__).parents[2] / "data" / "boundaries" / f"{name}.geojson"
    ).to_crs(3857)
    shapes = layer.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    met = {
        (one, two) for one, two in zip(first.tolist(), second.tolist(), strict=True) if one < two
    }
    assert _found(shapes) == met


def test_tolerance_heals_a_layer_and_is_on_record():
    layer = gpd.GeoDataFrame(
        index=["a", "b", "c"],
        geometry=[box(0, 0, 99, 99), box(100, 0, 199, 99), box(230, 0, 300, 99)],
        crs=3857,
    )
    graph = build_contiguity(layer, tolerance=2.0, islands="keep")
    assert list(graph["a"].index) == ["b"]
    assert describe(graph).rule == "queen-within-2"
    assert describe(graph).isolates == ("c",)
    for options in ({"tolerance": -1.0}, {"tolerance": 2.0, "rule": "rook"}, {"tolerance": np.nan}):
        with pytest.raises(WeightsError) as caught:
            build_contiguity(layer, **options)
        assert caught.value.code == "weights.tolerance"
