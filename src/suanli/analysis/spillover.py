"""Spillover of hubs told in other ways: bands of km and ms, joins, Moran, other weights."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geo.statistics import (
    Redraws,
    RingResult,
    Separation,
    SetTest,
    by_distance,
    by_order,
    fdr_adjust,
    ring_contrast,
    set_joins,
    set_moran,
)
from geo.weights import (
    build_contiguity,
    describe,
    distance_band,
    inverse_distance,
    kernel,
    knn,
)
from suanli.analysis.hub_places import mainland, redrawn_hubs
from suanli.analysis.hubs import RINGS
from suanli.analysis.latency import LATENCY
from suanli.analysis.spatial import bridge_pairs, scored_layer

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph

__all__ = [
    "ANYWHERE",
    "BANDS_KM",
    "BANDS_MS",
    "HIGH",
    "MS_PER_KM",
    "SpilloverResult",
    "hub_spillover",
]

ANYWHERE: Final = "anywhere"
"""Name of the redraw without strata, which is the permutation test of hub membership."""

BANDS_KM: Final = (100.0, 200.0, 300.0)
"""Upper bounds of the bands of geodesic distance, km."""

BANDS_MS: Final = (1.0, 5.0, 20.0)
"""Upper bounds of the bands of one-way latency, ms: the circles of the national scheme."""

MS_PER_KM: Final = LATENCY.ms_per_km
"""One-way latency of a km of geodesic: cable 1.5 times as long, light 200 km per ms in fibre;
the model of the indicator ``latency_to_hub`` (data/README.md)."""

HIGH: Final = 0.75
"""Quantile of the scores above which a city is high in the join count."""

_BAND_KM, _FADE_KM, _KERNEL = 200.0, 300.0, 10
_NEAREST = (4, 6, 8)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpilloverResult:
    """Tables, tidy; ``redrawn_within`` says within which strata hubs were redrawn.

    Attributes
    ----------
    bands : pandas.DataFrame
        One row per ring of every ``membership`` (queen, km, ms): ``ring``, bounds ``above``
        and ``up_to``, ``n``, ``mean`` with ``lower`` and ``upper`` (95 % bootstrap),
        ``rest_mean``, ``difference``, ``expected``, ``detectable``, ``p`` two-sided, and
        ``p_fdr`` over all rings but the hubs' own of one way of redrawing.
    decay : pandas.DataFrame
        One row per membership: ``slope`` per ring outwards, ``expected``, ``p``,
        ``monotone``.
    neighbours : pandas.DataFrame
        ``statistic``: ``joins`` of hubs with high-scoring neighbours, ``moran``, bivariate
        Moran's I of hub flag and neighbours' scores; ``value``, ``expected``,
        ``detectable``, ``p``.
    weights : pandas.DataFrame
        One row per rule of weights: ring 1 (``n``, ``difference``, ``expected``, ``p``),
        ``slope`` with ``slope_expected`` and ``slope_p``, ``moran`` with ``moran_expected``
        and ``moran_p``, ``joins`` with ``joins_expected`` and ``joins_p``, ``isolates``,
        ``mean_neighbours``.
    """

    bands: pd.DataFrame
    decay: pd.DataFrame
    neighbours: pd.DataFrame
    weights: pd.DataFrame


def hub_spillover(
    values: pd.Series,
    layer: "GeoDataFrame",
    hub_cities: pd.DataFrame,
    *,
    strata: Mapping[str, pd.Series],
    bridges: pd.DataFrame,
    rng: np.random.Generator,
    permutations: int = 9_999,
) -> SpilloverResult:
    """Ask in every way at hand whether scores around hubs stand out.

    Parameters
    ----------
    values : pandas.Series
        City scores by code, as for :func:`suanli.analysis.hubs.hub_rings`.
    layer : geopandas.GeoDataFrame
        All drawn cities, scored or not, EPSG:4326, indexed by code.
    hub_cities : pandas.DataFrame
        Hub cities indexed by code, with the column ``name``.
    strata : Mapping[str, pandas.Series]
        Ways to redraw hubs: name to stratum by code. :data:`ANYWHERE` is added.
    bridges : pandas.DataFrame
        Pairs of codes, ``from`` and ``to``, linked over water.
    rng : numpy.random.Generator
        Source of the redraws and bootstraps.
    permutations : int, default 9_999
        Redrawn hub sets.

    Returns
    -------
    SpilloverResult
        Bands, decay, neighbours, and the answer under every rule of weights.

    Raises
    ------
    InputError
        A hub city is not in the layer or has no stratum.
    geo.errors.GeoError
        A stratum consists of hubs only, or weights cannot be built.

    Notes
    -----
    All tests of one way of redrawing share their redrawn sets, which are drawn from a copy of
    ``rng`` as given: :func:`suanli.analysis.hubs.hub_rings` with the same generator and the
    same strata draws the same sets, so that one test never has two p-values. Bands count from
    hub city to city by geodesic distance between inner points; ms are a model of it, so bands
    of km and ms differ in their bounds alone. Rings under a rule of weights are steps over
    its links, whatever their weight; Moran's I uses the weights. A city is high above the quantile
    :data:`HIGH` of all scores.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> codes = [f"c{i:02d}" for i in range(36)]
    >>> layer = gpd.GeoDataFrame(index=codes, crs=4326, geometry=[
    ...     box(i % 6, i // 6, i % 6 + 1, i // 6 + 1) for i in range(36)])
    >>> values = pd.Series([9.0 - i % 6 for i in range(36)], index=codes)
    >>> hubs = pd.DataFrame({"name": ["A"]}, index=["c06"])
    >>> result = hub_spillover(values, layer, hubs, strata={},
    ...                        bridges=pd.DataFrame({"from": [], "to": []}),
    ...                        rng=np.random.default_rng(1), permutations=99)
    >>> sorted(set(result.bands["membership"])), len(result.weights)
    (['km', 'ms', 'queen'], 9)
    """
    places = mainland(layer)
    scores, _ = scored_layer(values, places)
    known = scores.reindex(places.index)
    high = known > scores.quantile(HIGH)
    graphs = dict(_rules(places, bridges))
    queen = graphs["queen+bridges"]
    memberships = {
        "queen": by_order(queen, max_order=RINGS),
        "km": by_distance(places, BANDS_KM),
        "ms": by_distance(places, BANDS_MS, unit="ms", per_km=MS_PER_KM),
    }
    # Anywhere is wherever a stratum is known, so that all ways draw from the same cities.
    drawable = [one.index[one.notna()] for one in strata.values()] or [places.index]
    ways = {ANYWHERE: pd.Series(ANYWHERE, index=drawable[0])} | dict(strata)
    bands, decay, neighbours, weights = [], [], [], []
    (chance,) = rng.spawn(1)
    for way, stratum in ways.items():
        drawn = redrawn_hubs(
            places, hub_cities, strata=stratum, permutations=permutations, rng=deepcopy(rng)
        )
        head = {"redrawn_within": way}
        rings = {
            name: ring_contrast(known, kind, drawn, rng=chance)
            for name, kind in memberships.items()
        }
        bands.append(_band_table(rings, memberships).assign(**head))
        decay += [head | _decay(name, found) for name, found in rings.items()]
        for name, test in (
            ("joins", set_joins(high, queen, drawn)),
            ("moran", set_moran(known, queen, drawn)),
        ):
            neighbours.append(head | {"statistic": name} | _told(test, "value"))
        weights += [
            head | {"rule": rule} | _under(known, high, graph, drawn, rng=chance)
            for rule, graph in graphs.items()
        ]
    return SpilloverResult(
        bands=_first(pd.concat(bands, ignore_index=True)),
        decay=pd.DataFrame(decay),
        neighbours=pd.DataFrame(neighbours),
        weights=pd.DataFrame(weights),
    )


def _rules(places: "GeoDataFrame", bridges: pd.DataFrame) -> Iterator[tuple[str, "Graph"]]:
    pairs = bridge_pairs(places, bridges)
    builders: Sequence[tuple[str, Callable[[], Graph]]] = (
        ("queen+bridges", lambda: build_contiguity(places, bridges=pairs, islands="keep")),
        ("queen", lambda: build_contiguity(places, islands="keep")),
        (
            "rook+bridges",
            lambda: build_contiguity(places, rule="rook", bridges=pairs, islands="keep"),
        ),
    )
    for rule, build in builders:
        yield rule, build()
    for k in _NEAREST:
        yield f"knn-{k}", knn(places, k)
    for graph in (
        distance_band(places, _BAND_KM),
        inverse_distance(places, _FADE_KM),
        kernel(places, _KERNEL),
    ):
        yield describe(graph).rule, graph


def _band_table(
    rings: Mapping[str, RingResult], memberships: Mapping[str, Separation]
) -> pd.DataFrame:
    tables = []
    for name, found in rings.items():
        table = found.table.reset_index()
        bounds = (0.0, *memberships[name].bounds)
        table.insert(0, "membership", name)
        table.insert(2, "above", [0.0, *bounds[:-1]])
        table.insert(3, "up_to", bounds)
        tables.append(table)
    every = pd.concat(tables, ignore_index=True)
    tested = every["ring"].gt(0) & every["p"].notna()
    every["p_fdr"] = np.nan
    every.loc[tested, "p_fdr"] = fdr_adjust(every.loc[tested, "p"])
    return every


def _decay(name: str, found: RingResult) -> dict[str, object]:
    return {
        "membership": name,
        "slope": found.slope,
        "expected": found.slope_expected,
        "p": found.p_slope,
        "monotone": found.monotone,
        "n": found.n,
    }


def _told(test: SetTest, name: str) -> dict[str, float]:
    return {
        name: test.statistic,
        "expected": test.expected,
        "detectable": test.detectable,
        "p": test.p,
    }


def _under(
    known: pd.Series,
    high: pd.Series,
    graph: "Graph",
    drawn: Redraws,
    *,
    rng: np.random.Generator,
) -> dict[str, float]:
    found = ring_contrast(known, by_order(graph, max_order=RINGS), drawn, rng=rng)
    (row,) = found.table.loc[[1]].to_dict("records")
    moran, joins = set_moran(known, graph, drawn), set_joins(high, graph, drawn)
    report = describe(graph)
    return {
        "n": int(row["n"]),
        **{name: float(row[name]) for name in ("difference", "expected", "p")},
        "slope": found.slope,
        "slope_expected": found.slope_expected,
        "slope_p": found.p_slope,
        "moran": moran.statistic,
        "moran_expected": moran.expected,
        "moran_p": moran.p,
        "joins": joins.statistic,
        "joins_expected": joins.expected,
        "joins_p": joins.p,
        "isolates": len(report.isolates),
        "mean_neighbours": report.cardinality_mean,
    }


def _first(table: pd.DataFrame) -> pd.DataFrame:
    first = ["redrawn_within"]
    return table[[*first, *table.columns.difference(first, sort=False)]]
