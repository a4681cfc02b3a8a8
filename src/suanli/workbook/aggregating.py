"""Aggregations as spreadsheet formulas: missing siblings left out, weights re-scaled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from suanli.workbook.grid import WEIGHT, Span

__all__ = ["AGGREGATIONS", "Siblings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """The children of a node on the sheet.

    Attributes
    ----------
    runs : Sequence[Sequence[Span]]
        Their columns, those that stand side by side together.
    options : Mapping[str, str]
        Cells or numbers of the profile's options: ``power``.
    penalty : str
        Of ``ampi``: ``minus`` or ``plus``.
    """

    runs: Sequence[Sequence[Span]]
    options: Mapping[str, str]
    penalty: str = "minus"

    @property
    def every(self) -> tuple[Span, ...]:
        """The columns one by one.

        Returns
        -------
        tuple[Span, ...]
            In their order.
        """
        return tuple(span for run in self.runs for span in run)

    def total(self, row: int, *powers: int) -> str:
        """Sum weights times values to powers, over present values.

        Parameters
        ----------
        row : int
            The row of the unit.
        *powers : int
            One 1 for each time the value is a factor; without, the weights alone are summed.

        Returns
        -------
        str
            A sum of products, one per run.

        Examples
        --------
        >>> run = [Span(letter="C", last=11), Span(letter="D", last=11)]
        >>> Siblings(runs=[run], options={}).total(9, 1)
        'SUMPRODUCT(C$7:D$7,C9:D9)'
        """
        parts = []
        for run in self.runs:
            weights = f"{run[0].head(WEIGHT)}:{run[-1].head(WEIGHT)}"
            values = f"{run[0].at(row)}:{run[-1].at(row)}"
            # Between commas a text counts as 0; in a product it would be an error. Errors stay
            # errors: counting numbers would leave them out as if they were missing.
            factors = ",".join([values] * len(powers)) if powers else f'--({values}<>"")'
            parts.append(f"SUMPRODUCT({weights},{factors})")
        return f"({'+'.join(parts)})" if len(parts) > 1 else parts[0]

    def summed(self, row: int, term: Callable[[Span], str]) -> str:
        """Sum a term of each present sibling.

        Parameters
        ----------
        row : int
            The row of the unit.
        term : Callable[[Span], str]
            Gives the term of a sibling.

        Returns
        -------
        str
            In brackets.

        Examples
        --------
        >>> siblings = Siblings(runs=[[Span(letter="C", last=11)]], options={})
        >>> siblings.summed(9, lambda span: f"LN({span.at(9)})")
        '(IF(C9="",0,LN(C9)))'
        """
        terms = (f'IF({span.at(row)}="",0,{term(span)})' for span in self.every)
        return f"({'+'.join(terms)})"


Aggregation = Callable[[Siblings, int], str]


def _where_weighed(siblings: Siblings, row: int, mean: str) -> str:
    return f'IF({siblings.total(row)}>0,{mean},"")'


def _arithmetic(siblings: Siblings, row: int) -> str:
    mean = f"{siblings.total(row, 1)}/{siblings.total(row)}"
    return _where_weighed(siblings, row, mean)


def _geometric(siblings: Siblings, row: int) -> str:
    logs = siblings.summed(row, lambda s: f"{s.head(WEIGHT)}*LN({s.at(row)})")
    return _where_weighed(siblings, row, f"EXP({logs}/{siblings.total(row)})")


def _of_power(siblings: Siblings, row: int, power: str) -> str:
    raised = siblings.summed(row, lambda s: f"{s.head(WEIGHT)}*POWER({s.at(row)},{power})")
    return _where_weighed(siblings, row, f"POWER({raised}/{siblings.total(row)},1/{power})")


def _harmonic(siblings: Siblings, row: int) -> str:
    inverse = siblings.summed(row, lambda s: f"{s.head(WEIGHT)}/{s.at(row)}")
    return _where_weighed(siblings, row, f"{siblings.total(row)}/{inverse}")


def _power(siblings: Siblings, row: int) -> str:
    if siblings.options["power"] == "0":
        return _geometric(siblings, row)
    return _of_power(siblings, row, siblings.options["power"])


def _ampi(siblings: Siblings, row: int) -> str:
    # With M = sum(wx)/sum(w), variance / M is sum(wx^2)/sum(wx) - M.
    once, twice = siblings.total(row, 1), siblings.total(row, 1, 1)
    added = f"{twice}/{once}"
    taken = f"2*{once}/{siblings.total(row)}-{added}"
    return _where_weighed(siblings, row, added if siblings.penalty == "plus" else taken)


def _topsis(siblings: Siblings, row: int) -> str:
    def away(end: str) -> str:
        # Weights re-scaled to the present siblings: the same factor in both distances.
        return siblings.summed(row, lambda s: f"(({s.at(row)}-{end}({s.all}))*{s.head(WEIGHT)})^2")

    worst, best = f"SQRT{away('MIN')}", f"SQRT{away('MAX')}"
    return f'IF({best}+{worst}>0,{worst}/({best}+{worst}),"")'


AGGREGATIONS: Final[Mapping[str, Aggregation]] = MappingProxyType(
    {
        "arithmetic": _arithmetic,
        "geometric": _geometric,
        "harmonic": _harmonic,
        "power": _power,
        "ampi": _ampi,
        "topsis": _topsis,
    }
)
"""Aggregations as formulas, by the names of :data:`suanli.evaluation.aggregate.METHODS`.

``copeland`` compares every pair of units and ``bod`` solves a linear programme for each: their
scores are written as numbers.
"""
