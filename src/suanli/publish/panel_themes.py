"""What is mapped beside one score: years in the same classes, two scores at once, evidence."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from geo.cartography.classify import Classes, classify
from geo.cartography.palette import BIVARIATE, SIGNIFICANCE, Category
from geo.cartography.spec import SquareKey, Theme
from geo.cartography.theme import categorical, class_labels
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.themes import Classing, cluster_theme, graduated_scores, pattern_of

__all__ = ["bivariate_theme", "panel_classes", "significance_theme", "year_themes"]

_THIRDS: Final = 3
_SIGNIFICANCE: Final = (("p001", 0.001), ("p01", 0.01), ("p05", 0.05))


def panel_classes(
    edition: Edition, node: str, *, classing: Classing | None = None
) -> tuple[Classes, tuple[str, ...]]:
    """Cut one score of all years of the panel into the same classes, for print and pages alike.

    Parameters
    ----------
    edition : Edition
        What is published.
    node : str
        Index or dimension of the provinces.
    classing : Classing, optional
        Classes and colours; five natural classes by default.

    Returns
    -------
    classes : Classes
        Limits of every year of the panel, drawn or not, so that they do not depend on which
        are.
    labels : tuple[str, ...]
        Least and greatest score of each class in all years, lowest class first.

    Raises
    ------
    geo.errors.CartographyError
        The classes cannot be made.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> classes, labels = panel_classes(sample_edition(), "index")
    >>> classes.k, labels[-1]
    (5, '63.4 – 76.9')
    """
    way = classing or Classing()
    panel = {year: scores.nodes[node] for year, scores in sorted(edition.study.panel.items())}
    pooled = pd.concat(panel, names=["year", "code"])
    classes = way.cut([pooled])
    return classes, class_labels(classes, pooled, template=edition.map_text().class_range)


def year_themes(
    edition: Edition, node: str, years: Sequence[int], *, classing: Classing | None = None
) -> dict[int, Theme]:
    """Build the choropleths of several years with the same classes.

    Parameters
    ----------
    edition : Edition
        What is published.
    node : str
        Index or dimension of the provinces.
    years : Sequence[int]
        Years of the panel.
    classing : Classing, optional
        Classes and colours; five natural classes by default.

    Returns
    -------
    dict[int, Theme]
        By year, in the classes of :func:`panel_classes`.

    Raises
    ------
    geo.errors.CartographyError
        The classes cannot be made, or the palette has not that many colours.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> themes = year_themes(sample_edition(), "index", [2016, 2023])
    >>> [len(theme.entries) for theme in themes.values()]
    [6, 6]
    """
    way = classing or Classing()
    classes, labels = panel_classes(edition, node, classing=way)
    return {
        year: graduated_scores(
            edition,
            "province",
            node,
            values=edition.study.panel[year].nodes[node],
            classes=classes,
            way=way,
            labels=labels,
        )
        for year in years
    }


def bivariate_theme(edition: Edition, level: Level, first: str, second: str) -> Theme:
    """Build the map of two scores at once, thirds of each.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    first, second : str
        Index or dimensions.

    Returns
    -------
    Theme
        Nine classes as a square, no data, not evaluated; a unit without one of the scores has
        no data.

    Raises
    ------
    geo.errors.CartographyError
        The classes cannot be made.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> theme = bivariate_theme(sample_edition(), "province", "compute", "environment")
    >>> sum(entry.count for entry in theme.entries[:9])
    31
    """
    layer, text = edition.boundaries.layer(level), edition.text
    both = edition.scores(level).nodes[[first, second]].dropna()
    ways = [classify(both[node], scheme="quantiles", k=_THIRDS) for node in both]
    keys = [way.assign(both[node]) for way, node in zip(ways, both, strict=True)]
    names = [edition.node_name(level, node) for node in (first, second)]
    labels = [class_labels(way, both[node]) for way, node in zip(ways, both, strict=True)]
    looks = {
        f"{i}{j}": (f"{labels[0][i]} × {labels[1][j]}", Category(colour=BIVARIATE[_THIRDS * i + j]))
        for i in range(ways[0].k)
        for j in range(ways[1].k)
    }
    theme = categorical(
        layer,
        keys[0].astype(str) + keys[1].astype(str),
        looks,
        text=edition.map_text(),
        not_evaluated=tuple(layer.index[~layer["evaluated"]]),
        legend_title=text("figures.bivariate_legend", first=names[0], second=names[1]),
        scheme=text("figures.bivariate_scheme"),
    )
    square = SquareKey(x=names[0], y=names[1], x_labels=labels[0], y_labels=labels[1])
    return replace(theme, square=square)


def significance_theme(edition: Edition, level: Level) -> Theme:
    """Build the map of how strong the evidence of local clustering is.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    Theme
        Classes of the p-value of local Moran after the correction for many tests.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> theme = significance_theme(sample_edition(), "city")
    >>> sum(entry.count for entry in theme.entries)
    372
    """
    local = pattern_of(edition, level).local
    kinds = pd.Series("ns", index=local.index)
    for key, bound in reversed(_SIGNIFICANCE):
        kinds = kinds.mask(local["p_fdr"] <= bound, key)
    kinds = kinds.mask(local["cluster"] == "isolate", "isolate")
    looks = {
        key: (edition.text(f"figures.{key}"), SIGNIFICANCE[key])
        for key in (*(name for name, _ in _SIGNIFICANCE), "ns", "isolate")
    }
    return cluster_theme(edition, level, local.assign(cluster=kinds), looks, "figures.significance")
