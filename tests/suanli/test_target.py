"""What it would take: verified by evaluating again, minimal, and held to a solver."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.evaluation import evaluate
from suanli.intake import IndicatorTable
from suanli.profile import load_profile, parse_profile, replace_spec
from suanli.robustness.figures import UnitFigures, sides_of
from suanli.robustness.levers import find_levers
from suanli.robustness.limits import Limits, understood
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


def levers_of(scores, unit, *, table=None, limits=None):
    figures = UnitFigures(table or table_of(), scores.spec, unit)
    return find_levers(figures, scores, limits or Limits())[0]


def table_of(values=VALUES):
    cells = values.rename_axis("code").reset_index().melt("code", var_name="indicator").dropna()
    return IndicatorTable(cells=cells.assign(year=2023, unit="1", quality="A", source="S"))


def changed(table, result, *, shrink=0.0):
    """Write the changes into the data, each shrunk by a share of its way."""
    cells = table.cells.copy()
    for row in result.levers.itertuples(index=False):
        end = row.end - shrink * (row.end - row.start)
        at = cells["code"].eq(result.unit) & cells["indicator"].eq(row.indicator)
        at &= cells["year"].eq(row.year)
        assert at.sum() == 1
        cells.loc[at, "value"] = end
    return IndicatorTable(cells=cells)


def rank_after(table, spec, result, *, shrink=0.0):
    """Evaluate the changed data anew."""
    scores = evaluate(changed(table, result, shrink=shrink), spec)
    return int(scores.index.rank(method="min", ascending=False)[result.unit])


def test_by_hand():
    """The way from 4 to 3 in one step of one lever."""
    table = table_of()
    # third: 0.4*40 + 0.3*50 + 0.2*50 + 0.1*50 = 46; unit: 0.4*20 + 0.3*25 + 0.1*100 and c.
    gap = 46 - (8 + 7.5 + 20 * np.log(3) / np.log(100) + 10)
    scores = evaluate(table, SMALL)
    assert scores.index["third"] - scores.index["unit"] == pytest.approx(gap)
    result = reach_rank(table, SMALL, "unit", rank=3, limits=Limits(move=("a", "b")))
    # The range of a is 10 and worth 40 points, that of b 8 and worth 30.
    assert list(result.levers["indicator"]) == ["a"]
    # Rounded up to four digits, so that what is printed suffices.
    least = 2 + gap / 40 * 10
    assert least <= result.levers["end"][0] < least + 0.001 + 1e-5
    assert result.levers["cost"][0] == pytest.approx(gap / 40, abs=2e-4)
    assert result.levers["effect"][0] == pytest.approx(gap, abs=5e-3)
    assert (result.before, result.after, result.overtaken) == (4, 3, ("third",))
    single = result.single.set_index("indicator")
    assert single.loc["a", "end"] == pytest.approx(result.levers["end"][0], abs=1e-4)
    least = 6 - gap / 30 * 8
    assert least >= single.loc["b", "end"] > least - 0.001 - 1e-5


@pytest.mark.parametrize("how", ["sparse", "spread"])
@pytest.mark.parametrize("rank", [2, 3])
def test_what_is_said_holds_and_less_does_not(how, rank):
    table = table_of()
    result = reach_rank(table, SMALL, "unit", rank=rank, how=how)
    assert result.reached
    assert rank_after(table, SMALL, result) == result.after <= rank
    assert rank_after(table, SMALL, result, shrink=0.01) > rank
    assert "d" not in set(result.levers["indicator"])
    moved = result.levers.set_index("indicator")
    if "b" in moved.index:
        assert moved.loc["b", "change"] < 0
    score = result.score_after - result.score_before
    assert moved["effect"].sum() == pytest.approx(score, rel=1e-6)


@pytest.mark.parametrize("how", ["sparse", "spread"])
def test_the_frozen_problem_is_solved_as_a_solver_does(how):
    limits = Limits(cost={"a": 3.0, "b": 1.0, "c": 0.7}, times=float("inf"))
    result = reach_rank(table_of(), SMALL, "unit", rank=2, limits=limits, how=how)
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
        table_of(), SMALL, "top", rank=3, limits=Limits(move=("a", "b", "c"), most={"a": 20.0})
    )
    assert result.held
    assert result.reached
    assert result.levers.empty
    assert (result.before, result.after, result.overtaken) == (1, 1, ())


def test_out_of_reach_says_how_far():
    limits = Limits(most={"a": 3.0, "b": 5.0, "c": 4.0})
    result = reach_rank(table_of(), SMALL, "unit", rank=1, limits=limits)
    assert not result.reached
    assert result.levers["exhausted"].all()
    assert sorted(result.levers["indicator"]) == ["a", "b", "c"]
    assert rank_after(table_of(), SMALL, result) == result.after > 1
    assert result.single["end"].isna().all()


def test_other_scores_move_too():
    """The worst unit of an indicator holds its goalpost: moving it moves everyone."""
    table = table_of()
    result = reach_rank(table, SMALL, "low", rank=3)
    assert result.reached
    assert rank_after(table, SMALL, result) == result.after
    assert rank_after(table, SMALL, result, shrink=0.02) > 3


@pytest.mark.parametrize(
    "method",
    [{"normalise": "rank"}, {"normalise": "zscore"}, {"aggregate": "geometric", "lower": 1.0}],
)
def test_other_methods_are_verified_as_well(method):
    spec = replace_spec(SMALL, method=method)
    table = table_of()
    result = reach_rank(table, spec, "unit", rank=2)
    assert result.reached
    assert rank_after(table, spec, result) == result.after <= 2


def test_an_interval_is_approached_from_either_side():
    fields = [item.model_dump() for item in SMALL.indicator]
    fields[1] |= {"direction": "target", "target": (1.0, 3.0)}
    spec = replace_spec(SMALL, indicator=fields)
    scores = evaluate(table_of(), spec)
    ends = {
        code: {lever.id: lever.farthest for lever in levers_of(scores, code)}.get("b")
        for code in VALUES.index
    }
    assert ends == {"low": 3.0, "top": 1.0, "unit": 3.0, "second": None, "third": 3.0}


def test_what_a_unit_lacks_cannot_be_moved():
    values = VALUES.copy()
    values.loc["unit", "a"] = np.nan
    scores = evaluate(table_of(values), SMALL)
    found = levers_of(scores, "unit", table=table_of(values))
    assert [lever.id for lever in found] == ["b", "c"]


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
        reach_rank(table_of(), SMALL, unit, rank=rank, limits=limits)
    assert sorted(p.code for p in caught.value.problems) == [f"levers.{code}" for code in codes]
    for problem in caught.value.problems:
        assert Text(lang)(problem.code, **problem.params)


SHARED = parse_profile(
    (
        PROFILE
        + '[[variable]]\nid = "heads"\nvalue = "people * 10"\nunit = "1"\n'
        + INDICATOR.format(id="a", direction="up", weight=0.4, more="")
        + INDICATOR.format(
            id="per_head", direction="up", weight=0.3, more='value = "a"\ndenominator = "heads"'
        )
        + INDICATOR.format(
            id="dense", direction="up", weight=0.2, more='value = "c / area"\ntransform = "log"'
        )
        + INDICATOR.format(
            id="fixed", direction="up", weight=0.1, more='value = "d"\nmovable = false'
        )
    ).encode(),
    file="shared",
)
RAW = pd.DataFrame(
    {
        "a": [1.0, 50.0, 10.0, 35.0, 20.0],
        "people": [10.0, 12.0, 20.0, 11.0, 10.0],
        "c": [2.0, 40.0, 9.0, 30.0, 12.0],
        "area": [3.0, 4.0, 3.0, 4.0, 4.0],
        "d": [0.0, 5.0, 10.0, 5.0, 5.0],
    },
    index=list(VALUES.index),
)


@pytest.mark.parametrize("how", ["sparse", "spread"])
@pytest.mark.parametrize("rank", [2, 3])
def test_indicators_of_one_figure_move_together(how, rank):
    """The rank said is that of the changed data; nobody moves two indicators of one figure."""
    table = table_of(RAW)
    result = reach_rank(table, SHARED, "unit", rank=rank, how=how)
    assert set(result.levers["indicator"]) <= {"a", "c"}
    assert rank_after(table, SHARED, result) == result.after == rank
    assert result.divisors_held == ("people", "area")
    assert result.divisors_moved == ()
    follow = result.follow.set_index("indicator")
    if "a" in set(result.levers["indicator"]):
        end = result.levers.set_index("indicator").loc["a", "end"]
        assert follow.loc["per_head", "end"] == pytest.approx(end / 200)
        assert follow.loc["per_head", "moved_by"] == "a"
    after = evaluate(changed(table, result), SHARED)
    assert after.index["unit"] == pytest.approx(result.score_after)
    for name, row in follow.iterrows():
        assert after.stages["derived"].loc["unit", name] == pytest.approx(row["end"])


def test_a_single_figure_is_minimal_with_all_that_follows():
    table = table_of(RAW)
    result = reach_rank(table, SHARED, "unit", rank=3, limits=Limits(move=("per_head",)))
    assert list(result.single["indicator"]) == ["a"]
    assert rank_after(table, SHARED, result) == 3
    assert rank_after(table, SHARED, result, shrink=0.005) == 4


def test_a_divisor_moves_only_if_named():
    table = table_of(RAW)
    limits = Limits(move=("people",))
    result = reach_rank(table, SHARED, "unit", rank=3, limits=limits)
    assert result.reached
    assert result.divisors_moved == ("people",)
    assert result.divisors_held == ("area",)
    moved = result.levers.iloc[0]
    assert (moved["indicator"], moved["change"] < 0) == ("people", True)
    assert rank_after(table, SHARED, result) == 3


def test_what_is_implausible_is_used_last_and_marked():
    table = table_of(RAW)
    result = reach_rank(table, SHARED, "unit", rank=1)
    assert 1 < result.plausible_rank < 4
    doubtful = result.levers[~result.levers["plausible"]].set_index("indicator")
    # 50 of the best unit would be five times as much.
    assert bool(doubtful.loc["a", "excessive"])
    assert (
        result.single["plausible"]
        .where(result.single["end"].notna(), False)
        .is_monotonic_decreasing
    )
    reached = reach_rank(table, SHARED, "unit", rank=result.plausible_rank)
    assert reached.levers["plausible"].all()
    assert (reached.levers["times"] <= 3.01).all()


def test_better_than_any_unit_is_implausible():
    """Its people are so few that half the best total is already the best per head."""
    raw = RAW.copy()
    raw.loc["unit", "people"] = 2.0
    (lever,) = levers_of(
        evaluate(table_of(raw), SHARED), "unit", table=table_of(raw), limits=Limits(move=("a",))
    )
    assert lever.farthest == 50.0
    assert lever.passed(10.5) == ("per_head",)
    assert not lever.plausible(10.5)
    # 10 / 20 is the best already.
    assert lever.plausible_cap == 0.0
    given = Limits(move=("a",), most={"a": 40.0})
    (lever,) = levers_of(evaluate(table_of(raw), SHARED), "unit", table=table_of(raw), limits=given)
    assert lever.plausible_cap == lever.cap


def test_a_farthest_value_may_be_one_of_an_indicator():
    scores = evaluate(table_of(RAW), SHARED)
    limits = Limits(most={"per_head": 0.1}, move=("per_head",))
    (lever,) = levers_of(scores, "unit", table=table_of(RAW), limits=limits)
    assert (lever.id, lever.farthest) == ("a", pytest.approx(20.0))


def test_sides_go_through_variables():
    assert sides_of(SHARED)["per_head"] == (frozenset({"a"}), frozenset({"people"}))


def test_names_of_data_and_indicators_will_do():
    names = {"people": {"zh": "人口", "en": "Population"}}
    meant, problems = understood(SHARED, Limits(move=("人口", "DENSE"), names=names))
    assert (meant.move, problems) == (("people", "c"), [])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("limits", "codes"),
    [
        (Limits(move=("a",), fix=("per_head",)), ["move_and_fix"]),
        (Limits(most={"people": 3.0}), ["not_moved"]),
        (Limits(fix=("a",), cost={"a": 2.0}), ["not_moved"]),
        (
            Limits(move=("x",), fix=("y",), cost={"fixed": -1.0}, most={"a": float("nan")}),
            [
                "cost_not_positive",
                "indicator_unknown",
                "indicator_unknown",
                "most_not_finite",
                "not_movable",
            ],
        ),
    ],
)
def test_all_that_is_wrong_is_said_at_once(limits, codes, lang):
    with pytest.raises(InputError) as caught:
        reach_rank(table_of(RAW), SHARED, "unit", rank=3, limits=limits)
    found = sorted(p.code for p in caught.value.problems)
    assert [f"levers.{code}" for code in codes] == found
    for problem in caught.value.problems:
        assert Text(lang)(problem.code, **problem.params)


def test_unit_rank_and_names_are_refused_together():
    with pytest.raises(InputError) as caught:
        reach_rank(table_of(), SMALL, "nobody", rank=9, limits=Limits(move=("aa",)))
    assert {p.code for p in caught.value.problems} == {
        "levers.rank_range",
        "levers.unit_not_scored",
        "levers.indicator_unknown",
    }


def test_shanxi():
    """山西省 rises from 17 to 14, as the documentation says, in its own data."""
    spec, table = load_profile("caict2024-province"), load_catalogue().province
    result = reach_rank(table, spec, "140000", rank=14)
    assert (result.before, result.after, result.plausible_rank) == (17, 14, 5)
    assert dict(zip(result.levers["indicator"], result.levers["end"], strict=True)) == {
        "mobile_internet_traffic": 970587.0,
        "power_generation": 4814.0,
    }
    assert set(result.follow["indicator"]) == {"electricity_balance", "mobile_traffic_per_capita"}
    assert rank_after(table, spec, result) == 14
    assert rank_after(table, spec, result, shrink=0.01) > 14
    # Each single value suffices as it is written.
    alone = result.single[result.single["end"].notna()]
    for place in range(len(alone)):
        one = SimpleNamespace(unit="140000", levers=alone.iloc[[place]])
        assert rank_after(table, spec, one) <= 14


def test_data_keep_their_range():
    """What is nowhere negative does not fall below zero, and what has a range stays in it."""
    source = PROFILE + "".join(
        INDICATOR.format(id=name, direction="down", weight=0.5, more=more)
        for name, more in (("a", ""), ("surplus", 'value = "b - c"\nmovable = true'))
    )
    source = source.replace('direction = "down"', 'direction = "up"', 2)
    spec = parse_profile(source.encode(), file="small")
    table = table_of()
    scores = evaluate(table, spec)
    figures = UnitFigures(table, spec, "unit")
    (free,) = find_levers(figures, scores, Limits(move=("c",)))[0]
    assert free.farthest >= 0
    assert figures.floor("c") == 0
    (held,) = find_levers(figures, scores, Limits(move=("c",), ranges={"c": (2.5, 200.0)}))[0]
    assert held.farthest == 2.5
    assert np.isneginf(UnitFigures(table, spec, "unit").floor("nothing"))
