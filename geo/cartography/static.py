"""Print figures: equal-area choropleths with an inset, a legend that counts, and placed labels."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from shapely.geometry.base import BaseGeometry

from geo.cartography.drawing import check_drawable, check_places, compound_path, project
from geo.cartography.font import LABEL, font_properties, printable
from geo.cartography.lettering import (
    INK,
    MUTED,
    Board,
    figure_renderer,
    root_figure,
    text_style,
    wrap,
)
from geo.cartography.spec import MapSpec, Theme
from geo.crs import GEOGRAPHIC
from geo.errors import CartographyError

__all__ = ["draw_map"]

Frame = tuple[float, float, float, float]
_WIDTH = 10.0
_SIDE = 0.2
_DPI = 300
_UNIT_EDGE = "#8a949c"
_HATCH = "#a3abb2"
_INSET_SHARE = 0.158
# Names are as long as their authors like, paper is not: characters of a title, and points of
# a line above the legend.
_HEADLINE, _LEGEND_WIDTH = 200, 200.0
_GROWTH, _GROWTHS = 0.025, 12
_TITLE, _SUBTITLE, _NOTE, _LEGEND, _LABEL, _MARK = 17.0, 10.0, 7.5, 8.5, 8.0, 4.6


def draw_map(layer: gpd.GeoDataFrame, spec: MapSpec) -> Figure:
    """Draw a print map.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Units indexed by code, polygons with a CRS.
    spec : MapSpec
        What to show.

    Returns
    -------
    matplotlib.figure.Figure
        A figure of 10 inches width at 300 dpi, bound to no global state.

    Raises
    ------
    CartographyError
        ``cartography.required_missing``, ``cartography.empty_unit``, ``cartography.no_crs``,
        ``cartography.membership``, ``cartography.not_drawn`` (nothing lies at a point of
        ``must_show``), ``cartography.outside_frame`` (such a point is cut off) or
        ``cartography.covered`` (legend or inset would lie on a unit).

    Examples
    --------
    >>> from geo.cartography.spec import LegendEntry, MapText
    >>> import pandas as pd
    >>> layer = gpd.GeoDataFrame(
    ...     geometry=[shapely.box(100, 30, 110, 40)], index=["a"], crs=GEOGRAPHIC
    ... )
    >>> theme = Theme(
    ...     entries=(LegendEntry(label="1 – 2", colour="#2c7fb8", count=1),),
    ...     membership=pd.Series({"a": 0}),
    ... )
    >>> text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    >>> len(draw_map(layer, MapSpec(theme=theme, title="A map", text=text)).axes)
    1
    """
    check_drawable(layer, spec.required)
    _check_membership(layer, spec.theme)
    shapes = project(layer.geometry)
    figure, axes, legend, frame = _laid_out(spec, shapes)
    _draw_content(axes, shapes, spec)
    inset = _draw_inset(axes, shapes, spec, frame)
    views = [axes] if inset is None else [axes, inset]
    check_places(shapes, spec.must_show, frames=[_limits(view) for view in views])
    board = Board(axes)
    board.block(legend)
    if inset is not None:
        board.block(inset)
        _check_clear(axes, shapes, inset, "inset")
    _letter(board, shapes, spec)
    return figure


def _check_membership(layer: gpd.GeoDataFrame, theme: Theme) -> None:
    places = theme.membership.reindex(layer.index)
    if places.isna().any() or not places.between(0, len(theme.entries) - 1).all():
        raise CartographyError(
            "every unit of the layer must belong to an entry of the legend",
            code="cartography.membership",
            units=[str(code) for code in places.index[places.isna()]],
        )


def _roomy(shapes: gpd.GeoSeries) -> Frame:
    west, south, east, north = shapes.total_bounds
    margin = 0.04 * max(east - west, north - south)
    # The legend goes to the lower left, so the frame leaves a band for it below.
    return west - margin, south - 0.42 * (north - south), east + margin, north + margin


def _laid_out(spec: MapSpec, shapes: gpd.GeoSeries) -> tuple[Figure, Axes, Legend, Frame]:
    """Lay out page and legend; a legend too tall for its corner pushes the frame south."""
    frame = spec.frame or _roomy(shapes)
    for _ in range(_GROWTHS):
        figure, axes = _page(spec, frame)
        legend = _draw_legend(axes, spec)
        if not _covered(axes, shapes, legend).any():
            break
        frame = (frame[0], frame[1] - _GROWTH * (frame[3] - frame[1]), frame[2], frame[3])
    else:
        _check_clear(axes, shapes, legend, "legend")
    return figure, axes, legend, frame


def _page(spec: MapSpec, frame: Frame) -> tuple[Figure, Axes]:
    """Lay out title, map and notes; the height of the page follows from them."""
    figure = Figure(figsize=(_WIDTH, _WIDTH), dpi=_DPI)
    canvas = FigureCanvasAgg(figure)
    width = (_WIDTH - 2 * _SIDE) * 72
    title = wrap(figure, spec.title, size=_TITLE, width=width, most=_HEADLINE)
    subtitle = wrap(figure, spec.subtitle, size=_SUBTITLE, width=width) if spec.subtitle else []
    notes = [line for note in spec.notes for line in wrap(figure, note, size=_NOTE, width=width)]
    top = (len(title) * _TITLE * 1.32 + len(subtitle) * _SUBTITLE * 1.5) / 72 + 0.2
    bottom = (len(notes) * _NOTE * 1.5) / 72 + (0.22 if notes else _SIDE)
    map_width = _WIDTH - 2 * _SIDE
    map_height = map_width * (frame[3] - frame[1]) / (frame[2] - frame[0])
    height = top + map_height + bottom
    figure.set_size_inches(_WIDTH, height)
    canvas.draw_idle()
    axes = figure.add_axes(
        (_SIDE / _WIDTH, bottom / height, map_width / _WIDTH, map_height / height)
    )
    _frame(axes, frame, width=0.8)
    rise = height - 0.14
    for lines, size, spacing, colour in (
        (title, _TITLE, 1.32, INK),
        (subtitle, _SUBTITLE, 1.5, MUTED),
    ):
        for line in lines:
            style = text_style(size, colour)
            figure.text(_SIDE / _WIDTH, rise / height, line, va="top", **style)
            rise -= size * spacing / 72
    for place, line in enumerate(notes):
        level = bottom - 0.1 - place * _NOTE * 1.5 / 72
        style = text_style(_NOTE, MUTED)
        figure.text(_SIDE / _WIDTH, level / height, line, va="top", **style)
    return figure, axes


def _frame(axes: Axes, frame: Frame, *, width: float) -> None:
    axes.set_xlim(frame[0], frame[2])
    axes.set_ylim(frame[1], frame[3])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("white")
    for spine in axes.spines.values():
        spine.set(linewidth=width, color=MUTED, zorder=20)


def _draw_content(axes: Axes, shapes: gpd.GeoSeries, spec: MapSpec, *, small: bool = False) -> None:
    scale = 0.65 if small else 1.0
    places = spec.theme.membership.reindex(shapes.index)
    for place, entry in enumerate(spec.theme.entries):
        chosen = shapes[places == place]
        if chosen.empty:
            continue
        path = compound_path(chosen)
        axes.add_collection(
            PathCollection(
                [path],
                facecolors=entry.colour,
                edgecolors=_UNIT_EDGE,
                linewidths=0.22 * scale,
                zorder=1,
            ),
            autolim=False,
        )
        if entry.hatch:
            hatching = PathCollection([path], facecolors="none", linewidths=0, zorder=2)
            hatching.set(hatch=entry.hatch * 5, edgecolor=_HATCH)
            axes.add_collection(hatching, autolim=False)
    _draw_overlays(axes, spec, scale)


def _draw_overlays(axes: Axes, spec: MapSpec, scale: float) -> None:
    for overlay in spec.lines:
        axes.add_collection(
            LineCollection(
                _segments(project(overlay.geometry)),
                colors=overlay.colour,
                linewidths=overlay.width * scale,
                capstyle="round",
                joinstyle="round",
                zorder=3,
            ),
            autolim=False,
        )
    for group in spec.markers:
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


def _segments(lines: gpd.GeoSeries) -> list[np.ndarray]:
    parts = shapely.get_parts(lines.to_numpy())
    return [shapely.get_coordinates(part) for part in parts]


def _draw_inset(axes: Axes, shapes: gpd.GeoSeries, spec: MapSpec, frame: Frame) -> Axes | None:
    if spec.inset is None:
        return None
    edge = shapely.segmentize(shapely.box(*spec.inset.bounds), 0.5)
    west, south, east, north = project(gpd.GeoSeries([edge], crs=GEOGRAPHIC)).total_bounds
    wide = _INSET_SHARE
    ratio = (frame[2] - frame[0]) / (frame[3] - frame[1])
    tall = wide * (north - south) / (east - west) * ratio
    inset = axes.inset_axes((1 - wide, 0, wide, tall), zorder=10)
    _frame(inset, (west, south, east, north), width=0.8)
    near = shapes[shapes.intersects(shapely.box(west, south, east, north))]
    _draw_content(inset, near, spec, small=True)
    for name, longitude, latitude in spec.inset.places:
        point = project(gpd.GeoSeries([shapely.Point(longitude, latitude)], crs=GEOGRAPHIC)).iloc[0]
        style = text_style(4.6, MUTED)
        inset.text(point.x, point.y, printable(name), ha="center", va="center", zorder=9, **style)
    inset.text(
        0.95,
        0.03,
        printable(spec.inset.title),
        transform=inset.transAxes,
        ha="right",
        va="bottom",
        zorder=9,
        **text_style(7.5),
    )
    return inset


def _draw_legend(axes: Axes, spec: MapSpec) -> Legend:
    handles: list[Patch | Line2D] = []
    labels: list[str] = []
    for entry in spec.theme.entries:
        edge = _HATCH if entry.hatch else _UNIT_EDGE
        patch = Patch(facecolor=entry.colour, edgecolor=edge, linewidth=0.4)
        if entry.hatch:
            patch.set_hatch(entry.hatch * 5)
        handles.append(patch)
        name = entry.label if entry.label.startswith(entry.mark) else f"{entry.mark} {entry.label}"
        labels.append(f"{name}  {spec.text.count.format(count=entry.count)}")
    for group in spec.markers:
        handles.append(
            Line2D([], [], marker=group.symbol, color=group.colour, linestyle="none",
                   markersize=5.2, markeredgecolor="white", markeredgewidth=0.5)
        )  # fmt: skip
        labels.append(f"{group.label}  {spec.text.count.format(count=len(group.points))}")
    figure, title = root_figure(axes), spec.theme.legend_title
    heading = wrap(figure, title, size=_LEGEND + 0.5, width=_LEGEND_WIDTH, most=LABEL)
    heading.append(printable(spec.theme.scheme))
    legend = axes.legend(
        handles,
        [printable(label) for label in labels],
        loc="lower left",
        prop=font_properties(_LEGEND),
        title="\n".join(filter(None, heading)) or None,
        title_fontproperties=font_properties(_LEGEND + 0.5),
        alignment="left",
        frameon=False,
        handlelength=2.2,
        handleheight=1.1,
        labelspacing=0.42,
        borderaxespad=0.9,
    )
    legend.set_zorder(9)
    legend.get_title().set_linespacing(1.45)
    for text in (*legend.get_texts(), legend.get_title()):
        text.set(color=INK, parse_math=False)
    return legend


def _limits(axes: Axes) -> Frame:
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return west, south, east, north


def _covered(axes: Axes, shapes: gpd.GeoSeries, artist: Axes | Legend) -> pd.Series:
    extent = artist.get_window_extent(figure_renderer(root_figure(axes)))
    corners = axes.transData.inverted().transform(extent.get_points())
    covered: pd.Series = shapes.intersects(shapely.box(*corners.ravel()))
    return covered


def _check_clear(axes: Axes, shapes: gpd.GeoSeries, artist: Axes | Legend, name: str) -> None:
    covered = _covered(axes, shapes, artist)
    if name == "inset":
        # What the inset itself shows may lie under its frame, south of the main map.
        covered &= ~shapes.intersection(shapely.box(*_limits(axes))).is_empty
    if covered.any():
        codes = [str(code) for code in shapes.index[covered]]
        raise CartographyError(
            f"the {name} would cover units: {', '.join(codes[:5])}; widen the frame",
            code="cartography.covered",
            what=name,
            units=codes,
        )


def _letter(board: Board, shapes: gpd.GeoSeries, spec: MapSpec) -> None:
    for group in spec.markers:
        for point in project(group.points):
            board.block_point(point.x, point.y, radius=3.2)
    for code, label in spec.labels.items():
        if code in shapes.index:
            board.put(label, _heart(_largest(shapes[code])), size=_LABEL, home=shapes[code])
    for group in spec.markers:
        if group.named:
            for name, point in project(group.points).items():
                if any(str(name) in label for label in spec.labels.values()):
                    continue  # the unit is labelled already
                board.put(str(name), (point.x, point.y), size=_MARK + 2, clearance=2.0)
    _stamp(board, shapes, spec.theme)


def _stamp(board: Board, shapes: gpd.GeoSeries, theme: Theme) -> None:
    places = theme.membership.reindex(shapes.index)
    for code, shape in shapes.items():
        entry = theme.entries[places[code]]
        if entry.mark:
            part = _largest(shape)
            board.stamp(entry.mark, _heart(part), size=_MARK, on=entry.colour, home=part)


def _largest(shape: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shape)
    largest: BaseGeometry = parts[int(np.argmax(shapely.area(parts)))]
    return largest


def _heart(part: BaseGeometry) -> tuple[float, float]:
    """Return the centre of the largest circle inside, where a label has most room."""
    polygons = np.asarray([part], dtype=object)
    radius = shapely.maximum_inscribed_circle(polygons, tolerance=part.length / 500)
    x, y = shapely.get_coordinates(radius)[0]
    return float(x), float(y)
