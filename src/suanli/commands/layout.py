"""Tables in plain text: aligned by the width characters have on a screen, within its width."""

import re
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, chop_cells

__all__ = ["layout", "wrapped"]

_GAP: Final = 2
_LEAST: Final = 8
_TWO_WIDE: Final = 4
_NUMBER: Final = re.compile(
    r"–|<0\.001|[+-]?[\d,]*\.?\d+%?[*†]*|\d+[–/]\d+( \(\d+\))?|\[[+-]?[\d.]+, [+-]?[\d.]+\]",
    re.ASCII,
)
# A word, or one wide character; with the marks that may not begin a line.
_PIECE: Final = re.compile(
    r"\s+|[\u2e80-\uffef][、，。；：！？）》”]*|[^\s\u2e80-\uffef]+[、，。；：）]*"
)


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of a width.

    Parameters
    ----------
    text : str
        Words, Chinese or both.
    width : int
        Columns of the screen; a wide character takes two.

    Returns
    -------
    list[str]
        At least one line.

    Examples
    --------
    >>> wrapped("东部领先，差距缩小", 10)
    ['东部领先，', '差距缩小']
    >>> wrapped("to the nearest hub", 9)
    ['to the', 'nearest', 'hub']
    """
    lines = [""]
    for piece in _PIECE.findall(text):
        if cell_len(lines[-1]) + cell_len(piece) <= width:
            lines[-1] += piece
        elif not piece.isspace():
            # What is longer than a line is cut.
            lines += chop_cells(piece, width) if cell_len(piece) > width else [piece]
    kept = [line.rstrip() for line in lines]
    return [line for line in kept if line] or [""]


def layout(columns: Sequence[str], rows: Sequence[Sequence[str]], *, width: int) -> list[str]:
    """Lay out a table: numbers to the right, words to the left, two blanks between columns.

    Parameters
    ----------
    columns : Sequence[str]
        Headings.
    rows : Sequence[Sequence[str]]
        Cells, as many per row as there are headings.
    width : int
        Columns of the screen. Headings are broken first, then cells; a table too wide for its
        words goes on below, its first column repeated.

    Returns
    -------
    list[str]
        Headings, a rule and the rows, without blanks at the end.

    Examples
    --------
    >>> for line in layout(["名次", "单元"], [["1", "广东"], ["10", "Tibet"]], width=80):
    ...     print(line)
    名次  单元
    -----------
       1  广东
      10  Tibet
    """
    plain = [[_printable(cell) for cell in row] for row in rows]
    heads = [_printable(column) for column in columns]
    cells = [[row[place] for row in plain] for place in range(len(heads))]
    right = [bool(column) and all(map(_NUMBER.fullmatch, column)) for column in cells]
    lines: list[str] = []
    for part in _parts(heads, cells, right, width):
        told = [[row[place] for place in part] for row in plain]
        block = _block([heads[p] for p in part], told, [right[p] for p in part], width)
        lines += ["", *block] if lines else block
    return lines


def _parts(
    heads: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool], width: int
) -> list[list[int]]:
    """Split columns into tables that fit without cutting a word; each begins with the first."""
    least = _floors(heads, cells, right)[1]
    parts: list[list[int]] = []
    used = 0
    for place in range(1, len(heads)):
        if not parts or used + _GAP + least[place] > width:
            parts.append([0])
            used = least[0]
        parts[-1].append(place)
        used += _GAP + least[place]
    return parts or [[*range(len(heads))]]


def _block(
    heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], width: int
) -> list[str]:
    cells = [[row[place] for row in rows] for place in range(len(heads))]
    widths = _widths(heads, cells, right, width - _GAP * (len(heads) - 1))
    body = [line for row in rows for line in _lines(row, widths, right)]
    rule = "-" * (sum(widths) + _GAP * (len(widths) - 1))
    return [*_lines(heads, widths, right, below=True), rule, *body]


def _widths(
    heads: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool], room: int
) -> list[int]:
    content = [max(map(cell_len, column), default=1) for column in cells]
    widths = [max(pair) for pair in zip(content, map(cell_len, heads), strict=True)]
    for least in _floors(heads, cells, right):
        while sum(widths) > room:
            spare = [place for place, width in enumerate(widths) if width > max(least[place], 1)]
            if not spare:
                break
            widths[max(spare, key=lambda place: widths[place])] -= 1
    return widths


def _floors(
    heads: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]
) -> tuple[list[int], ...]:
    """Return what columns may be narrowed to, the mildest first.

    Headings on several lines, then cells on several lines, then headings cut, then words cut.
    Numbers are never cut.
    """
    content = [max(map(cell_len, column), default=1) for column in cells]
    words = [max(map(_longest, column), default=1) for column in cells]
    return (
        [max(pair) for pair in zip(content, map(_readable, heads), strict=True)],
        [
            max(whole if number else word, _readable(head))
            for whole, word, number, head in zip(content, words, right, heads, strict=True)
        ],
        [
            whole if number else word
            for whole, word, number in zip(content, words, right, strict=True)
        ],
        [
            whole if number else min(whole, _LEAST)
            for whole, number in zip(content, right, strict=True)
        ],
    )


def _readable(head: str) -> int:
    """Return the least width of a heading: its longest word, or two wide characters."""
    return max(_longest(head), min(cell_len(head), _TWO_WIDE))


def _longest(text: str) -> int:
    return max(map(cell_len, _PIECE.findall(text)), default=1)


def _lines(
    row: Sequence[str], widths: Sequence[int], right: Sequence[bool], *, below: bool = False
) -> list[str]:
    blocks = [wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
    height = max(map(len, blocks), default=1)
    if below:
        # Headings stand on their rule.
        blocks = [[""] * (height - len(block)) + block for block in blocks]
    lines = []
    for place in range(height):
        parts = [block[place] if place < len(block) else "" for block in blocks]
        lines.append(
            (" " * _GAP)
            .join(
                _padded(part, width, to_right)
                for part, width, to_right in zip(parts, widths, right, strict=True)
            )
            .rstrip()
        )
    return lines


def _padded(text: str, width: int, to_right: bool) -> str:
    blanks = " " * (width - cell_len(text))
    return blanks + text if to_right else text + blanks


def _printable(text: str) -> str:
    """Take out what would steer the terminal: names may come from anybody's file."""
    return "".join(char if char.isprintable() else " " for char in text)
