"""``suanli latency``: one-way latency to the nearest hub, as a raster and by unit."""

from pathlib import Path
from typing import Any

import typer

from suanli.commands.options import emit_json, folder_option, options, say
from suanli.text import Language, Text

__all__ = ["register"]


def register(app: typer.Typer, text: Text) -> None:
    """Add ``latency`` to the application.

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

    def option(default: object, name: str, **more: Any) -> Any:
        words = text(f"zonal.latency.{name.replace('-', '_')}")
        return typer.Option(default, f"--{name}", help=words, show_default=False, **more)

    @app.command(help=text("zonal.latency.help"))
    def latency(
        *,
        hubs: Path | None = option(None, "hubs", metavar="FILE"),
        cell: float = option(0.1, "cell", min=0.005, max=5.0),
        route_factor: float = option(1.5, "route-factor", min=1.0, max=10.0),
        fixed_ms: float = option(0.0, "fixed-ms", min=0.0, max=1000.0),
        weights: Path | None = option(None, "weights", metavar="FILE"),
        out: Path | None = folder_option(text("zonal.latency.out")),
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.analysis.latency import Latency
        from suanli.run.latency import LatencyRequest, write_latency

        request = LatencyRequest(
            out=out or Path("outputs/latency"),
            hubs=hubs,
            cell=cell,
            model=Latency(route_factor=route_factor, fixed_ms=fixed_ms),
            weights=weights,
        )
        written = [str(path) for path in write_latency(request)]
        if as_json:
            emit_json({"written": written})
            return
        typer.echo("\n".join(written))
        say(Text(lang or text.lang)("zonal.latency.model", factor=route_factor, fixed=fixed_ms))
