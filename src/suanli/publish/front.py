"""The atlas's front page: the maps, the leaders, what was found, and what to beware of."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup

from geo.cartography.font import PAGE_STACK, page_font_face
from geo.storage import write_text
from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.finding import (
    convergence_sentences,
    gap_grid,
    hub_grid,
    hub_study_sentences,
    pattern_sentences,
)
from suanli.publish.tables import top_table
from suanli.publish.wording import (
    abouts,
    agreement_note,
    caveats,
    interval_text,
    intervals_note,
    years_caption,
)

__all__ = ["write_front"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_TOP: Final = 10
_PNG_HEAD: Final = 24
_PAGES: Final = {
    "province": "province-index.png",
    "city": "city-index.png",
    "clusters": "city-lisa.png",
    "hubs": "city-hub-rings.png",
}
_FILES: Final = (
    "../gis/province.geojson",
    "../gis/city.geojson",
    "../gis/atlas.gpkg",
    "../gis/fields.csv",
    "../tables/province_scores.csv",
    "../tables/city_scores.csv",
    "../tables/contents.csv",
    "../manifest.json",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    name: str
    score: str
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    title: str
    cells: tuple[_Cell, ...]


def write_front(edition: Edition, folder: Path, figures: Sequence[Path]) -> Path:
    """Write ``index.html``.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        The folder of the maps.
    figures : Sequence[pathlib.Path]
        PNG figures in that folder, to be shown in this order.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    OSError
        The page cannot be written.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> import tempfile
    >>> page = write_front(sample_edition(), Path(tempfile.mkdtemp()), [])
    >>> page.name
    'index.html'
    """
    text, about = edition.text, abouts(edition)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("suanli.publish"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    html = environment.get_template("front.html").render(
        text=text,
        font_stack=Markup(PAGE_STACK),  # noqa: S704 - our own constant
        font_face=Markup(page_font_face()),  # noqa: S704 - our own constant
        note=text.of(edition.study.province.spec.note.model_dump()),
        cards=[
            {
                "page": f"{key}.html",
                "image": image,
                "title": text(f"maps.page_{key}"),
                "about": about[key],
                "size": _size(folder / image),
            }
            for key, image in _PAGES.items()
        ],
        tops=_tops(edition),
        tops_caption=years_caption(edition),
        top_rows=_TOP,
        intervals_note=intervals_note(edition, "province"),
        gap=gap_grid(edition),
        gap_year=max(edition.study.panel),
        convergence=convergence_sentences(edition),
        pattern=pattern_sentences(edition),
        hubs=hub_grid(edition),
        hub_study=hub_study_sentences(edition),
        hub_tests=edition.hub_tests_note(),
        tested_notes=_tested(edition),
        agreement_note=agreement_note(edition),
        agreement_head=[
            text(f"front.agreement_{key}") for key in ("list", "overlap", "chance", "rbo")
        ],
        agreement_rows=_agreement(edition),
        figures=[
            {
                "png": path.name,
                "svg": path.with_suffix(".svg").name,
                "title": path.stem,
                "size": _size(path),
            }
            for path in figures
        ],
        files=[{"path": path, "about": text(f"front.file_{_slug(path)}")} for path in _FILES],
        caveats=[*caveats(edition), *edition.notes()],
    )
    page = folder / "index.html"
    write_text(page, html)
    return page


def _size(path: Path) -> tuple[int, int] | None:
    """Read width and height from the header of a PNG, so that pages keep room for it."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        head = stream.read(_PNG_HEAD)
    if len(head) < _PNG_HEAD:
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _tested(edition: Edition) -> list[str]:
    notes = {level: edition.tested_note(level) for level in _LEVELS}
    return [
        edition.text("front.at_level", level=edition.text(f"common.{level}"), sentence=note)
        for level, note in notes.items()
        if note
    ]


def _slug(path: str) -> str:
    return Path(path).name.replace(".", "_")


def _tops(edition: Edition) -> list[_Column]:
    columns = []
    for level in ("province", "city"):
        nodes = edition.nodes(level) if level == "province" else (ROOT,)
        for node in nodes:
            names = edition.unit_names(level, short=True)
            table = top_table(
                edition.scores(level), names, node, ranks=edition.ranks(level), k=_TOP
            )
            cells = [
                _Cell(
                    name=str(row.name),
                    score=f"{row.score:.1f}",
                    interval=interval_text(edition, row),
                )
                for row in table.itertuples(index=False)
            ]
            columns.append(_Column(title=edition.node_name(level, node), cells=tuple(cells)))
    return columns


def _agreement(edition: Edition) -> list[list[str]]:
    table = edition.study.agreement
    ranked = table[table["node"].ne("") & table["kind"].eq("ranking")]
    return [
        [
            f"{row['year']} {row['edition']} · {edition.node_name(row['level'], row['node'])}",
            edition.text("front.overlap", overlap=row["overlap"], length=row["length"]),
            f"{row['expected_overlap']:.1f}",
            f"{row['rbo']:.2f}",
        ]
        for row in ranked.to_dict("records")
    ]
