"""What lies beside a chosen set of units, against what lies beside sets drawn in its place."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo.errors import StatisticsError
from geo.statistics.preparation import canonical, dot
from geo.statistics.redraw import Redraws
from geo.statistics.significance import Alternative, check_alternative, reference_test
from geo.weights.construction import check_labels, name_labels, named

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["SetTest", "set_joins", "set_moran"]

Floats = NDArray[np.float64]

_DIRECTIONS = ("two-sided", "greater", "less")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTest:
    """A statistic of a chosen set against the same of redrawn sets.

    Parameters
    ----------
    statistic, expected : float
        Of the chosen set, and its mean over redrawn sets.
    p : float
        By redrawn sets.
    detectable : float
        Departure from the expected that a two-sided test at 5 % finds with 80 % chance.
    n : int
        Units with a value.
    draws : int
        Redrawn sets.
    alternative : {"two-sided", "greater", "less"}
        Direction of the test.
    """

    statistic: float
    expected: float
    p: float
    detectable: float
    n: int
    draws: int
    alternative: Alternative


def set_joins(
    flags: pd.Series,
    weights: "Graph",
    redraws: Redraws,
    *,
    alternative: Alternative = "two-sided",
) -> SetTest:
    """Count the joins between a chosen set and flagged neighbours of its members.

    Parameters
    ----------
    flags : pandas.Series of bool
        One flag per unit (bool, or 0 and 1); a unit that is not known is not flagged.
    weights : libpysal.graph.Graph
        Spatial weights. Joins are counted, so any weight other than zero counts as one.
    redraws : Redraws
        The chosen set and the sets drawn in its place, on the same units.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` tests for flagged neighbours beyond chance.

    Returns
    -------
    SetTest
        ``statistic`` is sum_i sum_j c_i w_ij f_j with c the chosen and f the flagged; two
        members that are both flagged and joined count twice.

    Raises
    ------
    geo.errors.StatisticsError
        Labels differ, flags are missing or other than 0 and 1, or the direction is unknown.

    Notes
    -----
    The bivariate join count with co-location allowed [1]_, conditional on the flags: only
    the set is redrawn. Redrawn among all units it is the permutation test of that count.

    References
    ----------
    .. [1] Anselin and Li (2019), Operational local join count statistics for cluster
       detection, Journal of Geographical Systems 21(2), 189-210.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics.redraw import redraw_sets
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> flags = pd.Series([False, True, False, False, True], index=list("abcde"))
    >>> drawn = redraw_sets(flags.index, ["a"], draws=99, rng=np.random.default_rng(1))
    >>> set_joins(flags, path, drawn).statistic
    1.0
    """
    labels, matrix = _canonical(weights, redraws)
    flag = _matched(flags, labels)
    odd = list(labels[~np.isin(flag, (0.0, 1.0))])
    if odd:
        raise StatisticsError(
            f"flags must be 0 or 1; other values at {name_labels(odd)}",
            code="statistics.not_binary",
            **named(odd),
        )
    binary = matrix.copy()
    binary.data[:] = 1.0
    return _sum_test(binary @ flag, redraws, len(labels), alternative)


def set_moran(
    values: pd.Series,
    weights: "Graph",
    redraws: Redraws,
    *,
    alternative: Alternative = "two-sided",
) -> SetTest:
    """Relate membership of a chosen set to the values of its members' neighbours.

    Parameters
    ----------
    values : pandas.Series
        One number per unit; NaN for a unit that may be a member but has no value of its own.
    weights : libpysal.graph.Graph
        Spatial weights, none negative; a unit's weights are scaled to sum to one over its
        neighbours with a value.
    redraws : Redraws
        The chosen set and the sets drawn in its place, on the same units.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` tests for neighbours above the mean.

    Returns
    -------
    SetTest
        ``statistic`` is the bivariate Moran's I of membership and neighbours' values.

    Raises
    ------
    geo.errors.StatisticsError
        Labels differ, all values are missing or equal, a weight is negative, or the
        direction is unknown.

    Notes
    -----
    I = c'Wz / sqrt(c'c z'z) n / m with c the centred membership, z the centred values, W
    row-standardised, n all units and m those with a known neighbour; where all are known and
    linked it is :func:`geo.statistics.bivariate_moran` [1]_. Values stay where they are and only
    the set is redrawn; redrawn among all units it is the permutation test of membership.

    References
    ----------
    .. [1] Anselin, Syabri and Smirnov (2002), Visualizing multivariate spatial correlation
       with dynamically linked windows, in New Tools for Spatial Data Analysis, CSISS.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics.redraw import redraw_sets
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> values = pd.Series([1.0, 9.0, 2.0, 3.0, 5.0], index=list("abcde"))
    >>> drawn = redraw_sets(values.index, ["a"], draws=99, rng=np.random.default_rng(1))
    >>> round(set_moran(values, path, drawn).statistic, 4)
    0.7778
    """
    labels, matrix = _canonical(weights, redraws)
    number = _matched(values, labels)
    known = np.isfinite(number)
    if matrix.nnz and matrix.data.min() < 0.0:
        raise StatisticsError(
            "a mean over neighbours needs weights that are not negative",
            code="statistics.negative_weights",
        )
    if not known.any() or np.ptp(number[known]) == 0.0:
        value = float(number[known][0]) if known.any() else float("nan")
        raise StatisticsError(
            f"all linked units have the same value {value:g}; a spatial statistic needs "
            "values that differ",
            code="statistics.constant",
            value=value,
        )
    z = np.where(known, number - number[known].mean(), 0.0)
    sums = matrix @ known.astype(np.float64)
    linked = sums > 0.0
    lag = np.divide(matrix @ z, sums, out=np.zeros(len(z)), where=linked)
    size, n = len(redraws.chosen), len(labels)
    # Sets of one size differ in the sum of lags alone; the rest makes it Moran's I.
    scale = n / linked.sum() / np.sqrt(size * (1.0 - size / n) * dot(z, z))
    return _sum_test((lag - lag.sum() / n) * scale, redraws, int(known.sum()), alternative)


def _sum_test(quantity: Floats, redraws: Redraws, n: int, alternative: Alternative) -> SetTest:
    check_alternative(alternative, _DIRECTIONS)
    target = quantity[redraws.chosen].sum()
    reference = quantity[redraws.sets].sum(axis=1)
    row = reference_test(
        [target],
        reference[:, None],
        scale=float(np.abs(quantity).sum()),
        alternative=alternative,
    ).iloc[0]
    return SetTest(
        statistic=float(target),
        expected=float(row["expected"]),
        p=float(row["p"]),
        detectable=float(row["detectable"]),
        n=n,
        draws=len(reference),
        alternative=alternative,
    )


def _canonical(weights: "Graph", redraws: Redraws) -> tuple[pd.Index, sparse.csr_array]:
    labels, matrix = canonical(weights)
    _refuse_apart(labels, redraws.labels, "weights and redraws")
    return labels, matrix


def _matched(values: pd.Series, labels: pd.Index) -> Floats:
    check_labels(values.index)
    _refuse_apart(labels, values.index, "values and weights")
    return np.asarray(values.astype(np.float64).reindex(labels), dtype=np.float64)


def _refuse_apart(labels: pd.Index, others: pd.Index, what: str) -> None:
    apart = labels.symmetric_difference(others, sort=False)
    if len(apart):
        raise StatisticsError(
            f"{what} differ in the units {name_labels(apart)}",
            code="statistics.labels_mismatch",
            **named(apart),
        )
