"""Everything asked about the spillover of hubs, beyond the rings of the main study."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from suanli.analysis.event import EventResult, hub_events
from suanli.analysis.gap import DEFINITIONS, region_groups
from suanli.analysis.hub_places import hub_strata
from suanli.analysis.spillover import SpilloverResult, hub_spillover
from suanli.data import Catalogue
from suanli.evaluation import Scores

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["HubStudy", "hub_study", "hub_study_tables"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HubStudy:
    """Where cities around hubs stand, and what approval changed.

    Attributes
    ----------
    spillover : SpilloverResult
        Bands of km and ms, joins, bivariate Moran, the answer under other weights.
    events : EventResult
        Yearly series before and after approval.
    """

    spillover: SpilloverResult
    events: EventResult


def hub_study(
    scores: Scores,
    layer: "GeoDataFrame",
    catalogue: Catalogue,
    *,
    bridges: pd.DataFrame,
    rng: np.random.Generator,
    permutations: int = 9_999,
    size_classes: int = 3,
) -> HubStudy:
    """Study the spillover of the hubs on tested scores and on yearly series.

    Parameters
    ----------
    scores : Scores
        City scores by :func:`suanli.profile.inference_spec`: without what contains the hub
        list or a distance to it.
    layer : geopandas.GeoDataFrame
        All drawn cities, indexed by code, with the column ``evaluated``.
    catalogue : Catalogue
        City values by year, hub cities, regions.
    bridges : pandas.DataFrame
        Pairs of codes, ``from`` and ``to``, linked over water.
    rng : numpy.random.Generator
        Source of everything random; hub sets are drawn from copies of it as given, the rest
        from streams of their own.
    permutations : int, default 9_999
        Redrawn hub sets.
    size_classes : int, default 3
        Classes of population within each region.

    Returns
    -------
    HubStudy
        Spillover, with hubs redrawn anywhere, within regions, within regions and classes of
        population; events, within the last.

    Raises
    ------
    InputError
        Hubs and layer do not fit, or a series is missing.
    geo.errors.GeoError
        Hubs cannot be redrawn, or a statistic is not defined.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries, load_bridges
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import inference_spec, load_profile
    >>> catalogue = load_catalogue()
    >>> scores = evaluate(catalogue.city, inference_spec(load_profile("city-compute")))
    >>> study = hub_study(scores, load_boundaries().city, catalogue,
    ...                   bridges=load_bridges("city"), rng=np.random.default_rng(1),
    ...                   permutations=99)
    >>> study.spillover.decay["redrawn_within"].unique().tolist()
    ['anywhere', 'region', 'region_and_size']
    """
    evaluated = layer.index[layer["evaluated"]]
    regions = region_groups(catalogue.regions[DEFINITIONS[0].column], evaluated)
    people = catalogue.city.wide(scores.spec.year)["population"]
    by_size = hub_strata(regions, people, classes=size_classes)
    (then,) = rng.spawn(1)
    # Two halves with a stream of chance each: side by side they say the same, sooner.
    with ThreadPoolExecutor(max_workers=2) as pool:
        spillover = pool.submit(
            hub_spillover,
            scores.index,
            layer,
            catalogue.hub_cities,
            strata={"region": hub_strata(regions), "region_and_size": by_size},
            bridges=bridges,
            permutations=permutations,
            rng=rng,
        )
        events = pool.submit(
            hub_events,
            catalogue.city,
            layer,
            catalogue.hub_cities,
            regions=regions,
            strata=by_size,
            bridges=bridges,
            permutations=permutations,
            rng=then,
        )
        return HubStudy(spillover=spillover.result(), events=events.result())


def hub_study_tables(study: HubStudy) -> Mapping[str, pd.DataFrame]:
    """Return the tables of a study by file name.

    Parameters
    ----------
    study : HubStudy
        A study.

    Returns
    -------
    Mapping[str, pandas.DataFrame]
        ``hub_bands``, ``hub_decay``, ``hub_neighbours``, ``hub_weights``, ``hub_events``,
        ``hub_event_summary``.

    Examples
    --------
    >>> empty = pd.DataFrame()
    >>> spillover = SpilloverResult(bands=empty, decay=empty, neighbours=empty, weights=empty)
    >>> events = EventResult(effects=empty, summary=empty, permutations=99)
    >>> list(hub_study_tables(HubStudy(spillover=spillover, events=events)))[:2]
    ['hub_bands', 'hub_decay']
    """
    return {
        "hub_bands": study.spillover.bands,
        "hub_decay": study.spillover.decay,
        "hub_neighbours": study.spillover.neighbours,
        "hub_weights": study.spillover.weights,
        "hub_events": study.events.effects,
        "hub_event_summary": study.events.summary,
    }
