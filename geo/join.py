"""Join a table to a layer by unit code, and account for both sides."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geo.errors import JoinError

__all__ = ["JoinReport", "join_table"]

_SHOWN = 10
_NOT_TEXT = {"layer": "join.layer_not_text", "table": "join.table_not_text"}
_DUPLICATES = {"layer": "join.layer_duplicates", "table": "join.table_duplicates"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinReport:
    """Which units met and which did not.

    Attributes
    ----------
    matched : tuple of str
        Codes on both sides, sorted.
    layer_only : tuple of str
        Codes of the layer without a row in the table, sorted.
    table_only : tuple of str
        Codes of the table without a unit in the layer, sorted.
    """

    matched: tuple[str, ...]
    layer_only: tuple[str, ...]
    table_only: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every code met its counterpart."""
        return not (self.layer_only or self.table_only)


def join_table(layer: gpd.GeoDataFrame, table: pd.DataFrame) -> tuple[gpd.GeoDataFrame, JoinReport]:
    """Join the columns of a table to a layer by code.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Units indexed by code as text.
    table : pandas.DataFrame
        Values indexed by code as text.

    Returns
    -------
    geopandas.GeoDataFrame
        Every unit of the layer in its order; missing values where the table has no row.
    JoinReport
        Codes that met and codes that did not.

    Raises
    ------
    JoinError
        ``join.layer_duplicates``, ``join.table_duplicates``: codes that occur twice on one
        side. ``join.layer_not_text``, ``join.table_not_text``: codes that are not text.
        ``join.columns``: columns on both sides. ``join.nothing``: no code meets.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame({"geometry": [box(0, 0, 1, 1), box(1, 0, 2, 1)]}, index=["a", "b"])
    >>> frame, report = join_table(layer, pd.DataFrame({"score": [5.0, 7.0]}, index=["b", "c"]))
    >>> frame["score"].tolist(), report.layer_only, report.table_only
    ([nan, 5.0], ('a',), ('c',))
    """
    for side, index in (("layer", layer.index), ("table", table.index)):
        _check_codes(index, side)
    both = [str(column) for column in table.columns.intersection(layer.columns)]
    if both:
        raise JoinError(
            f"columns {', '.join(both)} stand in the layer and in the table. Rename them.",
            code="join.columns",
            columns=", ".join(both),
        )
    matched = layer.index.intersection(table.index)
    if matched.empty:
        raise JoinError(
            f"no code of the table ({_some(table.index)}) is in the layer "
            f"({_some(layer.index)}). Check the code column and its leading zeros.",
            code="join.nothing",
            table=_some(table.index),
            layer=_some(layer.index),
        )
    report = JoinReport(
        matched=_sorted(matched),
        layer_only=_sorted(layer.index.difference(table.index)),
        table_only=_sorted(table.index.difference(layer.index)),
    )
    return layer.join(table), report


def _check_codes(index: pd.Index, side: str) -> None:
    other = [label for label in index if not isinstance(label, str)]
    if other:
        raise JoinError(
            f"{len(other)} codes of the {side} are not text: {_some(pd.Index(other))}. "
            "Read the code column as text.",
            code=_NOT_TEXT[side],
            units=_some(pd.Index(other)),
            count=len(other),
        )
    twice = index[index.duplicated()].unique()
    if len(twice):
        raise JoinError(
            f"{len(twice)} codes occur more than once in the {side}: {_some(twice)}. "
            "Keep one row per unit.",
            code=_DUPLICATES[side],
            units=_some(twice),
            count=len(twice),
        )


def _sorted(index: pd.Index) -> tuple[str, ...]:
    return tuple(sorted(str(label) for label in index))


def _some(index: pd.Index) -> str:
    shown = ", ".join(str(label) for label in index[:_SHOWN])
    return f"{shown} ..." if len(index) > _SHOWN else shown
