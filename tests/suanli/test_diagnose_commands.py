"""``diagnose``, ``compare`` and ``unit``: what they say, in both languages and 80 columns."""

import json
import re
import sys

import pandas as pd
import pytest
from rich.cells import cell_len

import suanli.run.inputs
import suanli.run.parts
from suanli.boundaries import load_boundaries
from suanli.cli import DONE, REJECTED, USAGE, main
from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.run.units import find_unit
from suanli.text import LANGUAGES


@pytest.fixture(scope="module")
def shipped():
    return load_boundaries(), load_catalogue()


@pytest.fixture
def call(capsys, monkeypatch, shipped):
    """Run the command line in this process; give exit code, output, errors."""
    boundaries, catalogue = shipped
    for module in (suanli.run.inputs, suanli.run.parts):
        monkeypatch.setattr(module, "load_boundaries", lambda: boundaries)
        monkeypatch.setattr(module, "load_catalogue", lambda: catalogue)
    monkeypatch.delenv("SUANLI_LANG", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return run


@pytest.mark.parametrize("lang", LANGUAGES)
def test_comparison_adds_up_to_what_it_says(call, lang):
    code, out, err = call("compare", "贵州", "Yunnan", "--json", "--lang", lang)
    assert (code, err) == (DONE, "")
    told = json.loads(out)
    table = pd.DataFrame(told["comparison"])
    code, scored, _ = call("score", "--json")
    scores = {row["code"]: row["index"] for row in json.loads(scored)["scores"]}
    gap = scores["520000"] - scores["530000"]
    assert table["contribution"].sum() == pytest.approx(gap, abs=1e-10)
    assert f"{abs(gap):.2f}" in told["sentences"][0]
    assert f"{gap:+.2f}" in told["sentences"][1]
    shown = call("compare", "530000", "guizhou", "--lang", lang)[1]
    assert f"{-gap:+.2f}" in shown
    ends = [re.search(r"  ([+-]\d+\.\d\d)$", line) for line in shown.splitlines()]
    # The dimensions stand above the indicators.
    points = [float(end[1]) for end in ends if end][-26:]
    assert sum(points) == pytest.approx(-gap, abs=0.005 * 26)
    assert [abs(p) for p in points] == sorted((abs(p) for p in points), reverse=True)


def test_a_gap_in_the_data_is_told(call):
    out = call("compare", "西藏", "青海", "--lang", "en")[1]
    assert "one side lacks an indicator" in out
    assert "one side lacks" not in call("compare", "广东", "江苏", "--lang", "en")[1]
    assert "* imputed" in call("compare", "北京", "江苏", "--lang", "en")[1]


@pytest.mark.parametrize(("lang", "word"), [("zh", "上升"), ("en", "rose")])
def test_years_of_a_unit(call, tmp_path, lang, word):
    code, out, err = call(
        "compare", "贵州", "--years", 2019, 2023, "--out", tmp_path, "--lang", lang
    )
    assert (code, err) == (DONE, "")
    table = pd.read_csv(tmp_path / "comparison.csv")
    ranks = pd.read_csv(tmp_path / "rank_changes.csv").set_index("year")
    change = ranks.loc[2023, "score"] - ranks.loc[2019, "score"]
    assert table["contribution"].sum() == pytest.approx(change, abs=1e-9)
    assert f"{change:.2f}" in out
    assert word in out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_strengths_of_a_unit(call, lang):
    code, out, err = call("unit", "宁夏", "--top", 3, "--json", "--lang", lang)
    assert (code, err) == (DONE, "")
    told = json.loads(out)
    kinds = [row["kind"] for row in told["strengths_weaknesses"]]
    assert kinds == ["strength"] * 3 + ["weakness"] * 3
    assert len(told["unit_indicators"]) == 26
    assert told["unit_summary"][0]["node"] == "index"


def test_a_diagnosis_writes_all_its_tables(call, tmp_path):
    code, out, err = call("diagnose", "--out", tmp_path)
    assert (code, err) == (DONE, "")
    assert {path.stem for path in tmp_path.glob("*.csv")} == {
        "statistics", "correlations", "correlations_upwards", "correlation_matrix_pearson",
        "correlation_matrix_spearman", "correlation_matrix_kendall", "consistency", "components",
        "weights", "coverage_indicators", "coverage_units", "coverage_cells", "strengths",
        "rank_changes", "growth", "growth_by_year", "screening",
    }  # fmt: skip
    weights = pd.read_csv(tmp_path / "weights.csv")
    assert weights.loc[weights["depth"].eq(1), "carried"].sum() == pytest.approx(1.0)
    pairs = pd.read_csv(tmp_path / "correlations.csv", keep_default_na=False)
    pearson = pairs[pairs["method"].eq("pearson") & pairs["stage"].ne("derived")]
    flagged = pearson["flag"].value_counts()
    assert f"{flagged['negative']} 对" in out
    assert f"{flagged['collinear']} 对" in out


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "arguments",
    [("diagnose",), ("compare", "贵州", "云南"), ("unit", "西藏"),
     ("compare", "贵州", "--years", "2016", "2023")],
    ids=" ".join,
)  # fmt: skip
def test_tables_fit_a_terminal_of_80_columns(call, monkeypatch, lang, arguments):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, _ = call(*arguments, "--lang", lang)
    assert code == DONE
    rows = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in out.splitlines()]
    assert sum(set(line) == {"-"} for line in rows) >= 2
    assert max(map(cell_len, rows)) <= 80
    assert not [line for line in rows if "…" in line]


def test_no_mean_no_decomposition(call, tmp_path):
    from importlib.resources import files

    source = files("suanli") / "profiles" / "caict2024-province.toml"
    profile = tmp_path / "copeland.toml"
    changed = source.read_text(encoding="utf-8").replace('"arithmetic"', '"copeland"')
    profile.write_text(changed, encoding="utf-8")
    code, out, err = call("compare", "贵州", "云南", "--profile", profile, "--lang", "en")
    assert (code, out) == (REJECTED, "")
    assert "copeland" in err
    assert err.count("\n") == 1
    code, out, _ = call("unit", "贵州", "--profile", profile, "--lang", "en")
    assert code == DONE
    assert "listed by rank" in out
    code, out, _ = call("diagnose", "--profile", profile, "--lang", "en")
    assert code == DONE
    assert "no weighted mean" in out


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("unit", "台湾"), {"zh": "从不评分", "en": "never scored"}),
        (("compare", "贵州", "Hong Kong"), {"zh": "从不评分", "en": "never scored"}),
        (("unit", "820000"), {"zh": "澳门", "en": "Macao"}),
        (("unit", "guizho"), {"zh": "Guizhou", "en": "Guizhou"}),
        (("unit", "贵川"), {"zh": "贵州", "en": "贵州"}),
        (("unit", "suzhou", "--profile", "city-compute"), {"zh": "320500", "en": "341300"}),
        (("unit", "仙桃", "--profile", "city-compute"), {"zh": "不参与", "en": "not evaluated"}),
        (
            ("compare", "三沙", "海口", "--profile", "city-compute"),
            {"zh": "三沙市", "en": "Sansha"},
        ),
        (("compare", "北京", "110000"), {"zh": "同一个", "en": "same unit"}),
        (("compare", "贵州", "--years", "2015", "2023"), {"zh": "2016", "en": "2016"}),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, tuple) else "",
)
def test_what_cannot_be_answered(call, arguments, words, lang):
    code, out, err = call(*arguments, "--lang", lang)
    assert (code, out) == (REJECTED, "")
    assert words[lang] in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["张家口市", "zhangjiakou", "130700"])
@pytest.mark.parametrize("command", ["unit", "explain"])
def test_the_level_is_found_by_the_unit(call, command, name, lang):
    code, out, err = call(command, name, "--lang", lang, "--json")
    assert (code, err) == (DONE, "")
    named = call(command, name, "--profile", "city-compute", "--lang", lang, "--json")[1]
    assert out == named
    # A municipality is a province unless a city stands beside it.
    assert call("unit", "北京", "--json")[1] == call(
        "unit", "北京", "--profile", "caict2024-province", "--json"
    )[1]  # fmt: skip


def test_two_cities_are_compared_without_naming_a_profile(call):
    code, out, err = call("compare", "张家口市", "北京", "--lang", "en", "--json")
    assert (code, err) == (DONE, "")
    assert {row["a"] for row in json.loads(out)["comparison"] if "a" in row} <= {"130700"}
    told = json.loads(out)["sentences"][0]
    assert "Zhangjiakou" in told
    assert "Beijing" in told


@pytest.mark.parametrize("profile", [(), ("--profile", "city-compute")], ids=str)
@pytest.mark.parametrize(("lang", "words"), [("zh", "分属省级和地级"), ("en", "two levels")])
def test_units_of_two_levels_are_no_pair(call, lang, words, profile):
    code, out, err = call("compare", "山西省", "张家口市", *profile, "--lang", lang)
    assert (code, out) == (REJECTED, "")
    assert words in err
    assert "140000" in err
    assert "130700" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("arguments", "other"),
    [(("explain", "130700", "--profile", "caict2024-province"), "city-compute"),
     (("unit", "山西省", "--profile", "city-compute"), "caict2024-province"),
     (("compare", "张家口", "唐山", "--profile", "caict2024-province"), "city-compute")],
    ids=" ".join,
)  # fmt: skip
def test_the_profile_that_holds_a_unit_is_named(call, arguments, other, lang):
    code, out, err = call(*arguments, "--lang", lang)
    assert (code, out) == (REJECTED, "")
    assert other in err
    assert not re.search(r"没有单元|no unit", err)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_name_of_two_levels_asks_for_the_code(call, lang):
    code, out, err = call("unit", "吉林", "--lang", lang)
    assert (code, out) == (REJECTED, "")
    assert "220000" in err
    assert "220200" in err
    assert call("unit", "220200", "--lang", lang)[0] == DONE
    # Beside a province it can only be the province.
    assert call("compare", "吉林", "辽宁", "--lang", lang)[0] == DONE


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "arguments",
    [("compare",), ("compare", "贵州"), ("compare", "贵州", "云南", "--years", "2019", "2023"),
     ("compare", "贵州", "--years", "2019"), ("unit", "贵州", "--top", "0")],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage(call, arguments, lang):
    code, out, err = call(*arguments, "--lang", lang)
    assert (code, out) == (USAGE, "")
    assert "--help" in err
    assert err.count("\n") == 1


def test_every_name_of_every_province_is_known(shipped):
    layer = shipped[0].layer("province")
    for code, row in layer[layer["evaluated"]].iterrows():
        for name in (code, row["name"], row["short_name"], row["name_en"].upper(), row["pinyin"]):
            # 山西 and 陕西 read alike; only Shaanxi is spelt for one of them.
            if name.casefold() != "shanxi":
                assert find_unit(layer, f" {name} ") == code
    for name in layer.loc[~layer["evaluated"], "name_en"]:
        with pytest.raises(InputError):
            find_unit(layer, name)


ONE = """
id = "one"
level = "province"
year = 2023
title = { zh = "单一", en = "One" }
note = { zh = "单一", en = "One" }
method = { coverage = 0.65 }
[[dimension]]
id = "computing"
name = { zh = "算力", en = "Computing" }
[[indicator]]
id = "gdp"
parent = "computing"
name = { zh = "生产总值", en = "GRP" }
unit = "亿元"
direction = "up"
status = "proxy"
source = "S01"
reason = "Size."
"""


def test_a_profile_of_one_indicator_is_no_special_case(call, tmp_path):
    profile = tmp_path / "one.toml"
    profile.write_text(ONE, encoding="utf-8")
    given = ("--profile", profile)
    for command in (["diagnose"], ["unit", "北京"], ["compare", "北京", "上海"], ["score"]):
        code, out, err = call(*command, *given)
        assert (code, err) == (DONE, ""), command
        assert out
    assert call("robustness", "ranks", *given, "--replicates", "99")[0] == DONE
    code, out, err = call("robustness", "omit", *given)
    assert (code, out) == (REJECTED, "")
    assert "只有一个指标" in err
