"""Options that several commands share, and how results are printed."""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

import typer

from suanli.text import Text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Options", "emit_json", "emit_table", "help_when_bare", "options", "progress_bar"]

_P_DIGITS: Final = 5
_NUMBER: Final = re.compile(r"-|[+-]?[\d,]*\.?\d+%?[*†]*")


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
        self.out: Any = option(None, "--out", key="out")
        self.lang: Any = option(None, "--lang", key="lang")
        self.seed: Any = option(None, "--seed", key="seed", least=0)
        self.strict: Any = option(False, "--strict", key="strict")
        self.json: Any = option(False, "--json", key="json")


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
    print(json.dumps(plain, ensure_ascii=False, sort_keys=True, allow_nan=False))  # noqa: T201


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


def emit_table(title: str, frame: "pd.DataFrame", *, decimals: int = 2) -> None:
    """Print a table on standard output, plain in a pipe.

    Parameters
    ----------
    title : str
        What it shows.
    frame : pandas.DataFrame
        Columns and rows to print, in their order.
    decimals : int
        Decimals of fractions; p-values have five significant digits, and columns of whole
        numbers, such as ranks with gaps, none.

    Examples
    --------
    >>> import pandas as pd
    >>> emit_table("t", pd.DataFrame({"a": [1.25]}))
    t
    a
    1.25
    >>> emit_table("t", pd.DataFrame({"rank": [1.0, None], "p_fdr": [0.00002, 0.5]}))
    t
    rank	p_fdr
    1	0.00002
    -	0.5
    """
    columns = [str(column) for column in frame.columns]
    cells = [_cells(name, frame[name], decimals) for name in frame.columns]
    rows = [list(row) for row in zip(*cells, strict=True)]
    if not sys.stdout.isatty():
        lines = [title, "\t".join(columns), *("\t".join(row) for row in rows)]
        print("\n".join(lines))  # noqa: T201
        return
    _print_rich(title, columns, rows)


def _print_rich(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Plain

    table = Table(title=Plain(title), title_justify="left")
    for place, column in enumerate(columns):
        numbers = all(_NUMBER.fullmatch(row[place]) for row in rows)
        justify: Literal["left", "right"] = "right" if numbers else "left"
        # Words below each other and whole cells: 80 columns are few.
        table.add_column(Plain(column.replace(" ", "\n")), justify=justify, overflow="fold")
    for row in rows:
        # Plain text: a name with brackets is not markup.
        table.add_row(*(Plain(cell) for cell in row))
    Console().print(table)


def _cells(name: str, column: "pd.Series", decimals: int) -> list[str]:
    from suanli.analysis.conclusion import p_text

    known = [value for value in column if isinstance(value, float) and not _missing(value)]
    whole = all(value.is_integer() for value in known)

    def cell(value: Any) -> str:
        if _missing(value):
            return "-"
        if not isinstance(value, float):
            return str(value)
        if name == "p" or name.startswith("p_") or name.endswith("_p"):
            return p_text(value, digits=_P_DIGITS)
        return f"{value:.{0 if whole else decimals}f}"

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
