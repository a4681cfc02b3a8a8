"""Join counts: how often two flagged units are neighbours."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from geo.errors import StatisticsError
from geo.statistics.global_test import (
    GlobalResult,
    global_result,
    quadratic_form,
    quadratic_value,
    weight_sums,
)
from geo.statistics.preparation import Prepared, prepare
from geo.statistics.significance import Alternative
from geo.weights.construction import check_series, name_labels, named

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["JoinCountResult", "join_counts", "prepare_flags"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinCountResult(GlobalResult):
    """The number of joins between flagged units (BB) with its tests.

    Parameters
    ----------
    flagged : int
        Number of flagged units.
    mixed, unflagged_joins : float
        Joins between a flagged and an unflagged unit (BW), and between unflagged ones (WW).

    Notes
    -----
    The other fields are those of :class:`GlobalResult`; ``statistic`` is BB.
    """

    flagged: int
    mixed: float
    unflagged_joins: float


def join_counts(
    flags: pd.Series,
    weights: "Graph",
    *,
    permutations: int | None = 99_999,
    alternative: Alternative = "two-sided",
    rng: np.random.Generator,
) -> JoinCountResult:
    """Test whether flagged units are neighbours more, or less, often than by chance.

    Parameters
    ----------
    flags : pandas.Series of bool
        One flag per unit (bool, or 0 and 1), in any order.
    weights : libpysal.graph.Graph
        Spatial weights. Joins are counted, so any weight other than zero counts as one.
    permutations : int or None, default 99_999
        Number of permutations, at least 99; None for the analytic test alone.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` tests for flagged units that keep together.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    JoinCountResult
        BB, its moments under sampling without replacement, both p-values, BW and WW.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or flags are missing.
    geo.errors.StatisticsError
        Flags other than 0 and 1, all alike, fewer than two flagged units, or fewer than four
        linked units.

    Notes
    -----
    BB = sum w_ij y_i y_j / 2; moments for non-free sampling [1]_. A one-way link counts as
    half a join.

    References
    ----------
    .. [1] Cliff and Ord (1981), Spatial Processes: Models and Applications, Pion, ch. 1-2.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(list("aabbccdd"), list("bdacbdca"), [1] * 8)
    >>> flags = pd.Series({"a": True, "b": True, "c": False, "d": False})
    >>> result = join_counts(flags, ring, permutations=None, rng=np.random.default_rng(1))
    >>> result.statistic, result.mixed, result.unflagged_joins, round(result.expected, 6)
    (1.0, 2.0, 1.0, 0.666667)
    """
    prepared = prepare_flags(flags, weights)
    flag, matrix = prepared.values, prepared.weights
    flagged = int(flag.sum())
    form = quadratic_form(matrix)
    both, neither = (quadratic_value(matrix, one) / 2.0 for one in (flag, 1.0 - flag))
    fields = global_result(
        prepared,
        (both, *_join_moments(flagged, len(flag), matrix)),
        lambda block: form(block) / 2.0,
        permutations=permutations,
        alternative=alternative,
        rng=rng,
    )
    mixed = float(matrix.sum()) / 2.0 - both - neither
    return JoinCountResult(**fields, flagged=flagged, mixed=mixed, unflagged_joins=neither)


def prepare_flags(flags: pd.Series, weights: "Graph") -> Prepared:
    """Align flags with weights, every link of weight one.

    Parameters
    ----------
    flags : pandas.Series of bool
        One flag per unit (bool, or 0 and 1).
    weights : libpysal.graph.Graph
        Spatial weights without self-links.

    Returns
    -------
    Prepared
        Flags as 0.0 and 1.0, binary weights.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or flags are missing.
    geo.errors.StatisticsError
        Flags other than 0 and 1, all alike, fewer than two flagged units, or fewer than four
        linked units.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(list("aabbccdd"), list("bdacbdca"), [0.5] * 8)
    >>> flags = pd.Series({"d": False, "c": False, "b": True, "a": True})
    >>> prepared = prepare_flags(flags, ring)
    >>> prepared.values.tolist(), prepared.weights.sum()
    ([1.0, 1.0, 0.0, 0.0], np.float64(8.0))
    """
    check_series(flags)
    prepared = prepare(flags.astype(np.float64) if flags.dtype == bool else flags, weights)
    odd = list(prepared.labels[~np.isin(prepared.values, (0.0, 1.0))])
    if odd:
        raise StatisticsError(
            f"flags must be 0 or 1; other values at {name_labels(odd)}",
            code="statistics.not_binary",
            **named(odd),
        )
    if prepared.values.sum() == 1.0:
        raise StatisticsError(
            "one flagged unit has no join with another; flag at least two",
            code="statistics.one_flag",
        )
    matrix = prepared.weights.copy()
    matrix.data[:] = 1.0
    return replace(prepared, weights=matrix)


def _join_moments(flagged: int, n: int, matrix: sparse.csr_array) -> tuple[float, float]:
    sums = weight_sums(matrix)
    # Chances that two, three, four given units are all flagged.
    two = flagged * (flagged - 1) / (n * (n - 1))
    three = two * (flagged - 2) / (n - 2)
    four = three * (flagged - 3) / (n - 3)
    expected = sums.s0 * two / 2.0
    second = sums.s1 * two + (sums.s2 - 2.0 * sums.s1) * three
    second += (sums.s0**2 + sums.s1 - sums.s2) * four
    return expected, second / 4.0 - expected**2
