"""Imputation: each method fills what it can, every filled cell is marked."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from suanli.data import named_units
from suanli.errors import InputError, Problem
from suanli.profile import IndexSpec

__all__ = ["METHODS", "Imputation", "impute"]

_ROUNDS: Final = 100
_TOLERANCE: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imputation:
    """What an imputation method may look at.

    Attributes
    ----------
    frame : pandas.DataFrame
        Indicators, index ``(year, code)``, all years within reach.
    reach : int
        How many years away a value may come from.
    groups : pandas.Series, optional
        Group of each unit, index ``code``.
    neighbours : int
        How many most similar units are averaged.
    years : range, optional
        The years wanted; methods that fill each year by itself leave the others.
    """

    frame: pd.DataFrame
    reach: int
    groups: pd.Series | None = None
    neighbours: int = 5
    years: range | None = None


def _nearest_year(given: Imputation) -> pd.DataFrame:
    """Take the value of the closest year.

    Notes
    -----
    ``x(t) = x(s)`` with the least ``|s - t|`` within reach, the earlier year in a tie

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3
    """
    # The earlier year wins a tie: it was known at the time.
    shifts = [shift for years in range(1, given.reach + 1) for shift in (-years, years)]
    return _filled(given.frame, _first_found(given.frame, shifts)[0])


def _latest(given: Imputation) -> pd.DataFrame:
    """Take the last earlier value.

    Notes
    -----
    ``x(t) = x(s)`` with the largest ``s < t`` within reach

    COINr (Becker et al. 2022), ``impute_panel`` with ``imp_type = "latest"``
    """
    earlier = [-years for years in range(1, given.reach + 1)]
    return _filled(given.frame, _first_found(given.frame, earlier)[0])


def _linear(given: Imputation) -> pd.DataFrame:
    """Interpolate linearly between the years around, never beyond them.

    Notes
    -----
    ``x(t) = x(r) + (x(s) - x(r)) (t - r) / (s - r)``, r and s the closest years with a value
    before and after t, both within reach

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3; COINr's
    ``impute_panel`` with ``imp_type = "linear"``
    """
    span = range(1, given.reach + 1)
    before, back = _first_found(given.frame, [-years for years in span])
    after, ahead = _first_found(given.frame, list(span))
    between = before + (after - before) * (-back / (ahead - back))
    return _filled(given.frame, between)


def _group_median(given: Imputation) -> pd.DataFrame:
    """Take the median of the unit's group in the same year.

    Notes
    -----
    ``x_i = median(x_k)``, k the units of the group of i with a value

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3
    """
    return given.frame.fillna(_of_group(given, "median"))


def _group_mean(given: Imputation) -> pd.DataFrame:
    """Take the mean of the unit's group in the same year.

    Notes
    -----
    ``x_i = mean(x_k)``, k the units of the group of i with a value

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3; COINr's
    ``i_mean_grp``
    """
    return given.frame.fillna(_of_group(given, "mean"))


def _knn(given: Imputation) -> pd.DataFrame:
    """Take the mean of the most similar units of the same year.

    A unit without any value stays as it is.

    Notes
    -----
    ``x_ij = mean(x_kj)``, k the ``neighbours`` units with x_j closest to i: Euclidean distance
    over the indicators both have, each divided by its standard deviation, scaled up for those
    they lack

    Troyanskaya et al., Missing value estimation methods for DNA microarrays, Bioinformatics
    17 (2001)
    """
    from sklearn.impute import KNNImputer  # noqa: PLC0415 - slow to load, seldom asked for

    def filled(scores: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(KNNImputer(n_neighbors=given.neighbours).fit_transform(scores))

    return _by_year(given, filled)


def _iterative(given: Imputation) -> pd.DataFrame:
    """Predict each indicator from all others of the same year, round after round.

    A unit without any value stays as it is; no value leaves the range observed that year.
    Rounds that do not settle are refused.

    Notes
    -----
    Bayesian ridge regression of each indicator on the others, the fewest gaps first, started
    from means, until no standardised value moves by more than 0.001 of the largest

    van Buuren and Groothuis-Oudshoorn, mice: Multivariate Imputation by Chained Equations in
    R, Journal of Statistical Software 45 (2011); one chain, predicted means, no draws
    """
    return _by_year(given, _chained)


def _chained(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    # Slow to load, seldom asked for; the first import makes the second possible.
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401, PLC0415
    from sklearn.impute import IterativeImputer  # noqa: PLC0415

    low, high = np.nanmin(scores, axis=0), np.nanmax(scores, axis=0)
    imputer: Any = IterativeImputer(
        max_iter=_ROUNDS,
        tol=_TOLERANCE,
        random_state=0,  # drawn from only where a posterior is sampled, which it is not
        min_value=low,
        # The range may not be empty, not even of a constant.
        max_value=np.nextafter(high, np.inf),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            return np.asarray(imputer.fit_transform(scores))
        except ConvergenceWarning:
            params = {"rounds": _ROUNDS}
            raise InputError([Problem(code="evaluation.not_settled", params=params)]) from None


METHODS: Final[Mapping[str, Callable[[Imputation], pd.DataFrame]]] = MappingProxyType(
    {
        "nearest_year": _nearest_year,
        "latest": _latest,
        "linear": _linear,
        "group_median": _group_median,
        "group_mean": _group_mean,
        "knn": _knn,
        "iterative": _iterative,
    }
)
"""Imputation methods by name: from other years, from the unit's group, from similar units."""


def impute(
    frame: pd.DataFrame,
    spec: IndexSpec,
    *,
    groups: pd.Series | None = None,
    years: range | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fill missing values by the profile's methods, in their order.

    What no method can fill stays missing; its weight goes to its siblings later.

    Parameters
    ----------
    frame : pandas.DataFrame
        Indicators, index ``(year, code)``.
    spec : IndexSpec
        The profile; ``method.impute`` names the methods.
    groups : pandas.Series, optional
        Group of each unit, index ``code``; needed by methods of groups.
    years : range, optional
        The years wanted, all by default; the others lend values.

    Returns
    -------
    filled : pandas.DataFrame
        Same labels.
    method : pandas.DataFrame
        Name of the method that filled the cell, ``""`` where the value was observed or is
        still missing; same labels.

    Raises
    ------
    InputError
        A method of groups without a group for every unit; or ``iterative`` does not settle.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> index = pd.MultiIndex.from_product([[2022, 2023], ["a"]], names=["year", "code"])
    >>> frame = pd.DataFrame({"x": [1.0, None]}, index=index)
    >>> filled, method = impute(frame, load_profile("caict2024-province"))
    >>> float(filled.loc[(2023, "a"), "x"]), method.loc[(2023, "a"), "x"]
    (1.0, 'nearest_year')
    """
    marks = np.full(frame.shape, "", dtype=object)
    filled = frame
    for name in spec.method.impute:
        given = Imputation(
            frame=filled,
            reach=spec.method.impute_reach,
            groups=groups,
            neighbours=spec.method.neighbours,
            years=years,
        )
        after = METHODS[name](given)
        marks[(filled.isna() & after.notna()).to_numpy()] = name
        filled = after
    return filled, pd.DataFrame(marks, index=frame.index, columns=frame.columns, dtype="str")


def _filled(frame: pd.DataFrame, found: NDArray[np.float64]) -> pd.DataFrame:
    values = frame.to_numpy(dtype=float)
    values = np.where(np.isnan(values), found, values)
    return pd.DataFrame(values, index=frame.index, columns=frame.columns)


def _first_found(
    frame: pd.DataFrame, shifts: list[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the first value found at the shifts, in their order, and its shift."""
    values = frame.to_numpy(dtype=float)
    found, distance = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    # Row -1 of the extended values is the row of a year nobody has.
    extended = np.vstack([values, np.full(values.shape[1], np.nan)])
    years = frame.index.get_level_values("year").to_numpy()
    unit = pd.factorize(frame.index.get_level_values("code"))[0]
    first = int(years.min())
    place = np.full((int(years.max()) - first + 1, int(unit.max()) + 1), -1)
    place[years - first, unit] = np.arange(len(frame))
    for shift in shifts:
        row = years - first + shift
        inside = (row >= 0) & (row < len(place))
        other = extended[np.where(inside, place[np.where(inside, row, 0), unit], -1)]
        fresh = np.isnan(found) & ~np.isnan(other)
        found[fresh], distance[fresh] = other[fresh], shift
    return found, distance


def _of_group(given: Imputation, figure: Literal["median", "mean"]) -> pd.DataFrame:
    method = f"group_{figure}"
    if given.groups is None:
        raise InputError([Problem(code="evaluation.groups_missing", params={"method": method})])
    frame = given.frame
    codes = frame.index.get_level_values("code")
    unknown = sorted(set(codes) - set(given.groups.index))
    if unknown:
        params = {"method": method, "units": named_units(unknown)}
        raise InputError([Problem(code="evaluation.group_unknown", params=params)])
    group = given.groups.reindex(codes).to_numpy()
    return frame.groupby([frame.index.get_level_values("year"), group]).transform(figure)


def _by_year(
    given: Imputation, filled: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> pd.DataFrame:
    """Fill the gaps of each year wanted by itself, on standardised columns.

    Rows and columns without any value are left out: nothing can be said of them.
    """
    frame = given.frame
    values = frame.to_numpy(dtype=float, copy=True)
    years = frame.index.get_level_values("year").to_numpy()
    for year in np.unique(years) if given.years is None else given.years:
        present = ~np.isnan(values) & (years == year)[:, None]
        cells = np.ix_(present.any(axis=1), present.any(axis=0))
        block = values[cells]
        gaps = np.isnan(block)
        if not gaps.any():
            continue
        low, high = np.nanmin(block, axis=0), np.nanmax(block, axis=0)
        mean, scale = np.nanmean(block, axis=0), np.nanstd(block, axis=0)
        scale[low == high] = 1.0
        guess = filled((block - mean) / scale) * scale + mean
        # Rounding may not carry a value out of the range observed, such as below zero.
        block[gaps] = np.clip(guess, low, high)[gaps]
        values[cells] = block
    return pd.DataFrame(values, index=frame.index, columns=frame.columns)
