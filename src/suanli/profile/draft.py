"""What is left of a profile with faulty fields, so that all other rules can still be asked.

A field that cannot be read is absent from a draft. A rule that needs it raises
:exc:`UnreadableError` on the way and is silent: what it would say could only repeat the fault, or
be wrong.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin

import pydantic

from suanli.profile.method import Frozen, UnreadableError
from suanli.profile.model import IndexSpec

__all__ = ["UnreadableError", "drafted", "given"]

Part = TypeVar("Part", bound=Frozen)

# A negative weight still counts in the sum of its siblings.
_SUMMED: Final = "weight"


def drafted(fields: Mapping[str, Any]) -> IndexSpec:
    """Read what can be read of a profile.

    Parameters
    ----------
    fields : Mapping[str, Any]
        What the TOML file says.

    Returns
    -------
    IndexSpec
        Without the fields that are missing or cannot be used; asking for one of them raises
        `UnreadableError`. Numbers out of bounds and identifiers that break the pattern are kept.

    Examples
    --------
    >>> draft = drafted({"id": "x", "year": "soon", "method": {"weight": "equl", "lower": 1}})
    >>> draft.id, draft.method.lower
    ('x', 1.0)
    >>> given(draft, "year") is None, given(draft.method, "weight") is None
    (True, True)
    """
    return _part(IndexSpec, fields)


def given(part: Frozen, name: str) -> Any:
    """Return a field of a draft, if it could be read.

    Parameters
    ----------
    part : Frozen
        A draft or a part of one.
    name : str
        The field.

    Returns
    -------
    Any
        Its value; None where it could not be read.

    Examples
    --------
    >>> given(drafted({"id": "x"}), "id")
    'x'
    """
    return part.__dict__.get(name)


def _part(model: type[Part], fields: Mapping[str, Any]) -> Part:
    known: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if name in fields:
            known |= _read(model, name, fields[name])
        elif not info.is_required():
            known[name] = info.get_default(call_default_factory=True)
    part = model.model_construct(**known)
    for name in model.model_fields.keys() - known.keys():
        part.__dict__.pop(name, None)  # pydantic puts defaults in place of what is faulty
    return part


def _read(model: type[Frozen], name: str, value: Any) -> dict[str, Any]:
    """Return the value under its name, or nothing if it cannot be used."""
    try:
        return {name: getattr(_alone(model, name).model_validate({name: value}), name)}
    except pydantic.ValidationError:
        if name == _SUMMED and isinstance(value, int | float) and not isinstance(value, bool):
            return {name: value}
    annotation = model.model_fields[name].annotation
    inner = _model(annotation)
    if inner is None:
        return {}
    if get_origin(annotation) is not tuple:
        return {name: _part(inner, value)} if isinstance(value, Mapping) else {}
    if isinstance(value, list | tuple) and value:
        # What is no table keeps its place as one of which nothing is known.
        return {name: tuple(_part(inner, _fields(one)) for one in value)}
    return {}


def _fields(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


@cache
def _alone(model: type[Frozen], name: str) -> type[Frozen]:
    """Make a model of one field, to check it apart from the others."""
    info = model.model_fields[name]
    return pydantic.create_model("Alone", __base__=Frozen, **{name: (info.annotation, info)})  # type: ignore[call-overload, no-any-return]


def _model(annotation: Any) -> type[Frozen] | None:
    """Find the model within an annotation such as ``tuple[Dimension, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, Frozen):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model(inner))), None)
