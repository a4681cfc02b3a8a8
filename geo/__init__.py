"""Domain-neutral geography: layers, weights, spatial statistics, rasters, maps, GIS formats."""
