"""Getis and Ord's local G: hot and cold spots."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo.statistics.conditional import conditional_counts
from geo.statistics.local_test import local_table
from geo.statistics.preparation import deviations, prepare
from geo.statistics.significance import Alternative, check_test, permutation_p

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["getis_ord_local"]

Floats = NDArray[np.float64]


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
        quadrant if ``p_fdr <= alpha``, else ``"ns"``, or ``"isolate"`` for units without
        neighbours, whose numbers are NaN.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or values are missing.
    geo.errors.StatisticsError
        Fewer than four linked units, equal values, or unknown options.

    Notes
    -----
    The standardised form of Ord and Getis [1]_, valid for values of any sign. Where all other
    units are equal G_i cannot vary; it is given as 0 with p = 1. The p-values come from
    conditional permutation, where Gi and Gi* order the draws alike and so share one p.

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
    return local_table(
        prepared,
        statistic,
        permutation_p(at_least, at_most, permutations, alternative=alternative),
        quadrant=np.where(statistic > 0, "hot", "cold").astype(object),
        options={"permutations": permutations, "alternative": alternative, "alpha": alpha},
    )


def _g(z: Floats, matrix: sparse.csr_array) -> Floats:
    others = float(len(z) - 1)
    mean = -z / others  # of the others; z sums to zero
    variance = ((z @ z) - z**2) / others - mean**2
    # A lone exception leaves others that are equal up to rounding.
    variance[variance <= 1e-12 * float(z @ z) / others] = 0.0
    row_sum = matrix.sum(axis=1)
    square_sum = matrix.power(2).sum(axis=1)
    spread = variance * (others * square_sum - row_sum**2) / (others - 1.0)
    return _standardised(matrix @ z - row_sum * mean, spread)


def _g_star(z: Floats, matrix: sparse.csr_array) -> Floats:
    n = float(len(z))
    mean, variance = z.mean(), float(z @ z) / n - z.mean() ** 2
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
