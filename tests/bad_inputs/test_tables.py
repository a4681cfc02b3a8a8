"""Bad tables: each gets its own problem, with the place and a sentence in both languages."""

import pandas as pd
import pytest

from suanli.data import read_table
from suanli.errors import InputError
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
# What is left out or assumed is warned of besides; here only errors count.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

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
    one("empty file", "", "empty"),
    one("null bytes", b"\0" * 600, "nul_bytes"),
    one(
        "name in the column of codes",
        HEAD + "北平市,2023,gdp,1\n",
        "name_unknown",
        column="code",
        candidates="110000 北京市",
    ),
    one("header only", HEAD, "empty"),
    one("blank rows only", HEAD + ",,,\n,,,\n", "empty"),
    one("xls cut", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
    one("xlsx cut", b"PK\x03\x04" + b"\0" * 600, "damaged"),
    one("HTML saved as csv", "<html><table></table></html>", "other_format", actual="HTML / XML"),
    one(
        "mixed bytes",
        HEAD.encode() + b"110000,2023,gdp,\xff\xff\n",
        "undecodable",
        row=2,
        byte=17,
    ),
    one("Big5", BIG5, "suspected_big5"),
    one("unclosed quote", HEAD + '110000,2023,gdp,"1\n', "broken_row", row=2),
    one("extra cells", HEAD + "110000,2023,gdp,1,2\n", "row_too_long", row=2, expected=4),
    one(
        "column misspelt",
        "code,year,indicater,value\n" + GOOD,
        "column_missing",
        value="indicator",
    ),
    one("no code column", "gdp,share\n1,2\n", "no_units_column"),
    one("column twice", "code,year,indicator,value,值\n" + GOOD, "column_repeated", value="值"),
    one("no indicator column", "code,year\n110000,2023\n", "no_indicators"),
    one(
        "indicator column misspelt",
        "code,year,gpd\n110000,2023,1\n",
        "indicator_misspelt",
        row=1,
        value="gpd",
        nearest="gdp",
    ),
    one(
        "retired code",
        HEAD + GOOD + "371200,2018,gdp,1\n",
        "code_retired",
        row=3,
        column="code",
        value="371200",
    ),
    one(
        "code nearly right",
        HEAD + "131100,2023,gdp,1\n",
        "code_unknown",
        level="city",
        value="131100",
    ),
    one(
        "county in a city table",
        HEAD + "320583,2023,gdp,1\n",
        "code_level",
        level="city",
        value="320583",
    ),
    one("city in a province table", HEAD + "130100,2023,gdp,1\n", "no_values"),
    one("nothing but a total", HEAD + "全国,2023,gdp,1\n", "no_values"),
    one(
        "code and name disagree",
        "code,name,gdp\n130000,北京市,1\n",
        "code_name_differ",
        code="130000",
        unit="河北省",
        value="北京市",
    ),
    one("year in words", HEAD + "130000,二〇二三,gdp,1\n", "bad_year", value="二〇二三"),
    one("year of two digits", HEAD + "130000,23,gdp,1\n", "bad_year"),
    one("year far off", HEAD + "130000,20233,gdp,1\n", "bad_year"),
    one(
        "indicator misspelt",
        HEAD + "130000,2023,gpd,1\n",
        "indicator_misspelt",
        row=2,
        column="indicator",
        value="gpd",
        nearest="gdp",
    ),
    one(
        "indicator of another level",
        HEAD + "131000,2023,share,1\n",
        "no_indicators",
        level="city",
    ),
    one(
        "another unit",
        "code,year,indicator,value,unit\n130000,2023,gdp,1,公里\n",
        "unit_differs",
        indicator="gdp",
        unit="亿元",
        value="公里",
    ),
    one(
        "another unit in the heading",
        "code,地区生产总值(公里)\n130000,1\n",
        "unit_differs",
        value="公里",
    ),
    one("decimal comma", HEAD + '130000,2023,gdp,"1,25"\n', "decimal_comma", value="1,25"),
    one("range", HEAD + "130000,2023,gdp,5-6\n", "number_range", value="5-6"),
    one("about", HEAD + "130000,2023,gdp,约5\n", "approximate", value="约5"),
    one("less than", HEAD + "130000,2023,gdp,＜0.1\n", "bound", value="＜0.1"),
    one("Excel date", HEAD + "130000,2023,gdp,1月2日\n", "date", value="1月2日"),
    one("Excel error", HEAD + "130000,2023,gdp,#DIV/0!\n", "not_a_number"),
    one("formula", HEAD + "130000,2023,gdp,=1+1\n", "not_a_number", value="=1+1"),
    one("hexadecimal", HEAD + "130000,2023,gdp,0x1F\n", "not_a_number"),
    one("underscore", HEAD + "130000,2023,gdp,1_000\n", "not_a_number"),
    one("percent elsewhere", HEAD + "130000,2023,gdp,12%\n", "unit_differs", value="12%"),
    one("NaN", HEAD + "130000,2023,gdp,NaN\n", "not_finite", value="NaN"),
    one("infinity", HEAD + "130000,2023,gdp,-inf\n", "not_finite", value="-inf"),
    one("overflow", HEAD + "130000,2023,gdp,1e400\n", "not_finite", value="1e400"),
    one(
        "negative",
        HEAD + "130000,2023,gdp,-1\n",
        "out_of_range",
        value="-1",
        minimum="0",
        maximum="+∞",
        row=2,
        column="value",
    ),
    one(
        "more than all",
        HEAD + "130000,2023,share,100.5\n",
        "out_of_range",
        value="100.5",
        maximum="100",
    ),
    one(
        "twice, different",
        HEAD + GOOD + "130000.0,2023年,gdp,2\n",
        "duplicate",
        row=3,
        first=2,
        value="2",
        other="1",
    ),
]


@pytest.mark.parametrize(("data", "level", "code", "params"), CASES)
def test_bad_table(tmp_path, data, level, code, params):
    found = problems(tmp_path / "bad.csv", data, level)
    assert [p.code for p in found] == [f"findings.{code}"]
    assert {key: found[0].params[key] for key in params} == params


def test_all_problems_of_a_file_come_at_once_in_order_of_rows(tmp_path):
    data = (
        HEAD
        + "999999,2023,gdp,1\n"  # 2
        + "110000,abcd,gdp,abc\n"  # 3: two problems
        + "110000,2023,gpd,1\n"  # 4
        + "110000,2023,share,101\n"  # 5
        + GOOD
        + GOOD.replace(",1", ",2")  # 7
    )
    found = problems(tmp_path / "bad.csv", data)
    assert [(p.params["row"], p.code.removeprefix("findings.")) for p in found] == [
        (2, "code_unknown"),
        (3, "bad_year"),
        (3, "not_a_number"),
        (4, "indicator_misspelt"),
        (5, "out_of_range"),
        (7, "duplicate"),
    ]


def test_a_bad_heading_does_not_hide_bad_cells(tmp_path):
    found = problems(tmp_path / "bad.csv", "code,year,gpd,share\n110000,2023,1,abc\n")
    assert [p.code for p in found] == ["findings.indicator_misspelt", "findings.not_a_number"]


def test_row_numbers_count_lines_of_the_file(tmp_path):
    data = '标题,,,\n\ncode,year,indicator,value\n130000,2023,gdp,"1\n"\n\n110000,2023,gdp,abc\n'
    found = problems(tmp_path / "bad.csv", data)
    assert [p.params["row"] for p in found] == [7]


def test_a_flood_of_problems_is_cut_and_counted(tmp_path):
    data = HEAD + "".join(f"{i:06d},2023,gdp,1\n" for i in range(500))
    found = problems(tmp_path / "bad.csv", data)
    assert len(found) == 201
    assert (found[-1].code, found[-1].params["count"]) == ("findings.more", 300)


def test_missing_and_unreadable_files(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(InputError) as caught:
            read_table(path, level="province", units=UNITS, indicators=INDICATORS)
        problem = caught.value.problems[0]
        assert problem.code == "findings.unreadable"
        assert path.name in Text("zh")(problem.code, **problem.params)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(65 * 1024 * 1024)
    with pytest.raises(InputError) as caught:
        read_table(path, level="province", units=UNITS, indicators=INDICATORS)
    assert caught.value.problems[0].code == "findings.too_large"


def test_a_retired_code_gets_its_story(tmp_path):
    path = tmp_path / "old.csv"
    path.write_text(HEAD + "131000,2017,gdp,1\n371200,2017,gdp,1\n999999,2017,gdp,1\n")
    with pytest.raises(InputError) as caught:
        read_table(path, level="city", indicators=INDICATORS)
    retired, unknown = caught.value.problems
    assert (retired.code, unknown.code) == ("findings.code_retired", "findings.code_unknown")
    sentence = Text("zh")(retired.code, **retired.params)
    for word in ("old.csv", "第 3 行", "371200", "莱芜市", "2018", "370100"):
        assert word in sentence
    assert "2018" in Text("en")(retired.code, **retired.params)


def test_old_and_long_names_pass_and_look_alikes_do_not(tmp_path):
    path = tmp_path / "names.csv"
    text = "code,name,gdp\n420600,{}\n"
    for name in ("襄阳", "襄 阳市", "湖北省襄阳市", "襄樊市", ""):
        path.write_text(text.format(f"{name},1"), encoding="utf-8")
        table = read_table(path, level="city", indicators=INDICATORS)
        assert table.codes == ("420600",)
    for name in ("裹阳市", "石家庄市"):
        path.write_text(text.format(f"{name},1"), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            read_table(path, level="city", indicators=INDICATORS)
        assert caught.value.problems[0].code == "findings.code_name_differ"


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
        for lang, word in (("zh", "相近"), ("en", "imilar")):
            assert word not in Text(lang)(problem.code, **problem.params)


def test_broken_quotes_are_told_in_chinese(tmp_path):
    for data, word in (
        (HEAD + '130000,2023,gdp,"1\n', "没有闭合"),
        (HEAD + '"1"x,2,3,4\n', "多余"),
    ):
        (problem,) = problems(tmp_path / "a.csv", data)
        assert word in Text("zh")(problem.code, **problem.params)


def test_a_suggestion_and_the_level_are_told_in_the_language(tmp_path):
    (problem,) = problems(tmp_path / "a.csv", HEAD + "北平市,2023,gdp,1\n")
    assert "不是认识的省级单元。是否为：110000 北京市" in Text("zh")(problem.code, **problem.params)
    assert "of the province level. Perhaps: 110000 北京市" in Text("en")(
        problem.code, **problem.params
    )


def test_what_is_left_out_is_warned_of(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("code,year,gdp（亿元）,温度计\n130000,2023,1,2\n", encoding="utf-8")
    with pytest.warns(UserWarning, match="温度计"):
        table = read_table(path, indicators=INDICATORS)
    assert table.indicators == ("gdp",)
