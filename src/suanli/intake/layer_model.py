"""How a layer is to be read, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from suanli.intake.findings import Ledger
from suanli.intake.layer_place import DatumName
from suanli.intake.layer_units import LayerLevel

__all__ = ["LayerHow", "OwnLayer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerHow:
    """How a layer is to be read, where it does not tell by itself.

    Attributes
    ----------
    layer : str or None
        Which one of several.
    code_column, name_column : str or None
        Columns of codes and names.
    crs : str or None
        Reference system, such as ``EPSG:4490``; wins over the one in the file.
    encoding : str or None
        Encoding of a shapefile's texts.
    swap_axes : bool
        Exchange longitude and latitude.
    datum : {"wgs84", "gcj02", "bd09"} or None
        ``gcj02`` and ``bd09`` take the offset off; ``wgs84`` insists that there is none.
    strict : bool
        Whether warnings refuse the file.
    """

    layer: str | None = None
    code_column: str | None = None
    name_column: str | None = None
    crs: str | None = None
    encoding: str | None = None
    swap_axes: bool = False
    datum: DatumName | None = None
    strict: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class OwnLayer:
    """A layer taken in.

    Attributes
    ----------
    frame : geopandas.GeoDataFrame
        A valid coverage in EPSG:4326, indexed by ``code`` (text, sorted). At the levels of
        provinces and cities with the columns of :attr:`suanli.boundaries.Boundaries.city`, at
        that of counties ``level``, ``name``, ``parent``, at ``own`` with those of the file and
        ``name``. Empty where the file is refused.
    level : {"province", "city", "county", "own"}
        Level of the units.
    planar_crs : str
        Equal-area system that suits them.
    ledger : Ledger
        Everything found.
    facts : Mapping[str, Any]
        What was read and measured: ``features``, ``units``, ``crs``, ``crs_source``,
        ``encoding``, ``code_column``, ``name_column``, ``missing``, ``extra``, ``isolates``,
        ``near_misses``, ``moved_km2``, and ``shift`` (a :class:`geo.layer.ShiftReport`).
    """

    frame: gpd.GeoDataFrame
    level: LayerLevel
    planar_crs: str
    ledger: Ledger
    facts: Mapping[str, Any]
