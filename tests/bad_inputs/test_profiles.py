"""Bad profiles, and data a profile cannot use: refused by ``suanli score`` in both languages."""

import pytest

import suanli.run.inputs
import suanli.run.parts
from suanli.boundaries import load_boundaries
from suanli.cli import DONE, REJECTED, main
from suanli.data import load_catalogue
from suanli.text import LANGUAGES

HEAD = """
id = "mine"
level = "province"
year = 2023
title = { zh = "我的", en = "Mine" }
note = { zh = "试", en = "test" }
"""
METHOD = '[method]\nweight = "equal"\ntreat = "none"\n'
DIMENSION = '[[dimension]]\nid = "one"\nname = { zh = "一", en = "one" }\n'
VALUES = {
    "racks": [40, 30, 20, 10],
    "halls": [4, 2, 8, 2],
    "flat": [5, 5, 5, 5],
    "blank": ["", "-", "无", ""],
    "closed": [0, 1, 0, 2],
}
CODES = (110000, 120000, 130000, 140000)


def leaf(name, *fields):
    return (
        f'[[indicator]]\nid = "{name}"\nparent = "one"\nname = {{ zh = "{name}", en = "{name}" }}\n'
        'unit = "个"\ndirection = "up"\nstatus = "reported"\nsource = "S"\nreason = "r"\n'
        + "".join(f"{field}\n" for field in fields)
    )


def variable(name, value):
    return f'[[variable]]\nid = "{name}"\nvalue = "{value}"\nunit = "1"\n'


def judgement(rows, order=("racks", "halls", "closed")):
    return (
        f'[[judgement]]\nparent = "one"\norder = {list(order)}\nmatrix = {rows}\n'
        'status = "assumed"\nreason = "r"\n'
    )


TWO = DIMENSION + leaf("racks") + leaf("halls")
THREE = TWO + leaf("closed")
AHP = METHOD.replace("equal", "ahp")
GIVEN = METHOD.replace("equal", "given")
SOUND = HEAD + METHOD + TWO


@pytest.fixture(scope="module")
def shipped():
    return load_boundaries(), load_catalogue()


@pytest.fixture
def score(tmp_path, capsys, monkeypatch, shipped):
    """Score by a profile and the values above; give exit code, output, errors."""
    boundaries, catalogue = shipped
    for module in (suanli.run.inputs, suanli.run.parts):
        monkeypatch.setattr(module, "load_boundaries", lambda: boundaries)
        monkeypatch.setattr(module, "load_catalogue", lambda: catalogue)
    rows = [
        f"{code},2023,{name},{value},个"
        for name, column in VALUES.items()
        for code, value in zip(CODES, column, strict=True)
    ]
    profile, data = tmp_path / "mine.toml", tmp_path / "mine.csv"

    def run(text, lang, *more):
        used = [name for name in VALUES if name in text]
        kept = [row for row in rows if row.split(",")[2] in used]
        data.write_text("\n".join(["code,year,indicator,value,unit", *kept]), encoding="utf-8")
        profile.write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit) as left:
            main(["score", "--profile", str(profile), "--data", str(data), "--lang", lang, *more])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return run


def case(name, text, *words):
    return pytest.param(text, words, id=name)


UNITS = ("110000", "130000")
CASES = [
    case(
        "variables in a circle",
        HEAD + METHOD + TWO + variable("a", "b * racks") + variable("b", "a + 1"),
        "a -> b -> a",
    ),
    case(
        "variable of itself",
        HEAD + METHOD + TWO + variable("a", "lag(a, 1)"),
        "a -> a",
    ),
    case(
        "unknown indicator in an expression",
        HEAD + METHOD + DIMENSION + leaf("dense", "value = 'racks / land_aera'"),
        "land_aera", "land_area",
    ),
    case(
        "unknown variable in an expression",
        HEAD + METHOD + TWO + variable("per_hall", "racks / halls")
        + leaf("dense", "value = 'per_hal'"),
        "per_hal", "per_hall",
    ),
    case(
        "variable named as an indicator of the table",
        HEAD + METHOD + TWO + variable("gdp", "racks"),
        "gdp",
    ),
    case(
        "unknown function",
        HEAD + METHOD + DIMENSION + leaf("racks", "value = 'exp(racks)'"),
        "exp", "growth(x, n)",
    ),
    case(
        "lag of no years",
        HEAD + METHOD + DIMENSION + leaf("racks", "value = 'lag(racks, 0)'"),
        "lag(x, n)",
    ),
    case(
        "division by zero",
        HEAD + METHOD + DIMENSION + leaf("dense", "value = 'racks / closed'"),
        "racks / closed", "2023", *UNITS,
    ),
    case(
        "denominator of zero",
        HEAD + METHOD + DIMENSION + leaf("racks", "denominator = 'closed'"),
        "(racks) / (closed)", *UNITS,
    ),
    case(
        "growth from zero",
        HEAD + METHOD + DIMENSION + leaf("racks") + leaf("new", "value = 'growth(gdp - gdp, 1)'"),
        "growth(gdp - gdp, 1)", "110000",
    ),
    case(
        "logarithm of zero, declared",
        HEAD + METHOD + DIMENSION + leaf("closed", "transform = 'log'"),
        "closed", "110000 (2023)", "130000 (2023)",
    ),
    case("constant", HEAD + METHOD + TWO + leaf("flat"), "flat", "5"),
    case("nothing but missing values", HEAD + METHOD + TWO + leaf("blank"), "blank", "value ="),
    case(
        "no values in the year",
        HEAD + METHOD + TWO + leaf("before", "value = 'lag(racks, 40)'"),
        "before",
    ),
    case(
        "judgements not reciprocal",
        HEAD + AHP + TWO + judgement([[1, 3], [3, 1]], ("racks", "halls")),
        "racks", "halls", "3",
    ),
    case(
        "judgements inconsistent",
        HEAD + AHP + THREE + judgement([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]),
        "one", "0.1", "force_inconsistent",
    ),
    case(
        "weights that do not sum to one",
        HEAD + GIVEN + DIMENSION + "weight = 1\n"
        + leaf("racks", "weight = 0.5") + leaf("halls", "weight = 0.6"),
        "one", "1.1",
    ),
    case(
        "weight below zero",
        HEAD + GIVEN + DIMENSION + "weight = 1\n"
        + leaf("racks", "weight = 1.5") + leaf("halls", "weight = -0.5"),
        "[[indicator]] halls", "weight", "-0.5", "0",
    ),
    case(
        "weight missing",
        HEAD + GIVEN + DIMENSION + "weight = 1\n" + leaf("racks", "weight = 1") + leaf("halls"),
        "halls", "one",
    ),
    case("unknown normalisation", HEAD + METHOD + "normalise = 'minmx'\n" + TWO, "minmx", "minmax"),
    case("unknown treatment", SOUND.replace('"none"', '"winsorize"'), "winsorize", "winsorise"),
    case("unknown imputation", HEAD + METHOD + "impute = ['linaer']\n" + TWO, "linaer", "linear"),
    case("unknown screening", HEAD + METHOD + "screen = 'dorp'\n" + TWO, "dorp", "drop"),
    case("unknown aggregation", HEAD + METHOD + "aggregate = 'geometrik'\n" + TWO,
         "geometrik", "geometric"),
    case("unknown weighting", HEAD + METHOD.replace("equal", "entropie") + TWO,
         "entropie", "entropy"),
    case("unknown field", HEAD + METHOD + "normalize = 'rank'\n" + TWO, "normalize", "normalise"),
    case(
        "own treatment unknown",
        HEAD + METHOD + DIMENSION + leaf("racks", "treat = 'box-cox'"),
        "[[indicator]] racks", "box-cox", "boxcox",
    ),
    case(
        "nobody left after screening",
        HEAD + METHOD + "screen = 'drop'\ncoverage = 0.9\n" + TWO
        + leaf("before", "value = 'lag(racks, 40)'"),
        "90%", "method.screen",
    ),
    case(
        "judgements of more than ten elements",
        HEAD + AHP + DIMENSION + "".join(leaf(f"x{n}", "value = 'racks'") for n in range(11))
        + judgement([[1] * 11] * 11, [f"x{n}" for n in range(11)]),
        "one", "11", "10",
    ),
    case(
        "judgements of an unknown node",
        HEAD + AHP + TWO
        + judgement([[1, 1], [1, 1]], ("racks", "halls")).replace('"one"', '"oen"'),
        "oen", "one",
    ),
    case(
        "consistency misstated",
        HEAD + AHP + TWO + judgement([[1, 3], [1 / 3, 1]], ("racks", "halls"))
        + "consistency_ratio = 0.05\n",
        "one", "0.050", "0.000",
    ),
    case(
        "parents in a circle",
        HEAD + METHOD + TWO
        + DIMENSION.replace('"one"', '"p"').replace("name", "parent = 'q'\nname")
        + DIMENSION.replace('"one"', '"q"').replace("name", "parent = 'p'\nname"),
        "p -> q -> p",
    ),
    case(
        "unknown parent",
        SOUND.replace('parent = "one"', 'parent = "oen"', 1),
        "racks", "oen", "one",
    ),
    case("identifier with capitals", SOUND.replace('"racks"', '"Racks"', 1), "'Racks'", "64"),
    case(
        "lower bounds of weights above one",
        SOUND + "[uncertainty]\nlimits = { racks = [0.6, 0.7], halls = [0.5, 0.9] }\n",
        "racks, halls", "one", "1.1",
    ),
    case(
        "upper bounds of weights below one",
        SOUND + "[uncertainty]\nlimits = { racks = [0.1, 0.3], halls = [0.2, 0.6] }\n",
        "racks, halls", "one", "0.9",
    ),
    case(
        "bounds of an unknown node",
        SOUND + "[uncertainty]\nlimits = { rack = [0.1, 0.3] }\n",
        "rack", "racks",
    ),
    case(
        "bounds in the wrong order",
        SOUND + "[uncertainty]\nlimits = { racks = [0.7, 0.3] }\n",
        "racks", "0.7", "0.3",
    ),
    case("neighbours not counted", HEAD + METHOD + "neighbours = 0\n" + TWO, "neighbours", "1"),
]  # fmt: skip


def test_the_profile_the_cases_spoil_is_sound(score):
    code, out, err = score(SOUND, "en", "--json")
    assert code == DONE
    assert '"110000"' in out
    # 27 provinces have neither racks nor halls, and the two indicators too few provinces.
    lines = err.strip().splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("27 units have fewer than 65%")
    assert "racks" in lines[1]
    assert "halls" in lines[2]


@pytest.mark.parametrize(("screen", "said"), [("drop", "take no part"), ("none", "all the same")])
def test_what_screening_did_is_said(score, screen, said):
    code, _, err = score(HEAD + METHOD + f"screen = '{screen}'\n" + TWO, "en")
    assert code == DONE
    assert said in err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("text", "words"), CASES)
def test_bad_profiles_are_refused_with_a_sentence(score, text, words, lang):
    code, out, err = score(text, lang)
    assert code == REJECTED
    assert out == ""
    assert "Traceback" not in err
    assert "{" not in err.replace("{ ", "")
    assert [word for word in words if word not in err] == []
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in err.replace("个", ""))
    assert chinese == (lang == "zh")


@pytest.mark.parametrize(("lang", "names"), [("zh", "北京市 110000, 河北省 130000"),
                                             ("en", "Beijing 110000, Hebei 130000")])  # fmt: skip
@pytest.mark.parametrize(
    "text",
    [
        HEAD + METHOD + DIMENSION + leaf("dense", "value = 'racks / closed'"),
        HEAD + METHOD + DIMENSION + leaf("closed", "transform = 'log'"),
    ],
)
def test_units_are_named(score, text, lang, names):
    _, _, err = score(text, lang)
    assert names in err.replace(" (2023)", "")


def test_two_indicators_of_one_name_are_told_apart(score):
    text = SOUND.replace('en = "halls"', 'en = "racks"')
    code, _, err = score(text, "en")
    assert code == DONE
    assert "racks, halls" in err
    assert "same name 'racks'" in err


def test_everything_wrong_is_said_at_once(score):
    text = HEAD + GIVEN + "coverage = 2\nscreen = 'dorp'\n" + TWO
    _, _, err = score(text, "en")
    assert len(err.strip().splitlines()) >= 2
    assert "coverage" in err
    assert "dorp" in err


def test_an_indicator_the_profile_does_not_use_is_left_out(score, tmp_path):
    # Anything the profile does not name is told once, not for every row.
    text = HEAD + METHOD + DIMENSION + leaf("racks") + leaf("closed")
    code, _, err = score(text + "# halls\n", "en", "--json")
    assert code == DONE
    (said,) = [line for line in err.splitlines() if "halls" in line]
    assert "not known and left out" in said
    assert "profile" in said
