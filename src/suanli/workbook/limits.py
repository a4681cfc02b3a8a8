"""What raw values may be: the catalogue's range, and positive where a formula needs it.

The evaluation refuses a table with a value outside; a spreadsheet has to say it itself.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from suanli.profile import IndexSpec, Indicator, Variable
from suanli.workbook.grid import FIRST, SECOND, Figure, Span

__all__ = ["ANYTHING", "Limit", "limits_of", "positive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What values of one column of raw data may be.

    Attributes
    ----------
    low, high : float, optional
        Least and largest value; no end when absent.
    strict : bool
        Whether values have to be larger than the least one.
    """

    low: float | None = None
    high: float | None = None
    strict: bool = False

    @property
    def figures(self) -> tuple[Figure, Figure]:
        """The limits as cells of the head of their column.

        Returns
        -------
        tuple[Figure, Figure]
            Least and largest; empty where there is no end.
        """
        low, high = Figure(value=self.low, word="floor"), Figure(value=self.high, word="ceiling")
        if self.strict:
            low = Figure(value=self.low, word="above")
        return low, high

    def conditions(self, span: Span, row: int) -> tuple[str, ...]:
        """Write what a value has to fulfil, by the cells of the head.

        Parameters
        ----------
        span : Span
            The column.
        row : int
            The row of the value.

        Returns
        -------
        tuple[str, ...]
            Formulas that are true or false.

        Examples
        --------
        >>> Limit(low=0.0, high=9.0, strict=True).conditions(Span(letter="C", last=39), 9)
        ('ISNUMBER(C9)', 'C9>C$5', 'C9<=C$6')
        """
        cell = span.at(row)
        found = [f"ISNUMBER({cell})"]
        if self.low is not None:
            found.append(f"{cell}>{'' if self.strict else '='}{span.head(FIRST)}")
        if self.high is not None:
            found.append(f"{cell}<={span.head(SECOND)}")
        return tuple(found)

    def fits(self, value: float) -> bool:
        """Tell whether a value is within.

        Parameters
        ----------
        value : float
            Any number.

        Returns
        -------
        bool
            Whether it may be typed.

        Examples
        --------
        >>> Limit(low=0.0, strict=True).fits(0.0)
        False
        """
        above = self.low is None or value > self.low or (value == self.low and not self.strict)
        return above and (self.high is None or value <= self.high)


ANYTHING = Limit()
"""Of data that no catalogue knows and no formula restricts: any number."""


def limits_of(spec: IndexSpec, known: pd.DataFrame) -> dict[str, Limit]:
    """Return the limits of all data a profile uses.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    known : pandas.DataFrame
        Index ``indicator``, columns ``minimum``, ``maximum`` in the table's units, missing
        where there is no end.

    Returns
    -------
    dict[str, Limit]
        By key of the column, identifier and year; data without limits are absent.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.profile import load_profile
    >>> known = load_catalogue().indicators
    >>> known = known[known["level"] == "province"].set_index("indicator")
    >>> limits_of(load_profile("caict2024-province"), known)["web_pages@2023"].strict
    True
    """
    ends = known[["minimum", "maximum"]].apply(pd.to_numeric, errors="coerce")
    needed = positive(spec)
    found = {}
    for name, year in _leaves(spec):
        row = ends.loc[name] if name in ends.index else pd.Series(dtype="float64")
        low, high = (
            None if pd.isna(row.get(end)) else float(row[end]) for end in ("minimum", "maximum")
        )
        strict = (name, year) in needed and (low is None or low <= 0)
        if strict:
            low = 0.0
        if low is not None or high is not None:
            found[f"{name}@{year}"] = Limit(low=low, high=high, strict=strict)
    return found


Leaf = tuple[str, int]


def _items(spec: IndexSpec) -> Iterator[tuple[Indicator, int]]:
    return ((item, item.year or spec.year) for item in spec.indicator)


def _leaves(spec: IndexSpec) -> list[Leaf]:
    found: dict[Leaf, None] = {}
    for item, year in _items(spec):
        _visit(item, year, spec, lambda leaf, _: found.setdefault(leaf))
    return list(found)


def positive(spec: IndexSpec) -> frozenset[Leaf]:
    """Return the data that have to be positive for a profile to be computed.

    Parameters
    ----------
    spec : IndexSpec
        The profile.

    Returns
    -------
    frozenset[tuple[str, int]]
        Identifiers and years: factors of what goes into a logarithm, divisors, and bases of
        growth. What a sum makes positive is not told.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> found = positive(load_profile("caict2024-province"))
    >>> ("population", 2023) in found, ("nonthermal_generation_share", 2023) in found
    (True, False)
    """
    found: set[Leaf] = set()

    def noted(leaf: Leaf, needed: bool) -> None:  # noqa: FBT001 - one signature for both walks
        if needed:
            found.add(leaf)

    for item, year in _items(spec):
        _visit(item, year, spec, noted)
    return frozenset(found)


def _visit(
    item: Indicator | Variable,
    year: int,
    spec: IndexSpec,
    note: Callable[[Leaf, bool], object],
    *,
    needed: bool | None = None,
) -> None:
    variables: Mapping[str, Variable] = {variable.id: variable for variable in spec.variable}

    def named(name: str, when: int, wanted: bool) -> None:  # noqa: FBT001 - of the walk
        if name in variables:
            _visit(variables[name], when, spec, note, needed=wanted)
        else:
            note((name, when), wanted)

    logged = isinstance(item, Indicator) and item.transform == "log"
    _walk(item.expression.tree, year, named, needed=logged if needed is None else needed)


def _walk(
    node: ast.expr, year: int, note: Callable[[str, int, bool], None], *, needed: bool
) -> None:
    match node:
        case ast.Name(id=name):
            note(name, year, needed)
        case ast.UnaryOp(operand=operand):
            _walk(operand, year, note, needed=False)
        case ast.BinOp(op=operator, left=left, right=right):
            factor = needed and isinstance(operator, ast.Mult | ast.Div)
            _walk(left, year, note, needed=factor)
            _walk(right, year, note, needed=factor or isinstance(operator, ast.Div))
        case ast.Call(func=ast.Name(id=("lag" | "growth") as function), args=[base, years]):
            before = year - int(ast.literal_eval(years))
            if function == "growth":
                _walk(base, year, note, needed=needed)
                needed = True
            _walk(base, before, note, needed=needed)
        case ast.Call(func=ast.Name(id=function), args=arguments):
            for argument in arguments:
                _walk(argument, year, note, needed=function == "log")
