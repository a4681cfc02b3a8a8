"""Moran's I: global, bivariate, and local (LISA)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.statistics.conditional import conditional_counts
from geo.statistics.global_test import (
    GlobalResult,
    WeightSums,
    global_result,
    quadratic_form,
    quadratic_value,
    weight_sums,
)
from geo.statistics.local_test import local_table
from geo.statistics.preparation import deviations, dot, prepare
from geo.statistics.significance import Alternative, check_test, permutation_p

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["MoranResult", "bivariate_moran", "global_moran", "local_bivariate_moran", "local_moran"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoranResult(GlobalResult):
    """Moran's I, univariate or bivariate, with its tests; fields of :class:`GlobalResult`."""


def global_moran(
    values: pd.Series,
    weights: "Graph",
    *,
    permutations: int | None = 99_999,
    alternative: Alternative = "two-sided",
    rng: np.random.Generator,
) -> MoranResult:
    """Test whether neighbours resemble each other over the whole map.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit, in any order.
    weights : libpysal.graph.Graph
        Spatial weights; row-standardise them for the usual form.
    permutations : int or None, default 99_999
        Number of permutations, at least 99; None for the analytic test alone.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` tests for positive autocorrelation.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    MoranResult
        Statistic, moments under randomisation, both p-values. Units without a link take no
        part and are named.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or values are missing.
    geo.errors.StatisticsError
        Fewer than four linked units, equal values, or unknown options.

    Notes
    -----
    I = (n / S0) z'Wz / z'z with z the deviations from the mean; moments under randomisation
    after Cliff and Ord [1]_.

    References
    ----------
    .. [1] Cliff and Ord (1981), Spatial Processes: Models and Applications, Pion, ch. 2.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8).transform("R")
    >>> values = pd.Series({"e": 7.0, "d": 5.0, "a": 1.0, "b": 2.0, "c": 3.0})
    >>> result = global_moran(values, path, permutations=None, rng=np.random.default_rng(1))
    >>> round(result.statistic, 6), round(result.expected, 6)
    (0.581897, -0.25)
    """
    prepared = prepare(values, weights)
    z = deviations(prepared.values)
    prepared = replace(prepared, values=z)
    form = quadratic_form(prepared.weights)
    sums = weight_sums(prepared.weights)
    scale = len(z) / (sums.s0 * dot(z, z))
    expected, variance = _moran_moments(z, sums)
    observed = scale * quadratic_value(prepared.weights, z)
    return MoranResult(
        **global_result(
            prepared,
            (observed, expected, variance),
            lambda block: scale * form(block),
            permutations=permutations,
            alternative=alternative,
            rng=rng,
        )
    )


def bivariate_moran(
    values: pd.Series,
    neighbours_values: pd.Series,
    weights: "Graph",
    *,
    permutations: int | None = 99_999,
    alternative: Alternative = "two-sided",
    rng: np.random.Generator,
) -> MoranResult:
    """Test whether a quantity goes with another quantity at the neighbours.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit, the quantity at home.
    neighbours_values : pandas.Series
        One finite number per unit, the quantity that is averaged over the neighbours.
    weights : libpysal.graph.Graph
        Spatial weights; row-standardise them for the usual form.
    permutations : int or None, default 99_999
        Number of permutations, at least 99; None for the analytic test alone.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Direction of the tests.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    MoranResult
        Statistic, moments, both p-values.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or values are missing.
    geo.errors.StatisticsError
        Fewer than four linked units, equal values, or unknown options.

    Notes
    -----
    I_B = (n / S0) x'Wy / sqrt(x'x y'y), x and y deviations from their means [1]_. The null
    hypothesis permutes y and keeps x: expectation 0, and the variance is that of a linear
    permutation statistic, exact. A correlation of x and y at the same place also moves I_B;
    it is no proof of spillover.

    References
    ----------
    .. [1] Anselin, Syabri and Smirnov (2002), Visualizing multivariate spatial correlation
       with dynamically linked windows, in New Tools for Spatial Data Analysis, CSISS.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8).transform("R")
    >>> x = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 5.0, "e": 7.0})
    >>> y = pd.Series({"e": 9.0, "d": 2.0, "c": 3.0, "b": 1.0, "a": 0.0})
    >>> rng = np.random.default_rng(1)
    >>> round(bivariate_moran(x, y, path, permutations=None, rng=rng).statistic, 6)
    0.273057
    """
    here = prepare(values, weights)
    there = prepare(neighbours_values, weights)
    x, y = deviations(here.values), deviations(there.values)
    scale = len(x) / (float(here.weights.sum()) * float(np.sqrt(dot(x, x) * dot(y, y))))
    pull = scale * (here.weights.T @ x)
    variance = float(((pull - pull.mean()) ** 2).sum() * dot(y, y) / (len(y) - 1))
    return MoranResult(
        **global_result(
            replace(there, values=y),
            (dot(pull, y), 0.0, variance),
            lambda block: np.einsum("ij,j->i", block, pull),
            permutations=permutations,
            alternative=alternative,
            rng=rng,
        )
    )


def local_moran(
    values: pd.Series,
    weights: "Graph",
    *,
    permutations: int = 99_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Find the units whose neighbours are unusually like or unlike them (LISA).

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit, in any order.
    weights : libpysal.graph.Graph
        Spatial weights, as a rule row-standardised.
    permutations : int, default 99_999
        Number of conditional permutations, at least 99. With few hundred units 999 are too
        few for a lone cluster to survive the FDR; see
        :func:`geo.statistics.fdr_reachable`.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        ``"greater"`` tests for positive local autocorrelation only.
    alpha : float, default 0.05
        False discovery rate at which a unit joins a cluster.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    pandas.DataFrame
        On the index of ``values``: ``statistic``; ``p``; ``p_fdr`` and ``p_bonferroni``;
        ``quadrant`` (HH, LL, HL, LH: own value against the mean, then the neighbours');
        ``cluster``, the quadrant if ``p_fdr <= alpha``, else ``"ns"``, or ``"isolate"`` for
        units without neighbours, whose numbers are NaN. ``attrs`` holds the options and
        whether a lone unit could pass the FDR at all.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or values are missing.
    geo.errors.StatisticsError
        Fewer than four linked units, equal values, or unknown options.

    Notes
    -----
    I_i = (n - 1) z_i (Wz)_i / z'z [1]_, the scale of GeoDa and PySAL; R's spdep has
    n instead of n - 1. The reference is conditional permutation; the two-sided p is
    min(1, 2 (min(g, l) + 1) / (P + 1)) and not the folded one-sided p that GeoDa and PySAL
    have printed, whose null rate at 0.05 is near 0.11.

    References
    ----------
    .. [1] Anselin (1995), Local indicators of spatial association, Geographical Analysis
       27(2), 93-115.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8).transform("R")
    >>> values = pd.Series({"e": 7.0, "d": 5.0, "a": 1.0, "b": 2.0, "c": 3.0})
    >>> table = local_moran(values, path, permutations=999, rng=np.random.default_rng(1))
    >>> table["quadrant"].tolist()
    ['HH', 'HH', 'LL', 'LL', 'LL']
    """
    check_test(alternative, permutations)
    prepared = prepare(values, weights)
    z = deviations(prepared.values)
    lag = prepared.weights @ z
    counts = conditional_counts(z, prepared.weights, permutations=permutations, rng=rng)
    return local_table(
        prepared,
        (len(z) - 1) * z * lag / dot(z, z),
        _local_p(z, counts, permutations, alternative=alternative),
        quadrant=_quadrants(z, lag),
        options={"permutations": permutations, "alternative": alternative, "alpha": alpha},
    )


def local_bivariate_moran(
    values: pd.Series,
    neighbours_values: pd.Series,
    weights: "Graph",
    *,
    permutations: int = 99_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Find the units whose own quantity goes with another quantity at their neighbours.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit, the quantity at home.
    neighbours_values : pandas.Series
        One finite number per unit, the quantity that is averaged over the neighbours.
    weights : libpysal.graph.Graph
        Spatial weights, as a rule row-standardised.
    permutations : int, default 99_999
        Number of conditional permutations, at least 99.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Direction of the tests.
    alpha : float, default 0.05
        False discovery rate at which a unit joins a cluster.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    pandas.DataFrame
        As :func:`local_moran` returns it, on the index of ``values``; the second letter of
        ``quadrant`` is that of the neighbours' quantity.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or values are missing.
    geo.errors.StatisticsError
        Fewer than four linked units, equal values, or unknown options.

    Notes
    -----
    I_i = (n - 1) x_i (Wy)_i / sqrt(x'x y'y). The reference keeps both quantities of unit i
    and draws its neighbours' y from the y of the others: it asks whether the neighbours are
    unusual in y. A correlation of x and y at one place also shows up here.

    References
    ----------
    .. [1] Anselin, Syabri and Smirnov (2002), Visualizing multivariate spatial correlation
       with dynamically linked windows, in New Tools for Spatial Data Analysis, CSISS.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8).transform("R")
    >>> x = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 5.0, "e": 7.0})
    >>> y = pd.Series({"e": 9.0, "d": 2.0, "c": 3.0, "b": 1.0, "a": 0.0})
    >>> rng = np.random.default_rng(1)
    >>> local_bivariate_moran(x, y, path, permutations=999, rng=rng)["quadrant"].tolist()
    ['LL', 'LL', 'LL', 'HH', 'HL']
    """
    check_test(alternative, permutations)
    here, there = prepare(values, weights), prepare(neighbours_values, weights)
    x, y = deviations(here.values), deviations(there.values)
    counts = conditional_counts(y, here.weights, permutations=permutations, rng=rng)
    lag = here.weights @ y
    return local_table(
        here,
        (len(x) - 1) * x * lag / float(np.sqrt(dot(x, x) * dot(y, y))),
        _local_p(x, counts, permutations, alternative=alternative),
        quadrant=_quadrants(x, lag),
        options={"permutations": permutations, "alternative": alternative, "alpha": alpha},
    )


def _local_p(
    own: NDArray[np.float64],
    counts: tuple[NDArray[np.int64], NDArray[np.int64]],
    permutations: int,
    *,
    alternative: Alternative,
) -> NDArray[np.float64]:
    at_least, at_most = counts
    # I_i is the own deviation times the lag: a negative one turns the order, a zero one ties
    # everything.
    greater = np.select([own > 0, own < 0], [at_least, at_most], permutations)
    less = np.select([own > 0, own < 0], [at_most, at_least], permutations)
    return permutation_p(greater, less, permutations, alternative=alternative)


def _quadrants(z: NDArray[np.float64], lag: NDArray[np.float64]) -> NDArray[np.object_]:
    names = np.array(["LL", "LH", "HL", "HH"], dtype=object)
    return np.asarray(names[2 * (z > 0) + (lag > 0)], dtype=object)


def _moran_moments(z: NDArray[np.float64], sums: WeightSums) -> tuple[float, float]:
    n = float(len(z))
    kurtosis = float((z**4).mean() / (z**2).mean() ** 2)
    expected = -1.0 / (n - 1.0)
    spread = n * ((n * n - 3.0 * n + 3.0) * sums.s1 - n * sums.s2 + 3.0 * sums.s0**2)
    peaked = kurtosis * ((n * n - n) * sums.s1 - 2.0 * n * sums.s2 + 6.0 * sums.s0**2)
    second = (spread - peaked) / ((n - 1.0) * (n - 2.0) * (n - 3.0) * sums.s0**2)
    return expected, second - expected**2
