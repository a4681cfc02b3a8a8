"""Parts of a computation on the workers of a Dask cluster, here or elsewhere.

Needs the extra ``cluster``. Everything a part needs travels inside its task, so that a part whose
worker died is computed again by another one, from the same numbers.
"""

import hashlib
import importlib.util
import platform
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from geo.errors import WorkersError

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Cluster", "connected", "started"]

Shared = TypeVar("Shared")
Part = TypeVar("Part")
Result = TypeVar("Result")

# Parts waiting beside those that run: a worker that ends one has the next.
_AHEAD = 2
_PER_THREAD = 4
_MOST = 256
_SCHEMES = frozenset({"tcp", "tls"})
_LIBRARIES = ("numpy", "scipy", "pandas")


class Cluster:
    """Workers of a Dask cluster.

    Parameters
    ----------
    client : distributed.Client
        Connected.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._threads = max(1, sum(int(threads) for threads in client.nthreads().values()))

    @property
    def shares(self) -> int:
        """In how many shares work is well cut whose cut changes nothing.

        Returns
        -------
        int
            So many that a lost worker loses little.
        """
        return _PER_THREAD * self._threads

    def results(
        self, function: Callable[[Shared, Part], Result], shared: Shared, parts: Iterable[Part]
    ) -> Iterator[Result]:
        """Compute every part, and yield the results in the order of the parts.

        Parameters
        ----------
        function : callable
            Takes what is shared and a part.
        shared : object
            What every part needs; sent to a worker once.
        parts : Iterable
            Taken only as fast as they are computed.

        Yields
        ------
        object
            What ``function`` returned for the next part.

        Raises
        ------
        WorkersError
            A worker runs another release; a part ended every worker that tried it; the
            scheduler is gone.
        """
        pending: deque[Any] = deque()
        release = _release(function.__module__.partition(".")[0])
        held = self._client.submit(_held, shared, pure=False)
        try:
            for part in parts:
                if len(pending) >= _AHEAD * self._threads:
                    yield self._taken(pending.popleft())
                task = self._client.submit(_compute, release, function, held, part, pure=False)
                pending.append(task)
            while pending:
                yield self._taken(pending.popleft())
        finally:
            for task in (*pending, held):
                task.release()

    def _taken(self, task: Any) -> Any:
        from distributed import CancelledError, KilledWorker  # noqa: PLC0415 # an extra

        try:
            return task.result()
        except KilledWorker as error:
            raise WorkersError(
                f"a part of the computation ended {error.allowed_failures + 1} workers that "
                "tried it, most often for want of memory; give workers more memory, or fewer "
                "threads each",
                code="workers.killed",
                workers=error.allowed_failures + 1,
            ) from None
        except (CancelledError, OSError):
            raise WorkersError(
                "the scheduler or every worker is gone; nothing was written; start them and run "
                "again",
                code="workers.gone",
            ) from None


@contextmanager
def connected(address: str, *, wait: float = 20.0) -> Iterator[Cluster]:
    """Use the workers of a running scheduler.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://127.0.0.1:8786``.
    wait : float
        Seconds to wait for the scheduler and its first worker.

    Yields
    ------
    Cluster
        For the block.

    Raises
    ------
    WorkersError
        Dask is not installed; nobody answers at the address; there are no workers.

    Examples
    --------
    >>> with connected("tcp://127.0.0.1:1", wait=0.2):
    ...     pass
    Traceback (most recent call last):
    geo.errors.WorkersError: no scheduler answers at tcp://127.0.0.1:1; start one ...
    """
    _need()
    from distributed import Client  # noqa: PLC0415 # an extra

    unreachable = WorkersError(
        f"no scheduler answers at {address}; start one with 'dask scheduler' and give the address "
        "it prints",
        code="workers.unreachable",
        address=address,
    )
    if not _answers(address, wait=wait):
        raise unreachable
    with _quietly():
        try:
            client = Client(address, timeout=wait, set_as_default=False)
        except (OSError, ValueError, TypeError):
            raise unreachable from None
        try:
            _await(client, 1, wait=wait, where=address)
            yield Cluster(client)
        finally:
            client.close(timeout=5)


@contextmanager
def started(count: int, *, wait: float = 60.0) -> Iterator[Cluster]:
    """Start workers on this machine, each a process of one thread, and end them afterwards.

    Parameters
    ----------
    count : int
        Workers.
    wait : float
        Seconds to wait for them.

    Yields
    ------
    Cluster
        For the block.

    Raises
    ------
    WorkersError
        Dask is not installed; no or too many workers are asked for; they do not start.

    Examples
    --------
    >>> with started(0):
    ...     pass
    Traceback (most recent call last):
    geo.errors.WorkersError: 0 workers ...
    """
    _need()
    from distributed import Client, LocalCluster  # noqa: PLC0415 # an extra

    if not 1 <= count <= _MOST:
        raise WorkersError(
            f"{count} workers were asked for; from 1 to {_MOST} can be started here",
            code="workers.count",
            count=count,
            most=_MOST,
        )
    with (
        _quietly(),
        LocalCluster(
            n_workers=count, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        _await(client, count, wait=wait, where="127.0.0.1")
        yield Cluster(client)


def _answers(address: str, *, wait: float) -> bool:
    """Knock before a client is made: clients that fail leave threads behind, and take long."""
    try:
        parts = urlsplit(address)
        if parts.scheme not in _SCHEMES or not parts.hostname or not parts.port:
            return False
        socket.create_connection((parts.hostname, parts.port), timeout=wait).close()
    except (OSError, ValueError):
        return False
    return True


def _need() -> None:
    if importlib.util.find_spec("distributed") is None:
        raise WorkersError(
            "workers need Dask, which is not installed; pip install 'suanli-atlas[cluster]'",
            code="workers.missing",
        )


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep Dask from printing what the user is told in a sentence."""
    import logging  # noqa: PLC0415 # for this alone

    import dask  # noqa: PLC0415 # an extra

    settings = {
        "distributed.admin.large-graph-warning-threshold": "1 GiB",
        "distributed.admin.tick.limit": "1h",
    }
    names = ("distributed", "distributed.worker", "distributed.scheduler", "distributed.nanny")
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with dask.config.set(settings):
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _await(client: "Client", count: int, *, wait: float, where: str) -> None:
    try:
        client.wait_for_workers(count, timeout=wait)
    except (OSError, TimeoutError):
        raise WorkersError(
            f"the scheduler at {where} has no workers after {wait:g} s; start some with "
            f"'dask worker {where}'",
            code="workers.none",
            address=where,
            seconds=wait,
        ) from None


@cache
def _release(package: str) -> tuple[str, ...]:
    """Tell what computes: equal releases make equal bits."""
    digest = hashlib.sha256()
    for name in sorted({"geo", package}):
        spec = importlib.util.find_spec(name)
        # What is no installed package travels with the task itself.
        folders = spec.submodule_search_locations if spec and spec.origin else None
        for folder in folders or ():
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    libraries = (f"{name} {version(name)}" for name in _LIBRARIES)
    return (python, platform.machine(), *libraries, f"code {digest.hexdigest()[:12]}")


def _held(shared: Shared) -> Shared:
    """Hold what parts share: a task, so that it can be computed again if its worker dies."""
    return shared


def _compute(
    release: tuple[str, ...], function: Callable[[Shared, Part], Result], shared: Shared, part: Part
) -> Result:
    here = _release(function.__module__.partition(".")[0])
    if here != release:
        theirs = ", ".join(sorted(set(here) - set(release)))
        ours = ", ".join(sorted(set(release) - set(here)))
        raise WorkersError(
            f"a worker computes with {theirs}, this process with {ours}; results would not be "
            "the same; install the same release on both",
            code="workers.release",
            theirs=theirs,
            ours=ours,
        )
    return function(shared, part)
