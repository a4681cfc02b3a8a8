"""The evaluation: derive, screen, impute, treat, normalise, weight, aggregate, rank."""

from suanli.evaluation.score import (
    Derivation,
    Scores,
    derivation,
    evaluate,
    evaluate_from,
    evaluate_panel,
)

__all__ = [
    "Derivation",
    "Scores",
    "derivation",
    "evaluate",
    "evaluate_from",
    "evaluate_panel",
]
