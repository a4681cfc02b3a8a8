"""Web pages of the atlas: every layer switchable, everything inside the file."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Final

from geo.cartography.china import (
    CHINA_FRAME,
    CHINA_MUST_SHOW,
    SOUTH_CHINA_SEA,
    SOUTH_CHINA_SEA_PLACES,
)
from geo.cartography.spec import Inset
from geo.cartography.web import write_web_map
from geo.cartography.web_spec import PageText, WebLink, WebMapSpec, WebTheme
from suanli.analysis.conclusion import Conclusion, spatial_conclusions
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.finding import hub_sentences
from suanli.publish.mapping import hub_markers, national_lines
from suanli.publish.page_layers import cluster_layer, ring_layer, score_layer
from suanli.publish.romanised import search_words
from suanli.publish.unit_cards import neighbours_of, parents, unit_cards
from suanli.publish.wording import intervals_note

__all__ = ["PAGES", "explorer_links", "write_pages"]

PAGES: Final = ("province", "city", "clusters", "hubs")
"""Names of the map pages, in the order they are shown."""

_ALWAYS_DRAWN: Final[Mapping[Level, tuple[str, ...]]] = {
    "province": ("710000", "810000", "820000", "460000"),
    "city": ("710000", "810000", "820000", "460300"),
}
_TITLE: Final = re.compile(r"<title>([^<]*)</title>")
_HEAD: Final = 4096


def write_pages(edition: Edition, folder: Path) -> list[Path]:
    """Write the map pages of an edition.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        Where to write; pages link to each other and to explorers that lie there already.

    Returns
    -------
    list[pathlib.Path]
        The files written: scores of provinces and cities, clusters, rings.

    Raises
    ------
    geo.errors.CartographyError
        A page would lack a unit or reach for the network.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> import tempfile
    >>> [path.name for path in write_pages(sample_edition(), Path(tempfile.mkdtemp()))]
    ['province.html', 'city.html', 'clusters.html', 'hubs.html']
    """
    explorers = explorer_links(folder)
    layers: dict[str, tuple[WebTheme, ...]] = {
        "province": tuple(score_layer(edition, "province", n) for n in edition.nodes("province")),
        "city": tuple(score_layer(edition, "city", n) for n in edition.nodes("city")),
        "clusters": tuple(cluster_layer(edition, name) for name in ("lisa", "gi", "index_lisa")),
        "hubs": (ring_layer(edition),),
    }
    paths = []
    for page, themes in layers.items():
        spec = _spec(edition, page, themes, explorers)
        path = folder / f"{page}.html"
        write_web_map(path, edition.boundaries.layer(_level(page), web=True), spec)
        paths.append(path)
    return paths


def explorer_links(folder: Path) -> tuple[WebLink, ...]:
    """Return links to the weight explorers in a folder.

    Parameters
    ----------
    folder : pathlib.Path
        The folder of the maps.

    Returns
    -------
    tuple[WebLink, ...]
        One per file ``explorer*.html``, called as its own title says.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "explorer-city.html").write_text("<title>Weights &amp; ranks</title>")
    >>> [(link.page, link.label) for link in explorer_links(folder)]
    [('explorer-city.html', 'Weights & ranks')]
    """
    found = []
    for path in sorted(folder.glob("explorer*.html")):
        with path.open(encoding="utf-8", errors="replace") as stream:
            title = _TITLE.search(stream.read(_HEAD))
        label = html.unescape(title[1]).strip() if title else ""
        found.append(WebLink(page=path.name, label=label or path.stem))
    return tuple(found)


def _level(page: str) -> Level:
    return "province" if page == "province" else "city"


def _spec(
    edition: Edition, page: str, themes: tuple[WebTheme, ...], explorers: tuple[WebLink, ...]
) -> WebMapSpec:
    level, text, layers = _level(page), edition.text, edition.boundaries
    lies_in = parents(layers.city) if level == "city" else None
    names = edition.unit_names("province")
    home = WebLink(page="index.html", label=text("front.title"))
    others = [
        WebLink(page=f"{name}.html", label=text(f"maps.page_{name}"))
        for name in PAGES
        if name != page
    ]
    return WebMapSpec(
        title=text(f"maps.page_{page}"),
        subtitle=text("maps.subtitle_page", year=edition.scores(level).spec.year),
        text=edition.map_text(),
        words=_words(edition),
        themes=themes,
        names=edition.unit_names(level),
        notes=edition.notes(*_notes(edition, page), _dated(edition, level)),
        # The borders of provinces are among the borders of their cities.
        lines=national_lines(edition, "province"),
        # On the page of the hubs the first ring is the hub cities.
        markers=() if page == "hubs" else (hub_markers(edition),),
        keywords=search_words(layers.layer(level)),
        groups=None if lies_in is None else lies_in.map(names),
        group_codes=lies_in,
        group_keywords=search_words(layers.province),
        group_link=WebLink(page="province.html", label=text("pages.group_page")),
        neighbours=neighbours_of(edition, level),
        cards=unit_cards(edition, level, page),
        links=(home, *others, *explorers),
        inset=_inset(edition),
        frame=CHINA_FRAME,
        required=_ALWAYS_DRAWN[level],
        must_show=CHINA_MUST_SHOW,
    )


def _inset(edition: Edition) -> Inset:
    return Inset(
        title=edition.text("maps.south_china_sea"),
        bounds=SOUTH_CHINA_SEA,
        places=tuple(
            (edition.text(f"maps.place_{key}"), *point)
            for key, point in SOUTH_CHINA_SEA_PLACES.items()
        ),
    )


def _words(edition: Edition) -> PageText:
    """Return the words of the controls; templates keep their own placeholders."""
    room = {key: f"{{{key}}}" for key in ("value", "name", "count")}
    level_year = edition.scores("province").spec.year
    return PageText(
        **{
            item.name: edition.text(f"pages.word_{item.name}", year=level_year, **room)
            for item in fields(PageText)
        }
    )


def _notes(edition: Edition, page: str) -> tuple[str, ...]:
    text, study = edition.text, edition.study
    if page in ("province", "city"):
        level = _level(page)
        scored = edition.scores(level).index.notna()
        said = [text.of(edition.scores(level).spec.note.model_dump())]
        said.append(intervals_note(edition, level))
        said.append(text("pages.card_note"))
        lacking = int(edition.scores(level).dimensions[scored].isna().any(axis=1).sum())
        said += [text("pages.lacking_note", count=lacking)] * bool(lacking)
        if level == "province" and len(study.panel) > 1:
            first, last = min(study.panel), max(study.panel)
            said.append(text("pages.year_note", first=first, last=last))
        return tuple(said)
    left_out = edition.tested_note("city")
    if page == "hubs":
        rings = _rings_note(edition)
        return (*hub_sentences(edition), rings, edition.hub_tests_note(), left_out)
    described = text("maps.described_note") if left_out else ""
    found, alpha = spatial_conclusions(study.city_pattern), study.settings.alpha
    corrected = text("pages.fdr_note", n=study.city_pattern.moran.n, alpha=alpha)
    return (*_sentences(edition, found), corrected, edition.tests_note(), left_out, described)


def _rings_note(edition: Edition) -> str:
    """Say why rings have more cities on the map than in the tests."""
    hubs, text = edition.study.hubs, edition.text
    scores = edition.study.city_tested.index.reindex(hubs.membership.index)
    without = edition.boundaries.city.loc[scores.index[scores.isna()], "evaluated"]
    tested = hubs.rings.set_index("ring")["n"]
    said = text("maps.list_mark").join(str(int(tested[ring])) for ring in (1, 2, 3))
    missing = int(without.sum())
    counts = {"missing": missing, "outside": len(without) - missing}
    return text("pages.rings_note", rings=said, **counts) if len(without) else ""


def _dated(edition: Edition, level: Level) -> str:
    """Say of when the data and the borders are; of when the page is, would tell nothing."""
    year = edition.scores(level).spec.year
    record = edition.boundaries.folder / "SOURCE.json"
    if edition.boundaries.own or not record.is_file():
        return edition.text("pages.dated", year=year)
    vintage = json.loads(record.read_text(encoding="utf-8"))["package"]["stated_vintage"]
    return edition.text("pages.dated_borders", year=year, vintage=vintage)


def _sentences(edition: Edition, said: tuple[Conclusion, ...]) -> tuple[str, ...]:
    return tuple(edition.text(item.key, **item.params) for item in said)
