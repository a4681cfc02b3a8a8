"""The latency surface: one-way latency to the nearest hub, as a raster and by unit."""

import csv
import io
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.export import write_csv
from geo.raster import degree_cells, nearest_distance, touched_cells, write_cog
from geo.storage import write_bytes
from suanli.analysis.latency import LATENCY, Latency
from suanli.boundaries import Boundaries, load_boundaries
from suanli.data import load_catalogue
from suanli.errors import InputError, Problem, os_reason
from suanli.run.zonal import ZonalRequest, zonal_table

__all__ = ["LatencyRequest", "write_latency"]

_UNIT: Final = "ms"
_COLUMNS: Final = ("lon", "lat")
_MOST_BYTES: Final = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRequest:
    """What the surface is to be.

    Attributes
    ----------
    out : pathlib.Path
        Folder to write to.
    hubs : pathlib.Path, optional
        CSV of places with the columns ``lon`` and ``lat``, degrees; the shipped start-area
        cities by default.
    cell : float
        Side of a cell, degrees.
    model : Latency
        How latency follows from distance.
    weights : pathlib.Path, optional
        Raster of densities that weighs the means of units, such as people per km2.
    """

    out: Path
    hubs: Path | None = None
    cell: float = 0.1
    model: Latency = LATENCY
    weights: Path | None = None


def write_latency(request: LatencyRequest) -> tuple[Path, ...]:
    """Write ``latency.tif`` and the means of provinces and cities beside it.

    Parameters
    ----------
    request : LatencyRequest
        What is asked.

    Returns
    -------
    tuple[pathlib.Path, ...]
        The raster, a Cloud-Optimised GeoTIFF of ms on cells that touch a unit, and
        ``latency_province.csv`` and ``latency_city.csv``, tables for ``--data``.

    Raises
    ------
    InputError
        The table of places cannot be used, all its problems at once.
    geo.errors.RasterError
        Cells are too small, or the weights cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> request = LatencyRequest(out=Path(tempfile.mkdtemp()), cell=1.0)
    >>> [path.name for path in write_latency(request)]
    ['latency.tif', 'latency_province.csv', 'latency_city.csv']
    """
    boundaries = load_boundaries()
    places = _places(request.hubs, boundaries)
    units = boundaries.city.geometry
    west, south, east, north = map(float, units.total_bounds)
    cells = degree_cells((west, south, east, north), request.cell)
    values = request.model.of(nearest_distance(places, cells))
    values = np.where(touched_cells(cells, units), values, np.nan)
    model = request.model
    tags = {
        "ROUTE_FACTOR": f"{model.route_factor:g}",
        "KM_PER_MS": f"{model.km_per_ms:g}",
        "FIXED_MS": f"{model.fixed_ms:g}",
        "PLACES": str(len(places)),
    }
    described = "one-way latency to the nearest place"
    with tempfile.TemporaryDirectory() as name:
        # Nothing is written where the means cannot be computed.
        raster = Path(name) / "latency.tif"
        write_cog(raster, values, cells, unit=_UNIT, description=described, tags=tags)
        tables = {level: _means(raster, level, request) for level in ("province", "city")}
        content = raster.read_bytes()
    written = [request.out / "latency.tif"]
    write_bytes(written[0], content)
    for level, table in tables.items():
        written.append(request.out / f"latency_{level}.csv")
        write_csv(table, written[-1], index=False)
    return tuple(written)


def _means(raster: Path, level: str, request: LatencyRequest) -> pd.DataFrame:
    asked = ZonalRequest(
        rasters=(raster,),
        layer=level,
        weights=request.weights,
        resample_weights=True,
        indicator="latency_surface",
    )
    return zonal_table(asked).frame


def _places(path: Path | None, boundaries: Boundaries) -> gpd.GeoSeries:
    if path is None:
        cities = boundaries.city.loc[load_catalogue().hub_cities.index]
        return gpd.GeoSeries(gpd.points_from_xy(cities["lon"], cities["lat"]), crs="EPSG:4326")
    rows = _rows(path)
    problems: list[Problem] = []
    points: list[tuple[float, float]] = []
    for number, row in enumerate(rows, start=2):
        found = tuple(_degrees(row.get(name, ""), name) for name in _COLUMNS)
        for name, value in zip(_COLUMNS, found, strict=True):
            if value is None:
                params = {"file": path.name, "row": number, "column": name}
                params |= {"value": row.get(name, ""), "limit": _limit(name)}
                problems.append(Problem(code="zonal.place", params=params))
        lon, lat = found
        if lon is not None and lat is not None:
            points.append((lon, lat))
    if problems:
        raise InputError(problems)
    return gpd.GeoSeries(gpd.points_from_xy(*np.array(points).T), crs="EPSG:4326")


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            params = {"file": path.name, "limit": _MOST_BYTES}
            raise InputError([Problem(code="zonal.places_large", params=params)])
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        params = {"file": str(path), "detail": os_reason(error)}
        raise InputError([Problem(code="zonal.places_unreadable", params=params)]) from None
    except UnicodeDecodeError:
        raise InputError(
            [Problem(code="zonal.places_encoding", params={"file": path.name})]
        ) from None
    reader = csv.DictReader(io.StringIO(text), restval="")
    rows = list(reader)
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing or not rows:
        params = {"file": path.name, "got": ", ".join(map(str, reader.fieldnames or ()))}
        raise InputError([Problem(code="zonal.places_columns", params=params)])
    return rows


def _limit(name: str) -> int:
    return 180 if name == "lon" else 90


def _degrees(text: str, name: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= _limit(name) else None
