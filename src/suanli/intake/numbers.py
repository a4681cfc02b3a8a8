"""Numbers as people write them in tables: what a cell says, or why it says nothing."""

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

__all__ = ["MISSING", "Reading", "ReadingKind", "read_number"]

ReadingKind = Literal[
    "number", "missing", "bound", "range", "approximate", "comma", "date", "not_finite", "none"
]
"""What a cell holds.

``number``: a number; ``missing``: a mark for no value; ``bound``: ``<0.1``, ``5以上``; ``range``:
``5-6``; ``approximate``: ``约5``, ``5.3(估)``; ``comma``: ``1,25``, of which nobody knows whether
it is 1.25 or 125; ``date``: what Excel made of something else; ``not_finite``: NaN, infinity, or
too large for a number; ``none``: text.
"""

MISSING: Final = frozenset(
    {"", "-", "--", "---", "–", "—", "——", "———", "...", "......", "..", ".", "/", "//", "\\", "|"}
    | {
        "无",
        "暂无",
        "暂缺",
        "缺",
        "缺失",
        "空",
        "空值",
        "无数据",
        "暂无数据",
        "数据缺失",
        "未提供",
        "未报送",
        "保密",
        "未公布",
        "未统计",
        "不详",
        "待定",
    }
    | {"n/a", "na", "n.a.", "null", "none", "*", "**", "○", "◯", "〇", "×", "□", "■", "?", "x"}
)
"""Marks for no value, width folded and in small letters."""

_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_GROUPED: Final = r"[+-]?\d{1,3}(?:[,'’ ]\d{3})+(?:\.\d+)?"
_GROUPED_BY_FOUR: Final = r"[+-]?\d{1,4}(?:,\d{4}){2,}(?:\.\d+)?"
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d{1,2}|[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d+,\d{4,}")
_FOOTNOTE: Final = re.compile(r"(?:[*#†‡①-⑳⑴-⒇¹²³]|\[\d{1,2}\]|\((?:注?\d{1,2}|注)\)|注\d{0,2})+$")
_ESTIMATE: Final = re.compile(
    r"\((?:估|预|预计|估计|估算|估算值|初步|初步核算|快报|e)\)$|(?:左右|上下)$|(?<=\d)[ep]$"
)
_ABOUT: Final = re.compile(r"^(?:约|約|大约|大約|近|将近|≈|~|∼|接近)")
_BOUND: Final = re.compile(
    r"^(?:<=?|>=?|≤|≥|⩽|⩾|不足|低于|少于|高于|大于|小于|超过|超|不低于|不少于)\s*(?P<a>\S+)$"
    r"|^(?P<b>\S+?)(?:以上|以下|以内|多|余|\+)$"
)
_RANGE: Final = re.compile(
    rf"^({_NUMBER})(?:%|[^\d\-~至到.]{{0,4}})?(?:-|–|—|~|∼|至|到)({_NUMBER})(.*)$"
)
_NOT_FINITE: Final = re.compile(r"[+-]?(?:nan|inf|infinity|∞|1\.#inf|1\.#qnan)")
_DATE: Final = re.compile(
    r"\d{1,2}月\d{1,2}日|\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?(?: .*)?|\d{4}年\d{1,2}月"
    r"|\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:-\d{2,4})?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*-\d{1,4}"
)
_NO_UNIT: Final = re.compile(r"[\d,.;:+\-~<>*#①-⑳()\[\]]|以上|以下|余|多|左右")
_LONGEST_UNIT: Final = 12
# EFLOPS (FP16): the precision belongs to the unit.
_PRECISION: Final = re.compile(r"[\s(@-]*(?:fp|bf|int)\s?\d{1,2}\)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a cell says.

    Attributes
    ----------
    kind : str
        See :data:`ReadingKind`.
    value : float
        The number; of a bound the bound, of a range its middle, of an approximation what it
        is about; NaN where there is none.
    unit : str
        What stood behind the number, such as ``"%"`` or ``"亿元"``.
    mended : tuple[str, ...]
        What had to be put right: ``width``, ``thousands``, ``footnote``.
    """

    kind: ReadingKind
    value: float = math.nan
    unit: str = ""
    mended: tuple[str, ...] = ()


@lru_cache(maxsize=65536)
def read_number(text: str) -> Reading:
    """Read what a cell says.

    Parameters
    ----------
    text : str
        The cell.

    Returns
    -------
    Reading
        The number, or why there is none.

    Examples
    --------
    >>> read_number("１,２３４．５").value, read_number("12.5①").mended, read_number("12%").unit
    (1234.5, ('footnote',), '%')
    >>> [read_number(text).kind for text in ("—", "1,25", "5-6", "<0.1", "约5", "1e400", "多")]
    ['missing', 'comma', 'range', 'bound', 'approximate', 'not_finite', 'none']
    """
    text = _superscripts(text)
    folded = unicodedata.normalize("NFKC", text).replace("−", "-").replace("－", "-")
    plain = re.sub(r"[\u00ad\u200b-\u200f\u2060\ufeff]", "", folded).strip().casefold()
    bare = plain.lstrip("'").strip()
    if re.sub(r"\s", "", bare) in MISSING:
        return Reading(kind="missing")
    width = ("width",) if bare != text.strip().casefold() else ()
    simple = _simple(bare)
    if simple is None:
        stripped = _FOOTNOTE.sub("", bare).strip()
        if stripped != bare:
            if stripped in MISSING:
                return Reading(kind="missing")
            simple = _simple(stripped)
            width = (*width, "footnote")
    if simple is not None:
        return Reading(
            kind=simple.kind,
            value=simple.value,
            unit=simple.unit,
            mended=tuple(dict.fromkeys((*width, *simple.mended))),
        )
    return _qualified(bare)


def _simple(bare: str) -> Reading | None:
    """Read a plain number with or without something behind it."""
    if _NOT_FINITE.fullmatch(bare):
        return Reading(kind="not_finite")
    if _DATE.fullmatch(bare):
        return Reading(kind="date")
    if _DECIMAL_COMMA.fullmatch(bare) and not re.fullmatch(_GROUPED_BY_FOUR, bare):
        return Reading(kind="comma")
    found = re.match(
        rf"(?P<n>{_GROUPED}(?![\d,])|{_GROUPED_BY_FOUR}(?![\d,])|{_NUMBER})(?P<u>.*)$", bare
    )
    if found is None or not _may_be_unit(found["u"].strip()):
        return None
    digits = re.sub(r"[,'’ ]", "", found["n"])
    value = float(digits)
    if not math.isfinite(value):
        return Reading(kind="not_finite")
    mended = ("thousands",) if digits != found["n"] else ()
    return Reading(kind="number", value=value, unit=found["u"].strip(), mended=mended)


def _qualified(bare: str) -> Reading:
    """Read a number that is only about right."""
    estimate = _ABOUT.sub("", _ESTIMATE.sub("", bare)).strip()
    if estimate != bare:
        inner = _simple(estimate)
        if inner is not None and inner.kind == "number":
            return Reading(kind="approximate", value=inner.value, unit=inner.unit)
    found = _BOUND.match(bare)
    if found:
        inner = _simple(found["a"] or found["b"])
        if inner is not None and inner.kind == "number":
            return Reading(kind="bound", value=inner.value, unit=inner.unit)
    found = _RANGE.match(bare)
    if found and _may_be_unit(found[3].strip()):
        low, high = float(found[1]), float(found[2])
        return Reading(kind="range", value=(low + high) / 2, unit=found[3].strip())
    return Reading(kind="none")


def _may_be_unit(rest: str) -> bool:
    """Tell whether what follows a number may be its unit: short, and not a digit or mark."""
    plain = re.sub(r"m[23](?!\d)", "m", _PRECISION.sub("", rest))
    return len(plain) <= _LONGEST_UNIT and not _NO_UNIT.search(plain)


def _superscripts(text: str) -> str:
    """Keep NFKC from making digits of footnote marks: 12.5① would become 12.51."""
    return re.sub(r"(?<=[\d.%）)])\s*([①-⑳⑴-⒇¹²³]+)\s*$", lambda found: "*" * len(found[1]), text)
