"""Figures as they are printed: rounded alike, with true signs, and no sign before zero."""

import math
import re
from dataclasses import fields, replace
from typing import Any, Final

from suanli.publish.edition import Edition
from suanli.report.document import (
    Bullets,
    Column,
    Document,
    Note,
    Paragraph,
    Picture,
    Section,
    Table,
)

__all__ = [
    "MISSING",
    "number",
    "p_cell",
    "percent",
    "signed",
    "span",
    "tidied",
]

MISSING: Final = "–"
"""What stands where there is no number."""

_ZERO: Final = re.compile(r"(?<![\w.])[-+−](0(?:\.0+)?)(?![\d.])")
_MINUS: Final = re.compile(r"(?<![\w.\-)\]）])-(?=\d)")
_PERCENT: Final = re.compile(r"(?<=\d) %")
_KEPT: Final = frozenset({"key", "path", "align", "lang"})


def number(value: float, digits: int = 2) -> str:
    """Write a score or another figure.

    Parameters
    ----------
    value : float
        The figure.
    digits : int
        Decimals.

    Returns
    -------
    str
        A dash where it is missing; zero has no sign.

    Examples
    --------
    >>> number(12.345, 1), number(-0.001), number(float("nan"))
    ('12.3', '0.00', '–')
    """
    return MISSING if math.isnan(value) else _plain(f"{value:.{digits}f}")


def signed(value: float, digits: int = 2) -> str:
    """Write a difference with its sign.

    Parameters
    ----------
    value : float
        The difference.
    digits : int
        Decimals.

    Returns
    -------
    str
        A dash where it is missing; zero has no sign.

    Examples
    --------
    >>> signed(1.5, 1), signed(-1.5, 1), signed(-0.001)
    ('+1.5', '−1.5', '0.00')
    """
    return MISSING if math.isnan(value) else _plain(f"{value:+.{digits}f}")


def p_cell(p: float) -> str:
    """Write a p-value for a column of a table.

    Parameters
    ----------
    p : float
        The p-value.

    Returns
    -------
    str
        Two significant digits, kept when they are zeros; a dash where it is undefined.

    Examples
    --------
    >>> p_cell(0.2), p_cell(0.00002), p_cell(0.0743), p_cell(1.0)
    ('0.20', '0.000020', '0.074', '1.0')
    """
    if math.isnan(p):
        return MISSING
    digits = 1 - math.floor(math.log10(p)) if 0 < p < 1 else 1
    # Rounding may carry into the digit before: 0.0999 is 0.10.
    rounded = round(p, digits)
    digits = 1 - math.floor(math.log10(rounded)) if 0 < rounded < 1 else 1
    return f"{rounded:.{digits}f}"


def percent(share: float) -> str:
    """Write a share in whole percent.

    Parameters
    ----------
    share : float
        Between 0 and 1.

    Returns
    -------
    str
        Never 100 % or 0 % where it is only nearly so.

    Examples
    --------
    >>> percent(0.534), percent(0.999), percent(1.0), percent(0.001), percent(float("nan"))
    ('53%', '>99%', '100%', '<1%', '–')
    """
    if math.isnan(share):
        return MISSING
    said = f"{share:.0%}"
    if said == "100%" and share < 1:
        return ">99%"
    return "<1%" if said == "0%" and share > 0 else said


def span(edition: Edition, low: float, high: float) -> str:
    """Write the interval of a rank.

    Parameters
    ----------
    edition : Edition
        What is published.
    low, high : float
        Its ends; half ranks occur where ties share the mean.

    Returns
    -------
    str
        Such as ``2–5``; a dash where it is unknown.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> span(sample_edition(), 2.0, 5.0)
    '2–5'
    """
    if math.isnan(low) or math.isnan(high):
        return MISSING
    return edition.text("maps.interval", low=f"{low:g}", high=f"{high:g}")


def tidied(thing: Any) -> Any:
    """Set signs in every text of a document as they are printed.

    Sentences of the analysis bring their own formats: a slope of -0.001 comes as ``-0.00``.

    Parameters
    ----------
    thing : Document or Section or Block
        Any part of a document, a text, or a tuple of such.

    Returns
    -------
    Document or Section or Block
        The same with true minus signs, and no sign before zero.

    Examples
    --------
    >>> tidied("-0.00 to +0.12, -1.5, 2021-12-20 (p <= 0.05, 95 %)")
    '0.00 to +0.12, −1.5, 2021-12-20 (p ≤ 0.05, 95%)'
    """
    if isinstance(thing, str):
        return _PERCENT.sub("%", _plain(thing)).replace("<= ", "≤ ")
    if isinstance(thing, tuple):
        return tuple(tidied(part) for part in thing)
    if isinstance(
        thing, Document | Section | Table | Picture | Paragraph | Note | Bullets | Column
    ):
        names = [field.name for field in fields(thing) if field.name not in _KEPT]
        return replace(thing, **{name: tidied(getattr(thing, name)) for name in names})
    return thing


def _plain(text: str) -> str:
    return _MINUS.sub("−", _ZERO.sub(r"\1", text))
