"""Suanli Atlas: the comprehensive computing power evaluation, redone, tested and mapped."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from suanli.data import read_table
    from suanli.evaluation import Scores, evaluate, evaluate_panel
    from suanli.profile import load_profile

__all__ = ["Scores", "evaluate", "evaluate_panel", "load_profile", "read_table"]
__version__ = "0.1.0"

_HOMES = {
    "Scores": "suanli.evaluation",
    "evaluate": "suanli.evaluation",
    "evaluate_panel": "suanli.evaluation",
    "load_profile": "suanli.profile",
    "read_table": "suanli.data",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: the command line must answer before pandas is imported.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'suanli' has no attribute {name!r}")
