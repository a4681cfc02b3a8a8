"""Names of units: every usual way of writing them, and what must never be taken for one."""

import numpy as np
import pandas as pd
import pytest

from suanli.intake.names import Gazetteer, Match
from suanli.intake.units import CodeReader
from suanli.locations import data_folder

NEGATIVES = [
    "全国",
    "合计",
    "总计",
    "小计",
    "平均",
    "均值",
    "东部地区",
    "中部地区",
    "西部地区",
    "东北地区",
    "长三角",
    "京津冀",
    "珠三角",
    "粤港澳大湾区",
    "其他",
    "昆山市",
    "义乌市",
    "海淀区",
    "浦东新区",
    "玉树市",
    "恩施市",
    "喀什市",
    "大理市",
    "延吉市",
    "凯里市",
    "库尔勒市",
    "伊宁市",
    "阿克苏市",
    "和田市",
    "阿图什市",
    "昌吉市",
    "博乐市",
    "塔城市",
    "阿勒泰市",
    "都匀市",
    "兴义市",
    "楚雄市",
    "景洪市",
    "文山市",
    "芒市",
    "个旧市",
    "西昌市",
    "康定市",
    "马尔康市",
    "合作市",
    "临夏市",
    "德令哈市",
    "同仁市",
    "锡林浩特市",
    "阿尔山市",
    "乌兰浩特市",
    "吉首市",
    "加格达奇区",
    "瑞丽市",
    "敦煌市",
    "太仓市",
    "张家港市",
    "江阴市",
    "慈溪市",
    "晋江市",
    "石狮市",
    "长沙县",
    "双流区",
    "江津区",
    "沙坪坝区",
    "雄安新区",
    "贵安新区",
    "西咸新区",
    "两江新区",
    "中卫集群",
    "韶关集群",
    "张家口集群",
    "和林格尔集群",
    "新疆生产建设兵团",
    "滨海新区",
    "莱芜市",
    "巢湖市",
    "惠阳地区",
    "南宁地区",
    "沙市市",
    "涪陵市",
    "万县市",
    "雁北地区",
    "中国",
    "美国",
    "东京",
    "首尔",
    "纽约",
    "欧盟",
    "亚洲",
    "地区",
    "城市",
    "省份",
    "名称",
    "单位",
    "万元",
    "2023年",
    "注：不含港澳台",
    "数据来源：统计局",
    "abc",
    "123",
    "110",
    "null",
    "N/A",
    "—",
    "*",
    "？",
    "一",
    "市",
    "省",
    "州",
    "县",
    "区",
    "北",
    "京津",
    "河",
    "广",
    "云",
    "黑龙",
    "内",
    "新",
    "西",
    "江省",
    "山省",
    "湖",
    "不存在市",
    "张家囗市",
    "上海滩",
    "重庆森林",
    "天津港",
    "北京大学",
    "南京路",
    "苏州河",
    "西安事变",
]


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(data_folder() / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def known() -> Gazetteer:
    return Gazetteer(
        units=table("boundaries/units.csv"),
        renames=table("reference/renames.csv"),
        counties=table("reference/counties.csv"),
        traditional=dict(table("reference/traditional.csv").to_numpy().tolist()),
    )


@pytest.fixture(scope="module")
def cities(known: Gazetteer) -> pd.DataFrame:
    units = known.units
    return units[(units["level"] == "city") & (units["evaluated"] == "1")].set_index("code")


def distorted(name: str, short: str, province: str, rng: np.random.Generator) -> dict[str, str]:
    """Seven ways of writing a name, and an eighth that is a mistake."""
    at = int(rng.integers(1, len(name)))
    wrong = str(rng.choice(list("杭淮济洛汕漳郑遵泸")))
    spot = int(rng.integers(len(short)))
    return {
        "short": short,
        "blank": f"{name[:at]}　{name[at:]}",
        "invisible": f"\ufeff{name[:at]}\u200b{name[at:]} ",
        "province": province + name,
        "bracket": f"{name}（{rng.choice(['含雄安', '1', '地级市'])}）",
        "footnote": f"{name}*",
        "joined": f"{province}-{short}",
        "typo": name.replace(short, short[:spot] + wrong + short[spot + 1 :]),
    }


def test_every_prefecture_is_recognised_however_it_is_written(
    known: Gazetteer, cities: pd.DataFrame
) -> None:
    provinces = known.units[known.units["level"] == "province"].set_index("code")["name"]
    rng = np.random.default_rng(7)
    right = dict.fromkeys(distorted("北京市", "北京", "", rng), 0)
    for code, city in cities.iterrows():
        province = provinces[city["parent"]]
        written = distorted(city["name"], city["short_name"], province, rng)
        for way, text in written.items():
            found = known.match(text, level="city", certain=True)
            if way == "typo" and text in set(cities["name"]):
                continue  # a slip that makes another city's name is no slip to a reader
            assert found.code in {code, ""}, (text, found)
            right[way] += found.code == code
    assert right.pop("typo") <= 5  # only where the wrong character is the right one
    assert set(right.values()) == {len(cities)}


def test_traditional_characters_are_those_of_the_same_place(
    known: Gazetteer, cities: pd.DataFrame
) -> None:
    old: dict[str, str] = {}
    for traditional, simplified in known.traditional.items():
        old.setdefault(simplified, traditional)
    written = {
        code: "".join(old.get(character, character) for character in name)
        for code, name in cities["name"].items()
    }
    changed = {code for code, name in written.items() if name != cities.loc[code, "name"]}
    assert len(changed) > 150
    for code, name in written.items():
        assert known.match(name, level="city").code == code


@pytest.mark.parametrize("level", ["province", "city"])
def test_nothing_else_is_booked_to_a_unit(known: Gazetteer, level: str) -> None:
    assert len(set(NEGATIVES)) >= 100
    booked = {text: known.match(text, level=level, certain=True) for text in NEGATIVES}
    wrong = {
        text: found.name
        for text, found in booked.items()
        if found.code and found.kind in {"unit", "renamed"}
    }
    assert wrong == {}


def test_no_county_is_booked_to_a_prefecture(known: Gazetteer) -> None:
    assert known.counties is not None
    names = set(known.counties["name"]) - set(known.units["name"])
    assert len(names) > 2500
    booked = [n for n in sorted(names) if known.match(n, level="city", certain=True).code]
    assert booked == []


@pytest.mark.parametrize(
    ("text", "level", "kind", "code"),
    [
        ("吉林", "province", "ambiguous", ""),
        ("吉林省", "city", "other_level", "220000"),
        ("海南", "city", "ambiguous", ""),
        ("海南州", "city", "unit", "632500"),
        ("襄樊", "city", "renamed", "420600"),
        ("莱芜市", "city", "abolished", ""),
        ("台湾", "province", "unit", "710000"),
        ("中国香港", "province", "unit", "810000"),
        ("内蒙", "province", "unit", "150000"),
        ("Shaanxi", "province", "unit", "610000"),
        ("suzhou", "city", "ambiguous", ""),
        ("北京市市辖区", "city", "unit", "110000"),
        ("苏州昆山市", "city", "county", ""),
        ("", "city", "blank", ""),
    ],
)
def test_rules_by_hand(known: Gazetteer, text: str, level: str, kind: str, code: str) -> None:
    found = known.match(text, level=level)
    assert (found.kind, found.code) == (kind, code)


def test_a_misspelt_name_is_told_its_likeliest(known: Gazetteer) -> None:
    assert "131000 廊坊市" in known.match("廓坊市", level="city").candidates
    assert len(known.match("北京师", level="city").candidates) <= 3


@pytest.mark.parametrize(
    ("text", "level", "kind", "code"),
    [
        ("11", "city", "unit", "110000"),
        ("110100", "city", "unit", "110000"),
        ("1301", "city", "unit", "130100"),
        ("130000", "city", "other_level", "130000"),
        ("130102", "city", "county", "130102"),
        ("130102001", "city", "unknown", ""),
        ("371200", "city", "abolished", "371200"),
        ("1.301E5", "city", "unknown", ""),
        ("  ", "city", "blank", ""),
    ],
)
def test_codes_by_hand(known: Gazetteer, text: str, level: str, kind: str, code: str) -> None:
    found: Match = CodeReader(gazetteer=known).match(text, level)
    assert (found.kind, found.code) == (kind, code)
