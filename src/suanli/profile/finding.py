"""What a rule of profiles finds: where, which sentence, with which values."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from suanli.errors import Problem
from suanli.profile.draft import UnreadableError
from suanli.profile.model import IndexSpec

__all__ = ["Fault", "Found", "Place", "Rule", "asked"]

Place = tuple[str | int, ...]
"""Tables, numbers and keys that lead to a value, such as ``("indicator", 3, "weight")``."""


class Fault(NamedTuple):
    """One thing wrong with a profile.

    Attributes
    ----------
    place : Place
        Where it stands.
    code : str
        Key of its sentence; among those of profiles where it names no area.
    params : Mapping[str, Any]
        Values of the sentence, but for the file.
    """

    place: Place
    code: str
    params: Mapping[str, Any]

    def problem(self, file: str) -> Problem:
        """Make a problem of it.

        Parameters
        ----------
        file : str
            What to call the profile.

        Returns
        -------
        Problem
            To be reported.

        Examples
        --------
        >>> Fault(("dimension", 0), "cycle", {"path": "a -> a"}).problem("mine.toml").code
        'profile.cycle'
        """
        code = self.code if "." in self.code else f"profile.{self.code}"
        return Problem(code=code, params={"file": file, **self.params})


Found = Iterator[Fault]
Rule = Callable[[IndexSpec], Found]
"""A rule; of a draft it says what it can."""


def asked(rule: Callable[..., Found], *about: Any, **more: Any) -> Found:
    """Ask a rule, which falls silent where a field it needs cannot be read.

    Parameters
    ----------
    rule : Callable
        The rule.
    *about, **more : Any
        What it is asked about.

    Yields
    ------
    Fault
        What it found before it fell silent.

    Examples
    --------
    >>> from suanli.profile.draft import drafted
    >>> def late(spec):
    ...     if spec.year > 2050:
    ...         yield Fault(("year",), "late", {})
    >>> list(asked(late, drafted({"year": "soon"})))
    []
    >>> len(list(asked(late, drafted({"year": 2051}))))
    1
    """
    try:
        yield from rule(*about, **more)
    except UnreadableError:
        return
