"""A run: what it writes, what it records, and what it leaves alone when it fails."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import suanli.run.whole
from geo.storage import file_sha256
from suanli.cli import main
from suanli.errors import InputError
from suanli.locations import data_folder
from suanli.manifest import MANIFEST, read_outputs
from suanli.run import (
    STEPS,
    RunConfig,
    load_config,
    publish_part,
    run_all,
    start_project,
    summary_lines,
)
from suanli.run.config import DataFile
from suanli.run.inputs import load_inputs
from suanli.run.placing import staging_folder
from suanli.run.project import DEFAULT_SEED

NEVER_SCORED = ("710000", "810000", "820000")


def manifest(folder):
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def tree(folder):
    """Every file below a folder with its bytes' hash, hidden ones too."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_sha256(path) for path in files}


def outputs(folder):
    return {name: digest for name, digest in tree(folder).items() if name != MANIFEST}


# What a run writes


def test_outputs_are_those_of_the_record(atlas):
    record = manifest(atlas.path)
    listed = {item["path"]: item["sha256"] for item in record["outputs"]}
    assert listed == outputs(atlas.path)
    assert all((atlas.path / p).stat().st_size == b for p, b in sizes(record["outputs"]))
    assert {"maps/index.html", "maps/city.html", "gis/atlas.gpkg"} <= set(listed)
    assert sorted(path.name for path in atlas.path.iterdir()) == sorted(
        ["gis", MANIFEST, "maps", "report", "suanli.xlsx", "tables"]
    )


def sizes(items):
    return [(item["path"], item["bytes"]) for item in items]


def test_inputs_are_recorded_with_their_hashes(atlas):
    record = manifest(atlas.path)
    data = data_folder()
    listed = {item["path"]: item["sha256"] for item in record["inputs"]}
    for part in ("boundaries/city.geojson", "indicators/provinces.csv", "reference/hubs.csv"):
        assert listed[part] == file_sha256(data / part)
    assert {path.relative_to(data).as_posix() for path in data.rglob("*.csv")} <= set(listed)


def test_record_tells_what_was_done(atlas):
    record = manifest(atlas.path)
    assert record["seed"] == DEFAULT_SEED
    assert record["settings"]["permutations"] == 999
    assert [spec["id"] for spec in record["profiles"]] == ["caict2024-province", "city-compute"]
    assert record["join"]["province"] == {
        "units": 34, "evaluated": 31, "scored": 31, "not_scored": {}, "codes_without_unit": [],
    }  # fmt: skip
    city = record["join"]["city"]
    assert (city["units"], city["evaluated"], city["scored"]) == (372, 337, 336)
    assert city["not_scored"] == {"460300": "三沙市"}
    assert city["codes_without_unit"] == []
    assert record["warnings"] == []
    assert all(number != "-" for number in record["versions"].values())
    assert set(record["times"]) == {"started", "seconds", "peak_memory_mb"}
    assert record["times"]["seconds"] > 0
    assert str(Path.home()) not in json.dumps(record["inputs"])


def test_steps_are_reported_in_order(atlas):
    assert atlas.steps == STEPS


def test_summary_tells_agreement_rank_and_score(atlas):
    lines = summary_lines(atlas.result)
    study = atlas.result.edition.study
    best = study.province.index.idxmax()
    name = atlas.result.edition.unit_names("province", short=True)[best]
    assert any(f"1 {name} {study.province.index[best]:.1f}" in line for line in lines)
    rankings = [line for line in lines if "RBO" in line]
    kinds = study.agreement[study.agreement["node"] != ""]["kind"]
    assert len(rankings) == (kinds == "ranking").sum() > 5
    assert str(atlas.path) in lines[-1]


def test_user_project_run_elsewhere_gives_the_same_bytes(atlas, tmp_path):
    """A project of one's own: shuffled rows, other folder, process and hash seed."""
    start_project(tmp_path / "mine", lang="zh")
    config = tmp_path / "mine" / "suanli.toml"
    text = config.read_text(encoding="utf-8")
    text = text.replace("permutations = 99999", "permutations = 999")
    # The profiles with physical indicators have other titles; without values, the same scores.
    text = text.replace("-physical.toml", ".toml")
    config.write_text(text.replace("redraws = 9999", "redraws = 199"), encoding="utf-8")
    table = tmp_path / "mine" / "data" / "provinces.csv"
    rows = table.read_text(encoding="utf-8-sig").splitlines()
    order = np.random.default_rng(5).permutation(len(rows) - 1) + 1
    table.write_text("\n".join([rows[0], *(rows[i] for i in order)]) + "\n", encoding="utf-8")
    out = tmp_path / "elsewhere"
    seeded = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Shanghai"}
    command = [sys.executable, "-m", "suanli", "run", str(config), "--out", str(out)]
    done = subprocess.run(command, env=seeded, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert "RBO" in done.stdout
    assert outputs(out) == outputs(atlas.path)
    ours, theirs = manifest(atlas.path), manifest(out)
    own = {"caict2024-province.toml", "city-compute.toml", "provinces.csv"}
    assert {item["path"] for item in theirs["inputs"]} - own == {
        item["path"] for item in ours["inputs"]
    }
    assert own <= {item["path"] for item in theirs["inputs"]}
    for record in (ours, theirs):
        # The digest is of the whole record, inputs included.
        del record["times"], record["inputs"], record["digest"]
    assert ours == theirs


# What it leaves alone


@pytest.fixture
def quick(atlas, monkeypatch):
    """Runs that skip the study and write small files where the large ones would stand."""
    study = atlas.result.edition.study
    monkeypatch.setattr(suanli.run.whole, "study_of", lambda *_, **__: study)
    monkeypatch.setattr(suanli.run.whole, "load_inputs", remembered)
    for name, file in (
        ("write_tables", "t.csv"),
        ("write_package", "g.geojson"),
        ("write_figures", "f.svg"),
        ("write_pages", "p.html"),
    ):
        monkeypatch.setattr(suanli.run.whole, name, writer(file))
    monkeypatch.setattr(suanli.run.whole, "write_dictionary", lambda *_: None)
    return monkeypatch


@cache
def shipped():
    return load_inputs(RunConfig())


def remembered(config):
    fresh = RunConfig()
    same = (config.province, config.city) == (fresh.province, fresh.city)
    return shipped() if same else load_inputs(config)


def writer(name):
    def write(edition, folder):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_text(f"{name} {edition.text.lang}", encoding="utf-8")
        return [path]

    return write


def failing(edition, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "half.html").write_text("half", encoding="utf-8")
    raise OSError(28, "No space left on device", str(folder / "half.html"))


def test_a_crash_midway_leaves_the_earlier_outputs(quick, tmp_path):
    run_all(RunConfig(out=tmp_path))
    before = tree(tmp_path)
    for name in ("write_tables", "write_package", "write_figures", "write_pages", "write_front"):
        quick_name = getattr(suanli.run.whole, name)
        wrong = failing if name != "write_front" else lambda e, f, _: failing(e, f)
        quick.setattr(suanli.run.whole, name, wrong)
        with pytest.raises(OSError, match="No space"):
            run_all(RunConfig(out=tmp_path, lang="en"))
        assert tree(tmp_path) == before
        quick.setattr(suanli.run.whole, name, quick_name)


@pytest.mark.parametrize("at", [0, 1, 4, 8, 12])
def test_a_failure_while_outputs_are_put_in_place_leaves_the_earlier_ones(quick, tmp_path, at):
    run_all(RunConfig(out=tmp_path))
    before = tree(tmp_path)
    move, count = Path.replace, iter(range(100))

    def replace(self, target):
        # The manifest is staged by a rename of its own, the first; then folders, the workbook and
        # the manifest go aside, and as many come in.
        if next(count) == at:
            raise OSError(28, "No space left on device", str(target))
        return move(self, target)

    quick.setattr(Path, "replace", replace)
    with pytest.raises(OSError, match="No space"):
        run_all(RunConfig(out=tmp_path, lang="en"))
    assert tree(tmp_path) == before


def test_a_killed_run_is_taken_back_by_the_next(quick, tmp_path):
    run_all(RunConfig(out=tmp_path))
    before = tree(tmp_path)
    # As it stands when the process dies after the old maps went aside and the new GIS came in.
    aside = tmp_path / ".run.old.x"
    (aside / "old").mkdir(parents=True)
    (tmp_path / "maps").rename(aside / "old" / "maps")
    (tmp_path / "gis").rename(aside / "old" / "gis")
    (tmp_path / "gis").mkdir()
    (tmp_path / "gis" / "half.txt").write_text("new", encoding="utf-8")
    (tmp_path / ".run.x" / "tables").mkdir(parents=True)
    (tmp_path / ".run.lock").touch()
    quick.setattr(suanli.run.whole, "write_tables", failing)
    with pytest.raises(OSError, match="No space"):
        run_all(RunConfig(out=tmp_path, lang="en"))
    assert tree(tmp_path) == before
    assert not list(tmp_path.glob(".run*"))


def test_a_second_run_waits_for_none(quick, tmp_path):
    with staging_folder(tmp_path) as staging:
        with pytest.raises(InputError) as caught:
            run_all(RunConfig(out=tmp_path))
        assert staging.is_dir()
    assert caught.value.problems[0].code == "run.busy"
    run_all(RunConfig(out=tmp_path))


@pytest.mark.parametrize("name", ["maps", "gis", "tables", MANIFEST])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_stands_in_the_way_is_refused_before_the_study(quick, tmp_path, capsys, name, lang):
    def study(*_, **__):
        pytest.fail("hours of work before the folder was looked at")

    quick.setattr(suanli.run.whole, "study_of", study)
    if name == MANIFEST:
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_text("mine", encoding="utf-8")
    before = tree(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["run", "--out", str(tmp_path), "--lang", lang])
    said = capsys.readouterr()
    assert (left.value.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert str(tmp_path / name) in said.err
    assert tree(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_first_run_that_fails_leaves_nothing(quick, tmp_path):
    quick.setattr(suanli.run.whole, "write_pages", failing)
    with pytest.raises(OSError, match="No space"):
        run_all(RunConfig(out=tmp_path / "new"))
    assert not (tmp_path / "new").exists() or list((tmp_path / "new").iterdir()) == []


def test_interruption_leaves_the_earlier_outputs(quick, tmp_path, capsys):
    run_all(RunConfig(out=tmp_path))
    before = tree(tmp_path)

    def interrupted(*_):
        raise KeyboardInterrupt

    quick.setattr(suanli.run.whole, "write_figures", interrupted)
    with pytest.raises(SystemExit) as left:
        main(["run", "--out", str(tmp_path), "--lang", "en"])
    assert left.value.code == 130
    assert capsys.readouterr().err == "Interrupted; earlier outputs are untouched.\n"
    assert tree(tmp_path) == before


def test_a_rejected_input_leaves_the_earlier_outputs(quick, tmp_path):
    run_all(RunConfig(out=tmp_path))
    before = tree(tmp_path)
    with pytest.raises(InputError):
        run_all(load_config(None, out=tmp_path, province={"profile": "no-such-profile"}))
    assert tree(tmp_path) == before


def test_what_others_wrote_is_carried_over_and_what_we_wrote_is_replaced(quick, tmp_path):
    run_all(RunConfig(out=tmp_path))
    (tmp_path / "maps" / "own").mkdir()
    (tmp_path / "maps" / "own" / "note.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "maps" / ".gitkeep").write_text("", encoding="utf-8")
    (tmp_path / "elsewhere.txt").write_text("mine too", encoding="utf-8")
    quick.setattr(suanli.run.whole, "write_figures", writer("other.svg"))
    run_all(RunConfig(out=tmp_path))
    found = tree(tmp_path)
    assert {"maps/own/note.txt", "maps/.gitkeep", "elsewhere.txt", "maps/other.svg"} <= set(found)
    assert "maps/f.svg" not in found
    run_all(RunConfig(out=tmp_path))
    assert tree(tmp_path).keys() == found.keys()
    assert not [path for path in tmp_path.rglob(".*") if path.name != ".gitkeep"]


def test_a_foreign_file_stays_foreign_run_after_run(quick, tmp_path):
    """Carried over once, it must not count as ours and vanish the next time."""
    run_all(RunConfig(out=tmp_path))
    mine = tmp_path / "maps" / "notes.docx"
    mine.write_bytes(b"mine")
    for _ in range(3):
        run_all(RunConfig(out=tmp_path))
        assert mine.read_bytes() == b"mine"
    assert "maps/notes.docx" not in read_outputs(tmp_path / MANIFEST)


def test_one_part_leaves_the_others(quick, tmp_path):
    run_all(RunConfig(out=tmp_path))
    before = outputs(tmp_path)
    assert publish_part(RunConfig(out=tmp_path, lang="en"), "export") == ["gis/g.geojson"]
    after = outputs(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"gis/g.geojson"}
    listed = {item["path"]: item["sha256"] for item in manifest(tmp_path)["outputs"]}
    assert listed == after


@pytest.mark.parametrize("damage", ["", "{", '{"outputs": 3}', "[]", '{"outputs": [{}]}'])
def test_a_damaged_record_removes_nothing(quick, tmp_path, damage):
    run_all(RunConfig(out=tmp_path))
    (tmp_path / MANIFEST).write_text(damage, encoding="utf-8")
    kept = tmp_path / "maps" / "kept.txt"
    kept.write_text("mine", encoding="utf-8")
    run_all(RunConfig(out=tmp_path))
    assert kept.read_text(encoding="utf-8") == "mine"


def test_a_record_never_points_outside_the_outputs(quick, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("keep", encoding="utf-8")
    out = tmp_path / "out"
    run_all(RunConfig(out=out))
    record = manifest(out)
    paths = ["../secret.txt", "tables/../../secret.txt", str(secret), "manifest.json"]
    record["outputs"] += [{"path": path} for path in paths]
    (out / MANIFEST).write_text(json.dumps(record), encoding="utf-8")
    publish_part(RunConfig(out=out), "export")
    assert secret.read_text(encoding="utf-8") == "keep"
    assert set(read_outputs(out / MANIFEST)) == set(outputs(out))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(quick, tmp_path, capsys, lang):
    blocker = tmp_path / "file"
    blocker.write_text("a file", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["run", "--out", str(blocker / "outputs"), "--lang", lang])
    said = capsys.readouterr()
    assert left.value.code == 1
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert str(blocker) in said.err
    assert blocker.read_text(encoding="utf-8") == "a file"


def test_a_folder_is_refused_before_the_study(quick, tmp_path):
    def study(*_, **__):
        pytest.fail("hours of work before the folder was tried")

    quick.setattr(suanli.run.whole, "study_of", study)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="file"):
        run_all(RunConfig(out=tmp_path / "file"))


# Taiwan, Hong Kong and Macao


@pytest.fixture
def with_taiwan(tmp_path):
    """A user's table with values for units that are drawn, never scored."""
    cells = load_inputs(RunConfig()).catalogue.province.cells
    rows = cells[(cells["code"] == "440000") & (cells["year"] == 2023)]
    table = pd.concat([rows.assign(code=code) for code in NEVER_SCORED])
    path = tmp_path / "more.csv"
    table.drop(columns=["quality", "source"]).to_csv(path, index=False)
    config = tmp_path / "suanli.toml"
    config.write_text(
        'permutations = 99\nredraws = 99\nlang = "en"\n'
        '[province]\nprofile = "caict2024-province"\ndata = ["more.csv"]\n',
        encoding="utf-8",
    )
    return config


def test_units_never_scored_stay_unscored_whatever_the_data(atlas, with_taiwan, tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        main(["export", str(with_taiwan), "--out", str(tmp_path / "out"), "--json"])
    assert left.value.code == 0
    written = json.loads(capsys.readouterr().out)["written"]
    assert "gis/province.geojson" in written
    path = tmp_path / "out" / "gis" / "province.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    found = {each["id"]: each for each in features}
    for code in NEVER_SCORED:
        assert found[code]["geometry"]["coordinates"]
        assert found[code]["properties"]["evaluated"] is False
        assert found[code]["properties"]["index"] is None
        assert found[code]["properties"]["index_rank"] is None
    # Nor do their values move anybody else's score.
    scores = atlas.result.edition.study.province.index
    for code, value in scores.items():
        assert found[code]["properties"]["index"] == pytest.approx(value, abs=1e-6)
    warnings = manifest(tmp_path / "out")["warnings"]
    assert len(warnings) == 2
    assert warnings[0] == "more.csv: 108 rows read: 0 repairs, 1 warnings, 0 errors."
    assert "never scored" in warnings[1]


def test_strict_refuses_them(with_taiwan, tmp_path, capsys):
    for command in ("run", "check"):
        target = ["--out", str(tmp_path / "out")] if command == "run" else []
        with pytest.raises(SystemExit) as left:
            main([command, str(with_taiwan), *target, "--strict"])
        said = capsys.readouterr()
        assert left.value.code == 1
        assert said.out == ""
        assert said.err.count("\n") == 1
        assert "never scored" in said.err
    assert not (tmp_path / "out").exists()


def test_own_values_replace_the_shipped_ones(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("code,year,gdp\n110000,2023,1000\n", encoding="utf-8")
    config = RunConfig()
    own = config.province.model_copy(update={"data": (DataFile(file=path),)})
    shipped, changed = (
        load_inputs(each).catalogue.province.wide(2023, ["gdp"])["gdp"]
        for each in (config, config.model_copy(update={"province": own}))
    )
    assert changed["110000"] == 1000
    others = shipped.index.drop("110000")
    pd.testing.assert_series_equal(shipped[others], changed[others])


def test_edited_provincial_data_reach_the_cities(tmp_path: Path) -> None:
    edited = tmp_path / "power.csv"
    head = "code,year,indicator,value,unit,quality,source\n"
    edited.write_text(
        head + "130000,2023,power_generation,9999,亿千瓦时,A,mine\n", encoding="utf-8"
    )
    own = tmp_path / "own.csv"
    own.write_text(
        head + "130700,2023,province_power_generation,1234,亿千瓦时,A,mine\n", encoding="utf-8"
    )
    config = tmp_path / "suanli.toml"
    config.write_text(
        '[province]\nprofile = "caict2024-province"\ndata = ["power.csv"]\n'
        '[city]\nprofile = "city-compute"\ndata = ["own.csv"]\n',
        encoding="utf-8",
    )
    cities = load_inputs(load_config(config)).catalogue.city.wide(2023)
    assert cities.loc["131000", "province_power_generation"] == 9999.0
    assert cities.loc["130700", "province_power_generation"] == 1234.0
