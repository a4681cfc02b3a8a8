"""Weights out of pairwise judgements (analytic hierarchy process)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

__all__ = ["CONSISTENCY_LIMIT", "Priorities", "ahp_priorities"]

CONSISTENCY_LIMIT: Final = 0.1
"""Largest consistency ratio accepted (Saaty 1980)."""

# Saaty's random index: mean consistency index of random reciprocal matrices of size n.
_RANDOM_INDEX: Final = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priorities:
    """Weights out of one judgement matrix.

    Attributes
    ----------
    weights : pandas.Series
        Principal eigenvector, sums to 1, index in the order of the matrix.
    consistency_ratio : float
        ``(lambda_max - n) / (n - 1) / RI(n)``; 0 for two elements.
    """

    weights: pd.Series
    consistency_ratio: float


def ahp_priorities(matrix: pd.DataFrame) -> Priorities:
    """Return the principal eigenvector of a reciprocal judgement matrix.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Positive, square, ``matrix.loc[a, b]`` says how much more ``a`` matters than ``b``.
        At most ten elements, the range of Saaty's random index.

    Returns
    -------
    Priorities
        Weights and consistency ratio.

    Raises
    ------
    ValueError
        More than ten elements.

    Notes
    -----
    T. L. Saaty, The Analytic Hierarchy Process, McGraw-Hill, 1980.

    Examples
    --------
    >>> matrix = pd.DataFrame([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]],
    ...                       index=list("abc"), columns=list("abc"))
    >>> result = ahp_priorities(matrix)
    >>> result.weights.round(4).to_dict()
    {'a': 0.5714, 'b': 0.2857, 'c': 0.1429}
    >>> abs(result.consistency_ratio) < 1e-12
    True
    """
    size = len(matrix)
    if size >= len(_RANDOM_INDEX):
        raise ValueError(f"the random index is known up to 10 elements, got {size}")
    values, vectors = np.linalg.eig(matrix.loc[:, matrix.index].to_numpy(dtype=float))
    principal = int(np.argmax(values.real))
    vector = np.abs(vectors[:, principal].real)
    index = (values[principal].real - size) / (size - 1) if size > 1 else 0.0
    random = _RANDOM_INDEX[size]
    return Priorities(
        weights=pd.Series(vector / vector.sum(), index=matrix.index),
        consistency_ratio=float(index / random) if random else 0.0,
    )
