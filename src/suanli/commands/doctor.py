"""``suanli doctor``: is this machine ready, and what exactly is on it."""

import typer

from suanli.commands.options import emit_json, options
from suanli.text import Language, Text

__all__ = ["register"]


def register(app: typer.Typer, text: Text) -> None:
    """Add ``doctor`` to the application.

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

    @app.command(help=text("cli.doctor.help"))
    def doctor(
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import diagnose

        words = Text(lang or text.lang)
        findings = diagnose()
        if as_json:
            emit_json({item.id: {"ok": item.passed, **item.params} for item in findings})
        else:
            for item in findings:
                mark = words("cli.boundaries.ok" if item.passed else "cli.boundaries.bad")
                typer.echo(f"{mark} {words(f'doctor.{item.id}', **item.params)}")
        if not all(item.passed for item in findings):
            raise typer.Exit(1)
