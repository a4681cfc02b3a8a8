"""Values, weights and groups that meet by label, in an order fixed by the labels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.preparation import sorted_positions
from geo.weights.construction import check_series, name_labels, named

__all__ = ["Grouped", "checked", "group", "matched"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouped:
    """Values in contiguous runs of one group each; within a run in label order."""

    names: pd.Index
    starts: NDArray[np.intp]
    sizes: NDArray[np.int64]
    values: NDArray[np.float64]
    population: NDArray[np.float64]

    def sums(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum the last axis group by group."""
        return np.add.reduceat(numbers, self.starts, axis=-1)


def checked(values: pd.Series) -> pd.Series:
    """Return values as float in label order; refuse repeated labels and missing values.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit.

    Returns
    -------
    pandas.Series
        The values sorted by label, so that sums do not depend on the caller's order.

    Raises
    ------
    geo.errors.StatisticsError
        No unit, a label repeats, or a value is missing or not finite.
    geo.errors.WeightsError
        The values are no Series.

    Examples
    --------
    >>> checked(pd.Series({"b": 2, "a": 1})).to_dict()
    {'a': 1.0, 'b': 2.0}
    """
    check_series(values)
    if len(values) == 0:
        raise StatisticsError("there are no units; give at least one", code="statistics.empty")
    _refuse(
        values.index[values.index.duplicated()].unique(),
        "labels occur more than once: {}; give each unit one label",
        "statistics.labels_duplicate",
    )
    try:
        number = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError(
            f"the values of {values.name!r} are not numbers (dtype {values.dtype})",
            code="statistics.not_numeric",
            name=values.name,
            dtype=str(values.dtype),
        ) from error
    _refuse(
        values.index[~np.isfinite(number.to_numpy())],
        "values are missing or not finite for {}; drop these units or supply the values",
        "statistics.values_missing",
    )
    return number.iloc[sorted_positions(number.index)]


def matched(values: pd.Series, other: pd.Series, *, what: str) -> pd.Series:
    """Return ``other`` in the order of ``values``.

    Parameters
    ----------
    values : pandas.Series
        Units, as :func:`checked` returned them.
    other : pandas.Series
        Something known of exactly these units.
    what : str
        Its name in error messages.

    Returns
    -------
    pandas.Series
        ``other`` on the index of ``values``.

    Raises
    ------
    geo.errors.StatisticsError
        A label repeats, is missing or extra, or an entry is missing.

    Examples
    --------
    >>> values = pd.Series({"a": 1.0, "b": 2.0})
    >>> matched(values, pd.Series({"b": "east", "a": "west"}), what="groups").tolist()
    ['west', 'east']
    """
    _refuse(
        other.index[other.index.duplicated()].unique(),
        what + " name units more than once: {}",
        "statistics.labels_duplicate",
    )
    for lacking, sentence in (
        (values.index.difference(other.index, sort=False), what + " lack the units {}"),
        (other.index.difference(values.index, sort=False), what + " name units without value: {}"),
    ):
        _refuse(lacking, sentence, "statistics.labels_mismatch")
    aligned = other.reindex(values.index)
    _refuse(
        aligned.index[aligned.isna()], what + " are missing for {}", "statistics.values_missing"
    )
    return aligned


def group(values: pd.Series, groups: pd.Series, *, population: pd.Series | None = None) -> Grouped:
    """Sort units into contiguous groups.

    Parameters
    ----------
    values : pandas.Series
        One finite number per unit.
    groups : pandas.Series
        The group of each unit.
    population : pandas.Series, optional
        Positive weight of each unit; equal weights if not given.

    Returns
    -------
    Grouped
        Groups in sorted order.

    Raises
    ------
    geo.errors.StatisticsError
        The labels of the three do not match, or something is missing.

    Examples
    --------
    >>> runs = group(pd.Series({"a": 1, "b": 2, "c": 4}), pd.Series({"c": 1, "b": 0, "a": 1}))
    >>> list(runs.names), runs.sums(runs.values).tolist()
    ([0, 1], [2.0, 5.0])
    """
    number = checked(values)
    membership = matched(number, groups, what="groups")
    weight = positive_population(number, population)
    codes, names = pd.factorize(membership)
    rank = np.empty(len(names), dtype=np.intp)
    name_order = sorted_positions(pd.Index(names))
    rank[name_order] = np.arange(len(names))
    order = np.argsort(rank[codes], kind="stable")
    sizes = np.bincount(rank[codes])
    return Grouped(
        names=pd.Index(names).take(name_order),
        starts=np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp),
        sizes=sizes,
        values=number.to_numpy()[order],
        population=weight[order],
    )


def positive_population(values: pd.Series, population: pd.Series | None) -> NDArray[np.float64]:
    """Return the population of each unit of ``values``, ones if not given."""
    if population is None:
        return np.ones(len(values))
    aligned = matched(values, checked(population), what="populations")
    _refuse(
        aligned.index[aligned <= 0],
        "populations must be positive; they are not for {}",
        "statistics.population_not_positive",
    )
    return aligned.to_numpy(dtype=np.float64)


def _refuse(labels: pd.Index, sentence: str, code: str) -> None:
    if len(labels):
        raise StatisticsError(sentence.format(name_labels(labels)), code=code, **named(labels))
