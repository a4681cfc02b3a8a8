"""What a run works on: layers, data, profiles, read and checked before anything is computed."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from suanli.boundaries import Boundaries, Level, load_boundaries
from suanli.data import Catalogue, load_catalogue, with_own, with_province
from suanli.errors import InputError, Problem
from suanli.intake import IndicatorTable, read_table
from suanli.profile import IndexSpec, load_profile
from suanli.run.config import LevelConfig, RunConfig
from suanli.study import STAGES, Settings, Study, conduct

__all__ = ["Inputs", "load_inputs", "overlaid", "study_of"]


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
    warnings : tuple[Problem, ...]
        What is worth knowing but stops nothing.
    """

    boundaries: Boundaries
    catalogue: Catalogue
    specs: tuple[IndexSpec, IndexSpec]
    files: tuple[Path, ...]
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
    for level, one in levels.items():
        try:
            specs[level] = _profile(one.profile, level)
            tables[level] = overlaid(catalogue, level, one.data, specs[level])
            if level == "province" and one.data:
                # Before the cities are read: some of their values are their province's.
                catalogue = with_province(catalogue, tables[level])
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    boundaries = load_boundaries()
    merged = replace(catalogue, province=tables["province"], city=tables["city"])
    warnings = tuple(_never_scored(tables, boundaries))
    if config.strict and warnings:
        raise InputError(warnings)
    profiles = [Path(one.profile) for one in levels.values() if Path(one.profile).is_file()]
    return Inputs(
        boundaries=boundaries,
        catalogue=merged,
        specs=(specs["province"], specs["city"]),
        files=(*profiles, *config.province.data, *config.city.data),
        warnings=warnings,
    )


def overlaid(
    catalogue: Catalogue,
    level: Level,
    files: tuple[Path, ...],
    spec: IndexSpec,
    *,
    also: Iterable[str] = (),
) -> IndicatorTable:
    """Lay users' tables over the shipped one; where both have a value, the user's stands.

    Parameters
    ----------
    catalogue : Catalogue
        The shipped data.
    level : {"province", "city"}
        The level of the tables.
    files : tuple[pathlib.Path, ...]
        The users' files; a value may stand in one of them only.
    spec : IndexSpec
        The profile; indicators it names are accepted even if the catalogue does not know
        them.
    also : Iterable[str]
        Further names to accept.

    Returns
    -------
    IndicatorTable
        The merged values.

    Raises
    ------
    InputError
        All problems of all files.

    Examples
    --------
    >>> table = overlaid(load_catalogue(), "province", (), load_profile("caict2024-province"))
    >>> len(table.codes)
    31
    """
    shipped = catalogue.province if level == "province" else catalogue.city
    if not files:
        return shipped
    units = load_units()
    known = with_own(catalogue.indicators, level, (*spec.inputs(), *also))
    problems: list[Problem] = []
    frames = []
    for path in files:
        try:
            frames.append(_read(path, level, units, known, catalogue.renames))
        except InputError as error:
            problems.extend(error.problems)
    key = ["code", "year", "indicator"]
    if not problems and frames:
        own = pd.concat(frames, ignore_index=True)
        repeated = own[own.duplicated(key)]
        problems.extend(
            Problem(
                code="run.value_twice",
                params={"code": row.code, "year": row.year, "indicator": row.indicator},
            )
            for row in repeated.itertuples(index=False)
        )
    if problems:
        raise InputError(problems)
    both = pd.concat([shipped.cells, own], ignore_index=True)
    return IndicatorTable(cells=both.drop_duplicates(key, keep="last"))


def load_units() -> pd.DataFrame:
    """Return the units as the reader of tables wants them.

    Returns
    -------
    pandas.DataFrame
        Text columns ``level``, ``code``, ``name``, ``short_name``.

    Examples
    --------
    >>> sorted(load_units()["level"].unique())
    ['city', 'province']
    """
    return load_boundaries().units.reset_index()[["level", "code", "name", "short_name"]]


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


def _profile(name: str, level: Level) -> IndexSpec:
    spec = load_profile(name)
    if spec.level != level:
        params = {
            "profile": name,
            "expected": Problem(code=f"common.{level}"),
            "expected_id": level,
            "got": Problem(code=f"common.{spec.level}"),
            "got_id": spec.level,
        }
        raise InputError([Problem(code="run.profile_level", params=params)])
    return spec


def _read(
    path: Path, level: Level, units: pd.DataFrame, known: pd.DataFrame, renames: pd.DataFrame
) -> pd.DataFrame:
    return read_table(path, level=level, units=units, indicators=known, renames=renames).cells


def _never_scored(tables: dict[Level, IndicatorTable], boundaries: Boundaries) -> list[Problem]:
    problems = []
    for level, table in tables.items():
        layer = boundaries.layer(level)
        skipped = layer.index[layer.index.isin(table.codes) & ~layer["evaluated"]]
        if len(skipped):
            params = {"units": ", ".join(skipped)}
            problems.append(Problem(code=f"run.never_scored_{level}", params=params))
    return problems
