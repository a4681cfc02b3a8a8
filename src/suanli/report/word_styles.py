"""Styles, numbering and settings of Word files: real headings and captions, Chinese fonts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from suanli.report.document import Document

__all__ = ["Look", "NAMESPACES", "look_of", "numbering_xml", "settings_xml", "styles_xml"]

NAMESPACES: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_BODY: Final = ("Times New Roman", "SimSun")
_HEAD: Final = ("Arial", "SimHei")
_BLUE: Final = "12344D"
_GREY: Final = "4D5A64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Measures of a file.

    Attributes
    ----------
    points : Mapping[str, float]
        Size of type by style.
    margins : tuple[int, int, int]
        Top, sides and bottom in twentieths of a point.
    line : int
        Height of a line of running text in 240ths.
    after : int
        Space below a paragraph in twentieths of a point.
    indent : bool
        Whether paragraphs begin two characters further in, as Chinese ones do.
    """

    points: Mapping[str, float]
    margins: tuple[int, int, int]
    line: int
    after: int
    indent: bool


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
        points = {"body": 9.5, "title": 17, "subtitle": 10.5, "h1": 11, "h2": 10, "h3": 9.5,
                  "caption": 9, "table": 8.5, "note": 8, "toc": 9.5}  # fmt: skip
        return Look(points=points, margins=(850, 1020, 740), line=264, after=40, indent=False)
    points = {"body": 11, "title": 24, "subtitle": 14, "h1": 16, "h2": 13.5, "h3": 12,
              "caption": 10, "table": 9.5, "note": 9, "toc": 11}  # fmt: skip
    indent = document.lang.startswith("zh")
    return Look(points=points, margins=(1440, 1361, 1304), line=340, after=120, indent=indent)


def styles_xml(look: Look) -> str:
    """Write the styles: East Asian fonts in every one.

    Parameters
    ----------
    look : Look
        Measures.

    Returns
    -------
    str
        The children of ``w:styles`` in one element of that name.

    Examples
    --------
    >>> from docx.oxml import parse_xml
    >>> look = look_of(Document(lang="en", title="", subtitle=""))
    >>> len(parse_xml(styles_xml(look))) > 15
    True
    """
    size, tight = look.points, '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
    body = f'<w:spacing w:after="{look.after}" w:line="{look.line}" w:lineRule="auto"/>'
    indent = '<w:ind w:firstLine="440" w:firstLineChars="200"/><w:jc w:val="both"/>' if look.indent else ""
    wide = 1 if look.points["body"] > 10 else 0.45  # noqa: PLR2004 - a brief is dense
    parts = [
        f"<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts(_BODY)}"
        f'{_sized(size["body"])}<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>",
        _style("Normal", "Normal", f"{body}", size["body"], default=True),
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>',
        _table_styles(),
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/>'
        "<w:semiHidden/></w:style>",
        _style("BodyText", "Body Text", indent, size["body"]),
        _style("Title", "Title", f'<w:keepNext/>{_room(240 * wide, 120 * wide)}<w:jc w:val="left"/>',
               size["title"], head=True, colour=_BLUE),
        _style("Subtitle", "Subtitle", _room(0, 200 * wide), size["subtitle"], head=True, colour=_GREY),
    ]  # fmt: skip
    for level, (before, after) in enumerate(((480, 160), (320, 120), (240, 80)), start=1):
        numbered = f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="1"/></w:numPr>'
        parts.append(
            _style(
                f"Heading{level}", f"heading {level}",
                f"<w:keepNext/><w:keepLines/>{numbered if wide == 1 else ''}"
                f'{_room(before * wide, after * wide)}<w:outlineLvl w:val="{level - 1}"/>',
                size[f"h{level}"], head=True, bold=True, colour=_BLUE, after="BodyText",
            )
        )  # fmt: skip
    parts += [
        _style("Caption", "caption", f'{_room(80, 80)}<w:jc w:val="left"/>', size["caption"], head=True),
        _style("Figure", "Figure", f'<w:keepNext/>{_room(160 * wide, 40)}<w:jc w:val="center"/>', size["body"]),
        _style("ListBullet", "List Bullet", '<w:numPr><w:numId w:val="2"/></w:numPr><w:contextualSpacing/>', size["body"]),
        _style("TOCHeading", "TOC Heading", f'<w:keepNext/>{_room(360, 120)}', size["h1"], head=True,
               bold=True, colour=_BLUE),
        _style("TOC1", "toc 1", '<w:spacing w:before="80" w:after="40"/>', size["toc"]),
        _style("TOC2", "toc 2", '<w:spacing w:before="0" w:after="20"/><w:ind w:left="420"/>', size["toc"]),
        _style("Header", "header", '<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="3" w:color="B8C4CC"/></w:pBdr>'
               f'{tight}<w:jc w:val="center"/>', size["note"], colour=_GREY),
        _style("Footer", "footer", f'{tight}<w:jc w:val="center"/>', size["note"], colour=_GREY),
        _style("TableText", "Table Text", f'{tight}<w:jc w:val="left"/>', size["table"]),
        _style("TableNumber", "Table Number", f'{tight}<w:jc w:val="right"/>', size["table"]),
        _style("TableNote", "Table Note", f'{_room(60, 240 * wide)}', size["note"], colour=_GREY),
        _style("Caveat", "Caveat", '<w:pBdr><w:left w:val="single" w:sz="24" w:space="8" w:color="B86E00"/></w:pBdr>'
               f'<w:shd w:val="clear" w:color="auto" w:fill="FDF6EA"/>{_room(120 * wide, 160 * wide)}'
               '<w:ind w:left="240"/>', size["body"]),
        "</w:styles>",
    ]  # fmt: skip
    return "".join(parts)


def numbering_xml() -> str:
    """Write the numbering of chapters and the bullets of lists.

    Returns
    -------
    str
        The children of ``w:numbering`` in one element of that name.

    Examples
    --------
    >>> "Heading3" in numbering_xml()
    True
    """
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        f'<w:pStyle w:val="Heading{level + 1}"/><w:suff w:val="space"/>'
        f'<w:lvlText w:val="{".".join(f"%{k + 1}" for k in range(level + 1))}"/>'
        '<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
        for level in range(3)
    )
    bullet = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:pStyle w:val="ListBullet"/>'
        '<w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="360" w:hanging="240"/></w:pPr>'
        f"<w:rPr>{_fonts(_BODY)}</w:rPr></w:lvl>"
    )
    return (
        f"<w:numbering {NAMESPACES}>"
        f'<w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="multilevel"/>{levels}'
        f'</w:abstractNum><w:abstractNum w:abstractNumId="2"><w:multiLevelType w:val="singleLevel"/>'
        f"{bullet}</w:abstractNum>"
        '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num></w:numbering>'
    )


def settings_xml() -> str:
    """Write the settings: no prompt on opening, the layout of Word since 2013.

    Returns
    -------
    str
        The children of ``w:settings`` in one element of that name.

    Examples
    --------
    >>> "updateFields" in settings_xml()
    False
    """
    compat = "".join(
        '<w:compatSetting w:uri="http://schemas.microsoft.com/office/word" '
        f'w:name="{name}" w:val="{value}"/>'
        for name, value in (
            ("compatibilityMode", 15),
            ("overrideTableStyleFontSizeAndJustification", 1),
            ("enableOpenTypeFeatures", 1),
            ("doNotFlipMirrorIndents", 1),
        )
    )
    return (
        f'<w:settings {NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/>'
        f"<w:compat><w:useFELayout/>{compat}</w:compat>"
        '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/><w:decimalSymbol w:val="."/>'
        '<w:listSeparator w:val=","/></w:settings>'
    )


def _style(
    key: str,
    name: str,
    paragraph: str,
    points: float,
    *,
    head: bool = False,
    bold: bool = False,
    colour: str = "",
    **more: bool | str,
) -> str:
    """Write a paragraph style; ``default`` makes it that of all, ``after`` names the next."""
    default = bool(more.get("default"))
    based = "" if default else '<w:basedOn w:val="Normal"/>'
    following = f'<w:next w:val="{more["after"]}"/>' if "after" in more else ""
    return (
        f'<w:style w:type="paragraph"{" w:default=" + chr(34) + "1" + chr(34) if default else ""} '
        f'w:styleId="{key}"><w:name w:val="{name}"/>{based}{following}<w:qFormat/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{_fonts(_HEAD if head else _BODY)}"
        f"{'<w:b/><w:bCs/>' if bold else ''}"
        f"{f'<w:color w:val={chr(34)}{colour}{chr(34)}/>' if colour else ''}{_sized(points)}"
        "</w:rPr></w:style>"
    )


def _fonts(pair: tuple[str, str]) -> str:
    latin, chinese = pair
    return (
        f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{chinese}" w:cs="{latin}"/>'
    )


def _sized(points: float) -> str:
    return f'<w:sz w:val="{round(points * 2)}"/><w:szCs w:val="{round(points * 2)}"/>'


def _room(before: float, after: float) -> str:
    return f'<w:spacing w:before="{round(before)}" w:after="{round(after)}"/>'


def _table_styles() -> str:
    """Write the table with three rules that Chinese papers use, as a style that can be changed."""
    margins = "".join(
        f'<w:{side} w:w="{width}" w:type="dxa"/>'
        for side, width in (("top", 20), ("left", 70), ("bottom", 20), ("right", 70))
    )
    fonts = _fonts(_BODY)
    return (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        f'<w:semiHidden/><w:rPr>{fonts}</w:rPr><w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr>'
        '</w:style><w:style w:type="table" w:styleId="AtlasTable"><w:name w:val="Atlas Table"/>'
        f'<w:basedOn w:val="TableNormal"/><w:qFormat/><w:rPr>{fonts}</w:rPr><w:tblPr><w:tblBorders>'
        f'<w:top w:val="single" w:sz="12" w:space="0" w:color="{_BLUE}"/>'
        f'<w:bottom w:val="single" w:sz="12" w:space="0" w:color="{_BLUE}"/>'
        '<w:insideH w:val="single" w:sz="4" w:space="0" w:color="DDE3E7"/>'
        f"</w:tblBorders><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>"
        f'<w:tblStylePr w:type="firstRow"><w:rPr>{_fonts(_HEAD)}<w:b/><w:bCs/></w:rPr><w:tcPr>'
        f'<w:tcBorders><w:bottom w:val="single" w:sz="6" w:space="0" w:color="{_BLUE}"/></w:tcBorders>'
        "</w:tcPr></w:tblStylePr></w:style>"
    )
