"""Differences of scores split by indicator: exact for every tree, mean, weight and gap."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suanli.diagnostics.decomposition import compare_units, compare_years, growth, rank_changes
from suanli.diagnostics.importance import carried_weights
from suanli.diagnostics.splitting import every_score, split
from suanli.diagnostics.strengths import strengths
from suanli.errors import InputError
from suanli.evaluation import Scores, evaluate, evaluate_panel
from suanli.intake import IndicatorTable
from suanli.profile import IndexSpec, replace_spec
from suanli.profile.check import validated

MEANS = ("arithmetic", "geometric", "harmonic", "power")
CODES = [f"u{i}" for i in range(8)]
YEARS = (2020, 2021, 2022)


def node(name, parent, weight, **more):
    return {"id": name, "parent": parent, "weight": weight, "name": {"zh": name, "en": name}} | more


def leaf(name, parent, weight, direction="up"):
    facts = {
        "unit": "km",
        "direction": direction,
        "status": "reported",
        "source": "S",
        "reason": "r",
    }
    return node(name, parent, weight, **facts)


def random_spec(rng: np.random.Generator, means=MEANS) -> IndexSpec:
    """Three levels at most; leaves beside inner nodes; a weight may be nearly all or nothing."""
    inner, leaves = [], []

    def grow(parent, depth):
        weights = rng.dirichlet(np.full(rng.integers(1, 5), 0.7))
        for weight in weights / weights.sum():
            number = len(inner) + len(leaves)
            if depth < 2 and rng.random() < 0.45:
                name = f"n{number}"
                inner.append(node(name, parent, weight, aggregate=str(rng.choice(means))))
                grow(name, depth + 1)
            else:
                leaves.append(leaf(f"x{number}", parent, weight, str(rng.choice(["up", "down"]))))

    inner.append(node("top", "index", 0.6, aggregate=str(rng.choice(means))))
    grow("top", 1)
    leaves.append(leaf("beside", "index", 0.4))
    method = {
        "weight": "given", "treat": "none", "impute": (), "coverage": 0.0, "lower": 1.0,
        "aggregate": str(rng.choice(means)), "power": float(rng.choice([-2.0, 0.0, 0.5, 3.0])),
        "panel": (YEARS[0], YEARS[-1]), "scope": "year",
    }  # fmt: skip
    return validated(
        {
            "id": "tree", "level": "province", "year": YEARS[-1], "method": method,
            "title": {"zh": "树", "en": "tree"}, "note": {"zh": "试", "en": "test"},
            "dimension": inner, "indicator": leaves,
        },
        file="tree",
    )  # fmt: skip


def random_table(rng: np.random.Generator, spec: IndexSpec, missing: float) -> IndicatorTable:
    names = [item.id for item in spec.indicator]
    rows = [
        {"code": code, "year": year, "indicator": name, "value": value}
        for year in YEARS
        for name in names
        for code, value in zip(CODES, rng.gamma(2.0, 3.0, len(CODES)), strict=True)
        # Two values stay, so that there is a scale.
        if code in CODES[:2] or rng.random() >= missing
    ]
    cells = pd.DataFrame(rows).assign(unit="km", quality="A", source="S")
    # Two units with the same scores throughout.
    twin = cells[cells["code"] == CODES[0]].assign(code="twin")
    return IndicatorTable(cells=pd.concat([cells, twin], ignore_index=True))


def scored(seed: int, missing: float, means=MEANS) -> Scores:
    rng = np.random.default_rng(seed)
    spec = random_spec(rng, means)
    return evaluate(random_table(rng, spec, missing), spec)


cases = given(st.integers(0, 10_000), st.sampled_from([0.0, 0.2, 0.6]))
few = settings(max_examples=10, deadline=None, derandomize=True)


@few
@cases
def test_contributions_sum_to_the_difference(seed, missing):
    scores = scored(seed, missing)
    index = scores.index
    units = list(index.dropna().index)
    assert len(units) > 2
    for unit in units[1:4]:
        table = compare_units(scores, unit, units[0])
        gap = index[unit] - index[units[0]]
        assert table["contribution"].sum() == pytest.approx(gap, abs=1e-10)
        parts = table["values"] + table["availability"]
        np.testing.assert_allclose(parts, table["contribution"], rtol=0, atol=1e-12)
        np.testing.assert_allclose(table[["weight_a", "weight_b"]].sum(), 1.0, atol=1e-12)
        if missing == 0:
            assert (table["availability"].abs() < 1e-12).all()
        size = table["contribution"].abs().to_numpy()
        assert (np.diff(size) <= 0).all()


@few
@cases
def test_swapping_the_units_changes_every_sign(seed, missing):
    scores = scored(seed, missing)
    forth = compare_units(scores, "u1", "u0").set_index("indicator")
    back = compare_units(scores, "u0", "u1").set_index("indicator").loc[forth.index]
    for column in ("contribution", "values", "availability"):
        np.testing.assert_allclose(forth[column], -back[column], rtol=1e-9, atol=1e-11)


@few
@cases
def test_units_with_equal_scores_differ_in_nothing(seed, missing):
    table = compare_units(scored(seed, missing), "twin", "u0")
    assert (table["contribution"].abs() < 1e-12).all()
    assert table["share"].isna().all()


@few
@cases
def test_growth_sums_to_the_change_of_every_unit(seed, missing):
    rng = np.random.default_rng(seed)
    spec = random_spec(rng)
    panel = evaluate_panel(random_table(rng, spec, missing), spec)
    change = (panel[YEARS[-1]].index - panel[YEARS[0]].index).dropna()
    table = growth(panel)
    sums = table.groupby("code")["contribution"].sum()
    assert sorted(sums.index) == sorted(change.index)
    np.testing.assert_allclose(sums, change[sums.index], rtol=0, atol=1e-10)
    one = compare_years(panel, "u0", (YEARS[-1], YEARS[0])).set_index("indicator")
    own = table[table["code"] == "u0"].set_index("indicator")
    np.testing.assert_allclose(one["contribution"][own.index], own["contribution"], atol=1e-12)


@few
@cases
def test_shares_of_variance_sum_to_one(seed, missing):
    scores = scored(seed, missing)
    table = carried_weights(scores).set_index("id")
    leaves = [item.id for item in scores.spec.indicator]
    assert table.loc[leaves, "carried"].sum() == pytest.approx(1.0, abs=1e-9)
    assert table.loc["top", "carried"] + table.loc["beside", "carried"] == pytest.approx(1.0)


def test_nearly_equal_scores_are_as_exact_as_far_ones():
    """The secant loses its digits just where the tangent takes over."""
    spec = random_spec(np.random.default_rng(4), ("geometric",))
    every = [item.id for item in spec.items()]
    local = pd.Series({item.id: item.weight for item in spec.items()})
    base = pd.Series(np.random.default_rng(1).uniform(20, 80, len(every)), index=every)
    from suanli.evaluation.aggregate import aggregate

    leaves = [item.id for item in spec.indicator]
    for step in (1e-12, 1e-9, 1e-7, 1e-6, 1e-5, 1e-3, 0.5):
        sides = []
        for shift in (0.0, step):
            x = (base[leaves] * (1 + shift * np.linspace(-1, 1, len(leaves)))).to_frame("a").T
            sides.append(pd.concat([aggregate(x, local, spec), x], axis=1))
        b, a = sides
        parts = split(a, b, spec, local_a=local)
        gap = float(a.loc["a", "index"] - b.loc["a", "index"])
        assert float(parts.contribution.sum(axis=1).iloc[0]) == pytest.approx(gap, abs=1e-12)


# Arithmetic: what everyone expects


def test_without_gaps_it_is_the_weight_times_the_difference():
    scores = scored(11, 0.0, ("arithmetic",))
    table = compare_units(scores, "u1", "u2")
    expected = table["weight"] * (table["score_a"] - table["score_b"])
    np.testing.assert_allclose(table["contribution"], expected, atol=1e-12)


def shifted(scores: Scores, by: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    every = every_score(scores) + by
    return every.loc[["u3"]], every.loc[["u5"]].set_axis(["u3"])


def test_the_split_does_not_depend_on_the_zero_of_the_scale():
    tried = (scored(seed, 0.5, ("arithmetic",)) for seed in range(60))
    scores = next(s for s in tried if s.indicators.loc[["u3", "u5"]].isna().sum().eq(1).any())
    local = scores.weights["local"]
    parts = split(*shifted(scores, 0.0), scores.spec, local_a=local)
    moved = split(*shifted(scores, 1000.0), scores.spec, local_a=local)
    pd.testing.assert_frame_equal(parts.availability, moved.availability, rtol=0, atol=1e-9)
    pd.testing.assert_frame_equal(parts.values, moved.values, rtol=0, atol=1e-9)
    assert float(parts.availability.abs().max(axis=None)) > 0.01


def worked(second: float | None) -> Scores:
    """Two indicators of weight 0.75 and 0.25; unit b has ``second`` in the other."""
    spec = validated(
        {
            "id": "two", "level": "province", "year": 2020,
            "title": {"zh": "二", "en": "two"}, "note": {"zh": "试", "en": "test"},
            "method": {"weight": "given", "treat": "none", "impute": (), "coverage": 0.0},
            "dimension": [node("d", "index", 1.0)],
            "indicator": [leaf("x", "d", 0.75), leaf("y", "d", 0.25)],
        },
        file="two",
    )  # fmt: skip
    values = {"a": (80.0, 40.0), "b": (50.0, second), "low": (0.0, 0.0), "high": (100.0, 100.0)}
    cells = pd.DataFrame(
        [
            {"code": code, "indicator": name, "value": value}
            for code, pair in values.items()
            for name, value in zip("xy", pair, strict=True)
            if value is not None
        ]
    )
    table = IndicatorTable(cells=cells.assign(year=2020, unit="km", quality="A", source="S"))
    return evaluate(table, spec)


def test_a_worked_example():
    full = compare_units(worked(60.0), "a", "b").set_index("indicator")
    assert full["contribution"].to_dict() == pytest.approx({"x": 22.5, "y": -5.0})
    assert full["share"].to_dict() == pytest.approx({"x": 22.5 / 17.5, "y": -5.0 / 17.5})
    assert full.loc["x", ["raw_a", "raw_b", "unit", "dimension"]].to_list() == [80, 50, "km", "d"]
    # b lacks y: a has 70, b has 50, so their mean level is 60. Weights of x: 0.75 and 1.
    gap = compare_units(worked(None), "a", "b").set_index("indicator")
    assert gap["values"].to_dict() == pytest.approx({"x": 0.875 * 30, "y": 0.0})
    assert gap["availability"].to_dict() == pytest.approx(
        {"x": -0.25 * (65 - 60), "y": 0.25 * (40 - 60)}
    )
    assert gap["contribution"].sum() == pytest.approx(20.0, abs=1e-12)


def test_effects_are_weights_times_distance_to_the_median():
    scores = scored(11, 0.0, ("arithmetic",))
    table = strengths(scores)
    weight = table["indicator"].map(scores.weights["overall"])
    np.testing.assert_allclose(
        table["effect"], weight * (table["score"] - table["median"]), atol=1e-12
    )


# Refusals


@pytest.mark.parametrize("method", ["copeland", "topsis"])
def test_what_is_no_mean_is_refused(method):
    scores = scored(3, 0.0, ("arithmetic",))
    spec = replace_spec(scores.spec, method={"aggregate": method})
    changed = evaluate(random_table(np.random.default_rng(0), spec, 0.0), spec)
    with pytest.raises(InputError) as caught:
        compare_units(changed, "u1", "u2")
    problem = caught.value.problems[0]
    assert problem.code == "diagnostics.no_mean"
    assert problem.params["methods"] == method
    assert problem.params["nodes"] == "index"
    assert carried_weights(changed)["carried"].isna().all()
    assert strengths(changed)["effect"].isna().all()


def test_unknown_and_unscored_units_are_named():
    scores = scored(3, 0.0)
    with pytest.raises(InputError) as caught:
        compare_units(scores, "u99", "u1")
    assert [p.code for p in caught.value.problems] == ["diagnostics.unit_unknown"]
    strict = replace_spec(scores.spec, method={"coverage": 1.0})
    rng = np.random.default_rng(5)
    thin = evaluate(random_table(rng, strict, 0.6), strict)
    without = str(thin.index.index[thin.index.isna()][0])
    with pytest.raises(InputError) as caught:
        compare_units(thin, without, "u0")
    assert caught.value.problems[0].code == "diagnostics.not_scored"
    assert caught.value.problems[0].params["unit"] == without


@pytest.mark.parametrize("years", [(2019, 2022), (2021, 2021)])
def test_years_outside_the_panel_are_refused(years):
    rng = np.random.default_rng(2)
    spec = random_spec(rng)
    panel = evaluate_panel(random_table(rng, spec, 0.0), spec)
    with pytest.raises(InputError) as caught:
        compare_years(panel, "u0", years)
    assert caught.value.problems[0].code == "diagnostics.years"


def test_rows_of_pairs_must_match():
    scores = scored(3, 0.0)
    every = every_score(scores)
    with pytest.raises(ValueError, match="same rows"):
        split(every, every.iloc[::-1], scores.spec, local_a=scores.weights["local"])


# Years


def test_rank_changes_count_places_gained():
    rng = np.random.default_rng(2)
    spec = random_spec(rng)
    panel = evaluate_panel(random_table(rng, spec, 0.0), spec)
    table = rank_changes(panel).set_index(["code", "year"])
    assert len(table) == 9 * len(YEARS)
    for code in CODES:
        ranks = [float(panel[year].ranks.loc[code, "index"]) for year in YEARS]
        scores = [float(panel[year].index[code]) for year in YEARS]
        own = table.loc[code]
        assert own["rank"].to_list() == ranks
        assert own["rank_change"].to_list()[1:] == [ranks[0] - ranks[1], ranks[1] - ranks[2]]
        assert own["score_change"].to_list()[1:] == pytest.approx(np.diff(scores).tolist())
        assert np.isnan(own["rank_change"].iloc[0])
        assert set(own["best_rank"]) == {min(ranks)}
        assert set(own["worst_rank"]) == {max(ranks)}
