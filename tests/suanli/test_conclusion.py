"""Sentences about the gap and the spatial pattern: what is not significant is called that."""

from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from suanli.analysis.conclusion import gap_conclusions, p_text, spatial_conclusions
from suanli.analysis.gap import DEFINITIONS, GapResult, gap
from suanli.analysis.spatial import spatial_pattern
from suanli.text import LANGUAGES, Language, Text

CODES = [f"{i:02d}" for i in range(30)]
GROUPS = pd.Series(["east", "west"] * 15, index=CODES)


def measured(*, lead: float, lift: float) -> GapResult:
    base = np.random.default_rng(1).normal(50, 3, 30)
    east = GROUPS.eq("east").to_numpy()
    drift = np.random.default_rng(2).normal(0, 0.2, (4, 30))
    values = pd.DataFrame(
        [base + lead * east + lift * step * east + drift[step] for step in range(4)],
        index=[2020, 2021, 2022, 2023],
        columns=CODES,
    )
    return gap(
        values, GROUPS, definition=DEFINITIONS[0], rng=np.random.default_rng(1), replicates=499
    )


@pytest.mark.parametrize(
    ("lead", "lift", "expected"),
    [
        (20.0, 2.0, ["gap_east", "gap_widening"]),
        (20.0, -2.0, ["gap_east", "gap_narrowing"]),
        (-20.0, 2.0, ["gap_west", "gap_narrowing"]),
        (0.0, 0.0, ["gap_none", "gap_insignificant"]),
    ],
)
def test_gap_is_said_as_it_is(lead: float, lift: float, expected: list[str]) -> None:
    said = gap_conclusions(measured(lead=lead, lift=lift))
    assert [each.key for each in said] == [f"analysis.{name}" for name in expected]
    assert said[0].params["year"] == 2023
    for lang in LANGUAGES:
        name = Text(lang)(f"analysis.definition_{said[0].params['definition']}")
        for each in said:
            sentence = Text(lang)(each.key, **{**each.params, "definition": name})
            assert sentence.startswith(name)


def test_every_definition_has_a_name_in_both_languages() -> None:
    for lang in LANGUAGES:
        names = {Text(lang)(f"analysis.definition_{each.id}") for each in DEFINITIONS}
        assert len(names) == len(DEFINITIONS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pattern_is_said_as_it_is(lang: Language) -> None:
    squares = [box(x, y, x + 1, y + 1) for y in range(6) for x in range(6)]
    codes = [f"{i:02d}" for i in range(36)]
    layer = gpd.GeoDataFrame({"name": codes}, index=codes, geometry=squares, crs=4326)
    column = np.arange(36) % 6.0
    checks = (np.arange(36) // 6 + np.arange(36)) % 2.0
    noise = np.random.default_rng(3).normal(0, 1, 36)
    keys = []
    for numbers in (column, checks + 0.01 * noise, noise):
        result = spatial_pattern(
            pd.Series(numbers, index=codes, dtype=float),
            layer,
            bridges=pd.DataFrame({"from": [], "to": []}),
            permutations=9_999,
            rng=np.random.default_rng(1),
        )
        for each in spatial_conclusions(result):
            keys.append(each.key.removeprefix("analysis."))
            assert "36" in Text(lang)(each.key, **each.params)
        found = int(result.local["cluster"].isin(["HH", "LL", "HL", "LH"]).sum())
        assert spatial_conclusions(result)[1].params["found"] == found
    assert keys[:2] == ["moran_clustered", "local_some"]
    assert keys[4:] == ["moran_random", "local_none"]


@pytest.mark.parametrize(
    ("p", "digits", "expected"),
    [(2e-5, 2, "0.00002"), (0.000234, 2, "0.00023"), (0.51249, 2, "0.51"), (2e-5, 5, "0.00002")],
)
def test_p_is_written_out(p: float, digits: int, expected: str) -> None:
    assert p_text(p, digits=digits) == expected


def test_sentences_have_no_exponents() -> None:
    squares = [box(x, y, x + 1, y + 1) for y in range(6) for x in range(6)]
    codes = [f"{i:02d}" for i in range(36)]
    layer = gpd.GeoDataFrame({"name": codes}, index=codes, geometry=squares, crs=4326)
    result = spatial_pattern(
        pd.Series(np.arange(36) % 6.0, index=codes),
        layer,
        bridges=pd.DataFrame({"from": [], "to": []}),
        permutations=99_999,
        rng=np.random.default_rng(1),
    )
    whole = spatial_conclusions(result)[0]
    for lang in LANGUAGES:
        assert "p = 0.00002" in Text(lang)(whole.key, **whole.params)


def test_both_languages_have_the_same_sentences() -> None:
    folder = files("suanli") / "messages"
    lines = {
        lang: [
            line.partition(" = ")[0]
            for line in (folder / lang / "analysis.toml").read_text("utf-8").splitlines()
            if line
        ]
        for lang in LANGUAGES
    }
    assert lines["zh"] == lines["en"]
