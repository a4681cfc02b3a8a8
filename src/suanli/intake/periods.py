"""Tables of parts: of a year by their title, of a unit by a column that divides it."""

import re
from typing import Final

from suanli.intake.brackets import plain_title
from suanli.intake.dates import part_of_year
from suanli.intake.findings import Ledger, Place
from suanli.intake.forecasts import is_change, is_forecast
from suanli.intake.layout import Layout

__all__ = ["refuse_divided", "refuse_parts"]

_DIVIDES: Final = re.compile(
    r"性别|城乡|数据性质|数据类型|数据状态|运营商|基础电信企业|情景|情形|(?:统计)?(?:口径|范围)|数据中心(?:名称)?|机房(?:名称)?|园区(?:名称)?"
    r"|项目名称|企业(?:名称)?|公司(?:名称)?|行业(?:名称)?|建设状态|投产状态"
)
_PARTS: Final = re.compile(
    r"城镇|乡村|农村|男性?|女性?|市区|市辖区|城区|在建|规划|拟建|签约|预测|预计|计划|目标|(?:中国)?(?:电信|移动|联通|广电|铁塔)"
    r"|[高中低]方案|基准情景|[高中低]情景"
)
_MONTHS: Final = re.compile(r"季度?|季别|月份?|时段|期间")
_ALL_YEAR: Final = re.compile(r"全年|年度?|年报|-|—|(?:一|1)?(?:-|—|至)(?:四季度|4季度|12月?)")
_ALL: Final = re.compile(
    r"实际数?|实绩|统计数?|合计|总计|小计|全部|全市|全省|全区|全域|全社会|不分.*|总体|在用|已投产|投产|总量|总值|绝对[值量数]|数值|-|—|"
)


def refuse_divided(layout: Layout, ledger: Ledger) -> None:
    """Refuse a table in which a column says that a row is of part of a unit.

    Parameters
    ----------
    layout : Layout
        The sheet understood.
    ledger : Ledger
        Takes what is found.

    Examples
    --------
    >>> from suanli.intake.headings import Heading
    >>> from suanli.intake.layout import Titled
    >>> from suanli.intake.sheets import Sheet
    >>> sheet = Sheet(file="a.csv", rows=[["城市", "类别"], ["唐山", "城镇"]], lines=[1, 2])
    >>> columns = (Heading(text="城市", role="name"), Heading(text="类别"))
    >>> ledger = Ledger()
    >>> refuse_divided(Layout(sheet=sheet, headings=columns, header_line=1, body=(1,),
    ...     years=(None,), titled=Titled()), ledger)
    >>> ledger.findings[0].rule
    'unit_divided'
    """
    for j, heading in enumerate(layout.headings):
        if heading.role or heading.indicator or not heading.text:
            continue
        if _MONTHS.fullmatch(plain_title(heading.text)):
            _refuse_months(layout, j, ledger)
            continue
        cells = [(i, plain_title(layout.sheet.rows[i][j])) for i in layout.body]
        parts = [
            (i, cell)
            for i, cell in cells
            if not (_ALL.fullmatch(cell) or is_forecast(cell) or is_change(cell))
        ]
        texts = [cell for _, cell in parts if not cell[:1].isdigit()]
        divides = _DIVIDES.fullmatch(plain_title(heading.text))
        if texts and (divides or all(_PARTS.fullmatch(cell) for cell in texts)):
            ledger.add("unit_divided", layout.place(parts[0][0], j), heading.text, part=texts[0])


def _refuse_months(layout: Layout, j: int, ledger: Ledger) -> None:
    """Refuse rows of months or quarters."""
    for i in layout.body:
        cell = plain_title(layout.sheet.rows[i][j])
        if cell and not _ALL_YEAR.fullmatch(cell):
            ledger.add("part_of_year", layout.place(i, j), cell)
            return


def refuse_parts(layout: Layout, ledger: Ledger) -> None:
    """Refuse a table whose title says that its values are of part of a year.

    Parameters
    ----------
    layout : Layout
        The sheet understood.
    ledger : Ledger
        Takes what is found.

    Examples
    --------
    >>> from suanli.intake.layout import Titled
    >>> from suanli.intake.sheets import Sheet
    >>> sheet = Sheet(file="a.csv", rows=[["2023年上半年", ""], ["地区", "GDP"]], lines=[1, 2])
    >>> layout = Layout(sheet=sheet, headings=(), header_line=2, body=(), years=(), titled=Titled())
    >>> ledger = Ledger()
    >>> refuse_parts(layout, ledger)
    >>> ledger.findings[0].before
    '上半年'
    """
    sheet = layout.sheet
    place = Place(file=sheet.file, sheet=sheet.name)
    titles = [(place, sheet.name)]
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) == 1:
            titles.append((Place(file=sheet.file, sheet=sheet.name, row=line), filled[0]))
        if line == layout.header_line:
            break
    for at, text in titles:
        words = part_of_year(text)
        if words:
            ledger.add("part_of_year", at, words)
            return
