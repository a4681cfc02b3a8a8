"""Parts against the total a table gives for all of them."""

from collections.abc import Callable
from typing import Final

import pandas as pd

from suanli.intake.findings import Ledger, Place
from suanli.intake.measures import measure

__all__ = ["compare_totals"]

_TOLERANCE: Final = 0.02
_MEANS: Final = ("平均", "均值", "average", "mean", "中位")
# What sums over places; a rate, a temperature or a quotient does not.
_ADDITIVE: Final = frozenset(
    {"money", "dollar", "persons", "count", "racks", "length", "area", "energy", "compute", "data"}
    | {"power", "volume", "mass", "visits", "person years", "coal equivalent", "sheath length"}
)
_MOST: Final = 25


def compare_totals(
    parts: pd.DataFrame,
    totals: pd.DataFrame,
    spot: Callable[[int, str], Place],
    ledger: Ledger,
) -> None:
    """Warn where a unit exceeds the total, or the units do not add up to it.

    Parameters
    ----------
    parts, totals : pandas.DataFrame
        Values of units and of rows such as 全国, 合计: ``row``, ``column``, ``indicator``,
        ``year``, ``unit``, ``value``.
    spot : Callable[[int, str], Place]
        The place of a cell.
    ledger : Ledger
        Takes what is found.

    Examples
    --------
    >>> ledger = Ledger()
    >>> row = {"row": [0], "column": ["GDP"], "indicator": ["gdp"], "year": [2023],
    ...        "unit": ["亿元"]}
    >>> compare_totals(pd.DataFrame(row | {"value": [5.0]}), pd.DataFrame(row | {"value": [4.0]}),
    ...     lambda row, column: Place(file="a.csv", row=row, column=column), ledger)
    >>> ledger.findings[0].rule
    'above_total'
    """
    for _, total in totals.iterrows():
        found = measure(total["unit"]) if total["unit"] else None
        if found is None or len(found.kinds) != 1 or found.kinds[0][0] not in _ADDITIVE:
            continue
        same = parts[(parts["indicator"] == total["indicator"]) & (parts["year"] == total["year"])]
        place = spot(int(total["row"]), str(total["column"]))
        above = same[same["value"] > total["value"] * (1 + _TOLERANCE)]
        for _, part in above.iterrows():
            ledger.add(
                "above_total",
                spot(int(part["row"]), str(part["column"])),
                f"{part['value']:g}",
                total=f"{total['value']:g}",
                line=place.row,
            )
        whole = same["value"].sum()
        if len(same) > _MOST and above.empty and abs(whole / total["value"] - 1) > _TOLERANCE:
            ledger.add(
                "parts_differ_from_total",
                place,
                f"{total['value']:g}",
                sum=f"{whole:.6g}",
                share=f"{whole / total['value']:.0%}",
            )
