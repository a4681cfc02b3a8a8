"""A unit by whatever the user calls it."""

import difflib
from typing import Final

import pandas as pd

from suanli.errors import InputError, Problem

__all__ = ["find_unit"]

_SHORT: Final = 3
_NAMES: Final = ("name", "short_name", "name_en", "pinyin")


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
    known = layer[list(_NAMES)].apply(lambda column: column.str.casefold())
    found = layer.index[known.eq(wanted).any(axis=1) | (layer.index == wanted)]
    if len(found) == 0:
        raise InputError([_unknown(layer, name)])
    if len(found) > 1:
        units = ", ".join(f"{layer.loc[code, 'name']} ({code})" for code in found)
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


def _unknown(layer: pd.DataFrame, name: str) -> Problem:
    candidates = [str(value) for column in _NAMES[:3] for value in layer[column]]
    wanted = name.strip()
    # Of two characters one is half: enough to be meant.
    cutoff = 0.5 if len(wanted) <= _SHORT else 0.6
    like = ", ".join(difflib.get_close_matches(wanted, [*candidates, *layer.index], 3, cutoff))
    hint = Problem(code="intake.hint.units", params={"nearest": like}) if like else ""
    return Problem(code="diagnostics.unit_unknown", params={"unit": name, "hint": hint})
