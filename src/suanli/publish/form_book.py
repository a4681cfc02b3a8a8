"""A form as an Excel file: one sheet to fill in per dimension."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from suanli.publish.form import Column, Form, Page
from suanli.publish.form_notes import make_ready, write_list, write_readme
from suanli.publish.looks import LOOKS
from suanli.publish.spreadsheets import HEIGHT, cell_width, opened_book
from suanli.text import Text

__all__ = ["HEADER_ROWS", "QUALITIES", "write_form"]

HEADER_ROWS: Final = 2
"""Names, then units of measurement."""

QUALITIES: Final = ("A", "B", "C")
"""Marks a row may be given, as in ``data/README.md``."""

_MOST_MESSAGE: Final = 255
_MOST_TITLE: Final = 32
_YEARS: Final = (1949, 2100)
_WIDE: Final = 15.0
# Of a page in landscape.
_FEW_COLUMNS: Final = 12
_CLEAR: Final = 1e300


def write_form(form: Form, path: Path, text: Text) -> None:
    """Write a form as an xlsx file: the same bytes for the same form.

    Parameters
    ----------
    form : Form
        What is asked.
    path : pathlib.Path
        The file.
    text : Text
        The words.

    Raises
    ------
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from suanli.run.template import form_of
    >>> path = Path(tempfile.mkdtemp()) / "form.xlsx"
    >>> write_form(form_of("caict2024-province-physical", text=Text("en")), path, Text("en"))
    >>> path.read_bytes()[:2]
    b'PK'
    """
    with opened_book(path, form.title, text) as book:
        looks = {name: book.add_format(dict(look)) for name, look in LOOKS.items()}
        write_readme(book, form, looks, text)
        for page in form.pages:
            _Grid(book, form, page, looks, text).draw()
        write_list(book, form, looks, text)


@dataclass(frozen=True, kw_only=False, eq=False)
class _Grid:
    """One sheet to fill in: units down, indicators across."""

    book: Workbook
    form: Form
    page: Page
    looks: Mapping[str, Format]
    text: Text

    def draw(self) -> None:
        sheet = self.book.add_worksheet(self.page.name)
        make_ready(sheet, self.text)
        last = HEADER_ROWS + len(self.form.units) - 1
        left = self._left(sheet)
        year = self._year(sheet, left, last)
        place = year + 1
        for column in self.page.columns:
            place = self._column(sheet, column, place, last)
        self._marks(sheet, place, last)
        sheet.set_default_row(HEIGHT)
        sheet.set_row(0, 45)
        sheet.set_row(1, 18)
        if place > _FEW_COLUMNS:
            sheet.fit_to_pages(2, 0)
        sheet.freeze_panes(HEADER_ROWS, left + 1)
        sheet.repeat_rows(0, HEADER_ROWS - 1)
        sheet.repeat_columns(0, left)
        sheet.ignore_errors({"number_stored_as_text": f"A{HEADER_ROWS + 1}:A{last + 1}"})
        sheet.set_selection(HEADER_ROWS, year + 1, HEADER_ROWS, year + 1)

    def _left(self, sheet: Worksheet) -> int:
        """Write codes and names; return the last of their columns."""
        units = self.form.units
        for place, heading in enumerate(units.columns):
            sheet.write_string(0, place, heading, self.looks["head"])
            said = self.text("template.unit_row") if place == 1 else ""
            sheet.write_string(1, place, said, self.looks["unit_fixed"])
            longest = max(cell_width(heading), *map(cell_width, units[heading]))
            sheet.set_column(place, place, min(max(longest + 2, 9), 28))
            for row, cell in enumerate(units[heading], start=HEADER_ROWS):
                sheet.write_string(row, place, cell, self.looks["label"])
        return len(units.columns) - 1

    def _year(self, sheet: Worksheet, left: int, last: int) -> int:
        place = left + 1
        sheet.write_string(0, place, self.text("template.year"), self.looks["head"])
        sheet.write_comment(0, place, self.text("template.year_note"), _BOX)
        sheet.write_blank(1, place, None, self.looks["unit_fixed"])
        sheet.set_column(place, place, 8)
        for row in range(HEADER_ROWS, last + 1):
            sheet.write_number(row, place, self.form.year, self.looks["year"])
        low, high = _YEARS
        sheet.data_validation(
            HEADER_ROWS, place, last, place,
            {"validate": "integer", "criteria": "between", "minimum": low, "maximum": high}
            | self._says(self.text("template.year"), self.text("template.year_note")),
        )  # fmt: skip
        return place

    def _column(self, sheet: Worksheet, column: Column, place: int, last: int) -> int:
        """Write an indicator, with the values there are beside it; return the next column."""
        letter = xlsxwriter.utility.xl_col_to_name(place)
        units = list(column.units)
        head = "own_head" if not column.known else "head"
        sheet.write_string(0, place, column.title, self.looks[head])
        sheet.write_comment(0, place, self._note(column), _BOX)
        sheet.write_string(1, place, units[0], self.looks["unit" if units[1:] else "unit_fixed"])
        if units[1:]:
            sheet.data_validation(
                1, place, 1, place,
                {"validate": "list", "source": units}
                | self._says(self.text("template.unit"), self.text("template.unit_note")),
            )  # fmt: skip
        sheet.set_column(place, place, _WIDE)
        for row in range(HEADER_ROWS, last + 1):
            sheet.write_blank(row, place, None, self.looks["input"])
        rule = _range(column, f"{letter}$2")
        message = self._note(column, brief=True)
        sheet.data_validation(
            HEADER_ROWS, place, last, place, rule | self._says(column.title, message)
        )
        if column.shipped is None:
            return place + 1
        place += 1
        sheet.write_string(0, place, self.text("template.shipped"), self.looks["shipped_head"])
        said = f"{self.text('template.unit')} {units[0]}" if units[1:] else ""
        sheet.write_string(1, place, said, self.looks["shipped_head"])
        sheet.write_comment(0, place, column.source, _BOX)
        sheet.set_column(place, place, _WIDE - 2)
        codes = self.form.units.iloc[:, 0]
        for row, code in enumerate(codes, start=HEADER_ROWS):
            value = column.shipped.get(code)
            if value is None or pd.isna(value):
                sheet.write_blank(row, place, None, self.looks["shipped"])
            else:
                sheet.write_number(row, place, float(value), self.looks["shipped"])
        return place + 1

    def _marks(self, sheet: Worksheet, place: int, last: int) -> None:
        """Write the columns that say how good a row is and where it comes from."""
        for offset, key in enumerate(("quality", "source")):
            at = place + offset
            note = self.text(f"template.{key}_note")
            sheet.write_string(0, at, self.text(f"template.{key}"), self.looks["head"])
            sheet.write_comment(0, at, note, _BOX)
            sheet.write_blank(1, at, None, self.looks["unit_fixed"])
            sheet.set_column(at, at, 8 if key == "quality" else 28)
            for row in range(HEADER_ROWS, last + 1):
                sheet.write_blank(row, at, None, self.looks["mark"])
            rule: dict[str, Any] = {"validate": "list", "source": list(QUALITIES)}
            if key == "source":
                rule = {"validate": "length", "criteria": "<=", "value": 200}
            says = self._says(self.text(f"template.{key}"), note)
            sheet.data_validation(HEADER_ROWS, at, last, at, rule | says)

    def _note(self, column: Column, *, brief: bool = False) -> str:
        ends = [f"{end:g}" for end in (column.low, column.high) if end is not None]
        key = {0: "range_any", 1: "range_low" if column.low is not None else "range_high"}.get(
            len(ends), "range"
        )
        unit = next(iter(column.units))
        allowed = self.text(f"template.{key}", ends=" – ".join(ends), unit=unit)
        blank = "blank_shipped" if column.shipped is not None else "blank"
        lines = [column.hint, allowed, self.text(f"template.{blank}")]
        if not brief and column.source:
            lines.append(column.source)
        return "\n".join(line for line in lines if line)

    def _says(self, title: str, message: str) -> dict[str, Any]:
        short = title if len(title) <= _MOST_TITLE else title[: _MOST_TITLE - 1] + "…"
        cut = message if len(message) <= _MOST_MESSAGE else message[: _MOST_MESSAGE - 1] + "…"
        return {
            "input_title": short,
            "input_message": cut,
            "error_title": short,
            "error_message": self.text("template.refused"),
        }


_BOX: Final = {"x_scale": 2.4, "y_scale": 2.0, "font_size": 9, "author": "Suanli Atlas"}


def _range(column: Column, unit: str) -> dict[str, Any]:
    """Return the rule for values, whatever unit of measurement is chosen."""
    low, high = (_end(end, column.units, unit) for end in (column.low, column.high))
    if low is not None and high is not None:
        return {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high}
    if low is not None:
        return {"validate": "decimal", "criteria": ">=", "value": low}
    return {"validate": "decimal", "criteria": "<=", "value": _CLEAR if high is None else high}


def _end(end: float | None, units: Mapping[str, float], unit: str) -> float | str | None:
    """Return an end of a range: a number, or a formula where it depends on the unit chosen."""
    if end is None or end == 0 or len(units) == 1:
        return end
    formula = f"{end:g}"
    for other in list(units)[:0:-1]:
        formula = f'IF({unit}="{other}",{end * units[other]:.15g},{formula})'
    return f"={formula}"
