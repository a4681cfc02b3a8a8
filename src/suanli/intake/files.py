"""Reading a table of indicator values from a file as people keep it."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pandas as pd

from suanli.errors import Problem
from suanli.intake.asked import hold, understood
from suanli.intake.findings import Ledger, Place, said_year
from suanli.intake.headings import Heading, Headings, named_year, note_heading
from suanli.intake.layout import Layout, tidied
from suanli.intake.melt import Given, melted
from suanli.intake.names import Gazetteer
from suanli.intake.opening import How, file_name, sheets_of
from suanli.intake.pairs import drop_counties, settled
from suanli.intake.parts import tables_of
from suanli.intake.periods import refuse_divided, refuse_parts
from suanli.intake.remarks import without_forecasts, without_qualified
from suanli.intake.scope import LEVELS, Level, level_of, name_unscored
from suanli.intake.several import apart
from suanli.intake.sheets import Sheet
from suanli.intake.table import ANY_YEAR, COLUMNS, IndicatorTable
from suanli.intake.totals import compare_totals
from suanli.intake.units import Resolver
from suanli.intake.values import Values
from suanli.text import writable

__all__ = ["How", "Intake", "read_file", "sheets_of"]

_KEY: Final = ["code", "year", "indicator"]
_OF_CITIES: Final = re.compile(r"城市|地市|^市|市州|[cC]it(?:y|ies)")


# Sheets of explanations.
_NO_TABLE: Final = frozenset({"empty", "no_units_column"})

Part = tuple[Sheet, Layout | None, Ledger]
"""A sheet, or one of the tables on it, with what is understood and was found of it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Intake:
    """A file taken in.

    Attributes
    ----------
    table : IndicatorTable
        Its values; empty where the file is refused.
    level : {"province", "city"}
        Level of its units.
    ledger : Ledger
        Everything found.
    rows : int
        Rows of data read.
    file : str
        Name of the file.
    places : Mapping[tuple[str, int, str], Place]
        Where each value stands, by code, year and indicator.
    readable : IndicatorTable or None
        Of a refused file the values nothing is wrong with, to look for signs of bad data.
    """

    table: IndicatorTable
    level: Level
    ledger: Ledger
    rows: int
    file: str = ""
    places: Mapping[tuple[str, int, str], Place] = field(default_factory=dict)
    readable: IndicatorTable | None = None


def read_file(
    path: Path,
    *,
    gazetteer: Gazetteer,
    indicators: pd.DataFrame,
    level: Level | None = None,
    how: How | None = None,
    adopt: bool = False,
    aliases: pd.DataFrame | None = None,
) -> Intake:
    r"""Take in a table of indicator values.

    Parameters
    ----------
    path : pathlib.Path
        A text file (CSV, TSV) or spreadsheet (xlsx, xls).
    gazetteer : Gazetteer
        The units known.
    indicators : pandas.DataFrame
        Indicators known: text columns ``indicator``, ``level``, ``name_zh``, ``name_en``,
        ``unit``, ``minimum``, ``maximum`` (empty = no bound).
    level : {"province", "city"}, optional
        Level of the units; told from the units by default.
    how : How, optional
        What the file does not tell.
    adopt : bool, default False
        Whether indicators that a tidy table names and nobody knows are taken as they are.
    aliases : pandas.DataFrame, optional
        Synonyms of their names, see :func:`suanli.intake.known.aliases_of`.

    Returns
    -------
    Intake
        Values and findings. Nothing is raised for what is wrong with the file: see
        ``Intake.ledger.refused`` and :meth:`suanli.intake.findings.Ledger.raise_errors`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("2023年各地生产总值\n地 区,地区生产总值（万元）\n北京,\"437,607,000\"")
    >>> units = pd.DataFrame({"level": ["province"], "code": ["110000"], "name": ["北京市"],
    ...     "short_name": ["北京"], "kind": ["municipality"]})
    >>> indicators = pd.DataFrame({"indicator": ["gdp"], "level": ["province"],
    ...     "name_zh": ["地区生产总值"], "name_en": ["GRP"], "unit": ["亿元"],
    ...     "minimum": ["0"], "maximum": [""]})
    >>> taken = read_file(path, gazetteer=Gazetteer(units=units), indicators=indicators)
    >>> float(taken.table.wide(2023).loc["110000", "gdp"])
    43760.7
    >>> [finding.rule for finding in taken.ledger.findings]
    ['title_rows', 'year_from_title', 'name_mended', 'thousands', 'unit_converted']
    """
    how = how or How()
    ledger = Ledger(strict=how.strict)
    file = file_name(path)
    sheets = sheets_of(path, ledger, how)
    if how.sheet is not None and sheets and not sheets[0].name:
        ledger.add("no_sheets", Place(file=file), how.sheet)
        how = replace(how, sheet=None)
    told = level is not None
    level = level or level_of(file, sheets, gazetteer, ledger)
    resolver = Resolver(gazetteer=gazetteer, level=level)
    known = indicators[indicators["level"] == level]
    headings = Headings(
        indicators=known,
        simplified=gazetteer.traditional,
        adopts=adopt,
        level=level,
        aliases=aliases,
    )
    if sheets:
        given = understood(how.given, headings, Place(file=file), ledger)
        how = replace(how, given=given)
    reader = _Reader(
        resolver=resolver,
        headings=headings,
        known=known,
        how=how,
        source=writable(file),
        told=told,
    )
    frames, rows = [], 0
    for sheet, layout, found in reader.chosen(sheets, ledger):
        ledger.extend([found])
        if layout is None:
            continue
        rows += len(layout.body)
        frames.append(reader.read(sheet, layout, ledger))
    cells = pd.concat(frames, ignore_index=True) if frames else _nothing()
    name_unscored(file, cells, gazetteer.units, ledger)
    cells = _unrepeated(file, cells, gazetteer.called, ledger)
    if cells.empty and not ledger.refused:
        ledger.add("no_values", Place(file=file), level=Problem(code=f"common.{level}"))
    refused = ledger.refused
    sound = _sound(cells, ledger) if refused else cells
    values = IndicatorTable(cells=sound[list(COLUMNS)])
    return Intake(
        table=IndicatorTable(cells=_nothing()) if refused else values,
        level=level,
        ledger=ledger,
        rows=rows,
        file=file,
        places=_places(file, sound) if len(sound) else {},
        readable=values if refused else None,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Reader:
    """Reads the sheets of one file."""

    resolver: Resolver
    headings: Headings
    known: pd.DataFrame
    how: How
    source: str
    told: bool

    def chosen(self, sheets: Sequence[Sheet], ledger: Ledger) -> list[Part]:
        """Choose the sheets: the one named, the only one, one for each year, part or province."""
        if self.how.sheet is not None:
            named = [sheet for sheet in sheets if sheet.name == self.how.sheet]
            if sheets and not named:
                shown = ", ".join(sheet.name for sheet in sheets)
                ledger.add("no_such_sheet", Place(file=self.source), self.how.sheet, sheets=shown)
            sheets = named
        tried = [self._tried(sheet) for sheet in sheets]
        good = [
            parts
            for parts in tried
            if parts[0][1] is not None and not any(found.refused for _, _, found in parts)
        ]
        if len(good) == 1 or len(tried) == 1:
            self._left(tried, good, ledger)
            return (good or tried)[0]
        flat = [part for parts in good for part in parts]
        names = [parts[0][0].name for parts in good]
        upper = {self.resolver.gazetteer.province_of(name) for name in names}
        by_province = "" not in upper and len(upper) == len(names)
        years = {named_year(name) for name in names}
        if good and (by_province or (None not in years and len(years) == len(names))):
            self._left(tried, good, ledger)
            return flat
        if apart([[layout for _, layout, _ in parts if layout] for parts in good]):
            return flat
        if tried:
            shown = ", ".join(sheet.name for sheet in sheets)
            ledger.add("several_sheets", Place(file=self.source), sheets=shown)
        return []

    def _left(
        self, tried: Sequence[Sequence[Part]], good: Sequence[Sequence[Part]], ledger: Ledger
    ) -> None:
        """Say which sheets with units are not read, and why."""
        for parts in tried if good else ():
            errors = [f for _, _, found in parts for f in found.of("error")]
            told = [f for f in errors if f.rule not in _NO_TABLE]
            if parts not in good and told:
                place = Place(file=self.source, sheet=parts[0][0].name)
                ledger.add("sheet_not_read", place, reason=told[0].problem())

    def _tried(self, sheet: Sheet) -> list[Part]:
        """Understand a sheet, or each of the tables in it."""
        parts = tables_of(sheet)
        understood = [self._laid_out(part) for part in parts]
        whole = len(parts) == 1 or all(layout is not None for _, layout, _ in understood)
        return understood if whole else [self._laid_out(sheet)]

    def _laid_out(self, sheet: Sheet) -> Part:
        ledger = Ledger(strict=self.how.strict)
        layout = tidied(sheet, self.headings, self.resolver.knows, ledger)
        if layout is not None:
            layout = self._by_sheet_name(settled(layout, self.resolver.gazetteer))
            refuse_parts(layout, ledger)
            refuse_divided(layout, ledger)
        return sheet, layout, ledger

    def _by_sheet_name(self, layout: Layout) -> Layout:
        """Take the indicator from the name of the sheet, where nothing in it names one."""
        named = {heading.role for heading in layout.headings} & {"indicator", "value"}
        told = layout.titled.indicator or any(h.indicator for h in layout.headings)
        if not layout.sheet.name or named or told:
            return layout
        found = self.headings.read([layout.sheet.name])
        units = (found.unit,) if found.unit else layout.titled.units
        titled = replace(
            layout.titled, indicator=found.indicator, units=units, words=layout.sheet.name
        )
        return replace(layout, titled=titled) if found.indicator else layout

    def _declared(self, named: "pd.Series[str]") -> pd.DataFrame:
        """Return what is known of indicators, those adopted included."""
        known = self.known.set_index("indicator")
        own = pd.Index(named.unique()).difference(known.index)
        return known.reindex([*known.index, *own], fill_value="") if len(own) else known

    def _titles(self, layout: Layout) -> list[Heading]:
        """Return what the titles say that name the indicator of all of a table."""
        above = itertools.takewhile(
            lambda item: item[0] != layout.header_line,
            zip(layout.sheet.lines, layout.sheet.rows, strict=True),
        )
        cells = [
            cell.rpartition("指标")[2].lstrip(":： ") for _, row in above for cell in row if cell
        ]
        read = [self.headings.read([cell]) for cell in (*cells, layout.sheet.name)]
        return [h for h in read if h.indicator and h.indicator == layout.titled.indicator][:1]

    def read(self, sheet: Sheet, layout: Layout, ledger: Ledger) -> pd.DataFrame:
        """Read a sheet understood."""
        year = named_year(sheet.name)
        given = self.how.given
        if year is not None and given.year is None:
            given = Given(indicator=given.indicator, unit=given.unit, year=year)
        rows, cells = melted(layout, self.headings, given, ledger)
        hold(self.how.given, layout, cells, ledger)
        cells = without_forecasts(layout, cells, ledger)
        known = self.headings.indicators
        own = known.loc[known["indicator"].isin(cells["indicator"]), "name_zh"]
        cells = without_qualified(layout, cells, list(own), ledger)
        whole = Place(file=self.source, sheet=sheet.name, row=layout.header_line)
        for heading in (*layout.headings, *self._titles(layout)):
            note_heading(heading, whole, ledger)
        rows = drop_counties(rows, Place(file=self.source, sheet=sheet.name), ledger)
        columns = {heading.role: j for j, heading in enumerate(layout.headings) if heading.role}
        position = {layout.column(j): j for j in range(layout.sheet.width)}

        def place(row: int, role: str) -> Place:
            return layout.place(row, columns.get(role, columns.get("name", 0)))

        def spot(row: int, column: str) -> Place:
            return layout.place(row, position[column])

        if not self.told and set(LEVELS) <= set(rows["level"]):
            ledger.add("level_unclear", Place(file=self.source, sheet=sheet.name))
        # 宁 in a column of cities is Nanjing to its writer.
        cities = any(h.role == "name" and _OF_CITIES.search(h.text) for h in layout.headings)
        units = self.resolver.resolve(rows, place, ledger, lettered=not cities)
        if cells.empty:
            return _nothing()
        cells = cells[cells["row"].isin(units.index[(units["code"] != "") | units["whole"]])]
        reader = Values(
            declared=self._declared(cells["indicator"]), ledger=ledger, censored=self.how.censored
        )
        cells = reader.read(cells.reset_index(drop=True), spot)
        # Those of a year that is refused contradict nothing and repeat nothing.
        cells = cells[cells["year"] >= ANY_YEAR]
        cells = cells.assign(code=cells["row"].map(units["code"]))
        total = cells["row"].map(units["whole"]).astype(bool)
        compare_totals(cells[~total], cells[total], spot, ledger)
        cells = cells[~total].copy()
        cells["quality"] = cells["quality"].replace("", "user")
        cells["source"] = cells["source"].replace("", self.source)
        cells["sheet"] = layout.sheet.name
        return cells


def _unrepeated(
    file: str, cells: pd.DataFrame, called: Mapping[str, Mapping[str, str]], ledger: Ledger
) -> pd.DataFrame:
    """Drop repeated equal values, refuse different ones."""
    if cells.empty:
        return cells.reindex(columns=[*COLUMNS])
    first = cells.groupby(_KEY)["line"].transform("first")
    value = cells.groupby(_KEY)["value"].transform("first")
    again = cells.duplicated(_KEY)
    names = ("sheet", "line", "column", "code", "year", "indicator", "value")
    columns = (cells.loc[again, name] for name in names)
    for sheet, line, column, code, year, indicator, here, there, start in zip(
        *columns, value[again], first[again], strict=True
    ):
        ledger.add(
            "duplicate_equal" if here == there else "duplicate",
            Place(file=file, sheet=sheet, row=line, column=column),
            f"{here:g}",
            unit=called.get(code, code),
            year=said_year(year),
            indicator=indicator,
            first=start,
            other=f"{there:g}",
        )
    return cells.loc[~again]


def _sound(cells: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Leave out values about whose column, sheet or file there is an error."""
    errors = [finding.place for finding in ledger.of("error") if not finding.place.row]
    whole = {place.sheet for place in errors if not place.column}
    if "" in whole or cells.empty:
        return _nothing()
    columns = {(place.sheet, place.column) for place in errors}
    wrong = [
        sheet in whole or (sheet, column) in columns
        for sheet, column in zip(cells["sheet"], cells["column"], strict=True)
    ]
    return cells[~pd.Series(wrong, index=cells.index)]


def _places(file: str, cells: pd.DataFrame) -> dict[tuple[str, int, str], Place]:
    """Return where each value stands."""
    names = ("code", "year", "indicator", "sheet", "line", "column")
    return {
        (code, year, indicator): Place(file=file, sheet=sheet, row=line, column=column)
        for code, year, indicator, sheet, line, column in zip(
            *(cells[name] for name in names), strict=True
        )
    }


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
