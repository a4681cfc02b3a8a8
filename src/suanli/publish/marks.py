"""Text with what a reader cannot see in it marked: blanks, full-width forms, invisible signs."""

import unicodedata
from itertools import groupby
from typing import Final

__all__ = ["Marked", "marked", "plain"]

Marked = str | list[tuple[str, str]]
"""A text without marks, or its pieces: kind and text. Kinds are ``""`` plain, ``"s"`` blanks,
``"f"`` full-width forms, ``"c"`` the name of a sign that shows nothing or steers the line."""

_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_NAMES: Final = {"\t": "TAB", "\n": "LF", "\r": "CR"}
_FULL: Final = range(0xFF01, 0xFF5F)


def marked(text: str, other: str = "", *, value: bool = True) -> Marked:
    r"""Split a text where its look deceives.

    Parameters
    ----------
    text : str
        The text.
    other : str
        What it became, or was before: full-width punctuation found there too is no difference.
    value : bool
        Whether it is the content of a cell. In sentences blanks and full-width forms are as
        they should be, and only unseen signs are marked.

    Returns
    -------
    str or list[tuple[str, str]]
        The text itself where nothing needs a mark, else its pieces. Signs that show nothing
        are replaced by their code points, so the result is safe to display.

    Examples
    --------
    >>> marked("１2 ", "12")
    [('f', '１'), ('', '2'), ('s', ' ')]
    >>> marked("a\u202eb", value=False)
    [('', 'a'), ('c', 'U+202E'), ('', 'b')]
    >>> marked("北京市")
    '北京市'
    """
    figures = any(char.isdigit() for char in text)
    kinds = [(_kind(char, other, value=value, figures=figures), char) for char in text]
    if not any(kind for kind, _ in kinds):
        return text
    pieces: list[tuple[str, str]] = []
    for kind, group in groupby(kinds, key=lambda pair: pair[0]):
        chars = [char for _, char in group]
        pieces += [(kind, _code(c)) for c in chars] if kind == "c" else [(kind, "".join(chars))]
    return pieces


def plain(text: str) -> str:
    r"""Replace signs that show nothing or steer the line by their code points.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        Safe to display where pieces cannot be told apart.

    Examples
    --------
    >>> plain("a\x1b[2Jb")
    'aU+001B[2Jb'
    """
    pieces = marked(text, value=False)
    return pieces if isinstance(pieces, str) else "".join(piece for _, piece in pieces)


def _kind(char: str, other: str, *, value: bool, figures: bool) -> str:
    category = unicodedata.category(char)
    if category in _UNSEEN:
        return "c"
    if not value:
        return ""
    if category == "Zs":
        return "s"
    if ord(char) not in _FULL:
        return ""
    # Full-width punctuation is Chinese; beside figures it may stand for a point or a sign.
    return "f" if char.isalnum() or (figures and char not in other) else ""


def _code(char: str) -> str:
    return _NAMES.get(char, f"U+{ord(char):04X}")
