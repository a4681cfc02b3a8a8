"""Runs killed at random moments leave one whole edition; what says so can fail."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from geo.storage import file_sha256
from suanli.manifest import MANIFEST

SCRIPT = Path(__file__).parents[2] / "scripts" / "kill_runs.py"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")


@pytest.fixture(scope="module")
def kill_runs():
    source = importlib.util.spec_from_file_location("kill_runs", SCRIPT)
    module = importlib.util.module_from_spec(source)
    source.loader.exec_module(module)
    return module


@pytest.fixture
def edition(tmp_path) -> Path:
    """A folder of outputs as a run leaves it."""
    for name in ("maps/a.png", "tables/b.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(name, encoding="utf-8")
    names = ("maps/a.png", "tables/b.csv")
    record = {"outputs": [{"path": n, "sha256": file_sha256(tmp_path / n)} for n in names]}
    (tmp_path / MANIFEST).write_text(json.dumps(record), encoding="utf-8")
    return tmp_path


def test_a_whole_edition_is_called_whole(kill_runs, edition):
    assert kill_runs.after_kill(edition) == "intact"
    (edition / ".run.x").mkdir()
    (edition / ".run.x" / "half.png").write_text("half", encoding="utf-8")
    assert kill_runs.after_kill(edition) == "intact"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda out: (out / "maps/a.png").write_text("half"), "content differs"),
        (lambda out: (out / "maps/a.png").unlink(), "files differ"),
        (lambda out: (out / "maps/new.png").write_text("new"), "files differ"),
        (lambda out: (out / MANIFEST).unlink(), "no record"),
        (lambda out: (out / MANIFEST).write_text('{"outp'), "no record"),
    ],
)
def test_whatever_is_broken_is_found(kill_runs, edition, spoil, says):
    spoil(edition)
    assert kill_runs.after_kill(edition).startswith(says)


def test_what_a_kill_among_the_renames_left_is_taken_back(kill_runs, edition):
    aside = edition / ".run.old.x"
    (aside / "old").mkdir(parents=True)
    (edition / "maps").rename(aside / "old" / "maps")
    assert kill_runs.after_kill(edition) == "taken back"
    assert kill_runs.after_kill(edition) == "intact"


@pytest.mark.slow
def test_killed_exports_leave_whole_editions():
    """A few here; ``scripts/kill_runs.py --runs 200`` by hand."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--exports", "4"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    states = [line.split(maxsplit=1) for line in done.stdout.splitlines()[1:]]
    counts = {state.strip(): int(count) for count, state in states}
    assert counts.pop("last run whole") == 1
    counts.pop("done before the kill", None)
    assert sum(counts.values()) == 4
