"""``suanli list``: what can be chosen by name."""

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from suanli.data import load_catalogue
from suanli.evaluation import aggregate, impute, scales, screen, treat, weight
from suanli.profile import list_profiles, load_profile
from suanli.text import Text

__all__ = ["listing"]


def listing(kind: str, text: Text) -> pd.DataFrame:
    """Return what there is of a kind.

    Parameters
    ----------
    kind : {"profiles", "indicators", "methods", "statistics"}
        What to list.
    text : Text
        Language of titles.

    Returns
    -------
    pandas.DataFrame
        One row each.

    Examples
    --------
    >>> listing("methods", Text("en"))["stage"].unique().tolist()
    ['screen', 'impute', 'treat', 'normalise', 'weight', 'aggregate']
    """
    makers: Mapping[str, Callable[[Text], pd.DataFrame]] = {
        "profiles": _profiles,
        "indicators": _indicators,
        "methods": _methods,
        "statistics": _statistics,
    }
    return makers[kind](text)


def _profiles(text: Text) -> pd.DataFrame:
    specs = [load_profile(name) for name in list_profiles()]
    return pd.DataFrame(
        {
            "profile": [spec.id for spec in specs],
            "level": [text(f"common.{spec.level}") for spec in specs],
            "year": [spec.year for spec in specs],
            "indicators": [len(spec.indicator) for spec in specs],
            "title": [text.of(spec.title.model_dump()) for spec in specs],
        }
    )


def _indicators(text: Text) -> pd.DataFrame:
    table = load_catalogue().indicators
    columns = ["indicator", "level", f"name_{text.lang}", "unit", "direction"]
    return table[columns].reset_index(drop=True)


def _methods(_: Text) -> pd.DataFrame:
    stages: Mapping[str, Mapping[str, Callable[..., Any]]] = {
        "screen": screen.METHODS,
        "impute": impute.METHODS,
        "treat": treat.METHODS,
        "normalise": scales.METHODS,
        "weight": weight.METHODS,
        "aggregate": aggregate.METHODS,
    }
    rows = [
        {"stage": stage, "method": name, "about": _summary(function), **_notes(function)}
        for stage, methods in stages.items()
        for name, function in methods.items()
    ]
    return pd.DataFrame(rows)


def _statistics(_: Text) -> pd.DataFrame:
    from geo import statistics  # noqa: PLC0415 - loads the stack of spatial statistics

    functions = [getattr(statistics, name) for name in statistics.__all__]
    rows = [
        {"statistic": function.__name__, "about": _summary(function)}
        for function in functions
        if inspect.isfunction(function)
    ]
    return pd.DataFrame(rows)


def _notes(function: Callable[..., Any]) -> dict[str, str]:
    """Take formula and source from the notes: their first and second paragraph."""
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    heading = "Notes\n-----\n"
    start = next(i for i, text in enumerate(paragraphs) if text.startswith(heading))
    formula = paragraphs[start].removeprefix(heading)
    return {"formula": _line(formula), "source": _line(paragraphs[start + 1])}


def _summary(function: Callable[..., Any]) -> str:
    return _line((inspect.getdoc(function) or "").split("\n\n")[0])


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("``", "")
