"""The layers of the map pages: scores, scores year by year, clusters, rings."""

from dataclasses import replace
from typing import Final

import pandas as pd

from geo.cartography.spec import Theme
from geo.cartography.theme import graduated
from geo.cartography.web_spec import WebFrame, WebTheme
from suanli.boundaries import Level
from suanli.evaluation import Scores
from suanli.publish.edition import Edition
from suanli.publish.panel_themes import panel_classes
from suanli.publish.themes import (
    hot_spot_theme,
    lisa_theme,
    ring_theme,
    score_theme,
)
from suanli.publish.wording import interval_text, signed_points

__all__ = ["cluster_layer", "ring_layer", "score_layer"]

_LEADERS: Final = 10


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
    rows = _rows(edition, level, scores, node)
    # Whoever is not scored has no rank here, though some replicates may rank it.
    interval = _interval(edition, level, node).reindex(rows.index)
    rows.insert(2, text("maps.row_interval"), interval.where(scores.nodes[node].notna()))
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
            text("maps.row_p"): table["p"].map("{:.5f}".format, na_action="ignore"),
            text("maps.row_p_fdr"): table["p_fdr"].map("{:.4f}".format, na_action="ignore"),
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
    rows = pd.DataFrame({text("maps.row_tested"): values.map("{:.1f}".format, na_action="ignore")})
    return WebTheme(
        key="rings",
        title=text("maps.ring_legend"),
        theme=ring_theme(edition),
        rows=rows,
        values=values,
        measure=text("maps.row_tested"),
    )


def _rows(edition: Edition, level: Level, scores: Scores, node: str) -> pd.DataFrame:
    """Say score, rank, change and what is doubtful."""
    text, values, ranks = edition.text, scores.nodes[node], scores.ranks[node]
    total = int(values.notna().sum())
    filled = (scores.imputed != "").sum(axis=1)
    rows = {
        text("maps.row_score"): values.map("{:.1f}".format, na_action="ignore"),
        text("maps.row_rank"): ranks.map(
            lambda rank: text("maps.rank_of", rank=int(rank), n=total), na_action="ignore"
        ),
    }
    change = _change(edition, scores.spec.year, node) if level == "province" else None
    if change is not None:
        rows[text("pages.change", year=scores.spec.year - 1)] = change.reindex(values.index)
    rows |= {
        text("maps.row_coverage"): scores.coverage.map("{:.0%}".format),
        text("maps.row_imputed"): filled.map(
            lambda count: text("maps.cells", count=count) if count else ""
        ),
        text("maps.row_missing"): values.isna().map({True: text("maps.too_little"), False: ""}),
    }
    return pd.DataFrame(rows)


def _change(edition: Edition, year: int, node: str) -> pd.Series | None:
    """Say how score and rank differ from the year before, by common goalposts."""
    panel, text = edition.study.panel, edition.text
    if year not in panel or year - 1 not in panel:
        return None
    now, before = panel[year], panel[year - 1]
    points = now.nodes[node] - before.nodes[node].reindex(now.nodes.index)
    ranks = {"old": before.ranks[node].reindex(points.index), "new": now.ranks[node]}
    both = pd.DataFrame({"points": points, **ranks}).dropna()
    said = {}
    for code, row in both.iterrows():
        # Both ranks are told: they are of the panel, and need not be that of the evaluation.
        old, new = f"{row['old']:g}", f"{row['new']:g}"
        rank = text("pages.rank_same" if old == new else "pages.rank_moved", old=old, new=new)
        said[code] = text("pages.changed", score=signed_points(row["points"]), rank=rank)
    return pd.Series(said, dtype=object)


def _frames(edition: Edition, node: str) -> tuple[WebFrame, ...]:
    """Draw every year of the panel by the same class limits."""
    panel = edition.study.panel
    if len(panel) == 1:
        return ()
    classes, lowest_first = panel_classes(edition, node)
    labels = lowest_first[::-1]
    layer = edition.boundaries.layer("province")
    years = f"{min(panel)}–{max(panel)}"
    frames = []
    for year, scores in sorted(panel.items()):
        theme = graduated(
            layer,
            scores.nodes[node],
            classes,
            text=edition.map_text(),
            not_evaluated=tuple(layer.index[~layer["evaluated"]]),
            legend_title=edition.text(
                "pages.year_legend", name=edition.node_name("province", node), year=year
            ),
            scheme=edition.text("pages.year_scheme", k=classes.k, years=years),
        )
        frames.append(
            WebFrame(
                label=str(year),
                theme=_relabelled(theme, labels),
                rows=_rows(edition, "province", scores, node),
                values=scores.nodes[node],
                leaders=_best(scores.nodes[node]),
            )
        )
    return tuple(frames)


def _relabelled(theme: Theme, labels: tuple[str, ...]) -> Theme:
    """Write the ranges of the whole panel, the same in every year."""
    ranges = [replace(e, label=label) for e, label in zip(theme.entries, labels, strict=False)]
    return replace(theme, entries=(*ranges, *theme.entries[len(labels) :]))


def _best(values: pd.Series) -> tuple[str, ...]:
    best = values.dropna().sort_values(ascending=False, kind="stable").index[:_LEADERS]
    return tuple(str(code) for code in best)


def _interval(edition: Edition, level: Level, node: str) -> pd.Series:
    table = edition.ranks(level).of(node).dropna(subset="low")
    said = [interval_text(edition, row) for row in table.itertuples()]
    return pd.Series(said, index=table.index, dtype=object)
