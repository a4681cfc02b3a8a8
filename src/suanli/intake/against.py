"""Users' values held against those they are laid over: unit, rows, single values, years."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from suanli.intake.displaced import displaced
from suanli.intake.findings import Ledger, Place, said_year
from suanli.intake.table import ANY_YEAR, IndicatorTable

__all__ = ["Comparison"]

_FEW: Final = 5
_REACH: Final = 5
"""Years between values that are still held against each other."""
_POWER: Final = 0.25
"""Decimal exponents a common factor may be off a power of ten and still be a wrong unit."""
_ALIKE: Final = 0.15
"""Median deviation, in decimal exponents, of values that are the same apart from a factor."""
_GROWTH: Final = 1.5
_SINGLE: Final = 0.5
_CORRECTED: Final = 0.04
_UNRELATED: Final = 0.3
_NAMED: Final = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Holds a table against the values it is laid over.

    Parameters
    ----------
    table : IndicatorTable
        Users' values of one level.
    below : IndicatorTable
        The values they replace or continue.
    names : pandas.Series
        Names of units, index ``code`` in the order tables list them.
    file : str
        Where the values come from, for the findings.
    ledger : Ledger
        Takes what is found; all of it warnings.

    Examples
    --------
    >>> names = pd.Series({f"{i}": f"u{i}" for i in range(6)})
    >>> cells = pd.DataFrame({"code": names.index, "year": 2023, "indicator": "gdp",
    ...     "value": [1.0, 2, 4, 8, 16, 32], "unit": "亿元", "quality": "user", "source": "a"})
    >>> below = IndicatorTable(cells=cells)
    >>> ledger = Ledger()
    >>> Comparison(table=IndicatorTable(cells=cells.assign(value=cells["value"] * 1e4)),
    ...     below=below, names=names, file="a.csv", ledger=ledger).run()
    >>> [finding.rule for finding in ledger.findings]
    ['unlike_scale']
    """

    table: IndicatorTable
    below: IndicatorTable
    names: "pd.Series[str]"
    file: str
    ledger: Ledger

    def run(self) -> None:
        """Look at every year of every indicator that both have."""
        self._years()
        for indicator in self.table.indicators:
            own, others = self._panel(self.table, indicator), self._panel(self.below, indicator)
            for year in own.columns:
                base = _nearest(int(year), [int(other) for other in others.columns])
                if base is not None:
                    self._compare(indicator, (int(year), base), own[year], others[base])

    def _panel(self, table: IndicatorTable, indicator: str) -> pd.DataFrame:
        """Return positive values, units by years; what is not positive has no logarithm."""
        cells = table.cells
        cells = cells[(cells["indicator"] == indicator) & (cells["value"] > 0)]
        panel = cells.pivot_table(index="code", columns="year", values="value")
        return panel.reindex(self.names.index).astype("float64")

    def _years(self) -> None:
        """Name years far from all there are."""
        known = [year for year in self.below.years if year != ANY_YEAR]
        if not known:
            return
        first, last = min(known), max(known)
        far = [
            year
            for year in self.table.years
            if year != ANY_YEAR and not first - _REACH <= year <= last + _REACH
        ]
        if far:
            shown = ", ".join(map(str, far[:_NAMED])) + (" …" if len(far) > _NAMED else "")
            self.ledger.add("year_far", Place(file=self.file), shown, first=first, last=last)

    def _compare(
        self,
        indicator: str,
        years: tuple[int, int],
        own: "pd.Series[float]",
        others: "pd.Series[float]",
    ) -> None:
        """Hold one year against another."""
        # Both have the codes of the list of units: aligned by label.
        logs, base = own.transform(np.log10), others.transform(np.log10)
        ratio = (logs - base).dropna()
        if len(ratio) < _FEW:
            return
        middle = float(ratio.median())
        spread = float((ratio - middle).abs().median())
        same = ANY_YEAR in years or years[0] == years[1]
        # Over years some things do grow tenfold.
        power = round(middle) if same or abs(middle) > _GROWTH else 0
        moved = displaced(logs.to_numpy(), base.to_numpy())
        if power and abs(middle - power) < _POWER and spread < _ALIKE:
            self._held("unlike_scale", indicator, years, factor=f"{10.0**middle:,.5g}")
        elif moved is not None:
            count = moved.rows.stop - moved.rows.start
            self._held("unlike_rows", indicator, years, count=count)
        elif spread < _ALIKE:
            # Where most values are the very same, one that is not may be another unit's.
            limit = _CORRECTED if spread == 0 else _SINGLE
            apart = ratio.index[(ratio - middle).abs() > limit] if same else ()
            self._single(indicator, years, apart, own, others)
        elif (rho := float(logs.corr(base, method="spearman"))) < _UNRELATED:
            self._held("unlike_all", indicator, years, rho=f"{rho:.2f}")

    def _single(
        self,
        indicator: str,
        years: tuple[int, int],
        codes: Iterable[str],
        own: "pd.Series[float]",
        others: "pd.Series[float]",
    ) -> None:
        """Name units that alone are far from what they should be like."""
        for code in codes:
            value, old, unit = own[code], others[code], self.names[code]
            self._held("unlike_value", indicator, years, f"{value:g}", unit=unit, old=f"{old:g}")

    def _held(
        self, rule: str, indicator: str, years: tuple[int, int], value: str = "", /, **more: object
    ) -> None:
        year, base = (said_year(name) for name in years)
        self.ledger.add(
            rule,
            Place(file=self.file, column=indicator),
            value,
            indicator=indicator,
            year=year,
            base=base,
            **more,
        )


def _nearest(year: int, years: Sequence[int]) -> int | None:
    """Return the year to hold another against: the same, else the nearest within reach."""
    if ANY_YEAR in years:
        return ANY_YEAR
    if year == ANY_YEAR:
        return max(years, default=None)
    near = min(years, key=lambda other: (abs(other - year), other), default=None)
    return near if near is not None and abs(near - year) <= _REACH else None
