"""Correlations, consistency, carried weights, coverage, strengths, components, statistics."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from suanli.diagnostics.correlation import (
    Limits,
    ancestor_correlations,
    consistency,
    correlation,
    correlation_matrix,
    cronbach_alpha,
    pair_correlations,
)
from suanli.diagnostics.coverage import cell_report, indicator_coverage, unit_coverage
from suanli.diagnostics.importance import carried_weights, main_effect, overall_weights
from suanli.diagnostics.pca import components, node_components
from suanli.diagnostics.statistics import indicator_statistics
from suanli.diagnostics.strengths import strengths, top_and_bottom, unit_summary
from suanli.errors import InputError
from suanli.evaluation import Scores, evaluate
from suanli.intake import IndicatorTable
from suanli.profile.check import validated

CODES = [f"u{i:02d}" for i in range(30)]


def leaf(name, parent, weight, **more):
    facts = {"unit": "km", "direction": "up", "status": "reported", "source": "S", "reason": "r"}
    names = {"zh": name, "en": name}
    return {"id": name, "parent": parent, "weight": weight, "name": names} | facts | more


@pytest.fixture(scope="module")
def table() -> IndicatorTable:
    """One story told by a, b (its double), c (noisy) and against it d; e alone has gaps."""
    rng = np.random.default_rng(7)
    story = rng.normal(size=30)
    values = pd.DataFrame(
        {
            "a": story,
            "b": story + rng.normal(scale=0.05, size=30),
            "c": story + rng.normal(scale=1.0, size=30),
            "d": -story + rng.normal(scale=0.4, size=30),
            "e": rng.normal(size=30),
            "f": rng.normal(size=30),
        },
        index=CODES,
    )
    values += 10.0
    values.loc[CODES[:12], "e"] = None
    values.loc["u20", ["b", "c", "e"]] = None
    cells = values.rename_axis("code").reset_index().melt("code", var_name="indicator").dropna()
    early = pd.DataFrame({"code": ["u20"], "indicator": "c", "value": 11.0, "year": 2022})
    whole = pd.concat([cells.assign(year=2023), early], ignore_index=True)
    marks = {"quality": "A", "source": "S1"}
    whole = whole.assign(unit="km", **marks)
    whole.loc[whole["indicator"].eq("f"), ["quality", "source"]] = ["C", "S2"]
    return IndicatorTable(cells=whole)


@pytest.fixture(scope="module")
def scores(table) -> Scores:
    names = {"zh": "名", "en": "name"}
    dimension = {"name": names, "parent": "index"}
    method = {
        "weight": "given", "treat": "winsorise", "impute": ("nearest_year",), "impute_reach": 1,
        "coverage": 0.65, "ties": "min",
    }  # fmt: skip
    spec = validated(
        {
            "id": "story", "level": "province", "year": 2023, "title": names, "note": names,
            "method": method,
            "dimension": [
                {"id": "one", "weight": 0.7} | dimension, {"id": "two", "weight": 0.3} | dimension,
            ],
            "indicator": [
                leaf("a", "one", 0.25), leaf("b", "one", 0.25), leaf("c", "one", 0.25),
                leaf("d", "one", 0.25), leaf("e", "two", 0.5),
                leaf("g", "two", 0.5, value="a * f"),
            ],
        },
        file="story",
    )  # fmt: skip
    return evaluate(table, spec)


# Correlation


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_pairs_are_scipys_over_common_units_and_the_matrix_agrees(scores, method):
    pairs = pair_correlations(scores, stage="treated", method=method)
    frame = scores.stages["treated"]
    both = frame[["a", "e"]].dropna()
    peer = getattr(
        stats, {"pearson": "pearsonr", "spearman": "spearmanr"}.get(method, "kendalltau")
    )
    row = pairs[pairs["first"].eq("a") & pairs["second"].eq("e")].iloc[0]
    expected = peer(both["a"], both["e"])
    assert (row["r"], row["p"]) == pytest.approx((expected.statistic, expected.pvalue))
    assert row["n"] == len(both) < 20
    matrix = correlation_matrix(scores, stage="treated", method=method)
    for item in pairs.itertuples():
        assert matrix.loc[item.first, item.second] == pytest.approx(item.r, abs=1e-12)
    assert len(pairs) == 15


def test_correlation_meets_by_label_and_knows_its_limits():
    x = pd.Series(np.arange(6.0), index=list("abcdef"))
    shuffled = x.iloc[[3, 1, 5, 0, 2, 4]]
    assert correlation(x, shuffled)["r"] == pytest.approx(1.0)
    assert np.isnan(correlation(x, x * 0)["r"])
    few = correlation(x.iloc[:2], x)
    assert np.isnan(few["r"])
    assert few["n"] == 2


def test_flags_of_pairs(scores):
    pairs = pair_correlations(scores).set_index(["first", "second"])
    assert pairs.loc[("a", "b"), "flag"] == "collinear"
    assert pairs.loc[("a", "d"), "flag"] == "negative"
    assert pairs.loc[("a", "d"), "relation"] == "siblings"
    assert pairs.loc[("a", "e"), "relation"] == "across"
    assert (pairs.loc[pairs["relation"].eq("across"), "flag"] != "negative").all()
    lenient = Limits(negative=-1.0, collinear=1.0)
    assert pair_correlations(scores, limits=lenient)["flag"].eq("").all()
    upper = pair_correlations(scores, stage="aggregated")
    assert upper[["first", "second"]].to_numpy().tolist() == [["one", "two"]]


def test_what_contradicts_its_dimension_is_weak(scores):
    upward = ancestor_correlations(scores).set_index(["id", "ancestor"])
    assert upward.loc[("d", "one"), "flag"] == "weak"
    assert upward.loc[("d", "one"), "r"] < 0
    assert upward.loc[("a", "one"), "flag"] == ""
    assert upward.loc[("a", "index"), "generation"] == 2
    expected = scores.indicators["a"].corr(scores.index)
    assert upward.loc[("a", "index"), "r"] == pytest.approx(expected, abs=1e-12)


def test_alpha_by_hand_and_its_special_cases(scores):
    frame = scores.indicators[["a", "b", "c"]]
    complete = frame.dropna()
    k = 3
    variances = complete.var().sum()
    expected = k / (k - 1) * (1 - variances / complete.sum(axis=1).var())
    assert cronbach_alpha(frame, complete=True) == pytest.approx(expected, abs=1e-12)
    r = np.mean([complete["a"].corr(complete["b"]), complete["a"].corr(complete["c"]),
                 complete["b"].corr(complete["c"])])  # fmt: skip
    standardised = k * r / (1 + (k - 1) * r)
    got = cronbach_alpha(frame, standardised=True, complete=True)
    assert got == pytest.approx(standardised, abs=1e-12)
    assert np.isnan(cronbach_alpha(frame[["a"]]))
    table = consistency(scores).set_index(["node", "items"])
    assert table.loc[("one", "children"), "flag"] == "low"
    assert set(table.index) == {
        ("index", "children"), ("index", "indicators"), ("one", "children"), ("two", "children"),
    }  # fmt: skip


# Importance


def test_an_indicator_against_the_rest_carries_less_than_nothing(scores):
    table = carried_weights(scores).set_index("id")
    assert table.loc["d", "flag"] == "negative"
    assert table.loc["d", "carried"] < 0
    assert table.loc[list("abcdeg"), "carried"].sum() == pytest.approx(1.0, abs=1e-12)
    strict = carried_weights(scores, low=0.0, high=0.01).set_index("id")
    assert strict.loc["a", "flag"] == "high"
    assert table["nominal"].to_dict() == pytest.approx(
        overall_weights(scores)["overall"].drop("index").to_dict()
    )


def test_main_effect_sees_what_correlation_does_not():
    rng = np.random.default_rng(0)
    x = pd.Series(rng.uniform(-1, 1, 200))
    curve, noise = x**2, pd.Series(rng.normal(size=200))
    assert abs(x.corr(curve)) < 0.2
    assert main_effect(x, curve) > 0.95
    assert main_effect(x, noise) < 0.1
    half = curve + rng.normal(scale=curve.std(), size=200)
    assert main_effect(x, half) == pytest.approx(0.5, abs=0.12)
    assert np.isnan(main_effect(x * 0, noise))
    assert np.isnan(main_effect(x.iloc[:5], noise))
    groups = pd.Series(np.repeat([0.0, 1.0, 1.0], 20))
    assert main_effect(groups, groups) == pytest.approx(1.0)


# Strengths


def test_strengths_lie_above_the_median_and_are_ordered(scores):
    table = strengths(scores)
    assert len(table) == 30 * 6
    picked = top_and_bottom(table, "u05", k=2)
    for kind, sign in (("strength", 1), ("weakness", -1)):
        rows = picked[picked["kind"] == kind]
        assert 0 < len(rows) <= 2
        assert (sign * (rows["score"] - rows["median"]) > 0).all()
        assert (np.diff(sign * rows["effect"]) <= 0).all()
    by_rank = top_and_bottom(table, "u05", k=6, by="rank")
    best = by_rank[by_rank["kind"] == "strength"]
    assert best["rank"].is_monotonic_increasing
    gone = table[table["code"].eq("u00") & table["indicator"].eq("e")].iloc[0]
    assert np.isnan(gone["score"])
    assert np.isnan(gone["effect"])
    filled = table[table["code"].eq("u20") & table["indicator"].eq("c")].iloc[0]
    assert filled["imputed"] == "nearest_year"
    assert filled["raw"] == 11.0
    for look in (lambda: top_and_bottom(table, "u99"), lambda: unit_summary(scores, "u99")):
        with pytest.raises(InputError) as caught:
            look()
        assert caught.value.problems[0].code == "diagnostics.unit_unknown"


def test_what_half_of_the_units_share_is_no_weakness():
    rows = {"code": ["a"] * 2, "score": [0.0, 40.0], "median": [0.0, 50.0], "rank": [9.0, 3.0]}
    frame = pd.DataFrame(rows | {"effect": [0.0, -1.0], "indicator": ["zero", "low"]})
    assert top_and_bottom(frame, "a")["indicator"].to_list() == ["low"]


# Coverage


def test_coverage_counts_every_cell(scores, table):
    cells = cell_report(scores, table).set_index(["code", "indicator"])
    assert len(cells) == 30 * 6
    assert cells["state"].value_counts().to_dict() == {
        "observed": 180 - 15, "missing": 14, "imputed": 1,
    }  # fmt: skip
    assert cells.loc[("u20", "c"), "method"] == "nearest_year"
    assert cells.loc[("u20", "c"), "quality"] == ""
    # The worst of its inputs, and the sources of all.
    assert cells.loc[("u05", "g"), ["quality", "source"]].to_list() == ["C", "S1 S2"]
    assert cells.loc[("u05", "a"), ["quality", "source"]].to_list() == ["A", "S1"]
    indicators = indicator_coverage(scores, table).set_index("indicator")
    assert indicators.loc["e", ["n", "missing", "flag"]].to_list() == [17, 13, "few"]
    assert indicators.loc["c", ["n", "imputed", "methods", "years"]].to_list() == [
        29, 1, "nearest_year", 2,
    ]  # fmt: skip
    assert indicators.loc["g", ["worst_quality", "years"]].to_list() == ["C", 1]
    assert indicators["n"].sum() + indicators["imputed"].sum() + indicators["missing"].sum() == 180
    pulled = cells["treatment"].eq("winsorise").sum()
    assert indicators["winsorised"].sum() == len(scores.winsorised) == pulled
    assert indicators["transformed"].sum() == 0
    units = unit_coverage(scores).set_index("code")
    assert units.loc["u20", ["n", "imputed", "flag"]].to_list() == [3, 1, "few"]
    assert units.loc["u20", "withheld"] == "index one two"
    assert units.loc["u00", ["share_two", "flag", "withheld"]].to_list() == [
        0.5,
        "dimension",
        "two",
    ]
    assert units.loc["u15", ["share", "flag", "withheld"]].to_list() == [1.0, "", ""]


def test_marks_nobody_knows_are_no_mark(scores, table):
    other = IndicatorTable(cells=table.cells.assign(quality=""))
    assert cell_report(scores, other)["quality"].isin(["", np.nan]).all()
    assert indicator_coverage(scores, other)["worst_quality"].eq("").all()


# Components and statistics


def test_components_rebuild_the_correlations():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4)), columns=list("wxyz"))
    frame.loc[0, "w"] = None
    found = components(frame)
    rebuilt = found.loadings @ found.loadings.T
    np.testing.assert_allclose(rebuilt, frame.dropna().corr(), atol=1e-12)
    assert found.variance["eigenvalue"].is_monotonic_decreasing
    assert found.variance["cumulative"].iloc[-1] == pytest.approx(1.0)
    assert found.n == 39
    assert (found.loadings.sum() >= 0).all()
    with pytest.raises(ValueError, match="three complete rows"):
        components(frame.iloc[:2])


def test_first_component_of_a_dimension_is_its_story(scores):
    table = node_components(scores)
    first = table[table["node"].eq("one") & table["component"].eq(1)].set_index("item")
    assert (np.sign(first["loading"][["a", "b", "c"]]) == 1).all()
    assert first["loading"]["d"] < 0
    assert first["explained"].iloc[0] > 0.6


def test_statistics_flag_what_is_there():
    frame = pd.DataFrame(
        {
            "tail": [*np.linspace(1, 2, 19), 50.0],
            "few": [1.0, 2, 3, *[None] * 17],
            "ties": [*[1.0] * 15, 2, 3, 4, 5, 6],
            "plain": np.linspace(-1, 1, 20),
            "empty": [float("nan")] * 20,
        }
    )
    flags = indicator_statistics(frame)["flag"].to_dict()
    assert flags == {"tail": "outliers", "few": "few", "ties": "ties", "plain": "", "empty": "few"}
