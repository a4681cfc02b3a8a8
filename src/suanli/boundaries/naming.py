"""Names, kinds and codes of administrative units."""

import importlib
import re
from pathlib import Path

import pandas as pd

from suanli.errors import InputError, Problem

__all__ = ["EVALUATED_KINDS", "english_name", "kind_of", "pinyin_of", "read_names", "short_name"]

EVALUATED_KINDS = frozenset(
    {
        "municipality",
        "province",
        "autonomous_region",
        "prefecture_city",
        "autonomous_prefecture",
        "prefecture",
        "league",
    }
)

_MUNICIPALITIES = frozenset({"110000", "120000", "310000", "500000"})
_SPECIAL = frozenset({"710000", "810000", "820000"})
_COUNTY_DIRECT = "90"
_ENDINGS = {
    "自治区": "autonomous_region",
    "省": "province",
    "自治州": "autonomous_prefecture",
    "地区": "prefecture",
    "盟": "league",
    "市": "prefecture_city",
}
# Longest first, so that 特别行政区 does not leave 特别行政 behind.
_SUFFIX = re.compile(r"(特别行政区|自治区|自治州|自治县|地区|林区|省|市|盟|县)$")
# The peoples that occur in names of the prefecture level and above; any other would stay in
# the short name, where the tests on lengths and duplicates show it.
_PEOPLES = re.compile(
    "(?:蒙古族|蒙古|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|侗族|白族|土家族|哈尼族|哈萨克|傣族"
    "|黎族|傈僳族|羌族|景颇族|柯尔克孜)+$"
)
_AUTONOMOUS = ("自治区", "自治州", "自治县")
_INNER_MONGOLIA = "内蒙古"
_PINYIN, _PINYIN_VERSION = "pypinyin", "0.55"


def kind_of(name: str, code: str) -> str:
    """Return the kind of a unit from its official name and code.

    Parameters
    ----------
    name : str
        Official name.
    code : str
        Six-digit code.

    Returns
    -------
    str
        ``municipality``, ``province``, ``autonomous_region``, ``special`` (Taiwan, Hong Kong,
        Macao: published apart), ``prefecture_city``, ``autonomous_prefecture``, ``prefecture``,
        ``league`` or ``county_direct`` (run by the province without a prefecture).

    Raises
    ------
    ValueError
        The name has no known ending.

    Examples
    --------
    >>> kind_of("延边朝鲜族自治州", "222400"), kind_of("济源市", "419001")
    ('autonomous_prefecture', 'county_direct')
    """
    if code in _MUNICIPALITIES:
        return "municipality"
    if code in _SPECIAL:
        return "special"
    if code[2:4] == _COUNTY_DIRECT:
        return "county_direct"
    for ending, kind in _ENDINGS.items():
        if name.endswith(ending):
            return kind
    raise ValueError(f"{name} ({code}) has no known kind")


def short_name(name: str) -> str:
    """Return the name without its administrative suffix and peoples.

    Parameters
    ----------
    name : str
        Official name.

    Returns
    -------
    str
        Short name.

    Examples
    --------
    >>> [short_name(name) for name in ("延边朝鲜族自治州", "内蒙古自治区", "大兴安岭地区")]
    ['延边', '内蒙古', '大兴安岭']
    """
    bare = _SUFFIX.sub("", name)
    if name.endswith(_AUTONOMOUS) and bare != _INNER_MONGOLIA:
        bare = _PEOPLES.sub("", bare)
    return bare


def read_names(path: Path) -> pd.DataFrame:
    """Read the names whose pinyin or usual English no rule gives.

    Parameters
    ----------
    path : pathlib.Path
        ``english_names.csv``.

    Returns
    -------
    pandas.DataFrame
        ``pinyin`` and ``name_en``, indexed by level and code.

    Examples
    --------
    >>> from suanli.locations import data_folder
    >>> names = read_names(data_folder() / "reference" / "english_names.csv")
    >>> names.loc[("province", "610000"), "name_en"]
    'Shaanxi'
    """
    table = pd.read_csv(path, dtype=str, index_col=["level", "code"])
    return table[["pinyin", "name_en"]]


def pinyin_of(short: str) -> tuple[str, ...]:
    """Return the syllables of a short name, without tones.

    Parameters
    ----------
    short : str
        Chinese short name.

    Returns
    -------
    tuple of str
        One syllable per character.

    Raises
    ------
    InputError
        ``pypinyin`` is not installed.

    Examples
    --------
    >>> from importlib.util import find_spec
    >>> find_spec("pypinyin") is None or pinyin_of("重庆") == ("chong", "qing")
    True
    """
    # A build tool: running the product does not need it.
    try:
        pypinyin = importlib.import_module("pypinyin")
    except ModuleNotFoundError as error:
        params = {"package": _PINYIN, "version": _PINYIN_VERSION}
        raise InputError([Problem(code="boundaries.source_missing", params=params)]) from error
    return tuple(str(syllable) for syllable in pypinyin.lazy_pinyin(short))


def english_name(syllables: tuple[str, ...]) -> str:
    """Write syllables as one capitalised word, apostrophes where a vowel would run on.

    Parameters
    ----------
    syllables : tuple of str
        Pinyin without tones.

    Returns
    -------
    str
        The romanised name.

    Notes
    -----
    GB/T 16159 puts an apostrophe before a syllable that begins with a, o or e.

    Examples
    --------
    >>> english_name(("xi", "an")), english_name(("chang", "sha"))
    ("Xi'an", 'Changsha')
    """
    joined = syllables[0] + "".join(
        f"'{syllable}" if syllable[0] in "aoe" else syllable for syllable in syllables[1:]
    )
    return joined[0].upper() + joined[1:]
