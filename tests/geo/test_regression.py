"""Spatial regression against R, spreg, dense linear algebra and planted parameters."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.errors import GeoError, StatisticsError, WeightsError
from geo.statistics import (
    fit_ols,
    fit_sar,
    fit_sdem,
    fit_sdm,
    fit_sem,
    fit_slx,
    likelihood_ratio,
    model_table,
    spatial_matrix,
)
from geo.statistics.regression.determinant import Eigenvalues, Factors, curvature, log_determinant
from geo.statistics.regression.series import sampled_series
from geo.weights.construction import graph_from_links

FITS = {
    "ols": fit_ols,
    "slx": fit_slx,
    "sar": fit_sar,
    "sem": fit_sem,
    "sdm": fit_sdm,
    "sdem": fit_sdem,
}
SPATIAL = ["sar", "sem", "sdm", "sdem"]

# spatialreg 1.2-6 and spdep 1.2-7 on Columbus, CRIME by INC and HOVAL, col.gal.nb, style W.
R_ML = {
    "sar": {
        "rho": (0.403889687619495, 0.120713133599444),
        "intercept": (46.8514310099949, 7.31475362812419),
        "INC": (-1.07353346541957, 0.31087219354412),
        "HOVAL": (-0.269997123639547, 0.0901280214085306),
        "model": (-183.16828003635, 376.3365600727, 99.1639771117407),
    },
    "sem": {
        "lambda": (0.52088766608838, 0.141286200972445),
        "intercept": (61.0536184183805, 5.31487471270388),
        "INC": (-0.995472756051642, 0.337025056688981),
        "HOVAL": (-0.307979372358162, 0.092583525642582),
        "model": (-184.155204671898, 378.310409343797, 99.9799069368874),
    },
    "sdm": {
        "rho": (0.382506264121792, 0.162374817244176),
        "intercept": (45.592891013521, 13.1286790394999),
        "INC": (-0.939087955203042, 0.338229267811916),
        "HOVAL": (-0.299605421722252, 0.0908434002393418),
        "W_INC": (-0.61837485198755, 0.577052440213898),
        "W_HOVAL": (0.266614603345039, 0.183971027838236),
        "model": (-182.016116443503, 378.032232887005, 95.0505671734953),
    },
    "sdem": {
        "lambda": (0.376129142380374, 0.165540319244653),
        "intercept": (73.258655251252, 8.52804325528556),
        "INC": (-1.06953006455966, 0.324718534890962),
        "HOVAL": (-0.28034410609886, 0.0918092909346993),
        "W_INC": (-1.19677358144082, 0.568967602413034),
        "W_HOVAL": (0.146758485693504, 0.200872151274674),
        "model": (-182.232889736857, 378.465779473713, 96.0224923253481),
    },
}


@pytest.fixture(scope="module")
def crime(columbus):
    """Outcome, explanations and row-standardised weights of Columbus."""
    table, graph = columbus
    return table["CRIME"], table[["INC", "HOVAL"]], graph.transform("R")


def _made(graph, *, rho=0.0, lam=0.0, seed=1, lagged=0.0, noise=1.0):
    """Draw y = rho W y + 2 + x1 - x2 / 2 + lagged W x1 + (I - lam W)^-1 e."""
    space = spatial_matrix(graph, islands="keep")
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.normal(size=(space.n, 2)), index=space.labels, columns=["x1", "x2"])
    error = space.solve(lam, noise * rng.normal(size=space.n))
    pull = lagged * (space.matrix @ x["x1"].to_numpy())
    y = space.solve(rho, (2.0 + x["x1"] - 0.5 * x["x2"]).to_numpy() + pull + error)
    return pd.Series(y, index=space.labels), x


@pytest.mark.parametrize("model", SPATIAL)
def test_columbus_likelihood_equals_r(crime, model):
    result = FITS[model](*crime)
    expected = dict(R_ML[model])
    likelihood, aic, sigma2 = expected.pop("model")
    assert result.log_likelihood == pytest.approx(likelihood, rel=1e-12)
    assert result.aic == pytest.approx(aic, rel=1e-12)
    assert result.sigma2 == pytest.approx(sigma2, rel=1e-7)
    assert set(result.coefficients.index) == set(expected)
    for term, (coefficient, error) in expected.items():
        row = result.coefficients.loc[term]
        # R stops its search for rho at about 1e-8.
        assert row["coefficient"] == pytest.approx(coefficient, rel=2e-7)
        assert row["standard_error"] == pytest.approx(error, rel=1e-7)


def test_columbus_tests_of_least_squares_equal_r(crime):
    tests = fit_ols(*crime).tests
    expected = {
        "lm_lag": (7.85567540711154, 0.00506614233414893),
        "lm_error": (4.61112584434427, 0.0317651720089892),
        "robust_lm_lag": (3.27806366982545, 0.0702117201499372),
        "robust_lm_error": (0.033514107058178, 0.854744204197944),
        "sarma": (7.88918951416971, 0.0193590599021715),
    }
    assert tests.index.tolist() == list(expected)
    np.testing.assert_allclose(tests[["statistic", "p"]], list(expected.values()), rtol=1e-9)


def test_columbus_two_stage_and_slx_equal_r(crime):
    table = fit_sar(*crime, method="gmm").coefficients
    expected = {
        "rho": (0.454637591116423, 0.191446451713617),
        "intercept": (44.1163858974726, 11.1717895398566),
        "INC": (-1.00772192287798, 0.391139153508457),
        "HOVAL": (-0.269502780133787, 0.0933680426612584),
    }
    np.testing.assert_allclose(
        table.loc[list(expected), ["coefficient", "standard_error"]],
        list(expected.values()),
        rtol=1e-10,
    )
    found = fit_slx(*crime).coefficients["coefficient"]
    expected = [74.0289955196187, -1.10812732262014, -0.294909521640147]
    np.testing.assert_allclose(found.iloc[:3], expected, rtol=1e-12)
    np.testing.assert_allclose(found.iloc[3:], [-1.38344678108231, 0.22615377917731], rtol=1e-12)


def test_columbus_equals_every_figure_of_the_reference(crime, reference):
    figures = pd.read_csv(reference / "global_and_models.csv")
    figures = figures[figures["dataset"] == "columbus_W"]
    names = {"ml_lag": "sar", "ml_error": "sem", "ml_durbin": "sdm", "ml_sdem": "sdem"}
    seen = 0
    for stat, group in figures.groupby("stat"):
        if stat not in names:
            continue
        result = FITS[names[stat]](*crime)
        known = {"LL": result.log_likelihood, "AIC": result.aic, "s2": result.sigma2}
        for term, row in result.coefficients.iterrows():
            r_name = {"intercept": "(Intercept)"}.get(term, term.replace("W_", "lag."))
            known[r_name] = row["coefficient"]
            error = f"{r_name}.se" if term in {"rho", "lambda"} else f"se.{r_name}"
            known[error] = row["standard_error"]
        for name, value in zip(group["name"], group["value"], strict=True):
            assert known[name] == pytest.approx(value, rel=2e-7), (stat, name)
            seen += 1
    assert seen == 11 + 11 + 15 + 15


def test_columbus_equals_spreg(crime):
    spreg = pytest.importorskip("spreg")
    y, x, graph = crime
    inputs = {"name_x": list(x), "w": None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inputs["w"] = graph.to_W()
        inputs["w"].transform = "R"
        order = inputs["w"].id_order
        column, table = y.loc[order].to_numpy()[:, None], x.loc[order].to_numpy()
        least = spreg.OLS(column, table, spat_diag=True, moran=True, **inputs)
        moments = spreg.GM_Error(column, table, **inputs)
        durbin = spreg.GM_Lag(column, table, w_lags=2, slx_lags=1, **inputs)
    ours = fit_ols(y, x, graph)
    moran = ours.residual_moran
    np.testing.assert_allclose([moran.statistic, moran.z, moran.p], least.moran_res, rtol=1e-9)
    np.testing.assert_allclose(ours.coefficients["standard_error"], least.std_err, rtol=1e-10)
    assert ours.r_squared == pytest.approx(least.r2, rel=1e-10)
    error = fit_sem(y, x, graph, method="gmm").coefficients
    np.testing.assert_allclose(error["coefficient"].iloc[1:], moments.betas.ravel()[:3], rtol=1e-5)
    np.testing.assert_allclose(error["standard_error"].iloc[1:], moments.std_err[:3], rtol=1e-5)
    assert error.loc["lambda", "coefficient"] == pytest.approx(moments.betas[3, 0], abs=1e-5)
    assert np.isnan(error.loc["lambda", ["standard_error", "p"]].astype(float)).all()
    stages = fit_sdm(y, x, graph, method="gmm").coefficients["coefficient"]
    np.testing.assert_allclose(stages.iloc[0], durbin.betas[-1, 0], rtol=1e-8)


def test_moments_of_residual_moran_are_those_of_simulated_noise(lattice):
    graph = lattice(6, 7)
    y, x = _made(graph)
    result = fit_ols(y, x, graph).residual_moran
    space = spatial_matrix(graph)
    table = np.column_stack([np.ones(42), x])
    away = np.eye(42) - table @ np.linalg.inv(table.T @ table) @ table.T
    noise = away @ np.random.default_rng(2).normal(size=(42, 20_000))
    drawn = (noise * (space.matrix @ noise)).sum(axis=0) / (noise**2).sum(axis=0)
    assert result.expected == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 20_000**0.5)
    assert result.variance == pytest.approx(drawn.var(), rel=0.05)
    dense = space.matrix.toarray()
    assert result.expected == pytest.approx(np.trace(away @ dense) / 39, rel=1e-10)


def test_hc1_is_whites_covariance(crime):
    y, x, graph = crime
    table = np.column_stack([np.ones(49), x])
    inverse = np.linalg.inv(table.T @ table)
    residuals = y - table @ (inverse @ (table.T @ y))
    middle = (table * residuals.to_numpy()[:, None] ** 2).T @ table
    expected = np.sqrt(np.diagonal(inverse @ middle @ inverse) * 49 / 46)
    found = fit_ols(y, x, graph)
    np.testing.assert_allclose(found.coefficients["hc1_error"], expected, rtol=1e-9)
    pd.testing.assert_series_equal(found.residuals, residuals, check_names=False)


@pytest.mark.parametrize("model", SPATIAL)
def test_estimates_are_the_summit_of_the_written_out_likelihood(lattice, model):
    """The whole likelihood by dense algebra is nowhere larger, and flat at the estimate."""
    graph = lattice(5, 6, rule="rook", standardise=False)
    y, x = _made(graph, rho=0.1 if model in {"sar", "sdm"} else 0.0, lam=0.1, seed=4)
    result = FITS[model](y, x, graph)
    space = result.space
    table = np.column_stack([np.ones(30), x])
    if result.lagged:
        table = np.column_stack([table, space.matrix @ x.to_numpy()])

    def likelihood(theta):
        dense = np.eye(30) - theta[0] * space.matrix.toarray()
        own = y.to_numpy()
        e = dense @ own - table @ theta[1:-1]
        if result.spatial == "lambda":
            e = dense @ (own - table @ theta[1:-1])
        squares = float(e @ e) / np.exp(theta[-1])
        return np.linalg.slogdet(dense)[1] - 15 * (np.log(2 * np.pi) + theta[-1]) - squares / 2

    best = np.append(result.coefficients["coefficient"], np.log(result.sigma2))
    assert likelihood(best) == pytest.approx(result.log_likelihood, rel=1e-12)
    for step in np.eye(len(best)):
        here = [likelihood(best + h * step) for h in (-1e-4, 1e-4)]
        assert max(here) < result.log_likelihood
        assert abs(here[1] - here[0]) / 2e-4 < 1e-3 * (1 + abs(result.log_likelihood))


@pytest.mark.parametrize("model", ["sar", "sem"])
def test_covariance_is_the_inverse_hessian(lattice, model, monkeypatch):
    """The observed information, used above 3,000 units, against differences of the likelihood."""
    monkeypatch.setattr("geo.statistics.regression.matrix._DENSE_UNITS", 10)
    graph = lattice(8, 9)
    y, x = _made(graph, rho=0.4 if model == "sar" else 0.0, lam=0.0 if model == "sar" else 0.5)
    result = FITS[model](y, x, graph)
    space, own = result.space, y.to_numpy()
    table = np.column_stack([np.ones(72), x])

    def likelihood(theta):
        e = own - theta[0] * (space.matrix @ own) - table @ theta[1:-1]
        if model == "sem":
            u = own - table @ theta[1:-1]
            e = u - theta[0] * (space.matrix @ u)
        determinant = float(np.log(1.0 - theta[0] * space.eigenvalues).sum())
        return determinant - 36 * theta[-1] - float(e @ e) / np.exp(theta[-1]) / 2

    best = np.append(result.coefficients["coefficient"], np.log(result.sigma2))
    h, k = 1e-4, len(best)
    hessian = np.empty((k, k))
    for i, one in enumerate(np.eye(k) * h):
        for j, other in enumerate(np.eye(k) * h):
            hessian[i, j] = (
                likelihood(best + one + other)
                - likelihood(best + one - other)
                - likelihood(best - one + other)
                + likelihood(best - one - other)
            ) / (4 * h * h)
    expected = np.linalg.inv(-hessian)[:-1, :-1]
    np.testing.assert_allclose(result.covariance, expected, rtol=1e-3, atol=1e-7)


def test_no_rho_in_the_data_gives_least_squares(lattice):
    graph = spatial_matrix(lattice(20, 20))
    y, x = _made(graph, seed=11)
    plain = fit_ols(y, x, graph)
    for model in ("sar", "sem"):
        result = FITS[model](y, x, graph)
        first = result.coefficients.iloc[0]
        assert abs(first["z"]) < 3
        assert result.tests.loc["lr", "p"] > 0.01
        assert result.log_likelihood >= plain.log_likelihood
        gap = result.coefficients["coefficient"] - plain.coefficients["coefficient"]
        assert (gap.dropna().iloc[1:].abs() < plain.coefficients["standard_error"].iloc[1:]).all()
    # Wald, likelihood-ratio and Lagrange tests of one null agree where it holds.
    wald = fit_sar(y, x, graph).coefficients.loc["rho", "z"] ** 2
    assert wald == pytest.approx(plain.tests.loc["lm_lag", "statistic"], rel=0.25)


def test_durbin_holds_the_error_model_as_common_factor(lattice):
    graph = spatial_matrix(lattice(20, 20))
    y, x = _made(graph, lam=0.7, seed=3)
    error, durbin, lag = (FITS[model](y, x, graph) for model in ("sem", "sdm", "sar"))
    terms = durbin.coefficients["coefficient"]
    assert terms["W_x1"] == pytest.approx(-terms["rho"] * terms["x1"], abs=0.25)
    statistic, df, p = likelihood_ratio(error, durbin)
    assert df == 2
    assert p > 0.01
    assert statistic == pytest.approx(2 * (durbin.log_likelihood - error.log_likelihood))
    assert likelihood_ratio(lag, durbin)[2] < 0.01
    for one, other, code in (
        (durbin, error, "not_nested"),
        (lag, error, "not_nested"),
        (fit_sar(y, x, graph, method="gmm"), durbin, "no_likelihood"),
    ):
        with pytest.raises(StatisticsError) as caught:
            likelihood_ratio(one, other)
        assert caught.value.code == f"statistics.{code}"


@pytest.mark.parametrize("method", ["ml", "gmm"])
@pytest.mark.parametrize("model", SPATIAL)
def test_planted_parameters_are_found(lattice, model, method):
    graph = spatial_matrix(lattice(20, 20))
    lag = model in {"sar", "sdm"}
    lagged = 0.8 if model in {"sdm", "sdem"} else 0.0
    truth = {"intercept": 2.0, "x1": 1.0, "x2": -0.5, "W_x1": lagged, "W_x2": 0.0}
    # Two stages see rho of the Durbin model only through W^2 X: they need a strong signal.
    weak = (model, method) == ("sdm", "gmm")
    truth["rho" if lag else "lambda"] = -0.3 if (model, method) == ("sdm", "ml") else 0.6
    spatial = truth["rho" if lag else "lambda"]
    for seed in (1, 2, 3):
        y, x = _made(
            graph,
            rho=spatial if lag else 0.0,
            lam=0.0 if lag else spatial,
            seed=seed,
            lagged=lagged,
            noise=0.3 if weak else 1.0,
        )
        table = FITS[model](y, x, graph, method=method).coefficients
        expected = np.array([truth[term] for term in table.index])
        error = table["standard_error"].fillna(0.1)
        assert ((table["coefficient"] - expected).abs() < 3.5 * error).all(), (seed, table)


def test_error_left_in_a_lag_model_is_noticed(lattice):
    graph = spatial_matrix(lattice(12, 12))
    p = [
        fit_sar(*_made(graph, rho=0.4, seed=s), graph).tests.loc["lm_error", "p"] for s in range(60)
    ]
    assert 0.2 < np.mean(np.array(p) < 0.5) < 0.8
    assert np.mean(np.array(p) < 0.05) < 0.15
    y, x = _made(graph, rho=0.4, lam=0.8, seed=1)
    assert fit_sar(y, x, graph).tests.loc["lm_error", "p"] < 0.01


def test_labels_decide_not_positions(crime, assert_label_invariant):
    y, x, graph = crime

    def parts(graph, outcome, inc, hoval):
        results = []
        for fit in FITS.values():
            result = fit(outcome, pd.DataFrame({"INC": inc, "HOVAL": hoval}), graph)
            results.append(
                {
                    "residuals": result.residuals,
                    "trend": result.trend,
                    "table": tuple(model_table([result]).iloc[:, 0].fillna(-1.0)),
                }
            )
        return pd.DataFrame(
            {
                f"{i}{key}": one[key]
                for i, one in enumerate(results)
                for key in ("residuals", "trend")
            }
        ).assign(figures=str([one["table"] for one in results]))

    assert_label_invariant(parts, graph=graph, outcome=y, inc=x["INC"], hoval=x["HOVAL"])


def test_units_of_measurement_do_not_matter(crime):
    y, x, graph = crime
    plain = fit_sdm(y, x, graph)
    scaled = fit_sdm(y, x * [1e9, 1e-6] + [0.0, 5e-5], graph)
    assert scaled.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-9)
    np.testing.assert_allclose(
        scaled.coefficients["z"].drop("intercept"),
        plain.coefficients["z"].drop("intercept"),
        rtol=1e-6,
    )


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize("standardise", [True, False])
def test_every_log_determinant_is_the_dense_one(lattice, rule, standardise):
    space = spatial_matrix(lattice(9, 11, rule=rule, standardise=standardise))
    assert space.symmetric is not None
    dense = space.matrix.toarray()
    sampled = sampled_series(space, np.random.default_rng(1))
    for share in (-0.7, -0.2, 0.3, 0.7):
        rho = share / space.radius
        expected = np.linalg.slogdet(np.eye(99) - rho * dense)[1]
        assert Eigenvalues(space).value(rho) == pytest.approx(expected, rel=1e-10)
        assert Factors(space).value(rho) == pytest.approx(expected, rel=1e-10)
        assert sampled.value(rho) == pytest.approx(expected, rel=0.02)
        g = dense @ np.linalg.inv(np.eye(99) - rho * dense)
        np.testing.assert_allclose(space.multiplier(rho), g, rtol=1e-8, atol=1e-10)
        for one in (Eigenvalues(space), Factors(space)):
            assert curvature(one, rho) == pytest.approx(np.trace(g @ g), rel=1e-5)
        assert curvature(sampled, rho) == pytest.approx(np.trace(g @ g), rel=0.1)


def _directed(n=120, seed=5):
    """Each unit listens to five others: no symmetric matrix has these eigenvalues."""
    rng = np.random.default_rng(seed)
    focal = np.repeat(np.arange(n), 5)
    neighbor = np.concatenate([rng.choice(np.delete(np.arange(n), i), 5, False) for i in range(n)])
    return graph_from_links(pd.RangeIndex(n), focal, neighbor).transform("R")


def test_directed_weights_have_complex_eigenvalues_and_all_the_rest(lattice):
    graph = _directed()
    space = spatial_matrix(graph)
    assert space.symmetric is None
    assert np.iscomplexobj(space.eigenvalues)
    expected = np.linalg.slogdet(np.eye(120) - 0.6 * space.matrix.toarray())[1]
    for one in (Eigenvalues(space), Factors(space)):
        assert one.value(0.6) == pytest.approx(expected, rel=1e-10)
    sampled = sampled_series(space, np.random.default_rng(1))
    assert sampled.value(0.6) == pytest.approx(expected, abs=0.1)
    y, x = _made(graph, rho=0.5, seed=2)
    table = fit_sar(y, x, graph).coefficients
    assert abs(table.loc["rho", "coefficient"] - 0.5) < 3 * table.loc["rho", "standard_error"]
    # Distances standardised by row come from symmetric ones; a cycle that is turned does not.
    near = lattice(4, 5, standardise=False)
    links = near.adjacency.reset_index()
    position = {label: i for i, label in enumerate(near.unique_ids)}
    focal, neighbor = (links[side].map(position).to_numpy() for side in ("focal", "neighbor"))
    weight = 1.0 / (1.0 + np.minimum(focal, neighbor) + 0.1 * np.maximum(focal, neighbor))
    unequal = graph_from_links(near.unique_ids, focal, neighbor, weight)
    assert spatial_matrix(unequal.transform("R")).symmetric is not None
    weight[0] *= 2.0
    turned = spatial_matrix(graph_from_links(near.unique_ids, focal, neighbor, weight))
    assert turned.symmetric is None


@pytest.mark.parametrize("model", SPATIAL)
def test_sampled_and_factored_determinants_agree_with_the_exact_fit(lattice, model, monkeypatch):
    graph = lattice(16, 20)
    y, x = _made(graph, rho=0.5 if model in {"sar", "sdm"} else 0.0, lam=0.3, seed=8)
    exact = FITS[model](y, x, graph)
    factored = FITS[model](y, x, graph, determinant="factors")
    assert factored.coefficients.iloc[0, 0] == pytest.approx(
        exact.coefficients.iloc[0, 0], abs=1e-6
    )
    assert (exact.determinant, exact.determinant_error) == ("eigenvalues", 0.0)
    sampled = FITS[model](y, x, graph, determinant="series", rng=np.random.default_rng(1))
    error = exact.coefficients.iloc[0]["standard_error"]
    assert 0.0 < sampled.determinant_error < 0.05 * error
    gap = sampled.coefficients.iloc[0, 0] - exact.coefficients.iloc[0, 0]
    assert abs(gap) < 5 * sampled.determinant_error
    # Larger maps take the observed information: the same limit.
    monkeypatch.setattr("geo.statistics.regression.matrix._DENSE_UNITS", 100)
    large = FITS[model](y, x, spatial_matrix(graph), determinant="factors")
    np.testing.assert_allclose(
        large.coefficients["standard_error"], exact.coefficients["standard_error"], rtol=0.05
    )
    again = FITS[model](y, x, spatial_matrix(graph), rng=np.random.default_rng(1))
    assert again.determinant == "series"


def test_a_strong_lag_lengthens_the_series(lattice):
    graph = spatial_matrix(lattice(16, 20))
    y, x = _made(graph, rho=0.97, seed=8)
    exact = fit_sar(y, x, graph)
    sampled = fit_sar(y, x, graph, determinant="series", rng=np.random.default_rng(1))
    gap = sampled.coefficients.iloc[0, 0] - exact.coefficients.iloc[0, 0]
    assert exact.coefficients.iloc[0, 0] > 0.9
    assert abs(gap) < 5 * sampled.determinant_error
    short = sampled_series(exact.space, np.random.default_rng(1))
    assert not short.reaches(exact.coefficients.iloc[0, 0])


def test_islands_are_refused_unless_kept(lattice):
    graph = lattice(6, 6)
    adjacency = graph.adjacency.reset_index()
    kept = adjacency[(adjacency["focal"] != "u000") & (adjacency["neighbor"] != "u000")]
    position = {label: i for i, label in enumerate(graph.unique_ids)}
    focal, neighbor = (kept[side].map(position).to_numpy() for side in ("focal", "neighbor"))
    alone = graph_from_links(graph.unique_ids, focal, neighbor).transform("R")
    y, x = _made(graph, rho=0.4)
    with pytest.raises(WeightsError, match="u000") as caught:
        fit_sar(y, x, alone)
    assert caught.value.code == "weights.islands"
    result = fit_sar(y, x, alone, islands="keep")
    assert result.isolates == ("u000",)
    assert not result.space.row_standardised
    terms = result.coefficients["coefficient"]
    again = fit_sar(y, x, result.space)  # stated once
    assert again.log_likelihood == result.log_likelihood
    own = terms["intercept"] + terms["x1"] * x.loc["u000", "x1"] + terms["x2"] * x.loc["u000", "x2"]
    assert result.trend["u000"] == pytest.approx(own)


def _bad(crime):
    y, x, graph = crime
    first = y.index[0]
    twice = pd.concat([y, y.iloc[:1]])
    few = pd.Index(range(5))
    ring = graph_from_links(few, np.arange(5), (np.arange(5) + 1) % 5)
    small = pd.DataFrame({"INC": range(5), "HOVAL": [1, 4, 2, 3, 9]}, index=few)
    mixed = x.assign(OTHER=2 * x["INC"] - x["HOVAL"])
    missing = x.assign(HOVAL=x["HOVAL"].where(x.index != first))
    return {
        "labels_mismatch": (y.drop(first), x, graph, str(first)),
        "labels_duplicate": (twice, x, graph, str(first)),
        "values_missing": (y, missing, graph, "HOVAL.*" + str(first)),
        "constant_column": (y, x.assign(ONE=3.0), graph, "ONE"),
        "collinear": (y, mixed.assign(FREE=y**2), graph, "INC, HOVAL, OTHER;"),
        "column_names": (y, x.assign(rho=1.0), graph, "rho"),
        "no_columns": (y, x[[]], graph, "no explanations"),
        "too_few_observations": (pd.Series(range(5)), small, ring, "6 units, got 5"),
        "constant": (y * 0 + 7, x, graph, "7"),
        "perfect_fit": (x["INC"] * 2 + 1, x, graph, "exactly"),
        "values_not_numeric": (y.astype(str) + "x", x, graph, "CRIME"),
        "self_weight": (y, x, graph.assign_self_weight(1), "themselves"),
    }


@pytest.mark.parametrize(
    "rule",
    [
        "labels_mismatch",
        "labels_duplicate",
        "values_missing",
        "constant_column",
        "collinear",
        "column_names",
        "no_columns",
        "too_few_observations",
        "constant",
        "perfect_fit",
        "values_not_numeric",
        "self_weight",
    ],
)
def test_what_has_no_answer_is_refused_by_name(crime, rule):
    y, x, graph, words = _bad(crime)[rule]
    for fit in (fit_slx, fit_sdm) if rule == "too_few_observations" else (fit_ols, fit_sar):
        with pytest.raises(GeoError, match=words) as caught:
            fit(y, x, graph)
        assert caught.value.code.endswith(rule)
        assert isinstance(caught.value, (StatisticsError, WeightsError))


def test_unknown_options_and_a_missing_generator_are_refused(crime):
    for options, code in (
        ({"method": "bayes"}, "method"),
        ({"determinant": "guess"}, "determinant"),
        ({"determinant": "series"}, "rng_missing"),
        ({"islands": "drop"}, "islands"),
    ):
        with pytest.raises(StatisticsError) as caught:
            fit_sar(*crime, **options)
        assert caught.value.code == f"statistics.{code}"
    with pytest.raises(StatisticsError):
        log_determinant(spatial_matrix(crime[2]), "series", None)


def test_an_estimate_at_the_bound_is_refused():
    # One slow wave along a path: every rho below one is too small for it.
    n = 300
    at = np.arange(n - 1)
    focal, neighbor = np.append(at, at + 1), np.append(at + 1, at)
    graph = graph_from_links(pd.RangeIndex(n), focal, neighbor).transform("R")
    rng = np.random.default_rng(2)
    y = pd.Series(np.cos(np.pi * (np.arange(n) + 0.5) / n))
    x = pd.DataFrame({"x": rng.normal(size=n)})
    with pytest.raises(StatisticsError, match="bound") as caught:
        fit_sem(y, x, graph)
    assert caught.value.code == "statistics.at_bound"


def test_one_way_weights_have_no_lag_model(lattice):
    n = 30
    at = np.arange(n - 1)
    chain = graph_from_links(pd.RangeIndex(n), at, at + 1)
    rng = np.random.default_rng(1)
    y, x = pd.Series(rng.normal(size=n)), pd.DataFrame({"x": rng.normal(size=n)})
    assert np.isfinite(fit_ols(y, x, chain, islands="keep").tests["p"]).all()
    with pytest.raises(WeightsError, match="one-way") as caught:
        fit_sar(y, x, chain, islands="keep")
    assert caught.value.code == "weights.one_way"


def test_weights_between_all_pairs(monkeypatch):
    """Inverse distances link everyone: dense methods, and a series that has to be asked for."""
    n = 60
    rng = np.random.default_rng(4)
    place = rng.uniform(size=(n, 2))
    focal, neighbor = np.nonzero(~np.eye(n, dtype=bool))
    weight = 1.0 / np.linalg.norm(place[focal] - place[neighbor], axis=1)
    graph = graph_from_links(pd.RangeIndex(n), focal, neighbor, weight).transform("R")
    space = spatial_matrix(graph)
    assert space.dense
    assert space.symmetric is not None
    y, x = _made(graph, rho=0.5)
    exact = fit_sar(y, x, graph)
    monkeypatch.setattr("geo.statistics.regression.matrix._FEW", 10)
    monkeypatch.setattr("geo.statistics.regression.matrix._DENSE_UNITS", 10)
    with pytest.raises(StatisticsError) as caught:
        fit_sar(y, x, spatial_matrix(graph))
    assert caught.value.code == "statistics.rng_missing"
    sampled = fit_sar(y, x, spatial_matrix(graph), rng=np.random.default_rng(1))
    gap = (
        sampled.coefficients.loc["rho", "coefficient"]
        - exact.coefficients.loc["rho", "coefficient"]
    )
    assert abs(gap) < 5 * sampled.determinant_error
    np.testing.assert_allclose(sampled.trend, exact.trend, rtol=0.05)


def test_two_stages_refuse_a_rho_beyond_its_range_and_give_no_likelihood(lattice):
    graph = lattice(20, 20)
    y, x = _made(graph, rho=-0.3, lagged=0.8, seed=2)
    with pytest.raises(StatisticsError, match="outside its range") as caught:
        fit_sdm(y, x, graph, method="gmm")
    assert caught.value.code == "statistics.at_bound"
    result = fit_sar(y, x, graph, method="gmm")
    assert np.isnan([result.log_likelihood, result.aic]).all()
    assert result.tests.empty


def test_model_table_puts_models_side_by_side(crime):
    results = [fit(*crime) for fit in FITS.values()]
    table = model_table(results)
    assert table.columns.tolist() == list(FITS)
    assert table.loc[("rho", "coefficient"), "sar"] == pytest.approx(0.403889687619495, rel=1e-6)
    assert np.isnan(table.loc[("rho", "coefficient"), "sem"])
    assert table.loc[("model", "log_likelihood"), "ols"] == pytest.approx(-187.377238812149)
    assert table.loc[("lr", "p"), "sar"] < 0.01
    assert table.loc[("lm_lag", "statistic"), "ols"] == pytest.approx(7.85567540711154)
    assert table.loc[("residual_moran", "statistic")].between(-1, 1).all()
    terms = list(dict.fromkeys(table.index.get_level_values("term")))
    assert terms.index("INC") < terms.index("rho") < terms.index("lr") < terms.index("model")
    named = model_table({"one": results[0], "two": results[0]})
    assert named.columns.tolist() == ["one", "two"]
    elsewhere = replace(results[0].space, labels=results[0].space.labels + 1)
    for wrong, code in (
        ([], "model_names"),
        ([results[0], results[0]], "model_names"),
        ([results[0], replace(results[2], space=elsewhere)], "models_differ"),
    ):
        with pytest.raises(StatisticsError) as caught:
            model_table(wrong)
        assert caught.value.code == f"statistics.{code}"
