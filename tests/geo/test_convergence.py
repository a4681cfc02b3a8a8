"""Sigma and beta convergence against second implementations and planted rates."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from geo.errors import StatisticsError
from geo.statistics import beta_convergence, coefficient_of_variation, sigma_convergence


def _panel(years, n=40, *, rate=0.0, noise=0.0, seed=1):
    """Levels whose distances in logs shrink at ``rate`` per year."""
    rng = np.random.default_rng(seed)
    start = rng.normal(3.0, 0.8, n)
    labels = [f"u{i:02d}" for i in range(n)]
    rows = {
        year: np.exp(3.0 + np.exp(-rate * (year - years[0])) * (start - 3.0) + noise * e)
        for year, e in zip(years, rng.normal(0, 1, (len(years), n)), strict=True)
    }
    return pd.DataFrame(rows, index=labels).T


def _sigma(values, **options):
    return sigma_convergence(
        values, rng=np.random.default_rng(7), **({"replicates": 499} | options)
    )


@pytest.mark.parametrize("measure", ["cv", "sd_log"])
def test_sigma_is_the_trend_of_the_spread(measure):
    values = _panel(range(2015, 2021), rate=0.05, noise=0.02)
    result = _sigma(values, measure=measure)
    if measure == "cv":
        spread = [coefficient_of_variation(values.loc[year]) for year in values.index]
    else:
        spread = np.log(values).std(axis=1, ddof=0).to_numpy()
    np.testing.assert_allclose(result.yearly["dispersion"], spread, rtol=1e-12)
    assert result.slope == pytest.approx(np.polyfit(values.index, spread, 1)[0], abs=1e-12)
    assert result.interval[0] < result.slope < result.interval[1] < 0
    assert (result.yearly["lower"] < result.yearly["upper"]).all()
    assert result.yearly.index.tolist() == list(range(2015, 2021))


def test_sigma_bootstrap_equals_a_plain_one():
    values = _panel(range(2015, 2018), n=12, rate=0.1)
    result = _sigma(values, replicates=4_999)
    rng = np.random.default_rng(99)
    slopes = []
    for _ in range(4_999):
        drawn = values.iloc[:, rng.integers(0, 12, 12)].to_numpy()
        slopes.append(np.polyfit([0, 1, 2], drawn.std(axis=1) / drawn.mean(axis=1), 1)[0])
    spread = np.std(slopes)
    np.testing.assert_allclose(
        result.interval, np.quantile(slopes, [0.025, 0.975]), atol=spread / 8
    )


def test_sigma_of_a_panel_without_trend_holds_zero_and_zeros_are_allowed_for_the_cv():
    values = _panel(range(2015, 2023), noise=0.1)
    low, high = _sigma(values).interval
    assert low < 0 < high
    values.iloc[0, 0] = 0.0
    assert np.isfinite(_sigma(values).slope)
    with pytest.raises(StatisticsError, match="u00") as caught:
        _sigma(values, measure="sd_log")
    assert caught.value.code == "statistics.log_not_positive"
    # Replicates that draw only units of zero have nothing to differ.
    lone = pd.DataFrame({"a": [0.0] * 3, "b": [1.0] * 3}, index=[1, 2, 3])
    assert _sigma(lone).yearly["lower"].tolist() == [0.0] * 3


def test_sigma_looks_at_labels_only():
    values = _panel(range(2015, 2020), n=15, rate=0.05, noise=0.02)
    rng = np.random.default_rng(3)
    moved = values.loc[rng.permutation(values.index), rng.permutation(values.columns)]
    here, there = _sigma(values), _sigma(moved)
    assert (here.slope, here.interval) == (there.slope, there.interval)
    pd.testing.assert_frame_equal(here.yearly, there.yearly, check_exact=True)


@pytest.mark.parametrize("rate", [0.02, -0.01])
def test_beta_finds_the_planted_speed(rate):
    result = beta_convergence(_panel([2010, 2020], rate=rate))
    assert result.span == 10.0
    assert result.slope == pytest.approx(-(1 - np.exp(-10 * rate)) / 10, abs=1e-12)
    assert result.speed == pytest.approx(rate, abs=1e-12)
    assert result.r_squared == pytest.approx(1.0, abs=1e-12)
    if rate > 0:
        assert result.half_life == pytest.approx(np.log(2) / rate)
    else:
        assert np.isnan(result.half_life)


def _hc3(y, x):
    """Second implementation by normal equations, unit by unit."""
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ x.T @ y
    middle = np.zeros((x.shape[1], x.shape[1]))
    for row, residual in zip(x, y - x @ b, strict=True):
        h = row @ inverse @ row
        middle += (residual / (1 - h)) ** 2 * np.outer(row, row)
    return b, np.sqrt(np.diag(inverse @ middle @ inverse))


def test_conditional_beta_is_least_squares_with_hc3(assert_label_invariant):
    values = _panel([2010, 2014, 2020], n=25, rate=0.03, noise=0.2)
    rng = np.random.default_rng(5)
    controls = pd.DataFrame({"x": rng.normal(1e5, 2e4, 25), "d": np.arange(25) % 3 == 0})
    controls.index = values.columns
    result = beta_convergence(values, controls=controls.iloc[rng.permutation(25)])
    logs = np.log(values.to_numpy())
    x = np.column_stack([np.ones(25), logs[0], controls.astype(float)])
    b, error = _hc3((logs[2] - logs[0]) / 10, x)
    table = result.coefficients
    assert table.index.tolist() == ["intercept", "log_initial", "x", "d"]
    np.testing.assert_allclose(table["coefficient"], b, rtol=1e-8)
    np.testing.assert_allclose(table["standard_error"], error, rtol=1e-8)
    np.testing.assert_allclose(table["p"], 2 * stats.t.sf(np.abs(b / error), 21), rtol=1e-6)
    assert result.p == table.loc["log_initial", "p"]
    assert result.interval[0] < result.slope < result.interval[1]
    assert_label_invariant(
        lambda wide: beta_convergence(pd.DataFrame(wide.to_dict())),
        wide=pd.Series({label: values[label].to_dict() for label in values}),
    )


def test_overshooting_has_no_speed():
    levels = pd.Series({"a": 1.0, "b": 2.0, "c": 4.0, "d": 9.0})
    result = beta_convergence(pd.DataFrame([levels, levels**-0.5], index=[0, 10]))
    assert result.slope == pytest.approx(-0.15)
    assert np.isnan(result.speed)
    assert np.isnan(result.half_life)


def test_growth_that_is_the_same_everywhere_has_no_slope_and_no_p():
    levels = _panel([2010, 2020], n=30).loc[2010]
    result = beta_convergence(pd.DataFrame([levels, levels * 1.3], index=[2010, 2020]))
    assert result.slope == 0.0
    assert result.standard_error == 0.0
    assert np.isnan(result.p)


def test_what_has_no_answer_is_refused():
    values = _panel([2010, 2020], n=6, rate=0.02, noise=0.1)
    labels = values.columns
    lone = pd.DataFrame({"d": [1, 0, 0, 0, 0, 0]}, index=labels)
    same = pd.DataFrame({"x": np.log(values.loc[2010]) * 2})
    for given, controls, code in (
        (values, lone, "statistics.leverage"),
        (values, same, "statistics.collinear"),
        (values, pd.DataFrame({"x": [1.0] * 6}, index=labels), "statistics.collinear"),
        (values, pd.DataFrame({"x": [0.0] * 6}, index=labels), "statistics.collinear"),
        (values, lone.iloc[1:], "statistics.labels_mismatch"),
        (values.iloc[:, :2], None, "statistics.too_few_observations"),
        (values.iloc[:1], None, "statistics.too_few_years"),
        (values - 100.0, None, "statistics.log_not_positive"),
        (values.where(values > values.min(axis=None)), None, "statistics.values_missing"),
        (values.set_axis([2010, 2010]), None, "statistics.years_duplicate"),
        (values.set_axis(["x", "y"]), None, "statistics.not_numeric"),
    ):
        with pytest.raises(StatisticsError) as caught:
            beta_convergence(given, controls=controls)
        assert caught.value.code == code
    three = _panel([1, 2, 3], n=5)
    for given, options, code in (
        (values, {}, "statistics.too_few_years"),
        (three - 100.0, {}, "statistics.negative"),
        (three.mul([1, 0, 1], axis=0), {}, "statistics.all_zero"),
        (three, {"measure": "gini"}, "statistics.measure"),
        (three, {"replicates": 9}, "statistics.replicates"),
    ):
        with pytest.raises(StatisticsError) as caught:
            _sigma(given, **options)
        assert caught.value.code == code


def test_slopes_without_a_unit_are_those_of_the_other_units():
    rng = np.random.default_rng(11)
    start = pd.Series(rng.gamma(4, 2, 12), index=[f"u{i:02d}" for i in range(12)])
    growth = np.exp(0.4 - 0.2 * np.log(start) + rng.normal(0, 0.05, 12))
    values = pd.DataFrame([start, start * growth], index=[2016, 2023])
    controls = pd.DataFrame({"x": rng.normal(size=12)}, index=start.index)
    for given in (None, controls):
        whole = beta_convergence(values, controls=given)
        for unit in values.columns:
            rest = None if given is None else given.drop(index=unit)
            alone = beta_convergence(values.drop(columns=unit), controls=rest)
            left = whole.without.loc[unit]
            assert left["slope"] == pytest.approx(alone.slope, rel=1e-10)
            assert left["half_life"] == pytest.approx(alone.half_life, rel=1e-10)
