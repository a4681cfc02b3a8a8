"""What a web map shows, apart from how it is drawn: immutable, and free of any language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from geo.cartography.spec import Inset, LineOverlay, MapText, MarkerGroup, Theme

__all__ = ["CardList", "PageText", "WebCard", "WebFrame", "WebLink", "WebMapSpec", "WebTheme"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """The words of the controls of a page; every one has an English default.

    Attributes
    ----------
    map_label : str
        What the map is called to a screen reader.
    map_hint : str
        How the map is used with the keyboard.
    zoom_in, zoom_out : str
        Titles of the buttons.
    years : str
        Heading of the slider.
    year_base : str
        Name of the state that is none of the years.
    play, pause : str
        Labels of the button that runs through the years.
    close : str
        Label of buttons that close.
    compare_unit : str
        Label of the button that compares the chosen unit with another.
    compare_title : str
        Heading of the comparison of two units.
    compare_with : str
        Label of the list of units to compare with.
    difference : str
        Heading of the column of differences.
    second_map, second_off : str
        Labels of the button that shows a second map, and takes it away.
    second_layer : str
        Label of the list of layers of the second map.
    neighbours : str
        Heading of the neighbours of a unit.
    profile : str
        Heading of the bars of a card.
    over_years : str
        Heading of the line over the years of a card.
    median : str
        Template of the middle of the units with the field ``value``.
    no_value : str
        What stands for a value there is none of.
    chosen : str
        Template of what is announced of a chosen unit with the field ``name``.
    found : str
        Template of the number of hits with the field ``count``.
    pages : str
        Label of the links to other pages.
    print : str
        Label of the button that prints.
    table : str
        Label of the button that shows the layer as a table.
    download : str
        Label of the button that keeps the table as a file.
    unit, code, group, class_shown : str
        Heads of the columns every table has: name, code, larger unit, class.
    sort_by : str
        Template of the title of a head with the field ``name``.
    flagged : str
        Legend label of the units that are dotted.
    group_units : str
        Template of the size of a group with the field ``count``.

    Examples
    --------
    >>> PageText().median.format(value="3.5")
    'median 3.5'
    """

    map_label: str = "Map"
    map_hint: str = "Tab to a unit, arrow keys to its neighbours, Enter for its profile"
    zoom_in: str = "zoom in"
    zoom_out: str = "zoom out"
    years: str = "Years"
    year_base: str = "evaluation"
    play: str = "Play"
    pause: str = "Pause"
    close: str = "Close"
    compare_unit: str = "Compare"
    compare_title: str = "Two units compared"
    compare_with: str = "Unit"
    difference: str = "Difference"
    second_map: str = "Two maps"
    second_off: str = "One map"
    second_layer: str = "Layer of the second map"
    neighbours: str = "Neighbours"
    profile: str = "Profile"
    over_years: str = "Over the years"
    median: str = "median {value}"
    no_value: str = "no value"
    chosen: str = "Chosen: {name}"
    found: str = "{count} found"
    pages: str = "Pages"
    print: str = "Print"
    table: str = "Table"
    download: str = "Download CSV"
    unit: str = "Unit"
    code: str = "Code"
    group: str = "In"
    class_shown: str = "Class"
    sort_by: str = "Sort by {name}"
    flagged: str = "drawn on part of the data"
    group_units: str = "{count} units"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WebFrame:
    """One state of a layer: of the layer itself, or of one of its years.

    Attributes
    ----------
    label : str
        Name on the slider; empty for the layer itself.
    theme : Theme
        Colours and legend.
    rows : pandas.DataFrame
        What the tooltip says: strings by unit code; column names are the labels. Missing and
        empty cells are left out.
    values : pandas.Series or None
        The numbers drawn, by unit code, for bars and comparisons.
    leaders : tuple[str, ...]
        Codes of the units of the ranking list, first to last; the list shows the first column.
    sheet : pandas.DataFrame or None
        What a table kept as a file holds instead of ``rows``, numbers as numbers, by unit
        code; column names are the heads. ``values`` stand before it, under the head of the
        first column of ``rows``.
    flagged : tuple[str, ...]
        Codes of units drawn on part of the data: dotted on the map.
    """

    label: str
    theme: Theme
    rows: pd.DataFrame
    values: pd.Series | None = None
    leaders: tuple[str, ...] = ()
    sheet: pd.DataFrame | None = None
    flagged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WebTheme:
    """One layer of a page.

    Attributes
    ----------
    key : str
        Stable identifier, unique on the page.
    title : str
        Name in the list of layers.
    theme : Theme
        Colours and legend.
    rows : pandas.DataFrame
        What the tooltip says, see :class:`WebFrame`.
    leaders : tuple[str, ...]
        Codes of the units of the ranking list.
    remark : str
        Column whose cells the list shows in brackets behind the first; none when empty.
    values : pandas.Series or None
        The numbers drawn; a layer without has no bar in the profile of a unit.
    span : tuple[float, float]
        Ends of the scale of the bars.
    frames : tuple[WebFrame, ...]
        The layer in other years, in order, drawn by common class limits.
    measure : str
        What the values are, where the title says something else.
    sheet : pandas.DataFrame or None
        The cells of the table as a file, see :class:`WebFrame`.
    flagged : tuple[str, ...]
        Codes of units drawn on part of the data.
    """

    key: str
    title: str
    theme: Theme
    rows: pd.DataFrame
    leaders: tuple[str, ...] = ()
    remark: str = ""
    values: pd.Series | None = None
    span: tuple[float, float] = (0.0, 100.0)
    frames: tuple[WebFrame, ...] = ()
    measure: str = ""
    sheet: pd.DataFrame | None = None
    flagged: tuple[str, ...] = ()

    def states(self) -> tuple[WebFrame, ...]:
        """Return the layer itself and its years.

        Returns
        -------
        tuple[WebFrame, ...]
            The layer first.
        """
        own = WebFrame(
            label="",
            theme=self.theme,
            rows=self.rows,
            values=self.values,
            leaders=self.leaders,
            sheet=self.sheet,
            flagged=self.flagged,
        )
        return (own, *self.frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebLink:
    """A link to a page in the same folder.

    Attributes
    ----------
    page : str
        Name of the file.
    label : str
        What the link says.
    anchor : str
        What the other page opens with: the code of a unit, or ``in-`` and a group.
    """

    page: str
    label: str
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardList:
    """A list in the profile of a unit.

    Attributes
    ----------
    title : str
        Its heading.
    items : tuple[tuple[str, str], ...]
        What, and what is said of it.
    """

    title: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebCard:
    """What the profile of a unit says beside its bars.

    Attributes
    ----------
    lists : tuple[CardList, ...]
        Such as strengths and weaknesses.
    links : tuple[WebLink, ...]
        The unit on other pages.
    """

    lists: tuple[CardList, ...] = ()
    links: tuple[WebLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WebMapSpec:
    """One page.

    Attributes
    ----------
    title : str
        Headline.
    text : MapText
        The words every map needs.
    themes : tuple[WebTheme, ...]
        Layers; the first one is shown.
    names : pandas.Series
        Unit code to name, for every unit of the layer.
    words : PageText
        The words of the controls.
    subtitle : str
        Second line.
    notes : tuple[str, ...]
        Method, sources, approval number or the note that there is none.
    lines : tuple[LineOverlay, ...]
        Lines over the units.
    markers : tuple[MarkerGroup, ...]
        Points over the units.
    keywords : Mapping[str, str]
        Unit code to further search words, separated by blanks: romanised name, initials.
    groups : pandas.Series or None
        Unit code to the name of the larger unit it lies in. Borders between groups are drawn
        heavier, and search hits and profiles say the group.
    group_codes : pandas.Series or None
        Unit code to the code of that larger unit: the address ``#in-`` and it opens the page
        on the group.
    group_keywords : Mapping[str, str]
        Code of a larger unit to further search words.
    group_link : WebLink or None
        From a group to itself on another page; its code is the anchor.
    neighbours : Mapping[str, tuple[str, ...]]
        Unit code to the codes of its neighbours.
    cards : Mapping[str, WebCard]
        Unit code to what its profile says.
    links : tuple[WebLink, ...]
        Other pages, in the head.
    inset : Inset or None
        A part that is always shown in a frame, lower right.
    frame : tuple[float, float, float, float] or None
        West, south, east, north of the view the page opens with, in metres of the projection;
        the whole layer when None.
    required : tuple[str, ...]
        Codes of units that must be on the map.
    must_show : tuple[tuple[float, float], ...]
        Points (longitude, latitude) that must lie on a unit, inside the view or the inset.
    """

    title: str
    text: MapText
    themes: tuple[WebTheme, ...]
    names: pd.Series
    words: PageText = field(default_factory=PageText)
    subtitle: str = ""
    notes: tuple[str, ...] = ()
    lines: tuple[LineOverlay, ...] = ()
    markers: tuple[MarkerGroup, ...] = ()
    keywords: Mapping[str, str] | None = None
    groups: pd.Series | None = None
    group_codes: pd.Series | None = None
    group_keywords: Mapping[str, str] = field(default_factory=dict)
    group_link: WebLink | None = None
    neighbours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cards: Mapping[str, WebCard] = field(default_factory=dict)
    links: tuple[WebLink, ...] = ()
    inset: Inset | None = None
    frame: tuple[float, float, float, float] | None = None
    required: tuple[str, ...] = ()
    must_show: tuple[tuple[float, float], ...] = ()
