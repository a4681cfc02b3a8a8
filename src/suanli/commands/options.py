"""Options that several commands share, and how results are printed."""

import json
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from suanli.commands.layout import layout, wrapped
from suanli.text import Text, escaped

if TYPE_CHECKING:
    import pandas as pd

    from suanli.run.config import DataFile

__all__ = [
    "Options",
    "emit_answer",
    "emit_json",
    "emit_table",
    "folder_option",
    "help_when_bare",
    "options",
    "own_tables",
    "profile_option",
    "progress_bar",
    "say",
    "screen_width",
]

_COLUMNS: Final = 80


class Options:
    """The shared options as defaults of command parameters, with help in one language.

    Parameters
    ----------
    text : Text
        The words of the help.
    """

    def __init__(self, text: Text) -> None:
        def option(default: object, *names: str, key: str, least: int | None = None) -> Any:
            words = text(f"cli.option.{key}")
            return typer.Option(default, *names, help=words, show_default=False, min=least)

        self.config: Any = typer.Argument(None, help=text("cli.option.config"), show_default=False)
        self.out: Any = folder_option(text("cli.option.out"))
        self.lang: Any = option(None, "--lang", key="lang")
        self.seed: Any = option(None, "--seed", key="seed", least=0)
        self.strict: Any = option(False, "--strict", key="strict")
        self.json: Any = option(False, "--json", key="json")
        self.profile: Any = profile_option(text, "caict2024-province")
        words = text("cli.score.data")
        self.data: Any = typer.Option(None, "--data", help=words, show_default=False)
        words = text("cli.score.read")
        self.read: Any = typer.Option(
            None, "--read", help=words, show_default=False, metavar="KEY=VALUE"
        )
        words = text("cli.score.year")
        self.year: Any = typer.Option(
            None, "--year", help=words, show_default=False, min=1949, max=2100
        )


def own_tables(data: Sequence[Path] | None, read: Sequence[str] | None) -> "tuple[DataFile, ...]":
    """Bind the values of ``--data`` to those of ``--read``.

    Parameters
    ----------
    data : Sequence[pathlib.Path], optional
        The tables.
    read : Sequence[str], optional
        How to read them, ``key=value``.

    Returns
    -------
    tuple[DataFile, ...]
        For :mod:`suanli.run`.

    Raises
    ------
    InputError
        An unknown key or a value that cannot be used.

    Examples
    --------
    >>> own_tables([Path("a.xlsx")], ["sheet=2023"])[0].sheet
    '2023'
    """
    from suanli.run.config import data_files

    return data_files(data or (), read or ())


def profile_option(text: Text, default: str, *, of_unit: bool = False) -> Any:
    """Return the option ``--profile``.

    Parameters
    ----------
    text : Text
        The words of the help.
    default : str
        The profile where none is named.
    of_unit : bool, default False
        Whether it is told by the unit where none is named.

    Returns
    -------
    Any
        Default of a parameter, for typer.

    Examples
    --------
    >>> profile_option(Text("en"), "city-compute").default
    'city-compute'
    """
    if of_unit:
        words = text("cli.compare.profile")
        return typer.Option(default, "--profile", help=words, show_default=False)
    return typer.Option(default, "--profile", help=text("cli.score.profile"))


def _free_folder(out: Path | None) -> Path | None:
    """Refuse a file in place of the folder before anything is computed."""
    if out is not None:
        from suanli.run.placing import refuse_file

        refuse_file(out)
    return out


def folder_option(words: str) -> Any:
    """Return the option ``--out``: a folder, refused where a file stands.

    Parameters
    ----------
    words : str
        Its help.

    Returns
    -------
    Any
        Default of a parameter, for typer.

    Examples
    --------
    >>> folder_option("Where to.").help
    'Where to.'
    """
    return typer.Option(None, "--out", help=words, show_default=False, callback=_free_folder)


def options(text: Text) -> Options:
    """Return the shared options in one language.

    Parameters
    ----------
    text : Text
        The words of the help.

    Returns
    -------
    Options
        Defaults for parameters of commands.

    Examples
    --------
    >>> options(Text("en")).seed.help
    'Seed of every permutation, redraw and bootstrap.'
    """
    return Options(text)


def help_when_bare(group: typer.Typer, words: str) -> None:
    """Let a group called without a command show its help, which is no error.

    Parameters
    ----------
    group : typer.Typer
        The group.
    words : str
        What it is for.

    Examples
    --------
    >>> help_when_bare(typer.Typer(), "What there is.")
    """

    @group.callback(invoke_without_command=True, help=words)
    def bare(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())


def emit_json(value: Mapping[str, Any]) -> None:
    """Print one JSON document on standard output.

    Parameters
    ----------
    value : Mapping[str, Any]
        What to print; numbers, strings, lists and mappings.

    Examples
    --------
    >>> emit_json({"index": 1.5})
    {"index": 1.5}
    """
    plain = _plain(value)
    said = json.dumps(plain, ensure_ascii=False, sort_keys=True, allow_nan=False)
    # What steers stands inside strings, where JSON has the same escapes.
    print(escaped(said))  # noqa: T201


def _plain(value: Any) -> Any:
    """Reduce to what JSON knows: missing is null, numbers of numpy are numbers."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if hasattr(value, "item"):
        return _plain(value.item())
    if _missing(value):
        return None
    return value if isinstance(value, float) else str(value)


def _missing(value: Any) -> bool:
    # pandas' own mark for missing refuses every comparison, NaN differs from itself.
    return value is None or str(value) in {"<NA>", "NaT", "nan"}


def emit_table(title: str, frame: "pd.DataFrame", *, decimals: int = 2, note: str = "") -> None:
    """Print a table on standard output, the same on a terminal and in a pipe.

    Machines are better served by ``--json`` and ``--out``.

    Parameters
    ----------
    title : str
        What it shows.
    frame : pandas.DataFrame
        Columns and rows to print, in their order; headings and words in the user's language.
    decimals : int
        Decimals of fractions; p-values have three, and columns of whole numbers, such as
        ranks with gaps, none.
    note : str
        What has to be known of the columns, below the table.

    Examples
    --------
    >>> import pandas as pd
    >>> emit_table("t", pd.DataFrame({"a": [1.25]}), note="a is a number.")
    t
       a
    ----
    1.25
    a is a number.
    >>> emit_table("t", pd.DataFrame({"rank": [1.0, None], "p_fdr": [0.00002, 0.5]}))
    t
    rank   p_fdr
    ------------
       1  <0.001
       –   0.500
    """
    columns = [str(column) for column in frame.columns]
    cells = [_cells(str(name), frame[name], decimals) for name in frame.columns]
    rows = [list(row) for row in zip(*cells, strict=True)]
    say(title)
    typer.echo("\n".join(layout(columns, rows, width=screen_width())))
    if note:
        say(note)


def emit_answer(answer: Any, *, as_json: bool, files_only: Collection[str] = ()) -> None:
    """Print an answer: its tables with their notes, and what follows from them.

    Parameters
    ----------
    answer : Answer or Explanation
        Tables by name, tables to show by title, sentences and, if it has any, notes by title.
    as_json : bool
        Print one JSON document with all tables instead.
    files_only : Collection[str]
        Tables too long for JSON.

    Examples
    --------
    >>> from suanli.run.parts import Answer
    >>> emit_answer(Answer(tables={}, shown={}, sentences=("Done.",)), as_json=False)
    Done.
    """
    if as_json:
        tables = {name: t for name, t in answer.tables.items() if name not in files_only}
        records = {name: table.to_dict(orient="records") for name, table in tables.items()}
        emit_json({**records, "sentences": list(answer.sentences)})
        return
    notes = getattr(answer, "notes", {})
    for title, table in answer.shown.items():
        emit_table(title, table, note=notes.get(title, ""))
        typer.echo()
    for sentence in answer.sentences:
        say(sentence)


def say(sentence: str) -> None:
    """Print a sentence, on a terminal broken between words.

    Parameters
    ----------
    sentence : str
        In the user's language.

    Examples
    --------
    >>> say("Done.")
    Done.
    """
    lines = wrapped(sentence, screen_width()) if sys.stdout.isatty() else [sentence]
    typer.echo("\n".join(lines))


def screen_width() -> int:
    """Return how many columns there are to write in.

    Returns
    -------
    int
        Those of the terminal; 80 in a pipe.

    Examples
    --------
    >>> screen_width() > 0
    True
    """
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _COLUMNS


def _cells(name: str, column: "pd.Series", decimals: int) -> list[str]:
    from suanli.run.sheets import p_value, rounded

    known = [value for value in column if isinstance(value, float) and not _missing(value)]
    whole = all(value.is_integer() for value in known)

    def cell(value: Any) -> str:
        if _missing(value) or value == "-":
            return "–"
        if not isinstance(value, float):
            return str(value)
        if name == "p" or name.startswith("p_") or name.endswith("_p"):
            return p_value(value)
        return rounded(value, 0 if whole else decimals)

    return [cell(value) for value in column]


@contextmanager
def progress_bar(text: Text, steps: Sequence[str]) -> Iterator[Any]:
    """Show a progress bar on a terminal, nothing in a pipe.

    Parameters
    ----------
    text : Text
        Words for the steps, ``run.step.<name>``.
    steps : Sequence[str]
        Names of the steps to come.

    Yields
    ------
    Callable[[str], None]
        To be called with the name of each step as it begins.

    Examples
    --------
    >>> with progress_bar(Text("en"), ["gap"]) as step:
    ...     step("gap")
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(steps))
        done = iter(range(len(steps) + 1))

        def step(name: str) -> None:
            bar.update(task, completed=next(done, len(steps)))
            bar.update(task, description=text(f"run.step.{name}"))

        yield step
