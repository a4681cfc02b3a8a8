"""Tables for the screen: few columns, headings and words in the user's language.

What is left out of them is in the files and the JSON of the same command, under identifiers.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd

from suanli.run.figuring import MISSING
from suanli.text import Text

__all__ = [
    "MISSING",
    "between",
    "listed",
    "p_value",
    "rounded",
    "span",
    "value_words",
    "worded",
]

_LEAST: Final = 0.001
_LISTED: Final = 10
_KINDS: Final = {
    "whole": lambda value: rounded(value, 0),
    "points": lambda value: rounded(value, 2),
    "number": lambda value: rounded(value, 3),
    "fine": lambda value: rounded(value, 4),
    "digits": lambda value: f"{value + 0.0:#.3g}",
    "signed": lambda value: rounded(value, 2, sign=True),
    "share": lambda value: f"{rounded(100 * value, 0)}%",
    "permille": lambda value: f"{rounded(100 * value, 1)}%",
}


def rounded(value: float, decimals: int, *, sign: bool = False) -> str:
    """Write a number with so many decimals; what rounds to nothing has no minus.

    Parameters
    ----------
    value : float
        The number, perhaps missing.
    decimals : int
        Digits after the point.
    sign : bool
        Whether positive numbers get a plus.

    Returns
    -------
    str
        The number, an en dash for a missing one.

    Examples
    --------
    >>> rounded(-0.0001, 2), rounded(1234.5, 1), rounded(0.5, 2, sign=True)
    ('0.00', '1234.5', '+0.50')
    """
    if _absent(value) or math.isinf(value):
        return MISSING
    # Adding 0.0 turns -0.0 into 0.0.
    return f"{round(float(value), decimals) + 0.0:{'+' if sign else ''}.{decimals}f}"


def p_value(value: float) -> str:
    """Write a p-value with three decimals.

    Parameters
    ----------
    value : float
        The p-value, perhaps missing.

    Returns
    -------
    str
        ``<0.001`` for what is below.

    Examples
    --------
    >>> p_value(0.00002), p_value(0.0494), p_value(float("nan"))
    ('<0.001', '0.049', '–')
    """
    return "<0.001" if value < _LEAST else rounded(value, 3)


def span(low: float, high: float) -> str:
    """Write an interval of ranks.

    Parameters
    ----------
    low, high : float
        Its ends, perhaps missing.

    Returns
    -------
    str
        Both ends, joined by an en dash.

    Examples
    --------
    >>> span(1, 3), span(float("nan"), float("nan"))
    ('1–3', '–')
    """
    if _absent(low) or _absent(high):
        return MISSING
    return f"{rounded(low, 0)}–{rounded(high, 0)}"


def between(low: float, high: float, decimals: int) -> str:
    """Write an interval of numbers that may be negative.

    Parameters
    ----------
    low, high : float
        Its ends, perhaps missing.
    decimals : int
        Digits after the point.

    Returns
    -------
    str
        Both ends in brackets.

    Examples
    --------
    >>> between(-0.25, 1, 2)
    '[-0.25, 1.00]'
    """
    if _absent(low) or _absent(high):
        return MISSING
    return f"[{rounded(low, decimals)}, {rounded(high, decimals)}]"


def listed(names: Iterable[Any], text: Text) -> str:
    """Write the first ten names of a list.

    Parameters
    ----------
    names : Iterable[Any]
        The names.
    text : Text
        The language.

    Returns
    -------
    str
        Joined; an ellipsis stands for the others.

    Examples
    --------
    >>> listed("ab", Text("en")), listed(range(11), Text("en"))
    ('a, b', '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 …')
    """
    every = [str(name) for name in names]
    return text("model.said.mark").join(every[:_LISTED]) + (" …" if len(every) > _LISTED else "")


def value_words(value: Any, text: Text) -> str:
    """Put an identifier that stands in a table into words.

    Parameters
    ----------
    value : Any
        The identifier.
    text : Text
        The language.

    Returns
    -------
    str
        Its words; itself where there are none.

    Examples
    --------
    >>> value_words("insignificant", Text("en")), value_words("knn-4", Text("en"))
    ('no clear change', '4 nearest')
    """
    word = str(value)
    if word.startswith("knn-"):
        return text("shown.value.nearest", k=word.removeprefix("knn-"))
    key = f"shown.value.{word}"
    return text(key) if text.has(key) else word


def worded(
    table: pd.DataFrame,
    kinds: Mapping[str, str],
    text: Text,
    *,
    names: Mapping[str, str] | None = None,
    **params: Any,
) -> pd.DataFrame:
    """Take columns of a table for the screen, every heading and cell in words.

    Parameters
    ----------
    table : pandas.DataFrame
        Under identifiers.
    kinds : Mapping[str, str]
        Columns wanted in their order, each with the kind of its cells: ``text``, ``word``
        (an identifier with words of its own), ``name`` (of ``names``), ``whole``,
        ``points`` (2 decimals), ``number`` (3), ``fine`` (4), ``digits`` (3 in all),
        ``signed``, ``share`` (per cent), ``permille`` (per cent with a decimal), ``p``,
        ``span`` (of the columns ``low`` and ``high``) or ``between`` (of ``lower`` and
        ``upper``).
    text : Text
        The language.
    names : Mapping[str, str], optional
        Names by identifier.
    **params : Any
        Values of placeholders of the headings.

    Returns
    -------
    pandas.DataFrame
        Texts, one column per kind.

    Examples
    --------
    >>> table = pd.DataFrame({"rank": [1.0], "p": [0.2], "n": [31]})
    >>> worded(table, {"rank": "whole", "p": "p"}, Text("en"))
      rank      p
    0    1  0.200
    """
    columns: dict[str, list[str]] = {}
    for column, kind in kinds.items():
        if kind == "between":
            pairs = zip(table["lower"], table["upper"], strict=True)
            cells = [between(*ends, 4) for ends in pairs]
        elif kind == "span":
            cells = [span(*ends) for ends in zip(table["low"], table["high"], strict=True)]
        else:
            cells = [_cell(value, kind, text, names or {}) for value in table[column]]
        columns[text(f"shown.column.{column}", **params)] = cells
    return pd.DataFrame(columns, dtype="str")


def _absent(value: Any) -> bool:
    return bool(pd.isna(value))


def _cell(value: Any, kind: str, text: Text, names: Mapping[str, str]) -> str:
    if kind == "word":
        return value_words(value, text)
    if kind == "name":
        return names.get(str(value), str(value))
    if kind == "text":
        return str(value)
    if kind == "p":
        return p_value(value)
    return MISSING if _absent(value) else _KINDS[kind](value)
