"""From the text of cells to numbers in the declared unit of measurement."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from suanli.intake.findings import Ledger, Place
from suanli.intake.measures import conversion, is_ratio, is_scale, measure, with_scale
from suanli.intake.numbers import Reading, read_number

__all__ = ["Values"]

_PLAIN: Final = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_MARKS: Final = {
    "error": "excel_error",
    "formula": "formula_without_value",
    "date": "date",
    "scaled": "scaled_format",
}
_KINDS: Final = {
    "comma": "decimal_comma",
    "bound": "bound",
    "range": "number_range",
    "approximate": "approximate",
    "date": "date",
    "not_finite": "not_finite",
    "none": "not_a_number",
}
_QUALIFIED: Final = ("bound", "range", "approximate")
_FEW: Final = 5
_SCALES: Final = ("十", "百", "千", "万", "亿")

Spot = Callable[[int, str], Place]
"""The place of a row (position in the sheet) and a column (as called)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Values:
    """Reads the values of a table.

    Parameters
    ----------
    declared : pandas.DataFrame
        Index ``indicator``, columns ``unit``, ``minimum``, ``maximum``.
    ledger : Ledger
        Takes what is found.
    censored : bool, default False
        Whether bounds, ranges and approximations are taken for numbers.
    """

    declared: pd.DataFrame
    ledger: Ledger
    censored: bool = False

    def read(self, cells: pd.DataFrame, spot: Spot) -> pd.DataFrame:
        """Read the values.

        Parameters
        ----------
        cells : pandas.DataFrame
            From :func:`suanli.intake.melt.melted`.
        spot : Callable[[int, str], Place]
            The place of a cell.

        Returns
        -------
        pandas.DataFrame
            The same rows without those that hold no number; ``value`` is a float in the
            declared unit, ``unit`` the declared unit.
        """
        plain = cells["value"].str.fullmatch(_PLAIN) & ~cells["mark"].isin(list(_MARKS))
        numbers = pd.to_numeric(cells["value"].where(plain), errors="coerce").to_numpy(copy=True)
        keep, own = plain.to_numpy(copy=True), np.full(len(cells), "", dtype=object)
        columns = (cells[name] for name in ("row", "column", "value", "mark"))
        for i, (row, column, value, mark) in enumerate(zip(*columns, strict=True)):
            if keep[i]:
                continue
            found = self._one(value, mark, spot(row, column))
            if found is not None:
                numbers[i], own[i], keep[i] = found.value, found.unit, True
        as_text = cells[plain & (cells["mark"] == "") & cells["column"].isin(self._typed(cells))]
        for row, column, value in zip(
            as_text["row"], as_text["column"], as_text["value"], strict=True
        ):
            self.ledger.add("number_as_text", spot(row, column), value)
        read = cells.assign(value=numbers.astype("float64"), own=own, value_text=cells["value"])
        cells = self._converted(read[keep], spot)
        # A number may be finite as written and not so in the unit of the indicator.
        beyond = cells[~np.isfinite(cells["value"])]
        for row, column, text in zip(
            beyond["row"], beyond["column"], beyond["value_text"], strict=True
        ):
            self.ledger.add("not_finite", spot(row, column), text)
        return self._in_range(cells, spot).drop(columns=["own", "value_text"])

    def _one(self, value: str, mark: str, place: Place) -> Reading | None:
        """Read a cell that is no plain number."""
        if mark in _MARKS:
            self.ledger.add(_MARKS[mark], place, value)
            return None
        found = read_number(value)
        if found.kind == "missing":
            if value.strip():
                self.ledger.add("missing_mark", place, value.strip())
            return None
        if found.kind == "number" or (self.censored and found.kind in _QUALIFIED):
            rule = "censored" if found.kind in _QUALIFIED else ""
            for name in (rule,) if rule else found.mended:
                self.ledger.add(name, place, value, f"{found.value:.12g}")
            return found
        self.ledger.add(_KINDS[found.kind], place, value)
        return None

    def _typed(self, cells: pd.DataFrame) -> list[str]:
        """Return the columns of a spreadsheet where numbers are numbers."""
        return list(cells.loc[cells["mark"] == "number", "column"].unique())

    def _spot(self, cell: "pd.Series[str]", spot: Spot) -> Place:
        return spot(int(cell["row"]), str(cell["column"]))

    def _converted(self, cells: pd.DataFrame, spot: Spot) -> pd.DataFrame:
        """Bring every value into the declared unit."""
        declared = cells["indicator"].map(self.declared["unit"]).fillna("")
        given = pd.Series(
            [with_scale(*pair) for pair in zip(cells["unit"].str.strip(), declared, strict=True)],
            index=cells.index,
            dtype="str",
        )
        self._completed(cells, given, spot)
        # An indicator without a declared unit has the one it first comes with.
        first = given.where(given != "").groupby(cells["indicator"]).transform("first").fillna("")
        wanted = declared.where(declared != "", first)
        cells = cells.assign(given=given, wanted=wanted, factor=1.0)
        known = cells["indicator"].isin(self.declared.index)
        for (indicator, _, old, new), part in cells[known].groupby(
            ["indicator", "column", "given", "wanted"], sort=False
        ):
            factor = self._factor(str(indicator), str(old), str(new), spot, part)
            cells.loc[part.index, "factor"] = factor
        self._per_cent(cells, spot)
        factors = self._own_units(cells, spot)
        value = cells["value"] * factors
        # A power of ten shifts the point: what is left of binary noise goes.
        shifted = factors != 1.0
        value[shifted] = [float(f"{v:.15g}") for v in value[shifted]]
        return cells.assign(value=value, unit=wanted).drop(columns=["given", "wanted", "factor"])

    def _completed(self, cells: pd.DataFrame, given: "pd.Series[str]", spot: Spot) -> None:
        """Note units that were given by their power of ten alone."""
        changed = cells[given != cells["unit"].str.strip()].assign(full=given)
        for _, part in changed.groupby(["column", "unit", "full"], sort=False):
            first = part.iloc[0]
            place = self._spot(first, spot)
            place = Place(file=place.file, sheet=place.sheet, column=place.column)
            self.ledger.add("unit_completed", place, first["unit"], first["full"])

    def _factor(self, indicator: str, old: str, new: str, spot: Spot, part: pd.DataFrame) -> float:
        """Return the factor from one unit to another; note what is wrong with it."""
        first = part.iloc[0]
        place = self._spot(first, spot)
        place = Place(file=place.file, sheet=place.sheet, column=place.column)
        shown = {"indicator": indicator, "unit": new, "given": old}
        if not old:
            # Where every cell says %, the heading need not.
            if new and new != "1" and not (part["own"] != "").all():
                self.ledger.add("unit_assumed", place, "", new, **shown)
            return 1.0
        factor = conversion(old, new)
        if factor is None:
            why = self._why(old, new)
            weak = why == "unit_differs" and bool(part["weak"].all())
            if not weak or new != "1":
                self.ledger.add("unit_of_title" if weak else why, place, old, new, **shown)
            return 1.0
        # Where every cell has a unit of its own, that of the heading converts nothing.
        if factor != 1.0 and any(measure(str(own)) is None for own in part["own"]):
            self.ledger.add("unit_converted", place, old, new, factor=f"{factor:g}", **shown)
        return factor

    def _why(self, old: str, new: str) -> str:
        if is_scale(old) and is_ratio(new):
            return "scale_of_ratio"
        before, after = measure(old), measure(new)
        if before is None:
            return "unit_unknown"
        if after is not None and before.kinds == after.kinds:
            return "unit_precision"
        return "unit_differs"

    def _per_cent(self, cells: pd.DataFrame, spot: Spot) -> None:
        """Settle columns of per cent, where some cells bear the sign and others do not."""
        ratio = cells["wanted"].map(is_ratio).astype(bool)
        for (indicator, _), part in cells[ratio].groupby(["indicator", "column"], sort=False):
            signed = part["own"].isin(["%", "‰"])
            place = self._spot(part.iloc[0], spot)
            place = Place(file=place.file, sheet=place.sheet, column=place.column)
            bare = part.loc[~signed, "value"].abs()
            if (
                signed.any()
                and not signed.all()
                and (
                    bare.between(0.0, 1.0, inclusive="right").any() or part["wanted"].iloc[0] != "%"
                )
            ):
                self.ledger.add(
                    "per_cent_mixed", place, indicator=indicator, count=int(signed.sum())
                )
            elif (
                not signed.any()
                and len(bare) >= _FEW
                and 0 < bare.max() <= 1.0
                and part["wanted"].iloc[0] == "%"
                and part["given"].iloc[0] in {"", "%"}
            ):
                self.ledger.add("fractions", place, indicator=indicator)
            elif signed.all():
                self.ledger.add("per_cent_sign", place, indicator=indicator, count=len(part))

    def _own_units(self, cells: pd.DataFrame, spot: Spot) -> "pd.Series[float]":
        """Return factors, those of cells that name a unit of their own put right: 1.2万, 12%."""
        factors = cells["factor"].copy()
        marked = cells[cells["own"] != ""]
        for (own, given, wanted), part in marked.groupby(["own", "given", "wanted"], sort=False):
            scale = conversion(f"{own}个", "个") if measure(str(own)) is None else None
            # 47353.7亿 below a heading without a unit: of the indicator's money.
            bare = scale is not None and not given
            scale = None if bare else scale
            full = with_scale(str(own), str(wanted)) if bare else _precise(str(own), str(given))
            factor = conversion(full, str(wanted)) if scale is None else None
            rule, unit = "", str(wanted or given)
            if scale is not None and (given or wanted):
                # 1.2万 in a column of persons: the scale multiplies the column's unit.
                factors[part.index] *= scale
                rule = "cell_scale" if str(given or wanted).startswith(_SCALES) else "cell_unit"
            elif factor is not None:
                factors[part.index] = factor
                stated = str(given or wanted)
                rule = "" if conversion(full, stated) == 1.0 and not bare else "cell_unit"
            else:
                rule = "not_a_number" if measure(full) is None else self._why(full, str(wanted))
            if rule:
                self._said(rule, part, factors, unit, spot)
        return factors

    def _said(
        self, rule: str, part: pd.DataFrame, factors: "pd.Series[float]", unit: str, spot: Spot
    ) -> None:
        """Note a unit of measurement that stands in cells."""
        values = part["value"] * factors[part.index]
        columns = (part["row"], part["column"], part["value_text"], values)
        for row, column, text, value in zip(*columns, strict=True):
            after = f"{value:g} {unit}" if rule == "cell_unit" else ""
            indicator = part["indicator"].iloc[0]
            self.ledger.add(rule, spot(row, column), text, after, unit=unit, indicator=indicator)

    def _in_range(self, cells: pd.DataFrame, spot: Spot) -> pd.DataFrame:
        low, high = (
            # Without cells there is nothing to tell a number by.
            cells["indicator"]
            .map(pd.to_numeric(self.declared[bound], errors="coerce"))
            .astype("float64")
            for bound in ("minimum", "maximum")
        )
        outside = (cells["value"] < low) | (cells["value"] > high)
        for i in cells.index[outside & np.isfinite(cells["value"])]:
            cell = cells.loc[i]
            self.ledger.add(
                "out_of_range",
                self._spot(cell, spot),
                cell["value_text"],
                indicator=cell["indicator"],
                unit=cell["unit"],
                minimum=f"{low[i]:g}".replace("nan", "-∞"),
                maximum=f"{high[i]:g}".replace("nan", "+∞"),
            )
        return cells


def _precise(own: str, given: str) -> str:
    """Return the unit of a cell with the precision its column states for all."""
    mine, column = measure(own), measure(given)
    if mine is None or column is None or mine.precision or mine.kinds != column.kinds:
        return own
    return f"{own} ({column.precision})" if column.precision else own
