"""Checks of the cells of a tidy indicator table: every problem, with its row and column."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from suanli.errors import Problem
from suanli.intake.table import ANY_YEAR, hinted, suggestion

__all__ = ["CellChecker", "clean_codes"]

_YEARS = (1949, 2100)
_MISSING = ("", "-", "--", "—", "——", "…", "/", "N/A", "NA", "n/a", "无", "暂无")
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_THOUSANDS = r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"
_NOT_FINITE = r"[+-]?(?:nan|inf|infinity)"
_CODE = r"\d{6}"


def clean_codes(raw: pd.Series) -> pd.Series:
    """Mend how codes are written: full width, ``130100.0``, ``130100000000``.

    Parameters
    ----------
    raw : pandas.Series
        Text.

    Returns
    -------
    pandas.Series
        Text, same index.

    Examples
    --------
    >>> clean_codes(pd.Series(["130100.0", "１１００００"])).to_list()
    ['130100', '110000']
    """
    plain = raw.str.normalize("NFKC").str.strip(" '\u200b\ufeff")
    whole = plain.str.replace(r"\.0+$", "", regex=True)
    return whole.str.replace(r"^(\d{6})0{3,6}$", r"\1", regex=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChecker:
    """Turns text cells into typed ones and says what is wrong with the rest.

    Attributes
    ----------
    file : str
        Name of the file, for messages.
    level : str
        Level of the units, ``"province"`` or ``"city"``.
    units : pandas.DataFrame
        Columns ``code``, ``level``, ``name`` and, if at hand, ``short_name``.
    renames : pandas.DataFrame or None
        Columns ``code``, ``name``, ``last_year``, ``status``, ``successor_code``: names and
        codes that were, so that an old name is no mistake and an old code gets its story.
    indicators : pandas.DataFrame
        Columns ``indicator``, ``level``, ``unit``, ``minimum``, ``maximum``.
    """

    file: str
    level: str
    units: pd.DataFrame
    indicators: pd.DataFrame
    renames: pd.DataFrame | None = None

    def check(self, cells: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
        """Check cells of text.

        Parameters
        ----------
        cells : pandas.DataFrame
            Columns ``row`` (int, line of the file), ``column`` (str, column of the value),
            ``code``, ``year``, ``indicator``, ``value``, ``unit``, ``quality``, ``source``
            and, when the file has it, ``name``; all text.

        Returns
        -------
        cells : pandas.DataFrame
            The same columns, ``year`` and ``value`` as numbers, rows without a value left
            out. Of use only when there are no problems.
        problems : list[Problem]
            Everything found wrong, in order of the rows.

        Examples
        --------
        >>> checker = CellChecker(file="a.csv", level="province",
        ...     units=pd.DataFrame({"code": ["110000"], "level": ["province"], "name": ["北京市"]}),
        ...     indicators=pd.DataFrame({"indicator": ["gdp"], "level": ["province"],
        ...         "unit": ["亿元"], "minimum": ["0"], "maximum": [""]}))
        >>> row = {"row": [2], "column": ["value"], "code": ["110000"], "year": ["2023"],
        ...        "indicator": ["gdp"], "unit": [""], "quality": ["A"], "source": [""]}
        >>> checker.check(pd.DataFrame(row | {"value": ["1,234.5"]}))[0]["value"].to_list()
        [1234.5]
        >>> checker.check(pd.DataFrame(row | {"value": ["-1"]}))[1][0].code
        'intake.out_of_range'
        """
        problems: list[Problem] = []
        cells = cells.copy()
        self._codes(cells, problems)
        self._years(cells, problems)
        self._indicators(cells, problems)
        cells = self._values(cells, problems)
        self._ranges(cells, problems)
        self._repeats(cells, problems)
        problems.sort(key=lambda p: int(p.params["row"]))
        return cells, problems

    def _codes(self, cells: pd.DataFrame, problems: list[Problem]) -> None:
        units = self.units.loc[self.units["level"] == self.level]
        raw = cells["code"]
        cells["code"] = clean_codes(raw)
        known = cells["code"].isin(set(units["code"]))
        choices = [f"{c} {n}" for c, n in zip(units["code"], units["name"], strict=True)]
        # A name in the column of codes: its code is what is wanted.
        named = dict(zip(units["name"], choices, strict=True))

        def more(text: str) -> dict[str, Any]:
            found = named.get(text.strip())
            near = hinted(found, "units") if found else suggestion(text, choices, kind="units")
            return {"level": Problem(code=f"common.{self.level}"), **near}

        retired = self._retired(cells, raw, problems)
        self._report(
            cells[~known & ~retired],
            "intake.unknown_code",
            problems,
            column="code",
            value=raw,
            more=more,
        )
        if "name" in cells:
            self._names(cells[known], units, problems)

    def _retired(
        self, cells: pd.DataFrame, raw: pd.Series, problems: list[Problem]
    ) -> "pd.Series[bool]":
        if self.renames is None or self.level != "city":
            return pd.Series(data=False, index=cells.index)
        gone = self.renames[self.renames["status"].eq("abolished") & self.renames["code"].ne("")]
        # A unit may have had several names; the last one is told.
        gone = gone.sort_values("last_year").drop_duplicates("code", keep="last").set_index("code")
        retired = cells["code"].isin(gone.index)
        facts = gone.reindex(cells.loc[retired, "code"])
        self._report(
            cells[retired].assign(
                expected=facts["successor_code"].replace("", "-").to_list(),
                name=facts["name"].to_list(),
                last_year=facts["last_year"].to_list(),
            ),
            "intake.retired_code",
            problems,
            column="code",
            value=raw,
        )
        return retired

    def _names(self, cells: pd.DataFrame, units: pd.DataFrame, problems: list[Problem]) -> None:
        shorts = units["short_name"] if "short_name" in units else units["name"].str[:2]
        accepted = {c: {s} for c, s in zip(units["code"], shorts, strict=True)}
        if self.renames is not None:
            for code, name in zip(self.renames["code"], self.renames["name"], strict=True):
                accepted.setdefault(code, set()).add(name[:2])
        given = cells["name"].str.normalize("NFKC").str.replace(r"\s", "", regex=True)
        alike = [
            not name or any(short in name for short in accepted[code])
            for code, name in zip(cells["code"], given, strict=True)
        ]
        wrong = ~pd.Series(alike, index=cells.index, dtype=bool)
        expected = cells["code"].map(units.set_index("code")["name"])
        self._report(
            cells[wrong].assign(expected=expected[wrong]),
            "intake.name_mismatch",
            problems,
            column="name",
            value=given,
        )

    def _years(self, cells: pd.DataFrame, problems: list[Problem]) -> None:
        raw = cells["year"]
        text = raw.str.normalize("NFKC").str.strip().str.replace(r"(?:年|\.0+)$", "", regex=True)
        year = pd.to_numeric(text.where(text.str.fullmatch(r"\d{1,4}")), errors="coerce")
        good = (year == ANY_YEAR) | year.between(*_YEARS)
        self._report(cells[~good], "intake.bad_year", problems, column="year", value=raw)
        cells["year"] = year.where(good, ANY_YEAR).astype("int64")

    def _indicators(self, cells: pd.DataFrame, problems: list[Problem]) -> None:
        declared = self._declared()
        known = cells["indicator"].isin(declared.index)
        self._report(
            cells[~known],
            "intake.unknown_indicator",
            problems,
            column="indicator",
            value=cells["indicator"],
            more=lambda text: suggestion(text, list(declared.index)),
        )
        expected = cells["indicator"].map(declared["unit"]).fillna("")
        given = cells["unit"].str.strip()
        # An indicator without a declared unit has the one it first comes with.
        first = given.where(given != "").groupby(cells["indicator"]).transform("first").fillna("")
        expected = expected.where(expected != "", first)
        wrong = known & (given != "") & (given != expected)
        self._report(
            cells[wrong].assign(expected=expected[wrong]),
            "intake.unit_differs",
            problems,
            column="unit",
            value=given,
        )
        cells["unit"] = expected

    def _values(self, cells: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
        raw = cells["value"]
        text = raw.str.normalize("NFKC").str.replace(r"[\s\u00a0]", "", regex=True)
        cells = cells[~text.isin(_MISSING)]
        text = text.loc[cells.index]
        grouped = text.str.fullmatch(_THOUSANDS)
        text = text.where(~grouped, text.str.replace(",", "", regex=False))
        text = text.where(cells["unit"] != "%", text.str.removesuffix("%"))
        number = pd.to_numeric(text.where(text.str.fullmatch(_NUMBER)), errors="coerce")
        infinite = text.str.fullmatch(_NOT_FINITE, case=False) | np.isinf(number)
        self._report(cells[infinite], "intake.not_finite", problems, value=raw)
        self._report(cells[number.isna() & ~infinite], "intake.not_a_number", problems, value=raw)
        return cells.assign(value=number)

    def _ranges(self, cells: pd.DataFrame, problems: list[Problem]) -> None:
        declared = self._declared()
        low, high = (
            cells["indicator"].map(pd.to_numeric(declared[bound], errors="coerce"))
            for bound in ("minimum", "maximum")
        )
        outside = (cells["value"] < low) | (cells["value"] > high)
        outside &= np.isfinite(cells["value"])
        self._report(
            cells[outside].assign(
                minimum=low[outside].map("{:g}".format).replace("nan", "-∞"),
                maximum=high[outside].map("{:g}".format).replace("nan", "+∞"),
            ),
            "intake.out_of_range",
            problems,
            value=cells["value"],
        )

    def _repeats(self, cells: pd.DataFrame, problems: list[Problem]) -> None:
        key = ["code", "year", "indicator"]
        first = cells.groupby(key)["row"].transform("first")
        again = cells.duplicated(key)
        self._report(
            cells[again].assign(first=first[again]),
            "intake.duplicate",
            problems,
            value=cells["value"],
        )

    def _declared(self) -> pd.DataFrame:
        return self.indicators[self.indicators["level"] == self.level].set_index("indicator")

    def _report(
        self,
        found: pd.DataFrame,
        code: str,
        problems: list[Problem],
        *,
        value: pd.Series,
        column: str | None = None,
        more: Callable[[str], dict[str, Any]] | None = None,
    ) -> None:
        shown = value.loc[found.index].to_list()
        for items, text in zip(found.to_dict("records"), shown, strict=True):
            params = {k: items[k] for k in _SHOWN if k in items}
            params |= {"file": self.file, "row": items["row"], "value": text}
            params["column"] = column or items["column"]
            if more is not None:
                params |= more(str(text))
            problems.append(Problem(code=code, params=params))


_SHOWN: Iterable[str] = (
    "code",
    "name",
    "year",
    "last_year",
    "indicator",
    "expected",
    "minimum",
    "maximum",
    "first",
)
