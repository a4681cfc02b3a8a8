"""How GIS programs are to draw the exported layers: as the maps of the edition do."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np

from geo.cartography.spec import Theme
from geo.crs import ALBERS
from geo.export.project import ProjectGroup, ProjectLayer, write_project
from geo.export.qml import qml
from geo.export.sld import sld
from geo.export.style import LayerStyle, PlainStyle, style_of
from geo.storage import write_bytes
from suanli.boundaries import Level
from suanli.publish.edition import Edition
from suanli.publish.gis_layers import ExportLayer
from suanli.publish.themes import hot_spot_theme, lisa_theme, ring_theme, score_theme

__all__ = ["PACKAGE", "level_styles", "plain_styles", "write_styles"]

PACKAGE: Final = "atlas.gpkg"
"""Name of the GeoPackage, which the project looks for beside itself."""

_MARGIN: Final = 100_000.0


def level_styles(edition: Edition, level: Level, frame: gpd.GeoDataFrame) -> tuple[LayerStyle, ...]:
    """Return the styles of an exported layer.

    Parameters
    ----------
    edition : Edition
        What is published.
    level : {"province", "city"}
        The level.
    frame : geopandas.GeoDataFrame
        The layer as it is exported, indexed by code.

    Returns
    -------
    tuple[LayerStyle, ...]
        The index first, then its dimensions, clusters, hot spots, and rings around hub cities.

    Raises
    ------
    geo.errors.ExportError
        A theme cannot be told by the exported column.

    Examples
    --------
    >>> from suanli.publish.gis_layers import export_layer
    >>> from suanli.run.sample import sample_edition
    >>> edition = sample_edition()
    >>> styles = level_styles(edition, "city", export_layer(edition, "city").frame)
    >>> [style.name for style in styles][:2], styles[-1].column
    (['city_index', 'city_demand'], 'hub_ring')
    """
    themes: list[tuple[str, str, Theme]] = [
        (node, edition.node_name(level, node), score_theme(edition, level, node))
        for node in edition.nodes(level)
    ]
    themes += [
        (column, theme.legend_title, theme)
        for column, theme in (
            ("lisa_cluster", lisa_theme(edition, level)),
            ("gi_cluster", hot_spot_theme(edition, level)),
        )
    ]
    if level == "city":
        rings = ring_theme(edition)
        themes.append(("hub_ring", rings.legend_title, rings))
    year = edition.scores(level).spec.year
    return tuple(
        style_of(
            theme,
            frame[column],
            name=f"{level}_{column}",
            title=edition.text("export.style_title", name=title, year=year),
            flag=frame["evaluated"],
        )
        for column, title, theme in themes
    )


def plain_styles(edition: Edition, names: Iterable[str]) -> dict[str, tuple[PlainStyle, ...]]:
    """Return how layers without values are drawn: as the project draws them.

    Parameters
    ----------
    edition : Edition
        What is published.
    names : Iterable[str]
        Layers of a package.

    Returns
    -------
    dict[str, tuple[PlainStyle, ...]]
        By layer, for hub cities as labelled points, circles as outlines, and lines.

    Examples
    --------
    >>> from suanli.run.sample import sample_edition
    >>> [style.look for style in plain_styles(sample_edition(), ["city", "rings"])["rings"]]
    ['Ring']
    """
    looks = {"hubs": ("Point", "name"), "rings": ("Ring", ""), "lines": ("Line", "")}
    return {
        name: (
            PlainStyle(
                name=name,
                title=edition.text(f"export.layer.{name}"),
                look=looks[name][0],
                label=looks[name][1],
            ),
        )
        for name in names
        if name in looks
    }


def write_styles(
    edition: Edition,
    folder: Path,
    styles: Mapping[str, Sequence[LayerStyle]],
    layers: Iterable[ExportLayer],
) -> list[Path]:
    """Write the project and, for other programs, every style by itself.

    Parameters
    ----------
    edition : Edition
        What is published.
    folder : pathlib.Path
        The folder of the GeoPackage.
    styles : Mapping[str, Sequence[LayerStyle]]
        Styles by level.
    layers : Iterable[ExportLayer]
        What their columns are called.

    Returns
    -------
    list[pathlib.Path]
        ``atlas.qgz``, then a ``.qml`` and a ``.sld`` for each style.

    Examples
    --------
    >>> import tempfile
    >>> from suanli.run.sample import sample_edition
    >>> folder = Path(tempfile.mkdtemp())
    >>> [path.name for path in write_styles(sample_edition(), folder, {}, [])]
    ['atlas.qgz']
    """
    project = folder / "atlas.qgz"
    write_project(
        project,
        _groups(edition, styles, layers),
        package=PACKAGE,
        title=edition.text("export.project_title"),
        crs=ALBERS,
        extent=_extent(edition),
        abstract="\n".join(edition.notes(edition.tests_note())),
    )
    written = [project]
    for style in (style for each in styles.values() for style in each):
        for ending, text in ((".qml", qml(style)), (".sld", sld(style))):
            path = folder / "styles" / f"{style.name}{ending}"
            path.parent.mkdir(exist_ok=True)
            write_bytes(path, text.encode("utf-8"))
            written.append(path)
    return written


def _extent(edition: Edition) -> tuple[float, float, float, float]:
    """Return a view of the whole country: in QGIS there is no inset for the South China Sea."""
    both = (edition.boundaries.province.geometry, edition.boundaries.lines.geometry)
    bounds = np.array([shapes.to_crs(ALBERS).total_bounds for shapes in both])
    west, south = bounds[:, :2].min(axis=0) - _MARGIN
    east, north = bounds[:, 2:].max(axis=0) + _MARGIN
    return float(west), float(south), float(east), float(north)


def _groups(
    edition: Edition, styles: Mapping[str, Sequence[LayerStyle]], layers: Iterable[ExportLayer]
) -> list[ProjectGroup]:
    """Return what the project shows: hubs and borders above the themes, the cities' index seen."""
    aliases: dict[str, dict[str, str]] = {
        layer.name: {
            field.key: field.title_en if edition.text.lang == "en" else field.title_zh
            for field in (layer.code, *layer.fields)
        }
        for layer in layers
    }
    above = (
        ProjectLayer(
            table="hubs",
            title=edition.text("maps.hub_cities"),
            geometry="Point",
            label="name",
            aliases=aliases.get("hubs", {}),
            visible=True,
        ),
        *(
            ProjectLayer(
                table="rings",
                title=edition.text(f"export.rings_{measure}"),
                look="Ring",
                subset=("measure", measure),
                aliases=aliases.get("rings", {}),
            )
            for measure in ("km", "ms")
        ),
        ProjectLayer(table="province", title=edition.text("export.borders"), visible=True),
        ProjectLayer(
            table="lines", title=edition.text("export.lines"), geometry="Line", visible=True
        ),
    )
    themes = [
        ProjectGroup(
            title=edition.text(f"export.group_{level}"),
            layers=tuple(
                ProjectLayer(
                    table=level,
                    title=style.title,
                    style=style,
                    aliases=aliases.get(level, {}),
                    visible=(level, place) == ("city", 0),
                )
                for place, style in enumerate(each)
            ),
            exclusive=True,
        )
        for level, each in styles.items()
    ]
    return [ProjectGroup(title="", layers=above), *themes[::-1]]
