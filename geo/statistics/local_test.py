"""The table every local statistic returns."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.preparation import Prepared
from geo.statistics.significance import bonferroni_adjust, fdr_adjust, fdr_reachable


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
    """
    alpha = options["alpha"]
    if not 0.0 < alpha < 1.0:
        raise StatisticsError(
            f"alpha must lie between 0 and 1, got {alpha}", code="statistics.alpha", alpha=alpha
        )
    isolated = prepared.index.isin(prepared.isolates)
    table = pd.DataFrame(
        {"statistic": prepared.spread(statistic), "p": prepared.spread(p)}, index=prepared.index
    )
    table.loc[isolated, ["statistic", "p"]] = np.nan
    table["p_fdr"] = fdr_adjust(table["p"])
    table["p_bonferroni"] = bonferroni_adjust(table["p"])
    kind = prepared.spread(quadrant).to_numpy(dtype=object)
    kind[isolated] = "isolate"
    table["quadrant"] = pd.Series(kind, index=prepared.index, dtype=object)
    found = isolated | (table["p_fdr"] <= alpha).to_numpy()
    table["cluster"] = pd.Series(np.where(found, kind, "ns"), index=prepared.index, dtype=object)
    tests = int(table["p"].notna().sum())
    table.attrs = {**options, "n": tests, "isolates": list(prepared.isolates)}
    if "permutations" in options:
        table.attrs["fdr_reachable"] = fdr_reachable(
            tests, options["permutations"], alpha, alternative=options["alternative"]
        )
    return table
