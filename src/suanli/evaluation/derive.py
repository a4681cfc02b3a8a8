"""Derived indicators: the profile's expressions computed over the table, year by year."""

from collections.abc import Sequence

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.expression import ExpressionError
from suanli.intake.table import IndicatorTable
from suanli.profile import IndexSpec, Indicator

__all__ = ["derive", "observed"]


def observed(table: IndicatorTable, spec: IndexSpec) -> pd.DataFrame:
    """Return the table's values that the profile's expressions use, in the evaluated year.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile.

    Returns
    -------
    pandas.DataFrame
        Floats in the table's units, index ``code``, one column per table indicator.

    Raises
    ------
    InputError
        The table lacks an indicator.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> observed(load_catalogue().province, load_profile("caict2024-province")).shape[0]
    31
    """
    names = sorted({name for item in spec.indicator for name in item.expression.names})
    return table.wide(spec.year, names)


def derive(table: IndicatorTable, spec: IndexSpec, *, years: Sequence[int]) -> pd.DataFrame:
    """Compute every indicator of the profile for several years.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile.
    years : Sequence[int]
        The years wanted.

    Returns
    -------
    pandas.DataFrame
        Floats in the indicators' units, index ``(year, code)``, one column per indicator in
        the profile's order; missing where an input is missing.

    Raises
    ------
    InputError
        The table lacks an indicator, or an expression divides by zero or leaves a
        function's domain; the units are named.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> derive(load_catalogue().province, load_profile("caict2024-province"),
    ...        years=[2022, 2023]).index.names
    FrozenList(['year', 'code'])
    """
    names = sorted({name for item in spec.indicator for name in item.expression.names})
    wanted = sorted({item.year or year for item in spec.indicator for year in years})
    wide = {year: table.wide(year, names) for year in wanted}
    problems: list[Problem] = []
    blocks = {
        year: pd.DataFrame(
            {
                item.id: _one(item, wide[item.year or year], year, problems)
                for item in spec.indicator
            }
        )
        for year in years
    }
    if problems:
        raise InputError(problems)
    return pd.concat(blocks, names=["year", "code"])


def _one(item: Indicator, wide: pd.DataFrame, year: int, problems: list[Problem]) -> pd.Series:
    expression = item.expression
    try:
        return expression.compute({name: wide[name] for name in expression.names})
    except ExpressionError as error:
        params = {"id": item.id, "text": expression.text, "year": year, "units": error.detail}
        problems.append(Problem(code=f"evaluation.{error.reason}", params=params))
    return pd.Series(float("nan"), index=wide.index)
