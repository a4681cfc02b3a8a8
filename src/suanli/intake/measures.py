"""Units of measurement as Chinese statistics write them, and conversion between them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = [
    "Measure",
    "conversion",
    "is_ratio",
    "is_scale",
    "measure",
    "split_heading",
    "with_scale",
]

_SCALES: Final[Mapping[str, float]] = {
    "": 1.0,
    "十": 1e1,
    "百": 1e2,
    "千": 1e3,
    "万": 1e4,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "十亿": 1e9,
    "百亿": 1e10,
    "千亿": 1e11,
    "万亿": 1e12,
}
_SI: Final = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "p": 1e15, "e": 1e18, "z": 1e21}


def _latin(symbol: str, kind: str, *, prefixes: str = " kmgtpez") -> dict[str, tuple[str, float]]:
    return {p.strip() + symbol: (kind, _SI[p.strip()]) for p in prefixes}


# Kind and size of every base unit in that of its kind; Latin ones in small letters, since nobody
# writes milliwatts for megawatts here. Data sizes are decimal, as storage is sold and surveyed.
_BASES: Final[Mapping[str, tuple[str, float]]] = {
    "元": ("money", 1.0),
    "人民币": ("money", 1.0),
    "美元": ("dollar", 1.0),
    "人": ("persons", 1.0),
    "人次": ("visits", 1.0),
    "人年": ("person years", 1.0),
    **dict.fromkeys(
        (
            "个",
            "台",
            "户",
            "家",
            "件",
            "部",
            "套",
            "座",
            "次",
            "条",
            "项",
            "处",
            "块",
            "张",
            "册",
            "辆",
            "所",
            "卡",
        ),
        ("count", 1.0),
    ),
    **dict.fromkeys(("架", "机架", "标准机架", "个标准机架", "个机架", "标准架"), ("racks", 1.0)),
    "米": ("length", 1.0),
    "m": ("length", 1.0),
    **dict.fromkeys(("公里", "千米", "km"), ("length", 1e3)),
    "皮长公里": ("sheath length", 1e3),
    "芯公里": ("core length", 1e3),
    **dict.fromkeys(("平方米", "平米", "m2", "m^2", "㎡"), ("area", 1.0)),
    **dict.fromkeys(("平方公里", "平方千米", "km2", "km^2"), ("area", 1e6)),
    **dict.fromkeys(("公顷", "ha"), ("area", 1e4)),
    "亩": ("area", 1e4 / 15),
    **dict.fromkeys(("千瓦时", "度", "千瓦小时", "kwh", "kw·h"), ("energy", 1.0)),
    **dict.fromkeys(("兆瓦时", "mwh"), ("energy", 1e3)),
    **dict.fromkeys(("吉瓦时", "gwh"), ("energy", 1e6)),
    **dict.fromkeys(("太瓦时", "twh"), ("energy", 1e9)),
    **dict.fromkeys(("瓦", "w"), ("power", 1.0)),
    **dict.fromkeys(("千瓦", "kw"), ("power", 1e3)),
    **dict.fromkeys(("兆瓦", "mw"), ("power", 1e6)),
    **dict.fromkeys(("吉瓦", "gw"), ("power", 1e9)),
    **dict.fromkeys(("千伏安", "kva"), ("apparent power", 1e3)),
    **dict.fromkeys(("吨标准煤", "吨标煤", "tce"), ("coal equivalent", 1.0)),
    **dict.fromkeys(("吨", "t"), ("mass", 1.0)),
    **dict.fromkeys(("千克", "公斤", "kg"), ("mass", 1e-3)),
    **dict.fromkeys(("立方米", "m3", "m^3", "方"), ("volume", 1.0)),
    **_latin("flops", "compute"),
    **_latin("flop/s", "compute"),
    # P and E alone are the trade's short forms; T would be tonnes.
    **{p: ("compute", _SI[p]) for p in ("p", "e", "z")},
    **_latin("b", "data"),
    "字节": ("data", 1.0),
    **_latin("bps", "rate"),
    **_latin("bit/s", "rate"),
    **_latin("b/s", "rate of bytes", prefixes="kmgt"),
    "兆比特每秒": ("rate", 1e6),
    **_latin("iops", "operations", prefixes=" kmg"),
    **dict.fromkeys(("秒", "s"), ("time", 1.0)),
    **dict.fromkeys(("毫秒", "ms"), ("time", 1e-3)),
    **dict.fromkeys(("微秒", "us", "μs"), ("time", 1e-6)),
    **dict.fromkeys(("小时", "h"), ("time", 3600.0)),
    **dict.fromkeys(("℃", "°c", "摄氏度", "度c", "degc"), ("temperature", 1.0)),
    **dict.fromkeys(("%", "百分比", "百分数", "pct"), ("ratio", 1e-2)),
    **dict.fromkeys(("‰", "千分比"), ("ratio", 1e-3)),
    **dict.fromkeys(("1", "0/1", "无量纲", "ratio", "小数"), ("ratio", 1.0)),
    "倍": ("multiple", 1.0),
    **dict.fromkeys(("百分点", "个百分点"), ("percentage points", 1.0)),
    **dict.fromkeys(("分", "点", "指数", "index"), ("points", 1.0)),
}
_PRECISION: Final = re.compile(
    r"(fp\s*4|fp\s*8|fp\s*16|bf\s*16|fp\s*32|fp\s*64|int\s*4|int\s*8|半精度|单精度|双精度)",
    re.IGNORECASE,
)
_SAME: Final = {"半精度": "FP16", "单精度": "FP32", "双精度": "FP64"}
_TAIL: Final = re.compile(r"^(.*\S)\s*[(\[【]([^()\[\]【】]*)[)\]】]\s*$")
_COLON: Final = re.compile(r"^(.*\S)\s*(?:单位|/|,|:)\s*:?\s*(\S+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A unit of measurement.

    Attributes
    ----------
    kinds : tuple[tuple[str, int], ...]
        What it measures: kinds with their powers, such as ``(("money", 1), ("persons", -1))``.
    size : float
        How many base units of those kinds it is.
    precision : str
        The number format of floating-point operations, such as ``"FP16"``; nothing when unsaid.
    """

    kinds: tuple[tuple[str, int], ...]
    size: float
    precision: str = ""


# Units as bilingual yearbooks write them, blanks taken out.
_ENGLISH: Final = (
    ("100million", "亿"),
    ("10,000", "万"),
    ("10000", "万"),
    ("billion", "十亿"),
    ("million", "百万"),
    ("thousand", "千"),
    ("yuan", "元"),
    ("rmb", "元"),
    ("cny", "元"),
    ("persons", "人"),
    ("people", "人"),
    ("person", "人"),
    ("households", "户"),
    ("subscribers", "户"),
    ("sq.km", "km2"),
)
# Bits for bytes, bytes for bits, milli for mega: a factor of eight or a thousand million.
_BITS: Final = re.compile(r"[KMGTPE]b(?!ps|/s|it)|[KMGTPE]B(?:ps|/s)|m[W](?:h|\b)")


@lru_cache(maxsize=4096)
def measure(text: str) -> Measure | None:
    """Read a unit of measurement.

    Parameters
    ----------
    text : str
        Such as ``"万公里"``, ``"元/人"``, ``"EFLOPS (FP16)"``, ``"亿千瓦时"``.

    Returns
    -------
    Measure or None
        None where it is not understood.

    Examples
    --------
    >>> measure("万千瓦/万人").kinds, measure("公里/百平方公里").size
    ((('persons', -1), ('power', 1)), 1e-05)
    >>> measure("EFLOPS（FP16）").precision, measure("P").size == measure("PFLOPS").size
    ('FP16', True)
    >>> measure("100 million yuan") == measure("亿元")
    True
    >>> measure("斤两") is None
    True
    """
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    if _BITS.search(plain):
        return None
    # NFKC makes of ℃ a sign and a letter, of ‰ nothing.
    plain = plain.casefold().replace("每平方公里", "/平方公里").strip("。.;:,")
    if plain.isascii():
        for english, chinese in _ENGLISH:
            plain = plain.replace(english, chinese)
    found = _PRECISION.search(plain)
    precision = ""
    if found:
        precision = _SAME.get(found[1], found[1].upper())
        plain = _PRECISION.sub("", plain).replace("()", "").strip("()@,-_")
    whole = _base(plain)
    read = [whole] if whole else [_base(part) for part in re.split(r"/|每", plain)]
    parts = [part for part in read if part is not None]
    if len(parts) < len(read):
        return None
    kinds: Counter[str] = Counter()
    size = 1.0
    for place, part in enumerate(parts):
        kinds[part[0]] += -1 if place else 1
        size = size / part[1] if place else size * part[1]
    powers = tuple(sorted((kind, power) for kind, power in kinds.items() if power))
    return Measure(kinds=powers, size=size, precision=precision)


def conversion(given: str, wanted: str) -> float | None:
    """Return what values in one unit are multiplied by to be in another.

    Parameters
    ----------
    given, wanted : str
        Units of measurement.

    Returns
    -------
    float or None
        None where they measure different things, among them floating-point operations of
        different precision, or of one precision and an unsaid one; or are not understood.

    Examples
    --------
    >>> conversion("亿元", "万元"), conversion("PFLOPS", "EFLOPS"), conversion("TB", "万GB")
    (10000.0, 0.001, 0.1)
    >>> conversion("EFLOPS (FP16)", "EFLOPS (FP32)") is None, conversion("亿元", "公里") is None
    (True, True)
    """
    if given == wanted:
        return 1.0
    old, new = measure(given), measure(wanted)
    if old is None or new is None or (old.kinds, old.precision) != (new.kinds, new.precision):
        return None
    # A quotient of decimal powers: rounding leaves the exact power where there is one.
    return float(f"{old.size / new.size:.12g}")


def is_ratio(unit: str) -> bool:
    """Tell whether a unit is one of shares.

    Parameters
    ----------
    unit : str
        A unit of measurement.

    Returns
    -------
    bool
        Whether it is.

    Examples
    --------
    >>> is_ratio("%"), is_ratio("1"), is_ratio("亿元"), is_ratio("")
    (True, True, False, False)
    """
    found = measure(unit) if unit else None
    return found is not None and found.kinds == (("ratio", 1),)


def is_scale(unit: str) -> bool:
    """Tell whether a text is a power of ten without a unit: 亿, 万.

    Parameters
    ----------
    unit : str
        What stands for a unit of measurement.

    Returns
    -------
    bool
        Whether it is.

    Examples
    --------
    >>> is_scale("亿"), is_scale("亿元"), is_scale("")
    (True, False, False)
    """
    return bool(unit) and unit in _SCALES


def with_scale(unit: str, wanted: str) -> str:
    """Return the unit that a power of ten alone means beside an indicator.

    Parameters
    ----------
    unit : str
        What stands for a unit of measurement.
    wanted : str
        The unit of the indicator.

    Returns
    -------
    str
        亿元 for the 亿 of money; what was given where there is no such unit, or it is a share.

    Examples
    --------
    >>> with_scale("亿", "万元"), with_scale("万", "%"), with_scale("人", "万人")
    ('亿元', '万', '人')
    """
    if not is_scale(unit) or is_ratio(wanted):
        return unit
    longest = max((len(scale) for scale in _SCALES if wanted.startswith(scale)), default=0)
    whole = unit + wanted[longest:]
    return whole if conversion(whole, wanted) is not None else unit


def split_heading(text: str) -> tuple[str, str]:
    """Take the unit of measurement off a heading.

    Parameters
    ----------
    text : str
        Such as ``"地区生产总值（亿元）"``, ``"机架,万架"``, ``"光缆长度 单位：公里"``.

    Returns
    -------
    str
        The heading without it.
    str
        The unit, nothing where none was recognised.

    Examples
    --------
    >>> split_heading("地区生产总值（亿元）"), split_heading("R&D投入(全社会)")
    (('地区生产总值', '亿元'), ('R&D投入(全社会)', ''))
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    for pattern in (_TAIL, _COLON):
        found = pattern.match(plain)
        unit = found[2].removeprefix("单位").lstrip(":") if found else ""
        if found and unit and measure(unit) is not None:
            title = found[1].removesuffix("单位").rstrip(" ,/:")
            # PFLOPS (FP16): the bracket belongs to the unit.
            return title, unit
    return plain, ""


def _base(text: str) -> tuple[str, float] | None:
    """Read a scale and a base unit; the longest base that leaves a scale."""
    for start in range(len(text)):
        base, scale = text[start:], text[:start]
        if base in _BASES and scale in _SCALES:
            kind, size = _BASES[base]
            return kind, size * _SCALES[scale]
    return None
