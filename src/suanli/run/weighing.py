"""Weights of a level: built by rule or read from a file, described, written."""

import csv
import difflib
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geo.export.table import write_csv
from geo.storage import atomic_path
from geo.weights import (
    WeightsReport,
    describe,
    read_gal,
    read_gwt,
    restrict,
    row_standardise,
    settle_islands,
    sparse_matrix,
    weights_from_matrix,
    weights_from_table,
    weights_table,
    write_gal,
    write_gwt,
)
from geo.weights.contiguity import Islands
from suanli.analysis.weighing import rule_weights
from suanli.boundaries import Boundaries, Level, load_bridges
from suanli.errors import InputError, Problem

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph

__all__ = ["Weighing", "diagnostics", "evaluated_layer", "weigh", "write_weights"]

_SEPARATORS: Final = (",", ";", "\t")
_SUFFIXES: Final = (".gal", ".gwt", ".csv", ".parquet")
_COLUMNS: Final = ["focal", "neighbor", "weight"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighing:
    """Weights made ready for a test.

    Attributes
    ----------
    graph : libpysal.graph.Graph
        The weights, row-standardised unless they were wanted raw.
    report : WeightsReport
        What they are.
    islands : tuple[str, ...]
        Codes of units that had no neighbour.
    rule : str
        Name of the rule, or of the file.
    file : str
        Name of the file they were read from; empty when built by rule.
    distances : bool
        Whether a GWT file holds numbers above one, as distances are.
    """

    graph: "Graph"
    report: WeightsReport
    islands: tuple[str, ...]
    rule: str
    file: str
    distances: bool


def evaluated_layer(boundaries: Boundaries, level: Level) -> "GeoDataFrame":
    """Return the units that are evaluated, sorted by code.

    Parameters
    ----------
    boundaries : Boundaries
        The layers.
    level : {"province", "city"}
        The level.

    Returns
    -------
    geopandas.GeoDataFrame
        Without those that are drawn only.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> len(evaluated_layer(load_boundaries(), "province"))
    31
    """
    layer = boundaries.layer(level)
    return layer[layer["evaluated"]].sort_index()


def weigh(
    rule: str,
    layer: "GeoDataFrame",
    level: Level,
    *,
    codes: pd.Index | None = None,
    islands: Islands = "keep",
    raw: bool = False,
) -> Weighing:
    """Build weights by rule, or read a user's, for the units that take part.

    Parameters
    ----------
    rule : str
        Name of a rule (see :func:`suanli.analysis.weighing.rule_weights`), or path of a GAL,
        GWT, CSV or Parquet file.
    layer : geopandas.GeoDataFrame
        All units of the level, indexed by code.
    level : {"province", "city"}
        The level.
    codes : pandas.Index, optional
        Units that take part; all by default. A rule knows no others, so that nobody's
        neighbour is a hole; weights of a file are cut down to them.
    islands : {"error", "drop", "knn1", "keep"}
        What happens to units without neighbours.
    raw : bool
        Leave the weights as they are.

    Returns
    -------
    Weighing
        Weights and what they are.

    Raises
    ------
    InputError
        No such rule, or a file that cannot be used.
    geo.errors.WeightsError
        Labels of a file repeat or do not fit, or islands are refused.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> layer = evaluated_layer(load_boundaries(), "province")
    >>> weigh("queen", layer, "province").islands
    ('460000',)
    """
    polygons = layer if codes is None else layer.loc[codes]
    files: list[str] = []

    def read(term: str) -> "Graph | None":
        path = Path(term)
        if path.suffix.lower() not in _SUFFIXES:
            return None
        files.append(path.name)
        own = restrict(_checked(_read(path), path, layer), polygons.index)
        # In the order of the codes, so that the order of a file moves not a bit.
        return weights_from_table(weights_table(own).sort_values(_COLUMNS[:2], kind="stable"))

    graph = rule_weights(rule, polygons, bridges=load_bridges(level), read=read)
    lonely = tuple(str(code) for code in graph.isolates)
    far = bool((graph.adjacency > 1.0).any()) and any(x.lower().endswith(".gwt") for x in files)
    graph = settle_islands(graph, polygons, islands)
    graph = graph if raw else row_standardise(graph)
    report = describe(graph)
    return Weighing(
        graph=graph,
        report=report,
        islands=lonely,
        rule=report.rule if len(files) > 1 or " " in rule else (files or [rule])[0],
        file=files[0] if files else "",
        distances=far,
    )


def diagnostics(graph: "Graph") -> dict[str, pd.DataFrame]:
    """Describe weights: how many neighbours units have, and what hangs together.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Weights.

    Returns
    -------
    dict[str, pandas.DataFrame]
        ``weights``: one row per figure; ``cardinalities``: how many units have how many
        neighbours; ``components``: the connected parts, largest first, each with its ``n``
        and first ``codes``.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> tables = diagnostics(Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1, 1, 0]))
    >>> tables["cardinalities"].to_dict("records")
    [{'neighbours': 0, 'units': 1}, {'neighbours': 1, 'units': 2}]
    """
    report = describe(graph)
    matrix = sparse_matrix(graph)[1]
    back = matrix.T.tocsr()
    links, returned = (set(zip(*one.nonzero(), strict=True)) for one in (matrix, back))
    one_way = len(links - returned)
    uneven = abs(matrix - back).max() if matrix.nnz else 0.0
    figures = {
        "rule": report.rule,
        "order": report.order,
        "n": report.n,
        "links": report.links,
        "one_way": one_way,
        "symmetric": bool(uneven <= 1e-12 * abs(matrix).max()),
        "row_standardised": report.row_standardised,
        "isolates": len(report.isolates),
        "components": report.components,
        "cardinality_min": report.cardinality_min,
        "cardinality_mean": report.cardinality_mean,
        "cardinality_max": report.cardinality_max,
        "bridges": len(report.bridges),
    }
    counts = np.bincount(np.diff(matrix.indptr))
    kept = np.flatnonzero(counts)
    parts = graph.component_labels.groupby(graph.component_labels, sort=True)
    groups = sorted((sorted(group.index) for _, group in parts), key=lambda g: (-len(g), g))
    return {
        "weights": pd.DataFrame({"figure": list(figures), "value": list(figures.values())}),
        "cardinalities": pd.DataFrame({"neighbours": kept, "units": counts[kept]}),
        "components": pd.DataFrame(
            {
                "component": range(1, len(groups) + 1),
                "n": [len(group) for group in groups],
                "codes": [" ".join(map(str, group[:_LISTED])) for group in groups],
            }
        ),
    }


_LISTED: Final = 10


def write_weights(graph: "Graph", folder: Path) -> list[Path]:
    """Write weights in every format that can hold them.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Weights.
    folder : pathlib.Path
        Where to write.

    Returns
    -------
    list[pathlib.Path]
        ``weights.csv`` and ``weights.gwt``; ``weights.gal`` where the weights are binary;
        ``weights.parquet`` where pyarrow is installed.

    Raises
    ------
    OSError
        A file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from libpysal.graph import Graph
    >>> graph = Graph.from_arrays(["a", "b"], ["b", "a"], [0.5, 2.0])
    >>> [path.suffix for path in write_weights(graph, Path(tempfile.mkdtemp()))][:2]
    ['.csv', '.gwt']
    """
    table = weights_table(graph)
    paths = [folder / "weights.csv", folder / "weights.gwt"]
    write_csv(table, paths[0], index=False)
    write_gwt(graph, paths[1], key="code")
    if (sparse_matrix(graph)[1].data == 1.0).all():
        paths.append(folder / "weights.gal")
        write_gal(graph, paths[-1], key="code")
    parquet = folder / "weights.parquet"
    try:
        with atomic_path(parquet) as target:
            table.to_parquet(target, index=False)
    except ImportError:
        # Parquet is for those who have pyarrow; the other files hold the same.
        return paths
    return [*paths, parquet]


def _read(path: Path) -> "Graph":
    kind = path.suffix.lower()
    if kind == ".gal":
        return read_gal(path)
    if kind == ".gwt":
        return read_gwt(path)
    if kind == ".csv":
        return _from_csv(path)
    try:
        table = pd.read_parquet(path)
    except ImportError:
        problem = Problem(code="model.parquet_missing", params={"file": str(path)})
        raise InputError([problem]) from None
    except ValueError:
        problem = Problem(code="model.weights_unreadable", params={"file": str(path)})
        raise InputError([problem]) from None
    text = {name: table[name].astype(str) for name in _COLUMNS[:2] if name in table}
    return weights_from_table(table.assign(**text))


def _from_csv(path: Path) -> "Graph":
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    # Not pandas: it would rename a label that stands twice.
    reader = csv.reader(StringIO(text), delimiter=separator)
    numbered = [(reader.line_num, row) for row in reader if row]
    lines, rows = [line for line, _ in numbered], [row for _, row in numbered]
    width = len(rows[0]) if rows else 0
    uneven = [str(line) for line, row in numbered if len(row) != width]
    if len(rows) <= 1 or uneven:
        code = "model.weights_rows" if uneven else "model.weights_empty"
        params = {"file": str(path), "rows": ", ".join(uneven[:_LISTED])}
        raise InputError([Problem(code=code, params=params)])
    head = [cell.strip() for cell in rows[0]]
    if set(_COLUMNS) <= set(head):
        # By line of the file, so that what is wrong can be found there.
        return weights_from_table(pd.DataFrame(rows[1:], columns=head, index=lines[1:]))
    if width != len(rows):
        params = {"file": str(path), "found": ", ".join(head[:_LISTED])}
        raise InputError([Problem(code="model.weights_columns", params=params)])
    labels = [row[0].strip() for row in rows[1:]]
    return weights_from_matrix(
        pd.DataFrame([row[1:] for row in rows[1:]], index=labels, columns=head[1:])
    )


def _checked(graph: "Graph", path: Path, layer: "GeoDataFrame") -> "Graph":
    """Refuse weights of other units than the level's, and negative ones."""
    problems = []
    units = graph.unique_ids
    extra = [str(code) for code in units if code not in layer.index]
    missing = [str(code) for code in layer.index.difference(units)]
    if extra:
        known = list(layer.index)
        like = [code for name in extra[:3] for code in difflib.get_close_matches(name, known, 1)]
        hint = Problem(code="intake.hint.units", params={"nearest": ", ".join(like)})
        params = {"hint": hint if like else "", **_listed(extra)}
        problems.append(Problem(code="model.weights_extra", params={"file": path.name, **params}))
    if missing:
        params = {"file": path.name, **_listed(missing)}
        problems.append(Problem(code="model.weights_missing", params=params))
    negative = int((graph.adjacency < 0).sum())
    if negative:
        params = {"file": path.name, "count": negative}
        problems.append(Problem(code="model.weights_negative", params=params))
    if problems:
        raise InputError(problems)
    return graph


def _listed(codes: list[str]) -> dict[str, object]:
    more = ", …" if len(codes) > _LISTED else ""
    return {"count": len(codes), "units": ", ".join(codes[:_LISTED]) + more}
