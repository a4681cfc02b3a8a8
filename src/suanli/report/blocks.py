"""The parts that every chapter is put together from; what is not there is left out."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from suanli.publish.edition import Edition
from suanli.publish.finding import Grid
from suanli.report.document import (
    Block,
    Bullets,
    Column,
    Note,
    Paragraph,
    Picture,
    Section,
    Table,
    mark,
)
from suanli.report.phrases import joined, listed, say

__all__ = [
    "bullets",
    "grid_table",
    "note",
    "paragraph",
    "picture",
    "section",
    "see",
    "table",
]


def see(edition: Edition, *blocks: Block | None) -> str:
    """Point to pictures and tables.

    Parameters
    ----------
    edition : Edition
        What is published.
    *blocks : Picture or Table or None
        What to point to; what is not there is not pointed to.

    Returns
    -------
    str
        In brackets, to be put before the full stop; empty where there is nothing.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> see(sample_edition(), None)
    ''
    """
    marks = [mark(block.key) for block in blocks if isinstance(block, Picture | Table)]
    return say(edition, "see", items=listed(edition, marks)) if marks else ""


def picture(
    pictures: Path, stem: str, *, caption: str, shows: str, edition: Edition
) -> Picture | None:
    """Take a figure of the run.

    Parameters
    ----------
    pictures : pathlib.Path
        Folder of the figures.
    stem : str
        Name of the file without suffix.
    caption : str
        What the figure is.
    shows : str
        Key of what kind of figure it is, for those who cannot see it.
    edition : Edition
        What is published.

    Returns
    -------
    Picture or None
        None where the run has not drawn it.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> picture(Path("nowhere"), "gap", caption="", shows="map", edition=sample_edition()) is None
    True
    """
    path = pictures / f"{stem}.png"
    if not path.is_file():
        return None
    alt = say(edition, f"shows.{shows}", caption=caption)
    return Picture(key=f"figure-{stem}", caption=caption, path=path, alt=alt)


def table(
    key: str,
    caption: str,
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[str]],
    *,
    note: str = "",
) -> Table | None:
    """Make a table.

    Parameters
    ----------
    key : str
        What references call it, after ``table-``.
    caption : str
        What it holds.
    columns : Sequence[tuple[str, str]]
        Heading, and ``left`` or ``right``.
    rows : Iterable[Sequence[str]]
        Cells.
    note : str
        Line under it.

    Returns
    -------
    Table or None
        None without rows.

    Examples
    --------
    >>> table("a", "A", [("Unit", "left")], []) is None
    True
    """
    cells = tuple(tuple(row) for row in rows)
    if not cells:
        return None
    heads = tuple(
        Column(title=title, align="right" if align == "right" else "left")
        for title, align in columns
    )
    return Table(key=f"table-{key}", caption=caption, columns=heads, rows=cells, note=note)


def grid_table(key: str, caption: str, grid: Grid, *, words: int, note: str = "") -> Table | None:
    """Make a table of a grid of the front page.

    Parameters
    ----------
    key, caption : str
        As of a table.
    grid : Grid
        The grid.
    words : int
        How many of its first columns hold words and not figures.
    note : str
        Line under it.

    Returns
    -------
    Table or None
        None without rows.

    Examples
    --------
    >>> made = grid_table("a", "A", Grid(head=("x", "y"), rows=(("u", "1"),)), words=1)
    >>> [column.align for column in made.columns]
    ['left', 'right']
    """
    columns = [(head, "left" if at < words else "right") for at, head in enumerate(grid.head)]
    return table(key, caption, columns, grid.rows, note=note)


def paragraph(edition: Edition, *sentences: str) -> Paragraph | None:
    """Make a paragraph of sentences.

    Parameters
    ----------
    edition : Edition
        What is published.
    *sentences : str
        Empty ones are left out.

    Returns
    -------
    Paragraph or None
        None where nothing is said.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> paragraph(sample_edition(), "") is None
    True
    """
    text = joined(edition, sentences)
    return Paragraph(text=text) if text else None


def bullets(items: Iterable[str]) -> Bullets | None:
    """Make a list of sentences.

    Parameters
    ----------
    items : Iterable[str]
        Empty ones are left out.

    Returns
    -------
    Bullets or None
        None where nothing is said.

    Examples
    --------
    >>> bullets(["a", ""]).items
    ('a',)
    """
    kept = tuple(filter(None, items))
    return Bullets(items=kept) if kept else None


def note(edition: Edition, *sentences: str) -> Note | None:
    """Make a caveat.

    Parameters
    ----------
    edition : Edition
        What is published.
    *sentences : str
        Empty ones are left out.

    Returns
    -------
    Note or None
        None where nothing is said.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> note(sample_edition(), "Beware.").text
    'Beware.'
    """
    text = joined(edition, sentences)
    return Note(text=text) if text else None


def section(
    key: str,
    title: str,
    *blocks: Block | None,
    sections: Iterable[Section | None] = (),
) -> Section | None:
    """Make a section of what there is.

    Parameters
    ----------
    key : str
        Anchor.
    title : str
        Heading.
    *blocks : Block or None
        What stands under it; None is left out.
    sections : Iterable[Section or None]
        Subsections; None is left out.

    Returns
    -------
    Section or None
        None where there is nothing.

    Examples
    --------
    >>> section("a", "A", None) is None
    True
    """
    kept = tuple(block for block in blocks if block is not None)
    parts = tuple(part for part in sections if part is not None)
    if not kept and not parts:
        return None
    return Section(key=key, title=title, blocks=kept, sections=parts)
