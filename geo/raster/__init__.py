"""Exact zonal statistics of rasters over layers, and surfaces of distance."""

from geo.raster.band import OpenBand, RasterBand, open_band
from geo.raster.cells import Block, Cells
from geo.raster.surface import degree_cells, nearest_distance, touched_cells, write_cog
from geo.raster.tally import STATISTICS
from geo.raster.zonal import MEMORY_MB, zonal_mean, zonal_statistics, zonal_tables

__all__ = [
    "MEMORY_MB",
    "STATISTICS",
    "Block",
    "Cells",
    "OpenBand",
    "RasterBand",
    "degree_cells",
    "nearest_distance",
    "open_band",
    "touched_cells",
    "write_cog",
    "zonal_mean",
    "zonal_statistics",
    "zonal_tables",
]
