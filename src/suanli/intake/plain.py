"""Names without what is no part of them."""

import re
import unicodedata
from typing import Final

__all__ = ["plain_name"]

# Blanks, zero-width marks, bidirectional marks and the byte order mark.
_INVISIBLE: Final = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
# Before width is folded: NFKC makes plain digits of raised and encircled ones.
_RAISED: Final = re.compile(r"[①-⓿⑴-⒛❶-➓¹²³⁰-⁹*＊#＃†‡※§]+|\[\d{1,2}\]")
_MARKS: Final = re.compile(r"(?:注\d*|\[\d+\]|\^\d+|(?<=[\u4e00-\u9fff])\d{1,2}\)?)+$")
# 1、 一、 (一) 1. in front, and the dots and dashes of a list.
_NUMBER: Final = re.compile(
    r"^(?:[(（]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[)）]|(?:\d{1,3}|[一二三四五六七八九十]{1,3})[.、．,，:：]"
    r"|\d{1,3}(?=[\u4e00-\u9fff])|[•·●◆■□▪–—-]+(?=[\u4e00-\u9fff]))"
)
_OF_WHICH: Final = re.compile(r"^其中[:,]?(?=.)")
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
    >>> plain_name("江苏省①"), plain_name("3. 江苏")
    (('江苏省', ''), ('江苏', ''))
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _RAISED.sub("", text)))
    plain = _NUMBER.sub("", _OF_WHICH.sub("", plain.strip("'\"‘’“”`")))
    inside = "".join(_BRACKETS.findall(plain))
    return _MARKS.sub("", _BRACKETS.sub("", plain)), inside
