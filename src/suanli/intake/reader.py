"""Reading an indicator table from a delimited text file."""

import re
from pathlib import Path
from typing import Literal

import pandas as pd

from suanli.errors import InputError, Problem
from suanli.intake.cells import CellChecker
from suanli.intake.decode import Grid, read_grid
from suanli.intake.table import ANY_YEAR, COLUMNS, IndicatorTable, hinted, nearest, suggestion

__all__ = ["CODE_NAMES", "read_table", "role_of"]

_ALIASES = {
    "code": ("code", "adcode", "代码", "区划代码", "行政区划代码"),
    "name": ("name", "名称", "地区", "省份", "城市"),
    "level": ("level", "级别"),
    "year": ("year", "年份", "年"),
    "indicator": ("indicator", "indicator_id", "指标", "指标代码"),
    "value": ("value", "值", "数值"),
    "unit": ("unit", "单位"),
    "quality": ("quality", "质量"),
    "source": ("source", "source_id", "来源"),
}
_ROLE = {alias: role for role, aliases in _ALIASES.items() for alias in aliases}
CODE_NAMES = _ALIASES["code"]
"""What a column of codes may be called."""
_TIDY = ("code", "year", "indicator", "value")
_MOST_PROBLEMS = 200


def read_table(
    path: Path,
    *,
    level: Literal["province", "city"],
    units: pd.DataFrame,
    indicators: pd.DataFrame,
    renames: pd.DataFrame | None = None,
) -> IndicatorTable:
    r"""Read indicator values of spatial units from a delimited text file.

    Two forms are read. *Tidy*: columns code, year, indicator, value and, optionally, unit,
    quality, source, name, level (rows of another level are left out). *Wide*: code, then
    optionally year and name, then one column per indicator, headed by its identifier or its
    Chinese or English name, with its unit in brackets if you like. A wide file without a
    year holds for every year. Column names may be Chinese.

    Without loss of meaning these are mended silently: byte order marks, UTF-16 and GB18030,
    full-width digits, thousands separators, blanks, a per-cent sign where the unit is %,
    codes such as ``130100.0`` or ``130100000000``, years such as ``2023年``. Cells marked as
    missing (blank, ``-``, ``—``, ``…``, ``/``, ``N/A``, ``无``, ``暂无``) give no value.
    Everything else is a problem.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    level : {"province", "city"}
        Level of the units.
    units : pandas.DataFrame
        Units known: text columns ``code``, ``level``, ``name`` and, if at hand,
        ``short_name``, which a name beside a code must contain.
    indicators : pandas.DataFrame
        Indicators known: text columns ``indicator``, ``level``, ``name_zh``, ``name_en``,
        ``unit``, ``minimum``, ``maximum`` (empty = no bound).
    renames : pandas.DataFrame, optional
        Names and codes that were (``Catalogue.renames``): old names pass, and a retired code
        is reported with its last year and successor.

    Returns
    -------
    IndicatorTable
        The values. Quality is ``"user"`` and source the file name where the file says none.

    Raises
    ------
    InputError
        The file cannot be used; all its problems at once (the first 200), each with file,
        row, column and value.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> text = "代码,年份,地区生产总值（亿元）\n110000,2023年,43760.7\n"
    >>> _ = path.write_text(text, encoding="utf-8")
    >>> table = read_table(path, level="province",
    ...     units=pd.DataFrame({"code": ["110000"], "level": ["province"], "name": ["北京市"]}),
    ...     indicators=pd.DataFrame({"indicator": ["gdp"], "level": ["province"],
    ...         "name_zh": ["地区生产总值"], "name_en": ["GRP"], "unit": ["亿元"],
    ...         "minimum": ["0"], "maximum": [""]}))
    >>> float(table.wide(2023).loc["110000", "gdp"])
    43760.7
    """
    grid = read_grid(path, header_names=CODE_NAMES)
    roles = [role_of(name) for name in grid.header]
    _require_unique(grid)
    tidy = "indicator" in roles or "value" in roles
    _require_columns(grid, roles, _TIDY if tidy else ("code",))
    known = indicators[indicators["level"] == level]
    cells, problems = (_tidy(grid, roles), []) if tidy else _wide(grid, roles, known)
    if "level" in cells:
        cells = cells[cells["level"].isin(("", level))]
    checker = CellChecker(
        file=grid.file, level=level, units=units, indicators=indicators, renames=renames
    )
    cells, found = checker.check(cells.reset_index(drop=True))
    _raise(grid, [*problems, *found])
    return IndicatorTable(cells=cells.loc[:, list(COLUMNS)])


def role_of(heading: str) -> str:
    """Tell what a column is by its heading.

    Parameters
    ----------
    heading : str
        What stands above it.

    Returns
    -------
    str
        Such as ``"code"`` or ``"year"``; nothing where the heading says nothing.

    Examples
    --------
    >>> role_of("年份"), role_of("GDP")
    ('year', '')
    """
    return _ROLE.get(heading.casefold(), "")


def _frame(grid: Grid, roles: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(grid.rows), columns=range(len(grid.header)), dtype="str")
    named = {role: frame[i].str.strip() for i, role in enumerate(roles) if role}
    defaults = {"year": str(ANY_YEAR), "unit": "", "quality": "", "source": ""}
    for role, default in defaults.items():
        named.setdefault(role, pd.Series(default, index=frame.index, dtype="str"))
    named["quality"] = named["quality"].replace("", "user")
    named["source"] = named["source"].replace("", grid.file)
    return pd.DataFrame(named).assign(row=list(grid.lines))


def _tidy(grid: Grid, roles: list[str]) -> pd.DataFrame:
    return _frame(grid, roles).assign(column=grid.header[roles.index("value")])


def _wide(
    grid: Grid, roles: list[str], indicators: pd.DataFrame
) -> tuple[pd.DataFrame, list[Problem]]:
    names = _indicator_names(indicators)
    problems: list[Problem] = []
    parts: list[pd.DataFrame] = []
    base = _frame(grid, roles)
    for position, (heading, role) in enumerate(zip(grid.header, roles, strict=True)):
        if role or not heading:
            continue
        match = re.fullmatch(r"(.+?)\s*(?:[(（](.+)[)）])?", heading)
        title, unit = (match[1], match[2] or "") if match else (heading, "")
        identifier = names.get(heading.casefold()) or names.get(title.casefold())
        if identifier is None:
            problems.append(_unknown_column(grid, heading, list(names)))
            continue
        values = [row[position] for row in grid.rows]
        parts.append(base.assign(indicator=identifier, value=values, unit=unit, column=heading))
    if not parts and not problems:
        problems.append(
            Problem(
                code="intake.no_indicators", params={"file": grid.file, "row": grid.header_line}
            )
        )
    if not parts:
        _raise(grid, problems)
    return pd.concat(parts, ignore_index=True), problems


def _indicator_names(indicators: pd.DataFrame) -> dict[str, str]:
    return {
        str(row[column]).casefold(): str(row["indicator"])
        for column in ("name_en", "name_zh", "indicator")
        for row in indicators.to_dict("records")
    }


def _unknown_column(grid: Grid, heading: str, names: list[str]) -> Problem:
    return Problem(
        code="intake.unknown_column",
        params={
            "file": grid.file,
            "row": grid.header_line,
            "column": heading,
            **suggestion(heading, names),
        },
    )


def _require_unique(grid: Grid) -> None:
    roles = [_ROLE.get(name.casefold(), name) for name in grid.header if name]
    repeated = sorted({name for name in roles if roles.count(name) > 1})
    if repeated:
        raise InputError(
            [
                Problem(code="intake.repeated_column", params={"file": grid.file, "column": name})
                for name in repeated
            ]
        )


def _require_columns(grid: Grid, roles: list[str], wanted: tuple[str, ...]) -> None:
    missing = [role for role in wanted if role not in roles]
    if missing:
        raise InputError(
            [
                Problem(
                    code="intake.missing_column",
                    params={
                        "file": grid.file,
                        "column": role,
                        "accepted": ", ".join(_ALIASES[role]),
                        **hinted(_nearest_heading(grid.header, role), "headings"),
                    },
                )
                for role in missing
            ]
        )


def _nearest_heading(header: tuple[str, ...], role: str) -> str:
    found = [nearest(alias, [h for h in header if h]) for alias in _ALIASES[role]]
    return next((text for text in found if text != "-"), "-")


def _raise(grid: Grid, problems: list[Problem]) -> None:
    if not problems:
        return
    shown = problems[:_MOST_PROBLEMS]
    if len(problems) > len(shown):
        more = {"file": grid.file, "count": len(problems) - len(shown)}
        shown.append(Problem(code="intake.more", params=more))
    raise InputError(shown)
