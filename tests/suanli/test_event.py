"""Event study of approvals: planted and absent effects, who is treated when, words."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from suanli.analysis import event
from suanli.analysis.event import DESIGNS, OUTCOMES, first_years, hub_events, series_of
from suanli.analysis.hub_conclusion import event_conclusions
from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.intake import IndicatorTable
from suanli.run.further import worded
from suanli.text import LANGUAGES, Text

SIDE = 14
CODES = [f"{x:02d}{y:02d}" for y in range(SIDE) for x in range(SIDE)]
LAYER = gpd.GeoDataFrame(
    index=CODES,
    geometry=[box(int(c[:2]), int(c[2:]), int(c[:2]) + 1, int(c[2:]) + 1) for c in CODES],
    crs=4326,
)
NONE = pd.DataFrame({"from": [], "to": []})
HUBS = pd.DataFrame(
    {
        "name": list("abcde"),
        "approval_date": ["2021-12-20", "2021-12-20", "2022-02", "2022-02", "2022-02"],
    },
    index=["0202", "1102", "0211", "1111", "0606"],
)
REGIONS = pd.Series(["west" if int(c[:2]) < 7 else "east" for c in CODES], index=CODES)
YEARS = range(2018, 2024)


def near(code):
    x, y = int(code[:2]), int(code[2:])
    return min(max(abs(x - int(h[:2])), abs(y - int(h[2:]))) for h in HUBS.index)


def table(*, lift=0.0, ring=1, drift=0.0, seed=1):
    """Telecom revenue that steps up in a ring from 2022 on, all else noise."""
    rng = np.random.default_rng(seed)
    level = rng.normal(10, 1, len(CODES))
    rows = []
    for year in YEARS:
        for place, code in enumerate(CODES):
            inside = near(code) == ring
            gain = lift * (inside and year >= 2022) + drift * inside * (year - 2018)
            value = np.exp(level[place] + gain + rng.normal(0, 0.05))
            rows.append((code, year, "telecom_revenue", value, "万元"))
            rows.append((code, year, "industrial_electricity", rng.lognormal(3, 0.1), "亿千瓦时"))
            rows.append((code, year, "gdp", rng.lognormal(6, 0.1), "亿元"))
            rows.append((code, year, "population", 100.0, "万人"))
    cells = pd.DataFrame(rows, columns=["code", "year", "indicator", "value", "unit"])
    return IndicatorTable(cells=cells.assign(quality="A", source="S"))


def study(values, **options):
    options = {
        "regions": REGIONS,
        "strata": REGIONS,
        "bridges": NONE,
        "rng": np.random.default_rng(3),
        "permutations": 199,
    } | options
    hubs = options.pop("hubs", HUBS)
    return hub_events(values, options.pop("layer", LAYER), hubs, **options)


@pytest.fixture(scope="module")
def lifted():
    return study(table(lift=0.3), permutations=499)


def test_a_planted_effect_is_found_in_its_ring_and_series_alone(lifted):
    rows = lifted.summary.set_index(["design", "outcome", "ring"])
    hit = rows.loc[("main", "telecom_revenue", 1)]
    assert hit["estimate"] == pytest.approx(0.3, abs=0.03)
    assert hit["p_redraw"] <= 0.02
    others = rows.loc["main"].drop(index=("telecom_revenue", 1))
    assert (others["estimate"].abs() < 0.1).all()
    assert hit["treated"] == 5 * 8
    by_year = lifted.effects.query(
        "design == 'main' and outcome == 'telecom_revenue' and ring == 1"
    )
    by_year = by_year.set_index("event")["estimate"]
    assert by_year[[0.0, 1.0]].min() > 0.25
    assert by_year[[-4.0, -3.0, -2.0]].abs().max() < 0.05
    keys = [said.key for said in event_conclusions(lifted)]
    assert keys[0] == "hubs.event_all_some"
    assert keys.count("hubs.event_more") == 1


def test_nothing_planted_is_called_nothing():
    result = study(table(seed=2))
    assert not (result.summary["p_fdr"] <= 0.05).any()
    keys = {said.key for said in event_conclusions(result)} - {"hubs.event_before"}
    assert keys == {
        "hubs.event_all_none",
        "hubs.event_none",
        "hubs.event_calendar_none",
        "hubs.event_nationwide_none",
    }
    # What could have been seen is told, and is not nothing.
    assert (result.summary["detectable"] > 0).all()


def test_cities_that_part_before_approval_are_no_evidence():
    result = study(table(drift=0.2))
    row = result.summary.query("design == 'main' and outcome == 'telecom_revenue' and ring == 1")
    assert row["before_p_redraw"].iloc[0] < 0.05
    assert "hubs.event_before" in [said.key for said in event_conclusions(result)]


def test_first_year_by_exposure_and_by_calendar():
    hubs = pd.DataFrame(
        {"name": "x", "approval_date": ["2021-06-30", "2021-07", "2021-12-20", "2022-02"]},
        index=list("abcd"),
    )
    assert first_years(hubs, timing="exposure").to_list() == [2021, 2022, 2022, 2022]
    assert first_years(hubs, timing="calendar").to_list() == [2021, 2021, 2021, 2022]
    hubs.loc["b", "approval_date"] = "soon"
    hubs.loc["c", "approval_date"] = "2021-13"
    with pytest.raises(InputError) as caught:
        first_years(hubs, timing="calendar")
    assert [p.params["code"] for p in caught.value.problems] == ["b", "c"]


def test_dates_and_rings_move_with_redrawn_hubs(lifted):
    calendar = lifted.summary.query("design == 'calendar'")
    # Two cohorts: the years after are those of the earlier one, 2021 to 2023.
    assert set(calendar["years_after"]) == {3}
    assert set(lifted.summary.query("design == 'main'")["years_after"]) == {2}


def test_series_are_logarithms_of_what_is_positive():
    cells = table().cells
    cells.loc[(cells["code"] == "0000") & (cells["indicator"] == "gdp"), "value"] = 0.0
    some = IndicatorTable(cells=cells)
    panel = series_of(some, OUTCOMES[2], pd.Index(["0000", "0001"]))
    assert panel.index.to_list() == [2019, 2020, 2021, 2022, 2023]
    assert panel["0000"].isna().all()
    one = some.wide(2021).loc["0001"]
    assert panel.loc[2021, "0001"] == pytest.approx(np.log(one["gdp"] / one["population"]))
    with pytest.raises(InputError) as caught:
        series_of(some, replace(OUTCOMES[2], first=2023), pd.Index(["0001"]))
    assert caught.value.problems[0].code == "hubs.series_short"


def test_order_of_rows_does_not_matter(lifted):
    moved = study(
        IndicatorTable(cells=table(lift=0.3).cells.sample(frac=1, random_state=1)),
        layer=LAYER.sample(frac=1, random_state=2),
        hubs=HUBS.iloc[::-1],
        regions=REGIONS.sample(frac=1, random_state=3),
        strata=REGIONS.sample(frac=1, random_state=4),
        permutations=499,
    )
    pd.testing.assert_frame_equal(moved.summary, lifted.summary)


def test_hubs_without_region_are_refused_by_name():
    for wrong in ({"regions": REGIONS.drop("0606")}, {"strata": REGIONS.drop("0606")}):
        with pytest.raises(InputError) as caught:
            study(table(), **wrong)
        assert caught.value.problems[0].params["code"] == "0606"


def test_shipped_series_reach_beyond_the_approvals():
    catalogue = load_catalogue()
    codes = pd.Index(catalogue.hub_cities.index)
    for outcome in OUTCOMES:
        panel = series_of(catalogue.city, outcome, codes)
        assert panel.index.max() >= 2023
        assert panel.loc[panel.index < 2022].notna().any().all()
    assert first_years(catalogue.hub_cities, timing="exposure").eq(2022).all()
    assert set(first_years(catalogue.hub_cities, timing="calendar")) == {2021, 2022}
    assert DESIGNS[0].id == "main"


def test_every_sentence_exists_in_both_languages(lifted):
    less = lifted.summary.assign(estimate=-0.5, expected=0.0, p_fdr=0.01, before_p_redraw=0.01)
    results = [lifted, study(table(seed=2), permutations=99), replace(lifted, summary=less)]
    said = [each for result in results for each in event_conclusions(result)]
    assert {"hubs.event_less", "hubs.event_before", "hubs.event_calendar_some"} <= {
        each.key for each in said
    }
    for lang in LANGUAGES:
        assert all("{" not in worded(each, Text(lang), {}) for each in said)
        for item in OUTCOMES:
            assert Text(lang).has(f"hubs.outcome_{item.id}")
    assert len(event.__all__) == len(set(event.__all__))
