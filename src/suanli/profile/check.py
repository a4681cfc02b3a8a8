"""The rules a profile must obey; every broken one is reported, not just the first."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pydantic

from suanli.errors import InputError, Problem, value_reason
from suanli.expression import FUNCTIONS, ExpressionError, parse_expression
from suanli.profile.assumptions import Found, Rule, limit_rules, sentence, uncertainty_rules
from suanli.profile.coherence import incoherent, misplaced
from suanli.profile.method import Combination, Method
from suanli.profile.model import ROOT, Dimension, IndexSpec, Indicator, Judgement, Variable
from suanli.profile.uncertainty import Uncertainty

__all__ = ["validated"]

_TOLERANCE: Final = 1e-6
_MODELS: Final[Mapping[str, type[pydantic.BaseModel]]] = {
    "combination": Combination,
    "dimension": Dimension,
    "indicator": Indicator,
    "judgement": Judgement,
    "method": Method,
    "uncertainty": Uncertainty,
    "variable": Variable,
}


def validated(fields: Mapping[str, Any], *, file: str) -> IndexSpec:
    """Build a profile from its fields, or report everything wrong with them.

    Parameters
    ----------
    fields : Mapping[str, Any]
        What the TOML file says.
    file : str
        What to call it in messages.

    Returns
    -------
    IndexSpec
        The profile.

    Raises
    ------
    InputError
        All problems found.

    Examples
    --------
    >>> validated({}, file="empty.toml")
    Traceback (most recent call last):
    suanli.errors.InputError: profile.missing ...
    """
    try:
        spec = IndexSpec.model_validate(dict(fields))
    except pydantic.ValidationError as error:
        items = error.errors()
        # A list whose only entry is wrong is also reported as empty: once is enough.
        deeper = {item["loc"][0] for item in items if len(item["loc"]) > 1}
        problems = [
            _field_problem(item, fields, file)
            for item in items
            if not (item["type"] == "too_short" and item["loc"][0] in deeper)
        ]
        raise InputError(problems) from None
    found = _broken(spec, (_identities, _tree, _expressions, limit_rules, *_OF_METHOD), file)
    if not found:
        # What is said of combinations would repeat what is wrong with the profile itself.
        found = [
            Problem(code=f"robustness.{code}", params={"file": file, **params})
            for code, params in uncertainty_rules(spec, _OF_METHOD)
        ]
    if found:
        raise InputError(found)
    return spec


def _broken(spec: IndexSpec, rules: Iterable[Rule], file: str) -> list[Problem]:
    return [
        sentence(code, {"file": file, **params}) for rule in rules for code, params in rule(spec)
    ]


def _field_problem(item: Any, fields: Mapping[str, Any], file: str) -> Problem:
    location = item["loc"]
    params: dict[str, Any] = {"file": file, "where": _place(location, fields)}
    if item["type"] == "missing":
        return Problem(code="profile.missing", params={**params, "key": location[-1]})
    if item["type"] == "extra_forbidden":
        outer = _MODELS.get(str(location[0]), IndexSpec) if len(location) > 1 else IndexSpec
        model = _MODELS.get(str(location[-2]), outer) if len(location) > 1 else outer
        known = sorted(model.model_fields)
        close = difflib.get_close_matches(str(location[-1]), known, n=1)
        code = "profile.unknown_key_close" if close else "profile.unknown_key"
        params |= {"key": location[-1], "known": ", ".join(known), "close": "".join(close)}
        return Problem(code=code, params=params)
    value, expected = item["input"], item.get("ctx", {}).get("expected", "")
    params |= {"key": ".".join(map(str, location)), "value": repr(value)[:80]}
    other = misplaced(location, value)
    if other:
        return Problem(code="scoring.misplaced", params={**params, "other": other, "value": value})
    if expected:
        expected = str(expected).replace(" or ", ", ")
        close = difflib.get_close_matches(str(value), re.findall(r"'([^']*)'", expected), n=1)
        code = "profile.choice_close" if close else "profile.choice"
        return Problem(code=code, params={**params, "expected": expected, "close": "".join(close)})
    return Problem(code="profile.value", params={**params, "detail": value_reason(item)})


def _place(location: tuple[Any, ...], fields: Mapping[str, Any]) -> str | Problem:
    """Name the table of the file: ``indicator 'fibre'`` instead of ``indicator.12``."""
    if len(location) > 1 and isinstance(location[1], int):
        entries = fields.get(str(location[0]))
        entry = entries[location[1]] if isinstance(entries, list | tuple) else None
        label = entry.get("id", entry.get("parent")) if isinstance(entry, Mapping) else None
        return f"[[{location[0]}]] {label or location[1] + 1}"
    return f"[{location[0]}]" if len(location) > 1 else Problem(code="profile.top")


def _identities(spec: IndexSpec) -> Found:
    counts = Counter([ROOT, *(item.id for item in (*spec.items(), *spec.variable))])
    for name, count in counts.items():
        if count > 1:
            yield "duplicate", {"id": name, "count": count}


def _tree(spec: IndexSpec) -> Found:
    parents = {item.id: item.parent for item in spec.dimension}
    inner = {ROOT, *parents}
    for item in spec.items():
        if item.parent not in inner:
            close = difflib.get_close_matches(item.parent, sorted(inner), n=1)
            yield "parent", {"id": item.id, "parent": item.parent, "close": "".join(close) or ROOT}
    for name, above in parents.items():
        seen = {name}
        node = above
        while node in parents and node not in seen:
            seen.add(node)
            node = parents[node]
        if node in seen:
            yield "cycle", {"id": name}
        if not spec.children(name):
            yield "childless", {"id": name}


def _expressions(spec: IndexSpec) -> Found:
    # Value and denominator apart: "a) + (b" may not become an expression in brackets.
    texts = [(item.id, item.value) for item in spec.variable]
    texts += [(i.id, text) for i in spec.indicator for text in (i.value, i.denominator) if text]
    readable = True
    for name, text in texts:
        try:
            parse_expression(text)
        except ExpressionError as error:
            readable = False
            known = ", ".join(FUNCTIONS.values())
            params = {"id": name, "text": text, "detail": error.detail, "known": known}
            yield f"expression_{error.reason}", params
    if not readable:
        return
    for item in spec.indicator:
        try:
            _ = item.expression
        except ExpressionError as error:  # each short enough, their fraction too long
            yield "expression_length", {"id": item.id, "detail": error.detail}
    yield from _circles(spec)


def _circles(spec: IndexSpec) -> Found:
    """Find variables that need themselves, each circle once."""
    needs = {variable.id: variable.expression.names for variable in spec.variable}
    done: set[str] = set()

    def follow(path: tuple[str, ...]) -> Found:
        for name in needs[path[-1]]:
            if name in path:
                circle = (*path[path.index(name) :], name)
                yield "variable_circle", {"path": " -> ".join(circle)}
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
    weight = {item.id: item.weight for item in spec.items()}
    for node in spec.bottom_up():
        children = spec.children(node)
        lacking = [child for child in children if weight[child] is None]
        if lacking:
            yield "weight_missing", {"node": node, "children": ", ".join(lacking)}
            continue
        total = sum(weight[child] or 0.0 for child in children)
        if abs(total - 1.0) > _TOLERANCE:
            yield "weight_sum", {"node": node, "sum": f"{total:g}"}


def _judgements(spec: IndexSpec) -> Found:
    given = Counter(item.parent for item in spec.judgement)
    for parent, count in given.items():
        if count > 1:
            yield "judgement_twice", {"parent": parent}
    if "ahp" in spec.method.weightings:
        for node in spec.bottom_up():
            if len(spec.children(node)) > 1 and not given[node]:
                yield "judgement_missing", {"parent": node}
    for item in spec.judgement:
        yield from _one_judgement(spec, item)


def _one_judgement(spec: IndexSpec, item: Judgement) -> Found:
    children = spec.children(item.parent)
    if sorted(children) != sorted(item.order):
        params = {"expected": ", ".join(children), "got": ", ".join(item.order)}
        yield "judgement_order", {"parent": item.parent, **params}
        return
    size = len(item.order)
    if len(item.matrix) != size or any(len(row) != size for row in item.matrix):
        yield "judgement_shape", {"parent": item.parent, "size": size}
        return
    for i in range(size):
        for j in range(i, size):
            product = item.matrix[i][j] * item.matrix[j][i]
            # Thirds written as 0.333 are meant as 1/3.
            if abs(product - 1.0) > 0.01:  # noqa: PLR2004
                pair = {"row": item.order[i], "column": item.order[j]}
                values = {"value": item.matrix[i][j], "mirror": item.matrix[j][i]}
                yield "judgement_reciprocal", {"parent": item.parent, **pair, **values}


def _panel(spec: IndexSpec) -> Found:
    method = spec.method
    if method.scope == "panel" and method.panel is None:
        yield "panel_missing", {}
    if method.panel is not None and method.panel[0] > method.panel[1]:
        yield "panel_order", {"first": method.panel[0], "last": method.panel[1]}
    if method.lower >= method.upper:
        yield "range", {"lower": method.lower, "upper": method.upper}


def _scales(spec: IndexSpec) -> Found:
    for item in spec.indicator:
        if (item.direction == "target") != (item.target is not None):
            yield "target", {"id": item.id}
        elif item.target is not None:
            if item.target[0] > item.target[1]:
                yield "target_order", {"id": item.id, "low": item.target[0], "high": item.target[1]}
            if item.transform == "log":
                yield "target_log", {"id": item.id}
        if item.goalposts is not None and item.goalposts[0] >= item.goalposts[1]:
            low, high = item.goalposts
            yield "goalposts_order", {"id": item.id, "low": low, "high": high}
        if item.goalposts is None and spec.method.normalise in {"scaled", "goalposts"}:
            yield "goalposts_missing", {"id": item.id, "method": spec.method.normalise}


def _coherence(spec: IndexSpec) -> Found:
    for code, params in incoherent(spec):
        yield f"scoring.{code}", params


# Rules that a change of method can break.
_OF_METHOD: Final[tuple[Rule, ...]] = (_weights, _judgements, _panel, _scales, _coherence)
