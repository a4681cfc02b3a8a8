"""The rules of a profile's uncertainty: every combination of its options must be a profile."""

import itertools
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pydantic

from suanli.errors import value_reason
from suanli.profile.draft import given
from suanli.profile.finding import Fault, Found, Rule, asked
from suanli.profile.method import Method
from suanli.profile.model import IndexSpec
from suanli.profile.uncertainty import FIXED, MOST_COMBINATIONS, Choice

__all__ = ["named", "options_at", "uncertainty_rules"]


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


def uncertainty_rules(spec: IndexSpec, rules: tuple[Rule, ...], *, combine: bool = True) -> Found:
    """Find what is wrong with the uncertainty of a profile.

    Parameters
    ----------
    spec : IndexSpec
        The profile, or a draft of a faulty one.
    rules : tuple[Rule, ...]
        Rules that every combination of options must obey.
    combine : bool
        Whether ``[method]`` is sound, so that options can be combined with it.

    Yields
    ------
    Fault
        What is wrong, but for what is wrong with the profile itself.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> list(uncertainty_rules(load_profile("caict2024-province"), ()))
    []
    """
    yield from asked(_interval, spec)
    yield from asked(_omit, spec)
    unfit = [*asked(_names, spec), *asked(_fields, spec)]
    yield from unfit
    if combine and not unfit:
        yield from asked(_combinations, spec, rules)


def _interval(spec: IndexSpec) -> Found:
    low, high = spec.uncertainty.interval
    if low >= high:
        params = {"low": f"{low:g}", "high": f"{high:g}"}
        yield Fault(("uncertainty", "interval"), "robustness.uncertainty_interval", params)


def _omit(spec: IndexSpec) -> Found:
    if spec.uncertainty.omit > 0 and len(spec.indicator) == 1:
        params = {"omit": f"{spec.uncertainty.omit:g}"}
        yield Fault(("uncertainty", "omit"), "robustness.uncertainty_omit", params)


def _names(spec: IndexSpec) -> Found:
    choices = spec.uncertainty.choice
    names = [given(choice, "name") for choice in choices]
    for name, count in Counter(names).items():
        if name is not None and (count > 1 or name in {"weights", "omission"}):
            place = ("uncertainty", "choice", len(names) - 1 - names[::-1].index(name), "name")
            yield Fault(place, "robustness.uncertainty_name", {"choice": name})
    owner: dict[str, Any] = {}
    for number, choice in enumerate(choices):
        name = names[number] or number + 1
        options = given(choice, "options") or ()
        for key in dict.fromkeys(key for option in options for key in option):
            params = {"choice": name, "key": key}
            place = ("uncertainty", "choice", number, "options")
            if key in FIXED:
                params["fixed"] = ", ".join(sorted(FIXED))
                yield Fault(place, "robustness.uncertainty_fixed", params)
            first = owner.setdefault(key, name)
            if first != name:
                yield Fault(place, "robustness.uncertainty_twice", {**params, "first": first})


def _fields(spec: IndexSpec) -> Found:
    """Check each option by itself, so that a slip is named once, not once per combination."""
    for number, choice in enumerate(spec.uncertainty.choice):
        for option in given(choice, "options") or ():
            try:
                Method.model_validate(option)
            except pydantic.ValidationError as error:
                name = given(choice, "name") or number + 1
                params = {"choice": name, "option": named(option)}
                place = ("uncertainty", "choice", number, "options")
                for item in error.errors():
                    yield _field(place, params, item)


def _field(place: tuple[str | int, ...], params: Mapping[str, Any], item: Any) -> Fault:
    if item["type"] == "extra_forbidden":
        known = ", ".join(sorted(set(Method.model_fields) - FIXED))
        unknown = {**params, "key": str(item["loc"][0]), "known": known}
        return Fault(place, "robustness.uncertainty_key", unknown)
    detail = {**params, "detail": value_reason(item)}
    return Fault(place, "robustness.uncertainty_option", detail)


def _combinations(spec: IndexSpec, rules: tuple[Rule, ...]) -> Found:
    choices = spec.uncertainty.choice
    sizes = [len(choice.options) for choice in choices]
    count = math.prod(sizes)
    place = ("uncertainty", "choice")
    if count > MOST_COMBINATIONS:
        many = {"count": count, "most": MOST_COMBINATIONS}
        yield Fault(place, "robustness.uncertainty_many", many)
        return
    said = [fault for rule in rules for fault in asked(rule, spec)]
    own = spec.method.model_dump()
    found: list[tuple[Fault, list[dict[str, Any]]]] = []
    for places in itertools.product(*map(range, sizes)):
        fields = options_at(choices, places)
        changed = spec.model_copy(update={"method": Method.model_validate(own | fields)})
        for fault in (fault for rule in rules for fault in asked(rule, changed)):
            if fault not in said:
                known = next((those for one, those in found if one == fault), None)
                if known is None:
                    found.append((fault, [fields]))
                else:
                    known.append(fields)
    for fault, combined in found:
        params = {"combination": named(_culprit(combined))}
        reason = fault.problem(given(spec, "id") or "-")
        yield Fault(place, "robustness.uncertainty_combination", {**params, "reason": reason})


def _culprit(combinations: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what combinations with the same fault have in common, else the first of them."""
    first = combinations[0]
    common = {
        key: value
        for key, value in first.items()
        if all(one.get(key) == value for one in combinations)
    }
    return common or first
