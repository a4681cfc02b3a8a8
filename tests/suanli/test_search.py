"""Searched ranks: never better than what is proved, hardly worse than what is exact."""

import numpy as np
import pytest

from suanli.data import load_catalogue
from suanli.evaluation import evaluate
from suanli.evaluation.aggregate import aggregate
from suanli.profile import load_profile, replace_spec
from suanli.robustness import attainable_ranks
from suanli.robustness.search import searched_ranks


@pytest.fixture(scope="module")
def scores():
    return evaluate(load_catalogue().province, load_profile("caict2024-province"))


@pytest.fixture(scope="module")
def found(scores):
    return searched_ranks(scores, rng=np.random.default_rng(3))


def test_search_lies_within_what_integer_programmes_prove(scores, found):
    exact = attainable_ranks(scores).table.reindex(found.table.index)
    table = found.table
    assert (table["best"] >= exact["best"]).all()
    assert (table["worst"] <= exact["worst"]).all()
    assert (table["best_bound"] <= exact["best"]).all()
    assert (table["worst_bound"] >= exact["worst"]).all()
    # Measured: most are met, none missed by more than two places.
    assert (table["best"] - exact["best"]).max() <= 2
    assert (exact["worst"] - table["worst"]).max() <= 2


def test_the_weights_give_the_ranks_claimed(scores, found):
    held = scores.nodes["index"].notna()
    for frame, side in ((found.best_weights, "best"), (found.worst_weights, "worst")):
        for code in frame.index:
            index = aggregate(scores.indicators, frame.loc[code], scores.spec)["index"][held]
            rank = index.rank(method="min", ascending=False)[code]
            assert rank == found.table.loc[code, side]


def test_the_weights_are_admissible_to_their_last_decimal(found):
    tree = found.polytope
    for frame in (found.best_weights, found.worst_weights):
        assert (frame.ge(tree.lower - 6e-4) & frame.le(tree.upper + 6e-4)).all().all()
        for node in tree.inner():
            np.testing.assert_allclose(frame[tree.children(node)].sum(axis=1), 1.0, atol=1e-12)


def test_same_seed_same_answer(scores):
    first, second = (searched_ranks(scores, samples=20, rng=np.random.default_rng(8)) for _ in "ab")
    assert first.table.equals(second.table)
    assert first.best_weights.equals(second.best_weights)


@pytest.mark.parametrize("method", [{"aggregate": "topsis"}, {"aggregate": "copeland"}])
def test_aggregations_that_are_no_weighted_sum(method):
    spec = replace_spec(load_profile("caict2024-province"), method=method)
    other = evaluate(load_catalogue().province, spec)
    found = searched_ranks(other, samples=30, rng=np.random.default_rng(1))
    assert (found.table["best"] <= found.table["rank"]).all()
    assert found.table["worst_bound"].eq(31).all()


def test_benefit_of_the_doubt_is_not_searched():
    spec = replace_spec(load_profile("caict2024-province"), method={"aggregate": "bod", "lower": 1})
    other = evaluate(load_catalogue().province, spec)
    assert searched_ranks(other, samples=5, rng=np.random.default_rng(1)) is None
