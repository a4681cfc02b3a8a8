"""Redrawn sets, separations, and what lies beside a set: definitions, peers, refusals."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from geo.crs import geodesic_distance
from geo.errors import StatisticsError
from geo.statistics import (
    bivariate_moran,
    by_distance,
    by_order,
    redraw_sets,
    ring_contrast,
    set_joins,
    set_moran,
)
from geo.statistics.significance import reference_test
from geo.weights import distance_band, inverse_distance, kernel, knn

RNG = np.random.default_rng


def points(n=40, seed=2):
    rng = RNG(seed)
    labels = [f"p{i:02d}" for i in range(n)]
    x, y = rng.uniform(100, 118, n), rng.uniform(25, 40, n)
    return gpd.GeoSeries.from_xy(x, y, index=labels, crs=4326)


def test_redrawn_sets_keep_the_number_in_every_stratum():
    labels = pd.Index([f"u{i:02d}" for i in range(30)])
    strata = pd.Series(["b", "a", "a"] * 10, index=labels, dtype=object)
    strata["u29"] = None
    chosen = ["u01", "u04", "u00"]
    drawn = redraw_sets(labels[::-1], chosen, strata=strata, draws=4_000, rng=RNG(1))
    assert list(drawn.labels) == list(labels)
    names = strata[drawn.labels].to_numpy()
    assert (names[drawn.sets] == names[drawn.chosen]).all()
    assert sorted(drawn.labels[drawn.chosen]) == sorted(chosen)
    assert all(len(set(row)) == 3 for row in drawn.sets.tolist())
    # Every unit with a stratum is as likely as any other of it, the others never.
    counts = np.bincount(drawn.sets.ravel(), minlength=30)
    assert counts[29] == 0
    a = counts[(strata == "a").to_numpy()]
    assert stats.chisquare(a).pvalue > 1e-4
    assert drawn.possible == 10 * (19 * 18 / 2)
    assert drawn.strata.to_numpy().tolist() == [["a", 2, 19], ["b", 1, 10]]


def test_sets_that_cannot_be_redrawn_are_refused_by_name():
    labels = pd.Index(list("abcdef"))
    strata = pd.Series(list("xxyyyy"), index=labels)
    cases = (
        (["a", "b"], {"strata": strata}, "statistics.stratum_full", "a, b"),
        (list("abcdef"), {}, "statistics.stratum_full", "a, b, c, d, e, f"),
        (["a"], {"strata": strata.where(strata == "y")}, "statistics.stratum_missing", "a"),
        (["a"], {"strata": strata.drop("f")}, "statistics.labels_mismatch", "f"),
        (["a", "c"], {"strata": strata, "fewest": 20}, "statistics.redraws_few", "a, c"),
        (["z"], {}, "statistics.seed_unknown", "z"),
    )
    for chosen, options, code, units in cases:
        with pytest.raises(StatisticsError) as caught:
            redraw_sets(labels, chosen, rng=RNG(1), **options)
        assert (caught.value.code, caught.value.params["units"]) == (code, units)


@pytest.mark.parametrize("draws", [None, 0, 98, 99.5])
def test_too_few_sets_are_refused(draws):
    with pytest.raises(StatisticsError, match="at least 99"):
        redraw_sets(pd.Index(list("abcd")), ["a"], draws=draws, rng=RNG(1))


def test_bands_hold_what_their_bounds_say():
    places = points()
    separation = by_distance(places, [1.0, 3.0], unit="ms", per_km=1.5 / 200)
    kilometres = geodesic_distance(places.x, places.y, places.x, places.y) * 1.5 / 200
    order = places.index.get_indexer(separation.labels)
    expected = np.select([kilometres <= 1, kilometres <= 3], [1, 2], 3)
    np.fill_diagonal(expected, 0)
    np.testing.assert_array_equal(separation.classes, expected[np.ix_(order, order)])
    assert (separation.last, separation.unit) == (2, "ms")
    # A bound is included, and two units at one place are neighbours, not one unit.
    pair = gpd.GeoSeries.from_xy([110.0, 110.0], [30.0, 30.0], index=["a", "b"], crs=4326)
    assert by_distance(pair, [5.0]).classes.tolist() == [[0, 1], [1, 0]]


def test_contrast_of_bands_equals_enumeration():
    places = points(12)
    separation = by_distance(places, [300, 700])
    values = pd.Series(RNG(3).normal(size=12), index=places.index)
    values.iloc[[4, 7]] = np.nan
    drawn = redraw_sets(values.index, ["p04", "p05"], draws=9_999, rng=RNG(1))
    result = ring_contrast(values, separation, drawn, alternative="greater", rng=RNG(1))
    number = values.reindex(separation.labels).to_numpy()

    def contrast(pair, ring):
        near = separation.classes[list(pair)].min(axis=0)
        inside, rest = (number[mask & ~np.isnan(number)] for mask in (near == ring, near > ring))
        return inside.mean() - rest.mean() if len(inside) and len(rest) else np.inf

    observed = contrast((4, 5), 1)
    every = np.array([contrast(pair, 1) for pair in itertools.combinations(range(12), 2)])
    assert result.table.loc[1, "difference"] == pytest.approx(observed)
    assert result.n == 10
    share = (every >= observed - 1e-12).mean()
    assert result.table.loc[1, "p"] == pytest.approx(share, abs=0.02)
    assert result.table.loc[1, "expected"] == pytest.approx(
        every[np.isfinite(every)].mean(), abs=0.02
    )


def test_rings_of_other_units_are_refused():
    places = points(8)
    values = pd.Series(np.arange(8.0), index=places.index)
    drawn = redraw_sets(values.index, ["p01"], draws=99, rng=RNG(1))
    separation = by_distance(places, [300])
    for wrong in (values.drop("p05"), pd.concat([values, pd.Series({"x": 1.0})])):
        with pytest.raises(StatisticsError, match=r"p05|x"):
            ring_contrast(wrong, separation, drawn, rng=RNG(1))
    with pytest.raises(StatisticsError, match="p03"):
        ring_contrast(values.where(values != 3, np.inf), separation, drawn, rng=RNG(1))


def test_joins_of_a_set_are_counted_and_tested(lattice):
    graph = lattice(6, 6, rule="rook")
    flags = pd.Series(RNG(5).random(36) < 0.4, index=graph.unique_ids)
    seeds = ["u007", "u008", "u028"]
    drawn = redraw_sets(flags.index, seeds, draws=4_999, rng=RNG(1))
    result = set_joins(flags, graph, drawn)
    by_hand = sum(bool(flags[other]) for seed in seeds for other in graph[seed].index)
    assert result.statistic == by_hand
    links = [int(flags[list(graph[unit].index)].sum()) for unit in graph.unique_ids]
    assert result.expected == pytest.approx(3 * np.mean(links), abs=0.1)
    every = np.array([sum(three) for three in itertools.combinations(links, 3)])
    share = min(1.0, 2 * min((every >= by_hand).mean(), (every <= by_hand).mean()))
    assert result.p == pytest.approx(share, abs=0.03)
    with pytest.raises(StatisticsError, match="u003"):
        set_joins(flags.astype(float).where(flags.index != "u003", 2.0), graph, drawn)


def test_moran_of_a_set_is_bivariate_moran_of_its_flag(lattice):
    graph = lattice(7, 7)
    values = pd.Series(RNG(5).normal(size=49), index=graph.unique_ids)
    seeds = ["u010", "u011", "u017", "u040"]
    flags = pd.Series(values.index.isin(seeds).astype(float), index=values.index)
    drawn = redraw_sets(values.index, seeds, draws=9_999, rng=RNG(1))
    ours = set_moran(values, graph, drawn)
    theirs = bivariate_moran(flags, values, graph, permutations=9_999, rng=RNG(2))
    assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-12)
    # Membership redrawn among all, or the values permuted: not the same null, but near.
    assert ours.p == pytest.approx(theirs.p_permutation, abs=0.1)
    # Weights need not be row-standardised, and a unit without value passes nothing on.
    plain = lattice(7, 7, standardise=False)
    assert set_moran(values, plain, drawn).statistic == pytest.approx(ours.statistic, abs=1e-12)
    some = values.where(values.index != "u012")
    near = [code for code in graph["u011"].index if code != "u012"]
    z = some - some.mean()
    lag = {s: z[[c for c in graph[s].index if c != "u012"]].mean() for s in graph.unique_ids}
    assert lag["u011"] == pytest.approx(z[near].mean())
    lags = pd.Series(lag)
    scale = np.sqrt(4 * (1 - 4 / 49) * (z**2).sum())
    expected = (lags[seeds].sum() - 4 / 49 * lags.sum()) / scale
    assert set_moran(some, graph, drawn).statistic == pytest.approx(expected)
    with pytest.raises(StatisticsError, match="same value"):
        set_moran(values * 0 + 1, graph, drawn)


def test_reference_values_count_undefined_ones_against_the_observed():
    reference = np.array([[1.0], [2.0], [np.nan], [4.0]])
    row = reference_test([3.0], reference, alternative="greater").iloc[0]
    assert row["p"] == pytest.approx((2 + 1) / 5)
    assert row["expected"] == pytest.approx(7 / 3)
    nothing = reference_test([np.nan], reference * np.nan).iloc[0]
    assert nothing.isna().all()


def test_graded_weights_fall_with_distance():
    places = points()
    band, inverse = distance_band(places, 400), inverse_distance(places, 400, power=2)
    assert set(band.adjacency[band.adjacency > 0].index) == set(
        inverse.adjacency[inverse.adjacency > 0].index
    )
    focal, neighbor = next(iter(inverse.adjacency[inverse.adjacency > 0].index))
    a, b = places[focal], places[neighbor]
    kilometres = float(geodesic_distance(a.x, a.y, b.x, b.y)[0, 0])
    assert inverse.adjacency[(focal, neighbor)] == pytest.approx(kilometres**-2)
    near = knn(places, 5)
    for shape in ("triangular", "epanechnikov", "quartic"):
        graph = kernel(places, 5, shape=shape)
        assert set(graph.adjacency.index) == set(near.adjacency.index)
        assert graph.adjacency.between(0.0, 1.0, inclusive="neither").all()
    graph = kernel(places, 5)
    own = places["p03"]
    apart = geodesic_distance(own.x, own.y, places.x, places.y)[0]
    nearest = pd.Series(apart, index=places.index).drop("p03").nsmallest(5)
    expected = 1 - nearest / (1.1 * nearest.max())
    pd.testing.assert_series_equal(
        graph["p03"].sort_index(), expected.sort_index(), check_names=False
    )


def test_order_is_by_order_of_the_labels(lattice, assert_label_invariant):
    graph = lattice(4, 5)
    values = pd.Series(RNG(1).normal(size=20), index=graph.unique_ids)
    strata = pd.Series(["x", "y"] * 10, index=graph.unique_ids)

    def run(g, values, strata):
        drawn = redraw_sets(values.index, ["u003", "u010"], strata=strata, draws=99, rng=RNG(1))
        return ring_contrast(values, by_order(g), drawn, rng=RNG(2)).table

    run_all = run(graph, values, strata)
    again = run(graph, values[::-1], strata.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(run_all, again, check_exact=True)
