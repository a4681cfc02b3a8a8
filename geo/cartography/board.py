"""Texts placed on axes where they cover nothing."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from shapely.geometry.base import BaseGeometry

from geo.cartography.font import printable
from geo.cartography.lettering import INK, figure_renderer, root_figure, text_style

__all__ = ["Board"]

_POINTS = 72.0
# Luma above which dark letters read better than white ones.
_LIGHT = 140
# Share of a stamp that must lie on its unit: white letters beside it would be invisible.
_MOSTLY = 0.85
# Share of a label, which has a halo, that must lie on its unit to be centred there.
_CENTRED = 0.75
_RADII = (7.0, 11.0, 16.0, 23.0, 31.0, 40.0, 52.0, 66.0, 82.0, 100.0)
_DIRECTIONS = (0, 45, 315, 90, 270, 180, 135, 225, 22, 338, 202, 158)


@dataclass(slots=True)
class Board:
    """An axes on which texts are placed one by one, each clear of all before it.

    Attributes
    ----------
    axes : matplotlib.axes.Axes
        Where the texts go; its limits must be final.
    taken : list[BaseGeometry]
        What is covered already, in pixels.
    """

    axes: Axes
    taken: list[BaseGeometry] = field(default_factory=list)

    def block(self, artist: Any, *, margin: float = 1.0) -> None:
        """Keep texts off an artist.

        Parameters
        ----------
        artist : matplotlib.artist.Artist
            Legend, inset or any other artist with an extent.
        margin : float
            Free space around it in points.
        """
        self.taken.append(self._box(artist, margin))

    def block_point(self, x: float, y: float, *, radius: float) -> None:
        """Keep texts off a point.

        Parameters
        ----------
        x, y : float
            Data coordinates.
        radius : float
            Free space around it in points.
        """
        px, py = self.axes.transData.transform((x, y))
        reach = radius * self._unit
        self.taken.append(shapely.box(px - reach, py - reach, px + reach, py + reach))

    def claim(self, artist: Any) -> bool:
        """Keep later texts off an artist that stands already.

        Parameters
        ----------
        artist : matplotlib.text.Text
            The text.

        Returns
        -------
        bool
            False when it covers something.
        """
        return self._claim(self._box(artist, 0.0))

    def put(
        self,
        text: str,
        at: tuple[float, float],
        *,
        size: float = 8.0,
        home: BaseGeometry | None = None,
        clearance: float = 0.0,
    ) -> bool:
        """Write a text at or near a point, with a leader line when it stands apart.

        Parameters
        ----------
        text : str
            The label.
        at : tuple[float, float]
            Data coordinates of what it names.
        size : float
            Size in points.
        home : BaseGeometry or None
            Polygon, in data coordinates; the text is centred on the point if it nearly
            fits inside.
        clearance : float
            Radius in points of a symbol at the point.

        Returns
        -------
        bool
            False when there is no room, and nothing was written.
        """
        artist = self._write(text, at, size=size, colour=INK)
        halo = withStroke(linewidth=size / 4, foreground="white")
        artist.set_path_effects([halo])
        box = self._box(artist, 0.5)
        fits = home is not None and self._share(box, home) >= _CENTRED
        if (fits and self._claim(box)) or self._beside(artist, at, clearance):
            return True
        artist.remove()
        return False

    def stamp(
        self,
        mark: str,
        at: tuple[float, float],
        *,
        size: float,
        on: str,
        home: BaseGeometry,
    ) -> bool:
        """Write a few letters right on a point, or nowhere.

        Parameters
        ----------
        mark : str
            The letters.
        at : tuple[float, float]
            Data coordinates.
        size : float
            Size in points.
        on : str
            Colour ``#rrggbb`` they stand on; they are dark on light and white on dark.
        home : BaseGeometry
            Polygon, in data coordinates, that must hold nearly all of them.

        Returns
        -------
        bool
            False when there is no room, and nothing was written.
        """
        red, green, blue = (int(on[place : place + 2], 16) for place in (1, 3, 5))
        light = 0.299 * red + 0.587 * green + 0.114 * blue > _LIGHT
        artist = self._write(mark, at, size=size, colour=INK if light else "#ffffff")
        box = self._box(artist, 0.0)
        if self._share(box, home) >= _MOSTLY and self._claim(box):
            return True
        artist.remove()
        return False

    def put_on(self, text: str, at: tuple[float, float], *, size: float, colour: str) -> bool:
        """Write a text right on a point of a line, or nowhere.

        Parameters
        ----------
        text : str
            The label.
        at : tuple[float, float]
            Data coordinates.
        size : float
            Size in points.
        colour : str
            ``#rrggbb``.

        Returns
        -------
        bool
            False when there is no room, and nothing was written.
        """
        artist = self._write(text, at, size=size, colour=colour)
        artist.set_path_effects([withStroke(linewidth=size / 2.5, foreground="white")])
        box = self._box(artist, 0.5)
        if self._inside(box) and self._claim(box):
            return True
        artist.remove()
        return False

    def _write(self, text: str, at: tuple[float, float], *, size: float, colour: str) -> Text:
        style = text_style(size, colour)
        return self.axes.text(*at, printable(text), ha="center", va="center", zorder=8, **style)

    def _beside(self, artist: Text, at: tuple[float, float], clearance: float) -> bool:
        anchor = self.axes.transData.transform(at)
        width, height = self._size(artist)
        for radius, angle in self._candidates():
            reach = (radius + clearance) * self._unit
            dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            # The near edge of the box, not its centre, keeps the distance.
            cx = anchor[0] + dx * (reach + width / 2)
            cy = anchor[1] + dy * (reach + height / 2)
            box = shapely.box(cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
            line = shapely.shortest_line(shapely.Point(anchor), box)
            if not self._inside(box) or not self._free(line, unless_at=anchor):
                continue
            if not self._claim(box):
                continue
            x, y = self.axes.transData.inverted().transform((cx, cy))
            artist.set_position((float(x), float(y)))
            self._lead(line)
            return True
        return False

    def _candidates(self) -> Iterator[tuple[float, float]]:
        for radius in _RADII:
            for angle in _DIRECTIONS:
                yield radius, angle

    def _lead(self, path: BaseGeometry) -> None:
        self.taken.append(path)
        ends = self.axes.transData.inverted().transform(shapely.get_coordinates(path))
        line = Line2D(ends[:, 0], ends[:, 1], color=INK, linewidth=0.5, zorder=7)
        line.set_path_effects([withStroke(linewidth=1.4, foreground="white")])
        self.axes.add_line(line)

    def _claim(self, box: BaseGeometry) -> bool:
        if not self._free(box):
            return False
        self.taken.append(box)
        return True

    def _free(self, shape: BaseGeometry, *, unless_at: Any = None) -> bool:
        taken = np.asarray(self.taken, dtype=object)
        hit = shapely.intersects(shape, taken)
        if unless_at is not None:
            # A leader may start inside the symbol of the very point it leads to.
            hit &= ~shapely.intersects(shapely.Point(unless_at), taken)
        return not hit.any()

    def _inside(self, box: BaseGeometry) -> bool:
        frame = self.axes.bbox
        west, south, east, north = box.bounds
        margin = 3 * self._unit
        return bool(
            west > frame.x0 + margin
            and south > frame.y0 + margin
            and east < frame.x1 - margin
            and north < frame.y1 - margin
        )

    def _share(self, box: BaseGeometry, home: BaseGeometry) -> float:
        west, south, east, north = box.bounds
        corners = self.axes.transData.inverted().transform([(west, south), (east, north)])
        inside = shapely.clip_by_rect(home, *corners.ravel())
        return float(shapely.area(inside) / np.prod(corners[1] - corners[0]))

    def _box(self, artist: Any, margin: float) -> BaseGeometry:
        extent = artist.get_window_extent(figure_renderer(self._figure))
        reach = margin * self._unit
        box: BaseGeometry = shapely.box(
            extent.x0 - reach, extent.y0 - reach, extent.x1 + reach, extent.y1 + reach
        )
        return box

    def _size(self, artist: Text) -> tuple[float, float]:
        west, south, east, north = self._box(artist, 0.5).bounds
        return east - west, north - south

    @property
    def _unit(self) -> float:
        return float(self._figure.dpi) / _POINTS

    @property
    def _figure(self) -> Figure:
        return root_figure(self.axes)
