"""Cut the values of a choropleth into classes, once, and apply the cuts to any year.

The algorithms are written out here: they are short, exact and need nothing but numpy, while
importing mapclassify costs seconds and its Fisher-Jenks warns and slows down without numba.
The tests hold them to mapclassify.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import CartographyError

__all__ = ["SCHEMES", "Classes", "Scheme", "classify", "classify_together"]

Scheme = Literal[
    "fisher_jenks", "quantiles", "equal_interval", "std_mean", "head_tail", "box_map", "user"
]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
Vector: TypeAlias = NDArray[np.float64]
# A map reader tells seven shades apart; twelve is where every palette here ends.
MIN_CLASSES, MAX_CLASSES = 2, 12
# Jiang (2013): stop when the head is no longer a clear minority.
HEAD_SHARE = 0.4
# Tukey (1977): values further from the quartiles than this many interquartile ranges stand out.
HINGE = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Class limits and how many values fall into each class.

    Attributes
    ----------
    scheme : str
        Name of the classification scheme.
    lower : float
        Lowest value of the first class; NaN when every value is missing.
    breaks : tuple[float, ...]
        Upper limit of each class, ascending. A class is open below and closed above.
    counts : tuple[int, ...]
        Values in each class.
    missing : int
        Values that are missing and belong to no class.

    Examples
    --------
    >>> classes = classify(pd.Series([1.0, 2.0, 9.0, None]), k=2)
    >>> classes.lower, classes.breaks, classes.counts, classes.missing
    (1.0, (2.0, 9.0), (2, 1), 1)
    """

    scheme: str
    lower: float
    breaks: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int

    @property
    def k(self) -> int:
        """Number of classes, which may be smaller than what was asked for."""
        return len(self.breaks)

    def assign(self, values: pd.Series) -> pd.Series:
        """Return the class of each value, for these or for other values (another year).

        Parameters
        ----------
        values : pandas.Series
            Numbers; NaN is missing. Values outside the range fall into the end classes.

        Returns
        -------
        pandas.Series
            ``Int64`` positions from 0, same index; ``<NA>`` where the value is missing.

        Examples
        --------
        >>> classes = classify(pd.Series([1.0, 2.0, 9.0]), k=2)
        >>> classes.assign(pd.Series([0.0, 2.0, 99.0, None])).tolist()
        [0, 0, 1, <NA>]
        """
        numbers = _numbers(values)
        if not self.breaks:
            return pd.Series(pd.NA, index=values.index, dtype="Int64", name=values.name)
        position = np.searchsorted(np.asarray(self.breaks[:-1]), numbers, side="left")
        result = pd.Series(position, index=values.index, dtype="Int64", name=values.name)
        return result.mask(np.isnan(numbers))

    def count(self, values: pd.Series) -> tuple[int, ...]:
        """Count the values of each class, for these or for other values.

        Parameters
        ----------
        values : pandas.Series
            Numbers; NaN is missing.

        Returns
        -------
        tuple[int, ...]
            One count per class.

        Examples
        --------
        >>> classify(pd.Series([1.0, 2.0, 9.0]), k=2).count(pd.Series([8.0, 9.0]))
        (0, 2)
        """
        found = self.assign(values).value_counts()
        return tuple(int(found.get(position, 0)) for position in range(self.k))


def classify(
    values: pd.Series,
    *,
    scheme: Scheme = "fisher_jenks",
    k: int = 5,
    breaks: Sequence[float] | None = None,
) -> Classes:
    """Cut values into classes.

    Parameters
    ----------
    values : pandas.Series
        Numbers; NaN is missing.
    scheme : {"fisher_jenks", "quantiles", "equal_interval", "std_mean", "head_tail", "box_map", \
"user"}
        How to cut: natural breaks (least within-class squared deviation), equal counts, equal
        widths, mean and one and two standard deviations about it, means of ever smaller heads,
        the six classes of a box plot (below and above its whiskers, and the four quarters), or
        the given ``breaks``.
    k : int
        Number of classes, 2 to 12. Ignored by ``std_mean``, ``box_map`` and ``user``; an upper
        bound for ``head_tail``. Fewer distinct values give fewer classes.
    breaks : Sequence[float] or None
        Upper class limits, ascending, for the scheme ``user`` only.

    Returns
    -------
    Classes
        The limits and the counts.

    Raises
    ------
    CartographyError
        ``cartography.scheme``, ``cartography.class_count``, ``cartography.breaks`` or
        ``cartography.infinite``: the request or the values cannot be used.

    Notes
    -----
    Fisher (1958) by dynamic programming over the sorted distinct values, exact; head/tail
    breaks of Jiang (2013) with a head of at most 40 %; whiskers of 1.5 interquartile ranges.
    Empty classes are not kept, except those of a box map and those the user drew.

    Examples
    --------
    >>> classify(pd.Series(range(10)), scheme="equal_interval", k=3).breaks
    (3.0, 6.0, 9.0)
    >>> classify(pd.Series([1, 5, 20]), scheme="user", breaks=[2, 10]).breaks
    (2.0, 10.0, 20.0)
    """
    _check_request(scheme, k, breaks)
    numbers = _numbers(values)
    known = np.sort(numbers[~np.isnan(numbers)])
    missing = int(len(numbers) - len(known))
    if not len(known):
        return Classes(scheme=scheme, lower=float("nan"), breaks=(), counts=(), missing=missing)
    limits = _user(known, breaks) if breaks is not None else _SCHEMES[scheme](known, k)
    counts = np.diff(np.searchsorted(known, limits, side="right"), prepend=0)
    if breaks is None and scheme != "box_map":
        limits, counts = limits[counts > 0], counts[counts > 0]
    return Classes(
        scheme=scheme,
        lower=float(known[0]),
        breaks=tuple(float(limit) for limit in limits),
        counts=tuple(int(count) for count in counts),
        missing=missing,
    )


def classify_together(
    groups: Sequence[pd.Series],
    *,
    scheme: Scheme = "fisher_jenks",
    k: int = 5,
    breaks: Sequence[float] | None = None,
) -> Classes:
    """Cut several years, or several variables, into the same classes.

    Parameters
    ----------
    groups : Sequence[pandas.Series]
        Numbers of each year; NaN is missing.
    scheme : str
        As for :func:`classify`.
    k : int
        As for :func:`classify`.
    breaks : Sequence[float] or None
        As for :func:`classify`.

    Returns
    -------
    Classes
        Limits of all values together. :meth:`Classes.assign` applies them to one year.

    Raises
    ------
    CartographyError
        As :func:`classify`.

    Examples
    --------
    >>> early, late = pd.Series({"a": 1.0, "b": 2.0}), pd.Series({"a": 8.0, "b": 9.0})
    >>> classify_together([early, late], k=2).breaks
    (2.0, 9.0)
    """
    labelled = [
        group.set_axis([f"{place}:{label}" for label in group.index])
        for place, group in enumerate(groups)
    ]
    whole = pd.concat(labelled) if labelled else pd.Series(dtype="float64")
    return classify(whole, scheme=scheme, k=k, breaks=breaks)


def _check_request(scheme: str, k: int, breaks: Sequence[float] | None) -> None:
    if scheme != "user" and scheme not in _SCHEMES:
        names = [*_SCHEMES, "user"]
        raise CartographyError(
            f"unknown classification scheme {scheme!r}; choose one of {', '.join(names)}",
            code="cartography.scheme",
            scheme=scheme,
            expected=names,
        )
    if (scheme == "user") != (breaks is not None):
        raise CartographyError(
            "class limits go with the scheme 'user', and with no other",
            code="cartography.breaks",
            breaks=breaks,
        )
    if breaks is not None and not _ascending(breaks):
        raise CartographyError(
            f"class limits must be finite and ascending, got {list(breaks)}",
            code="cartography.breaks",
            breaks=list(breaks),
        )
    if not MIN_CLASSES <= k <= MAX_CLASSES:
        raise CartographyError(
            f"a map has 2 to {MAX_CLASSES} classes, got {k}",
            code="cartography.class_count",
            got=k,
            expected=f"2-{MAX_CLASSES}",
        )


def _ascending(breaks: Sequence[float]) -> bool:
    pairs = itertools.pairwise(breaks)
    return (
        0 < len(breaks) <= MAX_CLASSES
        and bool(np.isfinite(breaks).all())
        and all(low < high for low, high in pairs)
    )


def _numbers(values: pd.Series) -> Vector:
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(numbers).any():
        where = [str(label) for label in values.index[np.isinf(numbers)]]
        raise CartographyError(
            f"infinite values cannot be mapped: {', '.join(where[:5])}",
            code="cartography.infinite",
            units=where,
        )
    return numbers


def _fisher_jenks(known: Vector, k: int) -> Vector:
    distinct, counts = np.unique(known, return_counts=True)
    n = len(distinct)
    if n <= k:
        return distinct
    # Shifting by the mean keeps the sums of squares from cancelling.
    shifted = distinct - known.mean()
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    total = np.concatenate([[0.0], np.cumsum(counts * shifted)])
    square = np.concatenate([[0.0], np.cumsum(counts * shifted**2)])
    # best[j]: least squared deviation of the first j distinct values in the classes so far.
    best = square[1:] - total[1:] ** 2 / weight[1:]
    best = np.concatenate([[0.0], best])
    starts = np.zeros((k, n + 1), dtype=np.intp)
    for level in range(1, k):
        previous, best = best, np.full(n + 1, np.inf)
        for end in range(level + 1, n + 1):
            start = np.arange(level, end)
            inside = weight[end] - weight[start]
            deviation = square[end] - square[start] - (total[end] - total[start]) ** 2 / inside
            cost = previous[start] + deviation
            choice = int(np.argmin(cost))
            best[end], starts[level, end] = cost[choice], start[choice]
    ends = [n]
    for level in range(k - 1, 0, -1):
        ends.append(int(starts[level, ends[-1]]))
    limits: Vector = distinct[np.asarray(ends[::-1]) - 1]
    return limits


def _quantiles(known: Vector, k: int) -> Vector:
    shares = np.linspace(0, 1, k + 1)[1:]
    return np.unique(np.quantile(known, shares))


def _equal_interval(known: Vector, k: int) -> Vector:
    limits = np.linspace(known[0], known[-1], k + 1)[1:]
    limits[-1] = known[-1]
    return np.unique(limits)


def _std_mean(known: Vector, _: int) -> Vector:
    spread = known.std(ddof=1) if len(known) > 1 else 0.0
    limits = known.mean() + spread * np.array([-2.0, -1.0, 1.0, 2.0])
    return np.append(np.unique(limits[(limits > known[0]) & (limits < known[-1])]), known[-1])


def _head_tail(known: Vector, k: int) -> Vector:
    limits: list[float] = []
    part = known
    while len(limits) < k - 1:
        mean = part.mean()
        head = part[part > mean]
        if not len(head) or len(head) > HEAD_SHARE * len(part):
            break
        limits.append(mean)
        part = head
    return np.append(limits, known[-1])


def _box_map(known: Vector, _: int) -> Vector:
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    reach = HINGE * (high - low)
    top = max(known[-1], high + reach)
    return np.array([low - reach, low, middle, high, high + reach, top])


def _user(known: Vector, breaks: Sequence[float]) -> Vector:
    limits = np.asarray(breaks, dtype=np.float64)
    return limits if known[-1] <= limits[-1] else np.append(limits, known[-1])


_SCHEMES: dict[str, Callable[[Vector, int], Vector]] = {
    "fisher_jenks": _fisher_jenks,
    "quantiles": _quantiles,
    "equal_interval": _equal_interval,
    "std_mean": _std_mean,
    "head_tail": _head_tail,
    "box_map": _box_map,
}
