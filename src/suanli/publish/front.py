"""The atlas's front page: what was evaluated, who leads, what was found, and all files."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from geo.cartography.font import PAGE_STACK, page_font_face
from geo.storage import write_text
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.explorer_picture import explorer_picture
from suanli.publish.figure_titles import figure_title
from suanli.publish.finding import (
    convergence_sentences,
    gap_grid,
    hub_grid,
    hub_study_sentences,
    pattern_sentences,
)
from suanli.publish.front_files import downloads, record
from suanli.publish.front_parts import evaluated, points, rankings, sources
from suanli.publish.pages import PAGES, explorer_links
from suanli.publish.tables import contents
from suanli.publish.thumbnails import thumbnail
from suanli.publish.wording import abouts, agreement_note, caveats, intervals_note

__all__ = ["write_front"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_PICTURES: Final = {
    "province": "province-index.png",
    "city": "city-index.png",
    "clusters": "city-lisa.png",
    "hubs": "city-hub-rings.png",
}
_FILES: Final = (
    "../report/report.html",
    "../report/report.docx",
    "../suanli.xlsx",
    "../gis/province.geojson",
    "../gis/city.geojson",
    "../gis/atlas.qgz",
    "../gis/atlas.gpkg",
    "../gis/fields.csv",
    "../tables/province_scores.csv",
    "../tables/city_scores.csv",
    "../tables/contents.csv",
    "../manifest.json",
)
_FORMATS: Final = ("png", "svg", "pdf")


def write_front(edition: Edition, folder: Path, figures: Sequence[Path]) -> Path:
    """Write ``index.html``.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        The folder of the maps; explorers and tables that lie there or beside it are listed.
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
    text = edition.text
    html = _template().render(
        text=text,
        font_stack=Markup(PAGE_STACK),  # noqa: S704 - our own constant
        font_face=Markup(page_font_face()),  # noqa: S704 - our own constant
        css=Markup(_css()),  # noqa: S704 - our own file
        year=_years(edition),
        notes=[text.of(edition.scores(level).spec.note.model_dump()) for level in _LEVELS],
        points=points(edition),
        evaluated=evaluated(edition),
        sources=sources(edition),
        cards=_cards(edition, folder),
        rankings=rankings(edition),
        intervals_note=intervals_note(edition, "province"),
        figures=[_figure(edition, path) for path in figures],
        files=downloads(folder, [(path, text(f"front.file_{_slug(path)}")) for path in _FILES]),
        tables=_tables(edition, folder),
        record=record(edition),
        caveats=[*caveats(edition), *edition.notes()],
        **_findings(edition),
    )
    page = folder / "index.html"
    write_text(page, html)
    return page


def _findings(edition: Edition) -> dict[str, Any]:
    return {
        "gap": gap_grid(edition),
        "gap_year": max(edition.study.panel),
        "convergence": convergence_sentences(edition),
        "pattern": pattern_sentences(edition),
        "hubs": hub_grid(edition),
        "hub_study": hub_study_sentences(edition),
        "hub_tests": edition.hub_tests_note(),
        "tested_notes": _tested(edition),
        "agreement_note": agreement_note(edition),
        "agreement_head": [
            edition.text(f"front.agreement_{key}") for key in ("list", "overlap", "chance", "rbo")
        ],
        "agreement_rows": _agreement(edition),
    }


def _cards(edition: Edition, folder: Path) -> list[dict[str, Any]]:
    about = abouts(edition)
    cards = [
        {
            "page": f"{key}.html",
            "picture": thumbnail(folder / _PICTURES[key], width=640),
            "drawing": "",
            "title": edition.text(f"maps.page_{key}"),
            "about": about[key],
        }
        for key in PAGES
    ]
    return cards + [
        {
            "page": link.page,
            "picture": None,
            "drawing": Markup(explorer_picture(edition)),  # noqa: S704 - escaped when drawn
            "title": link.label,
            "about": edition.text("home.about_explorer"),
        }
        for link in explorer_links(folder)
    ]


def _figure(edition: Edition, path: Path) -> dict[str, Any]:
    return {
        "title": figure_title(edition, path),
        "picture": thumbnail(path),
        "page": path.name,
        "formats": [
            (kind.upper(), path.with_suffix(f".{kind}").name)
            for kind in _FORMATS
            if path.with_suffix(f".{kind}").is_file()
        ],
    }


def _tables(edition: Edition, folder: Path) -> list[Any]:
    """List the tables of the run with what each holds, where they lie beside the maps."""
    names = sorted(path.stem for path in folder.parent.glob("tables/*.csv"))
    told = [name for name in names if name != "contents" and _is_told(edition, name)]
    about = contents(told, edition.text).to_dict("records") if told else []
    return downloads(folder, [(f"../tables/{row['file']}", row["about"]) for row in about])


def _is_told(edition: Edition, name: str) -> bool:
    level, _, kind = name.partition("_")
    return edition.text.has(f"contents.{kind if level in _LEVELS else name}")


def _years(edition: Edition) -> str:
    """Say the year, of each level where they differ."""
    years = {level: edition.scores(level).spec.year for level in _LEVELS}
    if len(set(years.values())) == 1:
        return edition.text("home.year", year=years["province"])
    return edition.text("home.years", **years)


def _tested(edition: Edition) -> list[str]:
    notes = {level: edition.tested_note(level) for level in _LEVELS}
    return [
        edition.text("front.at_level", level=edition.text(f"common.{level}"), sentence=note)
        for level, note in notes.items()
        if note
    ]


def _slug(path: str) -> str:
    return Path(path).name.replace(".", "_")


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


@cache
def _css() -> str:
    source = files("suanli.publish") / "templates" / "front.css"
    return source.read_text(encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("suanli.publish"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("front.html")
