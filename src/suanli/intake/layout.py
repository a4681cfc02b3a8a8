"""Where things stand in a sheet: titles, header, units of measurement, data, notes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase
from typing import Final

from suanli.intake.captions import Titled, stated_units, titled_by
from suanli.intake.findings import Ledger, Place
from suanli.intake.forecasts import forecast_years
from suanli.intake.headings import Heading, Headings, heading_key, year_of
from suanli.intake.notes import is_below, is_further, is_note
from suanli.intake.sheets import Sheet, column_letter

__all__ = ["Layout", "tidied"]

_DEEPEST: Final = 30
_MANY: Final = 3
_SHOWN: Final = 10
_HALF: Final = 0.5
_NOTE_CELLS: Final = 2
_MOST_HEADER_ROWS: Final = 4
# Titles of tables that do not hold plain levels.
_CHANGE: Final = re.compile(
    r"增速|增长率|同比|环比|增量|占比|比重|目标|计划数|预测|预计|预估|估计|估算|推算"
)
_PARTS: Final = ("市辖区", "市区", "城区", "县域")
# Under a heading these are no rows of totals but say what a column is about.
_SCOPES: Final = frozenset(
    {"全市", "全省", "全区", "全州", "全国", "合计", "总计", "小计", *_PARTS}
)


KnowsUnit = Callable[[str], bool]
"""Tells whether a text names a spatial unit or gives its code."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """A sheet understood.

    Attributes
    ----------
    sheet : Sheet
        The sheet, turned so that spatial units run down.
    headings : tuple[Heading, ...]
        One per column.
    header_line : int
        Line of the last header row.
    body : tuple[int, ...]
        Positions of the rows of data.
    years : tuple[int | None, ...]
        For each row of data the year a row above it announced.
    titled : Titled
        What titles say.
    top : int
        Position of the first row of the header: titles stand above.
    """

    sheet: Sheet
    headings: tuple[Heading, ...]
    header_line: int
    body: tuple[int, ...]
    years: tuple[int | None, ...]
    titled: Titled
    top: int = 0

    def column(self, position: int) -> str:
        """Return what to call a column.

        Parameters
        ----------
        position : int
            Counted from 0.

        Returns
        -------
        str
            Its heading, with its letter in spreadsheets.
        """
        text = self.headings[position].text
        if not self.sheet.name:
            return text or str(position + 1)
        return f"{text} ({column_letter(position)})" if text else column_letter(position)

    def place(self, row: int, position: int) -> Place:
        """Return the place of a cell.

        Parameters
        ----------
        row, position : int
            Row and column of the sheet, counted from 0.

        Returns
        -------
        Place
            Where it stands.
        """
        return Place(
            file=self.sheet.file,
            sheet=self.sheet.name,
            row=self.sheet.lines[row],
            column=self.column(position),
        )


def tidied(sheet: Sheet, headings: Headings, knows: KnowsUnit, ledger: Ledger) -> Layout | None:
    """Find out where things stand in a sheet.

    Parameters
    ----------
    sheet : Sheet
        The cells.
    headings : Headings
        Reads headings.
    knows : Callable[[str], bool]
        Tells names and codes of spatial units.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    Layout or None
        None where no table was made out, with the reason in the ledger.

    Examples
    --------
    >>> import pandas as pd
    >>> known = Headings(indicators=pd.DataFrame({"indicator": ["gdp"], "name_zh": ["生产总值"],
    ...     "name_en": ["GRP"], "unit": ["亿元"]}))
    >>> sheet = Sheet(file="a.csv", lines=[1, 2, 3, 4],
    ...     rows=[["2023年", ""], ["地区", "生产总值"], ["北京市", "1"], ["注：试算", ""]])
    >>> found = tidied(sheet, known, lambda text: text == "北京市", Ledger())
    >>> found.body, found.titled.year, found.headings[1].indicator
    ((2,), 2023, 'gdp')
    """
    if _across(sheet, knows):
        sheet = sheet.transposed(below=_titles_above(sheet, knows))
        ledger.add("transposed", Place(file=sheet.file, sheet=sheet.name))
    whole = Place(file=sheet.file, sheet=sheet.name)
    if sheet.hidden:
        ledger.add("hidden", whole, items=", ".join(sheet.hidden))
    top = _header(sheet, headings, knows)
    if top is None:
        ledger.add("no_units_column", whole)
        return None
    first = _first_data(sheet, top, knows)
    sheet = _filled(sheet, top, first, headings, ledger)
    parts = [[sheet.rows[i][j] for i in range(top, first)] for j in range(sheet.width)]
    read = tuple(_refused_role(headings.read(part), part, headings) for part in parts)
    _refuse_merged_values(sheet, first, read, ledger)
    if top:
        ledger.add("title_rows", whole, row=sheet.lines[top], count=top)
    _note_cells(sheet, sheet.lines[top] if _of_ours(parts) else 0, ledger)
    if first - top > 1 and not _of_ours(parts):
        ledger.add("header_joined", whole, count=first - top)
    body, years = _body(sheet, top, first, read, ledger)
    if not body:
        ledger.add("empty", whole)
        return None
    above = [(i, cell) for i in range(top) for cell in sheet.rows[i] if cell.strip()]
    titled = titled_by([cell for _, cell in above], headings)
    if not titled.units:
        below = [row[0] for i, row in enumerate(sheet.rows) if i > body[-1] and "单位" in row[0]]
        below = below or [sheet.name]
        titled = replace(titled, units=tuple(unit for cell in below for unit in stated_units(cell)))
    _title_of_change(sheet, above, headings, ledger)
    return Layout(
        sheet=sheet,
        headings=_named(sheet, read, body, knows),
        header_line=sheet.lines[first - 1],
        body=tuple(body),
        years=tuple(years),
        titled=titled,
        top=top,
    )


def _note_cells(sheet: Sheet, own: int, ledger: Ledger) -> None:
    """Warn of cells struck out, and of those with comments: our forms have some in their header."""
    place = Place(file=sheet.file, sheet=sheet.name)
    if sheet.struck:
        ledger.add("struck", place, items=", ".join(sheet.struck[:_SHOWN]), count=len(sheet.struck))
    others = [cell for cell in sheet.commented if cell.strip(ascii_uppercase) != str(own)]
    if others:
        ledger.add("commented", place, items=", ".join(others[:_SHOWN]), count=len(others))


def _title_of_change(
    sheet: Sheet, above: Sequence[tuple[int, str]], headings: Headings, ledger: Ledger
) -> None:
    """Warn of a title, or a name of the sheet, that speaks of growth, shares or forecasts."""
    titles = [
        (Place(file=sheet.file, sheet=sheet.name, row=sheet.lines[i]), cell)
        for i, cell in above
        if not (is_note(cell) or forecast_years(cell))
    ]
    if sheet.name:
        titles.append((Place(file=sheet.file, sheet=sheet.name), sheet.name))
    for place, text in titles:
        change = _CHANGE.search(text)
        own = headings.read([text]).indicator if change else ""
        if change and not (own and change[0] in headings.names.own(own)):
            ledger.add("title_of_change", place, change[0])


def _of_ours(parts: Sequence[Sequence[str]]) -> bool:
    """Tell whether a header is that of the forms we make: two rows, told by their first cells."""
    keys = [[heading_key(cell) for cell in part] for part in parts[:2]]
    first = {("代码", ""), ("code", "")}
    second = {("名称", "单位"), ("name", "unit")}
    return len(keys) > 1 and tuple(keys[0]) in first and tuple(keys[1]) in second


def _across(sheet: Sheet, knows: KnowsUnit) -> bool:
    """Tell whether spatial units run across: many in one row, few in any column."""
    rows = sheet.rows[:_DEEPEST]
    across = max((sum(knows(cell) for cell in row[1:]) for row in rows), default=0)
    if across < _MANY:
        return False
    down = max(
        (sum(knows(row[j]) for row in sheet.rows) for j in range(min(sheet.width, 6))), default=0
    )
    return across > down


def _titles_above(sheet: Sheet, knows: KnowsUnit) -> int:
    """Count the rows of one cell above the units that run across."""
    for i, row in enumerate(sheet.rows):
        if sum(bool(cell.strip()) for cell in row) != 1 or any(map(knows, row)):
            return i
    return 0


def _header(sheet: Sheet, headings: Headings, knows: KnowsUnit) -> int | None:
    """Return the first row of the header: one that names a role, or stands above the units."""
    for i, row in enumerate(sheet.rows[:_DEEPEST]):
        filled = [cell for cell in row if cell.strip()]
        roles = {headings.read([cell]).role for cell in filled}
        if len(filled) > 1 and roles & {"code", "name", "province"}:
            return i
        if any(knows(cell) for cell in row[:6]):
            # Units without a header above their column: the row before is the header.
            above = [k for k in range(i) if sum(bool(c.strip()) for c in sheet.rows[k]) > 1]
            if len(above) > 1 and headings.read([sheet.rows[above[-1]][0]]).role == "unit":
                return above[-2]
            return above[-1] if above else None
    return None


def _first_data(sheet: Sheet, top: int, knows: KnowsUnit) -> int:
    """Return the first row below the header that names a unit."""
    for i in range(top + 1, min(len(sheet.rows), top + 1 + _MOST_HEADER_ROWS)):
        row = sheet.rows[i]
        if any(knows(cell) for cell in row[:6] if cell == row[0] or cell.strip() not in _SCOPES):
            return i
        filled = [cell for cell in row if cell.strip()]
        if any(_numeric(cell) for cell in filled if year_of(cell) is None):
            return i
        if len(filled) == 1 and year_of(filled[0]) is not None:
            return i
    return top + 1


def _numeric(cell: str) -> bool:
    return re.fullmatch(r"[+-]?\d[\d,]*(?:\.\d+)?%?", heading_key(cell)) is not None


def _filled(sheet: Sheet, top: int, first: int, headings: Headings, ledger: Ledger) -> Sheet:
    """Repeat what merged cells hold: across in the header, down in the data."""
    rows = [list(row) for row in sheet.rows]
    for up, left, down, right in sheet.merged:
        if up < top:
            continue
        text = rows[up][left]
        for i in range(up, down + 1):
            for j in range(left, right + 1):
                if not rows[i][j].strip() and (i < first or j == left):
                    rows[i][j] = text
        if up >= first and down > up:
            place = Place(
                file=sheet.file, sheet=sheet.name, row=sheet.lines[up], column=column_letter(left)
            )
            ledger.add("filled_down", place, text, until=sheet.lines[down])
    if not sheet.merged and first - top > 1:
        unclear = _spread(rows, top, first, headings)
        if unclear:
            place = Place(file=sheet.file, sheet=sheet.name, row=sheet.lines[top])
            ledger.add("group_unclear", place, unclear)
    return replace(sheet, rows=rows)


def _refuse_merged_values(
    sheet: Sheet, first: int, read: Sequence[Heading], ledger: Ledger
) -> None:
    """Refuse a value that is merged over several rows: nobody knows whose it is."""
    units = [j for j, heading in enumerate(read) if heading.role in {"name", "code", "province"}]
    for up, left, down, _ in sheet.merged:
        text, heading = sheet.rows[up][left].strip(), read[left]
        # 东部, over its provinces in a column before theirs, is no value.
        group = not (heading.indicator or heading.year or _numeric(text)) and left < max(
            units, default=0
        )
        if up >= first and down > up and text and not (heading.role or group):
            place = Place(
                file=sheet.file, sheet=sheet.name, row=sheet.lines[up], column=column_letter(left)
            )
            ledger.add("merged_value", place, text, until=sheet.lines[down])


def _spread(rows: list[list[str]], top: int, first: int, headings: Headings) -> str:
    """Carry a heading to the right over columns that only a lower row heads.

    Returns a heading that may stand over the middle of its columns: what stands below it is
    below another one too, or comes twice below it.
    """
    for i in range(top, first - 1):
        carried, groups = "", {"": [""]}
        for j, cell in enumerate(rows[i]):
            below = " ".join(rows[k][j].strip() for k in range(i + 1, first)).strip()
            if cell.strip():
                # 地区 heads its own column, not those beside it.
                carried = "" if headings.read([cell]).role else cell
            elif below and not any(rows[k][j].strip() for k in range(top, i)):
                rows[i][j] = carried
            if below:
                groups.setdefault(carried, []).append(below)
        before = set(groups.pop("")) - {""}
        for label, parts in groups.items():
            if len(set(parts)) < len(parts) or before & set(parts):
                return label
    return ""


def _refused_role(heading: Heading, parts: Sequence[str], headings: Headings) -> Heading:
    """Take back a role that only the first of several rows gives to a column of values."""
    if heading.role in {"", "name", "code"}:
        return heading
    below = [part for part in parts[1:] if part.strip()]
    inner = headings.read(below) if below else heading
    return inner if inner.indicator else heading


def _named(
    sheet: Sheet, read: tuple[Heading, ...], body: list[int], knows: KnowsUnit
) -> tuple[Heading, ...]:
    """Find the column of units where no heading says which it is."""
    if any(heading.role in {"code", "name"} for heading in read):
        return read
    shares = [
        sum(knows(sheet.rows[i][j]) for i in body) / len(body) for j in range(min(sheet.width, 6))
    ]
    best = max(range(len(shares)), key=lambda j: shares[j])
    if shares[best] < _HALF:
        return read
    return tuple(
        replace(heading, role="name", indicator="") if j == best else heading
        for j, heading in enumerate(read)
    )


def _body(
    sheet: Sheet, top: int, first: int, read: tuple[Heading, ...], ledger: Ledger
) -> tuple[list[int], list[int | None]]:
    header = [list(sheet.rows[i]) for i in range(top, first)]
    body: list[int] = []
    years: list[int | None] = []
    year, below = None, 0
    for i in range(first, len(sheet.rows)):
        row = sheet.rows[i]
        filled = [cell for cell in row if cell.strip()]
        place = Place(file=sheet.file, sheet=sheet.name, row=sheet.lines[i])
        further = below == i - 1 and len(filled) == 1 and is_further(filled[0])
        if filled and len(filled) <= _NOTE_CELLS and (further or is_below(filled[0])):
            ledger.add("notes_left_out", place, filled[0])
            below = i
        elif len(filled) == 1 and len(read) > 1 and year_of(filled[0]) is not None:
            year = year_of(filled[0])
        elif list(row) in header:
            ledger.add("header_repeated", place)
        elif filled:
            body.append(i)
            years.append(year)
    return body, years
