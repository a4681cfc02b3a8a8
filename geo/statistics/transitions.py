"""How units move between classes over the years: Markov and spatial Markov matrices."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from geo.errors import StatisticsError
from geo.statistics.panel import Panel, as_panel
from geo.statistics.preparation import canonical
from geo.weights import align

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["MarkovResult", "SpatialMarkovResult", "markov", "spatial_markov"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Classes = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkovResult:
    """Transitions between classes from one year of a panel to the next.

    Parameters
    ----------
    upper : tuple of float
        Upper bound of every class, belonging to it; the last is the largest value.
    counts : pandas.DataFrame
        Transitions from class (index ``from``) to class (columns ``to``), lowest class 1.
    probabilities : pandas.DataFrame
        Row shares of ``counts``; NaN for a class that nothing leaves from.
    steady : pandas.Series
        Shares of the classes that the transitions lead to in the long run whatever the
        start; NaN where that depends on the start.
    """

    upper: tuple[float, ...]
    counts: pd.DataFrame
    probabilities: pd.DataFrame
    steady: pd.Series


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpatialMarkovResult:
    """Transitions given the class of the neighbours' mean, and the test whether it matters.

    Parameters
    ----------
    pooled : MarkovResult
        Transitions of the same units whatever their neighbours.
    lag_upper : tuple of float
        Upper bound of every class of the neighbours' mean.
    conditional : tuple of MarkovResult
        One matrix per lag class at the start of the transition, lowest first.
    likelihood_ratio, chi_square : float
        Statistics of homogeneity over the lag classes.
    degrees : int
        Their degrees of freedom; 0 when nothing can differ.
    p_likelihood_ratio, p_chi_square : float
        Asymptotic p-values; NaN without degrees of freedom.
    isolates : tuple
        Labels of units without neighbours: they count for the class bounds only.
    """

    pooled: MarkovResult
    lag_upper: tuple[float, ...]
    conditional: tuple[MarkovResult, ...]
    likelihood_ratio: float
    chi_square: float
    degrees: int
    p_likelihood_ratio: float
    p_chi_square: float
    isolates: tuple[Any, ...]


def markov(values: pd.DataFrame, *, classes: int = 5) -> MarkovResult:
    """Count how units move between classes from year to year.

    Parameters
    ----------
    values : pandas.DataFrame
        Index year, evenly spaced; one column per unit, no gaps. Divide by the mean of each
        year beforehand to follow relative positions.
    classes : int, default 5
        Number of classes, at least 2; bounds are quantiles of all values of all years.

    Returns
    -------
    MarkovResult
        Counts, probabilities, steady state.

    Raises
    ------
    geo.errors.StatisticsError
        The panel has gaps or uneven years, or ties leave a class empty.

    References
    ----------
    .. [1] Quah (1993), Empirical cross-section dynamics in economic growth, European
       Economic Review 37(2-3), 426-434.

    Examples
    --------
    >>> values = pd.DataFrame({"a": [1, 2, 6], "b": [5, 3, 4], "c": [7, 8, 1]}, index=[1, 2, 3])
    >>> result = markov(values, classes=2)
    >>> result.counts.to_numpy().tolist(), result.steady.round(6).tolist()
    ([[2, 1], [2, 1]], [0.666667, 0.333333])
    """
    panel = _even_panel(values)
    state, upper = _classify(panel.values, classes)
    return _result(_count(state[:, :-1], state[:, 1:], classes), upper)


def spatial_markov(
    values: pd.DataFrame, weights: "Graph", *, classes: int = 5, lag_classes: int | None = None
) -> SpatialMarkovResult:
    """Count moves between classes separately by the class of the neighbours.

    Parameters
    ----------
    values : pandas.DataFrame
        Index year, evenly spaced; one column per unit, no gaps.
    weights : libpysal.graph.Graph
        Spatial weights; the neighbours' mean is weighted by them, whatever their sums.
    classes : int, default 5
        Number of classes, at least 2.
    lag_classes : int, optional
        Number of classes of the neighbours' mean; as many as ``classes`` if not given.
        Bounds are quantiles of the means of all years.

    Returns
    -------
    SpatialMarkovResult
        One matrix per lag class, and tests of their equality.

    Raises
    ------
    geo.errors.WeightsError
        Labels do not match.
    geo.errors.StatisticsError
        The panel has gaps or uneven years, ties leave a class empty, or weights are
        negative.

    Notes
    -----
    Matrices after Rey [1]_, tests after Bickenbach and Bode [2]_. The tests take transitions
    for independent; units that are neighbours, or long panels with strong persistence, make
    them reject too often. Cells that are empty in the pooled matrix give no degree of
    freedom.

    References
    ----------
    .. [1] Rey (2001), Spatial empirics for economic growth and convergence, Geographical
       Analysis 33(3), 195-214.
    .. [2] Bickenbach and Bode (2003), Evaluating the Markov property in studies of economic
       convergence, International Regional Science Review 26(3), 363-392.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbc"), list("bacb"), [1] * 4)
    >>> values = pd.DataFrame({"a": [1, 2, 6], "b": [5, 3, 4], "c": [7, 8, 1]}, index=[1, 2, 3])
    >>> result = spatial_markov(values, path, classes=2)
    >>> [one.counts.to_numpy().tolist() for one in result.conditional]
    [[[0, 1], [2, 0]], [[2, 0], [0, 1]]]
    """
    panel = _even_panel(values)
    align(values.iloc[0], weights)
    labels, matrix = canonical(weights)
    total = matrix.sum(axis=1)
    if (matrix.data < 0.0).any():
        raise StatisticsError(
            "a mean over neighbours needs weights that are not negative",
            code="statistics.negative_weights",
        )
    linked = total > 0.0
    state, upper = _classify(panel.values, classes)
    lags = (matrix @ panel.values)[linked] / total[linked, None]
    regimes = classes if lag_classes is None else lag_classes
    regime, lag_upper = _classify(lags, regimes)
    origin, target, regime = state[linked, :-1], state[linked, 1:], regime[:, :-1]
    counts = np.stack(
        [_count(origin[regime == r], target[regime == r], classes) for r in range(regimes)]
    )
    ratio, square, degrees = _homogeneity(counts)
    return SpatialMarkovResult(
        pooled=_result(counts.sum(axis=0), upper),
        lag_upper=lag_upper,
        conditional=tuple(_result(one, upper) for one in counts),
        likelihood_ratio=ratio,
        chi_square=square,
        degrees=degrees,
        p_likelihood_ratio=_chi_square_p(ratio, degrees),
        p_chi_square=_chi_square_p(square, degrees),
        isolates=tuple(labels[~linked]),
    )


def _even_panel(values: pd.DataFrame) -> Panel:
    panel = as_panel(values)
    steps = np.diff(panel.years)
    if np.ptp(steps) > 1e-9 * steps[0]:
        raise StatisticsError(
            "years must be evenly spaced, so that every transition takes as long; got steps of "
            f"{steps.min():g} to {steps.max():g}",
            code="statistics.years_uneven",
            shortest=float(steps.min()),
            longest=float(steps.max()),
        )
    return panel


def _classify(values: Floats, classes: int) -> tuple[Classes, tuple[float, ...]]:
    """Class of every value by quantiles of all of them, a bound belonging to the lower class."""
    upper = np.quantile(values, np.arange(1, max(classes, 1) + 1) / max(classes, 1))
    state = np.searchsorted(upper[:-1], values, side="left")
    if classes < 2 or len(np.unique(state)) < classes:  # noqa: PLR2004 - one class has no moves
        raise StatisticsError(
            f"the values cannot be put into {classes} classes that are all in use; take at least "
            "2, and fewer where many values are equal",
            code="statistics.classes",
            classes=classes,
        )
    return state, tuple(float(bound) for bound in upper)


def _count(origin: Classes, target: Classes, classes: int) -> Counts:
    cells = np.bincount((origin * classes + target).ravel(), minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def _result(counts: Counts, upper: tuple[float, ...]) -> MarkovResult:
    names = np.arange(1, len(counts) + 1)
    index, columns = pd.Index(names, name="from"), pd.Index(names, name="to")
    leaving = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, leaving, out=np.full(counts.shape, np.nan), where=leaving > 0)
    return MarkovResult(
        upper=upper,
        counts=pd.DataFrame(counts, index=index, columns=columns),
        probabilities=pd.DataFrame(share, index=index, columns=columns),
        steady=pd.Series(_steady(share), index=pd.Index(names, name="class")),
    )


def _steady(share: Floats) -> Floats:
    size = len(share)
    unknown = np.full(size, np.nan)
    if np.isnan(share).any():
        return unknown
    flow = share.T - np.eye(size)
    # A chain with two closed sets of classes ends where it began.
    if np.linalg.matrix_rank(flow, tol=1e-10) < size - 1:
        return unknown
    system = np.vstack([flow, np.ones(size)])
    solved = np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0]
    shares = np.maximum(solved, 0.0)
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def _homogeneity(counts: Counts) -> tuple[float, float, int]:
    """Likelihood ratio, chi-square, degrees of freedom over regimes, shape (r, k, k)."""
    leaving = counts.sum(axis=2, keepdims=True)
    cells = counts.sum(axis=0)
    from_class = cells.sum(axis=1, keepdims=True)
    pooled = np.divide(cells, from_class, out=np.zeros(cells.shape), where=from_class > 0)
    expected = leaving * pooled
    apart = np.divide(
        (counts - expected) ** 2, expected, out=np.zeros(counts.shape), where=expected > 0.0
    )
    ratio = np.divide(counts, expected, out=np.ones(counts.shape), where=counts > 0)
    regimes = (leaving[:, :, 0] > 0).sum(axis=0)
    reached = (cells > 0).sum(axis=1)
    degrees = int((np.maximum(regimes - 1, 0) * np.maximum(reached - 1, 0)).sum())
    return float(2.0 * (counts * np.log(ratio)).sum()), float(apart.sum()), degrees


def _chi_square_p(statistic: float, degrees: int) -> float:
    return float(stats.chi2.sf(statistic, degrees)) if degrees else float("nan")
