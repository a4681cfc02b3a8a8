"""The year of every row: from a column of years, else from a row above."""

import re
from typing import Final

import pandas as pd

from suanli.intake.dates import dated_within, moment_in, part_of_year, without_whole_year
from suanli.intake.findings import Ledger
from suanli.intake.forecasts import forecast_year
from suanli.intake.headings import year_of
from suanli.intake.layout import Layout
from suanli.intake.table import ANY_YEAR

__all__ = ["NO_YEAR", "years_of_rows"]

NO_YEAR: Final = -1
"""A year that was refused: values of it contradict nothing and repeat nothing."""

_MONTH: Final = re.compile(r"(?:19|20)\d\d\s*(?:年|[-/.])\s*(?:1[0-2]|0?[1-9])月?")


def years_of_rows(layout: Layout, column: int | None, ledger: Ledger) -> "pd.Series[float]":
    """Read the year of every row.

    Parameters
    ----------
    layout : Layout
        The sheet understood.
    column : int or None
        Position of the column of years, where there is one.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    pandas.Series
        Years by position of the row; NaN where no row above announced one, ``NO_YEAR`` where
        the column holds none.

    Examples
    --------
    >>> from suanli.intake.captions import Titled
    >>> from suanli.intake.headings import Heading
    >>> from suanli.intake.sheets import Sheet
    >>> sheet = Sheet(file="a.csv", lines=[1, 2, 3, 4],
    ...     rows=[["年份"], ["2022年"], ["2023年6月"], [""]])
    >>> layout = Layout(sheet=sheet, headings=(Heading(text="年份", role="year"),), header_line=1,
    ...     body=(1, 2, 3), years=(None, None, None), titled=Titled())
    >>> ledger = Ledger()
    >>> years_of_rows(layout, 0, ledger).to_list()
    [2022.0, -1.0, -1.0]
    >>> [finding.rule for finding in ledger.findings]
    ['year_text', 'part_of_year', 'year_blank']
    """
    if column is None:
        return pd.Series(layout.years, index=pd.Index(layout.body), dtype="float64")
    found = []
    read: dict[str, int | None] = {"0": ANY_YEAR, "0.0": ANY_YEAR}
    for i in layout.body:
        text = layout.sheet.rows[i][column].strip()
        if text not in read:
            read[text] = year_of(without_whole_year(text)) or forecast_year(text) or None
        year = read[text]
        if year is None:
            within = _within_year(text)
            why = "part_of_year" if within else "bad_year" if text else "year_blank"
            ledger.add(why, layout.place(i, column), text)
        elif year != ANY_YEAR and text != str(year) and not forecast_year(text):
            ledger.add("year_text", layout.place(i, column), text, year)
        found.append(NO_YEAR if year is None else year)
    return pd.Series(found, index=pd.Index(layout.body), dtype="float64")


def _within_year(text: str) -> bool:
    """Tell whether a text names a month, a quarter or a day within a year."""
    said = moment_in(text) or part_of_year(text)
    return bool(said) or dated_within(text) or _MONTH.fullmatch(text) is not None
