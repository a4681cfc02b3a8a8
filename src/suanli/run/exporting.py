"""``suanli export``: what columns there are, and what is asked for."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import pandas as pd

from geo.export import Field
from geo.export.postgis import check_postgis, write_postgis
from suanli.errors import InputError, Problem
from suanli.publish.database import SHARED, database_tables
from suanli.publish.gis_layers import LAYERS, layer_fields
from suanli.publish.package import Selection, refuse_selection
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs, study_of
from suanli.run.orders import layer_stages
from suanli.run.parts import Answer
from suanli.run.whole import edition_of

__all__ = ["export_database", "list_columns", "refuse_mixed", "selection"]

SCHEMA: Final = "suanli"
"""Schema of a database that is written into when none is named."""

_OF_FILES: Final = ("--format", "--out")


def selection(
    formats: Iterable[str] | None = None,
    levels: Iterable[str] | None = None,
    columns: Iterable[str] | None = None,
) -> Selection | None:
    """Bind the options of ``suanli export`` together.

    Parameters
    ----------
    formats, levels : Iterable[str], optional
        Names of formats and layers.
    columns : Iterable[str], optional
        Names of columns; each may hold several, separated by commas or blanks.

    Returns
    -------
    Selection or None
        None where nothing is chosen: then the whole package is meant.

    Raises
    ------
    InputError
        Columns are asked for, and none is named.

    Examples
    --------
    >>> chosen = selection(levels=["city"], columns=["index,demand", "lisa_p"])
    >>> chosen.formats, chosen.columns
    (('geojson', 'gpkg'), ('index', 'demand', 'lisa_p'))
    >>> selection() is None
    True
    """
    named = [name for item in columns or () for name in re.split(r"[,，、;；\s]+", item) if name]
    if columns and not named:
        raise InputError([Problem(code="export.no_columns", params={})])
    given = {
        "formats": tuple(dict.fromkeys(formats or ())),
        "levels": tuple(dict.fromkeys(levels or ())),
        "columns": tuple(dict.fromkeys(named)),
    }
    chosen = {key: value for key, value in given.items() if value}
    return Selection(**chosen) if chosen else None


def refuse_mixed(given: Mapping[str, bool], *, to: bool) -> None:
    """Refuse options that make no sense together.

    Parameters
    ----------
    given : Mapping[str, bool]
        Whether options were given, by name: ``--format`` and ``--out`` are of files,
        ``--schema`` and ``--replace`` of databases.
    to : bool
        Whether a database is written into.

    Raises
    ------
    InputError
        Options of files with a database, or the other way round.

    Examples
    --------
    >>> refuse_mixed({"--format": True, "--schema": False}, to=False)
    """
    wrong = [name for name, there in given.items() if there and (name in _OF_FILES) == to]
    if wrong:
        code = "export.to_files" if to else "export.no_to"
        raise InputError([Problem(code=code, params={"options": ", ".join(wrong)})])


def export_database(
    config: RunConfig,
    url: str,
    *,
    schema: str = SCHEMA,
    replace: bool = False,
    chosen: Selection | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, int]:
    """Write layers into a PostGIS database; nothing is written to disk.

    Parameters
    ----------
    config : RunConfig
        What the run is told.
    url : str
        ``postgresql://user@host/database``.
    schema : str
        The schema to write into.
    replace : bool
        Replace layers that are there. What is said of other layers is kept either way.
    chosen : Selection, optional
        Layers and columns; all by default.
    progress : Callable[[str], None], optional
        Called with the name of each step.

    Returns
    -------
    dict[str, int]
        Rows of every table.

    Raises
    ------
    InputError
        The input is rejected, or a column is in none of the layers.
    geo.errors.ExportError
        See :func:`geo.export.postgis.write_postgis`; what can be told before the study is
        told before it.

    Examples
    --------
    >>> export_database(RunConfig(), "http://localhost")
    Traceback (most recent call last):
    geo.errors.ExportError: the address of the database cannot be read...
    """
    wanted = chosen or Selection()
    progress("inputs")
    check_postgis(url, wanted.levels, schema=schema, replace=replace, shared=SHARED)
    inputs = load_inputs(config)
    refuse_selection(edition_of(inputs, study_of(inputs, config, stages=()), config), wanted)
    stages = layer_stages(wanted.levels)
    study = study_of(inputs, config, stages=stages, progress=progress)
    progress("gis")
    tables = database_tables(edition_of(inputs, study, config), wanted)
    return write_postgis(url, tables, schema=schema, replace=replace)


def list_columns(config: RunConfig, levels: Iterable[str] | None = None) -> Answer:
    """List the columns of the layers with what they mean.

    Parameters
    ----------
    config : RunConfig
        What a run would be told: profiles decide which columns there are.
    levels : Iterable[str], optional
        Layers; all by default.

    Returns
    -------
    Answer
        Table ``columns``, a row for every meaning of a key: ``key``, ``title_zh``,
        ``title_en``, ``unit``, ``layers``, ``description``.

    Raises
    ------
    InputError
        The input is rejected.

    Examples
    --------
    >>> table = list_columns(RunConfig(), ["lines"]).tables["columns"]
    >>> table["key"].to_list()
    ['code', 'kind']
    """
    inputs = load_inputs(config)
    edition = edition_of(inputs, study_of(inputs, config, stages=()), config)
    text = edition.text
    chosen = [name for name in LAYERS if name in set(levels or LAYERS)]
    # By the whole field: one key may mean another thing in each layer.
    rows: dict[Field, dict[str, str]] = {}
    for name in chosen:
        for field in layer_fields(edition, name):
            row = rows.setdefault(
                field,
                {
                    "key": field.key,
                    "title_zh": field.title_zh,
                    "title_en": field.title_en,
                    "unit": field.unit,
                    "layers": "",
                    "description": field.description,
                },
            )
            row["layers"] = f"{row['layers']}, {name}".removeprefix(", ")
    table = pd.DataFrame(rows.values())
    heads = {"key": "key", f"title_{text.lang}": "title", "unit": "unit", "layers": "layers"}
    shown = table[list(heads)].rename(
        columns={key: text(f"export.column_{name}") for key, name in heads.items()}
    )
    return Answer(
        tables={"columns": table}, shown={text("export.columns_title"): shown}, sentences=()
    )
