"""One figure of the table that a unit can change."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

import numpy as np

__all__ = ["Lever", "tidied"]

_DIGITS: Final = 6
_WHOLE: Final = 1000
_DUST: Final = 1e-3
"""Rounding to four digits, as values are printed, is not called implausible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One figure of the table that a unit can change, with all indicators computed from it.

    Attributes
    ----------
    id : str
        Its identifier in the table.
    year : int
        The year it is of.
    indicators : tuple[str, ...]
        Indicators of the profile that follow; the first one says how far and how costly.
    start : float
        The value now, in the table's unit.
    farthest : float
        The farthest value allowed.
    cap : float
        The way there, in observed ranges of the first indicator's scale (logarithms where the
        profile takes them).
    cost : float
        Cost of one such range.
    logged : bool
        Whether steps are equal in the logarithm.
    divisor : bool
        Whether it only stands below fraction bars: a population, an area.
    beyond : tuple[tuple[str, float], ...]
        Indicators, and the value from which on each is better than that of any unit.
    times : float
        Largest plausible multiple of the value now.
    given : bool
        Whether the user gave the farthest value.
    """

    id: str
    year: int
    indicators: tuple[str, ...]
    start: float
    farthest: float
    cap: float
    cost: float
    logged: bool
    divisor: bool
    beyond: tuple[tuple[str, float], ...]
    times: float
    given: bool

    @property
    def key(self) -> tuple[str, int]:
        """Where the value stands in the table.

        Returns
        -------
        tuple[str, int]
            Identifier and year.
        """
        return self.id, self.year

    @property
    def plausible_cap(self) -> float:
        """The step up to which nothing is implausible.

        Returns
        -------
        float
            Between 0 and ``cap``, which it is where the user gave the farthest value.
        """
        if self.given:
            return self.cap
        ends = [value for _, value in self.beyond]
        if self.start > 0:
            ends.append(self.start * (self.times if self.rising else 1.0 / self.times))
        return min([self.cap, *(self.step(tidied(end, self.start)) for end in ends)])

    @property
    def rising(self) -> bool:
        """Whether more is better.

        Returns
        -------
        bool
            False for what shall fall.
        """
        return self.farthest > self.start

    def value(self, step: float) -> float:
        """Return the value after a step.

        Parameters
        ----------
        step : float
            Between 0 and ``cap``.

        Returns
        -------
        float
            In the table's unit.

        Examples
        --------
        >>> lever = Lever(id="a", year=2023, indicators=("a",), start=1.0, farthest=9.0,
        ...               cap=0.5, cost=1.0, logged=False, divisor=False, beyond=(), times=3.0,
        ...               given=False)
        >>> lever.value(0.25), lever.step(5.0), lever.plausible_cap
        (5.0, 0.25, 0.125)
        """
        share = step / self.cap
        if share >= 1:
            return self.farthest
        if self.logged:
            ends = np.log([self.start, self.farthest])
            return float(np.exp(ends[0] + share * (ends[1] - ends[0])))
        return self.start + share * (self.farthest - self.start)

    def step(self, value: float) -> float:
        """Return the step that leads to a value.

        Parameters
        ----------
        value : float
            In the table's unit.

        Returns
        -------
        float
            At least 0; the inverse of :meth:`value`.
        """
        ends = np.array([self.start, self.farthest, value])
        if self.logged:
            ends = np.log(ends)
        return max(0.0, float((ends[2] - ends[0]) / (ends[1] - ends[0])) * self.cap)

    def printable(self, step: float, digits: int) -> float:
        """Return the value after a step as one can print it, rounded to the better side.

        Parameters
        ----------
        step : float
            Between 0 and ``cap``.
        digits : int
            Significant digits; from 1000 on at least whole numbers.

        Returns
        -------
        float
            Not beyond the farthest value.

        Examples
        --------
        >>> lever = Lever(id="a", year=2023, indicators=("a",), start=1.0, farthest=9.0,
        ...               cap=0.5, cost=1.0, logged=False, divisor=False, beyond=(), times=3.0,
        ...               given=False)
        >>> lever.printable(0.100001, 2)
        2.7
        """
        value = self.value(step)
        if step >= self.cap:
            return value
        rounded = _rounded(value, digits, up=self.rising)
        better = max if self.rising else min
        return self.farthest if better(rounded, self.farthest) == rounded else rounded

    def passed(self, value: float) -> tuple[str, ...]:
        """Return the indicators that would be better than those of any unit.

        Parameters
        ----------
        value : float
            In the table's unit.

        Returns
        -------
        tuple[str, ...]
            Identifiers.
        """
        sign = 1.0 if self.rising else -1.0
        return tuple(name for name, end in self.beyond if sign * (value - end) > _DUST * abs(end))

    def multiple(self, value: float) -> float:
        """Return how many times the value now another value is.

        Parameters
        ----------
        value : float
            In the table's unit.

        Returns
        -------
        float
            NaN where the value now is not positive.
        """
        return value / self.start if self.start > 0 else float("nan")

    def excessive(self, value: float) -> bool:
        """Tell whether a value is too many times, or too small a part of, the value now.

        Parameters
        ----------
        value : float
            In the table's unit.

        Returns
        -------
        bool
            False where the value now is not positive.
        """
        multiple, most = self.multiple(value), self.times * (1 + _DUST)
        return bool(multiple > most or multiple * most < 1)

    def plausible(self, value: float) -> bool:
        """Tell whether a value is within reason.

        Parameters
        ----------
        value : float
            In the table's unit.

        Returns
        -------
        bool
            False if it is too many times the value now, or an indicator would be better
            than that of any unit.
        """
        return not self.passed(value) and not self.excessive(value)


def tidied(value: float, start: float) -> float:
    """Round a computed end to six digits, back towards the start.

    Parameters
    ----------
    value : float
        The end.
    start : float
        The start.

    Returns
    -------
    float
        The end itself where that would lead past the start.

    Examples
    --------
    >>> tidied(8.87654321, 5.0), tidied(1.23456789, 5.0)
    (8.87654, 1.23457)
    """
    rounded = _rounded(value, _DIGITS, up=value < start)
    # Not past the start.
    return rounded if (rounded - start) * (value - start) > 0 else value


def _rounded(value: float, digits: int, *, up: bool) -> float:
    if value == 0 or not np.isfinite(value):
        return value
    places = digits - 1 - int(np.floor(np.log10(abs(value))))
    if abs(value) >= _WHOLE:
        places = max(places, 0)
    exact = Decimal(repr(float(value)))
    rounding = ROUND_CEILING if up else ROUND_FLOOR
    return float(exact.quantize(Decimal(1).scaleb(-places), rounding=rounding))
