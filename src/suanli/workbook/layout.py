"""The plan of a sheet of formulas: columns from left to right, one row per unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from xlsxwriter.utility import xl_col_to_name

from suanli.evaluation import Scores
from suanli.intake.table import IndicatorTable
from suanli.profile import ROOT
from suanli.workbook.grid import NAMES, TOP, Column, Figure, Span
from suanli.workbook.limits import Limit

__all__ = ["BLOCKS", "Chain", "Links", "listed", "numbers", "weight_figure"]

BLOCKS: Final = (
    "raw",
    "variable",
    "indicator",
    "coverage",
    "step",
    "normalised",
    "aggregated",
    "score",
    "rank",
)
"""Stages, from left to right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Cells of other sheets the chain refers to.

    Attributes
    ----------
    weights : Mapping[str, str]
        Cell of the local weight of each node and indicator.
    options : Mapping[str, str]
        Cells of the profile's numbers: ``coverage``, ``lower``, ``upper`` and so on.
    """

    weights: Mapping[str, str]
    options: Mapping[str, str]


@dataclass(slots=True, kw_only=True, eq=False)
class Chain:
    """The columns of one evaluation.

    Attributes
    ----------
    scores : Scores
        The evaluation.
    table : IndicatorTable
        The data it rests on.
    codes : Sequence[str]
        Units, from the first row down.
    links : Links
        Cells of other sheets.
    names : Mapping[str, str]
        What nodes, indicators and raw data are called.
    limits : Mapping[str, Limit]
        What raw values may be, by key of their column; any number where absent.
    columns : list[Column]
        From left to right.
    fixed : set[str]
        What is written as numbers: ``aggregate:<node>``, ``normalise``, ``treat:<indicator>``.
    """

    scores: Scores
    table: IndicatorTable
    codes: Sequence[str]
    links: Links
    names: Mapping[str, str]
    limits: Mapping[str, Limit] = field(default_factory=dict)
    columns: list[Column] = field(default_factory=list)
    fixed: set[str] = field(default_factory=set)
    _found: dict[tuple[str, str], Column] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The last row of units.

        Returns
        -------
        int
            As a spreadsheet counts.
        """
        return TOP + len(self.codes) - 1

    @property
    def units(self) -> str:
        """The range of the codes.

        Returns
        -------
        str
            Rows and column held fast.
        """
        return f"$A${TOP}:$A${self.last}"

    def of(self, block: str, key: str) -> Column:
        """Return a column.

        Parameters
        ----------
        block : str
            Its stage, see :data:`BLOCKS`.
        key : str
            Identifier.

        Returns
        -------
        Column
            The column.
        """
        return self._found[block, key]

    def in_block(self, block: str) -> list[Column]:
        """Return the columns of one stage.

        Parameters
        ----------
        block : str
            See :data:`BLOCKS`.

        Returns
        -------
        list[Column]
            From left to right.
        """
        return [column for column in self.columns if column.block == block]

    def has(self, block: str, key: str) -> bool:
        """Tell whether there is a column.

        Parameters
        ----------
        block : str
            Its stage, see :data:`BLOCKS`.
        key : str
            Identifier.

        Returns
        -------
        bool
            Whether it was added.
        """
        return (block, key) in self._found

    def group(self, key: str) -> str:
        """Return what the parent of a node or indicator is called.

        Parameters
        ----------
        key : str
            Identifier; the index has none.

        Returns
        -------
        str
            Its name, nothing above the index.
        """
        parents = {item.id: item.parent for item in self.scores.spec.items()}
        parent = parents.get(key, "")
        return self.names.get(parent, parent)

    def next_span(self) -> Span:
        """Return where the next column will stand.

        Returns
        -------
        Span
            Right of all others.
        """
        return Span(letter=xl_col_to_name(NAMES + len(self.columns)), last=self.last)

    def add(self, column: Column) -> Column:
        """Append a column.

        Parameters
        ----------
        column : Column
            Made for :meth:`next_span`.

        Returns
        -------
        Column
            The same.
        """
        self.columns.append(column)
        self._found[column.block, column.key] = column
        return column

    def values(self, frame: pd.DataFrame, key: str) -> list[float | None]:
        """Return the values of a stage in the order of the rows.

        Parameters
        ----------
        frame : pandas.DataFrame
            A stage, index code.
        key : str
            One of its columns.

        Returns
        -------
        list[float | None]
            Missing ones as None.
        """
        return listed(frame[key].reindex(list(self.codes)))


def listed(values: pd.Series) -> list[float | None]:
    """Return values as a list.

    Parameters
    ----------
    values : pandas.Series
        Numbers.

    Returns
    -------
    list[float | None]
        Missing ones as None.

    Examples
    --------
    >>> listed(pd.Series([1.0, None]))
    [1.0, None]
    """
    return [None if pd.isna(value) else float(value) for value in values]


def numbers(values: Sequence[float | None]) -> NDArray[np.float64]:
    """Return a list as numbers.

    Parameters
    ----------
    values : Sequence[float | None]
        Missing ones as None.

    Returns
    -------
    numpy.ndarray
        Missing ones as NaN.

    Examples
    --------
    >>> numbers([1.0, None])
    array([ 1., nan])
    """
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def weight_figure(chain: Chain, key: str) -> Figure:
    """Return the local weight of a node or indicator, by a link to where it is set.

    Parameters
    ----------
    chain : Chain
        The chain.
    key : str
        Identifier; the index has no weight.

    Returns
    -------
    Figure
        The weight.

    Examples
    --------
    >>> weight_figure.__name__  # see plan_chain
    'weight_figure'
    """
    if key == ROOT:
        return Figure()
    value = float(chain.scores.weights["local"].astype("float64")[key])
    cell = chain.links.weights[key]
    # A text would count as 0, a negative weight would be taken: neither is a weight.
    formula = f"IF(ISNUMBER({cell}),IF({cell}<0,NA(),{cell}),NA())"
    return Figure(value=value, formula=formula, word="weight")
