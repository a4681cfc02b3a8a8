"""``suanli export``: files for GIS programs, whole or chosen."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from suanli.commands.options import emit_answer, emit_json, options, progress_bar, say
from suanli.text import Language, Text

__all__ = ["register"]

# typer takes no list of literals.
_Format = StrEnum("_Format", "geojson gpkg parquet fgb kml shp")
_Level = StrEnum("_Level", "province city hubs rings lines")
_NOTED = ("parquet", "fgb", "kml", "shp")


def register(app: typer.Typer, text: Text) -> None:
    """Add ``export`` to the application.

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

    def asked(default: object, name: str, metavar: str | None = None) -> Any:
        words = text(f"export.help.{name.strip('-').replace('-', '_')}")
        return typer.Option(default, name, help=words, show_default=False, metavar=metavar)

    @app.command(help=text("cli.export.help"))
    def export(
        config: Path | None = shared.config,
        *,
        formats: list[_Format] | None = asked(None, "--format", "FORMAT"),
        levels: list[_Level] | None = asked(None, "--level", "LAYER"),
        columns: list[str] | None = asked(None, "--columns", "A,B,..."),
        list_columns: bool = asked(False, "--list-columns"),
        to: str | None = asked(None, "--to", "URL"),
        schema: str | None = asked(None, "--schema", "NAME"),
        replace: bool = asked(False, "--replace"),
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        seed: int | None = shared.seed,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import STEPS, exporting, load_config, publish_part
        from suanli.run.whole import publish_selection

        settings = load_config(config, out=out, lang=lang or text.lang, seed=seed)
        words = Text(settings.lang)
        if list_columns:
            emit_answer(exporting.list_columns(settings, levels), as_json=as_json)
            return
        of = {"--format": formats, "--out": out, "--schema": schema, "--replace": replace}
        exporting.refuse_mixed({key: bool(value) for key, value in of.items()}, to=to is not None)
        chosen = exporting.selection(formats, levels, columns)
        if to is not None:
            target = schema or exporting.SCHEMA
            with progress_bar(words, STEPS) as step:
                rows = exporting.export_database(
                    settings, to, schema=target, replace=replace, chosen=chosen, progress=step
                )
            _emit_rows(rows, target, words=words, as_json=as_json)
            return
        with progress_bar(words, STEPS) as step:
            if chosen is None:
                written = publish_part(settings, "export", progress=step)
            else:
                written = publish_selection(settings, chosen, progress=step)
        notes = [words(f"export.note.{kind}") for kind in formats or () if kind in _NOTED]
        if as_json:
            emit_json({"written": written, "notes": notes})
            return
        typer.echo("\n".join(written))
        for note in notes:
            say(note)


def _emit_rows(rows: Mapping[str, int], schema: str, *, words: Text, as_json: bool) -> None:
    if as_json:
        emit_json({"schema": schema, "tables": rows})
        return
    for name, count in rows.items():
        typer.echo(words("export.table_written", table=f"{schema}.{name}", rows=count))
