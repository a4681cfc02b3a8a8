"""The indicator table and the reading of good tables in their many disguises."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suanli.data import read_table
from suanli.errors import InputError
from suanli.intake import COLUMNS, IndicatorTable

# Units of measurement are seldom given here: that they are assumed is warned of.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

UNITS = pd.DataFrame(
    {
        "code": ["110000", "130000", "130100", "371300"],
        "level": ["province", "province", "city", "city"],
        "name": ["北京市", "河北省", "石家庄市", "临沂市"],
    }
)
INDICATORS = pd.DataFrame(
    {
        "indicator": ["gdp", "gdp", "share"],
        "level": ["province", "city", "province"],
        "name_zh": ["地区生产总值", "地区生产总值", "占比"],
        "name_en": ["GRP", "GRP", "Share"],
        "unit": ["亿元", "亿元", "%"],
        "minimum": ["0", "0", "0"],
        "maximum": ["", "", "100"],
    }
)


def read(path, level="province"):
    return read_table(path, level=level, units=UNITS, indicators=INDICATORS)


def rows(**overrides) -> pd.DataFrame:
    base = {
        "code": ["110000", "110000", "110000", "130000"],
        "year": [2022, 2023, 0, 2023],
        "indicator": ["gdp", "gdp", "temperature", "gdp"],
        "value": [1.0, 2.0, 11.5, 3.0],
        "unit": ["亿元", "亿元", "℃", "亿元"],
        "quality": ["A", "A", "B", "C"],
        "source": ["S1", "S1", "G1", "S2"],
    }
    return pd.DataFrame(base | overrides)


def test_wide_takes_the_year_and_falls_back_to_every_year():
    table = IndicatorTable(cells=rows())
    wide = table.wide(2023)
    assert wide.index.to_list() == ["110000", "130000"]
    assert wide.columns.to_list() == ["gdp", "temperature"]
    assert wide.to_numpy() == pytest.approx(np.array([[2.0, 11.5], [3.0, np.nan]]), nan_ok=True)
    assert table.wide(2022, ["gdp"])["gdp"].isna().to_list() == [False, True]
    assert table.wide(1990)["temperature"]["110000"] == 11.5
    assert table.quality(2023).loc["110000"].to_dict() == {"gdp": "A", "temperature": "B"}


def test_the_year_asked_for_beats_every_year():
    both = rows(indicator=["gdp"] * 4, year=[2022, 0, 2023, 0], unit=["亿元"] * 4)
    assert IndicatorTable(cells=both).wide(2023)["gdp"].to_list() == [11.5, 3.0]


def test_row_order_makes_no_difference():
    table, shuffled = (IndicatorTable(cells=f) for f in (rows(), rows().iloc[[2, 0, 3, 1]]))
    pd.testing.assert_frame_equal(table.cells, shuffled.cells)
    assert table.cells.columns.to_list() == list(COLUMNS)
    assert (table.years, table.codes, table.indicators) == (
        (2022, 2023),
        ("110000", "130000"),
        ("gdp", "temperature"),
    )


def test_the_table_refuses_what_is_ambiguous():
    with pytest.raises(ValueError, match="repeated"):
        IndicatorTable(cells=pd.concat([rows(), rows()]))
    with pytest.raises(ValueError, match=r"lacks the columns \['unit'\]"):
        IndicatorTable(cells=rows().drop(columns="unit"))
    with pytest.raises(ValueError, match="more than one unit"):
        IndicatorTable(cells=rows(unit=["亿元", "万元", "℃", "亿元"])).units()
    with pytest.raises(InputError) as caught:
        IndicatorTable(cells=rows()).wide(2023, ["gpd"])
    problem = caught.value.problems[0]
    assert (problem.code, problem.params["nearest"]) == ("intake.indicator_absent", "gdp")


TIDY = "code,year,indicator,value\n110000,2023,gdp,43760.7\n130000,2023,gdp,43944.1\n"
EXPECTED = {"110000": 43760.7, "130000": 43944.1}

DISGUISES = {
    "plain": TIDY.encode(),
    "crlf": TIDY.replace("\n", "\r\n").encode(),
    "utf-8 with BOM": TIDY.encode("utf-8-sig"),
    "utf-16 with tabs, as Excel's Unicode text": TIDY.replace(",", "\t").encode("utf-16"),
    "semicolons": TIDY.replace(",", ";").encode(),
    "full-width commas": TIDY.replace(",", "，").encode(),
    "Chinese headings in GB18030": TIDY.replace(
        "code,year,indicator,value", "行政区划代码,年份,指标,数值"
    ).encode("gb18030"),
    "title, blank and note rows": (
        "2023年地区生产总值,,,\n,,,\n" + TIDY + "注：初步核算数,,,\n"
    ).encode(),
    "full-width digits": TIDY.replace("43760.7", "４３７６０．７").encode(),
    "thousands": TIDY.replace("43760.7", '"43,760.7"').encode(),
    "blanks": TIDY.replace("43760.7", " 43760.7\u00a0").encode(),
    "codes as floats": TIDY.replace("110000,", "110000.0,").encode(),
    "codes of twelve digits": TIDY.replace("110000,", "110000000000,").encode(),
    "codes as text": TIDY.replace("110000,", "'110000,").encode(),
    "years with their character": TIDY.replace(",2023,", ",2023年,").encode(),
    "missing marks": (
        TIDY + "130000,2022,gdp,—\n130000,2021,gdp,\n110000,2021,gdp,暂无\n"
    ).encode(),
    "names beside codes": TIDY.replace("code,", "name,code,")
    .replace("110000,", "北京,110000,")
    .replace("130000,", "河北省,130000,")
    .encode(),
    "units beside values": TIDY.replace("value", "value,unit")
    .replace(".7\n", ".7,亿元\n")
    .encode(),
    "another level is left out": (
        TIDY.replace("value\n", "value,level\n")
        .replace(".7\n", ".7,province\n")
        .replace(".1\n", ".1,province\n")
        + "130100,2023,gdp,7534.2,city\n"
    ).encode(),
    "wide by identifier": b"code,year,gdp\n110000,2023,43760.7\n130000,2023,43944.1\n",
    "wide by Chinese name and unit": (
        "代码,年份,地区,地区生产总值（亿元）\n110000,2023,北京,43760.7\n130000,2023,河北,43944.1\n"
    ).encode("gb18030"),
    "wide by English name": b"CODE,YEAR,grp\n110000,2023,43760.7\n130000,2023,43944.1\n",
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_good_table_reads_the_same_in_every_disguise(tmp_path, disguise):
    path = tmp_path / "a.csv"
    path.write_bytes(DISGUISES[disguise])
    table = read(path)
    assert table.wide(2023, ["gdp"])["gdp"].to_dict() == EXPECTED
    assert table.units().to_dict() == {"gdp": "亿元"}
    assert len(table.cells) == 2


def test_defaults_say_where_values_come_from(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("code,share\n110000,12.5%\n130000,\n", encoding="utf-8")
    cells = read(path).cells
    assert cells.loc[0].to_dict() == {
        "code": "110000",
        "year": 0,
        "indicator": "share",
        "value": 12.5,
        "unit": "%",
        "quality": "user",
        "source": "mine.csv",
    }
    assert len(cells) == 1


def test_what_is_written_reads_back(tmp_path):
    path = tmp_path / "a.csv"
    table = IndicatorTable(cells=rows(indicator=["gdp"] * 4, unit=["亿元"] * 4))
    table.cells.to_csv(path, index=False)
    pd.testing.assert_frame_equal(read(path).cells, table.cells)


def readable(path) -> bool:
    """Any other exception than an InputError fails the test."""
    try:
        table = read(path)
    except InputError:
        return False
    return bool(np.isfinite(table.cells["value"]).all())


@settings(derandomize=True, deadline=None, max_examples=60)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(data)
    assert not readable(path)  # three hundred random bytes hold no header, or no rows


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    position=st.integers(0, len(TIDY) - 1),
    text=st.text(alphabet=',"\n\t0a-.;=＝年\x00\u200bé', max_size=4),
)
def test_any_edit_is_read_or_refused_in_words(tmp_path_factory, position, text):
    path = tmp_path_factory.getbasetemp() / "edit.csv"
    path.write_text(TIDY[:position] + text + TIDY[position + 1 :], encoding="utf-8", newline="")
    if readable(path):
        assert set(read(path).codes) <= set(UNITS["code"])
