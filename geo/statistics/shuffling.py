"""Permuted copies of values, many at once, and what is computed of them on every core."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from geo.statistics.significance import check_rng

__all__ = ["of_permuted_copies", "permuted"]

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]

# Numbers permuted at once: 1 MB stays in cache.
_BLOCK = 1 << 17

# Products with few copies at once read every weight anew; maps larger than a block stay alone.
_FEWEST_ROWS = 4


def permuted(values: Floats, permutations: int, *, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield blocks of permuted copies of ``values``, one copy per row.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        What is permuted.
    permutations : int
        Total number of copies.
    rng : numpy.random.Generator
        Source of the permutations.

    Yields
    ------
    numpy.ndarray, shape (rows, n)
        A block that stays in cache; its size has no effect on the permutations.

    Notes
    -----
    Positions are sorted by random keys of 64 bits less those that number the positions, which
    is faster than exchanging values one by one. Two equal keys leave two values in their
    order; of 40,000 values, three permutations in a million have such a pair.

    Examples
    --------
    >>> blocks = list(permuted(np.arange(3.0), 5, rng=np.random.default_rng(1)))
    >>> [block.shape for block in blocks]
    [(5, 3)]
    """
    for keys in _keys(len(values), permutations, rng):
        yield _arranged(values, keys)


def of_permuted_copies(
    values: Floats,
    function: Callable[[Floats], Floats],
    *,
    permutations: int,
    rng: np.random.Generator,
) -> Iterator[Floats]:
    """Yield what a function makes of blocks of permuted copies, computed on every core.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        What is permuted.
    function : callable
        Maps a block of permuted copies, one per row, to one number per row.
    permutations : int
        Total number of copies.
    rng : numpy.random.Generator
        Source of the permutations, drawn in one order whatever the number of cores.

    Yields
    ------
    numpy.ndarray, shape (rows,)
        Numbers of the next block.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> sums = of_permuted_copies(np.arange(4.0), lambda b: b.sum(axis=1), permutations=3, rng=rng)
    >>> np.concatenate(list(sums)).tolist()
    [6.0, 6.0, 6.0]
    """
    workers = os.cpu_count() or 1
    pending: deque[Future[Floats]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for keys in _keys(len(values), permutations, rng):
            # More blocks in waiting would only take memory.
            if len(pending) > workers:
                yield pending.popleft().result()
            pending.append(pool.submit(lambda block: function(_arranged(values, block)), keys))
        while pending:
            yield pending.popleft().result()


def _keys(n: int, permutations: int, rng: np.random.Generator) -> Iterator[Keys]:
    rows = max(_FEWEST_ROWS, _BLOCK // n) if n <= _BLOCK else 1
    for start in range(0, permutations, rows):
        check_rng(rng)
        shape = (min(rows, permutations - start), n)
        yield rng.integers(0, 1 << 64, shape, dtype=np.uint64)


def _arranged(values: Floats, keys: Keys) -> Floats:
    """Pick values in the order of the keys of a row, whose last bits number the positions."""
    n = len(values)
    position = np.uint64((1 << (n - 1).bit_length()) - 1)
    keys &= ~position
    keys |= np.arange(n, dtype=np.uint64)
    keys.sort(axis=1)
    keys &= position
    return np.take(values, keys.view(np.int64))
