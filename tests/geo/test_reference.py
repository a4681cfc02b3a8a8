"""Every statistic against the tables of R spdep 1.2-7 on Columbus and North Carolina."""

import geopandas as gpd
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
from geo.weights import build_contiguity
from geo.weights.construction import graph_from_links

CLOSED = 1e-10
TESTS = {
    "moran_rand": (global_moran, "greater", "Moran I statistic", 1.0),
    "geary_rand": (geary, "less", "Geary C statistic", -1.0),
    "globalG": (getis_ord_global, "greater", "Global G statistic", 1.0),
}


def _rng():
    return np.random.default_rng(1)


@pytest.fixture(scope="module")
def spatial(reference):
    return reference / "spatial"


@pytest.fixture(scope="module")
def figures(spatial):
    table = pd.read_csv(spatial / "reference_values.csv")
    return table.set_index(["dataset", "stat", "name"])["value"].sort_index()


@pytest.fixture(scope="module")
def neighbourhoods(spatial):
    """Columbus data and links exactly as R had them."""
    table = pd.read_csv(spatial / "columbus_data.csv").set_index("POLYID")
    pairs = pd.read_csv(spatial / "columbus_nb_pairs_1based.csv").to_numpy() - 1
    return table, graph_from_links(table.index, pairs[:, 0], pairs[:, 1])


@pytest.fixture(scope="module")
def counties(spatial):
    """Rates and Freeman-Tukey rates of SIDS 1974 and the queen weights of our own making."""
    table = gpd.read_file(spatial / "nc_sids.geojson").set_index("FIPS")
    rate, plus = (1000 * (table["SID74"] + one) / table["BIR74"] for one in (0, 1))
    return rate, np.sqrt(rate) + np.sqrt(plus), build_contiguity(table)


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


def test_global_tests_on_north_carolina(counties, figures):
    rate, transformed, graph = counties
    rows = figures["nc_queen_W"]
    options = {"permutations": None, "rng": _rng()}
    weights = graph.transform("R")
    for values, kind in ((transformed, "moran_ft74"), (rate, "moran_rate74")):
        result = global_moran(values, weights, alternative="greater", **options)
        _agree(result, rows[kind], "Moran I statistic", 1.0)
    result = geary(transformed, weights, alternative="less", **options)
    _agree(result, rows["geary_ft74"], "Geary C statistic", -1.0)
    result = getis_ord_global(rate, graph, alternative="greater", **options)
    _agree(result, rows["globalG_rate_B"], "Global G statistic", 1.0)


def test_join_counts_on_columbus(neighbourhoods, spatial, figures):
    table, graph = neighbourhoods
    expected = pd.read_csv(spatial / "columbus_joincount_multi_B.csv", index_col=0)
    high = table["CRIME"] > 35
    for flags, row, kind in ((high, "hi:hi", "joincount_2"), (~high, "lo:lo", "joincount_1")):
        result = join_counts(flags, graph, permutations=9_999, alternative="greater", rng=_rng())
        assert result.statistic == expected.loc[row, "Joincount"]
        assert result.mixed == expected.loc["hi:lo", "Joincount"]
        assert result.expected == pytest.approx(expected.loc[row, "Expected"], rel=CLOSED)
        assert result.variance == pytest.approx(expected.loc[row, "Variance"], rel=CLOSED)
        _agree(result, figures["columbus_B", kind], "Same colour statistic", 1.0)
        # The normal approximation of a count is itself off by a few hundredths.
        assert result.p_permutation == pytest.approx(result.p_analytic, abs=0.05)


def test_local_tables_on_columbus(neighbourhoods, spatial):
    table, graph = neighbourhoods
    weights = graph.transform("R")
    local = pd.read_csv(spatial / "columbus_localmoran_W.csv")
    options = {"permutations": 99, "rng": _rng()}
    ours = local_moran(table["CRIME"], weights, **options)
    np.testing.assert_allclose(ours["statistic"] * 49 / 48, local["Ii"], rtol=CLOSED)
    rest = pd.read_csv(spatial / "columbus_localG_C_W.csv")
    for star, column in ((False, "G"), (True, "Gstar")):
        ours = getis_ord_local(table["CRIME"], weights, star=star, **options)
        np.testing.assert_allclose(ours["statistic"], rest[column], rtol=CLOSED)
    # spdep standardises with divisor n - 1.
    ours = local_geary(table["CRIME"], weights, **options)
    np.testing.assert_allclose(ours["statistic"] * 48 / 49, rest["Cloc"], rtol=CLOSED)


def test_local_permutation_p_on_columbus(neighbourhoods, spatial):
    """spdep 1.2-7 draws a unit's neighbours with replacement, which widens its reference.

    So its p and ours are near; its p equals that of draws with replacement.
    """
    table, graph = neighbourhoods
    simulated = pd.read_csv(spatial / "columbus_localmoran_perm99999.csv")
    theirs = simulated["Pr(z != E(Ii)) Sim"].to_numpy()
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


def test_local_tables_on_north_carolina(counties, spatial):
    _, values, graph = counties
    expected = pd.read_csv(spatial / "nc_local_ft74.csv")
    weights, options = graph.transform("R"), {"permutations": 99, "rng": _rng()}
    ours = local_moran(values, weights, **options)
    np.testing.assert_allclose(ours["statistic"] * 100 / 99, expected["Ii"], rtol=CLOSED)
    for star, column in ((False, "G"), (True, "Gstar")):
        ours = getis_ord_local(values, weights, star=star, **options)
        np.testing.assert_allclose(ours["statistic"], expected[column], rtol=CLOSED, atol=1e-12)
