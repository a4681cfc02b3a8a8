"""Files for GIS programs: GeoJSON by RFC 7946, a GeoPackage, and what their fields mean."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.export import Field, write_field_dictionary, write_geojson, write_geopackage
from geo.export.style import LayerStyle
from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.styles import PACKAGE, level_styles, write_styles
from suanli.publish.tables import hub_names, score_columns
from suanli.text import Text

__all__ = ["package_layer", "write_package"]

_UNIT_FIELDS = (
    "name",
    "short_name",
    "pinyin",
    "name_en",
    "parent",
    "kind",
    "area_km2",
    "evaluated",
)


def write_package(edition: Edition, folder: Path) -> list[Path]:
    """Write the layers with their scores for GIS programs.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        Where to write.

    Returns
    -------
    list[pathlib.Path]
        ``province.geojson``, ``city.geojson``, ``atlas.gpkg``, ``fields.csv``, the project
        ``atlas.qgz``, and ``styles/*.qml`` and ``*.sld``.

    Raises
    ------
    geo.errors.ExportError
        A file would break its format.
    OSError
        A file cannot be written.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> import tempfile
    >>> [path.name for path in write_package(sample_edition(), Path(tempfile.mkdtemp()))]
    ... # doctest: +ELLIPSIS
    ['province.geojson', 'city.geojson', 'atlas.gpkg', 'fields.csv', 'atlas.qgz', ...]
    """
    written: list[Path] = []
    layers: dict[str, gpd.GeoDataFrame] = {}
    styles: dict[str, tuple[LayerStyle, ...]] = {}
    every: dict[str, Field] = {}
    for level in ("province", "city"):
        frame, fields = package_layer(edition, level)
        path = folder / f"{level}.geojson"
        write_geojson(frame, path, fields=fields, metadata=_metadata(edition, level))
        layers[level], styles[level] = frame, level_styles(edition, level, frame)
        every |= {field.key: _both(every.get(field.key, field), field) for field in fields}
        written.append(path)
    layers["hubs"] = _hubs(edition)
    layers["lines"] = edition.boundaries.lines.rename_axis("code")
    package = folder / PACKAGE
    every |= {key: field for key, field in _point_fields(edition).items() if key not in every}
    described = [field for field in every.values() if field.key != "code"]
    levels: tuple[Level, ...] = ("province", "city")
    notes = {
        f"{level}.{key}": str(value)
        for level in levels
        for key, value in _metadata(edition, level).items()
    }
    write_geopackage(package, layers, fields=described, metadata=notes, styles=styles)
    dictionary = folder / "fields.csv"
    write_field_dictionary(described, dictionary)
    return [*written, package, dictionary, *write_styles(edition, folder, styles, every)]


def _both(one: Field, other: Field) -> Field:
    """Describe a key that holds another thing at each level by both."""

    def told(name: str) -> str:
        return " / ".join(dict.fromkeys((getattr(one, name), getattr(other, name))))

    words = {name: told(name) for name in ("title_zh", "title_en", "description")}
    return replace(one, **words)


def package_layer(edition: Edition, level: Level) -> tuple[gpd.GeoDataFrame, list[Field]]:
    """Return a layer as it is exported.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.

    Returns
    -------
    geopandas.GeoDataFrame
        Units with scores, ranks, clusters; index ``code``.
    list[Field]
        What its columns mean.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> frame, fields = package_layer(sample_edition(), "province")
    >>> len(frame), fields[0].key
    (34, 'name')
    """
    layer = edition.boundaries.layer(level)
    study = edition.study
    pattern = study.province_pattern if level == "province" else study.city_pattern
    columns = score_columns(edition.scores(level), edition.ranks(level)).reindex(layer.index)
    columns["coverage"] = columns["coverage"].round(4)
    # Units that are drawn only have no count, which must not make the others fractions.
    columns["imputed"] = columns["imputed"].astype("Int64")
    lisa = pattern.local.set_index("code")
    columns["lisa_cluster"] = lisa["cluster"].reindex(layer.index)
    columns["lisa_p"] = lisa["p"].reindex(layer.index)
    columns["lisa_p_fdr"] = lisa["p_fdr"].reindex(layer.index)
    columns["gi_cluster"] = pattern.hotspots.set_index("code")["cluster"].reindex(layer.index)
    if level == "city":
        columns["hub_ring"] = study.hubs.membership.reindex(layer.index).astype("Int64")
        columns["hub"] = hub_names(edition, edition.catalogue.hub_cities["hub"]).reindex(
            layer.index
        )
    for column in columns.select_dtypes("float").columns:
        columns[column] = columns[column].round(6)
    frame = gpd.GeoDataFrame(
        pd.concat([layer[list(_UNIT_FIELDS)], columns], axis=1),
        geometry=layer.geometry,
        crs=layer.crs,
    )
    return frame, [_field(edition, level, str(column)) for column in frame.columns.drop("geometry")]


def _hubs(edition: Edition) -> gpd.GeoDataFrame:
    """Return the cities with a start area of a hub as points."""
    hubs = edition.catalogue.hub_cities
    cities = edition.boundaries.city.loc[hubs.index]
    return gpd.GeoDataFrame(
        {
            "name": edition.unit_names("city").reindex(hubs.index),
            "hub": hub_names(edition, hubs["hub"]),
            "start_area": hubs["start_area"],
            "approval_date": hubs["approval_date"].astype("str"),
            "source": hubs["source"],
        },
        geometry=gpd.points_from_xy(cities["lon"], cities["lat"]),
        crs=cities.crs,
    )


def _point_fields(edition: Edition) -> dict[str, Field]:
    """Describe what only the points of hubs have."""
    return {
        key: Field(
            key=key,
            title_zh=_words("zh")(f"fields.{key}"),
            title_en=_words("en")(f"fields.{key}"),
            description=edition.text(f"fields.{key}_description"),
        )
        for key in ("start_area", "approval_date", "source")
    }


def _field(edition: Edition, level: Level, key: str) -> Field:
    spec = edition.scores(level).spec
    ends = ("_rank_low", "_rank_high", "_rank", "")
    node, kind = next(
        (key.removesuffix(end), end[1:] or "score") for end in ends if key.endswith(end)
    )
    if node == ROOT or node in spec.names():
        names = {lang: _node(lang, level, node, spec) for lang in ("zh", "en")}
        return Field(
            key=key,
            title_zh=_words("zh")(f"fields.{kind}", name=names["zh"]),
            title_en=_words("en")(f"fields.{kind}", name=names["en"]),
            unit="0-100" if kind == "score" else "",
            description=edition.text(f"fields.{kind}_description", profile=spec.id, year=spec.year),
        )
    return Field(
        key=key,
        title_zh=_words("zh")(f"fields.{key}"),
        title_en=_words("en")(f"fields.{key}"),
        unit="km²" if key == "area_km2" else "",
        description=edition.text(f"fields.{key}_description"),
    )


def _node(lang: str, level: Level, node: str, spec: Any) -> str:
    words = _words(lang)
    return (
        words(f"maps.index_{level}") if node == ROOT else words.of(spec.names()[node].model_dump())
    )


def _words(lang: str) -> Text:
    return Text("zh" if lang == "zh" else "en")


def _metadata(edition: Edition, level: Level) -> dict[str, Any]:
    spec = edition.scores(level).spec
    settings = edition.study.settings
    return {
        "title": edition.text.of(spec.title.model_dump()),
        "note": edition.text.of(spec.note.model_dump()),
        "profile": spec.id,
        "year": spec.year,
        "boundaries": edition.boundary_source(),
        "approval_number": edition.approval_number,
        "seed": settings.seed,
        "permutations": settings.permutations,
        "alpha": settings.alpha,
    }
