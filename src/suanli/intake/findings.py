"""What was found in a file: every repair, warning and error with its place."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.intake.rules import RULES, Action
from suanli.text import writable

__all__ = ["Finding", "Ledger", "Place", "said_year"]

_KEPT: Final = 1000
"""Findings of one rule and column that are listed one by one; the rest is counted."""
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands.

    Attributes
    ----------
    file : str
        Name of the file.
    sheet : str
        Name of the sheet; nothing for text files.
    row : int
        Row or line, counted from 1; 0 for the whole file.
    column : str
        Heading or, where there is none, letter of the column.
    """

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    def said(self) -> Problem:
        """Return how to say the place in a sentence.

        Returns
        -------
        Problem
            With code ``findings.where.<parts>``.

        Examples
        --------
        >>> Place(file="a.csv", row=3).said().describe("en")
        'a.csv, row 3'
        """
        return Problem(code=_where(self), params=_place_params(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One repair, warning or error.

    Attributes
    ----------
    rule : str
        Identifier, a key of :data:`suanli.intake.rules.RULES`.
    action : {"fix", "warn", "error"}
        What was done about it.
    place : Place
        Where.
    before, after : str
        What stood there and what it became; ``after`` is empty where nothing was changed.
    params : tuple[tuple[str, Any], ...]
        What else the sentence needs.
    """

    rule: str
    action: Action
    place: Place
    before: str = ""
    after: str = ""
    params: tuple[tuple[str, Any], ...] = ()

    def problem(self) -> Problem:
        """Return the finding as a problem, whose sentence can be said.

        Returns
        -------
        Problem
            With code ``findings.<rule>``.

        Examples
        --------
        >>> place = Place(file="a.csv", row=3, column="GDP")
        >>> Finding(rule="not_a_number", action="error", place=place, before="abc").problem().code
        'findings.not_a_number'
        """
        where = self.place.said()
        params = {**_place_params(self.place), "where": where, "value": self.before}
        return Problem(
            code=f"findings.{self.rule}",
            params={**params, "after": self.after, **dict(self.params)},
        )


@dataclass(kw_only=True, eq=False)
class Ledger:
    """Collects findings in the order they are made.

    Attributes
    ----------
    strict : bool
        Whether warnings count as errors.
    findings : list[Finding]
        Those kept, see :attr:`unlisted`.
    counts : Counter[str]
        How many there are by action, all counted.
    by_column : Counter[tuple[str, str, str, str]]
        How many by rule, file, sheet and column.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.add("thousands", Place(file="a.csv", row=2, column="GDP"), "1,234", "1234")
    >>> ledger.counts["fix"], ledger.findings[0].after, ledger.refused
    (1, '1234', False)
    """

    strict: bool = False
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    by_column: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)

    def add(
        self, rule: str, place: Place, before: object = "", after: object = "", /, **params: object
    ) -> None:
        """Note a finding.

        Parameters
        ----------
        rule : str
            Its rule.
        place : Place
            Where.
        before, after : object
            What stood there and what it became.
        **params : object
            What else its sentence needs.
        """
        action = RULES[rule].action
        if action == "warn" and self.strict:
            action = "error"
        self.counts[action] += 1
        key = (rule, place.file, place.sheet, place.column)
        self.by_column[key] += 1
        if self.by_column[key] > _KEPT:
            return
        finding = Finding(
            rule=rule,
            action=action,
            place=place,
            before=_short(before),
            after=_short(after),
            params=tuple(params.items()),
        )
        self.findings.append(finding)

    @property
    def refused(self) -> bool:
        """Whether there is an error."""
        return self.counts["error"] > 0

    @property
    def unlisted(self) -> int:
        """How many findings were counted but not kept."""
        return sum(max(0, count - _KEPT) for count in self.by_column.values())

    def of(self, *actions: Action) -> list[Finding]:
        """Return the findings with these actions.

        Parameters
        ----------
        *actions : {"fix", "warn", "error"}
            Which.

        Returns
        -------
        list[Finding]
            In the order they were made.
        """
        return [finding for finding in self.findings if finding.action in actions]

    def in_place(self, *actions: Action) -> list[Finding]:
        """Return the findings in the order of their places.

        Parameters
        ----------
        *actions : {"fix", "warn", "error"}
            Which; all by default.

        Returns
        -------
        list[Finding]
            By file, sheet and row, those of one row in the order they were made.

        Examples
        --------
        >>> ledger = Ledger()
        >>> ledger.add("thousands", Place(file="a.csv", row=3), "1,000", "1000")
        >>> ledger.add("width", Place(file="a.csv", row=2), "１", "1")
        >>> [finding.place.row for finding in ledger.in_place()]
        [2, 3]
        """
        return _sorted(self.of(*actions) if actions else self.findings)

    def summary(self) -> pd.DataFrame:
        """Count the findings by rule and column.

        Returns
        -------
        pandas.DataFrame
            Columns ``rule``, ``action``, ``file``, ``sheet``, ``column``, ``count``; first come
            first.
        """
        rows = [
            (
                rule,
                "error" if RULES[rule].action == "warn" and self.strict else RULES[rule].action,
                writable(file),
                writable(sheet),
                writable(column),
                count,
            )
            for (rule, file, sheet, column), count in self.by_column.items()
        ]
        names = ["rule", "action", "file", "sheet", "column", "count"]
        return pd.DataFrame(rows, columns=names)

    def extend(self, others: Iterable["Ledger"]) -> None:
        """Take over what other ledgers hold.

        Parameters
        ----------
        others : Iterable[Ledger]
            The others.
        """
        for other in others:
            self.findings.extend(other.findings)
            self.counts.update(other.counts)
            self.by_column.update(other.by_column)

    def raise_errors(self, *, most: int = 200) -> None:
        """Refuse the file if there is an error.

        Parameters
        ----------
        most : int, default 200
            How many errors to tell; the rest is counted.

        Raises
        ------
        InputError
            All errors.
        """
        errors = self.of("error")
        if not errors:
            return
        problems = [finding.problem() for finding in self.in_place("error")[:most]]
        rest = self.counts["error"] - len(problems)
        if rest > 0:
            file = errors[0].place.file
            problems.append(Problem(code="findings.more", params={"file": file, "count": rest}))
        raise InputError(problems)


def said_year(year: int) -> Problem:
    """Return how to say a year in a sentence.

    Parameters
    ----------
    year : int
        The year; 0 for values that hold for every year.

    Returns
    -------
    Problem
        The year, or words for every year.

    Examples
    --------
    >>> said_year(2023).describe("zh"), said_year(0).describe("en")
    ('2023 年', 'every year')
    """
    return Problem(
        code="findings.of_year" if year else "findings.of_every_year", params={"year": year}
    )


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    order = {id(f): place for place, f in enumerate(findings)}
    return sorted(findings, key=lambda f: (f.place.file, f.place.sheet, f.place.row, order[id(f)]))


def _where(place: Place) -> str:
    parts = (
        "sheet" if place.sheet else "",
        "row" if place.row else "",
        "column" if place.column else "",
    )
    return "findings.where." + ("_".join(part for part in parts if part) or "file")


def _place_params(place: Place) -> dict[str, Any]:
    return {"file": place.file, "sheet": place.sheet, "row": place.row, "column": place.column}


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
