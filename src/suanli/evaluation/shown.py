"""How scores show themselves in a notebook: the leaders, short and without a network."""

from html import escape
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from suanli.evaluation.score import Scores

__all__ = ["scores_html"]

_MOST: Final = 10


def scores_html(scores: "Scores") -> str:
    """Return the units with the best index as an HTML table.

    Parameters
    ----------
    scores : Scores
        An evaluation.

    Returns
    -------
    str
        Profile, year, numbers of units scored and of all, then rank, code and scores of the
        first ten by identifiers of nodes. Without scripts; every string is escaped.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> html = scores_html(scores)
    >>> html.count("<tr>"), "440000" in html
    (11, True)
    """
    spec, nodes = scores.spec, scores.nodes
    ranks = scores.ranks.iloc[:, 0]
    best = ranks.sort_values(kind="stable").index[:_MOST]
    known = int(nodes.iloc[:, 0].notna().sum())
    about = f"{spec.id} · {spec.year} · {known}/{len(nodes)}"
    if len(nodes) > len(best):
        about += f" · 1–{len(best)}"
    head = _cells(["", "code", *nodes.columns], "th")
    body = "".join(
        _cells([_whole(ranks[code]), code, *map(_score, nodes.loc[code])], "td") for code in best
    )
    caption = f"<caption>{escape(about)}</caption>"
    return f"<table>{caption}<thead>{head}</thead><tbody>{body}</tbody></table>"


def _cells(values: list[Any], kind: str) -> str:
    return "<tr>" + "".join(f"<{kind}>{escape(str(x))}</{kind}>" for x in values) + "</tr>"


def _score(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.2f}"


def _whole(rank: float) -> str:
    return "" if pd.isna(rank) else f"{rank:g}"
