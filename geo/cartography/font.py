"""The Chinese font that travels with the package: a bare machine has none.

Atlas Sans SC is a renamed subset of Noto Sans CJK SC under the SIL Open Font License 1.1
(``fonts/OFL.txt``), made by ``scripts/build_font.py``.
"""

import base64
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.ft2font import FT2Font

__all__ = [
    "FAMILY",
    "LABEL",
    "PAGE_STACK",
    "advance",
    "covers",
    "font_path",
    "font_properties",
    "missing_glyphs",
    "page_font_face",
    "printable",
    "register_font",
]

#: Family name of the shipped font, unlike that of any installed font.
FAMILY = "Atlas Sans SC"
#: CSS fonts of Chinese desktops, then the one embedded in the page.
PAGE_STACK = (
    '"Microsoft YaHei","PingFang SC","Source Han Sans SC","Noto Sans CJK SC","Noto Sans SC",'
    f'"WenQuanYi Micro Hei","{FAMILY}",sans-serif'
)
#: Characters a label of a print figure may have.
LABEL = 80
#: Stands for a character without a glyph.
GETA = "〓"
_APOSTROPHE = re.compile(r"(?<=[A-Za-z])’(?=[A-Za-z])")
_FOLDER = "fonts"
# Size at which widths are read; they scale.
_UNITS = 100
_PRINT_FONT = "AtlasSansSC-Regular.otf"
_PAGE_FONT = "AtlasSansSC-Regular-page.woff2"


def font_path() -> Path:
    """Return the path of the OpenType font for print figures.

    Returns
    -------
    pathlib.Path
        GB 2312, Latin-1 and the names of all units.

    Examples
    --------
    >>> font_path().suffix
    '.otf'
    """
    return Path(str(files("geo.cartography") / _FOLDER / _PRINT_FONT))


def font_properties(size: float = 9.0) -> "FontProperties":
    """Return matplotlib font properties that point at the file, touching no global state.

    Parameters
    ----------
    size : float
        Size in points.

    Returns
    -------
    matplotlib.font_manager.FontProperties
        For the ``font`` or ``fontproperties`` argument of any text.

    Examples
    --------
    >>> font_properties(12).get_size()
    12.0
    """
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 - matplotlib is heavy

    return FontProperties(fname=str(font_path()), size=size)


def register_font() -> str:
    """Make the font known to matplotlib by its family name.

    The figures of this package do not need it; notebooks that draw their own do.

    Returns
    -------
    str
        The family name to put into ``rcParams["font.family"]``.

    Examples
    --------
    >>> register_font()
    'Atlas Sans SC'
    """
    from matplotlib.font_manager import fontManager  # noqa: PLC0415 - matplotlib is heavy

    if all(entry.name != FAMILY for entry in fontManager.ttflist):
        fontManager.addfont(str(font_path()))
    return FAMILY


def missing_glyphs(text: str) -> tuple[str, ...]:
    """Return the characters of a text that the print font cannot draw.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    tuple[str, ...]
        Distinct characters in code order; white space is never missing.

    Examples
    --------
    >>> missing_glyphs("宿州市埇桥区 −1 ≤ ①")
    ()
    >>> missing_glyphs("x\U0001f600")
    ('😀',)
    """
    charmap = _charmap()
    return tuple(c for c in sorted(set(text)) if not c.isspace() and ord(c) not in charmap)


def covers(text: str) -> bool:
    """Tell whether the print font has every character of a text.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        True when nothing would show as a box.

    Examples
    --------
    >>> covers("算力地图"), covers("😀")
    (True, False)
    """
    return not missing_glyphs(text)


def printable(text: str, *, most: int = LABEL) -> str:
    r"""Replace what the print font cannot draw by the geta mark 〓, as printers do.

    Parameters
    ----------
    text : str
        Any text.
    most : int
        Characters it may have; a longer text is cut off with an ellipsis, since paper does
        not scroll.

    Returns
    -------
    str
        The text without white boxes; line breaks and tabs become blanks.

    Examples
    --------
    >>> printable("算力😀\n地图")
    '算力〓 地图'
    >>> printable("x" * 100, most=5)
    'xxxx…'
    """
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    # The Chinese face draws this apostrophe a full width wide, which tears English words apart.
    text = _APOSTROPHE.sub("'", text)
    absent = dict.fromkeys(map(ord, missing_glyphs(text)), GETA)
    return " ".join(text.translate(absent).split())


@cache
def advance(sign: str) -> float:
    """Return how far a character moves the pen.

    Parameters
    ----------
    sign : str
        One character.

    Returns
    -------
    float
        As a share of the size of the type; kerning is left out.

    Examples
    --------
    >>> round(advance("算"), 3), round(advance("1"), 3)
    (1.0, 0.555)
    """
    from matplotlib.ft2font import LoadFlags  # noqa: PLC0415 - matplotlib is heavy

    glyph = _face().load_char(ord(sign), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / _UNITS


@cache
def page_font_face() -> str:
    """Return the CSS rule that embeds the page font as a data URI.

    Browsers decode it only where no font before it in :data:`PAGE_STACK` is installed.

    Returns
    -------
    str
        One ``@font-face`` rule.

    Examples
    --------
    >>> page_font_face().startswith('@font-face{font-family:"Atlas Sans SC"')
    True
    """
    data = (files("geo.cartography") / _FOLDER / _PAGE_FONT).read_bytes()
    code = base64.b64encode(data).decode("ascii")
    return (
        f'@font-face{{font-family:"{FAMILY}";font-display:swap;'
        f'src:url(data:font/woff2;base64,{code}) format("woff2")}}'
    )


@cache
def _face() -> "FT2Font":
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415 - matplotlib is heavy

    face = FT2Font(str(font_path()))
    face.set_size(_UNITS, 72)
    return face


@cache
def _charmap() -> frozenset[int]:
    return frozenset(int(code) for code in _face().get_charmap())
