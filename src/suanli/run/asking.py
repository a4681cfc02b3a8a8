"""What a user asks about: a unit, a node, numbers by name."""

import difflib
from collections.abc import Sequence

import pandas as pd

from suanli.boundaries import Level
from suanli.errors import InputError, Problem
from suanli.profile import IndexSpec
from suanli.robustness.gather import Gather

__all__ = ["find_node", "find_unit", "read_pairs"]


def find_unit(name: str, units: pd.DataFrame, *, level: Level) -> str:
    """Find a unit that is scored by its code or one of its names.

    Parameters
    ----------
    name : str
        Code, full or short Chinese name, English name or pinyin.
    units : pandas.DataFrame
        Units of the level, index ``code``, as :attr:`suanli.boundaries.Boundaries.units`.
    level : {"province", "city"}
        The level, for the message.

    Returns
    -------
    str
        The code.

    Raises
    ------
    InputError
        No such unit, several of that name, or one that is drawn but never scored.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> units = load_boundaries().units.loc["province"]
    >>> find_unit("山西", units, level="province"), find_unit("hebei", units, level="province")
    ('140000', '130000')
    """
    wanted = name.strip().casefold()
    columns = ["name", "short_name", "name_en", "pinyin"]
    words = units[columns].astype(str).apply(lambda column: column.str.casefold())
    fits = words.eq(wanted).any(axis=1) | (units.index.astype(str) == wanted)
    found = units[fits]
    if len(found) > 1:
        listed = ", ".join(f"{row.name} {row['name']}" for _, row in found.iterrows())
        raise InputError(
            [Problem(code="levers.unit_ambiguous", params={"name": name, "units": listed})]
        )
    if found.empty:
        every = {word: code for column in columns for code, word in words[column].items()}
        near = difflib.get_close_matches(wanted, list(every), n=3, cutoff=0.3)
        close = ", ".join(dict.fromkeys(str(units["name"][str(every[word])]) for word in near))
        params = {"name": name, "level": Problem(code=f"common.{level}"), "close": close or "-"}
        raise InputError([Problem(code="levers.unit_unknown", params=params)])
    code, row = str(found.index[0]), found.iloc[0]
    if not bool(row["evaluated"]):
        reason = "unit_special" if row["kind"] == "special" else "unit_not_evaluated"
        params = {"name": row["name"], "code": code} if reason != "unit_special" else {}
        raise InputError([Problem(code=f"levers.{reason}", params=params or {"name": row["name"]})])
    return code


def find_node(name: str, spec: IndexSpec) -> str:
    """Find a node by its identifier or name.

    Parameters
    ----------
    name : str
        What the user wrote.
    spec : IndexSpec
        The profile.

    Returns
    -------
    str
        The identifier; what is not found as it is, to be refused where it is used.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> find_node("存力", load_profile("caict2024-province"))
    'storage'
    """
    wanted = name.strip().casefold()
    for item in spec.dimension:
        if wanted in {item.name.zh.casefold(), item.name.en.casefold()}:
            return item.id
    return name.strip()


def read_pairs(given: Sequence[str], gather: Gather, *, option: str) -> dict[str, float]:
    """Read ``name=number``.

    Parameters
    ----------
    given : Sequence[str]
        What the user wrote; a number may be written as it is printed, ``1,234.5``.
    gather : Gather
        Takes what cannot be read, and names given twice.
    option : str
        The option it was written for.

    Returns
    -------
    dict[str, float]
        Numbers by name.

    Examples
    --------
    >>> read_pairs(["a=1,234.5"], Gather(), option="--most")
    {'a': 1234.5}
    """
    pairs: dict[str, float] = {}
    for text in given:
        name, mark, number = (part.strip() for part in text.partition("="))
        try:
            value = float(number.replace(",", ""))
        except ValueError:
            mark = ""
        if not (mark and name):
            params = {"text": text, "option": option}
            gather.problems.append(Problem(code="levers.pair_unreadable", params=params))
        elif name in pairs:
            params = {"name": name, "option": option}
            gather.problems.append(Problem(code="levers.pair_twice", params=params))
        else:
            pairs[name] = value
    return pairs
