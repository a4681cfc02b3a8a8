"""What the reader knows beforehand: the units, the indicators shipped and those of a profile."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.intake.names import Gazetteer
from suanli.profile import IndexSpec

__all__ = ["aliases_of", "frame_of_text", "gazetteer_of", "known_indicators"]

_COLUMNS: Final = ("indicator", "level", "name_zh", "name_en", "unit", "minimum", "maximum")


def frame_of_text(path: Path) -> pd.DataFrame:
    """Read a table that ships with the product, all text.

    Parameters
    ----------
    path : pathlib.Path
        A CSV file.

    Returns
    -------
    pandas.DataFrame
        Its columns as text; missing is the empty text.

    Raises
    ------
    InputError
        The file cannot be read.

    Examples
    --------
    >>> from suanli.locations import data_folder
    >>> frame_of_text(data_folder() / "boundaries" / "units.csv").loc[0, "name"]
    '北京市'
    """
    try:
        return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        problem = Problem(code="data.unreadable", params={"file": str(path), "reason": str(error)})
        raise InputError([problem]) from error


@cache
def gazetteer_of(folder: Path) -> Gazetteer:
    """Return the units of a data folder with everything they are called.

    Parameters
    ----------
    folder : pathlib.Path
        See :func:`suanli.locations.data_folder`.

    Returns
    -------
    Gazetteer
        Made once per process.

    Raises
    ------
    InputError
        The folder is incomplete.

    Examples
    --------
    >>> from suanli.locations import data_folder
    >>> gazetteer_of(data_folder()).match("廊坊", level="city").code
    '131000'
    """
    pairs = frame_of_text(folder / "reference" / "traditional.csv")
    return Gazetteer(
        units=frame_of_text(folder / "boundaries" / "units.csv"),
        renames=frame_of_text(folder / "reference" / "renames.csv"),
        counties=frame_of_text(folder / "reference" / "counties.csv"),
        traditional=dict(zip(pairs["traditional"], pairs["simplified"], strict=True)),
    )


@cache
def aliases_of(folder: Path) -> pd.DataFrame:
    """Return the synonyms of the names of indicators of a data folder.

    Parameters
    ----------
    folder : pathlib.Path
        See :func:`suanli.locations.data_folder`.

    Returns
    -------
    pandas.DataFrame
        Text columns ``level``, ``alias``, ``indicator``, ``unit_needed``; read once per process.

    Raises
    ------
    InputError
        The folder is incomplete.

    Examples
    --------
    >>> from suanli.locations import data_folder
    >>> aliases_of(data_folder()).set_index(["level", "alias"]).loc[
    ...     ("province", "常住人口"), "indicator"]
    'population'
    """
    return frame_of_text(folder / "reference" / "aliases.csv")


def known_indicators(
    shipped: pd.DataFrame,
    level: str,
    *,
    names: Iterable[str] = (),
    spec: IndexSpec | None = None,
) -> pd.DataFrame:
    """Add to the indicators shipped those of a profile, with names and units, and bare names.

    Parameters
    ----------
    shipped : pandas.DataFrame
        Indicators known: columns ``indicator``, ``level``, ``name_zh``, ``name_en``, ``unit``,
        ``minimum``, ``maximum``.
    level : {"province", "city"}
        Level of what is added.
    names : Iterable[str]
        Identifiers to add without name, unit or range.
    spec : IndexSpec, optional
        A profile: what its formulas need is added. An indicator that is taken from the table
        as it stands has there the name and unit it has in the profile.

    Returns
    -------
    pandas.DataFrame
        The frame with more rows; what is known at this level already is left as it is.

    Examples
    --------
    >>> from suanli.locations import data_folder
    >>> shipped = frame_of_text(data_folder() / "indicators" / "indicators.csv")
    >>> len(known_indicators(shipped, "city", names=["gdp", "racks"])) - len(shipped)
    1
    """
    known = set(shipped.loc[shipped["level"] == level, "indicator"])
    said: dict[str, tuple[str, str, str]] = {}
    for item in spec.indicator if spec is not None else ():
        text = (item.value or item.id).strip()
        if not item.denominator and text.isidentifier():
            said.setdefault(text, (item.name.zh, item.name.en, item.unit))
    wanted = {*names, *(spec.inputs() if spec is not None else ())}
    rows = [
        (name, level, *said.get(name, (name, name, "")), "", "") for name in sorted(wanted - known)
    ]
    own = pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")
    return pd.concat([shipped, own], ignore_index=True).fillna("")
