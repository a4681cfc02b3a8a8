"""Find the layers in a file or folder, and read one as it stands."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from geo.errors import LayerError
from geo.layer.archive import LIMITS, Limits
from geo.layer.dbf import dbf_encoding
from geo.layer.geojson_text import check_geojson, faulty_features

__all__ = ["RawLayer", "Source", "choose_source", "find_sources", "read_source"]

_GEOJSON: Final = (".geojson", ".json")
_PARQUET: Final = (".parquet", ".geoparquet")
_READABLE: Final = (".shp", ".gpkg", *_GEOJSON, *_PARQUET)
_SHOWN: Final = (".shp", ".gpkg", ".geojson", ".parquet", ".zip", ".gz")
# What a file begins with; GDAL would open whatever it holds, descriptions of other files too.
_MAGIC: Final = {
    ".shp": b"\x00\x00\x27\x0a",
    ".gpkg": b"SQLite format 3\x00",
    ".parquet": b"PAR1",
    ".geoparquet": b"PAR1",
}
_HARMLESS: Final = "winding order"
_DAMAGE: Final = (
    DataSourceError,
    DataLayerError,
    FeatureError,
    UnicodeDecodeError,
    shapely.GEOSException,
    # What pyogrio 0.13 makes of the text of a reference system that is no text.
    UnboundLocalError,
)
_COMPANIONS: Final = (".dbf", ".shx")
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One layer that can be read.

    Attributes
    ----------
    path : pathlib.Path
        The file it lies in.
    name : str
        What to call it: the name of the layer in a GeoPackage, else the file without suffix.
    layer : str or None
        Name of the layer where the file can hold several.
    """

    path: Path
    name: str
    layer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawLayer:
    """A layer as it stands in the file.

    Attributes
    ----------
    frame : geopandas.GeoDataFrame
        Rows in file order, nothing changed.
    crs_source : {"declared", "implied", "missing"}
        ``implied``: GeoJSON without a ``crs`` member, in WGS84 by the standard.
    encoding, encoding_source, encoding_stated : str
        Of the text, see :class:`geo.layer.dbf.DbfEncoding`; ``"format"`` where the format
        leaves no choice.
    """

    frame: gpd.GeoDataFrame
    crs_source: Literal["declared", "implied", "missing"]
    encoding: str
    encoding_source: str
    encoding_stated: str = ""


def find_sources(place: Path) -> list[Source]:
    """List the layers in a file, or in a folder and the folders below it.

    Parameters
    ----------
    place : pathlib.Path
        A file or folder, unpacked.

    Returns
    -------
    list[Source]
        In order of path and layer.

    Raises
    ------
    LayerError
        ``layer.format``: nothing that can be read; ``layer.not_what_it_says``: a file is of
        another format than its name; ``layer.companions``: parts of a shapefile are missing.

    Examples
    --------
    >>> import tempfile
    >>> from shapely import box
    >>> folder = Path(tempfile.mkdtemp())
    >>> layer = gpd.GeoDataFrame({"code": ["a"], "geometry": [box(0, 0, 1, 1)]}, crs=4326)
    >>> layer.to_file(folder / "b.gpkg", layer="cities")
    >>> layer.to_file(folder / "a.shp")
    >>> [source.name for source in find_sources(folder)]
    ['a', 'cities']
    """
    inside = sorted(place.rglob("*")) if place.is_dir() else [place]
    files = [p for p in inside if p.is_file() and p.suffix.lower() in _READABLE]
    if not files:
        raise LayerError(
            f"{place.name} holds none of {', '.join(_SHOWN)}. Export the layer as GeoPackage.",
            code="layer.format",
            path=place.name,
            expected=", ".join(_SHOWN),
        )
    found = []
    for path in files:
        _check_magic(path)
        if path.suffix.lower() == ".shp":
            _check_companions(path)
        if path.suffix.lower() == ".gpkg":
            found += [Source(path=path, name=name, layer=name) for name in _layers(path)]
        else:
            found.append(Source(path=path, name=path.stem))
    return found


def choose_source(sources: list[Source], wanted: str | None, *, name: str) -> Source:
    """Return the layer asked for, or the only one.

    Parameters
    ----------
    sources : list[Source]
        What there is.
    wanted : str or None
        Name of one of them.
    name : str
        What the user called the file, for the message.

    Returns
    -------
    Source
        The one.

    Raises
    ------
    LayerError
        ``layer.several_layers``: there are several, or none of that name.

    Examples
    --------
    >>> choose_source([Source(path=Path("a.shp"), name="a")], None, name="a.zip").name
    'a'
    """
    fitting = [one for one in sources if wanted is None or one.name == wanted]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(one.name for one in sources[:_MOST_NAMED])
    asked = f"asked for {wanted}" if wanted else "none was asked for"
    raise LayerError(
        f"{name} holds {len(sources)} layers: {names}; {asked}. Name one.",
        code="layer.several_layers",
        path=name,
        layers=names,
        count=len(sources),
        got=wanted or "",
    )


def read_source(
    source: Source, *, encoding: str | None = None, limits: Limits = LIMITS
) -> RawLayer:
    """Read a layer without changing anything.

    Parameters
    ----------
    source : Source
        The layer.
    encoding : str, optional
        Encoding of a shapefile's attributes, where it is known.
    limits : Limits
        What it may ask for.

    Returns
    -------
    RawLayer
        Rows in file order, and what the file says of itself.

    Raises
    ------
    LayerError
        It cannot be read as a whole; of GeoJSON the text is looked at first, see
        :func:`geo.layer.geojson_text.check_geojson`.

    Examples
    --------
    >>> import tempfile
    >>> from shapely import box
    >>> path = Path(tempfile.mkdtemp()) / "a.shp"
    >>> layer = gpd.GeoDataFrame({"name": ["廊坊"], "geometry": [box(0, 0, 1, 1)]}, crs=4326)
    >>> layer.to_file(path)
    >>> path.with_suffix(".prj").unlink()
    >>> raw = read_source(find_sources(path)[0])
    >>> raw.crs_source, raw.encoding
    ('missing', 'utf-8')
    """
    kind = source.path.suffix.lower()
    if kind in _PARQUET:
        frame, said, how, stated = _read_parquet(source.path), "UTF-8", "format", ""
    elif kind in _GEOJSON:
        text = check_geojson(source.path, limits=limits)
        frame = _read_geojson(source.path, text.encoding)
        said, how, stated = text.encoding, "tried", ""
        if not text.names_crs:
            return RawLayer(frame=frame, crs_source="implied", encoding=said, encoding_source=how)
    elif kind == ".shp":
        found = dbf_encoding(_beside(source.path, ".dbf"), encoding=encoding)
        frame = _read(source.path, None, found.encoding)
        said, how, stated = found.encoding, found.source, found.stated
    else:
        frame, said, how, stated = _read(source.path, source.layer, None), "UTF-8", "format", ""
    return RawLayer(
        frame=frame,
        crs_source="missing" if frame.crs is None else "declared",
        encoding=said,
        encoding_source=how,
        encoding_stated=stated,
    )


def _check_magic(path: Path) -> None:
    kind = path.suffix.lower()
    with path.open("rb") as file:
        begin = file.read(64)
    expected = _MAGIC.get(kind)
    right = begin.startswith(expected) if expected else _begins_json(begin)
    if not right:
        raise LayerError(
            f"{path.name} is not what its name says: its content is no {kind[1:]}. Export the "
            "layer again.",
            code="layer.not_what_it_says",
            path=path.name,
            kind=kind[1:],
        )
    if kind == ".shp" and int.from_bytes(begin[24:28], "big") * 2 > path.stat().st_size:
        # GDAL would read what is left and call the other units empty.
        raise _unreadable(path, f"{path.stat().st_size} bytes")


def _begins_json(begin: bytes) -> bool:
    return begin.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def _beside(path: Path, suffix: str) -> Path:
    wanted = f"{path.stem}{suffix}".lower()
    return next((p for p in path.parent.iterdir() if p.name.lower() == wanted), path)


def _check_companions(path: Path) -> None:
    missing = [s for s in _COMPANIONS if _beside(path, s) == path]
    if missing:
        raise LayerError(
            f"{path.name} lacks its companion files {', '.join(missing)}. Put all files of the "
            "shapefile into one folder or archive.",
            code="layer.companions",
            path=path.name,
            missing=", ".join(missing),
        )


def _layers(path: Path) -> list[str]:
    try:
        with _recorded(path):
            listed = pyogrio.list_layers(path)
    except DataSourceError as error:
        raise _unreadable(path, error) from error
    # Tables without geometry are no layers.
    return [str(name) for name, kind in listed if kind is not None]


def _read_geojson(path: Path, encoding: str) -> gpd.GeoDataFrame:
    mended = None if encoding == "UTF-8" else path.read_bytes().decode(encoding).encode()
    try:
        frame = _read(path, None, None, data=mended)
    except LayerError as error:
        faults = faulty_features(path, encoding) if error.code == "layer.unreadable" else []
        raise faults[0] if faults else error from error
    shapes = frame.geometry.to_numpy()
    flat = (shapely.area(shapes) == 0) & (shapely.get_dimensions(shapes) > 1)
    # A ring of three points passes the readers and has no area.
    faults = faulty_features(path, encoding) if flat.any() else []
    if faults:
        raise faults[0]
    return frame


def _read_parquet(path: Path) -> gpd.GeoDataFrame:
    try:
        frame = gpd.read_parquet(path)
    except ImportError as error:
        raise LayerError(
            f"{path.name}: reading GeoParquet needs the package pyarrow, which is not "
            "installed. Install it, or save the layer as GeoPackage.",
            code="layer.parquet_missing",
            path=path.name,
        ) from error
    except (ValueError, OSError) as error:
        raise _unreadable(path, error) from error
    return _some(frame.reset_index() if frame.index.name else frame, path)


def _read(
    path: Path, layer: str | None, encoding: str | None, *, data: bytes | None = None
) -> gpd.GeoDataFrame:
    options: dict[str, Any] = {"layer": layer, "encoding": encoding}
    try:
        with _recorded(path):
            frame = pyogrio.read_dataframe(data or path, use_arrow=False, **options)
            expected = len(frame) if path.suffix.lower() in _GEOJSON else _count(path, layer)
    except _DAMAGE as error:
        raise _unreadable(path, error) from error
    if len(frame) != expected:
        raise _unreadable(path, f"{len(frame)} / {expected}")
    return _some(frame, path)


@contextmanager
def _recorded(path: Path) -> Iterator[None]:
    """Refuse a layer of which GDAL reports damage it can read past: it is not to be trusted."""
    # Recorded, not raised: an exception out of GDAL's own handler would be swallowed.
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", RuntimeWarning)
        yield
    damage = [str(one.message) for one in told if issubclass(one.category, RuntimeWarning)]
    damage = [text for text in damage if _HARMLESS not in text]
    if damage:
        raise _unreadable(path, damage[0])


def _count(path: Path, layer: str | None) -> int:
    info = pyogrio.read_info(path, layer=layer, force_feature_count=True)
    return int(info["features"])


def _some(frame: object, path: Path) -> gpd.GeoDataFrame:
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise LayerError(
            f"{path.name} holds no features. Export the layer again.",
            code="layer.no_features",
            path=str(path),
        )
    return frame


def _unreadable(path: Path, reason: object) -> LayerError:
    return LayerError(
        f"{path.name} cannot be read as a whole: {reason}. It may be cut off; export it again.",
        code="layer.unreadable",
        path=str(path),
        reason=str(reason),
    )
