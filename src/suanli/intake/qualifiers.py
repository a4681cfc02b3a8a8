"""Words by which a text says that figures are not the plain, settled ones of a whole unit."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from suanli.intake.brackets import plain_title, title_key
from suanli.intake.dates import moment_in, part_of_year
from suanli.intake.forecasts import is_change

__all__ = ["KEPT", "KINDS", "qualified", "remarked"]

KINDS: Final[Mapping[str, str]] = {
    "plan": (
        r"(?<![一二三四五])规划(?!厅|局|部|委|院|司|处|与|和|纲要)|计划(?!单列|委|局)|目标[值数]|为目标|拟建|筹建|待建|未投产"
        r"|未投运|尚未建成|签约(?=数|规模|项目|机架)|(?<!存)在建(?!设|立|议|筑|成)"
    ),
    "provisional": (
        r"暂估|暂定|暂按|(?<![监检预])测算(?![力法])|匡算|估测|推测|插补|补插|插值|初步(?!核算)|快报|待核实?|待确认"
        r"|待定|未核实|待查"
    ),
    "period": (
        r"上年[数值]|上年数据|上一?年度?(?=数据|代替|替代)|同上年|同上一年|沿用上年|去年(?=数|值|同期)|往年数据?"
    ),
    "part": (
        r"市辖区|(?<![省地县])市区(?!域|划|县)|城区|建成区|(?:不含|不包括|未含|未包括|未包含)(?!.{0,3}(?:港|澳|台|香|税|农户))[^,;:。)]{1,12}"
    ),
    "wider": (
        r"(?<![不未包])含(?!.{0,4}(?:自治|直辖|全))[^,;:。、)]{1,8}?(?:新区|兵团|农垦|县|开发区|园区)"
        r"|(?<![不未包])含(?:省直|所辖|代管)"
    ),
    "prices": (
        r"可比价|不变价|(?:按|以)(?:19|20)\d\d年?(?:价格?|为基期)"
        r"|(?:19|20)\d\d年?价格?(?=计|$|\))"
    ),
    "quantity": (
        r"新增(?!长)|净增|人均(?!(?:指标|数据)?按)|户均|日均|月均|单位面积|每[百千万亿]*人|规模以上|规上|比(?:年初|上年末?)增加|较(?:年初|上年末?)增加"
        r"|[两三五]年平均|增速|增长率|增长速度|同比|环比"
    ),
}
"""What figures may be instead, and the words that say so."""

KEPT: Final = frozenset({"provisional", "wider"})
"""What is read all the same where it is said of a row, with a warning."""

_WORDS: Final = {kind: re.compile(words) for kind, words in KINDS.items()}
# Whose text it is, and the names of documents, say nothing of the figures.
_SILENT: Final = re.compile(
    r"来源|source|填表|制表|填报|审核|负责人|联系|目录|统计范围为全|^(?:计量)?单位", re.IGNORECASE
)
_DOCUMENTS: Final = re.compile(r"《[^》]*》|〈[^〉]*〉|“[^”]*”(?:规划|计划)")
# Of indices and of growth, prices that do not change are the rule.
_OF_INDICES: Final = re.compile(r"指数|增长|增速|速度|同比|环比")
_CLAUSES: Final = re.compile(r"[,;。\n]")
_SAID_OF_VALUES: Final = re.compile(
    r"(?:[(\d.、)]*)?(?:(?:本|该|此)?表|表[中内]|所列|以上|全部|上述)*(?:绝对)?(?:数据|数值|数|值|指标|口径|统计|的)*"
    r"(?:均|都|全部?)?(?:[为系是按]|指|采用)?"
)
_OTHER_YEAR: Final = re.compile(
    r"((?:19|20)\d\d)年?(?:末|底|度)?的?(?:统计|年报)?(?:数据?|数值|值|年报)"
)
_AROUND: Final = (
    r"(?:注|备注|说明)?[:.]?(?:该|此|仅|只|均|都|为|系|是|按|用|以|采用|沿用|使用|数据|数值|数|值"
    r"|其中|包括|包含|含|部分|截至|截止|统计)*"
)
_BEHIND: Final = (
    r"(?:统计|累计|数据|数值|数|值|口径|范围|部分|项目|机架|规模|容量|的|内|用|代替|替代|填补|计算?"
    r"|年|末|底|企业|工业|格|后)*[。.)]?"
)
# What was done in a month, not what the figures are of.
_DONE: Final = re.compile(r"发布|编制|修订|整理|更新|印发|公布|核定|上报|报送|实施|投产|投运|成立")


def qualified(
    text: str, names: Collection[str], years: Collection[int], *, note: bool = True
) -> dict[str, str]:
    """Return what a title or a note says the figures below may be.

    Parameters
    ----------
    text : str
        The title or the note.
    names : Collection[str]
        Names and headings of the indicators: what they say themselves is no sign.
    years : Collection[int]
        Years the values are of.
    note : bool, default True
        Whether it is a note: what part of a year a title speaks of is told where years are read.

    Returns
    -------
    dict[str, str]
        The words found by kind, a key of :data:`KINDS`; one for each.

    Examples
    --------
    >>> qualified("注：表中数据为规划数。", ["在用机架"], [2023])
    {'plan': '规划'}
    >>> qualified("2023年各省人均GDP", ["人均GDP"], [2023])
    {}
    >>> qualified("注：西藏为2021年数据", ["GDP"], [2023])
    {'period': '2021年数据'}
    >>> qualified("绝对数按当年价格计算，指数按不变价格计算", ["GDP"], [2023])
    {}
    """
    found: dict[str, str] = {}
    if _SILENT.search(text):
        return found
    own = [title_key(name) for name in names]
    for clause in _CLAUSES.split(_DOCUMENTS.sub("", plain_title(text))):
        key = title_key(clause)
        for kind, words in _WORDS.items():
            if kind in {"prices", "quantity"} and not _of_values(key, kind):
                continue
            told = [word[0] for word in words.finditer(key)]
            new = [word for word in told if not any(word in name for name in own)]
            if new:
                found.setdefault(kind, new[0])
        other = re.search(rf"{_OTHER_YEAR.pattern}(?=$|[均也])", key)
        dated = note and not _DONE.search(key)
        within = (part_of_year(clause) or moment_in(clause)) if dated else ""
        if within or (other and years and int(other[1]) not in years):
            found.setdefault("period", within or (other[0] if other else ""))
    return found


def _of_values(key: str, kind: str) -> bool:
    """Tell whether a clause speaks of the figures, not of growth and indices beside them."""
    told = _OF_INDICES.search(key)
    if told is None or kind == "prices":
        return told is None
    before = re.sub("^注[:.]?", "", key[: told.start()])
    return bool(before) and _SAID_OF_VALUES.fullmatch(before) is not None


def remarked(text: str, names: Collection[str], years: Collection[int]) -> tuple[str, bool]:
    """Return what a remark beside a row says its values are.

    Parameters
    ----------
    text : str
        The remark.
    names : Collection[str]
        As of :func:`qualified`.
    years : Collection[int]
        Years the values of the row are of.

    Returns
    -------
    str
        A key of :data:`KINDS`; nothing where it says no such thing.
    bool
        Whether it says that and no more: 2025年规划扩容 tells of something else besides.

    Examples
    --------
    >>> remarked("含在建", [], [2023]), remarked("暂估", [], [2023]), remarked("无", [], [])
    (('plan', True), ('provisional', True), ('', False))
    >>> remarked("2022年数据", [], [2023]), remarked("2022年数据", [], [2022])
    (('period', True), ('', False))
    """
    key = title_key(text)
    if is_change(text):
        return "", False
    for kind, words in KINDS.items():
        whole = re.fullmatch(f"{_AROUND}(?:{words}){_BEHIND}", key)
        if whole and not any(key in title_key(name) for name in names):
            return kind, True
    other = re.fullmatch(f"{_AROUND}{_OTHER_YEAR.pattern}{_BEHIND}", key)
    if other:
        return ("period", True) if int(other[1]) not in years else ("", False)
    within = part_of_year(text) or _bare_months(key)
    if within and re.fullmatch(rf"{_AROUND}(?:(?:19|20)\d\d年?)?{re.escape(within)}{_BEHIND}", key):
        return "period", True
    found = qualified(text, names, years, note=False)
    return next(iter(found), ""), False


def _bare_months(key: str) -> str:
    """Return the end of a month before December, or a month."""
    found = re.search(r"(?<!\d)(?:[1-9]|1[01])月(?:末|底)?", key)
    return found[0] if found else ""
