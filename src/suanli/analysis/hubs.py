"""Whether the national hub nodes lift the cities around them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geo.crs import geodesic_distance
from geo.statistics import Redraws, by_order, ring_contrast
from geo.statistics.significance import reference_test
from geo.weights import WeightsReport, build_contiguity, describe
from suanli.analysis.hub_places import hub_strata, mainland, redrawn_hubs
from suanli.analysis.spatial import bridge_pairs, scored_layer

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph

__all__ = ["RINGS", "TOP", "HubResult", "TopNearness", "hub_rings", "hub_strata"]

RINGS: Final = 3
"""Last ring around the hubs; ring 0 are the hub cities, ring 1 their neighbours."""

TOP: Final = 20
"""Number of best cities whose distance to the nearest hub is tested."""


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
        ``difference``, ``expected`` (mean difference over redrawn hubs), ``detectable`` (the
        departure from it that the test finds with 80 % chance), ``p`` two-sided.
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
        A hub city is not in the layer or has no stratum.
    geo.errors.GeoError
        No weights can be built on the layer, or a stratum consists of hubs only.

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
    places = mainland(layer)
    scores, _ = scored_layer(values, places)
    hubs = hub_cities.sort_index()
    redraws = redrawn_hubs(places, hubs, strata=strata, permutations=permutations, rng=rng)
    graph = build_contiguity(places, bridges=bridge_pairs(places, bridges), islands="keep")
    steps = by_order(graph, max_order=RINGS)
    found = ring_contrast(scores.reindex(places.index), steps, redraws, rng=rng)
    nearest = steps.classes[redraws.chosen].min(axis=0).astype(np.int64)
    return HubResult(
        rings=found.table.reset_index(),
        slope=found.slope,
        slope_expected=found.slope_expected,
        slope_p=found.p_slope,
        monotone=found.monotone,
        hubs=_hub_table(scores, hubs, graph, local),
        top=_top_nearness(scores, places, redraws),
        membership=pd.Series(nearest, index=places.index, name="ring"),
        strata=redraws.strata.rename(columns={"chosen": "hubs"}),
        weights=describe(graph),
        n=found.n,
        permutations=permutations,
    )


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


def _top_nearness(scores: pd.Series, places: "GeoDataFrame", redraws: Redraws) -> TopNearness:
    best = scores.sort_index().sort_values(ascending=False, kind="stable").index[:TOP]
    points = places.geometry.representative_point()
    there = points.reindex(best)
    apart = geodesic_distance(there.x, there.y, points.x, points.y)
    nearest = np.full((len(best), len(redraws.sets)), np.inf)
    for column in redraws.sets.T:
        np.minimum(nearest, apart[:, column], out=nearest)
    target = float(apart[:, redraws.chosen].min(axis=1).mean())
    # Distances are exact to far less than a metre.
    test = reference_test([target], nearest.mean(axis=0)[:, None], scale=1e3).iloc[0]
    return TopNearness(
        k=len(best), mean_km=target, expected_km=float(test["expected"]), p=float(test["p"])
    )
