"""Rows of values that stand one line too high or too low."""

from dataclasses import dataclass
from typing import Final

import numpy as np

__all__ = ["Displaced", "displaced"]

_FEW: Final = 5
_TIES: Final = 3
_NEAR, _APART = 0.05, 0.2
"""Decimal exponents by which rows agree with others, and by which they do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Displaced:
    """A stretch of rows that fits when moved.

    Attributes
    ----------
    rows : slice
        Where it stands.
    straight, moved : float
        Correlation of its logarithms with the others, as it stands and when moved.
    """

    rows: slice
    straight: float
    moved: float


def displaced(now: np.ndarray, then: np.ndarray) -> Displaced | None:
    """Find a stretch of rows that fits other values much better when moved by one row.

    Parameters
    ----------
    now, then : numpy.ndarray
        Decimal logarithms of values and of what they should be like, in the order in which
        tables list the units; NaN where there is none.

    Returns
    -------
    Displaced or None
        The first found, moved down or up; None where none of five rows or more is.

    Examples
    --------
    >>> then = np.log10([1.0, 20, 3, 400, 5, 60, 7, 800])
    >>> displaced(np.roll(then, 1), then).rows
    slice(0, 8, None)
    >>> displaced(then, then) is None
    True
    """
    for step in (1, -1):
        rolled = np.roll(then, step)
        found = _stretch(np.abs(now - then), np.abs(now - rolled))
        if found is not None:
            rows = slice(*found)
            straight, moved = _agreement(now, then, rows), _agreement(now, rolled, rows)
            return Displaced(rows=rows, straight=straight, moved=moved)
    return None


def _stretch(straight: np.ndarray, moved: np.ndarray) -> tuple[int, int] | None:
    """Return the stretch of rows that fit much better when moved, if there is one."""
    gain = np.where(np.isfinite(straight) & np.isfinite(moved), straight - moved, 0.0)
    # Greatest sum of a contiguous stretch, by Kadane.
    best, total, start, found = 0.0, 0.0, 0, (0, 0)
    for i, value in enumerate(gain):
        if total <= 0:
            total, start = 0.0, i
        total += value
        if total > best:
            best, found = total, (start, i + 1)
    first, last = found
    if last - first < _FEW:
        return None
    apart = np.nanmedian(straight[first:last])
    near = np.nanmedian(moved[first:last])
    return found if near < _NEAR and apart > _APART else None


def _agreement(now: np.ndarray, then: np.ndarray, part: slice) -> float:
    both = np.isfinite(now[part]) & np.isfinite(then[part])
    if both.sum() < _TIES or np.ptp(now[part][both]) == 0 or np.ptp(then[part][both]) == 0:
        return 0.0
    return float(np.corrcoef(now[part][both], then[part][both])[0, 1])
