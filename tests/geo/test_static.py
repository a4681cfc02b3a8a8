"""Print figures: what they must show, what they must not cover, and the same bytes twice."""

import itertools
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.path import Path as MplPath

from geo.cartography.china import CHINA_FRAME, CHINA_MUST_SHOW, SOUTH_CHINA_SEA
from geo.cartography.classify import classify
from geo.cartography.drawing import compound_path, interior_borders, outer_borders, project
from geo.cartography.figure_file import write_figure
from geo.cartography.lettering import figure_renderer, wrap
from geo.cartography.palette import LISA, NO_DATA
from geo.cartography.spec import Inset, LineOverlay, MapSpec, MapText, MarkerGroup
from geo.cartography.static import draw_map
from geo.cartography.theme import categorical, class_labels, graduated
from geo.errors import CartographyError

BOUNDARIES = Path(__file__).resolve().parents[2] / "data" / "boundaries"
TEXT = MapText(lang="zh-CN", no_data="无数据", not_evaluated="未参评", count="（{count}）")
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


def national(layer: gpd.GeoDataFrame, **options) -> MapSpec:
    chosen = {
        "inset": Inset(title="南海诸岛", bounds=SOUTH_CHINA_SEA),
        "frame": CHINA_FRAME,
        "must_show": CHINA_MUST_SHOW,
        "required": ("710000", "810000", "820000", "460000"),
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
    figure = Figure(figsize=(4, 4))
    lines = wrap(figure, "one two three four five", size=10, width=60)
    assert " ".join(lines) == "one two three four five"
    assert len(lines) > 1
    assert not any(line.startswith("，") for line in wrap(figure, "算力，" * 20, size=10, width=75))


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
    lines = wrap(Figure(), "a" * 120 + " b", size=10, width=400)
    assert "".join(lines).replace(" ", "") == "a" * 120 + "b"
    assert max(map(len, lines)) <= 100
