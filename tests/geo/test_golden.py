"""Figures look as they did: compared with small pictures that were looked at.

A change that is meant: ``RENEW_GOLDEN=1 pytest tests/geo/test_golden.py``, then look at every
picture in ``tests/geo/golden`` that git says has changed before committing it.

The font is the shipped one, so only the rasterisers may differ: FreeType and Agg, which matplotlib
brings. Hence a tolerance of few pixels, but those counted, not averaged away: a root mean square
over a white page would not notice a legend gone. Another release of matplotlib sets type a little
differently; the pictures are compared under the one they were made with.
"""

import os
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from geo.cartography.charts import ChartText, draw_bars, draw_lines, draw_scatter
from geo.cartography.china import CHINA_FRAME, CHINA_RULES, SOUTH_CHINA_SEA, SOUTH_CHINA_SEA_PLACES
from geo.cartography.classify import classify
from geo.cartography.figure_file import write_figure
from geo.cartography.isolines import distance_lines
from geo.cartography.palette import BIVARIATE, LISA, Category
from geo.cartography.rank_charts import draw_leaders, draw_ranks
from geo.cartography.spec import (
    Inset,
    LineOverlay,
    MapSpec,
    MapText,
    MarkerGroup,
    SheetSpec,
    SquareKey,
    Theme,
)
from geo.cartography.static import draw_map, draw_sheet
from geo.cartography.theme import categorical, graduated

GOLDEN = Path(__file__).parent / "golden"
BOUNDARIES = Path(__file__).parents[2] / "data" / "boundaries"
RENEW = bool(os.environ.get("RENEW_GOLDEN"))
DPI = 72
# A pixel differs where a channel does by more than this; so many of a thousand may.
CHANNEL, THOUSANDTHS = 48, 1.0
MADE_WITH = "3.11"
pytestmark = pytest.mark.skipif(
    not mpl.__version__.startswith(f"{MADE_WITH}."), reason=f"made with matplotlib {MADE_WITH}"
)
TEXT = MapText(lang="zh-CN", no_data="无数据", not_evaluated="不参评", count="（{count}）")
WORDS = ChartText(title="标题 Title", subtitle="副题", x="横轴", y="纵轴", notes=("来源：示例。",))


@pytest.fixture(scope="module")
def provinces() -> gpd.GeoDataFrame:
    return gpd.read_file(BOUNDARIES / "province_web.geojson").set_index("code").sort_index()


@pytest.fixture(scope="module")
def dashes() -> LineOverlay:
    lines = gpd.read_file(BOUNDARIES / "lines.geojson")
    return LineOverlay(geometry=lines.geometry[lines["kind"] == "dash_line"], width=0.9)


@pytest.fixture(scope="module")
def national(provinces, dashes):
    def make(theme: Theme, **options) -> MapSpec:
        places = tuple((f"岛{i}", *at) for i, at in enumerate(SOUTH_CHINA_SEA_PLACES.values()))
        chosen = {
            "lines": (dashes,),
            "inset": Inset(title="南海诸岛", bounds=SOUTH_CHINA_SEA, places=places),
            "rules": CHINA_RULES,
            "imprint": ("边界：示例来源。", "审图号：无。"),
            "frame": CHINA_FRAME,
            "scale_bar": "{km} 千米",
            **options,
        }
        return MapSpec(theme=theme, title="地图", text=TEXT, **chosen)

    return make


@pytest.fixture(scope="module")
def scored(provinces):
    """Scores by latitude of the heart, three units without, one outside."""
    heights = provinces.to_crs(4326).representative_point().y
    values = heights.drop(["710000", "810000", "820000", "540000"])
    theme = graduated(
        provinces,
        values,
        classify(values),
        text=TEXT,
        not_evaluated=("710000", "810000", "820000"),
        legend_title="纬度",
        scheme="自然断点",
    )
    labels = {code: f"{place} {code}" for place, code in enumerate(values.nlargest(10).index, 1)}
    return theme, labels


def compare(figure: Figure, name: str, folder: Path, *, renew: bool = RENEW) -> None:
    (made,) = write_figure(figure, folder / name, formats=("png",), dpi=DPI)
    kept = GOLDEN / f"{name}.png"
    if renew:
        picture = Image.open(made).quantize(256, method=Image.Quantize.MAXCOVERAGE)
        picture.save(kept, optimize=True)
        return
    actual, expected = (np.asarray(Image.open(p).convert("RGB"), dtype=int) for p in (made, kept))
    assert actual.shape == expected.shape, f"{made} has another size than {kept}"
    apart = (np.abs(actual - expected).max(axis=2) > CHANNEL).mean() * 1000
    assert apart <= THOUSANDTHS, f"{apart:.1f} of 1000 pixels of {made} differ from {kept}"


def test_score_map(provinces, national, scored, tmp_path):
    theme, labels = scored
    compare(draw_map(provinces, national(theme, labels=labels)), "score", tmp_path)


def test_cluster_map_with_lines(provinces, national, tmp_path):
    kinds = pd.Series(["HH", "LL", "HL", "LH", "ns", "ns", None] * 5, index=[*provinces.index, "x"])
    looks = {key: (key, LISA[key]) for key in ("HH", "LL", "HL", "LH", "ns")}
    theme = categorical(provinces, kinds.drop("x"), looks, text=TEXT, legend_title="聚类")
    hubs = gpd.GeoSeries(
        gpd.points_from_xy([106.5, 114], [29.5, 40.5]), index=["甲", "乙"], crs=4326
    )
    rings = distance_lines(hubs, {"1 ms": 133.0, "5 ms": 667.0}, within=provinces.geometry)
    ring = LineOverlay(
        geometry=rings, colour="#b10026", dashed=True, label="时延", names=tuple(rings.index)
    )
    spec = national(theme, markers=(MarkerGroup(label="枢纽", points=hubs, named=True),))
    spec = MapSpec(**{f: getattr(spec, f) for f in spec.__slots__} | {"lines": (*spec.lines, ring)})
    compare(draw_map(provinces, spec), "clusters", tmp_path)


def test_square_and_sheet(provinces, national, scored, tmp_path):
    kinds = pd.Series([f"{i % 9}" for i in range(34)], index=provinces.index)
    looks = {f"{i}": (f"{i}", Category(colour=colour)) for i, colour in enumerate(BIVARIATE)}
    theme = categorical(provinces, kinds, looks, text=TEXT, legend_title="甲 × 乙")
    ranges = ("0.0 – 31.0", "31.1 – 62.5", "62.6 – 100.0")
    key = SquareKey(x="甲", y="乙", x_labels=ranges, y_labels=ranges)
    two = Theme(
        entries=theme.entries, membership=theme.membership, square=key, legend_title="甲 × 乙"
    )
    panels = (national(scored[0]), national(two))
    sheet = SheetSpec(panels=panels, title="两幅", subtitle="同一图框")
    compare(draw_sheet(provinces, sheet), "sheet", tmp_path)


def test_bars(tmp_path):
    values = pd.Series({"1 甲": 80.0, "2 乙": 60.0, "3 内蒙古自治区": -5.0})
    interval = pd.DataFrame({"low": [70.0, 55, -9], "high": [90.0, 65, 2]}, index=values.index)
    compare(draw_bars(values, text=WORDS, marked=["2 乙"], interval=interval), "bars", tmp_path)


def test_lines(tmp_path):
    years = [2016, 2018, 2020]
    series = {"东部": pd.Series([1.0, 2, 4], years), "西部": pd.Series([1.1, 1.9, 3.9], years)}
    band = pd.DataFrame({"low": [0.0, 1, 2], "high": [2.0, 4, 6]}, index=years)
    compare(draw_lines(series, text=WORDS, bands={"东部": band}), "lines", tmp_path)


def test_scatter(tmp_path):
    rng = np.random.default_rng(20241018)
    x = pd.Series(rng.normal(size=60), index=[f"u{i}" for i in range(60)])
    y = 0.5 * x + rng.normal(size=60) / 2
    names = {code: f"城{code}" for code in x.abs().nlargest(6).index}
    colours = pd.Series(np.where(x > 1, LISA["HH"].colour, LISA["ns"].colour), index=x.index)
    figure = draw_scatter(
        x, y, text=WORDS, colours=colours, labels=names, slope=0.5, cross=(0.0, 0.0)
    )
    compare(figure, "scatter", tmp_path)


def test_ranks_and_leaders(tmp_path):
    table = pd.DataFrame(
        {"rank": [1, 2, 3], "low": [1, 1, 2], "high": [2, 9, 3], "median": [1, 4, 3]},
        index=["甲", "乙", "内蒙古"],
    )
    compare(draw_ranks(table, text=WORDS, legend=("名次", "区间", "中位数")), "ranks", tmp_path)
    lists = {"算力": pd.Series({"1 甲": 9.0, "2 乙": 5.5}), "环境": pd.Series({"1 内蒙古": 7.0})}
    compare(draw_leaders(lists, text=WORDS), "leaders", tmp_path)


@pytest.mark.skipif(RENEW, reason="there is nothing to compare with")
def test_the_comparison_notices_a_class_recoloured_and_a_letter_lost(tmp_path):
    values = pd.Series({"1 甲": 80.0, "2 乙": 60.0, "3 内蒙古自治区": -5.0})
    interval = pd.DataFrame({"low": [70.0, 55, -9], "high": [90.0, 65, 2]}, index=values.index)
    with pytest.raises(AssertionError, match="pixels"):
        compare(draw_bars(values, text=WORDS, interval=interval), "bars", tmp_path)
    fewer = ChartText(title="标题", subtitle="副题", x="横轴", y="纵轴", notes=("来源：示例。",))
    marked = draw_bars(values, text=fewer, marked=["2 乙"], interval=interval)
    with pytest.raises(AssertionError, match="pixels"):
        compare(marked, "bars", tmp_path)
    taller = draw_bars(pd.concat([values, pd.Series({"4": 1.0})]), text=WORDS)
    with pytest.raises(AssertionError, match="size"):
        compare(taller, "bars", tmp_path)


def test_baselines_are_small_and_all_in_use():
    kept = sorted(GOLDEN.glob("*.png"))
    assert sum(path.stat().st_size for path in kept) < 1_500_000
    assert {path.stem for path in kept} == {
        "bars", "clusters", "leaders", "lines", "ranks", "scatter", "score", "sheet",
    }  # fmt: skip
