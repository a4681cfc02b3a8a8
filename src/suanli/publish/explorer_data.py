"""What the explorer knows of a level: units, shapes, hierarchies, neighbours, draws, ranges."""

import base64
from functools import lru_cache
from typing import Any, Final
from zlib import crc32

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.cartography.china import (
    CHINA_FRAME,
    CHINA_MUST_SHOW,
    SOUTH_CHINA_SEA,
    SOUTH_CHINA_SEA_PLACES,
)
from geo.cartography.drawing import check_drawable, check_places, project
from geo.cartography.paths import line_paths, page_paths
from geo.crs import GEOGRAPHIC
from geo.statistics import fdr_reachable
from geo.weights import build_contiguity
from suanli.analysis.spatial import bridge_pairs
from suanli.boundaries import Level, load_bridges
from suanli.errors import InputError
from suanli.evaluation import Scores
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.explorer_tree import hierarchy
from suanli.publish.mapping import national_lines
from suanli.robustness import AttainableRanks, attainable_ranks
from suanli.robustness.polytope import Polytope, weight_polytope
from suanli.robustness.search import DECIMALS, searched_ranks
from suanli.study import generator

__all__ = ["DRAWS", "MOST_REACHED", "MOST_TESTED", "level_data", "page_chance", "reach_data"]

DRAWS: Final = (9_999, 19_999)
"""Reference draws of a local test: the second number where the first cannot find a lone unit."""
MOST_TESTED: Final = 4_000
"""Units beyond which the page tests no more."""
MOST_REACHED: Final = 1_000
"""Units beyond which best and worst ranks are not looked for: the search grows by their square."""

_METRES: Final = 500.0
_ALWAYS: Final = ("710000", "810000", "820000")
_FEW: Final = 40
"""Units up to which best and worst ranks are proved by integer programmes."""


def page_chance(seed: int, purpose: str) -> np.random.Generator:
    """Return the generator whose draws the page repeats bit by bit.

    Parameters
    ----------
    seed : int
        Seed of the study.
    purpose : str
        Name of the test.

    Returns
    -------
    numpy.random.Generator
        Over SFC64, a generator short enough to be written in a page.

    Examples
    --------
    >>> page_chance(1, "city.local").bit_generator.state["bit_generator"]
    'SFC64'
    """
    return np.random.Generator(np.random.SFC64([seed, crc32(purpose.encode())]))


def level_data(edition: Edition, level: Level) -> dict[str, Any]:
    """Assemble what the page needs of one level.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    dict
        Ready to be written as JSON.

    Raises
    ------
    geo.errors.CartographyError
        The layer lacks a unit or place that a national map must show.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> data = level_data(sample_edition(), "province")
    >>> len(data["codes"]), len(data["tree"]["codes"]), data["reach"]["exact"]
    (34, 31, True)
    """
    scores = edition.scores(level)
    layer = edition.boundaries.layer(level, web=True)
    codes = sorted(str(code) for code in scores.nodes.index)
    place = {str(code): at for at, code in enumerate(layer.index)}
    main = hierarchy(scores, codes)
    _describe(edition, scores, main.told)
    return {
        "level": level,
        "name": edition.text(f"common.{level}"),
        "title": edition.text(f"maps.page_{level}"),
        "profile": edition.text.of(scores.spec.title.model_dump()),
        "note": edition.text.of(scores.spec.note.model_dump()),
        "year": scores.spec.year,
        "ties": scores.spec.method.ties,
        **_units(edition, level, layer),
        **_drawing(edition, level, layer),
        "rows": [place[code] for code in codes],
        "tree": main.told,
        "obstacle": edition.text(f"explorer.obstacle_{main.obstacle}") if main.obstacle else "",
        "intervals": _intervals(edition, level, codes),
        "reach": reach_data(scores, codes, seed=edition.study.settings.seed),
        "test": _test(edition, level, codes, live=not main.obstacle),
    }


def _units(edition: Edition, level: Level, layer: gpd.GeoDataFrame) -> dict[str, Any]:
    names = edition.unit_names(level).reindex(layer.index)
    short = edition.unit_names(level, short=True).reindex(layer.index)
    return {
        "codes": [str(code) for code in layer.index],
        "names": [_text(name) for name in names],
        "short": ["" if a == b else _text(b) for a, b in zip(names, short, strict=True)],
        "words": [_text(word) for word in layer["pinyin"]],
        "outside": np.flatnonzero(~layer["evaluated"].to_numpy(dtype=bool)).tolist(),
    }


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]  # any cell


def _drawing(edition: Edition, level: Level, layer: gpd.GeoDataFrame) -> dict[str, Any]:
    """Project and check the layer as the print maps do, and write it as paths."""
    check_drawable(layer, _ALWAYS)
    shapes = project(layer.geometry)
    inset = _inset()
    check_places(shapes, CHINA_MUST_SHOW, frames=[CHINA_FRAME, inset])
    west, south, east, north = inset
    inside = shapes.intersects(shapely.box(west, south, east, north))
    return {
        "paths": page_paths(shapes, unit=_METRES),
        "centres": _centres(shapes),
        "lines": [
            {"path": line_paths(project(one.geometry), unit=_METRES), "width": one.width}
            for one in national_lines(edition, level)
        ],
        "frame": _view(CHINA_FRAME),
        "inset": _view(inset),
        "places": _places(edition),
        "islands": np.flatnonzero(inside.to_numpy()).tolist(),
    }


def _places(edition: Edition) -> list[list[Any]]:
    """Return the places the inset names: where, and what they are called."""
    points = gpd.points_from_xy(*zip(*SOUTH_CHINA_SEA_PLACES.values(), strict=True), crs=GEOGRAPHIC)
    found = project(gpd.GeoSeries(points))
    return [
        [round(at.x / _METRES), round(-at.y / _METRES), edition.text(f"maps.place_{key}")]
        for key, at in zip(SOUTH_CHINA_SEA_PLACES, found, strict=True)
    ]


def _centres(shapes: gpd.GeoSeries) -> list[int]:
    """Return a point inside each unit: where names stand and arrow keys measure from."""
    points = shapes.representative_point()
    both = np.column_stack([points.x, -points.y]) / _METRES
    whole: list[int] = both.round().astype(int).ravel().tolist()
    return whole


def _inset() -> tuple[float, float, float, float]:
    box = shapely.segmentize(shapely.box(*SOUTH_CHINA_SEA), 0.5)
    bounds = project(gpd.GeoSeries([box], crs=GEOGRAPHIC)).total_bounds
    west, south, east, north = (float(bound) for bound in bounds)
    return west, south, east, north


def _view(frame: tuple[float, float, float, float]) -> list[int]:
    west, south, east, north = (round(bound / _METRES) for bound in frame)
    return [west, -north, east - west, north - south]


def _describe(edition: Edition, scores: Scores, told: dict[str, Any]) -> None:
    """Name the nodes and say what is special to an indicator."""
    items = {item.id: item for item in scores.spec.indicator}
    for node in told["nodes"]:
        node["name"] = edition.node_name(scores.spec.level, node["id"])
        item = items.get(node["id"])
        if item is not None and item.inference == "excluded":
            node["excluded"] = True


def _intervals(edition: Edition, level: Level, codes: list[str]) -> dict[str, list[Any]]:
    """Return the intervals of ranks that the study gives, by node."""
    ranks, found = edition.ranks(level), {}
    for node in edition.nodes(level):
        table = ranks.of(node).reindex(codes)[["low", "high"]]
        found[node] = [
            None if pd.isna(ends[0]) else [_whole(end) for end in ends]
            for ends in table.to_numpy().tolist()
        ]
    return found


def _whole(rank: float) -> float:
    return int(rank) if rank == int(rank) else rank


def reach_data(scores: Scores, codes: list[str], *, seed: int) -> dict[str, Any] | None:
    """Find the best and the worst rank of each unit under admissible weights.

    Parameters
    ----------
    scores : Scores
        An evaluation.
    codes : list[str]
        Rows of the page.
    seed : int
        Seed of the study, for a search.

    Returns
    -------
    dict or None
        ``exact``; ``share``, the half width of the bounds; per row ``[best, worst,
        best_bound, worst_bound, best_weights, worst_weights]``, the last two positions in
        ``weights``; None where nothing is known, for all units if there are more than
        :data:`MOST_REACHED`. None if no weights can be tried.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> scores = sample_edition().study.province
    >>> reach_data(scores, sorted(scores.index.index), seed=1)["share"]
    0.3
    """
    try:
        if len(codes) > MOST_REACHED:
            return _bounds(scores, weight_polytope(scores.spec, scores.weights), len(codes))
        found = _reached(scores, seed)
    except InputError:
        return None
    if found is None:
        return None
    names = [str(name) for name in found.polytope.parents.index]
    known: dict[tuple[int, ...], int] = {}
    # Weights from integer programmes hold their rank by less than four decimals.
    decimals, kind = (6, "<u4") if found.exact else (DECIMALS, "<u2")

    table = found.table[["best", "worst", "best_bound", "worst_bound"]]
    both = [
        (ways.reindex(index=table.index, columns=names) * 10**decimals)
        .round()
        .astype(int)
        .to_numpy()
        .tolist()
        for ways in (found.best_weights, found.worst_weights)
    ]
    rows: list[list[int] | None] = [None] * len(codes)
    place = {str(code): at for at, code in enumerate(table.index)}
    ends = table.to_numpy(dtype=int).tolist()
    for row, code in enumerate(codes):
        if code in place:
            ways = (tuple(side[place[code]]) for side in both)
            rows[row] = [*ends[place[code]], *(known.setdefault(x, len(known)) for x in ways)]
    return _bounds(scores, found.polytope, len(codes)) | {
        "exact": found.exact,
        "rows": rows,
        "weights": base64.b64encode(np.array(list(known), dtype=kind).tobytes()).decode("ascii"),
        "wide": found.exact,
    }


def _bounds(scores: Scores, polytope: Polytope, count: int) -> dict[str, Any]:
    """Return the limits of all weights, and nothing yet of any unit."""
    return {
        "exact": False,
        "share": scores.spec.uncertainty.bounds,
        "nodes": [str(name) for name in polytope.parents.index],
        "limits": [
            [float(low), float(high)]
            for low, high in zip(polytope.lower, polytope.upper, strict=True)
        ],
        "rows": [None] * count,
        "weights": "",
        "wide": False,
        "many": count if count > MOST_REACHED else 0,
    }


# The same scores are told in several languages; few are kept, for they are large.
@lru_cache(maxsize=4)
def _reached(scores: Scores, seed: int) -> AttainableRanks | None:
    searched = searched_ranks(scores, rng=generator(seed, f"{scores.spec.level}.reach"))
    if searched is None or len(searched.table) > _FEW:
        return searched
    exact = attainable_ranks(scores)
    return exact if exact.exact else searched


def _test(edition: Edition, level: Level, codes: list[str], *, live: bool) -> dict[str, Any]:
    """Assemble the tested hierarchy, its neighbours and the state its draws begin with."""
    text, study = edition.text, edition.study
    try:
        tested = study.province_tested if level == "province" else study.city_tested
    except InputError:
        return {"why": text("explorer.nothing_to_test")}
    if len(codes) > MOST_TESTED:
        return {"why": text("explorer.too_many", units=len(codes), most=MOST_TESTED)}
    shared = edition.scores(level).indicators.reindex(codes) if live else None
    found = hierarchy(tested, codes, live=live, shared=shared)
    alpha = study.settings.alpha
    scored = int(tested.nodes[ROOT].notna().sum())
    enough = [size for size in DRAWS if fdr_reachable(scored, size, alpha)]
    states = {
        purpose: _state(page_chance(study.settings.seed, f"{level}.{purpose}"))
        for purpose in ("local", "global")
    }
    return {
        # Its rows are those of the full hierarchy.
        "tree": {key: value for key, value in found.told.items() if key != "codes"},
        "note": edition.tested_note(level),
        "neighbours": _neighbours(edition, level, codes),
        "alpha": alpha,
        "draws": enough[0] if enough else DRAWS[0],
        "orders": DRAWS[0],
        "reachable": bool(enough),
        "states": states,
        "published": study.settings.permutations,
    }


def _state(chance: np.random.Generator) -> list[int]:
    words = chance.bit_generator.state["state"]["state"]
    return [part for word in words.tolist() for part in (word & 0xFFFFFFFF, word >> 32)]


def _neighbours(edition: Edition, level: Level, codes: list[str]) -> list[list[int]]:
    """Return queen neighbours and bridges among the rows, as the study's own weights have them."""
    polygons = edition.boundaries.layer(level).loc[codes]
    pairs = bridge_pairs(polygons, load_bridges(level))
    graph = build_contiguity(polygons, bridges=pairs, islands="keep")
    place = {code: at for at, code in enumerate(codes)}
    links: list[list[int]] = [[] for _ in codes]
    linked = graph.adjacency[graph.adjacency > 0]
    for focal, neighbour in linked.index:
        links[place[str(focal)]].append(place[str(neighbour)])
    return [sorted(link) for link in links]
