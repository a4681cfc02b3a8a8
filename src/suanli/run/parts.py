"""Single stages of the street, for those who want one answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from geo.export.table import write_csv
from suanli.analysis.conclusion import (
    Conclusion,
    gap_conclusions,
    hub_conclusions,
    spatial_conclusions,
)
from suanli.boundaries import load_boundaries
from suanli.data import load_catalogue
from suanli.evaluation import Scores, evaluate, settled
from suanli.intake import IndicatorTable
from suanli.profile import ROOT, IndexSpec, duplicate_names, replace_spec
from suanli.publish.answers import QUESTIONS
from suanli.publish.edition import Edition
from suanli.publish.sentences import node_names, worded
from suanli.publish.tables import question_tables, score_table
from suanli.run.checking import screened
from suanli.run.config import DataFile, RunConfig
from suanli.run.further import further, gap_of_node
from suanli.run.inputs import Inputs, load_inputs, study_of
from suanli.run.noting import unused_years, withheld_notes
from suanli.run.optional import absent_note, thin_notes
from suanli.run.overlay import overlaid, profile_of
from suanli.run.study_sheets import study_sheets
from suanli.run.taking import doubts
from suanli.run.units import call_by_name
from suanli.run.whole import edition_of
from suanli.study import scored_table
from suanli.text import Text

__all__ = ["Answer", "analysis_tables", "node_gap", "prepared", "score_units", "warn_of", "written"]

_SHOWN = {
    "gap": ("gap_trend", "gap_contributions", "convergence_sigma_trend", "convergence_beta"),
    "spatial": ("spatial_global", "spatial_sensitivity"),
    "hubs": (
        "hub_rings",
        "hub_tests",
        "hub_cities",
        "hub_decay",
        "hub_neighbours",
        "hub_weights",
        "hub_event_summary",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What one analysis has to say.

    Attributes
    ----------
    tables : Mapping[str, pandas.DataFrame]
        All its tables.
    shown : Mapping[str, pandas.DataFrame]
        Those short enough to print, in words, by title.
    sentences : tuple[str, ...]
        Its conclusions.
    notes : Mapping[str, str]
        What has to be known of the columns of a table, by its title.
    """

    tables: Mapping[str, pd.DataFrame]
    shown: Mapping[str, pd.DataFrame]
    sentences: tuple[str, ...]
    notes: Mapping[str, str] = field(default_factory=dict)


def score_units(
    profile: str,
    *,
    data: Sequence[DataFile | Path] = (),
    year: int | None = None,
    out: Path | None = None,
    text: Text,
    warn: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Score the units of one level by a profile.

    Parameters
    ----------
    profile : str
        Name of a shipped profile or path of a TOML file.
    data : Sequence[DataFile or pathlib.Path]
        Tables laid over the shipped data.
    year : int, optional
        The year to evaluate; the profile's when absent.
    out : pathlib.Path, optional
        Folder for ``scores.csv``.
    text : Text
        Language of the names.
    warn : Callable[[str], None], optional
        Called with a sentence for what is worth knowing but stops nothing.

    Returns
    -------
    pandas.DataFrame
        One row per unit: code, name, score and rank of every node, coverage, imputed cells.

    Raises
    ------
    InputError
        Profile or data cannot be used.

    Examples
    --------
    >>> len(score_units("caict2024-province", text=Text("en")))
    31
    """
    spec, used, layer = prepared(profile, data=data, year=year, text=text, warn=warn)
    scores = evaluate(used, spec)
    warn_of(scores, text, warn)
    result = score_table(scores, layer["name_en" if text.lang == "en" else "name"])
    if out is not None:
        write_csv(result, out / "scores.csv", index=False)
    return result


def warn_of(scores: Scores, text: Text, warn: Callable[[str], None]) -> None:
    """Warn of units and indicators with too few data, and of names that stand twice.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    text : Text
        The language.
    warn : Callable[[str], None]
        Called with each sentence.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> scores = evaluate(load_catalogue().province, load_profile("caict2024-province"))
    >>> warn_of(scores, Text("en"), print)
    """
    for problem in (*screened(scores), *duplicate_names(scores.spec)):
        said = call_by_name(problem, text)
        warn(text(said.code, **said.params))
    names = load_boundaries().layer(scores.spec.level)["name_en" if text.lang == "en" else "name"]
    for note in withheld_notes(scores, names, text):
        warn(note)


def prepared(
    profile: str,
    *,
    data: Sequence[DataFile | Path] = (),
    year: int | None = None,
    text: Text,
    also: Iterable[str] = (),
    warn: Callable[[str], None] = lambda _: None,
) -> tuple[IndexSpec, IndicatorTable, pd.DataFrame]:
    """Read what an evaluation of one level needs.

    Parameters
    ----------
    profile : str
        Name of a shipped profile or path of a TOML file.
    data : Sequence[DataFile or pathlib.Path]
        Tables laid over the shipped data.
    year : int, optional
        The year to evaluate; the profile's when absent.
    text : Text
        Language of the warning.
    also : Iterable[str]
        Indicators that the user's tables may bring though the profile does not name them.
    warn : Callable[[str], None], optional
        Called with each sentence on what is doubtful in the tables.

    Returns
    -------
    spec : IndexSpec
        The profile, without optional indicators too few units have.
    table : IndicatorTable
        Values of the units that are evaluated.
    layer : pandas.DataFrame
        All units of the level, index ``code``, with their names.

    Raises
    ------
    InputError
        Profile or data cannot be used.

    Examples
    --------
    >>> spec, table, layer = prepared("caict2024-province", text=Text("en"))
    >>> len(table.codes), len(layer)
    (31, 34)
    """
    spec = profile_of(profile, files=data)
    if year is not None:
        spec = replace_spec(spec, year=year)
    layer = load_boundaries().layer(spec.level)
    found = overlaid(load_catalogue(), spec.level, data, spec, also=also)
    for doubt in doubts(found.intakes, quality=False):
        warn(text(doubt.code, **doubt.params))
    for note in unused_years(found.intakes, spec):
        warn(text(note.code, **note.params))
    used = scored_table(found.table, layer)
    for note in (*thin_notes(used, spec), *absent_note(used, spec)):
        warn(text(note.code, **note.params))
    return settled(used, spec), used, layer


def analysis_tables(
    config: RunConfig,
    name: str,
    *,
    out: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Answer:
    """Answer one question of the study.

    Parameters
    ----------
    config : RunConfig
        What the study is told.
    name : {"gap", "spatial", "hubs"}
        The question.
    out : pathlib.Path, optional
        Folder for its tables as CSV.
    progress : Callable[[str], None], optional
        Called with the name of each step.

    Returns
    -------
    Answer
        Tables and sentences.

    Raises
    ------
    InputError
        The input is rejected.
    OSError
        A table cannot be written.

    Examples
    --------
    >>> sorted(analysis_tables(RunConfig(permutations=99, redraws=99), "hubs").tables)
    ['hub_bands', 'hub_cities', 'hub_decay', 'hub_event_summary', 'hub_events',
    'hub_neighbours', 'hub_rings', 'hub_strata', 'hub_tests', 'hub_weights']
    """
    progress("inputs")
    inputs = load_inputs(config)
    study = study_of(inputs, config, stages=QUESTIONS[name], progress=progress)
    edition = edition_of(inputs, study, config)
    more = further(study, name, alpha=config.alpha)
    tables = question_tables(edition, name)
    names = node_names(inputs.catalogue, inputs.specs[0], edition.text)
    sentences = (*_said(edition, name), *_worded(more, inputs, edition.text))
    shown = study_sheets(
        {key: tables[key] for key in _SHOWN[name] if key in tables},
        names,
        edition.text,
        alpha=config.alpha,
    )
    return _answer(tables, shown, sentences, text=edition.text, out=out)


def written(tables: Mapping[str, pd.DataFrame], out: Path, text: Text) -> str:
    """Write tables as CSV, and say so.

    Parameters
    ----------
    tables : Mapping[str, pandas.DataFrame]
        By name of the file.
    out : pathlib.Path
        The folder.
    text : Text
        The language.

    Returns
    -------
    str
        The sentence.

    Raises
    ------
    OSError
        A file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> written({"a": pd.DataFrame({"x": [1]})}, folder, Text("en")).endswith(": a.csv.")
    True
    """
    for key, table in tables.items():
        write_csv(table, out / f"{key}.csv", index=False)
    files = text("shown.join").join(f"{key}.csv" for key in tables)
    return text("shown.said.written", folder=out, files=files)


def _answer(
    tables: Mapping[str, pd.DataFrame],
    shown: tuple[Mapping[str, pd.DataFrame], Mapping[str, str]],
    sentences: Sequence[str],
    *,
    text: Text,
    out: Path | None,
) -> Answer:
    """Write all tables or say how to get them; some are shown, with their notes."""
    sheets, notes = shown
    more = text("shown.said.tables_more", count=len(tables) - len(sheets))
    last = written(tables, out, text) if out else more
    return Answer(tables=tables, shown=sheets, sentences=(*sentences, last), notes=notes)


def node_gap(
    config: RunConfig,
    node: str,
    *,
    out: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Answer:
    """Measure the east-west gap of one dimension or indicator.

    Parameters
    ----------
    config : RunConfig
        What the study is told.
    node : str
        Identifier in the province profile.
    out : pathlib.Path, optional
        Folder for its tables as CSV.
    progress : Callable[[str], None], optional
        Called with the name of each step.

    Returns
    -------
    Answer
        Tables and sentences, every year and every definition.

    Raises
    ------
    InputError
        The profile has no such node, or the input is rejected.
    OSError
        A table cannot be written.

    Examples
    --------
    >>> answer = node_gap(RunConfig(redraws=99, lang="en"), "environment")
    >>> answer.sentences[0][:33]
    'Four regions, Environment, 2023: '
    """
    progress("inputs")
    inputs, text = load_inputs(config), Text(config.lang)
    progress("gap")
    found = gap_of_node(config, node)
    names = node_names(inputs.catalogue, inputs.specs[0], text)
    tables = {"gap_node_trend": found.tables["gap_trend"]}
    sheets, notes = study_sheets(tables, names, text)
    last = written(found.tables, out, text) if out else text("shown.said.columns_more")
    sentences = (*_worded(found.conclusions, inputs, text), last)
    return Answer(tables=found.tables, shown=sheets, sentences=sentences, notes=notes)


def _worded(found: Sequence[Conclusion], inputs: Inputs, text: Text) -> list[str]:
    names = node_names(inputs.catalogue, inputs.specs[0], text)
    units = inputs.boundaries.province
    column = "short_name" if text.lang == "zh" else "name_en"
    names |= {str(code): str(name) for code, name in units[column].items()}
    return [worded(said, text, names) for said in found]


def _said(edition: Edition, name: str) -> list[str]:
    text, study = edition.text, edition.study
    conclusions: list[tuple[str, Conclusion]] = []
    if name == "gap":
        said = gap_conclusions(study.gap)
        conclusions = [("", c) for c in said if c.params.get("node", ROOT) == ROOT]
    elif name == "hubs":
        conclusions = [("", c) for c in hub_conclusions(study.hubs, alpha=study.settings.alpha)]
    else:
        conclusions = [("province", c) for c in spatial_conclusions(study.province_pattern)]
        conclusions += [("city", c) for c in spatial_conclusions(study.city_pattern)]
    lines = []
    for level, item in conclusions:
        params = dict(item.params)
        if "definition" in params:
            params["definition"] = text(f"analysis.definition_{params['definition']}")
        if "node" in params:
            params["node"] = edition.node_name("province", str(params["node"]))
        sentence = text(item.key, **params)
        head = text(f"common.{level}") if level else ""
        lines.append(text("front.at_level", level=head, sentence=sentence) if head else sentence)
    return [*lines, text("shown.said.nodes_more")] if name == "gap" else lines
