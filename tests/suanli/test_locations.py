"""Where the shipped data are looked for, and in which order."""

import pytest

import suanli.locations
from suanli.errors import InputError
from suanli.locations import ENVIRONMENT_VARIABLE, data_folder

PARTS = ("boundaries", "indicators", "reference")


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    for name in ("one", "two"):
        for part in PARTS:
            (tmp_path / name / part).mkdir(parents=True)
    return tmp_path / "one", tmp_path / "two"


def test_option_before_environment_before_checkout(folders, monkeypatch):
    one, two = folders
    assert all((data_folder() / part).is_dir() for part in PARTS)
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(two))
    assert data_folder() == two
    assert data_folder(one) == one


def test_a_named_folder_is_never_silently_passed_over(folders, monkeypatch):
    one, _ = folders
    (one / "reference").rmdir()
    with pytest.raises(InputError) as caught:
        data_folder(one)
    problem = caught.value.problems[0]
    assert problem.code == "problems.data_folder_incomplete"
    assert problem.params == {"folder": str(one), "missing": "reference"}


def test_nothing_found(monkeypatch, tmp_path):
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    monkeypatch.setattr(suanli.locations, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    monkeypatch.setattr(suanli.locations, "_installed", lambda: None)
    with pytest.raises(InputError) as caught:
        data_folder()
    assert caught.value.problems[0].code == "problems.data_folder_missing"
