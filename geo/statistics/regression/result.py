"""What a fitted model is: coefficients with their tests, and what it leaves."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from geo.statistics.regression.matrix import SpatialMatrix

__all__ = ["RegressionResult", "ResidualMoran", "coefficient_table"]

Floats = NDArray[np.float64]
Model = Literal["ols", "slx", "sar", "sem", "sdm", "sdem"]
Method = Literal["least squares", "ml", "gmm"]

_LEVEL = 0.975


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualMoran:
    """Moran's I of residuals.

    Parameters
    ----------
    statistic : float
        (n / S0) e'We / e'e.
    expected, variance, z, p : float
        Moments of least-squares residuals under independent normal errors, standard deviate
        and two-sided p; NaN where the residuals are not those of least squares, for then
        these moments do not hold.
    """

    statistic: float
    expected: float
    variance: float
    z: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegressionResult:
    """A fitted regression.

    Parameters
    ----------
    model : {"ols", "slx", "sar", "sem", "sdm", "sdem"}
        What was fitted.
    method : {"least squares", "ml", "gmm"}
        How.
    coefficients : pandas.DataFrame
        Index the terms, ``rho`` or ``lambda`` first where the model has one;
        ``coefficient``, ``standard_error``, ``z`` (the deviate: Student's t with n - k
        degrees of freedom by least squares, else normal), two-sided ``p``, 95 % interval
        ``lower``, ``upper``. Least squares and 2SLS add ``hc1_error`` and ``hc1_p``, robust
        to unequal variance. NaN where the method gives no error (``lambda`` by GMM).
    covariance : pandas.DataFrame
        Covariance of the coefficients, terms by terms.
    sigma2 : float
        Variance of the errors: divisor n - k by least squares and 2SLS, n else.
    outcome : pandas.Series
        What was explained.
    residuals : pandas.Series
        Innovations: what neither explanations nor spatial terms explain.
    trend : pandas.Series
        What the explanations predict, spillovers included where the outcome is lagged.
    r_squared : float
        Squared correlation of outcome and trend; by least squares the usual R2.
    log_likelihood, aic : float
        At the estimate; NaN by GMM. AIC counts sigma2 and rho or lambda as parameters.
    tests : pandas.DataFrame
        Index the tests, ``statistic``, ``df``, ``p`` (chi-squared).
    residual_moran : ResidualMoran
        Of the residuals.
    explanations : tuple of str
        Columns of ``x``, without their lags.
    n : int
        Number of units.
    isolates : tuple
        Units without neighbours, whose lags are zero.
    determinant : str
        How log |I - rho W| was computed: ``"eigenvalues"``, ``"factors"``, ``"series"``, or
        empty.
    determinant_error : float
        Standard error of rho or lambda that comes from sampling the determinant alone, 0
        where it is exact. Small beside ``standard_error``, or ask for ``"factors"``.
    space : SpatialMatrix
        The weights.
    """

    model: Model
    method: Method
    coefficients: pd.DataFrame
    covariance: pd.DataFrame
    sigma2: float
    outcome: pd.Series = field(repr=False)
    residuals: pd.Series
    trend: pd.Series
    r_squared: float
    log_likelihood: float
    aic: float
    tests: pd.DataFrame
    residual_moran: ResidualMoran
    explanations: tuple[str, ...]
    n: int
    isolates: tuple[Any, ...]
    determinant: str
    determinant_error: float
    space: SpatialMatrix = field(repr=False)

    @property
    def lagged(self) -> bool:
        """Whether spatial lags of the explanations take part."""
        return self.model in {"slx", "sdm", "sdem"}

    @property
    def spatial(self) -> str:
        """Return the name of the spatial parameter: ``"rho"``, ``"lambda"`` or empty."""
        return {"sar": "rho", "sdm": "rho", "sem": "lambda", "sdem": "lambda"}.get(self.model, "")


def coefficient_table(
    names: tuple[str, ...],
    values: Floats,
    covariance: Floats,
    *,
    degrees: int | None = None,
    robust: Floats | None = None,
) -> pd.DataFrame:
    """Return coefficients with their tests.

    Parameters
    ----------
    names : tuple of str
        Terms.
    values : numpy.ndarray, shape (k,)
        Coefficients.
    covariance : numpy.ndarray, shape (k, k)
        Their covariance; NaN on the diagonal where there is none.
    degrees : int, optional
        Degrees of freedom of Student's t; the normal law if not given.
    robust : numpy.ndarray, shape (k, k), optional
        A second covariance, robust to unequal variance.

    Returns
    -------
    pandas.DataFrame
        As :attr:`RegressionResult.coefficients`.

    Examples
    --------
    >>> table = coefficient_table(("x",), np.array([1.0]), np.array([[0.25]]))
    >>> table.loc["x", ["z", "p"]].round(4).tolist()
    [2.0, 0.0455]
    """
    error = np.sqrt(np.diagonal(covariance))
    law = stats.norm() if degrees is None else stats.t(degrees)
    reach = float(law.ppf(_LEVEL)) * error
    table = pd.DataFrame(
        {
            "coefficient": values,
            "standard_error": error,
            "z": values / error,
            "p": 2.0 * law.sf(np.abs(values / error)),
            "lower": values - reach,
            "upper": values + reach,
        },
        index=pd.Index(names, name="term"),
    )
    if robust is not None:
        table["hc1_error"] = np.sqrt(np.diagonal(robust))
        table["hc1_p"] = 2.0 * law.sf(np.abs(values) / table["hc1_error"])
    return table


def chi_squared_table(rows: dict[str, tuple[float, int]]) -> pd.DataFrame:
    """Return chi-squared tests from name to (statistic, degrees of freedom)."""
    return pd.DataFrame(
        {
            "statistic": [statistic for statistic, _ in rows.values()],
            "df": [df for _, df in rows.values()],
            "p": [float(stats.chi2.sf(statistic, df)) for statistic, df in rows.values()],
        },
        index=pd.Index(list(rows), name="test"),
    )


def squared_correlation(one: Floats, other: Floats) -> float:
    """Return the squared correlation, NaN where one of the two does not vary."""
    first, second = one - one.mean(), other - other.mean()
    size = float(first @ first) * float(second @ second)
    return float(first @ second) ** 2 / size if size > 0.0 else float("nan")
