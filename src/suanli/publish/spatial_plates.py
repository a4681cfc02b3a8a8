"""Maps of clusters and of the hubs, each a function of an edition."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo.cartography.isolines import distance_lines
from geo.cartography.spec import LineOverlay, Theme
from suanli.analysis.conclusion import Conclusion, spatial_conclusions
from suanli.analysis.latency import LATENCY
from suanli.analysis.spillover import BANDS_MS
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.mapping import Mapper, hub_markers, level_markers
from suanli.publish.panel_themes import significance_theme
from suanli.publish.themes import hot_spot_theme, lisa_theme, pattern_of, ring_theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["evidence_plate", "hot_spot_plate", "lisa_plate", "ring_plate"]

_LINE: Final = "#b10026"
# Beside the circles of the national scheme, which are far apart.
_BETWEEN: Final = (2.0, 10.0)


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

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> mapper = Mapper(sample_edition())
    >>> len(lisa_plate(mapper, "province").axes)
    1
    """
    edition = mapper.edition
    said = spatial_conclusions(pattern_of(edition, level))[1]
    return _clusters(
        mapper, level, lisa_theme(edition, level), title=f"maps.title_lisa_{level}", said=said
    )


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

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> mapper = Mapper(sample_edition())
    >>> len(hot_spot_plate(mapper, "province").axes)
    1
    """
    edition = mapper.edition
    said = spatial_conclusions(pattern_of(edition, level))[0]
    return _clusters(
        mapper, level, hot_spot_theme(edition, level), title=f"figures.title_gi_{level}", said=said
    )


def _clusters(
    mapper: Mapper, level: Level, theme: Theme, *, title: str, said: Conclusion
) -> "Figure":
    edition = mapper.edition
    spec = mapper.spec(
        level,
        theme,
        title=edition.text(title),
        subtitle=edition.text(said.key, **said.params),
        notes=_tests(edition, level),
        markers=level_markers(edition, level),
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

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> mapper = Mapper(sample_edition())
    >>> len(evidence_plate(mapper, "province").axes)
    2
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

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> mapper = Mapper(sample_edition())
    >>> len(ring_plate(mapper).axes)
    1
    """
    edition = mapper.edition
    hubs = hub_markers(edition, named=True)
    radii = {ms: LATENCY.reach(ms) for ms in sorted((*BANDS_MS, *_BETWEEN))}
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
    said = edition.text("figures.latency", circuity=LATENCY.route_factor, km=LATENCY.reach(1.0))
    beyond = [
        edition.text("figures.ms", ms=f"{ms:g}")
        for ms in radii
        if edition.text("figures.ms", ms=f"{ms:g}") not in drawn
    ]
    if not beyond:
        return said
    mark = edition.text("maps.list_mark")
    return f"{said}{edition.text('figures.beyond', names=mark.join(beyond))}"


def _tests(edition: Edition, level: Level) -> tuple[str, ...]:
    return edition.tests_note(), edition.tested_note(level)
