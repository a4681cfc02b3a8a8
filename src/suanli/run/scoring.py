"""``suanli score``: scores, ranks with their intervals, and every stage between data and score."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from suanli.analysis.gap import DEFINITIONS, region_groups
from suanli.data import load_catalogue
from suanli.diagnostics.coverage import cell_report
from suanli.diagnostics.lent import lending_years
from suanli.errors import InputError, Problem
from suanli.evaluation import Derivation, Scores, derivation, evaluate_from
from suanli.intake import IndicatorTable
from suanli.profile import ROOT
from suanli.publish.tables import score_table
from suanli.robustness import rank_intervals
from suanli.robustness.uncertainty import RankIntervals
from suanli.run.config import DEFAULT_SEED
from suanli.run.diagnosing import Request
from suanli.run.parts import Answer, prepared, warn_of, written
from suanli.run.sheets import rounded, span, worded
from suanli.run.units import call_by_name
from suanli.study import generator

__all__ = ["score_answer"]

_FEW: Final = 3
_DIMENSIONS: Final = 4
"""Dimensions that fit on a screen beside rank, name, index and interval."""


def score_answer(request: Request) -> Answer:
    """Score the units of one level by a profile.

    Parameters
    ----------
    request : Request
        Which evaluation.

    Returns
    -------
    Answer
        ``scores`` (one row per unit: score, rank and rank interval of every node, coverage,
        imputed cells), ``normalised``, ``weights`` and ``cells`` (every value with its state:
        observed, imputed by which method from which years, or missing); index and dimensions
        are shown.

    Raises
    ------
    InputError
        Profile or data cannot be used.

    Examples
    --------
    >>> from suanli.text import Text
    >>> answer = score_answer(Request(text=Text("en")))
    >>> list(answer.tables)
    ['scores', 'normalised', 'weights', 'cells']
    >>> list(next(iter(answer.shown.values())))[:3]
    ['rank', 'unit', 'index']
    """
    spec, table, layer = prepared(
        request.profile,
        data=request.data,
        year=request.year,
        text=request.text,
        warn=request.warn,
    )
    text = request.text
    groups = region_groups(load_catalogue().regions[DEFINITIONS[0].column], pd.Index(table.codes))
    start = derivation(table, spec)
    scores = evaluate_from(start, spec, groups=groups)
    warn_of(scores, text, request.warn)
    ranks, unfit = _intervals(start, scores, groups)
    full = layer["name_en" if text.lang == "en" else "name"]
    short = layer["name_en" if text.lang == "en" else "short_name"]
    names = {key: text.of(words.model_dump()) for key, words in spec.names().items()}
    lent = lending_years(start, scores, groups=groups)
    tables = {"scores": score_table(scores, full, ranks=ranks)}
    tables |= _stages(scores, table, lent, full, names)
    title = text("shown.title.score", title=spec.title.model_dump(), year=spec.year)
    sentences = [*_imputed(tables["cells"], short, request)]
    if unfit is not None:
        sentences.append(text("shown.no_interval", reason=call_by_name(unfit, text)))
    said = written(tables, request.out, request.text) if request.out else ""
    sentences.append(said or text("shown.said.score_more"))
    return Answer(
        tables=tables,
        shown={title: _sheet(scores, tables["scores"], short, names, request)},
        sentences=tuple(sentences),
        notes={title: _note(ranks, request)} if ranks is not None else {},
    )


def _intervals(
    start: Derivation, scores: Scores, groups: pd.Series
) -> tuple[RankIntervals | None, Problem | None]:
    """Give ranks their intervals, or say why this profile has none."""
    rng = generator(DEFAULT_SEED, "rank_intervals")
    try:
        return rank_intervals(start, scores.spec, rng=rng, groups=groups), None
    except InputError as error:
        return None, error.problems[0]


def _stages(
    scores: Scores,
    table: IndicatorTable,
    lent: pd.DataFrame,
    names: pd.Series,
    nodes: Mapping[str, str],
) -> dict[str, pd.DataFrame]:
    normalised = scores.indicators.rename_axis("code").reset_index()
    normalised.insert(1, "name", normalised["code"].map(names))
    weights = scores.weights.reset_index()
    weights.insert(1, "name", weights["id"].map(nodes))
    cells = cell_report(scores, table)
    cells.insert(1, "name", cells["code"].map(names))
    cells.insert(3, "indicator_name", cells["indicator"].map(nodes))
    pairs = zip(cells["code"], cells["indicator"], strict=True)
    years = [str(lent.loc[code, indicator]) for code, indicator in pairs]
    cells.insert(list(cells.columns).index("method") + 1, "from_years", years)
    return {"normalised": normalised, "weights": weights, "cells": cells}


def _sheet(
    scores: Scores,
    table: pd.DataFrame,
    names: pd.Series,
    nodes: Mapping[str, str],
    request: Request,
) -> pd.DataFrame:
    told = table.assign(name=table["code"].map(names), rank=table["index_rank"])
    kinds = {"rank": "whole", "name": "text", "index": "points"}
    sheet = worded(told, kinds, request.text)
    tops = [str(name) for name in scores.dimensions][:_DIMENSIONS]
    for name in tops:
        sheet[nodes[name]] = [rounded(value, 2) for value in told[name]]
    if f"{ROOT}_rank_low" in told:
        ends = zip(told[f"{ROOT}_rank_low"], told[f"{ROOT}_rank_high"], strict=True)
        sheet[request.text("shown.column.interval")] = [span(*pair) for pair in ends]
    return sheet


def _note(ranks: RankIntervals, request: Request) -> str:
    low, high = (f"{share:.0%}" for share in ranks.spec.uncertainty.interval)
    return request.text("shown.note.score", replicates=f"{ranks.replicates:,}", low=low, high=high)


def _imputed(cells: pd.DataFrame, names: pd.Series, request: Request) -> list[str]:
    """Say which values were imputed, or how many."""
    text, filled = request.text, cells[cells["state"] == "imputed"]
    if filled.empty:
        return []
    if len(filled) > _FEW:
        methods = {_method(name, request) for name in filled["method"]}
        params = {"count": len(filled), "units": filled["code"].nunique()}
        joined = text("shown.join").join(sorted(methods))
        return [text("shown.said.imputed_many", methods=joined, **params)]
    said = [
        text(
            "shown.said.imputed_cell",
            unit=names[str(row.code)],
            indicator=row.indicator_name,
            method=_method(str(row.method), request),
            source=_source(str(row.from_years), request),
        )
        for row in filled.itertuples(index=False)
    ]
    return [text("shown.said.imputed", cells=text("shown.join").join(said))]


def _method(name: str, request: Request) -> str:
    return request.text(f"methods.impute.{name}.title")


def _source(years: str, request: Request) -> str:
    if not years:
        return request.text("shown.said.from_same_year")
    listed = request.text("shown.join").join(years.split())
    return request.text("shown.said.from_years", years=listed)
