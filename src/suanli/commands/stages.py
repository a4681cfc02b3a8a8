"""Single stages: ``score``, ``gap``, ``hubs``, ``explorer``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suanli.commands.options import (
    emit_answer,
    emit_json,
    folder_option,
    options,
    own_tables,
    progress_bar,
)
from suanli.text import Language, Text

if TYPE_CHECKING:
    from suanli.run import Answer, RunConfig

__all__ = ["register"]

# Tables of ``score`` that are for files.
_FILES_ONLY = ("normalised", "weights", "cells")


def register(app: typer.Typer, text: Text) -> None:
    """Add the commands of single stages to the application.

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
    _score(app, text)
    _gap(app, text)
    _hubs(app, text)
    _explorer(app, text)


def _score(app: typer.Typer, text: Text) -> None:
    shared = options(text)
    stages_folder = folder_option(text("shown.help.score_out"))

    @app.command(help=text("cli.score.help"))
    def score(
        profile: str = shared.profile,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        out: Path | None = stages_folder,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run.diagnosing import Request
        from suanli.run.scoring import score_answer

        request = Request(
            profile=profile,
            data=own_tables(data, read),
            year=year,
            out=out,
            text=Text(lang or text.lang),
            warn=lambda sentence: typer.echo(sentence, err=True),
        )
        emit_answer(score_answer(request), as_json=as_json, files_only=_FILES_ONLY)


def _gap(app: typer.Typer, text: Text) -> None:
    shared = options(text)

    @app.command(help=text("cli.gap.help"))
    def gap(
        node: Annotated[
            str | None, typer.Option("--node", help=text("cli.gap.node"), show_default=False)
        ] = None,
        config: Path | None = shared.config,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        seed: int | None = shared.seed,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import load_config, node_gap

        settings = load_config(config, lang=lang or text.lang, seed=seed)
        if node is not None:
            with progress_bar(Text(settings.lang), ("inputs", "gap")) as step:
                answer = node_gap(settings, node, out=out, progress=step)
        else:
            answer = asked(settings, "gap", out)
        emit_answer(answer, as_json=as_json)


def _hubs(app: typer.Typer, text: Text) -> None:
    shared = options(text)

    @app.command(help=text("cli.hubs.help"))
    def hubs(
        config: Path | None = shared.config,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        seed: int | None = shared.seed,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import load_config

        settings = load_config(config, lang=lang or text.lang, seed=seed)
        emit_answer(asked(settings, "hubs", out), as_json=as_json)


def asked(settings: "RunConfig", name: str, out: Path | None) -> "Answer":
    """Answer one question of the study, with a progress bar."""
    from suanli.run import STEPS, analysis_tables

    with progress_bar(Text(settings.lang), STEPS) as step:
        return analysis_tables(settings, name, out=out, progress=step)


def _explorer(app: typer.Typer, text: Text) -> None:
    shared = options(text)

    @app.command(help=text("explorer.help"))
    def explorer(
        config: Path | None = shared.config,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        seed: int | None = shared.seed,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import STEPS, load_config
        from suanli.run.exploring import explorer_page

        settings = load_config(config, out=out, lang=lang or text.lang, seed=seed)
        with progress_bar(Text(settings.lang), STEPS) as step:
            page = explorer_page(settings, progress=step)
        if as_json:
            emit_json({"written": [page.name]})
        else:
            typer.echo(str(page))
