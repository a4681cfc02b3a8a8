"""Answers beside the main ones: spillover of hubs in detail, convergence, one node."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.export.table import write_csv
from suanli.analysis.conclusion import Conclusion, gap_conclusions
from suanli.analysis.gap import gap_all
from suanli.analysis.hub_conclusion import (
    convergence_conclusions,
    event_conclusions,
    spillover_conclusions,
)
from suanli.evaluation import evaluate, evaluate_panel
from suanli.publish.sentences import worded
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs
from suanli.study import Study, generator, scored_table

__all__ = ["Further", "further", "gap_of_node", "worded"]


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


def further(study: Study, name: str, *, alpha: float) -> tuple[Conclusion, ...]:
    """Conclude from what stands beside the main tests of a question.

    Parameters
    ----------
    study : Study
        The study.
    name : {"hubs", "gap", "spatial"}
        The question; there is nothing further on spatial.
    alpha : float
        Level of tests.

    Returns
    -------
    tuple[Conclusion, ...]
        On spillover and events for hubs, on convergence for the gap.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> further(sample_edition().study, "gap", alpha=0.05)[0].key
    'convergence.sigma_converging'
    """
    if name == "hubs":
        said = spillover_conclusions(study.hub_study.spillover, alpha=alpha)
        return said + event_conclusions(study.hub_study.events, alpha=alpha)
    return convergence_conclusions(study.convergence, alpha=alpha) if name == "gap" else ()


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
