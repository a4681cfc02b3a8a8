"""Revealed weights: what is known is found again, and what is said of the fit is so."""

import numpy as np
import pandas as pd
import pytest

from suanli.analysis.lists import published_lists
from suanli.data import load_catalogue
from suanli.errors import InputError
from suanli.evaluation import evaluate
from suanli.intake import IndicatorTable
from suanli.profile import load_profile, parse_profile, replace_spec
from suanli.robustness.revealed import Fit, leave_one_list_out, revealed_weights
from suanli.text import LANGUAGES, Text

PROFILE = """
id = "small"
level = "province"
year = 2023
title = { zh = "小", en = "small" }
note = { zh = "试", en = "test" }
[method]
weight = "equal"
treat = "none"
coverage = 0.3
impute = []
"""
NODE = """
[[{kind}]]
id = "{id}"
parent = "{parent}"
name = {{ zh = "名", en = "{id}" }}
{more}
"""
MORE = 'unit = "1"\ndirection = "up"\nstatus = "reported"\nsource = "S"\nreason = "r"'
PARENTS = {"a": "one", "b": "one", "c": "two", "d": "two"}
SMALL = parse_profile(
    (
        PROFILE
        + "".join(
            NODE.format(kind="dimension", id=node, parent="index", more="")
            for node in ("one", "two")
        )
        + "".join(
            NODE.format(kind="indicator", id=leaf, parent=node, more=MORE)
            for leaf, node in PARENTS.items()
        )
    ).encode(),
    file="small",
)
CODES = [f"{n:02d}0000" for n in range(10, 34)]
HIDDEN = {"one": 0.7, "two": 0.3, "a": 0.25, "b": 0.75, "c": 0.6, "d": 0.4}


def small_table(missing=()):
    rng = np.random.default_rng(7)
    frames = []
    for year in (2022, 2023):
        values = pd.DataFrame(rng.random((24, 4)), index=CODES, columns=list("abcd"))
        for code, leaf in missing:
            values.loc[code, leaf] = np.nan
        cells = values.rename_axis("code").reset_index().melt("code", var_name="indicator").dropna()
        frames.append(cells.assign(year=year, unit="1", quality="A", source="S"))
    return IndicatorTable(cells=pd.concat(frames, ignore_index=True))


def hidden_spec():
    fields = [item.model_dump() | {"weight": HIDDEN[item.id]} for item in SMALL.items()]
    return replace_spec(
        SMALL, method={"weight": "given"}, dimension=fields[:2], indicator=fields[2:]
    )


def list_of(scores, *, year, node="index", length=10, bounded=0):
    order = scores.nodes[node].sort_values(ascending=False).index[: length + bounded]
    ranks = [str(i + 1) if i < length else f"<={length + bounded}" for i in range(len(order))]
    names = {"year": str(year), "edition": f"{year} {node}", "publisher": "p", "level": "province"}
    names |= {"family": "comprehensive", "dimension": node, "place": "x"}
    return pd.DataFrame({"code": order, "rank": ranks}).assign(**names)


@pytest.fixture(scope="module")
def published():
    spec = hidden_spec()
    scores = {y: evaluate(small_table(), replace_spec(spec, year=y)) for y in (2022, 2023)}
    return pd.concat(
        [
            list_of(scores[2022], year=2022, length=12),
            list_of(scores[2023], year=2025, length=6, bounded=4),
            list_of(scores[2023], year=2023, node="one", length=5),
            list_of(scores[2023], year=2023, node="two", length=1).assign(dimension="unknown"),
        ],
        ignore_index=True,
    )


def test_an_order_made_by_weights_is_found_again(published):
    result = revealed_weights(
        small_table(), SMALL, published, lists=["2022-index"], fit=Fit(bounds=0.8)
    )
    # 12 units in order, each above the other 12.
    assert result.constraints == 11 + 12 * 12
    assert result.violated == 0 < result.profile_violated
    assert result.margin > 0
    assert result.free == 3
    table = result.agreement.set_index(["list", "kind"])
    fitted = table.loc[("2022-index", "ranking")]
    assert bool(fitted["fitted"])
    assert fitted["revealed_overlap"] == 12
    assert fitted["revealed_kendall_tau"] == pytest.approx(1.0)
    assert fitted["profile_kendall_tau"] < 1
    # Lists not used come from the same weights and other data: better than the profile.
    held = table[~table["fitted"]]
    assert set(held.index) == {
        ("2025-index", "ranking"),
        ("2025-index", "set"),
        ("2023-one", "ranking"),
    }
    assert held["revealed_overlap"].sum() > held["profile_overlap"].sum()
    assert table["scores_year"].to_dict()[("2025-index", "set")] == 2023
    assert table["scores_year"].to_dict()[("2022-index", "ranking")] == 2022


def test_weights_stay_within_bounds_and_say_where(published):
    result = revealed_weights(
        small_table(), SMALL, published, lists=["2022-index"], fit=Fit(bounds=0.2)
    )
    table = result.weights
    assert (table["revealed"] >= table["lower"] - 1e-9).all()
    assert (table["revealed"] <= table["upper"] + 1e-9).all()
    assert np.allclose(table.groupby("parent")["revealed"].sum(), 1.0)
    assert (
        table.loc[table["at"] == "upper", "revealed"] > table.loc[table["at"] == "upper", "profile"]
    ).all()
    assert set(table["at"]) == {"", "lower", "upper"} or set(table["at"]) == {"lower", "upper"}
    overall = table["revealed"] * table["parent"].map(table["revealed"]).fillna(1.0)
    assert np.allclose(overall, table["revealed_overall"])


def test_no_room_gives_the_profile_back(published):
    result = revealed_weights(
        small_table(), SMALL, published, lists=["2022-index"], fit=Fit(bounds=0.0)
    )
    assert np.allclose(result.weights["revealed"], result.weights["profile"])
    assert (result.weights["at"] == "").all()
    assert result.violated == result.profile_violated
    same = result.agreement
    assert (same["revealed_overlap"] == same["profile_overlap"]).all()


def test_orders_that_lists_state(published):
    """A full Top-k stands above all others; a broken one only as far as its unbroken ranks."""
    scores = evaluate(small_table(), SMALL)
    full = list_of(scores, year=2023, length=2, bounded=2)
    result = revealed_weights(small_table(), SMALL, full, lists=["2023-index"])
    assert result.constraints == 1 + 4 * 20
    broken = full.iloc[:-1]
    result = revealed_weights(small_table(), SMALL, broken, lists=["2023-index"])
    # The two ranked units above all others, the third named one among them.
    assert result.constraints == 1 + 2 * 22
    # The profile's own order has nothing to be mended.
    assert (result.violated, result.profile_violated) == (0, 0)


def test_lists_of_nodes_and_missing_values(published):
    table = small_table(
        missing=[("100000", "a"), ("110000", "c"), ("120000", "a"), ("120000", "b")]
    )
    both = ["2022-index", "2023-one"]
    result = revealed_weights(table, SMALL, published, lists=both)
    assert result.fitted == tuple(both)
    assert result.violated <= result.profile_violated
    table = result.agreement
    assert set(table.loc[table["fitted"], "list"]) == set(both)


def test_each_list_left_out_is_not_fitted(published):
    rows = leave_one_list_out(small_table(), SMALL, published)
    assert not rows["fitted"].any()
    assert set(rows["list"]) == {"2022-index", "2025-index", "2023-one"}
    with pytest.raises(InputError, match="lists_too_few"):
        leave_one_list_out(small_table(), SMALL, published[published["year"] == "2022"])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("lists", "method", "code"),
    [
        (["2022-inde"], {}, "list_unknown"),
        (["2023-unknown"], {}, "list_says_nothing"),
        (["2022-index"], {"aggregate": "topsis"}, "not_weighted_sum"),
    ],
)
def test_what_cannot_be_fitted_is_refused(published, lists, method, code, lang):
    spec = replace_spec(SMALL, method=method)
    with pytest.raises(InputError) as caught:
        revealed_weights(small_table(), spec, published, lists=lists)
    (problem,) = caught.value.problems
    assert problem.code == f"levers.{code}"
    assert Text(lang)(problem.code, **problem.params)


def test_keys_are_unique_and_stable():
    catalogue = load_catalogue()
    for level in ("province", "city"):
        keys = [item.key for item in published_lists(catalogue.published, level=level)]
        assert len(set(keys)) == len(keys) > 0
    lists = published_lists(catalogue.published, level="province")
    assert [item.key for item in lists if item.dimension == "index"] == [
        "2022-index",
        "2023-index",
        "2024-index",
        "2025-index",
        "2025-index-2",
    ]


def test_the_published_composite_of_2022():
    """As the documentation says: within 50 % the Top10 overlap stays at 8."""
    catalogue = load_catalogue()
    spec = load_profile("caict2024-province")
    result = revealed_weights(catalogue.province, spec, catalogue.published, lists=["2022-index"])
    assert (result.constraints, result.free) == (219, 25)
    assert result.violated < result.profile_violated
    row = result.agreement[result.agreement["fitted"]].iloc[0]
    assert (row["profile_overlap"], row["revealed_overlap"]) == (8, 8)
