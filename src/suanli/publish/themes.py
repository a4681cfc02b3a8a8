"""What is mapped: graduated themes of scores, categorical themes of clusters and rings."""

from typing import Final

import pandas as pd

from geo.cartography.classify import classify
from geo.cartography.palette import HOT_COLD, LISA, RINGS, Category
from geo.cartography.spec import Theme
from geo.cartography.theme import categorical, graduated
from suanli.analysis.spatial import SpatialResult
from suanli.boundaries import Level
from suanli.publish.edition import Edition

__all__ = ["hot_spot_theme", "lisa_theme", "ring_theme", "score_theme"]

CLASSES: Final = 5
SCHEME: Final = "fisher_jenks"
_LISA_ORDER: Final = ("HH", "LL", "HL", "LH", "ns", "isolate")
_HOT_ORDER: Final = ("hot", "cold", "ns", "isolate")


def score_theme(edition: Edition, level: Level, node: str) -> Theme:
    """Build the choropleth of one score.

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
    Theme
        Five natural classes with counts, no data, not evaluated.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> theme = score_theme(sample_edition(), "province", "index")
    >>> sum(entry.count for entry in theme.entries)
    34
    """
    layer = edition.boundaries.layer(level)
    values = edition.scores(level).nodes[node]
    classes = classify(values, scheme=SCHEME, k=CLASSES)
    return graduated(
        layer,
        values,
        classes,
        text=edition.map_text(),
        not_evaluated=tuple(layer.index[~layer["evaluated"]]),
        legend_title=edition.text("maps.score_legend", name=edition.node_name(level, node)),
        scheme=edition.text("maps.scheme_fisher_jenks", k=classes.k),
    )


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
    pattern = _pattern(edition, level, described=described)
    looks = {key: (edition.text(f"maps.lisa_{key}"), LISA[key]) for key in _LISA_ORDER}
    return _clusters(edition, level, pattern.local, looks, "lisa")


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
    pattern = _pattern(edition, level)
    strong = {"hot": HOT_COLD["hot_strong"], "cold": HOT_COLD["cold_strong"]}
    looks = {
        key: (edition.text(f"maps.gi_{key}"), strong.get(key, HOT_COLD[key])) for key in _HOT_ORDER
    }
    return _clusters(edition, level, pattern.hotspots, looks, "gi")


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


def _pattern(edition: Edition, level: Level, *, described: bool = False) -> SpatialResult:
    study = edition.study
    if described:
        return study.province_described if level == "province" else study.city_described
    return study.province_pattern if level == "province" else study.city_pattern


def _clusters(
    edition: Edition,
    level: Level,
    table: pd.DataFrame,
    looks: dict[str, tuple[str, Category]],
    name: str,
) -> Theme:
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
        legend_title=edition.text(f"maps.{name}_legend"),
        scheme=edition.text("maps.test_scheme", alpha=edition.study.settings.alpha),
    )
