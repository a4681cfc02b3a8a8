"""Load the shipped layers and what belongs to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from geo.crs import CHINA_EXTENT
from geo.errors import LayerError
from geo.layer import read_layer
from suanli.errors import InputError, Problem
from suanli.locations import data_folder

__all__ = [
    "LAYERS",
    "Boundaries",
    "Description",
    "Level",
    "describe",
    "load_boundaries",
    "load_bridges",
    "read_layers",
    "read_lines",
    "read_units",
]

Level = Literal["province", "city"]
LAYERS: Mapping[str, Level] = {
    "province": "province",
    "province_web": "province",
    "city": "city",
    "city_web": "city",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boundaries:
    """Every shipped layer, ready for joins by code.

    Attributes
    ----------
    province, city : geopandas.GeoDataFrame
        34 provinces and 372 cities for analysis and print, EPSG:4326, indexed by ``code``,
        sorted, with the columns of ``units``.
    province_web, city_web : geopandas.GeoDataFrame
        The same units, coarser, for pages.
    lines : geopandas.GeoDataFrame
        Column ``kind``: ``dash_line`` (South China Sea), ``provincial``, ``special_region``,
        ``undetermined``.
    units : pandas.DataFrame
        Indexed by ``level`` and ``code`` (a municipality stands at both levels): ``name``,
        ``short_name``, ``pinyin``, ``name_en``, ``parent``, ``kind``, ``area_km2`` (full
        resolution), ``lon`` and ``lat`` of a point inside, ``evaluated``.
    folder : pathlib.Path
        Where all this was read.
    own : tuple[str, ...]
        Names of users' files that stand in the place of shipped layers.
    """

    province: gpd.GeoDataFrame
    city: gpd.GeoDataFrame
    province_web: gpd.GeoDataFrame
    city_web: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    units: pd.DataFrame
    folder: Path
    own: tuple[str, ...] = ()

    def layer(self, level: Level, *, web: bool = False) -> gpd.GeoDataFrame:
        """Return the layer of a level.

        Parameters
        ----------
        level : {"province", "city"}
            The level.
        web : bool, default False
            Whether to return the coarser one.

        Returns
        -------
        geopandas.GeoDataFrame
            All units of the level, evaluated or not.

        Examples
        --------
        >>> len(load_boundaries().layer("city", web=True))
        372
        """
        layers = {
            "province": (self.province, self.province_web),
            "city": (self.city, self.city_web),
        }
        return layers[level][int(web)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a set of boundaries holds.

    Attributes
    ----------
    units : Mapping[str, int]
        Units by level.
    evaluated : Mapping[str, int]
        Evaluated units by level.
    kinds : Mapping[str, Mapping[str, int]]
        Units by level and kind.
    vertices : Mapping[str, int]
        Vertices by layer.
    source : Mapping[str, Any]
        Content of ``SOURCE.json``.
    folder : pathlib.Path
        Where the layers lie.
    """

    units: Mapping[str, int]
    evaluated: Mapping[str, int]
    kinds: Mapping[str, Mapping[str, int]]
    vertices: Mapping[str, int]
    source: Mapping[str, Any]
    folder: Path


def load_boundaries(folder: Path | None = None) -> Boundaries:
    """Load the layers with the attributes of their units.

    Parameters
    ----------
    folder : pathlib.Path, optional
        The folder of the boundary files; the shipped one when missing.

    Returns
    -------
    Boundaries
        Layers, lines and units.

    Raises
    ------
    InputError
        A file is missing or damaged, or a layer and ``units.csv`` name different units.

    Examples
    --------
    >>> boundaries = load_boundaries()
    >>> len(boundaries.province), len(boundaries.city)
    (34, 372)
    >>> boundaries.city.loc["520100", ["short_name", "name_en", "kind"]].tolist()
    ['贵阳', 'Guiyang', 'prefecture_city']
    """
    place = folder or data_folder() / "boundaries"
    units = read_units(place)
    layers = read_layers(place)
    problems = []
    for name, level in LAYERS.items():
        known = units.loc[level].index
        differ = known.symmetric_difference(layers[name].index)
        if len(differ):
            params = {"layer": name, "units": ", ".join(differ[:10]), "count": len(differ)}
            problems.append(Problem(code="boundaries.units_differ", params=params))
    if problems:
        raise InputError(problems)
    joined = {
        name: layers[name][["geometry"]].join(units.loc[level]) for name, level in LAYERS.items()
    }
    for name, level in LAYERS.items():
        joined[name].insert(0, "level", level)
    return Boundaries(**joined, lines=read_lines(place), units=units, folder=place)


def read_layers(folder: Path) -> dict[str, gpd.GeoDataFrame]:
    """Read the polygon layers without their attributes.

    Parameters
    ----------
    folder : pathlib.Path
        The folder of the boundary files.

    Returns
    -------
    dict of str to geopandas.GeoDataFrame
        The layers named in :data:`LAYERS`, indexed by code.

    Raises
    ------
    InputError
        Layers that cannot be read, all of them.

    Examples
    --------
    >>> sorted(read_layers(data_folder() / "boundaries"))
    ['city', 'city_web', 'province', 'province_web']
    """
    layers, problems = {}, []
    for name in LAYERS:
        try:
            layers[name] = read_layer(folder / f"{name}.geojson", extent=CHINA_EXTENT)
        except LayerError as error:
            single = error.params.get("problems", (error,))
            problems += [Problem(code=one.code, params=one.params) for one in single]
    if problems:
        raise InputError(problems)
    return layers


def read_units(folder: Path) -> pd.DataFrame:
    """Read ``units.csv``.

    Parameters
    ----------
    folder : pathlib.Path
        The folder of the boundary files.

    Returns
    -------
    pandas.DataFrame
        See :class:`Boundaries`.

    Raises
    ------
    InputError
        The table is missing or damaged.

    Examples
    --------
    >>> units = read_units(data_folder() / "boundaries")
    >>> int(units.loc["city", "evaluated"].sum())
    337
    """
    path = folder / "units.csv"
    numeric = {"area_km2": float, "lon": float, "lat": float, "evaluated": int}
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        for column, kind in numeric.items():
            table[column] = table[column].astype(kind)
        table["evaluated"] = table["evaluated"] == 1
        units = table.set_index(["level", "code"]).sort_index()
    except (OSError, ValueError, KeyError) as error:
        raise InputError([_damaged(path, error)]) from error
    if not units.index.is_unique:
        twice = units.index[units.index.duplicated()].tolist()
        raise InputError([_damaged(path, ValueError(f"occurs twice: {twice}"))])
    return units


def read_lines(folder: Path) -> gpd.GeoDataFrame:
    """Read ``lines.geojson``.

    Parameters
    ----------
    folder : pathlib.Path
        The folder of the boundary files.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per ``kind``, see :class:`Boundaries`.

    Raises
    ------
    InputError
        The file is missing or damaged.

    Examples
    --------
    >>> len(read_lines(data_folder() / "boundaries"))
    4
    """
    path = folder / "lines.geojson"
    try:
        return pyogrio.read_dataframe(path)[["kind", "geometry"]]
    except (DataSourceError, KeyError) as error:
        raise InputError([_damaged(path, error)]) from error


def load_bridges(level: Level, *, folder: Path | None = None) -> pd.DataFrame:
    """Return the links between units that no land border joins.

    Parameters
    ----------
    level : {"province", "city"}
        The level.
    folder : pathlib.Path, optional
        The data folder; the shipped one when missing.

    Returns
    -------
    pandas.DataFrame
        ``from``, ``to`` (codes), ``reason`` (Chinese), ``reason_en``.

    Raises
    ------
    InputError
        The table is missing.

    Examples
    --------
    >>> load_bridges("province")[["from", "to"]].values.tolist()
    [['440000', '460000']]
    """
    path = data_folder(folder) / "reference" / "bridges.csv"
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError([_damaged(path, error)]) from error
    return table[table["level"] == level].drop(columns="level").reset_index(drop=True)


def describe(boundaries: Boundaries) -> Description:
    """Count what the layers hold and tell where they come from.

    Parameters
    ----------
    boundaries : Boundaries
        Loaded layers.

    Returns
    -------
    Description
        Counts and the record of the build.

    Raises
    ------
    InputError
        ``SOURCE.json`` is missing or damaged.

    Examples
    --------
    >>> description = describe(load_boundaries())
    >>> description.evaluated["city"], description.kinds["province"]["municipality"]
    (337, 4)
    """
    path = boundaries.folder / "SOURCE.json"
    try:
        source = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError([_damaged(path, error)]) from error
    levels = boundaries.units.groupby("level")
    return Description(
        units={str(level): len(part) for level, part in levels},
        evaluated={str(level): int(part["evaluated"].sum()) for level, part in levels},
        kinds={
            str(level): {str(kind): int(n) for kind, n in part["kind"].value_counts().items()}
            for level, part in levels
        },
        vertices={
            name: int(shapely.get_num_coordinates(getattr(boundaries, name).geometry).sum())
            for name in LAYERS
        },
        source=source,
        folder=boundaries.folder,
    )


def _damaged(path: Path, reason: Exception) -> Problem:
    params = {"file": str(path), "reason": str(reason)}
    return Problem(code="boundaries.damaged", params=params)
