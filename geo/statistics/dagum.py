"""Dagum's decomposition of the Gini coefficient by groups."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.statistics.grouping import Grouped, group
from geo.statistics.inequality import gini
from geo.statistics.preparation import dot

__all__ = ["DagumResult", "dagum"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DagumResult:
    """The Gini coefficient and its exact split after Dagum.

    Parameters
    ----------
    gini : float
        Inequality among all units, the number of :func:`geo.statistics.gini`.
    within : float
        Differences between units of the same group.
    between : float
        Net differences between groups: what the distances of their means amount to.
    transvariation : float
        Overlap: what is left because some unit of a poorer group stands above one of a
        richer group. Zero if and only if the groups do not overlap. The three parts sum to
        ``gini``.
    groups : pandas.DataFrame
        Per group ``n``, ``population_share``, ``value_share``, ``mean``, ``gini`` (inside
        the group), ``within`` (its addend).
    pairs : pandas.DataFrame
        Per pair of groups ``richer``, ``poorer`` (by mean; of equal means the first in
        order counts as richer), ``gini`` (extended Gini of the pair), ``affluence``
        (Dagum's D: 1 without overlap, 0 for equal means, NaN where nothing differs),
        ``between``, ``transvariation`` (their addends).
    """

    gini: float
    within: float
    between: float
    transvariation: float
    groups: pd.DataFrame
    pairs: pd.DataFrame


def dagum(
    values: pd.Series, groups: pd.Series, *, population: pd.Series | None = None
) -> DagumResult:
    """Split the Gini coefficient into parts within, between and across groups.

    Parameters
    ----------
    values : pandas.Series
        One number per unit, none negative, not all zero. With ``population`` the value per
        head.
    groups : pandas.Series
        Group of each unit.
    population : pandas.Series, optional
        Positive population of each unit; equal if not given.

    Returns
    -------
    DagumResult
        Total, the three parts, and their addends by group and by pair of groups.

    Raises
    ------
    geo.errors.StatisticsError
        Labels do not match, or a value is missing or negative, or all are zero.

    Notes
    -----
    With p and s the shares of a group in population and value, and Delta_jh the mean of
    abs(x - y) over x in j, y in h, G_jh = Delta_jh / (mu_j + mu_h) [1]_ and

    - within = sum_j G_jj p_j s_j;
    - between = sum_{j<h} G_jh D_jh (p_j s_h + p_h s_j);
    - transvariation = sum_{j<h} G_jh (1 - D_jh) (p_j s_h + p_h s_j);

    where D_jh = (d - t) / (d + t), d being the mean excess of the richer over the poorer
    group and t that of the poorer over the richer. Theil's measures split without a
    third part, but say nothing of overlap.

    References
    ----------
    .. [1] Dagum (1997), A new approach to the decomposition of the Gini income inequality
       ratio, Empirical Economics 22(4), 515-531.

    Examples
    --------
    >>> values = pd.Series({"a": 1.0, "b": 3.0, "c": 2.0, "d": 6.0})
    >>> result = dagum(values, pd.Series({"a": "west", "b": "west", "c": "east", "d": "east"}))
    >>> [round(part * 48, 9) for part in (result.within, result.between, result.transvariation)]
    [6.0, 8.0, 2.0]
    >>> round(result.gini * 48, 9)
    16.0
    """
    total = gini(values, population=population)
    units = group(values, groups, population=population)
    people = units.population / units.population.sum()
    mean = dot(people, units.values)
    samples = _samples(units, people)
    table = _group_table(units, people, samples, mean)
    pairs = _pair_table(table, samples, mean)
    return DagumResult(
        gini=total,
        within=float(table["within"].sum()),
        between=float(pairs["between"].sum()),
        transvariation=float(pairs["transvariation"].sum()),
        groups=table,
        pairs=pairs,
    )


def _samples(units: Grouped, people: Floats) -> list[tuple[Floats, Floats]]:
    """Return sorted values and shares (summing to one) of every group."""
    samples = []
    for start, size in zip(units.starts, units.sizes, strict=True):
        values, share = units.values[start : start + size], people[start : start + size]
        order = np.argsort(values, kind="stable")
        samples.append((values[order], share[order] / share.sum()))
    return samples


def _excess(high: tuple[Floats, Floats], low: tuple[Floats, Floats]) -> float:
    """Return the mean of max(x - y, 0) over x in ``high``, y in ``low``."""
    x, p = high
    y, q = low
    below = np.searchsorted(y, x, side="left")
    weight = np.concatenate([[0.0], np.cumsum(q)])[below]
    amount = np.concatenate([[0.0], np.cumsum(q * y)])[below]
    # Each term is a sum of q (x - y) >= 0; only rounding makes it negative.
    return dot(p, np.maximum(x * weight - amount, 0.0))


def _group_table(
    units: Grouped, people: Floats, samples: list[tuple[Floats, Floats]], mean: float
) -> pd.DataFrame:
    share = units.sums(people)
    means = np.array([dot(q, y) for y, q in samples])
    apart = np.array([2.0 * _excess(sample, sample) for sample in samples])
    inside = np.zeros(len(means))
    np.divide(apart, 2.0 * means, out=inside, where=means > 0.0)
    return pd.DataFrame(
        {
            "n": units.sizes,
            "population_share": share,
            "value_share": share * means / mean,
            "mean": means,
            "gini": inside,
            "within": share**2 * apart / (2.0 * mean),
        },
        index=units.names,
    )


def _pair_table(
    table: pd.DataFrame, samples: list[tuple[Floats, Floats]], mean: float
) -> pd.DataFrame:
    means, share = table["mean"].to_numpy(), table["population_share"].to_numpy()
    rows = []
    for first, second in combinations(range(len(table)), 2):
        rich, poor = (first, second) if means[first] >= means[second] else (second, first)
        excess, overlap = (
            _excess(samples[rich], samples[poor]),
            _excess(samples[poor], samples[rich]),
        )
        apart, both = excess + overlap, float(means[rich] + means[poor])
        # p_j s_h + p_h s_j over mu_j + mu_h is p_j p_h / mu.
        weight = float(share[rich] * share[poor]) / mean
        rows.append(
            (
                table.index[rich],
                table.index[poor],
                apart / both if both > 0.0 else 0.0,
                (excess - overlap) / apart if apart > 0.0 else float("nan"),
                weight * (excess - overlap),
                weight * 2.0 * overlap,
            )
        )
    columns = ["richer", "poorer", "gini", "affluence", "between", "transvariation"]
    return pd.DataFrame(rows, columns=columns)
