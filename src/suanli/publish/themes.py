"""What is mapped: graduated themes of scores, categorical themes of clusters and rings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from geo.cartography.classify import Classes, Scheme, classify, classify_together
from geo.cartography.palette import HOT_COLD, LISA, RINGS, Category
from geo.cartography.spec import Theme
from geo.cartography.theme import categorical, graduated
from suanli.analysis.spatial import SpatialResult
from suanli.boundaries import Level
from suanli.publish.edition import Edition

__all__ = [
    "Classing",
    "cluster_theme",
    "graduated_scores",
    "hot_spot_theme",
    "lisa_theme",
    "pattern_of",
    "ring_theme",
    "score_theme",
]

_LISA_ORDER: Final = ("HH", "LL", "HL", "LH", "ns", "isolate")
_HOT_ORDER: Final = ("hot", "cold", "ns", "isolate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Classing:
    """How scores are cut into classes and coloured.

    Attributes
    ----------
    scheme : str
        A scheme of :func:`geo.cartography.classify.classify`.
    k : int
        Number of classes.
    breaks : tuple[float, ...], optional
        Upper limits, for the scheme ``user`` only.
    palette : str
        Name of a palette.
    """

    scheme: Scheme = "fisher_jenks"
    k: int = 5
    breaks: tuple[float, ...] | None = None
    palette: str = "YlGnBu"

    def cut(self, groups: Sequence[pd.Series]) -> Classes:
        """Cut the scores of one or several years into the same classes.

        Parameters
        ----------
        groups : Sequence[pandas.Series]
            Scores of each year.

        Returns
        -------
        Classes
            Limits of all of them together.

        Raises
        ------
        geo.errors.CartographyError
            The classes cannot be made.
        """
        ways: Any = {"scheme": self.scheme, "k": self.k, "breaks": self.breaks}
        return (
            classify(groups[0], **ways) if len(groups) == 1 else classify_together(groups, **ways)
        )


def score_theme(
    edition: Edition, level: Level, node: str, *, classing: Classing | None = None
) -> Theme:
    """Build the choropleth of one score.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    node : str
        Index or dimension.
    classing : Classing, optional
        Classes and colours; five natural classes by default.

    Returns
    -------
    Theme
        Classes with counts, no data, not evaluated.

    Raises
    ------
    geo.errors.CartographyError
        The classes cannot be made, or the palette has not that many colours.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> theme = score_theme(sample_edition(), "province", "index")
    >>> sum(entry.count for entry in theme.entries)
    34
    """
    way = classing or Classing()
    values = edition.scores(level).nodes[node]
    return graduated_scores(edition, level, node, values=values, classes=way.cut([values]), way=way)


def graduated_scores(
    edition: Edition,
    level: Level,
    node: str,
    *,
    values: pd.Series,
    classes: Classes,
    way: Classing,
    labels: Sequence[str] = (),
) -> Theme:
    """Draw scores in given classes.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    node : str
        Index or dimension.
    values : pandas.Series
        Scores by code.
    classes : Classes
        Of these scores, or of those of several years.
    way : Classing
        Colours.
    labels : Sequence[str]
        What the classes are called, lowest first, where they are those of several years; the
        least and greatest of these scores by default.

    Returns
    -------
    Theme
        Classes with counts, no data, not evaluated.

    Raises
    ------
    geo.errors.CartographyError
        The palette has not that many colours.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> edition, way = sample_edition(), Classing(k=3)
    >>> values = edition.scores("province").index
    >>> graduated_scores(
    ...     edition, "province", "index", values=values, classes=way.cut([values]), way=way
    ... ).scheme
    'natural breaks (Jenks), 3 classes'
    """
    layer, text = edition.boundaries.layer(level), edition.text
    key = "maps.scheme_fisher_jenks" if classes.scheme == "fisher_jenks" else ""
    scheme = text(key or f"figures.scheme_{classes.scheme}", k=classes.k)
    theme = graduated(
        layer,
        values,
        classes,
        text=edition.map_text(),
        palette=way.palette,
        not_evaluated=tuple(layer.index[~layer["evaluated"]]),
        legend_title=text("maps.score_legend", name=edition.node_name(level, node)),
        scheme=text("figures.scheme_shared", scheme=scheme) if labels else scheme,
    )
    named = [
        replace(entry, label=label)
        for entry, label in zip(theme.entries, reversed(labels), strict=False)
    ]
    return replace(theme, entries=(*named, *theme.entries[len(named) :]))


def lisa_theme(edition: Edition, level: Level, *, described: bool = False) -> Theme:
    """Build the map of local Moran clusters.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    described : bool
        Of the full index instead of the tested scores.

    Returns
    -------
    Theme
        GeoDa's colours and letters; insignificant units say so.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> theme = lisa_theme(sample_edition(), "city")
    >>> sum(entry.count for entry in theme.entries)
    372
    """
    pattern = pattern_of(edition, level, described=described)
    looks = {key: (edition.text(f"maps.lisa_{key}"), LISA[key]) for key in _LISA_ORDER}
    return cluster_theme(edition, level, pattern.local, looks, "maps.lisa")


def hot_spot_theme(edition: Edition, level: Level) -> Theme:
    """Build the map of Getis-Ord hot and cold spots.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    Theme
        Hot, cold, not significant.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> theme = hot_spot_theme(sample_edition(), "city")
    >>> theme.entries[0].label
    'hot spot'
    """
    pattern = pattern_of(edition, level)
    strong = {"hot": HOT_COLD["hot_strong"], "cold": HOT_COLD["cold_strong"]}
    looks = {
        key: (edition.text(f"maps.gi_{key}"), strong.get(key, HOT_COLD[key])) for key in _HOT_ORDER
    }
    return cluster_theme(edition, level, pattern.hotspots, looks, "maps.gi")


def ring_theme(edition: Edition) -> Theme:
    """Build the map of rings around the hub cities.

    Parameters
    ----------
    edition : Edition
        What is published.

    Returns
    -------
    Theme
        Ring 0 to 3 and the rest, over all drawn cities of the mainland.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> theme = ring_theme(sample_edition())
    >>> theme.entries[0].count
    14
    """
    layer = edition.boundaries.city
    rings = edition.study.hubs.membership
    last = len(RINGS) - 1
    looks = {
        str(ring): (
            edition.text(f"maps.ring_{ring}" if ring < last else "maps.ring_rest"),
            Category(colour=colour),
        )
        for ring, colour in enumerate(RINGS)
    }
    return categorical(
        layer,
        rings.astype(str),
        looks,
        text=edition.map_text(),
        not_evaluated=tuple(layer.index.difference(rings.index)),
        legend_title=edition.text("maps.ring_legend"),
        scheme=edition.text("maps.ring_scheme"),
    )


def pattern_of(edition: Edition, level: Level, *, described: bool = False) -> SpatialResult:
    """Return the spatial pattern of a level.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    described : bool
        Of the full index instead of the tested scores.

    Returns
    -------
    SpatialResult
        The pattern.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> pattern_of(sample_edition(), "province").moran.n
    31
    """
    study = edition.study
    if described:
        return study.province_described if level == "province" else study.city_described
    return study.province_pattern if level == "province" else study.city_pattern


def cluster_theme(
    edition: Edition,
    level: Level,
    table: pd.DataFrame,
    looks: dict[str, tuple[str, Category]],
    name: str,
) -> Theme:
    """Build a map of clusters.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    table : pandas.DataFrame
        Columns ``code`` and ``cluster``.
    looks : dict[str, tuple[str, Category]]
        Label and look of each cluster, in the order of the legend.
    name : str
        Key of the heading of the legend: area and beginning.

    Returns
    -------
    Theme
        Every cluster but isolates where there are none, no data, not evaluated.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> table = pd.DataFrame({"code": ["110000"], "cluster": ["HH"]})
    >>> looks = {"HH": ("high-high", LISA["HH"])}
    >>> cluster_theme(sample_edition(), "province", table, looks, "maps.lisa").entries[0].count
    1
    """
    layer = edition.boundaries.layer(level)
    kinds = table.set_index("code")["cluster"]
    present = set(kinds)
    return categorical(
        layer,
        kinds,
        # An isolate is a fault of the weights, not a finding: named only where there is one.
        {key: look for key, look in looks.items() if key != "isolate" or key in present},
        text=edition.map_text(),
        not_evaluated=tuple(layer.index[~layer["evaluated"]]),
        legend_title=edition.text(f"{name}_legend"),
        scheme=edition.text("maps.test_scheme", alpha=edition.study.settings.alpha),
    )
