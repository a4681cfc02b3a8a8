"""The atlas's front page: the maps, the leaders, what was found, and what to beware of."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup

from geo.cartography.font import PAGE_STACK, page_font_face
from geo.storage import write_text
from suanli.analysis.conclusion import gap_conclusions, hub_conclusions, spatial_conclusions
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.tables import top_table

__all__ = ["findings", "write_front"]

_TOP: Final = 10
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
    "../manifest.json",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    title: str
    cells: tuple[str, ...]


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
    text = edition.text
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
                "about": text(f"front.about_{key}"),
            }
            for key, image in _PAGES.items()
        ],
        tops=_tops(edition),
        tops_caption=text("front.tops_caption", year=edition.study.province.spec.year),
        top_rows=_TOP,
        findings=findings(edition),
        tested_note=edition.tested_note("city"),
        agreement_head=[
            text(f"front.agreement_{key}") for key in ("list", "overlap", "chance", "rbo")
        ],
        agreement_rows=_agreement(edition),
        figures=[
            {"png": path.name, "svg": path.with_suffix(".svg").name, "title": path.stem}
            for path in figures
        ],
        files=[{"path": path, "about": text(f"front.file_{_slug(path)}")} for path in _FILES],
        caveats=[*(text(f"front.caveat_{i}") for i in range(1, 6)), *edition.notes()],
    )
    page = folder / "index.html"
    write_text(page, html)
    return page


def _slug(path: str) -> str:
    return Path(path).name.replace(".", "_")


def _tops(edition: Edition) -> list[_Column]:
    columns = []
    for level in ("province", "city"):
        nodes = edition.nodes(level) if level == "province" else (ROOT,)
        for node in nodes:
            names = edition.unit_names(level, short=True)
            table = top_table(edition.scores(level), names, node, k=_TOP)
            cells = [f"{row.name} {row.score:.1f}" for row in table.itertuples(index=False)]
            columns.append(_Column(title=edition.node_name(level, node), cells=tuple(cells)))
    return columns


def findings(edition: Edition) -> list[str]:
    """Say what the tests found, in sentences; what is insignificant is called so.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    list[str]
        Sentences on the gap of the latest year, its trend, clusters and hubs.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> any("Moran" in sentence for sentence in findings(sample_edition()))
    True
    """
    text, study = edition.text, edition.study
    last = max(study.panel)
    said = []
    for item in gap_conclusions(study.gap):
        if item.params["node"] != ROOT or item.params.get("year", last) != last:
            continue
        params = dict(item.params)
        params["definition"] = text(f"analysis.definition_{params['definition']}")
        params["node"] = edition.node_name("province", ROOT)
        said.append(text(item.key, **params))
    for level, pattern in (
        ("province", study.province_pattern),
        ("city", study.city_pattern),
    ):
        head = text(f"common.{level}")
        said += [
            text("front.at_level", level=head, sentence=text(item.key, **item.params))
            for item in spatial_conclusions(pattern)
        ]
    for by, result in (("region", study.hubs), ("size", study.hubs_by_size)):
        head = text(f"front.redrawn_{by}")
        said += [
            text("front.at_level", level=head, sentence=text(item.key, **item.params))
            for item in hub_conclusions(result, alpha=study.settings.alpha)
        ]
    return said


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
