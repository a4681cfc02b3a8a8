"""Random sets of places, drawn within strata: hubs as they could also have been chosen."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from suanli.errors import InputError, Problem

__all__ = ["redrawn_sets"]

_BLOCK = 1 << 21


def redrawn_sets(
    places: pd.Index,
    chosen: pd.Index,
    *,
    strata: pd.Series,
    permutations: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Draw sets of places with as many members in every stratum as the chosen set has.

    Parameters
    ----------
    places : pandas.Index
        All labels, in the order the positions refer to.
    chosen : pandas.Index
        The observed set, a subset of the labels that have a stratum.
    strata : pandas.Series
        Stratum by label; labels without one are never drawn.
    permutations : int
        Number of sets.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    numpy.ndarray of int, shape (permutations, len(chosen))
        Positions in ``places``, distinct within a row; every subset is equally likely.

    Raises
    ------
    InputError
        All units of a stratum belong to the chosen set, so there is nothing to redraw.

    Examples
    --------
    >>> places = pd.Index(list("abcd"))
    >>> strata = pd.Series({"a": "x", "b": "x", "c": "y", "d": "y"})
    >>> sets = redrawn_sets(places, pd.Index(["a", "d"]), strata=strata, permutations=99,
    ...                     rng=np.random.default_rng(1))
    >>> sorted(set(sets[:, 0])), sorted(set(sets[:, 1]))
    ([np.int64(0), np.int64(1)], [np.int64(2), np.int64(3)])
    """
    member = strata.reindex(places)
    counts = member.reindex(chosen).value_counts().sort_index()
    pools = {name: np.flatnonzero((member == name).to_numpy()) for name in counts.index}
    full = [str(name) for name, pool in pools.items() if len(pool) == counts[name]]
    if full:
        params = {"strata": ", ".join(full)}
        raise InputError([Problem(code="analysis.stratum_full", params=params)])
    parts = [_draw(pool, int(counts[name]), permutations, rng) for name, pool in pools.items()]
    return np.hstack(parts)


def _draw(
    pool: NDArray[np.intp], size: int, permutations: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    rows = max(1, _BLOCK // len(pool))
    blocks = []
    for start in range(0, permutations, rows):
        copies = np.tile(pool, (min(rows, permutations - start), 1))
        blocks.append(rng.permuted(copies, axis=1)[:, :size])
    return np.vstack(blocks)
