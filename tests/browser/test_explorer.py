"""The weight explorer as a planner uses it, and held to the engine of the product.

What the page computes is computed again by ``suanli.evaluation`` and ``geo.statistics``: scores,
ranks, classes, tests with the same draws.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from geo.cartography.classify import classify
from geo.export.table import write_csv
from geo.statistics import global_moran, local_moran
from geo.weights import build_contiguity, row_standardise
from suanli.analysis.spatial import bridge_pairs, scored_layer
from suanli.boundaries import load_bridges
from suanli.evaluation.aggregate import aggregate
from suanli.evaluation.screen import sufficient
from suanli.profile import replace_spec
from suanli.publish import explorer_data
from suanli.publish.explorer import render_explorer
from suanli.publish.explorer_data import page_chance
from suanli.text import Text

LEVELS = ("province", "city")
HOOK = "window.suanliExplorer"
BUSY = "document.body.classList.contains('testing')"


@pytest.fixture(scope="module")
def pages(atlas, english):
    """The page of the shared run, and the same told in English."""
    return {"zh": atlas.path / "maps" / "explorer.html", "en": english / "explorer.html"}


def scores_of(edition, level, *, tested=False):
    study = edition.study
    name = f"{level}_tested" if tested else level
    return getattr(study, name)


def settled(visit):
    # Waiting for a function would evaluate a string, which the page forbids.
    for _ in range(400):
        visit.page.wait_for_timeout(50)
        if not visit.page.evaluate(BUSY):
            return
    raise AssertionError("the page computes for ever")


def enter(visit, fragment):
    visit.page.evaluate(
        """text => new Promise((done) => {
          if (location.hash === `#${text}`) done();
          addEventListener("hashchange", () => done(), { once: true });
          location.hash = text;
        })""",
        fragment,
    )
    settled(visit)


def drawn_weights(spec, rng):
    """Local weights anywhere on the simplex, some of them 0."""
    local = {}
    for node in spec.bottom_up():
        children = spec.children(node)
        shares = rng.dirichlet(np.full(len(children), 0.7))
        if len(children) > 2 and rng.random() < 0.3:
            shares[rng.integers(len(children))] = 0.0
            shares /= shares.sum()
        local |= dict(zip(children, shares.tolist(), strict=True))
    return pd.Series(local)


@lru_cache
def withheld(scores):
    """Which scores the data suffice for; weights do not matter."""
    return sufficient(scores.stages["derived"], scores.spec)


def engine(scores, local):
    """Score as the product does from normalised indicators on."""
    told = aggregate(scores.indicators, local, scores.spec)
    enough = withheld(scores)
    return told.where(enough[list(told.columns)]).sort_index()


SCORE = """([level, weights, tested]) => {
  const x = window.suanliExplorer, state = x.app.levels.get(level);
  const tree = tested ? state.tested : state.tree;
  return weights.map((given) => {
    const local = tree.base.map((base, at) => given[tree.nodes[at].id] ?? base);
    const scores = x.evaluate(tree, local);
    return Object.fromEntries(tree.nodes.flatMap((node, at) => (node.children.length
      ? [[node.id, { scores: Array.from(scores[at], (v) => (v === v ? v : null)),
          ranks: Array.from(x.ranks(scores[at], state.told.ties), (v) => (v === v ? v : null)),
          breaks: x.fisherJenks(scores[at], 5) }]] : [])));
  });
}"""


@pytest.mark.browser
@pytest.mark.parametrize("tested", [False, True])
@pytest.mark.parametrize("level", LEVELS)
def test_page_and_engine_agree_on_scores_ranks_and_classes(open_page, atlas, pages, level, tested):
    scores = scores_of(atlas.result.edition, level, tested=tested)
    rng = np.random.default_rng(20)
    weights = [drawn_weights(scores.spec, rng) for _ in range(200)]
    visit = open_page(pages["zh"])
    found = visit.page.evaluate(SCORE, [level, [w.to_dict() for w in weights], tested])
    ties = 0
    for at, (local, page) in enumerate(zip(weights, found, strict=True)):
        expected = engine(scores, local)
        ranks = expected.rank(method=scores.spec.method.ties, ascending=False)
        for node, told in page.items():
            values = np.array(told["scores"], dtype=float)
            np.testing.assert_allclose(values, expected[node], rtol=0, atol=1e-9)
            np.testing.assert_array_equal(np.array(told["ranks"], dtype=float), ranks[node])
            ties += int(ranks[node].dropna().duplicated().sum())
            if at < 10 or (node == "index" and at % 5 == 0):
                classes = classify(expected[node], k=5)
                np.testing.assert_allclose(told["breaks"], classes.breaks, rtol=0, atol=1e-9)
    assert ties or tested or level == "province"
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_classes_of_odd_values_are_the_engines(open_page, pages):
    """What the page leaves out of its search must not be where the least is: ties above all."""
    rng = np.random.default_rng(22)
    series = [
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        [0.0] * 40 + [1.0] * 3 + list(range(2, 30)),
        rng.integers(0, 40, 300).astype(float).tolist(),
        np.round(rng.normal(50, 12, 500), 1).tolist(),
        rng.gamma(0.3, 100, 400).tolist(),
        (1e6 + rng.random(200)).tolist(),
        np.concatenate([rng.normal(10, 0.01, 150), rng.normal(90, 0.01, 3)]).tolist(),
        [*np.linspace(0, 100, 97), 1e7],
    ]
    found = open_page(pages["zh"]).page.evaluate(
        f"series => series.map((values) => {HOOK}.fisherJenks(Float64Array.from(values), 5))",
        series,
    )
    for values, breaks in zip(series, found, strict=True):
        assert breaks == list(classify(pd.Series(values), k=5).breaks)


def test_missing_values_are_among_what_is_compared(atlas):
    scores = atlas.result.edition.study.city
    assert scores.indicators.isna().to_numpy().any()
    assert scores.nodes.isna().to_numpy().any()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("method", "scale"),
    [
        ({"aggregate": "geometric"}, {"lower": 1.0}),
        ({"aggregate": "harmonic"}, {"lower": 1.0}),
        ({"aggregate": "power", "power": 0.5}, {}),
        ({"aggregate": "power", "power": 0.0}, {"lower": 1.0}),
        ({"aggregate": "ampi"}, {"lower": 70.0, "upper": 130.0}),
        ({"aggregate": "ampi", "penalty": "plus"}, {"lower": 70.0, "upper": 130.0}),
        ({"aggregate": "topsis"}, {}),
        ({"aggregate": "copeland"}, {}),
        ({"aggregate": "arithmetic", "ties": "dense", "normalise": "rank"}, {}),
        ({"aggregate": "arithmetic", "ties": "average", "normalise": "borda"}, {}),
    ],
    ids=lambda value: "-".join(map(str, value.values())) or "as-it-is",
)
def test_every_aggregation_agrees(open_page, atlas, tmp_path, monkeypatch, method, scale):
    # Best and worst ranks are not what is looked at, and take seconds.
    monkeypatch.setattr(explorer_data, "reach_data", lambda *_, **__: None)
    edition = variant(atlas, "city", method | scale)
    scores = edition.study.city
    rng = np.random.default_rng(21)
    weights = [drawn_weights(scores.spec, rng) for _ in range(20)]
    page = tmp_path / "explorer.html"
    page.write_text(render_explorer(edition, levels=["city"]), encoding="utf-8")
    visit = open_page(page)
    assert visit.page.is_hidden("#obstacle")
    for local, told in zip(
        weights,
        visit.page.evaluate(SCORE, ["city", [w.to_dict() for w in weights], False]),
        strict=True,
    ):
        expected = engine(scores, local)
        ranks = expected.rank(method=scores.spec.method.ties, ascending=False)
        for node, part in told.items():
            values = np.array(part["scores"], dtype=float)
            np.testing.assert_allclose(values, expected[node], rtol=1e-12, atol=1e-9)
            np.testing.assert_array_equal(np.array(part["ranks"], dtype=float), ranks[node])
    assert visit.quiet(), visit.complaints


def variant(atlas, level, method, **changes):
    """The edition with one level evaluated by a changed profile; nothing else is computed."""
    edition = atlas.result.edition
    study = edition.study
    place = LEVELS.index(level)
    specs = list(study.specs)
    specs[place] = replace_spec(specs[place], method=method, **changes)
    fresh = replace(study, specs=tuple(specs), settings=replace(study.settings, replicates=20))
    # Replicates of every choice are not what is looked at here.
    vars(fresh)[f"{level}_ranks"] = getattr(study, f"{level}_ranks")
    return replace(edition, study=fresh)


LISA = """() => {
  const { level } = window.suanliExplorer.app, { test } = level;
  const codes = level.told.tree.codes, rows = test.linked.units;
  return { codes: rows.map((row) => codes[row]),
    values: Array.from(rows, (row) => test.values[row]),
    cluster: test.local.cluster, p: Array.from(test.local.p),
    adjusted: Array.from(test.local.adjusted),
    statistic: Array.from(test.local.statistic), whole: test.whole,
    local: Object.fromEntries(level.tree.nodes.map((node, at) => [node.id, level.local[at]])),
    draws: level.told.test.draws, orders: level.told.test.orders };
}"""


@pytest.mark.browser
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "moved",
    ["", "&w=index.{a}", "&w=index.{b}"],
    ids=["profile", "moved", "far"],
)
def test_clusters_are_those_of_the_engine_on_the_same_draws(open_page, atlas, pages, level, moved):
    edition = atlas.result.edition
    tested = scores_of(edition, level, tested=True)
    visit = open_page(pages["zh"])
    enter(visit, f"l={level}{moved.format(a='1000.2000.3000.4000', b='100.100.100.9700')}")
    told = visit.page.evaluate(LISA)
    seed, alpha = edition.study.settings.seed, edition.study.settings.alpha
    local = tested.weights["local"]
    if moved:
        # The stated weights of what is tested, by the ratio their siblings were changed by.
        base = scores_of(edition, level).weights["local"]
        changed = pd.Series(told["local"])
        local = local * (changed / base).reindex(local.index)
    expected = engine(tested, local)["index"]
    given = pd.Series(told["values"], index=told["codes"])
    np.testing.assert_allclose(given, expected[told["codes"]], rtol=0, atol=1e-9)
    scores, polygons = scored_layer(expected, edition.boundaries.layer(level))
    pairs = bridge_pairs(polygons, load_bridges(level))
    graph = row_standardise(build_contiguity(polygons, bridges=pairs, islands="keep"))
    values = given.reindex(scores.index).fillna(scores)
    table = local_moran(
        values,
        graph,
        permutations=told["draws"],
        alpha=alpha,
        rng=page_chance(seed, f"{level}.local"),
    ).loc[told["codes"]]
    assert table["cluster"].to_list() == told["cluster"]
    np.testing.assert_array_equal(table["p"], told["p"])
    np.testing.assert_allclose(table["p_fdr"], told["adjusted"], rtol=1e-12)
    np.testing.assert_allclose(table["statistic"], told["statistic"], rtol=1e-9, atol=1e-9)
    rng = page_chance(seed, f"{level}.global")
    whole = global_moran(values, graph, permutations=told["orders"], rng=rng)
    assert whole.p_permutation == told["whole"]["p"]
    np.testing.assert_allclose(whole.statistic, told["whole"]["statistic"], rtol=1e-12)
    np.testing.assert_allclose(whole.variance, told["whole"]["variance"], rtol=1e-10)
    if level == "city" and not moved:
        assert set(told["cluster"]) > {"ns"}
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_draws_are_numpys(open_page, pages):
    """Also where few units make the engine shuffle whole rows."""
    page = open_page(pages["zh"]).page
    from geo.statistics.conditional import draw_tuples
    from geo.statistics.shuffling import permuted

    for n, width, size in ((337, 11, 500), (12, 9, 300), (5, 5, 40)):
        bit = np.random.SFC64(7)
        words = bit.state["state"]["state"].tolist()
        state = [part for word in words for part in (word & 0xFFFFFFFF, word >> 32)]
        given = page.evaluate(
            f"([n, w, s, state]) => {HOOK}.drawTuples(n, w, s, {HOOK}.sfc64(state))"
            ".map((row) => Array.from(row))",
            [n, width, size, state],
        )
        expected = draw_tuples(n, width, size, rng=np.random.Generator(bit))
        np.testing.assert_array_equal(np.array(given), expected)
        given = page.evaluate(
            f"([n, s, state]) => {{ const d = {HOOK}.drawOrders(n, s, {HOOK}.sfc64(state));"
            " let step = d.next(); while (!step.done) step = d.next();"
            " return Array.from(step.value); }",
            [n, size, state],
        )
        rng = np.random.Generator(np.random.SFC64(7))
        expected = np.vstack(list(permuted(np.arange(float(n)), size, rng=rng)))
        np.testing.assert_array_equal(np.array(given).reshape(size, n), expected)


@pytest.mark.browser
@pytest.mark.parametrize("level", LEVELS)
def test_best_and_worst_ranks_are_reached_by_the_weights_given(open_page, pages, level):
    visit = open_page(pages["zh"])
    enter(visit, f"l={level}")
    missed = visit.page.evaluate(
        """() => {
          const { level } = window.suanliExplorer.app, missed = [];
          level.told.reach.rows.forEach((found, row) => [0, 1].forEach((side) => {
            if (!found) return;
            level.extreme(row, side);
            const values = level.values, rank = 1 + values.filter((v) => v > values[row]).length;
            if (rank !== found[side]) missed.push([row, side, found[side], rank]);
            if (!level.admissible) missed.push([row, side, "beyond"]);
          }));
          return missed;
        }"""
    )
    assert missed == []


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1280, 860), (1920, 1080), (390, 844)])
def test_quiet_sealed_and_nothing_cut_off(open_page, pages, lang, size):
    wide, tall = size
    visit = open_page(pages[lang], viewport={"width": wide, "height": tall})
    page, text = visit.page, Text(lang)
    settled(visit)
    policy = page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    assert page.locator("#map .units path").count() == 34
    assert page.locator("#inset use").count() >= 3
    assert page.locator("#map .lines path").count() >= 1
    said = page.inner_text("#below-map")
    assert text("maps.no_approval") in said
    assert page.is_hidden("#banner")
    label = page.locator("#legend-entries button").first
    box = label.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= wide
    visit.page.click("#levels button:nth-child(2)")
    settled(visit)
    assert page.locator("#map .units path").count() == 372
    assert all(page.eval_on_selector_all("#map .units path", "a => a.map(x => x.getBBox().width)"))
    assert visit.quiet(), (visit.requests, visit.complaints)


def test_no_larger_than_promised(pages):
    for page in pages.values():
        html = page.read_text(encoding="utf-8")
        font = re.search(r"<style>@font-face.*?</style>", html, re.DOTALL).group(0)
        assert len(html.encode()) - len(font.encode()) <= 500_000


def test_equal_input_gives_equal_bytes(atlas, pages):
    assert render_explorer(atlas.result.edition) == pages["zh"].read_text(encoding="utf-8")


@pytest.mark.browser
def test_a_slider_moves_ranks_classes_the_banner_and_the_address(open_page, atlas, pages):
    text = Text("zh")
    visit = open_page(pages["zh"])
    page = visit.page
    enter(visit, "l=city&u=110000")
    before = page.eval_on_selector_all(
        "#map .units path", "a => a.map(x => x.getAttribute('fill'))"
    )
    slider = page.locator("#sliders input").first
    slider.focus()
    for _ in range(3):
        page.keyboard.press("PageUp")
    settled(visit)
    assert page.inner_text("#banner").startswith(text("explorer.explored"))
    share = float(slider.input_value()) / 100
    scores = atlas.result.edition.study.city
    base = scores.weights["local"]
    siblings = list(scores.spec.children("index"))
    now = page.evaluate(
        f"() => {{ const l = {HOOK}.app.level; return Object.fromEntries("
        "l.tree.nodes.map((n, at) => [n.id, l.local[at]])); }"
    )
    assert now["demand"] == pytest.approx(share, abs=1e-4)
    assert sum(now[node] for node in siblings) == pytest.approx(1, abs=1e-12)
    rest = [now[node] / base[node] for node in siblings if node != "demand"]
    assert max(rest) - min(rest) < 2e-3
    expected = engine(scores, base.where(~base.index.isin(siblings), pd.Series(now)))
    rank = expected["index"].rank(method="min", ascending=False)
    assert page.inner_text("#chosen .place strong") == str(int(rank["110000"]))
    after = page.eval_on_selector_all("#map .units path", "a => a.map(x => x.getAttribute('fill'))")
    assert sum(a != b for a, b in zip(before, after, strict=True)) > 10
    assert f"北京市，城市算力，名次 {int(rank['110000'])}" in page.text_content("#live")
    address = page.evaluate("location.hash")
    assert "w=index." in address
    page.click("#back")
    settled(visit)
    assert page.is_hidden("#banner")
    assert "w=" not in page.evaluate("location.hash")
    again = page.eval_on_selector_all("#map .units path", "a => a.map(x => x.getAttribute('fill'))")
    assert again == before
    # Another window opens with the same state.
    other = open_page(pages["zh"])
    enter(other, address)
    assert other.page.inner_text("#chosen h2") == "北京市"
    assert other.page.is_visible("#banner")
    assert other.page.evaluate(f"Array.from({HOOK}.app.level.local)") == [
        now[node] for node in other.page.evaluate(f"{HOOK}.app.level.tree.nodes.map((n) => n.id)")
    ]
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_states_that_do_not_fit_are_ignored_and_said(open_page, pages):
    visit = open_page(pages["zh"], fragment="#l=nowhere")
    for fragment in (
        "l=nowhere",
        "n=<img src=x onerror=alert(1)>&u=999999",
        "w=index.1.2",
        "w=index.NaN.1.1.1,nothing.1.2",
        "w=index.-1.1.1.1&v=constructor",
        "%E0%A4%A&l=%zz",
        "w=index.0.0.0.0",
        "n=__proto__&l=__proto__",
    ):
        for sound in ("l=city", "l=province"):
            enter(visit, sound)
            assert visit.page.is_hidden("#unfit"), fragment
        enter(visit, fragment)
        assert visit.page.locator("#map .units path").count() == 34, fragment
        assert visit.page.is_hidden("#banner"), fragment
        assert visit.page.inner_text("#unfit") == Text("zh")("explorer.state_unfit"), fragment
    assert visit.quiet(), (visit.requests, visit.complaints)


@pytest.mark.browser
def test_by_keyboard_alone(open_page, pages):
    visit = open_page(pages["zh"])
    page = visit.page
    settled(visit)
    page.focus("#query")
    page.keyboard.type("suzhou")
    assert page.locator("#hits li").count() >= 1 or page.locator("#hits .none").count() == 1
    enter(visit, "l=city")
    for asked, name in (("suzhou", "苏州市"), ("苏州", "苏州市"), ("320500", "苏州市")):
        page.fill("#query", "")
        page.focus("#query")
        page.keyboard.type(asked)
        options = page.locator("#hits li").all_inner_texts()
        steps = next(at for at, said in enumerate(options) if name in said)
        for _ in range(steps):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.inner_text("#chosen h2") == name
    page.locator("#live").filter(has_text="苏州市").wait_for(state="attached")
    page.focus("#ranking")
    page.keyboard.press("Home")
    page.wait_for_timeout(80)
    first = page.inner_text("#chosen h2")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(80)
    assert page.inner_text("#chosen .place strong") == "2"
    assert page.inner_text("#chosen h2") != first
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_the_map_and_legend_by_keyboard(open_page, pages):
    visit = open_page(pages["zh"])
    page = visit.page
    enter(visit, "l=city&u=320500")
    page.focus("#map")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(80)
    assert page.inner_text("#chosen h2") != "苏州市"
    page.keyboard.press("+")
    assert page.locator("#map.near").count() == 1
    page.keyboard.press("0")
    assert page.locator("#map.near").count() == 0
    entry = page.locator("#legend-entries button").first
    entry.focus()
    page.keyboard.press("Enter")
    assert page.locator("#legend-entries button").first.get_attribute("aria-pressed") == "true"
    page.keyboard.press("Escape")
    assert page.is_hidden("#unbrush")
    # Nothing to press or move is without a name.
    nameless = page.evaluate(
        "[...document.querySelectorAll('button,input,select,canvas')].filter((x) => !x.hidden"
        " && !(x.textContent.trim() || x.getAttribute('aria-label') || x.labels?.length"
        " || x.placeholder)).map((x) => x.outerHTML.slice(0, 80))"
    )
    assert nameless == []
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_views_are_brushed_together(open_page, atlas, pages):
    visit = open_page(pages["zh"])
    page = visit.page
    enter(visit, "l=city")
    count = int(re.search(r"\d+", page.inner_text("#legend-entries button b")).group())
    page.locator("#legend-entries button").first.click()
    faint = page.eval_on_selector_all(
        "#map .units path", "a => a.filter(x => x.hasAttribute('opacity')).length"
    )
    assert faint == 372 - count
    assert int(page.get_attribute("#ranking", "aria-rowcount")) == count + 1
    page.click("#unbrush")
    box = page.locator("#scatter").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.4, steps=4)
    page.mouse.up()
    picked = page.evaluate(f"{HOOK}.app.level.brush.units.size")
    assert 0 < picked < 320
    page.keyboard.press("Escape")
    box = page.locator("#parallel").bounding_box()
    x = box["x"] + 26
    page.mouse.move(x - 3, box["y"] + 18)
    page.mouse.down()
    page.mouse.move(x + 5, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.up()
    top = page.evaluate(
        f"[...{HOOK}.app.level.brush.units].map((u) => {HOOK}.app.level.told.codes[u])"
    )
    demand = atlas.result.edition.study.city.nodes["demand"].dropna().sort_values(ascending=False)
    assert set(top) == set(demand.index[: len(top)])
    assert visit.quiet(), visit.complaints


def kept(page, button):
    with page.expect_download() as waiting:
        page.click(button)
    return waiting.value


@pytest.mark.browser
def test_the_table_is_the_products(open_page, atlas, pages, tmp_path):
    visit = open_page(pages["zh"])
    page = visit.page
    enter(visit, "l=city&w=index.4000.2000.2000.2000")
    download = kept(page, "#csv")
    assert download.suggested_filename == "suanli-city-index-score.csv"
    raw = download.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    assert len(rows) == 338
    head, text = rows[0], Text("zh")
    scores = atlas.result.edition.study.city
    local = scores.weights["local"].copy()
    local[list(scores.spec.children("index"))] = [0.4, 0.2, 0.2, 0.2]
    expected = engine(scores, local)
    for row in rows[1:]:
        code = row[0]
        value = row[head.index(text("maps.index_city"))]
        if value:
            assert float(value) == pytest.approx(expected.loc[code, "index"], abs=1e-9)
        else:
            assert np.isnan(expected.loc[code, "index"])
    assert {row[head.index(text("explorer.csv_weights"))] for row in rows[1:]} == {
        text("explorer.explored")
    }
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_formulas_in_names_are_guarded_as_everywhere(open_page, pages, tmp_path):
    page = open_page(pages["zh"]).page
    said = ["=1+1", "-5", "-5+cmd", "a;=1", "\t=1", "a\r\n+2", "＝1", " \u200b@x", "x;;\t-1",
            "北京", "+1e5%", "", "1,000", "a=b", ";", "\n", "'=1", "−3",
            "=" * 45, "1;2"]  # fmt: skip
    path = tmp_path / "a.csv"
    write_csv(pd.DataFrame({"name": said}), path, index=False, bom=False)
    source = io.StringIO(path.read_bytes().decode("utf-8"), newline="")
    expected = [row[0] if row else "" for row in csv.reader(source)][1:]
    given = page.evaluate(f"said => said.map({HOOK}.guard)", said)
    blank = said.index("")
    assert [x for at, x in enumerate(given) if at != blank] == [
        x for at, x in enumerate(expected) if at != blank
    ]


@pytest.mark.browser
def test_pictures_are_sound_and_say_that_weights_were_moved(open_page, pages, tmp_path):
    visit = open_page(pages["en"])
    page, text = visit.page, Text("en")
    enter(visit, "l=city&u=110000&w=index.4000.2000.2000.2000")
    source = kept(page, "#svg").path().read_text(encoding="utf-8")
    root = ET.fromstring(source)  # noqa: S314 - our own
    said = "".join(root.itertext())
    assert text("explorer.explored") in said
    assert text("maps.no_approval").split(";")[0][:20] in said
    paths = list(root.iter("{http://www.w3.org/2000/svg}path"))
    assert len(paths) > 372
    assert not re.search(r"(href|src)=\"(?!#)", source)
    png = kept(page, "#png").path().read_bytes()
    assert png.startswith(b"\x89PNG")
    assert len(png) > 100_000
    assert visit.quiet(), (visit.requests, visit.complaints)


def emptied(scores, codes):
    """Scores of which some units have nothing left."""

    def without(frame):
        kept = frame.copy()
        kept.loc[kept.index.isin(codes)] = np.nan
        return kept

    return replace(
        scores,
        nodes=without(scores.nodes),
        indicators=without(scores.indicators),
        ranks=without(scores.ranks),
        stages={**scores.stages, "derived": without(scores.stages["derived"])},
    )


def odd(atlas, case):
    edition = atlas.result.edition
    study = replace(edition.study)
    vars(study).update({k: v for k, v in vars(edition.study).items() if k not in vars(study)})
    codes = list(study.province.nodes.index)
    for name in ("province", "province_tested"):
        scores = getattr(study, name)
        if case == "one":
            changed = emptied(scores, codes[1:])
        elif case == "none":
            changed = emptied(scores, codes)
        elif case == "some":
            changed = emptied(scores, codes[::3])
        else:
            same = scores.indicators.mask(scores.indicators.notna(), 50.0)
            nodes = scores.nodes.mask(scores.nodes.notna(), 50.0)
            changed = replace(scores, indicators=same, nodes=nodes, ranks=nodes * 0 + 1)
        vars(study)[name] = changed
    return replace(edition, study=study)


@pytest.mark.browser
@pytest.mark.parametrize("case", ["one", "none", "some", "alike"])
def test_units_without_scores_and_scores_without_differences(
    open_page, atlas, tmp_path, monkeypatch, case
):
    if case in {"one", "alike"}:
        # Proofs of best and worst ranks are not what is looked at, and take seconds.
        monkeypatch.setattr(explorer_data, "reach_data", lambda *_, **__: None)
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer(odd(atlas, case), levels=["province"]), encoding="utf-8")
    visit = open_page(path)
    page, text = visit.page, Text("zh")
    settled(visit)
    entries = page.locator("#legend-entries button").all_inner_texts()
    if case in {"one", "none", "some"}:
        count = {"one": 30, "none": 31, "some": 11}[case]
        line = next(said for said in entries if text("explorer.no_data") in said)
        assert text("explorer.count", count=count) in line
    if case == "alike":
        assert "50.0" in entries[0]
        assert page.inner_text("#moran") == text("explorer.why_constant")
    if case in {"one", "none"}:
        assert page.inner_text("#moran") == text("explorer.why_few_units")
    page.locator("#sliders input:enabled").first.fill("70")
    settled(visit)
    assert page.is_visible("#banner")
    page.click("#views button:nth-child(3)")
    page.click("#views button:nth-child(2)")
    page.locator("#ranking .body [role=row]").first.click()
    page.wait_for_timeout(80)
    assert page.is_visible("#chosen")
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_a_profile_of_one_dimension_and_long_names(open_page, atlas, tmp_path):
    spec = atlas.result.edition.study.specs[0]
    long = "一个长得写不下的名称" * 12
    first = next(item for item in spec.dimension if item.parent == "index")
    dimension = first.model_copy(
        update={"name": first.name.model_copy(update={"zh": long, "en": long}), "weight": 1.0}
    )
    items = tuple(
        item.model_copy(update={"parent": first.id, "weight": 0.5}) for item in spec.indicator[:2]
    )
    edition = variant(
        atlas,
        "province",
        {"weight": "given"},
        dimension=(dimension,),
        indicator=items,
        judgement=(),
        uncertainty={},
    )
    vars(edition.study)["province_ranks"] = NoRanks()
    page_path = tmp_path / "explorer.html"
    page_path.write_text(render_explorer(edition, levels=["province"]), encoding="utf-8")
    for wide in (390, 1280):
        visit = open_page(page_path, viewport={"width": wide, "height": 844})
        page = visit.page
        settled(visit)
        assert page.evaluate("document.documentElement.scrollWidth") <= wide
        assert page.locator("#sliders input").count() == 3
        assert page.locator("#sliders input").first.is_disabled()
        assert page.is_hidden("#levels")
        assert visit.quiet(), visit.complaints


class NoRanks:
    """Rank intervals of nothing."""

    def of(self, node):
        return pd.DataFrame({"low": [], "high": []}, dtype=float)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("method", "why"),
    [
        ({"aggregate": "bod", "lower": 1.0}, "method"),
        ({"aggregate": "copeland", "scope": "panel"}, "panel"),
    ],
)
def test_methods_without_live_weights_say_so(open_page, atlas, tmp_path, method, why):
    edition = variant(atlas, "province", method)
    path = tmp_path / "explorer.html"
    path.write_text(render_explorer(edition, levels=["province"]), encoding="utf-8")
    visit = open_page(path)
    page, text = visit.page, Text("zh")
    settled(visit)
    assert page.inner_text("#obstacle") == text(f"explorer.obstacle_{why}")
    assert page.locator("#sliders input:enabled").count() == 0
    given = page.evaluate(f"Array.from({HOOK}.app.level.ranks)")
    expected = edition.study.province.ranks["index"].sort_index()
    np.testing.assert_array_equal(given, expected)
    enter(visit, "w=index.7000.1000.1000.1000")
    assert page.is_hidden("#banner")
    assert visit.quiet(), visit.complaints


@pytest.mark.browser
def test_weights_out_of_a_methods_domain_are_said(open_page, atlas, tmp_path):
    """A penalty may take a node below zero; the next geometric mean cannot use it."""
    visit = open_page(atlas.path / "maps" / "explorer.html")
    told = visit.page.evaluate(
        f"""() => {{
          const told = JSON.parse(JSON.stringify({HOOK}.payload.levels[0].tree));
          for (const node of told.nodes) if (node.method) node.method = "geometric";
          try {{
            const tree = {HOOK}.hierarchy(told);
            {HOOK}.evaluate(tree, tree.base);
            return "scored";
          }} catch (error) {{ return error.name; }}
        }}"""
    )
    assert told == "RangeError"


@pytest.mark.browser
def test_three_thousand_units_stay_usable(open_page, pages):
    """The shipped page fed with a layer ten times as large."""
    visit = open_page(pages["zh"])
    took = visit.page.evaluate(
        f"""() => {{
          const told = JSON.parse(JSON.stringify({HOOK}.payload.levels[1]));
          const n = 3000, base = told.tree.codes.length;
          const state = {HOOK}.app.levels.get("city");
          const grow = (tree) => tree.given.map((column) => column
            && Float64Array.from({{ length: n }}, (_, i) =>
              column[i % base] * (1 + (i % 89) / 1000)));
          const tree = {{ ...state.tree, n, given: grow(state.tree) }};
          const scores = {HOOK}.evaluate(tree, tree.base)[0];
          const breaks = {HOOK}.fisherJenks(scores, 5);
          const neighbours = Array.from({{ length: n }}, (_, i) =>
            [i - 60, i - 1, i + 1, i + 60].filter((k) => k >= 0 && k < n));
          const linked = {HOOK}.linkage(scores, neighbours);
          const z = {HOOK}.deviations(Float64Array.from(linked.units, (row) => scores[row]));
          const chance = {HOOK}.sfc64(told.test.states.local);
          const draws = {HOOK}.drawTuples(z.length, linked.width, 9999, chance);
          const lag = {HOOK}.lagged(z, linked.links);
          const found = {HOOK}.localMoran(z, lag, linked, draws, 0.05);
          return {{ breaks, clusters: found.cluster.length }};
        }}"""
    )
    assert len(took["breaks"]) == 5
    assert took["clusters"] > 2900


@pytest.mark.browser
def test_on_paper(open_page, pages):
    visit = open_page(pages["zh"])
    settled(visit)
    visit.page.emulate_media(media="print")
    visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert visit.page.is_visible("#below-map")
    assert visit.page.is_hidden(".files")


@pytest.mark.browser
def test_front_page_leads_to_it(open_page, atlas):
    page = open_page(atlas.path / "maps" / "index.html").page
    assert page.locator('a[href="explorer.html"]').count() == 1
    record = json.loads((atlas.path / "manifest.json").read_text(encoding="utf-8"))
    assert "maps/explorer.html" in {item["path"] for item in record["outputs"]}
