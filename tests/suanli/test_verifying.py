"""``suanli check FOLDER``: outputs against the record of their run."""

import json
import shutil
from pathlib import Path

import pytest

from suanli.cli import main
from suanli.errors import InputError
from suanli.publish.package import Selection
from suanli.run import RunConfig
from suanli.run.verifying import verify_folder
from suanli.run.whole import publish_selection


@pytest.fixture
def call(capsys):
    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    publish_selection(RunConfig(out=folder), Selection(formats=("kml",), levels=("hubs", "lines")))
    return folder


@pytest.fixture
def folder(written, tmp_path) -> Path:
    return shutil.copytree(written, tmp_path / "outputs")


def test_a_whole_run_is_whole(atlas) -> None:
    report = verify_folder(atlas.path)
    assert not report.differs(strict=True)
    assert len(report.whole) == len(atlas.result.manifest.outputs) > 100
    assert report.record["run"] == atlas.result.manifest.run


def test_what_was_written_is_told_with_its_run(call, folder) -> None:
    code, out, err = call("check", folder, "--lang", "en")
    assert (code, err) == (0, "")
    first, *rest = out.splitlines()
    record = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert record["run"] in first
    assert "suanli-atlas 0.1.0" in first
    assert "city-compute" in first
    assert str(record["seed"]) in first
    assert rest == ["3 of 3 recorded files are as they were written."]


def test_every_difference_is_found(call, folder) -> None:
    (folder / "export" / "hubs.kml").unlink()
    path = folder / "export" / "lines.kml"
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    (folder / "export" / "fields.csv").write_bytes(b"")
    (folder / "notes.txt").write_text("mine")
    (folder / ".run.lock").write_text("")
    code, out, _ = call("check", folder, "--json")
    found = json.loads(out)
    assert code == 1
    assert found["missing"] == ["export/hubs.kml"]
    assert found["changed"] == ["export/fields.csv", "export/lines.kml"]
    assert found["unknown"] == ["notes.txt"]
    assert (found["whole"], found["differs"]) == (0, True)
    code, out, _ = call("check", folder, "--lang", "en")
    assert code == 1
    assert "2 files differ from the record:\n  export/fields.csv\n  export/lines.kml" in out
    assert out.splitlines()[-1] == "0 of 3 recorded files are as they were written."


def test_files_of_ones_own_are_told_and_refuse_only_when_strict(call, folder) -> None:
    (folder / "export" / "mine.csv").write_text("a")
    code, out, _ = call("check", folder)
    assert code == 0
    assert "export/mine.csv" in out
    assert call("check", folder, "--strict")[0] == 1


def test_folders_kept_in_a_repository_and_briefs_are_no_strangers(call, folder) -> None:
    (folder / "maps").mkdir()
    (folder / "maps" / ".gitkeep").write_text("")
    brief = folder / "report" / "units" / "140000_Shanxi.html"
    brief.parent.mkdir(parents=True)
    brief.write_text("a brief")
    code, out, _ = call("check", folder, "--strict", "--lang", "en")
    assert code == 0
    assert ".gitkeep" not in out
    assert "suanli report --unit" in out
    assert "no run wrote" not in out
    found = json.loads(call("check", folder, "--json")[1])
    assert found["requested"] == ["report/units/140000_Shanxi.html"]
    # Only what looks like a brief is taken for one; what is hidden and not empty is told.
    (brief.parent / "mine.html").write_text("mine")
    (folder / "maps" / ".secret").write_text("mine")
    found = json.loads(call("check", folder, "--json")[1])
    assert found["unknown"] == ["maps/.secret", "report/units/mine.html"]


def change_seed(record: dict) -> None:
    record["seed"] += 1


def drop_an_entry(record: dict) -> None:
    record["outputs"].pop()


def change_a_setting(record: dict) -> None:
    record["settings"]["permutations"] = 9


def change_a_profile(record: dict) -> None:
    record["profiles"][0]["method"]["impute_reach"] += 1


@pytest.mark.parametrize("change", [change_seed, drop_an_entry, change_a_setting, change_a_profile])
def test_a_changed_record_is_found(call, folder, change) -> None:
    path = folder / "manifest.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    change(record)
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    code, out, _ = call("check", folder, "--lang", "en")
    assert code == 1
    assert "manifest.json itself is not as it was written" in out
    assert json.loads(call("check", folder, "--json")[1])["record"] == "changed"


def test_times_and_layout_of_a_record_are_free_and_a_missing_digest_is_told(call, folder) -> None:
    path = folder / "manifest.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["times"]["seconds"] = 0
    path.write_text(json.dumps(record, sort_keys=True), encoding="utf-8")
    assert verify_folder(folder).state == "whole"
    del record["digest"]
    path.write_text(json.dumps(record), encoding="utf-8")
    code, out, _ = call("check", folder, "--lang", "en")
    assert code == 0
    assert "no digest" in out
    assert call("check", folder, "--strict")[0] == 1


def test_a_folder_where_a_file_was_is_no_such_file(folder) -> None:
    path = folder / "export" / "hubs.kml"
    path.unlink()
    path.mkdir()
    assert verify_folder(folder).missing == ("export/hubs.kml",)


def test_long_lists_are_cut_and_counted(call, folder) -> None:
    for i in range(25):
        (folder / f"x{i:02}").write_text("")
    _, out, _ = call("check", folder, "--lang", "en")
    assert "25 files are not in the record" in out
    assert "  x19\n  5 more\n" in out
    assert "x20" not in out


def test_no_record_no_answer(call, tmp_path) -> None:
    code, out, err = call("check", tmp_path, "--lang", "en")
    assert (code, out) == (1, "")
    assert "no manifest.json" in err


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"outputs": 1}',
        b'{"outputs": []}',
        b'{"outputs": [{"path": "a"}], "versions": {}, "profiles": [], "times": {}, "seed": 1}',
    ],
)
def test_a_damaged_record_is_refused(tmp_path, content: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(InputError) as refused:
        verify_folder(tmp_path)
    assert refused.value.problems[0].code == "verify.damaged"


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../../b", "C:\\x", "..\\x", ""])
def test_a_record_cannot_point_elsewhere(folder, path: str) -> None:
    record = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    record["outputs"].append({"path": path, "sha256": "0", "bytes": 1})
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    if path:
        with pytest.raises(InputError) as refused:
            verify_folder(folder)
        assert refused.value.problems[0].code == "verify.damaged"
    else:
        assert verify_folder(folder).differs()


def test_names_cannot_steer_the_terminal(call, folder) -> None:
    (folder / "a\x1b[2Jb").write_text("")
    _, out, _ = call("check", folder, "--lang", "en")
    assert "\x1b" not in out
    assert "a\\u001b[2Jb" in out


def test_a_folder_stands_alone(call, folder, tmp_path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("a")
    for more in ((table,), ("--sheet", "a"), ("--profile", "city-compute"), ("--out", tmp_path)):
        code, out, err = call("check", folder, *more, "--lang", "en")
        assert (code, out) == (1, "")
        assert "by itself" in err
