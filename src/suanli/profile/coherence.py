"""Choices of method that do not go together, as far as the profile alone can tell."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from suanli.profile.method import Aggregation, Method, Normalisation, Weighting
from suanli.profile.model import IndexSpec

__all__ = ["incoherent", "misplaced"]

Found = Iterator[tuple[str, dict[str, Any]]]

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


def incoherent(spec: IndexSpec) -> Found:
    """Find fields a method needs and lacks, and methods that cannot follow one another.

    Parameters
    ----------
    spec : IndexSpec
        A profile whose tree is sound.

    Yields
    ------
    tuple[str, dict[str, Any]]
        Key of a sentence in ``messages/*/scoring.toml`` and its values.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> list(incoherent(load_profile("caict2024-province")))
    []
    """
    yield from _lacking(spec)
    yield from _optimised(spec)
    yield from _out_of_range(spec)


def _lacking(spec: IndexSpec) -> Found:
    method = spec.method
    if method.weight == "combined":
        if method.combination is None:
            yield "combination_missing", {}
        elif method.combination.first == method.combination.second:
            yield "combination_same", {"name": method.combination.first}
    if method.normalise == "dist2target":
        lacking = [item.id for item in spec.indicator if item.goal is None]
        if lacking:
            yield "goal_missing", {"indicators": ", ".join(lacking)}
    if method.normalise == "dist2ref" and method.reference is None:
        yield "reference_missing", {}
    year, panel = method.reference_year, method.panel
    if year is not None and panel is not None and not panel[0] <= year <= panel[1]:
        yield "reference_year", {"year": year, "first": panel[0], "last": panel[1]}


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
            yield f"{weighting}_aggregate", params


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
            yield "out_of_range", {**params, "normalise": spec.method.normalise}


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
