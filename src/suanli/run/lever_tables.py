"""Tables of attainable ranks and of targets: to be written, and to be read."""

from typing import Any, Final

import numpy as np
import pandas as pd

from suanli.profile import ROOT
from suanli.robustness.attainable import AttainableRanks
from suanli.robustness.limits import PLAUSIBLE_TIMES
from suanli.robustness.target import TargetResult
from suanli.run.figuring import figure, unit_text
from suanli.run.saying import Words

__all__ = [
    "attainable_shown",
    "attainable_tables",
    "target_shown",
    "target_tables",
]

_ROWS: Final = 20
_WHOLE_TABLE: Final = 40
"""A table of as many rows is printed whole."""
_TWICE: Final = 2.0
_MANY: Final = 100.0
_EXACT: Final = 10
"""Digits of values that are to be typed in as they are printed."""


def attainable_tables(result: AttainableRanks, words: Words) -> dict[str, pd.DataFrame]:
    """Return what attainable ranks give to be written.

    Parameters
    ----------
    result : AttainableRanks
        The answer.
    words : Words
        Names.

    Returns
    -------
    dict[str, pandas.DataFrame]
        ``attainable``, ``attainable_weights`` and ``attainable_bounds``.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> from suanli.evaluation import evaluate
    >>> from suanli.robustness.attainable import attainable_ranks
    >>> from suanli.text import Text
    >>> spec = load_profile("caict2024-province")
    >>> scores = evaluate(load_catalogue().province, spec)
    >>> ranks = attainable_ranks(scores, bounds=0.0, units=["440000"])
    >>> words = Words(spec=spec, text=Text("en"), units=pd.Series({"440000": "Guangdong"}),
    ...               data={}, measures={})
    >>> bounds = attainable_tables(ranks, words)["attainable_bounds"]
    >>> bounds[["name", "parent", "set_by"]].iloc[0].to_list()
    ['Computing power', 'index', 'share']
    """
    table = result.table.reset_index()
    table.insert(1, "name", words.units.reindex(table["code"]).to_numpy())
    sides = {"best": result.best_weights, "worst": result.worst_weights}
    blocks = []
    for side, weights in sides.items():
        long = weights.rename_axis("code").reset_index()
        long = long.melt(id_vars="code", var_name="id", value_name="weight")
        blocks.append(long.assign(side=side))
    tree, limits = result.polytope, words.spec.uncertainty.limits
    nodes = [str(node) for node in tree.parents.index]
    bounds = pd.DataFrame(
        {
            "id": nodes,
            "name": [words.node(node) for node in nodes],
            "parent": tree.parents.to_numpy(),
            "profile": tree.base.to_numpy(),
            "lower": tree.lower.to_numpy(),
            "upper": tree.upper.to_numpy(),
            "set_by": ["limits" if node in limits else "share" for node in nodes],
        }
    )
    return {
        "attainable": table,
        "attainable_weights": pd.concat(blocks, ignore_index=True)[
            ["code", "side", "id", "weight"]
        ],
        "attainable_bounds": bounds,
    }


def attainable_shown(
    result: AttainableRanks, words: Words, title: str, *, asked: bool
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return what attainable ranks give to be read, and where the rest is.

    Parameters
    ----------
    result : AttainableRanks
        The answer.
    words : Words
        Names.
    title : str
        Title of the profile.
    asked : bool
        Whether the user asked about single units: then all are shown.

    Returns
    -------
    tuple[dict[str, pandas.DataFrame], list[str]]
        A table by title, and sentences.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> from suanli.evaluation import evaluate
    >>> from suanli.robustness.attainable import attainable_ranks
    >>> from suanli.text import Text
    >>> spec = load_profile("caict2024-province")
    >>> scores = evaluate(load_catalogue().province, spec)
    >>> ranks = attainable_ranks(scores, bounds=0.0, units=["440000"])
    >>> words = Words(spec=spec, text=Text("en"), units=pd.Series({"440000": "Guangdong"}),
    ...               data={}, measures={})
    >>> shown, _ = attainable_shown(ranks, words, "by us", asked=True)
    >>> shown["Attainable ranks (2023): by us"].to_numpy().tolist()
    [[1, 'Guangdong', 1, 1, 'proved']]
    """
    text, table = words.text, result.table
    rows = table if asked or len(table) <= _WHOLE_TABLE else table.head(_ROWS)
    columns: dict[str, Any] = {"rank": rows["rank"], "unit": words.units.reindex(rows.index)}
    columns |= {"best": rows["best"], "worst": rows["worst"]}
    if (table["status"] != "optimal").any():
        columns |= {"not_better": rows["best_bound"], "not_worse": rows["worst_bound"]}
    columns["status"] = [text(f"levers.word.{status}") for status in rows["status"]]
    heading = text("levers.attainable.title", profile=title, year=words.spec.year)
    if result.polytope.root != ROOT:
        node = words.node(result.polytope.root)
        heading = text("levers.attainable.title_node", title=heading, node=node)
    said = []
    if len(rows) < len(table):
        params = {"shown": len(rows), "count": len(table)}
        said.append(text("levers.attainable.said_rest", **params))
    return {heading: words.table(columns)}, said


def target_tables(result: TargetResult, words: Words) -> dict[str, pd.DataFrame]:
    """Return what a target gives to be written.

    Parameters
    ----------
    result : TargetResult
        The answer.
    words : Words
        Names.

    Returns
    -------
    dict[str, pandas.DataFrame]
        ``target``: changes together and alone, by ``kind``; ``target_follow``; and
        ``target_data``, the changed values in the form of a table of one's own.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> from suanli.robustness.limits import Limits
    >>> from suanli.robustness.target import reach_rank
    >>> from suanli.text import Text
    >>> spec = load_profile("caict2024-province")
    >>> result = reach_rank(load_catalogue().province, spec, "140000", rank=16,
    ...                     limits=Limits(move=("rd_intensity",)))
    >>> words = Words(spec=spec, text=Text("en"), units=pd.Series({"140000": "Shanxi"}),
    ...               data={}, measures={"rd_intensity": "%"})
    >>> target_tables(result, words)["target_data"].to_numpy().tolist()
    [['140000', 2023, 'rd_intensity', 3.269, '%']]
    """
    parts = [result.levers.assign(kind="together"), result.single.assign(kind="single")]
    both = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    both.insert(0, "kind", both.pop("kind"))
    both.insert(2, "name", [words.datum(str(key)) for key in both["indicator"]])
    both.insert(3, "unit", [words.measures.get(str(key), "") for key in both["indicator"]])
    follow = result.follow.copy()
    follow.insert(1, "name", [words.node(str(key)) for key in follow["indicator"]])
    moved = result.levers
    data = pd.DataFrame(
        {
            "code": result.unit,
            "year": moved["year"],
            "indicator": moved["indicator"],
            "value": moved["end"],
            "unit": [words.measures.get(str(key), "") for key in moved["indicator"]],
        }
    )
    return {"target": both, "target_follow": follow, "target_data": data}


def target_shown(result: TargetResult, words: Words) -> dict[str, pd.DataFrame]:
    """Return what a target gives to be read.

    Parameters
    ----------
    result : TargetResult
        The answer.
    words : Words
        Names.

    Returns
    -------
    dict[str, pandas.DataFrame]
        Tables by title; none where the rank is held already.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> from suanli.robustness.limits import Limits
    >>> from suanli.robustness.target import reach_rank
    >>> from suanli.text import Text
    >>> spec = load_profile("caict2024-province")
    >>> result = reach_rank(load_catalogue().province, spec, "140000", rank=16,
    ...                     limits=Limits(move=("rd_intensity",)))
    >>> words = Words(spec=spec, text=Text("en"), units=pd.Series({"140000": "Shanxi"}),
    ...               data={}, measures={"rd_intensity": "%"})
    >>> shown = target_shown(result, words)
    >>> shown["Shanxi to rank 16: together"].to_numpy().tolist()
    [['rd_intensity (%)', '1.16', '3.269', 'to 2.8x', '+1.05', '']]
    """
    if result.held:
        return {}
    text = words.text
    params = {"name": words.units[result.unit], "rank": result.wanted, "after": result.after}
    reached = "" if result.reached else "_not"
    shown = {}
    if len(result.levers):
        rows = result.levers
        columns = _changes(rows, words, end="needed" if result.reached else "limit")
        columns["points"] = [f"{value:+.2f}" for value in rows["effect"]]
        columns["hint"] = _hints(rows, words)
        shown[text(f"levers.target.title{reached}", **params)] = words.table(columns)
    rows = result.single
    if rows["end"].notna().any():
        columns = _changes(rows, words, end="needed")
        columns |= {"best_rank": rows["best_rank"], "hint": _hints(rows, words)}
    else:
        rows = rows.sort_values("best_rank", kind="stable")
        columns = {"datum": _names(rows, words), "now": [figure(v) for v in rows["start"]]}
        columns["best_rank"] = rows["best_rank"]
    alone = "" if rows["end"].notna().any() else "_not"
    shown[text(f"levers.target.title_single{alone}", **params)] = words.table(columns)
    return shown


def _names(rows: pd.DataFrame, words: Words) -> list[str]:
    names = []
    for key in map(str, rows["indicator"]):
        name, unit = words.datum(key), words.measures.get(key, "")
        # A ratio has the unit 1, which says nothing.
        plain = unit in {"", "1"}
        in_unit = {"name": name, "unit": unit_text(unit, words.text)}
        names.append(name if plain else words.text("diagnostics.word.in_unit", **in_unit))
    return names


def _changes(rows: pd.DataFrame, words: Words, *, end: str) -> dict[str, Any]:
    return {
        "datum": _names(rows, words),
        "now": [figure(float(value)) for value in rows["start"]],
        end: [_exact(float(value)) for value in rows["end"]],
        "change": [
            _change(float(change), float(times), words)
            for change, times in zip(rows["change"], rows["times"], strict=True)
        ],
    }


def _exact(value: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{value:,.{_EXACT}g}" if abs(value) < 10**_EXACT else f"{value:,.0f}"


def _change(change: float, times: float, words: Words) -> str:
    if np.isnan(change):
        return "–"
    if np.isnan(times):
        return f"{change:+.4g}"
    if times >= _TWICE:
        shown = f"{times:,.1f}" if times < _MANY else f"{times:,.0f}"
        return words.text("levers.word.times", times=shown)
    return f"{times - 1:+.1%}"


def _hints(rows: pd.DataFrame, words: Words) -> list[str]:
    text = words.text
    known = rows["end"].notna()
    spent = rows["exhausted"].astype(bool) if "exhausted" in rows else ~known
    # What is implausible is more than what is at its limit.
    marks = {
        "excessive": known & rows["excessive"].astype(bool),
        "passed": known & rows["passed"].ne(""),
        "exhausted": known & rows["plausible"].astype(bool) & spent,
    }
    said = {key: text(f"levers.word.{key}", times=f"{PLAUSIBLE_TIMES:g}") for key in marks}
    return [
        text("levers.word.and").join(word for key, word in said.items() if marks[key].loc[row])
        for row in rows.index
    ]
