"""The layers as tables of a database, with what their columns mean as comments."""

from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from geo.export import Field
from geo.export.postgis import PostgisTable
from suanli.publish.edition import Edition
from suanli.publish.gis_layers import ExportLayer
from suanli.publish.identity import layer_metadata, run_id
from suanli.publish.package import Selection, selected_layers

__all__ = ["SHARED", "database_tables", "table_names"]

SHARED: Final[Mapping[str, tuple[str, ...]]] = {
    "field_dictionary": ("id", "layer", "key", "title_zh", "title_en", "unit", "description"),
    "metadata": ("id", "value"),
}
"""Columns of the tables that all layers share, by name: rows of other layers are kept."""


def table_names(selection: Selection) -> tuple[str, ...]:
    """Return the names of the tables a selection makes.

    Parameters
    ----------
    selection : Selection
        What is chosen.

    Returns
    -------
    tuple[str, ...]
        The layers, then the dictionary of fields and what the layers say of themselves.

    Examples
    --------
    >>> table_names(Selection(levels=("city",)))
    ('city', 'field_dictionary', 'metadata')
    """
    return (*selection.levels, *SHARED)


def database_tables(edition: Edition, selection: Selection) -> list[PostgisTable]:
    """Return the tables of a selection.

    Parameters
    ----------
    edition : Edition
        What is published.
    selection : Selection
        Layers and columns; formats are passed over.

    Returns
    -------
    list[PostgisTable]
        See :func:`table_names`.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [table.name for table in database_tables(sample_edition(), Selection(levels=("lines",)))]
    ['lines', 'field_dictionary', 'metadata']
    """
    layers = selected_layers(edition, selection)
    run = run_id(edition)
    notes = {name: layer_metadata(edition, name, run=run) for name in layers}
    tables = [
        PostgisTable(
            name=name,
            frame=layer.frame,
            key=layer.code,
            fields=layer.fields,
            comment=_comment(edition, layer, str(notes[name]["approval"]), run),
            comments={
                **{field.key: _told(edition, field) for field in (layer.code, *layer.fields)},
                "geom": edition.text(
                    "export.column_geom", title_zh=layer.title_zh, title_en=layer.title_en
                ),
            },
        )
        for name, layer in layers.items()
    ]
    said = {
        f"{name}.{key}": {"value": "" if value is None else str(value)}
        for name, each in notes.items()
        for key, value in each.items()
    }
    return [
        *tables,
        _plain(edition, "field_dictionary", _dictionary(layers.values()), parts=tuple(layers)),
        _plain(edition, "metadata", said, parts=tuple(layers)),
    ]


def _comment(edition: Edition, layer: ExportLayer, approval: str, run: str) -> str:
    text = edition.text
    return text(
        "export.table_comment",
        title_zh=layer.title_zh,
        title_en=layer.title_en,
        boundaries=edition.boundary_source(),
        approval=approval,
        run=run,
    )


def _told(edition: Edition, field: Field) -> str:
    key = "export.column_comment_unit" if field.unit else "export.column_comment"
    return edition.text(
        key,
        title_zh=field.title_zh,
        title_en=field.title_en,
        unit=field.unit,
        description=field.description,
    )


def _dictionary(layers: Iterable[ExportLayer]) -> dict[str, dict[str, str]]:
    return {
        f"{layer.name}.{field.key}": {
            "layer": layer.name,
            "key": field.key,
            "title_zh": field.title_zh,
            "title_en": field.title_en,
            "unit": field.unit,
            "description": field.description,
        }
        for layer in layers
        for field in (layer.code, *layer.fields)
    }


def _plain(
    edition: Edition, name: str, rows: dict[str, dict[str, str]], *, parts: tuple[str, ...]
) -> PostgisTable:
    key, *others = SHARED[name]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=others, dtype="str")
    return PostgisTable(
        name=name,
        frame=frame,
        key=Field(key=key, title_zh=key, title_en=key),
        fields=tuple(Field(key=each, title_zh=each, title_en=each) for each in others),
        comment=edition.text(f"export.table_{name}"),
        comments={each: edition.text(f"export.about.{each}") for each in SHARED[name]},
        parts=parts,
    )
