"""The chain from raw value to rank: every stage of an evaluation as columns of one sheet.

One row is one unit, so that a score is traced along its row, and sorting keeps rows whole.
What a spreadsheet cannot repeat is written as numbers, and said.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from xlsxwriter.utility import xl_col_to_name

from suanli.evaluation import Scores
from suanli.intake.table import IndicatorTable
from suanli.profile import ROOT, Indicator, Variable
from suanli.workbook.aggregating import AGGREGATIONS, Siblings
from suanli.workbook.derived import formula_of, leaves_of
from suanli.workbook.grid import NAMES, Column, Span
from suanli.workbook.layout import Chain, Links, listed, numbers, weight_figure
from suanli.workbook.limits import ANYTHING, Limit
from suanli.workbook.scaling import rank_formula
from suanli.workbook.steps import add_normalised, add_steps
from suanli.workbook.tree import leaf_order, node_order, runs_of

__all__ = ["plan_chain"]


def plan_chain(
    scores: Scores,
    table: IndicatorTable,
    *,
    codes: Sequence[str],
    links: Links,
    names: Mapping[str, str],
    limits: Mapping[str, Limit] | None = None,
) -> Chain:
    """Lay out an evaluation as columns of formulas.

    Parameters
    ----------
    scores : Scores
        The evaluation.
    table : IndicatorTable
        The data it was made from.
    codes : Sequence[str]
        Units, in the order of the rows.
    links : Links
        Cells of weights and options on another sheet.
    names : Mapping[str, str]
        What nodes, indicators and raw data are called, by identifier.
    limits : Mapping[str, Limit], optional
        What raw values may be, see :func:`suanli.workbook.limits.limits_of`.

    Returns
    -------
    Chain
        Its columns.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> table, spec = load_catalogue().province, load_profile("caict2024-province")
    >>> scores = evaluate(table, spec)
    >>> links = Links(weights={item.id: "$Z$1" for item in spec.items()},
    ...               options={name: "$Z$2" for name in ("coverage", "lower", "upper")})
    >>> chain = plan_chain(scores, table, codes=table.codes, links=links, names={})
    >>> chain.of("rank", "index").formula(9)
    'IF(DH9="","",RANK(DH9,DH$9:DH$39,0))'
    """
    chain = Chain(
        scores=scores, table=table, codes=codes, links=links, names=names, limits=limits or {}
    )
    _raw(chain)
    _indicators(chain)
    _coverage(chain)
    items = {item.id: item for item in scores.spec.indicator}
    for add in (add_steps, add_normalised):
        for name in leaf_order(scores.spec):
            add(chain, items[name])
    _aggregated(chain)
    _scored(chain)
    return chain


def _raw(chain: Chain) -> None:
    """Write what the expressions need of the table, then the variables in between."""
    spec = chain.scores.spec
    variables = {variable.id: variable for variable in spec.variable}
    items = {item.id: item for item in spec.indicator}
    raw: dict[tuple[str, int], None] = {}
    between: dict[tuple[str, int], None] = {}

    def visit(item: Indicator | Variable, year: int) -> None:
        for name, when in leaves_of(item.expression, year):
            if name not in variables:
                raw[name, when] = None
            elif (name, when) not in between:
                visit(variables[name], when)
                # After what it needs itself.
                between[name, when] = None

    for name in leaf_order(spec):
        visit(items[name], items[name].year or spec.year)
    known = chain.table.units()
    for name, year in raw:
        values = chain.table.wide(year, [name])
        span = chain.next_span()
        first, second = chain.limits.get(f"{name}@{year}", ANYTHING).figures
        chain.add(
            Column(
                block="raw",
                key=f"{name}@{year}",
                title=chain.names.get(f"raw:{name}", name),
                group=str(year),
                unit=str(known[name]),
                span=span,
                values=chain.values(values, name),
                first=first,
                second=second,
            )
        )
    for name, year in between:
        _computed(chain, variables[name], "variable", f"{name}@{year}", year)


def _indicators(chain: Chain) -> None:
    spec = chain.scores.spec
    items = {item.id: item for item in spec.indicator}
    for name in leaf_order(spec):
        _computed(chain, items[name], "indicator", name, items[name].year or spec.year)


def _computed(chain: Chain, item: Indicator | Variable, block: str, key: str, year: int) -> None:
    def column(name: str, when: int) -> Column:
        place = f"{name}@{when}"
        return chain.of("variable" if chain.has("variable", place) else "raw", place)

    def fits(name: str, when: int, row: int) -> tuple[str, ...]:
        limit = chain.limits.get(f"{name}@{when}", ANYTHING)
        return limit.conditions(column(name, when).span, row)

    def formula(row: int) -> str:
        return formula_of(
            item.expression,
            year,
            lambda name, when: column(name, when).span.at(row),
            fits=lambda name, when: fits(name, when, row),
        )

    if block == "indicator":
        values = chain.values(chain.scores.stages["derived"], key)
    else:
        values = _variable_values(chain, item, year)
    chain.add(
        Column(
            block=block,
            key=key,
            title=chain.names.get(item.id, item.id),
            group=chain.group(item.id) if block == "indicator" else str(year),
            unit=item.unit,
            span=chain.next_span(),
            values=values,
            formula=formula,
        )
    )


def _variable_values(chain: Chain, item: Indicator | Variable, year: int) -> list[float | None]:
    def lookup(name: str, when: int) -> NDArray[np.float64]:
        place = f"{name}@{when}"
        block = "variable" if chain.has("variable", place) else "raw"
        return numbers(chain.of(block, place).values)

    return listed(pd.Series(item.expression.compute(lookup, year)))


def _coverage(chain: Chain) -> None:
    """Write the share of indicators each unit has: of all, and of each dimension."""
    scores = chain.scores
    spans = {column.key: column.span for column in chain.in_block("indicator")}
    present = scores.stages["derived"].notna()
    for node in (ROOT, *scores.dimensions.columns):
        below = [name for name in leaf_order(scores.spec, str(node)) if name in spans]
        first, last = spans[below[0]], spans[below[-1]]

        def formula(row: int, first: Span = first, last: Span = last, n: int = len(below)) -> str:
            return f'SUMPRODUCT(--({first.at(row)}:{last.at(row)}<>""))/{n}'

        share = present[below].mean(axis="columns").rename(str(node))
        chain.add(
            Column(
                block="coverage",
                key=str(node),
                title=chain.names.get(str(node), str(node)),
                unit="",
                span=chain.next_span(),
                values=chain.values(share.to_frame(), str(node)),
                formula=formula,
            )
        )


def _aggregated(chain: Chain) -> None:
    """Write every node, the index first, though each rests on those right of it."""
    scores = chain.scores
    order = node_order(scores.spec)
    begin = len(chain.columns) + NAMES
    spans = {
        node: Span(letter=xl_col_to_name(begin + place), last=chain.last)
        for place, node in enumerate(order)
    }
    spans |= {column.key: column.span for column in chain.in_block("normalised")}
    for node in order:
        chain.add(
            Column(
                block="aggregated",
                key=node,
                title=chain.names.get(node, node),
                group=chain.group(node),
                span=spans[node],
                values=chain.values(scores.stages["aggregated"], node),
                formula=_aggregate(chain, node, spans),
                weight=weight_figure(chain, node),
            )
        )


def _aggregate(chain: Chain, node: str, spans: Mapping[str, Span]) -> Callable[[int], str] | None:
    spec = chain.scores.spec
    chosen = next((item.aggregate for item in spec.dimension if item.id == node), None)
    name = chosen or spec.method.aggregate
    pooled = spec.method.scope == "panel" and name == "topsis"
    if name not in AGGREGATIONS or pooled:
        chain.fixed.add(f"aggregate:{node}")
        return None
    siblings = Siblings(
        runs=[[spans[child] for child in run] for run in runs_of(spec, node)],
        options=chain.links.options,
        penalty=spec.method.penalty,
    )
    # The power mean of power 0 is the geometric one.
    plain = "geometric" if name == "power" and spec.method.power == 0 else name
    return lambda row: AGGREGATIONS[plain](siblings, row)


def _scored(chain: Chain) -> None:
    """Write scores, withheld where data are too few, and ranks."""
    scores = chain.scores
    order = node_order(scores.spec)
    least = chain.links.options.get("coverage", "0")
    for node in order:
        plain = chain.of("aggregated", node)
        chain.add(
            Column(
                block="score",
                key=node,
                title=plain.title,
                group=plain.group,
                span=chain.next_span(),
                values=chain.values(scores.nodes, node),
                formula=_gated(chain, node, plain.span, least),
            )
        )
    for node in order:
        score = chain.of("score", node)
        chain.add(
            Column(
                block="rank",
                key=node,
                title=score.title,
                group=score.group,
                span=chain.next_span(),
                values=chain.values(scores.ranks, node),
                formula=_ranked(score.span, scores.spec.method.ties),
            )
        )


def _gated(chain: Chain, node: str, plain: Span, least: str) -> Callable[[int], str]:
    if chain.scores.spec.method.screen == "none":
        return lambda row: f'IF({plain.at(row)}="","",{plain.at(row)})'
    shares = [chain.of("coverage", ROOT).span]
    if node in chain.scores.dimensions.columns:
        shares.append(chain.of("coverage", node).span)

    def formula(row: int) -> str:
        few = ",".join(f"{share.at(row)}<{least}" for share in shares)
        few = f"OR({few})" if shares[1:] else few
        return f'IF({few},"",{plain.at(row)})'

    return formula


def _ranked(score: Span, ties: str) -> Callable[[int], str]:
    def formula(row: int) -> str:
        rank = rank_formula(score.at(row), score.all, ties=ties)
        return f'IF({score.at(row)}="","",{rank})'

    return formula
