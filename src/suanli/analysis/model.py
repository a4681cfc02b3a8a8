"""One outcome by several spatial regressions, and which of them the tests suggest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from geo.errors import GeoError, StatisticsError
from geo.statistics import (
    ImpactResult,
    RegressionResult,
    SpatialMatrix,
    fit_ols,
    fit_sar,
    fit_sdem,
    fit_sdm,
    fit_sem,
    fit_slx,
    impacts,
    likelihood_ratio,
    spatial_matrix,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = [
    "MODELS",
    "ModelStudy",
    "Reading",
    "Suggestion",
    "fit_models",
    "model_tables",
    "suggested",
]

Method = Literal["ml", "gmm"]
Suggestion = Literal["none", "lag", "error", "both", "undecided"]

MODELS: Final = ("ols", "slx", "sar", "sem", "sdm", "sdem")
"""Models in the order of their columns."""

_NESTED: Final = (
    ("ols", "slx"), ("ols", "sar"), ("ols", "sem"),
    ("slx", "sdm"), ("sar", "sdm"), ("sem", "sdm"), ("slx", "sdem"), ("sem", "sdem"),
)  # fmt: skip

# Of least squares the Lagrange multiplier tests have judged rho and lambda already.
_WIDER: Final = {"ols": ("slx",), "slx": ("sdm", "sdem"), "sar": ("sdm",), "sem": ("sdm", "sdem")}
_WIDEST_FIRST: Final = ("sdm", "sdem", "sar", "sem", "slx", "ols")
_SUGGESTED: Final = {"none": "ols", "lag": "sar", "error": "sem", "both": "sdm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which model is read, and why.

    Attributes
    ----------
    start : str
        The model begun with.
    by : {"tests", "aic", "width"}
        What led to it: the tests of least squares; the least AIC where these name no fitted
        model; the most terms where models have no AIC.
    judged : tuple[tuple[str, Mapping[str, float]], ...]
        The start and what came after it, each with the p of its likelihood ratio tests
        against wider models.
    model : str
        Where this ended.
    """

    start: str
    by: Literal["tests", "aic", "width"]
    judged: tuple[tuple[str, Mapping[str, float]], ...]
    model: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelStudy:
    """Fitted models side by side.

    Attributes
    ----------
    fits : Mapping[str, RegressionResult]
        By name of the model, in the order of :data:`MODELS`.
    plain : RegressionResult
        Least squares, whose tests suggest a model; also where it was not asked for.
    effects : Mapping[str, ImpactResult]
        Direct, indirect and total effects of every fitted model.
    ratios : pandas.DataFrame
        Likelihood ratio tests: ``restricted``, ``full``, ``statistic``, ``df``, ``p``.
    failed : Mapping[str, GeoError]
        Why a model could not be fitted.
    suggestion : str
        See :func:`suggested`.
    alpha : float
        Level of the tests.
    reading : Reading
        The model to read: the one the tests of least squares suggest, or a wider one.
    """

    fits: Mapping[str, RegressionResult]
    plain: RegressionResult
    effects: Mapping[str, ImpactResult]
    ratios: pd.DataFrame
    failed: Mapping[str, GeoError]
    suggestion: Suggestion
    alpha: float = 0.05
    reading: Reading = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reading", _reading(self))


def fit_models(
    y: pd.Series,
    x: pd.DataFrame,
    weights: "Graph",
    *,
    models: Sequence[str] = MODELS,
    method: Method = "ml",
    keep_islands: bool = False,
    alpha: float = 0.05,
    chance: Callable[[str], np.random.Generator],
) -> ModelStudy:
    """Fit several models of one outcome.

    Parameters
    ----------
    y : pandas.Series
        Outcome by unit.
    x : pandas.DataFrame
        Explanations, one row per unit, in any order.
    weights : libpysal.graph.Graph
        Spatial weights of the same units.
    models : Sequence[str]
        Some of :data:`MODELS`.
    method : {"ml", "gmm"}
        Estimator of the models with rho or lambda.
    keep_islands : bool
        Whether units without neighbours stay, their lags zero; otherwise they are refused.
    alpha : float
        Level of the tests that suggest a model.
    chance : Callable[[str], numpy.random.Generator]
        Called with the name of a model; the source of its simulated standard errors.

    Returns
    -------
    ModelStudy
        Fits, effects, tests; a model that cannot be fitted does not stop the others.

    Raises
    ------
    geo.errors.GeoError
        Labels, values or columns do not allow least squares, or no model can be fitted.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> x = pd.DataFrame({"x": [0.0, 2, 3, 1, 5, 4]}, index=list("abcdef"))
    >>> found = fit_models(y, x, path, models=["ols", "sar"],
    ...                    chance=lambda _: np.random.default_rng(1))
    >>> list(found.fits), found.suggestion, found.reading.model
    (['ols', 'sar'], 'none', 'ols')
    """
    space = spatial_matrix(weights, islands="keep" if keep_islands else "error")
    plain = fit_ols(y, x, space)
    fits: dict[str, RegressionResult] = {}
    failed: dict[str, GeoError] = {}
    for name in (one for one in MODELS if one in models):
        try:
            fits[name] = plain if name == "ols" else _fitted(name, y, x, space, method)
        except GeoError as error:
            failed[name] = error
    if not fits:
        raise next(iter(failed.values()))
    effects: dict[str, ImpactResult] = {}
    for name, fit in fits.items():
        try:
            effects[name] = impacts(fit, rng=chance(name))
        except StatisticsError as error:
            failed[f"{name}.effects"] = error
    return ModelStudy(
        fits=fits,
        plain=plain,
        effects=effects,
        ratios=_ratios(fits),
        failed=failed,
        suggestion=suggested(plain.tests["p"], alpha=alpha),
        alpha=alpha,
    )


def suggested(p: pd.Series, *, alpha: float = 0.05) -> Suggestion:
    """Read the Lagrange multiplier tests of least squares.

    Parameters
    ----------
    p : pandas.Series
        p-values, index ``lm_lag``, ``lm_error``, ``robust_lm_lag``, ``robust_lm_error``.
    alpha : float
        Level.

    Returns
    -------
    {"none", "lag", "error", "both", "undecided"}
        No spatial term; the one whose test alone rejects; where both do, the one whose robust
        test alone rejects; ``"both"`` where both robust ones do; ``"undecided"`` where none.

    Notes
    -----
    The decision rule of Anselin and Rey [1]_.

    References
    ----------
    .. [1] Anselin and Rey (2014), Modern Spatial Econometrics in Practice, GeoDa Press, ch. 5.

    Examples
    --------
    >>> names = ["lm_lag", "lm_error", "robust_lm_lag", "robust_lm_error"]
    >>> suggested(pd.Series([0.01, 0.02, 0.03, 0.4], index=names))
    'lag'
    """
    # A p that is not defined rejects nothing.
    hit = {str(name): bool(value <= alpha) for name, value in p.items()}
    if not (hit["lm_lag"] or hit["lm_error"]):
        return "none"
    both = hit["lm_lag"] and hit["lm_error"]
    head = "robust_lm_" if both else "lm_"
    lag, error = hit[f"{head}lag"], hit[f"{head}error"]
    if lag and error:
        return "both"
    if lag:
        return "lag"
    return "error" if error else "undecided"


def model_tables(study: ModelStudy) -> dict[str, pd.DataFrame]:
    """Return everything that was estimated as tidy tables.

    Parameters
    ----------
    study : ModelStudy
        Fitted models.

    Returns
    -------
    dict[str, pandas.DataFrame]
        ``coefficients``, ``effects``, ``tests``, ``ratios``, ``fits`` and ``residuals``.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> y = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> x = pd.DataFrame({"x": [0.0, 2, 3, 1, 5, 4]}, index=list("abcdef"))
    >>> study = fit_models(y, x, path, models=["ols"], chance=lambda _: np.random.default_rng(1))
    >>> model_tables(study)["coefficients"]["term"].to_list()
    ['intercept', 'x']
    """
    fits = study.fits
    tests = {"ols": study.plain.tests} | {name: fit.tests for name, fit in fits.items()}
    return {
        "coefficients": _stacked({k: f.coefficients.rename_axis("term") for k, f in fits.items()}),
        "effects": _stacked({name: one.table for name, one in study.effects.items()}),
        "tests": _stacked({name: table.rename_axis("test") for name, table in tests.items()}),
        "ratios": study.ratios,
        "fits": pd.DataFrame([_fit_row(name, fit, study) for name, fit in fits.items()]),
        "residuals": pd.DataFrame({name: fit.residuals for name, fit in fits.items()})
        .rename_axis("code")
        .reset_index(),
    }


def _reading(study: ModelStudy) -> Reading:
    """Begin with what the tests suggest, and widen as long as a likelihood ratio rejects."""
    name, by = _start(study)
    start, judged = name, []
    while True:
        pairs = study.ratios.set_index(["restricted", "full"])["p"]
        wider = [full for full in _WIDER.get(name, ()) if (name, full) in pairs.index]
        p = {full: float(pairs[name, full]) for full in wider}
        judged.append((name, p))
        rejecting = {full: study.fits[full].aic for full in p if p[full] <= study.alpha}
        if not rejecting:
            return Reading(start=start, by=by, judged=tuple(judged), model=name)
        name = min(rejecting, key=rejecting.__getitem__)


def _start(study: ModelStudy) -> tuple[str, Literal["tests", "aic", "width"]]:
    name = _SUGGESTED.get(study.suggestion, "")
    if name in study.fits:
        return name, "tests"
    aic = {key: fit.aic for key, fit in study.fits.items()}
    if np.isfinite(list(aic.values())).all():
        return min(aic, key=aic.__getitem__), "aic"
    return next(one for one in _WIDEST_FIRST if one in study.fits), "width"


def _fitted(
    name: str, y: pd.Series, x: pd.DataFrame, space: SpatialMatrix, method: Method
) -> RegressionResult:
    if name == "slx":
        return fit_slx(y, x, space)
    fit = {"sar": fit_sar, "sem": fit_sem, "sdm": fit_sdm, "sdem": fit_sdem}[name]
    return fit(y, x, space, method=method)


def _ratios(fits: Mapping[str, RegressionResult]) -> pd.DataFrame:
    rows = []
    for restricted, full in _NESTED:
        pair = [fits.get(name) for name in (restricted, full)]
        known = [fit for fit in pair if fit is not None and np.isfinite(fit.log_likelihood)]
        if len(known) == len(pair):
            statistic, df, p = likelihood_ratio(known[0], known[1])
            rows.append((restricted, full, statistic, df, p))
    return pd.DataFrame(rows, columns=["restricted", "full", "statistic", "df", "p"])


def _fit_row(name: str, fit: RegressionResult, study: ModelStudy) -> dict[str, object]:
    moran, effect = fit.residual_moran, study.effects.get(name)
    return {
        "model": name,
        "method": fit.method,
        "n": fit.n,
        "r_squared": fit.r_squared,
        "sigma2": fit.sigma2,
        "log_likelihood": fit.log_likelihood,
        "aic": fit.aic,
        "residual_moran": moran.statistic,
        "residual_moran_expected": moran.expected,
        "residual_moran_z": moran.z,
        "residual_moran_p": moran.p,
        "determinant": fit.determinant,
        "determinant_error": fit.determinant_error,
        "effect_draws": effect.draws if effect else 0,
        "effect_draws_rejected": effect.rejected if effect else 0,
    }


def _stacked(pieces: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    if not pieces:
        return pd.DataFrame()
    return pd.concat(pieces, names=["model"]).reset_index()
