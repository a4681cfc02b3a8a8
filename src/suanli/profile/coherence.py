"""Choices of method that do not go together, as far as the profile alone can tell."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from suanli.profile.finding import Fault, Found, Rule
from suanli.profile.method import Aggregation, Method, Normalisation, Weighting
from suanli.profile.model import IndexSpec

__all__ = ["COHERENCE", "misplaced"]

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "normalise": get_args(Normalisation),
    "weight": get_args(Weighting),
    "aggregate": get_args(Aggregation),
}
_POSITIVE: Final = "x > 0"
_NOT_NEGATIVE: Final = "x >= 0"
_NEEDS: Final[Mapping[str, str]] = {
    "geometric": _POSITIVE,
    "harmonic": _POSITIVE,
    "ampi": _POSITIVE,
    "bod": _NOT_NEGATIVE,
    "merec": _POSITIVE,
    "entropy": _NOT_NEGATIVE,
    "gini": _NOT_NEGATIVE,
    "cv": _NOT_NEGATIVE,
}
# Scores that jump when weights move a little cannot be steered by a correlation.
_STEPWISE: Final = frozenset({"copeland", "bod"})
_BELOW: Final = 1e-9


def misplaced(location: tuple[Any, ...], value: object) -> str:
    """Name the field a choice belongs to when it stands in another.

    Parameters
    ----------
    location : tuple
        Where it stands: table and key.
    value : object
        The choice.

    Returns
    -------
    str
        The field; empty where there is none or it stands right.

    Examples
    --------
    >>> misplaced(("method", "weight"), "bod")
    'aggregate'
    >>> misplaced(("method", "weight"), "critc")
    ''
    """
    here = str(location[-1])
    fields = [name for name, choices in _CHOICES.items() if value in choices and name != here]
    return fields[-1] if here in _CHOICES and fields else ""


def _combination(spec: IndexSpec) -> Found:
    method = spec.method
    if method.weight == "combined":
        if method.combination is None:
            yield Fault(("method", "weight"), "scoring.combination_missing", {})
        elif method.combination.first == method.combination.second:
            params = {"name": method.combination.first}
            yield Fault(("method", "combination"), "scoring.combination_same", params)


def _marks(spec: IndexSpec) -> Found:
    """Find marks that a scale measures against and the profile does not give."""
    if spec.method.normalise == "dist2ref" and spec.method.reference is None:
        yield Fault(("method", "normalise"), "scoring.reference_missing", {})
    if spec.method.normalise == "dist2target":
        lacking = [item.id for item in spec.indicator if item.goal is None]
        if lacking:
            params = {"indicators": ", ".join(lacking)}
            yield Fault(("method", "normalise"), "scoring.goal_missing", params)


def _reference_year(spec: IndexSpec) -> Found:
    year, panel = spec.method.reference_year, spec.method.panel
    if year is not None and panel is not None and not panel[0] <= year <= panel[1]:
        params = {"year": year, "first": panel[0], "last": panel[1]}
        yield Fault(("method", "reference_year"), "scoring.reference_year", params)


def _aggregations(spec: IndexSpec) -> dict[str, str]:
    """Return the aggregation of every inner node."""
    chosen = {item.id: item.aggregate for item in spec.dimension}
    return {node: chosen.get(node) or spec.method.aggregate for node in spec.bottom_up()}


def _optimised(spec: IndexSpec) -> Found:
    """Find weightings that do not suit an aggregation."""
    used = _aggregations(spec)
    several = [node for node in used if len(spec.children(node)) > 1]
    for weighting in spec.method.weightings:
        unfit = {
            "optimised": [node for node in several if used[node] in _STEPWISE],
            "pca_coinr": [node for node in several if used[node] != "arithmetic"],
        }.get(weighting, [])
        if unfit:
            names = ", ".join(sorted({used[node] for node in unfit}))
            params = {"weight": weighting, "aggregate": names, "nodes": ", ".join(unfit)}
            yield Fault(("method", "weight"), f"scoring.{weighting}_aggregate", params)


def _out_of_range(spec: IndexSpec) -> Found:
    """Find methods that some score of the scale is sure to be too low for."""
    least = _least(spec.method)
    leaves = {item.id for item in spec.indicator}
    over = [node for node in spec.bottom_up() if leaves.intersection(spec.children(node))]
    uses: dict[str, list[str]] = {}
    for node, name in _aggregations(spec).items():
        if node in over:
            uses.setdefault(name, []).append(node)
    for name in spec.method.weightings:
        several = [node for node in over if len(spec.children(node)) > 1]
        if several:
            uses.setdefault(name, []).extend(several)
    for name, nodes in uses.items():
        need = _NEEDS.get(name, "")
        if name == "power":
            need = _NOT_NEGATIVE if spec.method.power > 0 else _POSITIVE
        if least is not None and need and (least < 0 or (least == 0 and need == _POSITIVE)):
            params = {"name": name, "need": need, "nodes": ", ".join(nodes)}
            params["normalise"] = spec.method.normalise
            yield Fault(("method", "normalise"), "scoring.out_of_range", params)


def _least(method: Method) -> float | None:
    """Return what the lowest score of every indicator is, or lies below; None if unknown."""
    # Units that share the worst place by average rank do not score the least.
    ranked = 0.0 if method.ties != "average" else None
    known = {
        "minmax": method.lower,
        "percentile_rank": None if ranked is None else method.lower,
        "borda": ranked,
        "dist2max": 0.0,
        "dist2target": 0.0,
        "dist2ref": 0.0,
        "zscore": method.centre - _BELOW,
    }
    return known.get(method.normalise)


COHERENCE: Final[tuple[Rule, ...]] = (
    _combination,
    _marks,
    _reference_year,
    _optimised,
    _out_of_range,
)
"""Rules of what goes together, as far as the profile alone can tell."""
