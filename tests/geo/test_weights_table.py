"""Weights as a table: nothing lost through files, PySAL reads it, broken tables are refused."""

import io

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from geo.errors import WeightsError
from geo.weights import describe, sparse_matrix, weights_from_table, weights_table
from geo.weights.construction import graph_from_links


@pytest.fixture(params=["text", "number"])
def graph(request):
    """Random weights in an order of labels that is not sorted, two isolates among them."""
    rng = np.random.default_rng(3)
    codes = rng.permutation(9)
    labels = pd.Index([f"{code:03d}" for code in codes] if request.param == "text" else codes)
    dense = rng.random((9, 9)) * (rng.random((9, 9)) < 0.3)
    dense[[2, 8]] = dense[:, [2, 8]] = 0.0
    np.fill_diagonal(dense, 0.0)
    focal, neighbor = np.nonzero(dense)
    return graph_from_links(labels, focal, neighbor, dense[focal, neighbor])


def _same(one, other):
    (labels, matrix), (others, second) = sparse_matrix(one), sparse_matrix(other)
    assert list(labels) == list(others)
    assert (matrix != second).nnz == 0


def _through_csv(table):
    text = table.to_csv(index=False)
    kinds = {name: table[name].dtype for name in ("focal", "neighbor")}
    return pd.read_csv(io.StringIO(text), dtype={**kinds, "weight": str})


def _through_parquet(table):
    pytest.importorskip("pyarrow")
    data = io.BytesIO()
    table.to_parquet(data)
    data.seek(0)
    return pd.read_parquet(data)


@pytest.mark.parametrize("through", [lambda table: table, _through_csv, _through_parquet])
def test_a_table_loses_nothing(graph, through):
    table = through(weights_table(graph))
    assert list(table.columns) == ["focal", "neighbor", "weight"]
    _same(weights_from_table(table), graph)
    _same(weights_from_table(table.assign(note="x")), graph)
    assert describe(weights_from_table(table)).rule == "table"
    assert len(describe(graph).isolates) >= 2


def test_pysal_reads_the_table(graph):
    links = weights_table(graph).set_index(["focal", "neighbor"])["weight"]
    _same(Graph.from_adjacency(links.reset_index()), graph)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("a", "b", 1.0)], "weights.table_unknown"),
        ([("a", "b", 1.0), ("b", "a", np.nan)], "weights.table_rows"),
        ([("a", "b", 1.0), ("b", "a", "much")], "weights.table_rows"),
        ([("a", "b", 1.0), ("b", "b", 1.0)], "weights.table_rows"),
        ([("a", "b", 1.0), ("a", "b", 2.0), ("b", "a", 1.0)], "weights.table_rows"),
        ([(None, "b", 1.0), ("b", "a", 1.0)], "weights.label_missing"),
        ([], "weights.empty"),
    ],
)
def test_broken_tables_are_refused(rows, code):
    with pytest.raises(WeightsError) as caught:
        weights_from_table(pd.DataFrame(rows, columns=["focal", "neighbor", "weight"]))
    assert caught.value.code == code


def test_columns_are_needed():
    with pytest.raises(WeightsError, match="missing: neighbor, weight") as caught:
        weights_from_table(pd.DataFrame({"focal": ["a"]}))
    assert caught.value.code == "weights.table_columns"
