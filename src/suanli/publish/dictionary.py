"""What every file of a run holds, and what every column of it means."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo.export import Field, write_csv
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.figure_titles import figure_title
from suanli.publish.gis_layers import LAYERS, export_layer, score_field, unit_level
from suanli.publish.tables import contents
from suanli.text import LANGUAGES, Text

__all__ = ["DICTIONARY", "dictionary", "write_dictionary"]

DICTIONARY: Final = "tables/dictionary.csv"
"""Where it lies in the folder of outputs."""

_COLUMNS: Final = ("file", "column", "title_zh", "title_en", "unit", "description")
# Tables of a GeoPackage that are no layers, and what they have as columns.
_INSIDE: Final = {
    "field_dictionary": ("layer", "key", "title_zh", "title_en", "unit", "description"),
    "metadata": ("key", "value"),
    "layer_styles": (),
}
_WIDE: Final = ("scores", "tested_scores", "panel")
_BY_INDICATOR: Final = ("derived", "normalised")


def write_dictionary(edition: Edition, folder: Path) -> Path:
    """Describe the files of a folder of outputs in a table of their own.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        The folder; all other files are there.

    Returns
    -------
    pathlib.Path
        :data:`DICTIONARY`.

    Raises
    ------
    OSError
        A file cannot be read, or the table not be written.

    Examples
    --------
    >>> import tempfile
    >>> from suanli.run.sample import sample_edition
    >>> write_dictionary(sample_edition(), Path(tempfile.mkdtemp())).name
    'dictionary.csv'
    """
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    target = folder / DICTIONARY
    table = dictionary(edition, folder, sorted({*files, DICTIONARY, "manifest.json"}))
    write_csv(table, target, index=False)
    return target


def dictionary(edition: Edition, folder: Path, files: Iterable[str]) -> pd.DataFrame:
    """Describe files and their columns.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        The folder of outputs.
    files : Iterable[str]
        Paths relative to it.

    Returns
    -------
    pandas.DataFrame
        One row per file, with an empty ``column``, and one per column of tables and layers:
        ``file``, ``column``, ``title_zh``, ``title_en``, ``unit``, ``description``. A layer
        of the GeoPackage is named behind a bar. What is not known is empty.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> table = dictionary(sample_edition(), Path(), ["manifest.json"])
    >>> table["title_en"].to_list()
    ['Record of the run']
    """
    rows: list[dict[str, str]] = []
    for name in files:
        rows.append(_row(name, "", _of_file(edition, folder / name, name)))
        rows += [_row(place, key, field) for place, key, field in _inside(edition, folder, name)]
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")


def _row(name: str, column: str, field: Field) -> dict[str, str]:
    said = {key: getattr(field, key) for key in _COLUMNS[2:]}
    return {"file": name, "column": column, **said}


def _of_file(edition: Edition, path: Path, name: str) -> Field:
    titles = {f"title_{lang}": _title(edition, Text(lang), path, name) for lang in LANGUAGES}
    kind = f"dictionary.suffix.{path.suffix.removeprefix('.')}"
    about = edition.text(kind) if edition.text.has(kind) else ""
    return Field(key="file", description=about, **titles)


def _title(edition: Edition, text: Text, path: Path, name: str) -> str:
    parts = name.split("/")
    exact = f"dictionary.file.{_key(name)}"
    if text.has(exact):
        return text(exact)
    if parts[0] == "tables" and text.has(f"contents.{_kind(path.stem)}"):
        return str(contents([path.stem], text)["about"].iloc[0])
    if parts[0] == "maps" and path.suffix in {".png", ".svg", ".pdf"}:
        return figure_title(replace(edition, text=text), path)
    alike = f"dictionary.alike.{_key('/'.join(parts[:-1]))}_{path.suffix.removeprefix('.')}"
    return text(alike, name=path.stem) if text.has(alike) else ""


def _key(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name)


def _kind(stem: str) -> str:
    level, _, kind = stem.partition("_")
    return kind if unit_level(level) else stem


def _inside(edition: Edition, folder: Path, name: str) -> Iterator[tuple[str, str, Field]]:
    """Yield the columns of a file: where, which, what."""
    path = folder / name
    if path.suffix == ".csv":
        # The dictionary describes itself before it is there.
        for key in _COLUMNS if name == DICTIONARY else _head(path):
            yield name, key, _column(edition, path.stem, key)
    elif path.suffix == ".geojson" and path.stem in LAYERS:
        layer = export_layer(edition, path.stem)
        for field in (layer.code, *layer.fields):
            yield name, field.key, field
    elif path.suffix == ".gpkg":
        yield from _geopackage(edition, name)


def _head(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream), [])


def _geopackage(edition: Edition, name: str) -> Iterator[tuple[str, str, Field]]:
    for layer in (export_layer(edition, each) for each in LAYERS):
        place = f"{name}|{layer.name}"
        yield place, "", Field(key="file", title_zh=layer.title_zh, title_en=layer.title_en)
        for field in (layer.code, *layer.fields):
            yield place, field.key, field
    for table, keys in _INSIDE.items():
        place = f"{name}|{table}"
        titles = {f"title_{lang}": Text(lang)(f"dictionary.table.{table}") for lang in LANGUAGES}
        yield place, "", Field(key="file", **titles)
        for key in keys:
            yield place, key, _column(edition, table, key)


def _column(edition: Edition, table: str, key: str) -> Field:
    level = unit_level(table.partition("_")[0])
    kind = _kind(table)
    field = None
    if level and kind in _WIDE:
        field = score_field(edition, level, key)
    elif level and kind in _BY_INDICATOR:
        field = _indicator(edition, level, kind, key)
    return field or _worded(edition, table, key)


def _indicator(edition: Edition, level: Level, kind: str, key: str) -> Field | None:
    spec = edition.scores(level).spec
    found: Any = next((item for item in spec.indicator if item.id == key), None)
    if found is None:
        return None
    names = found.name.model_dump()
    return Field(
        key=key,
        title_zh=names["zh"],
        title_en=names["en"],
        unit=found.unit if kind == "derived" else "",
        description=edition.text(f"dictionary.{kind}", profile=spec.id, year=spec.year),
    )


def _worded(edition: Edition, table: str, key: str) -> Field:
    places = (f"columns.of.{table}.{key}", f"columns.of.{_kind(table)}.{key}", f"columns.{key}")
    place = next((place for place in places if edition.text.has(f"{place}.title")), None)
    if place is None:
        return Field(key=key, title_zh="", title_en="")
    unit = f"{place}.unit"
    return Field(
        key=key,
        title_zh=Text("zh")(f"{place}.title"),
        title_en=Text("en")(f"{place}.title"),
        unit=edition.text(unit) if edition.text.has(unit) else "",
        description=edition.text(f"{place}.about"),
    )
