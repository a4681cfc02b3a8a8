"""What a map shows, apart from how it is drawn: immutable, and free of any language.

One :class:`Theme` says for every unit of a layer which legend entry it belongs to. Graduated
maps (scores) and categorical ones (clusters, rings) are the same thing from here on, for the
print figure and for the page alike. Every word comes from the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from geo.cartography.shown import spec_html

__all__ = [
    "Inset",
    "LegendEntry",
    "LineOverlay",
    "MapRules",
    "MapSpec",
    "MapText",
    "MarkerGroup",
    "SheetSpec",
    "SquareKey",
    "Theme",
]

Place = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapText:
    """The words every map needs, in the language of the map.

    Attributes
    ----------
    lang : str
        Language tag of the page, for example ``"zh-CN"``.
    no_data : str
        Legend label of units without a value.
    not_evaluated : str
        Legend label of units drawn but not part of the evaluation.
    class_range : str
        Template of a class with fields ``lower`` and ``upper``.
    count : str
        Template of the number of units of a legend entry with the field ``count``.
    box_classes : tuple[str, ...]
        Names of the six classes of a box map, lowest first; empty writes their ranges alone.
    layers : str
        Heading of the list of themes on the page.
    legend : str
        Heading of the legend on the page.
    search : str
        Prompt of the search box on the page.
    nothing_found : str
        What the search says when nothing matches.
    reset : str
        Label of the button that shows the whole map again.
    leaders : str
        Heading of the ranking list on the page.
    notes : str
        Heading of the notes on the page.

    Examples
    --------
    >>> text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    >>> text.class_range.format(lower="1", upper="2")
    '1 – 2'
    """

    lang: str
    no_data: str
    not_evaluated: str
    class_range: str = "{lower} – {upper}"
    count: str = "({count})"
    box_classes: tuple[str, ...] = ()
    layers: str = ""
    legend: str = ""
    search: str = ""
    nothing_found: str = ""
    reset: str = ""
    leaders: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendEntry:
    """One line of a legend.

    Attributes
    ----------
    label : str
        What the colour means.
    colour : str
        ``#rrggbb``.
    count : int
        Number of units drawn so.
    mark : str
        Letters drawn on the units for grey print; may be empty.
    hatch : str
        Empty, or ``"/"`` for diagonal lines.
    """

    label: str
    colour: str
    count: int
    mark: str = ""
    hatch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SquareKey:
    """The square legend of two variables at once.

    Attributes
    ----------
    x, y : str
        Names of the variables: classes rise to the right, and upwards.
    x_labels, y_labels : tuple[str, ...]
        Range of each class, lowest first. Entry ``len(y_labels) * i + j`` of the theme is
        class ``i`` of the first variable and ``j`` of the second.
    """

    x: str
    y: str
    x_labels: tuple[str, ...]
    y_labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Theme:
    """Legend entries, and to which of them each unit belongs.

    Attributes
    ----------
    entries : tuple[LegendEntry, ...]
        The legend in reading order.
    membership : pandas.Series
        Unit code to position in ``entries``, one for every unit of the layer.
    legend_title : str
        Heading of the legend: the variable and its unit.
    scheme : str
        A line under the legend that names the classification; may be empty.
    square : SquareKey or None
        Draws the first entries as a square instead of a list.
    """

    entries: tuple[LegendEntry, ...]
    membership: pd.Series
    legend_title: str = ""
    scheme: str = ""
    square: SquareKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineOverlay:
    """Lines drawn over the units: borders, dashes.

    Attributes
    ----------
    geometry : geopandas.GeoSeries
        Lines with a CRS.
    colour : str
        ``#rrggbb``.
    width : float
        In points in print, in pixels on the page.
    label : str
        What they are, for the legend of a print map; empty keeps them out of it.
    dashed : bool
        Whether a print map draws them dashed.
    names : tuple[str, ...]
        Written on the lines of a print map, one for each geometry; may be empty.
    """

    geometry: gpd.GeoSeries
    colour: str = "#4a5560"
    width: float = 0.6
    label: str = ""
    dashed: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkerGroup:
    """Points of one meaning, with one legend entry.

    Attributes
    ----------
    label : str
        What the points are, for the legend.
    points : geopandas.GeoSeries
        Points with a CRS, indexed by their names.
    colour : str
        Fill colour ``#rrggbb``.
    symbol : str
        A matplotlib marker, for example ``"D"``. Pages draw circles.
    named : bool
        Whether a print map writes the names beside the points, unless a label says them already.
    """

    label: str
    points: gpd.GeoSeries
    colour: str = "#1a1a1a"
    symbol: str = "D"
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inset:
    """A framed part of the layer drawn apart.

    Attributes
    ----------
    title : str
        Name of the part.
    bounds : tuple[float, float, float, float]
        West, south, east, north in degrees.
    places : tuple[tuple[str, float, float], ...]
        Names written inside, with longitude and latitude of their centres.
    """

    title: str
    bounds: tuple[float, float, float, float]
    places: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRules:
    """What a map must show and must not cover; a map that breaks a rule is never drawn.

    Places are longitude and latitude.

    Attributes
    ----------
    required : tuple[str, ...]
        Codes of units that must be on the map.
    must_show : tuple[tuple[float, float], ...]
        Places that must lie on a unit, inside the frame or the inset.
    must_frame : tuple[tuple[float, float], ...]
        Places that must lie inside the main frame, whatever the inset shows.
    must_pass : tuple[tuple[float, float], ...]
        Places a drawn line must pass, inside the frame or the inset, clear of letters.
    keep_clear : tuple[tuple[float, float], ...]
        Places on which no letter and no legend may lie.
    must_note : bool
        Whether notes must say where the borders are from and what their approval is.
    """

    required: tuple[str, ...] = ()
    must_show: tuple[Place, ...] = ()
    must_frame: tuple[Place, ...] = ()
    must_pass: tuple[Place, ...] = ()
    keep_clear: tuple[Place, ...] = ()
    must_note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapSpec:
    """One print map.

    Attributes
    ----------
    theme : Theme
        Colours and legend.
    title : str
        Headline.
    text : MapText
        The words of the legend.
    subtitle : str
        Second line, smaller.
    notes : tuple[str, ...]
        Lines under the map: method.
    imprint : tuple[str, ...]
        Lines under the notes: source of the borders, date, approval number or the note that
        there is none.
    labels : Mapping[str, str]
        Unit code to label, most important first; placed where there is room.
    markers : tuple[MarkerGroup, ...]
        Points over the units.
    lines : tuple[LineOverlay, ...]
        Lines over the units.
    inset : Inset or None
        A part drawn in a frame in the lower right corner.
    rules : MapRules
        What must be on it.
    frame : tuple[float, float, float, float] or None
        West, south, east, north of the drawing in metres of the projection; the bounds of the
        layer with a margin when None.
    scale_bar : str
        Template of its label with the field ``km``; empty draws none.
    width : float
        Inches of the page.
    """

    theme: Theme
    title: str
    text: MapText
    subtitle: str = ""
    notes: tuple[str, ...] = ()
    imprint: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    markers: tuple[MarkerGroup, ...] = ()
    lines: tuple[LineOverlay, ...] = ()
    inset: Inset | None = None
    rules: MapRules = field(default_factory=MapRules)
    frame: tuple[float, float, float, float] | None = None
    scale_bar: str = ""
    width: float = 10.0

    def _repr_html_(self) -> str:
        return spec_html(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SheetSpec:
    """Several maps of one layer on one page.

    Attributes
    ----------
    panels : tuple[MapSpec, ...]
        The maps in reading order, each with its title, legend and inset. Their notes stand
        under the sheet, each line once; their width is that of the sheet's columns.
    title : str
        Headline of the sheet.
    subtitle : str
        Second line, smaller.
    notes : tuple[str, ...]
        Lines under the maps, before those of the panels.
    columns : int
        Maps beside each other.
    width : float
        Inches of the page.
    """

    panels: tuple[MapSpec, ...]
    title: str
    subtitle: str = ""
    notes: tuple[str, ...] = ()
    columns: int = 2
    width: float = 10.0
