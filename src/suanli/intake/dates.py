"""Years that a spreadsheet made dates of, and moments within a year."""

import datetime as dt
import re
import unicodedata
from typing import Final

from suanli.intake.brackets import plain_title, spoken_years

__all__ = ["dated_within", "dated_year", "moment_in", "part_of_year", "without_whole_year"]

_DATE: Final = re.compile(
    r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[ T]0?0:00(?::00)?)?"
)
# The day that Excel counts from: a bare 2023 in a cell of dates shows as a day in 1905.
_FIRST_DAY: Final = dt.date(1899, 12, 30)
_COUNTED: Final = 1905
_ENDS: Final = frozenset({(1, 1), (12, 31)})
_MOMENT: Final = re.compile(r"(?:19|20)\d\d\s*年\s*(\d{1,2})\s*月\s*(?:(\d{1,2})\s*日|(末|底))?")
_LAST: Final = 12
_PART: Final = re.compile(
    r"(?:前[两二三23]个?|第?[一二三四1-4])季度|前三季|[上下]半年|前(?:\d{1,2}|[二三四五六七八九十]+)个?月"
    r"|\d{1,2}(?:-|—|–|~|至|到)\d{1,2}月|\d{1,2}月份|(?<=\d\d)年?(?:[Hh][12]|[Qq][1-4])(?![\dA-Za-z])"
)
# A figure of one month, unlike one of the moment at its end.
_MONTH: Final = re.compile(
    r"(?<!截至)(?<!截止)(?:19|20)\d\d年(\d{1,2}月)(?!末|底|份|\d)(?=[\u4e00-\u9fff])"
)
_WHOLE: Final = re.compile(
    r"(?:一|1)(?:-|—|–|~|至|到)(?:四季度|4季度|12月)|前(?:四|4)个?季度|前12个?月"
)


def dated_within(text: str) -> bool:
    """Tell whether a text is a date within a year, such as the end of a quarter.

    Parameters
    ----------
    text : str
        A heading.

    Returns
    -------
    bool
        Whether it is a date that stands for no year.

    Examples
    --------
    >>> dated_within("2023-03-31 00:00:00"), dated_within("2023-12-31"), dated_within("2023")
    (True, False, False)
    """
    return _DATE.fullmatch(text.strip()) is not None and not dated_year(text)


def moment_in(text: str) -> str:
    """Return the words by which a text speaks of a moment before the end of a year.

    Parameters
    ----------
    text : str
        A title or heading.

    Returns
    -------
    str
        Such as ``"2024年6月末"``; nothing where it names the end of a year, or no month.

    Examples
    --------
    >>> moment_in("截至2024年6月底在用机架"), moment_in("2023年12月末"), moment_in("2023年")
    ('2024年6月底', '', '')
    """
    found = _MOMENT.search(unicodedata.normalize("NFKC", text))
    if found is None or (found[1] == str(_LAST) and (found[2] == "31" or found[3])):
        return ""
    return found[0]


def dated_year(text: str) -> int:
    """Read the year that a date stands for: the first or last day of one, or its number of days.

    Parameters
    ----------
    text : str
        Such as ``"2023-12-31 00:00:00"``.

    Returns
    -------
    int
        The year; 0 where it is no such date: a day within a year may mean a month or a quarter.

    Examples
    --------
    >>> dated_year("2023-12-31 00:00:00"), dated_year("2023/1/1"), dated_year("2023-06-30")
    (2023, 2023, 0)
    >>> dated_year("1905-07-15 00:00:00")
    2023
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return 0
    try:
        day = dt.date(*map(int, found.groups()))
    except ValueError:
        return 0
    if day.year == _COUNTED:
        return (day - _FIRST_DAY).days
    return day.year if (day.month, day.day) in _ENDS else 0


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
    >>> part_of_year("2024年6月各省发电量"), part_of_year("截至2024年6月末在用机架")
    ('6月', '')
    """
    plain = _WHOLE.sub("", re.sub(r"\s", "", plain_title(text)))
    found = _PART.search(plain)
    month = _MONTH.search(plain) if spoken_years(plain) else None
    return found[0] if found else month[1] if month else ""


def without_whole_year(text: str) -> str:
    """Take off a heading the months of a whole year.

    Parameters
    ----------
    text : str
        A heading.

    Returns
    -------
    str
        The rest.

    Examples
    --------
    >>> without_whole_year("2023年1—12月发电量"), without_whole_year("1-11月发电量")
    ('2023年发电量', '1-11月发电量')
    """
    return re.sub(rf"(?<!\d)(?:{_WHOLE.pattern})(?:累计)?", "", text)
