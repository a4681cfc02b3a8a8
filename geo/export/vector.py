"""Layers in the other formats that GIS programs take: FlatGeobuf, GeoParquet, KML, Shapefile."""

import importlib.util
import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import pyogrio

from geo.crs import GEOGRAPHIC
from geo.errors import ExportError
from geo.export.field import Field, check_fields, write_field_dictionary
from geo.storage import atomic_path, write_bytes

__all__ = ["CODE", "FORMATS", "check_format", "short_keys", "write_layer"]

_LONGEST_KEY: Final = 10
_LONGEST_TEXT: Final = 254
# Bytes 1 to 3 of a dBase file are the day it was written.
_DBF_DATE: Final = bytes((100, 1, 1))
_ZIP_DATE: Final = (2000, 1, 1, 0, 0, 0)
CODE: Final = Field(key="code", title_zh="代码", title_en="Code")
"""The column an index goes into."""

_DICTIONARY: Final = "字段说明.csv"
_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def write_layer(
    frame: gpd.GeoDataFrame, path: Path, *, fields: Sequence[Field], code: Field = CODE
) -> None:
    """Write a layer in the format its name ends with: atomic, the same bytes for the same layer.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Geometries with a reference system; rows are ordered by index.
    path : pathlib.Path
        The file to write: ``.fgb``, ``.parquet`` (GeoParquet 1.1, needs the extra
        ``parquet``), ``.kml``, or ``.shp.zip``: a Shapefile with its companions, keys of at
        most ten letters (:func:`short_keys`) and a dictionary.
    fields : Sequence[Field]
        The columns to write, in this order.
    code : Field, optional
        The column the index goes into; ``code`` by default.

    Raises
    ------
    ExportError
        The format is unknown or needs a package that is missing, a column is missing, a key
        is unfit, a text too long for a Shapefile, labels repeat, or there is no reference
        system.
    OSError
        The file cannot be written; an older one is untouched.

    Examples
    --------
    >>> import shapely
    >>> layer = gpd.GeoDataFrame({"score": [61.5]}, geometry=[shapely.box(110, 30, 111, 31)],
    ...     index=["420500"], crs="EPSG:4326")
    >>> path = Path(tempfile.mkdtemp()) / "a.fgb"
    >>> write_layer(layer, path, fields=[Field(key="score", title_zh="得分", title_en="Score")])
    >>> pyogrio.read_dataframe(path)["code"].to_list()
    ['420500']
    """
    ending = "".join(path.suffixes[-2:]) if path.suffix == ".zip" else path.suffix
    check_format(ending, path.name)
    check_fields(fields)
    FORMATS[ending](_ready(frame, fields, code.key), path, [code, *fields])


def check_format(ending: str, name: str = "") -> None:
    """Refuse a format that is unknown or cannot be written here.

    Parameters
    ----------
    ending : str
        Ending of its files, of :data:`FORMATS`.
    name : str, optional
        What to call the file in the refusal.

    Raises
    ------
    ExportError
        ``export.format``: unknown; ``export.no_parquet``: GeoParquet without pyarrow.

    Examples
    --------
    >>> check_format(".fgb")
    """
    if ending not in FORMATS:
        raise ExportError(
            f"{name or ending}: no such format; the name must end with {', '.join(FORMATS)}",
            code="export.format",
            path=name or ending,
            expected=list(FORMATS),
        )
    if ending == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        raise ExportError(
            "GeoParquet needs the package pyarrow; install the extra: "
            "pip install suanli-atlas[parquet]",
            code="export.no_parquet",
        )


def short_keys(keys: Sequence[str]) -> dict[str, str]:
    """Return keys of at most ten letters, as a Shapefile holds them, all different.

    Parameters
    ----------
    keys : Sequence[str]
        Keys of ASCII letters, digits and underscores.

    Returns
    -------
    dict[str, str]
        Short key by key.

    Examples
    --------
    >>> short_keys(["name", "environment_rank", "environment_rank_low"])
    {'name': 'name', 'environment_rank': 'environmen', 'environment_rank_low': 'environm_1'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for key in keys:
        short, number = key[:_LONGEST_KEY], 0
        while short.casefold() in taken:
            number += 1
            tail = f"_{number}"
            short = key[: _LONGEST_KEY - len(tail)] + tail
        taken.add(short.casefold())
        found[key] = short
    return found


def _ready(frame: gpd.GeoDataFrame, fields: Sequence[Field], label: str) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise ExportError(
            "the layer has no coordinate reference system; set the right one first",
            code="export.no_crs",
        )
    missing = [field.key for field in fields if field.key not in frame.columns]
    if missing:
        raise ExportError(
            f"the layer lacks the columns {missing}", code="export.missing_column", keys=missing
        )
    repeated = sorted(set(map(str, frame.index[frame.index.duplicated()])))
    if repeated:
        raise ExportError(
            f"the layer repeats the labels {repeated[:5]}",
            code="export.repeated_label",
            labels=repeated,
        )
    ordered = frame.to_crs(GEOGRAPHIC).rename_axis(index=label).sort_index()
    columns = [*(field.key for field in fields), ordered.geometry.name]
    ready = ordered[columns].reset_index()
    if ready.geometry.name != "geometry":
        ready = ready.rename_geometry("geometry")
    return ready.assign(**{label: ready[label].astype("str")})


def _flatgeobuf(frame: gpd.GeoDataFrame, path: Path, _: Sequence[Field]) -> None:
    with atomic_path(path) as temporary:
        _written(frame, temporary, driver="FlatGeobuf", layer=path.stem)


def _geoparquet(frame: gpd.GeoDataFrame, path: Path, _: Sequence[Field]) -> None:
    with atomic_path(path) as temporary:
        frame.to_parquet(temporary, index=False, schema_version="1.1.0", write_covering_bbox=True)


def _kml(frame: gpd.GeoDataFrame, path: Path, _: Sequence[Field]) -> None:
    with atomic_path(path) as temporary:
        _written(frame, temporary, driver="KML", layer=path.stem)


def _shapefile(frame: gpd.GeoDataFrame, path: Path, fields: Sequence[Field]) -> None:
    """Write a Shapefile into one archive: a set of files cannot be put in place at once."""
    _refuse_long(frame)
    keys = short_keys([field.key for field in fields])
    stem = path.name.removesuffix(".shp.zip")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / f"{stem}.shp"
        flags = {name: "int8" for name in frame.columns if frame[name].dtype == bool}
        # dBase knows truth values, its readers often do not.
        short = frame.astype(flags).rename(columns=keys)
        _written(short, place, driver="ESRI Shapefile", layer=stem, encoding="UTF-8")
        table = place.with_suffix(".dbf")
        content = table.read_bytes()
        table.write_bytes(content[:1] + _DBF_DATE + content[4:])
        dictionary = place.with_name(_DICTIONARY)
        write_field_dictionary([_short(field, keys) for field in fields], dictionary)
        members = [place.with_suffix(ending) for ending in _PARTS] + [dictionary]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for member in members:
                info = zipfile.ZipInfo(member.name, date_time=_ZIP_DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, member.read_bytes())
    write_bytes(path, buffer.getvalue())


def _refuse_long(frame: gpd.GeoDataFrame) -> None:
    """Refuse texts that dBase would cut."""
    for name in frame.select_dtypes(include=["object", "str"]).columns.drop(
        "geometry", errors="ignore"
    ):
        sizes = frame[name].dropna().map(lambda text: len(text.encode("utf-8", "replace")))
        if len(sizes) and sizes.max() > _LONGEST_TEXT:
            raise ExportError(
                f"column {name} holds a text of {sizes.max()} bytes; a Shapefile cuts texts after "
                f"{_LONGEST_TEXT}; take another format or leave the column out",
                code="export.too_long",
                key=name,
                size=int(sizes.max()),
                limit=_LONGEST_TEXT,
            )


def _short(field: Field, keys: Mapping[str, str]) -> Field:
    told = (
        field.description if keys[field.key] == field.key else f"{field.key}. {field.description}"
    )
    return Field(
        key=keys[field.key],
        title_zh=field.title_zh,
        title_en=field.title_en,
        unit=field.unit,
        description=told.strip(),
    )


def _written(frame: gpd.GeoDataFrame, path: Path, **options: str) -> None:
    texts = frame.select_dtypes(include=["object", "str"]).columns.drop("geometry", errors="ignore")
    # A NUL would silently end a text.
    clean = {name: frame[name].str.replace("\0", "\ufffd") for name in texts}
    try:
        # Points stay single: many readers of points know no sets of them.
        pyogrio.write_dataframe(
            frame.assign(**clean),
            path,
            promote_to_multi=not (frame.geom_type == "Point").all(),
            **options,
        )
    except pyogrio.errors.DataSourceError as error:
        raise OSError(str(error)) from error


FORMATS: Final[Mapping[str, Callable[[gpd.GeoDataFrame, Path, Sequence[Field]], None]]] = {
    ".fgb": _flatgeobuf,
    ".parquet": _geoparquet,
    ".kml": _kml,
    ".shp.zip": _shapefile,
}
"""What writes a layer, by the ending of its file."""
