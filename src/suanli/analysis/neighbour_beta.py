"""Beta-convergence of provinces with their neighbours in it: lag or error, as the tests say."""

from typing import TYPE_CHECKING

import pandas as pd

from geo.statistics import spatial_beta_convergence, spatial_matrix

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from geo.statistics import SpatialBetaResult

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

    References
    ----------
    .. [1] Anselin, Bera, Florax and Yoon (1996), Simple diagnostic tests for spatial
       dependence, Regional Science and Urban Economics 26(1), 77-104.

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
        error = spatial_beta_convergence(panel, space, form="sem", controls=controls)
        return _row(error)
    return _row(lag)


def _row(result: "SpatialBetaResult") -> dict[str, float | str]:
    own = result.model.coefficients.loc[[result.model.spatial], ["coefficient", "p"]]
    spatial, spatial_p = own.to_numpy(dtype=float)[0].tolist()
    p = result.plain.tests["p"]
    return {
        "form": result.form,
        "slope": result.slope,
        "standard_error": result.standard_error,
        "p": result.p,
        "lower": result.interval[0],
        "upper": result.interval[1],
        "speed": result.speed,
        "half_life": result.half_life,
        "r_squared": result.model.r_squared,
        "n": result.model.n,
        "span": result.span,
        "spatial": spatial,
        "spatial_p": spatial_p,
        "lm_lag_p": float(p["lm_lag"]),
        "lm_error_p": float(p["lm_error"]),
        "robust_lag_p": float(p["robust_lm_lag"]),
        "robust_error_p": float(p["robust_lm_error"]),
    }
