"""Geary's C: squared differences between neighbours."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.statistics.global_test import (
    GlobalResult,
    WeightSums,
    global_result,
    quadratic_form,
    quadratic_value,
    weight_sums,
)
from geo.statistics.preparation import deviations, dot, prepare
from geo.statistics.significance import Alternative

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["GearyResult", "geary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GearyResult(GlobalResult):
    """Geary's C with its tests; fields of :class:`GlobalResult`."""


def geary(
    values: pd.Series,
    weights: "Graph",
    *,
    permutations: int | None = 99_999,
    alternative: Alternative = "two-sided",
    rng: np.random.Generator,
) -> GearyResult:
    """Test whether neighbours differ less, or more, than any two units.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit, in any order.
    weights : libpysal.graph.Graph
        Spatial weights; row-standardise them for the usual form.
    permutations : int or None, default 99_999
        Number of permutations, at least 99; None for the analytic test alone.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Said of C itself: ``"less"`` tests for positive autocorrelation.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    GearyResult
        Statistic (1 without autocorrelation, below 1 where neighbours are alike), moments
        under randomisation, both p-values.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match or values are missing.
    geo.errors.StatisticsError
        Fewer than four linked units, equal values, or unknown options.

    Notes
    -----
    C = (n - 1) sum w_ij (x_i - x_j)^2 / (2 S0 z'z); moments under randomisation [1]_.

    References
    ----------
    .. [1] Cliff and Ord (1981), Spatial Processes: Models and Applications, Pion, ch. 2.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8).transform("R")
    >>> values = pd.Series({"e": 7.0, "d": 5.0, "a": 1.0, "b": 2.0, "c": 3.0})
    >>> result = geary(values, path, permutations=None, rng=np.random.default_rng(1))
    >>> round(result.statistic, 6)
    0.215517
    """
    prepared = prepare(values, weights)
    z = deviations(prepared.values)
    prepared = replace(prepared, values=z)
    matrix = prepared.weights
    form = quadratic_form(matrix)
    margins = np.asarray(matrix.sum(axis=1) + matrix.sum(axis=0), dtype=np.float64)
    sums = weight_sums(matrix)
    scale = (len(z) - 1) / (2.0 * sums.s0 * dot(z, z))

    observed = dot(z**2, margins) - 2.0 * quadratic_value(matrix, z)

    def statistic(block: NDArray[np.float64]) -> NDArray[np.float64]:
        # sum w_ij (z_i - z_j)^2 = sum (w_i. + w_.i) z_i^2 - 2 z'Wz
        return np.asarray(
            scale * (np.einsum("ij,j->i", block**2, margins) - 2.0 * form(block)), dtype=np.float64
        )

    return GearyResult(
        **global_result(
            prepared,
            (scale * observed, 1.0, _geary_variance(z, sums)),
            statistic,
            permutations=permutations,
            alternative=alternative,
            rng=rng,
        )
    )


def _geary_variance(z: NDArray[np.float64], sums: WeightSums) -> float:
    n = float(len(z))
    kurtosis = float((z**4).mean() / (z**2).mean() ** 2)
    first = (n - 1.0) * sums.s1 * (n * n - 3.0 * n + 3.0 - (n - 1.0) * kurtosis)
    second = 0.25 * (n - 1.0) * sums.s2
    second *= n * n + 3.0 * n - 6.0 - (n * n - n + 2.0) * kurtosis
    third = sums.s0**2 * (n * n - 3.0 - (n - 1.0) ** 2 * kurtosis)
    return (first - second + third) / (n * (n - 2.0) * (n - 3.0) * sums.s0**2)
