"""Maps and charts of an edition show the study, nothing else."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cartography.isolines import distance_lines
from geo.crs import geodesic_distance
from geo.errors import CartographyError
from suanli.analysis.spillover import MS_PER_KM
from suanli.publish import score_charts
from suanli.publish.mapping import Mapper, hub_markers
from suanli.publish.panel_themes import bivariate_theme, significance_theme, year_themes
from suanli.publish.plates import ranked_names, score_plate, spread, year_plate
from suanli.publish.score_charts import leaders_chart, moran_chart, ranks_chart
from suanli.publish.spatial_plates import ring_plate
from suanli.publish.themes import Classing, pattern_of, score_theme
from suanli.text import Text


@pytest.fixture(scope="module")
def edition(atlas):
    return atlas.result.edition


@pytest.fixture(scope="module")
def mapper(edition):
    return Mapper(edition)


# Moran scatter plot


@pytest.mark.parametrize("level", ["province", "city"])
def test_the_slope_of_the_scatter_is_moran(edition, level):
    pattern = pattern_of(edition, level)
    z, lag = pattern.scatter["z"], pattern.scatter["lag"]
    assert len(z) == pattern.moran.n
    assert z.mean() == pytest.approx(0, abs=1e-12)
    assert z.std(ddof=0) == pytest.approx(1)
    slope = np.polyfit(z, lag, 1)[0]
    assert slope == pytest.approx(pattern.moran.statistic, abs=1e-12)
    axes = moran_chart(edition, level).axes[0]
    drawn = next(line for line in axes.lines if getattr(line, "_slope", None) is not None)
    assert drawn._slope == pytest.approx(slope)
    assert len(axes.collections[0].get_offsets()) == pattern.moran.n


def test_the_scatter_states_p_and_what_was_tested(edition):
    said = " ".join(text.get_text() for text in moran_chart(edition, "city").texts)
    assert "999" in said
    assert "p = " in said
    assert "检验得分" in said
    assert "自证" in said


# Years


def test_years_share_their_classes(edition):
    themes = year_themes(edition, "index", [2016, 2023])
    first, last = ([entry.label for entry in theme.entries[:5]] for theme in themes.values())
    assert first == last
    colours = [[entry.colour for entry in theme.entries[:5]] for theme in themes.values()]
    assert colours[0] == colours[1]
    for year, theme in themes.items():
        values = edition.study.panel[year].nodes["index"]
        assert sum(entry.count for entry in theme.entries[:5]) == values.notna().sum()
        limits = [float(part) for label in first for part in label.split(" – ")]
        for code, value in values.items():
            place = theme.membership[code]
            assert limits[2 * place] - 0.06 <= value <= limits[2 * place + 1] + 0.06


def test_limits_do_not_hang_on_the_years_drawn(edition):
    one = year_themes(edition, "compute", [2020])[2020]
    many = year_themes(edition, "compute", [2016, 2020, 2023])[2020]
    assert one.entries == many.entries
    pd.testing.assert_series_equal(one.membership, many.membership)


def test_four_years_are_spread_over_the_panel(mapper):
    titles = [text.get_text() for text in year_plate(mapper, "index").texts]
    assert {"2016 年", "2018 年", "2021 年", "2023 年"} < set(titles)
    assert spread([2016, 2017], 4) == (2016, 2017)


# Two scores, evidence


def test_thirds_of_two_scores(edition):
    theme = bivariate_theme(edition, "province", "compute", "environment")
    counts = np.array([entry.count for entry in theme.entries[:9]]).reshape(3, 3)
    assert counts.sum() == 31
    assert counts.sum(axis=0).tolist() == counts.sum(axis=1).tolist() == [11, 10, 10]
    scores = edition.scores("province").nodes
    best = scores["compute"].idxmax()
    assert theme.membership[best] // 3 == 2
    assert theme.membership[scores["environment"].idxmin()] % 3 == 0
    assert theme.square.x == "算力"


def test_significance_is_that_of_the_clusters(edition):
    theme = significance_theme(edition, "city")
    local = pattern_of(edition, "city").local.set_index("code")
    names = [entry.label for entry in theme.entries]
    for code, row in local.iterrows():
        label = names[theme.membership[code]]
        if row["cluster"] == "isolate":
            assert label == "无邻居"
        else:
            assert (label == "p > 0.05") == (row["p_fdr"] > 0.05) == (row["cluster"] == "ns")


# Rings and latency


def test_latency_lines_lie_where_the_nearest_hub_is_so_far(edition):
    hubs = hub_markers(edition).points.to_crs(4326)
    land = edition.boundaries.province_web.geometry
    lines = distance_lines(hubs, {"1": 1 / MS_PER_KM, "5": 5 / MS_PER_KM}, within=land)
    country = shapely.union_all(land.to_crs(lines.crs).to_numpy()).boundary
    for name, line in lines.items():
        points = gpd.GeoSeries(shapely.points(shapely.get_coordinates(line)), crs=lines.crs)
        inside = points[shapely.distance(points.to_numpy(), country) > 1000].to_crs(4326)
        assert len(inside) > 100
        km = geodesic_distance(inside.x, inside.y, hubs.x, hubs.y).min(axis=1)
        np.testing.assert_allclose(km * MS_PER_KM, float(name), rtol=4e-4)


@pytest.mark.parametrize("km", [0.0, -1.0, np.nan, np.inf])
def test_a_distance_that_is_none_is_refused(edition, km):
    hubs = hub_markers(edition).points
    with pytest.raises(CartographyError) as caught:
        distance_lines(hubs, {"x": km}, within=edition.boundaries.province_web.geometry)
    assert caught.value.code == "cartography.radius"


def test_ring_map_says_how_latency_was_reckoned(mapper):
    figure = ring_plate(mapper)
    said = "".join(text.get_text() for text in figure.texts)
    assert "× 1.5" in said
    assert "133 km" in said
    names = [text.get_text() for text in figure.axes[0].texts]
    assert {"1 ms", "2 ms", "5 ms", "10 ms"} < set(names)


# Classes, leaders, ranks


@pytest.mark.parametrize(
    ("classing", "k"),
    [
        (Classing(scheme="quantiles", k=4), 4),
        (Classing(scheme="box_map", palette="BuRd"), 6),
        (Classing(scheme="user", breaks=(30.0, 60.0)), 3),
    ],
)
def test_classes_are_named_and_counted(edition, classing, k):
    theme = score_theme(edition, "province", "index", classing=classing)
    assert sum(entry.count for entry in theme.entries[:k]) == 31
    assert theme.scheme
    if classing.scheme == "box_map":
        assert [entry.label.split()[0] for entry in theme.entries[:6]][-1] == "下端离群"


def test_equal_scores_share_a_rank(edition):
    node = edition.nodes("city")[-1]
    scores = edition.scores("city").nodes[node]
    tied = int((scores == scores.max()).sum())
    assert tied > 10
    best, names = ranked_names(edition, "city", scores, 10)
    assert len(best) == 10
    assert all(name.startswith("1 ") for name in names)
    said = [text.get_text() for text in leaders_chart(edition, "city").texts]
    assert any(f"{tied} 个单元并列" in line for line in said)
    assert not any("并列" in text.get_text() for text in leaders_chart(edition, "province").texts)


@pytest.mark.parametrize(("level", "shown"), [("province", 31), ("city", 40)])
def test_rank_plot_repeats_the_intervals(edition, level, shown):
    axes = ranks_chart(edition, level).axes[0]
    table = edition.ranks(level).of("index").sort_values("rank", kind="stable").head(shown)
    bars = axes.collections[0].get_segments()
    assert [bar[:, 0].tolist() for bar in bars] == table[["low", "high"]].to_numpy().tolist()
    ranks = axes.lines[1].get_xdata()
    assert list(ranks) == table["rank"].to_list()
    labels = [label.get_text().split()[-1] for label in axes.get_yticklabels()]
    names = edition.unit_names(level, short=True)
    assert labels == names.reindex(table.index).to_list()


def test_score_map_of_a_year_uses_that_year(mapper, monkeypatch):
    seen = {}
    draw = Mapper.draw

    def spy(self, level, spec):
        seen["spec"] = spec
        return draw(self, level, spec)

    monkeypatch.setattr(Mapper, "draw", spy)
    score_plate(mapper, "province", "index", year=2016)
    panel = mapper.edition.study.panel[2016].nodes["index"]
    assert next(iter(seen["spec"].labels)) == panel.idxmax()
    assert "2016" in seen["spec"].subtitle


# Names, law


def test_hostile_unit_names_are_drawn_as_text(edition):
    payload = "<script>alert(1)</script>${x} $\\frac{1}{2}$"
    layer = edition.boundaries.province
    layer = layer.assign(short_name=payload, name=payload)
    hostile = replace(edition, boundaries=replace(edition.boundaries, province=layer))
    figure = ranks_chart(hostile, "province")
    assert figure.axes[0].get_yticklabels()[0].get_text().endswith(payload.rsplit(maxsplit=1)[-1])
    assert len(score_plate(Mapper(hostile), "province", "index").axes) == 1


def test_every_map_says_where_its_borders_are_from(edition):
    bare = replace(edition, text=Text("en"))
    spec = Mapper(bare).spec("province", score_theme(bare, "province", "index"), title="x")
    assert spec.imprint[0].startswith("Boundaries")
    assert "without approval number" in spec.imprint[-1]
    numbered = Mapper(replace(bare, approval_number="GS(2024)1"), dated="2024-10")
    lines = numbered.spec("city", score_theme(bare, "city", "index"), title="x").imprint
    assert lines[1:] == ("Map date: 2024-10", "Map approval number: GS(2024)1")


def test_a_country_without_taiwan_is_not_drawn(edition):
    layer = edition.boundaries.province.drop("710000")
    without = replace(edition, boundaries=replace(edition.boundaries, province=layer))
    with pytest.raises(CartographyError) as caught:
        score_plate(Mapper(without), "province", "index")
    assert caught.value.code == "cartography.required_missing"


def test_a_country_without_its_dashes_is_not_drawn(edition):
    lines = edition.boundaries.lines
    lines = lines[lines["kind"] != "dash_line"]
    without = replace(edition, boundaries=replace(edition.boundaries, lines=lines))
    with pytest.raises(CartographyError) as caught:
        score_plate(Mapper(without), "province", "index")
    assert caught.value.code == "cartography.no_line"


def test_charts_of_leaders_name_no_institute_as_author(edition):
    """In the form of the published report, with the note whose figures these are."""
    for figure in (leaders_chart(edition, "province"), score_charts.top_chart(edition, "province")):
        assert any("不是中国信通院" in text.get_text() for text in figure.texts)
