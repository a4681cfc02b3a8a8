"""Weights out of pairwise judgements (analytic hierarchy process)."""

from dataclasses import dataclass

import pandas as pd

from suanli.profile.pairwise import CONSISTENCY_LIMIT, principal

__all__ = ["CONSISTENCY_LIMIT", "Priorities", "ahp_priorities"]


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
    rows = matrix.loc[:, matrix.index].to_numpy(dtype=float).tolist()
    weights, ratio = principal(tuple(map(tuple, rows)))
    return Priorities(weights=pd.Series(weights, index=matrix.index), consistency_ratio=ratio)
