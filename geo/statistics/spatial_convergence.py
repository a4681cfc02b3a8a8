"""Beta-convergence between neighbours: growth that spills over, or shocks that do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from geo.errors import StatisticsError
from geo.statistics.grouping import checked, matched
from geo.statistics.panel import as_panel, refuse_below
from geo.statistics.regression import (
    RegressionResult,
    SpatialMatrix,
    fit_ols,
    fit_sar,
    fit_sem,
    spatial_matrix,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["SpatialBetaResult", "spatial_beta_convergence"]

Form = Literal["sar", "sem"]
_INITIAL = "log_initial"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpatialBetaResult:
    """The regression of growth on the initial level, with space.

    Parameters
    ----------
    form : {"sar", "sem"}
        Growth depends on the neighbours' growth, or errors on the neighbours' errors.
    slope : float
        Coefficient b of the initial level, the neighbours' growth held fixed; negative: those
        behind grow faster.
    standard_error, p : float
        Of the slope: asymptotic standard error, two-sided normal p.
    interval : tuple of float
        95 % interval of the slope.
    speed : float
        -ln(1 + b T) / T per year; negative when levels diverge, NaN when b <= -1 / T.
    half_life : float
        ln 2 / speed in years, NaN unless the speed is positive.
    span : float
        Years T from the first year to the last.
    model : RegressionResult
        The fitted spatial model; its first coefficient is ``rho`` or ``lambda``.
    plain : RegressionResult
        Least squares of the same equation, with the tests for a spatial term.
    """

    form: Form
    slope: float
    standard_error: float
    p: float
    interval: tuple[float, float]
    speed: float
    half_life: float
    span: float
    model: RegressionResult
    plain: RegressionResult


def spatial_beta_convergence(
    values: pd.DataFrame,
    weights: "Graph | SpatialMatrix",
    *,
    form: Form = "sar",
    controls: pd.DataFrame | None = None,
) -> SpatialBetaResult:
    """Measure whether units that start lower grow faster, their neighbours considered.

    Parameters
    ----------
    values : pandas.DataFrame
        Index year, one column per unit, all positive; growth is from the first year to the
        last.
    weights : libpysal.graph.Graph or SpatialMatrix
        Spatial weights; row-standardise them for the usual form.
    form : {"sar", "sem"}, default "sar"
        ``"sar"``: growth depends on the neighbours' growth; ``"sem"``: shocks spill over.
    controls : pandas.DataFrame, optional
        Further explanations of growth, one row per unit, one column each.

    Returns
    -------
    SpatialBetaResult
        Slope, speed, half-life, the model and its non-spatial counterpart.

    Raises
    ------
    geo.errors.StatisticsError
        The panel has gaps or values that are not positive, labels do not match, there are
        too few units, explanations cannot be told apart, or an unknown form.
    geo.errors.WeightsError
        Labels of values and weights do not match, or there are units without neighbours.

    Notes
    -----
    ln(y_iT / y_i0) / T = a + b ln y_i0 + c'x_i + rho (W growth)_i + e_i, or the same without
    rho and with u = lambda W u + e, by maximum likelihood [1]_. In the lag form b is the effect
    at given growth of the neighbours; the whole effect of the own level is in
    :func:`impacts`. Which form: the robust Lagrange multiplier tests of ``plain``.

    References
    ----------
    .. [1] Rey and Montouri (1999), US regional income convergence: a spatial econometric
       perspective, Regional Studies 33(2), 143-156.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> path = Graph.from_arrays(list("abbccddeef"), list("bacbdcedfe"), [1] * 10).transform("R")
    >>> first = pd.Series([1.0, 2, 4, 3, 6, 5], index=list("abcdef"))
    >>> last = pd.Series([2.0, 3, 5, 5, 7, 6], index=list("abcdef"))
    >>> values = pd.DataFrame([first, last], index=[2013, 2023])
    >>> result = spatial_beta_convergence(values, path, form="sem")
    >>> round(result.slope, 4), result.speed > 0
    (-0.027, True)
    """
    if form not in get_args(Form):
        raise StatisticsError(
            f"form must be one of {', '.join(get_args(Form))}, got {form!r}",
            code="statistics.form",
            value=form,
            allowed=", ".join(get_args(Form)),
        )
    panel = as_panel(values)
    refuse_below(panel, zero=False)
    span = float(panel.years[-1] - panel.years[0])
    logs = np.log(panel.values[:, [0, -1]])
    growth = pd.Series((logs[:, 1] - logs[:, 0]) / span, index=panel.labels, name="growth")
    design = pd.DataFrame({_INITIAL: logs[:, 0]}, index=panel.labels)
    if controls is not None:
        for name in controls.columns:
            known = checked(controls[name])
            design[str(name)] = matched(design[_INITIAL], known, what="controls")
    space = spatial_matrix(weights)
    model = {"sar": fit_sar, "sem": fit_sem}[form](growth, design, space)
    table = model.coefficients.loc[[_INITIAL]]
    row = dict(zip(table.columns, table.to_numpy()[0].tolist(), strict=True))
    slope = row["coefficient"]
    shrunk = 1.0 + slope * span
    speed = float(-np.log(shrunk) / span) if shrunk > 0.0 else float("nan")
    return SpatialBetaResult(
        form=form,
        slope=slope,
        standard_error=row["standard_error"],
        p=row["p"],
        interval=(row["lower"], row["upper"]),
        speed=speed,
        half_life=float(np.log(2.0) / speed) if speed > 0.0 else float("nan"),
        span=span,
        model=model,
        plain=fit_ols(growth, design, space),
    )
