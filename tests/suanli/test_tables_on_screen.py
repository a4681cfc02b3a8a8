"""What commands print: words of one language, 80 columns, figures as a planner reads them."""

import inspect
import json
import re
import sys
import tomllib
from dataclasses import replace
from importlib.resources import files

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

import suanli.run.inputs
import suanli.run.parts
from geo import statistics
from suanli.boundaries import load_boundaries
from suanli.cli import DONE, REJECTED, USAGE, main
from suanli.commands.layout import layout, wrapped
from suanli.commands.options import emit_table
from suanli.data import load_catalogue
from suanli.diagnostics.lent import lending_years
from suanli.errors import InputError, Problem
from suanli.evaluation import aggregate, derivation, evaluate_from, impute, scales, screen, treat
from suanli.evaluation import weight as weighting
from suanli.profile import load_profile, replace_spec
from suanli.run.figuring import unit_text
from suanli.run.inputs import overlaid, refuse_empty_year
from suanli.run.sheets import between, p_value, rounded, span, worded
from suanli.run.study_sheets import study_sheets
from suanli.run.units import call_by_name, collected, find_unit
from suanli.text import LANGUAGES, Text

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
STAGES = {
    "screen": screen, "impute": impute, "treat": treat,
    "normalise": scales, "weight": weighting, "aggregate": aggregate,
}  # fmt: skip
FEW = ("--replicates", "200")
SCREENS = [
    ("score",),
    ("score", "--profile", "city-compute"),
    ("list", "profiles"),
    ("list", "indicators"),
    ("list", "methods"),
    ("list", "methods", "--stage", "normalise"),
    ("list", "statistics"),
    ("robustness", "ranks", *FEW),
    ("robustness", "sensitivity", "--base-points", "16"),
    ("robustness", "omit"),
    ("robustness", "alternatives"),
]


@pytest.fixture(scope="module")
def shipped():
    return load_boundaries(), load_catalogue()


@pytest.fixture
def call(capsys, monkeypatch, shipped):
    """Run the command line in this process; give exit code, output, errors."""
    for module in (suanli.run.inputs, suanli.run.parts):
        monkeypatch.setattr(module, "load_boundaries", lambda: shipped[0])
        monkeypatch.setattr(module, "load_catalogue", lambda: shipped[1])
    monkeypatch.delenv("SUANLI_LANG", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return left.value.code, said.out, said.err

    return run


# The printer


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    rows=st.lists(
        st.tuples(
            st.text(st.sampled_from("省市a b名"), max_size=20),
            st.floats(-1e4, 1e4).map(lambda value: rounded(value, 2)),
            st.text(st.sampled_from("枢纽word ，。"), max_size=60),
        ),
        min_size=1,
        max_size=5,
    ),
    width=st.integers(60, 100),
)
def test_a_table_fits_its_width_and_loses_nothing(rows, width):
    lines = layout(["单元", "得分 in points", "remark"], [list(row) for row in rows], width=width)
    assert max(map(cell_len, lines)) <= width
    kept = re.sub(
        r"\s", "", "".join(lines[lines.index("-" * cell_len(lines[0])) if False else 0 :])
    )
    for row in rows:
        assert row[1] in kept
        for char in set("".join(row)) - {" "}:
            assert char in kept


def test_columns_begin_where_their_headings_do():
    lines = layout(
        ["名次", "单元", "name"],
        [["1", "广东", "x"], ["10", "内蒙古自治区", "y"], ["–", "Tibet", "z"]],
        width=80,
    )
    heads, rule, *rows = lines
    assert rule == "-" * max(map(cell_len, lines))

    def offset(line, word):
        return cell_len(line[: line.index(word)])

    assert (
        len(
            {
                offset(line, word)
                for line, word in zip([heads, *rows], ["name", *"xyz"], strict=True)
            }
        )
        == 1
    )
    assert {offset(row, word) for row, word in zip(rows, ["广", "内", "T"], strict=True)} == {6}
    assert [row[:4] for row in rows] == ["   1", "  10", "   –"]


def test_words_are_broken_between_words_and_not_before_a_stop():
    assert wrapped("一二三四。五", 8) == ["一二三", "四。五"]
    assert wrapped("", 8) == [""]
    assert wrapped("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_what_would_steer_the_terminal_is_not_printed(capsys):
    emit_table("t", pd.DataFrame({"name": ["a\x1b[31mb\tc"]}))
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (rounded(-0.00001, 4), "0.0000"),
        (rounded(float("nan"), 2), "–"),
        (rounded(float("inf"), 2), "–"),
        (rounded(0.004, 2, sign=True), "+0.00"),
        (p_value(0.0004), "<0.001"),
        (p_value(0.0006), "<0.001"),
        (p_value(0.001), "0.001"),
        (p_value(1.0), "1.000"),
        (span(3, float("nan")), "–"),
        (between(-0.00001, 0.5, 3), "[0.000, 0.500]"),
    ],
)
def test_figures(got, wanted):
    assert got == wanted


def test_a_sheet_has_words_of_one_language():
    table = pd.DataFrame({"level": ["city"], "p": [0.00001], "slope": [float("nan")]})
    told = worded(table, {"level": "word", "slope": "fine", "p": "p"}, Text("zh"))
    assert list(told) == ["级别", "每年变化", "p"]
    assert told.iloc[0].to_list() == ["地级", "–", "<0.001"]


@pytest.mark.parametrize("level", ["province", "city"])
def test_every_unit_of_measurement_has_english_words(shipped, level):
    units = set(shipped[1].indicators["unit"])
    units |= {
        item.unit
        for item in load_profile(
            "caict2024-province" if level == "province" else "city-compute"
        ).indicator
    }
    assert not [unit for unit in units if CHINESE.search(unit_text(unit, Text("en")))]
    assert all(unit_text(unit, Text("zh")) == unit for unit in units)


# Screens


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", SCREENS, ids=" ".join)
def test_screens_are_narrow_and_of_one_language(call, monkeypatch, command, lang):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, _ = call(*command, "--lang", lang)
    assert code == DONE
    lines = out.splitlines()
    assert len(lines) > 3
    assert max(map(cell_len, lines)) <= 80
    assert "-0.00 " not in out
    assert not re.search(r"\b(True|False(?! discovery)|nan|NaN|<NA>)\b", out)
    if lang == "en":
        assert not CHINESE.search(out)
    else:
        heads = [lines[i - 1] for i, line in enumerate(lines) if i and set(line) == {"-"}]
        assert all(CHINESE.search(head) for head in heads)
        assert not re.search(r"\b(rank|name|score|median|low|high|total|level)\b", " ".join(heads))


def test_tables_of_the_study_have_words(atlas):
    from suanli.publish.tables import all_tables

    tables = all_tables(atlas.result.edition)
    keys = ("gap_trend", "spatial_global", "spatial_sensitivity", "hub_rings", "hub_tests")
    for lang in LANGUAGES:
        shown, notes = study_sheets({key: tables[key] for key in keys}, {}, Text(lang))
        assert len(shown) == len(keys)
        assert set(notes) == set(shown)
        for title, table in shown.items():
            said = " ".join([title, *table.columns, *table.to_numpy().ravel()])
            assert "_" not in said
            assert bool(CHINESE.search(said)) == (lang == "zh"), said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_methods_have_titles_and_english_words_are_those_of_the_code(lang):
    text = Text(lang)
    for stage, module in STAGES.items():
        for name, function in module.METHODS.items():
            told = {
                key: text(f"methods.{stage}.{name}.{key}") for key in ("title", "about", "formula")
            }
            assert all(told.values())
            if lang == "en":
                paragraphs = inspect.getdoc(function).split("\n\n")
                notes = next(p for p in paragraphs if p.startswith("Notes\n"))
                plain = [re.sub(r"\s+", " ", p).replace("``", "") for p in (paragraphs[0], notes)]
                assert told["about"] == plain[0]
                assert told["formula"] == plain[1].removeprefix("Notes ----- ")
            else:
                assert CHINESE.search(told["about"])


def test_every_statistic_has_a_title():
    names = {n for n in statistics.__all__ if inspect.isfunction(getattr(statistics, n))}
    for lang in LANGUAGES:
        source = files("suanli") / "messages" / lang / "methods.toml"
        known = tomllib.loads(source.read_text(encoding="utf-8"))["statistic"]
        assert names <= set(known)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_method_in_detail(call, lang):
    code, out, err = call("list", "methods", "ampi", "--lang", lang)
    assert (code, err) == (DONE, "")
    assert 'normalise = "ampi"' in out
    assert 'aggregate = "ampi"' in out
    rows = json.loads(call("list", "methods", "ampi", "--stage", "aggregate", "--json")[1])
    assert [(row["stage"], row["method"]) for row in rows["methods"]] == [("aggregate", "ampi")]
    assert call("list", "methods", "entrop", "--lang", lang)[0] == REJECTED
    code, out, err = call("list", "methods", "entropy", "nome", "--stage", "impute", "--lang", lang)
    assert (code, out, err.count("\n")) == (REJECTED, "", 2)


# Robustness


def test_units_and_rows_are_chosen(call):
    ask = ("robustness", "ranks", *FEW, "--lang", "en")
    rows = re.compile(r"^ *(\d+)  ([A-Z]\w*(?: \w+)?) ", re.MULTILINE)
    assert [
        name for _, name in rows.findall(call(*ask, "--unit", "西藏", "--unit", "shaanxi")[1])
    ] == [
        "Shaanxi",
        "Xizang",
    ]
    assert len(rows.findall(call(*ask, "--top", "0")[1])) == 31
    out = call(*ask, "--top", "3")[1]
    assert len(rows.findall(out)) == 3
    assert "3 of 31 units are shown" in out
    code, out, err = call(*ask, "--unit", "shanxi", "--unit", "Mars")
    assert (code, out, err.count("\n")) == (REJECTED, "", 2)
    assert "140000" in err
    assert "610000" in err


def test_rows_are_sorted_by_their_change(call):
    out = call("robustness", "omit", "--top", "0", "--lang", "en")[1]
    changes = [float(found) for found in re.findall(r"%  (\d\.\d\d) ", out)]
    assert len(changes) == 38
    assert changes == sorted(changes, reverse=True)
    said = json.loads(call("robustness", "alternatives", "--json")[1])
    assert {row["own"] for row in said["alternatives"]} == {True, False}
    assert "等权" in call("robustness", "alternatives")[1]


# What cannot be answered


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "command",
    [
        ("score",), ("unit", "贵州"), ("compare", "贵州", "云南"), ("diagnose",),
        ("robustness", "ranks"), ("robustness", "sensitivity"), ("robustness", "omit"),
        ("robustness", "alternatives"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_year_without_data_is_refused_in_one_sentence(call, command, lang):
    code, out, err = call(*command, "--year", "2025", "--lang", lang)
    assert (code, out, err.count("\n")) == (REJECTED, "", 1)
    assert "2016–2024" in err
    assert bool(CHINESE.search(err)) == (lang == "zh")


def test_years_are_those_in_which_somebody_can_be_scored(shipped):
    province = shipped[1].province
    spec = load_profile("caict2024-province")
    for year in (2016, 2024):
        refuse_empty_year(province, replace_spec(spec, year=year, method={"panel": None}))
    lenient = replace_spec(spec, method={"screen": "none", "panel": None})
    refuse_empty_year(province, replace_spec(lenient, year=2011))
    for bad in (replace_spec(spec, year=2010), replace_spec(lenient, year=2010)):
        with pytest.raises(InputError) as caught:
            overlaid(shipped[1], "province", (), bad)
        (problem,) = caught.value.problems
        assert problem.code == "shown.year_without_data"


def test_profile_and_data_are_told_together(call, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text("code,year,indicator,value\n119999,2023,own_one,1\n", encoding="utf-8")
    for arguments in (
        ("score", "--profile", "nope", "--data", table, "--data", tmp_path / "none.csv"),
        (
            "robustness",
            "omit",
            "--profile",
            "nope",
            "--data",
            table,
            "--data",
            tmp_path / "none.csv",
        ),
    ):
        code, out, err = call(*arguments, "--lang", "en")
        assert (code, out) == (REJECTED, "")
        lines = err.splitlines()
        assert len(lines) == 3, err
        assert "nope" in lines[0]
        assert "119999" in lines[1]
        assert "none.csv" in lines[2]
    config = tmp_path / "suanli.toml"
    config.write_text('[province]\nprofile = "nope"\ndata = ["mine.csv"]\n', encoding="utf-8")
    code, _, err = call("check", config, "--lang", "en")
    assert code == REJECTED
    assert ["nope" in err, "119999" in err, err.count("\n")] == [True, True, 2]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_wrong_units_are_told(call, lang):
    code, out, err = call("compare", "台湾", "火星", "--lang", lang)
    assert (code, out, err.count("\n")) == (REJECTED, "", 2)
    assert "火星" in err


def test_years_and_a_year_exclude_each_other(call):
    years = ("compare", "贵州", "--years", "2019", "2023")
    code, out, err = call(*years, "--year", "2020", "--lang", "en")
    assert (code, out) == (USAGE, "")
    assert "--years" in err
    assert call(*years)[0] == DONE


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", ["score", "diagnose", "hubs", "run"])
def test_a_file_is_no_folder_for_output(call, tmp_path, command, lang):
    path = tmp_path / "afile"
    path.write_text("mine", encoding="utf-8")
    for out_path in (path, path / "below"):
        code, out, err = call(command, "--out", out_path, "--lang", lang)
        assert (code, out) == (REJECTED, "")
        assert err == Text(lang)("shown.out_is_file", path=path) + "\n"
    assert path.read_text(encoding="utf-8") == "mine"


def test_shanxi_is_asked_about_and_shaanxi_is_not(shipped):
    layer = shipped[0].layer("province")
    assert find_unit(layer, "Shaanxi") == "610000"
    assert find_unit(layer, "山西") == "140000"
    assert find_unit(layer, "Shanxi") == "140000"
    for name in ("shanxi", "SHANXI"):
        with pytest.raises(InputError) as caught:
            find_unit(layer, name)
        (problem,) = caught.value.problems
        assert "140000" in problem.params["units"]
        assert "610000" in problem.params["units"]


def test_problems_speak_of_units_by_name():
    inner = Problem(code="evaluation.log_domain", params={"units": "110000, 659999, …"})
    problem = Problem(code="robustness.combination", params={"reason": inner, "combination": "x"})
    told = call_by_name(problem, Text("zh"))
    assert told.params["reason"].params["units"] == "北京市（110000）、659999 …"
    assert told.params["combination"] == "x"
    other = Problem(code="x.y", params={"unit": "Mars", "units": "see 110000"})
    assert call_by_name(other, Text("en")) == other


def test_a_division_by_zero_names_the_unit(call, tmp_path):
    source = files("suanli") / "profiles" / "caict2024-province.toml"
    profile = tmp_path / "own.toml"
    changed = source.read_text(encoding="utf-8").replace(
        'id = "it_service_revenue"', 'id = "it_service_revenue"\ndenominator = "hub_province"', 1
    )
    profile.write_text(changed, encoding="utf-8")
    code, out, err = call("score", "--profile", profile, "--lang", "en")
    assert (code, out) == (REJECTED, "")
    assert "Heilongjiang 230000" in err


def test_steps_report_everything_wrong_with_them():
    def wrong(code):
        raise InputError([Problem(code=code)])

    with pytest.raises(InputError) as caught:
        collected([lambda: wrong("a.b"), lambda: 1, lambda: wrong("c.d")])
    assert [problem.code for problem in caught.value.problems] == ["a.b", "c.d"]


# Stages of the score


@pytest.mark.parametrize("lang", LANGUAGES)
def test_score_says_what_was_imputed_and_whence(call, tmp_path, lang):
    code, out, _ = call("score", "--out", tmp_path, "--lang", lang)
    assert code == DONE
    assert ("取自 2022 年" if lang == "zh" else "from 2022") in out
    assert all(f"{name}.csv" in out for name in ("scores", "normalised", "weights", "cells"))
    cells = pd.read_csv(tmp_path / "cells.csv", dtype=str, keep_default_na=False)
    filled = cells[cells["state"] == "imputed"]
    row = filled[["code", "indicator", "method", "from_years"]].to_numpy().tolist()
    assert row == [["110000", "base_stations_5g_per_10k", "nearest_year", "2022"]]
    assert (cells.loc[cells["state"] != "imputed", "from_years"] == "").all()
    scores = pd.read_csv(tmp_path / "scores.csv", dtype={"code": str})
    assert (scores["index_rank_low"] <= scores["index_rank_high"]).all()
    normalised = pd.read_csv(tmp_path / "normalised.csv", dtype={"code": str}).set_index("code")
    weights = pd.read_csv(tmp_path / "weights.csv")
    assert normalised.drop(columns="name").melt()["value"].dropna().between(0, 100).all()
    assert weights["name"].notna().all()
    assert set(normalised.columns) - {"name"} <= set(weights["id"])


@pytest.mark.parametrize(
    ("methods", "years"),
    [
        (["nearest_year"], "2021"),
        (["latest"], "2021"),
        (["linear"], "2021 2023"),
        (["group_median"], ""),
        (["group_median", "latest"], ""),
    ],
)
def test_lending_years_follow_the_method(shipped, methods, years):
    own = load_profile("caict2024-province")
    spec = replace_spec(own, year=2022, method={"impute": methods})
    whole = derivation(shipped[1].province, spec)
    frame = whole.frame.copy()
    frame.loc[(2022, "120000"), "domain_names"] = float("nan")
    start = replace(whole, frame=frame)
    groups = pd.Series("all", index=shipped[1].province.codes)
    scores = evaluate_from(start, spec, groups=groups)
    lent = lending_years(start, scores, groups=groups)
    assert scores.imputed.loc["120000", "domain_names"] == methods[0]
    assert lent.loc["120000", "domain_names"] == years
    assert (lent.where(scores.imputed == "", "") == "").all(axis=None)


def test_a_profile_without_intervals_is_scored_all_the_same(call, tmp_path):
    source = files("suanli") / "profiles" / "caict2024-province.toml"
    profile = tmp_path / "own.toml"
    changed = source.read_text(encoding="utf-8").replace(
        "[method]\n", '[method]\nscreen = "drop"\n'
    )
    profile.write_text(changed, encoding="utf-8")
    code, out, _ = call("score", "--profile", profile, "--lang", "en")
    assert code == DONE
    assert "No rank intervals:" in out
    assert "interval" not in out.splitlines()[1]
    assert str(profile) not in out
