"""Files for GIS programs: GeoJSON by RFC 7946, a GeoPackage, and what their fields mean."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from geo.export import Field, write_field_dictionary, write_geojson, write_geopackage, write_layer
from geo.export.style import LayerStyle, Missing, PlainStyle
from geo.export.vector import check_format
from suanli.errors import InputError, Problem
from suanli.publish.edition import Edition
from suanli.publish.gis_layers import LAYERS, ExportLayer, export_layer, layer_fields
from suanli.publish.identity import layer_metadata, run_id
from suanli.publish.styles import PACKAGE, level_styles, plain_styles, write_styles

__all__ = [
    "ALWAYS",
    "FORMATS",
    "Selection",
    "refuse_selection",
    "selected_layers",
    "write_package",
    "write_selection",
]

FORMATS: Final[Mapping[str, str]] = {
    "geojson": ".geojson",
    "gpkg": ".gpkg",
    "parquet": ".parquet",
    "fgb": ".fgb",
    "kml": ".kml",
    "shp": ".shp.zip",
}
"""Ending of a file by the name of its format."""

ALWAYS: Final = ("code", "name")
"""Columns that no choice leaves out: without them nobody can tell the features."""

_LEVELS: Final = ("province", "city")
_DICTIONARY: Final = "fields.csv"
_ALIKE: Final = 0.75
"""How alike names must be for one to be meant by the other: compute is no imputed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is to be exported, in which formats.

    Attributes
    ----------
    formats : tuple[str, ...]
        Of :data:`FORMATS`.
    levels : tuple[str, ...]
        Of :data:`suanli.publish.gis_layers.LAYERS`.
    columns : tuple[str, ...]
        Columns to keep, beside :data:`ALWAYS`; all when empty.
    """

    formats: tuple[str, ...] = ("geojson", "gpkg")
    levels: tuple[str, ...] = LAYERS
    columns: tuple[str, ...] = ()


def write_package(edition: Edition, folder: Path) -> list[Path]:
    """Write the layers with their scores for GIS programs.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        Where to write.

    Returns
    -------
    list[pathlib.Path]
        ``province.geojson``, ``city.geojson``, ``atlas.gpkg``, ``fields.csv``, the project
        ``atlas.qgz``, and ``styles/*.qml`` and ``*.sld``.

    Raises
    ------
    geo.errors.ExportError
        A file would break its format.
    OSError
        A file cannot be written.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> import tempfile
    >>> [path.name for path in write_package(sample_edition(), Path(tempfile.mkdtemp()))]
    ... # doctest: +ELLIPSIS
    ['province.geojson', 'city.geojson', 'atlas.gpkg', 'fields.csv', 'atlas.qgz', ...]
    """
    layers = {name: export_layer(edition, name) for name in LAYERS}
    notes = _notes(edition, layers)
    written = [
        _geojson(layers[level], folder / f"{level}.geojson", notes[level]) for level in _LEVELS
    ]
    styles = _styles(edition, layers)
    written += [
        _geopackage(layers, folder / PACKAGE, notes, {**styles, **plain_styles(edition, layers)}),
        _dictionary(layers.values(), folder / _DICTIONARY),
    ]
    return [*written, *write_styles(edition, folder, styles, layers.values())]


def refuse_selection(edition: Edition, selection: Selection) -> None:
    """Refuse a selection before anything long is computed for it.

    Parameters
    ----------
    edition : Edition
        What is published; of its study only the scores are computed.
    selection : Selection
        What is asked for.

    Raises
    ------
    InputError
        A column is in none of the layers: their columns are listed, and layers that have it.
    geo.errors.ExportError
        A format needs a package that is missing.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> refuse_selection(sample_edition(), Selection(columns=("idx",), levels=("city",)))
    Traceback (most recent call last):
    suanli.errors.InputError: No layer chosen (city) has a column idx; did you mean index?...
    """
    for kind in selection.formats:
        if kind not in {"geojson", "gpkg"}:
            check_format(FORMATS[kind])
    known = {
        name: [field.key for field in layer_fields(edition, name)] for name in selection.levels
    }
    here = {key for keys in known.values() for key in keys}
    unknown = [name for name in selection.columns if name not in here]
    if unknown:
        raise InputError([_unknown(edition, name, known) for name in unknown])


def _unknown(edition: Edition, column: str, known: Mapping[str, Sequence[str]]) -> Problem:
    """Say which columns there are, and where else the one asked for is."""
    elsewhere = [
        name
        for name in LAYERS
        if name not in known and column in {field.key for field in layer_fields(edition, name)}
    ]
    every = sorted({key for keys in known.values() for key in keys})
    close = [] if elsewhere else difflib.get_close_matches(column, every, n=3, cutoff=_ALIKE)
    kind = "elsewhere" if elsewhere else "close" if close else ""
    listed = "; ".join(f"{name}: {', '.join(keys)}" for name, keys in known.items())
    params = {
        "column": column,
        "levels": ", ".join(known),
        "close": ", ".join(close),
        "elsewhere": ", ".join(elsewhere),
        "columns": listed,
    }
    return Problem(code="_".join(filter(None, ("export.unknown_column", kind))), params=params)


def write_selection(edition: Edition, folder: Path, selection: Selection) -> list[Path]:
    """Write the layers asked for in the formats asked for, and what their columns mean.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        Where to write.
    selection : Selection
        What to write.

    Returns
    -------
    list[pathlib.Path]
        One file per layer and format, ``atlas.gpkg`` for all layers, and ``fields.csv``.

    Raises
    ------
    geo.errors.ExportError
        A file would break its format, or a format needs a package that is missing.
    OSError
        A file cannot be written.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> import tempfile
    >>> chosen = Selection(formats=("fgb", "kml"), levels=("hubs",))
    >>> written = write_selection(sample_edition(), Path(tempfile.mkdtemp()), chosen)
    >>> [path.name for path in written]
    ['hubs.fgb', 'hubs.kml', 'fields.csv']
    """
    whole = selected_layers(edition, replace(selection, columns=()))
    layers = {name: _reduced(layer, selection) for name, layer in whole.items()}
    notes = _notes(edition, layers)
    written: list[Path] = []
    for kind in (kind for kind in FORMATS if kind in selection.formats):
        if kind == "gpkg":
            styles: dict[str, Sequence[LayerStyle | PlainStyle]] = {
                **_styles(edition, whole, kept=layers),
                **plain_styles(edition, layers),
            }
            written.append(_geopackage(layers, folder / PACKAGE, notes, styles))
            continue
        for name, layer in layers.items():
            path = folder / f"{name}{FORMATS[kind]}"
            if kind == "geojson":
                _geojson(layer, path, notes[name])
            else:
                write_layer(layer.frame, path, fields=layer.fields, code=layer.code)
            written.append(path)
    return [*written, _dictionary(layers.values(), folder / _DICTIONARY)]


def selected_layers(edition: Edition, selection: Selection) -> dict[str, ExportLayer]:
    """Return the layers of a selection with the columns it keeps.

    Parameters
    ----------
    edition : Edition
        What is published.
    selection : Selection
        Layers and columns; formats are passed over.

    Returns
    -------
    dict[str, ExportLayer]
        By name.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> chosen = Selection(levels=("hubs",), columns=("hub",))
    >>> [field.key for field in selected_layers(sample_edition(), chosen)["hubs"].fields]
    ['name', 'hub']
    """
    return {
        name: _reduced(export_layer(edition, name), selection)
        for name in LAYERS
        if name in selection.levels
    }


def _reduced(layer: ExportLayer, selection: Selection) -> ExportLayer:
    return layer.only({*ALWAYS, *selection.columns}) if selection.columns else layer


def _notes(edition: Edition, layers: Iterable[str]) -> dict[str, dict[str, Any]]:
    run = run_id(edition)
    return {name: layer_metadata(edition, name, run=run) for name in layers}


def _geojson(layer: ExportLayer, path: Path, notes: Mapping[str, Any]) -> Path:
    write_geojson(layer.frame, path, fields=layer.fields, code=layer.code, metadata=notes)
    return path


def _geopackage(
    layers: Mapping[str, ExportLayer],
    path: Path,
    notes: Mapping[str, Mapping[str, Any]],
    styles: Mapping[str, Sequence[LayerStyle | PlainStyle]],
) -> Path:
    write_geopackage(
        path,
        {name: layer.frame for name, layer in layers.items()},
        fields=_fields(layers.values()),
        metadata={
            f"{name}.{key}": "" if value is None else str(value)
            for name, each in notes.items()
            for key, value in each.items()
        },
        styles={name: each for name, each in styles.items() if each},
    )
    return path


def _styles(
    edition: Edition,
    layers: Mapping[str, ExportLayer],
    *,
    kept: Mapping[str, ExportLayer] | None = None,
) -> dict[str, tuple[LayerStyle, ...]]:
    """Return the styles whose columns are there."""
    found: dict[str, tuple[LayerStyle, ...]] = {}
    for level in _LEVELS:
        if level in layers:
            each = level_styles(edition, level, layers[level].frame)
            columns = {field.key for field in (kept or layers)[level].fields}
            found[level] = tuple(style for style in each if _asked_of(style) <= columns)
    return found


def _asked_of(style: LayerStyle) -> set[str]:
    conditions = [rule.condition for rule in style.rules]
    flags = {item.flag for item in conditions if isinstance(item, Missing) and item.flag}
    return {style.column, *flags}


def _dictionary(layers: Iterable[ExportLayer], path: Path) -> Path:
    write_field_dictionary(_fields(layers), path)
    return path


def _fields(layers: Iterable[ExportLayer]) -> dict[str, tuple[Field, ...]]:
    """Return the fields by layer: one key may mean another thing in each."""
    return {layer.name: (layer.code, *layer.fields) for layer in layers}
