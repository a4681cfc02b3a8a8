"""``suanli robustness attainable``, ``target``, ``revealed``."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from suanli.commands.options import emit_answer, options, own_tables
from suanli.text import Language, Text

__all__ = ["register"]


def register(group: typer.Typer, text: Text) -> None:
    """Add the three commands to the group.

    Parameters
    ----------
    group : typer.Typer
        The group ``robustness``.
    text : Text
        The words of help and output.

    Examples
    --------
    >>> register(typer.Typer(), Text("en"))
    """
    for add in (_attainable, _target, _revealed):
        add(group, text)


def _many(help_text: str, name: str) -> Any:
    return typer.Option(None, name, help=help_text, show_default=False)


def _attainable(group: typer.Typer, text: Text) -> None:
    shared = options(text)

    @group.command(help=text("levers.attainable.help"))
    def attainable(
        *,
        profile: str = shared.profile,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        bounds: Annotated[
            float | None,
            typer.Option("--bounds", help=text("levers.attainable.bounds"), show_default=False),
        ] = None,
        node: Annotated[str, typer.Option("--node", help=text("levers.attainable.node"))] = "index",
        unit: list[str] | None = _many(text("levers.attainable.unit"), "--unit"),
        exact: Annotated[
            bool, typer.Option("--exact", help=text("levers.attainable.exact"), show_default=False)
        ] = False,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run.levers import Ask, attainable_answer

        words = Text(lang or text.lang)
        ask = Ask(
            profile=profile,
            data=own_tables(data, read),
            year=year,
            out=out,
            text=words,
            warn=partial(typer.echo, err=True),
        )
        answer = attainable_answer(ask, bounds=bounds, node=node, units=unit or (), exact=exact)
        emit_answer(answer, as_json=as_json)


def _target(group: typer.Typer, text: Text) -> None:
    shared = options(text)

    @group.command(help=text("levers.target.help"))
    def target(
        *,
        unit: Annotated[str, typer.Option("--unit", help=text("levers.target.unit"))],
        rank: Annotated[int, typer.Option("--rank", help=text("levers.target.rank"))],
        profile: str = shared.profile,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        move: list[str] | None = _many(text("levers.target.move"), "--move"),
        fix: list[str] | None = _many(text("levers.target.fix"), "--fix"),
        cost: list[str] | None = _many(text("levers.target.cost"), "--cost"),
        most: list[str] | None = _many(text("levers.target.most"), "--most"),
        how: Annotated[
            Literal["sparse", "spread"], typer.Option("--how", help=text("levers.target.how"))
        ] = "sparse",
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run.levers import Ask, Wishes, target_answer

        words = Text(lang or text.lang)
        ask = Ask(
            profile=profile,
            data=own_tables(data, read),
            year=year,
            out=out,
            text=words,
            warn=partial(typer.echo, err=True),
        )
        wishes = Wishes(
            move=tuple(move or ()),
            fix=tuple(fix or ()),
            cost=tuple(cost or ()),
            most=tuple(most or ()),
        )
        answer = target_answer(ask, unit=unit, rank=rank, wishes=wishes, how=how)
        emit_answer(answer, as_json=as_json)


def _revealed(group: typer.Typer, text: Text) -> None:
    shared = options(text)

    @group.command(help=text("levers.revealed.help"))
    def revealed(
        *,
        profile: str = shared.profile,
        data: list[Path] | None = shared.data,
        read: list[str] | None = shared.read,
        year: int | None = shared.year,
        fit: list[str] | None = _many(text("levers.revealed.fit"), "--fit"),
        bounds: Annotated[
            float, typer.Option("--bounds", help=text("levers.revealed.bounds"))
        ] = 0.5,
        leave_out: Annotated[
            bool,
            typer.Option("--leave-out", help=text("levers.revealed.leave_out"), show_default=False),
        ] = False,
        out: Path | None = shared.out,
        lang: Language | None = shared.lang,
        as_json: bool = shared.json,
    ) -> None:
        from suanli.run.levers import Ask, revealed_answer

        words = Text(lang or text.lang)
        ask = Ask(
            profile=profile,
            data=own_tables(data, read),
            year=year,
            out=out,
            text=words,
            warn=partial(typer.echo, err=True),
        )
        answer = revealed_answer(ask, fit=fit or (), bounds=bounds, leave_out=leave_out)
        emit_answer(answer, as_json=as_json)
