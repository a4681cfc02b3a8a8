"""The dictionary of a run: every file and every column of it, in both languages."""

import csv
import json
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from suanli.publish.dictionary import DICTIONARY, dictionary
from suanli.publish.gis_layers import LAYERS
from suanli.run.sample import sample_edition


@pytest.fixture(scope="module")
def table(atlas) -> pd.DataFrame:
    return pd.read_csv(atlas.path / DICTIONARY, encoding="utf-8-sig", keep_default_na=False)


def described(table: pd.DataFrame) -> set[tuple[str, str]]:
    full = table[(table["title_zh"] != "") & (table["title_en"] != "")]
    columns = full["column"] != ""
    return set(
        zip(
            *full[~columns | (full["description"] != "")][["file", "column"]].T.to_numpy(),
            strict=True,
        )
    )


def columns(path: Path) -> list[tuple[str, str]]:
    """Where the columns of a file stand, and what they are called."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [("", name) for name in next(csv.reader(stream))]
    if path.suffix == ".geojson":
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return [("", name) for name in features[0]["properties"]]
    if path.suffix == ".gpkg":
        layers = [name for name in pyogrio.list_layers(path)[:, 0] if name != "layer_styles"]
        return [
            (f"|{layer}", str(name))
            for layer in layers
            for name in pyogrio.read_info(path, layer=layer)["fields"]
        ]
    return []


def test_every_file_of_a_run_is_described(atlas, table) -> None:
    record = json.loads((atlas.path / "manifest.json").read_text(encoding="utf-8"))
    files = {item["path"] for item in record["outputs"]}
    known = described(table)
    assert DICTIONARY in files
    assert sorted(name for name in {*files, "manifest.json"} if (name, "") not in known) == []
    assert set(table["file"].str.partition("|")[0]) == {*files, "manifest.json"}


def test_every_column_of_every_file_is_described(atlas, table) -> None:
    known = described(table)
    missing = [
        f"{name}{place}: {column}"
        for name in sorted(set(table["file"].str.partition("|")[0]))
        for place, column in columns(atlas.path / name)
        if (f"{name}{place}", column) not in known
    ]
    assert missing == []
    assert len(table) > 1000
    assert not table.duplicated(["file", "column"]).any()


def test_nothing_is_described_that_is_not_there(atlas, table) -> None:
    said = table[table["column"] != ""]
    for file, part in said.groupby("file"):
        name, _, _ = file.partition("|")
        there = {key for place, key in columns(atlas.path / name) if place == file[len(name) :]}
        assert set(part["column"]) <= there, file
    layers = set(table.loc[table["file"].str.contains("|", regex=False), "file"])
    assert {f"gis/atlas.gpkg|{name}" for name in LAYERS} < layers


def test_units_are_told(table) -> None:
    units = table.set_index(["file", "column"])["unit"]
    assert units["tables/hub_tests.csv", "top_mean_km"] == "km"
    assert units["gis/atlas.gpkg|rings", "latency_ms"] == "ms"
    assert units["tables/city_derived.csv", "temperature"] in {"°C", "℃"}
    assert units["tables/province_scores.csv", "index"] == "0-100"


def test_a_column_says_what_it_means_in_its_table(table) -> None:
    titles = table.set_index(["file", "column"])["title_en"]
    assert titles["tables/province_rank_intervals.csv", "mean"] == "Mean rank"
    assert titles["tables/gap_groups.csv", "mean"] == "Mean"
    assert titles["tables/convergence_classes.csv", "upper"] == "Upper bound"
    assert titles["gis/atlas.gpkg|lines", "kind"] == "Kind of line"


def test_what_is_not_known_is_left_empty_and_would_be_noticed(tmp_path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "new.csv").write_text("code,never_heard_of\n")
    table = dictionary(sample_edition("zh"), tmp_path, ["tables/new.csv"])
    assert table["column"].to_list() == ["", "code", "never_heard_of"]
    assert described(table) == {("tables/new.csv", "code")}
