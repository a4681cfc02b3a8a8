"""The evaluation: derive, impute, treat, normalise, weight, aggregate, rank."""

from suanli.evaluation.score import Scores, evaluate, evaluate_panel

__all__ = ["Scores", "evaluate", "evaluate_panel"]
