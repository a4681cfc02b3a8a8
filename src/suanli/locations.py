"""Where the shipped data lie: option, environment, checkout or installed wheel."""

import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from suanli.errors import InputError, Problem

__all__ = ["ENVIRONMENT_VARIABLE", "data_folder"]

ENVIRONMENT_VARIABLE = "SUANLI_DATA"
_PARTS = ("boundaries", "indicators", "reference")


def data_folder(option: Path | None = None) -> Path:
    """Return the folder that holds ``boundaries/``, ``indicators/`` and ``reference/``.

    Looked for in this order: ``option``, the environment variable ``SUANLI_DATA``, the
    checkout this module runs from, the files installed with the wheel.

    Parameters
    ----------
    option : pathlib.Path, optional
        A folder the user named.

    Returns
    -------
    pathlib.Path
        An existing folder.

    Raises
    ------
    InputError
        A named folder lacks a part, or nothing was found.

    Examples
    --------
    >>> (data_folder() / "boundaries").is_dir()
    True
    """
    named = option or (Path(value) if (value := os.environ.get(ENVIRONMENT_VARIABLE)) else None)
    if named is not None:
        missing = [part for part in _PARTS if not (named / part).is_dir()]
        if missing:
            raise InputError(
                [
                    Problem(
                        code="problems.data_folder_incomplete",
                        params={"folder": str(named), "missing": ", ".join(missing)},
                    )
                ]
            )
        return named
    for candidate in (Path(__file__).parents[2] / "data", _installed()):
        if candidate is not None and all((candidate / part).is_dir() for part in _PARTS):
            return candidate
    raise InputError([Problem(code="problems.data_folder_missing")])


def _installed() -> Path | None:
    # The wheel's record knows where "share/suanli" went, whatever the install scheme.
    try:
        recorded = distribution("suanli-atlas").files or []
    except PackageNotFoundError:
        return None
    for entry in recorded:
        parts = entry.parts
        if "share" in parts and "suanli" in parts and entry.name == "units.csv":
            return Path(str(entry.locate())).resolve().parents[1]
    return None
