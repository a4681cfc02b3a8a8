"""Imputation: each method fills what it can, every filled cell is marked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.profile import IndexSpec

__all__ = ["METHODS", "Imputation", "impute"]


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
    """

    frame: pd.DataFrame
    reach: int
    groups: pd.Series | None = None


def _nearest_year(given: Imputation) -> pd.DataFrame:
    """Take the value of the closest year.

    Notes
    -----
    ``x(t) = x(s)`` with the least ``|s - t|`` within reach, the earlier year in a tie

    OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3
    """
    frame = given.frame
    filled = frame.copy()
    years = frame.index.get_level_values("year")
    for distance in range(1, given.reach + 1):
        # The earlier year wins a tie: it was known at the time.
        for shift in (-distance, distance):
            source = frame.set_axis(
                pd.MultiIndex.from_arrays(
                    [years - shift, frame.index.get_level_values("code")], names=["year", "code"]
                )
            )
            filled = filled.fillna(source.reindex(frame.index))
    return filled


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


def _of_group(given: Imputation, figure: Literal["median", "mean"]) -> pd.DataFrame:
    method = f"group_{figure}"
    if given.groups is None:
        raise InputError([Problem(code="evaluation.groups_missing", params={"method": method})])
    frame = given.frame
    codes = frame.index.get_level_values("code")
    unknown = sorted(set(codes) - set(given.groups.index))
    if unknown:
        params = {"method": method, "units": ", ".join(unknown)}
        raise InputError([Problem(code="evaluation.group_unknown", params=params)])
    group = given.groups.reindex(codes).to_numpy()
    return frame.groupby([frame.index.get_level_values("year"), group]).transform(figure)


METHODS: Final[Mapping[str, Callable[[Imputation], pd.DataFrame]]] = MappingProxyType(
    {"nearest_year": _nearest_year, "group_median": _group_median, "group_mean": _group_mean}
)
"""Imputation methods by name: values of the closest year; median or mean of the unit's group."""


def impute(
    frame: pd.DataFrame, spec: IndexSpec, *, groups: pd.Series | None = None
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
        A method of groups without a group for every unit.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> index = pd.MultiIndex.from_product([[2022, 2023], ["a"]], names=["year", "code"])
    >>> frame = pd.DataFrame({"x": [1.0, None]}, index=index)
    >>> filled, method = impute(frame, load_profile("caict2024-province"))
    >>> float(filled.loc[(2023, "a"), "x"]), method.loc[(2023, "a"), "x"]
    (1.0, 'nearest_year')
    """
    marks = pd.DataFrame("", index=frame.index, columns=frame.columns)
    filled = frame
    for name in spec.method.impute:
        given = Imputation(frame=filled, reach=spec.method.impute_reach, groups=groups)
        after = METHODS[name](given)
        marks = marks.mask(filled.isna() & after.notna(), name)
        filled = after
    return filled, marks
