"""Small charts that stand beside the maps, in the same font and ink."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from geo.cartography.board import Board
from geo.cartography.chart_page import (
    BAR,
    BAR_MARKED,
    GRID,
    SIZE,
    ChartText,
    check_chart,
    fit_chart,
    start_chart,
)
from geo.cartography.font import printable
from geo.cartography.lettering import INK, MUTED, text_style

__all__ = ["ChartText", "draw_bars", "draw_lines", "draw_scatter"]

#: Line colours, dark enough for white paper; the lines are also named at their ends.
LINE_COLOURS = ("#1f5f99", "#c8102e", "#e08214", "#4d9221", "#7b3294", "#555555")
_NEAR = 0.045


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
    check_chart(values.to_numpy(dtype=float), most=60)
    figure, axes = start_chart(text, width=7.0, height=0.5 + 0.225 * len(values))
    places = np.arange(len(values))
    colours = [BAR_MARKED if label in marked else BAR for label in values.index]
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
            **text_style(SIZE - 0.5),
        )
    axes.set_yticks(places)
    axes.set_yticklabels([printable(str(label)) for label in values.index], **text_style(SIZE))
    axes.set_ylim(len(values) - 0.4, -0.6)
    low = min(0.0, float(floor.min()))
    room = 1.12 if remarks is None else 1.24
    axes.set_xlim(low * 1.1, max(float(reach.max()), 0.0) * room or 1.0)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.7, zorder=0)
    axes.spines["left"].set_color(MUTED)
    axes.spines["bottom"].set_visible(False)
    return fit_chart(figure, axes)


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
    check_chart(np.arange(len(series), dtype=float), most=len(LINE_COLOURS))
    for line in series.values():
        check_chart(line.dropna().to_numpy(dtype=float), most=10_000)
    figure, axes = start_chart(text, width=7.0, height=3.0)
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
    axes.grid(axis="y", color=GRID, linewidth=0.7, zorder=0)
    times = sorted({time for line in series.values() for time in line.index})
    if len(times) <= 12:  # noqa: PLR2004 - beyond a dozen, matplotlib's own ticks read better
        axes.set_xticks(times)
    _name_ends(axes, ends)
    return fit_chart(figure, axes)


def draw_scatter(
    x: pd.Series,
    y: pd.Series,
    *,
    text: ChartText,
    colours: pd.Series | None = None,
    labels: Mapping[str, str] | None = None,
    slope: float | None = None,
    cross: tuple[float, float] | None = None,
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
    cross : tuple[float, float] or None
        Where the dashed lines meet that part the quadrants; at the means when None.

    Returns
    -------
    matplotlib.figure.Figure
        A figure of 7 inches width, bound to no global state.

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
    check_chart(both.to_numpy(dtype=float), most=100_000)
    figure, axes = start_chart(text, width=7.0, height=5.2)
    shade = BAR if colours is None else colours.reindex(both.index).fillna(BAR).tolist()
    axes.scatter(both["x"], both["y"], s=13, c=shade, edgecolors=MUTED, linewidths=0.3, zorder=3)
    centre = (float(both["x"].mean()), float(both["y"].mean()))
    middle = centre if cross is None else cross
    axes.axvline(middle[0], color=MUTED, linewidth=0.7, linestyle=(0, (4, 3)), zorder=2)
    axes.axhline(middle[1], color=MUTED, linewidth=0.7, linestyle=(0, (4, 3)), zorder=2)
    axes.margins(0.08)
    axes.set_xlim(axes.get_xlim())
    axes.set_ylim(axes.get_ylim())
    if slope is not None:
        axes.axline(centre, slope=slope, color=INK, linewidth=1.1, zorder=2)
    fit_chart(figure, axes)
    board = Board(axes)
    for point in both.itertuples(index=False):
        board.block_point(float(point[0]), float(point[1]), radius=1.8)
    for code, label in (labels or {}).items():
        if code in both.index:
            at = both.loc[code].to_numpy(dtype=float)
            board.put(label, (float(at[0]), float(at[1])), size=SIZE - 1.5)
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
            **text_style(SIZE, colour),
        )
