"""Print figures: what they must show, what they must not cover, and the same bytes twice."""

import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle
from matplotlib.path import Path as MplPath
from matplotlib.text import Text

from geo.cartography.china import (
    CHINA_FRAME,
    CHINA_MUST_SHOW,
    CHINA_RULES,
    SOUTH_CHINA_SEA,
    SOUTH_CHINA_SEA_PLACES,
)
from geo.cartography.classify import classify
from geo.cartography.drawing import compound_path, interior_borders, outer_borders, project
from geo.cartography.figure_file import FigureWriter, write_figure
from geo.cartography.lettering import figure_renderer, wrap
from geo.cartography.palette import BIVARIATE, LISA, NO_DATA, Category
from geo.cartography.spec import (
    Inset,
    LineOverlay,
    MapRules,
    MapSpec,
    MapText,
    MarkerGroup,
    SheetSpec,
    SquareKey,
)
from geo.cartography.static import draw_map, draw_sheet
from geo.cartography.theme import categorical, class_labels, graduated
from geo.crs import ALBERS, geodesic_distance
from geo.errors import CartographyError

BOUNDARIES = Path(__file__).resolve().parents[2] / "data" / "boundaries"
TEXT = MapText(lang="zh-CN", no_data="无数据", not_evaluated="未参评", count="（{count}）")
KINDS = ("png", "svg", "pdf")
PAYLOAD = "<script>alert(1)</script> $x^2$ & \u0007"


@pytest.fixture(scope="module")
def grid() -> gpd.GeoDataFrame:
    boxes = [shapely.box(x, y, x + 5, y + 5) for y in (25, 30, 35) for x in (100, 105, 110)]
    return gpd.GeoDataFrame(geometry=boxes, index=[f"u{i}" for i in range(9)], crs="EPSG:4326")


@pytest.fixture(scope="module")
def provinces() -> gpd.GeoDataFrame:
    return gpd.read_file(BOUNDARIES / "province.geojson").set_index("code")


def scores(layer: gpd.GeoDataFrame) -> pd.Series:
    return pd.Series(np.linspace(1, 90, len(layer)), index=layer.index)


def spec_of(layer: gpd.GeoDataFrame, **options) -> MapSpec:
    values = scores(layer)
    theme = graduated(layer, values, classify(values), text=TEXT)
    return MapSpec(**{"theme": theme, "title": "地图", "text": TEXT, **options})


@pytest.fixture(scope="module")
def dashes() -> tuple[LineOverlay, ...]:
    lines = gpd.read_file(BOUNDARIES / "lines.geojson")
    return (LineOverlay(geometry=lines.geometry[lines["kind"] == "dash_line"]),)


RULES = replace(CHINA_RULES, required=("710000", "810000", "820000", "460000"))
# The maps of most tests carry no dashes; what the rules say of them has tests of its own.
NO_LINES = replace(RULES, must_pass=())


def national(layer: gpd.GeoDataFrame, **options) -> MapSpec:
    chosen = {
        "inset": Inset(title="南海诸岛", bounds=SOUTH_CHINA_SEA),
        "frame": CHINA_FRAME,
        "rules": NO_LINES,
        "imprint": ("来源：边界图层。", "审图号：无。"),
        **options,
    }
    return spec_of(layer, **chosen)


def refused(code: str, layer: gpd.GeoDataFrame, spec: MapSpec) -> CartographyError:
    with pytest.raises(CartographyError) as caught:
        draw_map(layer, spec)
    assert caught.value.code == code
    return caught.value


def rings_drawn(figure: Figure) -> int:
    fills = [
        c for c in figure.axes[0].collections if isinstance(c, PathCollection) and c.zorder == 1
    ]
    return sum(int((p.codes == MplPath.MOVETO).sum()) for c in fills for p in c.get_paths())


def boxes_of_texts(figure: Figure) -> list[shapely.Geometry]:
    renderer = figure_renderer(figure)
    extents = [t.get_window_extent(renderer) for t in figure.axes[0].texts]
    return [shapely.box(e.x0, e.y0, e.x1, e.y1) for e in extents]


# Themes


def test_theme_aligns_by_label_and_counts(grid):
    values = pd.Series({"u8": 1.0, "u0": 9.0, "u3": np.nan})
    theme = graduated(grid, values, classify(values, k=2), text=TEXT, not_evaluated=["u5"])
    names = {code: theme.entries[place].label for code, place in theme.membership.items()}
    assert names["u0"] == "9.0"
    assert names["u8"] == "1.0"
    assert names["u3"] == names["u1"] == "无数据"
    assert names["u5"] == "未参评"
    assert [entry.count for entry in theme.entries] == [1, 1, 6, 1]
    assert theme.entries[2].hatch == NO_DATA.hatch != ""


def test_highest_class_leads_the_legend(grid):
    values = scores(grid)
    theme = graduated(grid, values, classify(values), text=TEXT)
    assert theme.entries[0].label.endswith("90.0")
    assert len(theme.entries) == 5


def test_a_scored_unit_is_never_called_not_evaluated(grid):
    values = scores(grid)
    theme = graduated(grid, values, classify(values), text=TEXT, not_evaluated=["u0"])
    assert all(entry.label != "未参评" for entry in theme.entries)


def test_categories_without_units_stay_in_the_legend(grid):
    looks = {key: (key, LISA[key]) for key in ("HH", "LL", "ns")}
    theme = categorical(grid, pd.Series("ns", index=grid.index), looks, text=TEXT)
    assert [(entry.label, entry.count) for entry in theme.entries] == [
        ("HH", 0),
        ("LL", 0),
        ("ns", 9),
    ]


def test_strangers_are_named(grid):
    values = pd.Series({"u0": 1.0, "zz": 2.0})
    with pytest.raises(CartographyError) as caught:
        graduated(grid, values, classify(values), text=TEXT)
    assert caught.value.params["units"] == ["zz"]
    with pytest.raises(CartographyError) as caught:
        categorical(grid, pd.Series({"u0": "?"}), {"HH": ("HH", LISA["HH"])}, text=TEXT)
    assert caught.value.code == "cartography.unknown_category"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([-2.0, 1.0], ("−2.0", "−2.0 – 1.0")),
        ([0.001, 0.002], ("0.001", "0.001 – 0.002")),
    ],
)
def test_labels_tell_classes_apart(values, expected):
    assert class_labels(classify(pd.Series(values), k=2)) == expected


def test_a_class_is_written_by_its_own_least_and_greatest_value():
    values = pd.Series([16.1, 30.0, 41.5, 56.2, 67.31, 73.6, 76.0])
    classes = classify(values, scheme="user", breaks=[20.0, 42.0, 68.0, 80.0])
    assert class_labels(classes, values) == ("16.1", "30.0 – 41.5", "56.2 – 67.3", "73.6 – 76.0")
    # Of another year: one class stays empty and keeps its limits.
    later = pd.Series([17.0, 21.0, 75.0, np.nan])
    assert class_labels(classes, later) == ("17.0", "21.0", "42.0 – 68.0", "75.0")


def test_neighbouring_classes_never_seem_to_share_a_value():
    values = pd.Series([1.0, 2.04, 2.06, 2.041, 3.0])
    classes = classify(values, scheme="user", breaks=[2.05, 3.0])
    assert class_labels(classes, values) == ("1.0 – 2.0", "2.1 – 3.0")
    classes = classify(values, scheme="user", breaks=[2.0405, 3.0])
    assert class_labels(classes, values) == ("1.000 – 2.040", "2.041 – 3.000")


# Geometry


def test_borders_add_up(provinces):
    shapes = project(provinces.geometry)
    shared, outer = interior_borders(shapes), outer_borders(shapes)
    total = 2 * shared.length.sum() + outer.length.sum()
    assert total == pytest.approx(shapes.boundary.length.sum(), rel=1e-9)
    assert shared.length.sum() > 10e6


def test_holes_are_left_open():
    ring = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    path = compound_path([ring])
    assert (path.codes == MplPath.MOVETO).sum() == 2
    assert (path.codes == MplPath.CLOSEPOLY).sum() == 2
    outside, inside = np.split(path.vertices, [5])
    assert shapely.LinearRing(outside).is_ccw != shapely.LinearRing(inside).is_ccw


# What the map must show


def test_every_ring_is_drawn(grid, provinces):
    assert rings_drawn(draw_map(grid, spec_of(grid))) == 9
    whole = draw_map(provinces, national(provinces))
    parts = shapely.get_parts(provinces.geometry.to_numpy())
    assert rings_drawn(whole) == len(shapely.get_rings(parts))


def test_national_map_needs_its_inset(provinces):
    assert len(draw_map(provinces, national(provinces)).axes[0].child_axes) == 1
    fault = refused("cartography.outside_frame", provinces, national(provinces, inset=None))
    assert (112.28, 3.97) in fault.params["points"]


def test_islands_must_be_in_the_layer(provinces):
    mainland = provinces.copy()
    main = max(shapely.get_parts(mainland.loc["460000", "geometry"]), key=shapely.area)
    mainland.loc["460000", "geometry"] = main
    fault = refused("cartography.not_drawn", mainland, national(mainland))
    assert (112.28, 3.97) in fault.params["points"]
    assert (121.0, 23.7) not in fault.params["points"]


def test_required_units(provinces):
    without = provinces.drop("710000")
    fault = refused("cartography.required_missing", without, national(without))
    assert fault.params["units"] == ["710000"]


def test_inset_must_not_cover_taiwan(provinces):
    narrow = (CHINA_FRAME[0], CHINA_FRAME[1], 2_250_000.0, CHINA_FRAME[3])
    fault = refused("cartography.covered", provinces, national(provinces, frame=narrow))
    assert fault.params["what"] == "inset"
    assert "710000" in fault.params["units"]


def test_legend_pushes_the_frame_south_rather_than_cover_units(grid):
    shapes = project(grid.geometry)
    tight = tuple(shapes.total_bounds)
    axes = draw_map(grid, spec_of(grid, frame=tight)).axes[0]
    assert axes.get_ylim()[0] < tight[1]
    assert axes.get_xlim() == (tight[0], tight[2])
    extent = axes.get_legend().get_window_extent()
    corners = axes.transData.inverted().transform(extent.get_points())
    assert not shapes.intersects(shapely.box(*corners.ravel())).any()


def test_legend_that_finds_no_room_is_refused(grid):
    tight = tuple(project(grid.geometry).total_bounds)
    theme = spec_of(grid).theme
    endless = replace(theme, entries=theme.entries * 40)
    fault = refused("cartography.covered", grid, spec_of(grid, frame=tight, theme=endless))
    assert fault.params["what"] == "legend"


def test_empty_and_unknown_units(grid):
    hollow = grid.copy()
    hollow.loc["u4", "geometry"] = shapely.Polygon()
    assert refused("cartography.empty_unit", hollow, spec_of(grid)).params["units"] == ["u4"]
    theme = spec_of(grid).theme
    partial = replace(theme, membership=theme.membership.drop("u2"))
    refused("cartography.membership", grid, spec_of(grid, theme=partial))
    bare = grid.set_crs(None, allow_override=True)
    refused("cartography.no_crs", bare, spec_of(grid))


# Labels


def test_labels_overlap_nothing(provinces):
    labels = dict(provinces["name"])
    figure = draw_map(provinces, national(provinces, labels=labels))
    boxes = boxes_of_texts(figure)
    assert len(boxes) >= 32
    assert not any(a.intersects(b) for a, b in itertools.combinations(boxes, 2))
    frame = figure.axes[0].get_window_extent()
    inside = shapely.box(frame.x0, frame.y0, frame.x1, frame.y1)
    assert all(inside.covers(box) for box in boxes)
    legend = figure.axes[0].get_legend().get_window_extent(figure_renderer(figure))
    plate = shapely.box(legend.x0, legend.y0, legend.x1, legend.y1)
    assert not any(plate.intersects(box) for box in boxes)


def test_marks_stay_on_their_units(grid):
    looks = {key: (key, LISA[key]) for key in ("HH", "LL", "ns")}
    kinds = pd.Series(["HH", "LL", "ns"] * 3, index=grid.index)
    theme = categorical(grid, kinds, looks, text=TEXT)
    figure = draw_map(grid, spec_of(grid, theme=theme))
    marks = [text.get_text() for text in figure.axes[0].texts]
    assert sorted(marks) == ["HH"] * 3 + ["LL"] * 3
    unit = project(grid.geometry)
    for text in figure.axes[0].texts:
        at = shapely.Point(text.get_position())
        assert kinds[unit.index[unit.contains(at)][0]] == text.get_text()


def test_markers_and_lines_have_their_place(grid):
    points = gpd.GeoSeries([shapely.Point(107, 33)], index=["甲"], crs=grid.crs)
    overlay = LineOverlay(geometry=interior_borders(grid.geometry))
    group = MarkerGroup(label="枢纽", points=points, named=True)
    figure = draw_map(grid, spec_of(grid, markers=(group,), lines=(overlay,)))
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend[-1] == "枢纽 （1）"
    assert [text.get_text() for text in figure.axes[0].texts] == ["甲"]


def test_wrapping_keeps_words_and_closing_signs():
    lines = wrap("one two three four five", size=10, width=60)
    assert " ".join(lines) == "one two three four five"
    assert len(lines) > 1
    assert not any(line.startswith("，") for line in wrap("算力，" * 20, size=10, width=75))


# Files


def test_bytes_are_stable_and_whole(grid, tmp_path):
    spec = spec_of(grid, title=PAYLOAD, labels={"u4": PAYLOAD})
    first = write_figure(draw_map(grid, spec), tmp_path / "a", formats=("png", "svg", "pdf"))
    second = write_figure(draw_map(grid, spec), tmp_path / "b", formats=("png", "svg", "pdf"))
    assert [path.suffix for path in first] == [".png", ".svg", ".pdf"]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{base}.{kind}" for base in "ab" for kind in ("pdf", "png", "svg")
    ]


def test_files_carry_no_text_to_execute_and_need_no_font(grid, tmp_path):
    spec = spec_of(grid, title=PAYLOAD)
    png, svg = write_figure(draw_map(grid, spec), tmp_path / "map")
    drawing = svg.read_text(encoding="utf-8")
    assert "<script" not in drawing
    assert "<text" not in drawing
    assert "font-family" not in drawing
    assert imread(png).shape[1] == 3000


def test_unknown_format(grid, tmp_path):
    with pytest.raises(CartographyError) as caught:
        write_figure(draw_map(grid, spec_of(grid)), tmp_path / "map", formats=("bmp",))
    assert caught.value.code == "cartography.format"
    assert list(tmp_path.iterdir()) == []


def test_titles_of_any_length_leave_the_map_its_room(provinces):
    spec = national(provinces, title="长A" * 3000, notes=("x" * 9000,))
    spec = replace(spec, theme=replace(spec.theme, legend_title="长" * 3000))
    figure = draw_map(provinces, spec)
    assert figure.get_size_inches()[1] < 20
    heading = figure.axes[0].get_legend().get_title().get_text()
    assert heading.replace("\n", "") == "长" * 79 + "…"
    assert len(heading.splitlines()) == 4
    assert max(len(text.get_text()) for text in figure.texts) < 300


def test_a_word_longer_than_the_line_is_broken():
    lines = wrap("a" * 120 + " b", size=10, width=400)
    assert "".join(lines).replace(" ", "") == "a" * 120 + "b"
    assert max(map(len, lines)) <= 100


# Rules of national maps


def test_a_lawful_map_is_drawn(provinces, dashes):
    places = tuple((name, *point) for name, point in SOUTH_CHINA_SEA_PLACES.items())
    inset = Inset(title="南海诸岛", bounds=SOUTH_CHINA_SEA, places=places)
    spec = national(provinces, rules=RULES, lines=dashes, inset=inset, scale_bar="{km} km")
    figure = draw_map(provinces, spec)
    drawn = [text.get_text() for text in figure.axes[0].child_axes[0].texts]
    assert sorted(drawn) == sorted([*SOUTH_CHINA_SEA_PLACES, "南海诸岛"])
    assert "1000 km" in [text.get_text() for text in figure.axes[0].texts]


def test_dashes_must_be_drawn(provinces, dashes):
    fault = refused("cartography.no_line", provinces, national(provinces, rules=RULES))
    assert len(fault.params["points"]) == 9
    parts = dashes[0].geometry.explode(ignore_index=True)
    fewer = (LineOverlay(geometry=parts.iloc[1:]),)
    fault = refused("cartography.no_line", provinces, national(provinces, rules=RULES, lines=fewer))
    assert len(fault.params["points"]) == 1


def test_an_inset_is_no_substitute_for_the_map(provinces):
    """Cut above Hainan, whose southern tip the inset would show."""
    west, _, east, north = CHINA_FRAME
    cut = national(provinces, frame=(west, 2_100_000.0, east + 2e6, north))
    # The legend would push the frame south again, so there is next to none.
    theme = replace(cut.theme, entries=(cut.theme.entries[0],), legend_title="", scheme="")
    theme = replace(theme, membership=theme.membership * 0)
    fault = refused("cartography.outside_frame", provinces, replace(cut, theme=theme))
    assert (109.53, 18.16) in fault.params["points"]


def test_borders_need_their_imprint(provinces):
    refused("cartography.no_imprint", provinces, national(provinces, imprint=()))
    refused("cartography.no_imprint", provinces, national(provinces, imprint=(" ",)))


@pytest.mark.parametrize("name", ["海南岛南端以南", "x" * 30])
def test_no_letter_lies_on_an_island(provinces, name):
    """A name that ends on an island is refused where it cannot move, moved where it can."""
    inset = Inset(title="南海诸岛", bounds=SOUTH_CHINA_SEA, places=((name, 112.34, 16.83),))
    view = draw_map(provinces, national(provinces, inset=inset)).axes[0].child_axes[0]
    island = project(gpd.GeoSeries([shapely.Point(112.34, 16.83)], crs=4326)).iloc[0]
    x, y = view.transData.transform((island.x, island.y))
    for text in view.texts:
        assert not text.get_window_extent(figure_renderer(view.figure.figure)).contains(x, y)
    everywhere = itertools.product(np.arange(104, 128, 0.3), np.arange(1, 12, 0.3))
    covered = replace(NO_LINES, keep_clear=tuple(everywhere))
    fault = refused("cartography.lettered", provinces, national(provinces, rules=covered))
    assert "南海诸岛" in fault.params["text"].replace("\n", "")


def test_labels_keep_clear_of_islands(provinces):
    labels = {"710000": "台湾", "460000": "海南"}
    figure = draw_map(provinces, national(provinces, labels=labels))
    islands = project(
        gpd.GeoSeries(gpd.points_from_xy(*zip(*CHINA_MUST_SHOW, strict=True)), crs=4326)
    )
    pixels = figure.axes[0].transData.transform(np.column_stack([islands.x, islands.y]))
    boxes = boxes_of_texts(figure)
    assert len(boxes) == 2
    assert not any(box.intersects(shapely.Point(*pixel)) for box in boxes for pixel in pixels)


# Scale bar, square, lines


def test_scale_bar_is_as_long_as_it_says(provinces):
    axes = draw_map(provinces, national(provinces, scale_bar="{km} km")).axes[0]
    bar = next(line for line in axes.lines if len(line.get_xdata()) == 4)
    length = np.ptp(bar.get_xdata())
    # True along the middle of the frame, where the projection shrinks west to east by 2 %.
    assert length == pytest.approx(1_000_000, rel=0.03)
    west, east = np.array([[length / -2], [length / 2]]) + sum(axes.get_xlim()) / 2
    level = sum(axes.get_ylim()) / 2
    ends = gpd.GeoSeries(gpd.points_from_xy([*west, *east], [level] * 2), crs=ALBERS).to_crs(4326)
    km = geodesic_distance(ends.x[0], ends.y[0], ends.x[1], ends.y[1])[0, 0]
    assert km == pytest.approx(1000, rel=0.005)


@pytest.mark.parametrize(("signs", "beside"), [(20, True), (50, False)])
def test_a_bar_keeps_off_a_wide_legend(provinces, signs, beside):
    """It moves right, and up into the corner where there is no room left."""
    theme = spec_of(provinces, frame=CHINA_FRAME).theme
    first = replace(theme.entries[0], label="长" * signs)
    wide = replace(theme, entries=(first, *theme.entries[1:]))
    spec = national(provinces, theme=wide, width=12.0, scale_bar="{km} km")
    figure = draw_map(provinces, spec)
    axes, renderer = figure.axes[0], figure_renderer(figure)
    bar = next(line for line in axes.lines if len(line.get_xdata()) == 4)
    x, y = axes.transData.transform((min(bar.get_xdata()), min(bar.get_ydata())))
    legend = axes.get_legend().get_window_extent(renderer)
    assert (x > legend.x1) == beside
    assert (y > legend.y1) != beside


def square(grid: gpd.GeoDataFrame, **options) -> MapSpec:
    kinds = pd.Series([f"{i}" for i in range(9)], index=grid.index)
    looks = {f"{i}": (f"c{i}", Category(colour=BIVARIATE[i])) for i in range(9)}
    theme = categorical(grid, kinds, looks, text=TEXT, legend_title="甲 × 乙")
    ranges = ("0.0 – 1.0", "1.1 – 2.0", "2.1 – 99.0")
    key = SquareKey(x="甲", y="乙", x_labels=ranges, y_labels=ranges)
    return spec_of(grid, theme=replace(theme, square=key), **options)


def test_square_shows_every_class_where_it_belongs(grid):
    axes = draw_map(grid, square(grid)).axes[0]
    (box,) = axes.artists
    area = box.get_child()
    cells = [c for c in area.get_children() if isinstance(c, Rectangle)]
    assert [to_hex(cell.get_facecolor()) for cell in cells] == list(BIVARIATE)
    # Entry 3 i + j: i to the right, j upwards.
    assert cells[1].get_x() == cells[0].get_x()
    assert cells[1].get_y() > cells[0].get_y()
    assert cells[3].get_x() > cells[0].get_x()
    assert cells[3].get_y() == cells[0].get_y()
    words = [c.get_text() for c in area.get_children() if isinstance(c, Text)]
    assert words.count("1") == 9
    assert {"甲 →", "乙 →", "甲 × 乙"} < set(words)
    assert axes.get_legend().get_texts() == []


def test_letters_of_the_square_do_not_overlap(grid):
    figure = draw_map(grid, square(grid))
    renderer = figure_renderer(figure)
    figure.draw(renderer)
    (box,) = figure.axes[0].artists
    texts = [c for c in box.get_child().get_children() if isinstance(c, Text)]
    extents = [text.get_window_extent(renderer) for text in texts]
    boxes = [shapely.box(e.x0, e.y0, e.x1, e.y1) for e in extents]
    assert not any(a.intersects(b) for a, b in itertools.combinations(boxes, 2))


def test_named_lines_carry_their_names_and_stand_in_the_legend(grid):
    line = gpd.GeoSeries([shapely.LineString([(101, 28), (113, 38)])], crs=grid.crs)
    overlay = LineOverlay(geometry=line, label="等时线", names=("5 ms",), dashed=True)
    axes = draw_map(grid, spec_of(grid, lines=(overlay,))).axes[0]
    assert [text.get_text() for text in axes.texts] == ["5 ms"]
    assert axes.get_legend().get_texts()[-1].get_text() == "等时线"


# Sheets


def test_panels_share_one_frame(provinces, dashes):
    one = national(provinces, rules=RULES, lines=dashes, title="2016")
    legend = replace(one.theme, legend_title="长" * 60)
    two = replace(one, title="2023", theme=legend)
    figure = draw_sheet(provinces, SheetSpec(panels=(one, two, one), title="三年"))
    maps = figure.axes
    assert len(maps) == 3
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in maps}) == 1
    assert all(len(axes.child_axes) == 1 for axes in maps)
    places = [axes.get_position() for axes in maps]
    assert places[0].y0 == pytest.approx(places[1].y0)
    assert places[2].y1 < places[0].y0
    assert places[2].x0 == pytest.approx(places[0].x0)
    said = [text.get_text() for text in figure.texts]
    assert said.count("审图号：无。") == 1
    assert {"2016", "2023", "三年"} < set(said)


def test_every_panel_obeys_the_rules(provinces):
    good, bad = national(provinces), national(provinces, rules=RULES)
    with pytest.raises(CartographyError) as caught:
        draw_sheet(provinces, SheetSpec(panels=(good, bad), title="二"))
    assert caught.value.code == "cartography.no_line"


def test_a_narrow_sheet_has_fewer_columns(grid):
    one = spec_of(grid)
    figure = draw_sheet(grid, SheetSpec(panels=(one, one), title="二", width=4.0))
    upper, lower = (axes.get_position() for axes in figure.axes)
    assert upper.y0 > lower.y1
    assert upper.x0 == pytest.approx(lower.x0)


@pytest.mark.parametrize("count", [0, 13])
def test_sheets_hold_one_to_twelve_maps(grid, count):
    with pytest.raises(CartographyError) as caught:
        draw_sheet(grid, SheetSpec(panels=(spec_of(grid),) * count, title="x"))
    assert caught.value.code == "cartography.panels"


# Bad input


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([np.nan] * 9, id="all missing"),
        pytest.param([3.0] * 9, id="one value"),
        pytest.param([np.nan] * 8 + [1e300], id="one huge value"),
        pytest.param([-1e-300, 0.0, 1e-300] * 3, id="tiny values"),
    ],
)
def test_poor_values_still_make_a_map(grid, values, tmp_path):
    series = pd.Series(values, index=grid.index)
    theme = graduated(grid, series, classify(series), text=TEXT)
    figure = draw_map(grid, spec_of(grid, theme=theme))
    assert sum(entry.count for entry in theme.entries) == 9
    assert rings_drawn(figure) == 9
    (path,) = write_figure(figure, tmp_path / "map", formats=("png",))
    assert imread(path).std() > 0.01


def test_infinite_values_name_their_units(grid):
    series = pd.Series(1.0, index=grid.index).where(grid.index != "u3", np.inf)
    with pytest.raises(CartographyError) as caught:
        classify(series)
    assert caught.value.params["units"] == ["u3"]


@pytest.mark.parametrize(
    "name",
    ["", " ", "长" * 500, "\u202egnp.exe", "a\nb\tc", "$\\frac{1}{0}$", "\0", "🗺️🧨", PAYLOAD],
)
def test_hostile_names_neither_break_nor_leave_the_frame(grid, name, tmp_path):
    points = gpd.GeoSeries([shapely.Point(107, 33)], index=[name], crs=grid.crs)
    figure = draw_map(
        grid,
        spec_of(
            grid,
            title=name,
            labels={"u0": name, "u8": name},
            markers=(MarkerGroup(label=name, points=points, named=True),),
        ),
    )
    frame = figure.axes[0].get_window_extent()
    assert all(
        shapely.box(frame.x0, frame.y0, frame.x1, frame.y1).covers(box)
        for box in boxes_of_texts(figure)
        if not box.is_empty and box.area
    )
    write_figure(figure, tmp_path / "map", formats=("png", "svg", "pdf"))
    assert b"<script" not in (tmp_path / "map.svg").read_bytes()


def test_three_thousand_units(tmp_path):
    boxes = [
        shapely.box(80 + x, 20 + y / 2, 81 + x, 20.5 + y / 2) for y in range(60) for x in range(50)
    ]
    layer = gpd.GeoDataFrame(geometry=boxes, index=[f"u{i}" for i in range(3000)], crs=4326)
    looks = {key: (key, LISA[key]) for key in ("HH", "LL", "ns")}
    kinds = pd.Series(["HH", "LL", "ns"] * 1000, index=layer.index)
    theme = categorical(layer, kinds, looks, text=TEXT)
    figure = draw_map(
        layer, spec_of(layer, theme=theme, labels={f"u{i}": f"名{i}" for i in range(40)})
    )
    assert rings_drawn(figure) == 3000
    boxes = boxes_of_texts(figure)
    assert len(boxes) > 30
    tree = shapely.STRtree(boxes)
    assert len(tree.query(boxes, predicate="overlaps")[0]) == 0


def test_a_layer_without_a_unit_is_named(grid):
    spec = spec_of(grid, rules=MapRules(required=("u4", "u9")))
    fault = refused("cartography.required_missing", grid.drop("u4"), spec)
    assert fault.params["units"] == ["u4", "u9"]


def test_same_bytes_in_another_process(tmp_path):
    """Hash seeds and clocks differ between processes; files do not."""
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "import geopandas as gpd, pandas as pd, shapely\n"
        "from geo.cartography.classify import classify\n"
        "from geo.cartography.figure_file import write_figure\n"
        "from geo.cartography.spec import MapSpec, MapText\n"
        "from geo.cartography.static import draw_map\n"
        "from geo.cartography.theme import graduated\n"
        "from pathlib import Path\n"
        "boxes = [shapely.box(100 + x, 30, 101 + x, 35) for x in range(6)]\n"
        "layer = gpd.GeoDataFrame(geometry=boxes, index=list('abcdef'), crs=4326)\n"
        "values = pd.Series([1.0, 2, 3, 4, 5, float('nan')], index=layer.index)\n"
        "text = MapText(lang='zh', no_data='无数据', not_evaluated='未参评')\n"
        "theme = graduated(layer, values, classify(values, k=3), text=text)\n"
        "words = {'title': '地图', 'text': text, 'labels': {'c': '丙'}, 'scale_bar': '{km} km'}\n"
        "spec = MapSpec(theme=theme, **words)\n"
        f"write_figure(draw_map(layer, spec), Path(sys.argv[1]), formats={KINDS})\n"
    )
    found = []
    for seed in ("1", "2"):
        base = tmp_path / seed / "map"
        subprocess.run(
            [sys.executable, "-c", script, str(base), *sys.path],
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": seed * 9},
        )
        found.append([base.with_name(f"map.{kind}").read_bytes() for kind in KINDS])
    assert found[0] == found[1]


def test_pdf_holds_its_font(grid, tmp_path):
    (path,) = write_figure(draw_map(grid, spec_of(grid)), tmp_path / "map", formats=("pdf",))
    data = path.read_bytes()
    assert b"AtlasSansSC" in data
    assert b"/ToUnicode" in data
    assert b"CreationDate" not in data


def test_a_writer_writes_the_same_bytes_and_passes_faults_on(grid, tmp_path):
    figure = draw_map(grid, spec_of(grid))
    plain = write_figure(figure, tmp_path / "plain")
    with FigureWriter() as writer:
        first = writer.write(figure, tmp_path / "first")
        second = writer.write(figure, tmp_path / "second")
    for paths in (first, second):
        assert [p.read_bytes() for p in paths] == [p.read_bytes() for p in plain]
    (tmp_path / "barred").write_text("a file, no folder", encoding="utf-8")
    with pytest.raises(OSError, match="barred"), FigureWriter() as writer:
        writer.write(figure, tmp_path / "barred" / "map")
