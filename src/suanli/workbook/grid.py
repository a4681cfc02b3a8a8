"""Where things stand on a sheet of formulas, and how cells and constants are written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = [
    "BAND",
    "FIRST",
    "GROUP",
    "HEAD",
    "NAMES",
    "SECOND",
    "TITLE",
    "TOP",
    "UNIT",
    "WEIGHT",
    "Column",
    "Figure",
    "Span",
    "number",
    "quoted",
    "refer",
]

# Rows of the head, as a spreadsheet counts them.
BAND: Final = 1
GROUP: Final = 2
TITLE: Final = 3
UNIT: Final = 4
FIRST: Final = 5
SECOND: Final = 6
WEIGHT: Final = 7
HEAD: Final = 8
TOP: Final = 9
"""The first row of units."""

NAMES: Final = 2
"""Columns that say whose row it is: code and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A cell of the head: a number that formulas below refer to.

    Attributes
    ----------
    value : float, optional
        Its value; the cell stays empty when absent.
    formula : str
        The formula that gives it; a plain number when empty.
    word : str
        What it is, a key of ``workbook.figure``.
    """

    value: float | None = None
    formula: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The units of one column.

    Attributes
    ----------
    letter : str
        The column.
    last : int
        The last row of units.
    """

    letter: str
    last: int

    @property
    def all(self) -> str:
        """Every unit, rows held fast.

        Returns
        -------
        str
            Such as ``C$9:C$39``.
        """
        return f"{self.letter}${TOP}:{self.letter}${self.last}"

    def at(self, row: int) -> str:
        """Return the cell of one unit.

        Parameters
        ----------
        row : int
            Its row.

        Returns
        -------
        str
            Such as ``C9``.

        Examples
        --------
        >>> Span(letter="C", last=39).at(9)
        'C9'
        """
        return f"{self.letter}{row}"

    def head(self, row: int) -> str:
        """Return a cell of the head.

        Parameters
        ----------
        row : int
            Which, such as :data:`FIRST`.

        Returns
        -------
        str
            Such as ``C$5``.

        Examples
        --------
        >>> Span(letter="C", last=39).head(FIRST)
        'C$5'
        """
        return f"{self.letter}${row}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """One column of a sheet of formulas.

    Attributes
    ----------
    block : str
        Stage it belongs to, a key of ``workbook.block``.
    key : str
        Identifier.
    title, group, unit : str
        What it is called, the dimension it belongs to, its unit of measurement.
    span : Span
        Where it stands.
    values : Sequence[float | None]
        Values by unit, missing ones as None.
    formula : Callable[[int], str], optional
        Gives the formula of a row; plain values when absent.
    looks : Sequence[str]
        Look of each cell, a key of the workbook's formats; empty for the block's own.
    first, second, weight : Figure
        What stands in the head.
    """

    block: str
    key: str
    title: str
    group: str = ""
    unit: str = ""
    span: Span
    values: Sequence[float | None]
    formula: Callable[[int], str] | None = None
    looks: Sequence[str] = field(default=())
    first: Figure = Figure()
    second: Figure = Figure()
    weight: Figure = Figure()


def number(value: float) -> str:
    """Write a number into a formula.

    Parameters
    ----------
    value : float
        Finite.

    Returns
    -------
    str
        Read back as the same number; negative ones in brackets.

    Examples
    --------
    >>> number(0.1), number(-2), number(1e-7)
    ('0.1', '(-2)', '1E-07')
    """
    written = repr(float(value)).upper().removesuffix(".0")
    return f"({written})" if value < 0 else written


def quoted(text: str) -> str:
    """Write a text into a formula.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        In quotes, those inside doubled.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def refer(sheet: str, cells: str) -> str:
    """Refer to cells of another sheet.

    Parameters
    ----------
    sheet : str
        Its name.
    cells : str
        Such as ``$A$1``.

    Returns
    -------
    str
        Such as ``'sheet'!$A$1``.

    Examples
    --------
    >>> refer("Bob's", "$A$1")
    "'Bob''s'!$A$1"
    """
    doubled = sheet.replace("'", "''")
    return f"'{doubled}'!{cells}"
