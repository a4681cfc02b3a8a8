"""The first sheet: what the workbook is, how a score is traced, what to beware of."""

from collections.abc import Mapping
from typing import Final

from xlsxwriter.worksheet import Worksheet

from suanli.boundaries import Level
from suanli.publish.spreadsheets import HEIGHT, cell_width
from suanli.publish.wording import caveats
from suanli.workbook.chain_sheet import limit_said
from suanli.workbook.layout import Chain
from suanli.workbook.limits import ANYTHING
from suanli.workbook.looks import LEGEND
from suanli.workbook.making import SHEETS, Making

__all__ = ["write_readme"]

_LEVELS: Final[tuple[Level, Level]] = ("province", "city")
_WIDTHS: Final = (5, 24, 16, 66)
_STAGES: Final = ("screen", "impute", "treat", "normalise", "weight", "aggregate")


class _Page:
    """The sheet, written from the top down."""

    def __init__(self, making: Making, sheet: Worksheet) -> None:
        self.making, self.sheet, self.row = making, sheet, 0

    def section(self, key: str) -> None:
        if self.row > 1:
            self.row += 1
        title = self.making.text(f"workbook.readme.{key}.title")
        self.making.string(self.sheet, self.row, 0, title, "section")
        for place in range(1, len(_WIDTHS)):
            self.sheet.write_blank(self.row, place, None, self.making.formats("section"))
        self.sheet.set_row(self.row, 20)
        self.row += 1

    def line(self, said: str, number: int) -> None:
        self.making.string(self.sheet, self.row, 0, str(number), "plain")
        self.wide(said, 1)

    def wide(self, said: str, first: int) -> None:
        """Write a sentence over the columns from one on."""
        last = len(_WIDTHS) - 1
        look = self.making.formats("plain")
        self.sheet.merge_range(self.row, first, self.row, last, "", look)
        self.making.string(self.sheet, self.row, first, said, "plain")
        self.sheet.set_row(self.row, HEIGHT * max(1, -(-cell_width(said) // sum(_WIDTHS[first:]))))
        self.row += 1

    def pair(self, told: str, said: str, look: str = "plain", *, link: str = "") -> None:
        """Write something with what it means."""
        if link:
            self.sheet.write_url(
                self.row, 1, f"internal:'{link}'!A1", self.making.formats("link"), told
            )
        else:
            self.making.string(self.sheet, self.row, 1, told, look)
        self.wide(said, 2)


def write_readme(making: Making, chains: Mapping[Level, Chain]) -> None:
    """Write the first sheet.

    Parameters
    ----------
    making : Making
        The workbook.
    chains : Mapping[str, Chain]
        The formulas of each level.

    Examples
    --------
    >>> write_readme.__name__  # see suanli.workbook.book.write_workbook
    'write_readme'
    """
    text, sheet = making.text, making.sheets["readme"]
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)
    page = _Page(making, sheet)
    making.string(sheet, 0, 0, text("workbook.title"), "title")
    sheet.set_row(0, 30)
    page.row = 1
    for level in _LEVELS:
        spec = making.edition.scores(level).spec
        page.pair(
            text(f"common.{level}"),
            text(
                "workbook.profile",
                title=text.of(spec.title.model_dump()),
                profile=spec.id,
                year=spec.year,
                note=text.of(spec.note.model_dump()),
            ),
        )
    _sentences(page, "about")
    page.section("sheets")
    for key in SHEETS:
        if key != "readme":
            page.pair(making.names[key], text(f"workbook.about.{key}"), link=making.names[key])
    for section in ("trace", "change"):
        _sentences(page, section)
    page.section("limits")
    for level in _LEVELS:
        _limits(page, level, chains[level])
    page.section("beware")
    for number, said in enumerate((*caveats(making.edition), *_own_caveats(making)), start=1):
        page.line(said, number)
    page.section("looks")
    for look in LEGEND:
        sample = text(f"workbook.sample.{look}")
        page.pair(sample, text(f"workbook.look.{look}"), look)
    page.section("methods")
    for level in _LEVELS:
        _methods(page, level, chains[level])
    sheet.fit_to_pages(1, 0)
    sheet.set_portrait()
    sheet.activate()


def _limits(page: _Page, level: Level, chain: Chain) -> None:
    """List raw data by what they may be."""
    text = page.making.text
    alike: dict[str, dict[str, None]] = {}
    for column in chain.in_block("raw"):
        said = limit_said(text, chain.limits.get(column.key, ANYTHING))
        alike.setdefault(said, {})[column.title] = None
    for said, titles in alike.items():
        page.pair(f"{text(f'common.{level}')} · {said}", text("template.comma").join(titles))


def _sentences(page: _Page, section: str) -> None:
    """Write a section of numbered sentences, which may name any sheet."""
    page.section(section)
    text, number = page.making.text, 1
    while text.has(f"workbook.readme.{section}.line{number}"):
        page.line(text(f"workbook.readme.{section}.line{number}", **page.making.names), number)
        number += 1


def _own_caveats(making: Making) -> tuple[str, ...]:
    edition, text = making.edition, making.text
    tested = [
        text("front.at_level", level=text(f"common.{level}"), sentence=edition.tested_note(level))
        for level in _LEVELS
        if edition.tested_note(level)
    ]
    return (text("workbook.caveat_intervals"), edition.tests_note(), *tested)


def _methods(page: _Page, level: Level, chain: Chain) -> None:
    """Say of each stage which method it takes, and whether the workbook repeats it."""
    text = page.making.text
    spec = chain.scores.spec
    method = spec.method
    chosen = {
        "screen": (method.screen,),
        "impute": method.impute,
        "treat": (method.treat,),
        "normalise": (method.normalise,),
        "weight": method.weightings,
        "aggregate": _aggregations(chain),
    }
    for stage in _STAGES:
        names = [
            text(f"methods.{stage}.{name}.title")
            for name in chosen[stage]
            if text.has(f"methods.{stage}.{name}.title")
        ]
        titles = text("template.comma").join(names) or text("workbook.no_method")
        fixed = [name.partition(":")[2] for name in sorted(chain.fixed) if name.startswith(stage)]
        called = text("template.comma").join(chain.names.get(name, name) for name in fixed if name)
        how = text(f"workbook.how.{_how(stage, chain)}", names=called)
        head = f"{text(f'common.{level}')} · {text(f'methods.stage.{stage}')}"
        page.pair(head, text("workbook.method_line", methods=titles, how=how))


def _aggregations(chain: Chain) -> tuple[str, ...]:
    spec = chain.scores.spec
    own = {item.aggregate for item in spec.dimension if item.aggregate}
    return tuple(sorted({spec.method.aggregate, *own}))


def _how(stage: str, chain: Chain) -> str:
    """Tell whether a stage is written as formulas; a key of ``workbook.how``."""
    fixed = {name.partition(":")[0] for name in chain.fixed}
    if stage == "treat":
        some = not chain.scores.winsorised.empty
        return "partly" if "treat" in fixed else "treated" if some else "untouched"
    if stage == "impute":
        return "filled" if (chain.scores.imputed != "").to_numpy().any() else "untouched"
    if stage == "weight":
        return "weights"
    if stage not in fixed:
        return "live"
    return "fixed" if stage == "normalise" else "partly"
