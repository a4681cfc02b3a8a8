"""What the approval of a hub changed: an event study on yearly series of cities."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.statistics import EventStudy, Redraws, by_order, event_study, fdr_adjust
from geo.statistics.rings import rings_of
from geo.weights import build_contiguity
from suanli.analysis.hub_places import mainland, redrawn_hubs
from suanli.analysis.spatial import bridge_pairs
from suanli.errors import InputError, Problem
from suanli.intake.table import IndicatorTable

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = [
    "DESIGNS",
    "OUTCOMES",
    "Design",
    "EventResult",
    "Outcome",
    "first_years",
    "hub_events",
    "series_of",
]

Floats = NDArray[np.float64]
Rings = NDArray[np.uint8]

_RINGS = 2
_HALF_YEAR = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A yearly series of cities, taken as a natural logarithm.

    Attributes
    ----------
    id : str
        Name in tables.
    indicator : str
        Indicator of the catalogue.
    over : str
        Indicator it is divided by; empty for none.
    first : int
        First year used: earlier ones are not comparable or not asked for.
    """

    id: str
    indicator: str
    over: str = ""
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One way to set the study up.

    Attributes
    ----------
    id : str
        Name in tables.
    timing : {"exposure", "calendar"}
        First treated year: the first with at least half a year after approval, or that of
        approval.
    within_regions : bool
        Whether cities are compared with cities of their own region only.
    """

    id: str
    timing: str
    within_regions: bool


OUTCOMES: Final = (
    Outcome(id="telecom_revenue", indicator="telecom_revenue", first=2013),
    Outcome(id="industrial_electricity", indicator="industrial_electricity", first=2017),
    Outcome(id="gdp_per_head", indicator="gdp", over="population", first=2019),
)
"""Series of cities that reach beyond the approvals. City accounts change vintage between 2018
and 2019, so that gross product begins in 2019."""

DESIGNS: Final = (
    Design(id="main", timing="exposure", within_regions=True),
    Design(id="calendar", timing="calendar", within_regions=True),
    Design(id="nationwide", timing="exposure", within_regions=False),
)
"""The design the conclusion rests on, named beforehand, then two to hold it against."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventResult:
    """Effects on hub cities (ring 0), their neighbours (1) and the next ring (2).

    Attributes
    ----------
    effects : pandas.DataFrame
        One row per design, outcome, ring and ``event`` year: ``estimate`` in log points,
        ``standard_error`` by unit, ``lower``, ``upper``, ``p``, ``expected`` and
        ``p_redraw`` over redrawn hubs, ``detectable``, ``treated``, ``controls``; ``base``,
        the event year they are measured from, missing where cohorts have several.
    summary : pandas.DataFrame
        One row per design, outcome and ring: the same for all years since approval
        together, with ``p_fdr`` of ``p_redraw`` over all rows of a design; joint test of
        the years before, ``before_years``, ``before_p`` and ``before_p_redraw``;
        ``first_year``, ``last_year``, ``years_after``.
    permutations : int
        Redrawn hub sets.
    """

    effects: pd.DataFrame
    summary: pd.DataFrame
    permutations: int


def hub_events(
    table: IndicatorTable,
    layer: "GeoDataFrame",
    hub_cities: pd.DataFrame,
    *,
    regions: pd.Series,
    strata: pd.Series,
    bridges: pd.DataFrame,
    rng: np.random.Generator,
    permutations: int = 9_999,
) -> EventResult:
    """Follow cities around hubs through the years before and after approval.

    Parameters
    ----------
    table : IndicatorTable
        City values by year; needs the indicators of :data:`OUTCOMES`.
    layer : geopandas.GeoDataFrame
        All drawn cities, indexed by code.
    hub_cities : pandas.DataFrame
        Hub cities indexed by code, with ``name`` and ``approval_date`` (``2021-12-20`` or
        ``2022-02``).
    regions : pandas.Series
        Region by code, within which cities are compared.
    strata : pandas.Series
        Stratum by code, within which hubs are redrawn; approval dates move with them.
    bridges : pandas.DataFrame
        Pairs of codes, ``from`` and ``to``, linked over water.
    rng : numpy.random.Generator
        Source of the redraws.
    permutations : int, default 9_999
        Redrawn hub sets.

    Returns
    -------
    EventResult
        Effects by year and in summary, under every design.

    Raises
    ------
    InputError
        An approval date cannot be read, a hub city is unknown or has no stratum or region,
        or an outcome has values of fewer than two years.
    geo.errors.GeoError
        A series leaves too few treated cities or years, or hubs cannot be redrawn.

    Notes
    -----
    Rings are steps of queen contiguity with bridges. Each ring is compared with cities
    beyond ring 2, the other rings left out, so that nobody is compared with those who may be
    touched. Under a redraw rings are counted anew around the redrawn hubs. Estimator:
    :func:`geo.statistics.event_study`.

    Examples
    --------
    >>> from suanli.boundaries import load_boundaries, load_bridges
    >>> from suanli.data import load_catalogue
    >>> catalogue, layer = load_catalogue(), load_boundaries().city
    >>> regions = pd.Series("all", index=layer.index[layer["evaluated"]])
    >>> result = hub_events(catalogue.city, layer, catalogue.hub_cities, regions=regions,
    ...                     strata=regions, bridges=load_bridges("city"),
    ...                     rng=np.random.default_rng(1), permutations=99)
    >>> result.summary.groupby("design").size().to_dict()
    {'calendar': 9, 'main': 9, 'nationwide': 9}
    """
    places = mainland(layer)
    hubs = hub_cities.sort_index()
    # A city without region is compared with nobody, so it cannot be a hub, redrawn or not.
    known = strata[regions.reindex(strata.index).notna()]
    redraws = redrawn_hubs(places, hubs, strata=known, permutations=permutations, rng=rng)
    graph = build_contiguity(places, bridges=bridge_pairs(places, bridges), islands="keep")
    classes = by_order(graph, max_order=_RINGS).classes
    groups = regions.reindex(places.index)
    taking_part = groups.index[groups.notna()]
    panels = [(outcome, series_of(table, outcome, taking_part)) for outcome in OUTCOMES]
    effects, summary = [], []
    for design in DESIGNS:
        dealt = _dealt(redraws, classes, first_years(hubs, timing=design.timing), codes=taking_part)
        for (outcome, panel), ring in _crossed(panels):
            observed, drawn = dealt(ring)
            study = event_study(
                panel,
                observed,
                strata=groups[taking_part] if design.within_regions else None,
                redraw=_given(drawn),
                permutations=permutations,
                rng=rng,
            )
            head = {"design": design.id, "outcome": outcome.id, "ring": ring}
            rows = study.effects.reset_index().assign(base=_base_event(study))
            effects.append(pd.DataFrame(head, index=rows.index).join(rows))
            summary.append(head | _summary(study, panel))
    whole = pd.DataFrame(summary)
    whole["p_fdr"] = whole.groupby("design", sort=False)["p_redraw"].transform(fdr_adjust)
    return EventResult(
        effects=pd.concat(effects, ignore_index=True), summary=whole, permutations=permutations
    )


def _base_event(study: EventStudy) -> float:
    events = (study.cells["base"] - study.cells["cohort"]).unique()
    return float(events[0]) if len(events) == 1 else np.nan


def first_years(hub_cities: pd.DataFrame, *, timing: str) -> pd.Series:
    """Return the first treated year of every hub city.

    Parameters
    ----------
    hub_cities : pandas.DataFrame
        Indexed by code, with ``approval_date`` (year, month, perhaps day).
    timing : {"exposure", "calendar"}
        The first year with at least half a year after approval, or that of approval.

    Returns
    -------
    pandas.Series
        Year by code.

    Raises
    ------
    InputError
        A date has no year or no month.

    Examples
    --------
    >>> hubs = pd.DataFrame({"name": ["A", "B"], "approval_date": ["2021-12-20", "2022-02"]},
    ...                     index=["a", "b"])
    >>> first_years(hubs, timing="exposure").to_list()
    [2022, 2022]
    >>> first_years(hubs, timing="calendar").to_list()
    [2021, 2022]
    """
    parts = hub_cities["approval_date"].str.extract(r"^(\d{4})-(0[1-9]|1[0-2])(?:-\d{2})?$")
    unread = hub_cities[parts.isna().any(axis=1)]
    if len(unread):
        problems = [
            Problem(
                code="hubs.approval_unread",
                params={"code": code, "name": row["name"], "date": row["approval_date"]},
            )
            for code, row in unread.iterrows()
        ]
        raise InputError(problems)
    years, months = parts[0].astype(int), parts[1].astype(int)
    if timing == "calendar":
        return years.rename("first_year")
    return (years + (months >= _HALF_YEAR)).rename("first_year")


def series_of(table: IndicatorTable, outcome: Outcome, codes: pd.Index) -> pd.DataFrame:
    """Return the logarithm of an outcome, year by year.

    Parameters
    ----------
    table : IndicatorTable
        City values by year.
    outcome : Outcome
        The series.
    codes : pandas.Index
        Cities to keep, in this order.

    Returns
    -------
    pandas.DataFrame
        Index year, one column per code; missing where a value is missing or not positive.

    Raises
    ------
    InputError
        Fewer than two years have values.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> panel = series_of(load_catalogue().city, OUTCOMES[2], pd.Index(["110000", "310000"]))
    >>> panel.index.to_list()
    [2019, 2020, 2021, 2022, 2023]
    """
    cells = table.cells
    years = sorted(cells.loc[cells["indicator"].eq(outcome.indicator), "year"].unique())
    rows = {}
    for year in (int(y) for y in years if y >= outcome.first):
        values = table.wide(year)
        amount = values[outcome.indicator]
        if outcome.over:
            amount = amount / values[outcome.over]
        rows[year] = np.log(amount.where(amount > 0)).reindex(codes)
    known = {year: row for year, row in rows.items() if row.notna().any()}
    if len(known) < 2:  # noqa: PLR2004 - before and after
        params = {"indicator": outcome.indicator, "first": outcome.first}
        raise InputError([Problem(code="hubs.series_short", params=params)])
    return pd.DataFrame(known).T


def _crossed(
    panels: Sequence[tuple[Outcome, pd.DataFrame]],
) -> Iterator[tuple[tuple[Outcome, pd.DataFrame], int]]:
    for panel in panels:
        for ring in range(_RINGS + 1):
            yield panel, ring


def _given(drawn: pd.DataFrame) -> Callable[[int, np.random.Generator], pd.DataFrame]:
    return lambda _draws, _rng: drawn


def _dealt(
    redraws: Redraws, classes: Rings, years: pd.Series, *, codes: pd.Index
) -> Callable[[int], tuple[pd.Series, pd.DataFrame]]:
    """Return who is treated when as one ring around hubs, observed and redrawn."""
    # Column j of a redrawn set stands in for hub j and brings its year along.
    dates = years.reindex(redraws.labels[redraws.chosen]).to_numpy(dtype=np.float64)
    sets = np.vstack([redraws.chosen[None, :], redraws.sets])
    classes = classes[:, redraws.labels.get_indexer(codes)]
    rings = rings_of(classes, sets)
    first = np.full(rings.shape, np.inf, dtype=np.float32)
    for column, date in zip(sets.T, dates, strict=True):
        nearest = classes[column] == rings
        np.minimum(first, np.float32(date), out=first, where=nearest)

    @cache  # the same for every series
    def ring_treated(ring: int) -> tuple[pd.Series, pd.DataFrame]:
        beyond = np.where(rings > _RINGS, np.float32(np.inf), np.float32(-np.inf))
        assigned = pd.DataFrame(np.where(rings == ring, first, beyond), columns=codes)
        return assigned.iloc[0], assigned.iloc[1:]

    return ring_treated


def _summary(study: EventStudy, panel: pd.DataFrame) -> dict[str, object]:
    before = study.pre_trend
    return {
        **{str(name): value for name, value in study.overall.items()},
        "before_years": len(before.events) if before else 0,
        "before_p": before.p if before else np.nan,
        "before_p_redraw": before.p_redraw if before else np.nan,
        "first_year": int(panel.index.min()),
        "last_year": int(panel.index.max()),
        "years_after": int((study.effects.index >= 0).sum()),
    }
