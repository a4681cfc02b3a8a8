"""``suanli diagnose``, ``compare`` and ``unit``: what stands behind the scores."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from geo.export.table import write_csv
from suanli.diagnostics.correlation import (
    METHODS,
    Limits,
    ancestor_correlations,
    consistency,
    correlation_matrix,
    pair_correlations,
)
from suanli.diagnostics.coverage import cell_report, indicator_coverage, unit_coverage
from suanli.diagnostics.decomposition import (
    compare_units,
    compare_years,
    growth,
    rank_changes,
    yearly_growth,
)
from suanli.diagnostics.importance import carried_weights
from suanli.diagnostics.pca import node_components
from suanli.diagnostics.screening import screening_table
from suanli.diagnostics.splitting import is_splittable
from suanli.diagnostics.statistics import indicator_statistics
from suanli.diagnostics.strengths import strengths, top_and_bottom, unit_summary
from suanli.errors import InputError, Problem
from suanli.evaluation import Scores, evaluate, evaluate_panel
from suanli.intake import IndicatorTable
from suanli.profile import IndexSpec
from suanli.run.config import DataFile
from suanli.run.holding import held_units, located
from suanli.run.parts import prepared
from suanli.run.telling import Teller
from suanli.text import Text

__all__ = [
    "Explanation",
    "Request",
    "compare_scores",
    "diagnose_index",
    "explain_unit",
    "written",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which evaluation is asked about.

    Attributes
    ----------
    profile : str
        Name of a shipped profile or path of a TOML file; where units are named, empty for the
        one of their level.
    data : tuple[DataFile or pathlib.Path, ...]
        Tables laid over the shipped data.
    year : int, optional
        The year to evaluate; the profile's when absent.
    out : pathlib.Path, optional
        Folder for all tables as CSV.
    text : Text
        Language of names and sentences.
    warn : Callable[[str], None]
        Called with a sentence for what is worth knowing but stops nothing.
    """

    profile: str = "caict2024-province"
    data: tuple[DataFile | Path, ...] = ()
    year: int | None = None
    out: Path | None = None
    text: Text = field(default_factory=lambda: Text("zh"))
    warn: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explanation:
    """What is said about scores.

    Attributes
    ----------
    tables : Mapping[str, pandas.DataFrame]
        All tables by file name, with identifiers.
    shown : Mapping[str, pandas.DataFrame]
        Tables to print by title, in words.
    sentences : tuple[str, ...]
        What follows from them.
    """

    tables: Mapping[str, pd.DataFrame]
    shown: Mapping[str, pd.DataFrame]
    sentences: tuple[str, ...]


def diagnose_index(request: Request, *, limits: Limits | None = None) -> Explanation:
    """Tell whether an index is well built.

    Parameters
    ----------
    request : Request
        Which evaluation.
    limits : Limits, optional
        Where correlations and alphas are flagged.

    Returns
    -------
    Explanation
        Correlations, consistency, components, weights, coverage, strengths of all units
        and, where the profile has a panel, changes over the years.

    Raises
    ------
    InputError
        Profile or data cannot be used.

    Examples
    --------
    >>> told = diagnose_index(Request(text=Text("en")))
    >>> "weights" in told.tables
    True
    """
    spec, table, layer = _prepared(request)
    scores = evaluate(table, spec)
    bounds = limits or Limits()
    tables = _tables(scores, table, bounds) | _over_years(table, spec)
    teller = Teller(scores=scores, layer=layer, text=request.text)
    shown, sentences = teller.diagnosis(tables, bounds)
    return written(request, tables, shown, sentences)


def compare_scores(
    request: Request, unit: str, *, other: str = "", years: tuple[int, int] | None = None
) -> Explanation:
    """Tell why one unit is ahead of another, or why its score changed between two years.

    Parameters
    ----------
    request : Request
        Which evaluation; its year is not used when two years are compared.
    unit : str
        Code or name of a unit.
    other : str
        Code or name of the unit it is compared with.
    years : tuple[int, int], optional
        Compare the unit with itself in two years of the profile's panel instead.

    Returns
    -------
    Explanation
        The contributions of all indicators, which sum to the difference.

    Raises
    ------
    InputError
        Profile or data cannot be used; a unit is unknown or not scored; a year is not in
        the panel; or the index is no weighted mean.

    Examples
    --------
    >>> told = compare_scores(Request(text=Text("en")), "Guizhou", other="Yunnan")
    >>> len(told.tables["comparison"])
    26
    """
    named = [unit, other] if other else [unit]
    request = located(request, named)
    spec, table, layer = _prepared(request)
    codes = held_units(spec, layer, named)
    a, b = codes[0], codes[-1]
    if years is not None:
        panel = evaluate_panel(table, spec)
        with _called_by_name(layer, request.text):
            compared = compare_years(panel, a, years)
        first, last = min(years), max(years)
        ranks = rank_changes(panel)
        teller = Teller(scores=panel[last], layer=layer, text=request.text)
        shown, sentences = teller.change(compared, a, before=panel[first], ranks=ranks)
        tables = {"comparison": compared, "rank_changes": ranks[ranks["code"] == a]}
        return written(request, tables, shown, sentences)
    if a == b:
        raise InputError([Problem(code="diagnostics.same_unit", params={"a": unit, "b": other})])
    scores = evaluate(table, spec)
    with _called_by_name(layer, request.text):
        compared = compare_units(scores, a, b)
    teller = Teller(scores=scores, layer=layer, text=request.text)
    shown, sentences = teller.comparison(compared, a, b)
    return written(request, {"comparison": compared}, shown, sentences)


def explain_unit(request: Request, unit: str, *, k: int = 5) -> Explanation:
    """Tell where a unit is strong and weak.

    Parameters
    ----------
    request : Request
        Which evaluation.
    unit : str
        Code or name of a unit.
    k : int
        Most strengths, and most weaknesses, to print.

    Returns
    -------
    Explanation
        Scores and ranks of every level; strengths and weaknesses; all indicators.

    Raises
    ------
    InputError
        Profile or data cannot be used, or the unit is unknown.

    Examples
    --------
    >>> told = explain_unit(Request(text=Text("en")), "宁夏", k=3)
    >>> told.tables["strengths_weaknesses"]["kind"].to_list()
    ['strength', 'strength', 'strength', 'weakness', 'weakness', 'weakness']
    """
    request = located(request, [unit])
    spec, table, layer = _prepared(request)
    (code,) = held_units(spec, layer, [unit])
    scores = evaluate(table, spec)
    every = strengths(scores)
    picked = top_and_bottom(every, code, k=k)
    tables = {
        "unit_summary": unit_summary(scores, code),
        "strengths_weaknesses": picked,
        "unit_indicators": every[every["code"] == code],
    }
    teller = Teller(scores=scores, layer=layer, text=request.text)
    shown, sentences = teller.unit(code, tables["unit_summary"], picked)
    return written(request, tables, shown, sentences)


def _prepared(request: Request) -> tuple[IndexSpec, IndicatorTable, pd.DataFrame]:
    return prepared(
        request.profile,
        data=request.data,
        year=request.year,
        text=request.text,
        warn=request.warn,
    )


@contextlib.contextmanager
def _called_by_name(layer: pd.DataFrame, text: Text) -> Iterator[None]:
    """Let problems speak of units as the user does: the core knows codes alone."""
    names = layer["name_en" if text.lang == "en" else "name"]
    try:
        yield
    except InputError as error:
        problems = [
            replace(item, params={**item.params, "unit": names.get(item.params["unit"])})
            if item.params.get("unit") in names
            else item
            for item in error.problems
        ]
        raise InputError(problems) from None


def _tables(scores: Scores, table: IndicatorTable, limits: Limits) -> dict[str, pd.DataFrame]:
    pairs = {
        (stage, method): pair_correlations(scores, stage=stage, method=method, limits=limits)
        for stage in ("derived", "normalised", "aggregated")
        for method in METHODS
    }
    lines = {
        method: ancestor_correlations(scores, method=method, limits=limits) for method in METHODS
    }
    matrices = {
        method: correlation_matrix(scores, stage="aggregated", method=method) for method in METHODS
    }
    statistics = {
        stage: indicator_statistics(scores.stages[stage]) for stage in ("derived", "treated")
    }
    return {
        "statistics": pd.concat(statistics, names=["stage"]).reset_index(),
        "correlations": _joined(pairs, ["stage", "method"]),
        "correlations_upwards": _joined(lines, ["method"]),
        **{f"correlation_matrix_{name}": m.reset_index() for name, m in matrices.items()},
        "consistency": consistency(scores, limits=limits),
        "components": node_components(scores),
        "weights": carried_weights(scores),
        "coverage_indicators": indicator_coverage(scores, table),
        "coverage_units": unit_coverage(scores),
        "coverage_cells": cell_report(scores, table),
        "screening": screening_table(scores),
        "strengths": strengths(scores),
    }


def _over_years(table: IndicatorTable, spec: IndexSpec) -> dict[str, pd.DataFrame]:
    if spec.method.panel is None:
        return {}
    panel = evaluate_panel(table, spec)
    changes = {"rank_changes": rank_changes(panel)}
    if is_splittable(spec):
        changes |= {"growth": growth(panel), "growth_by_year": yearly_growth(panel)}
    return changes


def _joined(pieces: Mapping[Any, pd.DataFrame], names: list[str]) -> pd.DataFrame:
    whole: pd.DataFrame = pd.concat(pieces, names=names)
    return whole.reset_index(level=names).reset_index(drop=True)


def written(
    request: Request,
    tables: Mapping[str, pd.DataFrame],
    shown: Mapping[str, pd.DataFrame],
    sentences: list[str],
) -> Explanation:
    """Write the tables of an explanation where a folder was asked for.

    Parameters
    ----------
    request : Request
        With the folder, if any.
    tables : Mapping[str, pandas.DataFrame]
        By file name.
    shown : Mapping[str, pandas.DataFrame]
        By title.
    sentences : list[str]
        What follows.

    Returns
    -------
    Explanation
        The same, together.

    Raises
    ------
    OSError
        A table cannot be written.

    Examples
    --------
    >>> written(Request(), {}, {}, ["Said."]).sentences
    ('Said.',)
    """
    if request.out is not None:
        for name, table in tables.items():
            write_csv(table, request.out / f"{name}.csv", index=False)
    return Explanation(tables=tables, shown=shown, sentences=tuple(sentences))
