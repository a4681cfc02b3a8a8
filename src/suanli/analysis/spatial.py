"""Whether scores cluster in space, where, and whether the answer hangs on the weights."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geo.errors import FewPermutationsWarning
from geo.statistics import MoranResult, getis_ord_local, global_moran, local_moran
from geo.weights import WeightsReport, build_contiguity, describe, knn, row_standardise
from suanli.errors import InputError, Problem

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph

__all__ = [
    "NEIGHBOURS",
    "SpatialResult",
    "bridge_pairs",
    "scored_layer",
    "spatial_pattern",
    "weights_sensitivity",
]

NEIGHBOURS: Final = (4, 5, 6, 7, 8)
"""Numbers of nearest neighbours tried by :func:`weights_sensitivity`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpatialResult:
    """The spatial pattern of one set of scores.

    Attributes
    ----------
    weights : geo.weights.WeightsReport
        The weights the tests were made with.
    moran : geo.statistics.MoranResult
        Global Moran's I, two-sided permutation test.
    local : pandas.DataFrame
        Local Moran: ``code``, ``name``, ``value``, ``statistic``, ``p``, ``p_fdr``,
        ``p_bonferroni``, ``quadrant``, ``cluster`` (HH, LL, HL, LH, ns, isolate).
    hotspots : pandas.DataFrame
        Getis-Ord Gi*: the same columns; ``cluster`` is hot, cold, ns or isolate.
    scatter : pandas.DataFrame
        Of the linked units, index code: ``z``, the score in standard deviations from the mean,
        and ``lag``, the weighted mean of the neighbours' ``z``. Under row-standardised weights
        Moran's I is the slope of the second on the first.
    left_out : pandas.DataFrame
        Units of the layer without a score, ``code`` and ``name``; they are not in the
        weights.
    alpha : float
        False discovery rate of the clusters, and level of the global test.
    fdr_reachable : bool
        Whether a lone unit could pass the false discovery rate with these permutations.
    permutations_needed : int
        Fewest permutations with which it could.
    """

    weights: WeightsReport
    moran: MoranResult
    local: pd.DataFrame
    hotspots: pd.DataFrame
    scatter: pd.DataFrame
    left_out: pd.DataFrame
    alpha: float
    fdr_reachable: bool
    permutations_needed: int


def spatial_pattern(
    values: pd.Series,
    layer: "GeoDataFrame",
    *,
    bridges: pd.DataFrame,
    rng: np.random.Generator,
    weights: "Graph | None" = None,
    permutations: int = 99_999,
    alpha: float = 0.05,
) -> SpatialResult:
    """Test scores for spatial autocorrelation, globally and unit by unit.

    Parameters
    ----------
    values : pandas.Series
        Scores by code. Evaluate them with :func:`suanli.profile.inference_spec`: an
        indicator built from neighbours, provinces or the hub list clusters by construction.
    layer : geopandas.GeoDataFrame
        The level's units, indexed by code, with a column ``name``.
    bridges : pandas.DataFrame
        Pairs of codes, ``from`` and ``to``, linked over water. Those whose ends are not
        both scored fall away.
    rng : numpy.random.Generator
        Source of the permutations.
    weights : libpysal.graph.Graph, optional
        Other weights of exactly the scored units.
    permutations : int, default 99_999
        Permutations of every test.
    alpha : float, default 0.05
        False discovery rate at which a unit joins a cluster.

    Returns
    -------
    SpatialResult
        Global test, both local tables, the weights and the units left out.

    Raises
    ------
    InputError
        A scored code has no polygon.
    geo.errors.GeoError
        Fewer than four units are scored, or all scores are equal.

    Notes
    -----
    Queen contiguity of the scored units with bridges, row-standardised. Units without a
    score are dropped before the weights are built, so that nobody's neighbour is a hole. A
    unit that is left without neighbours stays in the tables as ``isolate``, untested.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> squares = [box(x, y, x + 1, y + 1) for y in range(3) for x in range(3)]
    >>> layer = gpd.GeoDataFrame({"name": list("ABCDEFGHI")}, index=list("abcdefghi"),
    ...                          geometry=squares, crs=4326)
    >>> values = pd.Series(range(8), index=list("abcdefgh"), dtype=float)
    >>> nothing = pd.DataFrame({"from": [], "to": []})
    >>> result = spatial_pattern(values, layer, bridges=nothing, permutations=999,
    ...                          rng=np.random.default_rng(1))
    >>> result.weights.n, result.left_out["code"].to_list(), result.moran.statistic > 0
    (8, ['i'], True)
    """
    scores, polygons = scored_layer(values, layer)
    graph = row_standardise(_queen(polygons, bridges)) if weights is None else weights
    moran = global_moran(scores, graph, permutations=permutations, rng=rng)
    with warnings.catch_warnings():
        # The result says so itself, and the conclusions in the user's language.
        warnings.simplefilter("ignore", FewPermutationsWarning)
        local = local_moran(scores, graph, permutations=permutations, alpha=alpha, rng=rng)
        hotspots = getis_ord_local(scores, graph, permutations=permutations, alpha=alpha, rng=rng)
    names = layer["name"]
    absent = layer.index.difference(polygons.index, sort=True)
    return SpatialResult(
        weights=describe(graph),
        moran=moran,
        local=_named(local, names, scores),
        hotspots=_named(hotspots, names, scores),
        scatter=_scatter(scores, graph),
        left_out=pd.DataFrame({"code": absent, "name": names.reindex(absent).to_numpy()}),
        alpha=alpha,
        fdr_reachable=bool(local.attrs["fdr_reachable"]),
        permutations_needed=int(local.attrs["permutations_needed"]),
    )


def weights_sensitivity(
    values: pd.Series,
    layer: "GeoDataFrame",
    *,
    bridges: pd.DataFrame,
    rng: np.random.Generator,
    permutations: int = 9_999,
) -> pd.DataFrame:
    """Compute global Moran's I under every rule a reader might have preferred.

    Parameters
    ----------
    values : pandas.Series
        Scores by code, as for :func:`spatial_pattern`.
    layer : geopandas.GeoDataFrame
        The level's units, indexed by code.
    bridges : pandas.DataFrame
        Pairs of codes, ``from`` and ``to``.
    rng : numpy.random.Generator
        Source of the permutations.
    permutations : int, default 9_999
        Permutations of every test.

    Returns
    -------
    pandas.DataFrame
        One row per rule (queen with bridges, queen, rook with bridges, the nearest 4 to 8):
        ``rule``, ``statistic``, ``expected``, ``z``, ``p`` (two-sided, by permutation),
        ``n`` (linked units), ``isolates``, ``components``, ``mean_neighbours``. Rules with
        as many neighbours as there are other units are left out.

    Raises
    ------
    InputError
        A scored code has no polygon.
    geo.errors.GeoError
        The statistic is not defined.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> squares = [box(x, y, x + 1, y + 1) for y in range(3) for x in range(3)]
    >>> layer = gpd.GeoDataFrame(index=list("abcdefghi"), geometry=squares, crs=4326)
    >>> values = pd.Series(range(9), index=list("abcdefghi"), dtype=float)
    >>> nothing = pd.DataFrame({"from": [], "to": []})
    >>> table = weights_sensitivity(values, layer, bridges=nothing, permutations=99,
    ...                             rng=np.random.default_rng(1))
    >>> table["rule"].to_list()[:4]
    ['queen+bridges', 'queen', 'rook+bridges', 'knn-4']
    """
    scores, polygons = scored_layer(values, layer)
    rows = []
    for rule, build in _rules(polygons, bridges).items():
        graph = row_standardise(build())
        moran = global_moran(scores, graph, permutations=permutations, rng=rng)
        report = describe(graph)
        rows.append(
            {
                "rule": rule,
                "statistic": moran.statistic,
                "expected": moran.expected,
                "z": moran.z,
                "p": moran.p_permutation,
                "n": moran.n,
                "isolates": len(report.isolates),
                "components": report.components,
                "mean_neighbours": report.cardinality_mean,
            }
        )
    return pd.DataFrame(rows)


def scored_layer(values: pd.Series, layer: "GeoDataFrame") -> tuple[pd.Series, "GeoDataFrame"]:
    """Return the scores there are and the polygons they belong to, both sorted by code.

    Parameters
    ----------
    values : pandas.Series
        Scores by code, missing where a unit is not scored.
    layer : geopandas.GeoDataFrame
        Units indexed by code.

    Returns
    -------
    scores : pandas.Series
        Without missing values.
    polygons : geopandas.GeoDataFrame
        The rows of ``layer`` with a score.

    Raises
    ------
    InputError
        A scored code has no polygon.
    ValueError
        A code occurs twice.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame(index=["b", "a"], geometry=[box(0, 0, 1, 1)] * 2, crs=4326)
    >>> scores, polygons = scored_layer(pd.Series({"b": 1.0, "a": None}), layer)
    >>> scores.to_dict(), polygons.index.to_list()
    ({'b': 1.0}, ['b'])
    """
    for index in (values.index, layer.index):
        if not index.is_unique:
            raise ValueError(f"codes occur twice: {sorted(set(index[index.duplicated()]))}")
    scores = values.dropna().astype(float).sort_index()
    unknown = scores.index.difference(layer.index)
    if len(unknown):
        params = {"units": ", ".join(map(str, unknown[:10])), "count": len(unknown)}
        raise InputError([Problem(code="analysis.no_polygon", params=params)])
    return scores, layer.loc[scores.index]


def bridge_pairs(polygons: "GeoDataFrame", bridges: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the bridges whose ends both exist.

    Parameters
    ----------
    polygons : geopandas.GeoDataFrame
        Units indexed by code.
    bridges : pandas.DataFrame
        Pairs of codes, ``from`` and ``to``.

    Returns
    -------
    list of tuple[str, str]
        Pairs, in the order of the table.

    Examples
    --------
    >>> import geopandas as gpd
    >>> layer = gpd.GeoDataFrame(index=["a", "b"], geometry=[None, None], crs=4326)
    >>> bridge_pairs(layer, pd.DataFrame({"from": ["a", "a"], "to": ["b", "c"]}))
    [('a', 'b')]
    """
    kept = bridges[bridges["from"].isin(polygons.index) & bridges["to"].isin(polygons.index)]
    return list(zip(kept["from"], kept["to"], strict=True))


def _queen(polygons: "GeoDataFrame", bridges: pd.DataFrame) -> "Graph":
    return build_contiguity(polygons, bridges=bridge_pairs(polygons, bridges), islands="keep")


def _scatter(scores: pd.Series, graph: "Graph") -> pd.DataFrame:
    linked = scores.drop(graph.isolates)
    z = (linked - linked.mean()) / linked.std(ddof=0)
    # Isolates are nobody's neighbours, so what stands for them weighs nothing.
    whole = z.reindex(graph.unique_ids).fillna(0.0)
    lag = pd.Series(graph.sparse @ whole.to_numpy(), index=whole.index)
    return pd.DataFrame({"z": z, "lag": lag.reindex(z.index)}).rename_axis("code")


def _rules(polygons: "GeoDataFrame", bridges: pd.DataFrame) -> Mapping[str, Callable[[], "Graph"]]:
    pairs = bridge_pairs(polygons, bridges)
    rules: dict[str, Callable[[], Graph]] = {
        "queen+bridges": lambda: _queen(polygons, bridges),
        "queen": lambda: build_contiguity(polygons, islands="keep"),
        "rook+bridges": lambda: build_contiguity(
            polygons, rule="rook", bridges=pairs, islands="keep"
        ),
    }
    # Where everybody is everybody's neighbour there is nothing to test.
    nearest = [k for k in NEIGHBOURS if k < len(polygons) - 1]
    return rules | {f"knn-{k}": _nearest(polygons, k) for k in nearest}


def _nearest(polygons: "GeoDataFrame", k: int) -> Callable[[], "Graph"]:
    return lambda: knn(polygons, k)


def _named(table: pd.DataFrame, names: pd.Series, values: pd.Series) -> pd.DataFrame:
    named = table.copy()
    named.insert(0, "name", names.reindex(table.index))
    named.insert(1, "value", values.reindex(table.index))
    # Options live in the result; attrs would only get lost on the way to a file.
    named.attrs = {}
    return named.rename_axis("code").reset_index()
