"""What no evaluation may break: units, order, replay. Small tables, drawn by hypothesis."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suanli.data import load_catalogue
from suanli.evaluation import Scores, derivation, evaluate, evaluate_from, evaluate_panel
from suanli.evaluation.treat import treat
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, inference_spec, load_profile, parse_profile, replace_spec

CODES = [f"u{i}" for i in range(8)]
NAMES = ("p", "q", "r")
quick = settings(deadline=None, derandomize=True, max_examples=15)
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


def test_winsorising_takes_part_in_the_drawn_examples() -> None:
    # Else the two tests above would say nothing about it.
    values = {"p": [1, 2, 3, 4, 5, 6, 7, 9000], "q": list(range(8)), "r": list(range(8))}
    assert evaluate(table(values), profile()).winsorised["code"].to_list() == ["u7"]


@quick
@given(columns=columns, order=st.permutations(range(24)), names=st.permutations(range(7)))
def test_order_of_rows_and_columns_changes_nothing(
    columns: list[list[float]], order: list[int], names: list[int]
) -> None:
    straight = table(dict(zip(NAMES, columns, strict=True)))
    cells = straight.cells.iloc[order, names]
    assert_equal(evaluate(straight, profile()), evaluate(IndicatorTable(cells=cells), profile()))


CHANGES = (
    {},
    {"normalise": "zscore", "treat": "coinr"},
    {"weight": "equal", "aggregate": "geometric", "lower": 1.0},
    {"screen": "drop", "coverage": 0.97},
    {"impute": ("linear", "knn"), "treat": "boxcox"},
)


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
