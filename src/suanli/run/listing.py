"""``suanli list``: what can be chosen by name."""

import difflib
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from suanli.data import load_catalogue
from suanli.errors import InputError, Problem
from suanli.evaluation import aggregate, impute, scales, screen, treat, weight
from suanli.profile import list_profiles, load_profile
from suanli.run.figuring import unit_text
from suanli.run.parts import Answer
from suanli.run.sheets import MISSING, worded
from suanli.text import Text

__all__ = ["choose_methods", "listed", "listing"]

_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "profiles": {
        "profile": "text",
        "title": "text",
        "level": "text",
        "year": "text",
        "indicators": "text",
    },
    "indicators": {
        "indicator": "text",
        "indicator_name": "text",
        "level": "word",
        "unit": "text",
        "direction": "word",
    },
    "statistics": {"statistic": "text", "title": "text"},
}


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


def listed(kind: str, table: pd.DataFrame, text: Text) -> Answer:
    """Put a list into words.

    Parameters
    ----------
    kind : {"profiles", "indicators", "methods", "statistics"}
        What is listed.
    table : pandas.DataFrame
        From :func:`listing`.
    text : Text
        The language.

    Returns
    -------
    Answer
        One table to show, of methods one for each stage.

    Examples
    --------
    >>> text = Text("en")
    >>> shown = listed("methods", listing("methods", text), text).shown
    >>> shown["Aggregation (aggregate)"].iloc[0].to_list()
    ['arithmetic', 'Arithmetic mean']
    """
    if kind == "methods":
        shown = {
            text("shown.title.stage", title=text(f"methods.stage.{stage}"), stage=stage): worded(
                table[table["stage"] == stage], {"method": "text", "title": "text"}, text
            )
            for stage in table["stage"].unique()
        }
        return Answer(tables={kind: table}, shown=shown, sentences=(text("shown.note.stages"),))
    if kind == "indicators":
        units = [MISSING if unit == "1" else unit_text(unit, text) for unit in table["unit"]]
        names = table[f"name_{text.lang}"]
        table = table.assign(unit=units, indicator_name=names)
    sheet = worded(table, _COLUMNS[kind], text)
    return Answer(tables={kind: table}, shown={text(f"shown.title.{kind}"): sheet}, sentences=())


def choose_methods(
    table: pd.DataFrame, names: Sequence[str], stage: str | None = None
) -> pd.DataFrame:
    """Take methods out of the list.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`listing`.
    names : Sequence[str]
        Identifiers; all when empty.
    stage : str, optional
        Of this stage only.

    Returns
    -------
    pandas.DataFrame
        Their rows.

    Raises
    ------
    InputError
        No such stage, no such method or none in that stage; all that is wrong at once.

    Examples
    --------
    >>> choose_methods(listing("methods", Text("en")), ["ampi"])["stage"].to_list()
    ['normalise', 'aggregate']
    """
    stages = list(table["stage"].unique())
    if stage is not None and stage not in stages:
        params = {"stage": stage, "known": ", ".join(stages)}
        raise InputError([Problem(code="shown.no_stage", params=params)])
    problems = []
    for name in names:
        where = list(table.loc[table["method"] == name, "stage"])
        if not where:
            problems.append(_no_method(name, table))
        elif stage is not None and stage not in where:
            params = {"stage": stage, "name": name, "stages": ", ".join(where)}
            problems.append(Problem(code="shown.stage_and_method", params=params))
    if problems:
        raise InputError(problems)
    chosen = table["method"].isin(names) if names else table["method"].notna()
    return table[chosen & (table["stage"] == stage if stage else True)]


def _no_method(name: str, table: pd.DataFrame) -> Problem:
    close = difflib.get_close_matches(name, list(table["method"].unique()), n=3)
    if not close:
        return Problem(code="shown.no_method", params={"name": name})
    params = {"name": name, "close": ", ".join(close)}
    return Problem(code="shown.no_method_close", params=params)


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


def _methods(text: Text) -> pd.DataFrame:
    stages: Mapping[str, Mapping[str, Callable[..., Any]]] = {
        "screen": screen.METHODS,
        "impute": impute.METHODS,
        "treat": treat.METHODS,
        "normalise": scales.METHODS,
        "weight": weight.METHODS,
        "aggregate": aggregate.METHODS,
    }
    rows = [
        {"stage": stage, "method": name, **_told(stage, name, text), "source": _source(function)}
        for stage, methods in stages.items()
        for name, function in methods.items()
    ]
    return pd.DataFrame(rows)


def _told(stage: str, name: str, text: Text) -> dict[str, str]:
    return {key: text(f"methods.{stage}.{name}.{key}") for key in ("title", "about", "formula")}


def _statistics(text: Text) -> pd.DataFrame:
    from geo import statistics  # noqa: PLC0415 - loads the stack of spatial statistics

    functions = [getattr(statistics, name) for name in statistics.__all__]
    rows = [
        {
            "statistic": function.__name__,
            "title": _title(function, text),
            "about": _summary(function),
        }
        for function in functions
        if inspect.isfunction(function)
    ]
    return pd.DataFrame(rows)


def _title(function: Callable[..., Any], text: Text) -> str:
    key = f"methods.statistic.{function.__name__}"
    return text(key) if text.has(key) else _summary(function)


def _source(function: Callable[..., Any]) -> str:
    """Take the source from the notes: their second paragraph."""
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    start = next(i for i, said in enumerate(paragraphs) if said.startswith("Notes\n-----\n"))
    return _line(paragraphs[start + 1])


def _summary(function: Callable[..., Any]) -> str:
    return _line((inspect.getdoc(function) or "").split("\n\n")[0])


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("``", "")
