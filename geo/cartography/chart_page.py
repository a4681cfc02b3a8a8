"""What every chart has: title, notes, axes with names, one size of type."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from geo.cartography.font import printable
from geo.cartography.lettering import INK, MUTED, figure_renderer, text_style
from geo.cartography.page import start_page
from geo.errors import CartographyError

__all__ = [
    "BAR",
    "BAR_MARKED",
    "GRID",
    "SIZE",
    "ChartText",
    "check_chart",
    "fit_chart",
    "start_chart",
]

BAR, BAR_MARKED = "#2c7fb8", "#c8102e"
GRID = "#e3e7ea"
#: Points of the type on the axes.
SIZE = 9.0
# Charts are narrower than maps, and so is their title.
_SCALE, _MARGIN, _AIR = 0.95, 0.22, 0.3


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


def check_chart(values: np.ndarray, *, most: int) -> None:
    """Refuse what no chart can show.

    Parameters
    ----------
    values : numpy.ndarray
        Numbers.
    most : int
        How many there may be.

    Raises
    ------
    CartographyError
        ``cartography.chart``: nothing to draw, too much, or values missing or infinite.

    Examples
    --------
    >>> check_chart(np.array([1.0, 2.0]), most=60)
    """
    if not 0 < len(values) <= most or not np.isfinite(values).all():
        raise CartographyError(
            f"a chart needs 1 to {most} finite values, got {len(values)}",
            code="cartography.chart",
            got=len(values),
            expected=most,
        )


def start_chart(
    text: ChartText, *, width: float, height: float, above: float = 0.1
) -> tuple[Figure, Axes]:
    """Begin a chart of one pair of axes.

    Parameters
    ----------
    text : ChartText
        The words.
    width, height : float
        Inches of the page, and of the axes.
    above : float
        Inches between title and axes.

    Returns
    -------
    matplotlib.figure.Figure
        With title and notes.
    matplotlib.axes.Axes
        Empty, with names.

    Examples
    --------
    >>> figure, axes = start_chart(ChartText(title="Empty", x="km"), width=7, height=3)
    >>> axes.get_xlabel()
    'km'
    """
    page = start_page(
        text.title, subtitle=text.subtitle, notes=text.notes, width=width, scale=_SCALE
    )
    foot = page.finish(height + _AIR + above)
    axes = page.figure.add_axes(page.box(0, foot + _AIR, (page.room, height)))
    axes.set_xlabel(printable(text.x), **text_style(SIZE, MUTED))
    axes.set_ylabel(printable(text.y), **text_style(SIZE, MUTED))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    return page.figure, axes


def fit_chart(figure: Figure, axes: Axes) -> Figure:
    """Give the axes the width that its tick labels and end labels leave.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The chart.
    axes : matplotlib.axes.Axes
        Its axes, with everything on them.

    Returns
    -------
    matplotlib.figure.Figure
        The same figure.

    Examples
    --------
    >>> figure, axes = start_chart(ChartText(title="Empty"), width=7, height=3)
    >>> fit_chart(figure, axes) is figure
    True
    """
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set(**text_style(SIZE, INK))
    axes.tick_params(colors=MUTED, labelcolor=INK, width=0.7)
    renderer = figure_renderer(figure)
    width, height = figure.get_size_inches() * figure.dpi
    inner = axes.get_window_extent(renderer)
    outer = axes.get_tightbbox(renderer) or inner
    spill_left, spill_right = inner.x0 - outer.x0, max(0.0, outer.x1 - inner.x1)
    box = axes.get_position()
    left = (spill_left + _MARGIN * figure.dpi) / width
    right = 1 - (spill_right + _MARGIN * figure.dpi) / width
    bottom = max(box.y0, box.y0 + (inner.y0 - outer.y0) / height - _AIR * figure.dpi / height)
    axes.set_position((left, bottom, right - left, box.y1 - bottom))
    return figure
