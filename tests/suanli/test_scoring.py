"""Scales, weights and aggregations: laws they must obey, peers, and what is refused at load."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.evaluation import aggregate, evaluate_panel, objective, scales, weight
from suanli.evaluation.benefit import benefit_of_the_doubt
from suanli.evaluation.influence import optimised_weights
from suanli.evaluation.normalise import normalise
from suanli.evaluation.scales import Scaling
from suanli.evaluation.weight import weigh
from suanli.profile import IndexSpec, load_profile, parse_profile, replace_spec
from suanli.profile.method import Combination, Method
from suanli.publish import wording
from suanli.text import LANGUAGES, Text

laws = settings(deadline=None, derandomize=True, max_examples=25)
whole = st.integers(1, 1000).map(float)
columns = st.lists(whole, min_size=3, max_size=8, unique=True)
tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(1, 100).map(float), min_size=width, max_size=width),
        min_size=2,
        max_size=6,
    )
)

HEAD = """
id = "tree"
level = "province"
year = 2023
title = { zh = "树", en = "tree" }
note = { zh = "试", en = "test" }
[method]
weight = "given"
treat = "none"
"""
NODE = """
[[{kind}]]
id = "{name}"
parent = "{parent}"
name = {{ zh = "{name}", en = "{name}" }}
weight = {weight}
"""
LEAF = """
unit = "1"
direction = "{direction}"
status = "reported"
source = "S"
reason = "r"
"""


def tree(**method: Any) -> IndexSpec:
    """Dimension ``one`` over a (up, 0.75) and b (down, 0.25), ``two`` over c (up)."""
    text = HEAD
    for name, own in (("one", 0.6), ("two", 0.4)):
        text += NODE.format(kind="dimension", name=name, parent="index", weight=own)
    leaves = (("a", "one", 0.75, "up"), ("b", "one", 0.25, "down"), ("c", "two", 1.0, "up"))
    for name, parent, own, direction in leaves:
        text += NODE.format(kind="indicator", name=name, parent=parent, weight=own)
        text += LEAF.format(direction=direction)
    return replace_spec(parse_profile(text.encode(), file="tree"), method=method)


def with_fields(spec: IndexSpec, fields: dict[str, Any], **method: Any) -> IndexSpec:
    leaves = [item.model_dump() | fields for item in spec.indicator]
    return replace_spec(spec, indicator=leaves, method=method)


def refused(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    """Return the codes; each has a sentence in both languages that takes its parameters."""
    for problem in error.value.problems:
        sentences = {Text(lang)(problem.code, **problem.params) for lang in LANGUAGES}
        assert len(sentences) == len(LANGUAGES)
        assert not any("{" in sentence for sentence in sentences)
    return [problem.code for problem in error.value.problems]


def frame_of(rows: list[list[float]]) -> pd.DataFrame:
    names = list("abcd")[: len(rows[0])]
    return pd.DataFrame(rows, columns=names, index=[f"u{i}" for i in range(len(rows))])


def falling(frame: pd.DataFrame) -> pd.Series:
    raw = pd.Series(range(frame.shape[1], 0, -1), index=frame.columns, dtype=float)
    return raw / raw.sum()


# ---- scales ------------------------------------------------------------------------------


@laws
@given(values=columns, lower=st.integers(-50, 50), span=st.integers(1, 200))
def test_turning_min_max_round_mirrors_its_scores(
    values: list[float], lower: int, span: int
) -> None:
    series = pd.Series(values)
    up, down = (
        scales.min_max(series, Scaling(direction=d, lower=lower, upper=lower + span))
        for d in ("up", "down")
    )
    np.testing.assert_allclose(up + down, 2 * lower + span, atol=1e-9)


@pytest.mark.parametrize("method", sorted(set(scales.METHODS) - {"fracmax_coinr"}))
@laws
@given(values=columns)
def test_turning_any_scale_round_reverses_its_order(method: str, values: list[float]) -> None:
    series = pd.Series(values)
    marks = {"up": 1001.0, "down": 0.0}
    up, down = (
        scales.METHODS[method](
            series, Scaling(direction=d, goalposts=(0, 1001), goal=m, reference=m)
        )
        for d, m in marks.items()
    )
    assert (up.rank() + down.rank() == len(values) + 1).all()


@pytest.mark.parametrize(
    ("method", "low", "high"),
    [
        ("minmax", 0, 100),
        ("percentile_rank", 0, 100),
        ("goalposts", 0, 100),
        ("dist2max", 0, 1),
        ("dist2target", 0, 1),
        ("dist2ref", 0, 1),
        ("fracmax", 0, 1),
        ("vector", 0, 1),
        ("sum", 0, 1),
        ("efficacy", 60, 100),
        ("ampi", 40, 160),
    ],
)
@laws
@given(values=columns, direction=st.sampled_from(["up", "down"]))
def test_scales_keep_their_bounds(
    method: str, low: float, high: float, values: list[float], direction: Any
) -> None:
    series = pd.Series(values)
    mark = float(series.median())
    scaling = Scaling(
        direction=direction, goalposts=(200, 800), goal=mark, reference=mark, cap=True
    )
    assert scales.METHODS[method](series, scaling).between(low - 1e-9, high + 1e-9).all()


def test_only_a_cap_cuts_what_is_beyond_the_goal() -> None:
    values = pd.Series([1.0, 3, 5])
    assert scales.dist2target(values, Scaling(goal=3)).to_list() == [0.0, 1.0, 2.0]
    assert scales.dist2target(values, Scaling(goal=3, cap=True)).to_list() == [0.0, 1.0, 1.0]
    cut = Scaling(goalposts=(2, 4), lower=10, upper=20)
    assert scales.goalposts(values, cut).to_list() == [10.0, 15.0, 20.0]
    assert scales.scaled(values, cut).to_list() == [5.0, 15.0, 25.0]


def test_z_scores_have_the_mean_and_spread_asked_for() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 6], "b": [5.0, 9, 2], "c": [1.0, 0, 3]})
    got = normalise(frame, tree(normalise="zscore", centre=100.0, spread=10.0))
    np.testing.assert_allclose(got.mean(), 100)
    np.testing.assert_allclose(got.std(ddof=1), 10)
    assert got["b"].idxmax() == 2


def panel() -> pd.DataFrame:
    index = pd.MultiIndex.from_product([[2022, 2023], list("xyz")], names=["year", "code"])
    rows = [[1, 9, 5], [3, 6, 4], [5, 3, 3], [7, 9, 1], [2, 5, 2], [9, 1, 6]]
    return pd.DataFrame(rows, index=index, columns=list("abc"), dtype=float)


@pytest.mark.parametrize(("year", "mean"), [(None, 3.0), (2022, 3.0), (2023, 6.0)])
def test_ampi_refers_to_the_mean_of_one_year_and_the_range_of_all(
    year: int | None, mean: float
) -> None:
    spec = tree(normalise="ampi", scope="panel", panel=(2022, 2023), reference_year=year)
    got = normalise(panel(), spec)["a"]
    # Goalposts mean -+ (9 - 1) / 2, scores 70 and 130 there.
    np.testing.assert_allclose(got, 70 + 60 * (panel()["a"] - (mean - 4)) / 8)
    assert got[2022 if year is None else year].mean() == pytest.approx(100)


def test_ampi_is_comparable_over_years() -> None:
    spec = load_profile("caict2024-province")
    # The 5G series begins in 2019: no earlier year has a mean to refer to.
    ampi = {"normalise": "ampi", "aggregate": "ampi", "reference_year": 2019}
    scored = evaluate_panel(load_catalogue().province, replace_spec(spec, method=ampi))
    means = pd.Series({year: scores.index.mean() for year, scores in scored.items()})
    assert means[2023] > means[2016]
    first = scored[2019].indicators
    np.testing.assert_allclose(first.mean(), 100, atol=1e-9)
    assert (scored[2023].indicators.mean() > 100.1).any()


def test_a_reference_unit_scores_one_whatever_the_order_of_rows() -> None:
    spec = tree(normalise="dist2ref", reference="y", scope="panel", panel=(2022, 2023))
    got = normalise(panel(), spec)
    np.testing.assert_allclose(got.loc[(2022, "y")], 1.0)
    assert got["a"].min() == 0.0
    pd.testing.assert_frame_equal(normalise(panel().iloc[::-1], spec).iloc[::-1], got)
    one = normalise(panel().loc[2022], tree(normalise="dist2ref", reference="y"))
    assert one.loc["y"].to_list() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("fields", "method", "codes"),
    [
        ({}, {"normalise": "dist2ref", "reference": "q"}, ["reference_unknown"]),
        ({}, {"normalise": "dist2ref", "reference": "x"}, ["reference_worst"]),
        ({"goal": -1.0}, {"normalise": "dist2target"}, ["goal_worst"] * 2),
        ({}, {"normalise": "sum"}, ["sum_domain"]),
    ],
)
def test_values_that_do_not_suit_the_scale_are_named(
    fields: dict[str, Any], method: dict[str, Any], codes: list[str]
) -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [0.0, 1, 2], "c": [2.0, 1, 3]}, index=list("xyz"))
    with pytest.raises(InputError) as caught:
        normalise(frame, with_fields(tree(), fields, **method))
    assert refused(caught) == [f"scoring.{code}" for code in codes]


def test_a_reference_without_a_value_is_named() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, None, 2], "c": [2.0, 4, 3]}, index=[*"xyz"])
    with pytest.raises(InputError) as caught:
        normalise(frame, tree(normalise="dist2ref", reference="y"))
    assert refused(caught) == ["scoring.reference_gap"]
    assert caught.value.problems[0].params["id"] == "b"


# ---- weights -----------------------------------------------------------------------------

MATRIX = pd.DataFrame(
    [
        [66.0, 56, 95, 12],
        [61, 55, 166, 33],
        [65, 49, 113, 47],
        [95, 56, 99, 8],
        [63, 43, 178, 21],
        [74, 59, 140, 39],
    ],
    columns=list("abcd"),
)
# pymcdm 1.4.0, pymcdm.weights.<name>_weights(MATRIX[, types = 1]); scikit-criteria 0.10,
# skcriteria.preprocessing.weighters.<name>_weights, gives the same twelve digits.
PEERS = {
    "entropy": [0.063662403074, 0.026792345624, 0.147459791829, 0.762085459473],
    "gini": [0.14089686982, 0.093931246547, 0.238051829483, 0.52712005415],
    "merec": [0.086815261684, 0.122012335957, 0.167851441857, 0.623320960501],
    "critic": [0.251030359402, 0.21515547173, 0.29128470381, 0.242529465059],
}


@pytest.mark.parametrize("method", sorted(PEERS))
def test_weights_from_data_agree_with_peers(method: str) -> None:
    # They put CRITIC on a min-max scale themselves.
    unit = (MATRIX - MATRIX.min()) / (MATRIX.max() - MATRIX.min())
    got = objective.METHODS[method](unit if method == "critic" else MATRIX)
    np.testing.assert_allclose(got, PEERS[method], atol=1e-11)


def test_coefficients_of_variation_are_standard_deviations_of_unit_means() -> None:
    # pymcdm 1.4.0: standard_deviation_weights(MATRIX) of columns that keep their means.
    deviations = np.array([0.183833857868, 0.085238620313, 0.506955613073, 0.223971908747])
    expected = deviations / MATRIX.mean()
    np.testing.assert_allclose(objective.cv_weights(MATRIX), expected / expected.sum(), atol=1e-11)


@laws
@given(rows=tables, factor=st.integers(2, 1000))
def test_weights_do_not_depend_on_the_unit(rows: list[list[float]], factor: int) -> None:
    frame = frame_of(rows)
    for method in ("entropy", "cv", "gini", "merec", "pca"):
        first = objective.METHODS[method](frame)
        second = objective.METHODS[method](frame * factor)
        if method == "pca":  # equal eigenvalues leave the component open
            values = np.linalg.eigvalsh(frame.corr().fillna(0.0))
            if values[-1] - values[-2] < 1e-6:
                continue
        np.testing.assert_allclose(first, second, atol=1e-7)


@laws
@given(rows=tables, factor=st.integers(2, 1000))
def test_scores_do_not_depend_on_the_sum_of_weights(rows: list[list[float]], factor: int) -> None:
    frame = frame_of(rows)
    weights = falling(frame)
    for name, method in aggregate.METHODS.items():
        options = {"power": 0.5} if name == "power" else {}
        first = method(frame, weights, **options)
        second = method(frame, weights * factor, **options)
        np.testing.assert_allclose(first, second, rtol=1e-6, err_msg=name)


def correlated(seed: int, loading: float = 0.5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(80, 1)) * loading
    noise = rng.normal(size=(80, 4)) * [1.0, 2.0, 0.5, 1.5]
    return pd.DataFrame(50 + common + noise, columns=list("abcd"))


@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("wanted", [None, {"b": 4.0, "a": 3.0, "c": 2.0, "d": 1.0}])
def test_optimised_weights_reach_the_influence_wanted(
    squared: bool, wanted: dict[str, float] | None
) -> None:
    frame = correlated(3, 0.2)
    target = None if wanted is None else pd.Series(wanted)
    found = optimised_weights(frame, target, squared=squared)
    index = aggregate.arithmetic_mean(frame, found.weights)
    influence = frame.corrwith(index) ** (2 if squared else 1)
    shares = pd.Series(0.25, index=frame.columns) if target is None else target / 10
    np.testing.assert_allclose(influence / influence.sum(), shares[frame.columns], atol=1e-9)
    assert found.weights.sum() == pytest.approx(1)
    assert (found.weights > 0).all()
    assert found.miss < 1e-9


@pytest.mark.parametrize("mean", [aggregate.geometric_mean, aggregate.harmonic_mean])
def test_optimised_weights_serve_other_means(mean: Any) -> None:
    frame = correlated(4)
    found = optimised_weights(frame, score=mean)
    influence = frame.corrwith(mean(frame, found.weights)) ** 2
    np.testing.assert_allclose(influence / influence.sum(), 0.25, atol=1e-6)
    assert optimised_weights(frame, score=mean).weights.equals(found.weights)


def opposed() -> pd.DataFrame:
    """Return a and b against each other: no weights give both influence."""
    rng = np.random.default_rng(9)
    a, c = rng.normal(size=(2, 40))
    return pd.DataFrame({"a": a, "b": a + 0.1 * c, "c": rng.normal(size=40)})


def test_influence_out_of_reach_is_said_or_accepted_as_near() -> None:
    frame = opposed()
    target = pd.Series({"a": 1.0, "b": 8.0, "c": 1.0})
    found = optimised_weights(frame, target)
    assert found.miss > 0.1
    assert (found.weights >= 0).all()
    # No weights on a fine grid come nearer, in squares.
    best = ((found.reached - found.wanted) ** 2).sum()
    for p, q in itertools.product(np.linspace(0, 1, 21), repeat=2):
        if p + q <= 1:
            index = frame @ [p, q, 1 - p - q]
            share = frame.corrwith(index) * frame.corrwith(index).abs()
            miss = ((share / share.abs().sum() - found.wanted) ** 2).sum()
            assert miss >= best - 1e-6
    spec = tree(weight="optimised", importance="given")
    with pytest.raises(InputError) as caught:
        weigh(spec, frame)
    assert refused(caught) == ["scoring.weights_unattainable"]
    miss = float(caught.value.problems[0].params["miss"])
    near = weigh(replace_spec(spec, method={"influence_miss": miss}), frame)
    assert near.loc[["a", "b"], "local"].sum() == pytest.approx(1)
    assert near.loc["a", "local"] > 0.95


def test_importance_may_be_the_stated_weights() -> None:
    frame = correlated(5)[["a", "b", "c"]]
    table = weigh(tree(weight="optimised", importance="given"), frame)
    local = table["local"]
    one = aggregate.arithmetic_mean(frame[["a", "b"]], local)
    squared = frame[["a", "b"]].corrwith(one) ** 2
    np.testing.assert_allclose(squared / squared.sum(), [0.75, 0.25], atol=1e-9)


def test_combined_weights_follow_their_rule() -> None:
    frame = correlated(6)[["a", "b", "c"]]
    stated = pd.Series({"a": 0.75, "b": 0.25})
    measured = objective.entropy_weights(frame[["a", "b"]])
    products = stated**0.3 * measured**0.7
    expected = {"linear": 0.3 * stated + 0.7 * measured, "multiplicative": products}
    for rule, local in expected.items():
        combination = {"first": "given", "second": "entropy", "rule": rule, "share": 0.3}
        got = weigh(tree(weight="combined", combination=combination), frame)
        np.testing.assert_allclose(got.loc[["a", "b"], "local"], local / local.sum(), rtol=1e-12)
        assert got["method"].unique().tolist() == ["combined"]


@pytest.mark.parametrize(("share", "alone"), [(1.0, "ahp"), (0.0, "critic")])
def test_a_combination_of_one_part_is_that_part(share: float, alone: str) -> None:
    spec = load_profile("caict2024-province")
    rng = np.random.default_rng(1)
    leaves = [item.id for item in spec.indicator]
    frame = pd.DataFrame(rng.uniform(1, 100, size=(31, len(leaves))), columns=leaves)
    for rule in ("linear", "multiplicative"):
        combination = {"first": "ahp", "second": "critic", "rule": rule, "share": share}
        method = {"weight": "combined", "combination": combination}
        got = weigh(replace_spec(spec, method=method), frame)
        expected = weigh(replace_spec(spec, method={"weight": alone}), frame)
        np.testing.assert_allclose(got["overall"], expected["overall"], rtol=1e-12)
        assert got["consistency_ratio"].notna().any()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pages_say_where_any_weights_come_from(lang: Any) -> None:
    said = set()
    parts = Combination(first="ahp", second="entropy")
    for way in weight.METHODS:
        method = Method.model_validate({"weight": way, "combination": parts})
        spec = tree().model_copy(update={"method": method})
        said.add(wording._weight_caveat(Text(lang), spec))
    assert len(said) == len(weight.METHODS)
    assert any("ahp + entropy" in sentence for sentence in said)


# ---- aggregation -------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(aggregate.METHODS) - {"ampi"}))
@laws
@given(rows=tables, gain=st.integers(1, 50), place=st.integers(0, 5), data=st.data())
def test_a_better_value_never_lowers_a_units_own_score(
    name: str, rows: list[list[float]], gain: int, place: int, data: st.DataObject
) -> None:
    frame = frame_of(rows)
    unit = frame.index[place % len(frame)]
    column = data.draw(st.sampled_from(list(frame.columns)))
    better = frame.copy()
    better.loc[unit, column] += gain
    options = {"power": -2.0} if name == "power" else {}
    if name == "topsis":  # its ideals move with the data: hold them where they are
        ends = pd.DataFrame([[0.0] * len(frame.columns), [200.0] * len(frame.columns)],
                            columns=frame.columns, index=["low", "high"])  # fmt: skip
        frame, better = pd.concat([frame, ends]), pd.concat([better, ends])
    before, after = (
        aggregate.METHODS[name](each, falling(frame), **options)[unit] for each in (frame, better)
    )
    assert after >= before - 1e-6


@laws
@given(values=columns, gain=st.integers(1, 500), place=st.integers(0, 7))
def test_a_better_value_never_lowers_a_min_max_score(
    values: list[float], gain: int, place: int
) -> None:
    series = pd.Series(values)
    better = series.copy()
    better[place % len(values)] += gain
    before, after = (scales.min_max(each, Scaling()) for each in (series, better))
    assert after[place % len(values)] >= before[place % len(values)] - 1e-12


@laws
@given(rows=tables)
def test_ampi_is_the_mean_less_a_penalty_for_unevenness(rows: list[list[float]]) -> None:
    frame = frame_of(rows)
    weights = falling(frame)
    mean = aggregate.arithmetic_mean(frame, weights)
    assert (aggregate.ampi(frame, weights) <= mean + 1e-9).all()
    assert (aggregate.ampi(frame, weights, penalty="plus") >= mean - 1e-9).all()
    level = frame.copy()
    level[:] = frame[["a"]].to_numpy()
    np.testing.assert_allclose(aggregate.ampi(level, weights), level["a"], rtol=1e-12)


def test_ampi_by_hand() -> None:
    frame = pd.DataFrame({"a": [90.0, 100], "b": [110.0, np.nan], "c": [100.0, 112]})
    even = pd.Series(1 / 3, index=list("abc"))
    # S^2 = (100 + 100 + 0) / 3 about 100; then 36 about 106.
    np.testing.assert_allclose(aggregate.ampi(frame, even), [100 - 2 / 3, 106 - 36 / 106])
    with pytest.raises(InputError) as caught:
        aggregate.ampi(frame - 100, even)
    assert refused(caught) == ["scoring.ampi_domain"]


def test_topsis_agrees_with_its_peer() -> None:
    weights = pd.Series([0.4, 0.3, 0.2, 0.1], index=list("abcd"))
    # pymcdm 1.4.0, TOPSIS() and TOPSIS(vector_normalization), all criteria benefits.
    peers = {
        "minmax": [0.380024676017, 0.414400193793, 0.275906895888, 0.67824128181, 0.295783532035,
                   0.57841051076],
        "vector": [0.253199010363, 0.430907978413, 0.406932725793, 0.538138438265, 0.374016224377,
                   0.55926314856],
    }  # fmt: skip
    for method, expected in peers.items():
        scores = MATRIX.apply(scales.METHODS[method], args=(Scaling(upper=1.0),))
        np.testing.assert_allclose(aggregate.topsis(scores, weights), expected, atol=1e-11)


def test_vector_and_sum_agree_with_their_peer_where_less_is_better() -> None:
    # pymcdm 1.4.0, vector_normalization and sum_normalization(MATRIX[:, 2], cost=True).
    vector = [0.714128910041, 0.500477884914, 0.659963861417, 0.702092232569, 0.464367852498,
              0.578716288482]  # fmt: skip
    shares = [0.218108579324, 0.124821174915, 0.183365619786, 0.209296111473, 0.116406264246,
              0.148002250256]  # fmt: skip
    down = Scaling(direction="down")
    np.testing.assert_allclose(scales.vector(MATRIX["c"], down), vector, atol=1e-11)
    np.testing.assert_allclose(scales.share_of_sum(MATRIX["c"], down), shares, atol=1e-11)


@laws
@given(rows=tables)
def test_outranking_splits_every_pair_and_copeland_counts_it(rows: list[list[float]]) -> None:
    frame = frame_of(rows)
    weights = falling(frame)
    found = aggregate.outranking_matrix(frame, weights)
    matrix = found.matrix.to_numpy()
    off = ~np.eye(len(frame), dtype=bool)
    np.testing.assert_allclose((matrix + matrix.T)[off], 1.0)
    counted = np.sign(np.round(matrix - 0.5, 9))
    np.fill_diagonal(counted, 0)
    assert aggregate.copeland(frame, weights).to_list() == counted.sum(axis=1).tolist()
    assert found.dominant == int((matrix[off] > 1 - 1e-9).sum())


def test_outranking_compares_what_both_have() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, np.nan], "b": [np.nan, 1, np.nan]}, index=list("xyz"))
    found = aggregate.outranking_matrix(frame, pd.Series({"b": 0.5, "a": 0.5}))
    assert found.matrix.loc["y", "x"] == 1.0
    assert np.isnan(found.matrix.loc["x", "z"])
    assert found.dominant == 1


# ---- benefit of the doubt ----------------------------------------------------------------


def brute_force(frame: pd.DataFrame, weights: pd.Series, slack: float) -> pd.Series:
    """Try shares on a grid: 1 / min over shares of the best any peer makes of them."""
    shares = np.array(
        [s for s in itertools.product(np.linspace(0, 1, 101), repeat=2) if sum(s) <= 1 + 1e-9]
    )
    shares = np.column_stack([shares, 1 - shares.sum(axis=1)])
    nominal = weights.to_numpy()
    fit = (np.abs(shares - nominal) <= slack + 1e-9).all(axis=1)
    values = frame.to_numpy()
    return pd.Series(
        [1 / (shares[fit] @ (values / own).T).max(axis=1).min() for own in values],
        index=frame.index,
    )


@pytest.mark.parametrize("slack", [0.3, 0.6, 1.0])
def test_benefit_of_the_doubt_is_the_programme_over_all_peers(
    slack: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One programme per unit, with every unit as a peer, as the method is defined."""
    rng = np.random.default_rng(6)
    frame = frame_of(rng.integers(1, 100, (60, 4)).astype(float).tolist())
    frame = frame.mask(rng.random(frame.shape) < 0.1)
    weights = falling(frame)
    expected = []
    for _, row in frame.iterrows():
        own = row.dropna()
        if own.empty:
            expected.append(np.nan)
            continue
        nominal = weights[own.index] / weights[own.index].sum()
        ratios = (frame[own.index].fillna(0.0) / own).to_numpy()
        found = optimize.linprog(
            [*np.zeros(len(own)), 1.0],
            A_ub=np.column_stack([ratios, -np.ones(len(frame))]),
            b_ub=np.zeros(len(frame)),
            A_eq=[[*np.ones(len(own)), 0.0]],
            b_eq=[1.0],
            bounds=[*((max(0, w - slack), min(1, w + slack)) for w in nominal), (0, None)],
        )
        expected.append(1.0 / found.fun)
    scores = benefit_of_the_doubt(frame, weights, slack=slack).scores
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-9)
    # However many units are solved together.
    monkeypatch.setattr("suanli.evaluation.benefit._CHUNK", 1)
    again = benefit_of_the_doubt(frame, weights, slack=slack).scores
    np.testing.assert_allclose(again, scores, rtol=0, atol=1e-12)


@pytest.mark.parametrize("slack", [0.0, 0.1, 0.3, 1.0])
def test_benefit_of_the_doubt_agrees_with_a_search_of_all_shares(slack: float) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.uniform(10, 100, size=(8, 3)), columns=list("abc"))
    weights = pd.Series({"a": 0.5, "b": 0.3, "c": 0.2})
    found = benefit_of_the_doubt(frame, weights, slack=slack)
    searched = brute_force(frame, weights, slack)
    assert (found.scores >= searched - 1e-9).all()
    np.testing.assert_allclose(found.scores, searched, atol=0.01)


@laws
@given(rows=tables)
def test_benefit_of_the_doubt_keeps_its_promises(rows: list[list[float]]) -> None:
    frame = frame_of(rows)
    weights = falling(frame)
    before = pd.Series(0.0, index=frame.index)
    for slack in (0.0, 0.2, 0.5, 1.0):
        found = benefit_of_the_doubt(frame, weights, slack=slack)
        assert (found.scores >= before - 1e-7).all()
        before = found.scores
        np.testing.assert_allclose(found.shares.sum(axis=1), 1)
        assert ((found.shares - weights).abs() <= slack + 1e-7).all(axis=None)
        # Each unit's own weights make its score, and nobody more than 1.
        worth = frame.to_numpy() @ found.weights.to_numpy().T
        np.testing.assert_allclose(np.diag(worth), found.scores, rtol=1e-8)
        assert worth.max() <= 1 + 1e-8
    for column in frame:
        assert before[frame[column].idxmax()] == 1.0


@laws
@given(rows=tables)
def test_shares_held_to_the_weights_have_a_closed_form(rows: list[list[float]]) -> None:
    frame = frame_of(rows)
    weights = falling(frame)
    held = benefit_of_the_doubt(frame, weights, slack=0.0).scores
    values = frame.to_numpy()
    expected = [1 / (values / own @ weights.to_numpy()).max() for own in values]
    np.testing.assert_allclose(held, expected, rtol=1e-7)


def test_a_unit_is_measured_by_what_it_has() -> None:
    frame = pd.DataFrame(
        {"a": [4.0, 2, 0, np.nan], "b": [np.nan, 8, 0, np.nan]}, index=list("wxyz")
    )
    found = benefit_of_the_doubt(frame, pd.Series({"a": 0.5, "b": 0.5}), slack=0.5)
    assert found.scores["w"] == 1.0
    assert found.shares.loc["w"].isna().to_list() == [False, True]
    assert found.scores["x"] == pytest.approx(1.0)
    assert found.scores["y"] == 0.0
    assert np.isnan(found.scores["z"])
    with pytest.raises(InputError) as caught:
        aggregate.bod(frame - 5, pd.Series({"a": 0.5, "b": 0.5}))
    assert refused(caught) == ["scoring.bod_domain"]


def test_bounds_that_zeros_make_unattainable_are_named() -> None:
    frame = pd.DataFrame({"a": [1.0, 0], "b": [1.0, 0], "c": [1.0, 5]}, index=["u", "v"])
    weights = pd.Series({"a": 0.3, "b": 0.3, "c": 0.4})
    with pytest.raises(InputError) as caught:
        benefit_of_the_doubt(frame, weights, slack=0.1)
    assert refused(caught) == ["scoring.bod_lower"] * 2
    assert [p.params["column"] for p in caught.value.problems] == ["a", "b"]
    assert caught.value.problems[0].params["units"] == "v"
    with pytest.raises(InputError) as caught:
        benefit_of_the_doubt(frame, weights, slack=0.3)
    assert refused(caught) == ["scoring.bod_upper"]
    assert benefit_of_the_doubt(frame, weights, slack=0.6).scores["v"] == pytest.approx(1)


# ---- what is refused at load -------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "codes"),
    [
        ({"weight": "combined"}, ["combination_missing"]),
        (
            {"weight": "combined", "combination": {"first": "given", "second": "given"}},
            ["combination_same"],
        ),
        ({"normalise": "dist2target"}, ["goal_missing"]),
        ({"normalise": "dist2ref"}, ["reference_missing"]),
        ({"panel": (2019, 2021), "reference_year": 2018}, ["reference_year"]),
        ({"weight": "optimised", "aggregate": "copeland"}, ["optimised_aggregate"]),
        ({"weight": "pca_coinr", "aggregate": "bod"}, ["pca_coinr_aggregate"]),
        ({"weight": "merec"}, ["out_of_range"]),
        ({"aggregate": "geometric"}, ["out_of_range"]),
        ({"aggregate": "power", "power": -1.0}, ["out_of_range"]),
        ({"aggregate": "harmonic", "normalise": "dist2max"}, ["out_of_range"]),
        ({"aggregate": "ampi", "normalise": "borda"}, ["out_of_range"]),
        ({"weight": "entropy", "normalise": "zscore"}, ["out_of_range"]),
        ({"weight": "cv", "aggregate": "power", "normalise": "zscore"}, ["out_of_range"] * 2),
        (
            {"weight": "combined", "combination": {"first": "given", "second": "merec"}},
            ["out_of_range"],
        ),
    ],
)
def test_methods_that_cannot_work_together_are_refused(
    method: dict[str, Any], codes: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        tree(**method)
    assert refused(caught) == [f"scoring.{code}" for code in codes]


@pytest.mark.parametrize(
    "method",
    [
        {"aggregate": "geometric", "lower": 1.0},
        {"aggregate": "power", "power": 0.5},
        {"aggregate": "geometric", "normalise": "rank"},
        {"aggregate": "ampi", "normalise": "zscore", "centre": 100.0, "spread": 10.0},
        {"aggregate": "harmonic", "normalise": "percentile_rank", "ties": "average"},
        {"weight": "merec", "normalise": "efficacy"},
        {"weight": "optimised", "aggregate": "geometric", "normalise": "ampi"},
    ],
)
def test_methods_that_may_work_together_are_not_refused(method: dict[str, Any]) -> None:
    assert tree(**method).method.weight in {"given", "merec", "optimised"}


@pytest.mark.parametrize(
    ("method", "other"),
    [
        ({"weight": "bod"}, "aggregate"),
        ({"aggregate": "entropy"}, "weight"),
        ({"weight": "minmax"}, "normalise"),
    ],
)
def test_a_choice_in_the_wrong_field_is_sent_to_its_own(method: dict[str, Any], other: str) -> None:
    with pytest.raises(InputError) as caught:
        tree(**method)
    assert refused(caught) == ["scoring.misplaced"]
    assert caught.value.problems[0].params["other"] == other


def test_parts_of_a_combination_are_checked_like_weights() -> None:
    mixed = {"first": "ahp", "second": "given"}
    with pytest.raises(InputError) as caught:
        tree(weight="combined", combination=mixed)
    assert set(refused(caught)) == {"profile.judgement_missing"}
    leaves = [item.model_dump() | {"weight": None} for item in tree().indicator]
    with pytest.raises(InputError) as caught:
        replace_spec(
            tree(), indicator=leaves, method={"weight": "optimised", "importance": "given"}
        )
    assert set(refused(caught)) == {"profile.weight_missing"}
    with pytest.raises(InputError) as caught:
        tree(weight="combined", combination={"first": "ahp", "secnod": "cv"})
    assert sorted(refused(caught)) == ["profile.missing", "profile.unknown_key_close"]
    close = next(p for p in caught.value.problems if "close" in p.params)
    assert close.params["close"] == "second"
