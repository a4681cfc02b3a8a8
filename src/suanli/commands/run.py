"""``suanli run``: the whole street, one command."""

from pathlib import Path
from typing import Any

import typer

from suanli.commands.computing import ComputingOptions
from suanli.commands.options import emit_json, options, progress_bar
from suanli.text import Language, Text

__all__ = ["register"]


def register(app: typer.Typer, text: Text) -> None:
    """Add ``run`` to the application.

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
    at = ComputingOptions(text)

    def layer_option(level: str) -> Any:
        words = text(f"layers.run_{level}")
        return typer.Option(None, f"--{level}-layer", help=words, show_default=False)

    @app.command(help=text("cli.run.help"))
    def run(
        config: Path | None = shared.config,
        *,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        seed: int | None = shared.seed,
        strict: bool = shared.strict,
        as_json: bool = shared.json,
        province_layer: Path | None = layer_option("province"),
        city_layer: Path | None = layer_option("city"),
        workers: int | None = at.workers,
        scheduler: str | None = at.scheduler,
    ) -> None:
        from suanli.run import STEPS, load_config, run_all, summary_lines, summary_record
        from suanli.run.computing import computing
        from suanli.run.own_layers import with_layers

        settings = load_config(
            config, out=out, lang=lang or text.lang, seed=seed, strict=strict or None
        )
        settings = with_layers(settings, province=province_layer, city=city_layer)
        where = computing(workers=workers, scheduler=scheduler)
        with where, progress_bar(Text(settings.lang), STEPS) as step:
            result = run_all(settings, progress=step)
        if as_json:
            emit_json(summary_record(result))
        else:
            typer.echo("\n".join(summary_lines(result)))
