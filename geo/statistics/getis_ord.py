"""Getis and Ord's G: hot and cold spots, and whether the map has any."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo.errors import StatisticsError
from geo.statistics.conditional import conditional_counts
from geo.statistics.global_test import (
    GlobalResult,
    WeightSums,
    global_result,
    quadratic_form,
    quadratic_value,
    weight_sums,
)
from geo.statistics.local_test import local_table
from geo.statistics.preparation import deviations, dot, prepare
from geo.statistics.significance import Alternative, check_test, permutation_p
from geo.weights.construction import name_labels, named

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["GetisOrdResult", "getis_ord_global", "getis_ord_local"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetisOrdResult(GlobalResult):
    """Getis and Ord's global G with its tests; fields of :class:`GlobalResult`."""


def getis_ord_local(
    values: pd.Series,
    weights: "Graph",
    *,
    star: bool = True,
    permutations: int = 99_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Find hot and cold spots: neighbourhoods with unusually high or low values.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit, in any order.
    weights : libpysal.graph.Graph
        Spatial weights without self-links, as a rule row-standardised.
    star : bool, default True
        Whether the unit itself belongs to its neighbourhood (Gi*), with the mean weight of
        its neighbours: with k equal weights all k + 1 members count alike.
    permutations : int, default 99_999
        Number of conditional permutations, at least 99.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` tests for hot spots only.
    alpha : float, default 0.05
        False discovery rate at which a unit joins a cluster.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    pandas.DataFrame
        On the index of ``values``: ``statistic``, the standardised G; ``p``; ``p_fdr`` and
        ``p_bonferroni``; ``quadrant`` (hot, cold: sign of the statistic); ``cluster``, the
        quadrant if ``p_fdr <= alpha`` and the tail that made p is on the same side, else
        ``"ns"``, or ``"isolate"`` for units without neighbours, whose numbers are NaN.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or values are missing.
    geo.errors.StatisticsError
        Fewer than four linked units, equal values, or unknown options.

    Notes
    -----
    The standardised form of Ord and Getis [1]_, valid for values of any sign. Where all other
    units are equal G_i cannot vary; Gi is given as 0, and p is 1. The p-values come from
    conditional permutation, where Gi and Gi* order the draws alike and so share one p: it
    speaks of the neighbours. A very high unit amid unusually low neighbours has a high Gi* and
    a small p for the opposite reason; it is called neither hot nor cold.

    References
    ----------
    .. [1] Ord and Getis (1995), Local spatial autocorrelation statistics: distributional
       issues and an application, Geographical Analysis 27(4), 286-306.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8).transform("R")
    >>> values = pd.Series({"e": 7.0, "d": 5.0, "a": 1.0, "b": 2.0, "c": 3.0})
    >>> table = getis_ord_local(values, path, permutations=999, rng=np.random.default_rng(1))
    >>> table["quadrant"].tolist()
    ['hot', 'hot', 'cold', 'cold', 'cold']
    """
    check_test(alternative, permutations)
    prepared = prepare(values, weights)
    z = deviations(prepared.values)
    at_least, at_most = conditional_counts(z, prepared.weights, permutations=permutations, rng=rng)
    statistic = _g_star(z, prepared.weights) if star else _g(z, prepared.weights)
    table = local_table(
        prepared,
        statistic,
        permutation_p(at_least, at_most, permutations, alternative=alternative),
        quadrant=np.where(statistic > 0, "hot", "cold").astype(object),
        options={"permutations": permutations, "alternative": alternative, "alpha": alpha},
    )
    # The neighbours of an extreme unit may be unusual on the other side than the unit itself.
    against = prepared.spread((statistic > 0) != (at_least < at_most)).eq(other=True)
    table.loc[against & table["cluster"].isin(["hot", "cold"]), "cluster"] = "ns"
    return table


def getis_ord_global(
    values: pd.Series,
    weights: "Graph",
    *,
    permutations: int | None = 99_999,
    alternative: Alternative = "two-sided",
    rng: np.random.Generator,
) -> GetisOrdResult:
    """Test whether high values, or low ones, keep together over the whole map.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit, none negative, with a natural zero.
    weights : libpysal.graph.Graph
        Spatial weights; binary for the usual form.
    permutations : int or None, default 99_999
        Number of permutations, at least 99; None for the analytic test alone.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` tests for concentration of high values, ``"less"`` of low ones.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    GetisOrdResult
        Statistic, moments under randomisation, both p-values.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or values are missing.
    geo.errors.StatisticsError
        A value is negative, fewer than four linked units, equal values, fewer than two
        positive values, or unknown options.

    Notes
    -----
    G = sum w_ij x_i x_j / sum_{i != j} x_i x_j; moments under randomisation [1]_, with the
    coefficient 6 of S0^2 in B1 as the erratum of the paper has it.

    References
    ----------
    .. [1] Getis and Ord (1992), The analysis of spatial association by use of distance
       statistics, Geographical Analysis 24(3), 189-206.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> values = pd.Series({"e": 7.0, "d": 5.0, "a": 1.0, "b": 2.0, "c": 3.0})
    >>> result = getis_ord_global(values, path, permutations=None, rng=np.random.default_rng(1))
    >>> round(result.statistic, 6), result.expected
    (0.491525, 0.4)
    """
    prepared = prepare(values, weights)
    x = prepared.values
    negative = list(prepared.labels[x < 0.0])
    if negative:
        raise StatisticsError(
            f"the measure needs values that are not negative; negative: {name_labels(negative)}",
            code="statistics.negative",
            **named(negative),
        )
    # One positive value has no product with another, wherever it lies.
    pairs = float(x.sum() ** 2) - dot(x, x) if (x > 0.0).sum() > 1 else np.inf
    form = quadratic_form(prepared.weights)
    expected, variance = _global_moments(x / x.max(), weight_sums(prepared.weights))
    return GetisOrdResult(
        **global_result(
            prepared,
            (quadratic_value(prepared.weights, x) / pairs, expected, variance),
            lambda block: form(block) / pairs,
            permutations=permutations,
            alternative=alternative,
            rng=rng,
        )
    )


def _global_moments(x: Floats, sums: WeightSums) -> tuple[float, float]:
    n = float(len(x))
    expected = sums.s0 / (n * (n - 1.0))
    m1, m2, m3, m4 = (float((x**power).sum()) for power in (1, 2, 3, 4))
    if (x > 0.0).sum() < 2:  # noqa: PLR2004 - a product takes two
        return expected, 0.0
    s0, s1, s2 = sums.s0**2, sums.s1, sums.s2
    second = (
        ((n * n - 3.0 * n + 3.0) * s1 - n * s2 + 3.0 * s0) * m2**2
        - ((n * n - n) * s1 - 2.0 * n * s2 + 6.0 * s0) * m4
        - (2.0 * n * s1 - (n + 3.0) * s2 + 6.0 * s0) * m1**2 * m2
        + (4.0 * (n - 1.0) * s1 - 2.0 * (n + 1.0) * s2 + 8.0 * s0) * m1 * m3
        + (s1 - s2 + s0) * m1**4
    )
    arrangements = n * (n - 1.0) * (n - 2.0) * (n - 3.0)
    return expected, second / ((m1**2 - m2) ** 2 * arrangements) - expected**2


def _g(z: Floats, matrix: sparse.csr_array) -> Floats:
    others = float(len(z) - 1)
    mean = -z / others  # of the others; z sums to zero
    variance = (dot(z, z) - z**2) / others - mean**2
    # A lone exception leaves others that are equal up to rounding.
    variance[variance <= 1e-12 * dot(z, z) / others] = 0.0
    row_sum = matrix.sum(axis=1)
    square_sum = matrix.power(2).sum(axis=1)
    spread = variance * (others * square_sum - row_sum**2) / (others - 1.0)
    return _standardised(matrix @ z - row_sum * mean, spread)


def _g_star(z: Floats, matrix: sparse.csr_array) -> Floats:
    n = float(len(z))
    mean, variance = z.mean(), dot(z, z) / n - z.mean() ** 2
    cardinality = np.diff(matrix.indptr)
    own = matrix.sum(axis=1) / np.maximum(cardinality, 1)
    row_sum = matrix.sum(axis=1) + own
    square_sum = matrix.power(2).sum(axis=1) + own**2
    spread = variance * (n * square_sum - row_sum**2) / (n - 1.0)
    return _standardised(matrix @ z + own * z - row_sum * mean, spread)


def _standardised(excess: Floats, spread: Floats) -> Floats:
    result = np.zeros(len(excess))
    np.divide(excess, np.sqrt(np.maximum(spread, 0.0)), out=result, where=spread > 0.0)
    return result
