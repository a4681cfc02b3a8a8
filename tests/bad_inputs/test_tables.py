"""Bad tables: each gets its own problem, with the place and a sentence in both languages."""

import pandas as pd
import pytest

from suanli.errors import InputError
from suanli.intake import read_table
from suanli.text import LANGUAGES, Text

UNITS = pd.DataFrame(
    {
        "code": ["110000", "130000", "130100", "131000"],
        "level": ["province", "province", "city", "city"],
        "name": ["北京市", "河北省", "石家庄市", "廊坊市"],
    }
)
INDICATORS = pd.DataFrame(
    {
        "indicator": ["gdp", "share", "gdp"],
        "level": ["province", "province", "city"],
        "name_zh": ["地区生产总值", "占比", "地区生产总值"],
        "name_en": ["GRP", "Share", "GRP"],
        "unit": ["亿元", "%", "亿元"],
        "minimum": ["0", "0", "0"],
        "maximum": ["", "100", ""],
    }
)
HEAD = "code,year,indicator,value\n"
GOOD = "130000,2023,gdp,1\n"


def problems(path, data: bytes | str, level="province"):
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    with pytest.raises(InputError) as caught:
        read_table(path, level=level, units=UNITS, indicators=INDICATORS)
    for problem in caught.value.problems:
        for lang in LANGUAGES:
            sentence = Text(lang)(problem.code, **problem.params)
            assert path.name in sentence
            assert "{" not in sentence
    return caught.value.problems


def one(name, data, rule, /, *, level="province", **params):
    return pytest.param(data, level, rule, params, id=name)


BIG5 = "代碼,年份,指標,數值,名稱\n110000,2023,gdp,1,臺灣省廣東縣鄉鎮區劃統計資料來源說明\n".encode(
    "big5"
)

CASES = [
    one("empty file", "", "intake.empty"),
    one("null bytes", b"\0" * 600, "intake.nul_bytes"),
    one(
        "name in the column of codes",
        HEAD + "北京市,2023,gdp,1\n",
        "intake.unknown_code",
        nearest="110000 北京市",
    ),
    one("header only", HEAD, "intake.empty"),
    one("blank rows only", HEAD + ",,,\n,,,\n", "intake.empty"),
    one("xls renamed", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "intake.not_text", actual="xls"),
    one("xlsx renamed", b"PK\x03\x04" + b"\0" * 600, "intake.not_text", actual="xlsx / zip"),
    one("HTML saved as csv", "<html><table></table></html>", "intake.not_text", actual="HTML"),
    one(
        "mixed bytes",
        HEAD.encode() + b"110000,2023,gdp,\xff\xff\n",
        "intake.undecodable",
        row=2,
        byte=17,
    ),
    one("Big5", BIG5, "intake.suspected_big5"),
    one("unclosed quote", HEAD + '110000,2023,gdp,"1\n', "intake.broken_row", row=2),
    one("extra cells", HEAD + "110000,2023,gdp,1,2\n", "intake.row_too_long", row=2, got=5),
    one(
        "column misspelt",
        "code,year,indicater,value\n" + GOOD,
        "intake.missing_column",
        column="indicator",
        nearest="indicater",
    ),
    one("no code column", "gdp,share\n1,2\n", "intake.missing_column", column="code"),
    one("column twice", "code,year,indicator,value,值\n" + GOOD, "intake.repeated_column"),
    one("no indicator column", "code,year\n110000,2023\n", "intake.no_indicators"),
    one(
        "indicator column misspelt",
        "code,year,gpd\n110000,2023,1\n",
        "intake.unknown_column",
        row=1,
        column="gpd",
        nearest="grp, gdp",
    ),
    one(
        "retired code",
        HEAD + GOOD + "371200,2018,gdp,1\n",
        "intake.unknown_code",
        row=3,
        column="code",
        value="371200",
    ),
    one(
        "code nearly right",
        HEAD + "131100,2023,gdp,1\n",
        "intake.unknown_code",
        level="city",
        value="131100",
    ),
    one(
        "county in a city table",
        HEAD + "320583,2023,gdp,1\n",
        "intake.unknown_code",
        level="city",
        value="320583",
    ),
    one("city in a province table", HEAD + "130100,2023,gdp,1\n", "intake.unknown_code", row=2),
    one("total row", HEAD + "全国,2023,gdp,1\n", "intake.unknown_code", value="全国"),
    one(
        "code and name disagree",
        "code,name,gdp\n130000,北京市,1\n",
        "intake.name_mismatch",
        code="130000",
        expected="河北省",
        value="北京市",
    ),
    one("year in words", HEAD + "130000,二〇二三,gdp,1\n", "intake.bad_year", value="二〇二三"),
    one("year of two digits", HEAD + "130000,23,gdp,1\n", "intake.bad_year"),
    one("year far off", HEAD + "130000,20233,gdp,1\n", "intake.bad_year"),
    one(
        "indicator misspelt",
        HEAD + "130000,2023,gpd,1\n",
        "intake.unknown_indicator",
        value="gpd",
        nearest="gdp",
    ),
    one(
        "indicator of another level",
        HEAD + "131000,2023,share,1\n",
        "intake.unknown_indicator",
        level="city",
        value="share",
    ),
    one(
        "another unit",
        "code,year,indicator,value,unit\n130000,2023,gdp,1,万元\n",
        "intake.unit_differs",
        indicator="gdp",
        expected="亿元",
        value="万元",
    ),
    one(
        "another unit in the heading",
        "code,地区生产总值(万元)\n130000,1\n",
        "intake.unit_differs",
        value="万元",
    ),
    one("decimal comma", HEAD + '130000,2023,gdp,"1,25"\n', "intake.not_a_number", value="1,25"),
    one("range", HEAD + "130000,2023,gdp,5-6\n", "intake.not_a_number", value="5-6"),
    one("about", HEAD + "130000,2023,gdp,约5\n", "intake.not_a_number", value="约5"),
    one("less than", HEAD + "130000,2023,gdp,＜0.1\n", "intake.not_a_number", value="＜0.1"),
    one("footnote mark", HEAD + "130000,2023,gdp,12.5*\n", "intake.not_a_number"),
    one("Excel date", HEAD + "130000,2023,gdp,1月2日\n", "intake.not_a_number", value="1月2日"),
    one("Excel error", HEAD + "130000,2023,gdp,#DIV/0!\n", "intake.not_a_number"),
    one("formula", HEAD + "130000,2023,gdp,=1+1\n", "intake.not_a_number", value="=1+1"),
    one("hexadecimal", HEAD + "130000,2023,gdp,0x1F\n", "intake.not_a_number"),
    one("underscore", HEAD + "130000,2023,gdp,1_000\n", "intake.not_a_number"),
    one("percent elsewhere", HEAD + "130000,2023,gdp,12%\n", "intake.not_a_number", value="12%"),
    one("NaN", HEAD + "130000,2023,gdp,NaN\n", "intake.not_finite", value="NaN"),
    one("infinity", HEAD + "130000,2023,gdp,-inf\n", "intake.not_finite", value="-inf"),
    one("overflow", HEAD + "130000,2023,gdp,1e400\n", "intake.not_finite", value="1e400"),
    one(
        "negative",
        HEAD + "130000,2023,gdp,-1\n",
        "intake.out_of_range",
        value=-1.0,
        minimum="0",
        maximum="+∞",
        row=2,
        column="value",
    ),
    one(
        "more than all",
        HEAD + "130000,2023,share,100.5\n",
        "intake.out_of_range",
        value=100.5,
        maximum="100",
    ),
    one("twice, equal", HEAD + GOOD + GOOD, "intake.duplicate", row=3, first=2),
    one(
        "twice, different",
        HEAD + GOOD + "130000.0,2023年,gdp,2\n",
        "intake.duplicate",
        row=3,
        first=2,
        value=2.0,
    ),
]


@pytest.mark.parametrize(("data", "level", "code", "params"), CASES)
def test_bad_table(tmp_path, data, level, code, params):
    found = problems(tmp_path / "bad.csv", data, level)
    assert [p.code for p in found] == [code]
    assert {key: found[0].params[key] for key in params} == params


def test_all_problems_of_a_file_come_at_once_in_order_of_rows(tmp_path):
    data = (
        HEAD
        + "999999,2023,gdp,1\n"  # 2
        + "110000,abcd,gdp,x\n"  # 3: two problems
        + "110000,2023,gpd,1\n"  # 4
        + "110000,2023,share,101\n"  # 5
        + GOOD
        + GOOD  # 7
    )
    found = problems(tmp_path / "bad.csv", data)
    assert [(p.params["row"], p.code.removeprefix("intake.")) for p in found] == [
        (2, "unknown_code"),
        (3, "bad_year"),
        (3, "not_a_number"),
        (4, "unknown_indicator"),
        (5, "out_of_range"),
        (7, "duplicate"),
    ]


def test_a_bad_heading_does_not_hide_bad_cells(tmp_path):
    found = problems(tmp_path / "bad.csv", "code,year,gpd,share\n110000,2023,1,x\n")
    assert [p.code for p in found] == ["intake.unknown_column", "intake.not_a_number"]


def test_row_numbers_count_lines_of_the_file(tmp_path):
    data = '标题,,,\n\ncode,year,indicator,value\n130000,2023,gdp,"1\n"\n\n110000,2023,gdp,x\n'
    found = problems(tmp_path / "bad.csv", data)
    assert [p.params["row"] for p in found] == [7]


def test_a_flood_of_problems_is_cut_and_counted(tmp_path):
    data = HEAD + "".join(f"{i:06d},2023,gdp,1\n" for i in range(500))
    found = problems(tmp_path / "bad.csv", data)
    assert len(found) == 201
    assert (found[-1].code, found[-1].params["count"]) == ("intake.more", 300)


def test_missing_and_unreadable_files(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(InputError) as caught:
            read_table(path, level="province", units=UNITS, indicators=INDICATORS)
        problem = caught.value.problems[0]
        assert problem.code == "intake.unreadable"
        assert path.name in Text("zh")(problem.code, **problem.params)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(65 * 1024 * 1024)
    with pytest.raises(InputError) as caught:
        read_table(path, level="province", units=UNITS, indicators=INDICATORS)
    assert caught.value.problems[0].code == "intake.too_large"


RENAMES = pd.DataFrame(
    {
        "code": ["371200", "131000"],
        "name": ["莱芜市", "安次市"],
        "last_year": ["2018", "2009"],
        "status": ["abolished", "renamed"],
        "successor_code": ["370100", "131000"],
    }
)


def test_a_retired_code_gets_its_story(tmp_path):
    path = tmp_path / "old.csv"
    path.write_text(HEAD + "131000,2017,gdp,1\n371200,2017,gdp,1\n999999,2017,gdp,1\n")
    with pytest.raises(InputError) as caught:
        read_table(path, level="city", units=UNITS, indicators=INDICATORS, renames=RENAMES)
    retired, unknown = caught.value.problems
    assert (retired.code, unknown.code) == ("intake.retired_code", "intake.unknown_code")
    sentence = Text("zh")(retired.code, **retired.params)
    for word in ("old.csv", "第 3 行", "371200", "莱芜市", "2018", "370100"):
        assert word in sentence
    assert "2018" in Text("en")(retired.code, **retired.params)


def test_old_and_long_names_pass_and_look_alikes_do_not(tmp_path):
    path = tmp_path / "names.csv"
    text = "code,name,gdp\n131000,{}\n"
    units = UNITS.assign(short_name=["北京", "河北", "石家庄", "廊坊"])
    for name in ("廊坊", "廊 坊市", "河北省廊坊市", "安次市", ""):
        path.write_text(text.format(f"{name},1"), encoding="utf-8")
        table = read_table(path, level="city", units=units, indicators=INDICATORS, renames=RENAMES)
        assert table.codes == ("131000",)
    for name in ("廓坊市", "石家庄市"):
        path.write_text(text.format(f"{name},1"), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            read_table(path, level="city", units=units, indicators=INDICATORS, renames=RENAMES)
        assert caught.value.problems[0].code == "intake.name_mismatch"


@pytest.mark.parametrize(
    "data",
    [
        HEAD + "zzz,2023,gdp,1\n",
        HEAD + "130000,2023,zzz,1\n",
        "code,zzzz\n130000,1\n",
        "zzz,yyy\n1,2\n",
    ],
)
def test_nothing_is_said_where_there_is_nothing_to_suggest(tmp_path, data):
    for problem in problems(tmp_path / "a.csv", data):
        assert problem.params["nearest"] == "-"
        for lang, word in (("zh", "相近"), ("en", "earest")):
            assert word not in Text(lang)(problem.code, **problem.params)


def test_broken_quotes_are_told_in_chinese(tmp_path):
    for data, word in (
        (HEAD + '130000,2023,gdp,"1\n', "没有闭合"),
        (HEAD + '"1"x,2,3,4\n', "多余"),
    ):
        (problem,) = problems(tmp_path / "a.csv", data)
        assert word in Text("zh")(problem.code, **problem.params)


def test_a_suggestion_and_the_level_are_told_in_the_language(tmp_path):
    (problem,) = problems(tmp_path / "a.csv", HEAD + "北京市,2023,gdp,1\n")
    assert "（省级）中。相近的单元：110000 北京市。" in Text("zh")(problem.code, **problem.params)
    assert "(province). Nearest units: 110000 北京市." in Text("en")(problem.code, **problem.params)
