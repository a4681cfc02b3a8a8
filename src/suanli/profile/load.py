"""Load profiles, ours by name and a user's by path, and derive changed ones."""

import difflib
import tomllib
from collections.abc import Collection, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from suanli.errors import InputError, Problem, os_reason, parse_toml, toml_reason
from suanli.profile.check import validated
from suanli.profile.model import Dimension, IndexSpec, Indicator, Judgement, Names

__all__ = [
    "duplicate_names",
    "inference_spec",
    "list_profiles",
    "load_profile",
    "parse_profile",
    "replace_spec",
    "without",
]


def list_profiles() -> tuple[str, ...]:
    """Return the names of the shipped profiles.

    Returns
    -------
    tuple[str, ...]
        Sorted names.

    Examples
    --------
    >>> list_profiles()
    ('caict2024-province', 'caict2024-province-physical', 'city-compute', 'city-compute-physical')
    """
    folder = files("suanli") / "profiles"
    return tuple(
        sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml"))
    )


def load_profile(name: str | Path) -> IndexSpec:
    """Load a shipped profile by name or a user's profile by path.

    Parameters
    ----------
    name : str or pathlib.Path
        A name from :func:`list_profiles`, or the path of a TOML file.

    Returns
    -------
    IndexSpec
        The validated profile.

    Raises
    ------
    InputError
        No such profile, unreadable file, or problems in it, all of them at once.

    Examples
    --------
    >>> load_profile("caict2024-province").level
    'province'
    """
    known = list_profiles()
    base: Path | None = None
    if str(name) in known:
        source = (files("suanli") / "profiles" / f"{name}.toml").read_bytes()
    else:
        path = Path(name)
        if not path.is_file():
            close = difflib.get_close_matches(str(name), known, n=1)
            params = {"name": str(name), "known": ", ".join(known), "close": "".join(close)}
            code = "profile.unknown_close" if close else "profile.unknown"
            raise InputError([Problem(code=code, params=params)])
        try:
            source, base = path.read_bytes(), path.parent
        except OSError as error:
            refused: dict[str, Any] = {"file": str(path), "detail": os_reason(error)}
            raise InputError([Problem(code="profile.unreadable", params=refused)]) from None
    spec = parse_profile(source, file=str(name))
    return spec if base is None else _anchored(spec, base)


def _anchored(spec: IndexSpec, base: Path) -> IndexSpec:
    """Let relative files of rasters start at the folder of the profile."""
    rasters = tuple(
        item.model_copy(
            update={
                "file": str(base / item.file),
                "weights": str(base / item.weights) if item.weights else "",
            }
        )
        for item in spec.raster
    )
    return spec.model_copy(update={"raster": rasters}) if rasters else spec


def parse_profile(source: bytes, *, file: str) -> IndexSpec:
    """Validate the text of a profile.

    Parameters
    ----------
    source : bytes
        UTF-8 TOML.
    file : str
        What to call it in messages.

    Returns
    -------
    IndexSpec
        The validated profile.

    Raises
    ------
    InputError
        Every problem found.

    Examples
    --------
    >>> try:
    ...     parse_profile(b"id = ", file="broken.toml")
    ... except InputError as error:
    ...     print(error.describe("en"))
    The profile broken.toml is not valid UTF-8 TOML: ...
    """
    try:
        fields = parse_toml(source)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        params = {"file": file, "detail": toml_reason(error)}
        raise InputError([Problem(code="profile.syntax", params=params)]) from None
    return validated(fields, file=file)


def replace_spec(spec: IndexSpec, **changes: Any) -> IndexSpec:
    """Return a validated copy of a profile with some fields changed.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    **changes : Any
        Fields of the profile; ``method`` may be a mapping of single choices.

    Returns
    -------
    IndexSpec
        The changed profile.

    Raises
    ------
    InputError
        The change breaks the profile.

    Examples
    --------
    >>> spec = load_profile("caict2024-province")
    >>> replace_spec(spec, method={"weight": "equal"}).method.weight
    'equal'
    """
    fields = spec.model_dump()
    if isinstance(changes.get("method"), Mapping):
        changes["method"] = {**fields["method"], **changes["method"]}
    return validated({**fields, **changes}, file=spec.id)


def duplicate_names(spec: IndexSpec) -> tuple[Problem, ...]:
    """Find dimensions and indicators that readers cannot tell apart by their names.

    A profile may be scored all the same, so this is worth a warning and no refusal.

    Parameters
    ----------
    spec : IndexSpec
        The profile.

    Returns
    -------
    tuple[Problem, ...]
        One for each name that two or more have in one language.

    Examples
    --------
    >>> duplicate_names(load_profile("caict2024-province"))
    ()
    """
    shared: dict[tuple[str, ...], str] = {}
    for lang in Names.model_fields:
        owners: dict[str, list[str]] = {}
        for node, name in spec.names().items():
            owners.setdefault(getattr(name, lang), []).append(node)
        # The same pair by both of its names is said once.
        shared |= {tuple(same): name for name, same in owners.items() if len(same) > 1}
    return tuple(
        Problem(
            code="profile.duplicate_name",
            params={"file": spec.id, "items": ", ".join(same), "name": name},
        )
        for same, name in shared.items()
    )


def inference_spec(spec: IndexSpec) -> IndexSpec:
    """Return a profile without the indicators that spatial tests must not use.

    Nodes that lose all their indicators go too. Judgement matrices and given weights shrink
    to the children that remain, which keeps the ratios between them.

    Parameters
    ----------
    spec : IndexSpec
        The profile.

    Returns
    -------
    IndexSpec
        The reduced profile; ``spec`` itself when nothing is excluded.

    Raises
    ------
    InputError
        Nothing is left to score.

    Examples
    --------
    >>> reduced = inference_spec(load_profile("city-compute"))
    >>> any(item.inference == "excluded" for item in reduced.indicator)
    False
    """
    return without(spec, {item.id for item in spec.indicator if item.inference == "excluded"})


def without(spec: IndexSpec, removed: Collection[str]) -> IndexSpec:
    """Return a profile without some of its indicators.

    Nodes that lose all their indicators go too. Judgement matrices and given weights shrink
    to the children that remain, which keeps the ratios between them. Limits of weights that
    have lost a sibling go: they were meant for weights among all.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    removed : Collection[str]
        Identifiers of the indicators to leave out.

    Returns
    -------
    IndexSpec
        The reduced profile; ``spec`` itself when it has none of them.

    Raises
    ------
    InputError
        Nothing is left to score.

    Examples
    --------
    >>> spec = load_profile("city-compute")
    >>> len(spec.indicator) - len(without(spec, {"temperature"}).indicator)
    1
    """
    indicators = [item for item in spec.indicator if item.id not in removed]
    if len(indicators) == len(spec.indicator):
        return spec
    if not indicators:
        raise InputError([Problem(code="profile.nothing_to_test", params={"profile": spec.id})])
    parents = {item.id: item.parent for item in spec.dimension}
    alive: set[str] = set()
    for item in indicators:
        node = item.parent
        while node in parents:
            alive.add(node)
            node = parents[node]
    kept = {item.id for item in indicators} | alive
    dimensions = [item for item in spec.dimension if item.id in alive]
    remaining: list[Dimension | Indicator] = [*dimensions, *indicators]
    total: dict[str, float] = {}
    for each in remaining:
        total[each.parent] = total.get(each.parent, 0.0) + (each.weight or 0.0)
    return replace_spec(
        spec,
        dimension=[_dumped(item, total) for item in dimensions],
        indicator=[_dumped(item, total) for item in indicators],
        judgement=[s.model_dump() for item in spec.judgement if (s := _shrunk(item, kept))],
        uncertainty=spec.uncertainty.model_dump() | {"limits": _limits(spec, kept)},
    )


def _limits(spec: IndexSpec, kept: set[str]) -> dict[str, tuple[float, float]]:
    parents = {item.id: item.parent for item in spec.items()}
    fewer = {parent for name, parent in parents.items() if name not in kept}
    limits = spec.uncertainty.limits
    return {name: ends for name, ends in limits.items() if parents[name] not in fewer}


def _dumped(item: Dimension | Indicator, total: Mapping[str, float]) -> dict[str, Any]:
    fields = item.model_dump()
    if item.weight and total[item.parent]:
        fields["weight"] = item.weight / total[item.parent]
    return fields


def _shrunk(judgement: Judgement, kept: set[str]) -> Judgement | None:
    places = [place for place, child in enumerate(judgement.order) if child in kept]
    if len(places) < 2:  # noqa: PLR2004 - one child needs no comparison
        return None
    return judgement.model_copy(
        update={
            "order": tuple(judgement.order[i] for i in places),
            "consistency_ratio": None,
            "matrix": tuple(tuple(judgement.matrix[i][j] for j in places) for i in places),
        }
    )
