"""Look at the text of a GeoJSON file before any parser does, and explain one that fails."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from geo.errors import LayerError
from geo.layer.archive import LIMITS, Limits

__all__ = ["GeoJsonText", "check_geojson", "faulty_features"]

_TYPES: Final = ("FeatureCollection", "Feature", "Polygon", "MultiPolygon", "GeometryCollection")
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
# Arrays of numbers are most of the file; everything else is small enough to parse.
_COORDINATES: Final = re.compile(rb'"coordinates"\s*:\s*\[[\[\]\s0-9,.eE+-]*\](?=\s*(?:\}|,\s*"))')
_HUGE: Final = re.compile(rb"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE]\+?0*[1-9]\d{2,}|(?<=\d{309}))")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_BOM: Final = b"\xef\xbb\xbf"
_LEAST_RING: Final = 4
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoJsonText:
    """What the text of a GeoJSON file says of itself.

    Attributes
    ----------
    encoding : str
        ``"UTF-8"`` or ``"GB18030"``.
    names_crs : bool
        Whether it has a ``crs`` member; without one it is in WGS84 by the standard.
    """

    encoding: str
    names_crs: bool


def check_geojson(path: Path, *, limits: Limits = LIMITS) -> GeoJsonText:
    """Refuse text that parsers take differently, or that would exhaust one.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    limits : Limits
        Its size and nesting.

    Returns
    -------
    GeoJsonText
        What the text says of itself.

    Raises
    ------
    LayerError
        ``layer.too_large``, ``layer.json_encoding``, ``layer.json_nesting``,
        ``layer.json_cut_off``, ``layer.json_syntax``, ``layer.json_not_finite`` (NaN, Infinity,
        1e400), ``layer.json_repeated_key``, ``layer.json_type``.

    Notes
    -----
    RFC 8259 knows no NaN, and leaves open which of two equal keys holds; RFC 7946 section 3.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.geojson"
    >>> _ = path.write_text('{"type": "FeatureCollection", "features": []}')
    >>> check_geojson(path).encoding
    'UTF-8'
    >>> _ = path.write_text('{"type": "FeatureCollection", "features": [')
    >>> check_geojson(path)
    Traceback (most recent call last):
    geo.errors.LayerError: a.geojson breaks off: 2 brackets are not closed. ...
    """
    if path.stat().st_size > limits.text:
        most = f"{limits.text // 1024**2} MB"
        raise _error(
            path,
            "too_large",
            f"is too large (limit {most}). Save it as GeoPackage.",
            got=f"{path.stat().st_size // 1024**2} MB",
            limit=most,
        )
    data = path.read_bytes().removeprefix(_BOM)
    encoding = _encoding(data, path)
    bare = _STRING.sub(b'""', data)
    _check_nesting(bare, path, limits)
    huge = _HUGE.search(bare)
    if huge:
        raise _not_finite(path, huge[0].decode()[:20])
    rest = _COORDINATES.sub(_without_numbers, data).decode(encoding)
    del data, bare
    document = _parsed(rest, path)
    kind = document.get("type") if isinstance(document, dict) else None
    if kind not in _TYPES:
        raise _error(
            path,
            "json_type",
            f"is no GeoJSON layer but {kind or 'other JSON'}. Export it as GeoJSON or GeoPackage.",
            kind=str(kind or "JSON"),
        )
    return GeoJsonText(encoding=encoding, names_crs=bool(document.get("crs")))


def faulty_features(path: Path, encoding: str = "UTF-8") -> list[LayerError]:
    """Tell which features of a file that cannot be read are at fault.

    Parameters
    ----------
    path : pathlib.Path
        A file that :func:`check_geojson` let pass.
    encoding : str
        Its encoding.

    Returns
    -------
    list[LayerError]
        ``layer.open_ring`` and ``layer.bad_ring``, each with the features affected; nothing
        where no fault of this kind is found.

    Raises
    ------
    LayerError
        ``layer.json_syntax``: the numbers among the coordinates are no valid JSON.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.geojson"
    >>> ring = [[0, 0], [1, 0], [1, 1], [0, 1]]
    >>> shape = {"type": "Polygon", "coordinates": [ring]}
    >>> feature = {"type": "Feature", "properties": {"name": "a"}, "geometry": shape}
    >>> text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    >>> _ = path.write_text(text)
    >>> faulty_features(path)[0].params["units"]
    '1 (a)'
    """
    document = _parsed(path.read_bytes().removeprefix(_BOM).decode(encoding), path)
    if not isinstance(document, dict):
        return []
    found: dict[str, list[str]] = {"open_ring": [], "bad_ring": []}
    for place, feature in enumerate(document.get("features") or [document], start=1):
        label = _label(place, feature)
        for fault in {_fault(ring) for ring in _rings(feature)} - {""}:
            found[fault].append(label)
    words = {
        "open_ring": "a ring that does not end where it begins. Close it",
        "bad_ring": "a ring of too few points, or of points that are no pair of numbers. Mend it",
    }
    return [
        _error(
            path,
            fault,
            f"has features with {words[fault]}: {', '.join(labels[:_SHOWN])}.",
            units=", ".join(labels[:_SHOWN]),
            count=len(labels),
        )
        for fault, labels in found.items()
        if labels
    ]


def _encoding(data: bytes, path: Path) -> str:
    for encoding in ("UTF-8", "GB18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise _error(
        path,
        "json_encoding",
        "is neither UTF-8 nor GB18030. Save it as UTF-8.",
    )


def _without_numbers(found: re.Match[bytes]) -> bytes:
    # Lines are kept, so that a fault elsewhere is told with its line.
    return b'"coordinates":[]' + b"\n" * found[0].count(b"\n")


def _check_nesting(bare: bytes, path: Path, limits: Limits) -> None:
    brackets = np.frombuffer(bare.translate(None, _NO_BRACKETS), dtype=np.uint8)
    opens = np.isin(brackets, np.frombuffer(b"[{", dtype=np.uint8))
    depth = np.cumsum(np.where(opens, 1, -1), dtype=np.int64)
    if len(depth) and depth.max() > limits.nesting:
        raise _error(
            path,
            "json_nesting",
            f"nests brackets {depth.max()} deep (limit {limits.nesting}), "
            "which no layer needs. Export it again.",
            depth=int(depth.max()),
            limit=limits.nesting,
        )
    if not len(depth) or depth[-1] > 0 or bare.count(b'"') % 2:
        left = int(depth[-1]) if len(depth) else 0
        raise _error(
            path,
            "json_cut_off",
            f"breaks off: {left} brackets are not closed. Copy or export it again.",
            count=left,
        )


def _parsed(text: str, path: Path) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise _error(
                path,
                "json_repeated_key",
                f'has the key "{twice}" twice in one object; which '
                "holds is left to chance. Remove one.",
                key=twice[:40],
            )
        return dict(pairs)

    def refuse(constant: str) -> Any:
        raise _not_finite(path, constant)

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise _error(
            path,
            "json_syntax",
            f"is no valid JSON: {error.msg} in line {error.lineno}. Export it again.",
            reason=error.msg,
            line=error.lineno,
        ) from error


def _not_finite(path: Path, value: str) -> LayerError:
    return _error(
        path,
        "json_not_finite",
        f"holds {value}, which is no finite number. Export it again; use null for missing values.",
        value=value,
    )


def _label(place: int, feature: Any) -> str:
    own = feature.get("properties") or {} if isinstance(feature, dict) else {}
    name = next((v for v in own.values() if isinstance(v, str) and v), "")
    return f"{place} ({name[:20]})" if name else str(place)


def _rings(feature: Any) -> Iterator[Any]:
    shape = feature.get("geometry") or {} if isinstance(feature, dict) else {}
    if not isinstance(shape, dict):
        return
    inside = shape.get("coordinates")
    polygons = [inside] if shape.get("type") == "Polygon" else inside
    for polygon in polygons if isinstance(polygons, list) else []:
        yield from polygon if isinstance(polygon, list) else [polygon]


def _fault(ring: Any) -> str:
    if not isinstance(ring, list) or any(
        not isinstance(point, list)
        or len(point) < 2  # noqa: PLR2004 - a pair
        or not all(isinstance(x, int | float) for x in point)
        for point in ring
    ):
        return "bad_ring"
    if ring and ring[0][:2] != ring[-1][:2]:
        return "open_ring"
    return "bad_ring" if len(ring) < _LEAST_RING else ""


def _error(path: Path, rule: str, complaint: str, **params: Any) -> LayerError:
    return LayerError(f"{path.name} {complaint}", code=f"layer.{rule}", path=path.name, **params)
