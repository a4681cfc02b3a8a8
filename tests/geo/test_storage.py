"""Writes that leave the old file, the new file, and nothing in between."""

import contextlib
from pathlib import Path

import pytest

from geo.storage import (
    atomic_path,
    replace_folder,
    replace_together,
    undo_replacement,
    write_bytes,
    write_text,
)


def folder_of(base, name, content):
    folder = base / name
    folder.mkdir()
    (folder / "a.txt").write_text(content, encoding="utf-8")
    return folder


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def half():
        with atomic_path(path) as temporary:
            temporary.write_text("half", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_sees_the_old_file_until_the_end(tmp_path):
    path = tmp_path / "deep" / "a.bin"
    write_bytes(path, b"old")
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_line_ends_are_kept(tmp_path):
    write_text(tmp_path / "a.txt", "一\r\n二\n")
    assert (tmp_path / "a.txt").read_bytes() == "一\r\n二\n".encode()


def test_a_folder_is_replaced_whole(tmp_path):
    final = folder_of(tmp_path, "final", "old")
    (final / "stale.txt").write_text("", encoding="utf-8")
    replace_folder(folder_of(tmp_path, "new", "new"), final)
    assert [path.name for path in final.iterdir()] == ["a.txt"]
    assert (final / "a.txt").read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [final]


def test_a_folder_that_cannot_be_moved_in_brings_the_old_one_back(tmp_path, monkeypatch):
    final, staged = folder_of(tmp_path, "final", "old"), folder_of(tmp_path, "new", "new")
    move = Path.replace

    def refusing(self, target):
        if self == staged:
            raise OSError(5, "Input/output error", str(self))
        return move(self, target)

    monkeypatch.setattr(Path, "replace", refusing)
    with pytest.raises(OSError, match="Input/output"):
        replace_folder(staged, final)
    assert (final / "a.txt").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["final", "new"]


# Several at once

NAMES = ("gis", "maps", "new", "record.json")


class Killed(BaseException):
    """The process ends: nothing after this runs, no clean-up either."""


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


@pytest.fixture
def pair(tmp_path):
    """Old and new outputs: two folders and a file that exist, one folder that does not."""
    staged, final = tmp_path / "staged", tmp_path / "final"
    for name in NAMES[:3]:
        write_text(staged / name / f"{name}.txt", "new")
    for name in NAMES[:2]:
        write_text(final / name / "old.txt", "old")
    write_text(staged / "record.json", "new")
    write_text(final / "record.json", "old")
    write_text(final / "notes.txt", "mine")
    return staged, final


def stopping(monkeypatch, at, error):
    """Make the rename of this number fail, once; count them all."""
    move, count = Path.replace, iter(range(100))

    def replace(self, target):
        if next(count) == at:
            raise error
        return move(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    return count


def test_all_are_replaced_together(pair, monkeypatch):
    staged, final = pair
    count = stopping(monkeypatch, -1, OSError())
    replace_together(staged, final, names=NAMES, aside=final / ".aside")
    assert next(count) == 8  # three aside, four in, one to make it count
    assert contents(final) == {
        "gis/gis.txt": b"new", "maps/maps.txt": b"new", "new/new.txt": b"new",
        "record.json": b"new", "notes.txt": b"mine",
    }  # fmt: skip
    assert not (final / ".aside").exists()


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", range(8))
def test_a_failure_at_any_rename_leaves_every_old_one(pair, monkeypatch, at, error):
    staged, final = pair
    before = contents(final)
    stopping(monkeypatch, at, error)
    with pytest.raises(type(error)):
        replace_together(staged, final, names=NAMES, aside=final / ".aside")
    assert contents(final) == before
    assert not (final / ".aside").exists()
    assert not (final / "new").exists()


@pytest.mark.parametrize("again", [None, 0, 1, 2])
@pytest.mark.parametrize("at", range(8))
def test_a_process_killed_at_any_rename_is_taken_back(pair, monkeypatch, at, again):
    """Also when the one that takes it back is killed itself."""
    staged, final = pair
    before = contents(final)
    with monkeypatch.context() as patch:
        stopping(patch, at, Killed())
        patch.setattr("geo.storage.undo_replacement", lambda *_: None)
        with pytest.raises(Killed):
            replace_together(staged, final, names=NAMES, aside=final / ".aside")
    assert (final / ".aside").is_dir()
    if again is not None:
        with monkeypatch.context() as patch:
            stopping(patch, again, Killed())
            with contextlib.suppress(Killed):
                undo_replacement(final / ".aside", final)
    undo_replacement(final / ".aside", final)
    assert contents(final) == before
    assert not (final / ".aside").exists()
