"""Statistics of rasters by unit, as a table that every command reads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo.raster import MEMORY_MB, RasterBand, open_band, zonal_tables
from suanli.boundaries import load_boundaries
from suanli.data import named_units
from suanli.errors import InputError, Problem
from suanli.intake import ANY_YEAR
from suanli.intake.layer_units import LayerLevel
from suanli.intake.layers import LayerHow, read_layer

__all__ = ["ZonalRequest", "ZonalTable", "identifier_of", "unit_of", "zonal_table"]

_LONGEST: Final = 64
_NAMED: Final = 10
_WHOLE: Final = 1 - 1e-6
_AREA: Final = "km²"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonalRequest:
    """What is asked of rasters.

    Attributes
    ----------
    rasters : tuple[pathlib.Path, ...]
        The files.
    layer : str
        ``city``, ``province``, or the path of a layer of one's own.
    level : {"province", "city", "county", "own"}, optional
        Level of a layer of one's own; told from its units by default.
    statistics : tuple[str, ...]
        Names of statistics, see :func:`geo.raster.zonal_statistics`.
    weights : pathlib.Path, optional
        A raster of densities that weighs the cells.
    resample_weights : bool
        Average weights on other cells over those of each raster.
    band : int
        Band of the rasters, from 1.
    nodata : float, optional
        The number that means no value, where the file does not say.
    minimum_covered : float
        Share of a unit that must have values.
    indicator : str
        Name of the indicator; made of file and statistic when empty.
    unit : str
        Unit of the values; that of the file when empty.
    year : int
        Year of the values; 0 for every year.
    memory_mb : int
        Memory to use, about.
    """

    rasters: tuple[Path, ...]
    layer: str = "city"
    level: LayerLevel | None = None
    statistics: tuple[str, ...] = ("mean",)
    weights: Path | None = None
    resample_weights: bool = False
    band: int = 1
    nodata: float | None = None
    minimum_covered: float = 0.0
    indicator: str = ""
    unit: str = ""
    year: int = ANY_YEAR
    memory_mb: int = MEMORY_MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ZonalTable:
    """Statistics of rasters by unit.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row per unit, raster and statistic: ``code``, ``name``, ``year``, ``indicator``,
        ``value``, ``unit``, ``source``, ``statistic``, ``covered`` (share, 0..1).
    notes : tuple[Problem, ...]
        Units without value, and units that are covered in part.
    """

    frame: pd.DataFrame
    notes: tuple[Problem, ...]


def zonal_table(request: ZonalRequest) -> ZonalTable:
    """Compute statistics of rasters over a layer.

    Parameters
    ----------
    request : ZonalRequest
        What is asked.

    Returns
    -------
    ZonalTable
        The table.

    Raises
    ------
    InputError
        The layer cannot be used, or two indicators would have one name.
    geo.errors.RasterError
        A raster cannot be used.

    Examples
    --------
    >>> zonal_table(ZonalRequest(rasters=(Path("none.tif"),)))
    Traceback (most recent call last):
    geo.errors.RasterError: there is no file none.tif
    """
    names = _names(request)
    bands = {
        str(place): RasterBand(path=path, band=request.band, nodata=request.nodata)
        for place, path in enumerate(request.rasters)
    }
    units = {}
    for key, spec in bands.items():
        with open_band(spec) as band:
            units[key] = request.unit or band.unit
    layer = _layer(request)
    tables = zonal_tables(
        bands,
        {"": layer},
        statistics=request.statistics,
        weights=request.weights,
        resample_weights=request.resample_weights,
        minimum_covered=request.minimum_covered,
        memory_mb=request.memory_mb,
    )
    parts, notes = [], []
    for key, spec in bands.items():
        table = tables[key, ""]
        notes += _notes(table, layer, spec.path)
        for statistic in dict.fromkeys(request.statistics):
            common = {
                "year": request.year,
                "indicator": names[key, statistic],
                "value": [f"{v:.10g}" if v == v else "" for v in table[statistic]],  # noqa: PLR0124
                "unit": unit_of(statistic, units[key]),
                "source": _source(spec, request.weights),
                "statistic": statistic,
                "covered": [f"{share:.6f}" for share in table["covered"]],
            }
            parts.append(pd.DataFrame({"code": layer.index, "name": layer["name"], **common}))
    return ZonalTable(frame=pd.concat(parts, ignore_index=True), notes=tuple(notes))


def identifier_of(text: str) -> str:
    """Make an identifier of the name of a file.

    Parameters
    ----------
    text : str
        The name, without its ending.

    Returns
    -------
    str
        Small letters, digits and underscores, a letter first.

    Examples
    --------
    >>> identifier_of("WorldClim 2.1-bio_1"), identifier_of("2020年"), identifier_of("气温")
    ('worldclim_2_1_bio_1', 'raster_2020', 'raster')
    """
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    named = plain if plain[:1].isalpha() else f"raster_{plain}".strip("_")
    return named[:_LONGEST].rstrip("_")


def unit_of(statistic: str, unit: str) -> str:
    """Return the unit of a statistic.

    Parameters
    ----------
    statistic : str
        Its name.
    unit : str
        Unit of the values of the raster; empty where it is not known.

    Returns
    -------
    str
        The unit.

    Examples
    --------
    >>> unit_of("mean", "℃"), unit_of("integral", "人/km²"), unit_of("area", "℃")
    ('℃', '人', 'km²')
    """
    if statistic in {"count", "area"}:
        return _AREA if statistic == "area" else ""
    if statistic == "integral" and unit:
        per = f"/{_AREA}"
        return unit.removesuffix(per) if unit.endswith(per) else f"{unit}·{_AREA}"
    return unit


def _names(request: ZonalRequest) -> dict[tuple[str, str], str]:
    """Name the indicator of every raster and statistic."""
    statistics = list(dict.fromkeys(request.statistics))
    by = f"_by_{identifier_of(request.weights.stem)}" if request.weights else ""
    names: dict[tuple[str, str], str] = {}
    for place, path in enumerate(request.rasters):
        stem = identifier_of(path.stem)
        for statistic in statistics:
            full = identifier_of(f"{stem}_{statistic}{by}")
            if request.indicator:
                several = (f"_{stem}" if len(request.rasters) > 1 else "") + (
                    f"_{statistic}" if len(statistics) > 1 else ""
                )
                full = identifier_of(f"{request.indicator}{several}")
            names[str(place), statistic] = full
    same = sorted({name for name in names.values() if [*names.values()].count(name) > 1})
    if same:
        params = {"names": ", ".join(same)}
        raise InputError([Problem(code="zonal.same_name", params=params)])
    return names


def _layer(request: ZonalRequest) -> gpd.GeoDataFrame:
    if request.layer in {"province", "city"}:
        boundaries = load_boundaries()
        shipped = boundaries.province if request.layer == "province" else boundaries.city
        return shipped[shipped["evaluated"]]
    own = read_layer(Path(request.layer), level=request.level, how=LayerHow())
    own.ledger.raise_errors()
    return own.frame


def _source(spec: RasterBand, weights: Path | None) -> str:
    band = f"#{spec.band}" if spec.band > 1 else ""
    return f"{spec.path.name}{band}" + (f" × {weights.name}" if weights else "")


def _notes(table: pd.DataFrame, layer: gpd.GeoDataFrame, path: Path) -> list[Problem]:
    covered = table["covered"]
    kinds: Mapping[str, pd.Index] = {
        "zonal.none": table.index[covered <= 0],
        "zonal.partly": table.index[(covered > 0) & (covered < _WHOLE)],
    }
    notes = []
    for code, labels in kinds.items():
        if len(labels):
            params = {
                "file": path.name,
                "count": len(labels),
                "units": _called(layer, labels.to_list()),
            }
            notes.append(Problem(code=code, params=params))
    return notes


def _called(layer: gpd.GeoDataFrame, labels: Sequence[str]) -> str | dict[str, str]:
    if "evaluated" in layer:  # ours, with names in both languages
        return named_units(labels)
    shown = [f"{layer.loc[label, 'name']} {label}" for label in labels[:_NAMED]]
    return ", ".join([*shown, "…"] if len(labels) > _NAMED else shown)
