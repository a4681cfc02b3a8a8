"""Spreadsheets: values by python-calamine, and what it does not tell from the file itself."""

import datetime as dt
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from suanli.intake.findings import Ledger, Place
from suanli.intake.formats import shown
from suanli.intake.sheets import (
    MOST_CELLS,
    Sheet,
    column_letter,
    number_text,
)

__all__ = ["read_workbook", "safe_archive"]

_MOST_MEMBERS: Final = 1000
_MOST_BYTES: Final = 512 * 1024**2
_MOST_RATIO: Final = 200
_SMALL: Final = 1024**2
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_PACKAGE: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_DOCUMENT: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# Built-in number formats 9 and 10 are per cent.
_BUILT_IN: Final = {9: "0%", 10: "0.00%"}
_MOST_BOUNDS: Final = 8
_NO: Final = frozenset({"0", "false"})
_FOOTNOTE: Final = re.compile(r"[(（\[]?(?:注?\d{1,2}|注|[a-z]|[*＊#†‡]+)[)）\]]?")
# m², 10⁴ and R² are no footnotes; a number, a name or a closing bracket may have one.
_MARKED: Final = re.compile(
    r"(?:^[-+]?[\d,]*\.?\d+%?|[\u4e00-\u9fff）)\]]|[A-Z]{2}|(?<=[a-z]{3})[a-z])$"
)
_ADDRESS: Final = re.compile(r"([A-Z]{1,3})(\d+)")


@dataclass(slots=True, kw_only=True)
class _Details:
    """What a sheet's own file says beyond values."""

    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    height: int = 0
    width: int = 0
    hidden: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    commented: list[str] = field(default_factory=list)


def safe_archive(data: bytes) -> bool:
    """Tell whether an archive may be unpacked: not too many members, not too large.

    Parameters
    ----------
    data : bytes
        A ZIP file.

    Returns
    -------
    bool
        Whether its declared sizes are those of an office file and not of a bomb.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
    ...     archive.writestr("a", b"0" * 20_000_000)
    >>> safe_archive(buffer.getvalue())
    False
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
    total = sum(member.file_size for member in members)
    dense = any(
        member.file_size > max(_SMALL, _MOST_RATIO * max(member.compress_size, 1))
        for member in members
    )
    return len(members) <= _MOST_MEMBERS and total <= _MOST_BYTES and not dense


def read_workbook(file: str, data: bytes, ledger: Ledger) -> list[Sheet]:
    """Read the visible sheets of a spreadsheet.

    Parameters
    ----------
    file : str
        Name of the file.
    data : bytes
        What is in it, an xlsx file.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    list[Sheet]
        Those with cells; empty where there are none to be had, with the reason in the ledger.

    Examples
    --------
    >>> ledger = Ledger()
    >>> read_workbook("a.xlsx", b"nothing of the kind", ledger), ledger.findings[0].rule
    ([], 'damaged')
    """
    place = Place(file=file)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError:
        ledger.add("password", place)
        return []
    except (CalamineError, OSError, ValueError) as error:
        ledger.add("password" if "EncryptedPackage" in str(error) else "damaged", place)
        return []
    sheets = []
    for position, facts in enumerate(book.sheets_metadata):
        if facts.visible != SheetVisibleEnum.Visible:
            ledger.add("hidden_sheet", Place(file=file, sheet=facts.name))
            continue
        sheet = _sheet(book, position, facts.name, file, data, ledger)
        if sheet is not None:
            sheets.append(sheet)
    if not sheets and not ledger.refused:
        ledger.add("empty", place)
    return sheets


def _sheet(
    book: CalamineWorkbook, position: int, name: str, file: str, data: bytes, ledger: Ledger
) -> Sheet | None:
    place = Place(file=file, sheet=name)
    details = _details(data, name)
    if details is None:
        ledger.add("damaged", place)
        return None
    # Before calamine lays the sheet out whole, one stray cell at its far end included.
    if details.height * details.width > MOST_CELLS:
        ledger.add("too_large", place, limit=f"{MOST_CELLS:,}")
        return None
    try:
        found = book.get_sheet_by_index(position)
        values = found.to_python(skip_empty_area=False)
        merged = found.merged_cell_ranges or []
    except (CalamineError, OSError, ValueError):
        ledger.add("damaged", place)
        return None
    texts = [[_text(value) for value in row] for row in values]
    for (i, j), text in details.texts.items():
        if 0 <= i < len(texts) and j < len(texts[i]):
            texts[i][j] = text
    width = max((len(row) for row in texts), default=0)
    marked_rows = {row for row, _ in details.marks}
    kept = [i for i, row in enumerate(texts) if any(c.strip() for c in row) or i in marked_rows]
    spot = {line: i for i, line in enumerate(kept)}
    marks = {
        (spot[i], j): _mark(value)
        for i in kept
        for j, value in enumerate(values[i])
        if _mark(value)
    }
    marks |= {(spot[i], j): mark for (i, j), mark in details.marks.items() if i in spot}
    rows = [texts[i] + [""] * (width - len(texts[i])) for i in kept]
    if not rows:
        return None
    return Sheet(
        file=file,
        name=name,
        rows=rows,
        lines=[i + 1 for i in kept],
        marks=marks,
        merged=list(_squeezed(merged, kept)),
        hidden=details.hidden,
        struck=details.struck,
        commented=details.commented,
    )


def _squeezed(
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]], kept: Sequence[int]
) -> Iterator[tuple[int, int, int, int]]:
    """Return merged ranges in terms of the rows that were kept."""
    for (top, left), (bottom, right) in merged:
        inside = [i for i, line in enumerate(kept) if top <= line <= bottom]
        if inside:
            yield inside[0], left, inside[-1], right


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return str(value)
    return str(value)


def _mark(value: Any) -> str:
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        return "number"
    dated = (dt.date, dt.time, dt.timedelta)
    return "date" if isinstance(value, dated) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What cells refer to: styles by number, and shared texts with a raised footnote mark."""

    styles: Mapping[int, str]
    struck: Collection[int]
    raised: Mapping[int, str]


def _details(data: bytes, name: str) -> _Details | None:
    """Look into an xlsx file for errors, formulas without values, formats and what is hidden."""
    details = _Details()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = _part(archive, name)
            styles, struck = _styles(archive)
            known = _Known(styles=styles, struck=struck, raised=_raised(archive))
            _scan(archive, part, known, details)
            details.commented = list(_commented(archive, part))
    except (zipfile.BadZipFile, KeyError, ET.ParseError, ValueError, OSError, EOFError):
        return None
    except (zlib.error, NotImplementedError, RuntimeError):
        # A damaged member, one packed in an unknown way, or one that wants a password.
        return None
    return details


def _part(archive: zipfile.ZipFile, name: str) -> str:
    """Return the member that holds a sheet."""
    targets = {
        link.get("Id"): link.get("Target", "")
        for link in _root(archive, "xl/_rels/workbook.xml.rels").iter(_PACKAGE + "Relationship")
    }
    for sheet in _root(archive, "xl/workbook.xml").iter(_MAIN + "sheet"):
        if sheet.get("name") == name:
            target = targets.get(sheet.get(_DOCUMENT + "id"), "")
            return target[1:] if target.startswith("/") else str(PurePosixPath("xl") / target)
    raise KeyError(name)


def _commented(archive: zipfile.ZipFile, part: str) -> Iterator[str]:
    """Return the cells of a sheet that have comments."""
    path = PurePosixPath(part)
    links = f"{path.parent}/_rels/{path.name}.rels"
    members = set(archive.namelist())
    for link in _root(archive, links).iter(_PACKAGE + "Relationship") if links in members else ():
        target = link.get("Target", "")
        member = posixpath.normpath(f"/{path.parent}/{target}" if target[:1] != "/" else target)
        if link.get("Type", "").endswith("/comments") and member.lstrip("/") in members:
            for comment in _root(archive, member.lstrip("/")).iter(_MAIN + "comment"):
                yield comment.get("ref", "")


def _root(archive: zipfile.ZipFile, member: str) -> ET.Element:
    data = archive.read(member)
    if b"<!DOCTYPE" in data[:4096]:
        raise ValueError(member)
    return ET.fromstring(data)  # noqa: S314 - no document type, so no entities


def _styles(archive: zipfile.ZipFile) -> tuple[dict[int, str], set[int]]:
    """Return the formats of cell styles that show more, or another number, than there is.

    And the styles that strike out what is in the cell.
    """
    if "xl/styles.xml" not in archive.namelist():
        return {}, set()
    root = _root(archive, "xl/styles.xml")
    own = dict(_BUILT_IN)
    for item in root.iter(_MAIN + "numFmt"):
        code = item.get("formatCode", "")
        if any(shown(code, number) != (number_text(number), "") for number in _trials(code)):
            own[int(item.get("numFmtId", "-1"))] = code
    formats = root.find(_MAIN + "cellXfs")
    ids = [int(item.get("numFmtId", "0")) for item in formats] if formats is not None else []
    lined = [font.find(_MAIN + "strike") for font in root.iterfind(f"{_MAIN}fonts/{_MAIN}font")]
    fonts = {i for i, line in enumerate(lined) if line is not None and line.get("val") not in _NO}
    used = [int(item.get("fontId", "0")) for item in formats] if formats is not None else []
    struck = {i for i, font in enumerate(used) if font in fonts}
    return {i: own[number] for i, number in enumerate(ids) if number in own}, struck


def _trials(code: str) -> Iterator[float]:
    """Return numbers that between them use every section of a format."""
    yield from (1.0, -1.0, 0.0)
    for bound in re.findall(r"\d+(?:\.\d+)?", code)[:_MOST_BOUNDS]:
        yield from (float(bound) - 0.5, float(bound), float(bound) + 0.5)


def _raised(archive: zipfile.ZipFile) -> dict[int, str]:
    """Return shared texts with a raised footnote mark, the mark set off by brackets.

    Without it the footnote of 13¹, typed as a raised 1, makes 131 of 13.
    """
    if "xl/sharedStrings.xml" not in archive.namelist():
        return {}
    if b"superscript" not in archive.read("xl/sharedStrings.xml"):
        return {}
    items = _root(archive, "xl/sharedStrings.xml").iter(_MAIN + "si")
    return {place: text for place, item in enumerate(items) if (text := _set_off(item))}


def _set_off(item: ET.Element) -> str:
    """Return a rich text with its raised marks in brackets; nothing where it has none."""
    text, marked = "", False
    for run in item.iter(_MAIN + "r"):
        part = "".join(found.text or "" for found in run.iter(_MAIN + "t"))
        position = run.find(f"{_MAIN}rPr/{_MAIN}vertAlign")
        raised = position is not None and position.get("val") == "superscript"
        if raised and _FOOTNOTE.fullmatch(part.strip()) and _MARKED.search(text.strip()):
            digits = re.sub(r"\D", "", part)
            text, marked = f"{text.rstrip()}[{digits or 1}]", True
        else:
            text += part
    # Behind a mark that follows a number, more would make another number of it.
    return text if marked and not re.match(r"\s*[-+]?[\d,.]+%?\[\d+\]\s*\S", text) else ""


def _scan(archive: zipfile.ZipFile, part: str, known: _Known, details: _Details) -> None:
    with archive.open(part) as stream:
        for event, item in ET.iterparse(stream, events=("start", "end")):  # noqa: S314
            if event == "start":
                continue
            if item.tag == _MAIN + "c":
                _cell(item, known, details)
            elif item.tag == _MAIN + "row":
                if item.get("hidden") in {"1", "true"}:
                    details.hidden.append(item.get("r", ""))
                item.clear()
            elif item.tag == _MAIN + "col" and item.get("hidden") in {"1", "true"}:
                first, last = int(item.get("min", "1")), int(item.get("max", "1"))
                last = min(last, first + 25)
                details.hidden += [column_letter(i - 1) for i in range(first, last + 1)]


def _cell(item: ET.Element, known: _Known, details: _Details) -> None:
    found = _ADDRESS.fullmatch(item.get("r", ""))
    if found is None:
        return
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    spot = (int(found[2]) - 1, column - 1)
    details.height = max(details.height, int(found[2]))
    details.width = max(details.width, column)
    value = item.find(_MAIN + "v")
    empty = value is None or not (value.text or "").strip()
    kind = item.get("t", "n")
    if not empty and int(item.get("s", "0")) in known.struck:
        details.struck.append(f"{found[1]}{found[2]}")
    if kind == "e":
        details.marks[spot] = "error"
    elif item.find(_MAIN + "f") is not None and empty:
        details.marks[spot] = "formula"
    elif (
        kind == "n" and value is not None and not empty and int(item.get("s", "0")) in known.styles
    ):
        text, mark = shown(known.styles[int(item.get("s", "0"))], float(value.text or ""))
        details.texts[spot] = text
        details.marks |= {spot: mark} if mark else {}
    elif kind == "s" and value is not None and (value.text or "").isdigit():
        text = known.raised.get(int(value.text or ""), "")
        details.texts |= {spot: text} if text else {}
    elif kind == "inlineStr" and (text := _set_off(item)):
        details.texts[spot] = text
