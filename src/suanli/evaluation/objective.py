"""Weights of siblings from the data: what tells units apart weighs more.

They say where the data differ, not what matters. Only rows that have every sibling count.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

__all__ = [
    "FEWEST_ROWS",
    "METHODS",
    "NEEDS",
    "critic_weights",
    "cv_weights",
    "entropy_weights",
    "gini_weights",
    "merec_weights",
    "pca_loadings",
    "pca_weights",
    "signed_pca_weights",
]

FEWEST_ROWS: Final = 3
"""Fewest complete rows weights are drawn from."""


def entropy_weights(frame: pd.DataFrame) -> pd.Series:
    """Weigh columns by how unevenly their total is spread over the rows (entropy).

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores without gaps, not negative, at least two rows; better is higher.

    Returns
    -------
    pandas.Series
        By column, sums to 1; missing throughout if no column differs between rows.

    Notes
    -----
    ``w_j ~ 1 + sum_i p_ij ln p_ij / ln n``, ``p_ij = x_ij / sum_i x_ij``, ``0 ln 0 = 0``

    Shannon (1948); Hwang and Yoon, Multiple Attribute Decision Making (1981)

    Examples
    --------
    >>> frame = pd.DataFrame({"even": [1.0, 1, 1], "one": [0.0, 0, 1]})
    >>> entropy_weights(frame).round(12).to_dict()
    {'even': 0.0, 'one': 1.0}
    """
    shares = frame / frame.sum()
    terms = shares * np.log(shares.where(shares > 0, 1.0))
    return _shares(1.0 + terms.sum() / np.log(len(frame)))


def critic_weights(frame: pd.DataFrame) -> pd.Series:
    """Weigh columns by their spread and their conflict with the others (CRITIC).

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores without gaps, on one scale; better is higher.

    Returns
    -------
    pandas.Series
        By column, sums to 1; missing throughout if no column differs from the others.

    Notes
    -----
    ``w_j ~ s_j sum_k (1 - r_jk)``, s the standard deviation, r Pearson's correlation (0 with
    a constant column)

    Diakoulaki, Mavrotas and Papayannakis (1995), Computers & Operations Research 22

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [0.0, 1, 2], "b": [0.0, 1, 2], "c": [2.0, 1, 0]})
    >>> critic_weights(frame).round(12).to_dict()
    {'a': 0.25, 'b': 0.25, 'c': 0.5}
    """
    conflict = 1.0 - _correlations(frame)
    # A correlation of 1 comes out as 1 minus rounding.
    kept = conflict.where(conflict > _ROUNDING, 0.0)
    return _shares(frame.std(ddof=1) * kept.sum())


def cv_weights(frame: pd.DataFrame) -> pd.Series:
    """Weigh columns by their coefficient of variation.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores without gaps, means positive; better is higher.

    Returns
    -------
    pandas.Series
        By column, sums to 1; missing throughout if no column varies.

    Notes
    -----
    ``w_j ~ s_j / mean_j``, s the standard deviation with divisor ``n - 1``

    Pearson (1896); the coefficient of variation method of Chinese evaluation practice

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 6, 9], "c": [9.0, 10, 11]})
    >>> cv_weights(frame).round(4).to_dict()
    {'a': 0.4545, 'b': 0.4545, 'c': 0.0909}
    """
    return _shares(frame.std(ddof=1) / frame.mean())


def gini_weights(frame: pd.DataFrame) -> pd.Series:
    """Weigh columns by how unequally rows share in them (Gini coefficient).

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores without gaps, not negative; better is higher.

    Returns
    -------
    pandas.Series
        By column, sums to 1; missing throughout if no column differs between rows.

    Notes
    -----
    ``w_j ~ sum_i sum_k |x_ij - x_kj| / (2 n^2 mean_j)``

    Gini (1912); Li and Chi (2009); pymcdm's and scikit-criteria's ``gini_weights``

    Examples
    --------
    >>> frame = pd.DataFrame({"even": [1.0, 1, 1], "one": [0.0, 0, 1]})
    >>> gini_weights(frame).to_dict()
    {'even': 0.0, 'one': 1.0}
    """
    places = 2.0 * np.arange(1, len(frame) + 1) - len(frame) - 1.0
    ordered = np.sort(frame.to_numpy(dtype=float), axis=0)
    spread = pd.Series(places @ ordered, index=frame.columns)
    shares = spread / (len(frame) * frame.sum())
    # Differences of equal values come out as rounding.
    return _shares(shares.where(shares > _ROUNDING, 0.0))


def merec_weights(frame: pd.DataFrame) -> pd.Series:
    """Weigh columns by what their removal changes (MEREC).

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores without gaps, all positive; better is higher.

    Returns
    -------
    pandas.Series
        By column, sums to 1; missing throughout if no removal changes anything.

    Notes
    -----
    ``w_j ~ sum_i |S_i without j - S_i|``, ``S_i = ln(1 + sum_j ln(x_ij / min_j) / m)``

    Keshavarz-Ghorabaee, Amiri, Zavadskas, Turskis and Antucheviciene (2021), Symmetry 13(4),
    525, its form for benefit criteria

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 4], "b": [1.0, 1, 1]})
    >>> merec_weights(frame).to_dict()
    {'a': 1.0, 'b': 0.0}
    """
    distances = (frame / frame.min()).apply(np.log)
    total = distances.sum(axis=1)
    size = frame.shape[1]
    whole = (total / size).apply(np.log1p)
    without = (distances.rsub(total, axis=0) / size).apply(np.log1p)
    return _shares(without.sub(whole, axis=0).abs().sum())


def pca_weights(frame: pd.DataFrame) -> pd.Series:
    """Weigh columns by their squared loading on the first principal component.

    A column against the others still gets a positive weight: look at the correlations first.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores without gaps; better is higher.

    Returns
    -------
    pandas.Series
        By column, sums to 1; missing throughout if no column differs between rows.

    Notes
    -----
    ``w_j = v_j^2``, v the first unit eigenvector of the correlation matrix

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6, with one
    component and so without rotation; COINr's ``get_PCA`` gives v itself (``pca_coinr``)

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [0.0, 1, 2, 1], "b": [0.0, 1, 2, 1], "c": [1.0, 0, 1, 2]})
    >>> pca_weights(frame).round(12).to_dict()
    {'a': 0.5, 'b': 0.5, 'c': 0.0}
    """
    return _shares(pca_loadings(frame) ** 2)


def pca_loadings(frame: pd.DataFrame) -> pd.Series:
    """Return the loadings on the first principal component, signs and all.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores without gaps; better is higher.

    Returns
    -------
    pandas.Series
        By column, squares sum to 1, turned so that the sum is not negative; missing
        throughout if no column differs between rows.

    Notes
    -----
    First unit eigenvector of the correlation matrix: what COINr's ``get_PCA`` writes as
    weights, there with the sign its solver happens to give

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [0.0, 1, 2, 1], "b": [0.0, 1, 2, 1], "c": [1.0, 0, 1, 2]})
    >>> pca_loadings(frame).abs().round(4).to_dict()
    {'a': 0.7071, 'b': 0.7071, 'c': 0.0}
    """
    if not (frame.std(ddof=1) > 0).any():
        return pd.Series(np.nan, index=frame.columns)
    _, vectors = np.linalg.eigh(_correlations(frame).to_numpy(dtype=float))
    loadings = vectors[:, -1]
    return pd.Series(loadings if loadings.sum() >= 0 else -loadings, index=frame.columns)


def signed_pca_weights(frame: pd.DataFrame) -> pd.Series:
    """Weigh columns by their loading on the first principal component, as COINr does.

    A column against the others gets a negative weight, so that doing better in it lowers
    the score: ``pca`` is the weighting to prefer.

    Parameters
    ----------
    frame : pandas.DataFrame
        Scores without gaps; better is higher.

    Returns
    -------
    pandas.Series
        By column, sums to 1; missing throughout if no column differs between rows, or the
        loadings cancel.

    Notes
    -----
    ``w_j ~ v_j``, v the first unit eigenvector of the correlation matrix

    COINr (Becker et al. 2022), ``get_PCA``, among the siblings of each node

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [0.0, 1, 2, 1], "b": [0.0, 1, 2, 1], "c": [2.0, 1, 0, 1]})
    >>> signed_pca_weights(frame).round(6).to_dict()
    {'a': 1.0, 'b': 1.0, 'c': -1.0}
    """
    loadings = pca_loadings(frame)
    total = float(loadings.sum())
    return loadings / total if total > _CANCELLED else loadings * np.nan


def _correlations(frame: pd.DataFrame) -> pd.DataFrame:
    """Correlate columns; a constant one with nothing, not even itself."""
    return frame.corr().fillna(0.0)


def _shares(amounts: pd.Series) -> pd.Series:
    # Rounding dust around zero is no difference.
    kept = amounts.where(amounts > _DUST, 0.0)
    total = float(kept.sum())
    return kept / total if total > 0 else pd.Series(np.nan, index=amounts.index)


_DUST: Final = 1e-14
_ROUNDING: Final = 1e-12
# Loadings whose sum is this small cannot be shares of it.
_CANCELLED: Final = 1e-6

METHODS: Final[Mapping[str, Callable[[pd.DataFrame], pd.Series]]] = MappingProxyType(
    {
        "entropy": entropy_weights,
        "critic": critic_weights,
        "cv": cv_weights,
        "gini": gini_weights,
        "merec": merec_weights,
        "pca": pca_weights,
        "pca_coinr": signed_pca_weights,
    }
)
"""Weightings from data by name."""

NEEDS: Final[Mapping[str, tuple[str, Callable[[pd.DataFrame], pd.Series]]]] = MappingProxyType(
    {
        "entropy": ("x >= 0, sum > 0", lambda frame: (frame >= 0).all() & (frame.sum() > 0)),
        "cv": ("mean > 0", lambda frame: frame.mean() > 0),
        "gini": ("x >= 0, sum > 0", lambda frame: (frame >= 0).all() & (frame.sum() > 0)),
        "merec": ("x > 0", lambda frame: (frame > 0).all()),
    }
)
"""What a weighting needs of each column: in signs, and as a test."""
