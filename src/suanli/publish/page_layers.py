"""The layers of the map pages: scores, scores year by year, clusters, rings."""

from dataclasses import replace
from typing import Final

import pandas as pd

from geo.cartography.palette import RINGS
from geo.cartography.spec import Theme
from geo.cartography.web_spec import WebFrame, WebTheme
from suanli.analysis.conclusion import p_text
from suanli.boundaries import Level
from suanli.evaluation import Scores
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.panel_themes import year_themes
from suanli.publish.themes import (
    hot_spot_theme,
    lisa_theme,
    ring_theme,
    score_theme,
)
from suanli.publish.wording import interval_text, signed_points

__all__ = ["cluster_layer", "ring_layer", "score_layer"]

_LEADERS: Final = 10
_DIGITS: Final = 3


def score_layer(edition: Edition, level: Level, node: str) -> WebTheme:
    """Return the layer of one score, with its years where there is a panel.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    node : str
        Index or dimension.

    Returns
    -------
    WebTheme
        Score, rank, interval, change and flags of every unit.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> layer = score_layer(sample_edition(), "province", "index")
    >>> layer.frames[0].label, layer.leaders[0]
    ('2016', '440000')
    """
    text, scores = edition.text, edition.scores(level)
    # Whoever is not scored has no rank here, though some replicates may rank it.
    ranges = edition.ranks(level).of(node).reindex(scores.nodes.index)[["low", "high"]]
    ranges = ranges.where(scores.nodes[node].notna())
    rows = _rows(edition, level, scores, node)
    said = [interval_text(edition, row) for row in ranges.dropna().itertuples()]
    interval = pd.Series(said, index=ranges.dropna().index, dtype=object).reindex(rows.index)
    rows.insert(2, text("maps.row_interval"), interval)
    limits = scores.spec.method
    return WebTheme(
        key=node,
        title=edition.node_name(level, node),
        theme=score_theme(edition, level, node),
        rows=rows,
        leaders=_best(scores.nodes[node]),
        remark=text("maps.row_interval"),
        values=scores.nodes[node],
        span=(limits.lower, limits.upper),
        frames=_frames(edition, node) if level == "province" else (),
        sheet=_sheet(edition, level, scores, node, ranges),
        flagged=_flagged(scores, node),
    )


def cluster_layer(edition: Edition, name: str) -> WebTheme:
    """Return the layer of one test of local clusters.

    Parameters
    ----------
    edition : Edition
        What is published.
    name : {"lisa", "gi", "index_lisa"}
        Local Moran or Getis-Ord of the tested scores, or local Moran of the full index.

    Returns
    -------
    WebTheme
        Value and p-values of every tested city.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> cluster_layer(sample_edition(), "gi").title
    'Tested scores: hot spots Gi*'
    """
    text, pattern = edition.text, edition.study.city_pattern
    described = edition.study.city_described
    tables = {"lisa": pattern.local, "gi": pattern.hotspots, "index_lisa": described.local}
    table = tables[name].set_index("code")
    value = text("maps.row_score" if name == "index_lisa" else "maps.row_tested")
    rows = pd.DataFrame(
        {
            value: table["value"].map("{:.1f}".format),
            text("maps.row_p"): table["p"].map(_p_text, na_action="ignore"),
            text("maps.row_p_fdr"): table["p_fdr"].map(_p_text, na_action="ignore"),
        }
    )
    if name == "gi":
        theme = hot_spot_theme(edition, "city")
    else:
        theme = lisa_theme(edition, "city", described=name == "index_lisa")
    # Gi* tests the scores that local Moran tests: one bar in a profile is enough.
    values = None if name == "gi" else table["value"]
    return WebTheme(
        key=name,
        title=text(f"maps.layer_{name}"),
        theme=theme,
        rows=rows,
        values=values,
        measure=value,
    )


def ring_layer(edition: Edition) -> WebTheme:
    """Return the layer of the rings around the hubs.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    WebTheme
        Ring and tested score of every city.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> ring_layer(sample_edition()).key
    'rings'
    """
    text, study = edition.text, edition.study
    rings = study.hubs.membership
    values = study.city_tested.index.reindex(rings.index)
    untested = values.isna().map({True: text("pages.untested"), False: ""})
    rows = pd.DataFrame(
        {
            text("maps.row_tested"): values.map("{:.1f}".format, na_action="ignore"),
            text("maps.row_missing"): untested,
        }
    )
    return WebTheme(
        key="rings",
        title=text("maps.ring_legend"),
        theme=_counted(edition, ring_theme(edition), rings[values.notna()]),
        rows=rows,
        values=values,
        measure=text("maps.row_tested"),
    )


def _counted(edition: Edition, theme: Theme, tested: pd.Series) -> Theme:
    """Say beside each ring how many of its cities are tested: the rest has no tested score."""
    counts = tested.value_counts()
    text, rings = edition.text, []
    for at, entry in enumerate(theme.entries[: len(RINGS)]):
        ring = text("pages.ring_0") if at == 0 else entry.label
        said = text("pages.ring", ring=ring, n=int(counts.get(at, 0)))
        rings.append(replace(entry, label=said))
    return replace(theme, entries=(*rings, *theme.entries[len(RINGS) :]))


def _p_text(p: float) -> str:
    return p_text(p, digits=_DIGITS)


def _rows(edition: Edition, level: Level, scores: Scores, node: str) -> pd.DataFrame:
    """Say score, rank, change and what is doubtful."""
    text, values, ranks = edition.text, scores.nodes[node], scores.ranks[node]
    total = int(values.notna().sum())
    filled = _filled(scores)
    rows = {
        text("maps.row_score"): values.map("{:.1f}".format, na_action="ignore"),
        text("maps.row_rank"): ranks.map(
            lambda rank: text("maps.rank_of", rank=int(rank), n=total), na_action="ignore"
        ),
    }
    change = _change(edition, scores.spec.year, node) if level == "province" else None
    if change is not None:
        said = _changed(edition, change).reindex(values.index)
        rows[text("pages.change", year=scores.spec.year - 1)] = said
    rows |= {
        text("maps.row_coverage"): scores.coverage.map("{:.0%}".format),
        text("maps.row_imputed"): filled.map(
            lambda count: text("maps.cells", count=count) if count else ""
        ),
        text("pages.row_lacking"): _lacking(edition, scores, node),
        text("maps.row_missing"): values.isna().map({True: text("maps.too_little"), False: ""}),
    }
    return pd.DataFrame(rows)


def _sheet(
    edition: Edition, level: Level, scores: Scores, node: str, ranges: pd.DataFrame
) -> pd.DataFrame:
    """Lay out the same for a file: numbers alone in their columns."""
    text, year = edition.text, scores.spec.year
    cells = {
        text("maps.row_rank"): scores.ranks[node],
        text("pages.sheet_low"): ranges["low"],
        text("pages.sheet_high"): ranges["high"],
    }
    change = _change(edition, year, node) if level == "province" else None
    if change is not None:
        for name in ("points", "old", "new"):
            head = text(f"pages.sheet_{name}", year=year, before=year - 1)
            cells[head] = change[name].reindex(scores.nodes.index)
    cells[text("maps.row_coverage")] = scores.coverage.round(4)
    cells[text("pages.sheet_filled")] = _filled(scores)
    cells[text("pages.row_lacking")] = _lacking(edition, scores, node)
    return pd.DataFrame(cells)


def _filled(scores: Scores) -> pd.Series:
    return (scores.imputed != "").sum(axis=1)


def _without(scores: Scores, node: str) -> pd.DataFrame:
    """Tell which dimensions have no score where the index has one: it rests on the others."""
    lacking = scores.dimensions.isna()
    return lacking[scores.nodes[node].notna()] if node == ROOT else lacking.iloc[:0]


def _flagged(scores: Scores, node: str) -> tuple[str, ...]:
    lacking = _without(scores, node)
    return tuple(str(code) for code in lacking.index[lacking.any(axis="columns")])


def _lacking(edition: Edition, scores: Scores, node: str) -> pd.Series:
    """Name the dimensions with too little data of every unit, empty where none is."""
    text, level = edition.text, scores.spec.level
    said = pd.Series("", index=scores.nodes.index, dtype=object)
    for code, row in _without(scores, node).iterrows():
        names = [edition.node_name(level, str(name)) for name in row.index[row]]
        if names:
            said[str(code)] = text("pages.lacking", names=text("maps.list_mark").join(names))
    return said


def _change(edition: Edition, year: int, node: str) -> pd.DataFrame | None:
    """Return how score and rank differ from the year before, by common goalposts."""
    panel = edition.study.panel
    if year not in panel or year - 1 not in panel:
        return None
    now, before = panel[year], panel[year - 1]
    points = now.nodes[node] - before.nodes[node].reindex(now.nodes.index)
    ranks = {"old": before.ranks[node].reindex(points.index), "new": now.ranks[node]}
    return pd.DataFrame({"points": points, **ranks}).dropna()


def _changed(edition: Edition, change: pd.DataFrame) -> pd.Series:
    """Say the change; both ranks are of the panel, and need not be that of the evaluation."""
    text, said = edition.text, {}
    for code, row in change.iterrows():
        old, new = f"{row['old']:g}", f"{row['new']:g}"
        rank = text("pages.rank_same" if old == new else "pages.rank_moved", old=old, new=new)
        said[code] = text("pages.changed", score=signed_points(row["points"]), rank=rank)
    return pd.Series(said, dtype=object)


def _frames(edition: Edition, node: str) -> tuple[WebFrame, ...]:
    """Draw every year of the panel in the classes of the printed maps of years."""
    panel, text = edition.study.panel, edition.text
    if len(panel) == 1:
        return ()
    years, name = sorted(panel), edition.node_name("province", node)
    frames = []
    for year, theme in year_themes(edition, node, years).items():
        scores = panel[year]
        values = scores.nodes[node]
        nowhere = pd.DataFrame({"low": float("nan"), "high": float("nan")}, index=values.index)
        sheet = _sheet(edition, "province", scores, node, nowhere).dropna(axis="columns", how="all")
        frames.append(
            WebFrame(
                label=str(year),
                theme=replace(theme, legend_title=text("pages.year_legend", name=name, year=year)),
                rows=_rows(edition, "province", scores, node),
                values=values,
                leaders=_best(values),
                sheet=sheet,
                flagged=_flagged(scores, node),
            )
        )
    return tuple(frames)


def _best(values: pd.Series) -> tuple[str, ...]:
    best = values.dropna().sort_values(ascending=False, kind="stable").index[:_LEADERS]
    return tuple(str(code) for code in best)
