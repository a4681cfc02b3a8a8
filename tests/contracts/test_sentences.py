"""Whoever says a sentence gives everything it needs: no placeholder stays unfilled.

The calls are read from the source: every ``Ledger.add("rule", ...)`` and every
``Problem(code="area.key", params={...})`` whose code and values are written there.
"""

import ast
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from suanli.errors import Problem
from suanli.intake.rules import RULES
from suanli.text import LANGUAGES, Text

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "suanli").rglob("*.py"))
# What every finding brings: see Finding.problem.
ALWAYS = frozenset({"file", "sheet", "row", "column", "where", "value", "after"})
# Rules chosen at run time; tests/bad_inputs and tests/suanli/test_quality.py say each of them.
CHOSEN = {
    *("cell_scale", "cell_unit", "censored", "column_unknown", "filled_flat", "footnote"),
    *("indicator_misspelt", "indicator_unknown", "interpolated", "never_scored", "not_scored"),
    *("thousands", "unit_differs", "unit_of_title", "unit_precision", "width"),
}
# Sentences that only pass one of another house on; their values are read from its errors.
PASSED_ON = ("findings.layer.",)


@dataclass(frozen=True)
class Call:
    """A place that says a sentence, and the names of the values it gives."""

    where: str
    code: str
    given: frozenset[str]


def constants(node: ast.expr, scope: Mapping[str, list[ast.expr]]) -> list[str] | None:
    """Return the texts an expression can be, None where that cannot be told."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    parts: list[ast.expr] = []
    if isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.Name) and node.id in scope:
        parts = scope[node.id]
    elif isinstance(node, ast.Subscript):
        return constants(node.value, scope)
    elif isinstance(node, ast.Dict):
        parts = node.values
    found = [constants(part, scope) for part in parts]
    if not found or any(texts is None for texts in found):
        return None
    return [text for texts in found for text in texts or ()]


def names(node: ast.expr, scope: Mapping[str, list[ast.expr]]) -> set[str] | None:
    """Return the keys of a mapping, None where they cannot be told."""
    if isinstance(node, ast.Dict):
        keys: set[str] = set()
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                inner = names(value, scope)
                if inner is None:
                    return None
                keys |= inner
            elif isinstance(key, ast.Constant):
                keys.add(str(key.value))
            else:
                return None
        return keys
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = names(node.left, scope), names(node.right, scope)
        return None if left is None or right is None else left | right
    if isinstance(node, ast.Name) and scope.get(node.id):
        # Given once, or begun and added to.
        found = [names(value, scope) for value in scope[node.id]]
        return None if None in found else set().union(*[keys or () for keys in found])
    return None


def scope_of(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """Return what is bound to each name; what cannot be followed is bound to nothing."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        loose = [node.arg] if isinstance(node, ast.arg) else []
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            loose = [part.id for part in node.elts if isinstance(part, ast.Name)]
        for name in loose:
            found.setdefault(name, []).append(ast.Constant(value=None))
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value is not None:
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(node.value)
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                item = ast.Dict(keys=[target.slice], values=[node.value])
                found.setdefault(target.value.id, []).append(item)
    return found


def calls() -> Iterator[Call]:
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        loose = [n for n in tree.body if not isinstance(n, ast.FunctionDef | ast.ClassDef)]
        whole = scope_of(ast.Module(body=loose, type_ignores=[]))
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        for function in functions:
            scope = {**whole, **scope_of(function)}
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    yield from said(node, scope, f"{path.name}:{node.lineno}")


# What adds a finding, and the values it brings by itself.
_ADDS = {
    "_held": {"indicator", "year", "base"},
    "add": set(),
    "_add": {"indicator"},
    "_add_at": {"indicator", "unit"},
}


def said(node: ast.Call, scope: Mapping[str, list[ast.expr]], where: str) -> Iterator[Call]:
    func = node.func
    if isinstance(func, ast.Attribute) and func.attr in _ADDS and node.args:
        codes = constants(node.args[0], scope)
        keys = keywords(node, scope)
        keys = keys if keys is None else keys | _ADDS[func.attr]
        for code in codes or ():
            if code in RULES and keys is not None:
                yield Call(where, f"findings.{code}", frozenset(keys) | ALWAYS)
    if isinstance(func, ast.Name) and func.id == "Problem":
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        codes = constants(given["code"], scope) if "code" in given else None
        keys = names(given["params"], scope) if "params" in given else set()
        for code in codes or ():
            if keys is not None:
                yield Call(where, code, frozenset(keys))


def keywords(node: ast.Call, scope: Mapping[str, list[ast.expr]]) -> set[str] | None:
    found: set[str] = set()
    for keyword in node.keywords:
        if keyword.arg is not None:
            found.add(keyword.arg)
            continue
        inner = names(keyword.value, scope)
        if inner is None:
            return None
        found |= inner
    return found


CALLS = sorted(set(calls()), key=lambda call: (call.code, call.where))


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_most_places_that_say_something_are_found() -> None:
    rules = {call.code.removeprefix("findings.") for call in CALLS}
    own = {rule for rule in RULES if not rule.startswith("layer.")}
    assert own - rules <= CHOSEN
    assert len(CALLS) > 250


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_placeholder_stays_unfilled(lang: str) -> None:
    unfilled = []
    for call in CALLS:
        if call.code.startswith(PASSED_ON):
            continue
        try:
            # Numbers are formatted by some sentences, words are put in by others.
            Text(lang)(call.code, **dict.fromkeys(call.given, 1))
        except KeyError as error:
            unfilled.append(f"{call.where}: {call.code} lacks {error}")
    assert unfilled == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_cannot_be_said_is_told_by_its_code(lang: str) -> None:
    said_so = Problem(code="findings.thousands", params={"where": "a.csv"}).describe(lang)
    assert said_so.startswith("findings.thousands")
