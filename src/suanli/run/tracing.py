"""``suanli explain``: from a unit's score back to the cells of the data."""

import math
from typing import Final

import pandas as pd

from suanli.data import load_catalogue
from suanli.diagnostics.trace import trace_inputs, trace_nodes, trace_steps
from suanli.errors import InputError, Problem
from suanli.evaluation import evaluate
from suanli.intake import ANY_YEAR
from suanli.intake.table import suggestion
from suanli.profile import ROOT, IndexSpec
from suanli.run.diagnosing import Explanation, Request, written
from suanli.run.holding import held_units, located
from suanli.run.figuring import MISSING, figure
from suanli.run.naming import Naming
from suanli.run.parts import prepared

__all__ = ["trace_unit"]

_VISIBLE: Final = 0.005
"""Points that are still seen with two decimals."""


def trace_unit(request: Request, unit: str, *, indicator: str = "") -> Explanation:
    """Follow the score of a unit back to the data.

    Parameters
    ----------
    request : Request
        Which evaluation.
    unit : str
        Code or name of the unit.
    indicator : str, optional
        Identifier or name of one indicator; all by default.

    Returns
    -------
    Explanation
        Tables ``trace_inputs`` (cells of the data with sources), ``trace_steps`` (from figures
        to points and weights) and ``trace_nodes`` (from points to scores and ranks).

    Raises
    ------
    InputError
        Profile or data cannot be used, or unit or indicator are unknown.

    Examples
    --------
    >>> from suanli.text import Text
    >>> told = trace_unit(Request(profile="city-compute", text=Text("en")), "张家口市")
    >>> sorted(told.tables)
    ['trace_inputs', 'trace_nodes', 'trace_steps']
    >>> told.sentences[0]
    'Zhangjiakou: 72.65 points, rank 7 of 336.'
    """
    request = located(request, [unit])
    spec, table, layer = prepared(
        request.profile,
        data=request.data,
        year=request.year,
        text=request.text,
        warn=request.warn,
    )
    (code,) = held_units(spec, layer, [unit])
    chosen = _indicator(spec, indicator, request)
    scores = evaluate(table, spec)
    inputs = trace_inputs(scores, table, code)
    steps = trace_steps(scores, code)
    nodes = trace_nodes(scores, code)
    if chosen:
        inputs = inputs[inputs["indicator"] == chosen]
        steps = steps[steps["indicator"] == chosen]
        nodes = nodes[nodes["child"].isin(_upwards(spec, chosen))]
    tracer = _Tracer(scores=scores, layer=layer, text=request.text)
    shown = {
        "trace_inputs": tracer.inputs(inputs),
        "trace_steps": tracer.steps(steps),
        "trace_nodes": tracer.nodes(nodes),
    }
    sentences = tracer.said(code, nodes, steps, inputs)
    tables = {"trace_inputs": inputs, "trace_steps": steps, "trace_nodes": nodes}
    return written(request, tables, tracer.titled(shown, unit=tracer.unit_name(code)), sentences)


def _indicator(spec: IndexSpec, wanted: str, request: Request) -> str:
    """Find an indicator by identifier or name."""
    if not wanted:
        return ""
    called = {
        key.casefold(): item.id
        for item in spec.indicator
        for key in (item.id, item.name.zh, item.name.en)
    }
    found = called.get(wanted.strip().casefold())
    if found is None:
        names = [request.text.of(item.name.model_dump()) for item in spec.indicator]
        near = suggestion(wanted, [*names, *(item.id for item in spec.indicator)])
        raise InputError([Problem(code="shown.no_such_indicator", params={"name": wanted, **near})])
    return found


def _upwards(spec: IndexSpec, name: str) -> set[str]:
    """Return an item and those it is part of."""
    parents = {item.id: item.parent for item in spec.items()}
    found = {name}
    while parents.get(name, ROOT) != ROOT:
        name = parents[name]
        found.add(name)
    return found


class _Tracer(Naming):
    """Puts the way from data to score into words."""

    def inputs(self, table: pd.DataFrame) -> pd.DataFrame:
        """Name figures, years and sources."""
        known = load_catalogue()
        frame = known.indicators[known.indicators["level"] == self.scores.spec.level]
        column = "name_en" if self.text.lang == "en" else "name_zh"
        names = dict(zip(frame["indicator"], frame[column], strict=True))
        values = zip(table["value"], table["unit"], strict=True)
        return self.worded(
            {
                "indicator": table["indicator"].map(self.name),
                "input": [names.get(name) or name for name in table["input"]],
                "raw": [f"{figure(v)} {unit}".strip() for v, unit in values],
                "year": ["–" if year == ANY_YEAR else str(year) for year in table["year"]],
                "source": [
                    " ".join(each) for each in zip(table["source"], table["quality"], strict=True)
                ],
            }
        )

    def steps(self, table: pd.DataFrame) -> pd.DataFrame:
        """Write every stage of an indicator."""
        units = table["unit"].where(~table["unit"].isin(["1", "0/1"]), "")
        values = zip(table["imputed"], units, table["method"], strict=True)
        return self.worded(
            {
                "indicator": table["indicator"].map(self.name),
                "computed": [
                    f"{figure(value)} {'' if unit == '1' else unit}".strip()
                    + ("*" if method else "")
                    for value, unit, method in values
                ],
                "treated": table["treated"].map(figure),
                "score": table["normalised"],
                "rank": self.places(table),
                "weight": [f"{weight:.1%}" for weight in table["weight"]],
                "overall": [f"{weight:.1%}" for weight in table["overall"]],
            }
        )

    def nodes(self, table: pd.DataFrame) -> pd.DataFrame:
        """Write how every node is put together."""
        first = ~table["node"].duplicated()
        names = table["node"].map(self.name).where(first, "")
        return self.worded(
            {
                "node": names,
                "child": table["child"].map(self.name),
                "score": table["child_score"],
                "weight": [f"{weight:.1%}" for weight in table["weight"]],
                "product": table["product"],
                "total": [
                    (MISSING if math.isnan(score) else f"{score:.2f}") if shows else ""
                    for score, shows in zip(table["score"], first, strict=True)
                ],
                "rank": [
                    place if shows else ""
                    for place, shows in zip(self.places(table), first, strict=True)
                ],
            }
        )

    def said(
        self, code: str, nodes: pd.DataFrame, steps: pd.DataFrame, inputs: pd.DataFrame
    ) -> list[str]:
        """Say the score, how values became points, how points were put together, and sources."""
        method, scores = self.scores.spec.method, self.scores
        name, score = self.unit_name(code), float(scores.index[code])
        if math.isnan(score):
            sentences = [
                self.text(
                    "diagnostics.said.withheld", unit=name, share=f"{scores.coverage[code]:.0%}"
                )
            ]
        else:
            rank, n = int(scores.ranks[ROOT][code]), int(scores.index.notna().sum())
            sentences = [self.text("diagnostics.said.unit", unit=name, score=score, rank=rank, n=n)]
        sentences.append(
            self.text(
                "diagnostics.said.trace_method",
                **{
                    stage: self.text(f"methods.{stage}.{getattr(method, stage)}.title")
                    for stage in ("treat", "normalise", "aggregate")
                },
            )
        )
        adds = (
            nodes.groupby("node")["product"].sum() - nodes.groupby("node")["score"].first()
        ).abs()
        if adds.max() > _VISIBLE:
            sentences.append(self.text("diagnostics.said.trace_no_sum"))
        if (steps["method"] != "").any():
            sentences.append(self.text("diagnostics.said.trace_imputed"))
        computed = steps[steps["expression"] != ""]
        sentences += [
            self.text("diagnostics.said.trace_formula", name=self.name(name), text=text)
            for name, text in zip(computed["indicator"], computed["expression"], strict=True)
        ]
        return sentences + self._sources(inputs)

    def _sources(self, inputs: pd.DataFrame) -> list[str]:
        """Say what the identifiers of sources stand for."""
        known = load_catalogue().sources["title"].to_dict()
        used = dict.fromkeys(
            each for source in inputs["source"] for each in source.split() if each in known
        )
        return [
            self.text("diagnostics.said.trace_source", id=each, title=known[each]) for each in used
        ]
