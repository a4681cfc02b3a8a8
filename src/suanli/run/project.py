"""``suanli init``: a folder with a configuration, the profiles and templates to fill in."""

import contextlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from geo.export.table import write_csv
from geo.storage import write_text
from suanli.data import load_catalogue
from suanli.errors import InputError, Problem
from suanli.profile import list_profiles, load_profile
from suanli.run.config import DEFAULT_SEED
from suanli.run.template import write_template
from suanli.text import Language, Text

__all__ = ["start_project"]

# What a project starts with: the profiles that ask for everything, physical indicators too.
_PROFILES: Final[Mapping[str, str]] = {
    "province": "caict2024-province-physical",
    "city": "city-compute-physical",
}
_TEMPLATES: Final[Mapping[str, str]] = {"province": "provinces.xlsx", "city": "cities.xlsx"}


def start_project(folder: Path, *, lang: Language, empty: bool = False) -> list[Path]:
    """Write a project a user can run at once and change bit by bit.

    Parameters
    ----------
    folder : pathlib.Path
        Where to write; files that exist are never overwritten.
    lang : {"zh", "en"}
        Language of comments, templates and outputs.
    empty : bool, default False
        Whether the templates leave out the shipped values.

    Returns
    -------
    list[pathlib.Path]
        The files written: ``suanli.toml``, the profiles, ``data/provinces.csv`` with the
        shipped provincial values of the profile's year, and the templates
        ``data/provinces.xlsx`` and ``data/cities.xlsx``.

    Raises
    ------
    InputError
        A file is already there.
    OSError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> written = start_project(Path(tempfile.mkdtemp()) / "mine", lang="en")
    >>> written[0].name
    'suanli.toml'
    """
    config = folder / "suanli.toml"
    profiles = {name: folder / "profiles" / f"{name}.toml" for name in list_profiles()}
    table = folder / "data" / "provinces.csv"
    templates = {_PROFILES[level]: folder / "data" / name for level, name in _TEMPLATES.items()}
    targets = [config, *profiles.values(), table, *templates.values()]
    present = [path for path in targets if path.exists()]
    if present:
        problems = [Problem(code="run.file_exists", params={"file": str(p)}) for p in present]
        raise InputError(problems)
    text = Text(lang)
    try:
        write_text(config, text("run.template", lang=lang, seed=DEFAULT_SEED, **_PROFILES))
        for name, target in profiles.items():
            source = files("suanli") / "profiles" / f"{name}.toml"
            write_text(target, source.read_text(encoding="utf-8"))
        _write_shipped(table)
        for name, target in templates.items():
            write_template(name, target, text=text, empty=empty)
    except BaseException:
        # None was there before: half a project would only be in the way of the next attempt.
        for target in targets:
            with contextlib.suppress(OSError):
                target.unlink(missing_ok=True)
        raise
    return targets


def _write_shipped(path: Path) -> None:
    """Write the provincial values the profile uses."""
    spec = load_profile(_PROFILES["province"])
    cells = load_catalogue().province.cells
    shipped = cells[cells["indicator"].isin(spec.inputs()) & cells["year"].isin((0, spec.year))]
    write_csv(shipped, path, index=False)
