"""Errors of the application: problems a user can mend, reported all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["InputError", "Problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with what the user gave us.

    Attributes
    ----------
    code : str
        Stable identifier, also the key of the sentence in the message catalogues
        (``messages/*/problems.toml``), for example ``"profile.unknown"``.
    params : Mapping[str, Any]
        The values the sentence is made of: file, sheet, row, column, value, remedy.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


class InputError(ValueError):
    """What the user gave cannot be used; the command ends with exit code 1.

    Parameters
    ----------
    problems : Sequence[Problem]
        Everything found wrong, in reading order; at least one.

    Examples
    --------
    >>> error = InputError([Problem(code="profile.unknown", params={"name": "x"})])
    >>> error.problems[0].code
    'profile.unknown'
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        if not problems:
            raise ValueError("an InputError needs at least one problem")
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.code} {dict(p.params)}" for p in self.problems))
