"""Units of measurement, numbers and headings as people write them."""

import math

import pandas as pd
import pytest

from suanli.intake.headings import Headings, year_of
from suanli.intake.measures import conversion, measure, split_heading
from suanli.intake.numbers import read_number
from suanli.locations import data_folder


@pytest.mark.parametrize(
    ("given", "wanted", "factor"),
    [
        ("万元", "亿元", 1e-4),
        ("百万元", "亿元", 0.01),
        ("元", "万元", 1e-4),
        ("万架", "架", 1e4),
        ("万标准机架", "万架", 1.0),
        ("万公里", "公里", 1e4),
        ("千米", "公里", 1.0),
        ("芯公里", "公里", None),
        ("PFLOPS", "EFLOPS", 1e-3),
        ("P", "EFLOPS", 1e-3),
        ("EFLOPS（FP16）", "PFLOPS FP16", 1e3),
        ("EFLOPS（半精度）", "EFLOPS(FP16)", 1.0),
        ("EFLOPS (FP16)", "EFLOPS (FP32)", None),
        ("EFLOPS", "EFLOPS (FP32)", None),
        ("EB", "PB", 1e3),
        ("万GB", "TB", 10.0),
        ("GWh", "亿千瓦时", 0.01),
        ("亿度", "亿千瓦时", 1.0),
        ("MW", "万千瓦", 0.1),
        ("公顷", "平方公里", 0.01),
        ("‰", "%", 0.1),
        ("1", "%", 100.0),
        ("毫秒", "ms", 1.0),
        ("个/万人", "个/人", 1e-4),
        ("公里/百平方公里", "公里/平方公里", 0.01),
        ("元/人", "万元/人", 1e-4),
        ("人", "个", None),
        ("架", "个", None),
        ("亿元", "亿美元", None),
        ("百分点", "%", None),
    ],
)
def test_conversions_by_hand(given: str, wanted: str, factor: float | None) -> None:
    assert conversion(given, wanted) == factor


def test_every_unit_of_the_shipped_indicators_is_understood() -> None:
    shipped = pd.read_csv(data_folder() / "indicators/indicators.csv", dtype=str)
    unknown = [unit for unit in shipped["unit"].unique() if measure(unit) is None]
    assert unknown == []


def test_conversions_are_inverse_and_consistent() -> None:
    units = ["元", "万元", "亿元", "百万元", "千亿元"]
    for a in units:
        for b in units:
            there, back = conversion(a, b), conversion(b, a)
            assert there is not None
            assert back is not None
            assert there * back == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit"),
    [
        ("12.5", "number", 12.5, ""),
        ("１２．５％", "number", 12.5, "%"),
        ("1,234,567.8", "number", 1234567.8, ""),
        ("1，2345，6789", "number", 123456789, ""),
        ("−5", "number", -5, ""),
        ("1.2万", "number", 1.2, "万"),
        ("3.5 亿元", "number", 3.5, "亿元"),
        ("7km²", "number", 7, "km2"),
        ("12.5②", "number", 12.5, ""),
        ("12.5（注1）", "number", 12.5, ""),
        ("12,3456", "comma", math.nan, ""),
        ("1.234,5", "comma", math.nan, ""),
        ("(12.5)", "none", math.nan, ""),
        ("12 . 5", "none", math.nan, ""),
        ("≥30", "bound", 30, ""),
        ("30余", "bound", 30, ""),
        ("5~6万", "range", 5.5, "万"),
        ("约3亿元", "approximate", 3, "亿元"),
        ("3月5日", "date", math.nan, ""),
        ("5-Mar", "date", math.nan, ""),
        ("-inf", "not_finite", math.nan, ""),
        ("9" * 400, "not_finite", math.nan, ""),
        ("……", "missing", math.nan, ""),
        (" － ", "missing", math.nan, ""),
        ("未公布", "missing", math.nan, ""),
        ("=SUM(A1:A3)", "none", math.nan, ""),
    ],
)
def test_numbers_by_hand(text: str, kind: str, value: float, unit: str) -> None:
    found = read_number(text)
    assert (found.kind, found.unit) == (kind, unit)
    assert found.value == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    ("parts", "indicator", "year", "unit"),
    [
        (["地区生产总值(亿元)"], "gdp", None, "亿元"),
        (["地区生产总值", "（万元）"], "gdp", None, "万元"),
        (["地区生产总值", "单位：万元"], "gdp", None, "万元"),
        (["2022年", "地区生产总值（亿元）"], "gdp", 2022, "亿元"),
        (["2022年地区生产总值"], "gdp", 2022, ""),
        (["地區生產總值"], "gdp", None, ""),
        (["GDP"], "gdp", None, ""),
        (["2023"], "", 2023, ""),
        (["光缆长度"], "", None, ""),
    ],
)
def test_headings_by_hand(parts: list[str], indicator: str, year: int | None, unit: str) -> None:
    shipped = pd.read_csv(data_folder() / "indicators/indicators.csv", dtype=str).fillna("")
    simple = pd.read_csv(data_folder() / "reference/traditional.csv", dtype=str)
    known = Headings(
        indicators=shipped[shipped["level"] == "province"],
        simplified=dict(simple.to_numpy().tolist()),
    )
    found = known.read(parts)
    assert (found.indicator, found.year, found.unit) == (indicator, year, unit)


def test_headings_keep_brackets_that_are_no_unit() -> None:
    assert split_heading("R&D投入(全社会)") == ("R&D投入(全社会)", "")
    assert [year_of(text) for text in ("2023年", "2023.0", "FY2023", "1800", "20231")] == [
        2023, 2023, 2023, None, None,
    ]  # fmt: skip
