"""The evaluation: identities, invariances, and every stage by hand on a small case."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suanli.errors import InputError
from suanli.evaluation import evaluate, evaluate_panel
from suanli.evaluation.aggregate import arithmetic_mean, geometric_mean
from suanli.evaluation.treat import is_skewed, winsorise
from suanli.evaluation.weight import ahp_priorities, weigh
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, inference_spec, parse_profile, replace_spec

PROFILE = """
id = "small"
level = "province"
year = 2023
title = { zh = "小", en = "small" }
note = { zh = "试", en = "test" }
[method]
weight = "given"
treat = "none"
panel = [2022, 2023]
[[dimension]]
id = "one"
name = { zh = "一", en = "one" }
weight = 0.6
[[dimension]]
id = "two"
name = { zh = "二", en = "two" }
weight = 0.4
[[indicator]]
id = "dense"
parent = "one"
name = { zh = "密", en = "dense" }
unit = "1"
direction = "up"
value = "length / area"
status = "derived"
source = "S"
reason = "r"
weight = 0.5
[[indicator]]
id = "cold"
parent = "one"
name = { zh = "冷", en = "cold" }
unit = "1"
direction = "down"
status = "reported"
source = "S"
reason = "r"
weight = 0.5
[[indicator]]
id = "size"
parent = "two"
name = { zh = "大", en = "size" }
unit = "1"
direction = "up"
transform = "log"
status = "reported"
source = "S"
reason = "r"
weight = 1.0
inference = "excluded"
"""


def small(**changes: object) -> IndexSpec:
    return replace_spec(parse_profile(PROFILE.encode(), file="small"), **changes)


def table(
    values: dict[str, list[float]], *, year: int = 2023, codes: str = "abcd"
) -> IndicatorTable:
    rows = [
        {"code": code, "year": year, "indicator": name, "value": value}
        for name, column in values.items()
        for code, value in zip(codes, column, strict=True)
        if not np.isnan(value)
    ]
    cells = pd.DataFrame(rows).assign(unit="1", quality="A", source="S")
    return IndicatorTable(cells=cells)


VALUES = {
    "length": [10.0, 40.0, 30.0, 20.0],
    "area": [10.0, 10.0, 10.0, 10.0],
    "cold": [4.0, 3.0, 2.0, 1.0],
    "size": [1.0, 10.0, 100.0, 1000.0],
}


def test_every_stage_by_hand() -> None:
    scores = evaluate(table(VALUES), small())
    assert scores.stages["derived"]["dense"].to_list() == [1.0, 4.0, 3.0, 2.0]
    third = 100 / 3
    expected = {
        "dense": [0, 100, 2 * third, third],
        "cold": [0, third, 2 * third, 100],
        "size": [0, third, 2 * third, 100],
    }
    for name, column in expected.items():
        np.testing.assert_allclose(scores.indicators[name], column, atol=1e-12)
    one = [0, 2 * third, 2 * third, 2 * third]
    np.testing.assert_allclose(scores.dimensions["one"], one, atol=1e-12)
    index = 0.6 * np.array(one) + 0.4 * np.array(expected["size"])
    np.testing.assert_allclose(scores.index, index, atol=1e-12)
    assert scores.ranks["index"].to_list() == [4, 3, 2, 1]
    assert list(scores.stages) == [
        "observed", "derived", "screened", "imputed", "treated", "normalised", "aggregated",
    ]  # fmt: skip


def test_index_is_the_weighted_sum_of_its_indicators() -> None:
    scores = evaluate(table(VALUES), small())
    overall = scores.weights["overall"].reindex(scores.indicators.columns)
    total = scores.indicators.mul(overall, axis=1).sum(axis=1)
    np.testing.assert_allclose(scores.index, total, atol=1e-12)


positive = st.floats(0.5, 1e6, allow_nan=False)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    columns=st.lists(
        st.lists(positive, min_size=6, max_size=6, unique=True), min_size=4, max_size=4
    ),
    factor=st.floats(0.01, 100),
    shift=st.floats(0, 1000),
)
def test_affine_change_of_a_unit_changes_nothing(
    columns: list[list[float]], factor: float, shift: float
) -> None:
    values = dict(zip(VALUES, columns, strict=True))
    values["area"] = [1.0] * 6
    spread = max(values["cold"]) - min(values["cold"])
    if spread < 1e-3 * max(values["cold"]):
        return  # differences lost to rounding are not the evaluation's fault
    before = evaluate(table(values, codes="abcdef"), small())
    values["cold"] = [factor * x + shift for x in values["cold"]]
    after = evaluate(table(values, codes="abcdef"), small())
    np.testing.assert_allclose(before.index, after.index, atol=1e-4)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    column=st.lists(positive, min_size=6, max_size=6, unique=True),
    place=st.integers(0, 5),
    share=st.floats(0.0, 1.0),
)
def test_a_better_value_never_lowers_the_score(
    column: list[float], place: int, share: float
) -> None:
    values = {
        "length": column, "area": [1.0] * 6, "cold": list(range(6)), "size": list(range(1, 7)),
    }  # fmt: skip
    before = evaluate(table(values, codes="abcdef"), small())
    # Within the range of the others, so that the goalposts stay.
    better = list(column)
    better[place] += share * (max(column) - column[place])
    if len(set(better)) < 2 or (column[place] == min(column) and share > 0):
        return
    after = evaluate(table({**values, "length": better}, codes="abcdef"), small())
    assert after.index.iloc[place] >= before.index.iloc[place] - 1e-9


def test_row_order_does_not_matter() -> None:
    straight = evaluate(table(VALUES), small())
    shuffled = table({k: v[::-1] for k, v in VALUES.items()}, codes="dcba")
    pd.testing.assert_series_equal(straight.index, evaluate(shuffled, small()).index)


def test_indicator_order_in_the_profile_does_not_matter() -> None:
    spec = small()
    turned = replace_spec(spec, indicator=[i.model_dump() for i in reversed(spec.indicator)])
    before, after = evaluate(table(VALUES), spec).index, evaluate(table(VALUES), turned).index
    np.testing.assert_allclose(before, after, rtol=0, atol=1e-12)


def test_direction_turns_the_scale() -> None:
    spec = small()
    flipped = [
        i.model_dump() | ({"direction": "up"} if i.id == "cold" else {}) for i in spec.indicator
    ]
    before = evaluate(table(VALUES), spec).indicators["cold"]
    after = evaluate(table(VALUES), replace_spec(spec, indicator=flipped)).indicators["cold"]
    np.testing.assert_allclose(before + after, 100.0)


def test_missing_value_hands_its_weight_to_its_siblings() -> None:
    values = {**VALUES, "cold": [np.nan, 3.0, 2.0, 1.0]}
    scores = evaluate(table(values), small(method={"coverage": 0.5}))
    assert scores.coverage["a"] == pytest.approx(2 / 3)
    assert scores.nodes.loc["a", "one"] == scores.indicators.loc["a", "dense"]


def test_units_below_the_coverage_are_not_scored() -> None:
    values = {**VALUES, "cold": [np.nan, 3.0, 2.0, 1.0]}
    scores = evaluate(table(values), small(method={"coverage": 0.7}))
    assert np.isnan(scores.index["a"])
    assert np.isnan(scores.ranks.loc["a", "index"])
    assert scores.ranks["index"].max() == 3


def test_nearest_year_fills_and_is_marked() -> None:
    now = {**VALUES, "cold": [np.nan, 3.0, 2.0, 1.0]}
    both = table(now).concat(table({"cold": [9.0, 9.0, 9.0, 9.0]}, year=2022))
    scores = evaluate(both, small(method={"coverage": 0.5}))
    assert scores.stages["imputed"].loc["a", "cold"] == 9.0
    assert scores.imputed.loc["a", "cold"] == "nearest_year"
    assert (scores.imputed.drop(index="a") == "").to_numpy().all()


def test_group_median_needs_and_uses_groups() -> None:
    values = {**VALUES, "cold": [np.nan, 3.0, 2.0, 1.0]}
    spec = small(method={"impute": ("group_median",), "coverage": 0.5})
    with pytest.raises(InputError, match="groups_missing"):
        evaluate(table(values), spec)
    groups = pd.Series({"d": "y", "c": "x", "b": "x", "a": "x"})
    scores = evaluate(table(values), spec, groups=groups)
    assert scores.stages["imputed"].loc["a", "cold"] == 2.5


def test_panel_scope_shares_goalposts() -> None:
    earlier = {**VALUES, "cold": [8.0, 6.0, 4.0, 2.0]}
    both = table(VALUES).concat(table(earlier, year=2022))
    panel = evaluate_panel(both, small())
    assert list(panel) == [2022, 2023]
    assert panel[2022].indicators["cold"].min() == 0
    assert panel[2023].indicators["cold"].max() == 100
    assert panel[2022].indicators["cold"].max() < 100
    alone = evaluate(both, small(method={"scope": "panel"}))
    pd.testing.assert_series_equal(alone.index, panel[2023].index)


def test_geometric_mean_needs_positive_scores() -> None:
    with pytest.raises(InputError, match=r"scoring\.out_of_range"):
        evaluate(table(VALUES), small(method={"aggregate": "geometric"}))
    spec = small(method={"aggregate": "geometric", "lower": 1})
    scores = evaluate(table(VALUES), spec)
    expected = np.exp(0.6 * np.log(scores.nodes["one"]) + 0.4 * np.log(scores.nodes["two"]))
    np.testing.assert_allclose(scores.index, expected, atol=1e-12)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(rows=st.lists(st.lists(st.floats(1, 100), min_size=3, max_size=3), min_size=1, max_size=5))
def test_geometric_never_exceeds_arithmetic(rows: list[list[float]]) -> None:
    frame = pd.DataFrame(rows, columns=list("abc"))
    weights = pd.Series({"c": 0.2, "a": 0.5, "b": 0.3})
    assert (geometric_mean(frame, weights) <= arithmetic_mean(frame, weights) + 1e-9).all()


def test_weights_of_leaves_sum_to_one_and_replay_is_equal() -> None:
    spec = small()
    weights = weigh(spec)
    assert weights.loc[["dense", "cold", "size"], "overall"].sum() == pytest.approx(1.0)
    assert weights.loc["dense", "overall"] == pytest.approx(0.3)
    again = replace_spec(spec, method={"weight": "given"})
    pd.testing.assert_series_equal(
        evaluate(table(VALUES), spec).index, evaluate(table(VALUES), again).index
    )


def test_ahp_matches_saatys_worked_example() -> None:
    # Saaty (1980), the school selection example: published weights .32 .14 .03 .13 .24 .14.
    # The principal eigenvalue is checked by power iteration, random index 1.24 for six.
    names = list("lfsvcm")
    matrix = pd.DataFrame(
        [
            [1, 4, 3, 1, 3, 4],
            [1 / 4, 1, 7, 3, 1 / 5, 1],
            [1 / 3, 1 / 7, 1, 1 / 5, 1 / 5, 1 / 6],
            [1, 1 / 3, 5, 1, 1, 1 / 3],
            [1 / 3, 5, 5, 1, 1, 3],
            [1 / 4, 1, 6, 3, 1 / 3, 1],
        ],
        index=names,
        columns=names,
    )
    result = ahp_priorities(matrix)
    np.testing.assert_allclose(result.weights, [0.32, 0.14, 0.03, 0.13, 0.24, 0.14], atol=0.006)
    vector = np.ones(6)
    for _ in range(200):
        vector = matrix.to_numpy() @ vector
        largest = vector.sum()
        vector = vector / largest
    assert result.consistency_ratio == pytest.approx((largest - 6) / 5 / 1.24, rel=1e-9)


def test_inconsistent_judgements_are_refused_unless_forced() -> None:
    matrix = [[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]
    spec = small()
    three = {
        "dimension": [spec.dimension[0].model_dump()],
        "indicator": [i.model_dump() | {"parent": "one"} for i in spec.indicator],
        "judgement": [
            {"parent": "one", "order": ["dense", "cold", "size"], "matrix": matrix,
             "status": "assumed", "reason": "r"}
        ],
    }  # fmt: skip
    with pytest.raises(InputError, match="inconsistent"):
        weigh(replace_spec(spec, **three, method={"weight": "ahp"}))
    forced = weigh(
        replace_spec(spec, **three, method={"weight": "ahp", "force_inconsistent": True})
    )
    assert forced.loc["cold", "local"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({**VALUES, "cold": [1.0] * 4}, "constant"),
        ({**VALUES, "size": [0.0, 1.0, 2.0, 3.0]}, "log_domain"),
        ({**VALUES, "area": [0.0, 1.0, 2.0, 3.0]}, "division_by_zero"),
    ],
)
def test_unusable_data_is_refused_with_the_units(values: dict[str, list[float]], code: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(table(values), small())
    (problem,) = caught.value.problems
    assert problem.code == f"evaluation.{code}"
    if "units" in problem.params:
        assert problem.params["units"]["en"].startswith("a")


def test_winsorising_stops_when_the_rule_is_met_and_is_idempotent() -> None:
    values = pd.Series([1.0, 2, 3, 4, 5, 6, 7, 900, 1000])
    assert is_skewed(pd.Series([*range(20), 1000.0]))
    treated = winsorise(pd.Series([*range(20), 1000.0]), most=5)
    assert treated.max() == 19
    pd.testing.assert_series_equal(winsorise(treated, most=5), treated)
    low = winsorise(pd.Series([*range(20), -1000.0]), most=5)
    assert low.min() == 0
    pd.testing.assert_series_equal(winsorise(values, most=1), values)


def test_winsorising_leaves_a_rare_flag_alone() -> None:
    flag = pd.Series([1.0] * 6 + [0.0] * 300)
    assert is_skewed(flag)
    pd.testing.assert_series_equal(winsorise(flag, most=5), flag)
    gaps = pd.Series([*range(20), 1000.0, float("nan")])
    assert winsorise(gaps, most=1).max() == 19


def test_inference_profile_drops_what_would_prove_itself() -> None:
    reduced = inference_spec(small(method={"weight": "equal"}))
    assert [item.id for item in reduced.indicator] == ["dense", "cold"]
    assert [item.id for item in reduced.dimension] == ["one"]


def test_a_misstated_consistency_ratio_is_refused() -> None:
    spec = small()
    judged = {
        "parent": "one", "order": ["dense", "cold"], "matrix": [[1, 2], [0.5, 1]],
        "consistency_ratio": 0.05, "status": "assumed", "reason": "r",
    }  # fmt: skip
    index = judged | {"parent": "index", "order": ["one", "two"], "consistency_ratio": 0.0}
    with pytest.raises(InputError, match="ratio_misstated"):
        weigh(replace_spec(spec, judgement=[judged, index], method={"weight": "ahp"}))
