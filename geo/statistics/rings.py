"""Rings of neighbours around seeds, and the test whether values fall off from ring to ring."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from geo.errors import StatisticsError
from geo.statistics.contrasts import bootstrap_interval
from geo.statistics.grouping import matched
from geo.statistics.preparation import sorted_positions
from geo.statistics.significance import check_test, permutation_p
from geo.weights import align, sparse_matrix
from geo.weights.alignment import reorder
from geo.weights.construction import name_labels, named

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["RingResult", "ring_order", "ring_test"]

Floats = NDArray[np.float64]
Rings = NDArray[np.uint8]
Positions = NDArray[np.intp]

_BLOCK = 1 << 22
_LARGEST_ORDER = 250
_DIRECTIONS = ("greater", "two-sided")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RingResult:
    """Values by ring around the seeds, tested against redrawn seeds.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per ring 0 .. ``max_order`` (index ``ring``): ``n``, ``mean``, ``lower``,
        ``upper`` (95 % percentile bootstrap), ``rest_mean`` (all units farther out than this
        ring, unreached ones included), ``difference`` (mean minus rest mean), ``p``. NaN
        where a ring or its rest is empty.
    slope : float
        Change of the value per ring outwards (least squares over all units; units beyond the
        last ring count as one ring more). Negative: values fall off with distance.
    p_slope : float
        p-value of the slope; ``"greater"`` tests for a fall outwards.
    monotone : bool
        Whether the mean never rises from one ring to the next.
    seeds : tuple
        Labels of the seeds, sorted.
    max_order : int
        Last ring.
    n : int
        Number of units.
    permutations : int
        Number of redrawn seed sets.
    alternative : {"greater", "two-sided"}
        Direction: ``"greater"`` asks whether rings stand above their rest.
    stratified : bool
        Whether seeds were redrawn within strata.
    """

    table: pd.DataFrame
    slope: float
    p_slope: float
    monotone: bool
    seeds: tuple[Any, ...]
    max_order: int
    n: int
    permutations: int
    alternative: Literal["greater", "two-sided"]
    stratified: bool


def ring_order(weights: "Graph", seeds: Iterable[Any], *, max_order: int = 3) -> pd.Series:
    """Give every unit the number of its ring of neighbours around a set of seeds.

    Parameters
    ----------
    weights : libpysal.graph.Graph
        Spatial weights; a link counts in both directions, whatever its weight.
    seeds : iterable
        Labels of the seeds, ring 0.
    max_order : int, default 3
        Last ring, from 1 to 250.

    Returns
    -------
    pandas.Series of Int64
        Steps to the nearest seed, on the labels of ``weights``; NA beyond ``max_order``.

    Raises
    ------
    geo.errors.StatisticsError
        No seed, an unknown or repeated seed, or ``max_order`` out of range.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> ring_order(path, ["a"], max_order=2).tolist()
    [0, 1, 2, <NA>, <NA>]
    """
    labels, matrix = sparse_matrix(weights)
    where = _seed_positions(labels, seeds)
    steps = _steps(matrix, where, _checked_order(max_order)).min(axis=0)
    rings = pd.Series(steps, index=labels, dtype="Int64", name="ring")
    return rings.mask(rings > max_order)


def ring_test(
    values: pd.Series,
    weights: "Graph",
    seeds: Iterable[Any],
    *,
    strata: pd.Series | None = None,
    max_order: int = 3,
    permutations: int = 9_999,
    alternative: Literal["greater", "two-sided"] = "greater",
    rng: np.random.Generator,
) -> RingResult:
    """Test whether the surroundings of seeds stand out, ring by ring and as a gradient.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit, in any order.
    weights : libpysal.graph.Graph
        Spatial weights; a link counts in both directions, whatever its weight.
    seeds : iterable
        Labels of the seeds, ring 0.
    strata : pandas.Series, optional
        Stratum of each unit. Seeds are redrawn within their stratum, so that a contrast
        between strata does not pass for an effect of the seeds. One stratum if not given.
    max_order : int, default 3
        Last ring, from 1 to 250.
    permutations : int, default 9_999
        Number of redrawn seed sets, at least 99.
    alternative : {"greater", "two-sided"}, default "greater"
        ``"greater"`` tests for rings above their rest and values that fall outwards.
    rng : numpy.random.Generator
        Source of the redraws and of the bootstrap.

    Returns
    -------
    RingResult
        Table by ring, slope, and their p-values.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or values are missing.
    geo.errors.StatisticsError
        A seed is unknown, a stratum with seeds has no other unit, or options are out of
        range.

    Notes
    -----
    Null hypothesis: the seeds are a random subset of their strata, of the same number in each;
    values and neighbourhoods stay as they are. A redraw whose ring is empty counts against
    the observed ring, which keeps the test valid. One test per ring: adjust the p-values, or
    name one ring beforehand. The steps between all pairs are held, n x n bytes.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> values = pd.Series([9.0, 7.0, 5.0, 2.0, 1.0], index=list("abcde"))
    >>> result = ring_test(values, path, ["a"], rng=np.random.default_rng(1))
    >>> result.table["mean"].tolist(), round(result.slope, 6), result.monotone
    ([9.0, 7.0, 5.0, 2.0], -2.1, True)
    """
    check_test(alternative, permutations)
    if alternative not in _DIRECTIONS:
        raise StatisticsError(
            f"alternative must be one of {', '.join(_DIRECTIONS)}, got {alternative!r}",
            code="statistics.alternative",
            value=alternative,
            allowed=", ".join(_DIRECTIONS),
        )
    labels, matrix = sparse_matrix(weights)
    order = sorted_positions(labels)
    labels = labels.take(order)
    matrix = reorder(matrix, order)
    aligned = align(values, weights).reindex(labels)
    where = _seed_positions(labels, seeds)
    pools = _pools(aligned, where, strata)
    steps = _steps(matrix, np.arange(len(labels)), _checked_order(max_order))

    number = aligned.to_numpy()
    number = number - number.mean()
    observed = steps[where].min(axis=0)
    target = _ring_statistics(observed[None, :], number, max_order)[0]
    slack = 1e-12 * (np.abs(number).max() + np.abs(target))
    at_least = np.zeros(len(target), dtype=np.int64)
    at_most = np.zeros(len(target), dtype=np.int64)
    for redrawn in _redrawn_rings(steps, pools, permutations, rng):
        reference = _ring_statistics(redrawn, number, max_order)
        undefined = np.isnan(reference)
        at_least += ((reference >= target - slack) | undefined).sum(axis=0)
        at_most += ((reference <= target + slack) | undefined).sum(axis=0)
    p = permutation_p(at_least, at_most, permutations, alternative=alternative)
    p[np.isnan(target)] = np.nan
    table = _ring_table(observed, aligned.to_numpy(), max_order, replicates=permutations, rng=rng)
    table["p"] = p[:-1]
    means = table["mean"].dropna().to_numpy()
    return RingResult(
        table=table,
        slope=-float(target[-1]),
        p_slope=float(p[-1]),
        monotone=bool((np.diff(means) <= 0.0).all()),
        seeds=tuple(labels[where]),
        max_order=max_order,
        n=len(labels),
        permutations=permutations,
        alternative=alternative,
        stratified=strata is not None,
    )


def _seed_positions(labels: pd.Index, seeds: Iterable[Any]) -> Positions:
    wanted = pd.Index(list(seeds))
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


def _checked_order(max_order: int) -> int:
    if not 1 <= max_order <= _LARGEST_ORDER:
        raise StatisticsError(
            f"max_order must be from 1 to {_LARGEST_ORDER}, got {max_order}",
            code="statistics.max_order",
            max_order=max_order,
            largest=_LARGEST_ORDER,
        )
    return max_order


def _steps(matrix: sparse.csr_array, start: Positions, max_order: int) -> Rings:
    """Count the steps from each start to every unit; ``max_order + 1`` stands for more."""
    n = matrix.shape[0]
    links = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=(n, n))
    steps = np.empty((len(start), n), dtype=np.uint8)
    rows = max(1, _BLOCK // n)
    for first in range(0, len(start), rows):
        part = csgraph.dijkstra(
            links,
            directed=False,
            indices=start[first : first + rows],
            unweighted=True,
            limit=max_order,
        )
        steps[first : first + rows] = np.minimum(part, max_order + 1)
    return steps


def _pools(
    values: pd.Series, where: Positions, strata: pd.Series | None
) -> list[tuple[Positions, int]]:
    """List, for every stratum with seeds, its units and its number of seeds."""
    if strata is None:
        codes = np.zeros(len(values), dtype=np.intp)
        names = pd.Index(["all units"])
    else:
        codes, names = pd.factorize(matched(values, strata, what="strata"))
    pools = []
    for stratum in np.unique(codes[where]):
        members = np.flatnonzero(codes == stratum)
        drawn = int((codes[where] == stratum).sum())
        if drawn == len(members):
            raise StatisticsError(
                f"every unit of the stratum {names[stratum]} is a seed; widen the stratum, or "
                "there is nothing to redraw from",
                code="statistics.stratum_full",
                stratum=names[stratum],
                **named(values.index[members]),
            )
        pools.append((members, drawn))
    return pools


def _redrawn_rings(
    steps: Rings,
    pools: list[tuple[Positions, int]],
    permutations: int,
    rng: np.random.Generator,
) -> Iterator[Rings]:
    """Yield blocks of ring numbers, one redrawn seed set per row."""
    n = steps.shape[1]
    rows = max(1, _BLOCK // n)
    for start in range(0, permutations, rows):
        size = min(rows, permutations - start)
        rings = np.full((size, n), np.iinfo(np.uint8).max, dtype=np.uint8)
        for members, drawn in pools:
            shuffled = rng.permuted(np.tile(members, (size, 1)), axis=1)
            for column in shuffled[:, :drawn].T:
                np.minimum(rings, steps[column], out=rings)
        yield rings


def _ring_statistics(rings: Rings, values: Floats, max_order: int) -> Floats:
    """Return per row the difference to the rest for every ring, then the fall per ring."""
    counts = np.empty((max_order + 2, len(rings)))
    sums = np.empty((max_order + 2, len(rings)))
    for ring in range(max_order + 2):
        inside = rings == ring
        counts[ring] = inside.sum(axis=1)
        sums[ring] = inside @ values
    farther_counts = counts[::-1].cumsum(axis=0)[::-1][1:]
    farther_sums = sums[::-1].cumsum(axis=0)[::-1][1:]
    number = np.arange(max_order + 2)
    n = len(values)
    mean = number @ counts / n
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = sums[:-1] / counts[:-1] - farther_sums / farther_counts
        # The values are centred, so no product of means is left in the covariance.
        fall = -(number @ sums) / (number**2 @ counts - n * mean**2)
    fall[~np.isfinite(fall)] = np.nan
    return np.vstack([difference, fall]).T


def _ring_table(
    rings: Rings,
    values: Floats,
    max_order: int,
    *,
    replicates: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    rows = []
    for ring in range(max_order + 1):
        members, rest = values[rings == ring], values[rings > ring]
        mean = float(members.mean()) if len(members) else np.nan
        lower, upper = (
            bootstrap_interval(members, replicates, rng=rng) if len(members) else (np.nan, np.nan)
        )
        rest_mean = float(rest.mean()) if len(rest) else np.nan
        rows.append((len(members), mean, lower, upper, rest_mean, mean - rest_mean))
    return pd.DataFrame(
        rows,
        columns=["n", "mean", "lower", "upper", "rest_mean", "difference"],
        index=pd.RangeIndex(max_order + 1, name="ring"),
    )
