"""Tables as CSV that a spreadsheet opens as text, never as formulas."""

import io
import re
from pathlib import Path

import pandas as pd

from geo.storage import write_bytes

__all__ = ["guard_formula", "write_csv"]

# OWASP's list of leading characters, with their full-width forms.
_SIGNS = "=+\\-@＝＋－＠"
# A cell may be split again where another separator is the custom.
_SPLITS = r";\t\r\n"
# What spreadsheets skip before a formula: blanks, control characters, marks without width.
_SKIPPED = (
    r"\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff"
)
# Possessive, and looking behind: time grows with the length of the cell, not its square.
_ACTIVE = re.compile(rf"(?:^|(?<![{_SPLITS}])[{_SPLITS}]++)(?=[{_SKIPPED}]*+[{_SIGNS}])")
_NUMBER = re.compile(r"[+-]?(?:\d[\d,]*)?\.?\d+(?:[eE][+-]?\d+)?%?", re.ASCII)
_LONGEST_NUMBER = 40


def guard_formula(text: str) -> str:
    """Return ``text`` with an apostrophe wherever a spreadsheet might find a formula in it.

    Parameters
    ----------
    text : str
        A text cell.

    Returns
    -------
    str
        The cell, safe to open: an apostrophe stands before it when it begins like a formula,
        also behind blanks or unseen characters, and within it behind a semicolon, tab or line
        end, which split cells elsewhere. Plain numbers such as ``-5`` stay as they are.

    References
    ----------
    OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection

    Examples
    --------
    >>> guard_formula("=1+1"), guard_formula("北京市")
    ("'=1+1", '北京市')
    >>> guard_formula("-5"), guard_formula("-5+cmd"), guard_formula("a;=1")
    ('-5', "'-5+cmd", "a;'=1")
    """
    if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text):
        return text
    guarded = _ACTIVE.sub(r"\g<0>'", text)
    return f"'{guarded}" if guarded.startswith(("\t", "\r", "\n")) else guarded


def write_csv(
    frame: pd.DataFrame,
    path: Path,
    *,
    index: bool = True,
    bom: bool = True,
    guard: bool = True,
) -> None:
    r"""Write a table as CSV: UTF-8, atomic, the same bytes for the same table.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table. Missing values become empty cells.
    path : pathlib.Path
        The file to write.
    index : bool, default True
        Write the index as first columns.
    bom : bool, default True
        Begin with a byte order mark: without it Excel on a Chinese system reads the file as
        GBK and garbles it. Turn off for programs that take the mark for text.
    guard : bool, default True
        Keep text cells and headings from being run as formulas, see :func:`guard_formula`.
        Numbers are left alone.

    Raises
    ------
    OSError
        The file cannot be written; the old one is untouched.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> write_csv(pd.DataFrame({"name": ["=cmd"], "score": [-1.5]}), path, index=False)
    >>> path.read_bytes()
    b"\xef\xbb\xbfname,score\r\n'=cmd,-1.5\r\n"
    """
    table = frame.reset_index() if index else frame
    if guard:
        table = pd.DataFrame(
            {i: [_guarded(cell) for cell in table.iloc[:, i]] for i in range(table.shape[1])},
            index=table.index,
            dtype=object,
        ).set_axis([_guarded(name) for name in table.columns], axis=1)
    buffer = io.StringIO()
    # RFC 4180 line ends; with a bare LF a lone CR inside a cell would go unquoted.
    table.to_csv(buffer, index=False, lineterminator="\r\n")
    # Names of files may hold bytes that are no text; they show as escapes.
    data = buffer.getvalue().encode("utf-8-sig" if bom else "utf-8", errors="backslashreplace")
    write_bytes(path, data)


def _guarded(cell: object) -> object:
    return guard_formula(cell) if isinstance(cell, str) else cell
