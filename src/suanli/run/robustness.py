"""How far the ranks can be trusted: intervals, sensitivity, omissions, alternatives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.export.table import write_csv
from suanli.analysis.gap import DEFINITIONS, region_groups
from suanli.boundaries import load_boundaries
from suanli.data import load_catalogue
from suanli.evaluation import Derivation, derivation
from suanli.profile import ROOT, IndexSpec, load_profile, replace_spec
from suanli.robustness import leave_one_out, one_at_a_time, rank_intervals, rank_sensitivity
from suanli.robustness.sensitivity import BASE_POINTS, Sensitivity
from suanli.robustness.uncertainty import RankIntervals
from suanli.run.config import DEFAULT_SEED
from suanli.run.inputs import overlaid
from suanli.run.parts import Answer
from suanli.study import generator, scored_table
from suanli.text import Text

__all__ = [
    "Question",
    "alternative_tables",
    "interval_tables",
    "omission_tables",
    "sensitivity_tables",
]

_SURE, _OPEN = 0.95, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the ranks are asked of.

    Attributes
    ----------
    profile : str
        Name of a shipped profile or path of a TOML file.
    text : Text
        Language of names and sentences.
    data : tuple[pathlib.Path, ...]
        CSV tables laid over the shipped data.
    year : int, optional
        The year to evaluate; the profile's when absent.
    seed : int
        Seed of everything drawn.
    out : pathlib.Path, optional
        Folder for the tables as CSV.
    warn : Callable[[str], None]
        Called with a sentence for what is worth knowing but stops nothing.
    """

    profile: str
    text: Text
    data: tuple[Path, ...] = ()
    year: int | None = None
    seed: int = DEFAULT_SEED
    out: Path | None = None
    warn: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    """Everything read and derived for a question."""

    spec: IndexSpec
    start: Derivation
    groups: pd.Series
    names: Mapping[str, str]
    nodes: Mapping[str, str]


def _ground(question: Question) -> _Ground:
    text = question.text
    spec = load_profile(question.profile)
    if question.year is not None:
        spec = replace_spec(spec, year=question.year)
    catalogue = load_catalogue()
    layer = load_boundaries().layer(spec.level)
    table = overlaid(catalogue, spec.level, question.data, spec)
    used = scored_table(table, layer)
    skipped = sorted(set(table.codes) - set(used.codes))
    if skipped:
        question.warn(text(f"run.never_scored_{spec.level}", units=", ".join(skipped)))
    column = catalogue.regions[DEFINITIONS[0].column]
    names = layer["name_en" if text.lang == "en" else "name"]
    return _Ground(
        spec=spec,
        start=derivation(used, spec),
        groups=region_groups(column, pd.Index(used.codes)),
        names={str(code): str(name) for code, name in names.items()},
        nodes={ROOT: text("robustness.column.index")}
        | {key: text.of(name.model_dump()) for key, name in spec.names().items()},
    )


def _answer(
    question: Question,
    tables: Mapping[str, pd.DataFrame],
    shown: Mapping[str, pd.DataFrame],
    sentences: list[str],
) -> Answer:
    if question.out is not None:
        for key, table in tables.items():
            write_csv(table, question.out / f"{key}.csv", index=False)
    return Answer(tables=tables, shown=shown, sentences=tuple(sentences))


def interval_tables(
    question: Question,
    *,
    replicates: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Answer:
    """Give every rank its interval.

    Parameters
    ----------
    question : Question
        The profile and its data.
    replicates : int, optional
        How many; the profile's when absent.
    progress : Callable[[int], None], optional
        Called with the replicates done.

    Returns
    -------
    Answer
        ``rank_intervals``, ``rank_histogram``, ``dominance``; the first units to show.

    Raises
    ------
    InputError
        Profile or data cannot be used.

    Examples
    --------
    >>> question = Question(profile="caict2024-province", text=Text("en"))
    >>> sorted(interval_tables(question, replicates=100).tables)
    ['dominance', 'rank_histogram', 'rank_intervals']
    """
    ground = _ground(question)
    found = rank_intervals(
        ground.start,
        ground.spec,
        rng=generator(question.seed, "rank_intervals"),
        replicates=replicates,
        groups=ground.groups,
        progress=progress,
    )
    table = found.table.copy()
    table.insert(1, "node_name", table["node"].map(ground.nodes))
    table.insert(3, "name", table["code"].map(ground.names))
    top = table[(table["node"] == ROOT) & (table["rank"] <= ground.spec.uncertainty.top)]
    columns = ["rank", "code", "name", "score", "median", "low", "high", "top_share"]
    tables = {
        "rank_intervals": table,
        "rank_histogram": _long(found.histogram),
        "dominance": found.dominance.rename_axis("code").reset_index(),
    }
    shown = {"rank_intervals": top[columns]}
    return _answer(question, tables, shown, _said_of_ranks(found, ground, question.text))


def _long(histogram: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """List the ranks that occurred."""
    parts = []
    for node, counts in histogram.items():
        wide = counts.rename_axis(index="code").reset_index()
        cells = wide.melt("code", var_name="rank", value_name="count").assign(node=node)
        parts.append(cells[cells["count"] > 0].sort_values(["code", "rank"], kind="stable"))
    return pd.concat(parts, ignore_index=True)[["node", "code", "rank", "count"]]


def _said_of_ranks(found: RankIntervals, ground: _Ground, text: Text) -> list[str]:
    frame = found.of(ROOT)
    uncertainty = ground.spec.uncertainty
    low, high = (f"{share:.0%}" for share in uncertainty.interval)
    share = frame["top_share"]

    def units(chosen: pd.Series) -> str:
        listed = [ground.names[str(code)] for code in share.index[chosen]]
        return text("robustness.said.join").join(listed) or text("robustness.said.nobody")

    sure = share >= _SURE
    first, second = (str(code) for code in frame.index[:2])
    names = {"first": ground.names[first], "second": ground.names[second]}
    ahead = float(np.asarray(found.dominance.loc[first, second]))
    return [
        text("robustness.said.ranks", replicates=f"{found.replicates:,}", low=low, high=high),
        text(
            "robustness.said.first",
            unit=names["first"],
            share=f"{frame['first_share'].iloc[0]:.0%}",
        ),
        text("robustness.said.pair", **names, share=f"{ahead:.0%}"),
        text("robustness.said.top_sure", top=uncertainty.top, units=units(sure)),
        text(
            "robustness.said.top_open",
            top=uncertainty.top,
            units=units((share >= _OPEN) & ~sure),
        ),
    ]


def sensitivity_tables(question: Question, *, base_points: int = BASE_POINTS) -> Answer:
    """Say which assumption moves the ranks.

    Parameters
    ----------
    question : Question
        The profile and its data.
    base_points : int
        A power of 2; the more, the narrower the intervals.

    Returns
    -------
    Answer
        ``sensitivity`` and ``sensitivity_units``.

    Raises
    ------
    InputError
        Profile or data cannot be used, or nothing is uncertain.

    Examples
    --------
    >>> question = Question(profile="caict2024-province", text=Text("en"))
    >>> answer = sensitivity_tables(question, base_points=64)
    >>> answer.tables["sensitivity"]["factor"].to_list()[0]
    'weights'
    """
    ground = _ground(question)
    found = rank_sensitivity(
        ground.start,
        ground.spec,
        rng=generator(question.seed, "rank_sensitivity"),
        n=base_points,
        groups=ground.groups,
    )
    units = found.units.copy()
    units.insert(1, "name", units["code"].map(ground.names))
    table = found.table.reset_index()
    order = table.sort_values("total", ascending=False, kind="stable")
    kept = ["factor", "first", "first_low", "first_high", "total", "total_low", "total_high"]
    tables = {"sensitivity": table, "sensitivity_units": units}
    said = _said_of_sensitivity(found, question.text)
    # Rounded here: a little below 0 would be shown as -0.00.
    shown = order[kept].assign(**{key: order[key].round(2) + 0.0 for key in kept[1:]})
    return _answer(question, tables, {"sensitivity": shown}, said)


def _said_of_sensitivity(found: Sensitivity, text: Text) -> list[str]:
    change = f"{found.mean_change:.2f}"
    said = [text("robustness.said.sensitivity", runs=f"{found.runs:,}", change=change)]
    if found.variance == 0:
        return [*said, text("robustness.said.constant")]
    table = found.table
    largest = str(table["total"].idxmax())
    figures = {key: f"{table[key][largest]:.2f}" for key in ("total", "total_low", "total_high")}
    chance = table.index[~table["first_beyond_chance"].astype(bool)].map(str)
    return [
        *said,
        text(
            "robustness.said.largest",
            factor=largest,
            total=figures["total"],
            low=figures["total_low"],
            high=figures["total_high"],
        ),
        text(
            "robustness.said.chance",
            factors=", ".join(chance) or text("robustness.said.nobody"),
        ),
        text("robustness.said.interaction", share=f"{max(found.interaction, 0.0):.0%}"),
    ]


def omission_tables(question: Question) -> Answer:
    """Leave out every indicator and dimension in turn.

    Parameters
    ----------
    question : Question
        The profile and its data.

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
    ground = _ground(question)
    found = leave_one_out(ground.start, ground.spec, groups=ground.groups)
    table = _with_units(found.table, ground, question.text)
    table.insert(1, "name", table["id"].map(ground.nodes))
    text, top = question.text, ground.spec.uncertainty.top
    worst = table.sort_values("mean_change", ascending=False, kind="stable").iloc[0]
    changed = _changing(found.table)
    said = [
        text("robustness.said.omission", id=worst["name"], change=f"{worst['mean_change']:.2f}"),
        text("robustness.said.omission_top", count=changed, total=len(table), top=top),
    ]
    tables = {"omissions": table, "omission_ranks": _ranks(found.ranks, ground)}
    return _answer(question, tables, {"omissions": table.drop(columns=["id", "parent"])}, said)


def alternative_tables(question: Question) -> Answer:
    """Evaluate every other option of every choice by itself.

    Parameters
    ----------
    question : Question
        The profile and its data.

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
    ground = _ground(question)
    found = one_at_a_time(ground.start, ground.spec, groups=ground.groups)
    table = _with_units(found.table, ground, question.text)
    others = found.table[~found.table["own"]]
    changed = _changing(others)
    key = "alternatives_top" if changed else "alternatives_same"
    top = ground.spec.uncertainty.top
    said = [question.text(f"robustness.said.{key}", count=changed, total=len(others), top=top)]
    tables = {"alternatives": table, "alternative_ranks": _ranks(found.ranks, ground)}
    return _answer(question, tables, {"alternatives": table}, said)


def _changing(table: pd.DataFrame) -> int:
    """Count the rows that change who is among the first k."""
    return int((table["entering"].map(len) + table["leaving"].map(len) > 0).sum())


def _with_units(table: pd.DataFrame, ground: _Ground, text: Text) -> pd.DataFrame:
    """Name the units that enter and leave the first k."""

    def listed(codes: Any) -> str:
        return text("robustness.said.join").join(ground.names[str(code)] for code in codes)

    named = {column: table[column].map(listed) for column in ("entering", "leaving")}
    return table.assign(**named)


def _ranks(ranks: pd.DataFrame, ground: _Ground) -> pd.DataFrame:
    frame = ranks.sort_values("nominal", kind="stable").rename_axis("code").reset_index()
    frame.insert(1, "name", frame["code"].map(ground.names))
    return frame
