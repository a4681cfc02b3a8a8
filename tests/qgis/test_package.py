"""What leaves the house, opened in QGIS where it is installed."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from suanli.publish.package import Selection, write_package, write_selection
from suanli.run.sample import sample_edition

PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).with_name("open_package.py")


def qgis_there() -> bool:
    try:
        done = subprocess.run(
            [PYTHON, "-c", "import qgis.core"], capture_output=True, timeout=60, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict:
    if not qgis_there():
        pytest.skip("needs QGIS with its Python (Debian: qgis, qgis-providers, python3-qgis)")
    folder = tmp_path_factory.mktemp("gis")
    write_package(sample_edition(), folder)
    files = tmp_path_factory.mktemp("files")
    chosen = Selection(formats=("fgb", "kml", "shp"), levels=("city", "hubs", "rings"))
    # Chinese names: what encodings spoil.
    write_selection(sample_edition("zh"), files, chosen)
    (files / "fields.csv").unlink()
    done = subprocess.run(
        [PYTHON, str(SCRIPT), str(folder), str(folder / "seen.png"), str(files)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return json.loads(next(line[4:] for line in done.stdout.splitlines() if line[:4] == "JSON"))


@pytest.mark.qgis
def test_layers_open_whole_and_styled(seen) -> None:
    layers = seen["layers"]
    assert {name: each["features"] for name, each in layers.items()} == {
        "province": 34, "city": 372, "hubs": 14, "rings": 84, "lines": 4,
    }  # fmt: skip
    for each in layers.values():
        assert (each["valid"], each["invalid"], each["crs"]) == (True, 0, "EPSG:4326")
        assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) for name in each["fields"])
    for level in ("province", "city"):
        assert layers[level]["renderer"] == "QgsRuleBasedRenderer"
        # The style a layer opens with is that of its index.
        first = next(iter(layers[level]["styles"].values()))
        assert layers[level]["default"] == first


@pytest.mark.qgis
def test_layers_without_values_open_as_the_project_draws_them(seen) -> None:
    looks = {name: seen["layers"][name]["look"] for name in ("hubs", "rings", "lines")}
    assert [looks[name]["kind"] for name in looks] == ["SimpleMarker", "SimpleFill", "SimpleLine"]
    assert (looks["hubs"]["name"], looks["hubs"]["labels"]) == ("diamond", "name")
    # Circles lie over each other: their areas stay open.
    assert (looks["rings"]["style"], looks["rings"]["outline_style"]) == ("no", "dash")
    assert {name: len(seen["layers"][name]["styles"]) for name in looks} == dict.fromkeys(looks, 1)
    assert {"#ffffff", "#b10026", "#1a1a1a", "#4a5560"} <= set(seen["plain"])


@pytest.mark.qgis
def test_every_style_draws_as_many_units_as_the_map_says(seen) -> None:
    styles = {
        (level, name): rules
        for level in ("province", "city")
        for name, rules in seen["layers"][level]["styles"].items()
    }
    assert len(styles) == 15
    for (level, name), rules in styles.items():
        assert sum(rules.values()) == {"province": 34, "city": 372}[level], name
        for label, count in rules.items():
            assert re.search(r"\((\d+)\)$", label)[1] == str(count), (name, label)


@pytest.mark.qgis
def test_the_project_opens_as_a_map_of_the_whole_country(seen) -> None:
    project = seen["project"]
    assert project["read"]
    assert all(project["valid"].values())
    assert len(project["valid"]) == 20
    assert "+proj=aea" in project["crs"]
    assert len(project["shown"]) == 4
    assert "City computing power, score" in project["aliases"]
    # All five classes are on the picture.
    assert {"#253494", "#2c7fb8", "#41b6c4", "#a1dab4", "#ffffcc"} <= set(project["colours"])


@pytest.mark.qgis
def test_files_in_other_formats_open_whole(seen) -> None:
    files = seen["files"]
    endings = (".fgb", ".kml", ".shp.zip")
    counts = {"city": 372, "hubs": 14, "rings": 84}
    hubs = set(sample_edition("zh").catalogue.hub_cities["name"])
    assert set(files) == {f"{name}{ending}" for name in counts for ending in endings}
    for name, each in files.items():
        layer = name.partition(".")[0]
        assert each["valid"], name
        assert (each["features"], each["invalid"]) == (counts[layer], 0), name
        assert each["crs"] == "EPSG:4326", name
        assert ("Point" in each["geometry"]) == (layer == "hubs"), name
        if layer != "city":
            assert set(each["names"]) == hubs, name
    assert {"index", "index_rank", "lisa_p_fdr"} <= set(files["city.fgb"]["fields"])
    assert {"distance_k", "latency_ms"} <= set(files["rings.shp.zip"]["fields"])


@pytest.mark.qgis
def test_rings_are_told_apart_by_their_measure(seen) -> None:
    valid = seen["project"]["valid"]
    assert {f"layer_rings_plain_measure_{measure}" for measure in ("km", "ms")} <= set(valid)
    assert not [name for name in seen["project"]["shown"] if "km" in name]
