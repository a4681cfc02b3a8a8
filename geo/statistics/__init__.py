"""Spatial statistics that align by label and draw only from an explicit generator."""

from geo.statistics.contrasts import GroupContrast, group_contrast, group_means
from geo.statistics.convergence import (
    BetaResult,
    SigmaResult,
    beta_convergence,
    sigma_convergence,
)
from geo.statistics.dagum import DagumResult, dagum
from geo.statistics.event_study import EventStudy, PreTrend, event_study
from geo.statistics.geary import GearyResult, geary
from geo.statistics.getis_ord import GetisOrdResult, getis_ord_global, getis_ord_local
from geo.statistics.inequality import (
    TheilResult,
    coefficient_of_variation,
    gini,
    theil_l,
    theil_t,
)
from geo.statistics.join_counts import JoinCountResult, join_counts
from geo.statistics.local_geary import local_geary
from geo.statistics.local_joins import local_join_counts
from geo.statistics.moran import (
    MoranResult,
    bivariate_moran,
    global_moran,
    local_bivariate_moran,
    local_moran,
)
from geo.statistics.redraw import Redraws, redraw_sets
from geo.statistics.regression import (
    ImpactResult,
    RegressionResult,
    ResidualMoran,
    SpatialMatrix,
    fit_ols,
    fit_sar,
    fit_sdem,
    fit_sdm,
    fit_sem,
    fit_slx,
    impacts,
    likelihood_ratio,
    model_table,
    spatial_matrix,
)
from geo.statistics.rings import RingResult, ring_contrast, ring_order, ring_test
from geo.statistics.separation import Separation, by_distance, by_order
from geo.statistics.set_tests import SetTest, set_joins, set_moran
from geo.statistics.significance import (
    bonferroni_adjust,
    fdr_adjust,
    fdr_reachable,
    permutations_needed,
)
from geo.statistics.spatial_convergence import SpatialBetaResult, spatial_beta_convergence
from geo.statistics.transitions import (
    MarkovResult,
    SpatialMarkovResult,
    markov,
    spatial_markov,
)

__all__ = [
    "BetaResult",
    "DagumResult",
    "EventStudy",
    "GearyResult",
    "GetisOrdResult",
    "GroupContrast",
    "ImpactResult",
    "JoinCountResult",
    "MarkovResult",
    "MoranResult",
    "PreTrend",
    "Redraws",
    "RegressionResult",
    "ResidualMoran",
    "RingResult",
    "Separation",
    "SetTest",
    "SigmaResult",
    "SpatialBetaResult",
    "SpatialMarkovResult",
    "SpatialMatrix",
    "TheilResult",
    "beta_convergence",
    "bivariate_moran",
    "bonferroni_adjust",
    "by_distance",
    "by_order",
    "coefficient_of_variation",
    "dagum",
    "event_study",
    "fdr_adjust",
    "fdr_reachable",
    "fit_ols",
    "fit_sar",
    "fit_sdem",
    "fit_sdm",
    "fit_sem",
    "fit_slx",
    "geary",
    "getis_ord_global",
    "getis_ord_local",
    "gini",
    "global_moran",
    "group_contrast",
    "group_means",
    "impacts",
    "join_counts",
    "likelihood_ratio",
    "local_bivariate_moran",
    "local_geary",
    "local_join_counts",
    "local_moran",
    "markov",
    "model_table",
    "permutations_needed",
    "redraw_sets",
    "ring_contrast",
    "ring_order",
    "ring_test",
    "set_joins",
    "set_moran",
    "sigma_convergence",
    "spatial_beta_convergence",
    "spatial_markov",
    "spatial_matrix",
    "theil_l",
    "theil_t",
]
