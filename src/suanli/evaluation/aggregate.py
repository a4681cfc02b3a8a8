"""Aggregation: weighted means of siblings, missing ones left out and weights re-scaled."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from suanli.errors import InputError, Problem
from suanli.profile import IndexSpec

__all__ = ["METHODS", "aggregate", "arithmetic_mean", "geometric_mean"]


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
        ``sum(w x) / sum(w)`` over present values; missing where none is present.

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
        ``exp(sum(w log x) / sum(w))`` over present values.

    Raises
    ------
    InputError
        A score is zero or negative: normalise to a positive range first.

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


METHODS: Final[Mapping[str, Callable[[pd.DataFrame, pd.Series], pd.Series]]] = MappingProxyType(
    {"arithmetic": arithmetic_mean, "geometric": geometric_mean}
)
"""Aggregation methods by name."""


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
        Geometric aggregation of scores that are not positive.

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
    chosen = {item.id: item.aggregate for item in spec.dimension}
    scores = dict(normalised.items())
    for node in spec.bottom_up():
        children = list(spec.children(node))
        method = chosen.get(node) or spec.method.aggregate
        siblings = pd.DataFrame({child: scores[child] for child in children})
        scores[node] = METHODS[method](siblings, weights.reindex(children))
    order = ["index", *(item.id for item in spec.dimension)]
    return pd.DataFrame({node: scores[node] for node in order}, index=normalised.index)
