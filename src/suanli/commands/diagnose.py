"""What stands behind the scores: ``diagnose``, ``compare``, ``unit``, ``explain``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from suanli.commands.options import emit_answer, options, own_tables, profile_option
from suanli.text import Language, Text

__all__ = ["register"]


def register(app: typer.Typer, text: Text) -> None:
    """Add the commands that explain scores to the application.

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
    _diagnose(app, text)
    _compare(app, text)
    _unit(app, text)
    _explain(app, text)


def _diagnose(app: typer.Typer, text: Text) -> None:
    shared = options(text)

    @app.command(help=text("cli.diagnose.help"))
    def diagnose(
        profile: str = shared.profile,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import Request, diagnose_index

        words = Text(lang or text.lang)
        request = Request(
            profile=profile, data=own_tables(data, read), year=year, out=out, text=words, warn=_warn
        )
        emit_answer(diagnose_index(request), as_json=as_json)


def _compare(app: typer.Typer, text: Text) -> None:
    shared = options(text)
    by_unit = profile_option(text, "", of_unit=True)

    @app.command(help=text("cli.compare.help"))
    def compare(
        context: typer.Context,
        unit: Annotated[str, typer.Argument(help=text("cli.compare.unit"))],
        other: Annotated[
            str, typer.Argument(help=text("cli.compare.other"), show_default=False)
        ] = "",
        *,
        years: Annotated[
            tuple[int, int] | None,
            typer.Option("--years", help=text("cli.compare.years"), show_default=False),
        ] = None,
        profile: str = by_unit,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import Request, compare_scores

        words = Text(lang or text.lang)
        if bool(other) == bool(years):
            wrong: Any = next(p for p in context.command.params if p.name == "other")
            raise typer.BadParameter(words("cli.compare.what"), ctx=context, param=wrong)
        if years and year:
            wrong = next(p for p in context.command.params if p.name == "year")
            raise typer.BadParameter(words("shown.years_and_year"), ctx=context, param=wrong)
        request = Request(
            profile=profile, data=own_tables(data, read), year=year, out=out, text=words, warn=_warn
        )
        emit_answer(compare_scores(request, unit, other=other, years=years), as_json=as_json)


def _unit(app: typer.Typer, text: Text) -> None:
    shared = options(text)
    by_unit = profile_option(text, "", of_unit=True)

    @app.command(name="unit", help=text("cli.unit.help"))
    def command(
        unit: Annotated[str, typer.Argument(help=text("cli.compare.unit"))],
        *,
        top: Annotated[int, typer.Option("--top", help=text("cli.unit.top"), min=1)] = 5,
        profile: str = by_unit,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import Request, explain_unit

        words = Text(lang or text.lang)
        request = Request(
            profile=profile, data=own_tables(data, read), year=year, out=out, text=words, warn=_warn
        )
        emit_answer(explain_unit(request, unit, k=top), as_json=as_json)


def _explain(app: typer.Typer, text: Text) -> None:
    shared = options(text)
    by_unit = profile_option(text, "", of_unit=True)

    @app.command(help=text("cli.explain.help"))
    def explain(
        unit: Annotated[str, typer.Argument(help=text("cli.compare.unit"))],
        *,
        indicator: Annotated[
            str, typer.Option("--indicator", help=text("cli.explain.indicator"))
        ] = "",
        profile: str = by_unit,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import Request, trace_unit

        words = Text(lang or text.lang)
        request = Request(
            profile=profile, data=own_tables(data, read), year=year, out=out, text=words, warn=_warn
        )
        emit_answer(trace_unit(request, unit, indicator=indicator), as_json=as_json)


def _warn(sentence: str) -> None:
    typer.echo(sentence, err=True)
