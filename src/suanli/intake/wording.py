"""Words that stand around the name of an indicator, by what they make of it."""

import re
from collections.abc import Mapping
from typing import Final

from suanli.intake.brackets import bracketed, plain_title, title_key, unit_of
from suanli.intake.measures import measure

__all__ = [
    "GROUP",
    "LIKE_UNIT",
    "LIST",
    "OTHER_ENGLISH",
    "PART",
    "PLAIN",
    "PLANNED",
    "WHOLE",
    "only_a_unit",
    "two_languages",
]

# What says no more than the indicator does: the plain figure, at the price of its year.
PLAIN: Final = (
    r"现价|当年价格?|按?当年价格?计算|绝对值|绝对数|绝对量|总量|数值|指标值|年末|年末数|期末|期末数|实际(?:数|值|完成数?)?|全年|本年|当年|合计|修订数?|修订后|初步核算数?|最终核实数?|快报数?"
    r"|(?:按|折合|折算为?|折)?2\.5(?:kw|千瓦)(?:标准机架|机架|/架|折算|计)?|标准机架|不计稀疏"
)
WHOLE: Final[Mapping[str, str]] = {
    "city": r"全市|全州|全域|市域|全盟",
    "province": r"全省|全区|全域|省域",
}
# What makes another quantity of it; never a slip of the pen.
PART: Final = re.compile(
    r"市辖区|市区|城区|建成区|县域|县级|农村|乡村|规模以上|规上|占|比重|增速|增长|同比|环比|指数|不变价"
    r"|可比价|排名|位次|人均|户均|亩均|累计|目标|预计|规划|户籍|总收入|密度|上年|[季月]"
)
# What is not there yet: never what a name that lacks it means.
PLANNED: Final = re.compile(r"(?<!存)在建|拟建|筹建|待建|未投产|未投运|规划|计划|目标|新增|净增")
# Numbers and marks of a list in front: 其中：, #, 一、, (二), 3.
LIST: Final = re.compile(
    r"^(?:[#*·•◆●-]+|其中[:,]?|[(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)]"
    r"|(?:\d{1,2}|[一二三四五六七八九十]{1,3})[.、,])+\s*"
)
# Headings over groups of columns.
GROUP: Final = re.compile(
    r"(?:(?:主要|基本|重点|核心|相关|综合|国民|数字)?(?:经济|社会|人口|电力|能源|信息化?|通信|网络|算力|存力|运力|环境|科技"
    r"|创新|财政|金融|产业|就业|教育|基础设施|设施|需求|供给|资源)(?:和|与|及|、)?)*"
    r"(?:发展|建设|总体|运行)?(?:情况|指标|数据|状况|水平|能力|维度|类|概况|统计)?"
)
LIKE_UNIT: Final = re.compile(
    r"[十百千万亿兆]*[元圆园员人户个台架件条里米吨瓦时度部套处家点]{1,4}(?:/\S{1,4})?|[十百千万亿兆]+|[A-Za-z/%]{1,12}"
)


_TWO_LANGUAGES: Final = re.compile(
    r"([^A-Za-z]*[\u4e00-\u9fff][^A-Za-z]*?)[\s/|]*([A-Za-z][A-Za-z&,.'\-\s]+)"
)
# Words that make another quantity of what the Chinese says.
OTHER_ENGLISH: Final = re.compile(
    r"growth|rate|increas|chang|\bper\b|share|proportion|percent|ratio|index|rank|yoy|target|plan"
    r"|forecast|project|estimat|\bnew|added|urban|rural|average|mean|of which"
)


def two_languages(title: str) -> tuple[str, str]:
    """Take a title apart that says the same in Chinese and in English.

    Parameters
    ----------
    title : str
        A title, brackets taken off.

    Returns
    -------
    tuple[str, str]
        The Chinese and the English; both empty where it is not written so.

    Examples
    --------
    >>> two_languages("发电量 Power output"), two_languages("5G基站")
    (('发电量', 'Power output'), ('', ''))
    """
    halves = _TWO_LANGUAGES.fullmatch(title.strip())
    return (halves[1], halves[2].strip()) if halves else ("", "")


def only_a_unit(text: str) -> bool:
    """Tell whether what stands beside a year is a unit of measurement, or says nothing.

    Parameters
    ----------
    text : str
        Such as ``"（亿元）"`` behind ``2023年``.

    Returns
    -------
    bool
        Whether the column is of the plain figure: not of its growth, nor of a forecast.

    Examples
    --------
    >>> only_a_unit("（亿元）"), only_a_unit("(预计)"), only_a_unit("")
    (True, False, True)
    """
    outside, groups = bracketed(plain_title(text))
    words = [outside, *(word for group in groups for word in unit_of(group)[1])]
    plain = [title_key(word) for word in words if word.strip()]
    return all(measure(word) is not None or re.fullmatch(PLAIN, word) for word in plain)
