"""Rings around seeds, and the redrawn-seed test against enumeration and its own null."""

import itertools

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy import stats

from geo.errors import StatisticsError, WeightsError
from geo.statistics import ring_order, ring_test


def _far(graph, seeds):
    """Steps to the nearest seed by plain breadth-first search."""
    neighbors = {}
    for (focal, neighbor), weight in graph.adjacency.items():
        if weight:
            neighbors.setdefault(focal, set()).add(neighbor)
            neighbors.setdefault(neighbor, set()).add(focal)
    steps = dict.fromkeys(seeds, 0)
    queue = list(seeds)
    for unit in queue:
        for other in sorted(neighbors.get(unit, ())):
            if other not in steps:
                steps[other] = steps[unit] + 1
                queue.append(other)
    return steps


def test_rings_are_steps_to_the_nearest_seed(lattice):
    graph = lattice(7, 8, rule="rook")
    seeds = ["u003", "u040"]
    steps = _far(graph, seeds)
    rings = ring_order(graph, seeds, max_order=4)
    assert rings.index.equals(graph.unique_ids)
    for unit, ring in rings.items():
        if steps[unit] <= 4:
            assert ring == steps[unit]
        else:
            assert ring is pd.NA


def test_one_way_links_count_both_ways_and_islands_stay_out():
    graph = Graph.from_arrays(list("abcd"), list("bccd"), [1, 1, 0, 0])
    expected = pd.Series([2, 1, 0, pd.NA], index=list("abcd"), dtype="Int64")
    pd.testing.assert_series_equal(ring_order(graph, ["c"]), expected, check_names=False)


def _table(rings, values, max_order):
    """Difference to the rest, ring by ring, and the slope, by definition."""
    rows = []
    for ring in range(max_order + 1):
        inside, rest = values[rings == ring], values[rings > ring]
        rows.append(inside.mean() - rest.mean() if len(inside) and len(rest) else np.nan)
    return np.array([*rows, stats.linregress(rings, values).slope])


def test_p_values_equal_enumeration_of_all_seed_sets(lattice):
    graph = lattice(3, 6, rule="rook")
    labels = graph.unique_ids
    values = pd.Series(np.random.default_rng(2).gamma(2.0, size=18), index=labels)
    strata = pd.Series(np.where(np.arange(18) % 6 < 3, "west", "east"), index=labels)
    seeds = ["u001", "u008", "u010"]  # two in the west, one in the east

    def rings(chosen):
        steps = _far(graph, list(chosen))
        return np.minimum([steps[unit] for unit in labels], 3)

    number = values.to_numpy()
    observed = _table(rings(seeds), number, 2)
    west, east = (list(labels[strata == side]) for side in ("west", "east"))
    every = np.array(
        [
            _table(rings((*pair, one)), number, 2)
            for pair in itertools.combinations(west, 2)
            for one in east
        ]
    )
    result = ring_test(
        values,
        graph,
        seeds,
        strata=strata,
        max_order=2,
        permutations=20_000,
        alternative="greater",
        rng=np.random.default_rng(1),
    )
    np.testing.assert_allclose(result.table["difference"], observed[:-1], rtol=1e-12)
    assert result.slope == pytest.approx(observed[-1], rel=1e-12)
    undefined = np.isnan(every)
    shares = ((every >= observed - 1e-12) | undefined).mean(axis=0)
    shares[-1] = (every[:, -1] <= observed[-1] + 1e-12).mean()
    for p, share in zip([*result.table["p"], result.p_slope], shares, strict=True):
        assert abs(p - share) < 4 * np.sqrt(share * (1 - share) / 20_000) + 1e-4
    assert result.stratified
    assert result.seeds == tuple(seeds)


def test_table_describes_the_rings(lattice):
    graph = lattice(9, 9)
    values = pd.Series(np.random.default_rng(3).normal(size=81), index=graph.unique_ids)
    result = ring_test(values, graph, ["u040"], permutations=999, rng=np.random.default_rng(1))
    rings = ring_order(graph, ["u040"])
    assert list(result.table.index) == [0, 1, 2, 3]
    assert result.table["n"].tolist() == [1, 8, 16, 24]
    for ring, row in result.table.iterrows():
        members = values[(rings == ring).fillna(False)]
        assert row["mean"] == pytest.approx(members.mean())
        assert row["lower"] <= row["mean"] <= row["upper"]
        outside = values[(rings > ring).fillna(True)]
        assert row["rest_mean"] == pytest.approx(outside.mean())


def test_a_planted_gradient_is_found_and_points_outwards(lattice):
    graph = lattice(15, 15)
    seeds = ["u032", "u161"]
    steps = pd.Series(_far(graph, seeds))
    noise = np.random.default_rng(6).normal(size=225)
    values = pd.Series(noise, index=graph.unique_ids) - 1.5 * steps.clip(upper=4)
    directed = {"permutations": 999, "alternative": "greater"}
    result = ring_test(values, graph, seeds, **directed, rng=np.random.default_rng(1))
    assert result.slope < -1.0
    assert result.p_slope < 0.01
    assert result.table.loc[1, "p"] < 0.01
    assert result.monotone
    opposite = ring_test(-values, graph, seeds, **directed, rng=np.random.default_rng(1))
    assert opposite.p_slope > 0.95
    assert not opposite.monotone
    both = ring_test(
        -values,
        graph,
        seeds,
        permutations=999,
        rng=np.random.default_rng(1),
    )
    assert both.p_slope < 0.02


def test_empty_rings_have_no_figures():
    path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    values = pd.Series([5.0, 4, 3, 2, 1], index=list("abcde"))
    result = ring_test(
        values, path, ["a"], max_order=6, permutations=99, rng=np.random.default_rng(1)
    )
    assert result.table.loc[[5, 6], "n"].tolist() == [0, 0]
    assert result.table.loc[[5, 6], ["mean", "lower", "difference", "p"]].isna().all(axis=None)
    assert np.isnan(result.table.loc[4, "difference"])
    assert np.isnan(result.table.loc[4, "p"])
    assert result.table.loc[4, "mean"] == 1.0


def test_labels_decide(lattice, assert_label_invariant):
    graph = lattice(5, 6)
    rng = np.random.default_rng(3)
    values = pd.Series(rng.gamma(2.0, size=30), index=graph.unique_ids)
    strata = pd.Series(rng.integers(0, 2, 30), index=graph.unique_ids)
    assert_label_invariant(
        lambda g, values, strata: ring_test(
            values,
            g,
            ["u017", "u003"],
            strata=strata,
            permutations=199,
            rng=np.random.default_rng(1),
        ),
        graph=graph,
        values=values,
        strata=strata,
    )
    assert_label_invariant(lambda g: ring_order(g, ["u017", "u003"]), graph=graph)


def test_what_has_no_answer_is_refused(lattice):
    graph = lattice(3, 3)
    values = pd.Series(range(9), index=graph.unique_ids, dtype=float)
    strata = pd.Series([*"aabbbbbbb"], index=graph.unique_ids)
    rng = np.random.default_rng(1)
    for seeds, options, code in (
        (["nowhere"], {}, "statistics.seed_unknown"),
        ([], {}, "statistics.no_seeds"),
        (["u001", "u001"], {}, "statistics.seed_duplicate"),
        (["u000", "u001", "u002"], {"strata": strata}, "statistics.stratum_full"),
        (["u000"], {"strata": strata.iloc[:-1]}, "statistics.labels_mismatch"),
        (["u000"], {"max_order": 0}, "statistics.max_order"),
        (["u000"], {"alternative": "less"}, "statistics.alternative"),
        (["u000"], {"permutations": 9}, "statistics.permutations"),
        (list(graph.unique_ids), {}, "statistics.stratum_full"),
    ):
        with pytest.raises(StatisticsError) as caught:
            ring_test(values, graph, seeds, rng=rng, **options)
        assert caught.value.code == code
    values["u004"] = np.nan
    with pytest.raises(WeightsError, match="u004"):
        ring_test(values, graph, ["u000"], rng=rng)
