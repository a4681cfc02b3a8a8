"""GeoJSON as RFC 7946 wants it."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import GEOGRAPHIC
from geo.errors import ExportError
from geo.export.field import Field, check_fields, field_table
from geo.export.rfc7946 import check_geojson
from geo.storage import atomic_path

__all__ = ["write_geojson"]


def write_geojson(
    frame: gpd.GeoDataFrame,
    path: Path,
    *,
    fields: Sequence[Field],
    metadata: Mapping[str, Any],
    code: Field | None = None,
    decimals: int = 5,
) -> None:
    """Write a layer as RFC 7946 GeoJSON, checked before it takes the place of the old file.

    WGS 84 longitude and latitude, exterior rings counter-clockwise, a bounding box, no
    ``crs`` member, ``null`` for missing values, features ordered by label, one per line.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Geometries with a reference system; the index becomes each feature's ``id``.
    path : pathlib.Path
        The file to write, atomically.
    fields : Sequence[Field]
        The columns to write, in this order.
    metadata : Mapping[str, Any]
        Written as the member ``metadata`` with the field dictionary added as ``fields``.
    code : Field, optional
        A property, the first, that repeats the label: programs that drop or rename ``id``
        keep it, as do joins by a column.
    decimals : int, default 5
        Decimals of coordinates; 5 are about one metre.

    Raises
    ------
    ExportError
        A column is missing, a key or value is unfit for GeoJSON, labels repeat, there is no
        reference system, or a geometry is missing, becomes invalid by rounding, or breaks a
        rule of RFC 7946.

    References
    ----------
    Butler, H. et al. (2016). The GeoJSON Format. RFC 7946.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.geojson"
    >>> layer = gpd.GeoDataFrame({"score": [61.5]}, geometry=[shapely.box(110, 30, 111, 31)],
    ...     index=["420500"], crs="EPSG:4326")
    >>> write_geojson(layer, path, metadata={"title": "demo"},
    ...     fields=[Field(key="score", title_zh="得分", title_en="Score")])
    >>> json.loads(path.read_text(encoding="utf-8"))["features"][0]["id"]
    '420500'
    """
    heads = [*([code] if code else ()), *fields]
    check_fields(heads)
    _check_frame(frame, fields)
    ordered = frame.to_crs(GEOGRAPHIC)
    ordered.index = ordered.index.astype(str)
    ordered = ordered.sort_index()
    shapes = _shapes(ordered.geometry, decimals)
    columns = [[_plain(v, f.key) for v in ordered[f.key]] for f in fields]
    features = [
        {
            "type": "Feature",
            "id": label,
            "geometry": shapely.geometry.mapping(shape),
            "properties": {
                **({code.key: label} if code else {}),
                **{f.key: column[i] for f, column in zip(fields, columns, strict=True)},
            },
        }
        for i, (label, shape) in enumerate(shapes.items())
    ]
    head = {
        "type": "FeatureCollection",
        "metadata": {**metadata, "fields": field_table(heads).to_dict("records")},
        "bbox": [float(edge) for edge in shapes.total_bounds],
    }
    text = _dump(head)[:-1] + ',"features":[\n' + ",\n".join(map(_dump, features)) + "\n]}\n"
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        _raise_faults(path, check_geojson(temporary))


def _check_frame(frame: gpd.GeoDataFrame, fields: Sequence[Field]) -> None:
    if frame.crs is None:
        raise ExportError(
            "the layer has no coordinate reference system; set the right one first",
            code="export.no_crs",
        )
    if frame.empty:
        raise ExportError("the layer has no features to write", code="export.empty")
    missing = [field.key for field in fields if field.key not in frame.columns]
    if missing:
        raise ExportError(
            f"the layer lacks the columns {missing}", code="export.missing_column", keys=missing
        )
    labels = frame.index.astype(str)
    repeated = sorted(set(labels[labels.duplicated()]))
    if repeated:
        raise ExportError(
            f"the layer repeats the labels {repeated[:5]}",
            code="export.repeated_label",
            labels=repeated,
        )
    bad = sorted(labels[frame.geometry.isna() | frame.geometry.is_empty])
    if bad:
        raise ExportError(
            f"the features {bad[:5]} have no geometry", code="export.no_geometry", labels=bad
        )


def _shapes(geometry: gpd.GeoSeries, decimals: int) -> gpd.GeoSeries:
    # Rounding minus zero away keeps the bytes the same whatever the sign of a rounded zero.
    rounded = shapely.transform(
        shapely.force_2d(geometry.to_numpy()), lambda xy: np.round(xy, decimals) + 0.0
    )
    valid = pd.Series(shapely.is_valid(rounded), index=geometry.index)
    spoilt = geometry.index[~valid & geometry.is_valid].to_list()
    if spoilt:
        raise ExportError(
            f"rounding to {decimals} decimals makes {spoilt[:5]} invalid; keep more decimals or "
            "simplify the layer first",
            code="export.rounding",
            labels=spoilt,
            decimals=decimals,
        )
    # A geometry that came invalid may have rings too short to lose a repeated point.
    tidy = np.where(valid, shapely.remove_repeated_points(np.where(valid, rounded, None)), rounded)
    return gpd.GeoSeries(shapely.orient_polygons(tidy), index=geometry.index)


def _plain(value: Any, key: str) -> str | float | int | bool | None:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        if math.isinf(value):
            raise ExportError(
                f"column {key} holds an infinite value; JSON has no such number",
                code="export.not_finite",
                key=key,
            )
        return None if math.isnan(value) else value
    if isinstance(value, (str, int)):
        return value
    raise ExportError(
        f"column {key} holds a {type(value).__name__}; only text, numbers and true or false fit",
        code="export.bad_value",
        key=key,
    )


def _dump(node: Mapping[str, Any]) -> str:
    try:
        return json.dumps(node, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise ExportError(
            f"the metadata cannot be written as JSON: {error}",
            code="export.bad_metadata",
            reason=str(error),
        ) from error


def _raise_faults(path: Path, faults: list[str]) -> None:
    if faults:
        raise ExportError(
            f"{path.name} would break RFC 7946: {'; '.join(faults[:5])}",
            code="export.not_rfc7946",
            faults=faults,
        )
