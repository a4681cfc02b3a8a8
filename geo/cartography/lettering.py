"""Text in figures: one font, measured and wrapped."""

import re
from collections.abc import Iterator
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geo.cartography.font import advance, font_properties, printable

__all__ = ["INK", "MUTED", "figure_renderer", "root_figure", "text_style", "wrap"]

INK = "#1f2a33"
MUTED = "#5d6a74"
# Latin words, brackets and numbers stay whole; Chinese breaks anywhere but before these signs.
_WORD = re.compile(r"[\x21-\x7e\u00c0-\u024f]+|\s|.", re.DOTALL)
_NOT_FIRST = "，。、；：！？）】》」』〉%…·"
PARAGRAPH = 1200
_LONGEST = 50


def text_style(size: float, colour: str = INK) -> dict[str, Any]:
    """Return keyword arguments of a matplotlib text in the shipped font.

    Parameters
    ----------
    size : float
        Size in points.
    colour : str
        ``#rrggbb``.

    Returns
    -------
    dict[str, Any]
        Font, colour, and no mathtext: a ``$`` in a name is a dollar sign.

    Examples
    --------
    >>> text_style(9)["parse_math"]
    False
    """
    return {"fontproperties": font_properties(size), "color": colour, "parse_math": False}


def wrap(text: str, *, size: float, width: float, most: int = PARAGRAPH) -> list[str]:
    """Break a text into lines that fit a width.

    Parameters
    ----------
    text : str
        Chinese, English or both.
    size : float
        Size in points.
    width : float
        Width in points.
    most : int
        Characters it may have; a longer text is cut off.

    Returns
    -------
    list[str]
        At least one line.

    Examples
    --------
    >>> wrap("算力地图，城市", size=10, width=41)
    ['算力地图，', '城市']
    """
    lines, reach = [""], 0.0
    for word in _pieces(printable(text, most=most)):
        step = size * sum(map(advance, word))
        if reach + step <= width or not lines[-1] or word[0] in _NOT_FIRST:
            lines[-1] += word
            reach += step
        elif not word.isspace():
            lines.append(word)
            reach = step
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> Iterator[str]:
    """Yield words, those no line has room for in pieces."""
    for word in _WORD.findall(text):
        for start in range(0, len(word), _LONGEST):
            yield word[start : start + _LONGEST]


def figure_renderer(figure: Figure) -> Any:
    """Return a renderer that measures artists without drawing the figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Any figure; it gets an Agg canvas if it has none.

    Returns
    -------
    matplotlib.backends.backend_agg.RendererAgg
        For ``get_window_extent`` and the like.

    Examples
    --------
    >>> int(figure_renderer(Figure(figsize=(1, 1), dpi=100)).width)
    100
    """
    canvas = figure.canvas
    agg: Any = canvas if isinstance(canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
    return agg.get_renderer()


def root_figure(axes: Axes) -> Figure:
    """Return the figure an axes stands in.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Any axes.

    Returns
    -------
    matplotlib.figure.Figure
        The outermost figure.

    Raises
    ------
    ValueError
        The axes was taken out of its figure.

    Examples
    --------
    >>> figure = Figure()
    >>> root_figure(figure.add_axes((0, 0, 1, 1))) is figure
    True
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes belongs to no figure")
    return figure
