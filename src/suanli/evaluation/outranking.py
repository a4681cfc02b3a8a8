"""Outranking: who is better in the weightier columns, pair by pair."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Outranking", "copeland", "outranking_matrix"]

_Matrix = npt.NDArray[np.float64]
_DUST: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outranking:
    """Which row is better than which, and how many pairs leave no doubt.

    Attributes
    ----------
    matrix : pandas.DataFrame
        ``matrix.loc[a, b]``: share of the weight of the columns in which ``a`` is higher than
        ``b``, equal ones counting half; 0 on the diagonal, missing where the two have no
        column in common. ``matrix.loc[b, a]`` is 1 minus that.
    dominant : int
        Pairs of which one is higher in everything that has weight.
    fraction : float
        ``dominant`` as a share of all pairs; missing for a single row.
    """

    matrix: pd.DataFrame
    dominant: int
    fraction: float


def outranking_matrix(frame: pd.DataFrame, weights: pd.Series) -> Outranking:
    """Compare every row with every other, column by column.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, shape (rows, siblings).
    weights : pandas.Series
        Weight of each column, by label; not negative.

    Returns
    -------
    Outranking
        Shape (rows, rows), and the dominant pairs.

    Notes
    -----
    ``(sum_j w_j [x_ij > x_kj] + sum_j w_j [x_ij = x_kj] / 2) / sum_j w_j``, j the columns both
    have

    Munda and Nardo (2009); COINr's ``outrankMatrix``, which counts a missing value against
    the row further up

    Examples
    --------
    >>> frame = pd.DataFrame([[1.0, 3, 2], [2, 2, 3], [3, 1, 1], [4, 5, 4]], columns=list("abc"))
    >>> result = outranking_matrix(frame, pd.Series(1.0, index=list("abc")))
    >>> result.matrix[0].round(4).to_list()
    [0.0, 0.6667, 0.3333, 1.0]
    >>> result.dominant, result.fraction
    (3, 0.5)
    """
    balance, compared = _balance(frame, weights)
    shares = np.full(balance.shape, np.nan)
    np.divide(balance, compared, out=shares, where=compared > 0)
    shares = (1.0 + shares) / 2.0
    np.fill_diagonal(shares, 0.0)
    dominant = int((shares > 1.0 - _DUST).sum())
    pairs = len(frame) * (len(frame) - 1) // 2
    return Outranking(
        matrix=pd.DataFrame(shares, index=frame.index, columns=frame.index),
        dominant=dominant,
        fraction=dominant / pairs if pairs else float("nan"),
    )


def copeland(frame: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Count the rows each row outranks, minus those that outrank it.

    A row outranks another when the columns in which it is higher weigh more than those in
    which it is lower. Only columns both have are compared.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores, shape (rows, siblings).
    weights : pandas.Series
        Weight of each column, by label.

    Returns
    -------
    pandas.Series
        Between ``1 - n`` and ``n - 1`` for n rows; missing where no value is present.

    Notes
    -----
    ``sum_k sign(sum_j w_j sign(x_ij - x_kj))``

    Copeland, A reasonable social welfare function (1951); Munda and Nardo (2009)

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 2, 1], "c": [2.0, 3, 1]})
    >>> copeland(frame, pd.Series({"a": 0.2, "b": 0.4, "c": 0.4})).to_list()
    [0.0, 2.0, -2.0]
    """
    balance, _ = _balance(frame, weights)
    # Weights that cancel leave rounding dust, which is no preference.
    wins = np.sign(np.where(np.abs(balance) < _DUST, 0.0, balance)).sum(axis=1)
    return pd.Series(wins, index=frame.index).where(frame.notna().any(axis=1))


def _balance(frame: pd.DataFrame, weights: pd.Series) -> tuple[_Matrix, _Matrix]:
    """Return weight for less weight against each row over each other, and weight compared."""
    balance = np.zeros((len(frame), len(frame)))
    compared = np.zeros((len(frame), len(frame)))
    for name in frame.columns:
        values = frame[name].to_numpy(dtype=float)
        higher = np.sign(values[:, None] - values[None, :])
        balance += float(weights[name]) * np.nan_to_num(higher)
        compared += float(weights[name]) * ~np.isnan(higher)
    return balance, compared
