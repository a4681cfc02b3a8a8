"""The shipped tables: whole, described, sourced, within their ranges."""

import importlib.util
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from suanli.data import (
    load_catalogue,
    named_units,
    read_table,
    shipped_data,
    with_province,
)
from suanli.errors import InputError
from suanli.intake import IndicatorTable
from suanli.locations import data_folder
from suanli.profile import list_profiles, load_profile

ROOT = Path(__file__).parents[2]
DATA = data_folder()
LEVELS = {"provinces.csv": "province", "cities.csv": "city"}


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


@pytest.fixture(scope="module")
def units():
    found = table("boundaries/units.csv")
    return found[found["evaluated"] == "1"]


@pytest.mark.parametrize("name", [*LEVELS, "geography.csv"])
def test_every_row_joins_is_described_sourced_and_in_range(name, units):
    cells = table(f"indicators/{name}")
    if name in LEVELS:
        cells = cells.assign(level=LEVELS[name])
    assert not cells.duplicated(["level", "code", "year", "indicator"]).any()
    known = set(zip(units["level"], units["code"], strict=True))
    assert set(zip(cells["level"], cells["code"], strict=True)) <= known
    described = table("indicators/indicators.csv").set_index(["indicator", "level"])
    assert described.index.is_unique
    assert (described[["name_zh", "name_en", "unit", "dimension"]] != "").all(axis=None)
    assert set(described["direction"]) == {"up", "down", "none"}
    rows = cells.join(described.add_suffix("_declared"), on=["indicator", "level"])
    assert rows["name_zh_declared"].notna().all()
    assert (rows["unit"] == rows["unit_declared"]).all()
    value = rows["value"].astype(float)
    assert np.isfinite(value).all()
    assert (value >= pd.to_numeric(rows["minimum_declared"]).fillna(-np.inf)).all()
    assert (value <= pd.to_numeric(rows["maximum_declared"]).fillna(np.inf)).all()
    assert set(cells["source"]) <= set(table("indicators/sources.csv")["source"])
    assert set(cells["quality"]) <= {"A", "B", "C"}
    assert (cells["year"] == "0").all() == (name == "geography.csv")


def test_nothing_described_or_sourced_in_vain():
    cells = pd.concat(table(f"indicators/{name}") for name in (*LEVELS, "geography.csv"))
    catalogue = load_catalogue()
    loaded = {*catalogue.province.indicators, *catalogue.city.indicators}
    described = table("indicators/indicators.csv")
    own = described["coverage"] == "none shipped; bring your own"
    assert set(described.loc[~own, "indicator"]) == loaded
    optional = {
        item.id
        for name in list_profiles()
        for item in load_profile(name).indicator
        if item.optional
    }
    assert set(described.loc[own, "indicator"]) == optional
    assert loaded >= set(cells["indicator"])
    assert set(table("indicators/sources.csv")["source"]) == set(cells["source"])
    assert (table("indicators/sources.csv") != "").all(axis=None)


def test_declared_coverage_is_true():
    described = table("indicators/indicators.csv")
    for name, level in LEVELS.items():
        cells = table(f"indicators/{name}")
        for row in described[described["level"] == level].itertuples():
            found = cells[cells["indicator"] == row.indicator]
            if found.empty:
                continue  # geography
            years = f"{found['year'].min()}-{found['year'].max()}"
            expected = f"{years}; {found['code'].nunique()} units; {len(found)} cells"
            assert row.coverage == expected


def test_unjoined_rows_say_why():
    lost = table("indicators/unjoined.csv")
    assert (lost[["table", "name", "rows", "reason"]] != "").all(axis=None)
    assert set(lost["name"]) == {"中国", "美国", "日本", "德国", "英国"}


def test_known_traps_stay_known(catalogue):
    province = catalogue.province
    without_tibet = province.cells["indicator"].isin(("software_revenue", "it_service_revenue"))
    assert province.cells.loc[without_tibet, "code"].nunique() == 30
    assert "540000" not in set(province.cells.loc[without_tibet, "code"])
    units = province.units()
    assert units["longhaul_fibre_length"] == "万公里"
    assert units["fibre_length"] == "公里"
    assert units["mobile_internet_traffic"] == "万GB"
    assert 2020 not in set(catalogue.city.cells.query("indicator == 'telecom_revenue'")["year"])
    assert catalogue.province.years[-1] == 2024
    # GDP of 2023 after the fifth census, National Bureau of Statistics.
    assert province.wide(2023, ["gdp"]).loc["440000", "gdp"] > 135_000


def test_geography_is_complete_but_for_the_gaps_named(units):
    cells = table("indicators/geography.csv")
    gaps = table("indicators/geography_gaps.csv")
    present = set(zip(cells["level"], cells["code"], cells["indicator"], strict=True))
    named = set(zip(gaps["level"], gaps["code"], gaps["indicator"], strict=True))
    described = table("indicators/indicators.csv")
    geography = described[described["indicator"].isin(cells["indicator"])]
    expected = {
        (level, code, indicator)
        for indicator, level in zip(geography["indicator"], geography["level"], strict=True)
        if indicator in set(cells.loc[cells["level"] == level, "indicator"])
        for code in units.loc[units["level"] == level, "code"]
    }
    assert present | named == expected
    assert not present & named
    assert set(gaps["name"]) == {"三沙市", "舟山市"}


def test_distances_and_latencies_follow_their_formula(catalogue, units):
    cities = units[units["level"] == "city"].set_index("code")[["lon", "lat"]].astype(float)
    hubs = cities.loc[catalogue.hub_cities.index]
    geod = Geod(ellps="WGS84")

    def nearest(code, targets):
        lon, lat = cities.loc[code]
        n = len(targets)
        return min(geod.inv([lon] * n, [lat] * n, targets["lon"], targets["lat"])[2]) / 1000

    wide = catalogue.city.wide(0, ["distance_to_hub", "latency_to_hub", "latency_to_demand"])
    core = cities.loc[["110000", "310000", "440100"]]
    for code in ("131000", "140200", "540100", "460300"):
        kilometres = nearest(code, hubs)
        assert wide.loc[code, "distance_to_hub"] == pytest.approx(kilometres, abs=0.06)
        assert wide.loc[code, "latency_to_hub"] == pytest.approx(kilometres * 1.5 / 200, abs=6e-4)
        assert wide.loc[code, "latency_to_demand"] == pytest.approx(
            nearest(code, core) * 1.5 / 200, abs=6e-4
        )
    assert (wide.loc[hubs.index, "distance_to_hub"] == 0).all()
    assert (wide["distance_to_hub"] == 0).sum() == 14


def test_demand_within_reach_adds_up_by_hand(catalogue, units):
    # 拉萨 reaches 林芝, 山南 and itself at most: sum those within 300 km.
    cities = units[units["level"] == "city"].set_index("code")[["lon", "lat"]].astype(float)
    lon, lat = cities.loc["540100"]
    geod = Geod(ellps="WGS84")
    n = len(cities)
    near = cities.index[
        np.array(geod.inv([lon] * n, [lat] * n, cities["lon"], cities["lat"])[2]) <= 300_000
    ]
    cells = catalogue.city.cells
    cells = cells[
        (cells["indicator"] == "tertiary_value_added")
        & cells["code"].isin(near)
        & cells["year"].between(2019, 2023)
    ]
    expected = cells.sort_values("year").groupby("code")["value"].last().sum()
    wide = catalogue.city.wide(0, ["demand_reach_300km"])["demand_reach_300km"]
    assert wide["540100"] == pytest.approx(expected, abs=0.01)
    assert wide["540100"] > 0


def test_climate_is_plausible_and_people_live_where_it_is_mild(catalogue):
    wide = catalogue.province.wide(0)
    assert wide["mean_temperature"].idxmax() == "460000"
    assert wide["mean_temperature"].idxmin() in {"540000", "630000"}
    warmer = wide["mean_temperature_population"] - wide["mean_temperature"]
    assert warmer["510000"] > 5  # 四川: plateau by area, basin by people
    assert warmer["540000"] > 1
    assert (wide["mean_elevation"].idxmax(), wide["mean_elevation"]["540000"] > 4500) == (
        "540000",
        True,
    )
    station = catalogue.province.wide(2023, ["annual_mean_temperature_station"])
    both = pd.concat([station, wide["mean_temperature_population"]], axis=1).dropna()
    assert both.corr().iloc[0, 1] > 0.9


def test_hubs(catalogue, units):
    cities = catalogue.hub_cities
    assert len(catalogue.hubs) == 10
    assert catalogue.hubs["hub"].nunique() == 8
    assert len(cities) == 14
    assert {"520400", "310000", "150900"} <= set(cities.index)
    assert not {"310100", "131000", "140200"} & set(cities.index)  # 廊坊 and 大同 are neighbours
    names = units[units["level"] == "city"].set_index("code")["name"]
    assert cities["name"].equals(names.loc[cities.index])
    listed = {code for codes in catalogue.hubs["codes"] for code in codes.split(";")}
    assert listed == set(cities.index)
    assert set(cities["position"]) == set(cities["position_by_demand"]) == {"east", "west"}
    differ = cities.index[cities["position"] != cities["position_by_demand"]]
    assert set(differ) == {"500000", "510100"}


def test_regions(catalogue):
    regions = catalogue.regions
    scored = regions[regions["scored"] == "1"]
    assert scored["region4"].value_counts().to_dict() == {
        "west": 12,
        "east": 10,
        "central": 6,
        "northeast": 3,
    }
    assert scored["belt3"].value_counts().to_dict() == {"west": 12, "east": 11, "central": 8}
    assert set(scored.index) == set(catalogue.province.codes)
    assert set(regions.index[regions["scored"] == "0"]) == {"710000", "810000", "820000"}
    hub_provinces = set(scored.index[scored["hub"] != ""])
    assert {code[:2] + "0000" for code in catalogue.hub_cities.index} <= hub_provinces
    flag = catalogue.province.wide(2022, ["hub_province"])["hub_province"]
    assert set(flag.index[flag == 1]) == hub_provinces


def test_published_lists(catalogue, units):
    published = catalogue.published
    known = set(zip(units["level"], units["code"], units["name"], strict=True))
    rows = zip(published["level"], published["code"], published["place"], strict=True)
    assert set(rows) <= known
    assert published["rank"].str.fullmatch(r"\d{1,2}|<=\d{1,2}").all()
    assert set(published["family"]) == {"comprehensive", "sister"}
    assert (published[["edition", "publisher", "dimension", "source_url"]] != "").all(axis=None)
    lists = published.groupby(["edition", "level", "dimension"])
    for key, rows in lists:
        exact = rows[rows["rank"].str.isdigit()]
        # One place per rank, however many sources repeat it.
        assert exact.groupby("rank")["code"].nunique().eq(1).all(), key
    city = published.query("year == '2024' and level == 'city'").set_index("rank")["place"]
    assert city.to_dict() == {"1": "廊坊市", "2": "张家口市", "3": "大同市"}


def test_network_nodes_never_hide_what_is_unverified(catalogue, units):
    nodes = catalogue.network_nodes
    cities = set(units.loc[units["level"] == "city", "code"])
    assert set(nodes["code"]) <= cities
    assert not nodes.duplicated(["kind", "code"]).any()
    assert set(nodes.loc[nodes["quality"] == "M", "status"]) == {"candidate"}
    assert set(nodes.loc[nodes["status"] == "verified", "quality"]) <= {"A", "B"}
    backbone = nodes[nodes["kind"] == "backbone_direct"]
    assert (len(backbone), (backbone["status"] == "verified").sum()) == (29, 18)
    assert set(nodes.loc[nodes["core"] == "1", "code"]) == {"110000", "310000", "440100"}


def test_areas_and_renames(catalogue):
    areas = catalogue.land_area
    assert set(areas["official_quality"]) == {"M"}
    both = areas[areas["measured_km2"] != ""]
    assert len(both) == 34
    ratio = both["measured_km2"].astype(float) / both["official_km2"].astype(float)
    assert ratio.drop(["310000", "460000", "640000", "820000"]).between(0.95, 1.05).all()
    renames = catalogue.renames.set_index("code")
    assert renames.loc["371200", ["last_year", "successor_code"]].to_list() == ["2018", "370100"]
    assert renames.loc["420600", "name"] == "襄樊市"
    assert len(catalogue.evaluation_system) == 50


def test_files_are_plain_utf8_with_unix_lines():
    for path in [*DATA.glob("indicators/*.csv"), *DATA.glob("reference/*.csv")]:
        data = path.read_bytes()
        assert not data.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in data
        assert data.decode("utf-8").endswith("\n")


def test_an_incomplete_folder_is_refused(tmp_path):
    for part in ("boundaries", "indicators", "reference"):
        (tmp_path / part).mkdir()
    with pytest.raises(InputError) as caught:
        load_catalogue(tmp_path)
    assert caught.value.problems[0].code == "data.unreadable"


def _script(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_import_keeps_what_joins_and_lists_the_rest(tmp_path):
    script = _script("import_tables")
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "cities.csv").write_text(
        "adcode,name,year,indicator_id,value,unit,quality,source_id\n"
        "371200,莱芜市,2018,gdp,1005.65,亿元,B,S1\n"
        "310100,上海市,2023,gdp,47218.660,亿元,B,S1\n"
        "110000,北京市,2023,gdp,8.0,亿元,B,S1\n",
        encoding="utf-8",
    )
    units = pd.DataFrame({"level": "city", "code": ["110000", "310000"], "name": ["", ""]})
    lost = script._import_values(raw, tmp_path, units, "city", "cities")
    assert lost[["code", "name", "rows"]].values.tolist() == [["371200", "莱芜市", 1]]
    kept = pd.read_csv(io.BytesIO((tmp_path / "indicators/cities.csv").read_bytes()), dtype=str)
    assert kept["code"].to_list() == ["110000", "310000"]
    assert kept["value"].to_list() == ["8", "47218.66"]


def test_representative_points_lie_in_china(units):
    lon, lat = units["lon"].astype(float), units["lat"].astype(float)
    assert shapely.box(73, 3, 136, 54).covers(shapely.points(lon, lat)).all()


def test_cities_follow_a_change_of_their_province():
    catalogue = load_catalogue()
    cells = catalogue.province.cells.copy()
    row = cells["code"].eq("130000") & cells["indicator"].eq("power_generation")
    cells.loc[row, "value"] = 9999.0
    changed = with_province(catalogue, IndicatorTable(cells=cells))
    assert changed.city.wide(2023).loc["131000", "province_power_generation"] == 9999.0
    kept = changed.city.cells[changed.city.cells["indicator"] != "province_power_generation"]
    before = catalogue.city.cells[catalogue.city.cells["indicator"] != "province_power_generation"]
    pd.testing.assert_frame_equal(kept, before, check_like=True)
    same = with_province(catalogue, catalogue.province)
    pd.testing.assert_frame_equal(same.city.cells, catalogue.city.cells)


def test_many_units_are_named_and_counted():
    codes = load_catalogue().province.codes
    for lang, first in (("zh", "北京市 110000"), ("en", "Beijing 110000")):
        said = named_units(codes)[lang]
        assert said.startswith(f"{first}, ")
        assert said.endswith(f"… ({len(codes)})")
        assert said.count(", ") == 19


def test_ones_own_values_lie_over_the_shipped_ones(tmp_path):
    path = tmp_path / "mine.csv"
    rows = "code,year,indicator,value,unit\n110000,2023,gdp,50000,亿元\n110000,2023,racks,7,个\n"
    path.write_text(rows, encoding="utf-8")
    shipped = shipped_data("province")
    both = shipped | read_table(path)
    assert both.wide(2023, ["gdp", "racks"]).loc["110000"].to_list() == [50000.0, 7.0]
    assert len(both.cells) == len(shipped.cells) + 1
    rest = both.wide(2023, ["gdp"]).drop(index="110000")
    assert rest.equals(shipped.wide(2023, ["gdp"]).drop(index="110000"))
    assert shipped_data("city").codes != shipped.codes
