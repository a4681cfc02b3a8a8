"""Sheets of scores and ranks: looked up by code, so that sorting them harms nothing."""

from collections.abc import Callable

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.workbook.grid import TOP, refer
from suanli.workbook.layout import Chain
from suanli.workbook.looks import BARS, FORMATS
from suanli.workbook.making import TABLE_HEAD, Making
from suanli.workbook.tree import node_order

__all__ = ["lookup", "write_ranks", "write_scores"]

_CODE = "B"
Formula = Callable[[int], str]


def lookup(chain: Chain, sheet: str, block: str, key: str, *, code: str = _CODE) -> Formula:
    """Return a formula that finds a unit's figure on the sheet of formulas.

    Parameters
    ----------
    chain : Chain
        The plan of that sheet.
    sheet : str
        Its name.
    block, key : str
        The column wanted.
    code : str
        Column of codes on the sheet the formula stands on.

    Returns
    -------
    Callable[[int], str]
        Gives the formula of a row.

    Examples
    --------
    >>> lookup.__name__  # see suanli.workbook.book.write_workbook
    'lookup'
    """
    letter = chain.of(block, key).span.letter
    values = refer(sheet, f"${letter}${TOP}:${letter}${chain.last}")
    codes = refer(sheet, chain.units)
    return lambda row: f"INDEX({values},MATCH(${code}{row},{codes},0))"


class _Sheet:
    """A sheet of looked up figures, written column by column."""

    def __init__(self, making: Making, level: Level, key: str, chain: Chain) -> None:
        self.making, self.level, self.key, self.chain = making, level, key, chain
        self.sheet = making.sheets[key]
        self.calc = making.names[f"{level}_chain"]
        self.place = 0
        self.width = 0.0

    def column(
        self,
        title: str,
        about: str,
        values: pd.Series,
        *,
        kind: str,
        live: tuple[str, str] | Formula | None = None,
        bar: str = "",
        width: float = 11,
    ) -> None:
        """Write one column: formulas with our values beside them, or values alone."""
        making, place = self.making, self.place
        making.note(self.key, title, about)
        making.string(self.sheet, TABLE_HEAD - 1, place, title, "head")
        self.sheet.set_column(place, place, width)
        formula = lookup(self.chain, self.calc, *live) if isinstance(live, tuple) else live
        look = "live" if formula else "fixed" if FORMATS[kind] else "label"
        listed = values.reindex(list(self.chain.codes)).tolist()
        for row, value in enumerate(listed, start=TABLE_HEAD):
            missing = bool(pd.isna(value))
            if formula:
                cached = "" if missing else value
                style = making.formats(look, FORMATS[kind])
                self.sheet.write_formula(row, place, f"={formula(row + 1)}", style, cached)
            elif missing:
                self.sheet.write_blank(row, place, None, making.formats(look))
            elif FORMATS[kind]:
                style = making.formats(look, FORMATS[kind])
                self.sheet.write_number(row, place, float(value), style)
            else:
                making.string(self.sheet, row, place, value, look)
        if bar:
            last = TABLE_HEAD + len(self.chain.codes) - 1
            making.bars(self.sheet, (TABLE_HEAD, place, last, place), BARS[bar])
        self.place += 1
        self.width += width

    def band(self, title: str, begun: int) -> None:
        """Write a title over the columns from one on."""
        for place in range(begun, self.place):
            said = title if place == begun else ""
            self.making.string(self.sheet, TABLE_HEAD - 2, place, said, "band:indicator")

    def units(self) -> None:
        """Write code, name and, of cities, the province."""
        making, text = self.making, self.making.text
        names = making.unit_names(self.level)
        codes = pd.Series(list(self.chain.codes), index=list(self.chain.codes))
        columns = {"code": (codes, 9.0), "name": (names, 22.0)}
        if self.level == "city":
            provinces = making.unit_names("province")
            parents = making.edition.boundaries.city["parent"].map(provinces)
            columns["province"] = (parents, 18.0)
        for key, (values, width) in columns.items():
            title, about = (text(f"workbook.{x}.{key}") for x in ("column", "meaning"))
            self.column(title, about, values, kind="text", width=width)

    def end(self, frozen: int, note: str = "") -> None:
        """Write what stands above, and set up the view."""
        self.making.top(self.key, self.place, note, width=self.width)
        sheet, last = self.sheet, TABLE_HEAD + len(self.chain.codes) - 1
        sheet.set_row(TABLE_HEAD - 1, 50)
        sheet.autofilter(TABLE_HEAD - 1, 0, last, self.place - 1)
        sheet.freeze_panes(TABLE_HEAD, frozen)
        sheet.repeat_rows(TABLE_HEAD - 1)
        sheet.repeat_columns(0, frozen - 1)
        sheet.ignore_errors({"number_stored_as_text": f"{_CODE}{TABLE_HEAD + 1}:{_CODE}{last + 1}"})


def write_scores(making: Making, level: Level, chain: Chain) -> None:
    """Write the scores of every node, best unit first.

    Parameters
    ----------
    making : Making
        The workbook.
    level : {"province", "city"}
        The level.
    chain : Chain
        Its formulas.

    Examples
    --------
    >>> write_scores.__name__  # see suanli.workbook.book.write_workbook
    'write_scores'
    """
    edition, text = making.edition, making.text
    scores, ranks = edition.scores(level), edition.ranks(level).of(ROOT)
    page = _Sheet(making, level, f"{level}_scores", chain)

    def told(key: str) -> tuple[str, str]:
        return text(f"workbook.column.{key}"), text(f"workbook.meaning.{key}")

    index = scores.ranks[ROOT]
    page.column(*told("rank"), index, kind="rank", live=("rank", ROOT), width=9)
    page.units()
    frozen = page.place
    for node in node_order(scores.spec):
        page.column(
            edition.node_name(level, node),
            text("workbook.score_of", node=edition.node_name(level, node)),
            scores.nodes[node],
            kind="score",
            live=("score", node),
            bar="score" if node == ROOT or node in scores.dimensions else "",
            width=14 if node == ROOT else 12,
        )
        if node == ROOT:
            for end in ("rank_low", "rank_high"):
                values = ranks[end.removeprefix("rank_")]
                page.column(*told(end), values, kind="rank", width=9)
    page.column(*told("coverage"), scores.coverage, kind="share", live=("coverage", ROOT), width=10)
    filled = (scores.imputed != "").sum(axis="columns")
    page.column(*told("imputed"), filled, kind="whole", width=10)
    own = page.place
    page.column(*told("own_rank"), index, kind="rank", width=10)
    before = xl_col_to_name(own)
    moved = pd.Series(0.0, index=index.dropna().index)
    page.column(
        *told("moved"),
        moved,
        kind="moved",
        live=lambda row: f'IF(OR(A{row}="",{before}{row}=""),"",{before}{row}-A{row})',
        width=10,
    )
    page.end(frozen)


def write_ranks(making: Making, level: Level, chain: Chain) -> None:
    """Write ranks of every node with their intervals.

    Parameters
    ----------
    making : Making
        The workbook.
    level : {"province", "city"}
        The level.
    chain : Chain
        Its formulas.

    Examples
    --------
    >>> write_ranks.__name__  # see suanli.workbook.book.write_workbook
    'write_ranks'
    """
    edition, text = making.edition, making.text
    scores, intervals = edition.scores(level), edition.ranks(level)
    page = _Sheet(making, level, f"{level}_ranks", chain)
    page.column(
        text("workbook.column.rank"),
        text("workbook.meaning.rank"),
        scores.ranks[ROOT],
        kind="rank",
        live=("rank", ROOT),
        width=9,
    )
    page.units()
    frozen = page.place
    said = intervals.spec.uncertainty
    share = f"{said.interval[1] - said.interval[0]:.0%}"
    for node in node_order(scores.spec):
        name = edition.node_name(level, node)
        begun = page.place
        if node != ROOT:
            page.column(
                text("workbook.rank_of", node=name),
                text("workbook.meaning.rank_of", node=name),
                scores.ranks[node],
                kind="rank",
                live=("rank", node),
                width=10,
            )
        if node not in intervals.histogram:
            continue
        found = intervals.of(node)
        parts = {"low": "rank", "high": "rank", "median": "rank", "top_share": "share"}
        for part, kind in parts.items():
            params = {"node": name, "share": share, "top": said.top}
            page.column(
                text(f"workbook.interval.{part}", **params),
                text(f"workbook.interval_meaning.{part}", **params),
                found[part],
                kind=kind,
                width=9,
            )
        page.band(name, begun)
    note = text("workbook.intervals_from", replicates=intervals.replicates, share=share)
    page.end(frozen, note)
