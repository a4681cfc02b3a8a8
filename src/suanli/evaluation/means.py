"""Means of siblings: missing ones are left out and the weights of the others re-scaled."""

from typing import Literal

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem

__all__ = ["ampi", "arithmetic_mean", "geometric_mean", "harmonic_mean", "power_mean"]


def arithmetic_mean(frame: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Return the weighted arithmetic mean of each row over its present values.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, shape (rows, siblings).
    weights : pandas.Series
        Weight of each column, by label.

    Returns
    -------
    pandas.Series
        Missing where no value is present.

    Notes
    -----
    ``sum(w x) / sum(w)`` over present values

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, None]})
    >>> arithmetic_mean(frame, pd.Series({"b": 0.5, "a": 0.5})).to_list()
    [2.0, 2.0]
    """
    values = frame.to_numpy(dtype=float)
    present, total = np.zeros(len(values)), np.zeros(len(values))
    # One column after the other: a row's mean does not depend on how many rows there are.
    for column, weight in zip(values.T, weights.reindex(frame.columns), strict=True):
        here = ~np.isnan(column)
        present += here * weight
        total += np.where(here, column * weight, 0.0)
    means = np.full(len(values), np.nan)
    np.divide(total, present, out=means, where=present > 0)
    return pd.Series(means, index=frame.index)


def geometric_mean(frame: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Return the weighted geometric mean of each row over its present values.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, all positive, shape (rows, siblings).
    weights : pandas.Series
        Weight of each column, by label.

    Returns
    -------
    pandas.Series
        Missing where no value is present.

    Raises
    ------
    InputError
        A score is zero or negative: normalise to a positive range first.

    Notes
    -----
    ``exp(sum(w ln x) / sum(w))`` over present values

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0], "b": [4.0]})
    >>> round(float(geometric_mean(frame, pd.Series({"a": 0.5, "b": 0.5}))[0]), 12)
    2.0
    """
    _refuse(frame, frame <= 0, "evaluation.geometric_domain")
    logarithms = pd.DataFrame(np.log(frame), index=frame.index, columns=frame.columns)
    return pd.Series(np.exp(arithmetic_mean(logarithms, weights)), index=frame.index)


def harmonic_mean(frame: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Return the weighted harmonic mean of each row over its present values.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, all positive, shape (rows, siblings).
    weights : pandas.Series
        Weight of each column, by label.

    Returns
    -------
    pandas.Series
        Never above the geometric mean: weak scores weigh most.

    Raises
    ------
    InputError
        A score is zero or negative.

    Notes
    -----
    ``sum(w) / sum(w / x)`` over present values

    Hardy, Littlewood and Polya, Inequalities (1934), chapter 2

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0], "b": [3.0]})
    >>> float(harmonic_mean(frame, pd.Series({"a": 0.5, "b": 0.5}))[0])
    1.5
    """
    return power_mean(frame, weights, power=-1.0)


def power_mean(frame: pd.DataFrame, weights: pd.Series, *, power: float) -> pd.Series:
    """Return the weighted power mean of each row over its present values.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, shape (rows, siblings): not negative, and positive where ``power`` is not.
    weights : pandas.Series
        Weight of each column, by label.
    power : float
        The exponent p; below 1 a strong score makes up less for a weak one.

    Returns
    -------
    pandas.Series
        Missing where no value is present.

    Raises
    ------
    InputError
        A score is out of the mean's domain.

    Notes
    -----
    ``(sum(w x^p) / sum(w))^(1/p)`` over present values; the geometric mean for p = 0

    Hardy, Littlewood and Polya, Inequalities (1934), chapter 2

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0], "b": [9.0]})
    >>> float(power_mean(frame, pd.Series({"a": 0.5, "b": 0.5}), power=0.5)[0])
    4.0
    """
    if power == 0:
        return geometric_mean(frame, weights)
    _refuse(frame, frame < 0 if power > 0 else frame <= 0, "evaluation.mean_domain")
    return arithmetic_mean(frame.pow(power), weights) ** (1.0 / power)


def ampi(
    frame: pd.DataFrame, weights: pd.Series, *, penalty: Literal["minus", "plus"] = "minus"
) -> pd.Series:
    """Return the mean of each row, less a penalty for unevenness (Mazziotta-Pareto).

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, all positive, shape (rows, siblings).
    weights : pandas.Series
        Weight of each column, by label.
    penalty : {"minus", "plus"}
        ``plus`` adds it: for an index of which less is better.

    Returns
    -------
    pandas.Series
        The arithmetic mean where all siblings are equal, below it (above, with ``plus``)
        elsewhere; missing where no value is present.

    Raises
    ------
    InputError
        A score is zero or negative.

    Notes
    -----
    ``M -+ S cv``, ``M = sum(w x) / sum(w)``, ``S^2 = sum(w (x - M)^2) / sum(w)``, ``cv = S / M``

    Mazziotta and Pareto (2016), Social Indicators Research 127; with equal weights theirs

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [100.0, 90], "b": [100.0, 110]})
    >>> ampi(frame, pd.Series({"a": 0.5, "b": 0.5})).to_list()
    [100.0, 99.0]
    """
    _refuse(frame, frame <= 0, "scoring.ampi_domain")
    mean = arithmetic_mean(frame, weights)
    variance = arithmetic_mean(frame.sub(mean, axis=0) ** 2, weights)
    return mean + variance / mean if penalty == "plus" else mean - variance / mean


def _refuse(frame: pd.DataFrame, outside: pd.DataFrame, code: str) -> None:
    """Name the columns that hold scores outside a mean's domain."""
    if outside.to_numpy().any():
        columns = ", ".join(str(name) for name in frame.columns[outside.any()])
        raise InputError([Problem(code=code, params={"columns": columns})])
