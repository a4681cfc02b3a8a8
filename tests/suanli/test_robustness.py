"""Rank intervals, Sobol indices, omissions, alternatives, and the commands that ask for them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from suanli.cli import main
from suanli.errors import InputError
from suanli.evaluation import Derivation, evaluate_from
from suanli.profile import IndexSpec, load_profile, replace_spec, without
from suanli.profile.uncertainty import MOST_COMBINATIONS
from suanli.robustness import (
    leave_one_out,
    one_at_a_time,
    rank_intervals,
    rank_sensitivity,
    sobol_indices,
)
from suanli.robustness.comparison import rank_shift
from suanli.robustness.replicates import model_of, pinned
from suanli.robustness.sample import sample_model, sample_start
from suanli.text import Text

Start = tuple[Derivation, IndexSpec]


@pytest.fixture(scope="module")
def start() -> Start:
    return sample_start()


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def ishigami(cube: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * cube - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(a: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda cube: ((np.abs(4 * cube - 2) + a) / (1 + a)).prod(axis=1)


def test_indices_of_ishigami_are_the_analytic_ones() -> None:
    # Saltelli et al., Global Sensitivity Analysis: The Primer (2008), a = 7, b = 0.1.
    variance = 49 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18 + 0.5
    first = np.array([0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.0]) / variance
    joint = 8 * 0.01 * np.pi**8 / 225 / variance
    total = first + np.array([joint, 0.0, joint])
    factors = {"x1": [0], "x2": [1], "x3": [2]}
    found = sobol_indices(ishigami, factors, n=8192, rng=generator())
    np.testing.assert_allclose(found.variance, variance, rtol=0.01)
    np.testing.assert_allclose(found.first[:, 0], first, atol=0.02)
    np.testing.assert_allclose(found.total[:, 0], total, atol=0.01)
    assert (found.first_interval[0, :, 0] <= first).all()
    assert (found.first_interval[1, :, 0] >= first).all()
    assert found.runs == 8192 * 5


def test_indices_of_the_g_function_are_the_analytic_ones_by_groups() -> None:
    a = np.array([0.0, 1.0, 4.5, 9.0])
    parts = 1 / (3 * (1 + a) ** 2)
    variance = np.prod(1 + parts) - 1
    pair = (1 + parts[0]) * (1 + parts[2]) - 1
    first = np.array([pair, parts[1], parts[3]]) / variance
    rest = np.array(
        [(1 + parts[1]) * (1 + parts[3]), (1 + pair) * (1 + parts[3]), (1 + pair) * (1 + parts[1])]
    )
    total = 1 - (rest - 1) / variance
    factors = {"pair": [0, 2], "second": [1], "last": [3]}
    found = sobol_indices(g_function(a), factors, n=8192, rng=generator(2))
    np.testing.assert_allclose(found.first[:, 0], first, atol=0.02)
    np.testing.assert_allclose(found.total[:, 0], total, atol=0.01)


def test_several_outputs_are_those_of_each_by_itself() -> None:
    factors = {"x1": [0], "x2": [1], "x3": [2]}

    def both(cube: np.ndarray) -> np.ndarray:
        return np.column_stack([ishigami(cube), np.full(len(cube), 3.0)])

    alone = sobol_indices(ishigami, factors, n=256, rng=generator())
    found = sobol_indices(both, factors, n=256, rng=generator())
    np.testing.assert_allclose(found.total[:, 0], alone.total[:, 0])
    assert np.isnan(found.first[:, 1]).all()
    assert found.variance[1] == 0


@pytest.mark.parametrize(("n", "factors"), [(100, {"a": [0]}), (64, {"a": [1]}), (64, {})])
def test_a_design_that_is_none_is_refused(n: int, factors: dict[str, list[int]]) -> None:
    with pytest.raises(ValueError, match=r"power of 2|columns"):
        sobol_indices(lambda cube: cube[:, 0], factors, n=n, rng=generator())


def test_intervals_hold_their_share_of_the_replicates(start: Start) -> None:
    found = rank_intervals(*start, rng=generator(), replicates=3000)
    assert set(found.histogram) == set(found.table["node"])
    for node, counts in found.histogram.items():
        frame = found.of(node)
        ranks = counts.columns.to_numpy(dtype=float)
        for code, row in frame.iterrows():
            own = counts.loc[code].to_numpy()
            assert own.sum() == 3000
            assert own[ranks < row["low"]].sum() < 150 <= own[ranks <= row["low"]].sum()
            assert own[ranks < row["high"]].sum() < 2850 <= own[ranks <= row["high"]].sum()
            assert own[ranks <= 10].sum() / 3000 == row["top_share"]
        assert frame["scored_share"].eq(1).all()
        # Each replicate has a first unit; two that tie are both first.
        assert frame["first_share"].sum() >= 1 - 1e-9
    nominal = evaluate_from(*start).ranks["index"]
    pd.testing.assert_series_equal(
        found.of()["rank"].sort_index(), nominal.sort_index(), check_names=False
    )


def test_who_is_ahead_agrees_with_the_replicates(start: Start) -> None:
    found = rank_intervals(*start, rng=generator(), replicates=500, nodes=["index"])
    model = sample_model()
    draws = model.assumptions.draw(generator().spawn(1)[0], 500)
    scores = model.scores(draws)[0]
    share = (scores[:, 0] > scores[:, 5]).mean()
    first, sixth = model.codes[0], model.codes[5]
    assert found.dominance.loc[first, sixth] == share
    assert found.dominance.loc[sixth, first] == pytest.approx(1 - share)
    assert np.isnan(found.dominance.loc[first, first])
    assert found.compared == 500


def test_the_same_seed_gives_the_same_table(start: Start) -> None:
    one, two = (
        rank_intervals(*start, rng=generator(4), replicates=300, nodes=["index"]) for _ in range(2)
    )
    pd.testing.assert_frame_equal(one.table, two.table)
    other = rank_intervals(*start, rng=generator(5), replicates=300, nodes=["index"])
    assert not one.table.equals(other.table)


def test_rows_in_another_order_give_the_same_intervals(start: Start) -> None:
    derived, spec = start
    shuffled = Derivation(
        frame=derived.frame.sample(frac=1, random_state=1), observed=derived.observed
    )
    one = rank_intervals(derived, spec, rng=generator(), replicates=400, nodes=["index"]).of()
    two = rank_intervals(shuffled, spec, rng=generator(), replicates=400, nodes=["index"]).of()
    pd.testing.assert_frame_equal(one.sort_index(), two.sort_index())


def test_nothing_uncertain_gives_the_ranks_themselves(start: Start) -> None:
    derived, spec = start
    certain = replace_spec(spec, uncertainty={"weights": {"distribution": "fixed"}})
    frame = rank_intervals(derived, certain, rng=generator(), replicates=20).of()
    for column in ("low", "median", "high", "mean"):
        assert (frame[column] == frame["rank"]).all()
    with pytest.raises(InputError) as error:
        rank_sensitivity(derived, certain, rng=generator(), n=16)
    assert error.value.problems[0].code == "robustness.nothing_uncertain"


def test_sensitivity_tells_what_matters_from_what_does_not(start: Start) -> None:
    derived, spec = start
    idle = {"name": "idle", "options": [{"winsorise_points": 5}, {"winsorise_points": 4}]}
    mean = {"name": "mean", "options": [{"aggregate": "arithmetic"}, {"aggregate": "geometric"}]}
    changed = replace_spec(spec, uncertainty={"choice": [idle, mean]})
    found = rank_sensitivity(derived, changed, rng=generator(), n=256)
    assert found.table.loc["idle", ["first", "total"]].abs().max() == 0
    assert not found.table.loc["idle", "total_beyond_chance"]
    assert found.table["total"].idxmax() == "mean"
    assert found.table.loc["mean", "total_low"] > found.table.loc["weights", "total_high"]
    assert found.runs == 256 * 5
    assert 0 < found.mean_change < 31
    assert set(found.units["code"]) == set(sample_model().codes)


def test_sensitivity_says_when_no_rank_changes(start: Start) -> None:
    derived, spec = start
    idle = {"name": "idle", "options": [{"winsorise_points": 5}, {"winsorise_points": 4}]}
    fixed = {"weights": {"distribution": "fixed"}, "choice": [idle]}
    found = rank_sensitivity(derived, replace_spec(spec, uncertainty=fixed), rng=generator(), n=16)
    assert found.variance == 0
    assert found.table["first"].isna().all()
    assert np.isnan(found.interaction)
    with pytest.raises(InputError) as error:
        rank_sensitivity(derived, spec, rng=generator(), n=100)
    assert error.value.problems[0].code == "robustness.base_points"


@pytest.mark.parametrize("element", ["storage", "network_base", "rd_intensity"])
def test_omissions_are_plain_evaluations_of_the_smaller_profile(start: Start, element: str) -> None:
    derived, spec = start
    found = leave_one_out(derived, spec)
    assert len(found.table) == len(spec.items())
    model = sample_model()
    smaller = without(pinned(spec, model.nominal.weights["local"]), model.tree.below(element))
    expected = evaluate_from(derived, smaller).ranks["index"]
    pd.testing.assert_series_equal(found.ranks[element], expected, check_names=False)
    row = found.table.set_index("id").loc[element]
    assert row["mean_change"] == (expected - found.ranks["nominal"]).abs().mean()


def test_the_only_dimension_cannot_be_left_out() -> None:
    derived, spec = sample_start()
    kept = {item.id for item in spec.indicator if item.parent == "storage_scale"}
    only = without(spec, {item.id for item in spec.indicator} - kept)
    table = leave_one_out(derived, only).table
    assert set(table["id"]) == kept


def test_alternatives_are_plain_evaluations(start: Start) -> None:
    derived, spec = start
    found = one_at_a_time(derived, spec)
    geometric = evaluate_from(derived, replace_spec(spec, method={"aggregate": "geometric"}))
    name = "aggregation: aggregate = geometric"
    pd.testing.assert_series_equal(found.ranks[name], geometric.ranks["index"], check_names=False)
    assert found.table["own"].to_list() == [True, False]
    assert found.table.loc[0, "moved"] == 0
    assert found.table.loc[0, "tau"] == pytest.approx(1.0)
    assert found.table.loc[1, "moved"] > 0
    with pytest.raises(InputError) as error:
        one_at_a_time(derived, replace_spec(spec, uncertainty={}))
    assert error.value.problems[0].code == "robustness.no_choices"


def test_an_option_that_cannot_be_evaluated_is_named(start: Start) -> None:
    derived, spec = start
    scale = {"name": "scale", "options": [{}, {"normalise": "fracmax"}]}
    with pytest.raises(InputError) as error:
        one_at_a_time(derived, replace_spec(spec, uncertainty={"choice": [scale]}))
    problem = error.value.problems[0]
    assert problem.code == "robustness.combination"
    assert problem.params["combination"] == "normalise = fracmax"
    said = Text("en")(problem.code, **problem.params)
    assert "combination of options" in said


def test_units_that_vanish_count_neither_as_entering_nor_as_moved() -> None:
    before = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0})
    shift = rank_shift(before, pd.Series({"b": 1.0, "c": 2.0}), top=2)
    assert shift == {
        "mean_change": 1.0,
        "largest_change": 1.0,
        "moved": 2,
        "tau": 1.0,
        "entering": ("c",),
        "leaving": ("a",),
    }


@pytest.mark.parametrize("name", ["caict2024-province", "city-compute"])
def test_shipped_profiles_draw_valid_combinations(name: str) -> None:
    uncertainty = load_profile(name).uncertainty
    assert 2 <= np.prod([len(choice.options) for choice in uncertainty.choice]) <= MOST_COMBINATIONS
    assert uncertainty.weights.spread == 0.25
    names = {choice.name for choice in uncertainty.choice}
    assert {"normalisation", "aggregation", "weighting"} <= names
    assert 0 < uncertainty.omit <= 1


def called(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as left:
        main(["robustness", *arguments, "--lang", "en"])
    shown = capsys.readouterr()
    assert left.value.code == 0, shown.err
    return shown.out


def test_the_command_writes_what_it_finds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = called("ranks", "--replicates", "200", "--out", str(tmp_path), capsys=capsys)
    assert "Guangdong" in said
    assert "200 replicates" in said
    table = pd.read_csv(tmp_path / "rank_intervals.csv", dtype={"code": str})
    assert len(table) == 31 * 13
    histogram = pd.read_csv(tmp_path / "rank_histogram.csv", dtype={"code": str})
    assert histogram.groupby(["node", "code"])["count"].sum().eq(200).all()
    dominance = pd.read_csv(tmp_path / "dominance.csv", dtype={"code": str}).set_index("code")
    assert dominance.shape == (31, 31)
    assert list(dominance.index) == list(dominance.columns)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    called("ranks", "--replicates", "200", "--out", str(tmp_path), capsys=capsys)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


@pytest.mark.parametrize(
    ("arguments", "table", "word"),
    [
        (("sensitivity", "--base-points", "64"), "sensitivity", "Weights drawn"),
        (("omit",), "omissions", "Storage"),
        (("alternatives",), "alternatives", "Geometric"),
    ],
)
def test_the_other_commands_print_and_give_json(
    arguments: tuple[str, ...], table: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert word in called(*arguments, capsys=capsys)
    record: dict[str, Any] = json.loads(called(*arguments, "--json", capsys=capsys))
    assert record[table]
    assert record["sentences"]


def test_a_profile_with_a_clash_ends_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from importlib.resources import files

    text = (files("suanli") / "profiles" / "city-compute.toml").read_text(encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(text.replace('geometric", lower = 1.0', 'geometric"'), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["robustness", "ranks", "--profile", str(path), "--lang", "en"])
    assert left.value.code == 1
    said = capsys.readouterr().err
    assert "aggregate = geometric" in said
    assert "combination of options" in said
    assert "Traceback" not in said


def test_a_wide_batch_of_cities_is_ranked_with_its_gaps() -> None:
    spec = replace_spec(load_profile("city-compute"), uncertainty={"omit": 1.0})
    from suanli.data import load_catalogue
    from suanli.evaluation import derivation

    model = model_of(derivation(load_catalogue().city, spec), spec)
    draws = model.assumptions.draw(generator(), 64)
    scores = model.scores(draws)[0]
    # One city has 60 % of the indicators: without one it lacks it would have enough, but the
    # profile does not rank it, and so no replicate does.
    unscored = np.isnan(scores)
    assert set(unscored.sum(axis=1)) == {1}
    assert (unscored == model.nominal.index.isna().to_numpy()).all()
    assert model.nominal.index.isna().sum() == 1
