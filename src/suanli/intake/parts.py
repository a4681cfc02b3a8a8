"""One sheet that holds several tables: below each other, or side by side to save paper."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from suanli.intake.brackets import spoken_years
from suanli.intake.headings import ROLES, heading_key
from suanli.intake.notes import is_note
from suanli.intake.sheets import Sheet

__all__ = ["tables_of"]

_DEEPEST: Final = 30
_FEW: Final = 2
_NUMBER: Final = re.compile(r"(?!(?:19|20)\d\d$)[+-]?\d[\d,]*(?:\.\d+)?%?")
_UNITS: Final = frozenset(heading_key(name) for name in (*ROLES["name"], *ROLES["code"]))
_LEFT: Final = 8
_FIRST: Final = frozenset(letter for name in _UNITS for letter in (name[0], name[0].upper()))
_BESIDE: Final = frozenset(
    heading_key(name) for role in ("code", "aside", "province") for name in ROLES[role]
)


def tables_of(sheet: Sheet) -> list[Sheet]:
    """Take a sheet apart into the tables it holds.

    A table begins at a row that heads a column of units in other words than the header before,
    with the titles above it; and beside another where the same heading of units comes again.

    Parameters
    ----------
    sheet : Sheet
        The cells.

    Returns
    -------
    list[Sheet]
        Each with its own lines and, empty cells standing for those of the others, its own
        columns; the sheet alone where it holds one table.

    Examples
    --------
    >>> rows = [["地区", "GDP"], ["北京", "1"], ["人口", ""], ["地区", "人口"], ["北京", "2"]]
    >>> made = tables_of(Sheet(file="a.csv", rows=rows, lines=[1, 2, 3, 4, 5]))
    >>> [(len(table.rows), table.lines[0]) for table in made]
    [(2, 1), (3, 3)]
    >>> rows = [["地区", "GDP", "地区", "GDP"], ["北京", "1", "天津", "2"]]
    >>> [table.rows[1] for table in tables_of(Sheet(file="a.csv", rows=rows, lines=[1, 2]))]
    [['北京', '1', '', ''], ['', '', '天津', '2']]
    """
    return [part for table in _stacked(sheet) for part in _abreast(table)]


def _header(row: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of a row that heads a column of units, else nothing."""
    # A sheet may have a million rows: most are told by the first letters of their cells.
    if not any(cell.strip()[:1] in _FIRST for cell in row[:_LEFT]):
        return ()
    keys = tuple(heading_key(cell) for cell in row)
    filled = [key for key in keys if key]
    heads = len(filled) >= _FEW and any(key in _UNITS for key in filled)
    # 2023 may head a column; other numbers stand in rows of data.
    return keys if heads and not any(_NUMBER.fullmatch(key) for key in filled) else ()


def _stacked(sheet: Sheet) -> list[Sheet]:
    """Part tables that stand below each other."""
    starts: list[int] = []
    heads: list[tuple[str, ...]] = []
    for i, row in enumerate(sheet.rows):
        keys = _header(row)
        if not keys or (starts and i - starts[-1] < _FEW):
            continue
        above = sheet.rows[_title_above(sheet, i, starts[-1]) : i] if starts else []
        # The same header again is the next page, unless a title says the year of a new table.
        if keys in heads and not any(_years(row) for row in above):
            continue
        heads.append(keys)
        starts.append(i)
    if len(starts) < _FEW:
        return [sheet]
    firsts = [0, *(_title_above(sheet, start, starts[n]) for n, start in enumerate(starts[1:]))]
    ends = [*firsts[1:], len(sheet.rows)]
    years = {year for row in sheet.rows[: starts[0]] for year in _years(row)}
    made = []
    for first, start, end in zip(firsts, starts, ends, strict=True):
        own = any(_years(row) for row in sheet.rows[first:start])
        inherited = "" if own or first == 0 or len(years) != 1 else f"{min(years)}年"
        made.append(_rows(sheet, first, end, inherited))
    return made


def _years(row: Sequence[str]) -> set[int]:
    """Return the years a row names."""
    return {year for cell in row for year in spoken_years(cell)}


def _title_above(sheet: Sheet, start: int, before: int) -> int:
    """Return where the titles of a table begin: rows of one cell right above its header."""
    while start - 1 > before + 1:
        filled = [cell for cell in sheet.rows[start - 1] if cell.strip()]
        if len(filled) > 1 or any(map(is_note, filled)):
            break
        start -= 1
    return start


def _rows(sheet: Sheet, first: int, end: int, year: str) -> Sheet:
    """Return some rows of a sheet, below the year that is over all of it."""
    above = [[year, *[""] * (sheet.width - 1)]] if year else []
    shift = first - len(above)
    return replace(
        sheet,
        rows=[*above, *sheet.rows[first:end]],
        lines=[*sheet.lines[: len(above)], *sheet.lines[first:end]],
        marks={(i - shift, j): m for (i, j), m in sheet.marks.items() if first <= i < end},
        merged=[
            (up - shift, left, min(down, end - 1) - shift, right)
            for up, left, down, right in sheet.merged
            if first <= up < end
        ],
        hidden=sheet.hidden if first == 0 else (),
        struck=sheet.struck if first == 0 else (),
    )


def _abreast(sheet: Sheet) -> list[Sheet]:
    """Part tables that stand side by side."""
    heads = ((i, _header(row)) for i, row in enumerate(sheet.rows[:_DEEPEST]))
    header, keys = next(((i, keys) for i, keys in heads if keys), (0, ()))
    again = [j for j, key in enumerate(keys) if key in _UNITS and keys.count(key) > 1]
    starts = [_left_of(keys, j) for j in again if keys[j] == keys[again[0]]]
    if len(starts) < _FEW or not _alike(keys, starts):
        return [sheet]
    edges = [0, *starts[1:], sheet.width]
    return [_columns(sheet, header, edges, n) for n in range(len(starts))]


def _alike(keys: Sequence[str], starts: Sequence[int]) -> bool:
    """Tell whether every part heads values besides its units."""
    ends = [*starts[1:], len(keys)]
    parts = (keys[start:end] for start, end in zip(starts, ends, strict=True))
    return all(set(part) - _UNITS - _BESIDE - {""} for part in parts)


def _left_of(keys: Sequence[str], column: int) -> int:
    """Return where a table begins whose units stand in a column: codes and numbers go before."""
    while column and keys[column - 1] in _BESIDE | _UNITS and keys[column - 1] != keys[column]:
        column -= 1
    return column


def _columns(sheet: Sheet, header: int, edges: Sequence[int], place: int) -> Sheet:
    """Return a sheet with some of its columns empty, but for the titles over all of it."""
    left, right = edges[place], edges[place + 1]
    rows = [
        [c if left <= j < right or whole else "" for j, c in enumerate(row)]
        for i, row in enumerate(sheet.rows)
        for whole in [i < header and not any(_years(row[edge:]) for edge in edges[1:-1])]
    ]
    kept = [i for i, row in enumerate(rows) if any(cell.strip() for cell in row)]
    spot = {i: n for n, i in enumerate(kept)}
    return replace(
        sheet,
        rows=[rows[i] for i in kept],
        lines=[sheet.lines[i] for i in kept],
        marks={
            (spot[i], j): m for (i, j), m in sheet.marks.items() if i in spot and left <= j < right
        },
        merged=[
            (spot[up], at, spot[down], end)
            for up, at, down, end in sheet.merged
            if up in spot and down in spot and (up < header or left <= at < right)
        ],
        hidden=sheet.hidden if left == 0 else (),
        struck=sheet.struck if left == 0 else (),
    )
