"""The evaluation: derive, screen, impute, treat, normalise, weight, aggregate, rank."""

from suanli.evaluation.score import (
    Derivation,
    Scores,
    derivation,
    evaluate,
    evaluate_from,
    evaluate_panel,
)
from suanli.evaluation.settle import optional_coverage, settled

__all__ = [
    "Derivation",
    "Scores",
    "derivation",
    "evaluate",
    "evaluate_from",
    "evaluate_panel",
    "optional_coverage",
    "settled",
]
