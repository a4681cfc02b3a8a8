"""Questions put beside the main study: spillover of hubs in detail, convergence, one node."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.export.table import write_csv
from suanli.analysis.conclusion import Conclusion, gap_conclusions
from suanli.analysis.convergence import (
    ConvergenceResult,
    converge,
    convergence_tables,
    initial_controls,
    panel_series,
)
from suanli.analysis.gap import gap_all
from suanli.analysis.hub_conclusion import (
    NAMED_BY,
    convergence_conclusions,
    event_conclusions,
    spillover_conclusions,
)
from suanli.analysis.hub_study import hub_study, hub_study_tables
from suanli.boundaries import load_bridges
from suanli.evaluation import Scores, evaluate, evaluate_panel
from suanli.intake import IndicatorTable
from suanli.run.config import RunConfig
from suanli.run.inputs import Inputs, load_inputs
from suanli.study import SIZE_CLASSES, Study, generator, scored_table
from suanli.text import Text

__all__ = ["Further", "further", "gap_of_node", "worded"]

_PRODUCT = "gdp_per_capita"
_NEEDED = ("rd_intensity", "urban_population", "population")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Further:
    """What a further question has to say.

    Attributes
    ----------
    tables : Mapping[str, pandas.DataFrame]
        Its tables by file name.
    conclusions : tuple[Conclusion, ...]
        Its sentences, in no language yet.
    """

    tables: Mapping[str, pd.DataFrame]
    conclusions: tuple[Conclusion, ...]


def further(inputs: Inputs, study: Study, config: RunConfig, name: str) -> Further:
    """Answer what the main study leaves open.

    Parameters
    ----------
    inputs : Inputs
        What the run works on.
    study : Study
        The main study.
    config : RunConfig
        What the run was told.
    name : {"hubs", "gap", "spatial"}
        The question; there is nothing further on spatial.

    Returns
    -------
    Further
        Spillover and events for hubs, convergence for the gap.

    Raises
    ------
    InputError
        Data do not fit.
    geo.errors.GeoError
        A statistic is not defined.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> config = RunConfig(redraws=99)
    >>> found = further(load_inputs(config), sample_edition().study, config, "gap")
    >>> found.conclusions[0].key
    'convergence.sigma_converging'
    """
    if name == "hubs":
        hubs = hub_study(
            study.city_tested,
            inputs.boundaries.city,
            inputs.catalogue,
            bridges=load_bridges("city"),
            permutations=config.redraws,
            size_classes=SIZE_CLASSES,
            rng=generator(config.seed, "hub_study"),
        )
        said = spillover_conclusions(hubs.spillover, alpha=config.alpha)
        said += event_conclusions(hubs.events, alpha=config.alpha)
        return Further(tables=hub_study_tables(hubs), conclusions=said)
    if name == "gap":
        found = _convergence(inputs, study.panel, config)
        said = convergence_conclusions(found, alpha=config.alpha)
        return Further(tables=convergence_tables(found), conclusions=said)
    return Further(tables={}, conclusions=())


def gap_of_node(config: RunConfig, node: str, *, out: Path | None = None) -> Further:
    """Measure the gap of one dimension or indicator, every year, every definition.

    Parameters
    ----------
    config : RunConfig
        What the run was told.
    node : str
        Identifier of the index, a dimension or an indicator of the province profile.
    out : pathlib.Path, optional
        Folder for the tables as CSV.

    Returns
    -------
    Further
        ``gap_years``, ``gap_groups``, ``gap_trend`` and their sentences.

    Raises
    ------
    InputError
        The profile has no such node, or the data do not fit.

    Examples
    --------
    >>> found = gap_of_node(RunConfig(redraws=99), "fibre_density")
    >>> sorted(found.tables), set(found.tables["gap_years"]["node"])
    (['gap_groups', 'gap_trend', 'gap_years'], {'fibre_density'})
    """
    inputs = load_inputs(config)
    spec = inputs.specs[0]
    table = scored_table(inputs.catalogue.province, inputs.boundaries.province)
    panel = {spec.year: evaluate(table, spec)} if spec.method.panel is None else {}
    panel = panel or evaluate_panel(table, spec)
    result = gap_all(
        panel,
        inputs.catalogue.regions,
        nodes=(node,),
        population=pd.DataFrame({year: table.wide(year)["population"] for year in panel}).T,
        replicates=config.redraws,
        permutations=config.redraws,
        rng=generator(config.seed, f"gap.{node}"),
    )
    tables = {"gap_years": result.years, "gap_groups": result.groups, "gap_trend": result.trend}
    for name, one in tables.items():
        if out is not None:
            write_csv(one, out / f"{name}.csv", index=False)
    return Further(tables=tables, conclusions=gap_conclusions(result))


def worded(said: Conclusion, text: Text, names: Mapping[str, str]) -> str:
    """Put a conclusion into words.

    Parameters
    ----------
    said : Conclusion
        Key and figures; identifiers among them get their names.
    text : Text
        The language.
    names : Mapping[str, str]
        Names of nodes and indicators by identifier.

    Returns
    -------
    str
        The sentence.

    Examples
    --------
    >>> said = Conclusion(key="hubs.event_before", params={"outcome": "telecom_revenue",
    ...                   "ring": 1, "p": "0.01", "alpha": 0.05})
    >>> worded(said, Text("en"), {})[:40]
    'Telecom revenue, neighbours of hub citie'
    """
    params = dict(said.params)
    for name in params.keys() & NAMED_BY.keys():
        params[name] = text(NAMED_BY[name].format(params[name]))
    if "definition" in params:
        params["definition"] = text(f"analysis.definition_{params['definition']}")
    for name in params.keys() & {"node", "series"}:
        params[name] = names.get(str(params[name]), str(params[name]))
    return text(said.key, **params)


def node_names(inputs: Inputs, text: Text) -> dict[str, str]:
    """Return the names of nodes and indicators of provinces by identifier."""
    own = inputs.catalogue.indicators
    own = own[own["level"] == "province"].set_index("indicator")
    names = {str(code): str(name) for code, name in own[f"name_{text.lang}"].items()}
    for node, name in inputs.specs[0].names().items():
        names[node] = text.of(name.model_dump())
    return names | {"index": text("maps.index_province")}


def _convergence(
    inputs: Inputs, panel: Mapping[int, Scores], config: RunConfig
) -> ConvergenceResult:
    table = scored_table(inputs.catalogue.province, inputs.boundaries.province)
    first = min(panel)
    return converge(
        panel_series(panel, table, [_PRODUCT] if _has(table, [_PRODUCT]) else []),
        inputs.boundaries.province,
        bridges=load_bridges("province"),
        controls=initial_controls(table, first) if _has(table, _NEEDED) else None,
        replicates=config.redraws,
        rng=generator(config.seed, "convergence"),
    )


def _has(table: IndicatorTable, indicators: Iterable[str]) -> bool:
    return set(indicators) <= set(table.cells["indicator"])
