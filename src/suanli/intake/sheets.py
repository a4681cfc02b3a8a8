"""A sheet of cells, wherever it came from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from suanli.intake.measures import measure

__all__ = [
    "MOST_CELLS",
    "Sheet",
    "column_letter",
    "number_text",
    "shown_per_cent",
    "shown_scaled",
    "shown_unit",
]

_EXACT: Final = 2**53
_QUALIFIES: Final = re.compile(r"以[上下内]|余|左右|预|估|目标|规划|计划|^年|^[EF]$")

MOST_CELLS: Final = 2_000_000
"""Cells a sheet may have; a table of all cities, ten years and ninety indicators has 300,000."""


def column_letter(position: int) -> str:
    """Return the letters of a column of a spreadsheet.

    Parameters
    ----------
    position : int
        Counted from 0.

    Returns
    -------
    str
        The letters.

    Examples
    --------
    >>> column_letter(0), column_letter(25), column_letter(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def number_text(value: float) -> str:
    """Return a number of a spreadsheet as text that reads back the same.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        Without a point where it is whole.

    Examples
    --------
    >>> number_text(110000.0), number_text(0.1)
    ('110000', '0.1')
    """
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)


def shown_scaled(code: str) -> bool:
    """Tell whether a number format shows numbers divided by thousands.

    Parameters
    ----------
    code : str
        The format, as spreadsheets write it.

    Returns
    -------
    bool
        Whether a comma stands behind the last digit, as in ``0.0,``, or a dot is typed among
        the digits, as in ``0!.0000"亿"``.

    Examples
    --------
    >>> shown_scaled('0!.0,"万"'), shown_scaled('0!.0000"亿"'), shown_scaled("#,##0.00_);(#,##0)")
    (True, True, False)
    """
    if re.search(r"[0#?][\\!]\.[0#?]", code):
        return True
    plain = re.sub(r'"[^"]*"|[\\!_*].|\[[^\]]*\]', "", code).partition(";")[0]
    return re.search(r"[0#?],+(?![0#?,])", plain) is not None


def shown_unit(code: str) -> str:
    r"""Return the words that a number format shows behind every number, where they count.

    Parameters
    ----------
    code : str
        The format, as spreadsheets write it.

    Returns
    -------
    str
        A unit of measurement, a scale, or a qualification such as 以上; nothing where the words
        of the format are none of these.

    Examples
    --------
    >>> shown_unit('0.0"万元"'), shown_unit("#,##0亿千瓦时"), shown_unit('0"号"')
    ('万元', '亿千瓦时', '')
    >>> shown_unit(r'_ * #,##0.00\ "万"_ ;_ * -'), shown_unit('0"F"'), shown_unit('0.0"%"')
    ('万', 'F', '%')
    """
    plain = re.sub(r"\[[^\]]*\]|_.|\*.", "", code.partition(";")[0]).replace("General", "0")
    plain = re.sub(r"\\(.)", r'"\1"', plain).replace('""', "")
    words = re.fullmatch(r'\s*[#0?][#0?,.\s]*(?:"([^"]+)"|([^\W\d_]+))[)\s]*', plain)
    said = (words[1] or words[2]).strip() if words else ""
    counts = measure(said) is not None or not said.strip("十百千万亿") or _QUALIFIES.search(said)
    return said if counts else ""


def shown_per_cent(code: str) -> bool:
    r"""Tell whether a number format shows numbers a hundred times larger, with a sign.

    Parameters
    ----------
    code : str
        The format, as spreadsheets write it.

    Returns
    -------
    bool
        Whether it does; a sign in quotation marks multiplies nothing.

    Examples
    --------
    >>> shown_per_cent("0.0%"), shown_per_cent('0.0"%"'), shown_per_cent(r"0.0\%")
    (True, False, False)
    """
    return "%" in re.sub(r'"[^"]*"|\\.', "", code)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """Cells of text with what a spreadsheet knows besides.

    Attributes
    ----------
    file : str
        Name of the file.
    name : str
        Name of the sheet; nothing for text files.
    rows : Sequence[Sequence[str]]
        Cells as text, all rows equally long; blank rows are left out.
    lines : Sequence[int]
        Line of the file or row of the sheet each row stands in, counted from 1.
    marks : Mapping[tuple[int, int], str]
        Of cells that are not plain text, by position in ``rows``: ``"number"``, ``"date"``,
        ``"error"``, ``"formula"`` (one without a value), ``"scaled"`` (a number shown divided
        by thousands).
    merged : Sequence[tuple[int, int, int, int]]
        Merged ranges: first row, first column, last row, last column, as positions in ``rows``.
    hidden : Sequence[str]
        Hidden rows and columns, as a person names them.
    """

    file: str
    name: str = ""
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)
    merged: Sequence[tuple[int, int, int, int]] = ()
    hidden: Sequence[str] = ()

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.rows[0]) if self.rows else 0

    def transposed(self, *, below: int = 0) -> "Sheet":
        """Return the sheet with rows and columns exchanged.

        Parameters
        ----------
        below : int, default 0
            How many rows of titles stay above.

        Returns
        -------
        Sheet
            Its lines are the columns, counted from 1, below those of the titles.

        Examples
        --------
        >>> sheet = Sheet(file="a.csv", rows=[["指标", "北京"], ["GDP", "1"]], lines=[1, 2])
        >>> [list(row) for row in sheet.transposed().rows]
        [['指标', 'GDP'], ['北京', '1']]
        >>> titled = Sheet(file="a.csv", rows=[["2023", ""], *sheet.rows], lines=[1, 2, 3])
        >>> [list(row) for row in titled.transposed(below=1).rows]
        [['2023', ''], ['指标', 'GDP'], ['北京', '1']]
        """
        width = len(self.rows) - below
        titles = [[cell for cell in row if cell.strip()][:width] for row in self.rows[:below]]
        return replace(
            self,
            rows=[
                *(title + [""] * (width - len(title)) for title in titles),
                *zip(*self.rows[below:], strict=True),
            ],
            lines=[*self.lines[:below], *range(1, self.width + 1)],
            marks={
                (column + below, row - below): mark
                for (row, column), mark in self.marks.items()
                if row >= below
            },
            merged=[
                (left + below, top - below, right + below, bottom - below)
                for top, left, bottom, right in self.merged
                if top >= below
            ],
        )
