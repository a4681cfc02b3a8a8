"""From numbers or categories to the theme of a map."""

import itertools
from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.cartography.classify import Classes
from geo.cartography.palette import NO_DATA, NOT_EVALUATED, Category, graded
from geo.cartography.spec import LegendEntry, MapText, Theme
from geo.errors import CartographyError

__all__ = ["categorical", "class_labels", "graduated"]

_MOST_DECIMALS = 6


def class_labels(
    classes: Classes, values: pd.Series | None = None, *, template: str = "{lower} – {upper}"
) -> tuple[str, ...]:
    """Write the range of every class with just enough decimals to tell them apart.

    Parameters
    ----------
    classes : Classes
        The classes.
    values : pandas.Series, optional
        The numbers that are drawn. A class is then written by its own least and greatest
        number, and a class of one number by that number; a class without a number, or
        every class where no values are given, by its limits.
    template : str
        Sentence with the fields ``lower`` and ``upper``.

    Returns
    -------
    tuple[str, ...]
        One label per class.

    Examples
    --------
    >>> from geo.cartography.classify import classify
    >>> values = pd.Series([1.0, 2.0, 7.5, 9.5])
    >>> class_labels(classify(values, k=3), values)
    ('1.0 – 2.0', '7.5', '9.5')
    >>> class_labels(classify(values, k=2))
    ('1.0 – 2.0', '2.0 – 9.5')
    """
    spans = list(itertools.pairwise((classes.lower, *classes.breaks)))
    if values is not None:
        keys = classes.assign(values)
        for place in range(classes.k):
            members = values[keys.eq(place).fillna(value=False).to_numpy(dtype=bool)]
            if len(members):
                spans[place] = (float(members.min()), float(members.max()))
    limits = {limit for span in spans for limit in span}
    decimals = 1
    while decimals < _MOST_DECIMALS and not _apart(spans, limits, decimals):
        decimals += 1
    return tuple(_range(span, decimals, template) for span in spans)


def _apart(spans: Sequence[tuple[float, float]], limits: set[float], decimals: int) -> bool:
    """Tell whether limits that differ are written differently, within and between classes."""
    written = {limit: f"{limit:.{decimals}f}" for limit in limits}
    ends = [{*span} for span in spans]
    within = all(len({written[x] for x in end}) == len(end) for end in ends)
    return within and all(
        written[x] != written[y] or x == y
        for one, other in itertools.combinations(ends, 2)
        for x, y in itertools.product(one, other)
    )


def _range(span: tuple[float, float], decimals: int, template: str) -> str:
    # U+2212: a hyphen beside a range dash is hard to read.
    lower, upper = (f"{limit:.{decimals}f}".replace("-", "−") for limit in span)
    return lower if span[0] == span[1] else template.format(lower=lower, upper=upper)


def graduated(
    layer: gpd.GeoDataFrame,
    values: pd.Series,
    classes: Classes,
    *,
    text: MapText,
    palette: str = "YlGnBu",
    not_evaluated: Sequence[str] = (),
    legend_title: str = "",
    scheme: str = "",
) -> Theme:
    """Build the theme of a choropleth.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Units indexed by code.
    values : pandas.Series
        Numbers by unit code; a unit that is absent or NaN has no data.
    classes : Classes
        Class limits, of these values or of a whole panel.
    text : MapText
        The words of the legend, with names of the classes of a box map.
    palette : str
        Name of a sequential palette, or of a diverging one for six classes.
    not_evaluated : Sequence[str]
        Codes of units that are drawn but not part of the evaluation.
    legend_title : str
        Heading of the legend.
    scheme : str
        Line that names the classification.

    Returns
    -------
    Theme
        Highest class first, each by the least and greatest number in it, then units without
        data, then those not evaluated.

    Raises
    ------
    CartographyError
        ``cartography.unknown_unit``: a value belongs to no unit of the layer.

    Examples
    --------
    >>> from shapely import box
    >>> from geo.cartography.classify import classify
    >>> layer = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], index=["a", "b"])
    >>> values = pd.Series({"a": 3.0})
    >>> text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    >>> theme = graduated(layer, values, classify(values), text=text)
    >>> [(entry.label, entry.count) for entry in theme.entries]
    [('3.0', 1), ('no data', 1)]
    """
    colours = graded(palette, classes.k) if classes.k else ()
    labels = class_labels(classes, values, template=text.class_range)
    if classes.scheme == "box_map" and text.box_classes and classes.k:
        counts = classes.count(values)
        labels = tuple(
            f"{name} {label}" if count else name
            for name, label, count in zip(text.box_classes, labels, counts, strict=True)
        )
    keys = pd.Series(classes.assign(values), dtype="Int64")
    # Highest class on top of the legend, as readers look for the leaders first.
    order = list(range(classes.k))[::-1]
    return _theme(
        layer,
        keys,
        {position: (labels[position], Category(colour=colours[position])) for position in order},
        text=text,
        not_evaluated=not_evaluated,
        legend_title=legend_title,
        scheme=scheme,
    )


def categorical(
    layer: gpd.GeoDataFrame,
    kinds: pd.Series,
    categories: Mapping[str, tuple[str, Category]],
    *,
    text: MapText,
    not_evaluated: Sequence[str] = (),
    legend_title: str = "",
    scheme: str = "",
) -> Theme:
    """Build the theme of a map of categories.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Units indexed by code.
    kinds : pandas.Series
        Category key by unit code; a unit that is absent or missing has no data.
    categories : Mapping[str, tuple[str, Category]]
        Category key to label and look, in the order of the legend.
    text : MapText
        The words of the legend.
    not_evaluated : Sequence[str]
        Codes of units that are drawn but not part of the evaluation.
    legend_title : str
        Heading of the legend.
    scheme : str
        Line under the legend: permutations, cut-off, seed.

    Returns
    -------
    Theme
        Every category, also those without a unit, then the units without data.

    Raises
    ------
    CartographyError
        ``cartography.unknown_unit`` or ``cartography.unknown_category``.

    Examples
    --------
    >>> from shapely import box
    >>> layer = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], index=["a"])
    >>> text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    >>> looks = {"HH": ("high among high", Category(colour="#ff0000", mark="HH"))}
    >>> theme = categorical(layer, pd.Series({"a": "HH"}), looks, text=text)
    >>> theme.membership.to_dict()
    {'a': 0}
    """
    unknown = sorted({str(kind) for kind in kinds.dropna().unique()} - set(categories))
    if unknown:
        raise CartographyError(
            f"no colour is given for the categories {', '.join(unknown)}",
            code="cartography.unknown_category",
            got=unknown,
            expected=list(categories),
        )
    return _theme(
        layer,
        kinds,
        categories,
        text=text,
        not_evaluated=not_evaluated,
        legend_title=legend_title,
        scheme=scheme,
    )


def _theme(
    layer: gpd.GeoDataFrame,
    keys: pd.Series,
    looks: Mapping[str, tuple[str, Category]] | Mapping[int, tuple[str, Category]],
    *,
    text: MapText,
    not_evaluated: Sequence[str],
    legend_title: str,
    scheme: str,
) -> Theme:
    strangers = [str(code) for code in keys.index.difference(layer.index)]
    if strangers or keys.index.has_duplicates:
        raise CartographyError(
            f"values for units that are not on the map, or twice: {', '.join(strangers[:5])}",
            code="cartography.unknown_unit",
            units=strangers,
        )
    position = {key: place for place, key in enumerate(looks)}
    nowhere, outside = len(position), len(position) + 1
    found = keys.reindex(layer.index)
    places = [nowhere if pd.isna(key) else position[key] for key in found]
    membership = pd.Series(places, index=layer.index, dtype=np.int64)
    membership[layer.index.isin(list(not_evaluated)) & (membership == nowhere)] = outside
    counts = membership.value_counts()
    rows: list[tuple[str, Category]] = [
        *looks.values(),
        (text.no_data, NO_DATA),
        (text.not_evaluated, NOT_EVALUATED),
    ]
    entries = tuple(
        LegendEntry(
            label=label,
            colour=look.colour,
            count=int(counts.get(place, 0)),
            mark=look.mark,
            hatch=look.hatch,
        )
        for place, (label, look) in enumerate(rows)
    )
    return _without_unused(entries, membership, len(position), legend_title, scheme)


def _without_unused(
    entries: tuple[LegendEntry, ...],
    membership: pd.Series,
    fixed: int,
    legend_title: str,
    scheme: str,
) -> Theme:
    # The two closing entries appear only where a unit needs them.
    kept = [p for p, entry in enumerate(entries) if p < fixed or entry.count]
    renumbered = {old: new for new, old in enumerate(kept)}
    return Theme(
        entries=tuple(entries[old] for old in kept),
        membership=membership.map(renumbered),
        legend_title=legend_title,
        scheme=scheme,
    )
