"""The rules of judgement matrices."""

from collections import Counter
from typing import Final

from suanli.profile.draft import given
from suanli.profile.family import Family, nearest, placed
from suanli.profile.finding import Fault, Found, Place, Rule, asked
from suanli.profile.model import ROOT, IndexSpec, Judgement
from suanli.profile.pairwise import CONSISTENCY_LIMIT, MOST_COMPARED, principal

__all__ = ["judgement_rules"]

# Thirds written as 0.333 are meant as 1/3.
_RECIPROCAL: Final = 0.01
# A stated ratio is written with three decimals.
_STATED: Final = 0.0006


def _one_each(spec: IndexSpec) -> Found:
    last = {given(item, "parent"): place for place, item in placed(spec, "judgement")}
    counts = Counter(given(item, "parent") for _, item in placed(spec, "judgement"))
    for parent, count in counts.items():
        if count > 1 and parent is not None:
            yield Fault((*last[parent], "parent"), "judgement_twice", {"parent": parent})


def _missing(spec: IndexSpec) -> Found:
    if "ahp" not in spec.method.weightings:
        return
    family = Family(spec)
    parents = {item.parent for item in spec.judgement}
    # A matrix of a misspelt node is the matrix of the node it is most like.
    parents |= {nearest(parent, family.nodes) for parent in parents - family.nodes.keys()}
    for node, place in family.nodes.items():
        below = {given(item, "id") or place for place, item in family.below(node)}
        if len(below) > 1 and node not in parents:
            where = place or ("method", "weight")
            yield Fault(where, "judgement_missing", {"parent": node})


def _matrices(spec: IndexSpec) -> Found:
    family = Family(spec)
    for place, item in placed(spec, "judgement"):
        unordered = [*asked(_order, place, item, family)]
        yield from unordered
        yield from asked(_matrix, place, item, spec, ordered=not unordered)


def _order(place: Place, item: Judgement, family: Family) -> Found:
    if item.parent not in family.nodes:
        if family.unknown(item.parent):
            params = {"parent": item.parent, "close": nearest(item.parent, family.nodes) or ROOT}
            yield Fault((*place, "parent"), "judgement_parent", params)
        return
    children = [child.id for _, child in family.below(item.parent)]
    missing = set(children) - set(item.order)
    others = len(item.order) != len(set(item.order)) or set(item.order) - set(children)
    if missing or (others and family.sure(item.parent)):
        params = {"expected": ", ".join(dict.fromkeys(children)), "got": ", ".join(item.order)}
        yield Fault((*place, "order"), "judgement_order", {"parent": item.parent, **params})


def _matrix(place: Place, item: Judgement, spec: IndexSpec, *, ordered: bool) -> Found:
    # Of a wrong order not even the length is known.
    size = len(item.order) if ordered else len(item.matrix)
    where = (*place, "matrix")
    if len(item.matrix) != size or any(len(row) != size for row in item.matrix):
        yield Fault(where, "judgement_shape", {"parent": item.parent, "size": size})
        return
    if len(item.order) != size:
        return
    unequal = [*_reciprocal(where, item)]
    yield from unequal
    if not unequal:
        yield from _consistency(place, item, spec)


def _reciprocal(place: Place, item: Judgement) -> Found:
    for i, row in enumerate(item.order):
        for j, column in enumerate(item.order[i:], start=i):
            value, mirror = item.matrix[i][j], item.matrix[j][i]
            if abs(value * mirror - 1.0) > _RECIPROCAL:
                params = {"parent": item.parent, "row": row, "column": column}
                params |= {"value": f"{value:g}", "mirror": f"{mirror:g}"}
                yield Fault(place, "judgement_reciprocal", params)


def _consistency(place: Place, item: Judgement, spec: IndexSpec) -> Found:
    if "ahp" not in spec.method.weightings:
        return
    if len(item.order) > MOST_COMPARED:
        params = {"node": item.parent, "size": len(item.order), "most": MOST_COMPARED}
        yield Fault((*place, "order"), "judgement_large", params)
        return
    ratio = principal(item.matrix)[1]
    shown = {"node": item.parent, "ratio": f"{ratio:.3f}"}
    if ratio > CONSISTENCY_LIMIT and not spec.method.force_inconsistent:
        limit = f"{CONSISTENCY_LIMIT:g}"
        yield Fault((*place, "matrix"), "inconsistent", {**shown, "limit": limit})
    stated = item.consistency_ratio
    if stated is not None and abs(stated - ratio) > _STATED:
        params = {**shown, "stated": f"{stated:.3f}"}
        yield Fault((*place, "consistency_ratio"), "ratio_misstated", params)


judgement_rules: Final[tuple[Rule, ...]] = (_one_each, _missing, _matrices)
"""Rules of ``[[judgement]]``."""
