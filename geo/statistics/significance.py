"""From counts to p-values, and from many p-values to what survives them."""

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from geo.errors import StatisticsError

__all__ = [
    "Alternative",
    "bonferroni_adjust",
    "check_alternative",
    "check_rng",
    "check_test",
    "fdr_adjust",
    "fdr_reachable",
    "normal_p",
    "permutation_p",
    "permutations_needed",
    "reference_test",
]

Alternative = Literal["two-sided", "greater", "less"]

FEWEST_PERMUTATIONS = 99
_POWER_QUANTILES = (0.025, 0.2, 0.8, 0.975)


def check_test(alternative: str, permutations: int) -> None:
    """Refuse an unknown alternative and too few permutations.

    Parameters
    ----------
    alternative : str
        To be one of ``"two-sided"``, ``"greater"``, ``"less"``.
    permutations : int
        Number of permutations, a whole one and at least 99.

    Raises
    ------
    geo.errors.StatisticsError
        One of the two is out of range.

    Examples
    --------
    >>> check_test("two-sided", 10)
    Traceback (most recent call last):
        ...
    geo.errors.StatisticsError: a whole number of at least 99 permutations is needed,
    got 10
    """
    check_alternative(alternative, get_args(Alternative))
    if not isinstance(permutations, (int, np.integer)) or permutations < FEWEST_PERMUTATIONS:
        raise StatisticsError(
            f"a whole number of at least {FEWEST_PERMUTATIONS} permutations is needed, "
            f"got {permutations!r}",
            code="statistics.permutations",
            permutations=permutations,
            fewest=FEWEST_PERMUTATIONS,
        )


def check_rng(rng: object) -> None:
    """Refuse a source of chance that is no generator.

    Parameters
    ----------
    rng : object
        To be a :class:`numpy.random.Generator`.

    Raises
    ------
    geo.errors.StatisticsError
        It is something else, such as a bare seed.

    Examples
    --------
    >>> check_rng(42)
    Traceback (most recent call last):
        ...
    geo.errors.StatisticsError: chance needs a numpy random Generator, got int; pass
    rng=numpy.random.default_rng(seed)
    """
    if not isinstance(rng, np.random.Generator):
        raise StatisticsError(
            f"chance needs a numpy random Generator, got {type(rng).__name__}; pass "
            "rng=numpy.random.default_rng(seed)",
            code="statistics.rng_missing",
        )


def check_alternative(alternative: str, allowed: Sequence[str]) -> None:
    """Refuse a direction that a test does not have.

    Parameters
    ----------
    alternative : str
        The direction.
    allowed : Sequence[str]
        Those there are.

    Raises
    ------
    geo.errors.StatisticsError
        It is none of them.

    Examples
    --------
    >>> check_alternative("greater", ("greater", "less"))
    """
    if alternative not in allowed:
        raise StatisticsError(
            f"alternative must be one of {', '.join(allowed)}, got {alternative!r}",
            code="statistics.alternative",
            value=alternative,
            allowed=", ".join(allowed),
        )


def permutation_p(
    at_least: ArrayLike, at_most: ArrayLike, permutations: int, *, alternative: Alternative
) -> NDArray[np.float64]:
    """Turn counts of reference values into p-values.

    Parameters
    ----------
    at_least, at_most : array_like of int
        How many reference values are at least, and at most, the observed one.
    permutations : int
        Number of reference values.
    alternative : {"two-sided", "greater", "less"}
        Direction of the test.

    Returns
    -------
    numpy.ndarray
        p-values, never zero and never above one.

    Notes
    -----
    With g and l the counts and P the permutations, the directed p is (g + 1) / (P + 1) or
    (l + 1) / (P + 1), and the two-sided p is min(1, 2 (min(g, l) + 1) / (P + 1)) [1]_.

    References
    ----------
    .. [1] Phipson and Smyth (2010), Permutation p-values should never be zero, Statistical
       Applications in Genetics and Molecular Biology 9(1), article 39.

    Examples
    --------
    >>> permutation_p([4], [95], 99, alternative="two-sided").tolist()
    [0.1]
    """
    greater = (np.asarray(at_least, dtype=np.float64) + 1.0) / (permutations + 1.0)
    less = (np.asarray(at_most, dtype=np.float64) + 1.0) / (permutations + 1.0)
    if alternative == "greater":
        return greater
    if alternative == "less":
        return less
    return np.minimum(1.0, 2.0 * np.minimum(greater, less))


def reference_test(
    observed: ArrayLike,
    reference: ArrayLike,
    *,
    scale: float = 0.0,
    alternative: Alternative = "two-sided",
) -> pd.DataFrame:
    """Compare statistics with their reference values, however these were made.

    Parameters
    ----------
    observed : array_like of float, shape (m,)
        Statistics; NaN where one is not defined.
    reference : array_like of float, shape (draws, m)
        The same of every redrawn arrangement; an undefined one counts against the observed.
    scale : float, default 0.0
        Size of the numbers that went in: differences of their rounding are ties.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Direction of the test.

    Returns
    -------
    pandas.DataFrame
        One row per statistic: ``observed``; ``expected``, the mean of the reference;
        ``detectable``, the departure from it that a two-sided test at 5 % finds with 80 %
        chance, if an effect moves the reference and does not change its shape; ``p``.

    Notes
    -----
    ``detectable`` is q(0.975) - q(0.2) of the reference, or q(0.8) - q(0.025) where that is
    larger: shifted by as much, four fifths of the reference lie outside its middle 95 %.

    References
    ----------
    .. [1] Bloom (1995), Minimum detectable effects: a simple way to report the statistical
       power of experimental designs, Evaluation Review 19(5), 547-556.

    Examples
    --------
    >>> reference = np.arange(-50.0, 51.0)[:, None]
    >>> reference_test([48.0], reference).round(3).iloc[0].to_dict()
    {'observed': 48.0, 'expected': 0.0, 'detectable': 77.5, 'p': 0.078}
    """
    target = np.asarray(observed, dtype=np.float64)
    drawn = np.asarray(reference, dtype=np.float64)
    slack = 1e-12 * (scale + np.abs(target))
    undefined = np.isnan(drawn)
    p = permutation_p(
        ((drawn >= target - slack) | undefined).sum(axis=0),
        ((drawn <= target + slack) | undefined).sum(axis=0),
        len(drawn),
        alternative=alternative,
    )
    expected = np.full(len(target), np.nan)
    detectable = np.full(len(target), np.nan)
    for place in np.flatnonzero(~undefined.all(axis=0)):
        known = drawn[~undefined[:, place], place]
        expected[place] = known.mean()
        low, fifth, rest, high = np.quantile(known, _POWER_QUANTILES)
        detectable[place] = max(high - fifth, rest - low)
    return pd.DataFrame(
        {
            "observed": target,
            "expected": expected,
            "detectable": detectable,
            "p": np.where(np.isnan(target), np.nan, p),
        }
    )


def normal_p(z: float, *, alternative: Alternative) -> float:
    """Return the p-value of a standard normal deviate.

    Parameters
    ----------
    z : float
        Standardised statistic.
    alternative : {"two-sided", "greater", "less"}
        Direction of the test.

    Returns
    -------
    float
        p-value.

    Examples
    --------
    >>> round(normal_p(1.959963984540054, alternative="two-sided"), 12)
    0.05
    """
    if alternative == "greater":
        return float(ndtr(-z))
    if alternative == "less":
        return float(ndtr(z))
    return float(2.0 * ndtr(-abs(z)))


def fdr_adjust(p: pd.Series) -> pd.Series:
    """Adjust p-values by Benjamini and Hochberg.

    Parameters
    ----------
    p : pandas.Series
        p-values; NaN marks units without a test, which do not count as tests.

    Returns
    -------
    pandas.Series
        Adjusted p-values on the same index, NaN kept. Those at most alpha are the
        discoveries of a false discovery rate alpha.

    References
    ----------
    .. [1] Benjamini and Hochberg (1995), Controlling the false discovery rate, Journal of the
       Royal Statistical Society B 57(1), 289-300.

    Examples
    --------
    >>> fdr_adjust(pd.Series({"a": 0.01, "b": 0.04, "c": 0.03, "d": None})).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    raw = p.to_numpy(dtype=np.float64, na_value=np.nan)
    tested = np.flatnonzero(~np.isnan(raw))
    adjusted = np.full(len(raw), np.nan)
    if len(tested):
        # Tied p-values get one adjusted p, whatever their order.
        order = tested[np.argsort(raw[tested])]
        scaled = raw[order] * len(order) / np.arange(1, len(order) + 1)
        # A smaller p never gets a larger adjusted p.
        adjusted[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return pd.Series(adjusted, index=p.index, name=p.name)


def bonferroni_adjust(p: pd.Series) -> pd.Series:
    """Adjust p-values by Bonferroni.

    Parameters
    ----------
    p : pandas.Series
        p-values; NaN marks units without a test, which do not count as tests.

    Returns
    -------
    pandas.Series
        p-values times the number of tests, at most one, on the same index.

    Examples
    --------
    >>> bonferroni_adjust(pd.Series({"a": 0.01, "b": 0.6, "c": None})).tolist()
    [0.02, 1.0, nan]
    """
    raw = p.to_numpy(dtype=np.float64, na_value=np.nan)
    adjusted = np.minimum(1.0, raw * (~np.isnan(raw)).sum())
    return pd.Series(adjusted, index=p.index, name=p.name)


def fdr_reachable(
    n: int, permutations: int, alpha: float, *, alternative: Alternative = "two-sided"
) -> bool:
    """Tell whether a single unit could be a discovery after the FDR adjustment.

    Parameters
    ----------
    n : int
        Number of tests.
    permutations : int
        Permutations of each test; they bound the smallest p-value.
    alpha : float
        False discovery rate.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Direction of the test.

    Returns
    -------
    bool
        False when the smallest possible p-value, times ``n``, exceeds ``alpha``: a lone
        cluster, however strong, would go unseen.

    Examples
    --------
    >>> fdr_reachable(340, 999, 0.05), fdr_reachable(340, 99_999, 0.05)
    (False, True)
    """
    sides = 2.0 if alternative == "two-sided" else 1.0
    return n * sides / (permutations + 1.0) <= alpha


def permutations_needed(n: int, alpha: float, *, alternative: Alternative = "two-sided") -> int:
    """Return the fewest permutations with which a single unit could be a discovery.

    Parameters
    ----------
    n : int
        Number of tests.
    alpha : float
        False discovery rate.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Direction of the test.

    Returns
    -------
    int
        The smallest number for which :func:`fdr_reachable` holds, at least 99.

    Examples
    --------
    >>> permutations_needed(340, 0.05), permutations_needed(340, 0.05, alternative="greater")
    (13599, 6799)
    """
    sides = 2.0 if alternative == "two-sided" else 1.0
    fewest = max(FEWEST_PERMUTATIONS, math.ceil(n * sides / alpha) - 2)
    # The quotient is rounded; the test itself decides.
    while not fdr_reachable(n, fewest, alpha, alternative=alternative):
        fewest += 1
    return fewest
