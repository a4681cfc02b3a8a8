"""Titles and headings that speak of part of a year."""

import re
from typing import Final

from suanli.intake.brackets import plain_title
from suanli.intake.findings import Ledger, Place
from suanli.intake.layout import Layout

__all__ = ["part_of_year", "refuse_parts"]

_PART: Final = re.compile(
    r"(?:前[两二三23]个?|第?[一二三四1-4])季度|前三季|[上下]半年|前(?:\d{1,2}|[二三四五六七八九十]+)个?月"
    r"|\d{1,2}(?:-|—|–|~|至|到)\d{1,2}月|\d{1,2}月份"
)
_WHOLE: Final = re.compile(
    r"(?:一|1)(?:-|—|–|~|至|到)(?:四季度|4季度|12月)|前(?:四|4)个?季度|前12个?月"
)


def part_of_year(text: str) -> str:
    """Return the words by which a text speaks of part of a year only.

    Parameters
    ----------
    text : str
        A title.

    Returns
    -------
    str
        Such as ``"前三季度"``; nothing where it speaks of all of a year, or of none.

    Examples
    --------
    >>> part_of_year("2023年前三季度各省GDP"), part_of_year("2023年1-12月"), part_of_year("2023年")
    ('前三季度', '', '')
    """
    plain = _WHOLE.sub("", re.sub(r"\s", "", plain_title(text)))
    found = _PART.search(plain)
    return found[0] if found else ""


def refuse_parts(layout: Layout, ledger: Ledger) -> None:
    """Refuse a table whose title says that its values are of part of a year.

    Parameters
    ----------
    layout : Layout
        The sheet understood.
    ledger : Ledger
        Takes what is found.

    Examples
    --------
    >>> from suanli.intake.layout import Titled
    >>> from suanli.intake.sheets import Sheet
    >>> sheet = Sheet(file="a.csv", rows=[["2023年上半年", ""], ["地区", "GDP"]], lines=[1, 2])
    >>> layout = Layout(sheet=sheet, headings=(), header_line=2, body=(), years=(), titled=Titled())
    >>> ledger = Ledger()
    >>> refuse_parts(layout, ledger)
    >>> ledger.findings[0].before
    '上半年'
    """
    sheet = layout.sheet
    place = Place(file=sheet.file, sheet=sheet.name)
    titles = [(place, sheet.name)]
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) == 1:
            titles.append((Place(file=sheet.file, sheet=sheet.name, row=line), filled[0]))
        if line == layout.header_line:
            break
    for at, text in titles:
        words = part_of_year(text)
        if words:
            ledger.add("part_of_year", at, words)
            return
