"""log |I - rho W| and traces by sampled moments of W, for any number of units."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.statistics.regression.matrix import SpatialMatrix

__all__ = ["Series", "sampled_series"]

Floats = NDArray[np.float64]

_BLOCK = 1 << 22
_PROBES = 64
_FEWEST_PROBES = 24
_TERMS = 48
_MOST_TERMS = 400
_EXACT_TERMS = 4
_NEAR_ZERO = 1e-3
_NEGLIGIBLE = 1e-9
_EDGE = 1.0 - 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """By moments of W, the first four exact, the others sampled.

    ``moments[k, j]`` estimates tr T_k(S / radius) from probe j where W is similar to a
    symmetric S (Chebyshev polynomials), else tr (W / radius)^k.
    """

    space: SpatialMatrix
    moments: Floats
    name: str = "series"
    grid: int = 200

    @property
    def domain(self) -> tuple[float, float]:
        """Where the series converges."""
        low, high = self.space.domain
        return max(low, -_EDGE / self.space.radius), min(high, _EDGE / self.space.radius)

    @property
    def chebyshev(self) -> bool:
        """Whether the moments are of Chebyshev polynomials."""
        return self.space.symmetric is not None

    def base(self, rho: Floats) -> Floats:
        """Return the number whose powers weigh the moments."""
        x = rho * self.space.radius
        # Written so that nothing cancels for small x.
        return x / (1.0 + np.sqrt(1.0 - x**2)) if self.chebyshev else x

    def value(self, rho: float) -> float:
        """Return log |I - rho W|."""
        r = float(self.base(np.asarray(rho)))
        order = np.arange(1, len(self.moments))
        total = float(r**order / order @ self.moments[1:].mean(axis=1))
        if not self.chebyshev:
            return -total
        return float(-self.space.n * np.log1p(r**2)) - 2.0 * total

    def noise(self, rho: float) -> float:
        """Return the standard error of the slope, from the spread of the probes."""
        step = 1e-4 / self.space.radius
        order = np.arange(1, len(self.moments))
        scale = 2.0 if self.chebyshev else 1.0
        tails = [
            scale * (float(self.base(np.asarray(at))) ** order / order) @ self.moments[1:]
            for at in (rho - step, rho + step)
        ]
        slope = (tails[1] - tails[0]) / (2.0 * step)
        return float(slope.std(ddof=1) / np.sqrt(len(slope)))

    def reaches(self, rho: float) -> bool:
        """Whether the terms left out are negligible."""
        return bool(np.abs(self.base(np.asarray(rho))) ** len(self.moments) < _NEGLIGIBLE)

    def mean_inverse(self, rho: Floats) -> tuple[Floats, Floats]:
        """Return tr((I - rho W)^-1) / n and tr(W (I - rho W)^-1) / n for many rho."""
        own = self._own(rho, self.moments.mean(axis=1))
        first, second, third, fourth = (one / self.space.n for one in self.space.traces)
        near = np.abs(rho) * self.space.radius < _NEAR_ZERO
        safe = np.where(near, 1.0, rho)
        small = first + rho * (second + rho * (third + rho * fourth))
        return own, np.where(near, small, (own - 1.0) / safe)

    def inverse_noise(self, rho: float) -> float:
        """Return the standard error of tr((I - rho W)^-1) / n."""
        probes = self.moments.shape[1]
        each = [self._own(np.array([rho]), self.moments[:, j])[0] for j in range(probes)]
        return float(np.std(each, ddof=1) / np.sqrt(probes))

    def _own(self, rho: Floats, moments: Floats) -> Floats:
        r = self.base(rho)
        total = np.zeros(len(r))
        for moment in moments[:0:-1]:
            total = (total + moment) * r
        if not self.chebyshev:
            return 1.0 + total / self.space.n
        spread = np.sqrt(1.0 - (rho * self.space.radius) ** 2)
        found: Floats = (1.0 + 2.0 * total / self.space.n) / spread
        return found


def sampled_series(
    space: SpatialMatrix, rng: np.random.Generator, *, rho: float | None = None
) -> Series:
    """Sample the moments of W by random signs.

    Parameters
    ----------
    space : SpatialMatrix
        Weights.
    rng : numpy.random.Generator
        Source of the signs.
    rho : float, optional
        The value that the series has to reach; by default about 0.9 of the largest.

    Returns
    -------
    Series
        Enough moments for ``rho``.

    Notes
    -----
    z'f(W)z with signs z has expectation tr f(W) [1]_. The first four moments are replaced by
    their exact values, so that only terms of the fifth order on carry sampling error.
    log(1 - rho x) and 1 / (1 - rho x) have Chebyshev coefficients in closed form.

    References
    ----------
    .. [1] Barry and Pace (1999), Monte Carlo estimates of the log determinant of large sparse
       matrices, Linear Algebra and its Applications 289, 41-54.
    .. [2] Pace and LeSage (2004), Chebyshev approximation of log-determinants of spatial
       weight matrices, Computational Statistics and Data Analysis 45(2), 179-196.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics.regression.matrix import spatial_matrix
    >>> path = Graph.from_arrays(list("abbc"), list("bacb"), [1] * 4).transform("R")
    >>> series = sampled_series(spatial_matrix(path), np.random.default_rng(1))
    >>> bool(abs(series.value(0.3) - np.log(1 - 0.09)) < 0.01)
    True
    """
    terms = _TERMS
    if rho is not None:
        r = abs(float(Series(space, np.empty((0, 0))).base(np.asarray(rho))))
        terms = _EXACT_TERMS + 1
        if r > 0.0:
            terms = int(np.clip(np.log(1e-10) / np.log(r), terms, _MOST_TERMS))
    terms += terms % 2
    probes = max(_FEWEST_PROBES, min(_PROBES, _BLOCK // space.n))
    columns = max(1, _BLOCK // space.n)
    parts = [
        _sample(space, terms, min(columns, probes - start), rng)
        for start in range(0, probes, columns)
    ]
    moments = np.concatenate(parts, axis=1)
    moments[: _EXACT_TERMS + 1] = _exact_moments(space)[:, None]
    return Series(space, moments)


def longer(series: Series, rho: float, rng: np.random.Generator) -> Series | None:
    """Return a series with the terms that ``rho`` needs, or None if there is no longer one."""
    if len(series.moments) > _MOST_TERMS:
        return None
    return sampled_series(series.space, rng, rho=rho)


def _sample(space: SpatialMatrix, terms: int, probes: int, rng: np.random.Generator) -> Floats:
    signs = rng.integers(0, 2, (space.n, probes)).astype(np.float64) * 2.0 - 1.0
    moments = np.empty((terms + 1, probes))
    moments[0] = space.n
    if space.symmetric is None:
        matrix = space.matrix / space.radius
        power = signs
        for k in range(1, terms + 1):
            power = np.asarray(matrix @ power)
            moments[k] = _inner(signs, power)
        return moments
    matrix = space.symmetric / space.radius
    before, now = signs, np.asarray(matrix @ signs)
    first = _inner(before, now)
    moments[1] = first
    # Products of T_j and T_k give the moments of order j + k: half the multiplications.
    for k in range(1, terms // 2 + 1):
        moments[2 * k] = 2.0 * _inner(now, now) - space.n
        if 2 * k < terms:
            following = np.asarray(matrix @ now)
            following *= 2.0
            following -= before
            before, now = now, following
            moments[2 * k + 1] = 2.0 * _inner(before, now) - first
    return moments


def _inner(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->j", one, other), dtype=np.float64)


def _exact_moments(space: SpatialMatrix) -> Floats:
    first, second, third, fourth = (
        trace / space.radius**k for k, trace in enumerate(space.traces, start=1)
    )
    n = float(space.n)
    if space.symmetric is None:
        return np.array([n, first, second, third, fourth])
    return np.array(
        [
            n,
            first,
            2.0 * second - n,
            4.0 * third - 3.0 * first,
            8.0 * fourth - 8.0 * second + n,
        ]
    )
