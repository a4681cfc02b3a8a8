"""Group means and the gap between two groups, with bootstrap intervals."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.grouping import group
from geo.statistics.significance import check_rng
from geo.weights.construction import name_labels

__all__ = ["GroupContrast", "bootstrap_interval", "group_contrast", "group_means"]

Floats = NDArray[np.float64]
Interval = tuple[float, float]

_BLOCK = 1 << 20
_FEWEST_REPLICATES = 99
_TAILS = (0.025, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupContrast:
    """Means of two groups, their difference and ratio, with 95 % bootstrap intervals.

    Parameters
    ----------
    a, b : Any
        Names of the groups.
    n_a, n_b : int
        Their numbers of units.
    mean_a, mean_b : float
        Their means.
    difference : float
        ``mean_a - mean_b``.
    difference_interval : tuple of float
        Its percentile interval.
    ratio : float
        ``mean_a / mean_b``; NaN where a value of the two groups is negative or ``mean_b`` is
        zero.
    ratio_interval : tuple of float
        Its percentile interval.
    replicates : int
        Number of bootstrap replicates.
    """

    a: Any
    b: Any
    n_a: int
    n_b: int
    mean_a: float
    mean_b: float
    difference: float
    difference_interval: Interval
    ratio: float
    ratio_interval: Interval
    replicates: int


def group_means(
    values: pd.Series,
    groups: pd.Series,
    *,
    replicates: int = 9_999,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Describe every group: size, mean with interval, median.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit.
    groups : pandas.Series
        Group of each unit.
    replicates : int, default 9_999
        Number of bootstrap replicates, at least 99.
    rng : numpy.random.Generator
        Source of the replicates.

    Returns
    -------
    pandas.DataFrame
        One row per group in sorted order: ``n``, ``mean``, ``lower``, ``upper`` (95 %
        percentile bootstrap of the mean), ``median``.

    Raises
    ------
    geo.errors.StatisticsError
        Labels do not match, values are missing, or replicates are too few.

    Examples
    --------
    >>> values = pd.Series({"a": 1.0, "b": 3.0, "c": 8.0})
    >>> groups = pd.Series({"a": "west", "b": "west", "c": "east"})
    >>> group_means(values, groups, rng=np.random.default_rng(1))["mean"].to_dict()
    {'east': 8.0, 'west': 2.0}
    """
    check_replicates(replicates)
    runs = group(values, groups)
    rows = []
    for start, size in zip(runs.starts, runs.sizes, strict=True):
        members = runs.values[start : start + size]
        lower, upper = bootstrap_interval(members, replicates, rng=rng)
        rows.append((int(size), float(members.mean()), lower, upper, float(np.median(members))))
    return pd.DataFrame(rows, index=runs.names, columns=["n", "mean", "lower", "upper", "median"])


def group_contrast(
    values: pd.Series,
    groups: pd.Series,
    *,
    a: Any,
    b: Any,
    replicates: int = 9_999,
    rng: np.random.Generator,
) -> GroupContrast:
    """Compare the means of two groups.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit.
    groups : pandas.Series
        Group of each unit; there may be more than two.
    a, b : hashable
        The two groups; the contrast is of ``a`` against ``b``.
    replicates : int, default 9_999
        Number of bootstrap replicates, at least 99.
    rng : numpy.random.Generator
        Source of the replicates.

    Returns
    -------
    GroupContrast
        Difference and ratio of the means with 95 % intervals.

    Raises
    ------
    geo.errors.StatisticsError
        A group is unknown, labels do not match, or values are missing.

    Notes
    -----
    Percentile bootstrap, units drawn within each group. In groups of a handful of units the
    interval is too narrow, as any bootstrap of so few.

    References
    ----------
    .. [1] Efron and Tibshirani (1993), An Introduction to the Bootstrap, Chapman and Hall,
       ch. 13.

    Examples
    --------
    >>> values = pd.Series({"a": 1.0, "b": 3.0, "c": 8.0})
    >>> groups = pd.Series({"a": "west", "b": "west", "c": "east"})
    >>> rng = np.random.default_rng(1)
    >>> gap = group_contrast(values, groups, a="east", b="west", rng=rng)
    >>> gap.difference, gap.ratio, gap.difference_interval
    (6.0, 4.0, (5.0, 7.0))
    """
    check_replicates(replicates)
    runs = group(values, groups)
    unknown = [name for name in (a, b) if name not in runs.names]
    if unknown:
        raise StatisticsError(
            f"no unit belongs to {name_labels(unknown)}; the groups are {name_labels(runs.names)}",
            code="statistics.group_unknown",
            groups=unknown,
            unknown=name_labels(unknown),
            known=name_labels(runs.names),
        )
    members = []
    for name in (a, b):
        where = runs.names.get_loc(name)
        members.append(runs.values[runs.starts[where] :][: runs.sizes[where]])
    means = [np.concatenate(list(_resampled_means(one, replicates, rng))) for one in members]
    mean_a, mean_b = (float(one.mean()) for one in members)
    comparable = mean_b > 0.0 and all((one >= 0.0).all() for one in members)
    ratio, ratio_interval = float("nan"), (float("nan"), float("nan"))
    if comparable:
        ratio = mean_a / mean_b
        # A resample of zeros alone sends the ratio to infinity, and the interval says so.
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = means[0] / means[1]
        ratio_interval = _percentiles(np.where(np.isnan(ratios), np.inf, ratios))
    return GroupContrast(
        a=a,
        b=b,
        n_a=len(members[0]),
        n_b=len(members[1]),
        mean_a=mean_a,
        mean_b=mean_b,
        difference=mean_a - mean_b,
        difference_interval=_percentiles(means[0] - means[1]),
        ratio=ratio,
        ratio_interval=ratio_interval,
        replicates=replicates,
    )


def bootstrap_interval(values: Floats, replicates: int, *, rng: np.random.Generator) -> Interval:
    """Return the 95 % percentile bootstrap interval of a mean.

    Parameters
    ----------
    values : numpy.ndarray
        Sample, at least one number.
    replicates : int
        Number of replicates.
    rng : numpy.random.Generator
        Source of the replicates.

    Returns
    -------
    tuple of float
        Lower and upper bound.

    Examples
    --------
    >>> bootstrap_interval(np.array([2.0, 2.0]), 99, rng=np.random.default_rng(1))
    (2.0, 2.0)
    """
    return _percentiles(np.concatenate(list(_resampled_means(values, replicates, rng))))


def _resampled_means(values: Floats, replicates: int, rng: np.random.Generator) -> Iterator[Floats]:
    check_rng(rng)
    rows = max(1, _BLOCK // len(values))
    for start in range(0, replicates, rows):
        drawn = rng.integers(0, len(values), (min(rows, replicates - start), len(values)))
        yield values[drawn].mean(axis=1)


def _percentiles(sample: Floats) -> Interval:
    # "inverted_cdf" names a replicate that occurred, so infinite ones do no harm.
    lower, upper = np.quantile(sample, _TAILS, method="inverted_cdf")
    return float(lower), float(upper)


def check_replicates(replicates: int) -> None:
    if replicates < _FEWEST_REPLICATES:
        raise StatisticsError(
            f"at least {_FEWEST_REPLICATES} replicates are needed, got {replicates}",
            code="statistics.replicates",
            replicates=replicates,
            fewest=_FEWEST_REPLICATES,
        )
