"""Maps: all of them with their pages, or one figure as it is asked for: ``map``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from suanli.commands.options import emit_json, options, progress_bar
from suanli.text import Language, Text

if TYPE_CHECKING:
    from suanli.run import MapRequest, RunConfig

__all__ = ["register"]

# Named here as well as in suanli.run.mapping, which is heavy to import; a test compares.
_Kind = Literal[
    "score", "dimensions", "bivariate", "years", "lisa", "evidence", "hotspots", "rings",
    "moran", "top", "leaders", "ranks", "gap",
]  # fmt: skip
_Scheme = Literal[
    "fisher_jenks", "quantiles", "equal_interval", "std_mean", "head_tail", "box_map", "user"
]
_Palette = Literal["YlGnBu", "YlOrBr", "PuRd", "viridis", "BuRd", "PuOr"]
_Level = Literal["province", "city"]


def register(app: typer.Typer, text: Text) -> None:
    """Add the command ``map`` to the application.

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

    def option(name: str, **more: Any) -> Any:
        words = text(f"figures.option.{name}")
        return typer.Option(None, f"--{name}", help=words, show_default=False, **more)

    @app.command(name="map", help=text("cli.map.help"))
    def draw(
        *,
        config: Path | None = shared.config,
        kind: _Kind | None = option("kind"),
        level: _Level | None = option("level"),
        node: list[str] | None = option("node"),
        year: list[int] | None = option("year", min=1949, max=2100),
        scheme: _Scheme | None = option("scheme"),
        classes: int | None = option("classes", min=2, max=7),
        breaks: str | None = option("breaks"),
        palette: _Palette | None = option("palette"),
        labels: int | None = option("labels", min=0, max=60),
        width: float | None = option("width", min=12, max=90),
        date: str | None = option("date"),
        formats: list[str] | None = option("format"),
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        seed: int | None = shared.seed,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import MapRequest, load_config

        request = MapRequest(
            kind=kind or "score",
            level=level,
            node=tuple(node or ()),
            year=tuple(year or ()),
            scheme=scheme,
            classes=classes,
            breaks=breaks or "",
            palette=palette,
            labels=labels,
            width=width,
            date=date or "",
            formats=tuple(dict.fromkeys(formats or ("png",))),
            out=out,
        )
        one = kind is not None or level is not None or formats is not None or request.asks()
        settings = load_config(config, out=None if one else out, lang=lang or text.lang, seed=seed)
        written = _one(settings, request) if one else _all(settings)
        if as_json:
            emit_json({"written": written})
        else:
            typer.echo("\n".join(written))


def _one(settings: "RunConfig", request: "MapRequest") -> list[str]:
    from suanli.run import draw_figure

    with progress_bar(Text(settings.lang), ("inputs", "figures")) as step:
        return [str(path) for path in draw_figure(settings, request, progress=step)]


def _all(settings: "RunConfig") -> list[str]:
    from suanli.run import STEPS, publish_part

    with progress_bar(Text(settings.lang), STEPS) as step:
        return publish_part(settings, "map", progress=step)
