"""One thread of BLAS, so that no rounding hangs on the number of cores."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # it has no stubs

P = ParamSpec("P")
R = TypeVar("R")


def one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Keep BLAS and LAPACK to one thread while a function runs.

    Parameters
    ----------
    function : callable
        Whatever multiplies or factors dense matrices. Split among threads it would add up in
        another order, and the last digits would differ from one machine to the next.

    Returns
    -------
    callable
        The same function, with the same result on any machine of one kind.

    Examples
    --------
    >>> import numpy as np
    >>> one_thread(np.linalg.det)(np.eye(2))
    np.float64(1.0)
    """

    @wraps(function)
    def alone(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return alone
