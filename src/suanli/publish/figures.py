"""Print figures: maps in an equal-area projection with the South China Sea inset, charts."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from geo.cartography.charts import ChartText, draw_bars, draw_lines
from geo.cartography.china import (
    CHINA_FRAME,
    CHINA_MUST_SHOW,
    SOUTH_CHINA_SEA,
    SOUTH_CHINA_SEA_PLACES,
)
from geo.cartography.drawing import interior_borders
from geo.cartography.figure_file import write_figure
from geo.cartography.spec import Inset, LineOverlay, MapSpec, MarkerGroup, Theme
from geo.cartography.static import draw_map
from suanli.analysis.conclusion import spatial_conclusions
from suanli.analysis.gap import DEFINITIONS
from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.hub_charts import bands_chart, events_chart
from suanli.publish.themes import hot_spot_theme, lisa_theme, ring_theme, score_theme
from suanli.publish.wording import gap_notes, interval_text, intervals_note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["hub_markers", "national_lines", "write_figures"]

_LABELLED: Final = 10
_ALWAYS_DRAWN: Final = ("710000", "810000", "820000", "460000")
_CITIES_ALWAYS_DRAWN: Final = ("710000", "810000", "820000", "460300")


def write_figures(edition: Edition, folder: Path) -> list[Path]:
    """Draw every figure of an edition.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        Where to write, PNG at 300 dpi and SVG.

    Returns
    -------
    list[pathlib.Path]
        The files written.

    Raises
    ------
    geo.errors.CartographyError
        A map would lack a part of the country.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> from pathlib import Path
    >>> import tempfile
    >>> written = write_figures(sample_edition(), Path(tempfile.mkdtemp()))
    >>> "province-index.png" in {path.name for path in written}
    True
    """
    written: list[Path] = []
    for name, figure in _figures(edition):
        written += write_figure(figure, folder / name)
        # A drawn figure is full of cycles; left to chance, a dozen of them pile up.
        del figure
        gc.collect()
    return written


def _figures(edition: Edition) -> Iterator[tuple[str, "Figure"]]:
    for level in ("province", "city"):
        nodes = edition.nodes(level) if level == "province" else (ROOT,)
        for node in nodes:
            yield f"{level}-{node}", _score_map(edition, level, node)
        yield f"{level}-lisa", _cluster_map(edition, level, lisa_theme(edition, level), "lisa")
    hot = hot_spot_theme(edition, "city")
    yield "city-hot-spots", _cluster_map(edition, "city", hot, "gi")
    yield "city-hub-rings", _ring_map(edition)
    yield "province-top10", _top(edition, "province")
    yield "city-top10", _top(edition, "city")
    yield "gap", _gap(edition)
    yield from _hub_charts(edition)


def _hub_charts(edition: Edition) -> Iterator[tuple[str, "Figure"]]:
    study = edition.study.hub_study
    yield "city-hub-bands", bands_chart(study.spillover.bands, edition.text)
    effects = study.events.effects
    for outcome in effects["outcome"].unique():
        name = f"city-hub-events-{outcome.replace('_', '-')}"
        yield name, events_chart(effects, outcome, edition.text)


def _score_map(edition: Edition, level: Level, node: str) -> "Figure":
    scores = edition.scores(level).nodes[node].dropna()
    best = scores.sort_values(ascending=False, kind="stable").index[:_LABELLED]
    names = edition.unit_names(level, short=True)
    name = edition.node_name(level, node)
    return _draw(
        edition,
        level,
        score_theme(edition, level, node),
        title=edition.text(f"maps.title_{level}", name=name),
        subtitle=_scored(edition, level, len(scores)),
        notes=edition.notes(edition.text.of(edition.scores(level).spec.note.model_dump())),
        labels={code: f"{rank} {names[code]}" for rank, code in enumerate(best, start=1)},
        markers=(hub_markers(edition),) if level == "city" else (),
    )


def _scored(edition: Edition, level: Level, n: int) -> str:
    spec = edition.scores(level).spec
    limits = {"lower": spec.method.lower, "upper": spec.method.upper}
    return edition.text("maps.subtitle_score", year=spec.year, n=n, **limits)


def _cluster_map(edition: Edition, level: Level, theme: Theme, name: str) -> "Figure":
    study = edition.study
    pattern = study.province_pattern if level == "province" else study.city_pattern
    whole, local = spatial_conclusions(pattern)
    said = local if name == "lisa" else whole
    return _draw(
        edition,
        level,
        theme,
        title=edition.text(f"maps.title_{name}_{level}"),
        subtitle=edition.text(said.key, **said.params),
        notes=edition.notes(edition.tests_note(), edition.tested_note(level)),
        markers=(hub_markers(edition),) if level == "city" else (),
    )


def _ring_map(edition: Edition) -> "Figure":
    return _draw(
        edition,
        "city",
        ring_theme(edition),
        title=edition.text("maps.title_rings"),
        subtitle=edition.text("maps.subtitle_rings", n=len(edition.catalogue.hub_cities)),
        notes=edition.notes(),
        markers=(hub_markers(edition, named=True),),
    )


def _draw(
    edition: Edition,
    level: Level,
    theme: Theme,
    *,
    title: str,
    subtitle: str,
    notes: tuple[str, ...],
    labels: dict[str, str] | None = None,
    markers: tuple[MarkerGroup, ...] = (),
) -> "Figure":
    inset = Inset(
        title=edition.text("maps.south_china_sea"),
        bounds=SOUTH_CHINA_SEA,
        places=tuple(
            (edition.text(f"maps.place_{key}"), *point)
            for key, point in SOUTH_CHINA_SEA_PLACES.items()
        ),
    )
    spec = MapSpec(
        theme=theme,
        title=title,
        text=edition.map_text(),
        subtitle=subtitle,
        notes=notes,
        labels=labels or {},
        markers=markers,
        lines=national_lines(edition, level),
        inset=inset,
        required=_ALWAYS_DRAWN if level == "province" else _CITIES_ALWAYS_DRAWN,
        must_show=CHINA_MUST_SHOW,
        frame=CHINA_FRAME,
    )
    return draw_map(edition.boundaries.layer(level), spec)


def national_lines(edition: Edition, level: Level) -> tuple[LineOverlay, ...]:
    """Return the lines every map of the country carries.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        Cities get the borders of the provinces over them.

    Returns
    -------
    tuple[LineOverlay, ...]
        Dashes of the South China Sea and borders at sea, undetermined borders; borders of
        provinces.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(national_lines(sample_edition(), "city"))
    2
    """
    lines = edition.boundaries.lines
    drawn = lines[lines["kind"].isin(("dash_line", "undetermined"))]
    overlays = [LineOverlay(geometry=drawn.geometry, width=0.9)]
    if level == "city":
        borders = interior_borders(edition.boundaries.province_web.geometry)
        overlays.insert(0, LineOverlay(geometry=borders))
    return tuple(overlays)


def hub_markers(edition: Edition, *, named: bool = False) -> MarkerGroup:
    """Return the hub cities as points.

    Parameters
    ----------
    edition : Edition
        What is published.
    named : bool
        Whether a print map writes their names.

    Returns
    -------
    MarkerGroup
        One point per prefecture with a start area.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(hub_markers(sample_edition()).points)
    14
    """
    cities = edition.boundaries.city.loc[edition.catalogue.hub_cities.index]
    names = edition.unit_names("city", short=True).reindex(cities.index)
    points = gpd.GeoSeries(
        gpd.points_from_xy(cities["lon"], cities["lat"]), index=names.to_numpy(), crs=cities.crs
    )
    return MarkerGroup(label=edition.text("maps.hub_cities"), points=points, named=named)


def _top(edition: Edition, level: Level) -> "Figure":
    scores = edition.scores(level).index.dropna().sort_values(ascending=False, kind="stable")
    best = scores.head(_LABELLED)
    names = edition.unit_names(level).reindex(best.index)
    bars = pd.Series(best.to_numpy(), index=names.to_numpy())
    interval = edition.ranks(level).of(ROOT).reindex(best.index)
    said = [f" ({interval_text(edition, row)})" for row in interval.itertuples()]
    name = edition.node_name(level, ROOT)
    return draw_bars(
        bars,
        remarks=pd.Series(said, index=bars.index),
        text=ChartText(
            title=edition.text("maps.title_top10", name=name),
            subtitle=_scored(edition, level, len(scores)),
            notes=(
                edition.text.of(edition.scores(level).spec.note.model_dump()),
                intervals_note(edition, level),
            ),
        ),
    )


def _gap(edition: Edition) -> "Figure":
    years = edition.study.gap.years
    index = years[years["node"] == ROOT]
    series, bands = {}, {}
    for definition in DEFINITIONS:
        rows = index[index["definition"] == definition.id].set_index("year")
        label = edition.text(f"analysis.definition_{definition.id}")
        series[label] = rows["difference"]
        bands[label] = rows[["difference_lower", "difference_upper"]].set_axis(
            ["low", "high"], axis=1
        )
    if len(edition.study.panel) == 1:
        return _gap_of_one_year(edition, series, bands)
    first = edition.text(f"analysis.definition_{DEFINITIONS[0].id}")
    return draw_lines(
        series,
        bands={first: bands[first]},
        text=ChartText(
            title=edition.text("maps.title_gap"),
            subtitle=edition.text("maps.subtitle_gap", first=first),
            y=edition.text("maps.axis_gap"),
            notes=gap_notes(edition),
        ),
    )


def _gap_of_one_year(
    edition: Edition, series: dict[str, pd.Series], bands: dict[str, pd.DataFrame]
) -> "Figure":
    """Draw one bar per definition: lines need more than one year."""
    (year,) = edition.study.panel
    return draw_bars(
        pd.Series({label: float(line.iloc[0]) for label, line in series.items()}),
        interval=pd.concat([band.set_axis([label]) for label, band in bands.items()]),
        value_format="{:.2f}",
        text=ChartText(
            title=edition.text("maps.title_gap"),
            subtitle=edition.text("maps.subtitle_gap_year", year=year),
            x=edition.text("maps.axis_gap"),
            notes=gap_notes(edition),
        ),
    )
