"""Coverages indexed by unit code: read, place, validate, clean, dissolve, simplify, write."""

from geo.layer.archive import LIMITS, Limits, unpacked
from geo.layer.checking import LayerReport, validate_layer
from geo.layer.columns import ColumnFit, as_text, column_fits, named_column
from geo.layer.dbf import DbfEncoding, dbf_encoding
from geo.layer.displacement import (
    ShiftReport,
    displacements,
    shift_report,
)
from geo.layer.geojson_text import GeoJsonText, check_geojson, faulty_features
from geo.layer.position import Anchors, CrsFinding, Fit, detect_crs, usual_systems
from geo.layer.reading import read_layer, write_layer
from geo.layer.repair import (
    RepairReport,
    equal_area_crs,
    merge_parts,
    near_misses,
    repair_coverage,
)
from geo.layer.shaping import (
    clean_coverage,
    dissolve_units,
    merge_units,
    neighbour_pairs,
    simplify_coverage,
)
from geo.layer.source import RawLayer, Source, choose_source, find_sources, read_source

__all__ = [
    "LIMITS",
    "Anchors",
    "ColumnFit",
    "CrsFinding",
    "DbfEncoding",
    "Fit",
    "GeoJsonText",
    "LayerReport",
    "Limits",
    "RawLayer",
    "RepairReport",
    "ShiftReport",
    "Source",
    "as_text",
    "check_geojson",
    "choose_source",
    "clean_coverage",
    "column_fits",
    "dbf_encoding",
    "detect_crs",
    "displacements",
    "dissolve_units",
    "equal_area_crs",
    "faulty_features",
    "find_sources",
    "merge_parts",
    "merge_units",
    "named_column",
    "near_misses",
    "neighbour_pairs",
    "read_layer",
    "read_source",
    "repair_coverage",
    "shift_report",
    "simplify_coverage",
    "unpacked",
    "usual_systems",
    "validate_layer",
    "write_layer",
]
