"""National print maps: what every one of them carries, made once for all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd

from geo.cartography.china import (
    CHINA_FRAME,
    CHINA_RULES,
    SOUTH_CHINA_SEA,
    SOUTH_CHINA_SEA_PLACES,
)
from geo.cartography.drawing import interior_borders, project
from geo.cartography.prepared import PreparedLayer, prepare
from geo.cartography.spec import Inset, LineOverlay, MapSpec, MarkerGroup, SheetSpec, Theme
from geo.cartography.static import draw_map, draw_sheet
from suanli.boundaries import Level
from suanli.publish.edition import Edition

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Mapper", "hub_markers", "level_markers", "national_lines"]

_ALWAYS_DRAWN: Final[Mapping[Level, tuple[str, ...]]] = {
    "province": ("710000", "810000", "820000", "460000"),
    "city": ("710000", "810000", "820000", "460300"),
}


class Mapper:
    """Draws the maps of an edition; layers and borders are prepared once.

    Parameters
    ----------
    edition : Edition
        What is published.
    dated : str
        Date the maps are to carry; they carry none where it is empty, since a run has no clock.
    width : float
        Inches of a page.

    Examples
    --------
    >>> from suanli.publish.themes import score_theme
    >>> from suanli.run.sample import sample_edition
    >>> mapper = Mapper(sample_edition())
    >>> theme = score_theme(mapper.edition, "province", "index")
    >>> len(mapper.draw("province", mapper.spec("province", theme, title="A map")).axes)
    1
    """

    def __init__(self, edition: Edition, *, dated: str = "", width: float = 10.0) -> None:
        self.edition = edition
        self.dated = dated
        self.width = width
        self._units: dict[Level, PreparedLayer] = {}
        self._lines: dict[Level, tuple[LineOverlay, ...]] = {}

    def spec(
        self,
        level: Level,
        theme: Theme,
        *,
        title: str,
        subtitle: str = "",
        notes: tuple[str, ...] = (),
        labels: Mapping[str, str] | None = None,
        markers: tuple[MarkerGroup, ...] = (),
    ) -> MapSpec:
        """Say what a national map shows.

        Parameters
        ----------
        level : {"province", "city"}
            The level.
        theme : Theme
            Colours and legend.
        title : str
            Headline.
        subtitle : str
            Second line.
        notes : tuple[str, ...]
            Lines special to this map; empty ones are left out.
        labels : Mapping[str, str], optional
            Label by code, most important first.
        markers : tuple[MarkerGroup, ...]
            Points.

        Returns
        -------
        MapSpec
            With inset, borders, scale bar, imprint and the rules for national maps.
        """
        edition = self.edition
        places = tuple(
            (edition.text(f"maps.place_{key}"), *point)
            for key, point in SOUTH_CHINA_SEA_PLACES.items()
        )
        return MapSpec(
            theme=theme,
            title=title,
            text=edition.map_text(),
            subtitle=subtitle,
            notes=tuple(line for line in notes if line),
            imprint=self._imprint(),
            labels=labels or {},
            markers=markers,
            lines=self.lines(level),
            inset=Inset(
                title=edition.text("maps.south_china_sea"), bounds=SOUTH_CHINA_SEA, places=places
            ),
            rules=replace(CHINA_RULES, required=_ALWAYS_DRAWN[level]),
            frame=CHINA_FRAME,
            scale_bar=edition.text("figures.scale_bar", km="{km}"),
            width=self.width,
        )

    def draw(self, level: Level, spec: MapSpec) -> "Figure":
        """Draw one map.

        Parameters
        ----------
        level : {"province", "city"}
            The level.
        spec : MapSpec
            What to show.

        Returns
        -------
        matplotlib.figure.Figure
            The page.
        """
        return draw_map(self.units(level), spec)

    def sheet(
        self,
        level: Level,
        panels: Sequence[MapSpec],
        *,
        title: str,
        subtitle: str = "",
        notes: tuple[str, ...] = (),
    ) -> "Figure":
        """Draw several maps on one page.

        Parameters
        ----------
        level : {"province", "city"}
            The level of all of them.
        panels : Sequence[MapSpec]
            The maps.
        title, subtitle : str
            Of the page.
        notes : tuple[str, ...]
            Lines under the maps.

        Returns
        -------
        matplotlib.figure.Figure
            The page.
        """
        shown = SheetSpec(
            panels=tuple(panels), title=title, subtitle=subtitle, notes=notes, width=self.width
        )
        return draw_sheet(self.units(level), shown)

    def units(self, level: Level) -> PreparedLayer:
        """Return the layer of a level, ready for drawing.

        Parameters
        ----------
        level : {"province", "city"}
            The level.

        Returns
        -------
        PreparedLayer
            Made once.
        """
        if level not in self._units:
            self._units[level] = prepare(self.edition.boundaries.layer(level))
        return self._units[level]

    def lines(self, level: Level) -> tuple[LineOverlay, ...]:
        """Return the lines every national map carries, projected once.

        Parameters
        ----------
        level : {"province", "city"}
            The level.

        Returns
        -------
        tuple[LineOverlay, ...]
            See :func:`national_lines`.
        """
        if level not in self._lines:
            self._lines[level] = tuple(
                replace(overlay, geometry=project(overlay.geometry))
                for overlay in national_lines(self.edition, level)
            )
        return self._lines[level]

    def _imprint(self) -> tuple[str, ...]:
        source, *legal = self.edition.notes()
        dated = [self.edition.text("figures.dated", date=self.dated)] if self.dated else []
        return (source, *dated, *legal)


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


def level_markers(edition: Edition, level: Level) -> tuple[MarkerGroup, ...]:
    """Return the points a map of a level carries: the hubs, on maps of cities.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    tuple[MarkerGroup, ...]
        One group, or none.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [len(level_markers(sample_edition(), level)) for level in ("province", "city")]
    [0, 1]
    """
    return (hub_markers(edition),) if level == "city" else ()
