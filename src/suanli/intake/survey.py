"""A first look at a table: whose values it holds, and of which indicators."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.intake.cells import clean_codes
from suanli.intake.decode import read_grid
from suanli.intake.reader import CODE_NAMES, role_of

__all__ = ["Survey", "survey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a table holds at first sight; nothing in it has been checked.

    Attributes
    ----------
    file : str
        Name of the file.
    codes : frozenset[str]
        Codes of units.
    levels : frozenset[str]
        What its column of levels says, if it has one.
    indicators : tuple[str, ...]
        Indicators a tidy table names, sorted; none of a wide table.
    """

    file: str
    codes: frozenset[str]
    levels: frozenset[str]
    indicators: tuple[str, ...]

    def level(self, units: pd.DataFrame) -> Literal["province", "city"]:
        """Tell the level of the units.

        Municipalities are known at both levels: where a table has no other cities it is one
        of provinces.

        Parameters
        ----------
        units : pandas.DataFrame
            Units known: text columns ``code`` and ``level``.

        Returns
        -------
        {"province", "city"}
            The level.

        Raises
        ------
        InputError
            The table holds units of both levels.
        """
        known = {level: set(units.loc[units["level"] == level, "code"]) for level in _LEVELS}
        provinces, cities = (known[level] for level in _LEVELS)
        if self.levels:
            found = [level for level in _LEVELS if level in self.levels]
        else:
            alone = {"province": provinces - cities, "city": cities - provinces}
            found = [level for level in _LEVELS if self.codes & alone[level]]
        if len(found) > 1:
            raise InputError([Problem(code="intake.level_unclear", params={"file": self.file})])
        return found[0] if found else "province"


_LEVELS: tuple[Literal["province", "city"], ...] = ("province", "city")


def survey(path: Path) -> Survey:
    r"""Look at a table before it is read.

    Parameters
    ----------
    path : pathlib.Path
        The file, as for :func:`suanli.intake.read_table`.

    Returns
    -------
    Survey
        What it holds.

    Raises
    ------
    InputError
        The file is not a delimited text with data.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("code,year,indicator,value\n130100,2023,racks,1\n")
    >>> survey(path).indicators
    ('racks',)
    """
    grid = read_grid(path, header_names=CODE_NAMES)
    frame = pd.DataFrame(list(grid.rows), columns=range(len(grid.header)), dtype="str")
    roles = [role_of(heading) for heading in grid.header]

    def found(role: str) -> Iterable[str]:
        # A column that stands twice is refused when the table is read.
        return frame[roles.index(role)].str.strip() if role in roles else ()

    return Survey(
        file=grid.file,
        codes=frozenset(clean_codes(pd.Series(found("code"), dtype="str"))),
        levels=frozenset(found("level")) - {""},
        indicators=tuple(sorted(set(found("indicator")) - {""})),
    )
