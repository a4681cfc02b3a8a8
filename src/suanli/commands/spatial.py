"""Space: ``spatial`` with ``pattern``, ``model`` and ``weights``."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from suanli.commands.computing import ComputingOptions
from suanli.commands.options import emit_answer, options, own_tables, profile_option
from suanli.commands.stages import asked
from suanli.text import Language, Text

__all__ = ["register"]

_DEFAULT = "pattern"


class _Spatial(TyperGroup):
    """A group that is also the command it had been: ``suanli spatial`` shows the pattern."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        plain = first.startswith("-") and first not in self.get_help_option_names(ctx)
        if not first or plain or first.endswith(".toml"):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer, text: Text) -> None:
    """Add the group ``spatial`` to the application.

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
    group = typer.Typer(cls=_Spatial, help=text("cli.spatial.help"), rich_markup_mode=None)
    app.add_typer(group, name="spatial")
    _pattern(group, text)
    _model(group, text)
    _weights(group, text)


def _option(text: Text, name: str, *, key: str = "", **more: Any) -> Any:
    words = text(f"model.option.{key or name.removeprefix('--')}")
    return typer.Option(name, help=words, **more)


def _pattern(group: typer.Typer, text: Text) -> None:
    shared = options(text)
    at = ComputingOptions(text)

    @group.command(name=_DEFAULT, help=text("cli.spatial.pattern"))
    def pattern(
        *,
        config: Path | None = shared.config,
        weights: Annotated[str, _option(text, "--weights", show_default=False)] = "",
        level: Annotated[
            Literal["province", "city"] | None,
            _option(text, "--level", key="pattern_level", show_default=False),
        ] = None,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        seed: int | None = shared.seed,
        as_json: bool = shared.json,
        workers: int | None = at.workers,
        scheduler: str | None = at.scheduler,
    ) -> None:
        from suanli.run import load_config, pattern_under
        from suanli.run.computing import computing

        settings = load_config(config, lang=lang or text.lang, seed=seed)
        if weights or level:
            rule = weights or "queen+bridges"
            with computing(workers=workers, scheduler=scheduler):
                answer = pattern_under(settings, level or "city", rule, out=out)
            emit_answer(answer, as_json=as_json)
            return
        emit_answer(asked(settings, "spatial", out), as_json=as_json)


def _model(group: typer.Typer, text: Text) -> None:
    shared, chosen = options(text), profile_option(text, "city-compute")

    @group.command(name="model", help=text("cli.spatial.model"))
    def model(
        *,
        profile: str = chosen,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        of: Annotated[str, _option(text, "--of", show_default=False)] = "",
        on: Annotated[list[str] | None, _option(text, "--on", show_default=False)] = None,
        tested: Annotated[bool, _option(text, "--tested", show_default=False)] = False,
        weights: Annotated[str, _option(text, "--weights")] = "queen+bridges",
        islands: Annotated[str, _option(text, "--islands")] = "drop",
        raw: Annotated[bool, _option(text, "--raw", show_default=False)] = False,
        models: Annotated[str, _option(text, "--models")] = "ols,slx,sar,sem,sdm,sdem",
        method: Annotated[str, _option(text, "--method")] = "ml",
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        seed: int | None = shared.seed,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import Request, model_outcome, model_request

        request = model_request(
            Request(
                profile=profile,
                data=own_tables(data, read),
                year=year,
                out=out,
                text=Text(lang or text.lang),
                warn=lambda sentence: typer.echo(sentence, err=True),
            ),
            of=of,
            on=tuple(on or ()),
            tested=tested,
            weights=weights,
            islands=islands,
            raw=raw,
            models=models,
            method=method,
            seed=seed,
        )
        emit_answer(model_outcome(request), as_json=as_json)


def _weights(group: typer.Typer, text: Text) -> None:
    shared = options(text)

    @group.command(name="weights", help=text("cli.spatial.weights"))
    def weights(
        *,
        rule: Annotated[str, typer.Argument(help=text("model.option.weights"))] = "queen+bridges",
        level: Annotated[Literal["province", "city"], _option(text, "--level")] = "city",
        islands: Annotated[str, _option(text, "--islands")] = "keep",
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run import describe_weights

        words = Text(lang or text.lang)
        found = describe_weights(rule, level, islands=islands, out=out, text=words)
        emit_answer(found, as_json=as_json)
