"""What the comparison with other tools claims and no other test shows as a whole."""

import json

import numpy as np
import pandas as pd
import pytest

from suanli.evaluation import evaluate
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, parse_profile, replace_spec

CODES = list("abcdef")


def spec(parents: dict[str, str], leaves: dict[str, str], **method: object) -> IndexSpec:
    text = 'id = "small"\nlevel = "province"\nyear = 2023\n'
    text += 'title = { zh = "小", en = "small" }\nnote = { zh = "试", en = "test" }\n'
    text += '[method]\nweight = "equal"\ntreat = "none"\n'
    for name, parent in parents.items():
        text += f'[[dimension]]\nid = "{name}"\nparent = "{parent}"\nweight = 0.25\n'
        text += f'name = {{ zh = "维", en = "{name}" }}\n'
    for place, (name, parent) in enumerate(leaves.items()):
        own = 1.0 if place == len(leaves) - 1 else 0.75
        text += f'[[indicator]]\nid = "{name}"\nparent = "{parent}"\nweight = {own}\nunit = "1"\n'
        text += f'name = {{ zh = "标", en = "{name}" }}\nsource = "S"\nreason = "r"\n'
        text += f'status = "reported"\ndirection = "{"down" if place % 2 else "up"}"\n'
    return replace_spec(parse_profile(text.encode(), file="small"), method=method)


def table(values: dict[str, list[float]]) -> IndicatorTable:
    rows = [
        {"code": code, "year": 2023, "indicator": name, "value": value}
        for name, column in values.items()
        for code, value in zip(CODES, column, strict=True)
        if not np.isnan(value)
    ]
    return IndicatorTable(cells=pd.DataFrame(rows).assign(unit="1", quality="A", source="S"))


@pytest.mark.parametrize("weight", ["equal", "given"])
@pytest.mark.parametrize("levels", [1, 2, 3, 7])
def test_any_number_of_levels_with_weights_and_directions_of_their_own(
    levels: int, weight: str
) -> None:
    """A chain of nodes, an indicator beside each: the index by hand, from the bottom."""
    nodes = [f"n{place}" for place in range(levels)]
    parents = dict(zip(nodes, ["index", *nodes[:-1]], strict=True))
    leaves = dict(zip([f"x{p}" for p in range(levels + 1)], ["index", *nodes], strict=True))
    rng = np.random.default_rng(levels)
    values = {name: rng.uniform(1, 9, 6).tolist() for name in leaves}
    scores = evaluate(table(values), spec(parents, leaves, weight=weight))
    own = 0.5 if weight == "equal" else 0.75
    expected = np.zeros(6)
    for place, name in reversed(list(enumerate(leaves))):
        x = np.array(values[name]) * (-1 if place % 2 else 1)
        score = 100 * (x - x.min()) / (x.max() - x.min())
        last = place == levels
        expected = score if last else own * score + (1 - own) * expected
    np.testing.assert_allclose(scores.index, expected, rtol=1e-12)
    assert scores.nodes.shape == (6, levels + 1)


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("min", [1, 2, 2, 4, 5, 6]),
        ("average", [1, 2.5, 2.5, 4, 5, 6]),
        ("dense", [1, 2, 2, 3, 4, 5]),
    ],
)
def test_ranks_of_the_index_follow_the_tie_rule_on_full_precision(
    ties: str, expected: list[float]
) -> None:
    # "d" is behind "b" and "c" by a ten thousand millionth: no tie.
    values = {"x": [9.0, 5.0, 5.0, 5.0 - 1e-10, 2.0, 1.0]}
    scores = evaluate(table(values), spec({"n": "index"}, {"x": "n"}, ties=ties))
    assert scores.index["b"] - scores.index["d"] < 1e-8
    assert scores.ranks["index"].to_list() == expected


@pytest.mark.parametrize(("method", "filled"), [("group_mean", 4.0), ("group_median", 2.0)])
def test_groups_lend_their_mean_or_their_median(method: str, filled: float) -> None:
    values = {"x": [1.0, 2.0, 9.0, np.nan, 50.0, 60.0], "y": [1.0, 2, 3, 4, 5, 6]}
    groups = pd.Series(["g", "g", "g", "g", "h", "h"], index=CODES)
    profile = spec({"n": "index"}, {"x": "n", "y": "n"}, impute=(method,), coverage=0.5)
    scores = evaluate(table(values), profile, groups=groups)
    assert scores.stages["imputed"].loc["d", "x"] == filled
    assert scores.imputed.loc["d", "x"] == method


@pytest.mark.parametrize("level", ["province", "city"])
def test_every_filled_cell_is_marked_in_tables_and_counted_in_gis_files(atlas, level) -> None:
    scores = atlas.result.edition.scores(level)
    marks = scores.imputed.rename_axis("code").reset_index().melt("code", var_name="indicator")
    marks = marks[marks["value"] != ""]
    listed = pd.read_csv(atlas.path / "tables" / f"{level}_imputed.csv", dtype=str)
    assert len(marks) > 0
    assert set(map(tuple, listed[["code", "indicator", "method"]].to_numpy())) == set(
        map(tuple, marks[["code", "indicator", "value"]].to_numpy())
    )
    for row in listed.to_dict("records"):
        value = scores.stages["imputed"].loc[row["code"], row["indicator"]]
        assert float(row["value"]) == pytest.approx(value, rel=1e-9)
        assert row["years"]
    counts = marks["code"].value_counts()
    table_of = pd.read_csv(atlas.path / "tables" / f"{level}_scores.csv", dtype={"code": str})
    for code, count in table_of.set_index("code")["imputed"].items():
        assert count == counts.get(code, 0)
    layer = json.loads((atlas.path / "gis" / f"{level}.geojson").read_text(encoding="utf-8"))
    for feature in layer["features"]:
        if feature["properties"]["imputed"] is not None:
            assert feature["properties"]["imputed"] == counts.get(feature["id"], 0)
