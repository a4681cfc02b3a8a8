"""Two rankings of the same units, side by side."""

import numpy as np
import pandas as pd
from scipy import stats

__all__ = ["rank_shift"]


def rank_shift(nominal: pd.Series, other: pd.Series, *, top: int) -> dict[str, object]:
    """Summarise how one ranking differs from another.

    Parameters
    ----------
    nominal, other : pandas.Series
        Ranks by code; missing where a unit is not ranked.
    top : int
        The k of the first k.

    Returns
    -------
    dict[str, object]
        ``mean_change``, ``largest_change`` (absolute, over units ranked in both), ``moved``
        (units with another rank), ``tau`` (Kendall's tau-b), ``entering`` and ``leaving``
        (codes that come into the first k or drop out of them).

    Examples
    --------
    >>> before = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0})
    >>> after = pd.Series({"a": 1.0, "b": 3.0, "c": 2.0})
    >>> shift = rank_shift(before, after, top=2)
    >>> shift["moved"], shift["entering"], shift["leaving"]
    (2, ('c',), ('b',))
    """
    other = other.reindex(nominal.index)
    change = (other - nominal).abs().dropna()
    both = nominal[change.index], other[change.index]
    varies = all(each.max() > each.min() for each in both)
    was, now = set(nominal.index[nominal <= top]), set(other.index[other <= top])
    return {
        "mean_change": float(change.mean()),
        "largest_change": float(change.max()),
        "moved": int((change > 0).sum()),
        "tau": float(stats.kendalltau(*both).statistic) if varies else np.nan,
        "entering": tuple(sorted(now - was)),
        "leaving": tuple(sorted(was - now)),
    }
