"""Tables of one's own, read with everything that ships filled in."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from suanli.data.catalogue import load_catalogue
from suanli.intake import How, IndicatorTable, Intake, read_file
from suanli.intake.against import Comparison
from suanli.intake.known import aliases_of, frame_of_text, gazetteer_of, known_indicators
from suanli.intake.quality import Inspection
from suanli.locations import data_folder
from suanli.profile import IndexSpec, load_profile

__all__ = ["inspect_tables", "read_table", "take_in"]

_MOST_WARNED: Final = 5


def take_in(
    path: Path | str,
    *,
    level: Literal["province", "city"] | None = None,
    profile: IndexSpec | str | None = None,
    how: How | None = None,
) -> Intake:
    r"""Take in a table of one's own, with everything found in it: nothing is raised.

    Parameters
    ----------
    path : pathlib.Path or str
        A text file (CSV, TSV) or spreadsheet (xlsx, xls), tidy or wide, as offices keep them:
        see ``docs/intake.md``.
    level : {"province", "city"}, optional
        Level of the units; told from the units, or the profile, by default.
    profile : IndexSpec or str, optional
        A profile, by name, path or loaded: its own indicators are known then, by identifier
        and name, with their units.
    how : How, optional
        What the file does not tell by itself: sheet, encoding, indicator, unit, year.

    Returns
    -------
    Intake
        Values and findings; see ``taken.ledger``. The signs of bad data of
        :class:`suanli.intake.quality.Inspection` are among the findings.

    Raises
    ------
    InputError
        The profile cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "mine.csv"
    >>> _ = path.write_text("地区,2023年地区生产总值（万元）\n北京,437607000\n", encoding="utf-8")
    >>> taken = take_in(path, profile="caict2024-province")
    >>> taken.table.wide(2023)["gdp"].to_list()
    [43760.7]
    >>> taken.ledger.counts["fix"], taken.ledger.refused
    (2, False)
    """
    spec = load_profile(profile) if isinstance(profile, str) else profile
    base = data_folder()
    taken = _taken(
        Path(path), base, level=level or (spec.level if spec else None), how=how, spec=spec
    )
    below = load_catalogue()
    inspect_tables([taken], below.province if taken.level == "province" else below.city)
    return taken


def inspect_tables(
    intakes: Sequence[Intake], below: IndicatorTable, beside: IndicatorTable | None = None
) -> None:
    """Look for signs of bad data; what is found is added to the ledgers.

    Parameters
    ----------
    intakes : Sequence[Intake]
        Files taken in.
    below : IndicatorTable
        Values they are laid over, such as the shipped ones: what is there is not missing.
    beside : IndicatorTable, optional
        Values of all files together: what another file has is not missing either.

    Examples
    --------
    >>> inspect_tables([], load_catalogue().province)
    """
    units = gazetteer_of(data_folder()).units
    for taken in intakes:
        scored = units[(units["level"] == taken.level) & (units["evaluated"] == "1")]
        own = taken.readable or taken.table
        table = _changed(own, below)
        if len(table.cells):
            names = scored.set_index("code")["name"]
            Inspection(
                table=table,
                names=names,
                file=taken.file,
                ledger=taken.ledger,
                whole=below if beside is None else below | beside,
                given=own,
                coverage=taken.readable is None,
                places=taken.places,
            ).run()
            Comparison(
                table=table, below=below, names=names, file=taken.file, ledger=taken.ledger
            ).run()


def _changed(table: IndicatorTable, below: IndicatorTable) -> IndicatorTable:
    """Leave out indicators whose values are those below: what ships is not judged again."""
    key = ["code", "year", "indicator", "value"]
    both = table.cells[key].merge(below.cells[key], on=key, how="left", indicator="side")
    new = both.loc[both["side"] == "left_only", "indicator"]
    return IndicatorTable(cells=table.cells[table.cells["indicator"].isin(new)])


def read_table(
    path: Path | str,
    *,
    level: Literal["province", "city"] | None = None,
    units: pd.DataFrame | None = None,
    indicators: pd.DataFrame | Iterable[str] | None = None,
    how: How | None = None,
) -> IndicatorTable:
    r"""Read a table of one's own; raise what is wrong with it, warn of what is doubtful.

    Parameters
    ----------
    path : pathlib.Path or str
        A text file (CSV, TSV) or spreadsheet (xlsx, xls), tidy or wide: see
        ``docs/intake.md``.
    level : {"province", "city"}, optional
        Level of the units; told from the units by default.
    units : pandas.DataFrame, optional
        Units known, the shipped ones by default: text columns ``level``, ``code``, ``name``
        and, to match other ways of writing them, ``short_name`` and ``kind``.
    indicators : pandas.DataFrame or Iterable[str], optional
        Indicators known: a frame in place of the shipped one, or names besides the shipped
        ones, such as those a profile needs (``spec.inputs()``). By default the shipped ones
        and whatever a tidy table brings, but for names so like a shipped one that they are
        taken for misspellings.
    how : How, optional
        What the file does not tell by itself: sheet, encoding, indicator, unit, year.

    Returns
    -------
    IndicatorTable
        The values, for :func:`suanli.evaluate`.

    Raises
    ------
    InputError
        The file cannot be used, with all its problems at once; or it holds both levels.

    Warns
    -----
    UserWarning
        Something was left out or assumed. :func:`take_in` gives all that was found.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "mine.csv"
    >>> rows = "130000,2023,racks,9,个\n110000,2023,racks,5,个\n"
    >>> _ = path.write_text("code,year,indicator,value,unit\n" + rows, encoding="utf-8")
    >>> read_table(path).wide(2023)["racks"].to_list()
    [5.0, 9.0]
    """
    taken = _taken(
        Path(path), data_folder(), level=level, how=how, units=units, indicators=indicators
    )
    taken.ledger.raise_errors()
    doubtful = list(dict.fromkeys(f.problem().describe() for f in taken.ledger.of("warn")))
    if doubtful:
        shown = doubtful[:_MOST_WARNED]
        rest = len(doubtful) - len(shown)
        warnings.warn("\n".join([*shown, *([f"… {rest} more"] if rest else [])]), stacklevel=2)
    return taken.table


def _taken(
    path: Path,
    base: Path,
    *,
    level: Literal["province", "city"] | None,
    how: How | None,
    spec: IndexSpec | None = None,
    units: pd.DataFrame | None = None,
    indicators: pd.DataFrame | Iterable[str] | None = None,
) -> Intake:
    gazetteer = gazetteer_of(base)
    if units is not None:
        # A frame of codes and names alone has no short names and no suffixes to leave off.
        plain = units.assign(short_name=units["name"], kind="county_direct")
        gazetteer = replace(gazetteer, units=plain.assign(**units))
    if isinstance(indicators, pd.DataFrame):
        known = indicators
    else:
        known = frame_of_text(base / "indicators" / "indicators.csv")
        for one in ("province", "city") if level is None else (level,):
            known = known_indicators(known, one, names=indicators or (), spec=spec)
    return read_file(
        path,
        gazetteer=gazetteer,
        indicators=known,
        level=level,
        how=how,
        adopt=indicators is None and spec is None,
        aliases=aliases_of(base),
    )
