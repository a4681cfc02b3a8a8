"""Spatial weights: builders over libpysal ``Graph``, met with values by label only."""

from geo.weights.alignment import align, sparse_matrix
from geo.weights.contiguity import (
    add_bridges,
    build_contiguity,
    higher_order,
    restrict,
    row_standardise,
    settle_islands,
)
from geo.weights.distance import distance_band, knn
from geo.weights.exchange import read_gal, read_gwt, write_gal, write_gwt
from geo.weights.graded import inverse_distance, kernel
from geo.weights.matrix import weights_from_matrix
from geo.weights.report import WeightsReport, describe
from geo.weights.sets import difference, intersection, union
from geo.weights.table import weights_from_table, weights_table

__all__ = [
    "WeightsReport",
    "add_bridges",
    "align",
    "build_contiguity",
    "describe",
    "difference",
    "distance_band",
    "higher_order",
    "intersection",
    "inverse_distance",
    "kernel",
    "knn",
    "read_gal",
    "read_gwt",
    "restrict",
    "row_standardise",
    "settle_islands",
    "sparse_matrix",
    "union",
    "weights_from_matrix",
    "weights_from_table",
    "weights_table",
    "write_gal",
    "write_gwt",
]
