"""What the columns of an exported file mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.errors import ExportError
from geo.export.table import write_csv

__all__ = ["Field", "check_fields", "field_table", "write_field_dictionary"]

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of an exported file.

    Attributes
    ----------
    key : str
        Name of the column and of the property: ASCII letters, digits and underscores, so
        that every program keeps it whole.
    title_zh, title_en : str
        What to show, in Chinese and English.
    unit : str
        Unit of measurement; empty for none.
    description : str
        What the values mean and where they come from.
    """

    key: str
    title_zh: str
    title_en: str
    unit: str = ""
    description: str = ""


def check_fields(fields: Sequence[Field]) -> None:
    """Refuse keys that other programs would mangle or merge.

    Parameters
    ----------
    fields : Sequence[Field]
        The fields of one file.

    Raises
    ------
    ExportError
        A key is not ASCII letters, digits and underscores beginning with a letter, or two
        keys differ at most in case.

    Examples
    --------
    >>> check_fields([Field(key="score", title_zh="得分", title_en="Score")])
    """
    for field in fields:
        if not _KEY.fullmatch(field.key):
            raise ExportError(
                f"the key {field.key!r} must be ASCII letters, digits and underscores, beginning "
                "with a letter; put the words to show into its titles",
                code="export.bad_key",
                key=field.key,
            )
    folded = [field.key.casefold() for field in fields]
    repeated = sorted({key for key in folded if folded.count(key) > 1})
    if repeated:
        raise ExportError(
            f"the keys {repeated} stand more than once; keys must differ in more than case",
            code="export.repeated_key",
            keys=repeated,
        )


def field_table(fields: Sequence[Field] | Mapping[str, Sequence[Field]]) -> pd.DataFrame:
    """Return the field dictionary as a table.

    Parameters
    ----------
    fields : Sequence[Field] or Mapping[str, Sequence[Field]]
        The fields, or those of every layer by its name.

    Returns
    -------
    pandas.DataFrame
        Text columns ``key``, ``title_zh``, ``title_en``, ``unit``, ``description``; before
        them ``layer`` where there are several, with a row for each field of each layer.

    Examples
    --------
    >>> score = Field(key="score", title_zh="得分", title_en="Score")
    >>> field_table([score])["key"].to_list()
    ['score']
    >>> field_table({"city": [score], "province": [score]})["layer"].to_list()
    ['city', 'province']
    """
    if isinstance(fields, Mapping):
        tables = {name: field_table(each) for name, each in fields.items()}
        for name, table in tables.items():
            table.insert(0, "layer", name)
        return pd.concat(tables.values(), ignore_index=True).astype("str")
    columns = ("key", "title_zh", "title_en", "unit", "description")
    return pd.DataFrame(
        {name: [getattr(field, name) for field in fields] for name in columns}, dtype="str"
    )


def write_field_dictionary(
    fields: Sequence[Field] | Mapping[str, Sequence[Field]], path: Path
) -> None:
    """Write the field dictionary as CSV.

    Parameters
    ----------
    fields : Sequence[Field] or Mapping[str, Sequence[Field]]
        The fields, or those of every layer by its name.
    path : pathlib.Path
        The file to write, atomically.

    Raises
    ------
    ExportError
        A key is unfit (see :func:`check_fields`).

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "fields.csv"
    >>> write_field_dictionary([Field(key="score", title_zh="得分", title_en="Score")], path)
    >>> path.read_text(encoding="utf-8-sig").splitlines()[1]
    'score,得分,Score,,'
    """
    for each in fields.values() if isinstance(fields, Mapping) else [fields]:
        check_fields(each)
    write_csv(field_table(fields), path, index=False)
