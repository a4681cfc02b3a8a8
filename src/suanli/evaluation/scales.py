"""The scales an indicator can be put on; better is always higher."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import pandas as pd

__all__ = [
    "METHODS",
    "Scaling",
    "borda",
    "dist2max",
    "distance_outside",
    "efficacy",
    "fracmax",
    "min_max",
    "percentile_rank",
    "rank",
    "scaled",
    "zscore",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """What a scale is told about the indicator and the profile.

    Attributes
    ----------
    direction : {"up", "down"}
        ``down``: the least value is the best.
    lower, upper : float
        Scores of the worst and the best value on a bounded scale.
    centre, spread : float
        Mean and standard deviation of ``zscore``.
    ties : {"min", "average", "dense"}
        Tie rule of ranks.
    goalposts : tuple[float, float], optional
        Values, in the unit of the indicator, between which ``scaled`` measures.
    """

    direction: Literal["up", "down"] = "up"
    lower: float = 0.0
    upper: float = 100.0
    centre: float = 0.0
    spread: float = 1.0
    ties: Literal["min", "average", "dense"] = "min"
    goalposts: tuple[float, float] | None = None


def distance_outside(values: pd.Series, interval: tuple[float, float]) -> pd.Series:
    """Return how far each value lies outside a target interval.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    interval : tuple[float, float]
        The values a unit should lie between, in the unit of the indicator.

    Returns
    -------
    pandas.Series
        ``max(a - x, x - b, 0)``: 0 inside, growing on both sides; less is better.

    Examples
    --------
    >>> distance_outside(pd.Series([1.0, 4, 9]), (3, 5)).to_list()
    [2.0, 0.0, 4.0]
    """
    low, high = interval
    return (values - values.clip(low, high)).abs()


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
    share = (values - low) / (high - low)
    if scaling.direction == "down":
        share = 1.0 - share
    return scaling.lower + (scaling.upper - scaling.lower) * share


def dist2max(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Score 1 minus the distance to the best value, as a share of the range.

    The order and the gaps are those of min-max; the scale is always 0 to 1.

    Parameters
    ----------
    values : pandas.Series
        One indicator, at least two distinct values.
    scaling : Scaling
        Direction.

    Returns
    -------
    pandas.Series
        Between 0 and 1.

    Notes
    -----
    ``1 - (max - x) / (max - min)``, ``x`` turned round where less is better

    COINr (Becker et al. 2022), ``n_dist2max``

    Examples
    --------
    >>> dist2max(pd.Series([1.0, 2, 5]), Scaling()).to_list()
    [0.0, 0.25, 1.0]
    """
    better = _better_up(values, scaling)
    low, high = float(better.min()), float(better.max())
    return 1.0 - (high - better) / (high - low)


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


def zscore(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Standardise to a mean of ``centre`` and a sample standard deviation of ``spread``.

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
    ``centre + spread (x - mean) / s``, ``s`` with divisor ``n - 1``; ``mean - x`` for
    ``x - mean`` where less is better

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5

    Examples
    --------
    >>> zscore(pd.Series([1.0, 2, 3]), Scaling(direction="down")).to_list()
    [1.0, 0.0, -1.0]
    """
    better = _better_up(values, scaling)
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
    return _better_up(values, scaling).rank(method=scaling.ties)


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


def scaled(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Measure between fixed goalposts, whatever the values observed.

    Values beyond the goalposts are not cut: they score below ``lower`` or above ``upper``.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    scaling : Scaling
        Direction, ``goalposts``, ``lower``, ``upper``.

    Returns
    -------
    pandas.Series
        ``lower`` at the worse goalpost, ``upper`` at the better one.

    Raises
    ------
    ValueError
        No goalposts.

    Notes
    -----
    ``lower + (upper - lower) (x - a) / (b - a)``; ``down``: ``b - x`` for ``x - a``

    Goalposts as in UNDP's Human Development Index; COINr's ``n_scaled``, which does not turn
    the goalposts where less is better: there its scores are lower by ``upper - lower`` times
    ``(a + b) / (b - a)``, the same for all units

    Examples
    --------
    >>> scaled(pd.Series([1.0, 2, 5]), Scaling(goalposts=(0, 4))).to_list()
    [25.0, 50.0, 125.0]
    """
    if scaling.goalposts is None:
        raise ValueError("goalposts are needed")
    low, high = scaling.goalposts
    away = high - values if scaling.direction == "down" else values - low
    return scaling.lower + (scaling.upper - scaling.lower) * (away / (high - low))


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
        "efficacy": efficacy,
        "scaled": scaled,
    }
)
"""Normalisation methods by name."""
