"""Footnotes to scores: what is withheld, and what counts nevertheless."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from suanli.diagnostics.screening import withheld_dimensions
from suanli.errors import Problem
from suanli.evaluation import Scores
from suanli.intake import ANY_YEAR, Intake
from suanli.profile import IndexSpec
from suanli.text import Text

__all__ = ["coverage_said", "unused_years", "withheld_notes"]

_MOST: Final = 10


def withheld_notes(
    scores: Scores,
    names: pd.Series,
    text: Text,
    *,
    units: Collection[str] | None = None,
) -> list[str]:
    """Say which dimensions have no score though the unit has an index, and what that index is.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    names : pandas.Series
        Names of the units by code.
    text : Text
        The words.
    units : Collection[str], optional
        Codes of the units concerned; all when absent.

    Returns
    -------
    list[str]
        For each dimension at most one sentence on units whose values of it still count in
        the index, and one on units that have none; empty where nothing is withheld.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile, replace_spec
    >>> spec = replace_spec(load_profile("caict2024-province"), method={"coverage": 0.9})
    >>> scores = evaluate(load_catalogue().province, spec)
    >>> withheld_notes(scores, pd.Series({"540000": "Tibet"}), Text("en"), units=["540000"])
    ['No score for Computing power: Tibet (86%), fewer than 90% of its indicators have data.
    Those that have, imputed ones included, still count in the index.']
    """
    rows = withheld_dimensions(scores)
    if units is not None:
        rows = rows[rows["code"].isin(units)]
    labels = scores.spec.names()
    said = []
    for (node, used), group in rows.groupby(["node", rows["used"] > 0], sort=False):
        cells = zip(group["code"], group["coverage"], strict=True)
        shown = [
            text("diagnostics.note.unit", unit=names[code], share=f"{share:.0%}")
            if used
            else str(names[code])
            for code, share in cells
        ]
        params = {
            "node": text.of(labels[str(node)].model_dump()),
            "units": text("diagnostics.word.and").join(shown[:_MOST]),
            "least": f"{scores.spec.method.coverage:.0%}",
        }
        if len(shown) > _MOST:
            params["units"] = text("diagnostics.note.more", units=params["units"], count=len(shown))
        said.append(text(f"diagnostics.note.{'counted' if used else 'nothing'}", **params))
    return said


def coverage_said(tables: Mapping[str, pd.DataFrame], text: Text, *, least: float) -> list[str]:
    """Say how much of the data is there and what was done to it.

    Parameters
    ----------
    tables : Mapping[str, pandas.DataFrame]
        ``coverage_cells``, ``coverage_indicators`` and ``coverage_units`` of
        :func:`suanli.run.diagnosing.diagnose_index`.
    text : Text
        The words.
    least : float
        Coverage the profile asks for.

    Returns
    -------
    list[str]
        Cells; indicators and units below, those short of all indicators and those short of a
        dimension's apart; and what the outlier treatment changed, if anything.

    Examples
    --------
    >>> from suanli.run import Request, diagnose_index
    >>> tables = diagnose_index(Request(text=Text("en"))).tables
    >>> coverage_said(tables, Text("en"), least=0.65)[0]
    'Coverage: of 806 values 804 are observed, 1 imputed, 1 still missing.'
    """
    cells = tables["coverage_cells"]
    states, treatments = cells["state"].value_counts(), cells["treatment"].value_counts()
    counts: dict[str, Any] = {
        state: int(states.get(state, 0)) for state in ("observed", "imputed", "missing")
    }
    flags = tables["coverage_units"]["flag"].value_counts()
    below = {
        "least": f"{least:.0%}",
        "indicators": int(tables["coverage_indicators"]["flag"].ne("").sum()),
        "units": int(flags.get("few", 0)),
        "partly": int(flags.get("dimension", 0)),
    }
    said = [
        text("diagnostics.said.coverage", cells=len(cells), **counts),
        text("diagnostics.said.below", **below),
    ]
    for treatment in ("winsorise", "log", "boxcox"):
        changed = cells[cells["treatment"] == treatment]
        if len(changed):
            params = {"count": int(treatments[treatment]), "of": changed["indicator"].nunique()}
            said.append(text(f"diagnostics.said.treated_{treatment}", **params))
    return said


def unused_years(intakes: Sequence[Intake], spec: IndexSpec) -> list[Problem]:
    """Note tables of one's own that have nothing of the year that is evaluated.

    Parameters
    ----------
    intakes : Sequence[Intake]
        The tables.
    spec : IndexSpec
        The profile, with the year.

    Returns
    -------
    list[Problem]
        One for all tables; nothing where one of them has values of the year.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> unused_years((), load_profile("city-compute"))
    []
    """
    wanted = {ANY_YEAR, spec.year, *(item.year for item in spec.indicator if item.year)}
    years = {year for taken in intakes for year in taken.table.years}
    if not years or years & wanted:
        return []
    shown = ", ".join(map(str, sorted(years)))
    return [Problem(code="shown.years_unused", params={"years": shown, "year": spec.year})]
