"""Outlier treatment: declared logarithms, and winsorising by the rule of the JRC."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from suanli.errors import InputError, Problem
from suanli.profile import IndexSpec

__all__ = [
    "KURTOSIS",
    "METHODS",
    "SKEWNESS",
    "is_skewed",
    "treat",
    "winsorise",
    "winsorise_or_log",
]

SKEWNESS: Final = 2.0
"""Largest absolute sample skewness that passes."""
KURTOSIS: Final = 3.5
"""Largest sample excess kurtosis that passes."""
_FEWEST: Final = 4


def treat(frame: pd.DataFrame, spec: IndexSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Apply each indicator's declared transformation, and winsorise the rest if skewed.

    Parameters
    ----------
    frame : pandas.DataFrame
        Indicators, index ``(year, code)``.
    spec : IndexSpec
        The profile.

    Returns
    -------
    treated : pandas.DataFrame
        Same labels; natural logarithms where ``transform = "log"``.
    points : pandas.DataFrame
        One row per value winsorised or, by ``coinr``, logged: ``year``, ``code``,
        ``indicator``, ``before``, ``after``.

    Raises
    ------
    InputError
        A value to be logged is not positive; indicator and units are named.

    Notes
    -----
    The rule |skewness| > 2 and kurtosis > 3.5 is the one of the OECD/JRC Handbook on
    Constructing Composite Indicators (2008) as practised by the JRC.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> name = next(item.id for item in spec.indicator if item.transform == "log")
    >>> index = pd.MultiIndex.from_tuples([(2023, "a"), (2023, "b")], names=["year", "code"])
    >>> frame = pd.DataFrame(1.0, index=index, columns=[item.id for item in spec.indicator])
    >>> float(treat(frame, spec)[0][name].iloc[0])
    0.0
    """
    treated = {}
    points = []
    problems = []
    for item in spec.indicator:
        column = frame[item.id]
        if item.transform == "log":
            bad = column.index[column <= 0]
            if len(bad):
                where = ", ".join(f"{code} ({year})" for year, code in bad)
                params = {"id": item.id, "units": where}
                problems.append(Problem(code="evaluation.log_domain", params=params))
                continue
            treated[item.id] = pd.Series(np.log(column), index=column.index)
        elif spec.method.treat in METHODS:
            after = METHODS[spec.method.treat](column, most=spec.method.winsorise_points)
            changed = column.notna() & (after != column)
            points.append(
                pd.DataFrame({"before": column[changed], "after": after[changed]})
                .assign(indicator=item.id)
                .reset_index()
            )
            treated[item.id] = after
        else:
            treated[item.id] = column
    if problems:
        raise InputError(problems)
    order = ["year", "code", "indicator", "before", "after"]
    listed = pd.concat(points, ignore_index=True) if points else pd.DataFrame(columns=order)
    return pd.DataFrame(treated)[list(frame.columns)], listed[order]


def is_skewed(values: pd.Series) -> bool:
    """Tell whether the JRC rule calls for treatment.

    Parameters
    ----------
    values : pandas.Series
        One indicator; missing values are left out.

    Returns
    -------
    bool
        True when |skewness| > 2 and excess kurtosis > 3.5, both the bias-corrected sample
        forms. False for fewer than four or for constant values.

    Examples
    --------
    >>> is_skewed(pd.Series([1.0, 2, 3, 4, 5, 6, 7, 1000]))
    True
    """
    present = values.dropna().to_numpy(dtype=float)
    if len(present) < _FEWEST or np.ptp(present) == 0:
        return False
    skewness = float(stats.skew(present, bias=False))
    kurtosis = float(stats.kurtosis(present, bias=False))
    return abs(skewness) > SKEWNESS and kurtosis > KURTOSIS


def winsorise(values: pd.Series, *, most: int) -> pd.Series:
    """Pull in the most extreme point, one after the other, until the rule is met.

    A point is given the value of its next neighbour, on the side of the skew; tied points
    move together and each counts. When ``most`` points do not suffice the series is returned
    as it was: half a treatment would only create ties, and a rare flag would vanish.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    most : int
        Most points to change.

    Returns
    -------
    pandas.Series
        Same labels.

    Notes
    -----
    while ``|skewness| > 2`` and ``kurtosis > 3.5``: the extreme value becomes its neighbour

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), as practised by the JRC

    Examples
    --------
    >>> float(winsorise(pd.Series([1.0, 2, 3, 4, 5, 6, 7, 1000]), most=5).max())
    7.0
    """
    treated = values.copy()
    while is_skewed(treated):
        distinct = np.sort(treated.dropna().unique())
        if stats.skew(treated.dropna().to_numpy(dtype=float), bias=False) > 0:
            extreme, neighbour = distinct[-1], distinct[-2]
        else:
            extreme, neighbour = distinct[0], distinct[1]
        treated = treated.mask(treated == extreme, neighbour)
        if int((treated != values).sum() - values.isna().sum()) > most:
            return values.copy()
    return treated


def winsorise_or_log(values: pd.Series, *, most: int) -> pd.Series:
    """Winsorise as COINr does, and take a logarithm when that does not suffice.

    Points are winsorised until the rule is met or ``most`` are; tied points move together,
    and the last step may exceed ``most``. If the rule is still not met, or nothing but one
    value is left, the untreated values are logged instead.

    Parameters
    ----------
    values : pandas.Series
        One indicator.
    most : int
        Points after which winsorising ends.

    Returns
    -------
    pandas.Series
        Same labels; logged values are in another unit.

    Notes
    -----
    winsorise; else ``ln(x - min + 0.01 (max - min))``

    COINr (Becker et al. 2022), ``Treat`` with ``winsorise`` and ``log_CT``

    Examples
    --------
    >>> flag = pd.Series([1.0] * 6 + [0.0] * 300)
    >>> winsorise_or_log(flag, most=5).round(3).unique().tolist()
    [0.01, -4.605]
    """
    treated = values.copy()
    moved = {True: 0, False: 0}
    while sum(moved.values()) < most and is_skewed(treated):
        distinct = np.sort(treated.dropna().unique())
        up = bool(stats.skew(treated.dropna().to_numpy(dtype=float), bias=False) >= 0)
        extreme, neighbour = (distinct[-1], distinct[-2]) if up else (distinct[0], distinct[1])
        # Points moved before are among those that tie with the extreme now.
        moved[up] = int((treated == extreme).sum())
        treated = treated.mask(treated == extreme, neighbour)
    low, high = float(values.min()), float(values.max())
    flat = treated.min() == treated.max() and low < high
    if not flat and not is_skewed(treated):
        return treated
    return pd.Series(np.log(values - low + 0.01 * (high - low)), index=values.index)


METHODS: Final[Mapping[str, Callable[..., pd.Series]]] = MappingProxyType(
    {"winsorise": winsorise, "coinr": winsorise_or_log}
)
"""Outlier treatments by name; each takes the series and ``most``."""
