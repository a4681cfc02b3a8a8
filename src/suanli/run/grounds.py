"""What questions about ranks stand on, and how their answers are given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from suanli.analysis.gap import DEFINITIONS, region_groups
from suanli.data import load_catalogue
from suanli.evaluation import Derivation, derivation
from suanli.profile import ROOT, IndexSpec
from suanli.run.config import DEFAULT_SEED, DataFile
from suanli.run.parts import Answer, prepared, written
from suanli.text import Text

__all__ = ["Ground", "Question", "answer_of", "factor_words", "first_rows", "ground_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the ranks are asked of.

    Attributes
    ----------
    profile : str
        Name of a shipped profile or path of a TOML file.
    text : Text
        Language of names and sentences.
    data : tuple[DataFile or pathlib.Path, ...]
        Tables laid over the shipped data.
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
    data: tuple[DataFile | Path, ...] = ()
    year: int | None = None
    seed: int = DEFAULT_SEED
    out: Path | None = None
    warn: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """Everything read and derived for a question.

    Attributes
    ----------
    spec : IndexSpec
        The profile.
    layer : pandas.DataFrame
        Units of the level, index ``code``.
    start : Derivation
        The indicators.
    groups : pandas.Series
        Region of each unit.
    names, short : Mapping[str, str]
        Full and short names of units by code.
    nodes : Mapping[str, str]
        Names of index, dimensions and indicators by identifier.
    """

    spec: IndexSpec
    layer: pd.DataFrame
    start: Derivation
    groups: pd.Series
    names: Mapping[str, str]
    short: Mapping[str, str]
    nodes: Mapping[str, str]


def ground_of(question: Question) -> Ground:
    """Read and derive what a question needs.

    Parameters
    ----------
    question : Question
        The profile and its data.

    Returns
    -------
    Ground
        To be asked.

    Raises
    ------
    InputError
        Profile or data cannot be used.

    Examples
    --------
    >>> ground_of(Question(profile="caict2024-province", text=Text("en"))).names["520000"]
    'Guizhou'
    """
    text = question.text
    spec, table, layer = prepared(
        question.profile,
        data=question.data,
        year=question.year,
        text=text,
        warn=question.warn,
    )
    column = load_catalogue().regions[DEFINITIONS[0].column]
    english = text.lang == "en"
    return Ground(
        spec=spec,
        layer=layer,
        start=derivation(table, spec),
        groups=region_groups(column, pd.Index(table.codes)),
        names=_texts(layer["name_en" if english else "name"]),
        short=_texts(layer["name_en" if english else "short_name"]),
        nodes={ROOT: text("robustness.column.index")}
        | {key: text.of(name.model_dump()) for key, name in spec.names().items()},
    )


def _texts(names: pd.Series) -> Mapping[str, str]:
    return {str(code): str(name) for code, name in names.items()}


def answer_of(
    question: Question,
    ground: Ground,
    tables: Mapping[str, pd.DataFrame],
    sheet: pd.DataFrame,
    sentences: Sequence[str],
    **note: Any,
) -> Answer:
    """Give the first table as a sheet with title and note; write all tables if asked to.

    Parameters
    ----------
    question : Question
        What was asked.
    ground : Ground
        What it was asked of.
    tables : Mapping[str, pandas.DataFrame]
        By name of the file.
    sheet : pandas.DataFrame
        The first of them in words.
    sentences : Sequence[str]
        What follows from them.
    **note : Any
        Values of the note below the sheet.

    Returns
    -------
    Answer
        To be printed.

    Raises
    ------
    OSError
        A table cannot be written.

    Examples
    --------
    >>> question = Question(profile="caict2024-province", text=Text("en"))
    >>> table = pd.DataFrame({"factor": ["weights"]})
    >>> answer = answer_of(question, ground_of(question), {"sensitivity": table}, table, [])
    >>> [title.rpartition(": ")[2] for title in answer.shown]
    ['which assumption moves the ranks (Sobol indices)']
    """
    key = next(iter(tables)).replace("rank_intervals", "ranks")
    text = question.text
    params = {"title": ground.spec.title.model_dump(), "year": ground.spec.year}
    title = text(f"shown.title.{key}", **params)
    noted = "omissions" if key == "alternatives" else key
    if question.out is not None:
        sentences = [*sentences, written(tables, question.out, text)]
    return Answer(
        tables=tables,
        shown={title: sheet},
        sentences=tuple(sentences),
        notes={title: text(f"shown.note.{noted}", **note)},
    )


def factor_words(name: str, text: Text) -> str:
    """Name an assumption: ours in words, one of the user's as the profile calls it.

    Parameters
    ----------
    name : str
        ``weights``, ``omission`` or the name of a choice.
    text : Text
        The language.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> factor_words("weights", Text("en")), factor_words("mine", Text("en"))
    ('Weights drawn', 'mine')
    """
    key = f"shown.factor.{name}"
    return text(key) if text.has(key) else name


def first_rows(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """Take the first rows.

    Parameters
    ----------
    table : pandas.DataFrame
        In order.
    count : int
        How many; all when 0.

    Returns
    -------
    pandas.DataFrame
        The rows.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1, 2]})
    >>> len(first_rows(table, 1)), len(first_rows(table, 0))
    (1, 2)
    """
    return table.head(count) if count else table
