"""Weights as a square matrix with labels: what a spreadsheet holds."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geo.errors import WeightsError
from geo.weights.construction import (
    Origin,
    check_labels,
    graph_from_links,
    mark,
    name_labels,
    named,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["weights_from_matrix"]


def weights_from_matrix(matrix: pd.DataFrame) -> "Graph":
    """Read weights from a square matrix, rows and columns met by label.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Row i, column j: what unit i receives from unit j. Rows and columns carry the same
        labels, in any order; zero is no link. It need not be symmetric.

    Returns
    -------
    libpysal.graph.Graph
        Weights, units in the order of the rows; rows of zeros are isolates.

    Raises
    ------
    geo.errors.WeightsError
        Labels repeat, are missing, or differ between rows and columns; a cell is not a finite
        number; or a unit is linked with itself.

    Examples
    --------
    >>> trade = pd.DataFrame([[0.0, 3.0], [1.0, 0.0]], index=["a", "b"], columns=["a", "b"])
    >>> weights_from_matrix(trade)["a"].to_dict()
    {'b': 3.0}
    """
    for labels in (matrix.index, matrix.columns):
        check_labels(labels)
    apart = list(matrix.index.symmetric_difference(matrix.columns, sort=False))
    if apart:
        raise WeightsError(
            f"rows and columns name different units: {name_labels(apart)} stand on one side only",
            code="weights.matrix_labels",
            **named(apart),
        )
    square = matrix[matrix.index]
    numbers = square.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    broken = np.argwhere(~np.isfinite(numbers))
    if len(broken):
        cells = [f"{matrix.index[row]}-{matrix.index[column]}" for row, column in broken]
        raise WeightsError(
            f"cells are not finite numbers: {name_labels(cells)}; write 0 for no link",
            code="weights.matrix_cells",
            **named(cells),
        )
    own = list(matrix.index[np.diagonal(numbers) != 0.0])
    if own:
        raise WeightsError(
            f"units are linked with themselves: {name_labels(own)}; write 0 on the diagonal",
            code="weights.matrix_diagonal",
            **named(own),
        )
    focal, neighbor = np.nonzero(numbers)
    graph = graph_from_links(matrix.index, focal, neighbor, numbers[focal, neighbor])
    return mark(graph, Origin(rule="matrix"))
