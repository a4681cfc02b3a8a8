"""Hierarchies as the explorer needs them: nodes, weights, values to the last digit."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from suanli.evaluation import Scores
from suanli.evaluation.aggregate import aggregate
from suanli.evaluation.screen import sufficient
from suanli.profile import ROOT, IndexSpec
from suanli.robustness.kernels import COMPARING

__all__ = ["LIVE", "Hierarchy", "hierarchy", "obstacle", "packed"]

LIVE: Final = frozenset(
    {"arithmetic", "geometric", "harmonic", "power", "ampi", "topsis", "copeland"}
)
"""Aggregations the page computes itself; a test holds each to the engine."""

_EQUAL: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hierarchy:
    """One evaluation as the page takes it.

    Attributes
    ----------
    told : dict
        ``nodes`` (parents before children; each with ``id``, ``children``, ``base``, and
        ``method``, ``withheld`` or ``column``), ``codes``, ``values``, ``options``, ``live``.
    obstacle : str
        Why weights cannot be moved, a key of ``explorer.*``; empty where they can.
    """

    told: dict[str, Any]
    obstacle: str


def packed(columns: Sequence[np.ndarray]) -> str:
    """Write numbers without losing a digit: little-endian doubles in Base64, missing as NaN.

    Parameters
    ----------
    columns : Sequence[numpy.ndarray]
        One after the other.

    Returns
    -------
    str
        Base64 text.

    Examples
    --------
    >>> packed([np.array([1.0])])
    'AAAAAAAA8D8='
    """
    values = np.concatenate([np.zeros(0), *columns]).astype("<f8")
    # One NaN for all, or equal tables could differ in bytes.
    values[np.isnan(values)] = np.nan
    return base64.b64encode(values.tobytes()).decode("ascii")


def obstacle(scores: Scores) -> str:
    """Say why the page cannot score again under other weights.

    Parameters
    ----------
    scores : Scores
        An evaluation.

    Returns
    -------
    str
        Key of the reason: an aggregation the page does not compute, one that compares with
        other years of a panel, weights below zero, or scores that the aggregation of the
        stages kept does not give back. Empty where nothing hinders.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> obstacle(sample_edition().study.province)
    ''
    """
    spec = scores.spec
    used = set(_methods(spec).values())
    if used - LIVE:
        return "method"
    several = spec.method.scope == "panel" and spec.method.panel is not None
    if several and used & COMPARING:
        return "panel"
    if (scores.weights["local"] < 0).any():
        return "negative"
    again = aggregate(scores.indicators, scores.weights["local"], spec)
    enough = sufficient(scores.stages["derived"].reindex(again.index), spec)
    told = again.where(enough[list(again.columns)])
    apart = (told - scores.nodes[told.columns]).abs().max().max()
    same = bool((told.isna() == scores.nodes[told.columns].isna()).all().all())
    return "" if same and not apart > _EQUAL else "differs"


def hierarchy(
    scores: Scores, codes: Sequence[str], *, live: bool = True, shared: pd.DataFrame | None = None
) -> Hierarchy:
    """Write an evaluation as the page takes it.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    codes : Sequence[str]
        Rows of the page; those the evaluation lacks are missing.
    live : bool
        Whether weights may be moved at all.
    shared : pandas.DataFrame, optional
        Indicators the page has already, rows as ``codes``; those that are equal to the
        last bit are not written again.

    Returns
    -------
    Hierarchy
        Without names: they belong to the edition.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> scores = sample_edition().study.city
    >>> told = hierarchy(scores, sorted(scores.index.index)).told
    >>> told["nodes"][0]["id"], len(told["nodes"])
    ('index', 15)
    """
    spec = scores.spec
    why = obstacle(scores) if live else "method"
    rows = pd.Index(codes)
    derived = scores.stages["derived"].reindex(rows)
    enough = sufficient(derived, spec).to_numpy(), list(sufficient(derived, spec).columns)
    local, methods = scores.weights["local"], _methods(spec)
    nodes: list[dict[str, Any]] = []
    columns: list[np.ndarray] = []
    for name in (*reversed(spec.bottom_up()), *(item.id for item in spec.indicator)):
        node: dict[str, Any] = {
            "id": name,
            "children": list(spec.children(name)),
            "base": 1.0 if name == ROOT else float(local[name]),
        }
        values = scores.nodes if name in methods else scores.indicators
        own = values[name].reindex(rows)
        if name in methods:
            node["method"] = methods[name]
            held = np.flatnonzero(~enough[0][:, enough[1].index(name)])
            node["withheld"] = held.tolist()
        if name not in methods and shared is not None and own.equals(shared[name]):
            node["shared"] = True
        elif name not in methods or why:
            node["column"] = len(columns)
            columns.append(own.to_numpy(dtype=float))
        nodes.append(node)
    told = {
        "nodes": nodes,
        "codes": list(codes),
        "values": packed(columns),
        "options": {"power": spec.method.power, "penalty": spec.method.penalty},
        "live": not why,
    }
    return Hierarchy(told=told, obstacle=why)


def _methods(spec: IndexSpec) -> dict[str, str]:
    chosen = {item.id: item.aggregate for item in spec.dimension}
    return {node: chosen.get(node) or spec.method.aggregate for node in spec.bottom_up()}
