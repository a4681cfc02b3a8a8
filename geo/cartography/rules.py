"""The rules of a map, checked before anything is written."""

from collections.abc import Sequence
from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.text import Text

from geo.cartography.drawing import check_places, project
from geo.cartography.lettering import figure_renderer, root_figure
from geo.cartography.page import POINTS
from geo.cartography.spec import MapRules, MapSpec
from geo.crs import GEOGRAPHIC
from geo.errors import CartographyError

__all__ = ["check_drawn", "check_request", "clear_points", "limits", "touched"]

Frame = tuple[float, float, float, float]
# A line counts as passing a place within this distance, in metres: lines get simplified.
_BESIDE = 60_000.0
# Radius around a place that no letter may touch, in points.
_FREE = 1.5


def limits(axes: Axes) -> Frame:
    """Return west, south, east, north of what axes show.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The axes.

    Returns
    -------
    tuple[float, float, float, float]
        In data coordinates.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> limits(Figure().add_axes((0, 0, 1, 1)))
    (0.0, 0.0, 1.0, 1.0)
    """
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return float(west), float(south), float(east), float(north)


def check_request(spec: MapSpec, codes: Sequence[str]) -> None:
    """Refuse a request that would break a rule whatever the drawing looks like.

    Parameters
    ----------
    spec : MapSpec
        The request.
    codes : Sequence[str]
        The units of the layer.

    Raises
    ------
    CartographyError
        ``cartography.required_missing``, ``cartography.membership`` or
        ``cartography.no_imprint``.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.cartography.spec import LegendEntry, MapText, Theme
    >>> entry = LegendEntry(label="1", colour="#2c7fb8", count=1)
    >>> theme = Theme(entries=(entry,), membership=pd.Series({"a": 0}))
    >>> text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    >>> check_request(MapSpec(theme=theme, title="A map", text=text), ["a"])
    """
    known = set(codes)
    absent = [code for code in spec.rules.required if code not in known]
    if absent:
        raise CartographyError(
            f"the map must show the units {', '.join(absent)}, which the layer lacks",
            code="cartography.required_missing",
            units=absent,
        )
    places = spec.theme.membership.reindex(list(codes))
    if places.isna().any() or not places.between(0, len(spec.theme.entries) - 1).all():
        raise CartographyError(
            "every unit of the layer must belong to an entry of the legend",
            code="cartography.membership",
            units=[str(code) for code in places.index[places.isna()]],
        )
    if spec.rules.must_note and not any(line.strip() for line in spec.imprint):
        raise CartographyError(
            "the map must say where its borders are from and what their approval is",
            code="cartography.no_imprint",
        )


def check_drawn(spec: MapSpec, shapes: gpd.GeoSeries, views: Sequence[Axes]) -> None:
    """Refuse a drawing that cuts off or covers what the rules name.

    Parameters
    ----------
    spec : MapSpec
        The request.
    shapes : geopandas.GeoSeries
        Projected units.
    views : Sequence[matplotlib.axes.Axes]
        The map, then its inset if it has one, with everything on them.

    Raises
    ------
    CartographyError
        ``cartography.not_drawn``, ``cartography.outside_frame``, ``cartography.no_line`` or
        ``cartography.lettered``.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import pandas as pd
    >>> from geo.cartography.spec import MapText, Theme
    >>> text = MapText(lang="en", no_data="no data", not_evaluated="not evaluated")
    >>> theme = Theme(entries=(), membership=pd.Series(dtype="int64"))
    >>> spec = MapSpec(theme=theme, title="A map", text=text)
    >>> check_drawn(spec, gpd.GeoSeries([], crs=GEOGRAPHIC), [])
    """
    rules = spec.rules
    frames = [limits(view) for view in views]
    if rules.must_show:
        check_places(shapes, rules.must_show, frames=frames)
    _check_frame(rules, frames)
    _check_lines(spec, frames)
    _check_letters(rules, views)


def clear_points(rules: MapRules, view: Axes) -> np.ndarray:
    """Return the places in view that no letter may touch.

    Parameters
    ----------
    rules : MapRules
        The rules.
    view : matplotlib.axes.Axes
        A map.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2), projected.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> clear_points(MapRules(keep_clear=((105, 0),)), Figure().add_axes((0, 0, 1, 1))).shape
    (1, 2)
    """
    points = _points((*rules.keep_clear, *rules.must_pass))
    west, south, east, north = limits(view)
    x, y = points.T
    near = 1e-6 * (east - west)
    kept = points[(x > west - near) & (x < east + near) & (y > south - near) & (y < north + near)]
    return np.asarray(kept)


def touched(rules: MapRules, view: Axes, text: Text) -> np.ndarray:
    """Return the places that must stay clear and do not.

    Parameters
    ----------
    rules : MapRules
        The rules.
    view : matplotlib.axes.Axes
        A map.
    text : matplotlib.text.Text
        A text on it.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2), projected.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_axes((0, 0, 1, 1))
    >>> len(touched(MapRules(keep_clear=((105, 0),)), axes, axes.text(0.0, 0.0, "A name")))
    1
    """
    points = clear_points(rules, view)
    if not len(points):
        return points
    figure = root_figure(view)
    reach = _FREE * figure.dpi / POINTS
    extent = text.get_window_extent(figure_renderer(figure)).padded(reach)
    pixels = view.transData.transform(points)
    kept: np.ndarray = points[[bool(extent.contains(*pixel)) for pixel in pixels]]
    return kept


@cache
def _points(places: tuple[tuple[float, float], ...]) -> np.ndarray:
    points = gpd.GeoSeries([shapely.Point(*place) for place in places], crs=GEOGRAPHIC)
    return shapely.get_coordinates(project(points).to_numpy()).reshape(-1, 2)


def _check_frame(rules: MapRules, frames: Sequence[Frame]) -> None:
    if not rules.must_frame or not frames:
        return
    west, south, east, north = frames[0]
    lost = [
        place
        for place, (x, y) in zip(rules.must_frame, _points(rules.must_frame), strict=True)
        if not (west < x < east and south < y < north)
    ]
    if lost:
        raise CartographyError(
            f"the frame cuts off places the map must show: {lost}",
            code="cartography.outside_frame",
            points=lost,
        )


def _check_lines(spec: MapSpec, frames: Sequence[Frame]) -> None:
    places = spec.rules.must_pass
    if not places:
        return
    drawn = [project(overlay.geometry).to_numpy() for overlay in spec.lines]
    lines = np.concatenate(drawn) if drawn else np.empty(0, dtype=object)
    views = [shapely.box(*frame) for frame in frames]
    lost = []
    points = [shapely.Point(*xy) for xy in _points(places)]
    for place, point in zip(places, points, strict=True):
        seen = any(view.contains(point) for view in views)
        if not seen or not (shapely.distance(lines, point) < _BESIDE).any():
            lost.append(place)
    if lost:
        raise CartographyError(
            f"no line is drawn where the map must show one: {lost}",
            code="cartography.no_line",
            points=lost,
        )


def _check_letters(rules: MapRules, views: Sequence[Axes]) -> None:
    """Look at every text where it finally stands, however it got there."""
    for view in views:
        for text in view.texts:
            hit = touched(rules, view, text)
            if text.get_text().strip() and len(hit):
                raise CartographyError(
                    f"the text {text.get_text()!r} would cover a place that must stay clear",
                    code="cartography.lettered",
                    text=text.get_text(),
                    points=[tuple(map(round, place)) for place in hit.tolist()],
                )
