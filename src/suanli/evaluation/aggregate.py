"""Aggregation: siblings to one score, missing ones left out and weights re-scaled."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from suanli.evaluation.benefit import bod
from suanli.evaluation.means import (
    ampi,
    arithmetic_mean,
    geometric_mean,
    harmonic_mean,
    power_mean,
)
from suanli.evaluation.outranking import copeland, outranking_matrix
from suanli.profile import IndexSpec

__all__ = [
    "METHODS",
    "aggregate",
    "ampi",
    "arithmetic_mean",
    "bod",
    "combine",
    "copeland",
    "geometric_mean",
    "harmonic_mean",
    "outranking_matrix",
    "power_mean",
    "topsis",
]


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
        "ampi": ampi,
        "bod": bod,
    }
)
"""Aggregation methods by name; ``power``, ``penalty`` and ``slack`` are taken by keyword."""


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
    options: dict[str, dict[str, object]] = {
        "power": {"power": spec.method.power},
        "ampi": {"penalty": spec.method.penalty},
        "bod": {"slack": spec.method.bod_slack},
    }
    aligned = weights.reindex(siblings.columns)
    return METHODS[method](siblings, aligned, **options.get(method, {}))


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
