"""One study: both levels scored, and everything the scores are asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
import pandas as pd

from suanli.analysis.agreement import agreement
from suanli.analysis.gap import DEFINITIONS, GapResult, gap_all, region_groups
from suanli.analysis.hubs import HubResult, hub_rings, hub_strata
from suanli.analysis.spatial import SpatialResult, spatial_pattern, weights_sensitivity
from suanli.boundaries import Boundaries, load_bridges
from suanli.data import Catalogue
from suanli.diagnostics.contribution import contributions
from suanli.evaluation import Scores, derivation, evaluate, evaluate_from, evaluate_panel
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, inference_spec
from suanli.robustness.uncertainty import RankIntervals, rank_intervals

__all__ = ["SIZE_CLASSES", "STAGES", "Settings", "Study", "conduct", "generator", "scored_table"]

SIZE_CLASSES: Final = 3
"""Classes of population that hubs are redrawn in, within each region."""

STAGES: Final = ("scores", "robustness", "panel", "agreement", "gap", "province", "city", "hubs")
"""Steps of a study, in order, as reported to ``progress``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the tests of a study are made with.

    Attributes
    ----------
    seed : int
        Seed of the whole study.
    permutations : int
        Permutations of tests of spatial pattern.
    redraws : int
        Redrawn hub sets and bootstrap replicates.
    alpha : float
        False discovery rate of clusters and level of tests.
    replicates : int, optional
        Evaluations under drawn assumptions; what the profiles say when absent.
    """

    seed: int
    permutations: int
    redraws: int
    alpha: float
    replicates: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """Scores of both levels and what they say.

    Attributes
    ----------
    settings : Settings
        What the tests were made with.
    province, city : Scores
        The evaluations.
    province_ranks, city_ranks : RankIntervals
        How far the ranks move under the assumptions the profiles call defensible.
    province_tested, city_tested : Scores
        The same by the profiles without what spatial tests must not use.
    panel : dict[int, Scores]
        The provinces year by year with common goalposts.
    agreement : pandas.DataFrame
        Published lists against our ranks, both levels.
    gap : GapResult
        The east-west gap under every definition and year.
    contributions : pandas.DataFrame
        What each indicator adds to the gap of the evaluated year, per definition.
    province_pattern, city_pattern : SpatialResult
        Spatial pattern of the tested scores.
    province_described, city_described : SpatialResult
        Spatial pattern of the full index, which clusters partly by construction: a
        description, not evidence.
    sensitivity : pandas.DataFrame
        Global Moran's I of the tested scores under other weights, both levels.
    hubs : HubResult
        Rings around the hubs on the tested city scores, hubs redrawn within regions.
    hubs_by_size : HubResult
        The same, hubs redrawn within regions and classes of population, so that the size of
        cities does not pass for an effect of hubs.
    """

    settings: Settings
    province: Scores
    city: Scores
    province_ranks: RankIntervals
    city_ranks: RankIntervals
    province_tested: Scores
    city_tested: Scores
    panel: dict[int, Scores]
    agreement: pd.DataFrame
    gap: GapResult
    contributions: pd.DataFrame
    province_pattern: SpatialResult
    city_pattern: SpatialResult
    province_described: SpatialResult
    city_described: SpatialResult
    sensitivity: pd.DataFrame
    hubs: HubResult
    hubs_by_size: HubResult


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return the generator of one purpose.

    Every purpose has its own stream, so that adding or leaving out a test changes no other.

    Parameters
    ----------
    seed : int
        Seed of the study.
    purpose : str
        Name of the test.

    Returns
    -------
    numpy.random.Generator
        The same for the same seed and purpose.

    Examples
    --------
    >>> a, b = generator(1, "gap"), generator(1, "gap")
    >>> bool(a.random() == b.random())
    True
    """
    return np.random.default_rng([seed, crc32(purpose.encode())])


def scored_table(table: IndicatorTable, units: pd.DataFrame) -> IndicatorTable:
    """Keep the units that are evaluated: Taiwan, Hong Kong and Macao are drawn, never scored.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    units : pandas.DataFrame
        The level's units, index code, with the column ``evaluated``.

    Returns
    -------
    IndicatorTable
        Cells of the evaluated units.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> from suanli.data import load_catalogue
    >>> table = scored_table(load_catalogue().province, load_boundaries().province)
    >>> len(table.codes)
    31
    """
    evaluated = units.index[units["evaluated"]]
    return IndicatorTable(cells=table.cells[table.cells["code"].isin(evaluated)])


def conduct(
    boundaries: Boundaries,
    catalogue: Catalogue,
    specs: tuple[IndexSpec, IndexSpec],
    *,
    settings: Settings,
    progress: Callable[[str], None] = lambda _: None,
) -> Study:
    """Score both levels and ask the scores everything.

    Parameters
    ----------
    boundaries : Boundaries
        The layers.
    catalogue : Catalogue
        The data.
    specs : tuple[IndexSpec, IndexSpec]
        Profiles of provinces and of cities.
    settings : Settings
        Seed, permutations, level.
    progress : Callable[[str], None], optional
        Called with the name of each stage before it starts, see :data:`STAGES`.

    Returns
    -------
    Study
        Scores and results.

    Raises
    ------
    InputError
        Data and profiles do not fit.
    geo.errors.GeoError
        A statistic is not defined for the scores.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition  # conducts a quick study
    >>> len(sample_edition().study.province.index)
    31
    """
    provinces = scored_table(catalogue.province, boundaries.province)
    cities = scored_table(catalogue.city, boundaries.city)
    progress("scores")
    starts = derivation(provinces, specs[0]), derivation(cities, specs[1])
    province, city = (evaluate_from(*pair) for pair in zip(starts, specs, strict=True))
    province_tested = evaluate(provinces, inference_spec(specs[0]))
    city_tested = evaluate(cities, inference_spec(specs[1]))
    progress("robustness")
    province_ranks, city_ranks = (
        rank_intervals(
            start,
            spec,
            replicates=settings.replicates,
            rng=generator(settings.seed, f"{spec.level}.ranks"),
        )
        for start, spec in zip(starts, specs, strict=True)
    )
    progress("panel")
    # A profile without a panel is a study of one year.
    has_panel = specs[0].method.panel is not None
    panel = evaluate_panel(provinces, specs[0]) if has_panel else {specs[0].year: province}
    progress("agreement")
    lists = [
        agreement(province, catalogue.published, level="province"),
        agreement(city, catalogue.published, level="city"),
    ]
    progress("gap")
    gaps = _gap(panel, provinces, catalogue, settings)
    progress("province")
    province_pattern = _pattern(province_tested, boundaries, settings)
    province_described = _pattern(province, boundaries, settings)
    progress("city")
    city_pattern = _pattern(city_tested, boundaries, settings)
    city_described = _pattern(city, boundaries, settings)
    sensitivity = [
        _sensitivity(one, boundaries, settings) for one in (province_tested, city_tested)
    ]
    progress("hubs")
    regions = _city_regions(boundaries, catalogue)
    people = cities.wide(city.spec.year)["population"]
    by_region, by_size = (
        _hubs(city_tested, city_pattern, boundaries, catalogue, strata, settings)
        for strata in (
            hub_strata(regions),
            hub_strata(regions, people, classes=SIZE_CLASSES),
        )
    )
    return Study(
        settings=settings,
        province=province,
        city=city,
        province_ranks=province_ranks,
        city_ranks=city_ranks,
        province_tested=province_tested,
        city_tested=city_tested,
        panel=panel,
        agreement=pd.concat(lists, ignore_index=True),
        gap=gaps,
        contributions=_contributions(province, catalogue),
        province_pattern=province_pattern,
        city_pattern=city_pattern,
        province_described=province_described,
        city_described=city_described,
        sensitivity=pd.concat(sensitivity, ignore_index=True),
        hubs=by_region,
        hubs_by_size=by_size,
    )


def _gap(
    panel: dict[int, Scores], table: IndicatorTable, catalogue: Catalogue, settings: Settings
) -> GapResult:
    people = pd.DataFrame({year: table.wide(year)["population"] for year in panel}).T
    return gap_all(
        panel,
        catalogue.regions,
        population=people,
        replicates=settings.redraws,
        permutations=settings.redraws,
        rng=generator(settings.seed, "gap"),
    )


def _contributions(scores: Scores, catalogue: Catalogue) -> pd.DataFrame:
    tables = []
    for definition in DEFINITIONS:
        groups = region_groups(catalogue.regions[definition.column], scores.index.index)
        table = contributions(scores, groups, definition.east, definition.west)
        table.insert(0, "definition", definition.id)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _pattern(scores: Scores, boundaries: Boundaries, settings: Settings) -> SpatialResult:
    level = scores.spec.level
    return spatial_pattern(
        scores.index,
        boundaries.layer(level),
        bridges=load_bridges(level),
        permutations=settings.permutations,
        alpha=settings.alpha,
        rng=generator(settings.seed, f"{level}.pattern"),
    )


def _sensitivity(scores: Scores, boundaries: Boundaries, settings: Settings) -> pd.DataFrame:
    level = scores.spec.level
    table = weights_sensitivity(
        scores.index,
        boundaries.layer(level),
        bridges=load_bridges(level),
        permutations=settings.redraws,
        rng=generator(settings.seed, f"{level}.sensitivity"),
    )
    table.insert(0, "level", level)
    return table


def _city_regions(boundaries: Boundaries, catalogue: Catalogue) -> pd.Series:
    layer = boundaries.city
    evaluated = layer.index[layer["evaluated"]]
    return region_groups(catalogue.regions[DEFINITIONS[0].column], evaluated)


def _hubs(
    scores: Scores,
    pattern: SpatialResult,
    boundaries: Boundaries,
    catalogue: Catalogue,
    strata: pd.Series,
    settings: Settings,
) -> HubResult:
    return hub_rings(
        scores.index,
        boundaries.city,
        catalogue.hub_cities,
        strata=strata,
        bridges=load_bridges("city"),
        local=pattern.local,
        permutations=settings.redraws,
        rng=generator(settings.seed, "hubs"),
    )
