"""log |I - rho W| and the traces that go with it: exact, by sparse factors, or by sampling."""

from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.regression.matrix import SpatialMatrix
from geo.statistics.regression.series import Series, sampled_series

__all__ = [
    "Determinant",
    "Eigenvalues",
    "Factors",
    "LogDeterminant",
    "curvature",
    "log_determinant",
    "sampling_gap",
]

Floats = NDArray[np.float64]
Determinant = Literal["auto", "eigenvalues", "factors", "series"]

_BLOCK = 1 << 20


class LogDeterminant(Protocol):
    """What a likelihood needs to know of W."""

    @property
    def space(self) -> SpatialMatrix:
        """Weights."""
        ...

    @property
    def name(self) -> str:
        """How it is computed."""
        ...

    @property
    def grid(self) -> int:
        """Points of a first search, 0 where values are dear."""
        ...

    @property
    def domain(self) -> tuple[float, float]:
        """Between which rho it holds."""
        ...

    def value(self, rho: float) -> float:
        """Return log |I - rho W|."""
        ...

    def noise(self, rho: float) -> float:
        """Return the standard error of its slope."""
        ...

    def reaches(self, rho: float) -> bool:
        """Whether the truncation error at rho is negligible."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Eigenvalues:
    """Exact, from all eigenvalues."""

    space: SpatialMatrix
    name: str = "eigenvalues"
    grid: int = 200

    @property
    def domain(self) -> tuple[float, float]:
        """Where I - rho W is regular."""
        return self.space.domain

    def value(self, rho: float) -> float:
        """Return log |I - rho W|."""
        return float(np.log(np.abs(1.0 - rho * self.space.eigenvalues)).sum())

    def noise(self, rho: float) -> float:  # noqa: ARG002 - the exact one has none
        """Return 0: no sampling takes part."""
        return 0.0

    def reaches(self, rho: float) -> bool:  # noqa: ARG002
        """Return True: nothing is truncated."""
        return True

    def multiplier_traces(self, rho: float) -> tuple[float, float]:
        """Return the traces of G and of G^2 with G = W (I - rho W)^-1."""
        one = self.space.eigenvalues / (1.0 - rho * self.space.eigenvalues)
        return float(one.sum().real), float((one**2).sum().real)

    def mean_inverse(self, rho: Floats) -> tuple[Floats, Floats]:
        """Return tr((I - rho W)^-1) / n and tr(W (I - rho W)^-1) / n for many rho."""
        found = self.space.eigenvalues
        own, next_door = np.empty(len(rho)), np.empty(len(rho))
        rows = max(1, _BLOCK // len(found))
        for start in range(0, len(rho), rows):
            at = slice(start, start + rows)
            inverse = 1.0 / (1.0 - rho[at, None] * found)
            own[at] = inverse.sum(axis=1).real
            next_door[at] = (inverse @ found).real
        return own / len(found), next_door / len(found)


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """Exact, by one sparse LU factorisation for every rho."""

    space: SpatialMatrix
    name: str = "factors"
    grid: int = 0

    @property
    def domain(self) -> tuple[float, float]:
        """Where I - rho W is regular."""
        return self.space.domain

    def value(self, rho: float) -> float:
        """Return log |I - rho W|."""
        factors = self.space.factors(rho, symmetric=True)
        return float(np.log(np.abs(factors.U.diagonal())).sum())

    def noise(self, rho: float) -> float:  # noqa: ARG002 - the exact one has none
        """Return 0: no sampling takes part."""
        return 0.0

    def reaches(self, rho: float) -> bool:  # noqa: ARG002
        """Return True: nothing is truncated."""
        return True


def log_determinant(
    space: SpatialMatrix, determinant: Determinant, rng: np.random.Generator | None
) -> LogDeterminant:
    """Choose how log |I - rho W| is computed.

    Parameters
    ----------
    space : SpatialMatrix
        Weights.
    determinant : {"auto", "eigenvalues", "factors", "series"}
        ``"auto"``: eigenvalues up to 1,000 units (3,000 if more than a tenth of all pairs is
        linked); factors above; above 3,000 units the series if ``rng`` is given, or if that
        many pairs are linked.
    rng : numpy.random.Generator or None
        Source of the probes of the series.

    Returns
    -------
    LogDeterminant
        The chosen one.

    Raises
    ------
    geo.errors.StatisticsError
        Unknown option, or a series without ``rng``.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics.regression.matrix import spatial_matrix
    >>> path = Graph.from_arrays(list("abbc"), list("bacb"), [1] * 4).transform("R")
    >>> round(log_determinant(spatial_matrix(path), "auto", None).value(0.5), 6)  # log(1 - 0.25)
    -0.287682
    """
    if determinant not in get_args(Determinant):
        raise StatisticsError(
            f"determinant must be one of {', '.join(get_args(Determinant))}, got {determinant!r}",
            code="statistics.determinant",
            value=determinant,
            allowed=", ".join(get_args(Determinant)),
        )
    if determinant == "auto":
        exact: Determinant = "eigenvalues" if space.spectral else "factors"
        sampled = not space.affordable and (rng is not None or space.dense)
        determinant = "series" if sampled else exact
    if determinant == "eigenvalues":
        return Eigenvalues(space)
    if determinant == "factors":
        return Factors(space)
    if rng is None:
        raise StatisticsError(
            "a sampled log-determinant needs a generator; give rng, or determinant='factors'",
            code="statistics.rng_missing",
        )
    return sampled_series(space, rng)


def curvature(found: LogDeterminant, rho: float) -> float:
    """Return the trace of G^2, G = W (I - rho W)^-1, minus the second derivative of the value.

    Parameters
    ----------
    found : LogDeterminant
        Values.
    rho : float
        Where.

    Returns
    -------
    float
        By the eigenvalues, or by differences over five points.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics.regression.matrix import spatial_matrix
    >>> space = spatial_matrix(Graph.from_arrays(list("abbc"), list("bacb"), [1] * 4))
    >>> exact = 4 * (1 + 2 * 0.09) / (1 - 2 * 0.09) ** 2
    >>> bool(np.isclose(curvature(Factors(space), 0.3), exact, rtol=1e-6))
    True
    """
    if isinstance(found, Eigenvalues):
        return found.multiplier_traces(rho)[1]
    values, step = _around(found, rho, (-2, -1, 0, 1, 2))
    return float(-(np.array([-1.0, 16.0, -30.0, 16.0, -1.0]) @ values) / (12.0 * step**2))


def sampling_gap(series: Series, rho: float) -> float:
    """Return what the sampled tr((I - rho W)^-1) / n lacks to the exact one.

    Parameters
    ----------
    series : Series
        Sampled moments of weights that can be factored.
    rho : float
        Where.

    Returns
    -------
    float
        The difference, from two factorisations.

    Notes
    -----
    tr((I - rho W)^-1) = n - rho times the slope of log |I - rho W|. The gap between the exact
    and the sampled curve is small and smooth, so that a difference over two points is exact
    to about nine digits.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from geo.statistics.regression.matrix import spatial_matrix
    >>> space = spatial_matrix(Graph.from_arrays(list("abbc"), list("bacb"), [1] * 4))
    >>> series = sampled_series(space, np.random.default_rng(1))
    >>> exact = np.linalg.inv(np.eye(3) - 0.3 * space.matrix.toarray()).trace() / 3
    >>> found = series.mean_inverse(np.array([0.3]))[0][0] + sampling_gap(series, 0.3)
    >>> bool(np.isclose(found, exact, rtol=1e-6))
    True
    """
    sampled, step = _around(series, rho, (-1, 1))
    exact = [Factors(series.space).value(rho + shift * step) for shift in (-1, 1)]
    slope = (exact[1] - exact[0] - sampled[1] + sampled[0]) / (2.0 * step)
    return -rho / series.space.n * slope


def _around(
    found: LogDeterminant, rho: float, shifts: tuple[int, ...]
) -> tuple[list[float], float]:
    low, high = found.domain
    step = 0.005 * min(rho - low, high - rho)
    return [found.value(rho + shift * step) for shift in shifts], step
