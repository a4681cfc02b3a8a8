"""Which unit each feature of a layer is: by code, else by name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.intake.findings import Finding, Ledger, Place
from suanli.intake.names import Gazetteer
from suanli.intake.plain import plain_name
from suanli.intake.units import Resolver, clean_code

__all__ = ["CHINESE_LEVELS", "LayerLevel", "LayerUnits", "shipped_gazetteer"]

LayerLevel = Literal["province", "city", "county", "own"]
"""``own``: units of any other country or kind, under their own codes."""
CHINESE_LEVELS: Final[tuple[LayerLevel, ...]] = ("province", "city", "county")

_SHORTEST_CODE: Final = 4
# What a feature cannot be whatever else it is: these refuse the file, others are left out.
_GRAVE: Final = frozenset({"code_name_differ", "code_retired", "name_abolished", "name_ambiguous"})


def shipped_gazetteer(folder: Path) -> Gazetteer:
    """Return the units of a data folder with everything they are called.

    Parameters
    ----------
    folder : pathlib.Path
        See :func:`suanli.locations.data_folder`.

    Returns
    -------
    Gazetteer
        Units, former names, counties and traditional characters.

    Raises
    ------
    InputError
        The folder is incomplete.

    Examples
    --------
    >>> from suanli.locations import data_folder
    >>> shipped_gazetteer(data_folder()).match("廊坊", level="city").code
    '131000'
    """

    def table(name: str) -> pd.DataFrame:
        try:
            return pd.read_csv(folder / name, dtype="str", keep_default_na=False)
        except (OSError, ValueError) as error:
            params = {"file": name, "reason": str(error)}
            raise InputError([Problem(code="boundaries.damaged", params=params)]) from error

    pairs = table("reference/traditional.csv")
    return Gazetteer(
        units=table("boundaries/units.csv"),
        renames=table("reference/renames.csv"),
        counties=table("reference/counties.csv"),
        traditional=dict(zip(pairs["traditional"], pairs["simplified"], strict=True)),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerUnits:
    """The units that features of a layer may be.

    Parameters
    ----------
    gazetteer : Gazetteer
        Everything known.
    level : {"province", "city", "county"}
        The level.

    Examples
    --------
    >>> from suanli.locations import data_folder
    >>> known = LayerUnits(gazetteer=shipped_gazetteer(data_folder()), level="county")
    >>> known.by_code("110101.0"), known.by_name("昆山市"), known.parent("320583")
    ('110101', '320583', '320500')
    """

    gazetteer: Gazetteer
    level: LayerLevel

    def by_code(self, text: str) -> str:
        """Return the unit a code stands for.

        Parameters
        ----------
        text : str
            A value.

        Returns
        -------
        str
            Its code, or nothing.
        """
        if self.level == "county":
            code = clean_code(text)
            return code if code in self._counties else ""
        # A short number may be anything, such as a serial number.
        if not text[:1].isdigit() or len(text) < _SHORTEST_CODE:
            return ""
        found = self._resolver.codes.match(text, self.level)
        return found.code if found.kind == "unit" else ""

    def by_name(self, text: str) -> str:
        """Return the unit a name stands for.

        Parameters
        ----------
        text : str
            A value.

        Returns
        -------
        str
            Its code, or nothing; nothing, too, for a county whose name occurs twice.
        """
        if not text or text[:1].isdigit():
            return ""
        if self.level == "county":
            return self._names.get(self.gazetteer.simplified(plain_name(text)[0]), "")
        found = self.gazetteer.match(text, level=self.level, certain=True)
        return found.code if found.kind in {"unit", "renamed"} else ""

    def resolve(
        self, rows: pd.DataFrame, place: Callable[[int, str], Place], ledger: Ledger
    ) -> tuple[pd.Series, dict[int, Problem]]:
        """Find the unit of every feature.

        Parameters
        ----------
        rows : pandas.DataFrame
            Text columns ``code`` and ``name``, empty where there is none.
        place : Callable[[int, str], Place]
            The place of a feature's column, ``"code"`` or ``"name"``.
        ledger : Ledger
            Takes repairs, and what refuses the file.

        Returns
        -------
        pandas.Series
            Code of each feature, empty where it is none of these units.
        dict[int, Problem]
            Why, by feature.
        """
        if self.level == "county":
            return self._resolve_counties(rows)
        scratch = Ledger()
        full = rows.assign(province="", level="")
        codes = Resolver(gazetteer=self.gazetteer, level=self.level).resolve(full, place, scratch)
        unknown: dict[int, Problem] = {}
        by_row = {place(int(row), "name").row: int(row) for row in rows.index}
        for finding in scratch.findings:
            row = by_row[finding.place.row]
            if codes.loc[row, "code"] or finding.rule in _GRAVE:
                _copy(finding, ledger)
            else:
                unknown[row] = finding.problem()
        grave = {by_row[f.place.row] for f in scratch.findings if f.rule in _GRAVE}
        left = {row: problem for row, problem in unknown.items() if row not in grave}
        return codes["code"].drop(list(grave)), left

    def parent(self, code: str) -> str:
        """Return the prefecture a county lies in.

        Parameters
        ----------
        code : str
            Code of a county.

        Returns
        -------
        str
            Code of its prefecture; of a unit of another level its own.
        """
        return self._counties.get(code, code) if self.level == "county" else code

    def name(self, code: str) -> str:
        """Return the official name of a unit.

        Parameters
        ----------
        code : str
            Its code.

        Returns
        -------
        str
            Its name; the code where there is none.
        """
        return self._official.get(code, code)

    def expected(self) -> list[str]:
        """Return the units a whole layer has.

        Returns
        -------
        list[str]
            Codes, sorted.
        """
        if self.level == "county":
            # A whole region of another system stands for its districts, if it stands undivided.
            divided = {parent for code, parent in self._counties.items() if code != parent}
            return sorted(set(self._counties) - divided)
        units = self.gazetteer.units
        return sorted(units.loc[units["level"] == self.level, "code"])

    def _resolve_counties(self, rows: pd.DataFrame) -> tuple[pd.Series, dict[int, Problem]]:
        found, unknown = {}, {}
        for row, code, name in zip(rows.index, rows["code"], rows["name"], strict=True):
            found[row] = self.by_code(code) if code else self.by_name(name)
            if not found[row]:
                params = {"value": f"{code} {name}".strip()}
                unknown[int(row)] = Problem(code="layers.county_unknown", params=params)
        return pd.Series(found, dtype="str"), unknown

    @cached_property
    def _resolver(self) -> Resolver:
        return Resolver(gazetteer=self.gazetteer, level=self.level)

    @cached_property
    def _counties(self) -> dict[str, str]:
        """Return the parents of counties, and of cities that have none or stand undivided."""
        table = self.gazetteer.counties
        known = {} if table is None else dict(zip(table["code"], table["parent"], strict=True))
        units = self.gazetteer.units
        cities = units[units["level"] == "city"]
        whole = ~cities["code"].isin(set(known.values())) | (cities["kind"] == "special")
        return {**{code: code for code in cities.loc[whole, "code"]}, **known}

    @cached_property
    def _names(self) -> dict[str, str]:
        names = pd.Series({code: self.name(code) for code in self._counties})
        once = names[~names.duplicated(keep=False)]
        return {name: str(code) for code, name in once.items()}

    @cached_property
    def _official(self) -> dict[str, str]:
        units = self.gazetteer.units
        level = "city" if self.level == "county" else self.level
        mine = units[units["level"] == level]
        names = dict(zip(mine["code"], mine["name"], strict=True))
        table = self.gazetteer.counties
        if self.level == "county" and table is not None:
            names |= dict(zip(table["code"], table["name"], strict=True))
        return names


def _copy(finding: Finding, ledger: Ledger) -> None:
    params = {
        key: value
        for key, value in finding.params
        if key not in {"file", "sheet", "row", "column", "where", "value", "after"}
    }
    ledger.add(finding.rule, finding.place, finding.before, finding.after, **params)
