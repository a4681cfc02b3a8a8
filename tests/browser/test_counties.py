"""An atlas of some three thousand units: the country cut into pieces of the size of counties."""

import copy
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from suanli.evaluation.aggregate import aggregate
from suanli.evaluation.screen import sufficient
from suanli.publish.explorer import render_explorer
from suanli.publish.explorer_data import MOST_REACHED
from suanli.text import Text

ACROSS, DOWN = 3, 4
HOOK = "window.suanliExplorer"
BUSY = "document.body.classList.contains('testing')"


def cut(layer, codes):
    """A layer whose evaluated units are cut by a grid of their own; the rest stays."""
    rows, shapes, names = [], [], []
    for code, shape in layer.geometry.items():
        if code not in codes:
            rows.append(code)
            shapes.append(shape)
            names.append(code)
            continue
        west, south, east, north = shape.bounds
        wide, tall = (east - west) / ACROSS, (north - south) / DOWN
        boxes = [
            shapely.box(
                west + wide * x, south + tall * y, west + wide * (x + 1), south + tall * (y + 1)
            )
            for y in range(DOWN)
            for x in range(ACROSS)
        ]
        for at, piece in enumerate(shapely.intersection(shape, boxes)):
            parts = [part for part in shapely.get_parts(piece) if part.area > 0]
            if parts:
                rows.append(code)
                shapes.append(shapely.MultiPolygon(parts))
                names.append(f"{code[:4]}{at + 1:02d}")
    found = layer.loc[rows].copy()
    found.index = pd.Index(names, name=layer.index.name)
    return gpd.GeoDataFrame(found.assign(geometry=shapes), geometry="geometry", crs=layer.crs)


def spread(scores, codes):
    """Scores of the pieces: the indicators of their city, each a little different."""
    over = [f"{code[:4]}00" for code in codes]
    rng = np.random.default_rng(3)

    def grown(frame):
        return frame.loc[over].set_axis(pd.Index(codes, name="code"))

    indicators = grown(scores.indicators)
    indicators = indicators * (1 - 0.2 * rng.random(indicators.shape))
    stages = {**scores.stages, "derived": grown(scores.stages["derived"])}
    told = aggregate(indicators, scores.weights["local"], scores.spec)
    enough = sufficient(stages["derived"], scores.spec)
    nodes = told.where(enough[list(told.columns)])[list(scores.nodes.columns)]
    ranks = nodes.rank(method="min", ascending=False)
    return replace(scores, nodes=nodes, indicators=indicators, ranks=ranks, stages=stages)


@pytest.fixture(scope="module")
def page(atlas, tmp_path_factory):
    edition = atlas.result.edition
    layers, study = edition.boundaries, copy.copy(edition.study)
    known = set(study.city.nodes.index)
    web = cut(layers.city_web, known)
    codes = [code for code in web.index if f"{code[:4]}00" in known]
    full = cut(layers.city, known)
    both = [code for code in codes if code in full.index]
    keep = [code for code in web.index if code not in codes or code in both]
    for name in ("city", "city_tested"):
        vars(study)[name] = spread(getattr(edition.study, name), both)
    counties = replace(
        edition,
        study=study,
        boundaries=replace(layers, city=full.loc[keep], city_web=web.loc[keep]),
    )
    path = tmp_path_factory.mktemp("counties") / "explorer.html"
    path.write_text(render_explorer(counties, levels=["city"]), encoding="utf-8")
    return path, len(keep), len(both)


def settled(visit):
    for _ in range(400):
        visit.page.wait_for_timeout(50)
        if not visit.page.evaluate(BUSY):
            return
    raise AssertionError("the page computes for ever")


@pytest.mark.browser
def test_the_explorer_of_three_thousand_units_is_usable(open_page, faults, page):
    path, units, scored = page
    assert scored > 2_500
    assert path.stat().st_size < 2_500_000
    visit = open_page(path, viewport={"width": 1280, "height": 860})
    shown, text = visit.page, Text("zh")
    settled(visit)
    assert shown.locator("#map .units path").count() == units
    assert all(shown.eval_on_selector_all("#map .units path", "a => a.map(x => x.getBBox().width)"))
    assert int(shown.get_attribute("#ranking", "aria-rowcount")) == scored + 1
    # No more rows are drawn than are seen.
    assert shown.locator("#ranking .body [role=row]").count() < 60
    assert "I = " in shown.inner_text("#moran").replace("I=", "I = ")
    before = shown.eval_on_selector_all(
        "#map .units path", "a => a.map(x => x.getAttribute('fill'))"
    )
    slider = shown.locator("#sliders input:enabled").first
    slider.focus()
    for _ in range(3):
        shown.keyboard.press("PageUp")
    settled(visit)
    after = shown.eval_on_selector_all(
        "#map .units path", "a => a.map(x => x.getAttribute('fill'))"
    )
    assert sum(a != b for a, b in zip(before, after, strict=True)) > 100
    assert shown.is_visible("#banner")
    shown.fill("#query", "510101")
    shown.keyboard.press("Enter")
    shown.wait_for_timeout(120)
    assert "510101" in shown.inner_text("#chosen")
    assert text("explorer.reach_many", units=scored) in shown.inner_text("#chosen")
    assert scored > MOST_REACHED
    assert shown.locator("#chosen .move").count() >= 1
    with shown.expect_download() as waiting:
        shown.click("#csv")
    lines = waiting.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == scored + 1
    assert faults(shown) == []
    assert visit.quiet(), (visit.requests, visit.complaints)
