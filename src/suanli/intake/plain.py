"""Names without what is no part of them."""

import re
import unicodedata
from typing import Final

__all__ = ["plain_name"]

# Blanks, zero-width marks, bidirectional marks and the byte order mark.
_INVISIBLE: Final = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_MARKS: Final = re.compile(r"(?:[*#†‡①-⑳]|注\d*|\[\d+\])+$")
_BRACKETS: Final = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")


def plain_name(text: str) -> tuple[str, str]:
    r"""Strip what is no part of a name.

    Parameters
    ----------
    text : str
        A name as written.

    Returns
    -------
    str
        The name without width variants, blanks, invisible marks, footnotes and brackets.
    str
        What stood in the brackets.

    Examples
    --------
    >>> plain_name("\ufeff廊 坊　市（含雄安）*")
    ('廊坊市', '含雄安')
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    plain = plain.strip("'\"‘’“”`")
    inside = "".join(_BRACKETS.findall(plain))
    return _MARKS.sub("", _BRACKETS.sub("", plain)), inside
