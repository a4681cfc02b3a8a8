"""Where the parts of a long computation run: threads of this machine, or workers elsewhere.

A computation is cut into parts that do not need each other, each with its own share of the
drawn numbers. The cut depends on the problem alone, so that the result is the same bit for bit
wherever parts run, in whatever order they end.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

__all__ = ["Threads", "Workers", "computing_on", "current_workers"]

Shared = TypeVar("Shared")
Part = TypeVar("Part")
Result = TypeVar("Result")


class Workers(Protocol):
    """What computes parts."""

    @property
    def shares(self) -> int:
        """In how many shares work is well cut whose cut changes nothing.

        Returns
        -------
        int
            A few for every part that runs at a time.
        """

    def results(
        self, function: Callable[[Shared, Part], Result], shared: Shared, parts: Iterable[Part]
    ) -> Iterator[Result]:
        """Compute every part, and yield the results in the order of the parts.

        Parameters
        ----------
        function : callable
            Takes what is shared and a part. Defined in a module, so that others can find it.
        shared : object
            What every part needs; sent once to each worker. Read, never changed.
        parts : Iterable
            Taken only as fast as they are computed.

        Yields
        ------
        object
            What ``function`` returned for the next part.
        """


class Threads:
    """Threads of this process: numpy lets go of the interpreter in its loops.

    Parameters
    ----------
    count : int, optional
        Parts computed at a time; one per core when absent.

    Examples
    --------
    >>> list(Threads(2).results(pow, 2, [1, 2, 3]))
    [2, 4, 8]
    """

    def __init__(self, count: int | None = None) -> None:
        self._count = count or os.cpu_count() or 1

    @property
    def shares(self) -> int:
        """In how many shares work is well cut whose cut changes nothing.

        Returns
        -------
        int
            So many that an interruption does not wait long.
        """
        return 8 * self._count

    def results(
        self, function: Callable[[Shared, Part], Result], shared: Shared, parts: Iterable[Part]
    ) -> Iterator[Result]:
        """Compute every part, and yield the results in the order of the parts.

        Parameters
        ----------
        function : callable
            Takes what is shared and a part.
        shared : object
            What every part needs.
        parts : Iterable
            Taken only as fast as they are computed: one waits for every thread.

        Yields
        ------
        object
            What ``function`` returned for the next part.
        """
        pending: deque[Future[Result]] = deque()
        pool = ThreadPoolExecutor(self._count)
        try:
            for part in parts:
                if len(pending) > self._count:
                    yield pending.popleft().result()
                pending.append(pool.submit(function, shared, part))
            while pending:
                yield pending.popleft().result()
        finally:
            # After an error or an interruption nobody waits for the rest.
            pool.shutdown(cancel_futures=True)


_CURRENT: ContextVar[Workers] = ContextVar("workers", default=Threads())  # noqa: B039 # it holds nothing


def current_workers() -> Workers:
    """Return what computes parts now.

    Returns
    -------
    Workers
        Threads of this process, unless :func:`computing_on` says otherwise.

    Examples
    --------
    >>> isinstance(current_workers(), Threads)
    True
    """
    return _CURRENT.get()


@contextmanager
def computing_on(workers: Workers) -> Iterator[None]:
    """Let other workers compute inside a block. Results do not change by it.

    Parameters
    ----------
    workers : Workers
        For example of :func:`geo.cluster.connected`.

    Yields
    ------
    None
        For the block.

    Examples
    --------
    >>> one = Threads(1)
    >>> with computing_on(one):
    ...     current_workers() is one
    True
    """
    token = _CURRENT.set(workers)
    try:
        yield
    finally:
        _CURRENT.reset(token)
