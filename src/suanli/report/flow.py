"""In which order blocks fill pages: a picture that no longer fits lets what follows go first."""

import math
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from suanli.report.document import Block, Bullets, Note, Paragraph, Picture, Table
from suanli.report.plan import Chapter, fitted, plain

__all__ = ["Sheet", "flowed", "used"]

# Widths of letters as shares of the size of type: Chinese, and Times on average.
_WIDE, _NARROW = 1.0, 0.47
# A picture may be so much smaller than it should to fit a page; its type stays legible.
_LEAST_SHARE: Final = 0.9
# Estimates err: a picture wants this much more room than it takes, in lines.
_SPARE: Final = 1.0
# Rows of a table that stay together.
_TOGETHER: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Measures of a page in points.

    Attributes
    ----------
    width, height : float
        Of the text.
    points, leads : dict[str, float]
        Size of type and height of a line by style: ``body``, ``caption``, ``table``, ``note``,
        ``h1``, ``h2``, ``h3``.
    after : float
        Space below a paragraph.
    shape : Callable[[Picture], float]
        Height of a picture as a share of its width.
    """

    width: float
    height: float
    points: dict[str, float]
    leads: dict[str, float]
    after: float
    shape: Callable[[Picture], float]


def flowed(chapters: Sequence[Chapter], sheet: Sheet) -> list[tuple[Block, ...]]:
    """Order the blocks of every chapter so that pictures leave no page half empty.

    Parameters
    ----------
    chapters : Sequence[Chapter]
        In reading order; the first begins a page.
    sheet : Sheet
        Measures.

    Returns
    -------
    list[tuple[Block, ...]]
        Blocks by chapter. Pictures keep their order among themselves, and so do texts and
        tables; a picture moves behind what follows it, never into another chapter of the first
        level, and may be a little smaller than it was.

    Notes
    -----
    Only a word processor knows where a page ends. Heights are estimated from widths of letters
    and exact heights of lines; where the estimate errs, a picture goes to the next page as it
    would have without it.

    Examples
    --------
    >>> from pathlib import Path
    >>> said = Paragraph(text="x" * 4000)
    >>> shown = Picture(key="a", caption="A", path=Path("a.png"), alt="")
    >>> one = Chapter(number="1", anchor="s1", level=1, title="One", blocks=(said, shown, said))
    >>> sizes = dict.fromkeys(["body", "caption", "h1"], 10.0)
    >>> sheet = Sheet(width=400, height=600, points=sizes, leads=sizes, after=5,
    ...               shape=lambda _: 0.9)
    >>> [type(block).__name__ for block in flowed([one], sheet)[0]]
    ['Paragraph', 'Paragraph', 'Picture']
    """
    flow = _Flow(sheet)
    found = []
    for place, chapter in enumerate(chapters):
        last = place + 1 == len(chapters) or chapters[place + 1].level == 1
        found.append(tuple(flow.section(chapter, last=last)))
    return found


def used(blocks: Sequence[Block], sheet: Sheet, *, before: float = 0.0) -> float:
    """Estimate how much of its page is used where blocks end.

    Parameters
    ----------
    blocks : Sequence[Block]
        Texts and tables.
    sheet : Sheet
        Measures.
    before : float
        Points used where they begin.

    Returns
    -------
    float
        Points from the top of the page.

    Examples
    --------
    >>> sizes = {"body": 10.0}
    >>> sheet = Sheet(width=400, height=600, points=sizes, leads=sizes, after=5,
    ...               shape=lambda _: 1)
    >>> used([Paragraph(text="x")], sheet, before=590)
    5.0
    """
    flow = _Flow(sheet)
    flow.used = before
    for block in blocks:
        flow.fill(flow.tall(block))
    return flow.used


class _Flow:
    """Fills pages from the top."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.used = 0.0
        self.waiting: list[Picture] = []

    @property
    def left(self) -> float:
        return self.sheet.height - self.used

    def section(self, chapter: Chapter, *, last: bool) -> Iterator[Block]:
        self.heading(chapter)
        for block in chapter.blocks:
            if isinstance(block, Picture):
                self.waiting.append(block)
            else:
                self.begin(block)
                self.fill(self.tall(block))
                yield block
            yield from self.fitting()
        while last and self.waiting:
            shown = self.waiting.pop(0)
            self.whole(self.framed(shown))
            yield shown
            yield from self.fitting()

    def fitting(self) -> Iterator[Picture]:
        """Take the pictures that have room on the page."""
        while self.waiting:
            shown = self.waiting[0]
            spare = _SPARE * self.sheet.leads["body"]
            around = self.around(shown)
            share = (self.left - spare - around) / (self.framed(shown) - around)
            if share < _LEAST_SHARE:
                return
            self.waiting.pop(0)
            small = replace(shown, share=shown.share * share) if share < 1 else shown
            self.whole(self.framed(small))
            yield small

    def heading(self, chapter: Chapter) -> None:
        sheet, style = self.sheet, f"h{min(chapter.level, 3)}"
        own = sheet.leads[style] + {1: 32.0, 2: 22.0}.get(chapter.level, 16.0)
        # A heading takes two lines of what it heads along.
        if self.left < own + 2 * sheet.leads["body"]:
            self.used = 0.0
        self.used += own

    def whole(self, height: float) -> None:
        """Place what is not parted."""
        self.used = height if height > self.left else self.used + height

    def begin(self, block: Block) -> None:
        """Turn the page where a table would begin with its heading and hardly a row."""
        if isinstance(block, Table):
            sheet = self.sheet
            rows = min(len(block.rows), _TOGETHER) + 1
            if self.left < sheet.leads["caption"] + 8 + rows * (sheet.leads["table"] + 2.6):
                self.used = 0.0

    def fill(self, height: float) -> None:
        """Place what goes on over pages."""
        self.used = (self.used + height) % self.sheet.height

    def around(self, picture: Picture) -> float:
        """Return the height of what stands with a picture."""
        sheet = self.sheet
        said = self.lines(picture.caption, "caption", sheet.width) + 8 if picture.caption else 0.0
        return said + 12

    def framed(self, picture: Picture) -> float:
        wide = self.sheet.width * picture.share
        tall = min(self.sheet.shape(picture) * wide, 0.82 * self.sheet.height)
        return tall + self.around(picture)

    def tall(self, block: Block) -> float:
        sheet = self.sheet
        if isinstance(block, Paragraph):
            return self.lines(block.text, "body", sheet.width, before=2) + sheet.after
        if isinstance(block, Note):
            return self.lines(block.text, "body", sheet.width - 12, before=3) + 14
        if isinstance(block, Bullets):
            return sum(self.lines(item, "body", sheet.width - 21) for item in block.items)
        return self.table(block) if isinstance(block, Table) else 0.0

    def table(self, table: Table) -> float:
        sheet = self.sheet
        fit = fitted(table, sheet.width, sheet.points["table"])
        rooms = [max(share * sheet.width - 7, fit.points) for share in fit.shares]
        rows = [tuple(column.title for column in table.columns), *table.rows]
        count = sum(
            max(_count(cell, fit.points, room) for cell, room in zip(row, rooms, strict=True))
            for row in rows
        )
        said = self.lines(table.caption, "caption", sheet.width) + 8 if table.caption else 0.0
        below = self.lines(table.note, "note", sheet.width) + 15
        return said + count * sheet.leads["table"] + 2.6 * len(rows) + below

    def lines(self, text: str, style: str, width: float, *, before: int = 0) -> float:
        sheet = self.sheet
        size = sheet.points[style]
        return _count(text, size, width, before=before) * sheet.leads[style]


def _count(text: str, size: float, width: float, *, before: int = 0) -> int:
    """Return how many lines a text takes, ``before`` letters in."""
    said = plain(text)
    reach = sum(_WIDE if unicodedata.east_asian_width(s) in "WF" else _NARROW for s in said)
    return max(1, math.ceil((reach + before) * size / width))
