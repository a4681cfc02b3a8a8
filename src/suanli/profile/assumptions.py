"""The rules of a profile's uncertainty: every combination of its options must be a profile."""

import difflib
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pydantic

from suanli.errors import Problem, value_reason
from suanli.profile.method import Method
from suanli.profile.model import IndexSpec
from suanli.profile.uncertainty import FIXED, MOST_COMBINATIONS, Choice

__all__ = [
    "Found",
    "Rule",
    "limit_rules",
    "named",
    "options_at",
    "sentence",
    "uncertainty_rules",
]

_DUST: Final = 1e-9

Found = Iterator[tuple[str, dict[str, Any]]]
"""Code and values of each problem."""

Rule = Callable[[IndexSpec], Found]
"""A rule of a profile."""


def named(fields: Mapping[str, Any]) -> str:
    """Name a set of fields as a profile would write them.

    Parameters
    ----------
    fields : Mapping[str, Any]
        Fields of ``[method]``.

    Returns
    -------
    str
        Such as ``"normalise = zscore, centre = 10"``.

    Examples
    --------
    >>> named({"impute": ["nearest_year", "group_mean"], "lower": 1.0})
    'impute = nearest_year + group_mean, lower = 1'
    """

    def value(given: Any) -> str:
        if isinstance(given, list | tuple):
            return " + ".join(map(str, given)) or "[]"
        return f"{given:g}" if isinstance(given, float) else str(given)

    return ", ".join(f"{key} = {value(given)}" for key, given in fields.items()) or "-"


def sentence(code: str, params: Mapping[str, Any]) -> Problem:
    """Make a problem of what a rule found.

    Parameters
    ----------
    code : str
        Key of its sentence; among those of profiles where it names no area.
    params : Mapping[str, Any]
        Values of the sentence.

    Returns
    -------
    Problem
        To be reported.

    Examples
    --------
    >>> sentence("cycle", {"id": "a"}).code
    'profile.cycle'
    """
    return Problem(code=code if "." in code else f"profile.{code}", params=dict(params))


def options_at(choices: tuple[Choice, ...], places: tuple[int, ...]) -> dict[str, Any]:
    """Put together the fields of one option of every choice.

    Parameters
    ----------
    choices : tuple[Choice, ...]
        The choices of a profile.
    places : tuple[int, ...]
        Which option of each, from 0.

    Returns
    -------
    dict[str, Any]
        Fields of ``[method]``.

    Examples
    --------
    >>> choice = Choice(name="mean", options=({}, {"aggregate": "geometric"}))
    >>> options_at((choice,), (1,))
    {'aggregate': 'geometric'}
    """
    fields: dict[str, Any] = {}
    for choice, place in zip(choices, places, strict=True):
        fields |= choice.options[place]
    return fields


def limit_rules(spec: IndexSpec) -> Found:
    """Find what is wrong with the limits of single weights.

    Parameters
    ----------
    spec : IndexSpec
        The profile.

    Yields
    ------
    tuple[str, dict[str, Any]]
        Code and values of each problem: a node that is not in the profile, a range out of
        order, limits of siblings that cannot sum to 1.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> list(limit_rules(load_profile("caict2024-province")))
    []
    """
    limits = spec.uncertainty.limits
    known = {item.id: item.parent for item in spec.items()}
    words = {name: item.id for item in spec.items() for name in (item.id, item.name.zh)}
    for name, (low, high) in limits.items():
        if name not in known:
            near = difflib.get_close_matches(name, list(words), n=1, cutoff=0.0)
            close = "".join(words[word] for word in near)
            yield "levers.limits_unknown", {"name": name, "close": close}
        if not 0 <= low <= high <= 1:
            yield "levers.limits_order", {"name": name, "low": f"{low:g}", "high": f"{high:g}"}
    fit = {n: e for n, e in limits.items() if n in known and 0 <= e[0] <= e[1] <= 1}
    for node in dict.fromkeys(known[name] for name in fit):
        children = spec.children(node)
        ends = [fit.get(child, (0.0, 1.0)) for child in children]
        least, most = (sum(end) for end in zip(*ends, strict=True))
        if least > 1 + _DUST or most < 1 - _DUST:
            params = {"node": node, "children": ", ".join(c for c in children if c in fit)}
            sums = {"least": f"{least:.6g}", "most": f"{most:.6g}"}
            yield "levers.limits_sum", params | sums


def uncertainty_rules(spec: IndexSpec, rules: tuple[Rule, ...]) -> Found:
    """Find what is wrong with the uncertainty of a profile.

    Parameters
    ----------
    spec : IndexSpec
        The profile, valid but for its uncertainty.
    rules : tuple[Rule, ...]
        Rules that every combination of options must obey.

    Yields
    ------
    tuple[str, dict[str, Any]]
        Code and values of each problem.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> list(uncertainty_rules(load_profile("caict2024-province"), ()))
    []
    """
    uncertainty = spec.uncertainty
    low, high = uncertainty.interval
    if low >= high:
        yield "uncertainty_interval", {"low": f"{low:g}", "high": f"{high:g}"}
    if uncertainty.omit > 0 and len(spec.indicator) == 1:
        yield "uncertainty_omit", {"omit": f"{uncertainty.omit:g}"}
    unfit = [*_names(uncertainty.choice), *_fields(spec)]
    yield from unfit
    if not unfit:
        yield from _combinations(spec, rules)


def _names(choices: tuple[Choice, ...]) -> Found:
    for name, count in Counter(choice.name for choice in choices).items():
        if count > 1 or name in {"weights", "omission"}:
            yield "uncertainty_name", {"choice": name}
    owner: dict[str, str] = {}
    for choice in choices:
        for key in dict.fromkeys(key for option in choice.options for key in option):
            if key in FIXED:
                known = ", ".join(sorted(FIXED))
                yield "uncertainty_fixed", {"choice": choice.name, "key": key, "fixed": known}
            first = owner.setdefault(key, choice.name)
            if first != choice.name:
                yield "uncertainty_twice", {"choice": choice.name, "key": key, "first": first}


def _fields(spec: IndexSpec) -> Found:
    """Check each option by itself, so that a slip is named once, not once per combination."""
    own = spec.method.model_dump()
    for choice in spec.uncertainty.choice:
        for option in choice.options:
            try:
                Method.model_validate(own | option)
            except pydantic.ValidationError as error:
                for item in error.errors():
                    params = {"choice": choice.name, "option": named(option)}
                    if item["type"] == "extra_forbidden":
                        known = ", ".join(sorted(set(Method.model_fields) - FIXED))
                        params |= {"key": str(item["loc"][0]), "known": known}
                        yield "uncertainty_key", params
                    else:
                        yield "uncertainty_option", {**params, "detail": value_reason(item)}


def _combinations(spec: IndexSpec, rules: tuple[Rule, ...]) -> Found:
    choices = spec.uncertainty.choice
    sizes = [len(choice.options) for choice in choices]
    count = math.prod(sizes)
    if count > MOST_COMBINATIONS:
        yield "uncertainty_many", {"count": count, "most": MOST_COMBINATIONS}
        return
    own = spec.method.model_dump()
    for places in itertools.product(*map(range, sizes)):
        fields = options_at(choices, places)
        changed = spec.model_copy(update={"method": Method.model_validate(own | fields)})
        for rule in rules:
            for code, params in rule(changed):
                reason = sentence(code, {"file": spec.id, **params})
                yield "uncertainty_combination", {"combination": named(fields), "reason": reason}
