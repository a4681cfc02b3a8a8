"""An analyst's own table and profile, without the command line."""

from pathlib import Path

import pandas as pd
import pytest

from suanli import evaluate, load_profile, read_table
from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.intake import survey
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
    units = pd.DataFrame(
        {
            "code": ["110000", "500000", "130000", "110000", "500000", "130100"],
            "level": ["province"] * 3 + ["city"] * 3,
        }
    )
    assert survey(path).level(units) == level


def test_a_table_of_both_levels_must_say_which_is_meant(write) -> None:
    rows = ["130000,2023,gdp,1,亿元", "130100,2023,gdp,1,亿元"]
    path = write(HEAD + "\n".join(rows))
    assert refused(path) == ["intake.level_unclear"]
    labelled = write("level," + HEAD + f"province,{rows[0]}\ncity,{rows[1]}\n", "both.csv")
    assert refused(labelled) == ["intake.level_unclear"]
    assert read_table(labelled, level="city").codes == ("130100",)
    assert read_table(labelled, level="province").codes == ("130000",)
    one = write("level," + HEAD + f"city,{rows[1]}\n", "one.csv")
    assert read_table(one).codes == ("130100",)


def test_names_like_a_shipped_one_are_taken_for_misspellings(write) -> None:
    path = write(HEAD + "130000,2023,fibre_lenght,1,万公里\n")
    assert refused(path) == ["intake.unknown_indicator"]
    assert read_table(path, indicators=["fibre_lenght"]).indicators == ("fibre_lenght",)


def test_a_wide_table_names_its_own_indicators_beforehand(write) -> None:
    path = write("代码,年份,racks（架）,地区生产总值\n130000,2023,9,1\n")
    assert refused(path) == ["intake.unknown_column"]
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
    path = write("code,year,机架\n130000,2023,99\n")
    assert read_table(path, indicators=own).indicators == ("racks",)
    assert refused(write("code,year,racks\n130000,2023,101\n"), indicators=own) == [
        "intake.out_of_range"
    ]
    assert refused(write(HEAD + "130000,2023,gdp,1,亿元\n"), indicators=own) == [
        "intake.unknown_indicator"
    ]


def test_an_indicator_of_ones_own_has_one_unit(write) -> None:
    path = write(HEAD + "110000,2023,racks,1,架\n120000,2023,racks,2,\n130000,2023,racks,3,万架\n")
    assert refused(path) == ["intake.unit_differs"]


def test_shipped_tables_read_the_same_with_a_path_alone() -> None:
    from suanli.locations import data_folder

    table = read_table(data_folder() / "indicators" / "provinces.csv")
    shipped = load_catalogue().province.cells
    own = shipped[shipped["indicator"].isin(table.indicators) & (shipped["year"] != 0)]
    pd.testing.assert_frame_equal(
        table.cells[table.cells["year"] != 0].drop(columns="source").reset_index(drop=True),
        own.drop(columns="source").reset_index(drop=True),
    )
