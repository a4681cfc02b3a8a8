"""Beta-convergence with space: planted rates, and the plain form where there is no space."""

import numpy as np
import pandas as pd
import pytest

from geo.errors import StatisticsError, WeightsError
from geo.statistics import (
    beta_convergence,
    fit_sar,
    impacts,
    spatial_beta_convergence,
    spatial_matrix,
)


def _panel(space, *, rho=0.0, lam=0.0, slope=-0.03, seed=1):
    """Two years in which growth is slope times the initial level, with a spatial term."""
    rng = np.random.default_rng(seed)
    start = rng.normal(3.0, 0.8, space.n)
    error = space.solve(lam, rng.normal(0.0, 0.01, space.n))
    growth = space.solve(rho, 0.1 + slope * start + error)
    levels = np.exp([start, start + 10.0 * growth])
    return pd.DataFrame(levels, index=[2013, 2023], columns=space.labels)


@pytest.mark.parametrize("form", ["sar", "sem"])
def test_the_planted_rate_is_found(lattice, form):
    space = spatial_matrix(lattice(12, 15))
    rho, lam = (0.5, 0.0) if form == "sar" else (0.0, 0.6)
    values = _panel(space, rho=rho, lam=lam, seed=2)
    result = spatial_beta_convergence(values, space, form=form)
    assert abs(result.slope + 0.03) < 3 * result.standard_error
    term = result.model.coefficients.iloc[0]
    assert abs(term["coefficient"] - max(rho, lam)) < 3 * term["standard_error"]
    assert result.speed == pytest.approx(-np.log(1 + 10 * result.slope) / 10)
    assert result.half_life == pytest.approx(np.log(2) / result.speed)
    assert result.interval[0] < result.slope < result.interval[1] < 0
    # The diagnostics of the plain fit point at the form that made the data.
    tests = result.plain.tests["statistic"]
    other = {"sar": "error", "sem": "lag"}[form]
    own = {"sar": "lag", "sem": "error"}[form]
    assert tests[f"robust_lm_{own}"] > tests[f"robust_lm_{other}"]


def test_without_space_it_is_the_plain_regression(lattice):
    graph = lattice(12, 15)
    values = _panel(spatial_matrix(graph), seed=4)
    plain = beta_convergence(values)
    for form in ("sar", "sem"):
        result = spatial_beta_convergence(values, graph, form=form)
        assert result.slope == pytest.approx(plain.slope, abs=plain.standard_error)
        expected = result.plain.coefficients.loc["log_initial", "coefficient"]
        assert expected == pytest.approx(plain.slope)


def test_controls_meet_by_label_and_growth_is_that_of_the_ends(lattice):
    graph = lattice(8, 8)
    space = spatial_matrix(graph)
    values = _panel(space, rho=0.3)
    middle = pd.DataFrame([values.iloc[0] * 7], index=[2018])
    rng = np.random.default_rng(2)
    controls = pd.DataFrame({"x": rng.normal(size=64)}, index=space.labels)
    shuffled = controls.iloc[rng.permutation(64)]
    moved = pd.concat([values, middle]).iloc[:, rng.permutation(64)]
    result = spatial_beta_convergence(moved, graph, controls=shuffled)
    logs = np.log(values)
    x = pd.DataFrame({"log_initial": logs.iloc[0], "x": controls["x"]})
    expected = fit_sar((logs.iloc[1] - logs.iloc[0]) / 10, x, graph)
    assert result.slope == expected.coefficients.loc["log_initial", "coefficient"]
    total = impacts(result.model, rng=np.random.default_rng(1)).table
    assert total.loc[("log_initial", "total"), "estimate"] < result.slope < 0


def test_it_refuses_what_the_plain_form_refuses(lattice):
    graph = lattice(6, 6)
    values = _panel(spatial_matrix(graph))
    with pytest.raises(StatisticsError, match="u003"):
        spatial_beta_convergence(values.assign(u003=[0.0, 1.0]), graph)
    with pytest.raises(StatisticsError, match="form"):
        spatial_beta_convergence(values, graph, form="sdm")
    with pytest.raises(WeightsError, match="u003"):
        spatial_beta_convergence(values.drop(columns="u003"), graph)
