"""``suanli robustness attainable``, ``target``, ``revealed``: answers, files, refusals."""

import json
from importlib.resources import files

import pandas as pd
import pytest

import suanli.run.levers
from suanli.boundaries import load_boundaries
from suanli.cli import DONE, REJECTED, USAGE, main
from suanli.data import load_catalogue
from suanli.evaluation import evaluate
from suanli.profile import load_profile
from suanli.run.inputs import overlaid
from suanli.run.levers import Ask, attainable_answer, target_answer
from suanli.text import LANGUAGES, Text


@pytest.fixture(scope="module")
def shipped():
    return load_boundaries(), load_catalogue()


@pytest.fixture
def call(capfd, monkeypatch, shipped):
    """Run the command line; give exit code and what reached the descriptors, C included."""
    monkeypatch.setattr(suanli.run.levers, "load_boundaries", lambda: shipped[0])
    monkeypatch.setattr(suanli.run.levers, "load_catalogue", lambda: shipped[1])
    monkeypatch.delenv("SUANLI_LANG", raising=False)
    monkeypatch.delenv("SUANLI_DEBUG", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main(["robustness", *(str(argument) for argument in arguments)])
        said = capfd.readouterr()
        assert "Traceback" not in said.err
        return left.value.code, said.out, said.err

    return run


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", ["attainable", "target", "revealed"])
def test_help(call, command, lang):
    code, out, err = call(command, "--help", "--lang", lang)
    assert (code, err) == (DONE, "")
    words = Text(lang)(f"levers.{command}.help")
    assert "".join(words.split()) in "".join(out.split())


def test_attainable_writes_ranks_and_certificates(call, tmp_path):
    units = ("--unit", "广东", "--unit", "neimenggu", "--unit", "540000")
    code, out, err = call("attainable", *units, "--bounds", 0.3, "--out", tmp_path, "--json")
    assert (code, err) == (DONE, "")
    said = json.loads(out)
    rows = {row["code"]: (row["rank"], row["best"], row["worst"]) for row in said["attainable"]}
    assert rows == {"440000": (1, 1, 4), "150000": (9, 1, 21), "540000": (31, 31, 31)}
    table = pd.read_csv(tmp_path / "attainable.csv", dtype={"code": str})
    assert list(table["status"]) == ["optimal"] * 3
    weights = pd.read_csv(tmp_path / "attainable_weights.csv", dtype={"code": str})
    assert len(weights) == 3 * 2 * 38
    bounds = pd.read_csv(tmp_path / "attainable_bounds.csv").set_index("id")
    assert bounds.loc["compute", ["lower", "upper"]].round(4).to_list() == [0.28, 0.52]
    assert set(bounds["set_by"]) == {"share"}
    sums = weights[weights["id"].isin(["compute", "storage", "network", "environment"])]
    assert sums.groupby(["code", "side"])["weight"].sum().round(9).eq(1).all()


def test_many_units_get_bounds_at_once(call):
    code, out, _ = call("attainable", "--profile", "city-compute", "--lang", "en", "--json")
    assert code == DONE
    said = json.loads(out)
    assert len(said["attainable"]) == 336
    assert any("--exact" in sentence for sentence in said["sentences"])
    assert any("at least" in sentence and "Top 10" in sentence for sentence in said["sentences"])
    for row in said["attainable"]:
        assert row["best_bound"] <= row["best"] <= row["rank"] <= row["worst"] <= row["worst_bound"]


def test_attainable_of_a_dimension_is_said(call):
    options = ("--node", "storage", "--unit", "北京市", "--lang", "en")
    code, out, _ = call("attainable", *options)
    assert code == DONE
    assert "Storage: best and worst rank are proved." in out


def test_many_units_are_printed_in_part(shipped):
    answer = attainable_answer(Ask(profile="city-compute", text=Text("zh")))
    ((title, table),) = answer.shown.items()
    assert title == "可达名次（2023）：地级城市算力评价（公开数据方案）"
    assert list(table) == ["名次", "单元", "最好", "最差", "不会好于", "不会差于", "证明"]
    assert table["名次"].to_list() == list(range(1, 21))
    assert (len(answer.tables["attainable"]), set(table["证明"])) == (336, {"未证完"})
    assert any("前 20 名，共 336 个单元" in said and "--unit" in said for said in answer.sentences)
    one = attainable_answer(Ask(profile="caict2024-province", text=Text("en")), units=["北京"])
    ((_, table),) = one.shown.items()
    assert list(table) == ["rank", "unit", "best", "worst", "proof"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_target_says_what_it_takes(call, tmp_path, lang):
    options = ("--unit", "山西省", "--rank", 15, "--move", "broadband_ports", "--move")
    code, out, err = call("target", *options, "R&D经费投入强度", "--out", tmp_path, "--lang", lang)
    assert (code, err) == (DONE, "")
    name = "山西省" if lang == "zh" else "Shanxi"
    assert f"{name}由第 17 名升至第" in out or "Shanxi rises from rank 17 to" in out
    # No identifiers, no booleans, names with their units.
    assert not any(word in out for word in ("broadband_ports", "True", "False", "\tnan"))
    assert (
        "互联网宽带接入端口（万个）" if lang == "zh" else "Broadband access ports (10,000)"
    ) in out
    table = pd.read_csv(tmp_path / "target.csv")
    assert set(table["kind"]) == {"together", "single"}
    assert (table["unit"].isin(["%", "万个"])).all()
    together = table[table["kind"] == "together"]
    assert ((together["end"] - together["start"] - together["change"]).abs() < 1e-9).all()


def printed_values(answer, title):
    """Read a table as a user would: name and value needed."""
    (table,) = (table for key, table in answer.shown.items() if title in key)
    names = [name.partition("（")[0] for name in table["数据"]]
    return dict(zip(names, (value.replace(",", "") for value in table["需达到"]), strict=True))


def test_what_is_said_holds_in_the_data_of_the_user(tmp_path, shipped):
    """Put what was printed, and what was written, into a table of one's own; score again."""
    ask = Ask(profile="caict2024-province", out=tmp_path, text=Text("zh"))
    answer = target_answer(ask, unit="山西省", rank=14)
    own = pd.read_csv(tmp_path / "target_data.csv", dtype=str)
    assert list(own.columns) == ["code", "year", "indicator", "value", "unit"]
    known = {i.name.zh: i.id for i in load_profile("caict2024-province").indicator}
    printed = {known[k]: v for k, v in printed_values(answer, "一起改进").items()}
    assert {k: float(v) for k, v in printed.items()} == dict(
        zip(own["indicator"], own["value"].astype(float), strict=True)
    )
    typed = tmp_path / "typed.csv"
    own.assign(value=own["indicator"].map(printed)).to_csv(typed, index=False)
    # Before, then by either file: the full evaluation of the commands that score.
    assert scored_rank((), shipped[1]) == 17
    for path in (tmp_path / "target_data.csv", typed):
        assert scored_rank((path,), shipped[1]) == 14
    # One alone, as printed.
    alone = {k: v for k, v in printed_values(answer, "只改一项").items() if v != "–"}
    assert len(alone) > 5
    for name, value in alone.items():
        rows = own.iloc[:1].assign(indicator=known[name], value=value)
        rows.drop(columns="unit").to_csv(typed, index=False)
        assert scored_rank((typed,), shipped[1]) <= 14


def scored_rank(paths, catalogue):
    """Lay the user's files over the shipped data and evaluate, as every command does."""
    spec = load_profile("caict2024-province")
    scores = evaluate(overlaid(catalogue, "province", paths, spec).table, spec)
    return int(scores.ranks.loc["140000", "index"])


def test_indicators_of_one_figure_are_one(call):
    options = ("--unit", "西藏", "--rank", 29, "--move", "fibre_length", "--move", "光缆密度")
    code, out, _ = call("target", *options, "--how", "spread", "--json", "--lang", "en")
    assert code == DONE
    said = json.loads(out)
    assert {row["indicator"] for row in said["target"]} == {"fibre_length"}
    assert any("Density of optical cable" in sentence for sentence in said["sentences"])


def test_what_cannot_be_reached_claims_nothing(call):
    options = ("--unit", "西藏", "--rank", 1, "--move", "rd_intensity")
    code, out, _ = call("target", *options)
    assert code == DONE
    assert "升至第 1 名" not in out
    assert out.startswith("西藏自治区达不到第 1 名")
    assert "西藏自治区达不到第 1 名：即使各项都提高到允许的最好值，仍为第 31 名" in out


def test_a_divisor_moves_if_named_and_is_said(call):
    options = ("--unit", "山西", "--rank", 16, "--move", "年末常住人口", "--lang", "en")
    code, out, _ = call("target", *options)
    assert code == DONE
    assert "Figures that only divide were moved as you asked: Resident population" in out


def test_limits_of_the_profile_are_in_force_and_said(call, tmp_path):
    source = (files("suanli") / "profiles" / "caict2024-province.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    limits = "\n[uncertainty.limits]\ncompute = [0.45, 0.5]\n\n[[uncertainty.choice]]"
    path.write_text(source.replace("\n[[uncertainty.choice]]", limits, 1), "utf-8")
    options = ("--profile", path, "--unit", "广东", "--bounds", 0.1, "--out", tmp_path)
    code, out, _ = call("attainable", *options)
    assert code == DONE
    assert "±10%" in out
    assert "算力 45.0%–50.0%" in out
    assert "方案自身的权重不在所定范围内：算力" in out
    assert "mine" not in out
    bounds = pd.read_csv(tmp_path / "attainable_bounds.csv").set_index("id")
    assert bounds.loc["compute", ["lower", "upper"]].to_list() == [0.45, 0.5]
    assert (bounds.loc["compute", "set_by"], bounds.loc["storage", "set_by"]) == ("limits", "share")
    weights = pd.read_csv(tmp_path / "attainable_weights.csv")
    assert weights.loc[weights["id"] == "compute", "weight"].between(0.45, 0.5).all()


def own_profile(tmp_path, *changes):
    """Write the shipped profile without its choices, and with other lines."""
    source = (files("suanli") / "profiles" / "caict2024-province.toml").read_text("utf-8")
    text = source.partition("[[uncertainty.choice]]")[0] + source[source.index("[[dimension]]") :]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("method", ["copeland", "topsis"])
def test_samples_are_called_so(call, tmp_path, method, lang):
    path = own_profile(tmp_path, ('aggregate = "arithmetic"', f'aggregate = "{method}"'))
    code, out, _ = call("attainable", "--profile", path, "--lang", lang)
    assert code == DONE
    assert method in out
    assert ("至少" if lang == "zh" else "at least") in out
    assert ("区间" if lang == "zh" else "interval") not in out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_intervals_are_called_so(call, tmp_path, lang):
    mixed = ('id = "storage"\n', 'id = "storage"\naggregate = "geometric"\n')
    above = ('ties = "min"', 'ties = "min"\nlower = 1.0')
    path = own_profile(tmp_path, mixed, above)
    code, out, _ = call("attainable", "--profile", path, "--lang", lang, "--json")
    assert code == DONE
    said = json.loads(out)
    assert ("区间" if lang == "zh" else "intervals of scores") in said["sentences"][0]
    assert any(row["best_bound"] > 1 for row in said["attainable"])


def test_a_rank_held_and_one_out_of_reach(call):
    code, out, _ = call("target", "--unit", "广东", "--rank", 2, "--lang", "en")
    assert (code, out.count("\n")) == (DONE, 1)
    assert "takes no improvement" in out
    options = ("--unit", "西藏", "--rank", 1, "--move", "rd_intensity", "--lang", "en")
    code, out, _ = call("target", *options)
    assert code == DONE
    assert "cannot reach rank 1" in out


def test_revealed_writes_weights_and_agreement(call, tmp_path):
    code, out, err = call("revealed", "--out", tmp_path, "--lang", "en")
    assert (code, err) == (DONE, "")
    assert "never its weights" in out
    assert out.startswith("Revealed weights (never the institute's weights): Provincial")
    assert "profile_overall" not in out
    assert "25 free weights against 10 named units" in out
    weights = pd.read_csv(tmp_path / "revealed_weights.csv")
    assert {"profile", "revealed", "lower", "upper", "at"} <= set(weights)
    agreement = pd.read_csv(tmp_path / "revealed_agreement.csv")
    assert set(agreement.loc[agreement["fitted"], "list"]) == {"2022-index"}
    assert (~agreement["fitted"]).sum() > 10


REFUSED = [
    (("attainable", "--bounds", "1.5"), ["1.5"]),
    (("attainable", "--node", "storag"), ["storag", "storage"]),
    (("attainable", "--unit", "山东市"), ["山东省"]),
    (("target", "--unit", "香港", "--rank", "1"), ["香港特别行政区"]),
    (("target", "--unit", "Taiwan", "--rank", "1"), ["台湾"]),
    (("target", "--unit", "山西", "--rank", "0"), ["31"]),
    (("target", "--unit", "山西", "--rank", "32"), ["31"]),
    (("target", "--unit", "山西", "--rank", "1", "--move", "rd"), ["rd_intensity"]),
    (("target", "--unit", "山西", "--rank", "1", "--move", "temperature"), ["movable = false"]),
    (("target", "--unit", "山西", "--rank", "1", "--cost", "rd_intensity=0"), ["rd_intensity"]),
    (("target", "--unit", "山西", "--rank", "1", "--cost", "rd_intensity"), ["rd_intensity=2.5"]),
    (("target", "--unit", "山西", "--rank", "1", "--most", "rd_intensity=x"), ["rd_intensity=x"]),
    (("revealed", "--fit", "2022-inde"), ["2022-index"]),
    (("revealed", "--bounds", "-1"), ["-1"]),
]


SEVERAL = [
    (
        ("attainable", "--unit", "山东市", "--unit", "香港", "--node", "storag", "--bounds", 2),
        ["山东市", "香港", "storag", "2"],
    ),
    (
        (
            "target",
            "--unit",
            "山西省X",
            "--rank",
            99,
            "--move",
            "rd",
            "--fix",
            "光缆",
            "--cost",
            "a=x",
        ),
        ["山西省X", "99", "rd_intensity", "光缆", "a=x"],
    ),
    (
        (
            *("target", "--unit", "山西", "--rank", 1, "--move", "光缆密度"),
            *("--fix", "fibre_length", "--most", "rd_intensity=3", "--most", "rd_intensity=4"),
        ),
        ["--fix", "rd_intensity"],
    ),
    (("revealed", "--fit", "2022-inde", "--bounds", "-1"), ["2022-index", "-1"]),
]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("arguments", "words"), SEVERAL, ids=str)
def test_all_that_is_wrong_is_said_at_once(call, arguments, words, lang):
    code, out, err = call(*arguments, "--lang", lang)
    assert (code, out) == (REJECTED, "")
    assert err.count("\n") >= len(words)
    assert all(word in err for word in words), err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("arguments", "words"), REFUSED, ids=str)
def test_what_cannot_be_answered_is_refused(call, arguments, words, lang):
    code, out, err = call(*arguments, "--lang", lang)
    assert (code, out, err.count("\n")) == (REJECTED, "", 1)
    assert all(word in err for word in words), err


def test_wrong_usage(call):
    assert call("target", "--unit", "山西")[0] == USAGE
    assert call("target", "--unit", "山西", "--rank", "1", "--how", "fast")[0] == USAGE
