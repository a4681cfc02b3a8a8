"""``suanli doctor``: whether this machine has what the product needs."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.cartography.font import font_path, missing_glyphs
from suanli.boundaries import load_boundaries
from suanli.errors import InputError
from suanli.locations import data_folder
from suanli.manifest import versions

__all__ = ["Finding", "diagnose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    id : str
        Key of the sentence ``doctor.<id>``.
    passed : bool
        Whether it is as it must be.
    params : Mapping[str, Any]
        Values of the sentence.
    """

    id: str
    passed: bool
    params: Mapping[str, Any] = field(default_factory=dict)


def diagnose() -> list[Finding]:
    """Look at versions, data, font and the optional browser.

    Returns
    -------
    list[Finding]
        In the order they are said.

    Examples
    --------
    >>> diagnose()[0].id
    'versions'
    """
    found = versions()
    said = ", ".join(f"{name} {number}" for name, number in found.items())
    findings = [Finding(id="versions", passed="-" not in found.values(), params={"versions": said})]
    try:
        folder = data_folder()
    except InputError:
        return [*findings, Finding(id="no_data", passed=False)]
    findings.append(Finding(id="data", passed=True, params={"folder": str(folder)}))
    units = load_boundaries().units
    lacking = missing_glyphs("".join(units["name"]))
    findings.append(
        Finding(
            id="font",
            passed=not lacking,
            params={"font": font_path().name, "missing": "".join(lacking) or "0"},
        )
    )
    browsers = ("chromium", "chromium-browser", "google-chrome", "msedge", "firefox")
    browser = next((name for name in browsers if shutil.which(name)), None)
    # Any browser opens the pages; not finding one on the path is no fault.
    params = {"browser": browser or "-"}
    return [*findings, Finding(id="browser", passed=True, params=params)]
