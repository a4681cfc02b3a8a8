"""Whether the national hub nodes lift the cities around them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csgraph

from geo.crs import geodesic_distance
from geo.statistics.contrasts import bootstrap_interval
from geo.statistics.significance import permutation_p
from geo.weights import WeightsReport, build_contiguity, describe, sparse_matrix
from suanli.analysis.redraw import redrawn_sets
from suanli.analysis.spatial import bridge_pairs, scored_layer
from suanli.errors import InputError, Problem

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph

__all__ = ["RINGS", "TOP", "HubResult", "TopNearness", "hub_rings", "hub_strata"]

RINGS: Final = 3
"""Last ring around the hubs; ring 0 are the hub cities, ring 1 their neighbours."""

TOP: Final = 20
"""Number of best cities whose distance to the nearest hub is tested."""

# Taiwan, Hong Kong and Macao are drawn, but neither scored nor counted into rings.
_OUTSIDE: Final = ("71", "81", "82")

Floats = NDArray[np.float64]
Rings = NDArray[np.uint8]
Sets = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopNearness:
    """Whether the best cities lie nearer to hubs than chance would have it.

    Attributes
    ----------
    k : int
        Number of best cities.
    mean_km : float
        Their mean geodesic distance to the nearest hub city; 0 for a hub city itself.
    expected_km : float
        Mean of the same over redrawn hubs.
    p : float
        Two-sided p-value.
    """

    k: int
    mean_km: float
    expected_km: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HubResult:
    """Scores by ring around the hubs, hub by hub, against redrawn hubs.

    Attributes
    ----------
    rings : pandas.DataFrame
        One row per ring: ``ring``, ``n`` scored cities, ``mean`` with ``lower`` and
        ``upper`` (95 % bootstrap), ``rest_mean`` (all scored cities farther out),
        ``difference``, ``expected`` (mean difference over redrawn hubs), ``p`` two-sided.
    slope, slope_expected, slope_p : float
        Change of the score per ring outwards, its mean over redrawn hubs, two-sided p.
    monotone : bool
        Whether the mean falls, or stays, from every ring to the next.
    hubs : pandas.DataFrame
        One row per hub city: ``hub``, ``code``, ``name``, ``score``, ``rank``,
        ``neighbours`` (scored ones), ``neighbours_mean``, ``quadrant``, ``cluster``, ``p``
        and ``p_fdr`` of local Moran. Missing where the hub city is not scored.
    top : TopNearness
        Distance of the best cities to the nearest hub.
    membership : pandas.Series
        Ring of every drawn city of the mainland, scored or not, by code; ``RINGS + 1`` for
        all farther out.
    strata : pandas.DataFrame
        ``stratum``, ``hubs`` drawn in it, ``units`` to draw from.
    weights : geo.weights.WeightsReport
        The contiguity the rings were counted on.
    n : int
        Scored cities.
    permutations : int
        Redrawn hub sets.
    """

    rings: pd.DataFrame
    slope: float
    slope_expected: float
    slope_p: float
    monotone: bool
    hubs: pd.DataFrame
    top: TopNearness
    membership: pd.Series
    strata: pd.DataFrame
    weights: WeightsReport
    n: int
    permutations: int


def hub_rings(
    values: pd.Series,
    layer: "GeoDataFrame",
    hub_cities: pd.DataFrame,
    *,
    strata: pd.Series,
    bridges: pd.DataFrame,
    local: pd.DataFrame,
    rng: np.random.Generator,
    permutations: int = 9_999,
) -> HubResult:
    """Compare the surroundings of the hubs with those of hubs put elsewhere.

    Parameters
    ----------
    values : pandas.Series
        City scores by code. Evaluate them with :func:`suanli.profile.inference_spec`: a
        score that contains the hub list or a distance to it proves what was put in.
    layer : geopandas.GeoDataFrame
        All drawn cities, scored or not, EPSG:4326, indexed by code. Taiwan, Hong Kong and
        Macao may be among them and take no part.
    hub_cities : pandas.DataFrame
        Hub cities indexed by code, with columns ``hub`` and ``name``.
    strata : pandas.Series
        Stratum by code, such as :func:`hub_strata` gives. Hubs are redrawn within their
        stratum; units without a stratum are never drawn.
    bridges : pandas.DataFrame
        Pairs of codes, ``from`` and ``to``, linked over water.
    local : pandas.DataFrame
        The table ``local`` of :func:`suanli.analysis.spatial.spatial_pattern`.
    rng : numpy.random.Generator
        Source of the redraws and of the bootstrap.
    permutations : int, default 9_999
        Redrawn hub sets.

    Returns
    -------
    HubResult
        Rings, gradient, hubs one by one, nearness of the best cities.

    Raises
    ------
    InputError
        A hub city is not in the layer or has no stratum, or a stratum consists of hubs only.
    geo.errors.GeoError
        No weights can be built on the layer.

    Notes
    -----
    Rings are geographic: they are counted by queen contiguity with bridges over all drawn
    cities, so that an unscored city still passes a step on and an unscored hub still has
    neighbours; means are over scored cities. Null hypothesis: the hub cities are a random
    subset of their strata, as many in each; scores and borders stay as they are. Each ring
    is compared with all cities farther out. A redraw whose ring is empty counts against the
    observed one. Spillover is a matter of ring 1; ring 0 only says that hub cities differ.
    Hubs were chosen, not drawn by lot: even a small p shows association, not cause. Hubs
    that lie side by side have fewer neighbours than redrawn ones that lie scattered, which
    makes the p of ring 1 somewhat too small rather than too large.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> codes = [f"c{i:02d}" for i in range(30)]
    >>> layer = gpd.GeoDataFrame({"name": codes}, index=codes, crs=4326,
    ...                          geometry=[box(i, 0, i + 1, 1) for i in range(30)])
    >>> values = pd.Series([max(0.0, 9.0 - i) for i in range(30)], index=codes)
    >>> hubs = pd.DataFrame({"hub": ["H"], "name": ["c00"]}, index=["c00"])
    >>> empty = pd.DataFrame({"from": [], "to": []})
    >>> lisa = pd.DataFrame(columns=["code", "quadrant", "cluster", "p", "p_fdr"])
    >>> result = hub_rings(values, layer, hubs, strata=pd.Series("all", index=codes),
    ...                    bridges=empty, local=lisa, rng=np.random.default_rng(1))
    >>> result.rings["mean"].to_list(), result.monotone
    ([9.0, 8.0, 7.0, 6.0], True)
    """
    places = layer[~layer.index.str[:2].isin(_OUTSIDE)].sort_index()
    scores, _ = scored_layer(values, places)
    hubs = hub_cities.sort_index()
    _check_hubs(hubs, places, strata)
    graph = build_contiguity(places, bridges=bridge_pairs(places, bridges), islands="keep")
    sets = redrawn_sets(places.index, hubs.index, strata=strata, permutations=permutations, rng=rng)
    observed = places.index.get_indexer(hubs.index)
    every = _steps(graph, places.index)
    steps = every[:, places.index.get_indexer(scores.index)]
    tests = _ring_tests(steps, observed, sets, scores.to_numpy())
    near = steps[observed].min(axis=0)
    return HubResult(
        rings=_ring_table(near, scores.to_numpy(), tests.head(-1), permutations, rng),
        slope=float(tests["observed"].iloc[-1]),
        slope_expected=float(tests["expected"].iloc[-1]),
        slope_p=float(tests["p"].iloc[-1]),
        monotone=_monotone(near, scores.to_numpy()),
        hubs=_hub_table(scores, hubs, graph, local),
        top=_top_nearness(scores, places, observed, sets),
        membership=pd.Series(
            every[observed].min(axis=0).astype(np.int64), index=places.index, name="ring"
        ),
        strata=_strata_table(hubs.index, strata.reindex(places.index).dropna()),
        weights=describe(graph),
        n=len(scores),
        permutations=permutations,
    )


def hub_strata(
    groups: pd.Series, population: pd.Series | None = None, *, classes: int = 2
) -> pd.Series:
    """Return strata to redraw hubs in: the region, or region and size of city.

    Parameters
    ----------
    groups : pandas.Series
        Region by code.
    population : pandas.Series, optional
        Inhabitants by code. Without it the region alone is the stratum; with it hubs are
        compared with cities of like size. Cities of unknown size count as small.
    classes : int, default 2
        Classes of size, of equal numbers of cities within each region.

    Returns
    -------
    pandas.Series
        Stratum by code, such as ``"west"`` or ``"west 2/2"``; the last class holds the
        largest cities.

    Examples
    --------
    >>> groups = pd.Series("west", index=list("abcd"))
    >>> hub_strata(groups, pd.Series({"a": 9.0, "b": 5.0, "c": 7.0})).to_dict()
    {'a': 'west 2/2', 'b': 'west 1/2', 'c': 'west 2/2', 'd': 'west 1/2'}
    """
    if population is None:
        return groups.copy()
    # Ranks before classes: sizes decide only who is larger than whom.
    people = population.reindex(groups.index).fillna(0.0).sort_index()
    regions = groups.reindex(people.index)
    rank = people.groupby(regions).rank(method="first", pct=True)
    number = np.ceil(rank * classes).astype(int).astype(str)
    strata: pd.Series = regions.astype(str).str.cat(number, sep=" ") + f"/{classes}"
    return strata.reindex(groups.index)


def _check_hubs(hubs: pd.DataFrame, places: "GeoDataFrame", strata: pd.Series) -> None:
    problems = []
    for code, name in zip(hubs.index, hubs["name"], strict=True):
        if code not in places.index:
            problems.append(
                Problem(code="analysis.hub_unknown", params={"code": code, "name": name})
            )
        elif code not in strata.index or pd.isna(strata[code]):
            problems.append(
                Problem(code="analysis.hub_without_stratum", params={"code": code, "name": name})
            )
    if problems:
        raise InputError(problems)


def _steps(graph: "Graph", places: pd.Index) -> Rings:
    """Count steps from every place (rows) to every other; RINGS + 1 stands for more."""
    labels, links = sparse_matrix(graph)
    steps = csgraph.dijkstra(links, directed=False, unweighted=True, limit=RINGS)
    order = labels.get_indexer(places)
    return np.minimum(steps[np.ix_(order, order)], RINGS + 1).astype(np.uint8)


def _ring_tests(steps: Rings, observed: Sets, sets: Sets, values: Floats) -> pd.DataFrame:
    """Test every ring's difference to the rest, and in the last row the slope."""
    target = _ring_statistics(steps[observed].min(axis=0)[None, :], values)[0]
    rings = np.full((len(sets), len(values)), RINGS + 1, dtype=np.uint8)
    for column in sets.T:
        np.minimum(rings, steps[column], out=rings)
    reference = _ring_statistics(rings, values)
    # Ties within rounding, and redraws with an empty ring, count against the observed.
    slack = 1e-12 * (np.abs(values).max() + np.abs(target))
    empty = np.isnan(reference)
    p = permutation_p(
        ((reference >= target - slack) | empty).sum(axis=0),
        ((reference <= target + slack) | empty).sum(axis=0),
        len(sets),
        alternative="two-sided",
    )
    counted = np.maximum((~empty).sum(axis=0), 1)
    expected = np.where(empty, 0.0, reference).sum(axis=0) / counted
    undefined = np.isnan(target)
    return pd.DataFrame(
        {
            "observed": target,
            "expected": np.where(empty.all(axis=0), np.nan, expected),
            "p": np.where(undefined, np.nan, p),
        }
    )


def _ring_statistics(rings: Rings, values: Floats) -> Floats:
    """Per row: each ring's mean minus that of all farther out, then the slope over rings."""
    centred = values - values.mean()
    numbers = np.arange(RINGS + 2)
    counts = np.stack([(rings == ring).sum(axis=1) for ring in numbers]).astype(float)
    sums = np.stack([(rings == ring) @ centred for ring in numbers])
    farther_counts = counts[::-1].cumsum(axis=0)[::-1][1:]
    farther_sums = sums[::-1].cumsum(axis=0)[::-1][1:]
    mean = numbers @ counts / len(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = sums[:-1] / counts[:-1] - farther_sums / farther_counts
        slope = (numbers @ sums) / (numbers**2 @ counts - len(values) * mean**2)
    slope[~np.isfinite(slope)] = np.nan
    return np.vstack([difference, slope]).T


def _ring_table(
    near: Rings, values: Floats, tests: pd.DataFrame, permutations: int, rng: np.random.Generator
) -> pd.DataFrame:
    rows = []
    for ring in range(RINGS + 1):
        members, rest = values[near == ring], values[near > ring]
        nothing = (np.nan, np.nan)
        lower, upper = (
            bootstrap_interval(members, permutations, rng=rng) if len(members) else nothing
        )
        rows.append(
            {
                "ring": ring,
                "n": len(members),
                "mean": members.mean() if len(members) else np.nan,
                "lower": lower,
                "upper": upper,
                "rest_mean": rest.mean() if len(rest) else np.nan,
            }
        )
    columns = {"observed": "difference", "expected": "expected", "p": "p"}
    return pd.DataFrame(rows).join(tests.rename(columns=columns))


def _monotone(near: Rings, values: Floats) -> bool:
    means = [values[near == ring].mean() for ring in range(RINGS + 1) if (near == ring).any()]
    return bool((np.diff(means) <= 0.0).all())


def _hub_table(
    scores: pd.Series, hubs: pd.DataFrame, graph: "Graph", local: pd.DataFrame
) -> pd.DataFrame:
    ranks = scores.rank(method="min", ascending=False)
    around = {code: _neighbours(graph, str(code), scores) for code in hubs.index}
    table = pd.DataFrame(
        {
            "hub": hubs["hub"],
            "name": hubs["name"],
            "score": scores.reindex(hubs.index),
            "rank": ranks.reindex(hubs.index),
            "neighbours": pd.Series({code: len(near) for code, near in around.items()}),
            "neighbours_mean": pd.Series({code: near.mean() for code, near in around.items()}),
        }
    )
    lisa = local.set_index("code")[["quadrant", "cluster", "p", "p_fdr"]]
    joined = table.join(lisa.reindex(hubs.index)).rename_axis("code").reset_index()
    first = ["hub", "code", "name"]
    return joined[[*first, *joined.columns.difference(first, sort=False)]]


def _neighbours(graph: "Graph", code: str, scores: pd.Series) -> pd.Series:
    linked = [other for other, weight in graph[code].items() if weight > 0]
    return scores[scores.index.isin(linked)]


def _top_nearness(
    scores: pd.Series, places: "GeoDataFrame", observed: Sets, sets: Sets
) -> TopNearness:
    best = scores.sort_index().sort_values(ascending=False, kind="stable").index[:TOP]
    points = places.geometry.representative_point()
    there = points.reindex(best)
    apart = geodesic_distance(there.x, there.y, points.x, points.y)
    target = float(apart[:, observed].min(axis=1).mean())
    nearest = np.full((len(best), len(sets)), np.inf)
    for column in sets.T:
        np.minimum(nearest, apart[:, column], out=nearest)
    reference = nearest.mean(axis=0)
    slack = 1e-9 * max(target, 1.0)
    p = permutation_p(
        int((reference >= target - slack).sum()),
        int((reference <= target + slack).sum()),
        len(sets),
        alternative="two-sided",
    )
    return TopNearness(k=len(best), mean_km=target, expected_km=float(reference.mean()), p=float(p))


def _strata_table(hubs: pd.Index, strata: pd.Series) -> pd.DataFrame:
    units = strata.value_counts()
    drawn = strata.reindex(hubs).value_counts().sort_index()
    return pd.DataFrame(
        {"stratum": drawn.index, "hubs": drawn.to_numpy(), "units": units[drawn.index].to_numpy()}
    )
