"""Read layers a user made elsewhere, refusing what cannot be trusted; write our own."""

import warnings
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from geo.crs import GEOGRAPHIC, Extent, check_extent
from geo.errors import LayerError
from geo.layer.dbf import dbf_encoding
from geo.storage import atomic_path

__all__ = ["read_layer", "write_layer"]

_SUFFIXES = (".geojson", ".json", ".gpkg", ".shp")
_ONE_LAYER = (".geojson", ".json")
_SHAPEFILE_PARTS = (".dbf", ".shx", ".prj")
_POLYGONS = ("Polygon", "MultiPolygon")
_SHOWN = 10


def read_layer(
    path: Path, *, code: str = "code", layer: str | None = None, extent: Extent | None = None
) -> gpd.GeoDataFrame:
    """Read polygons and index them by unit code.

    Parameters
    ----------
    path : pathlib.Path
        GeoJSON, GeoPackage or shapefile.
    code : str, default "code"
        The column that holds the unit code.
    layer : str, optional
        Which layer of a file with several.
    extent : Extent, optional
        Where every unit must lie, in degrees; not checked when missing.

    Returns
    -------
    geopandas.GeoDataFrame
        Two-dimensional polygons in EPSG:4326, indexed by code as text, sorted. Geometry is
        not repaired: see :func:`geo.layer.validate_layer`.

    Raises
    ------
    LayerError
        One rule broken: its own code, such as ``layer.no_crs``. Several: code
        ``layer.several_problems`` with the single errors in ``params["problems"]``.

    Examples
    --------
    >>> import tempfile
    >>> from shapely import box
    >>> path = Path(tempfile.mkdtemp()) / "units.geojson"
    >>> frame = gpd.GeoDataFrame(
    ...     {"code": ["b", "a"], "geometry": [box(1, 0, 2, 1), box(0, 0, 1, 1)]}, crs=GEOGRAPHIC
    ... ).set_index("code")
    >>> write_layer(frame, path)
    >>> list(read_layer(path).index)
    ['a', 'b']
    """
    _check_path(path)
    frame = _read(path, _layer_name(path, layer))
    problems = [*_crs_problems(frame, path), *_geometry_problems(frame, code, path)]
    problems += _code_problems(frame, code, path)
    _refuse(problems, path)
    flat = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()), crs=frame.crs)
    flat[code] = _as_text(flat[code]).astype("str")
    flat = flat.to_crs(GEOGRAPHIC).set_index(code).sort_index()
    if flat.geometry.name != "geometry":
        flat = flat.rename_geometry("geometry")
    if extent is not None:
        check_extent(flat, extent=extent)
    return flat


def write_layer(frame: gpd.GeoDataFrame, path: Path, *, decimals: int = 4) -> None:
    """Write a layer as RFC 7946 GeoJSON, the same bytes for the same layer.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Geometry in EPSG:4326; a named index becomes the first property and the feature id.
    path : pathlib.Path
        The file to write; replaced atomically.
    decimals : int, default 4
        Decimal places of the degrees.

    Raises
    ------
    LayerError
        ``layer.not_geographic``: the layer is in another CRS.

    Examples
    --------
    >>> import tempfile
    >>> from shapely import box
    >>> path = Path(tempfile.mkdtemp()) / "one.geojson"
    >>> frame = gpd.GeoDataFrame({"geometry": [box(0, 0, 1, 1)]}, index=["a"], crs=GEOGRAPHIC)
    >>> write_layer(frame.rename_axis("code"), path)
    >>> '"code": "a"' in path.read_text(encoding="utf-8")
    True
    """
    if frame.crs is None or frame.crs != GEOGRAPHIC:
        raise LayerError(
            f"GeoJSON is written in EPSG:4326, the layer is in {_crs_name(frame)}. "
            "Reproject it first.",
            code="layer.not_geographic",
            crs=_crs_name(frame),
        )
    options = {"RFC7946": "YES", "COORDINATE_PRECISION": str(decimals), "WRITE_NAME": "NO"}
    table = frame.reset_index(drop=not frame.index.name)
    if frame.index.name:
        table["id"] = table[frame.index.name]
        options |= {"ID_FIELD": "id", "ID_TYPE": "String"}
    with atomic_path(path) as temporary:
        pyogrio.write_dataframe(table, temporary, driver="GeoJSON", **options)


def _check_path(path: Path) -> None:
    if not path.is_file():
        raise LayerError(
            f"{path} does not exist. Check the path.", code="layer.missing_file", path=str(path)
        )
    if path.suffix.lower() not in _SUFFIXES:
        raise LayerError(
            f"{path.name}: expected one of {', '.join(_SUFFIXES)}. "
            "Unpack an archive, or export the layer as GeoPackage.",
            code="layer.format",
            path=str(path),
            expected=", ".join(_SUFFIXES),
        )
    if path.suffix.lower() == ".shp":
        _check_companions(path)


def _layer_name(path: Path, layer: str | None) -> str | None:
    # GeoJSON is one layer, and only parsing it whole would tell its name.
    if path.suffix.lower() in _ONE_LAYER:
        return None
    try:
        names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    except DataSourceError as error:
        raise _unreadable(path, error) from error
    if layer is None and len(names) == 1:
        return names[0]
    if layer not in names:
        raise LayerError(
            f"{path.name} holds the layers {', '.join(names)}; asked for {layer}. Name one.",
            code="layer.which_layer",
            path=str(path),
            layers=", ".join(names),
            got=str(layer),
        )
    return layer


def _check_companions(path: Path) -> None:
    beside = {p.name.lower() for p in path.parent.iterdir()}
    missing = [s for s in _SHAPEFILE_PARTS if f"{path.stem}{s}".lower() not in beside]
    if missing:
        raise LayerError(
            f"{path.name} lacks its companion files {', '.join(missing)}. "
            "Copy all files of the shapefile into one folder.",
            code="layer.companions",
            path=str(path),
            missing=", ".join(missing),
        )


def _read(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    options = {"layer": layer, "encoding": _encoding(path)}
    # GDAL reports damage it can read past as warnings; a layer with damage is not trusted.
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.filterwarnings("ignore", ".*winding order", RuntimeWarning)
        try:
            frame = pyogrio.read_dataframe(path, use_arrow=False, **options)
            expected = len(frame) if layer is None else _feature_count(path, layer)
        except (
            DataSourceError,
            DataLayerError,
            FeatureError,
            RuntimeWarning,
            UnicodeDecodeError,
            shapely.GEOSException,
        ) as error:
            raise _unreadable(path, error) from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise LayerError(
            f"{path.name} holds no features. Export the layer again.",
            code="layer.no_features",
            path=str(path),
        )
    if len(frame) != expected:
        raise _unreadable(path, f"{len(frame)} of {expected} features")
    return frame


def _feature_count(path: Path, layer: str) -> int:
    return int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"])


def _encoding(path: Path) -> str | None:
    # A shapefile without .cpg does not say its encoding; Chinese ones are UTF-8 or GB18030.
    table = path.with_suffix(".dbf")
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists() or not table.exists():
        return None
    return dbf_encoding(table).encoding


def _unreadable(path: Path, reason: object) -> LayerError:
    return LayerError(
        f"{path.name} cannot be read as a whole: {reason}. It may be cut off; export it again.",
        code="layer.unreadable",
        path=str(path),
        reason=str(reason),
    )


def _crs_problems(frame: gpd.GeoDataFrame, path: Path) -> list[LayerError]:
    if frame.crs is not None:
        return []
    return [
        LayerError(
            f"{path.name} does not say its CRS. Set the one it was made in and export it again; "
            "it is never guessed.",
            code="layer.no_crs",
            path=str(path),
        )
    ]


def _geometry_problems(frame: gpd.GeoDataFrame, code: str, path: Path) -> list[LayerError]:
    labels = _row_labels(frame, code)
    empty = frame.geometry.isna() | frame.geometry.is_empty
    other = ~empty & ~frame.geom_type.isin(_POLYGONS)
    problems = []
    if empty.any():
        problems.append(
            _about(path, "layer.empty_geometry", labels[empty], "have no geometry. Draw them.")
        )
    if other.any():
        problems.append(
            _about(path, "layer.not_polygon", labels[other], "are not polygons. Remove them.")
        )
    return problems


def _code_problems(frame: gpd.GeoDataFrame, code: str, path: Path) -> list[LayerError]:
    if code not in frame.columns:
        columns = ", ".join(str(c) for c in frame.columns if c != frame.geometry.name)
        return [
            LayerError(
                f"{path.name} has no column {code}; it has {columns}. Name the code column.",
                code="layer.no_code_column",
                path=str(path),
                column=code,
                columns=columns,
            )
        ]
    text = _as_text(frame[code])
    labels = _row_labels(frame, code)
    absent = text.isna() | (text == "")
    problems = []
    if absent.any():
        problems.append(_about(path, "layer.no_code", labels[absent], "have no code. Fill it in."))
    twice = text.duplicated(keep=False) & ~absent
    if twice.any():
        repeated = text[twice].drop_duplicates().sort_values()
        problems.append(
            _about(path, "layer.duplicate_code", repeated, "occur more than once. Merge them.")
        )
    return problems


def _about(path: Path, rule: str, labels: pd.Series, complaint: str) -> LayerError:
    units = tuple(str(label) for label in labels)
    shown = ", ".join(units[:_SHOWN]) + (" ..." if len(units) > _SHOWN else "")
    return LayerError(
        f"{path.name}: {len(units)} units {complaint} Affected: {shown}.",
        code=rule,
        path=str(path),
        count=len(units),
        units=shown,
    )


def _refuse(problems: list[LayerError], path: Path) -> None:
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise LayerError(
            " ".join(str(problem) for problem in problems),
            code="layer.several_problems",
            path=str(path),
            count=len(problems),
            details=", ".join(problem.code for problem in problems),
            problems=tuple(problems),
        )


def _as_text(column: pd.Series) -> pd.Series:
    # Spreadsheet exports turn 110000 into 110000.0; the code is still 110000.
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("string").str.strip().astype(object).where(column.notna(), None)


def _row_labels(frame: gpd.GeoDataFrame, code: str) -> pd.Series:
    rows = pd.Series([f"row {i + 1}" for i in range(len(frame))], index=frame.index, dtype=object)
    if code not in frame.columns:
        return rows
    text = _as_text(frame[code])
    return text.where(text.notna() & (text != ""), rows)


def _crs_name(frame: gpd.GeoDataFrame) -> str:
    return "no CRS" if frame.crs is None else str(frame.crs.to_string())
