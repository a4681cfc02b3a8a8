"""How far a rank can be trusted, what could change it, what would."""

from suanli.robustness.alternatives import Alternatives, one_at_a_time
from suanli.robustness.attainable import AttainableRanks, attainable_ranks
from suanli.robustness.limits import Limits
from suanli.robustness.omission import Omissions, leave_one_out
from suanli.robustness.polytope import Polytope, weight_polytope
from suanli.robustness.revealed import Fit, RevealedWeights, leave_one_list_out, revealed_weights
from suanli.robustness.sensitivity import Sensitivity, rank_sensitivity
from suanli.robustness.sobol import SobolIndices, sobol_indices
from suanli.robustness.target import TargetResult, reach_rank
from suanli.robustness.uncertainty import RankIntervals, rank_intervals

__all__ = [
    "Alternatives",
    "AttainableRanks",
    "Fit",
    "Limits",
    "Omissions",
    "Polytope",
    "RankIntervals",
    "RevealedWeights",
    "Sensitivity",
    "SobolIndices",
    "TargetResult",
    "attainable_ranks",
    "leave_one_list_out",
    "leave_one_out",
    "one_at_a_time",
    "rank_intervals",
    "rank_sensitivity",
    "reach_rank",
    "revealed_weights",
    "sobol_indices",
    "weight_polytope",
]
