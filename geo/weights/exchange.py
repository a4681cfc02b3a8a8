"""Weights as files other programs read: GAL (links) and GWT (links with weights)."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.errors import WeightsError
from geo.storage import write_text
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

__all__ = ["read_gal", "read_gwt", "write_gal", "write_gwt"]

_FULL_HEADER = 2  # "0 n layer key" of GeoDa; a lone number is the older form
_GWT_COLUMNS = 3


def write_gal(
    graph: "Graph", path: Path | str, *, layer: str = "unknown", key: str = "unknown"
) -> None:
    """Write the links of binary weights as GAL.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Binary weights.
    path : pathlib.Path or str
        The file to write, as UTF-8.
    layer, key : str, default "unknown"
        Names of the layer and of its column of labels, for GeoDa's header.

    Raises
    ------
    geo.errors.WeightsError
        Weights are not binary, or a label is empty or holds white space.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from libpysal.graph import Graph
    >>> target = Path(tempfile.mkdtemp()) / "a.gal"
    >>> write_gal(Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [1, 1, 0]), target)
    >>> target.read_text(encoding="utf-8").splitlines()
    ['0 3 unknown unknown', 'a 1', 'b', 'b 1', 'a', 'c 0', '']
    """
    labels, matrix = sparse_matrix(graph)
    if (matrix.data != 1.0).any():
        raise WeightsError(
            "GAL holds links without weights; write binary weights, or GWT",
            code="weights.links_only",
        )
    names = _names(labels)
    lines = [_header(len(names), layer, key)]
    for position, name in enumerate(names):
        near = matrix.indices[matrix.indptr[position] : matrix.indptr[position + 1]]
        lines += [f"{name} {len(near)}", " ".join(names[other] for other in near)]
    write_text(Path(path), "\n".join(lines) + "\n")


def read_gal(path: Path | str, *, integer: bool = False) -> "Graph":
    r"""Read links written as GAL by GeoDa, spdep, PySAL or :func:`write_gal`.

    Parameters
    ----------
    path : pathlib.Path or str
        The file, UTF-8 or GB 18030.
    integer : bool, default False
        Whether labels are whole numbers; otherwise they stay text, leading zeros kept.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights in the order of the file, units without neighbours as isolates.

    Raises
    ------
    geo.errors.WeightsError
        The file is no GAL, or its units, counts and neighbours do not fit together.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.gal"
    >>> _ = target.write_text("3\n01 1\n02\n02 1\n01\n03 0\n", encoding="utf-8")
    >>> read_gal(target).cardinalities.to_dict()
    {'01': 1, '02': 1, '03': 0}
    """
    path = Path(path)
    n, lines = _content(path)
    tokens = " ".join(lines).split()
    neighbours: list[tuple[str, list[str]]] = []
    place = 0
    while place < len(tokens):
        entry = " ".join(tokens[place : place + 2])
        count = tokens[place + 1] if place + 1 < len(tokens) else ""
        if not (count.isascii() and count.isdigit()) or place + 2 + int(count) > len(tokens):
            raise _bad_entry(path, entry)
        neighbours.append((tokens[place], tokens[place + 2 : place + 2 + int(count)]))
        place += 2 + int(count)
    labels = [label for label, _ in neighbours]
    links = [(label, other, 1.0) for label, near in neighbours for other in near]
    if len(labels) != n:
        raise _bad_units(path, n, len(labels))
    return _graph(path, labels, links, integer=integer, rule="gal")


def write_gwt(
    graph: "Graph", path: Path | str, *, layer: str = "unknown", key: str = "unknown"
) -> None:
    """Write weights as GWT, every digit kept.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Spatial weights.
    path : pathlib.Path or str
        The file to write, as UTF-8.
    layer, key : str, default "unknown"
        Names of the layer and of its column of labels, for GeoDa's header.

    Raises
    ------
    geo.errors.WeightsError
        A label is empty or holds white space.
    OSError
        The file cannot be written.

    Notes
    -----
    GWT has no line for a unit without neighbours. As PySAL does, one is written as a link
    with itself of weight zero; for programs that do not know this, leave isolates out first.

    Examples
    --------
    >>> import tempfile
    >>> from libpysal.graph import Graph
    >>> target = Path(tempfile.mkdtemp()) / "a.gwt"
    >>> write_gwt(Graph.from_arrays(["a", "b", "c"], ["b", "a", "c"], [0.1, 2, 0]), target)
    >>> target.read_text(encoding="utf-8").splitlines()
    ['0 3 unknown unknown', 'a b 0.1', 'b a 2.0', 'c c 0.0']
    """
    labels, matrix = sparse_matrix(graph)
    names = _names(labels)
    lines = [_header(len(names), layer, key)]
    for position, name in enumerate(names):
        row = slice(matrix.indptr[position], matrix.indptr[position + 1])
        found = zip(matrix.indices[row], matrix.data[row], strict=True)
        lines += [f"{name} {names[other]} {float(weight)!r}" for other, weight in found]
        if row.start == row.stop:
            lines.append(f"{name} {name} 0.0")
    write_text(Path(path), "\n".join(lines) + "\n")


def read_gwt(
    path: Path | str, *, labels: Iterable[Any] | None = None, integer: bool = False
) -> "Graph":
    r"""Read weights written as GWT by GeoDa, spdep, PySAL or :func:`write_gwt`.

    Parameters
    ----------
    path : pathlib.Path or str
        The file, UTF-8 or GB 18030.
    labels : iterable, optional
        All units in order; needed where the file leaves out units without neighbours.
        Otherwise units come in the order of the file.
    integer : bool, default False
        Whether labels are whole numbers; otherwise they stay text, leading zeros kept.

    Returns
    -------
    libpysal.graph.Graph
        Weights as they stand in the file (GeoDa writes distances).

    Raises
    ------
    geo.errors.WeightsError
        The file is no GWT, or its units do not fit together or with ``labels``.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.gwt"
    >>> _ = target.write_text("0 3 x y\n01 02 0.5\n02 01 2\n", encoding="utf-8")
    >>> read_gwt(target, labels=["03", "02", "01"]).cardinalities.to_dict()
    {'03': 0, '02': 1, '01': 1}
    """
    path = Path(path)
    n, lines = _content(path)
    links = []
    for line in lines:
        cells = line.split()
        if not cells:
            continue
        weight = _number(cells[2]) if len(cells) == _GWT_COLUMNS else math.nan
        if not math.isfinite(weight):
            raise _bad_entry(path, line.strip())
        links.append((cells[0], cells[1], weight))
    named_units = list(dict.fromkeys(unit for link in links for unit in link[:2]))
    units = named_units if labels is None else [str(label) for label in labels]
    if len(units) != n:
        raise _bad_units(path, n, len(units))
    return _graph(path, units, links, integer=integer, rule="gwt")


def _header(n: int, layer: str, key: str) -> str:
    # A blank in a name would shift the columns of the header.
    return " ".join(["0", str(n), *("_".join(name.split()) or "unknown" for name in (layer, key))])


def _names(labels: pd.Index) -> list[str]:
    names = [str(label) for label in labels]
    broken = [name for name in names if len(name.split()) != 1 or name != name.strip()]
    if broken:
        raise WeightsError(
            f"labels are empty or hold white space: {name_labels(broken)}; the file separates "
            "by white space, so use codes",
            code="weights.label_spaces",
            **named(broken),
        )
    check_labels(pd.Index(names))
    return names


def _content(path: Path) -> tuple[int, list[str]]:
    """Return the number of units and the lines below the header."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    first, _, rest = text.partition("\n")
    head = first.split()
    count = head[1] if len(head) >= _FULL_HEADER else "".join(head)
    if not (count.isascii() and count.isdigit()) or int(count) == 0:
        raise WeightsError(
            f"{path.name} does not begin with its number of units, but with {first.strip()[:60]!r}",
            code="weights.file_header",
            path=str(path),
            header=first.strip()[:60],
        )
    return int(count), rest.splitlines()


def _graph(
    path: Path,
    units: list[str],
    links: list[tuple[str, str, float]],
    *,
    integer: bool,
    rule: str,
) -> "Graph":
    labels = pd.Index(units)
    check_labels(labels)
    focal = labels.get_indexer(pd.Index([link[0] for link in links], dtype=labels.dtype))
    neighbor = labels.get_indexer(pd.Index([link[1] for link in links], dtype=labels.dtype))
    unknown = [
        unit
        for link, start, end in zip(links, focal, neighbor, strict=True)
        for unit, found in ((link[0], start), (link[1], end))
        if found < 0
    ]
    if unknown:
        unknown = list(dict.fromkeys(unknown))
        raise WeightsError(
            f"{path.name} links units that it does not list: {name_labels(unknown)}",
            code="weights.file_unknown",
            path=str(path),
            **named(unknown),
        )
    weight = np.array([link[2] for link in links], dtype=np.float64)
    # A link with itself of weight zero is how an isolate is written.
    real = (focal != neighbor) | (weight != 0.0)
    focal, neighbor, weight = focal[real], neighbor[real], weight[real]
    seen: set[tuple[int, int]] = set()
    for start, end in zip(focal.tolist(), neighbor.tolist(), strict=True):
        if start == end or (start, end) in seen:
            raise _bad_entry(path, f"{units[start]} {units[end]}")
        seen.add((start, end))
    names = pd.Index([_whole(path, unit) for unit in units]) if integer else labels
    check_labels(names)
    return mark(graph_from_links(names, focal, neighbor, weight), Origin(rule=rule))


def _whole(path: Path, unit: str) -> int:
    try:
        return int(unit)
    except ValueError as error:
        raise _bad_entry(path, unit) from error


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _bad_entry(path: Path, entry: str) -> WeightsError:
    return WeightsError(
        f"{path.name} has an entry that is no link, or a second link or a link with itself: "
        f"{entry[:60]!r}",
        code="weights.file_entry",
        path=str(path),
        entry=entry[:60],
    )


def _bad_units(path: Path, expected: int, got: int) -> WeightsError:
    return WeightsError(
        f"{path.name} announces {expected} units, but {got} are named; name all units, also "
        "those without neighbours",
        code="weights.file_units",
        path=str(path),
        expected=expected,
        got=got,
    )
