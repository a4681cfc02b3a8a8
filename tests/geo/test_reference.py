"""Every statistic against what R's spdep 1.2-7 prints on Columbus and North Carolina."""

import numpy as np
import pandas as pd
import pytest

from geo.statistics import (
    geary,
    getis_ord_global,
    getis_ord_local,
    global_moran,
    join_counts,
    local_geary,
    local_moran,
)
from geo.weights.construction import graph_from_links

CLOSED = 1e-10
TESTS = {
    "moran_rand": (global_moran, "greater", "Moran I statistic", 1.0),
    "geary_rand": (geary, "less", "Geary C statistic", -1.0),
    "globalG": (getis_ord_global, "greater", "Global G statistic", 1.0),
}


def _rng():
    return np.random.default_rng(1)


def _links(folder, name, labels):
    pairs = pd.read_csv(folder / f"{name}_links.csv").to_numpy() - 1
    return graph_from_links(labels, pairs[:, 0], pairs[:, 1])


@pytest.fixture(scope="module")
def figures(reference):
    table = pd.read_csv(reference / "global_and_models.csv")
    return table.set_index(["dataset", "stat", "name"])["value"].sort_index()


@pytest.fixture(scope="module")
def neighbourhoods(reference):
    """Columbus and its links exactly as R had them."""
    table = pd.read_csv(reference / "columbus.csv", index_col="unit")
    return table, _links(reference, "columbus", table.index)


@pytest.fixture(scope="module")
def carolina(reference):
    """North Carolina and its links exactly as R had them."""
    table = pd.read_csv(reference / "north_carolina.csv", dtype={"FIPS": str}, index_col="FIPS")
    rate, plus = (1000 * (table["SID74"] + one) / table["BIR74"] for one in (0, 1))
    table = table.assign(rate=rate, transformed=np.sqrt(rate) + np.sqrt(plus))
    return table, _links(reference, "north_carolina", table.index)


def _agree(result, expected, name, sign):
    assert result.statistic == pytest.approx(expected[name], rel=CLOSED)
    assert result.expected == pytest.approx(expected["Expectation"], rel=CLOSED)
    assert result.variance == pytest.approx(expected["Variance"], rel=CLOSED)
    assert sign * result.z == pytest.approx(expected["statistic"], rel=CLOSED)
    p = expected[[key for key in expected.index if key.startswith("p")]].iloc[0]
    assert result.p_analytic == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize("kind", list(TESTS))
@pytest.mark.parametrize("style", ["W", "B"])
def test_global_tests_on_columbus(neighbourhoods, figures, style, kind):
    table, graph = neighbourhoods
    run, alternative, name, sign = TESTS[kind]
    weights = graph.transform("R") if style == "W" else graph
    result = run(table["CRIME"], weights, permutations=None, alternative=alternative, rng=_rng())
    _agree(result, figures[f"columbus_{style}", kind], name, sign)


def test_global_tests_on_north_carolina(carolina, figures):
    table, graph = carolina
    rows = figures["nc_queen_W"]
    options = {"permutations": None, "rng": _rng()}
    weights = graph.transform("R")
    for column, kind in (("transformed", "moran_ft74"), ("rate", "moran_rate74")):
        result = global_moran(table[column], weights, alternative="greater", **options)
        _agree(result, rows[kind], "Moran I statistic", 1.0)
    result = geary(table["transformed"], weights, alternative="less", **options)
    _agree(result, rows["geary_ft74"], "Geary C statistic", -1.0)
    result = getis_ord_global(table["rate"], graph, alternative="greater", **options)
    _agree(result, rows["globalG_rate_B"], "Global G statistic", 1.0)


def test_moran_of_empirical_bayes_rates_on_north_carolina(carolina, figures):
    """EBImoran of spdep: Moran's I of rates standardised after Assuncao and Reis (1999)."""
    table, graph = carolina
    births, deaths = table["BIR74"], table["SID74"]
    rate, mean = deaths / births, deaths.sum() / births.sum()
    between = (births * (rate - mean) ** 2).sum() / births.sum() - mean / births.mean()
    variance = between + mean / births
    standardised = (rate - mean) / np.sqrt(variance.where(variance > 0, mean / births))
    result = global_moran(standardised, graph.transform("R"), permutations=None, rng=_rng())
    expected = figures["nc_queen_W", "EBI_stat", "EBI.statistic"]
    assert result.statistic == pytest.approx(expected, rel=CLOSED)


def test_join_counts_on_columbus(neighbourhoods, reference, figures):
    table, graph = neighbourhoods
    expected = pd.read_csv(reference / "columbus_joins.csv", index_col=0)
    high = table["CRIME"] > 35
    found = {}
    for flags, row, kind in ((high, "hi:hi", "joincount_2"), (~high, "lo:lo", "joincount_1")):
        result = join_counts(flags, graph, permutations=9_999, alternative="greater", rng=_rng())
        found[row] = result
        assert result.statistic == expected.loc[row, "Joincount"]
        assert result.mixed == expected.loc["hi:lo", "Joincount"]
        assert result.expected == pytest.approx(expected.loc[row, "Expected"], rel=CLOSED)
        assert result.variance == pytest.approx(expected.loc[row, "Variance"], rel=CLOSED)
        _agree(result, figures["columbus_B", kind], "Same colour statistic", 1.0)
        # The normal approximation of a count is itself off by a few hundredths.
        assert result.p_permutation == pytest.approx(result.p_analytic, abs=0.05)
    assert found["hi:hi"].unflagged_joins == found["lo:lo"].statistic
    mixed = found["hi:hi"].links / 2 - sum(one.expected for one in found.values())
    assert mixed == pytest.approx(expected.loc["hi:lo", "Expected"], rel=CLOSED)


def test_local_moran_on_columbus(neighbourhoods):
    table, graph = neighbourhoods
    ours = local_moran(table["CRIME"], graph.transform("R"), permutations=99, rng=_rng())
    np.testing.assert_allclose(ours["statistic"] * 49 / 48, table["Ii"], rtol=CLOSED)
    words = {"H": "High", "L": "Low"}
    spelled = ["-".join(words[letter] for letter in kind) for kind in ours["quadrant"]]
    assert spelled == list(table["quadr"])


def test_local_g_on_columbus(neighbourhoods):
    table, graph = neighbourhoods
    found = {
        star: getis_ord_local(
            table["CRIME"], graph.transform("R"), star=star, permutations=99, rng=_rng()
        )["statistic"]
        for star in (False, True)
    }
    np.testing.assert_allclose(found[False], table["G"], rtol=CLOSED)
    np.testing.assert_allclose(found[True], table["Gstar"], rtol=CLOSED)
    # Local Moran standardised by its conditional moments is the G of that side of the mean.
    side = np.sign(table["CRIME"] - table["CRIME"].mean())
    np.testing.assert_allclose(found[False] * side, table["Z.Ii"], rtol=CLOSED)


def test_local_geary_on_columbus(neighbourhoods):
    """Of one quantity and of two; spdep standardises with divisor n - 1."""
    table, graph = neighbourhoods
    options = {"permutations": 99, "rng": _rng()}
    for values, column in ((table["CRIME"], "Cloc"), (table[["CRIME", "INC"]], "Cmv")):
        ours = local_geary(values, graph.transform("R"), **options)
        np.testing.assert_allclose(ours["statistic"] * 48 / 49, table[column], rtol=CLOSED)


def test_local_permutation_p_on_columbus(neighbourhoods):
    """spdep 1.2-7 draws a unit's neighbours with replacement, which widens its reference.

    So its p and ours are near; its p equals that of draws with replacement.
    """
    table, graph = neighbourhoods
    theirs = table["p_perm"].to_numpy()
    ours = local_moran(table["CRIME"], graph.transform("R"), rng=_rng())
    np.testing.assert_allclose(ours["p"], theirs, atol=0.04)
    assert np.corrcoef(ours["p"], theirs)[0, 1] > 0.999
    z = (table["CRIME"] - table["CRIME"].mean()).to_numpy()
    rng, draws = _rng(), 20_000
    for place, label in enumerate(table.index):
        near = table.index.get_indexer(graph[label].index)
        drawn = rng.choice(np.delete(z, place), (draws, len(near))).mean(axis=1)
        above = (drawn >= z[near].mean()).mean()
        p = 2.0 * min(above, 1.0 - above)
        error = np.sqrt(p * (2.0 - p) * (1.0 / draws + 1.0 / 99_999))
        assert abs(theirs[place] - p) < 4.0 * error + 2e-4


def test_local_tables_on_north_carolina(carolina):
    table, graph = carolina
    weights, options = graph.transform("R"), {"permutations": 99, "rng": _rng()}
    values = table["transformed"]
    ours = local_moran(values, weights, **options)
    np.testing.assert_allclose(ours["statistic"] * 100 / 99, table["Ii"], rtol=CLOSED)
    for star, column in ((False, "G"), (True, "Gstar")):
        ours = getis_ord_local(values, weights, star=star, **options)
        np.testing.assert_allclose(ours["statistic"], table[column], rtol=CLOSED, atol=1e-12)
    side = np.sign(values - values.mean())
    np.testing.assert_allclose(table["G"] * side, table["Z.Ii"], rtol=CLOSED, atol=1e-12)
