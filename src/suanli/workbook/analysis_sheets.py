"""Sheets of what the scores were asked: years, gap, hubs, spatial pattern."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from suanli.analysis.gap import DEFINITIONS
from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.tables import question_tables, score_columns
from suanli.workbook.looks import BARS
from suanli.workbook.making import Field, Making

__all__ = ["write_analysis"]

_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "gap": ("gap_years", "gap_groups", "gap_trend", "gap_contributions"),
    "hubs": ("hub_cities", "hub_rings", "hub_bands", "hub_tests", "hub_event_summary"),
    "spatial": ("spatial_global",),
}
# Kinds of numbers by column; what is not named here is told from its values.
_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("year", "first_year", "last_year"), "year"),
    **dict.fromkeys(("mean_east", "mean_west", "median_east", "median_west"), "score"),
    **dict.fromkeys(("mean", "median", "lower", "upper", "score", "index"), "score"),
    **dict.fromkeys(("rest_mean", "neighbours_mean", "value", "detectable"), "score"),
    **dict.fromkeys(("difference", "difference_lower", "difference_upper"), "signed"),
    **dict.fromkeys(("median_difference", "expected", "contribution"), "signed"),
    **dict.fromkeys(("between_share", "between_share_population", "share"), "share"),
    **dict.fromkeys(("between_p", "p", "p_fdr", "slope_p", "top_p", "p_redraw"), "p"),
    **dict.fromkeys(("before_p", "before_p_redraw", "p_analytic", "p_permutation"), "p"),
    **dict.fromkeys(("lisa_p", "lisa_p_fdr", "gi_p", "gi_p_fdr", "index_p_fdr"), "p"),
    **dict.fromkeys(("slope", "slope_expected"), "fine"),
    **dict.fromkeys(("top_mean_km", "top_expected_km"), "whole"),
    "weight": "weight",
    "rank": "rank",
}
# Slopes, ratios and estimates on a logarithmic scale need more decimals than points do.
_FINE: Final = {"gap_trend", "hub_event_summary", "spatial_global"}
_OF_NODES: Final = ("node", "indicator", "dimension")
_WORDS: Final = (
    *("measure", "direction", "group", "redrawn_within", "membership", "quadrant", "cluster"),
    *("design", "outcome", "scores", "level", "rule", "alternative", "monotone"),
    *("lisa_cluster", "gi_cluster", "index_cluster", "lisa_quadrant"),
)


def write_analysis(making: Making) -> None:
    """Write the sheets of the panel, the gap, the hubs and the spatial pattern.

    Parameters
    ----------
    making : Making
        The workbook.

    Examples
    --------
    >>> write_analysis.__name__  # see suanli.workbook.book.write_workbook
    'write_analysis'
    """
    _panel(making)
    for question, keys in _TABLES.items():
        tables = question_tables(making.edition, question)
        for key in keys:
            if key in tables:
                _write(making, key, tables[key])
            else:
                # Contributions to the gap, of an index that is no weighted sum.
                making.top(key, 1, making.edition.text("report.gap.not_additive"))
        if question == "spatial":
            for level in ("province", "city"):
                _write(making, f"{level}_lisa", _local(tables, level))


def _panel(making: Making) -> None:
    edition = making.edition
    nodes = edition.nodes("province")
    wanted = [name for node in nodes for name in (node, f"{node}_rank")]
    pieces = {
        year: score_columns(scores)[[*wanted, "coverage"]]
        for year, scores in sorted(edition.study.panel.items())
    }
    frame = pd.concat(pieces, names=["year", "code"]).reset_index()
    frame.insert(2, "name", frame["code"].map(edition.unit_names("province")))
    fields = [Field(key="year", kind="year"), Field(key="code"), Field(key="name")]
    for node in nodes:
        name = edition.node_name("province", node)
        about = making.text("workbook.score_of", node=name)
        bar = BARS["score"] if node == ROOT else ""
        fields.append(Field(key=node, kind="score", title=name, about=about, bar=bar))
        title = making.text("workbook.rank_of", node=name)
        about = making.text("workbook.meaning.rank_of", node=name)
        fields.append(Field(key=f"{node}_rank", kind="rank", title=title, about=about))
    fields.append(Field(key="coverage", kind="share"))
    making.table("panel", frame, fields)


def _local(tables: Mapping[str, pd.DataFrame], level: Level | str) -> pd.DataFrame:
    """Put the local statistics of a level side by side."""
    lisa, hot = tables[f"{level}_lisa"], tables[f"{level}_hot_spots"]
    described = tables[f"{level}_index_lisa"]
    frame = lisa.rename(
        columns={
            name: f"lisa_{name}" for name in ("statistic", "p", "p_fdr", "quadrant", "cluster")
        }
    ).drop(columns="p_bonferroni")
    names = {"statistic": "gi_statistic", "p": "gi_p", "p_fdr": "gi_p_fdr", "cluster": "gi_cluster"}
    frame = frame.merge(hot[["code", *names]].rename(columns=names), on="code", how="left")
    names = {"cluster": "index_cluster", "p_fdr": "index_p_fdr"}
    return frame.merge(described[["code", *names]].rename(columns=names), on="code", how="left")


def _write(making: Making, key: str, table: pd.DataFrame) -> None:
    told = _worded(making, table)
    fields = [_field(key, str(name), table[name]) for name in table.columns]
    making.table(key, told, fields)


def _field(key: str, name: str, values: pd.Series) -> Field:
    kind = _KINDS.get(name, "")
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        kind = "text"
    elif key in _FINE and kind in ("", "score", "signed"):
        kind = "fine"
    elif not kind:
        kind = "whole" if pd.api.types.is_integer_dtype(values) else "fine"
    if kind == "fine" and values.dropna().mod(1).eq(0).all():
        kind = "whole"
    bar = BARS["score"] if name == "score" else ""
    return Field(key=name, kind=kind, look="text", bar=bar)


def _worded(making: Making, table: pd.DataFrame) -> pd.DataFrame:
    """Put identifiers into words of the edition's language."""
    text, edition = making.text, making.edition
    names: dict[Any, str] = {}
    for level in ("city", "province"):
        spec = edition.scores(level).spec
        names |= {item.id: text.of(item.name.model_dump()) for item in spec.items()}
    names[ROOT] = text("maps.index_province")
    told = table.copy()
    for column in table.columns:
        if column in _OF_NODES:
            told[column] = [names.get(value, value) for value in table[column]]
        elif column == "definition":
            words = {one.id: text(f"analysis.definition_{one.id}") for one in DEFINITIONS}
            told[column] = [words.get(value, value) for value in table[column]]
        elif column in _WORDS:
            told[column] = pd.Series(
                [None if pd.isna(value) else _word(making, value) for value in table[column]],
                index=table.index,
                dtype="object",
            )
    return told


def _word(making: Making, value: object) -> object:
    """Return the word for a value, the value itself where there is none."""
    for area in ("workbook.value", "shown.value", "hubs.outcome"):
        key = f"{area}_{value}" if area.startswith("hubs") else f"{area}.{value}"
        if making.text.has(key):
            return making.text(key)
    return value
