"""A checker of RFC 7946, independent of what writes the files."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["check_geojson"]

_DEPTH = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_ALIEN = ("coordinates", "geometries", "geometry", "properties")
_HALF_TURN = 180.0
_RING = 4
_PLANE, _SPACE = 2, 3


def check_geojson(path: Path) -> list[str]:
    """Return the rules of RFC 7946 a file breaks.

    Checked: UTF-8 without byte order mark, no duplicate members, no NaN or Infinity; a
    FeatureCollection without ``crs``; members of features and geometries; unique ids;
    positions within 180 and 90 degrees; rings closed, of four positions or more,
    exteriors counter-clockwise and holes clockwise; lines cut at the antimeridian; every
    ``bbox`` exact.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    list[str]
        One English sentence per fault, with the place; empty when there is none.

    Raises
    ------
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.geojson"
    >>> _ = path.write_text('{"type": "FeatureCollection", "features": [], "crs": {}}')
    >>> check_geojson(path)
    ["the member 'crs' was removed from GeoJSON (section 4)"]
    """
    faults: list[str] = []
    try:
        root = _parse(path.read_bytes(), faults)
    except (ValueError, RecursionError) as error:
        return [*faults, f"not JSON: {error}"]
    if not isinstance(root, dict) or root.get("type") != "FeatureCollection":
        return [*faults, "the file is no FeatureCollection"]
    features = root.get("features")
    if not isinstance(features, list):
        return [*faults, "the member 'features' is no array"]
    if "crs" in root:
        faults.append("the member 'crs' was removed from GeoJSON (section 4)")
    faults += [f"a FeatureCollection may not have the member '{a}'" for a in _ALIEN if a in root]
    boxes = [box for feature in features if (box := _bounds(feature)) is not None]
    faults += [f"feature {i}: {f}" for i, each in enumerate(features) for f in _feature(each)]
    faults += _ids(features)
    faults += _bbox(root, np.array(boxes) if boxes else None)
    return faults


def _parse(data: bytes, faults: list[str]) -> Any:
    if data.startswith(b"\xef\xbb\xbf"):
        faults.append("the file begins with a byte order mark (RFC 8259, section 8.1)")
        data = data[3:]

    def constant(literal: str) -> float:
        faults.append(f"the literal {literal} is not JSON")
        return math.nan

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) < len(members):
            names = [name for name, _ in members]
            faults.append(f"duplicate members {sorted({n for n in names if names.count(n) > 1})}")
        return found

    return json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)


def _feature(feature: Any) -> Iterator[str]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        yield "not of type Feature"
        return
    if "crs" in feature:
        yield "the member 'crs' was removed from GeoJSON (section 4)"
    if "properties" not in feature or not isinstance(feature["properties"], dict | None):
        yield "'properties' must be an object or null"
    identifier = feature.get("id", "")
    if isinstance(identifier, bool) or not isinstance(identifier, str | int | float):
        yield "'id' must be text or a number"
    if "geometry" not in feature:
        yield "the member 'geometry' is missing"
    elif feature["geometry"] is not None:
        yield from _geometry(feature["geometry"])
    box = _bounds(feature)
    yield from _bbox(feature, None if box is None else np.array([box]))


def _geometry(geometry: Any) -> Iterator[str]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == "GeometryCollection":
        for part in geometry.get("geometries", ()):
            yield from _geometry(part)
        return
    if kind not in _DEPTH:
        yield f"unknown geometry type {kind!r}"
        return
    lines = list(_lines(geometry.get("coordinates"), _DEPTH[kind]))
    if any(line is None for line in lines):
        yield f"the coordinates are no positions of a {kind}"
        return
    for line in lines:
        if line is not None:
            yield from _positions(line)
            yield from _antimeridian(line, kind)
    if kind in {"Polygon", "MultiPolygon"}:
        yield from _rings(geometry["coordinates"], kind)


def _lines(node: Any, depth: int) -> Iterator[np.ndarray[Any, Any] | None]:
    if depth > 1:
        if not isinstance(node, list):
            yield None
            return
        for part in node:
            yield from _lines(part, depth - 1)
        return
    yield _array([node] if depth == 0 else node)


def _array(node: Any) -> np.ndarray[Any, Any] | None:
    try:
        line = np.array(node)
    except ValueError:
        return None
    numeric = np.issubdtype(line.dtype, np.number)
    shaped = line.ndim == _PLANE and line.shape[1] in {_PLANE, _SPACE}
    return line.astype(float) if numeric and shaped else None


def _positions(line: np.ndarray[Any, Any]) -> Iterator[str]:
    if not np.isfinite(line).all():
        yield "a coordinate is not a finite number"
    if (np.abs(line[:, 0]) > _HALF_TURN).any() or (np.abs(line[:, 1]) > _HALF_TURN / 2).any():
        yield "a position lies outside 180 and 90 degrees"


def _antimeridian(line: np.ndarray[Any, Any], kind: str) -> Iterator[str]:
    if kind in {"Point", "MultiPoint"}:
        return
    if (np.abs(np.diff(line[:, 0])) > _HALF_TURN).any():
        yield "an edge crosses the antimeridian uncut (section 3.1.9)"


def _rings(coordinates: Any, kind: str) -> Iterator[str]:
    for polygon in [coordinates] if kind == "Polygon" else coordinates:
        for position, nodes in enumerate(polygon):
            ring = np.array(nodes, dtype=float)[:, :2]
            if not np.isfinite(ring).all():
                continue
            if len(ring) < _RING:
                yield "a ring has fewer than four positions"
            elif not (ring[0] == ring[-1]).all():
                yield "a ring is not closed"
            elif (_area(ring) > 0) != (position == 0):
                yield (
                    "an exterior ring is clockwise"
                    if not position
                    else ("a hole is counter-clockwise")
                )


def _area(ring: np.ndarray[Any, Any]) -> float:
    x, y = (ring - ring[0]).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def _bounds(feature: Any) -> tuple[float, float, float, float] | None:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    lines = [line for line in _walk(geometry) if line is not None and len(line)]
    if not lines:
        return None
    xy = np.vstack([line[:, :2] for line in lines])
    west, south = xy.min(axis=0)
    east, north = xy.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _walk(geometry: Any) -> Iterator[np.ndarray[Any, Any] | None]:
    if not isinstance(geometry, dict):
        return
    for part in geometry.get("geometries") or ():
        yield from _walk(part)
    if (kind := geometry.get("type")) in _DEPTH:
        yield from _lines(geometry.get("coordinates"), _DEPTH[kind])


def _bbox(node: dict[str, Any], boxes: np.ndarray[Any, Any] | None) -> Iterator[str]:
    if "bbox" not in node:
        return
    box = _array([node["bbox"][:2], node["bbox"][2:]]) if _four(node["bbox"]) else None
    if box is None:
        yield "'bbox' must be four numbers: west, south, east, north"
    elif boxes is not None:
        true = [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]
        if not np.array_equal(box.ravel(), true):
            yield f"'bbox' is {node['bbox']}, the features span {[float(v) for v in true]}"


def _four(box: Any) -> bool:
    return isinstance(box, list) and len(box) == 2 * _PLANE


def _ids(features: list[Any]) -> list[str]:
    ids = [f["id"] for f in features if isinstance(f, dict) and "id" in f]
    named = [i for i in ids if isinstance(i, str | int | float)]
    repeated = sorted({str(i) for i in named if named.count(i) > 1})
    return [f"the ids {repeated[:5]} stand more than once"] if repeated else []
