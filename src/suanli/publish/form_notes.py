"""The sheets of a form that explain it, and how its sheets print."""

from collections.abc import Mapping
from typing import Final

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from suanli.publish.form import Form
from suanli.publish.spreadsheets import HEIGHT, cell_width, fit_page
from suanli.text import Text

__all__ = ["make_ready", "write_list", "write_readme"]

# Narrow letters on a line of the readme sheet.
_LINE_LETTERS: Final = 112
_SOURCE: Final = {True: "template.none_shown", False: "template.nobody"}
# Columns of the list of indicators and their widths.
_COLUMNS: Final = {
    "sheet": 12,
    "indicator": 26,
    "identifier": 24,
    "unit": 16,
    "least": 10,
    "most": 10,
    "direction": 10,
    "status": 10,
    "meaning": 60,
    "source": 44,
}


def write_readme(book: Workbook, form: Form, looks: Mapping[str, Format], text: Text) -> None:
    """Write the sheet that says how a form is filled in.

    Parameters
    ----------
    book : xlsxwriter.workbook.Workbook
        The file.
    form : Form
        What is asked.
    looks : Mapping[str, xlsxwriter.format.Format]
        Formats by what they are for.
    text : Text
        The words.

    Examples
    --------
    >>> write_readme.__name__  # see suanli.publish.form_book.write_form
    'write_readme'
    """
    sheet = book.add_worksheet(text("template.readme"))
    make_ready(sheet, text, portrait=True)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 1, 92)
    params = {
        "title": form.title,
        "profile": form.profile,
        "year": form.year,
        "count": len(form.units),
        "level": text(f"common.{form.level}"),
        "sheets": text("template.comma").join(page.name for page in form.pages),
        "list": text("template.list"),
    }
    sheet.write_string(0, 0, text("template.heading", **params), looks["title"])
    sheet.set_row(0, 28)
    row = 1
    for section in ("fill", "colours", "units", "status", "run", "beware"):
        sheet.write_string(row, 0, text(f"template.{section}.title"), looks["section"])
        sheet.write_blank(row, 1, None, looks["section"])
        row += 1
        number = 1
        while text.has(f"template.{section}.line{number}"):
            said = text(f"template.{section}.line{number}", **params)
            colour = {"colours1": "input", "colours2": "own_head"}
            colour |= {"colours3": "shipped", "colours4": "unit"}
            look = looks[colour.get(f"{section}{number}", "plain")]
            sheet.write_string(row, 0, f"{number}", looks["plain"])
            if section == "colours":
                sheet.write_blank(row, 0, None, look)
            sheet.write_string(row, 1, said, looks["plain"])
            sheet.set_row(row, HEIGHT * -(-cell_width(said) // _LINE_LETTERS))
            row += 1
            number += 1


def write_list(book: Workbook, form: Form, looks: Mapping[str, Format], text: Text) -> None:
    """Write what every indicator is, on a sheet no reader takes for data.

    Parameters
    ----------
    book : xlsxwriter.workbook.Workbook
        The file.
    form : Form
        What is asked.
    looks : Mapping[str, xlsxwriter.format.Format]
        Formats by what they are for.
    text : Text
        The words.

    Examples
    --------
    >>> write_list.__name__  # see suanli.publish.form_book.write_form
    'write_list'
    """
    sheet = book.add_worksheet(text("template.list"))
    make_ready(sheet, text)
    for place, (key, width) in enumerate(_COLUMNS.items()):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, text(f"template.column.{key}"), looks["head"])
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    row = 1
    for page in form.pages:
        for column in page.columns:
            ends = ["–" if end is None else f"{end:g}" for end in (column.low, column.high)]
            cells = (page.name, column.title, column.indicator, next(iter(column.units)), *ends)
            told = (
                *cells,
                *column.about,
                column.hint,
                column.source or text(_SOURCE[column.known]),
            )
            for place, cell in enumerate(told):
                sheet.write_string(row, place, str(cell), looks["cell"])
            widths = zip(told, _COLUMNS.values(), strict=True)
            lines = (-(-cell_width(str(cell)) // width) for cell, width in widths)
            sheet.set_row(row, HEIGHT * max(1, *lines))
            row += 1


def make_ready(sheet: Worksheet, text: Text, *, portrait: bool = False) -> None:
    """Set up protection and print.

    Parameters
    ----------
    sheet : xlsxwriter.worksheet.Worksheet
        A sheet.
    text : Text
        The words of the footer.
    portrait : bool, default False
        Whether it prints upright.

    Examples
    --------
    >>> make_ready.__name__  # see suanli.publish.form_book.write_form
    'make_ready'
    """
    # Without a password: it keeps from mistakes, not from intent.
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
    fit_page(sheet, text("template.footer"), portrait=portrait)
