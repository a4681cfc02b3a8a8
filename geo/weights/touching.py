"""Which shapes touch: shared vertices first, geometry for the pairs that remain.

Units of a clean coverage share the vertices of their borders, and equal coordinates are found
by sorting. A shared vertex proves contact; its absence proves nothing, since borders may be
digitised unequally, meet in the middle of an edge, or overlap. So every pair of overlapping
bounding boxes without a shared vertex is still put to the geometry itself.
"""

from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["touching_pairs"]

Positions = NDArray[np.intp]
Shapes = NDArray[np.object_]

# Odd constants of which the products spread coordinates over 64 bits.
_SPREAD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], dtype=np.uint64)


def touching_pairs(
    shapes: Shapes, *, rule: Literal["queen", "rook"] = "queen", tolerance: float = 0.0
) -> tuple[Positions, Positions]:
    """Find the pairs of shapes that have at least a point, or a piece of border, in common.

    Parameters
    ----------
    shapes : numpy.ndarray of shapely geometries
        Shapes, none empty.
    rule : {"queen", "rook"}, default "queen"
        ``"queen"`` finds shapes that intersect, ``"rook"`` those that share a piece of border
        or overlap.
    tolerance : float, default 0.0
        Greatest gap, in units of the coordinates, over which shapes still touch; queen only.

    Returns
    -------
    first, second : numpy.ndarray of int
        Positions in ``shapes``, ``first < second``, each pair once, in order.

    Notes
    -----
    The pairs are those of the predicates ``intersects``, ``dwithin`` and, for rook, of
    ``relate``, whatever the vertices; sorting only spares most calls of them.

    Examples
    --------
    >>> squares = np.array([shapely.box(x, y, x + 1, y + 1) for x, y in [(0, 0), (1, 1), (1, 0)]])
    >>> [one.tolist() for one in touching_pairs(squares)]
    [[0, 0, 1], [1, 2, 2]]
    >>> [one.tolist() for one in touching_pairs(squares, rule="rook")]
    [[0, 1], [2, 2]]
    """
    n = len(shapes)
    boxes = shapes if tolerance == 0.0 else _grown_boxes(shapes, tolerance)
    first, second = shapely.STRtree(shapes).query(boxes)
    candidates = np.sort((first * n + second)[first < second])
    proven = _sharing(n, *_vertices(shapes))
    open_pairs = np.setdiff1d(candidates, proven, assume_unique=True)
    one, other = shapes[open_pairs // n], shapes[open_pairs % n]
    if tolerance == 0.0:
        met = shapely.intersects(one, other)
    else:
        met = shapely.dwithin(one, other, tolerance)
    pairs = np.sort(np.concatenate([proven, open_pairs[met]]))
    if rule == "rook":
        pairs = _along_a_line(shapes, pairs)
    return pairs // n, pairs % n


def _along_a_line(shapes: Shapes, pairs: Positions) -> Positions:
    """Keep the pairs that meet in more than points."""
    n = len(shapes)
    open_pairs = np.setdiff1d(pairs, _sharing(n, *_edges(shapes)), assume_unique=True)
    first, second = shapes[open_pairs // n], shapes[open_pairs % n]
    along = shapely.relate_pattern(first, second, "****1****")
    along |= shapely.relate_pattern(first, second, "T********")
    return np.setdiff1d(pairs, open_pairs[~along], assume_unique=True)


def _grown_boxes(shapes: Shapes, margin: float) -> Shapes:
    west, south, east, north = shapely.bounds(shapes).T
    boxes: Shapes = shapely.box(west - margin, south - margin, east + margin, north + margin)
    return boxes


def _sharing(n: int, owner: Positions, part: Positions) -> Positions:
    """Return ``first * n + second`` of the shapes that own a part in common."""
    shape = (n, int(part.max(initial=-1)) + 1)
    owns = sparse.csr_array((np.ones(len(owner), dtype=np.int32), (owner, part)), shape=shape)
    common = (owns @ owns.T).tocoo()
    once = common.row < common.col
    return np.sort(common.row[once].astype(np.intp) * n + common.col[once])


def _vertices(shapes: Shapes) -> tuple[Positions, Positions]:
    """Return the shape and the number of every vertex; equal vertices have one number."""
    spots, owner = shapely.get_coordinates(shapes, return_index=True)
    return owner, _numbered(spots)


def _edges(shapes: Shapes) -> tuple[Positions, Positions]:
    """Return the shape and the number of every edge of a ring, its direction ignored."""
    rings, owner = shapely.get_rings(shapes, return_index=True)
    spots, ring = shapely.get_coordinates(rings, return_index=True)
    number = _numbered(spots)
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    ends = np.sort(np.column_stack([number[edge], number[edge + 1]]), axis=1)
    key = ends[:, 0] * (int(number.max(initial=0)) + 1) + ends[:, 1]
    return owner[ring[edge]], np.unique(key, return_inverse=True)[1]


def _numbered(spots: NDArray[np.float64]) -> Positions:
    """Return a number for every pair of coordinates, equal ones alike.

    They are sorted by a hash, an order of magnitude faster than by both coordinates. Unequal
    neighbours in that order never get one number; should a collision separate equal ones, their
    pair is left to the geometry.
    """
    bits = (spots + 0.0).view(np.uint64) * _SPREAD  # the sum turns -0.0 into 0.0
    mixed = bits[:, 0] ^ (bits[:, 1] >> np.uint64(29)) ^ (bits[:, 1] << np.uint64(31))
    order = np.argsort(mixed)
    ordered = spots[order]
    changes = (ordered[1:] != ordered[:-1]).any(axis=1)
    number = np.empty(len(spots), dtype=np.intp)
    number[order] = np.concatenate([[0], np.cumsum(changes)])[: len(spots)]
    return number
