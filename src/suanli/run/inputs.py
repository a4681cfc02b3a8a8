"""What a run works on: layers, data, profiles, read and checked before anything is computed."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from suanli.boundaries import Boundaries, Level, load_boundaries
from suanli.data import Catalogue, load_catalogue, with_own, with_province
from suanli.data import read_table as read_alone
from suanli.errors import InputError, Problem
from suanli.intake import IndicatorTable, read_table
from suanli.intake.table import ANY_YEAR
from suanli.profile import IndexSpec, duplicate_names, load_profile
from suanli.run.config import LevelConfig, RunConfig
from suanli.run.own_layers import own_boundaries
from suanli.study import STAGES, Settings, Study, conduct

__all__ = ["Inputs", "load_inputs", "overlaid", "profile_of", "refuse_empty_year", "study_of"]

# What only a profile can tell: an indicator of one's own is known if the profile names it.
_OF_PROFILE = ("intake.unknown_indicator", "intake.unknown_column", "intake.more")


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
            specs[level] = profile_of(one.profile, level=level, files=one.data)
            tables[level] = overlaid(catalogue, level, one.data, specs[level])
            if level == "province" and one.data:
                # Before the cities are read: some of their values are their province's.
                catalogue = with_province(catalogue, tables[level])
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    own = {level: one.layer for level, one in levels.items()}
    boundaries, layer_files, layer_notes = own_boundaries(load_boundaries(), own)
    merged = replace(catalogue, province=tables["province"], city=tables["city"])
    same = [problem for spec in specs.values() for problem in duplicate_names(spec)]
    warnings = (*_never_scored(tables, boundaries), *same, *layer_notes)
    if config.strict and warnings:
        raise InputError(warnings)
    profiles = [Path(one.profile) for one in levels.values() if Path(one.profile).is_file()]
    return Inputs(
        boundaries=boundaries,
        catalogue=merged,
        specs=(specs["province"], specs["city"]),
        files=(*profiles, *config.province.data, *config.city.data, *layer_files),
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
        All problems of all files; or no unit can be scored in the profile's year.

    Examples
    --------
    >>> table = overlaid(load_catalogue(), "province", (), load_profile("caict2024-province"))
    >>> len(table.codes)
    31
    """
    shipped = catalogue.province if level == "province" else catalogue.city
    if not files:
        refuse_empty_year(shipped, spec)
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
                params={"unit": row.code, "year": row.year, "indicator": row.indicator},
            )
            for row in repeated.itertuples(index=False)
        )
    if problems:
        raise InputError(problems)
    both = pd.concat([shipped.cells, own], ignore_index=True)
    merged = IndicatorTable(cells=both.drop_duplicates(key, keep="last"))
    refuse_empty_year(merged, spec)
    return merged


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


def profile_of(name: str, *, level: Level | None = None, files: tuple[Path, ...] = ()) -> IndexSpec:
    """Load a profile; if it cannot be used, tell what is wrong with the tables too.

    Parameters
    ----------
    name : str
        Name of a shipped profile or path of a TOML file.
    level : {"province", "city"}, optional
        The level it must have.
    files : tuple[pathlib.Path, ...]
        The users' tables that would be laid over the shipped ones.

    Returns
    -------
    IndexSpec
        The profile.

    Raises
    ------
    InputError
        All problems of the profile and, then, those of the tables that can be told without
        it.

    Examples
    --------
    >>> profile_of("city-compute", level="city").level
    'city'
    """
    try:
        spec = load_profile(name)
    except InputError as error:
        raise InputError([*error.problems, *_of_tables(files, level)]) from None
    if level is None or spec.level == level:
        return spec
    params = {
        "profile": Path(name).name,
        "expected": Problem(code=f"common.{level}"),
        "expected_id": level,
        "got": Problem(code=f"common.{spec.level}"),
        "got_id": spec.level,
    }
    problem = Problem(code="run.profile_level", params=params)
    raise InputError([problem, *_of_tables(files, level)])


def refuse_empty_year(table: IndicatorTable, spec: IndexSpec) -> None:
    """Refuse a year in which no unit has enough data to be scored.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile, with the year to evaluate.

    Raises
    ------
    InputError
        One problem that names the years there are.

    Examples
    --------
    >>> from suanli.profile import replace_spec
    >>> spec = replace_spec(load_profile("caict2024-province"), year=2030)
    >>> refuse_empty_year(load_catalogue().province, spec)
    Traceback (most recent call last):
    suanli.errors.InputError: There are not enough data to score 2030 ... 2016–2024...
    """
    if not set(spec.inputs()) <= set(table.indicators) or _has_data(table, spec, spec.year):
        return
    years = [year for year in table.years if year != ANY_YEAR and _has_data(table, spec, year)]
    params = {"year": spec.year, "title": spec.title.model_dump(), "years": _runs(years) or "–"}
    raise InputError([Problem(code="shown.year_without_data", params=params)])


def _has_data(table: IndicatorTable, spec: IndexSpec, year: int) -> bool:
    share = _best_share(table, spec, year)
    if spec.method.screen != "none":
        return share >= spec.method.coverage
    # A profile that scores whatever there is needs something of the year itself.
    return share == 1 or share > _best_share(table, spec, ANY_YEAR)


def _best_share(table: IndicatorTable, spec: IndexSpec, year: int) -> float:
    """Return the largest share of indicators that a unit has all inputs of."""
    present: dict[int, pd.DataFrame] = {}
    complete = []
    for item in spec.indicator:
        at = item.year or year
        if at not in present:
            present[at] = table.wide(at, spec.inputs()).notna()
        complete.append(present[at][list(spec.inputs(item))].all(axis=1))
    return float(pd.concat(complete, axis=1).mean(axis=1).max())


def _runs(years: Sequence[int]) -> str:
    """Write years that follow each other as from–to."""
    starts = [year for year in years if year - 1 not in years]
    ends = [year for year in years if year + 1 not in years]
    pairs = zip(starts, ends, strict=True)
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in pairs)


def _of_tables(files: tuple[Path, ...], level: Level | None) -> list[Problem]:
    """Tell what is wrong with tables whatever the profile says."""
    problems: list[Problem] = []
    for path in files:
        try:
            read_alone(path, level=level)
        except InputError as error:
            problems += [found for found in error.problems if found.code not in _OF_PROFILE]
    return problems


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
