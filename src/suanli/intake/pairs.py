"""Tables that name a province and a city in each row: which is which, and what a row is about."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from suanli.intake.codes import CodeReader, is_digits
from suanli.intake.findings import Ledger, Place
from suanli.intake.headings import ROLES, Heading, heading_key
from suanli.intake.layout import Layout
from suanli.intake.names import Gazetteer, Match
from suanli.intake.plain import plain_name
from suanli.intake.sheets import Sheet

__all__ = ["drop_counties", "names_cities", "of_pair", "settled", "spelt_out"]

_DEEPEST: Final = 30
_MOST: Final = 400
_SAMPLE: Final = 40
_ABOVE: Final = (
    "省份 省 省市 省区市 省(区、市) 省、自治区、直辖市 省(自治区、直辖市) 省份名称 省名 各省 "
    "province"
)
_BELOW: Final = (
    "城市 地市 地级市 市 市州 市(州) 地市州 地州市 州市 城市名称 地市名称 地级市名称 市名 各市 "
    "所在城市 所在地市 所在市 所属城市 所属地市 city prefecture"
)
_UPPER: Final = frozenset({*_ABOVE.split(), *ROLES["province"]})
_LOWER: Final = frozenset(_BELOW.split())
# All of a province or prefecture, as a row of its own says it.
_ALL: Final = re.compile(
    r"(?:全|本)?(?:省|市|区|州|盟|自治区|自治州)?(?:合计|总计|小计|汇总|总数|总和)"
    r"|(?:全|本)(?:省|市|区|州|盟|自治区|自治州|域)|total",
    re.IGNORECASE,
)
_MUNICIPALITIES: Final = frozenset({"110000", "120000", "310000", "500000"})


def settled(layout: Layout, gazetteer: Gazetteer) -> Layout:
    """Tell the column of provinces from that of cities where both are called names.

    Parameters
    ----------
    layout : Layout
        A sheet understood.
    gazetteer : Gazetteer
        The units known.

    Returns
    -------
    Layout
        The same with the column of provinces in the role ``province``, and columns of regions,
        and of the codes of provinces beside those of cities, left aside; unchanged where it is
        not clear.

    Examples
    --------
    >>> from suanli.intake.known import gazetteer_of
    >>> from suanli.locations import data_folder
    >>> known = gazetteer_of(data_folder())
    >>> from suanli.intake.layout import Titled
    >>> sheet = Sheet(file="a.csv", rows=[["省份", "城市"], ["河北", "唐山"]], lines=[1, 2])
    >>> columns = tuple(Heading(text=text, role="name") for text in sheet.rows[0])
    >>> layout = Layout(sheet=sheet, headings=columns, header_line=1, body=(1,), years=(None,),
    ...     titled=Titled())
    >>> [heading.role for heading in settled(layout, known).headings]
    ['province', 'name']
    """
    headings = list(layout.headings)
    names = [j for j, heading in enumerate(headings) if heading.role in {"name", "province"}]
    lower = [
        j
        for j in names
        if heading_key(headings[j].text) in _NEUTRAL and _of_counties(layout, gazetteer, j)
    ]
    if 0 < len(lower) < len(names):
        names = [j for j in names if j not in lower]
        for j in lower:
            headings[j] = replace(headings[j], role="county")
    if len(names) > 1:
        _settle_names(layout, gazetteer, headings, names)
    codes = [j for j, heading in enumerate(headings) if heading.role == "code"]
    paired = {"province", "name"} <= {heading.role for heading in headings}
    upper = [j for j in codes if _of_provinces(layout, gazetteer, j)]
    if upper and (paired or len(upper) < len(codes)):
        # What the codes of provinces say stands beside them, or in those of their cities.
        for j in upper:
            headings[j] = replace(headings[j], role="aside")
    if "county" not in {heading.role for heading in headings}:
        for j, heading in enumerate(headings):
            if not (heading.role or heading.indicator) and _of_counties(layout, gazetteer, j):
                headings[j] = replace(heading, role="county")
                break
    return replace(layout, headings=tuple(headings))


def names_cities(sheets: Sequence[Sheet], gazetteer: Gazetteer) -> bool | None:
    """Tell whether a table of two columns of names is one of cities.

    Parameters
    ----------
    sheets : Sequence[Sheet]
        The sheets.
    gazetteer : Gazetteer
        The units known.

    Returns
    -------
    bool or None
        Whether a row gives a province and a city in it; None where no sheet has two columns.

    Examples
    --------
    >>> from suanli.intake.known import gazetteer_of
    >>> from suanli.locations import data_folder
    >>> known = gazetteer_of(data_folder())
    >>> rows = [["省份", "城市", "GDP"], ["河北", "唐山", "1"]]
    >>> names_cities([Sheet(file="a.csv", rows=rows, lines=[1, 2])], known)
    True
    """
    found: bool | None = None
    for sheet in sheets:
        for i, row in enumerate(sheet.rows[:_DEEPEST]):
            keys = [heading_key(cell) for cell in row]
            columns = [j for j, key in enumerate(keys) if key in _UPPER | _LOWER | _NEUTRAL]
            if len(columns) > 1 and {keys[j] for j in columns} & _UPPER:
                cells = (
                    tuple(sheet.rows[k][j] for j in columns) for k in range(i + 1, len(sheet.rows))
                )
                below = list(dict.fromkeys(cells))[:_MOST]
                found = bool(found) or any(_city_in(cells, gazetteer) for cells in below)
                break
    return found


def of_pair(
    name: str, province: str, *, level: str, gazetteer: Gazetteer, whole: bool
) -> Match | None:
    """Tell what a row with a column of provinces is about, where its name alone does not.

    Parameters
    ----------
    name : str
        What stands in the column of names.
    province : str
        What stands in the column of provinces; not empty.
    level : {"province", "city"}
        The level wanted.
    gazetteer : Gazetteer
        The units known.
    whole : bool
        Whether the table writes a province's own name in the column of cities for all of it,
        see :func:`spelt_out`.

    Returns
    -------
    Match or None
        ``province_row`` for a row about all of the province, ``elsewhere`` for a city of
        another province; None where name and province are to be looked up as usual.

    Examples
    --------
    >>> from suanli.intake.known import gazetteer_of
    >>> from suanli.locations import data_folder
    >>> known = gazetteer_of(data_folder())
    >>> of_pair("合计", "河北", level="city", gazetteer=known, whole=False).kind
    'province_row'
    >>> of_pair("吉林", "吉林", level="city", gazetteer=known, whole=False).code
    '220200'
    """
    upper = gazetteer.province(province)
    if upper.kind == "total" and (not name or _is_total(gazetteer, name)):
        return replace(upper, name=province)
    if upper.kind not in {"unit", "renamed"}:
        return None
    plain = plain_name(name)[0]
    if not plain or _ALL.fullmatch(plain):
        return _of_all(upper, level, mended=True)
    same = gazetteer.match(name, level="province", certain=True, suggest=False)
    inside = gazetteer.match(name, level="city", province=upper.code, certain=True, suggest=False)
    if same.code == upper.code and same.kind == "unit":
        return _namesake(replace(upper, mended=same.mended), inside, level, whole=whole)
    if level == "city" and inside.kind == "unknown":
        return _elsewhere(name, upper, gazetteer)
    return None


def _is_total(gazetteer: Gazetteer, name: str) -> bool:
    """Tell whether a name is that of a sum."""
    return gazetteer.match(name, level="province", certain=True, suggest=False).kind == "total"


def spelt_out(pairs: Iterable[tuple[str, str]], gazetteer: Gazetteer) -> bool:
    """Tell whether a table repeats a province's name in the column of cities for all of it.

    Then 吉林, 吉林 may be the province or the city of the name.

    Parameters
    ----------
    pairs : Iterable[tuple[str, str]]
        Names and provinces as written.
    gazetteer : Gazetteer
        The units known.

    Returns
    -------
    bool
        Whether a province without a city of its name stands in both columns.

    Examples
    --------
    >>> from suanli.intake.known import gazetteer_of
    >>> from suanli.locations import data_folder
    >>> known = gazetteer_of(data_folder())
    >>> spelt_out([("河北", "河北")], known), spelt_out([("吉林", "吉林")], known)
    (True, False)
    """
    for name, province in pairs:
        upper = gazetteer.province_of(province) if province else ""
        if upper and upper not in _MUNICIPALITIES and gazetteer.province_of(name) == upper:
            inside = gazetteer.match(
                name, level="city", province=upper, certain=True, suggest=False
            )
            if inside.kind != "unit":
                return True
    return False


def drop_counties(rows: pd.DataFrame, place: Place, ledger: Ledger) -> pd.DataFrame:
    """Leave out rows that give a county in a column of its own.

    Parameters
    ----------
    rows : pandas.DataFrame
        From :func:`suanli.intake.melt.melted`.
    place : Place
        The sheet.
    ledger : Ledger
        Takes what is found.

    Returns
    -------
    pandas.DataFrame
        The rows about all of their prefecture or province.

    Examples
    --------
    >>> rows = pd.DataFrame({"county": ["", "昆山市", "全市"]})
    >>> list(drop_counties(rows, Place(file="a.csv"), Ledger()).index)
    [0, 2]
    """
    plain = rows["county"].map(lambda text: plain_name(text)[0])
    below = (plain != "") & ~plain.map(lambda text: _ALL.fullmatch(text) is not None)
    if below.any():
        first = rows.loc[below, "county"].iloc[0]
        ledger.add("county_rows", place, first, count=int(below.sum()))
    return rows[~below]


_NEUTRAL: Final = frozenset(ROLES["name"]) - _UPPER - _LOWER


def _city_in(cells: Sequence[str], gazetteer: Gazetteer) -> bool:
    """Tell whether a row gives a province and a city in it that is no municipality."""
    codes = [code for code in map(gazetteer.province_of, cells) if code]
    return any(
        found.kind in {"unit", "renamed"} and found.code not in _MUNICIPALITIES
        for code in codes[:1]
        for cell in cells
        if cell.strip() and gazetteer.province_of(cell) != code
        for found in [
            gazetteer.match(cell, level="city", province=code, certain=True, suggest=False)
        ]
    )


def _of_all(upper: Match, level: str, *, mended: bool) -> Match:
    """Return the province, or, of cities, that the row is about all of one."""
    if level == "province" or upper.code in _MUNICIPALITIES:
        return replace(upper, kind="unit", mended=mended)
    return Match(kind="province_row", code=upper.code, name=upper.name)


def _namesake(upper: Match, inside: Match, level: str, *, whole: bool) -> Match | None:
    """Settle a row that has the same name in both columns."""
    if inside.kind != "unit" or upper.code in _MUNICIPALITIES:
        return _of_all(upper, level, mended=upper.mended)
    if whole:
        both = (f"{inside.code} {inside.name}", f"{upper.code} {upper.name}")
        return Match(kind="ambiguous", candidates=both)
    if level == "city":
        return inside
    return Match(kind="other_level", code=inside.code, name=inside.name)


def _elsewhere(name: str, upper: Match, gazetteer: Gazetteer) -> Match | None:
    """Find a city that lies in another province than the one beside it."""
    counties = gazetteer.match(name, level="city", province=upper.code, certain=True)
    if counties.kind != "unknown":
        return counties
    found = gazetteer.match(name, level="city", certain=True, suggest=False)
    if found.kind in {"unit", "renamed"}:
        return Match(kind="elsewhere", code=found.code, name=found.name, note=upper.name)
    return None


def _settle_names(
    layout: Layout, gazetteer: Gazetteer, headings: list[Heading], columns: Sequence[int]
) -> None:
    counts = {j: _counted(layout, gazetteer, j) for j in columns}
    latin = [j for j in columns if all(layout.sheet.rows[i][j].isascii() for i in layout.body)]
    # The same names in English, as yearbooks have them.
    aside = latin if len(latin) < len(columns) and all(sum(counts[j]) for j in latin) else []
    upper, lower = [], []
    for j in columns:
        if j in aside:
            continue
        word = heading_key(headings[j].text.split(" ")[-1])
        provinces, cities, totals, other = counts[j]
        if word in _LOWER and not provinces > cities:
            lower.append(j)
        elif word in _UPPER and provinces >= cities:
            upper.append(j)
        elif cities > max(provinces, totals):
            lower.append(j)
        elif provinces > max(totals, other):
            upper.append(j)
        elif totals > other and totals > 0:
            aside.append(j)
    told = len(upper) <= 1 and len(lower) <= 1 and bool(upper + lower)
    if told and len(upper + lower + aside) == len(columns):
        for j in columns:
            role = "aside" if j in aside else "province" if j in upper and lower else "name"
            headings[j] = replace(headings[j], role=role)


def _counted(layout: Layout, gazetteer: Gazetteer, column: int) -> tuple[int, int, int, int]:
    """Count the names of a column: provinces, cities, totals and regions, others."""
    cells = dict.fromkeys(layout.sheet.rows[i][column].strip() for i in layout.body)
    provinces = cities = totals = other = 0
    for cell in [cell for cell in cells if cell][:_MOST]:
        above = gazetteer.province(cell).kind
        below = gazetteer.match(cell, level="city", certain=True, suggest=False).kind
        if above == "unit" and below == "unit":
            continue
        if above == "unit":
            provinces += 1
        elif below in {"unit", "renamed", "abolished", "county"}:
            cities += 1
        elif above == "total":
            totals += 1
        else:
            other += 1
    return provinces, cities, totals, other


def _of_counties(layout: Layout, gazetteer: Gazetteer, column: int) -> bool:
    """Tell whether most cells of a column, whatever its heading, name counties."""
    cells = dict.fromkeys(layout.sheet.rows[i][column].strip() for i in layout.body)
    texts = [cell for cell in cells if cell and not cell.isascii()][:_SAMPLE]
    if not texts or 2 * len(texts) < min(len(cells), _SAMPLE):
        return False
    kinds = [gazetteer.match(cell, level="city", suggest=False).kind for cell in texts]
    return 2 * kinds.count("county") > len(kinds)


def _of_provinces(layout: Layout, gazetteer: Gazetteer, column: int) -> bool:
    """Tell whether a column holds codes of provinces only, and not of municipalities alone."""
    reader = CodeReader(gazetteer=gazetteer)
    cells = {layout.sheet.rows[i][column].strip() for i in layout.body} - {""}
    found = [reader.match(cell, "province") for cell in cells if is_digits(cell)]
    return {match.kind for match in found} == {"unit"} and not (
        {match.code for match in found} <= _MUNICIPALITIES
    )
