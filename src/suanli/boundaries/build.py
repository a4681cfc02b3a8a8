"""Build the shipped layers from the pinned source, step by step."""

import json
import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from geo.crs import ALBERS, GEOGRAPHIC
from geo.layer import (
    clean_coverage,
    dissolve_units,
    merge_units,
    simplify_coverage,
    write_layer,
)
from geo.storage import file_sha256, replace_folder, write_text
from suanli.boundaries.naming import (
    EVALUATED_KINDS,
    english_name,
    kind_of,
    pinyin_of,
    read_names,
    short_name,
)
from suanli.boundaries.source import (
    PACKAGE,
    PACKAGE_VERSION,
    SOURCE_FILES,
    read_cities,
    read_lines,
    source_folder,
)
from suanli.locations import data_folder

__all__ = ["OUTPUTS", "RECIPE", "Progress", "build"]

Progress = Callable[[str], None]

OUTPUTS = (
    "province.geojson",
    "province_web.geojson",
    "city.geojson",
    "city_web.geojson",
    "lines.geojson",
    "units.csv",
    "ATTRIBUTION.md",
)
# Three Gansu units of the source are a horse farm and two reserves, not cities; each goes to
# the prefecture it shares its longest border with.
MERGES = {"629700": "620700", "629800": "623000", "629900": "622900"}
# Sansha and Taiwan carry Huangyan, Zengmu, Diaoyu and Chiwei, Shanwei carries Dongsha.
ISLANDS = ("441500", "460300", "710000")
# These touch nobody, so the web layer can take them from the finer one: at 4 km Huangyan
# would slip away from its place.
DETACHED = ("460300", "710000")
RECIPE: dict[str, Any] = {
    "merged": MERGES,
    "islets_kept_in": ISLANDS,
    "city": {"tolerance_m": 2000, "drop_islets_km2": 5, "decimals": 4},
    "city_web": {"tolerance_m": 4000, "drop_islets_km2": 10, "decimals": 4},
    "city_web_takes_from_city": DETACHED,
    "province": "city dissolved by parent",
    "province_web": "city_web dissolved by parent",
    "planar_crs": ALBERS,
    "point": "centre of the largest inscribed circle of the largest part, full resolution",
}

_M2_PER_KM2 = 1e6
_POINT_TOLERANCE_M = 500.0
_POINT_DECIMALS = 4
_LINE_DECIMALS = 6


def build(target: Path, *, progress: Progress | None = None) -> Path:
    """Build every file of ``data/boundaries`` and put the folder in place as a whole.

    Parameters
    ----------
    target : pathlib.Path
        The folder to write; an existing one is replaced when all is done.
    progress : Callable[[str], None], optional
        Called with the name of each step as it begins: ``read``, ``clean``, ``units``,
        ``simplify``, ``write``.

    Returns
    -------
    pathlib.Path
        ``target``.

    Raises
    ------
    InputError
        The source wheel is missing, damaged or another version.

    Examples
    --------
    A build writes these files and ``SOURCE.json``, the record of their hashes:

    >>> [name for name in OUTPUTS if name.startswith("city")]
    ['city.geojson', 'city_web.geojson']
    """
    tell = progress or (lambda _step: None)
    tell("read")
    folder = source_folder()
    source = read_cities(folder)
    tell("clean")
    cleaned, moved = clean_coverage(source)
    full = merge_units(cleaned, MERGES)
    tell("units")
    units = _unit_table(full)
    tell("simplify")
    layers = _layers(full)
    tell("write")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".boundaries.", dir=target.parent) as staging:
        staged = Path(staging) / target.name
        for name, layer in layers.items():
            named = layer.join(units.xs(name.removesuffix("_web"))[["name"]])
            write_layer(named[["name", "geometry"]], staged / f"{name}.geojson")
        write_layer(read_lines(folder), staged / "lines.geojson", decimals=_LINE_DECIMALS)
        write_text(staged / "units.csv", units.to_csv(lineterminator="\n"))
        notice = files("suanli.boundaries") / "ATTRIBUTION.md"
        write_text(staged / "ATTRIBUTION.md", notice.read_text(encoding="utf-8"))
        record = _record(folder, staged, moved, layers)
        text = json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        write_text(staged / "SOURCE.json", text)
        replace_folder(staged, target)
    return target


def _layers(full: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    shapes = full[["geometry"]]
    city = simplify_coverage(shapes, keep=ISLANDS, **RECIPE["city"])
    web = simplify_coverage(shapes, keep=ISLANDS, **RECIPE["city_web"])
    web.loc[list(DETACHED), "geometry"] = city.loc[list(DETACHED), "geometry"]
    return {
        "province": _dissolved(city, full["parent"]),
        "province_web": _dissolved(web, full["parent"]),
        "city": city,
        "city_web": web,
    }


def _dissolved(city: gpd.GeoDataFrame, parent: pd.Series) -> gpd.GeoDataFrame:
    merged = dissolve_units(city, by=parent)
    return merged.set_geometry(shapely.normalize(merged.geometry.to_numpy()), crs=GEOGRAPHIC)


def _unit_table(full: gpd.GeoDataFrame) -> pd.DataFrame:
    names = full.groupby("parent")["parent_name"].first()
    province = dissolve_units(full, by=full["parent"])
    province["name"] = names.reindex(province.index)
    province["parent"] = ""
    exceptions = read_names(data_folder() / "reference" / "english_names.csv")
    levels = {"province": province, "city": full}
    return pd.concat(
        {level: _described(frame, level, exceptions) for level, frame in levels.items()},
        names=["level", "code"],
    )


def _described(frame: gpd.GeoDataFrame, level: str, exceptions: pd.DataFrame) -> pd.DataFrame:
    short = frame["name"].map(short_name)
    syllables = short.map(pinyin_of)
    kind = pd.Series(
        [kind_of(name, str(code)) for code, name in frame["name"].items()], index=frame.index
    )
    planar = frame.geometry.to_crs(ALBERS)
    points = _label_points(planar)
    table = pd.DataFrame(
        {
            "name": frame["name"],
            "short_name": short,
            "pinyin": syllables.map("".join),
            "name_en": syllables.map(english_name),
            "parent": frame["parent"],
            "kind": kind,
            "area_km2": (planar.area / _M2_PER_KM2).round(1),
            "lon": points.x.round(_POINT_DECIMALS),
            "lat": points.y.round(_POINT_DECIMALS),
            "evaluated": kind.isin(EVALUATED_KINDS).astype(int),
        }
    )
    table.update(exceptions.xs(level))
    return table


def _label_points(planar: gpd.GeoSeries) -> gpd.GeoSeries:
    largest = [max(shapely.get_parts(shape), key=shapely.area) for shape in planar]
    circles = shapely.maximum_inscribed_circle(np.array(largest), tolerance=_POINT_TOLERANCE_M)
    centres = shapely.get_point(circles, 0)
    return gpd.GeoSeries(centres, index=planar.index, crs=ALBERS).to_crs(GEOGRAPHIC)


def _record(
    folder: Path, staged: Path, moved: pd.Series, layers: dict[str, gpd.GeoDataFrame]
) -> dict[str, Any]:
    return {
        "source": "天地图 (Tianditu)",
        "package": {
            "name": PACKAGE,
            "version": PACKAGE_VERSION,
            "stated_vintage": "2025-09",
            "sha256": {name: file_sha256(folder / name) for name in SOURCE_FILES},
        },
        "recipe": RECIPE,
        "counts": {
            **{name: len(layer) for name, layer in layers.items()},
            "vertices": {
                name: int(shapely.get_num_coordinates(layer.geometry.to_numpy()).sum())
                for name, layer in layers.items()
            },
        },
        "cleaning_moved_km2": round(float(moved.sum()), 3),
        "tools": {
            "shapely": shapely.__version__,
            "geos": shapely.geos_version_string,
            "gdal": pyogrio.__gdal_version_string__,
        },
        "files": {name: file_sha256(staged / name) for name in OUTPUTS},
    }
