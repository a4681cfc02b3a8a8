"""What every xlsx file of the project shares: no clock, no text that runs, pages that print."""

import contextlib
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from geo.storage import write_bytes
from suanli.publish.looks import FONTS
from suanli.text import Text, escaped, writable

__all__ = ["HEIGHT", "cell_text", "cell_width", "fit_page", "opened_book"]

HEIGHT: Final = 16.5
"""Of a row with one line, in points."""

# A file that carries the time of its making differs each time it is made.
_MADE: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_A4: Final = 9
_MOST_LETTERS: Final = 32_767
_CJK: Final = 0x2E80


@contextlib.contextmanager
def opened_book(path: Path, title: str, text: Text) -> Iterator[Workbook]:
    """Give an xlsx file to write to; it stands in place, whole, when the block ends.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    title : str
        Title in its properties.
    text : Text
        The language, which chooses the font's name.

    Yields
    ------
    xlsxwriter.workbook.Workbook
        Equal content gives equal bytes; texts stay texts.

    Raises
    ------
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "book.xlsx"
    >>> with opened_book(path, "title", Text("en")) as book:
    ...     _ = book.add_worksheet("sheet")
    >>> path.read_bytes()[:2]
    b'PK'
    """
    buffer = io.BytesIO()
    options = {
        # Also what sets the same time stamp on every member of the archive.
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_format_properties": {"font_name": FONTS[text.lang], "font_size": 10},
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title, "created": _MADE})
        yield book
    write_bytes(path, buffer.getvalue())


def fit_page(sheet: Worksheet, footer: str, *, portrait: bool = False) -> None:
    """Make a sheet print on A4, as wide as the page.

    Parameters
    ----------
    sheet : xlsxwriter.worksheet.Worksheet
        A sheet.
    footer : str
        What stands at the right of the footer, such as the number of the page.
    portrait : bool, default False
        Whether it prints upright.

    Examples
    --------
    >>> fit_page.__name__  # see suanli.publish.form_book.write_form
    'fit_page'
    """
    sheet.set_paper(_A4)
    if not portrait:
        sheet.set_landscape()
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L&A&R{footer}")


def cell_text(value: object) -> str:
    r"""Return a text as any cell can hold it.

    Parameters
    ----------
    value : object
        What may come from a user's file.

    Returns
    -------
    str
        Without signs that steer or halves of characters, and no longer than a cell.

    Examples
    --------
    >>> cell_text("=1+1"), cell_text("a\x1b[2J")
    ('=1+1', 'a\\u001b[2J')
    """
    return escaped(writable(str(value)))[:_MOST_LETTERS]


def cell_width(text: str) -> int:
    """Return how wide a text is, in narrow letters.

    Parameters
    ----------
    text : str
        One line.

    Returns
    -------
    int
        Chinese characters count twice.

    Examples
    --------
    >>> cell_width("a年")
    3
    """
    return sum(2 if ord(letter) > _CJK else 1 for letter in text)
