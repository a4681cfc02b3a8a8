"""What only several files together tell: values given twice, units that do not agree."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from suanli.intake.files import Intake
from suanli.intake.findings import Place, said_year
from suanli.intake.table import IndicatorTable

__all__ = ["joined"]

_KEY: Final = ["code", "year", "indicator"]


def joined(
    intakes: Sequence[Intake], called: Mapping[str, Mapping[str, str]] | None = None
) -> IndicatorTable:
    """Join the values of several files of one level.

    Parameters
    ----------
    intakes : Sequence[Intake]
        The files. What is wrong between two of them is noted in the later one's ledger.
    called : Mapping[str, Mapping[str, str]], optional
        Names of units by code, in each language.

    Returns
    -------
    IndicatorTable
        All values; of those given twice the first.

    Examples
    --------
    >>> from suanli.intake.findings import Ledger
    >>> cells = pd.DataFrame({"code": ["110000"], "year": [2023], "indicator": ["racks"],
    ...     "value": [1.0], "unit": ["架"], "quality": ["user"], "source": ["a.csv"]})
    >>> one, two = (Intake(table=IndicatorTable(cells=cells.assign(unit=unit, source=file)),
    ...     level="province", ledger=Ledger(), rows=1, file=file)
    ...     for unit, file in (("架", "a.csv"), ("万架", "b.csv")))
    >>> _ = joined([one, two])
    >>> [finding.rule for finding in two.ledger.findings]
    ['units_mixed']
    """
    frames = [taken.table.cells.assign(at=place) for place, taken in enumerate(intakes)]
    cells = pd.concat(frames, ignore_index=True)
    mixed = _mixed(cells, intakes)
    # Values in different units are not compared.
    _twice(cells[~cells["indicator"].isin(mixed)], intakes, called or {})
    return IndicatorTable(cells=cells.drop_duplicates(_KEY, keep="first"))


def _mixed(cells: pd.DataFrame, intakes: Sequence[Intake]) -> set[str]:
    """Note indicators whose unit differs from file to file."""
    pairs = cells[["indicator", "unit", "at"]].drop_duplicates()
    first = pairs.groupby("indicator")[["unit", "at"]].transform("first")
    differs = pairs[pairs["unit"] != first["unit"]]
    columns = (differs["at"], differs["indicator"], differs["unit"])
    before = first.loc[differs.index]
    for at, indicator, unit, other, earlier in zip(
        *columns, before["unit"], before["at"], strict=True
    ):
        taken = intakes[at]
        taken.ledger.add(
            "units_mixed",
            Place(file=taken.file),
            unit,
            indicator=indicator,
            unit=unit or "?",
            other=other or "?",
            file_other=intakes[earlier].file,
        )
    return set(differs["indicator"])


def _twice(
    cells: pd.DataFrame, intakes: Sequence[Intake], called: Mapping[str, Mapping[str, str]]
) -> None:
    """Note values that stand in two files."""
    first = cells.groupby(_KEY)[["value", "at"]].transform("first")
    again = cells[cells.duplicated(_KEY)]
    before = first.loc[again.index]
    columns = (again[name] for name in ("at", "code", "year", "indicator", "value"))
    for at, code, year, indicator, value, other, earlier in zip(
        *columns, before["value"], before["at"], strict=True
    ):
        taken = intakes[at]
        key = (code, year, indicator)
        there = intakes[earlier].places.get(key)
        other_file = intakes[earlier].file
        taken.ledger.add(
            "in_two_files_equal" if value == other else "in_two_files",
            taken.places.get(key, Place(file=taken.file)),
            f"{value:g}",
            unit=called.get(code, code),
            year=said_year(year),
            indicator=indicator,
            other=f"{other:g}",
            file_other=there.said() if there is not None else other_file,
        )
