"""The units of a table that are scored."""

import pandas as pd

from suanli.intake.table import IndicatorTable

__all__ = ["scored_table"]


def scored_table(table: IndicatorTable, units: pd.DataFrame) -> IndicatorTable:
    """Keep the units that are evaluated: Taiwan, Hong Kong and Macao are drawn, never scored.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    units : pandas.DataFrame
        The level's units, index code, with the column ``evaluated``.

    Returns
    -------
    IndicatorTable
        Cells of the evaluated units.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries
    >>> from suanli.data import load_catalogue
    >>> table = scored_table(load_catalogue().province, load_boundaries().province)
    >>> len(table.codes)
    31
    """
    evaluated = units.index[units["evaluated"]]
    return IndicatorTable(cells=table.cells[table.cells["code"].isin(evaluated)])
