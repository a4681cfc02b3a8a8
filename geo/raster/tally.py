"""Statistics of zones that come in parts, merged exactly."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.errors import RasterError

__all__ = ["STATISTICS", "Part", "Tally", "needs_values", "quantile_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STATISTICS: Final = (
    "mean",
    "sum",
    "integral",
    "min",
    "max",
    "stdev",
    "count",
    "area",
    "majority",
    "median",
)
"""Statistics by name; beside them ``p1`` to ``p99``, percentiles."""

_BYTES_OF_VALUE: Final = 16
_LARGEST: Final = 100.0
_EQUAL: Final = 1e-9


def quantile_of(statistic: str) -> float | None:
    """Return the share a statistic asks for, if it is a quantile.

    Parameters
    ----------
    statistic : str
        Its name.

    Returns
    -------
    float or None
        From 0 to 1, without either; None for other statistics.

    Examples
    --------
    >>> quantile_of("median"), quantile_of("p2.5"), quantile_of("mean")
    (0.5, 0.025, None)
    """
    if statistic == "median":
        return 0.5
    digits = statistic.removeprefix("p")
    if digits == statistic or not digits.replace(".", "", 1).isdecimal() or not digits.isascii():
        return None
    percent = float(digits)
    return percent / _LARGEST if 0 < percent < _LARGEST else None


class Part(NamedTuple):
    """Some cells of some zones, zone after zone.

    Attributes
    ----------
    zones : numpy.ndarray
        Positions of the zones.
    starts : numpy.ndarray
        Where the cells of each begin; no zone is without.
    values : numpy.ndarray
        Value of each cell; anything where its weight is 0.
    shares : numpy.ndarray
        Share of the cell inside the zone, 0 where the cell does not count.
    areas : numpy.ndarray
        Area of that share, km2; 0 where the cell does not count.
    weights : numpy.ndarray
        The area times the weight.
    """

    zones: IntArray
    starts: IntArray
    values: FloatArray
    shares: FloatArray
    areas: FloatArray
    weights: FloatArray


class Tally:
    """Statistics of zones over all their parts.

    Parameters
    ----------
    n : int
        How many zones.
    values : bool
        Whether to keep how much each value weighs, for quantiles and the majority.
    limit : int
        Bytes these may take.

    Notes
    -----
    Means and squared deviations of parts are merged by the formulas of Chan, Golub and LeVeque
    (1983), Algorithms for computing the sample variance, The American Statistician 37, 242-247,
    which lose no digits to large means.

    Examples
    --------
    >>> tally = Tally(1, values=False, limit=0)
    >>> one, zero = np.ones(1), np.zeros(1, dtype=np.int64)
    >>> for value in (1.0, 3.0):
    ...     tally.add(Part(zero, zero, value * one, one, one, one))
    >>> tally.result("mean")[0], tally.result("stdev")[0]
    (np.float64(2.0), np.float64(1.0))
    """

    def __init__(self, n: int, *, values: bool, limit: int) -> None:
        self.count, self.area, self.weight = np.zeros(n), np.zeros(n), np.zeros(n)
        self.sum, self.integral = np.zeros(n), np.zeros(n)
        self.mean, self.squares = np.zeros(n), np.zeros(n)
        self.low, self.high = np.full(n, np.inf), np.full(n, -np.inf)
        self._tables: list[tuple[FloatArray, FloatArray]] | None = None
        if values:
            self._tables = [(np.empty(0), np.empty(0))] * n
        self._room = limit // _BYTES_OF_VALUE
        self._held = 0

    def add(self, part: Part) -> None:
        """Add cells.

        Parameters
        ----------
        part : Part
            Cells not added before.

        Raises
        ------
        RasterError
            ``raster.too_many_values``: quantiles or the majority would need more memory than
            they may take.
        """
        zones, starts = part.zones, part.starts
        values = np.where(part.weights > 0, part.values, 0.0)
        weight = np.add.reduceat(part.weights, starts)
        safe = np.where(weight > 0, weight, 1.0)
        mean = np.add.reduceat(part.weights * values, starts) / safe
        counts = np.diff(np.append(starts, len(values)))
        off = values - np.repeat(mean, counts)
        squares = np.add.reduceat(part.weights * off**2, starts)
        self._merge(zones, weight, mean, squares)
        self.count[zones] += np.add.reduceat(part.shares, starts)
        self.area[zones] += np.add.reduceat(part.areas, starts)
        self.sum[zones] += np.add.reduceat(part.shares * values, starts)
        self.integral[zones] += np.add.reduceat(part.areas * values, starts)
        counted = part.weights > 0
        low = np.minimum.reduceat(np.where(counted, values, np.inf), starts)
        high = np.maximum.reduceat(np.where(counted, values, -np.inf), starts)
        self.low[zones] = np.minimum(self.low[zones], low)
        self.high[zones] = np.maximum(self.high[zones], high)
        if self._tables is not None:
            for zone, start, count in zip(zones, starts, counts, strict=True):
                own = slice(start, start + count)
                self._list(zone, values[own], part.weights[own])

    def _merge(
        self, zones: IntArray, weight: FloatArray, mean: FloatArray, squares: FloatArray
    ) -> None:
        before = self.weight[zones]
        total = before + weight
        safe = np.where(total > 0, total, 1.0)
        apart = np.where(weight > 0, mean - self.mean[zones], 0.0)
        self.squares[zones] += squares + apart**2 * before * weight / safe
        self.mean[zones] += apart * weight / safe
        self.weight[zones] = total

    def _list(self, zone: int, values: FloatArray, weights: FloatArray) -> None:
        tables = self._tables
        if tables is None:
            return
        counted = weights > 0
        known, known_weights = tables[zone]
        merged = np.concatenate([known, values[counted]])
        distinct, place = np.unique(merged, return_inverse=True)
        total = np.bincount(
            place, np.concatenate([known_weights, weights[counted]]), minlength=len(distinct)
        )
        self._held += len(distinct) - len(known)
        tables[zone] = distinct, np.asarray(total, dtype=np.float64)
        if self._held > self._room:
            raise RasterError(
                f"more than {self._room} different values lie under the zones: quantiles and "
                "the majority are exact and need each of them in memory. Allow more memory, ask "
                "for fewer zones at a time, or round the values of the raster",
                code="raster.too_many_values",
                limit=self._room,
                megabytes=round(self._room * _BYTES_OF_VALUE / 2**20),
            )

    def result(self, statistic: str) -> FloatArray:
        """Return a statistic of every zone.

        Parameters
        ----------
        statistic : str
            One of :data:`STATISTICS` or a percentile.

        Returns
        -------
        numpy.ndarray
            NaN where no cell counts; 0 then for ``count`` and ``area``.
        """
        if statistic in {"count", "area"}:
            return np.array(getattr(self, statistic))
        counted = self.weight > 0
        if statistic == "stdev":
            safe = np.where(counted, self.weight, 1.0)
            return np.where(counted, np.sqrt(self.squares / safe), np.nan)
        if statistic in {"min", "max"}:
            return np.where(counted, self.low if statistic == "min" else self.high, np.nan)
        if statistic in {"mean", "sum", "integral"}:
            return np.where(counted, getattr(self, statistic), np.nan)
        share = quantile_of(statistic)
        found = [
            _majority(values, weights) if share is None else _quantile(values, weights, share)
            for values, weights in self._tables or ()
        ]
        return np.array(found)


def _majority(values: FloatArray, weights: FloatArray) -> float:
    if not len(values):
        return float("nan")
    # Of equal shares the smaller value; sums of shares miss what they mean by some last digits.
    return float(values[np.argmax(weights >= weights.max() * (1 - _EQUAL))])


def _quantile(values: FloatArray, weights: FloatArray, share: float) -> float:
    if not len(values):
        return float("nan")
    reached = np.cumsum(weights)
    place = np.searchsorted(reached, share * reached[-1] * (1 - _EQUAL))
    return float(values[min(place, len(values) - 1)])


def needs_values(statistics: Sequence[str]) -> bool:
    """Tell whether statistics need every value.

    Parameters
    ----------
    statistics : Sequence[str]
        Their names.

    Returns
    -------
    bool
        True for quantiles and the majority.

    Examples
    --------
    >>> needs_values(["mean"]), needs_values(["mean", "p90"])
    (False, True)
    """
    return any(name == "majority" or quantile_of(name) is not None for name in statistics)
