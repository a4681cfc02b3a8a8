"""GAL and GWT: lossless round trips, PySAL both ways, broken files; set operations."""

import contextlib
from pathlib import Path

import libpysal
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import WeightsError
from geo.weights import (
    add_bridges,
    describe,
    difference,
    intersection,
    read_gal,
    read_gwt,
    sparse_matrix,
    union,
    write_gal,
    write_gwt,
)
from geo.weights.construction import graph_from_links


def _graph(n, links, weights=None):
    labels = pd.Index([f"{i:02d}" for i in range(n)])
    focal, neighbor = np.array(links, dtype=int).reshape(-1, 2).T
    weights = None if weights is None else np.array(weights, dtype=float)
    return graph_from_links(labels, focal, neighbor, weights)


def _same(one, other):
    (labels, matrix), (others, second) = sparse_matrix(one), sparse_matrix(other)
    assert list(labels) == list(others)
    assert (matrix != second).nnz == 0
    assert set(one.isolates) == set(other.isolates)


pairs = st.sets(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] != pair[1]),
    max_size=30,
)
numbers = st.floats(1e-300, 1e300)


@given(links=pairs, data=st.data())
@settings(derandomize=True, deadline=None, max_examples=40)
def test_round_trips_lose_nothing(tmp_path_factory, links, data):
    folder = tmp_path_factory.mktemp("weights")
    links = sorted(links)
    binary = _graph(8, links)
    write_gal(binary, folder / "a.gal")
    _same(read_gal(folder / "a.gal"), binary)
    size = {"min_size": len(links), "max_size": len(links)}
    weighted = _graph(8, links, data.draw(st.lists(numbers, **size)))
    write_gwt(weighted, folder / "a.gwt")
    _same(read_gwt(folder / "a.gwt", labels=weighted.unique_ids), weighted)
    read = read_gwt(folder / "a.gwt")
    assert sorted(read.unique_ids) == sorted(weighted.unique_ids)
    assert set(read.isolates) == set(weighted.isolates)


LINKS = [(0, 1), (1, 0), (1, 2), (2, 1), (3, 0)]


def _by_pair(graph):
    adjacency = graph.adjacency
    return {(int(a), int(b)): w for (a, b), w in adjacency.items() if w != 0.0}


def test_pysal_reads_what_we_write(tmp_path):
    graph = _graph(5, LINKS, [1, 2, 0.5, 0.25, 3])
    write_gwt(graph, tmp_path / "a.gwt", layer="my layer", key="code")
    assert (tmp_path / "a.gwt").read_text().splitlines()[0] == "0 5 my_layer code"
    theirs = libpysal.graph.read_gwt(tmp_path / "a.gwt")
    assert _by_pair(theirs) == _by_pair(graph)
    assert [int(label) for label in theirs.isolates] == [4]
    binary = _graph(5, LINKS)
    write_gal(binary, tmp_path / "a.gal")
    theirs = libpysal.graph.read_gal(tmp_path / "a.gal")
    assert _by_pair(theirs) == _by_pair(binary)
    assert [int(label) for label in theirs.isolates] == [4]


def test_paths_may_be_texts(tmp_path):
    graph = _graph(5, LINKS)
    for name, write, read in (("a.gal", write_gal, read_gal), ("a.gwt", write_gwt, read_gwt)):
        write(graph, str(tmp_path / name))
        _same(read(str(tmp_path / name)), read(tmp_path / name))
        (tmp_path / name).write_text("x y", encoding="utf-8")
        with pytest.raises(WeightsError) as caught:
            read(str(tmp_path / name))
        assert caught.value.params["path"] == str(tmp_path / name)


@pytest.mark.filterwarnings("ignore:DBF relating to GWT", "ignore:The weights matrix is not fully")
def test_the_older_weights_of_pysal_take_an_isolate_in_a_gwt_for_a_neighbour(tmp_path):
    """Why the caution on isolates is printed."""
    write_gwt(_graph(5, LINKS), tmp_path / "a.gwt")
    with contextlib.closing(libpysal.io.open(str(tmp_path / "a.gwt"))) as stream:
        theirs = stream.read()
    assert sum(near == [unit] for unit, near in theirs.neighbors.items()) == 1
    assert theirs.islands == []


def test_we_read_what_pysal_writes(tmp_path):
    graph = _graph(5, LINKS, [1, 2, 0.5, 0.25, 3])
    graph.to_gwt(tmp_path / "a.gwt")
    _same(read_gwt(tmp_path / "a.gwt", labels=graph.unique_ids), graph)
    binary = _graph(5, LINKS)
    binary.to_gal(tmp_path / "a.gal")
    _same(read_gal(tmp_path / "a.gal"), binary)


@pytest.mark.parametrize("name", ["states48.gal", "sids2.gal", "stl_hom_rook.gal", "baltim_q.gal"])
def test_files_of_geoda_are_read_as_pysal_reads_them(name):
    path = libpysal.examples.get_path(name)
    ours, theirs = read_gal(Path(path), integer=True), libpysal.graph.read_gal(path)
    assert _by_pair(ours) == _by_pair(theirs)
    assert set(ours.unique_ids) == set(theirs.unique_ids)
    assert describe(ours).rule == "gal"


def test_distances_of_geoda_are_read_as_pysal_reads_them():
    path = libpysal.examples.get_path("juvenile.gwt")
    ours, theirs = read_gwt(Path(path), integer=True), libpysal.graph.read_gwt(path)
    assert _by_pair(ours) == _by_pair(theirs)
    assert describe(ours).n == 168


def test_wrapped_lines_marks_and_chinese_labels(tmp_path):
    path = tmp_path / "a.gal"
    text = "\ufeff0 3 图层 代码\r\n北京 2\r\n天津\r\n河北\r\n天津 1\r\n北京\r\n河北 0\r\n\r\n"
    path.write_bytes(text.encode("utf-8"))
    expected = {"北京": 2, "天津": 1, "河北": 0}
    assert read_gal(path).cardinalities.to_dict() == expected
    path.write_bytes(text.lstrip("\ufeff").encode("gb18030"))
    assert read_gal(path).cardinalities.to_dict() == expected


GAL = "2\na 1\nb\nb 1\na\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "weights.file_header"),
        ("x y\n", "weights.file_header"),
        ("0 0 a b\n", "weights.file_header"),
        (GAL.replace("2\n", "3\n", 1), "weights.file_units"),
        (GAL + "c 0\n", "weights.file_units"),
        (GAL.replace("a 1\nb", "a 2\nb"), "weights.file_entry"),
        (GAL.replace("a 1", "a -1"), "weights.file_entry"),
        (GAL + "c\n", "weights.file_entry"),
        (GAL.replace("b\nb", "z\nb"), "weights.file_unknown"),
        (GAL.replace("b\nb", "a\nb"), "weights.file_entry"),
        ("2\na 2\nb b\nb 0\n", "weights.file_entry"),
        ("2\na 1\na\na 1\na\n", "weights.labels_duplicate"),
    ],
)
def test_broken_gal_is_refused(tmp_path, text, code):
    path = tmp_path / "a.gal"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError) as caught:
        read_gal(path)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("body", "options", "code"),
    [
        ("a b 1\nb a 1\n", {}, None),
        ("a b 1\n\nb a 1\n", {}, None),
        ("a b\n", {}, "weights.file_entry"),
        ("a b x\n", {}, "weights.file_entry"),
        ("a b nan\n", {}, "weights.file_entry"),
        ("a b 1\na b 2\n", {}, "weights.file_entry"),
        ("a a 1\nb a 1\n", {}, "weights.file_entry"),
        ("a b 1\nb c 1\n", {}, "weights.file_units"),
        ("a b 1\n", {"labels": ["a"]}, "weights.file_units"),
        ("a z 1\n", {"labels": ["a", "b"]}, "weights.file_unknown"),
        ("a b 1\n", {"integer": True}, "weights.file_entry"),
        ("1 01 1\n", {"integer": True}, "weights.labels_duplicate"),
    ],
)
def test_broken_gwt_is_refused(tmp_path, body, options, code):
    path = tmp_path / "a.gwt"
    path.write_text("0 2 x y\n" + body, encoding="utf-8")
    if code is None:
        assert read_gwt(path, **options).cardinalities.to_dict() == {"a": 1, "b": 1}
        return
    with pytest.raises(WeightsError) as caught:
        read_gwt(path, **options)
    assert caught.value.code == code


def test_what_a_file_cannot_hold_is_not_written(tmp_path):
    path = tmp_path / "a.gal"
    with pytest.raises(WeightsError) as caught:
        write_gal(_graph(3, [(0, 1), (1, 0)], [1, 2]), path)
    assert caught.value.code == "weights.links_only"
    spaced = graph_from_links(pd.Index(["a b", "c"]), np.array([0, 1]), np.array([1, 0]))
    for write in (write_gal, write_gwt):
        with pytest.raises(WeightsError, match="a b") as caught:
            write(spaced, path)
        assert caught.value.code == "weights.label_spaces"
    assert not path.exists()


@given(one=pairs, other=pairs, seed=st.integers(0, 99))
@settings(derandomize=True, deadline=None, max_examples=40)
def test_set_operations_are_those_of_sets(one, other, seed):
    first, second = _graph(8, sorted(one)), _graph(8, sorted(other))
    # The second in another order: units meet by label.
    order = np.random.default_rng(seed).permutation(second.unique_ids.to_numpy())
    second = second.subgraph(order)
    for operation, expected in (
        (union, one | other),
        (intersection, one & other),
        (difference, one - other),
    ):
        found = operation(first, second)
        assert _by_pair(found) == dict.fromkeys(expected, 1.0)
        assert list(found.unique_ids) == list(first.unique_ids)


def test_set_operations_keep_the_record_and_refuse_other_units():
    first = add_bridges(_graph(4, [(0, 1), (1, 0)]), [("02", "03")])
    second = _graph(4, [(0, 1), (1, 0)])
    assert describe(union(first, second)).bridges == (("02", "03"),)
    assert describe(difference(first, second)).bridges == (("02", "03"),)
    assert describe(intersection(first, second)).bridges == ()
    assert describe(intersection(first, second)).rule == "unknown and unknown"
    standardised = union(first.transform("R"), second)
    assert (standardised.adjacency[standardised.adjacency != 0] == 1.0).all()
    with pytest.raises(WeightsError, match="04") as caught:
        union(first, _graph(5, [(0, 1)]))
    assert caught.value.code == "weights.units_differ"
