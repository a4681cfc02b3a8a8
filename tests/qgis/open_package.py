"""Opens a package, its project and files in other formats in QGIS, prints what it makes of them.

Run by the Python that QGIS is installed for: python3 open_package.py FOLDER PICTURE FILES
"""

import json
import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument


def counts(layer: QgsVectorLayer) -> dict[str, int]:
    """Count the features of every rule of a layer; a layer of one look has none."""
    if not type(layer.renderer()).__name__.startswith("QgsRule"):
        return {}
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    found = {}
    for rule in layer.renderer().rootRule().children():
        asked = QgsExpression(rule.filterExpression())
        found[rule.label()] = 0
        for feature in layer.getFeatures():
            context.setFeature(feature)
            found[rule.label()] += bool(asked.evaluate(context))
    return found


def look(layer: QgsVectorLayer) -> dict[str, object]:
    """Tell how a layer of one look opens, and what it writes beside its features."""
    if layer.renderer().type() != "singleSymbol":
        return {}
    drawn = layer.renderer().symbol().symbolLayer(0)
    return {
        "kind": drawn.layerType(),
        **{key: drawn.properties().get(key, "") for key in ("style", "outline_style", "name")},
        "labels": layer.labeling().settings().fieldName if layer.labelsEnabled() else "",
    }


def of_layer(source: str) -> dict[str, object]:
    """Open a layer with every style that is kept beside it."""
    layer = QgsVectorLayer(source, "layer", "ogr")
    number, ids, names, _, _ = layer.listStylesInDatabase()
    styles = {}
    for identifier, name in zip(ids[:number], names[:number], strict=True):
        text, _ = layer.getStyleFromDatabase(identifier)
        document = QDomDocument()
        document.setContent(text)
        layer.importNamedStyle(document)
        styles[name] = counts(layer)
    opened = QgsVectorLayer(source, "layer", "ogr")
    return {
        "valid": opened.isValid(),
        "features": opened.featureCount(),
        "crs": opened.crs().authid(),
        "fields": [field.name() for field in opened.fields()],
        "invalid": sum(not feature.geometry().isGeosValid() for feature in opened.getFeatures()),
        "renderer": type(opened.renderer()).__name__,
        "default": counts(opened),
        "look": look(opened),
        "styles": styles,
    }


def of_file(path: Path) -> dict[str, object]:
    """Open a file as somebody would who drags it into QGIS."""
    source = f"/vsizip/{path}" if path.suffix == ".zip" else str(path)
    layer = QgsVectorLayer(source, path.name, "ogr")
    fields = [field.name() for field in layer.fields()]
    names = {
        str(feature["name" if "name" in fields else "Name"]) for feature in layer.getFeatures()
    }
    return {
        "valid": layer.isValid(),
        "features": layer.featureCount(),
        "crs": layer.crs().authid(),
        "geometry": QgsWkbTypes.displayString(layer.wkbType()),
        "fields": fields,
        "names": sorted(names),
        "invalid": sum(not feature.geometry().isGeosValid() for feature in layer.getFeatures()),
    }


def of_project(path: str, picture: str) -> dict[str, object]:
    """Open a project, and draw what shows."""
    project = QgsProject.instance()
    read = project.read(path)
    tree = project.layerTreeRoot()
    shown = [layer for layer in tree.layerOrder() if tree.findLayer(layer.id()).isVisible()]
    settings = QgsMapSettings()
    settings.setLayers(shown)
    settings.setDestinationCrs(project.crs())
    settings.setOutputSize(QSize(1100, 820))
    settings.setExtent(project.viewSettings().defaultViewExtent())
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)
    image = job.renderedImage()
    seen = {image.pixelColor(x, y).name() for x in range(0, 1100, 3) for y in range(0, 820, 3)}
    return {
        "read": read,
        "title": project.title(),
        "crs": project.crs().toProj(),
        "valid": {layer.id(): layer.isValid() for layer in project.mapLayers().values()},
        "shown": [layer.name() for layer in shown],
        "colours": sorted(seen),
        "aliases": sorted(
            {
                layer.attributeAlias(layer.fields().indexOf("index"))
                for layer in shown
                if layer.fields().indexOf("index") >= 0
            }
        ),
    }


def draw(sources: list[str], picture: str) -> list[str]:
    """Draw layers as they open, without a project; give the colours that show."""
    layers = [QgsVectorLayer(source, "layer", "ogr") for source in sources]
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(layers[0].crs())
    settings.setOutputSize(QSize(1100, 820))
    settings.setExtent(QgsRectangle(70, 15, 138, 55))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(picture)
    return sorted({image.pixelColor(x, y).name() for x in range(1100) for y in range(820)})


def main(folder: str, picture: str, files: str) -> None:
    """Print what QGIS makes of a folder of outputs."""
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    layers = {
        name: of_layer(f"{folder}/atlas.gpkg|layername={name}")
        for name in ("province", "city", "hubs", "rings", "lines")
    }
    project = of_project(f"{folder}/atlas.qgz", picture)
    plain = [f"{folder}/atlas.gpkg|layername={name}" for name in ("hubs", "rings", "lines")]
    colours = draw(plain, picture.replace(".png", "_plain.png"))
    others = {path.name: of_file(path) for path in sorted(Path(files).iterdir())}
    found = {"layers": layers, "project": project, "files": others, "plain": colours}
    sys.stdout.write("JSON" + json.dumps(found) + "\n")
    application.exitQgis()


main(*sys.argv[1:])
