"""Pieces of Word files, as XML: runs, fields, bookmarks, captions, tables, pictures."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from suanli.publish.thumbnails import Small
from suanli.report.document import Picture, Table
from suanli.report.plan import Span, fitted, plain

__all__ = [
    "Marks",
    "bookmarked",
    "caption",
    "field",
    "paragraph",
    "picture",
    "run",
    "spans",
    "table",
]

# Drawn from the Latin font they would be half as wide as Chinese punctuation is.
_AMBIGUOUS: Final = frozenset("“”‘’…—·")
_EMU: Final = 12_700
# Rows that stay together at either end of a table.
_TOGETHER: Final = 3
_FIRST_REFERENCE: Final = 100_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Bookmarks of pictures and tables.

    Attributes
    ----------
    names : Mapping[str, str]
        Name of the bookmark by anchor, as Word itself would name it.
    """

    names: Mapping[str, str]

    @classmethod
    def of(cls, anchors: Sequence[str]) -> "Marks":
        """Name the bookmarks.

        Parameters
        ----------
        anchors : Sequence[str]
            Of pictures and tables, in reading order.

        Returns
        -------
        Marks
            Names.

        Examples
        --------
        >>> Marks.of(["f1"]).names
        {'f1': '_Ref100000001'}
        """
        numbered = enumerate(anchors, start=_FIRST_REFERENCE)
        return cls(names={anchor: f"_Ref{number}" for number, anchor in numbered})


def run(text: str, *, bold: bool = False, chinese: bool = False, points: float = 0) -> str:
    """Write a run of text.

    Parameters
    ----------
    text : str
        Plain text; whatever it holds stays text.
    bold : bool
        Whether it is set in bold.
    chinese : bool
        Whether quotation marks and dashes are Chinese.
    points : float
        Size of type; that of the style when 0.

    Returns
    -------
    str
        A ``w:r``.

    Examples
    --------
    >>> run("a < b")
    '<w:r><w:t xml:space="preserve">a &lt; b</w:t></w:r>'
    """
    hint = '<w:rFonts w:hint="eastAsia"/>' if chinese and _AMBIGUOUS & set(text) else ""
    heavy = "<w:b/><w:bCs/>" if bold else ""
    half = round(points * 2)
    size = f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>' if points else ""
    look = f"<w:rPr>{hint}{heavy}{size}</w:rPr>" if hint or heavy or size else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def field(code: str, shown: str) -> str:
    """Write a field with what it shows until it is updated.

    Parameters
    ----------
    code : str
        Its instruction, never a user's text.
    shown : str
        What it shows.

    Returns
    -------
    str
        Runs.

    Examples
    --------
    >>> field("PAGE", "1").count("w:fldCharType")
    3
    """
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {escape(code)} </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(shown)}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def bookmarked(name: str, inner: str) -> str:
    """Put a bookmark around runs.

    Parameters
    ----------
    name : str
        Its name; the number at its end makes it unique.
    inner : str
        Runs.

    Returns
    -------
    str
        Runs between the marks.

    Examples
    --------
    >>> bookmarked("_Ref100000001", "").count("100000001")
    3
    """
    number = "".join(sign for sign in name if sign.isdigit())
    # Contents and references count alike: their identifiers must not meet.
    identifier = int(number) + (500_000_000 if name.startswith("_Toc") else 0)
    return (
        f'<w:bookmarkStart w:id="{identifier}" w:name="{name}"/>{inner}'
        f'<w:bookmarkEnd w:id="{identifier}"/>'
    )


def paragraph(style: str, inner: str, *, look: str = "") -> str:
    """Write a paragraph.

    Parameters
    ----------
    style : str
        Identifier of its style.
    inner : str
        Runs.
    look : str
        Properties beside the style.

    Returns
    -------
    str
        A ``w:p``.

    Examples
    --------
    >>> paragraph("Title", run("A")).startswith('<w:p><w:pPr><w:pStyle w:val="Title"/>')
    True
    """
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{look}</w:pPr>{inner}</w:p>'


def spans(parts: Sequence[Span], marks: Marks, *, chinese: bool) -> str:
    """Write text with cross references as fields that show their text already.

    Parameters
    ----------
    parts : Sequence[Span]
        The text.
    marks : Marks
        Bookmarks.
    chinese : bool
        Whether quotation marks are Chinese.

    Returns
    -------
    str
        Runs.

    Examples
    --------
    >>> marks = Marks.of(["f1"])
    >>> " REF _Ref100000001 " in spans([Span(text="Figure 1", target="f1")], marks, chinese=False)
    True
    """
    return "".join(
        field(f"REF {marks.names[part.target]} \\h", part.text)
        if part.target
        else run(part.text, chinese=chinese)
        for part in parts
    )


def caption(label: str, words: str, mark: str, *, keep: bool, chinese: bool) -> str:
    """Write a caption whose number counts by itself.

    Parameters
    ----------
    label : str
        Such as ``"Figure 3"``.
    words : str
        What follows.
    mark : str
        Name of the bookmark around the label.
    keep : bool
        Whether it stays with what comes after it.
    chinese : bool
        Whether quotation marks are Chinese.

    Returns
    -------
    str
        A paragraph.

    Examples
    --------
    >>> " SEQ Figure " in caption("Figure 3", "A map", "_Ref1", keep=False, chinese=False)
    True
    """
    name = label.rstrip("0123456789")
    counted = field(f"SEQ {name.strip()} \\* ARABIC", label.removeprefix(name))
    look = "<w:keepNext/>" if keep else '<w:jc w:val="center"/>'
    inner = bookmarked(mark, run(name, bold=True) + counted)
    return paragraph("Caption", inner + run(f"  {plain(words)}", chinese=chinese), look=look)


def table(block: Table, width: int, points: float, *, chinese: bool) -> str:
    """Write a table: the first row is repeated on every page, no row is torn.

    Parameters
    ----------
    block : Table
        The table.
    width : int
        Width of the text in twentieths of a point.
    points : float
        Size of type.
    chinese : bool
        Whether quotation marks are Chinese.

    Returns
    -------
    str
        A ``w:tbl``.

    Examples
    --------
    >>> from suanli.report.document import Column
    >>> one = Table(key="t", caption="", columns=(Column(title="A"),), rows=(("1",),))
    >>> table(one, 9000, 10, chinese=False).count("<w:tr>")
    2
    """
    fit = fitted(block, width / 20, points)
    # Half points are what Word knows.
    small = math.floor(fit.points * 2) / 2
    size = small if small < points else 0.0
    widths = [round(width * share) for share in fit.shares]
    styles = ["TableNumber" if c.align == "right" else "TableText" for c in block.columns]

    def row(cells: Sequence[str], *, head: bool = False, kept: bool = False) -> str:
        repeated = "<w:tblHeader/>" if head else ""
        keep = "<w:keepNext/>" if kept else ""
        runs = (run(plain(cell), bold=head, chinese=chinese, points=size) for cell in cells)
        written = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>'
            f'<w:vAlign w:val="{"bottom" if head else "center"}"/></w:tcPr>'
            f"{paragraph(style, inner, look=keep)}</w:tc>"
            for inner, wide, style in zip(runs, widths, styles, strict=True)
        )
        return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{written}</w:tr>"

    # A heading alone at the foot of a page heads nothing, and a row or two at its top look lost.
    ends = {*range(_TOGETHER - 1), *range(len(block.rows) - _TOGETHER, len(block.rows) - 1)}
    rows = [row([column.title for column in block.columns], head=True, kept=bool(block.rows))]
    rows += [row(cells, kept=place in ends) for place, cells in enumerate(block.rows)]
    grid = "".join(f'<w:gridCol w:w="{wide}"/>' for wide in widths)
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="AtlasTable"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="0420" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
        'w:noHBand="0" w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(plain(block.caption))}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def picture(
    block: Picture, small: Small, number: int, room: tuple[int, int], embed: Callable[[bytes], str]
) -> str:
    """Write a picture, fitted to the page, with what it shows for those who cannot see it.

    Parameters
    ----------
    block : Picture
        The picture.
    small : Small
        Its content.
    number : int
        Unique in the file.
    room : tuple[int, int]
        Width and height it may take, in twentieths of a point.
    embed : Callable[[bytes], str]
        Puts the content into the file and returns its relation.

    Returns
    -------
    str
        A run.

    Examples
    --------
    >>> from pathlib import Path
    >>> block = Picture(key="a", caption="", path=Path("a.png"), alt="A <map>")
    >>> small = Small(data=b"", width=100, height=50)
    >>> drawn = picture(block, small, 1, (2000, 2000), lambda _: "rId9")
    >>> 'cx="1270000" cy="635000"' in drawn, 'descr="A &lt;map&gt;"' in drawn
    (True, True)
    """
    wide = room[0] * block.share
    scale = min(wide / small.width, room[1] / small.height)
    size = [round(side * scale / 20 * _EMU) for side in (small.width, small.height)]
    extent = f'cx="{size[0]}" cy="{size[1]}"'
    named = f'id="{number}" name="Picture {number}" descr={quoteattr(plain(block.alt))}'
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {extent}/>'
        f'<wp:docPr {named}/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/>'
        "</wp:cNvGraphicFramePr><a:graphic><a:graphicData "
        'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        f"<pic:nvPicPr><pic:cNvPr {named}/><pic:cNvPicPr/></pic:nvPicPr>"
        f'<pic:blipFill><a:blip r:embed="{embed(small.data)}"/><a:stretch><a:fillRect/></a:stretch>'
        f'</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r>"
    )
