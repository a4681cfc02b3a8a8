"""Ranks of many replicates at once, their histogram, and quantiles that are whole ranks."""

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Ties", "quantile", "rank_histogram", "rank_labels", "ranks_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ties = Literal["min", "average", "dense"]


def rank_labels(units: int, ties: Ties) -> Floats:
    """Return the ranks that units can have, in ascending order.

    Parameters
    ----------
    units : int
        How many are ranked.
    ties : {"min", "average", "dense"}
        Tie rule.

    Returns
    -------
    numpy.ndarray
        From 1; with halves where equal scores share the average.

    Examples
    --------
    >>> rank_labels(3, "average").tolist()
    [1.0, 1.5, 2.0, 2.5, 3.0]
    """
    return np.arange(1.0, units + 0.5, 0.5 if ties == "average" else 1.0)


def ranks_of(scores: Floats, ties: Ties) -> Floats:
    """Rank the units of every replicate, the highest score first.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (replicates, units); missing is not ranked.
    ties : {"min", "average", "dense"}
        Tie rule.

    Returns
    -------
    numpy.ndarray
        Same shape, ranks from 1; missing where the score is.

    Examples
    --------
    >>> ranks_of(np.array([[5.0, 9.0, np.nan, 5.0]]), "min").tolist()
    [[2.0, 1.0, nan, 2.0]]
    """
    order, places = _places(scores, ties)
    ranks = np.empty(scores.shape)
    np.put_along_axis(ranks, order, rank_labels(scores.shape[1], ties)[places], axis=1)
    return np.where(np.isnan(scores), np.nan, ranks)


def rank_histogram(scores: Floats, ties: Ties) -> Ints:
    """Count how often each unit has each rank.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (replicates, units); missing is not ranked.
    ties : {"min", "average", "dense"}
        Tie rule.

    Returns
    -------
    numpy.ndarray
        Counts, shape (units, ranks), ranks as :func:`rank_labels` lists them.

    Examples
    --------
    >>> rank_histogram(np.array([[3.0, 1.0], [2.0, 4.0], [5.0, 0.0]]), "min").tolist()
    [[2, 1], [1, 2]]
    """
    units = scores.shape[1]
    bins = len(rank_labels(units, ties))
    order, places = _places(scores, ties)
    cells = order * bins + places
    scored = units - np.isnan(scores).sum(axis=1)
    # Missing scores are sorted to the end.
    counted = cells.ravel() if (scored == units).all() else cells[
        np.arange(units) < scored[:, None]
    ]  # fmt: skip
    return np.bincount(counted, minlength=units * bins).reshape(units, bins)


def _places(scores: Floats, ties: Ties) -> tuple[Ints, Ints]:
    """Sort each row, best first; with the place of each rank among the possible ones."""
    order = np.argsort(-scores, axis=1)
    ordered = np.take_along_axis(scores, order, axis=1)
    position = np.arange(scores.shape[1])
    step = 2 if ties == "average" else 1
    places = np.broadcast_to(position * step, scores.shape)
    same = ordered[:, 1:] == ordered[:, :-1]
    tied = same.any(axis=1)
    if tied.any():
        places = places.copy()
        places[tied] = _tied(same[tied], position, ties)
    return order, places


def _tied(same: npt.NDArray[np.bool_], position: Ints, ties: Ties) -> Ints:
    rows = len(same)
    new = np.concatenate([np.ones((rows, 1), dtype=bool), ~same], axis=1)
    if ties == "dense":
        return np.cumsum(new, axis=1) - 1
    first = np.maximum.accumulate(np.where(new, position, 0), axis=1)
    if ties == "min":
        return first
    ends = np.concatenate([~same, np.ones((rows, 1), dtype=bool)], axis=1)
    beyond = np.where(ends, position, len(position))
    last = np.minimum.accumulate(beyond[:, ::-1], axis=1)[:, ::-1]
    return first + last


def quantile(counts: Ints, labels: Floats, share: float) -> Floats:
    """Return the least rank that a share of the replicates does not exceed.

    Parameters
    ----------
    counts : numpy.ndarray
        Shape (units, ranks).
    labels : numpy.ndarray
        The ranks.
    share : float
        Between 0 and 1.

    Returns
    -------
    numpy.ndarray
        One of ``labels`` per unit (inverse of the empirical distribution function); missing
        where a unit was never ranked.

    Examples
    --------
    >>> quantile(np.array([[1, 18, 1]]), np.array([1.0, 2.0, 3.0]), 0.05).tolist()
    [1.0]
    """
    total = counts.sum(axis=1)
    # Decimal fractions are not exact: 0.07 * 100 is a little more than 7.
    needed = np.array([max(1, math.ceil(share * float(n) - 1e-6)) for n in total])
    reached = np.cumsum(counts, axis=1) >= needed[:, None]
    return np.where(total > 0, labels[np.argmax(reached, axis=1)], np.nan)
