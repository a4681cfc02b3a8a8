"""Weights and consistency of pairwise judgements (analytic hierarchy process)."""

from functools import lru_cache
from typing import Final

import numpy as np

__all__ = ["CONSISTENCY_LIMIT", "MOST_COMPARED", "principal"]

CONSISTENCY_LIMIT: Final = 0.1
"""Largest consistency ratio accepted (Saaty 1980)."""

# Saaty's random index: mean consistency index of random reciprocal matrices of size n.
_RANDOM_INDEX: Final = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)

MOST_COMPARED: Final = len(_RANDOM_INDEX) - 1
"""Most elements of a judgement matrix: the random index is known no further."""


@lru_cache(maxsize=256)
def principal(matrix: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], float]:
    """Return the principal eigenvector of a judgement matrix and its consistency ratio.

    Parameters
    ----------
    matrix : tuple[tuple[float, ...], ...]
        Positive, square, reciprocal; at most :data:`MOST_COMPARED` elements.

    Returns
    -------
    tuple[tuple[float, ...], float]
        Weights that sum to 1, and ``(lambda_max - n) / (n - 1) / RI(n)``, which is 0 for two
        elements.

    Raises
    ------
    ValueError
        More elements than the random index is known for.

    Notes
    -----
    T. L. Saaty, The Analytic Hierarchy Process, McGraw-Hill, 1980.

    Examples
    --------
    >>> weights, ratio = principal(((1, 3), (1 / 3, 1)))
    >>> [round(weight, 6) for weight in weights], ratio
    ([0.75, 0.25], 0.0)
    """
    size = len(matrix)
    if size > MOST_COMPARED:
        raise ValueError(f"the random index is known up to {MOST_COMPARED} elements, got {size}")
    values, vectors = np.linalg.eig(np.array(matrix, dtype=float))
    first = int(np.argmax(values.real))
    vector = np.abs(vectors[:, first].real)
    index = (values[first].real - size) / (size - 1) if size > 1 else 0.0
    random = _RANDOM_INDEX[size]
    weights = tuple((vector / vector.sum()).tolist())
    return weights, float(index / random) if random else 0.0
