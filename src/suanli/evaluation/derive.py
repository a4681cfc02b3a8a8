"""Derived indicators: the profile's expressions computed over the table, year by year."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from suanli.data import named_units
from suanli.errors import InputError, Problem
from suanli.expression import ExpressionError
from suanli.intake.table import IndicatorTable, suggestion
from suanli.profile import IndexSpec, Indicator, Variable

__all__ = ["derive", "observed"]


def observed(table: IndicatorTable, spec: IndexSpec, *, year: int | None = None) -> pd.DataFrame:
    """Return the table's values that the profile's expressions use.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile.
    year : int, optional
        The year; the evaluated one by default.

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
    return table.wide(spec.year if year is None else year, spec.inputs())


def derive(table: IndicatorTable, spec: IndexSpec, *, years: Sequence[int]) -> pd.DataFrame:
    """Compute every indicator of the profile for several years.

    Parameters
    ----------
    table : IndicatorTable
        The data.
    spec : IndexSpec
        The profile.
    years : Sequence[int]
        The years wanted. ``lag`` and ``growth`` look back over all years of the table.

    Returns
    -------
    pandas.DataFrame
        Floats in the indicators' units, index ``(year, code)``, one column per indicator in
        the profile's order; missing where an input is missing.

    Raises
    ------
    InputError
        An expression uses a name neither the table nor the profile's variables have, a
        variable has the name of an indicator of the table, or an expression divides by
        zero, grows from a base that is not positive or leaves a function's domain; the
        units are named.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> derive(load_catalogue().province, load_profile("caict2024-province"),
    ...        years=[2022, 2023]).index.names
    FrozenList(['year', 'code'])
    """
    problems = list(_names(table, spec))
    source = _Source(table, spec)
    codes = table.codes
    values = np.empty((len(years), len(codes), len(spec.indicator)))
    # What lacks no name is computed all the same, so that everything wrong is said at once.
    sound = [n for n, item in enumerate(spec.indicator) if set(spec.inputs(item)) <= source.known]
    for block, year in zip(values, years, strict=True):
        for place in sound:
            item = spec.indicator[place]
            block[:, place] = source.computed(item, item.year or year)
    problems += _once(source.problems)
    if problems:
        raise InputError(problems)
    return pd.DataFrame(
        values.reshape(-1, len(spec.indicator)),
        index=pd.MultiIndex.from_product([years, codes], names=["year", "code"]),
        columns=[item.id for item in spec.indicator],
    )


def _names(table: IndicatorTable, spec: IndexSpec) -> Iterator[Problem]:
    known = set(table.indicators)
    variables = {variable.id for variable in spec.variable}
    for name in sorted(known & variables):
        yield Problem(code="evaluation.variable_shadows", params={"id": name})
    items: list[Indicator | Variable] = [*spec.variable, *spec.indicator]
    for item in items:
        for name in item.expression.names:
            if name not in known | variables:
                near = suggestion(name, sorted(known | variables), kind="names")
                if item.expression.text == name == item.id:
                    yield Problem(code="evaluation.no_values", params={"id": name, **near})
                else:
                    params = {"id": item.id, "text": item.expression.text, "name": name}
                    yield Problem(code="evaluation.unknown_name", params=params | near)


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Say what is wrong with the same units in several years in one sentence."""
    years: dict[str, list[int]] = {}
    for problem in problems:
        years.setdefault(_but_year(problem), []).append(problem.params["year"])
    first = {_but_year(problem): problem for problem in reversed(problems)}
    return [
        first[key]
        if len(those) == 1
        else replace(first[key], params={**first[key].params, "year": ", ".join(map(str, those))})
        for key, those in years.items()
    ]


def _but_year(problem: Problem) -> str:
    return f"{problem.code} {dict(problem.params) | {'year': ''}}"


class _Source:
    """Values by name and year: of the table, or of a variable, computed when first asked for."""

    def __init__(self, table: IndicatorTable, spec: IndexSpec) -> None:
        self.table = table
        self.known = set(table.indicators)
        self.names = [name for name in spec.inputs() if name in self.known]
        self.variables = {variable.id: variable for variable in spec.variable}
        self.problems: list[Problem] = []
        self._values: dict[tuple[str, int], NDArray[np.float64]] = {}

    def __call__(self, name: str, year: int) -> NDArray[np.float64]:
        if (name, year) not in self._values:
            if name in self.variables:
                self._values[name, year] = self.computed(self.variables[name], year)
            else:
                wide = self.table.wide(year, self.names).to_numpy().T
                self._values |= {(n, year): v for n, v in zip(self.names, wide, strict=True)}
        return self._values[name, year]

    def computed(self, item: Indicator | Variable, year: int) -> NDArray[np.float64]:
        expression = item.expression
        try:
            return expression.compute(self, year)
        except ExpressionError as error:
            codes = np.array(self.table.codes)[error.where].tolist()
            params: dict[str, object] = {"id": item.id, "text": expression.text, "year": year}
            params |= {"units": named_units(codes)}
            problem = Problem(code=f"evaluation.{error.reason}", params=params)
            # An indicator of one fixed year is computed for every year evaluated.
            if problem not in self.problems:
                self.problems.append(problem)
        return np.full(len(self.table.codes), np.nan)
