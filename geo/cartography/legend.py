"""Legends of print maps: lists with counts, the square of two variables, the scale bar."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnchoredOffsetbox, DrawingArea
from matplotlib.patches import Patch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation
from pyproj import Transformer

from geo.cartography.font import LABEL, advance, font_properties, printable
from geo.cartography.lettering import INK, MUTED, figure_renderer, root_figure, text_style, wrap
from geo.cartography.page import POINTS
from geo.cartography.spec import LegendEntry, MapSpec, SquareKey
from geo.crs import ALBERS, GEOGRAPHIC, geodesic_distance

__all__ = ["HATCH", "UNIT_EDGE", "draw_legend", "draw_scale_bar"]

UNIT_EDGE, HATCH = "#8a949c", "#a3abb2"
_SIZE, _WIDTH, _SCHEME = 8.5, 200.0, 168.0
_CELL = 25.0
_LIGHT = 140
# The bar starts right of any legend, where a national map has only neighbours and sea.
_BAR_WEST, _BAR_EAST, _BAR_SOUTH = 0.33, 0.79, 0.022
_BAR_MOST, _BAR_LEAST, _BAR_GAP = 0.2, 0.05, 0.02
# Where a legend as wide as the map leaves no room beside it.
_BAR_CORNER, _BAR_NORTH = 0.03, 0.94
_STEPS = (1, 2, 5)


def draw_legend(axes: Axes, spec: MapSpec, *, scale: float = 1.0) -> list[Artist]:
    """Draw the legend into the lower left corner.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The map.
    spec : MapSpec
        Its theme, markers and named lines are explained.
    scale : float
        Of the type.

    Returns
    -------
    list[matplotlib.artist.Artist]
        What was drawn: the list, and the square above it.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> from geo.cartography.spec import MapText, Theme
    >>> text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    >>> entry = LegendEntry(label="1 – 2", colour="#2c7fb8", count=3)
    >>> theme = Theme(entries=(entry,), membership=pd.Series(dtype="int64"))
    >>> spec = MapSpec(theme=theme, title="A map", text=text)
    >>> legend = draw_legend(Figure().add_axes((0, 0, 1, 1)), spec)[0]
    >>> [line.get_text() for line in legend.get_texts()]
    ['1 – 2 (3)']
    """
    theme, square = spec.theme, spec.theme.square
    first = len(square.x_labels) * len(square.y_labels) if square else 0
    rows = [*map(_swatch, theme.entries[first:]), *_overlays(spec)]
    heading = wrap(theme.legend_title, size=(_SIZE + 0.5) * scale, width=_WIDTH * scale, most=LABEL)
    if theme.scheme:
        # A wide legend would reach under the islands in the south, and push the map up.
        heading += wrap(theme.scheme, size=(_SIZE + 0.5) * scale, width=_SCHEME * scale, most=LABEL)
    title = "\n".join(filter(None, heading))
    counted = [_label(label, count, spec) for _, label, count in rows]
    legend = axes.legend(
        [handle for handle, _, _ in rows],
        counted,
        loc="lower left",
        prop=font_properties(_SIZE * scale),
        title=None if square else title or None,
        title_fontproperties=font_properties((_SIZE + 0.5) * scale),
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
    if square is None:
        return [legend]
    return [
        legend,
        _square(axes, theme.entries[:first], square, legend=legend, title=title, scale=scale),
    ]


def _label(label: str, count: int | None, spec: MapSpec) -> str:
    shown = printable(label)
    return shown if count is None else printable(f"{shown} {spec.text.count.format(count=count)}")


def _swatch(entry: LegendEntry) -> tuple[Artist, str, int | None]:
    edge = HATCH if entry.hatch else UNIT_EDGE
    patch = Patch(facecolor=entry.colour, edgecolor=edge, linewidth=0.4)
    if entry.hatch:
        patch.set_hatch(entry.hatch * 5)
    name = entry.label if entry.label.startswith(entry.mark) else f"{entry.mark} {entry.label}"
    return patch, name, entry.count


def _overlays(spec: MapSpec) -> list[tuple[Artist, str, int | None]]:
    rows: list[tuple[Artist, str, int | None]] = []
    for group in spec.markers:
        mark = Line2D([], [], marker=group.symbol, color=group.colour, linestyle="none",
                      markersize=5.2, markeredgecolor="white", markeredgewidth=0.5)  # fmt: skip
        rows.append((mark, group.label, len(group.points)))
    for overlay in spec.lines:
        if overlay.label:
            style: Any = (0, (4, 2)) if overlay.dashed else "-"
            line = Line2D([], [], color=overlay.colour, linewidth=overlay.width, linestyle=style)
            rows.append((line, overlay.label, None))
    return rows


def _square(
    axes: Axes,
    entries: tuple[LegendEntry, ...],
    key: SquareKey,
    *,
    legend: Legend,
    title: str,
    scale: float,
) -> AnchoredOffsetbox:
    """Draw the classes of two variables as a square, lowest of both in the lower left."""
    up = len(key.y_labels)
    size = (_SIZE - 1.5) * scale
    head = (_SIZE + 0.5) * scale * 1.45
    # Cells are as wide as the ranges below them, and those on the left stand beside them.
    ranges = (*key.x_labels, *key.y_labels)
    reach = size * max(sum(map(advance, printable(label))) for label in ranges)
    wide, tall = reach + size, _CELL * scale
    west, south = 1.9 * size + reach + 0.4 * size, 3.8 * size
    lines = title.split("\n") if title else []
    top = south + up * tall
    area = DrawingArea(west + len(key.x_labels) * wide, top + 0.4 * head + head * len(lines))
    for place, entry in enumerate(entries):
        i, j = divmod(place, up)
        at = (west + i * wide, south + j * tall)
        area.add_artist(Rectangle(at, wide, tall, facecolor=entry.colour, edgecolor="white"))
        centre = (at[0] + wide / 2, at[1] + tall / 2)
        ink = INK if _is_light(entry.colour) else "#ffffff"
        _write(area, centre, str(entry.count), size=size, colour=ink)
    for i, label in enumerate(key.x_labels):
        _write(area, (west + (i + 0.5) * wide, south - 0.9 * size), label, size=size)
    for j, label in enumerate(key.y_labels):
        left = (west - 0.4 * size, south + (j + 0.5) * tall)
        _write(area, left, label, size=size, ha="right")
    middle = west + len(key.x_labels) * wide / 2
    _write(area, (middle, 0.85 * size), f"{key.x} →", size=1.1 * size)
    _write(area, (0.8 * size, south + up * tall / 2), f"{key.y} →", size=1.1 * size, turn=90)
    for place, line in enumerate(reversed(lines)):
        level = top + (place + 0.9) * head
        _write(area, (0, level), line, size=(_SIZE + 0.5) * scale, ha="left")
    figure = root_figure(axes)
    above = legend.get_window_extent(figure_renderer(figure)).height / figure.dpi
    shift = axes.transAxes + ScaledTranslation(0, above, figure.dpi_scale_trans)
    box = AnchoredOffsetbox(
        "lower left", child=area, frameon=False, bbox_to_anchor=(0, 0), bbox_transform=shift,
        pad=0, borderpad=0.9, prop=font_properties(_SIZE * scale),
    )  # fmt: skip
    box.set_zorder(9)
    axes.add_artist(box)
    return box


def _write(
    area: DrawingArea,
    at: tuple[float, float],
    text: str,
    *,
    size: float,
    colour: str = INK,
    turn: float = 0,
    ha: str = "center",
) -> None:
    style = text_style(size, colour)
    area.add_artist(Text(*at, printable(text), ha=ha, va="center", rotation=turn, **style))


def _is_light(colour: str) -> bool:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue > _LIGHT


def draw_scale_bar(
    axes: Axes,
    template: str,
    *,
    clear_of: Sequence[Artist] = (),
    high: bool = False,
    scale: float = 1.0,
) -> tuple[Line2D, Text]:
    """Draw a bar as long as a round distance, true at the middle of the map.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The map, with its final limits, in metres of the projection.
    template : str
        Label with the field ``km``.
    clear_of : Sequence[matplotlib.artist.Artist]
        What stands in the lower left corner; the bar begins right of it.
    high : bool
        Whether it goes to the upper left corner instead.
    scale : float
        Of the type.

    Returns
    -------
    bar : matplotlib.lines.Line2D
        The bar.
    label : matplotlib.text.Text
        Above it.

    Notes
    -----
    An equal-area projection keeps no distances: in one of the whole country a kilometre west to
    east grows or shrinks by a few per cent from south to north. The bar is measured along the
    ellipsoid from west to east through the middle of the frame.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_axes((0, 0, 1, 1))
    >>> limits = axes.set(xlim=(-2e6, 2e6), ylim=(2e6, 6e6))
    >>> draw_scale_bar(axes, "{km} km")[1].get_text()
    '500 km'
    """
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    wide, tall = east - west, north - south
    middle = ((west + east) / 2, (south + north) / 2)
    per_metre = _metres(middle, wide / 100) / (wide / 100)
    start, level = (_BAR_CORNER, _BAR_NORTH) if high else (_beside(axes, clear_of), _BAR_SOUTH)
    most = min(_BAR_MOST, _BAR_EAST - start) * wide * per_metre / 1000
    power = 10.0 ** np.floor(np.log10(most))
    km = max(step * power for step in _STEPS if step * power <= most)
    x, y = west + start * wide, south + level * tall
    end = x + km * 1000 / per_metre
    figure = root_figure(axes)
    tick = 3.0 * scale / POINTS * tall / (axes.get_position().height * figure.get_size_inches()[1])
    bar = Line2D([x, x, end, end], [y + tick, y, y, y + tick], color=MUTED, linewidth=1.0 * scale)
    bar.set(zorder=9, solid_capstyle="butt", solid_joinstyle="miter")
    axes.add_line(bar)
    label = axes.text(
        (x + end) / 2, y + tick * 1.3, printable(template.format(km=f"{km:g}")),
        ha="center", va="bottom", zorder=9, **text_style(7.5 * scale, MUTED),
    )  # fmt: skip
    return bar, label


def _beside(axes: Axes, artists: Sequence[Artist]) -> float:
    """Return the share of the width at which the bar begins."""
    renderer = figure_renderer(root_figure(axes))
    frame = axes.get_window_extent(renderer)
    ends = [artist.get_window_extent(renderer).x1 for artist in artists]
    taken = (max(ends) - frame.x0) / frame.width if ends else 0.0
    return min(max(_BAR_WEST, taken + _BAR_GAP), _BAR_EAST - _BAR_LEAST)


def _metres(middle: tuple[float, float], step: float) -> float:
    """Measure a short way from west to east on the ellipsoid."""
    back = Transformer.from_crs(ALBERS, GEOGRAPHIC, always_xy=True)
    lon, lat = back.transform([middle[0] - step / 2, middle[0] + step / 2], [middle[1]] * 2)
    return float(geodesic_distance(lon[0], lat[0], lon[1], lat[1])[0, 0]) * 1000
