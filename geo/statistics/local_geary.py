"""Local Geary: units whose values lie close to, or far from, their neighbours' values."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.conditional_squares import squared_counts, squared_differences
from geo.statistics.local_test import local_table
from geo.statistics.preparation import Prepared, deviations, prepare
from geo.statistics.significance import Alternative, check_test, permutation_p

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["local_geary"]


def local_geary(
    values: pd.Series | pd.DataFrame,
    weights: "Graph",
    *,
    permutations: int = 99_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Find units that resemble their neighbours, or differ from them, in one or more values.

    Parameters
    ----------
    values : pandas.Series or pandas.DataFrame
        One finite number per unit, or one column per quantity (multivariate).
    weights : libpysal.graph.Graph
        Spatial weights, as a rule row-standardised.
    permutations : int, default 99_999
        Number of conditional permutations, at least 99.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Said of the statistic itself: ``"less"`` tests for likeness.
    alpha : float, default 0.05
        False discovery rate at which a unit joins a cluster.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    pandas.DataFrame
        On the index of ``values``: ``statistic``; ``p``; ``p_fdr`` and ``p_bonferroni``;
        ``quadrant``: ``"unlike"`` where the statistic exceeds its expectation, else
        ``"alike"``, or for one quantity ``"HH"`` and ``"LL"`` where unit and neighbours lie
        on the same side of the mean; ``cluster``, the quadrant if ``p_fdr <= alpha``, else
        ``"ns"``, or ``"isolate"`` for units without neighbours, whose numbers are NaN.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or values are missing.
    geo.errors.StatisticsError
        Fewer than four linked units, equal values, no quantity, or unknown options.

    Notes
    -----
    c_i = sum_j w_ij (z_i - z_j)^2, z standardised with divisor n; for several quantities
    their mean [1]_. The reference is conditional permutation, the values of a unit moving
    together; given i, the expectation is sum_j w_ij (n z_i^2 + sum z^2) / (n - 1).

    References
    ----------
    .. [1] Anselin (2019), A local indicator of multivariate spatial association: extending
       Geary's c, Geographical Analysis 51(2), 133-150.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8).transform("R")
    >>> values = pd.Series({"e": 7.0, "d": 5.0, "a": 1.0, "b": 2.0, "c": 3.0})
    >>> table = local_geary(values, path, permutations=999, rng=np.random.default_rng(1))
    >>> table["quadrant"].tolist()
    ['HH', 'HH', 'LL', 'LL', 'LL']
    """
    check_test(alternative, permutations)
    columns = [values[name] for name in values] if isinstance(values, pd.DataFrame) else [values]
    if not columns:
        raise StatisticsError("there is no quantity; give at least one", code="statistics.empty")
    each = [prepare(column, weights) for column in columns]
    prepared = replace(each[0], index=values.index)
    z = np.column_stack([_standardised(one.values) for one in each])
    observed = squared_differences(z, prepared.weights)
    at_least, at_most = squared_counts(z, prepared.weights, permutations=permutations, rng=rng)
    return local_table(
        prepared,
        observed / len(columns),
        permutation_p(at_least, at_most, permutations, alternative=alternative),
        quadrant=_kinds(z, observed, prepared),
        options={"permutations": permutations, "alternative": alternative, "alpha": alpha},
    )


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    z = deviations(values)
    return np.asarray(z / np.sqrt((z**2).mean()), dtype=np.float64)


def _kinds(
    z: NDArray[np.float64], observed: NDArray[np.float64], prepared: Prepared
) -> NDArray[np.object_]:
    n, quantities = z.shape
    # Every column of z has a sum of squares of n.
    expected = n * ((z**2).sum(axis=1) + quantities) / (n - 1.0)
    alike = observed <= prepared.weights.sum(axis=1) * expected
    kind = np.where(alike, "alike", "unlike").astype(object)
    if quantities == 1:
        lag = prepared.weights @ z[:, 0]
        kind[alike & (z[:, 0] > 0) & (lag > 0)] = "HH"
        kind[alike & (z[:, 0] < 0) & (lag < 0)] = "LL"
    return kind
