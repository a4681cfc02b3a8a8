"""Spatial pattern of scores: who is in the weights, what is found, what is not."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geo.errors import GeoError
from suanli.analysis.conclusion import spatial_conclusions
from suanli.analysis.spatial import (
    SpatialResult,
    scored_layer,
    spatial_pattern,
    weights_sensitivity,
)
from suanli.errors import InputError
from suanli.text import LANGUAGES, Text

SIDE = 10
NONE = pd.DataFrame({"from": [], "to": []})


def grid() -> gpd.GeoDataFrame:
    cells = [(x, y) for y in range(SIDE) for x in range(SIDE)]
    codes = [f"{x}{y}" for x, y in cells]
    squares = [box(x, y, x + 1, y + 1) for x, y in cells]
    names = [f"unit {code}" for code in codes]
    return gpd.GeoDataFrame({"name": names}, index=codes, geometry=squares, crs=4326)


def noise(seed: int = 1) -> pd.Series:
    layer = grid()
    return pd.Series(np.random.default_rng(seed).normal(50, 10, len(layer)), index=layer.index)


def planted() -> pd.Series:
    values = noise()
    corner = [f"{x}{y}" for x in range(3) for y in range(3)]
    values[corner] += 45.0
    return values


def pattern(values: pd.Series, layer: gpd.GeoDataFrame | None = None, **options) -> SpatialResult:
    options = {"bridges": NONE, "permutations": 9_999, "rng": np.random.default_rng(3)} | options
    return spatial_pattern(values, grid() if layer is None else layer, **options)


def test_a_planted_cluster_is_found_where_it_is() -> None:
    result = pattern(planted())
    assert result.moran.p_permutation < 0.001
    local = result.local.set_index("code")
    assert local.loc["11", ["name", "quadrant", "cluster"]].to_list() == ["unit 11", "HH", "HH"]
    assert set(local.index[local["cluster"] == "HH"]) <= {f"{x}{y}" for x in "012" for y in "012"}
    hot = result.hotspots.set_index("code")
    assert hot.loc["11", "cluster"] == "hot"
    assert hot.loc["11", "statistic"] == hot["statistic"].max()
    assert result.fdr_reachable


def test_noise_has_no_cluster() -> None:
    result = pattern(noise(seed=8))
    assert result.moran.p_permutation > 0.05
    assert set(result.local["cluster"]) == {"ns"}
    assert set(result.hotspots["cluster"]) == {"ns"}


def test_too_few_permutations_are_confessed() -> None:
    few = pattern(noise(), permutations=999)
    assert not few.fdr_reachable
    assert few.permutations_needed == len(few.local) * 40 - 1
    said = spatial_conclusions(few)[1]
    assert said.key == "analysis.local_too_few"
    for lang in LANGUAGES:
        assert str(few.permutations_needed) in Text(lang)(said.key, **said.params)


def test_unscored_units_leave_the_weights_and_are_listed() -> None:
    values = planted()
    values[["55", "56"]] = np.nan
    result = pattern(values.drop("57"))
    assert result.weights.n == 97
    assert result.left_out.to_dict("list") == {
        "code": ["55", "56", "57"],
        "name": ["unit 55", "unit 56", "unit 57"],
    }
    assert result.local["code"].to_list() == sorted(values.index.drop(["55", "56", "57"]))
    # The same as if they had never been drawn.
    without = pattern(values.dropna().drop("57"), grid().drop(["55", "56", "57"]))
    pd.testing.assert_frame_equal(result.local, without.local)
    assert result.moran == without.moran


def test_bridges_link_and_those_without_both_ends_fall_away() -> None:
    layer = grid()
    layer.loc["99", "geometry"] = box(30, 30, 31, 31)
    bridges = pd.DataFrame({"from": ["99", "99"], "to": ["88", "nowhere"]})
    result = pattern(planted(), layer, bridges=bridges)
    assert (result.weights.isolates, result.weights.bridges) == ((), (("99", "88"),))
    alone = pattern(planted(), layer)
    assert alone.weights.isolates == ("99",)
    row = alone.local.set_index("code").loc["99"]
    assert row["cluster"] == "isolate"
    assert np.isnan(row["p"])


def test_order_of_rows_does_not_matter_and_the_seed_decides() -> None:
    values, layer = planted(), grid()
    order = np.random.default_rng(9).permutation(len(layer))
    base = pattern(values)
    moved = pattern(values.sample(frac=1, random_state=2), layer.iloc[order])
    pd.testing.assert_frame_equal(base.local, moved.local)
    pd.testing.assert_frame_equal(base.hotspots, moved.hotspots)
    assert base.moran == moved.moran
    other = pattern(values, rng=np.random.default_rng(4))
    assert not base.local["p"].equals(other.local["p"])


def test_a_score_without_polygon_is_an_error_that_names_it() -> None:
    values = planted()
    values["atlantis"] = 1.0
    with pytest.raises(InputError) as caught:
        pattern(values)
    problem = caught.value.problems[0]
    assert (problem.code, problem.params["units"]) == ("analysis.no_polygon", "atlantis")
    with pytest.raises(ValueError, match="occur twice"):
        scored_layer(pd.Series([1.0, 2.0], index=["00", "00"]), grid())


def test_equal_scores_are_refused() -> None:
    with pytest.raises(GeoError, match="same value"):
        pattern(pd.Series(1.0, index=grid().index))


def test_sensitivity_shows_every_rule() -> None:
    bridges = pd.DataFrame({"from": ["00"], "to": ["99"]})
    table = weights_sensitivity(
        planted(), grid(), bridges=bridges, permutations=199, rng=np.random.default_rng(1)
    ).set_index("rule")
    nearest = [f"knn-{k}" for k in (4, 5, 6, 7, 8)]
    assert list(table.index) == ["queen+bridges", "queen", "rook+bridges", *nearest]
    assert (table["p"] <= 0.05).all()
    assert table.loc[nearest, "mean_neighbours"].to_list() == [4, 5, 6, 7, 8]
    links = table["mean_neighbours"] * 100
    assert links["queen+bridges"] - links["queen"] == pytest.approx(2)
    # A 10 x 10 grid has 180 borders, and 162 corners shared by diagonal cells.
    assert links["rook+bridges"] == pytest.approx(2 * 181)
    assert links["queen"] == pytest.approx(2 * (180 + 162))
    result = pattern(planted(), bridges=bridges)
    assert table.loc["queen+bridges", "statistic"] == result.moran.statistic
