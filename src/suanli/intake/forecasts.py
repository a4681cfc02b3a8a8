"""Words by which a text calls figures a forecast or an estimate, or growth and not levels."""

import re
from typing import Final

from suanli.intake.brackets import plain_title, title_key

__all__ = ["forecast_year", "forecast_years", "is_change", "is_forecast", "says_forecast"]

_WORDS: Final = (
    r"预测|预计|预估|估计|估算|推算|预期|(?<![a-z])(?:forecast|estimate|projection)(?:s|ed)?"
    r"|(?<![a-z])(?:projected|predicted)"
)
_SAYS: Final = re.compile(_WORDS)
_MARK: Final = re.compile(
    rf"[(\[]?(?:该?(?:数据?|值)?[为系是])?(?:{_WORDS}|估)(?:数据?|数值|值|结果|figures?|values?)?[)\]]?[。.]?"
)
_YEAR: Final = r"((?:19|20)\d\d)年?"
_NAMED: Final = re.compile(
    rf"(?:[注*#]\d?[:.、]?|\d[.、])?(?:其中[,:]?)?(?:本表|表中)?{_YEAR}(?:(-|—|–|~|至|到|、|和|及|与|,){_YEAR})?"
    r"(?:的|各(?:省|市|地区|指标|项)|全部|数据|数值|指标|数|值|figures|data|values)*(?:均|都|全)?"
    rf"(?:[为系是]|采用|are|is|:|=)?(?:{_WORDS})(?:数据?|数值|值|结果|figures?|values?)?"
)
_CHANGE: Final = re.compile(
    r"(?:(?:同比|环比|比上年|较上年|年均|名义|实际)*(?:增速|增长速?率?|增幅|增减|增量|±)|同比|环比|占比|比重|构成|排名|位次|名次)"
    r"[,(]?(?:%|百分比|百分点|位)?\)?"
)
_SPAN: Final = frozenset("-—–~至到")
_STOPS: Final = re.compile(r"[;；。\n()]|,(?!(?:19|20)\d\d)")
_OF_YEAR: Final = re.compile(rf"{_YEAR}[(\[]?(?:[ef]|{_WORDS}|估)(?:数据?|值)?[)\]]?")


def is_forecast(text: str) -> bool:
    """Tell whether a text says of a figure, and no more, that it is a forecast or an estimate.

    Parameters
    ----------
    text : str
        A remark.

    Returns
    -------
    bool
        Whether it does.

    Examples
    --------
    >>> is_forecast("预测值"), is_forecast("（估算）"), is_forecast("预计2025年投产")
    (True, True, False)
    """
    return _MARK.fullmatch(title_key(text)) is not None


def is_change(text: str) -> bool:
    """Tell whether a text says of a figure that it is growth, a share or a rank.

    Parameters
    ----------
    text : str
        What stands beside a row.

    Returns
    -------
    bool
        Whether it does.

    Examples
    --------
    >>> is_change("同比增速（%）"), is_change("占比"), is_change("总量"), is_change("实际")
    (True, True, False, False)
    """
    return _CHANGE.fullmatch(title_key(text)) is not None


def forecast_years(note: str) -> set[int]:
    """Return the years whose figures a note calls forecasts.

    Parameters
    ----------
    note : str
        A note or a title.

    Returns
    -------
    set[int]
        None where it speaks of forecasts without such years.

    Examples
    --------
    >>> sorted(forecast_years("注：2024—2026年为预测数。"))
    [2024, 2025, 2026]
    >>> forecast_years("单位：亿元；2024年为预计数")
    {2024}
    >>> forecast_years("注：部分地区为估算数"), forecast_years("2024年各省发电量预测")
    (set(), set())
    """
    found: set[int] = set()
    for part in _STOPS.split(plain_title(note)):
        told = _NAMED.fullmatch(title_key(part.removeprefix("注").lstrip(":")))
        if told is None:
            continue
        first, last = int(told[1]), int(told[3] or told[1])
        found |= set(range(first, last + 1)) if told[2] in _SPAN else {first, last}
    return found


def forecast_year(text: str) -> int:
    """Return the year of which a text, in a column of years, says that it is one of forecasts.

    Parameters
    ----------
    text : str
        A cell.

    Returns
    -------
    int
        The year; 0 for any other text.

    Examples
    --------
    >>> forecast_year("2024E"), forecast_year("2025年（预测）"), forecast_year("2023")
    (2024, 2025, 0)
    """
    found = _OF_YEAR.fullmatch(title_key(text))
    return int(found[1]) if found else 0


def says_forecast(text: str) -> bool:
    """Tell whether a text speaks of forecasts or estimates at all.

    Parameters
    ----------
    text : str
        A note or a remark.

    Returns
    -------
    bool
        Whether it does.

    Examples
    --------
    >>> says_forecast("部分地区为估算数"), says_forecast("初步核算数")
    (True, False)
    """
    return _SAYS.search(title_key(text)) is not None
