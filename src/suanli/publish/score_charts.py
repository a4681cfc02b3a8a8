"""Charts of scores: leaders, ranks and their intervals, the Moran scatter plot, the gap."""

from typing import TYPE_CHECKING, Final

import pandas as pd

from geo.cartography.charts import ChartText, draw_bars, draw_lines, draw_scatter
from geo.cartography.palette import LISA
from geo.cartography.rank_charts import draw_leaders, draw_ranks
from suanli.analysis.conclusion import p_text, spatial_conclusions
from suanli.analysis.gap import DEFINITIONS
from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.plates import ranked_names, score_subtitle
from suanli.publish.themes import pattern_of
from suanli.publish.wording import gap_notes, interval_text, intervals_note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["gap_chart", "leaders_chart", "moran_chart", "ranks_chart", "top_chart"]

_LABELLED: Final = 10
_RANKED: Final = 40
_NAMED: Final = 14


def leaders_chart(edition: Edition, level: Level) -> "Figure":
    """Draw the ten best of every dimension.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    matplotlib.figure.Figure
        Bars, one list per dimension.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(leaders_chart(sample_edition(), "province").axes)
    4
    """
    lists, notes = {}, [edition.text.of(edition.scores(level).spec.note.model_dump())]
    for node in edition.nodes(level)[1:]:
        scores = edition.scores(level).nodes[node]
        best, names = ranked_names(edition, level, scores, _LABELLED)
        lists[edition.node_name(level, node)] = best.set_axis(names)
        notes += _cut_tie(edition, level, node, best)
    return draw_leaders(
        lists,
        text=ChartText(
            title=edition.text(f"figures.title_leaders_{level}"),
            subtitle=score_subtitle(edition, level, ROOT),
            notes=tuple(notes),
        ),
    )


def ranks_chart(
    edition: Edition, level: Level, *, node: str = ROOT, most: int = _RANKED
) -> "Figure":
    """Draw ranks with the intervals they move in.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    node : str
        Index or dimension.
    most : int
        How many of the best; all provinces fit.

    Returns
    -------
    matplotlib.figure.Figure
        A caterpillar plot.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(ranks_chart(sample_edition(), "city").axes[0].get_yticks())
    40
    """
    text, ranks = edition.text, edition.ranks(level)
    table = ranks.of(node).dropna(subset=["rank", "low", "high", "median"])
    table = table.sort_values("rank", kind="stable")
    shown = table.head(most)
    low, high = edition.scores(level).spec.uncertainty.interval
    share = f"{high - low:.0%}"
    said = {"year": edition.scores(level).spec.year, "n": len(table), "k": len(shown)}
    names = edition.unit_names(level, short=True).reindex(shown.index)
    return draw_ranks(
        shown.set_axis(names.to_numpy()),
        legend=(
            text("figures.legend_rank"),
            text("figures.legend_interval", share=share),
            text("figures.legend_median"),
        ),
        text=ChartText(
            title=text("figures.title_ranks", name=edition.node_name(level, node)),
            subtitle=text(
                "figures.subtitle_ranks" + ("_all" if len(shown) == len(table) else ""), **said
            ),
            notes=(
                text.of(edition.scores(level).spec.note.model_dump()),
                text("figures.ranks_note", replicates=ranks.replicates, share=share),
            ),
        ),
    )


def moran_chart(edition: Edition, level: Level) -> "Figure":
    """Draw the Moran scatter plot of the tested scores.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    matplotlib.figure.Figure
        Scores against the mean of the neighbours; the slope is Moran's I.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(moran_chart(sample_edition(), "province").axes)
    1
    """
    text, pattern = edition.text, pattern_of(edition, level)
    whole, moran = spatial_conclusions(pattern)[0], pattern.moran
    kinds = pattern.local.set_index("code")["cluster"]
    far = pattern.scatter.abs().max(axis=1).sort_values(ascending=False, kind="stable")
    names = edition.unit_names(level, short=True)
    figures = {
        key: f"{value:.3f}".replace("-", "−")
        for key, value in (("statistic", moran.statistic), ("expected", moran.expected))
    }
    return draw_scatter(
        pattern.scatter["z"],
        pattern.scatter["lag"],
        colours=kinds.map({key: look.colour for key, look in LISA.items()}),
        labels={str(code): str(names[code]) for code in far.index[:_NAMED]},
        slope=moran.statistic,
        cross=(0.0, 0.0),
        text=ChartText(
            title=text(f"figures.title_moran_{level}"),
            subtitle=text(whole.key, **whole.params),
            x=text("figures.axis_z"),
            y=text("figures.axis_lag"),
            notes=(
                text(
                    "figures.moran_slope",
                    p=p_text(moran.p_permutation),
                    permutations=moran.permutations,
                    **figures,
                ),
                *filter(None, (edition.tested_note(level),)),
            ),
        ),
    )


def top_chart(edition: Edition, level: Level, *, node: str = ROOT) -> "Figure":
    """Draw the ten best of a level with the intervals of their ranks.

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
    matplotlib.figure.Figure
        Bars.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(top_chart(sample_edition(), "city").axes[0].patches)
    10
    """
    best, names = ranked_names(edition, level, edition.scores(level).nodes[node], _LABELLED)
    bars = pd.Series(best.to_numpy(), index=names)
    interval = edition.ranks(level).of(node).reindex(best.index)
    said = [f" ({interval_text(edition, row)})" for row in interval.itertuples()]
    name = edition.node_name(level, node)
    return draw_bars(
        bars,
        remarks=pd.Series(said, index=bars.index),
        text=ChartText(
            title=edition.text("maps.title_top10", name=name),
            subtitle=score_subtitle(edition, level, node),
            notes=(
                edition.text.of(edition.scores(level).spec.note.model_dump()),
                intervals_note(edition, level),
                *_cut_tie(edition, level, node, best),
            ),
        ),
    )


def _cut_tie(edition: Edition, level: Level, node: str, best: pd.Series) -> list[str]:
    """Say where a list of the best ends amid units that score the same."""
    scores = edition.scores(level).nodes[node]
    tied = int((scores == best.iloc[-1]).sum()) if len(best) else 0
    if tied <= int((best == best.iloc[-1]).sum()):
        return []
    name = edition.node_name(level, node)
    return [edition.text("figures.tied", name=name, n=tied, k=_LABELLED)]


def gap_chart(edition: Edition) -> "Figure":
    """Draw the gap between east and west over the years, under every definition.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    matplotlib.figure.Figure
        Lines; bars where there is one year only.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(gap_chart(sample_edition()).axes[0].get_lines())
    4
    """
    years = edition.study.gap.years
    index = years[years["node"] == ROOT]
    series, bands = {}, {}
    for definition in DEFINITIONS:
        rows = index[index["definition"] == definition.id].set_index("year")
        label = edition.text(f"analysis.definition_{definition.id}")
        series[label] = rows["difference"]
        bands[label] = rows[["difference_lower", "difference_upper"]].set_axis(
            ["low", "high"], axis=1
        )
    if len(edition.study.panel) == 1:
        return _gap_of_one_year(edition, series, bands)
    first = edition.text(f"analysis.definition_{DEFINITIONS[0].id}")
    return draw_lines(
        series,
        bands={first: bands[first]},
        text=ChartText(
            title=edition.text("maps.title_gap"),
            subtitle=edition.text("maps.subtitle_gap", first=first),
            y=edition.text("maps.axis_gap"),
            notes=gap_notes(edition),
        ),
    )


def _gap_of_one_year(
    edition: Edition, series: dict[str, pd.Series], bands: dict[str, pd.DataFrame]
) -> "Figure":
    """Draw one bar per definition: lines need more than one year."""
    (year,) = edition.study.panel
    return draw_bars(
        pd.Series({label: float(line.iloc[0]) for label, line in series.items()}),
        interval=pd.concat([band.set_axis([label]) for label, band in bands.items()]),
        value_format="{:.2f}",
        text=ChartText(
            title=edition.text("maps.title_gap"),
            subtitle=edition.text("maps.subtitle_gap_year", year=year),
            x=edition.text("maps.axis_gap"),
            notes=gap_notes(edition),
        ),
    )
