"""What a report is made of, before anything knows how it will look."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final, Literal

__all__ = [
    "Block",
    "Bullets",
    "Column",
    "Document",
    "Note",
    "Paragraph",
    "Picture",
    "Reference",
    "Section",
    "Table",
    "labels",
    "mark",
    "pieces",
]

_OPEN: Final = "\ue000"
_CLOSE: Final = "\ue001"
_MARKED: Final = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]+){_CLOSE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A place in a text that points to a picture or table.

    Attributes
    ----------
    key : str
        Key of what it points to.
    """

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text.

    Attributes
    ----------
    text : str
        Sentences; references are written by :func:`mark`.
    """

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A caveat that must not be overlooked.

    Attributes
    ----------
    text : str
        Sentences; references are written by :func:`mark`.
    """

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list of sentences.

    Attributes
    ----------
    items : tuple[str, ...]
        One text each; references are written by :func:`mark`.
    """

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
        Its heading.
    align : {"left", "right"}
        Numbers stand to the right.
    """

    title: str
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its caption.

    Attributes
    ----------
    key : str
        What references call it; unique in the document.
    caption : str
        Without its number; a table without one has no number either.
    columns : tuple[Column, ...]
        Headings.
    rows : tuple[tuple[str, ...], ...]
        Printed cells, as many in each row as columns.
    note : str
        Line under the table; may be empty.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure with its caption.

    Attributes
    ----------
    key : str
        What references call it; unique in the document.
    caption : str
        Without its number.
    path : pathlib.Path
        A PNG file.
    alt : str
        What it shows, for those who cannot see it.
    share : float
        Share of the width of the text it takes, 0 to 1.
    """

    key: str
    caption: str
    path: Path
    alt: str
    share: float = 1.0


Block = Paragraph | Note | Bullets | Table | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with what stands under it.

    Attributes
    ----------
    key : str
        Anchor; ASCII, unique in the document.
    title : str
        The heading, without a number.
    blocks : tuple[Block, ...]
        What stands directly under it.
    sections : tuple[Section, ...]
        Its subsections.
    """

    key: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: "tuple[Section, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report or a brief.

    Attributes
    ----------
    lang : str
        Language tag, such as ``"zh-CN"``.
    title, subtitle : str
        On the first page.
    facts : tuple[tuple[str, str], ...]
        Label and value of what the reader must know first: data year, version, source.
    abstract : tuple[Block, ...]
        Before the first section; no pictures and tables.
    sections : tuple[Section, ...]
        Chapters.
    brief : bool
        One dense page: small type, no table of contents, chapters without numbers.
    """

    lang: str
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...] = ()
    abstract: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    brief: bool = False


def mark(key: str) -> str:
    """Write a reference into a text.

    Parameters
    ----------
    key : str
        Key of a picture or table.

    Returns
    -------
    str
        To be put among the words of a text.

    Examples
    --------
    >>> pieces(f"See {mark('top')}.")
    ['See ', Reference(key='top'), '.']
    """
    return f"{_OPEN}{key}{_CLOSE}"


def pieces(text: str) -> list[str | Reference]:
    """Part a text at its references.

    Parameters
    ----------
    text : str
        Words with marks.

    Returns
    -------
    list[str | Reference]
        In reading order, without empty strings.

    Examples
    --------
    >>> pieces("plain")
    ['plain']
    """
    parted = _MARKED.split(text)
    found = (Reference(key=part) if k % 2 else part for k, part in enumerate(parted))
    return [part for part in found if part]


def labels(document: Document, *, picture: str, table: str) -> dict[str, str]:
    """Give pictures and tables numbers in the order in which they stand.

    Parameters
    ----------
    document : Document
        What is numbered.
    picture, table : str
        Templates with the placeholder ``{number}``.

    Returns
    -------
    dict[str, str]
        Label by key.

    Raises
    ------
    ValueError
        Two blocks share a key.

    Examples
    --------
    >>> column = Column(title="Unit")
    >>> best = Table(key="best", caption="Best units", columns=(column,), rows=())
    >>> section = Section(key="overall", title="Overall", blocks=(best,))
    >>> report = Document(lang="en", title="Report", subtitle="", sections=(section,))
    >>> labels(report, picture="Figure {number}", table="Table {number}")
    {'best': 'Table 1'}
    """
    numbers = {Picture: count(1), Table: count(1)}
    templates = {Picture: picture, Table: table}
    found: dict[str, str] = {}
    for block in _blocks(document.sections):
        if isinstance(block, Picture | Table) and block.caption:
            if block.key in found:
                message = f"two blocks of the document have the key {block.key!r}"
                raise ValueError(message)
            kind = type(block)
            found[block.key] = templates[kind].format(number=next(numbers[kind]))
    return found


def _blocks(sections: Sequence[Section]) -> Iterator[Block]:
    for section in sections:
        yield from section.blocks
        yield from _blocks(section.sections)
