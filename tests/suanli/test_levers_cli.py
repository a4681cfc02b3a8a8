"""``suanli robustness attainable``, ``target``, ``revealed``: answers, files, refusals."""

import json

import pandas as pd
import pytest

import suanli.run.levers
from suanli.boundaries import load_boundaries
from suanli.cli import DONE, REJECTED, USAGE, main
from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.run.levers import find_unit
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
    sums = weights[weights["id"].isin(["compute", "storage", "network", "environment"])]
    assert sums.groupby(["code", "side"])["weight"].sum().round(9).eq(1).all()


def test_many_units_get_bounds_at_once(call):
    code, out, _ = call("attainable", "--profile", "city-compute", "--lang", "en", "--json")
    assert code == DONE
    said = json.loads(out)
    assert len(said["attainable"]) == 336
    assert any("--exact" in sentence for sentence in said["sentences"])
    for row in said["attainable"]:
        assert row["best_bound"] <= row["best"] <= row["rank"] <= row["worst"] <= row["worst_bound"]


def test_attainable_of_a_dimension_is_said(call):
    options = ("--node", "storage", "--unit", "北京市", "--lang", "en")
    code, out, _ = call("attainable", *options)
    assert code == DONE
    assert "Storage: the best and worst ranks of all 1 units are proved." in out
    assert out.splitlines()[1].split()[:3] == ["code", "name", "rank"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_target_says_what_it_takes(call, tmp_path, lang):
    options = ("--unit", "山西省", "--rank", 15, "--move", "broadband_ports", "--move")
    code, out, err = call("target", *options, "rd_intensity", "--out", tmp_path, "--lang", lang)
    assert (code, err) == (DONE, "")
    name = "山西省" if lang == "zh" else "Shanxi"
    assert f"{name}由第 17 名升至第" in out or "Shanxi rises from rank 17 to" in out
    table = pd.read_csv(tmp_path / "target.csv")
    assert set(table["kind"]) == {"together", "single"}
    assert (table["unit"].isin(["%", "万个"])).all()
    together = table[table["kind"] == "together"]
    assert ((together["end"] - together["start"] - together["change"]).abs() < 1e-9).all()


def test_linked_indicators_are_named(call):
    options = ("--unit", "西藏", "--rank", 29, "--move", "fibre_length", "--move", "fibre_density")
    code, out, _ = call("target", *options, "--how", "spread", "--json", "--lang", "en")
    assert code == DONE
    said = json.loads(out)
    assert any("computed from the same data" in sentence for sentence in said["sentences"])
    assert {row["indicator"] for row in said["target_single"]} == {"fibre_length", "fibre_density"}


def test_a_rank_held_and_one_out_of_reach(call):
    code, out, _ = call("target", "--unit", "广东", "--rank", 2, "--lang", "en")
    assert (code, out.count("\n")) == (DONE, 1)
    assert "takes no improvement" in out
    options = ("--unit", "西藏", "--rank", 1, "--move", "rd_intensity", "--lang", "en")
    code, out, _ = call("target", *options)
    assert code == DONE
    assert "Exhausted: R&D intensity" in out


def test_revealed_writes_weights_and_agreement(call, tmp_path):
    code, out, err = call("revealed", "--out", tmp_path, "--lang", "en")
    assert (code, err) == (DONE, "")
    assert "are not the publisher's" in out
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


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("arguments", "words"), REFUSED, ids=str)
def test_what_cannot_be_answered_is_refused(call, arguments, words, lang):
    code, out, err = call(*arguments, "--lang", lang)
    assert (code, out, err.count("\n")) == (REJECTED, "", 1)
    assert all(word in err for word in words), err


def test_wrong_usage(call):
    assert call("target", "--unit", "山西")[0] == USAGE
    assert call("target", "--unit", "山西", "--rank", "1", "--how", "fast")[0] == USAGE


def test_units_are_found_by_any_name(shipped):
    units = shipped[0].units
    for level in ("province", "city"):
        known = units.loc[level]
        for code, row in known[known["evaluated"]].iterrows():
            assert find_unit(str(code), known, level=level) == code
            assert find_unit(row["name"], known, level=level) == code
    assert find_unit(
        " SUZHOU ", units.loc["province"].assign(pinyin="suzhou").head(1), level="province"
    )


def test_a_name_of_two_units_is_refused(shipped):
    cities = shipped[0].units.loc["city"]
    twice = cities["pinyin"][cities["evaluated"]].value_counts()
    with pytest.raises(InputError) as caught:
        find_unit(str(twice.index[0]), cities, level="city")
    (problem,) = caught.value.problems
    assert problem.code == "levers.unit_ambiguous"
    for lang in LANGUAGES:
        assert Text(lang)(problem.code, **problem.params)
