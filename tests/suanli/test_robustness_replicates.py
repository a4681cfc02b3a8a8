"""The engine of replicates against the plain path, and what it refuses."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.workers import Threads
from suanli.errors import InputError
from suanli.evaluation import Derivation, Scores, evaluate_from
from suanli.evaluation import aggregate as plain
from suanli.profile import IndexSpec, Method, replace_spec, without
from suanli.profile.check import validated
from suanli.robustness.assumptions import Draws
from suanli.robustness.attainable import attainable_ranks
from suanli.robustness.kernels import COMPARING, KERNELS
from suanli.robustness.omission import leave_one_out
from suanli.robustness.ranking import quantile, rank_histogram, rank_labels, ranks_of
from suanli.robustness.replicates import Model, model_of, pinned, replicate_spec
from suanli.robustness.tally import tally
from suanli.robustness.uncertainty import rank_intervals
from suanli.text import LANGUAGES, Text

CODES = [f"u{place:02d}" for place in range(14)]
LEAVES = {"a": "left", "b": "left", "c": "left", "d": "right", "e": "right", "f": "lone"}


def names(word: str) -> dict[str, str]:
    return {"zh": word, "en": word}


def small(method: dict[str, Any], uncertainty: dict[str, Any], **aggregates: str) -> IndexSpec:
    """Two levels with an indicator right below the index, and a dimension of one indicator."""
    dimensions = [("left", "index"), ("right", "index"), ("lone", "right")]
    fields = {
        "id": "small",
        "title": names("small"),
        "note": names("small"),
        "level": "province",
        "year": 2020,
        "method": {"weight": "equal", "treat": "none", "lower": 1.0, "coverage": 0.6, **method},
        "dimension": [
            {"id": key, "parent": parent, "name": names(key), "aggregate": aggregates.get(key)}
            for key, parent in dimensions
        ],
        "indicator": [
            {
                "id": key,
                "parent": parent,
                "name": names(key),
                "unit": "1",
                "direction": "down" if key == "b" else "up",
                "status": "assumed",
                "source": "test",
                "reason": "test",
            }
            for key, parent in {**LEAVES, "g": "index"}.items()
        ],
        "uncertainty": uncertainty,
    }
    return validated(fields, file="small")


def data(seed: int) -> Derivation:
    """Ties, gaps, and one unit with too little data."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([[2020], CODES], names=["year", "code"])
    frame = pd.DataFrame(rng.integers(1, 9, (14, 7)), index=index, columns=[*LEAVES, "g"])
    frame = frame.astype(float)
    frame.iloc[5] = frame.iloc[4]
    frame.iloc[9, 0] = frame.iloc[10, 3] = frame.iloc[11, 5] = np.nan
    frame.iloc[12, 3:6] = np.nan
    frame.iloc[13, :5] = np.nan
    return Derivation(frame=frame, observed={2020: frame.droplevel("year")})


def judged(found: Scores, model: Model) -> Scores:
    """A plain evaluation, ranking the units that the profile ranks by all its indicators."""
    scored = model.nominal.nodes.notna()
    nodes = found.nodes.where(scored[found.nodes.columns])
    return replace(found, nodes=nodes, ranks=nodes.rank(method=model.ties, ascending=False))


EVERY = [
    {"aggregate": name}
    for name in ("arithmetic", "geometric", "harmonic", "power", "topsis", "copeland")
]
CASES = {
    "all aggregations": ({}, EVERY, {}),
    "mixed": ({}, EVERY[::3], {"left": "topsis", "right": "harmonic"}),
    "relative below": ({"normalise": "rank"}, EVERY[::5], {"left": "copeland"}),
    "average ties": ({"ties": "average"}, EVERY[:2], {}),
    "dense ties": ({"ties": "dense", "normalise": "percentile_rank"}, EVERY[4:], {}),
    "weights of the data": ({"weight": "cv"}, EVERY[:3], {}),
    "less or more for unevenness": (
        {"normalise": "ampi"},
        [{"aggregate": "ampi"}, {"aggregate": "ampi", "penalty": "plus"}, EVERY[0]],
        {"left": "ampi"},
    ),
}


@pytest.mark.parametrize("distribution", ["uniform", "dirichlet", "fixed"])
@pytest.mark.parametrize("case", CASES)
def test_replicates_are_plain_evaluations(case: str, distribution: str) -> None:
    method, options, aggregates = CASES[case]
    scales = [{"normalise": method.get("normalise", "minmax")}, {"normalise": "efficacy"}]
    uncertainty = {
        "omit": 0.7,
        "weights": {"distribution": distribution, "spread": 0.5, "concentration": 20},
        "choice": [
            {"name": "aggregation", "options": options},
            {"name": "scale", "options": scales},
        ],
    }
    start, spec = data(3), small(method, uncertainty, **aggregates)
    model = model_of(start, spec)
    draws = model.assumptions.draw(np.random.default_rng(5), 24)
    nodes = model.tree.nodes
    scores = model.scores(draws, nodes)
    assert len(set(draws.exclusion)) > 5
    assert len(set(draws.combination)) > len(options)
    ranks = [ranks_of(each, model.ties) for each in scores]
    for place in range(24):
        expected = judged(evaluate_from(start, replicate_spec(model, draws, place)), model)
        for at, node in enumerate(nodes):
            if node not in expected.nodes:
                # The dimension lost its only indicator.
                assert np.isnan(scores[at, place]).all()
                continue
            np.testing.assert_allclose(
                scores[at, place], expected.nodes[node], rtol=1e-10, atol=1e-10
            )
            got = pd.Series(ranks[at][place], index=model.codes)
            pd.testing.assert_series_equal(got, expected.ranks[node], check_names=False)


def test_the_case_holds_ties_gaps_and_units_without_a_score() -> None:
    spec = small({}, {})
    scores = evaluate_from(data(3), spec)
    assert scores.ranks["index"].duplicated().any()
    assert scores.index.isna().sum() == 2
    assert scores.nodes["right"].isna().sum() == 2
    assert scores.indicators.isna().to_numpy().any()


def test_leaving_out_what_a_unit_lacks_does_not_bring_it_in() -> None:
    """Whom replicates rank is judged once, by the profile: no rank exceeds their number."""
    spec = small({}, {"omit": 1.0, "replicates": 400})
    start = data(3)
    nominal = evaluate_from(start, spec)
    # What it would be if each replicate judged anew: some come in, some drop out.
    screened = [
        evaluate_from(start, without(spec, {leaf})).nodes.notna() for leaf in [*LEAVES, "g"]
    ]
    apart = [(each & ~nominal.nodes[each.columns].notna()).to_numpy().any() for each in screened]
    fewer = [(~each & nominal.nodes[each.columns].notna()).to_numpy().any() for each in screened]
    assert any(apart)
    assert any(fewer)
    found = rank_intervals(start, spec, rng=np.random.default_rng(1))
    for node, counts in found.histogram.items():
        scored = nominal.nodes[node].notna()
        ranked = counts.sum(axis=1)
        assert (ranked[~scored] == 0).all()
        assert found.of(node)["high"].max() <= scored.sum()
        assert counts.loc[:, counts.columns > scored.sum()].to_numpy().sum() == 0
    assert (found.of()["scored_share"].dropna().isin([0.0, 1.0])).all()
    omitted = leave_one_out(start, spec).ranks
    assert omitted[nominal.index.isna()].isna().to_numpy().all()


def test_a_method_without_a_batch_form_goes_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small({}, {"omit": 0.5, "choice": [{"name": "mean", "options": EVERY[:2]}]})
    fast = model_of(data(3), spec)
    draws = fast.assumptions.draw(np.random.default_rng(2), 30)
    expected = fast.scores(draws)
    monkeypatch.setattr("suanli.robustness.replicates.KERNELS", {})
    np.testing.assert_allclose(fast.scores(draws), expected, rtol=1e-12)


def counted(model: Model, *, threads: int, size: int) -> np.ndarray:
    rng = np.random.default_rng(8)
    return tally(model, ["index", "left"], replicates=size, rng=rng, workers=Threads(threads)).ranks


def test_threads_change_nothing() -> None:
    spec = small({}, {"omit": 0.5, "choice": [{"name": "mean", "options": EVERY[:3]}]})
    model = model_of(data(3), spec)
    size = 2 * model.chunk + 17
    one, two, three = (counted(model, threads=threads, size=size) for threads in (1, 2, 3))
    assert (one == two).all()
    assert (one == three).all()
    ranked = one[0].sum(axis=1).tolist()
    assert ranked[:12] == [size] * 12
    # Unit 12 has four of seven indicators, 57 %: four of six would do, but are not asked.
    assert ranked[12:] == [0, 0]
    assert ranked[13] == 0


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small({}, {"omit": 0.5, "choice": [{"name": "mean", "options": EVERY}]})
    model = model_of(data(3), spec)
    draws = model.assumptions.draw(np.random.default_rng(2), 300)
    whole = model.scores(draws)
    monkeypatch.setattr("suanli.robustness.replicates._BLOCK", 1)
    np.testing.assert_array_equal(model.scores(draws), whole)


@pytest.mark.parametrize("ties", ["min", "average", "dense"])
def test_ranks_are_those_of_pandas(ties: Any) -> None:
    rng = np.random.default_rng(1)
    scores = rng.integers(0, 6, (200, 9)).astype(float)
    scores[rng.random(scores.shape) < 0.2] = np.nan
    expected = pd.DataFrame(scores).rank(axis=1, method=ties, ascending=False).to_numpy()
    np.testing.assert_array_equal(ranks_of(scores, ties), expected)
    labels = rank_labels(9, ties)
    counts = rank_histogram(scores, ties)
    by_hand = (expected[:, :, None] == labels).sum(axis=0)
    np.testing.assert_array_equal(counts, by_hand)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.07, 0.5, 0.95, 1.0])
def test_quantiles_are_those_of_the_inverse_distribution(share: float) -> None:
    values = np.random.default_rng(4).integers(1, 31, 100)
    counts = np.bincount(values, minlength=32)[None, 1:]
    expected = np.quantile(values, share, method="inverted_cdf")
    assert quantile(counts, np.arange(1.0, 32), share)[0] == expected


def test_weights_are_as_assumed() -> None:
    base = {"weights": {"distribution": "dirichlet", "concentration": 30}}
    model = model_of(data(3), small({}, base))
    tree, local = model.tree, model.combinations[0].local
    weights = model.assumptions.draw(np.random.default_rng(1), 40_000).weights
    part = tree.slices[tree.nodes.index("left")]
    share = local[part]
    assert share.tolist() == pytest.approx([1 / 3] * 3)
    # Four standard errors of a mean, and of a standard deviation.
    deviation = np.sqrt(share * (1 - share) / 31)
    assert np.abs(weights[:, part].mean(axis=0) - share).max() < 4 * deviation[0] / 200
    assert np.abs(weights[:, part].std(axis=0) / deviation - 1).max() < 4 / np.sqrt(80_000)
    for each in tree.slices:
        np.testing.assert_allclose(weights[:, each].sum(axis=1), 1.0)


@pytest.mark.parametrize("distribution", ["uniform", "dirichlet"])
def test_the_cube_gives_the_same_law(distribution: str) -> None:
    spec = small({}, {"omit": 0.4, "weights": {"distribution": distribution}})
    assumed = model_of(data(3), spec).assumptions
    size = sum(map(len, assumed.factors.values()))
    cube = np.random.default_rng(1).random((20_000, size))
    at, drawn = assumed.at(cube), assumed.draw(np.random.default_rng(2), 20_000)
    np.testing.assert_allclose(at.weights.mean(axis=0), drawn.weights.mean(axis=0), atol=0.004)
    np.testing.assert_allclose(at.weights.std(axis=0), drawn.weights.std(axis=0), atol=0.003)
    for draws in (at, drawn):
        shares = np.bincount(draws.exclusion, minlength=8) / 20_000
        np.testing.assert_allclose(shares, [0.6, *[0.4 / 7] * 7], atol=0.015)


@pytest.mark.parametrize(("of", "still"), [("dimensions", "a"), ("indicators", "left")])
def test_only_the_weights_asked_for_are_drawn(of: str, still: str) -> None:
    model = model_of(data(3), small({}, {"weights": {"of": of}}))
    weights = model.assumptions.draw(np.random.default_rng(1), 50).weights
    spread = dict(zip(model.tree.columns, np.ptp(weights, axis=0), strict=True))
    moved = "left" if still == "a" else "a"
    assert spread[moved] > 0.01
    if still == "a":
        assert spread["a"] == 0


def test_every_mean_of_the_plain_path_has_a_batch_form() -> None:
    assert set(KERNELS) == set(plain.METHODS) - {"bod"}
    assert set(KERNELS) < set(plain.METHODS) >= COMPARING


@pytest.mark.parametrize("name", sorted(plain.METHODS))
def test_only_what_compares_units_scores_them_otherwise_without_the_rest(name: str) -> None:
    frame = pd.DataFrame(np.random.default_rng(7).uniform(40, 160, (14, 3)), columns=list("abc"))
    weights = pd.Series({"a": 0.5, "b": 0.3, "c": 0.2})
    options = {"power": {"power": 0.5}, "bod": {"slack": 0.2}}.get(name, {})
    whole, part = (plain.METHODS[name](each, weights, **options) for each in (frame, frame[:9]))
    assert whole[:9].equals(part) == (name not in COMPARING)


def refused(uncertainty: dict[str, Any], **method: Any) -> list[str]:
    with pytest.raises(InputError) as error:
        small(method, uncertainty)
    return [problem.code for problem in error.value.problems]


def choice(name: str, *options: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "options": list(options)}


@pytest.mark.parametrize(
    ("uncertainty", "code"),
    [
        ({"interval": [0.9, 0.1]}, "interval"),
        ({"choice": [choice("a", {}, {}), choice("a", {}, {})]}, "name"),
        ({"choice": [choice("weights", {}, {})]}, "name"),
        ({"choice": [choice("a", {"lower": 2}, {}), choice("b", {}, {"lower": 3})]}, "twice"),
        ({"choice": [choice("a", {"normalize": "zscore"}, {})]}, "key"),
        ({"choice": [choice("a", {"normalise": "zscor"}, {})]}, "option"),
        ({"choice": [choice("a", {"scope": "panel"}, {})]}, "fixed"),
        ({"choice": [choice("a", {"coverage": 0.1}, {})]}, "fixed"),
        ({"choice": [choice("a", {"weight": "ahp"}, {})]}, "combination"),
        ({"choice": [choice("a", {"lower": 200.0}, {})]}, "combination"),
        ({"choice": [choice(f"c{i}", {}, {}) for i in range(11)]}, "many"),
    ],
)
def test_a_wrong_specification_is_refused_when_it_is_read(
    uncertainty: dict[str, Any], code: str
) -> None:
    assert set(refused(uncertainty)) == {f"robustness.uncertainty_{code}"}


def test_combinations_that_clash_are_named_before_anything_is_drawn() -> None:
    both = [
        choice("scale", {"normalise": "zscore"}, {"normalise": "minmax"}),
        choice("mean", {"aggregate": "geometric"}, {"aggregate": "arithmetic"}),
    ]
    with pytest.raises(InputError) as error:
        model_of(data(3), small({}, {"choice": both}))
    (problem,) = error.value.problems
    assert problem.code == "robustness.uncertainty_combination"
    assert problem.params["reason"].code == "scoring.out_of_range"
    assert "normalise = zscore, aggregate = geometric" in problem.params["combination"]


def test_weights_that_leave_the_domain_of_a_mean_are_an_error() -> None:
    start = data(3)
    # Far below the mean of "a", the best of "b" and "c": positive on balance, not by "a" alone.
    start.frame.iloc[0, :3] = [-100.0, 1.0, 9.0]
    method = {"normalise": "zscore", "centre": 2.5, "aggregate": "geometric"}
    model = model_of(start, small(method, {}, left="arithmetic"))
    weights = model.combinations[0].local[None].copy()
    part = model.tree.slices[model.tree.nodes.index("left")]
    none = np.zeros(1, dtype=np.int64)
    assert np.isfinite(model.scores(Draws(combination=none, exclusion=none, weights=weights))).any()
    weights[:, part] = [0.9, 0.05, 0.05]
    with pytest.raises(InputError) as error:
        model.scores(Draws(combination=none, exclusion=none, weights=weights))
    (problem,) = error.value.problems
    assert problem.code == "robustness.domain"
    assert problem.params["node"] == "index"


def panel_data() -> Derivation:
    """Two years, so that goalposts and references are not those of the year evaluated."""
    now, then = data(3).frame, data(4).frame * 3 + 2
    then.index = pd.MultiIndex.from_product([[2019], CODES], names=["year", "code"])
    frame = pd.concat([then, now])
    return Derivation(frame=frame, observed={y: frame.loc[y] for y in (2019, 2020)})


PANEL = {"scope": "panel", "panel": (2019, 2020)}


@pytest.mark.parametrize("aggregate", ["ampi", "geometric"])
def test_a_panel_of_means_has_replicates_equal_to_plain_evaluations(aggregate: str) -> None:
    spec = small({**PANEL, "normalise": "ampi", "aggregate": aggregate}, {"omit": 0.6})
    start = panel_data()
    model = model_of(start, spec)
    # The reference is the mean of 2019: the year alone would give other scores.
    alone = evaluate_from(start, replace_spec(spec, method={"scope": "year"}))
    assert (alone.index - model.nominal.index).abs().max() > 1
    draws = model.assumptions.draw(np.random.default_rng(5), 40)
    assert len(set(draws.exclusion)) > 5
    scores = model.scores(draws, model.tree.nodes)
    for place in range(40):
        expected = judged(evaluate_from(start, replicate_spec(model, draws, place)), model)
        for at, node in enumerate(model.tree.nodes):
            if node in expected.nodes:
                np.testing.assert_allclose(
                    scores[at, place], expected.nodes[node], rtol=1e-10, atol=1e-10
                )
                ranks = pd.Series(ranks_of(scores[at], model.ties)[place], index=model.codes)
                pd.testing.assert_series_equal(ranks, expected.ranks[node], check_names=False)
    omitted = leave_one_out(start, spec)
    for name in omitted.table["id"]:
        gone = {leaf for leaf, node in LEAVES.items() if name in (leaf, node)}
        gone |= {"f"} if name == "right" else {"g"} if name == "g" else set()
        fixed = without(pinned(spec, model.nominal.weights["local"]), gone)
        unscreened = evaluate_from(start, replace_spec(fixed, method={"screen": "none"}))
        expected = judged(unscreened, model).ranks["index"]
        pd.testing.assert_series_equal(omitted.ranks[name], expected, check_names=False)


@pytest.mark.parametrize("ask", [model_of, leave_one_out])
@pytest.mark.parametrize("aggregate", sorted(COMPARING))
def test_pooled_panels_refuse_aggregations_that_compare_units(aggregate: str, ask: Any) -> None:
    with pytest.raises(InputError) as error:
        ask(panel_data(), small({**PANEL, "aggregate": aggregate}, {}))
    (problem,) = error.value.problems
    assert problem.code == "robustness.relative"
    for lang in LANGUAGES:
        said = Text(lang)(problem.code, **problem.params)
        assert all(
            word in said for word in ("small", "index", "lone", aggregate, 'scope = "year"', "ampi")
        )
    options = [{"aggregate": "arithmetic"}, {"aggregate": aggregate}]
    spec = small(PANEL, {"choice": [choice("mean", *options)]})
    with pytest.raises(InputError) as error:
        model_of(panel_data(), spec)
    (problem,) = error.value.problems
    assert problem.code == "robustness.relative_option"
    assert f"aggregate = {aggregate}" in Text("en")(problem.code, **problem.params)


def test_fields_of_the_profile_that_no_option_sets_stay() -> None:
    spec = small({"upper": 50.0}, {"choice": [choice("mean", {}, {"aggregate": "harmonic"})]})
    model = model_of(data(3), spec)
    assert [each.spec.method.aggregate for each in model.combinations] == ["arithmetic", "harmonic"]
    assert {each.spec.method.upper for each in model.combinations} == {50.0}
    assert Method().upper == 100.0
    assert replace_spec(spec, uncertainty={}).uncertainty.choice == ()


@pytest.mark.parametrize("distribution", ["uniform", "dirichlet"])
def test_weights_below_zero_are_refused(distribution: str) -> None:
    """The signed first component turns against a column that goes against the others."""
    start = data(3)
    frame = start.frame
    frame["b"], frame["c"] = frame["a"].rank(), -frame["a"].rank()
    spec = small({"weight": "pca_coinr"}, {"weights": {"distribution": distribution}})
    assert (evaluate_from(start, spec).weights["local"] < 0).any()
    with pytest.raises(InputError) as error:
        model_of(start, spec)
    reason = error.value.problems[0].params["reason"]
    assert reason.code == "robustness.negative_weights"
    with pytest.raises(InputError) as error:
        attainable_ranks(evaluate_from(start, spec), rng=np.random.default_rng(1))
    assert error.value.problems[0].code == "robustness.negative_weights"
