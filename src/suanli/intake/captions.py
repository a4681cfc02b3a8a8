"""What lines above a table say about all of it: indicator, units of measurement, year."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from suanli.intake.brackets import bracketed, plain_title, spoken_years, title_key, unit_of
from suanli.intake.dates import moment_in, part_of_year
from suanli.intake.forecasts import forecast_years
from suanli.intake.headings import Headings, year_of
from suanli.intake.measures import conversion, is_scale, measure, split_heading, with_scale
from suanli.intake.wording import PLAIN

__all__ = ["Titled", "stated_units", "titled_by"]

_UNITS: Final = re.compile(
    r"(?:(?:计量)?单位|[Uu]nits?)\s*(?:均)?\s*[:：为是]\s*(.+?)(?:[;；。)）]\s*$|[;；。]|$)"
)
_BRACKETED: Final = re.compile(r"[(（\[【]\s*(?:单位\s*[:：]?)?\s*(.+?)\s*[)）\]】]")
_INDICATOR: Final = re.compile(r"指标\s*[:：]\s*(.+)")
_CLOSING: Final = ")）]】"
_YEARS: Final = re.compile(
    r"(?:截[至止])?(?:19|20)\d\d\s*年?(?:\d{1,2}月(?:末|底|\d{1,2}日))?(?:度|末|底)?"
)
# Brackets of a title that make no other quantity of what it names.
_ASIDE: Final = re.compile(
    r"(?:不含|不包括|未含).*|.*(?:自治区|直辖市|区、市|市、区).*|(?:19|20)\d\d年?(?:度|末|底)?|全年|年末"
    r"|[一二三四五六七八九十\d]{1,2}|续表?|(?:分|按)(?:省份?|市|地区)(?:分|列)?|31个?省.*"
)
_NEUTRAL: Final = re.compile(
    rf"(?:{PLAIN}|值|数据?|统计数|总数|总计|总额|总值|数量|规模|总规模|金额|水平|实际值?|完成数|实际完成|(?:本|当|全)年(?:数|值)?"
    r"|年度|指标|value|total|amount)+"
)
# Whom a title speaks of, and that it is the title of a table.
_AROUND: Final = re.compile(
    r"^(?:附?表\s*[\d一二三四五六七八九十.\-]*[:、.]?)?(?:截[至止])?\s*(?:全国|我国)?"
    r"(?:31个?省份?|各省(?:[、,]?(?:自治区|区|直辖市|市))*|各(?:地区|地级市|地市|市州|地|市)|分(?:地区|省份?|市))?的?"
    r"|(?:的?(?:基本|主要)?(?:情况|统计|数据|一览|汇总|明细|排名?)?表?)$"
)
# Years of sources and of prices are not those of the data.
_OTHER: Final = re.compile(r"来源|上年|口径|目录")
_PRICES: Final = re.compile(r"(?:19|20)\d\d\s*年?\s*(?:不变价|可比价|价格|为基期|基期|为?\s*100)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """What the titles above a table say about all of it.

    Attributes
    ----------
    indicator : str
        Identifier of the indicator, where one is named.
    units : tuple[str, ...]
        Units of measurement, in the order named.
    year : int or None
        The year, where exactly one is named.
    moment : str
        The moment within that year, such as ``"2024年6月末"``.
    words : str
        The title that names the indicator.
    """

    indicator: str = ""
    units: tuple[str, ...] = ()
    year: int | None = None
    moment: str = ""
    words: str = ""

    def speaks_of(self, heading: str) -> bool:
        """Tell whether a heading adds nothing to a title that names the indicator.

        Parameters
        ----------
        heading : str
            The only heading over values.

        Returns
        -------
        bool
            Whether it is a word for figures, a unit, or stands in the title itself: 新增 below
            2023年机架 is another quantity.

        Examples
        --------
        >>> titled = Titled(indicator="racks", words="2023年各省在用机架规模（万架）")
        >>> [titled.speaks_of(text) for text in ("数值", "机架规模", "万架", "新增机架")]
        [True, True, True, False]
        """
        outside, groups = bracketed(plain_title(heading))
        key = _YEARS.sub("", title_key(outside))
        units = all(unit_of(group)[0] and not unit_of(group)[1] for group in groups)
        plain = not key or _NEUTRAL.fullmatch(key) is not None or measure(key) is not None
        return units and (plain or (len(key) > 1 and key in title_key(self.words)))

    def unit_for(self, wanted: str) -> str:
        """Choose the unit of an indicator.

        Parameters
        ----------
        wanted : str
            The unit in which the indicator is declared; nothing where none is.

        Returns
        -------
        str
            The only unit, or the only one of several that can be converted; else nothing.

        Examples
        --------
        >>> titled = Titled(units=("万人", "万元"))
        >>> titled.unit_for("亿元"), titled.unit_for("公里")
        ('万元', '')
        >>> Titled(units=("万元",)).unit_for("公里")
        '万元'
        """
        if len(self.units) == 1:
            return self.units[0]
        fitting = self.fitting(wanted)
        return fitting[0] if len(fitting) == 1 else ""

    def fitting(self, wanted: str) -> tuple[str, ...]:
        """Return the units that can be converted to another.

        Parameters
        ----------
        wanted : str
            The unit in which an indicator is declared.

        Returns
        -------
        tuple[str, ...]
            More than one leave open which is meant.

        Examples
        --------
        >>> Titled(units=("万元", "亿元", "万人")).fitting("亿元")
        ('万元', '亿元')
        """
        return tuple(
            unit for unit in self.units if conversion(with_scale(unit, wanted), wanted) is not None
        )

    def contradicts(self, unit: str) -> str:
        """Tell which unit of the titles measures the same as another, in another size.

        Parameters
        ----------
        unit : str
            A unit some heading or column states.

        Returns
        -------
        str
            The unit of the titles; nothing where none contradicts.

        Examples
        --------
        >>> titled = Titled(units=("万人", "万元"))
        >>> titled.contradicts("亿元"), titled.contradicts("万元"), titled.contradicts("公里")
        ('万元', '', '')
        """
        factors = {other: conversion(other, unit) for other in self.units}
        if 1.0 in factors.values():
            return ""
        return next((other for other, factor in factors.items() if factor is not None), "")


def titled_by(cells: Sequence[str], headings: Headings) -> Titled:
    """Read what the cells above the header say about the whole table.

    Parameters
    ----------
    cells : Sequence[str]
        The cells, in reading order.
    headings : Headings
        Reads headings.

    Returns
    -------
    Titled
        What they say.

    Examples
    --------
    >>> import pandas as pd
    >>> known = Headings(indicators=pd.DataFrame({"indicator": ["gdp"], "name_zh": ["生产总值"],
    ...     "name_en": ["GRP"], "unit": ["亿元"]}))
    >>> titled_by(["2023年主要指标", "单位：万元、万人", "数据来源：统计年鉴2024"], known)
    Titled(indicator='', units=('万元', '万人'), year=2023, moment='', words='')
    >>> titled_by(["指标：生产总值（亿元）"], known)
    Titled(indicator='gdp', units=('亿元',), year=None, moment='', words='指标：生产总值（亿元）')
    >>> titled_by(["2023年各省生产总值情况（万元）"], known).indicator
    'gdp'
    """
    cells = [cell.strip() for cell in cells if cell.strip()]
    found = Titled()
    for cell in cells:
        found = replace(found, units=found.units + stated_units(cell))
        named = _INDICATOR.search(cell)
        heading = headings.read([named[1] if named else cell])
        if not heading.indicator and not named:
            heading = headings.read([_named_alone(cell)])
        own = heading.unit or (split_heading(named[1])[1] if named else "")
        if heading.indicator:
            found = replace(found, indicator=heading.indicator, words=cell)
        if own and (heading.indicator or named):
            found = replace(found, units=(own,))
    year = _year(cells)
    # A figure of a month is refused with its own sentence.
    dated = [cell for cell in cells if year in spoken_years(cell) and not part_of_year(cell)]
    moments = [moment_in(cell) for cell in dated]
    moment = next((words for words in moments if words), "")
    units = tuple(dict.fromkeys(found.units))
    return replace(found, units=units, year=year, moment=moment)


def _named_alone(cell: str) -> str:
    """Take off a title what tells of whom it speaks, and that it is a table."""
    outside, groups = bracketed(plain_title(cell))
    kept = "".join(f"({group})" for group in groups if not _ASIDE.fullmatch(group))
    return _AROUND.sub("", _YEARS.sub("", outside)) + kept


def _year(cells: Sequence[str]) -> int | None:
    """Return the year of the data: one that stands alone, else the only one named."""
    alone = {year for year in map(year_of, cells) if year is not None}
    cells = [cell for cell in cells if not (_OTHER.search(cell) or forecast_years(cell))]
    told = [_PRICES.sub("", cell) for cell in cells]
    years = alone or {year for cell in told for year in spoken_years(cell)}
    return years.pop() if len(years) == 1 else None


def stated_units(cell: str) -> tuple[str, ...]:
    """Return the units of measurement a title states for the columns of its table.

    Parameters
    ----------
    cell : str
        A title, or a note below.

    Returns
    -------
    tuple[str, ...]
        The units, in the order named.

    Examples
    --------
    >>> stated_units("单位：万元、万人"), stated_units("注：本表单位为亿元。")
    (('万元', '万人'), ('亿元',))
    """
    stated = _UNITS.search(cell)
    alone = _BRACKETED.fullmatch(cell)
    groups = bracketed(plain_title(cell))[1]
    if not stated and not alone and groups and cell.strip()[-1] in _CLOSING:
        last = unit_of(groups[-1])[0]
        return (last,) if last and not last.isdigit() else ()
    text = stated[1] if stated else alone[1] if alone else ""
    if stated and measure(text.strip()) is None:
        text = text.split(")")[0] if "(" not in text else text
    text = re.sub(r"(?<=10)[, ](?=000)", "", text)
    whole = (
        [text] if measure(text.strip()) is not None else re.split(r"[,，、;；和及()（）]+", text)
    )
    whole = [part for one in whole for part in ([one] if measure(one.strip()) else one.split())]
    units: list[str] = []
    for unit in (part.strip() for part in whole):
        # 亿元 (100 million yuan) is one unit in two languages.
        known = measure(unit) is not None or bool(is_scale(unit) and stated)
        if known and all(conversion(unit, other) != 1.0 for other in units):
            units.append(unit)
    return tuple(units)
