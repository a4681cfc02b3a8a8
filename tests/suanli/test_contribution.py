"""Contributions of indicators to a gap: they must add up exactly, whatever is missing."""

import numpy as np
import pandas as pd
import pytest

from suanli.diagnostics.contribution import contributions, unit_weights
from suanli.errors import InputError
from suanli.evaluation import Scores, evaluate
from suanli.intake import IndicatorTable
from suanli.profile import IndexSpec, parse_profile

HEAD = """
id = "tree"
level = "province"
year = 2023
title = { zh = "树", en = "tree" }
note = { zh = "试", en = "test" }
[method]
weight = "given"
treat = "none"
coverage = 0.3
impute = []
"""
DIMENSION = """
[[dimension]]
id = "{id}"
parent = "{parent}"
name = {{ zh = "维", en = "{id}" }}
weight = {weight}
"""
INDICATOR = """
[[indicator]]
id = "{id}"
parent = "{parent}"
name = {{ zh = "标", en = "{id}" }}
unit = "1"
direction = "{direction}"
status = "reported"
source = "S"
reason = "r"
weight = {weight}
"""
# An uneven tree: a sub-dimension on one side, a leaf right below the index on the other.
TREE = (
    HEAD
    + DIMENSION.format(id="one", parent="index", weight=0.5)
    + DIMENSION.format(id="deep", parent="one", weight=0.7)
    + DIMENSION.format(id="two", parent="index", weight=0.3)
    + INDICATOR.format(id="a", parent="deep", direction="up", weight=0.25)
    + INDICATOR.format(id="b", parent="deep", direction="down", weight=0.75)
    + INDICATOR.format(id="c", parent="one", direction="up", weight=0.3)
    + INDICATOR.format(id="d", parent="two", direction="up", weight=0.6)
    + INDICATOR.format(id="e", parent="two", direction="up", weight=0.4)
    + INDICATOR.format(id="f", parent="index", direction="up", weight=0.2)
)
CODES = [f"u{i:02d}" for i in range(24)]
GROUPS = pd.Series([("east", "west", "centre")[i % 3] for i in range(24)], index=CODES)


def tree() -> IndexSpec:
    return parse_profile(TREE.encode(), file="tree")


def scored(*, missing: float = 0.0, spec: IndexSpec | None = None) -> Scores:
    rng = np.random.default_rng(3)
    values = pd.DataFrame(rng.gamma(2.0, 3.0, (24, 6)), index=CODES, columns=list("abcdef"))
    values += GROUPS.eq("east").to_numpy()[:, None] * 2.0
    values = values.mask(rng.random(values.shape) < missing)
    cells = values.rename_axis("code").reset_index().melt("code", var_name="indicator").dropna()
    table = IndicatorTable(cells=cells.assign(year=2023, unit="1", quality="A", source="S"))
    return evaluate(table, spec or tree())


def difference(scores: Scores, groups: pd.Series) -> float:
    means = scores.index.groupby(groups.reindex(scores.index.index)).mean()
    return float(means["east"] - means["west"])


@pytest.mark.parametrize("missing", [0.0, 0.15, 0.4])
def test_contributions_sum_to_the_gap_exactly(missing: float) -> None:
    scores = scored(missing=missing)
    assert scores.index.notna().sum() >= 20
    table = contributions(scores, GROUPS, "east", "west")
    assert sorted(table["indicator"]) == list("abcdef")
    gap = difference(scores, GROUPS)
    assert abs(gap) > 0.1
    assert table["contribution"].sum() == pytest.approx(gap, abs=1e-11)
    assert table["share"].sum() == pytest.approx(1.0, abs=1e-12)


def test_without_gaps_it_is_the_weight_times_the_difference_of_means() -> None:
    table = contributions(scored(), GROUPS, "east", "west").set_index("indicator")
    expected = table["weight"] * (table["mean_east"] - table["mean_west"])
    pd.testing.assert_series_equal(table["contribution"], expected, check_names=False, rtol=1e-12)
    assert table["weight"].to_dict() == pytest.approx(
        {"a": 0.0875, "b": 0.2625, "c": 0.15, "d": 0.18, "e": 0.12, "f": 0.2}
    )
    assert table["dimension"].to_dict() == {
        "a": "one",
        "b": "one",
        "c": "one",
        "d": "two",
        "e": "two",
        "f": "f",
    }


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_unit_weights_rebuild_the_index(missing: float) -> None:
    scores = scored(missing=missing)
    weights = unit_weights(scores)
    rebuilt = (weights * scores.indicators.fillna(0.0)).sum(axis=1)
    present = scores.index.dropna()
    np.testing.assert_allclose(rebuilt[present.index], present, rtol=0, atol=1e-11)
    assert (weights.where(scores.indicators.isna(), 0.0) == 0.0).all(axis=None)


def test_swapping_the_groups_changes_the_sign() -> None:
    scores = scored(missing=0.15)
    forth = contributions(scores, GROUPS, "east", "west").set_index("indicator")["contribution"]
    back = contributions(scores, GROUPS, "west", "east").set_index("indicator")["contribution"]
    pd.testing.assert_series_equal(forth, -back[forth.index], rtol=1e-12)


def test_groups_meet_scores_by_label() -> None:
    scores = scored(missing=0.15)
    base = contributions(scores, GROUPS, "east", "west")
    shuffled = GROUPS.iloc[np.random.default_rng(1).permutation(24)]
    extended = pd.concat([shuffled, pd.Series({"elsewhere": "east"})])
    pd.testing.assert_frame_equal(base, contributions(scores, extended, "east", "west"))


def test_largest_contribution_comes_first() -> None:
    size = contributions(scored(), GROUPS, "east", "west")["contribution"].abs().to_numpy()
    assert (np.diff(size) <= 0).all()


def test_other_aggregation_is_refused_with_its_nodes() -> None:
    source = TREE.replace('id = "deep"', 'id = "deep"\naggregate = "geometric"')
    spec = parse_profile(source.replace("coverage = 0.3", "lower = 1.0").encode(), file="tree")
    with pytest.raises(InputError) as caught:
        contributions(scored(spec=spec), GROUPS, "east", "west")
    problem = caught.value.problems[0]
    assert (problem.code, problem.params["nodes"]) == ("analysis.not_arithmetic", "deep")


def test_a_group_without_units_is_named() -> None:
    with pytest.raises(ValueError, match="without a scored unit: moon"):
        contributions(scored(), GROUPS, "east", "moon")
