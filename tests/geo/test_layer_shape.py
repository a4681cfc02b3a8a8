"""Checking and shaping coverages."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from geo.crs import ALBERS, GEOGRAPHIC
from geo.errors import LayerError
from geo.layer import (
    clean_coverage,
    dissolve_units,
    merge_units,
    neighbour_pairs,
    simplify_coverage,
    validate_layer,
)


def frame(shapes, crs=GEOGRAPHIC):
    table = gpd.GeoDataFrame(geometry=list(shapes.values()), index=list(shapes), crs=crs)
    return table.rename_axis("code")


def wavy(points=200):
    """Two units that share a winding border at 111 E."""
    y = np.linspace(30, 32, points)
    x = 111 + 0.05 * np.sin(np.linspace(0, 40, points))
    border = list(zip(x, y, strict=True))
    west = shapely.Polygon([(110, 30), *border, (110, 32)])
    east = shapely.Polygon([(112, 32), *border[::-1], (112, 30)])
    return frame({"east": east, "west": west})


def rule(call, *args, **kwargs):
    with pytest.raises(LayerError) as caught:
        call(*args, **kwargs)
    return caught.value


# Checking


def test_a_clean_layer_passes():
    report = validate_layer(wavy())
    assert report.passed
    assert report.coverage_valid
    assert report.units == 2


def test_invalid_polygons_are_named_with_a_reason():
    bow = shapely.Polygon([(110, 30), (111, 31), (111, 30), (110, 31)])
    report = validate_layer(frame({"a": bow, "b": box(113, 30, 114, 31)}))
    assert [code for code, _ in report.invalid] == ["a"]
    assert "Self-intersection" in report.invalid[0][1]
    assert not report.passed


def test_overlaps_are_measured_in_square_kilometres():
    report = validate_layer(frame({"a": box(110, 30, 111, 31), "b": box(110.9, 30, 112, 31)}))
    ((first, second, km2),) = report.overlaps
    assert (first, second) == ("a", "b")
    # 0.1 by 1 degree at 30.5 N: 9.59 km by 110.85 km.
    assert km2 == pytest.approx(9.59 * 110.85, rel=2e-3)
    assert report.unmatched == ("a", "b")


def test_unmatched_edges_are_found_without_overlap():
    # The edge of b has a vertex that a lacks: it tiles, but simplifying would tear it.
    b = shapely.Polygon([(111, 30), (112, 30), (112, 31), (111, 31), (111, 30.5)])
    report = validate_layer(frame({"a": box(110, 30, 111, 31), "b": b}))
    assert report.overlaps == ()
    assert report.unmatched
    assert not report.coverage_valid


def test_position_is_part_of_the_report():
    report = validate_layer(frame({"a": box(39, 115, 41, 117)}))
    assert report.coverage_valid
    assert not report.passed
    assert report.extent_problem.code == "crs.swapped"


# Shaping


def test_cleaning_moves_the_overlap_once_and_says_how_much():
    dirty = frame({"a": box(110, 30, 111, 31), "b": box(110.9, 30, 112, 31)})
    cleaned, moved = clean_coverage(dirty)
    assert validate_layer(cleaned).coverage_valid
    overlap = validate_layer(dirty).overlaps[0][2]
    assert moved.sum() == pytest.approx(overlap, rel=1e-6)
    assert list(moved.index) == ["a", "b"]


def test_cleaning_a_clean_layer_moves_nothing():
    cleaned, moved = clean_coverage(wavy())
    assert moved.tolist() == pytest.approx([0, 0], abs=1e-9)
    assert shapely.equals(cleaned.geometry.to_numpy(), wavy().geometry.to_numpy()).all()


def test_cleaning_repairs_spikes_into_polygons():
    spike = shapely.Polygon([(110, 30), (111, 30), (111, 31), (111, 32), (111, 31), (110, 31)])
    cleaned, _ = clean_coverage(frame({"a": spike, "b": box(111, 30, 112, 31)}))
    assert validate_layer(cleaned).coverage_valid
    assert cleaned.loc["a", "geometry"].equals(box(110, 30, 111, 31))


def test_merging_keeps_attributes_of_the_receiver():
    table = frame({c: box(110 + i, 30, 111 + i, 31) for i, c in enumerate("abc")})
    table["name"] = ["A", "B", "C"]
    merged = merge_units(table, {"b": "c"})
    assert merged["name"].to_dict() == {"a": "A", "c": "C"}
    assert merged.loc["c", "geometry"].equals(box(111, 30, 113, 31))
    assert merged.crs == GEOGRAPHIC


@pytest.mark.parametrize("into", [{"x": "a"}, {"a": "x"}, {"a": "b", "b": "c"}, {"a": "a"}])
def test_merging_refuses_unknown_units_and_chains(into):
    table = frame({c: box(110 + i, 30, 111 + i, 31) for i, c in enumerate("abc")})
    assert rule(merge_units, table, into).code == "layer.merge"


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.permutations(list("abcd")))
def test_dissolving_follows_labels(order):
    table = frame({c: box(110 + i, 30, 111 + i, 31) for i, c in enumerate("abcd")})
    groups = pd.Series({"a": "x", "b": "x", "c": "y", "d": "y"}).loc[list(order)]
    merged = dissolve_units(table, by=groups)
    assert list(merged.index) == ["x", "y"]
    assert merged.loc["x", "geometry"].equals(box(110, 30, 112, 31))


def test_dissolving_names_units_without_group():
    table = frame({c: box(110 + i, 30, 111 + i, 31) for i, c in enumerate("ab")})
    error = rule(dissolve_units, table, pd.Series({"a": "x"}))
    assert error.code == "layer.ungrouped"
    assert error.params["units"] == "b"


def test_neighbours_meet_in_edges_corners_and_overlaps():
    table = frame(
        {
            "c": box(110, 30, 111, 31),
            "a": box(111, 30, 112, 31),
            "d": box(112, 31, 113, 32),
            "b": box(112.9, 31, 114, 32),
            "e": box(120, 30, 121, 31),
        }
    )
    assert neighbour_pairs(table) == {("a", "c"), ("a", "d"), ("b", "d")}


@pytest.mark.parametrize("tolerance", [500, 2000, 4000])
def test_simplifying_keeps_a_valid_coverage_with_fewer_vertices(tolerance):
    table = wavy()
    simple = simplify_coverage(table, tolerance)
    assert validate_layer(simple).coverage_valid
    count = shapely.get_num_coordinates(simple.geometry.to_numpy()).sum()
    assert count < shapely.get_num_coordinates(table.geometry.to_numpy()).sum() / 2
    assert neighbour_pairs(simple) == {("east", "west")}
    total = simple.to_crs(ALBERS).area
    assert total.sum() == pytest.approx(table.to_crs(ALBERS).area.sum(), rel=2e-3)


@pytest.mark.parametrize("decimals", [2, 4])
def test_simplifying_rounds(decimals):
    points = shapely.get_coordinates(simplify_coverage(wavy(), 500, decimals=decimals).geometry)
    np.testing.assert_array_equal(points, points.round(decimals))


def archipelago():
    """A mainland with a large island, an islet at sea and an enclave inside a neighbour."""
    enclave = box(112.4, 30.4, 112.42, 30.42)
    neighbour = box(111, 30, 113, 31).difference(enclave)
    islet, island = box(114, 30, 114.01, 30.01), box(115, 30, 115.5, 30.5)
    home = shapely.MultiPolygon([box(110, 30, 111, 31), enclave, islet, island])
    return frame({"home": home, "neighbour": neighbour, "reef": box(116, 30, 116.01, 30.01)})


def parts(table, code):
    return len(shapely.get_parts(table.loc[code, "geometry"]))


def test_islets_go_but_not_enclaves_nor_the_last_part():
    # The islet has 1.1 km2, the enclave 4.3, the reef 1.1.
    simple = simplify_coverage(archipelago(), 100, drop_islets_km2=5)
    assert parts(simple, "home") == 3
    assert parts(simple, "reef") == 1
    assert simple.loc["neighbour", "geometry"].interiors
    assert validate_layer(simple).coverage_valid


def test_kept_units_lose_no_islet():
    simple = simplify_coverage(archipelago(), 100, drop_islets_km2=5, keep=["home"])
    assert parts(simple, "home") == 4


def test_simplifying_refuses_what_leaves_no_coverage():
    tiny = frame({"a": box(110, 30, 110.004, 30.004), "b": box(111, 30, 112, 31)})
    assert rule(simplify_coverage, tiny, 100, decimals=1).code == "layer.simplified_invalid"
