"""The parts of the front page: what was evaluated, on which data, who leads, what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from suanli.analysis.conclusion import Conclusion, hub_conclusions, spatial_conclusions
from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.finding import Grid, gap_change_sentences
from suanli.publish.tables import top_table
from suanli.publish.wording import interval_text

__all__ = ["Leader", "Ranking", "evaluated", "points", "rankings", "sourced", "sources"]

_LEVELS: Final[tuple[Level, ...]] = ("province", "city")
_TOP: Final = 10
_FIRST: Final = 3
_STATUS: Final = ("reported", "derived", "proxy", "assumed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """One line of a ranking.

    Attributes
    ----------
    name : str
        The unit.
    score : str
        Its score.
    interval : str
        Interval of its rank.
    share : float
        Score as a share of the scale, in percent.
    """

    name: str
    score: str
    interval: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The first ten of one score.

    Attributes
    ----------
    title : str
        What is scored.
    about : str
        Level and year.
    leaders : tuple[Leader, ...]
        First to tenth.
    """

    title: str
    about: str
    leaders: tuple[Leader, ...]


def evaluated(edition: Edition) -> Grid:
    """Say what was evaluated, one row per level.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    Grid
        Profile, year, units scored, indicators and their status, weights, mean.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> evaluated(sample_edition()).rows[0][2]
    '2023'
    """
    text, rows = edition.text, []
    for level in _LEVELS:
        scores = edition.scores(level)
        spec = scores.spec
        all_units = int(edition.boundaries.layer(level)["evaluated"].sum())
        counts = pd.Series([item.status for item in spec.indicator]).value_counts()
        kinds = [
            text(f"home.status_{status}", count=int(counts[status]))
            for status in _STATUS
            if status in counts
        ]
        rows.append(
            (
                text(f"common.{level}"),
                text.of(spec.title.model_dump()),
                str(spec.year),
                text("home.scored", scored=int(scores.index.notna().sum()), all=all_units),
                text(
                    "home.indicators",
                    count=len(spec.indicator),
                    kinds=text("maps.list_mark").join(kinds),
                ),
                _methods(edition, spec.method.weight, spec.method.aggregate),
            )
        )
    names = ("level", "profile", "year", "units", "indicators", "method")
    return Grid(head=tuple(text(f"home.head_{name}") for name in names), rows=tuple(rows))


def sources(edition: Edition) -> Grid:
    """List the sources of the values the profiles use.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    Grid
        Source, values, years, licence; most used first.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> len(sources(sample_edition()).rows) > 5
    True
    """
    names = ("source", "values", "years", "licence")
    rows = tuple(row[1:] for row in sourced(edition))
    return Grid(head=tuple(edition.text(f"home.head_{name}") for name in names), rows=rows)


def sourced(edition: Edition) -> list[tuple[str, ...]]:
    """List the sources of the values the profiles use, with their identifiers.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    list[tuple[str, ...]]
        Identifier, title, values, years, licence; most used first.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> sourced(sample_edition())[0][0]
    'S03'
    """
    catalogue = edition.catalogue
    used = []
    rows: list[tuple[str, ...]] = []
    for level in _LEVELS:
        table = catalogue.province if level == "province" else catalogue.city
        spec = edition.scores(level).spec
        cells = table.cells[table.cells["indicator"].isin(spec.inputs())]
        used.append(cells[["source", "year"]])
    cells = pd.concat(used)
    titles, licences = catalogue.sources["title"], catalogue.sources["licence"]
    for source, count in cells["source"].value_counts(sort=True).items():
        name = str(source)
        known = name in catalogue.sources.index
        years = sorted({int(year) for year in cells.loc[cells["source"].eq(name), "year"]} - {0})
        rows.append(
            (
                name,
                _called(edition, "title", str(titles[name])) if known else name,
                str(int(count)),
                _years(years, edition),
                _called(edition, "licence", str(licences[name])) if known else "",
            )
        )
    return rows


def _called(edition: Edition, what: str, words: str) -> str:
    """Say in the reader's language what the table of sources says; a user's words stay."""
    key = f"origins.{what}.{words}"
    return edition.text(key) if edition.text.has(key) else words


def _years(years: Sequence[int], edition: Edition) -> str:
    if not years:
        return edition.text("home.no_year")
    return f"{years[0]}" if len(years) == 1 else f"{years[0]}–{years[-1]}"


def rankings(edition: Edition) -> list[Ranking]:
    """Return the first ten of every score that is ranked on the page.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    list[Ranking]
        The index of both levels, then the dimensions of provinces.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> rankings(sample_edition())[0].leaders[0].name
    'Guangdong'
    """
    chosen: list[tuple[Level, str]] = [(level, ROOT) for level in _LEVELS]
    chosen += [("province", node) for node in edition.nodes("province") if node != ROOT]
    return [_ranking(edition, level, node) for level, node in chosen]


def _ranking(edition: Edition, level: Level, node: str) -> Ranking:
    scores = edition.scores(level)
    names = edition.unit_names(level, short=True)
    table = top_table(scores, names, node, ranks=edition.ranks(level), k=_TOP)
    low, high = scores.spec.method.lower, scores.spec.method.upper
    return Ranking(
        title=edition.node_name(level, node),
        about=edition.text(
            "home.ranked", level=edition.text(f"common.{level}"), year=scores.spec.year
        ),
        leaders=tuple(
            Leader(
                name=str(row.name),
                score=f"{score:.1f}",
                interval=interval_text(edition, row),
                share=round(100 * (score - low) / ((high - low) or 1), 1),
            )
            for row, score in zip(
                table.itertuples(index=False), table["score"].astype(float), strict=True
            )
        ),
    )


def points(edition: Edition) -> list[tuple[str, str]]:
    """Say the main results in a sentence each, with what cannot be shown.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    list[tuple[str, str]]
        Heading and sentence: leaders, gap, clusters, hubs.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [heading for heading, _ in points(sample_edition())]
    ['Who leads', 'East and west', 'Clusters (tested scores)', 'Hubs (tested scores)']
    """
    text, study = edition.text, edition.study
    first = [_first(edition, level) for level in _LEVELS]
    patterns = {"province": study.province_pattern, "city": study.city_pattern}
    clusters = [(f"common.{x}", spatial_conclusions(one)[0]) for x, one in patterns.items()]
    redrawn = {"region": study.hubs, "size": study.hubs_by_size}
    alpha = study.settings.alpha
    hubs = [
        (f"front.redrawn_{x}", hub_conclusions(one, alpha=alpha)[0]) for x, one in redrawn.items()
    ]
    said = {
        "leaders": _joined(edition, first),
        "gap": _gap(edition),
        "clusters": _headed(edition, clusters),
        "hubs": _headed(edition, hubs),
    }
    return [(text(f"home.point_{key}"), sentence) for key, sentence in said.items()]


def _first(edition: Edition, level: Level) -> str:
    leaders = _ranking(edition, level, ROOT).leaders[:_FIRST]
    names = [
        edition.text("home.leader", name=one.name, score=one.score, interval=one.interval)
        for one in leaders
    ]
    return edition.text(
        "home.leading",
        level=edition.text(f"home.level_{level}"),
        names=edition.text("maps.list_mark").join(names),
    )


def _gap(edition: Edition) -> str:
    """Say the gap over all definitions: none of them alone decides."""
    gap, last = edition.study.gap, max(edition.study.panel)
    years = gap.years[gap.years["node"].eq(ROOT) & gap.years["year"].eq(last)]
    said = edition.text(
        "home.gap",
        year=last,
        count=len(years),
        least=f"{years['difference'].min():.1f}",
        most=f"{years['difference'].max():.1f}",
        clear=int(years["difference_lower"].gt(0).sum() + years["difference_upper"].lt(0).sum()),
    )
    trend = gap.trend
    if not len(trend):
        return said
    directions = trend[trend["node"].eq(ROOT) & trend["measure"].eq("difference")]["direction"]
    counts = {key: int(directions.eq(key).sum()) for key in ("widening", "narrowing")}
    trend_said = edition.text(
        "home.gap_trend",
        first=min(edition.study.panel),
        unclear=len(directions) - sum(counts.values()),
        **counts,
    )
    return _joined(edition, [said, trend_said, *gap_change_sentences(edition)])


def _headed(edition: Edition, found: Sequence[tuple[str, Conclusion]]) -> str:
    text = edition.text
    return _joined(
        edition,
        [
            text("front.at_level", level=text(head), sentence=text(item.key, **item.params))
            for head, item in found
        ],
    )


def _joined(edition: Edition, sentences: Sequence[str]) -> str:
    return (" " if edition.text.lang == "en" else "").join(sentences)


def _methods(edition: Edition, weight: str, aggregate: str) -> str:
    """Call methods by their titles; ways of combining methods have none."""
    keys = {
        f"methods.weight.{weight}.title": weight,
        f"methods.aggregate.{aggregate}.title": aggregate,
    }
    return " · ".join(
        edition.text(key) if edition.text.has(key) else name for key, name in keys.items()
    )
