"""``suanli list``: profiles, indicators, methods, statistics."""

import typer

from suanli.commands.options import emit_json, emit_table, help_when_bare, options
from suanli.text import Language, Text

__all__ = ["register"]


def register(app: typer.Typer, text: Text) -> None:
    """Add the group ``list`` to the application.

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
    group = typer.Typer(help=text("cli.list.help"), rich_markup_mode=None)
    help_when_bare(group, text("cli.list.help"))
    app.add_typer(group, name="list")
    for name in ("profiles", "indicators", "methods", "statistics"):
        _one(group, text, name)


def _one(group: typer.Typer, text: Text, name: str) -> None:
    shared = options(text)

    @group.command(name=name, help=text(f"cli.list.{name}"))
    def command(
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import listing

        words = Text(lang or text.lang)
        table = listing(name, words)
        if as_json:
            emit_json({name: table.to_dict(orient="records")})
        else:
            emit_table(words(f"cli.list.{name}"), table)
