"""``suanli template``: an Excel template to fill in, of any profile."""

from pathlib import Path
from typing import Annotated

import typer

from suanli.commands.options import options
from suanli.text import Language, Text

__all__ = ["register"]


def register(app: typer.Typer, text: Text) -> None:
    """Add ``template`` to the application.

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

    @app.command(help=text("cli.template.help"))
    def template(
        path: Annotated[Path, typer.Argument(help=text("template.command.path"))],
        profile: Annotated[
            str, typer.Option("--profile", help=text("cli.score.profile"))
        ] = "caict2024-province-physical",
        year: int | None = shared.year,
        empty: Annotated[
            bool, typer.Option("--empty", help=text("template.command.empty"), show_default=False)
        ] = False,
        lang: Language | None = shared.lang,
    ) -> None:
        from suanli.run import write_template

        words = Text(lang or text.lang)
        write_template(profile, path, text=words, year=year, empty=empty)
        typer.echo(words("cli.init.written", path=path))
