"""What happens to an indicator between its derivation and its score, step by step.

Only steps that do something have a column: filling gaps, logarithms, outliers, distance from
a target.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from suanli.evaluation.scales import distance_outside
from suanli.profile import ROOT, Indicator
from suanli.workbook.grid import FIRST, SECOND, Column, Figure, Span, number
from suanli.workbook.layout import Chain, listed, numbers, weight_figure
from suanli.workbook.scaling import FIXED, SCALES, Scaled

__all__ = ["add_normalised", "add_steps"]

Formula = Callable[[int], str]


def add_steps(chain: Chain, item: Indicator) -> None:
    """Add a column for every step that changes an indicator.

    Parameters
    ----------
    chain : Chain
        The plan.
    item : Indicator
        The indicator.

    Examples
    --------
    >>> add_steps.__name__  # see suanli.workbook.chain.plan_chain
    'add_steps'
    """
    _filled(chain, item)
    if item.transform == "log":
        values = [None if x is None else float(np.log(x)) for x in _before(chain, item).values]
        _add(chain, item, "log", values, lambda cell: f"LN({cell})")
    _treated(chain, item)
    if item.target is not None:
        low, high = map(number, item.target)
        before = pd.Series(numbers(_before(chain, item).values))
        _add(
            chain,
            item,
            "distance",
            listed(distance_outside(before, item.target)),
            lambda cell: f"ABS({cell}-MIN(MAX({cell},{low}),{high}))",
        )


def _before(chain: Chain, item: Indicator) -> Column:
    """Return the last column of an indicator so far."""
    for step in ("distance", "treat", "log", "fill"):
        if chain.has("step", f"{item.id}:{step}"):
            return chain.of("step", f"{item.id}:{step}")
    return chain.of("indicator", item.id)


def _add(
    chain: Chain,
    item: Indicator,
    step: str,
    values: Sequence[float | None],
    score: Callable[[str], str] | None,
    *,
    head: tuple[Figure, Figure] = (Figure(), Figure()),
    looks: Sequence[str] = (),
) -> None:
    before = _before(chain, item).span

    def formula(row: int) -> str:
        cell = before.at(row)
        return f'IF({cell}="","",{score(cell) if score else cell})'

    chain.add(
        Column(
            block="step",
            key=f"{item.id}:{step}",
            title=chain.names.get(item.id, item.id),
            group=chain.group(item.id),
            unit=step,
            span=chain.next_span(),
            values=values,
            formula=None if score is None else formula,
            looks=looks,
            first=head[0],
            second=head[1],
        )
    )


def _filled(chain: Chain, item: Indicator) -> None:
    """Add the column of gaps filled, where there is one: filled cells hold their number."""
    scores = chain.scores
    marks = scores.imputed[item.id].reindex(list(chain.codes)).tolist()
    dropping = scores.spec.method.screen == "drop"
    if not dropping and not any(marks):
        return
    before = chain.of("indicator", item.id).span
    share = chain.of("coverage", ROOT).span
    least = chain.links.options.get("coverage", "0")
    values = chain.values(scores.stages["imputed"], item.id)

    def formula(row: int) -> str:
        at = row - _first_row(chain)
        cell, value = before.at(row), values[at]
        filled = number(value) if marks[at] and value is not None else '""'
        plain = f'IF({cell}="",{filled},{cell})'
        return f'IF({share.at(row)}<{least},"",{plain})' if dropping else plain

    chain.add(
        Column(
            block="step",
            key=f"{item.id}:fill",
            title=chain.names.get(item.id, item.id),
            group=chain.group(item.id),
            unit="fill",
            span=chain.next_span(),
            values=values,
            formula=formula,
            looks=["imputed" if mark else "" for mark in marks],
        )
    )


def _first_row(chain: Chain) -> int:
    return chain.last - len(chain.codes) + 1


def _treated(chain: Chain, item: Indicator) -> None:
    """Add the column of outliers treated: cut at limits, or all values transformed."""
    points = chain.scores.winsorised
    points = points[points["indicator"] == item.id]
    if points.empty:
        return
    values = chain.values(chain.scores.stages["treated"], item.id)
    kind = str(points["treatment"].iloc[0])
    if kind == "winsorise":
        changed = set(points["code"])
        looks = ["treated" if code in changed else "" for code in chain.codes]
        up = points.loc[points["before"] > points["after"], "after"]
        down = points.loc[points["before"] < points["after"], "after"]
        span = chain.next_span()
        head = (
            Figure() if down.empty else Figure(value=float(down.min()), word="lower_limit"),
            Figure() if up.empty else Figure(value=float(up.max()), word="upper_limit"),
        )
        _add(chain, item, "treat", values, _cut(span, head), head=head, looks=looks)
    elif kind == "log" and chain.scores.spec.method.scope == "year":
        before = _before(chain, item)
        span = chain.next_span()
        known = [value for value in before.values if value is not None]
        head = (
            Figure(value=min(known), formula=f"MIN({before.span.all})", word="least"),
            Figure(value=max(known), formula=f"MAX({before.span.all})", word="most"),
        )
        low, high = span.head(FIRST), span.head(SECOND)
        _add(
            chain,
            item,
            "treat",
            values,
            lambda cell: f"LN({cell}-{low}+0.01*({high}-{low}))",
            head=head,
        )
    else:
        chain.fixed.add(f"treat:{item.id}")
        _add(chain, item, "treat", values, None)


def _cut(span: Span, head: tuple[Figure, Figure]) -> Callable[[str], str]:
    """Write a value cut at the limits that the head of its own column holds."""
    low, high = head[0].value is not None, head[1].value is not None

    def score(cell: str) -> str:
        cut = f"MAX({cell},{span.head(FIRST)})" if low else cell
        return f"MIN({cut},{span.head(SECOND)})" if high else cut

    return score


def add_normalised(chain: Chain, item: Indicator) -> None:
    """Add the column of an indicator's scores.

    Parameters
    ----------
    chain : Chain
        The plan.
    item : Indicator
        The indicator.

    Examples
    --------
    >>> add_normalised.__name__  # see suanli.workbook.chain.plan_chain
    'add_normalised'
    """
    method = chain.scores.spec.method
    before = _before(chain, item)
    span = chain.next_span()
    scale = SCALES[method.normalise](
        Scaled(
            values=before.span.all,
            codes=chain.units,
            first=span.head(FIRST),
            second=span.head(SECOND),
            up=item.direction == "up",
            options=chain.links.options,
            ties=method.ties,
            cap=method.cap,
            goalposts=item.goalposts,
            goal=item.goal,
            reference=method.reference,
        )
    )
    live = method.scope == "year" or method.normalise in FIXED
    if not live:
        chain.fixed.add("normalise")

    def formula(row: int) -> str:
        cell = before.span.at(row)
        return f'IF({cell}="","",{scale.score(cell)})'

    figures = _figures(chain, before) if live else {}
    chain.add(
        Column(
            block="normalised",
            key=item.id,
            title=chain.names.get(item.id, item.id),
            group=chain.group(item.id),
            unit=method.normalise,
            span=span,
            values=chain.values(chain.scores.indicators, item.id),
            formula=formula if live else None,
            first=_figure(scale.first, scale.words[0], item, figures),
            second=_figure(scale.second, scale.words[1], item, figures),
            weight=weight_figure(chain, item.id),
        )
    )


def _figure(formula: str, word: str, item: Indicator, figures: dict[str, float]) -> Figure:
    """Return a figure of the head: a number of the profile, or one of the data by formula."""
    if not formula or (not figures and word not in _GIVEN):
        return Figure()
    if word in _GIVEN:
        low, high = item.goalposts or (0.0, 1.0)
        given = {"low_post": low, "high_post": high, "goal": item.goal}
        return Figure(value=given[word], word=word)
    key = word
    if word == "worst":
        key = "least" if item.direction == "up" else "most"
    return Figure(value=figures[key], formula=formula, word=word)


_GIVEN = frozenset({"low_post", "high_post", "goal"})


def _figures(chain: Chain, before: Column) -> dict[str, float]:
    """Compute what scales need to know of all values, as the evaluation does."""
    values = pd.Series(numbers(before.values), index=list(chain.codes))
    reference = chain.scores.spec.method.reference
    with np.errstate(all="ignore"):
        return {
            "least": float(values.min()),
            "most": float(values.max()),
            "length": float(np.sqrt((values**2).sum())),
            "sum": float(values.sum()),
            "inverse_sum": float((1.0 / values).sum()),
            "mean": float(values.mean()),
            "deviation": float(values.std(ddof=1)),
            "count": float(values.count()),
            "range": float(values.max() - values.min()),
            "reference": float(values.get(reference, float("nan"))),
        }
