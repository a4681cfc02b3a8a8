"""Every error of weights and statistics has a sentence that its values can fill."""

import re
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

import geo.errors
import suanli.text
from geo.errors import GeoError
from geo.statistics import (
    beta_convergence,
    by_distance,
    event_study,
    fit_ols,
    fit_sar,
    gini,
    global_moran,
    group_contrast,
    join_counts,
    likelihood_ratio,
    markov,
    redraw_sets,
    ring_test,
    sigma_convergence,
    spatial_markov,
    theil_t,
)
from geo.weights import (
    add_bridges,
    align,
    build_contiguity,
    higher_order,
    inverse_distance,
    kernel,
    read_gal,
    restrict,
    union,
    weights_from_table,
    weights_table,
    write_gal,
)
from suanli.text import LANGUAGES, Text

CODE = re.compile(r'"((?:weights|statistics)\.[a-z_]+)"')
HOUSE = Path(geo.errors.__file__).parent
PATH = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
VALUES = pd.Series([1.0, 2, 4, 3, 7], index=list("abcde"))
RNG = np.random.default_rng(1)
PANEL = pd.DataFrame([VALUES, VALUES**0.9, VALUES**0.8], index=[2021, 2022, 2023])
HALF = PATH.transform("R")
LINKS = weights_table(Graph.from_arrays(["a", "b"], ["b", "a"], [1, 1]))
POINTS = gpd.GeoSeries.from_xy([116.0, 116, 117], [40.0, 40, 40], index=list("abc"), crs=4326)
SPACED = Graph.from_arrays(["a b", "c"], ["c", "a b"], [1, 1])


def _gal(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gal"
        path.write_text(text, encoding="utf-8")
        return read_gal(path)


def _negative():
    adjacency = PATH.adjacency.copy()
    adjacency.iloc[0] = -1.0
    return Graph(adjacency)


def _numbered_as_text():
    names = dict(zip("abcde", "01234", strict=True))
    links = weights_table(PATH).replace({"focal": names, "neighbor": names})
    return weights_from_table(links)


def _fitted(fit, scale=1.0):
    spread = np.random.default_rng(2).normal(size=(5, 2))
    y = pd.Series(spread[:, 0] * scale, index=VALUES.index)
    return fit(y, pd.DataFrame(spread[:, 1:], index=VALUES.index, columns=["x"]), HALF)


def codes():
    sources = [*(HOUSE / "weights").rglob("*.py"), *(HOUSE / "statistics").rglob("*.py")]
    return sorted({c for path in sources for c in CODE.findall(path.read_text(encoding="utf-8"))})


FAULTS = {
    "weights.labels_mismatch": lambda: align(VALUES.drop("b"), PATH),
    "weights.values_missing": lambda: align(VALUES.where(VALUES > 1), PATH),
    "weights.values_not_numeric": lambda: align(VALUES.astype(str) + "x", PATH),
    "weights.values_kind": lambda: global_moran(VALUES.to_numpy(), PATH, rng=RNG),
    "weights.graph_kind": lambda: global_moran(VALUES, PATH.to_W(), rng=RNG),
    "statistics.rng_missing": lambda: global_moran(VALUES, PATH, permutations=99, rng=1),
    "weights.bridge_unknown": lambda: add_bridges(PATH, [("a", "z")]),
    "weights.labels_unknown": lambda: restrict(PATH, ["a", "z"]),
    "weights.order": lambda: higher_order(PATH, 0),
    "weights.tolerance": lambda: build_contiguity(pd.DataFrame(), tolerance=-1.0),
    "statistics.constant": lambda: global_moran(VALUES * 0, PATH, rng=RNG),
    "statistics.permutations": lambda: global_moran(VALUES, PATH, permutations=9, rng=RNG),
    "statistics.alternative": lambda: global_moran(VALUES, PATH, alternative="up", rng=RNG),
    "statistics.not_binary": lambda: join_counts(VALUES, PATH, rng=RNG),
    "statistics.not_positive": lambda: theil_t(VALUES - 1),
    "statistics.negative": lambda: gini(VALUES - 2),
    "statistics.labels_mismatch": lambda: theil_t(VALUES, groups=VALUES.drop("a")),
    "statistics.group_unknown": lambda: group_contrast(VALUES, VALUES, a=1.0, b=9.0, rng=RNG),
    "statistics.seed_unknown": lambda: ring_test(VALUES, PATH, ["z"], rng=RNG),
    "statistics.stratum_full": lambda: ring_test(VALUES, PATH, list("abcde"), rng=RNG),
    "weights.links_only": lambda: write_gal(HALF, Path("a.gal")),
    "weights.label_spaces": lambda: write_gal(SPACED, Path("a.gal")),
    "weights.file_header": lambda: _gal("a b"),
    "weights.file_unknown": lambda: _gal("1\na 1\nb\n"),
    "weights.file_entry": lambda: _gal("1\na x\n"),
    "weights.file_units": lambda: _gal("2\na 0\n"),
    "weights.table_columns": lambda: weights_from_table(LINKS.drop(columns="weight")),
    "weights.table_unknown": lambda: weights_from_table(LINKS.iloc[:1]),
    "weights.table_rows": lambda: weights_from_table(LINKS.iloc[[0, 1, 1]]),
    "weights.label_types": lambda: global_moran(
        VALUES.set_axis(range(len(VALUES))), _numbered_as_text(), rng=RNG
    ),
    "weights.label_levels": lambda: global_moran(
        VALUES.set_axis(pd.MultiIndex.from_product([["x"], VALUES.index])), PATH, rng=RNG
    ),
    "statistics.other_data": lambda: likelihood_ratio(_fitted(fit_ols), _fitted(fit_sar, 2.0)),
    "weights.units_differ": lambda: union(PATH, SPACED),
    "statistics.years_duplicate": lambda: beta_convergence(PANEL.set_axis([1, 1, 2])),
    "statistics.too_few_years": lambda: sigma_convergence(PANEL.iloc[:2], rng=RNG),
    "statistics.years_uneven": lambda: markov(PANEL.set_axis([1, 2, 5])),
    "statistics.log_not_positive": lambda: beta_convergence(PANEL - 1),
    "statistics.measure": lambda: sigma_convergence(PANEL, measure="x", rng=RNG),
    "statistics.too_few_observations": lambda: beta_convergence(PANEL[["a", "b"]]),
    "statistics.collinear": lambda: beta_convergence(PANEL, controls=PANEL.loc[[2021]].T * 0),
    "statistics.leverage": lambda: beta_convergence(
        PANEL, controls=pd.DataFrame({"x": VALUES.max() == VALUES})
    ),
    "statistics.negative_weights": lambda: spatial_markov(PANEL, _negative()),
    "statistics.classes": lambda: markov(PANEL * 0 + 1),
    "statistics.stratum_missing": lambda: redraw_sets(
        VALUES.index, ["a"], strata=VALUES.where(VALUES > 1), rng=RNG
    ),
    "statistics.redraws_few": lambda: redraw_sets(VALUES.index, ["a"], fewest=20, rng=RNG),
    "statistics.bounds": lambda: by_distance(POINTS, [3, 2]),
    "statistics.crs": lambda: by_distance(POINTS.set_crs(4490, allow_override=True), [1]),
    "statistics.no_geometry": lambda: by_distance(POINTS.where(POINTS.index == "a"), [1]),
    "statistics.event_untreated": lambda: event_study(PANEL, VALUES * 0 + 2021, rng=RNG),
    "statistics.event_cohort_small": lambda: event_study(
        PANEL, VALUES.where(VALUES > 6) * 0 + 2022, rng=RNG
    ),
    "statistics.event_no_controls": lambda: event_study(PANEL, VALUES * 0 + 2022, rng=RNG),
    "statistics.event_controls": lambda: event_study(PANEL, VALUES, controls="x", rng=RNG),
    "weights.power": lambda: inverse_distance(POINTS, 100, power=0),
    "weights.one_point": lambda: inverse_distance(POINTS, 100),
    "weights.kernel": lambda: kernel(POINTS, 1, shape="box"),
    "statistics.max_order": lambda: ring_test(VALUES, PATH, ["a"], max_order=0, rng=RNG),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_a_sentence_and_every_sentence_a_code(lang):
    assert all(Text(lang).has(code) for code in codes())
    folder = Path(suanli.text.__file__).parent / "messages" / lang
    for area in ("weights", "statistics"):
        lines = (folder / f"{area}.toml").read_text(encoding="utf-8").splitlines()
        keys = {f"{area}.{line.split(' = ')[0]}" for line in lines}
        assert keys <= set(codes())


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_sentences_take_the_values_of_the_error(code):
    with pytest.raises(GeoError) as caught:
        FAULTS[code]()
    assert caught.value.code == code
    for lang in LANGUAGES:
        sentence = Text(lang)(code, **caught.value.params)
        assert "{" not in sentence
        assert "[" not in sentence
        assert len(sentence) > 10
