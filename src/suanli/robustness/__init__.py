"""How far a rank can be trusted, what could change it, what would."""

from suanli.robustness.alternatives import Alternatives, one_at_a_time
from suanli.robustness.omission import Omissions, leave_one_out
from suanli.robustness.sensitivity import Sensitivity, rank_sensitivity
from suanli.robustness.sobol import SobolIndices, sobol_indices
from suanli.robustness.uncertainty import RankIntervals, rank_intervals

__all__ = [
    "Alternatives",
    "Omissions",
    "RankIntervals",
    "Sensitivity",
    "SobolIndices",
    "leave_one_out",
    "one_at_a_time",
    "rank_intervals",
    "rank_sensitivity",
    "sobol_indices",
]
