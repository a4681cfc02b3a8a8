"""A workbook in the making: its sheets, and what each of their columns means."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.spreadsheets import HEIGHT, cell_text, cell_width, fit_page
from suanli.text import Text
from suanli.workbook.looks import FORMATS, TABS, Formats

__all__ = ["SHEETS", "TABLE_HEAD", "Field", "Making", "sheet_names"]

_OF_LEVEL: Final = ("scores", "ranks", "chain", "weights", "cells")
SHEETS: Final[Mapping[str, str]] = {
    "readme": "readme",
    **{f"province_{name}": "province" for name in _OF_LEVEL},
    **{f"city_{name}": "city" for name in _OF_LEVEL},
    "changes": "lists",
    "panel": "years",
    "gap_years": "gap",
    "gap_groups": "gap",
    "gap_trend": "gap",
    "gap_contributions": "gap",
    "hub_cities": "hubs",
    "hub_rings": "hubs",
    "hub_bands": "hubs",
    "hub_tests": "hubs",
    "hub_event_summary": "hubs",
    "spatial_global": "space",
    "province_lisa": "space",
    "city_lisa": "space",
    "indicators": "lists",
    "sources": "lists",
    "dictionary": "lists",
}
"""Sheets in their order, with the group each belongs to."""

TABLE_HEAD: Final = 4
"""The row of headings of a table, as a spreadsheet counts."""

_NARROW, _WIDE, _WIDEST = 8, 44, 60
# Of a table printed across one page in landscape, still to be read.
_PAGE_LETTERS: Final = 190
# What a table may be wider than its pages before it takes one more.
_SQUEEZED: Final = 0.1
_SCREEN_LETTERS: Final = 150
_SAMPLE: Final = 400
_MOST_LINES: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of a table.

    Attributes
    ----------
    key : str
        Column of the frame.
    kind : str
        Kind of number, a key of :data:`suanli.workbook.looks.FORMATS`.
    title, about : str
        Heading, and what the dictionary says; from ``workbook.column`` where empty.
    look : str
        Look of its cells.
    bar : str
        Colour of data bars; none when empty.
    """

    key: str
    kind: str = "text"
    title: str = ""
    about: str = ""
    look: str = "text"
    bar: str = ""


def sheet_names(text: Text) -> dict[str, str]:
    """Return what every sheet is called.

    Parameters
    ----------
    text : Text
        The language.

    Returns
    -------
    dict[str, str]
        By key of :data:`SHEETS`.

    Examples
    --------
    >>> sheet_names(Text("en"))["province_chain"]
    'Province calculation'
    """
    return {key: text(f"workbook.sheet.{key}") for key in SHEETS}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Making:
    """What writers of sheets share.

    Attributes
    ----------
    edition : Edition
        What is published.
    book : xlsxwriter.workbook.Workbook
        The file.
    formats : Formats
        Its formats.
    names : Mapping[str, str]
        Names of the sheets by key.
    sheets : Mapping[str, Worksheet]
        The sheets by key.
    entries : list[tuple[str, str, str]]
        Sheet, column and meaning of everything written so far.
    """

    edition: Edition
    book: Workbook
    formats: Formats
    names: Mapping[str, str]
    sheets: Mapping[str, Worksheet]
    entries: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def begun(cls, edition: Edition, book: Workbook) -> "Making":
        """Add all sheets, empty.

        Parameters
        ----------
        edition : Edition
            What is published.
        book : xlsxwriter.workbook.Workbook
            The file.

        Returns
        -------
        Making
            To be filled.
        """
        names = sheet_names(edition.text)
        sheets = {}
        for key, group in SHEETS.items():
            sheet = book.add_worksheet(names[key])
            sheet.set_tab_color(TABS[group])
            sheet.set_default_row(HEIGHT)
            sheet.hide_gridlines(2)
            fit_page(sheet, edition.text("workbook.footer"))
            sheets[key] = sheet
        return cls(edition=edition, book=book, formats=Formats(book), names=names, sheets=sheets)

    @property
    def text(self) -> Text:
        """The words.

        Returns
        -------
        Text
            In the language of the edition.
        """
        return self.edition.text

    def note(self, key: str, title: str, meaning: str) -> None:
        """Remember what a column means, for the dictionary.

        Parameters
        ----------
        key : str
            Sheet.
        title, meaning : str
            Column and meaning.
        """
        self.entries.append((key, title, meaning))

    def string(self, sheet: Worksheet, row: int, column: int, value: object, look: str) -> None:
        """Write a text that stays one.

        Parameters
        ----------
        sheet : xlsxwriter.worksheet.Worksheet
            The sheet.
        row, column : int
            Where, from 0.
        value : object
            The text.
        look : str
            Its look.
        """
        written = cell_text(value)
        if written:
            sheet.write_string(row, column, written, self.formats(look))
        else:
            sheet.write_blank(row, column, None, self.formats(look))

    def top(self, key: str, columns: int, note: str = "", *, width: float = 0) -> Worksheet:
        """Write the title of a sheet, the way back, and what it holds.

        Parameters
        ----------
        key : str
            The sheet.
        columns : int
            Columns of its table.
        note : str
            More to say than ``workbook.about``.
        width : float
            Width of all columns in letters: sets the height of the note and the pages.

        Returns
        -------
        xlsxwriter.worksheet.Worksheet
            The sheet.
        """
        sheet = self.sheets[key]
        self.string(sheet, 0, 0, self.names[key], "title")
        sheet.set_row(0, 26)
        back = f"internal:'{self.names['readme']}'!A1"
        said = self.text("workbook.back")
        sheet.write_url(2, 0, back, self.formats("link"), said)
        told = self.text(f"workbook.about.{key}") + note
        # A note as wide as a screen, whatever the width of the table.
        share = min(1.0, _SCREEN_LETTERS / width) if width else 1.0
        last = max(round(columns * share) - 1, 3)
        sheet.merge_range(1, 0, 1, last, "", self.formats("note"))
        self.string(sheet, 1, 0, told, "note")
        lines = -(-cell_width(told) // max(40, int(width * share * 0.9)))
        sheet.set_row(1, HEIGHT * lines)
        sheet.fit_to_pages(max(1, math.ceil(width / _PAGE_LETTERS - _SQUEEZED)), 0)
        return sheet

    def table(self, key: str, frame: pd.DataFrame, fields: Sequence[Field], note: str = "") -> None:
        """Write a table that can be filtered.

        Parameters
        ----------
        key : str
            The sheet.
        frame : pandas.DataFrame
            Its rows.
        fields : Sequence[Field]
            Its columns.
        note : str
            More to say than ``workbook.about``.
        """
        titles = [item.title or self.text(f"workbook.column.{item.key}") for item in fields]
        widths = []
        sheet = self.sheets[key]
        for place, (item, title) in enumerate(zip(fields, titles, strict=True)):
            about = item.about or self.text(f"workbook.meaning.{item.key}")
            self.note(key, title, about)
            widths.append(_width(title, frame[item.key], item))
            sheet.set_column(place, place, widths[-1])
            self.string(sheet, TABLE_HEAD - 1, place, title, "head")
            self._column(sheet, place, frame[item.key], item)
        self._heights(sheet, frame, fields, widths)
        self.top(key, len(fields), note, width=sum(widths))
        sheet.set_row(TABLE_HEAD - 1, HEIGHT * 2)
        last = TABLE_HEAD + max(len(frame), 1) - 1
        sheet.autofilter(TABLE_HEAD - 1, 0, last, len(fields) - 1)
        sheet.freeze_panes(TABLE_HEAD, _frozen(fields))
        sheet.repeat_columns(0, _frozen(fields) - 1)
        sheet.repeat_rows(TABLE_HEAD - 1)

    def _heights(
        self, sheet: Worksheet, frame: pd.DataFrame, fields: Sequence[Field], widths: Sequence[int]
    ) -> None:
        """Give rows as many lines as their longest text takes."""
        wrapped = [
            (item.key, width)
            for item, width in zip(fields, widths, strict=True)
            if item.look == "wrapped"
        ]
        for row, cells in enumerate(frame.to_dict("records") if wrapped else ()):
            texts = ((cell_width(cell_text(cells[key])), width) for key, width in wrapped)
            lines = max(-(-length // (width - 2)) for length, width in texts)
            sheet.set_row(TABLE_HEAD + row, HEIGHT * min(max(lines, 1), _MOST_LINES))

    def _column(self, sheet: Worksheet, place: int, values: pd.Series, item: Field) -> None:
        written = FORMATS[item.kind]
        for row, value in enumerate(values.tolist(), start=TABLE_HEAD):
            if _is_missing(value):
                sheet.write_blank(row, place, None, self.formats(item.look))
            elif written and isinstance(value, int | float):
                # An indent would push numbers to the left.
                look = "live" if item.look == "text" else item.look
                sheet.write_number(row, place, float(value), self.formats(look, written))
            else:
                self.string(sheet, row, place, value, item.look)
        if item.bar and len(values):
            self.bars(sheet, (TABLE_HEAD, place, TABLE_HEAD + len(values) - 1, place), item.bar)

    def bars(self, sheet: Worksheet, cells: tuple[int, int, int, int], colour: str) -> None:
        """Draw data bars.

        Parameters
        ----------
        sheet : xlsxwriter.worksheet.Worksheet
            The sheet.
        cells : tuple[int, int, int, int]
            First row and column, last row and column, from 0.
        colour : str
            Of the bars.
        """
        sheet.conditional_format(
            *cells,
            {
                "type": "data_bar",
                "bar_color": colour,
                "bar_solid": True,
                "data_bar_2010": True,
                "min_type": "num",
                "min_value": 0,
                "max_type": "max",
            },
        )

    def unit_names(self, level: Level) -> pd.Series:
        """Return names of units, such of them as the edition knows.

        Parameters
        ----------
        level : {"province", "city"}
            The level.

        Returns
        -------
        pandas.Series
            Index code.
        """
        return self.edition.unit_names(level)


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value != value  # noqa: PLR0124 - NaN is not itself


def _frozen(fields: Sequence[Field]) -> int:
    """Keep the columns that say whose row it is in sight."""
    keys = [item.key for item in fields]
    return keys.index("name") + 1 if "name" in keys[:4] else 1


def _width(title: str, values: pd.Series, item: Field) -> int:
    """Return a width that shows heading and content."""
    # A heading may take two lines, and leaves room for the button of the filter.
    heading = -(-cell_width(title) // 2) + 4
    if FORMATS[item.kind]:
        most = values.dropna().abs().max() if len(values.dropna()) else 0.0
        return max(heading, _NARROW + 2, len(f"{most:,.4f}") + 1)
    longest = max((cell_width(str(value)) for value in values[:_SAMPLE]), default=0)
    widest = _WIDEST if item.look == "wrapped" else _WIDE
    return max(heading, min(longest + 3, widest), _NARROW)
