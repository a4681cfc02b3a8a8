"""Aggregation of many replicates at once; the formulas are those of ``evaluation.aggregate``.

Sums run child by child in the order of the profile, as the plain path sums them: equal rows
get equal bits, so that ties stay ties, and no library of linear algebra decides the last one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["COMPARING", "KERNELS", "DomainError", "Siblings"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

COMPARING: Final = frozenset({"copeland", "topsis", "bod"})
"""Aggregations whose score of a unit depends on the others; the rest take each unit by itself."""

_DUST: Final = 1e-12


class DomainError(ValueError):
    """A score is out of the domain of a mean."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Siblings:
    """The children of one node in a batch of replicates.

    Attributes
    ----------
    values : Sequence[numpy.ndarray]
        Scores of each child, shape (replicates, units), or (1, units) where all replicates
        have the same; missing is NaN.
    weights : numpy.ndarray
        Local weights, shape (replicates, children); 0 for a child left out.
    kept : numpy.ndarray
        Booleans, shape (replicates, children): False for a child left out.
    power : float
        Exponent of the power mean.
    penalty : {"minus", "plus"}
        Whether unevenness is taken off the mean of Mazziotta and Pareto or added to it.
    """

    values: Sequence[Floats]
    weights: Floats
    kept: Bools
    power: float = 1.0
    penalty: Literal["minus", "plus"] = "minus"

    @property
    def shape(self) -> tuple[int, int]:
        """Replicates and units.

        Returns
        -------
        tuple[int, int]
            Shape of the aggregated scores.
        """
        return len(self.weights), self.values[0].shape[1]


def _mean(given: Siblings, values: Sequence[Floats]) -> Floats:
    """Weigh values over those present."""
    total = np.zeros(given.shape)
    term = np.empty(given.shape)
    # A sum is missing if any of its terms is: one pass instead of two.
    gaps = [np.isnan(value) if np.isnan(value.sum()) else None for value in values]
    some = any(gap is not None for gap in gaps)
    present = np.zeros(given.shape if some else (given.shape[0], 1))
    for place, (value, gap) in enumerate(zip(values, gaps, strict=True)):
        weight = given.weights[:, place, None]
        np.multiply(weight, value if gap is None else np.where(gap, 0.0, value), out=term)
        total += term
        present += weight if gap is None else np.where(gap, 0.0, weight)
    if not (present > 0).all():
        present = np.where(present > 0, present, np.nan)
    total /= present
    return total


def _arithmetic(given: Siblings) -> Floats:
    return _mean(given, given.values)


def _geometric(given: Siblings) -> Floats:
    _inside(given, positive=True)
    return np.exp(_mean(given, [np.log(value) for value in given.values]))


def _harmonic(given: Siblings) -> Floats:
    return _raised(given, -1.0)


def _power(given: Siblings) -> Floats:
    return _geometric(given) if given.power == 0 else _raised(given, given.power)


def _raised(given: Siblings, power: float) -> Floats:
    _inside(given, positive=power < 0)
    means = _mean(given, [np.power(value, power) for value in given.values])
    return np.power(means, 1.0 / power)


def _ampi(given: Siblings) -> Floats:
    _inside(given, positive=True)
    mean = _mean(given, given.values)
    uneven = _mean(given, [(value - mean) ** 2 for value in given.values]) / mean
    return mean + uneven if given.penalty == "plus" else mean - uneven


def _inside(given: Siblings, *, positive: bool) -> None:
    for value in given.values:
        # Comparisons with NaN are False: missing is inside.
        if bool((value <= 0).any() if positive else (value < 0).any()):
            raise DomainError


def _topsis(given: Siblings) -> Floats:
    present = [~np.isnan(value) for value in given.values]
    weights = [given.weights[:, place, None] for place in range(len(given.values))]
    whole = np.zeros(given.shape)
    for weight, here in zip(weights, present, strict=True):
        whole += weight * here
    best, worst = np.zeros(given.shape), np.zeros(given.shape)
    for value, weight, here in zip(given.values, weights, present, strict=True):
        share = np.divide(weight, whole, out=np.zeros(given.shape), where=whole > 0)
        # fmax and fmin pass missing values over without a word.
        high = np.fmax.reduce(value, axis=1, keepdims=True)
        low = np.fmin.reduce(value, axis=1, keepdims=True)
        best += np.where(here, ((value - high) * share) ** 2, 0.0)
        worst += np.where(here, ((value - low) * share) ** 2, 0.0)
    best, worst = np.sqrt(best), np.sqrt(worst)
    total = best + worst
    closeness: Floats = worst / np.where((whole > 0) & (total > 0), total, np.nan)
    return closeness


def _copeland(given: Siblings) -> Floats:
    rows, units = given.shape
    balance = np.zeros((rows, units, units))
    some = np.zeros((rows, units), dtype=bool)
    for place, value in enumerate(given.values):
        higher = np.nan_to_num(np.sign(value[:, :, None] - value[:, None, :]))
        balance += given.weights[:, place, None, None] * higher
        some |= given.kept[:, place, None] & ~np.isnan(value)
    balance[np.abs(balance) < _DUST] = 0.0
    return np.where(some, np.add.reduce(np.sign(balance), axis=2), np.nan)


KERNELS: Final[Mapping[str, Callable[[Siblings], Floats]]] = MappingProxyType(
    {
        "arithmetic": _arithmetic,
        "geometric": _geometric,
        "harmonic": _harmonic,
        "power": _power,
        "ampi": _ampi,
        "topsis": _topsis,
        "copeland": _copeland,
    }
)
"""Aggregations that are computed for many replicates at once; the others one by one."""
