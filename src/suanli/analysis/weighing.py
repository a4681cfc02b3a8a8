"""Spatial weights by the name of their rule, as every table of weights prints it."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pandas as pd

from geo.weights import (
    add_bridges,
    build_contiguity,
    difference,
    distance_band,
    higher_order,
    intersection,
    inverse_distance,
    kernel,
    knn,
    union,
)
from suanli.analysis.spatial import bridge_pairs
from suanli.analysis.spillover import MS_PER_KM
from suanli.errors import InputError, Problem

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from libpysal.graph import Graph

__all__ = ["EXAMPLES", "rule_weights"]

EXAMPLES: Final = (
    "queen+bridges", "queen", "rook+bridges", "queen-order-2", "queen-upto-2", "knn-6",
    "band-200km", "latency-1ms", "inverse-300km", "inverse-300km-power-2",
    "kernel-triangular-10", "queen or knn-4", "queen and band-200km", "band-200km without queen",
)  # fmt: skip
"""One name of every kind of rule."""

_NUMBER = r"(\d+(?:\.\d+)?)"
_WHOLE = r"(\d{1,6})"
_SETS: Final[dict[str, Callable[["Graph", "Graph"], "Graph"]]] = {
    "or": union,
    "and": intersection,
    "without": difference,
}


def rule_weights(
    rule: str,
    layer: "GeoDataFrame",
    *,
    bridges: pd.DataFrame,
    read: Callable[[str], "Graph | None"] = lambda _: None,
) -> "Graph":
    """Build the weights of a rule.

    Parameters
    ----------
    rule : str
        A name such as those of :data:`EXAMPLES`. ``+bridges`` links over water; ``-order-2``
        is exactly two steps, ``-upto-2`` one or two; names joined by ``or``, ``and``,
        ``without`` are taken from the left.
    layer : geopandas.GeoDataFrame
        The units, indexed by code.
    bridges : pandas.DataFrame
        Pairs of codes, ``from`` and ``to``.
    read : callable, optional
        Called with what is no rule, such as the path of a file; gives weights or None.

    Returns
    -------
    libpysal.graph.Graph
        Weights that are not row-standardised; units without neighbours are kept as isolates.

    Raises
    ------
    InputError
        Nothing of that name.
    geo.errors.WeightsError
        A number in the name is out of range.

    Examples
    --------
    >>> import geopandas as gpd
    >>> layer = gpd.GeoDataFrame(index=list("abc"), crs=4326,
    ...                          geometry=gpd.points_from_xy([0, 1, 3], [0, 0, 0]))
    >>> nothing = pd.DataFrame({"from": [], "to": []})
    >>> rule_weights("knn-1 or band-300km", layer, bridges=nothing).cardinalities.to_dict()
    {'a': 1, 'b': 2, 'c': 1}
    """
    words = rule.split()
    if len(words) % 2 == 0 or any(word not in _SETS for word in words[1::2]):
        # A path may hold blanks.
        terms, joins = [rule.strip()], []
    else:
        terms, joins = words[0::2], words[1::2]
    graphs = [_term(term, layer, bridges, read) for term in terms]
    found = graphs[0]
    for word, graph in zip(joins, graphs[1:], strict=True):
        found = _SETS[word](found, graph)
    return found


def _term(
    term: str, layer: "GeoDataFrame", bridges: pd.DataFrame, read: Callable[[str], "Graph | None"]
) -> "Graph":
    for pattern, build in _RULES:
        match = re.fullmatch(pattern, term)
        if match:
            return build(match, layer, bridges)
    found = read(term)
    if found is None:
        params = {"rule": term, "examples": ", ".join(EXAMPLES)}
        raise InputError([Problem(code="model.rule_unknown", params=params)])
    return found


Match = re.Match[str]


def _contiguity(match: Match, layer: "GeoDataFrame", bridges: pd.DataFrame) -> "Graph":
    rule, bridged, kind, order = match.groups()
    graph = build_contiguity(layer, rule="rook" if rule == "rook" else "queen", islands="keep")
    if bridged:
        graph = add_bridges(graph, bridge_pairs(layer, bridges))
    return higher_order(graph, int(order), cumulative=kind == "upto") if kind else graph


def _kernel(match: Match, layer: "GeoDataFrame", _: pd.DataFrame) -> "Graph":
    shape, k = match.groups()
    if shape == "epanechnikov":
        return kernel(layer, int(k), shape="epanechnikov")
    return kernel(layer, int(k), shape="quartic" if shape == "quartic" else "triangular")


_RULES: Final[tuple[tuple[str, Callable[[Match, "GeoDataFrame", pd.DataFrame], "Graph"]], ...]] = (
    (rf"(queen|rook)(\+bridges)?(?:-(order|upto)-{_WHOLE})?", _contiguity),
    (rf"knn-{_WHOLE}", lambda match, layer, _: knn(layer, int(match[1]))),
    (rf"band-{_NUMBER}km", lambda match, layer, _: distance_band(layer, float(match[1]))),
    (
        rf"latency-{_NUMBER}ms",
        lambda match, layer, _: distance_band(layer, float(match[1]) / MS_PER_KM),
    ),
    (
        rf"inverse-{_NUMBER}km(?:-power-{_NUMBER})?",
        lambda match, layer, _: inverse_distance(
            layer, float(match[1]), power=float(match[2] or 1.0)
        ),
    ),
    (rf"kernel-(triangular|epanechnikov|quartic)-{_WHOLE}", _kernel),
)
