"""Methods by name: formulas by hand, directions, domains, and all of them in whole runs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.evaluation import aggregate, evaluate, impute, objective, scales, treat, weight
from suanli.evaluation.normalise import normalise
from suanli.evaluation.scales import Scaling
from suanli.evaluation.weight import weigh
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, load_profile, parse_profile, replace_spec
from suanli.profile.method import Aggregation, Method, Normalisation, Weighting
from suanli.run import listing
from suanli.text import LANGUAGES, Text

CODES = list("abcdef")
VALUES = {
    "p": [1.0, 5, 3, 2, 8, 13],
    "q": [9.0, 2, 4, 6, 3, 1],
    "r": [2.0, 4, 3, 9, 27, 5],
}


def profile(**changes: object) -> IndexSpec:
    """Two dimensions, ``one`` over p (up) and q (down), ``two`` over r (up)."""
    head = 'id = "small"\nlevel = "province"\nyear = 2023\n'
    head += 'title = { zh = "小", en = "small" }\nnote = { zh = "试", en = "test" }\n'
    head += '[method]\nweight = "equal"\ntreat = "none"\nlower = 1.0\n'
    for name in ("one", "two"):
        head += f'[[dimension]]\nid = "{name}"\nname = {{ zh = "维", en = "{name}" }}\n'
    for name, parent, direction in (("p", "one", "up"), ("q", "one", "down"), ("r", "two", "up")):
        head += f'[[indicator]]\nid = "{name}"\nparent = "{parent}"\n'
        head += f'name = {{ zh = "标", en = "{name}" }}\nunit = "1"\n'
        head += f'direction = "{direction}"\nstatus = "reported"\nsource = "S"\nreason = "r"\n'
    return replace_spec(parse_profile(head.encode(), file="small"), **changes)


def indicators(spec: IndexSpec, name: str, **changes: object) -> list[dict[str, object]]:
    return [i.model_dump() | (changes if i.id == name else {}) for i in spec.indicator]


def table() -> IndicatorTable:
    rows = [
        {"code": code, "year": 2023, "indicator": name, "value": value}
        for name, column in VALUES.items()
        for code, value in zip(CODES, column, strict=True)
    ]
    return IndicatorTable(cells=pd.DataFrame(rows).assign(unit="1", quality="A", source="S"))


def codes_of(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    """Return the codes, each of which must have a sentence for its parameters."""
    for problem in error.value.problems:
        sentences = [Text(lang)(problem.code, **problem.params) for lang in LANGUAGES]
        assert len(set(sentences)) == len(LANGUAGES)
        assert not any("{" in sentence for sentence in sentences)
    return [problem.code for problem in error.value.problems]


def test_every_choice_has_a_method_and_every_method_is_a_choice() -> None:
    assert set(Normalisation.__args__) == set(scales.METHODS)
    assert set(Weighting.__args__) == set(weight.METHODS)
    assert set(Aggregation.__args__) == set(aggregate.METHODS)
    treatments = Method.model_fields["treat"].annotation.__args__
    assert set(treatments) == {"none", *treat.METHODS}


def test_the_list_shows_formula_and_source_of_every_method() -> None:
    shown = listing("methods", Text("en"))
    assert shown.columns.to_list() == [
        "stage",
        "method",
        "title",
        "about",
        "formula",
        "source",
    ]
    assert not shown.isin(["", None]).any().any()
    assert shown["about"].str.endswith(".").all()
    entropy = shown.set_index("method").loc["entropy"]
    assert entropy["formula"].startswith("w_j ~ 1 + sum_i p_ij ln p_ij / ln n")
    assert "Shannon" in entropy["source"]
    # "ampi" is a scale and a mean.
    assert not shown.duplicated(["stage", "method"]).any()


def test_the_shipped_profiles_score_as_before() -> None:
    scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    top = scores.index.sort_values(ascending=False)
    assert top.index[:3].to_list() == ["440000", "320000", "330000"]
    # Measured before other methods were offered; they may not move the default.
    expected = [75.9635531263399, 74.76058763084251, 73.64007085973768]
    np.testing.assert_allclose(top.iloc[:3], expected, rtol=0, atol=1e-9)


# ---- scales ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "up", "down"),
    [
        ("minmax", [0, 50, 100, 0], [100, 50, 0, 100]),
        ("dist2max", [0, 0.5, 1, 0], [1, 0.5, 0, 1]),
        ("fracmax", [1 / 3, 2 / 3, 1, 1 / 3], [1, 0.5, 1 / 3, 1]),
        ("fracmax_coinr", [1 / 3, 2 / 3, 1, 1 / 3], [1, 2, 3, 1]),
        ("scaled_coinr", [25, 50, 75, 25], [-25, -50, -75, -25]),
        ("efficacy", [60, 80, 100, 60], [100, 80, 60, 100]),
        ("rank", [1, 3, 4, 1], [3, 2, 1, 3]),
        ("borda", [0, 2, 3, 0], [2, 1, 0, 2]),
        ("percentile_rank", [0, 200 / 3, 100, 0], [200 / 3, 100 / 3, 0, 200 / 3]),
        ("scaled", [25, 50, 75, 25], [75, 50, 25, 75]),
        ("goalposts", [25, 50, 75, 25], [75, 50, 25, 75]),
        ("dist2target", [0, 2 / 3, 4 / 3, 0], [4 / 3, 2 / 3, 0, 4 / 3]),
        ("dist2ref", [0, 0.5, 1, 0], [2, 1, 0, 2]),
        ("ampi", [40, 70, 100, 40], [160, 130, 100, 160]),
        ("vector", np.array([1, 2, 3, 1]) / 15**0.5, 1 - np.array([1, 2, 3, 1]) / 15**0.5),
        ("sum", [1 / 7, 2 / 7, 3 / 7, 1 / 7], [6 / 17, 3 / 17, 2 / 17, 6 / 17]),
        ("zscore", np.array([-3, 1, 5, -3]) / 44**0.5 * 3**0.5, None),
    ],
)
def test_scales_by_hand(method: str, up: list[float], down: list[float] | None) -> None:
    values = pd.Series([1.0, 2, 3, 1], index=list("wxyz"))
    down = [-x for x in up] if down is None else down
    for direction, expected in (("up", up), ("down", down)):
        goal = 2.5 if direction == "up" else 1.5
        reference = 2.0 if (method, direction) == ("dist2ref", "down") else 3.0
        scaling = Scaling(direction=direction, goalposts=(0, 4), goal=goal, reference=reference)
        got = scales.METHODS[method](values, scaling)
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)
        assert got.index.equals(values.index)


@pytest.mark.parametrize("method", sorted(set(scales.METHODS) - {"fracmax_coinr"}))
@settings(deadline=None, derandomize=True, max_examples=30)
@given(
    values=st.lists(st.integers(1, 1000), min_size=3, max_size=9, unique=True),
    direction=st.sampled_from(["up", "down"]),
)
def test_better_always_scores_higher(method: str, values: list[int], direction: str) -> None:
    series = pd.Series(values, dtype=float)
    mark = 1001.0 if direction == "up" else 0.0
    scaling = Scaling(direction=direction, goalposts=(0, 1000), goal=mark, reference=mark)
    scores = scales.METHODS[method](series, scaling)
    order = scores.sort_values().index
    assert series[order].is_monotonic_increasing == (direction == "up")
    assert scores.is_unique


def test_ties_follow_the_rule_of_the_profile() -> None:
    values = pd.Series([1.0, 2, 2, 3, np.nan])
    expected = {"min": [1, 2, 2, 4], "average": [1, 2.5, 2.5, 4], "dense": [1, 2, 2, 3]}
    for ties, ranks in expected.items():
        got = scales.rank(values, Scaling(ties=ties))
        assert got.dropna().to_list() == ranks
        assert got.isna().to_list() == values.isna().to_list()


def test_a_target_interval_loses_on_both_sides() -> None:
    spec = profile()
    spec = replace_spec(spec, indicator=indicators(spec, "p", direction="target", target=(3, 5)))
    scores = evaluate(table(), spec).indicators["p"]
    # Distances outside 3..5: 2, 0, 0, 1, 3, 8; scale 1..100.
    expected = 1 + 99 * (1 - np.array([2, 0, 0, 1, 3, 8]) / 8)
    np.testing.assert_allclose(scores, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"direction": "target"}, "target"),
        ({"target": (1, 2)}, "target"),
        ({"direction": "target", "target": (2, 1)}, "target_order"),
        ({"direction": "target", "target": (1, 2), "transform": "log"}, "target_log"),
        ({"goalposts": (2, 2)}, "goalposts_order"),
    ],
)
def test_targets_and_goalposts_are_checked(changes: dict[str, object], code: str) -> None:
    spec = profile()
    with pytest.raises(InputError) as caught:
        replace_spec(spec, indicator=indicators(spec, "p", **changes))
    assert codes_of(caught) == [f"profile.{code}"]


def test_fixed_goalposts_must_be_given_for_every_indicator() -> None:
    with pytest.raises(InputError) as caught:
        profile(method={"normalise": "scaled"})
    assert codes_of(caught) == ["profile.goalposts_missing"] * 3


@pytest.mark.parametrize(
    ("direction", "values"), [("up", [-1.0, 2, 3]), ("down", [0.0, 2, 3]), ("up", [-2.0, -1, 0])]
)
def test_fractions_of_the_best_need_a_zero_point(direction: str, values: list[float]) -> None:
    spec = profile(method={"normalise": "fracmax"})
    spec = replace_spec(spec, indicator=indicators(spec, "p", direction=direction))
    frame = pd.DataFrame({"p": values, "q": [1.0, 2, 3], "r": [1.0, 2, 3]})
    with pytest.raises(InputError) as caught:
        normalise(frame, spec)
    assert codes_of(caught) == ["evaluation.fraction_domain"]


def test_group_mean_fills_with_the_mean_of_the_group() -> None:
    index = pd.MultiIndex.from_product([[2023], list("abcd")], names=["year", "code"])
    frame = pd.DataFrame({"p": [1.0, 5.0, 100.0, np.nan]}, index=index)
    spec = profile(method={"impute": ("group_mean",)})
    groups = pd.Series({"d": "x", "a": "x", "b": "x", "c": "y"})
    filled, marks = impute.impute(frame, spec, groups=groups)
    assert filled["p"].to_list() == [1.0, 5.0, 100.0, 3.0]
    assert marks["p"].to_list() == ["", "", "", "group_mean"]
    for wrong in (None, groups.drop("c")):
        with pytest.raises(InputError) as caught:
            impute.impute(frame, spec, groups=wrong)
        code = "groups_missing" if wrong is None else "group_unknown"
        assert codes_of(caught) == [f"evaluation.{code}"]


# ---- weights from data -------------------------------------------------------------------


def test_entropy_by_hand() -> None:
    frame = pd.DataFrame({"a": [1.0, 1, 2], "b": [1.0, 2, 7]})
    spread = ([0.25, 0.25, 0.5], [0.1, 0.2, 0.7])
    raw = [1 + sum(p * np.log(p) for p in column) / np.log(3) for column in spread]
    got = objective.entropy_weights(frame)
    np.testing.assert_allclose(got, np.array(raw) / sum(raw), rtol=1e-12)
    assert got.index.to_list() == ["a", "b"]


def test_critic_by_its_definition() -> None:
    frame = pd.DataFrame({"a": [0.0, 1, 0.4, 0.3], "b": [1.0, 0, 0.7, 0.2], "c": [0.0, 0.5, 1, 0]})
    matrix = frame.to_numpy()
    correlations = np.corrcoef(matrix, rowvar=False)
    raw = [matrix[:, j].std(ddof=1) * sum(1 - correlations[j]) for j in range(3)]
    np.testing.assert_allclose(
        objective.critic_weights(frame), np.array(raw) / sum(raw), rtol=1e-12
    )


def test_merec_matches_the_example_of_its_authors() -> None:
    # Keshavarz-Ghorabaee et al. (2021): two benefit criteria, two costs; a cost enters as 1/x.
    frame = pd.DataFrame(
        {
            "a": [450.0, 10, 100, 220, 5],
            "b": [8000.0, 9100, 8200, 9300, 8400],
            "c": [1 / x for x in (54, 2, 31, 1, 23)],
            "d": [1 / x for x in (145, 160, 153, 162, 158)],
        }
    )
    expected = [0.5752, 0.0141, 0.4016, 0.0091]
    np.testing.assert_allclose(objective.merec_weights(frame), expected, atol=5e-5)


def test_pca_is_the_first_singular_vector_of_the_standardised_scores() -> None:
    rng = np.random.default_rng(5)
    common = rng.normal(size=(40, 1))
    frame = pd.DataFrame(common + rng.normal(size=(40, 3)) * [0.2, 0.6, 1.5], columns=list("abc"))
    standard = (frame - frame.mean()) / frame.std(ddof=0)
    vector = np.linalg.svd(standard.to_numpy())[2][0]
    np.testing.assert_allclose(objective.pca_weights(frame), vector**2, rtol=1e-9)


@pytest.mark.parametrize("method", sorted(objective.METHODS))
def test_weights_from_data_follow_labels_and_sum_to_one(method: str) -> None:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(rng.uniform(1, 100, size=(12, 4)), columns=list("wxyz"))
    straight = objective.METHODS[method](frame)
    assert straight.sum() == pytest.approx(1.0)
    assert (straight >= 0).all() or method == "pca_coinr"
    turned = objective.METHODS[method](frame.iloc[::-1, ::-1])
    pd.testing.assert_series_equal(straight, turned[straight.index], rtol=1e-9)


@pytest.mark.parametrize("method", sorted(objective.METHODS))
def test_weights_from_data_climb_the_hierarchy(method: str) -> None:
    spec = profile(method={"weight": method})
    scores = evaluate(table(), spec)
    local = scores.weights["local"]
    below = objective.METHODS[method](scores.indicators[["p", "q"]])
    np.testing.assert_allclose(local[["p", "q"]], below, rtol=1e-12)
    assert local["r"] == 1.0
    above = objective.METHODS[method](scores.stages["aggregated"][["one", "two"]])
    np.testing.assert_allclose(local[["one", "two"]], above, rtol=1e-12)
    total = (scores.nodes[["one", "two"]] * local[["one", "two"]]).sum(axis=1)
    np.testing.assert_allclose(scores.index, total, rtol=1e-12)


def test_weights_from_data_use_complete_rows() -> None:
    frame = pd.DataFrame(VALUES)
    gaps = pd.concat([frame, pd.DataFrame({"p": [7.0], "q": [None], "r": [1.0]})])
    spec = profile(method={"weight": "cv"})
    expected = weigh(spec, frame).loc[["p", "q"], "local"]
    pd.testing.assert_series_equal(weigh(spec, gaps).loc[["p", "q"], "local"], expected)


@pytest.mark.parametrize(
    ("method", "frame", "code"),
    [
        ("entropy", None, "weights_need_data"),
        ("cv", {"p": [1, 2], "q": [1, 2], "r": [1, 2]}, "weights_rows"),
        ("entropy", {"p": [-1, 2, 3], "q": [1, 2, 3], "r": [1, 2, 3]}, "weights_domain"),
        ("merec", {"p": [0, 2, 3], "q": [1, 2, 3], "r": [1, 2, 3]}, "weights_domain"),
        ("cv", {"p": [-1, 0, 1], "q": [1, 2, 3], "r": [1, 2, 3]}, "weights_domain"),
        ("critic", {"p": [1, 2, 3], "q": [1, 2, 3], "r": [3, 1, 2]}, "weights_degenerate"),
    ],
)
def test_weights_from_data_say_what_they_lack(
    method: str, frame: dict[str, list[float]] | None, code: str
) -> None:
    data = None if frame is None else pd.DataFrame(frame, dtype=float)
    with pytest.raises(InputError) as caught:
        weigh(profile(method={"weight": method}), data)
    assert set(codes_of(caught)) == {f"evaluation.{code}"}


# ---- aggregation -------------------------------------------------------------------------

positive = st.floats(1, 100)
rows_of_three = st.lists(st.lists(positive, min_size=3, max_size=3), min_size=1, max_size=5)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(rows=rows_of_three, powers=st.lists(st.floats(-3, 3), min_size=2, max_size=2))
def test_power_means_grow_with_their_power(rows: list[list[float]], powers: list[float]) -> None:
    frame = pd.DataFrame(rows, columns=list("abc"))
    weights = pd.Series({"c": 0.2, "a": 0.5, "b": 0.3})
    low, high = sorted(power if abs(power) > 1e-3 else 0.0 for power in powers)
    below = aggregate.power_mean(frame, weights, power=low)
    above = aggregate.power_mean(frame, weights, power=high)
    assert (below <= above * (1 + 1e-9)).all()


def test_power_means_contain_the_classical_ones() -> None:
    frame = pd.DataFrame({"a": [1.0, 4, 2], "b": [9.0, np.nan, 8]})
    weights = pd.Series({"b": 0.25, "a": 0.75})
    for power, name in ((1, "arithmetic"), (0, "geometric"), (-1, "harmonic")):
        pd.testing.assert_series_equal(
            aggregate.power_mean(frame, weights, power=power),
            aggregate.METHODS[name](frame, weights),
        )
    harmonic = aggregate.harmonic_mean(frame, weights)
    np.testing.assert_allclose(harmonic, [1 / (0.75 + 0.25 / 9), 4, 1 / (0.375 + 0.25 / 8)])


def test_copeland_of_the_example_of_coinr() -> None:
    # COINr's own test of its outranking matrix: the fourth row outranks all others.
    frame = pd.DataFrame([[1.0, 3, 2], [2, 2, 3], [3, 1, 1], [4, 5, 4]], columns=list("abc"))
    third = pd.Series(1 / 3, index=list("abc"))
    assert aggregate.copeland(frame, third).to_list() == [-1.0, 1.0, -3.0, 3.0]
    # A single dominant weight decides alone; cancelling weights are a draw.
    assert aggregate.copeland(frame, pd.Series({"a": 1.0, "b": 0, "c": 0})).to_list() == [
        -3.0, -1.0, 1.0, 3.0,
    ]  # fmt: skip
    pair = frame.loc[:1, ["a", "b"]]
    assert aggregate.copeland(pair, pd.Series({"a": 0.5, "b": 0.5})).to_list() == [0.0, 0.0]


def test_copeland_counts_wins_whatever_their_margin() -> None:
    frame = pd.DataFrame({"a": [1000.0, 1], "b": [1.0, 2], "c": [1.0, 2]})
    assert aggregate.copeland(frame, pd.Series(1 / 3, index=list("abc"))).to_list() == [-1.0, 1.0]


def test_copeland_compares_what_both_have() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, np.nan], "b": [np.nan, 1, np.nan]})
    got = aggregate.copeland(frame, pd.Series({"a": 0.5, "b": 0.5}))
    assert got.to_list()[:2] == [-1.0, 1.0]
    assert np.isnan(got[2])


def test_topsis_by_hand() -> None:
    frame = pd.DataFrame({"a": [0.0, 100, 50], "b": [100.0, 0, 50]})
    got = aggregate.topsis(frame, pd.Series({"a": 0.8, "b": 0.2}))
    np.testing.assert_allclose(got, [20 / 100, 80 / 100, 0.5])


@pytest.mark.parametrize("method", ["harmonic", "power"])
def test_means_refuse_scores_outside_their_domain(method: str) -> None:
    spec = profile(method={"aggregate": method, "normalise": "zscore", "centre": 0.1})
    with pytest.raises(InputError) as caught:
        evaluate(table(), spec)
    assert codes_of(caught) == ["evaluation.mean_domain"]


NEED_A_MARK = {"scaled", "scaled_coinr", "zscore", "goalposts", "dist2target", "dist2ref"}
# As COINr does it: more for the worse where less is better.
BACKWARD = {"fracmax_coinr"}


@pytest.mark.parametrize("normalisation", sorted(set(scales.METHODS) - NEED_A_MARK - BACKWARD))
@pytest.mark.parametrize(
    "aggregation", sorted(set(aggregate.METHODS) - {"geometric", "harmonic", "ampi"})
)
def test_whole_runs_put_a_dominating_unit_first(normalisation: str, aggregation: str) -> None:
    method = {"normalise": normalisation, "aggregate": aggregation}
    best = {"p": 20.0, "q": 0.5, "r": 30.0}
    rows = [
        {"code": "z", "year": 2023, "indicator": name, "value": value}
        for name, value in best.items()
    ]
    more = IndicatorTable(cells=pd.DataFrame(rows).assign(unit="1", quality="A", source="S"))
    scores = evaluate(table().concat(more), profile(method=method))
    assert scores.ranks.loc["z"].to_list() == [1.0, 1.0, 1.0]
    assert scores.index.notna().all()


# ---- treatment ---------------------------------------------------------------------------


def test_the_other_treatment_differs_only_where_ours_gives_up() -> None:
    mended = pd.Series([*range(20), 1000.0])
    pd.testing.assert_series_equal(
        treat.winsorise_or_log(mended, most=5), treat.winsorise(mended, most=5)
    )
    steep = pd.Series(10.0 ** np.arange(-10, 10))
    assert treat.is_skewed(steep)
    pd.testing.assert_series_equal(treat.winsorise(steep, most=1), steep)
    logged = treat.winsorise_or_log(steep, most=1)
    span = steep.max() - steep.min()
    np.testing.assert_allclose(logged, np.log(steep - steep.min() + 0.01 * span))
    constant = pd.Series([3.0] * 6)
    pd.testing.assert_series_equal(treat.winsorise_or_log(constant, most=5), constant)


def test_logged_points_are_listed() -> None:
    spec = profile(method={"treat": "coinr", "winsorise_points": 1})
    index = pd.MultiIndex.from_product([[2023], [f"u{i}" for i in range(20)]])
    index.names = ["year", "code"]
    steep = pd.Series(10.0 ** np.arange(-10, 10), index=index)
    flat = pd.Series(np.arange(20.0), index=index)
    treated, points = treat.treat(pd.DataFrame({"p": steep, "q": flat, "r": flat}), spec)
    assert points["indicator"].unique().tolist() == ["p"]
    assert len(points) == 20
    np.testing.assert_array_equal(points["after"], treated["p"])
