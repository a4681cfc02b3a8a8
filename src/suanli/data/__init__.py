"""The shipped tables, and a user's own read with them."""

from suanli.data.catalogue import (
    INHERITED,
    Catalogue,
    load_catalogue,
    named_units,
    shipped_data,
    with_province,
)
from suanli.data.own import inspect_tables, read_table, take_in

__all__ = [
    "INHERITED",
    "Catalogue",
    "inspect_tables",
    "load_catalogue",
    "named_units",
    "read_table",
    "shipped_data",
    "take_in",
    "with_province",
]
