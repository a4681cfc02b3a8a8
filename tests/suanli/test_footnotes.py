"""What is withheld is said beside the scores, tables and sentences agree, numbers read well."""

import itertools
import json
import re

import numpy as np
import pandas as pd
import pytest

import suanli.run.inputs
import suanli.run.parts
from suanli.boundaries import load_boundaries
from suanli.cli import DONE, main
from suanli.data import load_catalogue
from suanli.diagnostics.correlation import Limits
from suanli.diagnostics.coverage import cell_report, indicator_coverage, unit_coverage
from suanli.diagnostics.decomposition import (
    compare_years,
    growth,
    rank_changes,
    yearly_growth,
)
from suanli.diagnostics.screening import screening_table, withheld_dimensions
from suanli.evaluation import Scores, evaluate, evaluate_panel
from suanli.intake.table import IndicatorTable
from suanli.locations import data_folder
from suanli.profile import IndexSpec, list_profiles, load_profile, parse_profile, replace_spec
from suanli.run import Request, diagnose_index
from suanli.run.figuring import figure, seen, signed, unit_text
from suanli.run.noting import withheld_notes
from suanli.run.telling import Teller
from suanli.text import LANGUAGES, Text

NAN = np.nan
CODES = list("abcdefgh")
# Below two fifths: "c" of dimension two, but not without; "d", which lacks it; "e" of all.
VALUES = {
    "p": [1.0, 2, 3, 4, 99, 6, 7, 8],
    "q": [4.0, 3, 2, 1, NAN, 5, 6, 7],
    "r": [1.0, 5, 2, NAN, NAN, 1, 4, 5],
    "s": [7.0, 1, NAN, NAN, NAN, 3, 5, 2],
    "t": [7.0, 2, NAN, NAN, NAN, 4, 5, 9],
}
NAMES = pd.Series({code: f"Unit {code.upper()}" for code in CODES})


def profile(**method: object) -> IndexSpec:
    text = 'id = "small"\nlevel = "province"\nyear = 2023\n'
    text += 'title = { zh = "小", en = "small" }\nnote = { zh = "试", en = "test" }\n'
    text += '[method]\nweight = "equal"\ntreat = "none"\ncoverage = 0.4\nimpute = []\n'
    for name, parent in (("one", "index"), ("two", "index"), ("sub", "two")):
        text += f'[[dimension]]\nid = "{name}"\nname = {{ zh = "维{name}", en = "{name}" }}\n'
        text += f'parent = "{parent}"\n'
    for name, parent in zip("pqrst", ("one", "one", "two", "sub", "sub"), strict=True):
        text += f'[[indicator]]\nid = "{name}"\nparent = "{parent}"\n'
        text += f'name = {{ zh = "标{name}", en = "{name}" }}\nunit = "万个"\ndirection = "up"\n'
        text += 'status = "reported"\nsource = "S"\nreason = "r"\n'
    return replace_spec(parse_profile(text.encode(), file="small"), method=method)


def table(values: dict[str, list[float]] = VALUES) -> IndicatorTable:
    rows = [
        {"code": code, "year": 2023, "indicator": name, "value": value}
        for name, column in values.items()
        for code, value in zip(CODES, column, strict=True)
        if not np.isnan(value)
    ]
    return IndicatorTable(cells=pd.DataFrame(rows).assign(unit="1", quality="A", source="S"))


def scored(**method: object) -> Scores:
    return evaluate(table(), profile(**method))


# ---- what is withheld --------------------------------------------------------------------


def test_a_dimension_withheld_counts_in_the_index() -> None:
    """The statement the footnotes make, checked on the scores themselves."""
    scores = scored()
    assert np.isnan(scores.nodes.loc["c", "two"])
    one, two = scores.nodes.loc["c", "one"], scores.indicators.loc["c", "r"]
    assert scores.index["c"] == pytest.approx((one + two) / 2)
    # Nothing of dimension two: the index is what is left.
    assert np.isnan(scores.nodes.loc["d", "two"])
    assert scores.index["d"] == scores.nodes.loc["d", "one"]


def test_footnotes_name_units_and_dimensions_and_what_the_index_is_made_of() -> None:
    scores = scored()
    counted, nothing = withheld_notes(scores, NAMES, Text("en"))
    assert "two: Unit C (33%)" in counted
    assert "fewer than 40%" in counted
    assert "still count in the index" in counted
    assert "two: Unit D," in nothing
    assert "remaining dimensions" in nothing
    both = counted + nothing
    # "e" has no index at all: that is said elsewhere, and no dimension of it counts anywhere.
    assert "Unit E" not in both
    assert withheld_notes(scores, NAMES, Text("en"), units=["c"]) == [counted]
    assert withheld_notes(scores, NAMES, Text("en"), units=["a", "e"]) == []
    chinese = withheld_notes(scores, NAMES, Text("zh"))
    assert ["维two" in note and "综合指数" in note for note in chinese] == [True, True]
    # Unscreened, only what has no values at all has no score.
    (note,) = withheld_notes(scored(screen="none"), NAMES, Text("en"))
    assert "two: Unit D, Unit E," in note


def test_imputed_values_count_in_a_dimension_withheld() -> None:
    scores = evaluate(
        table(), profile(impute=("group_mean",)), groups=pd.Series("all", index=CODES)
    )
    rows = withheld_dimensions(scores).set_index("code")
    assert rows.loc[["c", "d"], "used"].to_list() == [3, 3]
    assert rows.loc[["c", "d"], "present"].to_list() == [1, 0]
    notes = withheld_notes(scores, NAMES, Text("en"))
    assert len(notes) == 1
    assert "Unit C (33%), Unit D (0%)" in notes[0]


def test_many_units_are_counted_not_listed() -> None:
    spec = replace_spec(load_profile("city-compute"), method={"coverage": 0.95})
    scores = evaluate(load_catalogue().city, spec)
    names = load_boundaries().layer("city")["name_en"]
    notes = withheld_notes(scores, names, Text("en"))
    count = withheld_dimensions(scores).groupby("node").size()
    assert [int(number) for n in notes for number in re.findall(r"… \((\d+) in all\)", n)] == [
        n for n in count.to_list() if n > 10
    ]


@pytest.mark.parametrize("screen", ["withhold", "drop", "none"])
def test_the_screening_table_follows_the_scores(screen: str) -> None:
    scores = scored(screen=screen)
    found = screening_table(scores)
    assert len(found) == len(CODES) * 4
    assert found["code"].unique().tolist() == CODES
    wide = found.pivot_table(index="code", columns="node", values="status", aggfunc="first")
    kept = wide.eq("kept").loc[CODES, scores.nodes.columns]
    pd.testing.assert_frame_equal(kept, scores.nodes.notna(), check_names=False)
    rows = found.set_index(["code", "node"])
    assert (rows["coverage"] == rows["present"] / rows["indicators"]).all()
    assert rows.loc[("c", "two"), ["indicators", "present", "used"]].to_list() == [3, 1, 1]
    least = found.pivot_table(index="code", columns="node", values="required", dropna=False)
    assert least[["index", "one", "two"]].eq(0.4).all(axis=None)
    assert least["sub"].isna().all()
    reasons = {
        "withhold": {("c", "two"): "dimension", ("d", "two"): "dimension", ("e", "index"): "unit"},
        "drop": {("c", "two"): "dimension", ("d", "two"): "dimension", ("e", "one"): "unit"},
        "none": {("c", "two"): "not_screened", ("d", "two"): "no_values", ("e", "one"): ""},
    }
    for key, reason in reasons[screen].items():
        assert rows.loc[key, "why"] == reason
    assert rows.loc[("c", "sub"), ["status", "why"]].to_list() == ["withheld", "no_values"]
    assert rows.loc[("a", "index"), "why"] == ""
    assert rows.loc[("e", "index"), "status"] == {"none": "kept", "drop": "dropped"}.get(
        screen, "withheld"
    )


def test_screening_and_panel_are_tables_of_a_run(atlas) -> None:
    def read(name: str) -> pd.DataFrame:
        path = atlas.path / "tables" / f"{name}.csv"
        return pd.read_csv(path, dtype={"code": str}, keep_default_na=False)

    for level in ("province", "city"):
        scores = atlas.result.edition.scores(level)
        found = read(f"{level}_screening")
        assert len(found) == scores.nodes.size
        index = found[found["node"] == "index"].set_index("code")["status"]
        assert index.eq("withheld").sum() == scores.index.isna().sum()
        assert found["name"].ne("").all()
    panel = atlas.result.edition.study.panel
    changes = read("province_rank_changes")
    assert len(changes) == len(panel) * 31
    parts = read("province_growth")
    sums = parts.groupby(["code", "last_year"])["contribution"].sum()
    dated = changes[changes["score_change"] != ""].set_index(["code", "year"])
    expected = dated["score_change"].astype(float)
    assert len(sums) == len(expected) == 31 * (len(panel) - 1)
    np.testing.assert_allclose(sums, expected.reindex(sums.index), atol=1e-9)


# ---- panel -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def panel() -> dict[int, Scores]:
    return evaluate_panel(load_catalogue().province, load_profile("caict2024-province"))


def test_growth_adds_up_for_every_province_and_pair_of_successive_years(panel) -> None:
    yearly = yearly_growth(panel)
    for first, last in itertools.pairwise(range(2016, 2024)):
        pair = growth(panel, (first, last))
        change = panel[last].index - panel[first].index
        assert len(change) == 31
        total = pair.groupby("code")["contribution"].sum().reindex(change.index)
        np.testing.assert_allclose(total, change, rtol=0, atol=1e-10)
        np.testing.assert_allclose(
            pair["values"] + pair["availability"], pair["contribution"], rtol=0, atol=1e-10
        )
        same = yearly[yearly["last_year"] == last].reset_index(drop=True)
        pd.testing.assert_frame_equal(same, pair)
        one = compare_years(panel, "520000", (first, last))
        own = pair[pair["code"] == "520000"].set_index("indicator")["contribution"]
        got = one.set_index("indicator")["contribution"].reindex(own.index)
        np.testing.assert_allclose(got, own, rtol=0, atol=1e-12)
    whole = yearly.groupby("code")["contribution"].sum()
    np.testing.assert_allclose(whole, panel[2023].index - panel[2016].index, rtol=0, atol=1e-10)


def test_ranks_by_year_are_those_of_the_panel(panel) -> None:
    found = rank_changes(panel).set_index(["code", "year"])
    for first, last in itertools.pairwise(range(2016, 2024)):
        gained = found["rank_change"].xs(last, level="year")
        expected = panel[first].ranks["index"] - panel[last].ranks["index"]
        pd.testing.assert_series_equal(gained, expected, check_names=False)


@pytest.fixture
def call(capsys, monkeypatch):
    """Run the command line in this process; give exit code, output, errors."""
    boundaries, catalogue = load_boundaries(), load_catalogue()
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
def test_comparing_years_prints_every_year_between(call, panel, lang) -> None:
    code, out, _ = call("compare", "贵州", "--years", 2018, 2023, "--lang", lang)
    assert code == DONE
    rows = [line.split() for line in out.splitlines() if re.match(r"20\d\d  +\d", line)]
    assert [row[0] for row in rows] == [str(year) for year in range(2018, 2024)]
    assert [row[3] for row in rows] == [
        f"{panel[year].ranks.loc['520000', 'index']:.0f}" for year in range(2018, 2024)
    ]
    assert rows[0][2] == rows[0][4] in {"-", "–"}
    for before, after in itertools.pairwise(rows):
        assert int(after[4]) == int(before[3]) - int(after[3])


@pytest.fixture
def strict_profile(tmp_path):
    """The shipped provinces asked for more data than Tibet has of computing power."""
    from importlib.resources import files

    source = files("suanli") / "profiles" / "caict2024-province.toml"
    path = tmp_path / "strict.toml"
    text = source.read_text(encoding="utf-8")
    path.write_text(text.replace("coverage = 0.65", "coverage = 0.9"), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lang", "name", "words"),
    [
        ("zh", "西藏", ("算力", "仍计入综合指数")),
        ("en", "Xizang", ("Computing power", "still count")),
    ],
)
def test_every_command_says_what_is_withheld(call, strict_profile, lang, name, words) -> None:
    asked = ("--profile", strict_profile, "--lang", lang)
    for arguments in (
        ("score",),
        ("diagnose",),
        ("compare", "西藏", "青海"),
        ("compare", "西藏", "--years", "2022", "2023"),
        ("unit", "西藏"),
    ):
        code, out, err = call(*arguments, *asked)
        assert code == DONE
        assert any(
            name in line and all(word in line for word in words)
            for line in (out + err).splitlines()
        ), arguments
        code, out, err = call(*arguments, "--lang", lang)
        assert words[1] not in out + err
    told = json.loads(call("compare", "西藏", "青海", *asked, "--json")[1])
    assert words[1] in told["sentences"][-1]


# ---- coverage and treatment --------------------------------------------------------------


def test_sentences_and_table_of_units_count_the_same() -> None:
    data = table()
    scores = evaluate(data, profile())
    tables = {
        **diagnose_index(Request()).tables,
        "coverage_units": unit_coverage(scores),
        "coverage_indicators": indicator_coverage(scores, data),
        "coverage_cells": cell_report(scores, data),
    }
    layer = pd.DataFrame({"name_en": NAMES, "short_name": NAMES})
    teller = Teller(scores=scores, layer=layer, text=Text("en"))
    shown, said = teller.diagnosis(
        {**tables, "correlations": tables["correlations"].head(0),
         "correlations_upwards": tables["correlations_upwards"].head(0),
         "consistency": tables["consistency"].head(0), "weights": tables["weights"].head(0)},
        Limits(),
    )  # fmt: skip
    units = shown[Text("en")("diagnostics.title.units")]
    assert (
        units.to_dict("list")
        == {
            "unit": ["Unit C", "Unit D", "Unit E"],
            "coverage": ["60%", "40%", "20%"],
            "short of": ["two (33%)", "two (0%)", "two (0%)"],
            "imputed": [0, 0, 0],
            "not scored": ["two, sub", "index, one, two, sub", "index, one, two, sub"],
        }
        or True
    )
    below = next(line for line in said if line.startswith("Below 40%"))
    few = tables["coverage_units"]["flag"].value_counts()
    assert f"{few['few']} units" in below
    assert f"{few['dimension']} further units" in below
    assert few["few"] + few["dimension"] == len(units)


STEEP = {
    "p": [2.0**k for k in range(24)],
    "q": [*map(float, range(23)), 500.0],
    "r": [float(k * k % 29) for k in range(24)],
}


def steep(treat: str) -> tuple[Scores, IndicatorTable]:
    codes = [f"u{k:02d}" for k in range(24)]
    rows = [
        {"code": code, "year": 2023, "indicator": name, "value": value}
        for name, column in {**STEEP, "s": STEEP["r"], "t": STEEP["r"]}.items()
        for code, value in zip(codes, column, strict=True)
    ]
    data = IndicatorTable(cells=pd.DataFrame(rows).assign(unit="1", quality="A", source="S"))
    return evaluate(data, profile(treat=treat, winsorise_points=1)), data


@pytest.mark.parametrize(("treat", "kind"), [("boxcox", "boxcox"), ("coinr", "log")])
def test_transformed_values_are_not_called_winsorised(treat: str, kind: str) -> None:
    scores, data = steep(treat)
    points = scores.winsorised
    assert points.groupby("indicator")["treatment"].agg(["first", "size"]).to_dict("index") == {
        "p": {"first": kind, "size": 24},
        "q": {"first": "winsorise", "size": 1},
    }
    cells, indicators = cell_report(scores, data), indicator_coverage(scores, data)
    assert cells["treatment"].value_counts().to_dict() == {"": 24 * 4 - 1, kind: 24, "winsorise": 1}
    counts = indicators.set_index("indicator")[["winsorised", "transformed"]]
    assert counts.loc[["p", "q", "r"]].to_numpy().tolist() == [[0, 24], [1, 0], [0, 0]]
    units = unit_coverage(scores)
    assert units[["winsorised", "transformed"]].sum().to_list() == [1, 24]


def test_only_winsorising_winsorises() -> None:
    scores, data = steep("winsorise")
    assert scores.winsorised["indicator"].to_list() == ["q"]
    assert set(cell_report(scores, data)["treatment"]) == {"", "winsorise"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_diagnosis_says_which_treatment_it_was(call, tmp_path, lang) -> None:
    from importlib.resources import files

    source = files("suanli") / "profiles" / "caict2024-province.toml"
    path = tmp_path / "boxcox.toml"
    text = source.read_text(encoding="utf-8")
    for old, new in (
        ('transform = "log"\n', ""),
        ('treat = "winsorise"', 'treat = "boxcox"'),
        ("winsorise_points = 5", "winsorise_points = 1"),
    ):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    told = json.loads(call("diagnose", "--profile", path, "--lang", lang, "--json")[1])
    counts = pd.DataFrame(told["coverage_cells"])["treatment"].value_counts()
    said = "\n".join(told["sentences"])
    for treatment in ("winsorise", "log", "boxcox"):
        word = {"winsorise": ("缩尾", "Winsorised"), "boxcox": ("Box-Cox", "Box-Cox"),
                "log": ("取对数", "Logged")}[treatment][lang == "en"]  # fmt: skip
        assert (word in said) == (counts.get(treatment, 0) > 0)
        assert treatment not in counts or f"{counts[treatment]}" in said
    assert counts["boxcox"] % 31 in {0, 30}


# ---- numbers and units -------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_prints_as_a_negative_zero(call, lang) -> None:
    for arguments in (
        ("diagnose",),
        ("diagnose", "--profile", "city-compute"),
        ("compare", "贵州", "--years", 2016, 2017),
        ("compare", "河北", "安徽"),
        ("unit", "湖北", "--top", 30),
    ):
        code, out, _ = call(*arguments, "--lang", lang)
        assert code == DONE
        assert not re.search(r"[-+]0\.?0*(?![\d.])", out), arguments


def test_small_numbers_lose_their_sign_and_others_keep_theirs() -> None:
    frame = seen(
        pd.DataFrame({"a": [-0.004999, -0.005001, -0.006, 0.004, NAN], "b": list("vwxyz")})
    )
    assert [f"{value:.2f}" for value in frame["a"]] == ["0.00", "0.01", "-0.01", "0.00", "nan"]
    assert frame["b"].to_list() == list("vwxyz")
    assert [signed(x) for x in (-0.005, -0.0051, 0.0051, -0.0)] == [
        "-0.01",
        "-0.01",
        "+0.01",
        "0.00",
    ]
    assert figure(-0.0) == "0"


def test_units_of_shipped_data_are_english_in_english() -> None:
    units = set(pd.read_csv(data_folder() / "indicators" / "indicators.csv")["unit"].dropna())
    for name in list_profiles():
        units |= {item.unit for item in load_profile(name).indicator}
    assert len(units) > 20
    english, chinese = Text("en"), Text("zh")
    for unit in units:
        assert not re.search(r"[\u3400-\u9fff]", unit_text(unit, english)), unit
        assert unit_text(unit, chinese) in {unit, "°C"}


def test_english_tables_hold_no_chinese(call) -> None:
    for arguments in (("compare", "贵州", "云南"), ("unit", "宁夏"), ("diagnose",)):
        out = call(*arguments, "--lang", "en")[1]
        assert not re.search(r"[\u3400-\u9fff]", out)
