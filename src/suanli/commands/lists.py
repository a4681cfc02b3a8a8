"""``suanli list``: profiles, indicators, methods, statistics."""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.cells import cell_len

from suanli.commands.layout import wrapped
from suanli.commands.options import (
    emit_answer,
    emit_json,
    help_when_bare,
    options,
    screen_width,
)
from suanli.text import Language, Text

if TYPE_CHECKING:
    import pandas as pd

    from suanli.run.parts import Answer

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
    for name in ("profiles", "indicators", "statistics"):
        _one(group, text, name)
    _methods(group, text)


def _one(group: typer.Typer, text: Text, name: str) -> None:
    shared = options(text)

    @group.command(name=name, help=text(f"cli.list.{name}"))
    def command(
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import listing
        from suanli.run.listing import listed

        words = Text(lang or text.lang)
        table = listing(name, words)
        _emit(name, table, listed(name, table, words), as_json=as_json)


def _methods(group: typer.Typer, text: Text) -> None:
    shared = options(text)

    @group.command(name="methods", help=text("cli.list.methods"))
    def command(
        method: Annotated[
            list[str] | None, typer.Argument(help=text("shown.help.method"), show_default=False)
        ] = None,
        stage: Annotated[
            str | None, typer.Option("--stage", help=text("shown.help.stage"), show_default=False)
        ] = None,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import listing
        from suanli.run.listing import choose_methods, listed

        words = Text(lang or text.lang)
        table = choose_methods(listing("methods", words), method or (), stage)
        if (method or stage) and not as_json:
            typer.echo("\n\n".join(_detail(row, words) for row in table.to_dict("records")))
        else:
            _emit("methods", table, listed("methods", table, words), as_json=as_json)


def _emit(name: str, table: "pd.DataFrame", answer: "Answer", *, as_json: bool) -> None:
    if as_json:
        emit_json({name: table.to_dict(orient="records")})
    else:
        emit_answer(answer, as_json=False)


def _detail(row: Mapping[Hashable, str], text: Text) -> str:
    """Tell all of one method, wrapped below hanging words."""
    head = text(
        "shown.detail.head",
        name=row["method"],
        title=row["title"],
        stage=row["stage"],
        stage_title=text(f"methods.stage.{row['stage']}"),
    )
    labels = {key: text(f"shown.detail.{key}") for key in ("about", "formula", "source")}
    margin = max(map(cell_len, labels.values())) + 4
    lines = wrapped(head, screen_width())
    for key, label in labels.items():
        told = wrapped(row[key], screen_width() - margin)
        start = f"  {label}" + " " * (margin - 2 - cell_len(label))
        lines += [start + told[0], *(" " * margin + line for line in told[1:])]
    return "\n".join(lines)
