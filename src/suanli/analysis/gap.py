"""The gap between east and west, under every definition of east and west."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.statistics import group_contrast, group_means
from suanli.analysis.inequality import inequality, weighted_inequality
from suanli.errors import InputError, Problem
from suanli.evaluation import Scores
from suanli.profile import ROOT

__all__ = [
    "DEFINITIONS",
    "Definition",
    "GapResult",
    "gap",
    "gap_all",
    "node_values",
    "region_groups",
]

Floats = NDArray[np.float64]

_FEWEST_YEARS = 3
_TAILS = (0.025, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One way to tell east from west.

    Attributes
    ----------
    id : str
        Identifier, printed in every table.
    column : str
        Column of the table of regions.
    east, west : str
        The two groups of that column that are compared.
    """

    id: str
    column: str
    east: str = "east"
    west: str = "west"


DEFINITIONS: Final = (
    Definition(id="region4", column="region4"),
    Definition(id="belt3", column="belt3"),
    Definition(id="hub_position", column="position"),
    Definition(id="hub_position_by_demand", column="position_by_demand"),
)
"""Four regions of the statistics bureau (10 east, 6 central, 12 west, 3 north-east), three
belts (11, 8, 12), and the provinces of eastern against western hub nodes, twice: Chengdu and
Chongqing count as west by place and as east by the demand they serve."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapResult:
    """The gap, tidy: every table names its definition, and its node after :func:`gap_all`.

    Attributes
    ----------
    years : pandas.DataFrame
        One row per year: ``n`` units in a group, ``left_out`` units with a value but no
        group, means of both sides, ``difference`` and ``ratio`` (east to west) with 95 %
        bootstrap intervals, medians and ``median_difference``, ``gini``, ``cv``, Theil's T
        ``theil`` with ``theil_within`` and ``theil_between``, ``between_share`` and
        ``between_p`` by permutation; Dagum's parts of the Gini, ``dagum_within``,
        ``dagum_between`` (net), ``dagum_transvariation``; Theil's L ``theil_l``, its parts;
        ``gini``, ``cv``, ``theil`` and ``between_share`` weighted by population (suffix
        ``_population``) where one is known.
    groups : pandas.DataFrame
        One row per year and group: ``n``, ``mean`` with ``lower`` and ``upper``, ``median``.
    trend : pandas.DataFrame
        One row each for ``difference`` and ``ratio``: ``slope`` per year with ``lower`` and
        ``upper``, ``direction`` (widening, narrowing, insignificant), ``n`` units, first
        and last year. Empty below three years.
    """

    years: pd.DataFrame
    groups: pd.DataFrame
    trend: pd.DataFrame


def gap(
    values: pd.DataFrame,
    groups: pd.Series,
    *,
    definition: Definition,
    rng: np.random.Generator,
    population: pd.DataFrame | None = None,
    replicates: int = 9_999,
    permutations: int = 9_999,
) -> GapResult:
    """Measure the gap year by year, and its trend.

    Parameters
    ----------
    values : pandas.DataFrame
        Scores, none negative if inequality is to be measured; index year, one column per
        code.
    groups : pandas.Series
        Group by code; missing or empty for units that belong to none.
    definition : Definition
        The two groups compared, and what to call them.
    rng : numpy.random.Generator
        Source of the replicates and permutations.
    population : pandas.DataFrame, optional
        Inhabitants, index year, one column per code, for the weighted measures.
    replicates : int, default 9_999
        Bootstrap replicates.
    permutations : int, default 9_999
        Regroupings that test the between part of Theil's T.

    Returns
    -------
    GapResult
        Years, groups and trend.

    Raises
    ------
    geo.errors.GeoError
        In some year a side has no unit with a value.

    Notes
    -----
    Intervals are 95 % percentile bootstraps that draw units within each group. The trend is
    the least-squares slope of the yearly figure; its interval draws whole units with all
    their years (units scored in every year), so that what persists in a unit does not pass
    for evidence. All units of the country are known: the intervals say how much the figure
    hangs on single units. Inequality measures are missing where a score is negative or all
    are zero.

    Examples
    --------
    >>> values = pd.DataFrame({"a": [4.0, 5.0], "b": [6.0, 7.0], "c": [2.0, 2.0]},
    ...                       index=[2022, 2023])
    >>> groups = pd.Series({"a": "east", "b": "east", "c": "west"})
    >>> result = gap(values, groups, definition=DEFINITIONS[0], rng=np.random.default_rng(1))
    >>> result.years[["year", "difference", "ratio"]].values.tolist()
    [[2022.0, 3.0, 2.5], [2023.0, 4.0, 3.0]]
    """
    member = groups[groups.notna() & groups.ne("")]
    years, means = [], []
    for year in sorted(values.index):
        every = values.loc[year].dropna()
        known = every[every.index.isin(member.index)]
        group = member.reindex(known.index)
        head = {"definition": definition.id, "year": int(year)}
        contrast = group_contrast(
            known, group, a=definition.east, b=definition.west, replicates=replicates, rng=rng
        )
        years.append(
            head
            | {"n": len(known), "left_out": len(every) - len(known)}
            | {"mean_east": contrast.mean_a, "mean_west": contrast.mean_b}
            | _with_interval("difference", contrast.difference, contrast.difference_interval)
            | _with_interval("ratio", contrast.ratio, contrast.ratio_interval)
            | _medians(known, group, definition)
            | inequality(known, group, permutations=permutations, rng=rng)
            | weighted_inequality(known, group, population, int(year))
        )
        table = group_means(known, group, replicates=replicates, rng=rng)
        table = table.rename_axis("group").reset_index()
        means.append(table.assign(definition=definition.id, year=int(year)))
    first = ["definition", "year", "group"]
    described = pd.concat(means, ignore_index=True)
    return GapResult(
        years=pd.DataFrame(years),
        groups=described[[*first, *described.columns.difference(first, sort=False)]],
        trend=_trend(values, member, definition, replicates=replicates, rng=rng),
    )


def gap_all(
    panel: Mapping[int, Scores],
    regions: pd.DataFrame,
    *,
    rng: np.random.Generator,
    nodes: Sequence[str] | None = None,
    definitions: Sequence[Definition] = DEFINITIONS,
    population: pd.DataFrame | None = None,
    replicates: int = 9_999,
    permutations: int = 9_999,
) -> GapResult:
    """Measure the gap of the index and of every dimension, under every definition.

    Parameters
    ----------
    panel : Mapping[int, Scores]
        Scores by year, comparable between years (panel scope).
    regions : pandas.DataFrame
        Provinces indexed by code, with the columns the definitions name. A city belongs to
        the region of its province.
    rng : numpy.random.Generator
        Source of the replicates and permutations.
    nodes : Sequence[str], optional
        Index, dimensions or indicators, see :func:`node_values`; the index and the
        dimensions right below it if not given.
    definitions : Sequence[Definition], default DEFINITIONS
        Ways to tell east from west.
    population : pandas.DataFrame, optional
        Inhabitants, index year, one column per code.
    replicates, permutations : int, default 9_999
        As in :func:`gap`.

    Returns
    -------
    GapResult
        The tables of all nodes and definitions, with the column ``node`` in front.

    Raises
    ------
    InputError
        A node is unknown.
    geo.errors.GeoError
        In some year a side has no unit with a score.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate_panel
    >>> from suanli.profile import load_profile
    >>> catalogue = load_catalogue()
    >>> panel = evaluate_panel(catalogue.province, load_profile("caict2024-province"))
    >>> result = gap_all(panel, catalogue.regions, rng=np.random.default_rng(1),
    ...                  replicates=99, permutations=99)
    >>> parts = result.years["theil_within"] + result.years["theil_between"]
    >>> bool((parts - result.years["theil"]).abs().max() < 1e-12)
    True
    """
    results: dict[str, list[pd.DataFrame]] = {field.name: [] for field in fields(GapResult)}
    for node in nodes or _top_nodes(panel):
        values = node_values(panel, node)
        for definition in definitions:
            result = gap(
                values,
                region_groups(regions[definition.column], values.columns),
                definition=definition,
                rng=rng,
                population=population,
                replicates=replicates,
                permutations=permutations,
            )
            for name, tables in results.items():
                table = getattr(result, name).copy()
                table.insert(0, "node", node)
                tables.append(table)
    joined = {name: pd.concat(tables, ignore_index=True) for name, tables in results.items()}
    return GapResult(**joined)


def node_values(panel: Mapping[int, Scores], node: str) -> pd.DataFrame:
    """Return the scores of the index, a dimension or an indicator, year by year.

    Parameters
    ----------
    panel : Mapping[int, Scores]
        Scores by year, comparable between years.
    node : str
        Identifier. An indicator is taken as normalised: in points, more is better, filled
        cells included, which is what adds up to its dimension.

    Returns
    -------
    pandas.DataFrame
        Index year, one column per code.

    Raises
    ------
    InputError
        The profile has no such node.

    Examples
    --------
    >>> from suanli.data import load_catalogue
    >>> from suanli.evaluation import evaluate_panel
    >>> from suanli.profile import load_profile
    >>> catalogue = load_catalogue()
    >>> panel = evaluate_panel(catalogue.province, load_profile("caict2024-province"))
    >>> node_values(panel, "fibre_density").shape
    (8, 31)
    """
    first = next(iter(panel.values()))
    known = [str(name) for name in (*first.nodes.columns, *first.indicators.columns)]
    if node not in known:
        close = difflib.get_close_matches(node, known, n=3)
        params = {"node": node, "profile": first.spec.id, "known": ", ".join(close or known)}
        raise InputError([Problem(code="analysis.node_unknown", params=params)])
    yearly = {
        year: scores.nodes[node] if node in scores.nodes else scores.indicators[node]
        for year, scores in panel.items()
    }
    return pd.DataFrame(yearly).T


def _top_nodes(panel: Mapping[int, Scores]) -> tuple[str, ...]:
    spec = next(iter(panel.values())).spec
    return (ROOT, *(d for d in spec.children(ROOT) if d in spec.bottom_up()))


def region_groups(column: pd.Series, codes: pd.Index) -> pd.Series:
    """Return the group of units of any level, a city's being that of its province.

    Parameters
    ----------
    column : pandas.Series
        Group by code of the province; empty or missing where a province has none.
    codes : pandas.Index
        Codes of provinces or cities.

    Returns
    -------
    pandas.Series
        Group by code, only for units that have one.

    Examples
    --------
    >>> column = pd.Series({"130000": "east", "140000": ""})
    >>> region_groups(column, pd.Index(["130700", "140200", "130000"])).to_dict()
    {'130700': 'east', '130000': 'east'}
    """
    provinces = pd.Series([f"{str(code)[:2]}0000" for code in codes], index=codes)
    group = pd.Series(column.reindex(provinces.to_numpy()).to_numpy(), index=codes)
    return group[group.notna() & group.ne("")]


def _with_interval(name: str, value: float, interval: tuple[float, float]) -> dict[str, float]:
    return {name: value, f"{name}_lower": interval[0], f"{name}_upper": interval[1]}


def _medians(known: pd.Series, group: pd.Series, definition: Definition) -> dict[str, float]:
    east, west = (
        float(known[group == side].median()) for side in (definition.east, definition.west)
    )
    return {"median_east": east, "median_west": west, "median_difference": east - west}


def _trend(
    values: pd.DataFrame,
    groups: pd.Series,
    definition: Definition,
    *,
    replicates: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    columns = ["definition", "measure", "slope", "lower", "upper", "direction"]
    columns += ["n", "first_year", "last_year"]
    years = np.array(sorted(values.index), dtype=float)
    balanced = values.loc[sorted(values.index)].dropna(axis="columns")
    sides = [
        balanced[sorted(c for c in balanced.columns if groups.get(c) == side)].to_numpy().T
        for side in (definition.east, definition.west)
    ]
    if len(years) < _FEWEST_YEARS or not all(len(side) for side in sides):
        return pd.DataFrame(columns=columns)
    observed = [side.mean(axis=0, keepdims=True) for side in sides]
    drawn = [_resampled_means(side, replicates, rng) for side in sides]
    rows = []
    measures = {"difference": (np.subtract, 0.0), "ratio": (np.divide, 1.0)}
    if min(side.min() for side in sides) < 0 or min(d.min() for d in (*observed, *drawn)) <= 0:
        # A ratio of means that can be zero or negative says nothing.
        del measures["ratio"]
    for measure, (combine, parity) in measures.items():
        yearly = combine(*observed)
        slope = float(_slopes(yearly, years)[0])
        lower, upper = (float(q) for q in np.quantile(_slopes(combine(*drawn), years), _TAILS))
        direction = _direction((lower, upper), float(yearly.mean()) - parity)
        figures = (slope, lower, upper, direction, sum(map(len, sides)))
        rows.append((definition.id, measure, *figures, int(years[0]), int(years[-1])))
    return pd.DataFrame(rows, columns=columns)


def _resampled_means(side: Floats, replicates: int, rng: np.random.Generator) -> Floats:
    """Means per year of units drawn with all their years, shape (replicates, years)."""
    drawn = rng.integers(0, len(side), (replicates, len(side)))
    counts = np.zeros((replicates, len(side)))
    np.add.at(counts, (np.arange(replicates)[:, None], drawn), 1.0)
    return np.asarray(counts @ side / len(side), dtype=np.float64)


def _slopes(yearly: Floats, years: Floats) -> Floats:
    centred = years - years.mean()
    return np.asarray(yearly @ centred / (centred @ centred), dtype=np.float64)


def _direction(interval: tuple[float, float], excess: float) -> str:
    lower, upper = interval
    if lower <= 0 <= upper:
        return "insignificant"
    return "widening" if (lower > 0) == (excess > 0) else "narrowing"
