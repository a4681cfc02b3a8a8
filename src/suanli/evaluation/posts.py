"""Scales that measure against a point or between two: goals, references, goalposts."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

__all__ = [
    "Scaling",
    "ampi_scale",
    "better_up",
    "dist2max",
    "dist2ref",
    "dist2target",
    "distance_outside",
    "goalposts",
    "scaled",
    "scaled_coinr",
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
    ties : {"min", "average", "dense"}
        Tie rule of ranks.
    goalposts : tuple[float, float], optional
        Values, in the unit of the indicator, between which ``scaled`` and ``goalposts``
        measure.
    centre, spread : float
        Mean and standard deviation of z-scores.
    goal : float, optional
        Value that ``dist2target`` scores 1.
    reference : float, optional
        Value that ``dist2ref`` scores 1 and ``ampi`` 100.
    cap : bool
        Cut what is better than the goal or the reference.
    """

    direction: Literal["up", "down"] = "up"
    lower: float = 0.0
    upper: float = 100.0
    ties: Literal["min", "average", "dense"] = "min"
    goalposts: tuple[float, float] | None = None
    centre: float = 0.0
    spread: float = 1.0
    goal: float | None = None
    reference: float | None = None
    cap: bool = False


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


def better_up(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Turn values round where less is better.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    scaling : Scaling
        Direction.

    Returns
    -------
    pandas.Series
        ``x`` or ``-x``.

    Examples
    --------
    >>> better_up(pd.Series([1.0, 2]), Scaling(direction="down")).to_list()
    [-1.0, -2.0]
    """
    return -values if scaling.direction == "down" else values


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
    better = better_up(values, scaling)
    low, high = float(better.min()), float(better.max())
    return 1.0 - (high - better) / (high - low)


def dist2target(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Score the way from the worst value to a goal: 0 at the worst, 1 at the goal.

    Parameters
    ----------
    values : pandas.Series
        One indicator; the goal is better than its worst value.
    scaling : Scaling
        Direction, ``goal``, ``cap``.

    Returns
    -------
    pandas.Series
        From 0; above 1 beyond the goal, unless ``cap`` cuts there.

    Raises
    ------
    ValueError
        No goal.

    Notes
    -----
    ``(x - min) / (goal - min)``; ``down``: ``(max - x) / (max - goal)``; at most 1 with ``cap``

    COINr (Becker et al. 2022), ``n_dist2targ``

    Examples
    --------
    >>> dist2target(pd.Series([1.0, 2, 5]), Scaling(goal=3)).to_list()
    [0.0, 0.5, 2.0]
    >>> dist2target(pd.Series([1.0, 2, 5]), Scaling(direction="down", goal=3)).to_list()
    [2.0, 1.5, 0.0]
    """
    if scaling.goal is None:
        raise ValueError("a goal is needed")
    return _from_worst(values, scaling.goal, scaling)


def dist2ref(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Score the way from the worst value to that of a reference unit.

    Parameters
    ----------
    values : pandas.Series
        One indicator; the reference is better than its worst value.
    scaling : Scaling
        Direction, ``reference``, ``cap``.

    Returns
    -------
    pandas.Series
        0 for the worst, 1 for the reference, above 1 for what is better unless ``cap``
        cuts there.

    Raises
    ------
    ValueError
        No reference.

    Notes
    -----
    ``1 - (ref - x) / (ref - min)``, ``x`` turned round where less is better

    COINr (Becker et al. 2022), ``n_dist2ref``

    Examples
    --------
    >>> dist2ref(pd.Series([1.0, 2, 5]), Scaling(reference=3, cap=True)).to_list()
    [0.0, 0.5, 1.0]
    """
    if scaling.reference is None:
        raise ValueError("a reference is needed")
    return _from_worst(values, scaling.reference, scaling)


def _from_worst(values: pd.Series, mark: float, scaling: Scaling) -> pd.Series:
    better = better_up(values, scaling)
    worst = float(better.min())
    best = -mark if scaling.direction == "down" else mark
    share = (better - worst) / (best - worst)
    return share.clip(upper=1.0) if scaling.cap else share


def ampi_scale(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Score 100 at a reference and 60 points more or less over the range of the data.

    Over the years of a panel the scores are comparable: range and reference are common.

    Parameters
    ----------
    values : pandas.Series
        One indicator, at least two distinct values, all years together.
    scaling : Scaling
        Direction, ``reference``; the mean of ``values`` when absent.

    Returns
    -------
    pandas.Series
        Within 70 and 130 if the reference lies amid the data; always within 40 and 160.

    Notes
    -----
    ``70 + 60 (x - a) / (b - a)``, ``a, b = ref -+ (max - min) / 2``; ``down``: ``b - x`` for
    ``x - a``

    Mazziotta and Pareto (2016), Social Indicators Research 127, the adjusted
    Mazziotta-Pareto index

    Examples
    --------
    >>> ampi_scale(pd.Series([1.0, 2, 5]), Scaling(reference=2)).to_list()
    [85.0, 100.0, 145.0]
    """
    reference = float(values.mean()) if scaling.reference is None else scaling.reference
    span = float(values.max()) - float(values.min())
    away = reference - values if scaling.direction == "down" else values - reference
    return 100.0 + 60.0 * (away / span)


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


def scaled_coinr(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Measure between fixed goalposts as COINr does, not turned where less is better.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    scaling : Scaling
        Direction, ``goalposts``, ``lower``, ``upper``.

    Returns
    -------
    pandas.Series
        As :func:`scaled` where more is better; lower by the same for all units otherwise.

    Raises
    ------
    ValueError
        No goalposts.

    Notes
    -----
    ``lower + (upper - lower) (x - a) / (b - a)``; ``down``: ``-x`` for ``x``

    COINr 1.1.14, ``n_scaled`` after ``directions``. Prefer ``scaled``: here an indicator of
    which less is better has scores off its scale.

    Examples
    --------
    >>> scaled_coinr(pd.Series([1.0, 2]), Scaling(direction="down", goalposts=(0, 4))).to_list()
    [-25.0, -50.0]
    """
    if scaling.goalposts is None:
        raise ValueError("goalposts are needed")
    low, high = scaling.goalposts
    turned = -values if scaling.direction == "down" else values
    return scaling.lower + (scaling.upper - scaling.lower) * ((turned - low) / (high - low))


def goalposts(values: pd.Series, scaling: Scaling) -> pd.Series:
    """Measure between fixed goalposts and cut what lies beyond them.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    scaling : Scaling
        Direction, ``goalposts``, ``lower``, ``upper``.

    Returns
    -------
    pandas.Series
        Between ``lower`` and ``upper``.

    Raises
    ------
    ValueError
        No goalposts.

    Notes
    -----
    ``scaled``, cut at ``lower`` and ``upper``

    UNDP, Human Development Report, technical note 1; COINr's ``n_goalposts``

    Examples
    --------
    >>> goalposts(pd.Series([1.0, 2, 5]), Scaling(goalposts=(0, 4))).to_list()
    [25.0, 50.0, 100.0]
    """
    return scaled(values, scaling).clip(scaling.lower, scaling.upper)
