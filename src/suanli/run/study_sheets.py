"""Tables of ``gap``, ``spatial`` and ``hubs`` for the screen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from suanli.analysis.event import DESIGNS
from suanli.analysis.gap import DEFINITIONS
from suanli.profile import ROOT
from suanli.run.sheets import rounded, worded
from suanli.text import Text

__all__ = ["study_sheets"]


_STRICT: Final = "region_and_size"
_LARGEST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """Columns of a table for the screen, and what they are called in its file."""

    kinds: Mapping[str, str]
    called: Mapping[str, str] = field(default_factory=dict)
    params: Callable[[pd.DataFrame], Mapping[str, Any]] = lambda _: {}
    note: str = ""
    rows: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table


def _years(table: pd.DataFrame) -> Mapping[str, Any]:
    return {"first": table["first_year"].min(), "last": table["last_year"].max()}


_TREND: Final = _Sheet(
    kinds={
        "definition": "name",
        "measure": "word",
        "slope": "fine",
        "between": "between",
        "trend": "word",
        "n": "whole",
    },
    called={"direction": "trend"},
    params=_years,
    note="gap_trend",
)


def _main_contributions(table: pd.DataFrame) -> pd.DataFrame:
    """Return the largest contributions under the first definition in the last year."""
    main = table["definition"].eq(DEFINITIONS[0].id) & table["year"].eq(table["year"].max())
    return table[main].head(_LARGEST)


_SHEETS: Final[Mapping[str, _Sheet]] = {
    "gap_trend": _TREND,
    "gap_node_trend": _TREND,
    "gap_contributions": _Sheet(
        kinds={
            "factor_of_gap": "name",
            "mean_east": "points",
            "mean_west": "points",
            "weight": "number",
            "contribution": "signed",
            "share": "share",
        },
        called={"indicator": "factor_of_gap"},
        params=lambda table: {"year": table["year"].max()},
        rows=_main_contributions,
    ),
    "convergence_sigma_trend": _Sheet(
        kinds={
            "series": "name",
            "measure": "word",
            "slope": "fine",
            "between": "between",
            "trend": "word",
        },
        called={"direction": "trend"},
        params=_years,
    ),
    "convergence_beta": _Sheet(
        kinds={
            "series": "name",
            "model": "word",
            "beta": "fine",
            "between": "between",
            "p": "p",
            "p_fdr": "p",
            "half_life": "whole",
        },
        called={"slope": "beta"},
    ),
    "spatial_global": _Sheet(
        kinds={
            "level": "word",
            "scores": "word",
            "moran": "number",
            "expected": "number",
            "z": "points",
            "p": "p",
            "n": "whole",
            "isolates": "whole",
        },
        called={"statistic": "moran", "p_permutation": "p", "n": "all", "n_tested": "n"},
    ),
    "spatial_sensitivity": _Sheet(
        kinds={
            "level": "word",
            "rule": "word",
            "moran": "number",
            "expected": "number",
            "z": "points",
            "p": "p",
            "n": "whole",
            "mean_neighbours": "points",
        },
        called={"statistic": "moran"},
    ),
    "hub_rings": _Sheet(
        kinds={
            "redrawn_within": "word",
            "ring": "name",
            "n": "whole",
            "mean": "points",
            "difference": "signed",
            "expected": "signed",
            "p": "p",
        },
    ),
    "hub_tests": _Sheet(
        kinds={
            "redrawn_within": "word",
            "gradient": "signed",
            "gradient_expected": "signed",
            "gradient_p": "p",
            "top_km": "whole",
            "top_km_expected": "whole",
            "top_km_p": "p",
        },
        called={
            "slope": "gradient",
            "slope_expected": "gradient_expected",
            "slope_p": "gradient_p",
            "top_mean_km": "top_km",
            "top_expected_km": "top_km_expected",
            "top_p": "top_km_p",
        },
        params=lambda table: {"top": table["top_k"].max()},
    ),
    "hub_cities": _Sheet(
        kinds={
            "hub": "text",
            "city": "text",
            "score": "points",
            "rank": "whole",
            "neighbours": "whole",
            "neighbours_mean": "points",
            "quadrant": "word",
            "p_fdr": "p",
        },
        called={"name": "city"},
    ),
    "hub_decay": _Sheet(
        kinds={
            "redrawn_within": "word",
            "membership": "word",
            "gradient": "signed",
            "expected": "signed",
            "p": "p",
            "n": "whole",
        },
        called={"slope": "gradient"},
    ),
    "hub_neighbours": _Sheet(
        kinds={
            "redrawn_within": "word",
            "joined": "word",
            "value": "digits",
            "expected": "digits",
            "p": "p",
        },
        called={"statistic": "joined"},
    ),
    "hub_weights": _Sheet(
        kinds={
            "rule": "word",
            "n": "whole",
            "difference": "signed",
            "expected": "signed",
            "p": "p",
            "slope_p": "p",
            "moran_p": "p",
            "joins_p": "p",
        },
        rows=lambda table: table[table["redrawn_within"] == _STRICT],
    ),
    "hub_event_summary": _Sheet(
        kinds={
            "outcome": "name",
            "ring": "name",
            "treated": "whole",
            "change": "permille",
            "interval_change": "text",
            "p": "p",
            "p_fdr": "p",
            "before_p": "p",
        },
        called={"p_redraw": "p", "before_p_redraw": "before_p"},
        rows=lambda table: _changes(table[table["design"] == DESIGNS[0].id]),
    ),
}


def _changes(table: pd.DataFrame) -> pd.DataFrame:
    """Turn differences of logarithms into shares of change."""
    ends = {name: np.expm1(table[name]) for name in ("lower", "upper")}
    shown = [
        f"{rounded(100 * low, 1)}% – {rounded(100 * high, 1)}%"
        for low, high in zip(ends["lower"], ends["upper"], strict=True)
    ]
    # The p printed are those of redrawn hubs.
    kept = table.drop(columns=["p", "before_p"])
    return kept.assign(change=np.expm1(table["estimate"]), interval_change=shown)


def study_sheets(
    tables: Mapping[str, pd.DataFrame],
    names: Mapping[str, str],
    text: Text,
    *,
    alpha: float = 0.05,
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Put tables of a study into words.

    Parameters
    ----------
    tables : Mapping[str, pandas.DataFrame]
        By name of the file, under identifiers; those that have a sheet.
    names : Mapping[str, str]
        Names of nodes and series by identifier.
    text : Text
        The language.
    alpha : float, default 0.05
        Level of tests: no half-life is printed of what is not shown to converge.

    Returns
    -------
    shown : dict[str, pandas.DataFrame]
        Tables to print by title; of tables of nodes only the index, if it is among them.
    notes : dict[str, str]
        What has to be known of their columns, by title.

    Examples
    --------
    >>> table = pd.DataFrame({"redrawn_within": ["region"], "statistic": ["joins"],
    ...                       "value": [25.0], "expected": [19.1], "p": [0.16]})
    >>> shown, notes = study_sheets({"hub_neighbours": table}, {}, Text("en"))
    >>> shown["Hubs and their neighbours: joins and bivariate Moran's I"].iloc[0].to_list()
    ['within regions', 'joins', '25.0', '19.1', '0.160']
    """
    words = dict(names)
    for definition in ("region4", "belt3", "hub_position", "hub_position_by_demand"):
        words[definition] = text(f"analysis.definition_{definition}")
    for outcome in ("telecom_revenue", "industrial_electricity", "gdp_per_head"):
        words[outcome] = text(f"hubs.outcome_{outcome}")
    words |= {str(ring): text(f"maps.ring_{ring}") for ring in range(4)}
    shown, notes = {}, {}
    for key, table in tables.items():
        sheet = _SHEETS[key]
        of_index = "node" in table and (table["node"] == ROOT).any()
        rows = sheet.rows(table[table["node"] == ROOT] if of_index else table)
        if key == "convergence_beta":
            rows = rows.assign(half_life=rows["half_life"].where(rows["p_fdr"] <= alpha))
        if key == "hub_decay":
            # Steps of contiguity are rings, as elsewhere.
            rows = rows.replace({"membership": {"queen": "rings"}})
        params = dict(sheet.params(rows))
        node = str(rows["node"].iloc[0]) if "node" in rows else ROOT
        title = text(f"shown.title.{key}", node=words.get(node, node), **params)
        called = rows.rename(columns=dict(sheet.called))
        shown[title] = worded(called, sheet.kinds, text, names=words, **params)
        notes[title] = text(f"shown.note.{sheet.note or key}")
    return shown, notes
