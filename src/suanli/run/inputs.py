"""What a run works on: layers, data, profiles, read and checked before anything is computed."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from suanli.boundaries import Boundaries, Level, load_boundaries
from suanli.data import Catalogue, load_catalogue, with_province
from suanli.errors import InputError, Problem
from suanli.intake import IndicatorTable, Intake
from suanli.profile import IndexSpec, duplicate_names
from suanli.run.config import DataFile, LevelConfig, RunConfig
from suanli.run.optional import absent_note, thin_notes
from suanli.run.overlay import overlaid, profile_of, refuse_empty_year
from suanli.run.own_layers import own_boundaries
from suanli.study import STAGES, Settings, Study, conduct, scored_table

__all__ = ["Inputs", "load_inputs", "overlaid", "profile_of", "refuse_empty_year", "study_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """Everything a run works on.

    Attributes
    ----------
    boundaries : Boundaries
        The layers.
    catalogue : Catalogue
        The data, with the user's values in place of the shipped ones.
    specs : tuple[IndexSpec, IndexSpec]
        Profiles of provinces and of cities.
    files : tuple[pathlib.Path, ...]
        Files read that did not ship with the product.
    intakes : tuple[Intake, ...]
        The users' tables, with everything that was found in them.
    warnings : tuple[Problem, ...]
        What else is worth knowing but stops nothing.
    """

    boundaries: Boundaries
    catalogue: Catalogue
    specs: tuple[IndexSpec, IndexSpec]
    files: tuple[Path, ...]
    intakes: tuple[Intake, ...]
    warnings: tuple[Problem, ...]


def load_inputs(config: RunConfig) -> Inputs:
    """Read everything a run needs, and report everything wrong with it at once.

    Parameters
    ----------
    config : RunConfig
        What the run was told.

    Returns
    -------
    Inputs
        Layers, data and profiles.

    Raises
    ------
    InputError
        All problems of all files.

    Examples
    --------
    >>> [spec.level for spec in load_inputs(RunConfig()).specs]
    ['province', 'city']
    """
    problems: list[Problem] = []
    catalogue = load_catalogue()
    specs: dict[Level, IndexSpec] = {}
    tables: dict[Level, IndicatorTable] = {}
    levels: dict[Level, LevelConfig] = {"province": config.province, "city": config.city}
    intakes: list[Intake] = []
    for level, one in levels.items():
        try:
            specs[level] = profile_of(one.profile, level=level, files=one.data)
            found = overlaid(catalogue, level, one.data, specs[level], strict=config.strict)
            tables[level] = found.table
            intakes += found.intakes
            if level == "province" and one.data:
                # Before the cities are read: some of their values are their province's.
                catalogue = with_province(catalogue, tables[level])
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    layers = {level: one.layer for level, one in levels.items()}
    boundaries, layer_files, layer_notes = own_boundaries(load_boundaries(), layers)
    merged = replace(catalogue, province=tables["province"], city=tables["city"])
    same = [problem for spec in specs.values() for problem in duplicate_names(spec)]
    absent: list[Problem] = []
    for level, spec in specs.items():
        table = scored_table(tables[level], boundaries.layer(level))
        same += thin_notes(table, spec)
        absent += absent_note(table, spec)
    warnings = (*same, *layer_notes)
    if config.strict and warnings:
        raise InputError(warnings)
    profiles = [Path(one.profile) for one in levels.values() if Path(one.profile).is_file()]
    rasters = [
        Path(name)
        for spec in specs.values()
        for item in spec.raster
        for name in (item.file, item.weights)
        if name
    ]
    tables_of = [DataFile.of(item).file for one in levels.values() for item in one.data]
    return Inputs(
        boundaries=boundaries,
        catalogue=merged,
        specs=(specs["province"], specs["city"]),
        files=(*profiles, *rasters, *tables_of, *layer_files),
        intakes=tuple(intakes),
        warnings=(*warnings, *absent),
    )


def study_of(
    inputs: Inputs,
    config: RunConfig,
    *,
    stages: Collection[str] = STAGES,
    progress: Callable[[str], None] = lambda _: None,
) -> Study:
    """Conduct the study of a run, or some stages of it.

    Parameters
    ----------
    inputs : Inputs
        What it works on.
    config : RunConfig
        What it was told.
    stages : Collection[str], optional
        The stages to conduct; the others wait until they are asked for.
    progress : Callable[[str], None], optional
        Called with the name of each stage.

    Returns
    -------
    Study
        Scores and results.

    Raises
    ------
    InputError
        Data and profiles do not fit.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition  # study_of with few permutations
    >>> sample_edition().study.settings.permutations
    99
    """
    settings = Settings(
        seed=config.seed,
        permutations=config.permutations,
        redraws=config.redraws,
        alpha=config.alpha,
        replicates=config.replicates,
    )
    return conduct(
        inputs.boundaries,
        inputs.catalogue,
        inputs.specs,
        settings=settings,
        stages=stages,
        progress=progress,
    )
