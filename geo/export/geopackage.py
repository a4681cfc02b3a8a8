"""GeoPackage with named layers and their field dictionary inside."""

import contextlib
import errno
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from geo.errors import ExportError
from geo.export.field import Field, check_fields, field_table
from geo.export.style import LayerStyle, PlainStyle
from geo.export.style_table import STYLE_TABLE, style_table
from geo.storage import atomic_path

__all__ = ["write_geopackage"]

# A date GDAL would otherwise take from the clock, into last_change.
_DATE = "2000-01-01T00:00:00Z"
_DATE_OPTION = "OGR_CURRENT_DATE"
_LOCK = threading.Lock()
# SQLite gives back what a failed commit had taken: more than a layer takes.
_ROOM = 16 * 1024**2


def write_geopackage(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    fields: Mapping[str, Sequence[Field]] | None = None,
    metadata: Mapping[str, str] | None = None,
    styles: Mapping[str, Sequence[LayerStyle | PlainStyle]] | None = None,
    label: str = "code",
) -> None:
    """Write layers into one GeoPackage 1.2: atomic, the same bytes for the same layers.

    Version 1.2 opens without a warning in the long-term releases of QGIS still in use.

    Parameters
    ----------
    path : pathlib.Path
        The file to write.
    layers : Mapping[str, geopandas.GeoDataFrame]
        Layer name to frame with a reference system; rows are ordered by index.
    fields : Mapping[str, Sequence[Field]], optional
        What the columns of each layer mean, by its name: the table ``field_dictionary``.
    metadata : Mapping[str, str], optional
        The table ``metadata`` of keys and values.
    styles : Mapping[str, Sequence[LayerStyle or PlainStyle]], optional
        How QGIS is to draw the layers, by their names: the table ``layer_styles``. The first
        of each is the one the layer opens with.
    label : str, default "code"
        Name of the column the index goes into.

    Raises
    ------
    ExportError
        There are no layers, a name stands for two tables, a layer has no reference system
        or repeats a label, a value is no text or number, or the written file is damaged.
    OSError
        The folder cannot be written, or the disk is full; ``path`` is untouched.

    References
    ----------
    OGC 12-128r14, GeoPackage Encoding Standard 1.2.

    Examples
    --------
    >>> import shapely, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.gpkg"
    >>> layer = gpd.GeoDataFrame({"score": [61.5]}, geometry=[shapely.box(110, 30, 111, 31)],
    ...     index=["420500"], crs="EPSG:4326")
    >>> write_geopackage(path, {"城市": layer})
    >>> pyogrio.read_dataframe(path, layer="城市")["code"].to_list()
    ['420500']
    """
    for each in (fields or {}).values():
        check_fields(each)
    tables: dict[str, pd.DataFrame] = {}
    if fields:
        tables["field_dictionary"] = field_table(fields)
    if metadata:
        tables["metadata"] = pd.DataFrame(
            {"key": list(metadata), "value": list(metadata.values())}, dtype="str"
        )
    if styles:
        tables[STYLE_TABLE] = style_table(styles)
    _check_layers(layers, tables)
    with atomic_path(path) as temporary, _fixed_date():
        for name, layer in layers.items():
            frame = layer.rename_axis(index=label).sort_index().reset_index()
            frame[label] = frame[label].astype("str")
            _write(temporary, name, frame)
        for name, table in tables.items():
            _write(temporary, name, table)
        _verify(temporary, {n: len(t) for n, t in {**layers, **tables}.items()})


def _write(path: Path, name: str, frame: pd.DataFrame) -> None:
    spatial = isinstance(frame, gpd.GeoDataFrame)
    try:
        pyogrio.write_dataframe(
            _uncut(frame),
            path,
            layer=name,
            driver="GPKG",
            append=path.exists(),
            # Points stay single: many readers of points know no sets of them.
            promote_to_multi=(spatial and not (frame.geom_type == "Point").all()) or None,
            geometry_type="MultiPolygon" if spatial and _polygons(frame) else None,
            dataset_options={"VERSION": "1.2"},
        )
    except pyogrio.errors.DataSourceError as error:
        _raise_reason(path.parent)
        raise OSError(errno.EIO, str(error), str(path)) from error


def _raise_reason(folder: Path) -> None:
    """Raise what the system says to a plain file: GDAL does not tell that a disk is full."""
    probe = folder / "probe"
    try:
        with probe.open("wb") as stream:
            stream.write(bytes(_ROOM))
    finally:
        probe.unlink(missing_ok=True)


def _uncut(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the replacement character for NUL, where the driver would silently end a text."""
    kept = frame.copy()
    for column in frame.select_dtypes(["object", "str"]).columns:
        if any("\0" in cell for cell in frame[column] if isinstance(cell, str)):
            kept[column] = [
                cell.replace("\0", "\ufffd") if isinstance(cell, str) else cell
                for cell in frame[column]
            ]
    return kept


def _polygons(frame: gpd.GeoDataFrame) -> bool:
    return set(frame.geom_type) <= {"Polygon", "MultiPolygon"}


def _check_layers(
    layers: Mapping[str, gpd.GeoDataFrame], tables: Mapping[str, pd.DataFrame]
) -> None:
    if not layers:
        raise ExportError("there are no layers to write", code="export.empty")
    names = [name.casefold() for name in (*layers, *tables)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ExportError(
            f"the names {repeated} stand for more than one table",
            code="export.repeated_layer",
            names=repeated,
        )
    for name, layer in layers.items():
        if layer.crs is None:
            raise ExportError(
                f"layer {name} has no coordinate reference system; set the right one first",
                code="export.no_crs",
                layer=name,
            )
        _check_values(name, layer)
        repeated = sorted(set(map(str, layer.index[layer.index.duplicated()])))
        if repeated:
            raise ExportError(
                f"layer {name} repeats the labels {repeated[:5]}",
                code="export.repeated_label",
                layer=name,
                labels=repeated,
            )


def _check_values(name: str, layer: gpd.GeoDataFrame) -> None:
    for column in layer.columns.drop(layer.geometry.name):
        if layer[column].dtype == object:
            odd = [value for value in layer[column].dropna() if not isinstance(value, str)]
            if odd:
                raise ExportError(
                    f"column {column} of layer {name} holds a {type(odd[0]).__name__}; only "
                    "text, numbers, dates and true or false fit",
                    code="export.bad_value",
                    key=column,
                )


def _verify(path: Path, expected: Mapping[str, int]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        state = connection.execute("PRAGMA integrity_check").fetchone()[0]
    found = {name: pyogrio.read_info(path, layer=name)["features"] for name in expected}
    if state != "ok" or found != dict(expected):
        raise ExportError(
            f"{path.name} was not written whole: {state}, rows {found}, expected {dict(expected)}",
            code="export.damaged",
            state=state,
        )


@contextlib.contextmanager
def _fixed_date() -> Iterator[None]:
    # The option is global to GDAL; the lock keeps two writers from undoing each other.
    with _LOCK:
        before = pyogrio.get_gdal_config_option(_DATE_OPTION)
        pyogrio.set_gdal_config_options({_DATE_OPTION: _DATE})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({_DATE_OPTION: before})
