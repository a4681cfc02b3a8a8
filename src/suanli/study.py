"""One study: both levels scored, and everything the scores are asked."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from suanli.analysis.agreement import agreement
from suanli.analysis.chance import generator
from suanli.analysis.convergence import ConvergenceResult, converge, initial_controls, panel_series
from suanli.analysis.gap import DEFINITIONS, GapResult, gap_all, region_groups
from suanli.analysis.gap_change import gap_changes
from suanli.analysis.hub_study import HubStudy, hub_study
from suanli.analysis.hubs import HubResult, hub_rings, hub_strata
from suanli.analysis.neighbour_beta import neighbour_beta
from suanli.analysis.spatial import SpatialResult, spatial_pattern, weights_sensitivity
from suanli.boundaries import Boundaries, load_bridges
from suanli.data import Catalogue
from suanli.data.scored import scored_table
from suanli.diagnostics.contribution import contributions, is_additive
from suanli.evaluation import (
    Derivation,
    Scores,
    derivation,
    evaluate,
    evaluate_from,
    evaluate_panel,
    settled,
)
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, inference_spec
from suanli.robustness.replicates import Model, model_of
from suanli.robustness.uncertainty import RankIntervals, rank_intervals

__all__ = ["SIZE_CLASSES", "STAGES", "Settings", "Study", "conduct", "generator", "scored_table"]

SIZE_CLASSES: Final = 3
"""Classes of population that hubs are redrawn in, within each region."""

_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "scores": ("province", "city", "province_tested", "city_tested"),
    "robustness": ("province_ranks", "city_ranks"),
    "panel": ("panel",),
    "agreement": ("agreement",),
    "gap": ("gap", "gap_changes", "contributions"),
    "convergence": ("convergence",),
    "province": ("province_pattern", "province_described"),
    "city": ("city_pattern", "city_described", "sensitivity"),
    "hubs": ("hubs", "hubs_by_size"),
    "hub_study": ("hub_study",),
}

STAGES: Final = tuple(_PARTS)
"""Steps of a study, in order, as reported to ``progress``."""

_PRODUCT: Final = "gdp_per_capita"
_CONTROLLED: Final = {"rd_intensity", "urban_population", "population"}


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


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """Scores of both levels and what they say; each part is computed when first asked for.

    Attributes
    ----------
    boundaries : Boundaries
        The layers.
    catalogue : Catalogue
        The data.
    specs : tuple[IndexSpec, IndexSpec]
        Profiles of provinces and of cities.
    settings : Settings
        What the tests are made with.
    """

    boundaries: Boundaries
    catalogue: Catalogue
    specs: tuple[IndexSpec, IndexSpec]
    settings: Settings

    @cached_property
    def province(self) -> Scores:
        """The provinces evaluated."""
        return evaluate_from(self.starts[0], self.specs[0])

    @cached_property
    def city(self) -> Scores:
        """The cities evaluated."""
        return evaluate_from(self.starts[1], self.specs[1])

    @cached_property
    def province_tested(self) -> Scores:
        """The provinces by the profile without what spatial tests must not use."""
        return evaluate(self._tables[0], inference_spec(self.specs[0]))

    @cached_property
    def city_tested(self) -> Scores:
        """The cities by the profile without what spatial tests must not use."""
        return evaluate(self._tables[1], inference_spec(self.specs[1]))

    @cached_property
    def province_ranks(self) -> RankIntervals:
        """How far the ranks of provinces move under the assumptions called defensible."""
        return self._ranks(0)

    @cached_property
    def city_ranks(self) -> RankIntervals:
        """How far the ranks of cities move under the assumptions called defensible."""
        return self._ranks(1)

    @cached_property
    def province_model(self) -> Model:
        """What replicates of the provinces share."""
        return model_of(self.starts[0], self.specs[0])

    @cached_property
    def city_model(self) -> Model:
        """What replicates of the cities share."""
        return model_of(self.starts[1], self.specs[1])

    @cached_property
    def panel(self) -> dict[int, Scores]:
        """The provinces year by year with common goalposts."""
        spec = self.specs[0]
        if spec.method.panel is None:
            # A profile without a panel is a study of one year.
            return {spec.year: self.province}
        return evaluate_panel(self._tables[0], spec)

    @cached_property
    def agreement(self) -> pd.DataFrame:
        """Published lists against our ranks, both levels."""
        lists = [
            agreement(self.province, self.catalogue.published, level="province"),
            agreement(self.city, self.catalogue.published, level="city"),
        ]
        return pd.concat(lists, ignore_index=True)

    @cached_property
    def gap(self) -> GapResult:
        """The east-west gap under every definition and year."""
        table = self._tables[0]
        people = pd.DataFrame({year: table.wide(year)["population"] for year in self.panel}).T
        return gap_all(
            self.panel,
            self.catalogue.regions,
            population=people,
            replicates=self.settings.redraws,
            permutations=self.settings.redraws,
            rng=self._chance("gap"),
        )

    @cached_property
    def gap_changes(self) -> pd.DataFrame:
        """How the gap changed until three years ago, and since."""
        return gap_changes(
            self.panel,
            self.catalogue.regions,
            replicates=self.settings.redraws,
            rng=self._chance("gap.changes"),
        )

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """What each indicator adds to the gap of each year; empty where nothing is a sum."""
        if not is_additive(self.province.spec):
            return pd.DataFrame({"definition": pd.Series(dtype="str"), "year": []})
        tables, codes = {}, self.province.index.index
        for one in DEFINITIONS:
            groups = region_groups(self.catalogue.regions[one.column], codes)
            for year, scores in sorted(self.panel.items()):
                tables[one.id, year] = contributions(scores, groups, one.east, one.west)
        whole = pd.concat(tables, names=["definition", "year"])
        return whole.reset_index(["definition", "year"]).reset_index(drop=True)

    @cached_property
    def convergence(self) -> ConvergenceResult:
        """Whether provinces grow more alike: scores of the panel, and product per head."""
        table = self._tables[0]
        known = set(table.cells["indicator"])
        return converge(
            panel_series(self.panel, table, [_PRODUCT] if _PRODUCT in known else []),
            self.boundaries.province,
            bridges=load_bridges("province"),
            controls=initial_controls(table, min(self.panel)) if known >= _CONTROLLED else None,
            replicates=self.settings.redraws,
            rng=self._chance("convergence"),
            spatial_beta=neighbour_beta,
        )

    @cached_property
    def province_pattern(self) -> SpatialResult:
        """Spatial pattern of the tested scores of provinces."""
        return self._pattern(self.province_tested)

    @cached_property
    def city_pattern(self) -> SpatialResult:
        """Spatial pattern of the tested scores of cities."""
        return self._pattern(self.city_tested)

    @cached_property
    def province_described(self) -> SpatialResult:
        """Spatial pattern of the full index, which clusters partly by construction."""
        return self._pattern(self.province)

    @cached_property
    def city_described(self) -> SpatialResult:
        """Spatial pattern of the full index: a description, not evidence."""
        return self._pattern(self.city)

    @cached_property
    def sensitivity(self) -> pd.DataFrame:
        """Global Moran's I of the tested scores under other weights, both levels."""
        return pd.concat(
            [self._sensitivity(one) for one in (self.province_tested, self.city_tested)],
            ignore_index=True,
        )

    @cached_property
    def hubs(self) -> HubResult:
        """Rings around the hubs on the tested city scores, hubs redrawn within regions."""
        return self._hubs(hub_strata(self._city_regions()))

    @cached_property
    def hubs_by_size(self) -> HubResult:
        """The same, hubs redrawn within regions and classes of population.

        So the size of cities does not pass for an effect of hubs.
        """
        people = self._tables[1].wide(self.city_tested.spec.year)["population"]
        return self._hubs(hub_strata(self._city_regions(), people, classes=SIZE_CLASSES))

    @cached_property
    def hub_study(self) -> HubStudy:
        """Bands, joins, other weights; yearly series before and after approval."""
        return hub_study(
            self.city_tested,
            self.boundaries.city,
            self.catalogue,
            bridges=load_bridges("city"),
            permutations=self.settings.redraws,
            size_classes=SIZE_CLASSES,
            rng=self._chance("hubs"),
        )

    @cached_property
    def _tables(self) -> tuple[IndicatorTable, IndicatorTable]:
        return (
            scored_table(self.catalogue.province, self.boundaries.province),
            scored_table(self.catalogue.city, self.boundaries.city),
        )

    @cached_property
    def starts(self) -> tuple[Derivation, Derivation]:
        """What the evaluations of provinces and of cities start from."""
        first, second = self._tables
        return derivation(first, self.specs[0]), derivation(second, self.specs[1])

    def _chance(self, purpose: str) -> np.random.Generator:
        return generator(self.settings.seed, purpose)

    def _ranks(self, place: int) -> RankIntervals:
        spec = self.specs[place]
        return rank_intervals(
            self.starts[place],
            spec,
            replicates=self.settings.replicates,
            rng=self._chance(f"{spec.level}.ranks"),
            model=self.city_model if place else self.province_model,
        )

    def _pattern(self, scores: Scores) -> SpatialResult:
        level = scores.spec.level
        return spatial_pattern(
            scores.index,
            self.boundaries.layer(level),
            bridges=load_bridges(level),
            permutations=self.settings.permutations,
            alpha=self.settings.alpha,
            rng=self._chance(f"{level}.pattern"),
        )

    def _sensitivity(self, scores: Scores) -> pd.DataFrame:
        level = scores.spec.level
        table = weights_sensitivity(
            scores.index,
            self.boundaries.layer(level),
            bridges=load_bridges(level),
            permutations=self.settings.redraws,
            rng=self._chance(f"{level}.sensitivity"),
        )
        table.insert(0, "level", level)
        return table

    def _city_regions(self) -> pd.Series:
        layer = self.boundaries.city
        evaluated = layer.index[layer["evaluated"]]
        return region_groups(self.catalogue.regions[DEFINITIONS[0].column], evaluated)

    def _hubs(self, strata: pd.Series) -> HubResult:
        return hub_rings(
            self.city_tested.index,
            self.boundaries.city,
            self.catalogue.hub_cities,
            strata=strata,
            bridges=load_bridges("city"),
            local=self.city_pattern.local,
            permutations=self.settings.redraws,
            rng=self._chance("hubs"),
        )


def conduct(
    boundaries: Boundaries,
    catalogue: Catalogue,
    specs: tuple[IndexSpec, IndexSpec],
    *,
    settings: Settings,
    stages: Collection[str] = STAGES,
    progress: Callable[[str], None] = lambda _: None,
) -> Study:
    """Score both levels and ask the scores everything, or what some stages ask.

    Parameters
    ----------
    boundaries : Boundaries
        The layers.
    catalogue : Catalogue
        The data.
    specs : tuple[IndexSpec, IndexSpec]
        Profiles of provinces and of cities; optional indicators too few units have go.
    settings : Settings
        Seed, permutations, level.
    stages : Collection[str], optional
        Stages wanted, see :data:`STAGES`; all by default. The others wait until asked for.
    progress : Callable[[str], None], optional
        Called with the name of each stage before it starts.

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
    layers = (boundaries.province, boundaries.city)
    tables = map(scored_table, (catalogue.province, catalogue.city), layers)
    one, two = map(settled, tables, specs)
    study = Study(boundaries=boundaries, catalogue=catalogue, specs=(one, two), settings=settings)
    for stage, parts in _PARTS.items():
        if stage in stages:
            progress(stage)
            for part in parts:
                getattr(study, part)
    return study
