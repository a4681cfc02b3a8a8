"""Whether provinces grow more alike: sigma, beta, and moves between classes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Final, get_args

import numpy as np
import pandas as pd

from geo.errors import StatisticsError, WeightsError
from geo.statistics import (
    BetaResult,
    SpatialMarkovResult,
    beta_convergence,
    fdr_adjust,
    sigma_convergence,
    spatial_markov,
)
from geo.statistics.convergence import Measure
from geo.weights import build_contiguity, row_standardise
from suanli.analysis.gap import node_values
from suanli.analysis.spatial import bridge_pairs
from suanli.evaluation import Scores
from suanli.intake.table import IndicatorTable
from suanli.profile import ROOT

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph

__all__ = [
    "CLASSES",
    "CONTROLS",
    "ConvergenceResult",
    "converge",
    "convergence_tables",
    "initial_controls",
    "panel_series",
]

CLASSES: Final = 3
"""Classes of the values, and of the neighbours' means: 31 provinces in 8 years fill no more."""

CONTROLS: Final = ("rd_intensity", "urban_share")
"""Explanations of growth beside the initial level, as of the first year."""

SpatialBeta = Callable[[pd.DataFrame, "Graph", pd.DataFrame | None], Mapping[str, float | str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConvergenceResult:
    """Tables, tidy; every one names its ``series``.

    Attributes
    ----------
    sigma : pandas.DataFrame
        One row per ``measure`` (cv, sd_log) and year: ``dispersion``, ``lower``, ``upper``.
    sigma_trend : pandas.DataFrame
        One row per measure: ``slope`` per year with ``lower`` and ``upper``, ``direction``
        (converging, diverging, insignificant), ``n``, ``first_year``, ``last_year``.
    beta : pandas.DataFrame
        One row per ``model`` (absolute, conditional, and spatial where given): ``slope``,
        ``standard_error``, ``p``, ``p_fdr`` over the series of a model, ``lower``,
        ``upper``, ``speed``, ``half_life``, ``r_squared``, ``n``, ``span``; ``pulled_by``, the
        unit that changes the slope most, ``slope_without`` and ``half_life_without`` it.
    coefficients : pandas.DataFrame
        One row per model and ``term``.
    transitions : pandas.DataFrame
        One row per ``neighbours`` (0 for all, then the class of the neighbours' mean),
        ``from`` and ``to``: ``count``, ``probability``.
    classes : pandas.DataFrame
        One row per class: ``upper`` bound relative to the mean of the year, long-run
        ``share``.
    homogeneity : pandas.DataFrame
        Whether moves depend on the neighbours: ``likelihood_ratio``, ``chi_square``,
        ``degrees`` and both p.
    skipped : pandas.DataFrame
        What could not be computed: ``what``, ``code`` of the reason, ``units``.
    """

    sigma: pd.DataFrame
    sigma_trend: pd.DataFrame
    beta: pd.DataFrame
    coefficients: pd.DataFrame
    transitions: pd.DataFrame
    classes: pd.DataFrame
    homogeneity: pd.DataFrame
    skipped: pd.DataFrame


def converge(
    series: Mapping[str, pd.DataFrame],
    layer: "GeoDataFrame",
    *,
    bridges: pd.DataFrame,
    rng: np.random.Generator,
    controls: pd.DataFrame | None = None,
    replicates: int = 9_999,
    spatial_beta: SpatialBeta | None = None,
) -> ConvergenceResult:
    """Ask of every series whether units grow more alike, and how they change places.

    Parameters
    ----------
    series : Mapping[str, pandas.DataFrame]
        Name to panel: index year, one column per code, the same codes in all. Units with a
        gap are left out of that series.
    layer : geopandas.GeoDataFrame
        The level's units, indexed by code.
    bridges : pandas.DataFrame
        Pairs of codes, ``from`` and ``to``, linked over water.
    rng : numpy.random.Generator
        Source of the bootstrap.
    controls : pandas.DataFrame, optional
        Explanations of growth, one row per code; without them beta is absolute only.
    replicates : int, default 9_999
        Bootstrap replicates.
    spatial_beta : callable, optional
        Called with panel, weights and controls; gives the fields of a row of ``beta``.

    Returns
    -------
    ConvergenceResult
        Sigma, beta, transitions, and what could not be computed.

    Raises
    ------
    geo.errors.GeoError
        No weights can be built.

    Notes
    -----
    :func:`geo.statistics.sigma_convergence`, :func:`geo.statistics.beta_convergence` and
    :func:`geo.statistics.spatial_markov`. Transitions are of values over the mean of their
    year, in classes of equal size. A series for which something is not defined, such as the
    logarithm of a score of zero, is named in ``skipped``.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> codes = list("abcdefgh")
    >>> layer = gpd.GeoDataFrame(index=codes, crs=4326,
    ...                          geometry=[box(i, 0, i + 1, 1) for i in range(8)])
    >>> start = pd.Series(range(2, 10), index=codes, dtype=float)
    >>> panel = pd.DataFrame({year: start ** 0.9 ** i for i, year in enumerate(range(2016, 2020))})
    >>> result = converge({"index": panel.T}, layer, bridges=pd.DataFrame({"from": [], "to": []}),
    ...                   rng=np.random.default_rng(1), replicates=99)
    >>> result.sigma_trend["direction"].to_list(), bool(result.beta["slope"].iloc[0] < 0)
    (['converging', 'converging'], True)
    """
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in _COLUMNS}
    for name, panel in series.items():
        whole = panel.dropna(axis="columns").sort_index()
        units = layer.loc[sorted(whole.columns)]
        graph = row_standardise(
            build_contiguity(units, bridges=bridge_pairs(units, bridges), islands="keep")
        )
        known = None if controls is None else controls.reindex(whole.columns)
        steps: tuple[Step, ...] = (
            *_sigma_steps(whole, replicates, rng),
            *_beta_steps(whole, graph, known, spatial_beta),
            ("markov", partial(_moves, whole, graph)),
        )
        for what, step in steps:
            for key, table in _tried(what, step).items():
                table.insert(0, "series", name)
                found[key].append(table)
    joined = {
        key: pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=_COLUMNS[key])
        for key, tables in found.items()
    }
    beta = joined["beta"].assign(p_fdr=np.nan)
    for _, rows in beta.groupby("model", sort=False):
        beta.loc[rows.index, "p_fdr"] = fdr_adjust(rows["p"])
    return ConvergenceResult(**(joined | {"beta": beta}))


def panel_series(
    panel: Mapping[int, Scores], table: IndicatorTable, indicators: Sequence[str] = ()
) -> dict[str, pd.DataFrame]:
    """Return the yearly series of an evaluation and of indicators in their own units.

    Parameters
    ----------
    panel : Mapping[int, Scores]
        Scores by year, comparable between years.
    table : IndicatorTable
        Values of the same level.
    indicators : Sequence[str], default ()
        Indicators to add, in the years of the panel.

    Returns
    -------
    dict[str, pandas.DataFrame]
        ``index``, every dimension, and the indicators: index year, one column per code.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate_panel
    >>> from suanli.profile import load_profile
    >>> catalogue = load_catalogue()
    >>> panel = evaluate_panel(catalogue.province, load_profile("caict2024-province"))
    >>> list(panel_series(panel, catalogue.province, ["gdp_per_capita"]))
    ['index', 'compute', 'storage', 'network', 'environment', 'gdp_per_capita']
    """
    spec = next(iter(panel.values())).spec
    nodes = (ROOT, *(d for d in spec.children(ROOT) if d in spec.bottom_up()))
    series = {node: node_values(panel, node) for node in nodes}
    wide = {year: table.wide(year) for year in panel} if indicators else {}
    for indicator in indicators:
        series[indicator] = pd.DataFrame(
            {year: values[indicator] for year, values in wide.items()}
        ).T
    return series


def initial_controls(table: IndicatorTable, year: int) -> pd.DataFrame:
    """Return what growth is explained by beside the initial level, see :data:`CONTROLS`.

    Parameters
    ----------
    table : IndicatorTable
        Provincial values.
    year : int
        First year of the panel.

    Returns
    -------
    pandas.DataFrame
        R&D intensity in % of product, share of urban population, by code.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> controls = initial_controls(load_catalogue().province, 2016)
    >>> controls.shape, bool(controls["urban_share"].between(0, 1).all())
    ((31, 2), True)
    """
    values = table.wide(year)
    urban = values["urban_population"] / values["population"]
    columns = (values["rd_intensity"], urban)
    return pd.DataFrame(dict(zip(CONTROLS, columns, strict=True)))


def convergence_tables(result: ConvergenceResult) -> Mapping[str, pd.DataFrame]:
    """Return the tables of a result by file name.

    Parameters
    ----------
    result : ConvergenceResult
        A result.

    Returns
    -------
    Mapping[str, pandas.DataFrame]
        ``convergence_`` and the name of each table.

    Examples
    --------
    >>> nothing = dict.fromkeys(field.name for field in fields(ConvergenceResult))
    >>> list(convergence_tables(ConvergenceResult(**nothing)))[:2]
    ['convergence_sigma', 'convergence_sigma_trend']
    """
    return {f"convergence_{one.name}": getattr(result, one.name) for one in fields(result)}


Tables = Mapping[str, pd.DataFrame]
Step = tuple[str, Callable[[], Tables]]

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "sigma": ("series", "measure", "year", "dispersion"),
    "sigma_trend": ("series", "measure", "slope"),
    "beta": ("series", "model", "slope", "p"),
    "coefficients": ("series", "model", "term"),
    "transitions": ("series", "neighbours", "from", "to"),
    "classes": ("series", "class", "upper", "share"),
    "homogeneity": ("series", "likelihood_ratio"),
    "skipped": ("series", "what", "code", "units"),
}


def _sigma_steps(panel: pd.DataFrame, replicates: int, rng: np.random.Generator) -> list[Step]:
    measures = get_args(Measure)
    return [(f"sigma.{one}", partial(_sigma, panel, one, replicates, rng)) for one in measures]


def _sigma(
    panel: pd.DataFrame, measure: Measure, replicates: int, rng: np.random.Generator
) -> Tables:
    result = sigma_convergence(panel, measure=measure, replicates=replicates, rng=rng)
    lower, upper = result.interval
    direction = "converging" if upper < 0 else "diverging" if lower > 0 else "insignificant"
    yearly = result.yearly.rename_axis("year").reset_index()
    yearly.insert(0, "measure", measure)
    trend = {
        "measure": measure,
        "slope": result.slope,
        "lower": lower,
        "upper": upper,
        "direction": direction,
        "n": result.n,
        "first_year": int(panel.index[0]),
        "last_year": int(panel.index[-1]),
    }
    return {"sigma": yearly, "sigma_trend": pd.DataFrame([trend])}


def _beta_steps(
    panel: pd.DataFrame,
    graph: "Graph",
    controls: pd.DataFrame | None,
    spatial: SpatialBeta | None,
) -> list[Step]:
    steps: list[Step] = [("beta.absolute", partial(_beta, panel, None, "absolute"))]
    if controls is not None:
        steps.append(("beta.conditional", partial(_beta, panel, controls, "conditional")))
    if spatial is not None:
        steps.append(("beta.spatial", partial(_given_beta, panel, graph, controls, spatial)))
    return steps


def _given_beta(
    panel: pd.DataFrame, graph: "Graph", controls: pd.DataFrame | None, estimate: SpatialBeta
) -> Tables:
    return {"beta": pd.DataFrame([{"model": "spatial", **estimate(panel, graph, controls)}])}


def _tried(what: str, step: Callable[[], Tables]) -> Tables:
    try:
        return step()
    except (StatisticsError, WeightsError) as error:
        row = {"what": what, "code": error.code, "units": error.params.get("units", "")}
        return {"skipped": pd.DataFrame([row])}


def _beta(panel: pd.DataFrame, controls: pd.DataFrame | None, model: str) -> Tables:
    result: BetaResult = beta_convergence(panel, controls=controls)
    pulled_by = str((result.without["slope"] - result.slope).abs().idxmax())
    row = {
        "model": model,
        "slope": result.slope,
        "standard_error": result.standard_error,
        "p": result.p,
        "lower": result.interval[0],
        "upper": result.interval[1],
        "speed": result.speed,
        "half_life": result.half_life,
        "r_squared": result.r_squared,
        "n": result.n,
        "span": result.span,
        "pulled_by": pulled_by,
        "slope_without": result.without.loc[pulled_by, "slope"],
        "half_life_without": result.without.loc[pulled_by, "half_life"],
    }
    terms = result.coefficients.rename_axis("term").reset_index()
    terms.insert(0, "model", model)
    return {"beta": pd.DataFrame([row]), "coefficients": terms}


def _moves(panel: pd.DataFrame, graph: "Graph") -> Tables:
    relative = panel.div(panel.mean(axis=1), axis=0)
    result: SpatialMarkovResult = spatial_markov(relative, graph, classes=CLASSES)
    matrices = (result.pooled, *result.conditional)
    rows = [
        {
            "neighbours": neighbours,
            "from": origin,
            "to": target,
            "count": int(one.counts.loc[origin, target]),
            "probability": float(one.probabilities.loc[origin, target]),
        }
        for neighbours, one in enumerate(matrices)
        for origin in one.counts.index
        for target in one.counts.columns
    ]
    classes = pd.DataFrame(
        {
            "class": result.pooled.steady.index,
            "upper": result.pooled.upper,
            "share": result.pooled.steady.to_numpy(),
        }
    )
    homogeneity = {
        "likelihood_ratio": result.likelihood_ratio,
        "chi_square": result.chi_square,
        "degrees": result.degrees,
        "p_likelihood_ratio": result.p_likelihood_ratio,
        "p_chi_square": result.p_chi_square,
        "transitions": int(sum(row["count"] for row in rows if row["neighbours"] == 0)),
    }
    return {
        "transitions": pd.DataFrame(rows),
        "classes": classes,
        "homogeneity": pd.DataFrame([homogeneity]),
    }
