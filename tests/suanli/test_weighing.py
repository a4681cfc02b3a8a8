"""Weights by the name of their rule, or from a user's file."""

import csv
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest

from geo.errors import WeightsError
from geo.weights import describe, distance_band, sparse_matrix, weights_table
from suanli.analysis.weighing import EXAMPLES, rule_weights
from suanli.boundaries import load_boundaries, load_bridges
from suanli.errors import InputError
from suanli.run import RunConfig, describe_weights, pattern_under
from suanli.run.weighing import diagnostics, evaluated_layer, weigh, write_weights
from suanli.text import Text


@pytest.fixture(scope="module")
def layer():
    return evaluated_layer(load_boundaries(), "province")


@pytest.fixture(scope="module")
def built(layer):
    bridges = load_bridges("province")
    return {rule: rule_weights(rule, layer, bridges=bridges) for rule in EXAMPLES}


def links(graph):
    labels, matrix = sparse_matrix(graph)
    rows, columns = matrix.nonzero()
    return set(zip(labels[rows], labels[columns], strict=True))


def dense(graph, order):
    table = weights_table(graph).pivot_table(index="focal", columns="neighbor", values="weight")
    return table.reindex(index=order, columns=order).fillna(0.0)


def codes_of(error):
    return [problem.code for problem in error.value.problems]


def test_every_rule_is_built_under_its_name(built):
    for rule, graph in built.items():
        report = describe(graph)
        assert report.n == 31, rule
        # Provinces whose inner points are within 200 km all touch.
        assert (report.links > 0) == (rule != "band-200km without queen"), rule
        assert report.row_standardised is False or rule == "inverse-300km-power-2", rule
        plain = rule.replace("+bridges", "").replace("-order-2", "").replace("-upto-2", "")
        # A band of latency is a band of distance, and named as such.
        assert report.rule == ("band-133.333km" if rule == "latency-1ms" else plain)


def test_rules_mean_what_they_say(built, layer):
    queen, bridged = links(built["queen"]), links(built["queen+bridges"])
    pair = tuple(load_bridges("province").loc[0, ["from", "to"]])
    assert bridged - queen == {pair, pair[::-1]}
    second, upto = links(built["queen-order-2"]), links(built["queen-upto-2"])
    assert not second & queen
    assert upto == second | queen
    through = {
        (a, c) for a, b in queen for b_, c in queen if b == b_ and a != c and (a, c) not in queen
    }
    assert second == through
    assert set(built["knn-6"].cardinalities) == {6}
    band = links(distance_band(layer, 200 / 1.5))
    assert links(built["latency-1ms"]) == band
    assert links(built["band-200km"]) >= band


def test_sets_of_links(built, layer):
    bridges = load_bridges("province")
    knn4 = links(rule_weights("knn-4", layer, bridges=bridges))
    queen, band = links(built["queen"]), links(built["band-200km"])
    assert links(built["queen or knn-4"]) == queen | knn4
    assert links(built["queen and band-200km"]) == queen & band
    assert links(built["band-200km without queen"]) == band - queen
    three = rule_weights("queen or knn-4 without band-200km", layer, bridges=bridges)
    assert links(three) == (queen | knn4) - band


@pytest.mark.parametrize(
    "rule", ["", "quen", "knn", "band-200", "queen or", "or", "kernel-gauss-4"]
)
def test_what_is_no_rule_is_refused_with_examples(layer, rule):
    with pytest.raises(InputError) as caught:
        weigh(rule, layer, "province")
    assert codes_of(caught) == ["model.rule_unknown"]
    said = Text("en")("model.rule_unknown", **caught.value.problems[0].params)
    assert "queen+bridges" in said


@pytest.mark.parametrize(
    ("rule", "code"),
    [("knn-31", "weights.k"), ("knn-0", "weights.k"), ("queen-order-0", "weights.order"),
     ("band-0km", "weights.distance")],
)  # fmt: skip
def test_numbers_out_of_range_are_refused(layer, rule, code):
    with pytest.raises(WeightsError) as caught:
        weigh(rule, layer, "province")
    assert caught.value.code == code


def test_units_that_take_no_part_are_nobodys_neighbours(layer):
    some = layer.index[~layer.index.isin(["110000", "120000"])]
    found = weigh("queen+bridges", layer, "province", codes=some)
    assert set(found.graph.unique_ids) == set(some)
    assert found.report.row_standardised


def test_islands(layer):
    kept = weigh("queen", layer, "province")
    assert kept.islands == ("460000",)
    assert kept.report.isolates == ("460000",)
    dropped = weigh("queen", layer, "province", islands="drop")
    assert dropped.report.n == 30
    assert dropped.islands == ("460000",)
    linked = weigh("queen", layer, "province", islands="knn1")
    assert linked.report.isolates == ()
    with pytest.raises(WeightsError) as caught:
        weigh("queen", layer, "province", islands="error")
    assert caught.value.code == "weights.islands"
    with pytest.raises(WeightsError) as caught:
        weigh("band-1km", layer, "province", islands="drop")
    assert caught.value.code == "weights.no_links"


# Files


@pytest.mark.parametrize("rule", ["queen+bridges", "knn-4", "inverse-800km"])
def test_files_come_back_as_they_went(layer, tmp_path, rule):
    graph = weigh(rule, layer, "province", raw=True).graph
    paths = write_weights(graph, tmp_path)
    assert {path.suffix for path in paths} >= {".csv", ".gwt"}
    assert any(path.suffix == ".gal" for path in paths) == (not rule.startswith("inverse"))
    for path in paths:
        back = weigh(str(path), layer, "province", raw=True)
        assert back.file == back.rule == path.name
        pd.testing.assert_frame_equal(dense(back.graph, layer.index), dense(graph, layer.index))
        assert back.islands == tuple(graph.isolates)


def matrix_of(layer):
    rng = np.random.default_rng(5)
    numbers = rng.integers(0, 3, (len(layer), len(layer))).astype(float)
    np.fill_diagonal(numbers, 0.0)
    return pd.DataFrame(numbers, index=layer.index, columns=layer.index)


def written(matrix, path, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["code", *matrix.columns])
        writer.writerows(
            [code, *row] for code, row in zip(matrix.index, matrix.to_numpy(), strict=True)
        )
    return str(path)


def test_a_square_matrix_in_any_order_and_encoding(layer, tmp_path):
    matrix = matrix_of(layer)
    mixed = matrix.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    one = weigh(written(matrix, tmp_path / "a.csv"), layer, "province")
    two = weigh(written(mixed, tmp_path / "b c.csv", "gb18030"), layer, "province")
    pd.testing.assert_frame_equal(dense(one.graph, layer.index), dense(two.graph, layer.index))
    expected = matrix.div(matrix.sum(axis=1), axis=0)
    np.testing.assert_allclose(dense(one.graph, layer.index), expected)
    told = diagnostics(one.graph)["weights"].set_index("figure")["value"]
    there, back = matrix.to_numpy() != 0, matrix.to_numpy().T != 0
    assert told["one_way"] == (there & ~back).sum() > 0
    assert not told["symmetric"]


def test_a_file_of_more_units_is_cut_down(layer, tmp_path):
    path = written(matrix_of(layer), tmp_path / "a.csv")
    some = layer.index[:20]
    found = weigh(path, layer, "province", codes=some, raw=True)
    assert set(found.graph.unique_ids) == set(some)
    np.testing.assert_array_equal(dense(found.graph, some), matrix_of(layer).loc[some, some])


def wrong(layer, kind):
    matrix = matrix_of(layer)
    if kind == "extra":
        matrix = matrix.rename(index={"110000": "110001"}, columns={"110000": "110001"})
    if kind == "missing":
        matrix = matrix.drop(index="440000", columns="440000")
    if kind == "negative":
        matrix.iloc[0, 1] = -1.0
    if kind == "twice":
        matrix.index = [*matrix.index[:-1], matrix.index[0]]
    if kind == "gap":
        matrix.iloc[2, 3] = np.nan
    if kind == "misaligned":
        matrix = matrix.drop(columns="440000").assign(zzz=0.0)
    return matrix


@pytest.mark.parametrize(
    ("kind", "codes"),
    [("extra", ["model.weights_extra", "model.weights_missing"]),
     ("missing", ["model.weights_missing"]), ("negative", ["model.weights_negative"])],
)  # fmt: skip
def test_weights_that_do_not_fit_the_level_are_refused(layer, tmp_path, kind, codes):
    with pytest.raises(InputError) as caught:
        weigh(written(wrong(layer, kind), tmp_path / "a.csv"), layer, "province")
    assert codes_of(caught) == codes
    text = [Text("en")(p.code, **p.params) for p in caught.value.problems]
    if kind == "extra":
        assert "110001" in text[0]
        assert "110000" in text[0]  # the nearest
        assert "110000" in text[1]
    if kind == "missing":
        assert "440000" in text[0]


@pytest.mark.parametrize(
    ("kind", "code"),
    [("twice", "weights.labels_duplicate"), ("gap", "weights.matrix_cells"),
     ("misaligned", "weights.matrix_labels")],
)  # fmt: skip
def test_broken_matrices_are_refused(layer, tmp_path, kind, code):
    with pytest.raises(WeightsError) as caught:
        weigh(written(wrong(layer, kind), tmp_path / "a.csv"), layer, "province")
    assert caught.value.code == code


@pytest.mark.parametrize("content", ["", "a\n", "focal,neighbor,weight\n1,2\n", "x,a,b\na,0,1\n"])
def test_files_that_are_no_weights(layer, tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((InputError, WeightsError)):
        weigh(str(path), layer, "province")


def test_city_weights_do_not_fit_provinces(layer, tmp_path):
    cities = evaluated_layer(load_boundaries(), "city").iloc[:50]
    graph = rule_weights("knn-2", cities, bridges=load_bridges("city"))
    (path, *_) = write_weights(graph, tmp_path)
    with pytest.raises(InputError) as caught:
        weigh(str(path), layer, "province")
    params = caught.value.problems[0].params
    # Beijing and Tianjin are provinces and cities of the same code.
    assert params["count"] == 48
    assert params["units"].endswith("…")


def test_parquet_without_pyarrow_says_what_to_do(layer, tmp_path, monkeypatch):
    # As pandas answers where it is not installed.
    for owner, name in ((pd, "read_parquet"), (pd.DataFrame, "to_parquet")):
        monkeypatch.setattr(owner, name, Mock(side_effect=ImportError))
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError) as caught:
        weigh(str(tmp_path / "a.parquet"), layer, "province")
    assert codes_of(caught) == ["model.parquet_missing"]
    graph = weigh("queen", layer, "province").graph
    assert not any(p.suffix == ".parquet" for p in write_weights(graph, tmp_path / "out"))


@pytest.mark.parametrize("rule", ["queen", "inverse-1000km"])
def test_parquet_brings_the_same_weights_back(layer, tmp_path, rule):
    pytest.importorskip("pyarrow")
    graph = weigh(rule, layer, "province", raw=True).graph
    path = next(p for p in write_weights(graph, tmp_path) if p.suffix == ".parquet")
    labels, matrix = sparse_matrix(graph)
    others, again = sparse_matrix(weigh(str(path), layer, "province", raw=True).graph)
    assert list(labels) == list(others)
    assert (matrix != again).nnz == 0
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError) as caught:
        weigh(str(path), layer, "province")
    assert codes_of(caught) == ["model.weights_unreadable"]


# What is said of them


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_diagnostics_count_rightly(layer, tmp_path, lang):
    told = describe_weights("queen", "province", out=tmp_path, text=Text(lang))
    figures = told.tables["weights"].set_index("figure")["value"]
    graph = weigh("queen", layer, "province", raw=True).graph
    assert figures["links"] == len(links(graph))
    assert figures["components"] == 2
    assert figures["isolates"] == 1
    counts = told.tables["cardinalities"].set_index("neighbours")["units"]
    assert counts.to_dict() == graph.cardinalities.value_counts().to_dict()
    assert told.tables["components"]["n"].to_list() == [30, 1]
    assert ("海南省" if lang == "zh" else "Hainan") in told.sentences[-3]
    assert {path.name for path in tmp_path.iterdir()} >= {"diagnostics.csv", "weights.gal"}


def test_the_pattern_under_other_weights_is_the_plain_one_under_queen(atlas):
    study = atlas.result.edition.study
    config = RunConfig(permutations=999, redraws=199)
    found = pattern_under(config, "province", "queen+bridges")
    row = found.tables["spatial_global"].iloc[0]
    assert row["statistic"] == study.province_pattern.moran.statistic
    assert row["p"] == study.province_pattern.moran.p_permutation
    pd.testing.assert_series_equal(found.tables["lisa"]["p"], study.province_pattern.local["p"])
    other = pattern_under(config, "province", "knn-4").tables["spatial_global"].iloc[0]
    sensitivity = study.sensitivity.set_index(["level", "rule"])["statistic"]
    assert other["statistic"] == pytest.approx(sensitivity["province", "knn-4"])


@pytest.mark.parametrize(("rule", "instead"), [("queen", "gal"), ("inverse-300km", "csv")])
def test_isolates_in_a_gwt_are_warned_of(tmp_path, rule, instead):
    told = describe_weights(rule, "province", out=tmp_path, text=Text("en"))
    count = len(told.tables["isolates"])
    warned = [line for line in told.sentences if "GWT has no line" in line]
    assert len(warned) == 1
    assert f"holds {count} of them" in warned[0]
    assert f"Use weights.{instead}, or --islands drop" in warned[0]
    assert (tmp_path / f"weights.{instead}").exists()
    lonely = [line.split() for line in (tmp_path / "weights.gwt").read_text("utf-8").splitlines()]
    assert sum(line[0] == line[1] for line in lonely[1:]) == count > 0
    left = describe_weights(rule, "province", islands="drop", out=tmp_path, text=Text("en"))
    assert not any("GWT" in line for line in left.sentences)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_rule_without_any_link_is_cautioned_in_few_words(lang):
    told = describe_weights("queen-order-50", "city", text=Text(lang))
    assert told.sentences[-1] == Text(lang)("model.said.no_links")
    names = told.sentences[-2]
    assert "337" in names
    assert "…" in names
    assert names.count(Text(lang)("model.said.mark").strip()) <= 10
    linked = describe_weights("queen", "province", text=Text(lang))
    assert Text(lang)("model.said.no_links") not in linked.sentences


def test_tables_of_the_pattern_are_in_words():
    config = RunConfig(permutations=999, lang="zh")
    told = pattern_under(config, "city", "knn-6")
    whole, clusters = told.shown.values()
    row = told.tables["spatial_global"].iloc[0]
    assert whole["期望"].to_list() == [f"{row['expected']:.3f}"]
    assert set(clusters["类型"]) <= {"高–高", "低–低", "高–低", "低–高"}
    for name in ("p", "校正 p"):
        assert all(len(cell.removeprefix("<")) == len("0.001") for cell in clusters[name])
