"""``suanli check``: tables of one's own in, everything found in them out; a run agrees."""

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from rich.cells import cell_len

from suanli.cli import main
from suanli.data import load_catalogue, take_in
from suanli.errors import InputError
from suanli.profile import load_profile
from suanli.run import RunConfig, load_config
from suanli.run.config import data_files
from suanli.run.inputs import load_inputs
from suanli.run.overlay import overlaid
from suanli.run.taking import check_tables, counted, doubts

MESSY = """2023年各地主要指标
地 区,地区生产总值,温度计（个）
北京市,"43,760",1
天津,１６７３７,2
合计,60497,
昆山市,5,5
"""
CLEAN = "地区,2023年地区生产总值（亿元）\n北京市,50000\n河北省,60000\n"


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str, name: str = "mine.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def book(path: Path, rows: list[list[object]], *, second: str = "") -> Path:
    made = openpyxl.Workbook()
    made.active.title = "数据"
    for row in rows:
        made.active.append(row)
    if second:
        other = made.create_sheet(second)
        for row in rows:
            other.append(row)
    made.save(path)
    return path


def test_a_file_is_reported_worst_first_within_the_screen(call, write, tmp_path) -> None:
    code, out, err = call("check", write(MESSY))
    lines = out.splitlines()
    assert (code, err) == (1, "")
    assert lines[0] == "mine.csv：读入 4 行：修正 6，警告 2，拒绝 1。"
    heads = [line for line in lines if line.startswith("  ") and not line.startswith("    ")]
    assert heads == ["  拒绝（1）", "  警告（2）", "  修正（6）"]
    assert max(map(cell_len, lines)) <= 80
    names = "findings.csv, findings_summary.csv, findings.html"
    assert lines[-1] == f"全部发现写入 outputs/check：{names}。"
    table = pd.read_csv(tmp_path / "outputs" / "check" / "findings.csv")
    assert table["action"].value_counts().to_dict() == {"fix": 6, "warn": 2, "error": 1}
    county = table[table["rule"] == "name_county"].iloc[0]
    assert (county["row"], county["before"]) == (6, "昆山市")
    code, out, _ = call("check", write(MESSY), "--lang", "en")
    assert (code, out.splitlines()[0]) == (
        1, "mine.csv: 4 rows read: 6 repairs, 2 warnings, 1 errors."
    )  # fmt: skip


def test_long_lists_are_cut_and_counted(call, write) -> None:
    names = load_catalogue().hub_cities.index  # any fourteen codes of cities
    rows = "".join(f"{code}.0,2023,{i}\n" for i, code in enumerate(names, 1))
    code, out, _ = call("check", write("代码,年份,地区生产总值（亿元）\n" + rows), "--lang", "en")
    assert code == 0
    assert out.count("is read as") == 3
    assert "Code mended: 11 more; see findings.csv." in out


@pytest.mark.parametrize("name", ["nonexist", "nonexist.csv", "no/such/outputs"])
def test_a_missing_path_is_told_and_leaves_nothing(call, tmp_path, name: str) -> None:
    for more in ((), ("--out", "there")):
        code, out, err = call("check", name, *more, "--lang", "en")
        assert (code, err) == (1, "")
        assert Path(name).name in out
        assert list(tmp_path.iterdir()) == []


def test_machines_get_json_and_no_files(call, write, tmp_path) -> None:
    code, out, err = call("check", write(MESSY), write(CLEAN, "clean.csv"), "--json")
    report = json.loads(out)
    assert (code, err, report["refused"]) == (1, "", True)
    assert [(f["file"], f["errors"], f["values"]) for f in report["files"]] == [
        ("mine.csv", 1, 0), ("clean.csv", 0, 2),
    ]  # fmt: skip
    found = report["files"][0]["findings"][0]
    assert found["rule"] == "name_county"
    assert found["message"].startswith("mine.csv 第 6 行")
    assert not (tmp_path / "outputs").exists()
    assert call("check", write(CLEAN), "--json", "--out", tmp_path / "there")[0] == 0
    assert (tmp_path / "there" / "findings.csv").is_file()


def test_warnings_refuse_only_when_strict(call, write) -> None:
    path = write(CLEAN.replace("（亿元）", ""))
    assert call("check", path)[0] == 0
    assert call("check", path, "--strict")[0] == 1
    assert call("check", write(CLEAN, "b.csv"), "--strict")[0] == 0


def test_what_a_file_does_not_tell_can_be_said(call, tmp_path) -> None:
    path = book(tmp_path / "a.xlsx", [["地区", "值"], ["北京", 1], ["河北", 2]], second="草稿")
    assert call("check", path, "--json")[0] == 1
    said = ("--sheet", "草稿", "--indicator", "gdp", "--unit", "万亿元", "--data-year", "2022")
    code, out, _ = call("check", path, *said, "--level", "province", "--json")
    (file,) = json.loads(out)["files"]
    assert (code, file["values"], file["errors"]) == (0, 2, 0)
    assert "unit_converted" in {found["rule"] for found in file["findings"]}
    path = tmp_path / "b.csv"
    path.write_bytes("地區,2023年地區生產總值(億元)\n廣東省,約5\n".encode("big5"))
    assert call("check", path, "--encoding", "big5", "--censored")[0] == 0
    assert call("check", path, "--encoding", "big5")[0] == 1


def test_options_for_tables_need_tables(call) -> None:
    code, out, err = call("check", "--sheet", "a", "--data-year", "2023", "--lang", "en")
    assert (code, out) == (1, "")
    assert "--sheet, --data-year" in err


OWN = """
[[dimension]]
id = "own"
name = { zh = "自有", en = "Own" }
[[indicator]]
id = "racks"
parent = "own"
name = { zh = "标准机架数", en = "Racks" }
unit = "架"
direction = "up"
status = "reported"
source = "own"
reason = "own"
"""
GDP = """
[[indicator]]
id = "gdp"
parent = "own"
name = { zh = "总值", en = "GRP" }
unit = "亿元"
direction = "up"
status = "reported"
source = "own"
reason = "own"
"""


def test_indicators_of_a_profile_are_read_by_name(call, write, tmp_path) -> None:
    profile = write(
        'id = "own"\nlevel = "province"\nyear = 2023\n'
        'title = { zh = "自", en = "Own" }\nnote = { zh = "自", en = "Own" }\n'
        '[method]\nweight = "equal"\n' + OWN + GDP,
        "own.toml",
    )  # fmt: skip
    path = book(
        tmp_path / "a.xlsx", [["地区", "2023年标准机架数（万架）"], ["北京", 1.5], ["河北", 2]]
    )
    code, out, _ = call("check", path, "--profile", profile, "--json")
    assert (code, json.loads(out)["files"][0]["values"]) == (0, 2)
    assert call("check", path, "--json")[0] == 1
    spec = load_profile(str(profile))
    found = overlaid(load_catalogue(), "province", [path], spec)
    assert found.table.wide(2023)["racks"].dropna().to_dict() == {
        "110000": 15_000.0, "130000": 20_000.0,
    }  # fmt: skip
    codes = [code for code in load_catalogue().province.codes if code < "700000"]
    rows = [["代码", "2023年标准机架数", "温度计"], *([code, i, 1] for i, code in enumerate(codes))]
    path = book(tmp_path / "a.xlsx", rows)
    code, out, err = call("score", "--profile", profile, "--data", path, "--lang", "en")
    assert code == 0
    assert err.splitlines()[0].startswith("a.xlsx: 31 rows read: ")


def test_a_configuration_says_how_to_read_and_a_run_reads_so(call, tmp_path) -> None:
    book(tmp_path / "a.xlsx", [["地区", "值"], ["北京", 5], ["河北", 6]], second="草稿")
    config = tmp_path / "suanli.toml"
    config.write_text(
        '[province]\nprofile = "caict2024-province"\ndata = [{ file = "a.xlsx", '
        'sheet = "草稿", indicator = "gdp", unit = "万亿元", year = 2023 }]\n',
        encoding="utf-8",
    )
    inputs = load_inputs(load_config(config))
    assert inputs.catalogue.province.wide(2023)["gdp"]["110000"] == 50_000.0
    assert [taken.rows for taken in inputs.intakes] == [2]
    assert inputs.files == (tmp_path / "a.xlsx",)
    code, out, err = call("check", config, "--lang", "en")
    assert (code, err) == (0, "")
    assert out.startswith("a.xlsx: 2 rows read: ")
    config.write_text(config.read_text(encoding="utf-8").replace("sheet", "shet"), "utf-8")
    code, out, err = call("check", config, "--lang", "en")
    assert (code, out) == (1, "")
    assert "province.data.0.shet" in err
    assert "sheet" in err


def test_data_commands_are_told_by_read(call, tmp_path) -> None:
    path = book(tmp_path / "a.xlsx", [["地区", "值"], ["北京", 5], ["河北", 6]], second="草稿")
    said = [
        part
        for item in ("sheet=数据", "indicator=gdp", "unit=万亿元", "year=2023")
        for part in ("--read", item)
    ]
    assert call("score", "--data", path)[0] == 1
    assert call("score", "--data", path, *said)[0] == 0
    for wrong in ("shet=1", "year=soon", "file=b.csv"):
        code, _, err = call("score", "--data", path, "--read", wrong, "--lang", "en")
        assert code == 1
        assert wrong in err
    assert data_files([path], ["censored"])[0].censored


@pytest.mark.parametrize(
    "text",
    [
        MESSY,
        CLEAN.replace("北京市", "昆山市"),
        CLEAN.replace("50000", "五万"),
        CLEAN.replace("（亿元）", "（公里）"),
        CLEAN + "北京市,1\n",
        "地区,年份\n北京,2023\n",
        "",
    ],
)
def test_a_run_refuses_what_check_refuses(call, write, text: str) -> None:
    path = write(text)
    config = write(
        f'[province]\nprofile = "caict2024-province"\ndata = ["{path.name}"]\n', "suanli.toml"
    )
    assert call("check", path, "--level", "province")[0] == 1
    checked = check_tables(data_files([path], []), config=RunConfig(), level="province")
    assert checked.refused
    with pytest.raises(InputError) as run:
        load_inputs(load_config(config))
    errors = [
        finding.problem().describe() for t in checked.intakes for finding in t.ledger.of("error")
    ]
    assert sorted(problem.describe() for problem in run.value.problems) == sorted(errors)
    assert call("run", config)[0] == 1


def test_files_that_do_not_agree(write) -> None:
    head = "code,year,indicator,value,unit\n"
    paths = [
        write(head + "110000,2023,gdp,1,亿元\n110000,2023,racks,1,架\n", "a.csv"),
        write(head + "110000,2023,gdp,10000,万元\n110000,2022,gdp,3,亿元\n", "b.csv"),
        write(head + "110000,2022,gdp,4,亿元\n120000,2023,racks,1,万架\n", "c.csv"),
    ]
    spec = load_profile("caict2024-province")
    with pytest.raises(InputError) as caught:
        overlaid(load_catalogue(), "province", paths, spec, also=["racks"])
    said = [(p.code, p.params["file"]) for p in caught.value.problems]
    # Units known are converted: 10000 万元 is no other value than 1 亿元.
    assert said == [("findings.units_mixed", "c.csv"), ("findings.in_two_files", "c.csv")]
    report = check_tables(data_files(paths[:2], []), config=RunConfig(), level="province")
    assert [f.rule for f in report.intakes[1].ledger.of("warn")] == ["in_two_files_equal"]


def test_signs_of_bad_data_are_among_the_findings(write) -> None:
    gdp = load_catalogue().province.cells.query("indicator == 'gdp' and year >= 2018")
    spoilt = gdp.assign(value=gdp["value"].where(gdp["code"].ne("130000"), 7.0))
    path = write(spoilt.to_csv(index=False))
    taken = take_in(path)
    assert "filled_flat" in {finding.rule for finding in taken.ledger.of("warn")}
    assert not taken.ledger.refused
    inputs = load_inputs(
        load_config(
            write(f'[province]\nprofile = "caict2024-province"\ndata = ["{path.name}"]\n', "s.toml")
        )
    )
    said = [problem.describe() for problem in doubts(inputs.intakes)]
    assert said[0] == counted(inputs.intakes[0]).describe()
    assert any("perhaps an old value was carried on" in sentence for sentence in said)


def test_a_filled_template_is_read_by_the_whole_product(call, tmp_path) -> None:
    call("init", tmp_path / "mine")
    path = tmp_path / "mine" / "data" / "provinces.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["算力"]
    column = {cell.value: cell.column for cell in sheet[1]}["平均PUE"]
    for row in range(3, 34):
        sheet.cell(row, column, 1.2 + row / 100)
    book.save(path)
    config = tmp_path / "mine" / "suanli.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('provinces.csv"]', 'provinces.xlsx"]'), encoding="utf-8")
    code, out, err = call("check", config)
    assert (code, err) == (0, "")
    absent = [line for line in out.splitlines() if "可选指标没有数值" in line]
    assert len(absent) == 2
    assert "平均PUE" not in absent[0]
    assert "平均PUE" in absent[1] or "PUE" in absent[1]
    profile = tmp_path / "mine" / "profiles" / "caict2024-province-physical.toml"
    scored = [
        call("score", "--profile", profile, *own, "--json")[1] for own in ((), ("--data", path))
    ]
    assert scored[0] != scored[1]
