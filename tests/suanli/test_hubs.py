"""Rings around hubs: planted effects, null cases, exactness, alignment, conclusions."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geo.errors import StatisticsError
from geo.statistics import ring_test
from geo.weights import build_contiguity
from suanli.analysis.conclusion import Conclusion, hub_conclusions
from suanli.analysis.hubs import HubResult, hub_rings, hub_strata
from suanli.analysis.spatial import spatial_pattern
from suanli.errors import InputError
from suanli.text import Text

SIDE = 18
NONE = pd.DataFrame({"from": [], "to": []})
LISA = pd.DataFrame(columns=["code", "quadrant", "cluster", "p", "p_fdr"])
HUBS = pd.DataFrame(
    {"hub": ["H1", "H1", "H2", "H3", "H4"], "name": ["a", "b", "c", "d", "e"]},
    index=["0303", "0313", "1004", "1414", "0909"],
)


def grid() -> gpd.GeoDataFrame:
    cells = [(x, y) for y in range(SIDE) for x in range(SIDE)]
    codes = [f"{x:02d}{y:02d}" for x, y in cells]
    # A tenth of a degree: the plane is nearly flat there.
    squares = [box(x / 10, y / 10, (x + 1) / 10, (y + 1) / 10) for x, y in cells]
    return gpd.GeoDataFrame({"name": codes}, index=codes, geometry=squares, crs=4326)


LAYER = grid()
STRATA = pd.Series(
    [("west", "east")[int(code[:2]) >= SIDE // 2] for code in LAYER.index], index=LAYER.index
)


def noise(seed: int = 1) -> pd.Series:
    return pd.Series(np.random.default_rng(seed).normal(50, 8, len(LAYER)), index=LAYER.index)


def ring(code: str) -> int:
    x, y = int(code[:2]), int(code[2:])
    return min(max(abs(x - int(h[:2])), abs(y - int(h[2:]))) for h in HUBS.index)


def planted(lift: dict[int, float], seed: int = 1) -> pd.Series:
    added = pd.Series({code: lift.get(ring(code), 0.0) for code in LAYER.index})
    return noise(seed) + added


def rings(values: pd.Series, layer: gpd.GeoDataFrame = LAYER, **options) -> HubResult:
    options = {
        "strata": STRATA,
        "bridges": NONE,
        "local": LISA,
        "permutations": 999,
        "rng": np.random.default_rng(5),
    } | options
    return hub_rings(values, layer, options.pop("hubs", HUBS), **options)


def said(result: HubResult) -> list[str]:
    return [each.key.removeprefix("analysis.") for each in hub_conclusions(result)]


def test_a_planted_spillover_is_found_and_called_one() -> None:
    result = rings(planted({0: 25.0, 1: 15.0, 2: 6.0}))
    table = result.rings.set_index("ring")
    assert table.loc[1, "p"] < 0.01
    assert table.loc[1, "difference"] == pytest.approx(15, abs=4)
    assert abs(table.loc[1, "expected"]) < 2
    assert (result.slope < 0, result.slope_p < 0.01, result.monotone) == (True, True, True)
    assert said(result)[:3] == ["hub_effect", "hub_decay", "hub_own_higher"]


def test_hubs_that_stand_out_alone_have_no_spillover() -> None:
    result = rings(planted({0: 30.0}, seed=3))
    assert result.rings.loc[0, "p"] < 0.01
    assert result.rings.loc[1, "p"] > 0.05
    assert said(result)[0] == "hub_no_effect"
    assert said(result)[2] == "hub_own_higher"


def test_hubs_that_drain_their_neighbours_are_told_from_those_that_lift() -> None:
    assert said(rings(planted({1: -15.0, 2: -8.0})))[:2] == ["hub_siphon", "hub_rise"]


def test_noise_gives_nothing() -> None:
    result = rings(noise(seed=4))
    assert (result.rings["p"] > 0.05).all()
    assert said(result) == [
        "hub_no_effect",
        "hub_no_gradient",
        "hub_own_no_difference",
        "top_no_effect",
    ]


def test_null_p_values_are_not_too_small() -> None:
    # Random hubs on noise: at level 0.1 a valid two-sided test rejects about one in ten.
    found = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        chosen = [*rng.choice(STRATA.index[STRATA == "west"], 3, replace=False)]
        chosen += [*rng.choice(STRATA.index[STRATA == "east"], 2, replace=False)]
        hubs = HUBS.set_axis(sorted(chosen))
        result = rings(noise(seed), hubs=hubs, permutations=99, rng=rng)
        found += int(result.rings.loc[1, "p"] <= 0.1)
    # Binomial(60, 0.1): 13 or more happens once in a hundred.
    assert found <= 12


def test_a_contrast_between_strata_does_not_pass_for_an_effect() -> None:
    level = 40.0 * STRATA.eq("west")
    hubs = HUBS.set_axis(["0303", "0313", "0608", "0202", "0214"])
    values = noise(seed=4) + level
    fair = rings(values, hubs=hubs)
    naive = rings(values, hubs=hubs, strata=pd.Series("all", index=LAYER.index))
    assert naive.rings.loc[1, "p"] < 0.05
    assert fair.rings.loc[1, "p"] > 0.05


def test_figures_equal_the_general_ring_test_where_all_are_scored() -> None:
    values = planted({0: 9.0, 1: 3.0})
    ours = rings(values, permutations=4_999)
    theirs = ring_test(
        values,
        build_contiguity(LAYER),
        HUBS.index,
        strata=STRATA,
        permutations=4_999,
        alternative="two-sided",
        rng=np.random.default_rng(5),
    )
    columns = ["n", "mean", "rest_mean", "difference"]
    pd.testing.assert_frame_equal(
        ours.rings.set_index("ring")[columns],
        theirs.table[columns],
        check_index_type=False,
        check_exact=False,
        rtol=1e-12,
    )
    np.testing.assert_allclose(ours.rings["p"], theirs.table["p"], atol=0.03)
    assert ours.slope == pytest.approx(theirs.slope, abs=1e-12)
    assert ours.slope_p == pytest.approx(theirs.p_slope, abs=0.03)


def test_rings_are_geographic_whoever_is_scored() -> None:
    values = planted({0: 9.0, 1: 3.0})
    # Without the score of a hub and of one of its neighbours, all others keep their rings.
    some = values.drop("0303")
    some["0404"] = np.nan
    every, fewer = rings(values), rings(some)
    change = every.rings["n"] - fewer.rings["n"]
    assert change.to_list() == [1, 1, 0, 0]
    assert fewer.rings.loc[2, "mean"] == pytest.approx(every.rings.loc[2, "mean"], abs=1e-12)
    row = fewer.hubs.set_index("code").loc["0303"]
    assert np.isnan(row["score"])
    assert row["neighbours"] == 7
    near = [code for code in some.dropna().index if code in _around("0303")]
    assert row["neighbours_mean"] == pytest.approx(some[near].mean())
    assert (fewer.n, fewer.weights.n) == (SIDE * SIDE - 2, SIDE * SIDE)


def test_every_drawn_city_has_its_ring_but_those_that_are_never_scored() -> None:
    layer = LAYER.rename(index={"1717": "710000"})
    values = noise().drop(["1717", "0000"])
    member = rings(values, layer, strata=STRATA.drop("1717")).membership
    assert member.index.to_list() == sorted(layer.index.drop("710000"))
    expected = {code: min(ring(code), 4) for code in member.index}
    assert member.to_dict() == expected


def _around(code: str) -> set[str]:
    x, y = int(code[:2]), int(code[2:])
    return {f"{x + i:02d}{y + j:02d}" for i in (-1, 0, 1) for j in (-1, 0, 1)} - {code}


def test_hubs_one_by_one_carry_their_local_test() -> None:
    values = planted({0: 40.0, 1: 40.0})
    pattern = spatial_pattern(
        values, LAYER, bridges=NONE, permutations=9_999, rng=np.random.default_rng(1)
    )
    table = rings(values, local=pattern.local).hubs
    assert table["code"].to_list() == sorted(HUBS.index)
    assert set(table["cluster"]) == {"HH"}
    expected = pattern.local.set_index("code").loc[table["code"], "p"].to_list()
    assert table["p"].to_list() == expected
    ranks = values.rank(ascending=False, method="min")
    assert table["rank"].to_list() == ranks[table["code"]].to_list()


def test_top_cities_near_hubs_are_told_from_top_cities_anywhere() -> None:
    near = rings(planted({0: 60.0, 1: 60.0}))
    assert near.top.k == 20
    assert near.top.p < 0.01
    assert near.top.mean_km < near.top.expected_km
    assert said(near)[3] == "top_nearer"
    # One grid step is a tenth of a degree, 11.1 km along the equator.
    values = noise()
    values[HUBS.index] = 1_000.0
    best = values.nlargest(20).index
    away = [min(_kilometres(code, hub) for hub in HUBS.index) for code in best]
    assert rings(values).top.mean_km == pytest.approx(np.mean(away), rel=0.01)


def _kilometres(a: str, b: str) -> float:
    return 11.1 * float(np.hypot(int(a[:2]) - int(b[:2]), int(a[2:]) - int(b[2:])))


def test_order_of_rows_does_not_matter_and_the_seed_decides() -> None:
    values = planted({0: 9.0, 1: 3.0})
    base = rings(values)
    moved = rings(
        values.sample(frac=1, random_state=1),
        LAYER.sample(frac=1, random_state=2),
        hubs=HUBS.sample(frac=1, random_state=3),
        strata=STRATA.sample(frac=1, random_state=4),
    )
    pd.testing.assert_frame_equal(base.rings, moved.rings)
    pd.testing.assert_frame_equal(base.hubs, moved.hubs)
    pd.testing.assert_frame_equal(base.strata, moved.strata)
    assert (base.slope, base.slope_p, base.top) == (moved.slope, moved.slope_p, moved.top)
    other = rings(values, rng=np.random.default_rng(6))
    assert not base.rings["expected"].equals(other.rings["expected"])


def test_strata_by_size_compare_like_with_like() -> None:
    groups = pd.Series(["e"] * 6 + ["w"] * 3, index=list("abcdefghi"))
    people = pd.Series({"a": 9, "b": 1, "c": 5, "d": 7, "e": 3, "g": 2, "h": 8, "i": 4})
    strata = hub_strata(groups, people, classes=3)
    assert strata.to_dict() == {
        "a": "e 3/3",
        "b": "e 1/3",
        "c": "e 2/3",
        "d": "e 3/3",
        "e": "e 2/3",
        "f": "e 1/3",
        "g": "w 1/3",
        "h": "w 3/3",
        "i": "w 2/3",
    }
    shuffled = hub_strata(groups.sample(frac=1, random_state=1), people, classes=3)
    pd.testing.assert_series_equal(shuffled.sort_index(), strata)
    pd.testing.assert_series_equal(hub_strata(groups), groups)


@pytest.mark.parametrize(
    ("options", "code", "params"),
    [
        (
            {"hubs": HUBS.rename(index={"0303": "9999"})},
            "hub_unknown",
            {"code": "9999", "name": "a"},
        ),
        ({"strata": STRATA.drop("0909")}, "hub_without_stratum", {"code": "0909"}),
    ],
)
def test_impossible_hubs_are_refused_by_name(options, code, params) -> None:
    with pytest.raises(InputError) as caught:
        rings(noise(), **options)
    problem = caught.value.problems[0]
    assert problem.code == f"analysis.{code}"
    assert params.items() <= dict(problem.params).items()
    for lang in ("zh", "en"):
        assert str(next(iter(params.values()))) in Text(lang)(problem.code, **problem.params)


def test_hubs_that_fill_their_stratum_cannot_be_redrawn() -> None:
    with pytest.raises(StatisticsError, match="hubs") as caught:
        rings(noise(), strata=STRATA.where(~STRATA.index.isin(HUBS.index), "hubs"))
    assert caught.value.code == "statistics.stratum_full"
    assert caught.value.params["labels"] == sorted(HUBS.index)


def test_an_undefined_p_is_never_called_significant() -> None:
    result = rings(noise())
    table = result.rings.assign(p=np.nan)
    keys = said(replace(result, rings=table, slope_p=np.nan))
    assert keys[:3] == ["hub_no_effect", "hub_no_gradient", "hub_own_no_difference"]


def test_every_conclusion_has_its_sentence_in_both_languages() -> None:
    far = rings(planted({0: -80, 1: -60, 2: -40, 3: -20}, seed=4))
    assert far.top.mean_km > far.top.expected_km
    far = replace(far, top=replace(far.top, p=0.01))
    results = [rings(planted({0: 40, 1: 40}, seed=4)), far, rings(noise(seed=4))]
    every: list[Conclusion] = [each for result in results for each in hub_conclusions(result)]
    assert len({each.key for each in every}) == 12
    for lang in ("zh", "en"):
        sentences = [Text(lang)(each.key, **each.params) for each in every]
        assert all("{" not in sentence for sentence in sentences)
        assert len(set(sentences)) == len(sentences)
