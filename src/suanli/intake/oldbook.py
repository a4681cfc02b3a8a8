"""Spreadsheets of Excel 97 to 2003, by xlrd."""

import io
from typing import Any, Final

import xlrd
from xlrd.sheet import Cell
from xlrd.sheet import Sheet as OldSheet

from suanli.intake.findings import Ledger, Place
from suanli.intake.formats import shown
from suanli.intake.sheets import (
    MOST_CELLS,
    Sheet,
    column_letter,
)

__all__ = ["read_old_workbook"]

_MARKS: Final = {
    xlrd.XL_CELL_NUMBER: "number",
    xlrd.XL_CELL_DATE: "date",
    xlrd.XL_CELL_ERROR: "error",
}


def read_old_workbook(file: str, data: bytes, ledger: Ledger) -> list[Sheet]:
    """Read the visible sheets of an xls file.

    Parameters
    ----------
    file : str
        Name of the file.
    data : bytes
        What is in it.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    list[Sheet]
        Those with cells; empty where there are none to be had, with the reason in the ledger.

    Notes
    -----
    python-calamine reads xls too, but lays every sheet out whole: one damaged byte that moves a
    cell to the last row and column costs a hundred gigabytes. xlrd keeps rows as long as they
    are, and tells formats, errors and what is hidden.

    Examples
    --------
    >>> ledger = Ledger()
    >>> read_old_workbook("a.xls", b"nothing of the kind", ledger), ledger.findings[0].rule
    ([], 'damaged')
    """
    place = Place(file=file)
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
        visible = []
        for sheet in book.sheets():
            if sheet.visibility:
                ledger.add("hidden_sheet", Place(file=file, sheet=sheet.name))
                continue
            made = _sheet(book, sheet, file)
            visible += [made] if made is not None else []
    except Exception as error:  # noqa: BLE001 - xlrd raises whatever a damaged byte leads to
        protected = "encrypted" in str(error).casefold() or "password" in str(error).casefold()
        ledger.add("password" if protected else "damaged", place)
        return []
    if not visible and not ledger.refused:
        ledger.add("empty", place)
    return visible


def _sheet(book: xlrd.Book, sheet: OldSheet, file: str) -> Sheet | None:
    rows: list[list[str]] = []
    lines: list[int] = []
    marks: dict[tuple[int, int], str] = {}
    for i in range(sheet.nrows):
        cells = sheet.row(i)
        texts = [_text(book, cell) for cell in cells]
        if not any(text.strip() for text in texts):
            continue
        for j, cell in enumerate(cells):
            if cell.ctype in _MARKS:
                number = cell.ctype == xlrd.XL_CELL_NUMBER
                said = shown(_format(book, cell), float(cell.value))[1] if number else ""
                marks[len(rows), j] = said or _MARKS[cell.ctype]
        rows.append(texts)
        lines.append(i + 1)
    width = max((len(row) for row in rows), default=0)
    if not rows or width * len(rows) > MOST_CELLS:
        return None
    return Sheet(
        file=file,
        name=sheet.name,
        rows=[row + [""] * (width - len(row)) for row in rows],
        lines=lines,
        marks=marks,
        merged=_merged(sheet, lines),
        hidden=_hidden(sheet, width),
    )


def _text(book: xlrd.Book, cell: Cell) -> str:
    value: Any = cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#?"))
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return str(xlrd.xldate_as_datetime(value, book.datemode))
        except (ValueError, OverflowError, xlrd.xldate.XLDateError):
            return repr(value)
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return shown(_format(book, cell), value)[0]
    return str(value)


def _format(book: xlrd.Book, cell: Cell) -> str:
    style = book.xf_list[cell.xf_index].format_key if cell.xf_index is not None else 0
    return str(book.format_map[style].format_str) if style in book.format_map else ""


def _merged(sheet: OldSheet, lines: list[int]) -> list[tuple[int, int, int, int]]:
    """Return merged ranges in terms of the rows that were kept."""
    found = []
    for top, bottom, left, right in sheet.merged_cells:
        inside = [i for i, line in enumerate(lines) if top < line <= bottom]
        if inside:
            found.append((inside[0], left, inside[-1], right - 1))
    return found


def _hidden(sheet: OldSheet, width: int) -> list[str]:
    rows = [str(i + 1) for i, info in sorted(sheet.rowinfo_map.items()) if info.hidden]
    columns = [
        column_letter(j)
        for j, info in sorted(sheet.colinfo_map.items())
        if info.hidden and j < width
    ]
    return columns + rows
