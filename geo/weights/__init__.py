"""Spatial weights: builders over libpysal ``Graph``, met with values by label only."""

from geo.weights.alignment import align, sparse_matrix
from geo.weights.contiguity import (
    add_bridges,
    build_contiguity,
    higher_order,
    restrict,
    row_standardise,
)
from geo.weights.distance import distance_band, knn
from geo.weights.report import WeightsReport, describe

__all__ = [
    "WeightsReport",
    "add_bridges",
    "align",
    "build_contiguity",
    "describe",
    "distance_band",
    "higher_order",
    "knn",
    "restrict",
    "row_standardise",
    "sparse_matrix",
]
