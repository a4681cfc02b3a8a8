"""Text files: encoding, separator, rows."""

import csv
import io
import re
from pathlib import Path
from typing import Final

from suanli.errors import Problem
from suanli.intake.findings import Ledger, Place
from suanli.intake.sheets import MOST_CELLS, Sheet

__all__ = ["read_delimited"]

_SEPARATORS: Final = (",", "\t", ";", "，", "|")
_SAMPLE: Final = 30
# In Chinese text written as GB18030 nearly every character is in GB 2312; Big5 bytes read as
# GB18030 fall outside it about every other character.
_GB2312_SHARE: Final = 0.7
# Bytes read in the wrong order make characters of all scripts.
_USUAL: Final = 0.98
_ENCODINGS: Final = {"big5": "big5hkscs", "gbk": "gb18030", "gb2312": "gb18030"}
# ="110000" keeps a spreadsheet from making a number of a code.
_AS_TEXT: Final = re.compile(r'^="([^"]*)"$')


def read_delimited(
    path: Path, data: bytes, ledger: Ledger, *, encoding: str | None = None
) -> Sheet | None:
    r"""Read a delimited text file.

    The encoding is the one given, else by rule: a byte order mark, strict UTF-8, GB18030. The
    separator is the most frequent of comma, tab, semicolon, full-width comma and bar in the
    first lines.

    Parameters
    ----------
    path : pathlib.Path
        The file, for its name.
    data : bytes
        What is in it.
    ledger : Ledger
        Takes what is found.
    encoding : str, optional
        Such as ``"big5"``.

    Returns
    -------
    Sheet or None
        The cells; None where there are none to be had, with the reason in the ledger.

    Examples
    --------
    >>> ledger = Ledger()
    >>> sheet = read_delimited(Path("a.csv"), "地区;值\n北京;1\n".encode("gb18030"), ledger)
    >>> sheet.rows, [finding.rule for finding in ledger.findings]
    ([['地区', '值'], ['北京', '1']], ['read_as_gb18030', 'separator'])
    """
    text = _decoded(path, data, ledger, encoding)
    if text is None:
        return None
    separator = _separator(path, text, ledger)
    if separator is None:
        return None
    rows, lines = _parsed(path, text, separator, ledger)
    if not rows:
        if not ledger.refused:
            ledger.add("empty", Place(file=path.name))
        return None
    width = max(len(row) for row in rows)
    if width * len(rows) > MOST_CELLS:
        ledger.add("too_large", Place(file=path.name), limit=f"{MOST_CELLS:,}")
        return None
    padded = [row + [""] * (width - len(row)) for row in rows]
    return Sheet(file=path.name, rows=padded, lines=lines)


def _decoded(path: Path, data: bytes, ledger: Ledger, encoding: str | None) -> str | None:
    place = Place(file=path.name)
    if encoding:
        return _strict(path, data, _ENCODINGS.get(encoding.casefold(), encoding), ledger)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _strict(path, data, "utf-16", ledger)
        ledger.add("nul_bytes" if text and "\0" in text else "read_as_utf16", place)
        return None if text and "\0" in text else text
    if b"\0" in data:
        text = _unmarked_utf16(data)
        ledger.add("nul_bytes" if text is None else "read_as_utf16", place)
        return text
    if data.startswith(b"\xef\xbb\xbf"):
        ledger.add("byte_order_mark", place)
        return _strict(path, data, "utf-8-sig", ledger)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _gb18030(path, data, ledger, error)


def _unmarked_utf16(data: bytes) -> str | None:
    """Decode UTF-16 without its mark: one order of bytes makes text of it, the other does not."""
    found = []
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        usual = sum(c.isascii() or "\u2010" <= c <= "\u9fff" or c >= "\uff00" for c in text)
        steers = any(c < " " and c not in "\t\r\n" for c in text)
        if not steers and "\n" in text and usual >= _USUAL * len(text):
            found.append(text)
    return found[0] if len(found) == 1 else None


def _gb18030(path: Path, data: bytes, ledger: Ledger, otherwise: UnicodeDecodeError) -> str | None:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        # The encoding that got further is the one that was meant.
        _undecodable(path, data, max(error, otherwise, key=lambda e: e.start), ledger)
        return None
    foreign = "".join(c for c in text if not c.isascii())
    simple = len(foreign.encode("gb2312", "ignore")) / 2
    if simple < _GB2312_SHARE * len(foreign) and _decodes(data, "big5hkscs"):
        ledger.add("suspected_big5", Place(file=path.name))
        return None
    ledger.add("read_as_gb18030", Place(file=path.name))
    return text


def _strict(path: Path, data: bytes, encoding: str, ledger: Ledger) -> str | None:
    try:
        return data.decode(encoding)
    except LookupError:
        ledger.add("unknown_encoding", Place(file=path.name), encoding)
    except UnicodeError as error:
        _undecodable(path, data, error, ledger)
    return None


def _undecodable(path: Path, data: bytes, error: UnicodeError, ledger: Ledger) -> None:
    start = error.start if isinstance(error, UnicodeDecodeError) else 0
    row = data.count(b"\n", 0, start) + 1
    byte = start - (data.rfind(b"\n", 0, start) + 1) + 1
    shown = data[start : start + 2].hex(" ").upper()
    ledger.add("undecodable", Place(file=path.name, row=row), shown, byte=byte)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _separator(path: Path, text: str, ledger: Ledger) -> str | None:
    """Choose what most lines have most of; two that do equally well are unclear."""
    sample = [line for line in text.splitlines()[:_SAMPLE] if line.strip()]
    counts = {mark: sorted(line.count(mark) for line in sample) for mark in _SEPARATORS}
    middle = {mark: (c[len(c) // 2], sum(c)) if c else (0, 0) for mark, c in counts.items()}
    best = max(_SEPARATORS, key=lambda mark: middle[mark])
    rivals = [mark for mark in _SEPARATORS if middle[mark] == middle[best] and mark != best]
    if rivals and middle[best][1]:
        shown = " ".join(_shown(mark) for mark in (best, *rivals))
        ledger.add("unclear_separator", Place(file=path.name), shown)
        return None
    if best != "," and middle[best][1]:
        ledger.add("separator", Place(file=path.name), _shown(best))
    return best


def _shown(mark: str) -> str:
    return "Tab" if mark == "\t" else mark


def _parsed(
    path: Path, text: str, separator: str, ledger: Ledger
) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append([_AS_TEXT.sub(r"\1", cell) for cell in row])
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        ledger.add("broken_row", Place(file=path.name, row=start), reason=_reason(error))
        return [], []
    return rows, lines


def _reason(error: csv.Error) -> Problem | str:
    said = str(error)
    if said == "unexpected end of data":
        return Problem(code="problems.csv.unclosed")
    return Problem(code="problems.csv.after_quote") if "expected after" in said else said
