"""Class limits against mapclassify, against brute force, and at the edges."""

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cartography.classify import SCHEMES, Classes, classify, classify_together
from geo.errors import CartographyError

SEED = 20240917


def skewed(n: int) -> pd.Series:
    values = np.random.default_rng(SEED).lognormal(size=n)
    return pd.Series(values, index=[f"u{i}" for i in range(n)])


def peer(name: str, values: pd.Series, k: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mapclassify warns that numba is absent
        import mapclassify

        return np.asarray(getattr(mapclassify, name)(values.to_numpy(), k=k).bins)


@pytest.mark.parametrize("k", [3, 5, 7])
@pytest.mark.parametrize("n", [31, 200])
@pytest.mark.parametrize(
    ("scheme", "name"),
    [
        ("fisher_jenks", "FisherJenks"),
        ("quantiles", "Quantiles"),
        ("equal_interval", "EqualInterval"),
    ],
)
def test_limits_equal_mapclassify(scheme, name, n, k):
    values = skewed(n)
    limits = peer(name, values, k)
    filled = np.diff(np.searchsorted(np.sort(values), limits, side="right"), prepend=0) > 0
    np.testing.assert_allclose(
        classify(values, scheme=scheme, k=k).breaks, limits[filled], rtol=0, atol=1e-12
    )


def test_std_mean_equals_mapclassify_inside_the_range():
    values = pd.Series(np.random.default_rng(SEED).normal(size=300))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mapclassify

        limits = mapclassify.StdMean(values.to_numpy()).bins
    np.testing.assert_allclose(classify(values, scheme="std_mean").breaks, limits, atol=1e-12)


def deviation(values: np.ndarray, breaks) -> float:
    groups = np.searchsorted(np.asarray(breaks)[:-1], values, side="left")
    return sum(
        float(((values[groups == g] - values[groups == g].mean()) ** 2).sum())
        for g in np.unique(groups)
    )


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.integers(-50, 50), min_size=4, max_size=11), st.integers(2, 4))
def test_fisher_jenks_is_the_best_of_all_cuts(numbers, k):
    values = np.sort(np.array(numbers, dtype=float))
    distinct = np.unique(values)
    found = classify(pd.Series(values), k=k)
    size = min(k, len(distinct))
    cuts = itertools.combinations(distinct[:-1], size - 1)
    best = min(deviation(values, (*cut, distinct[-1])) for cut in cuts)
    assert found.k == size
    assert deviation(values, found.breaks) == pytest.approx(best, abs=1e-9)


def test_head_tail_by_hand():
    """Mean of 1..8 and 100, 200 is 33.6; its head (100, 200) is 20 % of all, mean 150, half."""
    values = pd.Series([1.0, 2, 3, 4, 5, 6, 7, 8, 100, 200])
    assert classify(values, scheme="head_tail").breaks == (33.6, 200.0)


def test_head_tail_is_bounded_by_k():
    values = pd.Series(1.0 / np.arange(1, 2001))  # rank-size rule: heads within heads
    assert classify(values, scheme="head_tail", k=3).k == 3
    assert classify(values, scheme="head_tail", k=12).k > 3


@pytest.mark.parametrize("scheme", ["fisher_jenks", "quantiles", "equal_interval", "std_mean"])
def test_every_value_is_counted_once(scheme):
    values = skewed(337)
    values.iloc[[3, 50]] = np.nan
    classes = classify(values, scheme=scheme)
    assert sum(classes.counts) + classes.missing == 337
    assert classes.missing == 2
    assert classes.counts == classes.count(values)
    assert all(count > 0 for count in classes.counts)
    assert classes.breaks[-1] == values.max()
    assert classes.lower == values.min()


def test_assignment_follows_labels():
    values = skewed(50)
    classes = classify(values)
    shuffled = values.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(
        classes.assign(shuffled).sort_index(), classes.assign(values).sort_index()
    )
    assert classify(shuffled) == classes


def test_same_limits_serve_another_year():
    classes = classify(pd.Series([1.0, 2, 3, 10, 11, 12]), k=2)
    later = pd.Series([-5.0, 3.0, 3.1, 500.0, np.nan], index=list("abcde"))
    assert classes.assign(later).tolist() == [0, 0, 1, 1, pd.NA]
    assert classes.count(later) == (2, 2)


@pytest.mark.parametrize(
    ("values", "breaks"),
    [([5.0, 5, 5], (5.0,)), ([1.0, 2, 2], (1.0, 2.0)), ([np.nan, 7], (7.0,)), ([np.nan], ())],
)
def test_fewer_distinct_values_than_classes(values, breaks):
    classes = classify(pd.Series(values), k=5)
    assert classes.breaks == breaks
    assert classes.assign(pd.Series(values)).isna().sum() == classes.missing


def test_tied_quantiles_collapse():
    classes = classify(pd.Series([0.0] * 90 + list(range(1, 11))), scheme="quantiles", k=4)
    assert classes.breaks == (0.0, 10.0)
    assert classes.counts == (90, 10)


def test_user_limits_keep_empty_classes():
    classes = classify(pd.Series([1.0, 30]), scheme="user", breaks=[10, 20])
    assert (classes.breaks, classes.counts) == ((10.0, 20.0, 30.0), (1, 0, 1))


def test_integers_and_nullable_columns():
    values = pd.Series([1, None, 9], dtype="Int64")
    assert classify(values, k=2) == Classes(
        scheme="fisher_jenks", lower=1.0, breaks=(1.0, 9.0), counts=(1, 1), missing=1
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"scheme": "magic"}, "cartography.scheme"),
        ({"k": 1}, "cartography.class_count"),
        ({"k": 13}, "cartography.class_count"),
        ({"scheme": "user"}, "cartography.breaks"),
        ({"scheme": "user", "breaks": [2, 1]}, "cartography.breaks"),
        ({"scheme": "user", "breaks": []}, "cartography.breaks"),
        ({"scheme": "user", "breaks": [1, float("inf")]}, "cartography.breaks"),
        ({"scheme": "quantiles", "breaks": [1, 2]}, "cartography.breaks"),
    ],
)
def test_bad_requests_are_refused(options, code):
    with pytest.raises(CartographyError) as caught:
        classify(pd.Series([1.0, 2, 3]), **options)
    assert caught.value.code == code


def test_infinity_names_the_unit():
    with pytest.raises(CartographyError) as caught:
        classify(pd.Series({"a": 1.0, "b": np.inf}))
    assert caught.value.code == "cartography.infinite"
    assert caught.value.params["units"] == ["b"]


@pytest.mark.parametrize("n", [31, 337])
def test_box_map_equals_mapclassify(n):
    values = skewed(n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mapclassify

        limits = mapclassify.BoxPlot(values.to_numpy()).bins
    found = classify(values, scheme="box_map")
    np.testing.assert_allclose(found.breaks, limits, rtol=0, atol=1e-12)
    assert found.k == 6
    assert sum(found.counts) == n


def test_box_map_keeps_six_classes_where_nothing_stands_out():
    found = classify(pd.Series(range(1, 101)), scheme="box_map")
    assert found.counts == (0, 25, 25, 25, 25, 0)
    assert found.assign(pd.Series([-1000.0, 1000.0])).tolist() == [0, 5]
    # All values the same: the box has no height, everything lies below its upper quartile.
    flat = classify(pd.Series([5.0] * 9), scheme="box_map")
    assert sum(flat.counts) == 9
    assert flat.k == 6


def test_box_map_by_hand():
    """Quartiles 2, 3, 4; whiskers reach to -1 and 7, so 100 stands out."""
    found = classify(pd.Series([1.0, 2, 3, 4, 100]), scheme="box_map")
    assert found.breaks == (-1.0, 2.0, 3.0, 4.0, 7.0, 100.0)
    assert found.counts == (0, 2, 1, 1, 0, 1)


def test_head_tail_begins_as_mapclassify_does():
    """Ours stops where the head is no minority; theirs goes on to the last value."""
    values = pd.Series(1.0 / np.arange(1, 2001))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mapclassify

        limits = mapclassify.HeadTailBreaks(values.to_numpy()).bins
    breaks = classify(values, scheme="head_tail", k=12).breaks
    assert len(breaks) > 3
    np.testing.assert_allclose(breaks[:-1], limits[: len(breaks) - 1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("scheme", [name for name in SCHEMES if name != "user"])
def test_years_share_the_limits_of_all_their_values(scheme):
    years = [skewed(31) + shift for shift in (0.0, 1.0, 5.0)]
    years[1].iloc[4] = np.nan
    shared = classify_together(years, scheme=scheme)
    whole = pd.concat(years, ignore_index=True)
    assert shared == classify(whole, scheme=scheme)
    assert sum(sum(shared.count(year)) for year in years) == 92
    shuffled = [year.sample(frac=1, random_state=1) for year in reversed(years)]
    assert classify_together(shuffled, scheme=scheme) == shared


def test_no_years_have_no_classes():
    assert classify_together([]).k == 0
