"""Average effects by group of first treatment and year, for many treatments at once."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.errors import StatisticsError
from geo.statistics.treatment import Treatment
from geo.weights.construction import name_labels, named

__all__ = ["Cell", "Controls", "GroupTime", "Influence", "group_time", "influence", "usable"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Controls = Literal["not_yet", "never"]

_BLOCK = 1 << 22
_FEWEST_TREATED = 2

# Of the largest outcome: a difference below this is rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cohort in one year, against the last panel year before its treatment."""

    cohort: float
    year: float
    base: float

    @property
    def event(self) -> float:
        """Years since the first treated one."""
        return self.year - self.cohort


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupTime:
    """Effects of every cell under every assignment.

    ``estimate`` is NaN where nobody is treated or a treated stratum has no control;
    ``treated`` and ``controls`` count units. All have shape (draws, cells).
    """

    cells: tuple[Cell, ...]
    estimate: Floats
    treated: Floats
    controls: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Influence:
    """What every unit adds to the error of every cell, and its part in it; (n, cells)."""

    values: Floats
    treated: Flags
    controls: Flags


def group_time(
    treatment: Treatment,
    assigned: Floats,
    controls: Controls,
    *,
    cells: tuple[Cell, ...] | None = None,
) -> GroupTime:
    """Estimate every cell under every assignment of first treated years.

    Parameters
    ----------
    treatment : Treatment
        The panel.
    assigned : numpy.ndarray of float, shape (draws, n)
        First treated year of every unit; +inf never, -inf left out.
    controls : {"not_yet", "never"}
        Whom the treated are compared with.
    cells : tuple of Cell, optional
        Cells to estimate; all of the first assignment's cohorts if not given.

    Returns
    -------
    GroupTime
        Estimates and numbers of units.

    Notes
    -----
    With more than one stratum the change of a treated unit is taken from the mean change of
    the controls of its stratum.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.statistics.treatment import treatment_of
    >>> panel = pd.DataFrame({"a": [1.0, 5.0], "b": [2.0, 3.0]}, index=[2021, 2022])
    >>> treatment = treatment_of(panel, pd.Series({"a": 2022, "b": None}))
    >>> group_time(treatment, treatment.first[None, :], "never").estimate.tolist()
    [[3.0]]
    """
    wanted = _all_cells(assigned[0], treatment.years) if cells is None else cells
    draws, n = assigned.shape
    shape = (draws, len(wanted))
    estimate, treated, compared = np.empty(shape), np.empty(shape), np.empty(shape)
    batches = _batches(wanted, assigned, controls)
    changes = {cell: _changes_by_stratum(treatment, cell) for cell in wanted}
    rows = max(1, _BLOCK // n)
    for start in range(0, draws, rows):
        block = slice(start, start + rows)
        for batch in batches:
            inside, outside = _roles(assigned[block], wanted[batch[0]], controls)
            every = np.hstack([changes[wanted[place]] for place in batch])
            own, other = (
                (mask.astype(np.float64) @ every).reshape(len(mask), len(batch), 2, -1)
                for mask in (inside, outside)
            )
            total, count = own[:, :, 0], own[:, :, 1]
            with np.errstate(divide="ignore", invalid="ignore"):
                mean = other[:, :, 0] / other[:, :, 1]
                gain = np.where(count > 0.0, total - count * mean, 0.0).sum(axis=2)
                treated[block, batch] = count.sum(axis=2)
                estimate[block, batch] = _settled(treatment, gain / count.sum(axis=2))
            compared[block, batch] = np.where(count > 0.0, other[:, :, 1], 0.0).sum(axis=2)
    return GroupTime(cells=wanted, estimate=estimate, treated=treated, controls=compared)


def usable(treatment: Treatment, found: GroupTime) -> tuple[Cell, ...]:
    """Return the cells with enough treated units; refuse what leaves nothing to estimate.

    Parameters
    ----------
    treatment : Treatment
        The panel.
    found : GroupTime
        Estimates under the observed treatment.

    Returns
    -------
    tuple of Cell
        Those with at least two treated units observed in both years.

    Raises
    ------
    geo.errors.StatisticsError
        Nobody is treated after the first year, a cohort is too small or has nobody to be
        compared with.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.statistics.treatment import treatment_of
    >>> panel = pd.DataFrame({"a": [1.0, 5.0], "b": [2.0, 3.0]}, index=[2021, 2022])
    >>> treatment = treatment_of(panel, pd.Series({"a": 2022, "b": None}))
    >>> usable(treatment, group_time(treatment, treatment.first[None, :], "never"))
    Traceback (most recent call last):
        ...
    geo.errors.StatisticsError: of those first treated in 2022 (a) fewer than 2 have data
    before and after; join cohorts or leave it out
    """
    if not found.cells:
        early = treatment.left_out
        raise StatisticsError(
            "nobody is first treated between the second and the last year of the panel; "
            f"treated from the start: {name_labels(early) or '-'}",
            code="statistics.event_untreated",
            first=float(treatment.years[0]),
            last=float(treatment.years[-1]),
            **(named(early) | {"units": name_labels(early) or "-"}),
        )
    treated, estimate = found.treated[0], found.estimate[0]
    for cohort in dict.fromkeys(cell.cohort for cell in found.cells):
        members = list(treatment.labels[treatment.first == cohort])
        after = [c.cohort == cohort and c.event >= 0.0 for c in found.cells]
        if treated[after].max() < _FEWEST_TREATED:
            raise StatisticsError(
                f"of those first treated in {cohort:g} ({name_labels(members)}) fewer than "
                f"{_FEWEST_TREATED} have data before and after; join cohorts or leave it out",
                code="statistics.event_cohort_small",
                cohort=cohort,
                fewest=_FEWEST_TREATED,
                **named(members),
            )
        lonely = (treated > 0) & np.isnan(estimate) & [c.cohort == cohort for c in found.cells]
        if lonely.any():
            year = found.cells[int(np.flatnonzero(lonely)[0])].year
            raise StatisticsError(
                f"in {year:g} no untreated unit is left to compare those first treated in "
                f"{cohort:g} with ({name_labels(members)}); widen the strata",
                code="statistics.event_no_controls",
                cohort=cohort,
                year=year,
                **named(members),
            )
    return tuple(cell for cell, n in zip(found.cells, treated, strict=True) if n >= _FEWEST_TREATED)


def influence(treatment: Treatment, found: GroupTime, controls: Controls) -> Influence:
    """Return what every unit adds to the sampling error of every cell.

    Parameters
    ----------
    treatment : Treatment
        The panel with the observed treatment.
    found : GroupTime
        Its estimates.
    controls : {"not_yet", "never"}
        Whom the treated are compared with.

    Returns
    -------
    Influence
        Contributions; the sum of squares of a column is the variance of its estimate.

    Notes
    -----
    Deviations from the mean of their group over its size m, times (m / (m - 1)) ** 0.5.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.statistics.treatment import treatment_of
    >>> panel = pd.DataFrame({"a": [1.0, 5.0], "b": [2.0, 4.0], "c": [2.0, 3.0]},
    ...                      index=[2021, 2022])
    >>> treatment = treatment_of(panel, pd.Series({"a": 2022, "b": 2022, "c": None}))
    >>> found = group_time(treatment, treatment.first[None, :], "never")
    >>> influence(treatment, found, "never").values.round(3).tolist()
    [[0.707], [-0.707], [-0.0]]
    """
    shape = (len(treatment.labels), len(found.cells))
    values = np.zeros(shape)
    treated, compared = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for place, cell in enumerate(found.cells):
        change = _change(treatment, cell)
        seen = np.isfinite(change)
        inside, outside = (r[0] & seen for r in _roles(treatment.first[None], cell, controls))
        size = float(inside.sum())
        gain = np.zeros(len(change))
        for stratum in np.unique(treatment.strata[inside]):
            here = treatment.strata == stratum
            others, own = outside & here, inside & here
            mean = change[others].mean()
            gain[own] = _settled(treatment, change[own] - mean)
            share = own.sum() / size
            apart = _settled(treatment, change[others] - mean)
            values[others, place] = -share * apart * _scaled(others.sum())
            compared[others, place] = True
        centred = _settled(treatment, gain[inside] - found.estimate[0, place])
        values[inside, place] = centred * _scaled(size)
        treated[inside, place] = True
    return Influence(values=values, treated=treated, controls=compared)


def _settled(treatment: Treatment, differences: Floats) -> Floats:
    """Set to zero what is rounding only: where all change alike, nothing is significant."""
    largest = float(np.nanmax(np.abs(treatment.outcome)))
    return np.where(np.abs(differences) <= _ROUNDING * largest, 0.0, differences)


def _scaled(size: float) -> float:
    return float(1.0 / np.sqrt(size * max(size - 1.0, 1.0)))


def _all_cells(first: Floats, years: Floats) -> tuple[Cell, ...]:
    cells = []
    for cohort in np.unique(first[np.isfinite(first)]):
        base = float(years[years < cohort].max())
        others = [float(year) for year in years if year != base]
        cells += [Cell(cohort=float(cohort), year=year, base=base) for year in others]
    return tuple(cells)


def _batches(cells: tuple[Cell, ...], assigned: Floats, controls: Controls) -> list[list[int]]:
    """Gather the cells that compare the same units, so that these are told apart once."""
    years = np.unique(assigned[np.isfinite(assigned)])
    batches: dict[tuple[float, int], list[int]] = {}
    for place, cell in enumerate(cells):
        treated = int(np.searchsorted(years, max(cell.year, cell.base), side="right"))
        key = (cell.cohort, 0 if controls == "never" else treated)
        batches.setdefault(key, []).append(place)
    return list(batches.values())


def _roles(assigned: Floats, cell: Cell, controls: Controls) -> tuple[Flags, Flags]:
    inside = assigned == cell.cohort
    if controls == "never":
        return inside, np.isposinf(assigned)
    return inside, (assigned > max(cell.year, cell.base)) & ~inside


def _change(treatment: Treatment, cell: Cell) -> Floats:
    year, base = np.searchsorted(treatment.years, [cell.year, cell.base])
    return np.asarray(treatment.outcome[:, year] - treatment.outcome[:, base], dtype=np.float64)


def _changes_by_stratum(treatment: Treatment, cell: Cell) -> Floats:
    """Return columns that sum changes, then columns that count units, one per stratum."""
    change = _change(treatment, cell)
    seen = np.isfinite(change)
    member = treatment.strata[:, None] == np.arange(treatment.strata.max() + 1)
    inside = (member & seen[:, None]).astype(np.float64)
    return np.hstack([inside * np.where(seen, change, 0.0)[:, None], inside])
