"""Normalisation: every indicator on one scale, better always higher."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.profile import IndexSpec

__all__ = ["METHODS", "min_max", "normalise"]


def min_max(values: pd.Series, *, direction: str, lower: float, upper: float) -> pd.Series:
    """Stretch values linearly between ``lower`` and ``upper``.

    Parameters
    ----------
    values : pandas.Series
        One indicator, at least two distinct values.
    direction : {"up", "down"}
        ``down`` turns the scale round: the least value scores ``upper``.
    lower, upper : float
        Scores of the worst and the best value.

    Returns
    -------
    pandas.Series
        ``lower + (upper - lower) * (x - min) / (max - min)``; missing stays missing.

    Notes
    -----
    OECD/JRC Handbook on Constructing Composite Indicators (2008), section on normalisation.

    Examples
    --------
    >>> min_max(pd.Series([1.0, 2, 5]), direction="down", lower=0, upper=100).to_list()
    [100.0, 75.0, 0.0]
    """
    low, high = float(values.min()), float(values.max())
    share = (values - low) / (high - low)
    if direction == "down":
        share = 1.0 - share
    return lower + (upper - lower) * share


METHODS: Final[Mapping[str, Callable[..., pd.Series]]] = MappingProxyType({"minmax": min_max})
"""Normalisation methods by name."""


def normalise(frame: pd.DataFrame, spec: IndexSpec) -> pd.DataFrame:
    """Normalise every indicator over all rows given: one year, or the pooled panel.

    Parameters
    ----------
    frame : pandas.DataFrame
        Treated indicators, any index.
    spec : IndexSpec
        The profile.

    Returns
    -------
    pandas.DataFrame
        Same labels, between ``method.lower`` and ``method.upper``, better is higher.

    Raises
    ------
    InputError
        An indicator has no values, or the same value everywhere.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> frame = pd.DataFrame({item.id: [1.0, 2.0] for item in spec.indicator})
    >>> sorted(set(normalise(frame, spec).to_numpy().ravel().tolist()))
    [0.0, 100.0]
    """
    method = spec.method
    problems = []
    columns = {}
    for item in spec.indicator:
        column = frame[item.id]
        if column.nunique() < 2:  # noqa: PLR2004 - two values span a scale
            code = "evaluation.empty" if column.isna().all() else "evaluation.constant"
            params = {"id": item.id, "name": item.name.zh, "value": column.max()}
            problems.append(Problem(code=code, params=params))
            continue
        columns[item.id] = METHODS[method.normalise](
            column, direction=item.direction, lower=method.lower, upper=method.upper
        )
    if problems:
        raise InputError(problems)
    return pd.DataFrame(columns, index=frame.index)
