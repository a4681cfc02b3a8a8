"""What number formats of spreadsheets show beside, or instead of, the number in a cell."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from suanli.intake.measures import measure
from suanli.intake.sheets import number_text

__all__ = ["section_for", "shown", "shown_per_cent", "shown_scaled", "shown_unit"]

_QUALIFIES: Final = re.compile(r"以[上下内]|余|左右|预|估|目标|规划|计划|^年|^[EF]$")
_BOUND: Final = re.compile(
    r"[<>≤≥≈~＜＞]=?|约|近|超过?|不足|不(?:低|少)于|(?:高|大|多)于|(?:低|小|少)于|不超过|逾|接近"
)
_QUOTED: Final = re.compile(r'("[^"]*"|\\.|_.|\*.)')
_CONDITION: Final = re.compile(r"\[\s*(<=|>=|<>|<|>|=)\s*([+-]?\d+(?:\.\d+)?)\s*\]")
_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_NEGATIVE, _ZERO = 1, 2


@dataclass(frozen=True, slots=True)
class _Section:
    """One section of a format, with the condition under which it is used."""

    code: str
    test: str
    bound: float


def section_for(code: str, value: float) -> str:
    """Return the section of a number format that shows a number.

    Parameters
    ----------
    code : str
        The format, as spreadsheets write it.
    value : float
        The number.

    Returns
    -------
    str
        Its section: by its condition, else the first for numbers above 0, the second for those
        below, the third for 0.

    Examples
    --------
    >>> code = '[>=10000]0.0"万元";0"元"'
    >>> section_for(code, 20000.0), section_for(code, 20.0)
    ('[>=10000]0.0"万元"', '0"元"')
    >>> section_for('0.0;"-"0.0;"无"', 0.0)
    '"无"'
    """
    parts = _sections(code)
    if not any(part.test for part in parts):
        at = _NEGATIVE if value < 0 else _ZERO if value == 0 else 0
        return parts[at].code if at < min(len(parts), 3) else parts[0].code
    plain = []
    for part in parts[:3]:
        if not part.test:
            plain.append(part.code)
        elif _COMPARE[part.test](value, part.bound):
            return part.code
    return plain[-1] if plain else parts[0].code


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    """Take a format apart where semicolons stand outside of quotation marks."""
    texts = [""]
    for piece in _QUOTED.split(code):
        if _QUOTED.fullmatch(piece):
            texts[-1] += piece
        else:
            first, *rest = piece.split(";")
            texts[-1] += first
            texts += rest
    found = [(text, _CONDITION.search(text)) for text in texts]
    return tuple(
        _Section(text, test[1], float(test[2])) if test else _Section(text, "", 0.0)
        for text, test in found
    )


def shown(code: str, value: float) -> tuple[str, str]:
    """Return a number as its format shows it, where that is not what stands in the cell.

    Parameters
    ----------
    code : str
        The format, as spreadsheets write it.
    value : float
        The number in the cell.

    Returns
    -------
    str
        The text: the number, with the sign of per cent, a unit or a bound that the format adds.
    str
        ``"scaled"`` where the format shows it divided, else nothing.

    Examples
    --------
    >>> shown("0.0%", 0.12), shown('0"万元"', 5.0), shown('">"0.0', 5.0)
    (('12%', ''), ('5万元', ''), ('>5', ''))
    >>> shown('[>=10000]0.0,"k";0', 20000.0), shown('[>=10000]0.0,"k";0', 20.0)
    (('20000', 'scaled'), ('20', ''))
    """
    section = section_for(code, value)
    if shown_per_cent(section):
        return f"{_bound(section)}{value * 100:.12g}%", ""
    text = number_text(value)
    if shown_scaled(section):
        return text, "scaled"
    return _bound(section) + text + shown_unit(section), ""


def _bound(section: str) -> str:
    """Return the words in front of a number that make a bound of it."""
    plain = re.sub(r"\[[^\]]*\]|_.|\*.", "", section)
    front = re.split(r"[#0?]|General", re.sub(r"\\(.)", r'"\1"', plain), maxsplit=1)[0]
    said = front.replace('"', "").strip()
    return said if _BOUND.fullmatch(said) else ""


def shown_scaled(code: str) -> bool:
    """Tell whether a number format shows numbers divided by thousands.

    Parameters
    ----------
    code : str
        The section of a format, as spreadsheets write it.

    Returns
    -------
    bool
        Whether a comma stands behind the last digit, as in ``0.0,``, or a dot is typed among
        the digits, as in ``0!.0000"亿"``.

    Examples
    --------
    >>> shown_scaled('0!.0,"万"'), shown_scaled('0!.0000"亿"'), shown_scaled("#,##0.00_)")
    (True, True, False)
    """
    if re.search(r"[0#?](?:[\\!]\.|\"\.\")[0#?]", code):
        return True
    plain = re.sub(r'"[^"]*"|[\\!_*].|\[[^\]]*\]', "", code).partition(";")[0]
    return re.search(r"[0#?],+(?![0#?,])", plain) is not None


def shown_unit(code: str) -> str:
    r"""Return the words that a number format shows behind every number, where they count.

    Parameters
    ----------
    code : str
        The section of a format, as spreadsheets write it.

    Returns
    -------
    str
        A unit of measurement, a scale, or a qualification such as 以上; nothing where the words
        of the format are none of these.

    Examples
    --------
    >>> shown_unit('0.0"万元"'), shown_unit("#,##0亿千瓦时"), shown_unit('0"号"')
    ('万元', '亿千瓦时', '')
    >>> shown_unit(r'_ * #,##0.00\ "万"_ ;_ * -'), shown_unit('0"F"'), shown_unit('0.0"%"')
    ('万', 'F', '%')
    >>> shown_unit('">"0.0"万元"')
    '万元'
    """
    plain = re.sub(r"\[[^\]]*\]|_.|\*.", "", code.partition(";")[0]).replace("General", "0")
    plain = re.sub(r"\\(.)", r'"\1"', plain).replace('""', "")
    words = re.fullmatch(r'\s*(?:"[^"]*")?\s*[#0?][#0?,.\s]*(?:"([^"]+)"|([^\W\d_]+))[)\s]*', plain)
    said = (words[1] or words[2]).strip() if words else ""
    counts = measure(said) is not None or not said.strip("十百千万亿") or _QUALIFIES.search(said)
    return said if counts else ""


def shown_per_cent(code: str) -> bool:
    r"""Tell whether a number format shows numbers a hundred times larger, with a sign.

    Parameters
    ----------
    code : str
        The section of a format, as spreadsheets write it.

    Returns
    -------
    bool
        Whether it does; a sign in quotation marks multiplies nothing.

    Examples
    --------
    >>> shown_per_cent("0.0%"), shown_per_cent('0.0"%"'), shown_per_cent(r"0.0\%")
    (True, False, False)
    """
    return "%" in re.sub(r'"[^"]*"|\\.', "", code)
