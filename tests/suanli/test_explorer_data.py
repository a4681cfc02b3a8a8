"""What the explorer is given: nothing lost, nothing doubled, the same bytes for the same study."""

import base64
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from suanli.evaluation import derivation, evaluate, evaluate_from
from suanli.evaluation.aggregate import aggregate
from suanli.profile import load_profile, replace_spec
from suanli.publish.explorer import render_explorer
from suanli.publish.explorer_data import DRAWS, level_data, page_chance, reach_data
from suanli.publish.explorer_tree import hierarchy, obstacle, packed
from suanli.run.sample import sample_edition
from suanli.text import Text


@pytest.fixture(scope="module")
def edition():
    return sample_edition()


@pytest.fixture(scope="module", params=["province", "city"])
def told(request, edition):
    return level_data(edition, request.param)


def unpacked(text, rows):
    return np.frombuffer(base64.b64decode(text), dtype="<f8").reshape(-1, rows)


def test_values_arrive_to_the_last_bit(edition, told):
    scores = edition.scores(told["level"])
    rows = told["tree"]["codes"]
    values = unpacked(told["tree"]["values"], len(rows))
    leaves = [node for node in told["tree"]["nodes"] if "column" in node]
    assert [node["id"] for node in leaves] == [item.id for item in scores.spec.indicator]
    for node in leaves:
        expected = scores.indicators[node["id"]].reindex(rows).to_numpy()
        np.testing.assert_array_equal(values[node["column"]], expected)


def test_nodes_stand_below_their_parents_with_the_profiles_weights(edition, told):
    scores, nodes = edition.scores(told["level"]), told["tree"]["nodes"]
    place = {node["id"]: at for at, node in enumerate(nodes)}
    for node in nodes:
        assert all(place[child] > place[node["id"]] for child in node["children"])
        assert tuple(node["children"]) == scores.spec.children(node["id"])
        if node["id"] != "index":
            assert node["base"] == scores.weights.loc[node["id"], "local"]


def test_what_is_withheld_is_what_the_study_withholds(edition, told):
    scores = edition.scores(told["level"])
    rows = told["tree"]["codes"]
    for node in told["tree"]["nodes"]:
        if not node["children"]:
            continue
        missing = scores.nodes[node["id"]].reindex(rows).isna().to_numpy()
        assert set(node["withheld"]) <= set(np.flatnonzero(missing))
    if told["level"] == "city":
        assert told["tree"]["nodes"][0]["withheld"]


def test_taiwan_hong_kong_and_macao_are_drawn_and_never_scored(told):
    codes = told["codes"]
    outside = {codes[at] for at in told["outside"]}
    assert {"710000", "810000", "820000"} <= outside
    assert not outside & set(told["tree"]["codes"])
    assert all(path.startswith("M") and path.endswith("z") for path in told["paths"])
    assert [told["codes"][unit] for unit in told["rows"]] == told["tree"]["codes"]
    assert told["islands"]
    assert told["inset"][1] + told["inset"][3] > told["frame"][1] + told["frame"][3]


def test_tested_hierarchy_leaves_out_what_the_profile_excludes(edition, told):
    spec = edition.scores(told["level"]).spec
    excluded = {item.id for item in spec.indicator if item.inference == "excluded"}
    test = told["test"]
    assert excluded
    assert not excluded & {node["id"] for node in test["tree"]["nodes"]}
    marked = {node["id"] for node in told["tree"]["nodes"] if node.get("excluded")}
    assert marked == excluded
    assert test["note"] == edition.tested_note(told["level"])
    # Indicators are normalised one by one: the tested ones are the page's own.
    assert all(node.get("shared") for node in test["tree"]["nodes"] if not node["children"])


def test_neighbours_are_those_of_the_study(edition, told):
    links, rows = told["test"]["neighbours"], told["tree"]["codes"]
    assert all(at in links[other] for at, link in enumerate(links) for other in link)
    pattern = getattr(edition.study, f"{told['level']}_pattern")
    tested = set(pattern.local["code"])
    among = [[other for other in link if rows[other] in tested] for link in links]
    count = sum(len(link) for at, link in enumerate(among) if rows[at] in tested)
    assert count == pattern.moran.links


def test_draws_suffice_for_a_lone_unit(told):
    test = told["test"]
    assert test["reachable"]
    assert test["draws"] in DRAWS
    state = page_chance(42, "x").bit_generator.state
    assert state["has_uint32"] == 0
    assert all(0 <= part < 2**32 for states in test["states"].values() for part in states)
    assert test["states"]["local"] != test["states"]["global"]


def test_reach_holds_the_rank_between_its_bounds(edition, told):
    reach, scores = told["reach"], edition.scores(told["level"])
    ranks = scores.ranks["index"].reindex(told["tree"]["codes"])
    kind = "<u4" if reach["wide"] else "<u2"
    weights = np.frombuffer(base64.b64decode(reach["weights"]), dtype=kind)
    weights = weights.reshape(-1, len(reach["nodes"]))
    assert reach["exact"] == (told["level"] == "province")
    for rank, row in zip(ranks, reach["rows"], strict=True):
        if np.isnan(rank):
            assert row is None
            continue
        best, worst, low, high, *pointers = row
        assert low <= best <= rank <= worst <= high
        assert max(pointers) < len(weights)
    if reach["exact"]:
        assert all(row[0] == row[2] and row[1] == row[3] for row in reach["rows"])


def test_reached_ranks_are_given_by_their_weights(edition):
    """The engine itself, on a unit in the middle."""
    scores = edition.study.city
    codes = sorted(scores.nodes.index)
    reach = reach_data(scores, codes, seed=5)
    row = reach["rows"][codes.index("440300")]
    weights = np.frombuffer(base64.b64decode(reach["weights"]), dtype="<u2")
    weights = weights.reshape(-1, len(reach["nodes"])) / 10_000
    for rank, pointer in ((row[0], row[4]), (row[1], row[5])):
        local = pd.Series(weights[pointer], index=reach["nodes"])
        index = aggregate(scores.indicators, local, scores.spec)["index"]
        index = index[scores.nodes["index"].notna()]
        assert int(index.rank(method="min", ascending=False)["440300"]) == rank


@pytest.mark.parametrize(
    ("method", "why"),
    [
        ({}, ""),
        ({"aggregate": "topsis"}, ""),
        ({"aggregate": "copeland", "scope": "panel"}, "panel"),
        ({"aggregate": "bod", "lower": 1.0}, "method"),
        ({"weight": "critic"}, ""),
        ({"screen": "none"}, ""),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else value,
)
def test_what_hinders_live_weights(edition, method, why):
    spec = replace_spec(load_profile("caict2024-province"), method=method)
    table = edition.catalogue.province
    scores = evaluate(table, spec)
    assert obstacle(scores) == why
    told = hierarchy(scores, sorted(scores.nodes.index)).told
    assert told["live"] == (not why)
    inner = [node for node in told["nodes"] if node["children"]]
    assert all(("column" in node) == bool(why) for node in inner)


def test_units_taken_out_are_missing_rows(edition):
    spec = load_profile("city-compute")
    start = derivation(edition.catalogue.city, spec)
    scores = evaluate_from(start, replace_spec(spec, method={"screen": "drop", "coverage": 0.95}))
    gone = scores.nodes["index"].isna()
    assert gone.sum() > 10
    assert obstacle(scores) == ""


def test_negative_weights_are_told(edition):
    scores = edition.study.province
    weights = scores.weights.copy()
    weights.loc["compute", "local"] = -0.1
    assert obstacle(replace(scores, weights=weights)) == "negative"


def test_scores_that_do_not_follow_are_told(edition):
    scores = edition.study.province
    assert obstacle(replace(scores, nodes=scores.nodes + 1e-6)) == "differs"


def test_packed_numbers_are_portable():
    odd = np.array([0.1, -0.0, np.nan, 1e300, 5e-324])
    assert base64.b64decode(packed([odd]))[:8] == np.float64(0.1).tobytes()
    np.testing.assert_array_equal(unpacked(packed([odd]), 5)[0], odd)


def test_page_holds_json_without_escapes_from_it(edition):
    page = render_explorer(replace(edition, text=Text("zh")), levels=["province"])
    start = page.index('id="payload">') + len('id="payload">')
    body = page[start : page.index("</script>", start)]
    assert "<" not in body
    assert json.loads(body)["levels"][0]["level"] == "province"
    assert page == render_explorer(replace(edition, text=Text("zh")), levels=["province"])
