"""Dagum's decomposition against Dagum's integrals, hand figures and its own identities."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import StatisticsError
from geo.statistics import dagum, gini


def _series(numbers):
    return pd.Series(numbers, index=[f"u{i:02d}" for i in range(len(numbers))], dtype=float)


def _by_definition(values, groups, people):
    """Second implementation: Dagum's shares p and s, ratios G_jh and D_jh, pair by pair."""
    share = people / people.sum()
    mean = (share * values).sum()
    names = sorted(set(groups))
    p = {j: share[groups == j].sum() for j in names}
    mu = {j: np.average(values[groups == j], weights=share[groups == j]) for j in names}
    s = {j: p[j] * mu[j] / mean for j in names}

    def moments(j, h):
        above = below = 0.0
        for a, b in itertools.product(values.index[groups == j], values.index[groups == h]):
            gap = share[a] / p[j] * share[b] / p[h] * (values[a] - values[b])
            above += max(gap, 0.0)
            below += max(-gap, 0.0)
        return above, below

    parts = {"within": 0.0, "between": 0.0, "transvariation": 0.0}
    for j in names:
        parts["within"] += sum(moments(j, j)) / (2 * mu[j]) * p[j] * s[j]
    for j, h in itertools.combinations(names, 2):
        rich, poor = (j, h) if mu[j] >= mu[h] else (h, j)
        above, below = moments(rich, poor)
        if above + below == 0.0:
            continue
        ratio = (above + below) / (mu[j] + mu[h])
        affluence = (above - below) / (above + below)
        gross = ratio * (p[j] * s[h] + p[h] * s[j])
        parts["between"] += gross * affluence
        parts["transvariation"] += gross * (1 - affluence)
    return parts


numbers = st.lists(st.floats(0.01, 1e4), min_size=2, max_size=20)


@given(x=numbers, data=st.data())
@settings(derandomize=True, deadline=None, max_examples=60)
def test_parts_follow_their_definitions_and_sum_to_the_gini(x, data):
    size = {"min_size": len(x), "max_size": len(x)}
    groups = _series(data.draw(st.lists(st.integers(0, 3), **size)))
    people = _series(data.draw(st.lists(st.floats(0.1, 1e3), **size)))
    values = _series(x)
    result = dagum(values, groups, population=people)
    expected = _by_definition(values, groups, people)
    for name, part in expected.items():
        assert getattr(result, name) == pytest.approx(part, abs=1e-12)
        assert getattr(result, name) >= -1e-13
    assert result.gini == gini(values, population=people)
    parts = result.within + result.between + result.transvariation
    assert abs(parts - result.gini) < 1e-12
    assert result.groups[["population_share", "value_share"]].sum().tolist() == pytest.approx(
        [1, 1]
    )


def test_figures_by_hand():
    # West 1, 3; east 2, 6. All 16 ordered pairs: sum of differences 32, mean 3, so
    # G = 32 / (16 * 2 * 3) = 1/3. Within: pairs 2 * 2 + 2 * 4 of 96. Between the means 2 and 4:
    # 2 * 4 * 2 = 16 of 96. Overlap: only 3 above 2, by 1, counted 2 * 2 * 1 = 4 of 96.
    values = pd.Series([1.0, 3, 2, 6], index=list("abcd"))
    groups = pd.Series(["west", "west", "east", "east"], index=list("abcd"))
    result = dagum(values, groups)
    assert result.gini == pytest.approx(32 / 96, abs=1e-15)
    assert result.within == pytest.approx(12 / 96, abs=1e-15)
    assert result.between == pytest.approx(16 / 96, abs=1e-15)
    assert result.transvariation == pytest.approx(4 / 96, abs=1e-15)
    (pair,) = result.pairs.to_dict("records")
    assert (pair["richer"], pair["poorer"]) == ("east", "west")
    # Differences 1, 5, -1, 3: excess 9/4, overlap 1/4; means sum to 6.
    assert pair["affluence"] == pytest.approx(8 / 10)
    assert pair["gini"] == pytest.approx(2.5 / 6)
    assert result.groups["gini"].to_dict() == pytest.approx({"east": 0.25, "west": 0.25})


def test_groups_that_do_not_overlap_have_no_transvariation():
    values = _series([1, 2, 3, 10, 12, 30])
    result = dagum(values, _series([0, 0, 0, 1, 1, 2]))
    assert result.transvariation == 0.0
    assert (result.pairs["affluence"] == 1.0).all()
    # Then the between part is the Gini of the group means.
    means = result.groups["mean"]
    assert result.between == pytest.approx(gini(means, population=result.groups["n"]), abs=1e-14)


def test_one_group_is_all_within_and_lone_units_are_all_between():
    values = _series([1, 2, 3, 10])
    one = dagum(values, _series([1] * 4))
    assert one.within == pytest.approx(one.gini, abs=1e-15)
    assert one.between == one.transvariation == 0.0
    assert list(one.pairs.columns)[:2] == ["richer", "poorer"]
    each = dagum(values, _series(range(4)))
    assert each.between == pytest.approx(each.gini, abs=1e-15)
    assert each.within == each.transvariation == 0.0


def test_equal_means_are_pure_overlap_and_zeros_are_allowed():
    result = dagum(_series([1, 5, 2, 4]), _series([0, 0, 1, 1]))
    assert result.between == pytest.approx(0.0, abs=1e-15)
    assert result.transvariation > 0.0
    zeros = dagum(_series([0, 0, 0, 0, 3]), _series([0, 0, 1, 1, 2]))
    assert zeros.between == pytest.approx(zeros.gini, abs=1e-15)
    # Two groups of zeros: nothing differs, nothing is richer.
    assert np.isnan(zeros.pairs["affluence"]).tolist() == [True, False, False]
    assert zeros.pairs["gini"].tolist() == [0.0, 1.0, 1.0]


def test_population_does_what_copies_do(assert_label_invariant):
    values, groups = _series([1, 5, 2, 4, 7]), _series([0, 0, 1, 1, 2])
    people = _series([1, 2, 3, 1, 2])
    copies = people.astype(int).to_numpy()
    spread = dagum(*(_series(np.repeat(one.to_numpy(), copies)) for one in (values, groups)))
    weighted = dagum(values, groups, population=people)
    for name in ("gini", "within", "between", "transvariation"):
        assert getattr(weighted, name) == pytest.approx(getattr(spread, name), abs=1e-14)
    assert_label_invariant(
        lambda values, groups, population: dagum(values, groups, population=population),
        values=values,
        groups=groups,
        population=people,
    )


def test_what_has_no_answer_is_refused():
    fine, groups = _series([1.0, 2.0]), _series([0, 1])
    for values, of, code in (
        (_series([1.0, -2.0]), groups, "statistics.negative"),
        (_series([0.0, 0.0]), groups, "statistics.all_zero"),
        (_series([1.0, np.nan]), groups, "statistics.values_missing"),
        (fine, _series([0]), "statistics.labels_mismatch"),
        (fine, _series([0, np.nan]), "statistics.values_missing"),
    ):
        with pytest.raises(StatisticsError) as caught:
            dagum(values, of)
        assert caught.value.code == code
