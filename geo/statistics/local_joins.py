"""Local join counts with exact p-values."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from geo.statistics.join_counts import prepare_flags
from geo.statistics.local_test import local_table
from geo.statistics.significance import Alternative, check_test

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["local_join_counts"]

_ANY = np.iinfo(np.int64).max


def local_join_counts(
    flags: pd.Series,
    weights: "Graph",
    *,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Find flagged units with unusually many, or few, flagged neighbours.

    Parameters
    ----------
    flags : pandas.Series of bool
        One flag per unit (bool, or 0 and 1), in any order.
    weights : libpysal.graph.Graph
        Spatial weights. Joins are counted, so any weight other than zero counts as one.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` tests for flagged units that keep together.
    alpha : float, default 0.05
        False discovery rate at which a unit joins a cluster.

    Returns
    -------
    pandas.DataFrame
        On the index of ``flags``: ``statistic``, the number of flagged neighbours of a
        flagged unit, else 0; ``p``, NaN for unflagged units, which have no test; ``p_fdr``
        and ``p_bonferroni`` over the flagged units; ``quadrant``: ``"together"`` with at
        least as many flagged neighbours as expected, ``"apart"`` with fewer, else
        ``"unflagged"``; ``cluster``, the quadrant if ``p_fdr <= alpha``, else ``"ns"``, or
        ``"isolate"`` for units without neighbours.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or flags are missing.
    geo.errors.StatisticsError
        Flags other than 0 and 1, all alike, fewer than two flagged units, fewer than four
        linked units, or unknown options.

    Notes
    -----
    BB_i = x_i sum_j w_ij x_j [1]_. Given that unit i is flagged and has k neighbours, their
    flags are k draws without replacement from the n - 1 other units, of which F - 1 are
    flagged: BB_i is hypergeometric, and no permutations are needed. The two-sided p is
    twice the smaller tail, at most 1. GeoDa and PySAL estimate the upper tail by
    permutation.

    References
    ----------
    .. [1] Anselin and Li (2019), Operational local join count statistics for cluster
       detection, Journal of Geographical Systems 21(2), 189-210.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> flags = pd.Series({"a": 1, "b": 1, "c": 1, "d": 0, "e": 0})
    >>> table = local_join_counts(flags, path, alternative="greater")
    >>> table["p"].round(6).tolist()  # b: both of its neighbours, 1 of 6 pairs
    [0.5, 0.166667, 0.833333, nan, nan]
    """
    check_test(alternative, _ANY)
    prepared = prepare_flags(flags, weights)
    flag = prepared.values
    joins = flag * (prepared.weights @ flag)
    cardinality = np.diff(prepared.weights.indptr)
    others, flagged = len(flag) - 1, int(flag.sum()) - 1
    p = np.full(len(flag), np.nan)
    tested = flag == 1.0
    p[tested] = _exact_p(joins[tested], cardinality[tested], (others, flagged), alternative)
    together = joins >= cardinality * flagged / others
    kind = np.where(tested, np.where(together, "together", "apart"), "unflagged")
    return local_table(
        prepared,
        joins,
        p,
        quadrant=kind.astype(object),
        options={"alternative": alternative, "alpha": alpha},
    )


def _exact_p(
    joins: NDArray[np.float64],
    cardinality: NDArray[np.int32],
    others: tuple[int, int],
    alternative: Alternative,
) -> NDArray[np.float64]:
    # Few different pairs of neighbours and joins occur on a map.
    pairs, place = np.unique(np.column_stack([joins, cardinality]), axis=0, return_inverse=True)
    law = stats.hypergeom(others[0], others[1], pairs[:, 1])
    greater = law.sf(pairs[:, 0] - 1.0)
    less = law.cdf(pairs[:, 0])
    tails = {
        "greater": greater,
        "less": less,
        "two-sided": np.minimum(1.0, 2.0 * np.minimum(greater, less)),
    }
    return np.asarray(tails[alternative][place.ravel()], dtype=np.float64)
