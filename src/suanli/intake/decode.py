"""From the bytes of a file to a grid of text: encoding, separator, header row."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from suanli.errors import InputError, Problem, os_reason

__all__ = ["Grid", "read_grid"]

_MAX_BYTES = 64 * 1024 * 1024
_HEADER_DEPTH = 10
_SEPARATORS = (",", "\t", ";", "，")
_BINARY = (
    (b"PK\x03\x04", "xlsx / zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"SQLite format 3", "GeoPackage / SQLite"),
    (b"%PDF", "PDF"),
)
_NOTES = ("注:", "注：", "注释", "数据来源", "资料来源", "Note:", "Source:")
# In Chinese text written as GB18030 nearly every character is in GB 2312; Big5 bytes read
# as GB18030 fall outside it about every other character.
_GB2312_SHARE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Text cells of one table.

    Attributes
    ----------
    file : str
        Name of the file, for messages.
    header : tuple[str, ...]
        Column names, blanks trimmed.
    header_line : int
        Line of the file the header stands in, counted from 1.
    lines : tuple[int, ...]
        Line of the file each row begins at, counted from 1.
    rows : tuple[tuple[str, ...], ...]
        Cells, as many per row as the header has.
    """

    file: str
    header: tuple[str, ...]
    header_line: int
    lines: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]


def read_grid(path: Path, *, header_names: Iterable[str]) -> Grid:
    r"""Read a delimited text file as text cells.

    The encoding is UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030; the separator
    the most frequent of comma, tab, semicolon and full-width comma in the header. Title
    rows above the header, blank rows and notes below the table are left out.

    Parameters
    ----------
    path : pathlib.Path
        The file, at most 64 MiB.
    header_names : Iterable[str]
        Names one of which the header row holds; the first such row of the first ten is the
        header, the first row when there is none.

    Returns
    -------
    Grid
        The cells.

    Raises
    ------
    InputError
        The file cannot be read, is not delimited text, or has no rows of data.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_bytes("指标表\n代码,值\n110000,1\n".encode("gb18030"))
    >>> grid = read_grid(path, header_names=["代码"])
    >>> grid.header, grid.lines, grid.rows
    (('代码', '值'), (3,), (('110000', '1'),))
    """
    text = _decode(path)
    lines, rows = _parse(path, text)
    names = {name.casefold() for name in header_names}
    top = next(
        (
            i
            for i, row in enumerate(rows[:_HEADER_DEPTH])
            if any(cell.strip().casefold() in names for cell in row)
        ),
        0,
    )
    header = tuple(cell.strip() for cell in rows[top]) if rows else ()
    kept = [
        (line, row)
        for line, row in zip(lines[top + 1 :], rows[top + 1 :], strict=True)
        if not row[0].strip().startswith(_NOTES)
    ]
    if not kept:
        raise _refuse(path, "intake.empty")
    _refuse_long_rows(path, header, kept)
    width = len(header)
    return Grid(
        file=path.name,
        header=header,
        header_line=lines[top],
        lines=tuple(line for line, _ in kept),
        rows=tuple((*row, *[""] * (width - len(row)))[:width] for _, row in kept),
    )


def _decode(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _refuse(path, "intake.too_large", limit=_MAX_BYTES // 1024**2)
        data = path.read_bytes()
    except OSError as error:
        raise _refuse(path, "intake.unreadable", reason=os_reason(error)) from error
    for magic, name in _BINARY:
        if data.startswith(magic):
            raise _refuse(path, "intake.not_text", actual=name)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:6].lower().startswith((b"<html", b"<!doct", b"<table")):
        raise _refuse(path, "intake.not_text", actual="HTML")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(path, data, "utf-16")
    if b"\0" in data:
        raise _refuse(path, "intake.nul_bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _gb18030(path, data)


def _gb18030(path: Path, data: bytes) -> str:
    text = _strict(path, data, "gb18030")
    foreign = "".join(c for c in text if not c.isascii())
    simple = len(foreign.encode("gb2312", "ignore")) / 2
    if simple < _GB2312_SHARE * len(foreign) and _decodes(data, "big5hkscs"):
        raise _refuse(path, "intake.suspected_big5")
    return text


def _strict(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        byte = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise _refuse(path, "intake.undecodable", row=row, byte=byte) from error


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _parse(path: Path, text: str) -> tuple[list[int], list[list[str]]]:
    sample = text.splitlines()[:_HEADER_DEPTH]
    separator = max(_SEPARATORS, key=lambda s: max((line.count(s) for line in sample), default=0))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[int] = []
    rows: list[list[str]] = []
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(start)
                rows.append(row)
            start = reader.line_num + 1
    except csv.Error as error:
        raise _refuse(path, "intake.broken_row", row=start, reason=_reason(error)) from error
    return lines, rows


def _reason(error: csv.Error) -> Problem | str:
    said = str(error)
    if said == "unexpected end of data":
        return Problem(code="problems.csv.unclosed")
    return Problem(code="problems.csv.after_quote") if "expected after" in said else said


def _refuse_long_rows(
    path: Path, header: tuple[str, ...], rows: list[tuple[int, list[str]]]
) -> None:
    problems = [
        Problem(
            code="intake.row_too_long",
            params={"file": path.name, "row": line, "got": len(row), "expected": len(header)},
        )
        for line, row in rows
        if any(cell.strip() for cell in row[len(header) :])
    ]
    if problems:
        raise InputError(problems)


def _refuse(path: Path, code: str, **params: object) -> InputError:
    return InputError([Problem(code=code, params={"file": path.name, **params})])
