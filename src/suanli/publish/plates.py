"""The maps of the atlas, each a function of an edition: a run draws them all, ``map`` one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.cartography.isolines import distance_lines
from geo.cartography.spec import LineOverlay, MarkerGroup
from suanli.analysis.conclusion import spatial_conclusions
from suanli.analysis.spillover import BANDS_MS, MS_PER_KM
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.mapping import Mapper, hub_markers
from suanli.publish.panel_themes import bivariate_theme, significance_theme, year_themes
from suanli.publish.themes import (
    Classing,
    hot_spot_theme,
    lisa_theme,
    pattern_of,
    ring_theme,
    score_theme,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "bivariate_plate",
    "dimension_plate",
    "evidence_plate",
    "hot_spot_plate",
    "lisa_plate",
    "ring_plate",
    "score_plate",
    "score_subtitle",
    "spread",
    "year_plate",
]

_LABELLED: Final = 10
_YEARS: Final = 4
_LINE: Final = "#7a0177"
# Beside the circles of the national scheme, which are far apart.
_BETWEEN: Final = (2.0, 10.0)


def score_plate(
    mapper: Mapper,
    level: Level,
    node: str,
    *,
    classing: Classing | None = None,
    labelled: int = _LABELLED,
) -> "Figure":
    """Draw one score.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    level : {"province", "city"}
        The level.
    node : str
        Index or dimension.
    classing : Classing, optional
        Classes and colours.
    labelled : int
        How many of the leaders are named.

    Returns
    -------
    matplotlib.figure.Figure
        The page.
    """
    edition = mapper.edition
    spec = mapper.spec(
        level,
        score_theme(edition, level, node, classing=classing),
        title=edition.text(f"maps.title_{level}", name=edition.node_name(level, node)),
        subtitle=score_subtitle(edition, level, node),
        notes=(_note(edition, level),),
        labels=_leaders(edition, level, node, labelled),
        markers=_hubs(edition, level),
    )
    return mapper.draw(level, spec)


def dimension_plate(
    mapper: Mapper, level: Level, *, classing: Classing | None = None, labelled: int = 3
) -> "Figure":
    """Draw every dimension of a level on one page.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    level : {"province", "city"}
        The level.
    classing : Classing, optional
        Classes and colours; each dimension is cut by itself.
    labelled : int
        How many leaders of each are named.

    Returns
    -------
    matplotlib.figure.Figure
        The page.
    """
    edition = mapper.edition
    panels = [
        mapper.spec(
            level,
            score_theme(edition, level, node, classing=classing),
            title=edition.node_name(level, node),
            labels=_leaders(edition, level, node, labelled),
        )
        for node in edition.nodes(level)[1:]
    ]
    return mapper.sheet(
        level,
        panels,
        title=edition.text(f"figures.title_dimensions_{level}"),
        subtitle=score_subtitle(edition, level, edition.nodes(level)[0]),
        notes=(_note(edition, level),),
    )


def bivariate_plate(mapper: Mapper, level: Level, first: str, second: str) -> "Figure":
    """Draw two scores at once.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    level : {"province", "city"}
        The level.
    first, second : str
        Index or dimensions.

    Returns
    -------
    matplotlib.figure.Figure
        The page.
    """
    edition = mapper.edition
    names = [edition.node_name(level, node) for node in (first, second)]
    both = edition.scores(level).nodes[[first, second]].dropna()
    rho = both[first].rank().corr(both[second].rank())
    spec = mapper.spec(
        level,
        bivariate_theme(edition, level, first, second),
        title=edition.text(f"figures.title_bivariate_{level}", first=names[0], second=names[1]),
        subtitle=edition.text(
            "figures.subtitle_bivariate", year=edition.scores(level).spec.year, n=len(both), rho=rho
        ),
        notes=(_note(edition, level),),
    )
    return mapper.draw(level, spec)


def year_plate(
    mapper: Mapper, node: str, years: Sequence[int] = (), *, classing: Classing | None = None
) -> "Figure":
    """Draw one score of the provinces in several years, in the same classes.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    node : str
        Index or dimension.
    years : Sequence[int]
        Years of the panel; four spread over it by default.
    classing : Classing, optional
        Classes and colours, of all years together.

    Returns
    -------
    matplotlib.figure.Figure
        The page.
    """
    edition = mapper.edition
    panel = sorted(edition.study.panel)
    chosen = tuple(years) or spread(panel, _YEARS)
    themes = year_themes(edition, node, chosen, classing=classing)
    panels = [
        mapper.spec("province", theme, title=edition.text("maps.subtitle_page", year=year))
        for year, theme in themes.items()
    ]
    name = edition.node_name("province", node)
    span = {"first": panel[0], "last": panel[-1]}
    return mapper.sheet(
        "province",
        panels,
        title=edition.text("figures.title_years", name=name, first=chosen[0], last=chosen[-1]),
        subtitle=edition.text("figures.subtitle_years", **span),
        notes=(_note(edition, "province"),),
    )


def lisa_plate(mapper: Mapper, level: Level) -> "Figure":
    """Draw the clusters of local Moran.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    level : {"province", "city"}
        The level.

    Returns
    -------
    matplotlib.figure.Figure
        The page.
    """
    edition = mapper.edition
    local = spatial_conclusions(pattern_of(edition, level))[1]
    spec = mapper.spec(
        level,
        lisa_theme(edition, level),
        title=edition.text(f"maps.title_lisa_{level}"),
        subtitle=edition.text(local.key, **local.params),
        notes=_tests(edition, level),
        markers=_hubs(edition, level),
    )
    return mapper.draw(level, spec)


def hot_spot_plate(mapper: Mapper, level: Level) -> "Figure":
    """Draw the hot and cold spots of Getis-Ord Gi*.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    level : {"province", "city"}
        The level.

    Returns
    -------
    matplotlib.figure.Figure
        The page.
    """
    edition = mapper.edition
    whole = spatial_conclusions(pattern_of(edition, level))[0]
    spec = mapper.spec(
        level,
        hot_spot_theme(edition, level),
        title=edition.text(f"figures.title_gi_{level}"),
        subtitle=edition.text(whole.key, **whole.params),
        notes=_tests(edition, level),
        markers=_hubs(edition, level),
    )
    return mapper.draw(level, spec)


def evidence_plate(mapper: Mapper, level: Level) -> "Figure":
    """Draw the clusters of local Moran beside the strength of their evidence.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    level : {"province", "city"}
        The level.

    Returns
    -------
    matplotlib.figure.Figure
        The page.
    """
    edition = mapper.edition
    local = spatial_conclusions(pattern_of(edition, level))[1]
    panels = [
        mapper.spec(level, theme, title=edition.text(f"figures.panel_{name}"))
        for name, theme in (
            ("lisa", lisa_theme(edition, level)),
            ("significance", significance_theme(edition, level)),
        )
    ]
    return mapper.sheet(
        level,
        panels,
        title=edition.text(f"figures.title_evidence_{level}"),
        subtitle=edition.text(local.key, **local.params),
        notes=_tests(edition, level),
    )


def ring_plate(mapper: Mapper) -> "Figure":
    """Draw the rings around the hub cities with lines of equal latency to the nearest.

    Parameters
    ----------
    mapper : Mapper
        Draws.

    Returns
    -------
    matplotlib.figure.Figure
        The page.
    """
    edition = mapper.edition
    hubs = hub_markers(edition, named=True)
    radii = {ms: ms / MS_PER_KM for ms in sorted((*BANDS_MS, *_BETWEEN))}
    named = {edition.text("figures.ms", ms=f"{ms:g}"): km for ms, km in radii.items()}
    provinces = edition.boundaries.province_web.geometry
    lines = distance_lines(hubs.points, named, within=provinces)
    overlay = LineOverlay(
        geometry=lines,
        colour=_LINE,
        width=0.9,
        dashed=True,
        label=edition.text("figures.isolines"),
        names=tuple(map(str, lines.index)),
    )
    spec = mapper.spec(
        "city",
        ring_theme(edition),
        title=edition.text("maps.title_rings"),
        subtitle=edition.text("maps.subtitle_rings", n=len(edition.catalogue.hub_cities)),
        notes=(_latency(edition, radii, lines.index),),
        markers=(hubs,),
    )
    return mapper.draw("city", replace(spec, lines=(*spec.lines, overlay)))


def _latency(edition: Edition, radii: Mapping[float, float], drawn: Sequence[str]) -> str:
    said = edition.text("figures.latency", circuity=MS_PER_KM * 200.0, km=1.0 / MS_PER_KM)
    beyond = [
        edition.text("figures.ms", ms=f"{ms:g}")
        for ms in radii
        if edition.text("figures.ms", ms=f"{ms:g}") not in drawn
    ]
    if not beyond:
        return said
    mark = edition.text("maps.list_mark")
    return f"{said}{edition.text('figures.beyond', names=mark.join(beyond))}"


def spread(years: Sequence[int], k: int) -> tuple[int, ...]:
    """Choose years spread over a panel, first and last among them.

    Parameters
    ----------
    years : Sequence[int]
        In order.
    k : int
        How many at most.

    Returns
    -------
    tuple[int, ...]
        Distinct, in order.

    Examples
    --------
    >>> spread(range(2016, 2024), 4), spread([2020], 4)
    ((2016, 2018, 2021, 2023), (2020,))
    """
    places = np.linspace(0, len(years) - 1, min(k, len(years))).round().astype(int)
    return tuple(years[place] for place in dict.fromkeys(places.tolist()))


def score_subtitle(edition: Edition, level: Level, node: str) -> str:
    """Say of which year the scores are, of how many units, and between which bounds.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    node : str
        Index or dimension.

    Returns
    -------
    str
        The line.
    """
    spec = edition.scores(level).spec
    limits = {"lower": spec.method.lower, "upper": spec.method.upper}
    n = int(edition.scores(level).nodes[node].notna().sum())
    return edition.text("maps.subtitle_score", year=spec.year, n=n, **limits)


def _leaders(edition: Edition, level: Level, node: str, k: int) -> dict[str, str]:
    scores = edition.scores(level).nodes[node].dropna()
    best = scores.sort_values(ascending=False, kind="stable").index[:k]
    names = edition.unit_names(level, short=True)
    return {code: f"{rank} {names[code]}" for rank, code in enumerate(best, start=1)}


def _hubs(edition: Edition, level: Level) -> tuple[MarkerGroup, ...]:
    return (hub_markers(edition),) if level == "city" else ()


def _note(edition: Edition, level: Level) -> str:
    return edition.text.of(edition.scores(level).spec.note.model_dump())


def _tests(edition: Edition, level: Level) -> tuple[str, ...]:
    return edition.tests_note(), edition.tested_note(level)
