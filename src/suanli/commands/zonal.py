"""``suanli zonal``: statistics of rasters by province, city or units of one's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from suanli.commands.options import emit_json, emit_table, options, say
from suanli.text import Language, Text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["register"]

_Level = Literal["province", "city", "county", "own"]
_SHOWN = 40


def register(app: typer.Typer, text: Text) -> None:
    """Add ``zonal`` to the application.

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
        words = text(f"zonal.option.{name.replace('-', '_')}")
        return typer.Option(default, f"--{name}", help=words, show_default=False, **more)

    @app.command(help=text("zonal.help"))
    def zonal(
        rasters: Annotated[
            list[Path], typer.Argument(help=text("zonal.rasters"), show_default=False)
        ],
        *,
        layer: str = option("city", "layer", metavar="city|province|FILE"),
        level: _Level | None = option(None, "level"),
        stat: list[str] | None = option(None, "stat", metavar="NAME"),
        weights: Path | None = option(None, "weights", metavar="FILE"),
        resample_weights: bool = option(False, "resample-weights"),
        band: int = option(1, "band"),
        nodata: float | None = option(None, "nodata"),
        min_covered: float = option(0.0, "min-covered", min=0.0, max=1.0),
        indicator: str = option("", "indicator", metavar="NAME"),
        unit: str = option("", "unit"),
        year: int = option(0, "year", min=0, max=2100),
        memory: int = option(256, "memory", metavar="MB"),
        out: Path | None = option(None, "out", metavar="FILE"),
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from geo.export import write_csv
        from suanli.run.zonal import ZonalRequest, zonal_table

        request = ZonalRequest(
            rasters=tuple(rasters),
            layer=layer,
            level=level,
            statistics=tuple(stat or ("mean",)),
            weights=weights,
            resample_weights=resample_weights,
            band=band,
            nodata=nodata,
            minimum_covered=min_covered,
            indicator=indicator,
            unit=unit,
            year=year,
            memory_mb=memory,
        )
        found = zonal_table(request)
        words = Text(lang or text.lang)
        notes = [words(note.code, **note.params) for note in found.notes]
        if out is not None:
            write_csv(found.frame, out, index=False)
        if as_json:
            records = found.frame.to_dict(orient="records")
            emit_json({"rows": records, "notes": notes, "written": [str(out)] if out else []})
            return
        if out is None:
            _show(found.frame, words)
        else:
            say(words("zonal.written", file=out, rows=len(found.frame)))
        for note in notes:
            say(note)


def _show(frame: "pd.DataFrame", text: Text) -> None:
    """Print the head of the table, one part per indicator."""
    for name, part in frame.groupby("indicator", sort=False):
        unit = part["unit"].iloc[0]
        shown = part[["code", "name", "value", "covered"]].head(_SHOWN)
        shown = shown.assign(
            value=shown["value"].replace("", "nan").astype(float),
            covered=shown["covered"].astype(float),
        )
        heads = {key: text(f"zonal.column.{key}") for key in shown}
        rest = len(part) - len(shown)
        note = text("zonal.more", count=rest) if rest else ""
        title = f"{name} ({unit})" if unit else str(name)
        emit_table(title, shown.rename(columns=heads), note=note)
        typer.echo()
