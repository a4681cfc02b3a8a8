"""One stream of chance per purpose."""

from zlib import crc32

import numpy as np

__all__ = ["generator"]


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return the generator of one purpose.

    Every purpose has its own stream, so that adding or leaving out a test changes no other.

    Parameters
    ----------
    seed : int
        Seed of the study.
    purpose : str
        Name of the test.

    Returns
    -------
    numpy.random.Generator
        The same for the same seed and purpose.

    Examples
    --------
    >>> a, b = generator(1, "gap"), generator(1, "gap")
    >>> bool(a.random() == b.random())
    True
    """
    return np.random.default_rng([seed, crc32(purpose.encode())])
