"""A sheet of cells, wherever it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

__all__ = [
    "MOST_CELLS",
    "Sheet",
    "column_letter",
    "number_text",
]

_EXACT: Final = 2**53

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
    struck : Sequence[str]
        Cells whose text is struck out, as a person names them.
    commented : Sequence[str]
        Cells with comments, as a person names them.
    """

    file: str
    name: str = ""
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)
    merged: Sequence[tuple[int, int, int, int]] = ()
    hidden: Sequence[str] = ()
    struck: Sequence[str] = ()
    commented: Sequence[str] = ()

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
