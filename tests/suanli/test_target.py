"""What it would take: verified by evaluating again, minimal, and held to a solver."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.evaluation import Derivation, derivation, evaluate_from
from suanli.intake import IndicatorTable
from suanli.profile import load_profile, parse_profile, replace_spec
from suanli.robustness.levers import Limits, find_levers
from suanli.robustness.target import reach_rank
from suanli.text import LANGUAGES, Text

PROFILE = """
id = "small"
level = "province"
year = 2023
title = { zh = "小", en = "small" }
note = { zh = "试", en = "test" }
[method]
weight = "given"
treat = "none"
coverage = 0.3
impute = []
[[dimension]]
id = "one"
name = { zh = "维", en = "one" }
weight = 1.0
"""
INDICATOR = """
[[indicator]]
id = "{id}"
parent = "one"
name = {{ zh = "标", en = "{id}" }}
unit = "1"
direction = "{direction}"
status = "reported"
source = "S"
reason = "r"
weight = {weight}
{more}
"""
SMALL = parse_profile(
    (
        PROFILE
        + INDICATOR.format(id="a", direction="up", weight=0.4, more="")
        + INDICATOR.format(id="b", direction="down", weight=0.3, more="")
        + INDICATOR.format(id="c", direction="up", weight=0.2, more='transform = "log"')
        + INDICATOR.format(id="d", direction="up", weight=0.1, more="movable = false")
    ).encode(),
    file="small",
)
VALUES = pd.DataFrame(
    {
        "a": [0.0, 10.0, 2.0, 6.0, 4.0],
        "b": [8.0, 0.0, 6.0, 2.0, 4.0],
        "c": [1.0, 100.0, 3.0, 30.0, 10.0],
        "d": [0.0, 5.0, 10.0, 5.0, 5.0],
    },
    index=["low", "top", "unit", "second", "third"],
)


def start_of(values=VALUES, spec=SMALL):
    cells = values.rename_axis("code").reset_index().melt("code", var_name="indicator").dropna()
    table = IndicatorTable(cells=cells.assign(year=2023, unit="1", quality="A", source="S"))
    return derivation(table, spec)


def rank_after(start, spec, result, *, shrink=0.0):
    """Evaluate the changes anew, each shrunk by a share of its way."""
    frame = start.frame.copy()
    for row in result.levers.itertuples(index=False):
        end = row.end - shrink * (row.end - row.start)
        frame.loc[(spec.year, result.unit), row.indicator] = end
    scores = evaluate_from(Derivation(frame=frame, observed=start.observed), spec)
    return int(scores.index.rank(method="min", ascending=False)[result.unit])


def test_by_hand():
    """The way from 4 to 3 in one step of one lever."""
    start = start_of()
    # third: 0.4*40 + 0.3*50 + 0.2*50 + 0.1*50 = 46; unit: 0.4*20 + 0.3*25 + 0.1*100 and c.
    gap = 46 - (8 + 7.5 + 20 * np.log(3) / np.log(100) + 10)
    scores = evaluate_from(start, SMALL)
    assert scores.index["third"] - scores.index["unit"] == pytest.approx(gap)
    result = reach_rank(start, SMALL, "unit", rank=3, limits=Limits(move=("a", "b")))
    # The range of a is 10 and worth 40 points, that of b 8 and worth 30.
    assert list(result.levers["indicator"]) == ["a"]
    assert result.levers["end"][0] == pytest.approx(2 + gap / 40 * 10, abs=1e-4)
    assert result.levers["cost"][0] == pytest.approx(gap / 40, abs=1e-5)
    assert result.levers["effect"][0] == pytest.approx(gap, abs=1e-3)
    assert (result.before, result.after, result.overtaken) == (4, 3, ("third",))
    single = result.single.set_index("indicator")
    assert single.loc["a", "end"] == pytest.approx(result.levers["end"][0], abs=1e-4)
    assert single.loc["b", "end"] == pytest.approx(6 - gap / 30 * 8, abs=1e-4)


@pytest.mark.parametrize("how", ["sparse", "spread"])
@pytest.mark.parametrize("rank", [2, 3])
def test_what_is_said_holds_and_less_does_not(how, rank):
    start = start_of()
    result = reach_rank(start, SMALL, "unit", rank=rank, how=how)
    assert result.reached
    assert rank_after(start, SMALL, result) == result.after <= rank
    assert rank_after(start, SMALL, result, shrink=0.01) > rank
    assert "d" not in set(result.levers["indicator"])
    moved = result.levers.set_index("indicator")
    if "b" in moved.index:
        assert moved.loc["b", "change"] < 0
    score = result.score_after - result.score_before
    assert moved["effect"].sum() == pytest.approx(score, rel=1e-6)


@pytest.mark.parametrize("how", ["sparse", "spread"])
def test_the_frozen_problem_is_solved_as_a_solver_does(how):
    limits = Limits(cost={"a": 3.0, "b": 1.0, "c": 0.7})
    result = reach_rank(start_of(), SMALL, "unit", rank=2, limits=limits, how=how)
    gains = np.array([40.0, 30.0, 20.0])  # weight times 100: one step is the observed range
    costs = np.array([3.0, 1.0, 0.7])
    caps = np.array([0.8, 0.75, 1 - np.log(3) / np.log(100)])
    need = 26 + 20 * np.log(10) / np.log(100)
    if how == "sparse":
        done = optimize.linprog(
            costs, A_ub=-gains[None, :], b_ub=[-need], bounds=[(0, c) for c in caps]
        )
        expected = done.x
    else:
        done = optimize.minimize(
            lambda t: (costs * t**2).sum(),
            caps / 2,
            bounds=[(0, c) for c in caps],
            constraints={"type": "ineq", "fun": lambda t: gains @ t - need},
            options={"ftol": 1e-14, "maxiter": 500},
        )
        expected = done.x
    assert done.success
    steps = result.levers.set_index("indicator")["step"].reindex(list("abc")).fillna(0.0)
    assert steps.to_numpy() == pytest.approx(expected, abs=2e-4)


def test_a_rank_already_held_takes_nothing():
    result = reach_rank(
        start_of(), SMALL, "top", rank=3, limits=Limits(move=("a", "b", "c"), most={"a": 20.0})
    )
    assert result.held
    assert result.reached
    assert result.levers.empty
    assert (result.before, result.after, result.overtaken) == (1, 1, ())


def test_out_of_reach_says_how_far():
    limits = Limits(most={"a": 3.0, "b": 5.0, "c": 4.0})
    result = reach_rank(start_of(), SMALL, "unit", rank=1, limits=limits)
    assert not result.reached
    assert result.levers["exhausted"].all()
    assert sorted(result.levers["indicator"]) == ["a", "b", "c"]
    assert rank_after(start_of(), SMALL, result) == result.after > 1
    assert result.single["end"].isna().all()


def test_other_scores_move_too():
    """The worst unit of an indicator holds its goalpost: moving it moves everyone."""
    start = start_of()
    result = reach_rank(start, SMALL, "low", rank=3)
    assert result.reached
    assert rank_after(start, SMALL, result) == result.after
    assert rank_after(start, SMALL, result, shrink=0.02) > 3


@pytest.mark.parametrize(
    "method",
    [{"normalise": "rank"}, {"normalise": "zscore"}, {"aggregate": "geometric", "lower": 1.0}],
)
def test_other_methods_are_verified_as_well(method):
    spec = replace_spec(SMALL, method=method)
    start = start_of(spec=spec)
    result = reach_rank(start, spec, "unit", rank=2)
    assert result.reached
    assert rank_after(start, spec, result) == result.after <= 2


def test_an_interval_is_approached_from_either_side():
    fields = [item.model_dump() for item in SMALL.indicator]
    fields[1] |= {"direction": "target", "target": (1.0, 3.0)}
    spec = replace_spec(SMALL, indicator=fields)
    scores = evaluate_from(start_of(spec=spec), spec)
    ends = {
        code: {lever.id: lever.farthest for lever in find_levers(scores, code, Limits())}.get("b")
        for code in VALUES.index
    }
    assert ends == {"low": 3.0, "top": 1.0, "unit": 3.0, "second": None, "third": 3.0}


def test_what_a_unit_lacks_cannot_be_moved():
    values = VALUES.copy()
    values.loc["unit", "a"] = np.nan
    scores = evaluate_from(start_of(values), SMALL)
    assert [lever.id for lever in find_levers(scores, "unit", Limits())] == ["b", "c"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("unit", "rank", "limits", "codes"),
    [
        ("nobody", 1, Limits(), ["unit_not_scored"]),
        ("unit", 0, Limits(), ["rank_range"]),
        ("unit", 6, Limits(), ["rank_range"]),
        ("unit", 1, Limits(move=("aa",)), ["indicator_unknown"]),
        ("unit", 1, Limits(move=("d",)), ["not_movable"]),
        ("unit", 1, Limits(cost={"a": 0.0, "b": float("nan")}), ["cost_not_positive"] * 2),
        ("unit", 1, Limits(most={"a": 1.0}), ["most_no_gain"]),
        ("unit", 1, Limits(most={"b": 7.0}), ["most_no_gain"]),
        ("unit", 1, Limits(most={"a": float("inf")}), ["most_not_finite"]),
        ("unit", 1, Limits(fix=("a", "b", "c")), ["nothing_movable"]),
        ("unit", 1, Limits(cost={"d": 1.0}, fix=("x",)), ["indicator_unknown", "not_movable"]),
    ],
)
def test_what_cannot_be_asked_is_refused(unit, rank, limits, codes, lang):
    with pytest.raises(InputError) as caught:
        reach_rank(start_of(), SMALL, unit, rank=rank, limits=limits)
    assert sorted(p.code for p in caught.value.problems) == [f"levers.{code}" for code in codes]
    for problem in caught.value.problems:
        assert Text(lang)(problem.code, **problem.params)


def test_shanxi():
    """山西省 rises from 17 to 8, as the documentation says."""
    spec = load_profile("caict2024-province")
    start = derivation(load_catalogue().province, spec)
    limits = Limits(move=("power_generation", "it_service_revenue", "broadband_ports"))
    result = reach_rank(start, spec, "140000", rank=15, limits=limits)
    assert (result.before, result.after) == (17, 15)
    assert rank_after(start, spec, result) == 15
    assert rank_after(start, spec, result, shrink=0.01) > 15
