"""Which column of a layer holds the codes, and which the names, told from their values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd

from geo.errors import LayerError

__all__ = ["ColumnFit", "as_text", "column_fits", "named_column"]

_LEAST: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFit:
    """How well the values of a column are known.

    Attributes
    ----------
    column : str
        Its name.
    share : float
        Share of its rows whose value is known, 0 to 1.
    distinct : int
        How many different units they are.
    """

    column: str
    share: float
    distinct: int


def as_text(column: pd.Series) -> pd.Series:
    """Return values as text without blanks around it; nothing for missing ones.

    Parameters
    ----------
    column : pandas.Series
        Values of whatever kind; whole numbers lose their ``.0``.

    Returns
    -------
    pandas.Series
        Text.

    Examples
    --------
    >>> as_text(pd.Series([110000.0, None])).tolist()
    ['110000', '']
    """
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("string").str.strip().fillna("").astype("str")


def column_fits(
    frame: gpd.GeoDataFrame, known: Callable[[str], str], *, least: float = _LEAST
) -> list[ColumnFit]:
    """Rank the columns by how many of their values are known.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        A layer.
    known : Callable[[str], str]
        The code that a value stands for; nothing where it stands for none.
    least : float, default 0.5
        Columns with a smaller share of known values are left out.

    Returns
    -------
    list[ColumnFit]
        The best first; of equal ones the first in the file.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame({"id": ["1", "2"], "city": ["a", "b"],
    ...     "geometry": [box(0, 0, 1, 1), box(1, 0, 2, 1)]})
    >>> [fit.column for fit in column_fits(layer, lambda text: text if text in "ab" else "")]
    ['city']
    """
    fits = []
    for name in frame.columns:
        if name == frame.geometry.name:
            continue
        text = as_text(frame[name])
        lookup = {value: known(value) for value in text.unique()}
        codes = text.map(lookup)
        share = float((codes != "").mean())
        if share >= least:
            distinct = int(codes[codes != ""].nunique())
            fits.append(ColumnFit(column=str(name), share=share, distinct=distinct))
    return sorted(fits, key=lambda fit: (-fit.distinct, -fit.share))


def named_column(frame: gpd.GeoDataFrame, name: str, *, path: str) -> str:
    """Return the column a user named, whatever its case.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        A layer.
    name : str
        The column wanted.
    path : str
        The file, for the message.

    Returns
    -------
    str
        The name as it stands in the file.

    Raises
    ------
    LayerError
        ``layer.no_column``: there is none; the message lists those there are.

    Examples
    --------
    >>> named_column(gpd.GeoDataFrame({"NAME": ["a"]}, geometry=[None]), "name", path="a.shp")
    'NAME'
    """
    columns = _attributes(frame)
    for column in columns:
        if column == name:
            return column
    folded = [column for column in columns if column.casefold() == name.casefold()]
    if len(folded) == 1:
        return folded[0]
    shown = ", ".join(columns)
    raise LayerError(
        f"{path} has no column {name}; it has {shown}. Name one of these.",
        code="layer.no_column",
        path=path,
        column=name,
        columns=shown,
    )


def _attributes(frame: gpd.GeoDataFrame) -> list[str]:
    names: Iterable[object] = frame.columns
    return [str(name) for name in names if name != frame.geometry.name]
