"""Print figures: equal-area maps with an inset, a legend that counts, and placed labels."""

import geopandas as gpd
from matplotlib.figure import Figure

from geo.cartography.lettering import INK, text_style, wrap
from geo.cartography.page import POINTS, start_page
from geo.cartography.panel import Panel
from geo.cartography.prepared import PreparedLayer, prepare
from geo.cartography.spec import MapSpec, SheetSpec
from geo.errors import CartographyError

__all__ = ["draw_map", "draw_sheet"]

#: Width in inches at which type has its nominal size: that of the text of an A4 page, which maps
#: are shrunk to in documents. Type grows with the root of the width.
_NOMINAL = 6.0
_MOST_PANELS = 12
_GUTTER, _HEADING = 0.16, 10.5
# Panels are read closer than pages: their type shrinks less than they do.
_SHRINK = 0.45
# Inches below which a legend leaves no map: fewer columns then.
_NARROWEST = 2.7


def draw_map(layer: gpd.GeoDataFrame | PreparedLayer, spec: MapSpec) -> Figure:
    """Draw a print map.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame or PreparedLayer
        Units indexed by code, polygons with a CRS.
    spec : MapSpec
        What to show.

    Returns
    -------
    matplotlib.figure.Figure
        At 300 dpi, bound to no global state.

    Raises
    ------
    CartographyError
        ``cartography.empty_unit``, ``cartography.no_crs``; ``cartography.required_missing``,
        ``cartography.membership``, ``cartography.no_imprint``; ``cartography.covered`` (legend,
        scale bar or inset would lie on a unit); ``cartography.not_drawn``,
        ``cartography.outside_frame``, ``cartography.no_line`` or ``cartography.lettered`` (a rule
        of ``spec.rules`` would be broken).

    Examples
    --------
    >>> from shapely import box
    >>> from geo.cartography.spec import LegendEntry, MapText, Theme
    >>> import pandas as pd
    >>> layer = gpd.GeoDataFrame(geometry=[box(100, 30, 110, 40)], index=["a"], crs="EPSG:4326")
    >>> theme = Theme(
    ...     entries=(LegendEntry(label="1 – 2", colour="#2c7fb8", count=1),),
    ...     membership=pd.Series({"a": 0}),
    ... )
    >>> text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    >>> len(draw_map(layer, MapSpec(theme=theme, title="A map", text=text)).axes)
    1
    """
    units = prepare(layer)
    scale = (spec.width / _NOMINAL) ** 0.5
    page = start_page(
        spec.title,
        subtitle=spec.subtitle,
        notes=(*spec.notes, *spec.imprint),
        width=spec.width,
        scale=scale,
    )
    axes = page.figure.add_axes((0, 0, 1, 1))
    panel = Panel(axes=axes, units=units, spec=spec, scale=scale)
    frame = panel.frame(page.room)
    height = page.room * (frame[3] - frame[1]) / (frame[2] - frame[0])
    foot = page.finish(height)
    axes.set_position(page.box(0, foot, (page.room, height)))
    panel.draw(frame)
    return page.figure


def draw_sheet(layer: gpd.GeoDataFrame | PreparedLayer, sheet: SheetSpec) -> Figure:
    """Draw several maps of one layer beside each other.

    Parameters
    ----------
    layer : geopandas.GeoDataFrame or PreparedLayer
        Units indexed by code, polygons with a CRS.
    sheet : SheetSpec
        The maps.

    Returns
    -------
    matplotlib.figure.Figure
        At 300 dpi, bound to no global state; every map has the same frame.

    Raises
    ------
    CartographyError
        ``cartography.panels``: no map, or more than 12; else as :func:`draw_map`.

    Examples
    --------
    >>> from shapely import box
    >>> from geo.cartography.spec import LegendEntry, MapText, Theme
    >>> import pandas as pd
    >>> layer = gpd.GeoDataFrame(geometry=[box(100, 30, 110, 40)], index=["a"], crs="EPSG:4326")
    >>> theme = Theme(
    ...     entries=(LegendEntry(label="1 – 2", colour="#2c7fb8", count=1),),
    ...     membership=pd.Series({"a": 0}),
    ... )
    >>> text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    >>> one = MapSpec(theme=theme, title="A map", text=text)
    >>> len(draw_sheet(layer, SheetSpec(title="Twice", panels=(one, one))).axes)
    2
    """
    if not 1 <= len(sheet.panels) <= _MOST_PANELS:
        raise CartographyError(
            f"a sheet has 1 to {_MOST_PANELS} maps, got {len(sheet.panels)}",
            code="cartography.panels",
            got=len(sheet.panels),
            expected=f"1-{_MOST_PANELS}",
        )
    units = prepare(layer)
    lines = (line for panel in sheet.panels for line in (*panel.notes, *panel.imprint))
    page = start_page(
        sheet.title,
        subtitle=sheet.subtitle,
        notes=tuple(dict.fromkeys((*sheet.notes, *lines))),
        width=sheet.width,
        scale=(sheet.width / _NOMINAL) ** 0.5,
    )
    columns = min(sheet.columns, len(sheet.panels), max(1, int(page.room / _NARROWEST)))
    wide = (page.room - (columns - 1) * _GUTTER) / columns
    scale = page.scale * (wide / page.room) ** _SHRINK
    panels = [
        Panel(axes=page.figure.add_axes((0, 0, 1, 1)), units=units, spec=spec, scale=scale)
        for spec in sheet.panels
    ]
    frames = [panel.frame(wide) for panel in panels]
    whole = tuple(
        pick(values)
        for pick, values in zip((min, min, max, max), zip(*frames, strict=True), strict=True)
    )
    tall = wide * (whole[3] - whole[1]) / (whole[2] - whole[0])
    size = _HEADING * page.scale
    heads = [wrap(spec.title, size=size, width=wide * POINTS) for spec in sheet.panels]
    head = (max(map(len, heads)) * size * 1.4 + 3) / POINTS
    rows = -(-len(panels) // columns)
    foot = page.finish(rows * (tall + head) + (rows - 1) * _GUTTER)
    height = float(page.figure.get_size_inches()[1])
    for place, (panel, title) in enumerate(zip(panels, heads, strict=True)):
        row, column = divmod(place, columns)
        west = column * (wide + _GUTTER)
        south = foot + (rows - 1 - row) * (tall + head + _GUTTER)
        left, *_ = box = page.box(west, south, (wide, tall))
        panel.axes.set_position(box)
        panel.draw(whole)
        level = (south + tall + head - 2 / POINTS) / height
        page.figure.text(left, level, "\n".join(title), va="top", **text_style(size, INK))
    return page.figure
