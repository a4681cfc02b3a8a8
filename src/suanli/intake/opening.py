"""Opening a file: what it really is, and its sheets of cells."""

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from suanli.errors import os_reason
from suanli.intake.delimited import read_delimited
from suanli.intake.findings import Ledger, Place
from suanli.intake.melt import Given
from suanli.intake.oldbook import read_old_workbook
from suanli.intake.sheets import Sheet
from suanli.intake.workbook import read_workbook, safe_archive

__all__ = ["How", "file_name", "sheets_of"]

_MOST_BYTES: Final = 64 * 1024**2
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN: Final = (
    (b"SQLite format 3", "GeoPackage / SQLite"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"PAR1", "Parquet"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
)
_HTML: Final = (b"<html", b"<!doct", b"<table", b"<?xml", b"<meta", b"<head", b"<style")
_BOOKS: Final = (".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a file is to be read, where it does not tell by itself.

    Attributes
    ----------
    encoding : str or None
        Encoding of a text file.
    sheet : str or None
        The sheet of a spreadsheet.
    given : Given
        Indicator, unit of measurement and year of tables that do not name them.
    censored : bool
        Whether bounds, ranges and approximations are taken for numbers.
    strict : bool
        Whether warnings refuse the file.
    """

    encoding: str | None = None
    sheet: str | None = None
    given: Given = field(default_factory=Given)
    censored: bool = False
    strict: bool = False


def file_name(path: Path) -> str:
    """Return what to call a file: a path such as ``.`` has no name of its own.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        Its name.

    Examples
    --------
    >>> file_name(Path("data/a.csv")), file_name(Path("/"))
    ('a.csv', '/')
    """
    return path.name or path.resolve().name or str(path)


def sheets_of(path: Path, ledger: Ledger, how: How) -> list[Sheet]:
    """Open a file and return its sheets of cells.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    ledger : Ledger
        Takes what is found.
    how : How
        Encoding.

    Returns
    -------
    list[Sheet]
        One for a text file; empty where the file is no table.

    Examples
    --------
    >>> ledger = Ledger()
    >>> sheets_of(Path("nowhere.csv"), ledger, How()), ledger.findings[0].rule
    ([], 'unreadable')
    """
    place = Place(file=file_name(path))
    try:
        if path.stat().st_size > _MOST_BYTES:
            ledger.add("too_large", place, limit=f"{_MOST_BYTES // 1024**2} MB")
            return []
        data = path.read_bytes()
    except OSError as error:
        ledger.add("unreadable", place, reason=os_reason(error))
        return []
    actual = _actual(data)
    suffix = path.suffix.casefold()
    if actual in {"xlsx", "xls"}:
        if suffix in _BOOKS and (suffix == ".xls") != (actual == "xls"):
            ledger.add("other_format", place, path.suffix, actual=actual)
            return []
        read = read_workbook if actual == "xlsx" else read_old_workbook
        return read(path.name, data, ledger)
    if actual or suffix in _BOOKS:
        if not data:
            ledger.add("empty", place)
        else:
            ledger.add("other_format", place, path.suffix, actual=actual or "CSV / TXT")
        return []
    sheet = read_delimited(path, data, ledger, encoding=how.encoding)
    return [sheet] if sheet is not None else []


def _actual(data: bytes) -> str:
    """Tell a format by its first bytes; nothing for text."""
    if data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = set(archive.namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            # Damaged; the reader of workbooks says so.
            return "xlsx"
        kinds = {"xl/workbook.bin": "xlsb", "content.xml": "ods"}
        found = next((kind for name, kind in kinds.items() if name in names), "ZIP")
        return "xlsx" if "xl/workbook.xml" in names and safe_archive(data) else found
    if data.startswith(_OLE):
        return "xlsx" if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data else "xls"
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:6].lower()
    if start.startswith(_HTML):
        return "HTML / XML"
    return next((name for magic, name in _FOREIGN if data.startswith(magic)), "")
