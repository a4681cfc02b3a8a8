"""What a heading says: a role, an indicator, a year, a unit of measurement."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pandas as pd

from suanli.intake.brackets import spoken_years, without_marks
from suanli.intake.brackets import title_key as heading_key
from suanli.intake.dates import dated_year, moment_in, without_whole_year
from suanli.intake.findings import Ledger, Place
from suanli.intake.measures import is_scale, measure, split_heading
from suanli.intake.titles import Named, Titles
from suanli.intake.wording import only_a_unit

__all__ = [
    "ROLES",
    "Heading",
    "Headings",
    "heading_key",
    "named_year",
    "note_heading",
    "year_of",
]

ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    role: tuple(aliases.split())
    for role, aliases in {
        "code": (
            "code adcode 代码 区划代码 行政区划代码 行政代码 地区代码 城市代码 省份代码 省代码 "
            "市代码 省级代码 市级代码 地市代码 省级行政代码 地级行政代码"
        ),
        "name": (
            "name 名称 地区 省份 城市 地市 地级市 省市 省区市 省(区、市) 省、自治区、直辖市 "
            "地区名称 城市名称 省份名称 单位名称 行政区 行政区划 region city province unit_name "
            "市 市州 市(州) 地市州 地州市 州市 地市名称 地级市名称 各市 各省 各地区 省名 市名 "
            "所在城市 所在地市 所在市 所属城市 所属地市 prefecture"
        ),
        "province": "所属省份 所在省份 所属省 所在省 省 省(自治区、直辖市) 所属省市",
        "county": (
            "县 区县 县区 县市 县市区 区县市 县(市、区) 县(市) 区(县) 县级市 区县名称 县区名称 "
            "县名 区市县 旗县 旗县区 旗县市区 县(区) 县(区、市) 区(市、县) 区(县、市) 区、县 "
            "县、区 县级行政区 县级单位 区县名 县(市、区、旗) county district"
        ),
        "level": "level 级别 层级",
        "year": (
            "year 年份 年度 年 时间 统计年度 统计年份 统计时间 数据年份 数据年度 日期 date 报告期"
        ),
        "indicator": "indicator indicator_id 指标 指标名称 指标代码 项目",
        "value": "value 值 数值 指标值 数据",
        "unit": "unit 单位 计量单位",
        "quality": "quality 质量",
        "source": "source source_id 来源 数据来源 资料来源",
        "aside": (
            "序号 编号 no no. id index 备注 说明 注 排名 位次 名次 rank remark note notes "
            "英文名 englishname 拼音 经度 纬度 lon lat 随附数值 shippedvalue statistic covered "
            "省会 省会城市 首府"
        ),
    }.items()
}
"""What a column may be called, by what it is; columns "aside" are left out."""

_ROLE: Final = {alias: role for role, aliases in ROLES.items() for alias in aliases}
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)\s*(?:年度|年|fy)?")
_WHOLE_YEAR: Final = re.compile(
    r"(?:fy)?((?:19|20)\d{2}|[0-4]\d(?=年)|9\d(?=年))(?:\.0+)?(?:年度|年末|年底|年)?"
    r"(?:a|\(?(?:修订|修正|调整|初步|初步核算|最终核实|终核|快报|年报|实际|实绩|决算)(?:数据?|值|后)?\)?)?"
)
_SHORT_YEAR: Final = re.compile(r"^([0-4]\d)年(?=\D)")
_CENTURY, _HUNDRED = 50, 100
_FORECAST: Final = re.compile(
    r"(?:19|20)\d\d\s*年?\s*[(（]?(?:[EeFf](?![A-Za-z])|预测|预计|预估|估计|预期)"
)
_MOMENT: Final = re.compile(r"(?<!\d)\d{1,2}月(?:末|底|\d{1,2}日)")
FIRST_YEAR: Final = 1949
LAST_YEAR: Final = 2100


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
    year = _in_full(found[1]) if found else dated_year(text)
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def _in_full(digits: str) -> int:
    """Return 2022 for the 22 of 22年."""
    year = int(digits)
    return year if year > _HUNDRED else year + (2000 if year < _CENTURY else 1900)


def named_year(name: str) -> int | None:
    """Return the year that the name of a sheet gives to what is on it.

    Parameters
    ----------
    name : str
        The name.

    Returns
    -------
    int or None
        The year, also with words around it; None where there is none, or more than one.

    Examples
    --------
    >>> named_year("2023年"), named_year("2024预测"), named_year("2022-2023"), named_year("数据")
    (2023, 2024, None, None)
    """
    years = spoken_years(name)
    return year_of(name) or (years.pop() if len(years) == 1 else None)


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
    after : str
        The name of the indicator, where it is written in another way.
    alias : bool
        Whether that is a synonym.
    odd_unit : tuple[str, str, str] or None
        Of a heading that would name an indicator but for what stands behind like a unit of
        measurement: the indicator, what stands there, and the unit it should be.
    clash : bool
        Whether it names two different years.
    forecast : str
        The words by which it says that its figures are a forecast or an estimate.
    moment : str
        The moment within a year it names, such as ``"2024年6月末"``.
    foreign : bool
        Whether it says something in English besides that is no name known.
    """

    text: str
    role: str = ""
    indicator: str = ""
    year: int | None = None
    unit: str = ""
    more: str = ""
    nearest: str = ""
    misspelt: bool = False
    after: str = ""
    alias: bool = False
    odd_unit: tuple[str, str, str] | None = None
    clash: bool = False
    forecast: str = ""
    moment: str = ""
    foreign: bool = False


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
    aliases : pandas.DataFrame, optional
        Synonyms, see :class:`suanli.intake.titles.Titles`.

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
    aliases: pd.DataFrame | None = None

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
        written = list(dict.fromkeys(self._plain(part) for part in parts if part.strip()))
        text = " ".join(written)
        cells = [without_whole_year(without_marks(cell)) for cell in written]
        role = _ROLE.get(heading_key(text)) or (_ROLE.get(heading_key(cells[0])) if cells else None)
        if role:
            return Heading(text=text, role=role)
        rest: list[str] = []
        year, unit, clash = None, "", False
        for cell in cells:
            bare = _unwrapped(cell)
            if year_of(cell) is not None:
                year = year_of(cell)
            elif (rest or year) and self._is_unit(bare):
                unit = bare
            else:
                title, own = split_heading(cell)
                rest.append(title)
                unit = own or unit
        title = "".join(rest)
        found = self._named(rest, text, unit)
        if not found.indicator:
            dated = _YEAR.search(title) or _SHORT_YEAR.search(title)
            if dated:
                title = (title[: dated.start()] + title[dated.end() :]).strip(" -_:")
                title = _MOMENT.sub("", title)
                clash = year is not None and year != _in_full(dated[1])
                year = year or _in_full(dated[1])
                alone = _unwrapped(title)
                unit = unit or (alone if measure(alone) is not None else "")
                found = self.names.find(title, unit)
                if not found.indicator and title[:1] in {"末", "底"}:
                    found = self.names.find(title[1:], unit)
        like, slip = ("", False) if found.indicator else self.names.like(title)
        meant, odd = ("", "") if found.indicator else self.names.unread(title, unit)
        told = _FORECAST.search(text)
        marked = cells != written and bool(found.indicator)
        return Heading(
            text=text,
            indicator=found.indicator,
            year=year,
            unit=found.unit or unit,
            more="" if found.indicator or title in _OF_A_YEAR or only_a_unit(title) else title,
            nearest=like,
            misspelt=slip,
            after=found.after or (self.names.own(found.indicator) if marked else ""),
            alias=found.alias,
            clash=clash,
            forecast=told[0] if told else "",
            moment=moment_in(text),
            foreign=found.foreign,
            odd_unit=(meant, odd, self.names.unit(meant)) if meant else None,
        )

    def _is_unit(self, text: str) -> bool:
        """Tell whether a row of a heading is of units, and no indicator of one's name."""
        unit = is_scale(text) or measure(text) is not None
        return unit and not self.names.find(text).indicator

    def _named(self, rest: Sequence[str], text: str, unit: str) -> Named:
        """Tell which indicator the rows of a heading name, or all of its text."""
        found = self.names.joined(rest, unit)
        return found if found.indicator else Named(indicator=self.names.exact(text))

    def _plain(self, text: str) -> str:
        simple = text.translate(self._table)
        return re.sub(r"\s*\n\s*", "", simple).strip(" \t\u3000\ufeff\u200b")

    @cached_property
    def _table(self) -> dict[int, str]:
        return {ord(old): new for old, new in (self.simplified or {}).items()}

    @cached_property
    def names(self) -> Titles:
        """The names of the indicators."""
        return Titles(indicators=self.indicators, aliases=self.aliases, level=self.level)


def note_heading(heading: Heading, place: Place, ledger: Ledger) -> None:
    """Note that a heading names an indicator in another way than its own.

    Parameters
    ----------
    heading : Heading
        The heading.
    place : Place
        Where it stands.
    ledger : Ledger
        Takes the note.

    Examples
    --------
    >>> ledger = Ledger()
    >>> note_heading(Heading(text="GDP", after="地区生产总值", alias=True), Place(file="a"), ledger)
    >>> ledger.findings[0].rule
    'heading_alias'
    """
    if heading.forecast:
        return
    if heading.foreign:
        ledger.add("english_unknown", place, heading.text, heading.after)
    elif heading.after:
        rule = "heading_alias" if heading.alias else "heading_mended"
        ledger.add(rule, place, heading.text, heading.after)
    if heading.year and str(heading.year) not in heading.text and not heading.more:
        ledger.add("year_text", place, heading.text, heading.year)
    if heading.moment and (heading.indicator or not heading.more):
        ledger.add("within_year", place, heading.moment, heading.year or "")


def _unwrapped(cell: str) -> str:
    """Take the brackets off that stand around all of a cell, and the word for unit."""
    bare = cell.strip()
    if len(bare) > 1 and bare[0] in "(（[【" and bare[-1] in ")）]】":
        inner = bare[1:-1].strip()
        # PFLOPS (FP16) keeps its own.
        bare = inner if inner.count("(") + inner.count("（") == _closing(inner) else bare
    return bare.removeprefix("单位").lstrip(":： ") if bare.startswith("单位") else bare


def _closing(text: str) -> int:
    return text.count(")") + text.count("）")
