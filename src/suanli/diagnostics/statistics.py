"""What each indicator looks like: range, middle, spread, skew, ties, gaps."""

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from scipy import stats

from suanli.evaluation.treat import KURTOSIS, SKEWNESS

__all__ = ["StatisticLimits", "indicator_statistics"]

_FEWEST: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticLimits:
    """Where a statistic of an indicator is worth a word.

    Attributes
    ----------
    available, nonzero, unique : float
        Least share of units with a value; of values that are not zero; of values that differ.
    skewness, kurtosis : float
        Above both there are outliers.

    Notes
    -----
    The defaults of COINr's ``get_stats`` (Becker et al. 2022) and of the JRC.
    """

    available: float = 0.65
    nonzero: float = 0.5
    unique: float = 0.5
    skewness: float = SKEWNESS
    kurtosis: float = KURTOSIS


def indicator_statistics(
    frame: pd.DataFrame, *, limits: StatisticLimits | None = None
) -> pd.DataFrame:
    """Describe every column.

    Parameters
    ----------
    frame : pandas.DataFrame
        Indicators at any stage, index ``code``.
    limits : StatisticLimits, optional
        Where a column is flagged.

    Returns
    -------
    pandas.DataFrame
        Index ``indicator``; ``min``, ``max``, ``mean``, ``median``, ``sd``, ``skewness``
        and ``kurtosis`` (bias-corrected sample forms, kurtosis in excess of the normal),
        ``n``, ``n_nonzero``, ``n_unique``, ``n_same`` (units that share the commonest
        value), ``share_available`` (of the units), ``share_nonzero``, ``share_unique``,
        ``share_same`` (of the values) and ``flag``: ``few``, ``zeros``, ``ties``,
        ``outliers``, separated by blanks.

    Notes
    -----
    COINr's ``get_stats`` (Becker et al. 2022); skewness G1 and kurtosis G2 of Joanes and
    Gill, The Statistician 47 (1998) 183-189.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [0.0, 0.0, 0.0, 1.0, None]})
    >>> row = indicator_statistics(frame).loc["x"]
    >>> int(row["n"]), int(row["n_same"]), row["flag"]
    (4, 3, 'zeros')
    """
    bounds = limits or StatisticLimits()
    rows = {str(name): _described(column, bounds) for name, column in frame.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator")


def _described(column: pd.Series, limits: StatisticLimits) -> dict[str, Any]:
    values = column.dropna()
    n = len(values)
    counts = values.value_counts()
    varied = n >= _FEWEST and len(counts) > 1
    array = values.to_numpy(dtype=float)
    skewness = float(stats.skew(array, bias=False)) if varied else float("nan")
    kurtosis = float(stats.kurtosis(array, bias=False)) if varied else float("nan")
    nonzero, same = int((values != 0).sum()), int(counts.max()) if n else 0
    shares = {
        "share_available": n / len(column) if len(column) else float("nan"),
        "share_nonzero": nonzero / n if n else float("nan"),
        "share_unique": len(counts) / n if n else float("nan"),
        "share_same": same / n if n else float("nan"),
    }
    flags = {
        "few": shares["share_available"] < limits.available,
        "zeros": shares["share_nonzero"] < limits.nonzero,
        "ties": shares["share_unique"] < limits.unique,
        "outliers": abs(skewness) > limits.skewness and kurtosis > limits.kurtosis,
    }
    return {
        "min": values.min(),
        "max": values.max(),
        "mean": values.mean(),
        "median": values.median(),
        "sd": values.std(),
        "skewness": skewness,
        "kurtosis": kurtosis,
        "n": n,
        "n_nonzero": nonzero,
        "n_unique": len(counts),
        "n_same": same,
        **shares,
        "flag": " ".join(name for name, raised in flags.items() if raised),
    }
