"""The weights of a regression as one matrix, with what is asked of it more than once."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse import csgraph
from scipy.sparse import linalg as sparse_linalg

from geo.errors import StatisticsError, WeightsError
from geo.statistics.preparation import canonical
from geo.statistics.threads import one_thread
from geo.weights.construction import name_labels, named

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["Islands", "SpatialMatrix", "spatial_matrix"]

Floats = NDArray[np.float64]
Islands = Literal["error", "keep"]

_FEW = 1_000  # eigenvalues are cheap
_DENSE_UNITS = 3_000  # a dense matrix is affordable
_EDGE = 1e-6
_SERIES_EDGE = 0.998  # where weights are not row-standardised, series must converge
_DENSE = 0.1
_FACTORED_UNITS = 100_000
_EQUAL = 1e-9
_CANCELS = 1e-2


@dataclass(frozen=True, kw_only=True, eq=False)
class SpatialMatrix:
    """Spatial weights W, units in the order of their labels.

    It can be given to every ``fit_`` function instead of the graph: what is costly
    (eigenvalues) is then computed once for all models.

    Parameters
    ----------
    labels : pandas.Index
        Units, sorted.
    matrix : scipy.sparse.csr_array, shape (n, n)
        Weights; row i holds what unit i receives from its neighbours.
    isolates : tuple
        Units whose row is zero.
    """

    labels: pd.Index
    matrix: sparse.csr_array = field(repr=False)
    isolates: tuple[Any, ...]

    @property
    def unique_ids(self) -> pd.Index:
        """Labels, under the name that graphs have for them."""
        return self.labels

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.labels)

    @cached_property
    def dense(self) -> bool:
        """Whether so many pairs are linked that sparse methods do not pay."""
        return bool(self.matrix.nnz > _DENSE * self.n**2)

    @property
    def spectral(self) -> bool:
        """Whether all eigenvalues are computed without being asked for."""
        return self.n <= _FEW or (self.dense and self.n <= _DENSE_UNITS)

    @property
    def affordable(self) -> bool:
        """Whether a dense matrix of units by units is."""
        return self.n <= _DENSE_UNITS

    @property
    def factorable(self) -> bool:
        """Whether sparse factors of I - rho W take seconds at most."""
        return self.n <= _FACTORED_UNITS and not self.dense

    @cached_property
    def row_standardised(self) -> bool:
        """Whether no weight is negative and every row sums to one."""
        sums = self.matrix.sum(axis=1)
        return bool((self.matrix.data >= 0.0).all() and np.abs(sums - 1.0).max() <= _EQUAL)

    @cached_property
    def transposed(self) -> sparse.csr_array:
        """W', by rows."""
        turned = sparse.csr_array(self.matrix.T)
        turned.sort_indices()
        return turned

    @property
    def symmetric(self) -> sparse.csr_array | None:
        """A symmetric matrix with the eigenvalues of W, or None if none is found."""
        return None if self._similar is None else self._similar[0]

    @cached_property
    def _similar(self) -> tuple[sparse.csr_array, Floats] | None:
        """S and h with w_ij = s_ij h_i / h_j.

        Weights that were symmetric before their rows were standardised are D^-1 A with A
        symmetric; sign(w) sqrt(w_ij w_ji) then is D^-1/2 A D^-1/2.
        """
        there, back = self.matrix, self.transposed
        if not (np.array_equal(there.indptr, back.indptr)):
            return None
        if not np.array_equal(there.indices, back.indices):
            return None
        product = there.data * back.data
        height = None if (product <= 0.0).any() else _heights(there, back)
        if height is None:
            return None
        data = np.sign(there.data) * np.sqrt(product)
        same = sparse.csr_array((data, there.indices, there.indptr), shape=there.shape)
        return same, np.exp(0.5 * height)

    @cached_property
    @one_thread()
    def eigenvalues(self) -> NDArray[Any]:
        """All eigenvalues, real where W is similar to a symmetric matrix."""
        if self.symmetric is not None:
            return np.asarray(linalg.eigvalsh(self.symmetric.toarray(), check_finite=False))
        found: NDArray[Any] = linalg.eigvals(self.matrix.toarray(), check_finite=False)
        return found.real if not found.imag.any() else found

    @cached_property
    @one_thread()
    def radius(self) -> float:
        """The largest modulus of an eigenvalue."""
        if self.row_standardised:
            return 1.0
        if self.spectral:
            return float(np.abs(self.eigenvalues).max())
        # A fixed start keeps equal input at equal bytes.
        start = np.ones(self.n)
        if self.symmetric is not None:
            found: NDArray[Any] = sparse_linalg.eigsh(
                self.symmetric, k=1, which="LM", v0=start, return_eigenvectors=False
            )
        else:
            found = sparse_linalg.eigs(
                self.matrix, k=1, which="LM", v0=start, return_eigenvectors=False
            )
        return float(np.abs(found).max())

    @cached_property
    def domain(self) -> tuple[float, float]:
        """Between which values I - rho W stays regular (and its series converges)."""
        if csgraph.connected_components(self.matrix, connection="strong")[0] == self.n:
            raise WeightsError(
                "no chain of links leads back to where it began; rho has no bound in one-way "
                "weights, give links in both directions",
                code="weights.one_way",
            )
        reach = 1.0 / self.radius
        if not self.row_standardised:
            return -_SERIES_EDGE * reach, _SERIES_EDGE * reach
        low = -reach
        if self.spectral:
            found = self.eigenvalues
            real = found[found.imag == 0.0].real
            low = 1.0 / float(real.min()) if real.min() < 0.0 else -reach
        return low * (1.0 - _EDGE), reach * (1.0 - _EDGE)

    @cached_property
    def traces(self) -> tuple[float, float, float, float]:
        """Exact traces of W, W^2, W^3 and W^4."""
        there, back = self.matrix, self.transposed
        square = there @ there
        return (
            float(there.diagonal().sum()),
            float((there * back).sum()),
            float((square * back).sum()),
            float((square * square.T).sum()),
        )

    @cached_property
    def norm(self) -> float:
        """The trace of W'W."""
        return float((self.matrix.data**2).sum())

    def solve(self, rho: float, right: Floats) -> Floats:
        """Return (I - rho W)^-1 times a vector."""
        if self.dense and self.affordable:
            left = np.eye(self.n) - rho * self.matrix.toarray()
            return np.asarray(np.linalg.solve(left, right), dtype=np.float64)
        if self.factorable:
            return np.asarray(self.factors(rho).solve(right), dtype=np.float64)
        sparse_left = sparse.eye_array(self.n) - rho * self.matrix
        found, failed = sparse_linalg.bicgstab(sparse_left, right, rtol=1e-10, maxiter=5_000)
        if failed:
            raise StatisticsError(
                f"the linear system of {self.n} units did not converge at rho = {rho:.6g}",
                code="statistics.not_converged",
                n=self.n,
                rho=rho,
            )
        return np.asarray(found, dtype=np.float64)

    def factors(self, rho: float, *, symmetric: bool = False) -> Any:
        """Factor I - rho W, or the symmetric matrix with the same eigenvalues."""
        matrix = self.symmetric if symmetric and self.symmetric is not None else self.matrix
        left = sparse.csc_array(sparse.eye_array(self.n) - rho * matrix)
        if self.symmetric is None:
            return sparse_linalg.splu(left)
        # Similar to a positive definite matrix: no pivoting is needed, and less fills in.
        return sparse_linalg.splu(
            left,
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )

    def multiplier(self, rho: float) -> Floats:
        """Return the dense matrix W (I - rho W)^-1."""
        similar = self._similar
        if similar is None or abs(rho) * self.radius < _CANCELS:
            left = np.eye(self.n) - rho * self.matrix.toarray()
            return np.asarray(linalg.solve(left, self.matrix.toarray(), check_finite=False))
        # ((I - rho S)^-1 - I) / rho by Cholesky: a third of the work.
        same, height = similar
        lower, _ = linalg.lapack.dpotrf(np.eye(self.n) - rho * same.toarray(), lower=1)
        inverse, _ = linalg.lapack.dpotri(lower, lower=1, overwrite_c=1)
        half = np.tril(inverse, -1)
        own = np.asarray(half + half.T) / rho
        np.fill_diagonal(own, (inverse.diagonal() - 1.0) / rho)
        own *= height[:, None]
        own /= height
        return np.asarray(own, dtype=np.float64)


def spatial_matrix(
    weights: "Graph | SpatialMatrix", *, islands: Islands = "error"
) -> SpatialMatrix:
    """Prepare spatial weights once for several models.

    Parameters
    ----------
    weights : libpysal.graph.Graph or SpatialMatrix
        Spatial weights without self-links; a prepared matrix is returned as it is.
    islands : {"error", "keep"}, default "error"
        What to do with units without neighbours: refuse them, or let their spatial lags
        be zero. A prepared matrix keeps what was said when it was made.

    Returns
    -------
    SpatialMatrix
        Weights in the order of the labels.

    Raises
    ------
    geo.errors.WeightsError
        There are units without neighbours, or no links at all.
    geo.errors.StatisticsError
        A unit is linked with itself, or an unknown option.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbc"), list("bacb"), [1] * 4).transform("R")
    >>> prepared = spatial_matrix(path)
    >>> prepared.n, prepared.row_standardised, prepared.radius, prepared.traces
    (3, True, 1.0, (0.0, 2.0, 0.0, 2.0))
    """
    if islands not in get_args(Islands):
        raise StatisticsError(
            f"islands must be one of {', '.join(get_args(Islands))}, got {islands!r}",
            code="statistics.islands",
            value=islands,
            allowed=", ".join(get_args(Islands)),
        )
    if isinstance(weights, SpatialMatrix):
        return weights
    labels, matrix = canonical(weights)
    isolates = tuple(labels[np.diff(matrix.indptr) == 0])
    prepared = SpatialMatrix(labels=labels, matrix=matrix, isolates=isolates)
    if prepared.isolates and islands == "error":
        raise WeightsError(
            f"units without neighbours: {name_labels(prepared.isolates)}; their spatial lag would "
            'be a silent zero; link or drop them, or state islands="keep"',
            code="weights.islands",
            **named(prepared.isolates),
        )
    if prepared.matrix.nnz == 0:
        raise WeightsError("the weights hold no link; give at least one", code="weights.no_links")
    return prepared


def _heights(there: sparse.csr_array, back: sparse.csr_array) -> Floats | None:
    """Return h with log(w_ij / w_ji) = h_i - h_j, None if there is none (patterns are equal)."""
    gap = np.log(there.data / back.data)
    n = there.shape[0]
    if np.abs(gap).max(initial=0.0) <= _EQUAL:
        return np.zeros(n)
    row = np.repeat(np.arange(n), np.diff(there.indptr))
    # One walk over all components, from a root linked to one unit of each.
    part = csgraph.connected_components(there, directed=False)[1]
    first = np.unique(part, return_index=True)[1]
    links: Any = sparse.csr_array(
        (
            np.ones(there.nnz + len(first)),
            (np.append(row, np.full(len(first), n)), np.append(there.indices, first)),
        ),
        shape=(n + 1, n + 1),
    )
    above = csgraph.breadth_first_order(links, n)[1]
    step = sparse.csr_array((gap, there.indices, there.indptr), shape=there.shape)
    child = np.flatnonzero((above >= 0) & (above < n))
    height = np.zeros(n + 1)
    height[child] = np.asarray(step[child, above[child]]).ravel()
    above[above < 0] = n
    # Sum the steps up to the root, doubling the stride each time.
    while (above != n).any():
        height = height + height[above]
        above = above[above]
    left = np.abs(height[row] - height[there.indices] - gap).max()
    return np.asarray(height[:n]) if left <= _EQUAL else None
