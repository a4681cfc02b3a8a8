"""Local Geary, local join counts, bivariate local Moran, global G: enumeration and esda."""

import itertools
import math

import esda
import numpy as np
import pandas as pd
import pytest

from geo.errors import StatisticsError, WeightsError
from geo.statistics import (
    geary,
    getis_ord_global,
    getis_ord_local,
    local_bivariate_moran,
    local_geary,
    local_join_counts,
    local_moran,
)
from geo.weights.construction import graph_from_links

P = 20_000
# esda warns of its own coming defaults and of what pandas will drop.
ESDA_WARNS = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def _neighbourhoods(matrix, unit):
    """Every equally likely ordered neighbourhood of a unit, and its weights in order."""
    near = np.flatnonzero(matrix[unit])
    others = [other for other in range(len(matrix)) if other != unit]
    return matrix[unit, near], [list(c) for c in itertools.permutations(others, len(near))]


def _exact(matrix, statistic, unit):
    weights, drawn = _neighbourhoods(matrix, unit)
    every = np.array([statistic(unit, members, weights) for members in drawn])
    observed = statistic(unit, list(np.flatnonzero(matrix[unit])), weights)
    return (every >= observed - 1e-9).mean(), (every <= observed + 1e-9).mean(), observed, every


def _close(p, share):
    assert abs(p - share) <= 4 * math.sqrt(share * (1 - share) / P) + 1.5 / P


def _small(lattice, kind):
    graph = lattice(2, 4)
    if kind == "unequal":
        labels = graph.unique_ids
        dense = np.random.default_rng(3).uniform(0.2, 2.0, (8, 8)) * (graph.sparse.toarray() > 0)
        focal, neighbor = np.nonzero(dense)
        graph = graph_from_links(labels, focal, neighbor, dense[focal, neighbor])
    return graph, graph.sparse.toarray()


def _values(graph, seed=1):
    rng = np.random.default_rng(seed)
    return pd.Series(np.round(rng.gamma(2.0, 3.0, len(graph.unique_ids))), index=graph.unique_ids)


@pytest.mark.parametrize("kind", ["equal", "unequal"])
@pytest.mark.parametrize("quantities", [1, 2])
def test_local_geary_equals_enumeration(lattice, kind, quantities):
    graph, matrix = _small(lattice, kind)
    values = pd.DataFrame({f"q{q}": _values(graph, 1 + q) for q in range(quantities)})
    z = ((values - values.mean()) / values.std(ddof=0)).to_numpy()

    def statistic(unit, members, weights):
        return (weights * ((z[unit] - z[members]) ** 2).sum(axis=1)).sum() / quantities

    tables = {
        direction: local_geary(
            values["q0"] if quantities == 1 else values,
            graph,
            permutations=P,
            alternative=direction,
            rng=np.random.default_rng(5),
        )
        for direction in ("greater", "less")
    }
    for unit, label in enumerate(graph.unique_ids):
        greater, less, observed, every = _exact(matrix, statistic, unit)
        assert tables["less"].loc[label, "statistic"] == pytest.approx(observed, rel=1e-12)
        _close(tables["greater"].loc[label, "p"], greater)
        _close(tables["less"].loc[label, "p"], less)
        unlike = tables["less"].loc[label, "quadrant"] == "unlike"
        assert unlike == (observed > every.mean() + 1e-12)


@ESDA_WARNS
def test_local_geary_sums_to_geary_and_equals_esda(columbus):
    table, binary = columbus
    graph = binary.transform("R")
    ours = local_geary(table["CRIME"], graph, permutations=9_999, rng=np.random.default_rng(1))
    result = geary(table["CRIME"], graph, permutations=None, rng=np.random.default_rng(1))
    n = len(table)
    assert ours["statistic"].sum() * (n - 1) / n / (2 * n) == pytest.approx(result.statistic)
    theirs = esda.Geary_Local(connectivity=graph.to_W(), permutations=0).fit(table["CRIME"])
    np.testing.assert_allclose(ours["statistic"], theirs.localG, rtol=1e-10)
    both = local_geary(table, graph, permutations=9_999, rng=np.random.default_rng(1))
    single = [
        local_geary(table[name], graph, permutations=99, rng=np.random.default_rng(1))
        for name in table
    ]
    mean = sum(one["statistic"] for one in single) / len(single)
    np.testing.assert_allclose(both["statistic"], mean, rtol=1e-12)
    theirs = esda.Geary_Local_MV(connectivity=graph.to_W(), permutations=99)
    theirs = theirs.fit([table[name].to_numpy() for name in table])
    np.testing.assert_allclose(both["statistic"], theirs.localG, rtol=1e-10)
    assert set(both["quadrant"]) <= {"alike", "unlike"}


def test_local_geary_directed_p_agrees_with_a_plain_permutation(columbus):
    table, binary = columbus
    graph = binary.transform("R")
    ours = local_geary(
        table["INC"], graph, permutations=P, alternative="less", rng=np.random.default_rng(1)
    )
    x = table["INC"].to_numpy()
    z = (x - x.mean()) / x.std()
    rng = np.random.default_rng(2)
    for position, label in enumerate(table.index[:12]):
        k = len(graph[label])
        others = np.delete(z, position)
        drawn = rng.permuted(np.tile(others, (4_000, 1)), axis=1)[:, :k]
        sums = ((z[position] - drawn) ** 2).mean(axis=1)
        share = (sums <= ours.loc[label, "statistic"] + 1e-12).mean()
        error = math.sqrt(max(share * (1 - share), 1e-4) * (1 / 4_000 + 1 / P))
        assert abs(ours.loc[label, "p"] - share) < 4.5 * error


@pytest.mark.parametrize("direction", ["greater", "less", "two-sided"])
def test_local_join_counts_equal_enumeration(lattice, direction):
    graph = lattice(2, 4)
    matrix = (graph.sparse.toarray() > 0).astype(float)
    flags = pd.Series([1, 1, 0, 0, 1, 1, 0, 1], index=graph.unique_ids)
    flag = flags.to_numpy()
    table = local_join_counts(flags, graph, alternative=direction)
    for unit, label in enumerate(graph.unique_ids):
        row = table.loc[label]
        if not flag[unit]:
            assert math.isnan(row["p"])
            assert (row["statistic"], row["quadrant"], row["cluster"]) == (0.0, "unflagged", "ns")
            continue
        greater, less, observed, every = _exact(
            matrix, lambda i, members, weights: flag[members].sum(), unit
        )
        expected = {"greater": greater, "less": less, "two-sided": min(1, 2 * min(greater, less))}
        assert row["statistic"] == observed
        assert row["p"] == pytest.approx(expected[direction], abs=1e-12)
        assert row["quadrant"] == ("together" if observed >= every.mean() else "apart")
    assert table.attrs["n"] == 5
    assert table["p_bonferroni"].dropna().tolist() == pytest.approx(
        np.minimum(1, 5 * table["p"].dropna()).tolist()
    )


@ESDA_WARNS
def test_local_join_counts_find_a_planted_block_and_agree_with_esda(lattice):
    graph = lattice(12, 12, standardise=False)
    block = {f"u{12 * row + column:03d}" for row in range(3) for column in range(3)}
    rng = np.random.default_rng(4)
    strays = set(rng.choice(graph.unique_ids[60:], 8, replace=False))
    flags = pd.Series([one in block | strays for one in graph.unique_ids], index=graph.unique_ids)
    table = local_join_counts(flags, graph, alternative="greater")
    assert table.loc["u013", "cluster"] == "together"
    assert table.loc[sorted(strays), "cluster"].eq("ns").all()
    theirs = esda.Join_Counts_Local(connectivity=graph.to_W(), permutations=999, seed=1)
    theirs = theirs.fit(flags.astype(int).to_numpy(), permutations=999)
    np.testing.assert_array_equal(table["statistic"], theirs.LJC)
    some = np.isfinite(theirs.p_sim) & flags.to_numpy() & (table["statistic"] > 0).to_numpy()
    assert some.sum() >= 9
    exact = table["p"].to_numpy()[some]
    error = np.sqrt(exact * (1 - exact) / 999)
    assert (np.abs(theirs.p_sim[some] - exact) < 4.5 * error + 2e-3).all()


@pytest.mark.parametrize("kind", ["equal", "unequal"])
def test_bivariate_local_moran_equals_enumeration(lattice, kind):
    graph, matrix = _small(lattice, kind)
    x, y = _values(graph, 1), _values(graph, 2)
    u, v = (x - x.mean()).to_numpy(), (y - y.mean()).to_numpy()
    scale = 7 / math.sqrt((u @ u) * (v @ v))

    def statistic(unit, members, weights):
        return scale * u[unit] * (weights @ v[members])

    tables = {
        direction: local_bivariate_moran(
            x, y, graph, permutations=P, alternative=direction, rng=np.random.default_rng(5)
        )
        for direction in ("greater", "less")
    }
    for unit, label in enumerate(graph.unique_ids):
        greater, less, observed, _ = _exact(matrix, statistic, unit)
        assert tables["less"].loc[label, "statistic"] == pytest.approx(observed, rel=1e-12)
        _close(tables["greater"].loc[label, "p"], greater)
        _close(tables["less"].loc[label, "p"], less)


@ESDA_WARNS
def test_bivariate_local_moran_of_one_quantity_is_local_moran_and_equals_esda(columbus):
    table, binary = columbus
    graph = binary.transform("R")
    crime, income = table["CRIME"], table["INC"]
    options = {"permutations": 999}
    both = local_bivariate_moran(crime, crime, graph, rng=np.random.default_rng(1), **options)
    one = local_moran(crime, graph, rng=np.random.default_rng(1), **options)
    pd.testing.assert_frame_equal(both, one, rtol=1e-12)
    ours = local_bivariate_moran(crime, income, graph, rng=np.random.default_rng(1), **options)
    theirs = esda.Moran_Local_BV(
        crime.to_numpy(), income.to_numpy(), graph.to_W(), permutations=9, seed=1
    )
    np.testing.assert_allclose(ours["statistic"], theirs.Is, rtol=1e-9)
    letters = np.array(["", "HH", "LH", "LL", "HL"])[theirs.q]
    assert ours["quadrant"].tolist() == letters.tolist()


def test_global_g_equals_full_enumeration(lattice):
    graph = lattice(2, 3, standardise=False)
    values = pd.Series([1.0, 2, 0, 5, 7, 1], index=graph.unique_ids)
    for weights in (graph, graph.transform("R")):
        matrix = weights.sparse.toarray()

        def statistic(x, matrix=matrix):
            return x @ matrix @ x / (x.sum() ** 2 - x @ x)

        every = np.array([statistic(np.array(o)) for o in itertools.permutations(values)])
        result = getis_ord_global(
            values, weights, permutations=P, alternative="greater", rng=np.random.default_rng(3)
        )
        assert result.statistic == pytest.approx(statistic(values.to_numpy()), rel=1e-12)
        assert result.expected == pytest.approx(every.mean(), rel=1e-12)
        assert result.variance == pytest.approx(every.var(), rel=1e-9)
        _close(result.p_permutation, (every >= result.statistic - 1e-12).mean())


def test_global_g_equals_published_and_esda(columbus):
    table, graph = columbus
    rng = np.random.default_rng(1)
    # R's spdep 1.2-7, globalG.test with row-standardised weights.
    ours = getis_ord_global(table["CRIME"], graph.transform("R"), permutations=None, rng=rng)
    assert ours.statistic == pytest.approx(0.0230406164534993, rel=1e-12)
    ours = getis_ord_global(table["CRIME"], graph, permutations=None, rng=rng)
    theirs = esda.G(table["CRIME"].to_numpy(), graph.to_W(), permutations=0)
    assert ours.statistic == pytest.approx(theirs.G, rel=1e-10)
    assert ours.expected == pytest.approx(theirs.EG, rel=1e-10)
    assert ours.variance == pytest.approx(theirs.VG, rel=1e-6)


def test_only_labels_matter(lattice, assert_label_invariant):
    graph = lattice(5, 6)
    rng = np.random.default_rng(9)
    x, y = (pd.Series(rng.gamma(2.0, 1.0, 30), index=graph.unique_ids) for _ in range(2))
    flags = pd.Series(rng.random(30) < 0.4, index=graph.unique_ids)

    def seeded():
        return {"permutations": 499, "rng": np.random.default_rng(1)}

    assert_label_invariant(lambda g, x: local_geary(x, g, **seeded()), graph=graph, x=x)
    assert_label_invariant(
        lambda g, x, y: local_geary(pd.DataFrame({"x": x, "y": y.reindex(x.index)}), g, **seeded()),
        graph=graph,
        x=x,
        y=y,
    )
    assert_label_invariant(
        lambda g, x, y: local_bivariate_moran(x, y, g, **seeded()), graph=graph, x=x, y=y
    )
    assert_label_invariant(lambda g, flags: local_join_counts(flags, g), graph=graph, flags=flags)
    assert_label_invariant(lambda g, x: getis_ord_global(x, g, **seeded()), graph=graph, x=x)


def _calls(values, graph):
    rng = np.random.default_rng(1)
    flags = values.where(values.isna(), (values > values.median()).astype(float))
    return {
        "moran": lambda: local_moran(values, graph, permutations=99, rng=rng),
        "hotspots": lambda: getis_ord_local(values, graph, permutations=99, rng=rng),
        "geary": lambda: local_geary(values, graph, permutations=99, rng=rng),
        "bivariate": lambda: local_bivariate_moran(
            values, values**2, graph, permutations=99, rng=rng
        ),
        "joins": lambda: local_join_counts(flags, graph),
        "global": lambda: getis_ord_global(values, graph, permutations=99, rng=rng),
    }


@pytest.mark.parametrize("name", ["moran", "hotspots", "geary", "bivariate", "joins", "global"])
def test_missing_constant_and_islands(lattice, name):
    graph = lattice(3, 3)
    values = _values(graph) + 1.0
    missing = values.copy()
    missing.iloc[4] = np.nan
    with pytest.raises(WeightsError, match="u004") as error:
        _calls(missing, graph)[name]()
    assert error.value.code == "weights.values_missing"
    with pytest.raises(StatisticsError) as caught:
        _calls(values * 0 + 3.0, graph)[name]()
    assert caught.value.code == "statistics.constant"
    # An island changes nothing for the others and has no number of its own.
    adjacency = pd.concat(
        [
            graph.adjacency,
            pd.Series(
                [0.0],
                index=pd.MultiIndex.from_tuples([("z", "z")], names=["focal", "neighbor"]),
                name="weight",
            ),
        ]
    )
    with_island = type(graph)(adjacency)
    extended = pd.concat([values, pd.Series({"z": values.max()})])
    base, more = _calls(values, graph)[name](), _calls(extended, with_island)[name]()
    if name == "global":
        assert more.isolates == ("z",)
        assert more.statistic == base.statistic
        return
    assert more.loc["z", ["quadrant", "cluster"]].tolist() == ["isolate", "isolate"]
    assert more.loc["z", ["statistic", "p", "p_fdr"]].isna().all()
    if name != "joins":
        pd.testing.assert_frame_equal(
            more.drop(index="z"), base, check_exact=True, check_names=False
        )
    else:
        assert more.drop(index="z")["statistic"].notna().all()


def test_what_has_no_answer_is_refused(lattice):
    graph = lattice(3, 3)
    values = _values(graph)
    rng = np.random.default_rng(1)
    lone = pd.Series(np.arange(9) == 3, index=graph.unique_ids)
    for call, code in (
        (lambda: getis_ord_global(values - 4.0, graph, rng=rng), "statistics.negative"),
        (lambda: getis_ord_global(lone.astype(float), graph, rng=rng), "statistics.no_variance"),
        (lambda: local_join_counts(lone, graph), "statistics.one_flag"),
        (lambda: local_join_counts(values, graph), "statistics.not_binary"),
        (lambda: local_join_counts(lone, graph, alternative="up"), "statistics.alternative"),
        (lambda: local_geary(pd.DataFrame(index=values.index), graph, rng=rng), "statistics.empty"),
        (lambda: local_geary(values, graph, permutations=9, rng=rng), "statistics.permutations"),
        (
            lambda: local_bivariate_moran(values, values, graph, alpha=2.0, rng=rng),
            "statistics.alpha",
        ),
    ):
        with pytest.raises(StatisticsError) as caught:
            call()
        assert caught.value.code == code


def test_an_outlier_amid_low_neighbours_is_no_hot_spot(lattice):
    """Its Gi* is high by its own value; its p is small because its neighbours are low."""
    graph = lattice(20, 20)
    values = pd.Series(np.random.default_rng(4).normal(size=400), index=graph.unique_ids)
    middle = graph.unique_ids[210]
    values[graph[middle].index] = -3.0
    values[middle] = 40.0
    options = {"permutations": 99_999, "rng": np.random.default_rng(1)}
    star = getis_ord_local(values, graph, **options).loc[middle]
    plain = getis_ord_local(values, graph, star=False, **options).loc[middle]
    assert star["statistic"] > 2 > -2 > plain["statistic"]
    assert star["p_fdr"] < 0.05
    assert (star["quadrant"], star["cluster"]) == ("hot", "ns")
    assert (plain["quadrant"], plain["cluster"]) == ("cold", "cold")
    # A true hot spot keeps its name.
    values[graph[middle].index] = 30.0
    options["rng"] = np.random.default_rng(1)
    assert getis_ord_local(values, graph, **options).loc[middle, "cluster"] == "hot"
