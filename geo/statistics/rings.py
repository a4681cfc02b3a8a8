"""Rings around seeds, and the test whether values fall off from ring to ring."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.contrasts import bootstrap_interval
from geo.statistics.preparation import deviations
from geo.statistics.redraw import Redraws, chosen_positions, redraw_sets
from geo.statistics.separation import Separation, by_order, check_order, count_steps
from geo.statistics.significance import (
    check_alternative,
    check_test,
    reference_test,
)
from geo.weights import align, sparse_matrix
from geo.weights.construction import check_labels, name_labels, named

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["RingResult", "ring_contrast", "ring_order", "ring_test", "rings_of"]

Floats = NDArray[np.float64]
Rings = NDArray[np.uint8]
Direction = Literal["greater", "two-sided"]

_BLOCK = 1 << 22
_FEWEST_VALUES = 2
_DIRECTIONS = ("greater", "two-sided")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RingResult:
    """Values by ring around the seeds, tested against redrawn seeds.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per ring 0 .. ``max_order`` (index ``ring``): ``n``, ``mean``, ``lower``,
        ``upper`` (95 % percentile bootstrap), ``rest_mean`` (all units farther out than this
        ring, unreached ones included), ``difference`` (mean minus rest mean), ``expected``
        (mean difference over redrawn seeds), ``detectable`` (the difference from the
        expected one that the test finds with 80 % chance), ``p``. NaN where a ring or its
        rest is empty.
    slope : float
        Change of the value per ring outwards (least squares over all units; units beyond the
        last ring count as one ring more). Negative: values fall off with distance.
    slope_expected : float
        Its mean over redrawn seeds.
    p_slope : float
        p-value of the slope; ``"greater"`` tests for a fall outwards.
    monotone : bool
        Whether the mean never rises from one ring to the next.
    seeds : tuple
        Labels of the seeds, sorted.
    max_order : int
        Last ring.
    n : int
        Number of units with a value.
    permutations : int
        Number of redrawn seed sets.
    alternative : {"greater", "two-sided"}
        Direction: ``"greater"`` asks whether rings stand above their rest.
    stratified : bool
        Whether seeds were redrawn within strata.
    """

    table: pd.DataFrame
    slope: float
    slope_expected: float
    p_slope: float
    monotone: bool
    seeds: tuple[Any, ...]
    max_order: int
    n: int
    permutations: int
    alternative: Direction
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
    where = chosen_positions(labels, seeds)
    steps = count_steps(matrix, where, check_order(max_order)).min(axis=0)
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
    alternative: Direction = "two-sided",
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
    alternative : {"two-sided", "greater"}, default "two-sided"
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
        A seed is unknown or has no stratum, a stratum with seeds has no other unit, or
        options are out of range.

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
    values = align(values, weights)
    redraws = redraw_sets(values.index, seeds, strata=strata, draws=permutations, rng=rng)
    return ring_contrast(
        values, by_order(weights, max_order=max_order), redraws, alternative=alternative, rng=rng
    )


def ring_contrast(
    values: pd.Series,
    separation: Separation,
    redraws: Redraws,
    *,
    alternative: Direction = "two-sided",
    rng: np.random.Generator,
) -> RingResult:
    """Compare rings of any kind around a chosen set with those around redrawn sets.

    Parameters
    ----------
    values : pandas.Series
        One number per unit; NaN for a unit that lies between others but has no value: it
        may be a seed and passes steps on, yet enters no mean.
    separation : Separation
        What the rings are: steps over weights, or bands of distance.
    redraws : Redraws
        The seeds and the sets drawn in their place, on the same units.
    alternative : {"greater", "two-sided"}, default "two-sided"
        ``"greater"`` tests for rings above their rest and values that fall outwards.
    rng : numpy.random.Generator
        Source of the bootstrap.

    Returns
    -------
    RingResult
        Table by ring, slope, and their p-values.

    Raises
    ------
    geo.errors.StatisticsError
        Values, separation and redraws name different units, a value is infinite, fewer than
        two units have a value, or the direction is unknown.

    Notes
    -----
    As :func:`ring_test`, which this is the general form of.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
    >>> values = pd.Series([np.nan, 7.0, 5.0, 2.0, 1.0], index=list("abcde"))
    >>> rng = np.random.default_rng(1)
    >>> drawn = redraw_sets(values.index, ["a"], draws=99, rng=rng)
    >>> result = ring_contrast(values, by_order(path), drawn, rng=rng)
    >>> result.table["mean"].tolist(), result.n
    ([nan, 7.0, 5.0, 2.0], 4)
    """
    if alternative not in _DIRECTIONS:
        check_alternative(alternative, _DIRECTIONS)
    number, known = _known_values(values, separation, redraws)
    classes = separation.classes[:, known]
    draws, last = len(redraws.sets), separation.last
    centred = deviations(number)
    near = classes[redraws.chosen].min(axis=0)
    target = _ring_statistics(near[None, :], centred, last)[0]
    reference = np.empty((draws, len(target)))
    rows = max(1, _BLOCK // len(number))
    for start in range(0, draws, rows):
        block = slice(start, start + rows)
        reference[block] = _ring_statistics(rings_of(classes, redraws.sets[block]), centred, last)
    tests = reference_test(
        target, reference, scale=float(np.abs(centred).max()), alternative=alternative
    )
    table = _ring_table(near, number, last, replicates=draws, rng=rng)
    for name in ("expected", "detectable", "p"):
        table[name] = tests[name].to_numpy()[:-1]
    means = table["mean"].dropna().to_numpy()
    return RingResult(
        table=table,
        slope=-float(target[-1]),
        slope_expected=-float(tests["expected"].iloc[-1]),
        p_slope=float(tests["p"].iloc[-1]),
        monotone=bool((np.diff(means) <= 0.0).all()),
        seeds=tuple(redraws.labels[np.sort(redraws.chosen)]),
        max_order=last,
        n=len(number),
        permutations=draws,
        alternative=alternative,
        stratified=redraws.stratified,
    )


def rings_of(classes: Rings, sets: NDArray[np.intp]) -> Rings:
    """Return the class of every unit as seen from the nearest member of each set.

    Parameters
    ----------
    classes : numpy.ndarray of uint8, shape (n, m)
        Separation of the units of the columns from those of the rows.
    sets : numpy.ndarray of int, shape (draws, k)
        Rows of ``classes`` that make up each set.

    Returns
    -------
    numpy.ndarray of uint8, shape (draws, m)
        Rings.

    Examples
    --------
    >>> rings_of(np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]], dtype=np.uint8),
    ...          np.array([[0], [2]])).tolist()
    [[0, 1, 2], [2, 1, 0]]
    """
    rings = np.full((len(sets), classes.shape[1]), np.iinfo(np.uint8).max, dtype=np.uint8)
    for column in sets.T:
        np.minimum(rings, classes[column], out=rings)
    return rings


def _known_values(
    values: pd.Series, separation: Separation, redraws: Redraws
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the values there are, and which units of the separation have one."""
    check_labels(values.index)
    labels = separation.labels
    for others in (values.index, redraws.labels):
        apart = labels.symmetric_difference(others, sort=False)
        if len(apart):
            raise StatisticsError(
                f"values, separation and redraws differ in the units {name_labels(apart)}",
                code="statistics.labels_mismatch",
                **named(apart),
            )
    number = np.asarray(values.astype(np.float64).reindex(labels), dtype=np.float64)
    infinite = list(labels[np.isinf(number)])
    known = ~np.isnan(number)
    if infinite or known.sum() < _FEWEST_VALUES:
        lacking = infinite or list(labels[~known])
        raise StatisticsError(
            f"values are missing or not finite for {name_labels(lacking)}",
            code="statistics.values_missing",
            **named(lacking),
        )
    return number[known], known


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
