"""Inequality of one year's scores, as the table of the gap prints it."""

import math
from typing import Final

import numpy as np
import pandas as pd

from geo.statistics import coefficient_of_variation, dagum, gini, theil_l, theil_t

__all__ = ["inequality", "weighted_inequality"]

# Stands for a score of zero in Theil's T, whose terms x ln x go to 0 with x: a number so
# small that the terms vanish in double precision, yet its logarithm exists.
_ALMOST_ZERO = 1e-200

_MEASURES: Final = (
    "gini",
    "cv",
    "theil",
    "theil_within",
    "theil_between",
    "between_share",
    "between_p",
    "dagum_within",
    "dagum_between",
    "dagum_transvariation",
    "theil_l",
    "theil_l_within",
    "theil_l_between",
)


def inequality(
    values: pd.Series, groups: pd.Series, *, permutations: int, rng: np.random.Generator
) -> dict[str, float]:
    """Measure how unequally one year's scores are spread, and by which groups.

    Parameters
    ----------
    values : pandas.Series
        One score per unit.
    groups : pandas.Series
        Group of each unit.
    permutations : int
        Regroupings that test the between part of Theil's T.
    rng : numpy.random.Generator
        Source of the regroupings.

    Returns
    -------
    dict
        ``gini``, ``cv``, ``theil`` with its parts, share and p, Dagum's parts of the Gini, and
        Theil's L ``theil_l`` with its parts, NaN where a score is zero; all NaN where a score
        is negative or none is positive.

    Examples
    --------
    >>> values = pd.Series({"a": 1.0, "b": 3.0, "c": 2.0, "d": 6.0})
    >>> groups = pd.Series({"a": "west", "b": "west", "c": "east", "d": "east"})
    >>> rng = np.random.default_rng(1)
    >>> figures = inequality(values, groups, permutations=99, rng=rng)
    >>> round(figures["dagum_between"], 6), round(figures["dagum_transvariation"], 6)
    (0.166667, 0.041667)
    """
    if not _shareable(values):
        return dict.fromkeys(_MEASURES, float("nan"))
    theil = theil_t(
        values.where(values > 0, _ALMOST_ZERO), groups=groups, permutations=permutations, rng=rng
    )
    parts = dagum(values, groups)
    figures = (
        parts.gini,
        coefficient_of_variation(values),
        theil.total,
        theil.within,
        theil.between,
        theil.between_share,
        theil.p_between,
        parts.within,
        parts.between,
        parts.transvariation,
        *_theil_l(values, groups),
    )
    return dict(zip(_MEASURES, figures, strict=True))


def _theil_l(values: pd.Series, groups: pd.Series) -> tuple[float, float, float]:
    """Return Theil's L and its parts; it has no value where a score is zero."""
    if not (values > 0).all():
        return math.nan, math.nan, math.nan
    found = theil_l(values, groups=groups)
    return found.total, found.within, found.between


def weighted_inequality(
    values: pd.Series, groups: pd.Series, population: pd.DataFrame | None, year: int
) -> dict[str, float]:
    """Measure the same with units weighted by their inhabitants.

    Parameters
    ----------
    values : pandas.Series
        One score per unit.
    groups : pandas.Series
        Group of each unit.
    population : pandas.DataFrame or None
        Inhabitants, index year, one column per unit.
    year : int
        Year of the scores.

    Returns
    -------
    dict
        ``n``, ``gini``, ``cv``, ``theil``, ``between_share``, each with the suffix
        ``_population``; NaN where no population is known.

    Examples
    --------
    >>> values = pd.Series({"a": 1.0, "b": 3.0})
    >>> people = pd.DataFrame({"a": [1.0], "b": [1.0]}, index=[2023])
    >>> weighted_inequality(values, pd.Series({"a": 0, "b": 1}), people, 2023)["cv_population"]
    0.5
    """
    names = ("n", "gini", "cv", "theil", "between_share")
    people = pd.Series(dtype=float)
    if population is not None and year in population.index:
        people = population.T[year].reindex(values.index).dropna()
    known = values.reindex(people.index)
    if not _shareable(known):
        figures = [float(len(known)), *[float("nan")] * 4]
    else:
        positive = known.where(known > 0, _ALMOST_ZERO)
        theil = theil_t(positive, groups=groups.reindex(people.index), population=people)
        figures = [
            float(len(known)),
            gini(known, population=people),
            coefficient_of_variation(known, population=people),
            theil.total,
            theil.between_share,
        ]
    return {f"{name}_population": figure for name, figure in zip(names, figures, strict=True)}


def _shareable(values: pd.Series) -> bool:
    return bool(len(values) and values.min() >= 0 and values.max() > 0)
