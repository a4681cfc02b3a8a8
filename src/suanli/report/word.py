"""A document as a Word file that can be edited: styles, captions, references as Word has them."""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import docx
from docx.oxml import parse_xml
from docx.shared import Twips

from geo.storage import write_bytes
from suanli.publish.thumbnails import shrunk
from suanli.report.document import Block, Bullets, Document, Note, Paragraph, Picture, Table
from suanli.report.flow import Sheet, flowed, used
from suanli.report.plan import Chapter, Plan, plain, plan_of
from suanli.report.word_parts import (
    Marks,
    bookmarked,
    caption,
    field,
    paragraph,
    picture,
    run,
    spans,
    table,
)
from suanli.report.word_styles import (
    NAMESPACES,
    Look,
    look_of,
    numbering_xml,
    settings_xml,
    styles_xml,
)
from suanli.text import Text

__all__ = ["write_word"]

_PAGE: Final = (11_906, 16_838)
_DEEPEST: Final = 3
_LISTED: Final = 2
_FIRST_CONTENT: Final = 100_000_001
# Points that title, facts and heading take above the abstract.
_FRONT: Final = 205.0
# A file that carries the time of its making differs each time it is made.
_MADE: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_STAMP: Final = (1980, 1, 1, 0, 0, 0)
# What python-docx's own template brings and nobody needs.
_SPARED: Final = ("thumbnail", "extended-properties", "stylesWithEffects", "customXml")


def write_word(document: Document, text: Text, path: Path) -> None:
    """Write a document as docx: the same bytes for the same document.

    Parameters
    ----------
    document : Document
        What is written.
    text : Text
        Words such as those for figure and table.
    path : pathlib.Path
        The file.

    Raises
    ------
    OSError
        A picture cannot be read or the file cannot be written.
    ValueError
        Two blocks share a key, or a table has a row of the wrong length.

    Notes
    -----
    Nothing asks the reader to update fields on opening: Word would do so with a warning that
    the file may refer to other files, which an office takes for a virus. Numbers and references
    show their text already, and contents stand there with links. Page numbers are known only to
    the program that lays the pages out, and a guess would be wrong somewhere: a line in the
    contents says how to get them, and goes when they come.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "report.docx"
    >>> write_word(Document(lang="en", title="Report", subtitle=""), Text("en"), path)
    >>> docx.Document(str(path)).core_properties.title
    'Report'
    """
    file = docx.Document()
    look = look_of(document)
    _prepare(file, document, text, look)
    writer = _Writer(file, document, text, look)
    inner = "".join(writer.parts())
    body = file.element.body
    for child in parse_xml(f"<w:body {NAMESPACES}>{inner}</w:body>"):
        body.insert(len(body) - 1, child)
    buffer = io.BytesIO()
    file.save(buffer)
    write_bytes(path, _timeless(buffer.getvalue()))


class _Writer:
    """Writes the parts of a document in reading order."""

    def __init__(self, file: Any, document: Document, text: Text, look: Look) -> None:
        self.document, self.text, self.look = document, text, look
        self.plan: Plan = plan_of(document, text)
        self.marks = Marks.of(list(self.plan.anchors.values()))
        self.chinese = document.lang.startswith("zh")
        top, side, bottom = look.margins
        self.room = (_PAGE[0] - 2 * side, round((_PAGE[1] - top - bottom) * 0.82))
        self.part = file.part
        self.drawn = 0

    def parts(self) -> Iterator[str]:
        """Return paragraphs and tables as XML."""
        document = self.document
        yield paragraph("Title", self.run(document.title))
        if document.subtitle:
            yield paragraph("Subtitle", self.run(document.subtitle))
        yield from self.facts()
        if document.abstract:
            if not document.brief:
                yield paragraph("TOCHeading", run(self.text("document.abstract")))
            for block in document.abstract:
                yield from self.block(block)
        chapters = self.plan.chapters
        if document.brief:
            filled = [chapter.blocks for chapter in chapters]
        else:
            filled = flowed(chapters, self.sheet())
        if chapters and not document.brief:
            yield from self.contents(used(document.abstract, self.sheet(), before=_FRONT))
        for place, (chapter, blocks) in enumerate(zip(chapters, filled, strict=True)):
            yield self.heading(chapter, place, first=place == 0 and not document.brief)
            for block in blocks:
                yield from self.block(block)

    def sheet(self) -> Sheet:
        top, side, bottom = self.look.margins
        return Sheet(
            width=(_PAGE[0] - 2 * side) / 20,
            height=(_PAGE[1] - top - bottom) / 20,
            points=dict(self.look.points),
            leads=dict(self.look.leads),
            after=self.look.after / 20,
            shape=_shape,
        )

    def run(self, words: str) -> str:
        return run(plain(words), chinese=self.chinese)

    def spans(self, words: str) -> str:
        return spans(self.plan.spans(words), self.marks, chinese=self.chinese)

    def facts(self) -> Iterator[str]:
        """Return what the reader must know first, one line each."""
        first = 1100 if self.document.brief else 2000
        look = (
            f'<w:tabs><w:tab w:val="left" w:pos="{first}"/></w:tabs>'
            f'<w:ind w:left="{first}" w:hanging="{first}"/>'
        )
        for name, value in self.document.facts:
            yield paragraph(
                "TableText", f"{self.run(name)}<w:r><w:tab/></w:r>{self.run(value)}", look=look
            )

    def contents(self, above: float) -> Iterator[str]:
        """Return the table of contents: a field, filled in; on one page where it has room."""
        listed = [
            (place, chapter)
            for place, chapter in enumerate(self.plan.chapters)
            if chapter.level <= _LISTED
        ]
        sheet, leads = self.sheet(), self.look.leads
        # The heading, the hint, a line for each entry, and the space around them.
        height = (len(listed) + 1) * leads["toc"] + leads["h1"] + 3.5 * leads["body"]
        fits = above + height <= sheet.height
        look = "" if fits else "<w:pageBreakBefore/>"
        yield paragraph("TOCHeading", run(self.text("document.contents")), look=look)
        begin = (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve">'
            f' TOC \\o "1-{_LISTED}" \\h \\z \\u </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        )
        end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        hint = run(self.text("document.contents_hint"), chinese=self.chinese)
        yield paragraph("TableNote", begin + hint)
        for number, (place, chapter) in enumerate(listed):
            words = self.run(f"{chapter.number}  {chapter.title}")
            link = f'<w:hyperlink w:anchor="{_content(place)}" w:history="1">{words}</w:hyperlink>'
            closed = end if number == len(listed) - 1 else ""
            yield paragraph(f"TOC{chapter.level}", link + closed)

    def heading(self, chapter: Chapter, place: int, *, first: bool) -> str:
        look = "<w:pageBreakBefore/>" if first else ""
        words = bookmarked(_content(place), self.run(chapter.title))
        return paragraph(f"Heading{min(chapter.level, _DEEPEST)}", words, look=look)

    def block(self, block: Block) -> Iterator[str]:
        """Return a block as paragraphs and tables."""
        if isinstance(block, Paragraph):
            yield paragraph("BodyText", self.spans(block.text))
        elif isinstance(block, Note):
            told = run(self.text("document.note"), bold=True)
            yield paragraph("Caveat", told + self.spans(block.text))
        elif isinstance(block, Bullets):
            for item in block.items:
                yield paragraph("ListBullet", self.spans(item))
        elif isinstance(block, Table):
            yield from self.table(block)
        else:
            yield from self.picture(block)

    def table(self, block: Table) -> Iterator[str]:
        if block.caption:
            yield self.caption(block, keep=True)
        yield table(block, self.room[0], self.look.points["table"], chinese=self.chinese)
        # Two tables with nothing between them are one.
        yield paragraph("TableNote", self.spans(block.note))

    def picture(self, block: Picture) -> Iterator[str]:
        self.drawn += 1
        drawn = picture(block, shrunk(block.path), self.drawn, self.room, self.embed)
        yield paragraph("Figure", drawn, look="" if block.caption else '<w:keepNext w:val="0"/>')
        if block.caption:
            yield self.caption(block, keep=False)

    def caption(self, block: Table | Picture, *, keep: bool) -> str:
        key = block.key
        mark = self.marks.names[self.plan.anchors[key]]
        label = self.plan.labels[key]
        return caption(label, block.caption, mark, keep=keep, chinese=self.chinese)

    def embed(self, data: bytes) -> str:
        relation, _ = self.part.get_or_add_image(io.BytesIO(data))
        return str(relation)


def _shape(picture: Picture) -> float:
    small = shrunk(picture.path)
    return small.height / small.width


def _content(place: int) -> str:
    return f"_Toc{_FIRST_CONTENT + place}"


def _prepare(file: Any, document: Document, text: Text, look: Look) -> None:
    """Put our own styles, numbering, settings, header and footer into an empty file."""
    for owner in (file.part.package, file.part):
        for key, relation in list(owner.rels.items()):
            if relation.reltype.rsplit("/", 1)[-1] in _SPARED:
                del owner.rels[key]
    for element, source in (
        (file.styles.element, styles_xml(look)),
        (file.part.numbering_part.element, numbering_xml()),
        (file.settings.element, settings_xml()),
    ):
        for child in list(element):
            element.remove(child)
        element.extend(list(parse_xml(source)))
    section = file.sections[0]
    section.page_width, section.page_height = (Twips(side) for side in _PAGE)
    top, side, bottom = look.margins
    section.top_margin, section.bottom_margin = Twips(top), Twips(bottom)
    section.left_margin = section.right_margin = Twips(side)
    section.header_distance = section.footer_distance = Twips(round(0.45 * bottom))
    section.different_first_page_header_footer = True
    pages = field("PAGE", "1"), field("NUMPAGES", "1")
    said = text("document.page", page="{page}", pages="{pages}")
    before, _, rest = said.partition("{page}")
    middle, _, after = rest.partition("{pages}")
    footer = run(before) + pages[0] + run(middle) + pages[1] + run(after)
    _fill(section.header, paragraph("Header", run(plain(document.title))))
    _fill(section.first_page_header, paragraph("TableText", ""))
    # A brief is one page: counting it says nothing.
    for part in (section.footer, section.first_page_footer):
        _fill(part, paragraph("Footer", "" if document.brief else footer))
    _describe(file, document, text)


def _fill(part: Any, inner: str) -> None:
    part.is_linked_to_previous = False
    element = part.part.element
    for child in list(element):
        element.remove(child)
    element.extend(list(parse_xml(f"<w:body {NAMESPACES}>{inner}</w:body>")))


def _describe(file: Any, document: Document, text: Text) -> None:
    about, author = file.core_properties, text("document.author")
    about.title, about.subject = plain(document.title)[:255], plain(document.subtitle)[:255]
    about.author = about.last_modified_by = author
    about.comments = about.keywords = about.category = ""
    about.language = document.lang
    about.revision = 1
    about.created = about.modified = _MADE


def _timeless(data: bytes) -> bytes:
    """Give every member of an archive the same time."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as made,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for name in made.namelist():
            entry = zipfile.ZipInfo(name, date_time=_STAMP)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            kept.writestr(entry, made.read(name))
    return buffer.getvalue()
