"""What the profile of a unit says beside its scores: strengths, weaknesses, neighbours, links."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from geo.cartography.web_spec import CardList, WebCard, WebLink
from geo.weights import build_contiguity
from suanli.analysis.spatial import bridge_pairs
from suanli.boundaries import Level, load_bridges
from suanli.diagnostics.strengths import strengths
from suanli.publish.edition import Edition
from suanli.publish.wording import signed_points

__all__ = ["neighbours_of", "page_links", "strong_and_weak", "unit_cards"]

_MOST: Final = 3
_KINDS: Final = ("strength", "weakness")


def unit_cards(edition: Edition, level: Level, page: str) -> dict[str, WebCard]:
    """Write the profiles of the units of a page.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level of the page.
    page : str
        Its name without suffix; pages of scores list strengths, the others lead there.

    Returns
    -------
    dict[str, WebCard]
        By code, every drawn unit.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> card = unit_cards(sample_edition(), "province", "province")["520000"]
    >>> [part.title for part in card.lists]
    ['Strengths', 'Weaknesses']
    """
    lists = _lists(edition, level) if page == level else {}
    layer = edition.boundaries.layer(level)
    return {
        str(code): WebCard(lists=lists.get(code, ()), links=page_links(edition, level, page, code))
        for code in layer.index
    }


def strong_and_weak(table: pd.DataFrame, k: int) -> pd.DataFrame:
    """Pick the greatest strengths and weaknesses of every unit at once.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`suanli.diagnostics.strengths.strengths`.
    k : int
        Most rows of either kind and unit.

    Returns
    -------
    pandas.DataFrame
        Rows of ``table`` with the column ``kind``, as
        :func:`suanli.diagnostics.strengths.top_and_bottom` picks them for each unit.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> table = strengths(sample_edition().study.province)
    >>> picked = strong_and_weak(table, 2)
    >>> picked[picked["code"] == "520000"]["kind"].tolist()
    ['strength', 'strength', 'weakness', 'weakness']
    """
    known = table["effect"].notna().groupby(table["code"]).transform("any")
    ordered = table.assign(
        _by=table["effect"].where(known, -table["rank"]), _then=table["score"] - table["median"]
    )
    picked = []
    for kind, sign in zip(_KINDS, (1, -1), strict=True):
        side = ordered[ordered["_then"] * sign > 0]
        side = side.sort_values(["_by", "_then"], ascending=sign < 0, kind="stable")
        picked.append(side.groupby("code", sort=False).head(k).assign(kind=kind))
    found = pd.concat(picked).drop(columns=["_by", "_then"])
    return found.sort_values("code", kind="stable").reset_index(drop=True)


def _lists(edition: Edition, level: Level) -> dict[str, tuple[CardList, ...]]:
    text, scores = edition.text, edition.scores(level)
    names = {item.id: text.of(item.name.model_dump()) for item in scores.spec.indicator}
    titles = {kind: text(f"pages.{kind}") for kind in _KINDS}
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for row in strong_and_weak(strengths(scores), _MOST).to_dict("records"):
        said = text("maps.rank_of", rank=int(row["rank"]), n=int(row["n"]))
        if row["tied"] > 1:
            said = text("pages.tied", rank=said, count=int(row["tied"]))
        if pd.notna(row["effect"]):
            said = text("pages.effect", rank=said, points=signed_points(row["effect"]))
        of_unit = found.setdefault(row["code"], {kind: [] for kind in _KINDS})
        of_unit[row["kind"]].append((names[row["indicator"]], said))
    return {
        code: tuple(
            CardList(title=titles[kind], items=tuple(items))
            for kind, items in both.items()
            if items
        )
        for code, both in found.items()
    }


def page_links(edition: Edition, level: Level, page: str, code: str) -> tuple[WebLink, ...]:
    """Return the links from a unit to itself, or its larger or smaller units, on other pages.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level of the page.
    page : str
        The page.
    code : str
        The unit.

    Returns
    -------
    tuple[WebLink, ...]
        From a province to its cities, from a city to its province and to its scores.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [link.page for link in page_links(sample_edition(), "city", "hubs", "440100")]
    ['city.html', 'province.html']
    """
    text, layers = edition.text, edition.boundaries
    if level == "province":
        inside = layers.city.index[parents(layers.city) == code]
        if len(inside) == 1 and inside[0] == code:
            label, anchor = text("pages.as_city"), code
        else:
            label, anchor = text("pages.its_cities", count=len(inside)), f"in-{code}"
        return (WebLink(page="city.html", anchor=anchor, label=label),)
    parent = str(parents(layers.city)[code])
    found = []
    if page != "city":
        found.append(WebLink(page="city.html", anchor=str(code), label=text("pages.city_scores")))
    if parent in layers.province.index:
        key = "pages.as_province" if parent == code else "pages.its_province"
        name = edition.unit_names("province")[parent]
        found.append(WebLink(page="province.html", anchor=parent, label=text(key, name=name)))
    return tuple(found)


def parents(cities: pd.DataFrame) -> pd.Series:
    """Return the code of the province each city lies in; a province on its own is its own.

    Parameters
    ----------
    cities : pandas.DataFrame
        Index ``code``, column ``parent``.

    Returns
    -------
    pandas.Series
        Codes by code.

    Examples
    --------
    >>> parents(pd.DataFrame({"parent": ["440000", ""]}, index=["440100", "710000"])).to_list()
    ['440000', '710000']
    """
    codes = pd.Series(cities.index, index=cities.index)
    return cities["parent"].where(cities["parent"].fillna("").ne(""), codes)


def neighbours_of(edition: Edition, level: Level) -> Mapping[str, tuple[str, ...]]:
    """Return the units each unit touches or is linked with by a bridge.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    Mapping[str, tuple[str, ...]]
        Codes by code, of all drawn units; the contiguity of the tests, whoever is scored.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> neighbours_of(sample_edition(), "province")["460000"]
    ('440000',)
    """
    layer = edition.boundaries.layer(level)
    bridges = bridge_pairs(layer, load_bridges(level))
    graph = build_contiguity(layer, bridges=bridges, islands="keep")
    pairs = graph.adjacency[graph.adjacency > 0].index
    found: dict[str, list[str]] = {}
    for one, other in sorted(pairs):
        found.setdefault(str(one), []).append(str(other))
    return {code: tuple(others) for code, others in found.items()}
