"""One number for the whole map: the result type and the permutation engine of global tests."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.errors import StatisticsError
from geo.statistics.preparation import Prepared
from geo.statistics.shuffling import of_permuted_copies
from geo.statistics.significance import Alternative, check_test, normal_p, permutation_p

__all__ = [
    "GlobalResult",
    "WeightSums",
    "quadratic_form",
    "quadratic_value",
    "weight_sums",
]

Floats = NDArray[np.float64]

# From this many rows on, one product of the weights with all of them is faster than one each.
_MANY_ROWS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalResult:
    """A global spatial statistic with its analytic and its permutation test.

    Parameters
    ----------
    statistic : float
        Observed value.
    expected, variance : float
        Moments under randomisation (all assignments of the values to units equally likely).
    z : float
        ``(statistic - expected) / sqrt(variance)``.
    p_analytic : float
        p-value of ``z`` under the normal approximation.
    p_permutation : float
        p-value from permutations; NaN if none were asked for.
    permutations : int
        Number of permutations, 0 if none were asked for.
    alternative : {"two-sided", "greater", "less"}
        Direction of both tests, said of the statistic itself.
    n : int
        Number of linked units, the ones the statistic is about.
    links : int
        Number of directed links.
    isolates : tuple
        Labels of units without neighbours; unless somebody links to them they take no part.
    """

    statistic: float
    expected: float
    variance: float
    z: float
    p_analytic: float
    p_permutation: float
    permutations: int
    alternative: Alternative
    n: int
    links: int
    isolates: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSums:
    """The sums of weights that moments are made of (Cliff and Ord's S0, S1, S2)."""

    s0: float
    s1: float
    s2: float


def weight_sums(weights: sparse.csr_array) -> WeightSums:
    """Return S0 = sum w, S1 = sum (w_ij + w_ji)^2 / 2, S2 = sum (w_i. + w_.i)^2.

    Parameters
    ----------
    weights : scipy.sparse.csr_array, shape (n, n)
        Spatial weights.

    Returns
    -------
    WeightSums
        The three sums.

    Examples
    --------
    >>> weight_sums(sparse.csr_array(np.ones((2, 2)) - np.eye(2)))
    WeightSums(s0=2.0, s1=4.0, s2=8.0)
    """
    both = weights + weights.T
    margins = weights.sum(axis=1) + weights.sum(axis=0)
    return WeightSums(
        s0=float(weights.sum()),
        s1=float((both.data**2).sum() / 2.0),
        s2=float((margins**2).sum()),
    )


def quadratic_form(weights: sparse.csr_array) -> Callable[[Floats], Floats]:
    """Return the function that maps rows z of a block to z' W z.

    Parameters
    ----------
    weights : scipy.sparse.csr_array, shape (n, n)
        Weights W with an empty diagonal.

    Returns
    -------
    callable
        From an array of shape (rows, n) to one of shape (rows,).

    Examples
    --------
    >>> form = quadratic_form(sparse.csr_array(np.ones((2, 2)) - np.eye(2)))
    >>> form(np.array([[1.0, 3.0]])).tolist()
    [6.0]
    """

    @cache
    def pairs() -> sparse.csr_array:
        # Only the symmetric part of W counts, and each pair of it once.
        return sparse.csr_array(sparse.triu(weights + weights.T, k=1))

    def of_rows(block: Floats) -> Floats:
        if len(block) < _MANY_ROWS:
            return np.array([(row * (pairs() @ row)).sum() for row in block], dtype=np.float64)
        columns = np.ascontiguousarray(block.T)
        return np.asarray(np.einsum("ij,ij->j", columns, pairs() @ columns), dtype=np.float64)

    return of_rows


def quadratic_value(weights: sparse.csr_array, values: Floats) -> float:
    """Return z' W z of one set of values.

    Parameters
    ----------
    weights : scipy.sparse.csr_array, shape (n, n)
        Weights W.
    values : numpy.ndarray, shape (n,)
        Values z.

    Returns
    -------
    float
        The form; without permutations, :func:`quadratic_form` would cost more than it saves.

    Examples
    --------
    >>> quadratic_value(sparse.csr_array(np.ones((2, 2)) - np.eye(2)), np.array([1.0, 3.0]))
    6.0
    """
    return float((values * (weights @ values)).sum())


def global_result(
    prepared: Prepared,
    moments: tuple[float, float, float],
    of_permuted: Callable[[Floats], Floats],
    *,
    permutations: int | None,
    alternative: Alternative,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Test one statistic analytically and by permutation.

    Parameters
    ----------
    prepared : Prepared
        Units and links; its values are permuted.
    moments : tuple of float
        Observed statistic, expectation, variance.
    of_permuted : callable
        Maps a block of permuted values, one map per row, to their statistics.
    permutations : int or None
        Number of permutations, None for the analytic test alone.
    alternative : {"two-sided", "greater", "less"}
        Direction of the tests.
    rng : numpy.random.Generator
        Source of the permutations.

    Returns
    -------
    dict
        The fields of a :class:`GlobalResult`.

    Raises
    ------
    geo.errors.StatisticsError
        Unknown alternative, fewer than 99 permutations, or a statistic that cannot vary.
    """
    check_test(alternative, np.iinfo(np.int64).max if permutations is None else permutations)
    statistic, expected, variance = moments
    # Rounding leaves a variance near 1e-17 where every unit neighbours every other.
    if not variance > 1e-12 * (expected**2 + statistic**2):
        raise StatisticsError(
            "the statistic is the same for every arrangement of the values on these weights; "
            "there is nothing to test",
            code="statistics.no_variance",
        )
    at_least = at_most = 0
    slack = 1e-12 * (abs(statistic) + np.sqrt(variance))
    for reference in of_permuted_copies(
        prepared.values, of_permuted, permutations=permutations or 0, rng=rng
    ):
        at_least += int((reference >= statistic - slack).sum())
        at_most += int((reference <= statistic + slack).sum())
    p = permutation_p(at_least, at_most, permutations or 0, alternative=alternative)
    z = (statistic - expected) / float(np.sqrt(variance))
    return {
        "statistic": statistic,
        "expected": expected,
        "variance": variance,
        "z": z,
        "p_analytic": normal_p(z, alternative=alternative),
        "p_permutation": float(p) if permutations else float("nan"),
        "permutations": permutations or 0,
        "alternative": alternative,
        "n": len(prepared.labels),
        "links": int(prepared.weights.nnz),
        "isolates": prepared.isolates,
    }
