"""From a score back to the cells it was made of."""

from collections.abc import Hashable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from suanli.evaluation import Scores
from suanli.evaluation.posts import distance_outside
from suanli.intake import ANY_YEAR, IndicatorTable
from suanli.profile import ROOT, IndexSpec, Indicator

__all__ = ["trace_inputs", "trace_nodes", "trace_steps"]

_OBSERVED: Final = frozenset({"minmax", "dist2max", "efficacy"})
"""Scales between the least and the greatest value there is."""
_GIVEN: Final = frozenset({"scaled", "scaled_coinr", "goalposts"})
"""Scales between the goalposts of the profile."""
_STEPS = ("derived", "imputed", "treated", "normalised")


def trace_inputs(
    scores: Scores, table: IndicatorTable, code: str, *, lent: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List the cells of the data that the indicators of a unit were computed from.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    table : IndicatorTable
        The data it was made from.
    code : str
        The unit.
    lent : pandas.DataFrame, optional
        Years that imputed values were taken from, by
        :func:`suanli.diagnostics.lent.lending_years`: their cells are listed, too.

    Returns
    -------
    pandas.DataFrame
        One row per indicator and figure of the data it uses: ``indicator``, ``input``,
        ``value`` (NaN where the data have none), ``unit``, ``year`` (0 for values of every
        year), ``quality``, ``source`` and ``filled_by``: the method by which a cell of
        another year fills the indicator, empty for cells of its own year.

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
    rows = []
    for item in scores.spec.indicator:
        rows += [{"indicator": item.id, "filled_by": "", **cell} for cell in cells.used_by(item)]
        method = str(scores.imputed.loc[code, item.id])
        years = str(lent.loc[code, item.id]).split() if lent is not None else []
        rows += [
            {"indicator": item.id, "filled_by": method, **cell}
            for year in years
            for cell in cells.used_by(item, year=int(year))
        ]
    columns = ["indicator", "input", "value", "unit", "year", "quality", "source", "filled_by"]
    return pd.DataFrame(rows, columns=columns)


class _Cells:
    """The cells of one unit, and which of them expressions look at."""

    def __init__(self, table: IndicatorTable, spec: IndexSpec, code: str) -> None:
        own = table.cells[table.cells["code"] == code]
        self.cells = {(cell["indicator"], cell["year"]): cell for cell in own.to_dict("records")}
        self.variables = {variable.id: variable for variable in spec.variable}
        self.year = spec.year

    def used_by(self, item: Indicator, *, year: int | None = None) -> list[dict[str, object]]:
        """Compute an indicator, and note what is looked up on the way."""
        seen: dict[tuple[str, int], None] = {}

        def lookup(name: str, year: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
            if name in self.variables:
                return self.variables[name].expression.compute(lookup, year)
            seen.setdefault((name, year))
            cell = self.of(name, year)
            return np.array([np.nan if cell is None else float(cell["value"])])

        item.expression.compute(lookup, year or item.year or self.year)
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


def trace_steps(scores: Scores, code: str, *, pooled: pd.DataFrame | None = None) -> pd.DataFrame:
    """List what became of every indicator of a unit on its way to the index.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    code : str
        The unit.
    pooled : pandas.DataFrame, optional
        Treated values of all years that are on one scale; those of the year when absent.

    Returns
    -------
    pandas.DataFrame
        One row per indicator: ``indicator``, ``parent``, ``expression``, ``derived`` (computed
        from the data, in ``unit``), ``imputed`` (with gaps filled), ``method`` of filling,
        ``treatment`` (``log``, ``winsorise``, ``boxcox``, ``target``; several in their order),
        ``treated`` (what came of it), ``direction``, ``low`` and ``high`` (between which
        treated values were scaled; NaN where the scale has no ends), ``normalised``, ``rank``
        among ``n`` units, ``weight`` among its siblings and ``overall``.

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
    treated = scores.stages["treated"] if pooled is None else pooled
    rows = [
        {
            "indicator": item.id,
            "parent": item.parent,
            "expression": _written(item, scores.spec),
            "unit": item.unit,
            **{name: _number(values, item.id) for name, values in stages.items()},
            "treated": _scaled_value(_number(stages["treated"], item.id), item),
            "method": str(scores.imputed.loc[code, item.id]),
            "treatment": _treatment(item, scores, code),
            "direction": "up" if item.direction == "up" else "down",
            **_ends(item, scores.spec, treated[item.id]),
            "rank": _number(_row(ranks, code), item.id),
            "n": int(counts.get(item.id, 0)),
            "weight": float(scores.weights["local"][item.id]),
            "overall": float(scores.weights["overall"][item.id]),
        }
        for item in scores.spec.indicator
    ]
    return pd.DataFrame(rows)


def _scaled_value(value: float, item: Indicator) -> float:
    """Return what is put on the scale: the way outside the interval where there is one."""
    if item.target is None:
        return value
    return float(distance_outside(pd.Series([value]), item.target).iloc[0])


def _treatment(item: Indicator, scores: Scores, code: str) -> str:
    """Name what was done to a value before it was scaled, in order."""
    listed = scores.winsorised
    mine = listed[(listed["indicator"] == item.id) & (listed["code"] == code)]
    done = ["log"] if item.transform == "log" else []
    done += [str(each) for each in mine["treatment"].drop_duplicates()]
    return " ".join([*done, *(["target"] if item.target is not None else [])])


def _ends(item: Indicator, spec: IndexSpec, treated: pd.Series) -> dict[str, float]:
    low, high = float("nan"), float("nan")
    if spec.method.normalise in _OBSERVED:
        column = treated if item.target is None else distance_outside(treated, item.target)
        low, high = float(column.min()), float(column.max())
    elif spec.method.normalise in _GIVEN and item.goalposts is not None:
        low, high = item.goalposts
    return {"low": low, "high": high}


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
