"""Tables as CSV that a spreadsheet opens as text, never as formulas."""

import io
from pathlib import Path

import pandas as pd

from geo.storage import write_bytes

__all__ = ["guard_formula", "write_csv"]

# OWASP's list of leading characters, with their full-width forms.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guard_formula(text: str) -> str:
    """Return ``text`` with an apostrophe before it when a spreadsheet might run it.

    Parameters
    ----------
    text : str
        A text cell.

    Returns
    -------
    str
        The cell, safe to open.

    References
    ----------
    OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection

    Examples
    --------
    >>> guard_formula("=1+1"), guard_formula("北京市")
    ("'=1+1", '北京市')
    """
    return f"'{text}" if text.startswith(_DANGEROUS) else text


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
        Put an apostrophe before text cells and headings that begin with ``= + - @``, tab or
        line end, so that opening the file runs nothing. Numbers are left alone.

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
    write_bytes(path, buffer.getvalue().encode("utf-8-sig" if bom else "utf-8"))


def _guarded(cell: object) -> object:
    return guard_formula(cell) if isinstance(cell, str) else cell
