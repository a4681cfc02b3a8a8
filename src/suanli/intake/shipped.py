"""Tables that ship with the product: strictly tidy, so that they are read whole at once."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from suanli.errors import InputError
from suanli.intake.files import read_file
from suanli.intake.known import frame_of_text
from suanli.intake.names import Gazetteer
from suanli.intake.scope import Level
from suanli.intake.table import COLUMNS, IndicatorTable

__all__ = ["read_shipped"]

_KEY: Final = ["code", "year", "indicator"]
_PLAIN: Final = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"


def read_shipped(
    path: Path, *, level: Level, gazetteer: Gazetteer, indicators: pd.DataFrame
) -> IndicatorTable:
    """Read a tidy table that needs no mending; any other is read as a user's would be.

    Parameters
    ----------
    path : pathlib.Path
        A CSV file with the columns of :data:`suanli.intake.COLUMNS`, and ``level`` if it
        holds both.
    level : {"province", "city"}
        Level of the units wanted.
    gazetteer : Gazetteer
        The units known.
    indicators : pandas.DataFrame
        Indicators known, as for :func:`suanli.intake.files.read_file`.

    Returns
    -------
    IndicatorTable
        The values.

    Raises
    ------
    InputError
        The table is wrong; all its problems at once.

    Examples
    --------
    >>> from suanli.intake.known import gazetteer_of
    >>> from suanli.locations import data_folder
    >>> folder = data_folder() / "indicators"
    >>> table = read_shipped(folder / "provinces.csv", level="province",
    ...     gazetteer=gazetteer_of(data_folder()),
    ...     indicators=frame_of_text(folder / "indicators.csv"))
    >>> len(table.codes)
    31
    """
    cells = _plainly(path, level, gazetteer, indicators)
    if cells is not None:
        return IndicatorTable(cells=cells)
    taken = read_file(path, gazetteer=gazetteer, indicators=indicators, level=level)
    taken.ledger.raise_errors()
    return taken.table


def _plainly(
    path: Path, level: str, gazetteer: Gazetteer, indicators: pd.DataFrame
) -> pd.DataFrame | None:
    """Return the cells of a table in which there is nothing to find, else nothing."""
    try:
        cells = frame_of_text(path)
    except InputError:
        return None
    if not set(COLUMNS) <= set(cells.columns):
        return None
    if "level" in cells:
        cells = cells[cells["level"] == level]
    cells = cells.loc[:, list(COLUMNS)]
    known = indicators[indicators["level"] == level].set_index("indicator")
    units = gazetteer.units
    sound = (
        cells["code"].isin(units.loc[units["level"] == level, "code"])
        & cells["indicator"].isin(known.index)
        & cells["year"].str.fullmatch("0|(?:19|20)[0-9]{2}")
        & cells["value"].str.fullmatch(_PLAIN)
        & (cells["unit"] == cells["indicator"].map(known["unit"]))
        & (cells["quality"] != "")
        & (cells["source"] != "")
    )
    if not sound.all() or cells.empty or cells.duplicated(_KEY).any():
        return None
    value = cells["value"].astype("float64")
    low, high = (
        cells["indicator"].map(pd.to_numeric(known[bound], errors="coerce"))
        for bound in ("minimum", "maximum")
    )
    if not np.isfinite(value).all() or (value < low).any() or (value > high).any():
        return None
    return cells.assign(value=value, year=cells["year"].astype("int64"))
