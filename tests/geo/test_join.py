import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from geo.errors import JoinError
from geo.join import join_table


def layer(codes):
    shapes = [box(i, 0, i + 1, 1) for i in range(len(codes))]
    return gpd.GeoDataFrame({"name": list(codes)}, geometry=shapes, index=list(codes), crs=4326)


def table(codes):
    return pd.DataFrame({"score": range(len(codes))}, index=list(codes))


CODES = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1, max_size=8)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(CODES, CODES)
def test_every_code_is_accounted_for_once(left, right):
    if not set(left) & set(right):
        with pytest.raises(JoinError):
            join_table(layer(left), table(right))
        return
    frame, report = join_table(layer(left), table(right))
    assert list(frame.index) == left
    assert set(report.matched) | set(report.layer_only) == set(left)
    assert set(report.matched) | set(report.table_only) == set(right)
    assert not set(report.matched) & {*report.layer_only, *report.table_only}
    assert report.complete == (set(left) == set(right))
    assert frame["score"].notna().sum() == len(report.matched)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.permutations(list("abcd")))
def test_values_follow_labels_not_positions(order):
    frame, _ = join_table(layer("abcd"), table("abcd").loc[list(order)])
    assert frame["score"].tolist() == [0, 1, 2, 3]


def test_layer_stays_a_geodataframe_with_its_crs():
    frame, _ = join_table(layer("ab"), table("ab"))
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs == 4326


@pytest.mark.parametrize("side", ["layer", "table"])
def test_duplicates_are_named_with_their_side(side):
    units, values = layer("ab"), table("ab")
    if side == "layer":
        units = pd.concat([units, units.loc[["a"]]])
    else:
        values = pd.concat([values, values.loc[["a"]]])
    with pytest.raises(JoinError) as caught:
        join_table(units, values)
    assert caught.value.code == f"join.{side}_duplicates"
    assert caught.value.params["units"] == "a"


def test_codes_read_as_numbers_are_refused():
    values = pd.DataFrame({"score": [1.0]}, index=[110000])
    with pytest.raises(JoinError, match="as text") as caught:
        join_table(layer(["110000"]), values)
    assert caught.value.code == "join.table_not_text"


def test_missing_code_is_refused():
    values = pd.DataFrame({"score": [1.0, 2.0]}, index=["a", None])
    with pytest.raises(JoinError) as caught:
        join_table(layer("ab"), values)
    assert caught.value.code == "join.table_not_text"


def test_columns_on_both_sides_are_refused():
    with pytest.raises(JoinError) as caught:
        join_table(layer("ab"), table("ab").rename(columns={"score": "name"}))
    assert caught.value.code == "join.columns"
    assert caught.value.params["columns"] == "name"


def test_disjoint_codes_are_refused_with_examples_of_both():
    with pytest.raises(JoinError) as caught:
        join_table(layer(["110000"]), table(["11"]))
    assert caught.value.code == "join.nothing"
    assert (caught.value.params["layer"], caught.value.params["table"]) == ("110000", "11")


def test_many_codes_are_shortened_but_counted():
    codes = [f"c{i:02}" for i in range(20)]
    doubled = pd.concat([table(codes), table(codes)])
    with pytest.raises(JoinError) as caught:
        join_table(layer(codes), doubled)
    assert caught.value.params["count"] == 20
    assert caught.value.params["units"].endswith("...")
