"""Files for other geographic programs."""

from geo.export.field import Field, check_fields, field_table, write_field_dictionary
from geo.export.geojson import write_geojson
from geo.export.geopackage import write_geopackage
from geo.export.rfc7946 import check_geojson
from geo.export.table import guard_formula, write_csv
from geo.export.vector import write_layer

__all__ = [
    "Field",
    "check_fields",
    "check_geojson",
    "field_table",
    "guard_formula",
    "write_csv",
    "write_field_dictionary",
    "write_geojson",
    "write_geopackage",
    "write_layer",
]
