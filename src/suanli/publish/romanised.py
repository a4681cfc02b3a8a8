"""Search words of units: romanised names, also as people type them, and initials."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

import pandas as pd

__all__ = ["initials", "search_words"]

# Every syllable of standard Chinese without tones; shaan is how 陕 is told from 山.
_SYLLABLE: Final = re.compile(
    r"shaan|(?:[bpmf]|[dtnlgkhjqxrzcsyw]|zh|ch|sh)?"
    r"(?:iang|iong|uang|ueng|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|"
    r"uo|ui|un|ue|ve|a|o|e|i|u|v)"
)
_LONGEST: Final = 6


def search_words(units: pd.DataFrame) -> dict[str, str]:
    """Return the words each unit is found by, beside its name and code.

    Parameters
    ----------
    units : pandas.DataFrame
        Index ``code``; columns ``name``, ``short_name``, ``name_en``, ``pinyin``.

    Returns
    -------
    dict[str, str]
        By code, words separated by blanks: both names, the English name without accents,
        the romanised name, the same without doubled vowels, initials.

    Examples
    --------
    >>> units = pd.DataFrame({"name": ["陕西省"], "short_name": ["陕西"],
    ...     "name_en": ["Shaanxi"], "pinyin": ["shaanxi"]}, index=["610000"])
    >>> search_words(units)["610000"]
    '陕西省 陕西 shaanxi shanxi sx'
    """
    found = {}
    for code, row in units.iterrows():
        said = str(row["pinyin"]).casefold()
        words = [
            str(row["name"]),
            str(row["short_name"]),
            _bare(str(row["name_en"])),
            said,
            said.replace("aa", "a"),
            *initials(said, len(str(row["short_name"]))),
        ]
        found[str(code)] = " ".join(dict.fromkeys(word.replace(" ", "") for word in words if word))
    return found


def initials(romanised: str, syllables: int) -> tuple[str, ...]:
    """Return the first letters of the syllables of a name, in every way it can be cut.

    Parameters
    ----------
    romanised : str
        Syllables run together, without tones.
    syllables : int
        Their number: that of the Chinese characters.

    Returns
    -------
    tuple[str, ...]
        Usually one; none where the name is not standard Chinese of so many syllables.

    Examples
    --------
    >>> initials("xian", 2), initials("chongqing", 2), initials("hulunbeier", 4)
    (('xa',), ('cq',), ('hlbe',))
    """
    return tuple(dict.fromkeys(_cuts(romanised, syllables)))


def _cuts(text: str, syllables: int) -> Iterator[str]:
    if not syllables:
        if not text:
            yield ""
        return
    for size in range(1, min(_LONGEST, len(text)) + 1):
        if _is_syllable(text[:size]):
            for rest in _cuts(text[size:], syllables - 1):
                yield text[0] + rest


@cache
def _is_syllable(text: str) -> bool:
    return _SYLLABLE.fullmatch(text) is not None


def _bare(text: str) -> str:
    """Drop accents: Ürümqi is typed Urumqi."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
