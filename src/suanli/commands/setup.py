"""``suanli init`` and ``suanli check``: start a project of one's own, test its files."""

from pathlib import Path
from typing import Annotated

import typer

from suanli.commands.options import emit_json, options
from suanli.text import Language, Text

__all__ = ["register"]


def register(app: typer.Typer, text: Text) -> None:
    """Add ``init`` and ``check`` to the application.

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
    shared = options(text)

    @app.command(help=text("cli.init.help"))
    def init(
        folder: Annotated[Path, typer.Argument(help=text("cli.init.folder"))],
        empty: Annotated[
            bool, typer.Option("--empty", help=text("template.command.empty"), show_default=False)
        ] = False,
        lang: Language | None = shared.lang,
    ) -> None:
        from suanli.run import start_project

        for path in start_project(folder, lang=lang or text.lang, empty=empty):
            typer.echo(text("cli.init.written", path=path))

    @app.command(help=text("cli.check.help"))
    def check(
        config: Path | None = shared.config,
        lang: Language | None = shared.lang,
        strict: bool = shared.strict,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import check_inputs, load_config

        report = check_inputs(load_config(config, lang=lang or text.lang, strict=strict or None))
        if as_json:
            emit_json(report.record())
        else:
            typer.echo("\n".join(report.lines(Text(lang or text.lang))))
