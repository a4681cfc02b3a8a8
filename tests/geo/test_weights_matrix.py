"""Weights from a square matrix, and units without neighbours."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.errors import WeightsError
from geo.statistics import spatial_matrix
from geo.weights import (
    row_standardise,
    settle_islands,
    sparse_matrix,
    weights_from_matrix,
    weights_from_table,
    weights_table,
)

LABELS = list("abcd")


def square(numbers=None, index=LABELS, columns=LABELS):
    numbers = np.arange(16.0).reshape(4, 4) if numbers is None else numbers
    filled = numbers.copy()
    np.fill_diagonal(filled, 0.0)
    return pd.DataFrame(filled, index=index, columns=columns)


def test_cells_are_what_a_unit_receives():
    graph = weights_from_matrix(square())
    labels, matrix = sparse_matrix(graph)
    assert list(labels) == LABELS
    np.testing.assert_array_equal(matrix.toarray(), square().to_numpy())
    # Not symmetric, and kept so.
    assert matrix[0, 3] == 3.0
    assert matrix[3, 0] == 12.0


def test_rows_and_columns_meet_by_label():
    mixed = square().loc[list("dbac"), list("cadb")]
    one, two = (weights_table(weights_from_matrix(m)) for m in (square(), mixed))
    keys = ["focal", "neighbor"]
    pd.testing.assert_frame_equal(
        one.sort_values(keys, ignore_index=True), two.sort_values(keys, ignore_index=True)
    )


def test_a_table_of_links_says_the_same():
    graph = weights_from_matrix(square())
    again = weights_from_table(weights_table(graph))
    pd.testing.assert_series_equal(graph.adjacency, again.adjacency, check_names=False)


@pytest.mark.parametrize(
    ("matrix", "code", "named"),
    [
        (square(index=["a", "b", "b", "d"]), "weights.labels_duplicate", ["b"]),
        (square(columns=["a", "a", "c", "d"]), "weights.labels_duplicate", ["a"]),
        (square(index=["a", "b", "c", "e"]), "weights.matrix_labels", ["d", "e"]),
        (square().drop(columns="d"), "weights.matrix_labels", ["d"]),
        (square().replace(6.0, np.nan), "weights.matrix_cells", ["b-c"]),
        (square().replace(6.0, np.inf), "weights.matrix_cells", ["b-c"]),
        (square().astype(object).replace(6.0, "x"), "weights.matrix_cells", ["b-c"]),
        (square() + np.diag([0, 0, 2.0, 0]), "weights.matrix_diagonal", ["c"]),
    ],
)
def test_wrong_matrices_are_refused_by_name(matrix, code, named):
    with pytest.raises(WeightsError) as caught:
        weights_from_matrix(matrix)
    assert caught.value.code == code
    assert sorted(caught.value.params["labels"]) == named


def test_an_empty_matrix_has_isolates_alone():
    graph = weights_from_matrix(square(np.zeros((4, 4))))
    assert list(graph.isolates) == LABELS
    with pytest.raises(WeightsError) as caught:
        spatial_matrix(graph, islands="keep")
    assert caught.value.code == "weights.no_links"
    with pytest.raises(WeightsError) as caught:
        settle_islands(graph, gpd.GeoSeries.from_xy([0, 1, 2, 3], [0] * 4, index=LABELS), "drop")
    assert caught.value.code == "weights.no_links"


def test_units_without_neighbours_get_what_was_said():
    lonely = square(np.ones((4, 4)))
    lonely.loc["d"] = lonely["d"] = 0.0
    graph = weights_from_matrix(lonely)
    points = gpd.GeoSeries.from_xy([0, 1, 2, 4], [0] * 4, index=LABELS, crs=4326)
    assert settle_islands(graph, points, "keep") is graph
    assert list(settle_islands(graph, points, "drop").unique_ids) == list("abc")
    linked = settle_islands(graph, points, "knn1")
    assert linked["d"].index.to_list() == ["c"]
    assert "d" in linked["c"].index
    for policy, code in (("error", "weights.islands"), ("nonsense", "weights.choice")):
        with pytest.raises(WeightsError) as caught:
            settle_islands(graph, points, policy)
        assert caught.value.code == code


def test_a_link_to_the_nearest_has_no_weight_among_others_that_have():
    lonely = square()
    lonely.loc["d"] = lonely["d"] = 0.0
    points = gpd.GeoSeries.from_xy([0, 1, 2, 4], [0] * 4, index=LABELS, crs=4326)
    with pytest.raises(WeightsError) as caught:
        settle_islands(weights_from_matrix(lonely), points, "knn1")
    assert caught.value.code == "weights.not_binary"


def test_rows_of_an_asymmetric_matrix_are_scaled_each_by_itself():
    _, matrix = sparse_matrix(row_standardise(weights_from_matrix(square())))
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0)
    np.testing.assert_allclose(matrix.toarray()[1], np.array([4, 0, 6, 7]) / 17)
