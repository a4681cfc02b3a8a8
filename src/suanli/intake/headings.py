"""What a heading says: a role, an indicator, a year, a unit of measurement."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pandas as pd

from suanli.intake.measures import measure, split_heading
from suanli.intake.table import misspelt, nearest

__all__ = ["ROLES", "Heading", "Headings", "heading_key", "year_of"]

ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    role: tuple(aliases.split())
    for role, aliases in {
        "code": "code adcode 代码 区划代码 行政区划代码 行政代码 地区代码 城市代码 省份代码",
        "name": (
            "name 名称 地区 省份 城市 地市 地级市 省市 省区市 省(区、市) 省、自治区、直辖市 "
            "地区名称 城市名称 省份名称 单位名称 行政区 行政区划 region city province unit_name"
        ),
        "province": "所属省份 所在省份 所属省 所在省 省",
        "level": "level 级别 层级",
        "year": "year 年份 年度 年 时间 统计年度",
        "indicator": "indicator indicator_id 指标 指标名称 指标代码 项目",
        "value": "value 值 数值 指标值 数据",
        "unit": "unit 单位 计量单位",
        "quality": "quality 质量",
        "source": "source source_id 来源 数据来源 资料来源",
        "aside": (
            "序号 编号 no no. id index 备注 说明 注 排名 位次 名次 rank remark note notes "
            "英文名 englishname 拼音 经度 纬度 lon lat 随附数值 shippedvalue"
        ),
    }.items()
}
"""What a column may be called, by what it is; columns "aside" are left out."""

_ROLE: Final = {alias: role for role, aliases in ROLES.items() for alias in aliases}
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)\s*(?:年度|年|fy)?")
_WHOLE_YEAR: Final = re.compile(r"(?:fy)?((?:19|20)\d{2})(?:\.0+)?(?:年度|年末|年底|年)?")
FIRST_YEAR: Final = 1949
LAST_YEAR: Final = 2100


def heading_key(text: str) -> str:
    """Return a heading without width variants, blanks and case, for comparison.

    Parameters
    ----------
    text : str
        A heading.

    Returns
    -------
    str
        The key.

    Examples
    --------
    >>> heading_key("地　区"), heading_key("ＧＤＰ ")
    ('地区', 'gdp')
    """
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]", "", plain).casefold()


def year_of(text: str) -> int | None:
    """Read a year.

    Parameters
    ----------
    text : str
        Such as ``"2023"``, ``"2023年"``, ``"2023.0"``.

    Returns
    -------
    int or None
        The year; None where the text is something else.

    Examples
    --------
    >>> year_of("２０２３年"), year_of("2023年末"), year_of("23") is None
    (2023, 2023, True)
    """
    found = _WHOLE_YEAR.fullmatch(heading_key(text))
    year = int(found[1]) if found else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


_OF_A_YEAR: Final = ("", "年", "末", "年末", "底", "年底", "度", "年度", "全年")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands above a column.

    Attributes
    ----------
    text : str
        As written, the rows of the header joined.
    role : str
        A key of :data:`ROLES`; nothing for a column of values.
    indicator : str
        Identifier of the indicator named.
    year : int or None
        The year named.
    unit : str
        The unit of measurement named.
    more : str
        What it says besides a year and a unit, where it names no indicator.
    nearest : str
        Indicators it resembles, where it names none.
    misspelt : bool
        Whether it resembles one so much that it is taken for a misspelling.
    """

    text: str
    role: str = ""
    indicator: str = ""
    year: int | None = None
    unit: str = ""
    more: str = ""
    nearest: str = ""
    misspelt: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Headings:
    """Reads headings, knowing the indicators.

    Parameters
    ----------
    indicators : pandas.DataFrame
        Text columns ``indicator``, ``name_zh``, ``name_en``, ``unit``.
    simplified : Mapping[str, str]
        Simplified characters by traditional ones.
    adopts : bool, default False
        Whether indicators named in rows that nobody knows are taken as they are.
    level : str
        Level whose indicators these are: rows of another may name others.

    Examples
    --------
    >>> known = Headings(indicators=pd.DataFrame({"indicator": ["gdp"], "unit": ["亿元"],
    ...     "name_zh": ["地区生产总值"], "name_en": ["GRP"]}))
    >>> found = known.read(["2023年", "地区生产总值（亿元）"])
    >>> found.indicator, found.year, found.unit
    ('gdp', 2023, '亿元')
    """

    indicators: pd.DataFrame
    simplified: Mapping[str, str] | None = None
    adopts: bool = False
    level: str = ""

    def read(self, parts: Sequence[str]) -> Heading:
        """Read a heading.

        Parameters
        ----------
        parts : Sequence[str]
            Its cells from top to bottom.

        Returns
        -------
        Heading
            What it says.
        """
        cells = list(dict.fromkeys(self._plain(part) for part in parts if part.strip()))
        text = " ".join(cells)
        role = _ROLE.get(heading_key(text)) or (_ROLE.get(heading_key(cells[0])) if cells else None)
        if role:
            return Heading(text=text, role=role)
        rest: list[str] = []
        year, unit = None, ""
        for cell in cells:
            bare = cell.strip().strip("()（）[]【】").removeprefix("单位:").removeprefix("单位：")
            if year_of(cell) is not None:
                year = year_of(cell)
            elif (rest or year) and measure(bare) is not None and bare not in self._names:
                unit = bare
            else:
                title, own = split_heading(cell)
                rest.append(title)
                unit = own or unit
        title = "".join(rest)
        found = self._indicator(title) or self._indicator(text)
        if not found:
            dated = _YEAR.search(title)
            if dated:
                title = (title[: dated.start()] + title[dated.end() :]).strip(" -_:年")
                year = year or int(dated[1])
                found = self._indicator(title)
        like = "" if found or not title else nearest(title, list(self.titles))
        return Heading(
            text=text,
            indicator=found,
            year=year,
            unit=unit,
            more="" if found or title in _OF_A_YEAR else title,
            nearest="" if like == "-" else like,
            misspelt=bool(like) and misspelt(title, list(self.titles)),
        )

    def _indicator(self, title: str) -> str:
        return self._names.get(heading_key(title), "")

    def _plain(self, text: str) -> str:
        simple = text.translate(self._table)
        return re.sub(r"\s*\n\s*", "", simple).strip(" \t\u3000\ufeff\u200b")

    @cached_property
    def _table(self) -> dict[int, str]:
        return {ord(old): new for old, new in (self.simplified or {}).items()}

    @cached_property
    def titles(self) -> dict[str, str]:
        """Identifiers of indicators by everything they are called."""
        columns = ("name_zh", "indicator", "name_en")
        known = self.indicators
        return {
            title: name
            for column in columns
            for title, name in zip(known[column], known["indicator"], strict=True)
            if title
        }

    @cached_property
    def _names(self) -> dict[str, str]:
        return {heading_key(title): name for title, name in self.titles.items()}
