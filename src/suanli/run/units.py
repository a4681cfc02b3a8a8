"""A unit by whatever the user calls it, and called by its name when spoken of."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import pandas as pd

from suanli.boundaries.loading import read_units
from suanli.errors import InputError, Problem
from suanli.locations import data_folder
from suanli.text import Text

__all__ = ["call_by_name", "collected", "find_unit", "find_units", "named_units", "unknown_unit"]

_SHORT: Final = 3
_NAMES: Final = ("name", "short_name", "name_en", "pinyin")
_SPOKEN: Final = frozenset({"unit", "units"})
_CODES: Final = re.compile(r"\d{6}(, \d{6})*(,? …)?", re.ASCII)


def find_unit(layer: pd.DataFrame, name: str) -> str:
    """Find the code of an evaluated unit.

    Parameters
    ----------
    layer : pandas.DataFrame
        Units of a level, index ``code``, columns ``name``, ``short_name``, ``name_en``,
        ``pinyin``, ``kind`` and ``evaluated``.
    name : str
        Code, full or short name, English name or pinyin; case does not matter.

    Returns
    -------
    str
        The code.

    Raises
    ------
    InputError
        No unit or several units of that name, or one that is drawn but never scored.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> layer = load_boundaries().layer("province")
    >>> find_unit(layer, "贵州"), find_unit(layer, "guizhou"), find_unit(layer, "520000")
    ('520000', '520000', '520000')
    """
    wanted = name.strip().casefold()
    # As the tables print it: Shanxi is 山西, though without tones both read shanxi.
    printed = layer.index[layer["name_en"] == name.strip()]
    known = layer[list(_NAMES)].apply(lambda column: column.str.casefold())
    # 陕西 is Shaanxi to be told from 山西: without tones both read shanxi.
    toneless = known["pinyin"].str.replace("aa", "a")
    fits = known.eq(wanted).any(axis=1) | toneless.eq(wanted)
    found = printed if len(printed) == 1 else layer.index[fits | (layer.index == wanted)]
    if len(found) == 0:
        raise InputError([unknown_unit([layer], name)])
    if len(found) > 1:
        units = ", ".join(
            f"{layer.loc[code, 'name']} {layer.loc[code, 'name_en']} ({code})" for code in found
        )
        raise InputError(
            [Problem(code="diagnostics.ambiguous", params={"name": name, "units": units})]
        )
    code = str(found[0])
    if not layer.loc[code, "evaluated"]:
        special = layer.loc[code, "kind"] == "special"
        key = "never_scored" if special else "not_evaluated"
        params = {"zh": layer.loc[code, "name"], "en": layer.loc[code, "name_en"]}
        raise InputError([Problem(code=f"diagnostics.{key}", params=params)])
    return code


def find_units(layer: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Find the codes of several units, and tell everything that is wrong with the names.

    Parameters
    ----------
    layer : pandas.DataFrame
        As for :func:`find_unit`.
    names : Sequence[str]
        Codes or names.

    Returns
    -------
    list[str]
        Codes, in the order of the names.

    Raises
    ------
    InputError
        One problem for each name that is none.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> find_units(load_boundaries().layer("province"), ["贵州", "Yunnan"])
    ['520000', '530000']
    """
    return collected([partial(find_unit, layer, name) for name in names])


def collected(steps: Sequence[Callable[[], Any]]) -> list[Any]:
    """Take every step, and tell everything that is wrong at once.

    Parameters
    ----------
    steps : Sequence[Callable[[], Any]]
        What may raise an InputError.

    Returns
    -------
    list[Any]
        What the steps returned.

    Raises
    ------
    InputError
        All problems of all steps.

    Examples
    --------
    >>> collected([lambda: 1, lambda: 2])
    [1, 2]
    """
    found: list[Any] = []
    problems: list[Problem] = []
    for step in steps:
        try:
            found.append(step())
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return found


def named_units(codes: Sequence[str], names: Mapping[str, str], text: Text) -> str:
    """List units by name, each with its code.

    Parameters
    ----------
    codes : Sequence[str]
        The units.
    names : Mapping[str, str]
        Their names by code.
    text : Text
        The language.

    Returns
    -------
    str
        The list; a unit without a name is called by its code.

    Examples
    --------
    >>> named_units(["520000", "999999"], {"520000": "Guizhou"}, Text("en"))
    'Guizhou (520000), 999999'
    """
    said = [
        text("shown.named_unit", name=names[code], code=code) if code in names else code
        for code in codes
    ]
    return text("shown.join").join(said)


def call_by_name(problem: Problem, text: Text) -> Problem:
    """Let a problem speak of units by name: the core knows codes alone.

    Parameters
    ----------
    problem : Problem
        Values called ``unit`` or ``units`` that are codes, alone or in problems among its
        values, are put into words.
    text : Text
        The language.

    Returns
    -------
    Problem
        The same with names.

    Examples
    --------
    >>> problem = Problem(code="evaluation.log_domain", params={"units": "110000, 120000"})
    >>> call_by_name(problem, Text("en")).params["units"]
    'Beijing (110000), Tianjin (120000)'
    """

    def told(key: str, value: Any) -> Any:
        if isinstance(value, Problem):
            return call_by_name(value, text)
        if key in _SPOKEN and isinstance(value, str) and _CODES.fullmatch(value):
            codes = re.findall(r"\d{6}", value)
            return named_units(codes, _all_names(text), text) + (" …" if "…" in value else "")
        return value

    return Problem(
        code=problem.code, params={key: told(key, value) for key, value in problem.params.items()}
    )


def _all_names(text: Text) -> Mapping[str, str]:
    try:
        units = read_units(data_folder() / "boundaries")
    except InputError:
        # Without our data there are no names; what is told may be just that.
        return {}
    column = units["name_en" if text.lang == "en" else "name"].droplevel("level")
    return {str(code): str(name) for code, name in column.items()}


def unknown_unit(layers: Sequence[pd.DataFrame], name: str) -> Problem:
    """Say that there is no such unit, and which may be meant.

    Parameters
    ----------
    layers : Sequence[pandas.DataFrame]
        Units, level by level.
    name : str
        What none of them is called.

    Returns
    -------
    Problem
        To be raised.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> unknown_unit([load_boundaries().layer("province")], "guizho").params["hint"].params
    {'nearest': 'Guizhou'}
    """
    wanted = name.strip()
    # Of two characters one is half: enough to be meant.
    cutoff = 0.5 if len(wanted) <= _SHORT else 0.6
    near: dict[str, None] = {}
    for layer in layers:
        names = [str(value) for column in _NAMES[:3] for value in layer[column]]
        near |= dict.fromkeys(difflib.get_close_matches(wanted, [*names, *layer.index], 3, cutoff))
    like = ", ".join(near)
    hint = Problem(code="intake.hint.units", params={"nearest": like}) if like else ""
    return Problem(code="diagnostics.unit_unknown", params={"unit": name, "hint": hint})
