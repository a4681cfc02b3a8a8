"""The layers that leave for GIS programs, each with what its columns mean."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import pandas as pd

from geo.crs import geodesic_circle
from geo.export import Field
from suanli.analysis.latency import LATENCY
from suanli.analysis.spillover import BANDS_KM, BANDS_MS
from suanli.boundaries import Level
from suanli.profile import ROOT
from suanli.publish.edition import Edition
from suanli.publish.tables import hub_names, score_columns
from suanli.text import LANGUAGES, Language, Text

__all__ = [
    "LAYERS",
    "ExportLayer",
    "export_layer",
    "layer_fields",
    "score_field",
    "unit_level",
]

LAYERS: Final = ("province", "city", "hubs", "rings", "lines")
"""Names of the layers, as tables of the GeoPackage are called."""

_UNIT_FIELDS: Final = (
    "name",
    "short_name",
    "pinyin",
    "name_en",
    "parent",
    "kind",
    "area_km2",
    "evaluated",
)
_ENDS: Final = ("", "_rank", "_rank_low", "_rank_high")
_TESTED: Final = ("coverage", "imputed", "lisa_cluster", "lisa_p", "lisa_p_fdr", "gi_cluster")
_FURTHER: Final = {"province": _TESTED, "city": (*_TESTED, "hub_ring", "hub")}
_UNITS: Final = {"area_km2": "km²", "distance_km": "km", "latency_ms": "ms"}
_BOUNDS_KM: Final = {"km": BANDS_KM, "ms": tuple(map(LATENCY.reach, BANDS_MS))}
# Keys that say something else in one layer than in the others.
_OWN_WORDS: Final = {
    ("rings", "hub"): "ring_hub",
    ("rings", "name"): "ring_name",
    ("hubs", "hub"): "point_hub",
    ("hubs", "name"): "point_name",
    ("lines", "kind"): "line_kind",
    ("province", "kind"): "province_kind",
    ("city", "kind"): "city_kind",
    ("rings", "code"): "ring_code",
    ("lines", "code"): "line_code",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportLayer:
    """A layer as it is exported.

    Attributes
    ----------
    name : str
        One of :data:`LAYERS`.
    title_zh, title_en : str
        What it is called.
    frame : geopandas.GeoDataFrame
        Geometries in EPSG:4326, indexed by ``code``.
    fields : tuple[Field, ...]
        What its columns mean, in their order.
    code : Field
        What its index means.
    """

    name: str
    title_zh: str
    title_en: str
    frame: gpd.GeoDataFrame
    fields: tuple[Field, ...]
    code: Field

    def only(self, columns: Iterable[str]) -> "ExportLayer":
        """Return the layer with some of its columns.

        Parameters
        ----------
        columns : Iterable[str]
            Those to keep; what the layer does not have is passed over.

        Returns
        -------
        ExportLayer
            The same features.
        """
        kept = set(columns)
        fields = tuple(field for field in self.fields if field.key in kept)
        names = [*(field.key for field in fields), self.frame.geometry.name]
        return replace(self, fields=fields, frame=self.frame[names])


def unit_level(name: str) -> Level | None:
    """Return the level of the units a layer is made of.

    Parameters
    ----------
    name : str
        One of :data:`LAYERS`.

    Returns
    -------
    {"province", "city"} or None
        None for points, circles and lines.

    Examples
    --------
    >>> unit_level("city"), unit_level("hubs")
    ('city', None)
    """
    levels: dict[str, Level] = {"province": "province", "city": "city"}
    return levels.get(name)


def export_layer(edition: Edition, name: str) -> ExportLayer:
    """Return a layer as it is exported.

    Parameters
    ----------
    edition : Edition
        What is published.
    name : str
        One of :data:`LAYERS`.

    Returns
    -------
    ExportLayer
        Units with scores, ranks and clusters; hub cities as points; what lies within bands of
        distance and latency of them; or the lines that are drawn beside borders of units.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> layer = export_layer(sample_edition(), "rings")
    >>> len(layer.frame), [field.key for field in layer.fields][-3:]
    (84, ['ring', 'distance_km', 'latency_ms'])
    """
    level = unit_level(name)
    frame = _units(edition, level) if level else _FEATURES[name](edition)
    keys = [str(column) for column in frame.columns.drop(frame.geometry.name)]
    return ExportLayer(
        name=name,
        title_zh=Text("zh")(f"export.layer.{name}"),
        title_en=Text("en")(f"export.layer.{name}"),
        frame=frame,
        fields=tuple(_field(edition, name, key) for key in keys),
        code=_field(edition, name, "code"),
    )


def layer_fields(edition: Edition, name: str) -> tuple[Field, ...]:
    """Return what the columns of a layer mean before anything is tested.

    Parameters
    ----------
    edition : Edition
        What is published; of its study only the scores are computed.
    name : str
        One of :data:`LAYERS`.

    Returns
    -------
    tuple[Field, ...]
        The fields :func:`export_layer` gives, with that of the code first.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [field.key for field in layer_fields(sample_edition(), "lines")]
    ['code', 'kind']
    """
    level = unit_level(name)
    if level:
        nodes = map(str, edition.scores(level).nodes)
        scores = [f"{node}{end}" for node in nodes for end in _ENDS]
        keys = [*_UNIT_FIELDS, *scores, *_FURTHER[level]]
    else:
        keys = [str(key) for key in _FEATURES[name](edition).columns.drop("geometry")]
    return tuple(_field(edition, name, key) for key in ("code", *keys))


def _units(edition: Edition, level: Level) -> gpd.GeoDataFrame:
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
    return gpd.GeoDataFrame(
        pd.concat([layer[list(_UNIT_FIELDS)], columns], axis=1),
        geometry=layer.geometry,
        crs=layer.crs,
    )


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


def _rings(edition: Edition) -> gpd.GeoDataFrame:
    """Return what lies within each bound of distance and of latency of each hub city."""
    points = _hubs(edition)
    rows = [
        {
            "code": f"{code}-{measure}-{ring}",
            "name": city["name"],
            "hub": city["hub"],
            "city": code,
            "measure": measure,
            "ring": ring,
            "distance_km": round(km, 1),
            "latency_ms": round(LATENCY.of(km), 4),
            "geometry": geodesic_circle(city.geometry.x, city.geometry.y, km),
        }
        for code, city in points.iterrows()
        for measure, bounds in _BOUNDS_KM.items()
        for ring, km in enumerate(bounds, 1)
    ]
    return gpd.GeoDataFrame(rows, crs=points.crs).set_index("code")


def _lines(edition: Edition) -> gpd.GeoDataFrame:
    return edition.boundaries.lines.rename_axis("code")


def _field(edition: Edition, name: str, key: str) -> Field:
    level = unit_level(name)
    field = score_field(edition, level, key) if level else None
    return field or _worded(key, _OWN_WORDS.get((name, key), key), edition.text.lang)


def _worded(key: str, words: str, lang: Language) -> Field:
    return Field(
        key=key,
        title_zh=Text("zh")(f"fields.{words}"),
        title_en=Text("en")(f"fields.{words}"),
        unit=_UNITS.get(key, ""),
        description=Text(lang)(f"fields.{words}_description"),
    )


def score_field(edition: Edition, level: Level, key: str) -> Field | None:
    """Describe a column of scores or ranks.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    key : str
        Name of the column.

    Returns
    -------
    Field or None
        None where the column is neither.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> score_field(sample_edition(), "city", "index_rank_low").title_en
    'City computing power: low end of the rank interval'
    """
    spec = edition.scores(level).spec
    ends = ("_rank_low", "_rank_high", "_rank", "")
    node, kind = next(
        (key.removesuffix(end), end[1:] or "score") for end in ends if key.endswith(end)
    )
    if node != ROOT and node not in spec.names():
        return None
    titles = {}
    for lang in LANGUAGES:
        text = Text(lang)
        named = spec.names()[node].model_dump() if node != ROOT else {}
        called = text.of(named) if named else text(f"maps.index_{level}")
        titles[f"title_{lang}"] = text(f"fields.{kind}", name=called)
    return Field(
        key=key,
        unit="0-100" if kind == "score" else "",
        description=edition.text(f"fields.{kind}_description", profile=spec.id, year=spec.year),
        **titles,
    )


_FEATURES: Final[Mapping[str, Callable[[Edition], gpd.GeoDataFrame]]] = {
    "hubs": _hubs,
    "rings": _rings,
    "lines": _lines,
}
"""What builds a layer that is not made of units."""
