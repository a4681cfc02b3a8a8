"""The weight explorer: from slider to picture, and tests when the hand rests.

The page of 337 cities is opened in headless Chromium. Sliders of the dimensions move through
steps; per step are taken, on the clock of the page,

- work: what the page does for it: the handler, scoring, ranking, Fisher-Jenks, the map, table,
  panel and charts, style, layout and paint on the main thread of the browser;
- work on the CPU: the same per step in CPU time of the main thread, which what else the machine
  does hardly changes; all frames between the steps are in it;
- painted: from the event to the task after the frame that shows it, which adds the wait for the
  next frame of the screen (60 per second), 0 to 17 ms; events come at any moment;
- dragged: the same for a slider dragged by the mouse, from when the page is given the event; the
  browser itself holds moves of a pointer back until a frame begins, as any page under a hand sees;
- tested: from the last event to the end of local and global Moran, the wait of 90 ms for the
  hand to rest included.

Beside it the engine does the same for the same weights: ``aggregate``, ``rank`` and ``classify``,
without drawing anything; and ``local_moran`` and ``global_moran`` on the same draws. A map drawn
anew by the product's offline page (``render_web_map``) is the stock way of showing other weights.

    python benchmarks/bench_explorer.py            # about half a minute
    python benchmarks/bench_explorer.py --quick    # some seconds, for integration
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from measuring import line, versions

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STEPS = """async (count) => {
  const inputs = [...document.querySelectorAll("#sliders .branch.top > .weight input")];
  const after = () => new Promise((done) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(0);
  });
  const frame = () => new Promise((done) => requestAnimationFrame(() => done(performance.now())));
  const work = [], painted = [];
  await frame();
  for (let step = 0; step < count; step++) {
    const input = inputs[step % inputs.length];
    // A hand moves at any moment of a frame.
    await new Promise((done) => setTimeout(done, (step * 7) % 23));
    const begun = performance.now();
    let started = 0;
    // Asked for before the page asks: runs first in the same frame.
    requestAnimationFrame(() => { started = performance.now(); });
    input.value = 5 + ((step * 37) % 90);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    const handled = performance.now();
    await frame();
    document.body.getBoundingClientRect();
    const ended = await after();
    work.push(handled - begun + ended - started);
    painted.push(ended - begun);
  }
  return { work, painted };
}"""
WATCH = """() => {
  const found = window.dragged = [];
  addEventListener("input", () => {
    const begun = performance.now(), channel = new MessageChannel();
    channel.port1.onmessage = () => found.push(performance.now() - begun);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, { capture: true });
}"""
TESTED = """async (count) => {
  const input = document.querySelector("#sliders input"), times = [];
  for (let step = 0; step < count; step++) {
    const begun = performance.now();
    input.value = 10 + ((step * 31) % 70);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    do await new Promise((done) => setTimeout(done, 4));
    while (document.body.classList.contains("testing"));
    times.push(performance.now() - begun);
  }
  return times;
}"""


def chromium():
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def edition_of_few():
    from suanli.run import RunConfig
    from suanli.run.inputs import load_inputs, study_of
    from suanli.run.whole import edition_of

    config = RunConfig(permutations=999, redraws=99, replicates=99, lang="en")
    inputs = load_inputs(config)
    study = study_of(inputs, config, stages=("scores", "robustness"))
    return edition_of(inputs, study, config)


def in_browser(page, steps, tests):
    """Return milliseconds of the page: work, painted, tested."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        view = browser.new_page(viewport={"width": 1280, "height": 860})
        view.goto(f"{page.as_uri()}#l=city&u=110000")
        view.wait_for_timeout(2500)
        assert not view.evaluate("document.body.classList.contains('testing')")
        view.evaluate(STEPS, 8)  # warm, as a page in use is
        session = view.context.new_cdp_session(view)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        begun = busy(session)
        told = view.evaluate(STEPS, steps)
        told["work on the CPU, mean"] = [(busy(session) - begun) / steps]
        told["dragged"] = dragged(view, steps)
        told["tested"] = view.evaluate(TESTED, tests)
        browser.close()
    return told


def dragged(view, steps):
    """Return milliseconds from the moves of a mouse that drags a slider to their frames."""
    view.evaluate(WATCH)
    box = view.locator("#sliders .branch.top > .weight input").first.bounding_box()
    level = box["y"] + box["height"] / 2
    view.mouse.move(box["x"] + box["width"] / 2, level)
    view.mouse.down()
    for step in range(steps):
        view.mouse.move(box["x"] + box["width"] * (0.05 + 0.009 * ((step * 7) % 100)), level)
        view.wait_for_timeout((step * 7) % 23)
    view.mouse.up()
    view.wait_for_timeout(300)
    return view.evaluate("window.dragged")


def busy(session):
    """Return the milliseconds of CPU that the page's main thread has used."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(item["value"] for item in metrics if item["name"] == "TaskDuration")


def timed(call, times):
    took = []
    for step in range(times):
        start = time.perf_counter()
        call(step)
        took.append(1000 * (time.perf_counter() - start))
    return took


def in_engine(edition, times):
    """Return milliseconds of the engine: score, rank and class; the tests; a page drawn anew."""
    from geo.cartography.classify import classify
    from geo.statistics import global_moran, local_moran
    from geo.weights import build_contiguity, row_standardise
    from suanli.analysis.spatial import bridge_pairs, scored_layer
    from suanli.boundaries import load_bridges
    from suanli.evaluation.aggregate import aggregate
    from suanli.publish.explorer_data import DRAWS, page_chance
    from suanli.publish.pages import write_pages

    scores = edition.study.city
    rng = np.random.default_rng(1)
    siblings = list(scores.spec.children("index"))
    drawn = [dict(zip(siblings, rng.dirichlet(np.ones(len(siblings))), strict=True))
             for _ in range(times)]  # fmt: skip

    def again(step):
        local = scores.weights["local"].where(
            ~scores.weights.index.isin(siblings), pd.Series(drawn[step])
        )
        told = aggregate(scores.indicators, local, scores.spec)
        told["index"].rank(method="min", ascending=False)
        classify(told["index"], k=5)

    values, polygons = scored_layer(edition.study.city_tested.index, edition.boundaries.city)
    bridges = bridge_pairs(polygons, load_bridges("city"))
    graph = row_standardise(build_contiguity(polygons, bridges=bridges, islands="keep"))

    def tests(_):
        local_moran(values, graph, permutations=DRAWS[1], rng=page_chance(1, "local"))
        global_moran(values, graph, permutations=DRAWS[0], rng=page_chance(1, "global"))

    def pages(_):
        with tempfile.TemporaryDirectory() as folder:
            write_pages(edition, Path(folder))

    return {
        "score, rank, class": timed(again, times),
        "tests": timed(tests, max(2, times // 10)),
        "the four map pages written anew": timed(pages, 2),
    }


def figures(name, took):
    ordered = sorted(took)
    at = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    cells = [
        name,
        str(len(took)),
        *(f"{x:.1f}" for x in (statistics.median(took), at, ordered[-1])),
    ]
    return line(cells)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few steps")
    options = parser.parse_args()
    steps, tests, times = (20, 2, 5) if options.quick else (300, 20, 50)
    print(versions("numpy", "pandas", "playwright"))
    edition = edition_of_few()
    print(line(["337 cities, milliseconds", "times", "median", "p95", "most"]))
    print(line(["---"] * 5))
    for name, took in in_engine(edition, times).items():
        print(figures(f"engine: {name}", took))
    if chromium() is None:
        print("no Chromium: no figures of the page")
        return
    from suanli.publish.explorer import write_explorer

    with tempfile.TemporaryDirectory() as folder:
        page = write_explorer(edition, Path(folder))
        for name, took in in_browser(page, steps, tests).items():
            print(figures(f"page: {name}", took))


if __name__ == "__main__":
    main()
