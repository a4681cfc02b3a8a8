"""``suanli robustness``: how far the ranks can be trusted."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from suanli.commands import levers
from suanli.commands.computing import ComputingOptions
from suanli.commands.options import emit_answer, help_when_bare, options, own_tables
from suanli.text import Language, Text

if TYPE_CHECKING:
    from suanli.run.config import DataFile

__all__ = ["register"]

# Long tables that are for files, not for a page.
_FILES_ONLY = ("rank_histogram", "dominance")


def register(app: typer.Typer, text: Text) -> None:
    """Add the group ``robustness`` to the application.

    Parameters
    ----------
    app : typer.Typer
        The application.
    text : Text
        The words of help and output.

    Examples
    --------
    >>> register(typer.Typer(), Text("en"))
    """
    group = typer.Typer(help=text("cli.robustness.help"), rich_markup_mode=None)
    help_when_bare(group, text("cli.robustness.help"))
    app.add_typer(group, name="robustness")
    _ranks(group, text)
    _sensitivity(group, text)
    for name in ("omit", "alternatives"):
        _plain(group, text, name)
    levers.register(group, text)


class _Options:
    """Options of every command of the group."""

    def __init__(self, text: Text) -> None:
        def option(default: object, *names: str, key: str, **more: Any) -> Any:
            return typer.Option(default, *names, help=text(key), **more)

        hidden: dict[str, Any] = {"show_default": False}
        self.replicates: Any = option(
            None,
            "--replicates",
            key="cli.robustness.replicates",
            min=1,
            max=10_000_000,
            **hidden,
        )
        self.unit: Any = option(None, "--unit", key="shown.help.unit", **hidden)
        self.first: Any = option(None, "--top", key="shown.help.first", min=0, **hidden)
        self.rows: Any = option(10, "--top", key="shown.help.rows", min=0)
        self.base_points: Any = option(
            4096, "--base-points", key="cli.robustness.base_points", min=2, max=2**20
        )


def _ranks(group: typer.Typer, text: Text) -> None:
    shared, own = options(text), _Options(text)
    at = ComputingOptions(text)

    @group.command(name="ranks", help=text("cli.robustness.ranks"))
    def ranks(
        *,
        profile: str = shared.profile,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        out: Path | None = shared.out,
        seed: int | None = shared.seed,
        replicates: int | None = own.replicates,
        unit: list[str] | None = own.unit,
        top: int | None = own.first,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
        workers: int | None = at.workers,
        scheduler: str | None = at.scheduler,
    ) -> None:
        from suanli.run.computing import computing
        from suanli.run.robustness import interval_tables

        words = Text(lang or text.lang)
        question = _question(profile, own_tables(data, read), year, seed=seed, out=out, words=words)
        with computing(workers=workers, scheduler=scheduler), _counting(words) as progress:
            answer = interval_tables(
                question, replicates=replicates, units=unit or (), top=top, progress=progress
            )
        emit_answer(answer, as_json=as_json, files_only=_FILES_ONLY)


def _sensitivity(group: typer.Typer, text: Text) -> None:
    shared, own = options(text), _Options(text)

    @group.command(name="sensitivity", help=text("cli.robustness.sensitivity"))
    def sensitivity(
        *,
        profile: str = shared.profile,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        out: Path | None = shared.out,
        seed: int | None = shared.seed,
        base_points: int = own.base_points,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run.robustness import sensitivity_tables

        words = Text(lang or text.lang)
        question = _question(profile, own_tables(data, read), year, seed=seed, out=out, words=words)
        emit_answer(sensitivity_tables(question, base_points=base_points), as_json=as_json)


def _plain(group: typer.Typer, text: Text, name: str) -> None:
    shared, own = options(text), _Options(text)

    @group.command(name=name, help=text(f"cli.robustness.{name}"))
    def command(
        profile: str = shared.profile,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        top: int = own.rows,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run.variants import alternative_tables, omission_tables

        ask = omission_tables if name == "omit" else alternative_tables
        words = Text(lang or text.lang)
        question = _question(profile, own_tables(data, read), year, seed=None, out=out, words=words)
        emit_answer(ask(question, top=top), as_json=as_json)


def _question(
    profile: str,
    data: "tuple[DataFile, ...]",
    year: int | None,
    *,
    seed: int | None,
    out: Path | None,
    words: Text,
) -> Any:
    from suanli.run.config import DEFAULT_SEED
    from suanli.run.robustness import Question

    return Question(
        profile=profile,
        text=words,
        data=data,
        year=year,
        seed=DEFAULT_SEED if seed is None else seed,
        out=out,
        warn=lambda sentence: typer.echo(sentence, err=True),
    )


@contextmanager
def _counting(words: Text) -> Iterator[Callable[[int], None]]:
    """Count replicates on a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    yield lambda done: typer.echo(
        "\r" + words("robustness.progress", done=f"{done:,}"), err=True, nl=False
    )
    typer.echo(err=True)
