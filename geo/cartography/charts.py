"""Small charts that stand beside the maps, in the same font and ink."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geo.cartography.font import printable
from geo.cartography.lettering import INK, MUTED, Board, figure_renderer, text_style, wrap
from geo.errors import CartographyError

__all__ = ["ChartText", "draw_bars", "draw_lines", "draw_scatter"]

#: Line colours, dark enough for white paper; the lines are also named at their ends.
LINE_COLOURS = ("#1f5f99", "#c8102e", "#e08214", "#4d9221", "#7b3294", "#555555")
_BAR, _BAR_MARKED = "#2c7fb8", "#c8102e"
_GRID = "#e3e7ea"
_DPI = 300
_TITLE, _SUBTITLE, _NOTE, _TEXT = 14.0, 9.0, 7.5, 9.0
_HEADLINE = 200  # characters
_MARGIN = 0.22
_NEAR = 0.045


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartText:
    """The words of a chart.

    Attributes
    ----------
    title : str
        Headline.
    subtitle : str
        Second line.
    x : str
        Name of the horizontal axis.
    y : str
        Name of the vertical axis.
    notes : tuple[str, ...]
        Lines under the chart.
    """

    title: str
    subtitle: str = ""
    x: str = ""
    y: str = ""
    notes: tuple[str, ...] = ()


def draw_bars(
    values: pd.Series,
    *,
    text: ChartText,
    value_format: str = "{:.1f}",
    marked: Sequence[str] = (),
    interval: pd.DataFrame | None = None,
    remarks: pd.Series | None = None,
) -> Figure:
    """Draw horizontal bars, the first value on top.

    Parameters
    ----------
    values : pandas.Series
        Finite numbers of 1 to 60 bars, indexed by bar label, in drawing order.
    text : ChartText
        The words.
    value_format : str
        Template of the number at the end of a bar.
    marked : Sequence[str]
        Labels of bars in the second colour.
    interval : pandas.DataFrame or None
        Columns ``low`` and ``high`` by bar label, drawn as whiskers.
    remarks : pandas.Series or None
        Text behind the number at the end of a bar, by bar label.

    Returns
    -------
    matplotlib.figure.Figure
        A figure of 7 inches width, bound to no global state.

    Raises
    ------
    CartographyError
        ``cartography.chart``: nothing to draw, or values missing or infinite.

    Examples
    --------
    >>> len(draw_bars(pd.Series({"a": 3.0, "b": 1.0}), text=ChartText(title="Two")).axes)
    1
    """
    _check(values.to_numpy(dtype=float), most=60)
    figure, axes = _chart(text, width=7.0, height=0.55 + 0.27 * len(values))
    places = np.arange(len(values))
    colours = [_BAR_MARKED if label in marked else _BAR for label in values.index]
    axes.barh(places, values.to_numpy(dtype=float), color=colours, height=0.68, zorder=2)
    floor = reach = values.to_numpy(dtype=float)
    if interval is not None:
        bounds = _beside(values, interval)[["low", "high"]].to_numpy(dtype=float)
        axes.hlines(places, bounds[:, 0], bounds[:, 1], color=INK, linewidth=0.9, zorder=3)
        floor, reach = np.minimum(floor, bounds[:, 0]), np.maximum(reach, bounds[:, 1])
    behind = pd.Series("", index=values.index) if remarks is None else _beside(values, remarks)
    for place, value, end, remark in zip(places, values, reach, behind, strict=True):
        axes.annotate(
            printable(f"{value_format.format(value).replace('-', '−')}{remark}"),
            (max(end, 0.0), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            **text_style(_TEXT - 0.5),
        )
    axes.set_yticks(places)
    axes.set_yticklabels([printable(str(label)) for label in values.index], **text_style(_TEXT))
    axes.set_ylim(len(values) - 0.4, -0.6)
    low = min(0.0, float(floor.min()))
    room = 1.12 if remarks is None else 1.24
    axes.set_xlim(low * 1.1, max(float(reach.max()), 0.0) * room or 1.0)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=_GRID, linewidth=0.7, zorder=0)
    axes.spines["left"].set_color(MUTED)
    axes.spines["bottom"].set_visible(False)
    return _fit(figure, axes)


def draw_lines(
    series: Mapping[str, pd.Series],
    *,
    text: ChartText,
    bands: Mapping[str, pd.DataFrame] | None = None,
) -> Figure:
    """Draw lines over time, each named at its end.

    Parameters
    ----------
    series : Mapping[str, pandas.Series]
        Line name to numbers indexed by time (int or float); NaN leaves a gap.
    text : ChartText
        The words.
    bands : Mapping[str, pandas.DataFrame] or None
        Line name to columns ``low`` and ``high`` indexed by time, drawn as shade.

    Returns
    -------
    matplotlib.figure.Figure
        A figure of 7 inches width, bound to no global state.

    Raises
    ------
    CartographyError
        ``cartography.chart``: no line, more lines than colours, or a line without a number.

    Examples
    --------
    >>> trend = {"east": pd.Series({2020: 1.0, 2021: 2.0})}
    >>> len(draw_lines(trend, text=ChartText(title="Trend")).axes)
    1
    """
    _check(np.arange(len(series), dtype=float), most=len(LINE_COLOURS))
    for line in series.values():
        _check(line.dropna().to_numpy(dtype=float), most=10_000)
    figure, axes = _chart(text, width=7.0, height=3.6)
    ends = []
    for colour, (name, line) in zip(LINE_COLOURS, series.items(), strict=False):
        ordered = line.sort_index()
        axes.plot(
            ordered.index,
            ordered,
            color=colour,
            linewidth=1.6,
            marker="o",
            markersize=3.2,
            zorder=3,
        )
        band = (bands or {}).get(name)
        if band is not None:
            axes.fill_between(
                band.index, band["low"], band["high"], color=colour, alpha=0.14, linewidth=0
            )
        known = ordered.dropna()
        ends.append((float(known.iloc[-1]), known.index[-1], name, colour))
    axes.grid(axis="y", color=_GRID, linewidth=0.7, zorder=0)
    times = sorted({time for line in series.values() for time in line.index})
    if len(times) <= 12:  # noqa: PLR2004 - beyond a dozen, matplotlib's own ticks read better
        axes.set_xticks(times)
    _name_ends(axes, ends)
    return _fit(figure, axes)


def draw_scatter(
    x: pd.Series,
    y: pd.Series,
    *,
    text: ChartText,
    colours: pd.Series | None = None,
    labels: Mapping[str, str] | None = None,
    slope: float | None = None,
) -> Figure:
    """Draw a scatter plot about its means, as a Moran scatter plot is.

    Parameters
    ----------
    x : pandas.Series
        Horizontal values by unit code.
    y : pandas.Series
        Vertical values by unit code; aligned with ``x`` by label.
    text : ChartText
        The words.
    colours : pandas.Series or None
        ``#rrggbb`` by unit code.
    labels : Mapping[str, str] or None
        Unit code to label, most important first; placed where there is room.
    slope : float or None
        Slope of a line through the means: Moran's I where ``y`` is the spatial lag of ``x``.

    Returns
    -------
    matplotlib.figure.Figure
        A figure of 6 inches width, bound to no global state.

    Raises
    ------
    CartographyError
        ``cartography.chart``: no unit has both values.

    Examples
    --------
    >>> x = pd.Series({"a": 1.0, "b": 2.0})
    >>> len(draw_scatter(x, x, text=ChartText(title="Same")).axes)
    1
    """
    both = pd.concat({"x": x, "y": y}, axis=1, join="inner").dropna()
    _check(both.to_numpy(dtype=float), most=100_000)
    figure, axes = _chart(text, width=6.0, height=4.6)
    shade = _BAR if colours is None else colours.reindex(both.index).fillna(_BAR).tolist()
    axes.scatter(both["x"], both["y"], s=13, c=shade, edgecolors=MUTED, linewidths=0.3, zorder=3)
    centre = (float(both["x"].mean()), float(both["y"].mean()))
    axes.axvline(centre[0], color=MUTED, linewidth=0.7, linestyle=(0, (4, 3)), zorder=2)
    axes.axhline(centre[1], color=MUTED, linewidth=0.7, linestyle=(0, (4, 3)), zorder=2)
    axes.margins(0.08)
    axes.set_xlim(axes.get_xlim())
    axes.set_ylim(axes.get_ylim())
    if slope is not None:
        axes.axline(centre, slope=slope, color=INK, linewidth=1.1, zorder=2)
    _fit(figure, axes)
    board = Board(axes)
    for point in both.itertuples(index=False):
        board.block_point(float(point[0]), float(point[1]), radius=1.8)
    for code, label in (labels or {}).items():
        if code in both.index:
            at = both.loc[code].to_numpy(dtype=float)
            board.put(label, (float(at[0]), float(at[1])), size=_TEXT - 1.5)
    return figure


def _check(values: np.ndarray, *, most: int) -> None:
    if not 0 < len(values) <= most or not np.isfinite(values).all():
        raise CartographyError(
            f"a chart needs 1 to {most} finite values, got {len(values)}",
            code="cartography.chart",
            got=len(values),
            expected=most,
        )


def _chart(text: ChartText, *, width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, width), dpi=_DPI)
    FigureCanvasAgg(figure)
    room = (width - 2 * _MARGIN) * 72
    title = wrap(figure, text.title, size=_TITLE, width=room, most=_HEADLINE)
    subtitle = wrap(figure, text.subtitle, size=_SUBTITLE, width=room) if text.subtitle else []
    notes = [line for note in text.notes for line in wrap(figure, note, size=_NOTE, width=room)]
    top = 0.3 + (len(title) * _TITLE * 1.3 + len(subtitle) * _SUBTITLE * 1.5) / 72
    foot = 0.12 + len(notes) * _NOTE * 1.5 / 72
    total = top + height + foot + 0.3
    figure.set_size_inches(width, total)
    left = _MARGIN / width
    rise = total - 0.14
    for lines, size, spacing, colour in (
        (title, _TITLE, 1.3, INK),
        (subtitle, _SUBTITLE, 1.5, MUTED),
    ):
        for line in lines:
            figure.text(left, rise / total, line, va="top", **text_style(size, colour))
            rise -= size * spacing / 72
    for place, line in enumerate(reversed(notes)):
        level = (0.1 + place * _NOTE * 1.5 / 72) / total
        figure.text(left, level, line, va="bottom", **text_style(_NOTE, MUTED))
    axes = figure.add_axes((0.1, (foot + 0.3) / total, 0.8, height / total))
    axes.set_xlabel(printable(text.x), **text_style(_TEXT, MUTED))
    axes.set_ylabel(printable(text.y), **text_style(_TEXT, MUTED))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    return figure, axes


def _fit(figure: Figure, axes: Axes) -> Figure:
    """Give the axes the width that its tick labels and end labels leave."""
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set(**text_style(_TEXT, INK))
    axes.tick_params(colors=MUTED, labelcolor=INK, width=0.7)
    renderer = figure_renderer(figure)
    width, height = figure.get_size_inches() * figure.dpi
    inner = axes.get_window_extent(renderer)
    outer = axes.get_tightbbox(renderer) or inner
    spill_left, spill_right = inner.x0 - outer.x0, max(0.0, outer.x1 - inner.x1)
    box = axes.get_position()
    left = (spill_left + _MARGIN * figure.dpi) / width
    right = 1 - (spill_right + _MARGIN * figure.dpi) / width
    bottom = max(box.y0, box.y0 + (inner.y0 - outer.y0) / height - 0.3 * figure.dpi / height)
    axes.set_position((left, bottom, right - left, box.y1 - bottom))
    return figure


def _beside(values: pd.Series, other: Any) -> Any:
    """Align by label; labels that two bars share only tell them apart in one order."""
    return other if other.index.equals(values.index) else other.loc[values.index]


def _name_ends(axes: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Write each name right of the end of its line, pushed apart where ends crowd."""
    low, high = axes.get_ylim()
    last = max(end[1] for end in ends)
    level = -np.inf
    for value, _, name, colour in sorted(ends):
        level = max(value, level + _NEAR * (high - low))
        axes.annotate(
            printable(name),
            (last, level),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            annotation_clip=False,
            **text_style(_TEXT, colour),
        )
