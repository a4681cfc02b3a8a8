"""A full disk, a folder that may only be read, an output that is open: told, and nothing lost."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import suanli.run.project
import suanli.run.whole
from geo.storage import file_sha256
from suanli.cli import DONE, REJECTED, main
from suanli.manifest import MANIFEST
from suanli.run import RunConfig
from suanli.run.inputs import load_inputs, study_of
from suanli.text import LANGUAGES, Text

ROOT = sys.platform == "linux" and os.geteuid() == 0
# An edition takes about 53 MB; the next is staged beside it. So the disk is full while GIS
# files are written, by GDAL, or while maps are.
SIZES = ("57m", "70m")


@contextlib.contextmanager
def mounted(folder: Path, size: str):
    """Mount a small file system of its own, where that is allowed."""
    folder.mkdir(exist_ok=True)
    command = ["/bin/mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if not ROOT or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("needs to mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["/bin/umount", str(folder)], check=True)


@pytest.fixture(scope="module")
def study():
    """What is published again and again, computed once."""
    config = RunConfig(permutations=99, redraws=99, replicates=99)
    inputs = load_inputs(config)
    return inputs, study_of(inputs, config)


@pytest.fixture
def run(study, monkeypatch, capsys):
    """Run the command; give exit code and what it said."""
    monkeypatch.setattr(suanli.run.whole, "load_inputs", lambda _: study[0])
    monkeypatch.setattr(suanli.run.whole, "study_of", lambda *_, **__: study[1])

    def call(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return left.value.code, said.err

    return call


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def whole(out: Path) -> bool:
    """Tell whether a folder holds what its record says and nothing else."""
    record = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    names = {item["path"]: item["sha256"] for item in record["outputs"]}
    return set(tree(out)) == {*names, MANIFEST} and all(
        file_sha256(out / name) == digest for name, digest in names.items()
    )


def sentence(err: str, code: str) -> bool:
    """Tell whether the last line says this errno in either language."""
    last = err.strip().splitlines()[-1]
    return any(Text(lang)(f"problems.errno.{code}") in last for lang in LANGUAGES)


@pytest.mark.parametrize("size", SIZES)
def test_a_disk_that_fills_up_leaves_the_earlier_outputs(run, tmp_path, size):
    with mounted(tmp_path / "disk", size) as disk:
        out = disk / "outputs"
        assert run("run", "--out", out)[0] == DONE
        before = tree(out)
        for lang in LANGUAGES:
            code, err = run("run", "--out", out, "--lang", lang)
            assert code == REJECTED
            assert sentence(err, "ENOSPC"), err
            assert str(out) in err
            assert tree(out) == before
            assert whole(out)
        assert not list(out.glob(".run*"))


def test_a_disk_that_is_full_from_the_start_gets_no_half_file(run, tmp_path):
    with mounted(tmp_path / "disk", "64k") as disk:
        code, err = run("init", disk / "mine")
        assert code == REJECTED
        assert sentence(err, "ENOSPC"), err
        assert tree(disk) == {}
        code, err = run("template", disk / "mine.xlsx", "--profile", "city-compute-physical")
        assert code == REJECTED
        assert sentence(err, "ENOSPC"), err
        assert tree(disk) == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_folder_that_may_only_be_read_keeps_its_outputs(run, tmp_path, lang):
    with mounted(tmp_path / "disk", "100m") as disk:
        out = disk / "outputs"
        assert run("export", "--out", out)[0] == DONE
        before = tree(out)
        subprocess.run(["/bin/mount", "-o", "remount,ro", str(disk)], check=True)
        for command in (
            ("run", "--out", out),
            ("map", "--out", out),
            ("score", "--out", out),
            ("init", disk / "mine"),
            ("template", disk / "mine.xlsx"),
        ):
            code, err = run(*command, "--lang", lang)
            assert code == REJECTED
            assert Text(lang)("problems.errno.EROFS") in err
        assert tree(out) == before


@pytest.mark.skipif(ROOT, reason="root may write anywhere")
def test_permissions_are_told(run, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    code, err = run("run", "--out", locked / "outputs")
    assert code == REJECTED
    assert sentence(err, "EACCES"), err
    assert list(locked.iterdir()) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_output_open_in_excel_is_named_and_everything_stays(run, tmp_path, monkeypatch, lang):
    """Windows moves no folder with an open file in it; here the refusal is played."""
    out = tmp_path / "outputs"
    assert run("export", "--out", out)[0] == DONE
    before = tree(out)
    move = Path.replace

    def replace(self, target):
        if self == out / "gis":
            raise PermissionError(13, "used by another process", str(self))
        return move(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    code, err = run("export", "--out", out, "--lang", lang)
    assert code == REJECTED
    assert str(out / "gis") in err
    assert Text(lang)("problems.errno.EACCES") in err
    assert tree(out) == before
    assert not list(out.glob(".run*"))


def test_who_reads_an_output_reads_on_in_the_old_one(run, tmp_path):
    out = tmp_path / "outputs"
    assert run("export", "--out", out, "--lang", "zh")[0] == DONE
    name = out / MANIFEST
    old = name.read_bytes()
    with name.open("rb") as stream:
        start = stream.read(100)
        assert run("export", "--out", out, "--lang", "en")[0] == DONE
        assert start + stream.read() == old
    assert name.read_bytes() != old
    assert whole(out)


def test_half_a_project_is_taken_back(tmp_path, monkeypatch, run):
    def full(*_, **__):
        raise OSError(28, "No space left on device", str(tmp_path / "mine"))

    monkeypatch.setattr(suanli.run.project, "write_template", full)
    code, err = run("init", tmp_path / "mine")
    assert code == REJECTED
    assert sentence(err, "ENOSPC"), err
    assert tree(tmp_path) == {}
    monkeypatch.undo()
    assert suanli.run.project.start_project(tmp_path / "mine", lang="zh")
