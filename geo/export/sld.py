"""Styles as Styled Layer Descriptors (SLD 1.0), which most other programs read."""

from typing import Final
from xml.etree import ElementTree as ET

from geo.export.qml import PLAIN, plain_xml, written
from geo.export.style import Above, Among, Condition, LayerStyle, PlainStyle

__all__ = ["sld"]

_SLD: Final = "http://www.opengis.net/sld"
_OGC: Final = "http://www.opengis.net/ogc"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PIXELS: Final = 1 / 0.28
"""Pixels of a millimetre, by the standard's pixel of 0.28 mm."""
_HATCH: Final = "#9aa3aa"


def sld(style: LayerStyle | PlainStyle) -> str:
    """Write a style as a Styled Layer Descriptor.

    Parameters
    ----------
    style : LayerStyle or PlainStyle
        The style.

    Returns
    -------
    str
        The file's text.

    References
    ----------
    OGC 02-070, Styled Layer Descriptor 1.0.0; OGC 02-059, Filter Encoding 1.0.0.

    Examples
    --------
    >>> from geo.export.style import StyleRule
    >>> rule = StyleRule(label="all", colour="#ff0000", condition=Above(high=2.0))
    >>> text = sld(LayerStyle(name="index", title="Index", column="index", rules=(rule,)))
    >>> "<ogc:PropertyIsLessThanOrEqualTo>" in text
    True
    """
    ET.register_namespace("", _SLD)
    ET.register_namespace("ogc", _OGC)
    root = ET.Element(f"{{{_SLD}}}StyledLayerDescriptor", version="1.0.0")
    layer = _sub(root, "NamedLayer")
    _sub(layer, "Name", style.name)
    user = _sub(layer, "UserStyle")
    _sub(user, "Name", style.name)
    _sub(user, "Title", style.title)
    kind = _sub(user, "FeatureTypeStyle")
    if isinstance(style, PlainStyle):
        _plain(_sub(kind, "Rule"), style)
        return _HEAD + written(root)
    for place, rule in enumerate(style.rules):
        made = _sub(kind, "Rule")
        _sub(made, "Name", f"{style.name}.{place}")
        _sub(made, "Title", rule.label)
        made.append(_filter(style.column, rule.condition))
        _polygon(made, rule.colour, style)
        if rule.hatch:
            _hatched(made)
    return _HEAD + written(root)


def _filter(column: str, condition: Condition) -> ET.Element:
    root = _ogc(None, "Filter")
    if isinstance(condition, Above):
        limits = [
            (name, limit)
            for name, limit in (
                ("PropertyIsGreaterThan", condition.low),
                ("PropertyIsLessThanOrEqualTo", condition.high),
            )
            if limit is not None
        ]
        into = _ogc(root, "And") if len(limits) > 1 else root
        for name, limit in limits:
            _compare(into, name, column, repr(limit))
        if not limits:
            _null(_ogc(root, "Not"), column)
    elif isinstance(condition, Among):
        into = _ogc(root, "Or") if len(condition.values) > 1 else root
        for value in condition.values:
            _compare(into, "PropertyIsEqualTo", column, str(value))
    else:
        into = _ogc(root, "And") if condition.flag else root
        _null(into, column)
        if condition.flag:
            # GeoPackage keeps truth values as 0 and 1.
            _compare(into, "PropertyIsEqualTo", condition.flag, str(int(condition.holds)))
    return root


def _compare(into: ET.Element, name: str, column: str, value: str) -> None:
    made = _ogc(into, name)
    _ogc(made, "PropertyName", column)
    _ogc(made, "Literal", value)


def _null(into: ET.Element, column: str) -> None:
    _ogc(_ogc(into, "PropertyIsNull"), "PropertyName", column)


def _plain(rule: ET.Element, style: PlainStyle) -> None:
    """Draw all features alike, as :func:`geo.export.qml.plain_renderer` does."""
    _sub(rule, "Name", style.name)
    _sub(rule, "Title", style.title)
    kind, _, look = PLAIN[style.look]
    if kind == "marker":
        graphic = _sub(_sub(rule, "PointSymbolizer"), "Graphic")
        mark = _sub(graphic, "Mark")
        # The standard has no diamond: a square on its corner.
        _sub(mark, "WellKnownName", "square")
        _css(_sub(mark, "Fill"), "fill", _hex(look["color"]))
        _stroke(mark, look["outline_color"], look["outline_width"])
        _sub(graphic, "Size", f"{float(look['size']) * _PIXELS:.2f}")
        _sub(graphic, "Rotation", "45")
        return
    named = "line" if kind == "line" else "outline"
    symbol = _sub(rule, "LineSymbolizer" if kind == "line" else "PolygonSymbolizer")
    stroke = _stroke(symbol, look[f"{named}_color"], look[f"{named}_width"])
    if look[f"{named}_style"] == "dash":
        _css(stroke, "stroke-dasharray", "4 2")


def _stroke(into: ET.Element, colour: str, width: str) -> ET.Element:
    stroke = _sub(into, "Stroke")
    _css(stroke, "stroke", _hex(colour))
    _css(stroke, "stroke-width", f"{float(width) * _PIXELS:.2f}")
    return stroke


def _hex(colour: str) -> str:
    """Write a colour of QGIS, red, green, blue and opacity, as ``#rrggbb``."""
    return "#" + "".join(f"{int(part):02x}" for part in colour.split(",")[:3])


def _polygon(rule: ET.Element, colour: str, style: LayerStyle) -> None:
    symbol = _sub(rule, "PolygonSymbolizer")
    _css(_sub(symbol, "Fill"), "fill", colour)
    stroke = _sub(symbol, "Stroke")
    _css(stroke, "stroke", style.outline)
    _css(stroke, "stroke-width", f"{style.width * _PIXELS:.2f}")


def _hatched(rule: ET.Element) -> None:
    symbol = _sub(rule, "PolygonSymbolizer")
    graphic = _sub(_sub(_sub(symbol, "Fill"), "GraphicFill"), "Graphic")
    mark = _sub(graphic, "Mark")
    # A mark outside the standard that GeoServer and QGIS both know.
    _sub(mark, "WellKnownName", "shape://slash")
    stroke = _sub(mark, "Stroke")
    _css(stroke, "stroke", _HATCH)
    _sub(graphic, "Size", "6")


def _css(parent: ET.Element, name: str, value: str) -> None:
    _sub(parent, "CssParameter", value).set("name", name)


def _sub(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    made = ET.SubElement(parent, f"{{{_SLD}}}{name}")
    made.text = None if text is None else plain_xml(text)
    return made


def _ogc(parent: ET.Element | None, name: str, text: str | None = None) -> ET.Element:
    tag = f"{{{_OGC}}}{name}"
    made = ET.Element(tag) if parent is None else ET.SubElement(parent, tag)
    made.text = None if text is None else plain_xml(text)
    return made
