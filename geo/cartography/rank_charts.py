"""Charts of ranks: how far each can be trusted, and the leaders of several lists."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from geo.cartography.chart_page import (
    BAR,
    GRID,
    SIZE,
    ChartText,
    check_chart,
    fit_chart,
    start_chart,
)
from geo.cartography.font import advance, printable
from geo.cartography.lettering import INK, MUTED, text_style
from geo.cartography.page import POINTS, start_page
from geo.errors import CartographyError

__all__ = ["draw_leaders", "draw_ranks"]

_MOST = 120
_ROW, _SMALL = 0.15, 7.5
_BAND = "#9ecae1"
_COLUMNS, _GUTTER, _HEADING = 2, 0.25, 11.0


def draw_ranks(table: pd.DataFrame, *, text: ChartText, legend: tuple[str, str, str]) -> Figure:
    """Draw each rank with the interval it moves in, as a caterpillar plot.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``rank``, ``low``, ``high`` and ``median``, indexed by label, best first.
    text : ChartText
        The words.
    legend : tuple[str, str, str]
        What dot, bar and tick mean.

    Returns
    -------
    matplotlib.figure.Figure
        A figure of 7 inches width, bound to no global state.

    Raises
    ------
    CartographyError
        ``cartography.chart``: nothing to draw, more than 120 rows, or ranks missing; or
        ``cartography.interval``: an interval that ends before it begins.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"rank": [1, 2], "low": [1, 1], "high": [2, 2], "median": [1, 2]}, index=["a", "b"]
    ... )
    >>> figure = draw_ranks(table, text=ChartText(title="Ranks"), legend=("rank", "90 %", "median"))
    >>> bool(figure.axes[0].yaxis_inverted())
    True
    """
    ranks = table[["rank", "low", "high", "median"]].to_numpy(dtype=float)
    check_chart(ranks.ravel(), most=4 * _MOST)
    wrong = [str(label) for label, row in zip(table.index, ranks, strict=True) if row[1] > row[2]]
    if wrong:
        raise CartographyError(
            f"intervals of {', '.join(wrong[:5])} end before they begin",
            code="cartography.interval",
            units=wrong,
        )
    figure, axes = start_chart(text, width=7.0, height=0.5 + _ROW * len(table), above=0.36)
    places = np.arange(len(table))
    axes.hlines(places, ranks[:, 1], ranks[:, 2], color=_BAND, linewidth=5.0, zorder=2)
    marks: Any = {"zorder": 3, "linestyle": "none"}
    axes.plot(ranks[:, 3], places, marker="|", markersize=7, color=MUTED, **marks)
    axes.plot(ranks[:, 0], places, marker="o", markersize=4.2, color=BAR, **marks)
    axes.set_yticks(places)
    names = [
        printable(f"{row[0]:g}  {label}") for label, row in zip(table.index, ranks, strict=True)
    ]
    axes.set_yticklabels(names, **text_style(SIZE))
    axes.set_ylim(len(table) - 0.4, -0.6)
    span = float(ranks[:, 2].max() - 1)
    axes.set_xlim(1 - 0.02 * max(span, 1), 1 + 1.03 * max(span, 1))
    ticks = [t for t in axes.get_xticks() if 1 < t <= span + 1 and t == round(t)]
    axes.set_xticks([1, *ticks])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.7, zorder=0)
    _explain(axes, legend)
    fit_chart(figure, axes)
    return figure


def _explain(axes: Axes, legend: tuple[str, str, str]) -> None:

    dot = Line2D([], [], marker="o", markersize=4.2, color=BAR, linestyle="none")
    bar = Line2D([], [], color=_BAND, linewidth=5.0)
    tick = Line2D([], [], marker="|", markersize=7, color=MUTED, linestyle="none")
    style = text_style(SIZE)
    shown = axes.legend(
        [dot, bar, tick],
        [printable(words) for words in legend],
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=3,
        frameon=False,
        prop=style["fontproperties"],
        borderaxespad=0.2,
        handletextpad=0.5,
        columnspacing=1.6,
    )
    for words in shown.get_texts():
        words.set(color=INK, parse_math=False)


def draw_leaders(
    lists: Mapping[str, pd.Series], *, text: ChartText, value_format: str = "{:.1f}"
) -> Figure:
    """Draw the leaders of several lists as horizontal bars side by side.

    Parameters
    ----------
    lists : Mapping[str, pandas.Series]
        Heading to values indexed by label, best first; 1 to 8 lists of 1 to 30.
    text : ChartText
        The words; the axes have no names.
    value_format : str
        Template of the number at the end of a bar.

    Returns
    -------
    matplotlib.figure.Figure
        A figure of 8 inches width, bound to no global state.

    Raises
    ------
    CartographyError
        ``cartography.chart``: nothing to draw, too much, or values missing or infinite.

    Examples
    --------
    >>> lists = {"one": pd.Series({"a": 2.0, "b": 1.0}), "two": pd.Series({"b": 5.0})}
    >>> len(draw_leaders(lists, text=ChartText(title="Leaders")).axes)
    2
    """
    check_chart(np.arange(len(lists), dtype=float), most=8)
    for values in lists.values():
        check_chart(values.to_numpy(dtype=float), most=30)
    page = start_page(text.title, subtitle=text.subtitle, notes=text.notes, width=8.0, scale=1.0)
    columns = min(_COLUMNS, len(lists))
    longest = max(map(len, lists.values()))
    head, tall = 1.7 * _HEADING / POINTS, 0.2 * longest + 0.1
    rows = -(-len(lists) // columns)
    wide = (page.room - (columns - 1) * _GUTTER) / columns
    foot = page.finish(rows * (tall + head) + (rows - 1) * _GUTTER)
    height = float(page.figure.get_size_inches()[1])
    names = max((label for values in lists.values() for label in values.index), key=_reach)
    inner = min(0.45 * wide, _reach(names) * SIZE / POINTS + 0.15)
    for place, (heading, values) in enumerate(lists.items()):
        row, column = divmod(place, columns)
        south = foot + (rows - 1 - row) * (tall + head + _GUTTER)
        west = column * (wide + _GUTTER)
        axes = page.figure.add_axes(page.box(west + inner, south, (wide - inner, tall)))
        _bars(axes, values, value_format, longest)
        left = page.box(west, 0, (1, 1))[0]
        level = (south + tall + head * 0.9) / height
        page.figure.text(left, level, printable(heading), va="top", **text_style(_HEADING))
    return page.figure


def _reach(label: object) -> float:

    return sum(map(advance, printable(str(label))))


def _bars(axes: Axes, values: pd.Series, value_format: str, rows: int) -> None:
    numbers = values.to_numpy(dtype=float)
    places = np.arange(len(values))
    axes.barh(places, numbers, color=BAR, height=0.7, zorder=2)
    for place, value in zip(places, numbers, strict=True):
        axes.annotate(
            value_format.format(value).replace("-", "−"),
            (max(value, 0.0), place),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            **text_style(_SMALL + 0.5),
        )
    axes.set_yticks(places)
    labels = [printable(str(label)) for label in values.index]
    axes.set_yticklabels(labels, **text_style(SIZE - 0.5))
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_xlim(min(0.0, float(numbers.min())) * 1.1, max(float(numbers.max()), 0.0) * 1.16 or 1)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(MUTED)
