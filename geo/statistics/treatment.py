"""A panel of units, and when each was first treated."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.preparation import sorted_positions
from geo.weights.construction import check_labels, name_labels, named

__all__ = ["Treatment", "treatment_of"]

Floats = NDArray[np.float64]

_FEWEST_YEARS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Treatment:
    """A panel and when its units were first treated, in an order fixed by the labels.

    ``first`` is +inf for a unit not treated within the panel and -inf for one that takes no
    part.
    """

    labels: pd.Index
    years: Floats
    outcome: Floats  # shape (n, T), NaN where missing
    first: Floats
    strata: NDArray[np.intp]

    @property
    def left_out(self) -> tuple[Any, ...]:
        """Labels of the units that take no part."""
        return tuple(self.labels[np.isneginf(self.first)])

    def cohorts(self) -> pd.Series:
        """Count treated units by first treated year."""
        years, counts = np.unique(self.first[np.isfinite(self.first)], return_counts=True)
        return pd.Series(counts, index=pd.Index(years, name="first_treated"), name="units")

    def assignments(self, drawn: pd.DataFrame) -> Floats:
        """Check redrawn treatments and bring them into the order of the units.

        Parameters
        ----------
        drawn : pandas.DataFrame
            First treated years, one row per draw, one column per unit.

        Returns
        -------
        numpy.ndarray of float, shape (draws, n)
            Years, +inf for never, -inf for left out.
        """
        check_labels(drawn.columns)
        _refuse_apart(self.labels, drawn.columns, "redrawn treatments")
        return _bounded(drawn[self.labels].to_numpy(dtype=np.float64), self.years)


def treatment_of(
    outcome: pd.DataFrame, first_treated: pd.Series, strata: pd.Series | None = None
) -> Treatment:
    """Check a panel with its treatment and bring it into canonical order.

    Parameters
    ----------
    outcome : pandas.DataFrame
        Index year, one column per unit, NaN where missing.
    first_treated : pandas.Series
        First treated year by unit, NaN for never.
    strata : pandas.Series, optional
        Stratum by unit.

    Returns
    -------
    Treatment
        Units sorted by label, years ascending.

    Raises
    ------
    geo.errors.StatisticsError
        Labels or years repeat or differ, years are no numbers, values are infinite, or a
        stratum is missing.

    Examples
    --------
    >>> outcome = pd.DataFrame({"b": [1.0, 2.0], "a": [3.0, None]}, index=[2021, 2022])
    >>> treatment_of(outcome, pd.Series({"a": None, "b": 2022})).first.tolist()
    [inf, 2022.0]
    """
    check_labels(outcome.columns)
    check_labels(first_treated.index)
    years = _years(outcome.index)
    labels = outcome.columns.take(sorted_positions(outcome.columns))
    _refuse_apart(labels, first_treated.index, "first treated years")
    number = outcome[labels].to_numpy(dtype=np.float64, na_value=np.nan).T
    infinite = list(labels[np.isinf(number).any(axis=1)])
    if infinite:
        raise StatisticsError(
            f"values are missing or not finite for {name_labels(infinite)}; a logarithm of "
            "zero is none",
            code="statistics.values_missing",
            **named(infinite),
        )
    order = np.argsort(years)
    first = first_treated.reindex(labels).to_numpy(dtype=np.float64, na_value=np.nan)
    return Treatment(
        labels=labels,
        years=years[order],
        outcome=number[:, order],
        first=_bounded(first, years[order]),
        strata=_strata(labels, strata),
    )


def _years(index: pd.Index) -> Floats:
    repeated = list(index[index.duplicated()].unique())
    if repeated:
        raise StatisticsError(
            f"years occur more than once: {name_labels(repeated)}; give each year one row",
            code="statistics.years_duplicate",
            **named(repeated),
        )
    if len(index) < _FEWEST_YEARS:
        raise StatisticsError(
            f"at least {_FEWEST_YEARS} years are needed, got {len(index)}",
            code="statistics.too_few_years",
            n=len(index),
            fewest=_FEWEST_YEARS,
        )
    try:
        return index.to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError(
            f"the values of 'year' are not numbers (dtype {index.dtype})",
            code="statistics.not_numeric",
            name="year",
            dtype=str(index.dtype),
        ) from error


def _bounded(first: Floats, years: Floats) -> Floats:
    """Write never and too late as +inf, and from the start as -inf."""
    bounded = first.copy()
    np.copyto(bounded, -np.inf, where=first <= years[0])
    # NaN is never; it compares as false.
    np.copyto(bounded, np.inf, where=~(first <= years[-1]))
    return bounded


def _strata(labels: pd.Index, strata: pd.Series | None) -> NDArray[np.intp]:
    if strata is None:
        return np.zeros(len(labels), dtype=np.intp)
    check_labels(strata.index)
    _refuse_apart(labels, strata.index, "strata")
    codes = pd.factorize(strata.reindex(labels))[0].astype(np.intp)
    lacking = list(labels[codes < 0])
    if lacking:
        raise StatisticsError(
            f"strata are missing for {name_labels(lacking)}",
            code="statistics.values_missing",
            **named(lacking),
        )
    return codes


def _refuse_apart(labels: pd.Index, others: pd.Index, what: str) -> None:
    apart = labels.symmetric_difference(others, sort=False)
    if len(apart):
        raise StatisticsError(
            f"{what} and outcome differ in the units {name_labels(apart)}",
            code="statistics.labels_mismatch",
            **named(apart),
        )
