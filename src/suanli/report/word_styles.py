"""Styles, numbering and settings of Word files: real headings and captions, Chinese fonts."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Final

from suanli.report.document import Document

__all__ = ["NAMESPACES", "Look", "look_of", "numbering_xml", "settings_xml", "styles_xml"]

NAMESPACES: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_REPORT: Final[Mapping[str, float]] = {
    "body": 10.5,
    "title": 24,
    "subtitle": 14,
    "h1": 16,
    "h2": 13.5,
    "h3": 12,
    "caption": 10,
    "table": 9.5,
    "note": 9,
    "toc": 10,
}
# Heights of lines in points, the same whatever font a machine sets in place of ours.
_LEADS: Final[Mapping[str, float]] = {
    "body": 18,
    "title": 34,
    "subtitle": 20,
    "h1": 24,
    "h2": 20,
    "h3": 18,
    "caption": 15,
    "table": 13.5,
    "note": 13,
    "toc": 13.5,
}
_BRIEF: Final[Mapping[str, float]] = {
    "body": 9.5,
    "title": 17,
    "subtitle": 10.5,
    "h1": 11,
    "h2": 10,
    "h3": 9.5,
    "caption": 9,
    "table": 8.5,
    "note": 8,
    "toc": 9.5,
}
_ROOMS: Final = (80, 120, 160, 200, 240, 320, 480)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Measures of a file.

    Attributes
    ----------
    points : Mapping[str, float]
        Size of type by style.
    margins : tuple[int, int, int]
        Top, sides and bottom in twentieths of a point.
    leads : Mapping[str, float]
        Exact height of a line in points by style; a brief has none, and takes what its fonts
        need.
    after : int
        Space below a paragraph in twentieths of a point.
    room : float
        Share of the space around headings and tables that is kept.
    indent : bool
        Whether paragraphs begin two characters further in, as Chinese ones do.
    numbered : bool
        Whether chapters have numbers.
    """

    points: Mapping[str, float]
    margins: tuple[int, int, int]
    leads: Mapping[str, float]
    after: int
    room: float
    indent: bool
    numbered: bool


def look_of(document: Document) -> Look:
    """Choose the measures of a file.

    Parameters
    ----------
    document : Document
        A report, or a brief that has to fit on one page.

    Returns
    -------
    Look
        Measures.

    Examples
    --------
    >>> look_of(Document(lang="zh-CN", title="", subtitle="")).indent
    True
    """
    if document.brief:
        return Look(
            points=_BRIEF,
            margins=(850, 1020, 740),
            leads={},
            after=40,
            room=0.45,
            indent=False,
            numbered=False,
        )
    return Look(
        points=_REPORT,
        margins=(1440, 1361, 1304),
        leads=_LEADS,
        after=120,
        room=1.0,
        indent=document.lang.startswith("zh"),
        numbered=True,
    )


def styles_xml(look: Look) -> str:
    """Write the styles: East Asian fonts in every one.

    Parameters
    ----------
    look : Look
        Measures.

    Returns
    -------
    str
        A ``w:styles``.

    Examples
    --------
    >>> styles_xml(look_of(Document(lang="en", title="", subtitle=""))).count("SimSun") > 10
    True
    """
    indent = '<w:ind w:firstLine="420" w:firstLineChars="200"/><w:jc w:val="both"/>'
    numbered = {
        f"numbered_{level}": f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="1"/></w:numPr>'
        if look.numbered
        else ""
        for level in (1, 2, 3)
    }
    return _filled(
        "styles",
        after=str(look.after),
        indent=indent if look.indent else "",
        **numbered,
        **{f"lead_{key}": _lead(look, key) for key in _LEADS},
        **{f"size_{key}": _sized(points) for key, points in look.points.items()},
        **{f"room_{room}": str(round(room * look.room)) for room in _ROOMS},
    )


def numbering_xml() -> str:
    """Write the numbering of chapters and the bullets of lists.

    Returns
    -------
    str
        A ``w:numbering``.

    Examples
    --------
    >>> "Heading3" in numbering_xml()
    True
    """
    return _filled("numbering")


def settings_xml() -> str:
    """Write the settings: no prompt on opening, the layout of Word since 2013.

    Returns
    -------
    str
        A ``w:settings``.

    Examples
    --------
    >>> "updateFields" in settings_xml()
    False
    """
    return _filled("settings")


def _filled(name: str, **values: str) -> str:
    source = files("suanli.report") / "templates" / f"{name}.xml"
    return Template(source.read_text(encoding="utf-8")).substitute(
        namespaces=NAMESPACES,
        body=_fonts("Times New Roman", "SimSun"),
        head=_fonts("Arial", "SimHei"),
        **values,
    )


def _lead(look: Look, style: str) -> str:
    if style in look.leads:
        return f'w:line="{round(20 * look.leads[style])}" w:lineRule="exact"'
    return f'w:line="{240 if style == "table" else 264}" w:lineRule="auto"'


def _fonts(latin: str, chinese: str) -> str:
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{chinese}" w:cs="{latin}"/>'


def _sized(points: float) -> str:
    return f'<w:sz w:val="{round(points * 2)}"/><w:szCs w:val="{round(points * 2)}"/>'
