"""Outlier treatment: the rule, Box-Cox, and an indicator's own choice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from suanli.evaluation.treat import is_skewed, treat, winsorise, winsorise_or_boxcox
from suanli.profile import IndexSpec, load_profile, replace_spec

STEEP = 10.0 ** (np.arange(30) / 3)
CALM = np.linspace(1.0, 2.0, 30)
SPIKE = np.append(CALM[:-1], 50.0)


def profile(own: str | None, *, transform: str = "none", whole: str = "winsorise") -> IndexSpec:
    """The shipped profile with its first indicator changed."""
    spec = load_profile("caict2024-province")
    items = [item.model_dump() for item in spec.indicator]
    items[0] |= {"treat": own, "transform": transform}
    return replace_spec(spec, indicator=items, method={"treat": whole, "winsorise_points": 2})


def treated(spec: IndexSpec, first: np.ndarray) -> tuple[pd.Series, pd.DataFrame]:
    index = pd.MultiIndex.from_product([[2023], [f"u{i:02}" for i in range(30)]])
    frame = pd.DataFrame({item.id: CALM for item in spec.indicator}, index=index)
    frame.index.names = ["year", "code"]
    frame[spec.indicator[0].id] = first
    after, points = treat(frame, spec)
    return after[spec.indicator[0].id], points


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=4, max_size=20))
def test_the_rule_is_that_of_the_sample_moments(values: list[float]) -> None:
    series = pd.Series(values)
    if series.nunique() < 2:
        assert not is_skewed(series)
        return
    skewness = stats.skew(values, bias=False)
    kurtosis = stats.kurtosis(values, bias=False)
    if min(abs(abs(skewness) - 2), abs(kurtosis - 3.5)) > 1e-9:
        assert is_skewed(series) == (abs(skewness) > 2 and kurtosis > 3.5)


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1.0, 1e200])
def test_the_rule_knows_no_unit(scale: float) -> None:
    assert is_skewed(pd.Series(SPIKE * scale))
    assert not is_skewed(pd.Series([0.1] * 7) * scale)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, 50.0, 900.0, np.nan]), max_size=25))
def test_treating_what_was_treated_changes_nothing(values: list[float]) -> None:
    once = winsorise(pd.Series(values, dtype=float), most=5)
    pd.testing.assert_series_equal(winsorise(once, most=5), once, check_exact=True)


def test_box_cox_takes_over_where_winsorising_gives_up() -> None:
    mended = pd.Series(SPIKE)
    pd.testing.assert_series_equal(
        winsorise_or_boxcox(mended, most=5), winsorise(mended, most=5), check_exact=True
    )
    # The most likely power of a geometric sequence is zero: the logarithm.
    got = winsorise_or_boxcox(pd.Series(STEEP), most=1)
    np.testing.assert_allclose(got, np.log(STEEP), atol=1e-3)
    rng = np.random.default_rng(11)
    values = rng.gamma(0.05, size=200) + 0.01
    assert is_skewed(pd.Series(values))
    theirs, power = stats.boxcox(values)
    assert -5 < power < 5
    np.testing.assert_allclose(winsorise_or_boxcox(pd.Series(values), most=1), theirs, rtol=1e-4)


def test_box_cox_shifts_what_is_not_positive_and_keeps_order_and_gaps() -> None:
    values = pd.Series([*(STEEP - STEEP[20]), np.nan], index=range(31, 0, -1))
    got = winsorise_or_boxcox(values, most=1)
    assert got.index.equals(values.index)
    assert got.isna().to_list() == values.isna().to_list()
    assert got.dropna().is_monotonic_increasing
    shifted = values.dropna() - values.min() + 0.01 * (values.max() - values.min())
    np.testing.assert_allclose(got.dropna(), stats.boxcox(shifted, stats.boxcox(shifted)[1]),
                               rtol=1e-3)  # fmt: skip
    flag = pd.Series([1.0] * 6 + [0.0] * 300)
    assert winsorise_or_boxcox(flag, most=5).nunique() == 2


@pytest.mark.parametrize(
    ("own", "whole", "changed"),
    [
        (None, "none", 0),
        (None, "winsorise", 1),
        ("none", "winsorise", 0),
        ("winsorise", "none", 1),
        ("coinr", "none", 1),
        ("boxcox", "none", 1),
    ],
)
def test_an_indicator_may_choose_its_treatment(own: str | None, whole: str, changed: int) -> None:
    after, points = treated(profile(own, whole=whole), SPIKE)
    assert len(points) == changed
    assert (after.to_numpy() != SPIKE).sum() == changed
    if changed:
        assert points.to_dict("records")[0] == {
            "year": 2023, "code": "u29", "indicator": after.name, "before": 50.0,
            "after": CALM[-2], "treatment": "winsorise",
        }  # fmt: skip


@pytest.mark.parametrize(("own", "listed"), [("boxcox", 30), ("coinr", 30), ("winsorise", 0)])
def test_whole_indicators_that_were_transformed_are_listed(own: str, listed: int) -> None:
    after, points = treated(profile(own), STEEP)
    assert len(points) == listed
    np.testing.assert_array_equal(points["after"], after if listed else [])


def test_a_declared_logarithm_is_treated_only_by_its_own_choice() -> None:
    spiked = np.exp(SPIKE)
    after, points = treated(profile(None, transform="log"), spiked)
    np.testing.assert_allclose(after, SPIKE)
    assert points.empty
    after, points = treated(profile("winsorise", transform="log"), spiked)
    assert after.iloc[-1] == after.iloc[-2]
    assert points["before"].to_list() == pytest.approx([50.0])
    # Logarithms say the same as the values.
    np.testing.assert_allclose(np.exp(after.iloc[:-1]), spiked[:-1])
