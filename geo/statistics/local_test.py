"""The table every local statistic returns."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import FewPermutationsWarning, StatisticsError
from geo.statistics.preparation import Prepared
from geo.statistics.significance import (
    bonferroni_adjust,
    fdr_adjust,
    fdr_reachable,
    permutations_needed,
)


def local_table(
    prepared: Prepared,
    statistic: NDArray[np.float64],
    p: NDArray[np.float64],
    *,
    quadrant: NDArray[np.object_],
    options: dict[Any, Any],
) -> pd.DataFrame:
    """Assemble the result of a local statistic on the caller's index.

    Parameters
    ----------
    prepared : Prepared
        Units that take part, and those that do not.
    statistic, p : numpy.ndarray
        Statistic and p-value of the participating units; a p of NaN marks a unit without a
        test.
    quadrant : numpy.ndarray of str
        Kind of each participating unit.
    options : dict
        ``alternative`` and ``alpha`` of the test, and ``permutations`` unless it is exact.

    Returns
    -------
    pandas.DataFrame
        ``statistic``, ``p``, ``p_fdr``, ``p_bonferroni``, ``quadrant``, ``cluster``; units
        without neighbours have NaN and the cluster ``"isolate"``.

    Raises
    ------
    geo.errors.StatisticsError
        ``alpha`` is not between 0 and 1.

    Warns
    -----
    geo.errors.FewPermutationsWarning
        No lone unit could pass with so few permutations.
    """
    alpha = options["alpha"]
    if not 0.0 < alpha < 1.0:
        raise StatisticsError(
            f"alpha must lie between 0 and 1, got {alpha}", code="statistics.alpha", alpha=alpha
        )
    isolated = _isolated(prepared)
    number, tail = prepared.spread(statistic), prepared.spread(p)
    if isolated.any():
        number[isolated], tail[isolated] = np.nan, np.nan
    adjusted = fdr_adjust(tail)
    kind = prepared.spread(quadrant).to_numpy(dtype=object, copy=True)
    kind[isolated] = "isolate"
    cluster = kind.copy()
    cluster[~(isolated | (adjusted.to_numpy() <= alpha))] = "ns"
    table = pd.DataFrame(
        {
            "statistic": number,
            "p": tail,
            "p_fdr": adjusted,
            "p_bonferroni": bonferroni_adjust(tail),
            "quadrant": pd.Series(kind, index=prepared.index, dtype=object),
            "cluster": pd.Series(cluster, index=prepared.index, dtype=object),
        }
    )
    tests = int(tail.notna().sum())
    reach = _reach(tests, options) if "permutations" in options else {}
    table.attrs = {**options, "n": tests, "isolates": list(prepared.isolates), **reach}
    return table


def _reach(tests: int, options: dict[Any, Any]) -> dict[Any, Any]:
    alpha, permutations, direction = (
        options[name] for name in ("alpha", "permutations", "alternative")
    )
    needed = permutations_needed(tests, alpha, alternative=direction)
    reachable = fdr_reachable(tests, permutations, alpha, alternative=direction)
    if not reachable:
        warnings.warn(
            FewPermutationsWarning(permutations=permutations, needed=needed, n=tests, alpha=alpha),
            stacklevel=4,
        )
    return {"fdr_reachable": reachable, "permutations_needed": needed}


def _isolated(prepared: Prepared) -> NDArray[np.bool_]:
    if not prepared.isolates:
        return np.zeros(len(prepared.index), dtype=np.bool_)
    return np.asarray(prepared.index.isin(prepared.isolates), dtype=np.bool_)
