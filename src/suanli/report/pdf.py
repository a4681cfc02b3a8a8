"""A document as PDF, typeset by typst where it is installed."""

import importlib
import json
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from geo.cartography.font import FAMILY, font_path, printable
from geo.storage import write_bytes
from suanli.errors import InputError, Problem
from suanli.publish.thumbnails import shrunk
from suanli.report.document import Block, Bullets, Document, Note, Paragraph, Picture, Table
from suanli.report.plan import Plan, fitted, plain, plan_of
from suanli.text import Text

__all__ = ["refuse_without_typst", "write_pdf"]

# A file that carries the time of its making differs each time it is made.
_MADE: Final = 946_684_800
# Points of the width of the text and of the type of tables, as in the template.
_REPORT: Final = (459.0, 8.8)
_BRIEF: Final = (493.0, 8.6)
_TALL: Final = 1.25
_LONGEST: Final = 100_000


def refuse_without_typst() -> ModuleType:
    """Return typst, or say how to get it before anything is computed.

    Returns
    -------
    types.ModuleType
        The module.

    Raises
    ------
    InputError
        ``document.no_typst``: the extra ``pdf`` is not installed.

    Examples
    --------
    >>> refuse_without_typst().__name__
    'typst'
    """
    try:
        return importlib.import_module("typst")
    except ImportError:
        raise InputError([Problem(code="document.no_typst")]) from None


def write_pdf(document: Document, text: Text, path: Path) -> None:
    """Write a document as PDF: the same bytes for the same document.

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
    InputError
        typst is not installed, or refuses the document.
    OSError
        A picture cannot be read or the file cannot be written.
    ValueError
        Two blocks share a key, or a table has a row of the wrong length.

    Notes
    -----
    The template is fixed and the document is data beside it: what it says is never read as
    markup. Only the font that travels with the package is used, so that every machine lays out
    the same pages.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp()) / "report.pdf"
    >>> write_pdf(Document(lang="en", title="#report", subtitle=""), Text("en"), path)
    >>> path.read_bytes()[:4]
    b'%PDF'
    """
    typst = refuse_without_typst()
    folder = Path(tempfile.mkdtemp(prefix="suanli-"))
    try:
        template = folder / "report.typ"
        template.write_bytes((files("suanli.report") / "templates" / "report.typ").read_bytes())
        told = _Told(document, text, folder).told()
        (folder / "document.json").write_text(
            json.dumps(told, ensure_ascii=False), encoding="utf-8"
        )
        data = typst.compile(
            str(template),
            root=str(folder),
            font_paths=[str(font_path().parent)],
            ignore_system_fonts=True,
            format="pdf",
            timestamp=_MADE,
        )
    except RuntimeError as error:
        problem = Problem(code="document.pdf_failed", params={"detail": str(error)})
        raise InputError([problem]) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_bytes(path, data)


class _Told:
    """Turns a document into what the template reads."""

    def __init__(self, document: Document, text: Text, folder: Path) -> None:
        self.document, self.text, self.folder = document, text, folder
        self.plan: Plan = plan_of(document, text)
        self.drawn = 0

    def told(self) -> dict[str, Any]:
        document, text = self.document, self.text
        language, _, region = document.lang.partition("-")
        return {
            "title": _words(document.title),
            "subtitle": _words(document.subtitle),
            "author": text("document.author"),
            "font": FAMILY,
            "lang": language,
            "region": region or None,
            "brief": document.brief,
            "page": text("document.page", page="{page}", pages="{pages}"),
            "words": {key: text(f"document.{key}") for key in ("abstract", "contents", "note")},
            "facts": [[_words(part) for part in fact] for fact in document.facts],
            "abstract": [self.block(block) for block in document.abstract],
            "chapters": [
                {
                    "title": _words(chapter.title),
                    "level": chapter.level,
                    "blocks": [self.block(block) for block in chapter.blocks],
                }
                for chapter in self.plan.chapters
            ],
        }

    def spans(self, words: str) -> list[dict[str, str]]:
        return [
            {"text": _kept(span.text), "target": span.target} for span in self.plan.spans(words)
        ]

    def block(self, block: Block) -> dict[str, Any]:
        if isinstance(block, Paragraph):
            return {"kind": "paragraph", "spans": self.spans(block.text)}
        if isinstance(block, Note):
            return {"kind": "note", "spans": self.spans(block.text)}
        if isinstance(block, Bullets):
            return {"kind": "list", "items": [self.spans(item) for item in block.items]}
        named = {
            "id": self.plan.anchors.get(block.key, ""),
            "label": self.plan.labels.get(block.key, ""),
            "caption": _words(block.caption),
        }
        return named | (self.table(block) if isinstance(block, Table) else self.picture(block))

    def table(self, block: Table) -> dict[str, Any]:
        fit = fitted(block, *(_BRIEF if self.document.brief else _REPORT))
        return {
            "kind": "table",
            "size": fit.points,
            "columns": [{"title": _words(c.title), "align": c.align} for c in block.columns],
            "shares": fit.shares,
            "rows": [[_words(cell) for cell in row] for row in block.rows],
            "note": self.spans(block.note),
        }

    def picture(self, block: Picture) -> dict[str, Any]:
        self.drawn += 1
        small = shrunk(block.path)
        name = f"{self.drawn}.png"
        (self.folder / name).write_bytes(small.data)
        return {
            "kind": "picture",
            "path": name,
            "alt": plain(block.alt),
            "share": block.share,
            "tall": block.share == 1 and small.height > _TALL * small.width,
        }


def _words(text: str) -> str:
    return _kept(plain(text))


def _kept(text: str) -> str:
    """Replace what our font cannot draw; blanks at the ends part words from references."""
    inner = printable(text, most=_LONGEST)
    before = " " if text[:1].isspace() and inner else ""
    return before + inner + (" " if text[-1:].isspace() and inner else "")
