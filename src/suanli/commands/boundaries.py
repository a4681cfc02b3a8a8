"""``suanli boundaries``: what the layers are, whether they are whole, how they are made."""

from pathlib import Path
from typing import Annotated

import typer

from suanli.commands.options import emit_json, help_when_bare, options
from suanli.commands.own_layer import register_check
from suanli.text import Language, Text

__all__ = ["register"]


def register(app: typer.Typer, text: Text) -> None:
    """Add the group ``boundaries`` to the application.

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
    group = typer.Typer(help=text("cli.boundaries.help"), rich_markup_mode=None)
    help_when_bare(group, text("cli.boundaries.help"))
    app.add_typer(group, name="boundaries")
    register_check(group, text)

    @group.command(help=text("cli.boundaries.info"))
    def info(
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from dataclasses import asdict

        from suanli.boundaries import describe, load_boundaries

        record = asdict(describe(load_boundaries()))
        if as_json:
            emit_json(record)
            return
        source = record["source"]
        package = source["package"]
        # The whole record is for machines; a reader wants to know where the lines come from.
        record["source"] = " · ".join(
            (source["source"], package["name"], package["version"], package["stated_vintage"])
        )
        for key, value in record.items():
            typer.echo(f"{Text(lang or text.lang)(f'cli.boundaries.field.{key}')}: {_plain(value)}")

    @group.command(help=text("cli.boundaries.verify"))
    def verify(
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.boundaries import verify as verify_layers

        report = verify_layers()
        words = Text(lang or text.lang)
        if as_json:
            emit_json(
                {
                    "passed": report.passed,
                    "checks": [{"id": c.id, "passed": c.passed} for c in report.checks],
                }
            )
        else:
            for check in report.checks:
                mark = words("cli.boundaries.ok" if check.passed else "cli.boundaries.bad")
                sentence = words(
                    f"boundaries.check.{check.id}", expected=check.expected, got=check.got
                )
                typer.echo(f"{mark} {sentence}")
        if not report.passed:
            raise typer.Exit(1)

    @group.command(help=text("cli.boundaries.build"))
    def build(
        out: Annotated[Path, typer.Option("--out", help=text("cli.boundaries.out"))],
        lang: Language | None = shared.lang,
    ) -> None:
        from suanli.boundaries import build as build_layers

        words = Text(lang or text.lang)
        build_layers(
            out, progress=lambda step: typer.echo(words(f"boundaries.step.{step}"), err=True)
        )
        typer.echo(str(out))


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_nested(item)}" for key, item in value.items())
    return str(value)


def _nested(value: object) -> str:
    return f"({_plain(value)})" if isinstance(value, dict) else str(value)
