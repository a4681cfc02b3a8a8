"""Maps of scores, each a function of an edition: a run draws them all, ``map`` one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.mapping import Mapper, level_markers
from suanli.publish.panel_themes import bivariate_theme, year_themes
from suanli.publish.themes import Classing, score_theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "bivariate_plate",
    "dimension_plate",
    "ranked_names",
    "score_plate",
    "score_subtitle",
    "spread",
    "year_plate",
]

_LABELLED: Final = 10
_YEARS: Final = 4


def score_plate(
    mapper: Mapper,
    level: Level,
    node: str,
    *,
    classing: Classing | None = None,
    labelled: int = _LABELLED,
    year: int | None = None,
) -> "Figure":
    """Draw one score.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    level : {"province", "city"}
        The level.
    node : str
        Index or dimension.
    classing : Classing, optional
        Classes and colours.
    labelled : int
        How many of the leaders are named.
    year : int, optional
        A year of the panel of provinces, in the classes of the whole panel.

    Returns
    -------
    matplotlib.figure.Figure
        The page.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> mapper = Mapper(sample_edition())
    >>> len(score_plate(mapper, "province", "index").axes)
    1
    """
    edition = mapper.edition
    subtitle = score_subtitle(edition, level, node)
    scores = edition.scores(level).nodes[node].dropna()
    if year is None:
        theme = score_theme(edition, level, node, classing=classing)
    else:
        theme = year_themes(edition, node, (year,), classing=classing)[year]
        scores = edition.study.panel[year].nodes[node].dropna()
        subtitle = edition.text("figures.subtitle_year", year=year, n=len(scores))
    spec = mapper.spec(
        level,
        theme,
        title=edition.text(f"maps.title_{level}", name=edition.node_name(level, node)),
        subtitle=subtitle,
        notes=(_note(edition, level),),
        labels=_leaders(edition, level, scores, labelled),
        markers=level_markers(edition, level),
    )
    return mapper.draw(level, spec)


def dimension_plate(
    mapper: Mapper, level: Level, *, classing: Classing | None = None, labelled: int = 3
) -> "Figure":
    """Draw every dimension of a level on one page.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    level : {"province", "city"}
        The level.
    classing : Classing, optional
        Classes and colours; each dimension is cut by itself.
    labelled : int
        How many leaders of each are named.

    Returns
    -------
    matplotlib.figure.Figure
        The page.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> mapper = Mapper(sample_edition())
    >>> len(dimension_plate(mapper, "province").axes)
    4
    """
    edition = mapper.edition
    panels = [
        mapper.spec(
            level,
            score_theme(edition, level, node, classing=classing),
            title=edition.node_name(level, node),
            labels=_leaders(edition, level, edition.scores(level).nodes[node], labelled),
        )
        for node in edition.nodes(level)[1:]
    ]
    return mapper.sheet(
        level,
        panels,
        title=edition.text(f"figures.title_dimensions_{level}"),
        subtitle=score_subtitle(edition, level, edition.nodes(level)[0]),
        notes=(_note(edition, level),),
    )


def bivariate_plate(mapper: Mapper, level: Level, first: str, second: str) -> "Figure":
    """Draw two scores at once.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    level : {"province", "city"}
        The level.
    first, second : str
        Index or dimensions.

    Returns
    -------
    matplotlib.figure.Figure
        The page.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> mapper = Mapper(sample_edition())
    >>> len(bivariate_plate(mapper, "province", "compute", "environment").axes)
    1
    """
    edition = mapper.edition
    names = [edition.node_name(level, node) for node in (first, second)]
    both = edition.scores(level).nodes[[first, second]].dropna()
    rho = both[first].rank().corr(both[second].rank())
    spec = mapper.spec(
        level,
        bivariate_theme(edition, level, first, second),
        title=edition.text(f"figures.title_bivariate_{level}", first=names[0], second=names[1]),
        subtitle=edition.text(
            "figures.subtitle_bivariate", year=edition.scores(level).spec.year, n=len(both), rho=rho
        ),
        notes=(_note(edition, level),),
    )
    return mapper.draw(level, spec)


def year_plate(
    mapper: Mapper, node: str, years: Sequence[int] = (), *, classing: Classing | None = None
) -> "Figure":
    """Draw one score of the provinces in several years, in the same classes.

    Parameters
    ----------
    mapper : Mapper
        Draws.
    node : str
        Index or dimension.
    years : Sequence[int]
        Years of the panel; four spread over it by default.
    classing : Classing, optional
        Classes and colours, of all years together.

    Returns
    -------
    matplotlib.figure.Figure
        The page.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> mapper = Mapper(sample_edition())
    >>> len(year_plate(mapper, "index", [2016, 2023]).axes)
    2
    """
    edition = mapper.edition
    panel = sorted(edition.study.panel)
    chosen = tuple(years) or spread(panel, _YEARS)
    themes = year_themes(edition, node, chosen, classing=classing)
    panels = [
        mapper.spec("province", theme, title=edition.text("maps.subtitle_page", year=year))
        for year, theme in themes.items()
    ]
    name = edition.node_name("province", node)
    span = {"first": panel[0], "last": panel[-1]}
    return mapper.sheet(
        "province",
        panels,
        title=edition.text("figures.title_years", name=name, first=chosen[0], last=chosen[-1]),
        subtitle=edition.text("figures.subtitle_years", **span),
        notes=(_note(edition, "province"),),
    )


def spread(years: Sequence[int], k: int) -> tuple[int, ...]:
    """Choose years spread over a panel, first and last among them.

    Parameters
    ----------
    years : Sequence[int]
        In order.
    k : int
        How many at most.

    Returns
    -------
    tuple[int, ...]
        Distinct, in order.

    Examples
    --------
    >>> spread(range(2016, 2024), 4), spread([2020], 4)
    ((2016, 2018, 2021, 2023), (2020,))
    """
    places = np.linspace(0, len(years) - 1, min(k, len(years))).round().astype(int)
    return tuple(years[place] for place in dict.fromkeys(places.tolist()))


def score_subtitle(edition: Edition, level: Level, node: str) -> str:
    """Say of which year the scores are, of how many units, and between which bounds.

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
    str
        The line.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> score_subtitle(sample_edition(), "province", "index")[:24]
    '2023 · 31 units ranked ·'
    """
    spec = edition.scores(level).spec
    limits = {"lower": spec.method.lower, "upper": spec.method.upper}
    n = int(edition.scores(level).nodes[node].notna().sum())
    return edition.text("maps.subtitle_score", year=spec.year, n=n, **limits)


def ranked_names(
    edition: Edition, level: Level, scores: pd.Series, k: int
) -> tuple[pd.Series, list[str]]:
    """Return the best with their names after their ranks, which equal scores share.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    scores : pandas.Series
        Scores by code.
    k : int
        How many.

    Returns
    -------
    best : pandas.Series
        Scores by code, best first.
    names : list[str]
        Such as ``"1 Guangdong"``.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> scores = pd.Series({"440000": 9.0, "110000": 9.0, "540000": 1.0})
    >>> ranked_names(sample_edition(), "province", scores, 3)[1]
    ['1 Guangdong', '1 Beijing', '3 Xizang']
    """
    known = scores.dropna()
    best = known.sort_values(ascending=False, kind="stable").head(k)
    ranks = known.rank(ascending=False, method="min").astype(int)
    names = edition.unit_names(level, short=True)
    return best, [f"{ranks[code]} {names[code]}" for code in best.index]


def _leaders(edition: Edition, level: Level, scores: pd.Series, k: int) -> dict[str, str]:
    best, names = ranked_names(edition, level, scores, k)
    return dict(zip(best.index, names, strict=True))


def _note(edition: Edition, level: Level) -> str:
    return edition.text.of(edition.scores(level).spec.note.model_dump())
