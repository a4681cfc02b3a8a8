"""Size and speed of a map page against stock folium, geopandas' explore and plotly.

All draw the same layer, the prefecture cities as shipped for pages, coloured by one made-up score
with name and score in the tooltip; ours is written twice, with that one layer, and as a run writes
it. Then each page is opened from disk in headless Chromium with the network cut, as on an office
PC without internet: what it asked for in vain, what it drew, and how long that took.

    python benchmarks/bench_pages.py             # medians of five
    python benchmarks/bench_pages.py --quick     # once, for continuous integration

A peer or a browser that is not installed is left out, and said to be.
"""

import argparse
import gzip
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from measuring import BOUNDARIES, importable, versions

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
# A unit smaller than a pixel is a dot: it has a path all the same, unlike one left out.
DRAWN = """() => [...document.querySelectorAll("path")]
  .filter((path) => /^M.*L/.test(path.getAttribute("d") || "")).length"""
# Two frames: the first has been painted when the second begins.
PAINTED = """() => new Promise((done) => requestAnimationFrame(() =>
  requestAnimationFrame(() => done(performance.now()))))"""
UNITS = 372


def cities():
    layer = gpd.read_file(BOUNDARIES / "city_web.geojson").set_index("code")
    values = pd.Series(np.random.default_rng(7).gamma(2, 12, len(layer)), index=layer.index)
    return layer[["name", "geometry"]].assign(score=values.round(2))


def ours(layer, path):
    from geo.cartography.classify import classify
    from geo.cartography.spec import MapText
    from geo.cartography.theme import graduated
    from geo.cartography.web import write_web_map
    from geo.cartography.web_spec import WebMapSpec, WebTheme

    text = MapText(lang="en", no_data="no data", not_evaluated="drawn only")
    theme = graduated(layer, layer["score"], classify(layer["score"]), text=text)
    rows = pd.DataFrame({"score": layer["score"].astype(str)})
    shown = WebTheme(key="score", title="Score", theme=theme, rows=rows, values=layer["score"])
    spec = WebMapSpec(title="Score", text=text, themes=(shown,), names=layer["name"])
    write_web_map(path, layer, spec)


def atlas(_, path):
    from suanli.publish.pages import write_pages
    from suanli.run.sample import sample_edition

    with tempfile.TemporaryDirectory() as folder:
        write_pages(sample_edition(), Path(folder))
        shutil.copy2(Path(folder) / "city.html", path)


def folium_page(layer, path):
    import folium

    frame = layer.reset_index()
    chart = folium.Map(location=(35, 105), zoom_start=4, tiles=None)
    folium.Choropleth(
        frame, data=frame, columns=["code", "score"], key_on="feature.properties.code"
    ).add_to(chart)
    tooltip = folium.GeoJsonTooltip(["name", "score"])
    folium.GeoJson(frame, tooltip=tooltip, style_function=lambda _: {"fillOpacity": 0}).add_to(
        chart
    )
    chart.save(path)


def explore_page(layer, path):
    layer.explore("score", scheme=None, tiles=None, tooltip=["name", "score"]).save(path)


def plotly_page(layer, path):
    import plotly.express as px

    figure = px.choropleth(
        layer,
        geojson=layer.geometry,
        locations=layer.index,
        color="score",
        hover_name="name",
        fitbounds="locations",
        basemap_visible=False,
    )
    figure.write_html(path, include_plotlyjs=True)


SIDES = {
    "this project, one layer": (ours, ("geo",)),
    "this project, page of a run": (atlas, ("suanli",)),
    "folium": (folium_page, ("folium",)),
    "geopandas.explore": (explore_page, ("folium", "mapclassify", "matplotlib")),
    "plotly": (plotly_page, ("plotly",)),
}


def written(write, layer, path, repeat):
    """Write some times; return the median of seconds after a first, cold call."""
    write(layer, path)
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        write(layer, path)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def browser_path():
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def opened(browser, path, repeat):
    """Open some times offline; return milliseconds, drawn units, vain requests, complaints."""
    times, asked, complaints, drawn = [], set(), [], 0
    for _ in range(repeat):
        context = browser.new_context(offline=True, viewport={"width": 1280, "height": 860})
        page = context.new_page()
        page.on("request", lambda r: asked.add(r.url) if r.url.startswith("http") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri(), wait_until="load")
        times.append(page.evaluate(PAINTED))
        drawn = page.evaluate(DRAWN)
        context.close()
    return statistics.median(times), drawn, len(asked), len(complaints) // repeat


def rows_of(layer, folder, options, browser):
    repeat = 1 if options.quick else options.repeat
    for name, (write, needs) in SIDES.items():
        absent = [package for package in needs if not importable(package)]
        if absent:
            print(f"{name} is left out: {', '.join(absent)} is not installed.")
            continue
        path = folder / f"{len(list(folder.iterdir()))}.html"
        seconds = written(write, layer, path, repeat)
        data = path.read_bytes()
        packed = len(gzip.compress(data, mtime=0))
        shown = opened(browser, path, repeat) if browser else None
        yield name, len(data), packed, seconds, shown


def table(rows):
    print("| page | kB | kB gzip | s to write | ms to paint | units | requests | errors |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, size, packed, seconds, shown in rows:
        cells = ("–",) * 4 if shown is None else (f"{shown[0]:.0f}", *map(str, shown[1:]))
        figures = (f"{size / 1e3:.0f}", f"{packed / 1e3:.0f}", f"{seconds:.2f}", *cells)
        print(f"| {name} | {' | '.join(figures)} |")


def checked(rows):
    """Our pages ask for nothing and draw everything; whatever the peers do."""
    for name, _, _, _, shown in rows:
        if name.startswith("this project") and shown is not None:
            _, drawn, requests, errors = shown
            if requests or errors or drawn < UNITS:
                sys.exit(f"{name}: {drawn} units drawn, {requests} requests, {errors} errors")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="once, for continuous integration")
    parser.add_argument("--repeat", type=int, default=5, help="times each page is made and opened")
    options = parser.parse_args()
    print(versions("folium", "geopandas", "plotly", "mapclassify", "playwright"))
    layer = cities()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not importable("playwright") or browser_path() is None:
            print("Pages are not opened: playwright or a Chromium is not installed.")
            table(rows_of(layer, folder, options, None))
            return
        from playwright.sync_api import sync_playwright

        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=browser_path(), args=FLAGS)
            rows = list(rows_of(layer, folder, options, browser))
            browser.close()
        table(rows)
        checked(rows)


if __name__ == "__main__":
    main()
