"""Attainable ranks against brute force: every set of rivals by linear programming, and a grid."""

from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.evaluation import evaluate
from suanli.evaluation.aggregate import aggregate
from suanli.intake import IndicatorTable
from suanli.profile import load_profile, parse_profile, replace_spec
from suanli.robustness.attainable import TOLERANCE, attainable_ranks, rank_under
from suanli.robustness.outer import outer_ranks
from suanli.robustness.polytope import weight_polytope

HEAD = """
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
lower = 1.0
"""
DIMENSION = """
[[dimension]]
id = "{id}"
parent = "index"
name = {{ zh = "维", en = "{id}" }}
weight = {weight}
"""
INDICATOR = """
[[indicator]]
id = "{id}"
parent = "{parent}"
name = {{ zh = "标", en = "{id}" }}
unit = "1"
direction = "up"
status = "reported"
source = "S"
reason = "r"
weight = {weight}
"""
SMALL = parse_profile(
    (
        HEAD
        + DIMENSION.format(id="one", weight=0.6)
        + DIMENSION.format(id="two", weight=0.4)
        + INDICATOR.format(id="a", parent="one", weight=0.3)
        + INDICATOR.format(id="b", parent="one", weight=0.7)
        + INDICATOR.format(id="c", parent="two", weight=0.5)
        + INDICATOR.format(id="d", parent="two", weight=0.5)
    ).encode(),
    file="small",
)
LEAVES = list("abcd")


def table_of(values):
    cells = values.rename_axis("code").reset_index().melt("code", var_name="indicator").dropna()
    return IndicatorTable(cells=cells.assign(year=2023, unit="1", quality="A", source="S"))


def scored(seed, *, units=5, missing=(), spec=SMALL):
    rng = np.random.default_rng(seed)
    codes = [f"u{i}" for i in range(units)]
    values = pd.DataFrame(rng.random((units, 4)), index=codes, columns=LEAVES)
    for code, leaf in missing:
        values.loc[code, leaf] = np.nan
    return evaluate(table_of(values), spec)


def grid(tree, points):
    """Local weights on a regular grid over the admissible ones: three free weights."""
    pairs = (("one", "two"), ("a", "b"), ("c", "d"))
    axes = []
    for first, second in pairs:
        low = max(tree.lower[first], 1 - tree.upper[second])
        high = min(tree.upper[first], 1 - tree.lower[second])
        axes.append(np.linspace(low, high, points))
    for point in product(*axes):
        shares = zip(pairs, point, strict=True)
        yield {k: v for (a, b), share in shares for k, v in ((a, share), (b, 1 - share))}


def subset_ranks(scores, tree, code):
    """Best and worst rank by asking a linear programme about every set of rivals."""
    values = scores.indicators[tree.leaves]
    if scores.spec.method.aggregate == "geometric":
        values = np.log(values)
    values = values * 100 / (values.max() - values.min()).max()
    rivals = [other for other in values.index if other != code]
    matrix, low, high = tree.inequalities()
    equal = low == high
    places = [list(tree.parents.index).index(leaf) for leaf in tree.leaves]
    lead = np.zeros((len(rivals), len(tree.parents)))
    lead[:, places] = values.loc[rivals].to_numpy() - values.loc[code].to_numpy()

    def possible(rows):
        done = optimize.linprog(
            np.zeros(len(tree.parents)),
            A_eq=matrix[equal],
            b_eq=low[equal],
            A_ub=np.vstack([-matrix[~equal], rows]),
            b_ub=np.r_[-low[~equal], np.full(len(rows), -TOLERANCE)],
            bounds=(0, 1),
        )
        return done.status == 0

    sizes = range(len(rivals) + 1)
    picks = {
        size: [list(pick) for pick in combinations(range(len(rivals)), size)] for size in sizes
    }
    passed = max(s for s in sizes if any(possible(lead[pick]) for pick in picks[s]))
    beaten = max(s for s in sizes if any(possible(-lead[pick]) for pick in picks[s]))
    return len(rivals) - passed + 1, beaten + 1


def confirmed(scores, result, node="index"):
    """Every certificate is admissible and gives the rank claimed, by plain arithmetic."""
    for side, weights in (("best", result.best_weights), ("worst", result.worst_weights)):
        for code, local in weights.iterrows():
            tree = result.polytope
            assert (local >= tree.lower - 1e-9).all()
            assert (local <= tree.upper + 1e-9).all()
            assert np.allclose(local.astype(float).groupby(tree.parents).sum(), 1.0)
            every = scores.weights["local"].copy()
            every[local.index] = local.astype(float)
            again = aggregate(scores.indicators, every, scores.spec)[node]
            again = again[scores.nodes[node].notna()]
            assert 1 + int((again > again[code]).sum()) == result.table.loc[code, side]


@pytest.mark.parametrize("method", ["arithmetic", "geometric"])
@pytest.mark.parametrize(("seed", "bounds"), [(0, 0.1), (1, 0.3), (2, 0.8), (3, 0.3), (4, 0.5)])
def test_brute_force_over_all_sets_of_rivals(seed, bounds, method):
    spec = replace_spec(SMALL, method={"aggregate": method})
    scores = scored(seed, units=3 + seed % 3, spec=spec)
    result = attainable_ranks(scores, bounds=bounds)
    assert result.exact
    assert (result.table["status"] == "optimal").all()
    for code in result.table.index:
        expected = subset_ranks(scores, result.polytope, code)
        assert tuple(result.table.loc[code, ["best", "worst"]]) == expected
    confirmed(scores, result)


def test_a_grid_finds_nothing_beyond():
    scores = scored(11)
    result = attainable_ranks(scores, bounds=0.5)
    ranks = pd.DataFrame(
        [rank_under(scores, pd.Series(local)) for local in grid(result.polytope, 6)]
    )[list(result.table.index)]
    assert (ranks.min() >= result.table["best"]).all()
    assert (ranks.max() <= result.table["worst"]).all()
    assert (ranks.max() > ranks.min()).any()


@pytest.mark.parametrize("method", ["harmonic", "power"])
def test_other_means_are_exact_too(method):
    scores = scored(4, spec=replace_spec(SMALL, method={"aggregate": method, "power": -0.5}))
    result = attainable_ranks(scores, bounds=0.4)
    assert result.exact
    assert (result.table["status"] == "optimal").all()
    confirmed(scores, result)


MISSING = [
    [("u1", "a")],
    [("u1", "a"), ("u2", "a")],
    [("u1", "a"), ("u2", "d")],
    [("u0", "a"), ("u0", "b")],
    [("u3", "a"), ("u3", "b"), ("u1", "c")],
]


@pytest.mark.parametrize("missing", MISSING)
def test_missing_siblings_never_make_a_bound_wrong(missing):
    scores = scored(len(missing), missing=missing)
    result = attainable_ranks(scores, bounds=0.6)
    table = result.table
    ranks = pd.DataFrame(
        [rank_under(scores, pd.Series(local)) for local in grid(result.polytope, 5)]
    )[list(table.index)]
    assert (ranks.min() >= table["best_bound"]).all()
    assert (ranks.max() <= table["worst_bound"]).all()
    assert (table["best_bound"] <= table["best"]).all()
    assert (table["worst_bound"] >= table["worst"]).all()
    tight = (table["best"] == table["best_bound"]) & (table["worst"] == table["worst_bound"])
    assert (tight == (table["status"] == "optimal")).all()
    confirmed(scores, result)


def test_equal_units_share_the_better_rank():
    values = pd.DataFrame(
        [[0.0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1], [0.5, 0.2, 0.9, 0.3]],
        index=list("wxyz"),
        columns=LEAVES,
    )
    result = attainable_ranks(evaluate(table_of(values), SMALL), bounds=0.9)
    ranks = result.table[["best", "worst"]].to_dict("index")
    assert ranks["x"] == ranks["y"] == {"best": 1, "worst": 1}
    assert ranks["z"] == {"best": 3, "worst": 3}
    assert ranks["w"] == {"best": 4, "worst": 4}


def test_no_room_leaves_the_ranks_of_the_profile():
    scores = scored(3)
    table = attainable_ranks(scores, bounds=0.0).table
    assert (table["best"] == table["rank"]).all()
    assert (table["worst"] == table["rank"]).all()
    assert (table["status"] == "optimal").all()


def test_more_room_never_narrows():
    scores = scored(8)
    tables = [attainable_ranks(scores, bounds=b).table.sort_index() for b in (0.1, 0.3, 0.7)]
    for narrow, wide in pairwise(tables):
        assert (wide["best"] <= narrow["best"]).all()
        assert (wide["worst"] >= narrow["worst"]).all()
    assert (tables[2]["worst"] - tables[2]["best"]).sum() > 0


def test_an_inner_node_and_single_units():
    scores = scored(5)
    result = attainable_ranks(scores, bounds=0.5, node="one", units=["u2"])
    assert list(result.table.index) == ["u2"]
    leads = scores.indicators[["a", "b"]]
    tried = [w * leads["a"] + (1 - w) * leads["b"] for w in np.linspace(0.15, 0.45, 301)]
    ranks = [int(t.rank(ascending=False)["u2"]) for t in tried]
    # b has 0.7 and may go to 1, so a may go from 0.15 to 0.45.
    assert result.table.loc["u2", "best"] == min(ranks)
    assert result.table.loc["u2", "worst"] == max(ranks)
    confirmed(scores, result, "one")


@pytest.mark.parametrize("method", ["topsis", "copeland"])
def test_aggregations_that_are_no_sum_get_bounds_and_samples(method):
    scores = scored(6, spec=replace_spec(SMALL, method={"aggregate": method}))
    result = attainable_ranks(scores, bounds=0.5, samples=20)
    assert not result.exact
    assert (result.table["best_bound"] == 1).all()
    assert (result.table["worst_bound"] == 5).all()
    proved = (result.table[["best", "worst"]] == [1, 5]).all(axis=1)
    assert (proved == (result.table["status"] == "optimal")).all()
    assert not proved.all()
    confirmed(scores, result)


def test_mixed_means_get_bounds_from_intervals():
    fields = [
        item.model_dump() | ({"aggregate": "geometric"} if item.id == "one" else {})
        for item in SMALL.dimension
    ]
    spec = replace_spec(SMALL, dimension=fields)
    scores = scored(7, missing=[("u1", "a")], spec=spec)
    result = attainable_ranks(scores, bounds=0.15, samples=30)
    assert not result.exact
    assert (result.table["best_bound"] > 1).any()
    ranks = pd.DataFrame(
        [rank_under(scores, pd.Series(local)) for local in grid(result.polytope, 5)]
    )[list(result.table.index)]
    assert (ranks.min() >= result.table["best_bound"]).all()
    assert (ranks.max() <= result.table["worst_bound"]).all()
    confirmed(scores, result)
    again = attainable_ranks(scores, bounds=0.15, samples=30)
    pd.testing.assert_frame_equal(result.table, again.table)


def test_intervals_are_wider_than_programmes():
    scores = scored(9)
    tree = weight_polytope(SMALL, scores.weights, bounds=0.3)
    outer = outer_ranks(scores, tree)
    exact = attainable_ranks(scores, bounds=0.3).table
    assert (outer["best"].reindex(exact.index) <= exact["best"]).all()
    assert (outer["worst"].reindex(exact.index) >= exact["worst"]).all()


def test_without_programmes_there_are_bounds():
    scores = scored(8)
    exact = attainable_ranks(scores, bounds=0.7).table
    quick = attainable_ranks(scores, bounds=0.7, node_limit=0)
    assert (quick.table["best_bound"] <= exact["best"]).all()
    assert (quick.table["worst_bound"] >= exact["worst"]).all()
    assert (quick.table["best"] >= exact["best"]).all()
    assert (quick.table["worst"] <= exact["worst"]).all()
    confirmed(scores, quick)


def test_units_without_a_score_are_refused():
    with pytest.raises(InputError, match="unit_not_scored"):
        attainable_ranks(scored(1), units=["u1", "nobody"])


def test_the_provinces(capfd):
    """Ranks of the shipped profile within 30 % of its weights, measured once."""
    catalogue = load_catalogue()
    scores = evaluate(catalogue.province, load_profile("caict2024-province"))
    result = attainable_ranks(scores, bounds=0.3, units=["440000", "150000", "540000"])
    assert result.table[["rank", "best", "worst"]].to_numpy().tolist() == [
        [1, 1, 4],
        [9, 1, 21],
        [31, 31, 31],
    ]
    assert (result.table["status"] == "optimal").all()
    confirmed(scores, result)
    assert capfd.readouterr().out == ""
