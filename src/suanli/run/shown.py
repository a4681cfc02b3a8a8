"""The short tables of the analyses as they are printed: chosen columns, in words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from suanli.analysis.event import DESIGNS
from suanli.profile import ROOT
from suanli.run.numerals import figure_text, short_p
from suanli.text import Text

__all__ = ["SHOWN", "shown_table"]

SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "gap_trend": ("definition", "measure", "slope", "interval", "direction", "n"),
    "convergence_sigma_trend": ("series", "measure", "slope", "interval", "direction"),
    "convergence_beta": ("series", "model", "slope", "interval", "p", "p_fdr", "half_life"),
    "spatial_global": (
        "level", "scores", "rule", "n_tested", "isolates", "statistic", "expected", "z",
        "p_permutation",
    ),
    "spatial_sensitivity": ("level", "rule", "n", "isolates", "statistic", "z", "p"),
    "hub_rings": (
        "redrawn_within", "ring", "n", "mean", "interval", "difference", "expected", "p",
    ),
    "hub_tests": (
        "redrawn_within", "slope", "slope_expected", "slope_p", "top_k", "top_mean_km",
        "top_expected_km", "top_p",
    ),
    "hub_cities": (
        "hub", "name", "score", "rank", "neighbours", "neighbours_mean", "cluster", "p", "p_fdr",
    ),
    "hub_decay": ("redrawn_within", "membership", "slope", "expected", "p", "monotone"),
    "hub_neighbours": ("redrawn_within", "statistic_of", "value", "expected", "detectable", "p"),
    "hub_weights": ("rule", "n", "difference", "expected", "p", "slope_p", "moran_p", "joins_p"),
    "hub_event_summary": (
        "outcome", "ring", "treated", "change", "interval", "p_redraw", "p_fdr",
        "before_p_redraw",
    ),
}  # fmt: skip
"""Tables to print and their columns; ``interval`` is lower and upper together."""

_WORDS: Final = {
    "definition": "analysis.definition_{}",
    "measure": "shown.measure_{}",
    "direction": "shown.direction_{}",
    "model": "shown.model_{}",
    "level": "common.{}",
    "scores": "shown.scores_{}",
    "redrawn_within": "shown.within_{}",
    "membership": "shown.by_{}",
    "monotone": "shown.monotone_{}",
    "statistic_of": "shown.statistic_{}",
    "outcome": "hubs.outcome_{}",
}
_WHOLE: Final = ("n", "n_tested", "isolates", "ring", "rank", "neighbours", "top_k", "treated")
_STRICT: Final = "region_and_size"


def shown_table(
    key: str, table: pd.DataFrame, text: Text, *, names: Mapping[str, str]
) -> pd.DataFrame:
    """Put a table into words for printing.

    Parameters
    ----------
    key : str
        One of :data:`SHOWN`.
    table : pandas.DataFrame
        The tidy table.
    text : Text
        The language.
    names : Mapping[str, str]
        Names of nodes and indicators by identifier.

    Returns
    -------
    pandas.DataFrame
        Text cells under headings of the language, narrow enough for a page.

    Examples
    --------
    >>> table = pd.DataFrame({"redrawn_within": ["region"], "membership": "km", "slope": -3.68,
    ...                       "expected": -2.46, "p": 0.2156, "monotone": False})
    >>> shown_table("hub_decay", table, Text("en"), names={}).to_numpy().tolist()
    [['region', 'km', '-3.68', '-2.46', '0.22', 'no']]
    """
    rows = _chosen(key, table)
    columns = {}
    for column in SHOWN[key]:
        if column == "interval":
            pairs = zip(rows["lower"], rows["upper"], strict=True)
            cells = [f"{figure_text(a)} … {figure_text(b)}" for a, b in pairs]
        else:
            cells = [_cell(column, value, text, names) for value in rows[column]]
        columns[text(f"shown.{column}")] = cells
    return pd.DataFrame(columns)


def _chosen(key: str, table: pd.DataFrame) -> pd.DataFrame:
    if "node" in table:
        only = table["node"].unique()
        table = table[table["node"].eq(ROOT)] if ROOT in only else table
    if key == "hub_weights":
        return table[table["redrawn_within"] == _STRICT]
    if key == "hub_neighbours":
        return table.rename(columns={"statistic": "statistic_of"})
    if key != "hub_event_summary":
        return table
    main = table[table["design"] == DESIGNS[0].id]
    percent: dict[str, Any] = {
        name: 100.0 * np.expm1(main[column])
        for name, column in (("change", "estimate"), ("lower", "lower"), ("upper", "upper"))
    }
    return main.assign(**percent)


def _cell(column: str, value: Any, text: Text, names: Mapping[str, str]) -> str:
    if column in _WORDS:
        return text(_WORDS[column].format(value))
    if column == "series":
        return names.get(str(value), str(value))
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    write: Callable[[float], str] = figure_text
    if column == "p" or column.startswith("p_") or column.endswith(("_p", "_p_redraw")):
        write = short_p
    return f"{value:.0f}" if column in _WHOLE else write(float(value))
