"""Where a command computes: threads of this process, processes started for it, or a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager

from geo.cluster import connected, started
from geo.workers import computing_on
from suanli.errors import InputError, Problem

__all__ = ["computing"]


@contextmanager
def computing(*, workers: int | None = None, scheduler: str | None = None) -> Iterator[None]:
    """Compute on workers inside a block. Results are the same bit for bit wherever they are made.

    Parameters
    ----------
    workers : int, optional
        Processes to start on this machine.
    scheduler : str, optional
        Address of a running Dask scheduler.

    Yields
    ------
    None
        For the block.

    Raises
    ------
    InputError
        Both are given.
    geo.errors.WorkersError
        The workers cannot be had.

    Examples
    --------
    >>> with computing():
    ...     pass
    """
    if workers is not None and scheduler is not None:
        raise InputError([Problem(code="workers.both")])
    if workers is None and scheduler is None:
        yield
        return
    source = connected(scheduler) if scheduler is not None else started(workers or 0)
    with source as cluster, computing_on(cluster):
        yield
