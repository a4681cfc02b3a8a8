"""``suanli boundaries check``: read a layer of one's own and say what was found."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from suanli.commands.options import emit_json, options, say
from suanli.text import Language, Text

if TYPE_CHECKING:
    from suanli.intake.layers import OwnLayer

__all__ = ["register_check"]

_Level = Literal["province", "city", "county", "own"]
_Datum = Literal["wgs84", "gcj02", "bd09"]
_LISTED: Final = 20


def register_check(group: typer.Typer, text: Text) -> None:
    """Add ``check`` to the group ``boundaries``.

    Parameters
    ----------
    group : typer.Typer
        The group.
    text : Text
        The words of help and output.

    Examples
    --------
    >>> register_check(typer.Typer(), Text("en"))
    """
    shared = options(text)

    def option(*names: str) -> Any:
        words = text(f"layers.option.{names[0].strip('-').replace('-', '_')}")
        return typer.Option(None, *names, help=words, show_default=False)

    swap = typer.Option(False, "--swap-axes", help=text("layers.option.swap_axes"))

    @group.command(help=text("layers.help"))
    def check(
        file: Annotated[Path, typer.Argument(help=text("layers.file"), show_default=False)],
        *,
        level: _Level | None = option("--level"),
        layer: str | None = option("--layer"),
        code_column: str | None = option("--code-column"),
        name_column: str | None = option("--name-column"),
        crs: str | None = option("--crs"),
        encoding: str | None = option("--encoding"),
        swap_axes: bool = swap,
        datum: _Datum | None = option("--datum"),
        out: Path | None = option("--out"),
        lang: Language | None = shared.lang,
        strict: bool = shared.strict,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.intake.layers import LayerHow, read_layer, write_layer

        how = LayerHow(
            layer=layer,
            code_column=code_column,
            name_column=name_column,
            crs=crs,
            encoding=encoding,
            swap_axes=swap_axes,
            datum=datum,
            strict=strict,
        )
        own = read_layer(file, level=level, how=how)
        if out is not None and not own.ledger.refused:
            write_layer(own, out)
        words = Text(lang or text.lang)
        if as_json:
            emit_json(_record(own, words))
        else:
            _tell(own, words)
            if out is not None and not own.ledger.refused:
                typer.echo(str(out))
        if own.ledger.refused:
            raise typer.Exit(1)


def _tell(own: "OwnLayer", text: Text) -> None:
    """Print what was read, then what was found."""
    facts, counts = own.facts, own.ledger.counts
    if facts.get("units"):
        say(text("layers.read", level=text(f"layers.level.{own.level}"), **_counted(facts)))
        say(text("layers.placed", crs=facts["crs"], source=text(f"layers.source.{_source(facts)}")))
        shift = facts.get("shift")
        if shift is not None and shift.enough:
            say(text("layers.shift", **_evidence(shift)))
        say(text("layers.area", moved=f"{facts['moved_km2']:.3g}"))
        if facts.get("isolates"):
            names = own.frame["name"].to_dict()
            called = [f"{code} {names.get(code, '')}".strip() for code in facts["isolates"]]
            say(text("layers.isolates", units=", ".join(called[:_LISTED])))
    for action in ("error", "warn", "fix"):
        for finding in own.ledger.of(action)[:_LISTED]:
            problem = finding.problem()
            mark = text(f"layers.mark.{action}")
            say(f"{mark} {text(problem.code, **problem.params)}")
        rest = counts[action] - _LISTED
        if rest > 0:
            say(text("layers.more", mark=text(f"layers.mark.{action}"), count=rest))
    say(text("layers.sum", fixed=counts["fix"], warned=counts["warn"], refused=counts["error"]))


def _source(facts: Mapping[str, Any]) -> str:
    return str(facts["crs_source"])


def _counted(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "features": facts["features"],
        "units": facts["units"],
        "missing": len(facts["missing"]),
        "extra": len(facts["extra"]),
        "code": facts["code_column"] or "–",
        "name": facts["name_column"] or "–",
        "encoding": facts["encoding"],
    }


def _evidence(shift: Any) -> dict[str, str | int]:
    return {
        "count": shift.units,
        "shift": f"{shift.shift_m:.0f}",
        "predicted": f"{shift.predicted_m['gcj02']:.0f}",
        "left": f"{shift.left_m['gcj02']:.0f}",
        "gain": f"{shift.gain['gcj02']:.2f}",
    }


def _record(own: "OwnLayer", text: Text) -> dict[str, Any]:
    """Return everything for machines."""
    facts = {key: value for key, value in own.facts.items() if key != "shift"}
    shift = own.facts.get("shift")
    if shift is not None:
        facts["shift"] = {
            "units": shift.units,
            "shift_m": shift.shift_m,
            "east_m": shift.east_m,
            "north_m": shift.north_m,
            "predicted_m": dict(shift.predicted_m),
            "left_m": dict(shift.left_m),
            "gain": dict(shift.gain),
            "suspected": shift.suspected,
        }
    findings = [
        {
            "rule": finding.rule,
            "action": finding.action,
            "file": finding.place.file,
            "layer": finding.place.sheet,
            "row": finding.place.row,
            "column": finding.place.column,
            "before": finding.before,
            "after": finding.after,
            "message": text(finding.problem().code, **finding.problem().params),
        }
        for finding in own.ledger.findings
    ]
    return {
        "level": own.level,
        "refused": own.ledger.refused,
        "planar_crs": own.planar_crs,
        "counts": {action: own.ledger.counts[action] for action in ("fix", "warn", "error")},
        "facts": facts,
        "findings": findings,
    }
