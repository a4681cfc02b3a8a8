"""``suanli init`` and ``suanli check``: start a project of one's own, test its files."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from suanli.commands.layout import wrapped
from suanli.commands.options import emit_json, folder_option, options, screen_width
from suanli.text import Language, Text

if TYPE_CHECKING:
    from suanli.run.config import DataFile, RunConfig

__all__ = ["register"]

_HANG: Final = 2


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

    _check(app, text)


def _check(app: typer.Typer, text: Text) -> None:
    shared = options(text)

    def reading(name: str, **limits: Any) -> Any:
        words = text(f"cli.check.{name.strip('-').replace('-', '_')}")
        return typer.Option(None, name, help=words, show_default=False, **limits)

    words = text("cli.check.files")
    named = typer.Argument(None, metavar="[FILE]...", help=words, show_default=False)

    @app.command(help=text("cli.check.help"))
    def check(
        files: list[Path] | None = named,
        *,
        profile: str | None = reading("--profile"),
        level: Literal["province", "city"] | None = reading("--level"),
        encoding: str | None = reading("--encoding"),
        sheet: str | None = reading("--sheet"),
        indicator: str | None = reading("--indicator"),
        unit: str | None = reading("--unit"),
        data_year: int | None = reading("--data-year", min=1949, max=2100),
        censored: bool | None = typer.Option(
            None, "--censored", help=text("cli.check.censored"), show_default=False
        ),
        out: Path | None = folder_option(text("cli.check.out")),
        lang: Language | None = shared.lang,
        strict: bool = shared.strict,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run.config import DataFile, load_config

        words = Text(lang or text.lang)
        fields: dict[str, Any] = {
            "encoding": encoding,
            "sheet": sheet,
            "indicator": indicator,
            "unit": unit,
            "year": data_year,
            "censored": censored,
        }
        given = {key: value for key, value in fields.items() if value is not None}
        asked = {"profile": profile, "level": level}
        if any(path.is_dir() for path in files or ()):
            others = (
                given
                | {key: value for key, value in asked.items() if value}
                | ({"out": out} if out else {})
            )
            raise typer.Exit(
                _folder(files or [], others, words=words, strict=strict, as_json=as_json)
            )
        configs = [path for path in files or () if path.suffix == ".toml"]
        settings = load_config(
            configs[0] if configs else None, lang=words.lang, strict=strict or None
        )
        tables = [DataFile(file=path, **given) for path in files or () if path not in configs[:1]]
        if tables:
            refused = _tables(settings, tables, asked, out=out, words=words, as_json=as_json)
            raise typer.Exit(1 if refused else 0)
        _refuse_unused(given | ({"profile": profile} if profile else {}))
        _configured(settings, out=out, words=words, as_json=as_json)


def _folder(
    files: Sequence[Path], others: Mapping[str, object], *, words: Text, strict: bool, as_json: bool
) -> bool:
    """Compare a folder of outputs with its record; tell whether it differs."""
    from suanli.errors import InputError, Problem
    from suanli.run.verifying import verify_folder

    if others or len(files) > 1:
        params = {"options": _names(others or {"profile": ""})}
        raise InputError([Problem(code="verify.alone", params=params)])
    report = verify_folder(files[0])
    if as_json:
        emit_json(report.machine())
    else:
        typer.echo("\n".join(report.lines(words)))
    return report.differs(strict=strict)


def _names(given: Mapping[str, object]) -> str:
    return ", ".join("--data-year" if key == "year" else f"--{key}" for key in given)


def _refuse_unused(given: Mapping[str, object]) -> None:
    """Refuse options that say how to read tables where none are named."""
    if given:
        from suanli.errors import InputError, Problem

        names = _names(given)
        raise InputError([Problem(code="run.no_tables", params={"options": names})])


def _tables(
    settings: "RunConfig",
    tables: "Sequence[DataFile]",
    asked: Mapping[str, Any],
    *,
    out: Path | None,
    words: Text,
    as_json: bool,
) -> bool:
    """Report on the tables named; tell whether one is refused."""
    from suanli.run.taking import check_tables, write_report

    report = check_tables(tables, config=settings, **asked)
    folder = out or (None if as_json else settings.out / "check")
    if not any(table.file.exists() for table in tables):
        # Nothing was looked at: a mistyped name leaves no trace.
        folder = None
    written = write_report(report, folder, text=words) if folder else []
    if as_json:
        emit_json(report.record(words))
    else:
        _say_lines(report.lines(words))
        if written:
            names = ", ".join(path.name for path in written)
            typer.echo(words("findings.written", folder=folder, files=names))
    return report.refused


def _configured(settings: "RunConfig", *, out: Path | None, words: Text, as_json: bool) -> None:
    """Report on everything a run would read."""
    from suanli.run import check_inputs
    from suanli.run.taking import configured_tables, write_report

    written = write_report(configured_tables(settings), out, text=words) if out else []
    report = check_inputs(settings)
    if as_json:
        emit_json({**report.record(), **report.tables.record(words)})
        return
    _say_lines(report.tables.lines(words))
    typer.echo("\n".join(report.lines(words)))
    if written:
        names = ", ".join(path.name for path in written)
        typer.echo(words("findings.written", folder=out, files=names))


def _say_lines(lines: Iterable[tuple[int, str]]) -> None:
    """Print sentences set in by their depth, broken between words."""
    for depth, sentence in lines:
        blank = "  " * depth
        for i, line in enumerate(wrapped(sentence, screen_width() - len(blank) - _HANG)):
            typer.echo(f"{blank}{' ' * _HANG * (i > 0)}{line}")
