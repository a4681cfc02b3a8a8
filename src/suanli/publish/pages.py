"""Web pages of the atlas: every layer switchable, everything inside the file."""

from pathlib import Path

import pandas as pd

from geo.cartography.china import CHINA_MUST_SHOW
from geo.cartography.web import WebMapSpec, WebTheme, write_web_map
from suanli.analysis.conclusion import Conclusion, hub_conclusions, spatial_conclusions
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.figures import hub_markers, national_lines
from suanli.publish.themes import hot_spot_theme, lisa_theme, ring_theme, score_theme
from suanli.publish.wording import interval_text, intervals_note

__all__ = ["write_pages"]

_LEADERS = 10


def write_pages(edition: Edition, folder: Path) -> list[Path]:
    """Write the map pages of an edition.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        Where to write.

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
    paths = []
    for level in ("province", "city"):
        themes = tuple(_score(edition, level, node) for node in edition.nodes(level))
        note = edition.text.of(edition.scores(level).spec.note.model_dump())
        title = edition.text(f"maps.page_{level}")
        about = (note, intervals_note(edition, level))
        paths.append(_page(edition, level, folder / f"{level}.html", title, themes, about))
    clusters = tuple(_cluster(edition, name) for name in ("lisa", "gi", "index_lisa"))
    said = spatial_conclusions(edition.study.city_pattern)
    title = edition.text("maps.page_clusters")
    left_out = edition.tested_note("city")
    described = edition.text("maps.described_note") if left_out else ""
    notes = (
        *_sentences(edition, said),
        edition.tests_note(),
        left_out,
        described,
    )
    paths.append(_page(edition, "city", folder / "clusters.html", title, clusters, notes))
    said = hub_conclusions(edition.study.hubs, alpha=edition.study.settings.alpha)
    title = edition.text("maps.page_hubs")
    notes = (*_sentences(edition, said), edition.hub_tests_note(), left_out)
    rings = (_rings(edition),)
    paths.append(_page(edition, "city", folder / "hubs.html", title, rings, notes))
    return paths


def _page(
    edition: Edition,
    level: Level,
    path: Path,
    title: str,
    themes: tuple[WebTheme, ...],
    notes: tuple[str, ...],
) -> Path:
    layer = edition.boundaries.layer(level, web=True)
    spec = WebMapSpec(
        title=title,
        subtitle=edition.text("maps.subtitle_page", year=edition.scores(level).spec.year),
        text=edition.map_text(),
        themes=themes,
        names=edition.unit_names(level),
        notes=edition.notes(*notes),
        lines=national_lines(edition, level),
        markers=(hub_markers(edition),),
        keywords={code: f"{row.pinyin} {code}" for code, row in layer.iterrows()},
        required=("710000", "810000", "820000"),
        must_show=CHINA_MUST_SHOW,
    )
    write_web_map(path, layer, spec)
    return path


def _score(edition: Edition, level: Level, node: str) -> WebTheme:
    text, scores = edition.text, edition.scores(level)
    values = scores.nodes[node]
    ranks = scores.ranks[node]
    total = int(values.notna().sum())
    filled = (scores.imputed != "").sum(axis=1)
    rows = pd.DataFrame(
        {
            text("maps.row_score"): values.map("{:.1f}".format, na_action="ignore"),
            text("maps.row_rank"): ranks.map(
                lambda rank: text("maps.rank_of", rank=int(rank), n=total), na_action="ignore"
            ),
            text("maps.row_interval"): _interval(edition, level, node).reindex(values.index),
            text("maps.row_coverage"): scores.coverage.map("{:.0%}".format),
            text("maps.row_imputed"): filled.map(
                lambda count: text("maps.cells", count=count) if count else ""
            ),
            text("maps.row_missing"): values.isna().map({True: text("maps.too_little"), False: ""}),
        }
    )
    best = values.dropna().sort_values(ascending=False, kind="stable").index[:_LEADERS]
    name = edition.node_name(level, node)
    return WebTheme(
        key=node,
        title=name,
        theme=score_theme(edition, level, node),
        rows=rows,
        leaders=tuple(best),
        remark=text("maps.row_interval"),
    )


def _interval(edition: Edition, level: Level, node: str) -> pd.Series:
    table = edition.ranks(level).of(node).dropna(subset="low")
    said = [interval_text(edition, row) for row in table.itertuples()]
    return pd.Series(said, index=table.index)


def _cluster(edition: Edition, name: str) -> WebTheme:
    text, pattern = edition.text, edition.study.city_pattern
    described = edition.study.city_described
    tables = {"lisa": pattern.local, "gi": pattern.hotspots, "index_lisa": described.local}
    table = tables[name].set_index("code")
    rows = pd.DataFrame(
        {
            text("maps.row_score" if name == "index_lisa" else "maps.row_tested"): table[
                "value"
            ].map("{:.1f}".format),
            text("maps.row_p"): table["p"].map("{:.5f}".format, na_action="ignore"),
            text("maps.row_p_fdr"): table["p_fdr"].map("{:.4f}".format, na_action="ignore"),
        }
    )
    if name == "gi":
        theme = hot_spot_theme(edition, "city")
    else:
        theme = lisa_theme(edition, "city", described=name == "index_lisa")
    return WebTheme(key=name, title=text(f"maps.layer_{name}"), theme=theme, rows=rows)


def _rings(edition: Edition) -> WebTheme:
    text, study = edition.text, edition.study
    rings = study.hubs.membership
    values = study.city_tested.index.reindex(rings.index)
    rows = pd.DataFrame(
        {
            text("maps.row_tested"): values.map("{:.1f}".format, na_action="ignore"),
        }
    )
    title = text("maps.ring_legend")
    return WebTheme(key="rings", title=title, theme=ring_theme(edition), rows=rows)


def _sentences(edition: Edition, said: tuple[Conclusion, ...]) -> tuple[str, ...]:
    return tuple(edition.text(item.key, **item.params) for item in said)
