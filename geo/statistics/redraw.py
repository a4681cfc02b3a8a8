"""A chosen set of units, and the sets that chance could have chosen in its place."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.preparation import sorted_positions
from geo.statistics.significance import check_rng, check_test
from geo.weights.construction import check_labels, name_labels, named

__all__ = ["Redraws", "chosen_positions", "redraw_sets"]

Positions = NDArray[np.intp]

_BLOCK = 1 << 21


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Redraws:
    """The chosen set and as many sets drawn in its place as wanted.

    Parameters
    ----------
    labels : pandas.Index
        All units, sorted.
    chosen : numpy.ndarray of int, shape (k,)
        Positions of the chosen units in ``labels``, stratum by stratum.
    sets : numpy.ndarray of int, shape (draws, k)
        Positions of the drawn units; column j stands in for ``chosen[j]`` and is of its
        stratum.
    strata : pandas.DataFrame
        ``stratum``, ``chosen`` units in it, ``units`` to draw from.
    possible : float
        Number of different sets that can be drawn; no p is smaller than about one over it.
    stratified : bool
        Whether strata were given.
    """

    labels: pd.Index
    chosen: Positions
    sets: Positions
    strata: pd.DataFrame
    possible: float
    stratified: bool


def redraw_sets(
    labels: pd.Index,
    chosen: Iterable[Any],
    *,
    strata: pd.Series | None = None,
    draws: int = 9_999,
    fewest: int = 1,
    rng: np.random.Generator,
) -> Redraws:
    """Draw sets of units with as many members in every stratum as the chosen set has.

    Parameters
    ----------
    labels : pandas.Index
        All units.
    chosen : iterable
        Labels of the chosen units.
    strata : pandas.Series, optional
        Stratum of each unit; a unit without one (NaN) is never drawn. One stratum of all
        units if not given.
    draws : int, default 9_999
        Number of sets, at least 99.
    fewest : int, default 1
        Different sets that must be possible; 20 make a directed p of 0.05 possible.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    Redraws
        Sets of distinct units; within its strata every subset is equally likely.

    Raises
    ------
    geo.errors.StatisticsError
        Fewer than 99 sets are to be drawn, nothing is chosen, a chosen unit is unknown,
        repeated or without stratum, labels of units and strata differ, all units of a stratum
        are chosen, or fewer different sets are possible than wanted.
    geo.errors.WeightsError
        A label repeats or is missing.

    Examples
    --------
    >>> strata = pd.Series({"a": "x", "b": "x", "c": "y", "d": "y"})
    >>> drawn = redraw_sets(pd.Index(list("badc")), ["a", "d"], strata=strata, draws=99,
    ...                     rng=np.random.default_rng(1))
    >>> [sorted(set(drawn.labels[column])) for column in drawn.sets.T], drawn.possible
    ([['a', 'b'], ['c', 'd']], 4.0)
    """
    check_rng(rng)
    check_test("two-sided", draws)
    check_labels(labels)
    units = labels.take(sorted_positions(labels))
    where = chosen_positions(units, chosen)
    codes, names = _strata_codes(units, strata)
    lost = units[where[codes[where] < 0]]
    if len(lost):
        raise StatisticsError(
            f"chosen units belong to no stratum: {name_labels(lost)}; give each a stratum",
            code="statistics.stratum_missing",
            **named(lost),
        )
    order = where[np.argsort(codes[where], kind="stable")]
    rows, parts, possible = [], [], 1.0
    for stratum in np.unique(codes[where]):
        pool = np.flatnonzero(codes == stratum)
        size = int((codes[where] == stratum).sum())
        if size == len(pool):
            raise StatisticsError(
                f"every unit of the stratum {names[stratum]} is a chosen one; widen the "
                "stratum, or there is nothing to redraw from",
                code="statistics.stratum_full",
                stratum=names[stratum],
                **named(units[pool]),
            )
        rows.append((names[stratum], size, len(pool)))
        parts.append(_draw(pool, size, draws, rng))
        possible *= float(comb(len(pool), size))
    if possible < fewest:
        raise StatisticsError(
            f"only {possible:g} different sets can be drawn for {name_labels(units[where])}, "
            f"at least {fewest} are needed; widen the strata",
            code="statistics.redraws_few",
            possible=possible,
            fewest=fewest,
            **named(units[where]),
        )
    return Redraws(
        labels=units,
        chosen=order,
        sets=np.hstack(parts),
        strata=pd.DataFrame(rows, columns=["stratum", "chosen", "units"]),
        possible=possible,
        stratified=strata is not None,
    )


def chosen_positions(labels: pd.Index, chosen: Iterable[Any]) -> Positions:
    """Return where chosen units stand among all, in ascending order.

    Parameters
    ----------
    labels : pandas.Index
        All units.
    chosen : iterable
        Labels of the chosen ones.

    Returns
    -------
    numpy.ndarray of int
        Positions in ``labels``.

    Raises
    ------
    geo.errors.StatisticsError
        Nothing is chosen, or a label is unknown or repeated.

    Examples
    --------
    >>> chosen_positions(pd.Index(list("abc")), ["c", "a"]).tolist()
    [0, 2]
    """
    wanted = pd.Index(list(chosen))
    where = np.asarray(labels.get_indexer(wanted), dtype=np.intp)
    unknown = list(wanted[where < 0])
    if unknown or len(wanted) == 0:
        raise StatisticsError(
            f"seeds are not among the units: {name_labels(unknown)}"
            if unknown
            else "there are no seeds; name at least one",
            code="statistics.seed_unknown" if unknown else "statistics.no_seeds",
            **named(unknown),
        )
    repeated = list(wanted[wanted.duplicated()])
    if repeated:
        raise StatisticsError(
            f"seeds are named more than once: {name_labels(repeated)}",
            code="statistics.seed_duplicate",
            **named(repeated),
        )
    return np.sort(where)


def _strata_codes(labels: pd.Index, strata: pd.Series | None) -> tuple[Positions, list[Any]]:
    """Give the strata numbers in sorted order; -1 for units without one."""
    if strata is None:
        return np.zeros(len(labels), dtype=np.intp), ["all units"]
    check_labels(strata.index)
    apart = labels.symmetric_difference(strata.index, sort=False)
    if len(apart):
        raise StatisticsError(
            f"strata and units differ in {name_labels(apart)}; give each unit a stratum or NaN",
            code="statistics.labels_mismatch",
            **named(apart),
        )
    codes, names = pd.factorize(strata.reindex(labels), use_na_sentinel=True)
    order = sorted_positions(pd.Index(names))
    rank = np.empty(len(names) + 1, dtype=np.intp)
    rank[order], rank[-1] = np.arange(len(names)), -1
    return rank[codes], [names[position] for position in order]


def _draw(pool: Positions, size: int, draws: int, rng: np.random.Generator) -> Positions:
    rows = max(1, _BLOCK // len(pool))
    blocks = []
    for start in range(0, draws, rows):
        copies = np.tile(pool, (min(rows, draws - start), 1))
        blocks.append(rng.permuted(copies, axis=1)[:, :size])
    return np.vstack(blocks)
