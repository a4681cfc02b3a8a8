"""Writes that leave the old file, the new file, and nothing in between."""

from pathlib import Path

import pytest

from geo.storage import atomic_path, replace_folder, write_bytes, write_text


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
