"""Titles of columns, letter by letter: keys, brackets, units of measurement in them."""

import re
import unicodedata
from typing import Final

from suanli.intake.measures import measure

__all__ = [
    "CLOSE",
    "OPEN",
    "as_written",
    "bracketed",
    "plain_title",
    "spoken_years",
    "title_key",
    "unit_of",
    "without_marks",
]

OPEN: Final = "([{<〔【〈《"
"""Brackets that open, width folded."""

CLOSE: Final = ")]}>〕】〉》"
"""Brackets that close."""


_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
# A yearbook holds the figures of the year before; a form is filled in after the year.
# So does a document its number: 〔2024〕15号.
_OTHER_YEARS: Final = re.compile(
    r"[〔\[(【〈]\s*(?:19|20)\d\d\s*[〕\])】〉]\s*(?:第\s*)?\d+\s*号|"
    r"《[^》]*》|[\u4e00-\u9fff]*(?:年鉴|公报|摘要|手册)\W{0,2}(?:19|20)\d\d年?"
    r"|(?:19|20)\d\d年?版?[\u4e00-\u9fff]{0,10}年鉴"
    r"|(?:填报|填表|制表|打印|编制|报送|上报|发布|更新|导出|下载|印发|整理|统计截止)(?:日期|时间|于)?.*"
    r"|(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}|(?<!截至)(?<!截止)(?:19|20)\d\d年\d{1,2}月\d{1,2}日"
)


# Marks of footnotes: circled and raised figures, stars, figures in square brackets.
_MARKS: Final = re.compile(
    r"(?<=.)(?:[①-⑳⑴-⒇†‡]|(?<![mM米])[¹²³]|(?<=[\u4e00-\u9fff)）])[*＊]+|\[(?:注?\d{1,2}|注)\]"
    r"|[(（](?:注\d{0,2}|\d{1,2})[)）])"
)
_LOOSE: Final = re.compile(r"(?<=[\u4e00-\u9fff])\d{1,2}[)）]")


def spoken_years(text: str) -> set[int]:
    """Return the years whose figures a title announces.

    Parameters
    ----------
    text : str
        A title.

    Returns
    -------
    set[int]
        Without that of a yearbook, which holds figures of the year before, and the day a form
        was filled in.

    Examples
    --------
    >>> spoken_years("2023年各省GDP"), spoken_years("《河北统计年鉴2023》")
    ({2023}, set())
    >>> spoken_years("制表：2024年3月")
    set()
    """
    plain = _OTHER_YEARS.sub(" ", plain_title(text))
    return {int(year) for year in _YEAR.findall(plain)}


def title_key(text: str) -> str:
    """Return a title without width variants, blanks and case, for comparison.

    Parameters
    ----------
    text : str
        A title.

    Returns
    -------
    str
        The key.

    Examples
    --------
    >>> title_key("人均 ＧＤＰ")
    '人均gdp'
    """
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]", "", plain).casefold()


def plain_title(text: str) -> str:
    """Return a title with width variants folded.

    Parameters
    ----------
    text : str
        A title.

    Returns
    -------
    str
        Without blanks around it.

    Examples
    --------
    >>> plain_title(" ＧＤＰ（亿元）")
    'GDP(亿元)'
    """
    return unicodedata.normalize("NFKC", text).strip()


def without_marks(title: str) -> str:
    """Return a title without the marks of its footnotes.

    Parameters
    ----------
    title : str
        As written; of ``km²`` the raised figure is none.

    Returns
    -------
    str
        The rest.

    Examples
    --------
    >>> [without_marks(title) for title in ("总值①（亿元）", "面积(km²)[1]", "人口1)（万人）")]
    ['总值（亿元）', '面积(km²)', '人口（万人）']
    """
    bare = _MARKS.sub("", title)
    left = sum(bare.count(mark) for mark in "(（")
    loose = left < sum(bare.count(mark) for mark in ")）")
    return _LOOSE.sub("", bare) if loose else bare


def bracketed(title: str) -> tuple[str, list[str]]:
    """Return what stands outside of brackets, and what in each of the outermost.

    Parameters
    ----------
    title : str
        A title, width folded.

    Returns
    -------
    str
        The title without brackets; nothing where they do not close.
    list[str]
        What stands in them.

    Examples
    --------
    >>> bracketed("算力(EFLOPS(FP16))(在用)")
    ('算力', ['EFLOPS(FP16)', '在用'])
    """
    outside: list[str] = []
    groups: list[str] = []
    depth = 0
    for letter in title:
        if letter in OPEN:
            groups += [""] if depth == 0 else []
            depth += 1
            if depth == 1:
                continue
        elif letter in CLOSE and depth:
            depth -= 1
            if depth == 0:
                continue
        if depth:
            groups[-1] += letter
        else:
            outside.append(letter)
    return ("", []) if depth else ("".join(outside).strip(), groups)


def unit_of(group: str) -> tuple[str, list[str]]:
    """Return the unit of measurement in a bracket, and what else stands there.

    Parameters
    ----------
    group : str
        What stands in a bracket.

    Returns
    -------
    str
        The unit; nothing where there is none, or more than one.
    list[str]
        Everything else.

    Examples
    --------
    >>> unit_of("万架,2.5kW"), unit_of("单位:亿元")
    (('万架', ['2.5kW']), ('亿元', []))
    """
    inner = re.sub(r"^(?:计量)?单位\s*:?", "", group).strip()
    if measure(inner) is not None:
        return inner, []
    parts = [part.strip() for part in re.split(r"[,;、，；]", inner) if part.strip()]
    units = [part for part in parts if measure(part) is not None]
    if len(units) > 1:
        # 标准机架 is a unit, and beside 万架 says of what kind the racks are.
        units = [part for part in units if part not in {"标准机架", "机架"}]
    if len(units) != 1:
        return "", [group]
    return units[0], [part for part in parts if part != units[0]]


def as_written(title: str, rest: str) -> str:
    """Return a unit of measurement with its own capitals.

    Parameters
    ----------
    title : str
        The title it ends.
    rest : str
        The unit in small letters, without blanks.

    Returns
    -------
    str
        As it stands in the title.

    Examples
    --------
    >>> as_written("规模 EFLOPS (FP16)", "eflops(fp16)")
    'EFLOPS(FP16)'
    """
    plain = re.sub(r"\s", "", plain_title(title))
    start = plain.casefold().rfind(rest)
    return plain[start : start + len(rest)] if start >= 0 else rest
