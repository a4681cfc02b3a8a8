"""Where hubs stand, and where they could also have been put."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geo.statistics import Redraws, redraw_sets
from suanli.errors import InputError, Problem

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["FEWEST_SETS", "hub_strata", "mainland", "redrawn_hubs"]

FEWEST_SETS: Final = 20
"""Different hub sets that must be possible: with fewer no directed p reaches 0.05."""

# Taiwan, Hong Kong and Macao are drawn, but neither scored nor counted into rings.
_OUTSIDE: Final = ("71", "81", "82")


def mainland(layer: "GeoDataFrame") -> "GeoDataFrame":
    """Keep what takes part in rings: all drawn units but those that are never scored.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame
        Drawn cities, indexed by code.

    Returns
    -------
    geopandas.GeoDataFrame
        Without Taiwan, Hong Kong and Macao, sorted by code.

    Examples
    --------
    >>> import geopandas as gpd
    >>> layer = gpd.GeoDataFrame(index=["710000", "110000"], geometry=[None] * 2, crs=4326)
    >>> mainland(layer).index.to_list()
    ['110000']
    """
    return layer[~layer.index.str[:2].isin(_OUTSIDE)].sort_index()


def redrawn_hubs(
    places: "GeoDataFrame",
    hub_cities: pd.DataFrame,
    *,
    strata: pd.Series,
    permutations: int,
    rng: np.random.Generator,
) -> Redraws:
    """Put the hubs elsewhere within their strata, many times.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Cities, indexed by code.
    hub_cities : pandas.DataFrame
        Hub cities indexed by code, with the column ``name``.
    strata : pandas.Series
        Stratum by code; units without one are never drawn.
    permutations : int
        Redrawn hub sets.
    rng : numpy.random.Generator
        Source of the redraws.

    Returns
    -------
    geo.statistics.Redraws
        The hubs and the sets in their place.

    Raises
    ------
    InputError
        A hub city is not among the cities or has no stratum.
    geo.errors.GeoError
        A stratum consists of hubs only, or fewer than :data:`FEWEST_SETS` different hub sets
        are possible.

    Examples
    --------
    >>> import geopandas as gpd
    >>> codes = [f"c{i:02d}" for i in range(21)]
    >>> places = gpd.GeoDataFrame(index=codes, geometry=[None] * 21, crs=4326)
    >>> drawn = redrawn_hubs(places, pd.DataFrame({"name": ["A"]}, index=["c00"]),
    ...                      strata=pd.Series("x", index=codes[:20]), permutations=999,
    ...                      rng=np.random.default_rng(1))
    >>> drawn.possible, "c20" in drawn.labels[drawn.sets.ravel()]
    (20.0, False)
    """
    _check_hubs(hub_cities, places, strata)
    return redraw_sets(
        places.index,
        hub_cities.index,
        strata=strata.reindex(places.index),
        draws=permutations,
        fewest=FEWEST_SETS,
        rng=rng,
    )


def hub_strata(
    groups: pd.Series, population: pd.Series | None = None, *, classes: int = 2
) -> pd.Series:
    """Return strata to redraw hubs in: the region, or region and size of city.

    Parameters
    ----------
    groups : pandas.Series
        Region by code.
    population : pandas.Series, optional
        Inhabitants by code. Without it the region alone is the stratum; with it hubs are
        compared with cities of like size. Cities of unknown size count as small.
    classes : int, default 2
        Classes of size, of equal numbers of cities within each region.

    Returns
    -------
    pandas.Series
        Stratum by code, such as ``"west"`` or ``"west 2/2"``; the last class holds the
        largest cities.

    Examples
    --------
    >>> groups = pd.Series("west", index=list("abcd"))
    >>> hub_strata(groups, pd.Series({"a": 9.0, "b": 5.0, "c": 7.0})).to_dict()
    {'a': 'west 2/2', 'b': 'west 1/2', 'c': 'west 2/2', 'd': 'west 1/2'}
    """
    if population is None:
        return groups.copy()
    # Ranks before classes: sizes decide only who is larger than whom.
    people = population.reindex(groups.index).fillna(0.0).sort_index()
    regions = groups.reindex(people.index)
    rank = people.groupby(regions).rank(method="first", pct=True)
    number = np.ceil(rank * classes).astype(int).astype(str)
    strata: pd.Series = regions.astype(str).str.cat(number, sep=" ") + f"/{classes}"
    return strata.reindex(groups.index)


def _check_hubs(hubs: pd.DataFrame, places: "GeoDataFrame", strata: pd.Series) -> None:
    problems = []
    for code, name in zip(hubs.index, hubs["name"], strict=True):
        if code not in places.index:
            problems.append(
                Problem(code="analysis.hub_unknown", params={"code": code, "name": name})
            )
        elif code not in strata.index or pd.isna(strata[code]):
            problems.append(
                Problem(code="analysis.hub_without_stratum", params={"code": code, "name": name})
            )
    if problems:
        raise InputError(problems)
