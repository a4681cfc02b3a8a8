"""What is said of optional indicators that do not count."""

from collections.abc import Sequence
from typing import Final

from suanli.errors import Problem
from suanli.evaluation import optional_coverage, settled
from suanli.intake.table import ANY_YEAR, IndicatorTable
from suanli.profile import IndexSpec
from suanli.text import LANGUAGES

__all__ = ["absent_note", "thin_notes"]

_COMMA: Final = {"zh": "、", "en": ", "}


def thin_notes(table: IndicatorTable, spec: IndexSpec) -> list[Problem]:
    """Say which optional indicators have values, but of too few units, and do not count.

    Somebody brought these values and would wonder: worth a warning.

    Parameters
    ----------
    table : IndicatorTable
        The data of the units evaluated.
    spec : IndexSpec
        The profile as it is written.

    Returns
    -------
    list[Problem]
        One per indicator.

    Examples
    --------
    >>> import pandas as pd
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("caict2024-province-physical")
    >>> shipped = load_catalogue().province
    >>> own = pd.DataFrame({"code": ["110000"], "year": [2023], "indicator": ["pue"],
    ...     "value": [1.3], "unit": ["1"], "quality": ["user"], "source": ["mine.xlsx"]})
    >>> [note] = thin_notes(shipped | IndicatorTable(cells=own), spec)
    >>> print(note.describe("en"))
    Mean PUE does not count: 3% of the units have values for 2023 (values given: 2023), less
    than the 65% the profile asks for.
    """
    names = spec.names()
    kept = {item.id for item in settled(table, spec).indicator}
    notes = []
    for name, share in optional_coverage(table, spec, years=[spec.year]).items():
        item = next(one for one in spec.indicator if one.id == name)
        years = _years(table, spec.inputs(item))
        if name in kept or not years:
            continue
        params = {
            "name": names[str(name)].model_dump(),
            "share": f"{share:.0%}",
            "year": item.year or spec.year,
            "years": ", ".join(years),
            "coverage": f"{spec.method.coverage:.0%}",
        }
        notes.append(Problem(code="template.thin", params=params))
    return notes


def absent_note(table: IndicatorTable, spec: IndexSpec) -> list[Problem]:
    """Name the optional indicators nobody brought values of.

    Parameters
    ----------
    table : IndicatorTable
        The data of the units evaluated.
    spec : IndexSpec
        The profile as it is written.

    Returns
    -------
    list[Problem]
        One for all of them; empty where there are none. Nothing is wrong with that: it is to
        be told, and no reason to refuse.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> spec = load_profile("city-compute-physical")
    >>> [note] = absent_note(load_catalogue().city, spec)
    >>> note.params["count"]
    9
    """
    absent = [
        item.name.model_dump()
        for item in spec.indicator
        if item.optional and not _years(table, spec.inputs(item))
    ]
    if not absent:
        return []
    shown = {lang: _COMMA[lang].join(name[lang] for name in absent) for lang in LANGUAGES}
    params = {"count": len(absent), "names": shown, "title": spec.title.model_dump()}
    return [Problem(code="template.absent", params=params)]


def _years(table: IndicatorTable, names: Sequence[str]) -> list[str]:
    """Return the years for which any unit has all inputs."""
    if not set(names) <= set(table.indicators):
        return []
    return [
        str(year)
        for year in table.years
        if year != ANY_YEAR and table.wide(year, names).notna().all(axis="columns").any()
    ]
