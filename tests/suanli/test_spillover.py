"""Spillover in other ways: planted effects, agreement of its parts, alignment, words."""

import importlib.util
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geo.errors import GeoError
from geo.statistics import bivariate_moran
from geo.weights import build_contiguity, row_standardise
from suanli.analysis.hub_conclusion import NAMED_BY, spillover_conclusions
from suanli.analysis.hubs import hub_rings
from suanli.analysis.spillover import ANYWHERE, HIGH, MS_PER_KM, SpilloverResult, hub_spillover
from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.text import LANGUAGES, Text

SIDE = 14
NONE = pd.DataFrame({"from": [], "to": []})
CODES = [f"{x:02d}{y:02d}" for y in range(SIDE) for x in range(SIDE)]
LAYER = gpd.GeoDataFrame(
    index=CODES,
    geometry=[box(int(c[:2]), int(c[2:]), int(c[:2]) + 1, int(c[2:]) + 1) for c in CODES],
    crs=4326,
)
HUBS = pd.DataFrame({"hub": "H", "name": ["a", "b", "c"]}, index=["0303", "1004", "0610"])
STRATA = pd.Series(["west" if int(c[:2]) < 7 else "east" for c in CODES], index=CODES)


def noise(seed=1):
    return pd.Series(np.random.default_rng(seed).normal(50, 8, len(CODES)), index=CODES)


def near(code):
    x, y = int(code[:2]), int(code[2:])
    return min(max(abs(x - int(h[:2])), abs(y - int(h[2:]))) for h in HUBS.index)


def planted(lift, seed=1):
    return noise(seed) + pd.Series({code: lift if near(code) == 1 else 0.0 for code in CODES})


def spill(values, layer=LAYER, **options):
    options = {
        "strata": {"region": STRATA},
        "bridges": NONE,
        "rng": np.random.default_rng(5),
        "permutations": 499,
    } | options
    return hub_spillover(values, layer, options.pop("hubs", HUBS), **options)


@pytest.fixture(scope="module")
def lifted():
    return spill(planted(25.0))


def test_a_planted_spillover_is_found_in_every_way(lifted):
    bands = lifted.bands.set_index(["redrawn_within", "membership", "ring"])
    assert set(lifted.bands["redrawn_within"]) == {ANYWHERE, "region"}
    for way in (ANYWHERE, "region"):
        assert bands.loc[(way, "queen", 1), "p_fdr"] < 0.05
        assert (lifted.neighbours.query("redrawn_within == @way")["p"] < 0.05).all()
    # A degree is 111 km, so the eight neighbours lie within 200 km.
    assert bands.loc[("region", "km", 2), "p"] < 0.05
    assert (lifted.weights.loc[lifted.weights["rule"] != "band-200km", "p"] < 0.05).mean() > 0.8
    keys = [said.key for said in spillover_conclusions(lifted)]
    assert keys[:3] == ["hubs.bands_some", "hubs.joins_more", "hubs.moran_more"]


def test_noise_gives_nothing():
    result = spill(noise(3))
    assert not (result.bands["p_fdr"] <= 0.05).any()
    keys = {said.key for said in spillover_conclusions(result)}
    assert keys == {"hubs.bands_none", "hubs.joins_none", "hubs.moran_none", "hubs.weights"}


def test_queen_rings_are_those_of_the_main_study(lifted):
    lisa = pd.DataFrame(columns=["code", "quadrant", "cluster", "p", "p_fdr"])
    main = hub_rings(
        planted(25.0), LAYER, HUBS, strata=STRATA, bridges=NONE, local=lisa,
        rng=np.random.default_rng(5), permutations=499,
    )  # fmt: skip
    queen = lifted.bands.query("redrawn_within == 'region' and membership == 'queen'")
    for column in ("n", "mean", "rest_mean", "difference"):
        np.testing.assert_allclose(queen[column], main.rings[column], rtol=1e-12)
    # The same generator draws the same sets: one test has one p, wherever it is printed.
    np.testing.assert_array_equal(queen["p"], main.rings["p"])
    steps = lifted.decay.query("redrawn_within == 'region' and membership == 'queen'").iloc[0]
    assert (steps["slope"], steps["p"]) == (main.slope, main.slope_p)
    under = lifted.weights.query("redrawn_within == 'region' and rule == 'queen+bridges'").iloc[0]
    assert under["difference"] == pytest.approx(queen["difference"].iloc[1])
    assert under["p"] == queen["p"].iloc[1]
    moran = lifted.neighbours.query("redrawn_within == 'region' and statistic == 'moran'")
    assert under["moran_p"] == moran["p"].iloc[0]


def test_moran_and_joins_are_by_definition(lifted):
    values = planted(25.0)
    graph = build_contiguity(LAYER)
    flags = pd.Series([float(c in HUBS.index) for c in CODES], index=CODES)
    theirs = bivariate_moran(
        flags, values, row_standardise(graph), permutations=None, rng=np.random.default_rng(1)
    )
    both = lifted.neighbours.query("redrawn_within == 'anywhere'").set_index("statistic")
    assert both.loc["moran", "value"] == pytest.approx(theirs.statistic, abs=1e-12)
    high = values > values.quantile(HIGH)
    around = [c for hub in HUBS.index for c in graph[hub].index if high[c]]
    assert both.loc["joins", "value"] == len(around)


def test_unscored_cities_pass_steps_on_but_have_no_score():
    values = planted(25.0).drop(["0303", "0404"])
    result = spill(values, strata={})
    ring = result.bands.query("membership == 'queen'").set_index("ring")
    assert ring.loc[0, "n"] == 2
    assert ring.loc[1, "n"] == 3 * 8 - 1
    assert ring["n"].sum() <= len(values)


def test_order_of_rows_does_not_matter(lifted):
    moved = spill(
        planted(25.0).sample(frac=1, random_state=1),
        LAYER.sample(frac=1, random_state=2),
        hubs=HUBS.iloc[::-1],
        strata={"region": STRATA.sample(frac=1, random_state=3)},
    )
    exact = [c for c in lifted.weights.columns if not c.startswith("mean_")]
    for name in ("bands", "decay", "neighbours"):
        pd.testing.assert_frame_equal(getattr(lifted, name), getattr(moved, name))
    pd.testing.assert_frame_equal(lifted.weights[exact], moved.weights[exact])


def test_latency_is_that_of_the_indicator():
    table = load_catalogue().city.wide(2023)
    modelled = table["distance_to_hub"] * MS_PER_KM
    assert (modelled - table["latency_to_hub"]).abs().max() < 1e-3
    path = Path(__file__).parents[2] / "scripts" / "build_geography.py"
    spec = importlib.util.find_spec("netCDF4")
    if spec is None:
        pytest.skip("the script needs netCDF4")
    spec = importlib.util.spec_from_file_location("build_geography", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.LATENCY.of(1.0) == MS_PER_KM


def test_impossible_hubs_are_refused_by_name():
    with pytest.raises(InputError) as caught:
        spill(noise(), hubs=HUBS.rename(index={"0303": "9999"}))
    assert caught.value.problems[0].params["code"] == "9999"
    with pytest.raises(InputError) as caught:
        spill(noise(), strata={"region": STRATA.drop("1004")})
    assert caught.value.problems[0].params["code"] == "1004"
    few = pd.Series("rest", index=CODES)
    few[[*HUBS.index, "0000"]] = "hubs"
    with pytest.raises(GeoError) as raised:
        spill(noise(), strata={"few": few})
    assert raised.value.code == "statistics.redraws_few"
    assert raised.value.params["units"] == "0303, 0610, 1004"


def test_every_sentence_exists_in_both_languages(lifted):
    drained = lifted.neighbours.assign(p=0.01, value=-1.0, expected=0.0)
    cases = [
        lifted,
        spill(noise(3), permutations=99),
        SpilloverResult(
            bands=lifted.bands, decay=lifted.decay, neighbours=drained, weights=lifted.weights
        ),
    ]
    said = [each for case in cases for each in spillover_conclusions(case)]
    assert {"hubs.joins_less", "hubs.moran_less", "hubs.moran_more"} <= {s.key for s in said}
    for lang in LANGUAGES:
        text = Text(lang)
        for each in said:
            params = dict(each.params)
            params["within"] = text(NAMED_BY["within"].format(params["within"]))
            assert "{" not in text(each.key, **params)
