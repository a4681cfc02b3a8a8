"""Weights as a table of links: what Parquet, CSV and databases hold."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import WeightsError
from geo.weights.alignment import sparse_matrix
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

__all__ = ["weights_from_table", "weights_table"]

_COLUMNS = ("focal", "neighbor", "weight")


def weights_table(graph: "Graph") -> pd.DataFrame:
    """Write weights as a table of links, one row each.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Spatial weights.

    Returns
    -------
    pandas.DataFrame
        Columns ``focal``, ``neighbor`` and ``weight``, in the order of the units. As in PySAL a
        unit without neighbours is a link with itself of weight zero, so no unit is lost.

    Notes
    -----
    ``weights_table(graph).to_parquet(path)`` keeps labels, their type and every digit, and
    libpysal reads the table as ``Graph.from_adjacency``; pandas needs pyarrow for that.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> graph = Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [0.5, 2, 0])
    >>> weights_table(graph).to_numpy().tolist()
    [['a', 'b', 0.5], ['b', 'a', 2.0], ['c', 'c', 0.0]]
    """
    labels, matrix = sparse_matrix(graph)
    lonely = np.flatnonzero(np.diff(matrix.indptr) == 0)
    links = matrix.tocoo()
    focal = np.concatenate([links.row, lonely])
    neighbor = np.concatenate([links.col, lonely])
    weight = np.concatenate([links.data, np.zeros(len(lonely))])
    order = np.lexsort((neighbor, focal))
    return pd.DataFrame(
        {
            "focal": labels.take(focal[order]),
            "neighbor": labels.take(neighbor[order]),
            "weight": weight[order],
        }
    )


def weights_from_table(table: pd.DataFrame) -> "Graph":
    """Read weights from a table of links.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``focal``, ``neighbor`` and ``weight``; other columns are ignored. Every unit is
        the focal one of at least one row; one without neighbours has a link with itself of
        weight zero.

    Returns
    -------
    libpysal.graph.Graph
        Weights, units in the order in which they first are focal.

    Raises
    ------
    geo.errors.WeightsError
        A column is missing, a label is missing, a neighbour is never focal, a link stands twice
        or joins a unit with itself, or a weight is not a finite number.

    Examples
    --------
    >>> rows = [("a", "b", 0.5), ("b", "a", 2.0), ("c", "c", 0.0)]
    >>> graph = weights_from_table(pd.DataFrame(rows, columns=["focal", "neighbor", "weight"]))
    >>> graph.cardinalities.to_dict()
    {'a': 1, 'b': 1, 'c': 0}
    """
    missing = [column for column in _COLUMNS if column not in table.columns]
    if missing:
        raise WeightsError(
            f"a table of weights needs the columns {', '.join(_COLUMNS)}; missing: "
            f"{', '.join(missing)}",
            code="weights.table_columns",
            columns=", ".join(_COLUMNS),
            missing=", ".join(missing),
        )
    labels = pd.Index(table["focal"].drop_duplicates(), name="focal")
    check_labels(labels)
    focal = labels.get_indexer(pd.Index(table["focal"]))
    neighbor = labels.get_indexer(pd.Index(table["neighbor"]))
    weight = pd.to_numeric(table["weight"], errors="coerce").to_numpy(dtype=np.float64)
    own = focal == neighbor
    _refuse_rows(
        table.index,
        {
            "without a finite weight": ~np.isfinite(weight),
            "of a unit with itself": own & np.isfinite(weight) & (weight != 0.0),
            "that stand before": table.duplicated(list(_COLUMNS[:2])).to_numpy(),
        },
    )
    unknown = list(dict.fromkeys(table["neighbor"][neighbor < 0]))
    if unknown:
        raise WeightsError(
            f"neighbours are never the focal unit: {name_labels(unknown)}; give every unit a row, "
            "one without neighbours a link with itself of weight zero",
            code="weights.table_unknown",
            **named(unknown),
        )
    return mark(
        graph_from_links(labels, focal[~own], neighbor[~own], weight[~own]), Origin(rule="table")
    )


def _refuse_rows(index: pd.Index, faults: dict[str, NDArray[np.bool_]]) -> None:
    """Refuse rows that are no links, named by the index of the table."""
    found = {fault: list(index[where]) for fault, where in faults.items() if where.any()}
    if found:
        told = "; ".join(f"{fault}: {name_labels(rows)}" for fault, rows in found.items())
        first, second, third = (name_labels(found.get(fault, [])) or "-" for fault in faults)
        raise WeightsError(
            f"rows are no links, by their index; {told}",
            code="weights.table_rows",
            not_finite=first,
            own=second,
            twice=third,
        )
