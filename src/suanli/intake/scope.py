"""Which units a table is about: their level, and those that are never scored."""

from collections.abc import Sequence
from typing import Final, Literal

import pandas as pd

from suanli.intake.findings import Ledger, Place
from suanli.intake.headings import heading_key
from suanli.intake.names import Gazetteer
from suanli.intake.pairs import names_cities
from suanli.intake.sheets import Sheet
from suanli.intake.units import Resolver

__all__ = ["LEVELS", "Level", "level_of", "name_unscored"]

Level = Literal["province", "city"]
LEVELS: Final[tuple[Level, ...]] = ("province", "city")
"""Levels of units, the upper first."""

_LEFT: Final = 6
_DEEPEST: Final = 30
# A column of cities in a table of provinces.
_CAPITALS: Final = frozenset({"省会", "省会城市", "首府", "省会(首府)"})
_MOST: Final = 400


def level_of(file: str, sheets: Sequence[Sheet], gazetteer: Gazetteer, ledger: Ledger) -> Level:
    """Tell the level of the units: the one that most cells of one column belong to.

    A table with a column of provinces and one of cities is one of cities.

    Parameters
    ----------
    file : str
        Name of the file.
    sheets : Sequence[Sheet]
        Its sheets.
    gazetteer : Gazetteer
        The units known.
    ledger : Ledger
        Takes note where both levels could be meant.

    Returns
    -------
    {"province", "city"}
        The level.

    Examples
    --------
    >>> units = pd.DataFrame({"level": ["province", "city"], "code": ["130000", "130100"],
    ...     "name": ["河北省", "石家庄市"], "short_name": ["河北", "石家庄"],
    ...     "kind": ["province", "prefecture_city"]})
    >>> sheet = Sheet(file="a.csv", rows=[["地区"], ["石家庄"]], lines=[1, 2])
    >>> level_of("a.csv", [sheet], Gazetteer(units=units), Ledger())
    'city'
    """
    cities = names_cities(sheets, gazetteer)
    if cities is not None:
        return "city" if cities else "province"
    counts = {
        level: max((_hits(sheet, level, gazetteer) for sheet in sheets), default=0)
        for level in LEVELS
    }
    both = max((_hits(sheet, "", gazetteer) for sheet in sheets), default=0)
    fewer, more = sorted(max(0, count - both) for count in counts.values())
    if 2 * fewer > more:
        ledger.add("level_unclear", Place(file=file))
    # Municipalities alone are units of both levels, and a table of provinces.
    return "city" if counts["city"] > counts["province"] else "province"


def _hits(sheet: Sheet, level: str, gazetteer: Gazetteer) -> int:
    """Count the units of a level, or of both, in the column, or row, that has most of them."""
    readers = [Resolver(gazetteer=gazetteer, level=one) for one in ((level,) if level else LEVELS)]
    columns = [
        column
        for column in zip(*(row[:_LEFT] for row in sheet.rows), strict=True)
        if not any(heading_key(cell) in _CAPITALS for cell in column[:_DEEPEST])
    ]
    return max(
        sum(
            all(reader.matched(cell) for reader in readers)
            for cell in [cell for cell in dict.fromkeys(cells) if cell.strip()][:_MOST]
        )
        for cells in (*columns, *sheet.rows[:_LEFT])
    )


def name_unscored(file: str, cells: pd.DataFrame, units: pd.DataFrame, ledger: Ledger) -> None:
    """Name units whose values nothing will use.

    Parameters
    ----------
    file : str
        Name of the file.
    cells : pandas.DataFrame
        Values, column ``code``.
    units : pandas.DataFrame
        Units known; those scored have ``"1"`` in the column ``evaluated``.
    ledger : Ledger
        Takes the names.

    Examples
    --------
    >>> units = pd.DataFrame({"code": ["710000"], "name": ["台湾省"], "kind": ["special"],
    ...     "evaluated": ["0"]})
    >>> ledger = Ledger()
    >>> name_unscored("a.csv", pd.DataFrame({"code": ["710000"]}), units, ledger)
    >>> ledger.findings[0].rule
    'never_scored'
    """
    if "evaluated" not in units or cells.empty:
        return
    # A municipality is scored at either level.
    scored = set(units.loc[units["evaluated"] == "1", "code"])
    rest = units[units["code"].isin(set(cells["code"]) - scored)].drop_duplicates("code")
    special = rest["kind"] == "special"
    for rule, part in (("never_scored", rest[special]), ("not_scored", rest[~special])):
        if len(part):
            shown = ", ".join(
                f"{name} {code}" for name, code in zip(part["name"], part["code"], strict=True)
            )
            ledger.add(rule, Place(file=file), units=shown)
