"""A balanced panel: the same units in every year, in an order fixed by the labels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.grouping import checked
from geo.weights.construction import name_labels, named

__all__ = ["Panel", "as_panel", "refuse_below"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """Values of n units in T years, years ascending."""

    labels: pd.Index
    years: NDArray[np.float64]
    values: Floats  # shape (n, T)


def as_panel(values: pd.DataFrame, *, fewest_years: int = 2) -> Panel:
    """Check a panel and bring it into canonical order.

    Parameters
    ----------
    values : pandas.DataFrame
        Index year, one column per unit, no gaps.
    fewest_years : int, default 2
        Years needed.

    Returns
    -------
    Panel
        Units sorted by label, years ascending.

    Raises
    ------
    geo.errors.StatisticsError
        A year or label repeats, a year is no number, a value is missing, or there are too
        few years.

    Examples
    --------
    >>> panel = as_panel(pd.DataFrame({"b": [4, 3], "a": [2, 1]}, index=[2023, 2022]))
    >>> list(panel.labels), panel.values.tolist()
    (['a', 'b'], [[1.0, 2.0], [3.0, 4.0]])
    """
    repeated = list(values.index[values.index.duplicated()].unique())
    if repeated:
        raise StatisticsError(
            f"years occur more than once: {name_labels(repeated)}; give each year one row",
            code="statistics.years_duplicate",
            **named(repeated),
        )
    if len(values) < fewest_years:
        raise StatisticsError(
            f"at least {fewest_years} years are needed, got {len(values)}",
            code="statistics.too_few_years",
            n=len(values),
            fewest=fewest_years,
        )
    try:
        years = values.index.to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError(
            f"the values of 'year' are not numbers (dtype {values.index.dtype})",
            code="statistics.not_numeric",
            name="year",
            dtype=str(values.index.dtype),
        ) from error
    order = np.argsort(years)
    rows = [checked(values.iloc[position]) for position in order]
    return Panel(
        labels=rows[0].index,
        years=years[order],
        values=np.column_stack([row.to_numpy() for row in rows]),
    )


def refuse_below(panel: Panel, *, zero: bool) -> None:
    """Refuse a panel with negative values, and unless ``zero`` with zeros.

    Parameters
    ----------
    panel : Panel
        Values.
    zero : bool
        Whether a value of zero is allowed.

    Raises
    ------
    geo.errors.StatisticsError
        A value is negative or, where that is not allowed, zero.

    Examples
    --------
    >>> refuse_below(as_panel(pd.DataFrame({"a": [1, 0]}, index=[1, 2])), zero=False)
    Traceback (most recent call last):
        ...
    geo.errors.StatisticsError: logarithms need positive values; zero or negative: a
    """
    low = panel.values < 0.0 if zero else panel.values <= 0.0
    refused = list(panel.labels.take(np.flatnonzero(low.any(axis=1))))
    if refused and zero:
        raise StatisticsError(
            f"the measure needs values that are not negative; negative: {name_labels(refused)}",
            code="statistics.negative",
            **named(refused),
        )
    if refused:
        raise StatisticsError(
            f"logarithms need positive values; zero or negative: {name_labels(refused)}",
            code="statistics.log_not_positive",
            **named(refused),
        )
