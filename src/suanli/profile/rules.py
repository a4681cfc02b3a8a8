"""The rules a profile must obey beyond what each field may hold by itself."""

import re
from collections import Counter
from typing import Any, Final

from suanli.expression import FUNCTIONS, ExpressionError, parse_expression
from suanli.profile.coherence import COHERENCE
from suanli.profile.draft import given
from suanli.profile.family import Family, placed, tree_rules
from suanli.profile.finding import Fault, Found, Place, Rule, asked
from suanli.profile.judging import judgement_rules
from suanli.profile.model import ROOT, IndexSpec, Indicator, Raster

__all__ = ["OF_METHOD", "OF_STRUCTURE"]

_TOLERANCE: Final = 1e-6
# As in geo.raster, which a profile may not need; a test compares.
_STATISTICS: Final = (
    "mean", "sum", "integral", "min", "max", "stdev", "count", "area", "majority", "median",
)  # fmt: skip
_UNWEIGHTED: Final = ("sum", "integral")
_PERCENTILE: Final = re.compile(r"p(?:0\.\d*[1-9]\d*|[1-9]\d?(?:\.\d+)?)", re.ASCII)


def _identities(spec: IndexSpec) -> Found:
    last: dict[str, Place] = {}
    names = [ROOT]
    for place, item in placed(spec, "dimension", "indicator", "variable"):
        if given(item, "id"):
            names.append(item.id)
            last[item.id] = place
    for name, count in Counter(names).items():
        if count > 1:
            yield Fault((*last[name], "id"), "duplicate", {"id": name, "count": count})


def _rasters(spec: IndexSpec) -> Found:
    last: dict[str, Place] = {}
    names = []
    for place, item in placed(spec, "variable", "raster"):
        if given(item, "id"):
            names.append(item.id)
            last[item.id] = place
    for name, count in Counter(names).items():
        # Variables alone are told of above.
        if count > 1 and last[name][0] == "raster":
            yield Fault((*last[name], "id"), "duplicate", {"id": name, "count": count})
    for place, item in placed(spec, "raster"):
        yield from asked(_statistic, place, item)


def _statistic(place: Place, item: Raster) -> Found:
    params = {"id": given(item, "id") or place[-1], "statistic": item.statistic}
    if item.statistic not in _STATISTICS and not _PERCENTILE.fullmatch(item.statistic):
        known = ", ".join(_STATISTICS)
        yield Fault((*place, "statistic"), "raster_statistic", params | {"known": known})
    elif item.weights and item.statistic in _UNWEIGHTED:
        yield Fault((*place, "weights"), "raster_weighted", params)


def _expressions(spec: IndexSpec) -> Found:
    for place, item in placed(spec, "variable", "indicator"):
        # Value and denominator apart: "a) + (b" may not become an expression in brackets.
        for key in ("value", "denominator"):
            if given(item, key):
                yield from _text((*place, key), given(item, "id") or place[-1], given(item, key))
        if isinstance(item, Indicator):
            yield from asked(_fraction, place, item)


def _text(place: Place, name: Any, text: str) -> Found:
    try:
        parse_expression(text)
    except ExpressionError as error:
        params = {"id": name, "text": text, "detail": error.detail}
        known = ", ".join(FUNCTIONS.values())
        yield Fault(place, f"expression_{error.reason}", params | {"known": known})


def _fraction(place: Place, item: Indicator) -> Found:
    """Find fractions that are too long though each of their parts is short enough."""
    if not item.value or not item.denominator:
        return
    try:
        _ = item.expression
    except ExpressionError as error:
        parts = [*_text(place, "", item.value), *_text(place, "", item.denominator)]
        if not parts:
            params = {"id": item.id, "detail": error.detail}
            yield Fault((*place, "denominator"), "expression_length", params)


def _variables(spec: IndexSpec) -> Found:
    """Find variables that need themselves, each circle once."""
    needs: dict[str, tuple[str, ...]] = {}
    places: dict[str, Place] = {}
    for place, item in placed(spec, "variable"):
        if given(item, "id") and given(item, "value") and not [*_text(place, "", item.value)]:
            needs[item.id] = item.expression.names
            places[item.id] = (*place, "value")
    done: set[str] = set()

    def follow(path: tuple[str, ...]) -> Found:
        for name in needs[path[-1]]:
            if name in path:
                circle = (*path[path.index(name) :], name)
                params = {"path": " -> ".join(circle)}
                yield Fault(places[path[-1]], "variable_circle", params)
            elif name in needs and name not in done:
                yield from follow((*path, name))
        done.add(path[-1])

    for name in needs:
        if name not in done:
            yield from follow((name,))


def _weights(spec: IndexSpec) -> Found:
    method = spec.method
    importance = "optimised" in method.weightings and method.importance == "given"
    if "given" not in method.weightings and not importance:
        return
    family = Family(spec)
    for node in family.nodes:
        below = [item for _, item in family.below(node)]
        lacking = [item.id for item in below if "weight" in item.__dict__ and item.weight is None]
        place: Place = family.nodes[node] or ("method", "weight")
        if lacking:
            yield Fault(place, "weight_missing", {"node": node, "children": ", ".join(lacking)})
        elif below and family.sure(node):
            yield from asked(_sum, place, node, below)


def _sum(place: Place, node: str, below: list[Any]) -> Found:
    total = sum(item.weight for item in below)
    if abs(total - 1.0) > _TOLERANCE:
        yield Fault(place, "weight_sum", {"node": node, "sum": f"{total:g}"})


def _limits(spec: IndexSpec) -> Found:
    """Find bounds of weights that no weights can keep, as far as no weight need be known."""
    limits, family = spec.uncertainty.limits, Family(spec)
    known = {given(item, "id") for _, item in family.items}
    sound = {}
    for node, (low, high) in limits.items():
        place: Place = ("uncertainty", "limits", node)
        shown = {"node": node, "low": f"{low:g}", "high": f"{high:g}"}
        if node not in known:
            if None not in known and family.whole:
                names = ", ".join(sorted(known))
                yield Fault(place, "limit_unknown", {"node": node, "known": names})
        elif not 0 <= low <= high <= 1:
            yield Fault(place, "limit_order", shown)
        else:
            sound[node] = (low, high)
    for node in family.nodes:
        yield from asked(_limit_sums, node, family, sound)


def _limit_sums(node: str, family: Family, limits: dict[str, tuple[float, float]]) -> Found:
    below = [item.id for _, item in family.below(node)]
    bound = [name for name in below if name in limits]
    if not bound:
        return
    place: Place = ("uncertainty", "limits", bound[-1])
    params = {"node": node, "children": ", ".join(bound)}
    least = sum(limits[name][0] for name in bound)
    if least > 1 + _TOLERANCE:
        yield Fault(place, "limits_high", params | {"sum": f"{least:g}"})
    most = sum(limits[name][1] for name in bound)
    if most < 1 - _TOLERANCE and len(bound) == len(below) and family.sure(node):
        yield Fault(place, "limits_low", params | {"sum": f"{most:g}"})


def _panel(spec: IndexSpec) -> Found:
    method = spec.method
    if method.panel is not None and method.panel[0] > method.panel[1]:
        params = {"first": method.panel[0], "last": method.panel[1]}
        yield Fault(("method", "panel"), "panel_order", params)
    if method.scope == "panel" and method.panel is None:
        yield Fault(("method", "scope"), "panel_missing", {})


def _range(spec: IndexSpec) -> Found:
    method = spec.method
    if method.lower >= method.upper:
        params = {"lower": f"{method.lower:g}", "upper": f"{method.upper:g}"}
        yield Fault(("method", "lower"), "range", params)


def _scales(spec: IndexSpec) -> Found:
    for place, item in placed(spec, "indicator"):
        yield from asked(_target, place, item)
        yield from asked(_goalposts, place, item, spec)


def _target(place: Place, item: Indicator) -> Found:
    if (item.direction == "target") != (item.target is not None):
        yield Fault((*place, "direction"), "target", {"id": item.id})
    elif item.target is not None:
        low, high = item.target
        if low > high:
            params = {"id": item.id, "low": f"{low:g}", "high": f"{high:g}"}
            yield Fault((*place, "target"), "target_order", params)
        if item.transform == "log":
            yield Fault((*place, "transform"), "target_log", {"id": item.id})


def _goalposts(place: Place, item: Indicator, spec: IndexSpec) -> Found:
    if item.goalposts is not None and item.goalposts[0] >= item.goalposts[1]:
        low, high = item.goalposts
        params = {"id": item.id, "low": f"{low:g}", "high": f"{high:g}"}
        yield Fault((*place, "goalposts"), "goalposts_order", params)
    if item.goalposts is None and spec.method.normalise in {"scaled", "scaled_coinr", "goalposts"}:
        params = {"id": item.id, "method": spec.method.normalise}
        yield Fault(place, "goalposts_missing", params)


OF_STRUCTURE: Final[tuple[Rule, ...]] = (
    _identities,
    _rasters,
    tree_rules,
    _expressions,
    _variables,
    _limits,
)
"""Rules that a change of method cannot break."""

OF_METHOD: Final[tuple[Rule, ...]] = (
    _weights,
    *judgement_rules,
    _panel,
    _range,
    _scales,
    *COHERENCE,
)
"""Rules that a change of method can break."""
