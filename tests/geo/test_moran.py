"""Moran's I against published figures, esda, full enumeration and its own null."""

import itertools
import warnings

import esda
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from geo.errors import FewPermutationsWarning, StatisticsError, WeightsError
from geo.statistics import (
    bivariate_moran,
    getis_ord_local,
    global_moran,
    local_geary,
    local_moran,
)


def _values(graph, seed=0):
    rng = np.random.default_rng(seed)
    return pd.Series(rng.gamma(2.0, size=graph.n), index=graph.unique_ids)


def test_columbus_equals_r_spdep(columbus):
    """Figures of moran.test (randomisation) of R spdep 1.2-7."""
    data, graph = columbus
    rng = np.random.default_rng(1)
    result = global_moran(
        data["CRIME"], graph.transform("R"), permutations=None, alternative="greater", rng=rng
    )
    assert result.statistic == pytest.approx(0.485770913661773, rel=1e-13)
    assert result.expected == pytest.approx(-1 / 48, rel=1e-13)
    assert result.variance == pytest.approx(0.00899112132177907, rel=1e-12)
    assert result.z == pytest.approx(5.34271363940803, rel=1e-12)
    assert result.p_analytic == pytest.approx(4.57826774130196e-08, rel=1e-10)
    assert np.isnan(result.p_permutation)
    assert (result.n, result.links, result.isolates) == (49, 230, ())
    binary = global_moran(data["CRIME"], graph, permutations=None, rng=rng)
    assert binary.statistic == pytest.approx(0.482272306983353, rel=1e-13)
    assert binary.variance == pytest.approx(0.00767475726097075, rel=1e-12)


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_global_moran_equals_esda(lattice, rule, standardise):
    graph = lattice(7, 9, rule=rule, standardise=standardise)
    values = _values(graph)
    theirs = esda.Moran(
        values.to_numpy(),
        graph,
        transformation="r" if standardise else "b",
        permutations=0,
        two_tailed=True,
    )
    ours = global_moran(values, graph, permutations=None, rng=np.random.default_rng(1))
    assert ours.statistic == pytest.approx(theirs.I, abs=1e-12)
    assert ours.expected == pytest.approx(theirs.EI, abs=1e-12)
    assert ours.variance == pytest.approx(theirs.VI_rand, abs=1e-12)
    assert ours.p_analytic == pytest.approx(theirs.p_rand, abs=1e-12)


def test_global_permutation_p_equals_full_enumeration(lattice):
    graph = lattice(2, 4, rule="rook")
    values = pd.Series([1.0, 2, 2, 4, 7, 1, 0, 3], index=graph.unique_ids)
    matrix = graph.sparse.toarray()
    z = values.to_numpy() - values.mean()
    maps = np.array(list(itertools.permutations(z)))
    every = np.einsum("pi,ij,pj->p", maps, matrix, maps) / (z @ z)
    observed = z @ matrix @ z / (z @ z)
    result = {
        alternative: global_moran(
            values,
            graph,
            permutations=40_000,
            alternative=alternative,
            rng=np.random.default_rng(4),
        )
        for alternative in ("greater", "less")
    }
    assert result["greater"].statistic == pytest.approx(observed)
    assert result["greater"].expected == pytest.approx(every.mean(), abs=1e-12)
    assert result["greater"].variance == pytest.approx(every.var(), rel=1e-12)
    for alternative, share in (
        ("greater", (every >= observed - 1e-12).mean()),
        ("less", (every <= observed + 1e-12).mean()),
    ):
        error = np.sqrt(share * (1 - share) / 40_000)
        assert abs(result[alternative].p_permutation - share) < 4 * error + 1 / 40_000


def test_bivariate_moran_equals_esda_and_its_moments_enumeration(lattice):
    graph = lattice(5, 6)
    x, y = _values(graph, 1), _values(graph, 2)
    theirs = esda.Moran_BV(x.to_numpy(), y.to_numpy(), graph, permutations=0)
    ours = bivariate_moran(x, y, graph, permutations=999, rng=np.random.default_rng(1))
    assert ours.statistic == pytest.approx(theirs.I, abs=1e-12)
    small = lattice(2, 3)
    x, y = _values(small, 3), _values(small, 4)
    dx, dy = x.to_numpy() - x.mean(), y.to_numpy() - y.mean()
    maps = np.array(list(itertools.permutations(dy)))
    every = maps @ (small.sparse.toarray().T @ dx) / np.sqrt((dx @ dx) * (dy @ dy))
    result = bivariate_moran(x, y, small, permutations=None, rng=np.random.default_rng(1))
    assert result.expected == pytest.approx(every.mean(), abs=1e-12)
    assert result.variance == pytest.approx(every.var(), rel=1e-12)


def test_local_moran_equals_esda(lattice):
    graph = lattice(8, 9)
    values = _values(graph)
    theirs = esda.Moran_Local(values.to_numpy(), graph, permutations=0)
    ours = local_moran(values, graph, permutations=99, rng=np.random.default_rng(1))
    np.testing.assert_allclose(ours["statistic"], theirs.Is, rtol=0, atol=1e-12)
    names = {1: "HH", 2: "LH", 3: "LL", 4: "HL"}
    assert list(ours["quadrant"]) == [names[number] for number in theirs.q]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The alternative hypothesis:DeprecationWarning")
def test_local_p_agrees_with_esda_within_monte_carlo_error(lattice):
    graph = lattice(10, 10)
    values = _values(graph, 5)
    theirs = esda.Moran_Local(
        values.to_numpy(), graph, permutations=9_999, seed=1, keep_simulations=False, n_jobs=1
    )
    ours = local_moran(values, graph, permutations=9_999, rng=np.random.default_rng(2))
    # esda folds the smaller tail; twice that is the two-sided p.
    tail = np.minimum(ours["p"] / 2, 0.5)
    difference = tail - np.minimum(theirs.p_sim, 0.5)
    error = np.sqrt(2 * tail * (1 - tail) / 9_999)
    assert np.sqrt(((difference / error) ** 2).mean()) < 1.5


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_local_p_follows_the_alternative(lattice, alternative):
    graph = lattice(4, 4)
    values = _values(graph, 6)
    tails = {
        side: local_moran(
            values, graph, permutations=999, alternative=side, rng=np.random.default_rng(8)
        )["p"]
        for side in ("two-sided", "greater", "less")
    }
    expected = np.minimum(1.0, 2 * np.minimum(tails["greater"], tails["less"]))
    np.testing.assert_array_equal(tails["two-sided"], expected)
    high_among_high = pd.Series(0.0, index=graph.unique_ids)
    high_among_high.iloc[[0, 1, 4, 5]] = [9.0, 8.0, 7.0, 6.0]
    p = local_moran(
        high_among_high,
        graph,
        permutations=999,
        alternative=alternative,
        rng=np.random.default_rng(8),
    )["p"].iloc[0]
    assert (p > 0.9) if alternative == "less" else (p < 0.05)


@pytest.mark.parametrize("ties", [True, False])
def test_units_of_measurement_change_no_p(lattice, ties):
    graph = lattice(8, 8)
    rng = np.random.default_rng(7)
    numbers = rng.integers(0, 3, 64) if ties else rng.normal(size=64)
    values = pd.Series(numbers, index=graph.unique_ids, dtype=float)
    first, other = (
        local_moran(one, graph, permutations=999, rng=np.random.default_rng(1))
        for one in (values, values * 0.1 + 0.7)
    )
    pd.testing.assert_series_equal(first["p"], other["p"], check_exact=True)


def test_a_value_at_the_mean_has_no_local_pattern(lattice):
    graph = lattice(3, 3)
    values = pd.Series([0.1, 0.7, 0.3, 0.2, 0.3, 0.6, 0.4, 0.05, 0.05], index=graph.unique_ids)
    assert values.iloc[4] == pytest.approx(values.mean())
    row = local_moran(values, graph, permutations=999, rng=np.random.default_rng(1)).iloc[4]
    assert row["statistic"] == 0.0
    assert row["p"] == 1.0


def _planted(graph, seed):
    values = pd.Series(np.random.default_rng(seed).normal(size=340), index=graph.unique_ids)
    hub = values.index[170]
    values[[hub, *graph[hub].index]] += 3.0
    return hub, values


@pytest.mark.parametrize("local", [local_moran, getis_ord_local, local_geary])
def test_too_few_permutations_find_no_hub_and_say_how_many_are_needed(lattice, local):
    graph = lattice(17, 20)
    _, values = _planted(graph, 11)
    with pytest.warns(FewPermutationsWarning, match="999 .* 340 .* 13599 are needed") as caught:
        few = local(values, graph, permutations=999, rng=np.random.default_rng(1))
    assert caught[0].filename == __file__
    assert (caught[0].message.permutations, caught[0].message.needed) == (999, 13_599)
    assert (few["cluster"] == "ns").all()
    assert not few.attrs["fdr_reachable"]
    assert few.attrs["permutations_needed"] == 13_599
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        local(values, graph, permutations=13_599, rng=np.random.default_rng(1))


def test_same_seed_same_bytes(lattice):
    graph = lattice(6, 6)
    values = _values(graph)
    first, again, other = (
        local_moran(values, graph, permutations=999, rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert not first["p"].equals(other["p"])


def test_labels_decide(lattice, assert_label_invariant):
    graph = lattice(5, 6)
    x, y = _values(graph, 1), _values(graph, 2)

    def rng():
        return np.random.default_rng(3)

    assert_label_invariant(
        lambda g, x: global_moran(x, g, permutations=199, rng=rng()), graph=graph, x=x
    )
    assert_label_invariant(
        lambda g, x: local_moran(x, g, permutations=199, rng=rng()), graph=graph, x=x
    )
    assert_label_invariant(
        lambda g, x, y: bivariate_moran(x, y, g, permutations=199, rng=rng()), graph=graph, x=x, y=y
    )


def test_isolates_are_named_and_do_not_touch_the_others(lattice):
    graph = lattice(4, 4)
    values = _values(graph)
    links = graph.adjacency
    island = pd.Series(
        [0.0],
        index=pd.MultiIndex.from_tuples([("zz", "zz")], names=["focal", "neighbor"]),
        name="weight",
    )
    wider = Graph(pd.concat([links, island]))
    with_island = pd.concat([pd.Series({"zz": 1e6}), values])
    table = local_moran(with_island, wider, permutations=199, rng=np.random.default_rng(1))
    assert table.index.equals(with_island.index)
    assert table.loc["zz", ["statistic", "p", "p_fdr", "p_bonferroni"]].isna().all()
    assert table.loc["zz", "cluster"] == table.loc["zz", "quadrant"] == "isolate"
    plain = local_moran(values, graph, permutations=199, rng=np.random.default_rng(1))
    pd.testing.assert_frame_equal(table.drop("zz"), plain, check_exact=True, check_names=False)
    result = global_moran(with_island, wider, permutations=199, rng=np.random.default_rng(1))
    same = global_moran(values, graph, permutations=199, rng=np.random.default_rng(1))
    assert result.isolates == ("zz",)
    assert (result.n, result.statistic, result.p_permutation) == (
        16,
        same.statistic,
        same.p_permutation,
    )


def test_what_has_no_answer_is_refused(lattice):
    graph = lattice(3, 3)
    values = _values(graph)
    rng = np.random.default_rng(1)
    gap = values.copy()
    gap["u004"] = np.nan
    for call in (
        lambda v: global_moran(v, graph, rng=rng),
        lambda v: local_moran(v, graph, rng=rng),
    ):
        with pytest.raises(WeightsError, match="u004"):
            call(gap)
        with pytest.raises(WeightsError, match="u008"):
            call(values.drop("u008"))
        with pytest.raises(WeightsError, match="u000"):
            call(pd.concat([values, values.iloc[:1]]))
        with pytest.raises(StatisticsError) as caught:
            call(values * 0 + 0.1)
        assert caught.value.code == "statistics.constant"
        with pytest.raises(StatisticsError, match="same value"):
            call(1e12 + (values > 1.5) * 2e-4)  # differs by rounding only
    with pytest.raises(StatisticsError) as caught:
        local_moran(values, graph, permutations=98, rng=rng)
    assert caught.value.code == "statistics.permutations"
    with pytest.raises(StatisticsError) as caught:
        local_moran(values, graph, alpha=5, rng=rng)
    assert caught.value.code == "statistics.alpha"
    three = lattice(1, 3)
    with pytest.raises(StatisticsError) as caught:
        global_moran(_values(three), three, rng=rng)
    assert caught.value.code == "statistics.too_few_units"
    complete = Graph.from_arrays(list("aaabbbcccddd"), list("bcdacdabdabc"), [1] * 12)
    with pytest.raises(StatisticsError) as caught:
        global_moran(pd.Series([1.0, 2, 3, 9], index=list("abcd")), complete, rng=rng)
    assert caught.value.code == "statistics.no_variance"
    with pytest.raises(StatisticsError) as caught:
        global_moran(values, graph.assign_self_weight(1.0), rng=rng)
    assert caught.value.code == "statistics.self_weight"
