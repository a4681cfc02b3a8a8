"""Figures as tables show them: the digits that count, no exponents but for the tiniest."""

import math
from typing import Final

from suanli.analysis.conclusion import p_text

__all__ = ["figure_text", "short_p"]

_THOUSAND: Final = 1000.0
_TINY: Final = 1e-4


def figure_text(value: float) -> str:
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
    >>> [figure_text(x) for x in (12345.6, 105.72, 0.4444, 0.00281, -6.3e-6, float("nan"))]
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
