"""Exact zonal statistics of rasters over layers."""
