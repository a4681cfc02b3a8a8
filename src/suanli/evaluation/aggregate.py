"""Aggregation: siblings to one score, missing ones left out and weights re-scaled."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.profile import IndexSpec

__all__ = [
    "METHODS",
    "aggregate",
    "arithmetic_mean",
    "combine",
    "copeland",
    "geometric_mean",
    "harmonic_mean",
    "power_mean",
    "topsis",
]

_DUST: Final = 1e-12


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
    aligned = weights.reindex(frame.columns)
    present = frame.notna().mul(aligned, axis=1).sum(axis=1)
    total = frame.mul(aligned, axis=1).sum(axis=1, min_count=1)
    return total / present.where(present > 0)


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
    if (frame <= 0).to_numpy().any():
        columns = ", ".join(str(name) for name in frame.columns[(frame <= 0).any()])
        params = {"columns": columns}
        raise InputError([Problem(code="evaluation.geometric_domain", params=params)])
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
    outside = frame < 0 if power > 0 else frame <= 0
    if outside.to_numpy().any():
        columns = ", ".join(str(name) for name in frame.columns[outside.any()])
        raise InputError([Problem(code="evaluation.mean_domain", params={"columns": columns})])
    return arithmetic_mean(frame.pow(power), weights) ** (1.0 / power)


def copeland(frame: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Count the rows each row outranks, minus those that outrank it.

    A row outranks another when the columns in which it is higher weigh more than those in
    which it is lower. Only columns both have are compared.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, shape (rows, siblings).
    weights : pandas.Series
        Weight of each column, by label.

    Returns
    -------
    pandas.Series
        Between ``1 - n`` and ``n - 1`` for n rows; missing where no value is present.

    Notes
    -----
    ``sum_k sign(sum_j w_j sign(x_ij - x_kj))``

    Copeland, A reasonable social welfare function (1951); Munda and Nardo (2009)

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 2, 1], "c": [2.0, 3, 1]})
    >>> copeland(frame, pd.Series({"a": 0.2, "b": 0.4, "c": 0.4})).to_list()
    [0.0, 2.0, -2.0]
    """
    balance = np.zeros((len(frame), len(frame)))
    for name in frame.columns:
        values = frame[name].to_numpy(dtype=float)
        higher = np.sign(values[:, None] - values[None, :])
        balance += float(weights[name]) * np.nan_to_num(higher)
    # Weights that cancel leave rounding dust, which is no preference.
    wins = np.sign(np.where(np.abs(balance) < _DUST, 0.0, balance)).sum(axis=1)
    return pd.Series(wins, index=frame.index).where(frame.notna().any(axis=1))


def topsis(frame: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Score closeness to the best of every column against the worst of every column.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, shape (rows, siblings).
    weights : pandas.Series
        Weight of each column, by label.

    Returns
    -------
    pandas.Series
        Between 0 and 1; missing where no value is present or nothing differs.

    Notes
    -----
    ``d_worst / (d_worst + d_best)``, d the root of ``sum((w (x - ideal))^2)`` over present
    values, weights re-scaled to them

    Hwang and Yoon, Multiple Attribute Decision Making (1981); their vector normalisation is
    left out, since scores are normalised already

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [0.0, 50, 100], "b": [0.0, 50, 100]})
    >>> topsis(frame, pd.Series({"a": 0.5, "b": 0.5})).to_list()
    [0.0, 0.5, 1.0]
    """
    aligned = weights.reindex(frame.columns)
    shares = frame.notna().mul(aligned, axis=1)
    shares = shares.div(shares.sum(axis=1), axis=0)
    best = (((frame - frame.max()) * shares) ** 2).sum(axis=1, min_count=1) ** 0.5
    worst = (((frame - frame.min()) * shares) ** 2).sum(axis=1, min_count=1) ** 0.5
    total = best + worst
    return worst / total.where(total > 0)


METHODS: Final[Mapping[str, Callable[..., pd.Series]]] = MappingProxyType(
    {
        "arithmetic": arithmetic_mean,
        "geometric": geometric_mean,
        "harmonic": harmonic_mean,
        "power": power_mean,
        "copeland": copeland,
        "topsis": topsis,
    }
)
"""Aggregation methods by name; ``power`` takes its exponent by keyword."""


def combine(siblings: pd.DataFrame, weights: pd.Series, spec: IndexSpec, *, node: str) -> pd.Series:
    """Aggregate the children of one node by the method the profile has for it.

    Parameters
    ----------
    siblings : pandas.DataFrame
        Scores of the node's children, shape (rows, children).
    weights : pandas.Series
        Local weight of each child, by label.
    spec : IndexSpec
        The profile.
    node : str
        Identifier of the node.

    Returns
    -------
    pandas.Series
        Scores of the node.

    Raises
    ------
    InputError
        A score is out of the method's domain.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> frame = pd.DataFrame({"a": [0.0], "b": [10.0]})
    >>> combine(frame, pd.Series({"a": 0.5, "b": 0.5}), spec, node="index").to_list()
    [5.0]
    """
    chosen = {item.id: item.aggregate for item in spec.dimension}
    method = chosen.get(node) or spec.method.aggregate
    options = {"power": spec.method.power} if method == "power" else {}
    return METHODS[method](siblings, weights.reindex(siblings.columns), **options)


def aggregate(normalised: pd.DataFrame, weights: pd.Series, spec: IndexSpec) -> pd.DataFrame:
    """Aggregate indicators to sub-dimensions, dimensions and the index.

    Parameters
    ----------
    normalised : pandas.DataFrame
        Normalised indicators, shape (rows, indicators).
    weights : pandas.Series
        Local weight of every node and indicator, by identifier.
    spec : IndexSpec
        The profile.

    Returns
    -------
    pandas.DataFrame
        Scores of every inner node, ``"index"`` first, then as the profile orders them.

    Raises
    ------
    InputError
        Scores out of the domain of a method, such as a geometric mean of zero.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province")
    >>> frame = pd.DataFrame({item.id: [50.0] for item in spec.indicator}, index=["a"])
    >>> every = (*spec.dimension, *spec.indicator)
    >>> weights = pd.Series(1.0, index=[item.id for item in every])
    >>> float(aggregate(frame, weights, spec).loc["a", "index"])
    50.0
    """
    scores = dict(normalised.items())
    for node in spec.bottom_up():
        siblings = pd.DataFrame({child: scores[child] for child in spec.children(node)})
        scores[node] = combine(siblings, weights, spec, node=node)
    order = ["index", *(item.id for item in spec.dimension)]
    return pd.DataFrame({node: scores[node] for node in order}, index=normalised.index)
