"""Charts: order, labels, alignment, refusals."""

import itertools

import numpy as np
import pandas as pd
import pytest

from geo.cartography.charts import ChartText, draw_bars, draw_lines, draw_scatter
from geo.cartography.lettering import figure_renderer
from geo.errors import CartographyError

TEXT = ChartText(title="前十名", subtitle="2024 年", x="得分", y="值", notes=("来源：年鉴。",))


def test_bars_keep_their_order_from_the_top():
    values = pd.Series({"北京市": 80.0, "河北省": 60.0, "内蒙古自治区": 70.0})
    axes = draw_bars(values, text=TEXT, marked=["河北省"]).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(values.index)
    assert [bar.get_width() for bar in axes.patches] == [80.0, 60.0, 70.0]
    assert axes.yaxis_inverted()
    assert [text.get_text() for text in axes.texts] == ["80.0", "60.0", "70.0"]
    colours = {bar.get_facecolor() for bar in axes.patches}
    assert len(colours) == 2


def test_whiskers_follow_labels():
    values = pd.Series({"a": 1.0, "b": 2.0})
    interval = pd.DataFrame({"low": [1.5, 0.5], "high": [2.5, 1.5]}, index=["b", "a"])
    axes = draw_bars(values, text=TEXT, interval=interval).axes[0]
    segments = axes.collections[0].get_segments()
    assert [segment[:, 0].tolist() for segment in segments] == [[0.5, 1.5], [1.5, 2.5]]


def test_negative_values_fit():
    axes = draw_bars(pd.Series({"a": -3.0, "b": 1.0}), text=TEXT).axes[0]
    assert axes.get_xlim()[0] < -3.0
    assert [text.get_text() for text in axes.texts] == ["−3.0", "1.0"]


def test_everything_stays_on_the_page():
    values = pd.Series({"新疆维吾尔自治区克孜勒苏柯尔克孜自治州": 100.0, "b": 1.0})
    figure = draw_bars(values, text=TEXT)
    width = figure.get_size_inches()[0] * figure.dpi
    box = figure.axes[0].get_tightbbox(figure_renderer(figure))
    assert box.x0 >= 0
    assert box.x1 <= width


def test_line_names_do_not_collide():
    lines = {
        name: pd.Series({2020: 1.0, 2021: 2.0 + i / 1000}) for i, name in enumerate("东中西北")
    }
    figure = draw_lines(lines, text=TEXT)
    renderer = figure_renderer(figure)
    boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts]
    assert len(boxes) == 4
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_lines_are_sorted_in_time():
    figure = draw_lines({"a": pd.Series({2021: 2.0, 2020: 1.0})}, text=TEXT)
    assert figure.axes[0].lines[0].get_xdata().tolist() == [2020, 2021]


def test_scatter_aligns_by_label():
    x = pd.Series({"a": 1.0, "b": 2.0, "c": np.nan, "d": 4.0})
    y = pd.Series({"d": 40.0, "b": 20.0, "a": 10.0, "e": 50.0})
    axes = draw_scatter(x, y, text=TEXT, slope=10.0, labels={"d": "丁"}).axes[0]
    points = axes.collections[0].get_offsets()
    assert {tuple(point) for point in np.asarray(points)} == {(1, 10), (2, 20), (4, 40)}
    assert [text.get_text() for text in axes.texts] == ["丁"]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: draw_bars(pd.Series(dtype=float), text=TEXT),
        lambda: draw_bars(pd.Series({"a": np.nan}), text=TEXT),
        lambda: draw_lines({}, text=TEXT),
        lambda: draw_lines({str(i): pd.Series({1: 1.0}) for i in range(9)}, text=TEXT),
        lambda: draw_lines({"a": pd.Series({1: np.nan})}, text=TEXT),
        lambda: draw_scatter(pd.Series({"a": 1.0}), pd.Series({"b": 1.0}), text=TEXT),
    ],
)
def test_nothing_to_draw(draw):
    with pytest.raises(CartographyError) as caught:
        draw()
    assert caught.value.code == "cartography.chart"


def test_bars_that_share_a_name_stay_apart():
    values = pd.Series([3.0, 2.0], index=["城关区", "城关区"])
    remarks = pd.Series([" (1–2)", " (2–3)"], index=values.index)
    whiskers = pd.DataFrame({"low": [2.0, 1.0], "high": [4.0, 3.0]}, index=values.index)
    figure = draw_bars(values, text=TEXT, interval=whiskers, remarks=remarks)
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["城关区", "城关区"]
    assert [text.get_text() for text in axes.texts] == ["3.0 (1–2)", "2.0 (2–3)"]


def test_names_of_any_length_leave_room_for_the_bars():
    values = pd.Series({"长" * 5000: 3.0, "b": 1.0})
    figure = draw_bars(values, text=ChartText(title="x" * 5000, notes=("y" * 5000,)))
    label = figure.axes[0].get_yticklabels()[0].get_text()
    assert len(label) == 80
    assert label.endswith("…")
    assert figure.get_size_inches()[1] < 12
