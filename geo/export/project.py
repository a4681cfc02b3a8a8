"""A project for QGIS that opens every theme of a GeoPackage."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pyproj

from geo.crs import GEOGRAPHIC
from geo.export.qml import expression, labelling, plain_renderer, plain_xml, renderer, written
from geo.export.style import Among, LayerStyle
from geo.storage import write_bytes

__all__ = ["ProjectGroup", "ProjectLayer", "write_project"]

_VERSION: Final = "3.22.0"
# Any fixed date after 1980: the bytes must not depend on the clock.
_DATE: Final = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLayer:
    """A layer of a project.

    Attributes
    ----------
    table : str
        Name of the layer in the GeoPackage.
    title : str
        What the list of layers shows.
    geometry : {"Polygon", "Line", "Point"}
        Kind of its geometries.
    style : LayerStyle or None
        How polygons are drawn, by their borders alone if None; lines and points have one look.
    label : str
        Column written beside points; nothing for none.
    aliases : Mapping[str, str]
        What columns are called, by their names.
    visible : bool
        Whether it shows when the project opens.
    look : str
        Plain look of a layer without a style, see :func:`geo.export.qml.plain_renderer`; that
        of its geometries when left out.
    subset : tuple[str, str] or None
        A column and the value its features have; all features if None.
    """

    table: str
    title: str
    geometry: str = "Polygon"
    style: LayerStyle | None = None
    label: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    visible: bool = False
    look: str = ""
    subset: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectGroup:
    """Layers under one heading.

    Attributes
    ----------
    title : str
        The heading; nothing for layers that stand by themselves.
    layers : tuple[ProjectLayer, ...]
        From top to bottom.
    exclusive : bool
        Whether only one of them shows at a time.
    """

    title: str
    layers: tuple[ProjectLayer, ...]
    exclusive: bool = False


def write_project(
    path: Path,
    groups: Sequence[ProjectGroup],
    *,
    package: str,
    title: str,
    crs: str,
    extent: tuple[float, float, float, float],
    abstract: str = "",
) -> None:
    """Write a project beside its GeoPackage: atomic, the same bytes for the same input.

    Parameters
    ----------
    path : pathlib.Path
        The file to write, ``.qgz``.
    groups : Sequence[ProjectGroup]
        What it shows, from top to bottom.
    package : str
        Name of the GeoPackage in the same folder.
    title : str
        Title of the project.
    crs : str
        Reference system of the map.
    extent : tuple[float, float, float, float]
        West, south, east, north of the first view, in that system.
    abstract : str, optional
        Sources, method and legal notes, for the properties of the project.

    Raises
    ------
    OSError
        The file cannot be written; an older one is untouched.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.qgz"
    >>> write_project(path, (), package="a.gpkg", title="A", crs="EPSG:4326", extent=(0, 0, 1, 1))
    >>> zipfile.ZipFile(path).namelist()
    ['a.qgs']
    """
    root = ET.Element("qgis", projectname=plain_xml(title), version=_VERSION)
    ET.SubElement(root, "title").text = plain_xml(title)
    about = ET.SubElement(root, "projectMetadata")
    ET.SubElement(about, "title").text = plain_xml(title)
    ET.SubElement(about, "abstract").text = plain_xml(abstract)
    _system(ET.SubElement(root, "projectCrs"), crs)
    tree = ET.SubElement(root, "layer-tree-group")
    layers = ET.SubElement(root, "projectlayers")
    order = ET.Element("layerorder")
    for group in groups:
        into = _group(tree, group) if group.title else tree
        for layer in group.layers:
            name = _identifier(layer)
            source = f"./{package}|layername={layer.table}{_subset(layer)}"
            _in_tree(into, layer, name, source)
            layers.append(_layer(layer, name, source))
            ET.SubElement(order, "layer", id=name)
    root.append(order)
    _canvas(root, crs, extent)
    properties = ET.SubElement(root, "properties")
    paths = ET.SubElement(properties, "Paths")
    ET.SubElement(paths, "Absolute", type="bool").text = "false"
    # Without it QGIS leaves the project without a reference system.
    systems = ET.SubElement(properties, "SpatialRefSys")
    ET.SubElement(systems, "ProjectionsEnabled", type="int").text = "1"
    text = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + written(root)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo(f"{path.stem}.qgs", date_time=_DATE)
        member.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(member, text.encode("utf-8"))
    write_bytes(path, buffer.getvalue())


def _group(tree: ET.Element, group: ProjectGroup) -> ET.Element:
    shown = any(layer.visible for layer in group.layers)
    made = ET.SubElement(
        tree,
        "layer-tree-group",
        name=plain_xml(group.title),
        checked=_checked(on=shown),
        expanded="1" if shown else "0",
    )
    if group.exclusive:
        made.set("mutually-exclusive", "1")
        made.set("mutually-exclusive-child", "0")
    return made


def _identifier(layer: ProjectLayer) -> str:
    # QGIS replaces identifiers of ten characters or fewer.
    kind = layer.style.name if layer.style else "plain"
    return "_".join(("layer", layer.table, kind, *(layer.subset or ())))


def _subset(layer: ProjectLayer) -> str:
    if layer.subset is None:
        return ""
    column, value = layer.subset
    return f"|subset={expression(column, Among(values=(value,)))}"


def _in_tree(into: ET.Element, layer: ProjectLayer, name: str, source: str) -> None:
    ET.SubElement(
        into,
        "layer-tree-layer",
        id=name,
        name=plain_xml(layer.title),
        source=source,
        providerKey="ogr",
        checked=_checked(on=layer.visible),
        expanded="1" if layer.visible else "0",
    )


def _checked(*, on: bool) -> str:
    return "Qt::Checked" if on else "Qt::Unchecked"


def _layer(layer: ProjectLayer, name: str, source: str) -> ET.Element:
    made = ET.Element("maplayer", type="vector", geometry=layer.geometry, labelsEnabled="0")
    ET.SubElement(made, "id").text = name
    ET.SubElement(made, "datasource").text = source
    ET.SubElement(made, "layername").text = plain_xml(layer.title)
    _system(ET.SubElement(made, "srs"), GEOGRAPHIC)
    ET.SubElement(made, "provider", encoding="UTF-8").text = "ogr"
    aliases = ET.SubElement(made, "aliases")
    for place, (column, alias) in enumerate(layer.aliases.items()):
        ET.SubElement(aliases, "alias", field=column, index=str(place), name=plain_xml(alias))
    if layer.style is not None:
        made.append(renderer(layer.style))
    else:
        made.append(plain_renderer(layer.look or layer.geometry))
    if layer.label:
        made.set("labelsEnabled", "1")
        made.append(labelling(layer.label))
    return made


def _system(into: ET.Element, crs: str) -> None:
    """Write a reference system as QGIS does, by text where no authority numbers it."""
    known = pyproj.CRS.from_user_input(crs)
    made = ET.SubElement(into, "spatialrefsys", nativeFormat="Wkt")
    ET.SubElement(made, "wkt").text = known.to_wkt()
    authority = known.to_authority(min_confidence=70)
    ET.SubElement(made, "authid").text = ":".join(authority) if authority else ""
    ET.SubElement(made, "description").text = known.name
    ET.SubElement(made, "geographicflag").text = "true" if known.is_geographic else "false"


def _canvas(root: ET.Element, crs: str, extent: tuple[float, float, float, float]) -> None:
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    degrees = pyproj.CRS.from_user_input(crs).is_geographic
    ET.SubElement(canvas, "units").text = "degrees" if degrees else "meters"
    box = ET.SubElement(canvas, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True):
        ET.SubElement(box, name).text = f"{value:.10g}"
    view = ET.SubElement(ET.SubElement(root, "ProjectViewSettings"), "DefaultViewExtent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True):
        view.set(name, f"{value:.10g}")
    _system(view, crs)
    ET.SubElement(canvas, "rotation").text = "0"
    _system(ET.SubElement(canvas, "destinationsrs"), crs)
