"""Getis-Ord G, Geary's C and join counts against esda, R spdep and enumeration."""

import itertools

import esda
import numpy as np
import pandas as pd
import pytest

from geo.errors import StatisticsError
from geo.statistics import geary, getis_ord_local, join_counts


def _values(graph, seed=0):
    rng = np.random.default_rng(seed)
    return pd.Series(rng.gamma(2.0, size=graph.n), index=graph.unique_ids)


@pytest.fixture(scope="module")
def crime(columbus):
    table, graph = columbus
    return table["CRIME"], graph


def test_columbus_geary_equals_r_spdep(crime):
    """Figures of geary.test (randomisation) of R spdep 1.2-7; R turns the sign of z."""
    values, graph = crime
    rng = np.random.default_rng(1)
    result = geary(values, graph.transform("R"), permutations=None, alternative="less", rng=rng)
    assert result.statistic == pytest.approx(0.547803377167251, rel=1e-13)
    assert result.variance == pytest.approx(0.0098041078703855, rel=1e-12)
    assert result.z == pytest.approx(-4.56691863354265, rel=1e-12)
    assert result.p_analytic == pytest.approx(2.47473009664819e-06, rel=1e-10)
    binary = geary(values, graph, permutations=None, rng=rng)
    assert binary.statistic == pytest.approx(0.605855879123984, rel=1e-13)
    assert binary.variance == pytest.approx(0.0118581213712535, rel=1e-12)


def test_columbus_join_counts_equal_r_spdep(crime):
    """Figures of joincount.test(CRIME > 35) of R spdep 1.2-7, binary weights."""
    values, graph = crime
    rng = np.random.default_rng(1)
    result = join_counts(
        values > 35, graph.transform("R"), permutations=9_999, alternative="greater", rng=rng
    )
    assert result.statistic == 52.0
    assert result.expected == pytest.approx(26.9897959183673, rel=1e-13)
    assert result.variance == pytest.approx(17.6483978306912, rel=1e-12)
    assert result.p_analytic == pytest.approx(1.31319349594394e-09, rel=1e-8)
    assert (result.unflagged_joins, result.mixed) == (34.0, 29.0)
    assert result.p_permutation == 1e-4


@pytest.mark.parametrize("star", [True, False])
def test_local_g_equals_esda(lattice, star):
    """Binary weights: for row-standardised ones esda puts the sum of weights where the
    variance needs the sum of their squares; the standardised G is the same for both."""
    values = _values(lattice(6, 7))
    theirs = esda.G_Local(
        values.to_numpy(),
        lattice(6, 7, standardise=False),
        transform="B",
        star=star,
        permutations=0,
    )
    for standardise in (True, False):
        graph = lattice(6, 7, standardise=standardise)
        ours = getis_ord_local(
            values, graph, star=star, permutations=99, rng=np.random.default_rng(1)
        )
        np.testing.assert_allclose(ours["statistic"], theirs.Zs, rtol=0, atol=1e-12)


def test_geary_equals_esda(lattice):
    graph = lattice(6, 7)
    values = _values(graph)
    theirs = esda.Geary(values.to_numpy(), graph, permutations=0)
    ours = geary(values, graph, permutations=None, rng=np.random.default_rng(1))
    assert ours.statistic == pytest.approx(theirs.C, abs=1e-12)
    assert ours.variance == pytest.approx(theirs.VC_rand, abs=1e-12)


def _exact(statistic, values):
    return np.array([statistic(np.array(one)) for one in itertools.permutations(values)])


def test_geary_equals_full_enumeration(lattice):
    graph = lattice(2, 3)
    values = pd.Series([1.0, 2, 2, 5, 7, 1], index=graph.unique_ids)
    matrix = graph.sparse.toarray()

    def statistic(x):
        squares = (matrix * (x[:, None] - x[None, :]) ** 2).sum()
        return 5 * squares / (2 * matrix.sum() * ((x - x.mean()) ** 2).sum())

    every = _exact(statistic, values.to_numpy())
    result = geary(
        values, graph, permutations=20_000, alternative="less", rng=np.random.default_rng(3)
    )
    assert result.statistic == pytest.approx(statistic(values.to_numpy()))
    assert every.mean() == pytest.approx(1.0)
    assert result.variance == pytest.approx(every.var(), rel=1e-12)
    share = (every <= result.statistic + 1e-12).mean()
    assert abs(result.p_permutation - share) < 4 * np.sqrt(share * (1 - share) / 20_000)


def test_join_counts_equal_full_enumeration(lattice):
    graph = lattice(2, 4, standardise=False)
    flags = pd.Series([1, 1, 0, 0, 1, 0, 0, 0], index=graph.unique_ids)
    matrix = graph.sparse.toarray()
    every = []
    for chosen in itertools.combinations(range(8), 3):
        y = np.isin(np.arange(8), chosen)
        every.append(y @ matrix @ y / 2)
    every = np.array(every)
    result = join_counts(
        flags, graph, permutations=20_000, alternative="greater", rng=np.random.default_rng(3)
    )
    assert result.expected == pytest.approx(every.mean(), rel=1e-12)
    assert result.variance == pytest.approx(every.var(), rel=1e-12)
    share = (every >= result.statistic).mean()
    assert abs(result.p_permutation - share) < 4 * np.sqrt(share * (1 - share) / 20_000)


def test_hot_and_cold_spots(lattice):
    graph = lattice(15, 15)
    values = pd.Series(np.random.default_rng(4).normal(size=225), index=graph.unique_ids)
    hot, cold = values.index[16 + 32], values.index[200 - 25]
    values[[hot, *graph[hot].index]] += 4.0
    values[[cold, *graph[cold].index]] -= 4.0
    table = getis_ord_local(values, graph, permutations=99_999, rng=np.random.default_rng(1))
    assert table.loc[hot, "cluster"] == "hot"
    assert table.loc[cold, "cluster"] == "cold"
    assert set(table["cluster"]) <= {"hot", "cold", "ns"}
    assert (table["p_bonferroni"] >= table["p_fdr"] - 1e-15).all()
    # Gi and Gi* order the draws alike, and a value does not enter its own lag.
    plain = getis_ord_local(
        values, graph, star=False, permutations=99_999, rng=np.random.default_rng(1)
    )
    np.testing.assert_array_equal(plain["p"], table["p"])


def test_a_lone_exception_has_equal_others(lattice):
    graph = lattice(4, 4)
    values = pd.Series(0.1, index=graph.unique_ids)
    values.iloc[5] = 0.7
    table = getis_ord_local(
        values, graph, star=False, permutations=199, rng=np.random.default_rng(1)
    )
    assert table["statistic"].iloc[5] == 0.0
    assert table["p"].iloc[5] == 1.0


def test_labels_decide(lattice, assert_label_invariant):
    graph = lattice(5, 6)
    x = _values(graph, 1)

    def rng():
        return np.random.default_rng(3)

    for star in (True, False):
        assert_label_invariant(
            lambda g, x, star=star: getis_ord_local(x, g, star=star, permutations=199, rng=rng()),
            graph=graph,
            x=x,
        )
    assert_label_invariant(lambda g, x: geary(x, g, permutations=199, rng=rng()), graph=graph, x=x)
    assert_label_invariant(
        lambda g, x: join_counts(x > 2, g, permutations=199, rng=rng()), graph=graph, x=x
    )


def test_flags_that_cannot_be_tested(lattice):
    graph = lattice(3, 3)
    rng = np.random.default_rng(1)
    flags = pd.Series(0, index=graph.unique_ids)
    for ones, code in ((0, "statistics.constant"), (1, "statistics.one_flag")):
        flags.iloc[:ones] = 1
        with pytest.raises(StatisticsError) as caught:
            join_counts(flags, graph, rng=rng)
        assert caught.value.code == code
    flags.iloc[3] = 2
    with pytest.raises(StatisticsError, match="u003") as caught:
        join_counts(flags, graph, rng=rng)
    assert caught.value.code == "statistics.not_binary"
