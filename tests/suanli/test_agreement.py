"""Agreement with published lists, against small examples worked by hand."""

import itertools
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from suanli.analysis.agreement import (
    AGREEMENT_COLUMNS,
    agreement,
    overlap_at,
    rank_biased_overlap,
)
from suanli.errors import InputError
from suanli.evaluation import Scores
from suanli.profile import parse_profile

PROFILE = """
id = "tiny"
level = "{level}"
year = 2023
title = {{ zh = "小", en = "tiny" }}
note = {{ zh = "试", en = "test" }}
[method]
weight = "equal"
[[dimension]]
id = "storage"
name = {{ zh = "存", en = "storage" }}
[[indicator]]
id = "disks"
parent = "storage"
name = {{ zh = "盘", en = "disks" }}
unit = "1"
direction = "up"
status = "reported"
source = "S"
reason = "r"
"""
CODES = list("abcdefgh")


def scored(nodes: dict[str, list[float]], *, level: str = "province") -> Scores:
    frame = pd.DataFrame(nodes, index=pd.Index(CODES, name="code"), dtype=float)
    return Scores(
        spec=parse_profile(PROFILE.format(level=level).encode(), file="tiny"),
        nodes=frame,
        indicators=pd.DataFrame(index=frame.index),
        ranks=frame.rank(method="min", ascending=False),
        weights=pd.DataFrame(),
        coverage=pd.Series(1.0, index=frame.index),
        imputed=pd.DataFrame(index=frame.index),
        winsorised=pd.DataFrame(),
        stages=MappingProxyType({}),
    )


def listed(
    ranks: dict[str, str], *, dimension: str = "index", family: str = "comprehensive"
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "year": "2023",
            "edition": f"edition {family}",
            "publisher": "publisher",
            "family": family,
            "level": "province",
            "dimension": dimension,
            "rank": list(ranks.values()),
            "code": list(ranks),
            "place": [code.upper() for code in ranks],
        }
    )


OURS = scored({"index": [8, 7, 6, 5, 4, 3, 2, 1], "storage": [1, 2, 3, 4, 5, 6, 7, 8]})


def test_rank_biased_overlap_of_equal_length_by_hand() -> None:
    # Overlaps 0, 2, 3: (1-p)/p (0 + 2/2 p^2 + 3/3 p^3) + 3/3 p^3 = 0.171 + 0.729.
    assert rank_biased_overlap(list("abc"), list("bac")) == pytest.approx(0.9, abs=1e-12)
    # p = 0.5, overlaps 1, 1: (0.5 + 0.25/2) + (1/2) 0.25.
    assert rank_biased_overlap(list("ab"), list("ac"), p=0.5) == pytest.approx(0.75, abs=1e-12)


def test_rank_biased_overlap_of_unequal_length_by_hand() -> None:
    # s = 2, l = 3, overlaps 1, 1, 2: (1/9)(0.9 + 0.405 + 0.486 + 0.1215)
    # + ((2-1)/3 + 1/2) 0.729 = 0.2125 + 0.6075.
    assert rank_biased_overlap(list("ab"), list("acb")) == pytest.approx(0.82, abs=1e-12)
    assert rank_biased_overlap(list("acb"), list("ab")) == pytest.approx(0.82, abs=1e-12)


def test_rank_biased_overlap_is_symmetric_bounded_and_top_heavy() -> None:
    base = list("abcd")
    for other in itertools.permutations("abce"):
        value = rank_biased_overlap(base, other)
        assert 0.0 <= value <= 1.0
        assert value == pytest.approx(rank_biased_overlap(other, base), abs=1e-15)
    assert rank_biased_overlap(base, base) == pytest.approx(1.0, abs=1e-15)
    assert rank_biased_overlap(base, list("wxyz")) == 0.0
    early = rank_biased_overlap(base, list("bacd"))
    late = rank_biased_overlap(base, list("abdc"))
    assert early < late < 1.0


def test_overlap_counts_units_and_not_places() -> None:
    assert overlap_at(list("abcd"), list("dcba"), 2) == 0
    assert overlap_at(list("abcd"), list("dcba"), 3) == 2
    assert overlap_at(list("abcd"), list("dcba"), 4) == 4


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: overlap_at(list("ab"), list("ab"), 0), "depth"),
        (lambda: overlap_at(list("aa"), list("ab"), 1), "twice"),
        (lambda: rank_biased_overlap(list("ab"), list("bb")), "twice"),
        (lambda: rank_biased_overlap([], list("ab")), "empty"),
        (lambda: rank_biased_overlap(list("ab"), list("ab"), p=1.0), "p must lie"),
    ],
)
def test_rankings_that_are_none_are_refused(call, match) -> None:
    with pytest.raises(ValueError, match=match):
        call()


def test_a_full_list_by_hand() -> None:
    table = agreement(OURS, listed({"b": "1", "a": "2", "c": "3", "f": "4"}), level="province")
    assert list(table.columns) == list(AGREEMENT_COLUMNS)
    row = table.loc[0]
    assert len(table) == 1
    assert (row["kind"], row["node"], row["length"], row["named"], row["n"]) == (
        "ranking",
        "index",
        4,
        4,
        8,
    )
    assert (row["overlap"], row["overlap_share"], row["expected_overlap"]) == (3, 0.75, 2.0)
    # Hypergeometric: (C(4,3) C(4,1) + C(4,4) C(4,0)) / C(8,4) = 17 / 70.
    assert row["p_chance"] == pytest.approx(17 / 70, abs=1e-12)
    # Their order b a c f has our ranks 2 1 3 6: one of six pairs is discordant.
    assert row["kendall_tau"] == pytest.approx(4 / 6, abs=1e-12)
    assert (row["our_ranks"], row["codes"], row["places"]) == ("2 1 3 6", "b a c f", "B A C F")
    assert row["rbo"] == pytest.approx(rank_biased_overlap(list("abcd"), list("bacf")), abs=1e-15)


def test_partial_lists_count_as_sets() -> None:
    table = agreement(
        OURS, listed({"a": "1", "h": "2", "c": "<=4", "g": "<=4"}), level="province"
    ).set_index("kind")
    assert list(table.index) == ["ranking", "set"]
    ranking, named = table.loc["ranking"], table.loc["set"]
    assert (ranking["length"], ranking["overlap"], ranking["ranked"]) == (2, 1, 2)
    # Below three ranked units a rank correlation says nothing.
    assert np.isnan(ranking["kendall_tau"])
    assert (named["length"], named["named"], named["overlap"]) == (4, 4, 2)
    assert (named["overlap_share"], named["expected_overlap"]) == (0.5, 2.0)
    assert np.isnan(named["rbo"])


def test_a_rank_after_a_gap_belongs_to_the_set_only() -> None:
    table = agreement(OURS, listed({"a": "1", "b": "2", "e": "5"}), level="province")
    assert table["length"].to_list() == [2, 5]
    assert table["overlap"].to_list() == [2, 3]
    assert table.loc[0, "kendall_tau"] == 1.0
    lone = agreement(OURS, listed({"e": "5"}), level="province")
    assert lone["kind"].to_list() == ["set"]


def test_nodes_are_matched_and_sister_lists_come_last() -> None:
    published = pd.concat(
        [
            listed({"a": "1"}, family="sister", dimension="development_index"),
            listed({"h": "1", "g": "2", "f": "3"}, dimension="storage"),
            listed({"a": "1"}, dimension="network"),
            listed({"a": "1"}),
        ],
        ignore_index=True,
    )
    table = agreement(OURS, published, level="province")
    assert table["family"].to_list() == ["comprehensive"] * 3 + ["sister"]
    assert table["dimension"].to_list() == ["index", "storage", "network", "development_index"]
    assert table["node"].to_list() == ["index", "storage", "", "index"]
    assert table.loc[1, "kendall_tau"] == 1.0
    # Without a counterpart a list is shown but not judged.
    assert table.loc[2, ["overlap", "rbo", "p_chance"]].isna().all()


def test_city_index_meets_the_published_compute_list() -> None:
    cities = scored({"index": [8, 7, 6, 5, 4, 3, 2, 1]}, level="city")
    published = listed({"a": "1", "b": "2", "c": "3"}, dimension="compute").assign(level="city")
    assert agreement(cities, published, level="city")["node"].to_list() == ["index"]
    assert agreement(cities, published, level="province").empty


def test_unscored_units_are_misses() -> None:
    ours = scored({"index": [np.nan, 7, 6, 5, 4, 3, 2, np.nan]})
    row = agreement(ours, listed({"a": "1", "b": "2", "c": "3"}), level="province").loc[0]
    assert (row["n"], row["overlap"], row["ranked"], row["our_ranks"]) == (6, 2, 2, "- 1 2")
    # Only two of the three listed units could be hit: 2 * 3 / 6.
    assert row["expected_overlap"] == 1.0


def test_tied_units_have_no_rank_correlation() -> None:
    ours = scored({"index": [5.0] * 8})
    row = agreement(ours, listed({"b": "1", "a": "2", "c": "3"}), level="province").loc[0]
    assert np.isnan(row["kendall_tau"])
    # Of equals the smaller code stands first.
    assert (row["overlap"], row["our_ranks"]) == (3, "1 1 1")


def test_row_order_of_both_sides_does_not_matter() -> None:
    published = pd.concat(
        [
            listed({"b": "1", "a": "2", "c": "3", "f": "<=6"}),
            listed({"h": "1", "g": "2"}, dimension="storage"),
        ],
        ignore_index=True,
    )
    base = agreement(OURS, published, level="province")
    rng = np.random.default_rng(5)
    shuffled = published.iloc[rng.permutation(len(published))]
    units = rng.permutation(CODES)
    ours = scored({"index": [8, 7, 6, 5, 4, 3, 2, 1], "storage": [1, 2, 3, 4, 5, 6, 7, 8]})
    moved = Scores(
        spec=ours.spec,
        nodes=ours.nodes.loc[units],
        indicators=ours.indicators,
        ranks=ours.ranks.loc[units],
        weights=ours.weights,
        coverage=ours.coverage,
        imputed=ours.imputed,
        winsorised=ours.winsorised,
        stages=ours.stages,
    )
    pd.testing.assert_frame_equal(base, agreement(moved, shuffled, level="province"))


@pytest.mark.parametrize(
    ("published", "code", "params"),
    [
        (listed({"a": "first"}), "rank_unreadable", {"unit": "a", "rank": "first"}),
        (listed({"a": "0"}), "rank_unreadable", {"unit": "a", "rank": "0"}),
        (
            pd.concat([listed({"a": "1"}), listed({"a": "2"})]),
            "rank_contradicted",
            {"unit": "a", "rank": "2", "other": 1},
        ),
        (listed({"a": "1", "b": "1"}), "rank_shared", {"rank": 1, "count": 2}),
    ],
)
def test_contradictory_lists_are_refused(published, code, params) -> None:
    with pytest.raises(InputError) as caught:
        agreement(OURS, published, level="province")
    problem = caught.value.problems[0]
    assert problem.code == f"analysis.{code}"
    assert params.items() <= dict(problem.params).items()
    assert "edition comprehensive" in str(problem.params["list"])


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match=r"lacks the columns \['place'\]"):
        agreement(OURS, listed({"a": "1"}).drop(columns="place"), level="province")


def test_the_same_statement_twice_counts_once() -> None:
    published = pd.concat([listed({"a": "1", "b": "2", "c": "3"}), listed({"c": "3"})])
    assert agreement(OURS, published, level="province").loc[0, "named"] == 3
