"""Years that a spreadsheet made dates of."""

import datetime as dt
import re
from typing import Final

__all__ = ["dated_year"]

_DATE: Final = re.compile(
    r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[ T]0?0:00(?::00)?)?"
)
# The day that Excel counts from: a bare 2023 in a cell of dates shows as a day in 1905.
_FIRST_DAY: Final = dt.date(1899, 12, 30)
_COUNTED: Final = 1905
_ENDS: Final = frozenset({(1, 1), (12, 31)})


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
