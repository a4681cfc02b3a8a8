"""Everything wrong with a profile at once: its fields first, then every rule that can be asked."""

import difflib
import re
from collections.abc import Mapping
from typing import Any, Final

import pydantic

from suanli.errors import InputError, Problem, value_reason
from suanli.profile.assumptions import uncertainty_rules
from suanli.profile.coherence import misplaced
from suanli.profile.draft import drafted
from suanli.profile.family import nearest
from suanli.profile.finding import Fault, Place, asked
from suanli.profile.method import Combination, Method
from suanli.profile.model import Dimension, IndexSpec, Indicator, Judgement, Names, Raster, Variable
from suanli.profile.rules import OF_METHOD, OF_STRUCTURE
from suanli.profile.uncertainty import Choice, Uncertainty, WeightDistribution

__all__ = ["validated"]

_MODELS: Final[Mapping[str, type[pydantic.BaseModel]]] = {
    "choice": Choice,
    "combination": Combination,
    "dimension": Dimension,
    "indicator": Indicator,
    "judgement": Judgement,
    "method": Method,
    "name": Names,
    "note": Names,
    "raster": Raster,
    "title": Names,
    "uncertainty": Uncertainty,
    "variable": Variable,
    "weights": WeightDistribution,
}
# What is said of a field by itself.
_FIELD: Final = frozenset(
    {
        "choice",
        "choice_close",
        "identifier",
        "missing",
        "profile_id",
        "scoring.misplaced",
        "unknown_key",
        "unknown_key_close",
        "value",
    }
)


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
        All problems found, in the order of the file. What a faulty field makes unknowable is
        not guessed at.

    Examples
    --------
    >>> try:
    ...     validated({"id": "Mine", "method": {"weight": "equl"}}, file="mine.toml")
    ... except InputError as error:
    ...     [problem.code for problem in error.problems][:3]
    ['profile.missing', 'profile.missing', 'profile.missing']
    """
    faults: list[Fault] = []
    try:
        spec = IndexSpec.model_validate(dict(fields))
    except pydantic.ValidationError as error:
        faults = _of_fields(error, fields)
        spec = drafted(fields)
    faults += [fault for rule in (*OF_STRUCTURE, *OF_METHOD) for fault in asked(rule, spec)]
    sound = not any(fault.place[:1] == ("method",) and fault.code in _FIELD for fault in faults)
    faults += uncertainty_rules(spec, OF_METHOD, combine=sound)
    faults.sort(key=lambda fault: _position(fault.place, fields))
    once = [fault for place, fault in enumerate(faults) if fault not in faults[:place]]
    if once:
        raise InputError([fault.problem(file) for fault in once])
    return spec


def _position(place: Place, fields: Any) -> tuple[int, ...]:
    """Return where a place stands in its file; what is absent stands before what is there."""
    found = []
    for step in place:
        if isinstance(fields, Mapping):
            keys = list(fields)
            found.append(keys.index(step) if step in fields else -1)
            fields = fields.get(step)
        else:
            number = step if isinstance(step, int) else -1
            inside = isinstance(fields, list | tuple) and 0 <= number < len(fields)
            found.append(number)
            fields = fields[number] if inside else None
    return tuple(found)


def _of_fields(error: pydantic.ValidationError, fields: Mapping[str, Any]) -> list[Fault]:
    items = error.errors()
    # A list whose only entry is wrong is also reported as empty: once is enough.
    deeper = {item["loc"][0] for item in items if len(item["loc"]) > 1}
    return [
        _field(item, fields)
        for item in items
        if not (item["type"] == "too_short" and item["loc"][0] in deeper)
    ]


def _field(item: Any, fields: Mapping[str, Any]) -> Fault:
    location = item["loc"]
    params: dict[str, Any] = {"where": _place(location, fields)}
    if item["type"] == "missing":
        return Fault(location, "missing", {**params, "key": location[-1]})
    if item["type"] == "extra_forbidden":
        known = sorted(_model(location[:-1]).model_fields)
        close = nearest(str(location[-1]), known)
        code = "unknown_key_close" if close else "unknown_key"
        params |= {"key": location[-1], "known": ", ".join(known), "close": close}
        return Fault(location, code, params)
    value, expected = item["input"], item.get("ctx", {}).get("expected", "")
    inside = [step for step in location[1:] if isinstance(step, str)] or location[:1]
    params |= {"key": ".".join(map(str, inside)), "value": repr(value)[:80]}
    other = misplaced(location, value)
    if other:
        return Fault(location, "scoring.misplaced", {**params, "other": other, "value": value})
    if item["type"] == "string_pattern_mismatch":
        return Fault(location, "identifier" if len(location) > 1 else "profile_id", params)
    if expected:
        expected = str(expected).replace(" or ", ", ")
        close = "".join(
            difflib.get_close_matches(str(value), re.findall(r"'([^']*)'", expected), n=1)
        )
        code = "choice_close" if close else "choice"
        return Fault(location, code, {**params, "expected": expected, "close": close})
    return Fault(location, "value", {**params, "detail": value_reason(item)})


def _model(location: Place) -> type[pydantic.BaseModel]:
    """Return the model of the table a location leads to."""
    names = [step for step in location if isinstance(step, str)]
    return _MODELS.get(names[-1], IndexSpec) if names else IndexSpec


def _place(location: tuple[Any, ...], fields: Mapping[str, Any]) -> str | Problem:
    """Name the table of the file: ``indicator 'fibre'`` instead of ``indicator.12``."""
    if len(location) > 1 and isinstance(location[1], int):
        entries = fields.get(str(location[0]))
        entry = entries[location[1]] if isinstance(entries, list | tuple) else None
        label = entry.get("id", entry.get("parent")) if isinstance(entry, Mapping) else None
        known = label if isinstance(label, str) and label else location[1] + 1
        return f"[[{location[0]}]] {known}"
    return f"[{location[0]}]" if len(location) > 1 else Problem(code="profile.top")
