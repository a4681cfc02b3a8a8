"""How unequally something is spread over units: Gini, Theil, coefficient of variation."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.grouping import Grouped, checked, group, positive_population
from geo.statistics.preparation import dot
from geo.statistics.shuffling import permuted
from geo.statistics.significance import check_test
from geo.weights.construction import name_labels, named

__all__ = ["TheilResult", "coefficient_of_variation", "gini", "theil_l", "theil_t"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TheilResult:
    """A Theil index and its exact split into parts within and between groups.

    Parameters
    ----------
    index : {"T", "L"}
        Which of Theil's two measures.
    total : float
        Inequality among all units; 0 when all are equal.
    within, between : float
        Inequality inside the groups, and between their means; they sum to ``total``.
    between_share : float
        ``between / total``, NaN when all units are equal.
    p_between : float
        Share of random regroupings (same group sizes) with at least this between part, by
        (g + 1) / (P + 1); NaN without groups or without permutations.
    permutations : int
        Number of regroupings, 0 if none were asked for.
    groups : pandas.DataFrame
        Per group ``n``, ``population_share``, ``value_share``, ``mean``, ``theil`` (inside
        the group), ``within``, ``between`` (its addends; a group's ``between`` may be
        negative, only the sum over groups is an inequality).
    """

    index: Literal["T", "L"]
    total: float
    within: float
    between: float
    between_share: float
    p_between: float
    permutations: int
    groups: pd.DataFrame


def gini(values: pd.Series, *, population: pd.Series | None = None) -> float:
    """Return the Gini coefficient.

    Parameters
    ----------
    values : pandas.Series
        One number per unit, none negative, not all zero. With ``population`` the value per
        head.
    population : pandas.Series, optional
        Positive population of each unit; equal if not given.

    Returns
    -------
    float
        0 when all are equal, at most 1 - 1/n without population.

    Raises
    ------
    geo.errors.StatisticsError
        Labels do not match, or a value is missing or negative, or all are zero.

    Notes
    -----
    G = sum_ij p_i p_j |x_i - x_j| / (2 mu), with p population shares and mu the weighted mean;
    computed from sorted values. No small-sample correction.

    Examples
    --------
    >>> gini(pd.Series({"a": 0.0, "b": 0.0, "c": 3.0}))
    0.6666666666666666
    """
    number, share = _shares(values, population)
    order = np.argsort(number, kind="stable")
    x, p = number[order], share[order]
    below = np.cumsum(p) - p
    # The population below minus the population above weighs each unit; ties do not matter.
    balance = 2.0 * below + p - p.sum()
    return max(0.0, dot(p, balance * x) / dot(p, x))


def coefficient_of_variation(values: pd.Series, *, population: pd.Series | None = None) -> float:
    """Return the standard deviation divided by the mean.

    Parameters
    ----------
    values : pandas.Series
        One number per unit, none negative, not all zero. With ``population`` the value per
        head.
    population : pandas.Series, optional
        Positive population of each unit; equal if not given (with it, Williamson's index).

    Returns
    -------
    float
        Coefficient of variation, with the population (not the sample) standard deviation.

    Raises
    ------
    geo.errors.StatisticsError
        Labels do not match, or a value is missing or negative, or all are zero.

    References
    ----------
    .. [1] Williamson (1965), Regional inequality and the process of national development,
       Economic Development and Cultural Change 13(4), 1-84.

    Examples
    --------
    >>> coefficient_of_variation(pd.Series({"a": 1.0, "b": 3.0}))
    0.5
    """
    number, share = _shares(values, population)
    mean = dot(share, number)
    return float(np.sqrt(dot(share, (number - mean) ** 2))) / mean


def theil_t(
    values: pd.Series,
    *,
    groups: pd.Series | None = None,
    population: pd.Series | None = None,
    permutations: int | None = None,
    rng: np.random.Generator | None = None,
) -> TheilResult:
    """Return Theil's T, total and split by groups.

    Parameters
    ----------
    values : pandas.Series
        One positive number per unit. With ``population`` the value per head.
    groups : pandas.Series, optional
        Group of each unit; one single group if not given.
    population : pandas.Series, optional
        Positive population of each unit; equal if not given.
    permutations : int or None, optional
        Number of random regroupings that test the between part, at least 99.
    rng : numpy.random.Generator, optional
        Source of the regroupings; needed with ``permutations``.

    Returns
    -------
    TheilResult
        T = sum s_i ln(s_i / p_i), with s shares of the value and p of the population.

    Raises
    ------
    geo.errors.StatisticsError
        Labels do not match, something is missing, or a value is zero or negative.

    References
    ----------
    .. [1] Shorrocks (1980), The class of additively decomposable inequality measures,
       Econometrica 48(3), 613-625.

    Examples
    --------
    >>> values = pd.Series({"a": 1.0, "b": 1.0, "c": 3.0, "d": 3.0})
    >>> result = theil_t(values, groups=pd.Series({"a": 0, "b": 0, "c": 1, "d": 1}))
    >>> round(result.total, 6), result.within, round(result.between_share, 6)
    (0.130812, 0.0, 1.0)
    """
    return _theil("T", _positive(values, groups, population), permutations, rng)


def theil_l(
    values: pd.Series,
    *,
    groups: pd.Series | None = None,
    population: pd.Series | None = None,
    permutations: int | None = None,
    rng: np.random.Generator | None = None,
) -> TheilResult:
    """Return Theil's L (mean log deviation), total and split by groups.

    Parameters
    ----------
    values : pandas.Series
        One positive number per unit. With ``population`` the value per head.
    groups : pandas.Series, optional
        Group of each unit; one single group if not given.
    population : pandas.Series, optional
        Positive population of each unit; equal if not given.
    permutations : int or None, optional
        Number of random regroupings that test the between part, at least 99.
    rng : numpy.random.Generator, optional
        Source of the regroupings; needed with ``permutations``.

    Returns
    -------
    TheilResult
        L = sum p_i ln(p_i / s_i), with s shares of the value and p of the population.

    Raises
    ------
    geo.errors.StatisticsError
        Labels do not match, something is missing, or a value is zero or negative.

    References
    ----------
    .. [1] Shorrocks (1980), The class of additively decomposable inequality measures,
       Econometrica 48(3), 613-625.

    Examples
    --------
    >>> round(theil_l(pd.Series({"a": 1.0, "b": 3.0})).total, 6)
    0.143841
    """
    return _theil("L", _positive(values, groups, population), permutations, rng)


def _theil(
    index: Literal["T", "L"],
    units: Grouped,
    permutations: int | None,
    rng: np.random.Generator | None,
) -> TheilResult:
    people = units.population / units.population.sum()
    amount = people * units.values
    amount = amount / amount.sum()
    table = _group_table(index, units, people, amount)
    between = max(0.0, float(table["between"].sum()))
    total = max(0.0, float(_addends(index, people, amount).sum()))
    several = len(table) > 1 and permutations is not None
    return TheilResult(
        index=index,
        total=total,
        within=float(table["within"].sum()),
        between=between,
        between_share=between / total if total > 0.0 else float("nan"),
        p_between=_between_p(index, units, (people, amount), (permutations, rng))
        if several
        else float("nan"),
        permutations=permutations if several and permutations else 0,
        groups=table,
    )


def _group_table(
    index: Literal["T", "L"], units: Grouped, people: Floats, amount: Floats
) -> pd.DataFrame:
    group_people, group_amount = units.sums(people), units.sums(amount)
    inside = units.sums(
        _addends(
            index,
            people / np.repeat(group_people, units.sizes),
            amount / np.repeat(group_amount, units.sizes),
        )
    )
    mean = units.sums(units.population * units.values) / units.sums(units.population)
    return pd.DataFrame(
        {
            "n": units.sizes,
            "population_share": group_people,
            "value_share": group_amount,
            "mean": mean,
            "theil": inside,
            "within": (group_amount if index == "T" else group_people) * inside,
            "between": _addends(index, group_people, group_amount),
        },
        index=units.names,
    )


def _addends(index: Literal["T", "L"], people: Floats, amount: Floats) -> Floats:
    ratio = np.log(amount / people)
    return amount * ratio if index == "T" else -people * ratio


def _between_p(
    index: Literal["T", "L"],
    units: Grouped,
    shares: tuple[Floats, Floats],
    draw: tuple[int | None, np.random.Generator | None],
) -> float:
    permutations, rng = draw
    check_test("greater", permutations or 0)
    if permutations is None or rng is None:
        raise StatisticsError(
            "permutations need a random generator; pass rng=numpy.random.default_rng(seed)",
            code="statistics.rng_missing",
        )
    people, amount = shares
    observed = float(_addends(index, units.sums(people), units.sums(amount)).sum())
    reached = 0
    for block in permuted(np.arange(len(people), dtype=np.float64), permutations, rng=rng):
        who = block.astype(np.intp)
        parts = _addends(index, units.sums(people[who]), units.sums(amount[who])).sum(axis=-1)
        reached += int((parts >= observed - 1e-12 * (abs(observed) + 1e-6)).sum())
    return (reached + 1) / (permutations + 1)


def _positive(values: pd.Series, groups: pd.Series | None, population: pd.Series | None) -> Grouped:
    number = checked(values)
    refused = list(number.index[number <= 0])
    if refused:
        raise StatisticsError(
            f"Theil's measures need positive values; zero or negative: {name_labels(refused)}; "
            "leave these units out or use gini",
            code="statistics.not_positive",
            **named(refused),
        )
    everyone = pd.Series("all", index=number.index)
    return group(number, everyone if groups is None else groups, population=population)


def _shares(values: pd.Series, population: pd.Series | None) -> tuple[Floats, Floats]:
    number = checked(values)
    refused = list(number.index[number < 0])
    if refused:
        raise StatisticsError(
            f"the measure needs values that are not negative; negative: {name_labels(refused)}",
            code="statistics.negative",
            **named(refused),
        )
    if not (number > 0).any():
        raise StatisticsError("all values are zero; nothing is shared", code="statistics.all_zero")
    share = positive_population(number, population)
    return number.to_numpy(), share / share.sum()
