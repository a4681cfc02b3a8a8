"""From a score back to the cells it was made of."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from suanli.evaluation import Scores
from suanli.intake import ANY_YEAR, IndicatorTable
from suanli.profile import ROOT, IndexSpec, Indicator

__all__ = ["trace_inputs", "trace_nodes", "trace_steps"]

_STEPS = ("derived", "imputed", "treated", "normalised")


def trace_inputs(scores: Scores, table: IndicatorTable, code: str) -> pd.DataFrame:
    """List the cells of the data that the indicators of a unit were computed from.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    table : IndicatorTable
        The data it was made from.
    code : str
        The unit.

    Returns
    -------
    pandas.DataFrame
        One row per indicator and figure of the data it uses: ``indicator``, ``input``,
        ``value`` (NaN where the data have none), ``unit``, ``year`` (0 for values of every
        year), ``quality`` and ``source``.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> city = load_catalogue().city
    >>> scores = evaluate(city, load_profile("city-compute"))
    >>> trace_inputs(scores, city, "130700").loc[0, ["input", "source"]].to_list()
    ['tertiary_value_added', 'S21']
    """
    cells = _Cells(table, scores.spec, code)
    rows = [
        {"indicator": item.id, **cell}
        for item in scores.spec.indicator
        for cell in cells.used_by(item)
    ]
    columns = ["indicator", "input", "value", "unit", "year", "quality", "source"]
    return pd.DataFrame(rows, columns=columns)


class _Cells:
    """The cells of one unit, and which of them expressions look at."""

    def __init__(self, table: IndicatorTable, spec: IndexSpec, code: str) -> None:
        own = table.cells[table.cells["code"] == code]
        self.cells = {(cell["indicator"], cell["year"]): cell for cell in own.to_dict("records")}
        self.variables = {variable.id: variable for variable in spec.variable}
        self.year = spec.year

    def used_by(self, item: Indicator) -> list[dict[str, object]]:
        """Compute an indicator, and note what is looked up on the way."""
        seen: dict[tuple[str, int], None] = {}

        def lookup(name: str, year: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
            if name in self.variables:
                return self.variables[name].expression.compute(lookup, year)
            seen.setdefault((name, year))
            cell = self.of(name, year)
            return np.array([np.nan if cell is None else float(cell["value"])])

        item.expression.compute(lookup, item.year or self.year)
        return [self.described(name, year) for name, year in seen]

    def of(self, name: str, year: int) -> dict[Hashable, Any] | None:
        """Return the value of a year, else that of every year, as the evaluation does."""
        return self.cells.get((name, year)) or self.cells.get((name, ANY_YEAR))

    def described(self, name: str, year: int) -> dict[str, object]:
        cell = self.of(name, year)
        if cell is None:
            blank = dict.fromkeys(("unit", "quality", "source"), "")
            return {"input": name, "value": float("nan"), "year": year, **blank}
        kept = {key: str(cell[key]) for key in ("unit", "quality", "source")}
        return {"input": name, "value": float(cell["value"]), "year": int(cell["year"]), **kept}


def trace_steps(scores: Scores, code: str) -> pd.DataFrame:
    """List what became of every indicator of a unit on its way to the index.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    code : str
        The unit.

    Returns
    -------
    pandas.DataFrame
        One row per indicator: ``indicator``, ``parent``, ``expression``, ``derived`` (computed
        from the data, in ``unit``), ``imputed`` (with gaps filled), ``method`` of filling,
        ``treated`` (after logarithm and outlier treatment), ``normalised``, ``rank`` among
        ``n`` units, ``weight`` among its siblings and ``overall``.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().city, load_profile("city-compute"))
    >>> steps = trace_steps(scores, "130700").set_index("indicator")
    >>> float(steps.loc["tertiary_value_added", "treated"].round(3))
    6.963
    """
    stages = {name: _row(scores.stages[name], code) for name in _STEPS}
    ranks = scores.indicators.rank(method=scores.spec.method.ties, ascending=False)
    counts = scores.indicators.notna().sum()
    rows = [
        {
            "indicator": item.id,
            "parent": item.parent,
            "expression": _written(item, scores.spec),
            "unit": item.unit,
            **{name: _number(values, item.id) for name, values in stages.items()},
            "method": str(scores.imputed.loc[code, item.id]),
            "rank": _number(_row(ranks, code), item.id),
            "n": int(counts.get(item.id, 0)),
            "weight": float(scores.weights["local"][item.id]),
            "overall": float(scores.weights["overall"][item.id]),
        }
        for item in scores.spec.indicator
    ]
    return pd.DataFrame(rows)


def trace_nodes(scores: Scores, code: str) -> pd.DataFrame:
    """List how the scores of a unit were put together, from the index down.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    code : str
        The unit.

    Returns
    -------
    pandas.DataFrame
        One row per node and child: ``node``, ``score`` of the node, ``rank`` among ``n`` units,
        ``child``, ``child_score``, ``weight`` as used (weights of children without a score go
        to their siblings, in proportion) and ``product``. Where means are arithmetic the
        products of a node add up to its score.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().city, load_profile("city-compute"))
    >>> nodes = trace_nodes(scores, "130700")
    >>> index = nodes[nodes["node"] == "index"]
    >>> float((index["product"].sum() - index["score"].iloc[0]).round(10))
    0.0
    """
    values = pd.Series(_row(scores.stages["aggregated"], code) | _row(scores.indicators, code))
    rows = []
    for node in (ROOT, *(item.id for item in scores.spec.dimension)):
        children = [name for name in scores.spec.children(node) if name in values.index]
        weights = scores.weights["local"].reindex(children).where(values[children].notna(), 0.0)
        used = weights / weights.sum() if weights.sum() else weights
        rows += [
            {
                "node": node,
                "score": _number(_row(scores.nodes, code), node),
                "rank": _number(_row(scores.ranks, code), node),
                "n": int(scores.nodes[node].notna().sum()) if node in scores.nodes else 0,
                "child": child,
                "child_score": float(values[child]),
                "weight": float(used[child]),
                "product": float(used[child] * values[child]),
            }
            for child in children
        ]
    return pd.DataFrame(rows)


def _row(frame: pd.DataFrame, code: str) -> dict[str, float]:
    values = frame.loc[[code]].to_numpy(dtype="float64")[0]
    return dict(zip(frame.columns, values, strict=True))


def _number(values: Mapping[str, float], name: str) -> float:
    return float(values.get(name, float("nan")))


def _written(item: Indicator, spec: IndexSpec) -> str:
    """Write the expression of an indicator; nothing where it is a figure of the data itself."""
    text = item.expression.text
    return "" if spec.inputs(item) == (text,) else text
