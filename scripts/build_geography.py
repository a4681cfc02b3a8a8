"""Build indicators/geography.csv: climate, terrain, area and distances of every unit.

    python scripts/build_geography.py --rasters DIR

DIR holds china_temp_normal_10m.tif (WorldClim 1.4 BIO1, degrees Celsius),
china_elevation_5m.tif (metres) and gpw_pop_density_china.nc (GPWv4.11, people per km2;
needs netCDF4, because the file has no geotransform GDAL could read). The units and their
polygons are those of data/boundaries. Values hold for every year and carry the year 0.
Units without a value are listed in indicators/geography_gaps.csv. Equal input gives equal
bytes.

One-way latency is modelled, see suanli.analysis.latency.
"""

import argparse
import io
import tempfile
from pathlib import Path

import netCDF4
import numpy as np
import pandas as pd
import rasterio
from affine import Affine

from geo.crs import geodesic_distance
from geo.raster import zonal_mean
from geo.storage import write_text
from suanli.analysis.latency import LATENCY
from suanli.boundaries import Boundaries, load_boundaries

REACH_KM = 300.0
# Before 2019 the city accounts are of another census vintage.
REACH_YEARS = (2019, 2023)
# A mean over less of a unit than this says little about it.
MINIMUM_COVERED = 0.5
DECIMALS = {"℃": 2, "m": 1, "km²": 1, "km": 1, "ms": 3, "亿元": 2}
TABLES = Path(__file__).parent / "tables"


def main() -> None:
    """Compute the table from the rasters named on the command line and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rasters", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "data")
    arguments = parser.parse_args()
    boundaries = load_boundaries(arguments.data / "boundaries")
    rows, gaps = [], []
    for level in ("province", "city"):
        units = _units(boundaries, level)
        found = _rasters(arguments.rasters, units) | _distances(arguments.data, units, boundaries)
        found["land_area"] = units["area_km2"].astype(float)
        for indicator, values in found.items():
            rows.append(_rows(level, indicator, values))
            missing = values.index[values.isna()]
            gaps.append(
                pd.DataFrame(
                    {
                        "level": level,
                        "code": missing,
                        "name": units.loc[missing, "name"].to_numpy(),
                        "indicator": indicator,
                        "reason": "less than half of the unit has cells with a value, or nobody "
                        "lives in those that have",
                    }
                )
            )
    folder = arguments.data / "indicators"
    _write(folder / "geography.csv", pd.concat(rows), ["level", "code", "indicator"])
    _write(folder / "geography_gaps.csv", pd.concat(gaps), ["level", "code", "indicator"])


def _units(boundaries: Boundaries, level: str) -> pd.DataFrame:
    layer = {"province": boundaries.province, "city": boundaries.city}[level]
    return layer[layer["evaluated"]].sort_index()


def _rasters(folder: Path, units: pd.DataFrame) -> dict[str, pd.Series]:
    temperature = folder / "china_temp_normal_10m.tif"
    elevation = folder / "china_elevation_5m.tif"
    with tempfile.TemporaryDirectory() as name:
        people = _population(folder / "gpw_pop_density_china.nc", Path(name) / "people.tif")

        def mean(raster: Path, *, weights: Path | None = None) -> pd.Series:
            found = zonal_mean(
                raster,
                units,
                weights=weights,
                resample_weights=True,
                minimum_covered=MINIMUM_COVERED,
            )
            return found["mean"]

        return {
            "mean_temperature": mean(temperature),
            "mean_temperature_population": mean(temperature, weights=people),
            "mean_elevation": mean(elevation),
            "mean_elevation_population": mean(elevation, weights=people),
        }


def _population(source: Path, target: Path) -> Path:
    with netCDF4.Dataset(source) as dataset:
        x, y = (np.asarray(dataset.variables[axis][:], dtype=float) for axis in ("x", "y"))
        density = np.ma.filled(dataset.variables["pop_density"][:].astype(float), np.nan)
    step_x, step_y = ((axis[-1] - axis[0]) / (len(axis) - 1) for axis in (x, y))
    with rasterio.open(
        target,
        "w",
        driver="GTiff",
        width=len(x),
        height=len(y),
        count=1,
        dtype="float64",
        nodata=np.nan,
        crs="EPSG:4326",
        transform=Affine(step_x, 0, x[0] - step_x / 2, 0, -step_y, y[-1] + step_y / 2),
    ) as out:
        out.write(density.T[::-1], 1)
    return target


def _distances(data: Path, units: pd.DataFrame, boundaries: Boundaries) -> dict[str, pd.Series]:
    cities = _units(boundaries, "city")
    hubs = _read(data / "reference/hub_cities.csv")["code"]
    nodes = _read(data / "reference/network_nodes.csv")
    core = nodes.loc[(nodes["core"] == "1") & (nodes["status"] == "verified"), "code"]
    to_hub = _kilometres(units, cities.loc[hubs]).min(axis=1)
    to_core = _kilometres(units, cities.loc[core]).min(axis=1)
    found = {
        "distance_to_hub": to_hub,
        "latency_to_hub": LATENCY.of(to_hub),
        "latency_to_demand": LATENCY.of(to_core),
    }
    if units.index.equals(cities.index):
        found["demand_reach_300km"] = _reach(data, cities)
    return found


def _kilometres(units: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    distance = geodesic_distance(units["lon"], units["lat"], targets["lon"], targets["lat"])
    return pd.DataFrame(distance, index=units.index, columns=targets.index)


def _reach(data: Path, cities: pd.DataFrame) -> pd.Series:
    table = _read(data / "indicators/cities.csv")
    table = table[table["indicator"] == "tertiary_value_added"]
    table = table[table["year"].astype(int).between(*REACH_YEARS)].sort_values("year")
    latest = table.groupby("code")["value"].last().astype(float)
    near = _kilometres(cities, cities) <= REACH_KM
    return near.astype(float).dot(latest.reindex(cities.index).fillna(0.0))


def _rows(level: str, indicator: str, values: pd.Series) -> pd.DataFrame:
    described = _read(TABLES / "geography.csv").set_index("indicator").loc[indicator]
    decimals = DECIMALS[described["unit"]]
    present = values.dropna()
    return pd.DataFrame(
        {
            "level": level,
            "code": present.index,
            "year": "0",
            "indicator": indicator,
            "value": [f"{round(v, decimals) + 0.0:.{decimals}f}" for v in present],
            "unit": described["unit"],
            "quality": "B",
            "source": described["source"],
        }
    )


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _write(path: Path, frame: pd.DataFrame, by: list[str]) -> None:
    buffer = io.StringIO()
    frame.sort_values(by).to_csv(buffer, index=False, lineterminator="\n")
    write_text(path, buffer.getvalue())
    print(f"{path}: {len(frame)} rows")


if __name__ == "__main__":
    main()
