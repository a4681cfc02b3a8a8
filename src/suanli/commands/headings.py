"""The headings of help, said in the user's language: the parser of commands has them in English."""

import re
from collections.abc import Sequence
from typing import Any

import typer

from suanli.text import Text

__all__ = ["speak_headings"]


def speak_headings(command: Any, text: Text) -> None:
    """Let a command and all below it show help in one language.

    Parameters
    ----------
    command : click.Command
        The command.
    text : Text
        The words.

    Examples
    --------
    >>> from suanli.commands import build
    >>> command = typer.main.get_command(build(Text("zh"))).commands["score"]
    >>> speak_headings(command, Text("zh"))
    >>> context = command.make_context("score", [])
    >>> print(command.get_help(context).splitlines()[0])
    用法：score [OPTIONS]
    """
    command.context_class = _context(text)
    for child in getattr(command, "commands", {}).values():
        speak_headings(child, text)


def _context(text: Text) -> type[typer.Context]:
    """Make a kind of context whose formatter says headings in one language."""
    base: Any = typer.Context.formatter_class  # it has no public name

    class Formatter(base):  # type: ignore[misc]
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, prefix or text("cli.heading.usage"))

        def write_heading(self, heading: str) -> None:
            key = f"cli.heading.{heading.lower()}"
            if text.has(key):
                self.write(f"{'':>{self.current_indent}}{text(key)}\n")
            else:
                super().write_heading(heading)

        def write_dl(self, rows: Sequence[tuple[str, str]], *widths: int, **named: int) -> None:
            told = [(name, re.sub(r"\[([^\[\]]+)\]$", _remark, said)) for name, said in rows]
            super().write_dl(told, *widths, **named)

    def _remark(found: re.Match[str]) -> str:
        parts = [
            text("cli.heading.required") if p == "required" else p for p in found[1].split("; ")
        ]
        told = [re.sub("^default: ", text("cli.heading.default"), part) for part in parts]
        return f"[{'; '.join(told)}]"

    class Context(typer.Context):
        formatter_class = Formatter

    return Context
