"""Tables of revealed weights, to be read."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from suanli.profile import ROOT
from suanli.run.saying import Words

__all__ = ["revealed_shown"]


def revealed_shown(
    tables: Mapping[str, pd.DataFrame], words: Words, title: str
) -> dict[str, pd.DataFrame]:
    """Return what revealed weights give to be read.

    Parameters
    ----------
    tables : Mapping[str, pandas.DataFrame]
        ``revealed_weights``, ``revealed_agreement`` and perhaps ``revealed_left_out``.
    words : Words
        Names.
    title : str
        Title of the profile.

    Returns
    -------
    dict[str, pandas.DataFrame]
        Tables by title: weights in the order of the tree.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> from suanli.robustness.revealed import revealed_weights
    >>> from suanli.text import Text
    >>> catalogue, spec = load_catalogue(), load_profile("caict2024-province")
    >>> result = revealed_weights(catalogue.province, spec, catalogue.published,
    ...                           lists=["2023-storage"])
    >>> words = Words(spec=spec, text=Text("en"), units=pd.Series(), data={}, measures={})
    >>> tables = {"revealed_weights": result.weights.reset_index(),
    ...           "revealed_agreement": result.agreement}
    >>> shown = revealed_shown(tables, words, "by us")
    >>> list(shown)[0], len(shown)
    ("Revealed weights (never the institute's weights): by us", 2)
    """
    text = words.text
    weights = tables["revealed_weights"].set_index("id")
    order, depth = _tree(words)
    weights = weights.loc[[key for key in order if key in weights.index]]
    columns = {
        "node": ["　" * depth[str(key)] + words.node(str(key)) for key in weights.index],
        "profile_weight": [f"{value:.1%}" for value in weights["profile"]],
        "revealed_weight": [f"{value:.1%}" for value in weights["revealed"]],
        "allowed": [
            f"{low:.1%}–{high:.1%}"
            for low, high in zip(weights["lower"], weights["upper"], strict=True)
        ],
        "at": [text(f"levers.word.at_{at}") if at else "" for at in weights["at"]],
    }
    shown = {text("levers.revealed.title", profile=title): words.table(columns)}
    for key, name in (
        ("revealed_agreement", "title_agreement"),
        ("revealed_left_out", "title_left"),
    ):
        if key in tables:
            columns = _agreement(tables[key], words)
            if key == "revealed_left_out":
                del columns["use"]
            shown[text(f"levers.revealed.{name}")] = words.table(columns)
    return shown


def _agreement(table: pd.DataFrame, words: Words) -> dict[str, Any]:
    text = words.text
    numbers = {key: table[f"{key}_overlap"] for key in ("profile", "revealed")}
    return {
        "list": table["list"],
        "about": [_about(str(node), words) for node in table["dimension"]],
        "use": [text(f"levers.word.{'fitted' if fit else 'test'}") for fit in table["fitted"]],
        "named": [
            text(f"levers.word.{kind}", named=f"{named}/{length}")
            for kind, named, length in zip(
                table["kind"], table["named"], table["length"], strict=True
            )
        ],
        "overlap_profile": numbers["profile"].astype(int),
        "overlap_revealed": numbers["revealed"].astype(int),
        "overlap_chance": [f"{value:.1f}" for value in table["expected_overlap"]],
    }


def _about(node: str, words: Words) -> str:
    """Name what a list ranks: one of our nodes, or a concept of the publisher."""
    own = node.replace(".", "_")
    if own == ROOT or own in words.spec.names():
        return words.node(own)
    key = f"levers.list_of.{own}"
    return words.text(key) if words.text.has(key) else node


def _tree(words: Words) -> tuple[list[str], dict[str, int]]:
    """Return the nodes, each below its parent, and how deep each lies."""
    order: list[str] = []
    depth = {ROOT: -1}
    stack = [ROOT]
    while stack:
        node = stack.pop()
        order.append(node)
        for child in reversed(words.spec.children(node)):
            depth[child] = depth[node] + 1
            stack.append(child)
    return order[1:], depth
