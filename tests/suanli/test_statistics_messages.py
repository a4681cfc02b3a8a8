"""Every error of weights and statistics has a sentence that its values can fill."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

import geo.errors
import suanli.text
from geo.errors import GeoError
from geo.statistics import gini, global_moran, group_contrast, join_counts, ring_test, theil_t
from geo.weights import add_bridges, align, higher_order, restrict
from suanli.text import LANGUAGES, Text

CODE = re.compile(r'"((?:weights|statistics)\.[a-z_]+)"')
HOUSE = Path(geo.errors.__file__).parent
PATH = Graph.from_arrays(list("abbccdde"), list("bacbdced"), [1] * 8)
VALUES = pd.Series([1.0, 2, 4, 3, 7], index=list("abcde"))
RNG = np.random.default_rng(1)


def codes():
    sources = [*(HOUSE / "weights").glob("*.py"), *(HOUSE / "statistics").glob("*.py")]
    return sorted({c for path in sources for c in CODE.findall(path.read_text(encoding="utf-8"))})


FAULTS = {
    "weights.labels_mismatch": lambda: align(VALUES.drop("b"), PATH),
    "weights.values_missing": lambda: align(VALUES.where(VALUES > 1), PATH),
    "weights.values_not_numeric": lambda: align(VALUES.astype(str) + "x", PATH),
    "weights.bridge_unknown": lambda: add_bridges(PATH, [("a", "z")]),
    "weights.labels_unknown": lambda: restrict(PATH, ["a", "z"]),
    "weights.order": lambda: higher_order(PATH, 0),
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
