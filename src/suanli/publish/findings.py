"""The report of what was found in files taken in: two tables and a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from geo.export.table import write_csv
from geo.storage import write_text
from suanli.intake.files import Intake
from suanli.publish.findings_page import render_findings
from suanli.text import Text, writable

__all__ = ["findings_summary", "findings_table", "write_findings"]

_COLUMNS: Final = (
    "file", "sheet", "row", "column", "rule", "action", "before", "after", "message",
)  # fmt: skip
_CSV: Final = "findings.csv"
_SUMMARY: Final = "findings_summary.csv"
_PAGE: Final = "findings.html"


def write_findings(
    intakes: Sequence[Intake], folder: Path, *, text: Text, names: Sequence[str] = ()
) -> list[Path]:
    r"""Write what was found in files: ``findings.csv``, its counts, and ``findings.html``.

    Parameters
    ----------
    intakes : Sequence[Intake]
        The files taken in.
    folder : pathlib.Path
        Where to write; created if absent.
    text : Text
        The words.
    names : Sequence[str]
        What the files are called on the page, in the order of ``intakes``; told from the
        findings by default.

    Returns
    -------
    list[pathlib.Path]
        ``findings.csv``, ``findings_summary.csv``, ``findings.html``. Equal findings give equal
        bytes.

    Raises
    ------
    OSError
        A file cannot be written; what stood in its place is untouched.

    Examples
    --------
    >>> import tempfile
    >>> from suanli.intake.files import read_file
    >>> from suanli.intake.names import Gazetteer
    >>> units = pd.DataFrame({"level": ["province"], "code": ["110000"], "name": ["北京市"],
    ...     "short_name": ["北京"], "kind": ["municipality"]})
    >>> indicators = pd.DataFrame({"indicator": ["gdp"], "level": ["province"],
    ...     "name_zh": ["地区生产总值"], "name_en": ["GRP"], "unit": ["亿元"],
    ...     "minimum": ["0"], "maximum": [""]})
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("地区,年份,地区生产总值（亿元）\n北京市,2023,无法提供")
    >>> taken = read_file(
    ...     folder / "a.csv", gazetteer=Gazetteer(units=units), indicators=indicators)
    >>> paths = write_findings([taken], folder / "report", text=Text("en"))
    >>> [path.name for path in paths]
    ['findings.csv', 'findings_summary.csv', 'findings.html']
    >>> pd.read_csv(paths[0])["rule"].to_list()
    ['not_a_number']
    """
    page = render_findings(intakes, text=text, names=names, csv=_CSV, summary=_SUMMARY)
    paths = [folder / name for name in (_CSV, _SUMMARY, _PAGE)]
    write_csv(findings_table(intakes, text=text), paths[0], index=False)
    write_csv(findings_summary(intakes, text=text), paths[1], index=False)
    write_text(paths[2], page)
    return paths


def findings_table(intakes: Sequence[Intake], *, text: Text) -> pd.DataFrame:
    """Return every finding listed, one a row.

    Parameters
    ----------
    intakes : Sequence[Intake]
        The files taken in.
    text : Text
        The words of the sentences.

    Returns
    -------
    pandas.DataFrame
        Columns ``file``, ``sheet``, ``row`` (missing where it concerns all), ``column``,
        ``rule``, ``action``, ``before``, ``after``, ``message``; file by file, in the order of
        sheets and rows.

    Examples
    --------
    >>> list(findings_table([], text=Text("en")))[:4]
    ['file', 'sheet', 'row', 'column']
    """
    rows = [
        (
            writable(found.place.file),
            writable(found.place.sheet),
            found.place.row or pd.NA,
            writable(found.place.column),
            found.rule,
            found.action,
            writable(found.before),
            writable(found.after),
            writable(found.problem().describe(text.lang)),
        )
        for taken in intakes
        for found in taken.ledger.in_place()
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"row": "Int64"})


def findings_summary(intakes: Sequence[Intake], *, text: Text) -> pd.DataFrame:
    """Count the findings by rule and column.

    Parameters
    ----------
    intakes : Sequence[Intake]
        The files taken in.
    text : Text
        The words.

    Returns
    -------
    pandas.DataFrame
        Columns ``file``, ``sheet``, ``column``, ``rule``, ``title`` (the rule in words),
        ``action``, ``count`` (all, also those not listed one by one).

    Examples
    --------
    >>> list(findings_summary([], text=Text("en")))
    ['file', 'sheet', 'column', 'rule', 'title', 'action', 'count']
    """
    names = ["file", "sheet", "column", "rule", "title", "action", "count"]
    counted = [
        taken.ledger.summary().assign(
            title=lambda table: [text(f"checked.rule.{rule}") for rule in table["rule"]]
        )[names]
        for taken in intakes
    ]
    return pd.concat(counted, ignore_index=True) if counted else pd.DataFrame(columns=names)
