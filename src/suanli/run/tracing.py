"""``suanli explain``: from a unit's score back to the cells of the data."""

import math
from typing import Final

import pandas as pd

from suanli.data import load_catalogue
from suanli.diagnostics.lent import lending_years
from suanli.diagnostics.trace import trace_inputs, trace_nodes, trace_steps
from suanli.errors import InputError, Problem
from suanli.evaluation import derivation, evaluate_from, evaluate_panel
from suanli.intake import ANY_YEAR, IndicatorTable
from suanli.intake.table import suggestion
from suanli.profile import ROOT, IndexSpec
from suanli.run.diagnosing import Explanation, Request, written
from suanli.run.figuring import MISSING, unit_text
from suanli.run.holding import held_units, located
from suanli.run.naming import Naming
from suanli.run.parts import prepared

__all__ = ["trace_unit"]

_VISIBLE: Final = 0.005
"""Points that are still seen with two decimals."""
_LARGE: Final = 100_000
_PURE: Final = frozenset({"1", "0/1"})
"""Units of measurement that say nothing."""


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
    start = derivation(table, spec)
    scores = evaluate_from(start, spec)
    lent = lending_years(start, scores)
    inputs = trace_inputs(scores, table, code, lent=lent)
    steps = trace_steps(scores, code, pooled=_pooled(table, spec))
    nodes = trace_nodes(scores, code)
    unmeant = _unsummed(nodes)
    if chosen:
        inputs = inputs[inputs["indicator"] == chosen]
        steps = steps[steps["indicator"] == chosen]
        nodes = nodes[nodes["child"].isin(_upwards(spec, chosen))]
    tracer = _Tracer(scores=scores, layer=layer, text=request.text)
    shown = {
        "trace_inputs": tracer.inputs(inputs),
        "trace_steps": tracer.steps(steps),
        "trace_scales": tracer.scales(steps),
        "trace_nodes": tracer.nodes(nodes),
    }
    sentences = [
        *tracer.said(code),
        *tracer.sums(nodes, unmeant),
        *tracer.filled(steps, lent.loc[[code]].iloc[0]),
        *tracer.sources(steps, inputs),
    ]
    tables = {"trace_inputs": inputs, "trace_steps": steps, "trace_nodes": nodes}
    return written(request, tables, tracer.titled(shown, unit=tracer.unit_name(code)), sentences)


def _pooled(table: IndicatorTable, spec: IndexSpec) -> pd.DataFrame | None:
    """Return the treated values of all years where they share one scale."""
    if spec.method.scope != "panel" or spec.method.panel is None:
        return None
    return pd.concat(each.stages["treated"] for each in evaluate_panel(table, spec).values())


def _unsummed(nodes: pd.DataFrame) -> list[str]:
    """Return the nodes whose score is not the sum of the rows listed for it."""
    each = nodes.groupby("node", sort=False)
    off = (each["product"].sum() - each["score"].first()).abs()
    return [str(node) for node in off.index[off > _VISIBLE]]


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
        years = zip(table["year"], table["filled_by"], strict=True)
        return self.worded(
            {
                "indicator": table["indicator"].map(self.name),
                "input": [names.get(name) or name for name in table["input"]],
                "raw": [self._measured(value, unit) for value, unit in values],
                "year": [
                    MISSING if year == ANY_YEAR else f"{year}{'*' if method else ''}"
                    for year, method in years
                ],
                "source": [
                    " ".join(each) for each in zip(table["source"], table["quality"], strict=True)
                ],
            }
        )

    def steps(self, table: pd.DataFrame) -> pd.DataFrame:
        """Write every stage of an indicator."""
        values = zip(table["imputed"], table["unit"], table["method"], strict=True)
        return self.worded(
            {
                "indicator": table["indicator"].map(self.name),
                "computed": [
                    self._measured(value, unit) + ("*" if method else "")
                    for value, unit, method in values
                ],
                "score": table["normalised"],
                "rank": self.places(table),
                "weight": [f"{weight:.1%}" for weight in table["weight"]],
                "overall": [f"{weight:.1%}" for weight in table["overall"]],
            }
        )

    def scales(self, table: pd.DataFrame) -> pd.DataFrame:
        """Write how values became points, with as many digits as it takes to repeat it."""
        up = table["direction"] == "up"
        done = [
            self.text("shown.join").join(self.word(f"done_{each}") for each in told.split())
            for told in table["treatment"]
        ]
        return self.worded(
            {
                "indicator": table["indicator"].map(self.name),
                "done": [each or MISSING for each in done],
                "treated": table["treated"].map(_exact),
                "worst": table["low"].where(up, table["high"]).map(_exact),
                "best": table["high"].where(up, table["low"]).map(_exact),
                "score": table["normalised"],
            }
        )

    def _measured(self, value: float, unit: str) -> str:
        """Write a value with its unit in the language of the reader; none for pure numbers."""
        named = "" if unit in _PURE else unit_text(unit, self.text)
        return f"{_exact(value)} {named}".strip()

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

    def said(self, code: str) -> list[str]:
        """Say the score, how values became points and how points were put together."""
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
        scale = self.text(f"methods.normalise.{method.normalise}.formula")
        ends = {"lower": f"{method.lower:g}", "upper": f"{method.upper:g}"}
        sentences.append(self.text("diagnostics.said.trace_scale", formula=scale, **ends))
        return sentences

    def sums(self, nodes: pd.DataFrame, unmeant: list[str]) -> list[str]:
        """Say why rows do not add up: by the means, or because not all of them are listed."""
        off = _unsummed(nodes)
        join = self.text("diagnostics.word.and").join
        kinds = {
            "trace_no_mean": [node for node in off if node in unmeant],
            "trace_partial": [node for node in off if node not in unmeant],
        }
        return [
            self.text(f"diagnostics.said.{kind}", nodes=join(map(self.name, names)))
            for kind, names in kinds.items()
            if names
        ]

    def filled(self, steps: pd.DataFrame, lent: pd.Series) -> list[str]:
        """Say of every value that was filled in how, and from what."""
        sentences = []
        for row in steps[steps["method"] != ""].to_dict("records"):
            years = str(lent[row["indicator"]]).split()
            params = {
                "name": self.name(row["indicator"]),
                "year": self.scores.spec.year,
                "value": self._measured(row["imputed"], row["unit"]),
                "method": self.text(f"methods.impute.{row['method']}.title"),
                "years": self.text("diagnostics.word.and").join(years),
            }
            kind = "years" if years else "units"
            sentences.append(self.text(f"diagnostics.said.trace_filled_{kind}", **params))
        return sentences

    def sources(self, steps: pd.DataFrame, inputs: pd.DataFrame) -> list[str]:
        """Say what was computed from several figures, and what sources stand for."""
        computed = steps[steps["expression"] != ""]
        sentences = [
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


def _exact(value: float) -> str:
    """Write a value with enough digits to compute with."""
    if math.isnan(value):
        return MISSING
    return f"{value:,.0f}" if abs(value) >= _LARGE else f"{value + 0.0:.6g}"
