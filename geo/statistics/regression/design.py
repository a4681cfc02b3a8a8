"""Outcome, explanations and weights of a regression, met by label and checked."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError, WeightsError
from geo.statistics.regression.matrix import Islands, SpatialMatrix, spatial_matrix
from geo.weights import align
from geo.weights.construction import name_labels, named

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["INTERCEPT", "LAG_PREFIX", "Design", "Fit", "prepare_design"]

Floats = NDArray[np.float64]

INTERCEPT = "intercept"
LAG_PREFIX = "W_"
_RESERVED = (INTERCEPT, "rho", "lambda")
_COLLINEAR = 1e-9
_NAMED_LOADING = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """What a model is fitted to, units in the order of their labels.

    ``x`` begins with the intercept; after the ``explanations`` come their spatial lags if
    the model has them.
    """

    index: pd.Index  # the caller's order
    y: Floats
    x: Floats
    names: tuple[str, ...]
    explanations: tuple[str, ...]
    space: SpatialMatrix

    @property
    def lagged(self) -> bool:
        """Whether spatial lags of the explanations take part."""
        return len(self.names) > 1 + len(self.explanations)

    def spread(self, values: Floats, name: str) -> pd.Series:
        """Return one number per unit on the caller's index."""
        return pd.Series(values, index=self.space.labels, name=name).reindex(self.index)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """Least squares by orthogonal decomposition, the base of everything else."""

    coefficients: Floats
    residuals: Floats
    basis: Floats  # orthonormal, spans the columns
    inverse: Floats  # (X'X)^-1


def prepare_design(
    y: pd.Series,
    x: pd.DataFrame,
    weights: "Graph | SpatialMatrix",
    *,
    lagged: bool = False,
    islands: Islands = "error",
) -> Design:
    """Align outcome, explanations and weights, and refuse what has no answer.

    Parameters
    ----------
    y : pandas.Series
        Outcome, one finite number per unit.
    x : pandas.DataFrame
        Explanations without an intercept, one row per unit, one named column each.
    weights : libpysal.graph.Graph or SpatialMatrix
        Spatial weights.
    lagged : bool, default False
        Whether to add the spatial lags of the explanations, named ``W_...``.
    islands : {"error", "keep"}, default "error"
        Units without neighbours: refused, or their lags are zero.

    Returns
    -------
    Design
        Units in label order.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match, values are missing, or there are units without neighbours.
    geo.errors.StatisticsError
        Columns repeat, are constant or collinear, the outcome is constant, or there are too
        few units.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(list("abcdea"), list("bcdeac"), [1] * 6)
    >>> y = pd.Series([1.0, 2, 3, 4, 6], index=list("abcde"))
    >>> x = pd.DataFrame({"x": [5.0, 4, 1, 2, 3]}, index=list("edcba"))
    >>> prepare_design(y, x, ring).x[:, 1].tolist()
    [3.0, 2.0, 1.0, 4.0, 5.0]
    """
    space = spatial_matrix(weights, islands=islands)
    explanations = _checked_names(x.columns)
    outcome = align(y, space).to_numpy()
    if _constant(outcome):
        raise StatisticsError(
            f"the outcome is {outcome[0]:g} everywhere; there is nothing to explain",
            code="statistics.constant",
            value=float(outcome[0]),
        )
    columns = [_column(x, number, space) for number in range(len(explanations))]
    names = explanations
    if lagged:
        columns += [space.matrix @ column for column in columns]
        names += tuple(LAG_PREFIX + name for name in explanations)
    _refuse_too_few(len(outcome), len(names) + 1)
    table = np.column_stack(columns)
    _refuse_constant(table, names)
    _refuse_collinear(table, names)
    return Design(
        index=y.index,
        y=outcome,
        x=np.column_stack([np.ones(space.n), table]),
        names=(INTERCEPT, *names),
        explanations=explanations,
        space=space,
    )


def with_column(design: Design, column: Floats, name: str) -> Design:
    """Put a further column in front of the explanations, as 2SLS does with the lag."""
    return replace(design, x=np.column_stack([column, design.x]), names=(name, *design.names))


def least_squares(y: Floats, x: Floats) -> Fit:
    """Fit by least squares.

    Parameters
    ----------
    y : numpy.ndarray, shape (n,)
        Outcome.
    x : numpy.ndarray, shape (n, k)
        Columns of full rank.

    Returns
    -------
    Fit
        Coefficients, residuals, basis of the columns, inverse of their cross product.

    Examples
    --------
    >>> fit = least_squares(np.array([1.0, 3.0, 5.0]), np.array([[1.0, 0], [1, 1], [1, 2]]))
    >>> fit.coefficients.round(9).tolist()
    [1.0, 2.0]
    """
    # Columns of length one, so that the units of measurement do not decide the rounding.
    length = np.linalg.norm(x, axis=0)
    basis, triangle = np.linalg.qr(x / length)
    inverse = np.linalg.solve(triangle, np.eye(len(length))) / length[:, None]
    coefficients = inverse @ (basis.T @ y)
    return Fit(
        coefficients=coefficients,
        residuals=y - x @ coefficients,
        basis=basis,
        inverse=inverse @ inverse.T,
    )


def refuse_perfect(design: Design, residuals: Floats) -> None:
    """Refuse a fit that leaves nothing but rounding."""
    about = design.y - design.y.mean()
    if float(residuals @ residuals) <= 1e-20 * float(about @ about):
        raise StatisticsError(
            "the explanations reproduce the outcome exactly; no error is left to test with",
            code="statistics.perfect_fit",
        )


def _checked_names(columns: pd.Index) -> tuple[str, ...]:
    names = tuple(str(name) for name in columns)
    if not names:
        raise StatisticsError(
            "there are no explanations; give at least one column", code="statistics.no_columns"
        )
    lags = {LAG_PREFIX + name for name in names}
    taken = [n for n in names if names.count(n) > 1 or n in _RESERVED or n in lags]
    if taken:
        raise StatisticsError(
            f"names of columns repeat or are reserved: {name_labels(dict.fromkeys(taken))}; "
            "rename them",
            code="statistics.column_names",
            **named(dict.fromkeys(taken)),
        )
    return names


def _column(x: pd.DataFrame, number: int, space: SpatialMatrix) -> Floats:
    try:
        return np.asarray(align(x.iloc[:, number], space).to_numpy(), dtype=np.float64)
    except WeightsError as error:
        name = str(x.columns[number])
        raise WeightsError(
            f"column {name}: {error}", code=error.code, column=name, **error.params
        ) from error


def _constant(values: Floats) -> bool:
    return bool(np.ptp(values) <= 32.0 * np.finfo(np.float64).eps * np.abs(values).max())


def _refuse_too_few(n: int, coefficients: int) -> None:
    # One degree of freedom more than coefficients: rho or lambda, and an error to estimate.
    if n <= coefficients + 1:
        raise StatisticsError(
            f"{coefficients} coefficients need more than {coefficients + 1} units, got {n}",
            code="statistics.too_few_observations",
            n=n,
            coefficients=coefficients,
        )


def _refuse_constant(table: Floats, names: tuple[str, ...]) -> None:
    constant = [name for name, column in zip(names, table.T, strict=True) if _constant(column)]
    if constant:
        raise StatisticsError(
            f"columns have the same value everywhere: {name_labels(constant)}; an intercept is "
            "always fitted, leave them out",
            code="statistics.constant_column",
            **named(constant),
        )


def _refuse_collinear(table: Floats, names: tuple[str, ...]) -> None:
    centred = table - table.mean(axis=0)
    scaled = centred / np.linalg.norm(centred, axis=0)
    size, right = np.linalg.svd(scaled, full_matrices=False)[1:]
    loose = right[size <= _COLLINEAR * size[0]]
    involved = (np.abs(loose) > _NAMED_LOADING).any(axis=0)
    guilty = [name for name, found in zip(names, involved, strict=True) if found]
    if guilty:
        raise StatisticsError(
            f"columns cannot be told apart: {name_labels(guilty)}; one is a combination of the "
            "others, leave one out",
            code="statistics.collinear",
            **named(guilty),
        )
