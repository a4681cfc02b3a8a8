"""Profiles: everything wrong with one is reported at once, with its place and a remedy."""

from pathlib import Path

import pytest

from suanli.errors import InputError
from suanli.evaluation.weight import CONSISTENCY_LIMIT, weigh
from suanli.expression import ExpressionError, parse_expression
from suanli.profile import (
    duplicate_names,
    inference_spec,
    list_profiles,
    load_profile,
    parse_profile,
)
from suanli.text import LANGUAGES, Text

HEAD = """
id = "x"
level = "province"
year = 2023
title = { zh = "x", en = "x" }
note = { zh = "x", en = "x" }
"""
LEAF = """
[[indicator]]
id = "{id}"
parent = "{parent}"
name = {{ zh = "x", en = "x" }}
unit = "1"
direction = "up"
status = "reported"
source = "S"
reason = "r"
"""
DIMENSION = """
[[dimension]]
id = "one"
name = { zh = "x", en = "x" }
"""


def leaf(name: str, parent: str = "one", extra: str = "") -> str:
    return LEAF.format(id=name, parent=parent) + extra


def codes(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_profile(text.encode(), file="x.toml")
    for problem in caught.value.problems:
        for lang in LANGUAGES:
            sentence = Text(lang)(problem.code, **problem.params)
            assert "x.toml" in sentence
    return [problem.code.removeprefix("profile.") for problem in caught.value.problems]


def judgement(order: str, matrix: str) -> str:
    return (
        f'[[judgement]]\nparent = "one"\norder = {order}\nmatrix = {matrix}\n'
        'status = "assumed"\nreason = "r"\n'
    )


TWO = HEAD + DIMENSION + leaf("a") + leaf("b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id = ", ["syntax"]),
        (HEAD, ["missing", "missing"]),
        (HEAD + DIMENSION + leaf("a", extra="diretion = 'up'\n"), ["unknown_key_close"]),
        (HEAD + DIMENSION + leaf("a").replace('"up"', '"upp"'), ["choice_close"]),
        (HEAD.replace("2023", '"soon"') + DIMENSION + leaf("a"), ["value"]),
        (HEAD + DIMENSION + leaf("a") + leaf("a"), ["duplicate"]),
        (HEAD + DIMENSION + leaf("a") + leaf("b", "oen"), ["parent"]),
        (HEAD + DIMENSION + leaf("a", extra="value = 'b +'\n"), ["expression_syntax"]),
        (HEAD + DIMENSION + leaf("a", extra="value = 'b.c'\n"), ["expression_forbidden"]),
        (HEAD + DIMENSION + leaf("a", extra="value = 'eval(b)'\n"), ["expression_function"]),
        (HEAD + "[method]\nweight = 'given'\n" + DIMENSION + leaf("a"), ["weight_missing"] * 2),
        (
            HEAD + "[method]\nweight = 'given'\n" + DIMENSION + "weight = 0.5\n"
            + leaf("a", extra="weight = 1\n"),
            ["weight_sum"],
        ),
        (TWO, ["judgement_missing"]),
        (
            TWO + judgement("['a', 'b']", "[[1, 1], [1, 1]]").replace('"one"', '"oen"'),
            ["judgement_parent"],
        ),
        (TWO + judgement("['a', 'c']", "[[1, 1], [1, 1]]"), ["judgement_order"]),
        (TWO + judgement("['a', 'b']", "[[1, 1]]"), ["judgement_shape"]),
        (TWO + judgement("['a', 'b']", "[[1, 3], [3, 1]]"), ["judgement_reciprocal"]),
        (HEAD + "[method]\nscope = 'panel'\n" + DIMENSION + leaf("a"), ["panel_missing"]),
        (HEAD + "[method]\npanel = [2023, 2016]\n" + DIMENSION + leaf("a"), ["panel_order"]),
        (HEAD + "[method]\nlower = 5\nupper = 5\n" + DIMENSION + leaf("a"), ["range"]),
    ],
)  # fmt: skip
def test_broken_profiles_are_explained(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


def test_a_circle_of_parents_is_found() -> None:
    circle = DIMENSION.replace('id = "one"', 'id = "p"\nparent = "q"')
    circle += DIMENSION.replace('id = "one"', 'id = "q"\nparent = "p"')
    assert codes(HEAD + DIMENSION + circle + leaf("a")) == ["cycle"]


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        load_profile("caict2024-provinse")
    (problem,) = caught.value.problems
    assert problem.code == "profile.unknown_close"
    assert "caict2024-province" in Text("en")(problem.code, **problem.params)


def test_a_path_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + DIMENSION + leaf("a"), encoding="utf-8-sig")
    assert load_profile(path).id == "x"


@pytest.mark.parametrize("name", list_profiles())
def test_shipped_profiles_are_sound(name: str) -> None:
    spec = load_profile(name)
    weights = weigh(spec)
    assert (weights["consistency_ratio"].dropna() <= CONSISTENCY_LIMIT).all()
    assert all(item.status == "assumed" for item in spec.judgement)
    assert all(item.reason and item.source for item in spec.indicator)


@pytest.mark.parametrize(
    "text",
    ["", "1 + 2", "a; b", "a ** 9", "a if b else c", "a[0]", "'a'", "lambda: a", "log(a, b)",
     "a < b", "(a := 1)", "f'{a}'", "[a]", "True + a", "(" * 300 + "a" + ")" * 300],
)  # fmt: skip
def test_the_expression_language_is_closed(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_expression(text)


def test_given_weights_keep_their_ratios_when_indicators_are_excluded():
    extra = 'weight = {weight}\ninference = "{inference}"\n'
    leaves = (("a", 0.5, "excluded"), ("b", 0.3, "kept"), ("c", 0.2, "kept"))
    text = HEAD + '[method]\nweight = "given"\n' + DIMENSION + "weight = 1\n"
    for name, weight, inference in leaves:
        text += leaf(name, extra=extra.format(weight=weight, inference=inference))
    reduced = inference_spec(parse_profile(text.encode(), file="x.toml"))
    assert {item.id: item.weight for item in reduced.items()} == pytest.approx(
        {"one": 1.0, "b": 0.6, "c": 0.4}
    )


def test_a_profile_must_leave_something_to_test():
    text = HEAD + '[method]\nweight = "equal"\n' + DIMENSION
    text += leaf("a", extra='inference = "excluded"\n')
    with pytest.raises(InputError) as caught:
        inference_spec(parse_profile(text.encode(), file="x.toml"))
    assert [problem.code for problem in caught.value.problems] == ["profile.nothing_to_test"]


def test_names_that_cannot_be_told_apart_are_found() -> None:
    text = HEAD + '[method]\nweight = "equal"\n' + DIMENSION + leaf("a") + leaf("b")
    text = text.replace('zh = "x", en = "x" }\nunit', 'zh = "甲", en = "y" }\nunit')
    text += leaf("c").replace('en = "x"', 'en = "y"').replace('zh = "x"', 'zh = "丙"')
    found = duplicate_names(parse_profile(text.encode(), file="x.toml"))
    said = {(problem.params["items"], problem.params["name"]) for problem in found}
    assert said == {("a, b", "甲"), ("a, b, c", "y")}
