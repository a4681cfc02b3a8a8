"""One thread of BLAS, so that no rounding hangs on the number of cores."""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # it has no stubs

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS and LAPACK to one thread inside a block, or inside a decorated function.

    Yields
    ------
    None
        Products and factors of dense matrices, split among threads, would be added up in
        another order, and their last digits would differ from one machine to the next.

    Examples
    --------
    >>> import numpy as np
    >>> with one_thread():
    ...     np.linalg.det(np.eye(2))
    np.float64(1.0)
    """
    with threadpool_limits(limits=1, user_api="blas"):
        yield
