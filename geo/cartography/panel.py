"""One map on its axes: units, lines, markers, inset, legend, labels."""

import itertools
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection

from geo.cartography.board import Board
from geo.cartography.drawing import project
from geo.cartography.legend import HATCH, UNIT_EDGE, draw_legend, draw_scale_bar
from geo.cartography.lettering import MUTED, figure_renderer, root_figure, text_style, wrap
from geo.cartography.page import POINTS
from geo.cartography.prepared import PreparedLayer
from geo.cartography.rules import check_drawn, check_request, clear_points, limits, touched
from geo.cartography.spec import Inset, LineOverlay, MapSpec, MarkerGroup
from geo.crs import GEOGRAPHIC
from geo.errors import CartographyError

__all__ = ["Panel"]

Frame = tuple[float, float, float, float]
# Shares of the width an inset may have, the largest that covers nothing first.
_INSET_SHARES = (0.2, 0.19, 0.18, 0.17, 0.158)
_GROWTH, _GROWTHS = 0.025, 24
_LABEL, _MARK, _PLACE, _TITLE = 8.0, 4.6, 5.4, 7.5
# Room around a place that must stay clear, in points.
_CLEAR = 1.8
# Degrees by which a name in the inset may move, the nearest first, and how small it may become.
_STEPS = (0.0, -0.5, 0.5, -1.0, 1.0, -1.5, 1.5)
_NUDGES = sorted(itertools.product(_STEPS, repeat=2), key=lambda step: step[0] ** 2 + step[1] ** 2)
_NAME_SHRINKS = (1.0, 0.9, 0.8)
_SHRINKS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
_DASHES = (0, (5.0, 2.5))
# Parts of a line that get its name, and where along them it is tried.
_NAMED, _SPOTS = 3, (0.5, 0.3, 0.7, 0.15, 0.85)


@dataclass(slots=True, kw_only=True, eq=False)
class Panel:
    """A map that is being drawn.

    Attributes
    ----------
    axes : matplotlib.axes.Axes
        Where it is drawn.
    units : PreparedLayer
        The layer.
    spec : MapSpec
        What to show.
    scale : float
        Of type and lines.
    """

    axes: Axes
    units: PreparedLayer
    spec: MapSpec
    scale: float

    def frame(self, width: float) -> Frame:
        """Draw the legend; return the frame, grown south as far as the legend needs room.

        Parameters
        ----------
        width : float
            Width of the map in inches.

        Returns
        -------
        tuple[float, float, float, float]
            West, south, east, north in metres.

        Raises
        ------
        CartographyError
            ``cartography.membership``, ``cartography.required_missing``,
            ``cartography.no_imprint``, or ``cartography.covered``: the legend finds no room.
        """
        check_request(self.spec, list(self.units.shapes.index))
        west, south, east, north = self.spec.frame or self._roomy()
        # The legend keeps its size in inches, so only the land beneath it moves.
        boxes = self._sizes(draw_legend(self.axes, self.spec, scale=self.scale))
        metres = (east - west) / width
        for _ in range(_GROWTHS):
            plates = [
                shapely.box(west + x * metres, south + y * metres,
                            west + (x + wide) * metres, south + (y + tall) * metres)
                for x, y, wide, tall in boxes
            ]  # fmt: skip
            covered = self.units.shapes.intersects(shapely.union_all(plates))
            if not covered.any():
                return west, south, east, north
            south -= _GROWTH * (north - south)
        raise _covered_error("legend", covered)

    def draw(self, frame: Frame) -> None:
        """Draw everything but the legend, and check it against the rules.

        Parameters
        ----------
        frame : tuple[float, float, float, float]
            West, south, east, north in metres; the axes have its shape.

        Raises
        ------
        CartographyError
            ``cartography.covered``, ``cartography.not_drawn``, ``cartography.outside_frame``,
            ``cartography.no_line`` or ``cartography.lettered``.
        """
        spec, shapes = self.spec, self.units.shapes
        _framed(self.axes, frame)
        self._content(self.axes, np.ones(len(shapes), dtype=bool))
        board = Board(self.axes)
        for child in self._plates():
            board.block(child)
        views = [self.axes]
        if spec.inset is not None:
            inset = self._inset(frame)
            views.append(inset)
            board.block(inset)
        if spec.scale_bar:
            self._scale_bar(board)
        for x, y in clear_points(spec.rules, self.axes):
            board.block_point(x, y, radius=_CLEAR)
        self._letter(board)
        check_drawn(spec, shapes, views)

    def _roomy(self) -> Frame:
        west, south, east, north = self.units.shapes.total_bounds
        margin = 0.04 * max(east - west, north - south)
        # The legend goes to the lower left, so the frame leaves a band for it below.
        return west - margin, south - 0.42 * (north - south), east + margin, north + margin

    def _sizes(self, artists: list[Artist]) -> list[Frame]:
        figure = root_figure(self.axes)
        renderer = figure_renderer(figure)
        origin = self.axes.get_window_extent(renderer)
        boxes = []
        for artist in artists:
            extent = artist.get_window_extent(renderer)
            corner = (extent.x0 - origin.x0, extent.y0 - origin.y0)
            boxes.append(tuple(v / figure.dpi for v in (*corner, extent.width, extent.height)))
        return boxes  # type: ignore[return-value]  # four numbers each

    def _plates(self) -> list[Artist]:
        legend = self.axes.get_legend()
        return [*([legend] if legend else []), *self.axes.artists]

    def _content(self, axes: Axes, shown: np.ndarray, *, small: bool = False) -> None:
        scale = self.scale * (0.65 if small else 1.0)
        places = self.spec.theme.membership.reindex(self.units.shapes.index).to_numpy()
        for place, entry in enumerate(self.spec.theme.entries):
            chosen = shown & (places == place)
            if not chosen.any():
                continue
            path = self.units.path(chosen)
            fill = PathCollection(
                [path],
                facecolors=entry.colour,
                edgecolors=UNIT_EDGE,
                linewidths=0.22 * scale,
                zorder=1,
            )
            axes.add_collection(fill, autolim=False)
            if entry.hatch:
                hatching = PathCollection([path], facecolors="none", linewidths=0, zorder=2)
                hatching.set(hatch=entry.hatch * 5, edgecolor=HATCH)
                axes.add_collection(hatching, autolim=False)
        for overlay in self.spec.lines:
            _draw_lines(axes, overlay, scale)
        for group in self.spec.markers:
            points = project(group.points)
            axes.scatter(
                points.x,
                points.y,
                s=26 * scale**2,
                marker=group.symbol,
                color=group.colour,
                edgecolors="white",
                linewidths=0.6 * scale,
                zorder=5,
            )

    def _scale_bar(self, board: Board) -> None:
        free = len(board.taken)
        for high in (False, True):
            plates = self._plates()
            bar, label = draw_scale_bar(
                self.axes, self.spec.scale_bar, clear_of=plates, high=high, scale=self.scale
            )
            covered = self._covered(bar) | self._covered(label)
            lettered = len(touched(self.spec.rules, self.axes, label))
            if board.claim(bar) and board.claim(label) and not covered.any() and not lettered:
                board.block(bar)
                board.block(label)
                return
            del board.taken[free:]
            bar.remove()
            label.remove()
        raise _covered_error("scale bar", covered)

    def _inset(self, frame: Frame) -> Axes:
        inset = self.spec.inset
        assert inset is not None  # noqa: S101 - asked for by the caller
        edge = shapely.segmentize(shapely.box(*inset.bounds), 0.5)
        west, south, east, north = project(gpd.GeoSeries([edge], crs=GEOGRAPHIC)).total_bounds
        ratio = (frame[2] - frame[0]) / (frame[3] - frame[1])
        axes = self._inset_axes((north - south) / (east - west) * ratio)
        _framed(axes, (west, south, east, north))
        near = self.units.shapes.intersects(shapely.box(west, south, east, north))
        self._content(axes, near.to_numpy(), small=True)
        board = Board(axes)
        for x, y in clear_points(self.spec.rules, axes):
            board.block_point(x, y, radius=_CLEAR)
        self._name_places(axes, inset, board)
        self._title(axes, inset.title, board)
        return axes

    def _inset_axes(self, shape: float) -> Axes:
        """Make the inset as large as the map leaves room for."""
        for wide in _INSET_SHARES:
            axes = self.axes.inset_axes((1 - wide, 0, wide, wide * shape), zorder=10)
            covered = self._covered(axes)
            # What the inset itself shows may lie under its frame, south of the main map.
            shown = shapely.box(*limits(self.axes))
            covered[covered] = self.units.shapes[covered].intersects(shown)
            if not covered.any():
                return axes
            axes.remove()
        raise _covered_error("inset", covered)

    def _name_places(self, axes: Axes, inset: Inset, board: Board) -> None:
        """Write the names of all places or none: some of them would deny the others."""
        spots = {
            name: project(
                gpd.GeoSeries(
                    [shapely.Point(longitude + x, latitude + y) for x, y in _NUDGES], crs=GEOGRAPHIC
                )
            )
            for name, longitude, latitude in inset.places
        }
        free = len(board.taken)
        for shrink in _NAME_SHRINKS:
            style: Any = {"size": _PLACE * self.scale * shrink, "colour": MUTED}
            if all(
                any(board.put_on(name, (spot.x, spot.y), **style) for spot in near)
                for name, near in spots.items()
            ):
                return
            del board.taken[free:]
            for text in list(axes.texts):
                text.remove()

    def _title(self, axes: Axes, title: str, board: Board) -> None:
        """Write the title of the inset, as large as leaves islands and dashes clear."""
        figure = root_figure(self.axes)
        width = axes.get_window_extent(figure_renderer(figure)).width / figure.dpi * POINTS
        for shrink, share in itertools.product(_SHRINKS, (0.5, 0.9)):
            size = _TITLE * self.scale * shrink
            lines = wrap(title, size=size, width=share * width)
            style = text_style(size)
            text = axes.text(
                0.96, 0.02, "\n".join(lines), transform=axes.transAxes, ha="right", va="bottom",
                zorder=9, **style,
            )  # fmt: skip
            if board.claim(text) or shrink == _SHRINKS[-1]:
                return
            text.remove()

    def _covered(self, artist: Artist) -> pd.Series:
        extent = artist.get_window_extent(figure_renderer(root_figure(self.axes)))
        corners = self.axes.transData.inverted().transform(extent.get_points())
        covered: pd.Series = self.units.shapes.intersects(shapely.box(*corners.ravel()))
        return covered

    def _letter(self, board: Board) -> None:
        spec, scale = self.spec, self.scale
        for group in spec.markers:
            for point in project(group.points):
                board.block_point(point.x, point.y, radius=3.2 * scale)
        for code, label in spec.labels.items():
            if code in self.units.shapes.index:
                home, heart = self.units.heart(code)
                board.put(label, heart, size=_LABEL * scale, home=home)
        for group in spec.markers:
            self._name_points(board, group)
        for overlay in spec.lines:
            self._name_lines(board, overlay)
        self._stamp(board)

    def _name_points(self, board: Board, group: MarkerGroup) -> None:
        for name, point in project(group.points).items() if group.named else ():
            if any(str(name) in label for label in self.spec.labels.values()):
                continue  # the unit is labelled already
            at = (point.x, point.y)
            size = (_MARK + 2) * self.scale
            board.put(str(name), at, size=size, clearance=2.0 * self.scale)

    def _stamp(self, board: Board) -> None:
        theme = self.spec.theme
        places = theme.membership.reindex(self.units.shapes.index)
        for code, place in places.items():
            entry = theme.entries[place]
            if entry.mark:
                home, heart = self.units.heart(str(code))
                board.stamp(entry.mark, heart, size=_MARK * self.scale, on=entry.colour, home=home)

    def _name_lines(self, board: Board, overlay: LineOverlay) -> None:
        """Write on the longest parts of each line, where some place along them is free."""
        style: Any = {"size": 6.5 * self.scale, "colour": overlay.colour}
        for name, line in zip(overlay.names, project(overlay.geometry), strict=False):
            parts = shapely.get_parts(line)
            length = shapely.length(parts)
            longest = parts[np.argsort(-length, kind="stable")]
            for part in longest[: min(_NAMED, int((length > length.max() / 3).sum()))]:
                spots = shapely.line_interpolate_point(part, _SPOTS, normalized=True)
                any(board.put_on(name, (spot.x, spot.y), **style) for spot in spots)


def _covered_error(what: str, covered: pd.Series) -> CartographyError:
    codes = [str(code) for code in covered.index[covered]]
    return CartographyError(
        f"the {what} would cover units: {', '.join(codes[:5])}; widen the frame",
        code="cartography.covered",
        what=what,
        units=codes,
    )


def _framed(axes: Axes, frame: Frame) -> None:
    axes.set_xlim(frame[0], frame[2])
    axes.set_ylim(frame[1], frame[3])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("white")
    for spine in axes.spines.values():
        spine.set(linewidth=0.8, color=MUTED, zorder=20)


def _draw_lines(axes: Axes, overlay: LineOverlay, scale: float) -> None:
    parts = shapely.get_parts(project(overlay.geometry).to_numpy())
    axes.add_collection(
        LineCollection(
            [shapely.get_coordinates(part) for part in parts],
            colors=overlay.colour,
            linewidths=overlay.width * scale,
            linestyles=[_DASHES] if overlay.dashed else "solid",
            capstyle="butt" if overlay.dashed else "round",
            joinstyle="round",
            zorder=3,
        ),
        autolim=False,
    )
