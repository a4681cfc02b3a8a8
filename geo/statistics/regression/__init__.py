"""Regression with spatial terms: least squares, lag, error and Durbin models, impacts."""

from geo.statistics.regression.impacts import ImpactResult, impacts
from geo.statistics.regression.matrix import SpatialMatrix, spatial_matrix
from geo.statistics.regression.models import fit_sar, fit_sdem, fit_sdm, fit_sem
from geo.statistics.regression.ols import fit_ols, fit_slx
from geo.statistics.regression.result import RegressionResult, ResidualMoran
from geo.statistics.regression.table import likelihood_ratio, model_table

__all__ = [
    "ImpactResult",
    "RegressionResult",
    "ResidualMoran",
    "SpatialMatrix",
    "fit_ols",
    "fit_sar",
    "fit_sdem",
    "fit_sdm",
    "fit_sem",
    "fit_slx",
    "impacts",
    "likelihood_ratio",
    "model_table",
    "spatial_matrix",
]
