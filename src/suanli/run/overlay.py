"""Users' own tables: read, held against each other, laid over the shipped ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from suanli.boundaries import Level
from suanli.data import Catalogue, inspect_tables, load_catalogue
from suanli.data.rasters import raster_table
from suanli.errors import InputError, Problem
from suanli.evaluation import settled
from suanli.intake import ANY_YEAR, IndicatorTable, Intake, read_file
from suanli.intake.across import joined
from suanli.intake.known import aliases_of, gazetteer_of, known_indicators
from suanli.locations import data_folder
from suanli.profile import IndexSpec, load_profile
from suanli.run.config import DataFile

__all__ = ["Overlay", "overlaid", "profile_of", "refuse_empty_year", "take_in_all"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
# What only a profile can tell: an indicator of one's own is known if the profile names it.
_OF_PROFILE: Final = ("findings.indicator_misspelt", "findings.no_indicators", "findings.more")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlay:
    """Users' tables of one level over the shipped one.

    Attributes
    ----------
    table : IndicatorTable
        The merged values.
    intakes : tuple[Intake, ...]
        The users' files, with everything found in them.
    """

    table: IndicatorTable
    intakes: tuple[Intake, ...]


def overlaid(
    catalogue: Catalogue,
    level: Level,
    files: Sequence[DataFile | Path],
    spec: IndexSpec,
    *,
    also: Iterable[str] = (),
    strict: bool = False,
) -> Overlay:
    """Lay rasters of the profile and users' tables over the shipped one; the later stands.

    Parameters
    ----------
    catalogue : Catalogue
        The shipped data.
    level : {"province", "city"}
        The level of the tables.
    files : Sequence[DataFile or pathlib.Path]
        The users' files; a value may stand in one of them only.
    spec : IndexSpec
        The profile; indicators it names are accepted even if the catalogue does not know
        them.
    also : Iterable[str]
        Further names to accept.
    strict : bool, default False
        Whether warnings refuse a file.

    Returns
    -------
    Overlay
        The merged values and what was found in the files.

    Raises
    ------
    InputError
        All problems of all files; or no unit can be scored in the profile's year.

    Examples
    --------
    >>> found = overlaid(load_catalogue(), "province", (), load_profile("caict2024-province"))
    >>> len(found.table.codes)
    31
    """
    merged = catalogue.province if level == "province" else catalogue.city
    intakes: tuple[Intake, ...] = ()
    measured = raster_table(spec)
    if measured is not None:
        merged = merged | measured
    if files:
        intakes, own = take_in_all(
            files, catalogue, level=level, specs={level: spec}, also=also, strict=strict
        )
        _refuse(intakes)
        merged = merged | own[level]
    refuse_empty_year(merged, settled(merged, spec))
    return Overlay(table=merged, intakes=intakes)


def take_in_all(
    files: Sequence[DataFile | Path],
    catalogue: Catalogue,
    *,
    level: Level | None = None,
    specs: Mapping[Level, IndexSpec],
    also: Iterable[str] = (),
    strict: bool = False,
) -> tuple[tuple[Intake, ...], Mapping[Level, IndicatorTable]]:
    """Take in tables and look at them one by one, together, and for signs of bad data.

    Parameters
    ----------
    files : Sequence[DataFile or pathlib.Path]
        The files.
    catalogue : Catalogue
        Indicators known, and the values the files will be laid over.
    level : {"province", "city"}, optional
        The level of all; told from each file by default.
    specs : Mapping[str, IndexSpec]
        Profiles by level; their indicators are known.
    also : Iterable[str]
        Further names to accept.
    strict : bool, default False
        Whether warnings refuse a file.

    Returns
    -------
    intakes : tuple[Intake, ...]
        The files, in order; nothing is raised for what is wrong with them.
    tables : Mapping[str, IndicatorTable]
        The values of all files by level.

    Examples
    --------
    >>> intakes, _ = take_in_all([Path("nowhere.csv")], load_catalogue(), specs={})
    >>> intakes[0].ledger.findings[0].rule
    'unreadable'
    """
    known, extra = catalogue.indicators, tuple(also)
    for one in _LEVELS if level is None else (level,):
        known = known_indicators(known, one, names=extra, spec=specs.get(one))
    gazetteer = gazetteer_of(data_folder())
    intakes = tuple(
        read_file(
            item.file,
            gazetteer=gazetteer,
            indicators=known,
            level=level,
            how=item.how(strict=strict),
            aliases=aliases_of(data_folder()),
        )
        for item in map(DataFile.of, files)
    )
    tables: dict[Level, IndicatorTable] = {}
    for one, below in zip(_LEVELS, (catalogue.province, catalogue.city), strict=True):
        mine = [taken for taken in intakes if taken.level == one]
        if mine:
            tables[one] = joined(mine, gazetteer.called)
            inspect_tables(mine, below, tables[one])
    return intakes, tables


def _refuse(intakes: Sequence[Intake]) -> None:
    """Raise the errors of all files together."""
    problems: list[Problem] = []
    for taken in intakes:
        try:
            taken.ledger.raise_errors()
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)


def profile_of(
    name: str, *, level: Level | None = None, files: Sequence[DataFile | Path] = ()
) -> IndexSpec:
    """Load a profile; if it cannot be used, tell what is wrong with the tables too.

    Parameters
    ----------
    name : str
        Name of a shipped profile or path of a TOML file.
    level : {"province", "city"}, optional
        The level it must have.
    files : Sequence[DataFile or pathlib.Path]
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


def _of_tables(files: Sequence[DataFile | Path], level: Level | None) -> list[Problem]:
    """Tell what is wrong with tables whatever the profile says."""
    intakes, _ = take_in_all(files, load_catalogue(), level=level, specs={})
    try:
        _refuse(intakes)
    except InputError as error:
        return [found for found in error.problems if found.code not in _OF_PROFILE]
    return []
