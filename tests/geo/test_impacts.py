"""Direct, indirect and total effects against dense inverses, R and plain simulation."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.errors import StatisticsError
from geo.statistics import (
    fit_ols,
    fit_sar,
    fit_sdem,
    fit_sdm,
    fit_sem,
    fit_slx,
    impacts,
    spatial_matrix,
)
from geo.statistics.regression.determinant import sampling_gap
from geo.statistics.regression.krylov import total_means
from geo.statistics.regression.series import sampled_series
from geo.weights.construction import graph_from_links

# spatialreg 1.2-6 on Columbus: exact effects, then standard errors from 20,000 draws.
R_EFFECTS = {
    "sar": {
        ("INC", "direct"): (-1.12251556757088, 0.31661386856644),
        ("INC", "indirect"): (-0.678381754826586, 0.379020495308483),
        ("INC", "total"): (-1.80089732239747, 0.572432265939024),
        ("HOVAL", "direct"): (-0.282316280067059, 0.0954894035284313),
        ("HOVAL", "indirect"): (-0.170615195923251, 0.11909432297463),
        ("HOVAL", "total"): (-0.452931475990311, 0.190451815906842),
    },
    "sdm": {
        ("INC", "direct"): (-1.04180796884097, 0.329150915094546),
        ("INC", "indirect"): (-1.4804245927178, 0.809408481136755),
        ("INC", "total"): (-2.52223256155878, 0.859067524932389),
        ("HOVAL", "direct"): (-0.283632494188921, 0.0938042126643202),
        ("HOVAL", "indirect"): (0.230205525686489, 0.314470508776131),
        ("HOVAL", "total"): (-0.0534269685024317, 0.348499936247777),
    },
}
FITS = {"sar": fit_sar, "sdm": fit_sdm}


def _rng():
    return np.random.default_rng(7)


@pytest.fixture(scope="module")
def crime(columbus):
    table, graph = columbus
    return table["CRIME"], table[["INC", "HOVAL"]], graph.transform("R")


def _made(space, *, rho, seed=1):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.normal(size=(space.n, 2)), index=space.labels, columns=["x1", "x2"])
    known = (2.0 + x["x1"] - 0.5 * x["x2"]).to_numpy() + rng.normal(size=space.n)
    return pd.Series(space.solve(rho, known), index=space.labels), x


def _dense_effects(result, coefficients=None):
    """Average effects from the inverse, written out."""
    terms = result.coefficients["coefficient"] if coefficients is None else coefficients
    n = result.n
    dense = result.space.matrix.toarray()
    inverse = np.linalg.inv(np.eye(n) - terms["rho"] * dense)
    effects = {}
    for name in result.explanations:
        table = terms[name] * np.eye(n) + terms.get(f"W_{name}", 0.0) * dense
        table = inverse @ table
        direct, total = np.trace(table) / n, table.sum() / n
        effects |= {
            (name, "direct"): direct,
            (name, "indirect"): total - direct,
            (name, "total"): total,
        }
    return pd.Series(effects)


@pytest.mark.parametrize("model", ["sar", "sdm"])
def test_columbus_effects_equal_r(crime, model):
    found = impacts(FITS[model](*crime), draws=20_000, rng=_rng())
    for key, (estimate, error) in R_EFFECTS[model].items():
        row = found.table.loc[key]
        assert row["estimate"] == pytest.approx(estimate, rel=3e-7)
        # R keeps the draws of rho near one, where 1 / (1 - rho) has no variance.
        loose = 0.15 if model == "sdm" and key[1] != "direct" else 0.03
        assert row["standard_error"] == pytest.approx(error, rel=loose)
        assert row["z"] == pytest.approx(row["estimate"] / row["standard_error"])
    assert found.method == "eigenvalues"
    assert 0.998 < found.draws / 20_000 < 0.9997
    assert (found.rejected > 0) == (model == "sdm")
    assert found.table["p"].isna().all() == (found.rejected > 0)


@pytest.mark.parametrize("path", ["eigenvalues", "factors", "series"])
@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.8])
def test_effects_are_those_of_the_dense_inverse(lattice, monkeypatch, rho, standardise, path):
    """On a rook lattice, which is bipartite: odd powers of W have no diagonal."""
    graph = lattice(9, 10, rule="rook", standardise=standardise)
    space = spatial_matrix(graph)
    rho = rho if standardise else rho / space.radius
    y, x = _made(space, rho=rho)
    results = [fit(y, x, space) for fit in FITS.values()]
    if path != "eigenvalues":
        monkeypatch.setattr("geo.statistics.regression.matrix._FEW", 10)
    if path == "series":
        monkeypatch.setattr("geo.statistics.regression.matrix._FACTORED_UNITS", 10)
    for result in results:
        found = impacts(result, draws=100, rng=_rng())
        assert found.method == path
        assert (found.trace_error > 0.0) == (path == "series")
        expected = _dense_effects(result)
        if path == "series":
            size = np.abs(result.coefficients["coefficient"].iloc[2:]).sum()
            atol = 6 * found.trace_error * size * max(1.0, 1.0 / abs(rho or 1.0))
            np.testing.assert_allclose(found.table["estimate"], expected, atol=atol)
        else:
            np.testing.assert_allclose(found.table["estimate"], expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("model", ["sar", "sdm"])
@pytest.mark.parametrize("near", [-0.9999, -0.9, 0.0, 0.7, 0.99, 0.999999])
@pytest.mark.parametrize("symmetric", [True, False])
def test_totals_hold_for_raw_weights_up_to_the_bound(lattice, near, symmetric, model):
    """A power series would need a million terms, and its powers leave the range of numbers."""
    graph = lattice(9, 9, rule="rook", standardise=False)
    if not symmetric:
        uneven = graph.adjacency * _rng().uniform(0.2, 2.0, len(graph.adjacency))
        graph = type(graph)(uneven, is_sorted=True)
    space = spatial_matrix(graph)
    dense = space.matrix.toarray()
    rho = near / space.radius
    whole, beyond = total_means(space, np.array([rho, 0.0, rho / 2.0]))
    for one, own, lagged in zip((rho, 0.0, rho / 2.0), whole, beyond, strict=True):
        sums = np.linalg.solve(np.eye(81) - one * dense, np.ones(81))
        assert own == pytest.approx(sums.mean(), rel=1e-7)
        assert lagged == pytest.approx((dense @ sums).mean(), rel=1e-7, abs=1e-12)
    y, x = _made(space, rho=0.9 * near / space.radius)
    found = impacts(FITS[model](y, x, space), draws=2_000, rng=_rng()).table
    assert np.isfinite(found.drop(columns="p")).all(axis=None)


def test_sums_that_do_not_settle_are_refused(lattice, monkeypatch):
    monkeypatch.setattr("geo.statistics.regression.krylov._MOST_STEPS", 9)
    space = spatial_matrix(lattice(9, 9, rule="rook", standardise=False))
    with pytest.raises(StatisticsError, match="no stable value") as caught:
        total_means(space, np.array([0.999999 / space.radius]))
    assert caught.value.code == "statistics.near_bound"


def test_simulated_errors_are_those_of_plain_draws(lattice):
    space = spatial_matrix(lattice(7, 8, rule="rook"))
    y, x = _made(space, rho=-0.4)
    result = fit_sdm(y, x, space)
    found = impacts(result, draws=10_000, rng=_rng())
    rng = np.random.default_rng(99)
    terms = result.coefficients["coefficient"]
    drawn = rng.multivariate_normal(terms, result.covariance, 1_000)
    plain = pd.DataFrame(
        [_dense_effects(result, pd.Series(row, index=terms.index)) for row in drawn]
    )
    np.testing.assert_allclose(found.table["standard_error"], plain.std(), rtol=0.12)
    spread = plain.std() / 5
    assert ((found.table["lower"] - plain.quantile(0.025)).abs() < spread).all()
    assert ((found.table["upper"] - plain.quantile(0.975)).abs() < spread).all()


@pytest.mark.parametrize("standardise", [True, False])
def test_sampled_draws_lie_on_the_exact_ones(lattice, monkeypatch, standardise):
    """The same draws by traces and by eigenvalues."""
    space = spatial_matrix(lattice(12, 15, standardise=standardise))
    y, x = _made(space, rho=0.5 / space.radius)
    result = fit_sdm(y, x, space)
    exact = impacts(result, draws=2_000, rng=_rng()).table
    monkeypatch.setattr("geo.statistics.regression.matrix._FEW", 10)
    sampled = impacts(result, draws=2_000, rng=_rng()).table
    np.testing.assert_allclose(sampled["estimate"], exact["estimate"], rtol=1e-7)
    columns = ["standard_error", "lower", "upper"]
    scale = exact["standard_error"].to_numpy()[:, None]
    np.testing.assert_allclose(sampled[columns] / scale, exact[columns] / scale, atol=0.01)


def test_directed_weights_have_effects_too(monkeypatch):
    rng = np.random.default_rng(5)
    n = 100
    focal = np.repeat(np.arange(n), 4)
    neighbor = np.concatenate([rng.choice(np.delete(np.arange(n), i), 4, False) for i in range(n)])
    space = spatial_matrix(graph_from_links(pd.RangeIndex(n), focal, neighbor).transform("R"))
    y, x = _made(space, rho=0.5)
    result = fit_sdm(y, x, space)
    expected = _dense_effects(result)
    found = impacts(result, draws=100, rng=_rng())
    np.testing.assert_allclose(found.table["estimate"], expected, rtol=1e-9)
    monkeypatch.setattr("geo.statistics.regression.matrix._FEW", 10)
    found = impacts(result, draws=100, rng=_rng())
    assert found.method == "factors"
    np.testing.assert_allclose(found.table["estimate"], expected, rtol=1e-7)


def test_mean_inverse_and_its_series(lattice):
    space = spatial_matrix(lattice(12, 12))
    dense = space.matrix.toarray()
    series = sampled_series(space, np.random.default_rng(3), rho=0.95)
    for rho in (-0.9, -0.3, 1e-9, 0.0, 0.4, 0.95):
        inverse = np.linalg.inv(np.eye(144) - rho * dense)
        own, next_door = series.mean_inverse(np.array([rho]))
        exact = own[0] + sampling_gap(series, rho)
        assert exact == pytest.approx(np.trace(inverse) / 144, rel=1e-6)
        noise = 5 * series.inverse_noise(rho) + 1e-8
        assert own[0] == pytest.approx(np.trace(inverse) / 144, abs=noise)
        assert next_door[0] == pytest.approx(np.trace(inverse @ dense) / 144, abs=6 * noise)


def test_effects_without_a_lagged_outcome_are_sums_of_coefficients(crime):
    plain, error, slx, sdem = (fit(*crime) for fit in (fit_ols, fit_sem, fit_slx, fit_sdem))
    for result in (plain, error):
        table = impacts(result, rng=_rng()).table
        assert table.loc[("INC", "indirect"), "estimate"] == 0.0
        assert np.isnan(table.loc[("INC", "indirect"), "p"])
        row = result.coefficients.loc["INC"]
        for effect in ("direct", "total"):
            found = table.loc[("INC", effect)]
            assert found["estimate"] == pytest.approx(row["coefficient"])
            assert found["p"] == pytest.approx(row["p"])
            assert found["lower"] == pytest.approx(row["lower"])
    for result in (slx, sdem):
        found = impacts(result, rng=_rng())
        assert (found.draws, found.method) == (0, "linear")
        own, lag = result.coefficients.loc["INC"], result.coefficients.loc["W_INC"]
        row = found.table.loc[("INC", "indirect")]
        assert row["estimate"] == pytest.approx(lag["coefficient"])
        assert row["p"] == pytest.approx(lag["p"])
        total = found.table.loc[("INC", "total")]
        assert total["estimate"] == pytest.approx(own["coefficient"] + lag["coefficient"])
        crossed = result.covariance.loc["INC", "W_INC"]
        variance = own["standard_error"] ** 2 + lag["standard_error"] ** 2 + 2 * crossed
        assert total["standard_error"] == pytest.approx(variance**0.5)


def test_local_spillover_of_weights_that_are_not_standardised(lattice):
    space = spatial_matrix(lattice(6, 6, standardise=False))
    y, x = _made(space, rho=0.0)
    result = fit_slx(y, x, space)
    table = impacts(result, rng=_rng()).table["estimate"]
    mean = space.matrix.sum() / 36
    lag = result.coefficients.loc["W_x1", "coefficient"]
    assert table["x1", "indirect"] == pytest.approx(mean * lag)


def test_moments_without_an_error_of_lambda_have_effects(crime):
    table = impacts(fit_sem(*crime, method="gmm"), rng=_rng()).table
    assert (table.xs("direct", level="effect")["standard_error"] > 0).all()
    two = impacts(fit_sar(*crime, method="gmm"), rng=_rng()).table
    # An error of 4.5 beside an interval from -1.6 to -0.2: draws at the bound, so no p.
    assert two["p"].isna().all()
    assert np.isfinite(two.drop(columns="p")).all(axis=None)


def test_same_seed_same_bytes_and_few_draws_refused(crime):
    result = fit_sar(*crime)
    one, other = (impacts(result, draws=500, rng=_rng()).table for _ in range(2))
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    with pytest.raises(StatisticsError, match="at least 100") as caught:
        impacts(result, draws=50, rng=_rng())
    assert caught.value.code == "statistics.draws"
    wide = result.covariance.copy()
    wide.loc["rho", "rho"] *= 1e8
    with pytest.raises(StatisticsError, match="uncertain") as caught:
        impacts(replace(result, covariance=wide), draws=500, rng=_rng())
    assert caught.value.code == "statistics.draws_outside"
