import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph
from pyproj import Geod
from shapely import Polygon, box

from geo.errors import WeightsError
from geo.weights import (
    add_bridges,
    align,
    build_contiguity,
    describe,
    distance_band,
    higher_order,
    knn,
    restrict,
    row_standardise,
    sparse_matrix,
)


def _squares(cells, crs=3857):
    return gpd.GeoDataFrame(
        index=pd.Index(cells, name="code"),
        geometry=[box(x, y, x + 1, y + 1) for x, y in cells.values()],
        crs=crs,
    )


@pytest.fixture
def layer():
    """Four squares in a block, and one far away."""
    return _squares({"a": (0, 0), "b": (1, 0), "c": (0, 1), "d": (1, 1), "far": (9, 0)})


def _links(graph):
    return {
        (focal, neighbor) for (focal, neighbor), weight in graph.adjacency.items() if weight != 0
    }


def test_queen_links_corners_and_rook_does_not(layer):
    queen = build_contiguity(layer, islands="keep")
    rook = build_contiguity(layer, rule="rook", islands="keep")
    assert _links(queen) - _links(rook) == {("a", "d"), ("d", "a"), ("b", "c"), ("c", "b")}
    assert list(queen.unique_ids) == list(layer.index)


def test_borders_digitised_unequally_still_touch():
    left = Polygon([(0, 0), (1, 0), (1, 0.3), (1, 1), (0, 1)])
    layer = gpd.GeoDataFrame(index=["l", "r"], geometry=[left, box(1, 0, 2, 1)], crs=3857)
    both = {("l", "r"), ("r", "l")}
    assert _links(build_contiguity(layer, rule="rook")) == both
    layer.loc["r", "geometry"] = box(0.999, 0, 2, 1)  # a sliver of overlap
    assert _links(build_contiguity(layer, rule="rook")) == both
    assert _links(build_contiguity(layer)) == both


def test_contiguity_matches_libpysal_on_a_clean_coverage():
    points = shapely.multipoints(np.random.default_rng(8).random((80, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points))
    layer = gpd.GeoDataFrame(geometry=cells, index=[f"v{i}" for i in range(80)], crs=3857)
    for rule in ("queen", "rook"):
        expected = Graph.build_contiguity(layer, rook=rule == "rook")
        assert _links(build_contiguity(layer, rule=rule)) == _links(expected)


def test_island_policies(layer):
    with pytest.raises(WeightsError, match="far") as caught:
        build_contiguity(layer)
    assert caught.value.code == "weights.islands"
    assert caught.value.params["labels"] == ["far"]
    assert list(build_contiguity(layer, islands="drop").unique_ids) == ["a", "b", "c", "d"]
    assert describe(build_contiguity(layer, islands="keep")).isolates == ("far",)
    nearest = build_contiguity(layer, islands="knn1")
    assert _links(nearest) - _links(build_contiguity(layer, islands="keep")) == {
        ("far", "b"),
        ("b", "far"),
    }
    assert describe(nearest).bridges == (("far", "b"),)


def test_bridge_settles_an_island_and_is_reported(layer):
    graph = build_contiguity(layer, bridges=[("far", "a")])
    report = describe(graph)
    assert report.isolates == ()
    assert report.components == 1
    assert report.bridges == (("far", "a"),)
    assert {("far", "a"), ("a", "far")} <= _links(graph)


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("a", "nowhere")], "weights.bridge_unknown"),
        ([("a", "a")], "weights.bridge_loop"),
    ],
)
def test_impossible_bridges(layer, pairs, code):
    with pytest.raises(WeightsError) as caught:
        build_contiguity(layer, bridges=pairs, islands="keep")
    assert caught.value.code == code


def test_bridges_come_before_standardisation(layer):
    graph = row_standardise(build_contiguity(layer, islands="keep"))
    with pytest.raises(WeightsError, match="before row_standardise"):
        add_bridges(graph, [("a", "far")])
    with pytest.raises(WeightsError, match="before row_standardise"):
        restrict(graph, ["a", "b"])


def test_restricting_equals_building_on_fewer_units(layer):
    kept = ["d", "a", "far"]
    whole = build_contiguity(layer, islands="keep", bridges=[("far", "c"), ("a", "b")])
    part = restrict(whole, kept)
    fresh = build_contiguity(layer.loc[layer.index.isin(kept)], islands="keep")
    assert _links(part) == _links(fresh)
    assert list(part.unique_ids) == list(fresh.unique_ids)
    assert describe(part).bridges == ()
    with pytest.raises(WeightsError, match="nowhere"):
        restrict(whole, ["a", "nowhere"])


def test_higher_order_matches_libpysal(lattice):
    graph = lattice(6, 7, rule="rook", standardise=False)
    for order in (1, 2, 3, 4):
        ours = higher_order(graph, order)
        assert _links(ours) == _links(graph.higher_order(order)) if order > 1 else _links(graph)
        assert describe(ours).order == order
    both = higher_order(graph, 2, cumulative=True)
    assert _links(both) == _links(graph) | _links(higher_order(graph, 2))
    with pytest.raises(WeightsError):
        higher_order(graph, 0)


def test_description_of_standardised_weights(layer):
    graph = row_standardise(build_contiguity(layer, rule="rook", islands="keep"))
    report = describe(graph)
    assert (report.rule, report.n, report.links, report.components) == ("rook", 5, 8, 2)
    assert report.row_standardised
    assert (report.cardinality_min, report.cardinality_max) == (0, 2)
    assert report.cardinality_mean == pytest.approx(1.6)
    assert not describe(build_contiguity(layer, islands="keep")).row_standardised
    assert describe(Graph.from_arrays(["a", "b"], ["b", "a"], [1, 1])).rule == "unknown"


def test_alignment_orders_by_label(layer):
    graph = build_contiguity(layer, islands="keep")
    values = pd.Series(range(5), index=["far", "d", "c", "b", "a"])
    assert align(values, graph).tolist() == [4.0, 3.0, 2.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("values", "code", "named"),
    [
        (pd.Series(1.0, index=list("abc")), "weights.labels_mismatch", "d, far"),
        (
            pd.Series(1.0, index=[*"abcd", "far", "extra"]),
            "weights.labels_mismatch",
            "extra",
        ),
        (pd.Series(1.0, index=[*"aabcd", "far"]), "weights.labels_duplicate", "a"),
        (
            pd.Series([1.0, np.nan, 1, 1, 1], index=[*"abcd", "far"]),
            "weights.values_missing",
            "b",
        ),
        (
            pd.Series([1.0, 1, np.inf, 1, 1], index=[*"abcd", "far"]),
            "weights.values_missing",
            "c",
        ),
        (pd.Series(["x"] * 5, index=[*"abcd", "far"]), "weights.values_not_numeric", "dtype"),
    ],
)
def test_alignment_refuses_and_names(layer, values, code, named):
    graph = build_contiguity(layer, islands="keep")
    with pytest.raises(WeightsError, match=named) as caught:
        align(values, graph)
    assert caught.value.code == code


def test_bad_layers(layer):
    doubled = pd.concat([layer, layer.loc[["a"]]])
    with pytest.raises(WeightsError) as caught:
        build_contiguity(doubled)
    assert caught.value.code == "weights.labels_duplicate"
    assert caught.value.params["labels"] == ["a"]
    hollow = layer.copy()
    hollow.loc["b", "geometry"] = Polygon()
    with pytest.raises(WeightsError, match="b") as caught:
        build_contiguity(hollow)
    assert caught.value.code == "weights.geometry_missing"
    with pytest.raises(WeightsError, match="rule"):
        build_contiguity(layer, rule="bishop")
    with pytest.raises(WeightsError) as caught:
        build_contiguity(layer.iloc[:0])
    assert caught.value.code == "weights.empty"


@pytest.fixture
def scattered():
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(80, 130, 60), rng.uniform(5, 70, 60)
    return gpd.GeoSeries.from_xy(lon, lat, index=[f"p{i}" for i in range(60)], crs=4326)


def _distances(points):
    lon, lat = np.meshgrid(points.x, points.x)[0], np.meshgrid(points.y, points.y)[0]
    return Geod(ellps="WGS84").inv(lon, lat, lon.T, lat.T)[2]


def test_knn_takes_the_geodesically_nearest(scattered):
    metres = _distances(scattered)
    np.fill_diagonal(metres, np.inf)
    _, matrix = sparse_matrix(knn(scattered, 4))
    for unit, row in enumerate(matrix.toarray()):
        assert set(np.flatnonzero(row)) == set(np.argsort(metres[unit])[:4])


def test_distance_band_is_geodesic_and_includes_its_border(scattered):
    metres = _distances(scattered)
    threshold = np.sort(metres[metres > 0])[200] / 1000.0
    expected = (metres <= threshold * 1000.0) & (metres > 0)
    _, matrix = sparse_matrix(distance_band(scattered, threshold))
    assert np.array_equal(matrix.toarray() > 0, expected)


def test_projected_points_use_plane_distance_and_ties_go_to_the_first():
    points = gpd.GeoSeries.from_xy([0, 1000, -1000, 5000], [0, 0, 0, 0], index=[*"abcd"], crs=3857)
    assert _links(knn(points, 1)) == {("a", "b"), ("b", "a"), ("c", "a"), ("d", "b")}
    assert _links(distance_band(points, 1.0)) == {("a", "b"), ("b", "a"), ("a", "c"), ("c", "a")}


def test_coincident_points_are_neighbours():
    points = gpd.GeoSeries.from_xy([1, 1, 1, 9], [0, 0, 0, 0], index=[*"abcd"], crs=4326)
    graph = knn(points, 1)
    assert _links(graph) == {("a", "b"), ("b", "a"), ("c", "a"), ("d", "a")}


def test_distance_weights_refuse(scattered):
    bare = gpd.GeoSeries(scattered.to_numpy(), index=scattered.index)
    for call, code in (
        (lambda: knn(bare, 1), "weights.no_crs"),
        (lambda: knn(scattered, 60), "weights.k"),
        (lambda: distance_band(scattered, 0.0), "weights.distance"),
    ):
        with pytest.raises(WeightsError) as caught:
            call()
        assert caught.value.code == code


def test_north_carolina_queen_pairs_equal_spdep(counties, reference):
    """poly2nb(queen = TRUE) of R spdep 1.2-7 on the 100 counties, in the order of its table."""
    names = pd.read_csv(reference / "north_carolina.csv", dtype={"FIPS": str})["FIPS"]
    pairs = pd.read_csv(reference / "north_carolina_links.csv").to_numpy() - 1
    expected = {(names[one], names[other]) for one, other in pairs.tolist()}
    assert len(expected) == 490
    assert _links(build_contiguity(counties)) == expected


def test_importing_the_module_does_not_import_libpysal():
    import subprocess

    code = "import sys, geo.weights, geo.statistics; sys.exit('libpysal' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
