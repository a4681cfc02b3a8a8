"""Other ways to make the same index: one element left out, or one method exchanged."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from suanli.profile.assumptions import named
from suanli.robustness import leave_one_out, one_at_a_time
from suanli.run.grounds import Ground, Question, answer_of, factor_words, first_rows, ground_of
from suanli.run.parts import Answer
from suanli.run.sheets import worded
from suanli.text import Text

__all__ = ["SHOWN", "alternative_tables", "omission_tables"]

SHOWN: Final = 10
"""Rows that are shown unless told otherwise."""

_METHODS: Final = frozenset({"screen", "impute", "treat", "normalise", "weight", "aggregate"})
_SHIFT: Final = {
    "mean_change": "points",
    "largest_change": "whole",
    "moved": "whole",
    "tau": "points",
    "entering": "text",
    "leaving": "text",
}


def omission_tables(question: Question, *, top: int = SHOWN) -> Answer:
    """Leave out every indicator and dimension in turn.

    Parameters
    ----------
    question : Question
        The profile and its data.
    top : int
        How many rows to show, the largest change first; all when 0.

    Returns
    -------
    Answer
        ``omissions`` and ``omission_ranks``.

    Raises
    ------
    InputError
        Profile or data cannot be used.

    Examples
    --------
    >>> question = Question(profile="caict2024-province", text=Text("en"))
    >>> sorted(omission_tables(question).tables)
    ['omission_ranks', 'omissions']
    """
    ground = ground_of(question)
    found = leave_one_out(ground.start, ground.spec, groups=ground.groups)
    table = _with_units(found.table, ground, question.text)
    table.insert(1, "name", table["id"].map(ground.nodes))
    text, first = question.text, ground.spec.uncertainty.top
    order = table.sort_values("mean_change", ascending=False, kind="stable")
    worst = order.iloc[0]
    said = [
        text("robustness.said.omission", id=worst["name"], change=f"{worst['mean_change']:.2f}"),
        text(
            "robustness.said.omission_top",
            count=_changing(found.table),
            total=len(table),
            top=first,
        ),
    ]
    leaves = {item.id for item in ground.spec.indicator}
    depth = {1: "dimension"}
    kind = [
        "leaf" if node in leaves else depth.get(level, "subdimension")
        for node, level in zip(order["id"], order["level"], strict=True)
    ]
    told = order.assign(item=order["name"], kind=kind)
    kinds = {"item": "text", "kind": "word", "weight": "permille", **_SHIFT}
    sheet = worded(first_rows(told, top), kinds, text, top=first)
    tables = {"omissions": table, "omission_ranks": _ranks(found.ranks, ground)}
    said += _more(question, len(sheet), len(told))
    return answer_of(question, ground, tables, sheet, said, top=first)


def alternative_tables(question: Question, *, top: int = SHOWN) -> Answer:
    """Evaluate every other option of every choice by itself.

    Parameters
    ----------
    question : Question
        The profile and its data.
    top : int
        How many rows to show, the largest change first; all when 0.

    Returns
    -------
    Answer
        ``alternatives`` and ``alternative_ranks``.

    Raises
    ------
    InputError
        Profile or data cannot be used, or there are no choices.

    Examples
    --------
    >>> question = Question(profile="caict2024-province", text=Text("en"))
    >>> sorted(alternative_tables(question).tables)
    ['alternative_ranks', 'alternatives']
    """
    ground = ground_of(question)
    found = one_at_a_time(ground.start, ground.spec, groups=ground.groups)
    table = _with_units(found.table, ground, question.text)
    text, first = question.text, ground.spec.uncertainty.top
    others = found.table[~found.table["own"]]
    changed = _changing(others)
    key = "alternatives_top" if changed else "alternatives_same"
    said = [text(f"robustness.said.{key}", count=changed, total=len(others), top=first)]
    words = {
        (choice.name, named(option)): _option(option, text)
        for choice in ground.spec.uncertainty.choice
        for option in choice.options
    }
    told = table[~table["own"]].sort_values("mean_change", ascending=False, kind="stable")
    pairs = zip(told["choice"], told["option"], strict=True)
    told = told.assign(
        option=[words[pair] for pair in pairs],
        choice=[factor_words(name, text) for name in told["choice"]],
    )
    kinds = {"choice": "text", "option": "text", **_SHIFT}
    sheet = worded(first_rows(told, top), kinds, text, top=first)
    tables = {"alternatives": table, "alternative_ranks": _ranks(found.ranks, ground)}
    said += _more(question, len(sheet), len(told))
    return answer_of(question, ground, tables, sheet, said, top=first)


def _option(fields: Mapping[str, Any], text: Text) -> str:
    """Name the methods an option sets; other fields stand as the profile writes them."""
    said = []
    for field, value in fields.items():
        values = value if isinstance(value, list | tuple) else [value]
        keys = [f"methods.{field}.{one}.title" for one in values]
        if field in _METHODS and all(text.has(key) for key in keys):
            said.append(
                text("shown.join").join(text(key) for key in keys) or text("shown.no_imputation")
            )
        else:
            said.append(named({field: value}))
    return text("shown.join").join(said)


def _more(question: Question, shown: int, total: int) -> list[str]:
    if shown < total:
        return [question.text("shown.said.rows_more", shown=shown, total=total)]
    return [] if question.out else [question.text("shown.said.rows_all")]


def _changing(table: pd.DataFrame) -> int:
    """Count the rows that change who is among the first k."""
    return int((table["entering"].map(len) + table["leaving"].map(len) > 0).sum())


def _with_units(table: pd.DataFrame, ground: Ground, text: Text) -> pd.DataFrame:
    """Name the units that enter and leave the first k."""

    def listed(codes: Any) -> str:
        return text("robustness.said.join").join(ground.short[str(code)] for code in codes)

    named = {column: table[column].map(listed) for column in ("entering", "leaving")}
    return table.assign(**named)


def _ranks(ranks: pd.DataFrame, ground: Ground) -> pd.DataFrame:
    frame = ranks.sort_values("nominal", kind="stable").rename_axis("code").reset_index()
    frame.insert(1, "name", frame["code"].map(ground.names))
    return frame
