"""Signs that data are not what they seem: interpolation, shifted rows, changed units, clipping."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from suanli.errors import Problem
from suanli.intake.displaced import displaced
from suanli.intake.findings import Ledger, Place, said_year
from suanli.intake.table import ANY_YEAR, IndicatorTable

__all__ = ["Inspection"]

_FEW: Final = 5
_STRAIGHT: Final = 4
_FLAT: Final = 3
_TIES: Final = 3
_TIMES: Final = 3.0
_JUMP: Final = 1.7
"""Decimal exponent of a ratio beyond which a change of unit is likelier than growth."""
_BREAK: Final = 0.1
_COVERAGE: Final = 0.65
_HALF: Final = 0.5
_NAMED: Final = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class Inspection:
    """Looks for signs of trouble in the values of one level.

    Parameters
    ----------
    table : IndicatorTable
        The values.
    names : pandas.Series
        Names of the units that should have values, index ``code`` in the order tables list
        them.
    file : str
        Where the values come from, for the findings.
    ledger : Ledger
        Takes what is found; all of it warnings.
    whole : IndicatorTable, optional
        Values the table is laid over, or is part of: a unit that has its value there is not
        missing.
    given : IndicatorTable, optional
        All the file holds, where ``table`` is a part of it.
    places : Mapping[tuple[str, int, str], Place]
        Where values stand, by code, year and indicator.
    coverage : bool, default True
        Whether to look for missing units too; in a refused file they may be what is wrong.

    Examples
    --------
    >>> names = pd.Series({"110000": "北京市", "120000": "天津市"})
    >>> cells = pd.DataFrame({"code": ["110000"] * 4, "year": [2020, 2021, 2022, 2023],
    ...     "value": [110.0, 150.0, 190.0, 230.0], "indicator": "gdp", "unit": "亿元",
    ...     "quality": "user", "source": "a.csv"})
    >>> ledger = Ledger()
    >>> Inspection(table=IndicatorTable(cells=cells), names=names, file="a.csv",
    ...     ledger=ledger).run()
    >>> sorted({finding.rule for finding in ledger.findings})
    ['interpolated', 'thin', 'units_absent']
    """

    table: IndicatorTable
    names: "pd.Series[str]"
    file: str
    ledger: Ledger
    whole: IndicatorTable | None = None
    given: IndicatorTable | None = None
    places: Mapping[tuple[str, int, str], Place] = field(default_factory=dict)
    coverage: bool = True

    def run(self) -> None:
        """Look at every indicator."""
        if self.coverage:
            self._absent()
        for indicator in self.table.indicators:
            panel = self._panels[indicator]
            for year, values in panel.items():
                self._of_year(indicator, int(str(year)), values)
            if panel.shape[1] > 1:
                self._of_years(indicator, panel)

    @cached_property
    def _present(self) -> pd.DataFrame:
        """Return the values there are of the table's indicators, in the table or below it."""
        cells = self.table.cells
        if self.whole is not None:
            below = self.whole.cells
            cells = pd.concat([cells, below[below["indicator"].isin(self.table.indicators)]])
        return cells[cells["code"].isin(self.names.index)]

    def _absent(self) -> None:
        """Name the units that have no value of what the file is about, there or below it."""
        given = self.given or self.table
        found = set(given.codes)
        if self.whole is not None:
            below = self.whole.cells
            found |= set(below.loc[below["indicator"].isin(given.indicators), "code"])
        absent = [code for code in self.names.index if code not in found]
        if absent and len(absent) < len(self.names):
            place = Place(file=self.file)
            self.ledger.add("units_absent", place, count=len(absent), units=self._listed(absent))

    def _share(self, indicator: str, year: int) -> float:
        cells = self._present
        here = cells["indicator"].eq(indicator) & cells["year"].isin([year, ANY_YEAR])
        return cells.loc[here, "code"].nunique() / len(self.names)

    @cached_property
    def _panels(self) -> dict[str, pd.DataFrame]:
        """Return units by years, for every indicator."""
        cells = self.table.cells
        cells = cells[cells["code"].isin(self.names.index)]
        panels = {}
        for indicator in self.table.indicators:
            own = cells[cells["indicator"] == indicator]
            panel = own.pivot_table(index="code", columns="year", values="value")
            panels[indicator] = panel.reindex(self.names.index).astype("float64")
        return panels

    def _add(self, rule: str, indicator: str, value: object = "", /, **params: object) -> None:
        place = Place(file=self.file, column=indicator)
        self.ledger.add(rule, place, value, indicator=indicator, **params)

    def _add_at(
        self, rule: str, at: tuple[str, int, str], value: object, /, **params: object
    ) -> None:
        """Note what is odd about one value, where it stands."""
        code, _, indicator = at
        place = self.places.get(at, Place(file=self.file, column=indicator))
        shown = {"unit": self.names[code], "indicator": indicator}
        self.ledger.add(rule, place, value, **shown, **params)

    def _listed(self, codes: Sequence[str]) -> str:
        shown = [str(self.names[code]) for code in codes[:_NAMED]]
        return ", ".join(shown) + (" …" if len(codes) > _NAMED else "")

    def _of_year(self, indicator: str, year: int, values: "pd.Series[float]") -> None:
        """Look at one year."""
        given = values.dropna()
        if given.empty:
            return
        when = said_year(year)
        share = len(given) / len(values) if self.whole is None else self._share(indicator, year)
        if share < _COVERAGE and self.coverage:
            self._add("thin", indicator, year=when, share=f"{share:.0%}", limit=f"{_COVERAGE:.0%}")
        if len(given) < _FEW:
            return
        if given.min() == given.max():
            if given.iloc[0] == 0:
                self._zeros(indicator, list(given.index), len(given))
            else:
                self._add("constant", indicator, f"{given.iloc[0]:g}", year=when)
            return
        for code in _outlying(given):
            at = (code, year, indicator)
            self._add_at("outlier", at, f"{given[code]:g}", year=when, times=f"{_TIMES:g}")
        self._clipped(indicator, when, given)

    def _zeros(self, indicator: str, codes: Sequence[str], total: int) -> None:
        units = self._listed(list(dict.fromkeys(codes)))
        self._add("zeros", indicator, count=len(codes), total=total, units=units)

    def _clipped(self, indicator: str, when: object, given: "pd.Series[float]") -> None:
        """Find ties at either end among values that else differ."""
        if given.nunique() < 0.8 * len(given):
            return
        for end, side in ((given.max(), "max"), (given.min(), "min")):
            count = int((given == end).sum())
            if count >= _TIES and end != 0:
                self._add(
                    "winsorised",
                    indicator,
                    f"{end:g}",
                    year=when,
                    count=count,
                    side=Problem(code=f"findings.side.{side}"),
                )

    def _of_years(self, indicator: str, panel: pd.DataFrame) -> None:
        """Look at how values go from year to year."""
        panel = panel.drop(columns=ANY_YEAR, errors="ignore")
        zero = panel.eq(0) & panel.gt(0).any(axis=1).to_numpy()[:, None]
        if zero.to_numpy().any():
            codes = [str(code) for code, row in zero.iterrows() for flag in row if flag]
            self._zeros(indicator, codes, int(panel.notna().to_numpy().sum()))
        self._runs("interpolated", indicator, panel, _straight(panel))
        flat = _flat(panel)
        steps = panel.diff(axis=1).to_numpy()
        if np.isfinite(steps).any() and np.mean(steps[np.isfinite(steps)] == 0) < _HALF:
            self._runs("filled_flat", indicator, panel, flat)
        logs = panel.where(panel > 0).transform(np.log10)
        # A change over a gap of years is no step.
        near = np.diff(np.asarray(panel.columns, dtype=int), prepend=-1) == 1
        changes = logs.diff(axis=1).loc[:, near]
        self._jumps(indicator, panel, changes)
        self._breaks(indicator, changes)
        self._shifts(indicator, logs)

    def _runs(
        self, rule: str, indicator: str, panel: pd.DataFrame, runs: dict[tuple[int, int], list[str]]
    ) -> None:
        years = list(panel.columns)
        for (first, last), codes in runs.items():
            self._add(
                rule, indicator, units=self._listed(codes), years=f"{years[first]}-{years[last]}"
            )

    def _jumps(self, indicator: str, panel: pd.DataFrame, changes: pd.DataFrame) -> None:
        """Find units that change by a power of ten where the others do not."""
        for year in (int(str(name)) for name in changes.columns):
            before = year - 1
            change = changes[year] - changes[year].median()
            for code in change.index[change.abs() > _JUMP]:
                factor = panel.loc[code, year] / panel.loc[code, before]
                self._add_at(
                    "unit_jump",
                    (str(code), year, indicator),
                    f"{panel.loc[code, year]:g}",
                    before=before,
                    year=year,
                    old=f"{panel.loc[code, before]:g}",
                    factor=f"{factor:.3g}",
                )

    def _breaks(self, indicator: str, changes: pd.DataFrame) -> None:
        """Find years in which most units jump together."""
        middle = changes.median(axis=0).dropna() * np.log(10)
        if len(middle) < _STRAIGHT or changes.notna().sum().max() < _FEW:
            return
        usual = middle.median()
        spread = (middle - usual).abs().median()
        for year in middle.index[(middle - usual).abs() > max(_BREAK, 6 * spread)]:
            self._add(
                "vintage_break",
                indicator,
                before=year - 1,
                year=year,
                change=f"{np.exp(middle[year]) - 1:+.0%}",
            )

    def _shifts(self, indicator: str, logs: pd.DataFrame) -> None:
        """Find years whose rows fit the year before better when moved by one."""
        for before, year in _pairs(logs):
            found = displaced(logs[year].to_numpy(), logs[before].to_numpy())
            if found is not None:
                self._add(
                    "rows_shifted",
                    indicator,
                    year=year,
                    straight=f"{found.straight:.2f}",
                    shifted=f"{found.moved:.2f}",
                )


def _outlying(given: "pd.Series[float]") -> list[str]:
    """Return units far outside the quartiles; of positive values their logarithms are judged."""
    scale = np.log(given) if given.min() > 0 else given
    low, high = np.quantile(scale, [0.25, 0.75])
    reach = _TIMES * (high - low)
    return list(given.index[(scale < low - reach) | (scale > high + reach)]) if reach else []


def _pairs(panel: pd.DataFrame) -> Iterator[tuple[int, int]]:
    return itertools.pairwise(int(str(name)) for name in panel.columns)


def _straight(panel: pd.DataFrame) -> dict[tuple[int, int], list[str]]:
    """Return runs of equal steps by first and last year, with their units."""
    found: dict[tuple[int, int], list[str]] = {}
    for code, row in panel.iterrows():
        values = row.to_numpy()
        tolerance = _last_place(values)
        steps = np.diff(values)
        equal = (np.abs(np.diff(steps)) <= tolerance) & (np.abs(steps[1:]) > 20 * tolerance)
        for first, last in _spells(equal):
            if last - first + 2 >= _STRAIGHT - 1:
                found.setdefault((first, last + 2), []).append(str(code))
    return found | _midpoints(panel, {code for codes in found.values() for code in codes})


def _midpoints(panel: pd.DataFrame, told: set[str]) -> dict[tuple[int, int], list[str]]:
    """Return years in which most units stand midway between the years beside them."""
    found: dict[tuple[int, int], list[str]] = {}
    rows = panel.loc[~panel.index.isin(list(told))]
    values = rows.to_numpy()
    tolerance = np.array([_last_place(row) for row in values])
    for j in range(1, panel.shape[1] - 1):
        before, here, after = values[:, j - 1], values[:, j], values[:, j + 1]
        known = np.isfinite(before + here + after) & (np.abs(after - before) > 20 * tolerance)
        midway = known & (np.abs(2 * here - before - after) <= 2 * tolerance)
        if midway.sum() >= max(_FEW, _HALF * known.sum()):
            found[j - 1, j + 1] = [str(code) for code in rows.index[midway]]
    return found


def _flat(panel: pd.DataFrame) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = {}
    for code, row in panel.iterrows():
        values = row.to_numpy()
        for first, last in _spells((np.diff(values) == 0) & (values[1:] != 0)):
            if last - first + 2 >= _FLAT:
                found.setdefault((first, last + 1), []).append(str(code))
    return found


def _last_place(values: np.ndarray) -> float:
    """Return the size of the last digit in which the values are written."""
    decimals = max(
        (len(f"{v:.10g}".partition(".")[2]) for v in values[np.isfinite(values)]), default=0
    )
    return 1.01 * 10.0**-decimals


def _spells(flags: np.ndarray) -> list[tuple[int, int]]:
    """Return first and last position of every run of true values."""
    edges = np.diff(np.concatenate([[0], flags.astype(int), [0]]))
    return list(
        zip(
            np.flatnonzero(edges == 1).tolist(),
            (np.flatnonzero(edges == -1) - 1).tolist(),
            strict=True,
        )
    )
