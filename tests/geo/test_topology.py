"""Arcs: whole coordinates there and back, and every shared border once."""

import itertools
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cartography.drawing import project
from geo.cartography.topology import build_topology, decode_line, encode_line, rounded

BOUNDARIES = Path(__file__).resolve().parents[2] / "data" / "boundaries"


def polygon(rings, arcs):
    """What the page's script makes of a polygon."""
    drawn = []
    for ring in rings:
        points = []
        for number in ring:
            arc = arcs[~number][::-1] if number < 0 else arcs[number]
            points += arc[:-1]
        drawn.append(points)
    return shapely.Polygon(drawn[0], drawn[1:])


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)), min_size=1))
def test_lines_come_back(points):
    text = encode_line(points)
    assert decode_line(text) == points
    assert not set(text) & set("\"'<>& \n")
    assert text.isascii()


def test_the_encoding_is_the_published_one():
    # The example of the format's documentation, scaled to whole numbers as it says.
    points = [(3850000, -12020000), (4070000, -12095000), (4325200, -12645300)]
    assert encode_line(points) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


@pytest.mark.parametrize("level", ["province", "city"])
def test_every_unit_comes_back_and_borders_are_shared(level):
    layer = gpd.read_file(BOUNDARIES / f"{level}_web.geojson").set_index("code")
    shapes = rounded(project(layer.geometry), 100.0)
    found = build_topology(shapes)
    arcs = [decode_line(text) for text in found.arcs]
    for unit, (code, shape) in zip(found.units, shapes.items(), strict=True):
        back = [polygon(rings, arcs) for rings in unit]
        assert sum(part.area for part in back) == pytest.approx(shape.area), code
        bounds = shapely.total_bounds(back)
        assert bounds.tolist() == list(shape.bounds), code
    used = [~n if n < 0 else n for unit in found.units for rings in unit for r in rings for n in r]
    times = [used.count(number) for number in range(len(arcs))]
    assert max(times) <= 2
    assert set(times) >= {1, 2}
    # A border of two units is one arc: no segment lies in two arcs.
    segments = [tuple(sorted((a, b))) for arc in arcs for a, b in itertools.pairwise(arc)]
    assert len(set(segments)) == len(segments)
    ordered = build_topology(shapes)
    assert ordered == found


def test_a_hole_and_what_fills_it_share_one_arc():
    hole = [(1, 1), (1, 3), (3, 3), (3, 1)]
    shapes = gpd.GeoSeries(
        [shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [hole]), shapely.Polygon(hole)]
    )
    found = build_topology(rounded(shapes, 1.0))
    assert len(found.arcs) == 2
    (((inner,),),) = found.units[1]
    assert found.units[0][0][1] in ([inner], [~inner])
