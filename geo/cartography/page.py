"""The page of a print figure: title above, notes below, content between."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geo.cartography.lettering import INK, MUTED, text_style, wrap

__all__ = ["DPI", "POINTS", "Page", "start_page"]

#: Dots per inch of every figure, and points.
DPI, POINTS = 300, 72.0
_SIDE, _HEAD, _GAP = 0.2, 0.14, 0.1
_TITLE, _SUBTITLE, _NOTE = 17.0, 10.0, 7.5
_TITLE_LEAD, _LEAD = 1.32, 1.5
# Names are as long as their authors like, paper is not: characters of a title.
_HEADLINE = 200
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Page:
    """A figure whose height follows from its content.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        Bound to no global state.
    width : float
        Inches.
    scale : float
        Of the type.
    title, subtitle, notes : tuple[str, ...]
        Lines.
    """

    figure: Figure
    width: float
    scale: float
    title: tuple[str, ...]
    subtitle: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def room(self) -> float:
        """Inches between the margins."""
        return self.width - 2 * _SIDE

    def finish(self, content: float) -> float:
        """Set the height and write title and notes.

        Parameters
        ----------
        content : float
            Height of the content in inches.

        Returns
        -------
        float
            Where the content begins, in inches from the foot of the page.
        """
        head, foot = self._head(), self._foot()
        height = head + content + foot
        self.figure.set_size_inches(self.width, height)
        rise = height - _HEAD
        for lines, size, lead, colour in (
            (self.title, _TITLE, _TITLE_LEAD, INK),
            (self.subtitle, _SUBTITLE, _LEAD, MUTED),
        ):
            for line in lines:
                self._write(line, rise / height, size=size, colour=colour)
                rise -= size * self.scale * lead / POINTS
        for place, line in enumerate(self.notes):
            level = foot - _GAP - place * _NOTE * self.scale * _LEAD / POINTS
            self._write(line, level / height, size=_NOTE, colour=MUTED)
        return foot

    def box(self, west: float, south: float, size: tuple[float, float]) -> Box:
        """Return the place of axes, for a page that is finished.

        Parameters
        ----------
        west, south : float
            Inches from the left margin and from the foot of the page.
        size : tuple[float, float]
            Width and height in inches.

        Returns
        -------
        tuple[float, float, float, float]
            Left, bottom, width, height as shares of the figure.
        """
        height = float(self.figure.get_size_inches()[1])
        left = (_SIDE + west) / self.width
        return left, south / height, size[0] / self.width, size[1] / height

    def _head(self) -> float:
        lines = len(self.title) * _TITLE * _TITLE_LEAD + len(self.subtitle) * _SUBTITLE * _LEAD
        return lines * self.scale / POINTS + _SIDE

    def _foot(self) -> float:
        lines = len(self.notes) * _NOTE * _LEAD * self.scale / POINTS
        return lines + (0.22 if self.notes else _SIDE)

    def _write(self, line: str, level: float, *, size: float, colour: str) -> None:
        style = text_style(size * self.scale, colour)
        self.figure.text(_SIDE / self.width, level, line, va="top", **style)


def start_page(
    title: str,
    *,
    subtitle: str = "",
    notes: Sequence[str] = (),
    width: float = 10.0,
    scale: float = 1.0,
) -> Page:
    """Begin a page.

    Parameters
    ----------
    title : str
        Headline.
    subtitle : str
        Second line, smaller.
    notes : Sequence[str]
        Lines at the foot.
    width : float
        Inches.
    scale : float
        Of the type.

    Returns
    -------
    Page
        Without content; its figure has 300 dots per inch and no height yet.

    Examples
    --------
    >>> page = start_page("A title", notes=("A note.",))
    >>> page.finish(5.0) > 0.2, page.title
    (True, ('A title',))
    """
    # Its height is not known before the end, and measuring type needs little.
    figure = Figure(figsize=(width, 2.0), dpi=DPI)
    FigureCanvasAgg(figure)
    room = (width - 2 * _SIDE) * POINTS
    foot = [line for note in notes for line in wrap(note, size=_NOTE * scale, width=room)]
    return Page(
        figure=figure,
        width=width,
        scale=scale,
        title=tuple(wrap(title, size=_TITLE * scale, width=room, most=_HEADLINE)),
        subtitle=tuple(wrap(subtitle, size=_SUBTITLE * scale, width=room)) if subtitle else (),
        notes=tuple(foot),
    )
