"""What every renderer needs of a document: numbers, anchors, plain text, widths of columns."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geo.export.qml import plain_xml
from suanli.report.document import Block, Document, Picture, Section, Table, labels, pieces
from suanli.text import Text, escaped

__all__ = ["Chapter", "Fit", "Plan", "Span", "fitted", "plain", "plan_of"]

_BLANKS: Final = re.compile("[\t\r\n\u2028\u2029]+")
_WIDE: Final = frozenset("WFA")
_NARROW: Final = 0.56
_AIR: Final = 1.6
_LEAST: Final = 2.5
# Characters that a column of words should have and must have in a line, and how much smaller
# the type becomes for the one and for the other.
_EASY, _SMALL = 14.0, 0.85
_HARD, _SMALLEST = 7.5, 0.72
# Headings are bold.
_BOLD: Final = 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of a text.

    Attributes
    ----------
    text : str
        Its words.
    target : str
        Anchor it points to; empty where it points nowhere.
    """

    text: str
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A section with its place.

    Attributes
    ----------
    number : str
        Such as ``"2.1"``; empty in a brief.
    anchor : str
        Unique in the document.
    level : int
        1 for chapters.
    title : str
        Heading.
    blocks : tuple[Block, ...]
        What stands directly under it.
    """

    number: str
    anchor: str
    level: int
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a table fits a page.

    Attributes
    ----------
    points : float
        Size of its type.
    shares : tuple[float, ...]
        Widths of the columns; sum to 1.
    """

    points: float
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A document in reading order.

    Attributes
    ----------
    chapters : tuple[Chapter, ...]
        All sections, subsections after their section.
    labels : Mapping[str, str]
        Number of each picture and table with a caption, by key.
    anchors : Mapping[str, str]
        Anchor of the same.
    """

    chapters: tuple[Chapter, ...]
    labels: Mapping[str, str]
    anchors: Mapping[str, str]

    def spans(self, text: str) -> list[Span]:
        """Part a text at its references and make it plain.

        Parameters
        ----------
        text : str
            Words with marks.

        Returns
        -------
        list[Span]
            A mark that points to nothing is left as the word it is.

        Examples
        --------
        >>> plan = Plan(chapters=(), labels={"top": "Table 1"}, anchors={"top": "b1"})
        >>> from suanli.report.document import mark
        >>> plan.spans(f"See {mark('top')}.")[1]
        Span(text='Table 1', target='b1')
        """
        found = []
        for piece in pieces(text):
            if isinstance(piece, str):
                found.append(Span(text=plain(piece)))
            elif piece.key in self.labels:
                found.append(Span(text=self.labels[piece.key], target=self.anchors[piece.key]))
            else:
                found.append(Span(text=plain(piece.key)))
        return found


def plan_of(document: Document, text: Text) -> Plan:
    """Give numbers to the sections, pictures and tables of a document.

    Parameters
    ----------
    document : Document
        What is to be rendered.
    text : Text
        What pictures and tables are called.

    Returns
    -------
    Plan
        For the renderers.

    Raises
    ------
    ValueError
        Two blocks share a key, or a row of a table has not as many cells as there are columns.

    Examples
    --------
    >>> part = Section(key="a", title="A", sections=(Section(key="b", title="B"),))
    >>> report = Document(lang="en", title="", subtitle="", sections=(part,))
    >>> [chapter.number for chapter in plan_of(report, Text("en")).chapters]
    ['1', '1.1']
    """
    templates = {key: text(f"document.{key}", number="{number}") for key in ("picture", "table")}
    chapters = tuple(_chapters(document.sections, numbered=not document.brief))
    for chapter in chapters:
        for block in chapter.blocks:
            if isinstance(block, Table):
                _check(block)
    said = labels(document, **templates)
    kinds = {
        block.key: "f" if isinstance(block, Picture) else "t"
        for chapter in chapters
        for block in chapter.blocks
        if isinstance(block, Picture | Table)
    }
    anchors = {key: f"{kinds[key]}{place}" for place, key in enumerate(said, start=1)}
    return Plan(chapters=chapters, labels=said, anchors=anchors)


def plain(text: str) -> str:
    r"""Write a text on one line with characters every format can hold.

    Parameters
    ----------
    text : str
        What may come from a user's file.

    Returns
    -------
    str
        Characters that steer stand there by their code points.

    Examples
    --------
    >>> plain("a\x1b[2J\nb")
    'a\\u001b[2J b'
    """
    return plain_xml(_BLANKS.sub(" ", escaped(text)))


def fitted(table: Table, width: float, points: float) -> Fit:
    """Share the width of a page among the columns of a table by what stands in them.

    Parameters
    ----------
    table : Table
        The table.
    width : float
        Width of the text in points.
    points : float
        Size of type wanted.

    Returns
    -------
    Fit
        Columns of numbers take what they need, and the type is smaller where they would leave
        too little for the others, which share the rest: the narrow have what they need and
        the wide are broken.

    Examples
    --------
    >>> from suanli.report.document import Column
    >>> columns = (Column(title="Unit"), Column(title="Score", align="right"))
    >>> table = Table(key="t", caption="", columns=columns, rows=(("Guangdong", "71.2"),))
    >>> [round(share, 2) for share in fitted(table, 300, 10).shares]
    [0.58, 0.42]
    """
    needs = [_need(table, place) for place in range(len(table.columns))]
    firm = {place for place, column in enumerate(table.columns) if column.align == "right"}
    loose = [place for place in range(len(needs)) if place not in firm]

    def wanted(least: float) -> float:
        return sum(need if p in firm else min(need, least) for p, need in enumerate(needs))

    size = max(min(points, width / wanted(_EASY)), _SMALL * points)
    size = min(size, max(width / wanted(_HARD), _SMALLEST * points))
    room = width / size
    if sum(needs) > room:
        left = room - sum(needs[place] for place in firm)
        if left < _LEAST * len(loose) or not loose:
            needs = _squeezed(needs, room)
        else:
            for place, given in zip(loose, _squeezed([needs[p] for p in loose], left), strict=True):
                needs[place] = given
    return Fit(points=size, shares=tuple(need / sum(needs) for need in needs))


def _need(table: Table, place: int) -> float:
    """Return the width of a column in characters of its type."""
    title = table.columns[place].title
    cells = max((_width(row[place]) for row in table.rows), default=0.0)
    word = max((_width(word) * _BOLD for word in _words(title)), default=0.0)
    return max(cells, min(_width(title), 4 * _LEAST), word, _LEAST) + _AIR


def _squeezed(needs: Sequence[float], room: float) -> list[float]:
    """Give the narrow what they need and share the rest among the wide."""
    given = dict.fromkeys(range(len(needs)), 0.0)
    order = sorted(given, key=lambda place: needs[place])
    left = room
    for done, place in enumerate(order):
        given[place] = min(needs[place], left / (len(order) - done))
        left -= given[place]
    return [given[place] for place in range(len(needs))]


def _words(title: str) -> list[str]:
    """Return what a line is not broken in: words, and of Chinese two characters."""
    return ["算力" if unicodedata.east_asian_width(word[0]) in _WIDE else word
            for word in title.split()]  # fmt: skip


def _width(text: str) -> float:
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else _NARROW for sign in text)


def _chapters(
    sections: Sequence[Section], number: str = "", level: int = 1, *, numbered: bool = True
) -> Iterator[Chapter]:
    for place, section in enumerate(sections, start=1):
        own = f"{number}.{place}" if number else str(place)
        yield Chapter(
            number=own if numbered else "",
            anchor=f"s{own.replace('.', '-')}",
            level=level,
            title=plain(section.title),
            blocks=section.blocks,
        )
        yield from _chapters(section.sections, own, level + 1, numbered=numbered)


def _check(table: Table) -> None:
    wrong = [row for row in table.rows if len(row) != len(table.columns)]
    if wrong:
        message = f"table {table.key!r}: {len(table.columns)} columns, {len(wrong[0])} cells"
        raise ValueError(message)
