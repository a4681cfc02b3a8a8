"""``suanli report``: what a planner hands on, as a page and as a Word file."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from suanli.commands.options import emit_json, options, progress_bar
from suanli.text import Language, Text

__all__ = ["register"]

_Level = Literal["province", "city"]


def register(app: typer.Typer, text: Text) -> None:
    """Add the command ``report`` to the application.

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

    def option(name: str, default: Any = None, **more: Any) -> Any:
        words = text(f"document.option.{name}")
        return typer.Option(default, f"--{name}", help=words, show_default=False, **more)

    @app.command(help=text("document.help"))
    def report(
        config: Path | None = shared.config,
        *,
        unit: Annotated[
            str, typer.Option("--unit", help=text("document.option.unit"), show_default=False)
        ] = "",
        level: _Level | None = option("level"),
        formats: list[str] | None = option("format", metavar="html|docx|pdf"),
        deep: bool = option("deep", False),
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        seed: int | None = shared.seed,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import STEPS, load_config
        from suanli.run.reporting import report_files

        settings = load_config(config, out=out, lang=lang or text.lang, seed=seed)
        with progress_bar(Text(settings.lang), STEPS) as step:
            written = report_files(
                settings,
                unit=unit,
                level=level,
                formats=tuple(formats or ()),
                deep=deep,
                progress=step,
            )
        names = [str(path) for path in written]
        if as_json:
            emit_json({"written": names})
        else:
            typer.echo("\n".join(names))
