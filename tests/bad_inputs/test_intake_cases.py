"""What every way of spoiling a table gets: the numbered cases of docs/intake.md."""

import datetime as dt
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from suanli.intake import Given, How, Intake, read_file
from suanli.intake.names import Gazetteer
from suanli.locations import data_folder
from suanli.text import Text

PROVINCES = ["北京市", "天津市", "河北省", "山西省", "内蒙古自治区"]
CODES = ["110000", "120000", "130000", "140000", "150000"]


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(data_folder() / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def known() -> dict[str, object]:
    gazetteer = Gazetteer(
        units=table("boundaries/units.csv"),
        renames=table("reference/renames.csv"),
        counties=table("reference/counties.csv"),
        traditional=dict(table("reference/traditional.csv").to_numpy().tolist()),
    )
    own = pd.DataFrame(
        {
            "indicator": ["compute16", "share", "compute16", "share"],
            "level": ["province"] * 2 + ["city"] * 2,
            "name_zh": ["智能算力规模", "绿电占比"] * 2,
            "name_en": ["AI compute", "Green share"] * 2,
            "unit": ["EFLOPS (FP16)", "%"] * 2,
            "minimum": ["0", "0"] * 2,
            "maximum": ["", "100"] * 2,
        }
    )
    shipped = table("indicators/indicators.csv")
    return {
        "gazetteer": gazetteer,
        "indicators": pd.concat([shipped, own]).fillna(""),
        "aliases": table("reference/aliases.csv"),
    }


@dataclass(frozen=True, kw_only=True)
class Case:
    """A spoilt file and what it must get."""

    number: int
    name: str
    data: bytes | Callable[[], bytes]
    suffix: str = ".csv"
    level: str | None = "province"
    how: How = field(default_factory=How)
    rules: dict[str, int] = field(default_factory=dict)
    values: dict[tuple[str, int, str], float] = field(default_factory=dict)
    said: str = ""


def csv(*rows: str, encoding: str = "utf-8") -> bytes:
    return ("\n".join(rows) + "\n").encode(encoding)


def plain(values: list[str], heading: str = "地区生产总值（亿元）", column: str = "地区") -> bytes:
    """A clean table of 2023 but for the values."""
    rows = [f'{n},2023,"{v}"' for n, v in zip(PROVINCES, values, strict=False)]
    return csv(f"{column},年份,{heading}", *rows)


def named(*names: str, heading: str = "地区") -> bytes:
    rows = [f"{name},2023,{i + 1}" for i, name in enumerate(names)]
    return csv(f"{heading},年份,地区生产总值（亿元）", *rows)


def book(*sheets: tuple[str, list[list[object]]], **kwargs: object) -> Callable[[], bytes]:
    """A workbook; ``after`` may change it before it is saved."""

    def build() -> bytes:
        made = openpyxl.Workbook()
        made.remove(made.active)
        for title, rows in sheets:
            sheet = made.create_sheet(title)
            for row in rows:
                sheet.append(row)
        after = kwargs.get("after")
        if callable(after):
            after(made)
        buffer = io.BytesIO()
        made.save(buffer)
        return buffer.getvalue()

    return build


HEAD = ["地区", "年份", "地区生产总值（亿元）"]
ROWS: list[list[object]] = [HEAD, *([n, 2023, float(i + 1)] for i, n in enumerate(PROVINCES))]
SHARES: list[list[object]] = [["地区", "年份", "绿电占比"], *ROWS[1:]]
GDP = {("110000", 2023, "gdp"): 1.0, ("150000", 2023, "gdp"): 5.0}
FIVE = ["1", "2", "3", "4", "5"]


def hidden(made: openpyxl.Workbook) -> None:
    made.active.row_dimensions[3].hidden = True
    made.active.column_dimensions["B"].hidden = True
    made.create_sheet("旧表").sheet_state = "hidden"


def merged(made: openpyxl.Workbook) -> None:
    sheet = made.active
    sheet.merge_cells("A3:A4")
    sheet.merge_cells("A5:A6")


def raised(made: openpyxl.Workbook) -> None:
    up = InlineFont(vertAlign="superscript")
    made.active["C2"] = CellRichText("13", TextBlock(up, "1"))
    made.active["C3"] = "-"


def merged_value(made: openpyxl.Workbook) -> None:
    made.active.merge_cells("C2:C3")


def divided(made: openpyxl.Workbook) -> None:
    made.active["C2"].number_format = '0!.0,"万"'


def in_units(made: openpyxl.Workbook) -> None:
    for row in range(2, 7):
        made.active.cell(row, 3).number_format = '#,##0.0"万元"'


def in_words(made: openpyxl.Workbook) -> None:
    for row in range(2, 7):
        made.active.cell(row, 3).number_format = '0.0"%"'


def formatted(code: str) -> Callable[[openpyxl.Workbook], None]:
    """Give the column of values a number format."""

    def change(made: openpyxl.Workbook) -> None:
        for row in range(2, made.active.max_row + 1):
            made.active.cell(row, 3).number_format = code

    return change


def raised_words(made: openpyxl.Workbook) -> None:
    up = InlineFont(vertAlign="superscript")
    made.active["A2"] = CellRichText("北京", TextBlock(up, "1"))
    made.active["A3"] = CellRichText("天津市", TextBlock(up, "注2)"))
    made.active["C1"] = CellRichText("地区生产总值", TextBlock(up, "1"), "（亿元）")


def raised_unit(made: openpyxl.Workbook) -> None:
    up = InlineFont(vertAlign="superscript")
    made.active["C1"] = CellRichText("土地面积（km", TextBlock(up, "2"), "）")


def struck(made: openpyxl.Workbook) -> None:
    made.active["C2"].font = Font(strike=True)
    made.active["C3"].font = Font(strike=False)


def commented(made: openpyxl.Workbook) -> None:
    for cell in ("C1", "C3"):
        made.active[cell].comment = Comment("规划数", "统计处")


def two_by_two(made: openpyxl.Workbook) -> None:
    made.active.merge_cells("A2:A3")
    made.active.merge_cells("A4:A5")


def header_of_two(made: openpyxl.Workbook) -> None:
    made.active.merge_cells("A1:A2")
    made.active.merge_cells("C1:D1")


CASES = [
    Case(
        number=1,
        name="GB18030",
        data=plain(FIVE).decode().encode("gb18030"),
        rules={"read_as_gb18030": 1},
        values=GDP,
    ),
    Case(
        number=2,
        name="BOM",
        data=b"\xef\xbb\xbf" + plain(FIVE),
        rules={"byte_order_mark": 1},
        values=GDP,
    ),
    Case(
        number=3,
        name="UTF-16 with tabs",
        suffix=".txt",
        data=plain(FIVE).decode().replace(",", "\t").encode("utf-16"),
        rules={"read_as_utf16": 1, "separator": 1},
        values=GDP,
    ),
    Case(
        number=4,
        name="bytes of no encoding",
        data=plain(FIVE)[:-3] + b"\xff\xff\n",
        rules={"undecodable": 1},
        said="第 6 行",
    ),
    Case(
        number=5,
        name="Big5",
        data="地區,年份,地區生產總值（億元）\n臺灣省,2023,1\n廣東省,2023,2\n黑龍江省,2023,3\n".encode(
            "big5"
        ),
        rules={"suspected_big5": 1},
    ),
    Case(
        number=5,
        name="Big5 as told",
        how=How(encoding="big5"),
        data="地區,年份,地區生產總值（億元）\n廣東省,2023,2\n黑龍江省,2023,3\n".encode("big5"),
        rules={"name_mended": 2},
        values={("440000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=6,
        name="semicolons",
        data=plain(FIVE).decode().replace(",", ";").encode(),
        rules={"separator": 1},
        values=GDP,
    ),
    Case(
        number=6,
        name="full-width commas",
        data=plain(FIVE).decode().replace(",", "，").encode(),
        rules={"separator": 1},
        values=GDP,
    ),
    Case(
        number=6,
        name="two separators alike",
        data=csv("地区;年份,2023", "北京;1,2", "天津;1,2"),
        rules={"unclear_separator": 1},
    ),
    Case(number=7, name="empty file", data=b"", rules={"empty": 1}),
    Case(number=7, name="header only", data=csv("地区,年份,地区生产总值"), rules={"empty": 1}),
    Case(
        number=8,
        name="HTML saved as xls",
        suffix=".xls",
        data="<html><table><tr><td>地区</td></tr></table></html>".encode(),
        rules={"other_format": 1},
        said="HTML",
    ),
    Case(
        number=8,
        name="text called xlsx",
        suffix=".xlsx",
        data=plain(FIVE),
        rules={"other_format": 1},
    ),
    Case(number=8, name="xlsx called csv", data=book(("数据", ROWS)), values=GDP),
    Case(
        number=10,
        name="several sheets",
        suffix=".xlsx",
        data=book(("甲", ROWS), ("乙", ROWS)),
        rules={"several_sheets": 1},
        said="甲, 乙",
    ),
    Case(
        number=10,
        name="several sheets, one named",
        suffix=".xlsx",
        how=How(sheet="乙"),
        data=book(("甲", ROWS), ("乙", ROWS)),
        values=GDP,
    ),
    Case(
        number=10,
        name="no such sheet",
        suffix=".xlsx",
        how=How(sheet="丙"),
        data=book(("甲", ROWS)),
        rules={"no_such_sheet": 1},
    ),
    Case(
        number=10,
        name="one sheet of several is a table",
        suffix=".xlsx",
        data=book(("说明", [["编制说明"], ["本表由统计处提供"]]), ("数据", ROWS)),
        values=GDP,
    ),
    Case(
        number=10,
        name="a sheet for each year",
        suffix=".xlsx",
        data=book(*((f"{y}年", [[HEAD[0], HEAD[2]], ["北京", float(y)]]) for y in (2022, 2023))),
        values={("110000", 2022, "gdp"): 2022.0, ("110000", 2023, "gdp"): 2023.0},
        rules={"name_mended": 2, "year_from_title": 2},
    ),
    Case(
        number=11,
        name="hidden",
        suffix=".xlsx",
        data=book(("数据", ROWS), after=hidden),
        rules={"hidden": 1, "hidden_sheet": 1},
        values=GDP,
        said="B, 3",
    ),
    Case(
        number=12,
        name="title rows",
        data=csv("2023年各省主要指标,,", "单位：亿元,,", "地区,年份,地区生产总值", "北京市,2023,1"),
        rules={"title_rows": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=13,
        name="two rows of header, units in the second",
        data=csv(
            "地区,年份,地区生产总值,光缆线路长度", ",,（万元）,（万公里）", "北京市,2023,10000,2"
        ),
        rules={"header_joined": 1, "unit_converted": 2},
        values={("110000", 2023, "gdp"): 1.0, ("110000", 2023, "fibre_length"): 20_000.0},
    ),
    Case(
        number=13,
        name="merged header over years",
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    ["地区", "", "地区生产总值（亿元）", ""],
                    ["", "", 2022, 2023],
                    ["北京市", "", 1.0, 2.0],
                ],
            ),
            after=header_of_two,
        ),
        rules={"header_joined": 1},
        values={("110000", 2022, "gdp"): 1.0, ("110000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=14,
        name="merged units down the rows",
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    ["地区", "年份", "地区生产总值（亿元）"],
                    ["北京市", 2021, 0.0],
                    ["天津市", 2022, 1.0],
                    [None, 2023, 2.0],
                    ["河北省", 2022, 3.0],
                    [None, 2023, 4.0],
                ],
            ),
            after=merged,
        ),
        rules={"filled_down": 2},
        values={("120000", 2023, "gdp"): 2.0, ("130000", 2023, "gdp"): 4.0},
    ),
    Case(
        number=14,
        name="blank without a merge is not filled",
        data=csv("地区,年份,地区生产总值（亿元）", "北京市,2022,1", ",2023,2"),
        rules={"name_blank": 1},
        values={("110000", 2022, "gdp"): 1.0},
    ),
    Case(
        number=15,
        name="another unit",
        data=plain(["10000", "20000"], "地区生产总值（万元）"),
        rules={"unit_converted": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=15,
        name="FP32 for FP16",
        data=plain(["1"], "智能算力规模（EFLOPS，FP32）"),
        rules={"unit_precision": 1},
    ),
    Case(
        number=15,
        name="no precision",
        data=plain(["1"], "智能算力规模（EFLOPS）"),
        rules={"unit_precision": 1},
    ),
    Case(
        number=15,
        name="PFLOPS of the same precision",
        data=plain(["1500"], "智能算力规模（PFLOPS FP16）"),
        rules={"unit_converted": 1},
        values={("110000", 2023, "compute16"): 1.5},
    ),
    Case(
        number=15,
        name="another kind",
        data=plain(["1"], "地区生产总值（公里）"),
        rules={"unit_differs": 1},
    ),
    Case(
        number=16,
        name="no unit",
        data=plain(FIVE, "地区生产总值"),
        rules={"unit_assumed": 1},
        values=GDP,
    ),
    Case(
        number=16,
        name="a unit in the title that suits one column",
        data=csv("2023年情况,,", "单位：万元,,", "地区,地区生产总值,年末常住人口", "北京市,5,2185"),
        rules={"title_rows": 1, "year_from_title": 1, "unit_converted": 1, "unit_of_title": 1},
        values={("110000", 2023, "gdp"): 0.0005, ("110000", 2023, "population"): 2185.0},
    ),
    Case(
        number=16,
        name="a unit in the title that does not suit the only column",
        data=csv("2023年情况,", "单位：公里,", "地区,地区生产总值", "北京市,5"),
        rules={"title_rows": 1, "year_from_title": 1, "unit_differs": 1},
    ),
    Case(
        number=17,
        name="units of their own in cells",
        data=plain(["2.5万元", "12345元", "7"]),
        rules={"cell_unit": 2},
        values={("110000", 2023, "gdp"): 0.00025, ("130000", 2023, "gdp"): 7.0},
    ),
    Case(
        number=17,
        name="a scale on a scale",
        data=plain(["12.5亿", "3.5万亿"]),
        rules={"cell_scale": 2},
    ),
    Case(
        number=14,
        name="a value merged over two units",
        data=book(
            (
                "Sheet1",
                [
                    ["地区", "年份", "地区生产总值（亿元）"],
                    ["北京市", 2023, 60000],
                    ["天津市", 2023, None],
                ],
            ),
            after=merged_value,
        ),
        suffix=".xlsx",
        rules={"filled_down": 1, "merged_value": 1, "number_as_text": 1},
    ),
    Case(
        number=58,
        name="headings that say more than a year",
        data=csv(
            "指标：地区生产总值(亿元),,,", "地区,2021年,2022年增速,2023年一季度", "北京市,40000,4,1"
        ),
        rules={"indicator_of_title": 1, "title_rows": 1, "column_unknown": 2},
        values={("110000", 2021, "gdp"): 40000.0},
    ),
    Case(
        number=49,
        name="brackets that name a part or a quantity",
        data=named("苏州（昆山）", "唐山（增速%）", "石家庄市（市辖区）", "广州市（副省级市）"),
        level="city",
        rules={"name_unknown": 3, "name_mended": 1},
    ),
    Case(
        number=16,
        name="unknown unit",
        data=csv("地区,年份,指标,数值,单位", "北京市,2023,地区生产总值,1,大洋"),
        rules={"unit_unknown": 1},
    ),
    Case(
        number=18,
        name="full width",
        data=plain(["１２．５", "２"]),
        rules={"width": 2},
        values={("110000", 2023, "gdp"): 12.5},
    ),
    Case(
        number=19,
        name="thousands",
        data=plain(["1,234.5", "1 234", "12，345"]),
        rules={"thousands": 3, "width": 1},
        values={("110000", 2023, "gdp"): 1234.5},
    ),
    Case(number=20, name="decimal comma", data=plain(["1,25", "2"]), rules={"decimal_comma": 1}),
    Case(
        number=21,
        name="per cent and fractions mixed",
        data=plain(["12%", "0.12"], "绿电占比"),
        rules={"per_cent_mixed": 1, "unit_assumed": 1},
    ),
    Case(
        number=21,
        name="per cent throughout",
        data=plain(["12%", "0.5%"], "绿电占比（%）"),
        rules={"per_cent_sign": 1},
        values={("120000", 2023, "share"): 0.5},
    ),
    Case(
        number=21,
        name="fractions for per cent",
        data=plain(["0.12", "0.2", "0.3", "0.4", "1"], "绿电占比"),
        rules={"fractions": 1, "unit_assumed": 1},
    ),
    Case(
        number=22,
        name="marks of missing values",
        data=plain(["-", "—", "…", "N/A", "1"]),
        rules={"missing_mark": 4},
        values={("150000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=24,
        name="bounds, ranges, estimates",
        data=plain(["＜0.1", "约5", "5-6", "5.3(估)"]),
        rules={"bound": 1, "approximate": 2, "number_range": 1},
    ),
    Case(
        number=24,
        name="censored as told",
        how=How(censored=True),
        data=plain(["＜0.1", "约5", "5-6", "5.3(估)"]),
        rules={"censored": 4},
        values={("110000", 2023, "gdp"): 0.1, ("130000", 2023, "gdp"): 5.5},
    ),
    Case(
        number=25,
        name="footnotes",
        data=plain(["12.5*", "12.5①", "12.5[1]"]),
        rules={"footnote": 3},
        values={("120000", 2023, "gdp"): 12.5},
    ),
    Case(
        number=26,
        name="numbers stored as text",
        suffix=".xlsx",
        data=book(("数据", [HEAD, ["北京市", 2023, "1"], ["天津市", 2023, 2.0]])),
        rules={"number_as_text": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=27,
        name="dates of Excel's making",
        data=plain(["1月2日", "2024-01-02"]),
        rules={"date": 2},
    ),
    Case(
        number=28,
        name="errors of formulas",
        suffix=".xlsx",
        data=book(("数据", [HEAD, ["北京市", 2023, "#REF!"], ["天津市", 2023, 2.0]])),
        rules={"excel_error": 1},
        said="第 2 行",
    ),
    Case(
        number=29,
        name="formula without value",
        suffix=".xlsx",
        data=book(("数据", [HEAD, ["北京市", 2023, "=1+1"], ["天津市", 2023, 2.0]])),
        rules={"formula_without_value": 1},
    ),
    Case(
        number=30, name="not finite", data=plain(["NaN", "Inf", "1e400"]), rules={"not_finite": 3}
    ),
    Case(
        number=30,
        name="not finite in the unit of the indicator",
        data=csv("地区,年份,光缆线路长度（万公里）", "北京市,2023,1e308"),
        rules={"not_finite": 1, "unit_converted": 1},
    ),
    Case(number=31, name="out of range", data=plain(["-1", "2"]), rules={"out_of_range": 1}),
    Case(
        number=31,
        name="above 100 %",
        data=plain(["120", "2"], "绿电占比（%）"),
        rules={"out_of_range": 1},
    ),
    Case(
        number=35,
        name="codes as numbers",
        data=csv("代码,年份,地区生产总值（亿元）", "110000.0,2023,1"),
        rules={"code_mended": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=36,
        name="codes of 2, 4, 9 and 12 digits",
        level="city",
        data=csv(
            "代码,年份,地区生产总值（亿元）",
            "11,2023,1",
            "1301,2023,2",
            "130200000,2023,3",
            "130300000000,2023,4",
        ),
        rules={"code_mended": 4},
        values={("110000", 2023, "gdp"): 1.0, ("130300", 2023, "gdp"): 4.0},
    ),
    Case(
        number=36,
        name="a county's code",
        level="city",
        data=csv("代码,年份,地区生产总值（亿元）", "130100,2023,1", "130102,2023,1"),
        rules={"code_level": 1},
    ),
    Case(
        number=37,
        name="codes with blanks and quotes",
        data=csv("代码,年份,地区生产总值（亿元）", " '110000,2023,1", "１２００００,2023,1"),
        rules={"code_mended": 2},
    ),
    Case(
        number=38,
        name="code and name differ",
        level="city",
        data=csv("代码,城市,年份,地区生产总值（亿元）", "130100,唐山市,2023,1"),
        rules={"code_name_differ": 1},
    ),
    Case(
        number=39,
        name="unknown and retired codes",
        level="city",
        data=csv(
            "代码,年份,地区生产总值（亿元）", "999900,2023,1", "371200,2017,1", "341400,2009,1"
        ),
        rules={"code_unknown": 1, "code_retired": 2},
        said="济南市",
    ),
    Case(
        number=40,
        name="renamed",
        level="city",
        data=named("襄樊市", "思茅市"),
        rules={"name_renamed": 2},
        values={("420600", 2023, "gdp"): 1.0},
    ),
    Case(
        number=41,
        name="merged away",
        level="city",
        data=named("莱芜市", "唐山市"),
        rules={"name_abolished": 1},
    ),
    Case(
        number=42,
        name="without suffix",
        level="city",
        data=named("廊坊", "恩施州"),
        rules={"name_mended": 2},
        values={("131000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=43,
        name="province or prefecture",
        level="city",
        data=named("吉林", "海南", "辽宁省"),
        rules={"name_ambiguous": 2, "other_level_left_out": 1},
        said="220200 吉林市",
    ),
    Case(
        number=43,
        name="level told by a column",
        level="city",
        data=csv("地区,级别,年份,地区生产总值（亿元）", "吉林,地级,2023,1", "吉林,省级,2023,9"),
        rules={"name_mended": 1, "other_level_rows": 1},
        values={("220200", 2023, "gdp"): 1.0},
    ),
    Case(
        number=44,
        name="twice the same",
        data=named("北京市", "天津市") + "北京市,2023,1\n".encode(),
        rules={"duplicate_equal": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=45,
        name="twice with different values",
        data=named("北京市", "天津市") + "北京市,2023,7\n".encode(),
        rules={"duplicate": 1},
        said="第 2 行",
    ),
    Case(
        number=46,
        name="totals",
        data=named("东部地区", "北京市", "全国", "天津市", "均值", "合计"),
        rules={"totals_left_out": 4, "above_total": 1},
    ),
    Case(
        number=47,
        name="notes",
        data=named("北京市", "天津市") + "注：本表不含港澳台,,\n数据来源：统计局,,\n".encode(),
        rules={"notes_left_out": 2},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=48,
        name="blanks in names",
        data=named("北　京 市", "天\u200b津市", "\ufeff河北省", "山\u00a0西省"),
        rules={"name_mended": 4},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=49,
        name="province in front, brackets behind",
        level="city",
        data=named("河北省廊坊市", "河北-唐山", "保定市（含雄安）"),
        rules={"name_mended": 3, "name_includes": 1},
        values={("131000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=50,
        name="misspelt",
        level="city",
        data=named("廓坊", "唐山市"),
        rules={"name_unknown": 1},
        said="131000 廊坊市",
    ),
    Case(
        number=51,
        name="traditional characters",
        data=named("廣東省", "臺灣省", "黑龍江省"),
        rules={"name_mended": 3, "never_scored": 1},
        values={("440000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=52,
        name="counties",
        level="city",
        data=named("昆山市", "义乌市", "海淀区", "唐山市"),
        rules={"name_county": 3},
    ),
    Case(
        number=53,
        name="directly governed",
        level="city",
        data=named("济源", "石河子市", "唐山市"),
        rules={"name_mended": 1, "not_scored": 1},
        values={("419001", 2023, "gdp"): 1.0},
    ),
    Case(
        number=54,
        name="municipalities and their districts",
        level="city",
        data=csv(
            "代码,城市,年份,地区生产总值（亿元）",
            "110000,北京市,2022,1",
            "110100,市辖区,2023,2",
            ",天津市市辖区,2023,3",
        ),
        rules={"code_mended": 1, "name_mended": 1},
        values={("110000", 2023, "gdp"): 2.0, ("120000", 2023, "gdp"): 3.0},
    ),
    Case(
        number=55,
        name="new areas and clusters",
        level="city",
        data=named("雄安新区", "贵安新区", "韶关集群", "唐山市"),
        rules={"name_zone": 3},
    ),
    Case(
        number=58,
        name="years as text",
        data=csv("地区,年份,地区生产总值（亿元）", "北京市,2023年,1", "天津市,２０２３,2"),
        rules={"year_text": 2},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=56,
        name="units that are never scored",
        data=named("北京市", "香港", "台湾省"),
        rules={"name_mended": 1, "never_scored": 1},
        values={("710000", 2023, "gdp"): 3.0},
        said="台湾省 710000, 香港特别行政区 810000",
    ),
    Case(
        number=57,
        name="nothing of the level",
        data=named("石家庄市", "唐山市"),
        rules={"other_level_left_out": 2, "no_values": 1},
    ),
    Case(
        number=57,
        name="both levels alike",
        level=None,
        data=named("河北省", "石家庄市"),
        rules={"level_unclear": 1, "other_level_left_out": 1},
    ),
    Case(
        number=57,
        name="both levels by name",
        level=None,
        data=csv("地区,级别,年份,地区生产总值（亿元）", "河北省,省级,2023,1", "唐山市,地级,2023,9"),
        rules={"level_unclear": 2, "other_level_rows": 1},
    ),
    Case(
        number=58,
        name="no year at all",
        data=csv("地区,地区生产总值（亿元）", "北京市,1"),
        rules={"every_year": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=58,
        name="the year as told",
        how=How(given=Given(year=2022)),
        data=csv("地区,地区生产总值（亿元）", "北京市,1"),
        values={("110000", 2022, "gdp"): 1.0},
    ),
    Case(
        number=13,
        name="group headings over the middle of their columns",
        data=csv(
            "地区,,2022年,,2023年",
            ",地区生产总值(亿元),年末常住人口(万人),地区生产总值(亿元),年末常住人口(万人)",
            "北京市,1,2,3,4",
        ),
        rules={"group_unclear": 1, "header_joined": 1, "every_year": 1},
    ),
    Case(
        number=13,
        name="a second group heading over the middle of its columns",
        data=csv(
            "地区,2022年,,,,2023年,",
            ",地区生产总值(亿元),年末常住人口(万人),第三产业增加值(亿元),"
            "地区生产总值(亿元),年末常住人口(万人),第三产业增加值(亿元)",
            "北京市,1,2,3,4,5,6",
        ),
        rules={"group_unclear": 1, "header_joined": 1, "duplicate": 1},
    ),
    Case(
        number=13,
        name="a blank beside the heading of the names",
        data=csv("地区,,2023年", ",地区生产总值(亿元),年末常住人口(万人)", "北京市,1,2"),
        rules={"header_joined": 1, "every_year": 1},
        values={("110000", 2023, "gdp"): 1.0, ("110000", 2023, "population"): 2.0},
    ),
    Case(
        number=58,
        name="a heading of one year below another",
        data=csv("地区,2022年,", ",地区生产总值(亿元),2023年年末常住人口(万人)", "北京市,1,2"),
        rules={"header_joined": 1, "heading_years": 1},
    ),
    Case(
        number=61,
        name="a title of growth above a plain heading",
        data=csv("2023年各地区同比增速,", "地区,地区生产总值（亿元）", "北京市,1"),
        rules={"title_rows": 1, "year_from_title": 1, "title_of_change": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=58,
        name="the year of a document's number",
        data=csv("附件2：国办函〔2022〕60号任务分解表,", "地区,地区生产总值（亿元）", "北京市,1"),
        rules={"title_rows": 1, "every_year": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=25,
        name="a footnote raised behind a number",
        suffix=".xlsx",
        data=book(("数据", [HEAD, ["北京市", 2023, "x"], ["天津市", 2023, "km"]]), after=raised),
        rules={"footnote": 1, "missing_mark": 1},
        values={("110000", 2023, "gdp"): 13.0},
    ),
    Case(
        number=58,
        name="years of the source, of filling in and of prices",
        data=csv(
            "各地区生产总值（2020年不变价）,",
            "数据来源：统计年鉴2024,",
            "制表日期：2024年3月5日,",
            "地区,地区生产总值（亿元）",
            "北京市,1",
        ),
        rules={"title_rows": 1, "every_year": 1, "qualified": 1},
        values={("110000", 2023, "gdp"): 1.0, ("110000", 2020, "gdp"): 1.0},
    ),
    Case(
        number=58,
        name="the year of a title",
        data=csv(
            "2022年各地区情况,", "来源：统计年鉴2023,", "地区,地区生产总值（亿元）", "北京市,1"
        ),
        rules={"title_rows": 1, "year_from_title": 1},
        values={("110000", 2022, "gdp"): 1.0},
    ),
    Case(
        number=58,
        name="a title and a name of a sheet that differ",
        suffix=".xlsx",
        data=book(("2023", [["2022年各地区情况"], [HEAD[0], HEAD[2]], ["北京市", 1.0]])),
        rules={"title_rows": 1, "years_differ": 1},
    ),
    Case(
        number=58,
        name="the first of several blocks",
        data=csv(
            "各地区情况（2021-2022年）,",
            "2021年,",
            "地区,地区生产总值（亿元）",
            "北京市,1",
            "2022年,",
            "北京市,2",
        ),
        rules={"title_rows": 1, "year_from_title": 1},
        values={("110000", 2021, "gdp"): 1.0, ("110000", 2022, "gdp"): 2.0},
    ),
    Case(
        number=58,
        name="a first block of which no year is known",
        data=csv("地区,地区生产总值（亿元）", "北京市,1", "2022年,", "北京市,2"),
        rules={"block_undated": 1},
    ),
    Case(
        number=15,
        name="a row of units under years",
        data=csv("指标：地区生产总值,,", "地区,2021年,2022年", ",万元,万元", "北京市,40000,50000"),
        rules={"indicator_of_title": 1, "title_rows": 1, "header_joined": 1, "unit_converted": 2},
        values={("110000", 2021, "gdp"): 4.0, ("110000", 2022, "gdp"): 5.0},
    ),
    Case(
        number=16,
        name="a title that contradicts a heading",
        data=csv("单位：万元,,", "地区,年份,地区生产总值（亿元）", "北京市,2023,5"),
        rules={"title_rows": 1, "units_disagree": 1},
        values={("110000", 2023, "gdp"): 5.0},
    ),
    Case(
        number=16,
        name="a title that contradicts the column of units",
        data=csv("单位：亿元,,,,", "地区,年份,指标,数值,单位", "北京市,2023,gdp,50000,万元"),
        rules={"title_rows": 1, "units_disagree": 1, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 5.0},
    ),
    Case(
        number=15,
        name="several units in a title",
        data=csv(
            "单位：万人、万元,,,", "地区,年份,地区生产总值,年末常住人口", "北京市,2023,50000,2185"
        ),
        rules={"title_rows": 1, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 5.0, ("110000", 2023, "population"): 2185.0},
    ),
    Case(
        number=15,
        name="a unit in brackets, alone above the table",
        data=csv("（万元）,,", "地区,年份,地区生产总值", "北京市,2023,50000"),
        rules={"title_rows": 1, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 5.0},
    ),
    Case(
        number=15,
        name="a unit in a note above the table",
        data=csv("注：本表金额单位为万元。,,", "地区,年份,地区生产总值", "北京市,2023,50000"),
        rules={"title_rows": 1, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 5.0},
    ),
    Case(
        number=16,
        name="bits for bytes",
        data=csv("地区,年份,指标,数值,单位", "北京市,2023,存储总容量,1,Pb"),
        rules={"unit_unknown": 1},
    ),
    Case(
        number=58,
        name="no year",
        data=csv("地区,年份,地区生产总值（亿元）", "北京市,去年,1"),
        rules={"bad_year": 1},
    ),
    Case(
        number=61,
        name="columns nobody knows",
        data=csv("地区,年份,地区生产总值（亿元）,温度计数量,负责人", "北京市,2023,1,2,甲"),
        rules={"column_unknown": 2},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=61,
        name="a column misspelt",
        data=csv("地区,年份,地区生产总直（亿元）,人口", "北京市,2023,1,2"),
        rules={"indicator_misspelt": 1, "column_unknown": 1},
        said="地区生产总值",
    ),
    Case(
        number=61,
        name="indicators in rows nobody knows, told once each",
        data=csv(
            "地区,年份,指标,数值,单位",
            "北京市,2023,地区生产总值,1,亿元",
            *(f"{name},2023,温度计数量,1,个" for name in PROVINCES),
            *(f"{name},2023,气压计数量,1,个" for name in PROVINCES),
        ),
        rules={"indicator_unknown": 2},
        values={("110000", 2023, "gdp"): 1.0},
        said="（5 行）",
    ),
    Case(
        number=61,
        name="an indicator in rows misspelt",
        data=csv("地区,年份,指标,数值,单位", "北京市,2023,gpd,1,亿元", "天津市,2023,gpd,1,亿元"),
        rules={"indicator_misspelt": 1},
    ),
    Case(
        number=19,
        name="thousands without quotes",
        data=csv("地区,年份,地区生产总值（亿元）", "北京市,2023,1,234"),
        rules={"row_too_long": 1},
    ),
    Case(
        number=35,
        name="names in the column of codes",
        data=csv("代码,年份,地区生产总值（亿元）", "北京市,2023,1", "某某,2023,2", "全国,2023,4"),
        rules={"name_unknown": 1, "totals_left_out": 1},
    ),
    Case(
        number=70,
        name="markup and formulas as names",
        data=csv(
            "地区,年份,地区生产总值（亿元）", "<script>alert(1)</script>,2023,1", "=1+1,2023,2"
        ),
        rules={"name_unknown": 2},
        said="<script>",
    ),
    Case(
        number=3,
        name="UTF-16 without a mark",
        suffix=".txt",
        data=plain(FIVE).decode().replace(",", "\t").encode("utf-16-be"),
        rules={"read_as_utf16": 1, "separator": 1},
        values=GDP,
    ),
    Case(number=3, name="null bytes in text", data=b"a,b\0c\n1,2\n", rules={"nul_bytes": 1}),
    Case(
        number=10,
        name="a sheet of a text file",
        how=How(sheet="2023"),
        data=plain(FIVE),
        rules={"no_sheets": 1},
        said="文本文件",
    ),
    Case(
        number=43,
        name="columns of provinces and cities",
        level=None,
        data=csv(
            "省份,城市,年份,地区生产总值（亿元）",
            "北京市,北京市,2023,1",
            "河北,石家庄,2023,2",
            "河北,,2023,9",
            "河北,合计,2023,9",
            "吉林,吉林,2023,3",
            "青海,海南,2023,4",
            "全国,,2023,99",
        ),
        rules={"name_mended": 3, "province_rows": 2, "totals_left_out": 1},
        values={
            ("110000", 2023, "gdp"): 1.0,
            ("130100", 2023, "gdp"): 2.0,
            ("220200", 2023, "gdp"): 3.0,
            ("632500", 2023, "gdp"): 4.0,
        },
    ),
    Case(
        number=43,
        name="provinces repeated for their totals, and a namesake",
        level=None,
        data=csv(
            "省份,地级市,年份,地区生产总值（亿元）",
            "河北,河北,2023,9",
            "河北,唐山市,2023,2",
            "吉林,吉林,2023,3",
        ),
        rules={"province_rows": 1, "name_ambiguous": 1},
        said="220200 吉林市, 220000 吉林省",
    ),
    Case(
        number=57,
        name="columns of provinces and cities read for provinces",
        data=csv(
            "省份,城市,年份,地区生产总值（亿元）",
            "吉林,吉林,2023,3",
            "吉林,,2023,9",
            "江苏省,全省,2023,8",
        ),
        rules={"other_level_left_out": 1, "name_mended": 2},
        values={("220000", 2023, "gdp"): 9.0, ("320000", 2023, "gdp"): 8.0},
    ),
    Case(
        number=14,
        name="merged provinces beside their cities",
        level=None,
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    ["省", "市", "年份", "地区生产总值（亿元）"],
                    ["江苏", "南京市", 2023, 1.0],
                    [None, "苏州市", 2023, 2.0],
                    ["浙江", "杭州市", 2023, 3.0],
                ],
            ),
            after=lambda made: made.active.merge_cells("A2:A3"),
        ),
        rules={"filled_down": 1},
        values={("320500", 2023, "gdp"): 2.0, ("330100", 2023, "gdp"): 3.0},
    ),
    Case(
        number=38,
        name="a city beside another province, and a province nobody knows",
        level="city",
        data=csv(
            "省份,城市,年份,地区生产总值（亿元）",
            "四川,贵阳市,2023,1",
            "河北盛,唐山市,2023,2",
            "甘肃,兰州市,2023,3",
        ),
        rules={"province_differs": 1, "province_unknown": 1},
        said="不在四川省",
    ),
    Case(
        number=36,
        name="codes of provinces beside those of cities",
        level=None,
        data=csv(
            "省份代码,省份,城市代码,城市,年份,地区生产总值（亿元）",
            "130000,河北省,130100,石家庄市,2023,1",
            "130000,河北省,,,2023,9",
            "140000,山西省,130200,唐山市,2023,3",
        ),
        rules={"province_rows": 1, "province_differs": 1},
    ),
    Case(
        number=52,
        name="a column of counties",
        level=None,
        data=csv(
            "省,市,县,年份,地区生产总值（亿元）",
            "江苏省,苏州市,昆山市,2023,1",
            "江苏省,苏州市,,2023,2",
            "江苏省,南京市,全市,2023,3",
            "浙江省,金华市,义乌市,2023,4",
        ),
        rules={"county_rows": 1},
        values={("320500", 2023, "gdp"): 2.0, ("320100", 2023, "gdp"): 3.0},
    ),
    Case(
        number=52,
        name="counties without suffix",
        level="city",
        data=named("通州", "义乌", "唐山市"),
        rules={"name_county": 2},
        said="110112 通州区 (北京市), 320612 通州区 (南通市)",
    ),
    Case(
        number=46,
        name="regions and a government's own level",
        data=named("一、华北地区", "北京市", "河北省本级", "省直辖县级行政区划"),
        rules={"totals_left_out": 3},
        values={("110000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=48,
        name="footnote marks and numbers at names",
        data=named("江苏省①", "1、北京市", "（二）山东省", "3.河北省", "上海市²", "浙江省[1]"),
        rules={"name_mended": 6},
        values={("320000", 2023, "gdp"): 1.0, ("110000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=61,
        name="synonyms",
        data=csv(
            "地区,年份,GDP(亿元),常住人口(万人),人均GDP(元),全社会用电量(亿千瓦时),户籍人口(万人)",
            "北京市,2023,1,2,3,4,5",
        ),
        rules={"heading_alias": 3, "column_unknown": 1},
        values={
            ("110000", 2023, "population"): 2.0,
            ("110000", 2023, "gdp_per_capita"): 3.0,
            ("110000", 2023, "electricity_consumption"): 4.0,
        },
        said="“常住人口(万人)”按指标“年末常住人口”读入",
    ),
    Case(
        number=61,
        name="synonyms in rows",
        data=csv(
            "地区,年份,指标,数值,单位",
            "北京市,2023,常住人口,2185,万人",
            "北京市,2023,用电量,1358,亿千瓦时",
        ),
        rules={"heading_alias": 2},
        values={("110000", 2023, "population"): 2185.0},
    ),
    Case(
        number=61,
        name="a synonym with another unit is none",
        level="city",
        data=csv("城市,年份,第三产业（%）,常住人口（万人）", "唐山市,2023,45,770"),
        rules={"column_unknown": 1},
        values={("130200", 2023, "population"): 770.0},
    ),
    Case(
        number=61,
        name="names with more around them are other quantities",
        level="city",
        data=csv(
            "城市,年份,地区生产总值（亿元）,人均地区生产总值（元）,地区生产总值增速（%）,地区生产总值（市辖区）（亿元）,"
            "地区生产总值（亿元，不变价）",
            "唐山市,2023,1,2,3,4,5",
        ),
        rules={"column_unknown": 4},
        values={("130200", 2023, "gdp"): 1.0},
    ),
    Case(
        number=13,
        name="groups of columns, all of a city and its districts",
        level=None,
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    ["2023年", None, None, None],
                    ["城市", "地区生产总值(万元)", None, "主要经济指标"],
                    [None, "全市", "市辖区", "第三产业增加值(亿元)"],
                    ["石家庄市", 10000.0, 2.0, 3.0],
                ],
            ),
            after=lambda made: made.active.merge_cells("B2:C2"),
        ),
        rules={
            "year_from_title": 1,
            "title_rows": 1,
            "header_joined": 1,
            "heading_mended": 1,
            "column_unknown": 1,
            "unit_converted": 1,
        },
        values={("130100", 2023, "gdp"): 1.0, ("130100", 2023, "tertiary_value_added"): 3.0},
    ),
    Case(
        number=15,
        name="units without brackets, and in odd ones",
        data=csv(
            "地区,年份,gdp 万元,发电量亿千瓦时,"
            '在用智能算力规模（EFLOPS(FP16)）,"在用机架数(架，2.5kW)"',
            "北京市,2023,10000,2,3,40000",
        ),
        rules={"heading_mended": 3, "heading_alias": 1, "unit_converted": 2},
        values={
            ("110000", 2023, "gdp"): 1.0,
            ("110000", 2023, "power_generation"): 2.0,
            ("110000", 2023, "ai_compute"): 3.0,
            ("110000", 2023, "racks_in_use"): 4.0,
        },
    ),
    Case(
        number=16,
        name="what stands in brackets is nearly a unit",
        data=plain(["1"], "GDP（亿圆）"),
        rules={"unit_unknown": 1},
        said="指标 gdp 应为 亿元",
    ),
    Case(
        number=13,
        name="a row of units in brackets of their own",
        data=csv(
            "地区,年份,在用通用算力规模,光缆线路长度",
            ",,PFLOPS (FP32),（公里）",
            "北京市,2023,1000,2",
        ),
        rules={"header_joined": 1, "unit_converted": 1},
        values={("110000", 2023, "general_compute"): 1.0},
        said="由 PFLOPS (FP32) 换算为",
    ),
    Case(
        number=21,
        name="per cent throughout, and nothing in the heading",
        data=plain(["12%", "0.5%"], "绿电占比"),
        rules={"per_cent_sign": 1},
        values={("120000", 2023, "share"): 0.5},
    ),
    Case(
        number=26,
        name="a number format that divides",
        suffix=".xlsx",
        data=book(("数据", ROWS), after=divided),
        rules={"scaled_format": 1},
        said="实际存储的是 1",
    ),
    Case(
        number=58,
        name="dates for years",
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    HEAD,
                    ["北京市", dt.date(2023, 12, 31), 1.0],
                    ["天津市", dt.date(2022, 1, 1), 2.0],
                    ["河北省", dt.date(1905, 7, 15), 3.0],
                ],
            )
        ),
        rules={"year_text": 3},
        values={("120000", 2022, "gdp"): 2.0, ("130000", 2023, "gdp"): 3.0},
    ),
    Case(
        number=58,
        name="a date within a year",
        suffix=".xlsx",
        data=book(("数据", [HEAD, ["北京市", dt.date(2023, 6, 30), 1.0]])),
        rules={"part_of_year": 1},
    ),
    Case(
        number=58,
        name="dates as headings",
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    ["指标：地区生产总值（亿元）"],
                    ["地区", dt.date(2022, 12, 31), dt.date(2023, 12, 31)],
                    ["北京市", 1.0, 2.0],
                ],
            )
        ),
        rules={"indicator_of_title": 1, "title_rows": 1},
        values={("110000", 2022, "gdp"): 1.0, ("110000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=58,
        name="part of a year",
        data=csv("2023年1-9月各省情况,", "地区,GDP（亿元）", "北京市,1"),
        rules={"year_from_title": 1, "title_rows": 1, "part_of_year": 1},
        said="1-9月",
    ),
    Case(
        number=58,
        name="the year of a yearbook and of a form are not those of the data",
        data=csv(
            "《河北统计年鉴2024》,", "制表日期：2024年3月5日,", "地区,GDP（亿元）", "北京市,1"
        ),
        rules={"title_rows": 1, "every_year": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=58,
        name="years with a unit, with a forecast",
        data=csv(
            "指标：GDP,,,", "地区,2021年(亿元),2022年 万元,2023年（预计）", "北京市,1,20000,3"
        ),
        rules={
            "indicator_of_title": 1,
            "title_rows": 1,
            "heading_forecast": 1,
            "unit_converted": 1,
        },
        values={("110000", 2021, "gdp"): 1.0, ("110000", 2022, "gdp"): 2.0},
    ),
    Case(
        number=12,
        name="another table below, and the next year's",
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    ["表1 2022年"],
                    ["地区", "地区生产总值（亿元）"],
                    ["北京市", 1.0],
                    ["天津市", 2.0],
                    ["表2 2023年"],
                    ["地区", "地区生产总值（亿元）"],
                    ["北京市", 3.0],
                    ["表3"],
                    ["地区", "2021年年末常住人口（万人）"],
                    ["北京市", 4.0],
                ],
            )
        ),
        rules={"year_from_title": 2, "title_rows": 3},
        values={
            ("110000", 2022, "gdp"): 1.0,
            ("110000", 2023, "gdp"): 3.0,
            ("110000", 2021, "population"): 4.0,
        },
    ),
    Case(
        number=12,
        name="the same table twice, below",
        data=csv(
            "地区,年份,GDP（亿元）", "北京市,2023,1", "地区,年份,生产总值（亿元）", "北京市,2023,2"
        ),
        rules={"heading_alias": 1, "duplicate": 1},
    ),
    Case(
        number=12,
        name="two halves side by side",
        data=csv(
            "2023年各省情况,,,,,",
            "序号,地区,GDP（亿元）,序号,地区,GDP（亿元）",
            "1,北京市,1,3,河北省,3",
            "2,天津市,2,4,山西省,4",
        ),
        rules={"year_from_title": 2, "title_rows": 2},
        values={("120000", 2023, "gdp"): 2.0, ("140000", 2023, "gdp"): 4.0},
    ),
    Case(
        number=13,
        name="units across below titles, with a column of units of measurement",
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    ["2023年各省情况"],
                    ["指标", "单位", "北京市", "天津市", "河北省"],
                    ["地区生产总值", "亿元", 1.0, 2.0, 3.0],
                    ["其中：第三产业增加值", "万元", 10000.0, 5.0, 6.0],
                ],
            )
        ),
        rules={
            "year_from_title": 1,
            "transposed": 1,
            "title_rows": 1,
            "header_joined": 1,
            "heading_mended": 1,
            "unit_converted": 1,
        },
        values={("120000", 2023, "gdp"): 2.0, ("110000", 2023, "tertiary_value_added"): 1.0},
    ),
    Case(
        number=61,
        name="an option that contradicts the file",
        how=How(given=Given(indicator="population", unit="万元", year=2022)),
        data=plain(FIVE),
        rules={"option_conflicts": 3},
        said="选项 year=2022 与文件中写明的年份（2023）不一致",
    ),
    Case(
        number=61,
        name="an option the file does not need",
        how=How(given=Given(indicator="GDP", unit="亿元", year=2023)),
        data=plain(FIVE),
        rules={"option_unused": 3},
        values=GDP,
    ),
    Case(
        number=61,
        name="an indicator and a unit nobody knows, by option",
        how=How(given=Given(indicator="gdpp", unit="大洋")),
        data=csv("地区,2023年", "北京市,1"),
        rules={"option_indicator": 1, "option_unit": 1, "no_indicator": 1},
    ),
    Case(
        number=45,
        name="twice with different values for every year",
        data=csv("地区,GDP（亿元）", "北京市,1", "北京市,2"),
        rules={"every_year": 1, "duplicate": 1},
        said="北京市 110000 历年的 gdp",
    ),
    Case(
        number=38,
        name="the code of a city beside the name of its districts",
        level="city",
        data=csv(
            "代码,地区,年份,地区生产总值（亿元）",
            "320100,南京市市辖区,2023,1",
            "320500,苏州（市区）,2023,2",
            "422800,恩施土家族自治州,2023,3",
        ),
        rules={"code_name_differ": 2},
    ),
    Case(
        number=52,
        name="a column that divides units",
        level=None,
        data=csv(
            "城市,类别,运营商,2023年常住人口（万人）", "唐山市,城镇,电信,1", "保定市,城镇,移动,2"
        ),
        rules={"unit_divided": 2, "column_unknown": 2},
        said="“类别”一列（如“城镇”）",
    ),
    Case(
        number=57,
        name="a column of capitals is none of units",
        level=None,
        data=csv("省份,省会城市,年份,GDP（亿元）", "四川省,成都,2023,1", "贵州省,贵阳,2023,2"),
        rules={},
        values={("510000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=10,
        name="a sheet for each province",
        level=None,
        suffix=".xlsx",
        data=book(
            *(
                (name, [["城市", "2023年GDP（亿元）"], [city, value]])
                for name, city, value in (("河北", "唐山市", 1.0), ("山西省", "大同市", 2.0))
            )
        ),
        values={("130200", 2023, "gdp"): 1.0, ("140200", 2023, "gdp"): 2.0},
    ),
    Case(
        number=10,
        name="a sheet for each indicator, named so",
        suffix=".xlsx",
        data=book(
            *(
                (name, [["地区", 2022, 2023], ["北京市", value, value + 1]])
                for name, value in (("GDP（亿元）", 1.0), ("常住人口(万人)", 3.0))
            )
        ),
        rules={"indicator_of_title": 2, "heading_alias": 1},
        values={("110000", 2023, "gdp"): 2.0, ("110000", 2022, "population"): 3.0},
    ),
    Case(
        number=52,
        name="counties in a column of any name",
        level="city",
        data=csv("所属城市,地区,2023年GDP（亿元）", "苏州市,昆山市,1", "苏州市,,2"),
        rules={"county_rows": 1},
        values={("320500", 2023, "gdp"): 2.0},
    ),
    Case(
        number=51,
        name="names in English beside the Chinese ones",
        data=csv("地区,2023年GDP（亿元）,Region", "北 京,1,Beijing", "河 北,2,Hebei"),
        rules={"name_mended": 2},
        values={("130000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=38,
        name="code and name in one cell",
        level="city",
        data=csv("地区,2023年GDP（亿元）", "510100成都市,1", "510700 成都市,2"),
        rules={"code_name_differ": 1},
    ),
    Case(
        number=16,
        name="a title that lists units",
        data=csv(
            "2023年各省情况（单位：万元、人）,,",
            "地区,地区生产总值,年末常住人口",
            "北京市,10000,20000",
        ),
        rules={"year_from_title": 1, "title_rows": 1, "unit_converted": 2},
        values={("110000", 2023, "gdp"): 1.0, ("110000", 2023, "population"): 2.0},
    ),
    Case(
        number=16,
        name="a title that lists two units for one indicator",
        data=csv("单位：亿元、万元,", "地区,地区生产总值,年份", "北京市,1,2023"),
        rules={"title_rows": 1, "units_of_title": 1, "unit_assumed": 1},
    ),
    Case(
        number=15,
        name="a synonym with a unit of another kind",
        data=csv("地区,2023年在用机架数（万个）", "北京市,40"),
        rules={"unit_differs": 1},
        said="指标 racks_in_use 的单位应为 万架，表中为 万个",
    ),
    Case(
        number=58,
        name="a moment within the year in a title",
        data=csv("截至2024年6月底各省情况,", "地区,GDP（亿元）", "北京市,1"),
        rules={"title_rows": 1, "within_year": 1},
        values={("110000", 2024, "gdp"): 1.0},
        said="写明是“2024年6月底”的数据，按 2024 年读入",
    ),
    Case(
        number=58,
        name="a moment within the year in a heading",
        data=csv("地区,2024年6月末常住人口（万人）,2024年12月末GDP（亿元）", "北京市,1,2"),
        rules={"within_year": 1, "heading_alias": 1},
        values={("110000", 2024, "population"): 1.0, ("110000", 2024, "gdp"): 2.0},
    ),
    Case(
        number=58,
        name="the last day of a year in a title",
        data=csv("截至2024年12月31日,", "地区,年末常住人口（万人）", "北京市,1"),
        rules={"title_rows": 1, "year_from_title": 1},
        values={("110000", 2024, "population"): 1.0},
    ),
    Case(
        number=58,
        name="figures of one month",
        data=csv("2024年12月各省发电量,", "地区,发电量（亿千瓦时）", "北京市,1"),
        rules={"title_rows": 1, "year_from_title": 1, "part_of_year": 1},
    ),
    Case(
        number=30,
        name="a column of a forecast",
        data=csv("地区,2023年发电量（亿千瓦时）,2024E发电量（亿千瓦时）", "北京市,1,2"),
        rules={"heading_forecast": 1},
        values={("110000", 2023, "power_generation"): 1.0},
        said="写明“2024E”",
    ),
    Case(
        number=15,
        name="footnotes in headings",
        data=csv(
            "地区,2023年发电量①（亿千瓦时）,2023年地区生产总值（亿元）[1],2023年光缆线路长度1)（公里）",
            "北京市,1,2,3",
        ),
        rules={"heading_mended": 3},
        values={("110000", 2023, "power_generation"): 1.0, ("110000", 2023, "fibre_length"): 3.0},
    ),
    Case(
        number=15,
        name="headings in two languages",
        data=csv(
            "地区,2023年地区生产总值 Gross Regional Product（亿元）,"
            '"2023年发电量\nElectricity generation"',
            "北京市,1,2",
        ),
        rules={"heading_mended": 2, "unit_assumed": 1},
        values={("110000", 2023, "gdp"): 1.0, ("110000", 2023, "power_generation"): 2.0},
    ),
    Case(
        number=15,
        name="two languages that do not say the same",
        data=csv("地区,2023年地区生产总值 growth rate（亿元）", "北京市,1"),
        rules={"column_unknown": 1, "no_indicators": 1},
    ),
    Case(
        number=16,
        name="units as bilingual yearbooks write them",
        data=csv(
            "Region,2023 Gross regional product (100 million yuan),"
            "2023 Resident population at year end (10 000 persons)",
            "Beijing,1,2",
        ),
        rules={"name_mended": 1},
        values={("110000", 2023, "gdp"): 1.0, ("110000", 2023, "population"): 2.0},
    ),
    Case(
        number=16,
        name="a scale for a unit in a heading",
        data=csv("地区,2023年地区生产总值（亿）,2023年人均地区生产总值（万）", "北京市,1,2"),
        rules={"heading_mended": 2, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 1.0, ("110000", 2023, "gdp_per_capita"): 20000.0},
    ),
    Case(
        number=16,
        name="a scale in a cell below a heading without a unit",
        data=csv("地区,2023年地区生产总值", "北京市,12亿", "天津市,5000万"),
        rules={"cell_unit": 2},
        values={("110000", 2023, "gdp"): 12.0, ("120000", 2023, "gdp"): 0.5},
    ),
    Case(
        number=16,
        name="a unit in the number format",
        suffix=".xlsx",
        data=book(("数据", ROWS), after=in_units),
        rules={"cell_unit": 5},
        values={("110000", 2023, "gdp"): 0.0001},
    ),
    Case(
        number=12,
        name="a title that names indicator and unit with more around them",
        data=csv("表2 2023年各省地区生产总值情况（万元）,", "地区,数值", "北京市,10000"),
        rules={"indicator_of_title": 1, "title_rows": 1, "year_from_title": 1, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=61,
        name="a column of growth below a title that names the indicator",
        data=csv("2023年各省地区生产总值,", "地区,增速", "北京市,5.2"),
        rules={"title_rows": 1, "column_unknown": 1, "no_indicators": 1},
    ),
    Case(
        number=51,
        name="provinces by their letters",
        data=csv("地区,2023年地区生产总值（亿元）", "京,1", "新,2", "吉,3"),
        rules={"name_mended": 3},
        values={("650000", 2023, "gdp"): 2.0, ("220000", 2023, "gdp"): 3.0},
    ),
    Case(
        number=51,
        name="a letter alone",
        data=csv("地区,2023年地区生产总值（亿元）", "北京市,1", "新,2"),
        rules={"name_unknown": 1},
    ),
    Case(
        number=29,
        name="no data in words",
        data=csv("地区,2023年地区生产总值（亿元）", "北京市,1", "天津市,暂无数据", "河北省,保密"),
        rules={"missing_mark": 2},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=35,
        name="names in the column of codes, marks in that of names",
        data=csv("代码,地区,年份,地区生产总值（亿元）", "天津市,—,2023,1", "110000,-,2023,2"),
        rules={},
        values={("120000", 2023, "gdp"): 1.0, ("110000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=35,
        name="names in the column of codes, something else in that of names",
        data=csv(
            "代码,地区,年份,地区生产总值（亿元）", "天津市,某某,2023,1", "110000,北京市,2023,2"
        ),
        rules={"code_name_differ": 1},
    ),
    Case(
        number=61,
        name="another quantity below a title: 新增机架",
        data=csv("2023年各省在用机架规模情况（万架）,", "地区,新增机架", "北京市,1"),
        rules={"title_rows": 1, "column_unknown": 1, "no_indicators": 1},
    ),
    Case(
        number=61,
        name="another quantity below a title: 签约规模",
        data=csv("2023年各省在用机架规模情况（万架）,", "地区,签约规模", "北京市,1"),
        rules={"title_rows": 1, "column_unknown": 1, "no_indicators": 1},
    ),
    Case(
        number=61,
        name="another quantity below a title: 上半年",
        data=csv("2023年各省在用机架规模情况（万架）,", "地区,上半年", "北京市,1"),
        rules={"title_rows": 1, "column_unknown": 1, "no_indicators": 1},
    ),
    Case(
        number=61,
        name="another quantity below a title: 机架总规模（含在建）",
        data=csv("2023年各省在用机架规模情况（万架）,", "地区,机架总规模（含在建）", "北京市,1"),
        rules={"title_rows": 1, "indicator_misspelt": 1},
    ),
    Case(
        number=61,
        name="a word for figures below a title",
        data=csv("2023年各省在用机架规模情况（万架）,", "地区,机架规模", "北京市,1"),
        rules={"title_rows": 1, "year_from_title": 1, "indicator_of_title": 1},
        values={("110000", 2023, "racks_in_use"): 1.0},
        said="指标取自标题“2023年各省在用机架规模情况（万架）”：在用标准机架数",
    ),
    Case(
        number=61,
        name="a unit alone below a title",
        data=csv("2023年各省地区生产总值,", "地区,万元", "北京市,10000"),
        rules={"title_rows": 1, "year_from_title": 1, "indicator_of_title": 1, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=61,
        name="a bracket in a title: 2023年各省地区生产总值（不变价）（亿元）",
        data=csv("2023年各省地区生产总值（不变价）（亿元）,", "地区,数值", "北京市,1"),
        rules={"title_rows": 1, "year_from_title": 1, "column_missing": 1, "qualified": 1},
    ),
    Case(
        number=61,
        name="a bracket in a title: 2023年各省地区生产总值（市辖区）（亿元）",
        data=csv("2023年各省地区生产总值（市辖区）（亿元）,", "地区,数值", "北京市,1"),
        rules={"title_rows": 1, "year_from_title": 1, "column_missing": 1, "qualified": 1},
    ),
    Case(
        number=61,
        name="a bracket in a title: 2023年各省在用机架规模（新增）",
        data=csv("2023年各省在用机架规模（新增）,", "地区,数值", "北京市,1"),
        rules={"title_rows": 1, "year_from_title": 1, "column_missing": 1, "qualified": 1},
    ),
    Case(
        number=58,
        name="a year in the name of an indicator, another in the title",
        data=csv("2023年主要指标,,", "地区,指标,数值", "北京市,2022年地区生产总值（亿元）,1"),
        rules={"title_rows": 1},
        values={("110000", 2022, "gdp"): 1.0},
    ),
    Case(
        number=58,
        name="a year in a heading, another in the column of years",
        data=csv("地区,年份,2023年地区生产总值（亿元）", "北京市,2022,1"),
        rules={"years_contradict": 1},
        said="写明 2023 年，而年份列为 2022",
    ),
    Case(
        number=58,
        name="ends of quarters across",
        data=csv("指标：地区生产总值（亿元）,,", "地区,2023-09-30,2023-12-31", "北京市,1,2"),
        rules={"title_rows": 1, "part_of_year": 1, "column_unknown": 1, "indicator_of_title": 1},
    ),
    Case(
        number=58,
        name="a column of months",
        data=csv("地区,年份,月份,发电量（亿千瓦时）", "北京市,2023,12,1"),
        rules={"part_of_year": 1, "column_unknown": 1},
    ),
    Case(
        number=16,
        name="a unit in cells that is not that of the heading",
        data=csv("地区,2023年地区生产总值（万元）", "北京市,1亿元", "天津市,2亿元"),
        rules={"cell_unit": 2},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=16,
        name="a figure of a footnote in brackets",
        data=csv("地区,2023年地区生产总值(1)（亿元）", "北京市,1"),
        rules={"heading_mended": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=16,
        name="the units of a title in two languages",
        data=csv("单位：亿元 (100 million yuan),", "地区,2023年地区生产总值", "北京市,1"),
        rules={"title_rows": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=58,
        name="the end of a year before an indicator",
        data=csv("地区,2023年末常住人口（万人）,2023年底光缆线路长度（公里）", "北京市,1,2"),
        rules={"heading_alias": 1},
        values={("110000", 2023, "population"): 1.0, ("110000", 2023, "fibre_length"): 2.0},
    ),
    Case(
        number=51,
        name="names in two languages",
        data=csv(
            "地区,2023年地区生产总值（亿元）", "吉林 Jilin,1", "内蒙古 Inner Mongolia,2", "Tibet,3"
        ),
        rules={"name_mended": 3},
        values={("220000", 2023, "gdp"): 1.0, ("150000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=51,
        name="letters in a column of cities",
        data=csv("城市,2023年地区生产总值（亿元）", "宁,1", "苏,2", "沪,3"),
        rules={"name_unknown": 3},
    ),
    Case(
        number=26,
        name="a sign of per cent in a format that multiplies nothing",
        suffix=".xlsx",
        data=book(("数据", SHARES), after=in_words),
        rules={"per_cent_sign": 1},
        values={("110000", 2023, "share"): 1.0},
    ),
    Case(
        number=24,
        name="a note above that calls a year one of forecasts",
        data=csv(
            "各省发电量,,",
            "注：2024年为预测数,,",
            "地区,2023年发电量（亿千瓦时）,2024年发电量（亿千瓦时）",
            "北京市,1,2",
        ),
        rules={"title_rows": 1, "forecast_left_out": 1},
        values={("110000", 2023, "power_generation"): 1.0},
        said="“注：2024年为预测数”说明是预测或估计值，1 个值不计入",
    ),
    Case(
        number=24,
        name="a line of units that calls a year one of forecasts",
        data=csv(
            "单位：亿千瓦时；2024年为预计数,,", "地区,2023年发电量,2024年发电量", "北京市,1,2"
        ),
        rules={"title_rows": 1, "forecast_left_out": 1},
        values={("110000", 2023, "power_generation"): 1.0},
    ),
    Case(
        number=24,
        name="a note below that calls years ones of estimates",
        data=csv(
            "地区,2022年发电量（亿千瓦时）,2024年发电量（亿千瓦时）",
            "北京市,1,2",
            "注：2023—2024年数据均为估算值。,,",
        ),
        rules={"notes_left_out": 1, "forecast_left_out": 1},
        values={("110000", 2022, "power_generation"): 1.0},
    ),
    Case(
        number=24,
        name="a note that speaks of estimates, of whichever",
        data=csv("地区,2023年发电量（亿千瓦时）", "北京市,1", "注：部分地区为估算数,"),
        rules={"notes_left_out": 1, "forecast_mentioned": 1},
        values={("110000", 2023, "power_generation"): 1.0},
    ),
    Case(
        number=24,
        name="a note of preliminary figures",
        data=csv("地区,2023年发电量（亿千瓦时）", "北京市,1", "注：2023年为快报数。,"),
        rules={"notes_left_out": 1, "qualified": 1},
        values={("110000", 2023, "power_generation"): 1.0},
    ),
    Case(
        number=24,
        name="remarks that call values forecasts",
        data=csv(
            "地区,2023年发电量（亿千瓦时）,备注",
            "北京市,1,",
            "天津市,2,预测",
            "河北省,3,（估算值）",
            "山西省,4,预计2025年翻番",
        ),
        rules={"forecast_left_out": 2, "forecast_mentioned": 1},
        values={
            ("110000", 2023, "power_generation"): 1.0,
            ("140000", 2023, "power_generation"): 4.0,
        },
    ),
    Case(
        number=24,
        name="a column that says which values are forecasts",
        data=csv(
            "地区,年份,发电量（亿千瓦时）,数据性质", "北京市,2023,1,实际", "北京市,2024,2,预测"
        ),
        rules={"column_unknown": 1, "forecast_left_out": 1},
        values={("110000", 2023, "power_generation"): 1.0},
    ),
    Case(
        number=24,
        name="forecasts in the column of years",
        data=csv(
            "地区,年份,发电量（亿千瓦时）",
            "北京市,2023,1",
            "北京市,2024E,2",
            "北京市,2025年（预测）,3",
        ),
        rules={"forecast_left_out": 2},
        values={("110000", 2023, "power_generation"): 1.0},
    ),
    Case(
        number=58,
        name="a sheet of forecasts among those of years",
        suffix=".xlsx",
        data=book(
            *(
                (name, [[HEAD[0], HEAD[2]], ["北京市", float(i)]])
                for i, name in enumerate(("2023", "2024预测"))
            )
        ),
        rules={"year_from_title": 2, "title_of_change": 1},
        values={("110000", 2023, "gdp"): 0.0, ("110000", 2024, "gdp"): 1.0},
        said="标题或工作表名里有“预测”",
    ),
    Case(
        number=58,
        name="a moment within the year in the name of a sheet",
        suffix=".xlsx",
        data=book(("2024年6月末", [["地区", "年末常住人口（万人）"], ["北京市", 1.0]])),
        rules={"within_year": 1},
        values={("110000", 2024, "population"): 1.0},
    ),
    Case(
        number=58,
        name="half a year in the name of a sheet",
        suffix=".xlsx",
        data=book(("2024H1", [["地区", "发电量（亿千瓦时）"], ["北京市", 1.0]])),
        rules={"part_of_year": 1, "year_from_title": 1},
    ),
    Case(
        number=10,
        name="a sheet among others that is refused",
        suffix=".xlsx",
        data=book(
            *((name, [[HEAD[0], HEAD[2]], ["北京市", 1.0]]) for name in ("2023年", "2024年上半年"))
        ),
        rules={"year_from_title": 1, "sheet_not_read": 1},
        values={("110000", 2023, "gdp"): 1.0},
        said="这张表没有读入：表.xlsx［2024年上半年］：写明是“上半年”的数据",
    ),
    Case(
        number=17,
        name="a number format with a unit for large numbers and another for small ones",
        suffix=".xlsx",
        data=book(
            ("数据", [HEAD, ["北京市", 2023, 30000.0], ["天津市", 2023, 5.0]]),
            after=formatted('[>=10000]0.0"万元";0"亿元"'),
        ),
        rules={"cell_unit": 1},
        values={("110000", 2023, "gdp"): 3.0, ("120000", 2023, "gdp"): 5.0},
    ),
    Case(
        number=26,
        name="a number format that divides large numbers only",
        suffix=".xlsx",
        data=book(
            ("数据", [HEAD, ["北京市", 2023, 30000.0], ["天津市", 2023, 5.0]]),
            after=formatted('[>=10000]0!.0,"万";0'),
        ),
        rules={"scaled_format": 1},
    ),
    Case(
        number=24,
        name="a number format that shows a bound",
        suffix=".xlsx",
        data=book(("数据", ROWS), after=formatted('">"0.0')),
        rules={"bound": 5},
    ),
    Case(
        number=24,
        name="a number format that shows an approximation",
        suffix=".xlsx",
        data=book(("数据", ROWS), after=formatted('"约"0.0"亿元"')),
        rules={"approximate": 5},
    ),
    Case(
        number=25,
        name="raised footnotes in headings and names",
        suffix=".xlsx",
        data=book(("数据", ROWS), after=raised_words),
        rules={"heading_mended": 1, "name_mended": 2},
        values=GDP,
    ),
    Case(
        number=15,
        name="a raised figure that is part of a unit",
        suffix=".xlsx",
        data=book(("数据", ROWS), after=raised_unit),
        rules={"heading_alias": 1},
        values={("110000", 2023, "land_area"): 1.0},
    ),
    Case(
        number=51,
        name="provinces by their letters beside cities",
        level=None,
        data=csv("省,城市,2023年GDP（亿元）", "粤,广州市,1", "粤,深圳市,2", "浙,杭州市,3"),
        rules={},
        values={("440100", 2023, "gdp"): 1.0, ("330100", 2023, "gdp"): 3.0},
    ),
    Case(
        number=38,
        name="provinces by their letters beside cities of others",
        level=None,
        data=csv("省,城市,2023年GDP（亿元）", "粤,广州市,1", "粤,深圳市,2", "浙,苏州市,3"),
        rules={"province_differs": 1},
    ),
    Case(
        number=58,
        name="tables side by side, a year over each",
        data=csv(
            "2022年各省GDP（亿元）,,2023年各省GDP（亿元）,",
            "地区,GDP,地区,GDP",
            "北京市,1,天津市,2",
            "天津市,3,北京市,4",
        ),
        rules={"title_rows": 2, "year_from_title": 2},
        values={
            ("110000", 2022, "gdp"): 1.0,
            ("110000", 2023, "gdp"): 4.0,
            ("120000", 2022, "gdp"): 3.0,
        },
    ),
    Case(
        number=58,
        name="years of reports: 2022A, 2023年（修订）, 2024E",
        data=csv(
            "指标：地区生产总值（亿元）,,,", "地区,2022A,2023年（修订）,2024E", "北京市,1,2,3"
        ),
        rules={"title_rows": 1, "indicator_of_title": 1, "heading_forecast": 1},
        values={("110000", 2022, "gdp"): 1.0, ("110000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=58,
        name="years of two figures",
        data=csv("地区,22年地区生产总值（亿元）,99年地区生产总值（亿元）", "北京市,1,2"),
        rules={"year_text": 1, "column_unknown": 1},
        values={("110000", 2022, "gdp"): 1.0},
        said="读作 2022 年",
    ),
    Case(
        number=16,
        name="a scale in the row of units",
        data=csv("地区,2023年地区生产总值,2023年常住人口", ",亿,万", "北京市,1,2"),
        rules={"header_joined": 1, "heading_alias": 1, "heading_mended": 1},
        values={("110000", 2023, "gdp"): 1.0, ("110000", 2023, "population"): 2.0},
    ),
    Case(
        number=16,
        name="a scale in the column of units",
        data=csv(
            "地区,年份,指标,数值,单位",
            "北京市,2023,地区生产总值,1,万",
            "天津市,2023,年末常住人口,2,万",
        ),
        rules={"unit_completed": 2, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 0.0001, ("120000", 2023, "population"): 2.0},
    ),
    Case(
        number=16,
        name="a scale for the unit of a title",
        data=csv("单位：万,", "地区,2023年地区生产总值", "北京市,1"),
        rules={"title_rows": 1, "unit_completed": 1, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 0.0001},
    ),
    Case(
        number=16,
        name="a scale on a ratio in a heading",
        data=csv("地区,2023年PUE（万）", "北京市,1.2"),
        rules={"scale_of_ratio": 1},
        said="指标 pue 是比值（单位 1），不应带“万”",
    ),
    Case(
        number=16,
        name="a scale on a ratio in the column of units",
        data=csv("地区,年份,指标,数值,单位", "北京市,2023,绿电占比,1,万"),
        rules={"scale_of_ratio": 1},
    ),
    Case(
        number=15,
        name="English beside the Chinese that is no known name",
        data=csv(
            "地区,2023年地区生产总值 Gross Provincial Product（亿元）,"
            "2023年发电量/Power output（亿千瓦时）",
            "北京市,1,2",
        ),
        rules={"english_unknown": 2},
        values={("110000", 2023, "gdp"): 1.0, ("110000", 2023, "power_generation"): 2.0},
    ),
    Case(
        number=15,
        name="precision in cells",
        data=csv(
            "地区,2023年智能算力规模（EFLOPS (FP16)）",
            "北京市,120 EFLOPS (FP16)",
            "天津市,12000PFLOPS",
            "河北省,1",
        ),
        rules={"heading_mended": 1, "cell_unit": 1},
        values={("110000", 2023, "compute16"): 120.0, ("120000", 2023, "compute16"): 12.0},
    ),
    Case(
        number=15,
        name="another precision in a cell",
        data=csv(
            "地区,2023年智能算力规模（EFLOPS (FP16)）", "北京市,120 EFLOPS (FP32)", "天津市,3 万架"
        ),
        rules={"heading_mended": 1, "unit_precision": 1, "unit_differs": 1},
    ),
    Case(
        number=16,
        name="the unit below the table",
        data=csv("地区,2023年地区生产总值", "北京市,20000", "单位：万元,"),
        rules={"notes_left_out": 1, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=16,
        name="the unit in a note below the table",
        data=csv("地区,2023年地区生产总值", "北京市,20000", "注：本表单位为万元。,"),
        rules={"notes_left_out": 1, "unit_converted": 1},
        values={("110000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=61,
        name="rows of totals and of growth",
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    ["地区", "类型", "2023年地区生产总值（亿元）"],
                    ["北京市", "总量", 2.0],
                    [None, "增速（%）", 5.2],
                    ["天津市", "总量", 1.0],
                    [None, "同比增长", 4.3],
                ],
            ),
            after=two_by_two,
        ),
        rules={"filled_down": 2, "column_unknown": 1, "change_left_out": 2},
        values={("110000", 2023, "gdp"): 2.0, ("120000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=61,
        name="this year and last below a title",
        data=csv("2023年各省地区生产总值（亿元）,,", "地区,本年,上年", "北京市,2,1"),
        rules={"title_rows": 1, "year_from_title": 1, "indicator_of_title": 1, "column_unknown": 1},
        values={("110000", 2023, "gdp"): 2.0},
    ),
    Case(
        number=61,
        name="two columns that a title may speak of",
        data=csv("2023年各省在用机架规模情况（万架）,,", "地区,规模,金额", "北京市,2,1"),
        rules={"title_rows": 1, "column_unknown": 2, "no_indicators": 1},
    ),
    Case(
        number=15,
        name="the end and the beginning of a period",
        data=csv("地区,2023年期末常住人口（万人）,2023年期初常住人口（万人）", "北京市,2,1"),
        rules={"heading_alias": 1, "column_unknown": 1},
        values={("110000", 2023, "population"): 2.0},
    ),
    Case(
        number=13,
        name="what stands below goes before: 在用, 人均",
        data=csv(
            "地区,标准机架数（万架）,,地区生产总值,,年份",
            ",在用,在建,总量（亿元）,人均（元）,",
            "北京市,1,2,3,4,2023",
        ),
        rules={"header_joined": 1, "heading_mended": 3, "column_unknown": 1},
        values={
            ("110000", 2023, "racks_in_use"): 1.0,
            ("110000", 2023, "gdp"): 3.0,
            ("110000", 2023, "gdp_per_capita"): 4.0,
        },
    ),
    Case(
        number=13,
        name="what is and what is planned",
        data=csv("地区,2023年在用标准机架数（万架）,,", ",实际,规划,目标", "北京市,3,2,1"),
        rules={"header_joined": 1, "heading_mended": 1, "column_unknown": 2},
        values={("110000", 2023, "racks_in_use"): 3.0},
    ),
    Case(
        number=58,
        name="months of a whole year in headings",
        data=csv(
            "地区,2023年1—12月发电量（亿千瓦时）,2023年1-11月发电量（亿千瓦时）", "北京市,2,1"
        ),
        rules={"heading_mended": 1, "column_unknown": 1},
        values={("110000", 2023, "power_generation"): 2.0},
    ),
    Case(
        number=58,
        name="merged years saved as text",
        data=csv(
            "年份,地区,GDP（亿元）", "2022,北京市,1", ",天津市,2", "2023,北京市,3", ",天津市,4"
        ),
        rules={"year_blank": 2},
        said="请逐行填写年份",
    ),
    Case(
        number=15,
        name="figures as first reckoned and as settled",
        data=csv("地区,2023年GDP初步核算数（亿元）,2022年GDP（最终核实数）（亿元）", "北京市,3,2"),
        rules={"heading_mended": 2},
        values={("110000", 2023, "gdp"): 3.0, ("110000", 2022, "gdp"): 2.0},
    ),
    Case(
        number=11,
        name="cells struck out",
        suffix=".xlsx",
        data=book(("数据", ROWS), after=struck),
        rules={"struck": 1},
        values=GDP,
        said="1 个单元格带删除线（C2）",
    ),
    Case(
        number=46,
        name="parts of a city below it",
        level="city",
        data=csv("地区,2023年GDP（亿元）", "全省,9", "其中：石家庄市,5", "#市辖区,3", "唐山市,4"),
        rules={"totals_left_out": 2, "name_mended": 1},
        values={("130100", 2023, "gdp"): 5.0, ("130200", 2023, "gdp"): 4.0},
    ),
    Case(
        number=52,
        name="a county as part of its prefecture",
        level="city",
        data=csv("地区,2023年GDP（亿元）", "苏州市,5", "其中：昆山市,3"),
        rules={"name_county": 1},
        said="“其中：昆山市”是县级单元：320583 昆山市 (苏州市)",
    ),
    Case(
        number=16,
        name="a unit behind the name of an indicator, another in the column of units",
        data=csv("地区,年份,指标,数值,单位", "北京市,2023,地区生产总值（亿元）,1,万元"),
        rules={"units_contradict": 1, "unit_converted": 1},
        said="写明单位是 亿元，而单位列为 万元",
    ),
    Case(
        number=58,
        name="months in the column of years",
        data=csv(
            "地区,报告期,发电量（亿千瓦时）",
            "北京市,2023年1-12月,12",
            "天津市,2023年12月,1",
            "河北省,2023-06-30,2",
        ),
        rules={"year_text": 1, "part_of_year": 2},
        said="写明是“2023年12月”的数据，不是全年",
    ),
    Case(
        number=30,
        name="years of a report below the indicator",
        data=csv("地区,发电量（亿千瓦时）,", ",2023A,2024E", "北京市,1,2"),
        rules={"header_joined": 1, "heading_forecast": 1},
        values={("110000", 2023, "power_generation"): 1.0},
    ),
    Case(
        number=26,
        name="numbers and codes kept from the spreadsheet by a formula",
        data=csv("代码,2023年地区生产总值（亿元）", '"=""110000""","=""1.5"""'),
        rules={},
        values={("110000", 2023, "gdp"): 1.5},
    ),
    *(
        Case(
            number=24,
            name=f"a note that qualifies the values: {words}",
            data=csv(f"地区,{heading}", "北京市,1", "天津市,2", f'"{words}",'),
            rules={"notes_left_out": 1} | ({"qualified": 1} if said else {}),
            values={("110000", 2023, indicator): 1.0},
            said=said,
        )
        for heading, indicator in (("2023年在用标准机架数（万架）", "racks_in_use"),)
        for words, said in (
            ("注：表中数据为规划数。", "写有“规划”，数值可能是规划、目标或含在建部分"),
            ("注：含在建。", "写有“在建”"),
            ("注：北京为目标值。", "是规划、目标"),
            ("注：西藏、新疆为2021年数据。", "写有“2021年数据”，数值可能属于别的年份"),
            ("注：数据为前三季度。", "写有“前三季度”"),
            ("注：截至2023年6月底。", "写有“2023年6月底”"),
            ("注：本表数据为市辖区数。", "写有“市辖区”，数值可能只是单元的一部分"),
            ("注：广东不含深圳。", "写有“不含深圳”"),
            ("注：河北含雄安新区。", "数值可能包括单元以外的部分"),
            ("注：按可比价格计算。", "数值可能按不变价计算"),
            ("注：本表数据为增速（%）。", "数值可能是另一种量"),
            ("注：数据为人均值。", "写有“人均”"),
            ("注：部分地区为暂估数。", "数值可能是暂估"),
            # Nothing is wrong with these.
            ("注：2023年为初步核算数，绝对数按当年价格计算，指数按不变价格计算。", ""),
            ("注：增速按可比价格计算。", ""),
            ("注：本表不含港澳台。", ""),
            ("注：计划单列市计入所在省。", ""),
            ("注：省（含自治区、直辖市）按区划代码排列。", ""),
            ("注：2024年3月发布。", ""),
            ("注：2022年数据根据经济普查修订。", ""),
            ("注：人均指标按常住人口计算。", ""),
            ("注：“十四五”规划执行情况。", ""),
            ("注：2023年1—12月数据。", ""),
            ("资料来源：各省发展规划和计划部门2022年数据。", ""),
            ("说明：由监测算力平台导出，存在建议值的已核对。", ""),
        )
    ),
    *(
        Case(
            number=61,
            name=f"a title that qualifies the values: {title}",
            data=csv(f"{title},", f"地区,{heading}", "北京市,1"),
            rules={"title_rows": 1, "year_from_title": 1} | ({"qualified": 1} if said else {}),
            values={("110000", 2023, indicator): 1.0},
            said=said,
        )
        for title, heading, indicator, said in (
            *(
                (f"2023年{words}", "在用标准机架数（万架）", "racks_in_use", said)
                for words, said in (
                    ("规划机架规模", "“规划”"),
                    ("各省在建数据中心情况", "“在建”"),
                    ("新增机架", "“新增”"),
                    ("市辖区机架", "“市辖区”"),
                    ("人均机架", "“人均”"),
                    ("净增机架", "“净增”"),
                    ("快报", "“快报”"),
                    ("各省市区数据中心建设情况", ""),
                )
            ),
            ("2023年各省人均GDP", "人均地区生产总值（元）", "gdp_per_capita", ""),
        )
    ),
    Case(
        number=61,
        name="the name of a sheet that qualifies the values",
        suffix=".xlsx",
        data=book(("规划", ROWS)),
        rules={"qualified": 1},
        values=GDP,
        said="［规划］：写有“规划”",
    ),
    *(
        Case(
            number=24,
            name=f"a remark that qualifies a row: {words}",
            data=csv("地区,2023年在用标准机架数（万架）,备注", "北京市,1,", f"天津市,2,{words}"),
            rules={rule: 1} if rule else {},
            values={("110000", 2023, "racks_in_use"): 1.0}
            | ({} if rule == "row_left_out" else {("120000", 2023, "racks_in_use"): 2.0}),
            said=said,
        )
        for words, rule, said in (
            *(
                (words, "row_left_out", "该行数值是规划")
                for words in ("规划数", "目标值", "未投产")
            ),
            *((words, "row_left_out", "该行数值是规划") for words in ("含在建", "拟建")),
            *(
                (words, "row_left_out", "不足一年")
                for words in ("2022年数据", "2022年数据代替", "上年数")
            ),
            *((words, "row_left_out", "不足一年") for words in ("1-9月", "截至6月底", "前三季度")),
            *((words, "row_left_out", "一部分") for words in ("市辖区", "城区", "不含运营商")),
            *((words, "row_left_out", "") for words in ("可比价", "新增", "人均", "2020年价格")),
            *((words, "qualified", "暂估") for words in ("暂估", "测算", "插补", "初步数")),
            *((words, "qualified", "暂估") for words in ("快报数", "待核实")),
            ("含雄安新区", "qualified", "单元以外"),
            ("另有规划机架3万架", "qualified", "“另有规划机架3万架”"),
            *((words, "", "") for words in ("2023年数据", "2023年6月投产", "已核对", "初步核算数")),
            *((words, "", "") for words in ("2023年1-12月", "截至2023年12月底", "国家枢纽")),
        )
    ),
    Case(
        number=52,
        name="the districts, or the counties, of Chongqing alone",
        level="city",
        data=csv("省,市,2023年GDP（亿元）", "重庆,县,3", "重庆,市辖区,8", "天津,市辖区,2"),
        rules={"name_county": 2, "name_mended": 1},
        said="“县”是县级单元：县 (重庆市)",
    ),
    Case(
        number=14,
        name="a merged column of regions that nobody reads",
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    ["区域", "省份", "2023年地区生产总值（亿元）"],
                    ["东部", "北京市", 1.0],
                    [None, "天津市", 2.0],
                    ["中部", "山西省", 3.0],
                    [None, "河南省", 4.0],
                ],
            ),
            after=two_by_two,
        ),
        rules={"filled_down": 2, "column_unknown": 1},
        values={("120000", 2023, "gdp"): 2.0, ("410000", 2023, "gdp"): 4.0},
    ),
    *(
        Case(
            number=61,
            name=f"what is not there yet is no slip of the pen: {word}",
            data=csv(
                f"地区,2023年在用标准机架数（万架）,2023年{word}标准机架数（万架）", "北京市,1,2"
            ),
            rules={"column_unknown": 1},
            values={("110000", 2023, "racks_in_use"): 1.0},
            said="（万架）”，不计入。如为自有指标",
        )
        for word in ("在建", "拟建", "规划", "新增")
    ),
    Case(
        number=46,
        name="a total in two languages",
        data=csv("地  区,2023年GDP（亿元）", "全  国 National Total,9", "北京市,1"),
        rules={"totals_left_out": 1},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=46,
        name="more than the total in two languages",
        data=csv("地区,2023年GDP（亿元）", "全国 Total,9", "北京市,10"),
        rules={"totals_left_out": 1, "above_total": 1},
    ),
    Case(
        number=47,
        name="a note in numbered lines",
        data=csv(
            "地区,2023年GDP（亿元）",
            "北京市,1",
            "注：1.本表按当年价格计算。,",
            "    2.2023年为初步核算数。,",
            "    3、部分数据因四舍五入存在差异,",
        ),
        rules={"notes_left_out": 3},
        values={("110000", 2023, "gdp"): 1.0},
    ),
    Case(
        number=16,
        name="the unit in the name of the sheet",
        suffix=".xlsx",
        data=book(("机架数（架）", [["地区", "2023年在用标准机架数"], ["北京市", 20000]])),
        rules={"unit_converted": 1},
        values={("110000", 2023, "racks_in_use"): 2.0},
    ),
    Case(
        number=43,
        name="市 in the column of levels",
        level="city",
        data=csv("地区,级别,2023年GDP（亿元）", "吉林,省,9", "吉林,市,2", "长春,市,3"),
        rules={"other_level_rows": 1, "name_mended": 2},
        values={("220200", 2023, "gdp"): 2.0, ("220100", 2023, "gdp"): 3.0},
    ),
    Case(
        number=11,
        name="cells with comments",
        suffix=".xlsx",
        data=book(("数据", ROWS), after=commented),
        rules={"commented": 1},
        values=GDP,
        said="2 个单元格带批注（C1, C3），批注不会读入",
    ),
    Case(
        number=11,
        name="the comments of our own forms, and one of the writer",
        suffix=".xlsx",
        data=book(
            (
                "数据",
                [
                    ["代码", "名称", "地区生产总值", "年份"],
                    [None, "单位", "亿元", None],
                    ["110000", "北京市", 1.0, 2023],
                ],
            ),
            after=commented,
        ),
        rules={"commented": 1},
        values={("110000", 2023, "gdp"): 1.0},
        said="1 个单元格带批注（C3），批注不会读入",
    ),
]


def taken(case: Case, folder: Path, known: dict[str, object]) -> Intake:
    path = folder / f"表{case.suffix}"
    path.write_bytes(case.data if isinstance(case.data, bytes) else case.data())
    return read_file(path, level=case.level, how=case.how, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}-{case.name}")
def test_case(case: Case, tmp_path: Path, known: dict[str, object]) -> None:
    result = taken(case, tmp_path, known)
    found: Counter[str] = Counter()
    for row in result.ledger.summary().to_dict("records"):
        found[row["rule"]] += row["count"]
    assert dict(found) == case.rules
    for (code, year, indicator), value in case.values.items():
        assert result.table.wide(year).loc[code, indicator] == pytest.approx(value, rel=1e-14)
    for lang in ("zh", "en"):
        said = "\n".join(
            Text(lang)(p.code, **p.params) for p in (f.problem() for f in result.ledger.findings)
        )
        assert "{" not in said
        assert lang == "en" or case.said in said
