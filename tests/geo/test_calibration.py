"""On maps of noise a p below 0.05 comes up once in twenty; a planted hub is found."""

import warnings

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy import stats

from geo.errors import FewPermutationsWarning
from geo.statistics import (
    bivariate_moran,
    by_order,
    geary,
    getis_ord_global,
    getis_ord_local,
    global_moran,
    join_counts,
    local_bivariate_moran,
    local_geary,
    local_join_counts,
    local_moran,
    redraw_sets,
    ring_contrast,
    set_joins,
    set_moran,
    theil_l,
    theil_t,
)

# With 199 permutations a two-sided p has exactly 0.05 among its values.
P = 199
ROWS, COLUMNS = 12, 13


@pytest.fixture(scope="module")
def graph(lattice):
    return lattice(ROWS, COLUMNS)


@pytest.fixture(scope="module")
def unequal(lattice):
    adjacency = lattice(ROWS, COLUMNS, standardise=False).adjacency
    random = np.random.default_rng(5).uniform(0.2, 2.0, len(adjacency))
    return Graph(adjacency * random).transform("R")


def _noise(graph, rng):
    return pd.Series(rng.gamma(3.0, size=graph.n), index=graph.unique_ids)


LOCAL = {
    "local_moran": lambda x, y, g, rng: local_moran(x, g, permutations=P, rng=rng),
    "getis_ord_local": lambda x, y, g, rng: getis_ord_local(x, g, permutations=P, rng=rng),
    "local_geary": lambda x, y, g, rng: local_geary(x, g, permutations=P, rng=rng),
    "local_geary of two": lambda x, y, g, rng: local_geary(
        pd.DataFrame({"x": x, "y": y}), g, permutations=P, rng=rng
    ),
    "local_bivariate_moran": lambda x, y, g, rng: local_bivariate_moran(
        x, y, g, permutations=P, rng=rng
    ),
}
GLOBAL = {
    "global_moran": lambda x, y, g, rng: global_moran(x, g, permutations=P, rng=rng),
    "bivariate_moran": lambda x, y, g, rng: bivariate_moran(x, y, g, permutations=P, rng=rng),
    "geary": lambda x, y, g, rng: geary(x, g, permutations=P, rng=rng),
    "getis_ord_global": lambda x, y, g, rng: getis_ord_global(x, g, permutations=P, rng=rng),
}


@pytest.mark.parametrize("weights", ["equal", "unequal"])
@pytest.mark.parametrize("name", list(LOCAL))
def test_null_rate_of_local_tests_is_the_level(graph, unequal, name, weights):
    given = graph if weights == "equal" else unequal
    rng = np.random.default_rng(20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewPermutationsWarning)
        rates = [
            LOCAL[name](_noise(given, rng), _noise(given, rng), given, rng)["p"].le(0.05).mean()
            for _ in range(60)
        ]
    assert 0.04 <= np.mean(rates) <= 0.06


@pytest.mark.parametrize("name", list(GLOBAL))
def test_null_rate_of_global_tests_is_the_level(graph, name):
    rng = np.random.default_rng(21)
    found = [GLOBAL[name](_noise(graph, rng), _noise(graph, rng), graph, rng) for _ in range(1_000)]
    permuted, normal = (
        np.array([getattr(one, f"p_{kind}") for one in found])
        for kind in ("permutation", "analytic")
    )
    assert 0.04 <= (permuted <= 0.05).mean() <= 0.06
    assert stats.kstest(permuted, "uniform").pvalue > 1e-3
    # The normal approximation is one.
    assert 0.03 <= (normal <= 0.05).mean() <= 0.07


def test_the_folded_p_would_be_noticed(graph):
    """The smaller tail undoubled, as older software prints it, is below 0.05 twice as often."""
    rng = np.random.default_rng(20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewPermutationsWarning)
        tables = [
            local_moran(_noise(graph, rng), graph, permutations=P, rng=rng) for _ in range(60)
        ]
    assert np.mean([(table["p"] / 2).le(0.05).mean() for table in tables]) > 0.09


def test_null_rate_of_join_counts_is_the_level(graph):
    """Counts are discrete: their rate stays at the level or a little below it."""
    rng = np.random.default_rng(22)
    p = []
    for _ in range(1_000):
        flags = pd.Series(rng.permutation(np.arange(graph.n) % 2 == 0), index=graph.unique_ids)
        p.append(join_counts(flags, graph, permutations=P, rng=rng).p_permutation)
    assert 0.04 <= (np.array(p) <= 0.05).mean() <= 0.06


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_exact_local_join_counts_never_exceed_the_level(lattice, alternative):
    """Few neighbours make few p-values; the rate reaches what the exact law allows."""
    graph = lattice(ROWS, COLUMNS, standardise=False)
    rng = np.random.default_rng(23)
    near = pd.Series(graph.cardinalities)
    chance = near.map({k: _attainable(graph.n, k, alternative) for k in near.unique()})
    rates, allowed = [], []
    for _ in range(100):
        flags = pd.Series(rng.permutation(np.arange(graph.n) % 2 == 0), index=graph.unique_ids)
        table = local_join_counts(flags, graph, alternative=alternative)
        p = table["p"].dropna()
        rates.append((p <= 0.05).mean())
        allowed.append(chance[p.index].mean())
    assert np.mean(rates) <= 0.05
    spread = np.std(rates) / np.sqrt(len(rates))
    assert abs(np.mean(rates) - np.mean(allowed)) < 4.0 * spread


def _attainable(n, k, alternative):
    """Chance of a p of at most 0.05 under the hypergeometric law."""
    law = stats.hypergeom(n - 1, n // 2 - 1, k)
    joins = np.arange(k + 1)
    greater, less = law.sf(joins - 1), law.cdf(joins)
    tails = {"greater": greater, "less": less, "two-sided": 2 * np.minimum(greater, less)}
    return law.pmf(joins)[tails[alternative] <= 0.05].sum()


def _of_a_set(graph, separation, rng):
    """The four tests of a set, of one map of noise and one set drawn at random."""
    values = _noise(graph, rng)
    seeds = list(rng.choice(graph.unique_ids, 6, replace=False))
    drawn = redraw_sets(values.index, seeds, draws=P, rng=rng)
    rings = ring_contrast(values, separation, drawn, rng=rng)
    flags = values > values.median()
    return (
        rings.table.loc[1, "p"],
        rings.p_slope,
        set_moran(values, graph, drawn).p,
        set_joins(flags, graph, drawn).p,
    )


def test_null_rate_of_tests_of_a_set_is_the_level(graph):
    """First ring, gradient, Moran's I and joins of a set. Joins are discrete."""
    rng = np.random.default_rng(24)
    separation = by_order(graph, max_order=2)
    p = np.array([_of_a_set(graph, separation, rng) for _ in range(1_000)])
    rates = (p <= 0.05).mean(axis=0)
    assert ((rates >= [0.04, 0.04, 0.04, 0.03]) & (rates <= 0.06)).all(), rates


@pytest.mark.parametrize("theil", [theil_t, theil_l])
def test_null_rate_of_the_between_share_is_the_level(theil):
    rng = np.random.default_rng(25)
    labels = [f"u{i:02d}" for i in range(31)]
    groups = pd.Series(["east"] * 10 + ["middle"] * 9 + ["west"] * 12, index=labels)
    p = [
        theil(
            pd.Series(rng.gamma(3.0, size=31), index=labels), groups=groups, permutations=P, rng=rng
        ).p_between
        for _ in range(1_000)
    ]
    assert 0.04 <= (np.array(p) <= 0.05).mean() <= 0.06


@pytest.mark.parametrize("local", [local_moran, getis_ord_local])
def test_a_planted_hub_survives_the_fdr(lattice, local):
    """A hub and its ring three standard deviations up, among 337 units, on 40 maps."""
    lattice = lattice(17, 20)
    graph = lattice.subgraph(lattice.unique_ids[:337])
    found = []
    for seed in range(40):
        values = pd.Series(np.random.default_rng(seed).normal(size=337), index=graph.unique_ids)
        hub = values.index[170]
        values[[hub, *graph[hub].index]] += 3.0
        table = local(values, graph, rng=np.random.default_rng(seed))
        assert table.attrs["fdr_reachable"]
        found.append(table.loc[hub, "cluster"] in {"HH", "hot"})
    assert np.mean(found) >= 0.95
