"""Styles as QGIS keeps them (QML)."""

import re
import uuid
from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree as ET

from geo.export.style import Above, Among, Condition, LayerStyle, PlainStyle, StyleRule

__all__ = [
    "PLAIN",
    "expression",
    "labelling",
    "plain_renderer",
    "plain_xml",
    "qml",
    "renderer",
    "written",
]

_HEAD: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION: Final = "3.22.0"
_HATCH: Final = "#9aa3aa"
# Characters that XML 1.0 cannot hold.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_KEYS: Final = uuid.UUID("6f1f0f0a-2b53-5d0e-9c1b-2a6f4f1c7a55")

# Numbers QGIS gives to kinds of geometries.
_GEOMETRIES: Final[Mapping[str, str]] = {"Point": "0", "Line": "1"}
_BORDER: Final = "74,85,96,255"
# Symbol, symbol layer and its properties of layers without classes.
PLAIN: Final[Mapping[str, tuple[str, str, dict[str, str]]]] = {
    "Point": (
        "marker",
        "SimpleMarker",
        {
            "name": "diamond",
            "color": "26,26,26,255",
            "outline_color": "255,255,255,255",
            "outline_width": "0.3",
            "size": "3",
            "size_unit": "MM",
        },
    ),
    "Line": (
        "line",
        "SimpleLine",
        {
            "line_color": _BORDER,
            "line_style": "solid",
            "line_width": "0.3",
            "line_width_unit": "MM",
        },
    ),
    "Polygon": (
        "fill",
        "SimpleFill",
        {
            "style": "no",
            "outline_color": _BORDER,
            "outline_style": "solid",
            "outline_width": "0.3",
            "outline_width_unit": "MM",
        },
    ),
    "Ring": (
        "fill",
        "SimpleFill",
        {
            "style": "no",
            "outline_color": "177,0,38,255",
            "outline_style": "dash",
            "outline_width": "0.25",
            "outline_width_unit": "MM",
        },
    ),
}


def plain_xml(text: str) -> str:
    """Replace characters that XML cannot hold.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text with the replacement character in their place.

    Examples
    --------
    >>> plain_xml("a<b" + chr(1)) == "a<b" + chr(0xFFFD)
    True
    """
    return _FORBIDDEN.sub("\ufffd", text)


def expression(column: str, condition: Condition) -> str:
    """Write a condition in the expression language of QGIS.

    Parameters
    ----------
    column : str
        The column.
    condition : Condition
        What its values must be like.

    Returns
    -------
    str
        The expression.

    Examples
    --------
    >>> expression("index", Above(low=2.5, high=9.0))
    '"index" > 2.5 AND "index" <= 9.0'
    >>> print(expression("kind", Among(values=("it's", 3))))
    "kind" IN ('it''s', 3)
    """
    named = _quoted(column)
    if isinstance(condition, Above):
        low = [] if condition.low is None else [f"{named} > {condition.low!r}"]
        high = [] if condition.high is None else [f"{named} <= {condition.high!r}"]
        return " AND ".join([*low, *high]) or f"{named} IS NOT NULL"
    if isinstance(condition, Among):
        return f"{named} IN ({', '.join(map(_literal, condition.values))})"
    flag = f" AND {'' if condition.holds else 'NOT '}{_quoted(condition.flag)}"
    return f"{named} IS NULL" + (flag if condition.flag else "")


def renderer(style: LayerStyle) -> ET.Element:
    """Return the symbology of a style, as both QML files and projects hold it.

    Parameters
    ----------
    style : LayerStyle
        The style.

    Returns
    -------
    xml.etree.ElementTree.Element
        An element ``renderer-v2``.

    Examples
    --------
    >>> rule = StyleRule(label="all", colour="#ff0000", condition=Above())
    >>> style = LayerStyle(name="index", title="Index", column="index", rules=(rule,))
    >>> renderer(style).get("type")
    'RuleRenderer'
    """
    root = ET.Element("renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0")
    rules = ET.SubElement(root, "rules", key=_key(style.name))
    symbols = ET.SubElement(root, "symbols")
    for place, rule in enumerate(style.rules):
        ET.SubElement(
            rules,
            "rule",
            key=_key(f"{style.name}.{place}"),
            symbol=str(place),
            label=plain_xml(rule.label),
            filter=plain_xml(expression(style.column, rule.condition)),
        )
        symbols.append(_symbol(str(place), rule, style))
    return root


def plain_renderer(look: str) -> ET.Element:
    """Return the look of a layer without classes.

    Parameters
    ----------
    look : {"Polygon", "Line", "Point", "Ring"}
        Polygons show their borders alone, rings dashed ones; points are dark diamonds.

    Returns
    -------
    xml.etree.ElementTree.Element
        An element ``renderer-v2``.

    Examples
    --------
    >>> plain_renderer("Line").get("type")
    'singleSymbol'
    """
    kind, layer, properties = PLAIN[look]
    root = ET.Element("renderer-v2", type="singleSymbol", symbollevels="0", forceraster="0")
    symbols = ET.SubElement(root, "symbols")
    symbol = ET.SubElement(symbols, "symbol", name="0", type=kind, alpha="1", clip_to_extent="1")
    _layer(symbol, layer, **properties)
    return root


def labelling(column: str) -> ET.Element:
    """Return labels beside points, as both QML files and projects hold them.

    Parameters
    ----------
    column : str
        The column that is written.

    Returns
    -------
    xml.etree.ElementTree.Element
        An element ``labeling``.

    Examples
    --------
    >>> labelling("name").get("type")
    'simple'
    """
    made = ET.Element("labeling", type="simple")
    settings = ET.SubElement(made, "settings", calloutType="simple")
    style = ET.SubElement(
        settings,
        "text-style",
        fieldName=column,
        fontSize="8",
        fontSizeUnit="Point",
        textColor="40,40,40,255",
    )
    ET.SubElement(
        style,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.7",
        bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
    )
    ET.SubElement(settings, "placement", placement="6", dist="1")
    return made


def qml(style: LayerStyle | PlainStyle) -> str:
    """Write a style as QML.

    Parameters
    ----------
    style : LayerStyle or PlainStyle
        The style.

    Returns
    -------
    str
        The file's text, for QGIS 3.

    References
    ----------
    QGIS, file ``resources/qgis.dtd``; https://docs.qgis.org, QML - the QGIS style file format.

    Examples
    --------
    >>> rule = StyleRule(label="all", colour="#ff0000", condition=Above())
    >>> style = LayerStyle(name="index", title="Index", column="index", rules=(rule,))
    >>> qml(style).splitlines()[0]
    "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
    """
    root = ET.Element("qgis", version=_VERSION, styleCategories="Symbology")
    kind = "Polygon"
    if isinstance(style, PlainStyle):
        root.append(plain_renderer(style.look))
        kind = style.look
        if style.label:
            root.set("styleCategories", "Symbology|Labeling")
            root.set("labelsEnabled", "1")
            root.append(labelling(style.label))
    else:
        root.append(renderer(style))
    ET.SubElement(root, "layerGeometryType").text = _GEOMETRIES.get(kind, "2")
    return _HEAD + written(root)


def written(root: ET.Element) -> str:
    r"""Write an element with one element a line.

    Parameters
    ----------
    root : xml.etree.ElementTree.Element
        The element.

    Returns
    -------
    str
        Its text.

    Examples
    --------
    >>> written(ET.Element("a"))
    '<a />\n'
    """
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode") + "\n"


def rgba(colour: str) -> str:
    """Write ``#rrggbb`` as QGIS does.

    Parameters
    ----------
    colour : str
        The colour.

    Returns
    -------
    str
        Red, green, blue and opacity, 0 to 255.

    Examples
    --------
    >>> rgba("#ff8000")
    '255,128,0,255'
    """
    return ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"


def _symbol(name: str, rule: StyleRule, style: LayerStyle) -> ET.Element:
    symbol = ET.Element("symbol", name=name, type="fill", alpha="1", clip_to_extent="1")
    _layer(
        symbol,
        "SimpleFill",
        color=rgba(rule.colour),
        style="solid",
        outline_color=rgba(style.outline),
        outline_style="solid",
        outline_width=f"{style.width:g}",
        outline_width_unit="MM",
        joinstyle="round",
    )
    if rule.hatch:
        lines = _layer(
            symbol,
            "LinePatternFill",
            angle="45",
            distance="1.2",
            distance_unit="MM",
            line_width="0.2",
            line_width_unit="MM",
        )
        inner = ET.SubElement(lines, "symbol", name=f"@{name}@1", type="line", alpha="1")
        _layer(
            inner,
            "SimpleLine",
            line_color=rgba(_HATCH),
            line_style="solid",
            line_width="0.2",
            line_width_unit="MM",
        )
    return symbol


def _layer(symbol: ET.Element, kind: str, **properties: str) -> ET.Element:
    """Add a symbol layer; properties twice, as versions before and after 3.20 read them."""
    layer = ET.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0"})
    layer.set("pass", "0")
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in properties.items():
        ET.SubElement(options, "Option", name=key, type="QString", value=value)
    for key, value in properties.items():
        ET.SubElement(layer, "prop", k=key, v=value)
    return layer


def _key(name: str) -> str:
    return "{" + str(uuid.uuid5(_KEYS, name)) + "}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
