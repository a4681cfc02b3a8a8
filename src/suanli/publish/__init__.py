"""What a run writes: maps, tables, GIS files, the front page."""
