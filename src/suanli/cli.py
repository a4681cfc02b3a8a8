"""The command line: parse, call, and say what went wrong in the user's language.

Exit codes: 0 done, 1 the input was rejected, 2 wrong usage, 3 our fault, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from suanli.errors import InputError, Problem, os_reason, parse_toml
from suanli.text import LANGUAGES, Language, Text, escaped

__all__ = ["DONE", "FAULT", "INTERRUPTED", "REJECTED", "USAGE", "main"]

DONE, REJECTED, USAGE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130
_MOST = 8


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    argv : Sequence[str], optional
        Arguments; those of the process by default.

    Raises
    ------
    SystemExit
        Always, with the exit code.

    Examples
    --------
    >>> main(["list", "profiles", "--lang", "en"])
    Traceback (most recent call last):
    SystemExit: 0
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    text = Text(_language(arguments))
    raise SystemExit(_guarded(_without_language(arguments), text))


def _without_language(arguments: Sequence[str]) -> list[str]:
    """Take ``--lang`` out, so that it may stand anywhere, before ``--help`` too."""
    left: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument in {f"--lang={lang}" for lang in LANGUAGES}:
            continue
        following = next(rest, None) if argument == "--lang" else None
        if following in LANGUAGES:
            continue
        left += [argument] if following is None else [argument, following]
    return left


def _language(arguments: Sequence[str]) -> Language:
    """Find the language before anything is parsed: help and errors speak it too."""
    wanted = os.environ.get("SUANLI_LANG", "")
    for argument in arguments:
        if argument.endswith(".toml"):
            wanted = _configured(Path(argument)) or wanted
    for place, argument in enumerate(arguments):
        if argument == "--lang" and place + 1 < len(arguments):
            wanted = arguments[place + 1]
        elif argument.startswith("--lang="):
            wanted = argument.removeprefix("--lang=")
    return next((lang for lang in LANGUAGES if lang == wanted), LANGUAGES[0])


def _configured(path: Path) -> str:
    # What is wrong with the file is said later, in whatever language is left.
    try:
        return str(parse_toml(path.read_bytes()).get("lang", ""))
    except (OSError, ValueError):
        return ""


def _guarded(arguments: Sequence[str], text: Text) -> int:
    from typer.exceptions import TyperException

    from suanli.commands import command_of
    from suanli.commands.usage import usage_detail

    try:
        command = command_of(text)
        outcome = command.main(list(arguments), prog_name="suanli", standalone_mode=False)
    except TyperException as error:
        detail = usage_detail(error, text)
        stop = text("cli.after_question" if detail.endswith(("?", "？")) else "cli.stop")
        print(text("cli.usage", detail=detail, stop=stop), file=sys.stderr)  # noqa: T201
        return USAGE
    except InputError as error:
        return _rejected(error.problems, text)
    except BrokenPipeError:
        # Whoever read our output, such as head, has had enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        params = {"file": error.filename or "?", "detail": os_reason(error)}
        return _rejected([Problem(code="problems.os_error", params=params)], text)
    except KeyboardInterrupt:
        outcome = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence: users see no traceback
        return _failed(error, text)
    if outcome == INTERRUPTED:
        print(text("cli.interrupted"), file=sys.stderr)  # noqa: T201
    return outcome if isinstance(outcome, int) else DONE


def _rejected(problems: Sequence[Problem], text: Text) -> int:
    from suanli.run.units import call_by_name

    for problem in (call_by_name(problem, text) for problem in problems):
        print(text(problem.code, **problem.params), file=sys.stderr)  # noqa: T201
    return REJECTED


def _failed(error: Exception, text: Text) -> int:
    """Tell a rejected input of ``geo`` from a fault of ours."""
    from geo.errors import GeoError

    if isinstance(error, GeoError):
        if not text.has(error.code):
            print(escaped(str(error)), file=sys.stderr)  # noqa: T201
            return REJECTED
        params = {key: _listed(value) for key, value in error.params.items()}
        return _rejected([Problem(code=error.code, params=params)], text)
    if os.environ.get("SUANLI_DEBUG"):
        raise error
    detail = f"{type(error).__name__}: {error}"
    print(text("cli.fault", detail=detail), file=sys.stderr)  # noqa: T201
    return FAULT


def _listed(value: object) -> object:
    """Write a list as words, not as Python would."""
    if not isinstance(value, list | tuple):
        return value
    shown = [str(item) for item in value[:_MOST]]
    return ", ".join([*shown, "…"] if len(value) > _MOST else shown)
