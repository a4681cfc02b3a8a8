"""How the gap between east and west changed before and within the last years."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from suanli.analysis.gap import DEFINITIONS, Definition, node_values, region_groups
from suanli.evaluation import Scores
from suanli.profile import ROOT

__all__ = ["RECENT_YEARS", "gap_changes"]

RECENT_YEARS: Final = 3
"""Years counted as the last ones: fixed, so that the parting year is not picked by its look."""

_FEWEST: Final = 2 * RECENT_YEARS
_TAILS: Final = (0.025, 0.975)
_COLUMNS: Final = (
    "definition", "first_year", "last_year", "from", "to", "change", "lower", "upper",
    "direction", "n",
)  # fmt: skip


def gap_changes(
    panel: Mapping[int, Scores],
    regions: pd.DataFrame,
    *,
    rng: np.random.Generator,
    replicates: int = 9_999,
    recent: int = RECENT_YEARS,
) -> pd.DataFrame:
    """Measure how the gap of the index changed until ``recent`` years ago, and since.

    Parameters
    ----------
    panel : Mapping[int, Scores]
        Scores by year, comparable between years (panel scope).
    regions : pandas.DataFrame
        Provinces indexed by code, with the columns the definitions name.
    rng : numpy.random.Generator
        Source of the replicates.
    replicates : int, default 9_999
        Bootstrap replicates.
    recent : int, default 3
        Years of the second span.

    Returns
    -------
    pandas.DataFrame
        Two rows per definition, the earlier span first: ``first_year``, ``last_year``; the gap
        at its ends (``from``, ``to``) and its ``change`` in points with ``lower`` and
        ``upper``; ``direction`` (widening, narrowing, insignificant); ``n`` units. Empty below
        six years, and where a side has no unit scored in every year.

    Notes
    -----
    The interval is the 95 % percentile bootstrap that draws whole units with all their years
    within each side, as that of the trend: it says how much the change hangs on single units.
    A change is called widening when it takes the gap further from zero.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> study = sample_edition().study
    >>> found = gap_changes(study.panel, study.catalogue.regions, rng=np.random.default_rng(1),
    ...                     replicates=99)
    >>> found.loc[found["definition"].eq("region4"), "last_year"].tolist()
    [2020, 2023]
    """
    if len(panel) < _FEWEST or recent >= len(panel):
        return pd.DataFrame(columns=list(_COLUMNS))
    values = node_values(panel, ROOT).sort_index().dropna(axis="columns")
    rows = []
    for definition in DEFINITIONS:
        groups = region_groups(regions[definition.column], values.columns)
        rows += _changes(values, groups, definition, recent=recent, replicates=replicates, rng=rng)
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _changes(
    values: pd.DataFrame,
    groups: pd.Series,
    definition: Definition,
    *,
    recent: int,
    replicates: int,
    rng: np.random.Generator,
) -> list[tuple[object, ...]]:
    sides = [
        values[sorted(groups.index[groups.eq(side)])].to_numpy().T
        for side in (definition.east, definition.west)
    ]
    if not all(len(side) for side in sides):
        return []
    gap = sides[0].mean(axis=0) - sides[1].mean(axis=0)
    east, west = (_resampled(side, replicates, rng) for side in sides)
    rows: list[tuple[object, ...]] = []
    ends = (0, len(values) - 1 - recent, len(values) - 1)
    for first, last in pairwise(ends):
        change = float(gap[last] - gap[first])
        drawn = (east[:, last] - west[:, last]) - (east[:, first] - west[:, first])
        lower, upper = (float(q) for q in np.quantile(drawn, _TAILS))
        years = (int(values.index[first]), int(values.index[last]))
        direction = _direction(lower, upper, float(gap[first]))
        figures = (float(gap[first]), float(gap[last]), change, lower, upper)
        rows.append((definition.id, *years, *figures, direction, sum(map(len, sides))))
    return rows


def _resampled(
    side: NDArray[np.float64], replicates: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Means per year of units drawn with all their years, shape (replicates, years)."""
    drawn = rng.integers(0, len(side), (replicates, len(side)))
    return np.asarray(side[drawn].mean(axis=1), dtype=np.float64)


def _direction(lower: float, upper: float, before: float) -> str:
    if lower <= 0 <= upper:
        return "insignificant"
    return "widening" if (lower > 0) == (before > 0) else "narrowing"
