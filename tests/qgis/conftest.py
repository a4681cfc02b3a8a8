"""Tests that need QGIS."""

# Run by the Python that QGIS belongs to, not by pytest.
collect_ignore = ["open_package.py"]
