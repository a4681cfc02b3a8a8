"""Wrong usage, said in the user's language."""

import difflib
import re
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from suanli.errors import value_reason
from suanli.text import Text

__all__ = ["usage_detail"]


def usage_detail(error: Any, text: Text) -> str:
    """Put into words what the parser of the command line complains of.

    Parameters
    ----------
    error : typer.exceptions.TyperException
        What it raised.
    text : Text
        The words.

    Returns
    -------
    str
        Without a full stop; in the parser's own words where there are none of ours.

    Examples
    --------
    >>> from typer import BadParameter
    >>> usage_detail(BadParameter("so wrong."), Text("en"))
    'Invalid value: so wrong'
    """
    if hasattr(error, "possibilities"):
        known = error.possibilities or _options(error)
        return _unknown(text, "option", error.option_name, known)
    if hasattr(error, "option_name"):
        flag = "does not take" in error.message
        key = "cli.wrong.takes_no_value" if flag else "cli.wrong.needs_value"
        return text(key, name=error.option_name)
    if getattr(error, "param", None) is not None:
        return _of_parameter(error, text)
    return _of_message(error, text)


def _of_parameter(error: Any, text: Text) -> str:
    if hasattr(error, "param_type"):
        return text("cli.wrong.missing", name=_name(error.param))
    return text("cli.wrong.value", name=_name(error.param), detail=_reason(error))


def _of_message(error: Any, text: Text) -> str:
    """Know the rest by its words alone: these errors carry nothing else."""
    said = str(error.format_message())
    command = re.match(r"No such command '(.*?)'", said)
    if command:
        known = getattr(error.ctx.command, "commands", ())
        return _unknown(text, "command", command[1], known)
    extra = re.match(r"Got unexpected extra argument(?:\(s\))? \((.*)\)", said)
    if extra:
        return text("cli.wrong.extra", name=extra[1])
    return said.rstrip(" .")


def _options(error: Any) -> list[str]:
    return [name for param in error.ctx.command.params for name in param.opts if name[:1] == "-"]


def _unknown(text: Text, kind: str, name: str, known: Iterable[str]) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in name)
    close = difflib.get_close_matches(name, list(known), n=1)
    if close:
        return text(f"cli.wrong.no_such_{kind}_close", name=shown, close=close[0])
    return text(f"cli.wrong.no_such_{kind}", name=shown)


def _name(param: Any) -> str:
    option = str(param.opts[0])
    return option if option.startswith("-") else str(param.name).upper()


def _reason(error: Any) -> Any:
    """Give pydantic's own reason, which we have words for, instead of its English."""
    choice = re.match(r"Value error, '.*' is not one of (.*)\.$", error.message)
    if choice:
        return value_reason({"type": "literal_error", "ctx": {"expected": choice[1]}})
    if isinstance(error.__cause__, ValidationError):
        return value_reason(dict(error.__cause__.errors()[0]))
    return error.message.rstrip(" .")
