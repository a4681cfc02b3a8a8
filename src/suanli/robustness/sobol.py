"""Sobol indices of any function of the unit cube: which input moves the output, and how much."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

__all__ = ["SobolIndices", "sobol_indices"]

Floats = npt.NDArray[np.float64]

# A variance below this share of the squared mean is rounding.
_ROUNDING: Final = 1e-20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SobolIndices:
    """First and total order indices of groups of inputs.

    Attributes
    ----------
    factors : tuple[str, ...]
        The groups.
    first, total : numpy.ndarray
        Indices, shape (factors, outputs); missing for an output that does not vary.
    first_interval, total_interval : numpy.ndarray
        Bootstrap percentiles, shape (2, factors, outputs).
    variance : numpy.ndarray
        Variance of each output, shape (outputs,).
    runs : int
        Evaluations made: n (factors + 2).
    """

    factors: tuple[str, ...]
    first: Floats
    total: Floats
    first_interval: Floats
    total_interval: Floats
    variance: Floats
    runs: int


def sobol_indices(
    model: Callable[[Floats], Floats],
    factors: Mapping[str, Sequence[int]],
    *,
    n: int,
    rng: np.random.Generator,
    bootstrap: int = 500,
    level: float = 0.9,
) -> SobolIndices:
    """Estimate first and total order Sobol indices.

    Parameters
    ----------
    model : Callable[[numpy.ndarray], numpy.ndarray]
        Takes points of the unit cube, shape (points, dimensions), and returns outputs, shape
        (points,) or (points, outputs).
    factors : Mapping[str, Sequence[int]]
        Columns of the cube that make up each factor; together all columns, each once.
    n : int
        Base points, a power of 2.
    rng : numpy.random.Generator
        Source of randomness: scrambling and bootstrap.
    bootstrap : int
        Resamples of the base points.
    level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    SobolIndices
        Indices and intervals. They are estimates: a first order index may come out a little
        below 0.

    Raises
    ------
    ValueError
        ``n`` is no power of 2, or the factors do not make up the columns.

    Notes
    -----
    ``S_i = mean(f(B) (f(AB_i) - f(A))) / V``, Saltelli et al. (2010), Computer Physics
    Communications 181, table 2 b, outputs centred; ``T_i = mean((f(A) - f(AB_i))^2) / (2 V)``,
    Jansen (1999). A and B are the two halves of a scrambled Sobol sequence; AB_i is A with the
    columns of factor i from B. Base points are resampled together with all that belongs to
    them; for a quasi-random sequence such intervals are too wide rather than too narrow.

    Examples
    --------
    >>> found = sobol_indices(lambda x: x[:, 0] + 2 * x[:, 1], {"a": [0], "b": [1]}, n=256,
    ...                       rng=np.random.default_rng(1))
    >>> found.total[:, 0].round(2).tolist()
    [0.2, 0.8]
    """
    columns = sorted(place for places in factors.values() for place in places)
    if n < 2 or n & (n - 1):  # noqa: PLR2004 - two points have a variance
        raise ValueError(f"n must be a power of 2, got {n}")
    if columns != list(range(len(columns))) or not columns:
        raise ValueError(f"factors must make up the columns 0, 1, ..., got {columns}")
    size = len(columns)
    points = stats.qmc.Sobol(2 * size, rng=rng).random(n)
    a, b = points[:, :size], points[:, size:]
    at_a, at_b = _outputs(model, a), _outputs(model, b)
    centre = np.concatenate([at_a, at_b]).mean(axis=0)
    at_a, at_b = at_a - centre, at_b - centre
    weights = np.ones((1, n)), rng.multinomial(n, np.full(n, 1 / n), size=bootstrap).astype(float)
    variance, resampled = (_variance(at_a, at_b, each) for each in weights)
    fixed = variance[0] <= _ROUNDING * np.maximum(centre**2, 1.0)
    first, total, intervals = [], [], []
    for places in factors.values():
        mixed = a.copy()
        mixed[:, list(places)] = b[:, list(places)]
        at_mixed = _outputs(model, mixed) - centre
        parts = at_b * (at_mixed - at_a), (at_a - at_mixed) ** 2 / 2
        first.append(_share(parts[0], weights[0], variance)[0])
        total.append(_share(parts[1], weights[0], variance)[0])
        intervals.append([_interval(part, weights[1], resampled, level) for part in parts])
    bounds = np.array(intervals)
    return SobolIndices(
        factors=tuple(factors),
        first=np.where(fixed, np.nan, first),
        total=np.where(fixed, np.nan, total),
        first_interval=np.where(fixed, np.nan, bounds[:, 0].swapaxes(0, 1)),
        total_interval=np.where(fixed, np.nan, bounds[:, 1].swapaxes(0, 1)),
        variance=np.where(fixed, 0.0, variance[0]),
        runs=n * (len(factors) + 2),
    )


def _outputs(model: Callable[[Floats], Floats], points: Floats) -> Floats:
    found = np.asarray(model(points), dtype=float)
    return found.reshape(len(points), -1)


def _variance(at_a: Floats, at_b: Floats, weights: Floats) -> Floats:
    """Return the variance of both halves together, one row per row of weights."""
    count = 2 * at_a.shape[0]
    mean = weights @ (at_a + at_b) / count
    variance: Floats = weights @ (at_a**2 + at_b**2) / count - mean**2
    return variance


def _share(part: Floats, weights: Floats, variance: Floats) -> Floats:
    mean: Floats = weights @ part / part.shape[0]
    return np.divide(mean, variance, out=np.full_like(mean, np.nan), where=variance > 0)


def _interval(part: Floats, weights: Floats, variance: Floats, level: float) -> Floats:
    tail = (1.0 - level) / 2
    shares = _share(part, weights, variance)
    return np.quantile(shares, [tail, 1.0 - tail], axis=0)
