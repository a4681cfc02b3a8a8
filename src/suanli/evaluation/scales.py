"""The scales an indicator can be put on; better is always higher."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from suanli.evaluation.posts import (
    Scaling,
    ampi_scale,
    better_up,
    dist2max,
    dist2ref,
    dist2target,
    distance_outside,
    goalposts,
    scaled,
    scaled_coinr,
)

__all__ = [
    "METHODS",
    "Scaling",
    "ampi_scale",
    "borda",
    "dist2max",
    "dist2ref",
    "dist2target",
    "distance_outside",
    "efficacy",
    "fracmax",
    "fracmax_coinr",
    "goalposts",
    "min_max",
    "percentile_rank",
    "rank",
    "scaled",
    "scaled_coinr",
    "share_of_sum",
    "vector",
    "zscore",
]


def min_max(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Stretch values linearly between ``lower`` and ``upper``.

    Parameters
    ----------
    values : pandas.Series
        One indicator, at least two distinct values.
    scaling : Scaling
        Direction, ``lower``, ``upper``.

    Returns
    -------
    pandas.Series
        Between ``lower`` and ``upper``; missing stays missing.

    Notes
    -----
    ``lower + (upper - lower) (x - min) / (max - min)``; ``down``: ``max - x`` for ``x - min``

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5

    Examples
    --------
    >>> min_max(pd.Series([1.0, 2, 5]), Scaling(direction="down")).to_list()
    [100.0, 75.0, 0.0]
    """
    low, high = float(values.min()), float(values.max())
    share = (values.to_numpy(dtype=float) - low) / (high - low)
    if scaling.direction == "down":
        share = 1.0 - share
    scores = scaling.lower + (scaling.upper - scaling.lower) * share
    return pd.Series(scores, index=values.index, name=values.name)


def fracmax(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Score each value as a fraction of the best.

    Parameters
    ----------
    values : pandas.Series
        One indicator: not negative and somewhere positive; positive where less is better.
    scaling : Scaling
        Direction.

    Returns
    -------
    pandas.Series
        Between 0 and 1, 1 for the best value.

    Notes
    -----
    ``x / max``; ``down``: ``min / x``

    Hwang and Yoon, Multiple Attribute Decision Making (1981), linear scale. COINr's
    ``n_fracmax`` turns the sign of ``x`` and divides by the maximum, so that where less is
    better its scores grow as values worsen; here the best value scores 1 in both directions.

    Examples
    --------
    >>> fracmax(pd.Series([1.0, 2, 4]), Scaling()).to_list()
    [0.25, 0.5, 1.0]
    >>> fracmax(pd.Series([1.0, 2, 4]), Scaling(direction="down")).to_list()
    [1.0, 0.5, 0.25]
    """
    if scaling.direction == "down":
        return float(values.min()) / values
    return values / float(values.max())


def fracmax_coinr(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Score each value as a fraction of the greatest as COINr does, signs turned beforehand.

    Parameters
    ----------
    values : pandas.Series
        One indicator, positive.
    scaling : Scaling
        Direction.

    Returns
    -------
    pandas.Series
        As :func:`fracmax` where more is better; otherwise from 1 upwards, more for the worse.

    Notes
    -----
    ``x / max``; ``down``: ``x / min``

    COINr 1.1.14, ``n_fracmax`` after ``directions``. Prefer ``fracmax``: here scores grow as
    values worsen where less is better.

    Examples
    --------
    >>> fracmax_coinr(pd.Series([1.0, 2, 4]), Scaling(direction="down")).to_list()
    [1.0, 2.0, 4.0]
    """
    turned = _better_up(values, scaling)
    return turned / float(turned.max())


def vector(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Divide by the length of the column as a vector, as TOPSIS was published with.

    Parameters
    ----------
    values : pandas.Series
        One indicator, at least two distinct values.
    scaling : Scaling
        Direction.

    Returns
    -------
    pandas.Series
        Between 0 and 1 where no value is negative.

    Notes
    -----
    ``x / sqrt(sum x^2)``; ``down``: 1 minus that

    Hwang and Yoon, Multiple Attribute Decision Making (1981)

    Examples
    --------
    >>> vector(pd.Series([3.0, 4]), Scaling(direction="down")).round(12).to_list()
    [0.4, 0.2]
    """
    share = values / float(np.sqrt((values**2).sum()))
    return 1.0 - share if scaling.direction == "down" else share


def share_of_sum(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Divide by the sum of the column.

    Parameters
    ----------
    values : pandas.Series
        One indicator: not negative and somewhere positive; positive where less is better.
    scaling : Scaling
        Direction.

    Returns
    -------
    pandas.Series
        Between 0 and 1, sums to 1.

    Notes
    -----
    ``x / sum x``; ``down``: ``(1 / x) / sum (1 / x)``

    Hwang and Yoon, Multiple Attribute Decision Making (1981); pymcdm's ``sum_normalization``

    Examples
    --------
    >>> share_of_sum(pd.Series([1.0, 3]), Scaling(direction="down")).to_list()
    [0.75, 0.25]
    """
    amounts = 1.0 / values if scaling.direction == "down" else values
    return amounts / float(amounts.sum())


def zscore(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Standardise to a mean and a sample standard deviation: 0 and 1 unless told otherwise.

    Parameters
    ----------
    values : pandas.Series
        One indicator, at least two distinct values.
    scaling : Scaling
        Direction, ``centre``, ``spread``.

    Returns
    -------
    pandas.Series
        Unbounded; ``centre`` is the mean.

    Notes
    -----
    ``centre + spread (x - mean) / s``, ``s`` with divisor ``n - 1``; ``mean - x`` where less is
    better

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5

    Examples
    --------
    >>> zscore(pd.Series([1.0, 2, 3]), Scaling(direction="down")).to_list()
    [1.0, 0.0, -1.0]
    """
    better = better_up(values, scaling)
    standard = (better - better.mean()) / better.std(ddof=1)
    return scaling.centre + scaling.spread * standard


def rank(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Replace values by their ranks, n for the best of n.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    scaling : Scaling
        Direction and tie rule.

    Returns
    -------
    pandas.Series
        From 1; missing stays missing and is not counted.

    Notes
    -----
    number of values no better than ``x``; equal values by the profile's ``ties``

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5. COINr's
    ``n_rank`` always takes ``min``.

    Examples
    --------
    >>> rank(pd.Series([5.0, 7, 7]), Scaling()).to_list()
    [1.0, 2.0, 2.0]
    """
    return better_up(values, scaling).rank(method=scaling.ties)


def borda(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Give one point for every unit that is left behind.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    scaling : Scaling
        Direction and tie rule.

    Returns
    -------
    pandas.Series
        From 0.

    Notes
    -----
    ``rank - 1``

    Borda (1781); COINr's ``n_borda``

    Examples
    --------
    >>> borda(pd.Series([5.0, 7, 6]), Scaling()).to_list()
    [0.0, 2.0, 1.0]
    """
    return rank(values, scaling) - 1.0


def percentile_rank(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Stretch ranks between ``lower`` and ``upper``.

    Parameters
    ----------
    values : pandas.Series
        One indicator, at least two values present.
    scaling : Scaling
        Direction, tie rule, ``lower``, ``upper``.

    Returns
    -------
    pandas.Series
        Between ``lower`` and ``upper``.

    Notes
    -----
    ``lower + (upper - lower) (rank - 1) / (n - 1)``, n the values present

    COINr's ``n_prank``, there with ``lower`` 0 and ``upper`` 1

    Examples
    --------
    >>> percentile_rank(pd.Series([5.0, 7, None, 6]), Scaling()).to_list()
    [0.0, 100.0, nan, 50.0]
    """
    share = borda(values, scaling) / (values.count() - 1)
    return scaling.lower + (scaling.upper - scaling.lower) * share


def efficacy(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Score 60 for the worst value and 100 for the best (efficacy coefficient).

    Parameters
    ----------
    values : pandas.Series
        One indicator, at least two distinct values.
    scaling : Scaling
        Direction.

    Returns
    -------
    pandas.Series
        Between 60 and 100.

    Notes
    -----
    ``60 + 40 (x - min) / (max - min)``; ``down``: ``max - x`` for ``x - min``

    Efficacy coefficient method of Chinese statistical practice, with the worst and the best
    value observed as its unallowed and its satisfactory value

    Examples
    --------
    >>> efficacy(pd.Series([1.0, 2, 5]), Scaling()).to_list()
    [60.0, 70.0, 100.0]
    """
    fixed = Scaling(direction=scaling.direction, lower=60.0, upper=100.0)
    return min_max(values, fixed)


def _better_up(values: pd.Series, scaling: Scaling) -> pd.Series:
    return -values if scaling.direction == "down" else values


METHODS: Final[Mapping[str, Callable[[pd.Series, Scaling], pd.Series]]] = MappingProxyType(
    {
        "minmax": min_max,
        "zscore": zscore,
        "rank": rank,
        "percentile_rank": percentile_rank,
        "borda": borda,
        "dist2max": dist2max,
        "fracmax": fracmax,
        "fracmax_coinr": fracmax_coinr,
        "efficacy": efficacy,
        "scaled": scaled,
        "scaled_coinr": scaled_coinr,
        "goalposts": goalposts,
        "dist2target": dist2target,
        "dist2ref": dist2ref,
        "ampi": ampi_scale,
        "vector": vector,
        "sum": share_of_sum,
    }
)
"""Normalisation methods by name."""
