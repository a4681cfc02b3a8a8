"""Which level holds a unit, and which profile therefore scores it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import pandas as pd

from suanli.boundaries import Level
from suanli.boundaries.loading import read_units
from suanli.errors import InputError, Problem
from suanli.locations import data_folder
from suanli.profile import IndexSpec, list_profiles, load_profile
from suanli.run.config import RunConfig
from suanli.run.units import collected, find_unit, unknown_unit

if TYPE_CHECKING:
    from suanli.run.diagnosing import Request

__all__ = ["find_level", "held_units", "located"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_UNKNOWN: Final = "diagnostics.unit_unknown"

Layers = Callable[[Level], pd.DataFrame]
"""Units of a level, as :func:`suanli.run.units.find_unit` takes them."""


def find_level(layers: Layers, name: str, level: Level | None = None) -> tuple[Level, str]:
    """Find a unit on either level; a municipality is a province unless said otherwise.

    Parameters
    ----------
    layers : Callable[[Level], pandas.DataFrame]
        Units of a level.
    name : str
        Code or name.
    level : {"province", "city"}, optional
        Look here alone.

    Returns
    -------
    level : {"province", "city"}
        The level.
    code : str
        The unit.

    Raises
    ------
    InputError
        No unit or several are called so, or it is never scored.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> find_level(load_boundaries().layer, "Zhangjiakou")
    ('city', '130700')
    """
    codes = _codes(layers, name, (level,) if level else _LEVELS)
    _refuse_several(layers, name, codes)
    return next(iter(codes.items()))


def located(request: "Request", names: Sequence[str]) -> "Request":
    """Choose the profile by the level of the units, where the request names none.

    Parameters
    ----------
    request : Request
        With an empty profile, if one is to be chosen.
    names : Sequence[str]
        Codes or names of units that are to be scored together.

    Returns
    -------
    Request
        With a profile: that of a run, for the level that holds all units.

    Raises
    ------
    InputError
        A name is that of no unit or, on the levels left, of several; or the units are of two
        levels, whatever the profile.

    Examples
    --------
    >>> from suanli.run.diagnosing import Request
    >>> located(Request(profile=""), ["张家口市", "北京市"]).profile
    'city-compute'
    """
    if request.profile and len(names) == 1:
        return request
    layers = _shipped()
    steps = [partial(_codes, layers, name, _LEVELS) for name in names]
    found: list[dict[Level, str]] = collected(steps)
    both = [level for level in _LEVELS if all(level in codes for codes in found)]
    if not both:
        sides = [_called(layers, *next(iter(codes.items()))) for codes in found]
        params = {"a": sides[0], "b": sides[-1]}
        raise InputError([Problem(code="diagnostics.two_levels", params=params)])
    if request.profile:
        return request
    for name, codes in zip(names, found, strict=True):
        _refuse_several(layers, name, {level: codes[level] for level in both})
    return replace(request, profile=getattr(RunConfig(), both[0]).profile)


def held_units(spec: IndexSpec, layer: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Find units among those a profile scores; say which profile holds the others.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    layer : pandas.DataFrame
        Units of its level.
    names : Sequence[str]
        Codes or names.

    Returns
    -------
    list[str]
        Codes, in the order of the names.

    Raises
    ------
    InputError
        One problem for each name that is none of a unit of this level.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> cities = load_boundaries().layer("city")
    >>> held_units(load_profile("city-compute"), cities, ["130700"])
    ['130700']
    """

    def find(name: str) -> str:
        try:
            return find_unit(layer, name)
        except InputError as error:
            if error.problems[0].code != _UNKNOWN:
                raise
            raise InputError([_elsewhere(spec, name)]) from None

    return collected([partial(find, name) for name in names])


def _elsewhere(spec: IndexSpec, name: str) -> Problem:
    layers = _shipped()
    try:
        level, code = find_level(layers, name)
    except InputError as error:
        return error.problems[0]
    profiles = [each for each in list_profiles() if load_profile(each).level == level]
    params = {
        "unit": _called(layers, level, code),
        "level": Problem(code=f"diagnostics.level.{level}", params={}),
        "profile": spec.id,
        "other": Problem(code=f"diagnostics.level.{spec.level}", params={}),
        "profiles": ", ".join(profiles),
    }
    return Problem(code="diagnostics.other_level", params=params)


def _shipped() -> Layers:
    units = read_units(data_folder() / "boundaries")
    # A list keeps it a table; then the level is dropped.
    return lambda level: units.loc[[level]].droplevel("level")


def _codes(layers: Layers, name: str, levels: Sequence[Level]) -> dict[Level, str]:
    """Return the code of a unit on every level that has it."""
    codes: dict[Level, str] = {}
    problems: list[Problem] = []
    for level in levels:
        try:
            codes[level] = find_unit(layers(level), name)
        except InputError as error:
            problems.extend(error.problems)
    if not codes:
        known = [problem for problem in problems if problem.code != _UNKNOWN]
        every = [layers(level) for level in levels]
        raise InputError(known[:1] or [unknown_unit(every, name)])
    return codes


def _refuse_several(layers: Layers, name: str, codes: dict[Level, str]) -> None:
    if len(set(codes.values())) > 1:
        units = ", ".join(_called(layers, level, code) for level, code in codes.items())
        params = {"name": name, "units": units}
        raise InputError([Problem(code="diagnostics.ambiguous", params=params)])


def _called(layers: Layers, level: Level, code: str) -> str:
    row = layers(level).loc[code]
    return f"{row['name']} {row['name_en']} ({code})"
