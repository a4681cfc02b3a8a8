"""Inequality measures against second implementations and their axioms."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import StatisticsError
from geo.statistics import (
    coefficient_of_variation,
    gini,
    group_contrast,
    group_means,
    theil_l,
    theil_t,
)

MEASURES = {
    "gini": gini,
    "cv": coefficient_of_variation,
    "theil_t": lambda values, **options: theil_t(values, **options).total,
    "theil_l": lambda values, **options: theil_l(values, **options).total,
}


def _by_definition(name, x, p):
    """Second implementations, straight from the definitions, slow and separate."""
    p = np.asarray(p, dtype=float) / np.sum(p)
    mean = sum(a * b for a, b in zip(x, p, strict=True))
    if name == "gini":
        pairs = itertools.product(range(len(x)), repeat=2)
        return sum(p[i] * p[j] * abs(x[i] - x[j]) for i, j in pairs) / (2 * mean)
    if name == "cv":
        spread = sum(b * (a - mean) ** 2 for a, b in zip(x, p, strict=True))
        return spread**0.5 / mean
    if name == "theil_t":
        return sum(b * a / mean * np.log(a / mean) for a, b in zip(x, p, strict=True))
    return sum(b * np.log(mean / a) for a, b in zip(x, p, strict=True))


positive = st.lists(st.floats(0.01, 1e4), min_size=2, max_size=25)


def _series(numbers):
    return pd.Series(numbers, index=[f"u{i:02d}" for i in range(len(numbers))], dtype=float)


@pytest.mark.parametrize("name", MEASURES)
@given(numbers=positive, data=st.data())
@settings(derandomize=True, deadline=None, max_examples=40)
def test_measures_follow_their_definitions(name, numbers, data):
    people = data.draw(st.lists(st.floats(0.1, 1e3), min_size=len(numbers), max_size=len(numbers)))
    x, p = _series(numbers), _series(people)
    # The definition of the cv loses half the digits where all are nearly equal.
    tolerance = {"abs": 1e-7 if name == "cv" else 1e-12, "rel": 1e-9}
    assert MEASURES[name](x) == pytest.approx(
        _by_definition(name, numbers, [1] * len(numbers)), **tolerance
    )
    assert MEASURES[name](x, population=p) == pytest.approx(
        _by_definition(name, numbers, people), **tolerance
    )


@pytest.mark.parametrize("name", MEASURES)
@given(numbers=positive, factor=st.floats(1e-3, 1e3))
@settings(derandomize=True, deadline=None, max_examples=40)
def test_axioms(name, numbers, factor):
    measure = MEASURES[name]
    x = _series(numbers)
    value = measure(x)
    assert value >= 0.0
    # Scale: the unit of measurement does not matter.
    assert measure(x * factor) == pytest.approx(value, abs=1e-9)
    # Replication: two copies of the country are as unequal as one.
    twice = _series(numbers * 2)
    assert measure(twice) == pytest.approx(value, abs=1e-9)
    # ... and population does the same as copies.
    assert measure(x, population=_series([3.0] * len(numbers))) == pytest.approx(value, abs=1e-9)
    # Transfer: from the richest to the poorest, not past the middle.
    rich, poor = x.idxmax(), x.idxmin()
    gift = 0.4 * (x[rich] - x[poor])
    if gift > 1e-3 * x[rich]:
        fairer = x.copy()
        fairer[rich] -= gift
        fairer[poor] += gift
        assert measure(fairer) < value


@given(numbers=positive, data=st.data())
@settings(derandomize=True, deadline=None, max_examples=60)
def test_theil_parts_sum_to_the_whole(numbers, data):
    size = len(numbers)
    groups = _series(data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)))
    people = _series(data.draw(st.lists(st.floats(0.1, 1e3), min_size=size, max_size=size)))
    for theil in (theil_t, theil_l):
        result = theil(_series(numbers), groups=groups, population=people)
        assert result.within + result.between == pytest.approx(result.total, abs=1e-12)
        assert result.groups["within"].sum() == pytest.approx(result.within, abs=1e-12)
        assert result.groups["between"].sum() == pytest.approx(result.between, abs=1e-12)
        assert result.groups["population_share"].sum() == pytest.approx(1.0)


def _parts_by_definition(index, x, groups, people):
    """Within and between part from shares, written out group by group."""
    people = people / people.sum()
    amount = people * x / (people * x).sum()
    within = between = 0.0
    for name in sorted(set(groups)):
        p, s = people[groups == name], amount[groups == name]
        big_p, big_s = p.sum(), s.sum()
        for a, b in zip(p / big_p, s / big_s, strict=True):
            if index == "T":
                within += big_s * b * np.log(b / a)
            else:
                within += big_p * a * np.log(a / b)
        if index == "T":
            between += big_s * np.log(big_s / big_p)
        else:
            between += big_p * np.log(big_p / big_s)
    return within, between


@given(numbers=positive, data=st.data())
@settings(derandomize=True, deadline=None, max_examples=40)
def test_theil_parts_follow_their_definitions(numbers, data):
    size = len(numbers)
    groups = _series(data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)))
    people = _series(data.draw(st.lists(st.floats(0.1, 1e3), min_size=size, max_size=size)))
    x = _series(numbers)
    for index, theil in (("T", theil_t), ("L", theil_l)):
        result = theil(x, groups=groups, population=people)
        within, between = _parts_by_definition(index, x, groups, people)
        assert result.within == pytest.approx(within, abs=1e-12)
        assert result.between == pytest.approx(between, abs=1e-12)


def test_theil_parts_group_by_group():
    x = pd.Series([1.0, 2, 4, 8, 3], index=list("abcde"))
    groups = pd.Series(["w", "w", "e", "e", "e"], index=list("abcde"))
    people = pd.Series([5.0, 1, 2, 1, 1], index=list("abcde"))
    result = theil_t(x, groups=groups, population=people)
    for name in ("e", "w"):
        members = groups == name
        inside = theil_t(x[members], population=people[members]).total
        row = result.groups.loc[name]
        assert row["theil"] == pytest.approx(inside, abs=1e-14)
        assert row["mean"] == pytest.approx(np.average(x[members], weights=people[members]))
        assert row["n"] == members.sum()
    means = result.groups["mean"]
    between = theil_t(means, population=people.groupby(groups).sum()).total
    assert result.between == pytest.approx(between, abs=1e-14)


def test_equal_values_are_equal():
    x = _series([0.1] * 7)
    groups = _series([0, 0, 0, 1, 1, 1, 1])
    assert gini(x) == pytest.approx(0.0, abs=1e-15)
    result = theil_t(x, groups=groups)
    assert result.total == pytest.approx(0.0, abs=1e-15)
    assert gini(_series([0, 0, 0, 5])) == pytest.approx(0.75)


@pytest.mark.parametrize("theil", [theil_t, theil_l])
def test_between_p_equals_enumeration(theil):
    x = pd.Series([1.0, 2, 4, 8, 3, 9, 7], index=list("abcdefg"))
    groups = pd.Series([0, 0, 1, 1, 0, 1, 1], index=list("abcdefg"))
    people = pd.Series([5.0, 1, 2, 1, 1, 3, 2], index=list("abcdefg"))
    observed = theil(x, groups=groups, population=people).between
    every = []
    for chosen in itertools.combinations(x.index, 3):
        regrouped = pd.Series(~x.index.isin(chosen), index=x.index)
        every.append(theil(x, groups=regrouped, population=people).between)
    share = (np.array(every) >= observed - 1e-12).mean()
    result = theil(
        x, groups=groups, population=people, permutations=9_999, rng=np.random.default_rng(1)
    )
    assert result.permutations == 9_999
    assert abs(result.p_between - share) < 4 * np.sqrt(share * (1 - share) / 9_999)


def test_what_has_no_answer_is_refused():
    x = _series([1.0, 0.0, 3.0, -1.0])
    with pytest.raises(StatisticsError, match="u01, u03") as caught:
        theil_t(x)
    assert caught.value.code == "statistics.not_positive"
    with pytest.raises(StatisticsError, match="u03") as caught:
        gini(x)
    assert caught.value.code == "statistics.negative"
    assert gini(x.iloc[:3]) == pytest.approx(0.5)
    for value, code in (
        (_series([0.0, 0.0]), "statistics.all_zero"),
        (_series([1.0, np.nan]), "statistics.values_missing"),
        (_series([]), "statistics.empty"),
        (pd.Series([1.0, 2.0], index=["a", "a"]), "statistics.labels_duplicate"),
        (pd.Series(["x"], index=["a"]), "statistics.not_numeric"),
    ):
        with pytest.raises(StatisticsError) as caught:
            coefficient_of_variation(value)
        assert caught.value.code == code
    fine = _series([1.0, 2.0])
    for options, code in (
        ({"population": _series([1.0])}, "statistics.labels_mismatch"),
        ({"population": _series([1.0, 2.0, 3.0])}, "statistics.labels_mismatch"),
        ({"population": _series([1.0, 0.0])}, "statistics.population_not_positive"),
        ({"groups": pd.Series(["e", None], index=fine.index)}, "statistics.values_missing"),
        (
            {"groups": _series([0, 1]), "permutations": 99},
            "statistics.rng_missing",
        ),
    ):
        with pytest.raises(StatisticsError) as caught:
            theil_l(fine, **options)
        assert caught.value.code == code


def test_contrast_of_two_groups():
    rng = np.random.default_rng(3)
    x = _series(np.concatenate([rng.normal(10, 2, 40), rng.normal(5, 1, 60)]))
    groups = pd.Series(["east"] * 40 + ["west"] * 60, index=x.index)
    gap = group_contrast(x, groups, a="east", b="west", rng=np.random.default_rng(1))
    assert gap.difference == pytest.approx(x[:40].mean() - x[40:].mean())
    assert gap.ratio == pytest.approx(x[:40].mean() / x[40:].mean())
    assert (gap.n_a, gap.n_b) == (40, 60)
    # The normal interval of the difference is an independent check at this size.
    error = np.sqrt(x[:40].var() / 40 + x[40:].var() / 60)
    low, high = gap.difference_interval
    assert low == pytest.approx(gap.difference - 1.96 * error, abs=0.08)
    assert high == pytest.approx(gap.difference + 1.96 * error, abs=0.08)
    assert gap.ratio_interval[0] < gap.ratio < gap.ratio_interval[1]
    means = group_means(x, groups, rng=np.random.default_rng(1))
    assert list(means.index) == ["east", "west"]
    assert means.loc["west", "mean"] == pytest.approx(x[40:].mean())
    assert means.loc["west", "median"] == pytest.approx(x[40:].median())
    assert ((means["lower"] < means["mean"]) & (means["mean"] < means["upper"])).all()


def test_ratio_needs_values_of_one_sign():
    groups = pd.Series(["a", "a", "b"], index=["u00", "u01", "u02"])
    rng = np.random.default_rng(1)
    below = group_contrast(_series([-1.0, 2, 3]), groups, a="a", b="b", replicates=99, rng=rng)
    assert np.isnan(below.ratio)
    assert np.isnan(below.ratio_interval).all()
    assert below.difference == pytest.approx(-2.5)
    zero = group_contrast(_series([0.0, 2, 3]), groups, a="b", b="a", replicates=999, rng=rng)
    assert zero.ratio == 3.0
    assert zero.ratio_interval[1] == np.inf
    with pytest.raises(StatisticsError, match="north"):
        group_contrast(_series([1.0, 2, 3]), groups, a="north", b="a", rng=rng)
    with pytest.raises(StatisticsError) as caught:
        group_means(_series([1.0, 2, 3]), groups, replicates=9, rng=rng)
    assert caught.value.code == "statistics.replicates"


def test_labels_decide(assert_label_invariant):
    rng = np.random.default_rng(5)
    x, people = _series(rng.gamma(2, size=20)), _series(rng.gamma(2, size=20))
    groups = _series(rng.integers(0, 3, 20))
    for measure in (gini, coefficient_of_variation):
        assert_label_invariant(measure, values=x, population=people)
    for theil in (theil_t, theil_l):
        assert_label_invariant(
            lambda values, theil=theil, **options: theil(
                values, permutations=199, rng=np.random.default_rng(1), **options
            ),
            values=x,
            groups=groups,
            population=people,
        )
    assert_label_invariant(
        lambda values, groups: group_contrast(
            values, groups, a=0, b=2, replicates=199, rng=np.random.default_rng(1)
        ),
        values=x,
        groups=groups,
    )
    assert_label_invariant(
        lambda values, groups: group_means(
            values, groups, replicates=199, rng=np.random.default_rng(1)
        ),
        values=x,
        groups=groups,
    )
