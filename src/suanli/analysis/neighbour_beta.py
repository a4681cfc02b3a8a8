"""Beta-convergence of provinces with their neighbours in it: lag or error, as the tests say."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from geo.statistics import (
    SpatialBetaResult,
    SpatialMatrix,
    spatial_beta_convergence,
    spatial_matrix,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["neighbour_beta"]


def neighbour_beta(
    panel: pd.DataFrame, graph: "Graph", controls: pd.DataFrame | None
) -> dict[str, float | str]:
    """Estimate beta-convergence with a spatial lag of growth or a spatial error.

    Parameters
    ----------
    panel : pandas.DataFrame
        Index year, one column per unit, all positive.
    graph : libpysal.graph.Graph
        Row-standardised weights of the same units.
    controls : pandas.DataFrame, optional
        Further explanations of growth, one row per unit.

    Returns
    -------
    dict[str, float or str]
        A row of :attr:`suanli.analysis.convergence.ConvergenceResult.beta`, and ``form``
        (``sar`` or ``sem``), ``spatial`` (rho or lambda) with ``spatial_p``, ``lm_lag_p``,
        ``lm_error_p``, ``robust_lag_p`` and ``robust_error_p`` of least squares.

    Raises
    ------
    geo.errors.StatisticsError
        Values are not positive, or explanations cannot be told apart.
    geo.errors.WeightsError
        Labels differ, or a unit has no neighbour.

    Notes
    -----
    The form is the one whose robust Lagrange multiplier test is the more significant [1]_;
    where neither is, the form says little, and ``spatial_p`` says so. In the lag form the
    slope holds the growth of the neighbours fixed.

    Error, p and interval of the slope are HC3 with Student's t [2]_, of the least squares that
    remain once rho or lambda is at its estimate, as in
    :func:`geo.statistics.beta_convergence`. The errors of maximum likelihood rest on equal
    variance: with one province far from the others they came out ten times too small.

    References
    ----------
    .. [1] Anselin, Bera, Florax and Yoon (1996), Simple diagnostic tests for spatial
       dependence, Regional Science and Urban Economics 26(1), 77-104.
    .. [2] MacKinnon and White (1985), Some heteroskedasticity-consistent covariance matrix
       estimators with improved finite sample properties, Journal of Econometrics 29(3),
       305-325.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> first = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> last = pd.Series([2.0, 3, 5, 5, 7, 6], index=list("abcdef"))
    >>> row = neighbour_beta(pd.DataFrame([first, last], index=[2013, 2023]), path, None)
    >>> row["form"], bool(row["slope"] < 0), row["span"]
    ('sar', True, 10.0)
    """
    space = spatial_matrix(graph)
    lag = spatial_beta_convergence(panel, space, form="sar", controls=controls)
    p = lag.plain.tests["p"]
    # A test that cannot tell the two apart is NaN and decides nothing.
    if p["robust_lm_error"] < p["robust_lm_lag"]:
        found = spatial_beta_convergence(panel, space, form="sem", controls=controls)
    else:
        found = lag
    own = found.model.coefficients.loc[[found.model.spatial], ["coefficient", "p"]]
    spatial, spatial_p = own.to_numpy(dtype=float)[0].tolist()
    error, degrees = _robust_error(panel, space, controls, found, spatial)
    reach = float(stats.t.ppf(0.975, degrees)) * error
    return {
        "form": found.form,
        "slope": found.slope,
        "standard_error": error,
        "p": 2.0 * float(stats.t.sf(abs(found.slope) / error, degrees)),
        "lower": found.slope - reach,
        "upper": found.slope + reach,
        "speed": found.speed,
        "half_life": found.half_life,
        "r_squared": found.model.r_squared,
        "n": found.model.n,
        "span": found.span,
        "spatial": spatial,
        "spatial_p": spatial_p,
        "lm_lag_p": float(p["lm_lag"]),
        "lm_error_p": float(p["lm_error"]),
        "robust_lag_p": float(p["robust_lm_lag"]),
        "robust_error_p": float(p["robust_lm_error"]),
    }


def _robust_error(
    panel: pd.DataFrame,
    space: SpatialMatrix,
    controls: pd.DataFrame | None,
    found: SpatialBetaResult,
    spatial: float,
) -> tuple[float, int]:
    """Return the HC3 error of the slope and the degrees of freedom."""
    labels = space.labels
    first = np.log(panel.sort_index().iloc[0].reindex(labels).to_numpy(dtype=float))
    columns = [np.ones(len(labels)), first]
    if controls is not None:
        columns += list(controls.reindex(labels).to_numpy(dtype=float).T)
    x = np.column_stack(columns)
    if found.form == "sem":
        x = x - spatial * (space.matrix @ x)
    residuals = found.model.residuals.reindex(labels).to_numpy(dtype=float)
    basis, triangle = np.linalg.qr(x)
    leverage = (basis**2).sum(axis=1)
    rows = np.linalg.solve(triangle, basis.T)[1]
    error = float(np.sqrt(((rows * residuals / (1.0 - leverage)) ** 2).sum()))
    # One more coefficient than columns: rho or lambda.
    return error, len(labels) - x.shape[1] - 1
