"""Reading a table of indicator values from a file as people keep it."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from suanli.errors import Problem, os_reason
from suanli.intake.delimited import read_delimited
from suanli.intake.findings import Ledger, Place
from suanli.intake.headings import Headings, note_heading, year_of
from suanli.intake.layout import Layout, tidied
from suanli.intake.melt import Given, melted
from suanli.intake.names import Gazetteer
from suanli.intake.oldbook import read_old_workbook
from suanli.intake.pairs import drop_counties, settled
from suanli.intake.scope import LEVELS, Level, level_of, name_unscored
from suanli.intake.several import apart
from suanli.intake.sheets import Sheet
from suanli.intake.table import COLUMNS, IndicatorTable
from suanli.intake.totals import compare_totals
from suanli.intake.units import Resolver
from suanli.intake.values import Values
from suanli.intake.workbook import read_workbook, safe_archive
from suanli.text import writable

__all__ = ["How", "Intake", "read_file", "sheets_of"]

_MOST_BYTES: Final = 64 * 1024**2
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN: Final = (
    (b"SQLite format 3", "GeoPackage / SQLite"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"PAR1", "Parquet"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
)
_HTML: Final = (b"<html", b"<!doct", b"<table", b"<?xml", b"<meta", b"<head", b"<style")
_BOOKS: Final = (".xlsx", ".xlsm", ".xls")
_KEY: Final = ["code", "year", "indicator"]


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a file is to be read, where it does not tell by itself.

    Attributes
    ----------
    encoding : str or None
        Encoding of a text file.
    sheet : str or None
        The sheet of a spreadsheet.
    given : Given
        Indicator, unit of measurement and year of tables that do not name them.
    censored : bool
        Whether bounds, ranges and approximations are taken for numbers.
    strict : bool
        Whether warnings refuse the file.
    """

    encoding: str | None = None
    sheet: str | None = None
    given: Given = field(default_factory=Given)
    censored: bool = False
    strict: bool = False


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
    """

    table: IndicatorTable
    level: Level
    ledger: Ledger
    rows: int
    file: str = ""


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
    ['title_rows', 'name_mended', 'thousands', 'unit_converted']
    """
    how = how or How()
    ledger = Ledger(strict=how.strict)
    sheets = sheets_of(path, ledger, how)
    told = level is not None
    level = level or level_of(path.name, sheets, gazetteer, ledger)
    resolver = Resolver(gazetteer=gazetteer, level=level)
    known = indicators[indicators["level"] == level]
    headings = Headings(
        indicators=known,
        simplified=gazetteer.traditional,
        adopts=adopt,
        level=level,
        aliases=aliases,
    )
    reader = _Reader(
        resolver=resolver,
        headings=headings,
        known=known,
        how=how,
        source=writable(path.name),
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
    name_unscored(path.name, cells, gazetteer.units, ledger)
    cells = _unrepeated(path.name, cells, ledger)
    if cells.empty and not ledger.refused:
        ledger.add("no_values", Place(file=path.name), level=Problem(code=f"common.{level}"))
    table = IndicatorTable(cells=_nothing() if ledger.refused else cells)
    return Intake(table=table, level=level, ledger=ledger, rows=rows, file=path.name)


def sheets_of(path: Path, ledger: Ledger, how: How) -> list[Sheet]:
    """Open a file and return its sheets of cells.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    ledger : Ledger
        Takes what is found.
    how : How
        Encoding.

    Returns
    -------
    list[Sheet]
        One for a text file; empty where the file is no table.

    Examples
    --------
    >>> ledger = Ledger()
    >>> sheets_of(Path("nowhere.csv"), ledger, How()), ledger.findings[0].rule
    ([], 'unreadable')
    """
    place = Place(file=path.name)
    try:
        if path.stat().st_size > _MOST_BYTES:
            ledger.add("too_large", place, limit=f"{_MOST_BYTES // 1024**2} MB")
            return []
        data = path.read_bytes()
    except OSError as error:
        ledger.add("unreadable", place, reason=os_reason(error))
        return []
    actual = _actual(data)
    suffix = path.suffix.casefold()
    if actual in {"xlsx", "xls"}:
        if suffix in _BOOKS and (suffix == ".xls") != (actual == "xls"):
            ledger.add("other_format", place, path.suffix, actual=actual)
            return []
        read = read_workbook if actual == "xlsx" else read_old_workbook
        return read(path.name, data, ledger)
    if actual or suffix in _BOOKS:
        if not data:
            ledger.add("empty", place)
        else:
            ledger.add("other_format", place, path.suffix, actual=actual or "CSV / TXT")
        return []
    sheet = read_delimited(path, data, ledger, encoding=how.encoding)
    return [sheet] if sheet is not None else []


def _actual(data: bytes) -> str:
    """Tell a format by its first bytes; nothing for text."""
    if data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = set(archive.namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            # Damaged; the reader of workbooks says so.
            return "xlsx"
        kinds = {"xl/workbook.bin": "xlsb", "content.xml": "ods"}
        found = next((kind for name, kind in kinds.items() if name in names), "ZIP")
        return "xlsx" if "xl/workbook.xml" in names and safe_archive(data) else found
    if data.startswith(_OLE):
        return "xlsx" if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data else "xls"
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:6].lower()
    if start.startswith(_HTML):
        return "HTML / XML"
    return next((name for magic, name in _FOREIGN if data.startswith(magic)), "")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Reader:
    """Reads the sheets of one file."""

    resolver: Resolver
    headings: Headings
    known: pd.DataFrame
    how: How
    source: str
    told: bool

    def chosen(
        self, sheets: Sequence[Sheet], ledger: Ledger
    ) -> list[tuple[Sheet, Layout | None, Ledger]]:
        """Choose the sheets: the one named, the only one, one for each year or dimension."""
        if self.how.sheet is not None:
            named = [sheet for sheet in sheets if sheet.name == self.how.sheet]
            if sheets and not named:
                shown = ", ".join(sheet.name for sheet in sheets)
                ledger.add("no_such_sheet", Place(file=self.source), self.how.sheet, sheets=shown)
            sheets = named
        tried = [self._tried(sheet) for sheet in sheets]
        good = [item for item in tried if item[1] is not None and not item[2].refused]
        if len(good) == 1 or len(tried) == 1:
            return good or tried
        if good and all(year_of(sheet.name) is not None for sheet, _, _ in good):
            return good
        if apart([layout for _, layout, _ in good if layout is not None]):
            return good
        if tried:
            shown = ", ".join(sheet.name for sheet in sheets)
            ledger.add("several_sheets", Place(file=self.source), sheets=shown)
        return []

    def _tried(self, sheet: Sheet) -> tuple[Sheet, Layout | None, Ledger]:
        ledger = Ledger(strict=self.how.strict)
        layout = tidied(sheet, self.headings, self.resolver.knows, ledger)
        if layout is not None:
            layout = settled(layout, self.resolver.gazetteer)
        return sheet, layout, ledger

    def _declared(self, named: "pd.Series[str]") -> pd.DataFrame:
        """Return what is known of indicators, those adopted included."""
        known = self.known.set_index("indicator")
        own = pd.Index(named.unique()).difference(known.index)
        return known.reindex([*known.index, *own], fill_value="") if len(own) else known

    def read(self, sheet: Sheet, layout: Layout, ledger: Ledger) -> pd.DataFrame:
        """Read a sheet understood."""
        year = year_of(sheet.name) if sheet.name else None
        given = self.how.given
        if year is not None and given.year is None:
            given = Given(indicator=given.indicator, unit=given.unit, year=year)
        rows, cells = melted(layout, self.headings, given, ledger)
        whole = Place(file=self.source, sheet=sheet.name, row=layout.header_line)
        for heading in layout.headings:
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
        units = self.resolver.resolve(rows, place, ledger)
        if cells.empty:
            return _nothing()
        cells = cells[cells["row"].isin(units.index[(units["code"] != "") | units["whole"]])]
        reader = Values(
            declared=self._declared(cells["indicator"]), ledger=ledger, censored=self.how.censored
        )
        cells = reader.read(cells.reset_index(drop=True), spot)
        cells = cells.assign(code=cells["row"].map(units["code"]))
        total = cells["row"].map(units["whole"]).astype(bool)
        compare_totals(cells[~total], cells[total], spot, ledger)
        cells = cells[~total].copy()
        cells["quality"] = cells["quality"].replace("", "user")
        cells["source"] = cells["source"].replace("", self.source)
        cells["sheet"] = layout.sheet.name
        return cells


def _unrepeated(file: str, cells: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
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
            unit=code,
            year=year,
            indicator=indicator,
            first=start,
            other=f"{there:g}",
        )
    return cells.loc[~again, list(COLUMNS)]


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
