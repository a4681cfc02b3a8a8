"""Exact zonal statistics of rasters over layers."""

from geo.raster.grid import Grid, cell_areas, read_grid, resample
from geo.raster.zonal import zonal_mean

__all__ = ["Grid", "cell_areas", "read_grid", "resample", "zonal_mean"]
