"""Convergence of provinces: planted and absent, agreement with the statistics, the hook."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geo.statistics import beta_convergence, markov, sigma_convergence
from suanli.analysis.convergence import (
    CLASSES,
    converge,
    convergence_tables,
    initial_controls,
    panel_series,
)
from suanli.analysis.hub_conclusion import convergence_conclusions
from suanli.boundaries import load_boundaries
from suanli.data import load_catalogue
from suanli.evaluation import evaluate_panel
from suanli.profile import load_profile
from suanli.run.further import worded
from suanli.study import scored_table
from suanli.text import LANGUAGES, Text

CODES = [f"{i:02d}0000" for i in range(11, 41)]
LAYER = gpd.GeoDataFrame(
    index=CODES,
    geometry=[box(i % 6, i // 6, i % 6 + 1, i // 6 + 1) for i in range(30)],
    crs=4326,
)
NONE = pd.DataFrame({"from": [], "to": []})


def panel(rate, *, seed=1, years=range(2016, 2024)):
    """Logarithms close on their mean by ``rate`` a year, with a little noise."""
    rng = np.random.default_rng(seed)
    away = rng.normal(0, 0.5, len(CODES))
    rows = {}
    for year in years:
        rows[year] = np.exp(3 + away + rng.normal(0, 0.02, len(CODES)))
        away = away * (1 - rate)
    return pd.DataFrame(rows, index=CODES).T


def result(series, **options):
    options = {"bridges": NONE, "rng": np.random.default_rng(2), "replicates": 299} | options
    return converge(series, LAYER, **options)


def test_planted_convergence_is_found_and_absent_one_not():
    found = result({"near": panel(0.1), "same": panel(0.0), "far": panel(-0.1)})
    trend = found.sigma_trend.set_index(["series", "measure"])["direction"]
    assert trend["near", "sd_log"] == "converging"
    assert trend["same", "sd_log"] == "insignificant"
    assert trend["far", "sd_log"] == "diverging"
    beta = found.beta.set_index("series")
    assert beta.loc["near", "p_fdr"] < 0.01
    assert beta.loc["near", "speed"] == pytest.approx(-np.log(0.9), abs=0.02)
    assert beta.loc["same", "p_fdr"] > 0.05
    assert beta.loc["far", "slope"] > 0
    keys = {said.params["series"]: said.key for said in convergence_conclusions(found)[1::2]}
    assert keys == {
        "near": "convergence.beta_absolute_less",
        "same": "convergence.beta_absolute_none",
        "far": "convergence.beta_absolute_more",
    }


def test_figures_are_those_of_the_statistics():
    values = panel(0.05)
    controls = pd.DataFrame({"x": np.random.default_rng(4).normal(size=30)}, index=CODES)
    found = result({"s": values}, controls=controls)
    for model, given in (("absolute", None), ("conditional", controls)):
        ours = found.beta[found.beta["model"] == model].iloc[0]
        theirs = beta_convergence(values, controls=given)
        assert ours["slope"] == theirs.slope
        assert (ours["lower"], ours["upper"]) == theirs.interval
    sigma = sigma_convergence(values, rng=np.random.default_rng(2), replicates=299)
    cv = found.sigma[found.sigma["measure"] == "cv"]
    np.testing.assert_allclose(cv["dispersion"], sigma.yearly["dispersion"])
    relative = values.div(values.mean(axis=1), axis=0)
    counts = markov(relative, classes=CLASSES).counts.to_numpy()
    moves = found.transitions
    pooled = moves[moves["neighbours"] == 0]["count"].to_numpy().reshape(CLASSES, CLASSES)
    np.testing.assert_array_equal(pooled, counts)
    split = moves[moves["neighbours"] > 0].groupby(["from", "to"])["count"].sum()
    np.testing.assert_array_equal(split.to_numpy().reshape(CLASSES, CLASSES), counts)


def test_what_is_not_defined_is_named_and_the_rest_is_computed():
    values = panel(0.05)
    values.loc[2016, CODES[3]] = 0.0
    values[CODES[5]] = values[CODES[5]].where(values.index != 2019)
    found = result({"s": values})
    assert found.skipped["what"].to_list() == ["sigma.sd_log", "beta.absolute"]
    assert set(found.skipped["code"]) == {"statistics.log_not_positive"}
    assert set(found.skipped["units"]) == {CODES[3]}
    assert len(found.beta) == 0
    assert found.sigma_trend["n"].to_list() == [29]
    said = convergence_conclusions(found)
    assert [each.key for each in said][1:] == ["convergence.skipped"] * 2
    short = result({"s": panel(0.05, years=[2022, 2023])})
    assert set(short.skipped["code"]) == {"statistics.too_few_years"}


def test_a_spatial_model_can_be_hooked_in():
    seen = []

    def spatial(values, graph, controls):
        seen.append((values.shape, graph.n, controls))
        return {"slope": -0.02, "standard_error": 0.01, "p": 0.04, "half_life": 30.0}

    found = result({"a": panel(0.05), "b": panel(0.0)}, spatial_beta=spatial)
    assert seen == [((8, 30), 30, None)] * 2
    rows = found.beta[found.beta["model"] == "spatial"]
    assert rows["p_fdr"].to_list() == [0.04, 0.04]
    keys = [said.key for said in convergence_conclusions(found)]
    assert keys.count("convergence.beta_spatial_less") == 2


def test_order_of_rows_does_not_matter():
    values = panel(0.05)
    moved = values.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    first, second = (
        converge({"s": one}, layer, bridges=NONE, rng=np.random.default_rng(2), replicates=99)
        for one, layer in ((values, LAYER), (moved, LAYER.sample(frac=1, random_state=3)))
    )
    for name, table in convergence_tables(first).items():
        pd.testing.assert_frame_equal(table, convergence_tables(second)[name])


def test_shipped_provinces_converge_in_scores_and_not_in_product():
    catalogue, layer = load_catalogue(), load_boundaries().province
    table = scored_table(catalogue.province, layer)
    scores = evaluate_panel(table, load_profile("caict2024-province"))
    series = panel_series(scores, table, ["gdp_per_capita"])
    found = converge(
        {name: series[name] for name in ("index", "gdp_per_capita")},
        layer,
        bridges=pd.DataFrame({"from": ["460000"], "to": ["440000"]}),
        controls=initial_controls(table, min(scores)),
        rng=np.random.default_rng(1),
        replicates=999,
    )
    trend = found.sigma_trend.set_index(["series", "measure"])["direction"]
    assert trend["index", "cv"] == "converging"
    assert trend["gdp_per_capita", "cv"] == "insignificant"
    assert set(found.beta["n"]) == {31}
    absolute = found.beta.set_index(["series", "model"]).loc[("index", "absolute")]
    assert absolute["pulled_by"] == "540000"
    rest = beta_convergence(series["index"].drop(columns="540000"))
    assert absolute["slope_without"] == pytest.approx(rest.slope, rel=1e-9)
    assert absolute["half_life_without"] == pytest.approx(rest.half_life, rel=1e-9)
    assert found.homogeneity["transitions"].to_list() == [217, 217]
    for lang in LANGUAGES:
        said = [worded(one, Text(lang), {}) for one in convergence_conclusions(found)]
        # Tibet makes a third of the slope: that is said. No slope of the product is significant.
        assert len(said) == 8
        assert sum("540000" in sentence for sentence in said) == 2
        assert all("{" not in sentence for sentence in said)
