"""An analyst's own table and profile, without the command line."""

from pathlib import Path

import pandas as pd
import pytest

from suanli import evaluate, load_profile, read_table
from suanli.cli import main
from suanli.data import load_catalogue, take_in
from suanli.errors import InputError
from suanli.run.overlay import take_in_all
from suanli.text import LANGUAGES, Text

HEAD = "code,year,indicator,value,unit\n"
PROFILE = """
id = "mine"
level = "province"
year = 2023
title = { zh = "我的", en = "Mine" }
note = { zh = "试", en = "test" }
[method]
weight = "equal"
[[dimension]]
id = "one"
name = { zh = "一", en = "one" }
[[variable]]
id = "per_hall"
value = "racks / halls"
unit = "个"
[[indicator]]
id = "dense"
parent = "one"
name = { zh = "密", en = "dense" }
unit = "个/亿元"
direction = "up"
value = "per_hall"
denominator = "gdp"
status = "derived"
source = "S"
reason = "r"
"""
OWN = (
    PROFILE.replace('value = "per_hall"\ndenominator = "gdp"\n', "")
    .replace('id = "dense"', 'id = "racks"')
    .replace(
        '{ zh = "密", en = "dense" }\nunit = "个/亿元"',
        '{ zh = "机架数", en = "Racks" }\nunit = "架"',
    )
)
CODES = [code for code in load_catalogue().province.codes if code < "700000"]
ROWS = [
    f"{code},2023,{name},{value},{unit}"
    for name, unit, values in (
        ("racks", "架", (40, 30, 20)),
        ("halls", "座", (4, 2, 1)),
        ("gdp", "亿元", (5, 15, 2)),
    )
    for code, value in zip((110000, 120000, 130000), values, strict=True)
]


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str, name: str = "mine.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def refused(path: Path, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_table(path, **options)
    for problem in caught.value.problems:
        said = {Text(lang)(problem.code, **problem.params) for lang in LANGUAGES}
        assert len(said) == len(LANGUAGES)
        assert all(path.name in sentence for sentence in said)
    return [problem.code for problem in caught.value.problems]


def test_a_path_is_enough(write) -> None:
    table = read_table(str(write(HEAD + "\n".join(ROWS))))
    assert table.indicators == ("gdp", "halls", "racks")
    assert table.units().to_dict() == {"gdp": "亿元", "halls": "座", "racks": "架"}
    assert table.cells["source"].unique().tolist() == ["mine.csv"]
    scores = evaluate(table, load_profile(write(PROFILE, "mine.toml")))
    assert scores.stages["derived"]["dense"].to_list() == [2.0, 1.0, 10.0]
    assert scores.ranks["index"].to_dict() == {"110000": 2, "120000": 3, "130000": 1}


@pytest.mark.parametrize(
    ("codes", "level"),
    [
        (["130000", "110000"], "province"),
        (["130100", "110000"], "city"),
        (["110000", "500000"], "province"),
        (["130100.0"], "city"),
        (["１３００００"], "province"),
        (["130100000000"], "city"),
        (["nowhere"], "province"),
    ],
)
def test_the_level_is_told_from_the_codes(write, codes: list[str], level: str) -> None:
    path = write(HEAD + "\n".join(f"{code},2023,gdp,1,亿元" for code in codes))
    assert take_in(path).level == level


def test_a_table_of_both_levels_must_say_which_is_meant(write) -> None:
    rows = ["130000,2023,gdp,1,亿元", "130100,2023,gdp,1,亿元"]
    path = write(HEAD + "\n".join(rows))
    assert refused(path) == ["findings.level_unclear"]
    labelled = write("level," + HEAD + f"province,{rows[0]}\ncity,{rows[1]}\n", "both.csv")
    assert set(refused(labelled)) == {"findings.level_unclear"}
    assert read_table(labelled, level="city").codes == ("130100",)
    assert read_table(labelled, level="province").codes == ("130000",)
    one = write("level," + HEAD + f"city,{rows[1]}\n", "one.csv")
    assert read_table(one).codes == ("130100",)


def test_names_like_a_shipped_one_are_taken_for_misspellings(write) -> None:
    path = write(HEAD + "130000,2023,fibre_lenght,1,万公里\n")
    assert refused(path) == ["findings.indicator_misspelt"]
    assert read_table(path, indicators=["fibre_lenght"]).indicators == ("fibre_lenght",)


def test_a_wide_table_names_its_own_indicators_beforehand(write) -> None:
    path = write("代码,年份,racks（架）,地区生产总值(亿元)\n130000,2023,9,1\n")
    with pytest.warns(UserWarning, match="racks"):
        assert read_table(path).indicators == ("gdp",)
    table = read_table(path, indicators=["racks"])
    assert table.wide(2023).loc["130000"].to_dict() == {"gdp": 1.0, "racks": 9.0}
    assert table.units()["racks"] == "架"


def test_a_catalogue_of_ones_own_replaces_the_shipped_one(write) -> None:
    own = pd.DataFrame(
        {
            "indicator": ["racks"], "level": "province", "name_zh": "机架", "name_en": "Racks",
            "unit": "架", "minimum": "0", "maximum": "100",
        }
    )  # fmt: skip
    path = write("code,year,机架(架)\n130000,2023,99\n")
    assert read_table(path, indicators=own).indicators == ("racks",)
    assert refused(write("code,year,racks(架)\n130000,2023,101\n"), indicators=own) == [
        "findings.out_of_range"
    ]
    assert refused(write(HEAD + "130000,2023,gdp,1,亿元\n"), indicators=own) == [
        "findings.no_indicators"
    ]


def test_an_indicator_of_ones_own_has_the_unit_it_first_comes_in(write) -> None:
    rows = "110000,2023,racks,1,架\n130000,2023,racks,3,万架\n"
    assert read_table(write(HEAD + rows)).cells["value"].to_list() == [1.0, 30_000.0]
    path = write(HEAD + rows.replace("万架", "平方米"), "other.csv")
    assert refused(path) == ["findings.unit_differs"]


def test_indicators_of_a_profile_are_known_by_name_and_unit(write) -> None:
    profile = write(OWN, "own.toml")
    taken = take_in(write("地区,2023年机架数（万架）\n北京,1.5\n河北,2\n"), profile=str(profile))
    assert taken.table.wide(2023)["racks"].to_dict() == {"110000": 15_000.0, "130000": 20_000.0}
    assert taken.table.units()["racks"] == "架"
    assert not taken.ledger.of("error")
    rules = [finding.rule for finding in taken.ledger.of("fix")]
    assert rules.count("unit_converted") == 1
    without = take_in(write("地区,2023年机架数（万架）\n北京,1.5\n", "b.csv"))
    assert without.ledger.refused


def test_what_ships_is_not_judged_again(write) -> None:
    shipped = load_catalogue().province.cells
    gdp = shipped[shipped["indicator"].eq("gdp")]
    path = write(gdp.to_csv(index=False))
    assert take_in(path).ledger.findings == []
    changed = gdp.assign(value=gdp["value"].where(gdp["year"] != 2020, gdp["value"] * 1e4))
    found = {f.rule for f in take_in(write(changed.to_csv(index=False), "b.csv")).ledger.findings}
    assert {"vintage_break"} <= found


def test_units_without_values_are_named(write) -> None:
    rows = "".join(f"{code},2023,racks,{i},架\n" for i, code in enumerate(sorted(CODES)[:28], 1))
    taken = take_in(write(HEAD + rows))
    (absent,) = [f for f in taken.ledger.findings if f.rule == "units_absent"]
    assert dict(absent.params)["count"] == 3
    assert "新疆维吾尔自治区" in dict(absent.params)["units"]


def test_a_unit_with_any_value_of_the_file_is_not_absent(write) -> None:
    shipped = load_catalogue().province.wide(2023, ["gdp"]).loc["110000", "gdp"]
    rows = "".join(f"{code},2023,racks,{i},架\n" for i, code in enumerate(sorted(CODES)[1:28], 1))
    taken = take_in(write(f"{HEAD}110000,2023,gdp,{shipped!r},亿元\n{rows}"))
    assert "units_absent" not in {f.rule for f in taken.ledger.findings}


def test_what_another_file_has_is_not_absent(write) -> None:
    codes = sorted(CODES)
    files = [
        write(HEAD + "".join(f"{c},2023,racks,{i},架\n" for i, c in enumerate(part, 1)), name)
        for part, name in ((codes[:16], "east.csv"), (codes[16:], "west.csv"))
    ]
    spec = load_profile("caict2024-province")
    intakes, _ = take_in_all(
        files, load_catalogue(), level="province", specs={"province": spec}, also=["racks"]
    )
    rules = {f.rule for taken in intakes for f in taken.ledger.findings}
    assert not rules & {"units_absent", "thin"}


def test_odd_values_are_told_with_their_rows(write) -> None:
    rows = [f"{code},2023,racks,{100 + i},架\n" for i, code in enumerate(sorted(CODES))]
    rows[4] = rows[4].replace("104", "9999999")
    (odd,) = take_in(write(HEAD + "".join(rows))).ledger.findings
    assert (odd.rule, odd.place.row, odd.place.column) == ("outlier", 6, "value")
    assert "第 6 行" in odd.problem().describe("zh")


def test_values_in_two_files_are_told_with_both_rows(write) -> None:
    files = [
        write("地区,2023年GDP（亿元）\n北京市,1\n天津市,2\n", "a.csv"),
        write("地区,2023年GDP（亿元）\n河北省,1\n天津市,3\n", "b.csv"),
    ]
    intakes, _ = take_in_all(files, load_catalogue(), level="province", specs={})
    (found,) = intakes[1].ledger.of("error")
    said = found.problem().describe("zh")
    assert found.rule == "in_two_files"
    assert "b.csv 第 3 行" in said
    assert "a.csv 第 3 行" in said
    assert "天津市 120000" in said


def test_a_folder_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    taken = take_in(".")
    assert taken.file == tmp_path.name
    assert [f.rule for f in taken.ledger.findings] == ["unreadable"]


def test_shipped_tables_read_the_same_with_a_path_alone() -> None:
    from suanli.locations import data_folder

    table = read_table(data_folder() / "indicators" / "provinces.csv")
    shipped = load_catalogue().province.cells
    own = shipped[shipped["indicator"].isin(table.indicators) & (shipped["year"] != 0)]
    pd.testing.assert_frame_equal(
        table.cells[table.cells["year"] != 0].drop(columns="source").reset_index(drop=True),
        own.drop(columns="source").reset_index(drop=True),
    )


def test_signs_of_bad_data_are_said_wherever_the_table_is_used(capsys, tmp_path):
    shipped = load_catalogue().province.wide(2023)["power_generation"]
    wrong = shipped.where(shipped.index != "310000", shipped * 10)
    path = tmp_path / "mine.csv"
    rows = [f"{code},{value!r}" for code, value in wrong.items()]
    path.write_text("\n".join(["代码,2023年发电量（亿千瓦时）", *rows]), encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["score", "--data", str(path)])
    assert "10066.3" in capsys.readouterr().err


def test_data_of_another_year_are_not_left_aside_without_a_word(capsys, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("地区,2025年发电量（亿千瓦时）\n北京市,480\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["score", "--data", str(path)])
    assert "表中只有 2025 年的数据，而评价的是 2023 年" in capsys.readouterr().err
