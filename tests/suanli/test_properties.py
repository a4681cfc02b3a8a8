"""What no evaluation may break: units, direction, order, gains, replay. Drawn by hypothesis."""

from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from suanli.data import load_catalogue
from suanli.errors import InputError, Problem
from suanli.evaluation import Scores, derivation, evaluate, evaluate_from, evaluate_panel
from suanli.evaluation.treat import METHODS as TREATMENTS
from suanli.evaluation.treat import is_skewed, treat
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, inference_spec, load_profile, parse_profile, replace_spec
from suanli.profile.method import (
    Aggregation,
    Normalisation,
    Screening,
    Treatment,
    Weighting,
)

CODES = [f"u{i}" for i in range(8)]
NAMES = ("p", "q", "r")
quick = settings(deadline=None, derandomize=True, max_examples=15)
few = settings(quick, max_examples=6)
# Whole numbers, so that differences are not lost to rounding.
columns = st.lists(
    st.lists(st.integers(1, 60) | st.integers(500, 9000), min_size=8, max_size=8, unique=True),
    min_size=3, max_size=3,
)  # fmt: skip


def profile(**method: object) -> IndexSpec:
    text = 'id = "small"\nlevel = "province"\nyear = 2023\n'
    text += 'title = { zh = "小", en = "small" }\nnote = { zh = "试", en = "test" }\n'
    text += '[method]\nweight = "equal"\ntreat = "winsorise"\nwinsorise_points = 3\n'
    text += '[[dimension]]\nid = "one"\nname = { zh = "一", en = "one" }\n'
    for name, direction in zip(NAMES, ("up", "down", "up"), strict=True):
        text += f'[[indicator]]\nid = "{name}"\nparent = "one"\nunit = "1"\n'
        text += f'name = {{ zh = "标", en = "{name}" }}\ndirection = "{direction}"\n'
        text += 'status = "reported"\nsource = "S"\nreason = "r"\n'
    return replace_spec(parse_profile(text.encode(), file="small"), method=method)


def scaled_profile(scale: str, marks: dict[str, Any] | None = None, **method: Any) -> IndexSpec:
    """Take any scale; ``marks`` are fields of "p", which goes up."""
    ends = {"goalposts": (0.0, 10_000.0), "goal": 10_000.0}
    down = ends | {"goal": 0.0, "direction": "down"}
    own = {"p": ends | (marks or {}), "q": down, "r": ends}
    method = {"treat": "none", "normalise": scale, "reference": "u3", **method}
    leaves = [item.model_dump() | own[item.id] for item in profile().indicator]
    return replace_spec(profile(), indicator=leaves, method=method)


def table(values: dict[str, list[float]]) -> IndicatorTable:
    rows = [
        {"code": code, "year": 2023, "indicator": name, "value": float(value)}
        for name, column in values.items()
        for code, value in zip(CODES, column, strict=True)
    ]
    return IndicatorTable(cells=pd.DataFrame(rows).assign(unit="1", quality="A", source="S"))


def assert_equal(one: Scores, other: Scores) -> None:
    """Every stage and result, bit for bit."""
    pairs = [(one.stages[name], other.stages[name]) for name in one.stages]
    results = ("nodes", "indicators", "ranks", "weights", "imputed", "winsorised", "screening")
    pairs += [(getattr(one, name), getattr(other, name)) for name in results]
    for left, right in pairs:
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    pd.testing.assert_series_equal(one.coverage, other.coverage, check_exact=True)


@quick
@given(columns=columns)
def test_treating_treated_data_changes_nothing(columns: list[list[float]]) -> None:
    spec = profile()
    index = pd.MultiIndex.from_product([[2023], CODES], names=["year", "code"])
    frame = pd.DataFrame(dict(zip(NAMES, columns, strict=True)), index=index, dtype=float)
    once, _ = treat(frame, spec)
    twice, points = treat(once, spec)
    pd.testing.assert_frame_equal(once, twice, check_exact=True)
    assert points.empty


@pytest.mark.parametrize("name", sorted(TREATMENTS))
@quick
@given(values=st.lists(st.integers(1, 60) | st.integers(500, 90_000), min_size=8, max_size=30))
def test_what_a_treatment_has_put_right_it_leaves_alone(name: str, values: list[int]) -> None:
    once = TREATMENTS[name](pd.Series(values, dtype=float), most=3)
    assume(not is_skewed(once))
    pd.testing.assert_series_equal(TREATMENTS[name](once, most=3), once, check_exact=True)


@quick
@given(columns=columns)
def test_a_declared_logarithm_is_that_of_values_logged_before(columns: list[list[float]]) -> None:
    values = dict(zip(NAMES, columns, strict=True))
    leaves = [item.model_dump() | {"transform": "log"} for item in profile().indicator]
    declared = evaluate(table(values), replace_spec(profile(), indicator=leaves))
    before = {name: list(np.log(column)) for name, column in values.items()}
    logged = evaluate(table(before), profile(treat="none"))
    pd.testing.assert_frame_equal(declared.nodes, logged.nodes, rtol=1e-12)
    np.testing.assert_allclose(np.exp(declared.stages["treated"]), declared.stages["derived"])


@quick
@given(columns=columns, factor=st.sampled_from([0.001, 0.5, 3.0, 1e4]), shift=st.integers(-50, 900))
def test_an_affine_change_of_unit_leaves_scores_winsorised_or_not(
    columns: list[list[float]], factor: float, shift: int
) -> None:
    values = dict(zip(NAMES, columns, strict=True))
    before = evaluate(table(values), profile())
    values["p"] = [factor * x + shift for x in values["p"]]
    after = evaluate(table(values), profile())
    np.testing.assert_allclose(after.indicators, before.indicators, rtol=0, atol=1e-6)
    assert len(after.winsorised) == len(before.winsorised)


# Those by COINr's name are for comparison: they do not turn with the direction.
SCALES = [name for name in get_args(Normalisation) if not name.endswith("_coinr")]
# A share of a total, a maximum or a norm has a zero that must stay where it is.
WITH_ZERO = {"fracmax", "vector", "sum"}


def scored(values: dict[str, list[float]], spec: IndexSpec) -> Scores:
    """Evaluate, and draw again where the profile cannot be: the reference is a worst unit."""
    try:
        return evaluate(table(values), spec)
    except InputError:
        assume(condition=False)
        raise


@pytest.mark.parametrize("scale", SCALES)
@few
@given(columns=columns, factor=st.sampled_from([0.001, 0.5, 3.0, 1e4]), shift=st.integers(-50, 900))
def test_the_unit_of_an_indicator_changes_no_scale(
    scale: str, columns: list[list[float]], factor: float, shift: int
) -> None:
    values = dict(zip(NAMES, columns, strict=True))
    before = scored(values, scaled_profile(scale))
    move = 0 if scale in WITH_ZERO else shift
    values["p"] = [factor * x + move for x in values["p"]]
    marks = {"goalposts": (move, 10_000 * factor + move), "goal": 10_000 * factor + move}
    after = scored(values, scaled_profile(scale, marks))
    np.testing.assert_allclose(after.indicators, before.indicators, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(after.nodes, before.nodes, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("scale", sorted(set(SCALES) - WITH_ZERO))
@few
@given(columns=columns)
def test_less_is_better_of_values_is_more_is_better_of_their_negatives(
    scale: str, columns: list[list[float]]
) -> None:
    values = dict(zip(NAMES, columns, strict=True))
    before = scored(values, scaled_profile(scale))
    values["p"] = [-x for x in values["p"]]
    marks = {"direction": "down", "goalposts": (-10_000.0, 0.0), "goal": -10_000.0}
    after = scored(values, scaled_profile(scale, marks))
    np.testing.assert_allclose(after.nodes, before.nodes, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("scale", SCALES)
@few
@given(columns=columns)
def test_turning_an_indicator_round_reverses_its_order(
    scale: str, columns: list[list[float]]
) -> None:
    values = dict(zip(NAMES, columns, strict=True))
    up = scored(values, scaled_profile(scale)).indicators["p"]
    down = scored(values, scaled_profile(scale, {"direction": "down", "goal": 0.0})).indicators["p"]
    assert (up.rank() + down.rank() == len(CODES) + 1).all()


@pytest.mark.parametrize("scale", SCALES)
@few
@given(
    columns=columns,
    gain=st.integers(1, 400),
    code=st.sampled_from(CODES),
    name=st.sampled_from(NAMES),
)
def test_a_better_value_never_lowers_the_index_of_its_unit(
    scale: str, columns: list[list[float]], gain: int, code: str, name: str
) -> None:
    values = dict(zip(NAMES, columns, strict=True))
    spec = scaled_profile(scale, cap=True)
    # What the reference itself scores is fixed.
    assume(not (scale == "dist2ref" and code == "u3"))
    before = scored(values, spec).index[code]
    own = list(values[name])
    place = CODES.index(code)
    if name == "q":
        assume(own[place] > gain)
    own[place] += -gain if name == "q" else gain
    after = scored({**values, name: own}, spec).index[code]
    assert after >= before - 1e-9


@pytest.mark.parametrize("aggregate", get_args(Aggregation))
@few
@given(columns=columns, factor=st.sampled_from([0.01, 3.0, 250.0]))
def test_stated_weights_count_by_their_ratios(
    aggregate: str, columns: list[list[float]], factor: float
) -> None:
    """Judgements give ratios: a matrix of multiples of the same weights is the same matrix."""
    stated = dict(zip(NAMES, (0.5, 0.2, 0.3), strict=True))
    data = table(dict(zip(NAMES, columns, strict=True)))
    method = {"aggregate": aggregate, "normalise": "ampi", "treat": "none", "bod_slack": 0.1}

    def weighed(weights: dict[str, float]) -> pd.DataFrame:
        matrix = [[weights[a] / weights[b] for b in NAMES] for a in NAMES]
        judgement = {"parent": "one", "order": NAMES, "matrix": matrix}
        judgement |= {"status": "assumed", "reason": "r"}
        spec = replace_spec(profile(), judgement=[judgement])
        return evaluate(data, replace_spec(spec, method={**method, "weight": "ahp"})).nodes

    one, other = weighed(stated), weighed({name: factor * w for name, w in stated.items()})
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    spec = replace_spec(profile(), indicator=[
        item.model_dump() | {"weight": stated[item.id]} for item in profile().indicator
    ], dimension=[item.model_dump() | {"weight": 1.0} for item in profile().dimension])  # fmt: skip
    given_ = evaluate(data, replace_spec(spec, method={**method, "weight": "given"})).nodes
    np.testing.assert_allclose(one, given_, rtol=1e-8, atol=1e-8)


def test_winsorising_takes_part_in_the_drawn_examples() -> None:
    # Else the two tests above would say nothing about it.
    values = {"p": [1, 2, 3, 4, 5, 6, 7, 9000], "q": list(range(8)), "r": list(range(8))}
    assert evaluate(table(values), profile()).winsorised["code"].to_list() == ["u7"]


METHODS = [
    *({"aggregate": name, "normalise": "ampi"} for name in get_args(Aggregation)),
    *({"normalise": name, "reference": "u3"} for name in SCALES),
    *({"weight": name, "lower": 1.0} for name in ("entropy", "critic", "cv", "gini", "merec")),
    *({"treat": name} for name in get_args(Treatment)),
    *({"screen": name} for name in get_args(Screening)),
    *({"impute": (name,)} for name in ("nearest_year", "latest", "linear", "group_mean", "knn")),
]


@pytest.mark.parametrize("method", METHODS, ids=lambda m: " ".join(map(str, m.values())))
@settings(quick, max_examples=3)
@given(
    columns=columns,
    order=st.permutations(range(24)),
    names=st.permutations(range(7)),
    leaves=st.permutations(range(3)),
)
def test_order_of_rows_and_columns_changes_nothing(
    method: dict[str, Any],
    columns: list[list[float]],
    order: list[int],
    names: list[int],
    leaves: list[int],
) -> None:
    straight = table(dict(zip(NAMES, columns, strict=True)))
    # A gap for imputation to fill.
    cells = straight.cells.assign(gone=[k == 4 for k in range(24)])
    straight = IndicatorTable(cells=cells[~cells["gone"]].drop(columns="gone"))
    spec = scaled_profile(method.get("normalise", "minmax"), **{"treat": "winsorise", **method})
    try:
        one = evaluate(straight, spec, groups=GROUPS)
    except InputError:
        assume(condition=False)
        raise
    shuffled = cells.iloc[order]
    shuffled = shuffled[~shuffled["gone"]].drop(columns="gone").iloc[:, names]
    assert_equal(one, evaluate(IndicatorTable(cells=shuffled), spec, groups=GROUPS[::-1]))
    turned = replace_spec(spec, indicator=[spec.indicator[k].model_dump() for k in leaves])
    other = evaluate(straight, turned, groups=GROUPS)
    np.testing.assert_allclose(other.nodes, one.nodes, rtol=1e-7, atol=1e-7)
    pd.testing.assert_frame_equal(other.imputed[list(NAMES)], one.imputed)


GROUPS = pd.Series([k % 2 for k in range(8)], index=CODES)


CHANGES = (
    {},
    {"normalise": "zscore", "treat": "coinr"},
    {"weight": "equal", "aggregate": "geometric", "lower": 1.0},
    {"screen": "drop", "coverage": 0.97},
    {"impute": ("linear", "knn"), "treat": "boxcox"},
)


def outcome(scoring: Callable[[], Scores]) -> Scores | tuple[Problem, ...]:
    try:
        return scoring()
    except InputError as error:
        return error.problems


@settings(quick, max_examples=60)
@given(
    columns=columns,
    gap=st.integers(0, 23),
    method=st.fixed_dictionaries(
        {
            "normalise": st.sampled_from(SCALES),
            "weight": st.sampled_from(sorted(set(get_args(Weighting)) - {"combined"})),
            "aggregate": st.sampled_from(get_args(Aggregation)),
            "treat": st.sampled_from(get_args(Treatment)),
            "screen": st.sampled_from(get_args(Screening)),
            "impute": st.sampled_from([(), ("nearest_year",), ("group_median", "knn")]),
            "ties": st.sampled_from(["min", "average", "dense"]),
            "lower": st.sampled_from([0.0, 1.0]),
            "coverage": st.sampled_from([0.5, 0.9]),
        }
    ),
)
def test_replay_of_any_method_equals_a_fresh_run(
    columns: list[list[float]], gap: int, method: dict[str, Any]
) -> None:
    cells = table(dict(zip(NAMES, columns, strict=True))).cells.drop(index=gap)
    data = IndicatorTable(cells=cells)
    start = derivation(data, profile())
    try:
        spec = scaled_profile(method["normalise"], **method)
    except InputError:
        # The profile does not go together: nothing to replay.
        return
    fresh = outcome(lambda: evaluate(data, spec, groups=GROUPS))
    replayed = outcome(lambda: evaluate_from(start, spec, groups=GROUPS))
    if isinstance(fresh, Scores) and isinstance(replayed, Scores):
        assert_equal(replayed, fresh)
    else:
        assert replayed == fresh


@pytest.mark.parametrize("name", ["caict2024-province", "city-compute"])
def test_replay_equals_a_fresh_run(name: str) -> None:
    spec, catalogue = load_profile(name), load_catalogue()
    data = catalogue.province if spec.level == "province" else catalogue.city
    start = derivation(data, spec)
    for method in CHANGES:
        changed = replace_spec(spec, method=method)
        assert_equal(evaluate_from(start, changed), evaluate(data, changed))
    # Replaying has left the start as it was.
    assert_equal(evaluate_from(start, spec), evaluate(data, spec))


def test_replay_may_leave_indicators_out() -> None:
    spec, data = load_profile("caict2024-province"), load_catalogue().province
    fewer = inference_spec(spec)
    assert len(fewer.indicator) < len(spec.indicator)
    replayed, fresh = evaluate_from(derivation(data, spec), fewer), evaluate(data, fewer)
    pd.testing.assert_frame_equal(replayed.nodes, fresh.nodes, check_exact=True)
    pd.testing.assert_series_equal(replayed.coverage, fresh.coverage)


def test_one_year_of_a_panel_equals_that_year_scored_in_panel_scope() -> None:
    spec, data = load_profile("caict2024-province"), load_catalogue().province
    panel = evaluate_panel(data, spec)
    pooled = replace_spec(spec, method={"scope": "panel"})
    for year in (2016, 2023):
        assert_equal(panel[year], evaluate(data, replace_spec(pooled, year=year)))


@quick
@given(columns=columns, gap=st.integers(0, 7))
def test_dropping_a_unit_is_as_if_it_had_never_been(columns: list[list[float]], gap: int) -> None:
    values = {name: list(map(float, c)) for name, c in zip(NAMES, columns, strict=True)}
    values["p"][gap] = values["q"][gap] = np.nan
    cells = table(values).cells.dropna()
    spec = profile(screen="drop")
    dropped = evaluate(IndicatorTable(cells=cells), spec)
    alone = evaluate(IndicatorTable(cells=cells[cells["code"] != CODES[gap]]), spec)
    pd.testing.assert_frame_equal(dropped.nodes.drop(index=CODES[gap]), alone.nodes)
    assert dropped.nodes.loc[CODES[gap]].isna().all()
