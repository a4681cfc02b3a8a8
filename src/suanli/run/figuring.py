"""Numbers and their units as text."""

import math
from collections.abc import Iterable
from typing import Final

import pandas as pd

from suanli.analysis.conclusion import p_text
from suanli.publish.measures import unit_text

__all__ = ["MISSING", "digits_text", "figure", "marked", "seen", "short_p", "signed", "unit_text"]

MISSING: Final = "–"
"""What stands where there is no number."""

_THOUSAND: Final = 1000
_TINY: Final = 1e-4
_HALF: Final = 0.005
"""What two decimals round to nothing."""


def figure(value: float) -> str:
    """Write a value with about four digits.

    Parameters
    ----------
    value : float
        Any number.

    Returns
    -------
    str
        An en dash where it is missing.

    Examples
    --------
    >>> figure(12345.6), figure(0.012345), figure(float("nan"))
    ('12,346', '0.01235', '–')
    """
    if math.isnan(value):
        return MISSING
    return f"{value:,.0f}" if abs(value) >= _THOUSAND else f"{value + 0.0:.4g}"


def marked(values: Iterable[float], methods: Iterable[str]) -> list[str]:
    """Write values, those that a method made with an asterisk.

    Parameters
    ----------
    values : Iterable[float]
        Numbers.
    methods : Iterable[str]
        What made each, or empty.

    Returns
    -------
    list[str]
        One text per value.

    Examples
    --------
    >>> marked([1.0, 2.0], ["", "linear"])
    ['1', '2*']
    """
    return [figure(v) + ("*" if m else "") for v, m in zip(values, methods, strict=True)]


def signed(value: float) -> str:
    """Write points with their sign and two decimals; what rounds to nothing has no sign.

    Parameters
    ----------
    value : float
        Points.

    Returns
    -------
    str
        ``-`` where they are missing.

    Examples
    --------
    >>> signed(1.5), signed(-0.001), signed(0.004), signed(float("nan"))
    ('+1.50', '0.00', '0.00', '–')
    """
    if math.isnan(value):
        return MISSING
    return "0.00" if f"{abs(value):.2f}" == "0.00" else f"{value:+.2f}"


def seen(frame: pd.DataFrame) -> pd.DataFrame:
    """Take the sign off numbers that two decimals round to nothing.

    Parameters
    ----------
    frame : pandas.DataFrame
        A table to be printed.

    Returns
    -------
    pandas.DataFrame
        No number in it prints as ``-0.00``.

    Examples
    --------
    >>> seen(pd.DataFrame({"r": [-0.001, -0.5]}))["r"].to_list()
    [0.001, -0.5]
    """
    floats = frame.select_dtypes("float").columns
    told = frame.copy()
    told[floats] = frame[floats].mask(frame[floats].abs() < _HALF * 1.001, frame[floats].abs())
    return told


def digits_text(value: float) -> str:
    """Write a figure with three or four digits that count.

    Parameters
    ----------
    value : float
        The figure.

    Returns
    -------
    str
        Empty where it is missing.

    Examples
    --------
    >>> [digits_text(x) for x in (12345.6, 105.72, 0.4444, 0.00281, -6.3e-6, float("nan"))]
    ['12,346', '106', '0.444', '0.00281', '-6.3e-06', '']
    """
    number = float(value)
    if not math.isfinite(number):
        return ""
    size = abs(number)
    if size >= _THOUSAND:
        return f"{number:,.0f}"
    if size < _TINY:
        return f"{number:.1e}" if size else "0"
    digits = max(0, 2 - math.floor(math.log10(size)))
    return f"{number:.{min(digits, 5)}f}"


def short_p(value: float) -> str:
    """Write a p-value for a table.

    Parameters
    ----------
    value : float
        The p-value.

    Returns
    -------
    str
        Two digits that count; empty where it is missing.

    Examples
    --------
    >>> short_p(0.0432), short_p(1e-9), short_p(float("nan"))
    ('0.043', '<0.0001', '')
    """
    if not math.isfinite(float(value)):
        return ""
    return "<0.0001" if value < _TINY else p_text(float(value), digits=2)
