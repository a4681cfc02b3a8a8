"""Suanli Atlas: the comprehensive computing power evaluation, redone, tested and mapped."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from suanli.data import read_table, shipped_data
    from suanli.errors import InputError
    from suanli.evaluation import Scores, evaluate, evaluate_panel
    from suanli.intake.layers import read_layer
    from suanli.profile import load_profile, replace_spec

__all__ = [
    "InputError",
    "Scores",
    "evaluate",
    "evaluate_panel",
    "load_profile",
    "read_layer",
    "read_table",
    "replace_spec",
    "shipped_data",
]
__version__ = "0.1.0"

_HOMES = {
    "InputError": "suanli.errors",
    "Scores": "suanli.evaluation",
    "evaluate": "suanli.evaluation",
    "evaluate_panel": "suanli.evaluation",
    "load_profile": "suanli.profile",
    "read_layer": "suanli.intake.layers",
    "read_table": "suanli.data",
    "replace_spec": "suanli.profile",
    "shipped_data": "suanli.data",
}


def __getattr__(name: str) -> Any:
    # Loaded on first use: the command line must answer before pandas is imported.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'suanli' has no attribute {name!r}")
