"""What leaves the house, held to programs of others: validators and GDAL, where installed."""

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from suanli.publish.gis_layers import LAYERS
from suanli.publish.package import FORMATS, Selection, write_selection
from suanli.run.sample import sample_edition

pytestmark = pytest.mark.validators
COUNTS = {"province": 34, "city": 372, "hubs": 14, "rings": 84, "lines": 4}
KINDS = {
    "province": "Multi Polygon",
    "city": "Multi Polygon",
    "hubs": "Point",
    "rings": "Multi Polygon",
    "lines": "Multi Line String",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    pytest.importorskip("pyarrow")
    made = tmp_path_factory.mktemp("every")
    write_selection(sample_edition("zh"), made, Selection(formats=tuple(FORMATS)))
    return made


@pytest.mark.parametrize("name", LAYERS)
def test_geojson_validator_finds_nothing_invalid(folder, name: str) -> None:
    validator = pytest.importorskip("geojson_validator")
    root = json.loads((folder / f"{name}.geojson").read_text(encoding="utf-8"))
    assert validator.validate_structure(root) == {}
    found = validator.validate_geometries(root)
    assert found["invalid"] == {}
    assert found["skipped_validation"] == []
    # Enclaves are holes, and some borders are long.
    assert set(found["problematic"]) <= {"holes", "excessive_vertices"}


@pytest.mark.parametrize("name", LAYERS)
def test_geoparquet_validator_finds_nothing(folder, name: str) -> None:
    validator = pytest.importorskip("geoparquet_validator")
    report = validator.check(str(folder / f"{name}.parquet"))
    assert report["version"] == "1.1.0"
    status = [item["status"] for item in report["outcomes"]]
    assert status.count("pass") >= 20
    assert [item for item in report["outcomes"] if item["status"] not in {"pass", "skip"}] == []


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "parquet"])
@pytest.mark.parametrize("name", LAYERS)
def test_gdal_reads_every_file(folder, tmp_path, name: str, kind: str) -> None:
    """By the GDAL of the system, which is older than ours."""
    program = shutil.which("ogrinfo", path="/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("needs GDAL (Debian: gdal-bin)")
    source = folder / ("atlas.gpkg" if kind == "gpkg" else f"{name}{FORMATS[kind]}")
    if kind == "shp":
        with zipfile.ZipFile(source) as archive:
            archive.extractall(tmp_path)
        source = tmp_path / f"{name}.shp"
    done = subprocess.run(
        [program, "-ro", "-so", source, name], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert f"Layer name: {name}" in done.stdout
    assert f"Feature Count: {COUNTS[name]}" in done.stdout
    assert 'ID["EPSG",4326]' in done.stdout
    (geometry,) = re.findall(r"^Geometry: (.*)$", done.stdout, flags=re.MULTILINE)
    if kind in {"gpkg", "fgb"}:
        assert geometry == KINDS[name]
    fields = re.findall(r"^(\w+): \w+ \([\d.]+\)", done.stdout, flags=re.MULTILINE)
    assert "code" in fields or kind in {"kml", "geojson"}
    assert all(re.fullmatch(r"[A-Za-z]\w*", field, flags=re.ASCII) for field in fields)
