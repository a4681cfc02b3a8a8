"""Polygons of a coverage as arcs: every shared border is written once, and short.

The idea is TopoJSON's: a ring is a list of arcs, an arc that two units share is stored for the
first and read backwards by the second. An arc is a string of differences between whole
coordinates, in the characters of Google's polyline encoding, about four of them per vertex.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely

__all__ = ["Topology", "build_topology", "decode_line", "encode_line", "rounded"]

Point: TypeAlias = tuple[int, int]
Rings: TypeAlias = list[list[list[int]]]
# Five bits a character; the sixth says that more follow. The first character is "?".
_BITS, _MORE, _FIRST = 5, 0x20, 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """Arcs, and the units as rings of arcs.

    Attributes
    ----------
    arcs : tuple[str, ...]
        Encoded lines, see :func:`encode_line`.
    units : tuple[list[list[list[int]]], ...]
        For each unit its polygons, for each polygon its rings (the shell first), for each ring
        numbers of arcs; ``~n`` is arc ``n`` backwards.
    """

    arcs: tuple[str, ...]
    units: tuple[Rings, ...]


def rounded(shapes: gpd.GeoSeries, step: float) -> gpd.GeoSeries:
    """Round polygons to whole steps and drop parts that collapse into a line.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Polygons, in metres.
    step : float
        Length of a step in metres.

    Returns
    -------
    geopandas.GeoSeries
        Multipolygons in steps, same index. A unit of specks alone keeps its specks: no unit
        may vanish from a map.

    Examples
    --------
    >>> box = gpd.GeoSeries([shapely.box(0, 0, 1040, 990)])
    >>> rounded(box, 100.0).total_bounds.tolist()
    [0.0, 0.0, 10.0, 10.0]
    """
    grid = shapely.transform(shapes.to_numpy(), lambda xy: np.round(xy / step))
    parts, owner = shapely.get_parts(grid, return_index=True)
    kept = shapely.area(parts) > 0
    kept |= ~np.isin(owner, owner[kept])
    polygons = [shapely.multipolygons(parts[(owner == at) & kept]) for at in range(len(grid))]
    return gpd.GeoSeries(polygons, index=shapes.index)


def build_topology(shapes: gpd.GeoSeries) -> Topology:
    """Cut the rings of a coverage into arcs, each stored once.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Multipolygons with whole coordinates, see :func:`rounded`.

    Returns
    -------
    Topology
        In the order of the units. Polygons that do not share vertices are kept too, each
        with arcs of its own.

    Examples
    --------
    >>> halves = gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> found = build_topology(rounded(halves, 1.0))
    >>> len(found.arcs), found.units[1]
    (3, [[[-1, 2]]])
    """
    cycles = [[_cycles(polygon) for polygon in shapely.get_parts(unit)] for unit in shapes]
    ends = _junctions(cycle for unit in cycles for polygon in unit for cycle in polygon)
    numbers: dict[tuple[Point, ...], int] = {}
    units = tuple(
        [[_ring(cycle, ends, numbers) for cycle in polygon] for polygon in unit] for unit in cycles
    )
    return Topology(arcs=tuple(encode_line(arc) for arc in numbers), units=units)


def encode_line(points: Iterable[Sequence[int]]) -> str:
    r"""Write whole coordinates as a string of differences.

    Parameters
    ----------
    points : Iterable[Sequence[int]]
        Pairs of whole numbers; differences are below 2**31.

    Returns
    -------
    str
        Printable ASCII without quotation marks and without ``<``.

    Notes
    -----
    The format is the "encoded polyline algorithm" of Google Maps without its factor of 1e5:
    differences, zigzag, five bits a character, least significant first.

    Examples
    --------
    >>> encode_line([(0, 0), (40, -3), (41, -3)])
    '??oADA?'
    """
    letters: list[str] = []
    before = (0, 0)
    for x, y in points:
        for step in (x - before[0], y - before[1]):
            value = ~(step << 1) if step < 0 else step << 1
            while value >= _MORE:
                letters.append(chr((value & (_MORE - 1) | _MORE) + _FIRST))
                value >>= _BITS
            letters.append(chr(value + _FIRST))
        before = (x, y)
    return "".join(letters)


def decode_line(text: str) -> list[Point]:
    """Read what :func:`encode_line` wrote; the page does the same in its own script.

    Parameters
    ----------
    text : str
        An encoded line.

    Returns
    -------
    list[tuple[int, int]]
        Its points.

    Examples
    --------
    >>> decode_line(encode_line([(0, 0), (40, -3)]))
    [(0, 0), (40, -3)]
    """
    numbers, value, shift = [], 0, 0
    for letter in text:
        bits = ord(letter) - _FIRST
        value |= (bits & (_MORE - 1)) << shift
        shift += _BITS
        if bits < _MORE:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    steps = np.array(numbers, dtype=np.int64).reshape(-1, 2)
    return [(int(x), int(y)) for x, y in steps.cumsum(axis=0)]


def _cycles(polygon: shapely.Polygon) -> list[list[Point]]:
    """Return shell and holes without their closing point; holes that collapsed are left out."""
    holes = [hole for hole in polygon.interiors if shapely.Polygon(hole).area > 0]
    found = []
    for ring in (polygon.exterior, *holes):
        points = shapely.get_coordinates(ring).astype(np.int64)
        moved = (np.diff(points, axis=0) != 0).any(axis=1)
        cycle = [(int(x), int(y)) for x, y in points[:-1][moved]]
        found.append(cycle or [(int(points[0, 0]), int(points[0, 1]))])
    return found


def _junctions(cycles: Iterable[list[Point]]) -> set[Point]:
    """Find points where lines part: those that do not have just two neighbours."""
    beside: dict[Point, set[Point]] = {}
    for cycle in cycles:
        for at, point in enumerate(cycle):
            beside.setdefault(point, set()).update((cycle[at - 1], cycle[(at + 1) % len(cycle)]))
    return {point for point, others in beside.items() if len(others - {point}) != 2}  # noqa: PLR2004 - a line goes on


def _ring(cycle: list[Point], ends: set[Point], numbers: dict[tuple[Point, ...], int]) -> list[int]:
    cuts = [at for at, point in enumerate(cycle) if point in ends]
    # A ring without a junction starts at its first point in order, whoever draws it.
    start = cuts[0] if cuts else cycle.index(min(cycle))
    turned = [*cycle[start:], *cycle[:start], cycle[start]]
    stops = [at for at, point in enumerate(turned) if point in ends] if cuts else []
    stops = stops or [0, len(turned) - 1]
    arcs = [tuple(turned[a : b + 1]) for a, b in itertools.pairwise(stops)]
    return [_number(arc, numbers) for arc in arcs]


def _number(arc: tuple[Point, ...], numbers: dict[tuple[Point, ...], int]) -> int:
    if arc in numbers:
        return numbers[arc]
    if arc[::-1] in numbers:
        return ~numbers[arc[::-1]]
    numbers[arc] = len(numbers)
    return numbers[arc]
