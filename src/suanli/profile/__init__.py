"""The evaluation system as data: an index, its dimensions, its indicators, their weights.

A profile is a TOML file. ``load_profile`` reads one of ours by name or a user's by path and
reports everything wrong with it at once.
"""

from suanli.profile.load import (
    duplicate_names,
    inference_spec,
    list_profiles,
    load_profile,
    parse_profile,
    replace_spec,
    without,
)
from suanli.profile.method import Method
from suanli.profile.model import (
    ROOT,
    Dimension,
    IndexSpec,
    Indicator,
    Judgement,
    Names,
    Raster,
    Variable,
)
from suanli.profile.uncertainty import Choice, Uncertainty, WeightDistribution

__all__ = [
    "ROOT",
    "Choice",
    "Dimension",
    "IndexSpec",
    "Indicator",
    "Judgement",
    "Method",
    "Names",
    "Raster",
    "Uncertainty",
    "Variable",
    "WeightDistribution",
    "duplicate_names",
    "inference_spec",
    "list_profiles",
    "load_profile",
    "parse_profile",
    "replace_spec",
    "without",
]
