"""The sheet of weights: the cells a reader changes, and that all formulas refer to."""

from collections.abc import Mapping
from typing import Final

from xlsxwriter.utility import xl_rowcol_to_cell

from suanli.boundaries import Level
from suanli.evaluation import Scores
from suanli.profile import ROOT, IndexSpec
from suanli.workbook.grid import refer
from suanli.workbook.layout import Links
from suanli.workbook.looks import FORMATS
from suanli.workbook.making import Making
from suanli.workbook.tree import leaf_order

__all__ = ["links_of", "write_weights"]

_OPTIONS_TOP: Final = 4
_WEIGHT, _SHARE, _OVERALL, _OWN, _MOVED = 5, 6, 7, 8, 9
_COLUMNS: Final = (
    "node_id",
    "node_name",
    "node_kind",
    "node_parent",
    "node_parent_name",
    "weight_set",
    "weight_share",
    "weight_overall",
    "weight_own",
    "weight_moved",
)
_WIDTHS: Final = (24, 34, 12, 20, 20, 14, 14, 14, 14, 10)
_SHARES: Final = {"low": "0", "high": "1"}
_ANY_OPTION: Final = ("any", {"criteria": "between", "minimum": -1e9, "maximum": 1e9})
_OPTION_LIMITS: Final[Mapping[str, tuple[str, Mapping[str, object]]]] = {
    "coverage": ("low_high", {"criteria": "between", "minimum": 0, "maximum": 1}),
    "power": ("not_zero", {"criteria": "!=", "value": 0}),
}
_STRETCHED: Final = {"minmax", "percentile_rank", "scaled", "scaled_coinr", "goalposts"}


def _options(spec: IndexSpec) -> dict[str, float]:
    """Return the numbers of a profile that its formulas refer to."""
    method = spec.method
    found: dict[str, float] = {}
    if method.screen != "none":
        found["coverage"] = method.coverage
    if method.normalise in _STRETCHED:
        found |= {"lower": method.lower, "upper": method.upper}
    if method.normalise == "zscore":
        found |= {"centre": method.centre, "spread": method.spread}
    chosen = {method.aggregate, *(item.aggregate for item in spec.dimension)}
    if "power" in chosen:
        found["power"] = method.power
    return found


def _rows(spec: IndexSpec) -> list[str]:
    """Return nodes and indicators as a tree is read: each above what it holds."""
    inner = {item.id for item in spec.dimension}
    order: list[str] = []

    def visit(node: str) -> None:
        for child in spec.children(node):
            order.append(child)
            if child in inner:
                visit(child)

    visit(ROOT)
    return order


def _head(spec: IndexSpec) -> int:
    """Return the row of the headings of the tree, from 0."""
    return _OPTIONS_TOP + len(_options(spec)) + 2


def links_of(spec: IndexSpec, sheet: str) -> Links:
    """Tell where the sheet of weights holds what formulas refer to.

    Parameters
    ----------
    spec : IndexSpec
        The profile.
    sheet : str
        Name of the sheet of weights.

    Returns
    -------
    Links
        Absolute references.

    Examples
    --------
    >>> from suanli.profile import load_profile
    >>> links = links_of(load_profile("caict2024-province"), "W")
    >>> links.options["coverage"], links.weights["compute"]
    ("'W'!$F$6", "'W'!$F$11")
    """

    def at(row: int) -> str:
        cell = xl_rowcol_to_cell(row, _WEIGHT, row_abs=True, col_abs=True)
        return refer(sheet, cell)

    first = _head(spec) + 1
    return Links(
        weights={name: at(first + place) for place, name in enumerate(_rows(spec))},
        options={name: at(_OPTIONS_TOP + 1 + place) for place, name in enumerate(_options(spec))},
    )


def write_weights(making: Making, level: Level) -> None:
    """Write the weights of a level, each in a cell that may be changed.

    Parameters
    ----------
    making : Making
        The workbook.
    level : {"province", "city"}
        The level.

    Examples
    --------
    >>> write_weights.__name__  # see suanli.workbook.book.write_workbook
    'write_weights'
    """
    scores = making.edition.scores(level)
    key = f"{level}_weights"
    way = making.text(f"methods.weight.{scores.spec.method.weight}.title")
    note = making.text("workbook.weights_from", method=way)
    sheet = making.top(key, len(_COLUMNS), note, width=sum(_WIDTHS))
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)
    _write_options(making, key, scores.spec)
    head = _head(scores.spec)
    for place, name in enumerate(_COLUMNS):
        title = making.text(f"workbook.column.{name}")
        making.string(sheet, head, place, title, "head")
        making.note(key, title, making.text(f"workbook.meaning.{name}"))
    sheet.set_row(head, 33)
    _write_tree(making, key, scores)
    sheet.freeze_panes(head + 1, 2)
    sheet.repeat_rows(head)


def _write_options(making: Making, key: str, spec: IndexSpec) -> None:
    sheet, text = making.sheets[key], making.text
    if _options(spec):
        making.string(sheet, _OPTIONS_TOP, 0, text("workbook.options"), "section")
    for row, (name, value) in enumerate(_options(spec).items(), start=_OPTIONS_TOP + 1):
        title = text(f"workbook.option.{name}")
        making.string(sheet, row, 0, name, "label")
        sheet.merge_range(row, 1, row, _WEIGHT - 1, "", making.formats("text"))
        making.string(sheet, row, 1, title, "text")
        sheet.write_number(row, _WEIGHT, value, making.formats("input"))
        limit = _OPTION_LIMITS.get(name, _ANY_OPTION)
        said = text("workbook.option_refused", limit=text(f"workbook.limit.{limit[0]}", **_SHARES))
        rule = {"validate": "decimal", **limit[1], "error_message": said}
        sheet.data_validation(row, _WEIGHT, row, _WEIGHT, rule)
        making.note(key, name, title)


def _write_tree(making: Making, key: str, scores: Scores) -> None:
    sheet, text, spec = making.sheets[key], making.text, scores.spec
    first = _head(spec) + 1
    rows = _rows(spec)
    last = first + len(rows) - 1
    parents = {item.id: item.parent for item in spec.items()}
    labels = {item.id: text.of(item.name.model_dump()) for item in spec.items()}
    leaves = set(leaf_order(spec))
    for row, name in enumerate(rows, start=first):
        parent = parents[name]
        depth = int(scores.weights["level"].astype("int64")[name])
        kind = "leaf" if name in leaves else "dimension" if depth == 1 else "subdimension"
        above = labels.get(parent, text(f"maps.index_{spec.level}"))
        told = (name, "　" * (depth - 1) + labels[name], text(f"shown.value.{kind}"), parent, above)
        for place, cell in enumerate(told):
            making.string(sheet, row, place, cell, "label" if place == 0 else "text")
        local, overall = scores.weights.loc[name, ["local", "overall"]].astype(float)
        percent = making.formats("live", FORMATS["weight"])
        sheet.write_number(row, _WEIGHT, local, making.formats("input", FORMATS["weight"]))
        sheet.data_validation(
            row, _WEIGHT, row, _WEIGHT,
            {"validate": "decimal", "criteria": ">=", "value": 0,
             "error_message": text("workbook.weight_refused")},
        )  # fmt: skip
        here = f"F{row + 1}"
        among = f"SUMIF($D${first + 1}:$D${last + 1},$D{row + 1},$F${first + 1}:$F${last + 1})"
        sheet.write_formula(row, _SHARE, f"=IF({among}>0,{here}/{among},0)", percent, local)
        above_cell = (
            f"INDEX($H${first + 1}:$H${last + 1},MATCH($D{row + 1},$A${first + 1}:$A${last + 1},0))"
        )
        product = f"=G{row + 1}" if parent == ROOT else f"=G{row + 1}*{above_cell}"
        sheet.write_formula(row, _OVERALL, product, percent, overall)
        sheet.write_number(row, _OWN, local, making.formats("fixed", FORMATS["weight"]))
        moved = f'=IF(ABS({here}-I{row + 1})>1E-12,"●","")'
        sheet.write_formula(row, _MOVED, moved, making.formats("centred"), "")
