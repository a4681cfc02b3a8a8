"""What the system, the parser and the models complain of, said in the user's language."""

import errno
import os
import pickle
import re
import tomllib
from pathlib import Path
from typing import Literal

import pydantic
import pytest

from suanli.errors import (
    InputError,
    Problem,
    os_reason,
    refuse_steering,
    toml_reason,
    value_reason,
)
from suanli.profile import load_profile
from suanli.run import load_config
from suanli.text import LANGUAGES, STEERING, Text, escaped

CHINESE = re.compile("[\u4e00-\u9fff]")
NAMES = [
    "ENOENT",
    "EISDIR",
    "EEXIST",
    "EACCES",
    "EPERM",
    "ENOSPC",
    "EROFS",
    "ENOTDIR",
    "EBUSY",
    "ENOTEMPTY",
    "ENAMETOOLONG",
]


def said(reason, lang):
    assert isinstance(reason, Problem), reason
    return Text(lang)("problems.os_error", file="f", detail=reason)


def in_both(reason, *words):
    zh, en = said(reason, "zh"), said(reason, "en")
    assert CHINESE.search(zh)
    assert not CHINESE.search(en)
    assert not re.search(r"[A-Za-z]{4,}", re.sub("Windows|true|false", "", zh)), zh
    assert all(word in zh and word in en for word in words), (zh, en)


@pytest.mark.parametrize("name", NAMES)
def test_errors_of_the_system(name):
    number = getattr(errno, name)
    in_both(os_reason(OSError(number, os.strerror(number), "f")))


def test_an_unknown_error_of_the_system_keeps_its_words():
    assert os_reason(OSError(errno.EXDEV, "Cross-device link")) == "Cross-device link"
    assert os_reason(OSError("said without a number")) == "said without a number"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = ", []),
        ("x = 1\na = tru", ["2", "5"]),
        ("a 1", ["1", "3"]),
        ("a = 1 b = 2", ["1", "7"]),
        ("a = 1\na = 2\nb = 1", ["2"]),
        ("[a]\n[a]", ["2"]),
        ('a = "x', []),
        ("a = [1", []),
        ('a = "x\n"', ["1"]),
        (r'a = "C:\data"', ["1"]),
        ("= 1", ["1"]),
        ("[a", []),
    ],
)
def test_errors_of_toml_keep_their_place(text, words):
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    in_both(toml_reason(caught.value), *words)


def test_a_file_in_another_encoding(tmp_path):
    path = tmp_path / "suanli.toml"
    path.write_bytes('lang = "zh"\nout = "结果"\n'.encode("gb18030"))
    with pytest.raises(InputError) as caught:
        load_config(path)
    in_both(caught.value.problems[0].params["detail"], "2")


class Model(pydantic.BaseModel):
    """One field of each kind that configurations and profiles have."""

    least: int = pydantic.Field(default=0, ge=3)
    more: float = pydantic.Field(default=0, gt=0, lt=1)
    most: int = pydantic.Field(default=0, le=3)
    flag: bool = False
    word: str = pydantic.Field(default="", min_length=2, max_length=4, pattern="^[a-z]*$")
    one: Literal["p", "q"] = "p"
    some: tuple[int, ...] = pydantic.Field(default=(), min_length=1, max_length=2)
    place: Path = Path()
    inner: dict[str, int] = {}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"least": 2}, ["3"]), ({"least": "x"}, []), ({"least": 2.5}, []), ({"least": None}, []),
        ({"more": 0}, ["0"]), ({"more": 1}, ["1"]), ({"more": "x"}, []), ({"more": []}, []),
        ({"most": 4}, ["3"]), ({"flag": "x"}, []), ({"flag": []}, []), ({"word": 1}, []),
        ({"word": "a"}, ["2"]), ({"word": "abcde"}, ["4"]), ({"word": "A1"}, ["^[a-z]*$"]),
        ({"one": "r"}, ["'p', 'q'"]), ({"some": []}, ["1"]), ({"some": [1, 2, 3]}, ["2"]),
        ({"some": 1}, []), ({"place": 1}, []), ({"inner": 1}, []),
    ],
)  # fmt: skip
def test_values_that_models_refuse(fields, words):
    with pytest.raises(pydantic.ValidationError) as caught:
        Model.model_validate(fields)
    in_both(value_reason(caught.value.errors()[0]), *words)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("content", "word", "absent"),
    [
        ("zzz = 1", "zzz", "lang'"),
        ("[province]\ndata = []", "province.profile", "{"),
        ("seed = -1", "0", "Input"),
    ],
)
def test_configurations(tmp_path, content, word, absent, lang):
    path = tmp_path / "suanli.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_config(path)
    (problem,) = caught.value.problems
    sentence = Text(lang)(problem.code, **problem.params)
    assert word in sentence
    assert absent not in sentence
    assert str(path) in sentence
    if content == "zzz = 1":
        assert problem.code == "run.config_key"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_option_names_no_file(tmp_path, lang):
    path = tmp_path / "suanli.toml"
    path.write_text("", encoding="utf-8")
    for file in (None, path):
        with pytest.raises(InputError) as caught:
            load_config(file, seed=-1)
        (problem,) = caught.value.problems
        assert problem.code == "run.option_value"
        assert str(path) not in Text(lang)(problem.code, **problem.params)


def test_the_top_of_a_profile_has_a_name(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('id = "x"\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_profile(path)
    sentences = [Text("zh")(p.code, **p.params) for p in caught.value.problems]
    assert all("顶层" in sentence for sentence in sentences)


def test_an_error_reads_as_sentences():
    found = [
        Problem(code="profile.cycle", params={"file": "a.toml", "path": "p -> p"}),
        Problem(code="profile.value", params={
            "file": "a.toml", "where": Problem(code="profile.top"), "key": "year", "value": "'x'",
            "detail": Problem(code="problems.value.integer"),
        }),
    ]  # fmt: skip
    error = InputError(found)
    first, second = str(error).splitlines()
    assert first.startswith("The profile a.toml: the parents run in a circle: p -> p.")
    assert "top level: the value 'x' of 'year' cannot be used (it must be a whole number)" in second
    assert error.describe("en") == str(error)
    assert CHINESE.search(error.describe("zh"))
    assert "profile.cycle" in repr(error)
    assert error.__notes__ == ["[profile.cycle, profile.value]"]
    assert pickle.loads(pickle.dumps(error)).problems == error.problems  # noqa: S301 - our own


def test_an_error_without_a_sentence_can_be_shown():
    error = InputError([Problem(code="profile.no_such", params={"a": 1})])
    assert str(error) == "profile.no_such {'a': 1}"
    assert str(InputError([Problem(code="profile.cycle")])) == "profile.cycle {}"
    with pytest.raises(ValueError, match="at least one"):
        InputError([])


STEERS = ["\x00", "\x07", "\x1b[2J", "\x7f", "\x9b31m", "\u202e", "\u2066"]


@pytest.mark.parametrize("payload", STEERS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_do_not_steer_the_terminal(payload, lang):
    problem = Problem(code="profile.cycle", params={"file": Path(f"a{payload}"), "path": payload})
    said = problem.describe(lang)
    assert not STEERING.search(said)
    assert f"\\u{ord(payload[0]):04x}" in said


@pytest.mark.parametrize("payload", STEERS)
def test_texts_that_steer_are_refused_alone_and_in_lists(payload):
    for value in (payload, ["a", payload], ("a", payload)):
        with pytest.raises(ValueError, match="characters that steer"):
            refuse_steering(value)


def test_what_is_plain_passes():
    for value in ("两行\n\t字", ["a"], 3, None, {"a": "\x1b"}):
        assert refuse_steering(value) is value
    assert escaped("两行\n\t字") == "两行\n\t字"
    assert escaped("\udcff").encode() == b"\\udcff"
