"""``suanli export``: what columns there are, and what is asked for."""

import re
from collections.abc import Iterable

import pandas as pd

from suanli.publish.gis_layers import LAYERS, layer_fields
from suanli.publish.package import Selection
from suanli.run.config import RunConfig
from suanli.run.inputs import load_inputs, study_of
from suanli.run.parts import Answer
from suanli.run.whole import edition_of

__all__ = ["list_columns", "selection"]


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

    Examples
    --------
    >>> chosen = selection(levels=["city"], columns=["index,demand", "lisa_p"])
    >>> chosen.formats, chosen.columns
    (('geojson', 'gpkg'), ('index', 'demand', 'lisa_p'))
    >>> selection() is None
    True
    """
    named = [name for item in columns or () for name in re.split(r"[,，、;；\s]+", item) if name]
    given = {
        "formats": tuple(dict.fromkeys(formats or ())),
        "levels": tuple(dict.fromkeys(levels or ())),
        "columns": tuple(dict.fromkeys(named)),
    }
    chosen = {key: value for key, value in given.items() if value}
    return Selection(**chosen) if chosen else None


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
        Table ``columns``: ``key``, ``title_zh``, ``title_en``, ``unit``, ``layers``,
        ``description``.

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
    rows: dict[str, dict[str, str]] = {}
    for name in chosen:
        for field in layer_fields(edition, name):
            row = rows.setdefault(
                field.key,
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
