"""The east-west gap: identities, figures worked by hand, trend, alignment."""

from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from geo.errors import GeoError
from suanli.analysis.gap import (
    DEFINITIONS,
    Definition,
    GapResult,
    gap,
    gap_all,
    node_values,
    region_groups,
)
from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.evaluation import Scores, evaluate_panel
from suanli.profile import load_profile, parse_profile
from suanli.text import Text

REGION = DEFINITIONS[0]
CODES = [f"{province}0{city}00" for province in range(11, 23) for city in range(1, 4)]
GROUPS = pd.Series([("east", "west", "central")[i % 3] for i in range(len(CODES))], index=CODES)
YEARS = [2019, 2020, 2021, 2022, 2023]


def panel(*, lift: float = 0.0, seed: int = 1) -> pd.DataFrame:
    """Scores whose east-west difference grows by ``lift`` points a year."""
    rng = np.random.default_rng(seed)
    level = rng.gamma(8.0, 4.0, len(CODES)) + 10.0 * GROUPS.eq("east").to_numpy()
    rows = {
        year: level + rng.normal(0, 0.3, len(CODES)) + lift * step * GROUPS.eq("east").to_numpy()
        for step, year in enumerate(YEARS)
    }
    return pd.DataFrame(rows, index=CODES).T


def measured(values: pd.DataFrame, groups: pd.Series = GROUPS, **options) -> GapResult:
    options = {"replicates": 499, "permutations": 199} | options
    return gap(values, groups, definition=REGION, rng=np.random.default_rng(7), **options)


def test_figures_by_hand() -> None:
    values = pd.DataFrame({"a": [4.0], "b": [8.0], "c": [2.0], "d": [2.0]}, index=[2023])
    groups = pd.Series({"a": "east", "b": "east", "c": "west", "d": ""})
    result = measured(values, groups)
    row = result.years.loc[0]
    assert (row["definition"], row["year"], row["n"], row["left_out"]) == ("region4", 2023, 3, 1)
    assert (row["mean_east"], row["mean_west"], row["difference"], row["ratio"]) == (6, 2, 4, 3)
    assert (row["difference_lower"], row["difference_upper"]) == (2.0, 6.0)
    # Mean absolute difference over twice the mean: (4 + 2 + 6) * 2 / 9 / (2 * 14 / 3).
    assert row["gini"] == pytest.approx(2 / 7, abs=1e-12)
    # Of its 12 the difference 4 lies within the east; the west lies below it, no overlap.
    dagum = row[["dagum_within", "dagum_between", "dagum_transvariation"]]
    np.testing.assert_allclose(dagum.to_numpy(float), [2 / 21, 4 / 21, 0.0], atol=1e-12)
    shares = np.array([4.0, 8.0, 2.0]) / 14
    assert row["theil"] == pytest.approx((shares * np.log(3 * shares)).sum(), abs=1e-12)
    sides = np.array([12.0, 2.0]) / 14
    between = (sides * np.log(sides / np.array([2 / 3, 1 / 3]))).sum()
    assert row["theil_between"] == pytest.approx(between, abs=1e-12)
    assert row["theil_l"] == pytest.approx(-np.log(3 * shares).mean(), abs=1e-12)
    inside = (2 / 3) * -np.log(2 * shares[:2] / sides[0]).mean()
    assert row["theil_l_within"] == pytest.approx(inside, abs=1e-12)
    assert row["theil_l_within"] + row["theil_l_between"] == pytest.approx(row["theil_l"])
    medians = row[["median_east", "median_west", "median_difference"]]
    assert medians.to_list() == [6.0, 2.0, 4.0]
    groups_table = result.groups.set_index("group")
    assert groups_table.loc["east", ["n", "mean", "median"]].to_list() == [2, 6.0, 6.0]
    assert groups_table.loc["west", ["n", "mean", "median"]].to_list() == [1, 2.0, 2.0]


def test_parts_of_theil_sum_to_the_whole_every_year() -> None:
    years = measured(panel()).years
    assert len(years) == len(YEARS)
    total = years["theil_within"] + years["theil_between"]
    assert (total - years["theil"]).abs().max() < 1e-12
    assert (years["theil_between"] > 0).all()
    np.testing.assert_allclose(years["between_share"], years["theil_between"] / years["theil"])


def test_parts_of_dagum_sum_to_the_gini_every_year() -> None:
    years = measured(panel()).years
    parts = years["dagum_within"] + years["dagum_between"] + years["dagum_transvariation"]
    assert (parts - years["gini"]).abs().max() < 1e-12
    # A lead of the east beyond every value of the west leaves nothing to overlap.
    apart = measured(panel() + 1e3 * GROUPS.eq("east") + 1e4 * GROUPS.eq("central")).years
    assert (apart["dagum_transvariation"] == 0).all()
    assert (apart["dagum_between"] > 0.9 * apart["gini"]).all()


def test_a_score_of_zero_leaves_theil_as_its_limit() -> None:
    values = panel().iloc[[0]]
    zero, small = values.copy(), values.copy()
    zero[CODES[1]], small[CODES[1]] = 0.0, 1e-9
    columns = ["gini", "cv", "theil", "theil_between", "theil_within"]
    exact, near = measured(zero).years[columns], measured(small).years[columns]
    assert exact.notna().all(axis=None)
    np.testing.assert_allclose(exact, near, atol=1e-9)


def test_a_side_of_zeros_still_adds_up() -> None:
    values = panel().iloc[[0]].mask(GROUPS.eq("west").to_numpy()[None, :], 0.0)
    row = measured(values).years.loc[0]
    assert row["theil_within"] + row["theil_between"] == pytest.approx(row["theil"], abs=1e-12)
    assert np.isnan(row["ratio"])
    assert row["difference"] == pytest.approx(row["mean_east"])


def test_negative_scores_have_a_difference_but_no_inequality() -> None:
    values = panel() - 60.0
    result = measured(values)
    missing = ["gini", "cv", "theil", "between_share", "between_p", "ratio", "gini_population"]
    missing += ["dagum_within", "dagum_between", "dagum_transvariation"]
    assert result.years[missing].isna().all(axis=None)
    assert result.years["difference"].notna().all()
    assert result.trend["measure"].to_list() == ["difference"]


def test_a_planted_gap_is_between_groups_and_significant() -> None:
    values = panel() + 15.0 * GROUPS.eq("east")
    years = measured(values).years
    assert (years["difference_lower"] > 0).all()
    assert (years["between_p"] < 0.02).all()
    shuffled = GROUPS.copy()
    shuffled[:] = np.random.default_rng(4).permutation(GROUPS)
    nothing = measured(values, shuffled).years
    assert (nothing["difference_lower"] < 0).all()
    assert (nothing["difference_upper"] > 0).all()
    assert (nothing["between_p"] > 0.05).all()


@pytest.mark.parametrize(
    ("lift", "direction"), [(1.5, "widening"), (-1.5, "narrowing"), (0.0, "insignificant")]
)
def test_trend_finds_its_direction(lift: float, direction: str) -> None:
    trend = measured(panel(lift=lift)).trend.set_index("measure")
    row = trend.loc["difference"]
    assert row["direction"] == direction
    assert row["lower"] < row["slope"] < row["upper"]
    assert (row["first_year"], row["last_year"], row["n"]) == (2019, 2023, 24)
    assert row["slope"] == pytest.approx(lift, abs=0.2)


def test_a_lead_of_the_west_that_shrinks_is_narrowing() -> None:
    values = panel(lift=-1.5)
    swapped = GROUPS.replace({"east": "west", "west": "east"})
    assert measured(values, swapped).trend["direction"].to_list() == ["narrowing"] * 2


def test_trend_is_the_least_squares_slope_of_the_yearly_difference() -> None:
    result = measured(panel(lift=0.4))
    slope = np.polyfit(result.years["year"], result.years["difference"], 1)[0]
    assert result.trend.loc[0, "slope"] == pytest.approx(slope, abs=1e-10)
    ratio = np.polyfit(result.years["year"], result.years["ratio"], 1)[0]
    assert result.trend.loc[1, "slope"] == pytest.approx(ratio, abs=1e-10)


def test_trend_uses_units_scored_in_every_year_and_needs_three() -> None:
    values = panel()
    values.loc[2021, CODES[0]] = np.nan
    assert measured(values).trend["n"].to_list() == [23, 23]
    assert measured(values.iloc[:2]).trend.empty


def test_same_seed_same_result_and_order_of_labels_does_not_matter() -> None:
    values = panel()
    base = measured(values)
    rng = np.random.default_rng(2)
    moved = values.loc[rng.permutation(YEARS), rng.permutation(CODES)]
    other = measured(moved, GROUPS.loc[rng.permutation(CODES)])
    for name in ("years", "groups", "trend"):
        pd.testing.assert_frame_equal(
            getattr(base, name), getattr(other, name), check_exact=False, rtol=1e-12
        )
        pd.testing.assert_frame_equal(getattr(base, name), getattr(measured(values), name))


def test_swapping_the_sides_mirrors_the_figures() -> None:
    mirrored = Definition(id="x", column="x", east="west", west="east")
    there = gap(panel(), GROUPS, definition=mirrored, rng=np.random.default_rng(7)).years
    here = measured(panel()).years
    np.testing.assert_allclose(here["difference"], -there["difference"], rtol=1e-12)
    np.testing.assert_allclose(here["ratio"], 1 / there["ratio"], rtol=1e-12)
    np.testing.assert_allclose(here["theil_between"], there["theil_between"], rtol=1e-12)


def test_equal_populations_change_no_measure_and_unknown_ones_leave_units_out() -> None:
    values = panel()
    people = pd.DataFrame(3.0, index=YEARS, columns=CODES)
    years = measured(values, population=people).years
    for name in ("gini", "cv", "theil", "between_share"):
        np.testing.assert_allclose(years[f"{name}_population"], years[name], rtol=1e-12)
    people.loc[2019, CODES[:5]] = np.nan
    some = measured(values, population=people.drop(index=2020)).years.set_index("year")
    assert some["n_population"].to_dict() == {2019: 31, 2020: 0, 2021: 36, 2022: 36, 2023: 36}
    assert np.isnan(some.loc[2020, "gini_population"])


def test_a_side_without_units_is_an_error_that_names_it() -> None:
    with pytest.raises(GeoError, match="west"):
        measured(panel(), GROUPS.replace({"west": "east"}))


def test_cities_belong_to_the_region_of_their_province() -> None:
    column = pd.Series({"110000": "east", "620000": "west", "710000": ""})
    codes = pd.Index(["110000", "620100", "710000", "999900"])
    assert region_groups(column, codes).to_dict() == {"110000": "east", "620100": "west"}


PROFILE = """
id = "tiny"
level = "city"
year = 2023
title = { zh = "小", en = "tiny" }
note = { zh = "试", en = "test" }
[method]
weight = "equal"
[[dimension]]
id = "storage"
name = { zh = "存", en = "storage" }
[[indicator]]
id = "disks"
parent = "storage"
name = { zh = "盘", en = "disks" }
unit = "1"
direction = "up"
status = "reported"
source = "S"
reason = "r"
[[indicator]]
id = "lone"
parent = "index"
name = { zh = "单", en = "lone" }
unit = "1"
direction = "up"
status = "reported"
source = "S"
reason = "r"
"""


def test_all_nodes_and_definitions_are_measured() -> None:
    spec = parse_profile(PROFILE.encode(), file="tiny")
    values = panel()
    scores = {}
    for year in YEARS:
        nodes = pd.DataFrame({"index": values.loc[year], "storage": values.loc[year] / 2})
        scores[year] = Scores(
            spec=spec,
            nodes=nodes,
            indicators=nodes,
            ranks=nodes.rank(),
            weights=pd.DataFrame(),
            coverage=values.loc[year],
            imputed=nodes,
            winsorised=pd.DataFrame(),
            stages=MappingProxyType({}),
        )
    provinces = [f"{i}0000" for i in range(11, 23)]
    regions = pd.DataFrame(
        {
            "region4": ["east", "west", "central"] * 4,
            "belt3": ["east", "west"] * 6,
            "position": ["east", "west", ""] * 4,
            "position_by_demand": ["east", "", "west"] * 4,
        },
        index=provinces,
    )
    result = gap_all(scores, regions, rng=np.random.default_rng(1), replicates=99, permutations=99)
    assert len(result.years) == 2 * 4 * len(YEARS)
    assert list(result.years.columns[:3]) == ["node", "definition", "year"]
    assert result.years["node"].unique().tolist() == ["index", "storage"]
    sizes = result.years.drop_duplicates("definition").set_index("definition")
    assert sizes["n"].to_dict() == {
        "region4": 36,
        "belt3": 36,
        "hub_position": 24,
        "hub_position_by_demand": 24,
    }
    assert sizes["left_out"].to_list() == [0, 0, 12, 12]
    wide = result.years.pivot_table(index=["definition", "year"], columns="node")
    np.testing.assert_allclose(wide["difference"]["index"], 2 * wide["difference"]["storage"])
    np.testing.assert_allclose(wide["theil"]["index"], wide["theil"]["storage"])
    assert len(result.trend) == 2 * 4 * 2


def test_an_indicator_adds_up_to_what_its_gap_contributes() -> None:
    catalogue = load_catalogue()
    scores = evaluate_panel(catalogue.province, load_profile("caict2024-province"))
    values = node_values(scores, "fibre_density")
    assert values.index.to_list() == sorted(scores)
    last = max(scores)
    pd.testing.assert_series_equal(
        values.loc[last], scores[last].indicators["fibre_density"], check_names=False
    )
    options = {"replicates": 99, "permutations": 99}
    result = gap_all(
        scores, catalogue.regions, nodes=["fibre_density"], rng=np.random.default_rng(1), **options
    )
    assert set(result.years["node"]) == {"fibre_density"}
    assert set(result.years["definition"]) == {one.id for one in DEFINITIONS}
    assert len(result.years) == len(scores) * len(DEFINITIONS)
    east = catalogue.regions["region4"].eq("east").reindex(values.columns, fill_value=False)
    west = catalogue.regions["region4"].eq("west").reindex(values.columns, fill_value=False)
    row = result.years.query("year == @last and definition == 'region4'").iloc[0]
    expected = values.loc[last, east].mean() - values.loc[last, west].mean()
    assert row["difference"] == pytest.approx(expected)


def test_an_unknown_node_is_refused_with_what_is_like_it() -> None:
    catalogue = load_catalogue()
    scores = evaluate_panel(catalogue.province, load_profile("caict2024-province"))
    with pytest.raises(InputError) as caught:
        node_values(scores, "fibre_densty")
    problem = caught.value.problems[0]
    assert problem.code == "analysis.node_unknown"
    assert "fibre_density" in problem.params["known"]
    for lang in ("zh", "en"):
        assert "fibre_densty" in Text(lang)(problem.code, **problem.params)
