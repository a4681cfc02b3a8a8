"""Everything wrong with a question, reported at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from suanli.errors import InputError, Problem

__all__ = ["Gather"]


class Gather:
    """Collects problems of checks that do not need each other.

    Examples
    --------
    >>> gather = Gather()
    >>> for code in ("a.one", "a.two"):
    ...     with gather.kept():
    ...         raise InputError([Problem(code=code)])
    >>> gather.settle()
    Traceback (most recent call last):
    suanli.errors.InputError: a.one {}
    a.two {}
    [a.one, a.two]
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep what a check refuses, and go on.

        Yields
        ------
        None
            For one check.
        """
        try:
            yield
        except InputError as error:
            self.problems.extend(error.problems)

    def settle(self) -> None:
        """Refuse the question if anything was found.

        Raises
        ------
        InputError
            All that was found, each once.
        """
        if self.problems:
            once = {repr(problem): problem for problem in self.problems}
            raise InputError(list(once.values()))
