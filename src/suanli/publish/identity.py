"""Which run and which method a file is of: the same for the same inputs, on any machine."""

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, Final

import shapely

from suanli.profile import IndexSpec
from suanli.publish.edition import Edition
from suanli.publish.gis_layers import unit_level

__all__ = ["layer_metadata", "method_hash", "run_id"]

_SHOWN: Final = 16


def method_hash(spec: IndexSpec) -> str:
    """Return a hash of everything a profile says.

    Parameters
    ----------
    spec : IndexSpec
        The resolved profile.

    Returns
    -------
    str
        SHA-256 in hexadecimal digits, of its canonical JSON.

    Examples
    --------
    >>> from suanli.profile import load_profile, replace_spec
    >>> spec = load_profile("city-compute")
    >>> method_hash(spec) == method_hash(replace_spec(spec, year=spec.year - 1))
    False
    """
    return _digest(_canonical(spec.model_dump(mode="json")))


def run_id(edition: Edition) -> str:
    """Return what tells one run from another: program, profiles, data, layers and settings.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    str
        Sixteen hexadecimal digits; the language changes nothing.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> run_id(sample_edition("en")) == run_id(sample_edition("zh"))
    True
    """
    catalogue, boundaries = edition.catalogue, edition.boundaries
    tables = (catalogue.province.cells, catalogue.city.cells, catalogue.hub_cities)
    shapes = (boundaries.province.geometry, boundaries.city.geometry)
    parts = [
        version("suanli-atlas"),
        *(method_hash(spec) for spec in edition.study.specs),
        _canonical(asdict(edition.study.settings)),
        *(_digest(table.to_csv()) for table in tables),
        *(hashlib.sha256(b"".join(shapely.to_wkb(each.to_numpy()))).hexdigest() for each in shapes),
    ]
    return _digest("\n".join(parts))[:_SHOWN]


def layer_metadata(edition: Edition, name: str, *, run: str) -> dict[str, Any]:
    """Return what a file of one layer says of itself.

    Parameters
    ----------
    edition : Edition
        What is published.
    name : str
        A layer, see :data:`suanli.publish.gis_layers.LAYERS`.
    run : str
        See :func:`run_id`.

    Returns
    -------
    dict[str, Any]
        Texts and numbers. Layers of units say profile, year and hash of the method.
        ``approval_number`` (审图号) is None where there is none, which ``approval`` puts into
        words.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> layer_metadata(sample_edition(), "hubs", run="0")["approval_number"] is None
    True
    """
    text, settings = edition.text, edition.study.settings
    number = edition.approval_number
    legal = text("maps.approval", number=number) if number else text("maps.no_approval")
    said: dict[str, Any] = {"layer": name, "title": text(f"export.layer.{name}")}
    level = unit_level(name)
    if level:
        spec = edition.scores(level).spec
        said |= {
            "title": text.of(spec.title.model_dump()),
            "note": text.of(spec.note.model_dump()),
            "profile": spec.id,
            "year": spec.year,
            "method_sha256": method_hash(spec),
            "seed": settings.seed,
            "permutations": settings.permutations,
            "alpha": settings.alpha,
        }
    return said | {
        "run": run,
        "software": f"suanli-atlas {version('suanli-atlas')}",
        "reference_system": text("export.reference_system"),
        "boundaries": edition.boundary_source(),
        "approval_number": number or None,
        "approval": legal,
    }


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="backslashreplace")).hexdigest()
