"""Coverages indexed by unit code: read, validate, clean, merge, dissolve, simplify, write."""

from geo.layer.checking import LayerReport, validate_layer
from geo.layer.reading import read_layer, write_layer
from geo.layer.shaping import (
    clean_coverage,
    dissolve_units,
    merge_units,
    neighbour_pairs,
    simplify_coverage,
)

__all__ = [
    "LayerReport",
    "clean_coverage",
    "dissolve_units",
    "merge_units",
    "neighbour_pairs",
    "read_layer",
    "simplify_coverage",
    "validate_layer",
    "write_layer",
]
