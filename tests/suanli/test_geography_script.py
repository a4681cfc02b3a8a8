"""The script that computes geography.csv: the parts the shipped values cannot show."""

import importlib.util
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.raster import zonal_mean

netcdf = pytest.importorskip("netCDF4")


@pytest.fixture(scope="module")
def script():
    path = Path(__file__).parents[2] / "scripts" / "build_geography.py"
    spec = importlib.util.spec_from_file_location("build_geography", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_population_keeps_its_place_and_orientation(script, tmp_path):
    # Stored longitude by latitude, south first: the value names its cell's centre.
    with netcdf.Dataset(tmp_path / "p.nc", "w") as dataset:
        for axis, centres in (("x", [100.5, 101.5, 102.5]), ("y", [30.5, 31.5])):
            dataset.createDimension(axis, len(centres))
            dataset.createVariable(axis, "f8", (axis,))[:] = centres
        density = dataset.createVariable("pop_density", "f4", ("x", "y"), fill_value=np.nan)
        density[:] = [[1030, 1031], [1130, 1131], [np.nan, 1231]]
    path = script._population(tmp_path / "p.nc", tmp_path / "p.tif")
    cells = {"1030": (100, 30), "1131": (101, 31), "1231": (102, 31), "none": (102, 30)}
    layer = gpd.GeoDataFrame(
        geometry=[shapely.box(x, y, x + 1, y + 1) for x, y in cells.values()],
        index=list(cells),
        crs="EPSG:4326",
    )
    found = zonal_mean(path, layer)["mean"]
    assert found.drop("none").to_dict() == pytest.approx(
        {k: float(k) for k in cells if k != "none"}
    )
    assert np.isnan(found["none"])


def test_rows_leave_out_what_has_no_value(script):
    values = pd.Series({"110000": 11.256, "460300": np.nan, "540000": -0.001})
    rows = script._rows("city", "mean_temperature", values)
    assert rows["code"].to_list() == ["110000", "540000"]
    assert rows["value"].to_list() == ["11.26", "0.00"]
    assert set(rows["year"]) == {"0"}
    assert set(rows["source"]) == {"G01"}


def test_latency_is_distance_times_route_over_speed(script):
    assert script.LATENCY.of(pd.Series([0.0, 400.0])).to_list() == [0.0, 3.0]
